//! osi
pub mod acse;
pub mod driver;
pub mod presentation;
pub mod rtse;
pub mod session;
pub mod stack;
pub mod tpkt;
pub mod transport;
