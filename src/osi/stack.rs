//! One association: all layers from TPKT to RTSE, chained.
//!
//! ```text
//! Request │                 ▲ Indication
//!         ▼                 │
//!   rtse         cuts a message into parts, counts checkpoints, minds the turn
//!   acse         RTORQ, RTOAC, RTORJ, RTAB go as its user information
//!   presentation puts every value in a context
//!   session      SPDUs: activities, synchronization points, tokens
//!   transport    TPDUs of the agreed size, in TPKTs
//!         │                 ▲
//!   octets▼                 │octets in any cut
//! ```
//!
//! What goes wrong is told with the layer it went wrong in and with advice; see [`Refusal`] and [`Abort`].

mod explain;
mod machine;
mod mode;
mod primitive;

pub use crate::osi::rtse::{ActivityKey, Received, Resumable, Resumption};
pub use machine::Stack;
pub use mode::Mode;
pub(in crate::osi) use mode::SWAPPED_PROTOCOL;
pub use primitive::{
    Abort, By, CheckpointConfirm, Config, DialogueMode, Fault, Indication, Layer, Limits, Misuse, Names,
    Open, Output, Reference, Refusal, Request, Selectors, Timers, TransferRefusal,
};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
