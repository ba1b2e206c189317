//! A set of rules while it is read: what there is so far, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::choice::Choice;
use super::examples::Example;
use super::mcgam::{self, Entry, Kind};
use super::registry::{Lines, NewRule, RuleKind, RuleNumber};
use super::scope::Peers;
use super::version::Digest;
use super::{Loaded, Rejected, Rules};
use crate::diagnostic::{Code, Diagnostic, Severity, Sources};

/// Rules on their way.
#[derive(Default)]
pub(super) struct Loader {
    pub(super) rules: Rules,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) sources: Sources,
    pub(super) examples: Vec<Example>,
    pub(super) policy_examples: Vec<super::policy::Example>,
    pub(super) recipient_examples: Vec<super::recipient_examples::RecipientExamples>,
    /// Rules by what they are about, in the order of loading.
    rivals: HashMap<String, Vec<usize>>,
    /// The names of all texts.
    read: BTreeSet<Arc<str>>,
    digest: Digest,
    /// The rule files that are being read, each included by the one before it.
    pub(super) open: Vec<Arc<str>>,
    /// Where the sections stand that may stand once.
    sections: BTreeMap<&'static str, (Arc<str>, Range<usize>)>,
}

/// A rule file being read.
pub(super) struct Reading<'a> {
    /// What it is called.
    pub(super) name: &'a Arc<str>,
    pub(super) lines: Lines,
    /// Gives the text of another file.
    pub(super) read: &'a dyn Fn(&str) -> Result<String, String>,
}

impl Reading<'_> {
    /// A file name in this file, as seen from the first rule file.
    pub(super) fn resolve(&self, loader: &Loader, wanted: &str) -> String {
        // What the first file names is found beside it by whoever reads for us.
        let folder = match self.name.rsplit_once('/') {
            Some((folder, _)) if loader.open.len() > 1 => folder,
            _ => "",
        };
        resolve(folder, wanted)
    }
}

impl Loader {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn unreadable(&mut self, source: &str, span: Range<usize>, wanted: &str, reason: &str) {
        let message = format!("`{wanted}` cannot be read: {reason}");
        self.report(Diagnostic::new(Code::UnreadableFile, source, span, message, ""));
    }

    /// Earlier rules that are about the same thing as the rule of this number, by a text that says what it is about; numbers are
    /// those of the list that the caller keeps. However many rules there are, few are about one thing, and no more are compared.
    pub(super) fn rivals(&mut self, about: String, number: usize) -> Vec<usize> {
        const COMPARED: usize = 64;
        let known = self.rivals.entry(about).or_default();
        let found = known.iter().take(COMPARED).copied().collect();
        known.push(number);
        found
    }

    /// Whether a text has been read.
    pub(super) fn has_read(&self, name: &str) -> bool {
        self.read.contains(name)
    }

    /// Keeps a text for diagnostics.
    pub(super) fn source(&mut self, name: &str, text: impl Into<Arc<str>>) -> Arc<str> {
        let text = text.into();
        self.digest.add(&text);
        self.sources.insert(name, text);
        let name: Arc<str> = Arc::from(name);
        self.read.insert(Arc::clone(&name));
        self.rules.texts.push(Arc::clone(&name));
        name
    }

    /// Gives a row of a rule file its number.
    pub(super) fn register(
        &mut self,
        reading: &Reading<'_>,
        kind: RuleKind,
        name: Option<&Spanned<String>>,
        comment: Option<String>,
        span: Range<usize>,
    ) -> RuleNumber {
        let new = NewRule {
            kind,
            name: name.map(|name| Arc::from(name.get_ref().as_str())),
            comment: comment.map(Into::into),
            source: Arc::clone(reading.name),
            line: reading.lines.at(span.start),
            span,
            table: None,
        };
        let (number, earlier) = self.rules.registry.add(new);
        if let (Some(name), Some(earlier)) =
            (name, earlier.and_then(|number| self.rules.registry.get(number)))
        {
            let message = format!("two rules of the kind `{kind}` are called `{}`", name.get_ref());
            let (source, span) = (earlier.source.to_string(), earlier.span.clone());
            let diagnostic =
                Diagnostic::new(Code::NameTwice, &**reading.name, name.span(), message, "again here");
            self.report(diagnostic.related(source, span, "first here").help("give one of them another name"));
        }
        number
    }

