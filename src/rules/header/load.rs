//! Rows of `[[header]]`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rasn_x400::prim::Oid;
use serde::Deserialize;
use toml::Spanned;

use super::{HeaderRule, Syntax, Target, ValueMap, When};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::mixer::heading::{self, Place};
use crate::mixer::military;
use crate::rules::Origin;
use crate::rules::file::Direction;
use crate::rules::loader::{Loader, Reading};
use crate::rules::registry::RuleKind;
use crate::rules::scope::Peers;

/// A row of `[[header]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::rules) struct HeaderSection {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    field: Spanned<String>,
    heading: Option<Spanned<String>>,
    extension: Option<Spanned<String>>,
    syntax: Option<Spanned<Syntax>>,
    set: Option<Spanned<String>>,
    #[serde(default)]
    drop: bool,
    value: Option<Spanned<String>>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    #[serde(default)]
    direction: Direction,
    #[serde(default)]
    when: WhenSection,
    peer: Option<Peers>,
    user: Option<Spanned<String>>,
    #[serde(default)]
    example: Vec<ExampleSection>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WhenSection {
    field: Option<String>,
    equals: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
}

/// A field, and what it becomes: a heading field as MIXER writes it, an extension by its object identifier, the field with
/// another value, or nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleSection {
    field: Spanned<String>,
    becomes: Spanned<String>,
}

impl Loader {
    /// Takes a row of `[[header]]`.
    pub(in crate::rules) fn header(&mut self, reading: &Reading<'_>, row: Spanned<HeaderSection>) {
        let span = row.span();
        let mut section = row.into_inner();
        let source = &**reading.name;
        let number = self.register(
            reading,
            RuleKind::Header,
            section.name.as_ref(),
            section.comment.take(),
            span.clone(),
        );
        self.check_field(source, &section.field, "no rule is for the field");
        let target = self.target(source, &section, span.clone());
        let value = self.value(source, &section, target.as_ref());
        let when = self.when(source, std::mem::take(&mut section.when));
        let scope = self.scope(source, section.peer.take(), section.user.as_ref());
        let (Some(target), Some(value), Some(when), Some(scope)) = (target, value, when, scope) else {
            return;
        };
        let called = self.rules.registry().get(number).map(ToString::to_string).unwrap_or_default();
        let origin = Origin::Rule {
            number,
            kind: RuleKind::Header,
            name: section.name.as_ref().map(|name| name.get_ref().as_str().into()),
            source: Arc::clone(reading.name),
            line: reading.lines.at(span.start),
        };
        let rule = HeaderRule {
            rule: number,
            called,
            origin,
            field: section.field.get_ref().clone(),
            target,
            scope,
            when,
            value,
            direction: section.direction,
        };
        for example in &section.example {
            self.run_header_example(source, &rule, example);
        }
        self.compare_header_rules(source, &rule, span);
        self.rules.headers.push(Arc::new(rule));
    }

