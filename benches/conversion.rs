//! Conversion in both directions, beside `mail-parser` alone on the same mail and the decoding of base64 alone: how many
//! octets of mail a second, and how often and how much memory was asked for.
//!
//! `cargo bench --bench conversion`; `benches/README.md` has numbers.

#![allow(clippy::unwrap_used, reason = "a bench")]
#![allow(clippy::disallowed_methods, reason = "a bench touches the world")]

#[path = "support/rounds.rs"]
mod rounds;
#[path = "support/world.rs"]
mod world;

use std::alloc::System;
use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use world::{World, mail_input};
use x400_gateway::mixer::to_internet;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const HEADER: &str = "Received: from mail.internet.example by gw.internet.example; Mon, 23 Nov 2026 10:00:00 +0000\r\n\
Date: Mon, 23 Nov 2026 09:59:58 +0000\r\n\
From: Ada Lovelace <ada@internet.example>\r\n\
To: Grace Hopper <Grace.Hopper@navy.x400.example>\r\n\
Cc: \"List owner\" <list_owner@navy.x400.example>\r\n\
Subject: Notes on the engine\r\n\
Message-ID: <bench.1@internet.example>\r\n\
In-Reply-To: <bench.0@internet.example>\r\n\
References: <bench.-1@internet.example> <bench.0@internet.example>\r\n\
X-Mailer: by hand\r\n\
MIME-Version: 1.0\r\n";

const RECIPIENTS: [&str; 2] = ["Grace.Hopper@navy.x400.example", "list_owner@navy.x400.example"];

const LINE: &str = "The engine weaves algebraic patterns just as the loom weaves flowers and leaves.\r\n";

/// Octets without a pattern that an encoder could use.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    })
    .take(length)
    .collect()
}

fn base64(octets: &[u8]) -> String {
    let encoded = base64_simd::STANDARD.encode_to_string(octets);
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 38);
    for line in encoded.as_bytes().chunks(76) {
        lines.push_str(std::str::from_utf8(line).unwrap());
        lines.push_str("\r\n");
    }
    lines
}

/// A mail of 4 kB of plain text.
fn text() -> String {
    format!("{HEADER}Content-Type: text/plain; charset=us-ascii\r\n\r\n{}", LINE.repeat(44))
}

/// A mail of 100 kB: text in two renditions, with characters outside US-ASCII, and two files.
fn mixed() -> String {
    let german = "Gr=C3=BC=C3=9Fe aus K=C3=B6ln, wo die Maschine l=C3=A4uft.\r\n".repeat(200);
    format!(
        "{HEADER}Content-Type: multipart/mixed; boundary=outer\r\n\r\n\
--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n\
--inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{german}\r\n\
--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>{german}</p>\r\n\
--inner--\r\n\
--outer\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
--outer\r\nContent-Type: application/pdf; name=b.pdf\r\nContent-Disposition: attachment; filename=b.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
--outer--\r\n",
        base64(&noise(30_000)),
        base64(&noise(25_000)),
    )
}

/// The attachment of the large mail, in base64.
fn large_attachment() -> String {
    base64(&noise(10_000_000))
}

/// A mail with an attachment of 10 MB.
fn large() -> String {
    format!(
        "{HEADER}Content-Type: multipart/mixed; boundary=outer\r\n\r\n\
--outer\r\nContent-Type: text/plain\r\n\r\n{LINE}\r\n\
--outer\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
--outer--\r\n",
        large_attachment(),
    )
}

/// Converted, and every octet read once, as SMTP would send it.
fn read_on_the_internet(world: &World, input: &to_internet::Input) -> usize {
    world.with(|context| {
        let converted = to_internet::to_internet(input, context).unwrap();
        converted.content.chunks().map(|chunk| black_box(chunk).len()).sum()
    })
}

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

/// How often `work` asks for memory, and for how many octets.
fn allocations<T>(name: &str, work: impl Fn() -> T) {
    drop(black_box(work()));
    let region = Region::new(ALLOCATOR);
    let result = black_box(work());
    let change = region.change();
    drop(result);
    println!(
        "{name:32} {:8} allocations, {:12} octets",
        change.allocations + change.reallocations,
        change.bytes_allocated
    );
}

fn conversions(criterion: &mut Criterion) {
    let world = World::new();
    for (name, mail) in [("4 kB text", text()), ("100 kB mixed", mixed()), ("10 MB attachment", large())] {
        let input = mail_input(mail.clone(), &RECIPIENTS);
        let there = world.to_x400(&input);
        let content = Bytes::from(there.content.concat());
        let message = to_internet::Input { envelope: there.envelope, content, recipients: vec![1, 2] };
        let parse = || mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();

        allocations(&format!("{name}: mail-parser alone"), parse);
        allocations(&format!("{name}: to X.400"), || world.to_x400(&input));
        allocations(&format!("{name}: to the Internet"), || read_on_the_internet(&world, &message));

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
