//! Tables and lookups together: what is known about a domain or a path (M-36).

use rasn_x400::x411::address::text::KeyedAddress;

use super::super::mcgam::{self, Entry, is_label};
use super::super::pseudo_domain::Path;
use super::super::{Choice, Origin, Rules};
use super::settings::{Place, Prefer};
use super::{Answer, Answers, Question, Record};
use crate::mixer::AddressContext;

/// What the mapper may ask: the tables, and the answers if there are any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    rules: &'a Rules,
    answers: Option<&'a Answers>,
    context: AddressContext,
    choice: Choice<'a>,
}

/// A source that could have the better match has not spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undetermined {
    /// Which, and why.
    pub(crate) reason: String,
    /// The address stands in a header and has been waited for long enough (M-10).
    pub(crate) given_up: bool,
}

/// What is known about a domain.
pub(crate) struct OfDomain<'a> {
    /// The path it maps to, how many of its labels are mapped, and who says so.
    pub(crate) mapping: Option<(Path, usize, Origin)>,
    /// The X.400 gateway to name for it.
    pub(crate) gateway: Option<GatewayOf<'a>>,
}

/// An X.400 gateway, in the words of whoever knows it.
pub(crate) enum GatewayOf<'a> {
    Entry(Entry<'a>),
    Record(KeyedAddress, Origin),
}

impl GatewayOf<'_> {
    /// Its address, and who says so.
    pub(crate) fn read(self, rules: &Rules) -> (KeyedAddress, Origin) {
        match self {
            Self::Entry(entry) => (mcgam::target_address(&entry), rules.origin(&entry.place)),
            Self::Record(address, origin) => (address, origin),
        }
    }
}

/// What is known about a path.
pub(crate) struct OfPath {
    /// The key, the domain it maps to, the number of its levels, and who says so.
    pub(crate) mapping: Option<(String, String, usize, Origin)>,
    /// The Internet gateway to name for it, and the number of levels of its key.
    pub(crate) gateway: Option<(String, usize, Origin)>,
}

/// What one source has: how specific, and what.
struct Offer<M, G> {
    mapping: Option<(usize, M)>,
    gateway: Option<(usize, G)>,
}

impl<M, G> Offer<M, G> {
    const NOTHING: Self = Self { mapping: None, gateway: None };
}

impl<'a> Known<'a> {
    pub(crate) const fn new(rules: &'a Rules, answers: Option<&'a Answers>, context: AddressContext) -> Self {
        Self { rules, answers, context, choice: Choice::everybody(rules) }
    }

    /// The same for some only.
    pub(crate) const fn choosing(self, choice: Choice<'a>) -> Self {
        Self { choice, ..self }
    }

