//! rtse
