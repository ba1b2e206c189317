//! The walk through a value.

use super::violation::{Place, Rule, Severity, Step, Violation};
use crate::prim::RawTlv;

/// Violations that one walk lists; a hostile value cannot make the list longer.
pub const MAXIMUM_VIOLATIONS: usize = 1000;

/// Characters that say what is wrong; what a value contributes to them may be cut.
const MAXIMUM_WORDS: usize = 300;

/// A type whose values can be judged.
pub trait Validate {
    /// Tells `validator` everything that is wrong with the value.
    fn validate(&self, validator: &mut Validator);
}

/// Everything that is wrong with a value, in the order of its members; at most [`MAXIMUM_VIOLATIONS`], then one more of
/// [`Rule::Truncated`] that says how many are not listed.
pub fn validate<T: Validate + ?Sized>(value: &T) -> Vec<Violation> {
    let mut validator = Validator::default();
    value.validate(&mut validator);
    validator.finish()
}

/// Knows the place that is being looked at, and collects what is found there.
#[derive(Debug, Default)]
pub struct Validator {
    place: Vec<Step>,
    found: Vec<Violation>,
    omitted: usize,
}

impl Validator {
    /// Judges a member.
    pub fn member<T: Validate + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.within(name, |validator| value.validate(validator));
    }

    /// Judges the items of a list that is a member, each in its place.
    pub fn items<'a, T: Validate + 'a>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = &'a T>,
    ) {
        self.each(name, items, |validator, item| item.validate(validator));
    }

    /// Does `judge` for every item of a list that is a member, each in its place.
    pub fn each<T>(
        &mut self,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
        mut judge: impl FnMut(&mut Self, T),
    ) {
        self.within(name, |validator| {
            for (index, item) in items.into_iter().enumerate() {
                validator.at(Step::Item(index), |validator| judge(validator, item));
            }
        });
    }

    /// Does `judge` in the place of a member.
    pub fn within<R>(&mut self, name: &'static str, judge: impl FnOnce(&mut Self) -> R) -> R {
        self.at(Step::Member(name), judge)
    }

    /// Does `judge` one step further in.
    pub fn at<R>(&mut self, step: Step, judge: impl FnOnce(&mut Self) -> R) -> R {
        self.place.push(step);
        let result = judge(self);
        self.place.pop();
        result
    }

    /// Against the standard, and others refuse it.
    pub fn error(&mut self, rule: Rule, clause: &'static str, what: impl Into<String>) {
        self.report(Severity::Error, rule, clause, what, None);
    }

    /// Against the standard, and most put up with it.
    pub fn warning(&mut self, rule: Rule, clause: &'static str, what: impl Into<String>) {
        self.report(Severity::Warning, rule, clause, what, None);
    }

    /// Allowed, but seldom meant.
    pub fn notice(&mut self, rule: Rule, clause: &'static str, what: impl Into<String>) {
        self.report(Severity::Notice, rule, clause, what, None);
    }

    /// Adds a violation at the place that is being looked at.
    pub fn report(
        &mut self,
        severity: Severity,
        rule: Rule,
        clause: &'static str,
        what: impl Into<String>,
        help: Option<&'static str>,
    ) {
        self.add(|place| Violation {
            place: Place(place.to_vec()),
            rule,
            severity,
            clause,
            what: what.into(),
            help,
        });
    }

    /// Adds a violation at a place that is known otherwise.
    pub(crate) fn report_at(
        &mut self,
        place: Place,
        severity: Severity,
        rule: Rule,
        clause: &'static str,
        what: String,
    ) {
        self.add(|_| Violation { place, rule, severity, clause, what, help: None });
    }

    fn add(&mut self, violation: impl FnOnce(&[Step]) -> Violation) {
        if self.found.len() == MAXIMUM_VIOLATIONS {
            self.omitted += 1;
            return;
        }
        let mut violation = violation(&self.place);
        if let Some((end, _)) = violation.what.char_indices().nth(MAXIMUM_WORDS) {
            violation.what.truncate(end);
            violation.what.push('…');
        }
        self.found.push(violation);
    }

    /// A number of items outside its bounds.
    pub fn count(&mut self, name: &'static str, count: usize, limits: super::Lengths, clause: &'static str) {
        if !limits.contains(&count) {
            let allowed = super::strings::allowed(&limits);
            self.within(name, |validator| {
                validator.error(Rule::Bound, clause, format!("{count} items, {allowed} are allowed"));
            });
        }
    }

    /// A number outside its bounds.
    pub fn number(
        &mut self,
        name: &'static str,
        number: i64,
        limits: std::ops::RangeInclusive<i64>,
        clause: &'static str,
    ) {
        if !limits.contains(&number) {
            let (low, high) = limits.into_inner();
            self.within(name, |validator| {
                validator.error(Rule::Bound, clause, format!("{number} is not between {low} and {high}"));
            });
        }
    }

    /// Members that this crate does not know.
    pub fn unknown(&mut self, members: &[RawTlv]) {
        for member in members {
            let tag = member.tag().map_or_else(|| "no tag".to_owned(), |tag| format!("tag {tag}"));
            self.warning(Rule::Unknown, "X.411 Annex A", format!("a member with {tag} that no edition has"));
        }
    }

    /// What was found.
    #[must_use]
    pub fn finish(mut self) -> Vec<Violation> {
        if self.omitted > 0 {
            self.found.push(Violation {
                place: Place::default(),
                rule: Rule::Truncated,
                severity: Severity::Notice,
                clause: "this crate",
                what: format!("{} more violations are not listed", self.omitted),
                help: None,
            });
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Crowd(usize);

    impl Validate for Crowd {
        fn validate(&self, validator: &mut Validator) {
            validator.each("people", 0..self.0, |validator, number| {
                validator.number("number", i64::try_from(number).unwrap(), 1..=1, "house rules");
            });
        }
    }

    #[test]
    fn places_name_members_and_items() {
        let found: Vec<_> = validate(&Crowd(3)).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "people[0].number: 0 is not between 1 and 1 (house rules)",
                "people[2].number: 2 is not between 1 and 1 (house rules)",
            ]
        );
    }

    #[test]
    fn the_list_is_bounded() {
        let found = validate(&Crowd(5000));
        assert_eq!(found.len(), MAXIMUM_VIOLATIONS + 1);
        let last = found.last().unwrap();
        assert_eq!((last.rule, last.what.as_str()), (Rule::Truncated, "3999 more violations are not listed"));
    }
}
