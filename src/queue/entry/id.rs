//! The name of an entry.
//!
//! ```text
//!  89                              36 35                   0
//! +----------------------------------+----------------------+
//! | microseconds since 1970, 54 bits | random bits, 36      |
//! +----------------------------------+----------------------+
//! ```
//!
//! Written as 18 characters of five bits each, most significant first, so that the text sorts by time as the number
//! does. The alphabet is the digits and the lower-case letters without `i`, `l`, `o` and `u`, so that no two
//! characters look alike.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::OffsetDateTime;

/// Names an entry of the queue: 90 bits, ordered by the time of acceptance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(u128);

impl QueueId {
    /// Length of the text form, in characters.
    pub const TEXT_LENGTH: usize = 18;

    /// An id for a message accepted at `now`; of `random`, the low 36 bits are used.
    ///
    /// Times before 1970 count as 1970, times after the year 2540 as that year.
    pub fn new(random: u64, now: OffsetDateTime) -> Self {
        let microseconds = u128::try_from(now.unix_timestamp_nanos() / 1000).unwrap_or(0);
        let time = microseconds.min((1 << TIME_BITS) - 1);
        Self(time << RANDOM_BITS | u128::from(random) & ((1 << RANDOM_BITS) - 1))
    }

    /// The 90 bits as a number.
    pub fn bits(self) -> u128 {
        self.0
    }

    /// The text form in ASCII.
    fn text(self) -> [u8; Self::TEXT_LENGTH] {
        let mut text = [0; Self::TEXT_LENGTH];
        let mut rest = self.0;
        for character in text.iter_mut().rev() {
            *character = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        text
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text();
        f.pad(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QueueId({self})")
    }
}

impl FromStr for QueueId {
    type Err = InvalidQueueId;

    /// Reads the text form; capitals are taken as what they stand for, since people read ids out to each other.
    fn from_str(text: &str) -> Result<Self, InvalidQueueId> {
        if text.len() != Self::TEXT_LENGTH {
            return Err(InvalidQueueId::Length(text.len()));
        }
        let mut bits = 0;
        for (place, character) in text.bytes().enumerate() {
            let digit = ALPHABET
                .iter()
                .position(|letter| *letter == character.to_ascii_lowercase())
                .ok_or(InvalidQueueId::Character(place))?;
            bits = bits << 5 | digit as u128;
        }
        Ok(Self(bits))
    }
}

impl Serialize for QueueId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for QueueId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The text is not that of a queue id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQueueId {
    /// Wrong length, in octets.
    #[error("expected a queue id of 18 characters, got {0}")]
    Length(usize),
    /// A character outside the alphabet, at this octet from 0.
    #[error("expected a digit or a letter other than i, l, o, u at octet {0} of the queue id")]
    Character(usize),
}

const TIME_BITS: u32 = 54;
const RANDOM_BITS: u32 = 36;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::*;

    #[test]
    fn the_text_is_known_and_comes_back() {
        let cases = [
            (0, OffsetDateTime::UNIX_EPOCH, "000000000000000000"),
            (1, OffsetDateTime::UNIX_EPOCH, "000000000000000001"),
            (31, OffsetDateTime::UNIX_EPOCH, "00000000000000000z"),
            (0, OffsetDateTime::UNIX_EPOCH + Duration::microseconds(1), "000000000020000000"),
            (u64::MAX, OffsetDateTime::UNIX_EPOCH, "00000000001zzzzzzz"),
            (0, datetime!(1969-01-01 0:00 UTC), "000000000000000000"),
            (u64::MAX, datetime!(9999-01-01 0:00 UTC), "zzzzzzzzzzzzzzzzzz"),
        ];
        for (random, time, text) in cases {
            let id = QueueId::new(random, time);
            assert_eq!(id.to_string(), text);
            assert_eq!(text.parse(), Ok(id));
            assert_eq!(text.to_uppercase().parse(), Ok(id));
        }
    }

    #[test]
    fn the_text_sorts_by_time() {
        let start = datetime!(2026-11-23 20:00 UTC);
        let ids: Vec<_> = (0..2000_u64)
            .map(|step| {
                let random = u64::MAX.wrapping_sub(step.wrapping_mul(0x9E37_79B9_7F4A_7C15));
                QueueId::new(random, start + Duration::microseconds(i64::try_from(step).unwrap()))
            })
            .collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().map(ToString::to_string).is_sorted());
    }

    #[test]
    fn other_texts_are_refused_with_the_place() {
        let cases = [
            ("", InvalidQueueId::Length(0)),
            ("0000000000000000000", InvalidQueueId::Length(19)),
            ("00000000000000000u", InvalidQueueId::Character(17)),
            ("o00000000000000000", InvalidQueueId::Character(0)),
            ("00 000000000000000", InvalidQueueId::Character(2)),
            ("0000000000000000é", InvalidQueueId::Character(16)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<QueueId>(), Err(expected), "{text}");
        }
    }
}
