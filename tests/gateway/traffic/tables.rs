//! `headers.toml`, `bodies.toml` and `policies.toml`: one message, or none, for each case.

use rasn_x400::ber;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::body::BodyPart;
use serde::Deserialize;
use time::macros::datetime;
use x400_gateway::message::Message;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::charset::decode_words;
use x400_gateway::mixer::loss::Losses;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::settings::Military;
use x400_gateway::mixer::{AddressContext, Context, Settings, to_internet, to_x400};
use x400_gateway::rules::Rules;
use x400_gateway::rules::pattern::Party;
use x400_gateway::rules::traffic::{Traffic, Way};

/// Ten lines, so that the first rule of a case stands in line 11.
const RULES: &str = r#"[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=gb"
route_unmapped = "encapsulate"
encapsulate_via = "P=relay; A=Gold 400; C=gb"

[[equivalence]]
domain = "x400.example"
or = "P=demo; A=x400; C=XX"

"#;

const SENDER: &str = "ada@internet.example";
const RECIPIENT: &str = "hopper@navy.x400.example";

#[derive(Deserialize)]
struct Table<T> {
    case: Vec<T>,
}

fn cases<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    toml::from_str::<Table<T>>(text).unwrap().case
}

fn load(rules: &str) -> Result<Rules, String> {
    let text = format!("{RULES}{rules}");
    let loaded = Rules::load("rules.toml", &|_| Ok(text.clone()));
    loaded.map(|loaded| loaded.rules).map_err(|rejected| {
        let rendered = rejected.diagnostics.iter().map(|one| one.render(&rejected.sources));
        rendered.collect::<Vec<_>>().join("\n")
    })
}

fn settings(military: Military) -> Settings {
    let domain = GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw"));
    Settings { military, ..Settings::new(domain, "gw-mta", "gw.example") }
}

/// The settings that rules make for the mail, by way of the peer `hub`.
fn changed(rules: &Rules, way: Way, settings: &Settings) -> Settings {
    let mapper = Mapper::new(rules);
    let name = |address, context| mapper.to_or(address, context).unwrap().name;
    let (sender, recipient) =
        (name(SENDER, AddressContext::ReturnPath), name(RECIPIENT, AddressContext::Recipient));
    let [sender, recipient] = [(SENDER, sender), (RECIPIENT, recipient)]
        .map(|(address, name)| Party::new(Some(address), Some(&name), rules.countries()));
    let traffic = Traffic {
        way,
        peers: &["hub"],
        from: &sender,
        to: &recipient,
        length: Some(100),
        content_type: None,
        labels: None,
    };
    rules.settings(&rules.selection(&traffic), settings)
}

fn mail_to_x400(
    rules: &Rules,
    settings: &Settings,
    mail: &str,
) -> Result<to_x400::Converted, to_x400::Refusal> {
    let input = to_x400::Input {
        content: mail.replace('\n', "\r\n").into_bytes().into(),
        reverse_path: Some(SENDER.to_owned()),
        options: MailOptions::default(),
        recipients: vec![Recipient {
            number: 1,
            address: RECIPIENT.to_owned(),
            notify: None,
            original_recipient: None,
        }],
    };
    to_x400::to_x400(&input, &context(&Mapper::new(rules), settings))
}

fn context<'a>(mapper: &'a Mapper<'a>, settings: &'a Settings) -> Context<'a> {
    let now = datetime!(2026-11-27 12:00 UTC);
    Context { mapper, settings, message_identifier: "M1", now }
}

