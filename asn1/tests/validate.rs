//! What is found in messages, reports and probes: each case breaks one rule of a good one.

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "made for another test")]
#[path = "forms/samples.rs"]
mod samples;

use rasn_x400::prim::{NamedBits, Octets, RawTlv, X400Time};
use rasn_x400::validate::{MAXIMUM_VIOLATIONS, Rule, Severity, mts_apdu};
use rasn_x400::x411::address::*;
use rasn_x400::x411::envelope::*;
use rasn_x400::x411::extension::*;
use rasn_x400::x411::physical::*;
use rasn_x400::x411::report::*;
use rasn_x400::x411::security::SecurityLabel;
use rasn_x400::x411::trace::RoutingAction;
use rasn_x400::x419::{MtsApdu, Report};

use samples::plain::{identifier, message, non_delivery, probe, recipient, report, reported, trace};
use samples::x411::{person, time};
use samples::{octets, raw};

/// `place rule severity` of everything found.
fn found(apdu: &MtsApdu) -> Vec<String> {
    mts_apdu(apdu)
        .iter()
        .map(|violation| format!("{} {} {}", violation.place, violation.rule, violation.severity))
        .collect()
}

#[track_caller]
fn in_message(change: impl FnOnce(&mut MessageTransferEnvelope), expected: &[&str]) {
    let mut message = message();
    change(&mut message.envelope);
    let expected: Vec<_> = expected.iter().map(|place| format!("envelope{place}")).collect();
    assert_eq!(found(&MtsApdu::Message(message)), expected);
}

#[track_caller]
fn in_report(change: impl FnOnce(&mut Report), expected: &[&str]) {
    let mut report = report();
    change(&mut report);
    assert_eq!(found(&MtsApdu::Report(report)), expected);
}

#[test]
fn nothing_is_wrong_with_what_is_right() {
    assert_eq!(found(&MtsApdu::Message(message())), [""; 0]);
    assert_eq!(found(&MtsApdu::Report(report())), [""; 0]);
    assert_eq!(found(&MtsApdu::Probe(probe())), [""; 0]);
}

/// What stands in the samples with everything in them, some of it on purpose.
#[test]
fn the_rich_samples_have_no_errors_but_those_made_on_purpose() {
    for apdu in samples::x411::apdus() {
        let errors: Vec<_> = mts_apdu(&apdu)
            .into_iter()
            .filter(|violation| violation.severity == Severity::Error)
            .map(|violation| violation.to_string())
            .collect();
        assert_eq!(errors, [""; 0]);
    }
}

/// upper bounds, wherever they apply.
#[test]
fn bounds_and_alphabets() {
    in_message(
        |envelope| envelope.message_identifier.local_identifier = "x".repeat(33).into(),
        &[".message-identifier.local-identifier bound error"],
    );
    in_message(
        |envelope| envelope.content_identifier = Some("".into()),
        &[".content-identifier bound error"],
    );
    in_message(
        |envelope| envelope.content_identifier = Some("a@b".into()),
        &[".content-identifier alphabet error"],
    );
    let surname = |name: &str| {
        let name = person(name);
        move |envelope: &mut MessageTransferEnvelope| envelope.per_recipient_fields[0].recipient_name = name
    };
    let place = ".per-recipient-fields[0].recipient-name.standard-attributes.personal-name.surname";
    in_message(surname(&"x".repeat(41)), &[&format!("{place} bound error")]);
    in_message(surname("Müller"), &[&format!("{place} alphabet error")]);
    in_message(
        |envelope| {
            let standard = &mut envelope.originator_name.standard;
            standard.country = Some(DomainName::from_text("GBR"));
            standard.administration_domain = Some(DomainName::from_text(&"A".repeat(17)));
            standard.organizational_units = Some(vec!["U".into(); 5]);
        },
        &[
            ".originator-name.standard-attributes.country-name value error",
            ".originator-name.standard-attributes.administration-domain-name bound error",
            ".originator-name.standard-attributes.organizational-unit-names bound error",
        ],
    );
    in_message(
        |envelope| {
            let attribute = DomainDefinedAttribute { kind: "too long for it".into(), value: "a_b".into() };
            envelope.originator_name.domain_defined = Some(vec![attribute]);
        },
        &[
            ".originator-name.domain-defined-attributes[0].type bound error",
            ".originator-name.domain-defined-attributes[0].value alphabet error",
        ],
    );
}

