//! Extensions of headings, recipients and notifications (X.420 Annex A, STANAG 4406 Annex A; ledger, M-10).

use rasn::Decode;

use super::content::{Protocol, undecodable};
use super::ipm::{descriptor, formal_name, identifier, named, recipient, unique};
use super::validator::Validator;
use super::violation::Rule;
use super::{Lengths, Step, ipm_security};
use crate::bounds;
use crate::oids;
use crate::prim::{GeneralizedTime, ListAsSet, Null, Oid, PrintableString};
use crate::stanag4406::mmhs;
use crate::x411::address::{UniversalCharacters, UniversalOrBmp};
use crate::x420::distribution::{
    Checkmark, CirculationListRecipients, CirculationMember, DistributionCode, DistributionCodes,
    InformationCategories, InformationCategory,
};
use crate::x420::heading::*;
use crate::x420::ipm_security::{
    BodyPartSignatures, IpmSecurityLabel, IpnSecurityResponse, RecipientSecurityRequest,
};
use crate::x420::notification::{
    AbsenceAdvice, AbsenceAdviceValue, ChangeOfAddressAdvice, ChangeOfAddressAdviceValue,
};

/// Where extensions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the heading.
    Heading,
    /// With a recipient.
    Recipient,
    /// In a notification, for all kinds.
    Notification,
    /// As another notification.
    Other,
}

/// Which extension belongs where, and what judges its value.
static KNOWN: &[(Oid, Place, Judge)] = &[
    (IncompleteCopy::ID, Place::Heading, |validator, field| value::<Null>(validator, field, |_, _| ())),
    (Languages::ID, Place::Heading, |validator, field| value(validator, field, languages)),
    (AutoSubmitted::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: AutoSubmittedValue| {
            named(validator, "value", it.0, it.label(), ANNEX)
        });
    }),
    (BodyPartSignatures::ID, Place::Heading, |validator, field| {
        value(validator, field, ipm_security::signatures)
    }),
    (IpmSecurityLabel::ID, Place::Heading, |validator, field| value(validator, field, ipm_security::labels)),
    (AuthorizationTime::ID, Place::Heading, |validator, field| value(validator, field, generalized_time)),
    (CirculationListRecipients::ID, Place::Heading, |validator, field| value(validator, field, circulation)),
    (DistributionCodes::ID, Place::Heading, |validator, field| value(validator, field, distribution)),
    (ExtendedSubject::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: UniversalOrBmp| {
            text(validator, &it, 0..=bounds::EXTENDED_SUBJECT_FIELD)
        });
    }),
    (InformationCategories::ID, Place::Heading, |validator, field| value(validator, field, categories)),
    (ManualHandlingInstructions::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: Vec<UniversalOrBmp>| {
            validator.count("instructions", it.len(), 1..=bounds::MANUAL_HANDLING_INSTRUCTIONS, ANNEX);
            validator.each("instructions", &it, |validator, it| {
                text(validator, it, 0..=bounds::MANUAL_HANDLING_INSTRUCTION)
            });
        });
    }),
    (OriginatorsReference::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: UniversalOrBmp| {
            text(validator, &it, 0..=bounds::ORIGINATORS_REFERENCE)
        });
    }),
    (PrecedencePolicyIdentifier::ID, Place::Heading, |validator, field| {
        value::<Oid>(validator, field, |_, _| ())
    }),
    (CirculationListIndicator::ID, Place::Recipient, |validator, field| {
        value::<Null>(validator, field, |_, _| ())
    }),
    (Precedence::ID, Place::Recipient, |validator, field| {
        value(validator, field, |validator, it: i64| validator.number("value", it, 0..=127, ANNEX));
    }),
    (RecipientSecurityRequest::ID, Place::Recipient, |validator, field| {
        value::<<RecipientSecurityRequest as HeadingExtension>::Value>(validator, field, |_, _| ());
    }),
    (IpnSecurityResponse::ID, Place::Notification, |validator, field| {
        value(validator, field, ipm_security::response)
    }),
    (AbsenceAdvice::ID, Place::Other, |validator, field| value(validator, field, absence)),
    (ChangeOfAddressAdvice::ID, Place::Other, |validator, field| value(validator, field, change_of_address)),
    (Rfc822Field::ID, Place::Heading, |validator, field| value(validator, field, header_fields)),
    (Rfc1327Field::ID, Place::Heading, |validator, field| value(validator, field, header_fields)),
    (Rfc1148Field::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: crate::prim::Ia5String| validator.alphabet(&it));
    }),
    (PartialMessage::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: PartialMessageValue| {
            validator.number("number", it.number, 1..=it.total.max(1), "RFC 1495")
        });
    }),
    (MultipartMessageV1::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: MultipartType| {
            named(validator, "value", it.0, it.label(), "RFC 1495")
        });
    }),
    (MultipartMessage::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: MultipartMessageValue| {
            validator.string("subtype", &it.subtype, 1..=usize::MAX, "RFC 2157 6.6")
        });
    }),
    (mmhs::PrimaryPrecedence::ID, Place::Heading, |validator, field| value(validator, field, precedence)),
    (mmhs::CopyPrecedence::ID, Place::Heading, |validator, field| value(validator, field, precedence)),
    (mmhs::MessageType::ID, Place::Heading, |validator, field| value(validator, field, message_type)),
    (mmhs::AddressListIndicator::ID, Place::Heading, |validator, field| value(validator, field, lists)),
    (mmhs::ExemptedAddresses::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: Vec<OrDescriptor>| {
            validator.each("addresses", &it, descriptor)
        });
    }),
    (mmhs::ExtendedAuthorisationInfo::ID, Place::Heading, |validator, field| {
        value(validator, field, |validator, it: crate::prim::X400Time| validator.time("value", &it))
    }),
    (mmhs::MilitaryDistributionCodes::ID, Place::Heading, |validator, field| {
        value(validator, field, military_codes)
    }),
    (mmhs::HandlingInstructions::ID, Place::Heading, |validator, field| {
        value(validator, field, military_strings)
    }),
    (mmhs::MessageInstructions::ID, Place::Heading, |validator, field| {
        value(validator, field, military_strings)
    }),
    (mmhs::CodressMessage::ID, Place::Heading, |validator, field| value::<i64>(validator, field, |_, _| ())),
    (mmhs::OriginatorReference::ID, Place::Heading, |validator, field| {
        value(validator, field, military_string)
    }),
    (mmhs::OtherRecipientsIndicator::ID, Place::Heading, |validator, field| {
        value(validator, field, other_recipients)
    }),
    (mmhs::PilotForwardingInfo::ID, Place::Heading, |validator, field| value(validator, field, pilots)),
    (mmhs::Acp127MessageIdentifier::ID, Place::Heading, |validator, field| {
        value(validator, field, military_string)
    }),
    (mmhs::OriginatorPlad::ID, Place::Heading, |validator, field| value(validator, field, military_string)),
    (mmhs::Acp127NotificationRequest::ID, Place::Recipient, |validator, field| {
        value::<mmhs::Acp127NotificationType>(validator, field, |_, _| ());
    }),
    (mmhs::Acp127NotificationResponse::ID, Place::Other, |validator, field| {
        value(validator, field, acp127_response)
    }),
    (mmhs::SecurityInformationLabels::ID, Place::Heading, |validator, field| {
        value(validator, field, ipm_security::military_labels)
    }),
];

