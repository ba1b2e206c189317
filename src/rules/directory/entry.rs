//! What an entry of the two trees says (RFC 2164 3 and 4; ledger D-03, D-05, OI-26), and the list of collections of a
//! gateway (D-08).

use rasn_x400::x411::address::text::{self, KeyedAddress};

use super::Undetermined;
use super::name::Name;
use super::schema::{
    ASSOCIATED_DOMAIN, ASSOCIATED_INTERNET_GATEWAY, ASSOCIATED_OR_ADDRESS, ASSOCIATED_X400_GATEWAY, Kind,
    MCGAM_TABLES,
};
use super::tree::{self, Collection};
use crate::ldap::ber::{self, Fault, Reader};
use crate::ldap::message::Entry;
use crate::rules::pseudo_domain::Path;

/// What an entry says about the addresses at it and below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// associatedDomain: they are this domain.
    Domain(String),
    /// associatedInternetGateway: they are written out before one of these domains. At least one.
    InternetGateways(Vec<String>),
    /// associatedORAddress: they are this path.
    Path(Path),
    /// associatedX400Gateway: they are encapsulated beside one of these. At least one.
    X400Gateways(Vec<KeyedAddress>),
}

/// The attributes to ask for in the tree of O/R addresses.
#[must_use]
pub fn attributes_of_addresses() -> Vec<String> {
    asked_as([ASSOCIATED_DOMAIN, ASSOCIATED_INTERNET_GATEWAY])
}

/// The attributes to ask for in the tree of domains.
#[must_use]
pub fn attributes_of_domains() -> Vec<String> {
    asked_as([ASSOCIATED_OR_ADDRESS, ASSOCIATED_X400_GATEWAY])
}

/// The attribute to ask for in the entry of a gateway.
#[must_use]
pub fn attributes_of_gateway() -> Vec<String> {
    let names = asked_as([MCGAM_TABLES]);
    let binary: Vec<String> = names.iter().map(|name| format!("{name};binary")).collect();
    [names, binary].concat()
}

/// Reads an entry of the tree of O/R addresses. None if it says nothing. D-03
///
/// # Errors
/// When it says two things, or what it says cannot be.
pub fn of_address(entry: &Entry) -> Result<Option<Said>, Undetermined> {
    let domains = values(entry, ASSOCIATED_DOMAIN)?;
    let gateways = values(entry, ASSOCIATED_INTERNET_GATEWAY)?;
    never_both(entry, [(ASSOCIATED_DOMAIN, &domains), (ASSOCIATED_INTERNET_GATEWAY, &gateways)])?;
    let read = |kind: Kind, text: &String| tree::domain_of(text).map_err(|reason| bad(entry, kind, &reason));
    if let Some(domain) = single(entry, ASSOCIATED_DOMAIN, &domains)? {
        return Ok(Some(Said::Domain(read(ASSOCIATED_DOMAIN, domain)?)));
    }
    let gateways = gateways.iter().map(|text| read(ASSOCIATED_INTERNET_GATEWAY, text));
    let gateways: Vec<String> = gateways.collect::<Result<_, _>>()?;
    Ok((!gateways.is_empty()).then_some(Said::InternetGateways(gateways)))
}

/// Reads an entry of the tree of domains. None if it says nothing. D-05
///
/// # Errors
/// When it says two things, or what it says cannot be.
pub fn of_domain(entry: &Entry) -> Result<Option<Said>, Undetermined> {
    let addresses = values(entry, ASSOCIATED_OR_ADDRESS)?;
    let gateways = values(entry, ASSOCIATED_X400_GATEWAY)?;
    never_both(entry, [(ASSOCIATED_OR_ADDRESS, &addresses), (ASSOCIATED_X400_GATEWAY, &gateways)])?;
    if let Some(text) = single(entry, ASSOCIATED_OR_ADDRESS, &addresses)? {
        let fault = |reason: String| bad(entry, ASSOCIATED_OR_ADDRESS, &reason);
        let name = Name::parse(text).map_err(|error| fault(format!("`{}`: {error}", text.escape_debug())))?;
        return Ok(Some(Said::Path(tree::path_of(&name).map_err(fault)?)));
    }
    let gateways = gateways.iter().map(|text| {
        let fault = |reason: String| bad(entry, ASSOCIATED_X400_GATEWAY, &reason);
        let address =
            text::parse(text).map_err(|error| fault(format!("`{}`: {error}", text.escape_debug())))?;
        if crate::rules::can_be_gateway(&address) {
            Ok(address)
        } else {
            Err(fault(format!("`{}` is not a whole O/R address", text.escape_debug())))
        }
    });
    let gateways: Vec<KeyedAddress> = gateways.collect::<Result<_, _>>()?;
    Ok((!gateways.is_empty()).then_some(Said::X400Gateways(gateways)))
}

