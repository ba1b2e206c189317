//! rules
pub mod mcgam;