type Judge = fn(&mut Validator, &HeadingExtensionField);

const ANNEX: &str = "X.420 Annex A";
const MILITARY: &str = "STANAG 4406 Annex A";

/// Tells everything that is wrong with extensions that stand in one place.
pub(super) fn fields(
    validator: &mut Validator,
    name: &'static str,
    place: Place,
    protocol: Protocol,
    fields: &[HeadingExtensionField],
) {
    // RFC 1148 has one field in each extension, and as many extensions as there are fields.
    let once: Vec<_> = fields.iter().map(|field| (&field.kind, field.kind == Rfc1148Field::ID)).collect();
    for (index, (kind, repeats)) in once.iter().enumerate() {
        if !repeats && once[..index].iter().any(|(before, _)| before == kind) {
            validator.within(name, |validator| {
                validator.at(Step::Item(index), |validator| {
                    validator.error(
                        Rule::Duplicate,
                        "X.420 7.2.17",
                        format!("extension {kind} occurs before already"),
                    );
                });
            });
        }
    }
    validator.each(name, fields, |validator, field| {
        match KNOWN.iter().find(|(oid, ..)| *oid == field.kind) {
            Some((_, belongs, judge)) => {
                if *belongs != place {
                    validator.error(
                        Rule::Misplaced,
                        ANNEX,
                        format!("extension {} does not belong here", field.kind),
                    );
                }
                if protocol != Protocol::P772 && field.kind.starts_with(&oids::MILITARY_HEADING) {
                    let what = format!("extension {} belongs to military messages", field.kind);
                    validator.notice(Rule::Misplaced, MILITARY, what);
                }
                judge(validator, field);
            }
            None => {
                validator.notice(Rule::Unknown, ANNEX, format!("extension {} is not known", field.kind));
            }
        }
    });
}

