//! The tables of PP (volume 1 of its manual, "PP Tables"): `key:value` lines, a `:` in the key after a backslash.
//!
//! | table | a line | becomes |
//! |---|---|---|
//! | `or2rfc` | `PRMD$UK\.AC.ADMD$ .C$GB:ac.uk` | an equivalence, as mapping1 |
//! | `rfc2or` | `ac.uk:PRMD$UK\.AC.ADMD$ .C$GB` | an equivalence, as mapping2 |
//! | `rfc1148gate` | `alter.net:PRMD$relay.ADMD$BTglobal.C$gb` | a preferred gateway, as gate2 |
//! | `or` | `O$X-Tel.PRMD$x.ADMD$ .C$GB:synonym O$XTEL.PRMD$x.ADMD$\ .C$GB` | the equivalences of what it stands for |
//! | `domain` | `vulcan.xtel.co.uk:synonym=xtel.co.uk` | the same |
//! | `or` | `PRMD$Partner.ADMD$ .C$GB:mta relay` | a route to the peer of this name |
//! | `domain` | `*.org:mta=relay` | a route to the hosts by which `channel` reaches it with SMTP |
//! | `alias` | `j.smith:synonym /S=Smith/PRMD=Acme/ADMD= /C=GB/ x400` | a pair of a user, at the domain of `--domain` |
//!
//! A peer is called as the MTA is; where the table `channel` says how it was reached, the report does. Users and their channels
//! (`user`) are PP's own. Of two lines with one key PP takes the first.

use std::collections::BTreeMap;

use super::draft::{Destination, Direction, Draft};
use super::{At, Hints, Input, Unreadable, mcgam};
use rasn_x400::x411::address::text;

use crate::rules::lookup::is_at_or_above;
use crate::rules::mcgam::Kind;
use crate::rules::pseudo_domain::Path;

/// The tables, in the order they are read: names for others come after what they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    OrToRfc,
    RfcToOr,
    Gateway,
    Channel,
    Or,
    Domain,
    Alias,
    User,
}

impl Table {
    /// What the last part of a file name says.
    fn from_name(name: &str) -> Option<Self> {
        let file = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let known = [
            ("or2rfc", Self::OrToRfc),
            ("rfc2or", Self::RfcToOr),
            ("rfc1148gate", Self::Gateway),
            ("rfc1327gate", Self::Gateway),
            ("channel", Self::Channel),
            ("domain", Self::Domain),
            ("alias", Self::Alias),
            ("user", Self::User),
        ];
        let found = known.iter().find(|(word, _)| file.contains(word)).map(|(_, table)| *table);
        found.or_else(|| file.split(['.', '-', '_']).any(|word| word == "or").then_some(Self::Or))
    }
}

pub(super) fn read(inputs: &[Input], hints: &Hints, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut tables = Vec::new();
    for (number, input) in inputs.iter().enumerate() {
        let named = hints.table.as_deref().unwrap_or(&input.name);
        let Some(table) = Table::from_name(named) else {
            let reason = format!(
                "`{named}` does not tell which table it is: or2rfc, rfc2or, rfc1148gate, or, domain, channel, alias or user"
            );
            return Err(Unreadable { name: input.name.clone(), reason });
        };
        tables.push((table, number));
    }
    tables.sort_unstable();
    let mut names = Names::default();
    for (table, number) in tables {
        let file = draft.file(number);
        for (index, text) in inputs[number].text.lines().enumerate() {
            let line = text.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = At::new(&file, index + 1, text);
            let Some((key, value)) = halves(line) else {
                draft.left_out(&at, "a line is `key:value`");
                continue;
            };
            match table {
                Table::OrToRfc => mcgam::pair(Kind::OrToDomain, &key, value.trim(), &at, false, draft),
                Table::RfcToOr => mcgam::pair(Kind::DomainToOr, value, &key, &at, false, draft),
                Table::Gateway => mcgam::pair(Kind::GatewayAddress, value, &key, &at, false, draft),
                Table::Channel => {
                    names.channels.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
                    draft.passed_over("ways to MTAs in the table channel");
                }
                Table::Or => or(&key, value, &at, &mut names, draft),
                Table::Domain => domain(key.trim(), value, &at, &mut names, draft),
                Table::Alias => alias(key.trim(), value, hints.domain.as_deref(), &at, draft),
                Table::User => draft.passed_over("users of PP itself in the table user"),
            }
        }
    }
    names.settle(draft);
    Ok(())
}

