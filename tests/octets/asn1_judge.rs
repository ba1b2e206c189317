//! What the ASN.1 crate writes, read by tshark: envelopes with every member, contents with every heading field and part.

use crate::judge;
use crate::samples;

use std::collections::BTreeSet;

use judge::{named_contents, named_mts_apdus};
use rasn_x400::prim::Octets;
use rasn_x400::stanag4406::MilitaryObject;
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x419::MtsApdu;
use rasn_x400::x420::body::BodyPart;
use rasn_x400::x420::heading::{Heading, IpmIdentifier};
use rasn_x400::x420::{InformationObject, Ipm};
use rasn_x400::{ber, oids};
use samples::x411::apdus;
use samples::{military, x420};

/// The extensions of the Internet and the private ones of the samples: tshark has no dissector for them, and says so.
const NOT_DISSECTED: &[&str] = &["Dissector for OID not implemented"];

/// Extensions of later texts that tshark has no dissector for: recipients of blind copies, tokens of X.420, overriding selectors.
const NOT_KNOWN_TO_TSHARK: [i64; 4] = [41, 43, 44, 46];

fn apdu_units() -> Vec<(String, Vec<u8>)> {
    let names = ["message", "report", "probe"];
    let mut apdus = apdus();
    if let MtsApdu::Message(message) = &mut apdus[0] {
        for recipient in &mut message.envelope.per_recipient_fields {
            recipient.extensions.retain(|field| {
                !field.kind.number().is_some_and(|number| NOT_KNOWN_TO_TSHARK.contains(&number))
            });
        }
    }
    names.into_iter().zip(apdus).map(|(name, apdu)| (name.into(), ber::encode(&apdu).unwrap())).collect()
}

#[test]
fn tshark_finds_nothing_wrong_with_envelopes_that_have_every_member() {
    let case = named_mts_apdus(&apdu_units());

    case.assert_clean_except(NOT_DISSECTED);
    assert_values(
        &case,
        &apdu_units(),
        &[
            ("message", "p1.local_identifier", &["MSG-1"]),
            ("message", "p1.content_identifier", &["910530 lunch"]),
            ("message", "p1.built_in", &["22"]),
            ("message", "p1.priority", &["2"]),
            ("message", "p1.originally_specified_recipient_number", &["1", "300"]),
            ("message", "p1.explicit_conversion", &["8", "8"]),
            ("report", "p1.local_identifier", &["REPORT-1", "MSG-1"]),
            ("report", "p1.originally_specified_recipient_number", &["1", "2"]),
            ("report", "p1.supplementary_information", &["no such mailbox", "no such mailbox"]),
            ("report", "p1.non_delivery_reason_code", &["1"]),
            ("report", "p1.non_delivery_diagnostic_code", &["0"]),
            ("report", "p1.mta_name", &["mta-a"; 3]),
            ("probe", "p1.local_identifier", &["PROBE-1"]),
            ("probe", "p1.extended", &["1.3.26.0.4406.0.4.1"]),
            ("probe", "p1.content_length", &["100000"]),
            ("probe", "p1.content_identifier", &["probe"]),
        ],
    );
    // Every extension that P1 carries was given to its own dissector.
    let types: BTreeSet<u8> =
        case.values("p1.standard_extension").concat().iter().map(|number| number.parse().unwrap()).collect();
    let expected =
        [1..=20, 22..=33, 38..=40, 42..=42, 45..=45].into_iter().flatten().collect::<BTreeSet<u8>>();
    assert_eq!(types, expected);
}

#[test]
fn tshark_finds_nothing_wrong_with_contents_of_every_kind() {
    let units = content_units();
    let case = named_contents(&units);

    case.assert_clean_except(NOT_DISSECTED);
    let heading = "every heading field";
    assert_values(
        &case,
        &units,
        &[
            (heading, "p22.subject", &["Lunch"]),
            (heading, "p22.importance", &["2"]),
            (heading, "p22.sensitivity", &["3"]),
            (heading, "p22.auto_forwarded", &["1"]),
            (heading, "p22.AutoSubmitted", &["2"]),
            (
                heading,
                "p22.user_relative_identifier",
                &["910530182455", "replied", "old 1", "old 2", "related"],
            ),
            (
                heading,
                "p22.free_form_name",
                &[
                    "Kille (UCL)",
                    "Boss (UCL)",
                    "Cooper (UCL)",
                    "Harrison (UCL)",
                    "Copy (UCL)",
                    "Blind (UCL)",
                    "Answers (UCL)",
                ],
            ),
            (heading, "p22.Language", &["en", "de"]),
            (heading, "p22.PrecedencePolicyIdentifier", &["1.3.27.8.0.0"]),
            (heading, "p22.Precedence", &["57"; 4]),
            ("general text", "p22.GeneralTextParameters", &["2"]),
            ("file", "ftam.Pathname_item", &["dodo.doc"]),
            ("file", "p22.descriptive_relationship", &["Internet MIME Body Part"]),
            ("file", "p22.operating_system", &["2.999.2"]),
            ("file", "ftam.actual_values7", &["70000"]),
            ("three deep", "p22.subject", &["Level 3", "Level 2", "Level 1"]),
            ("three deep", "p1.priority", &["2"; 3]),
            ("every heading extension", "p22.CirculationList", &["2"]),
            ("every heading extension", "p22.DistributionCodes", &["1"]),
            ("every heading extension", "p22.InformationCategories", &["1"]),
            ("every heading extension", "p22.ManualHandlingInstructions", &["1"]),
            ("every heading extension", "p22.BodyPartSignatures", &["1"]),
            ("extended voice", "p22.voice_message_duration", &["12"]),
            ("notification 0", "p22.acknowledgment_mode", &["1"]),
            ("notification 1", "p22.non_receipt_reason", &["1"]),
            ("notification 1", "p22.discard_reason", &["2"]),
            ("notification 1", "p22.auto_forward_comment", &["moved"]),
            ("notification 2", "p22.user_relative_identifier", &["910530182455"]),
        ],
    );
}

