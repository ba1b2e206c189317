//! Files: each parameter and each attribute by itself.

use rasn_x400::prim::*;
use rasn_x400::x420::file_attributes::*;
use rasn_x400::x420::file_transfer::*;
use rasn_x400::x420::heading::*;

use super::samples::raw;
use super::{both_ways, number, wrapped};

/// each parameter of a file by itself.
#[test]
fn every_parameter_of_a_file() {
    let empty = FileTransferParameters::default;
    let cross = CrossReference {
        application_cross_reference: Octets::default(),
        message_reference: None,
        body_part_reference: None,
        unknown: vec![],
    };
    let related = |file_identifier, relationship| FileTransferParameters {
        related_stored_file: Some(vec![RelatedStoredFile { file_identifier, relationship }]),
        ..empty()
    };
    let versioned = PathnameAndVersion {
        pathname: PathnameAttribute::Incomplete(vec!["a".into()]),
        file_version: Some("2".into()),
        unknown: vec![],
    };
    let contents = |contents_type| FileTransferParameters { contents_type: Some(contents_type), ..empty() };
    let document = DocumentType { name: UNSTRUCTURED_TEXT, parameter: None, unknown: vec![] };
    let constraint = ConstraintSet { constraint_set_name: number(), abstract_syntax_name: number() };
    let environment = |environment| FileTransferParameters { environment: Some(environment), ..empty() };
    let compression = Compression { algorithm: number(), parameter: Some(raw("05 00")), unknown: vec![] };
    let message_reference =
        MessageReference { user: None, user_relative_identifier: "b".into(), unknown: vec![] };
    let referring = CrossReference {
        message_reference: Some(message_reference),
        body_part_reference: Some(2),
        ..cross.clone()
    };
    for (name, digits, parameters) in [
        (
            "related-stored-file",
            "A0 06 3004 A102 8000",
            related(FileIdentifier::CrossReference(cross.clone()), None),
        ),
        (
            "message-reference",
            "A0 0E 300C A10A 8000 A103 810162 820102",
            related(FileIdentifier::CrossReference(referring), None),
        ),
        (
            "pathname-and-version",
            "A0 0E 300C A00A A005 A003 190161 810132",
            related(FileIdentifier::PathnameAndVersion(versioned), None),
        ),
        (
            "explicit-relationship",
            "A0 09 3007 A102 8000 800102",
            related(FileIdentifier::CrossReference(cross.clone()), Some(Relationship::Explicit(2))),
        ),
        (
            "descriptive-relationship",
            "A0 09 3007 A102 8000 810161",
            related(FileIdentifier::CrossReference(cross), Some(Relationship::Descriptive("a".into()))),
        ),
        ("document-type", "A1 09 A007 0605 28C27B0501", contents(ContentsType::DocumentType(document))),
        (
            "constraint-set",
            "A1 0A A108 0602 8837 0602 8837",
            contents(ContentsType::ConstraintSet(constraint)),
        ),
        (
            "application-reference",
            "A2 06 A004 8002 8837",
            environment(Environment {
                application_reference: Some(GeneralIdentifier::Registered(number())),
                ..Environment::default()
            }),
        ),
        (
            "machine",
            "A2 07 A105 A103 190161",
            environment(Environment {
                machine: Some(GeneralIdentifier::Descriptive(vec!["a".into()])),
                ..Environment::default()
            }),
        ),
        (
            "operating-system",
            "A2 04 8202 8837",
            environment(Environment { operating_system: Some(number()), ..Environment::default() }),
        ),
        (
            "user-visible-string",
            "A2 05 A303 190161",
            environment(Environment {
                user_visible_string: Some(vec!["a".into()]),
                ..Environment::default()
            }),
        ),
        (
            "compression",
            "A3 08 8002 8837 A102 0500",
            FileTransferParameters { compression: Some(compression), ..empty() },
        ),
        (
            "extensions",
            "A5 08 3006 0604 56010500",
            FileTransferParameters {
                extensions: Some(vec![HeadingExtensionField { kind: IncompleteCopy::ID, value: None }]),
                ..empty()
            },
        ),
    ] {
        both_ways(&format!("A-34 {name}"), &wrapped(0x30, digits), parameters);
    }
}

