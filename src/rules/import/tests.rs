//! The examples in `mappings/import`, and the law that what is exported comes back.

use proptest::prelude::*;
use rasn_x400::x411::address::text;

use super::*;
use crate::mixer::AddressContext;
use crate::mixer::address::Mapper;
use crate::rules::{Rules, export};

macro_rules! examples {
    ($($name:literal),*) => {
        &[$(($name, include_str!(concat!("../../../mappings/import/", $name)))),*]
    };
}

const MCGAM: &[(&str, &str)] = examples!["mapping1", "mapping2", "gate1", "gate2"];
const PP: &[(&str, &str)] =
    examples!["domain", "or", "or2rfc", "rfc2or", "rfc1148gate", "channel", "alias", "user"];
const ZONE: &[(&str, &str)] = examples!["zone"];
const EXCHANGE: &[(&str, &str)] =
    examples!["Mcgam.in.txt", "Local.in.txt", "recipients.csv", "recipients.ldif"];
const AMHS: &[(&str, &str)] = examples!["amhs-domains.csv", "amhs-caas.csv", "amhs-users.csv"];
const DIRECTORY: &[(&str, &str)] =
    &[("example.ldif", include_str!("../../../mappings/directory/example.ldif"))];

fn inputs(texts: &[(&str, &str)]) -> Vec<Input> {
    texts.iter().map(|(name, text)| Input { name: (*name).to_owned(), text: (*text).to_owned() }).collect()
}

fn imported(format: Format, texts: &[(&str, &str)]) -> Imported {
    let domain = match format {
        Format::Zone => Some("it".to_owned()),
        Format::Amhs => Some("amhs.example".to_owned()),
        Format::Pp => Some("acme.example".to_owned()),
        _ => None,
    };
    let hints = Hints { table: None, domain };
    import(format, &inputs(texts), &hints).unwrap_or_else(|error| panic!("{error}"))
}

const GATEWAY: &str = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\nroute_unmapped = \"encapsulate\"\nencapsulate_via = \"P=far; A=a; C=gb\"\n";

/// The rules that an import makes, in use.
fn rules(imported: &Imported) -> Rules {
    let Written { rules, .. } = imported.write(&Layout { stem: "i".to_owned(), longest: None });
    let sources = [("gateway.toml", GATEWAY), ("imported.toml", rules.as_str())];
    Rules::from_sources(&sources).unwrap_or_else(|diagnostics| panic!("{diagnostics:?}\n{rules}"))
}

fn to_x400(rules: &Rules, address: &str) -> String {
    match Mapper::new(rules).to_or(address, AddressContext::Header) {
        Ok(found) => found.address.to_std_or(),
        Err(error) => error.to_string(),
    }
}

fn to_internet(rules: &Rules, address: &str) -> String {
    let name = text::parse(address).unwrap().to_or_name().unwrap();
    match Mapper::new(rules).to_internet(&name) {
        Ok(found) => found.address,
        Err(error) => error.to_string(),
    }
}

/// The rule file and the report of an example are as they were read.
fn snapshot(name: &str, imported: &Imported) {
    let Written { rules, tables } = imported.write(&Layout { stem: "imported".to_owned(), longest: None });
    assert!(tables.is_empty());
    insta::assert_snapshot!(name, format!("{rules}\n--- report ---\n{}", imported.report()));
}

#[test]
fn tables_of_mcgam_are_read() {
    let imported = imported(Format::Mcgam, MCGAM);
    snapshot("mcgam", &imported);
    let rules = rules(&imported);
    assert_eq!(to_x400(&rules, "j@x.acme.example"), "/S=j/O=x/PRMD=acme/ADMD=mail/C=gb/");
    assert_eq!(to_internet(&rules, "/S=j/O=x/PRMD=acme/ADMD=mail/C=gb/"), "j@x.acme.example");
    assert_eq!(to_x400(&rules, "j@old.example"), "/S=j/PRMD=acme/ADMD=mail/C=gb/");
    assert_eq!(to_internet(&rules, "/S=j/PRMD=UK.Acme/ADMD= /C=gb/"), "j@uk.acme.example");
    assert_eq!(
        to_internet(&rules, "/S=j/ADMD=elsewhere/C=us/"),
        "/S=j/ADMD=elsewhere/C=us/@gateway.elsewhere.example"
    );
    assert_eq!(
        to_x400(&rules, "j@chief.example"),
        "/RFC-822=j(a)chief.example/DD.ROLE=Big.Chief/ADMD=elsewhere/C=us/"
    );
}

