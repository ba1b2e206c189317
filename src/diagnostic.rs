//! What is wrong with an operator's file, and where: configuration, rules, mapping tables.
//!
//! A [`Diagnostic`] has a stable [`Code`], a place in a named source, and where possible a way out. [`Diagnostic::render`]
//! draws it with the line and a caret; [`Diagnostic::to_json`] gives it to programs. `mappings/README.md` explains each
//! code of rules and configuration with an example, `src/peer/README.md` those of scripts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident $code:literal $severity:ident $meaning:literal;)*) => {
        /// The catalogue of codes. A released code is never given another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = concat!($code, ": ", $meaning, ".")] $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As printed, such as `X0101`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }

            /// Whether it keeps a file from being used.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),* }
            }
        }
    };
}

codes! {
    Syntax "X0001" Error "the text is not TOML";
    UnknownKey "X0002" Error "a key that means nothing here";
    InvalidValue "X0003" Error "a value of the wrong type or outside what is allowed";
    MissingKey "X0004" Error "a key that must be given is not";
    UnreadableFile "X0005" Error "a file that is referred to cannot be read";
    TableLine "X0101" Error "a line of a mapping table is not `key#value#`";
    TableDomain "X0102" Error "a domain has a label that no mapping can have";
    TableAddress "X0103" Error "the O/R side of a mapping cannot be read";
    TableHierarchy "X0104" Error "the O/R side of a mapping is not a path C, ADMD, PRMD, O, OU";
    DuplicateEntry "X0105" Warning "the same mapping twice";
    ConflictingEntry "X0106" Error "two mappings of one key to different places";
    KeyInBothTables "X0107" Error "a key is both mapped and given to a preferred gateway";
    OneWay "X0108" Warning "a mapping whose result does not map back";
    SingleLabel "X0109" Warning "a domain of one label, to which no mail is routed";
    OutOfBounds "X0110" Error "an attribute of a mapping exceeds its upper bound";
    ExampleFails "X0201" Error "an example does not come out as written";
    BadAddress "X0202" Error "an O/R address cannot be read or is not complete";
    BadDomain "X0203" Error "a domain name cannot be used";
    UnknownTable "X0204" Error "a table whose kind its name does not tell";
    NameTwice "X0210" Error "two rules of one kind have one name";
    IncludeCircle "X0211" Error "a rule file that includes itself";
    SectionTwice "X0212" Error "a section that may stand in one file only";
    ExampleElsewhere "X0213" Warning "an example that another rule than its own answers";
    CsvSyntax "X0214" Error "a file of comma-separated values cannot be read";
    CsvColumn "X0215" Error "a file of comma-separated values lacks a column";
    CsvField "X0216" Error "a line of comma-separated values lacks a field, or has one that means nothing";
    TemplateSyntax "X0220" Error "one side of a template cannot be read";
    TemplateVariable "X0221" Error "a template does not invert: its sides have different variables";
    TemplateTransform "X0222" Error "what is done to a variable does not invert, or cannot be done";
    TemplateAddress "X0223" Error "the O/R side of a template makes no O/R address";
    RuleAction "X0240" Error "a rule that does nothing, several things, or something else than it can";
    SameRule "X0241" Error "two rules about just the same messages";
    HeaderField "X0242" Error "a field that header rules do not take or make";
    HeaderOneWay "X0243" Error "a header rule of both directions that does not lead back";
    UnknownPeer "X0244" Error "a rule names a peer that the configuration does not have";
    Query "X0270" Error "a query of a lookup cannot be used";
    ScriptWord "X0301" Error "a word of a script that means nothing there";
    ScriptSyntax "X0302" Error "a line of a script ends too early";
    ScriptValue "X0303" Error "a value of a script cannot be used";
    ScriptOrder "X0304" Error "a step of a script stands where it cannot be done";
    Shadowed "X0310" Warning "a rule that never decides, because others decide before it";
    Unreachable "X0311" Warning "a rule that nothing leads to";
    Ambiguous "X0312" Error "two rules that decide equally well, and differently";
    DoesNotInvert "X0313" Warning "an address that does not come back as it was";
    OwnName "X0314" Warning "a mapping to the gateway's own address or domain";
    Encapsulated "X0315" Error "a rule for an address that carries an Internet address";
    Circle "X0316" Error "rules that lead round in a circle";
    Redundant "X0317" Warning "a rule that says what another one says already";
    NoExample "X0319" Note "a rule that no example uses";
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong.
    Note,
    /// Used all the same.
    Warning,
    /// Not used.
    Error,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Code {
    /// The code that is printed so, in any case of its letter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(name))
    }
}

