//! What is the same when it comes again, and what is not.

use super::super::identity::Identity as Identified;
use super::*;

const TO: [&str; 3] =
    ["/S=one/PRMD=a/ADMD=x/C=XX/", "-/S=two/PRMD=b/ADMD=x/C=XX/", "/S=three/PRMD=b/ADMD=x/C=XX/"];

fn identified(apdu: &Apdu) -> Identified {
    Identified::of(apdu, &us()).unwrap().unwrap()
}

/// Something done to an envelope.
type Change = fn(&mut MessageTransferEnvelope);

#[test]
fn a_message_is_told_from_others_by_kind_domain_identifier_and_recipients() {
    let usual = identified(&apdu(message(&TO)));
    assert_eq!(usual.recipients.len(), 2, "those we answer for");
    // what is changed, and whether the name and the recipients are the same then
    let table: [(&str, Change, bool, bool); 13] = [
        ("nothing", |_| {}, true, true),
        (
            "case and spaces of the domain",
            |envelope| {
                let domain = GlobalDomainIdentifier::new("xx", " X ", Some("  ORIGIN"));
                envelope.message_identifier.domain = domain;
            },
            true,
            true,
        ),
        ("what is asked", |envelope| envelope.priority = Priority::URGENT, true, true),
        (
            "another way, which is a longer trace",
            |envelope| {
                let other = Identity { domain: GlobalDomainIdentifier::new("XX", "y", None), ..us() };
                let element = external_element(&other, &passage());
                envelope.trace_information.push(element);
            },
            true,
            true,
        ),
        (
            "the case of the local identifier",
            |envelope| envelope.message_identifier.local_identifier = "M1".into(),
            false,
            true,
        ),
        (
            "a space in it",
            |envelope| envelope.message_identifier.local_identifier = "m1 ".into(),
            false,
            true,
        ),
        (
            "the country",
            |envelope| {
                envelope.message_identifier.domain = GlobalDomainIdentifier::new("YY", "x", Some("origin"));
            },
            false,
            true,
        ),
        (
            "no private domain",
            |envelope| {
                envelope.message_identifier.domain = GlobalDomainIdentifier::new("XX", "x", None);
            },
            false,
            true,
        ),
        (
            "the domain's names in other places",
            |envelope| {
                envelope.message_identifier.domain = GlobalDomainIdentifier::new("XX", "origin", Some("x"));
            },
            false,
            true,
        ),
        (
            "it was here before",
            |envelope| {
                let element = external_element(&us(), &passage());
                envelope.trace_information.push(element);
            },
            false,
            true,
        ),
        (
            "a recipient's number",
            |envelope| envelope.per_recipient_fields[2].originally_specified_recipient_number = 99,
            true,
            false,
        ),
        (
            "a recipient's name",
            |envelope| {
                envelope.per_recipient_fields[0].recipient_name = name("/S=other/PRMD=a/ADMD=x/C=XX/");
            },
            true,
            false,
        ),
        (
            "a copy for others",
            |envelope| {
                for (fields, ours) in envelope.per_recipient_fields.iter_mut().zip([false, true, false]) {
                    dispatch::set_responsibility(&mut fields.per_recipient_indicators, ours);
                }
            },
            true,
            false,
        ),
    ];
    for (what, change, same_name, same_recipients) in table {
        let mut envelope = message(&TO);
        change(&mut envelope);
        let changed = identified(&apdu(envelope));
        assert_eq!(changed.name == usual.name, same_name, "{what}");
        assert_eq!(changed.recipients == usual.recipients, same_recipients, "{what}");
    }
    let probe = identified(&Apdu::Probe(Box::new(probe(&TO))));
    assert_eq!(probe.recipients, usual.recipients);
    assert_ne!(probe.name, usual.name, "a probe with the identifier of a message");
}

fn passage() -> Passage {
    Passage { arrival: x400_time(ARRIVAL), deferred: None, attempted: Vec::new(), redirected: false }
}

/// A loop is found and reported, however often it goes round, and not mistaken for a repetition.
#[test]
fn what_left_here_and_comes_back_is_not_a_repetition() {
    let came = apdu(message(&TO));
    let (back, _) = sent(&dispatched(&came).copies[0], &[]);
    assert_ne!(identified(&back).name, identified(&came).name);
}

#[test]
fn an_identifier_that_is_too_long_to_be_one_is_not_remembered() {
    let mut envelope = message(&TO);
    envelope.message_identifier.local_identifier = "m".repeat(2000).as_str().into();
    assert_eq!(Identified::of(&apdu(envelope), &us()).unwrap(), None);
}
