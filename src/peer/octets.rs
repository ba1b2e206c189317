//! Packets that the stack would not send now: refusals and aborts of each layer, made with the codecs of the layers.

use bytes::Bytes;
use rasn_x400::acse::{
    self, Aare, AbortSource, Abrt, AssociateResult, MTS_TRANSFER, SourceDiagnostic, UserDiagnostic,
    association_information,
};
use rasn_x400::ber;
use rasn_x400::presentation::{
    AbortReason, Arp, Aru, AruNormal, BER, Cpr, CprNormal, ProviderReason, UserData,
};
use rasn_x400::prim::RawTlv;
use rasn_x400::rtse::{self, RefuseReason as RtseRefusal, Rtab, Rtorj};

use super::sniff::Seen;
use crate::osi::session::RefuseReason;
use crate::osi::session::spdu::{Abort, AbortOrigin, Refuse, Spdu};
use crate::osi::tpkt;
use crate::osi::transport::tpdu::{self, DisconnectRequest, RejectCause};

/// Where an association is aborted or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// DR of X.224.
    Transport,
    /// AB or RF of X.225.
    Session,
    /// ARP or CPR of X.226.
    Presentation,
    /// ABRT or AARE of X.227, from the provider.
    Acse,
    /// RTAB or RTORJ of X.228.
    Rtse,
    /// RTAB of X.228 with the reason user-error.
    User,
}

impl Place {
    /// All of them, with the names people call them by.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("transport", Self::Transport),
        ("session", Self::Session),
        ("presentation", Self::Presentation),
        ("acse", Self::Acse),
        ("rtse", Self::Rtse),
        ("user", Self::User),
    ];

    /// The clause under which an association is aborted there.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::Transport => "X.224 13.5",
            Self::Session => "X.225 8.3.9",
            Self::Presentation => "X.226 6.4",
            Self::Acse => "X.227 7.3",
            Self::Rtse => "X.228 7.8",
            Self::User => "X.218 8.7",
        }
    }
}

/// An abort of a layer; `reason` is the number that its protocol has for it.
pub(super) fn abort(place: Place, reason: Option<i64>, seen: &Seen) -> Bytes {
    let rtab = |reason| Rtab { reason: Some(rtse::AbortReason(reason)), ..Rtab::default() };
    match place {
        Place::Transport => packet(&disconnect(reason, seen)),
        Place::Session => {
            let origin = if reason == Some(0) { AbortOrigin::NoReason } else { AbortOrigin::ProtocolError };
            session_abort(origin, Vec::new())
        }
        Place::Presentation => {
            let reason = AbortReason(reason.unwrap_or(AbortReason::UNEXPECTED_PPDU.0));
            user_abort(&Arp { reason: Some(reason), ..Arp::default() })
        }
        Place::Acse => abort_by(AbortSource::PROVIDER, None, seen),
        Place::Rtse => abort_by(AbortSource::USER, Some(rtab(reason.unwrap_or(0))), seen),
        Place::User => abort_by(AbortSource::USER, Some(rtab(rtse::AbortReason::USER_ERROR.0)), seen),
    }
}

