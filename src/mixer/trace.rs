//! Trace: `Date`, `Received` and `X400-Received` towards X.411 (RFC 2156 5.1.6, 5.1.7); `to_internet` is the way back.
//!
//! The fields are read bottom to top, which is the order of events; then the gateway adds itself.

pub(crate) mod to_internet;

use rasn_x400::oids::EIT_MIXER;
use rasn_x400::prim::X400Time;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::trace::{
    Attempted, DomainSuppliedInformation, GlobalDomainIdentifier, InternalTraceInformationElement,
    MtaSuppliedInformation, OtherActions, RoutingAction, TraceInformationElement,
};
use time::OffsetDateTime;

use super::date::{from_utc_time, to_utc_time};
use super::encoded_types::EncodedTypes;
use super::heading::singles::first;
use super::to_x400::{Refusal, Work};
use crate::message::Header;
use crate::message::date::parse_date;
use crate::message::lexer::unquote;
use crate::message::received::{is_mixer_conversion, parse_received};

/// The longest MTA name (X.411 ub-mta-name-length).
pub const MAX_MTA_NAME: usize = 32;
/// More conversions than this in one direction are a loop (G-22).
pub const MAX_CONVERSIONS: usize = 5;
/// As many `Received` fields are a loop (D-65).
pub const MAX_HOPS: usize = 100;

/// Trace and internal trace, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Traces {
    pub(crate) external: Vec<TraceInformationElement>,
    pub(crate) internal: Vec<InternalTraceInformationElement>,
}

/// Makes the traces of a message. `types` is what the gateway made, its own mark included (P-48).
pub(crate) fn traces(
    header: &Header,
    originator: &OrName,
    types: &EncodedTypes,
    work: &mut Work<'_>,
) -> Result<Traces, Refusal> {
    refuse_loops(header, work)?;
    let local = work.settings().domain.clone();
    let mut traces = Traces::default();
    if header.get("X400-Received").is_none() {
        traces.submission(header, originator, work);
    }
    for field in header.fields().iter().rev() {
        if field.is("Received") {
            traces.received(&field.value, work);
        } else if field.is("X400-Received")
            && let Some(hop) = work.x400_received(&field.value)
        {
            traces.x400_received(hop);
        }
    }
    let now = utc(work.now(), work);
    let mut own = domain_action(now.clone());
    own.converted_encoded_information_types = Some(types.to_asn1());
    traces.external.push(TraceInformationElement {
        domain: local.clone(),
        supplied: own,
        unknown: Vec::new(),
    });
    let name = work.settings().mta_name.clone();
    let mut own = mta_action(now);
    own.converted_encoded_information_types = Some(types.to_asn1());
    traces.internal.push(hop(local, &name, own));
    work.trail.made(
        "envelope.trace-information",
        work.settings().mta_name.clone(),
        "made by the gateway",
        "P-48",
    );
    Ok(traces)
}

/// Whether the oldest trace has another time than `Date` has, so that the field says what no trace does.
pub(crate) fn begins_elsewhere(header: &Header, work: &Work<'_>) -> bool {
    let oldest = header.all("X400-Received").next_back();
    let begun = match oldest {
        None => header.all("Resent-Date").filter_map(|field| parse_date(&field.value)).max(),
        Some(field) => work.x400_received(&field.value).and_then(|hop| from_utc_time(&hop.arrival)),
    };
    begun.is_some_and(|begun| first(header, &["Date"], parse_date).is_some_and(|(_, date)| date != begun))
}

/// G-22, P-50, D-65
fn refuse_loops(header: &Header, work: &Work<'_>) -> Result<(), Refusal> {
    let towards_mail = header.all("Received").filter(|field| is_mixer_conversion(&field.value)).count();
    let towards_x400 = header
        .all("X400-Received")
        .filter_map(|field| work.x400_received(&field.value))
        .filter(|hop| hop.converted.as_ref().is_some_and(|types| types.has(&EIT_MIXER)))
        .count();
    let conversions = towards_mail.max(towards_x400);
    let hops = header.all("Received").count();
    if conversions > MAX_CONVERSIONS || hops >= MAX_HOPS {
        return Err(Refusal::Loop { conversions, hops });
    }
    Ok(())
}