#[test]
fn tables_of_pp_are_read() {
    let imported = imported(Format::Pp, PP);
    snapshot("pp", &imported);
    let rules = rules(&imported);
    assert_eq!(to_x400(&rules, "j@acme.example"), "/S=j/PRMD=Acme Services/ADMD= /C=GB/");
    assert_eq!(to_internet(&rules, "/S=j/O=Labs/PRMD=Acme Ltd/ADMD= /C=GB/"), "j@labs.example");
    assert_eq!(to_internet(&rules, "/S=j/O=x/PRMD=Acme Ltd/ADMD= /C=GB/"), "j@x.acme.example");
    assert_eq!(to_x400(&rules, "j@acme-old.example"), "/S=j/PRMD=Acme Services/ADMD= /C=GB/");
}

#[test]
fn zones_are_read() {
    let imported = imported(Format::Zone, ZONE);
    snapshot("zone", &imported);
    let rules = rules(&imported);
    assert_eq!(to_x400(&rules, "j@x.nrc.it"), "/S=j/OU=x/O=nrc/PRMD=labs/ADMD=acme/C=it/");
    assert_eq!(to_internet(&rules, "/S=j/OU=x/O=nrc/PRMD=labs/ADMD=acme/C=it/"), "j@x.nrc.it");
    assert_eq!(to_x400(&rules, "j@bd.it"), "/S=j/PRMD=uk.bd/ADMD= /C=it/");
}

// ledger: mixer D-01 D-03 D-05
#[test]
fn entries_of_a_directory_are_read() {
    let imported = imported(Format::Ldif, DIRECTORY);
    snapshot("ldif", &imported);
    let rules = rules(&imported);
    assert_eq!(to_x400(&rules, "j@x.isode.com"), "/S=j/O=x/PRMD=Isode/ADMD=Mailnet/C=FI/");
    // By way of an alias, and by the number of the country.
    assert_eq!(to_internet(&rules, "/S=j/O=x/PRMD=UK.AC/ADMD=Gold 400/C=GB/"), "j@x.ac.uk");
    assert_eq!(to_internet(&rules, "/S=j/PRMD=UK.AC/ADMD= /C=826/"), "j@ac.uk");
}

#[test]
fn files_of_exchange_are_read() {
    let imported = imported(Format::Exchange, EXCHANGE);
    snapshot("exchange", &imported);
    let rules = rules(&imported);
    let anna = "/G=Anna/S=Weber/O=Site/PRMD=acme/ADMD=mail/C=GB/";
    assert_eq!(to_x400(&rules, "Anna.Weber@acme.example"), anna);
    assert_eq!(to_x400(&rules, "anna@acme.example"), anna);
    assert_eq!(to_internet(&rules, anna), "anna.weber@acme.example");
    assert_eq!(to_internet(&rules, "/S=Bo/O=Old/PRMD=acme/ADMD=mail/C=GB/"), "bo@acme.example");
    assert_eq!(to_internet(&rules, "/CN=desk$/7/O=Site/PRMD=acme/ADMD=mail/C=GB/"), "fritz@acme.example");
    // Nobody's: the mapping file holds.
    assert_eq!(to_internet(&rules, "/S=Gabi/PRMD=acme/ADMD=mail/C=GB/"), "Gabi@acme.example");
    // The same people in a table.
    let Written { rules, tables } = imported.write(&Layout { stem: "i".to_owned(), longest: Some(1) });
    let mut sources = vec![("gateway.toml", GATEWAY), ("imported.toml", rules.as_str())];
    sources.extend(tables.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let read = |wanted: &str| {
        if wanted == "all.toml" {
            return Ok("include = [\"gateway.toml\", \"imported.toml\"]\n".to_owned());
        }
        let found = sources.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "none".to_owned())
    };
    let rules =
        Rules::load("all.toml", &read).unwrap_or_else(|found| panic!("{:?}", found.diagnostics)).rules;
    assert_eq!(to_internet(&rules, anna), "anna.weber@acme.example");
    assert_eq!(to_x400(&rules, "anna@acme.example"), anna);
}

// ledger: beyond V-02 V-03
#[test]
fn tables_of_aviation_are_read() {
    let imported = imported(Format::Amhs, AMHS);
    snapshot("amhs", &imported);
    let rules = rules(&imported);
    for (internet, x400) in [
        ("ZZAAZTZX@amhs.example", "/CN=ZZAAZTZX/OU=ZZAA/O=ZZZZ/PRMD=EXAMPLIA/ADMD=ICAO/C=XX/"),
        ("ZZBBZTZX@amhs.example", "/OU=ZZBBZTZX/O=AFTN/PRMD=EXAMPLIA/ADMD=ICAO/C=XX/"),
        ("YYABZPZX@amhs.example", "/CN=tower/O=north/PRMD=YLAND/ADMD=ICAO/C=XX/"),
        ("YYAAZZZX@amhs.example", "/CN=YYAAZZZX/OU=YYAA/O=YYNORTH/PRMD=YLAND/ADMD=ICAO/C=XX/"),
        ("ops@yland.example", "/OU=YYAAZQZX/O=AFTN/PRMD=YLAND/ADMD=ICAO/C=XX/"),
    ] {
        assert_eq!(to_x400(&rules, internet), x400);
        assert_eq!(to_internet(&rules, x400), internet);
    }
    let hints = Hints::default();
    let error = import(Format::Amhs, &inputs(AMHS), &hints).unwrap_err();
    assert!(error.reason.contains("--domain"), "{error}");
    let hints = Hints { table: None, domain: Some("amhs.example".to_owned()) };
    assert!(import(Format::Amhs, &inputs(&[("x.csv", "a,b\n1,2\n")]), &hints).is_err());
}

