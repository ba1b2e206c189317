//! What an operator sets for MTAs that call, in the configuration, as it shows over real connections.

use crate::among_mtas;
use crate::message;

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use message::{identifier_and_recipient, message};
use time::OffsetDateTime;
use tokio::net::TcpStream;
use x400_gateway::config::Config;
use x400_gateway::mta::association::Settings;
use x400_gateway::mta::bind::{self, Identity, Trust};
use x400_gateway::mta::pool::schedule::Policy;
use x400_gateway::mta::pool::{Message, Peer, Pool, TransferError};
use x400_gateway::mta::relay::{Apdu, x400_time};
use x400_gateway::osi::driver::Driver;
use x400_gateway::osi::stack::{Config as StackConfig, Indication, Layer, Mode, Request, Selectors, Stack};
use x400_gateway::queue::store::{Store as _, Tracked};
use x400_gateway::quirk::{Quirk, Quirks};
use x400_gateway::serve;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it does not take so long")
}

/// A gateway that MTAs may call.
struct Gateway {
    running: serve::Running,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Gateway {
    /// `x400` and `peers` are added to the configuration; nobody is at `NOBODY`.
    async fn start(x400: &str, peers: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (at, address) = (nobody.local_addr().unwrap(), listen.local_addr().unwrap());
        drop((nobody, listen));
        let text = format!(
            "[gateway]\ndata = {:?}\n[internet]\nhold = true\n[smtp]\nlisten = []\n[x400]\nlisten = \"{address}\"\n{x400}\n\
             [queue]\nfirst-retry = \"1s\"\n{}",
            folder.path(),
            peers.replace("NOBODY", &at.to_string())
        );
        let config = Config::parse("c.toml", &text).unwrap_or_else(|report| panic!("{}", report.render()));
        let running = serve::start(config, Vec::new()).await.unwrap();
        Self { running, address, _folder: folder }
    }

    /// What the queue holds, once `enough` says so.
    async fn queue(&self, enough: impl Fn(&[Tracked]) -> bool) -> Vec<Tracked> {
        among_mtas::queued(&self.running, enough).await
    }
}

fn identity(name: &str) -> Identity {
    Identity { name: name.into(), password: Some("secret".into()), ..Identity::default() }
}

/// An MTA that calls.
fn caller(name: &str, to: SocketAddr, stack: StackConfig) -> Pool {
    Pool::new(Peer {
        name: "the gateway".into(),
        hosts: vec![to.to_string()],
        tls: None,
        settings: Settings {
            identity: identity(name),
            quirks: stack.quirks,
            trust: Trust { anyone: true, known: Vec::new() },
            transfer_timeout: PATIENCE,
            idle: PATIENCE,
            ..Settings::default()
        },
        stack,
        policy: Policy { maximum: 1, idle: PATIENCE, ..Policy::default() },
        connect_timeout: PATIENCE,
    })
}

/// What an MTA is told that asks for an association so.
async fn asked(to: SocketAddr, stack: StackConfig) -> Indication {
    let stream = TcpStream::connect(to).await.unwrap();
    let user_data = bind::argument(&identity("caller"), stack.mode);
    let mut driver = Driver::new(stream, Stack::initiator(stack, Instant::now()), None);
    driver.request(Request::Open { user_data }).unwrap();
    in_time(driver.next()).await.unwrap()
}

/// `[x400]` says who we are, what is spoken, and how messages are cut.
// ledger: beyond T-35 T-36
#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_the_responder_reach_the_line() {
    let gateway = Gateway::start(
        "transport-selector = \"tsel\"\nsession-selector = \"ssel\"\npresentation-selector = \"psel\"\n\
         modes = [\"normal\", \"x410-1988\"]\ncheckpoint-size = 7\nwindow = 2",
        "",
    )
    .await;
    let selectors = |transport: &'static str, session: &'static str, presentation: &'static str| Selectors {
        transport: transport.into(),
        session: session.into(),
        presentation: presentation.into(),
    };
    let usual = || StackConfig { checkpoint_size: 60, window: 9, ..StackConfig::default() };
    let right = StackConfig { called: selectors("tsel", "ssel", "psel"), ..usual() };
    // who is asked for, and which layer refuses; or nobody, and it is answered
    let table = [
        (right.clone(), None),
        (StackConfig { called: selectors("other", "ssel", "psel"), ..usual() }, Some(Layer::Transport)),
        (StackConfig { called: selectors("tsel", "other", "psel"), ..usual() }, Some(Layer::Session)),
        (StackConfig { called: selectors("tsel", "ssel", "other"), ..usual() }, Some(Layer::Presentation)),
        (
            StackConfig { called: selectors("tsel", "ssel", ""), mode: Mode::MtsTransferProtocol, ..usual() },
            None,
        ),
        (
            StackConfig {
                called: selectors("tsel", "ssel", ""),
                mode: Mode::MtsTransferProtocol1984,
                ..usual()
            },
            Some(Layer::Application),
        ),
    ];
    for (stack, refused_by) in table {
        let (called, mode) = (stack.called.clone(), stack.mode);
        match (asked(gateway.address, stack).await, refused_by) {
            (Indication::Opened { checkpoint_size, window, mode: spoken, .. }, None) => {
                assert_eq!((checkpoint_size, window, spoken), (7, 2, mode), "{called:?}");
            }
            (Indication::Refused(refusal), Some(layer)) => {
                assert_eq!(refusal.layer, layer, "{called:?} {mode}: {refusal}");
            }
            (answer, _) => panic!("{called:?} {mode}: {answer:?}"),
        }
    }
    gateway.running.stop().await;
}

