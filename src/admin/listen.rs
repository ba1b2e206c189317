//! The socket, and the connections over it.
#![expect(clippy::disallowed_methods, reason = "shell: binds sockets, reads and writes files")]

use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::guard::{self, Guard};
use super::{At, Token};

/// Connections at a time; others wait to be answered.
const CONNECTIONS: usize = 32;

/// How long a caller may take to send the head of a request, the time between two requests included.
const HEAD: Duration = Duration::from_secs(30);

/// How long connections may take to end when the gateway stops.
const LAST: Duration = Duration::from_secs(5);

/// How long nothing is accepted after the system had nothing to give.
const REST: Duration = Duration::from_millis(100);

/// Who asks, in words, for the log and what is kept of operations.
#[derive(Debug, Clone)]
pub(super) struct Who(pub(super) Arc<str>);

/// A socket that is listened on.
pub(crate) struct Listener {
    socket: Socket,
    guard: Guard,
    at: At,
}

enum Socket {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// Binds.
///
/// # Errors
/// What the system says; somebody listens there already; the address is reached from other machines and there is no
/// token; the token cannot be read.
pub(crate) async fn bind(at: &At, token: Option<&Path>) -> io::Result<Listener> {
    match at {
        At::Socket(path) => {
            remove_left(path).await?;
            let socket = Socket::Unix(UnixListener::bind(path)?);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
            Ok(Listener { socket, guard: Guard::Open, at: at.clone() })
        }
        At::Tcp(address) => {
            let guard = match token {
                Some(file) => Guard::Token(read_token(file)?),
                None if address.ip().is_loopback() => Guard::Loopback,
                None => return Err(io::Error::other("an address that is not loopback needs a token")),
            };
            let socket = TcpListener::bind(address).await?;
            let at = At::Tcp(socket.local_addr()?);
            Ok(Listener { socket: Socket::Tcp(socket), guard, at })
        }
    }
}

/// The token in a file.
///
/// # Errors
/// It cannot be read, or is none.
pub(super) fn read_token(file: &Path) -> io::Result<Token> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    std::fs::read_to_string(file).and_then(|text| Token::parse(&text)).map_err(named)
}

/// Removes the socket of a gateway that did not end in order. One that somebody listens on stays, and so does any other file.
async fn remove_left(path: &Path) -> io::Result<()> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if !is_socket {
        return Ok(());
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        _ => Ok(()),
    }
}

/// An interface that is up.
pub(crate) struct Serving {
    /// Where.
    pub(crate) at: At,
    /// Ends when it has stopped.
    pub(crate) task: tokio::task::JoinHandle<()>,
}

impl Listener {
    /// Answers until `stop` turns true or its sender is gone; then what is under way may end.
    pub(crate) fn serve(self, router: Router, stop: watch::Receiver<bool>) -> Serving {
        let at = self.at.clone();
        Serving { at, task: tokio::spawn(self.run(router, stop)) }
    }

    async fn run(self, router: Router, stop: watch::Receiver<bool>) {
        let Self { socket, guard, at } = self;
        let router = router.layer(from_fn_with_state(guard.clone(), guard::check));
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        let accepting = async {
            loop {
                let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
                let (router, stop) = (router.clone(), stop.clone());
                let accepted = match &socket {
                    Socket::Unix(listener) => listener.accept().await.map(|(stream, _)| {
                        let user = stream.peer_cred().map(|peer| format!("uid {}", peer.uid()));
                        let who = Who(user.unwrap_or_else(|_| "the socket".to_owned()).into());
                        let router = router.layer(Extension(who));
                        connections.spawn(async move {
                            connection(stream, router, stop).await;
                            drop(slot);
                        });
                    }),
                    Socket::Tcp(listener) => listener.accept().await.map(|(stream, peer)| {
                        let who = Who(format!("{} from {peer}", guard.admits()).into());
                        let router = router.layer(Extension(who));
                        connections.spawn(async move {
                            connection(stream, router, stop).await;
                            drop(slot);
                        });
                    }),
                };
                if let Err(error) = accepted {
                    tracing::warn!(%error, "the HTTP interface accepted nothing");
                    tokio::time::sleep(REST).await;
                }
                while connections.try_join_next().is_some() {}
            }
        };
        tokio::select! {
            () = accepting => {}
            () = stopped(stop.clone()) => {}
        }
        if let At::Socket(path) = &at
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::debug!(%error, "the socket was gone already");
        }
        let ended = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST, ended).await.is_err() {
            connections.shutdown().await;
        }
    }
}

/// Returns once it is to stop.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error says that the sender is gone, which is as good as a stop.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Answers the requests of one connection. At a stop the one under way may end.
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let service = TowerToHyperService::new(router);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopped(stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the HTTP interface ended");
    }
}
