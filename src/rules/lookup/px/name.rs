//! O/R addresses as domain names: `OU-cs.O-Widget.PRMD-UK-d-AC.ADMD-GOLD-b-400.C-GB` (RFC 2163 4.2; ledger ).

use rasn_x400::prim::is_printable;

use super::super::super::pseudo_domain::{MAXIMUM_LEVELS, Path, level_key};
use super::super::Question;
use super::message::Name;

/// The label below a country under which its O/R addresses stand (RFC 2163 3).
const TREE: &str = "X42D";
/// Octets of a label, and of a name as text (RFC 1035 2.3.4).
const LABEL_LIMIT: usize = 63;
const NAME_LIMIT: usize = 253;
/// The label that marks a gateway entry.
const GATEWAY: &str = "G";

/// Why a name is not an O/R address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no O/R address in the syntax of DNS: {reason}")]
pub struct Unreadable {
    /// The name.
    pub name: String,
    /// Why not.
    pub reason: String,
}

/// The label of a level. None if it cannot be one: too long, an empty value, or characters that have no code.
#[must_use]
pub fn label(level: usize, value: Option<&str>) -> Option<String> {
    let key = level_key(level);
    let key = key.label();
    let Some(value) = value else { return Some(key.into()) };
    // As names are compared: spaces at the ends do not count, several are one.
    let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
    let mut label = key.to_string();
    if words.is_empty() {
        // An ADMD without characters is the one that is a space.
        let is_blank = !value.is_empty() || level == 1;
        label.push('b');
        return is_blank.then_some(label);
    }
    label.push('-');
    for character in words.join(" ").chars() {
        match character {
            '-' => label.push_str("-h-"),
            '.' => label.push_str("-d-"),
            ' ' => label.push_str("-b-"),
            character if character.is_ascii_alphanumeric() => label.push(character),
            character if character.is_ascii() => label.push_str(&format!("-{:03}-", u32::from(character))),
            _ => return None,
        }
    }
    if label.ends_with('-') {
        label.pop();
    }
    (label.len() <= LABEL_LIMIT).then_some(label)
}

/// The whole path as a name, without a full stop at its end. None where a level cannot be a label.
#[must_use]
pub fn write(path: &Path) -> Option<String> {
    let labels: Option<Vec<String>> =
        path.levels.iter().enumerate().rev().map(|(level, value)| label(level, value.as_deref())).collect();
    labels.map(|labels| labels.join("."))
}

