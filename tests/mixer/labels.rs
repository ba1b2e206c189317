//! Security labels (`labels.toml`).

use rasn_x400::ber;
use rasn_x400::prim::RawTlv;
use rasn_x400::stanag4406::mmhs::{SecurityInformationLabels, SecurityInformationLabelsValue};
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x411::extension::{ContentConfidentialityAlgorithm, Extension, MessageSecurityLabel};
use rasn_x400::x411::security::{AlgorithmIdentifier, SecurityLabel};
use rasn_x400::x420::heading::{Heading, HeadingExtension};
use rasn_x400::x420::ipm_security::{IpmSecurityLabel, IpmSecurityLabelValue};
use serde::Deserialize;
use x400_gateway::mixer::label::{LabelFault, Labels};
use x400_gateway::mixer::mail::MailOptions;
use x400_gateway::mixer::{to_internet, to_x400};

use crate::heading_text::octets_of;
use crate::world::{World, fields_of};

#[derive(Deserialize)]
struct File {
    policies: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    x400: String,
    mail: String,
    /// The label inside `mail`, as text.
    xml: Option<String>,
    #[serde(default = "envelope")]
    place: String,
    #[serde(default = "both")]
    way: String,
    /// Settings beside the policies.
    #[serde(default)]
    settings: String,
    /// The number of the diagnostic.
    refused: Option<u16>,
}

fn envelope() -> String {
    "envelope".to_owned()
}

fn both() -> String {
    "both".to_owned()
}

#[test]
fn labels_go_both_ways_or_are_refused() {
    let file: File = toml::from_str(include_str!("labels.toml")).unwrap();
    for case in &file.case {
        let mut world = World::new();
        // Keys of a table come before its sub-tables.
        let text = format!("{}{}", case.settings, file.policies);
        let labels: Labels = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", case.id));
        world.settings.labels = Some(labels);
        if case.way != "to-x400" {
            to_the_internet(case, &world);
        }
        if case.way != "to-internet" {
            to_x400_of(case, &world);
        }
    }
}

fn label(case: &Case) -> SecurityLabel {
    let octets = octets_of(&case.x400);
    ber::decode(&octets, octets.len()).unwrap_or_else(|error| panic!("{}: {error}", case.id))
}

fn to_the_internet(case: &Case, world: &World) {
    let mut envelope = World::new().to_x400("Subject: x\n", MailOptions::default()).envelope;
    envelope.content_type = ContentType::P22;
    let mut heading = Heading::default();
    let label = label(case);
    match case.place.as_str() {
        "envelope" => {
            // As it came, not as it would be written anew.
            let mut field = MessageSecurityLabel::field(&label).unwrap();
            field.value = Some(RawTlv::from_element(octets_of(&case.x400)));
            envelope.extensions.push(field);
        }
        "heading" => heading.extensions.push(
            IpmSecurityLabel::field(&IpmSecurityLabelValue {
                content_security_label: label,
                heading_security_label: None,
                body_part_security_labels: None,
                unknown: Vec::new(),
            })
            .unwrap(),
        ),
        _ => heading.extensions.push(
            SecurityInformationLabels::field(&SecurityInformationLabelsValue {
                content_security_label: label,
                heading_security_label: None,
                body_part_security_labels: None,
                unknown: Vec::new(),
            })
            .unwrap(),
        ),
    }
    match (world.try_to_internet(heading, envelope), case.refused.filter(|number| *number > 0)) {
        (Ok(converted), None) => {
            let fields = fields_of(&converted);
            let place = fields.iter().position(|(name, _)| name == "SIO-Label");
            let place = place.unwrap_or_else(|| panic!("{}: no label", case.id));
            assert_eq!(fields[place].1, case.mail, "{}", case.id);
            // S-23
            let (name, history) = &fields[place + 1];
            assert_eq!(name, "SIO-Label-History", "{}", case.id);
            assert!(
                history.contains("; change=add; changed-by=\"gw.example\"; changed-at=\"Fri, 27 Nov 2026")
            );
        }
        (Err(to_internet::Refusal::Label(fault)), Some(number)) => assert_diagnostic(case, &fault, number),
        (other, _) => panic!("{}: {:?}", case.id, other.map(|converted| fields_of(&converted))),
    }
}