/// Decodes the value of a field, and judges it.
fn value<T: Decode>(
    validator: &mut Validator,
    field: &HeadingExtensionField,
    judge: impl FnOnce(&mut Validator, T),
) {
    validator.within("value", |validator| match field.get() {
        Ok(value) => judge(validator, value),
        Err(error) => undecodable(validator, &error),
    });
}

/// Judges text in two- or four-octet characters.
fn text(validator: &mut Validator, text: &UniversalOrBmp, lengths: Lengths) {
    match &text.characters {
        UniversalCharacters::TwoOctets(characters) => {
            validator.string("characters", characters, lengths, ANNEX)
        }
        UniversalCharacters::FourOctets(characters) => {
            validator.string("characters", characters, lengths, ANNEX)
        }
        UniversalCharacters::Unknown(_) => {
            validator.error(Rule::Unknown, "X.411 8.5.5", "characters of an unknown type")
        }
    }
    if let Some(language) = &text.language {
        self::language(validator, "language", language);
    }
}

fn language(validator: &mut Validator, name: &'static str, language: &PrintableString) {
    validator.within(name, |validator| {
        if !matches!(language.len(), 2 | 5) {
            let length = language.len();
            validator.error(Rule::Bound, ANNEX, format!("{length} characters, 2 or 5 are allowed"));
        }
        validator.alphabet(language);
    });
}

fn languages(validator: &mut Validator, languages: ListAsSet<PrintableString>) {
    for item in &languages.0 {
        language(validator, "languages", item);
    }
    unique(validator, "languages", &languages.0, ANNEX, "the language");
}

fn generalized_time(validator: &mut Validator, time: GeneralizedTime) {
    if time.moment().is_none() {
        validator.error(Rule::Time, "X.680 46", format!("`{time}` is no time"));
    }
}

fn circulation(validator: &mut Validator, members: Vec<CirculationMember>) {
    validator.count("members", members.len(), 2..=bounds::CIRCULATION_LIST_MEMBERS, ANNEX);
    validator.each("members", &members, |validator, member| {
        validator.within("circulation-recipient", |validator| {
            recipient(validator, Protocol::P22, &member.circulation_recipient);
            validator.within("recipient", |validator| {
                formal_name(validator, &member.circulation_recipient.recipient, ANNEX);
            });
        });
        match &member.checked {
            Some(Checkmark::Timestamped(time)) => {
                validator.within("checked", |validator| generalized_time(validator, time.clone()));
            }
            Some(Checkmark::Signed(mark)) => validator.within("checked", |validator| {
                identifier(validator, &mark.data.this_ipm);
                generalized_time(validator, mark.data.timestamp.clone());
            }),
            _ => {}
        }
    });
}

fn distribution(validator: &mut Validator, codes: Vec<DistributionCode>) {
    validator.count("codes", codes.len(), 1..=bounds::DISTRIBUTION_CODES, ANNEX);
    validator.each("codes", &codes, |validator, code| {
        if code.oid_code.is_none() && code.alphanumeric_code.is_none() {
            validator.warning(Rule::Missing, ANNEX, "no code of either kind");
        }
        if let Some(code) = &code.alphanumeric_code {
            validator.within("alphanumeric-code", |validator| text(validator, code, 1..=bounds::ALPHA_CODE));
        }
        if let Some(or_descriptor) = &code.or_descriptor {
            validator.within("or-descriptor", |validator| descriptor(validator, or_descriptor));
        }
    });
}

fn categories(validator: &mut Validator, categories: Vec<InformationCategory>) {
    validator.count("categories", categories.len(), 1..=bounds::INFORMATION_CATEGORIES, ANNEX);
    validator.each("categories", &categories, |validator, category| match &category.description {
        Some(description) => validator.within("description", |validator| {
            text(validator, description, 1..=bounds::INFORMATION_CATEGORY);
        }),
        None if category.reference.is_none() => {
            validator.warning(Rule::Missing, ANNEX, "neither a reference nor a description");
        }
        None => {}
    });
}

fn absence(validator: &mut Validator, advice: AbsenceAdviceValue) {
    if advice.advice.is_none() && advice.next_available.is_none() {
        validator.error(Rule::Missing, "X.420 8.4", "neither advice nor a time");
    }
    if let Some(next) = &advice.next_available {
        validator.time("next-available", next);
    }
}

