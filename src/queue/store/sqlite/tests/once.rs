//! What is to be kept once: recognised in the same commit, across restarts, by all of its octets, for a set time.

use super::*;

fn mark(name: &str, parts: &[&str]) -> Mark {
    let octets = |text: &&str| text.as_bytes().to_vec();
    Mark { name: name.into(), parts: parts.iter().map(octets).collect() }
}

/// Inserts message `number`, received at `now`.
async fn insert(store: &SqliteStore, number: u64, now: OffsetDateTime, mark: Mark) -> Inserted {
    let entry = Entry { received_at: now, ..message(number, 200_000) };
    store.insert_once(entry, mark).await.unwrap()
}

#[tokio::test]
async fn what_was_kept_is_not_kept_again() {
    use Inserted::{Kept, Repeated};
    // name, parts, what becomes of it, one after the other
    let table: &[(&str, &[&str], Inserted)] = &[
        ("a", &["1", "2"], Kept),
        ("a", &["1", "2"], Repeated),
        ("a", &["2", "1"], Repeated),
        ("a", &["2"], Repeated),
        ("a", &["3"], Kept),
        ("a", &["3"], Repeated),
        // Something in it is new.
        ("a", &["3", "4"], Kept),
        ("a", &["1", "2", "3", "4"], Repeated),
        ("A", &["1"], Kept),
        ("a\0", &["1"], Kept),
        ("", &["1"], Kept),
        ("", &[""], Kept),
        ("", &["", "1"], Repeated),
        ("b", &[], Kept),
        ("b", &[], Repeated),
    ];
    let folder = TempDir::new().unwrap();
    let mut store = open(&folder);
    for (number, (name, parts, expected)) in (1..).zip(table) {
        assert_eq!(
            insert(&store, number, NOON, mark(name, parts)).await,
            *expected,
            "{number}: {name} {parts:?}"
        );
        if number % 4 == 0 {
            drop(store);
            store = open(&folder);
        }
    }
    let kept = table.iter().filter(|(.., expected)| *expected == Kept).count();
    assert_eq!(ids(&store, ALL).await.len(), kept);
    assert_eq!(store.spool.files().unwrap().len(), kept, "what was not kept has left nothing");
    assert_eq!(claim(&store, NOON).await.len(), kept);
}

#[tokio::test]
async fn repetitions_are_counted_and_cost_their_file() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for number in [1, 2] {
        let entry = in_file(folder.path(), &message(number, 200_000));
        store.insert_once(entry.clone(), mark("a", &["1"])).await.unwrap();
        assert!(!path_of(&entry).exists());
    }
    assert_eq!(store.metrics().repeated, 1);
    assert_eq!(store.spool.files().unwrap().len(), 1);
    // Without a mark nothing is compared.
    store.insert(message(3, 10)).await.unwrap();
    assert_eq!(ids(&store, ALL).await, [message(1, 0).id, message(3, 0).id]);
}

/// An entry that is refused has not been kept, so it may come again.
#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let taken = message(1, 10);
    store.insert(taken.clone()).await.unwrap();
    assert!(store.insert_once(taken, mark("a", &["1"])).await.is_err());
    assert_eq!(insert(&store, 2, NOON, mark("a", &["1"])).await, Inserted::Kept);
}

#[tokio::test]
async fn marks_are_forgotten_in_time_and_outlive_their_entries() {
    let folder = TempDir::new().unwrap();
    let options =
        Options { mark_retention: 60 * MINUTE, tracking_retention: 5 * MINUTE, ..Options::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    insert(&store, 1, NOON, mark("a", &["1"])).await;
    insert(&store, 2, NOON, mark("b", &["1"])).await;
    for number in [1, 2] {
        store.record(message(number, 0).id, vec![transferred(1)], NOON).await.unwrap();
    }
    assert_eq!(store.sweep(at(59)).await.unwrap(), Swept { entries: 2, ..Swept::default() });
    assert_eq!(insert(&store, 3, at(59), mark("a", &["1"])).await, Inserted::Repeated);
    // To one of them something is added, which keeps it.
    assert_eq!(insert(&store, 4, at(59), mark("b", &["2"])).await, Inserted::Kept);
    assert_eq!(store.sweep(at(60)).await.unwrap().marks, 1);
    assert_eq!(insert(&store, 5, at(60), mark("b", &["1"])).await, Inserted::Repeated);
    assert_eq!(insert(&store, 6, at(60), mark("a", &["1"])).await, Inserted::Kept);
    let connection = Connection::open(folder.path().join("queue.db")).unwrap();
    let parts: i64 = connection.query_row("SELECT count(*) FROM mark_part", [], |row| row.get(0)).unwrap();
    assert_eq!(parts, 3, "parts go with their mark");
}
