//! P1 for systems of 1984: what is left out, what cannot be, and that the octets are those of that edition. The octets are
//! judged by asn1ct, which knows nothing of later editions here (tests/schema.rs).

#![allow(clippy::unwrap_used, reason = "tests")]

#[allow(dead_code, reason = "made for another test")]
#[path = "forms/samples.rs"]
mod samples;

use rasn_x400::prim::ListAsSet;
use rasn_x400::validate::{Rule, Severity};
use rasn_x400::x411::address::*;
use rasn_x400::x411::edition1984::{beyond_1984, downgrade};
use rasn_x400::x411::envelope::*;
use rasn_x400::x411::extension::*;
use rasn_x400::x411::physical::ExplicitConversion;
use rasn_x400::x411::report::*;
use rasn_x400::x411::trace::OtherActions;
use rasn_x400::x419::MtsApdu;

use samples::plain;
use samples::x411::{apdus, person};

fn envelope(apdu: MtsApdu) -> MessageTransferEnvelope {
    match apdu {
        MtsApdu::Message(message) => message.envelope,
        other => panic!("not a message: {other:?}"),
    }
}

fn message(change: impl FnOnce(&mut MessageTransferEnvelope)) -> MtsApdu {
    let mut message = plain::message();
    message.envelope.content_type = ContentType::P2;
    change(&mut message.envelope);
    MtsApdu::Message(message)
}

/// Places and words of what is lost.
#[track_caller]
fn lost(apdu: MtsApdu) -> Vec<String> {
    let downgraded = downgrade(apdu).unwrap();
    assert_eq!(beyond_1984(&downgraded.apdu), [], "what is left is of 1984");
    downgraded.lost.iter().map(|lost| format!("{}: {}", lost.place, lost.what)).collect()
}

#[test]
fn what_is_of_1984_stays_as_it_is() {
    let apdu = message(|_| ());
    assert_eq!(beyond_1984(&apdu), []);
    let downgraded = downgrade(apdu.clone()).unwrap();
    assert_eq!((downgraded.apdu, downgraded.lost), (apdu, vec![]));
}

#[test]
fn what_the_originator_can_do_without_is_left_out() {
    let apdu = message(|envelope| {
        let history = vec![samples::x411::expansion()];
        envelope.extensions = vec![DlExpansionHistory::field(&history).unwrap()];
        envelope.originator_name.directory_name = Some(samples::raw("30 00"));
        envelope.original_encoded_information_types = Some(samples::x411::encoded_types());
        envelope.per_message_indicators = PerMessageIndicators::with(&[1, 7]);
        envelope.trace_information[0].supplied.other_actions = OtherActions::with(&[0]);
        envelope.per_recipient_fields[0].explicit_conversion = Some(ExplicitConversion::TELETEX_TO_VIDEOTEX);
    });
    assert_eq!(
        lost(apdu.clone()),
        [
            "envelope.originator-name: a directory name",
            "envelope.original-encoded-information-types: 1.3.6.1.7.1.3.5, 1.0.10021.7.1.0.100 became unknown (0)",
            "envelope.per-message-indicators: bits from 4 on",
            "envelope.trace-information[0].other-actions: redirected",
            "envelope.extensions[0]: dl-expansion-history",
            "envelope.per-recipient-fields[0].explicit-conversion: teletex-to-videotex(14)",
        ]
    );
    let before = beyond_1984(&apdu);
    assert!(
        before
            .iter()
            .all(|violation| violation.rule == Rule::Edition && violation.severity == Severity::Warning)
    );
    assert_eq!(before.len(), 6);
    let after = envelope(downgrade(apdu).unwrap().apdu);
    let types = after.original_encoded_information_types.unwrap();
    assert!(types.built_in.has(BuiltInEncodedInformationTypes::UNKNOWN) && types.extended.is_none());
    assert_eq!(after.per_message_indicators, PerMessageIndicators::with(&[1]));
}

