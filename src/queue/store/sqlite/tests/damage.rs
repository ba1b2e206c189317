//! Damage: an entry that is not as it was written is put aside with the reason, and no other suffers.

use super::*;

/// Inserts a good and a bad message, damages the bad one with `damage`, and opens the folder anew.
async fn damaged(length: usize, damage: impl FnOnce(&Path, QueueId)) -> (TempDir, SqliteStore) {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.insert(message(1, length)).await.unwrap();
    store.insert(message(2, length)).await.unwrap();
    drop(store);
    damage(folder.path(), message(1, 0).id);
    let store = open(&folder);
    (folder, store)
}

/// The reasons for which entries are in quarantine.
async fn reasons(store: &SqliteStore) -> Vec<String> {
    let quarantined = Filter { state: Some(StateKind::Quarantined), ..ALL };
    let listed = store.list(quarantined).await.unwrap();
    let reason = |summary: &Summary| match &summary.state {
        State::Quarantined { reason, .. } => reason.clone(),
        other => panic!("{other:?}"),
    };
    listed.iter().map(reason).collect()
}

#[tokio::test]
async fn damaged_rows_are_quarantined() {
    // what is done to the first entry, and what its reason says
    let table = [
        (
            "UPDATE content SET octets = zeroblob(500) WHERE seq = 1",
            "the content does not match its checksum",
        ),
        (
            "UPDATE content SET octets = zeroblob(499) WHERE seq = 1",
            "the content has 499 octets, expected 500",
        ),
        ("DELETE FROM content WHERE seq = 1", "the content is missing"),
        ("UPDATE entry SET content_length = 7 WHERE seq = 1", "the content has 500 octets, expected 7"),
        ("UPDATE entry SET reverse_path = NULL WHERE seq = 1", "the envelope does not match"),
        ("UPDATE entry SET received = 0 WHERE seq = 1", "the envelope does not match"),
        ("UPDATE entry SET head = '{}' WHERE seq = 1", "the envelope does not match"),
        ("UPDATE entry SET id = '000000000000000000' WHERE seq = 1", "the envelope does not match"),
        ("UPDATE entry SET id = 'nonsense' WHERE seq = 1", "the envelope does not match"),
        ("UPDATE entry SET id = CAST(x'ff' AS TEXT) WHERE seq = 1", "utf-8"),
        ("UPDATE entry SET content_checksum = -1 WHERE seq = 1", "out of range"),
        ("UPDATE recipient SET address = 'mallory@b.example' WHERE seq = 1", "the envelope does not match"),
        ("UPDATE recipient SET number = 2 WHERE seq = 1", "the envelope does not match"),
        ("UPDATE recipient SET options = '{' WHERE seq = 1", "the options of recipient 1 are not readable"),
        ("UPDATE recipient SET state = 'lost' WHERE seq = 1", "the impossible state `lost`"),
        ("UPDATE recipient SET attempts = -1 WHERE seq = 1", "out of range"),
        ("DELETE FROM recipient WHERE seq = 1", "the envelope does not match"),
    ];
    for (damage, expected) in table {
        let (_folder, store) = damaged(500, |folder, _| {
            let connection = Connection::open(folder.join("queue.db")).unwrap();
            assert_eq!(connection.execute(damage, []).unwrap(), 1, "{damage}");
        })
        .await;
        let claimed = claim(&store, NOON).await;
        assert_eq!(claimed.len(), 1, "{damage}: the other entry is well");
        assert_eq!(claimed[0].id, message(2, 0).id, "{damage}");
        let reasons = reasons(&store).await;
        assert_eq!(reasons.len(), 1, "{damage}: it is not lost");
        assert!(reasons[0].contains(expected), "{damage}: {reasons:?}");
        assert!(claim(&store, at(60)).await.len() == 1, "{damage}: it is never claimed");
        assert_eq!(store.count().await.unwrap().quarantined, 1, "{damage}");
    }
}

