//! Bodies there and back: whatever a mail is made of, every attachment comes back through X.400 with its type, its name and
//! its octets, and every text with its characters.

use std::fmt::Write as _;

use bytes::Bytes;
use proptest::prelude::*;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use time::macros::datetime;
use x400_gateway::message::{Entity, Message, Structure};
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::settings::{AttachmentForm, Renditions};
use x400_gateway::mixer::{Context, Settings, to_internet, to_x400};
use x400_gateway::rules::Rules;

/// What a mail is made of.
#[derive(Debug, Clone)]
enum Part {
    Text { text: String, charset: &'static str },
    File { media_type: &'static str, name: Option<String>, disposition: &'static str, octets: Vec<u8> },
    Message { subject: String, inside: Box<Self> },
    Multipart { subtype: &'static str, parts: Vec<Self> },
}

fn text() -> impl Strategy<Value = Part> {
    let ascii = "[ -~]{0,60}(\r\n[ -~]{0,60}){0,3}".prop_map(|text| Part::Text { text, charset: "us-ascii" });
    let wide = "[ -~äöüßéŁłźдαא€あ가😀]{1,60}(\r\n[ -~ä€д]{0,40}){0,2}"
        .prop_map(|text| Part::Text { text, charset: "utf-8" });
    prop_oneof![ascii, wide]
}

fn file() -> impl Strategy<Value = Part> {
    let media_type = prop::sample::select(vec![
        "application/octet-stream",
        "application/pdf",
        "application/msword",
        "application/x-ftbp.1.2.3",
        "application/postscript",
        "application/pkcs7-mime; smime-type=signed-data",
        "application/json",
        "image/jpeg",
        "image/png",
        "image/g3fax",
        "audio/basic",
        "text/csv; charset=utf-8; header=present",
        "text/html; charset=utf-8",
    ]);
    let name = prop::option::of("[a-zA-Z0-9 äß€あ_.-]{1,40}".prop_map(|name| format!("n{}", name.trim())));
    let disposition = prop::sample::select(vec!["attachment", "inline"]);
    let octets = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        "([ -~]{0,90}\r\n){0,4}[ -~=\t]{0,30}".prop_map(String::into_bytes),
        "[a-zä=\r\n]{0,200}".prop_map(String::into_bytes),
    ];
    (media_type, name, disposition, octets).prop_map(|(media_type, name, disposition, octets)| Part::File {
        media_type,
        name,
        disposition,
        octets,
    })
}

fn body() -> impl Strategy<Value = Part> {
    let leaf = prop_oneof![text(), file()];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let subtype = prop::sample::select(vec!["mixed", "alternative", "related", "digest", "x-own"]);
        let multipart = (subtype, prop::collection::vec(inner.clone(), 1..4))
            .prop_map(|(subtype, parts)| Part::Multipart { subtype, parts });
        let message = ("[ -~]{0,40}", inner).prop_map(|(subject, inside)| Part::Message {
            subject: subject.trim().to_owned(),
            inside: Box::new(inside),
        });
        prop_oneof![3 => multipart, 1 => message]
    })
}

/// Writes a part: content fields, an empty line, the content.
fn write(part: &Part, boundaries: &mut u32, out: &mut String) {
    match part {
        Part::Text { text, charset } => {
            let _ = write!(out, "Content-Type: text/plain; charset={charset}\r\n");
            if *charset == "us-ascii" && !text.contains("--b") {
                let _ = write!(out, "\r\n{text}");
            } else {
                write_base64(text.as_bytes(), out);
            }
        }
        Part::File { media_type, name, disposition, octets } => {
            let _ = write!(out, "Content-Type: {media_type}\r\nContent-Disposition: {disposition}");
            if let Some(name) = name {
                let _ = write!(out, ";\r\n filename*=utf-8''");
                name.bytes().for_each(|octet| {
                    let _ = write!(out, "%{octet:02X}");
                });
            }
            out.push_str("\r\n");
            write_base64(octets, out);
        }
        Part::Message { subject, inside } => {
            let _ = write!(
                out,
                "Content-Type: message/rfc822\r\n\r\nFrom: jo@a.example\r\nDate: Thu, 30 May 1991 18:24:55 +0100\r\n\
                 Subject: {subject}\r\nMIME-Version: 1.0\r\n"
            );
            write(inside, boundaries, out);
        }
        Part::Multipart { subtype, parts } => {
            *boundaries += 1;
            let boundary = format!("b{boundaries}b");
            let _ = write!(out, "Content-Type: multipart/{subtype}; boundary={boundary}\r\n\r\n");
            for part in parts {
                let _ = write!(out, "--{boundary}\r\n");
                write(part, boundaries, out);
                out.push_str("\r\n");
            }
            let _ = write!(out, "--{boundary}--\r\n");
        }
    }
}

