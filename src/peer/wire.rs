//! A stream of octets that misbehaves when told to: what the stack below is too correct to do.
//!
//! ```text
//! osi::driver ─► Wire ─► TCP or TLS
//!                 │  whole packets: spoil a length, replace one, add octets of our own
//!                 │  counts octets: cut after so many sent or received
//!                 └  recorder: what really went over the line
//! ```
//!
//! [`Control`] is the other end of it, for whoever plays the peer.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::sniff::{Seen, Sniffer};
use super::spoil::{Spoiled, spoil};
use crate::osi::driver::{Direction, Recorder};
use crate::osi::tpkt;

/// What a [`Wire`] can lie upon.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Makes a packet out of what is known of the connection by then.
pub(super) type Replacement = Box<dyn FnOnce(&Seen) -> Bytes + Send>;

/// Octets that may wait to be written before the driver has to.
const HIGH_WATER: usize = 256 << 10;

/// The stream.
pub(super) struct Wire {
    inner: Option<Box<dyn Stream>>,
    /// The start of a packet whose rest the driver has not written yet.
    unfinished: BytesMut,
    /// What is on its way to the line.
    out: BytesMut,
    shared: Arc<Mutex<Shared>>,
    sent: Sniffer,
    received: Sniffer,
}

/// Tells a [`Wire`] what to do. Takes effect when the driver reads or writes next.
#[derive(Clone)]
pub(super) struct Control(Arc<Mutex<Shared>>);

#[derive(Default)]
struct Shared {
    injected: VecDeque<Bytes>,
    replacement: Option<Replacement>,
    spoiled: Option<Spoiled>,
    /// Octets that may still be sent, and received.
    left_to_send: Option<u64>,
    left_to_receive: Option<u64>,
    cut: bool,
    octets_sent: u64,
    octets_received: u64,
    seen: Seen,
    recorder: Option<Box<dyn Recorder>>,
}

impl Wire {
    pub(super) fn new(inner: Box<dyn Stream>, recorder: Option<Box<dyn Recorder>>) -> (Self, Control) {
        let shared = Arc::new(Mutex::new(Shared { recorder, ..Shared::default() }));
        let wire = Self {
            inner: Some(inner),
            unfinished: BytesMut::new(),
            out: BytesMut::new(),
            shared: Arc::clone(&shared),
            sent: Sniffer::default(),
            received: Sniffer::default(),
        };
        (wire, Control(shared))
    }

    /// Takes whole packets of the driver, and octets of our own between two of them.
    fn collect(&mut self) {
        let mut shared = lock(&self.shared);
        while let Some(length) = packet_length(&self.unfinished) {
            let packet = self.unfinished.split_to(length).freeze();
            self.sent.push(&packet, Direction::Sent, &mut shared.seen);
            let packet = match (shared.replacement.take(), shared.spoiled.take()) {
                (Some(replacement), _) => replacement(&shared.seen),
                (None, Some(spoiled)) => spoil(&packet, spoiled),
                (None, None) => packet,
            };
            shared.emit(&packet, &mut self.out);
        }
        if self.unfinished.is_empty() {
            while let Some(octets) = shared.injected.pop_front() {
                shared.emit(&octets, &mut self.out);
            }
        }
    }

