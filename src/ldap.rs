//! LDAP (RFC 4511) as far as somebody needs it who looks things up: bind, StartTLS, search, and nothing that changes a
//! directory.
//!
//! * [`ber`] – the octets: definite lengths only (RFC 4511 5.1), nothing nested deeper than the protocol is;
//! * [`filter`] – filters as text (RFC 4515) and as octets, with places for values that come later;
//! * [`message`] – requests and responses;
//! * [`exchange`] – some searches sent at once, and what comes of each, as a machine without input or output;
//! * [`client`] – the shell: servers, TLS, bind, connections that are kept.
//!
//! What a server sends is bounded: [`exchange::MAXIMUM_MESSAGE`] octets for a message, the size limit of a search for its
//! entries. Referrals are told and not followed.

pub mod ber;
pub mod client;
pub mod exchange;
pub mod filter;
pub mod message;
