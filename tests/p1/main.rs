//! Associations of P1 with peers: real MTAs' captures, scripts of the lab peer, faults, TLS, two gateways.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "../support/authority.rs"]
mod authority;
#[cfg(feature = "captures")]
#[path = "../support/captures.rs"]
mod captures;
#[path = "../support/gateway_side.rs"]
mod gateway_side;
#[path = "../support/judge.rs"]
mod judge;
#[path = "../support/laboratory.rs"]
mod laboratory;
#[path = "../support/message.rs"]
mod message;

mod association;
mod end_to_end;
mod fault_matrix;
mod faults_by_name;
mod judges;
mod lab;
mod lab_tls;
mod modes;
mod pool;
#[cfg(feature = "captures")]
mod replay;
mod two_gateways;
