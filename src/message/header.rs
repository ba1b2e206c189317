//! A header block: fields in order, each with its name, its unfolded value and its place.

use std::sync::LazyLock;

use bytes::Bytes;
use mail_parser::{HeaderName, MessageParser, parsers::MessageStream};

use super::{Defect, DefectKind};

/// The longest header block that is read; octets beyond it count as body.
pub const MAX_HEADER_OCTETS: usize = 2 * 1024 * 1024;

/// Finds fields and reads none: a parser that is told of no field by name would read those it knows, whatever the default.
static FINDER: LazyLock<MessageParser> =
    LazyLock::new(|| MessageParser::new().ignore_header(HeaderName::Subject).default_header_ignore());

/// The fields of one header block, in the order they stand there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    fields: Vec<Field>,
}

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as written, without white space before the colon.
    pub name: String,
    /// The value, unfolded, without white space at its ends. Encoded words are not decoded.
    pub value: String,
    /// Where the name starts, in octets from the start of the octets the block was read from.
    pub offset: usize,
    /// The field as it stands, folds and final line end included.
    pub octets: Bytes,
}

impl Header {
    /// The first field of this name, any case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.is(name))
    }

    /// The value of the first field of this name, any case.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(|field| field.value.as_str())
    }

    /// All fields of this name, any case, top to bottom.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a Field> + 'a {
        self.fields.iter().filter(move |field| field.is(name))
    }

    /// All fields, top to bottom.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Keeps the fields that are wanted, in order.
    pub(crate) fn retain(&mut self, wanted: impl FnMut(&Field) -> bool) {
        self.fields.retain(wanted);
    }

    /// Puts fields before all others.
    pub(crate) fn lead_with(&mut self, fields: Vec<Field>) {
        self.fields.splice(0..0, fields);
    }

    /// Reads the header block at the start of `octets`; gives the header and where the body starts. `base` is added to
    /// the offsets of fields and defects.
    pub(crate) fn read(octets: &Bytes, base: usize, defects: &mut Vec<Defect>) -> (Self, usize) {
        let (block, too_long) = header_block(octets);
        let mut stream = MessageStream::new(block);
        let mut found = Vec::new();
        let complete = stream.parse_headers(&FINDER, &mut found);
        let mut body = if complete || block.len() == octets.len() { stream.offset() } else { block.len() };
        if too_long {
            defects.push(Defect { kind: DefectKind::HeaderTooLong, offset: base + body });
        }

        let mut fields = Vec::with_capacity(found.len());
        let mut previous_end = 0;
        for entry in &found {
            let (start, end) = (entry.offset_field as usize, entry.offset_end as usize);
            let value_start = (entry.offset_start as usize).min(end);
            let written = &block[start..value_start];
            let Some(name) = field_name(written.strip_suffix(b":").unwrap_or(written)) else {
                if start == 0 && block.starts_with(b"From ") {
                    // The separator line of a mailbox file, not a field.
                    previous_end = end;
                    continue;
                }
                // Text that merely contains a colon: the empty line was forgotten and the body has begun.
                defects.push(Defect { kind: DefectKind::MissingEmptyLine, offset: base + start });
                body = start;
                break;
            };
            if block[previous_end..start].iter().any(|octet| !octet.is_ascii_whitespace()) {
                defects.push(Defect { kind: DefectKind::NotAField, offset: base + previous_end });
            }
            previous_end = end;
            let (value, clean) = unfold(&block[value_start..end]);
            if !clean {
                defects.push(Defect { kind: DefectKind::EightBitField, offset: base + start });
            }
            fields.push(Field {
                name: name.to_owned(),
                value,
                offset: base + start,
                octets: octets.slice(start..end),
            });
        }
        if fields.is_empty() && !complete && block.iter().any(|octet| !octet.is_ascii_whitespace()) {
            if defects.last().map(|defect| defect.kind) != Some(DefectKind::MissingEmptyLine) {
                defects.push(Defect { kind: DefectKind::MissingEmptyLine, offset: base });
            }
            body = 0;
        }
        (Self { fields }, body.min(octets.len()))
    }
}

impl Field {
    /// A field that stands nowhere.
    pub(crate) fn new(name: &str, value: &str) -> Self {
        Self::at(Self::NOWHERE, name, value)
    }

    /// A field with another name or value than the one that stands at this place.
    pub(crate) fn at(offset: usize, name: &str, value: &str) -> Self {
        let octets = format!("{name}: {value}\r\n").into();
        Self { name: name.to_owned(), value: value.to_owned(), offset, octets }
    }

    /// The place of a field that has none.
    pub(crate) const NOWHERE: usize = usize::MAX;

    /// Whether the field has this name, any case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether the name starts with this prefix, any case.
    #[must_use]
    pub fn starts_with(&self, prefix: &str) -> bool {
        self.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// The field on one line, without line end and without white space before the colon (H-05).
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}: {}", self.name, self.value)
    }
}

/// The octets to look for fields in: up to and with the first empty line, at most [`MAX_HEADER_OCTETS`].
fn header_block(octets: &[u8]) -> (&[u8], bool) {
    let limit = octets.len().min(MAX_HEADER_OCTETS);
    let mut at = 0;
    for newline in memchr::memchr_iter(b'\n', &octets[..limit]) {
        let line = &octets[at..newline];
        at = newline + 1;
        if line.iter().all(|octet| matches!(octet, b'\r' | b' ' | b'\t')) {
            return (&octets[..at], false);
        }
    }
    // A line is not cut: the block ends at the last line end before the limit.
    if limit < octets.len() { (&octets[..at], true) } else { (octets, false) }
}

/// How many lines of the header block at the start begin a field of this name, any case: as simple programs see them.
pub(crate) fn count(octets: &[u8], name: &str) -> usize {
    let (block, _) = header_block(octets);
    let begins = |line: &&[u8]| {
        let name = name.as_bytes();
        let Some((start, rest)) = line.split_at_checked(name.len()) else { return false };
        start.eq_ignore_ascii_case(name) && rest.trim_ascii_start().starts_with(b":")
    };
    block.split(|octet| *octet == b'\n').filter(begins).count()
}

/// The name that stands before a colon (RFC 5322 2.2), white space before the colon or not (4.5); `None` if it is none.
pub(crate) fn field_name(octets: &[u8]) -> Option<&str> {
    let name = octets.trim_ascii_end();
    let legal = !name.is_empty() && name.iter().all(|octet| octet.is_ascii_graphic() && *octet != b':');
    if legal { std::str::from_utf8(name).ok() } else { None }
}

/// Removes the line ends of a folded value; says whether all octets were ASCII or UTF-8.
fn unfold(octets: &[u8]) -> (String, bool) {
    // Most are not folded.
    let line = octets.trim_ascii();
    if memchr::memchr2(b'\r', b'\n', line).is_none()
        && let Ok(text) = std::str::from_utf8(line)
    {
        return (text.to_owned(), true);
    }
    let kept: Vec<u8> = octets.iter().copied().filter(|octet| !matches!(octet, b'\r' | b'\n')).collect();
    let kept = kept.trim_ascii();
    match std::str::from_utf8(kept) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (encoding_rs::WINDOWS_1252.decode_without_bom_handling(kept).0.into_owned(), false),
    }
}
