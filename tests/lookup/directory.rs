//! Mappings in a directory: the gateway's lookups (RFC 2164) and OpenLDAP, with the example that operators are given.

use crate::openldap;

use std::sync::Arc;
use std::time::Duration;

use openldap::{ADMINISTRATOR, Server, Setup, free_port};
use rasn_x400::x411::address::text;
use serde::Deserialize;
use x400_gateway::ldap::client::{Client, Security, Server as LdapServer, Settings};
use x400_gateway::ldap::message::Search;
use x400_gateway::lookup::Mappings;
use x400_gateway::mixer::AddressContext;
use x400_gateway::mixer::address::{ToInternet, ToOr, Unmappable};
use x400_gateway::rules::Rules;
use x400_gateway::rules::directory::longest::{LongestMatch, Match, Said, Step};
use x400_gateway::rules::directory::name::Name;
use x400_gateway::rules::directory::tree::Collection;
use x400_gateway::rules::lookup::Headers;
use x400_gateway::rules::pseudo_domain::Path;
use x400_gateway::status::Failure;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
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

/// What an answer says, in the words of the file.
type Words = (Option<String>, Option<String>, Vec<String>, Vec<String>);

fn words(found: Option<&Match>) -> Words {
    match found.map(|found| &found.said) {
        None => (None, None, vec![], vec![]),
        Some(Said::Domain(domain)) => (Some(domain.clone()), None, vec![], vec![]),
        Some(Said::Path(path)) => (None, Some(path.to_text()), vec![], vec![]),
        Some(Said::InternetGateways(domains)) => (None, None, domains.clone(), vec![]),
        Some(Said::X400Gateways(addresses)) => {
            (None, None, vec![], addresses.iter().map(text::KeyedAddress::to_std_or).collect())
        }
    }
}

/// Asks a server until there is an answer; with the number of operations.
async fn ask(client: &Client, mut matching: LongestMatch) -> (Option<Match>, usize) {
    let mut operations = 0;
    let mut step = matching.begin();
    loop {
        match step {
            Step::Ended(ended) => return (ended.unwrap(), operations),
            Step::Read(names) => {
                operations += names.len();
                let attributes = matching.attributes().to_vec();
                let read = |name: &Name| Search::read(name.to_string(), attributes.clone());
                let searches: Vec<Search> = names.iter().map(read).collect();
                step = matching.take(&client.search(&searches).await.unwrap().found);
            }
        }
    }
}

// ledger: mixer D-01 D-02 D-03 D-04 D-05 D-06 D-07 D-09 D-12
#[tokio::test]
async fn openldap_answers_as_the_file_says() {
    let directory = Server::start(&Setup::default());
    let client = Client::new(Settings {
        servers: vec![LdapServer { host: "127.0.0.1".into(), port: directory.port, security: Security::Off }],
        credentials: None,
        connect_timeout: Duration::from_secs(20),
        timeout: Duration::from_secs(20),
        connections: 1,
    });
    let file = std::fs::read_to_string("tests/directory/questions.toml").unwrap();
    let file: Questions = toml::from_str(&file).unwrap();
    let collection = Collection(Name::parse("OU=MIXER MCGAMs, O=Zydeco Plc, C=GB").unwrap());
    assert!(file.question.len() > 20);
    for question in file.question {
        let (matching, asked) = match (&question.path, &question.domain_asked) {
            (Some(path), None) => (LongestMatch::of_path(&collection, &path_of(path)), path),
            (None, Some(domain)) => (LongestMatch::of_domain(&collection, domain), domain),
            _ => panic!("one of both"),
        };
        let (found, operations) = ask(&client, matching).await;
        let expected =
            (question.domain, question.path_found, question.internet_gateways, question.x400_gateways);
        assert_eq!(words(found.as_ref()), expected, "{asked}");
        assert_eq!(found.map(|found| found.levels), question.levels, "{asked}");
        assert_eq!(operations, question.operations, "{asked}");
    }
}

