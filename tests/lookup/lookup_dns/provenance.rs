//! Where mails come from, as DNS knows it: NSD answers, dkimpy signs.

use std::io::Write as _;
use std::net::IpAddr;
use std::process::{Command, Stdio};

use bytes::Bytes;
use x400_gateway::provenance::{Arrival, Examiner, Settings};
use x400_gateway::queue::entry::Origin;
use x400_gateway::smtp::client::dns::{Dns, Proof};

use super::*;

/// A key, and what DNS says of it.
struct Key {
    folder: tempfile::TempDir,
    record: String,
}

impl Key {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key").display().to_string();
        let openssl = |arguments: &[&str]| {
            let output = Command::new("openssl").args(arguments).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            output.stdout
        };
        openssl(&["genrsa", "-traditional", "-out", &file, "2048"]);
        let public = openssl(&["pkey", "-in", &file, "-pubout", "-outform", "DER"]);
        let text = format!("v=DKIM1; k=rsa; p={}", base64_simd::STANDARD.encode_to_string(public));
        let (one, other) = text.split_at(200);
        Self { folder, record: format!("\"{one}\" \"{other}\"") }
    }

    /// A mail with what `words` of Python make of it: lines of its header.
    fn python(&self, mail: &str, words: &str) -> String {
        let key = self.folder.path().join("key");
        let script = format!(
            "import dkim, sys\nmail = sys.stdin.buffer.read()\nkey = open({:?}, 'rb').read()\n\
             sys.stdout.buffer.write({words} + mail)",
            key.display().to_string()
        );
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = command.spawn().unwrap();
        program.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        let output = program.wait_with_output().unwrap();
        assert!(output.status.success(), "dkimpy is installed (python3-dkim)");
        String::from_utf8(output.stdout).unwrap()
    }

    fn signed(&self, mail: &str) -> String {
        self.python(mail, "dkim.sign(mail, b's', b'good.example', key)")
    }

    /// Header and body in the form `relaxed`.
    fn signed_relaxed(&self, mail: &str) -> String {
        let forms = "canonicalize=(b'relaxed', b'relaxed')";
        self.python(mail, &format!("dkim.sign(mail, b's', b'good.example', key, {forms})"))
    }

    fn sealed(&self, mail: &str) -> String {
        let words = "b''.join(dkim.arc_sign(mail, b's', b'good.example', key, b'lists.example'))";
        self.python(&format!("Authentication-Results: lists.example; none\r\n{mail}"), words)
    }

    /// `good.example` sends from this machine only, and wants the rest refused; `soft.example` wants nothing.
    fn zone(&self) -> String {
        format!(
            "$ORIGIN example.\n$TTL 300\n@ IN SOA ns h 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n\
             good IN TXT \"v=spf1 ip4:127.0.0.1 -all\"\n_dmarc.good IN TXT \"v=DMARC1; p=reject\"\n\
             s._domainkey.good IN TXT {}\n\
             soft IN TXT \"v=spf1 -all\"\n_dmarc.soft IN TXT \"v=DMARC1; p=none\"\n\
             mx.good IN TXT \"v=spf1 ip4:127.0.0.1 -all\"\n",
            self.record
        )
    }
}

fn settings(refuses: bool) -> Settings {
    Settings { authserv_id: "gw.example".into(), patience: Duration::from_secs(1), refuses }
}

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const ABROAD: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

