//! The commands and judges that read octets: decode, encode, lint, other ASN.1 compilers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "../support/judge.rs"]
mod judge;
#[path = "../support/program.rs"]
mod program;
#[allow(dead_code, reason = "some of it is for others")]
#[path = "../../asn1/tests/forms/rewrite.rs"]
mod rewrite;
#[allow(dead_code, reason = "some of it is for others")]
#[path = "../../asn1/tests/forms/samples.rs"]
mod samples;

mod agreement;
mod asn1_judge;
mod decode;
#[cfg(feature = "captures")]
mod decode_captures;
mod encode;
mod lint;
