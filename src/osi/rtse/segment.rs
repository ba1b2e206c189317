//! A message on its way out, cut into the parts between two checkpoints.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::header::Header;

/// What is left of an outgoing message, and what the receiver has confirmed of the rest.
#[derive(Debug)]
pub(super) struct Outgoing {
    pieces: VecDeque<Bytes>,
    left: usize,
    /// Octets in a part; `None` is all of them.
    part: Option<usize>,
    window: usize,
    /// Checkpoints sent.
    sent: usize,
    /// Checkpoints confirmed.
    confirmed: usize,
    /// When it is given up.
    pub(super) deadline: Instant,
}

/// Octets in a unit of the checkpoint size.
const UNIT: usize = 1024;

impl Outgoing {
    /// A message in pieces. A checkpoint size of 0 is no checkpoints.
    pub(super) fn new(pieces: Vec<Bytes>, checkpoint_size: u16, window: u16, deadline: Instant) -> Self {
        Self {
            left: pieces.iter().map(Bytes::len).sum(),
            pieces: pieces.into(),
            part: (checkpoint_size > 0).then(|| usize::from(checkpoint_size) * UNIT),
            window: usize::from(window).max(1),
            sent: 0,
            confirmed: 0,
            deadline,
        }
    }

    /// Parts that are left.
    pub(super) fn parts(&self) -> usize {
        match self.part {
            Some(part) => self.left.div_ceil(part),
            None => usize::from(self.left > 0),
        }
    }

    /// Whether the window has room for every part that is left: a part may follow when fewer checkpoints than the
    /// window are unconfirmed.
    pub(super) fn fits(&self) -> bool {
        self.parts() <= self.room()
    }

    fn room(&self) -> usize {
        self.window.saturating_sub(self.sent - self.confirmed)
    }

    /// The receiver confirmed the checkpoint of this number and all before it.
    pub(super) fn confirm(&mut self, serial: u32) {
        let serial = usize::try_from(serial).unwrap_or(usize::MAX);
        self.confirmed = self.confirmed.max(serial.min(self.sent));
    }

    /// The next part as an RTTR APDU in pieces, if the window has room, and whether a checkpoint follows it.
    pub(super) fn next_part(&mut self) -> Option<(Vec<Bytes>, bool)> {
        if self.left == 0 || self.room() == 0 {
            return None;
        }
        let mut length = self.part.unwrap_or(self.left).min(self.left);
        self.left -= length;
        let mut header = Vec::with_capacity(8);
        Header::write(Tag::OCTET_STRING, false, length, &mut header);
        let mut rttr = vec![Bytes::from(header)];
        while length > 0
            && let Some(mut piece) = self.pieces.pop_front()
        {
            let slice = piece.split_to(length.min(piece.len()));
            length -= slice.len();
            rttr.push(slice);
            if !piece.is_empty() {
                self.pieces.push_front(piece);
            }
        }
        let checkpoint = self.left > 0;
        self.sent += usize::from(checkpoint);
        Some((rttr, checkpoint))
    }
}
