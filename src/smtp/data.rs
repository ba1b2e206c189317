//! The content that follows DATA: where it ends, and which octets are the message (RFC 5321 4.1.1.4, 4.5.2).
//!
//! Only CR LF `.` CR LF ends a message. CR and LF apart from each other are errors wherever they stand: two servers
//! that disagree about them can be made to see different messages ("SMTP smuggling"). A message with such an octet is
//! read to its true end and then refused whole, never repaired.
//!
//! The reader looks only at CR, LF and NUL, found by vector search, and hands on slices of what it was given; it
//! copies nothing. The only cuts are at removed dots and at the ends of what arrived.

use bytes::{Buf as _, Bytes, BytesMut};
use thiserror::Error;

use super::reply::{Reply, ReplyCode, StatusDetail};

/// What a content may not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentLimits {
    /// Octets of the message, after the removal of dots.
    pub size: u64,
    /// Octets of one line without its CR LF. RFC 5321 4.5.3.1.6 lets clients count on 998.
    pub line: usize,
}

/// Why a content is refused; lines and octets in them count from 1, as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ContentDefect {
    /// CR that no LF follows.
    #[error("bare CR at line {line}, octet {octet}; lines end with CR LF")]
    BareCarriageReturn {
        /// The line it is in.
        line: u64,
        /// Its place in the line.
        octet: usize,
    },
    /// LF that follows no CR.
    #[error("bare LF at line {line}, octet {octet}; lines end with CR LF")]
    BareLineFeed {
        /// The line it is in.
        line: u64,
        /// Its place in the line.
        octet: usize,
    },
    /// NUL, which no mail text may contain (RFC 5322 4, RFC 2045 2.8).
    #[error("NUL at line {line}, octet {octet}")]
    Nul {
        /// The line it is in.
        line: u64,
        /// Its place in the line.
        octet: usize,
    },
    /// A line longer than [`ContentLimits::line`].
    #[error("line {line} is longer than {limit} octets")]
    LineTooLong {
        /// The line.
        line: u64,
        /// The limit.
        limit: usize,
    },
    /// More octets than [`ContentLimits::size`].
    #[error("message is larger than {limit} octets")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
}

impl ContentDefect {
    /// The reply that takes the place of the 250.
    pub fn reply(self) -> Reply {
        let (code, detail) = match self {
            Self::BareCarriageReturn { .. } | Self::BareLineFeed { .. } => {
                (ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::BARE_LINE_END_X_6_11)
            }
            Self::Nul { .. } | Self::LineTooLong { .. } => {
                (ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::OTHER_MEDIA_X_6_0)
            }
            // RFC 1870 6.3 (ledger D-41, F-14).
            Self::TooLarge { .. } => {
                (ReplyCode::EXCEEDED_STORAGE_552, StatusDetail::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4)
            }
        };
        Reply::new(code, detail, self.to_string())
    }
}

/// What [`ContentReader::read`] or [`ChunkReader::read`](super::chunk::ChunkReader::read) found next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Octets of the message, not empty.
    Content(Bytes),
    /// The first defect; no content will follow, but the end will.
    Defect(ContentDefect),
    /// The end of the message, or of the chunk. What is left in the input belongs to the next command.
    End,
}

/// Reads one content.
#[derive(Debug)]
pub struct ContentReader {
    limits: ContentLimits,
    /// Octets of the message so far.
    size: u64,
    /// Number of the current line, from 1.
    line: u64,
    /// Octets of the current line so far, as sent.
    column: usize,
    defect: Option<ContentDefect>,
}

/// How far a look at the input got.
enum Scan {
    /// So many octets, and then the input has to grow before more can be said.
    NeedMore(usize),
    /// So many octets, and then a dot to remove.
    Dot(usize),
    /// So many octets, and then `.` CR LF.
    End(usize),
    /// So many octets, in or after which the message became unacceptable.
    Defect(usize, ContentDefect),
}

impl ContentReader {
    /// A reader at the first octet after the CR LF of DATA.
    pub fn new(limits: ContentLimits) -> Self {
        Self { limits, size: 0, line: 1, column: 0, defect: None }
    }

