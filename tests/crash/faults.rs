//! What the gateway does while something around it fails, and afterwards: each fault gives a line of one table.

use std::fmt;
use std::time::Instant;

use crate::chain::{Chain, Heard};
use crate::disk::{self, Last};
use crate::program::{Gateway, in_time};

/// A line of the table.
pub(crate) struct Behaviour {
    pub(crate) fault: String,
    pub(crate) meanwhile: String,
    pub(crate) afterwards: String,
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, meanwhile, afterwards } = self;
        write!(f, "| {fault} | {meanwhile} | {afterwards} |")
    }
}

/// Lets the disk fail for a while; what a client hears meanwhile must begin with this. Whatever was accepted, before, meanwhile
/// or afterwards, arrives, without a restart.
pub(crate) fn on_a_disk(fault: &str, expected: &str) -> Behaviour {
    let chain = Chain::new();
    let environment = disk::environment(&chain.near.folder, Last::None);
    let near = Gateway::start_with(&chain.near.folder, chain.near.smtp, environment);
    let far = chain.far.start();
    let fault_file = chain.near.folder.path("fault");
    let mut accepted = Vec::new();

    assert_eq!(chain.submit("before"), Heard::Accepted);
    accepted.push("before");
    assert!(in_time(|| chain.sink.count("before") == 1));

    std::fs::write(&fault_file, fault).unwrap();
    let started = Instant::now();
    let reply = chain.reply_to("meanwhile").unwrap();
    let took = started.elapsed();
    assert!(reply.starts_with(expected), "{fault}: {reply}\n{}", chain.logs());
    if reply.starts_with('2') {
        accepted.push("meanwhile");
    }
    std::fs::remove_file(&fault_file).unwrap();

    let after = || chain.submit("after") == Heard::Accepted;
    assert!(in_time(after), "{fault}: it does not recover\n{}", chain.logs());
    accepted.push("after");
    chain.all_arrive(&accepted, fault);
    assert!(!near.is_dead());
    drop((near, far));
    Behaviour {
        fault: format!("disk: {fault}"),
        meanwhile: format!("`{}` after {:.1} s", reply.trim_end(), took.as_secs_f32()),
        afterwards: "goes on by itself; all that was accepted arrives".to_owned(),
    }
}
