//! Replies out of octets (RFC 5321 4.2), with limits, so that no server can make us wait or remember without end.

use bytes::{Buf as _, BytesMut};
use thiserror::Error;

use crate::smtp::reply::{EnhancedCode, Reply, ReplyCode};

/// Octets of one line without its end, at most. RFC 5321 4.5.3.1.5 allows 512; servers of today say more.
const LINE: usize = 4096;
/// Lines of one reply, at most.
const LINES: usize = 256;

/// What a server said is no reply.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAReply {
    /// A line does not begin with a code of three digits, and ` ` or `-` after it.
    #[error("`{0}` is no reply")]
    Malformed(String),
    /// The lines of one reply have different codes.
    #[error("a reply with two codes, {0} and {1}")]
    TwoCodes(ReplyCode, ReplyCode),
    /// A line without end.
    #[error("a line of more than {LINE} octets")]
    LineTooLong,
    /// A reply without end.
    #[error("a reply of more than {LINES} lines")]
    TooManyLines,
}

/// Puts replies together.
#[derive(Debug, Default)]
pub struct ReplyReader {
    input: BytesMut,
    /// Of the input, what is known to be without an end of line.
    searched: usize,
    code: Option<ReplyCode>,
    lines: Vec<String>,
}

impl ReplyReader {
    /// Takes octets from the server.
    pub fn receive(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
    }

    /// Whether nothing has arrived that no reply has been made of.
    pub fn is_empty(&self) -> bool {
        self.input.is_empty() && self.lines.is_empty()
    }

    /// Forgets everything that arrived.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The next reply; `None` if it has not arrived as a whole.
    ///
    /// # Errors
    /// What the server said is no reply. There is no telling then where the next one begins.
    pub fn next_reply(&mut self) -> Result<Option<Reply>, NotAReply> {
        while let Some(line) = self.line()? {
            let (code, last, text) = split(&line).ok_or_else(|| NotAReply::Malformed(line.clone()))?;
            if let Some(first) = self.code.filter(|first| *first != code) {
                return Err(NotAReply::TwoCodes(first, code));
            }
            self.code = Some(code);
            self.lines.push(text.to_owned());
            if last {
                let lines = std::mem::take(&mut self.lines);
                self.code = None;
                return Ok(Some(reply(code, lines)));
            }
            if self.lines.len() >= LINES {
                return Err(NotAReply::TooManyLines);
            }
        }
        Ok(None)
    }

    /// The next line without its end. An LF alone ends one as well: there is nothing to smuggle in a reply.
    fn line(&mut self) -> Result<Option<String>, NotAReply> {
        let Some(found) = memchr::memchr(b'\n', &self.input[self.searched..]) else {
            self.searched = self.input.len();
            return if self.searched > LINE { Err(NotAReply::LineTooLong) } else { Ok(None) };
        };
        let end = self.searched + found;
        if end > LINE + 1 {
            return Err(NotAReply::LineTooLong);
        }
        let line = self.input.split_to(end);
        self.input.advance(1);
        self.searched = 0;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        Ok(Some(String::from_utf8_lossy(line).replace(char::is_control, "?")))
    }
}

/// Code, whether it is the last line, and text.
fn split(line: &str) -> Option<(ReplyCode, bool, &str)> {
    let (digits, rest) = line.split_at_checked(3)?;
    let code = digits.bytes().all(|octet| octet.is_ascii_digit()).then(|| digits.parse().ok())?;
    let code = ReplyCode::new(code?)?;
    match rest.as_bytes().first() {
        // RFC 5321 4.2: a code alone is a last line, too.
        None => Some((code, true, "")),
        Some(b' ') => Some((code, true, &rest[1..])),
        Some(b'-') => Some((code, false, &rest[1..])),
        Some(_) => None,
    }
}

/// A reply of these lines. The enhanced code stands in front of each of them, if at all (RFC 2034 4); one whose class is not
/// that of the reply is text.
fn reply(code: ReplyCode, lines: Vec<String>) -> Reply {
    let enhanced = lines.first().and_then(|line| enhanced(line)).filter(|(found, _)| {
        // Of replies to EHLO and the like the first word may look like one.
        code.class() == Some(found.class)
    });
    let told = enhanced.map(|(found, _)| found);
    let mut texts = lines.iter().map(|line| match (told, self::enhanced(line)) {
        (Some(told), Some((found, rest))) if told == found => rest.to_owned(),
        _ => line.clone(),
    });
    let first = texts.next().unwrap_or_default();
    let begun = match told {
        Some(told) => Reply::new(code, told.detail, first),
        None => Reply::plain(code, first),
    };
    texts.fold(begun, Reply::with_line)
}

/// The enhanced code in front of a text, and the rest.
fn enhanced(line: &str) -> Option<(EnhancedCode, &str)> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    Some((word.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, NotAReply> {
        let mut reader = ReplyReader::default();
        reader.receive(text.as_bytes());
        let mut found = Vec::new();
        while let Some(reply) = reader.next_reply()? {
            found.push(reply.to_string());
        }
        Ok(found)
    }

    #[test]
    fn replies_are_read() {
        for (text, expected) in [
            ("220 mx.example ESMTP\r\n", &["220 mx.example ESMTP"][..]),
            ("250-mx.example\r\n250-SIZE 1\r\n250 DSN\r\n", &["250 mx.example SIZE 1 DSN"]),
            ("250 2.1.0 ok\r\n550 5.1.1 nobody\r\n", &["250 2.1.0 ok", "550 5.1.1 nobody"]),
            ("550-5.1.1 nobody\r\n550 5.1.1 here\r\n", &["550 5.1.1 nobody here"]),
            // RFC 2034 4: the class is that of the reply, or it is no enhanced code.
            ("550 4.1.1 odd\r\n", &["550 4.1.1 odd"]),
            ("250\r\n354\n", &["250 ", "354 "]),
            ("250 bl\x01ank\r\n", &["250 bl?ank"]),
            ("250-not yet\r\n", &[]),
            ("25", &[]),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text:?}");
        }
        let mut reader = ReplyReader::default();
        reader.receive(b"550 4.1.1 odd\r\n");
        assert_eq!(reader.next_reply().unwrap().unwrap().enhanced(), None);
    }

    #[test]
    fn replies_come_in_any_pieces() {
        let text = b"250-5.0.0 a\r\n250 b\r\n421 4.3.2 bye\r\n";
        let mut reader = ReplyReader::default();
        let mut found = 0;
        for octet in text {
            reader.receive(&[*octet]);
            while reader.next_reply().unwrap().is_some() {
                found += 1;
            }
        }
        assert_eq!((found, reader.is_empty()), (2, true));
    }

    #[test]
    fn what_is_no_reply_is_said_so() {
        for text in
            ["hello\r\n", "25x ok\r\n", "199 no\r\n", "600 no\r\n", "250_ok\r\n", "\r\n", "2500 x\r\n"]
        {
            assert!(matches!(read(text), Err(NotAReply::Malformed(_))), "{text:?}");
        }
        assert!(matches!(read("250-a\r\n251 b\r\n"), Err(NotAReply::TwoCodes(..))));
        assert_eq!(read(&"x".repeat(5000)), Err(NotAReply::LineTooLong));
        assert_eq!(read(&format!("250 {}\r\n", "x".repeat(5000))), Err(NotAReply::LineTooLong));
        assert_eq!(read(&"250-x\r\n".repeat(300)), Err(NotAReply::TooManyLines));
    }
}
