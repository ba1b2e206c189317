//! Nothing that was accepted is lost: gateways are killed, as `kill -9` does it, at every step that writes and at random, and what
//! is around them fails.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "crash/chain.rs"]
mod chain;
#[path = "crash/clock.rs"]
mod clock;
#[path = "crash/crowd.rs"]
mod crowd;
#[path = "crash/damage.rs"]
mod damage;
#[path = "crash/disk.rs"]
mod disk;
#[path = "crash/faults.rs"]
mod faults;
#[path = "crash/hours.rs"]
mod hours;
#[path = "crash/load.rs"]
mod load;
#[path = "support/name_server.rs"]
mod name_server;
#[path = "crash/names.rs"]
mod names;
#[path = "support/pair.rs"]
mod pair;
#[path = "support/preload.rs"]
mod preload;
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
    let of = if is_thorough() { 1 } else { 5 };
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
    load::at_random(if is_thorough() { 300 } else { 40 }, 0x2545_f491_4f6c_dd1d);
}

/// What the gateway does when something fails, as a table: `X400GW_KILLS=all cargo test --test crash faults -- --nocapture` prints
/// it. In none of these cases does it lose anything, or end.
#[test]
fn faults_lose_nothing() {
    let (idle, recipients) =
        if is_thorough() { (10_000, (100_000, 32_767)) } else { (1_000, (10_000, 3_000)) };
    let table = std::thread::scope(|scope| {
        let faults: [Box<dyn Fn() -> faults::Behaviour + Send>; 11] = [
            Box::new(|| faults::on_a_disk("full", "452 ")),
            Box::new(|| faults::on_a_disk("read-only", "4")),
            Box::new(|| faults::on_a_disk("sync", "4")),
            Box::new(|| faults::on_a_disk("slow", "250 ")),
            Box::new(damage::of_a_row),
            Box::new(hours::of_a_clock_that_is_set),
            Box::new(hours::of_a_peer_that_is_away),
            Box::new(names::that_do_not_answer),
            Box::new(move || crowd::of_idle_clients(idle)),
            Box::new(|| crowd::of_slow_clients(100)),
            Box::new(move || crowd::of_recipients(recipients.0, recipients.1)),
        ];
        let running = faults.map(|fault| scope.spawn(fault));
        running.map(|fault| fault.join().unwrap().to_string())
    });
    println!("| what fails | meanwhile | afterwards |\n|---|---|---|\n{}", table.join("\n"));
}

/// Whether every step is tried, hundreds of kills at random, and crowds of clients, which takes minutes: `X400GW_KILLS=all`.
fn is_thorough() -> bool {
    std::env::var("X400GW_KILLS").is_ok_and(|kills| kills == "all")
}
