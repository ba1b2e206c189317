//! One association: all layers from TPKT to RTSE, chained.

mod primitive;

pub use primitive::{
    Abort, By, Config, DialogueMode, Fault, Indication, Layer, Limits, Misuse, Names, Open, Output,
    Reference, Refusal, Request, Selectors, Timers, TransferRefusal,
};
