//! Dates: RFC 5322 towards UTCTime and back (RFC 2156 3.3.5).
//!
//! The numeric offset survives in both directions; a two-digit year means 1980 to 2079.

use rasn_x400::prim::X400Time;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// A year UTCTime cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the year {year} is outside 1980 to 2079")]
pub struct YearOutOfRange {
    /// The year.
    pub year: i32,
}

/// `YYMMDDhhmmss±hhmm`, with the offset the date came with (E-14).
///
/// # Errors
/// The year is before 1980 or after 2079 (E-16).
pub fn to_utc_time(date: OffsetDateTime) -> Result<X400Time, YearOutOfRange> {
    let year = date.year();
    if !(1980..=2079).contains(&year) {
        return Err(YearOutOfRange { year });
    }
    let (hours, minutes, _) = date.offset().as_hms();
    let sign = if date.offset().is_negative() { b'-' } else { b'+' };
    let year = u8::try_from(year % 100).unwrap_or_default();
    let date_and_time = [year, date.month().into(), date.day(), date.hour(), date.minute(), date.second()];
    let zone = [hours.unsigned_abs(), minutes.unsigned_abs()];
    let two = |number: u8| [b'0' + number / 10, b'0' + number % 10];
    let mut octets = Vec::with_capacity("YYMMDDhhmmss+hhmm".len());
    octets.extend(date_and_time.into_iter().flat_map(two));
    octets.push(sign);
    octets.extend(zone.into_iter().flat_map(two));
    Ok(X400Time::new(octets))
}

/// The date a UTCTime means, with its offset; `None` if it cannot be read.
#[must_use]
pub fn from_utc_time(time: &X400Time) -> Option<OffsetDateTime> {
    let moment = time.moment()?;
    let date = Date::from_calendar_date(moment.year, Month::try_from(moment.month).ok()?, moment.day).ok()?;
    let clock = Time::from_hms(moment.hour, moment.minute, moment.second.min(59)).ok()?;
    let offset = UtcOffset::from_whole_seconds(i32::from(moment.offset) * 60).ok()?;
    Some(PrimitiveDateTime::new(date, clock).assume_offset(offset))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::message::date::{format_date, parse_date};

    #[test]
    fn dates_go_both_ways() {
        for (mail, utc) in [
            // E-14, E-15
            ("Thu, 30 May 1991 18:24:55 +0100", "910530182455+0100"),
            ("Thu, 30 May 1991 18:20:27 +0100", "910530182027+0100"),
            // H-42
            ("Thu, 1 Jan 2026 00:00:00 +0000", "260101000000+0000"),
            // P-45
            ("Tue, 28 Mar 1989 16:38:00 +0000", "890328163800+0000"),
            ("Sat, 1 Jan 2000 00:00:00 -0930", "000101000000-0930"),
            // E-16
            ("Tue, 1 Jan 1980 00:00:00 +0000", "800101000000+0000"),
            ("Sun, 31 Dec 2079 23:59:59 +0000", "791231235959+0000"),
        ] {
            let date = parse_date(mail).unwrap();
            let time = to_utc_time(date).unwrap();
            assert_eq!(std::str::from_utf8(time.as_bytes()), Ok(utc), "{mail}");
            assert_eq!(format_date(from_utc_time(&time).unwrap()), mail);
        }
    }

    // ledger: mixer Z-43
    #[test]
    fn utc_times_of_others_are_read() {
        for (utc, mail) in [
            // E-15: `Z` becomes +0000
            ("910530182027Z", "Thu, 30 May 1991 18:20:27 +0000"),
            ("9105301820Z", "Thu, 30 May 1991 18:20:00 +0000"),
            // E-16
            ("790101000000Z", "Sun, 1 Jan 2079 00:00:00 +0000"),
            ("800101000000Z", "Tue, 1 Jan 1980 00:00:00 +0000"),
        ] {
            assert_eq!(from_utc_time(&X400Time::new(utc)).map(format_date).as_deref(), Some(mail), "{utc}");
        }
        assert_eq!(from_utc_time(&X400Time::new("yesterday")), None);
    }

    #[test]
    fn a_year_beyond_the_window_is_refused() {
        for mail in ["1 Jan 1979 00:00:00 +0000", "1 Jan 2080 00:00:00 +0000"] {
            to_utc_time(parse_date(mail).unwrap()).unwrap_err();
        }
    }

    proptest::proptest! {
        #![proptest_config(crate::mixer::law::cases(1_000))]

        // ledger: beyond V-13
        #[test]
        fn every_date_of_the_window_survives(seconds in 315_619_200_i64..3_471_206_400, minutes in -1439_i32..1440) {
            let zone = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
            let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap().to_offset(zone);
            proptest::prop_assert_eq!(from_utc_time(&to_utc_time(date).unwrap()), Some(date));
        }
    }
}
