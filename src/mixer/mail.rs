//! What SMTP says around a mail: the parameters of MAIL and RCPT that mean something to X.400, for both directions.

use time::OffsetDateTime;

/// Requests for the message as a whole: parameters of MAIL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailOptions {
    /// ENVID, decoded (RFC 3461 4.4).
    pub envelope_id: Option<String>,
    /// RET: how much of the message a report returns (RFC 3461 4.3).
    pub returned: Option<Returned>,
    /// The time after which the message is to be returned (RFC 2852, mode R).
    pub return_after: Option<OffsetDateTime>,
    /// The time before which it is not to be delivered (RFC 4865).
    pub hold_until: Option<OffsetDateTime>,
    /// MT-PRIORITY, -9 to 9 (RFC 6710).
    pub priority: Option<i8>,
}

/// How much of the message a report returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// All of it.
    Full,
    /// The header.
    Headers,
}

/// One envelope recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipient {
    /// Its number in the entry, from 1.
    pub number: u32,
    /// The address without angle brackets.
    pub address: String,
    /// NOTIFY: the events to report, any case; `None` if nothing was said (RFC 3461 4.1).
    pub notify: Option<Vec<String>>,
    /// ORCPT: address type and address, decoded (RFC 3461 4.2).
    pub original_recipient: Option<(String, String)>,
}