/// Key and value; white space before the value does not count.
fn halves(line: &str) -> Option<(String, &str)> {
    let end =
        line.match_indices(':').map(|(place, _)| place).find(|place| !line[..*place].ends_with('\\'))?;
    Some((line[..end].replace("\\:", ":"), line[end + 1..].trim_start()))
}

/// What is settled when everything is read, as one name may stand for another that stands for a third.
#[derive(Default)]
struct Names {
    channels: BTreeMap<String, String>,
    paths: Vec<(Path, Path, At)>,
    domains: Vec<(String, String, At)>,
}

/// A line of the table `or`: what becomes of a part of the tree of O/R addresses.
fn or(key: &str, value: &str, at: &At, names: &mut Names, draft: &mut Draft) {
    let words = words(value);
    let (what, rest) = words.split_first().map_or(("", &[][..]), |(what, rest)| (what.as_str(), rest));
    match (what.to_ascii_lowercase().as_str(), rest) {
        ("valid", _) => draft.passed_over("parts of the table or that are valid"),
        ("alias" | "synonym", [meant, ..]) => match (Path::parse(key), path(meant, value)) {
            (Ok(alias), Ok(meant)) => names.paths.push((alias, meant, at.clone())),
            (Err(fault), _) | (_, Err(fault)) => draft.faulty(at, fault),
        },
        ("mta", [mta, ..]) => match Path::parse(key) {
            Ok(path) => {
                if let Some(way) = names.channels.get(&mta.to_ascii_lowercase()) {
                    draft.changed(at, format!("a route to the peer `{mta}`, which PP reached by {way}"));
                }
                draft.route(Destination::Peer(path.attributes().collect(), mta.clone()), at);
            }
            Err(fault) => draft.faulty(at, fault),
        },
        ("local", _) => {
            let reason = "users of PP itself; where they are now, a [[route]] says: with `internet = true`, on the Internet side";
            draft.left_out(at, reason);
        }
        _ => draft.left_out(at, format!("`{what}` is not known in the table or")),
    }
}

/// The O/R side of a synonym. A full stop in a value has a backslash, which the manual doubles and its examples do not.
fn path(word: &str, written: &str) -> Result<Path, crate::rules::pseudo_domain::Fault> {
    Path::parse(word).or_else(|fault| {
        let (_, lax) = written.split_once(char::is_whitespace).unwrap_or_default();
        let lax = lax.trim().replace("\\ ", " ").replace("\\\\", "\\");
        Path::parse(&lax).map_err(|_| fault)
    })
}

/// A line of the table `alias`: what a name at the hub's own domain stands for.
fn alias(key: &str, value: &str, domain: Option<&str>, at: &At, draft: &mut Draft) {
    let words = words(value);
    let (what, meant, qualifiers) = match &words[..] {
        [what, meant, qualifiers @ ..] => (what.to_ascii_lowercase(), meant, qualifiers),
        _ => {
            return draft
                .left_out(at, "a line is `name:synonym value`, perhaps with `822`, `x400` and `external`");
        }
    };
    if !matches!(what.as_str(), "alias" | "synonym") {
        return draft.left_out(at, format!("`{what}` is not known in the table alias"));
    }
    let is_x400 = qualifiers.iter().any(|word| word.eq_ignore_ascii_case("x400"));
    match (text::parse(meant), domain) {
        _ if !is_x400 && !meant.starts_with('/') => {
            draft.left_out(
                at,
                "another name for a mailbox; the mail system that delivers to it knows such names",
            );
        }
        (Err(error), _) => draft.left_out(at, format!("`{meant}`: {error}")),
        (Ok(_), None) => draft.left_out(at, "of which domain it is has to be said: `--domain`"),
        (Ok(address), Some(domain)) => {
            draft.user(&format!("{key}@{domain}"), &address, Direction::ToX400, at);
        }
    }
}

