//! `x400gw check` as an operator calls it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Exit code, what is printed, and what is said of errors.
fn check(arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let output =
        Command::new(env!("CARGO_BIN_EXE_x400gw")).arg("check").args(arguments).current_dir(folder).output();
    let output = output.unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_code_is_explained_with_its_example() {
    let (code, output, errors) = check(&["--explain-code", "x0310"]);
    assert_eq!(code, Some(0), "{errors}");
    for part in ["X0310 (warning): a rule that never decides", "--- X0310.toml", "warning[X0310]", "remedy: "]
    {
        assert!(output.contains(part), "{part}: {output}");
    }
    let (code, _, errors) = check(&["--explain-code", "X9999"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("there is no code `X9999`"), "{errors}");
}

#[test]
fn coverage_says_which_rules_no_example_uses() {
    let (code, output, errors) = check(&["--mappings", "right/company.toml", "--coverage"]);
    assert_eq!(code, Some(0), "{errors}");
    for part in [
        "equivalence north (right/company.toml:",
        "examples: 1 towards X.400, 1 towards the Internet",
        "note[X0319]: no example uses equivalence south",
        "of 8 rules have no example",
    ] {
        assert!(output.contains(part), "{part}: {output}");
    }
    let (_, output, _) = check(&["--mappings", "right/company.toml"]);
    assert!(!output.contains("X0319"), "{output}");
}

#[test]
fn findings_are_json_for_programs() {
    let (code, output, _) = check(&["--mappings", "wrong/preferred-below-mapping.toml", "--json"]);
    assert_eq!(code, Some(0));
    let found: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(found[0]["code"], "X0310");
    assert_eq!(found[0]["severity"], "warning");
    assert!(found[0]["counterexample"].as_str().unwrap().contains("old.customer-a.example"), "{output}");
    assert!(found[0]["related"][0]["place"]["line"].is_u64(), "{output}");
    // What keeps rules from being used is printed in the same form.
    let (code, output, _) = check(&["--mappings", "wrong/circle-of-routes.toml", "--json"]);
    assert_eq!(code, Some(2));
    let found: Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&found[0]["code"], &found[0]["severity"]), (&"X0316".into(), &"error".into()));
    let (_, output, _) = check(&["--mappings", "right/company.toml", "--json", "--coverage"]);
    let found: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(found["coverage"]["rules"], 8);
    assert_eq!(found["coverage"]["list"][0]["to-x400"], 1);
}
