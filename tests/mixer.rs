//! The examples of the conformance ledger for the translation between mail and X.400, one table for each area: input,
//! expected output, and the ids each of them shows. A table is read by the module of its name.

#![allow(clippy::disallowed_methods, reason = "tests touch the world")]
#![allow(clippy::unwrap_used, reason = "a broken promise is a failed test")]

#[path = "mixer/aviation.rs"]
mod aviation;
#[path = "mixer/bodies.rs"]
mod bodies;
#[path = "mixer/envelope.rs"]
mod envelope;
#[path = "mixer/heading_text.rs"]
mod heading_text;
#[path = "mixer/headings.rs"]
mod headings;
#[path = "mixer/judged.rs"]
mod judged;
#[path = "mixer/labels.rs"]
mod labels;
#[path = "mixer/losses.rs"]
mod losses;
#[path = "mixer/military.rs"]
mod military;
#[path = "mixer/notifications.rs"]
mod notifications;
#[path = "mixer/paths.rs"]
mod paths;
#[path = "mixer/reports.rs"]
mod reports;
#[path = "mixer/services.rs"]
mod services;
#[path = "mixer/sizes.rs"]
mod sizes;
#[path = "mixer/there_and_back.rs"]
mod there_and_back;
#[path = "support/told.rs"]
mod told;
#[path = "mixer/world.rs"]
mod world;
