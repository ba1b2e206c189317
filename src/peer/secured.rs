//! A connection before the first octet of RFC 1006: as it is, or under TLS.
//!
//! What the lab peer records and spoils lies above TLS: its captures can be read, and its faults are those of the layers of
//! OSI.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsStream;
use tokio_rustls::rustls::ProtocolVersion;

use crate::mta::stream::{Stream, Trouble};
use crate::mta::tls::names::Names;
use crate::mta::tls::{Acceptor, Failure, Initiator};

/// TLS of a lab peer; without it associations run over TCP as they are.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Where it answers: nothing but TLS, then.
    pub answer: Option<Acceptor>,
    /// Where it calls.
    pub call: Option<Initiator>,
}

/// A connection that is ready for an association.
pub(super) struct Secured {
    pub(super) stream: Stream,
    /// What TLS agreed on, in words; `None` without it.
    pub(super) tls: Option<String>,
    /// What TLS says when it breaks later.
    pub(super) trouble: Trouble,
}

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

impl Tls {
    /// Makes a connection ready that somebody else has made.
    ///
    /// # Errors
    /// Why there is no TLS.
    pub(super) async fn answered(&self, stream: TcpStream) -> Result<Secured, Failure> {
        let Some(acceptor) = &self.answer else { return Ok(Secured::plain(stream)) };
        let accepted = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
        let (stream, _) = accepted.unwrap_or_else(|_| Err(Failure::timeout()))?;
        Ok(Secured::tls(stream))
    }

    /// Makes a connection ready that we have made.
    ///
    /// # Errors
    /// Why there is no TLS.
    pub(super) async fn called(&self, stream: TcpStream) -> Result<Secured, Failure> {
        match &self.call {
            None => Ok(Secured::plain(stream)),
            Some(initiator) => Secured::called(initiator, stream, HANDSHAKE).await,
        }
    }
}

impl Secured {
    /// As RFC 1006 has it.
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self { stream: Stream::plain(stream), tls: None, trouble: Trouble::default() }
    }

    /// The handshake of the side that has called.
    ///
    /// # Errors
    /// Why there is no TLS.
    pub(super) async fn called(
        initiator: &Initiator,
        stream: TcpStream,
        patience: Duration,
    ) -> Result<Self, Failure> {
        let connected = tokio::time::timeout(patience, initiator.connect(stream)).await;
        Ok(Self::tls(connected.unwrap_or_else(|_| Err(Failure::timeout()))?))
    }

    fn tls(stream: TlsStream<TcpStream>) -> Self {
        let (tls, trouble) = (Some(words(&stream)), Trouble::default());
        Self { stream: Stream::tls(stream, Arc::clone(&trouble)), tls, trouble }
    }
}

/// Version, cipher and the names of whoever is at the other end.
fn words(stream: &TlsStream<TcpStream>) -> String {
    let (_, session) = stream.get_ref();
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    let cipher = session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
    let shown = session.peer_certificates().and_then(|chain| chain.first());
    let who = shown.map_or_else(
        || "no certificate shown".into(),
        |certificate| format!("certificate for {}", Names::of(certificate)),
    );
    format!("{version}, {}; {who}", cipher.unwrap_or("a cipher"))
}
