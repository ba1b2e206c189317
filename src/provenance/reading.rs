//! What of a mail is looked at.

use bytes::Bytes;
use mail_auth::common::crypto::HashAlgorithm;
use mail_auth::dkim::Canonicalization;
use mail_auth::{AuthenticatedMessage, Error};
use memchr::memmem;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::SIGNATURES;
use crate::message::header::{MAX_HEADER_OCTETS, count};
use crate::smtp::client::dkim::BodyHash;

/// A mail as far as it is looked at.
pub(super) struct Reading<'a> {
    /// Its header, and the hashes of its body.
    pub(super) message: AuthenticatedMessage<'a>,
    /// Why nobody can say whom it is from.
    pub(super) doubt: Option<Doubt>,
}

/// Why it cannot be told whom a mail is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Doubt {
    /// The header is longer than one that is read, so nothing is.
    #[error("a header without end")]
    Endless,
    /// RFC 7489 6.6.1: such are refused, since readers show now this author and now that.
    #[error("From is there more than once")]
    SeveralAuthors,
    /// A line that is no field ends the header for some readers and not for others.
    #[error("From stands behind what is no header")]
    HiddenAuthor,
}

impl<'a> Reading<'a> {
    /// Reads a mail. Takes as long as hashing its body some times.
    pub(super) fn of(content: &'a Bytes) -> Self {
        if !has_end(content) {
            return Self { message: AuthenticatedMessage::default(), doubt: Some(Doubt::Endless) };
        }
        let mut message = AuthenticatedMessage::parse(content).unwrap_or_default();
        message.dkim_headers.truncate(SIGNATURES);
        let mut malformed = 0;
        message.errors.retain(|one| {
            malformed += usize::from(matches!(one.header, Error::Dkim(_)));
            malformed <= SIGNATURES
        });
        hash_anew(&mut message, content);
        let doubt = doubt(&message, content);
        Self { message, doubt }
    }
}

/// Whether the header, as `mail-auth` reads one, is no longer than one that is read: it takes memory for each field.
fn has_end(content: &[u8]) -> bool {
    let Some(first) = content.get(..MAX_HEADER_OCTETS) else { return true };
    let at_start = first.starts_with(b"\n") || first.starts_with(b"\r\n");
    at_start || memmem::find(first, b"\n\r\n").is_some() || memmem::find(first, b"\n\n").is_some()
}

/// RFC 6376 3.4.4: lines at the end that are empty, or have only white space, do not count; `mail-auth` 0.13 counts the latter.
fn hash_anew(message: &mut AuthenticatedMessage<'_>, content: &[u8]) {
    let body = content.get(message.body_offset()..).unwrap_or_default();
    for (form, algorithm, _, hash) in &mut message.body_hashes {
        if *form == Canonicalization::Relaxed {
            let mut anew = BodyHash::new(match algorithm {
                HashAlgorithm::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
                HashAlgorithm::Sha256 => &SHA256,
            });
            anew.update(body);
            *hash = anew.finish();
        }
    }
}

/// RFC 5322 3.6: there is one author field, and everybody sees the same.
fn doubt(message: &AuthenticatedMessage<'_>, content: &[u8]) -> Option<Doubt> {
    let is_author = |(name, _): &&(&[u8], &[u8])| name.trim_ascii().eq_ignore_ascii_case(b"From");
    let judged = message.headers.iter().filter(is_author).count();
    let shown = count(content, "From");
    match judged.max(shown) {
        2.. => Some(Doubt::SeveralAuthors),
        _ if judged != shown => Some(Doubt::HiddenAuthor),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wrote_a_mail_may_be_in_doubt() {
        let long = "X: y\r\n".repeat(MAX_HEADER_OCTETS / 6 + 1);
        let text = "x".repeat(MAX_HEADER_OCTETS);
        for (mail, doubt) in [
            ("From: a\r\n\r\nFrom: b\r\n".to_owned(), None),
            ("from : a\r\n (From: b)\r\nFrom-X: c\r\n\r\n".to_owned(), None),
            ("From a@b 12:00\r\nFrom: a\r\n\r\n".to_owned(), None),
            ("Subject: s\r\n\r\n".to_owned(), None),
            (String::new(), None),
            (format!("From: a\r\n\r\n{text}"), None),
            (format!("\r\n{text}"), None),
            ("From: a\r\nX: y\r\nFROM: b\r\n\r\n".to_owned(), Some(Doubt::SeveralAuthors)),
            ("From: a\r\nno field\r\nFrom: b\r\n\r\n".to_owned(), Some(Doubt::SeveralAuthors)),
            ("From: a\r\n \r\nFrom: b\r\n\r\n".to_owned(), Some(Doubt::SeveralAuthors)),
            ("X: y\r\nno field\r\nFrom: a\r\n\r\n".to_owned(), Some(Doubt::HiddenAuthor)),
            ("X: y\r\n \r\nFrom: a\r\n\r\n".to_owned(), Some(Doubt::HiddenAuthor)),
            (format!("From: a\r\n{long}\r\n"), Some(Doubt::Endless)),
            (format!("From: a\r\n \r\n{text}"), Some(Doubt::Endless)),
        ] {
            let content = Bytes::from(mail);
            let shown = String::from_utf8_lossy(&content[..content.len().min(40)]).into_owned();
            assert_eq!(Reading::of(&content).doubt, doubt, "{shown:?}");
        }
    }

    #[test]
    fn signatures_that_are_none_are_looked_at_in_moderation() {
        let mail = "DKIM-Signature: v=2; a=rsa-sha256\r\n".repeat(300);
        let content = Bytes::from(format!("{mail}From: a\r\n\r\n"));
        assert_eq!(Reading::of(&content).message.errors.len(), SIGNATURES);
    }
}
