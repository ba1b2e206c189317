//! The MIME structure: a tree of entities, each a slice of the original octets.

use bytes::Bytes;
use memchr::memmem;

use super::media::{Disposition, MediaType};
use super::transfer::{Decoded, TransferEncoding};
use super::{Defect, DefectKind, Header};

/// Entities nested deeper than this are kept whole and not looked into. Each level costs stack here, and more stack in
/// whoever decodes the X.400 message made of it; a thread of 2 MiB must do for both.
pub const MAX_DEPTH: usize = 12;

/// Parts beyond this number, over the whole message, stay in the octets of the last one.
pub const MAX_PARTS: usize = 10_000;

/// A header and what it heads: a message or a part of one.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Header and content, as they came in.
    pub octets: Bytes,
    /// The header.
    pub header: Header,
    /// What the content is; the default where the header says nothing.
    pub media: MediaType,
    /// What the sender wants done with it.
    pub disposition: Option<Disposition>,
    /// How the content is written.
    pub encoding: TransferEncoding,
    /// The content as it came in, transfer encoding and all.
    pub content: Bytes,
    /// What the content is made of.
    pub structure: Structure,
}

/// What an entity is made of.
#[derive(Debug, Clone)]
pub enum Structure {
    /// One body; the octets are had from [`Entity::octets_decoded`].
    Leaf,
    /// `multipart/…`: its parts in order.
    Multipart(Vec<Entity>),
    /// `message/rfc822` or `message/global`: the message inside.
    Message(Box<Entity>),
}

impl Entity {
    pub(crate) fn parse_message(octets: &Bytes, defects: &mut Vec<Defect>) -> Self {
        let mut walk = Walk { defects, parts: 0 };
        walk.entity(octets.clone(), 0, 0, MediaType::plain_text())
    }

    /// The content without its transfer encoding. Not cached: each call decodes again.
    #[must_use]
    pub fn octets_decoded(&self) -> Decoded {
        self.encoding.decode(&self.content)
    }

    /// The parts of a multipart, or nothing.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        match &self.structure {
            Structure::Multipart(parts) => parts,
            _ => &[],
        }
    }

    /// The name the sender gave a file: from `Content-Disposition`, else from the media type.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        let named = self.disposition.as_ref().and_then(|disposition| disposition.parameter("filename"));
        named.or_else(|| self.media.parameter("name")).filter(|name| !name.is_empty())
    }

    /// Whether the sender marked this as an attachment.
    #[must_use]
    pub fn is_attachment(&self) -> bool {
        self.disposition.as_ref().is_some_and(|disposition| disposition.kind == "attachment")
    }
}

struct Walk<'d> {
    defects: &'d mut Vec<Defect>,
    parts: usize,
}

