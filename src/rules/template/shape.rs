//! Texts with variables, such as `{given}.{surname}`: read, compared with a text, filled.

use std::ops::Range;

/// One part of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// These characters, in either case.
    Literal(String),
    /// The variable of this number.
    Variable(usize),
}

/// Literals and variables, one after the other; never two variables in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shape(pub(crate) Vec<Part>);

/// Why a text is no shape, with its octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShapeError {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

/// What the variables stand for, by number.
pub(crate) type Bindings = Vec<Option<String>>;

/// A text that does not have the shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Miss(pub(crate) String);

/// How texts are compared with a shape.
#[derive(Clone, Copy)]
pub(crate) struct Comparing<'a> {
    /// The names of the variables.
    pub(crate) names: &'a dyn Fn(usize) -> &'a str,
    /// Whether a variable stands for several parts.
    pub(crate) is_split: &'a dyn Fn(usize) -> bool,
    /// A variable never holds this character, unless it is split.
    pub(crate) never: Option<char>,
}

impl Shape {
    /// Reads a text with `{names}`; `number` gives the number of a name.
    pub(crate) fn parse(text: &str, number: &mut dyn FnMut(&str) -> usize) -> Result<Self, ShapeError> {
        let mut parts = Vec::new();
        let mut place = 0;
        while let Some(rest) = text.get(place..).filter(|rest| !rest.is_empty()) {
            let fault = |length: usize, message: String| {
                Err(ShapeError { span: place..(place + length).min(text.len()), message })
            };
            let Some(after) = rest.strip_prefix('{') else {
                let end = rest.find(['{', '}']).unwrap_or(rest.len());
                if rest.starts_with('}') {
                    return fault(1, "`}` without `{`".to_owned());
                }
                parts.push(Part::Literal(rest[..end].to_owned()));
                place += end;
                continue;
            };
            let Some(length) = after.find('}') else {
                return fault(rest.len(), "`{` without `}`".to_owned());
            };
            let name = &after[..length];
            let is_name = !name.is_empty()
                && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'));
            if !is_name {
                let message = format!("`{name}` is no name of a variable: letters, digits, `-` and `_`");
                return fault(length + 2, message);
            }
            if matches!(parts.last(), Some(Part::Variable(_))) {
                let message = format!("nothing stands between `{{{name}}}` and the variable before it");
                return fault(length + 2, message);
            }
            parts.push(Part::Variable(number(name)));
            place += length + 2;
        }
        Ok(Self(parts))
    }

    /// Characters of its literals.
    pub(crate) fn literals(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Literal(text) => text.chars().count(),
            Part::Variable(_) => 0,
        };
        self.0.iter().map(length).sum()
    }

    /// The text, if there are no variables.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text with values for the variables.
    pub(crate) fn fill<'a>(&self, value: impl Fn(usize) -> &'a str) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Variable(number) => text.push_str(value(*number)),
            }
        }
        text
    }

    /// Compares the whole text, and takes from it what the variables stand for.
    ///
    /// A variable takes what stands before the first character of the literal that follows. One that is split takes the
    /// rest, so what comes after it is compared from the end.
    pub(crate) fn take(&self, text: &str, how: Comparing<'_>, bindings: &mut Bindings) -> Result<(), Miss> {
        let is_split = |part: &Part| matches!(part, Part::Variable(number) if (how.is_split)(*number));
        let split = self.0.iter().position(is_split);
        let (left, right) = match split {
            Some(place) => (&self.0[..place], &self.0[place + 1..]),
            None => (&self.0[..], &[][..]),
        };
        let mut rest = text;
        for (place, part) in left.iter().enumerate() {
            match part {
                Part::Literal(literal) => rest = without_start(rest, literal)?,
                Part::Variable(number) => {
                    let stop = first_of(self.0.get(place + 1));
                    let end = rest.find(|found: char| is_same(Some(found), stop) || Some(found) == how.never);
                    let (value, after) = rest.split_at(end.unwrap_or(rest.len()));
                    bind(*number, value, how, bindings)?;
                    rest = after;
                }
            }
        }
        let Some(Part::Variable(split)) = split.and_then(|place| self.0.get(place)) else {
            return if rest.is_empty() { Ok(()) } else { Err(Miss(format!("`{rest}` is left over"))) };
        };
        for (place, part) in right.iter().enumerate().rev() {
            match part {
                Part::Literal(literal) => rest = without_end(rest, literal)?,
                Part::Variable(number) => {
                    let Some(Part::Literal(before)) = place.checked_sub(1).and_then(|place| right.get(place))
                    else {
                        return Err(Miss("two variables with nothing between them".to_owned()));
                    };
                    let found = rest.to_ascii_lowercase().rfind(&before.to_ascii_lowercase());
                    let start = found.map(|found| found + before.len());
                    let start = start.ok_or_else(|| Miss(format!("`{before}` is not in `{rest}`")))?;
                    let (before, value) = rest.split_at(start);
                    let stop = first_of(right.get(place + 1));
                    if value.contains(|found: char| is_same(Some(found), stop) || Some(found) == how.never) {
                        return Err(Miss(format!("`{value}` cannot be {}", (how.names)(*number))));
                    }
                    bind(*number, value, how, bindings)?;
                    rest = before;
                }
            }
        }
        bind(*split, rest, how, bindings)
    }
}

