//! Words and advice for what the layers tell: total functions from the causes to [`Refusal`] and [`Abort`].

use bytes::Bytes;
use rasn_x400::acse::{AssociateResult, ProviderDiagnostic, SourceDiagnostic, UserDiagnostic};
use rasn_x400::presentation::ProviderReason;
use rasn_x400::rtse::{AbortReason as RtseReason, RefuseReason};

use super::primitive::{Abort, By, Fault, Layer, Refusal};
use crate::osi::transport::DisconnectReason;
use crate::osi::{acse, rtse, session};

type TransportEnd = (DisconnectReason, Bytes);

const ASK_TSEL: &str = "check the transport selector (TSEL) of the peer; ask its operator which one listens";
const ASK_SSEL: &str = "check the session selector (SSEL) of the peer; many peers expect none";
const ASK_PSEL: &str = "check the presentation selector (PSEL) of the peer; many peers expect none";
const ASK_BIND: &str =
    "check the MTA names and passwords of both sides; ask the peer's operator what its log says";
const ASK_CONTEXT: &str = "the peer may speak another application context: try mode x410-1984, x410-1988 or normal, or ask its operator";
const ASK_DIALOGUE: &str = "the peer wants the other dialogue (monologue or two-way alternate), or does not speak this mode; ask its operator";
const ASK_NAMES: &str =
    "the peer checks application names (AP title, AE qualifier); ask its operator which it expects";
const ASK_LOG: &str = "ask the peer's operator what its log says at this time";
const TRY_LATER: &str = "try again later";
const SILENT: &str = "check that an X.400 MTA listens there, and that no firewall drops packets between";
const NETWORK: &str = "check the network between the two systems, and whether the peer restarted";
const NOT_TPKT: &str =
    "the port does not speak RFC 1006: check the port; another protocol, such as TLS or SMTP, may be there";
const LIMIT: &str =
    "check that the peer is an X.400 MTA; if it is, ask its operator for a smaller checkpoint size";
const STRANGER: &str = "if an X.400 MTA calls from there, capture the connection; else it may be a port scan";
const CAPTURE: &str = "capture the connection and compare it with the standard; one side has a defect";

/// Why there is no association.
pub(super) fn refusal(refusal: rtse::Refusal, end: Option<&TransportEnd>) -> Refusal {
    match refusal {
        rtse::Refusal::User { user_data, result } => Refusal {
            user_data,
            ..because(
                Layer::Application,
                "the peer's MTA refused the bind",
                Some(result.0),
                result != AssociateResult::REJECTED_TRANSIENT,
                ASK_BIND,
            )
        },
        rtse::Refusal::X410 { reason } => of_x410_reason(reason),
        rtse::Refusal::Unusable { problem } => because(Layer::Rtse, problem, None, true, ASK_CONTEXT),
        rtse::Refusal::Association(acse::Refusal::Rejected { result, diagnostic, .. }) => {
            let permanent = result != AssociateResult::REJECTED_TRANSIENT;
            let (reason, code, advice) = of_diagnostic(&diagnostic);
            because(Layer::Acse, &reason, code, permanent, advice)
        }
        rtse::Refusal::Association(acse::Refusal::Unexplained) => {
            because(Layer::Presentation, "the peer refused and did not say why", None, true, ASK_LOG)
        }
        rtse::Refusal::Association(acse::Refusal::OtherMode) => {
            because(Layer::Presentation, "the peer answered in another mode", None, true, ASK_CONTEXT)
        }
        // Reliable transfer has read it, and found no reason.
        rtse::Refusal::Association(acse::Refusal::X410 { .. }) => {
            because(Layer::Rtse, "the peer refused and did not say why", None, true, ASK_LOG)
        }
        rtse::Refusal::Association(acse::Refusal::Presentation { reason }) => of_provider_reason(reason),
        rtse::Refusal::Association(acse::Refusal::Session { reason }) => of_session_refusal(reason, end),
    }
}

/// In X.410-1984 mode reliable transfer refuses for the MTA as well.
fn of_x410_reason(reason: RefuseReason) -> Refusal {
    let (layer, permanent, advice) = match reason {
        RefuseReason::RTS_BUSY => (Layer::Rtse, false, TRY_LATER),
        RefuseReason::CANNOT_RECOVER => (Layer::Rtse, false, TRY_LATER),
        RefuseReason::VALIDATION_FAILURE => (Layer::Application, true, ASK_BIND),
        RefuseReason::UNACCEPTABLE_DIALOGUE_MODE => (Layer::Rtse, true, ASK_DIALOGUE),
        _ => (Layer::Rtse, true, ASK_LOG),
    };
    let label = reason.label().unwrap_or("a reason without a name");
    because(layer, label, Some(reason.0), permanent, advice)
}

fn because(layer: Layer, reason: &str, code: Option<i64>, permanent: bool, advice: &'static str) -> Refusal {
    Refusal { layer, reason: reason.into(), code, permanent, user_data: Vec::new(), advice }
}

