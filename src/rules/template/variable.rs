//! Variables of templates, and what becomes of their values on the way. Everything has an inverse: what cannot be taken
//! back is not done.

use std::collections::HashMap;

/// What is done to the letters of a value towards X.400. Towards the Internet they become small ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Case {
    /// The first letter of each word becomes a capital, the others small ones.
    Capitalize,
    /// All become capitals.
    Upper,
    /// All become small.
    Lower,
    /// They stay as they are, in both directions.
    #[default]
    Keep,
}

/// A variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) case: Case,
    /// Characters of the Internet side and what they are in X.400.
    pub(crate) replace: Vec<(char, char)>,
    /// Values and what they are in X.400; if there are any, no others match.
    pub(crate) map: Option<Mapping>,
    /// The separator of parts, of which each is a value.
    pub(crate) split: Option<char>,
    /// The values of the Internet side, in lower case; if there are any, no others match.
    pub(crate) one_of: Vec<String>,
}

/// Pairs of values, found by either in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mapping {
    pairs: Vec<(String, String)>,
    by_internet: HashMap<String, usize>,
    by_x400: HashMap<String, usize>,
}

impl Mapping {
    /// Adds a pair, unless one of its values is there.
    pub(crate) fn add(&mut self, internet: &str, x400: &str) -> Result<(), String> {
        let number = self.pairs.len();
        for (index, value) in [(&self.by_internet, internet), (&self.by_x400, x400)] {
            let known = index.get(&value.to_ascii_lowercase()).and_then(|known| self.pairs.get(*known));
            if let Some((one, two)) = known {
                return Err(format!("`{internet}` = `{x400}` and `{one}` = `{two}` share `{value}`"));
            }
        }
        self.by_internet.insert(internet.to_ascii_lowercase(), number);
        self.by_x400.insert(x400.to_ascii_lowercase(), number);
        self.pairs.push((internet.to_owned(), x400.to_owned()));
        Ok(())
    }

    fn internet_values(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(internet, _)| internet.as_str())
    }

    fn x400_values(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(_, x400)| x400.as_str())
    }
}

impl Variable {
    /// The values on the Internet side, if not everything matches.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        let mapped = self.map.iter().flat_map(Mapping::internet_values);
        mapped.chain(self.one_of.iter().map(String::as_str))
    }

    /// The values in X.400 of what stands on the Internet side: one, or one for each part, the last part first.
    pub(crate) fn to_x400(&self, text: &str) -> Result<Vec<String>, String> {
        match self.split {
            None => Ok(vec![self.one_to_x400(text)?]),
            Some(separator) => text.rsplit(separator).map(|part| self.one_to_x400(part)).collect(),
        }
    }

    /// What stands on the Internet side for values in X.400.
    pub(crate) fn to_internet(&self, values: &[String]) -> Result<String, String> {
        let mut text = String::new();
        for value in values.iter().rev() {
            if let (false, Some(separator)) = (text.is_empty(), self.split) {
                text.push(separator);
            }
            text.push_str(&self.one_to_internet(value)?);
        }
        Ok(text)
    }

    fn one_to_x400(&self, text: &str) -> Result<String, String> {
        let name = &self.name;
        if text.is_empty() {
            return Err(format!("a part of {name} is empty"));
        }
        if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
            return Err(format!(
                "{name} has spaces at an end or several together, which X.400 does not keep"
            ));
        }
        if !self.one_of.is_empty() && !self.one_of.contains(&text.to_ascii_lowercase()) {
            return Err(none_of(text, self.one_of.iter().map(String::as_str)));
        }
        if let Some(map) = &self.map {
            let found =
                map.by_internet.get(&text.to_ascii_lowercase()).and_then(|number| map.pairs.get(*number));
            return match found {
                Some((_, x400)) => Ok(x400.clone()),
                None => Err(none_of(text, map.internet_values())),
            };
        }
        let replaced = self.replaced(text, false)?;
        Ok(match self.case {
            Case::Capitalize => capitalized(&replaced),
            Case::Upper => replaced.to_ascii_uppercase(),
            Case::Lower => replaced.to_ascii_lowercase(),
            Case::Keep => replaced,
        })
    }

    fn one_to_internet(&self, value: &str) -> Result<String, String> {
        if let Some(map) = &self.map {
            let found =
                map.by_x400.get(&value.to_ascii_lowercase()).and_then(|number| map.pairs.get(*number));
            return match found {
                Some((internet, _)) => Ok(internet.clone()),
                None => Err(none_of(value, map.x400_values())),
            };
        }
        let cased = match self.case {
            Case::Keep => value.to_owned(),
            Case::Capitalize | Case::Upper | Case::Lower => value.to_ascii_lowercase(),
        };
        let text = self.replaced(&cased, true)?;
        if !self.one_of.is_empty() && !self.one_of.contains(&text.to_ascii_lowercase()) {
            return Err(none_of(&text, self.one_of.iter().map(String::as_str)));
        }
        Ok(text)
    }

    /// Replaces characters. One that stands only for another on this side would not come back.
    fn replaced(&self, text: &str, back: bool) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        for character in text.chars() {
            let pair = |&&(internet, x400): &&(char, char)| character == if back { x400 } else { internet };
            let other = |&&(internet, x400): &&(char, char)| character == if back { internet } else { x400 };
            match self.replace.iter().find(pair) {
                Some((internet, x400)) => out.push(if back { *internet } else { *x400 }),
                None => match self.replace.iter().find(other) {
                    Some((internet, x400)) => {
                        let name = &self.name;
                        return Err(format!(
                            "`{internet}` is `{x400}` in X.400, so `{text}` would not come back as {name}"
                        ));
                    }
                    None => out.push(character),
                },
            }
        }
        Ok(out)
    }
}

