//! Rules about messages: who may send to whom, header fields, bodies and routes. Tables under `tests/rules` say what they do
//! with single messages; the running gateway is between an SMTP client and the lab peer, and tshark reads what it sends.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/among_mtas.rs"]
mod among_mtas;
#[allow(dead_code, reason = "each test target uses a part")]
#[path = "home/far.rs"]
mod far;
#[path = "traffic/gateway.rs"]
mod gateway;
#[path = "support/judge.rs"]
mod judge;
#[allow(dead_code, reason = "each test target uses a part")]
#[path = "home/made.rs"]
mod made;
#[allow(dead_code, reason = "each test target uses a part")]
#[path = "internet/server.rs"]
mod server;
#[allow(dead_code, reason = "each test target uses a part")]
#[path = "home/stage.rs"]
mod stage;
#[path = "traffic/tables.rs"]
mod tables;

use stage::PATIENCE;
