//! Files that are there already become spool files, and are not copied.

use std::{
    io::{Read as _, Seek as _},
    os::unix::fs::{FileExt as _, MetadataExt as _},
};

use super::*;

#[tokio::test]
async fn a_large_file_is_moved_and_a_small_one_goes_into_the_row() {
    let folder = TempDir::new().unwrap();
    let limit = Options::default().inline_limit;
    let store = open(&folder);
    for (number, length) in [(1, 0), (2, limit), (3, limit + 1), (4, 5 * limit)] {
        let entry = message(number, length);
        let handed = in_file(folder.path(), &entry);
        let inode = fs::metadata(path_of(&handed)).unwrap().ino();
        store.insert(handed.clone()).await.unwrap();
        assert!(!path_of(&handed).exists(), "{length}: it is not where it was");

        let kept = store.load(entry.id).await.unwrap().unwrap().entry;
        let Content::Inline(octets) = &entry.content else { unreachable!() };
        assert_eq!(store.content(&kept).await.unwrap(), octets, "{length}");
        match (&kept.content, store.open(&kept).await.unwrap()) {
            (Content::Inline(_), Opened::Octets(opened)) => {
                assert!(length <= limit);
                assert_eq!(opened, octets);
            }
            (Content::Spool { .. }, Opened::File { mut file, length: said }) => {
                assert!(length > limit);
                assert_eq!(said, length as u64);
                assert_eq!(file.metadata().unwrap().ino(), inode, "{length}: moved, not copied");
                let mut read = Vec::new();
                // The check has read it to its end; who reads at a place does not mind.
                file.rewind().unwrap();
                file.read_to_end(&mut read).unwrap();
                assert_eq!(read, octets[..]);
            }
            other => panic!("{length}: {other:?}"),
        }
    }
    assert_eq!(store.spool.files().unwrap().len(), 2);
}

/// A transfer goes on though the entry is done or deleted meanwhile.
#[tokio::test]
async fn an_open_content_can_be_read_after_its_entry_has_let_go_of_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let entry = message(1, 200_000);
    store.insert(in_file(folder.path(), &entry)).await.unwrap();
    let claimed = claim(&store, NOON).await;
    let Opened::File { file, length } = store.open(&claimed[0]).await.unwrap() else { panic!() };
    store.record(entry.id, vec![transferred(1)], NOON).await.unwrap();
    let spool = store.spool.clone();
    // The file is removed after the answer, but before the store is closed.
    drop(store);
    assert!(spool.files().unwrap().is_empty());
    let mut octets = vec![0; usize::try_from(length).unwrap()];
    file.read_exact_at(&mut octets, 0).unwrap();
    assert_eq!(Content::Inline(octets.into()), entry.content);
}

#[tokio::test]
async fn a_file_that_is_not_kept_is_gone_and_harms_nobody() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let first = message(1, 200_000);
    store.insert(first.clone()).await.unwrap();

    let taken = in_file(folder.path(), &message(1, 200_000));
    let mut twice = in_file(folder.path(), &message(2, 200_000));
    twice.envelope.recipients.push(Recipient::new(1, "again@b.example"));
    let mut longer = in_file(folder.path(), &message(3, 200_000));
    longer.content = Content::File { path: path_of(&longer), length: 100_001 };
    for entry in [taken, twice, longer] {
        assert!(store.insert(entry.clone()).await.is_err());
        assert!(!path_of(&entry).exists(), "{:?}", entry.content);
    }
    let mut missing = in_file(folder.path(), &message(4, 10));
    missing.content = Content::File { path: folder.path().join("nothing"), length: 10 };
    assert!(matches!(store.insert(missing).await, Err(Error::Unavailable { .. })));

    assert_eq!(store.spool.files().unwrap().len(), 1);
    let kept = store.load(first.id).await.unwrap().unwrap().entry;
    assert_eq!(Content::Inline(store.content(&kept).await.unwrap()), first.content);
}

/// Large contents over the id of another, too, whichever way they come.
#[tokio::test]
async fn an_id_that_is_taken_does_not_cost_the_first_its_content() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let first = message(1, 200_000);
    store.insert(first.clone()).await.unwrap();
    assert!(store.insert(message(1, 200_000)).await.is_err());
    assert_eq!(Content::Inline(store.content(&claim(&store, NOON).await[0]).await.unwrap()), first.content);
}

#[tokio::test]
async fn consequences_that_are_not_kept_leave_no_file() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let cause = message(1, 10);
    store.insert(cause.clone()).await.unwrap();
    let files = [2, 3, 4].map(|number| in_file(folder.path(), &message(number, 200_000)));
    let mut gone = message(5, 10);
    gone.content = Content::Discarded { length: 10 };
    let [a, b, c] = files.clone();
    let answer =
        store.record_and_insert(cause.id, vec![transferred(1)], vec![a, gone, b, c].into(), NOON).await;
    assert!(matches!(answer, Err(Error::Misuse { .. })), "{answer:?}");
    assert!(files.iter().all(|entry| !path_of(entry).exists()));
    assert!(store.spool.files().unwrap().is_empty());
}
