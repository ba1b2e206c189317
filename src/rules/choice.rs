//! Which rules count for an address, and which of several goes before the others: that of a user before that of a peer,
//! that of a peer before one for everybody.

use super::Rules;
use super::pattern::{Party, Specificity};
use super::registry::RuleNumber;

/// How special the scope of a rule is.
pub(crate) type Rank = (Option<Specificity>, bool);

/// For whom an address is mapped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    rules: &'a Rules,
    /// The peer that the message comes from or goes to, if it is known.
    peer: Option<&'a str>,
    /// Whose address it is, as far as it is known before it is mapped; wanted only where rules have users.
    party: Option<&'a Party>,
    /// Whether the party is known by the Internet address.
    to_x400: bool,
    /// Rules that were tried in vain.
    without: &'a [RuleNumber],
}

impl<'a> Choice<'a> {
    /// Whoever it is, and whatever the peer.
    pub(crate) const fn everybody(rules: &'a Rules) -> Self {
        Self { rules, peer: None, party: None, to_x400: false, without: &[] }
    }

    /// The same for messages to or from this peer.
    pub(crate) const fn for_peer(self, peer: Option<&'a str>) -> Self {
        Self { peer, ..self }
    }

    /// The same for this user, whose Internet address is known (`to_x400`) or whose O/R address, without some rules.
    pub(crate) const fn for_user(
        self,
        party: Option<&'a Party>,
        to_x400: bool,
        without: &'a [RuleNumber],
    ) -> Self {
        Self { party, to_x400, without, ..self }
    }

    /// The same before it is known who the user is.
    pub(crate) const fn for_nobody(self) -> Self {
        Self { party: None, without: &[], ..self }
    }

    /// How special a rule is, if it counts.
    pub(crate) fn rank(&self, rule: RuleNumber) -> Option<Rank> {
        let registry = &self.rules.registry;
        if !registry.has_scopes() {
            return Some((None, false));
        }
        let scope = registry.scope(rule);
        if self.without.contains(&rule) || !scope.has_peer(self.peer.as_slice()) {
            return None;
        }
        let is_user = |party: &Party| match &scope.user {
            // What is on the other side is known when the rule has mapped it.
            Some(pattern) => pattern.is_internet() != self.to_x400 || pattern.matches(party),
            None => true,
        };
        match self.party {
            Some(party) => is_user(party).then(|| scope.specificity()),
            None => scope.user.is_none().then(|| scope.specificity()),
        }
    }

    /// Whether a rule is for a user who is known only once the address is mapped.
    pub(crate) fn is_tentative(&self, rule: RuleNumber) -> bool {
        let scope = self.rules.registry.scope(rule);
        scope.user.as_ref().is_some_and(|pattern| pattern.is_internet() != self.to_x400)
    }
}
