//! What callers are told by the exit code: the numbers of sysexits.h.

use crate::smtp::reply::Reply;
use crate::status::StatusDetail;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// Bad options.
    Usage = 64,
    /// The message cannot be sent as it is.
    Data = 65,
    /// No such recipient.
    NoUser = 67,
    /// The domain of a recipient is not known.
    NoHost = 68,
    /// The gateway does not want it.
    Unavailable = 69,
    /// Files cannot be written here.
    System = 71,
    /// The message could not be read.
    Input = 74,
    /// Later, perhaps.
    Temporary = 75,
    /// The sender may not.
    NotPermitted = 77,
    /// The configuration cannot be used.
    Configuration = 78,
}

impl Exit {
    /// What a refusal amounts to: by its enhanced status (RFC 3463), or whether it is for good.
    pub(super) fn of_refusal(reply: &Reply) -> Self {
        use StatusDetail as S;
        if !reply.code().is_permanent() {
            return Self::Temporary;
        }
        let Some(detail) = reply.enhanced().map(|code| code.detail) else { return Self::Unavailable };
        match detail {
            S::BAD_SYSTEM_X_1_2 => Self::NoHost,
            S::BAD_SENDER_SYNTAX_X_1_7 | S::BAD_SENDER_SYSTEM_X_1_8 | S::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4 => {
                Self::Data
            }
            detail => match detail.subject() {
                1 | 2 => Self::NoUser,
                6 => Self::Data,
                7 => Self::NotPermitted,
                _ => Self::Unavailable,
            },
        }
    }
}

/// Why it did not do what it was asked.
#[derive(Debug)]
pub(super) struct Failed {
    /// For programs.
    pub(super) exit: Exit,
    /// For people.
    pub(super) why: String,
}

impl Failed {
    pub(super) fn new(exit: Exit, why: impl Into<String>) -> Self {
        Self { exit, why: why.into() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::smtp::client::reply::ReplyReader;

    #[test]
    fn a_refusal_has_a_number() {
        for (line, expected) in [
            ("450 4.2.1 later", Exit::Temporary),
            ("421 4.3.2 not now", Exit::Temporary),
            ("550 5.1.1 nobody", Exit::NoUser),
            ("553 5.1.3 what?", Exit::NoUser),
            ("550 5.1.2 nowhere", Exit::NoHost),
            ("553 5.1.7 whose?", Exit::Data),
            ("552 5.3.4 too large", Exit::Data),
            ("554 5.6.1 unreadable", Exit::Data),
            ("550 5.7.1 not you", Exit::NotPermitted),
            ("554 no", Exit::Unavailable),
        ] {
            let mut reader = ReplyReader::default();
            reader.receive(format!("{line}\r\n").as_bytes());
            let reply = reader.next_reply().unwrap().unwrap();
            assert_eq!(Exit::of_refusal(&reply), expected, "{line}");
        }
    }
}
