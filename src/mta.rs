//! The X.400 MTA: binding to other MTAs and transferring messages (X.411 12, X.419).
//!
//! * [`bind`] – who we say we are, and whom we believe;
//! * [`content`] – the octets of a message, in memory and in files;
//! * [`extensions`] – what becomes of extension fields on their way to a peer with oddities;
//! * [`network`] – where a peer may call from;
//! * [`association`] – one association in either role, as a machine over [`crate::osi::stack`];
//! * `link` – an association on a TCP connection, what both shells share;
//! * `stream` – what an association runs over, and [`tls`] under it;
//! * [`pool`] – the shell that transfers messages to one peer, as its schedule says;
//! * [`route`] – where a recipient's copy goes;
//! * [`trace`] – what we say of ourselves to those who come after, and loops;
//! * [`relay`] – what becomes of a message, probe or report from a peer;
//! * [`listener`] – the shell that answers associations from peers;
//! * `rejoin` – associations of peers that were lost, so that they can go on;
//! * [`suspended`] – messages of peers that were cut off, so that they can go on;
//! * [`spool`] – the folder where messages are written as they arrive.

mod arrivals;
pub mod association;
pub mod bind;
pub mod content;
pub mod extensions;
mod link;
pub mod listener;
pub mod network;
pub mod pool;
mod rejoin;
pub mod relay;
pub mod route;
pub mod spool;
pub(crate) mod stream;
pub mod suspended;
pub mod tls;
pub mod trace;
