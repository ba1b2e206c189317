//! What a connection is before the first octet of an association: plain or TLS, and which peers may be at its other end.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::mta::bind::Trust;
use crate::mta::stream::{Stream, Trouble};
use crate::mta::tls::names::Names;
use crate::mta::tls::{Acceptor, Came, Failure, Spoken};

/// How callers come.
#[derive(Debug, Clone)]
pub struct Security {
    /// Answers TLS; without one it is off.
    pub tls: Option<Acceptor>,
    /// Whether plain connections are answered too, where TLS is.
    pub plain_too: bool,
    /// How long a caller may take for its first octet and the handshake of TLS.
    pub handshake: Duration,
}

impl Default for Security {
    /// TLS is off, and anybody may come.
    fn default() -> Self {
        let handshake = Duration::from_secs(10);
        Self { tls: None, plain_too: false, handshake }
    }
}

/// A connection that is ready for an association.
pub(super) struct Secured {
    pub(super) stream: Stream,
    /// Over TLS, and the names in the caller's certificate.
    pub(super) names: Option<Option<Names>>,
    pub(super) trouble: Trouble,
}

impl Secured {
    fn plain(stream: TcpStream) -> Self {
        Self { stream: Stream::plain(stream), names: None, trouble: Trouble::default() }
    }
}

/// Peers that this caller cannot be, and why.
pub(super) type KeptOut = BTreeMap<String, String>;

impl Security {
    /// Finds out what the caller speaks, and answers TLS. A caller that says nothing is given up soon.
    pub(super) async fn secure(&self, stream: TcpStream) -> Result<Secured, Failure> {
        let Some(tls) = &self.tls else { return plain(stream, self.handshake).await };
        let handshake = async {
            match spoken(&stream).await.map_err(|error| Failure::of_handshake(&error))? {
                Spoken::Tls => {
                    let (stream, names) = tls.accept(stream).await?;
                    let trouble = Trouble::default();
                    let stream = Stream::tls(stream, Arc::clone(&trouble));
                    Ok(Secured { stream, names: Some(names), trouble })
                }
                Spoken::Rfc1006 if self.plain_too => Ok(Secured::plain(stream)),
                Spoken::Rfc1006 => {
                    // It cannot succeed, and the alert that comes of it tells the caller what is spoken here.
                    let _ = tls.accept(stream).await;
                    Err(Failure::not_tls(0x03))
                }
                Spoken::Other(first) => Err(Failure::not_tls(first)),
            }
        };
        let secured = tokio::time::timeout(self.handshake, handshake).await;
        secured.unwrap_or_else(|_| Err(Failure::timeout()))
    }
}

/// Those of the peers that a caller may be that came so; and why it cannot be the others.
pub(super) fn admit(trust: &Trust, names: Option<&Option<Names>>) -> (Trust, KeptOut) {
    let came = names.map_or(Came::Plain, |names| Came::Tls(names.as_ref()));
    let mut kept_out = KeptOut::new();
    let mut trust = trust.clone();
    trust.known.retain(|peer| match peer.admission.check(&peer.name, came) {
        Ok(()) => true,
        Err(why) => {
            kept_out.insert(peer.name.clone(), why);
            false
        }
    });
    (trust, kept_out)
}

/// A connection where TLS is off. Only TLS is told apart here: all else the layers above have words for.
async fn plain(stream: TcpStream, patience: Duration) -> Result<Secured, Failure> {
    match tokio::time::timeout(patience, spoken(&stream)).await {
        Ok(Ok(Spoken::Tls)) => Err(Failure::not_plain()),
        _ => Ok(Secured::plain(stream)),
    }
}

/// Waits for the first octet, and leaves it where it is.
async fn spoken(stream: &TcpStream) -> io::Result<Spoken> {
    let mut first = [0];
    match stream.peek(&mut first).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(first[0].into()),
    }
}
