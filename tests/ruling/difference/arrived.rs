//! Messages that came over P1, tried with other rules: they take the same ways as in the gateway.

use time::OffsetDateTime;
use x400_gateway::queue::entry::{
    Content, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient, Urgency,
};
use x400_gateway::queue::store::Store as _;
use x400_gateway::queue::store::sqlite::{Options, SqliteStore};

use super::message::message;
use super::program::{Folder, x400gw};
use super::{CONFIG, RULES, run};

/// Everything that no other route speaks of goes to a peer.
const HUB: &str = "[[equivalence]]\ndomain = \"far.example\"\nor = \"A=TESTNET; C=gb\"\n\
    [[route]]\npeer = \"hub\"\n";
const TO_INTERNET: &str = "[[route]]\naddress = \"A=TESTNET; C=gb\"\ninternet = true\n";

/// A queue with one message, for `/S=MOVED/ADMD=TESTNET/C=GB/`.
async fn queue(folder: &Folder) {
    let store = SqliteStore::open(folder.path("data").as_ref(), Options::default()).unwrap();
    let now = OffsetDateTime::now_utc();
    let entry = Entry {
        id: QueueId::new(1, now),
        received_at: now,
        kind: Kind::P1,
        urgency: Urgency::Normal,
        origin: Origin::P1 { mta: "far".to_owned() },
        envelope: Envelope {
            reverse_path: None,
            options: MailOptions::default(),
            recipients: vec![Recipient::new(1, "/S=MOVED/ADMD=TESTNET/C=GB/".to_owned())],
        },
        rules_version: None,
        identifier: None,
        content: Content::Inline(message("moved", "MOVED", 5).into()),
    };
    store.insert(entry).await.unwrap();
}

#[tokio::test]
async fn what_came_over_p1_takes_the_ways_of_the_gateway() {
    let folder = Folder::new();
    queue(&folder).await;
    std::fs::write(folder.path("x400gw.toml"), CONFIG).unwrap();
    for (name, old, new, expected) in [
        (
            "redirected to the Internet side",
            "",
            "[[route]]\naddress = \"S=MOVED; A=TESTNET; C=gb\"\nredirect = \"S=HERE; A=TESTNET; C=gb\"\n\
             [[route]]\naddress = \"S=HERE; A=TESTNET; C=gb\"\ninternet = true\n",
            ["old: passed on: recipient 1: to hub\n", "new: a mail of "],
        ),
        (
            "the mail of one who was redirected is for another",
            "[[route]]\naddress = \"S=MOVED; A=TESTNET; C=gb\"\nredirect = \"S=HERE; A=TESTNET; C=gb\"\n\
             [[route]]\naddress = \"S=HERE; A=TESTNET; C=gb\"\ninternet = true\n",
            TO_INTERNET,
            ["old: RCPT TO:<HERE@far.example>", "new: RCPT TO:<MOVED@far.example>"],
        ),
        (
            "redirected to another at the same peer",
            "",
            "[[route]]\naddress = \"S=MOVED; A=TESTNET; C=gb\"\nredirect = \"S=HERE; A=TESTNET; C=gb\"\n",
            ["old: passed on: recipient 1: to hub\n", "new: passed on: recipient 1: to hub, as /S=HERE/"],
        ),
        (
            "a mailbox that is reached over X.400",
            TO_INTERNET,
            "[[route]]\naddress = \"A=TESTNET; C=gb\"\ninternet = true\n\
             [[user]]\ninternet = \"MOVED@far.example\"\nor = \"S=Moved; O=Navy; A=mail; C=xx\"\n\
             direction = \"to-x400\"\n",
            ["old: a mail of ", "new: passed on: recipient 1: to hub, as /S=Moved/O=Navy/"],
        ),
        (
            "refused by a route",
            "",
            "[[route]]\naddress = \"A=TESTNET; C=gb\"\nrefuse = \"closed\"\n",
            ["old: passed on: recipient 1: to hub\n", "new: refused: recipient 1: closed\n"],
        ),
        (
            "refused by a policy",
            TO_INTERNET,
            "[[route]]\naddress = \"A=TESTNET; C=gb\"\ninternet = true\n\
             [[policy]]\nname = \"shut\"\nto = \"A=TESTNET; C=gb\"\naction = \"refuse\"\nreason = \"not now\"\n",
            ["old: a mail of ", "new: refused: recipient 1: policy shut (new.toml:"],
        ),
    ] {
        for (file, more) in [("old.toml", old), ("new.toml", new)] {
            std::fs::write(folder.path(file), format!("{RULES}{HUB}{more}")).unwrap();
        }
        let words = ["rules", "replay", "old.toml", "new.toml", "-c", "x400gw.toml", "--queue", "data"];
        let (code, output, errors) = run(x400gw().args(words).current_dir(folder.path("")));
        assert_eq!(code, Some(1), "{name}: {output}{errors}");
        for part in expected {
            assert!(output.contains(part), "{name}: no `{part}` in {output}");
        }
    }
}
