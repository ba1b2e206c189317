//! What a conversion lost, and where every part of its result came from.
//!
//! Nothing is dropped in silence: each element that did not survive has a [`Loss`], each element that was made has an
//! entry in the [`Trail`], if somebody will read it.

use std::fmt::Display;

pub mod counts;
pub mod report;

use serde::Serialize;

use super::address::Step;

/// One thing of the original that the converted message does not carry, or not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// What was lost: a field name, a character, a parameter.
    pub what: String,
    /// Where it stood: `header Subject`, `part 1.2`.
    pub location: String,
    /// Why it could not be carried.
    pub reason: String,
    /// The clause or ledger item that decides so.
    pub clause: &'static str,
    /// What stands in its place, if anything.
    pub instead: Option<String>,
}

/// On one line.
impl Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {} ({})", self.location, self.what, self.reason, self.clause)?;
        self.instead.iter().try_for_each(|instead| write!(f, "; instead: {instead}"))
    }
}

/// All losses of one conversion, in the order they happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Losses(Vec<Loss>);

impl Losses {
    /// Notes a loss with nothing in its place.
    pub fn dropped(
        &mut self,
        location: impl Into<String>,
        what: impl Into<String>,
        reason: impl Into<String>,
        clause: &'static str,
    ) {
        let (location, what, reason) = (location.into(), what.into(), reason.into());
        self.0.push(Loss { what, location, reason, clause, instead: None });
    }

    /// Notes a loss with what stands in its place.
    pub fn replaced(
        &mut self,
        location: impl Into<String>,
        what: impl Into<String>,
        reason: impl Into<String>,
        clause: &'static str,
        instead: impl Into<String>,
    ) {
        self.dropped(location, what, reason, clause);
        if let Some(loss) = self.0.last_mut() {
            loss.instead = Some(instead.into());
        }
    }

    /// Notes everything another list holds.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The losses in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Loss] {
        &self.0
    }

    /// Forgets what came after the first `length`, which did not happen after all.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// Whether nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where one element of the result came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The element made: `heading.subject`, `envelope.recipients[1].recipient-name`.
    pub output: String,
    /// Its value as text.
    pub value: String,
    /// What it was made of: `header Subject`, `RCPT TO`, `rule 7`, `setting`.
    pub source: String,
    /// The clause or ledger item that asks for it.
    pub clause: &'static str,
    /// The octet of the original where that stands, if what was read has one place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub octet: Option<usize>,
    /// How an address was mapped.
    #[serde(skip)]
    pub steps: Vec<Step>,
}

/// The origins of a whole conversion, in the order the elements were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Trail {
    origins: Vec<Origin>,
    /// Whether nobody will read it, so that nothing is written.
    #[serde(skip)]
    silent: bool,
    /// The octet of what is being read.
    #[serde(skip)]
    reading: Option<usize>,
}

impl Trail {
    /// An empty trail: one that notes everything, or one that stays empty because nobody asks for it.
    pub(crate) const fn new(noted: bool) -> Self {
        Self { origins: Vec::new(), silent: !noted, reading: None }
    }

    /// Notes where an element came from. What is given is written out only if somebody will read it, so give
    /// `format_args!` rather than a string.
    pub fn made(
        &mut self,
        output: impl Display,
        value: impl Display,
        source: impl Display,
        clause: &'static str,
    ) {
        if self.silent {
            return;
        }
        let (output, value, source) = (output.to_string(), value.to_string(), source.to_string());
        let (octet, steps) = (self.reading, Vec::new());
        self.origins.push(Origin { output, value, source, clause, octet, steps });
    }

    /// The same for an address, with the steps of its mapping (A-301).
    pub fn address(
        &mut self,
        output: impl Display,
        value: impl Display,
        source: impl Display,
        steps: &[Step],
    ) {
        self.made(output, value, source, "A-301");
        if let Some(origin) = self.origins.last_mut().filter(|_| !self.silent) {
            origin.steps = steps.to_vec();
        }
    }

    /// The same for something that a rule of the operator's made.
    pub(crate) fn by_rule(
        &mut self,
        output: impl Display,
        value: impl Display,
        source: impl Display,
        (clause, rule): (&'static str, &crate::rules::Origin),
    ) {
        self.made(output, value, source, clause);
        if let Some(origin) = self.origins.last_mut().filter(|_| !self.silent) {
            let value = origin.value.clone();
            origin.steps = vec![Step { what: "rule", value, clause, rule: Some(rule.clone()), fault: None }];
        }
    }

    /// What is made from here on is made of what stands at this octet of the original; `None` if it has no place there.
    pub(crate) const fn reading(&mut self, octet: Option<usize>) {
        self.reading = octet;
    }

    /// Forgets what came after the first `length`, which was not made after all.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.origins.truncate(length);
    }

    /// Whether somebody will read it.
    pub(crate) const fn is_read(&self) -> bool {
        !self.silent
    }

    /// Whether somebody will read it, and nothing of it is about this element yet.
    pub(crate) fn lacks(&self, output: &str) -> bool {
        let is_within = |told: &str| {
            told.strip_prefix(output).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        self.is_read() && !self.origins.iter().any(|origin| is_within(&origin.output))
    }

    /// The entries in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Origin] {
        &self.origins
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn losses_and_origins_are_written_as_lists() {
        let mut losses = Losses::default();
        losses.replaced("header Subject", "€", "not in T.61", "E-09", "EUR");
        assert_eq!(
            serde_json::to_string(&losses).unwrap(),
            r#"[{"what":"€","location":"header Subject","reason":"not in T.61","clause":"E-09","instead":"EUR"}]"#
        );
        let mut trail = Trail::default();
        trail.made("heading.subject", "Hi", "header Subject", "H-24");
        assert_eq!(
            serde_json::to_string(&trail).unwrap(),
            r#"[{"output":"heading.subject","value":"Hi","source":"header Subject","clause":"H-24"}]"#
        );
    }

    #[test]
    fn a_trail_that_nobody_reads_is_not_written() {
        struct Unread;
        impl Display for Unread {
            fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                panic!("written")
            }
        }
        let mut trail = Trail::new(false);
        trail.made(Unread, Unread, Unread, "H-24");
        assert_eq!(trail.as_slice(), []);
    }
}
