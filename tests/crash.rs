//! Nothing that was accepted is lost: the gateway is killed between `250` and the transfer.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/program.rs"]
mod program;

use std::time::Duration;

use program::{Folder, Gateway, LabPeer, free_port, submit};

/// How long nothing more may arrive before we believe that nothing will: several retries.
const SILENCE: Duration = Duration::from_secs(2);

/// Killed with nobody to transfer to, started again with the peer there: each message arrives once, with the identifier that
/// it would have had the first time.
/// ledger: mixer P-02 I-13 F-13
#[test]
fn what_was_accepted_survives_a_kill() {
    let folder = Folder::new();
    let (smtp, p1) = (free_port(), free_port());
    folder.write_config(smtp, p1);

    let gateway = Gateway::start(&folder, smtp);
    for number in 1..=3 {
        let reply = submit(smtp, &format!("crash.{number}"), "Grace.Hopper@navy.x400.example");
        assert!(reply.starts_with("250 "), "{reply}");
    }
    gateway.kill();

    let peer = LabPeer::start(&folder, p1);
    let gateway = Gateway::start(&folder, smtp);
    let arrived = peer.wait_for(3, SILENCE);
    assert_eq!(arrived.len(), 3, "each message once");
    let mut identifiers: Vec<String> = arrived.iter().map(|apdu| program::mts_identifier(apdu)).collect();
    identifiers.sort();
    identifiers.dedup();
    assert_eq!(identifiers.len(), 3, "three messages, three identifiers");
    gateway.kill();

    // Killed after the transfer: nothing is sent again.
    let gateway = Gateway::start(&folder, smtp);
    assert_eq!(peer.wait_for(3, SILENCE).len(), 3, "what was transferred stays transferred");
    gateway.kill();
}
