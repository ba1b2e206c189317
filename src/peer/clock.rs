//! Times and identifiers: from the machine, or the same at every run.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::sync::atomic::{AtomicU32, Ordering};

use rasn_x400::prim::{Moment, X400Time};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// Gives times and identifiers.
#[derive(Debug)]
pub(super) struct Clock {
    deterministic: bool,
    /// Distinguishes runs.
    run: String,
    given: AtomicU32,
}

/// The first time of a deterministic clock.
const FIRST: OffsetDateTime = datetime!(2026-01-01 00:00:00 UTC);

impl Clock {
    /// A clock; a deterministic one starts at the beginning of 2026 and goes on by a second at each look.
    pub(super) fn new(deterministic: bool) -> Self {
        let run = if deterministic {
            "0".into()
        } else {
            format!("{:x}", OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000)
        };
        Self { deterministic, run, given: AtomicU32::new(0) }
    }

    /// The time, to the second.
    pub(super) fn now(&self) -> X400Time {
        let now = if self.deterministic {
            FIRST + Duration::seconds(self.given.load(Ordering::Relaxed).into())
        } else {
            OffsetDateTime::now_utc()
        };
        X400Time::from_moment(Moment {
            year: now.year(),
            month: now.month().into(),
            day: now.day(),
            hour: now.hour(),
            minute: now.minute(),
            second: now.second(),
            offset: 0,
        })
    }

    /// An identifier that was not given before: at most 32 letters, digits and full stops.
    pub(super) fn identifier(&self) -> String {
        format!("LAB.{}.{:06}", self.run, self.given.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The time for a capture, in microseconds since 1970; none when it is to be the same at every run.
    pub(super) fn microseconds(&self) -> Option<u64> {
        let now = || u64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000).ok();
        if self.deterministic { None } else { now() }
    }

    /// Whether it is the same at every run.
    pub(super) const fn is_deterministic(&self) -> bool {
        self.deterministic
    }
}