fn bind(number: usize, value: &str, how: Comparing<'_>, bindings: &mut Bindings) -> Result<(), Miss> {
    let name = || (how.names)(number);
    if value.is_empty() {
        return Err(Miss(format!("nothing is left for {}", name())));
    }
    let Some(bound) = bindings.get_mut(number) else { return Ok(()) };
    match bound {
        Some(earlier) if !earlier.eq_ignore_ascii_case(value) => {
            Err(Miss(format!("{} is `{earlier}` in one place and `{value}` in another", name())))
        }
        Some(_) => Ok(()),
        None => {
            *bound = Some(value.to_owned());
            Ok(())
        }
    }
}

fn without_start<'a>(text: &'a str, literal: &str) -> Result<&'a str, Miss> {
    match text.get(..literal.len()) {
        Some(start) if start.eq_ignore_ascii_case(literal) => Ok(&text[literal.len()..]),
        _ => Err(Miss(format!("`{literal}` is expected at `{text}`"))),
    }
}

fn without_end<'a>(text: &'a str, literal: &str) -> Result<&'a str, Miss> {
    let start = text.len().checked_sub(literal.len());
    match start.and_then(|start| Some((text.get(..start)?, text.get(start..)?))) {
        Some((before, end)) if end.eq_ignore_ascii_case(literal) => Ok(before),
        _ => Err(Miss(format!("`{literal}` is expected at the end of `{text}`"))),
    }
}

/// The first character of a literal.
fn first_of(part: Option<&Part>) -> Option<char> {
    match part {
        Some(Part::Literal(text)) => text.chars().next(),
        _ => None,
    }
}

fn is_same(one: Option<char>, other: Option<char>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.eq_ignore_ascii_case(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(shape: &str, text: &str, never: Option<char>) -> Result<Vec<String>, String> {
        let mut names: Vec<String> = Vec::new();
        let shape = Shape::parse(shape, &mut |name| {
            names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            })
        })
        .map_err(|error| format!("{:?}: {}", error.span, error.message))?;
        let mut bindings = vec![None; names.len()];
        let how = Comparing {
            names: &|number| names.get(number).map_or("", String::as_str),
            is_split: &|number| names.get(number).is_some_and(|name| name.starts_with("split")),
            never,
        };
        shape.take(text, how, &mut bindings).map_err(|Miss(reason)| reason)?;
        Ok(bindings.into_iter().map(Option::unwrap_or_default).collect())
    }

    #[test]
    fn variables_take_what_stands_before_the_next_literal() {
        for (shape, text, never, expected) in [
            ("{a}.{b}", "anna.weber", None, Ok(vec!["anna", "weber"])),
            ("{a}.{b}", "a.b.c", None, Ok(vec!["a", "b.c"])),
            ("{a}.{b}", "anna", None, Err("`.` is expected at ``")),
            ("{a}.{b}", ".weber", None, Err("nothing is left for a")),
            ("{a}.EXAMPLE.com", "x.example.Com", Some('.'), Ok(vec!["x"])),
            (
                "{a}.example.com",
                "x.y.example.com",
                Some('.'),
                Err("`.example.com` is expected at `.y.example.com`"),
            ),
            ("x-{a}-{a}", "X-1-1", None, Ok(vec!["1"])),
            ("{a}-{a}", "1-2", None, Err("a is `1` in one place and `2` in another")),
            ("{split}.example.com", "a.b.example.com", Some('.'), Ok(vec!["a.b"])),
            ("{h}.{split}.{s}.com", "h.a.b.s.com", Some('.'), Ok(vec!["h", "a.b", "s"])),
            ("{h}.{split}.com", "h.com", Some('.'), Err("`.com` is expected at the end of `com`")),
            ("abc", "abcd", None, Err("`d` is left over")),
            ("{a}{b}", "", None, Err("3..6: nothing stands between `{b}` and the variable before it")),
            ("{a", "", None, Err("0..2: `{` without `}`")),
            ("a}", "", None, Err("1..2: `}` without `{`")),
            ("{a b}", "", None, Err("0..5: `a b` is no name of a variable: letters, digits, `-` and `_`")),
        ] {
            let expected = expected
                .map(|values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>())
                .map_err(str::to_owned);
            assert_eq!(taken(shape, text, never), expected, "{shape} of {text}");
        }
    }
}