impl Traces {
    /// P-40, P-41, P-42: where the message began.
    fn submission(&mut self, header: &Header, originator: &OrName, work: &mut Work<'_>) {
        let resent = header.all("Resent-Date").filter_map(|field| parse_date(&field.value)).max();
        // The one that counts, or one that X.400 cannot say.
        let fits = |date: &OffsetDateTime| to_utc_time(*date).is_ok();
        let date = first(header, &["Date"], |value| parse_date(value).filter(fits))
            .or_else(|| first(header, &["Date"], parse_date));
        let date = resent.or_else(|| date.map(|(_, date)| date));
        let source = match (resent, date) {
            (Some(_), _) => "header Resent-Date",
            (None, Some(_)) => "header Date",
            // E-17
            (None, None) => "the time of conversion",
        };
        let arrival = utc(date.unwrap_or_else(|| work.now()), work);
        let text = String::from_utf8_lossy(arrival.as_bytes()).into_owned();
        work.trail.made("envelope.trace-information[0].arrival-time", text, source, "P-41");
        let domain = domain_of(originator).unwrap_or_else(|| work.settings().domain.clone());
        let name = work.reverse_domain();
        self.external.push(TraceInformationElement {
            domain: domain.clone(),
            supplied: domain_action(arrival.clone()),
            unknown: Vec::new(),
        });
        self.internal.push(hop(domain, &name, mta_action(arrival)));
    }

    /// P-44, P-45, P-46
    fn received(&mut self, value: &str, work: &mut Work<'_>) {
        let received = parse_received(value);
        let known = received.by.as_deref().and_then(|by| work.mapper().management_domain(by));
        let domain = known.unwrap_or_else(|| work.settings().domain.clone());
        let arrival = match received.date {
            Some(date) => utc(date, work),
            None => self.latest().unwrap_or_else(|| utc(work.now(), work)),
        };
        if self.external.last().is_none_or(|last| last.domain != domain) {
            self.external.push(TraceInformationElement {
                domain: domain.clone(),
                supplied: domain_action(arrival.clone()),
                unknown: Vec::new(),
            });
        }
        // Z-29
        let name = received.by.or(received.from).unwrap_or_else(|| "unknown".into());
        self.internal.push(hop(domain, &name, mta_action(arrival)));
    }

    /// P-47, Z-49
    fn x400_received(&mut self, trace: X400Received) {
        let converted = trace.converted.as_ref().map(EncodedTypes::to_asn1);
        let repeated = self.external.last().is_some_and(|last| last.domain == trace.domain);
        if trace.mta.is_none() || !repeated {
            let attempted_domain = match &trace.attempted {
                Some(Attempted::Domain(domain)) => Some(domain.clone()),
                _ => None,
            };
            let supplied = DomainSuppliedInformation {
                routing_action: trace.routing_action,
                attempted_domain,
                deferred_time: trace.deferred.clone(),
                converted_encoded_information_types: converted.clone(),
                other_actions: trace.other_actions.clone(),
                ..domain_action(trace.arrival.clone())
            };
            self.external.push(TraceInformationElement {
                domain: trace.domain.clone(),
                supplied,
                unknown: Vec::new(),
            });
        }
        if let Some(name) = &trace.mta {
            let supplied = MtaSuppliedInformation {
                routing_action: trace.routing_action,
                attempted: trace.attempted,
                deferred_time: trace.deferred,
                converted_encoded_information_types: converted,
                other_actions: trace.other_actions,
                ..mta_action(trace.arrival)
            };
            self.internal.push(hop(trace.domain, name, supplied));
        }
    }

    fn latest(&self) -> Option<X400Time> {
        self.internal.last().map(|hop| hop.supplied.arrival_time.clone())
    }
}

/// One `X400-Received` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct X400Received {
    /// The management domain.
    pub domain: GlobalDomainIdentifier,
    /// The MTA, if the field names one.
    pub mta: Option<String>,
    /// `deferred until`
    pub deferred: Option<X400Time>,
    /// `converted (…)`
    pub converted: Option<EncodedTypes>,
    /// `attempted MD …` or `attempted MTA …`
    pub attempted: Option<Attempted>,
    /// `Relayed` or `Rerouted`
    pub routing_action: RoutingAction,
    /// `Redirected`, `Expanded`
    pub other_actions: OtherActions,
    /// The date at the end.
    pub arrival: X400Time,
}

