//! Association control (X.227): what an association is for, who is at its ends, and how it ends.
//!
//! 1. AARQ names the application context; AARE accepts or rejects.
//! 2. RLRQ and RLRE end the association when all is done.
//! 3. ABRT ends it at once.
//!
//! In X.410-1984 mode it has no APDUs, and only hands on what its user and presentation say.
//!
//! [`Machine`] waits for nothing, so it has no timers; session has them. Only the holder of the turn may release, so
//! that releases never collide.

mod machine;
mod primitive;
mod table;

pub use machine::{Config, Fault, Machine, Misuse, Output};
pub use primitive::{Accept, Associate, AssociateResponse, Indication, Refusal, Request};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
