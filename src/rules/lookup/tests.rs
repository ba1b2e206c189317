#![allow(clippy::unwrap_used)]

use rasn_x400::x411::address::text;

use super::super::Rules;
use super::*;
use crate::mixer::address::Mapper;
use crate::mixer::{AddressContext, AddressError, AddressMapper as _};

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gw; P=p; A=a; C=gb"

[tables]
mapping1 = ["mapping1"]
mapping2 = ["mapping2"]

[lookup.dns]
servers = ["127.0.0.1:10053"]
never = ["inside.example", "A=inside; C=gb"]
"#;

const MAPPING1: &str =
    "ADMD$acme.C$it#acme.it#\nO$known.PRMD$p.ADMD$acme.C$it#known.it#\nADMD$inside.C$gb#inside.example#\n";
const MAPPING2: &str =
    "it#ADMD$acme.C$it#\nknown.it#O$known.PRMD$p.ADMD$acme.C$it#\ninside.example#ADMD$inside.C$gb#\n";

fn rules(more: &str) -> Rules {
    let text = format!("{RULES}{more}");
    Rules::from_sources(&[("r.toml", text.as_str()), ("mapping1", MAPPING1), ("mapping2", MAPPING2)])
        .unwrap_or_else(|diagnostics| panic!("{diagnostics:?}"))
}

fn found(record: Record) -> Answer {
    Answer::Found(vec![Found { record, origin: "a record".to_owned() }])
}

fn mapping(domain: &str, path: &str) -> Answer {
    found(Record::Mapping { domain: domain.to_owned(), path: Path::parse(path).unwrap() })
}

fn domain(text: &str) -> Question {
    Question::Domain(text.to_owned())
}

fn path(text: &str) -> Question {
    Question::Path(Path::parse(text).unwrap())
}

fn answers(known: impl IntoIterator<Item = (Question, Answer)>) -> Answers {
    let mut answers = Answers::new(Headers::Wait);
    for (question, answer) in known {
        answers.insert(0, question, answer);
    }
    answers
}

fn to_or(rules: &Rules, answers: &Answers, address: &str) -> String {
    match Mapper::asking(rules, answers).to_or(address, AddressContext::Header) {
        Ok(found) => found.address.to_std_or(),
        Err(error) => format!("{:?}", error.failure),
    }
}

fn to_internet(rules: &Rules, answers: &Answers, address: &str) -> String {
    let name = text::parse(address).unwrap().to_or_name().unwrap();
    match Mapper::asking(rules, answers).to_internet(&name) {
        Ok(found) => found.address,
        Err(error) => format!("{:?}", error.failure),
    }
}

// ledger: mixer M-36
#[test]
fn the_most_specific_match_wins() {
    let rules = rules("");
    let deeper = mapping("x.it", "O$x.PRMD$other.ADMD$b.C$it");
    let shallow = mapping("it", "ADMD$b.C$it");
    for (what, answer, expected) in [
        ("deeper than the table", deeper, "/S=j/OU=y/O=x/PRMD=other/ADMD=b/C=it/"),
        ("as deep as the table, which comes first", shallow, "/S=j/O=y/PRMD=x/ADMD=acme/C=it/"),
        ("nothing", Answer::Absent, "/S=j/O=y/PRMD=x/ADMD=acme/C=it/"),
    ] {
        assert_eq!(to_or(&rules, &answers([(domain("y.x.it"), answer)]), "j@y.x.it"), expected, "{what}");
    }
    // What a table maps as a whole is not asked for, nor what is said never to be.
    let nothing = answers([]);
    assert_eq!(to_or(&rules, &nothing, "j@known.it"), "/S=j/O=known/PRMD=p/ADMD=acme/C=it/");
    assert_eq!(to_or(&rules, &nothing, "j@a.inside.example"), "/S=j/PRMD=a/ADMD=inside/C=gb/"); // X-20
    assert_eq!(to_internet(&rules, &nothing, "/S=j/PRMD=a/ADMD=inside/C=gb/"), "j@a.inside.example");
    assert!(nothing.take_wanted().is_empty());
    // The other direction.
    let answer = mapping("x.example", "PRMD$x.ADMD$acme.C$it");
    let asked = path("O$y.PRMD$x.ADMD$acme.C$it");
    assert_eq!(
        to_internet(&rules, &answers([(asked.clone(), answer)]), "/S=j/O=y/PRMD=x/ADMD=acme/C=it/"),
        "j@y.x.example"
    );
    assert_eq!(
        to_internet(&rules, &answers([(asked, Answer::Absent)]), "/S=j/O=y/PRMD=x/ADMD=acme/C=it/"),
        "j@y.x.acme.it"
    );
}

