//! What rules say about the recipients of an entry: who may get it, and how it is converted for each.

use std::collections::{BTreeMap, BTreeSet};

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope, PerRecipientFields};

use crate::mixer::address::Mapper;
use crate::mixer::{AddressContext, Settings, label};
use crate::mta::relay::{self, Apdu, Dispatch, Undeliverable};
use crate::mta::route::{Action, Table, Traits};
use crate::queue::entry::Entry;
use crate::rules::Rules;
use crate::rules::pattern::Party;
use crate::rules::policy::{Decision, Policy};
use crate::rules::selection::{Applying, Selection};
use crate::rules::traffic::{Traffic, Way};
use crate::status::Failure;

/// A redirection that goes on for longer is a loop.
const MAXIMUM_REDIRECTIONS: usize = 16;

/// The peer that a message for this recipient goes to, if nothing about the message makes it another one.
pub(crate) fn peer_of<'a>(table: &'a Table, recipient: &OrName) -> Option<&'a str> {
    let traits = Traits::ordinary(false);
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

/// Where mail goes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ways<'a> {
    /// The routes, if there are any.
    pub(crate) table: Option<&'a Table>,
    /// The peer, whatever routes say.
    pub(crate) peer: Option<&'a str>,
}

impl<'a> Ways<'a> {
    /// The peer of this recipient, as far as it is known.
    pub(crate) fn peer_of(self, recipient: &OrName) -> Option<&'a str> {
        self.peer.or_else(|| peer_of(self.table?, recipient))
    }
}

impl<'a> From<&'a Table> for Ways<'a> {
    fn from(table: &'a Table) -> Self {
        Self { table: Some(table), peer: None }
    }
}

/// A mail on its way to X.400, as far as it is known.
pub(crate) struct Mail<'a> {
    rules: &'a Rules,
    ways: Ways<'a>,
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
        ways: Ways<'a>,
        reverse_path: Option<&str>,
        length: Option<u64>,
    ) -> Self {
        let mapper = Mapper::new(rules).without_steps();
        let name = reverse_path.and_then(|path| mapper.to_or(path, AddressContext::ReturnPath).ok());
        let from = match reverse_path {
            None => Party::default(),
            path => Party::new(path, name.as_ref().map(|mapped| &mapped.name), rules.countries()),
        };
        Self { rules, ways, from, length, content_type: None, labels: None }
    }

    /// A mail of which nothing is known, not even who writes it.
    pub(crate) fn of_somebody(rules: &'a Rules, ways: Ways<'a>) -> Self {
        Self { rules, ways, from: Party::unknown(), length: None, content_type: None, labels: None }
    }

    /// A mail with this reverse path, and of so many octets, that was converted to this envelope.
    pub(crate) fn converted(
        rules: &'a Rules,
        ways: Ways<'a>,
        (reverse_path, length): (Option<&str>, u64),
        envelope: &MessageTransferEnvelope,
        settings: &Settings,
    ) -> Self {
        let from = match reverse_path {
            None => Party::default(),
            path => Party::new(path, Some(&envelope.originator_name), rules.countries()),
        };
        Self {
            rules,
            ways,
            from,
            length: Some(length),
            content_type: Some(envelope.content_type.clone()),
            labels: Some(label::names(envelope, settings.labels.as_ref())),
        }
    }

    /// The same for a mail of the queue.
    pub(super) fn of_entry(
        rules: &'a Rules,
        table: &'a Table,
        entry: &Entry,
        envelope: &MessageTransferEnvelope,
        settings: &Settings,
    ) -> Self {
        let said = (entry.envelope.reverse_path.as_deref(), entry.content.length());
        Self::converted(rules, table.into(), said, envelope, settings)
    }

    /// The policy that refuses it for a recipient; `None` as long as that is not certain.
    pub(crate) fn refused(&self, address: &str, name: &OrName) -> Option<&'a Policy> {
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
    pub(crate) fn selection(&self, address: &str, name: Option<&OrName>) -> Selection {
        if !self.rules.change_settings() {
            return Selection::default();
        }
        self.with(address, name, |traffic| self.rules.selection(&traffic))
    }

    /// Everything that rules say about it for a recipient.
    pub(crate) fn applying(&self, address: &str, name: &OrName) -> Applying {
        self.with(address, Some(name), |traffic| self.rules.applying(&traffic))
    }

    fn with<T>(&self, address: &str, name: Option<&OrName>, then: impl FnOnce(Traffic<'_>) -> T) -> T {
        let to = Party::new(Some(address), name, self.rules.countries());
        let peer = name.and_then(|name| self.ways.peer_of(name));
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

/// What rules say of how a mail is converted for a recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ruled {
    /// The rules about bodies and header fields.
    pub(crate) selection: Selection,
    /// The peer whose rules about addresses count, where there are such.
    pub(crate) peer: Option<String>,
}

/// Whether no rule can part the recipients of a mail.
fn are_alike(rules: &Rules) -> bool {
    !rules.registry().has_peers() && !rules.change_settings()
}

/// The recipients of a mail, by their places from 0, parted by what rules say of them.
pub(crate) fn shares<'r>(
    mail: &Mail<'_>,
    mapper: Mapper<'_>,
    recipients: impl IntoIterator<Item = &'r str>,
) -> BTreeMap<Ruled, Vec<usize>> {
    let mut shares: BTreeMap<Ruled, Vec<usize>> = BTreeMap::new();
    let rules = mail.rules;
    let (has_peers, are_alike) = (rules.registry().has_peers(), are_alike(rules));
    for (place, address) in recipients.into_iter().enumerate() {
        let ruled = match are_alike {
            true => Ruled::default(),
            false => {
                let name = mapper.to_or(address, AddressContext::Recipient).ok().map(|mapped| mapped.name);
                let peer = name.as_ref().and_then(|name| mail.ways.peer_of(name));
                let peer = peer.filter(|_| has_peers).map(str::to_owned);
                Ruled { selection: mail.selection(address, name.as_ref()), peer }
            }
        };
        shares.entry(ruled).or_default().push(place);
    }
    shares
}

