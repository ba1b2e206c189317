//! Content transfer encodings towards the Internet: what fits stays as it is, text that nearly fits, or has lines that are too long
//! (Q-10), becomes quoted-printable, everything else base64 (RFC 2045 6).

use bytes::Bytes;

use super::element::joined;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::rope::Rope;
use crate::mixer::to_internet::Work;

/// Octets of a line that SMTP carries, without its CR LF (RFC 5321 4.5.3.1.6).
const MAX_LINE: usize = 998;
/// Octets of a line of quoted-printable (RFC 2045 6.7).
const MAX_QUOTED_LINE: usize = 76;
/// One octet in so many may need a code in quoted-printable; with more of them base64 is shorter and no less readable.
const ORDINARY_PER_CODE: usize = 6;

/// Adds text: its lines end with CR LF where they are lines.
pub(super) fn text(octets: Vec<Bytes>, work: &Work<'_>, fields: &mut HeaderBlock, body: &mut Rope) {
    let octets = joined(octets);
    let survey = Survey::of(&octets, work.boundary_line().as_bytes());
    fitted(octets, &survey, survey.is_plain(), fields, body);
}

/// Adds a file of characters: like [`text`], but what has no line end at its end is not given one on the way.
pub(super) fn characters(octets: Vec<Bytes>, work: &Work<'_>, fields: &mut HeaderBlock, body: &mut Rope) {
    let octets = joined(octets);
    let survey = Survey::of(&octets, work.boundary_line().as_bytes());
    fitted(octets, &survey, survey.is_plain() && !survey.ends_within_line, fields, body);
}

fn fitted(octets: Bytes, survey: &Survey, plain: bool, fields: &mut HeaderBlock, body: &mut Rope) {
    if plain {
        body.push(octets);
    } else if survey.codes <= survey.length / ORDINARY_PER_CODE {
        fields.add("Content-Transfer-Encoding", "quoted-printable");
        body.push(quoted_printable(&octets));
    } else {
        base64(vec![octets], fields, body);
    }
}

/// Adds octets of any kind. They are encoded when they are read.
pub(super) fn base64(octets: Vec<Bytes>, fields: &mut HeaderBlock, body: &mut Rope) {
    fields.add("Content-Transfer-Encoding", "base64");
    body.push_base64(octets);
}

/// Whether octets are mail as they stand: lines of ASCII, none too long, none that ends a part of another.
pub(super) fn is_mail(octets: &Bytes, work: &Work<'_>) -> bool {
    Survey::of(octets, work.boundary_line().as_bytes()).is_plain()
}

/// What there is in a text.
#[derive(Debug, Default)]
struct Survey {
    length: usize,
    /// Octets that quoted-printable writes as a code.
    codes: usize,
    longest_line: usize,
    /// Whether a line looks like a boundary of this conversion.
    boundary: bool,
    ends_within_line: bool,
}

impl Survey {
    fn of(octets: &[u8], boundary: &[u8]) -> Self {
        // Without branches, so that many octets are looked at in one step; those of line ends are taken back below.
        let is_code = |octet: &&u8| !matches!(octet, b'\t' | 0x0c | b' '..=b'~');
        let codes = octets.iter().filter(is_code).count();
        let mut survey = Self { length: octets.len(), codes, ..Self::default() };
        let mut start = 0;
        // Lines end with CR LF; CR or LF alone is a code within a line.
        for newline in memchr::memchr_iter(b'\n', octets) {
            if newline > start && octets[newline - 1] == b'\r' {
                survey.codes -= 2;
                survey.line(&octets[start..newline - 1], boundary);
                start = newline + 1;
            }
        }
        survey.line(&octets[start..], boundary);
        survey.ends_within_line = start < octets.len();
        survey
    }

    fn line(&mut self, line: &[u8], boundary: &[u8]) {
        self.longest_line = self.longest_line.max(line.len());
        self.boundary |= line.starts_with(boundary);
    }

    const fn is_plain(&self) -> bool {
        self.codes == 0 && self.longest_line <= MAX_LINE && !self.boundary
    }
}

