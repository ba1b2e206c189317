//! Whole values: decode with limits and a path in the error, encode, and write large contents without copying them.

use std::fmt;

use rasn::error::DecodeErrorKind;
use rasn::{Decode, Encode};

pub mod header;
pub mod plan;
pub mod token;

/// Octets that one call of [`decode`] accepts, or that a reader of [`crate::stream`] captures to decode them. An element that must be captured whole (an envelope, a heading) has no
/// honest reason to be larger, and decoding needs up to 35 times its size in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a message, probe or report envelope; 32,767 recipients need about 6 MiB.
    pub envelope: usize,
    /// Octets of an IPM heading.
    pub heading: usize,
    /// Octets of one body part that is decoded as a value, and of the parameters of a larger one.
    pub body_part: usize,
    /// Octets of a whole value decoded in one go (small messages, tools, tests).
    pub whole: usize,
    /// Elements in each other that are taken apart as they arrive.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { envelope: 8 << 20, heading: 1 << 20, body_part: 1 << 20, whole: 64 << 20, depth: 1024 }
    }
}

/// Unknown members that one SET or SEQUENCE may carry before it is refused: more are an attack on memory, not an
/// extension.
pub const MAXIMUM_UNKNOWN_MEMBERS: usize = 64;

/// Why octets are not a value of the type asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More octets than the limit allows.
    #[error("{length} octets, at most {limit} are accepted")]
    TooLong {
        /// Octets given.
        length: usize,
        /// Octets allowed.
        limit: usize,
    },
    /// The octets do not fit the type.
    #[error("{path}: {problem}")]
    Malformed {
        /// Names of the fields down to the one at fault, outermost first.
        path: Path,
        /// What is wrong there.
        problem: String,
    },
    /// A complete value, and something after it.
    #[error("{0} octets follow the end of the value")]
    Trailing(usize),
    /// A value that has no encoding.
    #[error("cannot be encoded: {0}")]
    Unencodable(String),
}

/// The names of nested fields, outermost first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(pub Vec<&'static str>);

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_first() {
            None => f.write_str("value"),
            Some((first, rest)) => {
                f.write_str(first)?;
                rest.iter().try_for_each(|name| write!(f, ".{name}"))
            }
        }
    }
}

/// Decodes one value that fills `octets`.
///
/// # Errors
/// [`Error::TooLong`] over `limit` octets, [`Error::Malformed`] with the path of the field at fault,
/// [`Error::Trailing`] when octets are left over.
pub fn decode<T: Decode>(octets: &[u8], limit: usize) -> Result<T, Error> {
    if octets.len() > limit {
        return Err(Error::TooLong { length: octets.len(), limit });
    }
    let (value, rest) = rasn::ber::decode_with_remainder(octets).map_err(malformed)?;
    if rest.is_empty() { Ok(value) } else { Err(Error::Trailing(rest.len())) }
}

/// Encodes a value: definite lengths, DER order of SET members.
///
/// # Errors
/// [`Error::Unencodable`] when the value cannot be written, such as an empty open type.
pub fn encode<T: Encode>(value: &T) -> Result<Vec<u8>, Error> {
    rasn::ber::encode(value).map_err(|error| Error::Unencodable(error.to_string()))
}

fn malformed(error: rasn::error::DecodeError) -> Error {
    let mut path = Path::default();
    let mut error = error;
    loop {
        match *error.kind {
            DecodeErrorKind::FieldError { name, nested } => {
                path.0.push(name);
                error = *nested;
            }
            kind => return Error::Malformed { path, problem: kind.to_string() },
        }
    }
}
