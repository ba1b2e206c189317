//! What a program wrote as the lines of a mail: ended by CR LF, none too long, and nothing in them that SMTP does not carry.

/// Octets of a line (RFC 5321 4.5.3.1.6 lets clients count on 998); a longer one goes on in the next line behind a space.
const LINE: usize = 990;

/// The same where a character of UTF-8 would be cut.
const LONGEST: usize = 998;

/// Rewrites octets as they come.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Octets of the line so far.
    column: usize,
    /// CRs stand before what comes.
    after_cr: bool,
    /// The line is a dot so far.
    is_dot: bool,
    /// A dot alone in a line is text.
    dots_are_text: bool,
    /// That dot was there.
    ended: bool,
}

impl Lines {
    pub(super) fn new(dots_are_text: bool) -> Self {
        Self { dots_are_text, ..Self::default() }
    }

    /// Adds to `out` what `octets` are in lines; false once the message has ended.
    pub(super) fn pass(&mut self, octets: &[u8], out: &mut Vec<u8>) -> bool {
        for octet in octets {
            match octet {
                b'\n' => {
                    self.after_cr = false;
                    self.end_line(out);
                }
                b'\r' => self.after_cr = true,
                0 => {}
                other => {
                    // A CR alone, as programs write that show their progress, ends a line as well.
                    if std::mem::take(&mut self.after_cr) {
                        self.end_line(out);
                    }
                    self.octet(*other, out);
                }
            }
            if self.ended {
                return false;
            }
        }
        true
    }

    /// Ends the last line, if it was not.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.ended && (self.column > 0 || self.after_cr || self.is_dot) {
            self.end_line(out);
        }
    }

    fn octet(&mut self, octet: u8, out: &mut Vec<u8>) {
        if self.column == 0 && octet == b'.' && !self.dots_are_text && !self.is_dot {
            self.is_dot = true;
            return;
        }
        if std::mem::take(&mut self.is_dot) {
            out.push(b'.');
            self.column += 1;
        }
        let is_inside = octet & 0xC0 == 0x80 && self.column < LONGEST;
        if self.column >= LINE && !is_inside {
            out.extend_from_slice(b"\r\n ");
            self.column = 1;
        }
        out.push(octet);
        self.column += 1;
    }

    fn end_line(&mut self, out: &mut Vec<u8>) {
        self.column = 0;
        if std::mem::take(&mut self.is_dot) {
            self.ended = true;
        } else {
            out.extend_from_slice(b"\r\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(dots_are_text: bool, pieces: &[&[u8]]) -> String {
        let (mut lines, mut out) = (Lines::new(dots_are_text), Vec::new());
        for piece in pieces {
            if !lines.pass(piece, &mut out) {
                break;
            }
        }
        lines.finish(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn lines_end_with_cr_lf_however_they_were_written() {
        for (written, expected) in [
            (&b"a\nb\n"[..], "a\r\nb\r\n"),
            (b"a\r\nb", "a\r\nb\r\n"),
            (b"10%\r20%\r\n", "10%\r\n20%\r\n"),
            (b"a\r\r\nb\n", "a\r\nb\r\n"),
            (b"a\0b\n\n", "ab\r\n\r\n"),
            (b"", ""),
            (b"a\n.\nb\n", "a\r\n"),
            (b".", ""),
            (b"..\n.a\n", "..\r\n.a\r\n"),
        ] {
            assert_eq!(lines(false, &[written]), expected, "{written:?}");
            let pieces: Vec<&[u8]> = written.chunks(1).collect();
            assert_eq!(lines(false, &pieces), expected, "{written:?}, octet by octet");
        }
        assert_eq!(lines(true, &[b"a\n.\nb\n"]), "a\r\n.\r\nb\r\n");
        assert_eq!(lines(true, &[b"."]), ".\r\n");
    }

    #[test]
    fn a_long_line_goes_on_in_the_next_and_no_character_is_cut() {
        let text = format!("x{}", "\u{e4}".repeat(1200));
        let wrapped = lines(false, &[text.as_bytes()]);
        assert!(wrapped.split("\r\n").all(|line| line.len() <= LONGEST), "{wrapped}");
        assert_eq!(wrapped.replace("\r\n ", "").trim_end(), text);
    }
}