fn change_of_address(validator: &mut Validator, advice: ChangeOfAddressAdviceValue) {
    validator.within("new-address", |validator| {
        descriptor(validator, &advice.new_address);
        formal_name(validator, &advice.new_address, "X.420 8.4");
    });
    if let Some(from) = &advice.effective_from {
        validator.time("effective-from", from);
    }
}

fn header_fields(validator: &mut Validator, fields: Vec<crate::prim::Ia5String>) {
    validator.each("fields", &fields, |validator, field| {
        validator.alphabet(field);
        if !field.as_bytes().contains(&b':') {
            validator.warning(Rule::Value, "RFC 2156 Appendix D", "no colon: not a header field");
        }
    });
}

fn precedence(validator: &mut Validator, precedence: mmhs::MmhsPrecedence) {
    validator.number("precedence", precedence.0, 0..=31, MILITARY);
    if (0..16).contains(&precedence.0) && precedence.label().is_none() {
        validator.warning(
            Rule::Value,
            MILITARY,
            format!("{} is reserved for NATO and has no meaning", precedence.0),
        );
    }
}

fn message_type(validator: &mut Validator, value: mmhs::MessageTypeValue) {
    validator.number("type", value.kind.0, 0..=255, MILITARY);
    if let Some(identifier) = value.identifier {
        validator.string("identifier", &identifier, 1..=bounds::MILITARY_STRING, MILITARY);
    }
}

fn lists(validator: &mut Validator, lists: Vec<mmhs::AddressListDesignator>) {
    validator.each("lists", &lists, |validator, list| {
        named(validator, "type", list.kind.0, list.kind.label(), MILITARY);
        validator.within("list-name", |validator| descriptor(validator, &list.list_name));
        for (name, request) in
            [("notification-request", list.notification_request), ("reply-request", list.reply_request)]
        {
            if let Some(request) = request {
                named(validator, name, request.0, request.label(), MILITARY);
            }
        }
    });
}

fn military_codes(validator: &mut Validator, codes: mmhs::MilitaryDistributionCodesValue) {
    if let Some(sics) = &codes.sics {
        validator.count("sics", sics.len(), 1..=bounds::MILITARY_SICS, MILITARY);
        validator.each("sics", sics, |validator, sic| {
            validator.this_string(sic, bounds::MILITARY_SIC_AT_LEAST..=bounds::MILITARY_SIC, MILITARY);
        });
    }
}

fn military_string(validator: &mut Validator, string: PrintableString) {
    validator.this_string(&string, 1..=bounds::MILITARY_STRING, MILITARY);
}

fn military_strings(validator: &mut Validator, strings: Vec<PrintableString>) {
    validator.each("instructions", strings, military_string);
}

fn other_recipients(validator: &mut Validator, others: Vec<mmhs::OtherRecipientDesignator>) {
    validator.each("recipients", &others, |validator, other| {
        named(validator, "type", other.kind.0, other.kind.label(), MILITARY);
        validator.string("designator", &other.designator, 1..=bounds::MILITARY_STRING, MILITARY);
    });
}

fn pilots(validator: &mut Validator, pilots: Vec<mmhs::PilotInformation>) {
    validator.each("pilots", &pilots, |validator, pilot| {
        if let Some(level) = pilot.pilot_precedence {
            validator.within("pilot-precedence", |validator| precedence(validator, level));
        }
        validator.each("pilot-recipient", pilot.pilot_recipient.iter().flatten(), descriptor);
        if let Some(label) = &pilot.pilot_security {
            validator.member("pilot-security", label);
        }
        validator.each("pilot-handling", pilot.pilot_handling.iter().flatten(), |validator, instruction| {
            validator.this_string(instruction, 1..=bounds::MILITARY_STRING, MILITARY);
        });
    });
}

fn acp127_response(validator: &mut Validator, response: mmhs::Acp127NotificationResponseValue) {
    validator.time("receipt-time", &response.receipt_time);
    lists(validator, response.address_list_indicator.unwrap_or_default());
    for (name, string) in [
        ("acp127-recipient", &response.acp127_recipient),
        ("acp127-supp-info", &response.acp127_supplementary_information),
    ] {
        if let Some(string) = string {
            validator.string(name, string, 1..=bounds::MILITARY_BIG_STRING, MILITARY);
        }
    }
}
