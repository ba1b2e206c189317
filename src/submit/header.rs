//! The header of a message as a program wrote it, made whole: recipients are read in it, blind copies taken out, addresses get
//! their domain, and what is missing is added.

use crate::message::address::AddressList;
use crate::message::header::field_name;
use crate::message::lexer::{Kind, tokens};

/// Octets of a header; a longer one is none.
const LONGEST: usize = 2 << 20;

/// The fields of a message as its lines come.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// Each with all of its lines.
    fields: Vec<Vec<u8>>,
    length: usize,
}

/// What a line was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// Part of the header.
    Header,
    /// The empty line behind the header.
    End,
    /// The first line of a body that no empty line stands before.
    Body,
    /// More than a header has.
    TooLong,
}

/// What a header is completed with.
#[derive(Debug, Clone)]
pub(crate) struct Missing<'a> {
    /// Behind `From:`.
    pub(crate) from: &'a str,
    /// Behind `Date:`.
    pub(crate) date: &'a str,
    /// Behind `Message-ID:`.
    pub(crate) message_id: &'a str,
    /// Of addresses without one.
    pub(crate) domain: &'a str,
}

/// Fields of addresses; those of people who get it are marked.
const ADDRESSES: [(&str, bool); 6] =
    [("From", false), ("Sender", false), ("Reply-To", false), ("To", true), ("Cc", true), ("Bcc", true)];

/// What stands before the names of fields about a message that is sent on (RFC 5322 3.6.6).
const RESENT: &str = "Resent-";

impl Header {
    /// Takes a line with its CR LF.
    pub(crate) fn line(&mut self, line: &[u8]) -> Line {
        if line == b"\r\n" {
            return Line::End;
        }
        if self.length + line.len() > LONGEST {
            return Line::TooLong;
        }
        let is_first = self.fields.is_empty();
        match self.fields.last_mut() {
            Some(field) if line.starts_with(b" ") || line.starts_with(b"\t") => field.extend_from_slice(line),
            _ if parts(line).is_some() => self.fields.push(line.to_vec()),
            // The separator of a mailbox file.
            _ if is_first && (line.starts_with(b"From ") || line.starts_with(b">From ")) => {
                return Line::Header;
            }
            _ => return Line::Body,
        }
        self.length += line.len();
        Line::Header
    }

    /// The addresses of those who get it, and of those who get it again if it is sent on.
    ///
    /// # Errors
    /// What cannot be read as an address.
    pub(crate) fn recipients(&self, domain: &str) -> Result<Vec<String>, String> {
        let prefix = self.prefix(&["To", "Cc", "Bcc"]);
        let mut found = Vec::new();
        for field in &self.fields {
            let Some((name, value)) = parts(field) else { continue };
            let is_meant = |one: &str| name.eq_ignore_ascii_case(&format!("{prefix}{one}"));
            if ADDRESSES.iter().any(|(one, gets)| *gets && is_meant(one)) {
                found.extend(addresses(&String::from_utf8_lossy(value), domain)?);
            }
        }
        Ok(found)
    }

    /// Who sends it, or sends it on: what `Sender` says, or else `From`.
    pub(crate) fn sender(&self) -> Option<String> {
        let prefix = self.prefix(&["From", "Sender"]);
        ["Sender", "From"].iter().find_map(|one| {
            let wanted = format!("{prefix}{one}");
            let mut parts = self.fields.iter().filter_map(|field| parts(field));
            let (_, value) = parts.find(|(name, _)| name.eq_ignore_ascii_case(&wanted))?;
            Some(String::from_utf8_lossy(value).into_owned())
        })
    }