// ledger: beyond M-01 M-10 M-30
#[test]
fn tshark_finds_nothing_wrong_with_military_messages() {
    let contents = [
        ("military message", MilitaryObject::Message(military::message())),
        ("military notification", MilitaryObject::Notification(military::notification())),
    ];
    let units: Vec<_> = contents
        .into_iter()
        .map(|(name, content)| {
            let [MtsApdu::Message(mut message), ..] = apdus() else {
                panic!("the first sample is a message")
            };
            message.envelope.content_type = ContentType::Extended(oids::CONTENT_P772);
            for recipient in &mut message.envelope.per_recipient_fields {
                recipient.extensions.clear();
            }
            message.content = Octets::from(ber::encode(&content).unwrap());
            (name.to_owned(), ber::encode(&MtsApdu::Message(message)).unwrap())
        })
        .collect();
    let case = named_mts_apdus(&units);

    case.assert_clean_except(NOT_DISSECTED);
    let message = "military message";
    assert_values(
        &case,
        &units,
        &[
            (message, "p772.PrimaryPrecedence", &["3", "4"]),
            (message, "p772.CopyPrecedence", &["1"]),
            (message, "p772.Sic", &["SDM", "KKZ"]),
            (message, "p772.CodressMessage", &["7"]),
            (message, "p772.OriginatorReference", &["OPS 7/25"]),
            (message, "p772.Acp127MessageIdentifier", &["RHDIAA 0007 0711200"]),
            (message, "p772.OriginatorPlad", &["CINCNORTH"]),
            (message, "p772.designator", &["RHDIAA"]),
            (message, "p772.pilotPrecedence", &["2"]),
            (message, "p772.ADatP3Parameters", &["11"]),
            (message, "p772.setOriented_item", &["EXER/CANDLE FISH//", "MSGID/GENADMIN//"]),
            (message, "p772.CorrectionsData", &["LINE 3 READ 7"]),
            (message, "p772.ACP127DataData", &["ZZZZ UUU"]),
            ("military notification", "p772.acp127_recipient", &["RHDIAA"]),
            ("military notification", "p772.acp127_supp_info", &["QSL"]),
        ],
    );
}

/// What tshark reads in a unit, as `(unit, field, values)`.
#[track_caller]
fn assert_values(case: &judge::Case, units: &[(String, Vec<u8>)], expected: &[(&str, &str, &[&str])]) {
    // tshark prints a field that is asked for twice only once.
    let mut fields: Vec<&str> = expected.iter().map(|(_, field, _)| *field).collect();
    fields.sort_unstable();
    fields.dedup();
    let table = case.table(&fields);
    let mut wrong = Vec::new();
    for (unit, field, values) in expected {
        let row = units.iter().position(|(name, _)| name == unit).unwrap();
        let column = fields.binary_search(field).unwrap();
        if table[row][column] != *values {
            wrong.push(format!("{unit} {field}: {:?}, not {values:?}", table[row][column]));
        }
    }
    assert!(wrong.is_empty(), "tshark reads\n{}", wrong.join("\n"));
}

fn with_part(part: BodyPart) -> Ipm {
    let this_ipm = IpmIdentifier { user_relative_identifier: "1".into(), ..IpmIdentifier::default() };
    Ipm { heading: Heading { this_ipm, ..Heading::default() }, body: vec![part] }
}

fn content_units() -> Vec<(String, Vec<u8>)> {
    let mut units = vec![
        ("every heading field".to_owned(), Ipm { heading: x420::heading(), body: vec![] }),
        ("everything".to_owned(), x420::message()),
        ("general text".to_owned(), with_part(BodyPart::ExternallyDefined(x420::general_text()))),
        ("file".to_owned(), with_part(BodyPart::ExternallyDefined(x420::file()))),
        ("three deep".to_owned(), with_part(BodyPart::Message(Box::new(x420::forwarded(3))))),
    ];
    let extensions = [x420::heading().extensions, samples::body::heading_extensions()].concat();
    let heading = Heading { extensions, ..x420::heading() };
    units.push(("every heading extension".to_owned(), Ipm { heading, body: vec![] }));
    for (name, part) in samples::body::extended_parts() {
        units.push((format!("extended {name}"), with_part(BodyPart::ExternallyDefined(part))));
    }
    for (number, part) in x420::basic_parts().into_iter().enumerate() {
        units.push((format!("basic part {number}"), with_part(part)));
    }
    let messages = units.into_iter().map(|(name, ipm)| (name, InformationObject::Ipm(ipm)));
    let notifications = x420::notifications().into_iter().enumerate();
    messages
        .chain(
            notifications
                .map(|(number, ipn)| (format!("notification {number}"), InformationObject::Ipn(ipn))),
        )
        .map(|(name, content)| (name, ber::encode(&content).unwrap()))
        .collect()
}
