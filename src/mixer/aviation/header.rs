//! The ATS-Message-Header at the start of a text (ICAO Doc 9880 3.3.3; ledger beyond V-05, V-06).

use rasn_x400::x411::envelope::Priority;
use serde::Deserialize;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

const START_OF_HEADING: u8 = 1;
const START_OF_TEXT: u8 = 2;
/// Characters of optional heading information, and of a message of priority SS.
const MAX_OPTIONAL: usize = 53;
const MAX_OPTIONAL_SS: usize = 48;

/// Message priorities of ICAO Annex 10, from distress to administrative messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AtsPriority {
    /// Distress.
    Ss,
    /// Urgency.
    Dd,
    /// Flight safety.
    Ff,
    /// Meteorology, regularity.
    Gg,
    /// Administration.
    Kk,
}

/// V-06: priority, its letters, that of P1, precedence, MT-PRIORITY by the policy MIXER.
const PRIORITIES: [(AtsPriority, &str, Priority, i64, i8); 5] = [
    (AtsPriority::Ss, "SS", Priority::URGENT, 107, 4),
    (AtsPriority::Dd, "DD", Priority::NORMAL, 71, 0),
    (AtsPriority::Ff, "FF", Priority::NORMAL, 57, 0),
    (AtsPriority::Gg, "GG", Priority::NON_URGENT, 28, -4),
    (AtsPriority::Kk, "KK", Priority::NON_URGENT, 14, -4),
];

impl AtsPriority {
    fn row(self) -> (&'static str, Priority, i64, i8) {
        let row = PRIORITIES.iter().find(|row| row.0 == self).unwrap_or(&PRIORITIES[2]);
        (row.1, row.2, row.3, row.4)
    }

    /// Its two letters.
    pub(crate) fn letters(self) -> &'static str {
        self.row().0
    }

    /// That of the transfer service: urgent if and only if this is SS.
    pub(crate) fn priority(self) -> Priority {
        self.row().1
    }

    /// The precedence of a recipient in the extended service.
    pub(crate) fn precedence(self) -> i64 {
        self.row().2
    }

    /// MT-PRIORITY.
    pub(crate) fn mt_priority(self) -> i8 {
        self.row().3
    }

    /// The priority of these letters, any case.
    pub(crate) fn of_letters(letters: &str) -> Option<Self> {
        PRIORITIES.iter().find(|row| row.1.eq_ignore_ascii_case(letters.trim())).map(|row| row.0)
    }

    /// The priority of a precedence of the extended service.
    pub(crate) fn of_precedence(precedence: i64) -> Option<Self> {
        PRIORITIES.iter().find(|row| row.3 == precedence).map(|row| row.0)
    }
}

/// What an ATS message says before its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AtsHeader {
    pub(crate) priority: AtsPriority,
    /// `ddhhmm`, UTC.
    pub(crate) filing_time: String,
    /// Optional heading information, not empty.
    pub(crate) optional: Option<String>,
}

impl AtsHeader {
    /// The header at the start of a text, and where the text itself begins; `None` if there is none or it is broken.
    pub(crate) fn parse(text: &[u8]) -> Option<(Self, usize)> {
        let rest = text.strip_prefix(&[START_OF_HEADING])?;
        let end = rest.iter().position(|&octet| octet == START_OF_TEXT)?;
        let lines = std::str::from_utf8(&rest[..end]).ok()?;
        let mut lines = lines.split_terminator("\r\n");
        let priority = AtsPriority::of_letters(prompted(lines.next()?, "PRI:")?)?;
        // Longer values occur; six digits count.
        let time = prompted(lines.next()?, "FT:")?;
        let filing_time = time.get(..6).filter(|digits| is_filing_time(digits))?.to_owned();
        let optional = match lines.next() {
            None => None,
            // A prompt without anything is tolerated.
            Some(line) => Some(prompted(line, "OHI:")?.to_owned()).filter(|text| !text.is_empty()),
        };
        lines.next().is_none().then_some((Self { priority, filing_time, optional }, end + 2))
    }

    /// The header as it stands before a text.
    pub(crate) fn to_text(&self) -> String {
        let Self { priority, filing_time, optional } = self;
        let mut text = format!("\u{1}PRI: {}\r\nFT: {filing_time}\r\n", priority.letters());
        if let Some(optional) = optional {
            text.push_str(&format!("OHI: {optional}\r\n"));
        }
        text.push('\u{2}');
        text
    }

    /// The moment of filing: the one nearest to when the message was submitted that has this day, hour and minute.
    pub(crate) fn moment(&self, submitted: OffsetDateTime) -> Option<OffsetDateTime> {
        let submitted = submitted.to_offset(UtcOffset::UTC);
        let number = |range: std::ops::Range<usize>| self.filing_time.get(range)?.parse::<u8>().ok();
        let clock = Time::from_hms(number(2..4)?, number(4..6)?, 0).ok()?;
        let day = number(0..2)?;
        let first = submitted.date().replace_day(1).ok()?;
        let before = (first - Duration::days(1)).replace_day(1).ok()?;
        let after = (first + Duration::days(32)).replace_day(1).ok()?;
        let days = [before, first, after].into_iter().filter_map(|month| month.replace_day(day).ok());
        let moments = days.map(|date| PrimitiveDateTime::new(date, clock).assume_utc());
        moments.min_by_key(|moment| (*moment - submitted).abs())
    }
}

