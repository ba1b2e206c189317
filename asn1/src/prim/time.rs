//! UTCTime and GeneralizedTime with the octets they came in.

use std::fmt;

use rasn::types::{Constraints, Identifier, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

/// A UTCTime as it is written on the wire: relayed unchanged, read laxly.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct X400Time(Vec<u8>);

/// A point in time with the offset it was written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Four digits.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
    /// Minutes east of UTC, −1439 to 1439.
    pub offset: i16,
}

impl X400Time {
    /// These octets, whatever they are.
    #[must_use]
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self(octets.into())
    }

    /// A moment as UTCTime: `Z` at offset zero, else a numeric offset (RFC 2156 3.3.5). The century is dropped.
    #[must_use]
    pub fn from_moment(moment: Moment) -> Self {
        let Moment { year, month, day, hour, minute, second, offset } = moment;
        let mut text =
            format!("{:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}", year.rem_euclid(100));
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

    /// What is meant, or `None` when nobody can tell.
    ///
    /// Seconds and zone may be missing (seen in old stacks; the zone is then taken as UTC). Two digits of a year mean
    /// 1980 to 2079 (RFC 2156 3.3.5). Twelve to fourteen digits with a three- or four-digit year are the
    /// mis-formatted times of 1990s software on a clock past 1999: `126…` is the year 1900 + 126.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        let digits = self.0.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let (year_digits, has_seconds) = match digits {
            10 => (2, false),
            12 => (2, true),
            13 => (3, true),
            14 => (4, true),
            _ => return None,
        };
        let year = number(&self.0[..year_digits])?;
        let year = match (year_digits, year) {
            (2, 0..80) => 2000 + year,
            (2 | 3, _) => 1900 + year,
            _ => year,
        };
        let field = |index: usize| {
            let start = year_digits + 2 * index;
            number(self.0.get(start..start + 2)?).and_then(|value| u8::try_from(value).ok())
        };
        checked(Moment {
            year,
            month: field(0)?,
            day: field(1)?,
            hour: field(2)?,
            minute: field(3)?,
            second: if has_seconds { field(4)? } else { 0 },
            offset: offset(&self.0[digits..])?,
        })
    }
}

/// The moment, if there is such a day and such a time of day.
pub(super) fn checked(moment: Moment) -> Option<Moment> {
    let valid = (1..=12).contains(&moment.month)
        && (1..=days_in(moment.year, moment.month)).contains(&moment.day)
        && moment.hour < 24
        && moment.minute < 60
        && moment.second <= 60;
    valid.then_some(moment)
}

/// Decimal digits as a number; at most four of them are ever passed.
pub(super) fn number(digits: &[u8]) -> Option<i32> {
    str::from_utf8(digits).ok()?.parse().ok()
}

/// A zone designator as minutes east of UTC; a missing one is UTC.
pub(super) fn offset(zone: &[u8]) -> Option<i16> {
    match zone {
        [] | [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) => {
            let (hours, minutes) = (number(&digits[..2])?, number(&digits[2..])?);
            let total = i16::try_from(hours * 60 + minutes).ok()?;
            (hours < 24 && minutes < 60).then_some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

/// Days of a month in the Gregorian calendar.
const fn days_in(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for X400Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for X400Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl AsnType for X400Time {
    const TAG: Tag = Tag::UTC_TIME;
}

impl Decode for X400Time {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_octet_string::<Vec<u8>>(tag, &Constraints::NONE).map(Self)
    }
}

impl Encode for X400Time {
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

    /// What old and new peers write, and what is meant; the three- and four-digit years are real (1261123033703Z).
    #[test]
    fn times_are_read_laxly() {
        let at = |year, month, day, hour, minute, second, offset| {
            Some(Moment { year, month, day, hour, minute, second, offset })
        };
        for (text, expected) in [
            ("910530182455+0100", at(1991, 5, 30, 18, 24, 55, 60)),
            ("910530182455Z", at(1991, 5, 30, 18, 24, 55, 0)),
            ("9105301824Z", at(1991, 5, 30, 18, 24, 0, 0)),
            ("910530182455", at(1991, 5, 30, 18, 24, 55, 0)),
            ("790101000000-0530", at(2079, 1, 1, 0, 0, 0, -330)),
            ("800101000000Z", at(1980, 1, 1, 0, 0, 0, 0)),
            ("1261123033703Z", at(2026, 11, 23, 3, 37, 3, 0)),
            ("20261123030000Z", at(2026, 11, 23, 3, 0, 0, 0)),
            ("000229000000Z", at(2000, 2, 29, 0, 0, 0, 0)),
            ("010229000000Z", None),
            ("911330182455Z", None),
            ("91053018245", None),
            ("", None),
            ("910530182455+01", None),
        ] {
            assert_eq!(X400Time::new(text).moment(), expected, "{text}");
        }
    }

    #[test]
    fn moments_are_written_with_their_offset() {
        for text in ["910530182455+0100", "000229000000Z", "790101000000-0530"] {
            let moment = X400Time::new(text).moment().unwrap();
            assert_eq!(X400Time::from_moment(moment), X400Time::new(text));
        }
    }
}