#[test]
fn a_text_of_unknown_kind_is_refused() {
    for format in [Format::Mcgam, Format::Pp] {
        let error = import(format, &inputs(&[("x.txt", "")]), &Hints::default()).unwrap_err();
        assert!(error.to_string().starts_with("x.txt: `x.txt` does not tell which table it is"), "{error}");
        let table = if format == Format::Pp { "or2rfc" } else { "mapping1" };
        let hints = Hints { table: Some(table.to_owned()), domain: None };
        assert!(import(format, &inputs(&[("x.txt", "")]), &hints).is_ok());
    }
}

#[test]
fn many_rules_go_into_a_table() {
    let lines: String = (0..20).map(|n| format!("d{n}.example#PRMD$p{n}.ADMD$a.C$gb#\n")).collect();
    let imported = imported(Format::Mcgam, &[("mapping2", &lines)]);
    let written = imported.write(&Layout { stem: "site".to_owned(), longest: Some(10) });
    let [(name, table)] = written.tables.as_slice() else { panic!("{written:?}") };
    assert_eq!(name, "site-equivalences.csv");
    assert_eq!(table.lines().count(), 21);
    assert!(table.starts_with("domain,or,direction\r\nd0.example,P=p0; A=a; C=gb,to-x400\r\n"), "{table}");
    assert!(
        written.rules.contains("file = \"site-equivalences.csv\"\nkind = \"equivalences\""),
        "{}",
        written.rules
    );
    assert!(!written.rules.contains("[[equivalence]]"));
}

fn label() -> impl Strategy<Value = String> {
    "[a-c]{1,2}(-[a-c])?"
}

fn domain() -> impl Strategy<Value = String> {
    proptest::collection::vec(label(), 1..3).prop_map(|labels| format!("{}.example", labels.join(".")))
}

fn value() -> impl Strategy<Value = String> {
    "[a-cA-C][a-c.]{0,2}( [a-c(+])?|[a-c]-[a-c]"
}

/// Paths with omitted levels, and with a country that is always there.
fn path() -> impl Strategy<Value = String> {
    let level = prop_oneof![8 => value(), 1 => Just("@".to_owned())];
    (
        prop_oneof![Just("gb"), Just("it")],
        prop_oneof![value(), Just(" ".to_owned())],
        proptest::collection::vec(level, 0..4),
    )
        .prop_map(|(country, administration, levels)| {
            let keys = ["PRMD", "O", "OU", "OU"];
            let mut parts =
                vec![format!("C${country}"), format!("ADMD${}", administration.replace('.', "\\."))];
            parts.extend(
                levels.iter().zip(keys).map(|(value, key)| format!("{key}${}", value.replace('.', "\\."))),
            );
            parts.reverse();
            parts.join(".")
        })
}

/// The tables of some pairs, each in one direction or in both.
fn tables() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let pair = (path(), domain(), 0..3_u8, prop_oneof![4 => Just(false), 1 => Just(true)]);
    proptest::collection::vec(pair, 1..8).prop_map(|pairs| {
        let mut tables = [
            ("mapping1", String::new()),
            ("mapping2", String::new()),
            ("gate1", String::new()),
            ("gate2", String::new()),
        ];
        for (path, domain, way, is_preferred) in pairs {
            let first = usize::from(is_preferred) * 2;
            if way != 1 {
                tables[first].1 += &format!("{path}#{domain}#\n");
            }
            if way != 2 {
                tables[first + 1].1 += &format!("{domain}#{path}#\n");
            }
        }
        tables.into()
    })
}

