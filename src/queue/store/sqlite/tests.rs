//! The promises of the store, each with its own story.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::PathBuf, sync::mpsc as blocking};

use tempfile::TempDir;
use time::{Duration as Span, macros::datetime};

use super::{probe::Step, *};
use crate::queue::{
    entry::{
        DeliverBy, DeliverByMode, Envelope, Kind, MailOptions, Origin, Recipient, RecipientOptions,
        RecipientState, Return, Urgency,
    },
    store::{AttemptResult, State, StateKind},
};

mod answers;
mod crash;
mod damage;
mod group;
mod memory;
mod once;
mod operate;
mod outlook;
mod reports;
mod seen;
mod take_over;

const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);
const MINUTE: Duration = Duration::from_secs(60);
const ALL: Filter = Filter { state: None, after: None, limit: 1000 };

/// Message number `number`, for one recipient, with a content of `length` octets that no other message has.
fn message(number: u64, length: usize) -> Entry {
    let octets: Vec<u8> = number.to_be_bytes().into_iter().chain(0..=255).cycle().take(length).collect();
    Entry {
        id: QueueId::new(number, NOON),
        received_at: NOON,
        kind: Kind::Mail,
        urgency: Urgency::Normal,
        origin: Origin::Local,
        envelope: Envelope {
            reverse_path: Some("ann@a.example".into()),
            options: MailOptions::default(),
            recipients: vec![Recipient::new(1, "bob@b.example")],
        },
        rules_version: None,
        identifier: None,
        content: Content::Inline(octets.into()),
    }
}

/// The same entry with its content in a file below `folder`.
fn in_file(folder: &Path, entry: &Entry) -> Entry {
    let Content::Inline(octets) = &entry.content else { panic!("{entry:?}") };
    let arriving = folder.join("arriving");
    fs::create_dir_all(&arriving).unwrap();
    let path = arriving.join(entry.id.to_string());
    fs::write(&path, octets).unwrap();
    Entry { content: Content::File { path, length: octets.len() as u64 }, ..entry.clone() }
}

/// Where the file of an entry that was handed over is, or was.
fn path_of(entry: &Entry) -> PathBuf {
    let Content::File { path, .. } = &entry.content else { panic!("{entry:?}") };
    path.clone()
}

fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(folder.path(), Options::default()).unwrap()
}

fn at(minutes: i64) -> OffsetDateTime {
    NOON + Span::minutes(minutes)
}

async fn claim(store: &SqliteStore, now: OffsetDateTime) -> Vec<Arc<Entry>> {
    store.claim(100, MINUTE, now).await.unwrap().entries
}

async fn ids(store: &SqliteStore, filter: Filter) -> Vec<QueueId> {
    store.list(filter).await.unwrap().iter().map(|summary| summary.id).collect()
}

fn transferred(number: u32) -> Update {
    Update { number, result: AttemptResult::Transferred { to: "mta".into(), detail: "taken".into() } }
}

fn deferred(number: u32, next_attempt: OffsetDateTime) -> Update {
    Update { number, result: AttemptResult::Deferred { diagnosis: "busy".into(), next_attempt } }
}

/// A folder that is there stays as it is.
#[test]
fn a_folder_that_is_made_is_its_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let there = folder.path().join("there");
    fs::create_dir(&there).unwrap();
    fs::set_permissions(&there, fs::Permissions::from_mode(0o750)).unwrap();
    for (path, expected) in [(there, 0o750), (folder.path().join("new/queue"), 0o700)] {
        SqliteStore::open(&path, Options::default()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, expected, "{}", path.display());
    }
}

