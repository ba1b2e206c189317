//! Routing tables as data: rules, recipients, and which rule decides.

#![allow(clippy::unwrap_used)]

use rasn_x400::x411::address::text;

use super::*;
use crate::status::{NonDeliveryDiagnostic, NonDeliveryReason};

const ANY: &str = "";

fn address(text: &str) -> KeyedAddress {
    if text.is_empty() { KeyedAddress::default() } else { text::parse(text).unwrap() }
}

fn name(text: &str) -> OrName {
    address(text).to_or_name().unwrap()
}

fn rule(written: &str, conditions: Conditions, to: &str) -> Rule {
    Rule {
        address: address(written),
        conditions,
        action: Action::Transfer(vec![to.to_owned()]),
        called: None,
    }
}

fn table(rules: Vec<Rule>) -> Table {
    let own = GlobalDomainIdentifier::new("XX", "example", Some("gateway"));
    Table::new(rules, &own, &BTreeMap::from([("826".to_owned(), "GB".to_owned())]))
}

fn traits() -> Traits {
    Traits {
        content_type: Some(ContentType::P22),
        length: 1000,
        priority: Priority::NORMAL,
        own_domain_is_internet: true,
    }
}

fn decided(table: &Table, recipient: &str, traits: &Traits) -> String {
    match table.route(&name(recipient), traits).action {
        Some(Action::Transfer(peers)) => peers.join(","),
        Some(Action::Internet) => "internet".into(),
        Some(action) => action.to_string(),
        None => "nowhere".into(),
    }
}