fn of_diagnostic(diagnostic: &SourceDiagnostic) -> (String, Option<i64>, &'static str) {
    match diagnostic {
        SourceDiagnostic::User(user) => {
            let advice = match *user {
                UserDiagnostic::CONTEXT_NOT_SUPPORTED => ASK_CONTEXT,
                UserDiagnostic::NULL | UserDiagnostic::NO_REASON => ASK_LOG,
                UserDiagnostic(3..=10) => ASK_NAMES,
                UserDiagnostic(11..=14) => ASK_BIND,
                _ => ASK_LOG,
            };
            (user.label().unwrap_or("a reason without a name").into(), Some(user.0), advice)
        }
        SourceDiagnostic::Provider(provider) => {
            let advice = match *provider {
                ProviderDiagnostic::NO_COMMON_VERSION => CAPTURE,
                _ => ASK_LOG,
            };
            (provider.label().unwrap_or("a reason without a name").into(), Some(provider.0), advice)
        }
        SourceDiagnostic::Unknown(_) => ("a diagnostic of an unknown kind".into(), None, ASK_LOG),
    }
}

fn of_provider_reason(reason: ProviderReason) -> Refusal {
    let (permanent, advice) = match reason {
        ProviderReason::TEMPORARY_CONGESTION | ProviderReason::LOCAL_LIMIT_EXCEEDED => (false, TRY_LATER),
        ProviderReason::CALLED_ADDRESS_UNKNOWN | ProviderReason::NO_PSAP_AVAILABLE => (true, ASK_PSEL),
        ProviderReason::VERSION_NOT_SUPPORTED | ProviderReason::USER_DATA_NOT_READABLE => (true, CAPTURE),
        ProviderReason::DEFAULT_CONTEXT_NOT_SUPPORTED => (true, ASK_CONTEXT),
        _ => (true, ASK_LOG),
    };
    let label = reason.label().unwrap_or("a reason without a name");
    because(Layer::Presentation, label, Some(reason.0), permanent, advice)
}

fn of_session_refusal(reason: session::RefuseReason, end: Option<&TransportEnd>) -> Refusal {
    use session::RefuseReason as R;
    let session =
        |reason, code, permanent, advice| because(Layer::Session, reason, Some(code), permanent, advice);
    match reason {
        R::RejectedByUser => session("the session user gave no reason", 0, true, ASK_LOG),
        R::TemporaryCongestion => session("the session user is too busy", 1, false, TRY_LATER),
        R::RejectedByUserWithData => session("the session user refused, without data", 2, true, ASK_LOG),
        R::SelectorUnknown => session("the session selector is unknown", 129, true, ASK_SSEL),
        R::UserNotAttached => session("nobody is attached to the session selector", 130, false, ASK_SSEL),
        R::ProviderCongestion => session("the session provider is too busy", 131, false, TRY_LATER),
        R::VersionNotSupported => session("no common session version", 132, true, CAPTURE),
        R::ProviderRefused => session("the session provider gave no reason", 133, true, ASK_LOG),
        R::ImplementationRestriction => session("a restriction of the peer's product", 134, true, ASK_LOG),
        R::Other(code) => session("a reason without a name", code.into(), true, ASK_LOG),
        R::Transport(code) => {
            let (text, permanent, advice) = match code {
                1 | 129 => ("congestion", false, TRY_LATER),
                2 | 130 => ("no session entity is attached to the transport selector", false, ASK_TSEL),
                3 | 131 => ("the transport selector is unknown", true, ASK_TSEL),
                // Peers answer an unknown selector with this one too.
                0 | 128 => ("no reason", true, ASK_TSEL),
                130.. => ("negotiation failed, or an error in the protocol", true, CAPTURE),
                _ => ("a reason without a name", true, ASK_TSEL),
            };
            let text = match end.map(|(_, text)| readable(text)) {
                Some(words) if !words.is_empty() => format!("{text}: {words}"),
                _ => text.into(),
            };
            because(Layer::Transport, &text, Some(code.into()), permanent, advice)
        }
    }
}

/// What some peers write into a disconnect request: a sentence, ended by a zero octet.
fn readable(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().filter(|char| !char.is_control()).take(200).collect()
}

/// Why a connection ended on which the peer did not get as far as asking for an association.
pub(super) fn abort_by_fault(end: Option<&TransportEnd>, fault: &Fault) -> Abort {
    match end {
        Some(_) => of_session_abort(session::AbortReason::TransportDisconnected, end, Some(fault)),
        None => ended(fault.layer, By::Us, &fault.problem, None, STRANGER),
    }
}

