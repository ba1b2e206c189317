//! What would leave the gateway for a message of its queue, by any set of rules, and how two sets differ in it: who may get
//! it, and what becomes of it for those for whom rules say the same.
//!
//! A pure function of entry, content, rules and settings, as the conversions are: the clock is when the message came. What the
//! queue remembers of other messages is not asked, so a report or receipt is converted as if nothing were remembered.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use bytes::Bytes;
use rasn_x400::x411::address::OrName;
use serde::Serialize;
use time::OffsetDateTime;

use crate::conversion::{Shares, World, permitted_to_internet, ruled_to_x400, told};
use crate::decode::{self, Kind as Octets};
use crate::message::Message;
use crate::mixer::envelope::mails;
use crate::mixer::report::to_internet as report_to_internet;
use crate::mixer::report::to_x400 as report_to_x400;
use crate::mixer::to_internet;
use crate::mta::relay::apdu::ReadError;
use crate::mta::relay::{self, Apdu, Dispatch, Origin, shown};
use crate::mta::trace::Identity;
use crate::queue::entry::{Entry, Kind, Origin as From, RecipientState};
use crate::round_trip::{self, Comparison, Outcome};
use crate::serve::judged::{Arrived, deliverable};
use crate::serve::mail_of_entry;

/// One thing that would leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// An MTS-APDU for the X.400 side.
    X400(Vec<u8>),
    /// A mail for the Internet side.
    Mail {
        /// What MAIL and RCPT say, one of it a line.
        envelope: Vec<String>,
        /// The octets.
        octets: Bytes,
    },
    /// It is passed on as it is: for whom, and where to.
    Relayed(String),
    /// Nothing, and why not.
    Refused(String),
}

/// What leaves for an entry, for all of its recipients, whether they have their end or not. `us` is who the gateway is in
/// traces.
#[must_use]
pub fn replay(entry: &Entry, content: Bytes, us: &Identity, world: &World<'_>) -> Vec<Made> {
    match entry.kind {
        Kind::Mail => mail(entry, content, world),
        Kind::P1 => apdu(entry, content, us, world),
        // It was made here, and leaves as it is.
        Kind::Internet => Vec::new(),
    }
}

fn mail(entry: &Entry, content: Bytes, world: &World<'_>) -> Vec<Made> {
    let mut entry = entry.clone();
    for recipient in &mut entry.envelope.recipients {
        recipient.state = RecipientState::Pending;
    }
    let input = mail_of_entry(&entry, content);
    let encoded = |apdu: Result<Vec<u8>, _>| apdu.map_or_else(refused, Made::X400);
    if let Some(notice) = report_to_x400::find(&Message::parse(input.content.clone())) {
        let converted = match report_to_x400::to_x400(&input, &notice, None, &world.context()) {
            Ok(converted) => converted,
            Err(refusal) => return vec![refused(refusal)],
        };
        let report = converted.report_apdu().transpose().map(encoded);
        let message = converted.message.map(|message| encoded(message.mts_apdu().map(|apdu| apdu.to_vec())));
        return report.into_iter().chain(message).collect();
    }
    all_of(ruled_to_x400(&input, world), |converted| {
        (encoded(converted.mts_apdu().map(|apdu| apdu.to_vec())), converted.refused)
    })
}

/// What everybody gets, and who gets nothing; `made` says what one share became, and who of it gets nothing.
fn all_of<C, R: Display, U: Display>(
    shares: Shares<Result<C, R>>,
    made: impl Fn(C) -> (Made, Vec<(u32, U)>),
) -> Vec<Made> {
    let mut all = Vec::new();
    for share in shares.made {
        match share.map(&made) {
            Ok((one, unmapped)) => {
                all.push(one);
                all.extend(unmapped.iter().map(|(number, why)| for_nobody(*number, why)));
            }
            Err(refusal) => all.push(refused(refusal)),
        }
    }
    all.extend(shares.refused.iter().map(|(number, why)| for_nobody(*number, why)));
    all
}

/// One recipient gets nothing.
fn for_nobody(number: u32, why: &dyn Display) -> Made {
    Made::Refused(format!("recipient {number}: {why}"))
}

fn apdu(entry: &Entry, octets: Bytes, us: &Identity, world: &World<'_>) -> Vec<Made> {
    let apdu = match Apdu::read(&octets.into()) {
        Ok(apdu) => apdu,
        Err(ReadError::Nonsense(error)) => return vec![refused(error)],
        Err(ReadError::Unreadable(error)) => return vec![refused(error)],
    };
    let (decided, mut made) = dispatched(entry, &apdu, us, world);
    if decided.internet.is_empty() {
        return made;
    }
    match &apdu {
        // It is answered; nothing is converted.
        Apdu::Probe(_) => {}
        Apdu::Report(report) => {
            let input = report_to_internet::Input { report, remembered: None, original: None };
            let world = world.of_peer();
            let converted = report_to_internet::to_internet(&input, &world.context());
            made.push(converted.map_or_else(refused, of_mail));
        }
        Apdu::Message { envelope, content, .. } => {
            let content: Bytes = match content.read() {
                Ok(pieces) => pieces.concat().into(),
                Err(error) => return vec![refused(error)],
            };
            let envelope = decided.renamed((**envelope).clone());
            for recipients in mails(&envelope, &decided.internet, world.settings) {
                let (envelope, content) = (envelope.clone(), content.clone());
                let input = to_internet::Input { envelope, content, recipients };
                made.extend(all_of(permitted_to_internet(&input, world), |mut converted| {
                    let unmapped = std::mem::take(&mut converted.refused);
                    (of_mail(converted), unmapped)
                }));
            }
        }
    }
    made
}

