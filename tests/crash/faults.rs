//! What the gateway does while its disk fails, and afterwards.

use std::time::Instant;

use crate::chain::{Chain, Heard, in_time, reply_to, submit};
use crate::disk::{self, Last};
use crate::program::Gateway;

const TO: &str = "grace@far.example";

/// Lets the disk fail for a while; what a client hears meanwhile must begin with this. Whatever was accepted, before, meanwhile
/// or afterwards, arrives, without a restart.
pub(crate) fn on_a_disk(fault: &str, expected: &str) {
    let chain = Chain::new();
    let environment = disk::environment(&chain.near.folder, Last::None);
    let near = Gateway::start_with(&chain.near.folder, chain.near.smtp, environment);
    let far = chain.far.start();
    let fault_file = chain.near.folder.path("fault");
    let mut accepted = Vec::new();

    assert_eq!(submit(chain.near.smtp, "<before@near.example>", TO), Heard::Accepted);
    accepted.push("<before@near.example>");
    assert!(in_time(|| chain.sink.count("<before@near.example>") == 1));

    std::fs::write(&fault_file, fault).unwrap();
    let started = Instant::now();
    let reply = reply_to(chain.near.smtp, "<meanwhile@near.example>", TO).unwrap();
    let took = started.elapsed();
    assert!(reply.starts_with(expected), "{fault}: {reply}\n{}", chain.logs());
    if reply.starts_with('2') {
        accepted.push("<meanwhile@near.example>");
    }
    std::fs::remove_file(&fault_file).unwrap();

    let after = || submit(chain.near.smtp, "<after@near.example>", TO) == Heard::Accepted;
    assert!(in_time(after), "{fault}: it does not recover\n{}", chain.logs());
    accepted.push("<after@near.example>");
    for id in &accepted {
        assert!(in_time(|| chain.sink.count(id) > 0), "{fault}: {id} lost\n{}", chain.logs());
    }
    assert!(!near.is_dead());
    drop((near, far));
    let after = "all that was accepted arrived";
    println!("| {fault:9} | {reply} | {:5.1} s | {after} |", took.as_secs_f32());
}
