//! mcgam
