//! Session (X.225): activities, synchronization points and the turn, over one transport connection.

mod primitive;

pub use primitive::{
    AbortReason, Accept, ActivityId, ActivityResume, Connect, ConnectResponse, ConnectionReference,
    ExceptionReason, Indication, RefuseReason, Request, Requirements, SerialNumber, TokenSetting,
};
