//! Which addresses messages came from and were for, and with which rules they were accepted and tried.

use super::*;
use crate::queue::store::{AddressSeen, Role, Side};

/// An entry of one side, from and to these.
fn from_to(number: u64, kind: Kind, origin: Origin, from: Option<&str>, to: &[&str]) -> Entry {
    let mut entry = message(number, 10);
    (entry.kind, entry.origin) = (kind, origin);
    entry.received_at = at(60 * i64::try_from(number).unwrap());
    entry.envelope.reverse_path = from.map(str::to_owned);
    entry.envelope.recipients = (1..).zip(to).map(|(number, to)| Recipient::new(number, *to)).collect();
    entry
}

fn addresses(folder: &TempDir) -> Vec<AddressSeen> {
    let mut found = Vec::new();
    let archive = Archive::open(folder.path()).unwrap();
    archive.addresses(|one| (found.push(one), true).1).unwrap();
    found
}

#[tokio::test]
async fn addresses_from_outside_are_noted() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mta = || Origin::P1 { mta: "hub".into() };
    let or = "/S=a/ADMD= /C=gb/";
    for entry in [
        from_to(1, Kind::Mail, Origin::Local, Some("a@a.example"), &["b@b.example", "c@b.example"]),
        from_to(2, Kind::Mail, Origin::Local, None, &["b@b.example", "a@a.example"]),
        from_to(3, Kind::P1, mta(), Some(or), &[or]),
        // Made here.
        from_to(4, Kind::P1, Origin::Local, Some("/S=x/"), &["/S=y/"]),
        from_to(5, Kind::Internet, Origin::Local, Some(""), &["z@z.example"]),
    ] {
        store.insert(entry).await.unwrap();
    }
    let seen = |side, role, address: &str, first: i64, last: i64| {
        let (first, last) = (at(60 * first), at(60 * last));
        AddressSeen { side, role, address: address.to_owned(), first, last }
    };
    for (side, address, has) in [
        (Side::X400, or, true),
        (Side::Internet, or, false),
        (Side::Internet, "a@a.example", true),
        (Side::Internet, "b@b.example", false),
    ] {
        assert_eq!(store.has_written(side, address.into()).await.unwrap(), has, "{address}");
    }
    // While the store is in use.
    assert_eq!(
        addresses(&folder),
        [
            seen(Side::Internet, Role::Originator, "a@a.example", 1, 1),
            seen(Side::Internet, Role::Recipient, "b@b.example", 1, 2),
            seen(Side::Internet, Role::Recipient, "c@b.example", 1, 1),
            seen(Side::Internet, Role::Recipient, "a@a.example", 2, 2),
            seen(Side::X400, Role::Originator, or, 3, 3),
            seen(Side::X400, Role::Recipient, or, 3, 3),
        ]
    );
    assert_eq!(store.metrics().commits, 5, "it costs no commit");
}

#[tokio::test]
async fn addresses_are_forgotten_by_age_and_number() {
    let folder = TempDir::new().unwrap();
    let options = Options { address_retention: 60 * 60 * MINUTE, address_limit: 2, ..Options::default() };
    let store = SqliteStore::open(folder.path(), options.clone()).unwrap();
    for (number, to) in [(1, "1@x.example"), (2, "2@x.example"), (3, "3@x.example"), (4, "1@x.example")] {
        store.insert(from_to(number, Kind::Mail, Origin::Local, None, &[to])).await.unwrap();
    }
    assert_eq!(store.sweep(at(60 * 5)).await.unwrap(), Swept { addresses: 1, ..Swept::default() });
    let left = || addresses(&folder).into_iter().map(|one| one.address).collect::<Vec<_>>();
    assert_eq!(left(), ["1@x.example", "3@x.example"], "that of which nothing was seen for longest is gone");
    assert_eq!(store.sweep(at(60 * 64)).await.unwrap(), Swept { addresses: 1, ..Swept::default() });
    assert_eq!(left(), ["1@x.example"]);
    drop(store);
    let store = SqliteStore::open(folder.path(), Options { address_limit: 0, ..options }).unwrap();
    store.insert(from_to(5, Kind::Mail, Origin::Local, None, &["5@x.example"])).await.unwrap();
    assert_eq!(store.sweep(at(60 * 6)).await.unwrap().addresses, 1);
    assert!(left().is_empty());
}

