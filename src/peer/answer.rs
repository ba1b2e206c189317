//! The lab peer without a script: it takes whatever comes, except where a recipient's name asks for a [`Fault`].
#![expect(clippy::disallowed_methods, reason = "shell: connects to where reports go")]

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::craft;
use super::fault::{self, Fault, Wanted};
use super::lab::{self, Lab};
use super::line::{Event, Line};
use super::octets;
use super::script::Role;
use crate::mta::bind::{self, Trust};
use crate::osi::stack::{DialogueMode, Misuse, Request, TransferRefusal};

/// Octets of garbage.
const GARBAGE: usize = 64;

/// Answers one association until it ends, or until `shutdown` says true and nothing is under way.
pub(super) async fn answer(
    lab: Arc<Lab>,
    stream: TcpStream,
    address: SocketAddr,
    mut shutdown: watch::Receiver<bool>,
) {
    let stream = match lab.options.tls.answered(stream).await {
        Ok(secured) => secured.stream,
        Err(failure) => {
            return tracing::info!(from = %address, why = %failure, help = failure.advice, "no association");
        }
    };
    let (config, maximum) = (lab.options.stack.clone(), lab.options.maximum_message);
    let (suspended, recorder) = (lab.suspended.clone(), lab.recorder(Role::Answer));
    let line = Line::responder(Box::new(stream), config, maximum, suspended, recorder);
    let mut host = Host {
        trust: lab.options.trust(),
        lab,
        line,
        address: address.ip(),
        from: address.to_string(),
        receiving: false,
        has_turn: false,
        two_way: false,
        outgoing: VecDeque::new(),
        sending: None,
    };
    let mut stopping = false;
    loop {
        let stopped = async { drop(shutdown.wait_for(|stop| *stop).await) };
        let event = tokio::select! {
            event = host.line.next() => event,
            () = stopped, if !stopping => {
                stopping = true;
                None
            }
        };
        let Some(event) = event else {
            if stopping && host.receiving {
                continue;
            }
            if stopping {
                let _ = host.line.request(Request::Abort { user_data: Vec::new() });
                host.line.wind_down().await;
            }
            host.call_with_the_rest();
            return;
        };
        if let Err(misuse) = host.handle(event).await {
            tracing::error!(from = host.from, %misuse, "the lab peer and its stack disagree");
            return;
        }
    }
}

/// One association.
struct Host {
    lab: Arc<Lab>,
    trust: Trust,
    line: Line,
    address: IpAddr,
    /// Who is at the other end.
    from: String,
    receiving: bool,
    has_turn: bool,
    two_way: bool,
    /// Reports that go back over this association.
    outgoing: VecDeque<Bytes>,
    /// The one of them that is under way.
    sending: Option<Bytes>,
}

impl Host {
    async fn handle(&mut self, event: Event) -> Result<(), Misuse> {
        match event {
            Event::Bind(open) => {
                self.two_way = open.dialogue_mode == DialogueMode::TwoWayAlternate;
                let caller = bind::Caller { from: Some(self.address), selectors: &open.calling };
                match self.trust.check(&open.user_data, Some(caller)) {
                    Ok(bind::Welcome { name, .. }) => {
                        tracing::info!(from = self.from, name, "association bound");
                        if !name.is_empty() {
                            self.from = format!("MTA `{name}`");
                        }
                        self.line.accept(&self.lab.options.identity())?;
                    }
                    Err(unacceptable) => {
                        tracing::info!(from = self.from, %unacceptable, "association refused");
                        let bind::Answer { error, permanent, .. } = unacceptable.answer();
                        self.line.refuse_bind(error, permanent)?;
                    }
                }
            }
            Event::Start | Event::Resumed(_) => self.receiving = true,
            Event::Arrived(apdu) => {
                self.receiving = false;
                self.arrived(apdu).await?;
            }
            Event::Withdrawn(why) | Event::Interrupted(why) => {
                self.receiving = false;
                tracing::info!(from = self.from, why, "a transfer was withdrawn");
            }
            // With something to send the turn is given afterwards.
            Event::TurnWanted(_) if self.has_turn && self.has_nothing_to_send() => self.give_turn()?,
            Event::Turn => {
                self.has_turn = true;
                self.send_next()?;
            }
            Event::Confirmed => {
                self.sending = None;
                tracing::info!(from = self.from, "a report was transferred");
                self.send_next()?;
            }
            Event::NotTaken { why, .. } => {
                tracing::warn!(from = self.from, why, "a report was not taken over the same association");
                if let Some(report) = self.sending.take() {
                    self.call_with(report);
                }
                self.send_next()?;
            }
            Event::Close => self.line.request(Request::CloseAccept)?,
            Event::Aborted(abort) => tracing::info!(from = self.from, %abort, "association ended"),
            Event::Refused(refusal) => tracing::info!(from = self.from, %refusal, "association ended"),
            Event::Disconnected => tracing::info!(from = self.from, "connection ended"),
            Event::Bound { .. }
            | Event::Octets(_)
            | Event::Progress(_)
            | Event::GivenUp(_)
            | Event::Agreed(_)
            | Event::TurnWanted(_)
            | Event::Closed => {}
        }
        Ok(())
    }

