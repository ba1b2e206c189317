//! Security labels (`labels.toml`).

use rasn::types::Tag;
use rasn_x400::ber;
use rasn_x400::ber::plan::Plan;
use rasn_x400::prim::{Oid, RawTlv};
use rasn_x400::stanag4406::mmhs::{SecurityInformationLabels, SecurityInformationLabelsValue};
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x411::extension::{ContentConfidentialityAlgorithm, Extension, MessageSecurityLabel};
use rasn_x400::x411::security::{AlgorithmIdentifier, SecurityLabel};
use rasn_x400::x420::heading::{Heading, HeadingExtension};
use rasn_x400::x420::ipm_security::{IpmSecurityLabel, IpmSecurityLabelValue};
use serde::Deserialize;
use x400_gateway::mixer::label::{LabelFault, Labels};
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::settings::SecuredForm;
use x400_gateway::mixer::{to_internet, to_x400};

use crate::heading_text::octets_of;
use crate::world::{KIM, World, fields_of};

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

/// Signed data with one signer, who says this label.
fn signed(label: &str) -> String {
    let element = |tag: Tag, contents: Plan| contents.constructed(tag);
    let oid = |text: &str| Plan::value(&text.parse::<Oid>().unwrap()).unwrap();
    let empty = |tag: Tag| Plan::new().constructed(tag);
    let all = |plans: Vec<Plan>| plans.into_iter().collect::<Plan>();
    let label = element(Tag::SET, Plan::from(octets_of(label)));
    let attribute = element(Tag::SEQUENCE, all(vec![oid("1.2.840.113549.1.9.16.2.2"), label]));
    let one = || Plan::value(&1_i64).unwrap();
    let signer = all(vec![
        one(),
        empty(Tag::SEQUENCE),
        empty(Tag::SEQUENCE),
        element(Tag::new_context(0), attribute),
        empty(Tag::SEQUENCE),
        Plan::primitive(Tag::OCTET_STRING, vec![0].into()),
    ]);
    let inside = element(Tag::SEQUENCE, oid("1.2.840.113549.1.7.1"));
    let signers = element(Tag::SET, element(Tag::SEQUENCE, signer));
    let data = element(Tag::SEQUENCE, all(vec![one(), empty(Tag::SET), inside, signers]));
    let info = all(vec![oid("1.2.840.113549.1.7.2"), element(Tag::new_context(0), data)]);
    base64_simd::STANDARD.encode_to_string(element(Tag::SEQUENCE, info).to_vec())
}

/// The label that a signer says is judged, and is that of the message where no other is; both ways, in every form.
// ledger: beyond S-08
#[test]
fn the_label_inside_a_signature_is_judged() {
    const CONFIDENTIAL: &str = "31 06 06 01 29 02 01 03";
    const SECRET: &str = "31 06 06 01 29 02 01 04";
    let file: File = toml::from_str(include_str!("labels.toml")).unwrap();
    let object = |label: &str| {
        let encoded = signed(label);
        format!(
            "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\
             Content-Transfer-Encoding: base64\n\n{encoded}\n"
        )
    };
    let multipart = |label: &str| {
        let encoded = signed(label);
        format!(
            "MIME-Version: 1.0\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n\
             --b\n\nHello.\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\
             Content-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
        )
    };
    let input = |mail: String| to_x400::Input {
        content: mail.replace('\n', "\r\n").into(),
        reverse_path: Some("sender@a.example".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient { number: 1, address: KIM.into(), ..Recipient::default() }],
    };
    for secured in [SecuredForm::File, SecuredForm::BodyPart, SecuredForm::Content] {
        let mut blind = World::new();
        blind.settings.secured = secured;
        let mut world = World::new();
        world.settings.secured = secured;
        world.settings.labels = Some(toml::from_str(&file.policies).unwrap());
        for (mail, number) in [
            (object(CONFIDENTIAL), None),
            (multipart(CONFIDENTIAL), None),
            (object(SECRET), Some(53)),
            (multipart(SECRET), Some(53)),
        ] {
            let there = world.convert(&input(mail.clone()));
            // The way back, with a message that nobody judged on its way there.
            let unjudged = blind.convert(&input(mail)).unwrap();
            let content = unjudged.content.concat().into();
            let back = to_internet::Input { envelope: unjudged.envelope, content, recipients: vec![1] };
            let back = world.convert_back(&back);
            match number {
                None => {
                    let there = there.unwrap();
                    let found = MessageSecurityLabel::find(&there.envelope.extensions).unwrap().unwrap();
                    assert_eq!(found.classification.unwrap().0, 3);
                    let fields = fields_of(&back.unwrap());
                    let label = fields.iter().find(|(name, _)| name == "SIO-Label").unwrap();
                    assert!(label.1.contains("EXAMPLE CONFIDENTIAL"), "{}", label.1);
                }
                Some(number) => {
                    let Err(to_x400::Refusal::Label(there)) = there else { panic!("it passed") };
                    let Err(to_internet::Refusal::Label(back)) = back else { panic!("it came back") };
                    for fault in [there, back] {
                        let diagnostic =
                            fault.non_delivery().diagnostic.map(|diagnostic| diagnostic.number());
                        assert_eq!(diagnostic, Some(number), "{fault}");
                    }
                }
            }
        }
    }
}
