//! O/R addresses as pseudo-domains: `OU$cs.O$Widget.PRMD$UK\.AC.ADMD$GOLD 400.C$GB` (RFC 2156 F.3; ledger M-20 to M-24).

use std::ops::Range;

use rasn_x400::bounds;
use rasn_x400::x411::address::text::{self, Key, KeyedAddress};

use crate::diagnostic::Code;

/// A path from the country down. A level that no address has is omitted: `None`, written `@`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path {
    /// C, ADMD, PRMD, O, then up to four OU.
    pub levels: Vec<Option<String>>,
}

/// Levels of the longest path.
pub(crate) const MAXIMUM_LEVELS: usize = 4 + bounds::ORGANIZATIONAL_UNITS;

/// The attribute at a level, from 0.
#[must_use]
pub(crate) const fn level_key(level: usize) -> Key {
    match level {
        0 => Key::Country,
        1 => Key::AdministrationDomain,
        2 => Key::PrivateDomain,
        3 => Key::Organization,
        _ => Key::OrganizationalUnit,
    }
}

/// Most characters at a level (A-112).
#[must_use]
pub(crate) const fn level_bound(level: usize) -> usize {
    match level {
        0 => bounds::COUNTRY_NAME_NUMERIC,
        1 | 2 => bounds::DOMAIN_NAME,
        3 => bounds::ORGANIZATION_NAME,
        _ => bounds::ORGANIZATIONAL_UNIT_NAME,
    }
}

/// Why a text is not a pseudo-domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    /// Octets of the text.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<&'static str>,
}

/// One `KEY$value`; the value is None for `@`.
struct Part {
    key: Key,
    value: Option<String>,
    span: Range<usize>,
}

impl Path {
    /// Reads a pseudo-domain that is a path: C right-most, no attribute but those of the hierarchy. A gap is an omitted
    /// level (Z-12).
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut levels: Vec<Option<String>> = Vec::with_capacity(MAXIMUM_LEVELS);
        for part in parts(text)?.into_iter().rev() {
            let hierarchy = |message: String| Fault {
                code: Code::TableHierarchy,
                span: part.span.clone(),
                message,
                help: Some(
                    "a mapping is a path: C, ADMD, PRMD, O, then up to four OU, the country right-most",
                ),
            };
            let Some(level) = place(&part.key, levels.len()) else {
                return Err(hierarchy(format!("`{}` is not a level of the hierarchy", part.key)));
            };
            if level < levels.len() {
                return Err(hierarchy(format!("`{}` stands on the wrong side, or twice", part.key)));
            }
            if levels.is_empty() && level > 0 {
                return Err(hierarchy(format!("the path begins with `{}`, not with a country", part.key)));
            }
            if level >= MAXIMUM_LEVELS {
                return Err(hierarchy("a fifth organizational unit".to_owned()));
            }
            levels.resize(level, None);
            levels.push(part.value);
            if let Some(value) = &levels[level]
                && value.len() > level_bound(level)
            {
                return Err(Fault {
                    code: Code::OutOfBounds,
                    span: part.span,
                    message: format!(
                        "`{}` has {} characters, at most {} are allowed",
                        part.key,
                        value.len(),
                        level_bound(level)
                    ),
                    help: None,
                });
            }
        }
        Ok(Self { levels })
    }

    /// The path that the hierarchy attributes of an address make; absent levels are omitted, up to the deepest present.
    #[must_use]
    pub fn of(address: &KeyedAddress) -> Self {
        let mut levels: Vec<Option<String>> =
            (0..4).map(|level| address.get(&level_key(level)).map(str::to_owned)).collect();
        levels.extend(address.units().map(|unit| Some(unit.to_owned())));
        while levels.last() == Some(&None) {
            levels.pop();
        }
        levels.truncate(MAXIMUM_LEVELS);
        Self { levels }
    }

    /// The attributes of the path, for an address.
    pub fn attributes(&self) -> impl Iterator<Item = (Key, String)> {
        self.levels
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(level, value)| Some((level_key(level), value.clone()?)))
    }

    /// The same, of a path that is wanted no more.
    pub fn into_attributes(self) -> impl Iterator<Item = (Key, String)> {
        self.levels
            .into_iter()
            .enumerate()
            .rev()
            .filter_map(|(level, value)| Some((level_key(level), value?)))
    }

    /// The pseudo-domain.
    #[must_use]
    pub fn to_text(&self) -> String {
        let parts = self.levels.iter().enumerate().rev().map(|(level, value)| {
            let value = value.as_ref().map_or_else(|| "@".to_owned(), |value| value.replace('.', "\\."));
            format!("{}${value}", level_key(level).label())
        });
        parts.collect::<Vec<_>>().join(".")
    }
}

/// Reads a pseudo-domain with any attributes (M-27); omitted levels are left out.
pub(crate) fn address(text: &str) -> Result<KeyedAddress, Fault> {
    let parts = parts(text)?;
    let pairs = parts.into_iter().filter_map(|part| Some((part.key, part.value?)));
    let address: KeyedAddress = pairs.collect();
    // The std-or reader knows what may be repeated and what values must look like.
    text::parse(&address.to_std_or()).map_err(|error| Fault {
        code: Code::TableAddress,
        span: 0..text.len(),
        message: error.to_string(),
        help: None,
    })?;
    Ok(address)
}

