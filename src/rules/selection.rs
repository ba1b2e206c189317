//! Which rules count for a message: settings of conversion that rules change ([`Selection`]), and everything that has a say
//! about it, for explanations ([`Applying`]).

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::Rules;
use super::body::BodyRule;
use super::header::{HeaderRule, HeaderRules};
use super::policy::Decision;
use super::registry::RuleNumber;
use super::route::peers;
use super::traffic::Traffic;
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::Settings;

/// The rules about bodies and header fields that count for a recipient. Recipients with the same ones share a conversion.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selection {
    bodies: Vec<RuleNumber>,
    headers: Vec<RuleNumber>,
}

impl Selection {
    /// Whether the settings count as they are.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bodies.is_empty() && self.headers.is_empty()
    }
}

impl fmt::Display for Selection {
    /// The numbers of the rules, for the name of a message that others have the name of as well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for rule in self.bodies.iter().chain(&self.headers) {
            write!(f, "{separator}{}", rule.index())?;
            separator = "-";
        }
        Ok(())
    }
}

/// Everything that rules say about a message for a recipient, apart from its addresses and its route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applying {
    /// Whether it may pass; `None` if that depends on what is not known.
    pub allowed: Option<bool>,
    /// The policy that decides.
    pub policy: Option<Applied>,
    /// What the sender of a refused message reads.
    pub reason: Option<String>,
    /// As long as that depends on what is not known: the policies that would decide, the most specific first.
    pub open: Vec<Applied>,
    /// Rules about header fields, as far as they do not depend on what is not known; the one that goes first before the others.
    pub headers: Vec<Applied>,
    /// Rules about bodies; the one that has the last word comes last.
    pub bodies: Vec<Applied>,
}

/// A rule that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Its number.
    #[serde(skip)]
    pub rule: RuleNumber,
    /// What it is called, with its place: `policy partners (rules.toml:12)`.
    pub rule_called: String,
    /// Why it counts: what of it the message meets.
    pub because: String,
}

impl Rules {
    /// Rules about header fields.
    #[must_use]
    pub fn headers(&self) -> &[Arc<HeaderRule>] {
        &self.headers
    }

    /// Rules about bodies.
    #[must_use]
    pub fn bodies(&self) -> &[BodyRule] {
        &self.bodies
    }

    /// Whether any rule changes how messages are converted.
    #[must_use]
    pub fn change_settings(&self) -> bool {
        !(self.headers.is_empty() && self.bodies.is_empty())
    }

    /// The rules that change how a message is converted for a recipient.
    #[must_use]
    pub fn selection(&self, traffic: &Traffic<'_>) -> Selection {
        Selection {
            bodies: self.bodies.iter().filter(|rule| rule.holds(traffic)).map(|rule| rule.rule).collect(),
            headers: self.headers.iter().filter(|rule| rule.holds(traffic)).map(|rule| rule.rule).collect(),
        }
    }

    /// The settings as these rules change them.
    #[must_use]
    pub fn settings(&self, selection: &Selection, settings: &Settings) -> Settings {
        let mut settings = settings.clone();
        for rule in self.bodies.iter().filter(|rule| selection.bodies.contains(&rule.rule)) {
            rule.apply(&mut settings);
        }
        let headers = self.headers.iter().filter(|rule| selection.headers.contains(&rule.rule));
        settings.headers = headers.cloned().collect::<HeaderRules>();
        settings
    }

    /// Everything that rules say about a message for a recipient.
    #[must_use]
    pub fn applying(&self, traffic: &Traffic<'_>) -> Applying {
        let applied = |rule: RuleNumber, because: String| Applied {
            rule,
            rule_called: self.registry().get(rule).map(ToString::to_string).unwrap_or_default(),
            because,
        };
        let decision = self.policies().decide(traffic);
        let (allowed, policy) = match decision {
            Decision::Allowed(policy) => (Some(true), policy),
            Decision::Refused(policy) => (Some(false), Some(policy)),
            Decision::Open => (None, None),
        };
        Applying {
            allowed,
            policy: policy.map(|policy| applied(policy.rule, policy.because())),
            open: match decision {
                Decision::Open => {
                    let open = self.policies().open(traffic).into_iter();
                    open.map(|policy| applied(policy.rule, policy.because())).collect()
                }
                Decision::Allowed(_) | Decision::Refused(_) => Vec::new(),
            },
            reason: policy.filter(|_| allowed == Some(false)).map(|policy| policy.reason().to_owned()),
            headers: {
                let held = self.headers.iter().filter(|rule| rule.may_hold(traffic));
                held.map(|rule| applied(rule.rule, rule.because())).collect()
            },
            bodies: {
                let held = self.bodies.iter().filter(|rule| rule.holds(traffic));
                held.map(|rule| applied(rule.rule, rule.scope.to_string())).collect()
            },
        }
    }

    /// What is wrong with the names of peers in these rules, if these are all peers there are.
    #[must_use]
    pub fn unknown_peers(&self, known: &[&str]) -> Vec<Diagnostic> {
        let policies = self.policies().iter().map(|policy| (policy.rule, &policy.peers[..]));
        let bodies = self.bodies.iter().map(|rule| (rule.rule, &rule.scope.peers[..]));
        let headers = self.headers.iter().map(|rule| (rule.rule, &rule.scope.peers[..]));
        let routes = self.routes().iter().map(|(number, rule)| (*number, peers(rule)));
        let addresses = self.registry().iter().map(|rule| (rule.number, &rule.scope.peers[..]));
        let all = policies.chain(bodies).chain(headers).chain(routes).chain(addresses);
        let unknown = all.flat_map(|(rule, peers)| {
            peers.iter().filter(|peer| !known.contains(&peer.as_str())).map(move |peer| (rule, peer))
        });
        let told = unknown.filter_map(|(rule, peer)| {
            let rule = self.registry().get(rule)?;
            let message = format!("the configuration has no peer `{peer}`");
            let diagnostic =
                Diagnostic::new(Code::UnknownPeer, &*rule.source, rule.span.clone(), message, "");
            let help = match crate::diagnostic::closest(peer, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.is_empty() => "add a [[peer]] to the configuration".to_owned(),
                None => format!("there are: {}", known.join(", ")),
            };
            Some(diagnostic.help(help))
        });
        let mut told: Vec<Diagnostic> = told.collect();
        told.sort_by(|one, two| (&one.source, one.span.start).cmp(&(&two.source, two.span.start)));
        told
    }
}
