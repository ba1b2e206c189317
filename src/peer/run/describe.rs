//! Events and expectations in words, and the clause under each step.

use super::{Action, Arrival, Event, Expectation, Sending};
use crate::osi::stack::{DialogueMode, TransferRefusal};
use crate::peer::craft;
use crate::peer::lab;
use crate::peer::line::Withdrawal;
use crate::peer::spoil::Spoiled;

/// The clause that says what a step is about.
pub(super) fn clause(action: &Action) -> &'static str {
    use Expectation as E;
    match action {
        Action::Expect { what, .. } => match what {
            E::Bind { .. } | E::Accepted { .. } | E::Refused { .. } => "X.411 12.1.1, X.218 8.1",
            E::Start | E::Octets(_) => "X.218 8.3",
            E::Checkpoint(_) => "X.228 7.3",
            E::Interruption => "X.228 7.7.1",
            E::Withdrawal => "X.228 7.7.2",
            E::Resumption => "X.228 7.8.1",
            E::Confirmation | E::Rejection { .. } => "X.218 8.3",
            E::Arrival(Arrival { kind: Some("report"), .. }) => "X.411 12.2.1.3",
            E::Arrival(Arrival { kind: Some("probe"), .. }) => "X.411 12.2.1.2",
            E::Arrival(_) => "X.411 12.2.1.1",
            E::TurnRequest { .. } => "X.218 8.4",
            E::Turn => "X.218 8.5",
            E::Close | E::Closed => "X.218 8.2",
            E::Abort { .. } => "X.218 8.6, 8.7",
            E::End => "X.218 8.2, 8.6, 8.7",
        },
        Action::RefuseConnection { .. } => "X.224 6.6",
        Action::Bind(_) | Action::Accept(_) | Action::RefuseBind { .. } => "X.411 12.1.1, X.218 8.1",
        Action::RefuseAt { place, .. } => match place {
            crate::peer::octets::Place::Transport => "X.224 6.6",
            crate::peer::octets::Place::Session => "X.225 8.3.5",
            crate::peer::octets::Place::Presentation => "X.226 6.2",
            crate::peer::octets::Place::Acse => "X.227 7.1",
            _ => "X.228 7.1",
        },
        Action::Confirm => "X.218 8.2, 8.3",
        Action::RefuseTransfer(_) => "X.228 7.6",
        Action::Send(Sending::Report { .. }) => "X.411 12.2.1.3",
        Action::Send(Sending::Probe(_)) => "X.411 12.2.1.2",
        Action::Send(_) => "X.411 12.2.1.1",
        Action::Hold { .. } | Action::GoOn => "X.228 7.3",
        Action::Interrupt => "X.228 7.7.1",
        Action::Discard => "X.228 7.7.2",
        Action::Resume => "X.228 7.8.1",
        Action::SendOctets(_) => "RFC 1006 6",
        Action::SendError => "X.224 13.12",
        Action::AskForTurn { .. } => "X.218 8.4",
        Action::GiveTurn => "X.218 8.5",
        Action::Stall(_) => "X.218 8.3",
        Action::Abort { place, .. } => place.clause(),
        Action::Drop | Action::DropAfter { .. } => "RFC 1006 5",
        Action::Spoil(Spoiled::Tpkt) => "RFC 1006 6",
        Action::Spoil(Spoiled::Tpdu) => "X.224 13.2.1",
        Action::Spoil(Spoiled::Spdu) => "X.225 8.2",
        Action::Spoil(Spoiled::Ber) => "X.690 8.1.3",
        Action::Close => "X.218 8.2",
    }
}

/// What happened.
pub(super) fn event(event: &Event) -> String {
    match event {
        Event::Bind(open) => {
            let caller = lab::name_in(&open.user_data);
            let caller = caller.map_or_else(|| "a nameless MTA".into(), |name| format!("MTA `{name}`"));
            let dialogue = match open.dialogue_mode {
                DialogueMode::Monologue => "monologue",
                DialogueMode::TwoWayAlternate => "two-way alternate",
            };
            format!("bind from {caller}, mode {}, {dialogue}", open.mode)
        }
        Event::Bound { result, checkpoint_size, window } => {
            let peer = lab::name_in(result);
            let peer = peer.map_or_else(|| "a nameless MTA".into(), |name| format!("MTA `{name}`"));
            format!("bound to {peer}, checkpoint {checkpoint_size}, window {window}")
        }
        Event::Refused(refusal) => refusal.to_string(),
        Event::Start => "a transfer begins".into(),
        Event::Octets(octets) => format!("{octets} octets of it so far"),
        Event::Arrived(apdu) => arrived(apdu),
        Event::Resumed(octets) => format!("the transfer goes on after {octets} octets"),
        Event::Interrupted(why) => format!("the transfer was cut off: {why}"),
        Event::Withdrawn(why) => format!("the transfer was withdrawn: {why}"),
        Event::Progress(octets) => format!("{octets} octets are confirmed by checkpoints"),
        Event::Confirmed => "the transfer is confirmed".into(),
        Event::NotTaken { why, retry, resumable } => {
            let when = if *retry { "for now" } else { "for good" };
            let from = resumable.as_ref().map(|it| format!(" (it can go on after {} octets)", it.octets()));
            format!("the transfer failed {when}{}: {why}", from.unwrap_or_default())
        }
        Event::GivenUp(None) => "the transfer is given up".into(),
        Event::GivenUp(Some(resumable)) => {
            format!("the transfer is suspended, and can go on after {} octets", resumable.octets())
        }
        Event::Agreed(Withdrawal::Interrupt) => "the other side has suspended the transfer".into(),
        Event::Agreed(Withdrawal::Discard) => "the other side has dropped the transfer".into(),
        Event::TurnWanted(priority) => format!("the turn is wanted, priority {priority}"),
        Event::Turn => "the turn was given".into(),
        Event::Close => "the other side wants to close".into(),
        Event::Closed => "closed".into(),
        Event::Aborted(abort) => abort.to_string(),
        Event::Disconnected => "the connection has ended".into(),
    }
}

