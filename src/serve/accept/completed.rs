//! What a message that is submitted lacks, and gets (RFC 6409 8.1, 8.2).

use bytes::{Bytes, BytesMut};
use time::OffsetDateTime;

use crate::queue::entry::QueueId;
use crate::smtp::command::Domain;
use crate::smtp::submission::date;

/// The mail with a `Message-ID` and a `Date`, if it had none, before everything else.
pub(super) fn completed(mail: Bytes, id: QueueId, domain: &Domain, now: OffsetDateTime) -> Bytes {
    let mut missing = String::new();
    if !has_field(&mail, b"Message-ID") {
        missing.push_str(&format!("Message-ID: <{id}@{domain}>\r\n"));
    }
    if !has_field(&mail, b"Date") {
        missing.push_str(&format!("Date: {}\r\n", date(now)));
    }
    if missing.is_empty() {
        return mail;
    }
    if !begins_with_field(&mail) {
        // There is no header, and what is there is not to become part of one.
        missing.push_str("\r\n");
    }
    let mut whole = BytesMut::with_capacity(missing.len() + mail.len());
    whole.extend_from_slice(missing.as_bytes());
    whole.extend_from_slice(&mail);
    whole.freeze()
}

/// The names before the colons, up to the empty line.
fn has_field(mail: &[u8], name: &[u8]) -> bool {
    mail.split(|octet| *octet == b'\n')
        .take_while(|line| !matches!(line, [] | [b'\r']))
        .any(|line| name_of(line).is_some_and(|found| found.eq_ignore_ascii_case(name)))
}

fn begins_with_field(mail: &[u8]) -> bool {
    let first = mail.split(|octet| *octet == b'\n').next().unwrap_or_default();
    matches!(first, [] | [b'\r']) || name_of(first).is_some()
}

/// The name of the field that begins on a line (RFC 5322 2.2), with spaces before its colon or not (4.5).
fn name_of(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_is_missing_is_added() {
        let now = datetime!(2026-11-27 12:00 UTC);
        let id = QueueId::new(7, now);
        let domain = Domain::new("gw.example").unwrap();
        let date = "Date: Fri, 27 Nov 2026 12:00:00 +0000\r\n";
        let name = format!("Message-ID: <{id}@gw.example>\r\n");
        let both = format!("{name}{date}");
        for (mail, added) in [
            ("Date: x\r\nMESSAGE-ID : <x>\r\n\r\ntext", ""),
            ("From: a@b.example\r\nDate: x\r\n\r\nMessage-ID: <x>\r\n", name.as_str()),
            ("Message-ID: <x>\r\nSubject: x\r\n date: y\r\n\r\n", date),
            ("Subject: x\r\n\r\nDate: x\r\n", &both),
            ("\r\nno header\r\n", &both),
            ("no header\r\n", &format!("{both}\r\n")),
            ("", &both),
        ] {
            let whole = completed(Bytes::from(mail.to_owned()), id, &domain, now);
            assert_eq!(String::from_utf8(whole.to_vec()).unwrap(), format!("{added}{mail}"), "{mail:?}");
        }
    }
}
