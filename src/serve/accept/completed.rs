//! What a message that is submitted lacks, and gets (RFC 6409 8.1, 8.2).

use bytes::{Bytes, BytesMut};
use time::OffsetDateTime;

use crate::message::header::Header;
use crate::queue::entry::QueueId;
use crate::smtp::command::Domain;
use crate::smtp::submission::date;

/// The mail with a `Message-ID` and a `Date`, if it had none, before its other fields.
pub(super) fn completed(mail: Bytes, id: QueueId, domain: &Domain, now: OffsetDateTime) -> Bytes {
    let (header, body) = Header::read(&mail, 0, &mut Vec::new());
    let mut missing = String::new();
    if header.get("Message-ID").is_none() {
        missing.push_str(&format!("Message-ID: <{id}@{domain}>\r\n"));
    }
    if header.get("Date").is_none() {
        missing.push_str(&format!("Date: {}\r\n", date(now)));
    }
    if missing.is_empty() {
        return mail;
    }
    if body == 0 && !mail.is_empty() {
        // There is no header, and what is there is not to become part of one.
        missing.push_str("\r\n");
    }
    // What stands before all fields and is none, as the separator of a mailbox file, is let pass only there.
    let (before, after) = mail.split_at(header.fields().first().map_or(0, |field| field.offset));
    let mut whole = BytesMut::with_capacity(missing.len() + mail.len());
    for part in [before, missing.as_bytes(), after] {
        whole.extend_from_slice(part);
    }
    whole.freeze()
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
        let apart = format!("{both}\r\n");
        for (before, added, after) in [
            ("", "", "Date: x\r\nMESSAGE-ID : <x>\r\n\r\ntext"),
            ("", name.as_str(), "From: a@b.example\r\nDate: x\r\n\r\nMessage-ID: <x>\r\n"),
            ("", date, "Message-ID: <x>\r\nSubject: x\r\n date: y\r\n\r\n"),
            ("", &both, "Subject: x\r\n\r\nDate: x\r\n"),
            ("", &both, "\r\nno header\r\n"),
            ("", &apart, "no header\r\n"),
            ("", &apart, "so it is: no header\r\nDate: x\r\n"),
            ("", &both, ""),
            // A first line that is no field does not make a body of those after it.
            ("From ada Fri Nov 27 12:00:00 2026\r\n", &both, "Subject: x\r\n\r\ntext"),
            ("From ada\r\n", name.as_str(), "Date: x\r\n\r\ntext"),
            ("no field\r\n", &both, "Subject: x\r\n\r\ntext"),
        ] {
            let mail = format!("{before}{after}");
            let whole = completed(mail.clone().into(), id, &domain, now);
            assert_eq!(
                String::from_utf8(whole.to_vec()).unwrap(),
                format!("{before}{added}{after}"),
                "{mail:?}"
            );
        }
    }
}
