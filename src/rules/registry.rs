//! Which rules there are. Every row of a rule file is one, and every table; each has a number, a kind, a place, and
//! perhaps a name. Which of them the examples used is noted, so that it can be told what no example speaks of.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::scope::Scope;

/// The number of a rule in its [`Registry`], in the order of loading, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleNumber(u32);

impl RuleNumber {
    /// As an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a rule is, named as the rule file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// `[[equivalence]]`
    Equivalence,
    /// `[[preferred]]`
    Preferred,
    /// A table of RFC 2156 Appendix F, or a `[[table]]`: one rule for each file.
    Table,
    /// `[[user]]`
    User,
    /// `[[template]]`
    Template,
    /// `[[header]]`
    Header,
    /// `[[body]]`
    Body,
    /// `[[policy]]`
    Policy,
    /// `[[route]]`
    Route,
}

impl RuleKind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equivalence => "equivalence",
            Self::Preferred => "preferred",
            Self::Table => "table",
            Self::User => "user",
            Self::Template => "template",
            Self::Header => "header",
            Self::Body => "body",
            Self::Policy => "policy",
            Self::Route => "route",
        }
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its number.
    pub number: RuleNumber,
    /// What it is.
    pub kind: RuleKind,
    /// What the operator calls it; unique among rules of a kind.
    pub name: Option<Arc<str>>,
    /// What the operator says about it.
    pub comment: Option<Box<str>>,
    /// The file it is written in.
    pub source: Arc<str>,
    /// Its first line there, from 1.
    pub line: usize,
    /// Its octets there.
    pub span: Range<usize>,
    /// The file that holds its entries, of a table.
    pub table: Option<Arc<str>>,
    /// For whom it counts.
    pub scope: Scope,
    /// How many examples towards X.400 used it.
    pub examples_to_x400: usize,
    /// How many examples towards the Internet used it.
    pub examples_to_internet: usize,
}

impl Rule {
    /// Whether any example used it.
    #[must_use]
    pub const fn has_example(&self) -> bool {
        self.examples_to_x400 > 0 || self.examples_to_internet > 0
    }
}

impl fmt::Display for Rule {
    /// `template staff (rules.toml:12)`, or `template at rules.toml:12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} {name} ({}:{})", self.kind, self.source, self.line),
            None => write!(f, "{} at {}:{}", self.kind, self.source, self.line),
        }
    }
}

/// The rules of a set, by number.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    rules: Vec<Rule>,
    names: HashMap<(RuleKind, Arc<str>), RuleNumber>,
    has_scopes: bool,
    has_users: bool,
    has_peers: bool,
}

/// Of a rule without one, and of none.
static EVERYBODY: Scope = Scope { peers: Vec::new(), user: None };

/// A rule that is to be registered.
pub(crate) struct NewRule {
    pub(crate) kind: RuleKind,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) comment: Option<Box<str>>,
    pub(crate) source: Arc<str>,
    pub(crate) line: usize,
    pub(crate) span: Range<usize>,
    pub(crate) table: Option<Arc<str>>,
}

impl Registry {
    /// Every rule, in the order of loading.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rule of a number.
    #[must_use]
    pub fn get(&self, number: RuleNumber) -> Option<&Rule> {
        self.rules.get(number.index())
    }

    /// For whom a rule counts.
    pub(crate) fn scope(&self, number: RuleNumber) -> &Scope {
        self.get(number).map_or(&EVERYBODY, |rule| &rule.scope)
    }

    /// Whether any rule counts for some only.
    pub(crate) const fn has_scopes(&self) -> bool {
        self.has_scopes
    }

    /// Whether any rule counts for some users only.
    pub(crate) const fn has_users(&self) -> bool {
        self.has_users
    }

    /// Whether rules about addresses count for some peers only.
    #[must_use]
    pub const fn has_peers(&self) -> bool {
        self.has_peers
    }

    /// Says for whom a rule counts.
    pub(crate) fn set_scope(&mut self, number: RuleNumber, scope: Scope) {
        self.has_scopes |= !scope.is_global();
        self.has_users |= scope.user.is_some();
        self.has_peers |= !scope.peers.is_empty();
        if let Some(rule) = self.rules.get_mut(number.index()) {
            rule.scope = scope;
        }
    }

    /// Says which file has the entries of a rule.
    pub(crate) fn set_table(&mut self, number: RuleNumber, name: Arc<str>) {
        if let Some(rule) = self.rules.get_mut(number.index()) {
            rule.table = Some(name);
        }
    }

    /// The file that the entries of a rule are in.
    pub(crate) fn source_of_entries(&self, number: RuleNumber) -> Arc<str> {
        let source = self.get(number).map(|rule| rule.table.as_ref().unwrap_or(&rule.source));
        source.map_or_else(|| Arc::from(""), Arc::clone)
    }

    /// The rule of a kind that has this name.
    #[must_use]
    pub fn named(&self, kind: RuleKind, name: &str) -> Option<&Rule> {
        self.names.get(&(kind, Arc::from(name))).and_then(|number| self.get(*number))
    }

    /// Which rules no example used.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        let mut coverage = Coverage { rules: 0, without: Vec::new() };
        for rule in &self.rules {
            coverage.rules += 1;
            if !rule.has_example() {
                coverage.without.push(rule.number);
            }
        }
        coverage
    }

    /// Adds a rule. If another of its kind has its name, that one is given back as well, and keeps the name.
    pub(crate) fn add(&mut self, new: NewRule) -> (RuleNumber, Option<RuleNumber>) {
        let number = RuleNumber(u32::try_from(self.rules.len()).unwrap_or(u32::MAX));
        let NewRule { kind, name, comment, source, line, span, table } = new;
        let earlier = name.as_ref().and_then(|name| {
            let key = (kind, Arc::clone(name));
            let earlier = self.names.get(&key).copied();
            self.names.entry(key).or_insert(number);
            earlier
        });
        self.rules.push(Rule {
            number,
            kind,
            name,
            comment,
            source,
            line,
            span,
            table,
            scope: Scope::default(),
            examples_to_x400: 0,
            examples_to_internet: 0,
        });
        (number, earlier)
    }

    /// Notes that an example used a rule.
    pub(crate) fn used(&mut self, number: RuleNumber, to_x400: bool) {
        if let Some(rule) = self.rules.get_mut(number.index()) {
            let count = if to_x400 { &mut rule.examples_to_x400 } else { &mut rule.examples_to_internet };
            *count += 1;
        }
    }
}

/// How far examples reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// How many rules there are.
    pub rules: usize,
    /// Those that no example used.
    pub without: Vec<RuleNumber>,
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.without.len(), self.rules) {
            (_, 0) => f.write_str("there are no rules"),
            (0, 1) => f.write_str("the only rule has an example"),
            (0, all) => write!(f, "each of {all} rules has an example"),
            (1, all) => write!(f, "1 of {all} rules has no example"),
            (some, all) => write!(f, "{some} of {all} rules have no example"),
        }
    }
}

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    /// The line of an octet, from 1.
    pub(crate) fn at(&self, octet: usize) -> usize {
        self.0.partition_point(|end| *end < octet) + 1
    }
}
