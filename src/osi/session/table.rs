//! The state table of X.225 annex A, for our functional units.
//!
//! [`cell`] is the table: for a state and an event, the alternatives in the order in which they are tried. The first
//! one whose predicates all hold gives the actions and the next state. A cell without a fitting alternative is a
//! misuse by our own user when the event is a request, and a protocol error when it is an SPDU.
//!
//! Where the annex leaves a choice: we never reuse a transport connection, so that every release and abort ends it.
//! An invalid SPDU aborts the connection; we do not send ER.

/// What the session protocol machine waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// STA01: nothing, there is no transport connection.
    Idle,
    /// STA01B: T-CONNECT confirm.
    AwaitTransportConfirm,
    /// STA01C: CN, on a transport connection that the peer made.
    AwaitConnect,
    /// STA02A: AC.
    AwaitAccept,
    /// STA03: DN.
    AwaitDisconnect,
    /// STA04B: AEA.
    AwaitActivityEndAck,
    /// STA05B: AIA.
    AwaitInterruptAck,
    /// STA05C: ADA.
    AwaitDiscardAck,
    /// STA08: S-CONNECT response.
    AwaitConnectResponse,
    /// STA09: S-RELEASE response.
    AwaitReleaseResponse,
    /// STA10B: S-ACTIVITY-END response.
    AwaitActivityEndResponse,
    /// STA11B: S-ACTIVITY-INTERRUPT response.
    AwaitInterruptResponse,
    /// STA11C: S-ACTIVITY-DISCARD response.
    AwaitDiscardResponse,
    /// STA16: T-DISCONNECT indication.
    AwaitTransportDisconnect,
    /// STA18: GTA.
    AwaitGiveTokensAck,
    /// STA19: the recovery that the peer decides on, after we reported an exception.
    AwaitRecovery,
    /// STA20: the recovery that our user decides on, after the peer reported an exception.
    AwaitRecoveryRequest,
    /// STA713: data transfer.
    DataTransfer,
}

/// A request or response, something from the transport, an SPDU, or the timer. The abbreviations are those of the
/// annex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Event {
    SCONreq,
    SCONrspAccept,
    SCONrspRefuse,
    SDTreq,
    SPTreq,
    SCGreq,
    SRELreq,
    SRELrsp,
    SSYNmreq,
    SSYNmrsp,
    SUERreq,
    SACTSreq,
    SACTRreq,
    SACTIreq,
    SACTIrsp,
    SACTDreq,
    SACTDrsp,
    SACTEreq,
    SACTErsp,
    SUABreq,
    TCONind,
    TCONcnf,
    TDISind,
    TIM,
    CN,
    AC,
    RF,
    FN,
    DN,
    AB,
    AA,
    DT,
    GT,
    PT,
    GTC,
    GTA,
    MIP,
    MIA,
    ER,
    ED,
    AS,
    AR,
    AI,
    AIA,
    AD,
    ADA,
    AE,
    AEA,
    /// Octets that are no SPDU of ours.
    Invalid,
}

/// A condition on the local variables or on the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// We own the data, minor and major/activity token.
    Turn,
    /// The peer owns them.
    NoTurn,
    /// An activity is in progress (Vact).
    Activity,
    /// None is.
    NoActivity,
    /// The serial number fits V(A) and V(M), or the proposals of CN and AC can be accepted, or GT gives the whole turn.
    Valid,
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the SPDU that the request stands for.
    Send,
    /// Give the user the indication or confirm that the SPDU stands for.
    Indicate,
    /// Ask for the transport connection.
    TransportConnect,
    /// Accept the transport connection.
    TransportAccept,
    /// End the transport connection.
    TransportDisconnect,
    /// Send CN, whose parameters wait since the request.
    SendConnect,
    /// Send RF: the session provider refuses.
    RefuseByProvider,
    /// Send GTA.
    SendGiveTokensAck,
    /// Send GT with the tokens of the turn.
    SendGiveTokens,
    /// Send AIA, without asking the user.
    SendInterruptAck,
    /// Send ADA, without asking the user.
    SendDiscardAck,
    /// Send AB: the peer broke the protocol.
    AbortProtocolError,
    /// Send AB: no reason.
    AbortNoReason,
    /// Tell the user that the provider ended the connection.
    IndicateAbort,
    /// Tell the user that the transport refused, as a negative S-CONNECT confirm.
    IndicateTransportRefusal,
    /// The turn is ours.
    TakeTurn,
    /// The turn is the peer's.
    GiveTurn,
    /// Note what CN and AC agreed on.
    Establish,
    /// An activity begins; its serial numbers start (X.225 table A-4).
    BeginActivity,
    /// The activity is over.
    EndActivity,
    /// Move V(A), V(M) and Vsc on (X.225 table A-4).
    Count,
    /// Run the timer for the connection to come about.
    StartConnectTimer,
    /// Run the timer for DN.
    StartReleaseTimer,
    /// Run the timer for the peer to end the transport connection (TIM).
    StartAbortTimer,
    /// Stop the timer.
    StopTimer,
}

