//! What rules say about the recipients of an entry: who may get it, and how it is converted for each.

use std::collections::BTreeSet;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope, PerRecipientFields, Priority};

use crate::mixer::address::Mapper;
use crate::mixer::{AddressContext, Settings, label};
use crate::mta::relay::{Apdu, Undeliverable};
use crate::mta::route::{Action, Table, Traits};
use crate::queue::entry::Entry;
use crate::rules::Rules;
use crate::rules::pattern::Party;
use crate::rules::policy::{Decision, Policy};
use crate::rules::selection::Selection;
use crate::rules::traffic::{Traffic, Way};

/// A redirection that goes on for longer is a loop.
const MAXIMUM_REDIRECTIONS: usize = 16;

/// The peer that a message for this recipient goes to, if nothing about the message makes it another one.
pub(super) fn peer_of<'a>(table: &'a Table, recipient: &OrName) -> Option<&'a str> {
    let traits = Traits {
        content_type: Some(ContentType::P22),
        length: 0,
        priority: Priority::NORMAL,
        own_domain_is_internet: false,
    };
    let mut action = table.route(recipient, &traits).action?;
    for _ in 0..MAXIMUM_REDIRECTIONS {
        match action {
            Action::Transfer(peers) => return peers.first().map(String::as_str),
            Action::Redirect(to) => action = table.route(to, &traits).action?,
            Action::Internet | Action::Refuse { .. } => return None,
        }
    }
    None
}

/// A mail on its way to X.400, as far as it is known.
pub(crate) struct Mail<'a> {
    rules: &'a Rules,
    table: &'a Table,
    from: Party,
    /// Octets as it came in; `None` if the client has not said.
    length: Option<u64>,
    content_type: Option<ContentType>,
    labels: Option<Vec<String>>,
}

impl<'a> Mail<'a> {
    /// A mail with this reverse path, and of so many octets if that is known, of which nothing else is known.
    pub(crate) fn announced(
        rules: &'a Rules,
        table: &'a Table,
        reverse_path: Option<&str>,
        length: Option<u64>,
    ) -> Self {
        let mapper = Mapper::new(rules).without_steps();
        let name = reverse_path.and_then(|path| mapper.to_or(path, AddressContext::ReturnPath).ok());
        let from = match reverse_path {
            None => Party::default(),
            path => Party::new(path, name.as_ref().map(|mapped| &mapped.name), rules.countries()),
        };
        Self { rules, table, from, length, content_type: None, labels: None }
    }

    /// A mail that was accepted and converted to this envelope.
    pub(super) fn converted(
        rules: &'a Rules,
        table: &'a Table,
        entry: &Entry,
        envelope: &MessageTransferEnvelope,
        settings: &Settings,
    ) -> Self {
        let path = entry.envelope.reverse_path.as_deref();
        let from = match path {
            None => Party::default(),
            path => Party::new(path, Some(&envelope.originator_name), rules.countries()),
        };
        Self {
            rules,
            table,
            from,
            length: Some(entry.content.length()),
            content_type: Some(envelope.content_type.clone()),
            labels: Some(label::names(envelope, settings.labels.as_ref())),
        }
    }

    /// The policy that refuses it for a recipient; `None` as long as that is not certain.
    pub(super) fn refused(&self, address: &str, name: &OrName) -> Option<&'a Policy> {
        match self.decision(address, name) {
            Decision::Refused(policy) => Some(policy),
            Decision::Allowed(_) | Decision::Open => None,
        }
    }

    /// What the policies say about it for a recipient.
    pub(crate) fn decision(&self, address: &str, name: &OrName) -> Decision<'a> {
        if self.rules.policies().is_empty() {
            return Decision::Allowed(None);
        }
        self.with(address, Some(name), |traffic| self.rules.policies().decide(&traffic))
    }

    /// The rules that change how it is converted for a recipient.
    pub(super) fn selection(&self, address: &str, name: Option<&OrName>) -> Selection {
        if !self.rules.change_settings() {
            return Selection::default();
        }
        self.with(address, name, |traffic| self.rules.selection(&traffic))
    }

    fn with<T>(&self, address: &str, name: Option<&OrName>, then: impl FnOnce(Traffic<'_>) -> T) -> T {
        let to = Party::new(Some(address), name, self.rules.countries());
        let peer = name.and_then(|name| peer_of(self.table, name));
        then(Traffic {
            way: Way::ToX400,
            peers: peer.as_slice(),
            from: &self.from,
            to: &to,
            length: self.length,
            content_type: self.content_type.as_ref(),
            labels: self.labels.as_deref(),
        })
    }
}

