//! `Received` fields: who took the message from whom, and when.

use time::OffsetDateTime;

use super::date::parse_date;
use super::lexer::{Kind, Token, tokens};

/// What a gateway writes into a comment.
const MIXER_CONVERSION: &str = "MIXER Conversion";

/// One trace line of an SMTP hop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// The name behind `from`.
    pub from: Option<String>,
    /// The name behind `by`.
    pub by: Option<String>,
    /// The word behind `id`.
    pub id: Option<String>,
    /// The date behind the last `;`, if it can be read.
    pub date: Option<OffsetDateTime>,
    /// Whether the comments say that a MIXER gateway converted the message there.
    pub mixer_conversion: bool,
}

/// Reads the value of a `Received` field. Clauses that are missing or cannot be read are left out.
#[must_use]
pub fn parse_received(value: &str) -> Received {
    let tokens = tokens(value);
    let last_semicolon = tokens.iter().rposition(|token| token.is(';'));
    let mut received = Received {
        date: last_semicolon.and_then(|at| parse_date(&value[tokens[at].offset + 1..])),
        mixer_conversion: tokens
            .iter()
            .any(|token| token.kind == Kind::Comment && contains_ignoring_case(token.text, MIXER_CONVERSION)),
        ..Received::default()
    };
    let mut words = words(value, &tokens[..last_semicolon.unwrap_or(tokens.len())]);
    while let Some(word) = words.next() {
        let slot = match word {
            _ if word.eq_ignore_ascii_case("from") => &mut received.from,
            _ if word.eq_ignore_ascii_case("by") => &mut received.by,
            _ if word.eq_ignore_ascii_case("id") => &mut received.id,
            _ => continue,
        };
        if slot.is_none() {
            *slot = words.next().map(str::to_owned);
        }
    }
    received
}

/// What stands between white space and comments.
fn words<'a>(value: &'a str, tokens: &[Token<'a>]) -> impl Iterator<Item = &'a str> {
    let words = tokens.chunk_by(|one, next| !one.is_comment() && !next.is_comment() && !next.spaced);
    words.filter_map(|word| {
        let (first, last) = (word.first()?, word.last()?);
        (!first.is_comment()).then(|| &value[first.offset..last.offset + last.text.len()])
    })
}

/// Whether the comments of a `Received` field say that a MIXER gateway converted the message there.
#[must_use]
pub fn is_mixer_conversion(value: &str) -> bool {
    contains_ignoring_case(value, MIXER_CONVERSION) && parse_received(value).mixer_conversion
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::message::date::format_date;

    #[test]
    fn clauses_are_found_in_any_order() {
        // P-45
        let received = parse_received(
            "from computer-science.nottingham.ac.uk by vs6.Cs.Ucl.AC.UK via Janet with NIFTP  id aa03794; 28 Mar 89 16:38 GMT",
        );
        assert_eq!(received.by.as_deref(), Some("vs6.Cs.Ucl.AC.UK"));
        assert_eq!(received.from.as_deref(), Some("computer-science.nottingham.ac.uk"));
        assert_eq!(received.id.as_deref(), Some("aa03794"));
        assert_eq!(format_date(received.date.unwrap()), "Tue, 28 Mar 1989 16:38:00 +0000");

        let received =
            parse_received("from a.example (b.example [192.0.2.1]) by c.example (Postfix) with ESMTPS; junk");
        assert_eq!((received.by.as_deref(), received.date), (Some("c.example"), None));
        assert_eq!(parse_received("(qmail 1 invoked by uid 1); 1 Jan 2024 00:00:00 +0000").by, None);
    }

    #[test]
    fn a_gateway_is_recognised_by_its_comment() {
        //
        let value = "from isode.com by isode.com (MIXER Conversion following RFC 2156); Thu, 2 Jan 1997 14:46:03 +0000";
        assert!(parse_received(value).mixer_conversion);
        assert!(!parse_received("from a by b (mixer); 1 Jan 2024 00:00 +0000").mixer_conversion);
    }
}
