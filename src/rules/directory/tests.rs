//! The questions of `tests/directory/questions.toml`, asked of a directory in memory that is read from the LDIF that
//! operators are given.

use serde::Deserialize;

use super::entry::{self, Said};
use super::longest::{LongestMatch, Match, Step, best};
use super::name::Name;
use super::person::People;
use super::tree::Collection;
use super::{Undetermined, schema, tree};
use crate::ldap::exchange::Found;
use crate::ldap::filter::Filter;
use crate::ldap::message::{Code, Entry, Outcome};
use crate::rules::pseudo_domain::Path;

const LDIF: &str = include_str!("../../../mappings/directory/example.ldif");
const SCHEMA: &str = include_str!("../../../mappings/directory/mixer.schema");
const QUESTIONS: &str = include_str!("../../../tests/directory/questions.toml");

/// A directory: entries with the text of their attributes. Aliases are followed.
struct Directory {
    entries: Vec<(Name, Entry)>,
    /// Whether it says how much of a name there is.
    tells: bool,
}

impl Directory {
    fn of(ldif: &str, tells: bool) -> Self {
        let records = ldif.split("\n\n").map(|record| {
            let lines = record.lines().filter(|line| !line.starts_with('#'));
            let pairs = lines.filter_map(|line| line.split_once(": ")).map(|(kind, value)| {
                match kind.strip_suffix(':') {
                    Some(kind) => {
                        (kind.to_owned(), if value == "IA==" { b" ".to_vec() } else { panic!("{value}") })
                    }
                    None => (kind.to_owned(), value.as_bytes().to_vec()),
                }
            });
            let pairs: Vec<(String, Vec<u8>)> = pairs.collect();
            let (_, name) = pairs.first()?;
            let name = String::from_utf8(name.clone()).unwrap();
            let attributes =
                pairs.iter().skip(1).map(|(kind, value)| (kind.clone(), vec![value.clone()])).collect();
            Some((Name::parse(&name).unwrap(), Entry { name, attributes }))
        });
        Self { entries: records.flatten().collect(), tells }
    }

    fn entry(&self, name: &Name) -> Option<&Entry> {
        self.entries.iter().find(|(known, _)| known.is(name)).map(|(_, entry)| entry)
    }

    fn read(&self, name: &Name) -> Found {
        let mut reached = Name::default();
        for relative in name.0.iter().rev() {
            let mut next = reached.clone();
            next.0.insert(0, relative.clone());
            let Some(entry) = self.entry(&next) else {
                let matched = if self.tells { reached.to_string() } else { String::new() };
                let outcome = Outcome { code: Code::NO_SUCH_OBJECT, matched, ..Outcome::default() };
                return Found { outcome, ..Found::default() };
            };
            let alias = entry.attributes.iter().find(|(kind, _)| kind == "aliasedObjectName");
            reached = match alias {
                Some((_, target)) => Name::parse(str::from_utf8(&target[0]).unwrap()).unwrap(),
                None => next,
            };
        }
        Found { entries: self.entry(&reached).cloned().into_iter().collect(), ..Found::default() }
    }

    fn ask(&self, mut matching: LongestMatch) -> (Result<Option<Match>, Undetermined>, usize) {
        let mut operations = 0;
        let mut step = matching.begin();
        loop {
            match step {
                Step::Ended(ended) => return (ended, operations),
                Step::Read(names) => {
                    operations += names.len();
                    let found: Vec<Found> = names.iter().map(|name| self.read(name)).collect();
                    step = matching.take(&found);
                }
            }
        }
    }
}

fn collection() -> Collection {
    Collection(Name::parse("OU=MIXER MCGAMs, O=Zydeco Plc, C=GB").unwrap())
}