/// What may stand as optional heading information of a message of this priority.
pub(crate) fn fitting_optional(text: &str, priority: AtsPriority) -> Option<String> {
    let limit = if priority == AtsPriority::Ss { MAX_OPTIONAL_SS } else { MAX_OPTIONAL };
    let text: String = text.chars().take(limit).collect();
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// `ddhhmm` with numbers that are such.
pub(crate) fn is_filing_time(digits: &str) -> bool {
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|two| two.parse::<u8>().ok());
    digits.len() == 6
        && digits.bytes().all(|octet| octet.is_ascii_digit())
        && number(0..2).is_some_and(|day| (1..=31).contains(&day))
        && number(2..4).is_some_and(|hour| hour < 24)
        && number(4..6).is_some_and(|minute| minute < 60)
}

/// `ddhhmm` of a moment.
pub(crate) fn filing_time(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    format!("{:02}{:02}{:02}", moment.day(), moment.hour(), moment.minute())
}

fn prompted<'a>(line: &'a str, prompt: &str) -> Option<&'a str> {
    line.strip_prefix(prompt).map(str::trim)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use time::macros::datetime;

    use super::*;

    // ledger: beyond V-05
    #[test]
    fn headers_are_read_and_written() {
        let text = "\u{1}PRI: FF\r\nFT: 121200\r\n\u{2}(FPL-...)";
        let header = AtsHeader { priority: AtsPriority::Ff, filing_time: "121200".into(), optional: None };
        let (read, start) = AtsHeader::parse(text.as_bytes()).unwrap();
        assert_eq!((&read, &text[start..]), (&header, "(FPL-...)"));
        assert_eq!(format!("{}(FPL-...)", header.to_text()), text);
        for end in 0..text.find('\u{2}').unwrap() {
            assert_eq!(AtsHeader::parse(&text.as_bytes()[..end]), None, "{end}");
        }
        for (text, optional) in [
            ("\u{1}PRI: KK\r\nFT: 12120000\r\nOHI: HELLO\r\n\u{2}", Some("HELLO")),
            ("\u{1}PRI: KK\r\nFT: 121200\r\nOHI:\r\n\u{2}", None),
        ] {
            assert_eq!(AtsHeader::parse(text.as_bytes()).unwrap().0.optional.as_deref(), optional);
        }
        for text in [
            "\u{1}PRI: XX\r\nFT: 121200\r\n\u{2}",
            "\u{1}PRI: FF\r\nFT: 321200\r\n\u{2}",
            "\u{1}PRI: FF\r\nFT: 122500\r\n\u{2}",
            "\u{1}FT: 121200\r\nPRI: FF\r\n\u{2}",
            "\u{1}PRI: FF\r\nFT: 121200\r\nOHI: A\r\nB\r\n\u{2}",
            "PRI: FF\r\nFT: 121200\r\n\u{2}",
        ] {
            assert_eq!(AtsHeader::parse(text.as_bytes()), None, "{text}");
        }
    }

    // ledger: beyond V-06
    #[test]
    fn priorities() {
        for (letters, priority, precedence, mt) in [
            ("SS", Priority::URGENT, 107, 4),
            ("DD", Priority::NORMAL, 71, 0),
            ("FF", Priority::NORMAL, 57, 0),
            ("GG", Priority::NON_URGENT, 28, -4),
            ("KK", Priority::NON_URGENT, 14, -4),
        ] {
            let found = AtsPriority::of_letters(letters).unwrap();
            assert_eq!(
                (found.letters(), found.priority(), found.precedence()),
                (letters, priority, precedence)
            );
            assert_eq!((found.mt_priority(), AtsPriority::of_precedence(precedence)), (mt, Some(found)));
        }
        assert_eq!(fitting_optional(&"X".repeat(60), AtsPriority::Ss).unwrap().len(), 48);
        assert_eq!(fitting_optional(&"X".repeat(60), AtsPriority::Gg).unwrap().len(), 53);
        assert_eq!(fitting_optional("  ", AtsPriority::Gg), None);
    }

    #[test]
    fn the_month_of_filing_is_the_nearest() {
        for (filed, submitted, moment) in [
            ("121200", datetime!(2025-03-12 12:00:30 UTC), datetime!(2025-03-12 12:00 UTC)),
            ("312359", datetime!(2025-04-01 00:01 UTC), datetime!(2025-03-31 23:59 UTC)),
            ("010001", datetime!(2025-03-31 23:59 UTC), datetime!(2025-04-01 00:01 UTC)),
            ("311200", datetime!(2025-02-28 12:00 UTC), datetime!(2025-03-31 12:00 UTC)),
        ] {
            let header = AtsHeader { priority: AtsPriority::Ff, filing_time: filed.into(), optional: None };
            assert!(
                header
                    .moment(submitted)
                    .is_some_and(|found| (found - submitted).abs() <= (moment - submitted).abs())
            );
        }
        assert_eq!(filing_time(datetime!(2025-03-12 14:00 +2)), "121200");
    }
}
