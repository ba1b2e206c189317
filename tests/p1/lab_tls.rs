//! The lab peer and the gateway over TLS under RFC 1006, in both roles and with certificates both ways; and for each role a
//! certificate that is refused, in the words that the two sides read.

use crate::authority;
use crate::gateway_side;
use crate::judge;
use crate::message;

use std::net::SocketAddr;
use std::path::Path;

use authority::Authority;
use bytes::Bytes;
use gateway_side::{Listening, PATIENCE, peer_waiting};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use x400_gateway::mta::bind::{Known, Trust};
use x400_gateway::mta::listener::Security;
use x400_gateway::mta::pool::{Message, Peer, Pool, TransferError};
use x400_gateway::mta::tls::{Acceptor, ClientCertificates, Files, Initiator, Rule};
use x400_gateway::osi::stack::{DialogueMode, Mode};
use x400_gateway::peer::script::Script;
use x400_gateway::peer::verdict::{Outcome, Verdicts};
use x400_gateway::peer::{self, Print, Tls};

/// What the certificates are for.
const GATEWAY: &str = "gateway.example";
const LAB: &str = "lab.example";

const ANSWERS: &str = "
answer
  expect bind from gateway
  accept bind
  expect message to Hopper
  confirm
  expect close
  confirm
";
const CALLS: &str = "
call
  bind as lab-peer
  expect accept from gateway
  send message to /S=Hopper/C=gb/
  expect confirmation
  close
  expect closed
";
const IS_REFUSED: &str = "
call
  bind as lab-peer
  expect refusal at user
";

fn initiator(files: Files, server_name: &'static str) -> Initiator {
    Initiator::new(files, server_name.try_into().unwrap(), Vec::new()).unwrap()
}

fn acceptor(files: Files) -> Acceptor {
    Acceptor::new(files, ClientCertificates::Required).unwrap()
}

/// Plays a script over TLS.
async fn play(
    script: &str,
    tls: Tls,
    listener: Option<&TcpListener>,
    call: Option<SocketAddr>,
    capture: Option<&Path>,
) -> Verdicts {
    let script = Script::parse("tls", script).unwrap_or_else(|report| panic!("{}", report.render()));
    let options = peer::Options {
        print: Print::Nothing,
        call: call.map(|address| address.to_string()),
        tls,
        pcap: capture.map(Path::to_path_buf),
        ..peer::Options::default()
    };
    let (arrivals, _arrived) = mpsc::unbounded_channel();
    peer::play(options, "tls", &script, listener, None, arrivals).await.unwrap()
}

/// Expected, and what came, of the step that failed.
fn failed(verdicts: &Verdicts) -> String {
    let failed = verdicts.steps.iter().find(|verdict| verdict.outcome == Outcome::Failed);
    let verdict = failed.unwrap_or_else(|| panic!("no step failed: {verdicts:?}"));
    assert!(!verdict.clause.is_empty());
    format!("{}: {}", verdict.expected, verdict.came)
}

/// The gateway calls; what becomes of its message, and the verdicts on it.
async fn called(authority: &Authority, ours: Files, capture: Option<&Path>) -> (String, Verdicts) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = peer_waiting(address, PATIENCE, PATIENCE, DialogueMode::Monologue, Mode::MtsTransfer);
    let pool = Pool::new(Peer { tls: Some(initiator(ours, LAB)), ..peer });
    let tls = Tls { answer: Some(acceptor(authority.issue(LAB))), call: None };
    let transfer = async {
        let apdu = Bytes::from(message::message("M.1", "Hopper", 10));
        match tokio::time::timeout(PATIENCE, pool.transfer(Message::new("M.1", apdu))).await.unwrap() {
            Ok(()) => "secured".into(),
            Err(TransferError::NoAssociation { why, advice, .. }) => format!("{why}; {advice}"),
            Err(error) => error.to_string(),
        }
    };
    tokio::join!(transfer, play(ANSWERS, tls, Some(&listener), None, capture))
}

/// The gateway answers, and knows the lab peer by its certificate.
async fn answering(authority: &Authority) -> Listening {
    let tls = Some(acceptor(authority.issue(GATEWAY)));
    let admission = Rule { tls: true, names: vec![LAB.parse().unwrap()] };
    let known = Known { admission, ..Known::named("lab-peer") };
    let trust = Trust { known: vec![known], anyone: false };
    Listening::start_with(PATIENCE, Security { tls, ..Security::default() }, trust).await
}

fn calls(files: Files) -> Tls {
    Tls { answer: None, call: Some(initiator(files, GATEWAY)) }
}

/// ledger: beyond T-35
#[tokio::test(flavor = "multi_thread")]
async fn the_lab_peer_answers_the_pool() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("inside.pcap");
    let (outcome, verdicts) = called(&authority, authority.issue(GATEWAY), Some(&capture)).await;
    assert_eq!(outcome, "secured");
    assert!(verdicts.passed(), "{verdicts:?}");
    // What it records lies within TLS, and can be read.
    judge::capture(&capture, 102).assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lab_peer_refuses_the_certificate_of_the_pool() {
    let (authority, stranger) = (Authority::new(), Authority::called("a stranger"));
    let files = Files { ca: Some(authority.path("ca")), ..stranger.issue(GATEWAY) };
    let (outcome, verdicts) = called(&authority, files, None).await;
    assert!(outcome.contains("it does not trust the CA of our certificate"), "{outcome}");
    assert!(outcome.contains("have one issued that it trusts"), "{outcome}");
    let said = failed(&verdicts);
    assert!(
        said.starts_with("TLS with the other side: TLS: the peer's certificate is not from a CA"),
        "{said}"
    );
}

/// ledger: beyond T-35
#[tokio::test(flavor = "multi_thread")]
async fn the_lab_peer_calls_the_listener() {
    let authority = Authority::new();
    let gateway = answering(&authority).await;
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("inside.pcap");
    let tls = calls(authority.issue(LAB));
    let verdicts = play(CALLS, tls, None, Some(gateway.address), Some(&capture)).await;
    assert!(verdicts.passed(), "{verdicts:?}");
    let arrived = gateway.wait_for(1).await;
    assert_eq!(message::identifier_and_recipient(&arrived[0]).1, "Hopper");
    judge::capture(&capture, 102).assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_listener_refuses_the_certificate_of_the_lab_peer() {
    let (authority, stranger) = (Authority::new(), Authority::called("a stranger"));
    let gateway = answering(&authority).await;
    // From another CA: TLS refuses, which in TLS 1.3 a caller hears after its handshake. None at all: the same.
    let strange = Files { ca: Some(authority.path("ca")), ..stranger.issue(LAB) };
    for (files, said) in [
        (strange, "it does not trust the CA of our certificate"),
        (authority.only_ca(), "it wants a certificate of ours"),
    ] {
        let verdicts = play(CALLS, calls(files), None, Some(gateway.address), None).await;
        let all = failed(&verdicts);
        assert!(all.contains(said) && all.contains("help: "), "{all}");
    }
    // For another name: TLS agrees, and the bind is refused.
    let other = calls(authority.issue("other.example"));
    let verdicts = play(IS_REFUSED, other, None, Some(gateway.address), None).await;
    assert!(verdicts.passed(), "{verdicts:?}");
    // Without TLS: the connection ends.
    let verdicts = play(CALLS, Tls::default(), None, Some(gateway.address), None).await;
    assert!(failed(&verdicts).starts_with("the bind to be accepted"), "{verdicts:?}");
    assert_eq!(gateway.secured(), [""; 0]);
}
