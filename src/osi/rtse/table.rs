//! The state table of X.228 annex A, without resumption.
//!
//! [`cell`] is the table: for a state and an event, the alternatives in the order in which they are tried. The first
//! one whose predicates all hold gives the actions and the next state.

/// What the reliable transfer protocol machine does or waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing yet.
    Idle,
    /// Initiator: the answer to RTORQ.
    AwaitOpenConfirm,
    /// Responder: RT-OPEN response.
    AwaitOpenResponse,
    /// Open, with the turn.
    WithTurn,
    /// Open, without the turn.
    WithoutTurn,
    /// Data are left; checkpoints to be confirmed.
    Sending,
    /// All data are sent; the receiver to secure them.
    AwaitActivityEndConfirm,
    /// We gave up; the receiver to confirm it.
    AwaitDiscardConfirm,
    /// A message arrives.
    Receiving,
    /// A message has arrived; RT-TRANSFER response.
    AwaitTransferResponse,
    /// We reported an exception; the sender to give up.
    AwaitRecovery,
    /// The confirm of our close.
    AwaitCloseConfirm,
    /// RT-CLOSE response.
    AwaitCloseResponse,
    /// All is over.
    Ended,
}

/// A request or response, a timer, or what came from below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::upper_case_acronyms)]
pub(super) enum Event {
    RTOPreq,
    RTOPrspAccept,
    RTOPrspRefuse,
    RTTRreq,
    /// The part of a message that was asked for.
    RTTRpart,
    /// The user cannot go on with its message.
    RTTRgiveUp,
    RTTRrspAccept,
    RTTRrspRefuse,
    RTTPreq,
    RTTGreq,
    RTCLreq,
    RTCLrsp,
    RTUABreq,
    /// Our transfer took too long.
    TransferTime,
    /// The peer is silent for too long.
    PeerTime,
    RTORQ,
    /// An RTORQ that we cannot accept: it wants to go on with another association, or is none.
    RTORQunusable,
    RTOAC,
    /// An RTOAC of no use: a presentation context is missing, or it is none.
    RTOACunusable,
    /// A-ASSOCIATE confirm, negative.
    RTORJ,
    ActivityStart,
    ActivityResume,
    RTTR,
    /// Data that cannot be taken: too much, or not in its wrapping.
    RTTRunwelcome,
    SyncMinor,
    SyncMinorConfirm,
    Exception,
    ActivityEnd,
    /// An end before the wrapping ended.
    ActivityEndUnwelcome,
    ActivityEndConfirm,
    ActivityInterrupt,
    ActivityDiscard,
    ActivityDiscardConfirm,
    RTTP,
    TurnGive,
    ReleaseIndication,
    ReleaseConfirm,
    /// A-ABORT or A-P-ABORT indication.
    AbortIndication,
    /// What does not belong to the protocol.
    Invalid,
}

/// A condition on the local variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predicate {
    /// We opened the association.
    Initiator,
    /// Both sides may send.
    TwoWay,
    /// The turn was given to us when the association was opened.
    OwnTurn,
    /// What the user gives is all that is left to send.
    LastPart,
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    SendOpenRequest,
    SendOpenAccept,
    SendOpenRefuse,
    RefuseUnusable,
    IndicateOpen,
    IndicateOpened,
    IndicateRefused,
    StartActivity,
    /// Ask the user for the next part, unless that was done already, the window is full, or nothing is left.
    AskForPart,
    /// Send the part that the user gave, and a checkpoint if it was not the last.
    SendPart,
    EndActivity,
    ConfirmTransfer,
    ConfirmPoint,
    ReportException,
    /// Report that an activity is not known here.
    ReportUnknown,
    DiscardActivity,
    ConfirmDiscard,
    ConfirmInterrupt,
    IndicateStart,
    IndicateData,
    IndicateEnd,
    IndicateDropped,
    IndicateConfirm,
    IndicateFailed,
    AskForTurn,
    GiveTurn,
    IndicateTurnPlease,
    IndicateTurnGiven,
    Release,
    RespondRelease,
    IndicateClose,
    IndicateClosed,
    /// Send RTAB: the user aborts.
    AbortByUser,
    /// Send RTAB: protocol error.
    AbortProtocolError,
    /// Send RTAB: temporary problem.
    AbortSilence,
    /// Tell the user what became of a message under way.
    EndTransfers,
    IndicateAborted,
    IndicateBroken,
    IndicateSilence,
}

