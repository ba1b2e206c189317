//! Internet to X.400 (RFC 2156 4.3.4; ledger, without ).

use std::borrow::Cow;
use std::fmt::Display;

use rasn_x400::bounds;
use rasn_x400::x411::address::text::{self, Attribute, Key, KeyedAddress, Problem};

use super::local_part::{self, NotX400, Reading};
use super::mailbox::Mailbox;
use super::memory::Holds;
use super::{BY_PERSON, ENCAPSULATION, Fault, Steps, ToOr, Unmappable, shown};
use crate::mixer::AddressContext;
use crate::mixer::printable;
use crate::rules::aviation::Aviation;
use crate::rules::lookup::{Known, Undetermined};
use crate::rules::mcgam::is_label;
use crate::rules::pattern::Party;
use crate::rules::pseudo_domain::{MAXIMUM_LEVELS, Path, level_bound, level_key};
use crate::rules::registry::RuleNumber;
use crate::rules::{Origin, SourceRoutes};
use crate::status::Failure;

mod by_rule;

/// Characters of all attributes that carry an encapsulated address.
const ENCAPSULATION_LIMIT: usize = ENCAPSULATION.len() * bounds::DOMAIN_DEFINED_ATTRIBUTE_VALUE;

pub(super) fn map(
    known: Known<'_>,
    steps: Steps,
    text: &str,
    context: AddressContext,
) -> Result<ToOr, Unmappable> {
    for_user(known, steps, text, |known, steps| Mapping::new(known, steps, text, context).run())
}

/// Stage II alone: the address as text, whatever its local part says (V-04).
pub(super) fn encapsulated(
    known: Known<'_>,
    steps: Steps,
    text: &str,
    context: AddressContext,
) -> Result<ToOr, Unmappable> {
    for_user(known, steps, text, |known, steps| {
        let mut mapping = Mapping::new(known, steps, text, context);
        let result = mapping.encapsulated();
        (result, mapping.tentative)
    })
}

