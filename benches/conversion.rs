//! Conversion in both directions, beside `mail-parser` alone on the same mail and the decoding of base64 alone: how many
//! octets of mail a second, with the allocator that the program has.
//!
//! `cargo bench --bench conversion`; `benches/README.md` has numbers.

#![allow(clippy::unwrap_used, reason = "a bench")]
#![allow(clippy::disallowed_methods, reason = "a bench touches the world")]

#[path = "support/mails.rs"]
mod mails;
#[path = "support/rounds.rs"]
mod rounds;
#[path = "support/world.rs"]
mod world;

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mails::{RECIPIENTS, large, large_attachment, mixed, text};
use world::{World, mail_input, read_on_the_internet};
use x400_gateway::mixer::to_internet;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The octets of base64 without its line ends, decoded.
fn decode_base64(encoded: &[u8]) -> usize {
    let mut octets = Vec::with_capacity(encoded.len());
    let mut start = 0;
    for newline in memchr::memchr_iter(b'\n', encoded) {
        octets.extend_from_slice(encoded[start..newline].trim_ascii_end());
        start = newline + 1;
    }
    base64_simd::STANDARD.decode_inplace(&mut octets).unwrap().len()
}

fn conversions(criterion: &mut Criterion) {
    let world = World::new();
    for (name, mail) in [("4 kB text", text()), ("100 kB mixed", mixed()), ("10 MB attachment", large())] {
        let input = mail_input(mail.clone(), &RECIPIENTS);
        let there = world.to_x400(&input);
        let content = Bytes::from(there.content.concat());
        let message = to_internet::Input { envelope: there.envelope, content, recipients: vec![1, 2] };
        let parse = || mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();

        let (length, encoded) = (mail.len(), large_attachment());
        let alone = || drop(black_box(parse()));
        let there = || drop(black_box(world.to_x400(&input)));
        let back = || {
            black_box(read_on_the_internet(&world, &message));
        };
        let base64 = || {
            black_box(decode_base64(encoded.as_bytes()));
        };
        let mut works: Vec<rounds::Work<'_>> = vec![
            ("mail-parser alone", length, &alone),
            ("to X.400", length, &there),
            ("to the Internet", length, &back),
        ];
        if length > 1_000_000 {
            works.push(("base64 alone", encoded.len(), &base64));
        }
        rounds::compare(name, 1, &works);

        let mut group = criterion.benchmark_group(name);
        // Octets of the mail in each direction, so that the speeds can be compared.
        group.throughput(Throughput::Bytes(length as u64));
        if length > 1_000_000 {
            group.sample_size(10);
        }
        group.bench_function("mail-parser alone", |bencher| bencher.iter(|| black_box(parse())));
        group.bench_function("to X.400", |bencher| bencher.iter(|| black_box(world.to_x400(&input))));
        group.bench_function("to the Internet", |bencher| {
            bencher.iter(|| read_on_the_internet(&world, &message))
        });
        if length > 1_000_000 {
            group.bench_function("base64 alone", |bencher| bencher.iter(base64));
        }
        group.finish();
    }
}

criterion_group!(benches, conversions);
criterion_main!(benches);
