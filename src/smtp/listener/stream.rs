//! A connection of a client, with TLS on it or not.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

use crate::mta::tls::Acceptor;
use crate::mta::tls::names::Names;
use crate::smtp::proxy::{self, Read};

/// How long a client may take for the handshake.
const HANDSHAKE: Duration = Duration::from_secs(60);

pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// During the handshake, and after one that failed.
    Gone,
}

impl Stream {
    /// The handshake; gives the names in the client's certificate, if it showed one.
    ///
    /// # Errors
    /// There is no TLS, in words; the connection is of no use any more.
    pub(super) async fn start_tls(&mut self, acceptor: &Acceptor) -> Result<Option<Names>, String> {
        let Self::Plain(stream) = std::mem::replace(self, Self::Gone) else {
            return Err("the connection is not plain".into());
        };
        match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok((stream, names))) => {
                *self = Self::Tls(Box::new(stream));
                Ok(names)
            }
            Ok(Err(failure)) => Err(failure.to_string()),
            Err(_) => Err(format!("no handshake within {HANDSHAKE:?}")),
        }
    }

    /// Reads the header of the PROXY protocol, and nothing after it: where the client is, if the host speaks for another.
    ///
    /// # Errors
    /// There is none; the connection is of no use then.
    pub(super) async fn proxy_header(&mut self) -> io::Result<Option<SocketAddr>> {
        let Self::Plain(stream) = self else { return Err(io::ErrorKind::NotConnected.into()) };
        let mut octets = Vec::new();
        loop {
            match proxy::read(&octets).map_err(io::Error::other)? {
                Read::Whole(source) => return Ok(source),
                Read::More(more) => {
                    let came = octets.len();
                    octets.resize(came + more, 0);
                    stream.read_exact(&mut octets[came..]).await?;
                }
            }
        }
    }

    pub(super) async fn read_buf(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read_buf(buffer).await,
            Self::Tls(stream) => stream.read_buf(buffer).await,
            Self::Gone => Ok(0),
        }
    }

    pub(super) async fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(octets).await,
            Self::Tls(stream) => {
                stream.write_all(octets).await?;
                stream.flush().await
            }
            Self::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Closes our side.
    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
            Self::Gone => Ok(()),
        }
    }
}