#[test]
fn the_first_source_may_win() {
    let first = "[lookup]\nprefer = \"first\"\n";
    let before = "[lookup]\nprefer = \"first\"\norder = [\"dns\", \"tables\"]\n";
    let rules_of = |lookup: &str| {
        let text = RULES.replace("[lookup.dns]", &format!("{lookup}[lookup.dns]"));
        Rules::from_sources(&[("r.toml", text.as_str()), ("mapping1", MAPPING1), ("mapping2", MAPPING2)])
            .unwrap()
    };
    let other = || answers([(domain("known.it"), mapping("it", "ADMD$b.C$it"))]);
    assert_eq!(to_or(&rules_of(first), &answers([]), "j@y.x.it"), "/S=j/O=y/PRMD=x/ADMD=acme/C=it/");
    assert_eq!(to_or(&rules_of(before), &other(), "j@known.it"), "/S=j/PRMD=known/ADMD=b/C=it/");
    // The first is silent: nobody else is taken for it.
    let silent = answers([(domain("known.it"), Answer::Unknown("busy".into()))]);
    assert_eq!(to_or(&rules_of(before), &silent, "j@known.it"), "MappingUnavailable");
}

// ledger: mixer M-08 M-09 F-03
#[test]
fn while_a_source_is_silent_nothing_shorter_is_taken() {
    let rules = rules("");
    for (what, known) in [
        ("not asked yet", None),
        ("asked in vain", Some((domain("y.x.it"), Answer::Unknown("no answer within 10 s".into())))),
    ] {
        let wanted = known.is_none();
        let answers = answers(known);
        let error =
            Mapper::asking(&rules, &answers).to_or("j@y.x.it", AddressContext::Recipient).unwrap_err();
        assert_eq!(error.failure, crate::status::Failure::MappingUnavailable, "{what}");
        let mapper = Mapper::asking(&rules, &answers);
        let error = crate::mixer::AddressMapper::to_or(&mapper, "j@y.x.it", AddressContext::Recipient);
        assert!(matches!(error, Err(AddressError::Undetermined { .. })), "{what}"); // M-09
        assert_eq!(answers.take_wanted().len(), usize::from(wanted), "{what}"); // M-08
        assert_eq!(answers.take_waiting(), None, "{what}: not in a header");
    }
}

// ledger: mixer M-10
#[test]
fn an_address_in_a_header_is_encapsulated_in_the_end() {
    let rules = rules("");
    let question = domain("y.x.it");
    let waiting = answers([(question.clone(), Answer::Unknown("busy".into()))]);
    assert_eq!(to_or(&rules, &waiting, "j@y.x.it"), "MappingUnavailable");
    assert_eq!(waiting.take_waiting().as_deref(), Some("dns: busy"));
    let mut given_up = Answers::new(Headers::GiveUp);
    given_up.insert(0, question, Answer::Unknown("busy".into()));
    // Not by the shorter mapping of the table, and not with the gateway that it would name.
    assert_eq!(to_or(&rules, &given_up, "j@y.x.it"), "/RFC-822=j(a)y.x.it/O=gw/PRMD=p/ADMD=a/C=gb/");
    given_up.insert(0, path("O$y.PRMD$x.ADMD$acme.C$it"), Answer::Unknown("busy".into()));
    let name = text::parse("/S=j/O=y/PRMD=x/ADMD=acme/C=it/").unwrap().to_or_name().unwrap();
    let mapper = Mapper::asking(&rules, &given_up);
    let found = crate::mixer::AddressMapper::to_internet(&mapper, &name, AddressContext::Header).unwrap();
    assert_eq!(found.address, "/S=j/O=y/PRMD=x/ADMD=acme/C=it/@gw.example");
    assert_eq!(given_up.take_waiting(), None);
    // A recipient is not given up.
    let error = mapper.to_or("j@y.x.it", AddressContext::Recipient).unwrap_err();
    assert_eq!(error.failure, crate::status::Failure::MappingUnavailable);
}

