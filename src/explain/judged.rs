//! What rules about messages say of one to an address: whether it may pass, and what becomes of its header and bodies.

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text;
use serde::{Deserialize, Serialize};

use super::Rule;
use super::address::World;
use crate::mixer::AddressContext;
use crate::rules::Rules;
use crate::rules::pattern::Party;
use crate::rules::selection::{self, Applying};
use crate::serve::judged::{Arrived, Mail, Ways};

/// What policies decide before the message itself is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Policy {
    /// `allow`, `refuse`, or `open`: that depends on the message, or on who writes.
    pub action: String,
    /// The policy that decides; none if none is about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// What of it the message meets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// As long as nothing is decided: the policies on which it depends, the most specific first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Applied>,
}

/// A rule that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Applied {
    /// The rule.
    pub rule: Rule,
    /// For whom and when: what of it the message meets.
    pub because: String,
}

impl Policy {
    pub(super) fn of(applying: &Applying, rules: &Rules) -> Self {
        let action = match applying.allowed {
            Some(true) => "allow",
            Some(false) => "refuse",
            None => "open",
        };
        let policy = applying.policy.as_ref();
        Self {
            action: action.to_owned(),
            rule: policy.and_then(|policy| rules.registry().get(policy.rule)).map(Rule::from),
            because: policy.map(|policy| policy.because.clone()),
            open: applied(&applying.open, rules),
        }
    }
}

/// The rules with their places.
pub(super) fn applied(several: &[selection::Applied], rules: &Rules) -> Vec<Applied> {
    let told = several.iter().filter_map(|one| {
        let rule = rules.registry().get(one.rule)?;
        Some(Applied { rule: rule.into(), because: one.because.clone() })
    });
    told.collect()
}

/// What is said of a mail to a recipient, as it is asked at RCPT; `from` is who writes, if that is known.
pub(super) fn to_x400(address: &str, from: Option<&str>, name: &OrName, world: World<'_>) -> Applying {
    let rules = world.mapper.rules();
    let ways = Ways { table: world.table, peer: world.mapper.peer() };
    let mail = match from {
        None => Mail::of_somebody(rules, ways),
        Some("" | "<>") => Mail::announced(rules, ways, None, None),
        from => Mail::announced(rules, ways, from, None),
    };
    mail.applying(address, name)
}

/// What is said of a message over P1 for a recipient, that goes on to these peers, or else to the Internet side.
pub(super) fn to_internet(name: &OrName, from: Option<&str>, next: &[String], world: World<'_>) -> Applying {
    let mapper = world.mapper.without_steps();
    let rules = mapper.rules();
    let from = match from {
        None => Party::unknown(),
        Some("" | "<>") => Party::default(),
        Some(address) => match text::parse(address).ok().and_then(|keyed| keyed.to_or_name().ok()) {
            Some(name) => {
                let mailbox = mapper.to_internet(&name).ok().map(|mapped| mapped.address);
                Party::new(mailbox.as_deref(), Some(&name), rules.countries())
            }
            None => {
                let name = mapper.to_or(address, AddressContext::ReturnPath).ok().map(|mapped| mapped.name);
                Party::new(Some(address), name.as_ref(), rules.countries())
            }
        },
    };
    Arrived::announced(rules, mapper, mapper.peer(), from).applying(name, next)
}
