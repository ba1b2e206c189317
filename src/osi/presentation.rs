//! Presentation (X.226), the kernel: which abstract syntaxes are spoken, and in which context each value is.
//!
//! 1. The initiator proposes contexts in CP; the responder answers each in CPA, or refuses with CPR.
//! 2. Every value then travels in user data that names its context; activities, synchronization points and the turn
//!    pass through to session as they are.
//! 3. Release passes through; ARU and ARP abort.
//!
//! ```text
//! value    ─► 61 len │ 30 len │ 02 01 context │ a0 len │ value ─► S-DATA
//! ```
//!
//! In X.410-1984 mode there is next to nothing of it: CP and CPA say the mode and hold the members of the user's APDU,
//! everything else goes to session as it is. A value then is in the context [`NO_CONTEXT`]; on connecting, refusing and
//! aborting it is a SET.
//!
//! [`Machine`] waits for nothing, so it has no timers; session has them. A connect in a mode that is not spoken is answered
//! with the refusal of that mode.

pub mod data;
mod machine;
mod primitive;
mod table;

pub use machine::{Config, Fault, Machine, Misuse, Output};
pub use primitive::{
    Accept, Connect, ConnectResponse, Context, Contexts, Indication, NO_CONTEXT, Refusal, Request, Value,
};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
