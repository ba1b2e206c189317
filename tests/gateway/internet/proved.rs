//! Servers that must prove who they are before they get a mail: by what DNS says of their certificates (DANE), or by the policy
//! of a domain (MTA-STS). The name server is NSD, BIND signs its zones, aiosmtpd takes the mails, Python has the policies.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use time::OffsetDateTime;
use x400_gateway::config::Config;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::rope::Rope;
use x400_gateway::mta::tls::Files;
use x400_gateway::smtp::client::dialogue::Verdict;
use x400_gateway::smtp::client::dkim::{Author, Origin};
use x400_gateway::smtp::client::sender::{Secrets, Sender};
use x400_gateway::smtp::client::{Mail, tls::Tls};

use super::judge::Judge;
use crate::authority::Authority;
use crate::name_server::NameServer;

/// Sends mails as a configuration says.
fn sender(internet: &str, data: &Path) -> Sender {
    let text = format!("[gateway]\ndata = {data:?}\n[smtp]\nlisten = []\n[internet]\n{internet}");
    let config = Config::parse("proved", &text).unwrap_or_else(|report| panic!("{}", report.render()));
    let tls = Tls::new(config.internet_ca()).unwrap();
    Sender::new(config.sending(), config.internet_dns(), tls, Secrets::default())
}

/// What becomes of a mail for a domain: `taken`, or why not.
async fn sent(sender: &Sender, domain: &str) -> String {
    let mut content = Rope::default();
    content.push("From: ann@a.example\r\n\r\nHello\r\n");
    let address = format!("joe@{domain}");
    let mail = Mail {
        reverse_path: Some("ann@a.example".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient { number: 1, address, notify: None, original_recipient: None }],
        content: Arc::new(content),
        origin: Origin { author: Author::Ours, received_at: OffsetDateTime::UNIX_EPOCH },
    };
    match sender.send(&mail).await.remove(0).verdict {
        Verdict::Taken(_) => "taken".into(),
        Verdict::Unanswered(why) => why,
        other => format!("{other:?}"),
    }
}

/// A zone for the root, signed, and the file with its key.
fn signed(folder: &Path, zone: &str) -> (String, PathBuf) {
    std::fs::write(folder.join("root"), zone).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let ended = Command::new(program).args(arguments).current_dir(folder).output();
        let ended = ended.expect("run tests/run once, it brings what signs zones");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).unwrap().trim().to_owned()
    };
    let key = run("dnssec-keygen", &["-a", "ECDSAP256SHA256", "-f", "KSK", "-n", "ZONE", "."]);
    run("dnssec-signzone", &["-S", "-z", "-P", "-o", ".", "root"]);
    (std::fs::read_to_string(folder.join("root.signed")).unwrap(), folder.join(format!("{key}.key")))
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn certificate(pem: &Path) -> Vec<u8> {
    use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject as _};
    CertificateDer::from_pem_file(pem).unwrap().to_vec()
}

const ROOT: &str = "$TTL 60\n. SOA ns.example. nobody.example. 1 3600 600 86400 60\n. NS ns.example.\n\
                    ns.example. A 127.0.0.1\n";

/// DANE, with a row for each thing that DNS can say of a server.
#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_a_server_is_what_dns_says() {
    let authority = Authority::new();
    let files = authority.issue("mx.chain.example");
    let (leaf, ca) = (files.certificate.clone().unwrap(), files.ca.clone().unwrap());
    // A server that is described by its CA sends it.
    let chain = [&leaf, &ca].map(|file| std::fs::read_to_string(file).unwrap()).concat();
    std::fs::write(&leaf, chain).unwrap();
    let judge = Judge::start("smtp", Some((&leaf, files.key.as_ref().unwrap())));
    let plain = Judge::start("smtp", None);
    let of_leaf = hexadecimal(digest(&SHA256, &certificate(&leaf)).as_ref());
    let of_ca = hexadecimal(digest(&SHA256, &certificate(&ca)).as_ref());
    let wrong = "00".repeat(32);
    let taken = "taken";
    // domain, its TLSA, and what becomes of a mail
    let table = [
        ("leaf", format!("3 0 1 {of_leaf}"), taken),
        ("chain", format!("2 0 1 {of_ca}"), taken),
        // The CA vouches for another name.
        ("alien", format!("2 0 1 {of_ca}"), "certificate not valid for name"),
        ("wrong", format!("3 0 1 {wrong}"), "TLS is required, and there is none"),
        // Of no use for mail: any certificate.
        ("browser", format!("1 0 1 {wrong}"), taken),
        ("silent", String::new(), taken),
        // Somebody has changed its address on the way.
        ("forged", format!("3 0 1 {of_leaf}"), "mx.forged.example has no address"),
        // The same under a zone that nobody signs: it says nothing.
        ("unsigned", format!("3 0 1 {wrong}"), taken),
    ];
    let records = |name: &str, tlsa: &str| {
        let mut records =
            format!("{name}.example. MX 1 mx.{name}.example.\nmx.{name}.example. A 127.0.0.1\n");
        for port in [judge.port, plain.port].iter().filter(|_| !tlsa.is_empty()) {
            records += &format!("_{port}._tcp.mx.{name}.example. TLSA {tlsa}\n");
        }
        records.replace("unsigned.example.", "unsigned.")
    };
    let is_signed = |row: &&(&str, String, &str)| row.0 != "unsigned";
    let of_root: String = table.iter().filter(is_signed).map(|(name, tlsa, _)| records(name, tlsa)).collect();
    let folder = tempfile::tempdir().unwrap();
    let delegation = "unsigned. NS ns.unsigned.\nns.unsigned. A 127.0.0.1\n";
    let of_root = of_root.replace("mx.forged.example. A 127.0.0.1", "mx.forged.example. A 127.0.0.2");
    let (root, anchors) = signed(folder.path(), &format!("{ROOT}{delegation}{of_root}"));
    let root = root.replace("127.0.0.2", "127.0.0.1");
    let unsigned = format!(
        "$TTL 60\nunsigned. SOA ns.unsigned. nobody.example. 1 3600 600 86400 60\nunsigned. NS ns.unsigned.\n\
         ns.unsigned. A 127.0.0.1\n{}",
        records("unsigned", &table[table.len() - 1].1)
    );
    let server = NameServer::start(&[(".", root), ("unsigned", unsigned)]);
    let internet = |port: u16| {
        format!("dns = [\"{}\"]\nport = {port}\ndane = true\ntrust-anchors = {anchors:?}\n", server.address)
    };
    let towards = sender(&internet(judge.port), folder.path());
    for (name, tlsa, expected) in &table {
        let domain = if *name == "unsigned" { "unsigned".to_owned() } else { format!("{name}.example") };
        let said = sent(&towards, &domain).await;
        assert!(said.contains(expected), "{name} {tlsa}: {said}");
    }
    // Where DNS describes a certificate there must be one.
    let towards = sender(&internet(plain.port), folder.path());
    let said = sent(&towards, "leaf.example").await;
    assert!(said.contains("the server does not offer STARTTLS"), "{said}");
    assert_eq!(sent(&towards, "silent.example").await, taken);
}

