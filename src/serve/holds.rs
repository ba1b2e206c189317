//! Rules that hold entries before they are tried: those of the configuration, and those that operators make meanwhile.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use crate::mta::relay::Copy;
use crate::queue::entry::{Entry, QueueId};
use crate::queue::store::listing::Pattern;
use crate::queue::store::operation::{Hold, HoldRule, NumberedRule};

/// The rules in force. An entry is held as a whole, if one of its recipients is meant.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    configured: Vec<HoldRule>,
    made: RwLock<Vec<NumberedRule>>,
    /// Entries that were released by name.
    exempt: Mutex<HashSet<QueueId>>,
    /// Whether there are any, so that nobody waits where there are none.
    any: AtomicBool,
}

impl Holds {
    pub(crate) fn new(configured: Vec<HoldRule>, made: Vec<NumberedRule>, exempt: Vec<QueueId>) -> Self {
        let holds = Self {
            configured,
            made: RwLock::default(),
            exempt: Mutex::new(exempt.into_iter().collect()),
            any: AtomicBool::default(),
        };
        holds.set_made(made);
        holds
    }

    /// The rules of the configuration.
    pub(crate) fn configured(&self) -> &[HoldRule] {
        &self.configured
    }

    /// Those that were made meanwhile.
    pub(crate) fn made(&self) -> Vec<NumberedRule> {
        self.made.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Others are made now.
    pub(crate) fn set_made(&self, made: Vec<NumberedRule>) {
        self.any.store(!(self.configured.is_empty() && made.is_empty()), Ordering::Relaxed);
        *self.made.write().unwrap_or_else(PoisonError::into_inner) = made;
    }

    /// Whether there are any rules.
    pub(crate) fn are_there(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// No rule holds this entry again; whether one would have until now.
    pub(crate) fn exempt(&self, id: QueueId) -> bool {
        self.exempted().insert(id)
    }

    /// An entry has ended, or was not released after all.
    pub(crate) fn forget(&self, id: QueueId) {
        if self.are_there() {
            self.exempted().remove(&id);
        }
    }

    /// What holds an entry for its sender or one of its recipients.
    pub(crate) fn of_entry(&self, entry: &Entry) -> Option<Hold> {
        self.find(entry, |rule| {
            let path = entry.envelope.reverse_path.as_deref().unwrap_or_default();
            let sender = |one: &String| Pattern::address(one).matches(path);
            let recipient = |one: &String| {
                let pattern = Pattern::address(one);
                entry.pending().any(|recipient| pattern.matches(&recipient.address))
            };
            rule.peer.is_none()
                && rule.sender.as_ref().is_none_or(sender)
                && rule.recipient_domain.as_ref().is_none_or(recipient)
        })
    }

    /// What holds an entry for the peer that one of its copies would go to first.
    pub(crate) fn of_copies(&self, entry: &Entry, copies: &[Copy]) -> Option<Hold> {
        self.find(entry, |rule| {
            let Some(peer) = rule.peer.as_deref().map(Pattern::new) else { return false };
            let path = entry.envelope.reverse_path.as_deref().unwrap_or_default();
            copies.iter().filter(|copy| copy.peers.first().is_some_and(|first| peer.matches(first))).any(
                |copy| {
                    let sender = |one: &String| Pattern::address(one).matches(path);
                    let recipient = |one: &String| {
                        let pattern = Pattern::address(one);
                        let mut meant =
                            entry.pending().filter(|recipient| copy.recipients.contains(&recipient.number));
                        meant.any(|recipient| pattern.matches(&recipient.address))
                    };
                    rule.sender.as_ref().is_none_or(sender)
                        && rule.recipient_domain.as_ref().is_none_or(recipient)
                },
            )
        })
    }

    fn find(&self, entry: &Entry, is_meant: impl Fn(&HoldRule) -> bool) -> Option<Hold> {
        if !self.are_there() || self.exempted().contains(&entry.id) {
            return None;
        }
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        let made = made.iter().map(|one| (Some(one.number), &one.rule));
        let configured = self.configured.iter().map(|rule| (None, rule));
        let (number, rule) =
            made.chain(configured).find(|(_, rule)| rule.says_anything() && is_meant(rule))?;
        let named = number
            .map_or_else(|| "a rule of the configuration".to_owned(), |number| format!("rule {number}"));
        let why = if rule.reason.is_empty() { String::new() } else { format!(": {}", rule.reason) };
        Some(Hold { reason: format!("held by {named}{why}"), rule: number })
    }

    fn exempted(&self) -> MutexGuard<'_, HashSet<QueueId>> {
        self.exempt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use time::macros::datetime;

    use super::*;
    use crate::queue::entry::{Content, Envelope, Kind, MailOptions, Origin, Recipient, Urgency};

    #[test]
    fn a_rule_holds_what_it_means_and_nothing_that_was_released() {
        let now = datetime!(2026-11-27 12:00 UTC);
        let entry = Entry {
            id: QueueId::new(1, now),
            received_at: now,
            kind: Kind::Mail,
            urgency: Urgency::Normal,
            origin: Origin::Local,
            envelope: Envelope {
                reverse_path: Some("Ann@a.example".into()),
                options: MailOptions::default(),
                recipients: vec![Recipient::new(1, "bob@b.example"), Recipient::new(2, "/S=c/O=Navy/C=XX/")],
            },
            rules_version: None,
            identifier: None,
            content: Content::Inline(Bytes::new()),
        };
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        // sender, recipient, whether it is held
        for (sender, recipient, expected) in [
            ("a.example", "", true),
            ("ann@a.example", "b.example", true),
            ("ann@a.example", "c.example", false),
            ("", "*/o=navy/*", true),
            ("b.example", "", false),
            ("", "", false),
        ] {
            let rule = HoldRule {
                sender: some(sender),
                recipient_domain: some(recipient),
                reason: "the fleet moves".into(),
                ..HoldRule::default()
            };
            let holds = Holds::new(vec![rule.clone()], Vec::new(), Vec::new());
            let held = holds.of_entry(&entry);
            assert_eq!(held.is_some(), expected, "{rule:?}");
            assert_eq!(holds.of_copies(&entry, &[]), None);
            let made = vec![NumberedRule { number: 7, at: now, who: "uid 0".into(), rule }];
            let holds = Holds::new(Vec::new(), made, Vec::new());
            let held = holds.of_entry(&entry);
            assert_eq!(held.as_ref().and_then(|hold| hold.rule), expected.then_some(7));
            assert!(held.is_none_or(|hold| hold.reason == "held by rule 7: the fleet moves"));
            holds.exempt(entry.id);
            assert_eq!(holds.of_entry(&entry), None);
        }
    }
}