    fn check_field(&mut self, source: &str, written: &Spanned<String>, why: &str) {
        let name = written.get_ref();
        let is_name = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic() && octet != b':');
        let lower = name.to_ascii_lowercase();
        if is_name && !UNTOUCHABLE.contains(&lower.as_str()) && !lower.starts_with("content-") {
            return;
        }
        let message =
            if is_name { format!("{why} `{name}`") } else { format!("`{name}` is not the name of a field") };
        self.report(Diagnostic::new(Code::HeaderField, source, written.span(), message, "").help(
            "fields that say who sent a mail, when, how it came and what its body is are made and read by the gateway itself",
        ));
    }

    fn target(&mut self, source: &str, section: &HeaderSection, span: Range<usize>) -> Option<Target> {
        let given =
            [section.heading.is_some(), section.extension.is_some(), section.set.is_some(), section.drop];
        if given.iter().filter(|given| **given).count() != 1 {
            self.report(
                Diagnostic::new(Code::RuleAction, source, span, "a header rule does one thing", "")
                    .help("give it exactly one of `heading`, `extension`, `set` and `drop = true`"),
            );
            return None;
        }
        if let Some(syntax) = &section.syntax
            && section.extension.is_none()
        {
            let message = "only an extension has a syntax";
            self.report(
                Diagnostic::new(Code::RuleAction, source, syntax.span(), message, "").help("leave it out"),
            );
        }
        if let Some(heading) = &section.heading {
            return self.heading_target(source, heading);
        }
        if let Some(extension) = &section.extension {
            return self.extension_target(source, extension, section.syntax.as_ref());
        }
        match &section.set {
            None => Some(Target::Nothing),
            Some(text) if text.get_ref().chars().any(char::is_control) => {
                let message = "a value is one line";
                self.report(Diagnostic::new(Code::InvalidValue, source, text.span(), message, ""));
                None
            }
            Some(text) => Some(Target::Constant(text.get_ref().clone())),
        }
    }

    fn heading_target(&mut self, source: &str, heading: &Spanned<String>) -> Option<Target> {
        let name = heading.get_ref();
        self.check_field(source, heading, "no rule makes the field");
        if matches!(
            heading::place_of_name(name),
            Place::Heading(_) | Place::Military(_) | Place::Envelope | Place::Label
        ) {
            return Some(Target::Heading(name.clone()));
        }
        let known = KNOWN.iter().copied().chain(military::FIELDS.iter().map(|(_, name, ..)| *name));
        let help = match closest(name, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("name it as a mail does: {}, or MMHS-… of military messages", KNOWN.join(", ")),
        };
        let message = format!("no heading field is known by the name `{name}`");
        self.report(Diagnostic::new(Code::HeaderField, source, heading.span(), message, "").help(help));
        None
    }

    fn extension_target(
        &mut self,
        source: &str,
        extension: &Spanned<String>,
        syntax: Option<&Spanned<Syntax>>,
    ) -> Option<Target> {
        let kind: Result<Oid, _> = extension.get_ref().parse();
        let kind = match kind {
            Ok(kind) => kind,
            Err(error) => {
                let message = format!("`{}` is not an object identifier: {error}", extension.get_ref());
                self.report(Diagnostic::new(Code::InvalidValue, source, extension.span(), message, ""));
                return None;
            }
        };
        let Some(syntax) = syntax else {
            let message = "an extension has a value of some syntax";
            self.report(
                Diagnostic::new(Code::MissingKey, source, extension.span(), message, "")
                    .help("add `syntax`: ia5, printable, utf8, integer or boolean"),
            );
            return None;
        };
        Some(Target::Extension(kind, *syntax.get_ref()))
    }

    fn value(&mut self, source: &str, section: &HeaderSection, target: Option<&Target>) -> Option<ValueMap> {
        let written = section.value.as_ref();
        let span = written.map_or_else(|| section.field.span(), Spanned::span);
        let value = match ValueMap::new(written.map(|text| text.get_ref().as_str()), section.map.clone()) {
            Ok(value) => value,
            Err(message) => {
                self.report(
                    Diagnostic::new(Code::InvalidValue, source, span, message, "")
                        .help("write `{value}` once, with any text around it"),
                );
                return None;
            }
        };
        let carries = matches!(target, Some(Target::Heading(_) | Target::Extension(..)));
        if target.is_some() && !carries && !value.is_plain() {
            let message = "this rule carries no value that could be changed";
            self.report(
                Diagnostic::new(Code::RuleAction, source, span, message, "")
                    .help("`value` and `map` are for rules with `heading` or `extension`"),
            );
            return None;
        }
        if section.direction == Direction::Both
            && let Some(message) = value.not_invertible()
        {
            self.report(
                Diagnostic::new(Code::HeaderOneWay, source, span, message, "does not lead back")
                    .help("make it lead back, or give the rule a direction"),
            );
            return None;
        }
        Some(value)
    }

    fn when(&mut self, source: &str, section: WhenSection) -> Option<When> {
        let field = match (section.field, section.equals) {
            (Some(field), equals) => Some((field, equals.map(Spanned::into_inner))),
            (None, None) => None,
            (None, Some(equals)) => {
                let message = "which field is to have this value?";
                self.report(
                    Diagnostic::new(Code::MissingKey, source, equals.span(), message, "").help("add `field`"),
                );
                return None;
            }
        };
        let from = self.pattern_if_any(source, section.from.as_ref())?;
        let to = self.pattern_if_any(source, section.to.as_ref())?;
        Some(When { field, from, to })
    }

    /// Two rules must not say different things about the same field, nor lead back from one value to two fields.
    fn compare_header_rules(&mut self, source: &str, rule: &HeaderRule, span: Range<usize>) {
        let overlap = |other: &HeaderRule| {
            other.when == rule.when
                && other.scope == rule.scope
                && (other.direction == rule.direction
                    || other.direction == Direction::Both
                    || rule.direction == Direction::Both)
        };
        let same_field =
            |other: &&Arc<HeaderRule>| overlap(other) && other.field.eq_ignore_ascii_case(&rule.field);
        let number = self.rules.headers.len();
        let whose = format!("{:?} {:?}", rule.when, rule.scope);
        let rivals = self.rivals(format!("field {} {whose}", rule.field.to_ascii_lowercase()), number);
        let rivals = rivals.into_iter().filter_map(|number| self.rules.headers.get(number));
        if let Some(earlier) = { rivals }.find(same_field).map(|other| other.rule) {
            let message = format!("a rule for the field `{}` is there already", rule.field);
            return self.same_rule(source, span, earlier, &message);
        }
        let comes_back = |one: &HeaderRule| one.direction != Direction::ToX400;
        let same_target = |other: &HeaderRule| match (&other.target, &rule.target) {
            (Target::Heading(one), Target::Heading(other)) => one.eq_ignore_ascii_case(other),
            (Target::Extension(one, _), Target::Extension(other, _)) => one == other,
            _ => false,
        };
        let target = match &rule.target {
            Target::Heading(name) => name.to_ascii_lowercase(),
            Target::Extension(kind, _) => kind.to_string(),
            Target::Constant(_) | Target::Nothing => return,
        };
        let rivals = self.rivals(format!("heading {target} {whose}"), number);
        let rivals = rivals.into_iter().filter_map(|number| self.rules.headers.get(number));
        let found = { rivals }.find_map(|other| {
            if !(comes_back(rule) && comes_back(other) && overlap(other) && same_target(other)) {
                return None;
            }
            Some((other.rule, other.field.clone(), other.value.both_make(&rule.value)?))
        });
        if let Some((earlier, field, value)) = found {
            let message = format!("`{value}` leads back to the field `{field}` and to `{}`", rule.field);
            let mut diagnostic = Diagnostic::new(Code::HeaderOneWay, source, span, message, "");
            if let Some(earlier) = self.rules.registry().get(earlier) {
                diagnostic = diagnostic.related(&*earlier.source, earlier.span.clone(), "the other rule");
            }
            self.report(
                diagnostic.help("tell them apart by `value` or `map`, or give one of them a direction"),
            );
        }
    }

    fn run_header_example(&mut self, source: &str, rule: &HeaderRule, example: &ExampleSection) {
        let field = split(example.field.get_ref());
        let becomes = split(example.becomes.get_ref());
        if rule.direction != Direction::ToInternet
            || matches!(rule.target, Target::Constant(_) | Target::Nothing)
        {
            let found = match field {
                Some((name, value)) if name.eq_ignore_ascii_case(&rule.field) => shown_in_x400(rule, value),
                _ => None,
            };
            let expected = example.becomes.get_ref().trim();
            match found {
                Some(found) if same_field(&found, expected) => self.rules.registry.used(rule.rule, true),
                found => {
                    let found = found.as_deref().map_or("stays as it is", |found| found);
                    let found = if found.is_empty() { "nothing" } else { found };
                    let message = format!("`{}` becomes: {found}", example.field.get_ref());
                    self.header_example_fails(source, example.becomes.span(), message);
                }
            }
        }
        let Some((name, value)) = becomes.filter(|_| rule.direction != Direction::ToX400) else { return };
        let found = match &rule.target {
            Target::Heading(heading) if heading.eq_ignore_ascii_case(name) => rule.to_internet(value),
            Target::Extension(kind, syntax) if kind.to_string() == name => {
                syntax.encode(value).and_then(|raw| rule.of_extension(kind, Some(&raw)))
            }
            Target::Heading(_) | Target::Extension(..) => None,
            Target::Constant(_) | Target::Nothing => return,
        };
        match found.map(|value| format!("{}: {value}", rule.field)) {
            Some(found) if same_field(&found, example.field.get_ref()) => {
                self.rules.registry.used(rule.rule, false);
            }
            found => {
                let found = found.unwrap_or_else(|| "nothing of this rule".to_owned());
                let message = format!("`{}` leads back to: {found}", example.becomes.get_ref());
                self.header_example_fails(source, example.field.span(), message);
            }
        }
    }

    fn header_example_fails(&mut self, source: &str, span: Range<usize>, message: String) {
        self.report(
            Diagnostic::new(Code::ExampleFails, source, span, message, "the example says this")
                .help("correct the example or the rule it belongs to"),
        );
    }
}

