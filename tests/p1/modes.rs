//! Mail to peers of every kind: a mail goes in by SMTP, and what the peer got is of the edition and the form that it wants.

use crate::judge;
use crate::laboratory;

use laboratory::Laboratory;
use rasn_x400::oids::CONTENT_P772;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope};
use rasn_x400::x411::extension::ExtensionType;
use rasn_x400::x419::MtsApdu;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use x400_gateway::config::{Dialogue, Peer};
use x400_gateway::mixer::settings::Military;
use x400_gateway::mta::bind::Wrapper;
use x400_gateway::osi::stack::Mode;
use x400_gateway::quirk::Quirk;

/// A mail in Cyrillic: a body part of 1988, for whoever can take one.
const MAIL: &str = "Subject: modes\r\nMessage-ID: <1@internet.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n0J/RgNC40LLQtdGC\r\n";

/// Sends the mail; every reply must be positive.
async fn send(laboratory: &Laboratory) {
    let mut stream = BufReader::new(TcpStream::connect(laboratory.smtp).await.unwrap());
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    for say in [
        "HELO client.example\r\n",
        "MAIL FROM:<ada@internet.example>\r\n",
        "RCPT TO:<Grace.Hopper@navy.x400.example>\r\n",
        "DATA\r\n",
        &format!("{MAIL}.\r\n"),
        "QUIT\r\n",
    ] {
        stream.get_mut().write_all(say.as_bytes()).await.unwrap();
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.starts_with(['2', '3']), "{say}: {line}");
    }
}

/// What a peer gets, to which the gateway is set as given.
async fn envelope_to(towards_peer: fn(&mut Peer)) -> MessageTransferEnvelope {
    let mut laboratory = Laboratory::start_with(|options| options.towards_peer = Some(towards_peer)).await;
    send(&laboratory).await;
    let apdu = laboratory.next_apdu().await;
    laboratory.stop().await;
    // Q3: the outside judge takes the explicit form for a number that it does not know.
    judge::mts_apdus(&[&apdu]).assert_clean_except(&["Unknown standard-extension"]);
    let MtsApdu::Message(message) = MtsApdu::from_octets(&apdu, 1 << 20).unwrap() else {
        panic!("no message")
    };
    message.envelope
}

fn extensions(envelope: &MessageTransferEnvelope) -> Vec<ExtensionType> {
    let recipients = envelope.per_recipient_fields.iter().flat_map(|recipient| &recipient.extensions);
    envelope.extensions.iter().chain(recipients).map(|field| field.kind.clone()).collect()
}

/// In X.410-1984 mode as well as in normal mode, with either dialogue and with a NULL bind; and nothing of 1988 for a peer of
/// 1984.
/// ledger: beyond T-34 T-35 A-40
#[tokio::test(flavor = "multi_thread")]
async fn every_mode_carries_mail() {
    let envelope = envelope_to(|peer| {
        (peer.mode, peer.dialogue) = (Mode::MtsTransferProtocol1984, Dialogue::TwoWayAlternate);
    })
    .await;
    assert_eq!((&envelope.content_type, extensions(&envelope)), (&ContentType::P2, vec![]));
    let envelope = envelope_to(|peer| peer.mode = Mode::MtsTransferProtocol).await;
    assert_eq!(envelope.content_type, ContentType::P22);
    assert!(!extensions(&envelope).is_empty());
    let envelope = envelope_to(|peer| {
        (peer.null_bind, peer.our_password, peer.bind_wrapper) = (true, None, Wrapper::Bare);
    })
    .await;
    assert_eq!(envelope.content_type, ContentType::P22);
}

/// Q3: extensions in the form that PP wants, or none.
#[tokio::test(flavor = "multi_thread")]
async fn extensions_are_in_the_form_the_peer_wants() {
    let usual = extensions(&envelope_to(|_| {}).await);
    let explicit = envelope_to(|peer| peer.quirks = vec![Quirk::ExplicitExtensionType]).await;
    let expected: Vec<_> = usual
        .iter()
        .map(|kind| match kind {
            ExtensionType::Standard(number) => ExtensionType::StandardExplicit(*number),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(!usual.is_empty());
    assert_eq!(extensions(&explicit), expected);
    let none = envelope_to(|peer| peer.quirks = vec![Quirk::NoExtensions]).await;
    assert_eq!(extensions(&none), []);
}

/// A peer for military messages gets such, while others get ordinary ones.
/// ledger: beyond M-14
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_may_take_military_messages() {
    let envelope = envelope_to(|peer| peer.military = Some(Military::Always)).await;
    assert_eq!(envelope.content_type, ContentType::Extended(CONTENT_P772));
    let envelope = envelope_to(|peer| peer.military = Some(Military::Fields)).await;
    assert_eq!(envelope.content_type, ContentType::P22);
}
