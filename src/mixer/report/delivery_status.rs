//! The machine-readable part of a notice: groups of fields (RFC 3464 2.1; RFC 8098 3.1).

use bytes::Bytes;

use crate::message::{Entity, Header, Message, Structure};

/// The fields of a notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusFields {
    /// About the message.
    pub message: Header,
    /// About each recipient, in order; of a disposition notification none.
    pub recipients: Vec<Header>,
}

impl StatusFields {
    /// Reads groups of fields with empty lines between them; the first is about the message. Never fails: what is no field
    /// is read over.
    #[must_use]
    pub fn parse(octets: &Bytes) -> Self {
        let mut groups = Vec::new();
        let mut rest = octets.clone();
        loop {
            let blank = rest.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
            // A line that begins with white space and is not empty belongs to no field here.
            let group = rest.slice(blank..);
            if group.is_empty() || groups.len() > MAX_GROUPS {
                break;
            }
            let (header, end) = Header::read(&group, 0, &mut Vec::new());
            rest = if end == 0 { after_line(&group) } else { group.slice(end..) };
            if !header.fields().is_empty() {
                groups.push(header);
            }
        }
        let mut groups = groups.into_iter();
        Self { message: groups.next().unwrap_or_default(), recipients: groups.collect() }
    }
}

/// Groups beyond this number are not read: X.411 allows 32,767 recipients, and no notice has a hundredth of it.
const MAX_GROUPS: usize = 10_000;

/// What follows the first line.
fn after_line(octets: &Bytes) -> Bytes {
    match memchr::memchr(b'\n', octets) {
        Some(end) => octets.slice(end + 1..),
        None => Bytes::new(),
    }
}

/// A value with a type in front: `rfc822; a@b.example`, `dns; host.example`, `x400; /S=…/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed<'a> {
    /// The type as written.
    pub kind: &'a str,
    /// The rest, without white space at its ends.
    pub value: &'a str,
}

impl<'a> Typed<'a> {
    /// Reads `type; value`; `None` without a type.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (kind, value) = text.split_once(';')?;
        let kind = kind.trim();
        (!kind.is_empty() && !kind.contains(char::is_whitespace)).then(|| Self { kind, value: value.trim() })
    }

    /// Whether the type is this, any case.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }
}

/// Which kind of notice a `multipart/report` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A delivery status notification (RFC 3464).
    Delivery,
    /// A message disposition notification (RFC 8098).
    Disposition,
}

/// A notice that was recognised in a mail.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Which kind.
    pub kind: NoticeKind,
    /// The machine-readable part.
    pub fields: StatusFields,
    /// The header of the message that came back with it, if one did.
    pub returned_header: Option<Header>,
    /// The whole message that came back, if it did.
    pub returned: Option<Bytes>,
}

impl Notice {
    /// The notice in a mail: a `multipart/report` with a machine-readable part of the kind it claims (S-01, Y-03). Reports that
    /// do not name their kind, as old mailers write them, are known by that part.
    #[must_use]
    pub fn find(message: &Message) -> Option<Self> {
        let root = message.root();
        if !root.media.is("multipart", "report") {
            return None;
        }
        let claimed = match root.media.parameter("report-type").map(str::to_ascii_lowercase).as_deref() {
            Some("delivery-status" | "global-delivery-status") => Some(NoticeKind::Delivery),
            Some("disposition-notification" | "global-disposition-notification") => {
                Some(NoticeKind::Disposition)
            }
            Some(_) => return None,
            None => None,
        };
        let (part, kind) = root.parts().iter().find_map(|part| Some((part, kind_of(part)?)))?;
        if claimed.is_some_and(|claimed| claimed != kind) {
            return None;
        }
        let fields = StatusFields::parse(&part.octets_decoded().octets);
        let (returned_header, returned) = root.parts().iter().find_map(returned).unzip();
        Some(Self { kind, fields, returned_header, returned: returned.flatten() })
    }
}

