//! Entries of a directory in LDIF (RFC 2849): the two trees of RFC 2164, below whatever collection.
//!
//! People beside them who have both addresses are exact pairs.
//!
//! An alias in a tree is another name for a part of it: what is below what it stands for is below it as well.

use base64_simd::STANDARD;

use super::draft::{Draft, Side};
use super::{At, Input, exchange};
use crate::ldap::message::Entry;
use crate::rules::directory::Undetermined;
use crate::rules::directory::entry::{self, Said};
use crate::rules::directory::name::{Name, Relative};
use crate::rules::directory::schema::{COMMON_NAME, DOMAIN_COMPONENT, MCGAM_TABLES, NUMERIC_COUNTRY};
use crate::rules::directory::tree;
use crate::rules::mcgam::Kind;
use crate::rules::pseudo_domain::Path;

/// An entry as it is written.
pub(super) struct Record {
    /// The line of its name, from 1.
    pub(super) line: usize,
    pub(super) entry: Entry,
}

/// A line that cannot be read, with the reason.
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) reason: String,
}

/// Takes a text apart.
pub(super) fn records(text: &str) -> Vec<Result<Record, Fault>> {
    let mut found = Vec::new();
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut in_comment = false;
    for (index, line) in text.lines().chain([""]).enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match line.chars().next() {
            None => {
                found.extend(record(&std::mem::take(&mut lines)));
                in_comment = false;
            }
            // Folded: the line goes on.
            Some(' ') if in_comment => {}
            Some(' ') => {
                if let Some((_, text)) = lines.last_mut() {
                    text.push_str(&line[1..]);
                } else {
                    found.push(Err(Fault { line: index + 1, reason: "it continues nothing".to_owned() }));
                }
            }
            Some('#') => in_comment = true,
            Some(_) => {
                in_comment = false;
                lines.push((index + 1, line.to_owned()));
            }
        }
    }
    found
}

/// One record, and the lines of it that are no good.
fn record(lines: &[(usize, String)]) -> Vec<Result<Record, Fault>> {
    let mut found = Vec::new();
    let mut entry: Option<Record> = None;
    for (line, text) in lines {
        let mut fault = |reason: String| found.push(Err(Fault { line: *line, reason }));
        let Some((kind, value)) = text.split_once(':') else {
            fault("a line is `attribute: value`".to_owned());
            continue;
        };
        let octets = if let Some(coded) = value.strip_prefix(':') {
            match STANDARD.decode_to_vec(coded.trim()) {
                Ok(octets) => octets,
                Err(_) => {
                    fault("the value is not Base64".to_owned());
                    continue;
                }
            }
        } else if value.starts_with('<') {
            fault("the value is elsewhere".to_owned());
            continue;
        } else {
            value.trim_start_matches(' ').as_bytes().to_vec()
        };
        match &mut entry {
            None if kind.eq_ignore_ascii_case("version") => {}
            None if kind.eq_ignore_ascii_case("dn") => match String::from_utf8(octets) {
                Ok(name) => {
                    let attributes = Vec::new();
                    entry = Some(Record { line: *line, entry: Entry { name, attributes } });
                }
                Err(_) => fault("the name of the entry is not UTF-8".to_owned()),
            },
            None => fault("an entry begins with its name, `dn`".to_owned()),
            Some(_) if kind.eq_ignore_ascii_case("changetype") => {
                if !octets.eq_ignore_ascii_case(b"add") {
                    fault("a change of an entry, not an entry".to_owned());
                    return found;
                }
            }
            Some(Record { entry, .. }) => {
                match entry.attributes.iter_mut().find(|(known, _)| known == kind) {
                    Some((_, values)) => values.push(octets),
                    None => entry.attributes.push((kind.to_owned(), vec![octets])),
                }
            }
        }
    }
    found.extend(entry.map(Ok));
    found
}

/// What is told apart before anything is taken over: aliases come last.
#[derive(Default)]
struct Aliases {
    paths: Vec<(Path, Path, At)>,
    domains: Vec<(String, String, At)>,
}

pub(super) fn read(inputs: &[Input], draft: &mut Draft) {
    let mut aliases = Aliases::default();
    for (number, input) in inputs.iter().enumerate() {
        let file = draft.file(number);
        let lines: Vec<&str> = input.text.lines().collect();
        let at = |line: usize| At::new(&file, line, lines.get(line - 1).copied().unwrap_or_default());
        for found in records(&input.text) {
            match found {
                Ok(record) => of_entry(&record.entry, &at(record.line), &mut aliases, draft),
                Err(Fault { line, reason }) => draft.left_out(&at(line), reason),
            }
        }
    }
    for (alias, meant, at) in &aliases.paths {
        draft.alias_of_path(alias, meant, at, false);
    }
    for (alias, meant, at) in &aliases.domains {
        draft.alias_of_domain(alias, meant, at, false);
    }
}

/// A tree that an entry is in, with the name it has there.
enum Tree {
    Addresses(Name),
    Domains(Name),
}

