use rasn_x400::x411::address::text;

use super::mcgam::Kind;
use super::*;

/// What loading these texts has to say, drawn as an operator sees it.
fn report(texts: &[(&str, &str)]) -> String {
    let read = |wanted: &str| {
        let found = texts.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
    };
    let (diagnostics, sources) = match Rules::load(texts[0].0, &read) {
        // As a gateway takes them that has one peer.
        Ok(loaded) => ([loaded.warnings, loaded.rules.unknown_peers(&["hub"])].concat(), loaded.sources),
        Err(rejected) => (rejected.diagnostics, rejected.sources),
    };
    diagnostics.iter().map(|diagnostic| diagnostic.render(&sources) + "\n").collect()
}

/// A rule file that includes one table of this kind.
fn table_report(kind: &str, text: &str) -> String {
    report(&[("rules.toml", &format!("[tables]\n{kind} = [\"{kind}\"]\n")), (kind, text)])
}

const GATEWAY: &str = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\n";

// ledger: mixer M-05
#[test]
fn the_rules_that_come_with_the_program_hold() {
    let default = include_str!("../../mappings/default.toml");
    let loaded = Rules::load("default.toml", &|_| Ok(default.to_owned())).unwrap();
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.rules.gateway().unwrap().domain, "gateway.internet.example");
    let table = include_str!("../../mappings/mcgam.example");
    Rules::from_sources(&[("mapping2", table)]).unwrap();
}

/// An equivalence with more keys.
fn equivalence(keys: &str, domain: &str, path: &str) -> String {
    format!("[[equivalence]]\n{keys}\ndomain = \"{domain}\"\nor = \"{path}; A=a; C=gb\"\n")
}

#[test]
fn lookups_take_the_longest_match_on_label_boundaries() {
    let table = "K.L#ADMD$a.C$gb#\nJ.K.L#ADMD$b.C$gb#\n";
    let rules = Rules::from_sources(&[("mapping2", table)]).unwrap();
    let cases = [
        // M-30, M-31
        ("A.B.C", None),
        ("I.J.K.L", Some(("ADMD$b.C$gb", 3))),
        ("xJ.K.L", Some(("ADMD$a.C$gb", 2))),
        ("j.k.l", Some(("ADMD$b.C$gb", 3))),
        ("K.L", Some(("ADMD$a.C$gb", 2))),
        ("L", None),
    ];
    for (domain, expected) in cases {
        let found = rules
            .domain_to_or(domain, &Choice::everybody(&rules))
            .map(|(path, labels, _)| (path.to_text(), labels));
        let found = found.as_ref().map(|(path, labels)| (path.as_str(), *labels));
        assert_eq!(found, expected, "{domain}");
    }
}

#[test]
fn omitted_and_empty_levels_are_two_things() {
    let table = "C$gb#c.example#\nADMD$ .C$gb#blank.example#\nADMD$@.C$gb#none.example#\n\
                 PRMD$.ADMD$x.C$gb#null.example#\nPRMD$@.ADMD$x.C$gb#omitted.example#\n\
                 O$@.PRMD$p.ADMD$x.C$gb#deep.example#\nO$o.PRMD$@.ADMD$a.C$b1#m32.example#\n";
    let rules = Rules::from_sources(&[("mapping1", table)]).unwrap();
    let cases = [
        ("S=a; A= ; C=gb", "blank.example", 2),
        ("/S=a/ADMD=/C=gb/", "blank.example", 2),
        ("S=a; A=other; C=GB", "c.example", 1),
        ("S=a; A=x; C=gb", "omitted.example", 3),       // M-33, Z-13
        ("/S=a/PRMD=/ADMD=x/C=gb/", "null.example", 3), // M-04
        ("S=a; P=p; A=x; C=gb", "deep.example", 4),     // M-22
        ("S=a; OU1=u; P= P ; A=X; C=gb", "deep.example", 4),
        ("S=a; O=O; A=a; C=b1", "m32.example", 4), // M-32
    ];
    for (address, domain, levels) in cases {
        let path = Path::of(&text::parse(address).unwrap());
        let found = rules
            .or_to_domain(&path, &Choice::everybody(&rules))
            .map(|(entry, levels)| (entry.target, levels));
        assert_eq!(found, Some((domain, levels)), "{address}");
    }
    let path = Path::of(&text::parse("/S=a/O=q/PRMD=p/ADMD=x/C=gb/").unwrap());
    assert_eq!(rules.or_to_domain(&path, &Choice::everybody(&rules)).unwrap().0.target, "c.example");
}

#[test]
fn a_mistyped_value_is_recognised() {
    let report = report(&[("r.toml", &format!("{GATEWAY}route_unmapped = \"refsue\"\n"))]);
    assert!(report.contains("error[X0003]") && report.contains("did you mean `refuse`?"), "{report}");
}

proptest::proptest! {
    /// Whatever a file says, there is an answer that can be drawn.
    #[test]
    fn any_table_is_read_or_refused(text in "([CAOP]|ADMD|PRMD|OU|~x)?[$#@.\\\\a-c\n \u{fc}]{0,30}([CAOP]\\$[a-c@]\\.?){0,5}#[a-c.]{0,6}#\n?") {
        for kind in ["mapping1", "mapping2", "gate1", "gate2"] {
            table_report(kind, &text);
        }
    }
}