    /// Octets of the message so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes from `input` what can be decided, and says what it is; `None` if more input is needed.
    ///
    /// At most two octets are then left in `input`.
    pub fn read(&mut self, input: &mut BytesMut) -> Option<Found> {
        loop {
            let (length, scan) = match self.scan(input) {
                Scan::Defect(length, defect) => {
                    input.advance(length);
                    self.defect = Some(defect);
                    return Some(Found::Defect(defect));
                }
                scan @ (Scan::NeedMore(length) | Scan::Dot(length) | Scan::End(length)) => (length, scan),
            };
            let content = input.split_to(length);
            match scan {
                Scan::Dot(_) => {
                    input.advance(1);
                    self.column = 1;
                }
                // Leave the final dot for the next call if there is content to hand on first.
                Scan::End(_) if content.is_empty() || self.defect.is_some() => {
                    input.advance(END.len());
                    return Some(Found::End);
                }
                _ => {}
            }
            if !content.is_empty() && self.defect.is_none() {
                return Some(Found::Content(content.freeze()));
            }
            if matches!(scan, Scan::NeedMore(_)) {
                return None;
            }
        }
    }

    /// Looks at the input up to the first octet that is not plain content, and counts what it passes.
    fn scan(&mut self, input: &[u8]) -> Scan {
        let mut at = 0;
        loop {
            if self.column == 0 && input.get(at) == Some(&b'.') {
                match &input[at + 1..] {
                    [] | [b'\r'] => return self.passed(at, Scan::NeedMore),
                    [b'\r', b'\n', ..] => return self.passed(at, Scan::End),
                    // RFC 5321 4.5.2: a dot that is not alone in its line is removed.
                    _ => return self.passed(at, Scan::Dot),
                }
            }
            let rest = &input[at..];
            let plain = memchr::memchr3(b'\r', b'\n', 0, rest).unwrap_or(rest.len());
            self.column += plain;
            at += plain;
            if self.column > self.limits.line && self.defect.is_none() {
                let defect = ContentDefect::LineTooLong { line: self.line, limit: self.limits.line };
                return Scan::Defect(at, defect);
            }
            match input[at..] {
                [] | [b'\r'] => return self.passed(at, Scan::NeedMore),
                [b'\r', b'\n', ..] => {
                    at += 2;
                    self.line += 1;
                    self.column = 0;
                }
                [odd, ..] => {
                    at += 1;
                    self.column += 1;
                    if self.defect.is_none() {
                        return Scan::Defect(at, self.odd_octet(odd));
                    }
                }
            }
        }
    }

    /// Counts `length` octets as content and checks the size.
    fn passed(&mut self, length: usize, scan: impl Fn(usize) -> Scan) -> Scan {
        self.size = self.size.saturating_add(length as u64);
        if self.size > self.limits.size && self.defect.is_none() {
            return Scan::Defect(length, ContentDefect::TooLarge { limit: self.limits.size });
        }
        scan(length)
    }

    /// The defect that CR, LF or NUL is at the current place.
    fn odd_octet(&self, octet: u8) -> ContentDefect {
        let (line, column) = (self.line, self.column);
        match octet {
            b'\r' => ContentDefect::BareCarriageReturn { line, octet: column },
            b'\n' => ContentDefect::BareLineFeed { line, octet: column },
            _ => ContentDefect::Nul { line, octet: column },
        }
    }
}