/// The rules that probably count for everybody a mail is for; what it is converted with before it is known where it goes.
pub(super) fn probable(rules: &Rules, table: &Table, entry: &Entry) -> Selection {
    if !rules.change_settings() {
        return Selection::default();
    }
    let shares = shares_of_entry(rules, table, entry);
    let selections: BTreeSet<Selection> = shares.into_keys().map(|ruled| ruled.selection).collect();
    match selections.len() {
        1 => selections.into_iter().next().unwrap_or_default(),
        _ => Selection::default(),
    }
}

/// Those to whom a mail of the queue is still to go, by their places among these, parted by what rules say of them.
pub(super) fn shares_of_entry(rules: &Rules, table: &Table, entry: &Entry) -> BTreeMap<Ruled, Vec<usize>> {
    let pending = entry.pending().map(|recipient| recipient.address.as_str());
    if are_alike(rules) {
        // Nor does it matter who the sender is.
        return BTreeMap::from([(Ruled::default(), pending.enumerate().map(|(place, _)| place).collect())]);
    }
    let mail = Mail::announced(rules, table.into(), entry.envelope.reverse_path.as_deref(), None);
    shares(&mail, Mapper::new(rules).without_steps(), pending)
}

/// What came over P1, for those who may get it.
pub(crate) struct Arrived<'a> {
    rules: &'a Rules,
    /// The peer it came from, if it is one that is known.
    peer: Option<&'a str>,
    from: Party,
    /// Octets of its content, if that is known.
    length: Option<u64>,
    content_type: Option<ContentType>,
    labels: Option<Vec<String>>,
    mapper: Mapper<'a>,
}

fn sender(rules: &Rules, mapper: Mapper<'_>, originator: &OrName) -> Party {
    let mapped = mapper.to_internet(originator).ok();
    let mailbox = mapped.as_ref().map(|mapped| mapped.address.as_str());
    Party::new(mailbox, Some(originator), rules.countries())
}

impl<'a> Arrived<'a> {
    /// A message or probe; `None` for a report, about which no policy says anything: it must find home.
    pub(crate) fn new(
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
        let Traits { content_type, length, .. } = apdu.traits();
        let from = sender(rules, mapper, originator);
        Some(Self { rules, peer, from, length: Some(length), content_type, labels: Some(labels), mapper })
    }