/// What both sets of rules make of addresses at, above and below what is mapped.
fn same(one: &Rules, two: &Rules, tables: &[(&str, String)]) {
    for line in tables.iter().flat_map(|(_, text)| text.lines()) {
        for field in line.split('#').filter(|field| !field.is_empty()) {
            if field.contains('$') {
                let path = crate::rules::pseudo_domain::Path::parse(field).unwrap();
                for more in ["", "/OU=x/O=y"] {
                    let levels: text::KeyedAddress = path.attributes().collect();
                    let address = format!("/S=j{more}{}", levels.to_std_or());
                    let Ok(parsed) = text::parse(&address) else { continue };
                    if parsed.to_or_name().is_ok() {
                        assert_eq!(to_internet(one, &address), to_internet(two, &address), "{address}");
                    }
                }
            } else {
                for address in [format!("j@{field}"), format!("j@x.y.{field}")] {
                    assert_eq!(to_x400(one, &address), to_x400(two, &address), "{address}");
                }
            }
        }
    }
}

fn in_use(texts: &[(String, String)]) -> Rules {
    let sources = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let sources: Vec<_> = std::iter::once(("gateway.toml", GATEWAY)).chain(sources).collect();
    Rules::from_sources(&sources).unwrap()
}

/// The tables as PP has them.
fn of_pp(files: &[(String, String)]) -> Vec<(&str, String)> {
    let name = |name: &str| match name {
        "mapping1" => Some("or2rfc"),
        "mapping2" => Some("rfc2or"),
        "gate2" => Some("rfc1148gate"),
        _ => None,
    };
    let text = |text: &str| {
        text.lines().map(|line| line.trim_end_matches('#').replacen('#', ":", 1) + "\n").collect()
    };
    files.iter().filter_map(|(file, lines)| Some((name(file)?, text(lines)))).collect()
}

/// The tables as entries of a collection.
fn of_directory(files: &[(String, String)]) -> String {
    use crate::rules::directory::{name::Name, tree::Collection};
    use crate::rules::pseudo_domain::{MAXIMUM_LEVELS, Path};
    let collection = Collection(Name::parse("OU=all, C=GB").unwrap());
    let path_name = |path: &Path| collection.names_of_path(path)[MAXIMUM_LEVELS - path.levels.len()].clone();
    let relative = |path: &Path| Name(path_name(path).0[..path.levels.len()].to_vec());
    let mut text = String::new();
    for (file, line) in files.iter().flat_map(|(file, text)| text.lines().map(move |line| (file, line))) {
        let (key, value) = line.trim_end_matches('#').split_once('#').unwrap();
        let (name, said) = match file.as_str() {
            "mapping1" => (path_name(&Path::parse(key).unwrap()), format!("mixerAssociatedDomain: {value}")),
            "gate1" => (path_name(&Path::parse(key).unwrap()), format!("associatedInternetGateway: {value}")),
            "mapping2" => (
                collection.names_of_domain(key)[0].clone(),
                format!("associatedORAddress: {}", relative(&Path::parse(value).unwrap())),
            ),
            _ => (
                collection.names_of_domain(key)[0].clone(),
                format!(
                    "associatedX400Gateway: {}",
                    Path::parse(value).unwrap().attributes().collect::<text::KeyedAddress>().to_std_or()
                ),
            ),
        };
        text += &format!("dn: {name}\n{said}\n\n");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_exported_comes_back(tables in tables()) {
        let texts: Vec<(String, String)> = tables.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
        let given: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, text.as_str())).collect();
        // What contradicts is left out; what is left is the set that everything is compared with.
        let first = rules(&imported(Format::Mcgam, &given));
        let exported = export::to_mcgam(&first);
        prop_assert_eq!(&exported.left_out, &vec![]);
        same(&first, &in_use(&exported.files), &tables);
        let files: Vec<(&str, &str)> = exported.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let again = imported(Format::Mcgam, &files);
        prop_assert_eq!(again.report().left_out.len(), 0, "{}", again.report());
        same(&first, &rules(&again), &tables);
        prop_assert!(!texts.is_empty());

        let directory = of_directory(&exported.files);
        let again = imported(Format::Ldif, &[("all.ldif", directory.as_str())]);
        prop_assert_eq!(again.report().left_out.len(), 0, "{}\n{}", again.report(), directory);
        same(&first, &rules(&again), &tables);

        // PP has no table for the preferred gateways of O/R addresses.
        let pp = of_pp(&exported.files);
        let given: Vec<(&str, &str)> = pp.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let again = imported(Format::Pp, &given);
        prop_assert_eq!(again.report().left_out.len(), 0, "{}", again.report());
        let without: Vec<(String, String)> = exported.files.iter().filter(|(name, _)| name != "gate1").cloned().collect();
        same(&in_use(&without), &rules(&again), &tables);

        let zone = export::to_zone(&first);
        let again = imported(Format::Zone, &[("zone", zone.files[0].1.as_str())]);
        prop_assert_eq!(again.report().left_out.len(), 0, "{}\n{}", again.report(), zone.files[0].1);
        if zone.left_out.is_empty() {
            same(&first, &rules(&again), &tables);
        }
    }
}