/// The level of a key, given how many levels are filled.
fn place(key: &Key, filled: usize) -> Option<usize> {
    match key {
        Key::OrganizationalUnit => Some(filled.max(4)),
        key => (0..4).find(|&level| level_key(level) == *key),
    }
}

/// The parts from left to right.
fn parts(text: &str) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::with_capacity(MAXIMUM_LEVELS);
    let mut start = 0;
    let octets = text.as_bytes();
    for end in 0..=octets.len() {
        let is_stop = octets.get(end).is_none_or(|octet| *octet == b'.');
        if is_stop && (end == 0 || octets[end - 1] != b'\\') {
            parts.push(part(text, start..end)?);
            start = end + 1;
        }
    }
    Ok(parts)
}

/// The keys of nearly all tables, without looking through the catalogue.
fn usual_key(label: &str) -> Option<Key> {
    Some(match label {
        "C" => Key::Country,
        "ADMD" => Key::AdministrationDomain,
        "PRMD" => Key::PrivateDomain,
        "O" => Key::Organization,
        "OU" => Key::OrganizationalUnit,
        _ => return None,
    })
}

fn part(text: &str, span: Range<usize>) -> Result<Part, Fault> {
    let written = &text[span.clone()];
    let fault = |message: String, help| Fault { code: Code::TableAddress, span: span.clone(), message, help };
    let Some((label, value)) = written.split_once('$') else {
        let help = "a `.` inside a value is written `\\.`";
        return Err(fault(format!("expected `KEY$value`, found `{written}`"), Some(help)));
    };
    let value = if value.contains('\\') { value.replace("\\.", ".") } else { value.to_owned() };
    let key = match label.strip_prefix('~') {
        Some(kind) => Key::DomainDefined(kind.replace("\\.", ".")),
        None => usual_key(label)
            .or_else(|| Key::from_label(label))
            .ok_or_else(|| fault(format!("`{label}` is no key of an O/R address"), None))?,
    };
    // M-21: the characters of PrintableString, and those that write teletex.
    let allowed = |octet: u8| rasn_x400::prim::is_printable(octet) || matches!(octet, b'{' | b'}' | b'*');
    if value == "@" {
        return Ok(Part { key, value: None, span });
    }
    // Octets first: tables have millions of values.
    if !value.bytes().all(allowed)
        && let Some(character) = value.chars().find(|character| !u8::try_from(*character).is_ok_and(allowed))
    {
        let help = "an omitted level is written `@` and nothing else";
        return Err(fault(
            format!("`{character}` is not a character of PrintableString"),
            (character == '@').then_some(help),
        ));
    }
    Ok(Part { key, value: Some(value), span })
}

#[cfg(test)]
mod tests {
    use super::*;

    // ledger: mixer M-02
    #[test]
    fn paths_are_read_and_written() {
        let cases = [
            (r"PRMD$UK\.AC.ADMD$GOLD 400.C$GB", r"PRMD$UK\.AC.ADMD$GOLD 400.C$GB"), // M-20, M-21
            ("O$@.PRMD$GMD.ADMD$DBP.C$DE", "O$@.PRMD$GMD.ADMD$DBP.C$DE"),           // M-22
            ("PRMD$DEC.ADMD$@.C$US", "PRMD$DEC.ADMD$@.C$US"),
            ("O$Xerox.ADMD$ATT.C$US", "O$Xerox.PRMD$@.ADMD$ATT.C$US"), // M-24, Z-12
            ("ou$a.OU$b.O$c.P$d.A$ .C$GB", "OU$a.OU$b.O$c.PRMD$d.ADMD$ .C$GB"),
        ];
        for (text, written) in cases {
            assert_eq!(Path::parse(text).unwrap().to_text(), written, "{text}");
        }
    }

    // ledger: mixer AK-03
    #[test]
    fn what_is_no_path_is_pointed_at() {
        let cases = [
            ("UK.AC", Code::TableAddress, 0..2),
            (r"~ROLE$Big\.Chief.ADMD$ATT.C$US", Code::TableHierarchy, 0..16), // M-23
            ("S$a.C$US", Code::TableHierarchy, 0..3),
            ("C$US.ADMD$x", Code::TableHierarchy, 5..11),
            ("ADMD$x", Code::TableHierarchy, 0..6),
            ("ADMD$a.ADMD$b.C$US", Code::TableHierarchy, 0..6),
            ("OU$5.OU$4.OU$3.OU$2.OU$1.O$o.C$US", Code::TableHierarchy, 0..4),
            ("XX$a.C$US", Code::TableAddress, 0..4),
            ("O$a_b.C$US", Code::TableAddress, 0..5),
            ("O$a@.C$US", Code::TableAddress, 0..4),
            ("PRMD$12345678901234567.ADMD$a.C$US", Code::OutOfBounds, 0..22),
            ("", Code::TableAddress, 0..0),
        ];
        for (text, code, span) in cases {
            let fault = Path::parse(text).expect_err(text);
            assert_eq!((fault.code, fault.span), (code, span), "{text}: {}", fault.message);
        }
    }

    #[test]
    fn a_gateway_may_have_any_attributes() {
        let address = address(r"~ROLE$Big\.Chief.ADMD$ATT.C$US").unwrap(); // M-23, M-27
        assert_eq!(address.to_std_or(), "/DD.ROLE=Big.Chief/ADMD=ATT/C=US/");
        assert!(super::address("C$US.C$GB").is_err());
    }
}
