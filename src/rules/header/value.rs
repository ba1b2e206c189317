//! How the value of a field becomes that of a heading field or extension, and back.

use std::collections::BTreeMap;

/// A template around a value, and values that stand for each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueMap {
    before: String,
    after: String,
    /// Whether the template has no place for the value.
    constant: bool,
    /// On the Internet, in X.400.
    pairs: Vec<(String, String)>,
}

/// The place of the value in a template.
const PLACE: &str = "{value}";

impl ValueMap {
    /// A template such as `[P] {value}`, and pairs of values: on the Internet, in X.400.
    ///
    /// # Errors
    /// What is wrong with the template.
    pub(super) fn new(template: Option<&str>, pairs: BTreeMap<String, String>) -> Result<Self, String> {
        let template = template.unwrap_or(PLACE);
        let (before, after, constant) = match template.split_once(PLACE) {
            Some((before, after)) => (before, after, false),
            None => (template, "", true),
        };
        if [before, after].iter().any(|text| text.contains(['{', '}'])) {
            return Err(format!(
                "`{template}` has another thing in braces than `{{value}}`, or has it twice"
            ));
        }
        if template.chars().any(char::is_control) {
            return Err("a value is one line".to_owned());
        }
        let pairs = pairs.into_iter().collect();
        Ok(Self { before: before.to_owned(), after: after.to_owned(), constant, pairs })
    }

    /// Whether every value stays as it is.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The value in X.400; `None` if the pairs do not have it.
    #[must_use]
    pub fn to_x400(&self, value: &str) -> Option<String> {
        let value = value.trim();
        let value = match self.pairs.is_empty() {
            true => value,
            false => self
                .pairs
                .iter()
                .find(|(internet, _)| same(internet, value))
                .map(|(_, x400)| x400.as_str())?,
        };
        let value = if self.constant { "" } else { value };
        Some(format!("{}{value}{}", self.before, self.after))
    }

    /// The value on the Internet; `None` if it is none that this made.
    #[must_use]
    pub fn to_internet(&self, value: &str) -> Option<String> {
        if self.constant {
            return None;
        }
        let value = value.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        match self.pairs.is_empty() {
            true => Some(value.to_owned()),
            false => {
                self.pairs.iter().find(|(_, x400)| same(x400, value)).map(|(internet, _)| internet.clone())
            }
        }
    }

    /// Why it does not lead back, with a value that goes astray.
    pub(super) fn not_invertible(&self) -> Option<String> {
        if self.constant {
            return Some(format!("every value becomes `{}`, which leads back to none", self.before));
        }
        self.pairs.iter().enumerate().find_map(|(index, (internet, x400))| {
            let (earlier, _) = self.pairs[..index].iter().find(|(_, other)| same(other, x400))?;
            let becomes = format!("{}{x400}{}", self.before, self.after);
            Some(format!(
                "`{earlier}` and `{internet}` both become `{becomes}`, which leads back to `{earlier}`"
            ))
        })
    }

    /// A value of X.400 that both could have made; a sample where there are endless ones.
    pub(super) fn both_make(&self, other: &Self) -> Option<String> {
        let samples = |one: &Self, further: &Self| {
            let free = || {
                vec![
                    one.to_x400("x").unwrap_or_default(),
                    format!(
                        "{}{}{}",
                        longer(&one.before, &further.before),
                        "x",
                        longer(&one.after, &further.after),
                    ),
                ]
            };
            match one.pairs.is_empty() {
                true => free(),
                false => one.pairs.iter().filter_map(|(internet, _)| one.to_x400(internet)).collect(),
            }
        };
        let mut all = samples(self, other).into_iter().chain(samples(other, self));
        all.find(|value| self.to_internet(value).is_some() && other.to_internet(value).is_some())
    }
}

fn longer<'a>(one: &'a str, other: &'a str) -> &'a str {
    if one.len() >= other.len() { one } else { other }
}

/// Values are equal in any case.
fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(template: &str, pairs: &[(&str, &str)]) -> ValueMap {
        let pairs = pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned()));
        ValueMap::new(Some(template), pairs.collect()).unwrap()
    }

    #[test]
    fn values_there_and_back() {
        let priority = [("1", "high"), ("5", "low")];
        for (template, pairs, internet, x400) in [
            ("{value}", &[][..], "7", "7"),
            ("[P] {value}", &[], "7", "[P] 7"),
            ("<{value}>", &[], "a b", "<a b>"),
            ("{value}", &priority, "1", "high"),
            ("p={value}", &priority, "5", "p=low"),
        ] {
            let map = map(template, pairs);
            assert_eq!(map.to_x400(internet).as_deref(), Some(x400));
            assert_eq!(map.to_internet(x400).as_deref(), Some(internet));
            assert_eq!(map.not_invertible(), None);
        }
        let map = map("p={value}", &priority);
        assert_eq!(map.to_x400(" 1 ").as_deref(), Some("p=high"));
        assert_eq!(map.to_internet("p=HIGH").as_deref(), Some("1"));
        assert_eq!(
            (map.to_x400("3"), map.to_internet("high"), map.to_internet("p=normal")),
            (None, None, None)
        );
    }

    #[test]
    fn what_does_not_lead_back() {
        assert_eq!(map("high", &[]).to_x400("1").as_deref(), Some("high"));
        assert!(map("high", &[]).not_invertible().unwrap().contains("leads back to none"));
        let twice = map("{value}", &[("1", "high"), ("2", "High")]).not_invertible().unwrap();
        assert_eq!(twice, "`1` and `2` both become `High`, which leads back to `1`");
        for (one, other, both) in [
            (map("{value}", &[]), map("[P] {value}", &[]), Some("[P] x")),
            (map("[Q] {value}", &[]), map("[P] {value}", &[]), None),
            (map("{value}", &[("1", "high")]), map("{value}", &[("a", "HIGH"), ("b", "low")]), Some("high")),
            (map("{value}", &[("1", "high")]), map("{value}", &[("b", "low")]), None),
        ] {
            assert_eq!(one.both_make(&other).as_deref(), both, "{one:?} {other:?}");
        }
        for wrong in ["{value} {value}", "{name}", "a\nb"] {
            ValueMap::new(Some(wrong), BTreeMap::new()).unwrap_err();
        }
    }
}
