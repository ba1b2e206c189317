//! What a mail calls itself, found without taking it apart.

use crate::message::identifier::parse_message_id;

/// The name of the field, with its colon.
const FIELD: &[u8] = b"message-id:";

/// Octets of an identifier that are kept.
const LONGEST: usize = 998;

/// The `Message-ID` of a mail, without angle brackets; the first where it has several.
pub(super) fn message_id(mail: &[u8]) -> Option<String> {
    let mut lines = mail.split(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut value = lines.by_ref().take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_at_checked(FIELD.len())?;
        name.eq_ignore_ascii_case(FIELD).then(|| value.to_vec())
    })?;
    for folded in lines.take_while(|line| line.starts_with(b" ") || line.starts_with(b"\t")) {
        if value.len() > LONGEST {
            break;
        }
        value.extend_from_slice(folded);
    }
    let found = parse_message_id(&String::from_utf8_lossy(&value))?;
    (found.len() <= LONGEST).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_called_what_its_header_says() {
        let table: &[(&str, Option<&str>)] = &[
            ("From: a@b\r\nMessage-ID: <1@b.example>\r\n\r\ntext", Some("1@b.example")),
            ("MESSAGE-id:<1@b.example>\n\ntext", Some("1@b.example")),
            ("Message-ID:\r\n <1@b.example>\r\nSubject: x\r\n\r\n", Some("1@b.example")),
            ("Message-ID: 1@b.example\n", Some("1@b.example")),
            ("From: a@b\n\nMessage-ID: <1@b.example>\n", None),
            ("Message-ID: no identifier\n", None),
            ("Message-ID", None),
            ("", None),
        ];
        for (mail, expected) in table {
            assert_eq!(message_id(mail.as_bytes()).as_deref(), *expected, "{mail:?}");
        }
        let long = format!("Message-ID: <{}@b.example>\n\n", "1".repeat(2000));
        assert_eq!(message_id(long.as_bytes()), None);
    }
}
