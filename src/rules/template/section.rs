//! Templates in a rule file: `[[template]]`.

use std::collections::BTreeMap;
use std::ops::Range;

use rasn_x400::x411::address::text::{self, Key, KeyedAddress};
use serde::Deserialize;
use toml::Spanned;

use super::super::examples::ExampleSection;
use super::super::file::Direction;
use super::super::loader::{Loader, Reading};
use super::super::mcgam::is_label;
use super::super::registry::RuleKind;
use super::super::scope::Peers;
use super::Template;
use super::shape::{Part, Shape};
use super::variable::{Case, Mapping, Variable};
use crate::diagnostic::{Code, Diagnostic, closest};

/// A row of `[[template]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct TemplateRow {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    internet: Spanned<String>,
    or: Spanned<String>,
    #[serde(default)]
    direction: Direction,
    #[serde(default, rename = "where")]
    variables: BTreeMap<Spanned<String>, WhereRow>,
    peer: Option<Peers>,
    user: Option<Spanned<String>>,
    #[serde(default)]
    example: Vec<ExampleSection>,
}

/// What is said of a variable.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhereRow {
    case: Option<Case>,
    map: Option<BTreeMap<String, Spanned<String>>>,
    #[serde(default)]
    replace: BTreeMap<Spanned<String>, Spanned<String>>,
    split: Option<Spanned<String>>,
    one_of: Option<Vec<Spanned<String>>>,
}

/// Digits that stand for a variable while its O/R address is read, then its number in four digits. Values of every kind
/// may have digits.
const PLACEHOLDER: &str = "7350917";
const PLACEHOLDER_DIGITS: usize = 4;

/// A template being read.
struct Draft<'a> {
    file: &'a str,
    row: &'a TemplateRow,
    variables: Vec<Variable>,
}

impl Loader {
    /// Takes over a row of `[[template]]`.
    pub(in super::super) fn template(&mut self, reading: &Reading<'_>, row: Spanned<TemplateRow>) {
        let place = row.span();
        let mut row = row.into_inner();
        let rule = self.register(reading, RuleKind::Template, row.name.as_ref(), row.comment.take(), place);
        self.give_scope(reading, rule, row.peer.take(), row.user.as_ref());
        self.keep_examples(reading, std::mem::take(&mut row.example), Some(rule), row.direction);
        let mut draft = Draft { file: reading.name, row: &row, variables: Vec::new() };
        let read = draft.internet().and_then(|internet| {
            draft.transforms()?;
            Ok((internet, draft.or()?))
        });
        match read {
            Ok(((local, domain), (attributes, units, more_units))) => {
                let variables = draft.variables;
                let directions = row.direction.into();
                let template =
                    Template { rule, directions, variables, local, domain, attributes, units, more_units };
                self.rules.templates.push(template);
            }
            Err(diagnostic) => self.report(*diagnostic),
        }
    }

