//! Points in time, and the strings that are times.

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

impl Moment {
    /// Month, day, hour, minute and second in two digits each, then `Z` at offset zero, else the numeric offset.
    pub(super) fn behind_the_year(&self) -> String {
        let Self { month, day, hour, minute, second, offset, .. } = *self;
        let mut text = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}");
        if offset == 0 {
            text.push('Z');
        } else {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.unsigned_abs();
            text.push_str(&format!("{sign}{:02}{:02}", minutes / 60, minutes % 60));
        }
        text
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

/// Declares a time type: octets that are kept as they came. What they mean is for its own methods to say.
macro_rules! time_string {
    ($(#[$meta:meta])* pub struct $name:ident = $tag:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, Default)]
        pub struct $name(Vec<u8>);

        impl $name {
            /// These octets, whatever they are.
            #[must_use]
            pub fn new(octets: impl Into<Vec<u8>>) -> Self {
                Self(octets.into())
            }

            /// The octets.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0.escape_ascii())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl rasn::AsnType for $name {
            const TAG: rasn::types::Tag = rasn::types::Tag::$tag;
        }

        impl rasn::Decode for $name {
            fn decode_with_tag_and_constraints<D: rasn::Decoder>(
                decoder: &mut D,
                tag: rasn::types::Tag,
                _: &rasn::types::Constraints,
            ) -> Result<Self, D::Error> {
                decoder.decode_octet_string::<Vec<u8>>(tag, &rasn::types::Constraints::NONE).map(Self)
            }
        }

        impl rasn::Encode for $name {
            fn encode_with_tag_and_constraints<'b, E: rasn::Encoder<'b>>(
                &self,
                encoder: &mut E,
                tag: rasn::types::Tag,
                _: &rasn::types::Constraints,
                identifier: rasn::types::Identifier,
            ) -> Result<(), E::Error> {
                encoder
                    .encode_octet_string(tag, &rasn::types::Constraints::NONE, &self.0, identifier)
                    .map(drop)
            }
        }
    };
}
pub(super) use time_string;