/// One way out of a cell: what must hold, what is done, and what is waited for then.
pub type Alternative = (&'static [Predicate], &'static [Action], State);

/// The alternatives for an event in a state.
pub fn cell(state: State, event: Event) -> &'static [Alternative] {
    use Action::*;
    use Event::*;
    use Predicate::*;
    use State::*;
    match (state, event) {
        // Connection establishment (table A-5).
        (Idle, SCONreq) => &[(&[], &[TransportConnect, StartConnectTimer], AwaitTransportConfirm)],
        (Idle, TCONind) => &[(&[], &[TransportAccept, StartConnectTimer], AwaitConnect)],
        (AwaitTransportConfirm, TCONcnf) => &[(&[], &[SendConnect], AwaitAccept)],
        (AwaitTransportConfirm, TDISind) => &[(&[], &[StopTimer, IndicateTransportRefusal], Idle)],
        (AwaitTransportConfirm, SUABreq) => &[(&[], &[StopTimer, TransportDisconnect], Idle)],
        (AwaitConnect, CN) => &[
            (&[Valid], &[StopTimer, Indicate], AwaitConnectResponse),
            (&[], &[RefuseByProvider, StartAbortTimer], AwaitTransportDisconnect),
        ],
        (AwaitAccept, AC) => &[(&[Valid], &[StopTimer, Establish, Indicate], DataTransfer)],
        (AwaitAccept, RF) => &[(&[], &[StopTimer, Indicate, TransportDisconnect], Idle)],
        (AwaitConnectResponse, SCONrspAccept) => &[(&[], &[Establish, Send], DataTransfer)],
        (AwaitConnectResponse, SCONrspRefuse) => &[(&[], &[Send, StartAbortTimer], AwaitTransportDisconnect)],

        // Data and tokens (tables ). Data only flows in activities (X.215 table 9).
        (DataTransfer, SDTreq) => &[(&[Turn, Activity], &[Send], DataTransfer)],
        (DataTransfer, DT) => &[(&[NoTurn, Activity], &[Indicate], DataTransfer)],
        (DataTransfer, SPTreq) => &[(&[NoTurn], &[Send], DataTransfer)],
        (AwaitActivityEndResponse, SPTreq) => &[(&[], &[Send], AwaitActivityEndResponse)],
        (DataTransfer, PT) => &[(&[Turn], &[Indicate], DataTransfer)],
        (AwaitActivityEndAck, PT) => &[(&[], &[Indicate], AwaitActivityEndAck)],
        (DataTransfer, SCGreq) => &[(&[Turn, NoActivity], &[Send, GiveTurn], AwaitGiveTokensAck)],
        (DataTransfer, GTC) => {
            &[(&[NoTurn, NoActivity], &[TakeTurn, SendGiveTokensAck, Indicate], DataTransfer)]
        }
        (AwaitGiveTokensAck, GTA) => &[(&[], &[], DataTransfer)],
        // The peer asked for the turn before it saw our GTC.
        (AwaitGiveTokensAck, PT) => &[(&[], &[], AwaitGiveTokensAck)],
        (DataTransfer, GT) => &[(&[NoTurn, Valid], &[TakeTurn, Indicate], DataTransfer)],

        // Minor synchronization (table A-8).
        (DataTransfer, SSYNmreq) => &[(&[Turn, Activity, Valid], &[Send, Count], DataTransfer)],
        (DataTransfer, MIP) => &[(&[NoTurn, Activity, Valid], &[Count, Indicate], DataTransfer)],
        (DataTransfer, SSYNmrsp) => &[(&[Activity, Valid], &[Send, Count], DataTransfer)],
        (AwaitActivityEndResponse, SSYNmrsp) => &[(&[Valid], &[Send, Count], AwaitActivityEndResponse)],
        (DataTransfer, MIA) => &[(&[Activity, Valid], &[Count, Indicate], DataTransfer)],
        (AwaitActivityEndAck, MIA) => &[(&[Valid], &[Count, Indicate], AwaitActivityEndAck)],

        // Activities (tables ).
        (DataTransfer, SACTSreq | SACTRreq) => {
            &[(&[Turn, NoActivity, Valid], &[Send, BeginActivity], DataTransfer)]
        }
        (DataTransfer, AS | AR) => {
            &[(&[NoTurn, NoActivity, Valid], &[BeginActivity, Indicate], DataTransfer)]
        }
        (DataTransfer, SACTEreq) => &[(&[Turn, Activity, Valid], &[Send, Count], AwaitActivityEndAck)],
        (DataTransfer, AE) => &[(&[NoTurn, Activity, Valid], &[Count, Indicate], AwaitActivityEndResponse)],
        (AwaitActivityEndResponse, SACTErsp) => &[(&[], &[Send, Count, EndActivity], DataTransfer)],
        (AwaitActivityEndAck, AEA) => &[(&[Valid], &[Count, EndActivity, Indicate], DataTransfer)],
        (DataTransfer | AwaitActivityEndAck | AwaitRecoveryRequest, SACTIreq) => {
            &[(&[Turn, Activity], &[Send], AwaitInterruptAck)]
        }
        (DataTransfer | AwaitActivityEndAck | AwaitRecoveryRequest, SACTDreq) => {
            &[(&[Turn, Activity], &[Send], AwaitDiscardAck)]
        }
        // Without an activity, our AEA crossed the SPDU: for us the activity ended well, and the peer only waits.
        (DataTransfer, AI) => &[
            (&[NoTurn, Activity], &[Indicate], AwaitInterruptResponse),
            (&[NoTurn], &[SendInterruptAck], DataTransfer),
        ],
        (DataTransfer, AD) => &[
            (&[NoTurn, Activity], &[Indicate], AwaitDiscardResponse),
            (&[NoTurn], &[SendDiscardAck], DataTransfer),
        ],
        (AwaitActivityEndResponse | AwaitRecovery, AI) => &[(&[], &[Indicate], AwaitInterruptResponse)],
        (AwaitActivityEndResponse | AwaitRecovery, AD) => &[(&[], &[Indicate], AwaitDiscardResponse)],
        (AwaitInterruptResponse, SACTIrsp) | (AwaitDiscardResponse, SACTDrsp) => {
            &[(&[], &[Send, EndActivity], DataTransfer)]
        }
        (AwaitInterruptAck, AIA) | (AwaitDiscardAck, ADA) => &[(&[], &[EndActivity, Indicate], DataTransfer)],
        // What the peer sent before it saw our AI or AD.
        (AwaitInterruptAck, MIA | AEA | ED | ER) => &[(&[], &[], AwaitInterruptAck)],
        (AwaitDiscardAck, MIA | AEA | ED | ER) => &[(&[], &[], AwaitDiscardAck)],
        (AwaitInterruptAck, PT) => &[(&[], &[Indicate], AwaitInterruptAck)],
        (AwaitDiscardAck, PT) => &[(&[], &[Indicate], AwaitDiscardAck)],

        // Exceptions (table A-10).
        (DataTransfer | AwaitActivityEndResponse, SUERreq) => {
            &[(&[NoTurn, Activity], &[Send], AwaitRecovery)]
        }
        (DataTransfer | AwaitActivityEndAck, ED | ER) => {
            &[(&[Turn, Activity], &[Indicate], AwaitRecoveryRequest)]
        }
        (AwaitRecovery, DT) => &[(&[], &[], AwaitRecovery)],
        (AwaitRecovery, MIP | AE) => &[(&[Valid], &[Count], AwaitRecovery)],
        (AwaitRecovery, GT) => &[(&[Valid], &[TakeTurn, Indicate], DataTransfer)],
        (AwaitRecoveryRequest, SCGreq) => &[(&[], &[SendGiveTokens, GiveTurn], DataTransfer)],
        (AwaitRecoveryRequest, PT) => &[(&[], &[Indicate], AwaitRecoveryRequest)],

        // Release (table A-13).
        (DataTransfer, SRELreq) => &[(&[Turn, NoActivity], &[Send, StartReleaseTimer], AwaitDisconnect)],
        (DataTransfer, FN) => &[(&[NoTurn, NoActivity], &[Indicate], AwaitReleaseResponse)],
        (AwaitReleaseResponse, SRELrsp) => &[(&[], &[Send, StartAbortTimer], AwaitTransportDisconnect)],
        (AwaitDisconnect, DN) => &[(&[], &[StopTimer, Indicate, TransportDisconnect], Idle)],
        // The peer asked for the turn before it saw our FN.
        (AwaitDisconnect, PT) => &[(&[], &[], AwaitDisconnect)],

        // Abort, from either side, and the end of the transport connection (table A-14).
        (Idle | AwaitTransportDisconnect, SUABreq) => &[],
        (AwaitConnect, SUABreq) => &[(&[], &[StopTimer, TransportDisconnect], Idle)],
        (_, SUABreq) => &[(&[], &[Send, StartAbortTimer], AwaitTransportDisconnect)],
        (Idle, TDISind) => &[],
        (AwaitConnect | AwaitTransportDisconnect, TDISind) => &[(&[], &[StopTimer], Idle)],
        (_, TDISind) => &[(&[], &[StopTimer, IndicateAbort], Idle)],
        (AwaitConnect, TIM) => &[(&[], &[StopTimer, TransportDisconnect], Idle)],
        (AwaitTransportDisconnect, TIM | AB | AA) => &[(&[], &[StopTimer, TransportDisconnect], Idle)],
        (AwaitTransportConfirm, TIM) => &[(&[], &[StopTimer, IndicateAbort, TransportDisconnect], Idle)],
        (AwaitAccept | AwaitDisconnect, TIM) => {
            &[(&[], &[IndicateAbort, AbortNoReason, StartAbortTimer], AwaitTransportDisconnect)]
        }
        (Idle | AwaitTransportConfirm, _) => &[],
        (AwaitConnect, AB) => &[(&[], &[StopTimer, TransportDisconnect], Idle)],
        (_, AB) => &[(&[], &[StopTimer, Indicate, TransportDisconnect], Idle)],
        // After our DN, RF or AB nothing matters but the end.
        (AwaitTransportDisconnect, event) if event.is_spdu() => &[(&[], &[], AwaitTransportDisconnect)],
        _ => &[],
    }
}

