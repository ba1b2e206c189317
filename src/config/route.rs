//! Where messages go: `[[route]]`, one rule each, or the older `[route]` with one peer for everything.

use std::fmt;

use rasn_x400::x411::address::text::{self, KeyedAddress};
use rasn_x400::x411::envelope::{ContentType, Priority};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

use crate::mta::route::{Action, Conditions, Rule};
use crate::status::{NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason};

/// Where messages go.
#[derive(Debug, Clone)]
pub enum Route {
    /// `[route]`: everything to one peer; to the only one, if none is named.
    Everything(RoutePeer),
    /// `[[route]]`: by rules.
    Rules(Vec<RouteRule>),
}

impl Default for Route {
    fn default() -> Self {
        Self::Everything(RoutePeer::default())
    }
}

/// `[route]`.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoutePeer {
    /// The name of the peer that every message is transferred to; the only peer if there is one.
    pub peer: Option<String>,
}

/// `[[route]]`: which recipients of which messages, and what is done with them. Exactly one of `peer`, `internet`, `redirect`
/// and `refuse` is given.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct RouteRule {
    /// O/R attributes a recipient must have; without any the rule is for everybody.
    pub address: Option<String>,
    /// Content types the message may have: `P2`, `P22`, `P35`, `P772`, `unidentified`, `external`, a number, or an object
    /// identifier.
    pub content_types: Vec<String>,
    /// More octets of content than this.
    pub larger_than: Option<u64>,
    /// The priority it must have.
    pub priority: Option<RoutePriority>,
    /// The peer it is transferred to, or several, of which the first that can be reached gets it.
    pub peer: Option<OneOrMore>,
    /// Delivered to the Internet side.
    pub internet: bool,
    /// Given to the recipient with this address instead.
    pub redirect: Option<String>,
    /// Not delivered, with this text for the originator.
    pub refuse: Option<String>,
    /// The reason of a refusal, a number of X.411; 1, unable-to-transfer, unless given.
    pub reason: Option<u16>,
    /// The diagnostic of a refusal, a number of X.411; 17, no-bilateral-agreement, unless a reason is given.
    pub diagnostic: Option<u16>,
}

/// A priority of X.400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoutePriority {
    /// Goes first.
    Urgent,
    /// As usual.
    Normal,
    /// May wait.
    NonUrgent,
}

/// One name, or several in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a name, or a list of names")]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::More(names) => names,
        }
    }
}

/// What is wrong with a rule: the key, what is wrong there, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The key; `None` for the rule as a whole.
    pub(crate) key: Option<&'static str>,
    pub(crate) what: String,
    pub(crate) help: String,
}

impl RouteRule {
    /// The rule as routing has it.
    ///
    /// # Errors
    /// The first thing that is wrong with it. Whether its peers exist is not looked at.
    pub(crate) fn compile(&self) -> Result<Rule, Fault> {
        Ok(Rule {
            address: match &self.address {
                Some(written) => address("address", written)?,
                None => KeyedAddress::default(),
            },
            conditions: self.conditions()?,
            action: self.action()?,
            called: None,
        })
    }

    fn conditions(&self) -> Result<Conditions, Fault> {
        let content_types = self.content_types.iter().map(|written| {
            content_type(written).ok_or_else(|| Fault {
                key: Some("content-types"),
                what: format!("`{written}` is not a content type"),
                help: "P2, P22, P35, P772, unidentified, external, a number or an object identifier".into(),
            })
        });
        Ok(Conditions {
            content_types: content_types.collect::<Result<_, _>>()?,
            larger_than: self.larger_than,
            priority: self.priority.map(|priority| match priority {
                RoutePriority::Urgent => Priority::URGENT,
                RoutePriority::Normal => Priority::NORMAL,
                RoutePriority::NonUrgent => Priority::NON_URGENT,
            }),
        })
    }

    fn action(&self) -> Result<Action, Fault> {
        let given = [self.peer.is_some(), self.internet, self.redirect.is_some(), self.refuse.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            return Err(Fault {
                key: None,
                what: "a route does one thing".into(),
                help: "give it exactly one of `peer`, `internet = true`, `redirect` and `refuse`".into(),
            });
        }
        for (key, given) in [("reason", self.reason.is_some()), ("diagnostic", self.diagnostic.is_some())] {
            if given && self.refuse.is_none() {
                let what = format!("a {key} is for a route that refuses");
                return Err(Fault { key: Some(key), what, help: "leave it out".into() });
            }
        }
        if let Some(text) = &self.refuse {
            return Ok(Action::Refuse { non_delivery: self.non_delivery(), text: text.clone() });
        }
        if let Some(written) = &self.redirect {
            let name = address("redirect", written)?.to_or_name().map_err(|error| Fault {
                key: Some("redirect"),
                what: format!("`{written}` is not an O/R address: {error}"),
                help: "write it as /S=…/PRMD=…/ADMD=…/C=…/".into(),
            })?;
            return Ok(Action::Redirect(Box::new(name)));
        }
        match &self.peer {
            Some(peers) if peers.names().is_empty() => Err(Fault {
                key: Some("peer"),
                what: "a route to no peer".into(),
                help: "name one, or several in the order in which they are tried".into(),
            }),
            Some(peers) => Ok(Action::Transfer(peers.names().to_vec())),
            None => Ok(Action::Internet),
        }
    }

    fn non_delivery(&self) -> NonDelivery {
        let diagnostic = match (self.reason, self.diagnostic) {
            (None, None) => Some(NonDeliveryDiagnostic::NoBilateralAgreement),
            (_, given) => given.map(NonDeliveryDiagnostic::from_number),
        };
        let reason = self.reason.map_or(NonDeliveryReason::UnableToTransfer, NonDeliveryReason::from_number);
        NonDelivery { reason, diagnostic }
    }
}

fn address(key: &'static str, written: &str) -> Result<KeyedAddress, Fault> {
    text::parse(written).map_err(|error| Fault {
        key: Some(key),
        what: format!("`{written}` is not an O/R address: {error} at octet {}", error.offset),
        help: error.suggestion.unwrap_or_else(|| "write it as /PRMD=…/ADMD=…/C=…/".into()),
    })
}

/// A content type by its usual name, its number, or its object identifier.
pub(crate) fn content_type(written: &str) -> Option<ContentType> {
    let named = match written.to_ascii_lowercase().as_str() {
        "unidentified" => ContentType::UNIDENTIFIED,
        "external" => ContentType::EXTERNAL,
        "p2" => ContentType::P2,
        "p22" => ContentType::P22,
        "p35" => ContentType::P35,
        // STANAG 4406: mmhs-content-type
        "p772" => ContentType::Extended("1.3.26.0.4406.0.4.1".parse().ok()?),
        text => match text.parse() {
            Ok(number) => ContentType::BuiltIn(number),
            Err(_) => ContentType::Extended(text.parse().ok()?),
        },
    };
    Some(named)
}

impl<'de> Deserialize<'de> for Route {
    /// A table is the older form, an array of tables the rules.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Route;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[[route]] rules, or a [route] table with a peer")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Route, A::Error> {
                RoutePeer::deserialize(MapAccessDeserializer::new(map)).map(Route::Everything)
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, rules: A) -> Result<Route, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(rules)).map(Route::Rules)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