/// each attribute of a file by itself.
#[test]
fn every_attribute_of_a_file() {
    let none = FileAttributes::default;
    let text = || Some(TextAttribute::Actual("a".into()));
    let date = || Some(DateAttribute::Actual(X400Time::new("20250401060000Z")));
    let written = "810F 3230323530343031 303630303030 5A";
    let control = AccessControlElement {
        action_list: PermittedActions::with(&[PermittedActions::READ]),
        concurrency_access: None,
        identity: None,
        passwords: None,
        location: None,
        unknown: vec![],
    };
    let extension = AttributeExtensionSet {
        identifier: number(),
        attributes: vec![ExtensionAttribute { identifier: number(), value: raw("02 01 06") }],
        unknown: vec![],
    };
    for (name, digits, attributes) in [
        (
            "pathname",
            "A0 03 190161",
            FileAttributes { incomplete_pathname: Some(vec!["a".into()]), ..none() },
        ),
        ("pathname", "B7 03 190161", FileAttributes { complete_pathname: Some(vec!["a".into()]), ..none() }),
        (
            "permitted-actions",
            "81 03 0580 20",
            FileAttributes {
                permitted_actions: Some(PermittedActions::with(&[
                    PermittedActions::READ,
                    PermittedActions::RANDOM_ORDER,
                ])),
                ..none()
            },
        ),
        ("storage-account", "A3 03 190161", FileAttributes { storage_account: text(), ..none() }),
        ("creation", &format!("A4 11 {written}"), FileAttributes { created: date(), ..none() }),
        ("last-modification", &format!("A5 11 {written}"), FileAttributes { modified: date(), ..none() }),
        ("last-read-access", &format!("A6 11 {written}"), FileAttributes { read: date(), ..none() }),
        (
            "last-attribute-modification",
            "A7 02 8000",
            FileAttributes { attributes_modified: Some(DateAttribute::NoValueAvailable(Null)), ..none() },
        ),
        ("creator", "A8 03 190161", FileAttributes { creator: text(), ..none() }),
        ("last-modifier", "A9 03 190161", FileAttributes { modifier: text(), ..none() }),
        ("last-reader", "AA 03 190161", FileAttributes { reader: text(), ..none() }),
        (
            "last-attribute-modifier",
            "AB 02 8000",
            FileAttributes { attribute_modifier: Some(TextAttribute::NoValueAvailable(Null)), ..none() },
        ),
        (
            "object-availability",
            "AC 03 810101",
            FileAttributes {
                availability: Some(AvailabilityAttribute::Actual(ObjectAvailability::DEFERRED)),
                ..none()
            },
        ),
        (
            "object-size",
            "AD 03 810103",
            FileAttributes { object_size: Some(SizeAttribute::Actual(3)), ..none() },
        ),
        (
            "future-object-size",
            "AE 02 8000",
            FileAttributes { future_object_size: Some(SizeAttribute::NoValueAvailable(Null)), ..none() },
        ),
        (
            "access-control",
            "AF 08 A106 3004 8002 0780",
            FileAttributes { access_control: Some(AccessControlAttribute::Actual(vec![control])), ..none() },
        ),
        (
            "legal-qualifications",
            "B0 03 810161",
            FileAttributes {
                legal_qualification: Some(LegalQualificationAttribute::Actual("a".into())),
                ..none()
            },
        ),
        (
            "private-use",
            "B1 02 8100",
            FileAttributes {
                private_use: Some(PrivateUseAttribute::AbstractSyntaxNotSupported(Null)),
                ..none()
            },
        ),
        (
            "attribute-extensions",
            "B6 13 3011 8002 8837 A10B 3009 3007 0602 8837 020106",
            FileAttributes { attribute_extensions: Some(vec![extension]), ..none() },
        ),
    ] {
        let parameters =
            FileTransferParameters { file_attributes: Some(attributes), ..FileTransferParameters::default() };
        both_ways(&format!("A-34 {name}"), &wrapped(0x30, &wrapped(0xa4, digits)), parameters);
    }
}
