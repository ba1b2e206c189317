//! MIXER: the translation between Internet mail and X.400 (RFC 2156, RFC 2157).
//!
//! [`to_x400`] is the whole way from a stored message to a P1 envelope and a P22 content, a pure function of the message,
//! the settings, the clock and an identifier. In the order it works:
//!
//! 1. [`address`] maps the envelope's addresses; the rules decide, behind [`AddressMapper`].
//! 2. [`heading`] maps header fields, with [`identifier`], [`date`], [`printable`] and [`charset`] as its tools.
//! 3. [`body`] maps the MIME structure to body parts; large ones are referred to, not copied.
//! 4. [`trace`] and [`envelope`] make the transfer envelope; [`encoded_types`] says what the content holds.
//! 5. [`loss`] has gathered on the way what did not survive, and where everything came from.

pub mod address;
pub mod body;
pub mod charset;
pub mod date;
pub mod encoded_types;
pub mod envelope;
pub mod heading;
pub mod identifier;
pub mod loss;
pub mod printable;
pub mod settings;
pub mod to_x400;
pub mod trace;

use rasn_x400::x411::address::{OrName, text};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

pub use settings::Settings;

/// Where an address stands; that decides what becomes of one no table knows (RFC 2156 4.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressContext {
    /// The reverse path: reports must come back through this gateway.
    ReturnPath,
    /// A header field.
    Header,
    /// An envelope recipient.
    Recipient,
}

/// An Internet address in X.400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedOr {
    /// The O/R address.
    pub or_address: OrName,
    /// How it was found, one short sentence each, with rule and clause.
    pub steps: Vec<String>,
}

/// Why an address has no counterpart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is none, and waiting will not change that (F-01, F-02).
    #[error("`{address}` has no X.400 address: {reason} ({clause})")]
    Unmappable {
        /// The address.
        address: String,
        /// Why not.
        reason: String,
        /// The clause or ledger item that decides so.
        clause: &'static str,
    },
    /// A source of mappings did not answer; a later try may succeed (F-03).
    #[error("the X.400 address of `{address}` could not be looked up: {reason}")]
    Undetermined {
        /// The address.
        address: String,
        /// What did not answer.
        reason: String,
    },
}

/// The mapping of addresses, as the conversion needs it.
pub trait AddressMapper {
    /// The O/R address of `local-part@domain`.
    ///
    /// # Errors
    /// As the variants of [`AddressError`] say. For [`AddressContext::Header`] the conversion goes on without.
    fn to_or(&self, address: &str, context: AddressContext) -> Result<MappedOr, AddressError>;

    /// Reads the text form `/S=…/C=…/` of an O/R address or of a part of one, such as a management domain.
    fn parse_or(&self, text: &str) -> Option<OrName> {
        text::parse(text).ok()?.to_or_name().ok()
    }

    /// The text form of an O/R address, for explanations.
    fn show_or(&self, name: &OrName) -> String {
        text::KeyedAddress::from_or_name(name).address.to_std_or()
    }

    /// The management domain a table knows for this Internet domain (P-44).
    fn management_domain(&self, _domain: &str) -> Option<GlobalDomainIdentifier> {
        None
    }
}