/// A refusal of the session connection that was asked for.
pub(super) fn refusal(place: Place, reason: Option<i64>, seen: &Seen) -> Bytes {
    let values = match (place, seen.contexts) {
        (Place::Transport | Place::Session, _) => Vec::new(),
        (Place::Presentation, _) => {
            let reason = ProviderReason(reason.unwrap_or(ProviderReason::CALLED_ADDRESS_UNKNOWN.0));
            encoded(&Cpr::Normal(CprNormal { provider_reason: Some(reason), ..CprNormal::default() }))
        }
        (_, None) => {
            let reason = RtseRefusal(reason.unwrap_or(RtseRefusal::VALIDATION_FAILURE.0));
            encoded(&Cpr::X410(Rtorj { reason: Some(reason), ..Rtorj::default() }))
        }
        (_, Some((acse_context, rtse_context))) => {
            let rtorj = rtse::Apdu::Rtorj(Rtorj::default());
            let aare = Aare {
                protocol_version: None,
                application_context: MTS_TRANSFER,
                result: AssociateResult::REJECTED_PERMANENT,
                diagnostic: SourceDiagnostic::User(UserDiagnostic(
                    reason.unwrap_or(UserDiagnostic::CONTEXT_NOT_SUPPORTED.0),
                )),
                responding_ap_title: None,
                responding_ae_qualifier: None,
                responding_ap_invocation: None,
                responding_ae_invocation: None,
                requirements: None,
                mechanism: None,
                authentication: None,
                application_contexts: None,
                implementation: None,
                user_information: (place != Place::Acse).then(|| {
                    vec![association_information(BER, rtse_context, RawTlv::from_element(encoded(&rtorj)))]
                }),
                unknown: Vec::new(),
            };
            let value = RawTlv::from_element(encoded(&acse::Apdu::Aare(aare)));
            let user_data = Some(UserData::single(acse_context, value));
            encoded(&Cpr::Normal(CprNormal { user_data, ..CprNormal::default() }))
        }
    };
    let reason = match (place, reason) {
        (Place::Session, Some(code)) => RefuseReason::from_code(u8::try_from(code).unwrap_or(0)),
        (Place::Session | Place::Transport, _) => RefuseReason::SelectorUnknown,
        _ => RefuseReason::RejectedByUserWithData,
    };
    unit(Spdu::Refuse(Refuse {
        reference: seen.reference.clone(),
        release_transport: true,
        requirements: None,
        versions: None,
        reason,
        user_data: values.into(),
    }))
}

/// DR instead of whatever the transport would say.
pub(super) fn refuse_connection(reason: Option<i64>, seen: &Seen) -> Bytes {
    packet(&disconnect(Some(reason.unwrap_or(3)), seen))
}

/// ER: the peer sent something that cannot be understood.
pub(super) fn transport_error(seen: &Seen) -> Bytes {
    packet(&tpdu::encode_error(seen.peer_reference, RejectCause::InvalidTpduType, &[2, 0xf0, 0x80]))
}

/// Octets that mean nothing at any layer, always the same: they look like none of the packets of RFC 1006.
pub(super) fn garbage(octets: usize) -> Bytes {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    };
    std::iter::once(0xff).chain(std::iter::repeat_with(&mut next)).take(octets).collect()
}

fn disconnect(reason: Option<i64>, seen: &Seen) -> Vec<u8> {
    DisconnectRequest {
        destination: seen.peer_reference,
        source: seen.own_reference,
        reason: reason.and_then(|reason| u8::try_from(reason).ok()).unwrap_or(tpdu::NORMAL_DISCONNECT),
        user_data: Bytes::new(),
    }
    .encode()
}

/// ABRT, in X.410 mode the members of RTAB themselves.
fn abort_by(source: AbortSource, rtab: Option<Rtab>, seen: &Seen) -> Bytes {
    let Some((acse_context, rtse_context)) = seen.contexts else {
        return user_abort(&Aru::X410(rtab.unwrap_or_default()));
    };
    let user_information = rtab.map(|rtab| {
        let value = RawTlv::from_element(encoded(&rtse::Apdu::Rtab(rtab)));
        vec![association_information(BER, rtse_context, value)]
    });
    let abrt = acse::Apdu::Abrt(Abrt { source, user_information, ..Abrt::default() });
    let user_data = Some(UserData::single(acse_context, RawTlv::from_element(encoded(&abrt))));
    user_abort(&Aru::Normal(AruNormal { user_data, ..AruNormal::default() }))
}

fn user_abort<T: rasn::Encode>(value: &T) -> Bytes {
    session_abort(AbortOrigin::User, encoded(value))
}

fn session_abort(origin: AbortOrigin, user_data: Vec<u8>) -> Bytes {
    unit(Spdu::Abort(Abort { release_transport: true, origin, user_data: user_data.into() }))
}

/// What cannot be encoded would be a defect of our own; an empty value shows it to whoever reads the capture.
fn encoded<T: rasn::Encode>(value: &T) -> Vec<u8> {
    ber::encode(value).unwrap_or_default()
}

fn unit(spdu: Spdu) -> Bytes {
    packet(&[&tpdu::data_header(true)[..], &spdu.encode()].concat())
}

/// One TPDU as a packet. The ones here are short.
fn packet(tpdu: &[u8]) -> Bytes {
    let header = tpkt::header(tpdu.len()).unwrap_or_default();
    [&header[..], tpdu].concat().into()
}
