//! Message identifiers: `Message-ID`, `In-Reply-To`, `References`, `Supersedes`, with the phrases RFC 822 allows.

use super::lexer::{Kind, tokens};

/// One element of an identifier field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A message identifier without its angle brackets, as written inside them.
    Identifier(String),
    /// Words that stand where an identifier could (I-08), unquoted.
    Phrase(String),
}

/// Reads the value of an identifier field. Comments are skipped; neighbouring words make one phrase.
#[must_use]
pub fn parse_references(value: &str) -> Vec<Reference> {
    let tokens = tokens(value);
    let mut out = Vec::new();
    let mut phrase = String::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if token.is('<') {
            end_phrase(&mut phrase, &mut out);
            let start = token.offset + 1;
            // Everything up to `>` belongs to the identifier, spaces too: broken ones must still match their like.
            let mut end = value.len();
            while let Some(inner) = tokens.get(at) {
                at += 1;
                if inner.is('>') {
                    end = inner.offset;
                    break;
                }
            }
            let identifier: String = value[start..end].trim().to_owned();
            if !identifier.is_empty() {
                out.push(Reference::Identifier(identifier));
            }
        } else if token.is(',') || token.is(';') {
            end_phrase(&mut phrase, &mut out);
        } else if token.kind != Kind::Comment {
            if token.spaced && !phrase.is_empty() {
                phrase.push(' ');
            }
            phrase.push_str(&token.unquoted());
        }
    }
    end_phrase(&mut phrase, &mut out);
    out
}

/// The single identifier of a `Message-ID` field; one without brackets is accepted if it looks like `left@right`.
#[must_use]
pub fn parse_message_id(value: &str) -> Option<String> {
    parse_references(value).into_iter().find_map(|reference| match reference {
        Reference::Identifier(identifier) => Some(identifier),
        Reference::Phrase(phrase) if phrase.contains('@') && !phrase.contains(' ') => Some(phrase),
        Reference::Phrase(_) => None,
    })
}

fn end_phrase(phrase: &mut String, out: &mut Vec<Reference>) {
    if !phrase.is_empty() {
        out.push(Reference::Phrase(std::mem::take(phrase)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_phrases() {
        let shown = |value| {
            parse_references(value)
                .into_iter()
                .map(|reference| match reference {
                    Reference::Identifier(id) => format!("<{id}>"),
                    Reference::Phrase(phrase) => phrase,
                })
                .collect::<Vec<_>>()
                .join(" | ")
        };
        for (value, expected) in [
            ("<a@b> <c@d>", "<a@b> | <c@d>"),
            ("<a@b>,<c@d>", "<a@b> | <c@d>"),
            // I-08
            ("your letter", "your letter"),
            ("Your message of \"Fri, 1 Jan\" <a@b>", "Your message of Fri, 1 Jan | <a@b>"),
            // I-02: an X.400 identifier, quoted
            (
                r#"<"147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/"@MHS>"#,
                r#"<"147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/"@MHS>"#,
            ),
            ("<a@b> (comment) <c", "<a@b> | <c>"),
            ("<>", ""),
        ] {
            assert_eq!(shown(value), expected, "{value}");
        }
        assert_eq!(parse_message_id("a@b").as_deref(), Some("a@b"));
        assert_eq!(parse_message_id("no id"), None);
    }
}
