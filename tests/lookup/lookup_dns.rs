//! Mappings in DNS (RFC 2163), asked of NSD: the examples of the standard and of the ledger, what DNS does otherwise than
//! tables, and servers that do not answer.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rasn_x400::x411::address::text;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use x400_gateway::config::Config;
use x400_gateway::lookup::Mappings;
use x400_gateway::mixer::AddressContext;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::queue::store::{Filter, Store as _};
use x400_gateway::rules::lookup::Headers;
use x400_gateway::rules::{Rules, export};
use x400_gateway::status::{Cause, Failure};
use x400_gateway::{peer, serve};

use crate::name_server;
mod provenance;

use name_server::{NameServer, Scripted, unused, zones};

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize, Clone)]
struct Case {
    ids: Vec<String>,
    to: String,
    internet: Option<String>,
    x400: Option<String>,
    record: Option<String>,
    status: Option<String>,
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dns"))
}

fn server() -> NameServer {
    let mut zones = zones(folder());
    zones.extend([("broken", String::new()), ("xx", String::new())]);
    NameServer::start(&zones)
}

fn rule_file(servers: &[SocketAddr], more: &str) -> String {
    let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
    format!(
        "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\nreached_by_x400 = [\"mw\"]\n\
         encapsulate_via = \"P=far; A=a; C=gb\"\nroute_unmapped = \"refuse\"\n\
         [lookup.dns]\nservers = {servers:?}\ntimeout = \"1s\"\nattempts = 1\n{more}"
    )
}

fn mappings(servers: &[SocketAddr], more: &str) -> Mappings {
    let text = rule_file(servers, more);
    Mappings::new(Arc::new(Rules::from_sources(&[("rules.toml", text.as_str())]).unwrap()))
}

/// The address, and how it came about; or the status.
fn map(mapper: &Mapper<'_>, case: &Case) -> Result<(String, Vec<String>), String> {
    let status = |failure: Failure| Cause::Found(failure).enhanced_code().to_string();
    if case.to == "x400" {
        let found = mapper.to_or(case.internet.as_ref().unwrap(), AddressContext::Recipient);
        let found = found.map_err(|error| status(error.failure))?;
        Ok((found.address.to_std_or(), found.steps.iter().map(ToString::to_string).collect()))
    } else {
        let name = text::parse(case.x400.as_ref().unwrap()).unwrap().to_or_name().unwrap();
        let found = mapper.to_internet(&name).map_err(|error| status(error.failure))?;
        Ok((found.address, found.steps.iter().map(ToString::to_string).collect()))
    }
}

async fn ask(mappings: &Mappings, case: &Case) -> Result<(String, Vec<String>), String> {
    mappings.run(Headers::Wait, |mapper| map(&mapper, case)).await.made
}

async fn to_x400(mappings: &Mappings, address: &str) -> Result<String, String> {
    let case = Case {
        ids: Vec::new(),
        to: "x400".into(),
        internet: Some(address.into()),
        x400: None,
        record: None,
        status: None,
    };
    ask(mappings, &case).await.map(|(found, _)| found)
}

