//! store
pub mod sqlite;