/// attributes that came with 1988 and 1992.
#[test]
fn extension_attributes() {
    let with = |attributes: Vec<ExtensionAttribute>| {
        move |envelope: &mut MessageTransferEnvelope| {
            let fields = attributes.iter().map(|attribute| attribute.field().unwrap()).collect();
            envelope.originator_name.extension = Some(rasn_x400::prim::ListAsSet(fields));
        }
    };
    use ExtensionAttribute as E;
    let place = ".originator-name.extension-attributes";
    let value = format!("{place}[0].extension-attribute-value");
    in_message(with(vec![E::CommonName("x".repeat(65).into())]), &[&format!("{value} bound error")]);
    in_message(
        with(vec![E::CommonName("a".into()), E::CommonName("b".into())]),
        &[&format!("{place}[1] duplicate error")],
    );
    in_message(
        with(vec![E::UniversalCommonName(UniversalOrBmp {
            language: Some("english".into()),
            ..UniversalOrBmp::from_text("Postmaster")
        })]),
        &[&format!("{value}.common-name.iso-639-language-code bound error")],
    );
    in_message(with(vec![E::Other(1, raw("02 01 01"))]), &[&format!("{value} undecodable error")]);
    let long = UniversalOrBmp::from_text(&"x".repeat(31));
    in_message(
        with(vec![E::UniversalPostal(29, long)]),
        &[
            &format!("{value}.text bound error"),
            ".originator-name address-form error",
            ".originator-name address-form error",
        ],
    );
    in_message(with(vec![E::Other(99, raw("02 01 01"))]), &[&format!("{value} unknown warning")]);
    in_message(with(vec![E::TerminalType(2)]), &[&format!("{value} value warning")]);
}

/// X.402 18.5: what each form of an address must have.
#[test]
fn address_forms() {
    let standard = |change: fn(&mut StandardAttributes)| {
        move |envelope: &mut MessageTransferEnvelope| {
            let mut standard = StandardAttributes {
                country: Some(DomainName::from_text("GB")),
                administration_domain: Some(DomainName::from_text(" ")),
                ..StandardAttributes::default()
            };
            change(&mut standard);
            envelope.originator_name = OrName { standard, ..OrName::default() };
        }
    };
    let wrong = [".originator-name address-form error"];
    in_message(standard(|_| ()), &wrong);
    in_message(standard(|standard| standard.organization = Some("UCL".into())), &[]);
    in_message(
        standard(|standard| {
            standard.organization = Some("UCL".into());
            standard.administration_domain = None;
        }),
        &wrong,
    );
    in_message(standard(|standard| standard.numeric_user_identifier = Some("1".into())), &[]);
    in_message(
        standard(|standard| {
            standard.numeric_user_identifier = Some("1".into());
            standard.country = None;
        }),
        &wrong,
    );
    in_message(
        standard(|standard| {
            *standard = StandardAttributes {
                network_address: Some("23421920030013".into()),
                ..StandardAttributes::default()
            };
        }),
        &[],
    );
    in_message(standard(|standard| standard.terminal_identifier = Some("T".into())), &wrong);
    in_message(|envelope| envelope.originator_name = OrName::default(), &[".originator-name missing error"]);
    // Postal: country and code of the delivery.
    in_message(
        |envelope| {
            let office = ExtensionAttribute::PdsName("Royal Mail".into());
            let street = ExtensionAttribute::PdsParameter(
                PhysicalAttribute::StreetAddress,
                PdsParameter { printable: Some("Gower Street".into()), ..PdsParameter::default() },
            );
            let fields = [office, street].map(|attribute| attribute.field().unwrap()).into();
            envelope.originator_name.extension = Some(rasn_x400::prim::ListAsSet(fields));
        },
        &[".originator-name address-form error", ".originator-name address-form error"],
    );
}