/// A line of the table `domain`: alternatives after `|`, each a list of keys.
fn domain(key: &str, value: &str, at: &At, names: &mut Names, draft: &mut Draft) {
    let below = key.strip_prefix("*.");
    let name = below.unwrap_or(key);
    if value.contains('|') {
        return draft.left_out(at, "what depends on the number of labels cannot be said in a rule");
    }
    let mut is_known = false;
    for word in value.split_whitespace() {
        let (what, meant) = word.split_once('=').unwrap_or((word, ""));
        let meant = if meant.is_empty() { name } else { meant };
        let what = what.to_ascii_lowercase();
        is_known = true;
        if matches!(what.as_str(), "norm" | "norm+mta" | "mta+norm" | "norm+key" | "key+norm")
            && meant != name
        {
            names.domains.push((name.to_owned(), meant.to_owned(), at.clone()));
        }
        match what.as_str() {
            "synonym" => match (below, meant.strip_prefix("*.")) {
                (None, None) => names.domains.push((name.to_owned(), meant.to_owned(), at.clone())),
                (Some(_), Some(meant)) => names.domains.push((name.to_owned(), meant.to_owned(), at.clone())),
                _ => draft.left_out(at, "many names for one cannot be said in a rule"),
            },
            "mta" | "key" | "norm+mta" | "mta+norm" | "norm+key" | "key+norm" => {
                let domain = below.map_or_else(|| name.to_owned(), |below| format!(".{below}"));
                match names.hosts(meant) {
                    Some(hosts) => draft.route(Destination::Hosts(domain, hosts), at),
                    None => {
                        let reason = format!("a route to {}, which is not reached by SMTP", names.way(meant));
                        draft.left_out(at, reason);
                    }
                }
            }
            "local" => draft.left_out(at, "users of PP itself; where they are now, a [[route]] says"),
            "norm" if meant != name => {}
            "valid" | "norm" => draft.passed_over("parts of the table domain that are valid"),
            "min" | "max" => {
                draft.left_out(at, "what depends on the number of labels cannot be said in a rule")
            }
            _ => draft.left_out(at, format!("`{what}` is not known in the table domain")),
        }
    }
    if !is_known {
        draft.left_out(at, "nothing is said about it");
    }
}

impl Names {
    /// An MTA, and how the table channel says it is reached.
    fn way(&self, mta: &str) -> String {
        match self.channels.get(&mta.to_ascii_lowercase()) {
            Some(ways) => format!("`{mta}`, by {ways}"),
            None => format!("`{mta}`"),
        }
    }

    /// The hosts of an MTA that SMTP reaches, with their port; the MTA itself if it is not known how it is reached.
    fn hosts(&self, mta: &str) -> Option<Vec<String>> {
        let Some(ways) = self.channels.get(&mta.to_ascii_lowercase()) else { return Some(vec![host(mta)]) };
        let way = |way: &str| {
            let (name, channel) = way.trim().strip_suffix(')')?.split_once('(')?;
            channel
                .to_ascii_lowercase()
                .contains("smtp")
                .then(|| host(if name.is_empty() { mta } else { name }))
        };
        let hosts: Vec<String> = ways.split(',').filter_map(way).collect();
        (!hosts.is_empty()).then_some(hosts)
    }

    /// Takes over the names for others, those first whose meaning is no name for another itself.
    fn settle(self, draft: &mut Draft) {
        let mut paths = self.paths;
        while !paths.is_empty() {
            let key = crate::rules::mcgam::path_entry_key;
            let aliases: Vec<String> = paths.iter().map(|(alias, ..)| key(alias)).collect();
            let is_ready = |meant: &Path| !aliases.iter().any(|alias| key(meant).starts_with(alias));
            let (ready, later): (Vec<_>, Vec<_>) =
                paths.into_iter().partition(|(_, meant, _)| is_ready(meant));
            if ready.is_empty() {
                for (_, _, at) in &later {
                    draft.left_out(at, "these names stand for each other");
                }
                break;
            }
            for (alias, meant, at) in &ready {
                draft.alias_of_path(alias, meant, at, false);
            }
            paths = later;
        }
        let mut domains = self.domains;
        while !domains.is_empty() {
            let aliases: Vec<String> = domains.iter().map(|(alias, ..)| alias.clone()).collect();
            let is_ready = |meant: &str| !aliases.iter().any(|alias| is_at_or_above(alias, meant));
            let (ready, later): (Vec<_>, Vec<_>) =
                domains.into_iter().partition(|(_, meant, _)| is_ready(meant));
            if ready.is_empty() {
                for (_, _, at) in &later {
                    draft.left_out(at, "these names stand for each other");
                }
                break;
            }
            for (alias, meant, at) in &ready {
                draft.alias_of_domain(alias, meant, at, false);
            }
            domains = later;
        }
    }
}

/// A host with the port of SMTP.
fn host(name: &str) -> String {
    format!("{name}:25")
}

/// Words between white space, with quotes and backslashes taken off.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.get_or_insert_default().extend(characters.next()),
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            space if space.is_whitespace() && !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}