/// The collections that the entry of a gateway names, in order (D-08). Its only value is a list, which LDAP has no syntax
/// for: names are separated by `$`, as the lines of a postal address are (RFC 4517 3.3.28), or it is the SEQUENCE of X.500
/// in BER (RFC 4522).
///
/// # Errors
/// When the value cannot be read.
pub fn collections(entry: &Entry) -> Result<Vec<Collection>, Undetermined> {
    let in_ber = entry.attributes.iter().find(|(name, _)| is_binary(name) && MCGAM_TABLES.is_called(name));
    if let Some((_, values)) = in_ber {
        let read = |value: &Vec<u8>| {
            let mut list = Reader::new(Reader::new(value).expect(ber::SEQUENCE)?);
            let mut collections = Vec::new();
            while !list.is_empty() {
                collections.push(Collection(Name::from_ber(&mut list)?));
            }
            Ok::<_, Fault>(collections)
        };
        let collections = values.first().map_or_else(|| Ok(Vec::new()), read);
        return collections.map_err(|fault| bad(entry, MCGAM_TABLES, fault.what));
    }
    let values = values(entry, MCGAM_TABLES)?;
    let Some(list) = single(entry, MCGAM_TABLES, &values)? else { return Ok(Vec::new()) };
    let names = list.split('$').map(str::trim).filter(|name| !name.is_empty());
    let names = names.map(|text| {
        let text = text.replace("\\24", "$").replace("\\5C", "\\").replace("\\5c", "\\");
        let name = Name::parse(&text);
        name.map(Collection).map_err(|error| bad(entry, MCGAM_TABLES, &format!("`{text}`: {error}")))
    });
    names.collect()
}

/// Whether a server has been asked for the value in BER, and gives it so.
fn is_binary(name: &str) -> bool {
    name.split(';').skip(1).any(|option| option.eq_ignore_ascii_case("binary"))
}

/// By object identifier, which is unmistakable, and by name for servers that know only that.
fn asked_as<const N: usize>(kinds: [Kind; N]) -> Vec<String> {
    let names = |kind: Kind| std::iter::once(kind.identifier).chain(kind.names.iter().copied());
    kinds.into_iter().flat_map(names).map(str::to_owned).collect()
}

/// The values of an attribute, sorted, as a directory keeps no order.
fn values(entry: &Entry, kind: Kind) -> Result<Vec<String>, Undetermined> {
    let found = entry.attributes.iter().filter(|(name, _)| kind.is_called(name));
    let texts = found.flat_map(|(_, values)| values).map(|value| {
        String::from_utf8(value.clone()).map_err(|_| bad(entry, kind, "a value is not text in UTF-8"))
    });
    let mut texts: Vec<String> = texts.collect::<Result<_, _>>()?;
    texts.sort();
    texts.dedup();
    Ok(texts)
}

fn never_both(entry: &Entry, kinds: [(Kind, &Vec<String>); 2]) -> Result<(), Undetermined> {
    let [(one, of_one), (two, of_two)] = kinds;
    if of_one.is_empty() || of_two.is_empty() {
        return Ok(());
    }
    let reason = format!("{} stands beside it, and an entry has only one of them", two.names[0]);
    Err(bad(entry, one, &reason))
}

fn single<'v>(entry: &Entry, kind: Kind, values: &'v [String]) -> Result<Option<&'v String>, Undetermined> {
    match values {
        [] => Ok(None),
        [value] => Ok(Some(value)),
        [one, two, ..] => Err(bad(
            entry,
            kind,
            &format!("has two values, `{}` and `{}`", one.escape_debug(), two.escape_debug()),
        )),
    }
}

fn bad(entry: &Entry, kind: Kind, reason: &str) -> Undetermined {
    Undetermined(format!("the entry `{}`, {}: {reason}", entry.name.escape_debug(), kind.names[0]))
}
