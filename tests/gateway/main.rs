//! The gateway with everything in it: SMTP, P1, queue, mail servers, reports, operators.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "../support/among_mtas.rs"]
mod among_mtas;
#[path = "../support/authority.rs"]
mod authority;
#[path = "../support/judge.rs"]
mod judge;
#[path = "../support/message.rs"]
mod message;
#[path = "../support/name_server.rs"]
mod name_server;
#[path = "../support/program.rs"]
mod program;

mod far;
mod home;
mod internet;
mod listening;
mod made;
mod operator;
mod relay;
mod reload;
mod server;
mod stage;
mod traffic;