fn arrived(apdu: &[u8]) -> String {
    let Ok((_, summary)) = lab::read(apdu) else {
        return format!("{} octets that are no MTS-APDU", apdu.len());
    };
    let recipients: Vec<String> = summary.recipients.iter().map(craft::shown).collect();
    let mut text = match summary.kind {
        "report" => format!("report {} for {}", summary.identifier, craft::shown(&summary.originator)),
        kind => format!("{kind} {} to {}", summary.identifier, recipients.join(", ")),
    };
    if let Some(subject) = &summary.subject {
        text.push_str(&format!(", subject `{subject}`"));
    }
    if let Some((reason, diagnostic)) = summary.failure {
        let diagnostic = diagnostic.map(|code| format!(", diagnostic {code}")).unwrap_or_default();
        text.push_str(&format!(", non-delivery to {}, reason {reason}{diagnostic}", recipients.join(", ")));
    }
    format!("{text}, {} octets", summary.octets)
}

/// What was expected.
pub(super) fn expectation(what: &Expectation) -> String {
    use Expectation as E;
    match what {
        E::Bind { from, password, mode } => {
            let mode = mode.map(|mode| format!(", mode {mode}")).unwrap_or_default();
            let secret = if password.is_some() { " with the password of the script" } else { "" };
            format!("a bind{}{secret}{mode}", by(" from MTA ", from))
        }
        E::Accepted { from } => format!("the bind to be accepted{}", by(" by MTA ", from)),
        E::Refused { layer, code, containing } => {
            let layer = layer.map(|layer| format!(" by {layer}")).unwrap_or_default();
            let code = code.map(|code| format!(", code {code}")).unwrap_or_default();
            format!("a refusal{layer}{code}{}", by(", with the words ", containing))
        }
        E::Start => "a transfer to begin".into(),
        E::Octets(octets) => format!("{octets} octets of a message"),
        E::Arrival(arrival) => arrival_wanted(arrival),
        E::Checkpoint(octets) => format!("a checkpoint to be confirmed after {octets} octets or more"),
        E::Confirmation => "the transfer to be confirmed".into(),
        E::Rejection { reason } => match reason {
            None => "the transfer to be refused".into(),
            Some(TransferRefusal::Again) => "the transfer to be refused, to go on at once".into(),
            Some(TransferRefusal::Temporary) => "the transfer to be refused for now".into(),
            Some(TransferRefusal::Permanent) => "the transfer to be refused for good".into(),
        },
        E::Interruption => "the transfer to be cut off".into(),
        E::Resumption => "the transfer to go on".into(),
        E::Withdrawal => "the transfer to be withdrawn".into(),
        E::TurnRequest { priority } => {
            let priority = priority.map(|it| format!(" with priority {it}")).unwrap_or_default();
            format!("a request for the turn{priority}")
        }
        E::Turn => "the turn".into(),
        E::Close => "a close".into(),
        E::Closed => "the answer to the close".into(),
        E::Abort { layer, containing } => {
            let layer = layer.map(|layer| format!(" in {layer}")).unwrap_or_default();
            format!("an abort{layer}{}", by(", with the words ", containing))
        }
        E::End => "the end of the association".into(),
    }
}

fn by(words: &str, name: &Option<String>) -> String {
    name.as_ref().map(|name| format!("{words}`{name}`")).unwrap_or_default()
}

fn arrival_wanted(arrival: &Arrival) -> String {
    let mut text = format!("a {}", arrival.kind.unwrap_or("transfer"));
    let of_report = arrival.kind == Some("report");
    for recipient in &arrival.to {
        text.push_str(&format!(" {} `{recipient}`", if of_report { "about" } else { "to" }));
    }
    text.push_str(&by(if of_report { " for " } else { " from " }, &arrival.from));
    text.push_str(&by(", subject ", &arrival.subject));
    text.push_str(&by(", identifier ", &arrival.identifier));
    text.push_str(&by(", with ", &arrival.containing));
    if let Some(octets) = arrival.at_least {
        text.push_str(&format!(", at least {octets} octets"));
    }
    match arrival.delivered {
        Some(true) => text.push_str(", of delivery"),
        Some(false) => text.push_str(", of non-delivery"),
        None => {}
    }
    if let Some(reason) = arrival.reason {
        text.push_str(&format!(", reason {reason}"));
    }
    if let Some(diagnostic) = arrival.diagnostic {
        text.push_str(&format!(", diagnostic {diagnostic}"));
    }
    text
}
