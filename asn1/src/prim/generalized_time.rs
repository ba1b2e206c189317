//! GeneralizedTime with the octets it came in.

use std::fmt;

use rasn::types::{Constraints, Identifier, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use super::time::{Moment, checked, number, offset};

/// A GeneralizedTime as it is written on the wire: relayed unchanged, read laxly.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct GeneralizedTime(Vec<u8>);

impl GeneralizedTime {
    /// These octets, whatever they are.
    #[must_use]
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self(octets.into())
    }

    /// A moment with four digits of the year, in seconds: `Z` at offset zero, else a numeric offset (X.680 46.3).
    #[must_use]
    pub fn from_moment(moment: Moment) -> Self {
        let Moment { year, month, day, hour, minute, second, offset } = moment;
        let mut text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
        if offset == 0 {
            text.push('Z');
        } else {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.unsigned_abs();
            text.push_str(&format!("{sign}{:02}{:02}", minutes / 60, minutes % 60));
        }
        Self(text.into_bytes())
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What is meant, or `None` when nobody can tell. Minutes and seconds may be missing, a fraction of the last unit is
    /// dropped, and a missing zone (local time, X.680 46.3 a) is taken as UTC.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        let digits = self.0.iter().take_while(|octet| octet.is_ascii_digit()).count();
        if !matches!(digits, 10 | 12 | 14) {
            return None;
        }
        let field = |start: usize| {
            if start >= digits {
                return Some(0);
            }
            number(self.0.get(start..start + 2)?).and_then(|value| u8::try_from(value).ok())
        };
        let mut zone = &self.0[digits..];
        if let [b'.' | b',', fraction @ ..] = zone {
            let length = fraction.iter().take_while(|octet| octet.is_ascii_digit()).count();
            zone = if length > 0 { &fraction[length..] } else { return None };
        }
        checked(Moment {
            year: number(&self.0[..4])?,
            month: field(4)?,
            day: field(6)?,
            hour: field(8)?,
            minute: field(10)?,
            second: field(12)?,
            offset: offset(zone)?,
        })
    }
}

impl fmt::Display for GeneralizedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for GeneralizedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl AsnType for GeneralizedTime {
    const TAG: Tag = Tag::GENERALIZED_TIME;
}

impl Decode for GeneralizedTime {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_octet_string::<Vec<u8>>(tag, &Constraints::NONE).map(Self)
    }
}

impl Encode for GeneralizedTime {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_octet_string(tag, &Constraints::NONE, &self.0, identifier).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_laxly_and_written_whole() {
        let at = |hour, minute, second, offset| {
            Some(Moment { year: 2025, month: 3, day: 12, hour, minute, second, offset })
        };
        for (text, expected) in [
            ("20250312120000Z", at(12, 0, 0, 0)),
            ("202503121201Z", at(12, 1, 0, 0)),
            ("2025031212Z", at(12, 0, 0, 0)),
            ("20250312120059.25Z", at(12, 0, 59, 0)),
            ("20250312120059,5+0130", at(12, 0, 59, 90)),
            ("20250312120000", at(12, 0, 0, 0)),
            ("20250312120000.Z", None),
            ("20251312120000Z", None),
            ("25031212000Z", None),
            ("", None),
        ] {
            assert_eq!(GeneralizedTime::new(text).moment(), expected, "{text}");
        }
        for text in ["20250312120000Z", "20250312120000-0530"] {
            let moment = GeneralizedTime::new(text).moment().unwrap();
            assert_eq!(GeneralizedTime::from_moment(moment), GeneralizedTime::new(text));
        }
    }
}