    /// For whom.
    pub(crate) const fn choice(&self) -> Choice<'a> {
        self.choice
    }

    /// The same, and nobody is asked.
    pub(crate) const fn by_tables(self) -> Self {
        Self { answers: None, context: AddressContext::Recipient, ..self }
    }

    /// Whether anybody is asked.
    pub(crate) const fn asks(&self) -> bool {
        self.answers.is_some()
    }

    pub(crate) const fn rules(&self) -> &'a Rules {
        self.rules
    }

    /// What is known about a domain.
    pub(crate) fn of_domain(&self, domain: &str) -> Result<OfDomain<'a>, Undetermined> {
        let question = || Question::Domain(domain.to_ascii_lowercase());
        let full = domain.split('.').count();
        let rules = self.rules;
        let tables = || Offer {
            mapping: rules
                .domain_to_or(domain, &self.choice)
                .map(|(path, labels, entry)| (labels, (path, labels, rules.origin(&entry.place)))),
            gateway: rules
                .gateway_address(domain, &self.choice)
                .map(|(entry, labels)| (labels, GatewayOf::Entry(entry))),
        };
        let remote = |record: &Record, depth: usize, origin: Origin| match record {
            Record::Mapping { path, .. } => {
                Offer { mapping: Some((depth, (path.clone(), depth, origin))), gateway: None }
            }
            Record::GatewayAddress { address, .. } => {
                Offer { mapping: None, gateway: Some((depth, GatewayOf::Record(address.clone(), origin))) }
            }
            Record::GatewayDomain { .. } | Record::Person { .. } => Offer::NOTHING,
        };
        let can_be_asked = self.answers.is_some() && domain.split('.').all(is_label) && !rules.is_own(domain);
        let (mapping, gateway) = self.decide(question, full, can_be_asked, tables, remote)?;
        Ok(OfDomain { mapping, gateway })
    }

    /// What is known about a path.
    pub(crate) fn of_path(&self, path: &Path) -> Result<OfPath, Undetermined> {
        let rules = self.rules;
        let question = || Question::Path(rules.with_letters(path));
        let tables = || Offer {
            mapping: rules.or_to_domain(path, &self.choice).map(|(entry, levels)| {
                let found =
                    (entry.key.to_string(), entry.target.to_string(), levels, rules.origin(&entry.place));
                (levels, found)
            }),
            gateway: rules.gateway_domain(path, &self.choice).map(|(entry, levels)| {
                (levels, (entry.target.to_string(), levels, rules.origin(&entry.place)))
            }),
        };
        let remote = |record: &Record, depth: usize, origin: Origin| match record {
            Record::Mapping { path, domain } => {
                let found = (path.to_text(), domain.clone(), depth, origin);
                Offer { mapping: Some((depth, found)), gateway: None }
            }
            Record::GatewayDomain { domain, .. } => {
                Offer { mapping: None, gateway: Some((depth, (domain.clone(), depth, origin))) }
            }
            Record::GatewayAddress { .. } | Record::Person { .. } => Offer::NOTHING,
        };
        let has_country = path.levels.first().is_some_and(Option::is_some);
        let (mapping, gateway) = self.decide(question, path.levels.len(), has_country, tables, remote)?;
        Ok(OfPath { mapping, gateway })
    }

    /// Whether something that is known about a domain goes before a template with so many literal labels.
    pub(crate) fn is_deeper_in_domain(&self, domain: &str, labels: usize) -> Result<bool, Undetermined> {
        let question = || Question::Domain(domain.to_ascii_lowercase());
        let known = || self.rules.domain_to_or(domain, &self.choice).map(|(_, labels, _)| labels);
        let can_be_asked = domain.split('.').all(is_label) && !self.rules.is_own(domain);
        self.is_deeper(question, domain.split('.').count(), can_be_asked, labels, known)
    }

    /// Whether something that is known about a path goes before a template with so many literal levels.
    pub(crate) fn is_deeper_in_path(&self, path: &Path, levels: usize) -> Result<bool, Undetermined> {
        let question = || Question::Path(self.rules.with_letters(path));
        let known = || self.rules.or_to_domain(path, &self.choice).map(|(_, levels)| levels);
        let has_country = path.levels.first().is_some_and(Option::is_some);
        self.is_deeper(question, path.levels.len(), has_country, levels, known)
    }

    fn is_deeper(
        &self,
        question: impl FnOnce() -> Question,
        full: usize,
        can_be_asked: bool,
        depth: usize,
        known: impl Fn() -> Option<usize>,
    ) -> Result<bool, Undetermined> {
        // The template stands for the tables, unless they have something deeper.
        let tables = || {
            let deeper = known().filter(|known| *known > depth);
            Offer {
                mapping: Some(deeper.map_or((depth, false), |known| (known, true))),
                gateway: None::<(usize, ())>,
            }
        };
        let remote = |record: &Record, depth: usize, _: Origin| match record {
            Record::Mapping { .. } => Offer { mapping: Some((depth, true)), gateway: None },
            Record::GatewayAddress { .. } | Record::GatewayDomain { .. } => {
                Offer { mapping: None, gateway: Some((depth, ())) }
            }
            Record::Person { .. } => Offer::NOTHING,
        };
        let (mapping, _) = self.decide(question, full, can_be_asked, tables, remote)?;
        Ok(mapping != Some(false))
    }

    /// The O/R address of the person who has this Internet address, if a source knows one.
    pub(crate) fn or_of_person(&self, mailbox: &str) -> Result<Option<(KeyedAddress, Origin)>, Undetermined> {
        let found = self.person(&Question::Mailbox(mailbox.to_owned()))?;
        Ok(found.map(|(_, address, origin)| (address.clone(), origin)))
    }

    /// The Internet address of the person who has this O/R address, if a source knows one.
    pub(crate) fn mailbox_of_person(
        &self,
        address: &KeyedAddress,
    ) -> Result<Option<(String, Origin)>, Undetermined> {
        let found = self.person(&Question::Address(address.to_std_or()))?;
        Ok(found.map(|(mailbox, _, origin)| (mailbox.to_owned(), origin)))
    }

    /// The first source that knows the person. One that has not spoken could have been it.
    fn person(
        &self,
        question: &Question,
    ) -> Result<Option<(&'a str, &'a KeyedAddress, Origin)>, Undetermined> {
        let settings = self.rules.lookup();
        let Some(answers) = self.answers else { return Ok(None) };
        for place in &settings.order {
            let Place::Source(number) = place else { continue };
            let asked = settings.sources.get(*number).filter(|source| source.is_asked(question));
            let Some(source) = asked else { continue };
            let reason = match answers.get(*number, question) {
                None => format!("{} was not asked", source.name),
                Some(Answer::Unknown(reason)) => format!("{}: {reason}", source.name),
                Some(Answer::Absent) => continue,
                Some(Answer::Found(found)) => {
                    let person = found.iter().find_map(|one| match &one.record {
                        Record::Person { mailbox, address } => {
                            let origin = Origin::Lookup(format!("{}: {}", source.name, one.origin));
                            Some((mailbox.as_str(), address, origin))
                        }
                        _ => None,
                    });
                    if person.is_some() {
                        return Ok(person);
                    }
                    continue;
                }
            };
            let given_up = answers.is_given_up(self.context, &reason);
            return Err(Undetermined { reason, given_up });
        }
        Ok(None)
    }

    /// The mapping that wins, and the gateway for where it cannot be used.
    ///
    /// In one source a mapping goes before a gateway, as in the tables. Between sources the more specific one wins, and
    /// if that is a gateway, its publisher wants no mapping; of equals, the first in order.
    fn decide<M, G>(
        &self,
        question: impl FnOnce() -> Question,
        full: usize,
        can_be_asked: bool,
        tables: impl Fn() -> Offer<M, G>,
        remote: impl Fn(&Record, usize, Origin) -> Offer<M, G>,
    ) -> Result<(Option<M>, Option<G>), Undetermined> {
        let settings = self.rules.lookup();
        let answers = self.answers.filter(|_| can_be_asked && !settings.is_empty());
        let Some(answers) = answers else {
            let Offer { mapping, gateway } = tables();
            return Ok((mapping.map(|(_, found)| found), gateway.map(|(_, found)| found)));
        };
        let question = question();
        let mut mapping: Option<(usize, M)> = None;
        let mut gateway: Option<(usize, G)> = None;
        // How specific the winner is; whether it is a mapping.
        let mut winner: Option<(usize, bool)> = None;
        let mut silent: Option<String> = None;
        for place in &settings.order {
            let enough = match settings.prefer {
                Prefer::MostSpecific => winner.is_some_and(|(depth, _)| depth >= full),
                Prefer::First => winner.is_some() || silent.is_some(),
            };
            if enough {
                break;
            }
            let offer = match place {
                Place::Tables => tables(),
                Place::Source(number) => match self.offered(answers, *number, &question, &remote) {
                    Ok(offer) => offer,
                    Err(reason) => {
                        silent.get_or_insert(reason);
                        continue;
                    }
                },
            };
            let best = match (&offer.mapping, &offer.gateway) {
                (Some((depth, _)), _) => Some((*depth, true)),
                (None, Some((depth, _))) => Some((*depth, false)),
                (None, None) => None,
            };
            if best.is_some_and(|(depth, _)| winner.is_none_or(|(known, _)| depth > known)) {
                winner = best;
                mapping = offer.mapping;
            }
            if let Some((depth, _)) = &offer.gateway
                && gateway.as_ref().is_none_or(|(known, _)| depth > known)
            {
                gateway = offer.gateway;
            }
        }
        if let Some(reason) = silent {
            let given_up = answers.is_given_up(self.context, &reason);
            return Err(Undetermined { reason, given_up });
        }
        Ok((mapping.map(|(_, found)| found), gateway.map(|(_, found)| found)))
    }

    /// What a source has; or why it is not known what it has.
    fn offered<M, G>(
        &self,
        answers: &Answers,
        number: usize,
        question: &Question,
        remote: &impl Fn(&Record, usize, Origin) -> Offer<M, G>,
    ) -> Result<Offer<M, G>, String> {
        let Some(source) = self.rules.lookup().sources.get(number) else { return Ok(Offer::NOTHING) };
        if !source.is_asked(question) {
            return Ok(Offer::NOTHING);
        }
        let found = match answers.get(number, question) {
            None => return Err(format!("{} was not asked", source.name)),
            Some(Answer::Unknown(reason)) => return Err(format!("{}: {reason}", source.name)),
            Some(Answer::Absent) => return Ok(Offer::NOTHING),
            Some(Answer::Found(found)) => found,
        };
        let mut offer = Offer::NOTHING;
        for one in found {
            let Ok(depth) = one.record.depth(question) else { continue };
            let Offer { mapping, gateway } =
                remote(&one.record, depth, Origin::Lookup(format!("{}: {}", source.name, one.origin)));
            offer.mapping = deeper(offer.mapping, mapping);
            offer.gateway = deeper(offer.gateway, gateway);
        }
        Ok(offer)
    }
}

/// The more specific of two; of equals the first.
fn deeper<T>(one: Option<(usize, T)>, other: Option<(usize, T)>) -> Option<(usize, T)> {
    match (one, other) {
        (Some(one), Some(other)) if other.0 > one.0 => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}
