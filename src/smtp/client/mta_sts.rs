//! What a domain says over HTTPS about the servers that take its mail: MTA-STS (RFC 8461).

mod fetch;
mod known;
mod policy;

pub use known::{Policies, Settings};
pub use policy::{Mode, Policy};
