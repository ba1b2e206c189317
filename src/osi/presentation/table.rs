//! The state table of X.226 annex A, for the kernel; it is the same in both modes.

/// What the presentation protocol machine waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// STAI0: nothing, there is no connection.
    Idle,
    /// STAI1: CPA.
    AwaitAccept,
    /// STAI2: P-CONNECT response.
    AwaitResponse,
    /// STAt0: data transfer.
    Connected,
}

/// A request or response, a PPDU, or a session primitive that carries none. The abbreviations are those of the annex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::upper_case_acronyms)]
pub(super) enum Event {
    PCONreq,
    PCONrspAccept,
    PCONrspRefuse,
    PDTreq,
    PTPreq,
    PRELreq,
    PRELrsp,
    PUABreq,
    /// Activities, synchronization points, exceptions, and giving the turn.
    Passreq,
    CP,
    /// A CP that we cannot accept: selector, mode, version, or values that cannot be read.
    CPrefused,
    CPA,
    CPR,
    /// S-CONNECT confirm, negative, by session or transport.
    SCONrefused,
    TD,
    SPTind,
    SRELind,
    SRELcnf,
    ARU,
    ARP,
    SPABind,
    Passind,
    /// Octets that are no PPDU, or values in no context.
    Invalid,
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Send what the request stands for.
    Send,
    /// Give the user the indication or confirm that came.
    Indicate,
    /// Note the contexts proposed.
    Propose,
    /// Note the contexts agreed on.
    Define,
    /// Send CPR: the provider refuses.
    SendRefusal,
    /// Send ARP.
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
        (Idle, PCONreq) => (&[Propose, Send], AwaitAccept),
        (Idle, CP) => (&[Define, Indicate], AwaitResponse),
        (Idle, CPrefused) => (&[SendRefusal], Idle),
        (AwaitAccept, CPA) => (&[Define, Indicate], Connected),
        (AwaitAccept, CPR | SCONrefused) => (&[Indicate], Idle),
        (AwaitResponse, PCONrspAccept) => (&[Send], Connected),
        (AwaitResponse, PCONrspRefuse) => (&[Send], Idle),
        (Connected, PDTreq | PTPreq | Passreq | PRELreq) => (&[Send], Connected),
        (Connected, TD | SPTind | Passind | SRELind) => (&[Indicate], Connected),
        // Session knows whether a release is under way, and whose.
        (Connected, PRELrsp) => (&[Send], Idle),
        (Connected, SRELcnf) => (&[Indicate], Idle),
        (AwaitAccept | AwaitResponse | Connected, PUABreq) => (&[Send], Idle),
        (AwaitAccept | AwaitResponse | Connected, ARU | ARP | SPABind) => (&[Indicate], Idle),
        // What is left after our own abort or refusal.
        (Idle, ARU | ARP | SPABind) => (&[], Idle),
        (AwaitAccept | AwaitResponse | Connected, Invalid) => (&[IndicateBroken, SendProviderAbort], Idle),
        _ => return None,
    })
}
