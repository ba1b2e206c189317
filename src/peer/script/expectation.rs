//! The steps that wait for something.

use super::parse::MODES;
use super::step::REFUSALS;
use super::words::{Problem, Words};
use super::{Arrival, Expectation};
use crate::osi::stack::Layer;

/// What can be expected.
const KNOWN: [&str; 19] = [
    "bind",
    "accept",
    "refusal",
    "start",
    "octets",
    "message",
    "report",
    "probe",
    "transfer",
    "checkpoint",
    "confirmation",
    "rejection",
    "withdrawal",
    "interruption",
    "resumption",
    "turn",
    "close",
    "closed",
    "abort",
];

/// Layers by name.
const LAYERS: [(&str, Layer); 7] = [
    ("transport", Layer::Transport),
    ("session", Layer::Session),
    ("presentation", Layer::Presentation),
    ("acse", Layer::Acse),
    ("rtse", Layer::Rtse),
    ("application", Layer::Application),
    ("user", Layer::Application),
];

/// Reads what follows `expect`, up to `within` or the end of the line.
pub(super) fn expectation(words: &mut Words<'_>) -> Result<Expectation, Problem> {
    let Some(first) = words.peek().cloned() else { return Err(words.expected(&KNOWN)) };
    if !KNOWN.contains(&first.text.as_str()) && first.text != "end" {
        return Err(words.expected(&KNOWN));
    }
    words.next();
    let expectation = match first.text.as_str() {
        "bind" => {
            let (mut from, mut password, mut mode) = (None, None, None);
            while more(words) {
                if words.take("from") {
                    from = Some(words.text("a name")?);
                } else if words.take("password") {
                    password = Some(words.text("a password")?);
                } else if words.take("mode") {
                    mode = Some(words.one_of(&MODES)?);
                } else {
                    return Err(words.expected(&["from", "password", "mode", "within"]));
                }
            }
            Expectation::Bind { from, password, mode }
        }
        "accept" => {
            let from = if words.take("from") { Some(words.text("a name")?) } else { None };
            Expectation::Accepted { from }
        }
        "refusal" => {
            let (layer, code, containing) = place(words)?;
            Expectation::Refused { layer, code, containing }
        }
        "abort" => {
            let (layer, _, containing) = place(words)?;
            Expectation::Abort { layer, containing }
        }
        "start" => Expectation::Start,
        "octets" => Expectation::Octets(words.number("a number of octets")?),
        "message" => Expectation::Arrival(arrival(Some("message"), words)?),
        "report" => Expectation::Arrival(arrival(Some("report"), words)?),
        "probe" => Expectation::Arrival(arrival(Some("probe"), words)?),
        "transfer" => Expectation::Arrival(arrival(None, words)?),
        "checkpoint" => {
            let octets = if words.take("at") { words.number("a number of octets")? } else { 1 };
            Expectation::Checkpoint(octets)
        }
        "confirmation" => Expectation::Confirmation,
        "rejection" => {
            let reason = if more(words) { Some(words.one_of(&REFUSALS)?) } else { None };
            Expectation::Rejection { reason }
        }
        "withdrawal" => Expectation::Withdrawal,
        "interruption" => Expectation::Interruption,
        "resumption" => Expectation::Resumption,
        "turn" if words.take("request") => {
            let priority = if words.take("priority") { Some(words.number("a priority")?) } else { None };
            Expectation::TurnRequest { priority }
        }
        "turn" => Expectation::Turn,
        "close" => Expectation::Close,
        "closed" => Expectation::Closed,
        _ => Expectation::End,
    };
    if more(words) { Err(words.expected(&["within"])) } else { Ok(expectation) }
}

/// Whether something is left before `within`.
fn more(words: &Words<'_>) -> bool {
    words.peek().is_some_and(|word| word.quoted || word.text != "within")
}

/// Layer, reason and words, as far as they are said.
type Whereabouts = (Option<Layer>, Option<i64>, Option<String>);

fn place(words: &mut Words<'_>) -> Result<Whereabouts, Problem> {
    let (mut layer, mut code, mut containing) = (None, None, None);
    while more(words) {
        if words.take("at") {
            layer = Some(words.one_of(&LAYERS)?);
        } else if words.take("with") {
            code = Some(words.number("a reason")?);
        } else if words.take("containing") {
            containing = Some(words.text("a text")?);
        } else {
            return Err(words.expected(&["at", "with", "containing", "within"]));
        }
    }
    Ok((layer, code, containing))
}

fn arrival(kind: Option<&'static str>, words: &mut Words<'_>) -> Result<Arrival, Problem> {
    const GENERAL: [&str; 7] = ["to", "from", "subject", "identifier", "containing", "octets", "within"];
    const OF_REPORT: [&str; 10] = [
        "for",
        "to",
        "identifier",
        "containing",
        "octets",
        "delivered",
        "failed",
        "reason",
        "diagnostic",
        "within",
    ];
    let of_report = kind == Some("report");
    let mut arrival = Arrival { kind, ..Arrival::default() };
    while more(words) {
        if words.take(if of_report { "for" } else { "to" }) {
            arrival.to.push(words.text("a recipient")?);
        } else if words.take(if of_report { "to" } else { "from" }) {
            arrival.from = Some(words.text("an originator")?);
        } else if words.take("identifier") {
            arrival.identifier = Some(words.text("an identifier")?);
        } else if words.take("containing") {
            arrival.containing = Some(words.text("a text")?);
        } else if words.take("octets") {
            arrival.at_least = Some(words.number("a number of octets")?);
        } else if !of_report && words.take("subject") {
            arrival.subject = Some(words.text("a subject")?);
        } else if of_report && words.take("delivered") {
            arrival.delivered = Some(true);
        } else if of_report && words.take("failed") {
            arrival.delivered = Some(false);
        } else if of_report && words.take("reason") {
            arrival.reason = Some(words.number("a reason code")?);
        } else if of_report && words.take("diagnostic") {
            arrival.diagnostic = Some(words.number("a diagnostic code")?);
        } else if of_report {
            return Err(words.expected(&OF_REPORT));
        } else {
            return Err(words.expected(&GENERAL));
        }
    }
    Ok(arrival)
}
