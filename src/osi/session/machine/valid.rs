//! The predicate `Valid` of the state table: serial numbers and proposals.

use super::Connection;
use crate::osi::session::primitive::{Request, Requirements, SerialNumber, TokenSetting};
use crate::osi::session::spdu::{self, ConnectItem, Spdu};

/// The shortest limit for which segmenting is worth it, and in which the SPDUs other than DT find room.
const MINIMUM_TSDU: u16 = 128;

impl Connection {
    pub(super) fn request_is_valid(&self, request: &Request) -> bool {
        match request {
            Request::SyncMinorResponse { serial, .. } => self.may_confirm && self.is_outstanding(*serial),
            Request::SyncMinor { .. } | Request::ActivityEnd { .. } => self.next <= SerialNumber::MAX.get(),
            _ => true,
        }
    }

    pub(super) fn spdu_is_valid(&self, spdu: &Spdu) -> bool {
        match spdu {
            Spdu::Connect(connect) => {
                let versions = connect.item.versions.unwrap_or(spdu::VERSION_1);
                let tokens = TokenSetting::from_item(connect.item.tokens);
                versions & self.config.versions != 0
                    && self.is_called(connect)
                    && tokens.is_some()
                    && !connect.more_data
                    && units_suffice(connect.requirements)
                    && limits_suffice(connect.item)
            }
            Spdu::Accept(accept) => {
                let versions = accept.item.versions.unwrap_or(spdu::VERSION_1);
                versions & self.proposal.item.versions.unwrap_or(spdu::VERSION_1) != 0
                    && units_suffice(accept.requirements)
                    && limits_suffice(accept.item)
            }
            Spdu::MinorSync { serial, .. } | Spdu::ActivityEnd { serial, .. } => serial.get() == self.next,
            Spdu::MinorSyncAck { serial, .. } => !self.may_confirm && self.is_outstanding(*serial),
            Spdu::ActivityEndAck { serial, .. } => serial.get() + 1 == self.next,
            _ => true,
        }
    }

    /// Whether the peer asks for us, by our session selector if we have one (T-36).
    pub(super) fn is_called(&self, connect: &spdu::Connect) -> bool {
        let called = connect.called_selector.as_deref().unwrap_or_default();
        self.config.selector.is_empty() || called == self.config.selector
    }

    fn is_outstanding(&self, serial: SerialNumber) -> bool {
        (self.unconfirmed..self.next).contains(&serial.get())
    }
}

fn units_suffice(requirements: Option<Requirements>) -> bool {
    requirements.unwrap_or(Requirements::WHEN_ABSENT).contains(Requirements::RELIABLE_TRANSFER)
}

fn limits_suffice(item: ConnectItem) -> bool {
    let fits = |limit| limit == 0 || limit >= MINIMUM_TSDU;
    item.tsdu_maximum.is_none_or(|(to_responder, to_initiator)| fits(to_responder) && fits(to_initiator))
}