/// Maps by the rules that count for whoever has the address. Whether a rule counts whose user is an O/R address is known
/// when there is one: if it does not, the address is mapped again without it.
fn for_user(
    known: Known<'_>,
    steps: Steps,
    text: &str,
    work: impl Fn(Known<'_>, Steps) -> (Result<ToOr, Unmappable>, Vec<RuleNumber>),
) -> Result<ToOr, Unmappable> {
    let rules = known.rules();
    if !rules.registry().has_users() {
        return work(known, steps).0;
    }
    let party = Party::new(Some(text), None, rules.countries());
    let mut without = Vec::new();
    loop {
        let choice = known.choice().for_user(Some(&party), true, &without);
        let (result, tentative) = work(known.choosing(choice), steps.again());
        let Ok(found) = &result else { return result };
        let party = Party::new(None, Some(&found.name), rules.countries());
        let is_other = |rule: &&RuleNumber| {
            let user = &rules.registry().scope(**rule).user;
            user.as_ref().is_some_and(|pattern| !pattern.matches(&party))
        };
        match tentative.iter().find(is_other) {
            Some(rule) if !without.contains(rule) => without.push(*rule),
            _ => return result,
        }
    }
}

/// What a domain says about the organization.
pub(super) struct FromDomain {
    pub(super) path: Path,
    /// How many of its levels the mapping gives; the others are labels.
    pub(super) mapped: usize,
    /// All labels became attributes, within their bounds.
    pub(super) complete: bool,
}

/// The attributes of a domain, if a table or a lookup knows it.
pub(super) fn attributes_of(
    known: &Known<'_>,
    domain: &str,
) -> Result<Option<(FromDomain, Origin)>, Undetermined> {
    // every label, also of the part that is known.
    if !domain.split('.').all(is_label) {
        return Ok(None);
    }
    let Some((mut path, labels, origin)) = known.of_domain(domain)?.mapping else { return Ok(None) };
    let mapped = path.levels.len();
    let mut complete = true;
    for label in domain.rsplit('.').skip(labels) {
        // the next level after the last one the mapping fills or omits. A-112: bounds.
        let level = path.levels.len();
        if level >= MAXIMUM_LEVELS || label.len() > level_bound(level) {
            complete = false;
            break;
        }
        path.levels.push(Some(label.to_owned()));
    }
    Ok(Some((FromDomain { path, mapped, complete }, origin)))
}

struct Mapping<'r, 't> {
    known: Known<'r>,
    text: &'t str,
    context: AddressContext,
    steps: Steps,
    /// Rules that were used for a user who is known only at the end.
    tentative: Vec<RuleNumber>,
    /// Something that an operator said counted.
    by_rule: bool,
    /// Where else the address becomes the same, as far as it went.
    holds: Holds,
}

impl<'r, 't> Mapping<'r, 't> {
    const fn new(known: Known<'r>, steps: Steps, text: &'t str, context: AddressContext) -> Self {
        // Of what could not be looked up it depends on the place what becomes.
        let holds = if known.asks() { Holds::There } else { Holds::Everywhere };
        Self { known, text, context, steps, tentative: Vec::new(), by_rule: false, holds }
    }

    /// The place of the address decided something: it becomes the same only where this says.
    fn only(&mut self, holds: Holds) {
        self.holds = self.holds.max(holds);
    }

    fn run(mut self) -> (Result<ToOr, Unmappable>, Vec<RuleNumber>) {
        let result = self.mapped();
        (result, self.tentative)
    }

    fn encapsulated(&mut self) -> Result<ToOr, Unmappable> {
        let mailbox = match Mailbox::parse(self.text) {
            Ok(mailbox) => mailbox,
            Err(error) => return Err(self.fail(error.offset, error.to_string(), "RFC 5321 4.1.2")),
        };
        let domain = self.qualify(mailbox.domain);
        let whole = self.whole(&mailbox, domain.as_deref());
        self.encapsulate(&whole, domain.as_deref(), None)
    }

    fn mapped(&mut self) -> Result<ToOr, Unmappable> {
        let mailbox = match Mailbox::parse(self.text) {
            Ok(mailbox) => mailbox,
            Err(error) => return Err(self.fail(error.offset, error.to_string(), "RFC 5321 4.1.2")),
        };
        let domain = self.qualify(mailbox.domain);
        if !mailbox.route.is_empty() {
            self.only(Holds::There);
        }
        let keeps_route = !mailbox.route.is_empty()
            && self.known.rules().source_routes() == SourceRoutes::Keep
            && self.context != AddressContext::Header;
        if let Some(found) = self.pair(&mailbox, domain.as_deref().filter(|_| !keeps_route))? {
            return Ok(found);
        }
        let aviation = self.known.rules().aviation();
        let is_of =
            |tables: &&Aviation| domain.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(&tables.domain));
        if let Some(tables) = aviation.filter(is_of) {
            return self.aviation(&mailbox, tables);
        }
        if let (Some(first), true) = (mailbox.route.first(), keeps_route) {
            // the first hop decides, the whole text travels on.
            let whole = self.text;
            self.step("source route is kept", whole, "RFC 2156 4.3.4 I.1", None);
            return self.encapsulate(whole, Some(*first), None);
        }
        if !mailbox.route.is_empty() {
            let (local, domain) = (mailbox.local_written, domain.as_deref().unwrap_or_default());
            self.step(
                "source route is removed",
                format_args!("{local}@{domain}"),
                "RFC 2156 4.3.4 I.1",
                None,
            );
        }
        if let Some(found) = self.person(mailbox.local_written, domain.as_deref())? {
            return Ok(found);
        }
        if let Some(found) = self.template(&mailbox, domain.as_deref())? {
            return Ok(found);
        }
        let fault = match local_part::read(&mailbox.local) {
            Ok((local, reading)) => match self.stage_one(local, reading, domain.as_deref()) {
                Ok(found) => return Ok(found),
                Err(fault) if fault.is_undetermined => {
                    return Err(self.undetermined(fault.reason));
                }
                Err(fault) => fault,
            },
            Err(fault) => fault,
        };
        let quotes = usize::from(mailbox.local_written.starts_with('"'));
        let place = Fault {
            offset: mailbox.local_offset + quotes + fault.offset,
            suggestion: fault.suggestion.clone(),
        };
        self.steps.tried("not an X.400 address in the local part", &fault.reason, fault.clause, place);
        let whole = self.whole(&mailbox, domain.as_deref());
        self.encapsulate(&whole, domain.as_deref(), Some((fault, mailbox)))
    }

    /// The address without a source route, in its domain.
    fn whole(&self, mailbox: &Mailbox<'t>, domain: Option<&str>) -> Cow<'t, str> {
        let Some(domain) = domain else { return mailbox.local_written.into() };
        let written = self.text.strip_prefix(mailbox.local_written).and_then(|rest| rest.strip_prefix('@'));
        if written == Some(domain) {
            return self.text.into();
        }
        format!("{}@{domain}", mailbox.local_written).into()
    }

    /// Eight letters at the domain of aviation (beyond V-02 to V-04).
    fn aviation(&mut self, mailbox: &Mailbox<'_>, tables: &Aviation) -> Result<ToOr, Unmappable> {
        const CLAUSE: &str = "ICAO Doc 9880 4.4.2.1.4";
        let fault = match tables.to_or(&mailbox.local) {
            Ok(address) => {
                self.by_rule = true;
                self.step("address of aviation", shown(&address), CLAUSE, None);
                match self.build(address) {
                    Ok(found) => return Ok(found),
                    Err(fault) => fault.reason.into_owned(),
                }
            }
            Err(reason) => reason,
        };
        let fault = self.fail(mailbox.local_offset, fault, CLAUSE);
        Err(Unmappable { failure: Failure::AddressNotEncodable, ..fault })
    }

    /// Somebody whose O/R address is kept beside this Internet address; nothing needs to be mapped then.
    fn person(&mut self, local: &str, domain: Option<&str>) -> Result<Option<ToOr>, Unmappable> {
        let Some(domain) = domain.filter(|domain| !self.known.rules().is_own(domain)) else {
            return Ok(None);
        };
        match self.known.or_of_person(&format!("{local}@{domain}")) {
            Ok(None) => Ok(None),
            Ok(Some((address, origin))) => {
                self.step("person is known", shown(&address), BY_PERSON, Some(origin));
                let built = self.build(address);
                built.map(Some).map_err(|fault| self.fail(0, fault.reason, fault.clause))
            }
            Err(Undetermined { reason, given_up: true }) => {
                self.step("the person could not be looked up in time", reason, "RFC 2156 4.2.1", None);
                Ok(None)
            }
            Err(Undetermined { reason, .. }) => Err(self.undetermined(reason)),
        }
    }

    /// a domain of one label, or none, belongs below the default domain.
    fn qualify(&mut self, domain: Option<&'t str>) -> Option<Cow<'t, str>> {
        let default = self.known.rules().default_domain();
        let qualified = match (domain, default) {
            (Some(domain), Some(default)) if !domain.contains('.') && !domain.starts_with('[') => {
                format!("{domain}.{default}")
            }
            (Some(domain), _) => return Some(domain.into()),
            (None, Some(default)) => default.to_owned(),
            (None, None) => self.known.rules().gateway()?.domain.clone(),
        };
        self.step("domain is completed", &qualified, "RFC 2156 4.3.2", None);
        Some(qualified.into())
    }

    /// The attributes of the local part, completed by those of the domain.
    fn stage_one(
        &mut self,
        local: KeyedAddress,
        reading: Reading,
        domain: Option<&str>,
    ) -> Result<ToOr, NotX400> {
        let (what, clause) = match reading {
            Reading::Attributes => ("local part is X.400 attributes", "RFC 2156 4.1.3"),
            Reading::PersonalName => ("local part is a personal name", "RFC 2156 4.1.2"),
        };
        self.step(what, &local, clause, None);
        self.steps.attributes(&local, "local part", clause, None);
        // complete by itself.
        if local.form().is_ok() {
            self.step(
                "address is complete, the domain does not matter",
                shown(&local),
                "RFC 2156 4.3.4 I.6",
                None,
            );
            return self.build(local);
        }
        // A-108, Z-48
        let foreign = local.attributes().iter().find(|attribute| !attribute.key.is_mnemonic());
        if let Some(attribute) = foreign {
            let reason = format!("`{}` needs a complete address", attribute.key);
            return Err(incomplete(reason, "RFC 2156 4.3.4 I.7"));
        }
        if local.has(&Key::Country) {
            let missing = local.form().err().map_or_else(String::new, |form| form.to_string());
            return Err(incomplete(missing, "X.402 18.5"));
        }
        let found = match domain.map(|domain| self.attributes_of(domain)) {
            Some(Err(Undetermined { reason, .. })) => {
                return Err(NotX400 { is_undetermined: true, ..incomplete(reason, "RFC 2156 4.2.1") });
            }
            Some(Ok(found)) => found,
            None => None,
        };
        let Some((found, origin)) = found else {
            let reason = format!("no mapping for the domain `{}`", domain.unwrap_or_default());
            return Err(NotX400 { is_mistaken: false, ..incomplete(reason, "RFC 2156 4.3.4 I.8") });
        };
        self.of_domain(&found, "RFC 2156 4.3.4 I.8", &origin);
        self.steps.add("domain is mapped", written(&found.path), "RFC 2156 4.3.4 I.8", Some(origin));
        if !found.complete {
            let reason = "a label of the domain is too long, or one too many".to_owned();
            return Err(NotX400 { is_mistaken: false, ..incomplete(reason, "RFC 2156 4.3.4 I.8") });
        }
        let levels = levels_above(&local);
        // What the local part puts in place of something that the mapping says is not what the mapping is for.
        self.by_rule |= levels >= found.mapped;
        let merged = merge(local, found.path, levels);
        if let Err(form) = merged.form() {
            return Err(incomplete(form.to_string(), "X.402 18.5"));
        }
        self.build(merged)
    }

    /// The attributes of the domain. One in a header that could not be looked up in time counts as unknown (M-10).
    fn attributes_of(&mut self, domain: &str) -> Result<Option<(FromDomain, Origin)>, Undetermined> {
        match attributes_of(&self.known, domain) {
            Ok(Some((found, origin))) => {
                self.uses(&origin);
                Ok(Some((found, origin)))
            }
            Err(Undetermined { reason, given_up: true }) => {
                self.step("the domain could not be looked up in time", reason, "RFC 2156 4.2.1", None);
                Ok(None)
            }
            other => other,
        }
    }

    /// M-09, F-03: a later try may know.
    fn undetermined(&mut self, reason: impl Into<String>) -> Unmappable {
        let fault = self.fail(0, reason, "RFC 2156 4.2.1");
        Unmappable { failure: Failure::MappingUnavailable, ..fault }
    }

    /// bounds, then ASN.1.
    fn build(&mut self, address: KeyedAddress) -> Result<ToOr, NotX400> {
        // An empty attribute, or an octet in braces, was in an O/R address before and may be in one again.
        let tolerated = |problem: &Problem| matches!(problem, Problem::Empty | Problem::Alphabet);
        if let Some(finding) = text::check(&address).iter().find(|finding| !tolerated(&finding.problem)) {
            return Err(incomplete(finding.to_string(), "RFC 2156 4.3.4 I.9"));
        }
        let name = address.to_or_name().map_err(|error| incomplete(error.to_string(), error.clause))?;
        let parts = self.steps.parts_of_address(&address);
        self.step("O/R address", shown(&address), "RFC 2156 4.3.4 I.10", None);
        let (by_rule, holds) = (self.by_rule, self.holds);
        Ok(ToOr { address, name, steps: self.steps.take(), parts, by_rule, holds })
    }

    /// Notes what the levels of a mapped domain come from: the mapping, then the labels below it.
    fn of_domain(&mut self, found: &FromDomain, clause: &'static str, origin: &Origin) {
        for (level, value) in found.path.levels.iter().enumerate() {
            let Some(value) = value else { continue };
            let (source, rule) =
                if level < found.mapped { ("domain", Some(origin)) } else { ("label of the domain", None) };
            self.steps.attribute((&level_key(level), value), source, clause, rule);
        }
    }

    /// Stage II: the whole address in domain-defined attributes, beside the address of a gateway.
    fn encapsulate(
        &mut self,
        whole: &str,
        domain: Option<&str>,
        fault: Option<(NotX400, Mailbox<'_>)>,
    ) -> Result<ToOr, Unmappable> {
        self.steps.another_way();
        let gateway = self.gateway_for(domain.unwrap_or_default(), fault)?;
        let encoded = match printable::to_printable(whole) {
            Ok(encoded) => encoded,
            Err((_, character)) => {
                let offset = self.text.find(character).unwrap_or(0);
                let reason = format!("`{character}` is outside US-ASCII and cannot be carried to X.400");
                let fault = self.fail(offset, reason, "RFC 2156 3.4");
                return Err(Unmappable { failure: Failure::AddressNotAscii, ..fault });
            }
        };
        if encoded.len() > ENCAPSULATION_LIMIT {
            let reason =
                format!("{} characters once encoded, at most {ENCAPSULATION_LIMIT} fit", encoded.len());
            let fault = self.fail(0, reason, "RFC 2156 4.3.2");
            return Err(Unmappable { failure: Failure::AddressNotEncodable, ..fault }); // A-122, F-01
        }
        self.step("Internet address is encapsulated", &encoded, "RFC 2156 4.3.4 II", None);
        let mut address = gateway;
        // each attribute is filled before the next; the first of the SEQUENCE is the right-most.
        let chunks = encoded.as_bytes().chunks(bounds::DOMAIN_DEFINED_ATTRIBUTE_VALUE);
        for (kind, chunk) in ENCAPSULATION.iter().zip(chunks) {
            address.insert(Key::DomainDefined((*kind).to_owned()), String::from_utf8_lossy(chunk));
        }
        let of_address = |attribute: &&Attribute| matches!(attribute.key, Key::DomainDefined(_));
        for Attribute { key, value } in address.attributes().iter().filter(of_address) {
            self.steps.attribute((key, value), "the whole address", "RFC 2156 4.3.4 II", None);
        }
        match self.build(address) {
            Ok(found) => Ok(found),
            Err(fault) => Err(self.fail(0, fault.reason, fault.clause)),
        }
    }

    /// The attributes beside the encapsulated address.
    ///
    /// Those that a mapping gives are used whether or not X.400 can route them: the rules know no routes, so A-128 is
    /// not checked.
    fn gateway_for(
        &mut self,
        domain: &str,
        fault: Option<(NotX400, Mailbox<'_>)>,
    ) -> Result<KeyedAddress, Unmappable> {
        let own = self.known.rules().gateway();
        let is_recipient = self.context == AddressContext::Recipient;
        if self.known.rules().is_own(domain) {
            self.only(Holds::NotForRecipients);
            if is_recipient {
                // Encapsulated, it would come back to this gateway for ever.
                return Err(self.fault_of_local_part(fault));
            }
        }
        // a table that knows the domain knows a gateway, too.
        let mapped =
            self.attributes_of(domain).map_err(|undetermined| self.undetermined(undetermined.reason))?;
        if let Some((found, origin)) = mapped {
            self.of_domain(&found, "RFC 2156 4.3.4 II", &origin);
            self.step(
                "gateway by the mapping of the domain",
                written(&found.path),
                "RFC 2156 4.3.4 II",
                Some(origin),
            );
            return Ok(found.path.into_attributes().collect());
        }
        self.by_rule |= self.known.rules().names_as_reached(domain);
        let has_preferred = self.known.rules().has_preferred_gateways();
        self.only(if is_recipient || has_preferred { Holds::There } else { Holds::NotForRecipients });
        if self.context == AddressContext::ReturnPath {
            // reports have to come back here.
            let Some(gateway) = own else { return Err(self.no_gateway()) };
            self.step("gateway is this one", shown(&gateway.address), "RFC 2156 4.3.4 II", None);
            self.steps.attributes(&gateway.address, "this gateway's address", "RFC 2156 4.3.4 II", None);
            return Ok(gateway.address.clone());
        }
        if is_recipient && !self.known.rules().is_reached_by_x400(domain) {
            return Err(self.refuse_recipient(domain, fault));
        }
        //
        let preferred = match self.known.of_domain(domain) {
            Ok(found) => found.gateway,
            Err(Undetermined { given_up: true, .. }) => None,
            Err(Undetermined { reason, .. }) => return Err(self.undetermined(reason)),
        };
        if let Some(preferred) = preferred {
            let (address, origin) = preferred.read(self.known.rules());
            self.uses(&origin);
            self.steps.attributes(&address, "preferred gateway", "RFC 2156 4.3.4 II", Some(&origin));
            self.step("preferred gateway for the domain", shown(&address), "RFC 2156 4.3.4 II", Some(origin));
            return Ok(address);
        }
        let default = if is_recipient {
            self.known.rules().encapsulate_via()
        } else {
            own.map(|gateway| &gateway.address)
        };
        let Some(default) = default else {
            return Err(if is_recipient { self.refuse_recipient(domain, fault) } else { self.no_gateway() });
        };
        self.step("default gateway", shown(default), "RFC 2156 4.3.4 II", None);
        self.steps.attributes(default, "default gateway", "RFC 2156 4.3.4 II", None);
        Ok(default.clone())
    }

    fn fault_of_local_part(&mut self, fault: Option<(NotX400, Mailbox<'_>)>) -> Unmappable {
        let Some((fault, mailbox)) = fault else {
            return self.fail(0, "no X.400 address".to_owned(), "RFC 2156 4.3.4");
        };
        let quotes = usize::from(mailbox.local_written.starts_with('"'));
        let suggestion = fault.suggestion.or_else(|| {
            Some("write the X.400 address in the local part, such as `/S=surname/O=organization/P=prmd/A=admd/C=gb/`".to_owned())
        });
        let error = self.fail(mailbox.local_offset + quotes + fault.offset, fault.reason, fault.clause);
        Unmappable { suggestion, ..error }
    }

    fn refuse_recipient(&mut self, domain: &str, fault: Option<(NotX400, Mailbox<'_>)>) -> Unmappable {
        if fault.as_ref().is_some_and(|(fault, _)| fault.is_mistaken) {
            return self.fault_of_local_part(fault);
        }
        let offset = self.text.rfind('@').map_or(0, |place| place + 1);
        let suggestion = self.known.rules().gateway().map(|gateway| {
            format!(
                "write an X.400 address as `\"/S=surname/O=organization/P=prmd/A=admd/C=gb/\"@{}`",
                gateway.domain
            )
        });
        let reason = format!("no mapping leads from the domain `{domain}` to X.400");
        Unmappable { suggestion, ..self.fail(offset, reason, "RFC 2156 4.3.4 II") }
    }

    fn no_gateway(&mut self) -> Unmappable {
        let reason = "the rules give this gateway no O/R address to put beside it".to_owned();
        self.fail(0, reason, "RFC 2156 4.3.4 II")
    }

    /// Notes a rule whose user is known only at the end.
    fn uses(&mut self, origin: &Origin) {
        if let Origin::Rule { number, .. } = origin
            && self.known.choice().is_tentative(*number)
        {
            self.tentative.push(*number);
        }
    }

    fn step(&mut self, what: &'static str, value: impl Display, clause: &'static str, rule: Option<Origin>) {
        self.by_rule |= rule.is_some();
        self.steps.add(what, value, clause, rule);
    }

    fn fail(&mut self, offset: usize, reason: impl Into<String>, clause: &'static str) -> Unmappable {
        let steps = self.steps.take();
        Unmappable {
            address: self.text.into(),
            offset,
            reason: reason.into(),
            clause,
            failure: Failure::AddressNotMappable,
            suggestion: None,
            steps,
        }
    }
}

/// The levels of a hierarchy, when they are written.
fn written(path: &Path) -> impl Display {
    std::fmt::from_fn(|f| f.write_str(&path.to_text()))
}

/// A fault of an address that was read as X.400.
fn incomplete(reason: String, clause: &'static str) -> NotX400 {
    NotX400 {
        offset: 0,
        reason: reason.into(),
        clause,
        suggestion: None,
        is_mistaken: true,
        is_undetermined: false,
    }
}

/// How many levels lie above everything that a local part says of the hierarchy.
fn levels_above(local: &KeyedAddress) -> usize {
    if local.has(&Key::AdministrationDomain) {
        1
    } else if local.has(&Key::PrivateDomain) {
        2
    } else if local.has(&Key::Organization) {
        3
    } else {
        MAXIMUM_LEVELS
    }
}

/// everything of the local part; of the domain only the levels that lie above it.
fn merge(local: KeyedAddress, path: Path, levels: usize) -> KeyedAddress {
    // What lies deepest in the path comes first.
    let deeper = path.levels.iter().skip(levels).flatten().count();
    local.into_attributes().chain(path.into_attributes().skip(deeper)).collect()
}
