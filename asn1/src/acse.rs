//! acse
