//! Mails that programs hand over otherwise than by SMTP: what they leave to others is done here.
//!
//! - `header` makes the header of a mail whole: recipients are read in it, blind copies go, addresses get domains.
//! - `form` makes a mail of a few fields with attachments.
//! - `wishes` writes an envelope as the commands of SMTP, which are read like any other.
//!
//! Pure: dates and names that no other message has are given.

pub(crate) mod form;
pub(crate) mod header;
pub(crate) mod wishes;
