//! Rules are exchanged while messages flow: a real SMTP client in front, a real P1 peer behind.
//!
//! Each message goes by one set of rules in everything it becomes, the queue says which, and rules with errors change nothing.

use crate::stage;

use std::collections::BTreeMap;
use std::path::PathBuf;

use rasn_x400::ber;
use rasn_x400::x411::envelope::MessageTransferEnvelope;
use rasn_x400::x420::InformationObject;
use serde_json::json;
use stage::Stage;
use x400_gateway::admin::client::Client;
use x400_gateway::mta::relay::{Apdu, shown};
use x400_gateway::queue::entry::Kind;
use x400_gateway::queue::store::Tracked;
use x400_gateway::queue::store::sqlite::Archive;

/// The domain is that of an organization, and the example says so.
fn rules(organization: &str) -> String {
    format!(
        "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; A=mail; C=xx\"\n\
         [[equivalence]]\ndomain = \"navy.example\"\nor = \"O={organization}; A=mail; C=xx\"\n\
         [[example]]\ninternet = \"a@navy.example\"\nx400 = \"S=a; O={organization}; A=mail; C=xx\"\n"
    )
}

/// A gateway with a mapping file, which is in a folder of its own.
async fn stage(peer_is_up: bool) -> (Stage, tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.toml");
    std::fs::write(&file, rules("One")).unwrap();
    let mappings = Some(file.clone());
    let stage = Stage::start_with(peer_is_up, |config| config.gateway.mappings = mappings).await;
    (stage, folder, file)
}

/// The organization that each address of a message has: originator, recipients, and those of the heading.
fn organizations(envelope: &MessageTransferEnvelope, content: &[u8]) -> Vec<String> {
    let InformationObject::Ipm(ipm) = ber::decode(content, content.len()).unwrap() else { panic!() };
    let heading = ipm.heading.primary_recipients.into_iter().flatten();
    let heading = heading.filter_map(|one| one.recipient.formal_name);
    let envelope_recipients = envelope.per_recipient_fields.iter().map(|one| one.recipient_name.clone());
    let names = std::iter::once(envelope.originator_name.clone()).chain(envelope_recipients).chain(heading);
    let names: Vec<String> = names.map(|name| shown(&name)).collect();
    names
        .iter()
        .map(|name| {
            let of = name.split_once("/O=").unwrap_or_else(|| panic!("{name}")).1;
            of.split('/').next().unwrap_or_default().to_owned()
        })
        .collect()
}

const MAIL: &str =
    "From: ada@navy.example\nTo: b@navy.example, c@navy.example, d@navy.example\nSubject: Orders\n\nSail.\n";
const RECIPIENTS: [&str; 3] = ["<b@navy.example>", "<c@navy.example>", "<d@navy.example>"];

