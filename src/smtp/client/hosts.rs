//! Which servers take the mail of a domain: its MX records, in order, and what they may not be (RFC 5321 5.1, RFC 7505).

use std::net::IpAddr;
use std::path::PathBuf;

use super::mail::Impossible;
use crate::smtp::command::{Domain, MailDomain};
use crate::status::StatusDetail;

/// One MX record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The lower, the earlier.
    pub preference: u16,
    /// The server, without a dot at the end; empty is the root.
    pub host: String,
}

/// What DNS says about the mail of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its MX records; none if it has none, though it exists.
    Exchanges(Vec<Exchange>),
    /// There is no such domain.
    NoDomain,
}

/// A server that may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// By name.
    Name(String),
    /// By address.
    Address(IpAddr),
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Server {
    /// At a port of a host.
    Port(Host, u16),
    /// At a socket of this machine.
    Socket(PathBuf),
}

impl Server {
    /// As an operator writes it: a host with a port, IPv6 in brackets, or `unix:` and the path of a socket.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        if let Some(path) = written.strip_prefix("unix:") {
            return path.starts_with('/').then(|| Self::Socket(path.into()));
        }
        let (host, port) = written.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
        if bare.is_empty() || (bare == host && host.contains(':')) {
            return None;
        }
        let host = bare.parse().map_or_else(|_| Host::Name(bare.to_lowercase()), Host::Address);
        Some(Self::Port(host, port))
    }
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Port(Host::Address(IpAddr::V6(address)), port) => write!(f, "[{address}]:{port}"),
            Self::Port(host, port) => write!(f, "{host}:{port}"),
            Self::Socket(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// The domain of an address, in lower case; `None` if there is none that could be looked up or called.
pub fn domain_of(address: &str) -> Option<MailDomain> {
    let mailbox = super::mail::mailbox(address)?;
    Some(match mailbox.domain {
        MailDomain::Domain(domain) => MailDomain::Domain(Domain::new(&domain.as_str().to_lowercase())?),
        literal @ MailDomain::AddressLiteral(_) => literal,
    })
}

/// The servers for `domain`, the best first. `own` are names of this host; `shuffle` decides the order of servers with the same
/// preference.
///
/// # Errors
/// [`Impossible`]: the domain does not exist, takes no mail, or its mail is ours already.
pub fn servers(domain: &str, answer: Answer, own: &[String], shuffle: u64) -> Result<Vec<Host>, Impossible> {
    let impossible = |detail: StatusDetail, text: String| Err(Impossible::new(detail.permanent(), text));
    let mut exchanges = match answer {
        Answer::NoDomain => {
            return impossible(StatusDetail::BAD_SYSTEM_X_1_2, format!("there is no domain `{domain}`"));
        }
        Answer::Exchanges(exchanges) => exchanges,
    };
    if exchanges.is_empty() {
        // RFC 5321 5.1: the domain itself, as if it were its own MX.
        exchanges.push(Exchange { preference: 0, host: domain.to_owned() });
    }
    if let [Exchange { host, .. }] = &exchanges[..]
        && host.is_empty()
    {
        let text = format!("`{domain}` takes no mail (RFC 7505)");
        return impossible(StatusDetail::NULL_MX_X_1_10, text);
    }
    exchanges.retain(|exchange| !exchange.host.is_empty());
    exchanges.sort_by_key(|one| (one.preference, mixed(&one.host, shuffle), one.host.clone()));
    let is_own = |host: &str| own.iter().any(|name| name.eq_ignore_ascii_case(host));
    // RFC 5321 5.1: neither to ourselves nor to those that would give it to us.
    if let Some(ours) = exchanges.iter().find(|one| is_own(&one.host)).map(|one| one.preference) {
        exchanges.retain(|one| one.preference < ours);
        if exchanges.is_empty() {
            let text =
                format!("the mail of `{domain}` is for this host, which does not know what to do with it");
            return impossible(StatusDetail::LOOP_DETECTED_X_4_6, text);
        }
    }
    if exchanges.is_empty() {
        return impossible(StatusDetail::BAD_SYSTEM_X_1_2, format!("`{domain}` names no mail server"));
    }
    Ok(exchanges.into_iter().map(|one| Host::Name(one.host)).collect())
}

/// A number for a host that another seed makes another: FNV-1a.
fn mixed(host: &str, seed: u64) -> u64 {
    host.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(records: &[(u16, &str)]) -> Result<Vec<String>, String> {
        let exchanges = records
            .iter()
            .map(|(preference, host)| Exchange { preference: *preference, host: (*host).into() });
        let own = ["gw.example".to_owned(), "mail.gw.example".to_owned()];
        servers("b.example", Answer::Exchanges(exchanges.collect()), &own, 1)
            .map(|hosts| hosts.iter().map(Host::to_string).collect())
            .map_err(|why| why.status.to_string())
    }

    #[test]
    fn servers_are_found_in_order() {
        let list = |hosts: &[&str]| Ok(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>());
        assert_eq!(found(&[(20, "two"), (10, "one")]), list(&["one", "two"]));
        // No MX: the domain itself.
        assert_eq!(found(&[]), list(&["b.example"]));
        // RFC 7505
        assert_eq!(found(&[(0, "")]), Err("5.1.10".into()));
        assert_eq!(found(&[(0, ""), (10, "one")]), list(&["one"]));
        // Ourselves, and whoever comes after us.
        assert_eq!(found(&[(10, "one"), (20, "GW.example"), (30, "three")]), list(&["one"]));
        assert_eq!(found(&[(20, "mail.gw.example"), (20, "one")]), Err("5.4.6".into()));
        let nowhere = servers("b.example", Answer::NoDomain, &[], 0).unwrap_err();
        assert_eq!(nowhere.status.to_string(), "5.1.2");
    }

    #[test]
    fn servers_with_the_same_preference_share_the_load() {
        let all = || {
            Answer::Exchanges((0..8).map(|n| Exchange { preference: 1, host: format!("mx{n}") }).collect())
        };
        let first = |seed| servers("b.example", all(), &[], seed).unwrap()[0].to_string();
        let firsts: std::collections::BTreeSet<_> = (0..100).map(first).collect();
        assert!(firsts.len() > 3, "{firsts:?}");
        assert_eq!(first(7), first(7));
    }

    #[test]
    fn servers_are_written_with_their_ports() {
        for (written, good) in [
            ("mail.example:25", true),
            ("[2001:db8::1]:2525", true),
            ("192.0.2.1:24", true),
            ("unix:/run/dovecot/lmtp", true),
            ("unix:lmtp", false),
            ("mail.example", false),
            ("2001:db8::1", false),
            (":25", false),
            ("mail.example:0", false),
        ] {
            let found = Server::parse(written).map(|server| server.to_string());
            assert_eq!(found.as_deref(), good.then_some(written), "{written}");
        }
    }

    #[test]
    fn domains_are_taken_from_addresses() {
        for (address, domain) in [
            ("ann@B.Example", Some("b.example")),
            ("\"a@b\"@c.example", Some("c.example")),
            ("ann@[192.0.2.1]", Some("[192.0.2.1]")),
            ("ann", None),
            ("ann@b_c", None),
        ] {
            let found = domain_of(address).map(|domain| domain.as_str().to_owned());
            assert_eq!(found.as_deref(), domain, "{address}");
        }
    }
}
