//! What an explanation says an address becomes is what is sent: random rules, random addresses, through the functions that
//! answer RCPT and convert what was accepted, in both directions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use rasn_x400::ber;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::{self, KeyedAddress};
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerRecipientFields, PerRecipientIndicators,
};
use rasn_x400::x411::trace::TraceInformation;
use rasn_x400::x420::heading::Heading;
use rasn_x400::x420::{InformationObject, Ipm};
use time::macros::datetime;

use super::*;
use crate::explain::address::{Explained, Question, World, explain};
use crate::explain::{Outcome, Place, Side};
use crate::mixer::Context;
use crate::mixer::address::Mapper;
use crate::mixer::to_internet;
use crate::mta::network::Network;
use crate::queue::entry::{
    Content, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient, RecipientOptions, Urgency,
};
use crate::rules::Rules;
use crate::serve::accept::recipients::RecipientCheck;
use crate::serve::accept::relaying::Permission;
use crate::serve::conversion::{Conversion, convert};
use crate::smtp::command::{
    Command, ForwardPath, MailParameters, Mailbox, RecipientParameters, ReversePath, Tolerances,
};
use crate::smtp::listener::{Client, RecipientPolicy as _};

/// Rule sets, and addresses for each of them: 10,000 in all.
const RULE_SETS: u32 = 100;
const ADDRESSES: usize = 100;

/// Labels of domains, and names of organizations.
const NAMES: [&str; 8] = ["north", "sales", "Widget", "x-1", "b", "bureau42", "far", "example"];

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&NAMES[..])
}

fn domain() -> impl Strategy<Value = String> {
    (prop::collection::vec(name(), 1..4), prop::sample::select(&["test", "example"][..]))
        .prop_map(|(labels, top)| format!("{}.{top}", labels.join(".")))
}

/// C, ADMD, and perhaps more, as the rule file writes it.
fn path() -> impl Strategy<Value = String> {
    let levels = (prop::option::of(name()), prop::option::of(name()), prop::collection::vec(name(), 0..3));
    (levels, prop::sample::select(&["mail", "net"][..]), prop::sample::select(&["gb", "de"][..])).prop_map(
        |((private, organization, units), administration, country)| {
            let mut path = String::new();
            if let Some(organization) = organization {
                for (number, unit) in (1..).zip(&units) {
                    let _ = write!(path, "OU{number}={unit}; ");
                }
                let _ = write!(path, "O={organization}; ");
            }
            if let Some(private) = private {
                let _ = write!(path, "P={private}; ");
            }
            path + &format!("A={administration}; C={country}")
        },
    )
}

/// A person, and whoever else is there.
const STAFF: &str = "[[user]]\ninternet = \"boss@staff.test\"\nor = \"S=Boss; O=Staff; A=mail; C=gb\"\n\
    [[template]]\nname = \"staff\"\ninternet = \"{given}.{surname}@{unit}.staff.test\"\n\
    or = \"G={given}; S={surname}; OU1={unit}; O=Staff; A=mail; C=gb\"\n";

/// A rule file without a domain or a path that is said twice.
fn rule_file() -> impl Strategy<Value = String> {
    let direction = prop::sample::select(&["both", "both", "to-x400", "to-internet"][..]);
    let pairs = prop::collection::vec((domain(), path(), direction), 0..12);
    let preferred = prop::collection::vec((domain(), path(), Just("both")), 0..3);
    let unmapped = prop::sample::select(
        &["", "encapsulate_via = \"P=far; A=mail; C=us\"\nroute_unmapped = \"encapsulate\"\n"][..],
    );
    (pairs, preferred, unmapped, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(pairs, preferred, unmapped, strip, keep, staff)| {
            let mut file = format!(
                "[gateway]\ndomain = \"gw.test\"\nor = \"O=gw; P=p; A=mail; C=gb\"\n{unmapped}gate1_strip_prefix = {strip}\n\
                 source_routes = \"{}\"\n",
                if keep { "keep" } else { "strip" }
            );
            let (mut domains, mut paths) = (BTreeSet::new(), BTreeSet::new());
            let kinds = pairs.iter().map(|pair| ("equivalence", pair));
            for (kind, (domain, path, direction)) in kinds.chain(preferred.iter().map(|pair| ("preferred", pair))) {
                if domains.insert(domain.to_ascii_lowercase()) && paths.insert(path.to_ascii_lowercase()) {
                    let _ = write!(file, "[[{kind}]]\ndomain = \"{domain}\"\nor = \"{path}\"\n");
                    if kind == "equivalence" {
                        let _ = writeln!(file, "direction = \"{direction}\"");
                    }
                }
            }
            if staff { file + STAFF } else { file }
        },
    )
}