fn kind_of(part: &Entity) -> Option<NoticeKind> {
    match (part.media.kind.as_str(), part.media.subtype.as_str()) {
        ("message", "delivery-status" | "global-delivery-status") => Some(NoticeKind::Delivery),
        ("message", "disposition-notification" | "global-disposition-notification") => {
            Some(NoticeKind::Disposition)
        }
        _ => None,
    }
}

/// The header that came back, and the message it heads.
fn returned(part: &Entity) -> Option<(Header, Option<Bytes>)> {
    match &part.structure {
        Structure::Message(inner) => Some((inner.header.clone(), Some(inner.octets.clone()))),
        _ if part.media.is("text", "rfc822-headers") || part.media.is("message", "global-headers") => {
            let octets = part.octets_decoded().octets;
            Some((Header::read(&octets, 0, &mut Vec::new()).0, None))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shown(fields: &StatusFields) -> Vec<Vec<String>> {
        let lines = |header: &Header| header.fields().iter().map(crate::message::Field::line).collect();
        std::iter::once(&fields.message).chain(&fields.recipients).map(lines).collect()
    }

    #[test]
    fn groups_are_read_whatever_stands_between_them() {
        for text in [
            "Reporting-MTA: dns; a\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nAction: delayed\r\n",
            "\nReporting-MTA: dns; a\n\n \n\nAction: failed\nStatus:\n 5.1.1\n\nAction: delayed",
            "Reporting-MTA: dns; a\n\n\n\nAction: failed\nStatus: 5.1.1\n\nAction: delayed\n\n\n",
        ] {
            let expected: [&[&str]; 3] =
                [&["Reporting-MTA: dns; a"], &["Action: failed", "Status: 5.1.1"], &["Action: delayed"]];
            assert_eq!(shown(&StatusFields::parse(&text.into())), expected, "{text:?}");
        }
        for text in ["", "\r\n\r\n", "no field at all", "no field\n\nnor here\n"] {
            assert_eq!(StatusFields::parse(&text.into()).recipients, [], "{text:?}");
        }
    }

    #[test]
    fn types_stand_before_the_first_semicolon() {
        let typed = Typed::parse(" X400 ; /S=a;b/ ").unwrap();
        assert_eq!((typed.kind, typed.value, typed.is("x400")), ("X400", "/S=a;b/", true));
        assert_eq!(Typed::parse("a@b.example"), None);
        assert_eq!(Typed::parse("; a@b.example"), None);
    }

    #[test]
    fn notices_are_recognised_by_type_and_part() {
        let mail = |report_type: &str, part: &str, third: &str| {
            Message::parse(
                format!(
                    "MIME-Version: 1.0\r\nContent-Type: multipart/report{report_type}; boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n\
                     --b\r\nContent-Type: {part}\r\n\r\nReporting-MTA: dns; a\r\n\r\nAction: failed\r\n\
                     --b\r\nContent-Type: {third}\r\n\r\nSubject: x\r\n\r\nHello\r\n--b--\r\n"
                )
                .into(),
            )
        };
        let delivery = "message/delivery-status";
        let disposition = "message/disposition-notification";
        for (report_type, part, found) in [
            ("; report-type=delivery-status", delivery, Some(NoticeKind::Delivery)),
            ("; report-type=\"Delivery-Status\"", "Message/Delivery-Status", Some(NoticeKind::Delivery)),
            ("", delivery, Some(NoticeKind::Delivery)),
            ("; report-type=disposition-notification", disposition, Some(NoticeKind::Disposition)),
            ("; report-type=disposition-notification", delivery, None),
            ("; report-type=feedback-report", delivery, None),
            ("; report-type=delivery-status", "text/plain", None),
        ] {
            let notice = Notice::find(&mail(report_type, part, "message/rfc822"));
            assert_eq!(notice.map(|notice| notice.kind), found, "{report_type} {part}");
        }
        let whole = Notice::find(&mail("", delivery, "message/rfc822")).unwrap();
        assert!(whole.returned.is_some());
        let headers = Notice::find(&mail("", delivery, "text/rfc822-headers")).unwrap();
        assert!(headers.returned.is_none());
        assert_eq!(headers.returned_header.unwrap().value("Subject"), Some("x"));
    }
}
