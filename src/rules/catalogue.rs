//! The catalogue of diagnostics as an operator reads it: what a code means, what to do, and an example with what the gateway
//! says about it.
//!
//! The table of `mappings/README.md` has the words, `mappings/diagnostics` an example for each code: the rule file is named
//! after its code and begins with a comment that says what is wrong; its tables are beside it.

use super::Rules;
use crate::diagnostic::{Code, Report, Sources};

/// Files with their texts, the rule file first.
pub type Texts = &'static [(&'static str, &'static str)];

macro_rules! examples {
    ($($code:ident: $($file:literal),+;)*) => {
        /// The example of each code.
        const EXAMPLES: &[(Code, Texts)] = &[
            $((Code::$code, &[$(($file, include_str!(concat!("../../mappings/diagnostics/", $file)))),+])),*
        ];
    };
}

examples! {
    Syntax: "X0001.toml";
    UnknownKey: "X0002.toml";
    InvalidValue: "X0003.toml";
    MissingKey: "X0004.toml";
    UnreadableFile: "X0005.toml";
    TableLine: "X0101.toml", "X0101.mapping2";
    TableDomain: "X0102.toml", "X0102.mapping2";
    TableAddress: "X0103.toml", "X0103.mapping2";
    TableHierarchy: "X0104.toml", "X0104.mapping1";
    DuplicateEntry: "X0105.toml", "X0105.mapping2";
    ConflictingEntry: "X0106.toml", "X0106.mapping2";
    KeyInBothTables: "X0107.toml", "X0107.mapping2", "X0107.gate2";
    OneWay: "X0108.toml", "X0108.mapping1", "X0108.mapping2";
    SingleLabel: "X0109.toml", "X0109.mapping1";
    OutOfBounds: "X0110.toml", "X0110.mapping2";
    ExampleFails: "X0201.toml";
    BadAddress: "X0202.toml";
    BadDomain: "X0203.toml";
    UnknownTable: "X0204.txt";
    NameTwice: "X0210.toml";
    IncludeCircle: "X0211.toml", "X0211.site.toml";
    SectionTwice: "X0212.toml", "X0212.site.toml";
    ExampleElsewhere: "X0213.toml";
    CsvSyntax: "X0214.toml", "X0214.people.csv";
    CsvColumn: "X0215.toml", "X0215.people.csv";
    CsvField: "X0216.toml", "X0216.people.csv";
    TemplateSyntax: "X0220.toml";
    TemplateVariable: "X0221.toml";
    TemplateTransform: "X0222.toml";
    TemplateAddress: "X0223.toml";
    RuleAction: "X0240.toml";
    SameRule: "X0241.toml";
    HeaderField: "X0242.toml";
    HeaderOneWay: "X0243.toml";
    UnknownPeer: "X0244.toml";
    Query: "X0270.toml";
    Shadowed: "X0310.toml";
    Unreachable: "X0311.toml";
    Ambiguous: "X0312.toml";
    DoesNotInvert: "X0313.toml";
    OwnName: "X0314.toml";
    Encapsulated: "X0315.toml";
    Circle: "X0316.toml";
    Redundant: "X0317.toml";
    NoExample: "X0319.toml";
}

/// The peers that the examples know.
const PEERS: &[&str] = &["hub", "spare"];

/// The README of mappings, and that of the lab peer's scripts, whose codes are of the same catalogue.
const READMES: [&str; 2] = [include_str!("../../mappings/README.md"), include_str!("../peer/README.md")];

/// What a code means, what to do about it, and an example with what the gateway says about it, as text.
#[must_use]
pub fn explain(code: Code) -> String {
    let mut text = format!("{} ({}): {}\n", code.as_str(), code.severity().as_str(), code.meaning());
    if let Some([_, _, example, remedy]) = row(code) {
        text += &format!("\nin short: {example}\nremedy: {remedy}\n");
    }
    let Some(files) = example(code) else { return text };
    text += "\nFor example:\n";
    for (name, contents) in files {
        text += &format!("\n--- {name}\n{contents}");
    }
    let rendered = report(code).render();
    text + &format!("\nThe gateway says:\n\n{}\n", rendered.trim_end())
}

/// The files of the example of a code, the rule file first; none for codes of scripts.
#[must_use]
pub fn example(code: Code) -> Option<Texts> {
    EXAMPLES.iter().find(|(known, _)| *known == code).map(|(_, files)| *files)
}

/// What the gateway says about the example of a code.
#[must_use]
pub fn report(code: Code) -> Report {
    judged(example(code).unwrap_or_default(), code == Code::NoExample)
}

/// The cells of the row about a code: the code, what it means, an example in few words, and what to do.
#[must_use]
pub fn row(code: Code) -> Option<[&'static str; 4]> {
    let start = format!("| {} | ", code.as_str());
    let line = READMES.iter().flat_map(|readme| readme.lines()).find(|line| line.starts_with(&start))?;
    let cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect::<Vec<_>>();
    cells.try_into().ok()
}

/// Everything there is to say about texts, the first of which is a rule file or a table by itself.
fn judged(texts: &[(&str, &str)], with_coverage: bool) -> Report {
    let mut sources = Sources::default();
    texts.iter().for_each(|(name, text)| sources.insert(*name, *text));
    let first = texts.first().map_or("", |(name, _)| *name);
    if !first.ends_with(".toml") {
        let diagnostics = Rules::from_sources(texts).err().unwrap_or_default();
        return Report { sources, diagnostics };
    }
    let read = |wanted: &str| {
        let found = texts.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
    };
    match Rules::load(first, &read) {
        Err(rejected) => Report { sources: rejected.sources, diagnostics: rejected.diagnostics },
        Ok(loaded) => {
            let mut diagnostics = loaded.warnings;
            diagnostics.extend(loaded.rules.unknown_peers(PEERS));
            diagnostics.extend(loaded.rules.analyse(Some(PEERS)));
            if with_coverage {
                diagnostics.extend(loaded.rules.without_examples());
            }
            Report { sources: loaded.sources, diagnostics }
        }
    }
}
