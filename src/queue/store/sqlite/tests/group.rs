//! Group commit: many share a sync, nobody waits for a timer, and a failure stays with its cause.

use super::*;

/// Holds the writer after it has taken its first group, until it is let go.
struct Gate {
    reached: blocking::Receiver<()>,
    open: blocking::Sender<()>,
}

fn gated(folder: &TempDir) -> (Arc<SqliteStore>, Gate) {
    let (reach, reached) = blocking::channel();
    let (open, opened) = blocking::channel::<()>();
    let opened = std::sync::Mutex::new(opened);
    let probe = Probe::new(move |step| {
        // Later groups find the receiver gone.
        if step == Step::GroupTaken && reach.send(()).is_ok() {
            let _ = opened.lock().unwrap().recv();
        }
    });
    let store = SqliteStore::open_probed(folder.path(), Options::default(), probe).unwrap();
    (Arc::new(store), Gate { reached, open })
}

/// Inserts `first`, and while the writer is held with it, `others`; gives their answers.
async fn together(
    store: &Arc<SqliteStore>,
    gate: Gate,
    first: Entry,
    others: Vec<Entry>,
) -> Vec<Result<(), Error>> {
    let spawn = |entry| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.insert(entry).await })
    };
    let mut tasks = vec![spawn(first)];
    tokio::task::yield_now().await;
    gate.reached.recv().unwrap();
    let expected = others.len();
    tasks.extend(others.into_iter().map(spawn));
    while store.changes.len() < expected {
        tokio::task::yield_now().await;
    }
    drop(gate.reached);
    gate.open.send(()).unwrap();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn what_gathers_during_a_commit_shares_the_next() {
    let folder = TempDir::new().unwrap();
    let (store, gate) = gated(&folder);
    let answers =
        together(&store, gate, message(0, 10), (1..64).map(|number| message(number, 10)).collect()).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(store.metrics(), Metrics { commits: 2, syncs: 2, changes: 64, repeated: 0 });
    assert_eq!(claim(&store, NOON).await.len(), 64);
}

#[tokio::test]
async fn a_lone_insertion_is_committed_at_once() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.insert(message(1, 10)).await.unwrap();
    assert_eq!(store.metrics(), Metrics { commits: 1, syncs: 1, changes: 1, repeated: 0 });
}

/// What became of an attempt waits for others of its kind, and not with who is alone.
#[tokio::test]
async fn who_is_alone_is_committed_alone() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(open(&folder));
    store.insert(message(1, 10)).await.unwrap();
    let other = Arc::clone(&store);
    let recorded =
        tokio::spawn(async move { other.record(message(1, 0).id, vec![transferred(1)], NOON).await });
    while store.changes.len() == 0 && !recorded.is_finished() {
        tokio::task::yield_now().await;
    }
    store.insert(message(2, 10)).await.unwrap();
    recorded.await.unwrap().unwrap();
    assert_eq!(store.metrics(), Metrics { commits: 3, syncs: 2, changes: 3, repeated: 0 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_forgotten_between_threads() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(open(&folder));
    let sessions = (0..40).map(|session| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..25 {
                let id = session * 25 + number;
                store.insert(message(id, 10)).await.unwrap();
                store.record(message(id, 0).id, vec![transferred(1)], NOON).await.unwrap();
            }
        })
    });
    for session in sessions.collect::<Vec<_>>() {
        session.await.unwrap();
    }
    let Metrics { commits, changes, .. } = store.metrics();
    assert_eq!(changes, 2000);
    assert!(commits < 1000, "{commits} commits for 2000 changes");
    assert_eq!(store.count().await.unwrap().done, 1000);
}

#[tokio::test]
async fn where_the_writer_is_gone_everybody_hears_of_it() {
    let folder = TempDir::new().unwrap();
    let probe = Probe::new(|step| assert!(step != Step::Changed, "a defect"));
    let store = SqliteStore::open_probed(folder.path(), Options::default(), probe).unwrap();
    for number in [1, 2] {
        let error = store.insert(message(number, 10)).await.unwrap_err();
        assert!(
            matches!(&error, Error::Unavailable { what, .. } if what == "writing has stopped"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_group_is_no_larger_than_configured() {
    let folder = TempDir::new().unwrap();
    let (reach, reached) = blocking::channel();
    let (open, opened) = blocking::channel::<()>();
    let opened = std::sync::Mutex::new(opened);
    let probe = Probe::new(move |step| {
        if step == Step::GroupTaken && reach.send(()).is_ok() {
            let _ = opened.lock().unwrap().recv();
        }
    });
    let options = Options { group_limit: 10, ..Options::default() };
    let store = Arc::new(SqliteStore::open_probed(folder.path(), options, probe).unwrap());
    let others = (1..26).map(|number| message(number, 10)).collect();
    together(&store, Gate { reached, open }, message(0, 10), others).await;
    assert_eq!(store.metrics(), Metrics { commits: 4, syncs: 4, changes: 26, repeated: 0 });
}

#[tokio::test]
async fn a_failure_in_a_group_stays_with_its_cause() {
    let folder = TempDir::new().unwrap();
    let (store, gate) = gated(&folder);
    let others = vec![message(1, 10), message(0, 20), message(2, 200_000)];
    let answers = together(&store, gate, message(0, 10), others).await;
    assert!(
        matches!(answers[..], [Ok(()), Ok(()), Err(Error::Misuse { .. }), Ok(())]),
        "the third has the id of the first: {answers:?}"
    );
    let claimed = claim(&store, NOON).await;
    let lengths: Vec<_> = claimed.iter().map(|entry| entry.content.length()).collect();
    assert_eq!(lengths, [10, 10, 200_000]);
}

#[tokio::test]
async fn a_caller_that_has_gone_away_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let (store, gate) = gated(&folder);
    let spawn = |entry| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.insert(entry).await })
    };
    let stays = spawn(message(1, 10));
    tokio::task::yield_now().await;
    gate.reached.recv().unwrap();
    let leaves = [spawn(message(2, 10)), spawn(message(3, 200_000))];
    while store.changes.len() < 2 {
        tokio::task::yield_now().await;
    }
    leaves.iter().for_each(tokio::task::JoinHandle::abort);
    for task in leaves {
        assert!(task.await.unwrap_err().is_cancelled());
    }
    drop(gate.reached);
    gate.open.send(()).unwrap();
    stays.await.unwrap().unwrap();
    store.insert(message(4, 10)).await.unwrap();
    assert_eq!(ids(&store, ALL).await, [message(1, 0).id, message(4, 0).id]);
    assert!(store.spool.files().unwrap().is_empty());
}

#[tokio::test]
async fn a_full_disk_refuses_whole_messages_and_still_lets_others_go() {
    let folder = TempDir::new().unwrap();
    let options = Options { size_limit: Some(512 * 1024), ..Options::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    let mut accepted = Vec::new();
    let refused = loop {
        let entry = message(accepted.len() as u64, 20_000);
        let id = entry.id;
        match store.insert(entry).await {
            Ok(()) => accepted.push(id),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::Full { .. }), "{refused:?}");
    assert!(accepted.len() > 10, "{} accepted", accepted.len());
    assert_eq!(ids(&store, ALL).await, accepted, "nothing of the refused one");
    assert_eq!(claim(&store, NOON).await.len(), accepted.len());

    for id in &accepted[..3] {
        store.record(*id, vec![transferred(1)], NOON).await.unwrap();
    }
    store.insert(message(99, 20_000)).await.unwrap();
    drop(store);
    assert_eq!(claim(&open(&folder), NOON).await.len(), accepted.len() - 2);
}
