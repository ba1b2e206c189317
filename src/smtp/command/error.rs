//! What can be wrong with a command line, and the reply to it.

use thiserror::Error;

use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};

/// Which part of a command an error is in; it decides the enhanced code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Verb and arguments other than paths: 5.5.2.
    Argument,
    /// The path of MAIL: 5.1.7.
    ReversePath,
    /// The path of RCPT: 5.1.3.
    ForwardPath,
    /// A parameter of MAIL or RCPT: 5.5.4.
    Parameter,
}

/// A line that is no command. Columns count octets from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// More octets than the command may have.
    #[error("line longer than {limit} octets")]
    LineTooLong {
        /// Octets, CR LF included.
        limit: usize,
    },
    /// The line ended in LF without CR (RFC 5321 2.3.8).
    #[error("line ended by LF alone, expected CR LF")]
    BareLineFeed,
    /// A control character, NUL, or CR that ends no line.
    #[error("control character 0x{octet:02x} at column {column}")]
    ControlCharacter {
        /// The character.
        octet: u8,
        /// Where.
        column: usize,
    },
    /// Octets that are not UTF-8.
    #[error("neither US-ASCII nor UTF-8 at column {column}")]
    NotText {
        /// Where.
        column: usize,
    },
    /// No command of this name is known.
    #[error("command `{verb}` not recognised")]
    UnknownVerb {
        /// The verb as written, cut if long.
        verb: String,
    },
    /// A command that is known, and not offered here.
    #[error("command `{verb}` not implemented")]
    NotImplemented {
        /// The verb in upper case.
        verb: String,
    },
    /// Something else was found.
    #[error("expected {expected} at column {column}")]
    Expected {
        /// In which part.
        part: Part,
        /// What should have been there.
        expected: &'static str,
        /// Where.
        column: usize,
    },
    /// A value that its parameter cannot have.
    #[error("expected {expected} as value of `{keyword}` at column {column}")]
    ParameterValue {
        /// The parameter.
        keyword: &'static str,
        /// What should have been there.
        expected: &'static str,
        /// Where the value begins.
        column: usize,
    },
    /// A parameter given more than once (RFC 3461 5.1).
    #[error("parameter `{keyword}` given twice, again at column {column}")]
    ParameterTwice {
        /// The parameter.
        keyword: &'static str,
        /// Where the second one begins.
        column: usize,
    },
}

impl CommandError {
    /// The octet of the line where the fault is, from 1, if it has a place.
    #[must_use]
    pub const fn column(&self) -> Option<usize> {
        match self {
            Self::ControlCharacter { column, .. }
            | Self::NotText { column }
            | Self::Expected { column, .. }
            | Self::ParameterValue { column, .. }
            | Self::ParameterTwice { column, .. } => Some(*column),
            Self::LineTooLong { .. }
            | Self::BareLineFeed
            | Self::UnknownVerb { .. }
            | Self::NotImplemented { .. } => None,
        }
    }

    /// The reply to the client: RFC 5321 4.3.2 for the code, RFC 5248 2.4 for the enhanced code.
    pub fn reply(&self) -> Reply {
        let (code, detail) = match self {
            Self::LineTooLong { .. }
            | Self::BareLineFeed
            | Self::ControlCharacter { .. }
            | Self::NotText { .. } => (ReplyCode::UNRECOGNISED_500, StatusDetail::SYNTAX_ERROR_X_5_2),
            Self::UnknownVerb { .. } => (ReplyCode::UNRECOGNISED_500, StatusDetail::INVALID_COMMAND_X_5_1),
            Self::NotImplemented { .. } => {
                (ReplyCode::NOT_IMPLEMENTED_502, StatusDetail::INVALID_COMMAND_X_5_1)
            }
            Self::Expected { part, .. } => (
                ReplyCode::SYNTAX_ERROR_501,
                match part {
                    Part::Argument => StatusDetail::SYNTAX_ERROR_X_5_2,
                    Part::ReversePath => StatusDetail::BAD_SENDER_SYNTAX_X_1_7,
                    Part::ForwardPath => StatusDetail::BAD_MAILBOX_SYNTAX_X_1_3,
                    Part::Parameter => StatusDetail::INVALID_ARGUMENTS_X_5_4,
                },
            ),
            Self::ParameterValue { .. } | Self::ParameterTwice { .. } => {
                (ReplyCode::SYNTAX_ERROR_501, StatusDetail::INVALID_ARGUMENTS_X_5_4)
            }
        };
        Reply::new(code, detail, self.to_string())
    }
}