/// What is decided about everybody, as the gateway does it; and what becomes of it for those who are not on the Internet side,
/// in their order. Without routes everybody is there.
fn dispatched(entry: &Entry, apdu: &Apdu, us: &Identity, world: &World<'_>) -> (Dispatch, Vec<Made>) {
    let everybody: Vec<u32> = apdu.responsible().map(|(number, _)| number).collect();
    let Some(table) = world.table else {
        return (Dispatch { internet: everybody, ..Dispatch::default() }, Vec::new());
    };
    let mapper = world.mapper.for_peer(world.peer);
    let rules = mapper.rules();
    let held = entry.envelope.options.hold_until;
    let context = relay::Context {
        table,
        us,
        origin: match &entry.origin {
            From::P1 { .. } => Origin::Peer(world.peer),
            From::Local | From::Smtp { .. } | From::Http { .. } => Origin::Here,
        },
        deliverable: &|name: &OrName| deliverable(mapper, name),
        relay: world.settings.relay_1988.as_ref(),
        arrival: entry.received_at,
        held_until: held.and_then(|held| OffsetDateTime::from_unix_timestamp(held).ok()),
        now: world.now,
    };
    let mut decided = relay::dispatch(apdu, &everybody, &context);
    let mut by_policy = BTreeMap::new();
    let is_judged = !rules.policies().is_empty();
    let arrived = is_judged.then(|| Arrived::new(rules, mapper, world.peer, apdu, world.settings));
    if let Some(arrived) = arrived.flatten() {
        decided = arrived.permitted(decided, apdu, &context, &mut |number, _, policy| {
            by_policy.insert(number, told(rules, policy));
        });
    }
    let mut others = BTreeMap::new();
    let came: BTreeMap<u32, &OrName> = apdu.responsible().collect();
    for copy in &decided.copies {
        let peers = copy.peers.join(", else to ");
        for (number, name) in copy.recipients() {
            let renamed = came.get(&number).is_none_or(|came| *came != name);
            let renamed = if renamed { format!(", as {}", shown(name)) } else { String::new() };
            others.insert(number, Made::Relayed(format!("recipient {number}: to {peers}{renamed}")));
        }
    }
    for (number, why) in &decided.failed {
        let why = by_policy.get(number).unwrap_or(&why.text);
        others.insert(*number, for_nobody(*number, why));
    }
    (decided, others.into_values().collect())
}

fn refused(why: impl Display) -> Made {
    Made::Refused(why.to_string())
}

fn of_mail(converted: to_internet::Converted) -> Made {
    let from = format!("MAIL FROM:<{}>", converted.reverse_path.unwrap_or_default());
    let recipients = converted.recipients.iter().map(|one| format!("RCPT TO:<{}>", one.address));
    let envelope = std::iter::once(from).chain(recipients).collect();
    Made::Mail { envelope, octets: converted.content.to_vec().into() }
}

/// A place where what would leave is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: an element of X.400, a field, a line of SMTP.
    pub location: String,
    /// By the old rules, if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// By the new ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}\n    old: {}\n    new: {}", self.location, said(&self.old), said(&self.new))
    }
}

/// What is not the same in what two sets of rules make of an entry.
#[must_use]
pub fn differences(old: &[Made], new: &[Made]) -> Vec<Difference> {
    let mut found = Vec::new();
    for place in 0..old.len().max(new.len()) {
        match (old.get(place), new.get(place)) {
            (Some(old), Some(new)) if old == new => {}
            (Some(Made::X400(old)), Some(Made::X400(new))) => {
                let [old, new] = [old, new].map(|octets| decode::decode(octets, Some(Octets::MtsApdu)));
                add(round_trip::messages(&old, &new), &mut found);
            }
            (
                Some(Made::Mail { envelope, octets }),
                Some(Made::Mail { envelope: new_envelope, octets: new_octets }),
            ) => {
                for line in 0..envelope.len().max(new_envelope.len()) {
                    let (old, new) = (envelope.get(line).cloned(), new_envelope.get(line).cloned());
                    if old != new {
                        found.push(Difference { location: "SMTP".to_owned(), old, new });
                    }
                }
                let [old, new] = [octets, new_octets].map(|octets| Message::parse(octets.clone()));
                add(round_trip::mails(&old, &new), &mut found);
            }
            (old, new) => {
                let [old, new] = [old, new].map(|made| made.map(said));
                found.push(Difference { location: "the message".to_owned(), old, new });
            }
        }
    }
    found
}

fn add(comparison: Comparison, found: &mut Vec<Difference>) {
    let differences = comparison.differences.into_iter();
    found.extend(differences.map(|one| Difference { location: one.location, old: one.was, new: one.is }));
    for part in comparison.parts.iter().filter(|part| part.outcome != Outcome::Same) {
        let was = format!("{}, {} octets", part.kind, part.octets);
        let (old, new) = match part.outcome {
            Outcome::Added => (None, Some(was)),
            Outcome::Missing => (Some(was), None),
            Outcome::Same | Outcome::SameText => (Some(was), Some("the same text, written otherwise".into())),
            Outcome::Changed { octets, .. } => (Some(was), Some(format!("other octets, {octets} of them"))),
        };
        found.push(Difference { location: format!("part {}", part.location), old, new });
    }
}

/// What leaves, in a word.
fn said(made: &Made) -> String {
    match made {
        Made::X400(octets) => format!("an MTS-APDU of {} octets", octets.len()),
        Made::Mail { octets, .. } => format!("a mail of {} octets", octets.len()),
        Made::Relayed(to) => format!("passed on: {to}"),
        Made::Refused(why) => format!("refused: {why}"),
    }
}