    /// Says for whom a rule counts, by its keys `peer` and `user`.
    pub(super) fn give_scope(
        &mut self,
        reading: &Reading<'_>,
        rule: RuleNumber,
        peers: Option<Peers>,
        user: Option<&Spanned<String>>,
    ) {
        if let Some(scope) = self.scope(reading.name, peers, user) {
            self.rules.registry.set_scope(rule, scope);
        }
    }

    /// Whether a section stands here for the first time; only one file may have it.
    pub(super) fn once(&mut self, reading: &Reading<'_>, section: &'static str, span: Range<usize>) -> bool {
        let Some((source, earlier)) = self.sections.get(section).cloned() else {
            self.sections.insert(section, (Arc::clone(reading.name), span));
            return true;
        };
        let message = format!("`[{section}]` stands in two files");
        let diagnostic = Diagnostic::new(Code::SectionTwice, &**reading.name, span, message, "again here");
        self.report(diagnostic.related(&*source, earlier, "first here").help("keep one of them"));
        false
    }

    /// Reads a table of RFC 2156 Appendix F, which is one rule. `written` is where a rule file names it.
    pub(super) fn table(
        &mut self,
        kind: Kind,
        name: &str,
        text: &str,
        written: Option<(&Reading<'_>, Range<usize>)>,
    ) {
        let source = self.source(name, text);
        let (file, line, span) = match written {
            Some((reading, span)) => (Arc::clone(reading.name), reading.lines.at(span.start), span),
            None => (Arc::clone(&source), 1, 0..0),
        };
        let new = NewRule {
            kind: RuleKind::Table,
            name: None,
            comment: None,
            source: file,
            line,
            span,
            table: Some(source),
        };
        let (rule, _) = self.rules.registry.add(new);
        self.add_to(kind, rule, name, |adding| adding.text(text));
    }

    /// Lets `add` put entries of a rule into a table.
    pub(super) fn add_to(
        &mut self,
        kind: Kind,
        rule: RuleNumber,
        name: &str,
        add: impl FnOnce(&mut mcgam::Adding<'_>),
    ) {
        let mut table = std::mem::take(self.rules.table_mut(kind));
        add(&mut mcgam::Adding {
            kind,
            rule,
            name,
            registry: &self.rules.registry,
            table: &mut table,
            diagnostics: &mut self.diagnostics,
            line_number: 0,
        });
        *self.rules.table_mut(kind) = table;
    }

    pub(super) fn finish(mut self) -> Result<Loaded, Box<Rejected>> {
        self.index_pairs();
        self.index_templates();
        self.refuse_keys_in_both_tables();
        self.warn_of_one_way_entries();
        super::header::sort(&mut self.rules.headers);
        self.sort_bodies();
        self.sort_policies();
        self.compare_routes();
        self.refuse_what_cannot_work();
        let is_error = |diagnostic: &Diagnostic| diagnostic.code.severity() == Severity::Error;
        if !self.diagnostics.iter().any(is_error) {
            self.run_examples();
            self.run_policy_examples();
            self.run_recipient_examples();
        }
        let Self { mut rules, mut diagnostics, sources, digest, .. } = self;
        rules.version = digest.version();
        diagnostics.sort_by(|one, two| (&one.source, one.span.start).cmp(&(&two.source, two.span.start)));
        if diagnostics.iter().any(is_error) {
            Err(Box::new(Rejected { diagnostics, sources }))
        } else {
            Ok(Loaded { rules, warnings: diagnostics, sources })
        }
    }

    /// M-29.
    fn refuse_keys_in_both_tables(&mut self) {
        let rules = &self.rules;
        let tables =
            [(&rules.or_to_domain, &rules.gateway_domains), (&rules.domain_to_or, &rules.gateway_addresses)];
        for (mapping, preferred) in tables {
            for entry in preferred.entries() {
                let scope = rules.registry.scope(entry.place.rule);
                let is_rival = |mapped: &Entry<'_>| rules.registry.scope(mapped.place.rule) == scope;
                let Some(mapped) = mapping.all(entry.normal).find(is_rival) else { continue };
                let message = format!("`{}` is mapped, so no gateway can be preferred for it", entry.key);
                let (source, _) = rules.place(&entry.place);
                let (mapped_source, _) = rules.place(&mapped.place);
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::KeyInBothTables,
                        &*source,
                        entry.place.span.clone(),
                        message,
                        "preferred here",
                    )
                    .related(&*mapped_source, mapped.place.span.clone(), "mapped here")
                    .help("remove one of the two"),
                );
            }
        }
    }