/// RFC 1328 3.2: the common name, and what else may stand in an address of 1988.
#[test]
fn addresses() {
    let with = |attributes: Vec<ExtensionAttribute>| {
        message(|envelope| {
            let fields = attributes.iter().map(|attribute| attribute.field().unwrap()).collect();
            envelope.originator_name.extension = Some(ListAsSet(fields));
        })
    };
    use ExtensionAttribute as E;
    let common = with(vec![
        E::CommonName("Postmaster".into()),
        E::TeletexCommonName("Postmaster".into()),
        E::TeletexOrganization("UCL".into()),
    ]);
    assert_eq!(lost(common.clone()).len(), 3);
    let name = envelope(downgrade(common).unwrap().apdu).originator_name;
    let attribute = DomainDefinedAttribute { kind: "Common".into(), value: "Postmaster".into() };
    assert_eq!(name, OrName { domain_defined: Some(vec![attribute]), ..person("Kille") });

    let postal = with(vec![E::PostalCode(DomainName::from_text("WC1E 6BT"))]);
    let error = downgrade(postal).unwrap_err();
    assert_eq!(
        error.to_string(),
        "envelope.originator-name: extension attribute 9, without which the address is another one"
    );
    let universal = with(vec![E::UniversalCommonName(UniversalOrBmp::from_text("Ταχυδρόμος"))]);
    downgrade(universal).unwrap_err();
    let mut full = message(|_| ());
    if let MtsApdu::Message(message) = &mut full {
        let name = &mut message.envelope.originator_name;
        let attribute = DomainDefinedAttribute { kind: "a".into(), value: "b".into() };
        name.domain_defined = Some(vec![attribute; 4]);
        name.extension = Some(ListAsSet(vec![E::CommonName("x".into()).field().unwrap()]));
    }
    downgrade(full).unwrap_err();
}

#[test]
fn what_must_be_understood_makes_it_impossible() {
    let critical = message(|envelope| {
        envelope.extensions = vec![DlExpansionProhibited::field(&Prohibited::PROHIBITED).unwrap()];
    });
    let error = downgrade(critical.clone()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "envelope.extensions[0]: dl-expansion-prohibited is critical, and there are no extensions in 1984"
    );
    assert_eq!(beyond_1984(&critical)[0].severity, Severity::Error);
    // Critical for submission only: that is over.
    let submission = message(|envelope| {
        let alternate = OriginatorRequestedAlternateRecipient::field(&person("Alternate")).unwrap();
        envelope.per_recipient_fields[0].extensions = vec![alternate];
    });
    assert_eq!(
        lost(submission),
        ["envelope.per-recipient-fields[0].extensions[0]: \
                                   originator-requested-alternate-recipient"]
    );
    for content_type in
        [ContentType::P22, ContentType::EXTERNAL, ContentType::Extended(rasn_x400::oids::CONTENT_P772)]
    {
        downgrade(message(|envelope| envelope.content_type = content_type)).unwrap_err();
    }
    // X.435 gives its content a number that systems of 1984 carry.
    assert_eq!(lost(message(|envelope| envelope.content_type = ContentType::P35)), [""; 0]);
}

#[test]
fn reports_know_fewer_codes() {
    let mut report = plain::report();
    let fields = &mut report.content.per_recipient_fields[0];
    fields.last_trace_information.report_type = ReportType::NonDelivery(NonDeliveryReport {
        reason_code: 6,
        diagnostic_code: Some(47),
        unknown: vec![],
    });
    let postal = ExtensionAttribute::PostalCode(DomainName::from_text("1")).field().unwrap();
    fields.originally_intended_recipient_name =
        Some(OrName { extension: Some(ListAsSet(vec![postal])), ..person("Intended") });
    report.content.content_type = Some(ContentType::P22);
    let recipient = "content.per-recipient-fields[0]";
    assert_eq!(
        lost(MtsApdu::Report(report.clone())),
        [
            "content.content-type: reports of 1984 do not say it".to_owned(),
            format!(
                "{recipient}.originally-intended-recipient-name: \
                 extension attribute 9, without which the address is another one"
            ),
            format!(
                "{recipient}.last-trace-information.report-type.non-delivery-reason-code: \
                 6 became unable-to-transfer (1)"
            ),
            format!("{recipient}.last-trace-information.report-type.non-delivery-diagnostic-code: 47"),
        ]
    );
    let MtsApdu::Report(after) = downgrade(MtsApdu::Report(report)).unwrap().apdu else {
        panic!("not a report");
    };
    assert_eq!(after.content.per_recipient_fields[0].originally_intended_recipient_name, None);
}

#[test]
fn the_rich_samples_are_all_beyond() {
    for apdu in apdus() {
        assert!(beyond_1984(&apdu).len() > 10);
    }
}