fn to_x400_of(case: &Case, world: &World) {
    let mut value = case.mail.clone();
    if let Some(xml) = &case.xml {
        let digits = base64_simd::STANDARD.encode_to_string(xml.trim());
        let sections = digits.as_bytes().chunks(60).enumerate();
        let sections: Vec<_> = sections
            .map(|(number, section)| format!("label*{number}=\"{}\"", std::str::from_utf8(section).unwrap()))
            .collect();
        value = value.replace("label=", &sections.join("; "));
    }
    let header = if value.is_empty() { "Subject: x\n".to_owned() } else { format!("SIO-Label: {value}\n") };
    match (world.try_to_x400(&header, MailOptions::default()), case.refused.filter(|number| *number > 0)) {
        (Ok(converted), None) => {
            let found = MessageSecurityLabel::find(&converted.envelope.extensions).unwrap();
            if case.refused.is_none() {
                assert_eq!(found, Some(label(case)), "{}", case.id);
            }
        }
        (Err(to_x400::Refusal::Label(fault)), Some(number)) => assert_diagnostic(case, &fault, number),
        (other, _) => panic!("{}: {:?}", case.id, other.map(|converted| converted.envelope)),
    }
}

fn assert_diagnostic(case: &Case, fault: &LabelFault, number: u16) {
    let diagnostic = fault.non_delivery().diagnostic.map(|diagnostic| diagnostic.number());
    assert_eq!(diagnostic, Some(number), "{}: {fault}", case.id);
}

// ledger: beyond S-24 S-25
#[test]
fn of_two_labels_the_higher_counts_or_neither() {
    let label = |octets: &str| -> SecurityLabel {
        let octets = octets_of(octets);
        ber::decode(&octets, octets.len()).unwrap()
    };
    let file: File = toml::from_str(include_str!("labels.toml")).unwrap();
    for (conflict, one, two, marking) in [
        ("higher", "31 06 06 01 29 02 01 01", "31 06 06 01 29 02 01 03", Some("EXAMPLE CONFIDENTIAL")),
        ("higher", "31 06 06 01 29 02 01 03", "31 06 06 01 29 02 01 0B", Some("EXAMPLE CONFIDENTIAL")),
        ("higher", "31 06 06 01 29 02 01 03", "31 06 06 01 2A 02 01 64", None),
        ("refuse", "31 06 06 01 29 02 01 01", "31 06 06 01 29 02 01 03", None),
        ("refuse", "31 06 06 01 29 02 01 03", "31 06 06 01 29 02 01 03", Some("EXAMPLE CONFIDENTIAL")),
    ] {
        let mut world = World::new();
        let text = format!("conflict = \"{conflict}\"\n{}", file.policies);
        world.settings.labels = Some(toml::from_str(&text).unwrap());
        let mut envelope = World::new().to_x400("Subject: x\n", MailOptions::default()).envelope;
        envelope.content_type = ContentType::P22;
        envelope.extensions.push(MessageSecurityLabel::field(&label(one)).unwrap());
        let mut heading = Heading::default();
        let value = IpmSecurityLabelValue {
            content_security_label: label(two),
            heading_security_label: None,
            body_part_security_labels: None,
            unknown: Vec::new(),
        };
        heading.extensions.push(IpmSecurityLabel::field(&value).unwrap());
        let found = world.try_to_internet(heading, envelope).ok().map(|converted| {
            fields_of(&converted).into_iter().find(|(name, _)| name == "SIO-Label").unwrap().1
        });
        assert_eq!(found.is_some(), marking.is_some(), "{conflict} {one} {two}");
        assert!(found.unwrap_or_default().contains(marking.unwrap_or_default()), "{conflict} {one} {two}");
    }
}

// ledger: beyond S-25
#[test]
fn a_table_that_names_what_is_not_there_is_refused() {
    for text in [
        "default-policy = \"x\"\n",
        "default-class = \"x\"\n",
        "[[policy]]\nname = \"a\"\noid = \"1.1\"\nclearance = \"x\"\n",
        "[[policy]]\nname = \"a\"\noid = \"one\"\n",
        "[[policy]]\nname = \"a\"\noid = \"1.1\"\nclass = [{ number = 1, name = \"x\", foreground = \"beige\" }]\n",
        "[[policy]]\nname = \"a\"\noid = \"1.1\"\nclass = [{ number = 1, name = \"x\", same-as = [\"b:y\"] }]\n",
    ] {
        toml::from_str::<Labels>(text).unwrap_err();
    }
}

// ledger: beyond S-27
#[test]
fn what_is_encrypted_for_its_recipient_does_not_become_a_mail() {
    let mut envelope = World::new().to_x400("Subject: x\n", MailOptions::default()).envelope;
    envelope.content_type = ContentType::P22;
    let algorithm = AlgorithmIdentifier { algorithm: "1.2.3".parse().unwrap(), parameters: None };
    envelope.extensions.push(ContentConfidentialityAlgorithm::field(&algorithm).unwrap());
    let refusal = World::new().try_to_internet(Heading::default(), envelope).unwrap_err();
    let diagnostic = refusal.failure().non_delivery().diagnostic.map(|diagnostic| diagnostic.number());
    assert_eq!(diagnostic, Some(46), "{refusal}");
}
