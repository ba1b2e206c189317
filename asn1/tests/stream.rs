//! Readers of messages as they arrive: whatever the cut and the form, they say what the whole-value decoder says.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "stream/apdu.rs"]
mod apdu;
#[path = "stream/ipm.rs"]
mod ipm;
#[allow(dead_code, reason = "shared with the tests of the forms")]
#[path = "forms/rewrite.rs"]
mod rewrite;
#[path = "stream/samples.rs"]
mod samples;
