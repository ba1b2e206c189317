//! Two gateways joined by P1 under TLS, as their configuration files say it: certificates both ways, each bound to its peer.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use x400_gateway::config::Config;
use x400_gateway::queue::store::{Filter, Store as _};
use x400_gateway::serve::{self, Running};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes a CA, and a certificate with its key for each name.
fn write_certificates(folder: &Path, names: &[&str]) {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca.pem"), issuer.pem()).unwrap();
    for name in names {
        let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, *name);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &issuer).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

/// A gateway called `name` that knows one called `peer`.
async fn start(folder: &Path, name: &str, peer: &str, address: SocketAddr) -> (Running, SocketAddr) {
    let path = |file: &str| folder.join(file).display().to_string();
    let text = format!(
        "[gateway]\nmta-name = \"{name}\"\ndata = {data:?}\n\
         [internet]\nhold = true\n[smtp]\nlisten = []\n\
         [queue]\nfirst-retry = \"1s\"\nlongest-retry = \"1s\"\n\
         [tls]\nca = {ca:?}\ncertificate = {certificate:?}\nkey = {key:?}\n\
         [x400]\ntls-listen = \"127.0.0.1:0\"\npassword = \"of {name}\"\n\
         [[peer]]\nname = \"{peer}\"\naddress = \"{address}\"\nassociations = \"permanent\"\n\
         our-password = \"of {name}\"\ntheir-name = \"{peer}\"\ntheir-password = \"of {peer}\"\n\
         tls = {{ names = [\"CN={peer}\"] }}\n",
        data = path(&format!("{name}-data")),
        ca = path("ca.pem"),
        certificate = path(&format!("{name}.pem")),
        key = path(&format!("{name}.key")),
    );
    let config = Config::parse(name, &text).unwrap_or_else(|report| panic!("{}", report.render()));
    let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = smtp.local_addr().unwrap();
    (serve::start(config, vec![smtp]).await.unwrap(), address)
}

/// Sends a mail and waits until it is accepted.
async fn send(smtp: SocketAddr) {
    let mut stream = TcpStream::connect(smtp).await.unwrap();
    let dialogue = "EHLO here.example\r\nMAIL FROM:<ada@internet.example>\r\n\
         RCPT TO:<Grace.Hopper@navy.x400.example>\r\nDATA\r\n";
    let mut said = String::new();
    for (to_say, reply) in
        [(dialogue, "\r\n354 "), ("Subject: over TLS\r\n\r\nHello\r\n.\r\nQUIT\r\n", "\r\n221 ")]
    {
        stream.write_all(to_say.as_bytes()).await.unwrap();
        while !said.contains(reply) {
            let mut octets = [0; 1000];
            let read = tokio::time::timeout(PATIENCE, stream.read(&mut octets)).await.unwrap().unwrap();
            assert!(read > 0, "{said}");
            said.push_str(std::str::from_utf8(&octets[..read]).unwrap());
        }
    }
    assert!(!said.contains("\r\n5") && !said.contains("\r\n4"), "{said}");
}

/// Waits until every message in the queue has gone, and gives how many there were.
async fn all_gone(gateway: &Running) -> usize {
    let store = gateway.store();
    let gone = async {
        loop {
            let listed = store.list(Filter { state: None, after: None, limit: 100 }).await.unwrap();
            let mut pending = 0;
            for summary in &listed {
                let tracked = store.load(summary.id).await.unwrap().unwrap();
                pending += tracked.entry.pending().count();
            }
            if pending == 0 {
                return listed.len();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("nothing takes so long")
}

/// ledger: beyond T-35
#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_exchange_mail_under_tls() {
    let folder = tempfile::tempdir().unwrap();
    write_certificates(folder.path(), &["EAST", "WEST", "NORTH"]);
    // The first to start does not know yet where the other one is, and calls nobody.
    let nowhere = "127.0.0.1:9".parse().unwrap();
    let (east, _) = start(folder.path(), "EAST", "WEST", nowhere).await;
    let (west, smtp) = start(folder.path(), "WEST", "EAST", east.x400_tls.unwrap()).await;
    for _ in 0..10 {
        send(smtp).await;
    }
    assert_eq!(all_gone(&west).await, 10);

    std::fs::write(folder.path().join("WEST.key"), "nothing").unwrap();
    let unusable = west.reload_certificates().unwrap_err();
    assert_eq!(unusable.len(), 2, "of the listener, and towards the peer");
    send(smtp).await;
    assert_eq!(all_gone(&west).await, 11);
    west.stop().await;

    // With a certificate of another name the same bind lets nobody in.
    for kind in ["pem", "key"] {
        let file = |name: &str| folder.path().join(format!("{name}.{kind}"));
        std::fs::copy(file("NORTH"), file("WEST")).unwrap();
    }
    let (west, smtp) = start(folder.path(), "WEST", "EAST", east.x400_tls.unwrap()).await;
    send(smtp).await;
    let why = async {
        loop {
            let store = west.store();
            let listed = store.list(Filter { state: None, after: None, limit: 100 }).await.unwrap();
            let last = store.load(listed.last().unwrap().id).await.unwrap().unwrap();
            if let Some(diagnosis) = &last.entry.envelope.recipients[0].last_diagnosis {
                return diagnosis.clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let why = tokio::time::timeout(PATIENCE, why).await.expect("nothing takes so long");
    assert!(why.contains("authentication"), "{why}");
    west.stop().await;
    east.stop().await;
}