/// What ends the content, at the beginning of a line.
const END: &[u8] = b".\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ContentLimits = ContentLimits { size: 40, line: 20 };

    /// What a reader makes of octets that arrive in pieces of a size: the content, the first defect, what is left.
    #[derive(Debug, PartialEq, Eq)]
    struct Read {
        content: String,
        defect: Option<String>,
        rest: Option<String>,
    }

    fn read(octets: &[u8], piece: usize) -> Read {
        let mut reader = ContentReader::new(LIMITS);
        let mut input = BytesMut::new();
        let mut result = Read { content: String::new(), defect: None, rest: None };
        let mut pieces = octets.chunks(piece);
        loop {
            match reader.read(&mut input) {
                Some(Found::Content(octets)) => {
                    assert!(!octets.is_empty() && result.defect.is_none());
                    result.content.push_str(&octets.escape_ascii().to_string());
                }
                Some(Found::Defect(defect)) => {
                    assert_eq!(result.defect, None, "only the first defect is told");
                    result.defect = Some(defect.to_string());
                }
                Some(Found::End) => {
                    for piece in pieces {
                        input.extend_from_slice(piece);
                    }
                    result.rest = Some(input.escape_ascii().to_string());
                    return result;
                }
                None => {
                    assert!(input.len() <= 2, "{}", input.escape_ascii());
                    let Some(piece) = pieces.next() else { return result };
                    input.extend_from_slice(piece);
                }
            }
        }
    }

    /// Octets, and then: the content, the defect, what is left after the end, or `-` if there is no end.
    #[rustfmt::skip]
    const CASES: &[(&[u8], &str, &str, &str)] = &[
        (b"a\r\n.\r\n", r"a\r\n", "", ""),
        (b".\r\n", "", "", ""),
        (b"a\r\n.\r\nRSET\r\n", r"a\r\n", "", r"RSET\r\n"),
        (b".\r\n.\r\n", "", "", r".\r\n"),
        // Dots: one is removed where a line begins with one, and only there.
        (b"..\r\n.\r\n", r".\r\n", "", ""),
        (b".a\r\n..b\r\nc.d\r\n.\r\n", r"a\r\n.b\r\nc.d\r\n", "", ""),
        (b"...\r\n.. \r\n.\r\n", r"..\r\n. \r\n", "", ""),
        // Not ends, and not accepted either.
        (b"a\n.\r\n.\r\n", "", "bare LF at line 1, octet 2; lines end with CR LF", ""),
        (b"a\r\n.\n.\r\n", r"a\r\n", "bare LF at line 2, octet 2; lines end with CR LF", "-"),
        (b"a\r\n.\n\r\n.\r\n", r"a\r\n", "bare LF at line 2, octet 2; lines end with CR LF", ""),
        (b"a\r.\r\r\n.\r\n", "", "bare CR at line 1, octet 2; lines end with CR LF", ""),
        (b"a\r\n.\r\r\n.\r\n", r"a\r\n", "bare CR at line 2, octet 2; lines end with CR LF", ""),
        (b"a\n.\nMAIL FROM:<x@y>\r\n.\r\n", "", "bare LF at line 1, octet 2; lines end with CR LF", ""),
        (b"\n.\r\n\r\n.\r\n", "", "bare LF at line 1, octet 1; lines end with CR LF", ""),
        (b"a\r\n\n.\r\nb\r\n.\r\n", r"a\r\n", "bare LF at line 2, octet 1; lines end with CR LF", ""),
        (b"a\r\r\n.\r\nb", "", "bare CR at line 1, octet 2; lines end with CR LF", "b"),
        (b"a\0\r\n.\r\n", "", "NUL at line 1, octet 2", ""),
        // 8-bit octets pass.
        (b"\xff\x80\r\n.\r\n", r"\xff\x80\r\n", "", ""),
        // Limits: 20 octets in a line, 40 in all.
        (b"12345678901234567890\r\n.\r\n", r"12345678901234567890\r\n", "", ""),
        (b"123456789012345678901\r\n.\r\nQ", "", "line 1 is longer than 20 octets", "Q"),
        (b"123456789012345678\r\n123456789012345678\r\n.\r\n", r"123456789012345678\r\n123456789012345678\r\n", "", ""),
        (b"123456789012345678\r\n123456789012345678\r\n1\r\n.\r\n", "", "message is larger than 40 octets", ""),
        // No end yet.
        (b"a\r\n.", r"a\r\n", "", "-"),
        (b"a\r\n.\r", r"a\r\n", "", "-"),
        (b"a\r", "a", "", "-"),
    ];

    #[test]
    fn cases_in_pieces_of_every_size() {
        for (octets, content, defect, rest) in CASES {
            for piece in 1..=octets.len() {
                let read = read(octets, piece);
                let case = format!("{} by {piece}", octets.escape_ascii());
                assert_eq!(read.defect.as_deref().unwrap_or(""), *defect, "{case}");
                assert_eq!(read.rest.as_deref().unwrap_or("-"), *rest, "{case}");
                if defect.is_empty() {
                    assert_eq!(read.content, *content, "{case}");
                }
            }
        }
    }

    #[test]
    fn the_parts_of_a_piece_are_not_copied() {
        let mut reader = ContentReader::new(ContentLimits { size: 1000, line: 100 });
        let mut input = BytesMut::from(&b"one\r\ntwo\r\n..three\r\n.\r\n"[..]);
        let address = input.as_ptr();
        let Some(Found::Content(first)) = reader.read(&mut input) else { panic!("content") };
        assert_eq!((first.as_ptr(), &*first), (address, &b"one\r\ntwo\r\n"[..]));
        let Some(Found::Content(second)) = reader.read(&mut input) else { panic!("content") };
        assert_eq!((second.as_ptr(), &*second), (address.wrapping_add(11), &b".three\r\n"[..]));
        assert_eq!(reader.size(), 18);
    }
}
