//! The one vocabulary of outcomes.

pub mod enhanced;

pub use enhanced::{EnhancedCode, NotAStatusCode, StatusClass, StatusDetail};