#[tokio::test]
async fn an_entry_comes_back_as_it_went_in() {
    let folder = TempDir::new().unwrap();
    let mut entry = message(1, 300);
    entry.origin = Origin::Smtp {
        peer: "[2001:db8::1]:25".parse().unwrap(),
        helo: "client.example".into(),
        protocol: "ESMTPS".into(),
        identity: Some("ann".into()),
        results: Some("gw.example; spf=pass".into()),
    };
    entry.envelope = Envelope {
        reverse_path: None,
        options: MailOptions {
            ret: Some(Return::Headers),
            envelope_id: Some("QQ314159".into()),
            body: Some("8BITMIME".into()),
            deliver_by: Some(DeliverBy { by: 1_800_000_000, mode: DeliverByMode::Notify, trace: true }),
            hold_until: Some(1_790_000_000),
            priority: Some(-3),
            others: vec![("SMTPUTF8".into(), None), ("X".into(), Some("y".into()))],
        },
        recipients: vec![
            Recipient {
                options: RecipientOptions {
                    notify: Some(vec!["success".into(), "failure".into()]),
                    original_recipient: Some(("rfc822".into(), "\u{3b1}@x.example".into())),
                    others: vec![("RRVS".into(), Some("2014-04-03T23:01:00Z".into()))],
                },
                ..Recipient::new(1, "\"odd \u{0} one\"@b.example")
            },
            Recipient {
                attempts: 2,
                last_diagnosis: Some("busy".into()),
                next_attempt: Some(at(5)),
                ..Recipient::new(7, "")
            },
            Recipient {
                state: RecipientState::Transferred { at: at(1), to: "mta".into(), detail: String::new() },
                ..Recipient::new(8, "c@b.example")
            },
            Recipient {
                state: RecipientState::Failed { at: at(1), code: "5.1.1".into(), detail: "no such".into() },
                ..Recipient::new(9, "d@b.example")
            },
        ],
    };
    let store = open(&folder);
    store.insert(entry.clone()).await.unwrap();
    let tracked = store.load(entry.id).await.unwrap().unwrap();
    assert_eq!(tracked, Tracked { entry: entry.clone(), state: State::Queued { due: NOON }, losses: None });
    assert_eq!(*claim(&store, NOON).await[0], entry, "from memory");
    drop(store);
    assert_eq!(*claim(&open(&folder), NOON).await[0], entry, "from the disk");
}

#[tokio::test]
async fn what_is_no_mail_for_x400_comes_back_as_such() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let peer = Origin::P1 { mta: "hub".into() };
    for (number, kind, origin) in [(1, Kind::P1, peer), (2, Kind::Internet, Origin::Local)] {
        let entry = Entry { kind, urgency: Urgency::NonUrgent, origin, ..message(number, 300) };
        store.insert(entry.clone()).await.unwrap();
        assert_eq!(store.load(entry.id).await.unwrap().unwrap().entry, entry);
    }
}

#[tokio::test]
async fn the_more_urgent_is_taken_first() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let urgencies = [Urgency::NonUrgent, Urgency::Normal, Urgency::Urgent, Urgency::Normal, Urgency::Urgent];
    for (number, urgency) in (1..).zip(urgencies) {
        let mut entry = Entry { urgency, ..message(number, 10) };
        entry.received_at = at(i64::try_from(number).unwrap());
        store.insert(entry).await.unwrap();
    }
    let number = |entry: &Arc<Entry>| (1..=5).find(|number| message(*number, 10).id == entry.id).unwrap();
    // Number 5, urgent, is not due yet.
    let first = store.claim(3, 10 * MINUTE, at(4)).await.unwrap();
    assert_eq!(first.entries.iter().map(number).collect::<Vec<_>>(), [3, 2, 4]);
    let rest = store.claim(3, 10 * MINUTE, at(4)).await.unwrap();
    assert_eq!(rest.entries.iter().map(number).collect::<Vec<_>>(), [1]);
    assert_eq!(store.next_due(at(4)).await.unwrap(), Some(at(5)));
    assert_eq!(claim(&store, at(5)).await.iter().map(number).collect::<Vec<_>>(), [5]);
}

