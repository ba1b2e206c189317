//! The whole table, as text: for each event, what each state does about it.

use std::fmt::Write;

use super::{Event, State, cell, protocol_error};

const STATES: [State; 18] = [
    State::Idle,
    State::AwaitTransportConfirm,
    State::AwaitConnect,
    State::AwaitAccept,
    State::AwaitDisconnect,
    State::AwaitActivityEndAck,
    State::AwaitInterruptAck,
    State::AwaitDiscardAck,
    State::AwaitConnectResponse,
    State::AwaitReleaseResponse,
    State::AwaitActivityEndResponse,
    State::AwaitInterruptResponse,
    State::AwaitDiscardResponse,
    State::AwaitTransportDisconnect,
    State::AwaitGiveTokensAck,
    State::AwaitRecovery,
    State::AwaitRecoveryRequest,
    State::DataTransfer,
];

const EVENTS: [Event; 49] = [
    Event::SCONreq,
    Event::SCONrspAccept,
    Event::SCONrspRefuse,
    Event::SDTreq,
    Event::SPTreq,
    Event::SCGreq,
    Event::SRELreq,
    Event::SRELrsp,
    Event::SSYNmreq,
    Event::SSYNmrsp,
    Event::SUERreq,
    Event::SACTSreq,
    Event::SACTRreq,
    Event::SACTIreq,
    Event::SACTIrsp,
    Event::SACTDreq,
    Event::SACTDrsp,
    Event::SACTEreq,
    Event::SACTErsp,
    Event::SUABreq,
    Event::TCONind,
    Event::TCONcnf,
    Event::TDISind,
    Event::TIM,
    Event::CN,
    Event::AC,
    Event::RF,
    Event::FN,
    Event::DN,
    Event::AB,
    Event::AA,
    Event::DT,
    Event::GT,
    Event::PT,
    Event::GTC,
    Event::GTA,
    Event::MIP,
    Event::MIA,
    Event::ER,
    Event::ED,
    Event::AS,
    Event::AR,
    Event::AI,
    Event::AIA,
    Event::AD,
    Event::ADA,
    Event::AE,
    Event::AEA,
    Event::Invalid,
];

fn list<T: std::fmt::Debug>(things: &[T]) -> String {
    let names: Vec<String> = things.iter().map(|thing| format!("{thing:?}")).collect();
    names.join(", ")
}

/// What a state does about an event, one line for each alternative.
fn outcome(state: State, event: Event) -> Vec<String> {
    let mut lines = Vec::new();
    for (predicates, actions, next) in cell(state, event) {
        let actions = if actions.is_empty() { "ignore".to_owned() } else { list(actions) };
        let next = if *next == state { "stay".to_owned() } else { next.annex_name().to_owned() };
        let condition =
            if predicates.is_empty() { String::new() } else { format!("[{}] ", list(predicates)) };
        lines.push(format!("{condition}{actions} -> {next}"));
    }
    let exhaustive = cell(state, event).iter().any(|(predicates, ..)| predicates.is_empty());
    if !exhaustive {
        lines.push(match event.is_spdu() {
            true => {
                let (actions, next) = protocol_error(state);
                format!("protocol error: {} -> {}", list(actions), next.annex_name())
            }
            false if event <= Event::SUABreq => "misuse".to_owned(),
            false => "too late to matter".to_owned(),
        });
    }
    lines
}

#[test]
fn grid() {
    let mut text = String::new();
    for event in EVENTS {
        writeln!(text, "{event:?}").unwrap();
        let mut rows: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
        for state in STATES {
            let lines = outcome(state, event);
            match rows.iter_mut().find(|(_, known)| *known == lines) {
                Some((states, _)) => states.push(state.annex_name()),
                None => rows.push((vec![state.annex_name()], lines)),
            }
        }
        for (states, lines) in rows {
            writeln!(text, "    {}", states.join(" ")).unwrap();
            for line in lines {
                writeln!(text, "        {line}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_state_but_the_ends_can_be_aborted() {
    for state in STATES {
        let ended = matches!(state, State::Idle | State::AwaitTransportDisconnect);
        assert_eq!(cell(state, Event::SUABreq).is_empty(), ended, "{state:?}");
    }
}

#[test]
fn every_state_but_idle_leaves_when_the_transport_ends() {
    for state in STATES {
        let ways = cell(state, Event::TDISind);
        assert!(ways.iter().all(|(_, _, next)| *next == State::Idle), "{state:?}");
        assert_eq!(ways.is_empty(), state == State::Idle, "{state:?}");
    }
}
