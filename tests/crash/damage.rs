//! Rows of the queue whose octets change on disk.

use crate::chain::{Chain, Heard};
use crate::faults::Behaviour;
use crate::program::in_time;

/// One of three mails that wait is damaged while the gateway is stopped.
pub(crate) fn of_a_row() -> Behaviour {
    let chain = Chain::new();
    let near = chain.near.start();
    for id in ["first", "damaged", "last"] {
        assert_eq!(chain.submit(id), Heard::Accepted);
    }
    near.kill();
    let queue = rusqlite::Connection::open(chain.near.folder.path("data/queue.db")).unwrap();
    let change = "UPDATE content SET octets = CAST(replace(CAST(octets AS TEXT), 'Hello', 'Jello') AS BLOB)
                  WHERE instr(octets, CAST('Subject: damaged' AS BLOB))";
    assert_eq!(queue.execute(change, []).unwrap(), 1);
    drop(queue);
    let (near, far) = (chain.near.start(), chain.far.start());
    chain.all_arrive(&["first", "last"], "row");
    let quarantined = || chain.near.queue().into_iter().find(|entry| entry["state"] == "quarantined");
    assert!(in_time(|| quarantined().is_some()), "{}", chain.logs());
    let reason = quarantined().unwrap()["reason"].as_str().unwrap_or_default().to_owned();
    assert!(!reason.is_empty());
    assert_eq!(chain.sink.count("damaged"), 0, "what is damaged is not sent");
    drop((near, far));
    Behaviour {
        fault: "store: octets of a mail changed".to_owned(),
        meanwhile: format!("that one is set apart: {reason}"),
        afterwards: "all others arrive, once".to_owned(),
    }
}
