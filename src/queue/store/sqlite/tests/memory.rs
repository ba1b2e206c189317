//! What is to be found again: written with the outcome that passed the message on, found by any key, for a set time.

use super::*;
use crate::queue::store::{Memory, RECALLED};

fn memory(keys: &[&str], what: &str) -> Memory {
    Memory { keys: keys.iter().map(|key| (*key).to_owned()).collect(), octets: what.into() }
}

/// Passes message `number` on at `now` and remembers `memories`.
async fn pass_on(store: &SqliteStore, number: u64, memories: Vec<Memory>, now: OffsetDateTime) {
    let entry = message(number, 10);
    let id = entry.id;
    store.insert(entry).await.unwrap();
    let consequences = Consequences { memories, ..Consequences::default() };
    store.record_and_insert(id, vec![transferred(1)], consequences, now).await.unwrap();
}

async fn recalled(store: &SqliteStore, keys: &[&str]) -> Vec<String> {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    let found = store.recall(keys).await.unwrap();
    found.into_iter().map(|octets| String::from_utf8(octets).unwrap()).collect()
}

// Y-23
#[tokio::test]
async fn what_was_passed_on_is_found_by_any_key_and_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    pass_on(&store, 1, vec![memory(&["mts 1", "envid \u{0} x", "msgid same"], "one")], NOON).await;
    pass_on(&store, 2, vec![memory(&["mts 2", "msgid same", "msgid same"], "two")], at(1)).await;
    pass_on(&store, 3, Vec::new(), at(2)).await;
    drop(store);
    let store = open(&folder);
    let table: &[(&[&str], &[&str])] = &[
        (&["mts 1"], &["one"]),
        (&["mts 2"], &["two"]),
        (&["envid \u{0} x"], &["one"]),
        // Newest first.
        (&["msgid same"], &["two", "one"]),
        // The first key that says anything decides.
        (&["mts 3", "mts 1", "msgid same"], &["one"]),
        (&["mts"], &[]),
        (&["MTS 1"], &[]),
        (&[], &[]),
    ];
    for (keys, expected) in table {
        assert_eq!(recalled(&store, keys).await, *expected, "{keys:?}");
    }
}

#[tokio::test]
async fn it_is_remembered_with_its_cause_or_not_at_all() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let entry = message(1, 10);
    store.insert(entry.clone()).await.unwrap();
    let of = |memories| Consequences { memories, ..Consequences::default() };
    // Nobody has number 7.
    let answer =
        store.record_and_insert(entry.id, vec![transferred(7)], of(vec![memory(&["a"], "x")]), NOON).await;
    assert!(matches!(answer, Err(Error::Misuse { .. })), "{answer:?}");
    assert!(recalled(&store, &["a"]).await.is_empty());
}

/// It costs no sync: 64 messages that are passed on together are two commits, with memories or without.
#[tokio::test]
async fn remembering_takes_no_commit_of_its_own() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    pass_on(&store, 1, vec![memory(&["a", "b", "c"], "x")], NOON).await;
    assert_eq!(store.metrics(), Metrics { commits: 2, syncs: 1, changes: 2, repeated: 0 });
    pass_on(&store, 2, Vec::new(), NOON).await;
    assert_eq!(store.metrics(), Metrics { commits: 4, syncs: 2, changes: 4, repeated: 0 });
}

#[tokio::test]
async fn what_is_old_is_forgotten_with_its_keys() {
    let folder = TempDir::new().unwrap();
    let options = Options { memory_retention: 60 * MINUTE, ..Options::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    for number in 1..=3_u64 {
        let keys = [format!("mts {number}"), "msgid same".to_owned()];
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let now = at(i64::try_from(number).unwrap() * 10);
        pass_on(&store, number, vec![memory(&keys, &number.to_string())], now).await;
    }
    assert_eq!(store.sweep(at(69)).await.unwrap(), Swept::default());
    assert_eq!(store.sweep(at(80)).await.unwrap(), Swept { memories: 2, ..Swept::default() });
    assert!(recalled(&store, &["mts 1", "mts 2"]).await.is_empty());
    assert_eq!(recalled(&store, &["msgid same"]).await, ["3"]);
    let many = vec![memory(&["many"], "m"); 40];
    pass_on(&store, 4, many, at(100)).await;
    assert_eq!(recalled(&store, &["many"]).await.len(), RECALLED as usize);
    assert_eq!(store.sweep(at(200)).await.unwrap().memories, 41);
    assert!(recalled(&store, &["many", "msgid same"]).await.is_empty());
}
