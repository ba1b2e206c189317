//! An association on a TCP connection: the loop that both shells of the MTA share.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock for the association")]

use std::io;
use std::time::Instant;

use bytes::Bytes;
use tokio::task::JoinHandle;

use super::association::{Association, Event, Misuse, Output, Request};
use super::stream::Stream;
use crate::osi::driver::Driver;
use crate::osi::stack::Indication;

/// An association and the driver below it.
pub(super) struct Link {
    driver: Driver<Stream>,
    association: Association,
    /// Octets of the message that leaves, on their way from a file. Kept here, so that they survive a cancelled wait.
    reading: Option<Reading>,
}

/// The place in the message, and its octets.
type Reading = (u64, JoinHandle<io::Result<Vec<Bytes>>>);

impl Link {
    pub(super) const fn new(driver: Driver<Stream>, association: Association) -> Self {
        Self { driver, association, reading: None }
    }

    /// What the association wants from the shell.
    pub(super) fn request(&mut self, request: Request) -> Result<(), Misuse> {
        self.association.request(request, Instant::now())
    }

    /// The next event, `None` after [`Event::Ended`]. May be cancelled and called again without losing anything.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(output) = self.association.poll() {
                match output {
                    Output::Up(event) => return Some(event),
                    Output::Read { offset, content } => {
                        let reading = tokio::task::spawn_blocking(move || content.read());
                        self.reading = Some((offset, reading));
                    }
                    Output::Down(request) => {
                        if let Err(misuse) = self.driver.request(request) {
                            tracing::error!(%misuse, "the association and its stack disagree");
                            self.association.receive(Indication::Disconnected, Instant::now());
                        }
                    }
                }
            }
            let deadline = self.association.deadline();
            let indication = tokio::select! {
                indication = self.driver.next() => indication,
                () = sleep_until(deadline) => {
                    self.association.timeout(Instant::now());
                    continue;
                }
                (offset, octets) = finish(&mut self.reading) => {
                    self.association.octets(offset, octets);
                    continue;
                }
            };
            let ended = indication.is_none();
            self.association.receive(indication.unwrap_or(Indication::Disconnected), Instant::now());
            if ended {
                return match self.association.poll() {
                    Some(Output::Up(event)) => Some(event),
                    _ => None,
                };
            }
        }
    }
}

/// Waits for what is being read, or for ever if nothing is.
async fn finish(reading: &mut Option<Reading>) -> (u64, io::Result<Vec<Bytes>>) {
    let Some((offset, handle)) = reading else { return std::future::pending().await };
    let (offset, outcome) = (*offset, handle.await);
    *reading = None;
    (offset, outcome.unwrap_or_else(|error| Err(io::Error::other(error))))
}

/// Sleeps until the deadline, or for ever without one.
async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
