use proptest::prelude::*;
use rasn_x400::x411::address::text::{self, KeyedAddress};

use super::*;

const MAPPING2: &str = "\
# Internet to X.400: RFC 2156 4.2, 4.3, Appendix F
AC.UK#PRMD$UK\\.AC.ADMD$GOLD 400.C$GB#
cs.AC.UK#O$UCL.PRMD$UK\\.AC.ADMD$GOLD 400.C$GB#
Widget.COM#O$Widget.PRMD$@.ADMD$BTT.C$TC#
HNE.EGM#O$HNE.PRMD$@.ADMD$ECQ.C$TC#
GMD.DE#O$@.PRMD$GMD.ADMD$DBP.C$DE#
autoroutes.fr#PRMD$autoroutes.ADMD$atlas.C$fr#
Master400.it#ADMD$master400.C$it#
ptpostel.it#ADMD$PtPostel.C$it#
ZZ.YY.XX#O$ZZ.PRMD$@.ADMD$YY.C$XX#
dom.nn#ADMD$A.C$NN#
blank.example#PRMD$p.ADMD$ .C$GB#
";

const GATES: &str = "\
alter.net#PRMD$relay.ADMD$BTglobal.C$gb#
";

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=relay; A=MCI; C=us"
reached_by_x400 = ["island.example"]
encapsulate_via = "P=uk.ac; O=mr; C=gb"
route_unmapped = "refuse"
[tables]
mapping1 = ["mapping1"]
mapping2 = ["mapping2"]
gate1 = ["gate1"]
gate2 = ["gate2"]
[countries]
826 = "gb"
"#;

/// Both directions of the tables, the second made from the first.
fn rules_with(more: &str) -> Rules {
    let swapped: Vec<String> = MAPPING2
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut fields = line.split('#');
            let (domain, path) = (fields.next().unwrap(), fields.next().unwrap());
            format!("{path}#{domain}#")
        })
        .collect();
    let rules = RULES.replace("[tables]", &format!("{more}\n[tables]"));
    Rules::from_sources(&[
        ("rules.toml", &rules),
        ("mapping1", &swapped.join("\n")),
        ("mapping2", MAPPING2),
        ("gate1", "ADMD$ATT.C$us#attmail.com#\n"),
        ("gate2", GATES),
    ])
    .unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn rules() -> &'static Rules {
    static RULES: std::sync::LazyLock<Rules> = std::sync::LazyLock::new(|| rules_with(""));
    &RULES
}

#[track_caller]
fn to_or(rules: &Rules, address: &str, context: AddressContext) -> String {
    match Mapper::new(rules).to_or(address, context) {
        Ok(found) => {
            assert_eq!(found.name, found.address.to_or_name().unwrap());
            assert!(!found.steps.is_empty());
            found.address.to_std_or()
        }
        Err(error) => format!("! {} {}", error.offset, error.reason),
    }
}

#[track_caller]
fn to_internet(rules: &Rules, address: &str) -> String {
    let name = text::parse(address).unwrap().to_or_name().unwrap();
    match Mapper::new(rules).to_internet(&name) {
        Ok(found) => found.address,
        Err(error) => format!("! {}", error.reason),
    }
}

