//! Templates: one rule with variables for both directions.
//!
//! ```text
//! internet = "{given}.{surname}@{region}.example.com"
//! or       = "G={given}; S={surname}; OU1={region}; O=Example; A=mail; C=de"
//! ```
//!
//! * [`shape`] – a text with variables, compared and filled; [`variable`] – what becomes of their values;
//! * [`matching`] – a whole address compared with both sides, and the other side made of it;
//! * [`section`] – what a rule file says.
//!
//! A template is found by the domain that its Internet side ends with, or by the levels that its O/R side begins with from the
//! country down; so however many there are, those that are compared are the few with the same ending or beginning.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rasn_x400::x411::address::text::{Key, KeyedAddress};

use super::choice::{Choice, Rank};
use super::mcgam::path_key;
use super::pairs::Directions;
use super::pseudo_domain::{MAXIMUM_LEVELS, Path, level_key};
use super::registry::RuleNumber;
use shape::{Part, Shape};
use variable::Variable;

pub(super) mod matching;
pub(super) mod section;
pub(super) mod shape;
pub(super) mod variable;

#[cfg(test)]
mod tests;

/// One template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) rule: RuleNumber,
    pub(crate) directions: Directions,
    pub(crate) variables: Vec<Variable>,
    pub(crate) local: Shape,
    pub(crate) domain: Shape,
    /// All attributes but organizational units.
    pub(crate) attributes: Vec<(Key, Shape)>,
    /// The organizational units, most significant first.
    pub(crate) units: Vec<Shape>,
    /// The variable that stands for further units below those.
    pub(crate) more_units: Option<usize>,
}

/// All templates.
#[derive(Debug, Clone, Default)]
pub(crate) struct Templates {
    list: Vec<Template>,
    by_domain: HashMap<Box<str>, Vec<usize>>,
    by_path: HashMap<Box<str>, Vec<usize>>,
}

/// A template that an address has the form of.
#[derive(Debug, Clone)]
pub(crate) struct Match<'a, T> {
    pub(crate) template: &'a Template,
    /// Labels, or levels, that are literal.
    pub(crate) depth: usize,
    /// The address on the other side.
    pub(crate) made: T,
    /// What the variables stand for on the Internet side.
    pub(crate) values: Vec<(&'a str, String)>,
}

/// A template that an address does not have the form of, and how far it came.
#[derive(Debug, Clone)]
pub(crate) struct Near<'a> {
    pub(crate) template: &'a Template,
    /// The larger, the nearer.
    progress: (usize, usize),
    pub(crate) reason: String,
}

impl Template {
    /// The labels that the domain ends with whatever the variables are, in lower case, without a dot in front.
    fn ending(&self) -> String {
        let text = match self.domain.0.as_slice() {
            [Part::Literal(whole)] => whole.as_str(),
            [.., Part::Literal(end)] => end.split_once('.').map_or("", |(_, labels)| labels),
            _ => "",
        };
        text.to_ascii_lowercase()
    }

    /// The levels from the country down that are the same whatever the variables are.
    fn beginning(&self) -> Path {
        let mut levels: Vec<Option<String>> = Vec::new();
        let mut known = 0;
        for level in 0..MAXIMUM_LEVELS {
            let shape = match level.checked_sub(4) {
                Some(unit) => self.units.get(unit),
                None => {
                    let key = level_key(level);
                    self.attributes.iter().find(|(of, _)| *of == key).map(|(_, shape)| shape)
                }
            };
            match shape.map(Shape::literal) {
                Some(Some(value)) => {
                    levels.push(Some(value.to_owned()));
                    known = levels.len();
                }
                Some(None) => break,
                None => levels.push(None),
            }
        }
        levels.truncate(known);
        Path { levels }
    }

    /// Of templates that are as deep, which goes first towards X.400: more literal characters, then fewer variables.
    fn weight_of_mailbox(&self) -> (usize, std::cmp::Reverse<usize>) {
        (self.local.literals() + self.domain.literals(), std::cmp::Reverse(self.variables.len()))
    }

    /// The same towards the Internet.
    fn weight_of_address(&self) -> (usize, std::cmp::Reverse<usize>) {
        let shapes = self.attributes.iter().map(|(_, shape)| shape).chain(&self.units);
        (shapes.map(Shape::literals).sum(), std::cmp::Reverse(self.variables.len()))
    }

    /// Local part and domain as they are written.
    pub(crate) fn internet_side(&self) -> [String; 2] {
        [&self.local, &self.domain].map(|shape| self.written(shape))
    }

    /// What makes an attribute, as it is written.
    pub(crate) fn source_of(&self, key: &Key) -> String {
        let shape = self.attributes.iter().find(|(of, _)| of == key).map(|(_, shape)| shape);
        match (shape, self.more_units.and_then(|number| self.variables.get(number))) {
            (Some(shape), _) => self.written(shape),
            (None, Some(variable)) if self.units.is_empty() => format!("{{{}}}", variable.name),
            (None, _) => {
                let units: Vec<String> = self.units.iter().map(|shape| self.written(shape)).collect();
                units.join(", ")
            }
        }
    }

