//! An association on a TCP connection: the loop that both shells of the MTA share.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock for the association")]

use std::time::Instant;

use super::association::{Association, Event, Misuse, Output, Request};
use crate::osi::driver::Driver;
use crate::osi::stack::Indication;

/// An association and the driver below it.
pub(super) struct Link {
    driver: Driver,
    association: Association,
}

impl Link {
    pub(super) const fn new(driver: Driver, association: Association) -> Self {
        Self { driver, association }
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

/// Sleeps until the deadline, or for ever without one.
async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