/// A failure and the report about it are one.
#[tokio::test]
async fn consequences_are_written_with_their_cause_or_not_at_all() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let cause = message(1, 10);
    store.insert(cause.clone()).await.unwrap();
    claim(&store, NOON).await;
    let failed = || {
        let result = AttemptResult::Failed { code: "5.1.1".into(), detail: "who".into() };
        vec![Update { number: 1, result }]
    };
    // One whose id is taken: neither it nor the failure is kept, nor the content that was in the spool.
    let (large, taken) = (message(2, 200_000), message(1, 10));
    let answer = store.record_and_insert(cause.id, failed(), vec![large.clone(), taken].into(), NOON).await;
    assert!(matches!(answer, Err(Error::Misuse { .. })), "{answer:?}");
    assert_eq!(ids(&store, ALL).await, [cause.id]);
    assert_eq!(store.load(cause.id).await.unwrap().unwrap().state, State::Queued { due: NOON });
    assert!(store.spool.files().unwrap().is_empty());

    let progress =
        store.record_and_insert(cause.id, failed(), vec![large.clone()].into(), NOON).await.unwrap();
    assert_eq!(progress, Progress::default());
    assert_eq!(store.load(cause.id).await.unwrap().unwrap().state, State::Done { at: NOON });
    let claimed = claim(&store, NOON).await;
    assert_eq!(claimed[0].id, large.id);
    let Content::Inline(octets) = large.content else { unreachable!() };
    assert_eq!(store.content(&claimed[0]).await.unwrap(), octets);
}

/// A queue of the first version of the tables is brought up to date with everything in it.
#[tokio::test]
async fn an_older_queue_is_brought_up_to_date() {
    let folder = TempDir::new().unwrap();
    let entries = [message(1, 10), message(2, 200_000)];
    let store = open(&folder);
    for entry in &entries {
        store.insert(entry.clone()).await.unwrap();
    }
    drop(store);
    // Back to what the first version had: mail has the same rows in it as then.
    let connection = Connection::open(folder.path().join("queue.db")).unwrap();
    connection
        .execute_batch(
            "DROP INDEX entry_queued; ALTER TABLE entry DROP COLUMN rank; ALTER TABLE entry DROP COLUMN losses;
             ALTER TABLE entry DROP COLUMN rules; ALTER TABLE recipient DROP COLUMN rules; DROP TABLE mark; DROP TABLE mark_part;
             DROP TABLE memory; DROP TABLE memory_key; DROP TABLE seen;
             DROP INDEX entry_because_of; DROP INDEX entry_about; ALTER TABLE entry DROP COLUMN identifier;
             ALTER TABLE entry DROP COLUMN because_of; ALTER TABLE entry DROP COLUMN about; ALTER TABLE entry DROP COLUMN hold;
             DROP TABLE event; DROP TABLE hold; DROP TABLE exempt; DROP TABLE touched; DROP TABLE answer;
             ALTER TABLE recipient DROP COLUMN report; PRAGMA user_version = 1;",
        )
        .unwrap();
    let head: String = connection.query_row("SELECT head FROM entry", [], |row| row.get(0)).unwrap();
    assert_eq!(head, r#"{"origin":"local","options":{}}"#);
    drop(connection);

    let store = open(&folder);
    for entry in &entries {
        let tracked = store.load(entry.id).await.unwrap().unwrap();
        assert_eq!((tracked.entry.kind, tracked.entry.urgency), (Kind::Mail, Urgency::Normal));
        assert_eq!(tracked.entry.envelope, entry.envelope);
    }
    assert_eq!(claim(&store, NOON).await.len(), 2);
}

/// F-17: what a conversion lost is kept with the entry, whatever becomes of it.
#[tokio::test]
async fn losses_are_kept_with_their_entry() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let entry = message(1, 10);
    store.insert(entry.clone()).await.unwrap();
    for losses in [r#"[{"what":"x"}]"#, "[]"] {
        store.note_losses(entry.id, losses.into()).await.unwrap();
        assert_eq!(store.load(entry.id).await.unwrap().unwrap().losses.as_deref(), Some(losses));
    }
    assert_eq!(claim(&store, NOON).await.len(), 1, "it is due all the same");
    let unknown = store.note_losses(message(2, 1).id, "[]".into()).await;
    assert!(matches!(unknown, Err(Error::Misuse { .. })), "{unknown:?}");
    drop(store);
    assert_eq!(open(&folder).load(entry.id).await.unwrap().unwrap().losses.as_deref(), Some("[]"));
}

#[tokio::test]
async fn contents_of_every_size_come_back() {
    let folder = TempDir::new().unwrap();
    let limit = Options::default().inline_limit;
    let lengths = [0, 1, limit - 1, limit, limit + 1, 3 * limit];
    let store = open(&folder);
    for (number, length) in (0..).zip(lengths) {
        store.insert(message(number, length)).await.unwrap();
    }
    drop(store);
    let store = open(&folder);
    for ((number, length), entry) in (0..).zip(lengths).zip(claim(&store, NOON).await) {
        let Content::Inline(octets) = message(number, length).content else { unreachable!() };
        assert_eq!(store.content(&entry).await.unwrap(), octets, "message {number}");
        assert_eq!(matches!(entry.content, Content::Spool { .. }), octets.len() > limit, "message {number}");
    }
}

