//! Encoded information types: whether an envelope lists what its content holds (X.411 8.2.1.1.1.33; ledger B-09).

use super::validator::Validator;
use super::violation::Rule;
use crate::oids;
use crate::prim::Oid;
use crate::x411::envelope::{BuiltInEncodedInformationTypes as BuiltIn, EncodedInformationTypes};
use crate::x420::Ipm;
use crate::x420::body::{BodyPart, kind};

/// Tells which parts of a message the envelope does not list. Where it says that types are unknown, nothing can be missing.
pub(super) fn judge(validator: &mut Validator, types: &EncodedInformationTypes, message: &Ipm) {
    if types.built_in.has(BuiltIn::UNKNOWN) {
        return;
    }
    let listed = types.extended.as_deref().unwrap_or_default();
    validator.within("body", |validator| {
        for (index, part) in message.body.iter().enumerate() {
            let missing = match needed(part) {
                Needed::Nothing => None,
                Needed::BuiltIn(bit) => {
                    let as_oid = oids::EIT_BUILT_IN.below(&[u64::try_from(bit).unwrap_or(u64::MAX)]);
                    (!types.built_in.has(bit) && !listed.contains(&as_oid)).then(|| label(bit).to_owned())
                }
                Needed::Extended(oid) => {
                    (!listed.iter().any(|listed| listed.starts_with(&oid))).then(|| oid.to_string())
                }
            };
            if let Some(missing) = missing {
                validator.at(super::Step::Item(index), |validator| {
                    validator.warning(
                        Rule::Conflict,
                        "X.411 8.2.1.1.1.33",
                        format!("the envelope does not list the encoded information type {missing}"),
                    );
                });
            }
        }
    });
}

/// What an envelope has to list for a part.
enum Needed {
    /// Nothing, or nothing that is known.
    Nothing,
    /// One of the standard's own types.
    BuiltIn(usize),
    /// A type with an object identifier, or one below it.
    Extended(Oid),
}

fn needed(part: &BodyPart) -> Needed {
    match part {
        BodyPart::Ia5Text(_) => Needed::BuiltIn(BuiltIn::IA5_TEXT),
        BodyPart::Telex(_) => Needed::BuiltIn(BuiltIn::TELEX),
        BodyPart::Voice(_) => Needed::BuiltIn(BuiltIn::VOICE),
        BodyPart::G3Facsimile(_) => Needed::BuiltIn(BuiltIn::G3_FACSIMILE),
        BodyPart::G4Class1(_) => Needed::BuiltIn(BuiltIn::G4_CLASS_1),
        BodyPart::Teletex(_) => Needed::BuiltIn(BuiltIn::TELETEX),
        BodyPart::Videotex(_) => Needed::BuiltIn(BuiltIn::VIDEOTEX),
        BodyPart::SimpleFormattableDocument(_) => Needed::BuiltIn(BuiltIn::SFD),
        BodyPart::MixedMode(_) => Needed::BuiltIn(BuiltIn::MIXED_MODE),
        BodyPart::ExternallyDefined(part) => match part.kind() {
            Some(oid) if *oid == kind::GENERAL_TEXT => Needed::Extended(oids::EIT_CHARACTER_SETS),
            Some(oid) if *oid == kind::FILE_TRANSFER => Needed::Extended(oids::EIT_FILE_TRANSFER),
            Some(oid) if *oid == kind::IA5_TEXT => Needed::BuiltIn(BuiltIn::IA5_TEXT),
            Some(oid) if *oid == oids::PART_TELETEX => Needed::BuiltIn(BuiltIn::TELETEX),
            Some(oid) if *oid == oids::PART_G3_FACSIMILE => Needed::BuiltIn(BuiltIn::G3_FACSIMILE),
            _ => Needed::Nothing,
        },
        _ => Needed::Nothing,
    }
}

fn label(bit: usize) -> &'static str {
    BuiltIn::with(&[bit]).labels().find_map(|(_, label)| label).unwrap_or("of that number")
}
