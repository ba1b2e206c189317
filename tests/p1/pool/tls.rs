//! TLS under RFC 1006 over real sockets: both sides with certificates, and everything that can be wrong with them, in the
//! words that the operator of either side reads.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use rcgen::{
    CertificateParams, CertificateRevocationListParams, KeyIdMethod, KeyPair, RevokedCertParams,
    SerialNumber, date_time_ymd,
};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use x400_gateway::mta::bind::Trust;
use x400_gateway::mta::tls::names::CertificateName;
use x400_gateway::mta::tls::{Acceptor, ClientCertificates, Files, Initiator, Rule};

use super::authority::Authority;
use super::*;

/// What the responder of a story has otherwise than usual.
struct Responding {
    files: Files,
    clients: ClientCertificates,
    plain_too: bool,
    trust: Trust,
}

impl Responding {
    fn with(files: Files) -> Self {
        Self { files, clients: ClientCertificates::Required, plain_too: false, trust: anyone() }
    }

    async fn start(self) -> Laboratory {
        let tls = Acceptor::new(self.files, self.clients).unwrap();
        let security = Security { tls: Some(tls), plain_too: self.plain_too, ..Security::default() };
        Laboratory::secured(security, self.trust).await
    }
}

fn initiator(files: Files, server_name: &str, names: &[&str]) -> Initiator {
    let names = names.iter().map(|name| name.parse::<CertificateName>().unwrap()).collect();
    Initiator::new(files, server_name.to_owned().try_into().unwrap(), names).unwrap()
}

fn pool_to(laboratory: &Laboratory, tls: Option<Initiator>) -> Pool {
    Pool::new(Peer { tls, ..peer_at(laboratory.address, 1) })
}

