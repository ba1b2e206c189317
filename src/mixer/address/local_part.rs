//! The local part as X.400 attributes: std-or, else a personal name (RFC 2156 4.3.4 stage I; ledger ).

use std::borrow::Cow;

use rasn_x400::prim::is_printable;
use rasn_x400::x411::address::text::personal::EncodedName;
use rasn_x400::x411::address::text::{self, Key, KeyedAddress, TextError};

/// Why a local part is not the text of an X.400 address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotX400 {
    /// Octets of the unquoted local part before the fault.
    pub(super) offset: usize,
    pub(super) reason: Cow<'static, str>,
    pub(super) clause: &'static str,
    pub(super) suggestion: Option<String>,
    /// It was meant as std-or and is not.
    pub(super) is_mistaken: bool,
    /// What its domain is was not to be learnt now.
    pub(super) is_undetermined: bool,
}

/// How a local part was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Attributes,
    PersonalName,
}

/// Reads an unquoted local part.
pub(super) fn read(local: &str) -> Result<(KeyedAddress, Reading), NotX400> {
    let refused = |offset, reason: &'static str, clause| NotX400 {
        offset,
        reason: reason.into(),
        clause,
        suggestion: None,
        is_mistaken: false,
        is_undetermined: false,
    };
    //
    if let Some(offset) = stray_space(local) {
        return Err(refused(offset, "a space at an end, or two together", "RFC 2156 4.3.4 I.2"));
    }
    // A-104, Z-06, Z-08
    let allowed = |octet: u8| is_printable(octet) || b"{}*$;|\"#_".contains(&octet);
    let is_attributes = local.starts_with(['/', ';']) || local.contains('=');
    if let Some((offset, _)) = local.char_indices().find(|(_, character)| {
        let fits = u8::try_from(*character).is_ok_and(allowed);
        !fits || (!is_attributes && matches!(character, '"' | '#' | '_'))
    }) {
        return Err(refused(offset, "a character that no X.400 address has", "RFC 2156 4.3.4 I.3"));
    }
    // what looks like attributes is not taken for a name when it is not understood.
    if is_attributes {
        return text::parse(local).map(|address| (address, Reading::Attributes)).map_err(mistaken);
    }
    match EncodedName::parse(local) {
        // Z-56: a name that would be written in another way does not come back.
        Some(name) if name.generate().as_deref() == Some(local) => Ok((keyed(name), Reading::PersonalName)),
        Some(_) => Err(refused(0, "a name that would not come back as it is", "RFC 2156 4.1.2")),
        None => Err(refused(0, "neither attributes nor a personal name", "RFC 2156 4.3.4 I.4")),
    }
}

fn mistaken(error: TextError) -> NotX400 {
    NotX400 {
        offset: error.offset,
        reason: error.to_string().into(),
        clause: error.clause,
        suggestion: error.suggestion,
        is_mistaken: true,
        is_undetermined: false,
    }
}

fn stray_space(local: &str) -> Option<usize> {
    if local.starts_with(' ') {
        Some(0)
    } else if local.ends_with(' ') {
        Some(local.len() - 1)
    } else {
        local.find("  ")
    }
}

fn keyed(name: EncodedName) -> KeyedAddress {
    let parts =
        [(Key::GivenName, name.given), (Key::Initials, name.initials), (Key::Surname, Some(name.surname))];
    parts.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// The name as people write it, if these attributes are a personal name and reading it gives them back.
pub(super) fn personal_name(attributes: &KeyedAddress) -> Option<String> {
    let get = |key: &Key| attributes.get(key).map(str::to_owned);
    let name = EncodedName {
        given: get(&Key::GivenName),
        initials: get(&Key::Initials),
        surname: get(&Key::Surname)?,
    };
    let text = name.generate()?;
    (read(&text) == Ok((attributes.clone(), Reading::PersonalName))).then_some(text)
}
