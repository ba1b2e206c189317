//! What SMTP says around a mail: the parameters of MAIL and RCPT that mean something to X.400, for both directions.

use time::OffsetDateTime;

use super::rope::Rope;

/// Requests for the message as a whole: parameters of MAIL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailOptions {
    /// ENVID, decoded (RFC 3461 4.4).
    pub envelope_id: Option<String>,
    /// RET: how much of the message a report returns (RFC 3461 4.3).
    pub returned: Option<Returned>,
    /// The time after which the message is to be returned (RFC 2852, mode R).
    pub return_after: Option<OffsetDateTime>,
    /// The time before which it is not to be delivered (RFC 4865).
    pub hold_until: Option<OffsetDateTime>,
    /// MT-PRIORITY, -9 to 9 (RFC 6710).
    pub priority: Option<i8>,
    /// What the gateway found out about where a mail comes from: the value of `Authentication-Results` (RFC 8601).
    pub authentication_results: Option<String>,
    /// BODY: what the octets of the mail are; known of mails that the gateway makes (RFC 6152, RFC 3030).
    pub body: Option<BodyType>,
    /// SMTPUTF8: whether an address is outside US-ASCII (RFC 6531). The gateway writes no field that is.
    pub smtp_utf8: bool,
}

/// What the octets of a mail are (D-40).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BodyType {
    /// US-ASCII in lines of at most 998 octets.
    SevenBit,
    /// Any octets but NUL, in such lines.
    EightBitMime,
    /// Any octets: longer lines, a CR or LF alone, or NUL.
    BinaryMime,
}

impl BodyType {
    /// Octets that a line may have without its end (RFC 5321 4.5.3.1.6).
    const LINE: usize = 998;

    /// What a mail is.
    #[must_use]
    pub fn of(mail: &Rope) -> Self {
        Self::of_pieces(mail.verbatim().map(|piece| piece.map(AsRef::as_ref)))
    }

    /// What a part of a mail is, its last line ended or not.
    pub(crate) fn of_octets(octets: &[u8]) -> Self {
        Self::of_pieces(std::iter::once(Some(octets)))
    }

    /// The same for pieces, one after the other; `None` for lines of base64.
    fn of_pieces<'a>(pieces: impl Iterator<Item = Option<&'a [u8]>>) -> Self {
        let mut found = Self::SevenBit;
        // Of the line that the pieces before have begun.
        let (mut length, mut after_cr) = (0, false);
        for octets in pieces {
            let Some(octets) = octets else {
                // Base64 ends each of its lines.
                if length > 0 || after_cr {
                    found = found.max(Self::of_line(length, after_cr));
                }
                (length, after_cr) = (0, false);
                continue;
            };
            if !octets.is_ascii() {
                found = found.max(Self::EightBitMime);
            }
            let mut start = 0;
            for at in memchr::memchr3_iter(b'\r', b'\n', 0, octets) {
                let before = at - start;
                // A CR that something else follows.
                let broken = after_cr && (before > 0 || octets[at] != b'\n');
                length += before;
                match octets[at] {
                    _ if broken => return Self::BinaryMime,
                    0 => return Self::BinaryMime,
                    b'\r' => after_cr = true,
                    _ if !after_cr || length > Self::LINE => return Self::BinaryMime,
                    _ => (length, after_cr) = (0, false),
                }
                start = at + 1;
            }
            let rest = octets.len() - start;
            if after_cr && rest > 0 {
                return Self::BinaryMime;
            }
            length += rest;
        }
        found.max(Self::of_line(length, after_cr))
    }

    /// What a line without its end is.
    const fn of_line(length: usize, after_cr: bool) -> Self {
        if length > Self::LINE || after_cr { Self::BinaryMime } else { Self::SevenBit }
    }
}

/// How much of the message a report returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// All of it.
    Full,
    /// The header.
    Headers,
}

/// One envelope recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipient {
    /// Its number in the entry, from 1.
    pub number: u32,
    /// The address without angle brackets.
    pub address: String,
    /// NOTIFY: the events to report, any case; `None` if nothing was said (RFC 3461 4.1).
    pub notify: Option<Vec<String>>,
    /// ORCPT: address type and address, decoded (RFC 3461 4.2).
    pub original_recipient: Option<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_decide_what_a_mail_is() {
        // D-40
        let long = "x".repeat(998);
        for (pieces, body) in [
            (&["Subject: x\r\n\r\nHello.\r\n"][..], BodyType::SevenBit),
            (&["a\r", "\nb\r\n"], BodyType::SevenBit),
            (&["no end of line"], BodyType::SevenBit),
            (&["Gr\u{fc}\u{df}e\r\n"], BodyType::EightBitMime),
            (&[&long, "\r\n"], BodyType::SevenBit),
            (&[&long, "x\r\n"], BodyType::BinaryMime),
            (&["a\rb\r\n"], BodyType::BinaryMime),
            (&["a\r", "b\r\n"], BodyType::BinaryMime),
            (&["a\nb\r\n"], BodyType::BinaryMime),
            (&["a\0b\r\n"], BodyType::BinaryMime),
            (&["a\r"], BodyType::BinaryMime),
            (&["a\r\r\n"], BodyType::BinaryMime),
            (&[], BodyType::SevenBit),
        ] {
            let mut rope = Rope::default();
            pieces.iter().for_each(|piece| rope.push(piece.as_bytes().to_vec()));
            assert_eq!(BodyType::of(&rope), body, "{pieces:?}");
        }
        let mut rope = Rope::default();
        rope.push(&b"Content-Transfer-Encoding: base64\r\n\r\n"[..]);
        rope.push_base64(vec![vec![0xff; 5000].into()]);
        assert_eq!(BodyType::of(&rope), BodyType::SevenBit);
    }
}
