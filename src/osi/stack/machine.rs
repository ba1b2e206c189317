//! The chain of layers as one machine.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use rasn_x400::acse::MTS_TRANSFER;
use rasn_x400::ber::header::element_length;
use rasn_x400::presentation::abstract_syntax::{ACSE, MTA_RTSE, MTSE};

use super::explain;
use super::primitive::{Abort, By, Config, Fault, Indication, Layer, Misuse, Output, Request, Selectors};
use crate::osi::transport::tpdu::Size;
use crate::osi::{acse, presentation, rtse, session, tpkt, transport};

/// One association over one TCP connection.
#[derive(Debug)]
pub struct Stack {
    transport: transport::Connection,
    session: session::Connection,
    presentation: presentation::Machine,
    acse: acse::Machine,
    rtse: rtse::Machine,
    initiator: bool,
    /// Whether the association was established: until then its end is a refusal, and little is held for the peer.
    opened: bool,
    /// Octets of a data unit that are held before the association is established.
    maximum_before_open: usize,
    /// The transport selectors that the peer sent.
    transport_selectors: transport::Selectors,
    /// What the transport said last, which session only hands on in part.
    transport_end: Option<(transport::DisconnectReason, Bytes)>,
    /// The first fault found in the peer.
    fault: Option<Fault>,
    end: End,
    /// The turn is wanted back before the peer has taken it: asked for, with this priority, as soon as it has.
    turn_wanted: Option<u32>,
    /// The user knows why the connection ends: it was told, or ends it itself.
    explained: bool,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The connection stands.
    NotYet,
    /// The connection is closed; the user has not heard yet.
    Closed,
    /// The user has heard.
    Told,
}

impl Stack {
    /// The side that opens the association, on a TCP connection it has made. Nothing happens before
    /// [`Request::Open`].
    pub fn initiator(config: Config, now: Instant) -> Self {
        Self::new(config, true, now)
    }

    /// The side that is asked, on a TCP connection it has just accepted.
    pub fn responder(config: Config, now: Instant) -> Self {
        Self::new(config, false, now)
    }

    fn new(config: Config, initiator: bool, now: Instant) -> Self {
        let maximum_before_open = config.limits.user_data + tpkt::MAXIMUM_PACKET;
        let transport = transport_config(&config);
        let session = session::Config {
            selector: if initiator { Bytes::new() } else { config.called.session.clone() },
            maximum_ssdu: config.limits.tsdu,
            connect_timeout: config.timers.connect,
            release_timeout: config.timers.release,
            abort_timeout: config.timers.release,
            ..session::Config::default()
        };
        let presentation = presentation::Config {
            selector: if initiator { Bytes::new() } else { config.called.presentation.clone() },
            normal: config.answers.iter().any(|mode| !mode.is_x410()),
            x410: config.answers.iter().any(|mode| mode.is_x410()),
            abstract_syntaxes: vec![ACSE, MTA_RTSE, MTSE],
            maximum_user_data: config.limits.user_data,
        };
        let acse = acse::Config { application_context: MTS_TRANSFER, maximum_apdu: config.limits.user_data };
        let selectors = transport::Selectors {
            calling: config.calling.transport.clone(),
            called: config.called.transport.clone(),
        };
        Self {
            transport: match initiator {
                true => transport::Connection::initiator(transport, selectors),
                false => transport::Connection::responder(transport, now),
            },
            session: match initiator {
                true => session::Connection::initiator(session),
                false => session::Connection::responder(session),
            },
            presentation: presentation::Machine::new(presentation),
            acse: acse::Machine::new(acse),
            rtse: match initiator {
                true => rtse::Machine::initiator(config),
                false => rtse::Machine::responder(config),
            },
            initiator,
            opened: false,
            maximum_before_open,
            transport_selectors: transport::Selectors::default(),
            transport_end: None,
            fault: None,
            end: End::NotYet,
            turn_wanted: None,
            explained: false,
            outputs: VecDeque::new(),
        }
    }

    /// Takes a request of the user.
    ///
    /// # Errors
    ///
    /// The request does not fit the state of the association, or its user data are not one element of BER; nothing
    /// has happened.
    pub fn request(&mut self, primitive: Request, now: Instant) -> Result<(), Misuse> {
        let user_data = match &primitive {
            Request::Open { user_data } | Request::Accept { user_data } => Some(user_data),
            Request::Refuse { user_data, .. } | Request::Abort { user_data } => {
                Some(user_data).filter(|octets| !octets.is_empty())
            }
            _ => None,
        };
        if user_data.is_some_and(|octets| element_length(octets) != Ok(octets.len())) {
            return Err(Misuse { request: "user data", expected: "one element of BER is expected" });
        }
        // The turn is still on its way to the peer, who cannot be asked for it yet.
        if let Request::TurnPlease { priority } = primitive
            && self.is_giving_turn()
        {
            self.turn_wanted = Some(priority);
            return Ok(());
        }
        let ends = matches!(primitive, Request::Abort { .. } | Request::Refuse { .. } | Request::CloseAccept);
        if matches!(primitive, Request::Abort { .. }) && self.rtse.is_over() {
            self.explained = true;
            self.disconnect(now);
        } else {
            let accepts = matches!(primitive, Request::Accept { .. } | Request::AcceptRecovery);
            let misuse = |it: rtse::Misuse| Misuse { request: it.request, expected: it.state };
            self.rtse.request(primitive, now).map_err(misuse)?;
            self.opened |= accepts;
            self.explained |= ends;
        }
        self.settle(now);
        Ok(())
    }

