//! Mails through the gateway to X.400, beside mails through Postfix to another mail server, by turns on the same disk, each
//! synced before it is accepted; the next system takes everything and forgets it. `smtp-source` sends them, one session for each.
//!
//! ```text
//! cargo bench --bench throughput -- [SESSIONS[,..]] [SIZE:COUNT[,..]] [slow] [once]
//! ```
//!
//! `slow` makes each sync take 4 ms longer; `once` is one turn each instead of three, of which the median counts.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a bench touches the world"
)]

#[path = "../tests/support/daemon.rs"]
mod daemon;
#[path = "../tests/support/pair.rs"]
mod pair;
#[path = "throughput/peer.rs"]
mod peer;
#[path = "../tests/support/postfix.rs"]
mod postfix;
#[path = "../tests/support/preload.rs"]
mod preload;
#[path = "throughput/processes.rs"]
mod processes;
#[path = "../tests/support/program.rs"]
mod program;
#[path = "throughput/relay.rs"]
mod relay;
#[path = "throughput/sink.rs"]
mod sink;
#[path = "throughput/syncs.rs"]
mod syncs;

use relay::{Load, Measured, Relay};

/// Milliseconds that a sync of a slow disk takes longer.
const SLOW: u32 = 4;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, port] = &arguments[..]
        && role == "peer"
    {
        return peer::run(port);
    }
    let mut sessions = vec![1, 16, 64];
    let mut sizes = vec![(4_000, 2_000), (100_000, 400), (5_000_000, 48)];
    let (mut delay, mut turns) = (0, 3);
    for argument in arguments.iter().filter(|argument| !argument.starts_with("--")) {
        let parts = argument.split(',');
        match argument.as_str() {
            "slow" => delay = SLOW,
            "once" => turns = 1,
            sized if sized.contains(':') => sizes = parts.map(size).collect(),
            _ => sessions = parts.map(|number| number.parse().expect("a number of sessions")).collect(),
        }
    }

    let mut relays = [Relay::postfix(delay), Relay::gateway(delay)];
    println!("syncs take {delay} ms longer; at rest:");
    for relay in &relays {
        let idle = relay.memory() as f64 / 1024.0;
        println!(
            "  {:8} greets after {:5.0} ms, {idle:6.1} MiB",
            relay.name,
            relay.start.as_secs_f64() * 1e3
        );
    }
    println!(
        "\n{:>9} {:>8}            accepted/s delivered/s  CPU ms  peak MiB  syncs, each per mail",
        "octets", "sessions"
    );
    for (octets, count) in sizes {
        for &sessions in &sessions {
            let load = Load { sessions, octets, count };
            let mut measured = [Vec::new(), Vec::new()];
            for _ in 0..turns {
                for (relay, measured) in relays.iter_mut().zip(&mut measured) {
                    measured.push(relay.carry(load));
                }
            }
            let medians = measured.map(Measured::median);
            for (relay, median) in relays.iter().zip(&medians) {
                println!("{octets:9} {sessions:8} {:10} {median}", relay.name);
            }
            println!("{:9} {:8} {:10} {}", "", "", "ratio", medians[1].beside(&medians[0]));
        }
    }
}

fn size(text: &str) -> (usize, u64) {
    let (octets, count) = text.split_once(':').unwrap();
    (octets.parse().expect("octets of a mail"), count.parse().expect("a number of mails"))
}
