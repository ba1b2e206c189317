//! Session (X.225): activities, synchronization points and the turn, over one transport connection.
//!
//! 1. The initiator connects the transport and sends CN; the responder answers AC or RF.
//! 2. Whoever has the turn starts an activity (AS), sends data (DT) with synchronization points (MIP) in between, and
//!    ends it (AE). The other side confirms points (MIA) and the end (AEA), may report an exception (ED), and may ask
//!    for the turn (PT), which is given between activities (GTC).
//! 3. An activity in trouble is interrupted (AI) and resumed later (AR), or discarded (AD).
//! 4. The owner of the turn releases the connection (FN, DN); either side aborts it (AB).
//!
//! ```text
//! S-ACTIVITY-START  ─►  01 00 (GT) │ 2d 05 (AS) │ 29 03 020101 (identifier)  ─►  T-DATA
//! ```
//!
//! [`primitive`] has the services, [`spdu`] the octets, [`table`] the protocol and [`machine`] the connection.
//! Kernel, half-duplex, minor synchronize, activity management and exceptions are here; nothing else of X.225 is.

pub mod machine;
pub mod primitive;
pub mod spdu;
pub mod table;

pub use machine::{Config, Connection, Fault, Misuse, Output};
pub use primitive::{
    AbortReason, Accept, ActivityId, ActivityResume, Connect, ConnectResponse, ConnectionReference,
    ExceptionReason, Indication, RefuseReason, Request, Requirements, SerialNumber, TokenSetting,
};
