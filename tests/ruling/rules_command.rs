//! `x400gw rules import` and `export` as an operator runs them.

use crate::program;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use program::{Folder, x400gw};

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

fn examples(names: &[&str]) -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/import"));
    names.iter().map(|name| folder.join(name)).collect()
}

fn import(format: &str) -> Command {
    let mut command = x400gw();
    command.args(["rules", "import", "--from", format]);
    command
}

#[test]
fn tables_become_a_rule_file_that_is_fit_to_be_used() {
    let folder = Folder::new();
    let output = folder.path("site.toml");
    let files = examples(&["mapping1", "mapping2", "gate1", "gate2"]);
    let (code, report, errors) = run(import("mcgam").args(&files).arg("-o").arg(&output));
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("4 lines are left out"), "{errors}");
    assert!(report.contains("mapping2:8: `a_b` is not a label that a mapping can have [X0102]"), "{report}");
    let (code, report, errors) = run(x400gw().args(["check", "-m"]).arg(&output));
    assert_eq!(code, Some(0), "{report}{errors}");
    // It is not written over by accident.
    let again = || {
        let mut command = import("mcgam");
        command.args(&files).arg("-o").arg(&output);
        command
    };
    let (code, _, errors) = run(&mut again());
    assert_eq!(code, Some(2));
    assert!(errors.contains("is there already") && errors.contains("--force"), "{errors}");
    assert_eq!(run(again().arg("--force")).0, Some(1));
    // As few rows as one make a table beside it.
    let (code, _, errors) = run(again().args(["--force", "--rows", "1"]));
    assert_eq!(code, Some(1), "{errors}");
    assert!(folder.path("site-equivalences.csv").exists());
    let (code, report, errors) = run(x400gw().args(["check", "-m"]).arg(&output));
    assert_eq!(code, Some(0), "{report}{errors}");
    let mapped = run(x400gw().args(["map", "j@x.acme.example", "--place", "header", "-m"]).arg(&output));
    assert!(
        mapped.1.contains("O=x; P=acme; A=mail; C=gb") || mapped.1.contains("/O=x/PRMD=acme/"),
        "{mapped:?}"
    );
}

#[test]
fn the_report_is_for_programs_as_well() {
    let (code, rules, report) =
        run(import("exchange").args(examples(&["recipients.csv"])).args(["--format", "json"]));
    assert_eq!(code, Some(1));
    assert!(rules.contains("[[user]]"), "{rules}");
    let end = report.rfind('}').unwrap();
    let report: serde_json::Value = serde_json::from_str(&report[..=end]).unwrap();
    assert_eq!(report["rules"]["user"], 5, "{report}");
    assert_eq!(report["left_out"][0]["line"], 4, "{report}");
    assert_eq!(report["left_out"][0]["reason"], "there is no X.400 address");
}

#[test]
fn what_cannot_be_read_exits_with_2() {
    let folder = Folder::new();
    let file = folder.path("table.txt");
    std::fs::write(&file, "a.example#PRMD$a.ADMD$b.C$gb#\n").unwrap();
    let (code, _, errors) = run(import("mcgam").arg(&file));
    assert_eq!(code, Some(2));
    assert!(errors.contains("does not tell which table it is"), "{errors}");
    assert_eq!(run(import("mcgam").arg(folder.path("none"))).0, Some(2));
    let (code, rules, errors) = run(import("mcgam").arg(&file).args(["--table", "mapping2"]));
    assert_eq!(code, Some(0), "{errors}");
    assert!(
        rules.contains("domain = \"a.example\"\nor = \"P=a; A=b; C=gb\"\ndirection = \"to-x400\""),
        "{rules}"
    );
}

