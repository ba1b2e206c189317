//! Nothing that was accepted is lost: gateways are killed, as `kill -9` does it, at every step that writes and at random.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "crash/chain.rs"]
mod chain;
#[path = "crash/disk.rs"]
mod disk;
#[path = "crash/faults.rs"]
mod faults;
#[path = "crash/load.rs"]
mod load;
#[path = "support/program.rs"]
mod program;
#[path = "crash/sink.rs"]
mod sink;
#[path = "crash/steps.rs"]
mod steps;

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

/// Every message that got `250`, or whose transfer was confirmed, arrives, wherever either gateway is killed.
#[test]
fn what_was_accepted_survives_a_kill_at_any_step() {
    let of = if is_thorough() { 1 } else { 4 };
    let [near, far] = std::thread::scope(|scope| {
        let trials = [steps::Victim::Near, steps::Victim::Far];
        trials
            .map(|victim| scope.spawn(move || steps::at_steps(victim, of)))
            .map(|trial| trial.join().unwrap())
    });
    let (least, kills) = (if is_thorough() { 200 } else { 50 }, near.kills() + far.kills());
    println!("killed {kills} times");
    assert!(kills >= least, "a message has more steps than {kills}");
}

/// The same while mail flows.
#[test]
fn what_was_accepted_survives_kills_at_random() {
    load::at_random(if is_thorough() { 300 } else { 60 }, 0x2545_f491_4f6c_dd1d);
}

/// A disk that is full, cannot be written or synced, or is slow: clients are told to try again, and nothing is lost.
#[test]
fn a_failing_disk_loses_nothing() {
    for (fault, reply) in [("full", "452 "), ("read-only", "4"), ("sync", "4"), ("slow", "250 ")] {
        faults::on_a_disk(fault, reply);
    }
}

/// Whether every step is tried, and hundreds of kills at random, which takes minutes: `X400GW_KILLS=all`.
fn is_thorough() -> bool {
    std::env::var("X400GW_KILLS").is_ok_and(|kills| kills == "all")
}