    /// A message of which no more is known than who sends it, if that.
    pub(crate) const fn announced(
        rules: &'a Rules,
        mapper: Mapper<'a>,
        peer: Option<&'a str>,
        from: Party,
    ) -> Self {
        Self { rules, peer, from, length: None, content_type: None, labels: None, mapper }
    }

    /// A message with this envelope, and a content of so many octets.
    pub(crate) fn message(
        rules: &'a Rules,
        mapper: Mapper<'a>,
        peer: Option<&'a str>,
        (envelope, length): (&MessageTransferEnvelope, u64),
        settings: &Settings,
    ) -> Self {
        let from = sender(rules, mapper, &envelope.originator_name);
        let labels = label::names(envelope, settings.labels.as_ref());
        let content_type = Some(envelope.content_type.clone());
        Self { rules, peer, from, length: Some(length), content_type, labels: Some(labels), mapper }
    }

    /// Every rule that counts for a recipient, and whether it may go to these peers, or else to the Internet side.
    pub(crate) fn applying(&self, name: &OrName, next: &[String]) -> Applying {
        self.with(name, way(next), next.first(), |traffic| self.rules.applying(&traffic))
    }

    /// Why a recipient may not get it. `next` are the peers it would go to; nobody, if it is for the Internet side.
    pub(crate) fn refused(&self, name: &OrName, next: &[String]) -> Option<(&'a Policy, Undeliverable)> {
        let decision =
            self.with(name, way(next), next.first(), |traffic| self.rules.policies().decide(&traffic));
        let Decision::Refused(policy) = decision else { return None };
        let non_delivery = policy.failure().non_delivery();
        Some((policy, Undeliverable { non_delivery, text: policy.reason().to_owned() }))
    }

    /// What was decided without those whom policies do not let it go to; `told` hears of each of them.
    pub(crate) fn permitted(
        &self,
        decided: Dispatch,
        apdu: &Apdu,
        context: &relay::Context<'_>,
        told: &mut dyn FnMut(u32, &OrName, &Policy),
    ) -> Dispatch {
        let internet = decided.internet.iter().map(|number| (*number, &[][..]));
        let copies = decided
            .copies
            .iter()
            .flat_map(|copy| copy.recipients.iter().map(|number| (*number, copy.peers.as_slice())));
        let going: Vec<(u32, &[String])> = internet.chain(copies).collect();
        let names: BTreeMap<u32, &OrName> = apdu.responsible().collect();
        let refused = going.iter().filter_map(|(number, next)| {
            let name = names.get(number)?;
            let (policy, why) = self.refused(name, next)?;
            told(*number, name, policy);
            Some((*number, why))
        });
        let refused: BTreeMap<u32, Undeliverable> = refused.collect();
        if refused.is_empty() {
            return decided;
        }
        let places = going.iter().map(|(number, _)| *number);
        let places: Vec<u32> = places.filter(|number| !refused.contains_key(number)).collect();
        let again = relay::dispatch(apdu, &places, context);
        let failed = decided.failed.into_iter().chain(refused);
        Dispatch { failed: failed.collect(), explanations: decided.explanations, ..again }
    }

    /// The rules that change how it is converted for a recipient on the Internet side.
    pub(crate) fn selection(&self, name: &OrName) -> Selection {
        if !self.rules.change_settings() {
            return Selection::default();
        }
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
            length: self.length,
            content_type: self.content_type.as_ref(),
            labels: self.labels.as_deref(),
        })
    }
}

/// Where a message for these peers goes, which are none for the Internet side.
const fn way(next: &[String]) -> Way {
    if next.is_empty() { Way::ToInternet } else { Way::Relay }
}

/// Whether an address has a counterpart on the Internet; gives the other address that this has in X.400 (G-19). What has to
/// be looked up first may have a counterpart (M-09).
pub(crate) fn deliverable(mapper: Mapper<'_>, name: &OrName) -> Result<Option<OrName>, Undeliverable> {
    match mapper.to_internet(name) {
        Ok(mapped) => {
            let back = mapper.to_or(&mapped.address, AddressContext::Recipient).ok().map(|back| back.name);
            Ok(back.filter(|back| back != name))
        }
        Err(error) if error.failure == Failure::MappingUnavailable => Ok(None),
        Err(error) => {
            Err(Undeliverable { non_delivery: error.failure.non_delivery(), text: error.to_string() })
        }
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
