#![allow(clippy::unwrap_used)]

use rasn_x400::x411::address::text;

use super::super::super::pseudo_domain::{MAXIMUM_LEVELS, Path};
use super::super::super::{Rules, export};
use super::*;
use message::{Name, PX, Unreadable};

fn path(text: &str) -> Path {
    Path::parse(text).unwrap_or_else(|fault| panic!("{text}: {}", fault.message))
}

// ledger: mixer X-05 X-06 X-07 X-08 X-09 X-10
#[test]
fn addresses_are_written_as_names_and_read_again() {
    let cases = [
        // X-08: the examples of RFC 2163 4.2.1
        (
            r"OU$uuu.O$@.PRMD$ppp\.rrr.ADMD$aaa ddd-mmm.C$cc",
            "OU-uuu.O.PRMD-ppp-d-rrr.ADMD-aaa-b-ddd-h-mmm.C-cc",
        ),
        (r"OU$sales dept\..O$@.PRMD$ACME.ADMD$ .C$GB", "OU-sales-b-dept-d.O.PRMD-ACME.ADMDb.C-GB"),
        // X-06, X-07
        ("PRMD$@.ADMD$x.C$gb", "PRMD.ADMD-x.C-gb"),
        ("ADMD$ .C$gb", "ADMDb.C-gb"),
        ("ADMD$400-net.C$gb", "ADMD-400-h-net.C-gb"),
        (r"PRMD$UK\.BD.ADMD$x.C$gb", "PRMD-UK-d-BD.ADMD-x.C-gb"),
        (r"O$ACME Inc\..PRMD$p.ADMD$x.C$gb", "O-ACME-b-Inc-d.PRMD-p.ADMD-x.C-gb"),
        ("PRMD$main-400-a.ADMD$x.C$gb", "PRMD-main-h-400-h-a.ADMD-x.C-gb"),
        ("O$-123-b.PRMD$p.ADMD$x.C$gb", "O--h-123-h-b.PRMD-p.ADMD-x.C-gb"),
        ("OU$123-x.O$o.PRMD$p.ADMD$x.C$gb", "OU-123-h-x.O-o.PRMD-p.ADMD-x.C-gb"),
        ("PRMD$Adis+co.ADMD$x.C$gb", "PRMD-Adis-043-co.ADMD-x.C-gb"),
        // Values that end in a code, or consist of one.
        ("PRMD$a-.ADMD$x.C$gb", "PRMD-a-h.ADMD-x.C-gb"),
        ("PRMD$-.ADMD$x.C$gb", "PRMD--h.ADMD-x.C-gb"),
        ("PRMD$a-h.ADMD$x.C$gb", "PRMD-a-h-h.ADMD-x.C-gb"),
        ("O$b.PRMD$p.ADMD$x.C$gb", "O-b.PRMD-p.ADMD-x.C-gb"),
    ];
    for (written, name) in cases {
        let path = path(written);
        assert_eq!(name::write(&path).as_deref(), Some(name), "{written}");
        assert_eq!(name::read(&Name::from_text(name)).unwrap(), (path.clone(), false), "{name}");
        // X-10
        let marked = Name::from_text(&format!("{name}.G."));
        assert_eq!(name::read(&marked).unwrap(), (path, true), "{name}");
    }
}

#[test]
fn names_that_are_no_address_are_refused() {
    let cases = [
        ("ab.fr", "`ab` is no attribute of a mapping"),
        ("PRMD-a.C-fr.X42D.fr", "`X42D` is no attribute of a mapping"),
        ("PRMD-a-z-b.C-fr", "`-z-` in `PRMD-a-z-b` is no code"),
        ("PRMD-a-999-b.C-fr", "`-999-` in `PRMD-a-999-b` is no code"),
        ("PRMD-a-064-b.C-fr", "`-064-` in `PRMD-a-064-b` is no code"), // @
        ("PRMD-.C-fr", "`PRMD-` has no value"),
        ("PRMD-a--b.C-fr", "`--` in `PRMD-a--b` is no code"),
        ("S-a.C-fr", "`S` is no attribute of a mapping"),
        ("C-fr.ADMD-a", "the path begins with `ADMD`, not with a country"),
        ("PRMD-12345678901234567.C-fr", "`PRMD` has 17 characters, at most 16 are allowed"),
    ];
    for (name, reason) in cases {
        assert_eq!(name::read(&Name::from_text(name)).expect_err(name).reason, reason, "{name}");
    }
    let eight_bit = Name { labels: vec![vec![b'C', b'-', 0xE9]] };
    assert_eq!(name::read(&eight_bit).unwrap_err().name, r"C-\233.");
    assert!(name::read(&Name { labels: Vec::new() }).is_err());
    assert!(name::read(&Name::from_text("G")).is_err());
}

