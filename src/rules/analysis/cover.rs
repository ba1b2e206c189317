//! Rules that never decide, because others decide before them, and rules that say what another one says.

use super::super::mcgam::Kind;
use super::super::pseudo_domain::Path;
use super::super::registry::RuleKind;
use super::Analysis;
use super::facts::{path_key, path_of_key};
use crate::diagnostic::Code;

impl Analysis<'_> {
    pub(super) fn covered(&mut self) {
        self.preferred_below_mappings();
        self.of_aviation();
        self.redundant();
    }

    /// `gate1` and `gate2` are asked only when no mapping matches, however short the mapping is.
    fn preferred_below_mappings(&mut self) {
        let mut found = Vec::new();
        for entry in self.common_entries(Kind::GatewayAddress) {
            let Some((mapping, _)) = self.of_domain(Kind::DomainToOr, entry.normal) else { continue };
            let example = format!("for example, `Anna.Weber@{}` is mapped by `{}`", entry.key, mapping.key);
            found.push((entry, mapping, example));
        }
        for entry in self.common_entries(Kind::GatewayDomain) {
            let path = path_of_key(&entry);
            let Some((mapping, _)) = self.of_path(Kind::OrToDomain, &path) else { continue };
            // One label is no domain that mail is routed to, so that the gateway is named after all.
            if !mapping.target.contains('.') {
                continue;
            }
            let example = format!("for example, `S=Weber` at `{}` is mapped by `{}`", entry.key, mapping.key);
            found.push((entry, mapping, example));
        }
        for (entry, mapping, example) in found {
            let message = format!("no gateway is ever named for `{}`: it is mapped", entry.key);
            let diagnostic = self.at(Code::Shadowed, &entry.place, message, "never decides");
            let diagnostic =
                self.beside(diagnostic, &mapping.place, format!("`{}` is mapped here", mapping.key));
            self.found(diagnostic.counterexample(example).help(
                "a mapping goes before every gateway, however long its name is; map what is to be mapped by longer names",
            ));
        }
    }

    /// The domain of aviation is asked for first.
    fn of_aviation(&mut self) {
        let Some(aviation) = self.rules.aviation() else { return };
        let domain = aviation.domain.to_ascii_lowercase();
        let mut found = Vec::new();
        for kind in [Kind::DomainToOr, Kind::GatewayAddress] {
            found.extend(self.common_entries(kind).filter(|entry| entry.normal == domain));
        }
        for entry in found {
            let message = format!("`{}` is the domain of [aviation]", entry.key);
            let diagnostic = self
                .at(Code::Unreachable, &entry.place, message, "nothing leads here")
                .counterexample(format!("for example, `EBBBZZZZ@{}` is an address of aviation", entry.key))
                .help("remove the rule, or give [aviation] a domain of its own");
            self.found(diagnostic);
        }
    }

    /// What is below a mapped name is mapped label by label, whether or not it is written down. In tables that is usual; in a rule file
    /// it is one more thing to keep true.
    fn redundant(&mut self) {
        let mut found = Vec::new();
        for entry in self.common_entries(Kind::DomainToOr) {
            let is_written = |kind| kind == RuleKind::Equivalence;
            if !self.rules.registry.get(entry.place.rule).is_some_and(|rule| is_written(rule.kind)) {
                continue;
            }
            let Some((label, parent)) = entry.normal.split_once('.') else { continue };
            let Some((above, labels)) = self.of_domain(Kind::DomainToOr, parent) else { continue };
            let path = entry.path();
            let mut derived: Path = above.path();
            let between = parent.rsplit('.').skip(labels).chain(std::iter::once(label));
            derived.levels.extend(between.map(|label| Some(label.to_owned())));
            // The way back has to be the same, too.
            let back = self.of_path(Kind::OrToDomain, &path);
            let own = back.is_none_or(|(back, _)| back.place.rule == entry.place.rule);
            let returns = {
                let mut upper = path.clone();
                upper.levels.pop();
                self.of_path(Kind::OrToDomain, &upper)
                    .is_some_and(|(upper, _)| upper.target.eq_ignore_ascii_case(above.key))
            };
            if own && returns && path_key(&derived) == path_key(&path) {
                found.push((entry, above));
            }
        }
        for (entry, above) in found {
            let message = format!("`{}` is mapped just so by `{}`", entry.key, above.key);
            let diagnostic = self.at(Code::Redundant, &entry.place, message, "says nothing new");
            let diagnostic = self.beside(diagnostic, &above.place, "this rule says it");
            self.found(
                diagnostic.help("remove it; below a mapped name labels and attributes correspond one by one"),
            );
        }
    }
}
