//! Rules: examples, what is wrong with them, what a change would change, the commands about them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "../support/address_rows.rs"]
mod address_rows;
#[path = "../support/message.rs"]
mod message;
#[path = "../support/program.rs"]
mod program;

mod address_rules;
mod analysis;
mod difference;
mod mappings;
mod rules_command;
mod tutorial;