/// The texts that diagnostics point into, by name.
#[derive(Debug, Clone, Default)]
pub struct Sources(BTreeMap<String, Arc<str>>);

impl Sources {
    /// Keeps a text under its name; a later text of the same name replaces it.
    pub fn insert(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) {
        self.0.insert(name.into(), text.into());
    }

    /// The text of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref)
    }
}

/// Another place that has to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Name of the source.
    pub source: String,
    /// Octets of the source.
    pub span: Range<usize>,
    /// What is there.
    pub label: String,
}

/// One thing wrong in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind.
    pub code: Code,
    /// What is wrong: lower case, no full stop, the operator's own words in backticks.
    pub message: String,
    /// Name of the source.
    pub source: String,
    /// Octets of the source.
    pub span: Range<usize>,
    /// What stands beside the caret; may be empty.
    pub label: String,
    /// What to do next.
    pub help: Option<String>,
    /// Other places, such as the earlier of two entries.
    pub related: Vec<Related>,
    /// An address or message that it goes wrong for, and how.
    pub counterexample: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without help or related places.
    pub fn new(
        code: Code,
        source: impl Into<String>,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            source: source.into(),
            span,
            label: label.into(),
            help: None,
            related: Vec::new(),
            counterexample: None,
        }
    }

    /// The same with an address or message that it goes wrong for.
    #[must_use]
    pub fn counterexample(mut self, counterexample: impl Into<String>) -> Self {
        self.counterexample = Some(counterexample.into());
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with another place.
    #[must_use]
    pub fn related(
        mut self,
        source: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
    ) -> Self {
        self.related.push(Related { source: source.into(), span, label: label.into() });
        self
    }

    /// What `toml` has to say about a text: a fault of syntax, an unknown key with the key that was probably meant, a
    /// missing key, or a wrong value.
    #[must_use]
    pub fn from_toml(error: &toml::de::Error, source: &str) -> Self {
        let message = error.message();
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let is_word = message.starts_with("unknown field") || message.starts_with("unknown variant");
        let code = if message.starts_with("unknown field") {
            Code::UnknownKey
        } else if message.starts_with("missing field") {
            Code::MissingKey
        } else if is_word || message.starts_with("invalid type") || message.starts_with("invalid value") {
            Code::InvalidValue
        } else {
            Code::Syntax
        };
        let first_line = message.lines().next().unwrap_or_default();
        let diagnostic = Self::new(code, source, error.span().unwrap_or(0..0), first_line, "");
        match quoted.split_first() {
            Some((written, known)) if is_word => {
                let help = match closest(written, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known here: {}", known.join(", ")),
                };
                let message = message.split(',').next().unwrap_or_default();
                Self { message: message.to_owned(), help: Some(help), ..diagnostic }
            }
            _ => diagnostic,
        }
    }

    /// Line and column of the start, both from 1; columns are characters.
    #[must_use]
    pub fn position(&self, sources: &Sources) -> (usize, usize) {
        position(sources.get(&self.source).unwrap_or_default(), self.span.start)
    }

    /// The diagnostic as text with the lines it is about; no colours.
    #[must_use]
    pub fn render(&self, sources: &Sources) -> String {
        let level = match self.code.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let mut group = level.primary_title(self.message.as_str()).id(self.code.as_str()).element(excerpt(
            sources,
            &self.source,
            &self.span,
            AnnotationKind::Primary,
            &self.label,
        ));
        for related in &self.related {
            group = group.element(excerpt(
                sources,
                &related.source,
                &related.span,
                AnnotationKind::Context,
                &related.label,
            ));
        }
        let mut report = vec![group];
        if let Some(counterexample) = &self.counterexample {
            report.push(Group::with_title(Level::NOTE.secondary_title(counterexample.as_str())));
        }
        if let Some(help) = &self.help {
            report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        Renderer::plain().render(&report)
    }

    /// The diagnostic on one line: where, what, and its code.
    #[must_use]
    pub fn headline(&self, sources: &Sources) -> String {
        let (line, _) = position(sources.get(&self.source).unwrap_or_default(), self.span.start);
        format!("{}:{line}: {} [{}]", self.source, self.message, self.code.as_str())
    }

    /// The diagnostic for programs.
    #[must_use]
    pub fn to_json(&self, sources: &Sources) -> serde_json::Value {
        let place = |source: &str, span: &Range<usize>| {
            let (line, column) = position(sources.get(source).unwrap_or_default(), span.start);
            serde_json::json!({ "source": source, "line": line, "column": column, "start": span.start, "end": span.end })
        };
        serde_json::json!({
            "code": self.code.as_str(),
            "severity": self.code.severity().as_str(),
            "message": self.message,
            "place": place(&self.source, &self.span),
            "label": self.label,
            "help": self.help,
            "counterexample": self.counterexample,
            "related": self.related.iter().map(|related| serde_json::json!({
                "place": place(&related.source, &related.span),
                "label": related.label,
            })).collect::<Vec<_>>(),
        })
    }
}

/// Diagnostics with the texts they point into: why a file is not used.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The texts.
    pub sources: Sources,
    /// What is wrong with them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// One diagnostic about one text.
    #[must_use]
    pub fn of(name: &str, text: &str, diagnostic: Diagnostic) -> Self {
        let mut sources = Sources::default();
        sources.insert(name, text);
        Self { sources, diagnostics: vec![diagnostic] }
    }

    /// Those that keep the file from being used.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.code.severity() == Severity::Error)
    }

    /// All diagnostics as text, one after the other.
    #[must_use]
    pub fn render(&self) -> String {
        self.diagnostics
            .iter()
            .map(|diagnostic| diagnostic.render(&self.sources))
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    /// All diagnostics as a JSON array.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        self.diagnostics.iter().map(|diagnostic| diagnostic.to_json(&self.sources)).collect()
    }
}

