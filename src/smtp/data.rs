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

/// What [`ContentReader::read`] found next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Octets of the message, not empty.
    Content(Bytes),
    /// The first defect; no content will follow, but the end will.
    Defect(ContentDefect),
    /// The end of the message. What is left in the input belongs to the next command.
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