    fn written(&self, shape: &Shape) -> String {
        let names: Vec<String> =
            self.variables.iter().map(|variable| format!("{{{}}}", variable.name)).collect();
        shape.fill(|number| names.get(number).map_or("", String::as_str))
    }

    fn named(&self, values: Vec<Option<String>>) -> Vec<(&str, String)> {
        let names = self.variables.iter().map(|variable| variable.name.as_str());
        names.zip(values).filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

impl Templates {
    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn push(&mut self, template: Template) {
        self.list.push(template);
    }

    /// Makes templates ready to be found, the weightiest first.
    pub(super) fn index(&mut self, with_letters: impl Fn(&Path) -> Path) {
        let Self { list, by_domain, by_path } = self;
        for (number, template) in list.iter().enumerate() {
            if template.directions.to_x400 {
                by_domain.entry(template.ending().into()).or_default().push(number);
            }
            if template.directions.to_internet {
                let key = path_key(&with_letters(&template.beginning()), 0);
                by_path.entry(key.into()).or_default().push(number);
            }
        }
        for numbers in by_domain.values_mut() {
            numbers.sort_by_key(|number| list.get(*number).map(Template::weight_of_mailbox));
            numbers.reverse();
        }
        for numbers in by_path.values_mut() {
            numbers.sort_by_key(|number| list.get(*number).map(Template::weight_of_address));
            numbers.reverse();
        }
    }

    /// Every template, in the order of loading.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Template> {
        self.list.iter()
    }

    /// The templates that go as far as the first one does for a mailbox, and what they make of it.
    pub(super) fn rivals_of_mailbox(
        &self,
        (local, domain): (&str, &str),
        countries: &BTreeMap<String, String>,
        choice: &Choice<'_>,
    ) -> Vec<(&Template, KeyedAddress)> {
        let matches =
            |template: &Template| template.to_x400((local, domain), countries).ok().map(|(made, _)| made);
        let all = self.endings(domain);
        let mut all =
            all.map(|(_, numbers)| self.first(numbers, choice, Template::weight_of_mailbox, matches));
        all.find(|found| !found.is_empty())
            .map(|found| equals(found, Template::weight_of_mailbox))
            .unwrap_or_default()
    }

    /// The same for an O/R address.
    pub(super) fn rivals_of_address(
        &self,
        address: &KeyedAddress,
        path: &Path,
        countries: &BTreeMap<String, String>,
        choice: &Choice<'_>,
    ) -> Vec<(&Template, String)> {
        let matches =
            |template: &Template| template.to_internet(address, countries).ok().map(|(made, _)| made);
        let all = self.beginnings(path);
        let mut all =
            all.map(|(_, numbers)| self.first(numbers, choice, Template::weight_of_address, matches));
        all.find(|found| !found.is_empty())
            .map(|found| equals(found, Template::weight_of_address))
            .unwrap_or_default()
    }

    /// Literals of the templates that end or begin like this one, as far as they could be part of a name.
    pub(super) fn literals_near(&self, template: &Template) -> BTreeSet<String> {
        const NEIGHBOURS: usize = 16;
        let of_domain = self.by_domain.get(template.ending().as_str());
        let of_path = self.by_path.get(path_key(&template.beginning(), 0).as_str());
        let near =
            [of_domain, of_path].into_iter().flatten().flat_map(|numbers| numbers.iter().take(NEIGHBOURS));
        let near = near.filter_map(|number| self.list.get(*number));
        let shapes = near.flat_map(|one| {
            let varied = one.attributes.iter().map(|(_, shape)| shape).chain(&one.units);
            varied.chain([&one.local]).filter(|shape| shape.literal().is_none())
        });
        let literals = shapes.flat_map(|shape| &shape.0).filter_map(|part| match part {
            Part::Literal(text) => Some(text.trim().to_owned()),
            Part::Variable(_) => None,
        });
        literals.filter(|text| text.bytes().any(|octet| octet.is_ascii_alphanumeric())).collect()
    }

    /// The template of a mailbox that goes before all others, with the O/R address it makes.
    pub(crate) fn of_mailbox(
        &self,
        (local, domain): (&str, &str),
        countries: &BTreeMap<String, String>,
        choice: &Choice<'_>,
    ) -> Option<Match<'_, KeyedAddress>> {
        let matches = |template: &Template| template.to_x400((local, domain), countries).ok();
        self.endings(domain).find_map(|(depth, numbers)| {
            let found = self.first(numbers, choice, Template::weight_of_mailbox, matches);
            let (_, template, (made, values)) = found.into_iter().next()?;
            Some(Match { template, depth, made, values: template.named(values) })
        })
    }