/// What a field of this value becomes, as an example writes it; `None` if the rule does not take it.
fn shown_in_x400(rule: &HeaderRule, value: &str) -> Option<String> {
    Some(match &rule.target {
        Target::Heading(name) => format!("{name}: {}", rule.to_x400(value)?),
        Target::Extension(kind, syntax) => {
            let (_, raw) = rule.extension(value)?;
            format!("{kind}: {}", syntax.decode(&raw)?)
        }
        Target::Constant(text) => format!("{}: {text}", rule.field),
        Target::Nothing => String::new(),
    })
}

fn split(field: &str) -> Option<(&str, &str)> {
    let (name, value) = field.split_once(':')?;
    Some((name.trim(), value.trim()))
}

/// Names are equal in any case, values are not.
fn same_field(one: &str, other: &str) -> bool {
    match (split(one), split(other)) {
        (Some(one), Some(other)) => one.0.eq_ignore_ascii_case(other.0) && one.1 == other.1,
        _ => one.trim() == other.trim(),
    }
}

/// Without these a mail is none, or says of itself what is not so.
const UNTOUCHABLE: [&str; 7] =
    ["from", "date", "message-id", "mime-version", "received", "x400-received", "return-path"];

/// Heading fields as mails name them, for those who look for one.
const KNOWN: [&str; 14] = [
    "Subject",
    "Importance",
    "Sensitivity",
    "Priority",
    "Expires",
    "Reply-By",
    "Reply-To",
    "Sender",
    "To",
    "Cc",
    "References",
    "Supersedes",
    "Autosubmitted",
    "SIO-Label",
];
