//! The steps that do something.

use std::path::PathBuf;

use bytes::Bytes;
use rasn_x400::x411::bind::BindError;
use rasn_x400::x411::envelope::Priority;

use super::expectation::expectation;
use super::words::{Problem, Words};
use super::{Action, Credentials, Role, STEPS, Sending};
use crate::osi::stack::TransferRefusal;
use crate::peer::craft::{self, Draft, Fate};
use crate::peer::octets::{self, Place};
use crate::peer::spoil::Spoiled;

/// Octets of text or garbage that a script may ask for.
const MAXIMUM_OCTETS: u64 = 1 << 30;

/// Reads a step whose first word is one of [`STEPS`].
pub(super) fn parse(words: &mut Words<'_>) -> Result<Action, Problem> {
    let first = words.text("a step")?;
    let action = match first.as_str() {
        "expect" => {
            let what = expectation(words)?;
            let within = if words.take("within") { Some(words.duration("a time")?) } else { None };
            Action::Expect { what, within }
        }
        "bind" => Action::Bind(credentials(words)?),
        "accept" => {
            words.must("bind")?;
            Action::Accept(credentials(words)?)
        }
        "refuse" => refuse(words)?,
        "confirm" => Action::Confirm,
        "send" => send(words)?,
        "hold" => {
            words.must("after")?;
            let octets = words.number("a number of octets")?;
            words.must("octets")?;
            Action::Hold { octets }
        }
        "go" => {
            words.must("on")?;
            Action::GoOn
        }
        "interrupt" => Action::Interrupt,
        "discard" => Action::Discard,
        "resume" => Action::Resume,
        "ask" => {
            words.must("for")?;
            words.must("turn")?;
            let priority = if words.take("priority") { words.number("a priority")? } else { 1 };
            Action::AskForTurn { priority }
        }
        "give" => {
            words.must("turn")?;
            Action::GiveTurn
        }
        "stall" => Action::Stall(words.duration("a time")?),
        "abort" => {
            words.must("at")?;
            let place = words.one_of(&Place::NAMES)?;
            Action::Abort { place, reason: with_number(words)? }
        }
        "drop" if words.take("after") => {
            let octets = words.number("a number of octets")?;
            words.must("octets")?;
            Action::DropAfter { octets, sent: words.one_of(&[("sent", true), ("received", false)])? }
        }
        "drop" => Action::Drop,
        "spoil" => {
            words.must("length")?;
            words.must("of")?;
            Action::Spoil(words.one_of(&Spoiled::NAMES)?)
        }
        "close" => Action::Close,
        _ => return Err(words.expected(STEPS)),
    };
    words.end(&[])?;
    Ok(action)
}

/// What to do instead of a step that is not for this role.
pub(super) const fn misplaced(action: &Action, role: Role) -> Option<&'static str> {
    match (action, role) {
        (Action::Bind(_), Role::Answer) => Some("in an association that is answered, `expect bind`"),
        (
            Action::Accept(_)
            | Action::RefuseBind { .. }
            | Action::RefuseAt { .. }
            | Action::RefuseConnection { .. },
            Role::Call,
        ) => Some("in an association that is called, `bind` and `expect accept`"),
        (Action::Close, Role::Answer) => {
            Some("only the initiator closes: `expect close` and `confirm`, or `abort at user`")
        }
        _ => None,
    }
}

fn credentials(words: &mut Words<'_>) -> Result<Credentials, Problem> {
    let mut credentials = Credentials::default();
    loop {
        if words.take("as") {
            credentials.name = Some(words.text("a name")?);
        } else if words.take("password") {
            credentials.password = Some(words.text("a password")?);
        } else {
            words.end(&["as", "password"])?;
            return Ok(credentials);
        }
    }
}

fn refuse(words: &mut Words<'_>) -> Result<Action, Problem> {
    if words.take("connection") {
        return Ok(Action::RefuseConnection { reason: with_number(words)? });
    }
    if words.take("transfer") {
        let reason = if words.is_empty() { TransferRefusal::Temporary } else { words.one_of(&REFUSALS)? };
        return Ok(Action::RefuseTransfer(reason));
    }
    if !words.take("bind") {
        return Err(words.expected(&["bind", "connection", "transfer"]));
    }
    if words.take("at") {
        let place = words.one_of(&Place::NAMES)?;
        return Ok(match place {
            Place::Transport => Action::RefuseConnection { reason: with_number(words)? },
            _ => Action::RefuseAt { place, reason: with_number(words)? },
        });
    }
    let error = match words.take("with") {
        true if words
            .peek()
            .is_some_and(|word| word.text.starts_with(|char: char| char.is_ascii_digit())) =>
        {
            words.number("a bind error")?
        }
        true => words.one_of(&BIND_ERRORS)?,
        false => BindError::AUTHENTICATION_ERROR.0,
    };
    Ok(Action::RefuseBind { error, temporary: words.take("temporary") })
}

/// Transfers are refused for now or for good.
pub(super) const REFUSALS: [(&str, TransferRefusal); 3] = [
    ("temporary", TransferRefusal::Temporary),
    ("permanent", TransferRefusal::Permanent),
    ("again", TransferRefusal::Again),
];

/// Bind errors by name (X.411 12.1.1).
const BIND_ERRORS: [(&str, i64); 5] = [
    ("busy", BindError::BUSY.0),
    ("authentication-error", BindError::AUTHENTICATION_ERROR.0),
    ("unacceptable-dialogue-mode", BindError::UNACCEPTABLE_DIALOGUE_MODE.0),
    ("unacceptable-security-context", BindError::UNACCEPTABLE_SECURITY_CONTEXT.0),
    ("inadequate-association-confidentiality", BindError::INADEQUATE_ASSOCIATION_CONFIDENTIALITY.0),
];

