//! How the time of a conversion grows with what a sender chooses: fields, recipients, parts, addresses, characters, depth.
//!
//! Each shape is converted, and once more four times as large. What then takes sixteen times as long grows with the square,
//! and a sender could stop a gateway with it; so more than nine times is a failure.
//!
//! `cargo bench --bench growth`, or `cargo bench --bench growth -- recipients` for the shapes whose names hold the word.

#![allow(clippy::unwrap_used, reason = "a bench")]
#![allow(clippy::disallowed_methods, reason = "a bench touches the world")]
#![allow(missing_docs, reason = "a bench")]

#[path = "support/world.rs"]
mod world;

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::heading::{Heading, HeadingExtension as _, IpmIdentifier, Rfc822Field};
use rasn_x400::x420::{InformationObject, Ipm};
use world::{World, mail_input};
use x400_gateway::mixer::charset::general_string::{decode_general, decode_teletex};
use x400_gateway::mixer::charset::{TextFallback, encode_body, encode_human};
use x400_gateway::mixer::to_internet::{self, to_internet};
use x400_gateway::mixer::to_x400::{self, to_x400};

/// How much larger the large one is.
const FACTOR: usize = 4;
/// More than so many times the time is out of proportion.
const LIMIT: f64 = 9.0;
/// What takes less is too short to be judged.
const SHORT: Duration = Duration::from_millis(5);
const GRACE: &str = "Grace.Hopper@navy.x400.example";

/// What is converted.
enum Made {
    /// A mail, to X.400 and back.
    Mail(String),
    /// The same, to so many recipients.
    Mails(String, Vec<String>),
    /// A message of X.400, to the Internet.
    Message(Box<Heading>, Vec<BodyPart>),
    /// The same with this trace in the envelope.
    Traced(usize),
    /// Characters alone.
    Characters(Box<dyn Fn()>),
}