#[derive(Deserialize)]
struct File {
    question: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Question {
    path: Option<String>,
    domain_asked: Option<String>,
    domain: Option<String>,
    path_found: Option<String>,
    #[serde(default)]
    internet_gateways: Vec<String>,
    #[serde(default)]
    x400_gateways: Vec<String>,
    levels: Option<usize>,
    operations: usize,
}

// ledger: mixer D-01 D-02 D-03 D-04 D-05 D-06 D-07 D-09 D-12
#[test]
fn the_longest_match_is_found() {
    let file: File = toml::from_str(QUESTIONS).unwrap();
    for question in file.question {
        let (matching, asked) = match (&question.path, &question.domain_asked) {
            (Some(path), None) => (LongestMatch::of_path(&collection(), &Path::parse(path).unwrap()), path),
            (None, Some(domain)) => (LongestMatch::of_domain(&collection(), domain), domain),
            _ => panic!("one of both"),
        };
        for tells in [true, false] {
            let (found, operations) = Directory::of(LDIF, tells).ask(matching.clone());
            let found = found.unwrap_or_else(|error| panic!("{asked}: {error}"));
            let said = match &found.as_ref().map(|found| &found.said) {
                None => (None, None, vec![], vec![]),
                Some(Said::Domain(domain)) => (Some(domain.clone()), None, vec![], vec![]),
                Some(Said::Path(path)) => (None, Some(path.to_text()), vec![], vec![]),
                Some(Said::InternetGateways(domains)) => (None, None, domains.clone(), vec![]),
                Some(Said::X400Gateways(addresses)) => {
                    (None, None, vec![], addresses.iter().map(|address| address.to_std_or()).collect())
                }
            };
            let expected = (
                question.domain.clone(),
                question.path_found.clone(),
                question.internet_gateways.clone(),
                question.x400_gateways.clone(),
            );
            assert_eq!(said, expected, "{asked}");
            assert_eq!(found.map(|found| found.levels), question.levels, "{asked}");
            if tells {
                assert_eq!(operations, question.operations, "{asked}");
            }
        }
    }
}

// ledger: mixer M-08 F-03
#[test]
fn what_is_not_certain_is_undetermined() {
    let matching = || LongestMatch::of_domain(&collection(), "isode.com");
    let outcome = |code| Outcome { code: Code(code), ..Outcome::default() };
    let of = |outcome| Found { outcome, ..Found::default() };
    let entry = |attributes: &[(&str, &str)]| Found {
        entries: vec![Entry {
            name: "dc=x".to_owned(),
            attributes: attributes
                .iter()
                .map(|(kind, value)| ((*kind).to_owned(), vec![value.as_bytes().to_vec()]))
                .collect(),
        }],
        ..Found::default()
    };
    let gateway = ("1.3.6.1.4.1.453.7.4.2.3", "/C=gb/ADMD=a/O=o/");
    let cases = [
        ("busy", of(outcome(51)), "busy"),
        ("insufficientAccessRights", of(outcome(50)), "insufficientAccessRights"),
        ("may not be read", of(outcome(0)), "may not be read"),
        ("elsewhere", of(Outcome { referral: vec!["ldap://b".into()], ..outcome(10) }), "ldap://b"),
        ("elsewhere, in part", Found { references: vec!["ldap://c".into()], ..of(outcome(0)) }, "ldap://c"),
        ("no answer at all", Found::default(), "may not be read"),
        ("no name", entry(&[("associatedORAddress", "x")]), "expected `=`"),
        ("no path", entry(&[("associatedORAddress", "cn=x,c=gb")]), "`cn=x` is not a level"),
        ("no country", entry(&[("associatedORAddress", "ADMD=x")]), "`ADMD=x` stands where it cannot"),
        (
            "too long",
            entry(&[("associatedORAddress", "PRMD=12345678901234567,ADMD=a,C=gb")]),
            "17 characters",
        ),
        ("no gateway", entry(&[("associatedX400Gateway", "nonsense")]), "nonsense"),
        // D-05
        ("both", entry(&[("associatedORAddress", "ADMD=x,C=gb"), gateway]), "an entry has only one of them"),
        (
            "twice",
            entry(&[("associatedORAddress", "ADMD=x,C=gb"), ("associatedORAddress", "C=gb")]),
            "two values",
        ),
    ];
    for (case, found, expected) in cases {
        let Step::Ended(Err(Undetermined(reason))) = matching().take(&[found]) else { panic!("{case}") };
        assert!(reason.contains(expected), "{case}: {reason}");
    }
    let Step::Ended(Err(_)) = matching().take(&[]) else { panic!("nothing brought") };
    // A collection that is not there would make everything unmapped.
    let elsewhere = Collection(Name::parse("OU=none, C=GB").unwrap());
    let (found, _) = Directory::of(LDIF, true).ask(LongestMatch::of_domain(&elsewhere, "isode.com"));
    assert_eq!(found.unwrap_err().0, r"there is no entry `cn=RFC 822 to X.400,OU=none,C=GB`");
}

// ledger: mixer D-08 M-36
#[test]
fn the_best_of_several_collections_wins() {
    let found = |levels, entry: &str| Match {
        said: Said::Domain("x.example".to_owned()),
        levels,
        entry: entry.to_owned(),
    };
    let name = |matches: Vec<Match>| best(matches).map(|best| best.entry);
    assert_eq!(name(vec![found(2, "a"), found(3, "b"), found(3, "c")]).as_deref(), Some("b"));
    assert_eq!(name(vec![found(2, "a"), found(2, "b")]).as_deref(), Some("a"));
    assert_eq!(name(vec![]), None);
}

// ledger: mixer D-08
#[test]
fn a_gateway_names_its_collections_in_order() {
    let of = |value: &str| Entry {
        name: "cn=gateway".to_owned(),
        attributes: vec![("mcgamTables".to_owned(), vec![value.as_bytes().to_vec()])],
    };
    let collections =
        entry::collections(&of(r"OU=a\24b,C=GB $ OU=MIXER MCGAMs, O=Zydeco Plc, C=GB")).unwrap();
    let names: Vec<String> = collections.iter().map(|collection| collection.0.to_string()).collect();
    assert_eq!(names, ["OU=a$b,C=GB", "OU=MIXER MCGAMs,O=Zydeco Plc,C=GB"]);
    assert_eq!(entry::collections(&Entry::default()), Ok(vec![]));
    // The same as X.500 has it: C=GB with the units `a` and `b` below.
    let country: &[u8] = b"\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02GB";
    let unit = |name: &[u8]| [b"\x31\x0a\x30\x08\x06\x03\x55\x04\x0b\x0c\x01", name].concat();
    let name = |unit: Vec<u8>| [b"\x30\x19", country, &unit].concat();
    let list = [b"\x30\x36".to_vec(), name(unit(b"a")), name(unit(b"b"))].concat();
    let in_ber = |value: &[u8]| Entry {
        name: "cn=gateway".to_owned(),
        attributes: vec![("1.3.6.1.4.1.453.7.4.2.9;binary".to_owned(), vec![value.to_vec()])],
    };
    let collections = entry::collections(&in_ber(&list)).unwrap();
    let names: Vec<String> = collections.iter().map(|collection| collection.0.to_string()).collect();
    assert_eq!(names, ["ou=a,c=GB", "ou=b,c=GB"]);
    for cut in 0..list.len() {
        assert!(entry::collections(&in_ber(&list[..cut])).is_err(), "{cut}");
    }
    assert!(entry::collections(&of("nonsense")).is_err());
}

// ledger: mixer D-01 D-02 D-04
#[test]
fn entries_are_named_as_the_examples_are() {
    let path = Path::parse("PRMD$Isode.ADMD$Mailnet.C$FI").unwrap();
    let tree = "cn=X.400 to RFC 822,OU=MIXER MCGAMs,O=Zydeco Plc,C=GB";
    let names = collection().names_of_path(&path);
    assert_eq!(names[5].to_string(), format!("pRMDName=Isode,aDMDName=Mailnet,c=FI,{tree}"));
    let names = collection().names_of_domain("ISODE.COM");
    let tree = "cn=RFC 822 to X.400,OU=MIXER MCGAMs,O=Zydeco Plc,C=GB";
    assert_eq!(names[0].to_string(), format!("dc=ISODE,dc=COM,{tree}"));
    assert_eq!(tree::path_of(&Name::parse("PRMD=Isode, ADMD=Mailnet, C=FI").unwrap()), Ok(path));
}

// ledger: mixer D-11 OI-20..OI-26
#[test]
fn the_schema_file_has_the_identifiers_of_the_appendices() {
    let tree = [
        "aDMDName 1",
        "mHSCommonName 2",
        "mHSDomainDefinedAttributeType 3",
        "mHSDomainDefinedAttributeValue 4",
        "mHSNumericCountryName 5",
        "mHSOrganizationName 6",
        "mHSOrganizationalUnitName 7",
        "pRMDName 10",
        "mHSX121Address 12",
        "mHSTerminalIDName 13",
        "mHSNumericUserIdentifierName 14",
        "mHSSurname 15",
        "mHSGivenName 16",
        "mHSInitials 17",
        "mHSGenerationQualifier 18",
    ];
    let tree_classes = [
        "aDMD 1",
        "mHSCountry 2",
        "mHSDomainDefinedAttribute 3",
        "mHSNamedObject 4",
        "mHSOrganization 5",
        "mHSOrganizationalUnit 6",
        "mHSPerson 7",
        "mHSX121 8",
        "pRMD 9",
        "mHSTerminalID 10",
        "mHSNumericUserIdentifier 11",
    ];
    let mapping = [
        "associatedX400Gateway 3",
        "mixerAssociatedDomain 4",
        "associatedORAddress 6",
        "oRAddressComponentType 7",
        "associatedInternetGateway 8",
        "mcgamTables 9",
    ];
    let mapping_classes =
        ["rFC822ToX400Mapping 1", "x400ToRFC822Mapping 2", "omittedORAddressComponent 3", "mixerGateway 4"];
    let lists: [(&str, &[&str]); 4] = [
        ("attributetype ( mhsTreeAttribute:", &tree),
        ("objectclass ( mhsTreeClass:", &tree_classes),
        ("attributetype ( mhsMappingAttribute:", &mapping),
        ("objectclass ( mhsMappingClass:", &mapping_classes),
    ];
    for (start, expected) in lists {
        let found = SCHEMA.lines().filter_map(|line| line.strip_prefix(start)).map(|rest| {
            let number = rest.split(' ').next().unwrap();
            let name = rest.split('\'').nth(1).unwrap();
            format!("{name} {number}")
        });
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
    for line in
        ["mhsDS            1.3.6.1.4.1.453.7\n", "mhsTree          mhsDS:2\n", "mhsMapping       mhsDS:4\n"]
    {
        assert!(SCHEMA.contains(line), "{line}");
    }
    // OI-26: what has one value, what a name, what text.
    let definition = |name: &str| {
        let start = SCHEMA.find(&format!("'{name}'")).unwrap();
        SCHEMA[start..].split("attributetype").next().unwrap().to_owned()
    };
    for (kind, is_single) in [
        (schema::ASSOCIATED_DOMAIN, true),
        (schema::ASSOCIATED_INTERNET_GATEWAY, false),
        (schema::ASSOCIATED_OR_ADDRESS, true),
        (schema::ASSOCIATED_X400_GATEWAY, false),
        (schema::MCGAM_TABLES, true),
        (schema::COMPONENT_TYPE, true),
    ] {
        assert_eq!(definition(kind.names[0]).contains("SINGLE-VALUE"), is_single, "{}", kind.names[0]);
    }
}

fn people() -> People {
    People {
        base: "OU=people".to_owned(),
        by_internet: Some(Filter::parse("(mail={address})").unwrap()),
        by_or: Some(Filter::parse("(textEncodedORAddress=*S={S}*)").unwrap()),
        or_attribute: "textEncodedORAddress".to_owned(),
        internet_attribute: "mail".to_owned(),
    }
}

fn found(entries: &[(&str, &str, &str)]) -> Found {
    let entries = entries.iter().map(|(name, mail, or)| Entry {
        name: (*name).to_owned(),
        attributes: vec![
            ("mail".to_owned(), if mail.is_empty() { vec![] } else { vec![mail.as_bytes().to_vec()] }),
            ("TextEncodedORAddress".to_owned(), vec![or.as_bytes().to_vec()]),
        ],
    });
    Found { entries: entries.collect(), ..Found::default() }
}

#[test]
fn people_are_found_by_their_internet_address() {
    let people = people();
    assert_eq!(people.search_by_internet("a@b").unwrap().filter, Filter::parse("(mail=a@b)").unwrap());
    let anna = "G=Anna; S=Weber; O=Zydeco; P=Isode; A=Mailnet; C=FI";
    let person = people.or_address(&found(&[("cn=a", "", anna)])).unwrap().unwrap();
    assert_eq!(person.address.to_std_or(), "/G=Anna/S=Weber/O=Zydeco/PRMD=Isode/ADMD=Mailnet/C=FI/");
    // The same twice, one of them as a proxy address.
    let proxy = "X400:c=fi;a=mailnet;p=Isode;o=Zydeco;s=Weber;g=Anna";
    assert!(people.or_address(&found(&[("cn=a", "", anna), ("cn=b", "", proxy)])).unwrap().is_some());
    assert_eq!(people.or_address(&found(&[])), Ok(None));
    for doubtful in [
        found(&[("cn=a", "", anna), ("cn=b", "", "S=Other; A=x; C=FI")]),
        found(&[("cn=a", "", "nonsense")]),
        Found { references: vec!["ldap://x".to_owned()], ..found(&[("cn=a", "", anna)]) },
        Found { outcome: Outcome { code: Code::SIZE_LIMIT_EXCEEDED, ..Outcome::default() }, ..found(&[]) },
        Found { outcome: Outcome { code: Code::NO_SUCH_OBJECT, ..Outcome::default() }, ..found(&[]) },
    ] {
        assert!(people.or_address(&doubtful).is_err(), "{doubtful:?}");
    }
}

#[test]
fn people_are_found_by_their_or_address() {
    let people = people();
    let asked = rasn_x400::x411::address::text::parse("S=Weber; O=Zydeco; A= ; C=FI").unwrap();
    let filter = people.search_by_or(&asked).unwrap().filter;
    assert_eq!(filter, Filter::parse("(textEncodedORAddress=*S=Weber*)").unwrap());
    let nobody = rasn_x400::x411::address::text::parse("CN=x; O=Zydeco; A= ; C=FI").unwrap();
    assert_eq!(people.search_by_or(&nobody), None);
    let other = ("cn=o", "o@x.example", "S=Weberknecht; O=Zydeco; A= ; C=FI");
    let anna = ("cn=a", "anna@x.example", "/C=fi/ADMD=/O=zydeco/S=WEBER/");
    let person = people.internet_address(&found(&[other, anna]), &asked).unwrap().unwrap();
    assert_eq!((&*person.address, &*person.entry), ("anna@x.example", "cn=a"));
    assert_eq!(people.internet_address(&found(&[other]), &asked), Ok(None));
    let twin = ("cn=t", "twin@x.example", anna.2);
    assert!(people.internet_address(&found(&[anna, twin]), &asked).is_err());
    assert!(people.internet_address(&found(&[("cn=a", "none", anna.2)]), &asked).is_err());
}