proptest::proptest! {
    // X-09: decode after encode is the identity, for every value that names compare as themselves.
    #[test]
    fn every_value_comes_back(value in "[A-Za-z0-9'()+,\\-./:=?]{1,8}( [A-Za-z0-9'()+,\\-./:=?]{1,4})?") {
        let path = Path { levels: vec![Some("gb".into()), Some("x".into()), Some(value)] };
        if let Some(name) = name::write(&path) {
            let (back, _) = name::read(&Name::from_text(&name)).unwrap();
            proptest::prop_assert_eq!(back, path);
        }
    }
}

fn asked(question: &Question) -> Vec<String> {
    name::to_ask(question)
}

// ledger: mixer X-04 X-05 Z-14
#[test]
fn names_are_asked_for_from_the_longest_on() {
    // X-04: a domain is its own name. Z-14
    let domain = Question::Domain("sun.cce.nrc.it".into());
    let expected = ["sun.cce.nrc.it", "*.sun.cce.nrc.it", "*.cce.nrc.it", "*.nrc.it", "*.it"];
    assert_eq!(asked(&domain), expected);
    let of = |text: &str| asked(&Question::Path(Path::of(&text::parse(text).unwrap())));
    // X-05: without the label of the country; X-14
    assert_eq!(
        of("C=de; ADMD=pkz; PRMD=nfc; O=top"),
        [
            "O-top.PRMD-nfc.ADMD-pkz.X42D.de",
            "*.O-top.PRMD-nfc.ADMD-pkz.X42D.de",
            "*.PRMD-nfc.ADMD-pkz.X42D.de",
            "*.ADMD-pkz.X42D.de",
            "*.X42D.de",
        ]
    );
    // A key may say that there is no organization, and is longer then.
    assert_eq!(
        of("C=FR; ADMD=acme; PRMD=p"),
        [
            "PRMD-p.ADMD-acme.X42D.fr",
            "*.O.PRMD-p.ADMD-acme.X42D.fr",
            "*.PRMD-p.ADMD-acme.X42D.fr",
            "*.ADMD-acme.X42D.fr",
            "*.X42D.fr",
        ]
    );
    // Where a value cannot be a label, only what is above it can be mapped.
    let long = "a+b+c+d+e+f+g+h+i+j+k+l";
    assert_eq!(of(&format!("C=gb; A= ; P=p; O={long}"))[0], "*.PRMD-p.ADMDb.X42D.gb");
    // No country, or one in digits: nobody knows its domain.
    assert!(of("A=x; P=p").is_empty());
    assert!(of("C=826; A=x").is_empty());
    // Too long for DNS.
    let deep =
        format!("{}.example", ["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(60)].join("."));
    assert!(asked(&Question::Domain(deep))[0].len() <= 253);
}

/// The examples of RFC 2163 4.2.3.
#[test]
fn the_country_stands_at_the_end_of_the_owner() {
    for (written, owner) in [
        ("ADMD$acme.C$fr", "ADMD-acme.X42D.fr"),
        (r"PRMD$ux\.av.ADMD$ .C$gb", "PRMD-ux-d-av.ADMDb.X42D.gb"),
        ("PRMD$ppb.ADMD$Dat 400.C$de", "PRMD-ppb.ADMD-Dat-b-400.X42D.de"),
    ] {
        assert_eq!(name::owner(&path(written)).as_deref(), Some(owner), "{written}");
    }
}

/// A message with one question and the given records of the answer section.
fn message(flags: [u8; 2], name: &str, records: &[(&str, u16, u16, Vec<u8>)]) -> Vec<u8> {
    let mut octets =
        vec![0, 7, flags[0], flags[1], 0, 1, 0, u8::try_from(records.len()).unwrap(), 0, 0, 0, 0];
    octets.extend(plain(name));
    octets.extend([0, 26, 0, 1]);
    for (owner, kind, class, data) in records {
        octets.extend(plain(owner));
        octets.extend(kind.to_be_bytes());
        octets.extend(class.to_be_bytes());
        octets.extend(300_u32.to_be_bytes());
        octets.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        octets.extend(data);
    }
    octets
}

fn plain(name: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for label in &Name::from_text(name).labels {
        octets.push(u8::try_from(label.len()).unwrap());
        octets.extend(label);
    }
    octets.push(0);
    octets
}

fn px(preference: u16, map822: &str, mapx400: &str) -> Vec<u8> {
    let mut octets = preference.to_be_bytes().to_vec();
    octets.extend(plain(map822));
    octets.extend(plain(mapx400));
    octets
}

// ledger: mixer X-01 X-03 X-21
#[test]
fn records_are_taken_out_of_a_message() {
    // X-01: preference, then the domain, then the O/R address (X-03), also where it is the key.
    let name = "o-top.prmd-nfc.admd-pkz.x42d.de";
    let octets = message(
        [0x84, 0x20],
        name,
        &[
            // X-21: other types are passed over, and other classes.
            ("O-top.PRMD-nfc.ADMD-pkz.X42D.de", 16, 1, vec![3, b'a', b'b', b'c']),
            ("O-top.PRMD-nfc.ADMD-pkz.X42D.de", 26, 3, vec![1]),
            ("O-top.PRMD-nfc.ADMD-pkz.X42D.de", 26, 1, px(50, "pkz.de", "ADMD-pkz.C-de")),
            ("other.example", 26, 1, px(1, "other.example", "ADMD-x.C-de")),
        ],
    );
    let response = message::read(&octets, &Name::from_text(name)).unwrap();
    assert!(response.authoritative && response.authenticated);
    assert_eq!(response.records.len(), 1);
    let record = &response.records[0];
    assert_eq!(record.to_string(), "O-top.PRMD-nfc.ADMD-pkz.X42D.de. PX 50 pkz.de. ADMD-pkz.C-de.");
    assert_eq!(record.time_to_live, 300);
    // Cut anywhere, it is refused or has fewer records; nothing panics.
    for length in 0..octets.len() {
        let cut = message::read(&octets[..length], &Name::from_text(name));
        assert!(cut.is_err(), "{length}");
    }
}

#[test]
fn names_in_records_may_be_compressed() {
    // RFC 3597 4: the question stands at 12, `de` of it at 12 + 1 + 6.
    let mut octets = message([0x80, 0], "pkz-x.de", &[]);
    octets[7] = 1;
    assert_eq!(&octets[12..22], b"\x05pkz-x\x02de\0");
    octets.extend([0xC0, 12, 0, 26, 0, 1, 0, 0, 0, 9]);
    let mut data = vec![0, 10, 0xC0, 12];
    data.extend(b"\x08ADMD-pkz\x04C-de\0");
    octets.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    octets.extend(&data);
    let response = message::read(&octets, &Name::from_text("pkz-x.de")).unwrap();
    assert_eq!(response.records[0].to_string(), "pkz-x.de. PX 10 pkz-x.de. ADMD-pkz.C-de.");
    // A pointer to itself, and one ahead.
    let place = octets.len() - data.len() + 2;
    for target in [place, place + 2] {
        let mut damaged = octets.clone();
        damaged[place] = 0xC0;
        damaged[place + 1] = u8::try_from(target).unwrap();
        let error = message::read(&damaged, &Name::from_text("pkz-x.de")).unwrap_err();
        assert_eq!(error, Unreadable { offset: place + 2, reason: "a name points ahead" });
    }
    for (kind, reason) in [(0x40, "a label of an unknown kind"), (0x3F, "the message breaks off")] {
        let mut damaged = octets.clone();
        damaged[place] = kind;
        assert_eq!(message::read(&damaged, &Name::from_text("pkz-x.de")).unwrap_err().reason, reason);
    }
}

#[test]
fn another_name_for_the_domain_is_followed() {
    let octets = message(
        [0x80, 0],
        "www.ab.fr",
        &[("www.ab.fr", 5, 1, plain("ab.fr")), ("ab.fr", PX, 1, px(50, "ab.fr", "PRMD-ab.ADMD-ac.C-fr"))],
    );
    let response = message::read(&octets, &Name::from_text("www.ab.fr")).unwrap();
    assert_eq!(response.records.len(), 1);
    assert!(!response.authoritative && !response.authenticated);
}

#[test]
fn a_record_ends_where_it_says() {
    let mut data = px(50, "ab.fr", "C-fr");
    data.push(0);
    let octets = message([0x80, 0], "ab.fr", &[("ab.fr", PX, 1, data)]);
    let error = message::read(&octets, &Name::from_text("ab.fr")).unwrap_err();
    assert_eq!(error.reason, "a PX record does not end where it should");
}

fn record(preference: u16, map822: &str, mapx400: &str) -> Px {
    Px {
        owner: Name::from_text("owner"),
        time_to_live: 60,
        preference,
        map822: Name::from_text(map822),
        mapx400: Name::from_text(mapx400),
    }
}

// ledger: mixer X-02 X-19
#[test]
fn the_best_record_is_the_one_that_can_be_used() {
    let question = Question::Domain("x.ab.fr".into());
    let found = |records: &[Px]| {
        let (found, unusable) = best(&question, records, "server");
        let reasons: Vec<String> = unusable.iter().map(|(_, why)| why.to_string()).collect();
        (found.map(|found| found.origin), reasons)
    };
    let first = record(10, "ab.fr", "PRMD-ab.ADMD-ac.C-fr");
    let second = record(20, "ab.fr", "PRMD-ab.ADMD-zz.C-fr");
    // X-02: the lower preference, in whatever order they came.
    let expected = Some("owner. PX 10 ab.fr. PRMD-ab.ADMD-ac.C-fr. from server".to_owned());
    for records in [[first.clone(), second.clone()], [second.clone(), first]] {
        assert_eq!(found(&records), (expected.clone(), Vec::new()));
    }
    // X-19: what speaks of other names is not an answer.
    for (map822, mapx400, reason) in [
        ("cd.fr", "PRMD-ab.ADMD-ac.C-fr", "it is not about `x.ab.fr` or anything above it"),
        ("y.x.ab.fr", "PRMD-ab.ADMD-ac.C-fr", "it is not about `x.ab.fr` or anything above it"),
        ("b.fr", "PRMD-ab.ADMD-ac.C-fr", "it is not about `x.ab.fr` or anything above it"),
        ("ab.fr", "fr", "`fr.` is no O/R address in the syntax of DNS: `fr` is no attribute of a mapping"),
    ] {
        let (origin, reasons) = found(&[record(1, map822, mapx400), second.clone()]);
        assert_eq!(reasons, [reason], "{map822}");
        assert_eq!(origin.as_deref(), Some("owner. PX 20 ab.fr. PRMD-ab.ADMD-zz.C-fr. from server"));
    }
    let question = Question::Path(path("O$top.PRMD$nfc.ADMD$pkz.C$de"));
    for mapx400 in ["ADMD-other.C-de", "OU-x.O-top.PRMD-nfc.ADMD-pkz.C-de", "ADMD-pkz.C-fr"] {
        assert!(best(&question, &[record(1, "pkz.de", mapx400)], "server").0.is_none(), "{mapx400}");
    }
    assert!(best(&question, &[record(1, "pkz_.de", "ADMD-pkz.C-de")], "server").0.is_none());
}

// ledger: mixer X-16 X-20
#[test]
fn tables_are_written_as_a_zone() {
    // X-16: RFC 2163 4.3
    let sources = [
        (
            "mapping1",
            "ADMD$acme.C$it#it#\nPRMD$accred.ADMD$tx400.C$it#accred.it#\nO$u-newcity.PRMD$x4net.ADMD$ .C$it#cs.ncty.it#\n\
             PRMD$ab.ADMD$ac.C$fr#ab.fr#\n",
        ),
        (
            "mapping2",
            "nrc.it#PRMD$nrc.ADMD$acme.C$it#\nninp.it#O$@.PRMD$ninp.ADMD$acme.C$it#\nbd.it#PRMD$uk\\.bd.ADMD$ .C$it#\n\
             ab.fr#PRMD$ab.ADMD$ac.C$fr#\n",
        ),
        ("gate1", "ADMD$XKW-Mail.C$it#XKW-gateway.it#\nPRMD$Super Inc.ADMD$ .C$it#GlobalGw.it#\n"),
        (
            "gate2",
            "my.it#OU$int-gw.O$@.PRMD$ninp.ADMD$acme.C$it#\nco.it#O$mhs-relay.PRMD$x4net.ADMD$ .C$it#\n\
             role.it#~ROLE$Chief.ADMD$x.C$it#\n",
        ),
        (
            "rules.toml",
            // X-20
            "[[user]]\ninternet = \"a@b.example\"\nor = \"S=a; P=b; A=x; C=it\"\n\
             [[equivalence]]\ndomain = \"hub.example\"\nor = \"P=hub; A=x; C=it\"\npeer = \"hub\"\n\
             [[equivalence]]\ndomain = \"inside.example\"\nor = \"P=inside; A=x; C=it\"\nlocal = true\n\
             [[equivalence]]\ndomain = \"outside.example\"\nor = \"P=outside; A=x; C=it\"\n",
        ),
    ];
    let rules = Rules::from_sources(&sources).unwrap();
    let zone = export::to_zone(&rules);
    let expected = "\
*.ADMD-acme.X42D.it. IN PX 50 it. ADMD-acme.C-it.
*.O-u-h-newcity.PRMD-x4net.ADMDb.X42D.it. IN PX 50 cs.ncty.it. O-u-h-newcity.PRMD-x4net.ADMDb.C-it.
*.PRMD-ab.ADMD-ac.X42D.fr. IN PX 50 ab.fr. PRMD-ab.ADMD-ac.C-fr.
*.PRMD-accred.ADMD-tx400.X42D.it. IN PX 50 accred.it. PRMD-accred.ADMD-tx400.C-it.
*.PRMD-outside.ADMD-x.X42D.it. IN PX 50 outside.example. PRMD-outside.ADMD-x.C-it.
*.ab.fr. IN PX 50 ab.fr. PRMD-ab.ADMD-ac.C-fr.
*.bd.it. IN PX 50 bd.it. PRMD-uk-d-bd.ADMDb.C-it.
*.ninp.it. IN PX 50 ninp.it. O.PRMD-ninp.ADMD-acme.C-it.
*.nrc.it. IN PX 50 nrc.it. PRMD-nrc.ADMD-acme.C-it.
*.outside.example. IN PX 50 outside.example. PRMD-outside.ADMD-x.C-it.
*.ADMD-XKW-h-Mail.X42D.it. IN PX 50 XKW-gateway.it. ADMD-XKW-h-Mail.C-it.G.
*.PRMD-Super-b-Inc.ADMDb.X42D.it. IN PX 50 GlobalGw.it. PRMD-Super-b-Inc.ADMDb.C-it.G.
*.co.it. IN PX 50 co.it. O-mhs-h-relay.PRMD-x4net.ADMDb.C-it.G.
*.my.it. IN PX 50 my.it. OU-int-h-gw.O.PRMD-ninp.ADMD-acme.C-it.G.";
    assert_eq!(zone.files, [("zone".to_owned(), format!("{expected}\n"))]);
    let left_out = |one: &export::LeftOut| {
        let (source, line) = one.place.clone().unwrap();
        format!("{source}:{line}: {}: {}", one.rule, one.reason)
    };
    assert_eq!(
        zone.left_out.iter().map(left_out).collect::<Vec<_>>(),
        [
            "rules.toml:4: PRMD$hub.ADMD$x.C$it: it counts for some peers or users only",
            "rules.toml:4: hub.example: it counts for some peers or users only",
            "gate2:3: role.it: its O/R address is not a path",
            "rules.toml:1: user: a single address is not a domain",
        ]
    );
}

#[test]
fn every_level_has_a_label() {
    for level in 0..MAXIMUM_LEVELS {
        assert!(name::label(level, Some("a")).is_some_and(|label| label.ends_with("-a")), "{level}");
    }
    assert_eq!(name::label(2, Some("")), None);
    assert_eq!(name::label(1, Some("")).as_deref(), Some("ADMDb")); // A-205
    assert_eq!(name::label(2, Some("\u{e9}")), None);
}
