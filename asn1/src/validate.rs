//! Judging values: bounds, alphabets and rules of the protocols, with the clause.
//!
//! Decoding is lax, so a decoded value may break every rule that its type does not enforce. Here the rules are read out, one
//! [`Violation`] for each thing wrong; what to make of it (refuse, repair, log) is the caller's policy.
//!
//! * [`violation`] – what is found: place, rule, severity, clause, words;
//! * [`validator`] – the walk through a value, which keeps the place and the bound on how much is found;
//! * [`strings`], `time` – lengths and alphabets of the string types, times;
//! * `address`, `trace`, `extension`, `security`, `encoded_types`, `envelope`, `report` – the types of X.411;
//! * [`mts_apdu`] – everything about a message, report or probe, except the content;
//! * [`content`](mod@content) – contents: interpersonal, military and EDI messages and notifications.
//!
//! A type that can be judged has [`Validate`], and [`validate`] judges one:
//!
//! ```
//! use rasn_x400::prim::PrintableString;
//! use rasn_x400::validate::{Rule, Validate, Validator, validate};
//!
//! struct Greeting(PrintableString);
//!
//! impl Validate for Greeting {
//!     fn validate(&self, validator: &mut Validator) {
//!         validator.string("text", &self.0, 1..=5, "the house rules");
//!     }
//! }
//!
//! let found = validate(&Greeting("hello @ all".into()));
//! assert_eq!(found[0].rule, Rule::Bound);
//! assert_eq!(found[0].to_string(), "text: 11 characters, 1 to 5 are allowed (the house rules)");
//! assert_eq!(found[1].rule, Rule::Alphabet);
//! ```

mod address;
mod body_part;
pub mod content;
mod edi;
mod edi_notification;
mod encoded_types;
mod envelope;
mod extension;
mod file;
mod heading_extension;
mod ipm;
mod ipm_security;
mod military;
mod notification;
mod p1;
mod report;
mod security;
pub mod strings;
mod time;
mod trace;
pub mod validator;
pub mod violation;

pub use content::{content, content_of};
pub use p1::mts_apdu;
pub use strings::Lengths;
pub use validator::{MAXIMUM_VIOLATIONS, Validate, Validator, validate};
pub use violation::{Place, Rule, Severity, Step, Violation};
