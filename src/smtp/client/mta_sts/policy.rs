//! A policy (RFC 8461 3.2), and the record that says there is one (3.1).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Longest a policy holds (RFC 8461 3.2).
const LONGEST: Duration = Duration::from_secs(31_557_600);

/// What a domain wants of those who send it mail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Policy {
    /// How much it wants it.
    pub mode: Mode,
    /// The servers that take its mail: `mx.example.org`, that one; `*.example.org`, those one label below.
    pub exchanges: Vec<String>,
    /// How long it holds.
    pub max_age: Duration,
}

/// How much a domain wants its policy kept (RFC 8461 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Mail goes to servers of the policy with good certificates, or not at all.
    Enforce,
    /// What would not be kept is only told.
    Testing,
    /// There is no policy any longer.
    None,
}

impl Policy {
    /// A policy as it is fetched.
    ///
    /// # Errors
    /// What is wrong with it, and in which line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut version, mut mode, mut max_age) = (None, None, None);
        let mut exchanges = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let wrong = |what: &str| format!("line {}: {what}: `{}`", number + 1, line.escape_debug());
            let (key, value) = line.split_once(':').ok_or_else(|| wrong("no key with a value"))?;
            let value = value.trim();
            // RFC 8461 3.2: of what may be there once, the first counts; keys nobody knows say nothing.
            match key.trim() {
                "version" => version = version.or_else(|| Some(value.to_owned())),
                "mode" => {
                    let said = match value {
                        "enforce" => Mode::Enforce,
                        "testing" => Mode::Testing,
                        "none" => Mode::None,
                        _ => return Err(wrong("expected enforce, testing or none")),
                    };
                    mode = mode.or(Some(said));
                }
                "max_age" => {
                    let seconds = value.parse().map_err(|_| wrong("expected a number of seconds"))?;
                    let said = Duration::from_secs(seconds).min(LONGEST);
                    max_age = max_age.or(Some(said));
                }
                "mx" => exchanges.push(value.trim_end_matches('.').to_lowercase()),
                _ => {}
            }
        }
        if version.as_deref() != Some("STSv1") {
            return Err("it is not of version STSv1".to_owned());
        }
        let mode = mode.ok_or("it has no mode")?;
        let max_age = max_age.ok_or("it has no max_age")?;
        if exchanges.is_empty() && mode != Mode::None {
            return Err("it names no mx".to_owned());
        }
        Ok(Self { mode, exchanges, max_age })
    }

    /// Whether a server is one of those of the policy (RFC 8461 4.1).
    #[must_use]
    pub fn names(&self, server: &str) -> bool {
        let server = server.to_lowercase();
        self.exchanges.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(parent) => server.split_once('.').is_some_and(|(_, above)| above == parent),
            None => *pattern == server,
        })
    }
}

/// What the policy is called that the texts of `_mta-sts.DOMAIN` speak of; `None` if they speak of none (RFC 8461 3.1).
pub(super) fn identifier(texts: &[String]) -> Option<String> {
    let mut records = texts.iter().filter(|text| {
        let rest = text.strip_prefix("v=STSv1");
        rest.is_some_and(|rest| rest.trim_start().starts_with(';'))
    });
    // More than one are none.
    let (Some(record), None) = (records.next(), records.next()) else { return None };
    let fields = record.split(';').filter_map(|field| field.trim().split_once('='));
    let id = fields.filter(|(key, _)| key.trim() == "id").map(|(_, value)| value.trim()).next()?;
    let good = (1..=32).contains(&id.len()) && id.bytes().all(|octet| octet.is_ascii_alphanumeric());
    good.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read() {
        let good = "version: STSv1\r\nmode: enforce\r\nmx: MX1.b.example\r\nmx: *.c.example.\r\nmax_age: 86400\r\nnew: x\r\n";
        let policy = Policy::parse(good).unwrap();
        assert_eq!((policy.mode, policy.max_age.as_secs()), (Mode::Enforce, 86_400));
        for (server, named) in [
            ("mx1.b.example", true),
            ("mx1.B.EXAMPLE", true),
            ("mx2.b.example", false),
            ("a.c.example", true),
            ("a.b.c.example", false),
            ("c.example", false),
        ] {
            assert_eq!(policy.names(server), named, "{server}");
        }
        for (text, wrong) in [
            ("mode: enforce\nmx: a.example\nmax_age: 1", "it is not of version STSv1"),
            ("version: STSv2\nmode: none\nmax_age: 1", "it is not of version STSv1"),
            ("version: STSv1\nmx: a.example\nmax_age: 1", "it has no mode"),
            ("version: STSv1\nmode: testing\nmx: a.example", "it has no max_age"),
            ("version: STSv1\nmode: testing\nmax_age: 1", "it names no mx"),
            ("version: STSv1\nmode: never", "line 2: expected enforce, testing or none: `mode: never`"),
            ("version: STSv1\nmax_age: long", "line 2: expected a number of seconds: `max_age: long`"),
            ("<html>", "line 1: no key with a value: `<html>`"),
        ] {
            assert_eq!(Policy::parse(text).unwrap_err(), wrong);
        }
        let none = Policy::parse("version: STSv1\nmode: none\nmax_age: 99999999999").unwrap();
        assert_eq!((none.mode, none.max_age), (Mode::None, LONGEST));
    }

    #[test]
    fn records_say_what_the_policy_is_called() {
        for (texts, expected) in [
            (&["v=STSv1; id=20160831085700Z;"][..], Some("20160831085700Z")),
            (&["v=spf1 -all", "v=STSv1;id=1"], Some("1")),
            (&["v=STSv1; id=1", "v=STSv1; id=2"], None),
            (&["v=STSv1; id="], None),
            (&["v=STSv1; id=a-b"], None),
            (&["v=STSv10; id=1"], None),
            (&["v=STSv1"], None),
            (&[], None),
        ] {
            let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(identifier(&texts).as_deref(), expected, "{texts:?}");
        }
    }
}
