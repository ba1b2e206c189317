//! The tables of a rule file as PX records (RFC 2163 4.3; ledger ).

use super::super::super::Rules;
use super::super::super::mcgam::{self, Entry, Kind, Table};
use super::super::super::pseudo_domain::{self, Path};
use super::name;

/// What is written for a name server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zone {
    /// A line for each record, in order.
    pub records: Vec<String>,
    /// The keys of what cannot be a PX record, each with the reason.
    pub left_out: Vec<(String, &'static str)>,
}

/// The preference that records should have (RFC 2163 4.1).
const PREFERENCE: u16 = 50;

/// The records of a set of rules. Pairs that are local stay out.
#[must_use]
pub fn of(rules: &Rules) -> Zone {
    let mut zone = Zone::default();
    let tables: [(Kind, &Table); 4] = [
        (Kind::OrToDomain, &rules.or_to_domain),
        (Kind::DomainToOr, &rules.domain_to_or),
        (Kind::GatewayDomain, &rules.gateway_domains),
        (Kind::GatewayAddress, &rules.gateway_addresses),
    ];
    for (kind, table) in tables {
        let mut records = Vec::new();
        for (_, entry) in table.entries() {
            if rules.is_local(&entry.place) {
                continue;
            }
            match record(kind, entry) {
                Ok(record) => records.push(record),
                Err(reason) => zone.left_out.push((entry.key.to_string(), reason)),
            }
        }
        records.sort();
        zone.records.append(&mut records);
    }
    zone.left_out.sort();
    zone
}

/// The line of an entry.
fn record(kind: Kind, entry: &Entry) -> Result<String, &'static str> {
    let is_gateway = matches!(kind, Kind::GatewayDomain | Kind::GatewayAddress);
    let (path, domain) = match kind {
        Kind::OrToDomain | Kind::GatewayDomain => {
            (Path::parse(&entry.key).unwrap_or_default(), &entry.target)
        }
        Kind::DomainToOr => (mcgam::target_path(entry), &entry.key),
        Kind::GatewayAddress => (hierarchy(entry).ok_or("its O/R address is not a path")?, &entry.key),
    };
    let owner = match kind {
        Kind::OrToDomain | Kind::GatewayDomain => {
            name::owner(&path).ok_or("its O/R address cannot be a name in DNS")?
        }
        Kind::DomainToOr | Kind::GatewayAddress => domain.to_string(),
    };
    let address = name::write(&path).ok_or("its O/R address cannot be a name in DNS")?;
    let address = name::marked(&address, is_gateway);
    Ok(format!("*.{owner}. IN PX {PREFERENCE} {domain}. {address}."))
}

/// The address of a gateway, if it has nothing but a path.
fn hierarchy(entry: &Entry) -> Option<Path> {
    let address = mcgam::target_address(entry);
    let is_level =
        |key| (0..pseudo_domain::MAXIMUM_LEVELS).any(|level| pseudo_domain::level_key(level) == key);
    address.attributes().iter().all(|one| is_level(one.key.clone())).then(|| Path::of(&address))
}
