//! The file transfer body part (X.420 Annex on file transfer; ledger A-34, B-30 to B-38).

use super::ipm::named;
use super::validator::Validator;
use super::violation::Rule;
use crate::bounds;
use crate::prim::{External, ExternalEncoding, GraphicString};
use crate::x420::file_attributes::{
    AvailabilityAttribute, DateAttribute, FileAttributes, SizeAttribute, TextAttribute,
};
use crate::x420::file_transfer::{
    ContentsType, FileIdentifier, FileTransferParameters, GeneralIdentifier, PathnameAttribute, Relationship,
    whole_file,
};

const CLAUSE: &str = "X.420 Annex B, file transfer";

/// Tells everything that is wrong with a file.
pub(super) fn judge(
    validator: &mut Validator,
    parameters: Option<&FileTransferParameters>,
    data: &[External],
) {
    match parameters {
        Some(parameters) => {
            validator.within("parameters", |validator| self::parameters(validator, parameters))
        }
        None => validator.notice(Rule::Missing, CLAUSE, "no parameters: nothing is known of the file"),
    }
    validator.within("data", |validator| {
        if data.len() != 1 {
            let what = format!("{} values; most systems read exactly one", data.len());
            validator.warning(Rule::Bound, CLAUSE, what);
        }
        let plain = parameters.is_none_or(FileTransferParameters::is_unstructured_binary);
        if plain && data.iter().any(|file| !matches!(file.encoding, ExternalEncoding::OctetAligned(_))) {
            validator.notice(Rule::Encoding, CLAUSE, "octets that do not stand in an octet-aligned EXTERNAL");
        }
        if plain && data.len() == 1 && whole_file(data).is_none() {
            validator.error(Rule::Undecodable, CLAUSE, "the file is said to be octets, and is not");
        }
    });
    let stated = parameters.and_then(|parameters| parameters.file_attributes.as_ref()?.object_size.as_ref());
    if let (Some(SizeAttribute::Actual(stated)), Some(file)) = (stated, whole_file(data))
        && i64::try_from(file.0.len()) != Ok(*stated)
    {
        let what = format!("says {stated} octets, and has {}", file.0.len());
        validator.within("object-size", |validator| validator.warning(Rule::Conflict, CLAUSE, what));
    }
}

fn parameters(validator: &mut Validator, parameters: &FileTransferParameters) {
    validator.each(
        "related-stored-file",
        parameters.related_stored_file.iter().flatten(),
        |validator, file| {
            match &file.file_identifier {
                FileIdentifier::PathnameAndVersion(it) => match &it.pathname {
                    PathnameAttribute::Incomplete(path) | PathnameAttribute::Complete(path) => {
                        pathname(validator, path);
                    }
                    PathnameAttribute::Unknown(_) => {
                        validator.error(Rule::Unknown, CLAUSE, "no known kind of pathname")
                    }
                },
                FileIdentifier::CrossReference(it) => {
                    if let Some(reference) = &it.message_reference {
                        if let Some(user) = &reference.user {
                            validator.member("user", user);
                        }
                        let local = &reference.user_relative_identifier;
                        validator.string(
                            "user-relative-identifier",
                            local,
                            0..=bounds::LOCAL_IPM_IDENTIFIER,
                            CLAUSE,
                        );
                    }
                    if let Some(number) = it.body_part_reference {
                        validator.number("body-part-reference", number, 1..=i64::MAX, CLAUSE);
                    }
                }
                FileIdentifier::Unknown(_) => {
                    validator.error(Rule::Unknown, CLAUSE, "no known way to name a file")
                }
            }
            if let Some(Relationship::Explicit(number)) = file.relationship {
                validator.number("relationship", number, 0..=3, CLAUSE);
            }
        },
    );
    if let Some(ContentsType::Unknown(_)) = parameters.contents_type {
        validator.error(Rule::Unknown, CLAUSE, "no known kind of contents");
    }
    let references = parameters.environment.iter().flat_map(|it| [&it.application_reference, &it.machine]);
    for reference in references.flatten() {
        if matches!(reference, GeneralIdentifier::Descriptive(strings) if strings.is_empty()) {
            validator.warning(Rule::Missing, CLAUSE, "a description without words");
        }
    }
    if let Some(attributes) = &parameters.file_attributes {
        validator.within("file-attributes", |validator| self::attributes(validator, attributes));
    }
    validator.unknown(&parameters.unknown);
}

fn pathname(validator: &mut Validator, path: &[GraphicString]) {
    if path.iter().all(|component| component.is_empty()) {
        validator.warning(Rule::Missing, CLAUSE, "a pathname without a name");
    }
}

fn attributes(validator: &mut Validator, attributes: &FileAttributes) {
    if attributes.incomplete_pathname.is_some() && attributes.complete_pathname.is_some() {
        validator.error(Rule::Conflict, CLAUSE, "a complete and an incomplete pathname: only one is allowed");
    }
    for path in [&attributes.incomplete_pathname, &attributes.complete_pathname].into_iter().flatten() {
        pathname(validator, path);
    }
    for (name, date) in [
        ("date-and-time-of-creation", &attributes.created),
        ("date-and-time-of-last-modification", &attributes.modified),
        ("date-and-time-of-last-read-access", &attributes.read),
        ("date-and-time-of-last-attribute-modification", &attributes.attributes_modified),
    ] {
        validator.within(name, |validator| match date {
            Some(DateAttribute::Actual(time)) => {
                let digits = time.as_bytes().iter().take_while(|octet| octet.is_ascii_digit()).count();
                if crate::prim::GeneralizedTime::new(time.as_bytes()).moment().is_none() || digits < 10 {
                    validator.error(Rule::Time, "X.680 46", format!("`{time}` is no GeneralizedTime"));
                }
            }
            Some(DateAttribute::Unknown(_)) => unknown(validator),
            Some(DateAttribute::NoValueAvailable(_)) | None => {}
        });
    }
    for (name, text) in [
        ("storage-account", &attributes.storage_account),
        ("identity-of-creator", &attributes.creator),
        ("identity-of-last-modifier", &attributes.modifier),
        ("identity-of-last-reader", &attributes.reader),
        ("identity-of-last-attribute-modifier", &attributes.attribute_modifier),
    ] {
        if let Some(TextAttribute::Unknown(_)) = text {
            validator.within(name, unknown);
        }
    }
    if let Some(AvailabilityAttribute::Actual(it)) = attributes.availability {
        named(validator, "object-availability", it.0, it.label(), "ISO 8571-2 12");
    }
    for (name, size) in
        [("object-size", &attributes.object_size), ("future-object-size", &attributes.future_object_size)]
    {
        match size {
            Some(SizeAttribute::Actual(size)) => validator.number(name, *size, 0..=i64::MAX, "ISO 8571-2 12"),
            Some(SizeAttribute::Unknown(_)) => validator.within(name, unknown),
            Some(SizeAttribute::NoValueAvailable(_)) | None => {}
        }
    }
    validator.unknown(&attributes.unknown);
}

fn unknown(validator: &mut Validator) {
    validator.warning(Rule::Unknown, CLAUSE, "neither a value nor that there is none");
}
