//! The clock of the machine, which somebody may set.

#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::time::Instant;

use time::{Duration, OffsetDateTime};

/// By less it may run fast or slow, or be corrected little by little.
const TOLERANCE: Duration = Duration::seconds(10);

/// Notices when the time of day goes another way than time does.
#[derive(Debug)]
pub(super) struct Clock {
    of_day: OffsetDateTime,
    elapsing: Instant,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { of_day: OffsetDateTime::now_utc(), elapsing: Instant::now() }
    }

    /// The time of day, and by how much it was set forward (or, if negative, back) since this was asked before, if it was.
    pub(super) fn now(&mut self) -> (OffsetDateTime, Option<Duration>) {
        let now = Self::new();
        let set_by = (now.of_day - self.of_day) - (now.elapsing - self.elapsing);
        *self = now;
        (self.of_day, Some(set_by).filter(|by| by.abs() > TOLERANCE))
    }
}
