//! queue
pub mod entry;
pub mod schedule;
pub mod store;
pub mod worker;