/// So many messages at a time, so often.
const CLIENTS: usize = 4;
const EACH: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn each_message_goes_by_one_set_and_the_queue_says_which() {
    let (mut stage, folder, file) = stage(true).await;
    let at = |organization| (stage.gateway.activation().version.to_string(), organization);
    let mut versions = BTreeMap::from([at("One")]);
    let client = Client::new(stage.gateway.admin.clone().unwrap(), None).unwrap();
    let sending = async {
        let one = async || {
            for _ in 0..EACH {
                stage.submit("<ada@navy.example>", &RECIPIENTS, MAIL).await;
            }
        };
        tokio::join!(one(), one(), one(), one())
    };
    // As long as messages come, the rules change.
    let changing = async {
        for number in 0.. {
            let organization = if number % 2 == 0 { "Two" } else { "One" };
            std::fs::write(&file, rules(organization)).unwrap();
            let answer = client.post("/v1/rules/reload", &json!({})).await.unwrap();
            assert!(answer.done, "{:#}", answer.body);
            let version = answer.body["in-force"]["version"].as_str().unwrap().to_owned();
            versions.insert(version, organization);
            if number % 3 == 0 {
                std::fs::write(&file, "[[equivalence]]\n").unwrap();
                let answer = client.post("/v1/rules/reload", &json!({})).await.unwrap();
                assert_eq!(answer.status, 422, "{:#}", answer.body);
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = sending => {}
        () = changing => {}
    }
    assert_eq!(versions.len(), 2);

    let count = CLIENTS * EACH;
    let entries = stage.ended(Kind::Mail, count).await;
    let by_name: BTreeMap<String, &Tracked> =
        entries.iter().map(|one| (one.entry.id.to_string(), one)).collect();
    let mut used = BTreeMap::<&str, usize>::new();
    for _ in 0..count {
        let Apdu::Message { envelope, content, .. } = stage.next().await else { panic!() };
        let content = content.read().unwrap().concat();
        let found = organizations(&envelope, &content);
        assert_eq!(found.len(), 1 + 2 * RECIPIENTS.len());
        assert!(found.iter().all(|one| one == &found[0]), "not of one set: {found:?}");
        let name = envelope.message_identifier.local_identifier.to_text();
        let entry = &by_name[&*name].entry;
        for recipient in &entry.envelope.recipients {
            let version = recipient.rules_version.as_deref().unwrap();
            assert_eq!(versions[version], found[0]);
        }
        assert!(versions.contains_key(entry.rules_version.as_deref().unwrap()));
        *used.entry(versions[entry.rules_version.as_deref().unwrap()]).or_default() += 1;
    }
    assert_eq!(used.len(), 2, "messages came under both sets: {used:?}");
    drop(folder);
    stage.end().await;
}

/// What was accepted goes by the rules in force when it leaves; both versions are kept, after a restart as well.
#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_acceptance_and_that_of_the_last_attempt_are_kept() {
    let (stage, _folder, file) = stage(false).await;
    stage.submit("<ada@navy.example>", &RECIPIENTS, MAIL).await;
    let tried = |all: &[Tracked]| all.iter().any(|one| one.entry.envelope.recipients[0].attempts > 0);
    let first = stage.gateway.activation().version.to_string();
    let entry = &stage.queue(tried).await[0].entry;
    assert_eq!(entry.rules_version.as_deref(), Some(first.as_str()));
    std::fs::write(&file, rules("Two")).unwrap();
    stage.gateway.reload("a test").unwrap();
    let second = stage.gateway.activation().version.to_string();
    assert_ne!(first, second);
    let by_second = |all: &[Tracked]| {
        let recipients = &all[0].entry.envelope.recipients;
        recipients.iter().all(|one| one.rules_version.as_deref() == Some(second.as_str()))
    };
    assert_eq!(stage.queue(by_second).await[0].entry.rules_version.as_deref(), Some(first.as_str()));
    let stage = stage.restart().await;
    assert_eq!(
        (stage.gateway.activation().number, stage.gateway.activation().version.to_string()),
        (1, second)
    );
    let entry = &stage.queue(|all| !all.is_empty()).await[0].entry;
    assert_eq!(entry.rules_version.as_deref(), Some(first.as_str()));
    // And what it saw can be tried with other rules meanwhile.
    let archive = Archive::open(&stage.config.gateway.data).unwrap();
    let mut seen = Vec::new();
    archive.addresses(|one| (seen.push(one.address), true).1).unwrap();
    assert_eq!(seen, ["ada@navy.example", "b@navy.example", "c@navy.example", "d@navy.example"]);
    stage.end().await;
}

/// A conversion that waits for a name server while the rules change ends with those it began with.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_under_way_ends_with_the_rules_it_began_with() {
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = silent.local_addr().unwrap();
    let (stage, _folder, file) = stage(true).await;
    let waiting = |organization: &str| {
        let lookup = format!("[lookup.dns]\nservers = [\"{server}\"]\ntimeout = \"2s\"\nattempts = 1\n");
        rules(organization) + &lookup
    };
    std::fs::write(&file, waiting("One")).unwrap();
    stage.gateway.reload("ask").unwrap();
    let mut stream = tokio::io::BufReader::new(tokio::net::TcpStream::connect(stage.smtp).await.unwrap());
    stage::reply(&mut stream).await;
    let mut say = async |line: &str| {
        use tokio::io::AsyncWriteExt as _;
        stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        stage::reply(&mut stream).await
    };
    say("EHLO ada.navy.example").await;
    // Not in the tables: it is asked for, and nobody answers.
    let changing = async {
        let mut question = [0; 512];
        silent.recv(&mut question).await.unwrap();
        std::fs::write(&file, rules("Two")).unwrap();
        stage.gateway.reload("do not ask").unwrap();
    };
    let (answer, ()) = tokio::join!(say("MAIL FROM:<x@sub.navy.other>"), changing);
    // By the old rules: it is undetermined. By the new ones it would be encapsulated.
    assert!(answer.starts_with("451"), "{answer}");
    assert!(say("MAIL FROM:<x@sub.navy.other>").await.starts_with("250"));
    assert!(say("QUIT").await.starts_with("221"));
    stage.end().await;
}
