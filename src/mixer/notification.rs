//! Notifications: receipt and non-receipt notifications of X.420 towards the Internet and back (RFC 2156 5.3.5; RFC 8098 8).
//!
//! * [`to_internet`] – a notification becomes a disposition notification (RFC 8098), or the mail of RFC 2156, by
//!   [`NotificationForm`](super::settings::NotificationForm);
//! * `to_x400` – a disposition notification becomes a notification of X.420.
//!
//! Requests for them are fields of the heading (Y-01, Y-04).
//!
//! Nothing is generated on anybody's behalf: a receipt is made by whoever read the message (N-18).

mod disposition;
pub mod to_internet;
pub(crate) mod to_x400;
