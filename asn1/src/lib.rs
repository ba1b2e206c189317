//! X.400 in ASN.1: the messages of P1 (X.411, X.419) and P22 (X.420), and the application layer below them.
//!
//! In the order a reader meets them:
//!
//! * [`prim`] – the primitive types: strings, times, bits, object identifiers and open types that keep the octets they
//!   came in, so that what is relayed leaves as it arrived;
//! * [`mod@macros`] – `asn_set!`, `asn_seq!`, `asn_choice!`, `open_enum!`, `named_bits!`, in which the productions are written;
//! * [`x411`] – O/R names and their text form, the transfer envelope, trace, extensions, the MTA bind;
//! * [`x420`] – the interpersonal message: heading, body parts, file transfer, notifications;
//! * [`stanag4406`] – the military message, [`x435`] – the EDI message;
//! * [`x419`] – the MTS-APDU and the object identifiers of the P1 application context;
//! * [`rtse`], [`acse`], [`presentation`] – the APDUs that carry it;
//! * [`validate`] – what in a value breaks a bound, an alphabet or a rule, with the clause;
//! * [`ber`] – whole-value decode and encode with limits and errors that name the field, the push tokenizer, and the plan
//!   writer for large contents;
//! * [`stream`] – messages of any size: what arrives is taken apart as it arrives, what leaves refers to its content.
//!
//! The crate knows no policy, does no input or output, and decodes laxly: bounds and alphabets are judged apart from
//! decoding. What it encodes is DER except where a decoded value was not.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod acse;
pub mod ber;
pub mod bounds;
pub mod macros;
pub mod oids;
pub mod presentation;
pub mod prim;
pub mod rtse;
pub mod stanag4406;
pub mod stream;
pub mod validate;
pub mod x411;
pub mod x419;
pub mod x420;
pub mod x435;