#[tokio::test(flavor = "multi_thread")]
async fn where_mails_come_from() {
    let key = Key::new();
    let server = NameServer::start(&[("example", key.zone())]);
    let examiner = Examiner::new(settings(true), &Dns::new(&[server.address], Proof::None)).unwrap();
    let mail = |domain: &str| format!("From: <a@{domain}>\r\nSubject: s\r\n\r\nhello\r\n");
    let good = mail("good.example");
    let tampered = key.signed(&good).replace("hello", "goodbye");
    let twice = key.signed(&key.signed(&good).replace("hello", "again"));
    let spaces = key.signed_relaxed("From: <a@good.example>\r\nSubject: s\r\n\r\nHi\r\n \r\n\t\r\n");
    let malformed = format!("{}{}", "DKIM-Signature: v=2\r\n".repeat(500), key.signed(&good));
    let authors = format!("From: <a@soft.example>\r\n{good}");
    let hidden = format!("Subject: s\r\nno field\r\n{good}");
    let endless = format!("From: <a@good.example>\r\n{}", "X: y\r\n".repeat(400_000));
    #[rustfmt::skip]
    let table = [
        ("from home", HOME, "a@good.example", good.clone(),
            &["gw.example; spf=pass ", " smtp.mailfrom=", "; dkim=none", "; dmarc=pass header.from=good.example policy.dmarc=reject"][..], false),
        ("IPv4 in IPv6", HOME.to_string().parse::<std::net::Ipv4Addr>().unwrap().to_ipv6_mapped().into(), "a@good.example", good.clone(),
            &["spf=pass ", "dmarc=pass"], false),
        ("from abroad", ABROAD, "a@good.example", good.clone(), &["spf=fail ", "dkim=none", "dmarc=fail"], true),
        ("in another name", HOME, "a@soft.example", good.clone(), &["spf=fail ", "dmarc=fail (policy not aligned) header.from=good.example"], true),
        ("signed", ABROAD, "a@lists.nowhere.example", key.signed(&good),
            &["spf=none ", "dkim=pass header.", " header.s=s ", "dmarc=pass header.from=good.example"], false),
        ("tampered with", ABROAD, "a@good.example", tampered, &["dkim=neutral (body hash did not verify) ", "dmarc=fail"], true),
        ("one signature is good", ABROAD, "a@good.example", twice, &["dkim=pass", "dkim=neutral", "dmarc=pass"], false),
        ("white space at the end", ABROAD, "a@good.example", spaces, &["dkim=pass", "dmarc=pass"], false),
        ("signatures that are none", ABROAD, "a@good.example", malformed, &["spf=fail ", "dmarc=pass ", "dkim=pass "], false),
        ("two authors", ABROAD, "a@soft.example", authors, &["dmarc=permerror (From is there more than once)"], true),
        ("an author not everybody sees", ABROAD, "a@soft.example", hidden, &["dmarc=permerror (From stands behind what is no header)"], true),
        ("no end of the header", ABROAD, "a@soft.example", endless, &["spf=fail", "dmarc=permerror (a header without end); dkim=permerror"], true),
        ("of no consequence", ABROAD, "a@soft.example", mail("soft.example"), &["spf=fail", "dmarc=fail", "policy.dmarc=none"], false),
        ("nothing is known", ABROAD, "a@nowhere.example", mail("nowhere.example"), &["spf=none", "dkim=none", "dmarc=none"], false),
        ("a report", HOME, "", mail("mx.good.example"), &["spf=pass", " smtp.helo=mx.good.example", "dmarc=pass"], false),
        ("sealed", ABROAD, "a@soft.example", key.sealed(&mail("soft.example")), &["; arc=pass smtp.remote-ip=192.0.2.1"], false),
        ("nobody's", HOME, "", "\r\nhello\r\n".to_owned(), &["spf=", "dkim=none"], false),
        ("lines in an address", ABROAD, "\"a\\\r\n;x\"@soft.example", good.clone(), &["spf=fail"], true),
    ];
    for (name, client, reverse_path, mail, expected, refused) in table {
        let content = Bytes::from(mail);
        let arrival = Arrival { client, helo: "mx.good.example", reverse_path, content: &content };
        let found = examiner.examine(arrival).await;
        for part in expected {
            assert!(found.results.contains(part), "{name}: no `{part}` in {}", found.results);
        }
        assert!(!found.results.contains(['\r', '\n']), "{name}: {}", found.results);
        assert!(found.results.matches("dkim=").count() <= 10, "{name}: {}", found.results);
        assert_eq!(found.refusal.is_some(), refused, "{name}: {found:?}");
    }
}

