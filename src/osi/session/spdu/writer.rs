//! SPDUs to octets.

use bytes::Bytes;

use super::{
    ABORT_BY_USER, ABORT_NO_REASON, ABORT_PROTOCOL_ERROR, Abort, AbortOrigin, Accept, Connect, ConnectItem,
    ENCLOSURE_BEGIN, ENCLOSURE_END, Leading, MAXIMUM_USER_DATA, RELEASE_TRANSPORT, Refuse, Resume,
    SYNC_NO_CONFIRMATION, Spdu, pi, si,
};
use crate::osi::session::primitive::{ConnectionReference, ExceptionReason, Requirements, SerialNumber};

impl Leading {
    /// The octets.
    pub fn encode(&self) -> Vec<u8> {
        let mut parameters = Parameters::default();
        let identifier = match self {
            Self::GiveTokens { tokens } => {
                parameters.tokens(*tokens);
                si::GT
            }
            Self::PleaseTokens { tokens, user_data } => {
                parameters.tokens(*tokens);
                parameters.present(pi::USER_DATA, user_data);
                si::PT
            }
        };
        parameters.into_spdu(identifier)
    }
}

impl Spdu {
    /// The octets, without the user information field of DT, which is to follow them.
    pub fn encode(&self) -> Vec<u8> {
        let mut parameters = Parameters::default();
        let identifier = parameters.of(self);
        parameters.into_spdu(identifier)
    }
}

/// The parameter field of an SPDU, or of a parameter group.
#[derive(Default)]
struct Parameters(Vec<u8>);

impl Parameters {
    /// Adds the parameters of an SPDU and tells its identifier.
    fn of(&mut self, spdu: &Spdu) -> u8 {
        match spdu {
            Spdu::Connect(connect) => self.connect(connect),
            Spdu::Accept(accept) => self.accept(accept),
            Spdu::Refuse(refuse) => self.refuse(refuse),
            Spdu::Finish { release_transport, user_data } => {
                self.put(pi::TRANSPORT_DISCONNECT, &[u8::from(*release_transport)]);
                self.user_data(si::FN, user_data)
            }
            Spdu::Disconnect { user_data } => self.user_data(si::DN, user_data),
            Spdu::Abort(abort) => self.abort(abort),
            Spdu::AbortAccept => si::AA,
            Spdu::GiveTokensConfirm => si::GTC,
            Spdu::GiveTokensAck => si::GTA,
            Spdu::Data { enclosure, .. } => {
                if let Some(enclosure) = enclosure {
                    let begin = if enclosure.begin { ENCLOSURE_BEGIN } else { 0 };
                    let end = if enclosure.end { ENCLOSURE_END } else { 0 };
                    self.put(pi::ENCLOSURE, &[begin | end]);
                }
                si::DT
            }
            Spdu::MinorSync { explicit, serial, user_data } => {
                if !explicit {
                    self.put(pi::SYNC_TYPE, &[SYNC_NO_CONFIRMATION]);
                }
                self.serial(*serial);
                self.user_data(si::MIP, user_data)
            }
            Spdu::MinorSyncAck { serial, user_data } => {
                self.serial(*serial);
                self.present(pi::MINOR_ACK_DATA, user_data);
                si::MIA
            }
            Spdu::ExceptionReport => si::ER,
            Spdu::ExceptionData { reason, user_data } => {
                self.reason(Some(*reason));
                self.user_data(si::ED, user_data)
            }
            Spdu::ActivityStart { id, user_data } => {
                self.put(pi::ACTIVITY_IDENTIFIER, id.octets());
                self.user_data(si::AS, user_data)
            }
            Spdu::ActivityResume(resume) => self.resume(resume),
            Spdu::ActivityInterrupt { reason } => {
                self.reason(*reason);
                si::AI
            }
            Spdu::ActivityInterruptAck => si::AIA,
            Spdu::ActivityDiscard { reason } => {
                self.reason(*reason);
                si::AD
            }
            Spdu::ActivityDiscardAck => si::ADA,
            Spdu::ActivityEnd { serial, user_data } => {
                self.serial(*serial);
                self.user_data(si::AE, user_data)
            }
            Spdu::ActivityEndAck { serial, user_data } => {
                self.serial(*serial);
                self.user_data(si::AEA, user_data)
            }
        }
    }

    fn connect(&mut self, connect: &Connect) -> u8 {
        self.connection_identifier(&connect.reference);
        self.connect_item(connect.item);
        self.requirements(connect.requirements);
        self.optional(pi::CALLING_SELECTOR, connect.calling_selector.as_ref());
        self.optional(pi::CALLED_SELECTOR, connect.called_selector.as_ref());
        if connect.more_data {
            self.put(pi::DATA_OVERFLOW, &[1]);
        }
        let long = connect.user_data.len() > MAXIMUM_USER_DATA;
        self.present(if long { pi::EXTENDED_USER_DATA } else { pi::USER_DATA }, &connect.user_data);
        si::CN
    }

