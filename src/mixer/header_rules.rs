//! What the operator's rules do with header fields ([`crate::rules::header`]).
//!
//! * [`to_x400`] changes the header of a mail before anything else reads it: fields get other names or values, are left out,
//!   or wait to become extensions of the heading. The body is not touched.
//! * [`extensions_to_internet`] takes such extensions out of a heading, and [`to_internet`] does the rest with the finished
//!   header of a mail.

use rasn_x400::x420::heading::{Heading, HeadingExtensionField};

use super::charset::decode_words;
use super::header_block::HeaderBlock;
use super::{to_internet, to_x400};
use crate::message::{Field, Header};
use crate::rules::header::{HeaderRule, Target};

/// Not a clause: the rule file says so.
pub(crate) const BY_RULE: &str = "a header rule";

/// An extension of the heading that a rule makes of a field.
#[derive(Debug, Clone)]
pub(crate) struct MadeExtension {
    pub(crate) field: HeadingExtensionField,
    /// Where it came from: `header X-Project`.
    pub(crate) source: String,
    /// The field as it stood.
    pub(crate) line: String,
}

/// The header as the rules want it; gives what becomes of fields that are extensions now.
pub(crate) fn to_x400(header: &mut Header, work: &mut to_x400::Work<'_>) -> Vec<MadeExtension> {
    let rules = work.settings().headers.clone();
    let has = |name: &str, value: Option<&str>| {
        header.all(name).any(|field| value.is_none_or(|value| is_value(&field.value, value)))
    };
    let rules: Vec<&HeaderRule> =
        rules.iter().map(AsRef::as_ref).filter(|rule| rule.holds_for_fields(has)).collect();
    if rules.is_empty() {
        return Vec::new();
    }
    let mut extensions = Vec::new();
    let mut made: Vec<Field> = Vec::new();
    for rule in &rules {
        let Target::Constant(text) = &rule.target else { continue };
        if made.iter().any(|field| field.is(&rule.field)) {
            continue;
        }
        for field in header.all(&rule.field).filter(|field| field.value != *text) {
            let reason = format!("{} sets it", rule.called);
            work.losses.replaced(
                format!("header {}", field.name),
                field.line(),
                reason,
                BY_RULE,
                text.as_str(),
            );
        }
        work.trail.by_rule(format_args!("header {}", rule.field), text, "setting", (BY_RULE, &rule.origin));
        made.push(Field::new(&rule.field, text));
    }
    let constant = made.len();
    header.retain(|field| {
        if made[..constant].iter().any(|set| field.is(&set.name)) {
            return false;
        }
        let at = format!("header {}", field.name);
        for rule in rules.iter().filter(|rule| field.is(&rule.field)) {
            match &rule.target {
                Target::Constant(_) => {}
                Target::Nothing => {
                    work.losses.dropped(at, field.line(), format!("{} leaves it out", rule.called), BY_RULE);
                    return false;
                }
                Target::Heading(name) => {
                    let Some(value) = to_value(rule, field) else { continue };
                    work.trail.by_rule(format_args!("header {name}"), &value, &at, (BY_RULE, &rule.origin));
                    made.push(Field::at(field.offset, name, &value));
                    return false;
                }
                // V-02: the heading of 1984 has none.
                Target::Extension(..) if work.settings().is_1984() => {}
                Target::Extension(..) => {
                    let Some((kind, value)) = rule.extension(&decode_words(&field.value)) else { continue };
                    let made = format!("heading.extensions.{kind}");
                    work.trail.by_rule(made, &field.value, &at, (BY_RULE, &rule.origin));
                    let made = HeadingExtensionField { kind, value: Some(value) };
                    extensions.push(MadeExtension { field: made, source: at, line: field.line() });
                    return false;
                }
            }
        }
        true
    });
    // Of fields that count once the first one does: what a rule says goes before what the mail says.
    header.lead_with(made);
    extensions
}