/// Who writes all day is noted once an hour; who was forgotten is noted at once.
#[tokio::test]
async fn addresses_that_were_noted_lately_are_not_written_again() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path(), Options { address_limit: 1, ..Options::default() }).unwrap();
    // Minutes after noon at which a message came for it, and what the tables have then.
    for (number, minute, last) in
        [(1, 0, 0), (2, 59, 0), (3, 60, 60), (4, 100, 60), (5, -1, 60), (6, 119, 119)]
    {
        let mut entry = from_to(number, Kind::Mail, Origin::Local, None, &["1@x.example"]);
        entry.received_at = at(minute);
        store.insert(entry).await.unwrap();
        let noted: Vec<_> = addresses(&folder).into_iter().map(|one| (one.first, one.last)).collect();
        assert_eq!(noted, [(NOON, at(last))], "{minute}");
    }
    store.insert(from_to(7, Kind::Mail, Origin::Local, None, &["2@x.example"])).await.unwrap();
    assert_eq!(store.sweep(at(180)).await.unwrap().addresses, 1);
    let mut again = from_to(8, Kind::Mail, Origin::Local, None, &["1@x.example"]);
    again.received_at = at(119);
    store.insert(again).await.unwrap();
    assert_eq!(addresses(&folder).len(), 2);
}

#[tokio::test]
async fn the_versions_of_the_rules_are_kept() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mut entry = from_to(1, Kind::Mail, Origin::Local, None, &["1@x.example", "2@x.example"]);
    entry.rules_version = Some("first".into());
    store.insert(entry.clone()).await.unwrap();
    let by = |version: Option<&str>| Consequences {
        rules_version: version.map(str::to_owned),
        ..Consequences::default()
    };
    let later = |number| Update {
        number,
        result: AttemptResult::Deferred { diagnosis: "later".into(), next_attempt: at(9) },
    };
    let updates = vec![transferred(1), later(2)];
    store.record_and_insert(entry.id, updates, by(Some("second")), at(1)).await.unwrap();
    let versions = async || {
        let entry = store.load(entry.id).await.unwrap().unwrap().entry;
        let recipients = entry.envelope.recipients.into_iter();
        (entry.rules_version, recipients.map(|one| one.rules_version).collect::<Vec<_>>())
    };
    let some = |version: &str| Some(version.to_owned());
    assert_eq!(versions().await, (some("first"), vec![some("second"), some("second")]));
    // An attempt that no rules took part in leaves them as they are.
    store.record_and_insert(entry.id, vec![later(2)], by(None), at(9)).await.unwrap();
    store.record_and_insert(entry.id, vec![transferred(2)], by(Some("third")), at(9)).await.unwrap();
    assert_eq!(versions().await, (some("first"), vec![some("second"), some("third")]));
    assert_eq!(store.list(ALL).await.unwrap()[0].rules_version, some("first"));
}

/// Whoever only looks changes nothing, and sees entries as they are.
#[tokio::test]
async fn an_archive_has_entries_and_contents_beside_a_running_gateway() {
    let folder = TempDir::new().unwrap();
    assert!(matches!(Archive::open(folder.path()), Err(Error::Unavailable { .. })));
    assert!(!folder.path().join("queue.db").exists());
    let store = open(&folder);
    for (number, length) in [(1, 10), (2, 200_000), (3, 10)] {
        store.insert(message(number, length)).await.unwrap();
    }
    store.record(message(1, 10).id, vec![transferred(1)], NOON).await.unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    let mut found = Vec::new();
    let mut each = |tracked: Result<Tracked, Error>| {
        let entry = tracked.unwrap().entry;
        found.push((entry.id, archive.content(&entry).unwrap().len()));
        true
    };
    archive.entries(&mut each).unwrap();
    assert_eq!(found, [(message(2, 0).id, 200_000), (message(3, 0).id, 10)]);
    drop(store);
    // And when it does not run.
    let archive = Archive::open(folder.path()).unwrap();
    let mut count = 0;
    archive.entries(|_| (count += 1, false).1).unwrap();
    assert_eq!(count, 1);
}