#[tokio::test]
async fn an_entry_is_held_by_one_at_a_time() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for number in 0..3 {
        store.insert(message(number, 10)).await.unwrap();
    }
    let first = store.claim(2, MINUTE, NOON).await.unwrap();
    assert_eq!(first.entries.len(), 2);
    assert_eq!(first.next_due, Some(NOON), "the third is due now");
    assert_eq!(claim(&store, NOON).await.len(), 1, "only the third is free");
    assert_eq!(store.count().await.unwrap(), Counts { queued: 3, leased: 3, ..Counts::default() });
    assert_eq!(store.next_due(NOON).await.unwrap(), Some(at(1)), "when the leases end");

    store.renew(vec![first.entries[0].id], at(5)).await.unwrap();
    assert!(claim(&store, at(1) - Span::microseconds(1)).await.is_empty(), "all leases hold");
    assert_eq!(claim(&store, at(1)).await.len(), 2, "two have run out, one was renewed");
    assert_eq!(claim(&store, at(5)).await.len(), 3);

    drop(store);
    assert_eq!(claim(&open(&folder), NOON).await.len(), 3, "no lease outlives its process");
}

#[tokio::test]
async fn recipients_end_one_by_one() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mut entry = message(1, 200_000);
    entry.envelope.recipients.push(Recipient::new(2, "eve@b.example"));
    entry.envelope.recipients.push(Recipient::new(3, "joe@b.example"));
    let id = entry.id;
    store.insert(entry).await.unwrap();
    claim(&store, NOON).await;

    let failed =
        Update { number: 2, result: AttemptResult::Failed { code: "5.1.1".into(), detail: "who".into() } };
    let progress = store.record(id, vec![transferred(1), failed, deferred(3, at(9))], at(1)).await.unwrap();
    assert_eq!(progress, Progress { pending: 1, next_attempt: Some(at(9)) });
    assert_eq!(store.next_due(at(1)).await.unwrap(), Some(at(9)));
    assert!(claim(&store, at(8)).await.is_empty());

    let claimed = claim(&store, at(9)).await;
    let [bob, eve, joe] = &claimed[0].envelope.recipients[..] else { panic!("{claimed:?}") };
    assert_eq!(
        bob.state,
        RecipientState::Transferred { at: at(1), to: "mta".into(), detail: "taken".into() }
    );
    assert_eq!(eve.state, RecipientState::Failed { at: at(1), code: "5.1.1".into(), detail: "who".into() });
    assert_eq!((joe.attempts, joe.last_diagnosis.as_deref()), (1, Some("busy")));

    assert_eq!(store.record(id, vec![transferred(3)], at(9)).await.unwrap(), Progress::default());
    let tracked = store.load(id).await.unwrap().unwrap();
    assert_eq!(tracked.state, State::Done { at: at(9) });
    assert_eq!(tracked.entry.content.length(), 200_000);
    assert_eq!(store.next_due(at(9)).await.unwrap(), None);
    assert_eq!(store.spool.files().unwrap().len(), 1, "one recipient has failed, so the content stays");
}

#[tokio::test]
async fn senseless_requests_are_refused_and_change_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let entry = message(1, 10);
    store.insert(entry.clone()).await.unwrap();
    let before = store.load(entry.id).await.unwrap();

    let mut twice = message(2, 10);
    twice.envelope.recipients.push(Recipient::new(1, "again@b.example"));
    let mut nobody = message(3, 10);
    nobody.envelope.recipients.clear();
    let mut gone = message(4, 10);
    gone.content = Content::Discarded { length: 4 };
    for entry in [entry.clone(), twice, nobody, gone] {
        let answer = store.insert(entry).await;
        assert!(matches!(answer, Err(Error::Misuse { .. })), "{answer:?}");
    }
    let unknown = QueueId::new(9, NOON);
    for (id, updates) in [
        (unknown, vec![transferred(1)]),
        (entry.id, vec![transferred(2)]),
        (entry.id, vec![transferred(1), transferred(1)]),
    ] {
        let answer = store.record(id, updates, NOON).await;
        assert!(matches!(answer, Err(Error::Misuse { .. })), "{answer:?}");
    }
    assert!(matches!(store.postpone(unknown, NOON).await, Err(Error::Misuse { .. })));
    assert_eq!(store.load(unknown).await.unwrap(), None);
    assert_eq!(ids(&store, ALL).await, [entry.id]);
    assert_eq!(store.load(entry.id).await.unwrap(), before);
}

