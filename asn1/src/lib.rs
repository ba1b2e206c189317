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

//!
//! # A message: decode, change, encode
//!
//! ```
//! use rasn_x400::ber;
//! use rasn_x400::prim::Octets;
//! use rasn_x400::x411::address::text::parse;
//! use rasn_x400::x411::envelope::*;
//! use rasn_x400::x411::extension::{ConversionWithLossProhibited, Extended, Prohibited};
//! use rasn_x400::x411::trace::GlobalDomainIdentifier;
//! use rasn_x400::x419::{Message, MtsApdu};
//!
//! # let name = |text: &str| parse(text).unwrap().to_or_name().unwrap();
//! # let domain = GlobalDomainIdentifier::new("GB", "GOLD 400", Some("UK.AC"));
//! # let identifier = MtsIdentifier { domain, local_identifier: "1".into(), unknown: Vec::new() };
//! # let wanted = PerRecipientIndicators::with(&[PerRecipientIndicators::RESPONSIBILITY]);
//! # let recipient = PerRecipientFields::new(name("/S=Cooper/O=UCL/P=UK.AC/A=GOLD 400/C=GB/"), 1, wanted);
//! # let sender = name("/S=Kille/O=UCL/P=UK.AC/A=GOLD 400/C=GB/");
//! # let envelope = MessageTransferEnvelope::new(identifier, sender, ContentType::P22, Vec::new(), vec![recipient]);
//! # let message = Message { envelope, content: Octets::from(&[0xa0, 0x00][..]), unknown: Vec::new() };
//! # let octets = ber::encode(&MtsApdu::Message(message))?;
//! let MtsApdu::Message(mut message) = MtsApdu::from_octets(&octets, 1 << 20)? else { panic!("a message") };
//! message.envelope.priority = Priority::URGENT;
//! message.envelope.set_extension::<ConversionWithLossProhibited>(&Prohibited::PROHIBITED)?;
//! let changed = ber::encode(&MtsApdu::Message(message))?;
//! assert!(changed.len() > octets.len()); // all else, unknown members too, is as it came
//! # Ok::<(), ber::Error>(())
//! ```
//!
//! # A report: who got it, and who did not
//!
//! ```
//! use rasn_x400::ber;
//! use rasn_x400::x411::extension::{Extended, PhysicalForwardingAddress};
//! use rasn_x400::x419::Report;
//!
//! fn tell(report: &Report) -> Result<(), ber::Error> {
//!     for recipient in &report.content.per_recipient_fields {
//!         let number = recipient.originally_specified_recipient_number;
//!         if let Some(delivery) = recipient.delivery() {
//!             println!("{number}: delivered at {}", delivery.message_delivery_time);
//!         } else if let Some(failure) = recipient.non_delivery() {
//!             println!("{number}: {}", failure.text()); // Unable-To-Transfer (1), …
//!         }
//!         if let Some(address) = recipient.extension::<PhysicalForwardingAddress>()? {
//!             println!("   the post forwarded it to {address:?}");
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Messages too big for memory are read by [`stream::ApduReader`] and [`stream::IpmReader`], which have examples.

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