/// A name, a size, and what is made of a size. Four times the size is about what a message may have.
type Shape = (&'static str, usize, fn(usize) -> Made);

const SHAPES: &[Shape] = &[
    ("fields", 2_500, |n| head(&numbered(n, |i| format!("X-Field-{i}: value {i}\r\n")))),
    ("fields of one name", 10_000, |n| head(&"X-Field: value\r\n".repeat(n))),
    ("empty fields", 100_000, |n| head(&"a:\r\n".repeat(n))),
    ("content fields", 10_000, |n| head(&numbered(n, |i| format!("Content-X{i}: {i}\r\n")))),
    ("military fields", 10_000, |n| head(&"MMHS-Other-Recipients-Indicator-To: a\r\n".repeat(n))),
    ("languages", 10_000, |n| head(&format!("Content-Language: {}en\r\n", "en, ".repeat(n)))),
    ("lines that are no field", 100_000, |n| head(&"no field\r\n".repeat(n))),
    ("recipients", 2_500, |n| {
        let recipients = (0..n).map(|i| format!("User{i}.Hopper@navy.x400.example")).collect();
        Made::Mails(format!("{START}\r\nHello.\r\n"), recipients)
    }),
    ("addresses", 2_500, |n| head(&numbered(n, |i| format!("Cc: Grace <g{i}@navy.x400.example>\r\n")))),
    ("addresses in one field", 2_500, |n| {
        head(&format!(
            "Cc: {}a@b.example\r\n",
            numbered(n, |i| format!("Grace {i} <g{i}@navy.x400.example>, "))
        ))
    }),
    ("groups", 10_000, |n| head(&format!("Cc: {}\r\n", "a: b@c.example;".repeat(n)))),
    ("comments", 100_000, |n| head(&format!("Cc: {}a@b.example\r\n", "(a)".repeat(n)))),
    ("comments in comments", 100_000, |n| {
        head(&format!("Cc: {}a{} a@b.example\r\n", "(".repeat(n), ")".repeat(n)))
    }),
    ("brackets that stay open", 100_000, |n| head(&format!("Cc: {}a@b.example\r\n", "<".repeat(n)))),
    ("routes", 100_000, |n| head(&format!("Cc: <@{}b.example:a@b.example>\r\n", "a,@".repeat(n)))),
    ("references", 10_000, |n| {
        head(&format!("References: {}\r\n", numbered(n, |i| format!("<{i}@b.example> "))))
    }),
    ("references and replies", 10_000, |n| {
        let list = |of: &str| numbered(n, |i| format!("<{of}{i}@b.example> "));
        head(&format!("References: {}\r\nIn-Reply-To: {}\r\n", list("r"), list("i")))
    }),
    ("a long line", 500_000, |n| head(&format!("X-Long: {}\r\n", "a".repeat(n)))),
    ("words in a line", 100_000, |n| head(&format!("X-Long: {}\r\n", "a b ".repeat(n)))),
    ("spaces between two words", 100_000, |n| head(&format!("X-Long: a{}b\r\n", " ".repeat(n)))),
    ("a long subject", 100_000, |n| head(&format!("Subject: {}\r\n", "a b ".repeat(n)))),
    ("a subject of many characters", 20_000, |n| head(&format!("Subject: {}\r\n", characters(n, 0x4E00)))),
    ("brackets in a subject", 100_000, |n| head(&format!("Subject: {}\r\n", "(".repeat(n)))),
    ("encoded words", 10_000, |n| head(&format!("Subject: {}\r\n", "=?utf-8?Q?a=C3=BC?= ".repeat(n)))),
    ("encoded words that stay open", 10_000, |n| head(&format!("Subject: {}\r\n", "=?utf-8?Q?a".repeat(n)))),
    ("encoded words of base64 that stay open", 10_000, |n| {
        head(&format!("Subject: {}\r\n", "=?utf-8?B?YWFh".repeat(n)))
    }),
    ("parameters", 10_000, |n| {
        mime(&format!("application/pdf{}", numbered(n, |i| format!("; p{i}=v{i}"))), "JVBERi0=\r\n")
    }),
    ("pieces of a parameter", 10_000, |n| {
        mime(&format!("application/pdf{}", numbered(n, |i| format!("; name*{i}=v{i}"))), "JVBERi0=\r\n")
    }),
    ("parts", 2_500, |n| multipart(n, |_| "Content-Type: text/plain\r\n\r\nHello.".to_owned())),
    ("parts of many types", 2_500, |n| {
        multipart(n, |i| format!("Content-Type: application/x-ftbp.1.2.{i}\r\n\r\nHello."))
    }),
    ("more parts than are read", 10_000, |n| multipart(n, |_| "\r\n".to_owned())),
    ("messages in messages", 2_500, |n| {
        mime("message/rfc822", &"Content-Type: message/rfc822\r\n\r\n".repeat(n))
    }),
    ("multiparts in multiparts", 250, |n| {
        let opening = |i| format!("--b{i}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", i + 1);
        let closing = (0..n).rev().map(|i| format!("--b{i}--\r\n")).collect::<String>();
        mime("multipart/mixed; boundary=b0", &format!("{}{closing}", numbered(n, opening)))
    }),
    ("multiparts of one boundary", 250, |n| {
        let opening = "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".repeat(n);
        mime("multipart/mixed; boundary=b", &opening)
    }),
    ("lines like a boundary", 100_000, |n| mime("multipart/mixed; boundary=b", &"--bb\r\n".repeat(n))),
    ("a long line of text", 2_500_000, |n| Made::Mail(format!("{START}\r\n{}\r\n", "a".repeat(n)))),
    ("short lines of text", 500_000, |n| Made::Mail(format!("{START}\r\n{}", "a\r\n".repeat(n)))),
    ("damaged base64", 500_000, |n| mime("application/pdf", &"YWJj*=\r\n".repeat(n))),
    ("damaged quoted-printable", 500_000, |n| {
        let header = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n";
        Made::Mail(format!("{START}{header}\r\n{}", "=\r\n=x".repeat(n)))
    }),
    ("tags of HTML", 100_000, |n| text("text/html; charset=utf-8", &"<p a='b'>ü</p><!--".repeat(n))),
    ("references of HTML", 100_000, |n| text("text/html; charset=utf-8", &"&&amp&#x".repeat(n))),
    ("fields from X.400", 2_500, |n| carried(n, |i| format!("X-Field-{i}: value"))),
    ("content fields from X.400", 2_500, |n| carried(n, |i| format!("Content-X{i}: value"))),
    ("lists of references from X.400", 2_500, |n| carried(n, |_| "References: <a@b>".to_owned())),
    ("parts from X.400", 2_500, |n| {
        let text = Ia5Text { data: "Hello.\r\n".into(), ..Ia5Text::default() };
        Made::Message(Box::default(), vec![BodyPart::Ia5Text(text); n])
    }),
    ("trace from X.400", 2_500, Made::Traced),
    ("T.61 written", 100_000, |n| {
        of(characters(n, 0xA1), |text| drop(black_box(encode_human(text, 1 << 30))))
    }),
    ("T.61 read", 250_000, |n| {
        of("Gr\u{8}".repeat(n), |text| {
            drop(black_box(decode_teletex(text.replace('\u{8}', "\u{c8}u").as_bytes())))
        })
    }),
    ("general-text of one set", 100_000, |n| {
        of("Grüße ".repeat(n), |text| drop(black_box(encode_body(text, None, TextFallback::Utf8))))
    }),
    ("general-text of many sets", 20_000, |n| {
        of("aéжαőא".repeat(n), |text| drop(black_box(encode_body(text, None, TextFallback::Mixed))))
    }),
    ("general-text of neighbours", 20_000, |n| {
        of(characters(n, 0xA1), |text| drop(black_box(encode_body(text, None, TextFallback::Transliterate))))
    }),
    ("general-text in Japanese", 100_000, |n| {
        of("日本語a".repeat(n), |text| drop(black_box(encode_body(text, None, TextFallback::Utf8))))
    }),
    ("designations", 250_000, |n| {
        of("\u{1b}-Aa\u{1b}-Bb".repeat(n), |text| drop(black_box(decode_general(text.as_bytes(), &[6, 100]))))
    }),
    ("escapes that stay open", 250_000, |n| {
        of("\u{1b}%G\u{1b}[111".repeat(n), |text| drop(black_box(decode_general(text.as_bytes(), &[6]))))
    }),
];

const START: &str = "From: Ada <ada@internet.example>\r\nTo: Grace.Hopper@navy.x400.example\r\n\
    Date: Mon, 23 Nov 2026 09:59:58 +0000\r\nMessage-ID: <growth@internet.example>\r\n";

fn numbered(n: usize, make: impl Fn(usize) -> String) -> String {
    (0..n).map(make).collect()
}

/// So many different characters from this one on, with surrogates left out.
fn characters(n: usize, first: u32) -> String {
    (first..).filter_map(char::from_u32).take(n).collect()
}

fn head(fields: &str) -> Made {
    Made::Mail(format!("{START}{fields}\r\nHello.\r\n"))
}

fn mime(media_type: &str, body: &str) -> Made {
    let encoding = if media_type.starts_with("application") { "base64" } else { "7bit" };
    let header = format!(
        "MIME-Version: 1.0\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    );
    Made::Mail(format!("{START}{header}\r\n{body}"))
}

fn text(media_type: &str, body: &str) -> Made {
    Made::Mail(format!("{START}MIME-Version: 1.0\r\nContent-Type: {media_type}\r\n\r\n{body}"))
}

fn multipart(n: usize, part: impl Fn(usize) -> String) -> Made {
    let mut body = String::new();
    for number in 0..n {
        let _ = write!(body, "--b\r\n{}\r\n", part(number));
    }
    mime("multipart/mixed; boundary=b", &format!("{body}--b--\r\n"))
}

/// A message whose heading carries such fields, and refers to as many others.
fn carried(n: usize, field: impl Fn(usize) -> String) -> Made {
    let fields: Vec<_> = (0..n).map(|number| field(number).as_str().into()).collect();
    let related = |number: usize| IpmIdentifier {
        user_relative_identifier: format!("{number}").as_str().into(),
        ..IpmIdentifier::default()
    };
    let heading = Heading {
        related_ipms: Some((0..n).map(related).collect()),
        extensions: vec![Rfc822Field::field(&fields).unwrap()],
        ..Heading::default()
    };
    Made::Message(Box::new(heading), Vec::new())
}

fn of(text: String, work: impl Fn(&str) + 'static) -> Made {
    Made::Characters(Box::new(move || work(&text)))
}

fn main() -> ExitCode {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let world = World::new();
    let mut disproportionate = 0;
    println!("{:45}{:>12}{:>12}{:>9}", "", "small, ms", "large, ms", "times");
    for (name, size, make) in SHAPES {
        if wanted.as_ref().is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        let (small, large) = (times(&world, make(*size)), times(&world, make(size * FACTOR)));
        for ((direction, small), (_, large)) in small.into_iter().zip(large) {
            let ratio = large.as_secs_f64() / small.as_secs_f64();
            let bad = ratio > LIMIT && large > SHORT;
            disproportionate += usize::from(bad);
            println!(
                "{:45}{:12.3}{:12.3}{ratio:9.1}{}",
                format!("{name}{direction}"),
                small.as_secs_f64() * 1e3,
                large.as_secs_f64() * 1e3,
                if bad { "  out of proportion" } else { "" }
            );
        }
    }
    if disproportionate == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How long each direction takes.
fn times(world: &World, made: Made) -> Vec<(&'static str, Duration)> {
    match made {
        Made::Mail(mail) => there_and_back(world, mail, &[GRACE]),
        Made::Mails(mail, recipients) => {
            there_and_back(world, mail, &recipients.iter().map(String::as_str).collect::<Vec<_>>())
        }
        Made::Message(heading, body) => {
            let content = ber::encode(&InformationObject::Ipm(Ipm { heading: *heading, body })).unwrap();
            let there = world.to_x400(&mail_input(START, &[GRACE]));
            let input =
                to_internet::Input { envelope: there.envelope, content: content.into(), recipients: vec![1] };
            vec![(", to the Internet", back(world, &input))]
        }
        Made::Traced(n) => {
            let there = world.to_x400(&mail_input(START, &[GRACE]));
            let mut envelope = there.envelope;
            let hop = envelope.trace_information.first().unwrap().clone();
            envelope.trace_information = vec![hop; n];
            let content = Bytes::from(there.content.concat());
            let input = to_internet::Input { envelope, content, recipients: vec![1] };
            vec![(", to the Internet", back(world, &input))]
        }
        Made::Characters(work) => vec![("", fastest(work))],
    }
}

fn there_and_back(world: &World, mail: String, recipients: &[&str]) -> Vec<(&'static str, Duration)> {
    let input = mail_input(mail, recipients);
    let there = fastest(|| drop(black_box(world.with(|context| to_x400(&input, context)))));
    let mut times = vec![(", to X.400", there)];
    if let Ok(made) = world.with(|context| to_x400(&input, context)) {
        let to_x400::Converted { envelope, content, .. } = made;
        let recipients = (1..).zip(&envelope.per_recipient_fields).map(|(place, _)| place).collect();
        let input = to_internet::Input { envelope, content: content.concat().into(), recipients };
        times.push((", to the Internet", back(world, &input)));
    }
    times
}

/// To the Internet, every octet read once.
fn back(world: &World, input: &to_internet::Input) -> Duration {
    fastest(|| {
        world.with(|context| {
            if let Ok(converted) = to_internet(input, context) {
                converted.content.chunks().for_each(|chunk| drop(black_box(chunk)));
            }
        });
    })
}

/// The shortest of several times, for a while: what others do on the machine only makes it longer.
fn fastest(work: impl Fn()) -> Duration {
    let time = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let (mut fastest, mut altogether) = (time(), Duration::ZERO);
    for _ in 0..20 {
        if altogether > Duration::from_millis(600) {
            break;
        }
        let once = time();
        (fastest, altogether) = (fastest.min(once), altogether + once);
    }
    fastest
}