/// `Nord` is none of north, south.
fn none_of<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 6;
    let mut known: Vec<&str> = known.take(SHOWN + 1).collect();
    if known.len() > SHOWN {
        known[SHOWN] = "…";
    }
    format!("`{text}` is none of {}", known.join(", "))
}

/// Words begin at the start and after what is no letter or digit.
fn capitalized(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|character| {
            let written =
                if inside { character.to_ascii_lowercase() } else { character.to_ascii_uppercase() };
            inside = character.is_alphanumeric();
            written
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable() -> Variable {
        Variable { name: "v".into(), ..Variable::default() }
    }

    #[test]
    fn values_change_and_come_back() {
        let mut map = Mapping::default();
        map.add("north", "Nord").unwrap();
        map.add("south", "Sued").unwrap();
        let spaced = Variable { replace: vec![('-', ' ')], case: Case::Capitalize, ..variable() };
        let cases = [
            (variable(), "Anna", vec!["Anna"]),
            (Variable { case: Case::Capitalize, ..variable() }, "o'hara-smith", vec!["O'Hara-Smith"]),
            (Variable { case: Case::Upper, ..variable() }, "anna", vec!["ANNA"]),
            (spaced, "anna-maria", vec!["Anna Maria"]),
            (Variable { map: Some(map.clone()), ..variable() }, "north", vec!["Nord"]),
            (Variable { split: Some('.'), ..variable() }, "a.b.c", vec!["c", "b", "a"]),
            (
                Variable { split: Some('.'), map: Some(map), ..variable() },
                "north.south",
                vec!["Sued", "Nord"],
            ),
            (Variable { one_of: vec!["a".into(), "b".into()], ..variable() }, "b", vec!["b"]),
        ];
        for (variable, internet, x400) in cases {
            let values = variable.to_x400(internet).unwrap();
            assert_eq!(values, x400, "{internet}");
            assert_eq!(variable.to_internet(&values).unwrap(), internet);
        }
    }

    #[test]
    fn what_would_not_come_back_is_not_done() {
        let mut map = Mapping::default();
        map.add("north", "Nord").unwrap();
        assert!(map.add("south", "nord").unwrap_err().ends_with("share `nord`"));
        assert!(map.add("North", "N").unwrap_err().ends_with("share `North`"));
        let cases = [
            (Variable { map: Some(map), ..variable() }, "Nord", "`Nord` is none of north"),
            (
                Variable { replace: vec![('-', ' ')], ..variable() },
                "a b",
                "`-` is ` ` in X.400, so `a b` would not come back as v",
            ),
            (Variable { split: Some('.'), ..variable() }, "a..b", "a part of v is empty"),
            (Variable { one_of: vec!["a".into()], ..variable() }, "b", "`b` is none of a"),
            (variable(), " a", "v has spaces at an end or several together, which X.400 does not keep"),
        ];
        for (variable, internet, reason) in cases {
            assert_eq!(variable.to_x400(internet).unwrap_err(), reason);
        }
    }
}
