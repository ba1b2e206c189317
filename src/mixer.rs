//! MIXER: the translation between Internet mail and X.400 (RFC 2156, RFC 2157).
pub mod address;
pub mod body;
pub mod charset;
pub mod date;
pub mod envelope;
pub mod heading;
pub mod identifier;
pub mod loss;
pub mod printable;
pub mod to_x400;
pub mod trace;
