//! What an association runs over: a TCP connection, or TLS on one.

use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::TlsStream;

use super::tls::Failure;

/// A connection.
pub(crate) enum Stream {
    /// As RFC 1006 has it.
    Plain(TcpStream),
    /// Under TLS.
    Tls(Box<Tls>),
}

/// TLS on a connection. What was written is not held back: it leaves with the next read at the latest.
pub(crate) struct Tls {
    stream: TlsStream<TcpStream>,
    /// Something may be left in the session.
    unflushed: bool,
    /// How long a peer that does not read may hold up the end.
    goodbye: Option<Pin<Box<Sleep>>>,
    trouble: Trouble,
}

/// What TLS said when it broke, for whoever tells how the association ended: in TLS 1.3 a server refuses a client's
/// certificate after the handshake.
pub(crate) type Trouble = Arc<OnceLock<Failure>>;

/// How long the end of TLS may wait for a peer that does not read.
const GOODBYE: Duration = Duration::from_secs(5);

impl Stream {
    /// A TCP connection as it is.
    pub(crate) fn plain(stream: TcpStream) -> Self {
        // Without this, confirmations wait for each other; if it fails the connection is only slower.
        let _ = stream.set_nodelay(true);
        Self::Plain(stream)
    }

    /// TLS whose handshake is done.
    pub(crate) fn tls(stream: TlsStream<TcpStream>, trouble: Trouble) -> Self {
        let _ = stream.get_ref().0.set_nodelay(true);
        Self::Tls(Box::new(Tls { stream, unflushed: false, goodbye: None, trouble }))
    }
}

impl Tls {
    fn stream(&mut self) -> Pin<&mut TlsStream<TcpStream>> {
        Pin::new(&mut self.stream)
    }

    /// Pushes out what is left, as far as it goes without waiting; the reader is woken when it goes on.
    fn push_out(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.unflushed
            && let Poll::Ready(flushed) = self.stream().poll_flush(context)
        {
            flushed?;
            self.unflushed = false;
        }
        Ok(())
    }

    fn note<T>(&self, result: &Poll<io::Result<T>>) {
        if let Poll::Ready(Err(error)) = result
            && let Some(failure) = Failure::of_session(error)
        {
            let _ = self.trouble.set(failure);
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(tls) => {
                tls.push_out(context)?;
                let read = tls.stream().poll_read(context, buffer);
                tls.note(&read);
                read
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(octets)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tls(tls) => {
                tls.unflushed = true;
                let written = tls.stream().poll_write_vectored(context, pieces);
                tls.note(&written);
                written
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(tls) => tls.stream().poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(tls) => {
                if let Poll::Ready(done) = tls.stream().poll_shutdown(context) {
                    return Poll::Ready(done);
                }
                let goodbye = tls.goodbye.get_or_insert_with(|| Box::pin(tokio::time::sleep(GOODBYE)));
                goodbye.as_mut().poll(context).map(Ok)
            }
        }
    }
}
