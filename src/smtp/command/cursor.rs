//! A place in a command line.

use super::error::{CommandError, Part};

/// The rest of a line, and how far into the line it begins.
///
/// The line is text without control characters other than TAB, so every scan for ASCII octets stops on a character
/// boundary.
pub(super) struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { line, at: 0 }
    }

    /// Octets read so far.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Where the next octet is, counted from 1.
    pub(super) fn column(&self) -> usize {
        self.at + 1
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.line.len()
    }

    /// What lies between an earlier [`Cursor::offset`] and here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.line[start..self.at]
    }

    /// Takes octets as long as they are wanted; octets from 0x80 on belong together and are all taken or none, as long
    /// as `wanted` treats them alike.
    pub(super) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.line[self.at..];
        let length = rest.bytes().position(|octet| !wanted(octet)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Takes one ASCII character if it is next.
    pub(super) fn accept(&mut self, character: u8) -> bool {
        let found = self.peek() == Some(character);
        self.at += usize::from(found);
        found
    }

    /// Takes an ASCII word in any case if it is next.
    pub(super) fn accept_word(&mut self, word: &str) -> bool {
        let found = self.line.as_bytes()[self.at..]
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
        if found {
            self.at += word.len();
        }
        found
    }

    pub(super) fn expect(
        &mut self,
        character: u8,
        part: Part,
        expected: &'static str,
    ) -> Result<(), CommandError> {
        if self.accept(character) { Ok(()) } else { Err(self.expected(part, expected)) }
    }

    /// One or more spaces.
    pub(super) fn expect_space(&mut self, part: Part) -> Result<(), CommandError> {
        if self.take_while(|octet| octet == b' ').is_empty() {
            return Err(self.expected(part, "a space"));
        }
        Ok(())
    }

    pub(super) fn expect_end(&self, part: Part, expected: &'static str) -> Result<(), CommandError> {
        if self.is_at_end() { Ok(()) } else { Err(self.expected(part, expected)) }
    }

    /// The error for finding something else here.
    pub(super) fn expected(&self, part: Part, expected: &'static str) -> CommandError {
        CommandError::Expected { part, expected, column: self.column() }
    }
}
