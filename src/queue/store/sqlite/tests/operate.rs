//! What operators do with entries, and how they find them.

use serde_json::json;

use super::*;
use crate::queue::store::listing::Wanted;
use crate::queue::store::operation::{
    Event, Hold, HoldRule, NumberedRule, Operated, Operation, RuleChange, Take,
};
use crate::queue::store::{About, Memory};

fn event(kind: &str) -> Event {
    Event { kind: kind.into(), who: Some("uid 0".into()), detail: json!({}) }
}

fn hold() -> Operation {
    Operation::Hold(Hold { reason: "not today".into(), rule: None })
}

const RELEASE: Operation = Operation::Release { exempt: false };

async fn operate(store: &SqliteStore, number: u64, operation: Operation) -> Operated {
    store.operate(QueueId::new(number, NOON), operation, event("test"), at(1)).await.unwrap()
}

async fn state(store: &SqliteStore, number: u64) -> StateKind {
    store.load(QueueId::new(number, NOON)).await.unwrap().unwrap().state.kind()
}

async fn store_with(entries: impl IntoIterator<Item = Entry>) -> (TempDir, SqliteStore) {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for entry in entries {
        store.insert(entry).await.unwrap();
    }
    (folder, store)
}

#[tokio::test]
async fn what_is_held_is_not_claimed_until_it_is_released_and_survives_a_restart() {
    let (folder, store) = store_with([message(1, 10)]).await;
    assert_eq!(operate(&store, 1, hold()).await, Operated::Done);
    assert_eq!(operate(&store, 1, hold()).await, Operated::NotInState(Some(StateKind::Held)));
    assert_eq!(operate(&store, 1, Operation::Retry).await, Operated::NotInState(Some(StateKind::Held)));
    assert_eq!(operate(&store, 2, hold()).await, Operated::NotInState(None));
    drop(store);
    let store = open(&folder);
    let tracked = store.load(QueueId::new(1, NOON)).await.unwrap().unwrap();
    assert_eq!(tracked.state, State::Held { at: at(1), reason: "not today".into() });
    assert_eq!(claim(&store, at(9)).await, []);
    assert_eq!(store.next_due(at(9)).await.unwrap(), None);
    assert_eq!(store.count().await.unwrap(), Counts { held: 1, ..Counts::default() });
    assert_eq!(operate(&store, 1, RELEASE).await, Operated::Done);
    assert_eq!(claim(&store, at(9)).await.len(), 1);
    let events = store.archive().unwrap().events(QueueId::new(1, NOON)).unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!((events[0].at, &events[0].event), (at(1), &event("test")));
}

