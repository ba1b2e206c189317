//! Rules that hold entries before they are tried: those of the configuration, and those that operators make meanwhile.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use crate::queue::entry::{Entry, QueueId, Recipient};
use crate::queue::store::listing::Pattern;
use crate::queue::store::operation::{Hold, HoldRule, NumberedRule};

/// The rules in force. An entry is held as a whole, if one of its recipients is meant.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    configured: Vec<HoldRule>,
    made: RwLock<Vec<NumberedRule>>,
    /// All of them, ready to be asked: those that were made first.
    rules: RwLock<Vec<Rule>>,
    /// Entries that were released by name.
    exempt: Mutex<HashSet<QueueId>>,
    /// Whether there are any, so that nobody waits where there are none.
    any: AtomicBool,
}

/// A rule with its patterns read. What it does not say is not asked.
#[derive(Debug)]
struct Rule {
    number: Option<u64>,
    peer: Option<Pattern>,
    sender: Option<Pattern>,
    recipient: Option<Pattern>,
    reason: String,
}

impl Rule {
    fn new(number: Option<u64>, rule: &HoldRule) -> Self {
        Self {
            number,
            peer: rule.peer.as_deref().map(Pattern::new),
            sender: rule.sender.as_deref().map(Pattern::address),
            recipient: rule.recipient_domain.as_deref().map(Pattern::address),
            reason: rule.reason.clone(),
        }
    }

    /// Whether it means an entry from its sender for one of these.
    fn means<'a>(&self, entry: &Entry, mut recipients: impl Iterator<Item = &'a Recipient>) -> bool {
        let path = entry.envelope.reverse_path.as_deref().unwrap_or_default();
        let mut recipient = |pattern: &Pattern| recipients.any(|one| pattern.matches(&one.address));
        self.sender.as_ref().is_none_or(|pattern| pattern.matches(path))
            && self.recipient.as_ref().is_none_or(&mut recipient)
    }

    fn hold(&self) -> Hold {
        let named = self
            .number
            .map_or_else(|| "a rule of the configuration".to_owned(), |number| format!("rule {number}"));
        let why = if self.reason.is_empty() { String::new() } else { format!(": {}", self.reason) };
        Hold { reason: format!("held by {named}{why}"), rule: self.number }
    }
}

impl Holds {
    pub(crate) fn new(configured: Vec<HoldRule>, made: Vec<NumberedRule>, exempt: Vec<QueueId>) -> Self {
        let holds = Self { configured, exempt: Mutex::new(exempt.into_iter().collect()), ..Self::default() };
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
        let all = made.iter().map(|one| (Some(one.number), &one.rule));
        let all = all.chain(self.configured.iter().map(|rule| (None, rule)));
        let rules: Vec<Rule> = all
            .filter(|(_, rule)| rule.says_anything())
            .map(|(number, rule)| Rule::new(number, rule))
            .collect();
        self.any.store(!rules.is_empty(), Ordering::Relaxed);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
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
        self.find(entry, |rule| rule.peer.is_none() && rule.means(entry, entry.pending()))
    }

    /// What holds an entry for the peer that one of its copies would go to first. Of each copy: that peer, and the numbers that
    /// recipients have in the entry.
    pub(crate) fn of_copies<'a>(
        &self,
        entry: &Entry,
        copies: impl Iterator<Item = (&'a str, Vec<u32>)>,
    ) -> Option<Hold> {
        if !self.are_there() {
            return None;
        }
        let copies: Vec<_> = copies.collect();
        self.find(entry, |rule| {
            let Some(pattern) = &rule.peer else { return false };
            copies.iter().filter(|(peer, _)| pattern.matches(peer)).any(|(_, numbers)| {
                rule.means(entry, entry.pending().filter(|one| numbers.contains(&one.number)))
            })
        })
    }

    fn find(&self, entry: &Entry, is_meant: impl Fn(&Rule) -> bool) -> Option<Hold> {
        if !self.are_there() || self.exempted().contains(&entry.id) {
            return None;
        }
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        rules.iter().find(|rule| is_meant(rule)).map(Rule::hold)
    }

    fn exempted(&self) -> MutexGuard<'_, HashSet<QueueId>> {
        self.exempt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use time::OffsetDateTime;
    use time::macros::datetime;

    use super::*;
    use crate::queue::entry::{Content, Envelope, Kind, MailOptions, Origin, Urgency};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn entry() -> Entry {
        Entry {
            id: QueueId::new(1, NOW),
            received_at: NOW,
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
        }
    }

    #[test]
    fn a_rule_about_a_peer_holds_those_who_would_go_there() {
        let rule = HoldRule {
            peer: Some("HUB".into()),
            recipient_domain: Some("b.example".into()),
            ..HoldRule::default()
        };
        let holds = Holds::new(vec![rule], Vec::new(), Vec::new());
        assert_eq!(holds.of_entry(&entry()), None);
        // the copies, whether they are held
        let table = [
            (vec![("hub", vec![1, 2])], true),
            (vec![("hub", vec![2]), ("depot", vec![1])], false),
            (vec![("depot", vec![2]), ("hub", vec![1])], true),
            (vec![], false),
        ];
        for (copies, expected) in table {
            let listed = copies.iter().map(|(peer, numbers)| (*peer, numbers.clone()));
            assert_eq!(holds.of_copies(&entry(), listed).is_some(), expected, "{copies:?}");
        }
    }

    #[test]
    fn a_rule_holds_what_it_means_and_nothing_that_was_released() {
        let entry = entry();
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
            assert_eq!(holds.of_copies(&entry, [("hub", vec![1, 2])].into_iter()), None);
            let made = vec![NumberedRule { number: 7, at: NOW, who: "uid 0".into(), rule }];
            let holds = Holds::new(Vec::new(), made, Vec::new());
            let held = holds.of_entry(&entry);
            assert_eq!(held.as_ref().and_then(|hold| hold.rule), expected.then_some(7));
            assert!(held.is_none_or(|hold| hold.reason == "held by rule 7: the fleet moves"));
            holds.exempt(entry.id);
            assert_eq!(holds.of_entry(&entry), None);
        }
    }
}
