//! Members of JSON objects, with the path to complain about.

use std::fmt;

use serde_json::{Map, Value as Json};

use super::Problem;

/// The path to a member; made of borrowed steps, and only written when something is wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place<'a> {
    outer: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Step<'a> {
    #[default]
    Root,
    Member(&'a str),
    Item(usize),
}

impl Place<'_> {
    /// A member of the object here.
    pub(super) const fn within<'a>(&'a self, name: &'a str) -> Place<'a> {
        Place { outer: Some(self), step: Step::Member(name) }
    }

    /// An item of the list here.
    pub(super) const fn item(&self, index: usize) -> Place<'_> {
        Place { outer: Some(self), step: Step::Item(index) }
    }

    /// Something wrong here.
    pub(super) fn problem(&self, message: impl Into<String>, help: Option<&str>) -> Problem {
        Problem { place: self.to_string(), message: message.into(), help: help.map(str::to_owned) }
    }

    /// TRUE or FALSE; FALSE if it is absent.
    pub(super) fn flag(&self, map: &Map<String, Json>, name: &str) -> Result<bool, Problem> {
        match map.get(name) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.within(name).problem("`true` or `false` is expected", None)),
        }
    }

    /// A number that is not negative, if it is there.
    pub(super) fn number(&self, map: &Map<String, Json>, name: &str) -> Result<Option<u64>, Problem> {
        match map.get(name).map(Json::as_u64) {
            None => Ok(None),
            Some(Some(number)) => Ok(Some(number)),
            Some(None) => Err(self.within(name).problem("a number, not negative, is expected", None)),
        }
    }

    /// Text, if it is there.
    pub(super) fn text<'m>(
        &self,
        map: &'m Map<String, Json>,
        name: &str,
    ) -> Result<Option<&'m str>, Problem> {
        match map.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.within(name).problem("text in quotes is expected", None)),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps = Vec::new();
        let mut place = Some(self);
        while let Some(here) = place {
            steps.push(here.step);
            place = here.outer;
        }
        let mut is_first = true;
        for step in steps.iter().rev() {
            match step {
                Step::Root => continue,
                Step::Member(name) if is_first => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
            is_first = false;
        }
        if is_first { f.write_str("the document") } else { Ok(()) }
    }
}

/// Octets in hexadecimal, with or without spaces, if they are there.
pub(super) fn hex_member(
    map: &Map<String, Json>,
    name: &str,
    place: &Place<'_>,
) -> Result<Option<Vec<u8>>, Problem> {
    let Some(text) = place.text(map, name)? else { return Ok(None) };
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|character| *character != ' ')
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    match digits.filter(|digits| digits.len() % 2 == 0) {
        Some(digits) => Ok(Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())),
        None => Err(place.within(name).problem("octets in hexadecimal are expected", Some("such as `00ff`"))),
    }
}
