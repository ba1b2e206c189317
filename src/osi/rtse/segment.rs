//! A message on its way out, cut into the parts between two checkpoints. Its octets are with the user, who is asked for
//! them part by part: the machine holds none.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::header::Header;

use super::recovery::{ActivityKey, Point, Resumable};

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
    window: usize,
    /// The last checkpoint that was confirmed.
    confirmed: Point,
    /// Those after it, in order.
    unconfirmed: VecDeque<Point>,
    /// The user has been asked for the next part.
    asked: bool,
    /// The activity that carries the message, or that it is to be resumed from.
    pub(super) activity: Option<ActivityKey>,
    /// The activity was resumed, and the receiver has not shown yet that it knows it.
    pub(super) doubtful: bool,
    /// All was sent: the receiver may have secured it.
    pub(super) ended: bool,
    /// How often in a row the message went on, or started anew, without getting any further.
    pub(super) recoveries: u32,
    /// When it is given up.
    pub(super) deadline: Instant,
}

/// Octets in a unit of the checkpoint size.
const UNIT: u64 = 1024;

/// Octets in a part where there are no checkpoints. By the letter such a message is one RTTR, but no receiver can tell
/// where a part ends, so that it is sent as several, and neither side has to hold it whole.
const PART_WITHOUT_CHECKPOINTS: u64 = 60 * UNIT;

/// How often in a row a message may go on, or start anew, without getting any further.
pub(super) const MAXIMUM_RECOVERIES: u32 = 4;

/// The largest number of a checkpoint: serial numbers have six digits, and the end takes one.
const MAXIMUM_CHECKPOINT: u64 = 999_998;

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
            window: usize::from(window).max(1),
            confirmed: Point::default(),
            unconfirmed: VecDeque::new(),
            asked: false,
            activity: None,
            doubtful: false,
            ended: false,
            recoveries: 0,
            deadline,
        }
    }

    /// The same message, from where it was cut off; from its start if that cannot be.
    #[must_use]
    pub(super) fn resuming(mut self, resumable: Resumable) -> Self {
        if resumable.header == self.header && resumable.length == self.length {
            let before = (self.confirmed, self.offset);
            (self.confirmed, self.offset) = (resumable.confirmed, resumable.confirmed.offset);
            if self.can_be_numbered() {
                self.activity = Some(resumable.key);
                self.recoveries = resumable.recoveries;
            } else {
                (self.confirmed, self.offset) = before;
            }
        }
        self
    }

    /// Where the message can go on if it is cut off now.
    pub(super) fn resumable(&self) -> Option<Resumable> {
        let worth_it = self.confirmed.serial > 0 || self.ended;
        let key = self.activity.clone().filter(|key| worth_it && self.may_recover() && key.is_unique())?;
        let (header, length, confirmed) = (self.header.clone(), self.length, self.confirmed);
        Some(Resumable { key, header, length, confirmed, recoveries: self.recoveries })
    }

    /// Whether the checkpoints that are left to send have numbers.
    pub(super) fn can_be_numbered(&self) -> bool {
        let left = if self.checkpoints {
            (self.length - self.offset).div_ceil(self.part).saturating_sub(1)
        } else {
            0
        };
        u64::from(self.confirmed.serial) + left <= MAXIMUM_CHECKPOINT
    }

    /// Whether it is worth going on.
    pub(super) fn may_recover(&self) -> bool {
        self.recoveries < MAXIMUM_RECOVERIES
    }

    /// The number of the last confirmed checkpoint; 0 is none.
    pub(super) fn serial(&self) -> u32 {
        self.confirmed.serial
    }

    /// Octets of the user's that the receiver has confirmed.
    pub(super) fn confirmed_octets(&self) -> u64 {
        self.confirmed.offset.saturating_sub(self.header.len() as u64)
    }

    /// Back to the last confirmed checkpoint.
    pub(super) fn rewind(&mut self) {
        self.offset = self.confirmed.offset;
        self.unconfirmed.clear();
        (self.asked, self.ended, self.doubtful) = (false, false, true);
    }

    /// Back to the start.
    pub(super) fn restart(&mut self) {
        self.confirmed = Point::default();
        self.rewind();
        (self.activity, self.doubtful) = (None, false);
    }

    /// The receiver confirmed the checkpoint of this number and all before it.
    pub(super) fn confirm(&mut self, serial: u32) {
        while let Some(point) = self.unconfirmed.pop_front_if(|point| point.serial <= serial) {
            self.confirmed = point;
            (self.recoveries, self.doubtful) = (0, false);
        }
    }

    /// Asks for the next part, unless that was done already or the window is full: a part may follow when fewer
    /// checkpoints than the window are unconfirmed. Given are the place in the user's octets, and how many.
    pub(super) fn ask(&mut self) -> Option<(u64, usize)> {
        if self.asked || self.offset == self.length || self.unconfirmed.len() >= self.window {
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
        if checkpoint {
            let serial = self.unconfirmed.back().unwrap_or(&self.confirmed).serial + 1;
            self.unconfirmed.push_back(Point { serial, offset: self.offset });
        }
        let mut octets = Vec::with_capacity(8);
        Header::write(Tag::OCTET_STRING, false, length, &mut octets);
        (std::iter::once(octets.into()).chain(part).collect(), checkpoint)
    }
}