/// A web server by others that has policies.
struct PolicyServer {
    port: u16,
    program: Child,
    input: Option<ChildStdin>,
}

impl PolicyServer {
    fn start(files: &Files, folder: &Path) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/policy_server.py");
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(script)
            .args([files.certificate.as_ref(), files.key.as_ref()].map(Option::unwrap))
            .arg(folder);
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { port: port.trim().parse().unwrap(), input: program.stdin.take(), program }
    }
}

impl Drop for PolicyServer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.program.wait();
    }
}

/// MTA-STS, with a row for each thing that the policy of a domain can want.
#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_domain_is_kept() {
    // domain, its policy, the server that its MX record names, and what becomes of a mail
    let taken = "taken";
    let table = [
        ("kept", "mode: enforce\nmx: mx.kept.example\n", "mx.kept", taken),
        ("pattern", "mode: enforce\nmx: *.pattern.example\n", "mx.pattern", taken),
        ("other", "mode: enforce\nmx: mx.kept.example\n", "mx.other", "names none of its servers (RFC 8461)"),
        ("badly", "mode: enforce\nmx: mx.unnamed.example\n", "mx.unnamed", "certificate not valid for name"),
        ("testing", "mode: testing\nmx: mx.kept.example\n", "mx.unnamed", taken),
        ("gone", "mode: none\n", "mx.unnamed", taken),
        ("missing", "", "mx.unnamed", taken),
        ("nonsense", "mode: perhaps\n", "mx.unnamed", taken),
    ];
    let authority = Authority::new();
    let files = authority.issue_with("mx.kept.example", |parameters| {
        let servers = ["mx.pattern", "mx.other"].map(str::to_owned);
        let policies = table.iter().map(|(name, ..)| format!("mta-sts.{name}"));
        let names = servers.into_iter().chain(policies).map(|name| format!("{name}.example"));
        parameters
            .subject_alt_names
            .extend(rcgen::CertificateParams::new(names.collect::<Vec<_>>()).unwrap().subject_alt_names);
    });
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    std::fs::create_dir(&policies).unwrap();
    let mut zone =
        "$TTL 60\nexample. SOA ns.example. nobody.example. 1 3600 600 86400 60\nexample. NS ns.example.\n\
                    ns.example. A 127.0.0.1\n*.example. A 127.0.0.1\n"
            .to_owned();
    for (name, policy, server, _) in table {
        zone += &format!("{name}.example. MX 1 {server}.example.\n{server}.example. A 127.0.0.1\n");
        zone += &format!(
            "_mta-sts.{name}.example. TXT \"v=STSv1; id=1;\"\nmta-sts.{name}.example. A 127.0.0.1\n"
        );
        if !policy.is_empty() {
            let text = format!("version: STSv1\n{policy}max_age: 86400\n");
            std::fs::write(policies.join(format!("mta-sts.{name}.example")), text).unwrap();
        }
    }
    let judge =
        Judge::start("smtp", Some((files.certificate.as_ref().unwrap(), files.key.as_ref().unwrap())));
    let name_server = NameServer::start(&[("example", zone)]);
    let server = PolicyServer::start(&files, &policies);
    let internet = format!(
        "dns = [\"{}\"]\nport = {}\nmta-sts = true\nmta-sts-port = {}\nca = {:?}\n",
        name_server.address,
        judge.port,
        server.port,
        files.ca.as_ref().unwrap()
    );
    let towards = sender(&internet, folder.path());
    // Those who want the same policy at the same time wait for each other.
    let kept = || sent(&towards, "kept.example");
    assert_eq!(tokio::join!(kept(), kept(), kept()), (taken.into(), taken.into(), taken.into()));
    let asked = std::fs::read_to_string(policies.join("asked")).unwrap();
    assert_eq!(asked, "mta-sts.kept.example\n");
    for (name, policy, _, expected) in table {
        let said = sent(&towards, &format!("{name}.example")).await;
        assert!(said.contains(expected), "{name} {policy}: {said}");
    }
    // Nobody has policies any longer, and the gateway starts again: what was fetched holds.
    drop(server);
    let towards = sender(&internet, folder.path());
    for name in ["other", "kept"] {
        let expected = table.iter().find(|row| row.0 == name).unwrap().3;
        let said = sent(&towards, &format!("{name}.example")).await;
        assert!(said.contains(expected), "{name}: {said}");
    }
}
