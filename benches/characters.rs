//! Text of a megabyte in the character sets of X.400, written and read, beside `encoding_rs` with a set of its own that
//! holds the same characters.
//!
//! `cargo bench --bench characters`; `benches/README.md` has numbers.

#![allow(missing_docs, reason = "a bench")]
#![allow(clippy::unwrap_used, reason = "a bench")]
#![allow(clippy::disallowed_methods, reason = "a bench touches the world")]
#![allow(clippy::cast_precision_loss, reason = "a bench")]

#[path = "support/rounds.rs"]
mod rounds;

use std::hint::black_box;

use encoding_rs::Encoding;
use x400_gateway::mixer::charset::general_string::{decode_general, decode_teletex};
use x400_gateway::mixer::charset::{BodyText, TextFallback, encode_body, t61};

const MEGABYTE: usize = 1 << 20;

fn main() {
    for (language, line, encoding) in [
        ("English", "The engine weaves patterns as the loom weaves flowers.\r\n", encoding_rs::WINDOWS_1252),
        ("German", "Grüße aus Köln, wo die Maschine läuft und läuft.\r\n", encoding_rs::WINDOWS_1252),
        ("Czech", "Příliš žluťoučký kůň úpěl ďábelské ódy.\r\n", encoding_rs::ISO_8859_2),
        ("Russian", "Машина плетёт узоры, как станок цветы.\r\n", encoding_rs::ISO_8859_5),
        ("Japanese", "機関は織機が花を織るように模様を織る。\r\n", encoding_rs::ISO_2022_JP),
        ("Korean", "기관은 베틀이 꽃을 짜듯 무늬를 짠다.\r\n", encoding_rs::EUC_KR),
    ] {
        of(language, &line.repeat(MEGABYTE / line.len()), encoding);
    }
}

fn of(language: &str, text: &str, encoding: &'static Encoding) {
    let general = encode_body(text, None, TextFallback::Utf8).unwrap();
    let (registrations, octets) = match general {
        BodyText::Ia5(octets) => (vec![], octets),
        BodyText::General { registrations, octets, .. } => (registrations, octets),
    };
    let teletex = t61::encode(text).octets;
    let plain = encoding.encode(text).0.into_owned();
    let length = text.len();
    rounds::compare(
        &format!("{language}, written"),
        1,
        &[
            (encoding.name(), length, &|| drop(black_box(encoding.encode(text)))),
            ("general-text", length, &|| drop(black_box(encode_body(text, None, TextFallback::Utf8)))),
            ("T.61", length, &|| drop(black_box(t61::encode(text)))),
        ],
    );
    rounds::compare(
        &format!("{language}, read"),
        1,
        &[
            (encoding.name(), length, &|| drop(black_box(encoding.decode(&plain)))),
            ("general-text", length, &|| drop(black_box(decode_general(&octets, &registrations)))),
            ("T.61", length, &|| drop(black_box(decode_teletex(&teletex)))),
        ],
    );
}
