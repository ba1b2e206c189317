//! The durable queue: what was accepted stays here, untouched, until every recipient has an end.
//!
//! In the order a message meets it:
//!
//! 1. [`entry`] is what is kept: who sent it, to whom, and the octets as they came in.
//! 2. [`store`] keeps entries: a trait of few verbs, and [`store::sqlite`], which keeps them on this machine's disk.
//!    A listener says "accepted" only after [`Store::insert`](store::Store::insert) has answered.
//! 3. [`worker`] takes due entries, has them transferred, and records what became of each recipient.
//! 4. [`schedule`] decides when a deferred recipient is tried again, and when it has waited long enough.
//!
//! Deliberately absent: the queue knows no SMTP and no X.400. It never reads a content, it only keeps it.
//! [`entry`] and [`schedule`] read no clock and touch no file; [`store::sqlite`] and [`worker`] are shells.

pub mod entry;
pub mod schedule;
pub mod store;
pub mod worker;
