//! Readers of messages as they arrive: whatever the cut and the form, they say what the whole-value decoder says.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "stream/apdu.rs"]
mod apdu;
#[path = "stream/every_part.rs"]
mod every_part;
#[path = "stream/ipm.rs"]
mod ipm;
#[path = "stream/parts.rs"]
mod parts;
#[allow(dead_code, reason = "shared with the tests of the forms")]
#[path = "forms/rewrite.rs"]
mod rewrite;
#[path = "stream/samples.rs"]
mod samples;
#[allow(dead_code, reason = "made for another test")]
#[path = "forms/samples.rs"]
mod values;
