//! A whole message, explained.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::place::Places;
use super::{Clause, Outcome, Rule, Side, Step};
use crate::conversion::source::{self, Source};
use crate::conversion::{self, Failure, Made, Request, World};
use crate::mixer::Side as MixerSide;
use crate::mixer::loss::{Loss, Origin};

/// What becomes of a message, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explained {
    /// On which side it arrives.
    pub towards: Side,
    /// How it ended.
    pub outcome: Outcome,
    /// Every field of the result, in the order they were made.
    pub fields: Vec<Field>,
    /// What did not survive, in order.
    pub losses: Vec<Lost>,
    /// Recipients that get nothing, and why; or why nobody gets anything.
    pub refused: Vec<String>,
}

/// One field of the result: of an envelope, a heading, a header, a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Field {
    /// The field: `heading.subject`, `envelope.recipients[1].recipient-name`, `header To`.
    pub field: String,
    /// Its value as text.
    pub value: String,
    /// What it was made of.
    pub source: String,
    /// Where that stands in the input; nowhere if it was said beside the input or made by the gateway.
    pub places: Vec<Place>,
    /// What asks for it.
    pub clause: Clause,
    /// The rules that were used for its address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// How its address was mapped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// Something that did not survive, or not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lost {
    /// A field, a character, a parameter.
    pub what: String,
    /// What it was part of.
    pub source: String,
    /// Where that stands in the input.
    pub places: Vec<Place>,
    /// Why it could not be carried.
    pub reason: String,
    /// What decides so.
    pub clause: Clause,
    /// What stands in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// A place in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Place {
    /// Octets of the message before it.
    pub octet: usize,
    /// Its line from 1, of a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// Explains every message in some octets; a notification of the Internet can become two.
///
/// The settings must have the trail switched on, or there is nothing to tell.
#[must_use]
pub fn explain(octets: Bytes, to: Option<Side>, request: &Request, world: &World<'_>) -> Vec<Explained> {
    let sources = source::find(octets, to.map(MixerSide::from));
    if sources.is_empty() {
        let why = "no message, report or notification of X.400 in it".to_owned();
        return vec![Explained::nothing(Side::Internet, Outcome::Malformed, why)];
    }
    sources.iter().flat_map(|source| one(source, request, world)).collect()
}

/// Explains one message.
#[must_use]
pub fn one(source: &Source, request: &Request, world: &World<'_>) -> Vec<Explained> {
    let towards = match source {
        Source::Mail(_) => Side::X400,
        Source::Apdu(_) | Source::Content(..) => Side::Internet,
    };
    match conversion::convert(source, request, world) {
        Ok(made) => made.iter().map(|made| of_made(made, source)).collect(),
        Err(Failure::Refused(why)) => vec![Explained::nothing(towards, Outcome::Refused, why)],
        Err(Failure::BadInput(why)) => vec![Explained::nothing(towards, Outcome::Malformed, why)],
    }
}

/// Explains what was made.
#[must_use]
pub fn of_made(made: &Made, source: &Source) -> Explained {
    let places = Places::of(source);
    let field = |origin: &Origin| {
        let rules = origin.steps.iter().filter_map(|step| step.rule.as_ref());
        let mut used: Vec<Rule> = Vec::new();
        for rule in rules.map(Rule::from) {
            if !used.contains(&rule) {
                used.push(rule);
            }
        }
        Field {
            field: origin.output.clone(),
            value: origin.value.clone(),
            source: origin.source.clone(),
            places: match origin.octet {
                Some(octet) => vec![places.at(octet)],
                None => places.named(&origin.source),
            },
            clause: Clause::cited(origin.clause),
            rules: used,
            steps: origin.steps.iter().map(Step::from).collect(),
        }
    };
    let lost = |loss: &Loss| Lost {
        what: loss.what.clone(),
        source: loss.location.clone(),
        places: places.named(&loss.location),
        reason: loss.reason.clone(),
        clause: Clause::cited(loss.clause),
        instead: loss.instead.clone(),
    };
    Explained {
        towards: made.side().into(),
        outcome: Outcome::Mapped,
        fields: made.trail.as_slice().iter().map(field).collect(),
        losses: made.losses.as_slice().iter().map(lost).collect(),
        refused: made.refused.clone(),
    }
}

impl Explained {
    /// Nothing comes of it.
    #[must_use]
    pub fn nothing(towards: Side, outcome: Outcome, why: String) -> Self {
        Self { towards, outcome, fields: Vec::new(), losses: Vec::new(), refused: vec![why] }
    }
}

impl From<Side> for MixerSide {
    fn from(side: Side) -> Self {
        match side {
            Side::X400 => Self::X400,
            Side::Internet => Self::Internet,
        }
    }
}

impl From<MixerSide> for Side {
    fn from(side: MixerSide) -> Self {
        match side {
            MixerSide::X400 => Self::X400,
            MixerSide::Internet => Self::Internet,
        }
    }
}
