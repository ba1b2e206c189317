//! Requests that come again: answered as before, across restarts, for a day.

use super::*;
use crate::queue::store::Answer;

fn answer(key: &str, digest: &str, text: &str) -> Answer {
    Answer { key: key.into(), digest: digest.into(), text: text.into() }
}

#[tokio::test]
async fn a_request_that_comes_again_is_answered_as_before_and_keeps_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    assert_eq!(store.answered("a".into()).await.unwrap(), None);
    let first = answer("a", "x", "1");
    // The second is too large for its row.
    for (number, length, one, before) in [
        (1, 300, &first, None),
        (2, 100_000, &answer("a", "x", "2"), Some(&first)),
        (3, 300, &answer("a", "y", "3"), Some(&first)),
        (4, 300, &answer("A", "x", "4"), None),
    ] {
        let kept = store.insert_answered(message(number, length), one.clone()).await.unwrap();
        assert_eq!(kept.as_ref(), before, "{number}");
    }
    drop(store);
    let store = open(&folder);
    assert_eq!(store.answered("a".into()).await.unwrap(), Some(first));
    assert_eq!(ids(&store, ALL).await.len(), 2);
    assert_eq!(store.spool.files().unwrap().len(), 0, "what was not kept has left a file");

    let hour = time::Duration::HOUR;
    assert_eq!(store.sweep(NOON + 23 * hour).await.unwrap().answers, 0);
    assert_eq!(store.sweep(NOON + 25 * hour).await.unwrap().answers, 2);
    assert_eq!(store.answered("a".into()).await.unwrap(), None);
}

/// What was not kept is not said to be, even if what was answered before is forgotten at that very moment.
#[tokio::test]
async fn an_answer_that_goes_meanwhile_is_no_leave() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("queue.db");
    let commits = std::sync::atomic::AtomicUsize::new(0);
    let probe = Probe::new(move |step| {
        if step == Step::Committed && commits.fetch_add(1, Ordering::SeqCst) == 1 {
            Connection::open(&path).unwrap().execute("DELETE FROM answer", []).unwrap();
        }
    });
    let store = SqliteStore::open_probed(folder.path(), Options::default(), probe).unwrap();
    assert_eq!(store.insert_answered(message(1, 10), answer("a", "x", "1")).await.unwrap(), None);
    let again = store.insert_answered(message(2, 10), answer("a", "x", "2")).await;
    assert!(matches!(again, Err(Error::Unavailable { .. })), "{again:?}");
    assert_eq!(ids(&store, ALL).await, [message(1, 0).id]);
}

#[tokio::test]
async fn one_of_many_at_once_is_taken() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(open(&folder));
    let mut asking = tokio::task::JoinSet::new();
    for number in 1..=20 {
        let store = Arc::clone(&store);
        asking.spawn(async move {
            let one = answer("a", "x", &number.to_string());
            store.insert_answered(message(number, 300), one).await.unwrap().is_none()
        });
    }
    let taken = asking.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!((taken, ids(&store, ALL).await.len()), (1, 1));
}