fn mailbox() -> impl Strategy<Value = String> {
    let local = prop_oneof![
        "[a-zA-Z]{1,8}",
        "[A-Z]\\.[A-Z][a-z]{1,8}",
        "[A-Z][a-z]{1,6}\\.[A-Z][a-z]{1,8}",
        "[a-z0-9_+=/-]{1,12}",
        "\"[ a-zA-Z0-9.@()_=/;-]{1,14}\"",
        (name(), name()).prop_map(|(surname, unit)| format!("/S={surname}/OU={unit}/")),
        (name(), name()).prop_map(|(surname, unit)| format!("\"/S={surname}/OU=Far {unit}/\"")),
        name().prop_map(|surname| format!("/S={surname}/O=o/PRMD=p/ADMD=mail/C=gb/")),
        Just("/X=1/".to_owned()),
        Just("list_owner".to_owned()),
        Just("boss".to_owned()),
        Just("a".repeat(200)),
    ];
    let domain = prop_oneof![
        6 => domain(),
        1 => name().prop_map(|unit| format!("{unit}.staff.test")),
        1 => Just("staff.test".to_owned()),
        1 => Just("gw.test".to_owned()),
        1 => Just("nowhere.example".to_owned()),
        1 => Just("[192.0.2.1]".to_owned()),
    ];
    let route = prop_oneof![20 => Just(""), 1 => Just("@relay.example:")];
    (route, local, domain).prop_map(|(route, local, domain)| format!("{route}{local}@{domain}"))
}

fn or_address() -> impl Strategy<Value = String> {
    let person = prop_oneof![
        "S=[A-Z][a-z]{1,8}",
        ("[A-Z][a-z]{1,6}", "[A-Z][a-z]{1,8}").prop_map(|(given, surname)| format!("G={given}; S={surname}")),
        ("[A-Z]{1,2}", "[A-Z][a-z]{1,8}")
            .prop_map(|(initials, surname)| format!("I={initials}; S={surname}")),
        "CN=[a-zA-Z ]{0,6}[a-z]",
        "DDA:RFC-822=[a-z]{1,6}\\(a\\)[a-z]{1,6}\\.example",
        Just("DDA:RFC-822=nobody".to_owned()),
        Just("DDA:kind=value".to_owned()),
        Just("S=Boss".to_owned()),
    ];
    let path = prop_oneof![
        8 => path(),
        1 => name().prop_map(|unit| format!("OU1={unit}; O=Staff; A=mail; C=gb")),
        1 => Just("O=Staff; A=mail; C=gb".to_owned()),
    ];
    (person, path).prop_map(|(person, path)| format!("{person}; {path}"))
}

fn asked(address: &str, towards: Side, place: Place, rules: &Rules) -> Explained {
    let question =
        Question { address: address.to_owned(), towards: Some(towards), place, from: None, peer: None };
    explain(&question, World { mapper: Mapper::new(rules), table: None })
}

/// The mailboxes as SMTP reads them, with the addresses they were read from.
fn read(addresses: &[String]) -> Vec<(String, Mailbox)> {
    let parsed = |address: &String| match Command::parse(
        format!("RCPT TO:<{address}>").as_bytes(),
        Tolerances::default(),
    ) {
        Ok(Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), .. }) => {
            Some((address.clone(), mailbox))
        }
        _ => None,
    };
    addresses.iter().filter_map(parsed).collect()
}

