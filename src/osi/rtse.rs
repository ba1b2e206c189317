//! Reliable transfer (X.228): messages, one after the other, each either secured by the receiver or still the sender's.
//!
//! 1. RTORQ and RTOAC open the association: checkpoint size, window, who may send, and the bind of the user.
//! 2. Who has the turn sends: an activity per message, RTTR after RTTR with a checkpoint between two, and at most a
//!    window of checkpoints unconfirmed. The confirm of the activity's end means that the receiver has secured it.
//!    The octets are pulled from the user part by part, so that a message of any size takes little memory. Where the peer
//!    wants no checkpoints a part has 60 KiB, and what holds the sender back is only how fast the octets leave.
//! 3. A receiver in trouble reports an exception. What it says decides: the activity goes on at once from the last confirmed
//!    checkpoint, starts anew at once, goes on later, or is discarded. A sender that has waited too long, or a user that
//!    gives up, withdraws it.
//! 4. What is cut off goes on: interrupted and resumed on the same association, or resumed on another by the name of the old
//!    connection and activity. A receiver that does not know it any more says so, and gets it from the start; one that has
//!    secured it already confirms it again and tells nobody.
//! 5. RTTP asks for the turn, with a priority. The initiator closes, when it has the turn. RTAB aborts.
//!
//! ```text
//! MTS-APDU ─► 28 len │ 02 01 05 │ a0 len │ MTS-APDU ─► cut ─► 04 len │ part   (RTTR) ─► P-DATA
//! ```
//!
//! | the receiver reports | and the sender |
//! |---|---|
//! | non-specific error, or an error of session | interrupts and resumes; starts anew if nothing is confirmed |
//! | receiving ability jeopardized | interrupts; the user hears where it can go on |
//! | sequence error, unrecoverable procedural error, to a resumption | discards and starts anew at once |
//! | the same to a message that was not resumed, or anything else | discards; the user hears of it |
//!
//! The machine remembers nothing across associations: [`Resumable`] and [`Received`] go up with a message that is cut off,
//! and come down again when it goes on. A message that goes on, or starts anew, time after time without another checkpoint
//! confirmed is given up.
//!
//! An association that was lost goes on (RTORQ with `recover`) without a bind, by the name of its session connection. Anybody
//! can know such a name, so that the user decides. Mostly a new one is opened, with a bind, and messages are resumed there.

mod external;
mod machine;
mod primitive;
mod recovery;
mod segment;
mod table;

pub(in crate::osi) use machine::dropped;
pub use machine::{Fault, Machine, Misuse, Output};
pub use primitive::{Abort, Refusal};
pub use recovery::{ActivityKey, Received, Resumable, Resumption};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
