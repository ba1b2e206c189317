//! MIXER: the translation between Internet mail and X.400 (RFC 2156, RFC 2157).
//!
//! [`to_x400`] is the whole way from a stored message to a P1 envelope and a P22 content, [`to_internet`] the whole way
//! back to SMTP's envelope and a mail. Both are pure functions of the message, the settings, the clock and an identifier.
//! In the order they work:
//!
//! 1. [`address`] maps the envelope's addresses; the rules decide, behind [`AddressMapper`].
//! 2. [`heading`] maps header fields, with [`identifier`], [`date`], [`printable`] and [`charset`] as its tools.
//! 3. [`body`] maps the MIME structure to body parts; large ones are referred to, not copied.
//! 4. [`trace`] and [`envelope`] make the transfer envelope; [`encoded_types`] says what the content holds.
//! 5. `military` adds what military messages have on top, [`aviation`] what those of aviation have, [`label`] labels.
//! 6. [`header_block`] and [`rope`] hold the mail that is made; [`mail`] is what SMTP says around it.
//! 7. [`report`] and [`notification`] do the same for what comes back, in both directions; [`correlation`] is what the gateway
//!    remembers for them.
//! 8. `header_rules` does with header fields what the operator's rules say, before everything towards X.400 and after
//!    everything towards the Internet.
//! 9. [`loss`] has gathered on the way what did not survive, and where everything came from.

pub mod address;
pub mod aviation;
pub mod body;
pub mod charset;
pub mod correlation;
pub mod date;
pub mod directory_name;
mod distinct;
mod edition_1984;
pub mod encoded_types;
pub mod envelope;
pub mod header_block;
mod header_rules;
pub mod heading;
pub mod identifier;
pub mod label;
#[cfg(test)]
mod law;
pub mod loss;
pub mod mail;
pub(crate) mod military;
pub mod notification;
pub mod printable;
pub mod probe;
pub mod report;
pub mod rope;
pub mod settings;
pub mod to_internet;
pub mod to_x400;
pub mod trace;

use std::fmt::Display;

use rasn_x400::x411::address::{OrName, text};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

pub use settings::Settings;
use time::OffsetDateTime;

use crate::rules::Rules;
use crate::status::Failure;

/// What surrounds a conversion.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Maps addresses.
    pub mapper: &'a dyn AddressMapper,
    /// The operator's decisions.
    pub settings: &'a Settings,
    /// Names the message within this gateway, for ever: the queue identifier. At most 20 ASCII letters and digits, so
    /// that the identifiers made from it keep their bounds.
    pub message_identifier: &'a str,
    /// The time of conversion.
    pub now: OffsetDateTime,
}

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
    /// How it was found, in order.
    pub steps: Vec<address::Step>,
}

/// An O/R address on the Internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedMailbox {
    /// `local-part@domain`, quoted where need be.
    pub address: String,
    /// How it was found, in order.
    pub steps: Vec<address::Step>,
    /// Numbers of extension attributes that no text holds and that are missing from the address.
    pub unexpressed: Vec<i64>,
    /// Whether a rule, a table or a lookup says so; if not, the address was carried in an attribute, by whoever wrote it there.
    pub by_rule: bool,
}

/// One of the two worlds between which the gateway stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Where addresses are O/R addresses.
    X400,
    /// Where addresses are mailboxes.
    Internet,
}

impl Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::X400 => "X.400",
            Self::Internet => "Internet",
        })
    }
}

/// Why an address has no counterpart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is none, and waiting will not change that (F-01, F-02).
    #[error("`{address}` has no {sought} address: {reason} ({clause})")]
    Unmappable {
        /// The address.
        address: String,
        /// On which side a counterpart was sought.
        sought: Side,
        /// Why not.
        reason: String,
        /// The clause or ledger item that decides so.
        clause: &'static str,
    },
    /// A source of mappings did not answer; a later try may succeed (F-03).
    #[error("the {sought} address of `{address}` could not be looked up: {reason}")]
    Undetermined {
        /// The address.
        address: String,
        /// On which side a counterpart was sought.
        sought: Side,
        /// What did not answer.
        reason: String,
    },
}

impl AddressError {
    /// What kind of failure that is, for a report (F-02, F-03).
    #[must_use]
    pub const fn failure(&self) -> Failure {
        match self {
            Self::Unmappable { .. } => Failure::AddressNotMappable,
            Self::Undetermined { .. } => Failure::MappingUnavailable,
        }
    }
}

/// The mapping of addresses, as the conversion needs it.
pub trait AddressMapper {
    /// The O/R address of `local-part@domain`.
    ///
    /// # Errors
    /// As the variants of [`AddressError`] say. For [`AddressContext::Header`] the conversion goes on without.
    fn to_or(&self, address: &str, context: AddressContext) -> Result<MappedOr, AddressError>;

    /// The O/R address that carries the Internet address as text, even where it is an X.400 address itself (RFC 2156 4.3.4 II).
    ///
    /// # Errors
    /// As the variants of [`AddressError`] say; also if the mapper knows of no such addresses.
    fn encapsulate(&self, address: &str, _context: AddressContext) -> Result<MappedOr, AddressError> {
        Err(AddressError::Unmappable {
            address: address.to_owned(),
            sought: Side::X400,
            reason: "there is no gateway for it".to_owned(),
            clause: "RFC 2156 4.3.4 II",
        })
    }

    /// The mailbox of an O/R address.
    ///
    /// # Errors
    /// As the variants of [`AddressError`] say. For [`AddressContext::Header`] the conversion goes on without.
    fn to_internet(&self, name: &OrName, context: AddressContext) -> Result<MappedMailbox, AddressError>;

    /// The message identifier, without angle brackets, that this gateway once cut to `cut` towards X.400 (I-04), if it
    /// remembers.
    fn whole_message_id(&self, _cut: &str) -> Option<String> {
        None
    }

    /// Reads the text form `/S=…/C=…/` of an O/R address or of a part of one, such as a management domain.
    fn parse_or(&self, text: &str) -> Option<OrName> {
        text::parse(text).ok()?.to_or_name().ok()
    }

    /// The text form of an O/R address, for explanations.
    fn show_or(&self, name: &OrName) -> String {
        text::KeyedAddress::from_or_name(name).address.to_std_or()
    }

    /// The rules it maps by, if there are such.
    fn rules(&self) -> Option<&Rules> {
        None
    }

    /// The management domain a table knows for this Internet domain (P-44).
    fn management_domain(&self, _domain: &str) -> Option<GlobalDomainIdentifier> {
        None
    }
}

/// The text form of an O/R address, made when it is written.
pub(crate) fn shown<'a>(mapper: &'a dyn AddressMapper, name: &'a OrName) -> impl Display {
    std::fmt::from_fn(move |f| f.write_str(&mapper.show_or(name)))
}
