//! `x400gw demo`: a gateway and an X.400 MTA on loopback, a sample mail through both, and what arrived.
#![expect(clippy::disallowed_methods, reason = "shell: binds sockets and speaks SMTP to the gateway")]

use std::io::IsTerminal as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::cli::print;
use crate::config::Config;
use crate::{peer, serve, telemetry};

/// The mail that is sent first.
const SAMPLE: &str = include_str!("../mappings/sample.eml");
/// Its envelope.
const SENDER: &str = "ada@internet.example";
/// Its recipients: one that the tables know, one that only the gateway's own address can carry.
const RECIPIENTS: [&str; 2] = ["Grace.Hopper@navy.x400.example", "list_owner@navy.x400.example"];
/// How long the sample may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the demonstration listens and keeps its queue.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// SMTP port; any free one is taken if it is in use
    #[arg(long, default_value_t = 2525)]
    smtp_port: u16,
    /// P1 port of the lab peer; any free one is taken if it is in use
    #[arg(long, default_value_t = 10103)]
    p1_port: u16,
    /// Folder of the queue; a temporary one unless given
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder in which the lab peer keeps what arrives
    #[arg(long)]
    store: Option<PathBuf>,
    /// End after the sample, even on a terminal
    #[arg(long)]
    once: bool,
}

/// Runs the demonstration.
///
/// # Errors
/// What could not be started, or why the sample did not arrive.
pub async fn run(options: Options) -> Result<(), String> {
    telemetry::start("warn");
    let folder = Folder::new(options.data.clone())?;
    peer::make_folder(options.store.as_deref())?;
    let (stop, stopped) = watch::channel(false);

    let p1 = listen_near(options.p1_port).await?;
    let p1_address = p1.local_addr().map_err(|error| error.to_string())?;
    let (arrivals, mut arrived) = mpsc::unbounded_channel();
    let peer_options = peer::Options { store: options.store.clone(), ..peer::Options::default() };
    let lab_peer = tokio::spawn(peer::listen(peer_options, p1, None, arrivals, stopped));

    let smtp = listen_near(options.smtp_port).await?;
    let smtp_address = smtp.local_addr().map_err(|error| error.to_string())?;
    let mut config = Config::default_with_demo_peer();
    config.gateway.data = folder.path.clone();
    config.smtp.listen.clear();
    for peer in &mut config.peers {
        peer.address = p1_address.to_string();
    }
    let gateway = serve::start(config, vec![smtp]).await.map_err(|error| error.to_string())?;

    print(&format!("gateway: SMTP on {smtp_address}\nlab peer: P1 on {p1_address}\n\n"));
    print(&format!("sending the sample mail from {SENDER} to {}\n\n", RECIPIENTS.join(" and ")));
    let accepted =
        submit(smtp_address).await.map_err(|error| format!("the sample was not accepted: {error}"))?;
    print(&format!("the gateway answered: {accepted}\n\n"));
    tokio::time::timeout(PATIENCE, arrived.recv())
        .await
        .map_err(|_| format!("the sample did not arrive within {} seconds", PATIENCE.as_secs()))?;

    if std::io::stdin().is_terminal() && !options.once {
        print("That was the sample. Now send one yourself, with any mail program, for example:\n\n");
        print(&format!(
            "  swaks --server {smtp_address} --from you@internet.example --to {}\n\n",
            RECIPIENTS[0]
        ));
        print("Any address at x400.example, or below it, is X.400. Ctrl-C ends.\n\n");
        let forget = async { while arrived.recv().await.is_some() {} };
        tokio::select! {
            () = forget => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    gateway.stop().await;
    let _ = stop.send(true);
    let _ = tokio::time::timeout(Duration::from_secs(5), lab_peer).await;
    Ok(())
}

/// The folder of the queue; a temporary one goes away with it.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn new(chosen: Option<PathBuf>) -> Result<Self, String> {
        let temporary = chosen.is_none();
        let path = chosen
            .unwrap_or_else(|| std::env::temp_dir().join(format!("x400gw-demo-{}", std::process::id())));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path, temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Listens on a loopback port, or on any free one when it is in use.
async fn listen_near(port: u16) -> Result<TcpListener, String> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| format!("no port is free: {error}")),
    }
}

/// Sends the sample as any mail program would; the answer to the message is returned.
async fn submit(gateway: SocketAddr) -> Result<String, String> {
    let stream = TcpStream::connect(gateway).await.map_err(|error| error.to_string())?;
    let mut client = Client { stream: BufReader::new(stream) };
    client.expect('2').await?;
    client.say("EHLO demo.internet.example", '2').await?;
    client.say(&format!("MAIL FROM:<{SENDER}>"), '2').await?;
    for recipient in RECIPIENTS {
        client.say(&format!("RCPT TO:<{recipient}> NOTIFY=SUCCESS,FAILURE"), '2').await?;
    }
    client.say("DATA", '3').await?;
    let body: String = SAMPLE.lines().fold(String::new(), |mut body, line| {
        body.push_str(if line.starts_with('.') { "." } else { "" });
        body.push_str(line);
        body.push_str("\r\n");
        body
    });
    let answer = client.say(&format!("{body}."), '2').await?;
    client.say("QUIT", '2').await?;
    Ok(answer)
}

/// The smallest SMTP client that can send the sample.
struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Sends a line and reads the reply to it.
    async fn say(&mut self, line: &str, class: char) -> Result<String, String> {
        let line = format!("{line}\r\n");
        self.stream.get_mut().write_all(line.as_bytes()).await.map_err(|error| error.to_string())?;
        self.expect(class).await
    }

    /// Reads a reply, of one line or several, and checks the class of its code.
    async fn expect(&mut self, class: char) -> Result<String, String> {
        let mut reply = String::new();
        loop {
            let mut line = String::new();
            match self.stream.read_line(&mut line).await {
                Ok(0) => return Err("the connection was closed".into()),
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            }
            reply.push_str(line.trim_end());
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
            reply.push('\n');
        }
        if reply.starts_with(class) { Ok(reply) } else { Err(reply) }
    }
}
