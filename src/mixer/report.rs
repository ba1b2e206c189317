//! Reports: delivery and non-delivery reports of X.400 towards delivery status notifications of the Internet and back
//! (RFC 2156 5.1.8, 5.3.8; RFC 3461, 3464, 6522).
//!
//! * [`to_internet`] – a report becomes a `multipart/report`: a text for people, `message/delivery-status` for machines,
//!   and what of the message came back;
//! * [`to_x400`] – a `multipart/report` becomes a report about the X.400 message it speaks of, a message, or both;
//! * [`own`] – what the gateway itself tells the sender of a mail;
//! * [`delivery_status`] – the machine-readable part as fields, for reports and notifications;
//! * `multipart` – the three parts put together;
//! * [`text_forms`] – identifiers, addresses, traces and types as RFC 2156 writes them in fields;
//! * [`wording`] – the words of the text part, which an operator may translate.
//!
//! What the gateway remembers of the message a report is about comes in as a [`Correlation`](super::correlation::Correlation);
//! every conversion works without.

pub mod delivery_status;
pub(crate) mod multipart;
pub mod own;
pub(crate) mod seven_bit;
pub mod text_forms;
pub mod to_internet;
pub mod to_x400;
pub mod wording;
