//! What one transfer carries (X.411 12, X.419).

use super::validator::{Validate, Validator, validate};
use super::violation::{Rule, Violation};
use crate::x411::envelope::ContentType;
use crate::x419::{Message, MtsApdu};

/// Everything that is wrong with a message, report or probe, but not with the content of a message.
///
/// ```
/// use rasn_x400::validate::mts_apdu;
/// use rasn_x400::x419::MtsApdu;
///
/// let refused = MtsApdu::Unknown(rasn_x400::prim::RawTlv::from_element(vec![0xa9, 0x00]));
/// assert_eq!(mts_apdu(&refused)[0].to_string(), "value: neither a message, a report nor a probe (X.411 12.2.1)");
/// ```
#[must_use]
pub fn mts_apdu(apdu: &MtsApdu) -> Vec<Violation> {
    validate(apdu)
}

impl Validate for MtsApdu {
    fn validate(&self, validator: &mut Validator) {
        match self {
            Self::Message(message) => message.validate(validator),
            Self::Report(report) => report.validate(validator),
            Self::Probe(envelope) => validator.member("envelope", envelope),
            Self::Unknown(_) => {
                validator.error(Rule::Unknown, "X.411 12.2.1", "neither a message, a report nor a probe");
            }
        }
    }
}

impl Validate for Message {
    fn validate(&self, validator: &mut Validator) {
        validator.member("envelope", &self.envelope);
        validator.within("content", |validator| {
            let content_type = &self.envelope.content_type;
            if self.content.0.is_empty()
                && [ContentType::P2, ContentType::P22, ContentType::P35, ContentType::EXTERNAL]
                    .contains(content_type)
            {
                validator.error(
                    Rule::Missing,
                    "X.411 8.2.1.1.1",
                    "no octets, where the content type wants some",
                );
            }
        });
        validator.unknown(&self.unknown);
    }
}