// ledger: mixer X-01 X-02 X-03 X-04 X-05 X-09 X-10 X-12 X-13 X-14 X-15 X-19 X-21 Z-14 M-07 M-09 F-03
#[tokio::test]
async fn the_examples_of_the_ledger() {
    let server = server();
    let mappings = mappings(&[server.address], "");
    let cases: Cases =
        toml::from_str(&std::fs::read_to_string(folder().join("cases.toml")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in cases.case {
        let found = ask(&mappings, &case).await;
        let expected = match (&case.status, case.to.as_str()) {
            (Some(status), _) => Err(status.clone()),
            (None, "x400") => Ok(case.x400.clone().unwrap()),
            (None, _) => Ok(case.internet.clone().unwrap()),
        };
        let shown = format!("{:?} {:?} {:?}: {found:?}", case.ids, case.internet, case.x400);
        if found.as_ref().map(|(address, _)| address) != expected.as_ref() {
            wrong.push(shown);
        } else if let (Ok((_, steps)), Some(record)) = (&found, &case.record) {
            // The record and the server it came from.
            let origin = format!("[dns: {record} from {}]", server.address).to_ascii_lowercase();
            if !steps.iter().any(|step| step.to_ascii_lowercase().ends_with(&origin)) {
                wrong.push(format!("not by {origin}: {shown}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tables that are published map as they do here.
// ledger: mixer X-16 X-17
#[tokio::test]
async fn published_tables_map_as_the_tables_do() {
    const SOURCES: [(&str, &str); 4] = [
        (
            "mapping1",
            "ADMD$acme.C$it#acme.it#\nPRMD$accred.ADMD$tx400.C$it#accred.it#\nO$u-newcity.PRMD$x4net.ADMD$ .C$it#cs.ncty.it#\n",
        ),
        (
            "mapping2",
            "nrc.it#PRMD$nrc.ADMD$acme.C$it#\nninp.it#O$@.PRMD$ninp.ADMD$acme.C$it#\nbd.it#PRMD$uk\\.bd.ADMD$ .C$it#\n",
        ),
        ("gate1", "ADMD$XKW-Mail.C$it#xkw-gateway.it#\nPRMD$Super Inc.ADMD$ .C$it#globalgw.it#\n"),
        (
            "gate2",
            "my.it#OU$int-gw.O$@.PRMD$ninp.ADMD$acme.C$it#\nco.it#O$mhs-relay.PRMD$x4net.ADMD$ .C$it#\n",
        ),
    ];
    let gateway = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\nroute_unmapped = \"encapsulate\"\n\
                   encapsulate_via = \"P=far; A=a; C=gb\"\n";
    let tables: Vec<_> = SOURCES.into_iter().chain([("rules.toml", gateway)]).collect();
    let tables = Rules::from_sources(&tables).unwrap();
    let zone = export::to_zone(&tables);
    assert!(zone.left_out.is_empty() && zone.lines == 10);
    let text = format!(
        "$ORIGIN it.\n$TTL 60\n@ IN SOA ns.it. h.it. 1 60 60 60 60\n@ IN NS ns.it.\nns IN A 127.0.0.1\n{}\n",
        zone.files[0].1
    );
    let server = NameServer::start(&[("it", text)]);
    let lookup = format!("{gateway}[lookup.dns]\nservers = [\"{}\"]\n", server.address);
    let rules = Rules::from_sources(&[("rules.toml", lookup.as_str())]).unwrap();
    let published = Mappings::new(Arc::new(rules));
    let domains =
        ["nrc.it", "a.nrc.it", "ninp.it", "a.ninp.it", "x.bd.it", "my.it", "x.y.co.it", "unknown.it"];
    let addresses = [
        "S=j; A=acme; C=it",
        "S=j; O=o; P=p; A=acme; C=it",
        "S=j; P=accred; A=tx400; C=it",
        "S=j; OU1=u; O=u-newcity; P=x4net; A= ; C=it",
        "S=j; P=x; A=XKW-Mail; C=it",
        "S=j; P=Super Inc; A= ; C=it",
        "S=j; A=nobody; C=it",
    ];
    let to_x400 = domains.map(|domain| ("x400", Some(format!("j@{domain}")), None));
    let to_internet = addresses.map(|address| ("internet", None, Some(address.to_owned())));
    for (to, internet, x400) in to_x400.into_iter().chain(to_internet) {
        let case = Case { ids: Vec::new(), to: to.into(), internet, x400, record: None, status: None };
        // NSD keeps names in lower case, which is the same to X.400.
        let lower = |found: Result<(String, Vec<String>), String>| {
            found.map(|(address, _)| address.to_ascii_lowercase())
        };
        let here = lower(map(&Mapper::new(&tables), &case));
        assert_eq!(lower(ask(&published, &case).await), here, "{:?} {:?}", case.internet, case.x400);
    }
}

/// The next server is asked; if none answers, nothing is known, and nothing is remembered.
// ledger: mixer M-08 X-12
#[tokio::test]
async fn a_server_that_is_not_there_leaves_an_address_undetermined() {
    let nobody = unused();
    let alone = mappings(&[nobody], "");
    assert_eq!(to_x400(&alone, "j@x.two.it").await, Err("4.4.3".into()));
    let server = NameServer::start_at(nobody, &zones(folder()));
    // M-08
    let expected = Ok("/S=j/O=x/PRMD=first/ADMD=x/C=it/".to_owned());
    assert_eq!(to_x400(&alone, "j@x.two.it").await, expected);
    assert_eq!(to_x400(&mappings(&[unused(), server.address], ""), "j@x.two.it").await, expected);
    // What there is not is remembered for as long as the zone says; so is what there is.
    assert_eq!(to_x400(&alone, "j@nowhere.it").await, Err("5.1.1".into()));
    drop(server);
    assert_eq!(to_x400(&alone, "j@nowhere.it").await, Err("5.1.1".into()));
    assert_eq!(to_x400(&alone, "j@x.two.it").await, expected);
    assert_eq!(to_x400(&alone, "j@y.two.it").await, Err("4.4.3".into()));
}

#[tokio::test]
async fn an_answer_that_is_too_large_for_a_datagram_comes_over_tcp() {
    let records: String = (1..=60)
        .map(|number| {
            format!("*.big.it. IN PX {number} big.it. O-organization{number}.PRMD-p.ADMD-x.C-it.\n")
        })
        .collect();
    let text = format!(
        "$ORIGIN it.\n$TTL 60\n@ IN SOA ns.it. h.it. 1 60 60 60 60\n@ IN NS ns.it.\nns IN A 127.0.0.1\n{records}"
    );
    let server = NameServer::start(&[("it", text)]);
    let found = to_x400(&mappings(&[server.address], ""), "j@x.big.it").await;
    assert_eq!(found.as_deref(), Ok("/S=j/OU=x/O=organization1/PRMD=p/ADMD=x/C=it/"));
}

/// A PX record for the name in the question, with compressed names in it: `big.it` of the question `x.big.it` stands at 14.
fn compressed(mapx400: &[&str]) -> Vec<u8> {
    let mut data = vec![0, 50, 0xC0, 14];
    for label in mapx400 {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend(label.as_bytes());
    }
    data.push(0);
    let mut record = vec![0xC0, 12, 0, 26, 0, 1, 0, 0, 1, 0];
    record.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    record.extend(data);
    record
}

/// Compressed names are read (RFC 3597 4), and an answer that may not be relied on is not used.
// ledger: mixer X-01 X-18
#[tokio::test]
async fn what_an_answer_is_worth_is_the_operators_choice() {
    const AUTHORITATIVE: u8 = 0x84;
    const PLAIN: u8 = 0x80;
    let record = compressed(&["PRMD-b", "ADMD-x", "C-it"]);
    let expected = Ok("/S=j/O=x/PRMD=b/ADMD=x/C=it/".to_owned());
    let absent: Result<String, String> = Err("5.1.1".into());
    let undetermined = Err("4.4.3".into());
    for (accept, flags, outcome) in [
        ("any", [PLAIN, 0], &expected),
        ("authoritative", [PLAIN, 0], &undetermined),
        ("authoritative", [AUTHORITATIVE, 0], &expected),
        ("validated", [AUTHORITATIVE, 0x80], &absent),
        ("validated", [PLAIN, 0xA0], &expected),
    ] {
        let server = Scripted::start(flags, 1, record.clone());
        let mappings = mappings(&[server.address], &format!("accept = \"{accept}\"\n"));
        assert_eq!(to_x400(&mappings, "j@x.big.it").await, *outcome, "{accept} {flags:02x?}");
        assert_eq!(server.asked(), 1, "{accept}: one question");
    }
}

fn x400gw(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_x400gw")).args(arguments).output().unwrap();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// As an operator asks: by address and by message, with and without the servers.
#[test]
fn commands_look_up_unless_they_are_told_not_to() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mappings.toml");
    std::fs::write(&file, rule_file(&[server.address], "never = [\"internet.example\"]\n")).unwrap();
    let mappings = file.display().to_string();
    let (code, output, errors) = x400gw(&["map", "-m", &mappings, "j@sun.cce.nrc.it"]);
    assert_eq!(code, Some(0), "{errors}");
    let record = "sun.cce.nrc.it. PX 50 cce.nrc.it. o-cce.prmd-nrc.admd-acme.c-it. from ";
    assert!(output.starts_with("/S=j/OU=sun/O=cce/PRMD=nrc/ADMD=acme/C=it/\n"), "{output}");
    assert!(output.contains(&format!("[dns: {record}{}]", server.address)), "{output}");
    let (code, output, errors) = x400gw(&["map", "-m", &mappings, "--offline", "j@sun.cce.nrc.it"]);
    assert_eq!((code, output.as_str()), (Some(1), ""), "{errors}");
    assert!(errors.contains("dns: lookups are switched off"), "{errors}");
    let mail = folder.path().join("mail.eml");
    let text = "From: ada@internet.example\r\nTo: j@sun.cce.nrc.it\r\nCc: k@x.broken\r\nSubject: hello\r\n\r\nHello\r\n";
    std::fs::write(&mail, text).unwrap();
    let convert = |more: &[&str]| {
        let mail = mail.display().to_string();
        let arguments =
            [&["convert", "-m", &mappings, &mail, "--recipient", "j@sun.cce.nrc.it"], more].concat();
        x400gw(&arguments)
    };
    // M-10: what stands in the header has to be known as well.
    let (code, _, errors) = convert(&[]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("an address in its header has to be looked up: dns: "), "{errors}");
    std::fs::write(&mail, text.replace("Cc: k@x.broken\r\n", "Cc: k@x.two.it\r\n")).unwrap();
    let (code, output, errors) = convert(&["--explain"]);
    assert_eq!(code, Some(0), "{errors}");
    let on_one_line = output.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(on_one_line.contains("x.two.it. PX 10 two.it. prmd-first.admd-x.c-it."), "{output}");
    assert_eq!(convert(&["--offline"]).0, Some(1));
    let (code, output, errors) = x400gw(&["check", "-m", &mappings]);
    assert_eq!(code, Some(0), "{output}{errors}");
}

// ledger: mixer X-16
#[test]
fn mappings_are_written_for_a_name_server() {
    let (code, output, errors) = x400gw(&["rules", "export", "--to", "zone"]);
    assert_eq!(code, Some(0), "{errors}");
    let lines = "\
*.O-Flat.PRMD.ADMD-x400.X42D.xx. IN PX 50 flat.example. O-Flat.PRMD.ADMD-x400.C-XX.
*.O-Widget-b-Works.PRMD-demo.ADMD-x400.X42D.xx. IN PX 50 widget.internet.example. O-Widget-b-Works.PRMD-demo.ADMD-x400.C-XX.
*.PRMD-demo.ADMD-x400.X42D.xx. IN PX 50 x400.example. PRMD-demo.ADMD-x400.C-XX.
*.flat.example. IN PX 50 flat.example. O-Flat.PRMD.ADMD-x400.C-XX.
*.widget.internet.example. IN PX 50 widget.internet.example. O-Widget-b-Works.PRMD-demo.ADMD-x400.C-XX.
*.x400.example. IN PX 50 x400.example. PRMD-demo.ADMD-x400.C-XX.
";
    assert_eq!(output, lines);
}

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The dialogue of one session: what is said, and how the reply to it begins.
async fn dialogue(address: SocketAddr, lines: &[(&str, &str)]) {
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut greeting = String::new();
    stream.read_line(&mut greeting).await.unwrap();
    for (line, expected) in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        let mut reply = String::new();
        loop {
            let start = reply.len();
            assert!(stream.read_line(&mut reply).await.unwrap() > 0, "{line}: {reply}");
            if reply.as_bytes().get(start + 3) != Some(&b'-') {
                break;
            }
        }
        assert!(reply.starts_with(expected), "{line}: {reply}");
    }
}

/// A gateway whose mappings are in DNS, and where it listens for SMTP.
async fn gateway(folder: &Path, server: SocketAddr, peer: &str) -> (serve::Running, SocketAddr) {
    gateway_with(folder, server, "", peer).await
}

/// The same with more about SMTP.
async fn gateway_with(
    folder: &Path,
    server: SocketAddr,
    smtp: &str,
    more: &str,
) -> (serve::Running, SocketAddr) {
    let file = folder.join("mappings.toml");
    std::fs::write(&file, rule_file(&[server], "never = [\"internet.example\"]\n")).unwrap();
    let text = format!(
        "[gateway]\nmappings = {file:?}\ndata = {:?}\n[smtp]\nlisten = []\n{smtp}\n\
         [queue]\nfirst-retry = \"1s\"\nlongest-retry = \"1s\"\n{more}",
        folder.join("queue")
    );
    let config = Config::parse("gw", &text).unwrap_or_else(|report| panic!("{}", report.render()));
    let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = smtp.local_addr().unwrap();
    (serve::start(config, vec![smtp]).await.unwrap(), address)
}

/// The gateway answers RCPT by what DNS says, and 451 where it says nothing.
// ledger: mixer M-07 M-09 F-03
#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_that_cannot_be_looked_up_is_to_come_again() {
    let server = server();
    let data = tempfile::tempdir().unwrap();
    let (running, address) = gateway(data.path(), server.address, "").await;
    dialogue(
        address,
        &[
            ("EHLO here.example", "250"),
            ("MAIL FROM:<j@x.broken>", "451 4.4.3"),
            ("MAIL FROM:<ada@internet.example>", "250"),
            ("RCPT TO:<j@x.broken>", "451 4.4.3"),
            ("RCPT TO:<j@nowhere.it>", "550-5.1.1"),
            ("RCPT TO:<j@sun.cce.nrc.it>", "250"),
            ("DATA", "354"),
            ("Subject: hello\r\nCc: k@x.broken\r\n\r\nHello\r\n.", "250"),
            ("QUIT", "221"),
        ],
    )
    .await;
    tokio::time::timeout(PATIENCE, running.stop()).await.unwrap();
}

/// A message waits in the queue for an address in its header, and goes when that can be looked up.
// ledger: mixer M-08 M-10
#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_an_address_in_its_header() {
    let server = server();
    let at = server.address;
    let data = tempfile::tempdir().unwrap();
    let p1 = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hub =
        format!("[[peer]]\nname = \"hub\"\naddress = \"{}\"\ntls = \"off\"\n", p1.local_addr().unwrap());
    let (stop, stopped) = watch::channel(false);
    let (arrivals, mut arrived) = mpsc::unbounded_channel();
    let options = peer::Options { print: peer::Print::Nothing, ..peer::Options::default() };
    let listening = tokio::spawn(peer::listen(options, p1, None, arrivals, stopped));
    let (running, address) = gateway(data.path(), at, &hub).await;
    dialogue(
        address,
        &[
            ("EHLO here.example", "250"),
            ("MAIL FROM:<ada@internet.example>", "250"),
            ("RCPT TO:<j@sun.cce.nrc.it>", "250"),
            ("DATA", "354"),
            ("Subject: hello\r\nTo: j@sun.cce.nrc.it\r\nCc: k@x.broken\r\n\r\nHello\r\n.", "250"),
            ("QUIT", "221"),
        ],
    )
    .await;
    let store = running.store();
    let diagnosis = async {
        loop {
            let listed = store.list(Filter { state: None, after: None, limit: 1 }).await.unwrap();
            let tracked = store.load(listed[0].id).await.unwrap().unwrap();
            if let Some(diagnosis) = &tracked.entry.envelope.recipients[0].last_diagnosis {
                return diagnosis.clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let diagnosis = tokio::time::timeout(PATIENCE, diagnosis).await.unwrap();
    assert!(diagnosis.starts_with("an address in the header: dns: 127.0.0.1:"), "{diagnosis}");
    assert!(arrived.try_recv().is_err());
    // Its zone is mended.
    drop(server);
    let mut mended = zones(folder());
    let soa = "@ IN SOA ns h 1 60 60 60 60\n@ IN NS ns\nns IN A 127.0.0.1\n";
    mended.push((
        "broken",
        format!("$ORIGIN broken.\n$TTL 60\n{soa}* IN PX 50 broken. PRMD-mended.ADMD-x.C-it.\n"),
    ));
    let _server = NameServer::start_at(at, &mended);
    let apdu = tokio::time::timeout(PATIENCE, arrived.recv()).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&apdu);
    for part in ["mended", "SUN", "nrc"] {
        assert!(text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()), "{part}");
    }
    running.stop().await;
    let _ = stop.send(true);
    tokio::time::timeout(PATIENCE, listening).await.unwrap().unwrap().unwrap();
}