/// Takes the extensions that rules make fields of out of a heading; gives the fields.
pub(crate) fn extensions_to_internet(heading: &mut Heading, work: &mut to_internet::Work<'_>) -> HeaderBlock {
    let mut fields = HeaderBlock::default();
    let rules = work.settings().headers.clone();
    if rules.is_empty() {
        return fields;
    }
    heading.extensions.retain(|extension| {
        // Whether a rule held for the fields of a mail was decided when the extension was made.
        let value = extension.value.as_ref();
        let found = rules.iter().find_map(|rule| Some((rule, rule.of_extension(&extension.kind, value)?)));
        let Some((rule, value)) = found else { return true };
        fields.add_text(&rule.field, &value);
        let source = format!("heading.extensions.{}", extension.kind);
        work.trail.by_rule(format_args!("header {}", rule.field), value, source, (BY_RULE, &rule.origin));
        false
    });
    fields
}

/// The header of a mail as the rules want it.
pub(crate) fn to_internet(header: &mut HeaderBlock, work: &mut to_internet::Work<'_>) {
    let rules = work.settings().headers.clone();
    let has = |name: &str, value: Option<&str>| {
        let mut fields = header.fields().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        fields.any(|(_, found)| value.is_none_or(|value| is_value(found, value)))
    };
    let rules: Vec<&HeaderRule> =
        rules.iter().map(AsRef::as_ref).filter(|rule| rule.holds_for_fields(has)).collect();
    if rules.is_empty() {
        return;
    }
    let mut renamed = HeaderBlock::default();
    header.retain(|name, value| {
        for rule in &rules {
            match &rule.target {
                Target::Nothing if rule.field.eq_ignore_ascii_case(name) => {
                    let reason = format!("{} leaves it out", rule.called);
                    work.losses.dropped(
                        format!("header {name}"),
                        format!("{name}: {value}"),
                        reason,
                        BY_RULE,
                    );
                    return false;
                }
                Target::Heading(heading) if heading.eq_ignore_ascii_case(name) => {
                    let Some(found) = of_value(rule, value) else { continue };
                    let source = format!("header {name}");
                    let output = format_args!("header {}", rule.field);
                    work.trail.by_rule(output, &found, source, (BY_RULE, &rule.origin));
                    match rule.keeps_values() {
                        true => renamed.add(&rule.field, &found),
                        false => renamed.add_text(&rule.field, &found),
                    }
                    return false;
                }
                _ => {}
            }
        }
        true
    });
    header.append(renamed);
    let mut set: Vec<&str> = Vec::new();
    for rule in rules {
        let Target::Constant(text) = &rule.target else { continue };
        if set.iter().any(|known| known.eq_ignore_ascii_case(&rule.field)) {
            continue;
        }
        set.push(&rule.field);
        if let Some(before) = header.take(&rule.field).filter(|before| before != text) {
            let (at, what) = (format!("header {}", rule.field), format!("{}: {before}", rule.field));
            work.losses.replaced(at, what, format!("{} sets it", rule.called), BY_RULE, text.as_str());
        }
        header.add_text(&rule.field, text);
        if rule.field.eq_ignore_ascii_case("From") {
            work.authors.push(text.clone());
        }
        work.trail.by_rule(format_args!("header {}", rule.field), text, "setting", (BY_RULE, &rule.origin));
    }
}

/// The value of a field as the rule makes it. One that stays as it is keeps its encoded words.
fn to_value(rule: &HeaderRule, field: &Field) -> Option<String> {
    match rule.keeps_values() {
        true => Some(field.value.clone()),
        false => rule.to_x400(&decode_words(&field.value)),
    }
}

/// The value that a rule made another of.
fn of_value(rule: &HeaderRule, value: &str) -> Option<String> {
    match rule.keeps_values() {
        true => Some(value.to_owned()),
        false => rule.to_internet(&decode_words(value)),
    }
}

/// Whether a field has a value, in any case.
fn is_value(field: &str, value: &str) -> bool {
    decode_words(field).trim().to_lowercase() == value.trim().to_lowercase()
}