    /// Whole, with the empty line behind it.
    pub(crate) fn completed(self, missing: &Missing<'_>) -> Vec<u8> {
        let prefix = self.prefix(&["To", "Cc", "Bcc", "From", "Date", "Message-ID", "Sender"]);
        let mut out = Vec::with_capacity(self.length + 256);
        let added = [("From", missing.from), ("Date", missing.date), ("Message-ID", missing.message_id)];
        for (name, value) in added {
            let name = format!("{prefix}{name}");
            if !self.has(&name) {
                out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
            }
        }
        for field in &self.fields {
            let Some((name, value)) = parts(field) else { continue };
            let plain = name.get(..RESENT.len()).filter(|start| start.eq_ignore_ascii_case(RESENT));
            let plain = if plain.is_some() { &name[RESENT.len()..] } else { name };
            if plain.eq_ignore_ascii_case("Bcc") || name.eq_ignore_ascii_case("Return-Path") {
                continue;
            }
            let is_address = ADDRESSES.iter().any(|(one, _)| plain.eq_ignore_ascii_case(one));
            match str::from_utf8(value) {
                Ok(text) if is_address => {
                    out.extend_from_slice(format!("{name}:{}", qualified(text, missing.domain)).as_bytes());
                }
                _ => out.extend_from_slice(field),
            }
        }
        out.extend_from_slice(b"\r\n");
        out
    }

    /// Whether a message is sent on, by whether one of these fields says so.
    fn prefix(&self, names: &[&str]) -> &'static str {
        if names.iter().any(|name| self.has(&format!("{RESENT}{name}"))) { RESENT } else { "" }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().filter_map(|field| parts(field)).any(|(one, _)| one.eq_ignore_ascii_case(name))
    }
}

/// The name of a field, and what stands behind its colon up to its end; `None` of what does not begin a field.
fn parts(field: &[u8]) -> Option<(&str, &[u8])> {
    let colon = memchr::memchr(b':', field)?;
    Some((field_name(&field[..colon])?, &field[colon + 1..]))
}

/// The addresses in a list, each with a domain.
///
/// # Errors
/// What cannot be read as an address.
pub(crate) fn addresses(list: &str, domain: &str) -> Result<Vec<String>, String> {
    let read = AddressList::parse(&qualified(list, domain));
    if let Some(error) = read.errors.first() {
        return Err(error.to_string());
    }
    Ok(read.mailboxes().map(crate::message::address::Mailbox::address).collect())
}

/// The same list, where addresses without a domain have this one.
pub(crate) fn qualified(list: &str, domain: &str) -> String {
    let mut places = Vec::new();
    let mut element = Element::default();
    for token in tokens(list) {
        match token.kind {
            Kind::Special('<') => element = Element { is_inside: true, ..Element::default() },
            Kind::Special('>') => {
                places.extend(element.place());
                element = Element { is_done: true, ..Element::default() };
            }
            Kind::Special(',' | ';') if !element.is_inside => {
                places.extend(element.place());
                element = Element::default();
            }
            // What stood before was the name of a group.
            Kind::Special(':') if !element.is_inside => element = Element::default(),
            Kind::Special('@') => element.is_done = true,
            Kind::Special('.') => element.joins = true,
            Kind::Atom | Kind::Quoted => element.word(token.offset + token.text.len()),
            _ => {}
        }
    }
    places.extend(element.place());
    let mut out = String::with_capacity(list.len() + places.len() * (domain.len() + 1));
    let mut from = 0;
    for place in places {
        out.push_str(&list[from..place]);
        out.push('@');
        out.push_str(domain);
        from = place;
    }
    out.push_str(&list[from..]);
    out
}

/// What was seen of one element of a list.
#[derive(Debug, Default)]
struct Element {
    /// Between angle brackets.
    is_inside: bool,
    /// It has a domain, or is behind its brackets.
    is_done: bool,
    /// A dot joins the next word to the one before.
    joins: bool,
    /// Where its last word ends.
    end: Option<usize>,
}

impl Element {
    fn word(&mut self, end: usize) {
        // Words side by side are no local part.
        self.is_done |= self.end.is_some() && !self.joins;
        self.joins = false;
        self.end = Some(end);
    }

