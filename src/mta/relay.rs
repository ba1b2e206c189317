//! What becomes of a message, probe or report that another MTA gave us (X.411 14.3 to 14.7).
//!
//! 1. [`apdu`] takes what was transferred apart: the envelope as a value, the content as octets that are never touched.
//! 2. [`dispatch()`] looks for loops, expired messages and critical functions nobody here knows, then routes each recipient we
//!    answer for, and makes one copy for each next hop.
//! 3. [`report`] says what could not be done, or answers a probe; [`alternate`] gives a message to the recipient its
//!    originator named for that case; [`downgrade`] makes of a copy what an MTA of 1984 understands.
//!
//! [`identity`] tells what comes a second time from what is new.
//!
//! The same entry of the queue gives the same result every time, so a crash changes nothing. Pure: time is a parameter.

use rasn_x400::prim::{Moment, X400Time};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::KeyedAddress;
use time::{OffsetDateTime, UtcOffset};

use super::route::Table;
use super::trace::Identity;
use crate::status::NonDelivery;

pub mod alternate;
pub mod apdu;
pub mod dispatch;
pub mod downgrade;
pub mod identity;
pub mod report;
#[cfg(test)]
mod tests;

pub use apdu::Apdu;
pub(crate) use dispatch::reached_over_x400;
pub use dispatch::{Copy, Dispatch, dispatch};

/// What is known about a passage through this MTA.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Where things go.
    pub table: &'a Table,
    /// Who we are.
    pub us: &'a Identity,
    /// Where it comes from.
    pub origin: Origin<'a>,
    /// Whether the Internet side can deliver to an address, as far as can be said without trying; and the other address that
    /// its mailbox has in X.400, if the mappings name one (RFC 2156 4.4.1).
    pub deliverable: &'a (dyn Fn(&OrName) -> Result<Option<OrName>, Undeliverable> + Sync),
    /// The address under which this gateway is reached from 1984, for addresses of 1988 that come inside it.
    pub relay: Option<&'a OrName>,
    /// When it came in.
    pub arrival: OffsetDateTime,
    /// Until when it was held, if it was.
    pub held_until: Option<OffsetDateTime>,
    /// The time now.
    pub now: OffsetDateTime,
}

/// Where something comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// An MTA transferred it to us: the peer of that name, if it is one the operator knows.
    Peer(Option<&'a str>),
    /// It was made here, such as a report. Our trace is in it already.
    Here,
    /// Mail that was converted. Our trace is in it already, and it does not go to the Internet again unless a route says so.
    Internet,
}

/// Why a recipient gets nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undeliverable {
    /// For the report.
    pub non_delivery: NonDelivery,
    /// In words.
    pub text: String,
}

/// A time as X.400 writes it, in UTC.
#[must_use]
pub fn x400_time(time: OffsetDateTime) -> X400Time {
    let time = time.to_offset(UtcOffset::UTC);
    X400Time::from_moment(Moment {
        year: time.year(),
        month: time.month().into(),
        day: time.day(),
        hour: time.hour(),
        minute: time.minute(),
        second: time.second(),
        offset: 0,
    })
}

/// An O/R name for logs and for people.
#[must_use]
pub fn shown(name: &OrName) -> String {
    KeyedAddress::from_or_name(name).address.to_std_or()
}
