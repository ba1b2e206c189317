//! What is done with octets from outside, whatever they are: one function for each reader and each machine.
//!
//! Fuzz targets call them with octets that a fuzzer makes up, `tests/fuzz.rs` with the corpus, and `tests/mutation.rs`
//! with octets that are almost right. What must hold is asserted here: what was read can be written and read again, a cut
//! changes nothing, two readers agree, machines stop and say how it ended.
//!
//! * `dice` – choices, cuts, and a bound on outputs;
//! * `typed`, `streamed` – the types of `rasn-x400` as whole values, and as they arrive;
//! * `explain` – `decode`, `encode`, `lint`;
//! * `layers`, `association`, `mta` – the layers of an association alone, together, and P1 on top;
//! * `directory`, `dns` – what LDAP servers and name servers say;
//! * `mail`, `smtp`, `text` – the Internet side, and texts of peers and operators.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::disallowed_methods,
    unreachable_pub,
    missing_docs,
    reason = "what fails here is to panic"
)]

pub mod association;
pub mod dice;
pub mod directory;
pub mod dns;
pub mod explain;
pub mod layers;
pub mod mail;
pub mod mta;
pub mod smtp;
pub mod smtp_client;
pub mod streamed;
pub mod text;
pub mod typed;

use dice::Dice;

/// Hands octets to a reader. What is returned is whether they were taken far enough to matter.
pub type Read = fn(&[u8], &mut Dice) -> bool;

/// Every target by name: `fuzz_targets/NAME.rs` calls it, `corpus/NAME` is its corpus.
pub const TARGETS: &[(&str, Read)] = &[
    ("address-mapping", text::address_mapping),
    ("apdu-reader", streamed::apdu_reader),
    ("apdu-writer", streamed::apdu_writer),
    ("association-pdu", typed::association_pdu),
    ("ber-tokens", streamed::ber_tokens),
    ("bind", typed::bind),
    ("config", text::config),
    ("content", typed::content),
    ("content-p35", typed::content_p35),
    ("content-p772", typed::content_p772),
    ("conversion", mail::conversion),
    ("decode", explain::decode),
    ("distinguished-name", directory::distinguished_name),
    ("dns", dns::answer),
    ("encode", explain::encode),
    ("ipm-reader", streamed::ipm_reader),
    ("lab-script", text::lab_script),
    ("ldap", directory::ldap),
    ("ldap-filter", directory::ldap_filter),
    ("lint", explain::lint),
    ("mail", mail::mail),
    ("mapping-rules", text::mapping_rules),
    ("mapping-tables", text::mapping_tables),
    ("rules-import", text::rules_import),
    ("mta-initiator", mta::initiator),
    ("mta-responder", mta::responder),
    ("mts-apdu", typed::mts_apdu),
    ("or-address", text::or_address),
    ("or-name", typed::or_name),
    ("pcap", explain::pcap),
    ("presentation-address", text::presentation_address),
    ("printable", text::printable),
    ("session-initiator", layers::session_initiator),
    ("session-responder", layers::session_responder),
    ("smtp", smtp::dialogue),
    ("smtp-access", smtp::access),
    ("smtp-client", smtp_client::dialogue),
    ("smtp-command", smtp::command),
    ("spdu", layers::spdu),
    ("stack-initiator", association::stack_initiator),
    ("stack-initiator-x410-1984", association::stack_initiator_x410_1984),
    ("stack-initiator-x410-1988", association::stack_initiator_x410_1988),
    ("stack-responder", association::stack_responder),
    ("tpdu", layers::tpdu),
    ("tpkt", layers::tpkt),
    ("trace-fields", text::trace_fields),
    ("transport-initiator", layers::transport_initiator),
    ("transport-responder", layers::transport_responder),
];

/// Runs one input of a target. Its last octet makes the choices (where the octets are cut, what a machine's user does); what
/// stands before it is read.
pub fn run(name: &str, input: &[u8]) -> bool {
    let (_, read) = TARGETS.iter().find(|(own, _)| *own == name).expect("the name of a target");
    let (choices, octets) = input.split_last().unwrap_or((&0, &[]));
    read(octets, &mut Dice::new(u64::from(*choices)))
}
