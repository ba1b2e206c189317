//! One address, explained.

use rasn_x400::ber;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::{self, KeyedAddress};
use serde::{Deserialize, Serialize};

use super::judged::{self, Applied, Policy};
use super::{Outcome, Place, Rule, Side, Step};
use crate::decode::{self, Kind, render};
use crate::mixer::AddressContext;
use crate::mixer::address::{self, Mapper, ToOr, Unmappable, table_form};
use crate::mta::relay::reached_over_x400;
use crate::mta::route::{Action, Table, Traits};
use crate::rules;
use crate::rules::selection::Applying;
use crate::serve::accept::verdict::{self, Refused};
use crate::smtp::command::{Command, CommandError, ForwardPath, ReversePath, Tolerances};
use crate::smtp::reply;
use crate::status::{Failure, StatusClass};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Question {
    /// An Internet address, an O/R address in any of its forms, or the octets of an O/R name in hexadecimal.
    pub address: String,
    /// Where it is to be mapped to; found out unless given.
    pub towards: Option<Side>,
    /// Where it stands.
    pub place: Place,
    /// Of a recipient, who writes to it, `<>` for nobody: what policies decide depends on that.
    pub from: Option<String>,
    /// The peer that a message with it comes from or goes to, if rules for that peer are to count.
    pub peer: Option<String>,
}

/// What surrounds an address.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Maps it.
    pub mapper: Mapper<'a>,
    /// Routes it, if there are peers.
    pub table: Option<&'a Table>,
}

/// What becomes of an address, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explained {
    /// The address as given.
    pub address: String,
    /// On which side its counterpart is.
    pub towards: Side,
    /// Where it stands.
    pub place: Place,
    /// How it ended.
    pub outcome: Outcome,
    /// The counterpart: a mailbox, or an O/R address as it stands in a local part.
    pub result: Option<String>,
    /// The counterpart as people write it.
    pub shown: Option<String>,
    /// What each attribute or piece of the counterpart comes from.
    pub parts: Vec<Part>,
    /// Numbers of extension attributes that no text holds and that are missing from the counterpart.
    pub unexpressed: Vec<i64>,
    /// What was done and tried, in order.
    pub steps: Vec<Step>,
    /// Why there is no counterpart.
    pub fault: Option<Fault>,
    /// What MAIL or RCPT is answered.
    pub reply: Option<Reply>,
    /// What a report says of a recipient of P1 that has no counterpart.
    pub report: Option<String>,
    /// Where a message for the address goes.
    pub route: Option<Route>,
    /// The O/R address under which a message for it stays in X.400, as its mailbox is reached from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays: Option<String>,
    /// What policies decide about a recipient, if there are any, or it is known who writes.
    pub policy: Option<Policy>,
    /// Rules about header fields that count for a message to it, the one that goes first before the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Applied>,
    /// Rules about bodies that count for a message to it, the one that has the last word last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<Applied>,
    /// The O/R name as the peer sees it, or sent it.
    pub octets: Option<Octets>,
}

/// One attribute or piece, and what made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Part {
    /// Label of an attribute, or `local part`, `label`, `domain`.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it was made of.
    pub source: String,
    /// The clause that says so.
    pub clause: String,
    /// The rule that gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
}

/// Why there is no counterpart, and how far the reading came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fault {
    /// The text that was read: the address, as SMTP hands it on.
    pub text: String,
    /// Octets of it before the fault.
    pub octet: usize,
    /// What is wrong, or what was expected.
    pub reason: String,
    /// The clause that decides so.
    pub clause: String,
    /// What to write instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// A reply of SMTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Reply {
    /// The command that is answered.
    pub command: String,
    /// Three digits.
    pub code: u16,
    /// The enhanced code.
    pub enhanced: Option<String>,
    /// Its lines.
    pub text: Vec<String>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Route {
    /// The rule and what it says.
    pub text: String,
    /// The peers, in the order in which they are tried.
    pub peers: Vec<String>,
}

/// An O/R name in BER.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Octets {
    /// Two digits for each octet.
    pub hex: String,
    /// One line for each element, with its tag.
    pub lines: Vec<String>,
    /// The same as `x400gw decode --json` has it.
    pub elements: serde_json::Value,
}

/// Explains an address.
#[must_use]
pub fn explain(question: &Question, world: World<'_>) -> Explained {
    let Question { address, towards, place, from, peer } = question;
    // An address with an `@` outside an O/R address's keys is an Internet address.
    let guess = || if address.contains('@') { Side::X400 } else { Side::Internet };
    let towards = towards.unwrap_or_else(guess);
    let blank = Explained {
        address: address.clone(),
        towards,
        place: *place,
        outcome: Outcome::Malformed,
        result: None,
        shown: None,
        parts: Vec::new(),
        unexpressed: Vec::new(),
        steps: Vec::new(),
        fault: None,
        reply: None,
        report: None,
        route: None,
        stays: None,
        policy: None,
        headers: Vec::new(),
        bodies: Vec::new(),
        octets: None,
    };
    let peer = peer.as_deref().or_else(|| world.mapper.peer());
    let world = World { mapper: world.mapper.for_peer(peer), ..world };
    match towards {
        Side::X400 => to_x400(blank, from.as_deref(), world),
        Side::Internet => to_internet(blank, from.as_deref(), world),
    }
}