/// Only the lines of the span, so that a table of a million lines costs no more than a short one.
fn excerpt<'a>(
    sources: &'a Sources,
    name: &'a str,
    span: &Range<usize>,
    kind: AnnotationKind,
    label: &'a str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = sources.get(name).unwrap_or_default();
    let start = floor(text, span.start);
    let end = floor(text, span.end).max(start);
    let first = text[..start].rfind('\n').map_or(0, |place| place + 1);
    let last = text[end..].find('\n').map_or(text.len(), |place| end + place);
    let mut annotation = kind.span(start - first..end - first);
    if !label.is_empty() {
        annotation = annotation.label(label);
    }
    let line = text[..first].bytes().filter(|octet| *octet == b'\n').count() + 1;
    Snippet::source(&text[first..last]).path(name).line_start(line).annotation(annotation)
}

/// The last character boundary at or before a place.
fn floor(text: &str, place: usize) -> usize {
    let place = place.min(text.len());
    (0..=place).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0)
}

fn position(text: &str, place: usize) -> (usize, usize) {
    let before = &text[..floor(text, place)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The known word that was probably meant: at most a third of its letters differ.
#[must_use]
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near =
        known.into_iter().map(|word| (distance(&written.to_lowercase(), &word.to_lowercase()), word)).min();
    near.filter(|&(distance, word)| distance * 3 <= word.len().max(3)).map(|(_, word)| word)
}

/// Letters to insert, delete or replace to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, left) in from.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, right) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_of_one_shape() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(code.as_str().len() == 5 && code.as_str().starts_with('X'), "{}", code.as_str());
            assert!(!code.meaning().ends_with('.'));
        }
    }

    #[test]
    fn the_line_is_shown_with_a_caret() {
        let mut sources = Sources::default();
        sources.insert("mapping2", "# t\u{fc}\nAC.UK#PRMD$UK.AC#\n");
        let span = sources.get("mapping2").unwrap().find("AC#").unwrap();
        let diagnostic =
            Diagnostic::new(Code::TableAddress, "mapping2", span..span + 2, "expected `KEY$value`", "here")
                .help("write a full stop inside a value as `\\.`");
        assert_eq!(diagnostic.position(&sources), (2, 15));
        let text = diagnostic.render(&sources);
        assert!(text.contains("error[X0103]: expected `KEY$value`"), "{text}");
        assert!(text.contains("mapping2:2:15"), "{text}");
        assert!(text.contains("help: write a full stop"), "{text}");
        assert_eq!(diagnostic.to_json(&sources)["place"]["line"], 2);
        // A span outside its text points at the end of it instead of panicking.
        assert!(!Diagnostic { span: 900..950, ..diagnostic }.render(&sources).is_empty());
    }

    #[test]
    fn a_mistyped_key_is_recognised() {
        assert_eq!(closest("domian", ["domain", "address"]), Some("domain"));
        assert_eq!(closest("x", ["domain", "address"]), None);
    }
}
