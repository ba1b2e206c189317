//! Dates of RFC 5322, and the illegal ones in common use (E-17).
//!
//! The offset from UTC is kept: MIXER carries it into X.400 (E-14).

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::lexer::{Kind, tokens};

/// Reads a date. Besides RFC 5322 and RFC 822: missing day of week, seconds or zone (read as UTC), two- and three-digit
/// years, named zones, dashes in the date, the C library's order, and RFC 3339.
#[must_use]
pub fn parse_date(value: &str) -> Option<OffsetDateTime> {
    usual(value).or_else(|| any(value))
}

/// Reads `Thu, 30 May 1991 18:24:55 +0100 (BST)`, with one or two digits for the day, and perhaps no comment: nearly all
/// dates are of this form.
fn usual(value: &str) -> Option<OffsetDateTime> {
    let value = match value.split_once(" (") {
        Some((value, comment)) => {
            let inner = comment.strip_suffix(')')?;
            (!inner.contains(['(', ')', '\\'])).then_some(value)?
        }
        None => value,
    };
    let octets = value.as_bytes();
    let digit = |octet: u8| octet.is_ascii_digit().then(|| octet - b'0');
    let two = |octets: [u8; 2]| Some(digit(octets[0])? * 10 + digit(octets[1])?);
    let [_, _, _, b',', b' ', rest @ ..] = octets else { return None };
    let (day, rest) = match rest {
        [one, b' ', rest @ ..] => (digit(*one)?, rest),
        [ten, one, b' ', rest @ ..] => (two([*ten, *one])?, rest),
        _ => return None,
    };
    let &[m, n, o, b' ', y, e, a, r, b' ', h, i, b':', u, v, b':', s, t, b' ', sign, p, q, z, w] = rest
    else {
        return None;
    };
    let day_of_week = value.get(..3)?.to_ascii_lowercase();
    let month = month(std::str::from_utf8(&[m, n, o]).ok()?.to_ascii_lowercase().as_str())?;
    let year = i32::from(two([y, e])?) * 100 + i32::from(two([a, r])?);
    let second = two([s, t])?;
    // 60 is a leap second, which neither UTCTime nor this type can hold.
    let time = Time::from_hms(two([h, i])?, two([u, v])?, if second == 60 { 59 } else { second }).ok()?;
    let (hours, minutes) = (i8::try_from(two([p, q])?).ok()?, i8::try_from(two([z, w])?).ok()?);
    let sign = match sign {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if hours > 23 || minutes > 59 || !weekday(&day_of_week) {
        return None;
    }
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let zone = UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_offset(zone))
}

/// Reads any of them.
fn any(value: &str) -> Option<OffsetDateTime> {
    let mut found = Found::default();
    for word in words(value).split_ascii_whitespace() {
        found.take(word)?;
    }
    found.finish()
}

/// Writes a date as RFC 5322 does, with the day of week, a four-digit year and a numeric zone (E-15).
#[must_use]
pub fn format_date(date: OffsetDateTime) -> String {
    let (hours, minutes, _) = date.offset().as_hms();
    let sign = if date.offset().is_negative() { '-' } else { '+' };
    let weekday = &date.weekday().to_string()[..3];
    let month = &date.month().to_string()[..3];
    format!(
        "{weekday}, {} {month} {:04} {:02}:{:02}:{:02} {sign}{:02}{:02}",
        date.day(),
        date.year(),
        date.hour(),
        date.minute(),
        date.second(),
        hours.unsigned_abs(),
        minutes.unsigned_abs()
    )
}

/// The words of a date in lower case, white space between them: comments and commas removed.
fn words(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for token in tokens(value) {
        match token.kind {
            Kind::Comment | Kind::Special(',') => text.push(' '),
            _ => {
                if token.spaced {
                    text.push(' ');
                }
                text.push_str(token.text);
            }
        }
    }
    text.make_ascii_lowercase();
    text
}

#[derive(Default)]
struct Found {
    day: Option<u8>,
    month: Option<Month>,
    year: Option<i32>,
    time: Option<Time>,
    zone: Option<UtcOffset>,
}