fn of_entry(found: &Entry, at: &At, aliases: &mut Aliases, draft: &mut Draft) {
    let name = match Name::parse(&found.name) {
        Ok(name) => name,
        Err(error) => return draft.left_out(at, format!("its name: {error}")),
    };
    if found.attributes.iter().any(|(kind, _)| MCGAM_TABLES.is_called(kind)) {
        return draft
            .left_out(at, "a gateway with the collections it uses; name them in `[lookup.directory]`");
    }
    let Some(tree) = tree_of(&name) else {
        let has_or = |kind: &str| {
            ["textEncodedORAddress", "proxyAddresses"].iter().any(|known| kind.eq_ignore_ascii_case(known))
        };
        if found.attributes.iter().any(|(kind, _)| has_or(kind)) {
            return exchange::person(found, at, draft);
        }
        return draft.passed_over("entries outside the two trees");
    };
    let is_alias = |kind: &String| kind.eq_ignore_ascii_case("aliasedObjectName") || kind == "2.5.4.1";
    let alias =
        found.attributes.iter().find(|(kind, _)| is_alias(kind)).and_then(|(_, values)| values.first());
    let taken = match alias {
        Some(meant) => alias_of(&tree, meant, at, aliases, draft),
        None => said(&tree, found, at, draft),
    };
    if let Err(reason) = taken {
        draft.left_out(at, reason);
    }
}

/// Takes over what an entry says.
fn said(tree: &Tree, found: &Entry, at: &At, draft: &mut Draft) -> Result<(), String> {
    let reason = |Undetermined(reason)| reason;
    match tree {
        Tree::Addresses(name) => {
            let said = entry::of_address(found).map_err(reason)?;
            let (kind, domains) = match said {
                Some(Said::Domain(domain)) => (Kind::OrToDomain, vec![domain]),
                Some(Said::InternetGateways(domains)) => (Kind::GatewayDomain, domains),
                _ => {
                    draft.passed_over("entries of the trees that say nothing");
                    return Ok(());
                }
            };
            let path = tree::path_of(name)?;
            for (number, domain) in domains.iter().enumerate() {
                if number > 0 {
                    draft.left_out(
                        at,
                        format!("`{domain}` is one more gateway; the first by alphabet is used"),
                    );
                } else {
                    draft.map(kind, Side::Path(path.clone()), domain, at, false);
                }
            }
        }
        Tree::Domains(name) => {
            let said = entry::of_domain(found).map_err(reason)?;
            let (kind, sides) = match said {
                Some(Said::Path(path)) => (Kind::DomainToOr, vec![Side::Path(path)]),
                Some(Said::X400Gateways(addresses)) => {
                    (Kind::GatewayAddress, addresses.into_iter().map(Side::Address).collect())
                }
                _ => {
                    draft.passed_over("entries of the trees that say nothing");
                    return Ok(());
                }
            };
            let domain = domain_of(name)?;
            for (number, side) in sides.into_iter().enumerate() {
                if number > 0 {
                    let shown = super::draft::shown(&side);
                    draft.left_out(
                        at,
                        format!("`{shown}` is one more gateway; the first by alphabet is used"),
                    );
                } else {
                    draft.map(kind, side, &domain, at, false);
                }
            }
        }
    }
    Ok(())
}

fn alias_of(
    tree: &Tree,
    meant: &[u8],
    at: &At,
    aliases: &mut Aliases,
    draft: &mut Draft,
) -> Result<(), String> {
    let meant = str::from_utf8(meant).map_err(|_| "the name it stands for is not UTF-8".to_owned())?;
    let meant = Name::parse(meant).map_err(|error| format!("the name it stands for: {error}"))?;
    match (tree, tree_of(&meant)) {
        (Tree::Addresses(name), Some(Tree::Addresses(meant))) => {
            let (alias, meant) = (tree::path_of(name)?, tree::path_of(&meant)?);
            // The number of a country is a name for its letters.
            if let ([(kind, digits)], [Some(letters)]) = (only(name), meant.levels.as_slice())
                && NUMERIC_COUNTRY.is_called(kind)
            {
                draft.country(digits, letters, at);
            } else {
                aliases.paths.push((alias, meant, at.clone()));
            }
        }
        (Tree::Domains(name), Some(Tree::Domains(meant))) => {
            aliases.domains.push((domain_of(name)?, domain_of(&meant)?, at.clone()));
        }
        _ => return Err("it stands for something that is not in the same tree".to_owned()),
    }
    Ok(())
}

/// The attributes of a name of one level.
fn only(name: &Name) -> &[(String, String)] {
    match name.0.as_slice() {
        [relative] => relative,
        _ => &[],
    }
}

/// The tree that an entry is in; not its root.
fn tree_of(name: &Name) -> Option<Tree> {
    let is_root = |relative: &Relative, called: &str| matches!(relative.as_slice(), [(kind, value)] if COMMON_NAME.is_called(kind) && value.eq_ignore_ascii_case(called));
    name.0.iter().enumerate().skip(1).find_map(|(place, relative)| {
        let inside = || Name(name.0[..place].to_vec());
        if is_root(relative, "X.400 to RFC 822") {
            return Some(Tree::Addresses(inside()));
        }
        is_root(relative, "RFC 822 to X.400").then(|| Tree::Domains(inside()))
    })
}

fn domain_of(name: &Name) -> Result<String, String> {
    let labels = name.0.iter().map(|relative| match relative.as_slice() {
        [(kind, label)] if DOMAIN_COMPONENT.is_called(kind) => Ok(label.as_str()),
        _ => Err(format!("`{name}` is not a domain")),
    });
    tree::domain_of(&labels.collect::<Result<Vec<_>, _>>()?.join("."))
}
