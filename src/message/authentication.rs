//! `Authentication-Results`: what a server found out about where a mail comes from (RFC 8601).

use super::header::{Field, Header};

/// The name of the field.
const NAME: &str = "Authentication-Results";

/// Puts what this server found before all fields; `results` is the value of the field.
pub(crate) fn lead(header: &mut Header, results: &str) {
    if let Some(ours) = identifier(results) {
        take_away(header, &ours);
    }
    header.lead_with(vec![Field::new(NAME, results)]);
}

/// RFC 8601 5: takes away the fields that claim to be from this server.
pub(crate) fn take_away(header: &mut Header, server: &str) {
    header.retain(|field| !claims(&field.name, &field.value, server));
}

/// Whether a field claims to be from this server, any case.
pub(crate) fn claims(name: &str, value: &str, server: &str) -> bool {
    name.eq_ignore_ascii_case(NAME) && identifier(value).is_some_and(|found| found == server.to_lowercase())
}

/// The server that a field is from, in lower case: the `authserv-id` before everything (RFC 8601 2.2).
fn identifier(value: &str) -> Option<String> {
    let mut rest = value;
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix('(') {
            Some(comment) => rest = after_comment(comment)?,
            None => break,
        }
    }
    let found = match rest.strip_prefix('"') {
        Some(quoted) => {
            let mut name = String::new();
            let mut characters = quoted.chars();
            loop {
                match characters.next()? {
                    '"' => break name,
                    '\\' => name.push(characters.next()?),
                    character => name.push(character),
                }
            }
        }
        None => rest.split([';', '(', ' ', '\t', '\r', '\n']).next().unwrap_or_default().to_owned(),
    };
    (!found.is_empty()).then(|| found.to_lowercase())
}

/// What follows a comment whose parenthesis is read already; comments stand in comments.
fn after_comment(text: &str) -> Option<&str> {
    let mut depth = 1_usize;
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(place + 1..);
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[test]
    fn the_server_that_a_field_is_from() {
        for (value, expected) in [
            ("gw.example; spf=pass", Some("gw.example")),
            (" (a (nested \\) one)) GW.example 1; none", Some("gw.example")),
            ("gw.example(comment); none", Some("gw.example")),
            ("\"gw.ex\\ample\" ; none", Some("gw.example")),
            ("gw.example", Some("gw.example")),
            ("", None),
            ("(never closed gw.example; spf=pass", None),
            ("\"never closed; spf=pass", None),
            ("; spf=pass", None),
        ] {
            assert_eq!(identifier(value).as_deref(), expected, "{value}");
        }
    }

    /// RFC 8601 5: nobody else speaks in our name, and others may say what they want.
    #[test]
    fn what_others_claim_in_our_name_is_taken_away() {
        let mail = "Authentication-Results: gw.example; spf=pass\r\n\
                    authentication-results : (x) \"GW.EXAMPLE\" 1;\r\n dkim=pass\r\n\
                    Authentication-Results: other.example; spf=pass\r\nSubject: s\r\n\r\n";
        let mut message = Message::parse(mail.into());
        let lines = |message: &Message| -> Vec<String> {
            message.header().fields().iter().map(Field::line).collect()
        };
        take_away(message.header_mut(), "GW.example");
        let others = ["Authentication-Results: other.example; spf=pass", "Subject: s"];
        assert_eq!(lines(&message), others);
        let mut message = Message::parse(mail.into());
        lead(message.header_mut(), "gw.example; spf=fail");
        let ours = "Authentication-Results: gw.example; spf=fail";
        assert_eq!(lines(&message), [&[ours][..], &others].concat());
    }
}
