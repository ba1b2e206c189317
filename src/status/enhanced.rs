//! Enhanced mail system status codes: `class.subject.detail` (RFC 3463, registry of RFC 5248).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The first number: whether the sender may hope (RFC 3463 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusClass {
    /// `2`: it was done.
    Success,
    /// `4`: it was not done, and may succeed later.
    PersistentTransientFailure,
    /// `5`: it will not be done in this form.
    PermanentFailure,
}

impl StatusClass {
    /// The digit: 2, 4 or 5.
    pub fn digit(self) -> u16 {
        match self {
            Self::Success => 2,
            Self::PersistentTransientFailure => 4,
            Self::PermanentFailure => 5,
        }
    }
}

/// The second and third number: what it was about, without saying whether it went well.
///
/// Each number is at most 999 (RFC 3463 2); [`StatusDetail::new`] sees to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusDetail {
    subject: u16,
    detail: u16,
}

/// The codes this gateway says or understands, each named after its meaning and number.
#[allow(missing_docs, reason = "the name is the meaning, the number is in the name")]
impl StatusDetail {
    pub const OTHER_X_0_0: Self = Self { subject: 0, detail: 0 };
    pub const OTHER_ADDRESS_X_1_0: Self = Self { subject: 1, detail: 0 };
    pub const BAD_MAILBOX_X_1_1: Self = Self { subject: 1, detail: 1 };
    pub const BAD_SYSTEM_X_1_2: Self = Self { subject: 1, detail: 2 };
    pub const BAD_MAILBOX_SYNTAX_X_1_3: Self = Self { subject: 1, detail: 3 };
    pub const AMBIGUOUS_MAILBOX_X_1_4: Self = Self { subject: 1, detail: 4 };
    pub const MAILBOX_VALID_X_1_5: Self = Self { subject: 1, detail: 5 };
    pub const MAILBOX_MOVED_X_1_6: Self = Self { subject: 1, detail: 6 };
    pub const BAD_SENDER_SYNTAX_X_1_7: Self = Self { subject: 1, detail: 7 };
    pub const BAD_SENDER_SYSTEM_X_1_8: Self = Self { subject: 1, detail: 8 };
    pub const NULL_MX_X_1_10: Self = Self { subject: 1, detail: 10 };
    pub const OTHER_MAILBOX_X_2_0: Self = Self { subject: 2, detail: 0 };
    pub const MAILBOX_DISABLED_X_2_1: Self = Self { subject: 2, detail: 1 };
    pub const MAILBOX_FULL_X_2_2: Self = Self { subject: 2, detail: 2 };
    pub const MESSAGE_TOO_LONG_FOR_MAILBOX_X_2_3: Self = Self { subject: 2, detail: 3 };
    pub const LIST_EXPANSION_PROBLEM_X_2_4: Self = Self { subject: 2, detail: 4 };
    pub const OTHER_SYSTEM_X_3_0: Self = Self { subject: 3, detail: 0 };
    pub const SYSTEM_FULL_X_3_1: Self = Self { subject: 3, detail: 1 };
    pub const SYSTEM_NOT_ACCEPTING_X_3_2: Self = Self { subject: 3, detail: 2 };
    pub const SYSTEM_NOT_CAPABLE_X_3_3: Self = Self { subject: 3, detail: 3 };
    pub const MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4: Self = Self { subject: 3, detail: 4 };
    pub const SYSTEM_MISCONFIGURED_X_3_5: Self = Self { subject: 3, detail: 5 };
    pub const OTHER_NETWORK_X_4_0: Self = Self { subject: 4, detail: 0 };
    pub const NO_ANSWER_X_4_1: Self = Self { subject: 4, detail: 1 };
    pub const BAD_CONNECTION_X_4_2: Self = Self { subject: 4, detail: 2 };
    pub const DIRECTORY_FAILURE_X_4_3: Self = Self { subject: 4, detail: 3 };
    pub const UNABLE_TO_ROUTE_X_4_4: Self = Self { subject: 4, detail: 4 };
    pub const CONGESTION_X_4_5: Self = Self { subject: 4, detail: 5 };
    pub const LOOP_DETECTED_X_4_6: Self = Self { subject: 4, detail: 6 };
    pub const TIME_EXPIRED_X_4_7: Self = Self { subject: 4, detail: 7 };
    pub const OTHER_PROTOCOL_X_5_0: Self = Self { subject: 5, detail: 0 };
    pub const INVALID_COMMAND_X_5_1: Self = Self { subject: 5, detail: 1 };
    pub const SYNTAX_ERROR_X_5_2: Self = Self { subject: 5, detail: 2 };
    pub const TOO_MANY_RECIPIENTS_X_5_3: Self = Self { subject: 5, detail: 3 };
    pub const INVALID_ARGUMENTS_X_5_4: Self = Self { subject: 5, detail: 4 };
    pub const WRONG_VERSION_X_5_5: Self = Self { subject: 5, detail: 5 };
    pub const OTHER_MEDIA_X_6_0: Self = Self { subject: 6, detail: 0 };
    pub const MEDIA_NOT_SUPPORTED_X_6_1: Self = Self { subject: 6, detail: 1 };
    pub const CONVERSION_PROHIBITED_X_6_2: Self = Self { subject: 6, detail: 2 };
    pub const CONVERSION_NOT_SUPPORTED_X_6_3: Self = Self { subject: 6, detail: 3 };
    pub const CONVERSION_WITH_LOSS_X_6_4: Self = Self { subject: 6, detail: 4 };
    pub const CONVERSION_FAILED_X_6_5: Self = Self { subject: 6, detail: 5 };
    pub const NON_ASCII_ADDRESS_X_6_7: Self = Self { subject: 6, detail: 7 };
    pub const BARE_LINE_END_X_6_11: Self = Self { subject: 6, detail: 11 };
    pub const OTHER_SECURITY_X_7_0: Self = Self { subject: 7, detail: 0 };
    pub const NOT_AUTHORISED_X_7_1: Self = Self { subject: 7, detail: 1 };
    pub const LIST_EXPANSION_PROHIBITED_X_7_2: Self = Self { subject: 7, detail: 2 };
    pub const CREDENTIALS_INVALID_X_7_8: Self = Self { subject: 7, detail: 8 };
    pub const ENCRYPTION_NEEDED_X_7_11: Self = Self { subject: 7, detail: 11 };
    pub const MULTIPLE_CHECKS_FAILED_X_7_26: Self = Self { subject: 7, detail: 26 };
    pub const REQUIRETLS_NEEDED_X_7_30: Self = Self { subject: 7, detail: 30 };
}