/// Reads an `X400-Received` field; `domain` reads the text of a management domain. `None` if it breaks the grammar.
#[must_use]
pub fn parse_x400_received(
    value: &str,
    domain: impl Fn(&str) -> Option<GlobalDomainIdentifier>,
) -> Option<X400Received> {
    let time = |text: &str| to_utc_time(parse_date(text)?).ok();
    let clauses = split_outside_quotes(value);
    let (arrival, clauses) = clauses.split_last()?;
    let (actions, clauses) = clauses.split_last()?;
    let (by, clauses) = clauses.split_first()?;
    let by = keyword(by, "by")?;
    let (mta, domain_text) = match keyword(by, "mta") {
        Some(named) => {
            let (name, rest) = word(named)?;
            (Some(name), keyword(rest, "in")?)
        }
        None => (None, by),
    };
    let mut found = X400Received {
        domain: domain(domain_text)?,
        mta,
        deferred: None,
        converted: None,
        attempted: None,
        routing_action: RoutingAction::RELAYED,
        other_actions: OtherActions::default(),
        arrival: time(arrival)?,
    };
    for clause in clauses {
        if let Some(date) = keyword(clause, "deferred").and_then(|rest| keyword(rest, "until")) {
            found.deferred = Some(time(date)?);
        } else if let Some(types) = keyword(clause, "converted") {
            let inner = types.strip_prefix('(')?.strip_suffix(')')?;
            found.converted = Some(EncodedTypes::parse(inner).0);
        } else if let Some(attempted) = keyword(clause, "attempted") {
            found.attempted = Some(match keyword(attempted, "md") {
                Some(name) => Attempted::Domain(domain(name)?),
                None => Attempted::Mta(word(keyword(attempted, "mta")?)?.0.as_str().into()),
            });
        } else {
            return None;
        }
    }
    //
    let mut bits = Vec::new();
    for action in actions.split(',').map(|action| action.trim().to_ascii_lowercase()) {
        match action.as_str() {
            "relayed" => {}
            "rerouted" => found.routing_action = RoutingAction::REROUTED,
            "redirected" => bits.push(OtherActions::REDIRECTED),
            "expanded" => bits.push(OtherActions::DL_OPERATION),
            _ => return None,
        }
    }
    found.other_actions = OtherActions::with(&bits);
    Some(found)
}

/// The management domain of an O/R address: country, ADMD, PRMD (P-51).
#[must_use]
pub fn domain_of(name: &OrName) -> Option<GlobalDomainIdentifier> {
    Some(GlobalDomainIdentifier {
        country: name.standard.country.clone()?,
        administration_domain: name.standard.administration_domain.clone()?,
        private_domain: name.standard.private_domain.clone(),
        unknown: Vec::new(),
    })
}

/// The time in X.400; one X.400 cannot say is the time of conversion (E-16, E-17).
pub(crate) fn utc(date: OffsetDateTime, work: &Work<'_>) -> X400Time {
    to_utc_time(date).or_else(|_| to_utc_time(work.now())).unwrap_or_default()
}

fn domain_action(arrival_time: X400Time) -> DomainSuppliedInformation {
    DomainSuppliedInformation {
        arrival_time,
        routing_action: RoutingAction::RELAYED,
        attempted_domain: None,
        deferred_time: None,
        converted_encoded_information_types: None,
        other_actions: OtherActions::default(),
        unknown: Vec::new(),
    }
}

fn mta_action(arrival_time: X400Time) -> MtaSuppliedInformation {
    MtaSuppliedInformation {
        arrival_time,
        routing_action: RoutingAction::RELAYED,
        attempted: None,
        deferred_time: None,
        converted_encoded_information_types: None,
        other_actions: OtherActions::default(),
        unknown: Vec::new(),
    }
}

/// P-45: names are cut to 32 characters of IA5.
fn hop(
    domain: GlobalDomainIdentifier,
    name: &str,
    supplied: MtaSuppliedInformation,
) -> InternalTraceInformationElement {
    let name: String = name.chars().map(|c| if c.is_ascii() { c } else { '?' }).take(MAX_MTA_NAME).collect();
    InternalTraceInformationElement { domain, mta_name: name.as_str().into(), supplied, unknown: Vec::new() }
}