    /// Writes what can be written; closes the connection when it is to be cut.
    fn flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.collect();
        while !self.out.is_empty() {
            let Some(inner) = &mut self.inner else { return Poll::Ready(Err(cut_off())) };
            match Pin::new(inner).poll_write(context, &self.out) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(octets)) => self.out.advance(octets),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        if lock(&self.shared).cut {
            // TLS may still hold some of it; a peer that is gone does not get it anyway.
            if let Some(inner) = &mut self.inner {
                let _ = std::task::ready!(Pin::new(inner).poll_flush(context));
            }
            self.inner = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl Shared {
    /// Puts octets on the line, as far as they may still be sent.
    fn emit(&mut self, octets: &[u8], out: &mut BytesMut) {
        let octets = within(&mut self.left_to_send, octets);
        self.octets_sent += octets.len() as u64;
        if let Some(recorder) = self.recorder.as_mut().filter(|_| !octets.is_empty()) {
            recorder.octets(Direction::Sent, octets);
        }
        out.extend_from_slice(octets);
        self.cut |= self.left_to_send == Some(0);
    }

    /// Octets that came, as far as they may still be received.
    fn arrived(&mut self, octets: &[u8]) -> usize {
        let octets = within(&mut self.left_to_receive, octets);
        self.octets_received += octets.len() as u64;
        if let Some(recorder) = self.recorder.as_mut().filter(|_| !octets.is_empty()) {
            recorder.octets(Direction::Received, octets);
        }
        self.cut |= self.left_to_receive == Some(0);
        octets.len()
    }
}

/// As many of `octets` as `left` allows, which is less by them afterwards.
fn within<'a>(left: &mut Option<u64>, octets: &'a [u8]) -> &'a [u8] {
    let Some(left) = left else { return octets };
    let allowed = usize::try_from(*left).unwrap_or(usize::MAX).min(octets.len());
    *left -= allowed as u64;
    &octets[..allowed]
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cut_off() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

/// The length of the first packet, once it is there.
fn packet_length(octets: &[u8]) -> Option<usize> {
    let header = octets.first_chunk::<{ tpkt::HEADER_OCTETS }>()?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]])).max(tpkt::HEADER_OCTETS);
    (octets.len() >= length).then_some(length)
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Poll::Ready(Err(error)) = this.flush(context) {
            return Poll::Ready(Err(error));
        }
        let Some(inner) = &mut this.inner else { return Poll::Ready(Ok(())) };
        let before = buffer.filled().len();
        let polled = Pin::new(inner).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = polled {
            let mut shared = lock(&this.shared);
            let octets = &buffer.filled()[before..];
            let taken = shared.arrived(octets);
            this.received.push(&octets[..taken], Direction::Received, &mut shared.seen);
            buffer.set_filled(before + taken);
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.out.len() > HIGH_WATER {
            std::task::ready!(this.flush(context))?;
        }
        if this.inner.is_none() {
            return Poll::Ready(Err(cut_off()));
        }
        this.unfinished.extend_from_slice(octets);
        match this.flush(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(octets.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let _ = std::task::ready!(this.flush(context));
        match &mut this.inner {
            Some(inner) => Pin::new(inner).poll_shutdown(context),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl Control {
    /// Sends octets as they are, after the packet that is being written.
    pub(super) fn inject(&self, octets: impl Into<Bytes>) {
        lock(&self.0).injected.push_back(octets.into());
    }

    /// The next packet of the stack is this one instead.
    pub(super) fn replace_next(&self, replacement: Replacement) {
        lock(&self.0).replacement = Some(replacement);
    }

    /// A length in the next packet of the stack is wrong.
    pub(super) fn spoil_next(&self, what: Spoiled) {
        lock(&self.0).spoiled = Some(what);
    }

    /// The connection ends when so many more octets were sent.
    pub(super) fn cut_after_sent(&self, octets: u64) {
        lock(&self.0).left_to_send = Some(octets);
    }

    /// The connection ends when so many more octets were received.
    pub(super) fn cut_after_received(&self, octets: u64) {
        lock(&self.0).left_to_receive = Some(octets);
    }

    /// The connection ends when what waits is written.
    pub(super) fn cut(&self) {
        lock(&self.0).cut = true;
    }

    /// What the connection is known to be like.
    pub(super) fn seen(&self) -> Seen {
        lock(&self.0).seen.clone()
    }

    /// Octets sent and received so far.
    pub(super) fn octets(&self) -> (u64, u64) {
        let shared = lock(&self.0);
        (shared.octets_sent, shared.octets_received)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const PACKET: &[u8] = &[3, 0, 0, 9, 2, 0xf0, 0x80, 1, 0];

    async fn through(control: impl FnOnce(&Control), writes: &[&[u8]]) -> (Vec<u8>, io::Result<()>) {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        let (mut wire, handle) = Wire::new(Box::new(ours), None);
        control(&handle);
        let mut result = Ok(());
        for octets in writes {
            result = result.and(wire.write_all(octets).await);
        }
        let _ = wire.shutdown().await;
        drop(wire);
        let mut line = Vec::new();
        theirs.read_to_end(&mut line).await.unwrap();
        (line, result)
    }

    #[tokio::test]
    async fn packets_pass_as_they_are_however_they_are_written() {
        let whole = [PACKET, PACKET].concat();
        for cut in 1..whole.len() {
            let (line, result) = through(|_| {}, &[&whole[..cut], &whole[cut..]]).await;
            assert_eq!((line, result.is_ok()), (whole.clone(), true), "{cut}");
        }
    }

    #[tokio::test]
    async fn octets_of_our_own_stand_between_packets() {
        let (line, _) = through(|control| control.inject(&b"!"[..]), &[&PACKET[..3], &PACKET[3..]]).await;
        assert_eq!(line, [PACKET, b"!"].concat());
    }

    #[tokio::test]
    async fn the_line_is_cut_at_the_octet() {
        for allowed in [0, 1, 8, 9, 10] {
            let (line, result) =
                through(|control| control.cut_after_sent(allowed), &[PACKET, PACKET, PACKET]).await;
            assert_eq!(line.len() as u64, allowed);
            assert!(result.is_err(), "what follows cannot be written");
        }
    }

    #[tokio::test]
    async fn one_packet_is_replaced() {
        let (line, _) = through(
            |control| control.replace_next(Box::new(|_| Bytes::from_static(b"?"))),
            &[PACKET, PACKET],
        )
        .await;
        assert_eq!(line, [b"?", PACKET].concat());
    }

    #[tokio::test]
    async fn what_comes_is_cut_at_the_octet() {
        let (ours, mut theirs) = tokio::io::duplex(100);
        let (mut wire, control) = Wire::new(Box::new(ours), None);
        control.cut_after_received(5);
        theirs.write_all(PACKET).await.unwrap();
        let mut came = Vec::new();
        wire.read_to_end(&mut came).await.unwrap();
        assert_eq!(came, PACKET[..5]);
        assert_eq!(control.octets(), (0, 5));
    }
}
