//! The message on standard input. It is read to its end before the gateway is called: who writes it may take hours, as a job of
//! cron does, or die halfway. What is large waits in a file that has no name.

use std::io::{self, Read};
use std::path::Path;

use super::exit::{Exit, Failed};
use super::lines::Lines;
use crate::buffered::Buffered;
use crate::submit::header::{Header, Line};

/// Octets of a body that are kept in memory.
const IN_MEMORY: usize = 1 << 20;

/// Octets that are read at once.
const PIECE: usize = 64 << 10;

/// A message as it was read, in lines ended by CR LF.
#[derive(Debug)]
pub(super) struct Message {
    /// Its fields.
    pub(super) header: Header,
    /// What follows them.
    pub(super) body: Body,
}

/// The body of a message.
#[derive(Debug)]
pub(super) struct Body {
    octets: Buffered,
    /// There are octets beyond US-ASCII.
    pub(super) is_eight_bit: bool,
}

/// Reads a message up to the end of `input`, or a dot alone in a line unless dots are text. What is large goes to a file in `folder`.
///
/// # Errors
/// It cannot be read or kept; its header has no end.
pub(super) fn read(mut input: impl Read, dots_are_text: bool, folder: &Path) -> Result<Message, Failed> {
    let mut lines = Lines::new(dots_are_text);
    let body = Body { octets: Buffered::new(folder, IN_MEMORY), is_eight_bit: false };
    let mut message = Message { header: Header::default(), body };
    // What is still to be taken for header; `None` once the body has begun.
    let mut head = Some(Vec::new());
    let mut piece = vec![0; PIECE];
    let mut out = Vec::with_capacity(PIECE + PIECE / 8);
    loop {
        let count = match input.read(&mut piece) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Failed::new(Exit::Input, format!("the message cannot be read: {error}")));
            }
        };
        let goes_on = count > 0 && lines.pass(piece.get(..count).unwrap_or_default(), &mut out);
        if !goes_on {
            lines.finish(&mut out);
        }
        match &mut head {
            None => message.body.add(&out, folder)?,
            Some(head_so_far) => {
                head_so_far.append(&mut out);
                if let Some(rest) = fields(&mut message.header, head_so_far)? {
                    head = None;
                    message.body.add(&rest, folder)?;
                }
            }
        }
        out.clear();
        if !goes_on {
            return Ok(message);
        }
    }
}

/// Takes the lines that are complete; gives what is body, once that has begun.
fn fields(header: &mut Header, octets: &mut Vec<u8>) -> Result<Option<Vec<u8>>, Failed> {
    let mut taken = 0;
    while let Some(length) = octets[taken..].iter().position(|octet| *octet == b'\n') {
        let end = taken + length + 1;
        match header.line(&octets[taken..end]) {
            Line::Header => taken = end,
            Line::End => return Ok(Some(octets.split_off(end))),
            Line::Body => return Ok(Some(octets.split_off(taken))),
            Line::TooLong => return Err(Failed::new(Exit::Data, "its header is too long")),
        }
    }
    octets.drain(..taken);
    Ok(None)
}

impl Body {
    /// In octets.
    pub(super) const fn length(&self) -> u64 {
        self.octets.length()
    }

    fn add(&mut self, octets: &[u8], folder: &Path) -> Result<(), Failed> {
        self.is_eight_bit |= !octets.is_ascii();
        self.octets.add(octets).map_err(|error| {
            Failed::new(Exit::System, format!("the message cannot be kept in {}: {error}", folder.display()))
        })
    }

    /// Hands it on, a piece at a time.
    ///
    /// # Errors
    /// It cannot be read again.
    pub(super) fn each(self, take: impl FnMut(Vec<u8>)) -> io::Result<()> {
        self.octets.each(take)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::submit::header::Missing;

    fn whole(text: &str) -> (String, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let message = read(text.as_bytes(), false, folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file is left");
        let missing = Missing { from: "f", date: "d", message_id: "m", domain: "x" };
        let header = String::from_utf8(message.header.completed(&missing)).unwrap();
        let (length, mut body) = (message.body.length(), Vec::new());
        message.body.each(|piece| body.extend(piece)).unwrap();
        assert_eq!(length, body.len() as u64);
        (header, body)
    }

    #[test]
    fn header_and_body_are_told_apart() {
        let empty = "From: f\r\nDate: d\r\nMessage-ID: m\r\n";
        for (text, header, body) in [
            ("Subject: x\n\nHello\n", format!("{empty}Subject: x\r\n\r\n"), "Hello\r\n"),
            ("Hello\nthere", format!("{empty}\r\n"), "Hello\r\nthere\r\n"),
            ("\nSubject: x\n", format!("{empty}\r\n"), "Subject: x\r\n"),
            ("Subject: x", format!("{empty}Subject: x\r\n\r\n"), ""),
            ("Subject: x\n\na\n.\nb\n", format!("{empty}Subject: x\r\n\r\n"), "a\r\n"),
            ("", format!("{empty}\r\n"), ""),
        ] {
            assert_eq!(whole(text), (header, body.as_bytes().to_vec()), "{text:?}");
        }
    }

    #[test]
    fn a_large_body_comes_back_whole_and_leaves_no_file() {
        let line = format!("{}\n", "x".repeat(75));
        let text = format!("Subject: x\n\n{}", line.repeat(40_000));
        let (_, body) = whole(&text);
        assert_eq!(body.len(), 77 * 40_000);
        assert_eq!(body, line.replace('\n', "\r\n").repeat(40_000).into_bytes());
    }
}