#[tokio::test]
async fn a_postponed_entry_waits_and_survives_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let id = message(1, 10).id;
    store.insert(message(1, 10)).await.unwrap();
    store.postpone(id, at(20)).await.unwrap();
    assert!(claim(&store, at(19)).await.is_empty());
    let claimed = claim(&store, at(20)).await;
    assert_eq!(claimed[0].due_at(), Some(at(20)), "not as it was when it came in");
    store.postpone(id, at(30)).await.unwrap();
    drop(store);
    let store = open(&folder);
    assert!(claim(&store, at(29)).await.is_empty());
    assert_eq!(claim(&store, at(30)).await.len(), 1);
    store.postpone(id, NOON).await.unwrap();
    assert_eq!(claim(&store, NOON).await.len(), 1, "postponing gives the entry back");
}

#[tokio::test]
async fn what_was_put_off_by_a_clock_that_was_set_back_is_due() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for number in 1..=3 {
        store.insert(message(number, 1)).await.unwrap();
    }
    let soon = store.record(message(1, 1).id, vec![deferred(1, at(90))], NOON).await.unwrap();
    let late = store.record(message(2, 1).id, vec![deferred(1, at(5_000))], NOON).await.unwrap();
    assert_eq!([soon.next_attempt, late.next_attempt], [Some(at(90)), Some(at(5_000))]);
    // Never tried: it waits for its time.
    store.postpone(message(3, 1).id, at(5_000)).await.unwrap();
    assert_eq!(store.bring_forward(at(100), NOON).await.unwrap(), 1);
    let claimed: Vec<QueueId> = claim(&store, NOON).await.iter().map(|entry| entry.id).collect();
    assert_eq!(claimed, [message(2, 1).id]);
}

#[tokio::test]
async fn a_held_message_is_not_due_before_its_time() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mut entry = message(1, 10);
    entry.envelope.recipients[0].next_attempt = Some(at(60));
    store.insert(entry).await.unwrap();
    let claimed = store.claim(1, MINUTE, at(59)).await.unwrap();
    assert_eq!(claimed, Claim { entries: vec![], next_due: Some(at(60)) });
}