/// recipients, their numbers, and who hears of them.
#[test]
fn recipients() {
    in_message(|envelope| envelope.per_recipient_fields.clear(), &[".per-recipient-fields missing error"]);
    let number = |index| format!(".per-recipient-fields[{index}].originally-specified-recipient-number");
    in_message(
        |envelope| envelope.per_recipient_fields = [1, 2, 2].map(recipient).into(),
        &[&format!("{} duplicate error", number(2))],
    );
    in_message(
        |envelope| envelope.per_recipient_fields = [2, 1].map(recipient).into(),
        &[&format!("{} order notice", number(1))],
    );
    in_message(
        |envelope| envelope.per_recipient_fields = vec![recipient(0)],
        &[&format!("{} bound error", number(0))],
    );
}

/// which bits may be set together.
#[test]
fn indicators() {
    let bits = |bits: &'static [usize]| {
        move |envelope: &mut MessageTransferEnvelope| {
            envelope.per_recipient_fields[0].per_recipient_indicators = PerRecipientIndicators::with(bits);
        }
    };
    let place = ".per-recipient-fields[0].per-recipient-indicators";
    in_message(bits(&[0, 1, 2, 3]), &[]);
    in_message(bits(&[0, 2]), &[]);
    in_message(bits(&[0]), &[&format!("{place} missing error")]);
    in_message(bits(&[0, 1, 3, 4]), &[&format!("{place} conflict error")]);
    in_message(bits(&[0, 2, 3]), &[&format!("{place} conflict error")]);
    in_message(bits(&[0, 1, 5]), &[&format!("{place} value warning")]);
    in_message(bits(&[1, 3]), &[".per-recipient-fields missing warning"]);
    in_message(
        |envelope| {
            envelope.per_recipient_fields[0].per_recipient_indicators =
                PerRecipientIndicators(NamedBits::with(&[0, 1], 0));
        },
        &[&format!("{place} encoding warning")],
    );
    in_message(
        |envelope| envelope.per_message_indicators = PerMessageIndicators::with(&[4, 16]),
        &[".per-message-indicators bound error", ".per-message-indicators value warning"],
    );
}

/// trace, times.
#[test]
fn traces_and_times() {
    in_message(|envelope| envelope.trace_information.clear(), &[".trace-information missing error"]);
    in_message(
        |envelope| envelope.trace_information = trace(&["910530182455Z", "910530182454Z"]),
        &[".trace-information[1].arrival-time order warning"],
    );
    // The same moment, and a later one, in other zones.
    in_message(
        |envelope| {
            envelope.trace_information = trace(&["910530182455Z", "910530192455+0100", "910530182456-0000"]);
        },
        &[],
    );
    let arrival = ".trace-information[0].domain-supplied-information.arrival-time";
    in_message(
        |envelope| envelope.trace_information = trace(&["910530"]),
        &[&format!("{arrival} time error")],
    );
    in_message(
        |envelope| envelope.trace_information = trace(&["910530182455"]),
        &[&format!("{arrival} time warning")],
    );
    in_message(
        |envelope| envelope.trace_information[0].supplied.routing_action = RoutingAction::REROUTED,
        &[".trace-information[0].domain-supplied-information.routing-action missing warning"],
    );
    in_message(
        |envelope| {
            envelope.deferred_delivery_time = Some(time("910601000000Z"));
            let latest = X400Time::new("910531000000Z");
            envelope.extensions = vec![LatestDeliveryTime::field(&latest).unwrap()];
        },
        &[".deferred-delivery-time conflict error"],
    );
}

