//! SMTP and LMTP towards other servers: how mails leave (RFC 5321, RFC 2033).
//!
//! ```text
//!  mail ─► hosts: smart hosts, or MX of each domain ─► one mail for each way
//!             │                                              │ at most 100 recipients in a transaction
//!             ▼                                              ▼
//!          sender: a session that is open, or a new one ─► line ─► dialogue ─► a verdict for each recipient
//!                  (at most so many to a destination)     TCP, TLS  machine
//! ```
//!
//! - [`hosts`] says which servers a domain has, from what DNS answers; pure.
//! - [`mail`] writes the envelope for a server with a given [`offer`]; [`dkim`] signs; [`dots`] doubles dots; pure.
//! - [`reply`] reads replies, [`dialogue`] is the session as a machine without I/O.
//! - `demand` says what a server must show before it gets a mail, by [`dane`] and [`mta_sts`].
//! - [`line`](mod@line) is the shell around one session, [`sender`] keeps sessions, [`dns`] asks, [`tls`] has certificates,
//!   [`login`] passwords, [`keys`] what mails are signed with.

pub mod dane;
mod demand;
pub mod dialogue;
pub mod dkim;
pub mod dns;
pub mod dots;
pub mod hosts;
pub mod keys;
pub mod line;
pub mod login;
pub mod mail;
pub mod mta_sts;
pub mod offer;
pub mod reply;
pub mod sender;
pub mod tls;

pub use mail::Mail;
pub use sender::{DestinationState, Sender, Sent};
