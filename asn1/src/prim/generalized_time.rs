//! GeneralizedTime with the octets it came in.

use super::moment::{Moment, checked, number, offset, time_string};

time_string! {
    /// A GeneralizedTime as it is written on the wire: relayed unchanged, read laxly.
    pub struct GeneralizedTime = GENERALIZED_TIME
}

impl GeneralizedTime {
    /// A moment with four digits of the year, in seconds: `Z` at offset zero, else a numeric offset (X.680 46.3).
    #[must_use]
    pub fn from_moment(moment: Moment) -> Self {
        Self::new(format!("{:04}{}", moment.year, moment.behind_the_year()))
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