    /// Makes templates ready to be found.
    pub(in super::super) fn index_templates(&mut self) {
        let mut templates = std::mem::take(&mut self.rules.templates);
        templates.index(|path| self.rules.with_letters(path));
        self.rules.templates = templates;
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;
type OrSide = (Vec<(Key, Shape)>, Vec<Shape>, Option<usize>);

impl Draft<'_> {
    fn fault(&self, code: Code, span: Range<usize>, message: String) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(code, self.file, span, message, ""))
    }

    /// Octets of a string of the file, as long as it has no escapes; never beyond its end.
    fn within(written: &Spanned<String>, span: &Range<usize>) -> Range<usize> {
        let whole = written.span();
        let place = |octet: usize| (whole.start + 1 + octet).min(whole.end);
        place(span.start)..place(span.end)
    }

    /// Local part and domain.
    fn internet(&mut self) -> Read<(Shape, Shape)> {
        let written = &self.row.internet;
        let text = written.get_ref();
        let Some((local, domain)) = text.rsplit_once('@') else {
            let message = format!("`{text}` is no Internet address: there is no `@`");
            return Err(self.fault(Code::TemplateSyntax, written.span(), message));
        };
        let local_shape = self.shape(written, local, 0)?;
        let domain_shape = self.shape(written, domain, local.len() + 1)?;
        let sample = domain_shape.fill(|_| "x");
        if local.is_empty() || domain.is_empty() || !sample.split('.').all(is_label) {
            let message = format!(
                "`{text}` makes no Internet address, such as `{}@{sample}`",
                local_shape.fill(|_| "x")
            );
            return Err(self.fault(Code::TemplateSyntax, written.span(), message));
        }
        if local.starts_with('/') || local.contains('=') {
            let message =
                "a local part with `/` in front, or with `=`, is an O/R address of its own".to_owned();
            return Err(self.fault(Code::TemplateSyntax, written.span(), message));
        }
        Ok((local_shape, domain_shape))
    }

    fn shape(&mut self, written: &Spanned<String>, text: &str, offset: usize) -> Read<Shape> {
        let variables = &mut self.variables;
        let mut number = |name: &str| {
            let known = variables.iter().position(|variable| variable.name == name);
            known.unwrap_or_else(|| {
                variables.push(Variable { name: name.to_owned(), ..Variable::default() });
                variables.len() - 1
            })
        };
        Shape::parse(text, &mut number).map_err(|error| {
            let span = offset + error.span.start..offset + error.span.end;
            self.fault(Code::TemplateSyntax, Self::within(written, &span), error.message)
        })
    }

    /// What `where` says of the variables.
    fn transforms(&mut self) -> Read<()> {
        let row = self.row;
        for (name, said) in &row.variables {
            let Some(number) = self.variables.iter().position(|variable| variable.name == *name.get_ref())
            else {
                let message = format!("`{}` is no variable of `internet`", name.get_ref());
                let mut diagnostic = self.fault(Code::TemplateVariable, name.span(), message);
                let known = self.variables.iter().map(|variable| variable.name.as_str());
                diagnostic.help =
                    closest(name.get_ref(), known).map(|meant| format!("did you mean `{meant}`?"));
                return Err(diagnostic);
            };
            let variable = self.transform(name, said)?;
            if let Some(slot) = self.variables.get_mut(number) {
                *slot = variable;
            }
        }
        Ok(())
    }

    fn transform(&self, name: &Spanned<String>, said: &WhereRow) -> Read<Variable> {
        let mut variable = Variable { name: name.get_ref().clone(), ..Variable::default() };
        variable.case = said.case.unwrap_or_default();
        let alone =
            said.map.is_none() || said.case.is_none() && said.replace.is_empty() && said.one_of.is_none();
        if !alone {
            let message =
                "`map` says each value as it is; `case`, `replace` and `one_of` cannot stand beside it"
                    .to_owned();
            return Err(self.fault(Code::TemplateTransform, name.span(), message));
        }
        for (internet, x400) in said.map.iter().flatten() {
            let map = variable.map.get_or_insert_default();
            map.add(internet, x400.get_ref())
                .map_err(|message| self.fault(Code::TemplateTransform, x400.span(), message))?;
        }
        if said.map.as_ref().is_some_and(BTreeMap::is_empty) {
            variable.map = Some(Mapping::default());
        }
        for (internet, x400) in &said.replace {
            let pair = (single(internet.get_ref()), single(x400.get_ref()));
            let (Some(one), Some(two)) = pair else {
                let message = "one character is replaced by one other".to_owned();
                let span = if pair.0.is_none() { internet.span() } else { x400.span() };
                return Err(self.fault(Code::TemplateTransform, span, message));
            };
            if variable.replace.iter().any(|(_, known)| *known == two) || one == two {
                let message = format!("`{two}` would stand for two characters, and cannot be taken back");
                return Err(self.fault(Code::TemplateTransform, x400.span(), message));
            }
            variable.replace.push((one, two));
        }
        if let Some(split) = &said.split {
            let separator = single(split.get_ref()).filter(|separator| *separator != '@');
            let Some(separator) = separator else {
                let message = "parts are separated by one character, which is not `@`".to_owned();
                return Err(self.fault(Code::TemplateTransform, split.span(), message));
            };
            variable.split = Some(separator);
        }
        variable.one_of =
            said.one_of.iter().flatten().map(|value| value.get_ref().to_ascii_lowercase()).collect();
        if said.one_of.as_ref().is_some_and(Vec::is_empty)
            || said.map.as_ref().is_some_and(BTreeMap::is_empty)
        {
            let message = "without values nothing ever matches".to_owned();
            return Err(self.fault(Code::TemplateTransform, name.span(), message));
        }
        Ok(variable)
    }

    /// The attributes, units apart, most significant first, and the variable for more of them.
    fn or(&self) -> Read<OrSide> {
        let written = &self.row.or;
        let text = written.get_ref();
        let (mut replaced, mut used, mut more_units) = (String::new(), Vec::new(), None);
        // Where the pieces of the text went: octets of the replaced text, and of the text.
        let mut moved: Vec<(usize, usize)> = Vec::new();
        let mut place = 0;
        if text.contains(PLACEHOLDER) {
            let message = format!("`{PLACEHOLDER}` cannot be used here");
            return Err(self.fault(Code::TemplateSyntax, written.span(), message));
        }
        while let Some(open) = text.get(place..).and_then(|rest| rest.find('{')) {
            let start = place + open;
            moved.push((replaced.len(), place));
            replaced.push_str(&text[place..start]);
            let Some(length) = text[start..].find('}') else {
                let span = Self::within(written, &(start..text.len()));
                return Err(self.fault(Code::TemplateSyntax, span, "`{` without `}`".to_owned()));
            };
            let name = &text[start + 1..start + length];
            let Some(number) = self.variables.iter().position(|variable| variable.name == name) else {
                return Err(self.missing(written, start..start + length + 1, name));
            };
            used.push(number);
            place = start + length + 1;
            match self.variables.get(number).is_some_and(|variable| variable.split.is_some()) {
                // Several units have no text of their own: they are put in later.
                true => match unit_label(&replaced) {
                    Some(label) if more_units.is_none() && ends_value(&text[place..]) => {
                        replaced.truncate(label);
                        replaced.push_str("DDA:");
                        replaced.push_str(PLACEHOLDER);
                        replaced.push_str("=1");
                        more_units = Some(number);
                    }
                    _ => {
                        let message = format!("`{name}` is split, so it is written `OU={{{name}}}`, once");
                        let span = Self::within(written, &(start..place));
                        return Err(self.fault(Code::TemplateTransform, span, message));
                    }
                },
                false => {
                    moved.push((replaced.len(), start));
                    replaced.push_str(&format!("{PLACEHOLDER}{number:0PLACEHOLDER_DIGITS$}"));
                }
            }
        }
        moved.push((replaced.len(), place));
        replaced.push_str(&text[place..]);
        if let Some(unused) = (0..self.variables.len()).find(|number| !used.contains(number)) {
            let name = self.variables.get(unused).map_or("", |variable| variable.name.as_str());
            return Err(self.missing(&self.row.internet, 0..self.row.internet.get_ref().len(), name));
        }
        let address = text::parse(&replaced).map_err(|error| {
            let piece = moved.iter().rev().find(|(new, _)| *new <= error.offset);
            let offset = piece.map_or(0, |(new, old)| old + error.offset - new);
            let span = Self::within(written, &(offset..text.len()));
            let mut diagnostic = self.fault(Code::TemplateAddress, span, self.readable(&error.to_string()));
            diagnostic.help = error.suggestion;
            diagnostic
        })?;
        self.check(&address)?;
        let mut attributes = Vec::new();
        let mut units = Vec::new();
        for attribute in address.attributes() {
            let shape = self.unfilled(&attribute.value);
            match &attribute.key {
                Key::OrganizationalUnit => units.insert(0, shape),
                Key::DomainDefined(kind) if kind == PLACEHOLDER => {}
                Key::DomainDefined(kind) if kind.contains(PLACEHOLDER) => {
                    let message =
                        "the type of a domain-defined attribute is no place for a variable".to_owned();
                    return Err(self.fault(Code::TemplateSyntax, written.span(), message));
                }
                key => attributes.push((key.clone(), shape)),
            }
        }
        Ok((attributes, units, more_units))
    }

    /// The two sides have different variables.
    fn missing(&self, written: &Spanned<String>, span: Range<usize>, name: &str) -> Box<Diagnostic> {
        let in_internet = std::ptr::eq(written, &self.row.internet);
        let (here, there) = if in_internet { ("internet", "or") } else { ("or", "internet") };
        let message =
            format!("`{name}` is a variable of `{here}` and not of `{there}`, so it cannot be taken back");
        let other = if in_internet { self.row.or.span() } else { self.row.internet.span() };
        let mut diagnostic = self.fault(Code::TemplateVariable, Self::within(written, &span), message);
        if let (false, known) = (in_internet, self.variables.iter().map(|variable| variable.name.as_str())) {
            diagnostic.help = closest(name, known).map(|meant| format!("did you mean `{meant}`?"));
        }
        Box::new(diagnostic.related(self.file, other, "the other side"))
    }

    /// What is wrong with the address whatever the variables are.
    fn check(&self, address: &KeyedAddress) -> Read<()> {
        let span = self.row.or.span();
        if let Err(missing) = address.form() {
            let message = format!("the O/R address is not complete: {missing}");
            return Err(self.fault(Code::TemplateAddress, span, message));
        }
        let literal = address.without(|attribute| {
            let kind = matches!(&attribute.key, Key::DomainDefined(kind) if kind.contains(PLACEHOLDER));
            kind || attribute.value.contains(PLACEHOLDER)
        });
        if let Some(finding) = text::check(&literal).first() {
            return Err(self.fault(Code::TemplateAddress, span, finding.to_string()));
        }
        if address.units().count() > rasn_x400::bounds::ORGANIZATIONAL_UNITS {
            return Err(self.fault(
                Code::TemplateAddress,
                span,
                "more than four organizational units".to_owned(),
            ));
        }
        let shapes =
            address.attributes().iter().map(|attribute| (attribute, self.unfilled(&attribute.value)));
        for (attribute, shape) in shapes {
            let adjacent =
                shape.0.windows(2).any(|pair| matches!(pair, [Part::Variable(_), Part::Variable(_)]));
            if adjacent {
                let message = format!("in {} nothing stands between two variables", attribute.key);
                return Err(self.fault(Code::TemplateSyntax, span, message));
            }
        }
        Ok(())
    }

    /// A value with its placeholders as variables again.
    fn unfilled(&self, value: &str) -> Shape {
        let mut parts = Vec::new();
        let mut rest = value;
        while let Some((before, after)) = rest.split_once(PLACEHOLDER) {
            let digits = after.get(..PLACEHOLDER_DIGITS).and_then(|digits| digits.parse::<usize>().ok());
            let Some(number) = digits.filter(|number| *number < self.variables.len()) else { break };
            if !before.is_empty() {
                parts.push(Part::Literal(before.to_owned()));
            }
            parts.push(Part::Variable(number));
            rest = &after[PLACEHOLDER_DIGITS..];
        }
        if !rest.is_empty() || parts.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Shape(parts)
    }

    /// A message with the names of variables instead of what stands for them.
    fn readable(&self, message: &str) -> String {
        self.variables.iter().enumerate().fold(message.to_owned(), |message, (number, variable)| {
            message.replace(
                &format!("{PLACEHOLDER}{number:0PLACEHOLDER_DIGITS$}"),
                &format!("{{{}}}", variable.name),
            )
        })
    }
}

fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// Where the label `OU` begins, if a text ends with `OU=`.
fn unit_label(text: &str) -> Option<usize> {
    let before = text.trim_end_matches(' ').strip_suffix('=')?.trim_end_matches(' ');
    let start = before.len().checked_sub(2)?;
    let label = before.get(start..)?;
    let ends = before[..start]
        .trim_end_matches(' ')
        .chars()
        .next_back()
        .is_none_or(|last| matches!(last, ';' | '/'));
    (label.eq_ignore_ascii_case("OU") && ends).then_some(start)
}

/// Whether nothing follows in the value of an attribute.
fn ends_value(rest: &str) -> bool {
    rest.trim_start_matches(' ').chars().next().is_none_or(|next| matches!(next, ';' | '/'))
}
