//! A content that comes in chunks of announced size (BDAT, RFC 3030).
//!
//! Nothing in it ends it, and no dot is removed. Unless it is `BODY=BINARYMIME` it still is text in lines, and is held to
//! what [`super::data`] demands of one: no CR or LF apart from each other, no NUL, no endless line. What a client
//! announces is counted down, never allocated.

use bytes::BytesMut;

use super::data::{ContentDefect, ContentLimits, Found};

/// Reads one content, chunk by chunk.
#[derive(Debug)]
pub struct ChunkReader {
    limits: ContentLimits,
    /// Any octets, not lines of text.
    binary: bool,
    /// Octets of the chunk that are still to come.
    remaining: u64,
    /// No further chunk follows.
    last: bool,
    /// Octets of the message so far.
    size: u64,
    /// Number of the current line, from 1.
    line: u64,
    /// Octets of the current line so far, without a CR at its end.
    column: usize,
    /// The last octet was a CR.
    after_cr: bool,
    defect: Option<ContentDefect>,
}

impl ChunkReader {
    /// A reader before the first chunk; `binary` lets pass any octets.
    pub fn new(limits: ContentLimits, binary: bool) -> Self {
        Self {
            limits,
            binary,
            remaining: 0,
            last: false,
            size: 0,
            line: 1,
            column: 0,
            after_cr: false,
            defect: None,
        }
    }

    /// A chunk of so many octets follows.
    pub fn begin(&mut self, octets: u64, last: bool) {
        self.remaining = octets;
        self.last = last;
    }

    /// Octets of the message so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether the chunk that was begun is the last one.
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// Takes the next octets of the chunk from `input`, or says that the chunk has ended; `None` if more input is needed, and
    /// nothing is left in it then.
    pub fn read(&mut self, input: &mut BytesMut) -> Option<Found> {
        loop {
            if self.remaining == 0 {
                return Some(self.end());
            }
            // A chunk that announces too much is refused at its beginning, and dropped as it comes.
            if self.defect.is_none() && self.size.saturating_add(self.remaining) > self.limits.size {
                return Some(self.found(ContentDefect::TooLarge { limit: self.limits.size }));
            }
            if input.is_empty() {
                return None;
            }
            let length = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(input.len());
            let octets = input.split_to(length);
            self.remaining -= length as u64;
            self.size = self.size.saturating_add(length as u64);
            if self.defect.is_some() {
                continue;
            }
            if !self.binary
                && let Err(defect) = self.look_at(&octets)
            {
                return Some(self.found(defect));
            }
            return Some(Found::Content(octets.freeze()));
        }
    }

    fn end(&mut self) -> Found {
        if self.last && self.after_cr && self.defect.is_none() {
            return self.found(ContentDefect::BareCarriageReturn { line: self.line, octet: self.column + 1 });
        }
        Found::End
    }

    fn found(&mut self, defect: ContentDefect) -> Found {
        self.defect = Some(defect);
        Found::Defect(defect)
    }

    /// Whether these octets go on as text in lines.
    fn look_at(&mut self, octets: &[u8]) -> Result<(), ContentDefect> {
        let mut rest = octets;
        loop {
            if self.after_cr && !rest.is_empty() {
                let (line, octet) = (self.line, self.column + 1);
                let Some(after) = rest.strip_prefix(b"\n") else {
                    return Err(ContentDefect::BareCarriageReturn { line, octet });
                };
                self.after_cr = false;
                self.line += 1;
                self.column = 0;
                rest = after;
            }
            let plain = memchr::memchr3(b'\r', b'\n', 0, rest).unwrap_or(rest.len());
            self.column += plain;
            let (line, octet) = (self.line, self.column + 1);
            if self.column > self.limits.line {
                return Err(ContentDefect::LineTooLong { line, limit: self.limits.line });
            }
            rest = match rest[plain..] {
                [] => return Ok(()),
                [b'\r', ref after @ ..] => {
                    self.after_cr = true;
                    after
                }
                [b'\n', ..] => return Err(ContentDefect::BareLineFeed { line, octet }),
                _ => return Err(ContentDefect::Nul { line, octet }),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ContentLimits = ContentLimits { size: 40, line: 20 };

    /// What comes of chunks that arrive in pieces of a size: the content, and the first defect.
    fn read(chunks: &[&[u8]], binary: bool, piece: usize) -> (String, String) {
        let mut reader = ChunkReader::new(LIMITS, binary);
        let (mut content, mut defect) = (String::new(), String::new());
        for (number, chunk) in chunks.iter().enumerate() {
            reader.begin(chunk.len() as u64, number + 1 == chunks.len());
            let mut pieces = chunk.chunks(piece);
            let mut input = BytesMut::new();
            loop {
                match reader.read(&mut input) {
                    Some(Found::Content(octets)) => {
                        assert!(!octets.is_empty() && defect.is_empty());
                        content.push_str(&octets.escape_ascii().to_string());
                    }
                    Some(Found::Defect(found)) => {
                        assert!(defect.is_empty(), "only the first defect is told");
                        defect = found.to_string();
                    }
                    Some(Found::End) => break,
                    None => {
                        assert!(input.is_empty());
                        input.extend_from_slice(pieces.next().expect("an end before the octets do"));
                    }
                }
            }
            // What was announced is taken, whatever it was.
            assert!(pieces.next().is_none() && input.is_empty());
        }
        (content, defect)
    }

    /// Chunks, whether they may be binary, and then: the content, and the defect.
    #[rustfmt::skip]
    const CASES: &[(&[&[u8]], bool, &str, &str)] = &[
        (&[b"a\r\n"], false, r"a\r\n", ""),
        (&[b""], false, "", ""),
        (&[b"no end"], false, "no end", ""),
        // Nothing ends it, and no dot goes away.
        (&[b"a\r\n.\r\n..\r\n"], false, r"a\r\n.\r\n..\r\n", ""),
        (&[b"a\r", b"\nb\r\n", b""], false, r"a\r\nb\r\n", ""),
        // Text is text.
        (&[b"a\nb"], false, "", "bare LF at line 1, octet 2; lines end with CR LF"),
        (&[b"a\r", b"b"], false, r"a\r", "bare CR at line 1, octet 2; lines end with CR LF"),
        (&[b"a\r"], false, r"a\r", "bare CR at line 1, octet 2; lines end with CR LF"),
        (&[b"a\r\n\0"], false, "", "NUL at line 2, octet 1"),
        (&[b"12345678901234567890\r\n"], false, r"12345678901234567890\r\n", ""),
        (&[b"1234567890", b"12345678901\r\n"], false, "1234567890", "line 1 is longer than 20 octets"),
        // What is binary is not.
        (&[b"a\nb\r\0c\r"], true, r"a\nb\r\x00c\r", ""),
        (&[b"1234567890123456789012345678901234567890"], true, "1234567890123456789012345678901234567890", ""),
        // Too large in all; what was announced is taken all the same.
        (&[b"123456789012345678901234567890", b"12345678901"], true, "123456789012345678901234567890", "message is larger than 40 octets"),
        (&[b"12345678901234567890123456789012345678901", b"1"], true, "", "message is larger than 40 octets"),
    ];

    #[test]
    fn cases_in_pieces_of_every_size() {
        for (chunks, binary, content, defect) in CASES {
            for piece in 1..=50 {
                let found = read(chunks, *binary, piece);
                let case = format!("{chunks:?} by {piece}");
                assert_eq!(found.1, *defect, "{case}");
                // Before a defect the content ends somewhere.
                if defect.is_empty() {
                    assert_eq!(found.0, *content, "{case}");
                }
            }
        }
    }
}
