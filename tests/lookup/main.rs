//! Where addresses are looked up besides rules: DNS, directories, SQLite, lists of pairs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "../support/authority.rs"]
mod authority;
#[path = "../support/name_server.rs"]
mod name_server;
#[path = "../support/openldap.rs"]
mod openldap;

mod directory;
mod joined;
mod ldap_client;
mod lookup_dns;
mod lookup_sqlite;