/// What happens on an SPDU that no alternative takes (X.225 A.4.1).
pub fn protocol_error(state: State) -> (&'static [Action], State) {
    match state {
        State::Idle | State::AwaitTransportConfirm => (&[], state),
        State::AwaitConnect => (&[Action::StopTimer, Action::TransportDisconnect], State::Idle),
        State::AwaitTransportDisconnect => (&[], state),
        _ => (
            &[Action::IndicateAbort, Action::AbortProtocolError, Action::StartAbortTimer],
            State::AwaitTransportDisconnect,
        ),
    }
}

impl State {
    /// The name of the state in the annex.
    pub fn annex_name(self) -> &'static str {
        match self {
            Self::Idle => "STA01",
            Self::AwaitTransportConfirm => "STA01B",
            Self::AwaitConnect => "STA01C",
            Self::AwaitAccept => "STA02A",
            Self::AwaitDisconnect => "STA03",
            Self::AwaitActivityEndAck => "STA04B",
            Self::AwaitInterruptAck => "STA05B",
            Self::AwaitDiscardAck => "STA05C",
            Self::AwaitConnectResponse => "STA08",
            Self::AwaitReleaseResponse => "STA09",
            Self::AwaitActivityEndResponse => "STA10B",
            Self::AwaitInterruptResponse => "STA11B",
            Self::AwaitDiscardResponse => "STA11C",
            Self::AwaitTransportDisconnect => "STA16",
            Self::AwaitGiveTokensAck => "STA18",
            Self::AwaitRecovery => "STA19",
            Self::AwaitRecoveryRequest => "STA20",
            Self::DataTransfer => "STA713",
        }
    }
}

impl Event {
    /// Whether the event is an SPDU, or octets in the place of one.
    pub fn is_spdu(self) -> bool {
        self >= Self::CN
    }
}

#[cfg(test)]
mod tests;
