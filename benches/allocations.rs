//! How often a conversion asks for memory, and for how many octets altogether, beside `mail-parser` alone on the same mail.
//!
//! `cargo bench --bench allocations`; `benches/README.md` has numbers.

#![allow(clippy::unwrap_used, reason = "a bench")]
#![allow(clippy::disallowed_methods, reason = "a bench touches the world")]

#[path = "support/mails.rs"]
mod mails;
#[path = "support/world.rs"]
mod world;

use std::alloc::System;
use std::hint::black_box;

use bytes::Bytes;
use mails::{RECIPIENTS, large, mixed, text};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use world::{World, mail_input, read_on_the_internet};
use x400_gateway::mixer::to_internet;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let world = World::new();
    for (name, mail) in [("4 kB text", text()), ("100 kB mixed", mixed()), ("10 MB attachment", large())] {
        let input = mail_input(mail.clone(), &RECIPIENTS);
        let there = world.to_x400(&input);
        let content = Bytes::from(there.content.concat());
        let message = to_internet::Input { envelope: there.envelope, content, recipients: vec![1, 2] };
        count(name, "mail-parser alone", || {
            mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap()
        });
        count(name, "to X.400", || world.to_x400(&input));
        count(name, "to the Internet", || read_on_the_internet(&world, &message));
    }
}

/// Of the second time; at the first, what is made once is made.
fn count<T>(mail: &str, work: &str, convert: impl Fn() -> T) {
    drop(black_box(convert()));
    let region = Region::new(ALLOCATOR);
    let result = black_box(convert());
    let change = region.change();
    drop(result);
    println!(
        "{mail:18} {work:18} {:8} allocations, {:12} octets",
        change.allocations + change.reallocations,
        change.bytes_allocated
    );
}