/// Quoted-printable; CR LF is a line end, CR or LF alone is a code. Text that ends within a line ends with a soft line
/// break, so that no line end is added to it.
fn quoted_printable(octets: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(octets.len() + octets.len() / 8);
    let mut line = 0;
    let mut rest = octets;
    while let [octet, after @ ..] = rest {
        if rest.starts_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
            (line, rest) = (0, &rest[2..]);
            continue;
        }
        rest = after;
        let ends_line = after.is_empty() || after.starts_with(b"\r\n");
        let plain = match octet {
            b' ' | b'\t' => !ends_line,
            b'=' => false,
            // Neither a dot alone nor a `From ` survives every system at the beginning of a line.
            b'.' | b'F' => line > 0,
            _ => octet.is_ascii_graphic(),
        };
        let width = if plain { 1 } else { 3 };
        let room = if ends_line && !after.is_empty() { MAX_QUOTED_LINE } else { MAX_QUOTED_LINE - 1 };
        if line + width > room {
            out.extend_from_slice(b"=\r\n");
            line = 0;
        }
        if plain {
            out.push(*octet);
        } else {
            out.extend([b'=', DIGITS[usize::from(octet >> 4)], DIGITS[usize::from(octet & 15)]]);
        }
        line += width;
    }
    if line > 0 {
        out.extend_from_slice(b"=\r\n");
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::message::transfer::TransferEncoding;

    fn encoded(octets: &[u8]) -> (String, Vec<u8>) {
        let (mut fields, mut body) = (HeaderBlock::default(), Rope::default());
        let octets = Bytes::copy_from_slice(octets);
        let survey = Survey::of(&octets, b"--=_Q1_");
        let plain = survey.is_plain() && !survey.ends_within_line;
        fitted(octets, &survey, plain, &mut fields, &mut body);
        (fields.get("Content-Transfer-Encoding").unwrap_or_default().to_owned(), body.to_vec())
    }

    #[test]
    fn the_encoding_is_the_least_that_does() {
        // Q-10
        let long = "x".repeat(999);
        for (octets, encoding, written) in [
            (&b""[..], "", &b""[..]),
            (b"a b\r\n\tc\x0c\r\n", "", b"a b\r\n\tc\x0c\r\n"),
            (b"a", "quoted-printable", b"a=\r\n"),
            (
                b"one line \r\nand a bare\nnewline\r\n",
                "quoted-printable",
                b"one line=20\r\nand a bare=0Anewline\r\n",
            ),
            (b"--=_Q1_ not a boundary\r\n", "quoted-printable", b"--=3D_Q1_ not a boundary\r\n"),
            (b"--=_Q2\r\n", "", b"--=_Q2\r\n"),
            ("zw\u{f6}lf Zeichen\r\n".as_bytes(), "quoted-printable", b"zw=C3=B6lf Zeichen\r\n"),
            (
                b"From here\r\n.\r\nthe two at the start are told apart=\x07\r\n",
                "quoted-printable",
                b"=46rom here\r\n=2E\r\nthe two at the start are told apart=3D=07\r\n",
            ),
            (b"\0\x01", "base64", b"AAE=\r\n"),
            (b"abcdefg\r", "quoted-printable", b"abcdefg=0D=\r\n"),
        ] {
            assert_eq!(encoded(octets), (encoding.to_owned(), written.to_vec()), "{}", octets.escape_ascii());
        }
        assert_eq!(encoded(format!("{long}\r\n").as_bytes()).0, "quoted-printable");
        assert_eq!(encoded(format!("{}\r\n", &long[1..]).as_bytes()).0, "");
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_decoded(octets in "[ -~\r\n=.F\t\u{e9}\0]{0,300}") {
            let (encoding, written) = encoded(octets.as_bytes());
            proptest::prop_assert!(written.split(|&octet| octet == b'\n').all(|line| line.len() <= MAX_LINE + 1));
            let decoded = TransferEncoding::named(&encoding).unwrap().decode(&Bytes::from(written.clone()));
            proptest::prop_assert!(!decoded.damaged);
            proptest::prop_assert_eq!(&decoded.octets[..], octets.as_bytes());
            let quoted = quoted_printable(octets.as_bytes());
            proptest::prop_assert!(quoted.split(|&octet| octet == b'\n').all(|line| line.len() <= MAX_QUOTED_LINE + 1));
        }
    }
}