impl StatusDetail {
    /// A code outside the catalogue; `None` if a number exceeds 999.
    pub fn new(subject: u16, detail: u16) -> Option<Self> {
        (subject <= 999 && detail <= 999).then_some(Self { subject, detail })
    }

    /// The second number, 0 to 999: address, mailbox, system, network, protocol, content, security.
    pub fn subject(self) -> u16 {
        self.subject
    }

    /// The third number, 0 to 999.
    pub fn detail(self) -> u16 {
        self.detail
    }

    /// As a success, `2.x.y`.
    pub fn success(self) -> EnhancedCode {
        EnhancedCode { class: StatusClass::Success, detail: self }
    }

    /// As a failure that may pass, `4.x.y`.
    pub fn transient(self) -> EnhancedCode {
        EnhancedCode { class: StatusClass::PersistentTransientFailure, detail: self }
    }

    /// As a failure for good, `5.x.y`.
    pub fn permanent(self) -> EnhancedCode {
        EnhancedCode { class: StatusClass::PermanentFailure, detail: self }
    }
}

/// A whole status code such as `5.1.1`, as in SMTP replies (RFC 2034) and the `Status` field (RFC 3464 2.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedCode {
    /// Whether it went well.
    pub class: StatusClass,
    /// What it was about.
    pub detail: StatusDetail,
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class.digit(), self.detail.subject, self.detail.detail)
    }
}

/// The text is not `class.subject.detail` with class 2, 4 or 5 and numbers of one to three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a status code such as `5.1.1`")]
pub struct NotAStatusCode;

impl FromStr for EnhancedCode {
    type Err = NotAStatusCode;

    /// Reads `5.1.1`; leading zeros are an error (RFC 3463 2).
    fn from_str(text: &str) -> Result<Self, NotAStatusCode> {
        let mut numbers = text.splitn(3, '.');
        let class = match numbers.next() {
            Some("2") => StatusClass::Success,
            Some("4") => StatusClass::PersistentTransientFailure,
            Some("5") => StatusClass::PermanentFailure,
            _ => return Err(NotAStatusCode),
        };
        let subject = numbers.next().and_then(number).ok_or(NotAStatusCode)?;
        let detail = numbers.next().and_then(number).ok_or(NotAStatusCode)?;
        Ok(Self { class, detail: StatusDetail { subject, detail } })
    }
}

/// One to three digits without a leading zero.
fn number(text: &str) -> Option<u16> {
    let well_formed = matches!(text.len(), 1..=3)
        && text.bytes().all(|octet| octet.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    well_formed.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["2.0.0", "4.4.7", "5.1.1", "5.6.11", "5.7.30", "5.999.999"] {
            assert_eq!(text.parse::<EnhancedCode>().map(|code| code.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn refuses_what_is_no_status_code() {
        for text in
            ["", "5", "5.1", "3.0.0", "1.1.1", "5.1.1.1", "5.01.1", "5.1.1000", "5.1.", " 5.1.1", "5.+1.1"]
        {
            assert_eq!(text.parse::<EnhancedCode>(), Err(NotAStatusCode), "{text:?}");
        }
    }
}