/// One way out of a cell: what must hold, what is done, and the next state.
pub(super) type Alternative = (&'static [Predicate], &'static [Action], State);

/// The alternatives for an event in a state.
pub(super) fn cell(state: State, event: Event) -> &'static [Alternative] {
    use Action::*;
    use Event::*;
    use Predicate::*;
    use State::*;
    match (state, event) {
        // Opening (X.228 7.1).
        (Idle, RTOPreq) => &[(&[Initiator], &[SendOpenRequest], AwaitOpenConfirm)],
        (Idle, RTORQ) => &[(&[], &[IndicateOpen], AwaitOpenResponse)],
        (Idle, RTORQunusable) => &[(&[], &[RefuseUnusable], Ended)],
        (AwaitOpenConfirm, RTOAC) => &[(&[], &[IndicateOpened], WithTurn)],
        (AwaitOpenConfirm, RTOACunusable) => &[(&[], &[IndicateRefused, AbortProtocolError], Ended)],
        (AwaitOpenConfirm, RTORJ) => &[(&[], &[IndicateRefused], Ended)],
        (AwaitOpenResponse, RTOPrspAccept) => &[
            (&[OwnTurn], &[SendOpenAccept, IndicateTurnGiven], WithTurn),
            (&[], &[SendOpenAccept], WithoutTurn),
        ],
        (AwaitOpenResponse, RTOPrspRefuse) => &[(&[], &[SendOpenRefuse], Ended)],

        // Sending (X.228 7.4).
        (WithTurn, RTTRreq) => &[(&[], &[StartActivity, AskForPart], Sending)],
        (Sending, RTTRpart) => &[
            (&[LastPart], &[SendPart, EndActivity], AwaitActivityEndConfirm),
            (&[], &[SendPart, AskForPart], Sending),
        ],
        (Sending, SyncMinorConfirm) => &[(&[], &[AskForPart], Sending)],
        (AwaitActivityEndConfirm, SyncMinorConfirm) => &[(&[], &[], AwaitActivityEndConfirm)],
        (AwaitActivityEndConfirm, ActivityEndConfirm) => &[(&[], &[IndicateConfirm], WithTurn)],

        // Receiving (X.228 7.4).
        (WithoutTurn, ActivityStart) => &[(&[], &[IndicateStart], Receiving)],
        (Receiving, RTTR) => &[(&[], &[IndicateData], Receiving)],
        (Receiving, SyncMinor) => &[(&[], &[ConfirmPoint], Receiving)],
        (Receiving, ActivityEnd) => &[(&[], &[IndicateEnd], AwaitTransferResponse)],
        (AwaitTransferResponse, RTTRrspAccept) => &[(&[], &[ConfirmTransfer], WithoutTurn)],

        // Trouble at the receiver, or with it (X.228 7.6, 7.7).
        (WithoutTurn, ActivityResume) => &[(&[], &[ReportUnknown], AwaitRecovery)],
        (Receiving, RTTRunwelcome | ActivityEndUnwelcome) => &[(&[], &[ReportException], AwaitRecovery)],
        (Receiving | AwaitTransferResponse, RTTRrspRefuse) => &[(&[], &[ReportException], AwaitRecovery)],
        (Receiving | AwaitTransferResponse | AwaitRecovery, ActivityDiscard) => {
            &[(&[], &[ConfirmDiscard, IndicateDropped], WithoutTurn)]
        }
        (Receiving | AwaitTransferResponse | AwaitRecovery, ActivityInterrupt) => {
            &[(&[], &[ConfirmInterrupt, IndicateDropped], WithoutTurn)]
        }
        // What the sender sent before it saw our report.
        (AwaitRecovery, RTTR | RTTRunwelcome | SyncMinor | ActivityEnd | ActivityEndUnwelcome) => {
            &[(&[], &[], AwaitRecovery)]
        }
        (Sending | AwaitActivityEndConfirm, Exception | TransferTime | RTTRgiveUp) => {
            &[(&[], &[DiscardActivity, IndicateFailed], AwaitDiscardConfirm)]
        }
        (AwaitDiscardConfirm, ActivityDiscardConfirm) => &[(&[], &[], WithTurn)],

        // The turn (X.228 7.5).
        (WithoutTurn, RTTPreq) => &[(&[TwoWay], &[AskForTurn], WithoutTurn)],
        (Receiving, RTTPreq) => &[(&[TwoWay], &[AskForTurn], Receiving)],
        (AwaitTransferResponse, RTTPreq) => &[(&[TwoWay], &[AskForTurn], AwaitTransferResponse)],
        (WithTurn, RTTP) => &[(&[TwoWay], &[IndicateTurnPlease], WithTurn), (&[], &[], WithTurn)],
        (Sending, RTTP) => &[(&[TwoWay], &[IndicateTurnPlease], Sending), (&[], &[], Sending)],
        (AwaitActivityEndConfirm, RTTP) => &[
            (&[TwoWay], &[IndicateTurnPlease], AwaitActivityEndConfirm),
            (&[], &[], AwaitActivityEndConfirm),
        ],
        (AwaitDiscardConfirm, RTTP) => &[(&[], &[], AwaitDiscardConfirm)],
        (AwaitCloseConfirm, RTTP) => &[(&[], &[], AwaitCloseConfirm)],
        (WithTurn, RTTGreq) => &[(&[TwoWay], &[GiveTurn], WithoutTurn)],
        (WithoutTurn, TurnGive) => &[(&[], &[IndicateTurnGiven], WithTurn)],

        // Closing (X.228 7.2).
        (WithTurn, RTCLreq) => &[(&[Initiator], &[Release], AwaitCloseConfirm)],
        (AwaitCloseConfirm, ReleaseConfirm) => &[(&[], &[IndicateClosed], Ended)],
        (WithoutTurn, ReleaseIndication) => &[(&[], &[IndicateClose], AwaitCloseResponse)],
        (AwaitCloseResponse, RTCLrsp) => &[(&[], &[RespondRelease], Ended)],

        // Aborts (X.228 7.8, 7.9). Afterwards nothing matters.
        (Idle, AbortIndication | Invalid | PeerTime) => &[(&[], &[], Ended)],
        (Idle | Ended, RTUABreq) => &[],
        (Ended, _) if !event.is_request() => &[(&[], &[], Ended)],
        (_, RTUABreq) => &[(&[], &[AbortByUser, EndTransfers], Ended)],
        (_, AbortIndication) => &[(&[], &[EndTransfers, IndicateAborted], Ended)],
        (_, PeerTime) => &[(&[], &[EndTransfers, IndicateSilence, AbortSilence], Ended)],
        (_, Invalid) => &[(&[], &[EndTransfers, IndicateBroken, AbortProtocolError], Ended)],
        _ => &[],
    }
}

impl Event {
    /// Whether our own user asks.
    pub(super) fn is_request(self) -> bool {
        use Event::*;
        matches!(
            self,
            RTOPreq
                | RTOPrspAccept
                | RTOPrspRefuse
                | RTTRreq
                | RTTRpart
                | RTTRgiveUp
                | RTTRrspAccept
                | RTTRrspRefuse
                | RTTPreq
                | RTTGreq
                | RTCLreq
                | RTCLrsp
                | RTUABreq
        )
    }
}