    /// The templates of an O/R address with the mailboxes they make, the one that goes before all others first.
    pub(crate) fn of_address(
        &self,
        address: &KeyedAddress,
        path: &Path,
        countries: &BTreeMap<String, String>,
        choice: &Choice<'_>,
    ) -> Vec<Match<'_, String>> {
        let matches = |template: &Template| template.to_internet(address, countries).ok();
        let mut all = Vec::new();
        for (depth, numbers) in self.beginnings(path) {
            let found = self.first(numbers, choice, Template::weight_of_address, matches);
            all.extend(found.into_iter().map(|(_, template, (made, values))| Match {
                template,
                depth,
                made,
                values: template.named(values),
            }));
        }
        all
    }

    /// Why the template that a mailbox nearly has the form of does not match.
    pub(crate) fn near_mailbox(
        &self,
        (local, domain): (&str, &str),
        countries: &BTreeMap<String, String>,
        choice: &Choice<'_>,
    ) -> Option<Near<'_>> {
        let miss = |template: &Template| template.to_x400((local, domain), countries).err();
        self.nearest(self.endings(domain), choice, miss)
    }

    /// Why the template that an O/R address nearly has the form of does not match.
    pub(crate) fn near_address(
        &self,
        address: &KeyedAddress,
        path: &Path,
        countries: &BTreeMap<String, String>,
        choice: &Choice<'_>,
    ) -> Option<Near<'_>> {
        let miss = |template: &Template| template.to_internet(address, countries).err();
        self.nearest(self.beginnings(path), choice, miss)
    }

    fn nearest<'a, 'b>(
        &'a self,
        groups: impl Iterator<Item = (usize, &'b [usize])>,
        choice: &Choice<'_>,
        miss: impl Fn(&Template) -> Option<matching::Missed>,
    ) -> Option<Near<'a>> {
        // Nobody reads about thousands; the deepest come first.
        let numbers = groups.flat_map(|(depth, numbers)| numbers.iter().map(move |number| (depth, *number)));
        let nearest = numbers.take(MAXIMUM_EXPLAINED).filter_map(|(depth, number)| {
            let template = self.list.get(number).filter(|template| choice.rank(template.rule).is_some())?;
            let missed = miss(template)?;
            Some(Near { template, progress: (missed.progress, depth), reason: missed.reason })
        });
        nearest.max_by_key(|near| near.progress)
    }

    /// Of templates in the order of their weight those that match: of as weighty ones the one with the most special scope
    /// comes first.
    fn first<'a, W: PartialEq, T>(
        &'a self,
        numbers: &[usize],
        choice: &Choice<'_>,
        weight: impl Fn(&Template) -> W,
        matches: impl Fn(&'a Template) -> Option<T>,
    ) -> Vec<(Rank, &'a Template, T)> {
        let mut found: Vec<(Rank, &'a Template, T)> = Vec::new();
        for template in numbers.iter().filter_map(|number| self.list.get(*number)) {
            let Some(rank) = choice.rank(template.rule) else { continue };
            let Some(made) = matches(template) else { continue };
            let alike =
                found.iter().position(|(known, other, _)| *known < rank && weight(other) == weight(template));
            found.insert(alike.unwrap_or(found.len()), (rank, template, made));
        }
        found
    }

    /// The templates whose ending a domain has, the longest first, with its labels.
    fn endings<'a>(&'a self, domain: &str) -> impl Iterator<Item = (usize, &'a [usize])> + use<'a> {
        let lower = domain.to_ascii_lowercase();
        let mut starts: Vec<usize> = vec![0];
        if !self.list.is_empty() {
            starts.extend(lower.match_indices('.').map(|(place, _)| place + 1));
            starts.push(lower.len());
        }
        starts.into_iter().filter_map(move |start| {
            let ending = lower.get(start..)?;
            let labels = if ending.is_empty() { 0 } else { ending.split('.').count() };
            self.by_domain.get(ending).map(|numbers| (labels, numbers.as_slice()))
        })
    }

    /// The templates whose beginning a path has, the longest first, with its levels.
    fn beginnings<'a>(&'a self, path: &Path) -> impl Iterator<Item = (usize, &'a [usize])> + use<'a> {
        let key = path_key(path, MAXIMUM_LEVELS);
        let mut ends: Vec<usize> = vec![0];
        if !self.list.is_empty() {
            ends.extend(key.match_indices('\u{1}').map(|(place, _)| place + 1));
        }
        ends.into_iter().enumerate().rev().filter_map(move |(levels, end)| {
            self.by_path.get(key.get(..end)?).map(|numbers| (levels, numbers.as_slice()))
        })
    }
}

/// Those of the matches that the first one does not go before.
fn equals<W: PartialEq, T>(
    found: Vec<(Rank, &Template, T)>,
    weight: impl Fn(&Template) -> W,
) -> Vec<(&Template, T)> {
    let Some(first) = found.first().map(|(rank, template, _)| (*rank, weight(template))) else {
        return Vec::new();
    };
    let alike = found.into_iter().filter(|(rank, template, _)| (*rank, weight(template)) == first);
    alike.map(|(_, template, made)| (template, made)).collect()
}

/// Templates that are asked how far they came.
const MAXIMUM_EXPLAINED: usize = 100;