/// Addresses that are each other's image.
const PAIRS: &[(&str, &str, &str)] = &[
    ("A-110", "S.Kille@R-D.Salford.AC.UK", "/I=S/S=Kille/OU=R-D/O=Salford/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
    ("M-03", "S.Kille@R-D.cs.AC.UK", "/I=S/S=Kille/OU=R-D/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
    ("A-111 Z-09", "Al.Bo@ZI.HNE.EGM", "/G=Al/S=Bo/OU=ZI/O=HNE/ADMD=ECQ/C=TC/"),
    (
        "A-115",
        "/I=J/S=Linnimouth/GQ=5/@Marketing.Widget.COM",
        "/I=J/S=Linnimouth/GQ=5/OU=Marketing/O=Widget/ADMD=BTT/C=TC/",
    ),
    (
        "A-116 A-214",
        "J.Linnimouth@Marketing.Widget.COM",
        "/I=J/S=Linnimouth/OU=Marketing/O=Widget/ADMD=BTT/C=TC/",
    ),
    ("M-22", "S.Bo@R-D.GMD.DE", "/I=S/S=Bo/OU=R-D/PRMD=GMD/ADMD=DBP/C=DE/"),
    ("A-212", "/S=XX/O=YY/@dom.nn", "/S=XX/O=YY/ADMD=A/C=NN/"),
    (
        "A-215",
        "\"/S=renseignements/O=Region Parisienne/\"@autoroutes.fr",
        "/S=renseignements/O=Region Parisienne/PRMD=autoroutes/ADMD=atlas/C=fr/",
    ),
    ("A-218", "/S=Support/O=sales/@Master400.it", "/S=Support/O=sales/ADMD=master400/C=it/"),
    (
        "A-218",
        "\"/DD.cap=20100/DD.ph1=Via Larga 11/DD.city=Milano/S=Rossi/\"@ptpostel.it",
        "/DD.cap=20100/DD.ph1=Via Larga 11/DD.city=Milano/S=Rossi/ADMD=PtPostel/C=it/",
    ),
    ("G-19", "Smith@ZZ.YY.XX", "/S=Smith/O=ZZ/ADMD=YY/C=XX/"),
    ("A-15 A-205", "Jo.Bo@o.blank.example", "/G=Jo/S=Bo/O=o/PRMD=p/ADMD= /C=GB/"),
    ("A-211", "/O=o/@blank.example", "/O=o/PRMD=p/ADMD= /C=GB/"),
    ("A-211", "/O=Widget/@Widget.COM", "/O=Widget/ADMD=BTT/C=TC/"),
    ("A-16", "/S=Mueller*M{252}ller/@Widget.COM", "/S=Mueller*M{252}ller/O=Widget/ADMD=BTT/C=TC/"),
    (
        "A-213",
        "/X121=234219200300/OU=x/O=Widget/ADMD=BTT/C=TC/@Widget.COM",
        "/X121=234219200300/OU=x/O=Widget/ADMD=BTT/C=TC/",
    ),
    ("A-213", "/UA-ID=17/PRMD=p/ADMD=none/C=gb/@gw.example", "/UA-ID=17/PRMD=p/ADMD=none/C=gb/"),
    (
        "A-107",
        "\"/G=j/S=s/PRMD=abl/ADMD=snomail 1/C=aq/\"@gw.example",
        "/G=j/S=s/PRMD=abl/ADMD=snomail 1/C=aq/",
    ),
    (
        "A-216 Z-10",
        "/G=Andy/S=Wharol/O=MMNY/ADMD=ATT/C=us/@attmail.com",
        "/G=Andy/S=Wharol/O=MMNY/ADMD=ATT/C=us/",
    ),
    ("A-120", "\"john q\"@cs.AC.UK", "/S=john q/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
    ("A-124", "tom_h@cs.AC.UK", "/RFC-822=tom(u)h(a)cs.AC.UK/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
    ("Z-56", "x1.2.z3@cs.AC.UK", "/RFC-822=x1.2.z3(a)cs.AC.UK/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
    ("A-103", "\"a  b\"@cs.AC.UK", "/RFC-822=(q)a  b(q)(a)cs.AC.UK/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
    (
        "A-117",
        "Aaaaabbbbbcccccdd.Smith@cs.AC.UK",
        "/RFC-822=Aaaaabbbbbcccccdd.Smith(a)cs.AC.UK/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/",
    ),
    ("A-112", "S.K@a.b.c.d.e.AC.UK", "/I=S/S=K/OU=a/OU=b/OU=c/OU=d/O=e/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
    (
        "A-112",
        "S.K@x.a.b.c.d.e.AC.UK",
        "/RFC-822=S.K(a)x.a.b.c.d.e.AC.UK/OU=a/OU=b/OU=c/OU=d/O=e/PRMD=UK.AC/ADMD=GOLD 400/C=GB/",
    ),
    ("A-106", "/X121=abc/@cs.AC.UK", "/RFC-822=/X121$=abc/(a)cs.AC.UK/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"),
];

// ledger: mixer A-104 A-105 A-109 A-118 A-207 A-316 G-04 G-06 G-08 M-25 M-26 M-28
#[test]
fn addresses_that_are_each_others_image() {
    let rules = rules();
    for (id, internet, x400) in PAIRS {
        let x400 = text::parse(&x400.replace("RFC-822=/X121$=abc/(a)", "RFC-822=$/X121$=abc$/(a)"))
            .unwrap()
            .to_std_or();
        assert_eq!(to_or(rules, internet, AddressContext::Recipient), x400, "{id} {internet}");
        assert_eq!(to_internet(rules, &x400), *internet, "{id} {x400}");
    }
}

// ledger: mixer A-104 A-105 G-08 M-27 Z-08
#[test]
fn only_to_x400() {
    use AddressContext::{Header, Recipient, ReturnPath};
    let rules = rules();
    let cases = [
        // A-107: complete in the local part, whatever the domain.
        ("A-107", Recipient, "/G=j/S=s/P=abl/A=snomail/C=aq/@any.gw", "/G=j/S=s/PRMD=abl/ADMD=snomail/C=aq/"),
        ("A-113", Header, "/O=YY/S=a/@Marketing.Widget.COM", "/S=a/O=YY/ADMD=BTT/C=TC/"),
        ("A-113", Header, "/A=QQ/S=a/@cs.AC.UK", "/S=a/ADMD=QQ/C=GB/"),
        ("A-113", Header, "/P=QQ/S=a/@cs.AC.UK", "/S=a/PRMD=QQ/ADMD=GOLD 400/C=GB/"),
        (
            "A-114",
            Header,
            "/S=x/OU=lab/@Marketing.Widget.COM",
            "/S=x/OU=lab/OU=Marketing/O=Widget/ADMD=BTT/C=TC/",
        ),
        ("A-102", Recipient, "@gw:J.Bo@Widget.COM", "/I=J/S=Bo/O=Widget/ADMD=BTT/C=TC/"),
        ("M-30", Recipient, "j.bo@WIDGET.com", "/I=j/S=bo/O=Widget/ADMD=BTT/C=TC/"),
        // A-125 to A-127
        (
            "A-131",
            Header,
            "Tom_Harris@cs.widget.org",
            "/RFC-822=Tom(u)Harris(a)cs.widget.org/O=gateway/PRMD=relay/ADMD=MCI/C=us/",
        ),
        (
            "A-126",
            Header,
            "postmaster@UK.alter.net",
            "/RFC-822=postmaster(a)UK.alter.net/PRMD=relay/ADMD=BTglobal/C=gb/",
        ),
        (
            "A-125",
            ReturnPath,
            "postmaster@UK.alter.net",
            "/RFC-822=postmaster(a)UK.alter.net/O=gateway/PRMD=relay/ADMD=MCI/C=us/",
        ),
        (
            "A-127",
            Recipient,
            "joe@a.island.example",
            "/RFC-822=joe(a)a.island.example/O=mr/PRMD=uk.ac/ADMD= /C=gb/",
        ),
        // A-132
        (
            "A-132",
            Header,
            "\"/RFC-822=jj(a)seismo.css.gov/PRMD=AC/ADMD=BT/C=GB/\"@monet.berkeley.edu",
            "/RFC-822=jj(a)seismo.css.gov/PRMD=AC/ADMD=BT/C=GB/",
        ),
        // Z-08: both separators, and the bar between the lines of a postal address.
        (
            "Z-08",
            Recipient,
            "\"S=a;OU=x;OU=y\"@cs.AC.UK",
            "/S=a/OU=x/OU=y/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/",
        ),
        (
            "Z-08",
            Recipient,
            "\"/PD-ADDRESS=The Dome|Richmond/PD-C=GB/PD-CODE=1/ADMD=x/C=gb/\"@gw.example",
            "/PD-C=GB/PD-CODE=1/PD-ADDRESS=The Dome|Richmond/ADMD=x/C=gb/",
        ),
        // A-130
        ("A-130", Header, "S.K@a_b.AC.UK", "/RFC-822=S.K(a)a(u)b.AC.UK/O=gateway/PRMD=relay/ADMD=MCI/C=us/"),
        (
            "A-108",
            Header,
            "/T-ID=x/@cs.AC.UK",
            "/RFC-822=$/T-ID$=x$/(a)cs.AC.UK/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/",
        ),
        (
            "Z-48",
            Header,
            "/C=gb/G=a/@cs.AC.UK",
            "/RFC-822=$/C$=gb$/G$=a$/(a)cs.AC.UK/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/",
        ),
        // F-01, F-02: what cannot go, with the place.
        (
            "A-127",
            Recipient,
            "joe@nowhere.example",
            "! 4 no mapping leads from the domain `nowhere.example` to X.400",
        ),
        (
            "A-127",
            Recipient,
            "joe@UK.alter.net",
            "! 4 no mapping leads from the domain `UK.alter.net` to X.400",
        ),
        ("F-02", Recipient, "joe.bo@gw.example", "! 0 no mapping for the domain `gw.example`"),
        (
            "F-02",
            Recipient,
            "\"/S=a/PRDM=x/C=gb/\"@gw.example",
            "! 6 expected a key such as S, O, PRMD, ADMD, C or DD.type, found `PRDM`",
        ),
        ("F-02", Recipient, "/S=a/P=p/@gw.example", "! 0 no mapping for the domain `gw.example`"),
        (
            "Y-17",
            Header,
            "j\u{fc}rgen@x.example",
            "! 1 `\u{fc}` is outside US-ASCII and cannot be carried to X.400",
        ),
        ("F-02", Recipient, "a b@c", "! 1 expected quotes around a local part with such a character"),
    ];
    for (id, context, internet, expected) in cases {
        assert_eq!(to_or(rules, internet, context), expected, "{id} {internet}");
    }
}

// ledger: mixer Z-53
#[test]
fn a_source_route_is_kept_where_the_rules_say_so() {
    let keep = rules_with("source_routes = \"keep\"\ndefault_domain = \"AC.UK\"");
    let address = "@relay.AC.UK:userb@host2";
    assert_eq!(
        to_or(&keep, address, AddressContext::Recipient),
        "/RFC-822=(a)relay.AC.UK:userb(a)host2/O=relay/PRMD=UK.AC/ADMD=GOLD 400/C=GB/" // A-101
    );
    // A-301: never in a header field. A-129: the host is completed.
    assert_eq!(
        to_or(&keep, address, AddressContext::Header),
        "/S=userb/O=host2/PRMD=UK.AC/ADMD=GOLD 400/C=GB/"
    );
}

// ledger: mixer A-123 AK-36 AK-37
#[test]
fn long_addresses_fill_one_attribute_after_the_other() {
    let rules = rules();
    let header = AddressContext::Header;
    for (length, parts) in
        [(128, vec![128]), (129, vec![128, 1]), (300, vec![128, 128, 44]), (512, vec![128; 4])]
    {
        // `_x.example` below makes it no personal name; `@` and `_` take three characters each once encoded.
        let address = format!("{}_@x.example", "a".repeat(length - 15));
        let found = Mapper::new(rules).to_or(&address, header).unwrap();
        let kinds: Vec<(&str, usize)> =
            found.address.domain_defined().map(|(kind, value)| (kind, value.len())).collect();
        let expected: Vec<(&str, usize)> = ENCAPSULATION.into_iter().zip(parts).collect();
        assert_eq!(kinds, expected, "A-121 {length}");
        assert_eq!(Mapper::new(rules).to_internet(&found.name).unwrap().address, address);
    }
    let address = format!("{}_@x.example", "a".repeat(513 - 15));
    assert!(to_or(rules, &address, header).contains("513 characters once encoded"), "A-122");
}

// ledger: mixer A-24 A-201
#[test]
fn only_to_the_internet() {
    let rules = rules();
    let cases = [
        ("A-202", "/RFC-822=postel(a)venera.isi.edu/PRMD=42/ADMD=Wizz/C=TC/", "postel@venera.isi.edu"),
        ("A-07", "/DD.rfc-822=postel(a)venera.isi.edu/ADMD=Wizz/C=TC/", "postel@venera.isi.edu"),
        ("A-203", "/DD.RFC-822=*joe{064}x.y/", "joe@x.y"),
        ("A-203", "/DD.RFC-822=joe(a)x.y*joe{064}x.y/ADMD=W/C=TC/", "joe@x.y"),
        (
            "A-203",
            "/DD.RFC-822=joe(a)x.y*al{064}x.y/ADMD=W/C=TC/",
            "! `joe@x.y` and `al@x.y` are given for one address",
        ),
        (
            "Z-01",
            "/RFC-822=(999)joe/ADMD=W/C=TC/",
            "! the attribute RFC-822 holds `(999)joe`: expected quotes around a local part with such a character",
        ),
        ("A-206", "/S=a/O=o/PRMD=p/ADMD= /C=826/", "a@o.blank.example"),
        ("A-205", "/S=a/O=o/PRMD= P /ADMD=/C=gb/", "a@o.blank.example"),
        ("A-219", "/S=a/OU=R-D/O=Salford/PRMD=uk.ac/ADMD=Gold  400/C=gb/", "a@R-D.Salford.AC.UK"),
        ("A-209", "/S=a/PRMD=p/ADMD=unknown/C=gb/", "/S=a/PRMD=p/ADMD=unknown/C=gb/@gw.example"),
        ("A-25", "/S=a/O= A  B /ADMD=A/C=NN/", "\"/S=a/O= A  B /\"@dom.nn"),
        ("A-215", "/S=O.Brien/O=Widget/ADMD=BTT/C=TC/", "/S=O.Brien/@Widget.COM"),
        ("A-221", "/O=x/", "/O=x/@gw.example"),
        ("A-210", "/S=a/OU=x/OU=y z/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/", "\"/S=a/OU=x/OU=y z/\"@cs.AC.UK"),
        // The label `cs` would lead to UCL, so it stays in the local part.
        ("A-220 M-03", "/S=a/O=cs/PRMD=UK.AC/ADMD=GOLD 400/C=GB/", "/S=a/O=cs/@AC.UK"),
    ];
    for (id, x400, expected) in cases {
        assert_eq!(to_internet(rules, x400), expected, "{id} {x400}");
    }
}

/// No mail is routed to a domain of one label, so an address that would end there goes to the gateway instead.
// ledger: mixer A-208
#[test]
fn a_domain_of_one_label_is_no_destination() {
    let rules = Rules::from_sources(&[
        ("rules.toml", "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; A=a; C=it\"\n"),
        ("mapping1", "ADMD$acme.C$it#it#\n"),
    ])
    .unwrap();
    let cases = [
        ("/S=rossi/ADMD=acme/C=it/", "/S=rossi/ADMD=acme/C=it/@gw.example"),
        // The gap at PRMD keeps O in the local part.
        ("/S=rossi/O=ditta/ADMD=acme/C=it/", "/S=rossi/O=ditta/ADMD=acme/C=it/@gw.example"),
        ("/S=rossi/PRMD=ditta/ADMD=acme/C=it/", "rossi@ditta.it"),
    ];
    for (x400, expected) in cases {
        assert_eq!(to_internet(&rules, x400), expected, "{x400}");
    }
}

/// A preferred gateway is asked for only where no mapping matches, even if its key is the longer one.
// ledger: mixer M-34
#[test]
fn mappings_go_before_preferred_gateways() {
    let rules = Rules::from_sources(&[
        ("rules.toml", "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; A=a; C=gb\"\n"),
        ("mapping1", "ADMD$mail.C$gb#mail.example#\n"),
        ("mapping2", "mail.example#ADMD$mail.C$gb#\n"),
        ("gate1", "PRMD$p.ADMD$mail.C$gb#relay.example#\nADMD$else.C$gb#relay.example#\n"),
        ("gate2", "p.mail.example#PRMD$relay.ADMD$r.C$gb#\nother.example#PRMD$relay.ADMD$r.C$gb#\n"),
    ])
    .unwrap();
    let cases = [
        ("J.Bo@p.mail.example", "/I=J/S=Bo/PRMD=p/ADMD=mail/C=gb/"),
        ("tom_h@p.mail.example", "/RFC-822=tom(u)h(a)p.mail.example/PRMD=p/ADMD=mail/C=gb/"),
        ("J.Bo@other.example", "/RFC-822=J.Bo(a)other.example/PRMD=relay/ADMD=r/C=gb/"),
    ];
    for (internet, expected) in cases {
        assert_eq!(to_or(&rules, internet, AddressContext::Header), expected, "{internet}");
    }
    let cases = [
        ("/I=J/S=Bo/PRMD=p/ADMD=mail/C=gb/", "J.Bo@p.mail.example"),
        ("/I=J/S=Bo/PRMD=p/ADMD=else/C=gb/", "/I=J/S=Bo/PRMD=p/ADMD=else/C=gb/@relay.example"),
    ];
    for (x400, expected) in cases {
        assert_eq!(to_internet(&rules, x400), expected, "{x400}");
    }
}

#[test]
fn every_step_is_told_with_its_clause_and_line() {
    let rules = rules();
    let found =
        Mapper::new(rules).to_or("J.Linnimouth@Marketing.Widget.COM", AddressContext::Recipient).unwrap();
    let steps: Vec<String> = found.steps.iter().map(ToString::to_string).collect();
    assert_eq!(
        steps,
        [
            "local part is a personal name: /I=J/S=Linnimouth/ (RFC 2156 4.1.2)",
            "domain is mapped: OU$Marketing.O$Widget.PRMD$@.ADMD$BTT.C$TC (RFC 2156 4.3.4 I.8) [mapping2:4]",
            "O/R address: I=J; S=Linnimouth; O=Widget; OU1=Marketing; A=BTT; C=TC (RFC 2156 4.3.4 I.10)",
        ]
    );
    let error = Mapper::new(rules).to_or("joe@nowhere.example", AddressContext::Recipient).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`joe@nowhere.example`: no mapping leads from the domain `nowhere.example` to X.400 (at character 5, RFC 2156 4.3.4 II)"
    );
    assert!(error.suggestion.unwrap().contains("@gw.example"));
    let found = Mapper::new(rules).to_internet(&found.name).unwrap();
    assert!(found.steps[0].to_string().ends_with("[mapping1:3]"), "{}", found.steps[0]);
}

// ledger: mixer P-51
#[test]
fn the_conversion_gets_what_it_asks_for() {
    let rules = rules();
    let mapper: &dyn AddressMapper = &Mapper::new(rules);
    let domain = mapper.management_domain("x.AC.UK").unwrap();
    assert_eq!(domain, GlobalDomainIdentifier::new("GB", "GOLD 400", Some("UK.AC")));
    let name = mapper.parse_or("/ADMD=x/C=gb/").unwrap();
    assert_eq!(mapper.show_or(&name), "A=x; C=gb");
    assert!(mapper.to_or("J.Bo@Widget.COM", AddressContext::Header).is_ok());
    assert!(matches!(
        mapper.to_or("joe@nowhere.example", AddressContext::Recipient),
        Err(mixer::AddressError::Unmappable { clause: "RFC 2156 4.3.4 II", .. })
    ));
}

/// What is remembered is what would be found anew, wherever the address stood before and stands now.
#[test]
fn a_remembered_address_is_that_of_its_place() {
    const ADDRESSES: [&str; 12] = [
        "J.Bo@Widget.COM",
        "Bo@sales.Widget.COM",
        "/S=a/O=b/ADMD=c/C=gb/@gw.example",
        "ada@gw.example",
        "joe@island.example",
        "joe@nowhere.example",
        "joe@alter.net",
        "joe_x@Widget.COM",
        "@relay.example:joe@Widget.COM",
        "@relay.example:joe@nowhere.example",
        "postmaster",
        "no address",
    ];
    const PLACES: [AddressContext; 3] =
        [AddressContext::ReturnPath, AddressContext::Header, AddressContext::Recipient];
    let own = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gateway; P=relay; A=MCI; C=us\"\nsource_routes = \"keep\"\n";
    let without_gates = Rules::from_sources(&[("rules.toml", own), ("mapping2", MAPPING2)]).unwrap();
    for rules in [rules(), &without_gates] {
        let anew = Mapper::new(rules).without_steps();
        let anew: &dyn AddressMapper = &anew;
        // As for all messages that come.
        let of_all = Memory::default();
        for (address, before, now) in ADDRESSES
            .iter()
            .flat_map(|address| PLACES.iter().map(move |before| (address, before)))
            .flat_map(|(address, before)| PLACES.iter().map(move |now| (*address, *before, *now)))
        {
            let of_one = Memory::default();
            for memory in [&of_one, &of_all] {
                let remembering = Mapper::new(rules).without_steps().remembering(memory);
                for place in [before, now] {
                    assert_eq!(
                        remembering.to_or(address, place),
                        Mapper::new(rules).without_steps().to_or(address, place),
                        "{address}: {before:?}, then {now:?}"
                    );
                }
                let remembering: &dyn AddressMapper = &remembering;
                for place in [before, now] {
                    let found = remembering.to_or(address, place);
                    assert_eq!(found, anew.to_or(address, place), "{address}: {before:?}, then {now:?}");
                    let Ok(found) = found else { continue };
                    let name = &found.or_address;
                    assert_eq!(
                        remembering.to_internet(name, place),
                        anew.to_internet(name, place),
                        "{address}"
                    );
                }
            }
        }
    }
}

/// However many there were, each becomes what it is, with its steps for whoever wants them.
#[test]
fn what_is_remembered_is_bounded_and_has_no_steps() {
    let rules = rules();
    let memory = Memory::default();
    let anew = Mapper::new(rules).without_steps();
    for number in (0..3_000).chain(0..10) {
        let address = format!("user{number}@Widget.COM");
        let found = anew.remembering(&memory).to_or(&address, AddressContext::Recipient);
        assert_eq!(found, anew.to_or(&address, AddressContext::Recipient));
        assert!(memory.len() <= 1024, "{}", memory.len());
    }
    let with_steps =
        Mapper::new(rules).remembering(&memory).to_or("user0@Widget.COM", AddressContext::Recipient);
    assert!(!with_steps.unwrap().steps.is_empty());
}

fn domains() -> impl Strategy<Value = String> {
    let known =
        prop::sample::select(vec!["AC.UK", "cs.AC.UK", "Widget.COM", "GMD.DE", "Master400.it", "x.example"]);
    ("([a-zA-Z0-9]{1,3}(-[a-z]{1,2})?\\.){0,6}", known).prop_map(|(below, known)| format!("{below}{known}"))
}

proptest! {
    #![proptest_config(mixer::law::cases(4_000))]

    /// A-220: an Internet address goes to X.400 and comes back as it was.
    // ledger: mixer G-20
    #[test]
    fn internet_addresses_come_back(
        local in "[a-zA-Z0-9]{1,6}(\\.[a-zA-Z0-9_+=/&'*{}#~-]{1,6}){0,3}|\"[a-z ]{1,4}[a-z@();:,.]{1,8}\"",
        domain in domains(),
    ) {
        let rules = rules();
        let address = format!("{local}@{domain}");
        let found = Mapper::new(rules).to_or(&address, AddressContext::Header);
        if let Ok(found) = found {
            let back = Mapper::new(rules).to_internet(&found.name).map(|found| found.address);
            // Quotes that were not needed, and attributes in another order, come back in the usual form.
            let unquoted = mailbox::Mailbox::parse(&address).unwrap().local;
            let usual = format!("{}@{domain}", mailbox::quote(&unquoted));
            // A domain is the same in any case.
            let same = |back: &str, one: &str| {
                let (back, one) = (back.rsplit_once('@').unwrap(), one.rsplit_once('@').unwrap());
                back.0 == one.0 && back.1.eq_ignore_ascii_case(one.1)
            };
            // What was read as attributes, such as `DD.type=`, comes back in their usual form, which stays as it is.
            let is_attributes = found.steps.iter().any(|step| step.what == "local part is X.400 attributes");
            let stays = |back: &String| {
                let again = Mapper::new(rules).to_or(back, AddressContext::Header);
                let again = again.ok().and_then(|again| Mapper::new(rules).to_internet(&again.name).ok());
                again.is_some_and(|again| again.address == *back)
            };
            let comes_back = back
                .as_ref()
                .is_ok_and(|back| same(back, &address) || same(back, &usual) || is_attributes && stays(back));
            prop_assert!(comes_back, "{address} -> {} -> {back:?}", found.address);
        } else {
            prop_assert!(false, "{address}: {found:?}");
        }
    }

    /// A-220: a mnemonic address goes to the Internet and comes back as it was.
    // ledger: mixer G-20
    #[test]
    fn x400_addresses_come_back(
        given in proptest::option::of("[A-Za-z.' -]{1,6}"),
        initials in proptest::option::of("[A-Z0-9]{1,3}"),
        surname in "[A-Za-z./=()*{}' -]{0,2}[A-Za-z]{1,5}",
        units in prop::collection::vec("[A-Za-z0-9]{1,4}([ .-][a-z])?", 0..5),
        organization in proptest::option::of(prop::sample::select(vec!["UCL", "Widget", "cs", "R D", "x-y", "o"])),
        upper in prop::sample::select(vec![
            "/PRMD=UK.AC/ADMD=GOLD 400/C=GB/", "/ADMD=BTT/C=TC/", "/PRMD=GMD/ADMD=DBP/C=DE/", "/PRMD=q/ADMD=master400/C=it/",
            "/PRMD=p/ADMD= /C=GB/", "/ADMD=ATT/C=us/", "/PRMD=none/ADMD=none/C=gb/",
        ]),
        number in proptest::option::of("[0-9]{1,5}"),
    ) {
        let rules = rules();
        let surname = surname.replace(['*', '{', '}'], "");
        let mut address = text::parse(upper).unwrap();
        address.insert(Key::Surname, surname);
        if let Some(given) = given { address.insert(Key::GivenName, given); }
        if let Some(initials) = initials { address.insert(Key::Initials, initials); }
        if let Some(organization) = organization { address.insert(Key::Organization, organization); }
        if let Some(number) = number { address.insert(Key::DomainDefined("no".to_owned()), number); }
        for unit in units { address.insert(Key::OrganizationalUnit, unit); }
        let name = address.to_or_name().unwrap();
        let internet = Mapper::new(rules).to_internet(&name).unwrap().address;
        let local = mailbox::Mailbox::parse(&internet).unwrap().local;
        // A-103: two spaces together, or one at an end, cannot come back from the Internet.
        prop_assume!(!local.contains("  ") && !local.starts_with(' ') && !local.ends_with(' '));
        let back = Mapper::new(rules).to_or(&internet, AddressContext::Recipient);
        let back = back.map(|found| same_case(&found.address));
        prop_assert_eq!(back, Ok(same_case(&address)), "{}", internet);
    }
}

proptest! {
    /// Whatever a sender writes, there is an answer, and a fault lies within the text.
    #[test]
    fn any_text_gets_an_answer(text in "[ -~\u{fc}]{0,60}|[@:,\"/;=$.a-c]{0,20}") {
        let rules = rules();
        for context in [AddressContext::Header, AddressContext::Recipient, AddressContext::ReturnPath] {
            if let Err(error) = Mapper::new(rules).to_or(&text, context) {
                prop_assert!(error.offset <= text.len(), "{error}");
            }
        }
    }
}

/// Tables decide how a domain is spelled; names are equal in any case.
fn same_case(address: &KeyedAddress) -> String {
    address.to_std_or().to_ascii_lowercase()
}

/// What led to a preferred gateway is not written out where the operator says so, as in the example of RFC 2156 4.3.5.
// ledger: mixer Z-10
#[test]
fn a_preferred_gateway_may_know_what_led_to_it() {
    for (strip, expected) in [
        ("true", "/G=Andy/S=Wharol/O=MMNY@attmail.com"),
        ("false", "/G=Andy/S=Wharol/O=MMNY/ADMD=ATT/C=us/@attmail.com"),
    ] {
        let gateway = format!(
            "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; A=a; C=gb\"\ngate1_strip_prefix = {strip}\n"
        );
        let rules = Rules::from_sources(&[
            ("rules.toml", gateway.as_str()),
            ("gate1", "ADMD$ATT.C$us#attmail.com#\n"),
        ])
        .unwrap();
        assert_eq!(to_internet(&rules, "/G=Andy/S=Wharol/O=MMNY/ADMD=ATT/C=us/"), expected);
        // What nobody prefers a gateway for comes here, and is written out.
        let other = to_internet(&rules, "/S=Wharol/O=MMNY/ADMD=ATT/C=de/");
        assert_eq!(other, "/S=Wharol/O=MMNY/ADMD=ATT/C=de/@gw.example");
    }
}