/// A path in the notation of the tables.
fn path_of(text: &str) -> Path {
    let mut levels: Vec<Option<String>> = Vec::new();
    let text = text.replace("\\.", "\u{0}");
    for part in text.rsplit('.') {
        let value = part.split_once('$').unwrap().1.replace('\u{0}', ".");
        levels.push((value != "@").then_some(value));
    }
    Path { levels }
}

/// A gateway that asks a directory.
fn mappings(directory: &str) -> Mappings {
    let text = format!(
        "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\nencapsulate_via = \"A=far; C=us\"\n\
         [[equivalence]]\ndomain = \"com\"\nor = \"A=com; C=us\"\ndirection = \"to-x400\"\n\
         [lookup]\ntimeout = \"30s\"\n\
         [lookup.directory]\ntimeout = \"10s\"\n{directory}"
    );
    let loaded = Rules::load("rules.toml", &|_| Ok(text.clone()));
    Mappings::new(Arc::new(loaded.unwrap_or_else(|rejected| panic!("{:?}", rejected.diagnostics)).rules))
}

async fn to_or(mappings: &Mappings, address: &str) -> Result<ToOr, Unmappable> {
    mappings.run(Headers::Wait, |mapper| mapper.to_or(address, AddressContext::Recipient)).await.made
}

async fn to_internet(mappings: &Mappings, address: &str) -> Result<ToInternet, Unmappable> {
    let name = text::parse(address).unwrap().to_or_name().unwrap();
    mappings.run(Headers::Wait, |mapper| mapper.to_internet(&name)).await.made
}

const COLLECTION: &str = "collections = [\"OU=MIXER MCGAMs, O=Zydeco Plc, C=GB\"]\n";

fn servers(ports: &[u16]) -> String {
    let urls: Vec<String> = ports.iter().map(|port| format!("\"ldap://127.0.0.1:{port}\"")).collect();
    format!("servers = [{}]\ntls = \"off\"\n", urls.join(", "))
}

// ledger: mixer M-07 M-36 D-03 D-05 D-08
#[tokio::test]
async fn addresses_are_mapped_by_the_directory() {
    let directory = Server::start(&Setup::default());
    let by_list = mappings(&format!("{}{COLLECTION}", servers(&[directory.port])));
    let by_gateway =
        mappings(&format!("{}gateway = \"CN=gateway, O=Zydeco Plc, C=GB\"\n", servers(&[directory.port])));
    let both_ways = [
        ("J.Linnimouth@sales.isode.com", "/I=J/S=Linnimouth/O=sales/PRMD=Isode/ADMD=Mailnet/C=FI/"),
        (
            "J.Linnimouth@vision.cs.isode.com",
            "/I=J/S=Linnimouth/OU=vision/OU=CS/O=Labs/PRMD=Isode/ADMD=Mailnet/C=FI/",
        ),
        ("J.Linnimouth@ucl.ac.uk", "/I=J/S=Linnimouth/O=ucl/PRMD=UK.AC/ADMD= /C=GB/"),
        ("J.Linnimouth@gmd.de", "/I=J/S=Linnimouth/PRMD=GMD/ADMD=DBP/C=DE/"),
    ];
    for mappings in [&by_list, &by_gateway] {
        for (internet, x400) in both_ways {
            let found = to_or(mappings, internet).await.unwrap();
            assert_eq!(found.address.to_std_or(), x400, "{internet}");
            assert!(
                found.steps.iter().any(|step| step.to_string().contains("of ldap://127.0.0.1:")),
                "{:?}",
                found.steps
            );
            assert_eq!(to_internet(mappings, x400).await.unwrap().address, internet, "{x400}");
        }
        // M-36: `com` of the tables is less than `isode.com` of the directory, and more than nothing.
        let found = to_or(mappings, "J.Linnimouth@x.com").await.unwrap();
        assert_eq!(found.address.to_std_or(), "/I=J/S=Linnimouth/PRMD=x/ADMD=com/C=us/");
        // D-05: a domain without a mapping, beside the gateway that is named for it.
        let found = to_or(mappings, "a@host.alter.net").await.unwrap();
        assert_eq!(found.address.to_std_or(), "/RFC-822=a(a)host.alter.net/PRMD=relay/ADMD=BTglobal/C=gb/");
        // D-03: an address without a mapping, at the gateway that is named for it.
        let found = to_internet(mappings, "/S=Bo/PRMD=Nobody/ADMD=Mailnet/C=FI/").await.unwrap();
        assert_eq!(found.address, "/S=Bo/PRMD=Nobody/ADMD=Mailnet/C=FI/@gw.mailnet.example");
    }
}