fn back(
    rules: &Rules,
    settings: &Settings,
    converted: &to_x400::Converted,
) -> (Vec<(String, String)>, Losses) {
    let input = to_internet::Input {
        envelope: converted.envelope.clone(),
        content: converted.content.concat().into(),
        recipients: vec![1],
    };
    let mail = to_internet::to_internet(&input, &context(&Mapper::new(rules), settings)).unwrap();
    let message = Message::parse(mail.content.to_vec().into());
    let fields = message.header().fields().iter();
    let fields = fields.map(|field| (field.name.clone(), decode_words(&field.value).into_owned()));
    (fields.collect(), mail.losses)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[derive(Default)]
struct HeaderCase {
    name: String,
    rules: String,
    military: Military,
    mail: Vec<String>,
    there: Vec<String>,
    not_there: Vec<String>,
    back: Vec<String>,
    not_back: Vec<String>,
    lost: Vec<String>,
    lost_back: Vec<String>,
}

#[test]
fn header_rules() {
    for case in cases::<HeaderCase>(include_str!("../../rules/headers.toml")) {
        let name = &case.name;
        let rules = load(&case.rules).unwrap_or_else(|report| panic!("{name}: {report}"));
        let plain = settings(case.military);
        let mail = format!(
            "From: {SENDER}\nTo: {RECIPIENT}\nMessage-ID: <1@internet.example>\nDate: Fri, 27 Nov 2026 12:00:00 +0000\n{}\n\nHello.\n",
            case.mail.join("\n")
        );
        let converted = mail_to_x400(&rules, &changed(&rules, Way::ToX400, &plain), &mail).unwrap();
        // As any other gateway reads it, and as this one does.
        let (there, _) = back(&rules, &plain, &converted);
        let (came_back, lost_back) = back(&rules, &changed(&rules, Way::ToInternet, &plain), &converted);
        for (fields, has, has_not) in
            [(&there, &case.there, &case.not_there), (&came_back, &case.back, &case.not_back)]
        {
            let written: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            for field in has {
                let count = written.iter().filter(|known| *known == field).count();
                assert_eq!(count, 1, "{name}: {field} in {written:#?}");
            }
            for field in has_not {
                assert!(!fields.iter().any(|(known, _)| known == field), "{name}: {field} in {written:#?}");
            }
        }
        for (losses, expected) in [(&converted.losses, &case.lost), (&lost_back, &case.lost_back)] {
            let losses: Vec<String> = losses.as_slice().iter().map(ToString::to_string).collect();
            for loss in expected {
                assert!(losses.iter().any(|known| known.contains(loss)), "{name}: {loss} in {losses:#?}");
            }
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct BodyCase {
    name: String,
    rules: String,
    parts: Vec<String>,
    lost: Vec<String>,
    refused: String,
}

const WITH_A_FILE: &str = "From: ada@internet.example\nTo: hopper@navy.x400.example\nSubject: s\nMIME-Version: 1.0\n\
    Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\nContent-Type: application/pdf\n\
    Content-Disposition: attachment; filename=plan.pdf\nContent-Transfer-Encoding: base64\n\n\
    MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw\n--b--\n";

#[test]
fn rules_about_bodies() {
    for case in cases::<BodyCase>(include_str!("../../rules/bodies.toml")) {
        let name = &case.name;
        let rules = load(&case.rules).unwrap_or_else(|report| panic!("{name}: {report}"));
        let settings = changed(&rules, Way::ToX400, &settings(Military::Never));
        let converted = match mail_to_x400(&rules, &settings, WITH_A_FILE) {
            Ok(converted) => converted,
            Err(refusal) => {
                let refusal = refusal.to_string();
                assert!(!case.refused.is_empty() && refusal.contains(&case.refused), "{name}: {refusal}");
                continue;
            }
        };
        let content = converted.content.concat();
        let InformationObject::Ipm(ipm) = ber::decode(&content, content.len()).unwrap() else {
            panic!("{name}: no message")
        };
        let parts: Vec<&str> = ipm.body.iter().map(kind).collect();
        assert_eq!(parts, case.parts, "{name}");
        let losses: Vec<String> = converted.losses.as_slice().iter().map(ToString::to_string).collect();
        for loss in &case.lost {
            assert!(losses.iter().any(|known| known.contains(loss)), "{name}: {loss} in {losses:#?}");
        }
    }
}

pub(crate) fn kind(part: &BodyPart) -> &'static str {
    match part {
        BodyPart::Ia5Text(_) => "ia5",
        BodyPart::BilaterallyDefined(_) => "bilateral",
        BodyPart::ExternallyDefined(_) => "file",
        _ => "other",
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PolicyCase {
    name: String,
    rules: String,
    fails: String,
}

#[test]
fn policies_and_their_examples() {
    for case in cases::<PolicyCase>(include_str!("../../rules/policies.toml")) {
        let name = &case.name;
        match load(&case.rules) {
            Ok(_) => assert!(case.fails.is_empty(), "{name}: was to fail with {}", case.fails),
            Err(report) => {
                assert!(!case.fails.is_empty() && report.contains(&case.fails), "{name}: {report}");
            }
        }
    }
}