/// What DNS does not answer is a matter of time, and nobody is refused for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_server_that_is_silent_refuses_nothing() {
    let key = Key::new();
    let content = Bytes::from(key.signed("From: <a@good.example>\r\nSubject: s\r\n\r\nhello\r\n"));
    // It takes questions, and never answers.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let dns = Dns::new(&[silent.local_addr().unwrap()], Proof::None);
    let examiner = Examiner::new(settings(true), &dns).unwrap();
    let arrival = Arrival { client: ABROAD, helo: "mx", reverse_path: "a@good.example", content: &content };
    let found = examiner.examine(arrival).await;
    for part in ["spf=temperror ", "dkim=temperror ", "dmarc=temperror "] {
        assert!(found.results.contains(part), "{part}: {}", found.results);
    }
    assert_eq!(found.refusal, None);
}

/// A name server between us and one that knows, which never answers about keys.
fn without_keys(knows: SocketAddr) -> SocketAddr {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut question = [0; 4096];
        while let Ok((length, asked_by)) = socket.recv_from(&mut question) {
            let question = &question[..length];
            if question.windows(10).any(|label| label.eq_ignore_ascii_case(b"_domainkey")) {
                continue;
            }
            let other = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            other.send_to(question, knows).unwrap();
            let mut answer = [0; 4096];
            let length = other.recv(&mut answer).unwrap();
            socket.send_to(&answer[..length], asked_by).unwrap();
        }
    });
    address
}

/// A signature whose key is late might have been good, also where what the domain wants is known already.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_late_refuses_nothing() {
    let key = Key::new();
    let server = NameServer::start(&[("example", key.zone())]);
    let examiner =
        Examiner::new(settings(true), &Dns::new(&[without_keys(server.address)], Proof::None)).unwrap();
    let mail = "From: <a@good.example>\r\nSubject: s\r\n\r\nhello\r\n";
    for (mail, expected, refused) in [
        (mail.to_owned(), &["dkim=none", "dmarc=fail"][..], true),
        (
            key.signed(mail),
            &["spf=fail ", "dkim=temperror ", "header.i=@good.example ", "dmarc=temperror "],
            false,
        ),
    ] {
        let content = Bytes::from(mail);
        let arrival =
            Arrival { client: ABROAD, helo: "mx", reverse_path: "a@good.example", content: &content };
        let found = examiner.examine(arrival).await;
        for part in expected {
            assert!(found.results.contains(part), "{part}: {}", found.results);
        }
        assert_eq!(found.refusal.is_some(), refused, "{found:?}");
    }
}

/// A forged mail is refused with 550 5.7.26; of another what was found is kept with it.
#[tokio::test(flavor = "multi_thread")]
async fn mails_are_looked_at_when_they_come_in() {
    let key = Key::new();
    let mut zones = zones(folder());
    zones.push(("example", key.zone()));
    let server = NameServer::start(&zones);
    let data = tempfile::tempdir().unwrap();
    let more = format!(
        "[mail-authentication]\ncheck = true\nauthserv-id = \"gw.example\"\nrefuse-by-dmarc = true\n\
         [internet]\ndns = [\"{}\"]\n",
        server.address
    );
    let (running, address) = gateway_with(data.path(), server.address, "trusted-networks = []", &more).await;
    let mail =
        [("MAIL FROM:<ada@internet.example>", "250"), ("RCPT TO:<j@sun.cce.nrc.it>", "250"), ("DATA", "354")];
    let forged = [(
        "From: <a@good.example>\r\nSubject: s\r\n\r\nHello\r\n.",
        "550 5.7.26 `good.example` sends no mail",
    )];
    let honest = [("From: <ada@internet.example>\r\nSubject: s\r\n\r\nHello\r\n.", "250"), ("QUIT", "221")];
    let lines = [&[("EHLO here.example", "250")][..], &mail, &forged, &mail, &honest].concat();
    dialogue(address, &lines).await;
    let store = running.store();
    let listed = store.list(Filter { state: None, after: None, limit: 9 }).await.unwrap();
    assert_eq!(listed.len(), 1);
    let tracked = store.load(listed[0].id).await.unwrap().unwrap();
    let Origin::Smtp { results, .. } = tracked.entry.origin else { panic!("not by SMTP") };
    let results = results.unwrap();
    assert!(results.starts_with("gw.example; spf=none "), "{results}");
    tokio::time::timeout(PATIENCE, running.stop()).await.unwrap();
}
