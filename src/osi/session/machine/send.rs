//! The way down: SPDUs into TSDUs, and data into segments.

use bytes::Bytes;

use super::{Connection, Input, Prepared};
use crate::osi::session::primitive::{RefuseReason, Requirements};
use crate::osi::session::spdu::{self, Abort, AbortOrigin, Enclosure, Leading, Refuse, Spdu};
use crate::osi::transport;

/// Octets before the user information of a segment.
const SEGMENT_HEADER_OCTETS: usize = 7;

impl Connection {
    pub(super) fn send_prepared(&mut self, input: &Input) {
        match input {
            Input::Request(Prepared::Spdu(spdu)) => self.send(spdu),
            Input::Request(Prepared::Data(pieces)) => self.send_data(pieces),
            Input::Request(Prepared::Tokens(tokens)) => {
                self.down(transport::Request::Data(vec![Bytes::from(tokens.encode())]));
            }
            _ => {}
        }
    }

    /// Sends an SPDU, category 2 after a GT from the owner of the tokens and after a PT from the other side.
    pub(super) fn send(&mut self, spdu: &Spdu) {
        let octets = self.tsdu_of(spdu);
        self.down(transport::Request::Data(vec![Bytes::from(octets)]));
    }

    pub(super) fn tsdu_of(&self, spdu: &Spdu) -> Vec<u8> {
        let mut octets = match (spdu.is_category_2(), self.turn) {
            (false, _) => Vec::new(),
            (true, true) => Leading::GIVE_NOTHING.encode(),
            (true, false) => Leading::PLEASE_NOTHING.encode(),
        };
        octets.extend(spdu.encode());
        octets
    }

    /// Sends one session service data unit, in segments where the peer limits the TSDU size (X.225 7.37).
    fn send_data(&mut self, pieces: &[Bytes]) {
        let Some(limit) = self.tsdu_limit else {
            let header = Bytes::from_static(&spdu::DATA_HEADER);
            let tsdu = std::iter::once(header).chain(pieces.iter().cloned()).collect();
            self.down(transport::Request::Data(tsdu));
            return;
        };
        let whole = Bytes::from(pieces.concat());
        let room = limit - SEGMENT_HEADER_OCTETS;
        let mut at = 0;
        loop {
            let part = whole.slice(at..whole.len().min(at + room));
            let enclosure = Some(Enclosure { begin: at == 0, end: at + part.len() == whole.len() });
            at += part.len();
            let header = self.tsdu_of(&Spdu::Data { enclosure, user_data: Bytes::new() });
            self.down(transport::Request::Data(vec![Bytes::from(header), part]));
            if at == whole.len() {
                return;
            }
        }
    }

    pub(super) fn abort(&mut self, origin: AbortOrigin) {
        self.send(&Spdu::Abort(Abort { release_transport: true, origin, user_data: Bytes::new() }));
    }

    pub(super) fn refuse_by_provider(&mut self) {
        let versions = self.proposal.item.versions.unwrap_or(spdu::VERSION_1);
        let known = versions & self.config.versions != 0;
        self.send(&Spdu::Refuse(Refuse {
            reference: self.proposal.reference.clone(),
            release_transport: true,
            requirements: Some(Requirements::RELIABLE_TRANSFER),
            versions: (!known).then_some(self.config.versions),
            reason: match (known, self.is_called(&self.proposal)) {
                (false, _) => RefuseReason::VersionNotSupported,
                (true, false) => RefuseReason::SelectorUnknown,
                (true, true) => RefuseReason::ImplementationRestriction,
            },
            user_data: Bytes::new(),
        }));
    }
}
