//! The SMTP side: messages from Internet mail come in here, and leave (RFC 5321).
//!
//! ```text
//!   TCP octets ─► listener ─► dialogue ─► command           lines as values
//!                    │           ├──────► data              content without dots, to its true end
//!                    │           └──────► reply             what the client hears
//!                    └─► Submission ─► Acceptor             stored before the client hears 250
//! ```
//!
//! - [`command`] reads command lines, [`reply`] writes replies, [`data`] finds the end of a content, [`chunk`] counts chunks.
//! - [`sasl`] finds out who a client is, [`proxy`] reads for whom a host speaks.
//! - [`dialogue`] is the session as a machine without I/O; [`submission`] is what comes out of it.
//! - [`listener`] is the shell around it, with sockets and clock.
//! - [`client`] is the way out: to other servers.

pub mod chunk;
pub mod client;
pub mod command;
pub mod data;
pub mod dialogue;
pub mod listener;
pub mod proxy;
pub mod reply;
pub mod sasl;
pub mod submission;