    fn place(&self) -> Option<usize> {
        self.end.filter(|_| !self.is_done)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn read(text: &str) -> (Header, Option<Line>) {
        let mut header = Header::default();
        for line in text.split_inclusive("\r\n") {
            match header.line(line.as_bytes()) {
                Line::Header => {}
                other => return (header, Some(other)),
            }
        }
        (header, None)
    }

    fn completed(text: &str) -> String {
        let missing = Missing {
            from: "ann@gw.example",
            date: "today",
            message_id: "<1@gw.example>",
            domain: "gw.example",
        };
        String::from_utf8(read(text).0.completed(&missing)).unwrap()
    }

    #[test]
    fn what_is_missing_is_added_and_blind_copies_go() {
        assert_eq!(
            completed("To: bob\r\nBcc: cat@c.example,\r\n dan\r\nSubject: x\r\nReturn-Path: <a@b>\r\n"),
            "From: ann@gw.example\r\nDate: today\r\nMessage-ID: <1@gw.example>\r\nTo: bob@gw.example\r\nSubject: x\r\n\r\n"
        );
        // As cron writes it.
        let cron = "From: root (Cron Daemon)\r\nTo: root\r\nSubject: Cron <root@host> true\r\nDate: then\r\nMessage-Id: <2@host>\r\n";
        assert_eq!(
            completed(cron),
            "From: root@gw.example (Cron Daemon)\r\nTo: root@gw.example\r\nSubject: Cron <root@host> true\r\nDate: then\r\n\
             Message-Id: <2@host>\r\n\r\n"
        );
        // RFC 5322 3.6.6: who sends a message on says so in fields of his own.
        let resent =
            completed("Resent-To: bob\r\nFrom: ann@a.example\r\nTo: x@a.example\r\nResent-Bcc: cat\r\n");
        for line in [
            "Resent-From: ann@gw.example",
            "Resent-Date: today",
            "Resent-To: bob@gw.example",
            "From: ann@a.example",
        ] {
            assert!(resent.lines().any(|one| one == line), "no `{line}` in {resent}");
        }
        assert!(!resent.contains("cat") && !resent.lines().any(|line| line.starts_with("Date:")), "{resent}");
    }

    #[test]
    fn a_header_ends_where_lines_are_no_fields() {
        for (text, expected) in [
            ("To: bob\r\n\r\n", Some(Line::End)),
            ("To: bob\r\nHello\r\n", Some(Line::Body)),
            ("Hello\r\n", Some(Line::Body)),
            (" Hello\r\n", Some(Line::Body)),
            ("From ann Fri Nov 27\r\nTo: bob\r\n", None),
            ("To: bob\r\nFrom ann\r\n", Some(Line::Body)),
            ("Subject : x\r\n", None),
        ] {
            assert_eq!(read(text).1, expected, "{text:?}");
        }
        let long = format!("X: {}\r\n", "x".repeat(LONGEST));
        assert_eq!(read(&long).1, Some(Line::TooLong));
    }

    #[test]
    fn recipients_stand_in_the_header() {
        let of = |text: &str| read(text).0.recipients("gw.example");
        let list = |all: &[&str]| Ok(all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            of("To: bob, \"C, D\" <cat@c.example>\r\nCC: us: dan;\r\nBcc: eve\r\nFrom: ann\r\n"),
            list(&["bob@gw.example", "cat@c.example", "dan@gw.example", "eve@gw.example"])
        );
        assert_eq!(
            of("To: bob\r\nResent-To: cat\r\nResent-Bcc: dan\r\n"),
            list(&["cat@gw.example", "dan@gw.example"])
        );
        assert_eq!(of("To: undisclosed-recipients:;\r\n"), list(&[]));
        assert!(of("To: bob the builder\r\n").is_err());
    }

    #[test]
    fn addresses_without_a_domain_get_one() {
        for (list, expected) in [
            ("bob", "bob@d"),
            ("b.ob (Bob), cat@c", "b.ob@d (Bob), cat@c"),
            ("Bob Builder <bob>", "Bob Builder <bob@d>"),
            ("\"b b\"", "\"b b\"@d"),
            ("us: bob, cat@c; dan", "us: bob@d, cat@c; dan@d"),
            ("<>", "<>"),
            ("bob the builder", "bob the builder"),
            ("<@a,@b:bob@c>", "<@a,@b:bob@c>"),
            ("bob@c", "bob@c"),
            (",,", ",,"),
            ("", ""),
        ] {
            assert_eq!(qualified(list, "d"), expected, "{list}");
        }
    }
}