/// `with N`, if it is there.
fn with_number(words: &mut Words<'_>) -> Result<Option<i64>, Problem> {
    if words.take("with") { words.number("a reason").map(Some) } else { Ok(None) }
}

fn send(words: &mut Words<'_>) -> Result<Action, Problem> {
    const KNOWN: [&str; 7] = ["message", "probe", "report", "file", "octets", "garbage", "error"];
    let Some(word) = words.peek().cloned() else { return Err(words.expected(&KNOWN)) };
    if !KNOWN.contains(&word.text.as_str()) {
        return Err(words.expected(&KNOWN));
    }
    words.next();
    Ok(match word.text.as_str() {
        "message" => Action::Send(Sending::Message(draft(words)?)),
        "probe" => Action::Send(Sending::Probe(draft(words)?)),
        "report" => report(words)?,
        "file" => Action::Send(Sending::File(PathBuf::from(words.text("the name of a file")?))),
        "octets" => {
            let mut octets = Vec::new();
            while let Some(word) = words.next() {
                let part = hexadecimal(&word.text).ok_or_else(|| {
                    words.bad_value(
                        &word,
                        "hexadecimal",
                        "write two digits for each octet, as in `03 00 00 07`",
                    )
                })?;
                octets.extend_from_slice(&part);
            }
            if octets.is_empty() {
                return Err(words.missing("an octet in hexadecimal"));
            }
            Action::SendOctets(octets.into())
        }
        "garbage" => {
            let count = if words.is_empty() { 64 } else { limited(words)? };
            Action::SendOctets(octets::garbage(count))
        }
        _ => Action::SendError,
    })
}

/// A number of octets that can be made.
fn limited(words: &mut Words<'_>) -> Result<usize, Problem> {
    let word = words.word("a number of octets")?;
    let number = word.text.parse::<u64>().ok().filter(|number| *number <= MAXIMUM_OCTETS);
    number.and_then(|number| usize::try_from(number).ok()).ok_or_else(|| {
        words.bad_value(&word, "a number of octets", &format!("at most {MAXIMUM_OCTETS} octets are made"))
    })
}

/// Octets from pairs of digits.
pub(super) fn hexadecimal(digits: &str) -> Option<Bytes> {
    let pairs = digits.as_bytes().chunks(2);
    let octets: Option<Vec<u8>> = pairs
        .map(|pair| {
            let [high, low] = pair else { return None };
            let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            Some(digit(*high)? << 4 | digit(*low)?)
        })
        .collect();
    octets.map(Bytes::from)
}

fn draft(words: &mut Words<'_>) -> Result<Draft, Problem> {
    const KNOWN: [&str; 8] = ["to", "from", "subject", "text", "octets", "identifier", "priority", "reports"];
    let from = craft::address(craft::ORIGINATOR).unwrap_or_default();
    let mut draft = Draft {
        to: Vec::new(),
        from,
        subject: String::new(),
        text: String::new(),
        octets: 0,
        identifier: None,
        priority: Priority::NORMAL,
        reports: false,
    };
    while !words.is_empty() {
        match words.peek().map(|word| word.text.clone()).unwrap_or_default().as_str() {
            "reports" => {
                words.next();
                draft.reports = true;
            }
            "to" => {
                words.next();
                draft.to.push(address(words)?);
            }
            "from" => {
                words.next();
                draft.from = address(words)?;
            }
            "subject" => {
                words.next();
                draft.subject = words.text("a subject")?;
            }
            "text" => {
                words.next();
                draft.text = words.text("a text")?;
            }
            "octets" => {
                words.next();
                draft.octets = limited(words)?;
            }
            "identifier" => {
                words.next();
                draft.identifier = Some(words.text("an identifier")?);
            }
            "priority" => {
                words.next();
                draft.priority = words.one_of(&[
                    ("normal", Priority::NORMAL),
                    ("urgent", Priority::URGENT),
                    ("non-urgent", Priority::NON_URGENT),
                ])?;
            }
            _ => return Err(words.expected(&KNOWN)),
        }
    }
    if draft.to.is_empty() {
        return Err(words.missing("a recipient (`to ADDRESS`)"));
    }
    Ok(draft)
}

fn address(words: &mut Words<'_>) -> Result<rasn_x400::x411::address::OrName, Problem> {
    let word = words.word("an O/R address")?;
    craft::address(&word.text).map_err(|why| {
        words.bad_value(
            &word,
            "an O/R address",
            &format!("{why}; write it as `/S=Hopper/PRMD=navy/ADMD=x/C=gb/`"),
        )
    })
}

fn report(words: &mut Words<'_>) -> Result<Action, Problem> {
    const KNOWN: [&str; 5] = ["for", "delivered", "failed", "reason", "diagnostic"];
    let mut recipients = Vec::new();
    let mut failed = None;
    let (mut reason, mut diagnostic) = (0, None);
    while !words.is_empty() {
        if words.take("for") {
            recipients.push(words.text("a recipient")?);
        } else if words.take("delivered") {
            failed = Some(false);
        } else if words.take("failed") {
            failed = Some(true);
        } else if words.take("reason") {
            reason = words.number("a reason code")?;
            failed = Some(true);
        } else if words.take("diagnostic") {
            diagnostic = Some(words.number("a diagnostic code")?);
            failed = Some(true);
        } else {
            return Err(words.expected(&KNOWN));
        }
    }
    let fate = match failed {
        Some(true) => Fate::Failed { reason, diagnostic },
        Some(false) => Fate::Delivered,
        None => return Err(words.missing("`delivered` or `failed`")),
    };
    Ok(Action::Send(Sending::Report { recipients, fate }))
}