/// Transfers one message and gives what the initiator's operator reads.
async fn what_is_said(laboratory: &Laboratory, tls: Option<Initiator>) -> String {
    match transfer(&pool_to(laboratory, tls), "secure").await {
        Ok(()) => "secured".into(),
        Err(TransferError::NoAssociation { why, advice, .. }) => format!("{why}; {advice}"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_over_tls_with_certificates_both_ways() {
    let authority = Authority::new();
    let laboratory = Responding::with(authority.issue("127.0.0.1")).start().await;
    let pool = pool_to(&laboratory, Some(initiator(authority.issue("gateway.example"), "127.0.0.1", &[])));
    for _ in 0..20 {
        transfer(&pool, "secure").await.unwrap();
    }
    in_time(pool.close(PATIENCE * 2)).await;
    assert_eq!((laboratory.bound(), laboratory.seen.borrow().arrived), (1, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_message_goes_over_tls() {
    let authority = Authority::new();
    let laboratory = Responding::with(authority.issue("127.0.0.1")).start().await;
    let pool = pool_to(&laboratory, Some(initiator(authority.issue("gateway.example"), "127.0.0.1", &[])));
    let message = Message::new("large", Bytes::from(vec![b' '; 900_000]));
    in_time(pool.transfer(message)).await.unwrap();
    assert_eq!(laboratory.seen.borrow().arrived, 1);
}

/// ledger: beyond T-35
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_is_said() {
    let (authority, stranger) = (Authority::new(), Authority::called("a stranger"));
    let expired = |parameters: &mut CertificateParams| parameters.not_after = date_time_ymd(2020, 1, 1);
    let future = |parameters: &mut CertificateParams| parameters.not_before = date_time_ymd(4000, 1, 1);
    let ours = || authority.issue("gateway.example");
    let theirs = || authority.issue("127.0.0.1");
    let expected = |files| initiator(files, "127.0.0.1", &[]);
    // what is wrong, the responder's files, ours, a part of what is said
    let table = [
        ("nothing", theirs(), expected(ours()), "secured"),
        ("another CA", stranger.issue("127.0.0.1"), expected(ours()), "not from a CA that is trusted here"),
        ("another name", authority.issue("other.example"), expected(ours()), "is for"),
        (
            "a common name that is not there",
            theirs(),
            initiator(ours(), "127.0.0.1", &["CN=hub"]),
            "is for 127.0.0.1, CN=the MTA 127.0.0.1, not",
        ),
        ("a common name", theirs(), initiator(ours(), "x.example", &["CN=the MTA 127.0.0.1"]), "secured"),
        ("expired", authority.issue_with("127.0.0.1", expired), expected(ours()), "has expired"),
        ("from the future", authority.issue_with("127.0.0.1", future), expected(ours()), "not valid yet"),
        ("no certificate of ours", theirs(), expected(authority.only_ca()), "wants a certificate of ours"),
        (
            "our CA is not theirs",
            theirs(),
            expected(Files { ca: Some(authority.path("ca")), ..stranger.issue("gateway.example") }),
            "the CA of our certificate",
        ),
        (
            "ours has expired",
            theirs(),
            expected(authority.issue_with("old.example", expired)),
            "our certificate has expired",
        ),
    ];
    for (case, files, initiator, said) in table {
        let laboratory = Responding::with(files).start().await;
        let all = what_is_said(&laboratory, Some(initiator)).await;
        assert!(all.contains(said), "{case}: {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_where_tls_is_wanted_and_the_other_way_round() {
    let authority = Authority::new();
    let tls = || Some(initiator(authority.issue("gateway.example"), "127.0.0.1", &[]));
    let required = Responding::with(authority.issue("127.0.0.1")).start().await;
    let said = what_is_said(&required, None).await;
    assert!(said.contains("another protocol, such as TLS"), "{said}");
    let off = Laboratory::start().await;
    let said = what_is_said(&off, tls()).await;
    assert!(said.contains("may speak RFC 1006 without TLS there"), "{said}");
    let both = Responding { plain_too: true, ..Responding::with(authority.issue("127.0.0.1")) };
    let both = both.start().await;
    assert_eq!(what_is_said(&both, None).await, "secured");
    assert_eq!(what_is_said(&both, tls()).await, "secured");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_stands_for_its_peer_and_no_other() {
    let authority = Authority::new();
    let rule =
        |tls, names: &[&str]| Rule { tls, names: names.iter().map(|name| name.parse().unwrap()).collect() };
    let responding = |clients, rule| Responding {
        clients,
        plain_too: true,
        trust: Trust {
            known: vec![Known {
                password: Some(Password("secret".into())),
                admission: rule,
                ..Known::named("gateway")
            }],
            anyone: false,
        },
        ..Responding::with(authority.issue("127.0.0.1"))
    };
    let named = || Some(initiator(authority.issue("gateway.example"), "127.0.0.1", &[]));
    let nameless = || Some(initiator(authority.only_ca(), "127.0.0.1", &[]));
    let (required, optional) = (ClientCertificates::Required, ClientCertificates::Optional);
    let refused = "authentication";
    // whether a certificate must be shown, what the peer must come with, what comes, what is said
    let table = [
        (required, rule(true, &["gateway.example"]), named(), "secured"),
        (required, rule(true, &["CN=the MTA gateway.example"]), named(), "secured"),
        (required, rule(true, &["other.example"]), named(), refused),
        (optional, rule(true, &["gateway.example"]), nameless(), refused),
        (optional, rule(true, &[]), nameless(), "secured"),
        (optional, rule(true, &[]), None, refused),
        (optional, rule(false, &[]), None, "secured"),
    ];
    for (number, (clients, rule, comes, said)) in table.into_iter().enumerate() {
        let laboratory = responding(clients, rule).start().await;
        let all = what_is_said(&laboratory, comes).await;
        assert!(all.contains(said), "{number}: {all}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_is_refused() {
    let authority = Authority::new();
    let numbered =
        |parameters: &mut CertificateParams| parameters.serial_number = Some(SerialNumber::from(7));
    let laboratory = Responding::with(authority.issue_with("127.0.0.1", numbered)).start().await;
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(4000, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(7),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    authority.write("revoked", &list.signed_by(&authority.issuer).unwrap().pem().unwrap());
    let files = Files { revoked: vec![authority.path("revoked")], ..authority.issue("gateway.example") };
    let said = what_is_said(&laboratory, Some(initiator(files, "127.0.0.1", &[]))).await;
    assert!(said.contains("is revoked"), "{said}");
}

/// Callers that say nothing, or half of a handshake.
async fn dawdlers(laboratory: &Laboratory) -> Vec<TcpStream> {
    let mut dawdlers = Vec::new();
    for said in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01"] {
        let mut stream = TcpStream::connect(laboratory.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        dawdlers.push(stream);
    }
    dawdlers
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_dawdle_hold_up_nobody() {
    let authority = Authority::new();
    let laboratory = Responding::with(authority.issue("127.0.0.1")).start().await;
    let _dawdlers = dawdlers(&laboratory).await;
    let tls = initiator(authority.issue("gateway.example"), "127.0.0.1", &[]);
    assert_eq!(what_is_said(&laboratory, Some(tls)).await, "secured");
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_dawdle_are_hung_up_on() {
    let authority = Authority::new();
    let tls = Acceptor::new(authority.issue("127.0.0.1"), ClientCertificates::Required).unwrap();
    let handshake = Duration::from_millis(20);
    let security = Security { tls: Some(tls), handshake, ..Security::default() };
    let laboratory = Laboratory::secured(security, anyone()).await;
    for mut stream in dawdlers(&laboratory).await {
        let read = in_time(stream.read(&mut [0; 100])).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_read_again_and_bad_ones_leave_the_old_in_force() {
    let authority = Authority::new();
    let files = authority.issue("127.0.0.1");
    let ours = authority.issue("gateway.example");
    let acceptor = Acceptor::new(files.clone(), ClientCertificates::Required).unwrap();
    let security = Security { tls: Some(acceptor.clone()), ..Security::default() };
    let laboratory = Laboratory::secured(security, anyone()).await;
    let tls = initiator(ours, "127.0.0.1", &[]);
    let says = async || what_is_said(&laboratory, Some(tls.clone())).await;
    assert_eq!(says().await, "secured");

    let key = files.key.clone().unwrap();
    let certificate = files.certificate.clone().unwrap();
    // what is wrong, with which file, what is said
    let good = std::fs::read(&key).unwrap();
    let table = [
        (
            "the key of another",
            KeyPair::generate().unwrap().serialize_pem(),
            "does not belong to the certificate",
        ),
        ("no key", "nothing".to_owned(), "holds no private key"),
    ];
    for (case, text, said) in table {
        std::fs::write(&key, text).unwrap();
        let unusable = acceptor.reload().unwrap_err();
        assert!(unusable.to_string().contains(said) && unusable.file == key, "{case}: {unusable}");
        assert_eq!(says().await, "secured", "{case}");
    }
    std::fs::write(&key, good).unwrap();
    std::fs::remove_file(&certificate).unwrap();
    assert_eq!(acceptor.reload().unwrap_err().file, certificate);
    assert_eq!(says().await, "secured", "the file is gone");

    authority.issue_again(&files, "127.0.0.1", |parameters| parameters.not_after = date_time_ymd(2020, 1, 1));
    acceptor.reload().unwrap();
    assert!(says().await.contains("has expired"));
}

/// Another implementation of TLS, as the client: both versions, certificates both ways, and nothing older.
#[tokio::test(flavor = "multi_thread")]
async fn openssl_calls() {
    let authority = Authority::new();
    let laboratory = Responding::with(authority.issue("127.0.0.1")).start().await;
    let ours = authority.issue("gateway.example");
    // the version that is asked for, what OpenSSL says of it
    let table = [
        ("-tls1_2", Some("Protocol version: TLSv1.2")),
        ("-tls1_3", Some("Protocol version: TLSv1.3")),
        ("-tls1_1", None),
    ];
    for (version, said) in table {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", version, "-brief", "-verify_return_error", "-verify_ip", "127.0.0.1"]);
        openssl.arg("-connect").arg(laboratory.address.to_string());
        openssl.arg("-CAfile").arg(ours.ca.as_ref().unwrap());
        openssl.arg("-cert").arg(ours.certificate.as_ref().unwrap());
        openssl.arg("-key").arg(ours.key.as_ref().unwrap());
        let output = spawn_blocking(move || openssl.stdin(Stdio::null()).output());
        let output = in_time(output).await.unwrap().expect("openssl is installed");
        let all = String::from_utf8_lossy(&output.stderr);
        match said {
            Some(said) => assert!(all.contains(said) && all.contains("Verification: OK"), "{version}: {all}"),
            None => {
                assert!(!output.status.success() && !all.contains("Protocol version"), "{version}: {all}")
            }
        }
    }
}

/// A server that does not outlive its test.
struct Server(Child, BufReader<ChildStdout>);

impl Server {
    fn start(openssl: &mut Command) -> Self {
        let openssl = openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut openssl = openssl.spawn().expect("openssl is installed");
        let lines = BufReader::new(openssl.stdout.take().unwrap());
        Self(openssl, lines)
    }

    /// The next line with this in it.
    fn line(&mut self, part: &str) -> String {
        let mut line = String::new();
        while !line.contains(part) {
            line.clear();
            assert!(self.1.read_line(&mut line).unwrap() > 0, "openssl did not say `{part}`");
        }
        line.trim_end().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Another implementation of TLS, as the server.
#[tokio::test(flavor = "multi_thread")]
async fn openssl_answers() {
    let authority = Authority::new();
    let theirs = authority.issue("127.0.0.1");
    let ours = initiator(authority.issue("gateway.example"), "127.0.0.1", &[]);
    for version in ["-tls1_2", "-tls1_3"] {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_server", version, "-accept", "127.0.0.1:0", "-Verify", "1", "-verify_return_error"]);
        openssl.arg("-CAfile").arg(theirs.ca.as_ref().unwrap());
        openssl.arg("-cert").arg(theirs.certificate.as_ref().unwrap());
        openssl.arg("-key").arg(theirs.key.as_ref().unwrap());
        let mut server = Server::start(&mut openssl);
        let address = server.line("ACCEPT").replace("ACCEPT ", "");
        let mut stream = in_time(ours.connect(TcpStream::connect(address).await.unwrap())).await.unwrap();
        stream.write_all(b"from the gateway\n").await.unwrap();
        stream.flush().await.unwrap();
        let heard = spawn_blocking(move || server.line("from the gateway"));
        in_time(heard).await.unwrap();
    }
}