fn write_base64(octets: &[u8], out: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
    for line in octets.chunks(57) {
        for three in line.chunks(3) {
            let group = three
                .iter()
                .chain([&0, &0])
                .take(3)
                .fold(0_u32, |group, octet| group << 8 | u32::from(*octet));
            for digit in 0..4 {
                let place = usize::try_from(group >> (18 - 6 * digit) & 63).unwrap();
                out.push(if usize::try_from(digit).unwrap() <= three.len() {
                    char::from(DIGITS[place])
                } else {
                    '='
                });
            }
        }
        out.push_str("\r\n");
    }
}

/// Type, name and octets of each file, and each text, in order.
fn leaves(entity: &Entity, files: &mut Vec<(String, String, Vec<u8>)>, texts: &mut Vec<String>) {
    match &entity.structure {
        Structure::Multipart(parts) => parts.iter().for_each(|part| leaves(part, files, texts)),
        Structure::Message(inside) => leaves(inside, files, texts),
        Structure::Leaf if entity.media.is("text", "plain") => {
            let octets = entity.octets_decoded().octets;
            let text = String::from_utf8_lossy(&octets);
            texts.push(text.trim_end().to_owned());
        }
        Structure::Leaf => {
            let name = entity.file_name().unwrap_or_default().to_owned();
            files.push((entity.media.essence(), name, entity.octets_decoded().octets.to_vec()));
        }
    }
}

/// What comes back of a mail.
fn there_and_back(mail: &str, settings: &Settings) -> Vec<u8> {
    const RULES: &str = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gateway; P=gw; A=Gold 400; C=gb\"\nroute_unmapped = \"refuse\"\n";
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
    let mapper = Mapper::new(&rules);
    let context =
        Context { mapper: &mapper, settings, message_identifier: "Q1", now: datetime!(2026-11-27 10:00 UTC) };
    let input = to_x400::Input {
        content: Bytes::from(mail.to_owned()),
        reverse_path: Some("jo@a.example".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient {
            number: 1,
            address: "/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example".into(),
            ..Recipient::default()
        }],
    };
    let there = to_x400::to_x400(&input, &context).unwrap();
    let input = to_internet::Input {
        envelope: there.envelope,
        content: there.content.concat().into(),
        recipients: vec![1],
    };
    to_internet::to_internet(&input, &context).unwrap().content.to_vec()
}

fn check(part: &Part, settings: &Settings) -> Result<(), TestCaseError> {
    let mut mail = String::from("From: jo@a.example\r\nMIME-Version: 1.0\r\n");
    write(part, &mut 0, &mut mail);
    let back = there_and_back(&mail, settings);
    prop_assert!(back.is_ascii());
    prop_assert!(back.split(|&octet| octet == b'\n').all(|line| line.len() < 1000));
    let (mut files, mut texts) = (Vec::new(), Vec::new());
    leaves(Message::parse(Bytes::from(mail.clone())).root(), &mut files, &mut texts);
    let (mut files_back, mut texts_back) = (Vec::new(), Vec::new());
    let back = Message::parse(Bytes::from(back));
    leaves(back.root(), &mut files_back, &mut texts_back);
    prop_assert_eq!(&files_back, &files, "{}\n--- back\n{}", mail, String::from_utf8_lossy(back.octets()));
    for text in texts {
        prop_assert!(
            texts_back.contains(&text),
            "{:?} is not in\n{}",
            text,
            String::from_utf8_lossy(back.octets())
        );
    }
    Ok(())
}

/// So many mails, 100,000 in release; `PROPTEST_CASES` makes it more.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    let least = if cfg!(debug_assertions) { 500 } else { 100_000 };
    ProptestConfig { cases: config.cases.max(least), ..config }
}

fn settings() -> Settings {
    Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn attachments_come_back_as_they_were(part in body()) {
        check(&part, &settings())?;
    }

    #[test]
    fn so_they_do_whatever_the_form(part in body(), nest in any::<bool>(), form in 0_usize..3) {
        let attachments = [AttachmentForm::Ftbp, AttachmentForm::Bp15, AttachmentForm::Ia5][form];
        let renditions = if nest { Renditions::Nest } else { Renditions::Attach };
        check(&part, &Settings { attachments, renditions, ..settings() })?;
    }
}
