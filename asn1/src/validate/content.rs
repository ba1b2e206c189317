//! Contents: what is inside a message, by its content type (X.420, X.435, STANAG 4406).

use super::validator::{Validate, Validator};
use super::violation::{Rule, Violation};
use super::{edi, edi_notification, encoded_types, ipm, military, notification};
use crate::ber::{self, Error};
use crate::oids;
use crate::prim::Oid;
use crate::stanag4406::MilitaryObject;
use crate::x411::envelope::{ContentType, EncodedInformationTypes};
use crate::x420::InformationObject;
use crate::x435::EdiObject;

/// Everything that is wrong with a content. Of a type that this crate has no types for, nothing is said.
#[must_use]
pub fn content(content_type: &ContentType, octets: &[u8]) -> Vec<Violation> {
    content_of(content_type, None, octets)
}

/// As [`content`], and whether the envelope lists the encoded information types that the content holds (X.411 8.2.1.1.1.33).
#[must_use]
pub fn content_of(
    content_type: &ContentType,
    types: Option<&EncodedInformationTypes>,
    octets: &[u8],
) -> Vec<Violation> {
    let mut validator = Validator::default();
    if let Some(protocol) = Protocol::of(content_type) {
        judge(&mut validator, protocol, types, octets);
    }
    validator.finish()
}

/// The protocols whose contents are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Interpersonal messages of 1984.
    P2,
    /// Interpersonal messages of 1988 and later.
    P22,
    /// EDI messages.
    P35,
    /// Military messages.
    P772,
}

impl Protocol {
    /// The protocol of a content type, given as a number or as an object identifier.
    pub(super) fn of(content_type: &ContentType) -> Option<Self> {
        if let ContentType::Extended(oid) = content_type {
            return Self::of_oid(oid);
        }
        [(ContentType::P2, Self::P2), (ContentType::P22, Self::P22), (ContentType::P35, Self::P35)]
            .into_iter()
            .find_map(|(known, protocol)| (*content_type == known).then_some(protocol))
    }

    /// The protocol of a content type that is an object identifier.
    pub(super) fn of_oid(oid: &Oid) -> Option<Self> {
        [
            (oids::CONTENT_P2, Self::P2),
            (oids::CONTENT_P22, Self::P22),
            (oids::CONTENT_P35, Self::P35),
            (oids::CONTENT_P772, Self::P772),
        ]
        .into_iter()
        .find_map(|(known, protocol)| (*oid == known).then_some(protocol))
    }
}

/// Tells everything that is wrong with a content.
pub(super) fn judge(
    validator: &mut Validator,
    protocol: Protocol,
    types: Option<&EncodedInformationTypes>,
    octets: &[u8],
) {
    let result = match protocol {
        Protocol::P2 | Protocol::P22 => {
            ber::decode::<InformationObject>(octets, octets.len()).map(|content| {
                if let (InformationObject::Ipm(ipm), Some(types)) = (&content, types) {
                    encoded_types::judge(validator, types, ipm);
                }
                interpersonal(validator, protocol, &content);
            })
        }
        Protocol::P772 => ber::decode::<MilitaryObject>(octets, octets.len()).map(|content| match content {
            MilitaryObject::Message(message) => {
                if let Some(types) = types {
                    encoded_types::judge(validator, types, &message);
                }
                validator.within("mm", |validator| military::message(validator, &message));
            }
            MilitaryObject::Notification(notice) => {
                validator.within("mn", |validator| notification::judge(validator, protocol, &notice));
            }
            MilitaryObject::Unknown(_) => neither(validator),
        }),
        Protocol::P35 => ber::decode::<EdiObject>(octets, octets.len()).map(|content| match content {
            EdiObject::Message(message) => {
                validator.within("edim", |validator| edi::message(validator, &message))
            }
            EdiObject::Notification(notice) => {
                validator.within("edin", |validator| edi_notification::judge(validator, &notice));
            }
            EdiObject::Unknown(_) => neither(validator),
        }),
    };
    if let Err(error) = result {
        undecodable(validator, &error);
    }
}

fn interpersonal(validator: &mut Validator, protocol: Protocol, content: &InformationObject) {
    match content {
        InformationObject::Ipm(message) => {
            validator.within("ipm", |validator| ipm::message(validator, protocol, message, ipm::DEPTH));
        }
        InformationObject::Ipn(notice) => {
            validator.within("ipn", |validator| notification::judge(validator, protocol, notice));
        }
        InformationObject::Unknown(_) => neither(validator),
    }
}

fn neither(validator: &mut Validator) {
    validator.error(Rule::Unknown, "X.420 6", "neither a message nor a notification");
}

/// Something that cannot be decoded, in the place that is being looked at.
pub(super) fn undecodable(validator: &mut Validator, error: &Error) {
    validator.error(Rule::Undecodable, "X.690", error.to_string());
}

impl Validate for InformationObject {
    fn validate(&self, validator: &mut Validator) {
        interpersonal(validator, Protocol::P22, self);
    }
}