/// `strict` of a peer that calls: it is held to the standard from its bind on, and nobody else is.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_dealt_with_as_its_peer_says() {
    let peer = |name: &str, strict: &str| {
        format!("[[peer]]\nname = \"{name}\"\naddress = \"NOBODY\"\ntheir-name = \"{name}\"\n{strict}\n")
    };
    let peers = [
        "[[route]]\npeer = \"lax\"\n".to_owned(),
        peer("lax", ""),
        peer("exact", "strict = [\"bare-message\", \"swapped-protocol\"]"),
    ];
    let gateway = Gateway::start("", &peers.concat()).await;
    let odd = |quirk| StackConfig { quirks: Quirks::new(&[], &[quirk]), ..StackConfig::default() };
    let swapped = StackConfig { mode: Mode::MtsTransferProtocol, ..odd(Quirk::SwappedProtocol) };
    for (name, stack, welcome) in [
        ("lax", odd(Quirk::BareMessage), true),
        ("lax", swapped.clone(), true),
        ("exact", StackConfig::default(), true),
        ("exact", odd(Quirk::BareMessage), false),
        ("exact", swapped, false),
    ] {
        let pool = caller(name, gateway.address, stack);
        let sent = in_time(pool.transfer(Message::new("m", Bytes::from(message("M.1", "jones", 10))))).await;
        match (&sent, welcome) {
            (Ok(()), true)
            | (Err(TransferError::NotTaken { retry: false, .. }), false)
            | (Err(TransferError::NoAssociation { .. }), false) => {}
            _ => panic!("{name}: {sent:?}"),
        }
        pool.close(PATIENCE).await;
    }
    gateway.running.stop().await;
}

/// X.411 14.3.1: what a peer sends is held here until its time, if that is agreed with this peer.
#[tokio::test(flavor = "multi_thread")]
async fn deferred_messages_are_held_for_the_peer_that_agreed() {
    let peers = "[[route]]\npeer = \"down\"\n[[peer]]\nname = \"down\"\naddress = \"NOBODY\"\n\
         [[peer]]\nname = \"agreed\"\naddress = \"NOBODY\"\ntheir-name = \"agreed\"\nhold-deferred = true\n\
         [[peer]]\nname = \"other\"\naddress = \"NOBODY\"\ntheir-name = \"other\"\n";
    let gateway = Gateway::start("", peers).await;
    let tomorrow = OffsetDateTime::now_utc() + time::Duration::days(1);
    for name in ["agreed", "other"] {
        let mut apdu = Apdu::read(&Bytes::from(message(name, "jones", 10)).into()).unwrap();
        let Apdu::Message { envelope, .. } = &mut apdu else { panic!() };
        envelope.deferred_delivery_time = Some(x400_time(tomorrow));
        let pool = caller(name, gateway.address, StackConfig::default());
        in_time(pool.transfer(Message::new("m", apdu.to_content().unwrap()))).await.unwrap();
        pool.close(PATIENCE).await;
    }
    let tried = |one: &Tracked| one.entry.envelope.recipients[0].attempts > 0;
    let all = gateway.queue(|all| all.len() == 2 && all.iter().any(tried)).await;
    let held: Vec<_> = all.iter().filter(|one| one.entry.envelope.options.hold_until.is_some()).collect();
    let [held] = held[..] else { panic!("{all:?}") };
    assert_eq!(held.entry.envelope.options.hold_until, Some(tomorrow.unix_timestamp()));
    assert!(!tried(held));
    let octets = gateway.running.store().content(&held.entry).await.unwrap();
    assert_eq!(identifier_and_recipient(&octets).0, "agreed");
    gateway.running.stop().await;
}