/// S-20: extensions that are not known, not in their place, not once, not of their type.
#[test]
fn extensions() {
    let with = |fields: Vec<ExtensionField>| {
        move |envelope: &mut MessageTransferEnvelope| envelope.extensions = fields
    };
    let prohibited = || DlExpansionProhibited::field(&Prohibited::PROHIBITED).unwrap();
    let of_number = |number, criticality: &[usize]| ExtensionField {
        kind: ExtensionType::Standard(number),
        criticality: Criticality::with(criticality),
        ..prohibited()
    };
    in_message(with(vec![prohibited()]), &[]);
    in_message(with(vec![prohibited(), prohibited()]), &[".extensions[1] duplicate error"]);
    in_message(
        with(vec![ExtensionField { kind: ExtensionType::StandardExplicit(3), ..prohibited() }]),
        &[".extensions[0].type encoding warning"],
    );
    in_message(with(vec![of_number(99, &[])]), &[".extensions[0] unknown notice"]);
    in_message(with(vec![of_number(99, &[1])]), &[".extensions[0] criticality error"]);
    in_message(with(vec![of_number(99, &[2])]), &[".extensions[0] criticality warning"]);
    in_message(with(vec![of_number(3, &[])]), &[".extensions[0].criticality criticality notice"]);
    in_message(
        with(vec![RequestedDeliveryMethod::field(&vec![DeliveryMethod::MHS]).unwrap()]),
        &[".extensions[0] misplaced error"],
    );
    in_message(
        with(vec![ProofOfSubmissionRequest::field(&Requested::REQUESTED).unwrap()]),
        &[".extensions[0] misplaced error"],
    );
    in_message(
        with(vec![ExtensionField { value: None, ..prohibited() }]),
        &[".extensions[0].value missing error"],
    );
    in_message(
        with(vec![ExtensionField { value: Some(raw("16 01 41")), ..prohibited() }]),
        &[".extensions[0].value undecodable error"],
    );
    in_message(
        with(vec![ExtensionField { value: Some(raw("0a 01 07")), ..prohibited() }]),
        &[".extensions[0].value value error"],
    );
    in_message(
        with(vec![LatestDeliveryTime::field(&X400Time::new("never")).unwrap()]),
        &[".extensions[0].value time error"],
    );
    let label = SecurityLabel { privacy_mark: Some("".into()), ..SecurityLabel::default() };
    in_message(
        with(vec![MessageSecurityLabel::field(&label).unwrap()]),
        &[".extensions[0].value.privacy-mark bound error"],
    );
    in_message(
        |envelope| {
            let mut parts = samples::body::part_tokens();
            parts.0[1].body_part_number = 2;
            let mut contents = samples::body::content_tokens();
            contents.0[0].body_part_number = 0;
            envelope.per_recipient_fields[0].extensions = vec![
                BodyPartEncryptionToken::field(&parts).unwrap(),
                ForwardedContentToken::field(&contents).unwrap(),
            ];
        },
        &[
            ".per-recipient-fields[0].extensions[0].value.tokens[1].body-part-number duplicate error",
            ".per-recipient-fields[0].extensions[1].value.tokens[0].body-part-number bound error",
        ],
    );
    in_message(
        |envelope| {
            let modes = DeliveryModes::with(&[0, 1]);
            let twice = vec![DeliveryMethod::MHS, DeliveryMethod::MHS];
            envelope.per_recipient_fields[0].extensions = vec![
                PhysicalDeliveryModes::field(&modes).unwrap(),
                RequestedDeliveryMethod::field(&twice).unwrap(),
            ];
        },
        &[
            ".per-recipient-fields[0].extensions[0].value conflict error",
            ".per-recipient-fields[0].extensions[1].value.methods[1] duplicate error",
        ],
    );
}

#[test]
fn content_types() {
    in_message(
        |envelope| envelope.content_type = ContentType::Unknown(raw("0d 02 04 01")),
        &[".content-type encoding warning"],
    );
    in_message(|envelope| envelope.content_type = ContentType::BuiltIn(-1), &[".content-type bound error"]);
    in_message(|envelope| envelope.content_type = ContentType::BuiltIn(77), &[".content-type value notice"]);
    in_message(|envelope| envelope.priority = Priority(9), &[".priority value error"]);
    in_message(
        |envelope| envelope.unknown.push(RawTlv::from_element(octets("9f 63 00"))),
        &[" unknown warning"],
    );
}

