//! What tells a message, probe or report from every other, so that one that comes again is recognised.
//!
//! A peer that did not hear that its transfer was confirmed transfers again, and so may another peer on its behalf. What comes
//! then has the same MTS identifier, for the same recipients. Not the same are:
//!
//! - a copy of the same message for other recipients (X.411 14.3, splitting), or for the same ones under other names, which
//!   is what redirection and the expansion of a distribution list make of it;
//! - a message that comes back after it has left here: it is in a loop or was redirected, and its trace says so.

use rasn_x400::ber::{self, Error};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

use super::Apdu;
use crate::mta::trace::{Identity as Us, visits};

/// Octets of an identifier beyond which nothing is remembered: an MTS identifier has 32 characters and its domain hardly
/// more, so that is somebody's nonsense.
const LONGEST: usize = 1024;

/// What is compared, octet by octet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Kind, management domain, local identifier, and how often it was here before.
    pub name: Vec<u8>,
    /// One for each recipient that we answer for: the number its originator gave it, and its name. Of a report, the
    /// destination.
    pub recipients: Vec<Vec<u8>>,
}

impl Identity {
    /// What identifies an APDU; `None` if its identifier is too long to be one.
    ///
    /// # Errors
    /// [`Error::Unencodable`]; a fault of ours.
    pub fn of(apdu: &Apdu, us: &Us) -> Result<Option<Self>, Error> {
        let identifier = apdu.identifier();
        let visits = visits(apdu.trace(), apdu.extensions(), us);
        let mut name = format!("{} {visits}\n{}\n", apdu.kind(), domain(&identifier.domain)).into_bytes();
        // Behind everything else, because it may contain anything. Its letters are told apart.
        name.extend_from_slice(identifier.local_identifier.as_bytes());
        if name.len() > LONGEST {
            return Ok(None);
        }
        let mut recipients = Vec::new();
        for (place, recipient) in apdu.responsible() {
            let fields =
                usize::try_from(place).ok().and_then(|place| apdu.recipients().get(place.checked_sub(1)?));
            let number = fields.map_or(0, |fields| fields.originally_specified_recipient_number);
            let encoded = ber::encode(recipient)?;
            recipients.push([&number.to_be_bytes()[..], &encoded].concat());
        }
        Ok(Some(Self { name, recipients }))
    }
}

/// A management domain, one line for each part: what differs in case, in spaces or in the type of string is the same.
fn domain(domain: &GlobalDomainIdentifier) -> String {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let private = domain.private_domain.as_ref();
    format!(
        "{}\n{}\n{}",
        folded(&domain.country.to_text()),
        folded(&domain.administration_domain.to_text()),
        private.map(|name| format!("={}", folded(&name.to_text()))).unwrap_or_default(),
    )
}
