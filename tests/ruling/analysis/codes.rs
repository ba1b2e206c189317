//! Each code of the catalogue has an example that gives just that code, and a row in the README.

use x400_gateway::diagnostic::{Code, Severity};
use x400_gateway::rules::catalogue;

/// Codes of scripts are explained with the lab peer.
fn codes() -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(|code| !code.as_str().starts_with("X030"))
}

// ledger: mixer A-208 M-29 M-35
#[test]
fn every_code_has_an_example_that_gives_just_that_code() {
    let without: Vec<&str> =
        codes().filter(|code| catalogue::example(*code).is_none()).map(Code::as_str).collect();
    assert!(
        without.is_empty(),
        "mappings/diagnostics and src/rules/catalogue.rs want an example of {without:?}"
    );
    let mut failures = String::new();
    for code in codes() {
        let name = code.as_str();
        let texts = catalogue::example(code).unwrap();
        let report = catalogue::report(code);
        let rendered = report.render();
        assert!(texts[0].0.starts_with(name), "{}", texts[0].0);
        assert!(texts[0].1.starts_with("# "), "{} should begin with what is wrong", texts[0].0);
        if report.diagnostics.is_empty() || report.diagnostics.iter().any(|one| one.code != code) {
            failures += &format!("{name}: {rendered}\n\n");
            continue;
        }
        insta::assert_snapshot!(name, rendered);
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The README explains each code and no other, and quotes only what stands in the example.
#[test]
fn the_readme_explains_each_code() {
    for code in codes() {
        let name = code.as_str();
        let row = catalogue::row(code);
        let [_, meaning, example, remedy] = row.unwrap_or_else(|| panic!("no row of four cells for {name}"));
        assert_eq!(meaning, code.meaning(), "{name}");
        assert_eq!(code.severity() == Severity::Warning, remedy.ends_with("(warning)"), "{name}");
        assert_eq!(code.severity() == Severity::Note, remedy.ends_with("(note)"), "{name}");
        assert!(!example.is_empty(), "{name}");
        let Some(texts) = catalogue::example(code) else { continue };
        for quoted in example.split('`').skip(1).step_by(2) {
            let stands = texts.iter().any(|(file, text)| file.contains(quoted) || text.contains(quoted));
            assert!(stands || quoted == "or", "{name}: `{quoted}` is in no example");
        }
    }
    let readme = include_str!("../../../mappings/README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| X0")).count();
    assert_eq!(rows, codes().count());
}

#[test]
fn every_code_is_explained() {
    for code in Code::ALL {
        let text = catalogue::explain(*code);
        assert!(text.contains("remedy: "), "{text}");
        assert_eq!(Code::named(&code.as_str().to_lowercase()), Some(*code));
    }
}
