//! x400gw: a gateway between Internet mail and X.400.
//!
//! In the order a message from the Internet meets it:
//!
//! 1. [`smtp`] takes the message from a client and refuses what cannot be mapped; `submit` is for programs that do not speak it.
//! 2. [`queue`] keeps it, untouched and durable, before the client hears `250`.
//! 3. [`message`] reads it as RFC 5322 and MIME, defects and all.
//! 4. [`mixer`] translates it (RFC 2156, RFC 2157); [`rules`] decide about addresses, with [`lookup`] for
//!    mappings that live in DNS.
//! 5. [`mta`] routes it and transfers it as P1 to the next X.400 MTA, over the OSI stack in [`osi`]; [`quirk`] names what
//!    that MTA may do otherwise than the standards say.
//!
//! What other MTAs transfer to us goes into the same queue, and on from there.
//!
//! Around them: [`status`] is the one vocabulary of outcomes, [`decode`] explains every octet of what was sent or
//! received, [`encode`] turns an explanation back into octets, [`lint`] says what the standards forbid in them,
//! [`round_trip`] what a message lost on the way there and back, [`replay`] what other rules would make of it, [`explain`] where
//! everything in a result came from ([`conversion`] is the way through without a gateway), [`pcap`] writes captures, [`peer`] is an
//! X.400 MTA to try things against, [`admin`] is the operator's HTTP interface, [`events`] and
//! [`metrics`] tell programs what happens, and [`config`], [`cli`], [`serve`],
//! [`demo`] and [`telemetry`] wire the rest to the world.
//!
//! Deliberately absent: clocks, sockets and files outside the modules that say they are a shell. The ASN.1 types live in
//! the crate `rasn-x400`, which knows no policy.

pub mod admin;
mod buffered;
pub mod cli;
pub mod config;
pub mod conversion;
pub mod decode;
pub mod demo;
pub mod diagnostic;
pub mod encode;
pub mod events;
pub mod explain;
pub mod gathering;
pub mod ldap;
mod ledger;
pub mod lint;
pub mod lookup;
pub mod message;
pub mod metrics;
pub mod mixer;
pub mod mta;
pub mod osi;
pub mod pcap;
pub mod peer;
pub mod provenance;
pub mod queue;
pub mod quirk;
pub mod replay;
pub mod round_trip;
pub mod rules;
mod secret;
pub mod serve;
pub mod smtp;
pub mod status;
mod submit;
pub mod telemetry;
