//! Mappings that are kept in a directory, X.500 or LDAP (RFC 2164; ledger D-01 to D-12). Nothing here talks to one.
//!
//! ```text
//!                      OU=MIXER MCGAMs, O=Zydeco Plc, C=GB                a collection
//!              CN=X.400 to RFC 822        CN=RFC 822 to X.400             its two trees
//!                    C=FI                        DC=COM
//!                    ADMD=Mailnet                DC=ISODE
//!                    PRMD=Isode
//!         associatedDomain: isode.com     associatedORAddress: PRMD=Isode, ADMD=Mailnet, C=FI
//! ```
//!
//! * [`name`] – distinguished names as text;
//! * [`schema`] – what attributes are called;
//! * [`tree`] – the names of the entries that may say something about an address, and addresses out of names;
//! * [`entry`] – what an entry says;
//! * [`longest`] – which entries are read, and which of them decides;
//! * [`person`] – addresses kept with the people they belong to, in any directory: a filter and an attribute.

pub mod entry;
pub mod longest;
pub mod name;
pub mod person;
pub mod schema;
pub mod tree;

/// Why a directory gives no answer that can be relied on. A later try may: the servers are back, the entry is mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undetermined(pub String);

#[cfg(test)]
mod tests;
