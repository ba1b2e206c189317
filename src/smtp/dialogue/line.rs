//! Lines out of the input, and what they are in each state (RFC 5321 2.3.8, 4.5.3.1).

use bytes::Bytes;

use super::Dialogue;
use super::config::COMMAND_LINE_LIMIT;
use super::table::{Action, Input, State, transition};
use crate::smtp::command::{Command, CommandError};

impl Dialogue {
    /// Takes a line without its CR LF from the input, if one is complete or too long.
    pub(super) fn next_line(&mut self) -> Option<Result<Bytes, CommandError>> {
        let Some(at) = memchr::memchr(b'\n', &self.input) else {
            if self.dropping_line.is_none() && self.input.len() >= COMMAND_LINE_LIMIT {
                self.dropping_line = Some(self.line_limit(&self.input));
                self.line_is_chunk = begins_with(&self.input, b"BDAT");
            }
            if self.dropping_line.is_some() {
                self.input.clear();
            }
            return None;
        };
        let line = self.input.split_to(at + 1).freeze();
        self.last_activity = self.last_activity.max(self.last_receipt);
        if let Some(limit) = self.dropping_line.take() {
            return Some(Err(CommandError::LineTooLong { limit }));
        }
        self.line_is_chunk = begins_with(&line, b"BDAT");
        let limit = self.line_limit(&line);
        if line.len() > limit {
            return Some(Err(CommandError::LineTooLong { limit }));
        }
        let Some(content) = line.strip_suffix(b"\r\n") else {
            return Some(Err(CommandError::BareLineFeed));
        };
        Some(Ok(line.slice(..content.len())))
    }

    /// Octets that this line may have, with CR LF.
    fn line_limit(&self, line: &[u8]) -> usize {
        match self.state {
            State::ExpectCredentials => COMMAND_LINE_LIMIT,
            _ => self.config.extensions.line_limit(line, self.config.authentication.is_some()),
        }
    }

    pub(super) fn line(&mut self, line: Result<Bytes, CommandError>) {
        if let Err(error) = &line
            && self.state == State::ExpectCredentials
        {
            return self.no_credentials(&error.reply());
        }
        let is_sender = matches!(&line, Ok(line) if begins_with(line, b"MAIL"));
        match line.and_then(|line| Command::parse(&line, self.config.tolerances)) {
            Ok(command) => self.command(command),
            // What follows cannot be told from commands any more.
            Err(error) if self.line_is_chunk => self.close_with(error.reply()),
            Err(error) => {
                debug_assert_eq!(transition(self.state, Input::Unreadable), (Action::Complain, self.state));
                // RFC 2920 3.2 (6): not held back.
                self.flush = true;
                self.complain(&error.reply());
                self.transaction_refused |= is_sender && self.state == State::ExpectMail;
            }
        }
    }
}

/// Whether a line is this command of four letters, well-formed or not.
fn begins_with(line: &[u8], verb: &[u8; 4]) -> bool {
    line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(verb))
}
