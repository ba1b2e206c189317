//! Values in the encoding of their key (RFC 2156 4.1.1; ledger, E-03, E-18).

use super::key::{Encoding, Key};
use super::presentation;
use super::teletex::{self, Both, TeletexError};
use crate::prim::is_printable;

/// Why a value does not fit its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) offset: usize,
    pub(super) expected: &'static str,
    pub(super) clause: &'static str,
}

impl From<TeletexError> for Misfit {
    fn from(error: TeletexError) -> Self {
        Self { offset: error.offset, expected: error.expected, clause: "RFC 2156 3.3.4" }
    }
}

/// Checks a value and returns it as it is kept: terminal types get their label, everything else stays.
pub(super) fn fit(key: &Key, value: String) -> Result<String, Misfit> {
    match key.encoding() {
        Encoding::Printable | Encoding::PrintableOrTeletex if is_plain(&value) => {}
        Encoding::Printable => printable(&value).map(drop)?,
        Encoding::Numeric => numeric(&value)?,
        Encoding::PrintableOrTeletex => Both::from_text(&value).map(drop)?,
        Encoding::PostalAddress => postal(&value).map(drop)?,
        Encoding::LabelledInteger => return labelled(&value).map(terminal_type),
        Encoding::PresentationAddress => {
            presentation::parse(&value).map_err(|error| Misfit {
                offset: error.offset,
                expected: error.expected,
                clause: "RFC 1278 3",
            })?;
        }
    }
    if let Key::DomainDefined(kind) = key
        && !(is_plain(kind) && is_plain(&value))
    {
        domain_defined(kind, &value)?;
    }
    Ok(value)
}

/// Whether a value is its own octets: one form, and nothing in braces.
pub(super) fn is_plain(value: &str) -> bool {
    value.bytes().all(is_printable)
}

/// The octets of a printable value. Braces stand for octets that came in a PrintableString without belonging there.
pub(super) fn printable(value: &str) -> Result<Vec<u8>, Misfit> {
    Ok(teletex::from_text(value)?)
}

fn numeric(value: &str) -> Result<(), Misfit> {
    match value.bytes().position(|octet| !octet.is_ascii_digit() && octet != b' ') {
        None => Ok(()),
        Some(offset) => Err(Misfit { offset, expected: "a digit", clause: "RFC 2156 3.3.2" }),
    }
}

/// Printable lines, if any, and teletex, if any.
type Postal = (Vec<Vec<u8>>, Option<Vec<u8>>);

/// The parts of an unformatted postal address.
pub(super) fn postal(value: &str) -> Result<Postal, Misfit> {
    let (lines, teletex) = value.split_once('*').map_or((value, None), |(lines, rest)| (lines, Some(rest)));
    let mut octets = Vec::new();
    let mut offset = 0;
    for line in lines.split('|') {
        octets.push(
            teletex::from_text(line)
                .map_err(|error| Misfit { offset: offset + error.offset, ..error.into() })?,
        );
        offset += line.len() + 1;
    }
    if lines.is_empty() && teletex.is_some() {
        octets.clear();
    }
    let teletex = teletex.map(|text| {
        teletex::from_text(text).map_err(|error| Misfit { offset: offset + error.offset, ..error.into() })
    });
    Ok((octets, teletex.transpose()?))
}

/// Words for terminal types (X.411 8.5.5.19; RFC 1685 F.3.2.2).
const TERMINAL_TYPES: [(i64, &str); 6] =
    [(3, "tlx"), (4, "ttx"), (5, "g3fax"), (6, "g4fax"), (7, "ia5"), (8, "vtx")];

/// `label(number)` with the preferred label.
pub(super) fn terminal_type(number: i64) -> String {
    let label = TERMINAL_TYPES.iter().find(|(known, _)| *known == number).map_or("", |(_, label)| label);
    format!("{label}({number})")
}

/// The number of `label(number)`; only the number counts. A word of the list above, or a bare number, will do.
pub(super) fn labelled(value: &str) -> Result<i64, Misfit> {
    let digits = match value.split_once('(') {
        Some((label, rest)) if label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-') => {
            rest.strip_suffix(')')
        }
        Some(_) => None,
        None => Some(value),
    };
    TERMINAL_TYPES
        .iter()
        .find(|(_, label)| label.eq_ignore_ascii_case(value))
        .map(|(number, _)| *number)
        .or_else(|| digits?.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits?.parse().ok())?)
        .ok_or(Misfit {
            offset: 0,
            expected: "a terminal type: `tlx(3)`, `ttx(4)`, `g3fax(5)`, `g4fax(6)`, `ia5(7)`, `vtx(8)` or `(number)`",
            clause: "RFC 2156 3.3.6",
        })
}

/// A domain-defined attribute: type and value, as far as there is a printable and a teletex form.
pub(super) struct DomainDefined {
    pub(super) printable: Option<(Vec<u8>, Vec<u8>)>,
    pub(super) teletex: Option<(Vec<u8>, Vec<u8>)>,
}

/// Aligns type and value: they end up printable, teletex, or both, together (ledger A-17).
pub(super) fn domain_defined(kind: &str, value: &str) -> Result<DomainDefined, Misfit> {
    if is_plain(kind) && is_plain(value) {
        let printable = Some((kind.as_bytes().to_vec(), value.as_bytes().to_vec()));
        return Ok(DomainDefined { printable, teletex: None });
    }
    let (kind, value) = (Both::from_text(kind)?, Both::from_text(value)?);
    let both_teletex = (kind.as_teletex().to_vec(), value.as_teletex().to_vec());
    let has_teletex = kind.teletex.is_some() || value.teletex.is_some();
    let has_both = |form: &Both| form.printable.is_some() && form.teletex.is_some();
    match (kind.printable.clone(), value.printable.clone()) {
        (Some(kind), Some(value)) => {
            Ok(DomainDefined { printable: Some((kind, value)), teletex: has_teletex.then_some(both_teletex) })
        }
        _ if has_both(&kind) || has_both(&value) => Err(Misfit {
            offset: 0,
            expected: "type and value of a domain-defined attribute in the same encodings",
            clause: "RFC 2156 4.1.3",
        }),
        _ => Ok(DomainDefined { printable: None, teletex: Some(both_teletex) }),
    }
}