/// Why an association ended.
pub(super) fn abort(abort: rtse::Abort, end: Option<&TransportEnd>, fault: Option<&Fault>) -> Abort {
    use rtse::Abort as R;
    let peer = |layer, reason: &str, code, advice| ended(layer, By::Peer, reason, code, advice);
    let broken = |layer, problem: &str| ended(layer, By::Us, problem, None, CAPTURE);
    match abort {
        R::User { user_data } => {
            Abort { user_data, ..peer(Layer::Application, "the peer's MTA aborted", None, ASK_LOG) }
        }
        R::Rtse { reason } => {
            let advice = match reason {
                RtseReason::LOCAL_SYSTEM_PROBLEM | RtseReason::TEMPORARY_PROBLEM => TRY_LATER,
                RtseReason::PROTOCOL_ERROR | RtseReason::INVALID_PARAMETER => CAPTURE,
                _ => ASK_LOG,
            };
            let label = reason.label().unwrap_or("a reason without a name");
            peer(Layer::Rtse, label, Some(reason.0), advice)
        }
        R::Unexplained => peer(Layer::Rtse, "the peer's user aborted without a reason", None, ASK_LOG),
        R::Acse => peer(Layer::Acse, "protocol error", None, CAPTURE),
        R::Presentation { reason } => {
            let label = reason.label().unwrap_or("a reason without a name");
            peer(Layer::Presentation, label, Some(reason.0), CAPTURE)
        }
        R::Session { reason } => of_session_abort(reason, end, fault),
        R::Completed => ended(
            Layer::Rtse,
            By::Us,
            "the peer withdrew a message that was secured already",
            Some(RtseReason::TRANSFER_COMPLETED.0),
            ASK_LOG,
        ),
        R::RtseBroken { problem } => broken(Layer::Rtse, &problem),
        R::AcseBroken { problem } => broken(Layer::Acse, &problem),
        R::PresentationBroken { problem } => broken(Layer::Presentation, &problem),
        R::TimedOut { waiting_for } => ended(
            Layer::Rtse,
            By::Us,
            &format!("the peer was silent for too long: {waiting_for}"),
            None,
            ASK_LOG,
        ),
    }
}

fn ended(layer: Layer, by: By, reason: &str, code: Option<i64>, advice: &'static str) -> Abort {
    Abort { layer, by, reason: reason.into(), code, user_data: Vec::new(), advice }
}

fn of_session_abort(
    reason: session::AbortReason,
    end: Option<&TransportEnd>,
    fault: Option<&Fault>,
) -> Abort {
    use session::AbortReason as S;
    let problem = |otherwise: &str| fault.map_or_else(|| otherwise.into(), |fault| fault.problem.clone());
    match (reason, end.map(|(reason, _)| *reason)) {
        (S::TransportDisconnected, Some(DisconnectReason::ProtocolError)) => {
            ended(Layer::Transport, By::Us, &problem("the peer broke the transport protocol"), None, CAPTURE)
        }
        (S::TransportDisconnected, Some(DisconnectReason::LimitExceeded)) => {
            let reason = format!("the peer exceeded a limit of ours: {}", problem("too many octets"));
            ended(Layer::Transport, By::Us, &reason, None, LIMIT)
        }
        (S::TransportDisconnected, Some(DisconnectReason::NotTpkt)) => {
            ended(Layer::Transport, By::Us, &problem("the peer does not speak TPKT"), None, NOT_TPKT)
        }
        (S::TransportDisconnected, Some(DisconnectReason::Peer(code))) => {
            ended(Layer::Transport, By::Peer, "the peer disconnected", Some(code.into()), ASK_LOG)
        }
        (S::TransportDisconnected, Some(DisconnectReason::Rejected(code))) => {
            ended(Layer::Transport, By::Peer, "the peer rejected a TPDU", Some(code.into()), CAPTURE)
        }
        (S::TransportDisconnected, _) => {
            ended(Layer::Transport, By::Network, "the TCP connection was lost", None, NETWORK)
        }
        (S::TimedOut, Some(_)) => {
            ended(Layer::Transport, By::Us, "no answer to the connection request in time", None, SILENT)
        }
        (S::TimedOut, None) => ended(Layer::Session, By::Us, "no answer in time", None, SILENT),
        (S::ProtocolErrorByPeer, _) => {
            ended(Layer::Session, By::Us, &problem("the peer broke the session protocol"), None, CAPTURE)
        }
        (S::ProtocolErrorReported, _) => {
            ended(Layer::Session, By::Peer, "the peer found a protocol error", None, CAPTURE)
        }
        (S::Unspecified, _) => {
            ended(Layer::Session, By::Peer, "the peer's session provider gave no reason", None, ASK_LOG)
        }
        (S::User, _) => {
            ended(Layer::Session, By::Peer, "the peer's session user aborted without a reason", None, ASK_LOG)
        }
    }
}

impl Abort {
    /// The same, for an association that never stood.
    pub(super) fn into_refusal(self) -> Refusal {
        let Self { layer, reason, code, user_data, advice, by } = self;
        let permanent = by == By::Us && [CAPTURE, NOT_TPKT, LIMIT].contains(&advice);
        Refusal { layer, reason, code, permanent, user_data, advice }
    }
}
