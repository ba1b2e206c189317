//! The OSI stack under P1, from TCP octets to whole messages.
//!
//! In the order in which octets from a peer meet them: [`tpkt`] and [`transport`], [`session`], [`presentation`],
//! [`acse`], [`rtse`]. [`stack`] chains them to one association, which is all that the rest of the gateway uses;
//! [`driver`] runs one over a TCP connection.
//!
//! Every layer is a machine without clock or socket: requests go in from above, octets or indications from below, and
//! what is to be done comes out of `poll`. Only [`driver`] touches the world.

pub mod acse;
pub mod driver;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod grid;
pub mod presentation;
pub mod rtse;
pub mod session;
pub mod stack;
pub mod tpkt;
pub mod transport;