// ledger: mixer D-08
#[tokio::test]
async fn the_longest_match_over_all_collections_wins() {
    let entries = "dn: OU=more,C=GB\nobjectClass: organizationalUnit\nou: more\n\n\
        dn: CN=X.400 to RFC 822,OU=more,C=GB\nobjectClass: applicationProcess\ncn: X.400 to RFC 822\n\n\
        dn: CN=RFC 822 to X.400,OU=more,C=GB\nobjectClass: applicationProcess\ncn: RFC 822 to X.400\n\n\
        dn: DC=COM,CN=RFC 822 to X.400,OU=more,C=GB\nobjectClass: domain\ndc: COM\n\n\
        dn: DC=ISODE,DC=COM,CN=RFC 822 to X.400,OU=more,C=GB\nobjectClass: rFC822ToX400Mapping\ndc: ISODE\n\
        associatedORAddress: PRMD=Other,ADMD=Mailnet,C=FI\n\n\
        dn: DC=DEEP,DC=ISODE,DC=COM,CN=RFC 822 to X.400,OU=more,C=GB\nobjectClass: rFC822ToX400Mapping\ndc: DEEP\n\
        associatedORAddress: PRMD=Deep,ADMD=Mailnet,C=FI\n";
    let directory = Server::start(&Setup { entries, ..Setup::default() });
    let mappings = mappings(&format!(
        "{}collections = [\"OU=MIXER MCGAMs, O=Zydeco Plc, C=GB\", \"OU=more, C=GB\"]\n",
        servers(&[directory.port])
    ));
    for (internet, x400) in [
        ("J.B@a.isode.com", "/I=J/S=B/O=a/PRMD=Isode/ADMD=Mailnet/C=FI/"),
        ("J.B@a.deep.isode.com", "/I=J/S=B/O=a/PRMD=Deep/ADMD=Mailnet/C=FI/"),
    ] {
        assert_eq!(to_or(&mappings, internet).await.unwrap().address.to_std_or(), x400);
    }
}

// ledger: mixer M-08 F-03
#[tokio::test]
async fn without_an_answer_an_address_is_retried_and_never_mapped_otherwise() {
    let directory = Server::start(&Setup::default());
    let nobody = free_port();
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "wrong\n").unwrap();
    let bind = format!("bind = \"{}\"\npassword_file = {password:?}\n", ADMINISTRATOR.0);
    let of = |text: &str| format!("{}{text}", servers(&[directory.port]));
    let cases = [
        (format!("{}{COLLECTION}", servers(&[nobody])), "Connection refused"),
        (of(&format!("{COLLECTION}{bind}")), "bind is refused: invalidCredentials"),
        (
            of("collections = [\"OU=nowhere, C=GB\"]\n"),
            "there is no entry `cn=RFC 822 to X.400,OU=nowhere,C=GB`",
        ),
        (of("collections = [\"OU=nowhere, C=XX\"]\n"), "there is no entry"),
        (of("gateway = \"CN=nobody, C=GB\"\n"), "there is no entry `CN=nobody,C=GB`"),
        // Not even StartTLS, which this server does not have.
        (format!("servers = [\"ldap://127.0.0.1:{}\"]\nca = \"none\"\n{COLLECTION}", directory.port), "none"),
    ];
    for (text, reason) in cases {
        let mappings = mappings(&text);
        // The tables have `com`, which would do if the directory were not asked.
        let error = to_or(&mappings, "J.B@a.isode.com").await.unwrap_err();
        assert_eq!(error.failure, Failure::MappingUnavailable, "{error}");
        assert!(error.reason.contains(reason), "{reason}: {}", error.reason);
        let error = to_internet(&mappings, "/S=Bo/PRMD=Isode/ADMD=Mailnet/C=FI/").await.unwrap_err();
        assert_eq!(error.failure, Failure::MappingUnavailable, "{error}");
    }
    // One of two servers is enough.
    let mappings = mappings(&format!("{}{COLLECTION}", servers(&[nobody, directory.port])));
    assert!(to_or(&mappings, "J.B@a.isode.com").await.is_ok());
}

