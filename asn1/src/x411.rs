//! X.411: the message transfer service and the P1 envelope.
//!
//! * [`address`] – O/R names and addresses with every attribute, and [`address::text`], their keyed text forms;
//! * [`envelope`] – message and probe transfer envelopes, per-recipient fields;
//! * [`report`] – report transfer envelope and content;
//! * [`trace`] – trace and internal trace information;
//! * [`extension`] – extension fields: kept as they came, typed on demand;
//! * [`physical`] – values of physical delivery, conversions and ways to deliver;
//! * [`security`] – labels, tokens, signatures, certificates;
//! * [`non_delivery`] – reasons and diagnostics of non-delivery;
//! * [`edition1984`] – what a system of 1984 can be told;
//! * [`bind`] – the MTA bind.

pub mod address;
pub mod bind;
pub mod edition1984;
pub mod envelope;
pub mod extension;
pub mod non_delivery;
pub mod physical;
pub mod report;
pub mod security;
pub mod trace;
