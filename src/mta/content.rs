//! The octets of a message that is transferred, without all of them in memory: pieces that are, and ranges of files, in
//! order.
//!
//! ```text
//! Content: │ headers (Bytes) │ file, 100 000 octets from 2 048 on │ Bytes │ …        slice(offset, length) ─► Content
//! ```
//!
//! Nothing is copied to make a content, to clone it or to take a slice of it. Files are read at a position, so that a
//! content can be read anywhere, in any order and by several at once. [`Content::read`] is the one place that does.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use rasn_x400::ber::plan::{self, Plan};

/// Octets in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content(Arc<Pieces>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Pieces {
    /// Each piece with the octets before it; none is empty.
    pieces: Vec<(u64, Piece)>,
    length: u64,
}

/// A part of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// In memory.
    Octets(Bytes),
    /// In a file.
    Range(FileRange),
}

/// Octets in a file, which must not change as long as anybody may read them.
#[derive(Debug, Clone)]
pub struct FileRange {
    /// The file, open for reading.
    pub file: Arc<File>,
    /// Octets before the range.
    pub offset: u64,
    /// Octets of the range.
    pub length: u64,
}

impl Content {
    /// Octets altogether.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.0.length
    }

    /// The octets from `offset` on, at most `length` of them; those that there are.
    #[must_use]
    pub fn slice(&self, offset: u64, length: u64) -> Self {
        let end = offset.saturating_add(length).min(self.0.length);
        let first = self.0.pieces.partition_point(|(before, piece)| before + piece.length() <= offset);
        let pieces = self.0.pieces.iter().skip(first).take_while(|(before, _)| *before < end);
        pieces
            .map(|(before, piece)| {
                let start = offset.saturating_sub(*before);
                piece.slice(start, piece.length().min(end - before) - start)
            })
            .collect()
    }

    /// The octets, if all of them are in memory.
    #[must_use]
    pub fn in_memory(&self) -> Option<Vec<Bytes>> {
        let octets = |(_, piece): &(u64, Piece)| match piece {
            Piece::Octets(octets) => Some(octets.clone()),
            Piece::Range(_) => None,
        };
        self.0.pieces.iter().map(octets).collect()
    }

    /// The octets. Reads files, so for a thread that may wait, and for a [`Self::slice`] of bounded length.
    ///
    /// # Errors
    /// A file cannot be read, or is shorter than it was said to be.
    pub fn read(&self) -> io::Result<Vec<Bytes>> {
        self.0.pieces.iter().map(|(_, piece)| piece.read()).collect()
    }

    /// The pieces in order.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.0.pieces.iter().map(|(_, piece)| piece)
    }
}

impl Piece {
    /// Octets of the piece.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Octets(octets) => octets.len() as u64,
            Self::Range(range) => range.length,
        }
    }

    /// A part that the caller knows to be inside.
    fn slice(&self, offset: u64, length: u64) -> Self {
        match self {
            Self::Octets(octets) => {
                let at = |octet: u64| usize::try_from(octet).unwrap_or(usize::MAX).min(octets.len());
                Self::Octets(octets.slice(at(offset)..at(offset + length)))
            }
            Self::Range(range) => Self::Range(FileRange {
                file: Arc::clone(&range.file),
                offset: range.offset + offset,
                length,
            }),
        }
    }

    fn read(&self) -> io::Result<Bytes> {
        match self {
            Self::Octets(octets) => Ok(octets.clone()),
            Self::Range(range) => {
                let length = usize::try_from(range.length).map_err(io::Error::other)?;
                let mut octets = vec![0; length];
                range.file.read_exact_at(&mut octets, range.offset)?;
                Ok(octets.into())
            }
        }
    }
}

/// The same open file and the same place in it.
impl PartialEq for FileRange {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && (self.offset, self.length) == (other.offset, other.length)
    }
}

impl Eq for FileRange {}

impl FromIterator<Piece> for Content {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        let mut content = Pieces::default();
        for piece in pieces.into_iter().filter(|piece| piece.length() > 0) {
            let before = content.length;
            content.length += piece.length();
            content.pieces.push((before, piece));
        }
        Self(Arc::new(content))
    }
}

impl FromIterator<Bytes> for Content {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        pieces.into_iter().map(Piece::Octets).collect()
    }
}

impl From<Vec<Bytes>> for Content {
    fn from(pieces: Vec<Bytes>) -> Self {
        pieces.into_iter().collect()
    }
}

impl From<Bytes> for Content {
    fn from(octets: Bytes) -> Self {
        std::iter::once(octets).collect()
    }
}

impl From<FileRange> for Content {
    fn from(range: FileRange) -> Self {
        std::iter::once(Piece::Range(range)).collect()
    }
}

impl From<Plan<FileRange>> for Content {
    fn from(plan: Plan<FileRange>) -> Self {
        let piece = |piece| match piece {
            plan::Piece::Octets(octets) => Piece::Octets(octets),
            plan::Piece::External { source, .. } => Piece::Range(source),
        };
        plan.pieces().map(piece).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// `abc`, then `23456` out of a file with the digits, then nothing, then `de`.
    fn content() -> Content {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let range = FileRange { file: Arc::new(file), offset: 2, length: 5 };
        let octets = |octets| Piece::Octets(Bytes::from_static(octets));
        [octets(b"abc"), Piece::Range(range), octets(b""), octets(b"de")].into_iter().collect()
    }

    #[test]
    fn every_slice_has_the_octets_of_its_place() {
        let (content, whole) = (content(), b"abc23456de");
        assert_eq!(content.length(), 10);
        for offset in 0..=11_usize {
            for length in 0..=11_usize {
                let slice = content.slice(offset as u64, length as u64);
                let expected = &whole[offset.min(10)..(offset + length).min(10)];
                assert_eq!(slice.read().unwrap().concat(), expected, "{length} from {offset}");
                assert_eq!(slice.length(), expected.len() as u64);
                // A slice of a slice.
                assert_eq!(
                    slice.slice(1, 3).read().unwrap().concat(),
                    expected.get(1..).map_or(&[][..], |it| &it[..it.len().min(3)])
                );
            }
        }
        assert_eq!(content.slice(u64::MAX, u64::MAX).length(), 0);
    }

    #[test]
    fn pieces_in_memory_are_referred_to_and_files_are_not_read() {
        let content = content();
        assert_eq!(content.in_memory(), None);
        let Some(Piece::Octets(octets)) = content.pieces().next().cloned() else { panic!() };
        let slice = content.slice(1, 2).in_memory().unwrap();
        assert_eq!((slice.len(), slice[0].as_ptr()), (1, octets[1..].as_ptr()));
    }

    #[test]
    fn a_file_that_is_too_short_is_an_error() {
        let range = FileRange { file: Arc::new(tempfile::tempfile().unwrap()), offset: 0, length: 1 };
        assert_eq!(Content::from(range).read().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
