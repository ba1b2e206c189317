//! Real mails, there and back, and their character sets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/judge.rs"]
mod judge;
#[path = "../support/nasty.rs"]
mod nasty;
#[path = "../support/told.rs"]
mod told;

mod charsets;
mod collection;
mod convert_corpus;
mod roundtrip_corpus;