fn to_x400(mut told: Explained, from: Option<&str>, world: World<'_>) -> Explained {
    let context = AddressContext::from(told.place);
    let address = match received(&told.address, told.place) {
        Ok(address) => address,
        Err((prefix, error)) => {
            let octet = error.column().unwrap_or(0).saturating_sub(prefix + 1).min(told.address.len());
            told.fault = Some(Fault {
                text: told.address.clone(),
                octet,
                reason: error.to_string(),
                clause: "RFC 5321 4.1.2".to_owned(),
                suggestion: None,
            });
            told.reply = Some(reply(told.place, &error.reply()));
            return told;
        }
    };
    match verdict::judge(world.mapper, world.table, &address, context) {
        Ok(found) => {
            told.outcome = Outcome::Mapped;
            told.found(&found, world.table);
            if told.place == Place::Recipient {
                let applying = judged::to_x400(&address, from, &found.name, world);
                if let Some(policy) = told.judged(&applying, from.is_some(), world) {
                    told.reply = Some(reply(told.place, &verdict::not_permitted(policy)));
                }
            }
        }
        Err(refused) => {
            if told.place != Place::Header {
                told.reply = Some(reply(told.place, &refused.reply(context)));
            }
            match refused {
                Refused::Unmappable(unmappable) => told.unmappable(unmappable),
                Refused::NoRoute(found) => {
                    told.outcome = Outcome::Refused;
                    told.fault = Some(Fault {
                        text: address,
                        octet: 0,
                        reason: "no route leads to its O/R address".to_owned(),
                        clause: "X.411 14.3".to_owned(),
                        suggestion: None,
                    });
                    told.found(&found, world.table);
                }
            }
        }
    }
    told
}

fn to_internet(mut told: Explained, from: Option<&str>, world: World<'_>) -> Explained {
    let name = match parsed(&told.address) {
        Ok(name) => name,
        Err(fault) => {
            told.fault = Some(fault);
            return told;
        }
    };
    told.octets = octets(&name);
    if told.place != Place::Header {
        told.route = world.table.map(|table| route(table, &name, true));
    }
    match world.mapper.to_internet(&name) {
        Ok(found) => {
            told.outcome = Outcome::Mapped;
            told.parts = found.parts.iter().map(Part::from).collect();
            told.steps = found.steps.iter().map(Step::from).collect();
            told.unexpressed = found.unexpressed;
            told.shown = Some(found.address.clone());
            if told.place == Place::Recipient {
                told.stay(&name, &found.address, world);
                let next = told.route.as_ref().map_or(&[][..], |route| &route.peers);
                let applying = judged::to_internet(&name, from, next, world);
                if let Some(policy) = told.judged(&applying, from.is_some(), world) {
                    told.report = Some(policy.failure().non_delivery().to_string());
                }
            }
            told.result = Some(found.address);
        }
        Err(unmappable) => {
            let failure = unmappable.failure;
            told.unmappable(unmappable);
            if told.outcome == Outcome::Refused && told.place == Place::Recipient {
                told.report = Some(failure.non_delivery().to_string());
            }
        }
    }
    told
}

impl Explained {
    /// The O/R address, with where it leads and what it looks like.
    fn found(&mut self, found: &ToOr, table: Option<&Table>) {
        self.parts = found.parts.iter().map(Part::from).collect();
        self.steps = found.steps.iter().map(Step::from).collect();
        self.result = Some(found.address.to_std_or());
        self.shown = Some(found.address.to_display());
        self.octets = octets(&found.name);
        if self.place == Place::Recipient {
            self.route = table.map(|table| route(table, &found.name, false));
        }
    }

    /// G-19: whether a message stays in X.400, as the mailbox is that of somebody who is reached there.
    fn stay(&mut self, name: &OrName, mailbox: &str, world: World<'_>) {
        let Some(table) = world.table else { return };
        let Ok(other) = world.mapper.without_steps().to_or(mailbox, AddressContext::Recipient) else {
            return;
        };
        if reached_over_x400(table, &Traits::ordinary(true), name, &other.name) {
            self.route = Some(route(table, &other.name, true));
            self.stays = Some(other.address.to_std_or());
        }
    }

