//! Reports that came, and those that did not.

use serde_json::json;

use super::*;
use crate::queue::store::operation::Event;
use crate::queue::store::{About, Memory};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A mail for these, by number: what its sender wants to hear of each.
fn mail(number: u64, notify: &[&str]) -> Entry {
    let recipients = (1..).zip(notify).map(|(number, notify)| Recipient {
        options: RecipientOptions {
            notify: Some(notify.split(',').map(str::to_owned).collect()),
            ..RecipientOptions::default()
        },
        ..Recipient::new(number, "bob@b.example")
    });
    let mut entry = message(number, 10);
    entry.envelope.recipients = recipients.collect();
    entry
}

fn missing(store: &SqliteStore, now: OffsetDateTime) -> Vec<Unreported> {
    store.archive().unwrap().unreported(now, DAY, &["fax".to_owned()]).unwrap()
}

fn of(number: u64, recipients: &[u32]) -> Unreported {
    Unreported { id: QueueId::new(number, NOON), recipients: recipients.to_vec() }
}

fn event() -> Event {
    Event { kind: "report-missing".into(), who: None, detail: json!({}) }
}

#[tokio::test]
async fn a_report_is_missed_for_each_recipient_until_it_comes_or_that_is_told() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let id = |number| QueueId::new(number, NOON);
    store.insert(mail(1, &["success", "success,delay", "failure", "success", "success"])).await.unwrap();
    store.insert(mail(2, &["success"])).await.unwrap();
    store.insert(message(3, 10)).await.unwrap();
    claim(&store, NOON).await;
    let silent = AttemptResult::Transferred { to: "fax".into(), detail: String::new() };
    let updates = vec![
        transferred(1),
        transferred(2),
        transferred(3),
        Update { number: 4, result: silent },
        deferred(5, at(600)),
    ];
    let memory = Memory { keys: vec!["a".into()], octets: vec![1] };
    let consequences = Consequences { memories: vec![memory], ..Consequences::default() };
    store.record_and_insert(id(1), updates, consequences, at(1)).await.unwrap();
    store.record(id(2), vec![transferred(1)], at(2)).await.unwrap();
    // One is still being tried: of the others a report is due all the same.
    assert_eq!(missing(&store, NOON), []);
    assert_eq!(missing(&store, at(1)), [of(1, &[1, 2])]);
    assert_eq!(missing(&store, at(2)), [of(1, &[1, 2]), of(2, &[1])]);
    assert_eq!(missing(&store, at(2 + 24 * 60)), [], "too long ago");

    // A report about the first.
    let about = About { keys: vec!["a".into()], recipients: vec![1] };
    let consequences = Consequences { about, ..Consequences::default() };
    store.record_and_insert(id(3), vec![transferred(1)], consequences, at(3)).await.unwrap();
    assert_eq!(missing(&store, at(3)), [of(1, &[2]), of(2, &[1])]);
    // Whoever looked before that comes too late, and nothing is kept.
    let told = Some(message(4, 10));
    assert!(!store.note_missing(of(1, &[1, 2]), event(), told.clone(), at(4)).await.unwrap());
    assert_eq!(store.load(id(4)).await.unwrap(), None);
    assert!(store.note_missing(of(1, &[2]), event(), told, at(4)).await.unwrap());
    assert_eq!(store.archive().unwrap().line(id(4)).unwrap().unwrap().because_of, Some(id(1)));
    assert_eq!(store.archive().unwrap().events(id(1)).unwrap().last().unwrap().event, event());
    assert_eq!(missing(&store, at(4)), [of(2, &[1])]);
}

/// One that is damaged keeps nobody from hearing of the others.
#[tokio::test]
async fn damage_does_not_keep_reports_from_being_missed() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for number in 1..4 {
        store.insert(mail(number, &["success"])).await.unwrap();
    }
    for entry in claim(&store, NOON).await {
        store.record(entry.id, vec![transferred(1)], at(1)).await.unwrap();
    }
    let connection = Connection::open(folder.path().join("queue.db")).unwrap();
    connection.execute("UPDATE entry SET head = '{' WHERE seq = 1", []).unwrap();
    connection.execute("UPDATE recipient SET options = '{' WHERE seq = 2", []).unwrap();
    assert_eq!(missing(&store, at(1)), [of(3, &[1])]);
}
