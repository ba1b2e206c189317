//! Reliable transfer (X.228): messages, one after the other, each either secured by the receiver or still the sender's.
//!
//! 1. RTORQ and RTOAC open the association: checkpoint size, window, who may send, and the bind of the user.
//! 2. Who has the turn sends: an activity per message, RTTR after RTTR with a checkpoint between two, and at most a
//!    window of checkpoints unconfirmed. The confirm of the activity's end means that the receiver has secured it.
//!    The octets are pulled from the user part by part, so that a message of any size takes little memory. Where the peer
//!    wants no checkpoints a part has 60 KiB, and what holds the sender back is only how fast the octets leave.
//! 3. A receiver in trouble reports an exception, a sender that has waited too long gives up: the activity is discarded.
//! 4. RTTP asks for the turn. The initiator closes, when it has the turn. RTAB aborts.
//!
//! ```text
//! MTS-APDU ─► 28 len │ 02 01 05 │ a0 len │ MTS-APDU ─► cut ─► 04 len │ part   (RTTR) ─► P-DATA
//! ```
//!
//! A transfer is never resumed: what was interrupted is sent again from the start, and a peer that wants to resume is
//! told that its activity is not known here. So every checkpoint can be confirmed as soon as it comes.

mod external;
mod machine;
mod primitive;
mod segment;
mod table;

pub use machine::{Fault, Machine, Misuse, Output};
pub use primitive::{Abort, Refusal};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
