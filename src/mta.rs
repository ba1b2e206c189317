//! mta
pub mod association;
pub mod listener;
pub mod pool;
