//! The values of `MMHS-` fields (RFC 6477 4; ledger beyond M-11).

use rasn_x400::prim::is_printable;

use crate::message::lexer::{Kind, tokens, without_comments};
use crate::mixer::header_block::quoted;

/// Characters of a military string (STANAG 4406 ub-military-string).
const MAX_STRING: usize = 69;

const PRECEDENCES: [(&str, i64); 6] =
    [("deferred", 0), ("routine", 1), ("priority", 2), ("immediate", 3), ("flash", 4), ("override", 5)];
const MESSAGE_TYPES: [(&str, i64); 4] = [("exercise", 0), ("operation", 1), ("project", 2), ("drill", 3)];

/// A precedence: a number without leading zeros or a name in any case, comments aside.
pub(crate) fn precedence(value: &str) -> Option<i64> {
    named_number(&without_comments(value), &PRECEDENCES)
}

/// A precedence as it is written: the number with its name, if it has one.
pub(crate) fn precedence_text(value: i64) -> String {
    numbered(value, &PRECEDENCES)
}

/// A message type and what it names.
pub(crate) fn message_type(value: &str) -> Option<(i64, Option<String>)> {
    let tokens = tokens(value);
    let end = tokens.iter().find(|token| token.is(';')).map_or(value.len(), |token| token.offset);
    let number = named_number(&without_comments(&value[..end]), &MESSAGE_TYPES)?;
    let mut rest =
        tokens.iter().skip_while(|token| token.offset <= end).filter(|token| token.kind != Kind::Comment);
    if end == value.len() {
        return Some((number, None));
    }
    // `identifier="…"`: the equals sign is a character of an atom.
    let mut name = String::new();
    let mut identifier = None;
    for token in &mut rest {
        match token.kind {
            Kind::Quoted => identifier = Some(token.unquoted()),
            _ => name.push_str(token.text),
        }
    }
    let is_identifier = name.eq_ignore_ascii_case("identifier=");
    let identifier = identifier.filter(|text| is_identifier && is_military_string(text))?;
    Some((number, Some(identifier)))
}

/// A message type as it is written.
pub(crate) fn message_type_text(value: i64, identifier: Option<&str>) -> String {
    let number = numbered(value, &MESSAGE_TYPES);
    match identifier {
        Some(identifier) => format!("{number}; identifier={}", quoted(identifier)),
        None => number,
    }
}

/// One military string; spaces around it are not part of it.
pub(crate) fn military_string(value: &str) -> Option<String> {
    let value = value.trim();
    is_military_string(value).then(|| value.to_owned())
}

/// Military strings between semicolons.
pub(crate) fn military_strings(value: &str) -> Option<Vec<String>> {
    value.split(';').map(military_string).collect()
}

/// Subject indicator codes between semicolons: three to eight characters each.
pub(crate) fn subject_indicator_codes(value: &str) -> Option<Vec<String>> {
    let codes = military_strings(value)?;
    codes.iter().all(|code| (3..=8).contains(&code.len())).then_some(codes)
}

/// A number without leading zeros.
pub(crate) fn number(value: &str) -> Option<i64> {
    let value = value.trim();
    let is_number = value == "0" || (!value.starts_with('0') && !value.is_empty());
    (is_number && value.len() <= 9 && value.bytes().all(|octet| octet.is_ascii_digit()))
        .then(|| value.parse().ok())
        .flatten()
}

fn named_number(value: &str, names: &[(&str, i64)]) -> Option<i64> {
    let value = value.trim();
    let named = names.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)).map(|(_, number)| *number);
    named.or_else(|| number(value))
}

fn numbered(value: i64, names: &[(&str, i64)]) -> String {
    match names.iter().find(|(_, number)| *number == value) {
        Some((name, _)) => format!("{value} ({name})"),
        None => value.to_string(),
    }
}

fn is_military_string(text: &str) -> bool {
    (1..=MAX_STRING).contains(&text.len()) && text.bytes().all(is_printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    // ledger: beyond M-11
    #[test]
    fn values_are_read() {
        for (text, value) in [
            ("0 (Deferred)", Some(0)),
            ("FLASH", Some(4)),
            ("7", Some(7)),
            ("2 (priority)", Some(2)),
            ("01", None),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("flashy", None),
        ] {
            assert_eq!(precedence(text), value, "{text}");
        }
        for (text, value) in [
            ("0(exercise); identifier=\"CANDLE FISH\"", Some((0, Some("CANDLE FISH".to_owned())))),
            ("3", Some((3, None))),
            ("2 (projet)", Some((2, None))),
            ("project", Some((2, None))),
            ("drill ; identifier = \"A\"", Some((3, Some("A".to_owned())))),
            ("drill; name=\"A\"", None),
            ("drill;", None),
            ("00", None),
        ] {
            assert_eq!(message_type(text), value, "{text}");
        }
        assert_eq!(subject_indicator_codes("SDM; KKZ ; BRL").unwrap_or_default(), ["SDM", "KKZ", "BRL"]);
        assert_eq!(subject_indicator_codes("SD"), None);
        assert_eq!(subject_indicator_codes("SDMSDMSDM"), None);
        assert_eq!(military_string(&"X".repeat(70)), None);
        assert_eq!(military_string("A_B"), None);
        assert_eq!(military_strings("RXFPA ZOV MINDEF").unwrap_or_default(), ["RXFPA ZOV MINDEF"]);
        assert_eq!(military_strings("A;;B"), None);
    }

    #[test]
    fn values_are_written_as_they_are_read() {
        for value in 0..40 {
            assert_eq!(precedence(&precedence_text(value)), Some(value));
            let identifier = Some("CANDLE FISH".to_owned());
            let text = message_type_text(value, identifier.as_deref());
            assert_eq!(message_type(&text), Some((value, identifier)), "{text}");
        }
    }
}