/// The rules that probably count for everybody a mail is for; what it is converted with before it is known where it goes.
pub(super) fn probable(rules: &Rules, table: &Table, entry: &Entry) -> Selection {
    if !rules.change_settings() {
        return Selection::default();
    }
    let mail = Mail::announced(rules, table, entry.envelope.reverse_path.as_deref(), None);
    let mapper = Mapper::new(rules).without_steps();
    let selections = entry.pending().map(|recipient| {
        let name = mapper.to_or(&recipient.address, AddressContext::Recipient).ok().map(|mapped| mapped.name);
        mail.selection(&recipient.address, name.as_ref())
    });
    let mut selections: BTreeSet<Selection> = selections.collect();
    match selections.len() {
        1 => selections.pop_first().unwrap_or_default(),
        _ => Selection::default(),
    }
}

/// What came over P1, for those who may get it.
pub(super) struct Arrived<'a> {
    rules: &'a Rules,
    /// The peer it came from, if it is one that is known.
    peer: Option<&'a str>,
    from: Party,
    traits: Traits,
    labels: Vec<String>,
    mapper: Mapper<'a>,
}

impl<'a> Arrived<'a> {
    /// A message or probe; `None` for a report, about which no policy says anything: it must find home.
    pub(super) fn new(
        rules: &'a Rules,
        mapper: Mapper<'a>,
        peer: Option<&'a str>,
        apdu: &Apdu,
        settings: &Settings,
    ) -> Option<Self> {
        let originator = apdu.originator()?;
        let labels = match apdu {
            Apdu::Message { envelope, .. } => label::names(envelope, settings.labels.as_ref()),
            Apdu::Probe(_) | Apdu::Report(_) => Vec::new(),
        };
        let mapped = mapper.to_internet(originator).ok();
        let mailbox = mapped.as_ref().map(|mapped| mapped.address.as_str());
        let from = Party::new(mailbox, Some(originator), rules.countries());
        Some(Self { rules, peer, from, traits: apdu.traits(), labels, mapper })
    }

    /// Why a recipient may not get it. `next` are the peers it would go to; nobody, if it is for the Internet side.
    pub(super) fn refused(&self, name: &OrName, next: &[String]) -> Option<(&'a Policy, Undeliverable)> {
        let way = if next.is_empty() { Way::ToInternet } else { Way::Relay };
        let decision = self.with(name, way, next.first(), |traffic| self.rules.policies().decide(&traffic));
        let Decision::Refused(policy) = decision else { return None };
        let non_delivery = policy.failure().non_delivery();
        Some((policy, Undeliverable { non_delivery, text: policy.reason().to_owned() }))
    }

    /// The rules that change how it is converted for a recipient on the Internet side.
    pub(super) fn selection(&self, name: &OrName) -> Selection {
        self.with(name, Way::ToInternet, None, |traffic| self.rules.selection(&traffic))
    }

    fn with<T>(
        &self,
        name: &OrName,
        way: Way,
        next: Option<&String>,
        then: impl FnOnce(Traffic<'_>) -> T,
    ) -> T {
        let mapped = self.mapper.to_internet(name).ok();
        let mailbox = mapped.as_ref().map(|mapped| mapped.address.as_str());
        let to = Party::new(mailbox, Some(name), self.rules.countries());
        let peers: Vec<&str> = self.peer.into_iter().chain(next.map(String::as_str)).collect();
        then(Traffic {
            way,
            peers: &peers,
            from: &self.from,
            to: &to,
            length: Some(self.traits.length),
            content_type: self.traits.content_type.as_ref(),
            labels: Some(&self.labels),
        })
    }
}

/// Writes down that a policy refused a message for a recipient: which one, and where it stands.
pub(super) fn log(entry: Option<&Entry>, rules: &Rules, policy: &Policy, recipient: &dyn std::fmt::Display) {
    let rule = rules.registry().get(policy.rule).map(ToString::to_string).unwrap_or_default();
    let queue_id = entry.map(|entry| entry.id.to_string());
    tracing::info!(queue_id, rule, %recipient, reason = policy.reason(), "refused by a policy");
}

/// The address under which a recipient of an envelope is in the queue.
pub(super) fn address_of<'a>(entry: &'a Entry, fields: &PerRecipientFields) -> Option<&'a str> {
    let number = u32::try_from(fields.originally_specified_recipient_number).ok()?;
    let recipient = entry.envelope.recipients.iter().find(|recipient| recipient.number == number)?;
    Some(&recipient.address)
}