// ledger: mixer X-10 X-11 X-15
#[test]
fn a_published_gateway_means_no_mapping() {
    let rules = rules("");
    // X-15: `*.mw. PX 50 mw. O-cce.PRMD-nrc.ADMD-acme.C-it.G.`
    let address = text::parse("O=cce; P=nrc; A=acme; C=it").unwrap();
    let gateway = found(Record::GatewayAddress { domain: "mw".into(), address: address.clone() });
    assert_eq!(
        to_or(&rules, &answers([(domain("x.mw"), gateway)]), "j@x.mw"),
        "/RFC-822=j(a)x.mw/O=cce/PRMD=nrc/ADMD=acme/C=it/"
    );
    // X-11: the table maps `it`, but the publisher of `x.it` wants no mapping.
    let gateway = found(Record::GatewayAddress { domain: "x.it".into(), address });
    assert_eq!(
        to_or(&rules, &answers([(domain("y.x.it"), gateway)]), "j@y.x.it"),
        "/RFC-822=j(a)y.x.it/O=cce/PRMD=nrc/ADMD=acme/C=it/"
    );
    // X-15: `*.ADMD-PWT400.X42D.us. PX 50 intGw.com. ADMD-PWT400.C-us.G.`
    let gateway = found(Record::GatewayDomain {
        path: Path::parse("ADMD$PWT400.C$us").unwrap(),
        domain: "intGw.com".into(),
    });
    let asked = path("PRMD$p.ADMD$PWT400.C$us");
    assert_eq!(
        to_internet(&rules, &answers([(asked, gateway)]), "/S=j/PRMD=p/ADMD=PWT400/C=us/"),
        "/S=j/PRMD=p/ADMD=PWT400/C=us/@intGw.com"
    );
}

#[test]
fn explanations_name_the_record() {
    let rules = rules("");
    let answers = answers([(domain("y.x.it"), mapping("x.it", "PRMD$x.ADMD$b.C$it"))]);
    let found = Mapper::asking(&rules, &answers).to_or("j@y.x.it", AddressContext::Header).unwrap();
    let step = found.steps.iter().find(|step| step.what == "domain is mapped").unwrap();
    assert_eq!(
        step.to_string(),
        "domain is mapped: O$y.PRMD$x.ADMD$b.C$it (RFC 2156 4.3.4 I.8) [dns: a record]"
    );
}

// ledger: mixer X-19
#[test]
fn records_that_speak_of_something_else_do_not_count() {
    let rules = rules("");
    for answer in [
        mapping("z.it", "PRMD$x.ADMD$b.C$it"),
        found(Record::Mapping { domain: "x.it".into(), path: Path::default() }),
        found(Record::Mapping {
            domain: "x.it".into(),
            path: Path { levels: vec![Some("it".into()), None, Some("12345678901234567".into())] },
        }),
        found(Record::GatewayDomain { path: Path::parse("C$it").unwrap(), domain: "x.it".into() }),
    ] {
        let shown = format!("{answer:?}");
        let answers = answers([(domain("y.x.it"), answer)]);
        assert_eq!(to_or(&rules, &answers, "j@y.x.it"), "/S=j/O=y/PRMD=x/ADMD=acme/C=it/", "{shown}");
    }
}

#[test]
fn tables_alone_ask_nobody() {
    let rules = rules("");
    let mapper = Mapper::new(&rules);
    let found = mapper.to_or("j@y.x.it", AddressContext::Recipient).unwrap();
    assert_eq!(found.address.to_std_or(), "/S=j/O=y/PRMD=x/ADMD=acme/C=it/");
    assert!(mapper.management_domain("y.x.it").is_some());
    let answers = answers([]);
    assert!(Mapper::asking(&rules, &answers).management_domain("y.x.it").is_some());
    assert!(answers.take_wanted().is_empty());
}

#[test]
fn numeric_countries_are_asked_for_in_letters() {
    let rules = rules("[countries]\n380 = \"it\"\n");
    let answers = answers([]);
    to_internet(&rules, &answers, "/S=j/PRMD=x/ADMD=b/C=380/");
    assert_eq!(answers.take_wanted(), [(0, path("PRMD$x.ADMD$b.C$it"))].into());
}

#[test]
fn what_cannot_be_used_is_pointed_at() {
    let cases = [
        ("[lookup]\norder = [\"dsn\"]", "there is no source `dsn`"),
        ("[lookup]\norder = [\"dns\", \"dns\"]\n[lookup.dns]", "`dns` stands twice"),
        ("[lookup.dns]\nservers = [\"localhost\"]", "`localhost` is not the address of a name server"),
        ("[lookup.dns]\nattempts = 0", "nothing would ever be asked"),
        (
            "[lookup]\nheader_patience = \"5h\"",
            "a message waits at most 4 hours for an address in its header",
        ), // M-10
        ("[lookup.dns]\nonly = [\"a_b\"]", "`a_b` is neither a domain nor an O/R address"),
    ];
    for (text, message) in cases {
        let diagnostics = Rules::from_sources(&[("r.toml", text)]).expect_err(text);
        assert_eq!(diagnostics[0].message, message, "{text}");
    }
    let settings = Rules::from_sources(&[("r.toml", "[lookup.dns]\nonly = [\"it\"]\n")]).unwrap();
    let settings = settings.lookup();
    assert_eq!(settings.order, [settings::Place::Tables, settings::Place::Source(0)]);
    let covers = |question| settings.sources[0].scope.covers(&question);
    assert!(covers(domain("a.it")) && !covers(domain("a.bit")) && covers(path("C$gb")));
}