/// The rest behind a keyword, any case, that ends at white space or a bracket.
fn keyword<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let text = text.trim();
    let (start, rest) = text.split_at_checked(keyword.len())?;
    let ends = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '(' || c == '/');
    (ends && start.eq_ignore_ascii_case(keyword)).then(|| rest.trim())
}

/// An atom or quoted string, and the rest.
fn word(text: &str) -> Option<(String, &str)> {
    let text = text.trim();
    if text.starts_with('"') {
        let end = closing_quote(text)?;
        return Some((unquote(&text[..=end]), &text[end + 1..]));
    }
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!name.is_empty()).then(|| (name.to_owned(), rest))
}

/// Where the quoted string ends that `text` begins with.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    let is_end = |c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    };
    text.get(1..)?.find(is_end).map(|at| at + 1)
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let separator = |c: char| {
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        c == ';' && !quoted
    };
    text.split(separator).map(str::trim).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Reads `/PRMD=p/ADMD=a/C=c/`.
    fn domain(text: &str) -> Option<GlobalDomainIdentifier> {
        let value = |key: &str| {
            text.split('/')
                .find_map(|pair| pair.split_once('=').filter(|(k, _)| k.eq_ignore_ascii_case(key)))
                .map(|(_, v)| v)
        };
        Some(GlobalDomainIdentifier::new(value("C")?, value("ADMD")?, value("PRMD")))
    }

    // ledger: mixer Q-32 Q-33
    #[test]
    fn x400_received_fields_are_read() {
        //
        let short = parse_x400_received(
            "by /PRMD=UK.AC/ADMD=Gold 400/C=GB/ ; Relayed ; Tue, 20 Jun 89 19:25:11 +0100",
            domain,
        )
        .unwrap();
        assert_eq!(short.domain, GlobalDomainIdentifier::new("GB", "Gold 400", Some("UK.AC")));
        assert_eq!((short.mta, short.arrival.as_bytes()), (None, &b"890620192511+0100"[..]));
        //
        let full = parse_x400_received(
            "by mta \"UK.AC.UCL.CS\" in /PRMD=UK.AC/ADMD=Gold 400/C=GB/ ; deferred until Tue, 20 Jun 89 14:24:22 +0100 ; \
             converted (undefined, g3fax) ; attempted MD /ADMD=Foo/C=GB/ ; Relayed, Expanded, Redirected ; \
             Tue, 20 Jun 89 19:25:11 +0100",
            domain,
        )
        .unwrap();
        assert_eq!(full.mta.as_deref(), Some("UK.AC.UCL.CS"));
        assert_eq!(full.deferred.unwrap().as_bytes(), b"890620142422+0100");
        assert_eq!(full.converted.unwrap().to_text(), "Undefined, G3-Fax");
        assert_eq!(full.attempted, Some(Attempted::Domain(GlobalDomainIdentifier::new("GB", "Foo", None))));
        assert_eq!(full.routing_action, RoutingAction::RELAYED);
        assert!(
            full.other_actions.has(OtherActions::REDIRECTED)
                && full.other_actions.has(OtherActions::DL_OPERATION)
        );
    }

    #[test]
    fn what_breaks_the_grammar_is_not_read() {
        for value in [
            "",
            "by /C=GB/; Relayed; Tue, 20 Jun 89 19:25:11 +0100",
            "by /ADMD=a/C=GB/; Eaten; Tue, 20 Jun 89 19:25:11 +0100",
            "by /ADMD=a/C=GB/; Relayed; yesterday",
            "by mta x /ADMD=a/C=GB/; Relayed; Tue, 20 Jun 89 19:25:11 +0100",
            "from x; Relayed; Tue, 20 Jun 89 19:25:11 +0100",
        ] {
            assert_eq!(parse_x400_received(value, domain), None, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(value in "(by |mta |in |/C=GB/ADMD=a/|;|\"|[a-zé();]){0,12}") {
            let _ = parse_x400_received(&value, domain);
        }
    }
}