impl Found {
    /// Takes one word; `None` means that the value is no date.
    fn take(&mut self, word: &str) -> Option<()> {
        if self.rfc_3339(word).is_some() || (self.day.is_none() && weekday(word)) {
            return Some(());
        }
        if word.contains('-') && self.day.is_none() && self.month.is_none() {
            let mut parts = word.splitn(3, '-');
            self.number(parts.next()?)?;
            self.month = Some(month(parts.next()?)?);
            return self.number(parts.next()?);
        }
        if self.time.is_none() && (word.contains(':') || (word.contains('.') && self.day.is_some())) {
            return self.clock(word);
        }
        if self.month.is_none()
            && let Some(month) = month(word)
        {
            self.month = Some(month);
            return Some(());
        }
        if self.time.is_some()
            && self.zone.is_none()
            && let Some(zone) = zone(word)
        {
            self.zone = Some(zone);
            return Some(());
        }
        if (word == "am" || word == "pm") && self.time.is_some() {
            return self.half_day(word == "pm");
        }
        if self.year.is_some() && self.time.is_some() {
            // A word after a complete date, such as a zone name without parentheses after the numeric zone.
            return word.chars().all(|c| c.is_ascii_alphabetic()).then_some(());
        }
        self.number(word)
    }

    fn number(&mut self, word: &str) -> Option<()> {
        if word.is_empty() || word.len() > 4 || !word.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        let value: i32 = word.parse().ok()?;
        if self.day.is_none() && word.len() <= 2 {
            self.day = u8::try_from(value).ok();
        } else if self.year.is_none() {
            self.year = Some(match (word.len(), value) {
                (1 | 2, 0..=49) => 2000 + value,
                (1..=3, _) => 1900 + value,
                _ => value,
            });
        } else {
            return None;
        }
        Some(())
    }

    fn clock(&mut self, word: &str) -> Option<()> {
        // A zone may stick to the time: `18:24:55+0100`, `10:00:00z`.
        let end = word.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(word.len());
        let (clock, rest) = word.split_at(end);
        if !rest.is_empty() {
            self.zone = Some(zone(rest)?);
        }
        let mut parts = clock.split([':', '.']);
        let mut next = |required: bool| match parts.next() {
            Some(part) if !part.is_empty() && part.len() <= 2 => part.parse::<u8>().ok(),
            None if !required => Some(0),
            _ => None,
        };
        let (hour, minute, second) = (next(true)?, next(true)?, next(false)?);
        // 60 is a leap second, which neither UTCTime nor this type can hold.
        self.time = Some(Time::from_hms(hour, minute, if second == 60 { 59 } else { second }).ok()?);
        Some(())
    }

    fn half_day(&mut self, afternoon: bool) -> Option<()> {
        let time = self.time?;
        let hour = match (time.hour(), afternoon) {
            (12, false) => 0,
            (hour @ 1..=11, true) => hour + 12,
            (hour, _) => hour,
        };
        self.time = Some(time.replace_hour(hour).ok()?);
        Some(())
    }

    /// `2026-01-02` or `2026-01-02t03:04:05z`
    fn rfc_3339(&mut self, word: &str) -> Option<()> {
        let (date, clock) = word.split_once('t').map_or((word, None), |(date, clock)| (date, Some(clock)));
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if year.len() != 4
            || month.len() != 2
            || day.len() != 2
            || parts.next().is_some()
            || self.year.is_some()
        {
            return None;
        }
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let (year, day) = (year.parse().ok()?, day.parse().ok()?);
        if let Some(clock) = clock {
            self.clock(clock)?;
        }
        (self.year, self.month, self.day) = (Some(year), Some(month), Some(day));
        Some(())
    }

    fn finish(self) -> Option<OffsetDateTime> {
        let date = Date::from_calendar_date(self.year?, self.month?, self.day?).ok()?;
        let zone = self.zone.unwrap_or(UtcOffset::UTC);
        Some(PrimitiveDateTime::new(date, self.time.unwrap_or(Time::MIDNIGHT)).assume_offset(zone))
    }
}

fn weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.trim_end_matches('.');
    word.len() >= 3 && DAYS.iter().any(|day| day.starts_with(word))
}

fn month(word: &str) -> Option<Month> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = if word == "sept" { "sep" } else { word };
    let index = MONTHS.iter().position(|month| word.len() >= 3 && month.starts_with(word))?;
    Month::try_from(u8::try_from(index + 1).ok()?).ok()
}