#[tokio::test]
async fn what_is_done_is_kept_as_long_as_configured() {
    let folder = TempDir::new().unwrap();
    let options =
        Options { content_retention: 10 * MINUTE, tracking_retention: 60 * MINUTE, ..Options::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    for (number, length) in [(1, 10), (2, 200_000)] {
        let entry = message(number, length);
        let id = entry.id;
        store.insert(entry.clone()).await.unwrap();
        claim(&store, NOON).await;
        store.record(id, vec![transferred(1)], NOON).await.unwrap();
        let kept = store.load(id).await.unwrap().unwrap().entry;
        assert_eq!(store.content(&kept).await.unwrap().len(), length, "still there for another look");
    }
    assert_eq!(store.sweep(at(9)).await.unwrap(), Swept::default());
    assert_eq!(store.sweep(at(10)).await.unwrap(), Swept { contents: 2, entries: 0, ..Swept::default() });
    assert_eq!(store.count().await.unwrap().done, 2);
    assert_eq!(store.sweep(at(60)).await.unwrap(), Swept { contents: 0, entries: 2, ..Swept::default() });
    assert!(ids(&store, ALL).await.is_empty());
    assert!(store.spool.files().unwrap().is_empty());
}

#[tokio::test]
async fn no_more_is_kept_of_what_is_done_than_configured() {
    let folder = TempDir::new().unwrap();
    let options = Options { content_retention: 60 * MINUTE, tracking_limit: Some(2), ..Options::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    for (number, length) in [(1, 200_000), (2, 10), (3, 200_000), (4, 10)] {
        let entry = message(number, length);
        let id = entry.id;
        store.insert(entry).await.unwrap();
        claim(&store, NOON).await;
        store.record(id, vec![transferred(1)], at(i64::try_from(number).unwrap())).await.unwrap();
    }
    let waiting = message(5, 10);
    store.insert(waiting.clone()).await.unwrap();
    // Those that ended first go, with their contents; what has not ended does not count.
    assert_eq!(store.sweep(at(9)).await.unwrap(), Swept { entries: 2, ..Swept::default() });
    assert_eq!(store.sweep(at(9)).await.unwrap(), Swept::default());
    assert_eq!(ids(&store, ALL).await, [message(3, 0).id, message(4, 0).id, waiting.id]);
    assert_eq!(store.spool.files().unwrap().len(), 1);
}

/// A message that failed for somebody after it was accepted is not thrown away with the last outcome.
#[tokio::test]
async fn what_failed_is_kept_as_long_as_its_traces() {
    let folder = TempDir::new().unwrap();
    let options = Options { tracking_retention: 60 * MINUTE, ..Options::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    for (number, length) in [(1, 10), (2, 200_000)] {
        let entry = message(number, length);
        let id = entry.id;
        store.insert(entry).await.unwrap();
        claim(&store, NOON).await;
        let result = AttemptResult::Failed { code: "5.1.1".into(), detail: "unknown".into() };
        store.record(id, vec![Update { number: 1, result }], NOON).await.unwrap();
        let tracked = store.load(id).await.unwrap().unwrap();
        assert_eq!(tracked.state, State::Done { at: NOON });
        assert_eq!(store.content(&tracked.entry).await.unwrap().len(), length);
    }
    assert_eq!(ids(&store, Filter { state: Some(StateKind::Done), ..ALL }).await.len(), 2);
    assert_eq!(store.sweep(at(59)).await.unwrap(), Swept::default());
    assert_eq!(store.sweep(at(60)).await.unwrap(), Swept { contents: 2, entries: 2, ..Swept::default() });
    assert!(store.spool.files().unwrap().is_empty());
}

#[tokio::test]
async fn listings_are_in_the_order_of_acceptance_and_come_in_pages() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for number in [3, 1, 4, 2, 5] {
        store.insert(message(number, 10)).await.unwrap();
    }
    let id = |number| QueueId::new(number, NOON);
    claim(&store, NOON).await;
    store.record(id(2), vec![transferred(1)], at(1)).await.unwrap();
    store.record(id(4), vec![deferred(1, at(8))], at(1)).await.unwrap();

    assert_eq!(ids(&store, ALL).await, [id(1), id(2), id(3), id(4), id(5)]);
    assert_eq!(ids(&store, Filter { limit: 2, ..ALL }).await, [id(1), id(2)]);
    assert_eq!(ids(&store, Filter { after: Some(id(2)), limit: 2, ..ALL }).await, [id(3), id(4)]);
    assert_eq!(ids(&store, Filter { state: Some(StateKind::Done), ..ALL }).await, [id(2)]);
    let queued = Filter { state: Some(StateKind::Queued), after: Some(id(1)), ..ALL };
    assert_eq!(ids(&store, queued).await, [id(3), id(4), id(5)]);
    let four = store.list(Filter { after: Some(id(3)), limit: 1, ..ALL }).await.unwrap();
    let expected = Summary {
        id: id(4),
        state: State::Queued { due: at(8) },
        received_at: NOON,
        reverse_path: Some("ann@a.example".into()),
        recipients: 1,
        pending: 1,
        length: 10,
        rules_version: None,
    };
    assert_eq!(four, [expected]);
}

#[tokio::test]
async fn a_folder_belongs_to_one_store_at_a_time() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let second = SqliteStore::open(folder.path(), Options::default());
    assert!(matches!(second, Err(Error::Unavailable { .. })), "{second:?}");
    drop(store);
    open(&folder);
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    let folder = TempDir::new().unwrap();
    drop(open(&folder));
    let connection = Connection::open(folder.path().join("queue.db")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = SqliteStore::open(folder.path(), Options::default()).unwrap_err();
    assert!(error.to_string().contains("version 99"), "{error}");
}