    /// What rules about messages say of one to it; gives the policy that refuses it.
    fn judged<'a>(
        &mut self,
        applying: &Applying,
        sender_is_known: bool,
        world: World<'a>,
    ) -> Option<&'a rules::policy::Policy> {
        let rules = world.mapper.rules();
        self.headers = judged::applied(&applying.headers, rules);
        self.bodies = judged::applied(&applying.bodies, rules);
        if sender_is_known || !rules.policies().is_empty() {
            self.policy = Some(Policy::of(applying, rules));
        }
        let refusing = applying.policy.as_ref().filter(|_| applying.allowed == Some(false))?;
        self.outcome = Outcome::Refused;
        rules.policies().iter().find(|policy| policy.rule == refusing.rule)
    }

    fn unmappable(&mut self, unmappable: Unmappable) {
        let later = unmappable.failure == Failure::MappingUnavailable
            || unmappable.failure.enhanced_code().class == StatusClass::PersistentTransientFailure;
        self.outcome = if later { Outcome::Undetermined } else { Outcome::Refused };
        let Unmappable { address, offset, reason, clause, suggestion, steps, .. } = unmappable;
        self.steps = steps.iter().map(Step::from).collect();
        self.fault = Some(Fault {
            text: address.into(),
            octet: offset,
            reason,
            clause: clause.to_owned(),
            suggestion,
        });
    }
}

/// The address as the SMTP server hands it on; else how long the line is before it, and the error.
fn received(address: &str, place: Place) -> Result<String, (usize, CommandError)> {
    let before = match place {
        Place::Recipient => "RCPT TO:<",
        Place::ReturnPath => "MAIL FROM:<",
        Place::Header => return Ok(address.to_owned()),
    };
    let line = format!("{before}{address}>");
    let command = Command::parse(line.as_bytes(), Tolerances::default());
    match command.map_err(|error| (before.len(), error))? {
        Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), .. } => Ok(mailbox.to_string()),
        Command::Mail { reverse_path: ReversePath::Mailbox(mailbox), .. } => Ok(mailbox.to_string()),
        _ => Ok(address.to_owned()),
    }
}

fn reply(place: Place, reply: &reply::Reply) -> Reply {
    Reply {
        command: if place == Place::ReturnPath { "MAIL" } else { "RCPT" }.to_owned(),
        code: reply.code().number(),
        enhanced: reply.enhanced().map(|code| code.to_string()),
        text: reply.lines().iter().map(|line| line.to_string()).collect(),
    }
}

/// Where an ordinary message for somebody goes.
fn route(table: &Table, name: &OrName, over_p1: bool) -> Route {
    let decision = table.route(name, &Traits::ordinary(over_p1));
    let peers = match decision.action {
        Some(Action::Transfer(peers)) => peers.clone(),
        _ => Vec::new(),
    };
    Route { text: decision.to_string(), peers }
}

/// The octets of a name, and what they say.
fn octets(name: &OrName) -> Option<Octets> {
    let octets = ber::encode(name).ok()?;
    let document = decode::decode(&octets, Some(Kind::OrName));
    Some(Octets {
        hex: octets.iter().map(|octet| format!("{octet:02x}")).collect(),
        lines: render::text(&document, render::Limits::BRIEF).lines().map(str::to_owned).collect(),
        elements: render::json(&document),
    })
}

/// The O/R address in a text, or the O/R name in hexadecimal, as `x400gw decode` shows it.
fn parsed(address: &str) -> Result<OrName, Fault> {
    let fault = |octet, reason: String, clause: &str, suggestion| Fault {
        text: address.to_owned(),
        octet,
        reason,
        clause: clause.to_owned(),
        suggestion,
    };
    if let Some(octets) = hexadecimal(address) {
        return ber::decode(&octets, octets.len()).map_err(|error| {
            fault(0, format!("these octets are no O/R name: {error}"), "X.411 figure 2", None)
        });
    }
    let unread = |read: &str, error: text::TextError| Fault {
        text: read.to_owned(),
        ..fault(error.offset, error.to_string(), error.clause, error.suggestion)
    };
    let keyed: KeyedAddress = match (text::parse(address), table_form::labelled(address)) {
        (Ok(keyed), _) => keyed,
        // a value may look like the label of a list, so that a list is what is nothing else.
        (Err(_), Some(labelled)) => text::parse(&labelled).map_err(|error| unread(&labelled, error))?,
        (Err(error), None) => return Err(unread(address, error)),
    };
    keyed.to_or_name().map_err(|error| fault(0, error.to_string(), error.clause, None))
}

/// Hexadecimal digits, with or without spaces, that begin with the tag of an O/R name; no address looks so.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect::<Option<Vec<u8>>>()
        .filter(|octets| octets.first() == Some(&0x60))
}

impl From<&address::Part> for Part {
    fn from(part: &address::Part) -> Self {
        Self {
            name: part.name.clone(),
            value: part.value.clone(),
            source: part.source.clone(),
            clause: part.clause.to_owned(),
            rule: part.rule.as_ref().map(Rule::from),
        }
    }
}
