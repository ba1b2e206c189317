//! Crashes: after every step, what is on the disk holds each accepted message exactly once.
//!
//! A crash is a copy of the folder, taken in the middle of the step by the thread that takes it. A loss of power
//! is the same with what was not synced yet taken away.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::*;

/// What the callers had been told when a step was taken.
#[derive(Debug, Clone, Default)]
struct Told {
    /// Accepted, by the length of the content.
    accepted: BTreeMap<QueueId, u64>,
    /// Being recorded as done, not answered yet.
    finishing: BTreeSet<QueueId>,
    done: BTreeSet<QueueId>,
}

/// The disk at one step.
struct Snapshot {
    step: Step,
    folder: PathBuf,
    told: Told,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else if item.file_name() != "queue.db-shm" {
            // The index of the log lives in memory that a crash takes away.
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// What goes through the life of a queue: in the row, in the spool, in a file to be taken over.
fn messages() -> [Entry; 3] {
    [message(1, 500), message(2, 200_000), message(3, 200_000)]
}

/// Runs three messages through their whole life and takes a snapshot at every step.
async fn snapshots(queue: &TempDir, copies: &TempDir) -> Vec<Snapshot> {
    let told = Arc::new(Mutex::new(Told::default()));
    let taken = Arc::new(Mutex::new(Vec::new()));
    let (from, to) = (queue.path().to_owned(), copies.path().to_owned());
    let probe = Probe::new({
        let (told, taken) = (Arc::clone(&told), Arc::clone(&taken));
        move |step| {
            let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
            let folder = to.join(format!("{:02}", taken.len()));
            copy(&from, &folder);
            taken.push(Snapshot { step, folder, told: told.lock().unwrap().clone() });
        }
    });
    let store = SqliteStore::open_probed(queue.path(), Options::default(), probe).unwrap();
    let messages = messages();
    for (number, entry) in messages.iter().enumerate() {
        let handed = if number == 2 { in_file(queue.path(), entry) } else { entry.clone() };
        store.insert(handed).await.unwrap();
        told.lock().unwrap().accepted.insert(entry.id, entry.content.length());
    }
    claim(&store, NOON).await;
    store.record(messages[0].id, vec![deferred(1, at(1))], NOON).await.unwrap();
    store.postpone(messages[1].id, at(1)).await.unwrap();
    for entry in &messages {
        claim(&store, at(1)).await;
        told.lock().unwrap().finishing.insert(entry.id);
        store.record(entry.id, vec![transferred(1)], at(1)).await.unwrap();
        told.lock().unwrap().finishing.remove(&entry.id);
        told.lock().unwrap().done.insert(entry.id);
    }
    drop(store);
    std::mem::take(&mut *taken.lock().unwrap())
}

/// Opens the disk of a crash and compares it with what was told.
async fn check(case: &str, folder: &Path, told: &Told) {
    let store = SqliteStore::open(folder, Options::default()).unwrap();
    let listed = store.list(ALL).await.unwrap();
    let states: BTreeMap<_, _> = listed.iter().map(|summary| (summary.id, summary.state.clone())).collect();
    assert_eq!(states.len(), listed.len(), "{case}: no message twice");
    for (id, state) in &states {
        assert!(!matches!(state, State::Quarantined { .. }), "{case}: {id} {state:?}");
    }
    for id in told.accepted.keys() {
        let state = states.get(id).unwrap_or_else(|| panic!("{case}: {id} was accepted and is lost"));
        let may_be_queued = !told.done.contains(id);
        let may_be_done = told.done.contains(id) || told.finishing.contains(id);
        match state {
            State::Queued { .. } => assert!(may_be_queued, "{case}: {id} would be transferred again"),
            State::Done { .. } => assert!(may_be_done, "{case}: {id} would not be transferred"),
            State::Held { .. } | State::Quarantined { .. } => unreachable!(),
        }
    }

    let queued: BTreeSet<_> =
        states.iter().filter(|(_, state)| matches!(state, State::Queued { .. })).map(|(id, _)| *id).collect();
    let claimed = claim(&store, at(1)).await;
    assert_eq!(claimed.iter().map(|entry| entry.id).collect::<BTreeSet<_>>(), queued, "{case}");
    assert_eq!(claimed.len(), queued.len(), "{case}: nothing claimed twice");
    let mut spooled = 0;
    for entry in claimed {
        spooled += usize::from(matches!(entry.content, Content::Spool { .. }));
        let octets = store.content(&entry).await.unwrap();
        let original = messages().into_iter().find(|original| original.id == entry.id);
        assert_eq!(Content::Inline(octets), original.unwrap().content, "{case}: content of {}", entry.id);
    }
    assert_eq!(store.spool.files().unwrap().len(), spooled, "{case}: no file without an entry");
}

#[tokio::test]
async fn a_crash_after_any_step_keeps_each_accepted_message_exactly_once() {
    let (queue, copies) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let snapshots = snapshots(&queue, &copies).await;
    let steps: Vec<_> = snapshots.iter().map(|snapshot| snapshot.step).collect();
    use Step::*;
    let change = [GroupTaken, Changed, Committed];
    let spooling = [SpoolWritten, SpoolSynced, SpoolFolderSynced];
    let taking_over = [SpoolTaken, SpoolFolderSynced];
    let insertions = [&change[..], &spooling, &change, &taking_over, &change].concat();
    let attempts = [&change[..], &change].concat();
    let outcomes = [&change[..], &change, &[SpoolRemoved], &change, &[SpoolRemoved]].concat();
    assert_eq!(steps, [insertions, attempts, outcomes].concat());

    for (number, Snapshot { step, folder, told }) in snapshots.iter().enumerate() {
        let case = format!("crash {number}, after {step:?}");
        let unsynced = match step {
            SpoolWritten => vec![Loss::Octets, Loss::File],
            SpoolSynced | SpoolTaken => vec![Loss::File],
            _ => vec![],
        };
        for loss in unsynced {
            let without = folder.with_extension(format!("{loss:?}"));
            copy(folder, &without);
            loss.strike(&without, told);
            check(&format!("{case}, power lost with the {loss:?}"), &without, told).await;
        }
        check(&case, folder, told).await;
    }
}

/// What a loss of power may take of a file that was not synced.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Octets,
    File,
}

impl Loss {
    /// What was accepted has been synced.
    fn strike(self, folder: &Path, told: &Told) {
        let spool = Spool::open(folder.join("spool"), Probe::default()).unwrap();
        let accepted = |file: &String| told.accepted.contains_key(&spool::id_of(file).unwrap());
        for file in spool.files().unwrap().into_iter().filter(|file| !accepted(file)) {
            let path = folder.join("spool").join(file);
            match self {
                Self::Octets => fs::write(path, "").unwrap(),
                Self::File => fs::remove_file(path).unwrap(),
            }
        }
    }
}

#[tokio::test]
async fn a_store_that_is_never_closed_loses_nothing() {
    let (queue, copies) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = open(&queue);
    let mut told = Told::default();
    for entry in [message(1, 500), message(2, 200_000)] {
        store.insert(entry.clone()).await.unwrap();
        told.accepted.insert(entry.id, entry.content.length());
    }
    copy(queue.path(), copies.path());
    check("still open", copies.path(), &told).await;
    drop(store);
    check("closed", queue.path(), &told).await;
}

#[tokio::test]
async fn strange_files_in_the_spool_are_removed_and_those_in_use_are_not() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.insert(message(1, 200_000)).await.unwrap();
    drop(store);
    let strange = folder.path().join("spool/zz");
    fs::create_dir_all(&strange).unwrap();
    fs::write(strange.join("note"), "hello").unwrap();
    fs::write(strange.join(message(2, 0).id.to_string()), "never accepted").unwrap();
    let store = open(&folder);
    assert_eq!(store.spool.files().unwrap().len(), 1);
    assert_eq!(claim(&store, NOON).await.len(), 1);
}