#[test]
fn what_is_exported_can_be_imported() {
    let folder = Folder::new();
    let tables = folder.path("tables");
    let (code, report, errors) = run(x400gw().args(["rules", "export", "--to", "mcgam", "-o"]).arg(&tables));
    assert_eq!(code, Some(0), "{report}{errors}");
    let files: Vec<PathBuf> = ["mapping1", "mapping2", "gate1", "gate2"].map(|name| tables.join(name)).into();
    let (code, rules, errors) = run(import("mcgam").args(&files));
    assert_eq!(code, Some(0), "{rules}{errors}");
    let (code, zone, errors) = run(x400gw().args(["rules", "export", "--to", "zone"]));
    assert_eq!(code, Some(0), "{errors}");
    assert!(zone.lines().all(|line| line.contains(" IN PX 50 ")), "{zone}");
    // A rule that the format does not know is not passed over in silence.
    let file = folder.path("more.toml");
    std::fs::write(&file, "[aviation]\ndomain = \"amhs.example\"\n").unwrap();
    let (code, _, errors) = run(x400gw().args(["rules", "export", "--to", "zone", "-m"]).arg(&file));
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("addresses of aviation at amhs.example: eight letters are not a domain"),
        "{errors}"
    );
}

/// Routes of PP lead to the peers of the same names and to the hosts that SMTP reached; a name of its hub for an O/R address is a
/// pair. What can be neither is in the report.
#[test]
fn routes_and_names_of_pp_are_rules_that_the_gateway_goes_by() {
    let folder = Folder::new();
    for (name, text) in [
        ("channel", "relay:relay.partner.example(x400out88)\nhost:(smtp),b.host.example(smtp-ext)\n"),
        (
            "or",
            "PRMD$Partner.ADMD$mail.C$GB:mta relay\nPRMD$Partner.ADMD$mail.C$GB:mta other\nXX$a.C$GB:mta relay\n",
        ),
        (
            "domain",
            "*.org:mta=host\nunknown.example:mta=mx.example\nx400.example:mta=relay\n*.org:mta=host\n",
        ),
        (
            "alias",
            "j.smith:synonym /S=Smith/PRMD=Partner/ADMD=mail/C=GB/ x400\njs:alias j.smith\nbad:synonym /S=/ x400\nx:y\n",
        ),
        ("user", "anna:822-local\n"),
        (
            "gateway.toml",
            "include = [\"pp.toml\"]\n[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=own; A=mail; C=GB\"\n",
        ),
        (
            "x400gw.toml",
            "[gateway]\nmappings = \"gateway.toml\"\n[[peer]]\nname = \"relay\"\naddress = \"127.0.0.1:10103\"\n\
             [[peer]]\nname = \"rest\"\naddress = \"127.0.0.1:10104\"\n[[route]]\naddress = \"/C=GB/\"\npeer = \"rest\"\n",
        ),
    ] {
        std::fs::write(folder.path(name), text).unwrap();
    }
    let tables = ["channel", "or", "domain", "alias", "user"];
    let mut command = import("pp");
    command.args(["--domain", "hub.example", "-o", "pp.toml"]).args(tables).current_dir(folder.path(""));
    let (code, report, errors) = run(&mut command);
    assert_eq!(code, Some(1), "{report}{errors}");
    for said in [
        "rules: route 3, user 1",
        "said again: 1",
        "or:1: a route to the peer `relay`, which PP reached by relay.partner.example(x400out88)",
        "or:2: the same has a route in or:1",
        "or:3: `XX` is no key of an O/R address",
        "domain:3: a route to `relay`, by relay.partner.example(x400out88), which is not reached by SMTP",
        "alias:2: another name for a mailbox",
        "alias:3: `/S=/`",
        "alias:4: a line is `name:synonym value`",
        "users of PP itself in the table user, 1",
    ] {
        assert!(report.contains(said), "no `{said}` in\n{report}");
    }
    let rules = std::fs::read_to_string(folder.path("pp.toml")).unwrap();
    for written in [
        "[[route]]\naddress = \"P=Partner; A=mail; C=GB\"\npeer = \"relay\"\n",
        "[[route]]\ndomain = \".org\"\nsmart-host = [\"host:25\", \"b.host.example:25\"]\n",
        "[[route]]\ndomain = \"unknown.example\"\nsmart-host = [\"mx.example:25\"]\n",
    ] {
        assert!(rules.contains(written), "no\n{written}in\n{rules}");
    }
    let (code, told, errors) = run(x400gw()
        .args(["explain", "-c", "x400gw.toml", "j.smith@hub.example"])
        .current_dir(folder.path("")));
    assert_eq!(code, Some(0), "{told}{errors}");
    assert!(told.contains("S=Smith; P=Partner; A=mail; C=GB") && told.contains(": to relay"), "{told}");
}