#[test]
fn a_table_is_told_by_its_name() {
    let cases = [
        ("mapping1", Some(Kind::OrToDomain)),
        ("/etc/x400/uk.TABLE2.txt", Some(Kind::DomainToOr)),
        ("dir/gate1", Some(Kind::GatewayDomain)),
        ("gate2/x", None),
    ];
    for (name, kind) in cases {
        assert_eq!(Kind::from_name(name), kind, "{name}");
    }
}

#[test]
fn encapsulation_is_for_those_who_ask_for_it() {
    let with = |more: &str| Rules::from_sources(&[("r.toml", &format!("{GATEWAY}{more}"))]).unwrap();
    assert!(!with("").is_reached_by_x400("a.example"));
    assert!(with("encapsulate_via = \"A=b; C=us\"").is_reached_by_x400("a.example"));
    assert!(with("route_unmapped = \"encapsulate\"").is_reached_by_x400("a.example"));
    let some = with("reached_by_x400 = [\"a.example\"]");
    assert!(some.is_reached_by_x400("x.A.example") && !some.is_reached_by_x400("b.example"));
}

/// A table of many entries is a table of few: what is found does not depend on what else is there.
#[test]
fn large_tables_load_whole() {
    let lines: String = (0..20_000).map(|n| format!("n{n}.example#O$n{n}.PRMD$p.ADMD$a.C$gb#\n")).collect();
    let rules = Rules::from_sources(&[("mapping2", &lines)]).unwrap();
    let (path, labels, entry) = rules.domain_to_or("x.n19999.example", &Choice::everybody(&rules)).unwrap();
    assert_eq!((path.to_text().as_str(), labels), ("O$n19999.PRMD$p.ADMD$a.C$gb", 2));
    assert_eq!(rules.place(&entry.place), ("mapping2".into(), 20_000));
}

#[test]
fn files_are_included_once_and_found_beside_the_one_that_names_them() {
    let mappings = "k.example#PRMD$k.ADMD$a.C$gb#\n";
    let texts = [
        (
            "etc/r.toml",
            "include = [\"sites/a.toml\", \"./sites/../sites/b.toml\"]\n[countries]\n826 = \"gb\"\n"
                .to_owned(),
        ),
        ("sites/a.toml", format!("include = [\"b.toml\"]\n{GATEWAY}{}", equivalence("", "a.example", "P=a"))),
        (
            "sites/b.toml",
            format!("{}[tables]\nmapping2 = [\"../t/m\"]\n", equivalence("", "b.example", "P=b")),
        ),
        ("t/m", mappings.to_owned()),
    ];
    let read = |wanted: &str| {
        let found = texts.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, text)| text.clone()).ok_or_else(|| "no such file".to_owned())
    };
    let loaded = Rules::load("etc/r.toml", &read).map_err(|rejected| rejected.diagnostics).unwrap();
    assert!(loaded.rules.gateway().is_some());
    for (domain, place) in
        [("a.example", "sites/a.toml:5"), ("b.example", "sites/b.toml:1"), ("k.example", "t/m:1")]
    {
        let (_, _, entry) = loaded.rules.domain_to_or(domain, &Choice::everybody(&loaded.rules)).unwrap();
        assert_eq!(loaded.rules.origin(&entry.place).to_string(), place, "{domain}");
    }
    // A circle is one whatever the first file is called; so is a file that includes itself.
    for (texts, circle) in [
        (
            vec![
                ("etc/r.toml", "include = [\"sites/a.toml\"]"),
                ("sites/a.toml", "include = [\"../r.toml\"]"),
            ],
            "etc/r.toml > sites/a.toml > r.toml",
        ),
        (vec![("r.toml", "include = [\"r.toml\"]")], "r.toml > r.toml"),
    ] {
        let report = report(&texts);
        assert!(report.contains("error[X0211]") && report.contains(circle), "{report}");
    }
}

#[test]
fn rules_have_numbers_names_and_places() {
    let text = format!(
        "{GATEWAY}\n{}{}[[example]]\ninternet = \"S@a.example\"\nx400 = \"S=S; P=a; A=a; C=gb\"\ndirection = \"to-x400\"\n",
        equivalence("name = \"first\"\ncomment = \"why\"", "a.example", "P=a"),
        equivalence(
            "name = \"second\"\nexample = [{ internet = \"Bo@x.b.example\", x400 = \"S=Bo; O=x; P=b; A=a; C=gb\" }]",
            "b.example",
            "P=b"
        ),
    );
    let text =
        text.replace("[[example]]", "[[preferred]]\ndomain = \"c.example\"\nor = \"A=c; C=gb\"\n[[example]]");
    let rules =
        Rules::from_sources(&[("r.toml", text.as_str()), ("gate2", "d.example#ADMD$a.C$gb#\n")]).unwrap();
    let shown: Vec<String> = rules.registry().iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "equivalence first (r.toml:5)",
            "equivalence second (r.toml:10)",
            "preferred at r.toml:15",
            "table at gate2:1"
        ]
    );
    let first = rules.registry().named(RuleKind::Equivalence, "first").unwrap();
    assert_eq!(
        (first.comment.as_deref(), first.examples_to_x400, first.examples_to_internet),
        (Some("why"), 1, 0)
    );
    assert_eq!(&text[first.span.clone()][..15], "[[equivalence]]");
    let second = rules.registry().named(RuleKind::Equivalence, "second").unwrap();
    assert_eq!((second.examples_to_x400, second.examples_to_internet), (1, 1));
    assert_eq!(rules.coverage().to_string(), "2 of 4 rules have no example");
}