    async fn arrived(&mut self, apdu: Bytes) -> Result<(), Misuse> {
        let wanted = match lab::read(&apdu) {
            Ok((_, summary)) => fault::of_recipients(&summary.recipients)
                .filter(|wanted| !wanted.once || self.lab.is_first(&wanted.name, &summary.identifier)),
            Err(_) => None,
        };
        let Some(Wanted { fault, name, recipient, .. }) = wanted else { return self.take(&apdu).await };
        tracing::info!(from = self.from, fault = name, "a fault was asked for");
        match fault {
            Fault::Stall(time) => {
                tokio::time::sleep(time).await;
                self.take(&apdu).await?;
            }
            Fault::Refuse(reason) => self.line.refuse_transfer(reason)?,
            Fault::Abort(place) => self.line.abort(place, None).await,
            Fault::Drop => self.line.drop_connection().await,
            Fault::LoseConfirmation => {
                if let Err(error) = self.lab.secure(&self.from, &apdu).await {
                    tracing::error!(%error, "the message could not be kept");
                }
                self.line.drop_connection().await;
            }
            Fault::Garbage => {
                self.line.control.inject(octets::garbage(GARBAGE));
                self.line.drop_connection().await;
            }
            Fault::Spoil(what) => {
                self.line.control.spoil_next(what);
                self.take(&apdu).await?;
            }
            Fault::Report(fate) => {
                self.take(&apdu).await?;
                let subject = lab::read(&apdu).map(|(value, _)| value);
                let wanted = |name: &_| *name == recipient;
                match subject.and_then(|it| craft::report(&it, fate, wanted, &self.lab.clock)) {
                    Ok((_, report)) => self.send_report(report.into())?,
                    Err(why) => tracing::warn!(why, "no report can be made"),
                }
            }
        }
        Ok(())
    }

    /// Keeps the message and confirms it.
    async fn take(&mut self, apdu: &Bytes) -> Result<(), Misuse> {
        match self.lab.secure(&self.from, apdu).await {
            Ok(()) => self.line.confirm_transfer(),
            Err(error) => {
                tracing::error!(%error, "the message could not be kept");
                self.line.refuse_transfer(TransferRefusal::Temporary)
            }
        }
    }

    fn send_report(&mut self, report: Bytes) -> Result<(), Misuse> {
        if self.two_way {
            self.outgoing.push_back(report);
            return match self.has_turn {
                true => self.send_next(),
                false => self.line.request(Request::TurnPlease { priority: 1 }),
            };
        }
        self.call_with(report);
        Ok(())
    }

    /// A report goes back over an association of its own.
    fn call_with(&self, report: Bytes) {
        match self.lab.options.call.clone() {
            None => tracing::warn!("a report has no way back: name one with --call HOST:PORT"),
            Some(address) => drop(tokio::spawn(call_with(Arc::clone(&self.lab), address, report))),
        }
    }

    /// The association is over, and the other side has not given the turn for all reports.
    fn call_with_the_rest(&mut self) {
        for report in self.sending.take().into_iter().chain(std::mem::take(&mut self.outgoing)) {
            self.call_with(report);
        }
    }

    fn has_nothing_to_send(&self) -> bool {
        self.outgoing.is_empty() && self.sending.is_none()
    }

    /// Sends what waits for the turn, or gives the turn back.
    fn send_next(&mut self) -> Result<(), Misuse> {
        match self.outgoing.pop_front() {
            Some(report) => {
                self.sending = Some(report.clone());
                self.line.transfer(report, None)
            }
            None if self.has_turn => self.give_turn(),
            None => Ok(()),
        }
    }

    fn give_turn(&mut self) -> Result<(), Misuse> {
        self.has_turn = false;
        self.line.request(Request::TurnGive)
    }
}

/// Opens an association for one transfer, as MTAs do that return reports on an association of their own.
async fn call_with(lab: Arc<Lab>, address: String, apdu: Bytes) {
    let outcome = async {
        let stream = TcpStream::connect(&address).await.map_err(|error| error.to_string())?;
        let stream = lab.options.tls.called(stream).await.map_err(|failure| failure.to_string())?.stream;
        let (config, maximum) = (lab.options.stack.clone(), lab.options.maximum_message);
        let (suspended, recorder) = (lab.suspended.clone(), lab.recorder(Role::Call));
        let mut line = Line::initiator(Box::new(stream), config, maximum, suspended, recorder);
        let wrong = |misuse: Misuse| misuse.to_string();
        line.bind(&lab.options.identity()).map_err(wrong)?;
        let mut apdu = Some(apdu);
        let mut outcome = Err("the connection was lost".to_owned());
        while let Some(event) = line.next().await {
            match event {
                Event::Bound { .. } => {
                    if let Some(apdu) = apdu.take() {
                        line.transfer(apdu, None).map_err(wrong)?;
                    }
                }
                Event::Confirmed => {
                    outcome = Ok(());
                    line.request(Request::Close).map_err(wrong)?;
                }
                Event::NotTaken { why, .. } => {
                    outcome = Err(why);
                    let _ = line.request(Request::Close);
                }
                Event::Refused(refusal) => outcome = Err(refusal.to_string()),
                _ => {}
            }
        }
        outcome
    };
    match outcome.await {
        Ok(()) => tracing::info!(to = address, "a report was transferred"),
        Err(why) => tracing::warn!(to = address, why, "a report was not transferred"),
    }
}
