//! Rules that lead round: an answer comes out elsewhere, and the answer to that elsewhere again, until it is where it was.

use std::collections::HashSet;

use super::super::mcgam::Kind;
use super::super::pseudo_domain::Path;
use super::Analysis;
use super::facts::{Fact, path_key};
use crate::diagnostic::Code;

/// Names on the way that are shown, and looked at.
const MAXIMUM_STEPS: usize = 16;

impl<'a> Analysis<'a> {
    /// A domain is mapped to a path, the path to another domain, and so on. Where every mapping leads back there is nothing to
    /// follow.
    pub(super) fn circles_of_mappings(&mut self) {
        let mut done: HashSet<String> = HashSet::new();
        let mut found = Vec::new();
        for entry in self.common_entries(Kind::DomainToOr) {
            let start = entry.normal.to_owned();
            if self.next(&entry).is_none_or(|(domain, _)| domain == start) || done.contains(&start) {
                continue;
            }
            let mut way = vec![(start, entry)];
            while let Some((domain, next)) = way.last().and_then(|(_, last)| self.next(last)) {
                if let Some(place) = way.iter().position(|(known, _)| *known == domain) {
                    found.push(way.split_off(place));
                    break;
                }
                if done.contains(&domain) || way.len() >= MAXIMUM_STEPS {
                    break;
                }
                way.push((domain, next));
            }
            done.extend(way.into_iter().map(|(domain, _)| domain));
            done.extend(
                found.last().into_iter().flatten().map(|(domain, _): &(String, Fact<'_>)| domain.clone()),
            );
        }
        for circle in found.into_iter().filter(|circle| circle.len() > 1) {
            self.circle(&circle);
        }
    }

    /// The domain that comes back for what was sent to the domain of an entry, and the entry of that domain.
    fn next(&self, entry: &Fact<'_>) -> Option<(String, Fact<'a>)> {
        let back = self.back(entry)?;
        let domain = back.target.to_ascii_lowercase();
        let (next, labels) = self.of_domain(Kind::DomainToOr, &domain)?;
        (labels == domain.split('.').count()).then_some((domain, next))
    }

    /// The entry that maps back what an entry with a domain as its key leads to.
    fn back(&self, entry: &Fact<'_>) -> Option<Fact<'a>> {
        let path = entry.path();
        let (back, levels) = self.of_path(Kind::OrToDomain, &path)?;
        (levels == path.levels.len()).then_some(back)
    }

    fn circle(&mut self, circle: &[(String, Fact<'_>)]) {
        let Some(((start, first), rest)) = circle.split_first() else { return };
        let way = circle.iter().map(|(domain, entry)| format!("`{domain}` > `{}` > ", entry.target));
        let way: String = way.collect();
        let message = format!("answers go round in a circle: {way}`{start}`");
        let mut diagnostic = self.at(Code::Circle, &first.place, message, "here it begins");
        for (_, entry) in rest {
            diagnostic = self.beside(diagnostic, &entry.place, "goes on here");
        }
        for (_, entry) in circle {
            if let Some(back) = self.back(entry) {
                diagnostic = self.beside(diagnostic, &back.place, format!("leads to `{}`", back.target));
            }
        }
        let example =
            format!("for example, each answer to a mail from `Anna.Weber@{start}` goes to another domain");
        self.found(
            diagnostic.counterexample(example).help("let each mapping lead back to where it comes from"),
        );
    }

    /// A gateway for other domains that is this one: the message would come back, and be sent there again.
    pub(super) fn own_gateway(&mut self) {
        let Some(gateway) = self.rules.gateway() else { return };
        let own = path_key(&Path::of(&gateway.address));
        let mut found = Vec::new();
        for entry in self.common_entries(Kind::GatewayAddress) {
            if path_key(&Path::of(&entry.address())) == own {
                found.push(entry);
            }
        }
        for entry in found {
            let message = format!("the X.400 gateway of `{}` is this gateway itself", entry.key);
            let diagnostic = self
                .at(Code::Circle, &entry.place, message, "leads back to where it comes from")
                .counterexample(format!(
                    "for example, a mail for `anna@{}` would come back for ever",
                    entry.key
                ))
                .help("name another gateway, or remove the rule");
            self.found(diagnostic);
        }
    }
}
