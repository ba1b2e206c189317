//! Transport class 0 over TCP (X.224, RFC 1006, RFC 2126): one connection, both roles.
//!
//! 1. The initiator sends CR with the called TSAP identifier, the responder checks it and answers CC or DR.
//! 2. Both sides cut what the user wants sent into DT of the agreed size, and put it together again.
//! 3. Either side ends with DR and closes the TCP connection; class 0 waits for no answer.
//!
//! ```text
//! TSDU      ─► DT DT DT ─►  03 00 len │ 02 f0 00 │ part   ... ─► TCP
//! ```
//!
//! [`Connection`] includes [`tpkt`](super::tpkt): below it are the octets of a TCP connection.

mod machine;
mod primitive;
pub mod tpdu;

pub use machine::{Connection, Fault, Misuse, Output};
pub use primitive::{Called, Config, DisconnectReason, Indication, Request, Selectors};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests;