/// An attempt that is under way ends as it would: who was reached is, and the others wait.
#[tokio::test]
async fn a_hold_counts_after_the_attempt_that_is_under_way() {
    let two = |number| {
        let mut entry = message(number, 10);
        entry.envelope.recipients.push(Recipient::new(2, "eve@b.example"));
        entry
    };
    let (_folder, store) = store_with([two(1), two(2)]).await;
    assert_eq!(claim(&store, NOON).await.len(), 2);
    for number in [1, 2] {
        // What an attempt under way will write down stands in the place of what is said now.
        assert_eq!(operate(&store, number, Operation::Retry).await, Operated::AfterAttempt);
        assert_eq!(operate(&store, number, hold()).await, Operated::AfterAttempt);
        assert_eq!(
            store.take(QueueId::new(number, NOON), MINUTE, NOON).await.unwrap(),
            Take::UnderWay,
            "and nobody else gets it meanwhile"
        );
    }
    let id = |number| QueueId::new(number, NOON);
    store.record(id(1), vec![transferred(1), deferred(2, at(2))], at(2)).await.unwrap();
    store.record(id(2), vec![transferred(1), transferred(2)], at(2)).await.unwrap();
    assert_eq!(state(&store, 1).await, StateKind::Held);
    assert_eq!(state(&store, 2).await, StateKind::Done);
    assert_eq!(claim(&store, at(9)).await, []);
    operate(&store, 1, RELEASE).await;
    let claimed = claim(&store, at(9)).await;
    assert_eq!(claimed[0].pending().map(|one| one.number).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn a_retry_is_due_at_once() {
    let (_folder, store) = store_with([message(1, 10)]).await;
    claim(&store, NOON).await;
    store.record(QueueId::new(1, NOON), vec![deferred(1, at(60))], at(0)).await.unwrap();
    assert_eq!(claim(&store, at(1)).await, []);
    assert_eq!(operate(&store, 1, Operation::Retry).await, Operated::Done);
    assert_eq!(claim(&store, at(1)).await.len(), 1);
}

#[tokio::test]
async fn what_is_taken_is_for_one_alone() {
    let (_folder, store) = store_with([message(1, 10)]).await;
    let id = QueueId::new(1, NOON);
    operate(&store, 1, hold()).await;
    let Take::Taken(entry) = store.take(id, MINUTE, NOON).await.unwrap() else { panic!() };
    assert_eq!(*entry, message(1, 10));
    operate(&store, 1, RELEASE).await;
    assert_eq!(claim(&store, NOON).await, []);
    store.give_back(id);
    assert_eq!(claim(&store, NOON).await.len(), 1);
    store.record(id, vec![transferred(1)], NOON).await.unwrap();
    assert_eq!(store.take(id, MINUTE, NOON).await.unwrap(), Take::NotOpen(Some(StateKind::Done)));
    assert_eq!(store.take(QueueId::new(9, NOON), MINUTE, NOON).await.unwrap(), Take::NotOpen(None));
}

#[tokio::test]
async fn a_redirected_recipient_is_as_if_it_had_been_written_so() {
    let (folder, store) = store_with([message(1, 10)]).await;
    let id = QueueId::new(1, NOON);
    assert!(matches!(store.take(id, MINUTE, NOON).await.unwrap(), Take::Taken(_)));
    let options = RecipientOptions {
        original_recipient: Some(("rfc822".into(), "bob@b.example".into())),
        ..RecipientOptions::default()
    };
    let operation =
        Operation::Redirect { number: 1, address: "carol@c.example".into(), options: options.clone() };
    assert_eq!(operate(&store, 1, operation).await, Operated::Done);
    drop(store);
    let claimed = claim(&open(&folder), NOON).await;
    let recipient = Recipient { options, ..Recipient::new(1, "carol@c.example") };
    assert_eq!(claimed[0].envelope.recipients, [recipient], "its checksum is right");
}

#[tokio::test]
async fn what_is_discarded_leaves_a_trace_without_a_content() {
    let (folder, store) = store_with([message(1, 200_000)]).await;
    let id = QueueId::new(1, NOON);
    assert!(matches!(store.take(id, MINUTE, NOON).await.unwrap(), Take::Taken(_)));
    let failed = AttemptResult::Failed { code: "5.0.0".into(), detail: "deleted: spam".into() };
    let consequences =
        Consequences { discard: true, events: vec![event("delete")], ..Consequences::default() };
    let updates = vec![Update { number: 1, result: failed }];
    store.record_and_insert(id, updates, consequences, at(1)).await.unwrap();
    // The operator was told so: a machine that fails does not bring it back.
    assert_eq!(store.metrics().syncs, 2);
    let tracked = store.load(id).await.unwrap().unwrap();
    assert_eq!(tracked.entry.content, Content::Discarded { length: 200_000 });
    assert_eq!(tracked.state, State::Done { at: at(1) });
    assert_eq!(store.archive().unwrap().events(id).unwrap()[0].event, event("delete"));
    // With the entry its events go.
    store.sweep(at(60 * 24 * 40)).await.unwrap();
    assert_eq!(store.load(id).await.unwrap(), None);
    assert_eq!(store.archive().unwrap().events(id).unwrap(), []);
    drop(store);
    let spool = Spool::open(folder.path().join("spool"), Probe::default()).unwrap();
    assert!(spool.files().unwrap().is_empty());
}

#[tokio::test]
async fn what_a_rule_held_goes_on_when_the_rule_ends() {
    let (folder, store) = store_with([message(1, 10), message(2, 10)]).await;
    let rule = HoldRule { sender: Some("a.example".into()), ..HoldRule::default() };
    let add = RuleChange::Add { rule: rule.clone(), who: "uid 0".into(), at: NOON };
    let number = store.change_hold_rules(add.clone()).await.unwrap();
    claim(&store, NOON).await;
    for entry in [1, 2] {
        let hold = Hold { reason: "by rule".into(), rule: (entry == 1).then_some(number) };
        let consequences = Consequences { hold: Some(hold), ..Consequences::default() };
        let id = QueueId::new(entry, NOON);
        store.record_and_insert(id, vec![deferred(1, NOON)], consequences, NOON).await.unwrap();
    }
    drop(store);
    let store = open(&folder);
    let (rules, _) = store.hold_rules().await.unwrap();
    assert_eq!(rules, [NumberedRule { number, at: NOON, who: "uid 0".into(), rule }]);
    let remove = RuleChange::Remove { number, who: "uid 1".into(), at: at(1) };
    assert_eq!(store.change_hold_rules(remove).await.unwrap(), 1);
    assert_eq!((state(&store, 1).await, state(&store, 2).await), (StateKind::Queued, StateKind::Held));
    assert!(store.change_hold_rules(add).await.unwrap() > number, "a number is not used again");
}

/// Only what is released is held by no rule again: not what is not held, and nothing that is not there.
#[tokio::test]
async fn what_is_released_by_name_is_exempt() {
    let (_folder, store) = store_with([message(1, 10), message(2, 10)]).await;
    let release = || Operation::Release { exempt: true };
    operate(&store, 2, hold()).await;
    assert_eq!(operate(&store, 1, release()).await, Operated::NotInState(Some(StateKind::Queued)));
    assert_eq!(operate(&store, 2, release()).await, Operated::Done);
    assert_eq!(operate(&store, 3, release()).await, Operated::NotInState(None));
    assert_eq!(store.hold_rules().await.unwrap().1, [QueueId::new(2, NOON)]);
}

#[tokio::test]
async fn entries_are_found_by_what_is_known_of_them() {
    let mut other = message(2, 5000);
    other.envelope.reverse_path = None;
    other.envelope.options.envelope_id = Some("QQ314".into());
    other.envelope.recipients = vec![Recipient::new(1, "/S=dan/O=Navy/ADMD=mail/C=XX/")];
    other.identifier = Some("1@a.example".into());
    other.origin = Origin::P1 { mta: "hub".into() };
    other.received_at = at(10);
    let (folder, store) = store_with([message(1, 10), other, message(3, 10)]).await;
    claim(&store, at(10)).await;
    let id = |number| QueueId::new(number, NOON);
    let why = AttemptResult::Deferred { diagnosis: "no association with Depot".into(), next_attempt: at(9) };
    store.record(id(1), vec![Update { number: 1, result: why }], at(1)).await.unwrap();
    store.record(id(3), vec![transferred(1)], at(1)).await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    let all = || Wanted { limit: 100, ..Wanted::default() };
    let archive = store.archive().unwrap();
    for (wanted, expected) in [
        (all(), &[1, 2, 3][..]),
        (Wanted { limit: 2, ..all() }, &[1, 2]),
        (Wanted { after: Some(id(2)), ..all() }, &[3]),
        (Wanted { states: vec![StateKind::Queued], ..all() }, &[1, 2]),
        (Wanted { states: vec![StateKind::Done, StateKind::Held], ..all() }, &[3]),
        (Wanted { sender: text("ANN@a.example"), ..all() }, &[1, 3]),
        (Wanted { sender: text("a.example"), recipient: text("b.example"), ..all() }, &[1, 3]),
        (Wanted { sender: text(""), ..all() }, &[2]),
        (Wanted { recipient: text("/S=Dan/*"), ..all() }, &[2]),
        (Wanted { recipient: text("c.example"), ..all() }, &[]),
        (Wanted { peer: text("hub"), ..all() }, &[2]),
        (Wanted { peer: text("mta"), ..all() }, &[3]),
        (Wanted { peer: text("depot"), ..all() }, &[1]),
        (Wanted { error: text("ASSOCIATION"), ..all() }, &[1]),
        (Wanted { error: text("100 %"), ..all() }, &[]),
        (Wanted { before: Some(at(5)), ..all() }, &[1, 3]),
        (Wanted { since: Some(at(5)), ..all() }, &[2]),
        (Wanted { at_least: Some(11), ..all() }, &[2]),
        (Wanted { at_most: Some(11), ..all() }, &[1, 3]),
        (Wanted { identifier: text("<1@a.example>"), ..all() }, &[2]),
        (Wanted { identifier: text("qq314"), ..all() }, &[2]),
        (Wanted { identifier: Some(id(3).to_string()), ..all() }, &[3]),
    ] {
        let lines = archive.find(&wanted).unwrap();
        let found: Vec<QueueId> = lines.iter().map(|line| line.id).collect();
        let expected: Vec<QueueId> = expected.iter().map(|number| id(*number)).collect();
        assert_eq!(found, expected, "{wanted:?}");
        let names: Vec<_> = lines.into_iter().map(|line| (line.id, line.identifier)).collect();
        assert_eq!(archive.find_names(&wanted).unwrap(), names, "{wanted:?}");
    }
    let events = archive.events(id(1)).unwrap();
    assert_eq!(events[0].event.detail["diagnosis"], "no association with Depot");
    assert_eq!(archive.events(id(3)).unwrap(), []);

    // Damage does not keep anybody from looking.
    let connection = Connection::open(folder.path().join("queue.db")).unwrap();
    for damage in [
        "UPDATE entry SET reverse_path = CAST(x'ff' AS TEXT), head = '{' WHERE seq = 2",
        "UPDATE recipient SET attempts = -1 WHERE seq = 2",
    ] {
        connection.execute(damage, []).unwrap();
        let found = archive.find(&Wanted { peer: text("hub"), ..all() }).unwrap();
        assert!(found.is_empty());
        assert_eq!(archive.find(&all()).unwrap().len(), 3, "{damage}");
    }
}

/// Quarantined entries are read as far as that goes, and tried again when somebody says so.
#[tokio::test]
async fn the_damaged_can_be_seen_and_released() {
    for length in [500, 200_000] {
        let (folder, store) = store_with([message(1, length)]).await;
        let id = QueueId::new(1, NOON);
        drop(store);
        let connection = Connection::open(folder.path().join("queue.db")).unwrap();
        connection.execute("UPDATE entry SET content_checksum = 1", []).unwrap();
        let store = open(&folder);
        for entry in claim(&store, NOON).await {
            assert!(store.content(&entry).await.is_err());
        }
        assert_eq!(store.take(id, MINUTE, NOON).await.unwrap(), Take::NotOpen(Some(StateKind::Quarantined)));
        let archive = store.archive().unwrap();
        let salvaged = archive.salvage(id).unwrap().unwrap();
        assert_eq!(salvaged.state.kind(), StateKind::Quarantined);
        assert_eq!(salvaged.entry.envelope, message(1, length).envelope);
        assert_eq!(salvaged.entry.content, Content::Discarded { length: length as u64 });
        assert_eq!(archive.octets(id).unwrap().unwrap().len(), length);
        // Somebody mended it.
        let Content::Inline(octets) = message(1, length).content else { panic!() };
        let sum = crc32fast::hash(&octets);
        connection.execute("UPDATE entry SET content_checksum = ?1", [sum]).unwrap();
        assert_eq!(operate(&store, 1, RELEASE).await, Operated::Done);
        let claimed = claim(&store, at(9)).await;
        assert_eq!(store.content(&claimed[0]).await.unwrap(), octets);
    }
}

#[tokio::test]
async fn entries_are_found_by_names_and_by_each_other() {
    let mut first = message(1, 10);
    first.identifier = Some("[/ADMD=a/C=XX/;local 1]".into());
    let (_folder, store) = store_with([first, message(2, 10)]).await;
    claim(&store, NOON).await;
    let id = |number| QueueId::new(number, NOON);
    let memory = Memory { keys: vec!["msgid 1@a".into()], octets: vec![1] };
    let consequences = Consequences { memories: vec![memory], ..Consequences::default() };
    store.record_and_insert(id(1), vec![transferred(1)], consequences, at(1)).await.unwrap();
    let consequences = Consequences {
        entries: vec![message(3, 10)],
        about: About { keys: vec!["msgid 0@a".into(), "msgid 1@a".into()], recipients: vec![1] },
        ..Consequences::default()
    };
    store.record_and_insert(id(2), vec![transferred(1)], consequences, at(2)).await.unwrap();
    let archive = store.archive().unwrap();
    let named = |name: &str, key: &str, local: &str| archive.named(name, &[key.to_owned()], local).unwrap();
    assert_eq!(named("1@a", "msgid 1@a", ""), [id(1)]);
    assert_eq!(named("[/ADMD=a/C=XX/;local 1]", "", ""), [id(1)]);
    assert_eq!(named("/ADMD=a/C=XX/;local 1", "", ""), [id(1)]);
    assert_eq!(named("", "", "local 1"), [id(1)]);
    assert_eq!(named(&id(2).to_string(), "", ""), [id(2)]);
    assert_eq!(named("2@a", "msgid 2@a", "2"), []);
    let related =
        |number| archive.related(id(number)).unwrap().iter().map(|line| line.id).collect::<Vec<_>>();
    assert_eq!(related(1), [id(2)], "what is about it");
    assert_eq!(related(2), [id(3)], "what was made because of it");
}

#[tokio::test]
async fn whether_anything_can_be_written_is_tried() {
    let (_folder, store) = store_with([]).await;
    store.touch(NOON).await.unwrap();
    store.touch(at(1)).await.unwrap();
    assert_eq!(store.metrics().commits, 2);
}
