use proptest::prelude::*;
use rasn_x400::x411::address::text;

use crate::mixer::AddressContext;
use crate::mixer::address::Mapper;
use crate::rules::{Rules, same_address};

/// One of these.
fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(texts)
}

/// A template that may be anything but is nearly always one.
fn template() -> impl Strategy<Value = String> {
    let local = one_of(&["{a}", "{a}.{b}", "{b}-{a}", "x{a}.{b}y", "{a}+{b}", "{a}.{a}.{b}", "{b}.x.{a}"]);
    let domain = one_of(&[
        "example.com",
        "{c}.example.com",
        "x{c}-y.example.com",
        "{d}.example.com",
        "{c}.{d}.example.com",
        "{d}.{c}.example.com",
        "{d}.north.example.com",
        "north.example.com",
    ]);
    let personal = one_of(&[
        "G={a}; S={b}",
        "S={a}",
        "CN={a} {b}",
        "CN={b}/{a}x",
        "S={a}; G={b}; I=x",
        "DDA:x={a}; S={b}",
    ]);
    let place = one_of(&[
        "O=Example",
        "O={c}",
        "OU1={c}; O=Example",
        "OU={d}; O=Example",
        "OU1=u; OU={d}; O={c}",
        "P={c}; O=o",
    ]);
    let transform = |name: &'static str| {
        let rows = one_of(&[
            "",
            "case = \"capitalize\"",
            "case = \"upper\"",
            "replace = { \"-\" = \" \" }",
            "replace = { \"-\" = \" \", \"+\" = \"(\" }, case = \"lower\"",
            "map = { north = \"Nord\", a = \"B\", b = \"A\" }",
            "one_of = [\"north\", \"a\", \"a-b\"]",
        ]);
        rows.prop_map(move |row| match row {
            "" => String::new(),
            row => format!("where.{name} = {{ {row} }}\n"),
        })
    };
    (local, domain, personal, place, transform("a"), transform("b"), transform("c")).prop_map(
        |(local, domain, personal, place, a, b, c)| {
            let internet = format!("{local}@{domain}");
            let or = format!("{personal}; {place}; A=mail; C=de");
            let has = |name: &str| internet.contains(name) && or.contains(name);
            let rows: String = [("{a}", a), ("{b}", b), ("{c}", c)]
                .into_iter()
                .filter(|(name, _)| has(name))
                .map(|(_, row)| row)
                .collect();
            let split = if has("{d}") { "where.d = { split = \".\" }\n" } else { "" };
            format!("[[template]]\ninternet = \"{internet}\"\nor = \"{or}\"\n{rows}{split}")
        },
    )
}

fn loads(text: &str) -> bool {
    Rules::from_sources(&[("r.toml", text)]).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// What templates map to X.400 maps back: to a mailbox that is the same address in X.400.
    #[test]
    fn what_templates_map_comes_back(
        templates in proptest::collection::vec(template(), 1..5),
        locals in proptest::collection::vec("[abxyN.+ -]{1,8}|north|a-b|[a-b](\\.[a-b]){1,3}|[a-b]\\+[a-b]|xa.by", 1..12),
        domains in proptest::collection::vec("(([ab]|north|xa-y|a-b)\\.){0,3}(north\\.)?example\\.com", 1..6),
    ) {
        // Those that stand beside each other: two that match equally well are refused.
        let fine = templates.iter().fold(String::new(), |fine, one| {
            let more = format!("{fine}{one}");
            if loads(&more) { more } else { fine }
        });
        let rules = Rules::from_sources(&[("r.toml", fine.as_str())]).unwrap();
        let mapper = Mapper::new(&rules);
        for (local, domain) in locals.iter().flat_map(|local| domains.iter().map(move |domain| (local, domain))) {
            let mailbox = format!("{}@{domain}", crate::mixer::address::mailbox::quote(local));
            let Ok(there) = mapper.to_or(&mailbox, AddressContext::Recipient) else { continue };
            if !there.steps.iter().any(|step| step.what == "template matches") {
                continue;
            }
            let back = mapper.to_internet(&there.name);
            prop_assert!(back.is_ok(), "{mailbox}: {} {back:?}\n{fine}", there.address);
            let back = back.unwrap();
            let again = mapper.to_or(&back.address, AddressContext::Recipient);
            let is_same = again.as_ref().is_ok_and(|again| same_address(&again.address, &there.address, rules.countries()));
            prop_assert!(is_same, "{mailbox}: {} then {}: {again:?}\n{fine}", there.address, back.address);
        }
    }
}

/// Each is found by its domain, or by its path, whatever else is there.
#[test]
fn thousands_of_templates_are_found_at_once() {
    let templates: String = (0..5_000)
        .map(|n| {
            format!(
                "[[template]]\ninternet = \"{{a}}.{{b}}@d{n}.example.com\"\nor = \"G={{a}}; S={{b}}; O=Org {n}; A=mail; C=de\"\n"
            )
        })
        .collect();
    let rules = Rules::from_sources(&[("r.toml", templates.as_str())]).unwrap();
    let mapper = Mapper::new(&rules);
    let there = mapper.to_or("x.y@d4999.example.com", AddressContext::Recipient).unwrap();
    assert_eq!(there.address, text::parse("G=x; S=y; O=Org 4999; A=mail; C=de").unwrap());
    assert_eq!(mapper.to_internet(&there.name).unwrap().address, "x.y@d4999.example.com");
}
