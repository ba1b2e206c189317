//! A message on its way out, cut into the parts between two checkpoints. Its octets are with the user, who is asked for
//! them part by part: the machine holds none.

use std::time::Instant;

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::header::Header;

/// How far an outgoing message has come, and what the receiver has confirmed of it.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Goes before the user's octets.
    header: Bytes,
    /// Octets with the header.
    length: u64,
    /// Octets sent.
    offset: u64,
    /// Octets in a part.
    part: u64,
    /// Whether there is a checkpoint after each part.
    checkpoints: bool,
    window: u64,
    /// Checkpoints sent.
    sent: u64,
    /// Checkpoints confirmed.
    confirmed: u64,
    /// The user has been asked for the next part.
    asked: bool,
    /// When it is given up.
    pub(super) deadline: Instant,
}

/// Octets in a unit of the checkpoint size.
const UNIT: u64 = 1024;

/// Octets in a part where there are no checkpoints. By the letter such a message is one RTTR, but no receiver can tell
/// where a part ends, so that it is sent as several, and neither side has to hold it whole.
const PART_WITHOUT_CHECKPOINTS: u64 = 60 * UNIT;

impl Outgoing {
    /// A message of this length after a header. A checkpoint size of 0 is no checkpoints.
    pub(super) fn new(
        header: Bytes,
        length: u64,
        checkpoint_size: u16,
        window: u16,
        deadline: Instant,
    ) -> Self {
        Self {
            length: length.saturating_add(header.len() as u64),
            header,
            offset: 0,
            part: match checkpoint_size {
                0 => PART_WITHOUT_CHECKPOINTS,
                size => u64::from(size) * UNIT,
            },
            checkpoints: checkpoint_size > 0,
            window: u64::from(window).max(1),
            sent: 0,
            confirmed: 0,
            asked: false,
            deadline,
        }
    }

    /// Checkpoints that are left to send.
    pub(super) fn checkpoints(&self) -> u64 {
        if self.checkpoints { (self.length - self.offset).div_ceil(self.part).saturating_sub(1) } else { 0 }
    }

    /// The receiver confirmed the checkpoint of this number and all before it.
    pub(super) fn confirm(&mut self, serial: u32) {
        self.confirmed = self.confirmed.max(u64::from(serial).min(self.sent));
    }

    /// Asks for the next part, unless that was done already or the window is full: a part may follow when fewer
    /// checkpoints than the window are unconfirmed. Given are the place in the user's octets, and how many.
    pub(super) fn ask(&mut self) -> Option<(u64, usize)> {
        let room = self.sent - self.confirmed < self.window;
        if self.asked || self.offset == self.length || !room {
            return None;
        }
        self.asked = true;
        self.wanted()
    }

    /// What the user has been asked for, if it has.
    pub(super) fn wanted(&self) -> Option<(u64, usize)> {
        let header = self.header.len() as u64;
        let end = (self.offset + self.part).min(self.length);
        let octets = usize::try_from(end - self.offset.max(header)).ok()?;
        self.asked.then_some((self.offset.saturating_sub(header), octets))
    }

    /// Whether the part that was asked for is the last.
    pub(super) fn is_last(&self) -> bool {
        self.length - self.offset <= self.part
    }

    /// The part that was asked for as an RTTR APDU in pieces, and whether a checkpoint follows it.
    pub(super) fn next_part(&mut self, pieces: Vec<Bytes>) -> (Vec<Bytes>, bool) {
        let header = (self.offset == 0).then(|| self.header.clone()).filter(|header| !header.is_empty());
        let part: Vec<Bytes> = header.into_iter().chain(pieces).collect();
        let length: usize = part.iter().map(Bytes::len).sum();
        self.asked = false;
        self.offset = self.offset.saturating_add(length as u64).min(self.length);
        let checkpoint = self.checkpoints && self.offset < self.length;
        self.sent += u64::from(checkpoint);
        let mut octets = Vec::with_capacity(8);
        Header::write(Tag::OCTET_STRING, false, length, &mut octets);
        (std::iter::once(octets.into()).chain(part).collect(), checkpoint)
    }
}
