//! The state table of X.227 annex A, without release collisions.

/// What the association control protocol machine waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// STA0: nothing, there is no association.
    Idle,
    /// STA1: AARE.
    AwaitAare,
    /// STA2: A-ASSOCIATE response.
    AwaitResponse,
    /// STA3: RLRE.
    AwaitRlre,
    /// STA4: A-RELEASE response.
    AwaitReleaseResponse,
    /// STA5: the association stands.
    Associated,
}

/// A request or response, an APDU, or a presentation primitive that carries none. The abbreviations are those of the
/// annex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::upper_case_acronyms)]
pub(super) enum Event {
    AASCreq,
    AASCrspAccept,
    AASCrspReject,
    ARLSreq,
    ARLSrsp,
    AABRreq,
    AARQ,
    /// An AARQ that we cannot accept: application context or version.
    AARQrefused,
    AAREaccept,
    AAREreject,
    /// P-CONNECT confirm, negative, by the provider.
    PCONrefused,
    RLRQ,
    RLRE,
    ABRT,
    PPABind,
    /// Octets that are no APDU.
    Invalid,
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send the APDU that the request stands for.
    Send,
    /// Give the user the indication or confirm that came.
    Indicate,
    /// Send AARE: the provider, or the application context, rejects.
    SendRefusal,
    /// Send ABRT: the provider aborts.
    SendProviderAbort,
    /// Tell the user that the peer broke the protocol.
    IndicateBroken,
}

/// The table: what is done on an event, and what is waited for then. `None` is a misuse when the event is a request,
/// and a protocol error when it came from below.
pub(super) fn cell(state: State, event: Event) -> Option<(&'static [Action], State)> {
    use Action::*;
    use Event::*;
    use State::*;
    Some(match (state, event) {
        (Idle, AASCreq) => (&[Send], AwaitAare),
        (Idle, AARQ) => (&[Indicate], AwaitResponse),
        (Idle, AARQrefused) => (&[SendRefusal], Idle),
        (AwaitAare, AAREaccept) => (&[Indicate], Associated),
        (AwaitAare, AAREreject | PCONrefused) => (&[Indicate], Idle),
        (AwaitResponse, AASCrspAccept) => (&[Send], Associated),
        (AwaitResponse, AASCrspReject) => (&[Send], Idle),
        (Associated, ARLSreq) => (&[Send], AwaitRlre),
        (AwaitRlre, RLRE) => (&[Indicate], Idle),
        (Associated, RLRQ) => (&[Indicate], AwaitReleaseResponse),
        (AwaitReleaseResponse, ARLSrsp) => (&[Send], Idle),
        (Idle, AABRreq) => return None,
        (_, AABRreq) => (&[Send], Idle),
        // What is left after our own abort or refusal.
        (Idle, ABRT | PPABind) => (&[], Idle),
        (_, ABRT | PPABind) => (&[Indicate], Idle),
        (Idle, Invalid) => return None,
        (_, Invalid) => (&[IndicateBroken, SendProviderAbort], Idle),
        _ => return None,
    })
}