impl Walk<'_> {
    /// Reads one entity; `base` is its place in the message, `default` holds where no `Content-Type` stands.
    fn entity(&mut self, octets: Bytes, base: usize, depth: usize, default: MediaType) -> Entity {
        let (header, body) = Header::read(&octets, base, self.defects);
        let content = octets.slice(body..);
        // A Content-Type that cannot be read leaves the content unknown (RFC 2045 5.2 would call it text).
        let media = match header.value("Content-Type") {
            Some(value) => MediaType::parse(value).unwrap_or(default),
            None => default,
        };
        let disposition = header.value("Content-Disposition").and_then(Disposition::parse);
        let encoding = match header.value("Content-Transfer-Encoding").map(first_word) {
            None => TransferEncoding::Identity,
            Some(name) => TransferEncoding::named(&name).unwrap_or_else(|| {
                self.defects.push(Defect { kind: DefectKind::UnknownTransferEncoding, offset: base });
                TransferEncoding::Identity
            }),
        };
        let mut entity =
            Entity { octets, header, media, disposition, encoding, content, structure: Structure::Leaf };
        entity.structure = self.structure(&mut entity, base + body, depth);
        entity
    }

    fn structure(&mut self, entity: &mut Entity, base: usize, depth: usize) -> Structure {
        let is_multipart = entity.media.kind == "multipart";
        let is_message =
            entity.media.kind == "message" && matches!(entity.media.subtype.as_str(), "rfc822" | "global");
        if !is_multipart && !is_message {
            return Structure::Leaf;
        }
        if depth >= MAX_DEPTH {
            self.defects.push(Defect { kind: DefectKind::TooDeep, offset: base });
            return Structure::Leaf;
        }
        if is_message {
            // Encoding a message is forbidden and happens; its offsets then count from its own start.
            let (inner, base) = match entity.encoding {
                TransferEncoding::Identity => (entity.content.clone(), base),
                _ => (entity.octets_decoded().octets, 0),
            };
            return Structure::Message(Box::new(self.entity(
                inner,
                base,
                depth + 1,
                MediaType::plain_text(),
            )));
        }
        let parts = match entity.media.parameter("boundary").filter(|boundary| !boundary.is_empty()) {
            Some(boundary) => self.parts(boundary.as_bytes(), entity, base, depth),
            None => Vec::new(),
        };
        if parts.is_empty() {
            self.defects.push(Defect { kind: DefectKind::MissingBoundary, offset: base });
            entity.media = MediaType::plain_text();
            return Structure::Leaf;
        }
        Structure::Multipart(parts)
    }

    fn parts(&mut self, boundary: &[u8], entity: &Entity, base: usize, depth: usize) -> Vec<Entity> {
        let content = &entity.content;
        let mut ranges = Vec::new();
        let mut open: Option<usize> = None;
        let mut closed = false;
        for line in DelimiterLines::new(content, boundary) {
            if let Some(start) = open.take() {
                ranges.push((start, line.start.max(start)));
            }
            if line.closes {
                closed = true;
                break;
            }
            if self.parts + ranges.len() >= MAX_PARTS {
                self.defects.push(Defect { kind: DefectKind::TooManyParts, offset: base + line.start });
                if let Some(last) = ranges.last_mut() {
                    last.1 = content.len();
                }
                closed = true;
                break;
            }
            open = Some(line.end);
        }
        if let Some(start) = open {
            ranges.push((start, content.len()));
        }
        if !ranges.is_empty() && !closed {
            self.defects
                .push(Defect { kind: DefectKind::MissingCloseBoundary, offset: base + content.len() });
        }
        self.parts += ranges.len();
        let default = if entity.media.subtype == "digest" {
            MediaType { kind: "message".into(), subtype: "rfc822".into(), parameters: Vec::new() }
        } else {
            MediaType::plain_text()
        };
        ranges
            .into_iter()
            .map(|(start, end)| {
                self.entity(content.slice(start..end), base + start, depth + 1, default.clone())
            })
            .collect()
    }
}

/// A delimiter line: where the content before it ends, where the content after it starts, whether it is the last.
struct DelimiterLine {
    start: usize,
    end: usize,
    closes: bool,
}

/// Finds the delimiter lines of one boundary. The line end before a delimiter belongs to it.
struct DelimiterLines<'c> {
    content: &'c [u8],
    dashed: Vec<u8>,
    at: usize,
}

impl<'c> DelimiterLines<'c> {
    fn new(content: &'c [u8], boundary: &[u8]) -> Self {
        Self { content, dashed: [b"--", boundary].concat(), at: 0 }
    }
}

impl Iterator for DelimiterLines<'_> {
    type Item = DelimiterLine;

    fn next(&mut self) -> Option<DelimiterLine> {
        let finder = memmem::Finder::new(&self.dashed);
        while let Some(found) = finder.find(&self.content[self.at..]) {
            let start = self.at + found;
            let after = start + self.dashed.len();
            self.at = after;
            if start > 0 && self.content[start - 1] != b'\n' {
                continue;
            }
            let line_end =
                memchr::memchr(b'\n', &self.content[after..]).map_or(self.content.len(), |n| after + n + 1);
            let tail = self.content[after..line_end].trim_ascii_end();
            let closes = tail.starts_with(b"--");
            // A longer boundary that merely starts with ours is another one.
            if !tail.is_empty() && !closes && !tail[0].is_ascii_whitespace() {
                continue;
            }
            self.at = line_end;
            let mut before = start;
            if before > 0 {
                before -= 1;
                if before > 0 && self.content[before - 1] == b'\r' {
                    before -= 1;
                }
            }
            return Some(DelimiterLine { start: before, end: line_end, closes });
        }
        None
    }
}

fn first_word(value: &str) -> String {
    let plain = super::lexer::without_comments(value);
    plain.split([' ', ';']).next().unwrap_or_default().to_owned()
}
