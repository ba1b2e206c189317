//! Octets that are almost right, more than a hundred thousand inputs, handed to everything that reads from outside: P1
//! and its contents, the layers of an association alone and together, SMTP sessions, mails, and the explainer.
//!
//! Whatever the octets are, nothing panics, nothing hangs, and no memory is taken because of a length that the octets
//! only claim. Every run tries the same inputs. A failure names kind and number of the case and its octets in
//! hexadecimal; `MUTATION=kind:number` runs that case alone.
//!
//! The functions that read are those of the fuzz targets. The memory of each case is measured, so each core has a process
//! of its own that plays one case after the other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, missing_docs)]

#[path = "mutation/ber.rs"]
mod ber;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code, reason = "not everything is read here")]
mod fuzz;
#[path = "support/mutate.rs"]
mod mutate;
#[path = "support/nasty.rs"]
mod nasty;
#[path = "mutation/run.rs"]
mod run;
#[path = "mutation/samples.rs"]
mod samples;

use fuzz::association::{self, Course, recorded};
use fuzz::dice::data_packet;
use fuzz::{directory, dns, explain, layers, mail, smtp, streamed, typed};
use mutate::Shape;
use run::Kind;
use x400_gateway::osi::stack::Mode;

#[test]
fn mutated_input_does_no_harm() {
    mail::prepare();
    run::run("mutated_input_does_no_harm", &kinds());
}

/// Octets of memory on top of what goes with the length of the input.
const SMALL: usize = 1 << 19;
/// The same for what keeps something for each element of its input: a token, a tree with words.
const LARGE: usize = 4 << 20;

/// Counts are by cost: none of them takes much longer than the others.
fn kinds() -> Vec<Kind> {
    let kind = |name, cases, shape, samples, feed| Kind { name, cases, shape, memory: SMALL, samples, feed };
    let roomy = |kind: Kind| Kind { memory: LARGE, ..kind };
    let [normal, of_1988, of_1984] = Mode::ALL.map(|mode| Course::all(mode).map(recorded));
    let to_responders =
        || [&normal, &of_1988, &of_1984].map(|said| said.each_ref().map(|[ours, _]| ours.clone())).concat();
    let answers = |said: &[[Vec<u8>; 2]; 3]| said.each_ref().map(|[_, theirs]| theirs.clone()).to_vec();
    let to_initiators = || [&normal, &of_1988, &of_1984].map(answers).concat();
    let streams = [samples::session_initiators(), to_responders(), to_initiators()].concat();
    let explained = || [samples::apdus(), samples::contents(), samples::association_pdus()].concat();
    let dialogues = || smtp::dialogues().into_iter().map(|octets| head(octets, 1500)).collect();
    let mails = || {
        let nasty = nasty::mails().into_iter().map(|mail| head(mail.octets, 3000));
        samples::mails().into_iter().chain(nasty).collect()
    };
    let (ber, packets) = (Shape::Ber, Shape::Packets);
    let (connects, accepts) = (samples::session_initiators(), samples::session_responders());
    vec![
        kind("mts-apdu", 12_000, ber, samples::apdus(), typed::mts_apdu),
        kind("apdu-reader", 3_000, ber, samples::apdus(), streamed::apdu_reader),
        kind("content", 10_000, ber, samples::contents(), typed::content),
        kind("ipm-reader", 3_000, ber, samples::contents(), streamed::ipm_reader),
        roomy(kind("ber-tokens", 5_000, ber, samples::apdus(), streamed::ber_tokens)),
        kind("association-pdu", 12_000, ber, samples::association_pdus(), typed::association_pdu),
        kind("transport-responder", 15_000, packets, samples::transport(), layers::transport_responder),
        kind("transport-initiator", 5_000, packets, samples::transport(), layers::transport_initiator),
        kind("session-responder", 10_000, packets, connects, layers::session_responder),
        kind("session-initiator", 10_000, packets, accepts, layers::session_initiator),
        kind("stack-responder", 6_000, packets, to_responders(), association::stack_responder),
        kind("stack-initiator", 3_000, packets, answers(&normal), association::stack_initiator),
        kind(
            "stack-initiator-x410-1988",
            2_500,
            packets,
            answers(&of_1988),
            association::stack_initiator_x410_1988,
        ),
        kind(
            "stack-initiator-x410-1984",
            2_500,
            packets,
            answers(&of_1984),
            association::stack_initiator_x410_1984,
        ),
        kind("dns", 10_000, Shape::Text(DNS), samples::dns(), dns::answer),
        kind("ldap", 10_000, ber, samples::ldap(), directory::ldap),
        kind("smtp", 15_000, Shape::Text(SMTP), dialogues(), smtp::dialogue),
        roomy(kind("conversion", 5_000, Shape::Text(MAIL), mails(), mail::conversion)),
        roomy(kind("mail", 10_000, Shape::Text(MAIL), mails(), mail::mail)),
        roomy(kind("decode-ber", 5_000, ber, explained(), explain::decode)),
        roomy(kind("decode-stream", 2_000, packets, streams, explain::decode)),
    ]
}

/// Octets that mean something in a message of DNS that holds PX records.
const DNS: &[&[u8]] = &[
    b"\0",
    b"\xc0\x0c",
    b"\xc0\x0e",
    b"\xff",
    b"\x3f",
    b"\0\x1a\0\x01",
    b"\x01G",
    b"\x04PRMD",
    b"\x05ADMDb",
    b"\x06O--h-a",
    b"\x04C-fr\0",
    b"-064-",
    b"-",
];

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