    /// Who would use an entry: messages of its peer, whoever the user is.
    fn alike(&self, entry: &Entry<'_>) -> Choice<'_> {
        let scope = self.rules.registry.scope(entry.place.rule);
        Choice::everybody(&self.rules).for_peer(scope.peers.first().map(String::as_str))
    }

    /// Every entry should lead back to its key: a reply takes the other table. What does not is shown with the address
    /// that goes astray. Tables are compared only where there are both.
    fn warn_of_one_way_entries(&mut self) {
        let rules = &self.rules;
        if rules.or_to_domain.is_empty() || rules.domain_to_or.is_empty() {
            return;
        }
        let mut found = Vec::new();
        // Whether a rule for a user leads back depends on who that is.
        let for_all = |entry: &Entry<'_>| rules.registry.scope(entry.place.rule).user.is_none();
        for entry in rules.domain_to_or.entries().filter(for_all) {
            let path = mcgam::target_path(&entry);
            let back = rules.or_to_domain.by_path(&path, &self.alike(&entry));
            let message = match back.filter(|(_, levels)| *levels >= path.levels.len()) {
                Some((back, _)) if back.target.eq_ignore_ascii_case(entry.normal) => continue,
                Some((back, _)) => format!("`{}` maps to a path that maps to `{}`", entry.key, back.target),
                None => format!("`{}` maps to a path that does not map back", entry.key),
            };
            found.push((entry, message));
        }
        for entry in rules.or_to_domain.entries().filter(for_all) {
            let back = rules.domain_to_or.best(&entry.target.to_ascii_lowercase(), &self.alike(&entry));
            let message = match back {
                Some(back) if mcgam::path_entry_key(&mcgam::target_path(&back)) == entry.normal => continue,
                Some(back) => format!("`{}` maps to a domain that maps to `{}`", entry.key, back.target),
                None => format!("`{}` maps to a domain that does not map back", entry.key),
            };
            found.push((entry, message));
        }
        found.sort_by_key(|(entry, _)| (entry.place.rule, entry.place.span.start));
        let count = found.len();
        let shown =
            found.into_iter().take(MAXIMUM_ONE_WAY_WARNINGS).enumerate().map(|(index, (entry, message))| {
                let (source, _) = rules.place(&entry.place);
                let help = if index + 1 == MAXIMUM_ONE_WAY_WARNINGS && count > MAXIMUM_ONE_WAY_WARNINGS {
                    format!("{} more entries map one way only", count - MAXIMUM_ONE_WAY_WARNINGS)
                } else {
                    "replies to such addresses take another way; if that is meant, nothing needs to be done"
                        .to_owned()
                };
                Diagnostic::new(Code::OneWay, &*source, entry.place.span.clone(), message, "one way only")
                    .help(help)
            });
        let shown: Vec<Diagnostic> = shown.collect();
        self.diagnostics.extend(shown);
    }
}

/// A file name as seen from `folder`, without `.` and as far as possible without `..`.
fn resolve(folder: &str, wanted: &str) -> String {
    let whole = if wanted.starts_with('/') || folder.is_empty() {
        wanted.to_owned()
    } else {
        format!("{folder}/{wanted}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if whole.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// Tables with thousands of one-way entries exist; the first few tell the story.
const MAXIMUM_ONE_WAY_WARNINGS: usize = 20;