// ledger: mixer D-03 D-05 F-03
#[tokio::test]
async fn entries_that_say_what_cannot_be_are_named() {
    let directory = Server::start(&Setup::default());
    let base = "OU=MIXER MCGAMs,O=Zydeco Plc,C=GB";
    directory.modify(&format!(
        "dn: PRMD=Isode,ADMD=Mailnet,C=FI,CN=X.400 to RFC 822,{base}\nchangetype: modify\n\
         add: associatedInternetGateway\nassociatedInternetGateway: gw.example\n\n\
         dn: DC=ISODE,DC=COM,CN=RFC 822 to X.400,{base}\nchangetype: modify\n\
         replace: associatedORAddress\nassociatedORAddress: OU=Sales,O=Zydeco\n"
    ));
    let mappings = mappings(&format!("{}{COLLECTION}", servers(&[directory.port])));
    let error = to_internet(&mappings, "/S=Bo/PRMD=Isode/ADMD=Mailnet/C=FI/").await.unwrap_err();
    assert!(
        error.reason.contains("the entry `pRMDName=Isode,") && error.reason.contains("only one"),
        "{error}"
    );
    let error = to_or(&mappings, "J.B@a.isode.com").await.unwrap_err();
    let expected = ["the entry `dc=ISODE,", "associatedORAddress", "Zydeco` is not a level"];
    assert!(expected.iter().all(|part| error.reason.contains(part)), "{error}");
}

#[tokio::test]
async fn people_are_looked_up_before_anything_is_mapped() {
    let entries = "dn: CN=Bo Other,OU=people,O=Zydeco Plc,C=GB\nobjectClass: pilotPerson\ncn: Bo Other\nsn: Other\n\
        mail: bo@isode.com\ntextEncodedORAddress: S=Other; G=Bo; P=Isode; A=Mailnet; C=FI\n";
    let directory = Server::start(&Setup { entries, ..Setup::default() });
    let people = "[[lookup.directory.people]]\nbase = \"OU=people, O=Zydeco Plc, C=GB\"\nby_internet = \"(mail={address})\"\n\
        by_or = \"(textEncodedORAddress=*S={S}*)\"\nor_attribute = \"textEncodedORAddress\"\ninternet_attribute = \"mail\"\n";
    let mappings = mappings(&format!("{}{COLLECTION}{people}", servers(&[directory.port])));
    for (internet, x400) in [
        ("anna.weber@zydeco.example", "/G=Anna/S=Weber/O=Zydeco/PRMD=Elsewhere/ADMD=Mailnet/C=FI/"),
        ("bo@isode.com", "/G=Bo/S=Other/PRMD=Isode/ADMD=Mailnet/C=FI/"),
        // Nobody of this name: mapped.
        ("J.Other@x.isode.com", "/I=J/S=Other/O=x/PRMD=Isode/ADMD=Mailnet/C=FI/"),
    ] {
        assert_eq!(to_or(&mappings, internet).await.unwrap().address.to_std_or(), x400);
        assert_eq!(to_internet(&mappings, x400).await.unwrap().address, internet);
    }
}