/// Numeric zones (`+0100`, `+01:00`, `gmt+1` is not one) and the names of RFC 822 and of common illegal use.
fn zone(word: &str) -> Option<UtcOffset> {
    if let Some(digits) = word.strip_prefix(['+', '-']) {
        let digits = digits.replace(':', "");
        if digits.len() != 4 || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        let (hours, minutes): (i8, i8) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
        if minutes > 59 || hours > 23 {
            return None;
        }
        let sign = if word.starts_with('-') { -1 } else { 1 };
        return UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok();
    }
    let hours = match word {
        "ut" | "gmt" | "utc" | "z" | "wet" => 0,
        "bst" | "cet" | "met" | "mez" | "west" => 1,
        "cest" | "mest" | "mesz" | "eet" => 2,
        "eest" | "msk" => 3,
        "jst" | "kst" => 9,
        "aest" => 10,
        "adt" => -3,
        "edt" | "ast" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        // Other single letters were defined with the wrong sign once; RFC 5322 4.3 reads them as UTC.
        letter if letter.len() == 1 && letter.bytes().all(|octet| octet.is_ascii_alphabetic()) => 0,
        _ => return None,
    };
    UtcOffset::from_hms(hours, 0, 0).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// The quick reader says what the other says, or leaves it to that.
        #[test]
        fn usual_dates_are_read_alike(
            date in "(Mon|Tue|thu|Xyz), [0-3]?[0-9] (Jan|Feb|feb|May|Sep|Foo) [12][0-9]{3} \
    [0-2][0-9]:[0-5][0-9]:[0-6][0-9] [+-][0-2][0-9][0-6][0-9]( \\([A-Z]{0,3}\\))?"
        ) {
            let read = usual(&date);
            proptest::prop_assert!(read.is_none() || read == any(&date), "{}: {:?}, {:?}", date, read, any(&date));
        }
    }

    #[test]
    fn dates_legal_and_illegal() {
        for (value, expected) in [
            // E-14, E-15
            ("Thu, 30 May 1991 18:24:55 +0100", "Thu, 30 May 1991 18:24:55 +0100"),
            ("30 May 1991 18:24 +0100", "Thu, 30 May 1991 18:24:00 +0100"),
            // P-45: two-digit year and named zone
            ("28 Mar 89 16:38 GMT", "Tue, 28 Mar 1989 16:38:00 +0000"),
            ("Tue, 20 Jun 89 19:25:11 +0100", "Tue, 20 Jun 1989 19:25:11 +0100"),
            ("Mon, 1 Jan 24 00:00:00 -0500 (EST)", "Mon, 1 Jan 2024 00:00:00 -0500"),
            ("Mon, 1 Jan 124 00:00:00 EST", "Mon, 1 Jan 2024 00:00:00 -0500"),
            ("Mon Jan  1 10:11:12 2024", "Mon, 1 Jan 2024 10:11:12 +0000"),
            ("Mon Jan  1 10:11:12 CET 2024", "Mon, 1 Jan 2024 10:11:12 +0100"),
            ("Thursday, 30-May-91 18:24:55 PDT", "Thu, 30 May 1991 18:24:55 -0700"),
            ("2026-01-02T03:04:05Z", "Fri, 2 Jan 2026 03:04:05 +0000"),
            ("2026-01-02 03:04:05 +05:30", "Fri, 2 Jan 2026 03:04:05 +0530"),
            ("1 (first) Jan 2024 (comment (nested)) 1:02:03 +0000", "Mon, 1 Jan 2024 01:02:03 +0000"),
            ("1 Jan 2024 11:00 PM +0100", "Mon, 1 Jan 2024 23:00:00 +0100"),
            ("31 Dec 2016 23:59:60 +0000", "Sat, 31 Dec 2016 23:59:59 +0000"),
            ("1 Jan 2024 12:00:00 -0000", "Mon, 1 Jan 2024 12:00:00 +0000"),
            ("1 Jan 2024 12:00:00 A", "Mon, 1 Jan 2024 12:00:00 +0000"),
            ("1 Jan 2024", "Mon, 1 Jan 2024 00:00:00 +0000"),
        ] {
            assert_eq!(parse_date(value).map(format_date).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for value in [
            "",
            "yesterday",
            "sometime",
            "31 Feb 2024 00:00 +0000",
            "1 Jan 2024 25:00",
            "1 Jan 2024 00:00 +2500",
            "Jan",
            "1 2 3",
        ] {
            assert_eq!(parse_date(value), None, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_written_date_reads_back(seconds in 0_i64..4_000_000_000, minutes in -1439_i32..1440) {
            let zone = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
            let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap().to_offset(zone);
            proptest::prop_assert_eq!(parse_date(&format_date(date)), Some(date));
        }

        #[test]
        fn nothing_panics(value in "[0-9a-z:.,()+\\- ]{0,40}") {
            let _ = parse_date(&value);
        }
    }
}
