//! A shell: one [`Stack`] over one TCP connection.
//!
//! [`Driver::next`] reads, writes and minds the clock until there is something to tell; it may be dropped at any time,
//! for example by `select!`, and called again without loss.
//!
//! A peer that reads slowly slows us down, and does not fill our memory: [`Indication::TransferMore`] waits until little is
//! left to write.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::stack::{Fault, Indication, Misuse, Output, Request, Stack};

/// Sees every octet of a connection, for captures.
pub trait Recorder: Send {
    /// Octets that were sent or received, in order.
    fn octets(&mut self, direction: Direction, octets: &[u8]);
}

/// Which way octets went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From us to the peer.
    Sent,
    /// From the peer to us.
    Received,
}

/// An association over a connection.
pub struct Driver<S = TcpStream> {
    stream: S,
    stack: Stack,
    recorder: Option<Box<dyn Recorder>>,
    /// What is left to write.
    unsent: VecDeque<Bytes>,
    /// Octets of that.
    unsent_octets: usize,
    indications: VecDeque<Indication>,
    /// The stack wants the connection closed.
    closing: bool,
    /// How long the last octets may wait for a peer that does not read.
    last_words: Duration,
    /// When that time is over.
    patience: Option<Instant>,
    /// The first fault of the peer, until somebody asks.
    fault: Option<Fault>,
    buffer: Vec<u8>,
}

/// Octets of one read.
const READ_OCTETS: usize = 64 << 10;
/// While this many octets wait to be written, nothing more of a message is asked for.
const ENOUGH_OCTETS: usize = 128 << 10;
/// While this many octets wait to be written, nothing more is read: the peer does not read our answers either.
const TOO_MANY_OCTETS: usize = 4 << 20;
/// Pieces of one write.
const WRITE_PIECES: usize = 64;
/// How long the last octets of a connection may wait for a peer that does not read.
const LAST_WORDS: Duration = Duration::from_secs(5);

impl Driver {
    /// Takes over a TCP connection.
    pub fn new(stream: TcpStream, stack: Stack, recorder: Option<Box<dyn Recorder>>) -> Self {
        // Without this, confirmations wait for each other; if it fails the connection is only slower.
        let _ = stream.set_nodelay(true);
        Self::over(stream, stack, recorder)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Driver<S> {
    /// Takes over any stream of octets, such as TLS over TCP.
    pub fn over(stream: S, stack: Stack, recorder: Option<Box<dyn Recorder>>) -> Self {
        Self {
            stream,
            stack,
            recorder,
            unsent: VecDeque::new(),
            unsent_octets: 0,
            indications: VecDeque::new(),
            closing: false,
            last_words: LAST_WORDS,
            patience: None,
            fault: None,
            buffer: vec![0; READ_OCTETS],
        }
    }

    /// Asks the stack for something. What is to be sent for it is written by [`Self::next`].
    ///
    /// # Errors
    ///
    /// The request does not fit the state of the association; nothing has happened.
    pub fn request(&mut self, request: Request) -> Result<(), Misuse> {
        self.stack.request(request, Instant::now())
    }

    /// The next indication; `None` when the connection has ended and all about it was told.
    pub async fn next(&mut self) -> Option<Indication> {
        loop {
            self.collect();
            self.write_now().await;
            if !self.has_enough_to_write()
                && let Some(indication) = self.indications.pop_front()
            {
                return Some(indication);
            }
            if self.closing && self.unsent.is_empty() {
                let _ = self.stream.shutdown().await;
                return None;
            }
            self.wait().await;
        }
    }

    /// What the peer did wrong, the first time anybody asks after it did.
    pub fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// Whether all there is to tell is that more of a message could be sent, while what came before is not written yet.
    fn has_enough_to_write(&self) -> bool {
        let asked = self.indications.len() == 1
            && matches!(self.indications.front(), Some(Indication::TransferMore { .. }));
        asked && self.unsent_octets >= ENOUGH_OCTETS
    }

    fn collect(&mut self) {
        while let Some(output) = self.stack.poll() {
            match output {
                Output::Down(octets) => {
                    self.unsent_octets += octets.len();
                    self.unsent.push_back(octets);
                }
                Output::Close => self.closing = true,
                Output::Up(indication) => self.indications.push_back(indication),
            }
        }
    }

    /// Writes what can be written without waiting, so that confirmations leave before the user works on something.
    async fn write_now(&mut self) {
        while !self.unsent.is_empty() {
            let written = std::future::poll_fn(|context| {
                let slices = slices(&self.unsent);
                match Pin::new(&mut self.stream).poll_write_vectored(context, &slices) {
                    Poll::Ready(result) => Poll::Ready(Some(result)),
                    Poll::Pending => Poll::Ready(None),
                }
            });
            match written.await {
                Some(result) => self.wrote(result),
                None => return,
            }
        }
    }

    /// Waits for the peer, for room to write, or for the deadline.
    async fn wait(&mut self) {
        if self.closing {
            self.patience.get_or_insert_with(|| Instant::now() + self.last_words);
        }
        let deadline = self.stack.deadline().into_iter().chain(self.patience).min();
        let (mut read, mut write) = tokio::io::split(&mut self.stream);
        let pieces = slices(&self.unsent);
        let event = tokio::select! {
            result = read.read(&mut self.buffer), if !self.closing && self.unsent_octets < TOO_MANY_OCTETS => {
                Event::Read(result)
            }
            result = write.write_vectored(&pieces), if !pieces.is_empty() => Event::Written(result),
            () = until(deadline) => Event::Deadline,
        };
        drop(pieces);
        match event {
            Event::Read(Ok(octets @ 1..)) => self.read(octets),
            Event::Read(_) => self.lost(),
            Event::Written(result) => self.wrote(result),
            Event::Deadline => self.deadline_passed(Instant::now()),
        }
    }

    fn deadline_passed(&mut self, now: Instant) {
        if self.patience.is_some_and(|patience| patience <= now) {
            self.lost();
        } else {
            self.stack.timeout(now);
        }
    }

    fn read(&mut self, octets: usize) {
        let octets = &self.buffer[..octets];
        if let Some(recorder) = &mut self.recorder {
            recorder.octets(Direction::Received, octets);
        }
        if let Err(fault) = self.stack.receive(octets, Instant::now()) {
            self.fault.get_or_insert(fault);
        }
    }

    fn wrote(&mut self, result: io::Result<usize>) {
        match result {
            Ok(octets @ 1..) => self.sent(octets),
            _ => self.lost(),
        }
    }

    fn sent(&mut self, mut octets: usize) {
        self.unsent_octets -= octets;
        while let Some(piece) = self.unsent.front_mut() {
            let part = octets.min(piece.len());
            if let Some(recorder) = &mut self.recorder {
                recorder.octets(Direction::Sent, &piece[..part]);
            }
            piece.advance(part);
            octets -= part;
            if !piece.is_empty() {
                return;
            }
            self.unsent.pop_front();
        }
    }

    /// The connection has ended; nothing can be written any more.
    fn lost(&mut self) {
        self.unsent.clear();
        self.unsent_octets = 0;
        self.closing = true;
        self.stack.lost(Instant::now());
        self.collect();
    }
}

enum Event {
    Read(io::Result<usize>),
    Written(io::Result<usize>),
    Deadline,
}

fn slices(pieces: &VecDeque<Bytes>) -> Vec<IoSlice<'_>> {
    let pieces = pieces.iter().filter(|piece| !piece.is_empty()).take(WRITE_PIECES);
    pieces.map(|piece| IoSlice::new(piece)).collect()
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
