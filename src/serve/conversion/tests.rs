#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::*;
use crate::config::Config;
use crate::queue::entry::Origin;
use crate::serve::accept::entry::mail_entry;
use crate::serve::conversion_settings;
use crate::serve::in_force::{CurrentRules, Routing};
use crate::smtp::command::{Command, ForwardPath, Tolerances};

/// The translator's decisions, and rules by which anybody below `far.example` is reached.
fn world(folder: &Path) -> (Settings, CurrentRules) {
    let rules = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gateway; P=gw; A=mail; C=gb\"\n\
                 reached_by_x400 = [\"far.example\"]\nencapsulate_via = \"P=far; A=mail; C=gb\"\n";
    let file = folder.join("rules.toml");
    std::fs::write(&file, rules).unwrap();
    let config =
        Config::parse("test", "[smtp]\nlisten = []\n").unwrap_or_else(|why| panic!("{}", why.render()));
    let settings = conversion_settings(&config).unwrap();
    let routing = Routing { routes: Vec::new(), domain: settings.domain.clone(), peers: Vec::new() };
    let rules = CurrentRules::load(Some(file), routing).unwrap_or_else(|why| panic!("{}", why.render()));
    (settings, rules)
}

/// A mail of so many octets of text that came so many seconds ago.
fn mail(number: u64, seconds_ago: i64, octets: usize) -> Entry {
    let at = OffsetDateTime::now_utc() - time::Duration::seconds(seconds_ago);
    let command = |line: &str| Command::parse(line.as_bytes(), Tolerances::default()).unwrap();
    let Command::Mail { reverse_path: path, parameters } = command("MAIL FROM:<ada@far.example>") else {
        panic!()
    };
    let Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), parameters: wishes } =
        command("RCPT TO:<hopper@far.example>")
    else {
        panic!()
    };
    let text = format!("Subject: x\r\n\r\n{}\r\n", "x".repeat(octets));
    let origin = Origin::Http { who: "test".into() };
    mail_entry(
        (QueueId::new(number, at), at),
        origin,
        (path, parameters),
        vec![(mailbox, wishes)],
        text.into(),
    )
}

async fn made(entry: &Entry, rules: &InForce, settings: &Settings) -> Conversion {
    let crate::queue::entry::Content::Inline(content) = entry.content.clone() else { panic!() };
    convert(entry, content, rules, settings, None).await.made.map_err(|why| why.to_string()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_used_once_and_where_it_would_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, current) = world(folder.path());
    let (rules, kept) = (current.get(), Conversions::default());
    current.reload("a test").unwrap();
    let others = current.get();
    // A mail, for whom it is when it is tried, by which rules, and whether what is kept is used.
    let table = [
        ("as it was", mail(1, 0, 10), "hopper@far.example", &rules, true),
        ("redirected", mail(2, 0, 10), "murray@far.example", &rules, false),
        ("by other rules", mail(3, 0, 10), "hopper@far.example", &others, false),
        ("a minute later", mail(4, 61, 10), "hopper@far.example", &rules, false),
    ];
    for (what, entry, recipient, by, used) in table {
        let mut tried = entry.clone();
        tried.envelope.recipients[0].address = recipient.into();
        let conversion = made(&entry, &rules, &settings).await;
        let length = conversion.length();
        kept.keep(&entry, &rules, conversion);
        let found = kept.take(&tried, by);
        assert_eq!(found.map(|one| one.length()), used.then_some(length), "{what}");
        assert!(kept.take(&tried, by).is_none(), "{what}: a second time");
    }
    let forgotten = mail(5, 0, 10);
    kept.keep(&forgotten, &rules, made(&forgotten, &rules, &settings).await);
    kept.forget(forgotten.id);
    assert!(kept.take(&forgotten, &rules).is_none());
    let state = kept.state();
    assert_eq!((state.octets, state.kept.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, current) = world(folder.path());
    let (rules, kept) = (current.get(), Conversions::default());
    let large = mail(0, 0, Conversions::SHARE);
    kept.keep(&large, &rules, made(&large, &rules, &settings).await);
    assert!(kept.take(&large, &rules).is_none(), "it would take more than its share");

    let mails: Vec<Entry> = (1..=100).map(|number| mail(number, 0, 100_000)).collect();
    for entry in &mails {
        kept.keep(entry, &rules, made(entry, &rules, &settings).await);
        assert!(kept.state().octets <= Conversions::LIMIT);
    }
    let there: Vec<bool> = mails.iter().map(|entry| kept.state().kept.contains_key(&entry.id)).collect();
    assert!(there.is_sorted() && !there[0] && there[99], "the first went first");

    // Those that nobody came for go when they are of no use any more.
    let (old, fresh) = (mail(101, 200, 10), mail(102, 0, 10));
    let kept = Conversions::default();
    for entry in [&old, &fresh] {
        kept.keep(entry, &rules, made(entry, &rules, &settings).await);
    }
    assert_eq!(kept.state().kept.keys().collect::<Vec<_>>(), [&fresh.id]);
}
