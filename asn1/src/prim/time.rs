//! UTCTime with the octets it came in.

use super::moment::{Moment, checked, number, offset, time_string};

time_string! {
    /// A UTCTime as it is written on the wire: relayed unchanged, read laxly.
    pub struct X400Time = UTC_TIME
}

impl X400Time {
    /// A moment as UTCTime: `Z` at offset zero, else a numeric offset (RFC 2156 3.3.5). The century is dropped.
    #[must_use]
    pub fn from_moment(moment: Moment) -> Self {
        let year = moment.year.rem_euclid(100);
        Self::new(format!("{year:02}{}", moment.behind_the_year()))
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