fn entry(reverse_path: &Mailbox, recipients: &[(String, Mailbox)]) -> Entry {
    let now = datetime!(2026-11-27 12:00 UTC);
    let recipients = (1..).zip(recipients).map(|(number, (_, mailbox))| Recipient {
        options: RecipientOptions::default(),
        ..Recipient::new(number, mailbox.to_string())
    });
    Entry {
        id: QueueId::new(1, now),
        received_at: now,
        rules_version: None,
        identifier: None,
        kind: Kind::Mail,
        urgency: Urgency::Normal,
        origin: Origin::Smtp {
            peer: ([127, 0, 0, 1], 25).into(),
            helo: "client.example".into(),
            protocol: "ESMTP".into(),
            identity: None,
            results: None,
        },
        envelope: Envelope {
            reverse_path: Some(reverse_path.to_string()),
            options: MailOptions::default(),
            recipients: recipients.collect(),
        },
        content: Content::Inline("Subject: x\r\n\r\nx\r\n".into()),
    }
}

fn written(name: &OrName) -> String {
    KeyedAddress::from_or_name(name).address.to_std_or()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: RULE_SETS, ..ProptestConfig::default() })]

    /// RCPT takes what is explained as mapped and refuses the rest in the words of the explanation; what was taken becomes
    /// the very O/R addresses.
    #[test]
    fn to_x400_an_explanation_says_what_is_sent(
        file in rule_file(),
        addresses in prop::collection::vec(mailbox(), ADDRESSES),
    ) {
        let config = config("[smtp]\nlisten = []\n");
        let settings = Arc::new(conversion_settings(&config).unwrap());
        let hops = Arc::new(Hops::new(&config, &settings.domain, Vec::new()));
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("rules.toml");
        std::fs::write(&place, &file).unwrap();
        let routing = Routing { routes: Vec::new(), domain: settings.domain.clone(), peers: Vec::new() };
        let current = CurrentRules::load(Some(place), routing);
        let current = current.unwrap_or_else(|report| panic!("{file}\n{}", report.render()));
        let set = current.get();
        let rules = set.rules();
        let watch = Arc::new(Watch::new(Events::default()));
        let store = SqliteStore::open(&folder.path().join("queue"), sqlite::Options::default()).unwrap();
        let permission = Permission { trusted: Network::loopback().to_vec(), ..Permission::default() };
        let check = RecipientCheck {
            rules: current.clone(),
            hops,
            longest_hold: None,
            permission,
            store: Arc::new(store),
            watch,
        };
        let client = Client { address: ([127, 0, 0, 1], 25).into(), identity: None, certificate: None };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (null, plain) = (ReversePath::Null, MailParameters::default());
        let nobody = (&null, &plain);
        let mut expected = BTreeMap::new();
        let mut taken = Vec::new();
        for (address, mailbox) in read(&addresses) {
            let told = asked(&address, Side::X400, Place::Recipient, rules);
            match runtime.block_on(check.recipient(&client, nobody, &mailbox, &RecipientParameters::default())) {
                Ok(()) => {
                    prop_assert_eq!(told.outcome, Outcome::Mapped, "{}", address);
                    taken.push((address, mailbox));
                    expected.insert(i64::try_from(taken.len()).unwrap(), told.result.unwrap());
                }
                Err(reply) => {
                    prop_assert_ne!(told.outcome, Outcome::Mapped, "{}", address);
                    let said = told.reply.unwrap();
                    prop_assert_eq!(said.code, reply.code().number());
                    prop_assert_eq!(said.enhanced, reply.enhanced().map(|code| code.to_string()));
                    prop_assert_eq!(said.text.join(" "), reply.text());
                }
            }
        }
        let Some((sender, reverse_path)) = taken.first().cloned() else { return Ok(()) };
        let path = ReversePath::Mailbox(reverse_path.clone());
        let originator = asked(&sender, Side::X400, Place::ReturnPath, rules);
        let sent = runtime.block_on(check.sender(&client, &path, &MailParameters::default()));
        prop_assert_eq!(sent.is_ok(), originator.outcome == Outcome::Mapped);
        if sent.is_err() {
            return Ok(());
        }
        let entry = entry(&reverse_path, &taken);
        let Content::Inline(content) = &entry.content else { unreachable!() };
        let run = runtime.block_on(convert(&entry, content.clone(), &set, &settings, None));
        let Conversion { envelope, .. } = run.made.unwrap();
        prop_assert_eq!(written(&envelope.originator_name), originator.result.unwrap());
        let sent: BTreeMap<i64, String> = envelope.per_recipient_fields.iter().map(|fields| {
            (fields.originally_specified_recipient_number, written(&fields.recipient_name))
        }).collect();
        prop_assert_eq!(sent, expected);
    }

    /// What is explained as mapped is what RCPT says to the next server; what is not is not sent.
    #[test]
    fn to_the_internet_an_explanation_says_what_is_sent(
        file in rule_file(),
        addresses in prop::collection::vec(or_address(), ADDRESSES),
    ) {
        let rules = Rules::from_sources(&[("rules.toml", file.as_str())]);
        let rules = rules.unwrap_or_else(|why| panic!("{file}\n{why:?}"));
        let settings = conversion_settings(&config("[smtp]\nlisten = []\n")).unwrap();
        let mut expected = BTreeMap::new();
        let mut names = Vec::new();
        for address in &addresses {
            let told = asked(address, Side::Internet, Place::Recipient, &rules);
            let read = text::parse(address).ok().and_then(|address| address.to_or_name().ok());
            prop_assert_eq!(read.is_none(), told.outcome == Outcome::Malformed, "{}", address);
            let Some(name) = read else { continue };
            names.push(name);
            if let Some(result) = told.result {
                expected.insert(u32::try_from(names.len()).unwrap(), result);
            }
        }
        let responsible = PerRecipientIndicators::with(&[PerRecipientIndicators::RESPONSIBILITY]);
        let fields = names.into_iter().zip(1..);
        let fields: Vec<_> = fields.map(|(name, number)| PerRecipientFields::new(name, number, responsible.clone())).collect();
        let originator = text::parse("S=Bo; O=Widget; A=mail; C=gb").unwrap().to_or_name().unwrap();
        let told = asked("S=Bo; O=Widget; A=mail; C=gb", Side::Internet, Place::ReturnPath, &rules);
        let identifier = MtsIdentifier {
            domain: settings.domain.clone(), local_identifier: "x".into(), unknown: Vec::new(),
        };
        let envelope = MessageTransferEnvelope::new(
            identifier, originator, ContentType::P2, TraceInformation::default(), fields,
        );
        let recipients = (1..).zip(&envelope.per_recipient_fields).map(|(place, _)| place).collect();
        let content = Ipm { heading: Heading::default(), body: Vec::new() };
        let content = ber::encode(&InformationObject::Ipm(content)).unwrap();
        let input = to_internet::Input { envelope, content: content.into(), recipients };
        let mapper = Mapper::new(&rules).without_steps();
        let context = Context {
            mapper: &mapper,
            settings: &settings,
            message_identifier: "x",
            now: datetime!(2026-11-27 12:00 UTC),
        };
        match to_internet::convert(&input, None, &context) {
            Ok(made) => {
                prop_assert_eq!(made.reverse_path, told.result);
                let sent: BTreeMap<u32, String> =
                    made.recipients.into_iter().map(|one| (one.number, one.address)).collect();
                prop_assert_eq!(sent, expected);
            }
            Err(to_internet::Refusal::Recipients(_)) => prop_assert_eq!(expected, BTreeMap::new()),
            Err(to_internet::Refusal::Originator(_)) => prop_assert_ne!(told.outcome, Outcome::Mapped),
            Err(other) => panic!("{other}"),
        }
    }
}