#[test]
fn the_longest_match_decides() {
    let rules = [
        (ANY, "default"),
        ("/C=GB/", "country"),
        ("/ADMD=Gold 400/C=GB/", "admd"),
        ("/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "prmd"),
        ("/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "organization"),
        ("/OU=CS/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "unit"),
        ("/OU=Lab/OU=CS/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "unit below"),
        ("/S=Kille/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "surname"),
        ("/G=Steve/S=Kille/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "whole name"),
        ("/DD.printer=laser/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "domain-defined"),
        ("/PRMD=any/ADMD= /C=DE/", "any admd"),
        ("/PRMD=any/ADMD=dbp/C=DE/", "this admd"),
        ("/X121=234219200300/", "network address"),
    ];
    let rules = rules.map(|(written, to)| rule(written, Conditions::default(), to));
    // recipient, who gets it
    let cases = [
        ("/S=x/ADMD=x/C=FR/", "default"),
        ("/S=x/ADMD=other/C=GB/", "country"),
        ("/S=x/ADMD=other/C=826/", "country"),
        ("/S=x/ADMD=GOLD  400/C=gb/", "admd"),
        ("/S=x/PRMD=uk.ac/ADMD=Gold 400/C=GB/", "prmd"),
        // A PRMD that every ADMD reaches.
        ("/S=x/PRMD=UK.AC/ADMD= /C=GB/", "prmd"),
        ("/S=x/O=ucl/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "organization"),
        ("/S=x/OU=cs/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "unit"),
        // Units are a path: `Lab` below `CS`, and `CS` below `Lab`, which no rule knows.
        ("/S=x/OU=Lab/OU=CS/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "unit below"),
        ("/S=x/OU=CS/OU=Lab/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "organization"),
        ("/S=kille/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "surname"),
        ("/G=Steve/S=Kille/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "whole name"),
        // As many attributes, but deeper.
        ("/DD.printer=laser/S=Kille/O=UCL/PRMD=UK.AC/ADMD=Gold 400/C=GB/", "domain-defined"),
        ("/S=x/PRMD=any/ADMD=dbp/C=DE/", "this admd"),
        ("/S=x/PRMD=any/ADMD=viag/C=DE/", "any admd"),
        ("/X121=234219200300/ADMD=x/C=FR/", "network address"),
        // Our own domain, and one that looks like it.
        ("/S=x/PRMD=gateway/ADMD=example/C=XX/", "internet"),
        ("/S=x/ADMD=example/C=XX/", "default"),
    ];
    for (recipient, expected) in cases {
        assert_eq!(decided(&table(rules.to_vec()), recipient, &traits()), expected, "{recipient}");
        // The order of the rules does not matter.
        let reversed: Vec<Rule> = rules.iter().rev().cloned().collect();
        assert_eq!(decided(&table(reversed), recipient, &traits()), expected, "{recipient}, reversed");
    }
}

#[test]
fn conditions_on_the_message_come_after_the_address() {
    let only = |content_types: &[ContentType], larger_than, priority| Conditions {
        content_types: content_types.to_vec(),
        larger_than,
        priority,
    };
    let table = table(vec![
        rule(ANY, Conditions::default(), "default"),
        rule(ANY, only(&[], Some(1_000_000), None), "large"),
        rule(ANY, only(&[], Some(5_000_000), None), "larger"),
        rule(ANY, only(&[], None, Some(Priority::URGENT)), "urgent"),
        rule(ANY, only(&[ContentType::P35], None, None), "edi"),
        rule(ANY, only(&[ContentType::P35], None, Some(Priority::URGENT)), "urgent edi"),
        rule("/C=GB/", Conditions::default(), "country"),
    ]);
    let of = |content_type: ContentType, length, priority| Traits {
        content_type: Some(content_type),
        length,
        priority,
        ..traits()
    };
    let cases = [
        ("FR", traits(), "default"),
        ("FR", of(ContentType::P22, 1_000_000, Priority::NORMAL), "default"),
        ("FR", of(ContentType::P22, 1_000_001, Priority::NORMAL), "large"),
        ("FR", of(ContentType::P22, 6_000_000, Priority::NON_URGENT), "larger"),
        ("FR", of(ContentType::P22, 1, Priority::URGENT), "urgent"),
        ("FR", of(ContentType::P35, 6_000_000, Priority::NORMAL), "edi"),
        ("FR", of(ContentType::P35, 1, Priority::URGENT), "urgent edi"),
        ("GB", of(ContentType::P35, 6_000_000, Priority::URGENT), "country"),
        ("FR", Traits { content_type: None, ..traits() }, "default"),
    ];
    for (country, traits, expected) in cases {
        assert_eq!(decided(&table, &format!("/S=x/ADMD=x/C={country}/"), &traits), expected, "{traits:?}");
    }
}

#[test]
fn our_own_domain_gives_way_to_rules_as_specific() {
    let own = "/PRMD=gateway/ADMD=example/C=XX/";
    let recipient = "/S=x/O=y/PRMD=gateway/ADMD=example/C=XX/";
    let from_mail = Traits { own_domain_is_internet: false, ..traits() };
    // rules, who gets what comes over P1, who gets mail
    let cases = [
        (vec![], "internet", "nowhere"),
        (vec![(ANY, "hub")], "internet", "hub"),
        (vec![("/ADMD=example/C=XX/", "hub")], "internet", "hub"),
        (vec![(own, "hub")], "hub", "hub"),
        (vec![("/O=y/PRMD=gateway/ADMD=example/C=XX/", "hub")], "hub", "hub"),
        (vec![("/O=z/PRMD=gateway/ADMD=example/C=XX/", "hub")], "internet", "nowhere"),
    ];
    for (rules, over_p1, mail) in cases {
        let table = table(rules.into_iter().map(|(at, to)| rule(at, Conditions::default(), to)).collect());
        assert_eq!(decided(&table, recipient, &traits()), over_p1);
        assert_eq!(decided(&table, recipient, &from_mail), mail);
    }
}

#[test]
fn rules_for_the_same_messages_are_found() {
    let urgent = Conditions { priority: Some(Priority::URGENT), ..Conditions::default() };
    let types = |kinds: &[ContentType]| Conditions { content_types: kinds.to_vec(), ..Conditions::default() };
    let table = table(vec![
        rule("/ADMD=x/C=GB/", Conditions::default(), "a"),
        rule("/ADMD=X/C=826/", Conditions::default(), "b"),
        rule("/ADMD=x/C=GB/", urgent, "c"),
        rule(ANY, types(&[ContentType::P2, ContentType::P22]), "d"),
        rule(ANY, types(&[ContentType::P22]), "e"),
        rule(ANY, types(&[ContentType::P35]), "f"),
    ]);
    let same: Vec<_> = (1..=6).map(|number| table.same_as(number)).collect();
    assert_eq!(same, [None, Some(1), None, None, Some(4), None]);
}

#[test]
fn recipients_to_whom_nothing_leads() {
    let refuse = |written: &str, conditions| Rule {
        action: Action::Refuse {
            non_delivery: NonDelivery { reason: NonDeliveryReason::UnableToTransfer, diagnostic: None },
            text: "no".into(),
        },
        ..rule(written, conditions, "")
    };
    let urgent = || Conditions { priority: Some(Priority::URGENT), ..Conditions::default() };
    let table = table(vec![
        rule("/C=GB/", Conditions::default(), "country"),
        refuse("/ADMD=no/C=GB/", Conditions::default()),
        refuse("/ADMD=small/C=GB/", urgent()),
        refuse("/ADMD=urgent/C=FR/", Conditions::default()),
        rule("/ADMD=urgent/C=FR/", urgent(), "urgent"),
    ]);
    let cases = [
        ("/S=a/ADMD=x/C=GB/", true),
        ("/S=a/ADMD=no/C=GB/", false),
        ("/S=a/ADMD=small/C=GB/", true),
        ("/S=a/ADMD=urgent/C=FR/", true),
        ("/S=a/ADMD=x/C=FR/", false),
        ("/S=a/PRMD=gateway/ADMD=example/C=XX/", false),
    ];
    for (recipient, leads) in cases {
        assert_eq!(table.leads_anywhere(&name(recipient)), leads, "{recipient}");
    }
}

#[test]
fn a_decision_explains_itself() {
    let refusal = Action::Refuse {
        non_delivery: NonDelivery {
            reason: NonDeliveryReason::UnableToTransfer,
            diagnostic: Some(NonDeliveryDiagnostic::NoBilateralAgreement),
        },
        text: "not any more".into(),
    };
    let table = table(vec![
        Rule {
            address: address("/PRMD=navy/ADMD=x/C=XX/"),
            conditions: Conditions { larger_than: Some(9), ..Conditions::default() },
            action: Action::Transfer(vec!["hub".into(), "backup".into()]),
            called: None,
        },
        Rule {
            address: address("/ADMD=y/C=XX/"),
            conditions: Conditions::default(),
            action: refusal,
            called: None,
        },
        Rule {
            address: address("/ADMD=z/C=XX/"),
            conditions: Conditions::default(),
            action: Action::Redirect(Box::new(name("/S=b/ADMD=x/C=XX/"))),
            called: None,
        },
    ]);
    let cases = [
        (
            "/S=a/PRMD=navy/ADMD=x/C=XX/",
            "route 1 (/PRMD=navy/ADMD=x/C=XX/, over 9 octets): to hub, else to backup",
        ),
        (
            "/S=a/ADMD=y/C=XX/",
            "route 2 (/ADMD=y/C=XX/): refused: not any more (Reason 1 (Unable-To-Transfer); Diagnostic 17 \
             (No-Bilateral-Agreement))",
        ),
        ("/S=a/ADMD=z/C=XX/", "route 3 (/ADMD=z/C=XX/): redirected to /S=b/ADMD=x/C=XX/"),
        ("/S=a/PRMD=gateway/ADMD=example/C=XX/", "our own management domain: to the Internet side"),
        ("/S=a/ADMD=q/C=FR/", "no route"),
    ];
    for (recipient, said) in cases {
        assert_eq!(table.route(&name(recipient), &traits()).to_string(), said);
    }
    assert!(table.same_recipient(&name("/S=A/ADMD=q/C=GB/"), &name("/S=a/ADMD=Q/C=826/")));
    assert!(!table.same_recipient(&name("/S=A/ADMD=q/C=GB/"), &name("/S=b/ADMD=q/C=GB/")));
}
