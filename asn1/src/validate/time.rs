//! Times.

use super::validator::Validator;
use super::violation::Rule;
use crate::prim::X400Time;

impl Validator {
    /// Judges a time that is a member.
    pub fn time(&mut self, name: &'static str, time: &X400Time) {
        self.within(name, |validator| validator.this_time(time));
    }

    /// Judges a time in the place that is being looked at.
    pub fn this_time(&mut self, time: &X400Time) {
        if time.moment().is_none() {
            self.error(Rule::Time, CLAUSE, format!("`{time}` is no time"));
        } else if !is_standard(time.as_bytes()) {
            self.report(
                super::Severity::Warning,
                Rule::Time,
                CLAUSE,
                format!("`{time}` is not written as YYMMDDhhmm[ss] with Z or ±hhmm"),
                Some("systems differ in what they make of it, or refuse it"),
            );
        }
    }

    /// A time that ought not to be earlier than another one; times nobody understands are judged elsewhere.
    pub fn not_before(
        &mut self,
        name: &'static str,
        time: &X400Time,
        (other, than): (&str, &X400Time),
        clause: &'static str,
    ) {
        let (Some(late), Some(early)) = (seconds(time), seconds(than)) else { return };
        if late < early {
            self.within(name, |validator| {
                validator.warning(Rule::Order, clause, format!("`{time}` is before {other} `{than}`"));
            });
        }
    }
}

const CLAUSE: &str = "X.411 8.5.4, X.680 47.3";

/// Ten or twelve digits, then the zone.
fn is_standard(octets: &[u8]) -> bool {
    let digits = octets.iter().take_while(|octet| octet.is_ascii_digit()).count();
    matches!(digits, 10 | 12) && !octets[digits..].is_empty()
}

/// Seconds since the beginning of 1970, in UTC.
pub(super) fn seconds(time: &X400Time) -> Option<i64> {
    let moment = time.moment()?;
    // Days since 0000-03-01, counted in years that begin with March.
    let (month, year) = match moment.month {
        1 | 2 => (i64::from(moment.month) + 9, i64::from(moment.year) - 1),
        month => (i64::from(month) - 3, i64::from(moment.year)),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + i64::from(moment.day) - 1 - 719_468;
    let minutes =
        (days * 24 + i64::from(moment.hour)) * 60 + i64::from(moment.minute) - i64::from(moment.offset);
    Some(minutes * 60 + i64::from(moment.second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_count_from_1970() {
        for (text, expected) in [
            ("000101000000Z", Some(946_684_800)),
            ("000229235959Z", Some(951_868_799)),
            ("910530182455+0100", Some(675_624_295)),
            ("x", None),
        ] {
            assert_eq!(seconds(&X400Time::new(text)), expected, "{text}");
        }
    }

    #[test]
    fn what_others_would_not_read_is_said() {
        let judged = |text: &str| {
            let mut validator = Validator::default();
            validator.time("t", &X400Time::new(text));
            validator.finish().first().map(|violation| violation.severity)
        };
        use crate::validate::Severity;
        assert_eq!(judged("910530182455Z"), None);
        assert_eq!(judged("9105301824+0100"), None);
        assert_eq!(judged("910530182455"), Some(Severity::Warning));
        assert_eq!(judged("1261123033703Z"), Some(Severity::Warning));
        assert_eq!(judged("noon"), Some(Severity::Error));
    }
}
