//! The tables of RFC 2156 Appendix F: `key#value#`. Which of the four a text is, its name tells, or the operator.

use super::draft::{Draft, Side};
use super::{At, Hints, Input, Unreadable};
use crate::rules::mcgam::Kind;
use crate::rules::pseudo_domain::{self, Path};

pub(super) fn read(inputs: &[Input], hints: &Hints, draft: &mut Draft) -> Result<(), Unreadable> {
    for (number, input) in inputs.iter().enumerate() {
        let named = hints.table.as_deref().unwrap_or(&input.name);
        let Some(kind) = Kind::from_name(named) else {
            let reason =
                format!("`{named}` does not tell which table it is: mapping1, mapping2, gate1 or gate2");
            return Err(Unreadable { name: input.name.clone(), reason });
        };
        let file = draft.file(number);
        for (index, text) in input.text.lines().enumerate() {
            // Z-11
            if text.starts_with('#') || text.trim().is_empty() {
                continue;
            }
            let at = At::new(&file, index + 1, text);
            if let Some((or, domain)) = fields(text, kind, &at, draft) {
                pair(kind, or, domain, &at, false, draft);
            }
        }
    }
    Ok(())
}

/// The O/R side and the domain of a line.
fn fields<'t>(text: &'t str, kind: Kind, at: &At, draft: &mut Draft) -> Option<(&'t str, &'t str)> {
    let (key, value) = halves(text, at, draft)?;
    let by_or = matches!(kind, Kind::OrToDomain | Kind::GatewayDomain);
    if key.contains('$') != by_or {
        let expected = if by_or { "O/R address#domain#" } else { "domain#O/R address#" };
        draft.left_out(at, format!("a line of this table is `{expected}`"));
        return None;
    }
    Some(if by_or { (key, value) } else { (value, key) })
}

/// What is before and after the `#`.
pub(super) fn halves<'t>(text: &'t str, at: &At, draft: &mut Draft) -> Option<(&'t str, &'t str)> {
    let mut parts = text.split('#');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(key), Some(value), Some(rest), None) if rest.trim().is_empty() => Some((key, value)),
        (Some(key), Some(value), None, None) => {
            draft.changed(at, "the `#` at the end was missing");
            Some((key, value.trim_end()))
        }
        _ => {
            draft.left_out(at, "a line has two fields, each ended by `#`");
            None
        }
    }
}

/// Takes a pair as it is written in these tables.
pub(super) fn pair(kind: Kind, or: &str, domain: &str, at: &At, local: bool, draft: &mut Draft) {
    let domain = domain.trim();
    let side = match kind {
        Kind::GatewayAddress => pseudo_domain::address(or).map(Side::Address),
        _ => Path::parse(or).map(Side::Path),
    };
    match side {
        Ok(side) => draft.map(kind, side, domain, at, local),
        Err(fault) => draft.faulty(at, fault),
    }
}
