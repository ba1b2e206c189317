//! The content of a message: up to its dot after DATA, or in chunks of announced size (RFC 5321 4.1.1.4, RFC 3030).

use bytes::Buf as _;

use super::table::{Input, State, transition};
use super::{Dialogue, Event};
use crate::smtp::chunk::ChunkReader;
use crate::smtp::command::Body;
use crate::smtp::data::{ContentReader, Found};
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};

/// What was found next in a content.
pub(super) enum Piece {
    /// Tell the layer above.
    Up(Event),
    /// It, or the chunk, has ended, and that is dealt with.
    Ended,
    /// Nothing before more input comes.
    NeedMore,
}

impl Dialogue {
    /// After DATA.
    pub(super) fn start_content(&mut self) -> Result<(), Reply> {
        if self.is_binary() {
            // RFC 3030 3: it has no lines, so no dot could end it.
            return Err(Reply::new(
                ReplyCode::BAD_SEQUENCE_503,
                StatusDetail::INVALID_COMMAND_X_5_1,
                "BINARYMIME needs BDAT",
            ));
        }
        self.content = ContentReader::new(self.config.limits.content);
        self.content_defect = None;
        self.begin_content();
        self.event = Some(Event::ContentStart);
        self.reply(&Reply::plain(
            ReplyCode::START_MAIL_INPUT_354,
            "send the message, end it with a dot alone",
        ));
        self.flush = true;
        Ok(())
    }

    fn begin_content(&mut self) {
        (self.content_began, self.content_octets) = (self.last_activity, 0);
    }

    /// So many octets of the content were taken out of the input.
    fn count_content(&mut self, octets: usize) {
        self.content_octets = self.content_octets.saturating_add(octets as u64);
    }

    /// After BDAT, where a chunk may come.
    pub(super) fn start_chunk(&mut self, is_first: bool, octets: u64, last: bool) -> Result<(), Reply> {
        if !self.config.extensions.chunking {
            return self.drop_chunk(State::ExpectRecipientOrData, octets);
        }
        if is_first {
            self.chunks = ChunkReader::new(self.config.limits.content, self.is_binary());
            self.content_defect = None;
            self.begin_content();
            self.event = Some(Event::ContentStart);
        }
        self.chunks.begin(octets, last);
        Ok(())
    }

    /// After BDAT, where no chunk may come: its octets are no commands all the same, and the answer comes after them.
    pub(super) fn drop_chunk(&mut self, state: State, octets: u64) -> Result<(), Reply> {
        let reply = match state {
            _ if !self.config.extensions.chunking => Reply::new(
                ReplyCode::NOT_IMPLEMENTED_502,
                StatusDetail::INVALID_COMMAND_X_5_1,
                "command `BDAT` not implemented",
            ),
            State::ExpectRecipient => self.no_recipients(),
            State::ExpectHello => self.out_of_order_text(self.hello()),
            _ => self.out_of_order_text("MAIL"),
        };
        self.state = state;
        self.dropping_chunk = Some((octets, reply));
        self.begin_content();
        Ok(())
    }

    /// Goes on dropping such a chunk; whether that is done.
    pub(super) fn drop_of_chunk(&mut self) -> bool {
        let Some((remaining, reply)) = self.dropping_chunk.take() else { return true };
        let length = usize::try_from(remaining).unwrap_or(usize::MAX).min(self.input.len());
        self.input.advance(length);
        self.count_content(length);
        match remaining - length as u64 {
            0 => {
                let is_mistake = match self.state {
                    State::ExpectRecipient => !self.config.extensions.chunking,
                    _ => !self.follows_refusal(),
                };
                if is_mistake {
                    self.complain(&reply)
                } else {
                    self.reply(&reply)
                }
                self.stop_between_transactions();
                true
            }
            remaining => {
                self.dropping_chunk = Some((remaining, reply));
                false
            }
        }
    }

    pub(super) fn next_of_content(&mut self) -> Piece {
        let is_chunk = self.state == State::ExpectChunk;
        let before = self.input.len();
        let found = match is_chunk {
            true => self.chunks.read(&mut self.input),
            false => self.content.read(&mut self.input),
        };
        self.count_content(before - self.input.len());
        match found {
            Some(Found::Content(octets)) => Piece::Up(Event::Content(octets)),
            Some(Found::Defect(defect)) => {
                self.content_defect = Some(defect);
                Piece::Up(Event::ContentDiscarded)
            }
            Some(Found::End) if is_chunk && !self.chunks.is_last() && self.content_defect.is_none() => {
                self.state = transition(self.state, Input::ChunkEnd).1;
                let text = format!("{} octets so far", self.chunks.size());
                self.reply(&Reply::new(ReplyCode::COMPLETED_250, StatusDetail::OTHER_X_0_0, text));
                Piece::Ended
            }
            Some(Found::End) => {
                self.content_ended();
                Piece::Ended
            }
            None => Piece::NeedMore,
        }
    }

    /// The content has come: the message is handed over, or refused for its defect.
    fn content_ended(&mut self) {
        // A reply held back must not wait for the acceptance.
        self.flush = true;
        // RFC 2033 4.3: a chunk that is not the last has one answer.
        let is_whole = self.state == State::ExpectContent || self.chunks.is_last();
        let input =
            if self.content_defect.is_some() { Input::DefectiveContentEnd } else { Input::ContentEnd };
        self.state = transition(self.state, input).1;
        self.transaction_refused = !is_whole;
        self.chunks = ChunkReader::new(self.config.limits.content, false);
        let envelope = self.envelope.take();
        self.recipients = envelope.as_ref().map_or(0, |envelope| envelope.recipients.len());
        match (self.content_defect, envelope) {
            (Some(defect), _) if is_whole => self.reply_for_message(&defect.reply()),
            (Some(defect), _) => self.reply(&defect.reply()),
            (None, Some(envelope)) => self.event = Some(Event::ContentEnd(envelope)),
            (None, None) => self.state = State::ExpectMail,
        }
        self.stop_between_transactions();
    }

    /// What was gathered so far is of no use.
    pub(super) fn forget_transaction(&mut self) {
        let has_chunks = self.envelope.take().is_some() && self.chunks.size() > 0;
        if has_chunks {
            self.event = Some(Event::ContentDiscarded);
        }
        self.chunks = ChunkReader::new(self.config.limits.content, false);
    }

    /// Whether the message was announced as octets without lines.
    fn is_binary(&self) -> bool {
        let parameters = self.envelope.as_ref().map(|envelope| &envelope.mail_parameters);
        parameters.is_some_and(|parameters| parameters.body == Some(Body::BinaryMime))
    }
}
