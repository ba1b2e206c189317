//! O/R addresses and domains as names of entries, and back (RFC 2294, RFC 2247; ledger D-01, D-02, D-04, D-07, D-09).

use super::name::{Name, Relative};
use super::schema::{self, COMPONENT_TYPE, COUNTRY, DOMAIN_COMPONENT, NUMERIC_COUNTRY, of_level};
use crate::rules::mcgam::is_label;
use crate::rules::pseudo_domain::{MAXIMUM_LEVELS, Path};

/// A collection of mappings: the entry under which the two trees are (D-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection(pub Name);

impl Collection {
    /// The root of the tree of O/R addresses.
    #[must_use]
    pub fn of_addresses(&self) -> Name {
        self.0.child(schema::COMMON_NAME, "X.400 to RFC 822")
    }

    /// The root of the tree of domains.
    #[must_use]
    pub fn of_domains(&self) -> Name {
        self.0.child(schema::COMMON_NAME, "RFC 822 to X.400")
    }

    /// The entries that may say something about a path: the whole of it first, its country last. Levels that the path
    /// does not reach are omitted ones, as in the tables (M-32).
    #[must_use]
    pub fn names_of_path(&self, path: &Path) -> Vec<Name> {
        let levels = (0..MAXIMUM_LEVELS).map(|level| path.levels.get(level).and_then(Option::as_deref));
        let mut name = self.of_addresses();
        let mut names: Vec<Name> = levels
            .enumerate()
            .map(|(level, value)| {
                name = below(&name, level, value);
                name.clone()
            })
            .collect();
        names.reverse();
        names
    }

    /// The entries that may say something about a domain: the whole of it first, its last label last (D-04).
    #[must_use]
    pub fn names_of_domain(&self, domain: &str) -> Vec<Name> {
        let mut name = self.of_domains();
        let mut names: Vec<Name> = domain
            .rsplit('.')
            .map(|label| {
                name = name.child(DOMAIN_COMPONENT, label);
                name.clone()
            })
            .collect();
        names.reverse();
        names
    }
}

/// One level further down. D-02, D-09
fn below(name: &Name, level: usize, value: Option<&str>) -> Name {
    match value {
        // D-07: the type of what is omitted names the entry.
        None => name.child(COMPONENT_TYPE, of_level(level).identifier),
        Some(value) if level == 0 && value.bytes().all(|octet| octet.is_ascii_digit()) => {
            name.child(NUMERIC_COUNTRY, value.trim())
        }
        // The ADMD without a name is an entry named by a space.
        Some(value) if value.trim().is_empty() => name.child(of_level(level), " "),
        Some(value) => name.child(of_level(level), value.trim()),
    }
}

/// The path that a name stands for, such as the value of associatedORAddress (D-05, D-07): from the country down, and
/// nothing but levels.
///
/// # Errors
/// What is not a level, or not where it should be.
pub fn path_of(name: &Name) -> Result<Path, String> {
    let mut levels: Vec<Option<String>> = Vec::new();
    for relative in name.0.iter().rev() {
        let [(kind, value)] = relative.as_slice() else {
            return Err(format!("`{}` is not a level of an O/R address", shown(relative)));
        };
        let (level, value) = if COMPONENT_TYPE.is_called(kind) {
            (level_of(value, levels.len()), None)
        } else {
            (level_of(kind, levels.len()), Some(value.clone()))
        };
        let Some(level) = level else {
            return Err(format!("`{}` is not a level of an O/R address", shown(relative)));
        };
        if level < levels.len() || (levels.is_empty() && level > 0) || level >= MAXIMUM_LEVELS {
            return Err(format!("`{}` stands where it cannot", shown(relative)));
        }
        levels.resize(level, None);
        levels.push(value);
    }
    if levels.is_empty() {
        return Err("the name is empty".to_owned());
    }
    // The bounds are those of the tables, the characters those of PrintableString (M-21).
    let path = Path::parse(&Path { levels }.to_text()).map_err(|fault| fault.message)?;
    let is_printable = |value: &String| value.bytes().all(rasn_x400::prim::is_printable);
    match path.levels.iter().flatten().find(|value| !is_printable(value)) {
        Some(value) => Err(format!("`{value}` has characters that are not in PrintableString")),
        None => Ok(path),
    }
}

/// The level of an attribute, given how many are filled.
fn level_of(kind: &str, filled: usize) -> Option<usize> {
    if COUNTRY.is_called(kind) || NUMERIC_COUNTRY.is_called(kind) {
        return Some(0);
    }
    if schema::ORGANIZATIONAL_UNIT.is_called(kind) {
        return Some(filled.max(4));
    }
    (1..4).find(|level| of_level(*level).is_called(kind))
}

fn shown(relative: &Relative) -> String {
    Name(vec![relative.clone()]).to_string()
}

/// A domain that a mapping can lead to.
///
/// # Errors
/// What is wrong with it.
pub fn domain_of(text: &str) -> Result<String, String> {
    let domain = text.trim().trim_end_matches('.');
    if domain.split('.').all(is_label) && domain.len() <= 255 {
        Ok(domain.to_owned())
    } else {
        Err(format!("`{}` is not a domain name", text.escape_debug()))
    }
}