#[tokio::test]
async fn a_spool_file_that_is_short_or_missing_is_noticed_when_its_entry_is_claimed() {
    let file = |folder: &Path, id: QueueId| {
        let name = id.to_string();
        folder.join("spool").join(&name[16..]).join(name)
    };
    let (_folder, store) = damaged(200_000, |folder, id| fs::write(file(folder, id), "short").unwrap()).await;
    assert_eq!(claim(&store, NOON).await.len(), 1);
    assert_eq!(reasons(&store).await, ["the content has 5 octets, expected 200000"]);

    let (_folder, store) = damaged(200_000, |folder, id| fs::remove_file(file(folder, id)).unwrap()).await;
    assert_eq!(claim(&store, NOON).await.len(), 1);
    assert!(reasons(&store).await[0].contains("is missing"));

    let (_folder, store) =
        damaged(200_000, |folder, id| fs::write(file(folder, id), [0; 200_000]).unwrap()).await;
    let claimed = claim(&store, NOON).await;
    assert_eq!(claimed.len(), 2, "the length is right");
    let read = store.content(&claimed[0]).await;
    assert!(matches!(read, Err(Error::Corrupt { .. })), "{read:?}");
    assert_eq!(reasons(&store).await, ["the content does not match its checksum"]);
    assert!(store.content(&claimed[1]).await.is_ok());
}

/// What is not read into memory is checked all the same, before anybody sees an octet of it.
#[tokio::test]
async fn damage_is_noticed_before_a_large_content_is_opened() {
    // The octets at which a bit is turned, in a content that is checked in several pieces.
    for place in [0, 149_999, 299_999] {
        let (_folder, store) = damaged(300_000, |folder, id| {
            let name = id.to_string();
            let path = folder.join("spool").join(&name[16..]).join(name);
            let mut octets = fs::read(&path).unwrap();
            octets[place] ^= 1;
            fs::write(path, octets).unwrap();
        })
        .await;
        let claimed = claim(&store, NOON).await;
        assert_eq!(claimed.len(), 2, "the length is right");
        let opened = store.open(&claimed[0]).await;
        assert!(matches!(opened, Err(Error::Corrupt { .. })), "{place}: {opened:?}");
        assert_eq!(reasons(&store).await, ["the content does not match its checksum"], "{place}");
        assert!(store.open(&claimed[1]).await.is_ok(), "{place}");
    }
}

/// A page of the database that is none, and a file that cannot be looked at, are the trouble of one entry.
#[tokio::test]
async fn what_cannot_be_read_keeps_nobody_else_waiting() {
    // Longer than a page, so that most of it is in pages of its own; the first four octets of each name the next.
    let (folder, store) = damaged(20_000, |folder, _| {
        let path = folder.join("queue.db");
        let mut octets = fs::read(&path).unwrap();
        let Content::Inline(content) = message(1, 20_000).content else { panic!() };
        let places = octets.windows(16).enumerate().filter(|(_, window)| *window == &content[..16]);
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        let page = places[places.len() / 2] / 4096;
        octets[page * 4096..][..4].fill(0xff);
        fs::write(path, octets).unwrap();
    })
    .await;
    assert_eq!(claim(&store, NOON).await.len(), 1, "the other entry is well");
    assert!(reasons(&store).await[0].contains("malformed"));
    drop((folder, store));

    let (_folder, store) = damaged(200_000, |folder, id| {
        let name = id.to_string();
        let folder = folder.join("spool").join(&name[16..]);
        fs::remove_dir_all(&folder).unwrap();
        fs::write(folder, "no folder").unwrap();
    })
    .await;
    assert_eq!(claim(&store, NOON).await.len(), 1, "the other entry is well");
    assert!(reasons(&store).await.is_empty(), "nobody knows yet what it is like");
    assert_eq!(claim(&store, at(60)).await.len(), 1, "it is tried again, and so is the other");
}

#[tokio::test]
async fn looking_at_a_damaged_entry_says_what_is_wrong() {
    let (_folder, store) = damaged(500, |folder, _| {
        let connection = Connection::open(folder.join("queue.db")).unwrap();
        connection.execute("DELETE FROM content WHERE seq = 1", []).unwrap();
    })
    .await;
    let error = store.load(message(1, 0).id).await.unwrap_err();
    assert_eq!(error.to_string(), format!("entry `{}` is damaged: the content is missing", message(1, 0).id));
}
