//! Octets that are almost right, more than a hundred thousand inputs, handed to everything that reads from outside: P1
//! and its contents, the layers of an association alone and together, SMTP sessions, mails, and the explainer.
//!
//! Whatever the octets are, nothing panics, nothing hangs, and no memory is taken because of a length that the octets
//! only claim. Every run tries the same inputs. A failure names kind and number of the case and its octets in
//! hexadecimal; `MUTATION=kind:number` runs that case alone.
//!
//! One test, so that nothing else uses memory meanwhile: the memory of each case is measured.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

#[path = "mutation/association.rs"]
mod association;
#[path = "mutation/ber.rs"]
mod ber;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "mutation/feed.rs"]
mod feed;
#[path = "support/mutate.rs"]
mod mutate;
#[path = "support/nasty.rs"]
mod nasty;
#[path = "mutation/run.rs"]
mod run;
#[path = "smtp/runner.rs"]
#[allow(dead_code, reason = "this target does not play the dialogues as written")]
mod runner;
#[path = "mutation/samples.rs"]
mod samples;

use std::time::Instant;

use mutate::Shape;
use run::Kind;

#[test]
fn mutated_input_does_no_harm() {
    feed::prepare();
    run::run(&kinds());
}

/// Octets of memory on top of what goes with the length of the input.
const SMALL: usize = 1 << 19;
/// The same for what keeps a tree of its input, with words for each element.
const LARGE: usize = 4 << 20;

/// Counts are by cost: none of them takes much longer than the others.
fn kinds() -> Vec<Kind> {
    let kind = |name, cases, shape, samples, feed| Kind { name, cases, shape, memory: SMALL, samples, feed };
    let roomy = |kind: Kind| Kind { memory: LARGE, ..kind };
    let (to_responders, to_initiators) = (association::to_responders(), association::to_initiators());
    let streams = [samples::session_initiators(), to_responders.clone(), to_initiators.clone()].concat();
    let explained = || [samples::apdus(), samples::contents(), samples::association_pdus()].concat();
    let dialogues =
        || runner::Script::all().iter().map(|script| head(script.client_octets(), 1500)).collect();
    let mails = || {
        let nasty = nasty::mails().into_iter().map(|mail| head(mail.octets, 3000));
        samples::mails().into_iter().chain(nasty).collect()
    };
    vec![
        kind("mts-apdu", 20_000, Shape::Ber, samples::apdus(), feed::mts_apdu),
        kind("content", 15_000, Shape::Ber, samples::contents(), feed::content),
        kind("association-pdu", 15_000, Shape::Ber, samples::association_pdus(), feed::association_pdu),
        kind("transport-responder", 15_000, Shape::Packets, samples::transport(), feed::transport_responder),
        kind("transport-initiator", 5_000, Shape::Packets, samples::transport(), feed::transport_initiator),
        kind(
            "session-responder",
            10_000,
            Shape::Packets,
            samples::session_initiators(),
            feed::session_responder,
        ),
        kind(
            "session-initiator",
            10_000,
            Shape::Packets,
            samples::session_responders(),
            feed::session_initiator,
        ),
        kind("stack-responder", 6_000, Shape::Packets, to_responders, feed::stack_responder),
        kind("stack-initiator", 4_000, Shape::Packets, to_initiators, feed::stack_initiator),
        kind("smtp", 15_000, Shape::Text(SMTP), dialogues(), feed::smtp),
        roomy(kind("conversion", 6_000, Shape::Text(MAIL), mails(), feed::conversion)),
        roomy(kind("mail", 10_000, Shape::Text(MAIL), mails(), feed::mail)),
        roomy(kind("explain-ber", 5_000, Shape::Ber, explained(), feed::explain)),
        roomy(kind("explain-stream", 2_000, Shape::Packets, streams, feed::explain)),
    ]
}

/// Octets that mean something in an SMTP session.
const SMTP: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b".",
    b"\r\n.\r\n",
    b"\0",
    b"<",
    b">",
    b"\"",
    b"\\",
    b"@",
    b"\xff",
    b"=",
    b" ",
    b"\r\nDATA\r\n",
    b"SIZE=99999999999999999999",
    b"+FF",
    b"BDAT 4294967295\r\n",
];
/// Octets that mean something in a mail.
const MAIL: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\r\n--outer\r\n",
    b"--",
    b"\0",
    b"<",
    b">",
    b"\"",
    b"\\",
    b"(",
    b")",
    b",",
    b":",
    b";",
    b"@",
    b"=?utf-8?B?",
    b"?=",
    b"=?",
    b"\xff",
    b"=",
    b"\r\n ",
    b"*0*=",
    b"%",
    b"\r\nContent-Type: message/rfc822\r\n\r\n",
    b"\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
];

fn head(mut octets: Vec<u8>, length: usize) -> Vec<u8> {
    octets.truncate(length);
    octets
}

/// Where the clock of a test starts; it stands still unless moved.
fn start_of_time() -> Instant {
    Instant::now()
}