/// what a report says, and of whom.
#[test]
fn reports() {
    in_report(
        |report| report.content.per_recipient_fields.clear(),
        &["content.per-recipient-fields missing error"],
    );
    in_report(
        |report| report.content.per_recipient_fields = [1, 1].map(reported).into(),
        &["content.per-recipient-fields[1].originally-specified-recipient-number duplicate error"],
    );
    in_report(
        |report| report.content.subject_identifier = identifier("REPORT-1"),
        &["content.subject-identifier conflict error"],
    );
    let kind = "content.per-recipient-fields[0].last-trace-information.report-type";
    let of_type = |report_type: ReportType| {
        move |report: &mut Report| {
            report.content.per_recipient_fields[0].last_trace_information.report_type = report_type;
        }
    };
    let code = format!("{kind}.non-delivery-reason-code");
    in_report(of_type(non_delivery(40_000, None)), &[&format!("{code} bound error")]);
    in_report(of_type(non_delivery(-1, None)), &[&format!("{code} bound error")]);
    in_report(of_type(non_delivery(9, None)), &[&format!("{code} value notice")]);
    in_report(
        of_type(non_delivery(1, Some(79))),
        &[&format!("{kind}.non-delivery-diagnostic-code value notice")],
    );
    in_report(of_type(ReportType::Unknown(raw("a2 00"))), &[&format!("{kind} unknown error")]);
    let delivered = |message_delivery_time, type_of_mts_user| {
        ReportType::Delivery(DeliveryReport { message_delivery_time, type_of_mts_user, unknown: vec![] })
    };
    in_report(
        of_type(delivered(time("910530182454Z"), TypeOfMtsUser(7))),
        &[
            &format!("{kind}.type-of-MTS-user value notice"),
            &format!("{kind}.message-delivery-time order warning"),
        ],
    );
    in_report(
        |report| report.content.per_recipient_fields[0].supplementary_information = Some("".into()),
        &["content.per-recipient-fields[0].supplementary-information bound error"],
    );
    in_report(
        |report| {
            report.content.returned_content = Some(Octets::from(&[0xa0, 0][..]));
            report.content.content_type = None;
        },
        &["content.returned-content missing notice"],
    );
    in_report(
        |report| {
            let history =
                vec![OriginatorOrDl { name: person("List"), time: time("910530182455Z"), unknown: vec![] }];
            report.envelope.extensions = vec![OriginatorAndDlExpansionHistory::field(&history).unwrap()];
        },
        &["envelope.extensions[0].value.history bound error"],
    );
}

/// a probe has what a message has, but for the extensions of messages alone.
#[test]
fn probes() {
    let mut wrong = probe();
    wrong.content_length = Some(-1);
    wrong.extensions = vec![LatestDeliveryTime::field(&time("910531000000Z")).unwrap()];
    wrong.per_recipient_fields[0].extensions =
        vec![ProofOfDeliveryRequest::field(&Requested::REQUESTED).unwrap()];
    assert_eq!(
        found(&MtsApdu::Probe(wrong)),
        [
            "envelope.content-length bound error",
            "envelope.extensions[0] misplaced error",
            "envelope.per-recipient-fields[0].extensions[0] misplaced error",
        ]
    );
}

#[test]
fn a_hostile_message_is_judged_in_bounded_words() {
    let mut message = message();
    message.envelope.per_recipient_fields = vec![recipient(0); 5000];
    let found = mts_apdu(&MtsApdu::Message(message));
    assert_eq!(found.len(), MAXIMUM_VIOLATIONS + 1);
    assert_eq!(found.last().unwrap().rule, Rule::Truncated);
    let mut long = report();
    long.envelope.trace_information = trace(&[&"9".repeat(100_000)]);
    assert!(mts_apdu(&MtsApdu::Report(long)).iter().all(|violation| violation.what.len() < 1000));
}