/// Reads the value of a label. After the first hyphen every hyphen belongs to a code; the last may be missing.
fn read_label(label: &str) -> Result<(&str, Option<String>), String> {
    let is_key =
        |text: &str| (0..MAXIMUM_LEVELS).any(|level| level_key(level).label().eq_ignore_ascii_case(text));
    let Some((key, coded)) = label.split_once('-') else {
        let blank = label.strip_suffix(['b', 'B']).filter(|key| is_key(key));
        return match blank {
            Some(key) => Ok((key, Some(" ".to_owned()))),
            None if is_key(label) => Ok((label, None)),
            None => Err(format!("`{label}` is no attribute of a mapping")),
        };
    };
    if !is_key(key) {
        return Err(format!("`{key}` is no attribute of a mapping"));
    }
    let mut value = String::new();
    let mut rest = coded;
    while let Some(first) = rest.chars().next() {
        if first != '-' {
            if !u8::try_from(first).is_ok_and(is_printable) {
                return Err(format!("`{first}` in `{label}` is no character of an O/R address"));
            }
            value.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (code, after) = rest[1..].split_once('-').unwrap_or_else(|| (&rest[1..], ""));
        value.push(decoded(code).ok_or_else(|| format!("`-{code}-` in `{label}` is no code"))?);
        rest = after;
    }
    if value.is_empty() { Err(format!("`{label}` has no value")) } else { Ok((key, Some(value))) }
}

/// The character of a code.
fn decoded(code: &str) -> Option<char> {
    match code {
        "h" | "H" => Some('-'),
        "d" | "D" => Some('.'),
        "b" | "B" => Some(' '),
        _ if code.len() == 3 && code.bytes().all(|digit| digit.is_ascii_digit()) => {
            code.parse::<u8>().ok().filter(|octet| is_printable(*octet)).map(char::from)
        }
        _ => None,
    }
}

/// The path in a name, and whether it is marked as a gateway entry.
///
/// # Errors
/// When it is not a path of an O/R address.
pub fn read(name: &Name) -> Result<(Path, bool), Unreadable> {
    let unreadable = |reason: String| Unreadable { name: name.to_text(), reason };
    let mut labels: Vec<&str> = Vec::with_capacity(name.labels.len());
    for label in &name.labels {
        let text = str::from_utf8(label).ok().filter(|text| text.is_ascii());
        labels.push(text.ok_or_else(|| unreadable("a label is not ASCII".to_owned()))?);
    }
    let is_gateway = labels.last().is_some_and(|label| label.eq_ignore_ascii_case(GATEWAY));
    if is_gateway {
        labels.pop();
    }
    let mut parts = Vec::with_capacity(labels.len());
    for label in labels {
        let (key, value) = read_label(label).map_err(unreadable)?;
        let value = value.map_or_else(|| "@".to_owned(), |value| value.replace('.', "\\."));
        parts.push(format!("{key}${value}"));
    }
    let path = Path::parse(&parts.join(".")).map_err(|fault| unreadable(fault.message))?;
    Ok((path, is_gateway))
}

/// The names to ask for, in this order, up to the first that has PX records (Z-14): the name itself, which DNS completes
/// by the wildcard next above; then the wildcards that the rules of DNS do not reach, down from the longest.
#[must_use]
pub fn to_ask(question: &Question) -> Vec<String> {
    match question {
        Question::Domain(domain) => {
            let starts = std::iter::once(0).chain(domain.match_indices('.').map(|(place, _)| place + 1));
            let wildcards = starts.map(|start| format!("*.{}", &domain[start..]));
            let names = std::iter::once(domain.clone()).chain(wildcards);
            names.filter(|name| name.len() <= NAME_LIMIT).collect()
        }
        Question::Path(path) => of_path(path),
        // DNS knows no people.
        Question::Mailbox(_) | Question::Address(_) => Vec::new(),
    }
}

/// the country stands at the end, as the domain it is; the rest below `X42D`.
fn of_path(path: &Path) -> Vec<String> {
    let country = path.levels.first().and_then(Option::as_deref).map(str::trim);
    let is_code = |code: &&str| code.len() == 2 && code.bytes().all(|octet| octet.is_ascii_alphabetic());
    let Some(country) = country.filter(is_code) else { return Vec::new() };
    let mut name = format!("{TREE}.{}", country.to_ascii_lowercase());
    // Names from the country down, as deep as labels go.
    let mut names = vec![name.clone()];
    for (level, value) in path.levels.iter().enumerate().skip(1) {
        let Some(label) = label(level, value.as_deref()) else { break };
        name = format!("{label}.{name}");
        names.push(name.clone());
    }
    let whole = (names.len() == path.levels.len()).then(|| name.clone());
    // A key may say that what the address does not have is omitted (`O$@`); then it is longer than the address.
    if whole.is_some() {
        for level in path.levels.len()..LEVELS_OF_KEYS {
            name = format!("{}.{name}", level_key(level).label());
            names.push(name.clone());
        }
    }
    let wildcards = names.iter().rev().map(|name| format!("*.{name}"));
    whole.into_iter().chain(wildcards).filter(|name| name.len() <= NAME_LIMIT).collect()
}

/// Levels that a key may say are omitted: down to the organization.
const LEVELS_OF_KEYS: usize = 4;

/// The owner of the record for a path: below it every address of the path is found. None where there is no such name.
pub(in crate::rules) fn owner(path: &Path) -> Option<String> {
    let asked = of_path(path);
    // The whole path is asked for first, if it can be written.
    let whole = asked.first()?;
    (!whole.starts_with("*.")).then(|| whole.clone())
}

/// The path that an owner is about. None where it is a domain.
pub(in crate::rules) fn read_owner(owner: &Name) -> Option<Result<Path, Unreadable>> {
    let [above @ .., tree, country] = owner.labels.as_slice() else { return None };
    if !tree.eq_ignore_ascii_case(TREE.as_bytes()) {
        return None;
    }
    let country = [b"C-", country.as_slice()].concat();
    let labels = above.iter().cloned().chain([country]).collect();
    Some(read(&Name { labels }).map(|(path, _)| path))
}

/// How a gateway entry is marked.
pub(in crate::rules) fn marked(name: &str, is_gateway: bool) -> String {
    if is_gateway { format!("{name}.{GATEWAY}") } else { name.to_owned() }
}
