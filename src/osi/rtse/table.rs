//! The state table of X.228 annex A. What was cut off on one association goes on on another by the name of its activity,
//! whether that association goes on itself (RTORQ with `recover`) or another was opened.
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
    /// We interrupted; the receiver to suspend the message, which goes on then.
    AwaitInterruptConfirm,
    /// The receiver to drop the message, which starts anew then.
    AwaitRestart,
    /// A message arrives.
    Receiving,
    /// The peer goes on with a message; what the user knows of it.
    AwaitResumeResponse,
    /// A message arrives that was secured before.
    ReceivingAgain,
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
    /// The user wants its message suspended.
    RTTRinterrupt,
    RTTRrspAccept,
    RTTRrspRefuse,
    /// The user has the beginning of the message that goes on.
    RTRSrspKept,
    /// It has, but not the checkpoint to go on from.
    RTRSrspMismatch,
    /// The user has secured the message that goes on.
    RTRSrspSecured,
    /// The user does not know the message that goes on.
    RTRSrspUnknown,
    /// The user has kept what came before a checkpoint.
    CheckpointKept,
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
    /// An RTORQ that we cannot accept: it is none, or of a mode that is not answered.
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
    /// The receiver cannot take the message.
    Exception,
    /// The receiver may take it if it goes on later.
    ExceptionLater,
    /// The receiver wants what came since the last confirmed checkpoint again.
    ExceptionAgain,
    /// The receiver has not what we go on with.
    ExceptionLost,
    ActivityEnd,
    /// An end before the wrapping ended.
    ActivityEndUnwelcome,
    ActivityEndConfirm,
    ActivityInterrupt,
    ActivityDiscard,
    ActivityInterruptConfirm,
    ActivityDiscardConfirm,
    RTTP,
    TurnGive,
    ReleaseIndication,
    ReleaseConfirm,
    /// A-ABORT or A-P-ABORT indication.
    AbortIndication,
    /// A-ABORT indication: the message that we withdraw, or go on with, was secured before.
    AbortCompletedIndication,
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
    /// Our message is one that was cut off before.
    Resumes,
    /// The receiver has confirmed a checkpoint of our message.
    Confirmed,
    /// Our message has not gone on too often without getting further.
    MayRecover,
    /// Our message was gone on with, and the receiver has not shown yet that it knows it.
    Doubtful,
    /// A checkpoint is confirmed when it comes, not when the user has kept what came before it.
    ConfirmsAtOnce,
    /// The peer has withdrawn the message that it goes on with before the user answered.
    Withdrawn,
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
    ResumeActivity,
    InterruptActivity,
    /// Tell a user that wants to know how much of its message is confirmed.
    IndicateProgress,
    /// Ask the user for the next part, unless that was done already, the window is full, or nothing is left.
    AskForPart,
    /// Send the part that the user gave, and a checkpoint if it was not the last.
    SendPart,
    EndActivity,
    ConfirmTransfer,
    /// Note where the message stands at a checkpoint.
    MarkPoint,
    ConfirmPoint,
    IndicatePoint,
    ReportException,
    /// Report that an activity is not known here.
    ReportUnknown,
    /// Report that an activity is known here, and the checkpoint not.
    ReportSequence,
    /// Ask the user what it knows of a message.
    AskWhetherKnown,
    IndicateResumed,
    DiscardActivity,
    ConfirmDiscard,
    ConfirmInterrupt,
    IndicateStart,
    IndicateData,
    IndicateEnd,
    IndicateDropped,
    IndicateInterrupted,
    IndicateConfirm,
    IndicateFailed,
    /// Tell a user that wants to know that the receiver has dropped or suspended its message.
    IndicateWithdrawn,
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
    /// Send RTAB: the message that the peer withdraws is secured.
    AbortCompleted,
    /// Tell the user that we aborted for that.
    IndicateCompleted,
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
        (WithTurn, RTTRreq) => &[
            (&[Resumes], &[ResumeActivity, AskForPart], Sending),
            (&[], &[StartActivity, AskForPart], Sending),
        ],
        (Sending, RTTRpart) => &[
            (&[LastPart], &[SendPart, EndActivity], AwaitActivityEndConfirm),
            (&[], &[SendPart, AskForPart], Sending),
        ],
        (Sending, SyncMinorConfirm) => &[(&[], &[IndicateProgress, AskForPart], Sending)],
        (AwaitActivityEndConfirm, SyncMinorConfirm) => &[(&[], &[IndicateProgress], AwaitActivityEndConfirm)],
        (AwaitActivityEndConfirm, ActivityEndConfirm) => &[(&[], &[IndicateConfirm], WithTurn)],

        // Receiving (X.228 7.4).
        (WithoutTurn, ActivityStart) => &[(&[], &[IndicateStart], Receiving)],
        (Receiving, RTTR) => &[(&[], &[IndicateData], Receiving)],
        (Receiving, SyncMinor) => &[
            (&[ConfirmsAtOnce], &[MarkPoint, ConfirmPoint], Receiving),
            (&[], &[MarkPoint, IndicatePoint], Receiving),
        ],
        (Receiving, CheckpointKept) => &[(&[], &[ConfirmPoint], Receiving)],
        (AwaitTransferResponse, CheckpointKept) => &[(&[], &[ConfirmPoint], AwaitTransferResponse)],
        (Receiving, ActivityEnd) => &[(&[], &[IndicateEnd], AwaitTransferResponse)],
        (AwaitTransferResponse, RTTRrspAccept) => &[(&[], &[ConfirmTransfer], WithoutTurn)],

        // Going on, as the receiver (X.228 7.8).
        (WithoutTurn, ActivityResume) => &[(&[], &[AskWhetherKnown], AwaitResumeResponse)],
        (AwaitResumeResponse, RTRSrspKept) => &[(&[], &[IndicateResumed], Receiving)],
        (AwaitResumeResponse, RTRSrspSecured) => &[(&[], &[], ReceivingAgain)],
        (AwaitResumeResponse, RTRSrspMismatch) => {
            &[(&[Withdrawn], &[], AwaitRecovery), (&[], &[ReportSequence], AwaitRecovery)]
        }
        (AwaitResumeResponse, RTRSrspUnknown) => {
            &[(&[Withdrawn], &[], AwaitRecovery), (&[], &[ReportUnknown], AwaitRecovery)]
        }
        (ReceivingAgain, RTTR | RTTRunwelcome) => &[(&[], &[], ReceivingAgain)],
        (ReceivingAgain, SyncMinor) => &[(&[], &[ConfirmPoint], ReceivingAgain)],
        (ReceivingAgain, ActivityEnd | ActivityEndUnwelcome) => &[(&[], &[ConfirmTransfer], WithoutTurn)],
        (ReceivingAgain, ActivityInterrupt) => &[(&[], &[ConfirmInterrupt], WithoutTurn)],
        (ReceivingAgain, ActivityDiscard) => &[(&[], &[IndicateCompleted, AbortCompleted], Ended)],

        // Trouble at the receiver, or with it (X.228 7.6, 7.7).
        (Receiving, RTTRunwelcome | ActivityEndUnwelcome) => &[(&[], &[ReportException], AwaitRecovery)],
        (Receiving | AwaitTransferResponse, RTTRrspRefuse) => &[(&[], &[ReportException], AwaitRecovery)],
        (Receiving | AwaitTransferResponse | AwaitRecovery, ActivityDiscard) => {
            &[(&[], &[ConfirmDiscard, IndicateDropped], WithoutTurn)]
        }
        (Receiving | AwaitTransferResponse | AwaitRecovery, ActivityInterrupt) => {
            &[(&[], &[ConfirmInterrupt, IndicateInterrupted], WithoutTurn)]
        }
        // What the sender sent before it saw our report.
        (AwaitRecovery, RTTR | RTTRunwelcome | SyncMinor | ActivityEnd | ActivityEndUnwelcome) => {
            &[(&[], &[], AwaitRecovery)]
        }
        (Sending | AwaitActivityEndConfirm, Exception | RTTRgiveUp) => {
            &[(&[], &[DiscardActivity, IndicateFailed], AwaitDiscardConfirm)]
        }
        (Sending | AwaitActivityEndConfirm, RTTRinterrupt) => {
            &[(&[Confirmed, MayRecover], &[InterruptActivity, IndicateFailed], AwaitDiscardConfirm)]
        }
        (Sending | AwaitActivityEndConfirm, ExceptionLater | TransferTime) => &[
            (&[Confirmed, MayRecover], &[InterruptActivity, IndicateFailed], AwaitDiscardConfirm),
            (&[], &[DiscardActivity, IndicateFailed], AwaitDiscardConfirm),
        ],
        (Sending | AwaitActivityEndConfirm, ExceptionAgain) => &[
            (&[Confirmed, MayRecover], &[InterruptActivity], AwaitInterruptConfirm),
            (&[MayRecover], &[DiscardActivity], AwaitRestart),
            (&[], &[DiscardActivity, IndicateFailed], AwaitDiscardConfirm),
        ],
        (Sending | AwaitActivityEndConfirm, ExceptionLost) => &[
            (&[Doubtful], &[DiscardActivity], AwaitRestart),
            (&[], &[DiscardActivity, IndicateFailed], AwaitDiscardConfirm),
        ],
        (AwaitInterruptConfirm, ActivityInterruptConfirm) => &[(&[], &[ResumeActivity, AskForPart], Sending)],
        (AwaitRestart, ActivityDiscardConfirm) => &[(&[], &[StartActivity, AskForPart], Sending)],
        (AwaitInterruptConfirm | AwaitRestart, RTTRgiveUp) => {
            &[(&[], &[IndicateFailed], AwaitDiscardConfirm)]
        }
        (AwaitDiscardConfirm, ActivityDiscardConfirm | ActivityInterruptConfirm) => {
            &[(&[], &[IndicateWithdrawn], WithTurn)]
        }
        // The message is secured, and the receiver says so in the only way there is.
        (
            Sending | AwaitActivityEndConfirm | AwaitInterruptConfirm | AwaitRestart,
            AbortCompletedIndication,
        ) => &[(&[], &[IndicateConfirm, IndicateAborted], Ended)],

        // The turn (X.228 7.5).
        (WithoutTurn, RTTPreq) => &[(&[TwoWay], &[AskForTurn], WithoutTurn)],
        (Receiving, RTTPreq) => &[(&[TwoWay], &[AskForTurn], Receiving)],
        (ReceivingAgain, RTTPreq) => &[(&[TwoWay], &[AskForTurn], ReceivingAgain)],
        (AwaitTransferResponse, RTTPreq) => &[(&[TwoWay], &[AskForTurn], AwaitTransferResponse)],
        (WithTurn, RTTP) => &[(&[TwoWay], &[IndicateTurnPlease], WithTurn), (&[], &[], WithTurn)],
        (Sending, RTTP) => &[(&[TwoWay], &[IndicateTurnPlease], Sending), (&[], &[], Sending)],
        (AwaitActivityEndConfirm, RTTP) => &[
            (&[TwoWay], &[IndicateTurnPlease], AwaitActivityEndConfirm),
            (&[], &[], AwaitActivityEndConfirm),
        ],
        (AwaitDiscardConfirm, RTTP) => {
            &[(&[TwoWay], &[IndicateTurnPlease], AwaitDiscardConfirm), (&[], &[], AwaitDiscardConfirm)]
        }
        (AwaitInterruptConfirm, RTTP) => {
            &[(&[TwoWay], &[IndicateTurnPlease], AwaitInterruptConfirm), (&[], &[], AwaitInterruptConfirm)]
        }
        (AwaitRestart, RTTP) => &[(&[TwoWay], &[IndicateTurnPlease], AwaitRestart), (&[], &[], AwaitRestart)],
        (AwaitCloseConfirm, RTTP) => &[(&[], &[], AwaitCloseConfirm)],
        (WithTurn, RTTGreq) => &[(&[TwoWay], &[GiveTurn], WithoutTurn)],
        (WithoutTurn, TurnGive) => &[(&[], &[IndicateTurnGiven], WithTurn)],

        // Closing (X.228 7.2).
        (WithTurn, RTCLreq) => &[(&[Initiator], &[Release], AwaitCloseConfirm)],
        (AwaitCloseConfirm, ReleaseConfirm) => &[(&[], &[IndicateClosed], Ended)],
        (WithoutTurn, ReleaseIndication) => &[(&[], &[IndicateClose], AwaitCloseResponse)],
        (AwaitCloseResponse, RTCLrsp) => &[(&[], &[RespondRelease], Ended)],

        // Aborts (X.228 7.8, 7.9). Afterwards nothing matters.
        (Idle, AbortIndication | AbortCompletedIndication | Invalid | PeerTime) => &[(&[], &[], Ended)],
        (Idle | Ended, RTUABreq) => &[],
        (Ended, _) if !event.is_request() => &[(&[], &[], Ended)],
        (_, RTUABreq) => &[(&[], &[AbortByUser, EndTransfers], Ended)],
        (_, AbortIndication | AbortCompletedIndication) => &[(&[], &[EndTransfers, IndicateAborted], Ended)],
        (_, PeerTime) => &[(&[], &[EndTransfers, IndicateSilence, AbortSilence], Ended)],
        (_, Invalid) => &[(&[], &[EndTransfers, IndicateBroken, AbortProtocolError], Ended)],
        _ => &[],
    }
}

impl State {
    /// Whether a message of ours is under way.
    pub(super) fn is_sending(self) -> bool {
        use State::*;
        matches!(self, Sending | AwaitActivityEndConfirm | AwaitInterruptConfirm | AwaitRestart)
    }

    /// Whether what our user asks for may have to wait.
    pub(super) fn holds(self) -> bool {
        matches!(self, Self::AwaitDiscardConfirm | Self::AwaitRecovery | Self::AwaitResumeResponse)
    }

    /// Whether the peer has to confirm that it dropped or suspended our message.
    pub(super) fn awaits_withdrawal(self) -> bool {
        matches!(self, Self::AwaitDiscardConfirm | Self::AwaitInterruptConfirm | Self::AwaitRestart)
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
                | RTTRinterrupt
                | RTTRrspAccept
                | RTTRrspRefuse
                | RTRSrspKept
                | RTRSrspMismatch
                | RTRSrspSecured
                | RTRSrspUnknown
                | CheckpointKept
                | RTTPreq
                | RTTGreq
                | RTCLreq
                | RTCLrsp
                | RTUABreq
        )
    }
}