    /// Takes the next octets of the TCP connection, cut anywhere.
    ///
    /// # Errors
    ///
    /// The peer broke a protocol. What answers it, and what the user is told, wait to be polled.
    pub fn receive(&mut self, octets: &[u8], now: Instant) -> Result<(), Fault> {
        let known = self.fault.is_some();
        let result = self.transport.receive(octets, now);
        self.note(Layer::Transport, result);
        if !self.opened && self.transport.buffered() > self.maximum_before_open {
            let problem =
                format!("more than {} octets before the association is open", self.maximum_before_open);
            self.fault.get_or_insert(Fault { layer: Layer::Transport, problem });
            self.transport.give_up();
        }
        self.rtse.is_alive(now);
        self.settle(now);
        match &self.fault {
            Some(fault) if !known => Err(fault.clone()),
            _ => Ok(()),
        }
    }

    /// The TCP connection has ended, by the peer or by failure.
    pub fn lost(&mut self, now: Instant) {
        self.transport.lost(now);
        self.settle(now);
    }

    /// The deadline has passed. The lowest layer goes first: it knows best what is missing.
    pub fn timeout(&mut self, now: Instant) {
        self.transport.timeout(now);
        self.settle(now);
        self.session.timeout(now);
        self.settle(now);
        self.rtse.timeout(now);
        self.settle(now);
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Self::timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        let deadlines = [self.transport.deadline(), self.session.deadline(), self.rtse.deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// The octets held for packets and data units that have not ended yet.
    pub fn buffered(&self) -> usize {
        self.transport.buffered() + self.session.buffered()
    }

    /// Whether the connection has ended and everything about it was told.
    pub fn is_over(&self) -> bool {
        self.end == End::Told && self.outputs.is_empty()
    }

    /// Moves everything between the layers until nothing is left to move. Higher layers go first, so that no layer
    /// acts on something new before its user has answered what came before.
    fn settle(&mut self, now: Instant) {
        while self.rtse_output(now)
            || self.rtse_proceeds(now)
            || self.ask_for_turn(now)
            || self.acse_output(now)
            || self.presentation_output(now)
            || self.session_output(now)
            || self.transport_output(now)
        {}
        if self.end == End::Closed {
            self.end = End::Told;
            if let Some(fault) = self.fault.as_ref().filter(|_| !self.explained) {
                let abort = explain::abort_by_fault(self.transport_end.as_ref(), fault);
                self.aborted(abort);
            }
            self.outputs.push_back(Output::Up(Indication::Disconnected));
        }
    }

    fn is_giving_turn(&self) -> bool {
        self.session.state() == session::table::State::AwaitGiveTokensAck
    }

    /// Asks for the turn that was wanted too early. If the peer gave it back meanwhile, or all is over, nobody need ask.
    fn ask_for_turn(&mut self, now: Instant) -> bool {
        let priority = if self.is_giving_turn() { None } else { self.turn_wanted.take() };
        priority.is_some_and(|priority| self.rtse.request(Request::TurnPlease { priority }, now).is_ok())
    }

    fn rtse_output(&mut self, now: Instant) -> bool {
        match self.rtse.poll() {
            None => return false,
            Some(rtse::Output::Acse(request)) => {
                let result = self.acse.request(request);
                self.obey(Layer::Acse, result, now);
            }
            Some(rtse::Output::Presentation(request)) => {
                let result = self.presentation.request(request);
                self.obey(Layer::Presentation, result, now);
            }
            Some(rtse::Output::Up(indication)) => self.up(indication),
            Some(rtse::Output::Refused(refusal)) => {
                let refusal = explain::refusal(refusal, self.transport_end.as_ref());
                self.up(Indication::Refused(refusal));
            }
            Some(rtse::Output::CutOff { ours, abort, resumable, received }) => {
                let why = match abort {
                    None => "our side aborted the association".into(),
                    Some(abort) => {
                        let abort = explain::abort(abort, self.transport_end.as_ref(), self.fault.as_ref());
                        format!("{abort}; {}", abort.advice)
                    }
                };
                self.up(match ours {
                    true => Indication::TransferFailed { why, retry: true, resumable },
                    false => rtse::dropped(why, received),
                });
            }
            Some(rtse::Output::Aborted(abort)) => {
                let abort = explain::abort(abort, self.transport_end.as_ref(), self.fault.as_ref());
                self.aborted(abort);
            }
        }
        true
    }

    fn rtse_proceeds(&mut self, now: Instant) -> bool {
        let Some(result) = self.rtse.proceed(now) else { return false };
        self.note(Layer::Rtse, result);
        true
    }

    fn acse_output(&mut self, now: Instant) -> bool {
        match self.acse.poll() {
            None => return false,
            Some(acse::Output::Down(request)) => {
                let result = self.presentation.request(request);
                self.obey(Layer::Presentation, result, now);
            }
            Some(acse::Output::Up(indication)) => {
                let result = self.rtse.receive_association(indication, now);
                self.note(Layer::Rtse, result);
            }
        }
        true
    }

    fn presentation_output(&mut self, now: Instant) -> bool {
        use presentation::Indication as P;
        match self.presentation.poll() {
            None => return false,
            Some(presentation::Output::Down(request)) => {
                let result = self.session.request(request, now);
                self.obey(Layer::Session, result, now);
            }
            Some(presentation::Output::Up(
                indication @ (P::Data(_) | P::TokenPlease { .. } | P::Passed(_)),
            )) => {
                let result = self.rtse.receive(indication, now);
                self.note(Layer::Rtse, result);
            }
            Some(presentation::Output::Up(indication)) => {
                let result = self.acse.receive(indication);
                self.note(Layer::Acse, result);
            }
        }
        true
    }

    fn session_output(&mut self, now: Instant) -> bool {
        match self.session.poll() {
            None => return false,
            Some(session::Output::Down(request)) => {
                // Session ends a transport connection that may have ended already.
                let disconnect = request == transport::Request::Disconnect;
                if let Err(misuse) = self.transport.request(request, now)
                    && !disconnect
                {
                    self.obey(Layer::Transport, Err(misuse), now);
                }
            }
            Some(session::Output::Up(indication)) => {
                let result = self.presentation.receive(indication);
                self.note(Layer::Presentation, result);
            }
        }
        true
    }

    fn transport_output(&mut self, now: Instant) -> bool {
        match self.transport.poll() {
            None => return false,
            Some(transport::Output::Down(octets)) => self.outputs.push_back(Output::Down(octets)),
            Some(transport::Output::Close) if self.end == End::NotYet => {
                self.end = End::Closed;
                self.outputs.push_back(Output::Close);
            }
            Some(transport::Output::Close) => {}
            Some(transport::Output::Up(indication)) => {
                match &indication {
                    transport::Indication::Connect { selectors, .. } => {
                        self.transport_selectors = selectors.clone();
                    }
                    transport::Indication::Disconnect { reason, text } => {
                        self.transport_end = Some((*reason, text.clone()));
                    }
                    _ => {}
                }
                let result = self.session.receive(indication, now);
                self.note(Layer::Session, result);
            }
        }
        true
    }

    fn up(&mut self, mut indication: Indication) {
        match &mut indication {
            Indication::Open(open) => {
                let transport::Selectors { calling, called } = self.transport_selectors.clone();
                open.calling = Selectors { transport: calling, ..open.calling.clone() };
                open.called = Selectors { transport: called, ..open.called.clone() };
            }
            Indication::Opened { .. } => self.opened = true,
            Indication::Refused(_) | Indication::Closed | Indication::Aborted(_) => self.explained = true,
            _ => {}
        }
        self.outputs.push_back(Output::Up(indication));
    }

    /// An initiator whose association never stood is told of a refusal.
    fn aborted(&mut self, abort: Abort) {
        let indication = match self.initiator && !self.opened {
            true => Indication::Refused(abort.into_refusal()),
            false => Indication::Aborted(abort),
        };
        self.up(indication);
    }

    /// Keeps the first fault.
    fn note<F: std::error::Error>(&mut self, layer: Layer, result: Result<(), F>) {
        if let Err(fault) = result {
            self.fault.get_or_insert_with(|| Fault { layer, problem: fault.to_string() });
        }
    }

    /// A layer refused what the layer above asked for. The tables fit each other, so that this is our own mistake;
    /// the association cannot go on.
    fn obey<M: std::error::Error>(&mut self, layer: Layer, result: Result<(), M>, now: Instant) {
        if let Err(misuse) = result {
            self.aborted(Abort {
                layer,
                by: By::Us,
                reason: misuse.to_string(),
                code: None,
                user_data: Vec::new(),
                advice: "report this as a defect of the gateway",
            });
            self.disconnect(now);
        }
    }

    fn disconnect(&mut self, now: Instant) {
        // The transport knows whether there is anything to end.
        let _ = self.transport.request(transport::Request::Disconnect, now);
    }
}

fn transport_config(config: &Config) -> transport::Config {
    let called = &config.called.transport;
    transport::Config {
        size: Size::at_most(config.tpdu_size),
        preferred_size: (config.tpdu_size > Size::MAXIMUM.octets()).then_some(config.tpdu_size),
        maximum_tsdu: config.limits.tsdu,
        connect_timeout: config.timers.connect,
        called: match called.is_empty() {
            true => transport::Called::Any,
            false => transport::Called::OneOf(vec![called.clone()]),
        },
        ..transport::Config::default()
    }
}