    fn accept(&mut self, accept: &Accept) -> u8 {
        self.connection_identifier(&accept.reference);
        self.connect_item(accept.item);
        self.requirements(accept.requirements);
        self.optional(pi::CALLED_SELECTOR, accept.responding_selector.as_ref());
        self.user_data(si::AC, &accept.user_data)
    }

    fn refuse(&mut self, refuse: &Refuse) -> u8 {
        self.connection_identifier(&refuse.reference);
        self.put(pi::TRANSPORT_DISCONNECT, &[u8::from(refuse.release_transport)]);
        self.requirements(refuse.requirements);
        if let Some(versions) = refuse.versions {
            self.put(pi::VERSION, &[versions]);
        }
        self.put(pi::REASON, &[&[refuse.reason.code()], &refuse.user_data[..]].concat());
        si::RF
    }

    fn abort(&mut self, abort: &Abort) -> u8 {
        let release = if abort.release_transport { RELEASE_TRANSPORT } else { 0 };
        let origin = match abort.origin {
            AbortOrigin::User => ABORT_BY_USER,
            AbortOrigin::ProtocolError => ABORT_PROTOCOL_ERROR,
            AbortOrigin::NoReason => ABORT_NO_REASON,
        };
        self.put(pi::TRANSPORT_DISCONNECT, &[release | origin]);
        self.user_data(si::AB, &abort.user_data)
    }

    fn resume(&mut self, resume: &Resume) -> u8 {
        let mut linking = Self::default();
        if let Some(reference) = &resume.old_connection {
            linking.reference(reference);
        }
        linking.put(pi::ACTIVITY_IDENTIFIER, resume.old_id.octets());
        linking.serial(resume.serial);
        self.put(pi::LINKING, &linking.0);
        self.put(pi::ACTIVITY_IDENTIFIER, resume.id.octets());
        self.user_data(si::AR, &resume.user_data)
    }

    fn connection_identifier(&mut self, reference: &ConnectionReference) {
        let mut group = Self::default();
        group.reference(reference);
        if !group.0.is_empty() {
            self.put(pi::CONNECTION_IDENTIFIER, &group.0);
        }
    }

    fn reference(&mut self, reference: &ConnectionReference) {
        self.present(pi::CALLED_REFERENCE, &reference.called);
        self.present(pi::CALLING_REFERENCE, &reference.calling);
        self.present(pi::COMMON_REFERENCE, &reference.common);
        self.present(pi::ADDITIONAL_REFERENCE, &reference.additional);
    }

    fn connect_item(&mut self, item: ConnectItem) {
        let mut group = Self::default();
        group.put(pi::PROTOCOL_OPTIONS, &[0]);
        if let Some((to_responder, to_initiator)) = item.tsdu_maximum {
            let octets = [to_responder.to_be_bytes(), to_initiator.to_be_bytes()].concat();
            group.put(pi::TSDU_MAXIMUM, &octets);
        }
        if let Some(versions) = item.versions {
            group.put(pi::VERSION, &[versions]);
        }
        if let Some(tokens) = item.tokens {
            group.put(pi::TOKEN_SETTING, &[tokens]);
        }
        self.put(pi::CONNECT_ITEM, &group.0);
    }

    fn requirements(&mut self, requirements: Option<Requirements>) {
        if let Some(Requirements(units)) = requirements {
            self.put(pi::REQUIREMENTS, &units.to_be_bytes());
        }
    }

    fn tokens(&mut self, tokens: u8) {
        if tokens != 0 {
            self.put(pi::TOKENS, &[tokens]);
        }
    }

    fn serial(&mut self, serial: SerialNumber) {
        self.put(pi::SERIAL, serial.get().to_string().as_bytes());
    }

    fn reason(&mut self, reason: Option<ExceptionReason>) {
        if let Some(reason) = reason {
            self.put(pi::REASON, &[reason.code()]);
        }
    }

    fn user_data(&mut self, identifier: u8, user_data: &Bytes) -> u8 {
        self.present(pi::USER_DATA, user_data);
        identifier
    }

    fn optional(&mut self, code: u8, value: Option<&Bytes>) {
        if let Some(value) = value {
            self.put(code, value);
        }
    }

    fn present(&mut self, code: u8, value: &Bytes) {
        if !value.is_empty() {
            self.put(code, value);
        }
    }

    fn put(&mut self, code: u8, value: &[u8]) {
        self.0.push(code);
        length(&mut self.0, value.len());
        self.0.extend(value);
    }

    fn into_spdu(self, identifier: u8) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.0.len() + 4);
        octets.push(identifier);
        length(&mut octets, self.0.len());
        octets.extend(self.0);
        octets
    }
}

/// Appends a length indicator. User data is limited before it gets here, so that two octets always do.
fn length(octets: &mut Vec<u8>, length: usize) {
    match u8::try_from(length) {
        Ok(short) if short < u8::MAX => octets.push(short),
        _ => {
            octets.push(u8::MAX);
            octets.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
}
