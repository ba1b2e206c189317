//! Durations as an operator writes them: a number and `s`, `m`, `h` or `d`, from a second to ten years.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error};

/// Reads `90s`, `5m`, `2h` or `5d`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| {
        D::Error::custom(format!(
            "`{text}` is not a duration; write a number and s, m, h or d, such as \"5m\", from 1s to 3650d"
        ))
    })
}

/// The same for a key that may be missing.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    deserialize(deserializer).map(Some)
}

/// The same of a text.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number: u64 = text[..text.len() - 1].trim_end().parse().ok()?;
    let seconds = number.checked_mul(seconds)?;
    (1..=LONGEST).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// In seconds; far below what clocks can be added to.
const LONGEST: u64 = 3_650 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in
            [("90s", Some(90)), ("5m", Some(300)), ("2 h", Some(7200)), ("5d", Some(432_000))]
        {
            assert_eq!(parse(text).map(|duration| duration.as_secs()), seconds, "{text}");
        }
        for text in ["", "5", "m", "-5m", "5w", "99999999999999999999d", "5µ", "0s", "3651d"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
