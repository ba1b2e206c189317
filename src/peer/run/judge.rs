//! Whether what happened is what a script expects.

use rasn_x400::ber;
use rasn_x400::x411::bind::{MtaBind, unwrapped};

use super::{Arrival, Event, Expectation, Summary, TransferRefusal};
use crate::peer::line::Withdrawal;
use crate::peer::{craft, lab};

/// What an event means for an expectation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is what was expected.
    AsExpected,
    /// It says nothing about it: wait for the next.
    NotAbout,
    /// Something else was expected; the reason, where the event alone does not tell it.
    Otherwise(String),
}

use Judgement::{AsExpected, NotAbout, Otherwise};

/// Judges one event. What belongs to every transfer, and a wish for the turn, may come while something else is
/// expected.
pub(super) fn judge(what: &Expectation, event: &Event) -> Judgement {
    use Expectation as E;
    match (what, event) {
        (E::Bind { mode: Some(mode), .. }, Event::Bind(open)) if *mode != open.mode => {
            Otherwise(format!("it speaks {}", open.mode))
        }
        (E::Bind { from, password, .. }, Event::Bind(open)) => credentials(&open.user_data, from, password),
        (E::Accepted { from }, Event::Bound { result, .. }) => credentials(result, from, &None),
        (E::Refused { layer, code, containing }, Event::Refused(refusal)) => all([
            layer.is_none_or(|layer| layer == refusal.layer).then_some(()).ok_or("another layer"),
            code.is_none_or(|code| Some(code) == refusal.code).then_some(()).ok_or("another reason"),
            contains(&refusal.to_string(), containing).then_some(()).ok_or("other words"),
        ]),
        (E::Abort { layer, containing }, Event::Aborted(abort)) => all([
            layer.is_none_or(|layer| layer == abort.layer).then_some(()).ok_or("another layer"),
            contains(&abort.to_string(), containing).then_some(()).ok_or("other words"),
        ]),
        (E::Octets(wanted), Event::Octets(octets)) if *octets as u64 >= *wanted => AsExpected,
        (E::Checkpoint(wanted), Event::Progress(octets)) if octets >= wanted => AsExpected,
        (E::Arrival(arrival), Event::Arrived(apdu)) => self::arrival(arrival, apdu),
        (E::Rejection { reason }, Event::NotTaken { retry, .. }) => match reason {
            Some(TransferRefusal::Temporary) if !retry => Otherwise("for good".into()),
            Some(TransferRefusal::Permanent) if *retry => Otherwise("for now".into()),
            _ => AsExpected,
        },
        (E::TurnRequest { priority }, Event::TurnWanted(wanted)) => {
            all([priority.is_none_or(|priority| priority == *wanted).then_some(()).ok_or("another priority")])
        }
        (E::Interruption, Event::Agreed(Withdrawal::Interrupt))
        | (E::Withdrawal, Event::Agreed(Withdrawal::Discard)) => AsExpected,
        (E::Start, Event::Start)
        | (E::Confirmation, Event::Confirmed)
        | (E::Withdrawal, Event::Withdrawn(_))
        | (E::Interruption, Event::Interrupted(_))
        | (E::Resumption, Event::Resumed(_))
        | (E::Turn, Event::Turn)
        | (E::Close, Event::Close)
        | (E::Closed, Event::Closed)
        | (E::End, Event::Refused(_) | Event::Closed | Event::Aborted(_) | Event::Disconnected) => AsExpected,
        (
            _,
            Event::Start
            | Event::Resumed(_)
            | Event::Octets(_)
            | Event::Progress(_)
            | Event::GivenUp(_)
            | Event::Agreed(_)
            | Event::TurnWanted(_)
            | Event::Turn,
        ) => NotAbout,
        (E::End, Event::Withdrawn(_) | Event::Interrupted(_) | Event::NotTaken { .. }) => NotAbout,
        _ => Otherwise(String::new()),
    }
}

/// The first thing that is wrong, if anything is.
fn all<const N: usize>(checks: [Result<(), &'static str>; N]) -> Judgement {
    match checks.into_iter().find_map(Result::err) {
        None => AsExpected,
        Some(why) => Otherwise(why.into()),
    }
}

fn contains(text: &str, part: &Option<String>) -> bool {
    part.as_deref().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
}

fn credentials(octets: &[u8], name: &Option<String>, password: &Option<String>) -> Judgement {
    let bind = match ber::decode::<MtaBind>(unwrapped(octets), lab::MAXIMUM_BIND) {
        Ok(bind) => bind,
        Err(error) => return Otherwise(format!("it does not decode: {error}")),
    };
    let (found, secret) = match &bind {
        MtaBind::Authenticated(it) => (it.name.to_text().into_owned(), it.credentials.password()),
        _ => (String::new(), None),
    };
    if name.as_ref().is_some_and(|name| *name != found) {
        return Otherwise(format!("it comes from `{found}`"));
    }
    if password.as_ref().is_some_and(|password| Some(password.as_bytes()) != secret) {
        return Otherwise("the password is another".into());
    }
    AsExpected
}

fn arrival(wanted: &Arrival, apdu: &[u8]) -> Judgement {
    let (_, found) = match lab::read(apdu) {
        Ok(read) => read,
        Err(why) => return Otherwise(why),
    };
    match differences(wanted, &found, apdu).into_iter().next() {
        None => AsExpected,
        Some(why) => Otherwise(why),
    }
}

/// What is not as it should be.
fn differences(wanted: &Arrival, found: &Summary, apdu: &[u8]) -> Vec<String> {
    let mut differences = Vec::new();
    let mut check = |right: bool, why: String| {
        if !right {
            differences.push(why);
        }
    };
    if let Some(kind) = wanted.kind {
        check(kind == found.kind, format!("it is a {}", found.kind));
    }
    for recipient in &wanted.to {
        let there = found.recipients.iter().any(|name| craft::is(name, recipient));
        check(there, format!("`{recipient}` is not among the recipients"));
    }
    if let Some(from) = &wanted.from {
        let shown = craft::shown(&found.originator);
        check(craft::is(&found.originator, from), format!("the other party is {shown}"));
    }
    if let Some(subject) = &wanted.subject {
        let shown = found.subject.clone().unwrap_or_default();
        check(*subject == shown, format!("the subject is `{shown}`"));
    }
    if let Some(identifier) = &wanted.identifier {
        check(*identifier == found.identifier, format!("the identifier is `{}`", found.identifier));
    }
    if let Some(part) = &wanted.containing {
        let there = part.is_empty() || apdu.windows(part.len()).any(|window| window == part.as_bytes());
        check(there, format!("`{part}` is not in it"));
    }
    if let Some(at_least) = wanted.at_least {
        check(apdu.len() as u64 >= at_least, format!("it has {} octets", apdu.len()));
    }
    if let Some(delivered) = wanted.delivered {
        let told = if found.failure.is_none() { "delivery" } else { "non-delivery" };
        check(delivered == found.failure.is_none(), format!("it tells of {told}"));
    }
    if let Some(reason) = wanted.reason {
        let given = found.failure.map(|(reason, _)| reason);
        check(given == Some(reason), format!("the reason is {given:?}"));
    }
    if let Some(diagnostic) = wanted.diagnostic {
        let given = found.failure.and_then(|(_, diagnostic)| diagnostic);
        check(given == Some(diagnostic), format!("the diagnostic is {given:?}"));
    }
    differences
}
