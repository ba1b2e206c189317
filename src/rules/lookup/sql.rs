//! People in a table of a database: what is asked with, and what rows say.
//!
//! A query has its first column answered: the O/R address of an Internet address, or the other way about. A second column
//! may hold the address that was asked for; then only rows count where it is the very same, so a query may be coarse.

use std::ops::Range;

use rasn_x400::x411::address::text::{self, Key, KeyedAddress};

use super::{Found, Question, Record};
use crate::rules::directory::person;

/// Rows that are looked at. More than one person is too many already.
pub const ROWS: usize = 10;

/// Names that stand for something in a query by Internet address, besides `?1`, which is the address.
pub const OF_INTERNET: [&str; 3] = ["address", "local", "domain"];

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Octets of the query.
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

/// Looks at a query before there is a database: it only reads, and its parameters mean something.
pub(super) fn check(query: &str, of_or: bool) -> Result<(), Fault> {
    let first = query.split_whitespace().next().unwrap_or_default();
    if !["SELECT", "WITH", "VALUES"].iter().any(|word| word.eq_ignore_ascii_case(first)) {
        let message = "a query of a lookup is a SELECT".to_owned();
        return Err(Fault {
            span: 0..first.len(),
            message,
            help: "such as \"SELECT address FROM people WHERE mail = ?1\"".to_owned(),
        });
    }
    let mut any = false;
    for span in parameters(query) {
        any = true;
        let name = &query[span.clone()];
        if !is_known(name, of_or) {
            let message = format!("`{name}` stands for nothing in this query");
            let known = if of_or {
                "?1, :or, :display, and keys such as :S, :OU1"
            } else {
                "?1, :address, :local, :domain"
            };
            return Err(Fault { span, message, help: format!("known here: {known}") });
        }
    }
    if any {
        return Ok(());
    }
    let message = "the query does not say who is sought".to_owned();
    Err(Fault { span: 0..query.len(), message, help: "`?1` is the address that is asked for".to_owned() })
}

fn is_known(name: &str, of_or: bool) -> bool {
    if matches!(name, "?" | "?1") {
        return true;
    }
    let Some(name) = name.strip_prefix([':', '@', '$']) else { return false };
    if of_or {
        person::OF_OR.contains(&name) || Key::from_label(name).is_some()
    } else {
        OF_INTERNET.contains(&name)
    }
}

/// The places of parameters in a query, outside of strings, quoted names and comments.
fn parameters(query: &str) -> Vec<Range<usize>> {
    let octets = query.as_bytes();
    let mut found = Vec::new();
    let mut place = 0;
    let until =
        |from: usize, end: &str| query[from..].find(end).map_or(query.len(), |at| from + at + end.len());
    while let Some(&octet) = octets.get(place) {
        place = match octet {
            b'\'' => until(place + 1, "'"),
            b'"' => until(place + 1, "\""),
            b'`' => until(place + 1, "`"),
            b'[' => until(place + 1, "]"),
            b'-' if query[place..].starts_with("--") => until(place, "\n"),
            b'/' if query[place..].starts_with("/*") => until(place, "*/"),
            b'?' | b':' | b'@' | b'$' => {
                let rest = &octets[place + 1..];
                let length =
                    rest.iter().take_while(|octet| octet.is_ascii_alphanumeric() || **octet == b'_').count();
                found.push(place..place + 1 + length);
                place + 1 + length
            }
            _ => place + query[place..].chars().next().map_or(1, char::len_utf8),
        };
    }
    found
}

/// What a parameter stands for. None, which is NULL in the query, where the address has no such attribute.
#[must_use]
pub fn parameter(name: Option<&str>, question: &Question) -> Option<String> {
    let name = name.map(|name| name.trim_start_matches(['?', ':', '@', '$'])).unwrap_or_default();
    match question {
        Question::Mailbox(mailbox) => {
            let (local, domain) = mailbox.rsplit_once('@').unwrap_or((mailbox, ""));
            match name {
                "" | "1" | "address" => Some(mailbox.clone()),
                "local" => Some(local.to_owned()),
                "domain" => Some(domain.to_owned()),
                _ => None,
            }
        }
        Question::Address(written) => match name {
            "" | "1" | "or" => Some(written.clone()),
            name => {
                let address = text::parse(written).ok()?;
                if name == "display" { Some(address.to_display()) } else { person::value_of(&address, name) }
            }
        },
        Question::Domain(_) | Question::Path(_) => None,
    }
}

/// A row: the address that was sought, and the one that was asked for if the query gives it.
pub type Row = (Option<String>, Option<String>);

/// What rows say. None: nobody has the address.
///
/// # Errors
/// When they say two things, or what is no address. It may be mended.
pub fn read(question: &Question, rows: &[Row], source: &str) -> Result<Option<Found>, String> {
    if rows.len() > ROWS {
        return Err(format!("more than {ROWS} rows"));
    }
    let found = match question {
        Question::Mailbox(mailbox) => {
            or_address(mailbox, rows)?.map(|address| Record::Person { mailbox: mailbox.clone(), address })
        }
        Question::Address(written) => {
            let address = text::parse(written).map_err(|error| format!("`{written}`: {error}"))?;
            mailbox(&address, rows)?.map(|mailbox| Record::Person { mailbox, address })
        }
        Question::Domain(_) | Question::Path(_) => None,
    };
    let Some(record) = found else { return Ok(None) };
    // An address that no mail can have would otherwise pass for nobody's.
    record.depth(question).map_err(|unfit| unfit.to_string())?;
    Ok(Some(Found { record, origin: format!("a row of {source}") }))
}

fn or_address(asked: &str, rows: &[Row]) -> Result<Option<KeyedAddress>, String> {
    let mut found: Option<KeyedAddress> = None;
    for (value, key) in rows {
        let Some(value) = value else { continue };
        if key.as_ref().is_some_and(|key| !key.eq_ignore_ascii_case(asked)) {
            continue;
        }
        let address = read_or(value)?;
        if found.as_ref().is_some_and(|known| !person::is_same(known, &address)) {
            return Err(format!("two O/R addresses for `{asked}`"));
        }
        found = Some(address);
    }
    Ok(found)
}

fn mailbox(asked: &KeyedAddress, rows: &[Row]) -> Result<Option<String>, String> {
    let mut found: Option<String> = None;
    for (value, key) in rows {
        let Some(value) = value else { continue };
        if let Some(key) = key
            && !person::is_same(&read_or(key)?, asked)
        {
            continue;
        }
        if found.as_ref().is_some_and(|known| !known.eq_ignore_ascii_case(value)) {
            return Err(format!("two Internet addresses for `{}`", asked.to_display()));
        }
        found = Some(value.trim().to_owned());
    }
    Ok(found)
}

/// An O/R address, also with the prefix that proxy addresses have.
fn read_or(value: &str) -> Result<KeyedAddress, String> {
    text::parse(person::without_prefix(value)).map_err(|error| format!("`{}`: {error}", value.escape_debug()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_looked_at_before_there_is_a_database() {
        for (query, of_or) in [
            ("SELECT address FROM people WHERE mail = ?1", false),
            ("select o from p where l = :local and d = @domain -- and :x", false),
            ("WITH a AS (SELECT 1) SELECT b, c FROM d WHERE s = $S AND e = ':y' AND \"?2\" = ?", true),
            ("SELECT m FROM p WHERE o /* :z */ = :or AND u = :OU1", true),
        ] {
            assert_eq!(check(query, of_or), Ok(()), "{query}");
        }
        for (query, of_or, span) in [
            ("DELETE FROM people WHERE mail = ?1", false, 0..6),
            ("", false, 0..0),
            ("SELECT 1", false, 0..8),
            ("SELECT 1 WHERE ?2", false, 15..17),
            ("SELECT 1 WHERE :S", false, 15..17),
            ("SELECT 1 WHERE :local", true, 15..21),
            ("SELECT 'ü' WHERE é = :zz", true, 23..26),
        ] {
            assert_eq!(check(query, of_or).unwrap_err().span, span, "{query}");
        }
    }

    fn row(value: &str, key: Option<&str>) -> Row {
        (Some(value.to_owned()), key.map(str::to_owned))
    }

    #[test]
    fn rows_say_one_thing_or_nothing() {
        let asked = Question::Mailbox("a@x.example".to_owned());
        let anna = "S=Weber; O=x; A=mail; C=de";
        let found = |rows: &[Row]| read(&asked, rows, "p.db").map(|found| found.is_some());
        assert_eq!(found(&[]), Ok(false));
        assert_eq!(found(&[(None, None)]), Ok(false));
        assert_eq!(found(&[row(anna, None), row("X400:c=DE;a=MAIL;o=x;s=weber;", None)]), Ok(true));
        assert_eq!(
            found(&[row("S=other; A=mail; C=de", Some("b@x.example")), row(anna, Some("A@X.example"))]),
            Ok(true)
        );
        for rows in [
            vec![row("nonsense", None)],
            vec![row(anna, None), row("S=other; A=mail; C=de", None)],
            vec![row(anna, None); ROWS + 1],
        ] {
            assert!(found(&rows).is_err(), "{rows:?}");
        }
        let asked = Question::Address("/S=Weber/O=x/ADMD=mail/C=de/".to_owned());
        let found = |rows: &[Row]| read(&asked, rows, "p.db").map(|found| found.map(|found| found.record));
        let Ok(Some(Record::Person { mailbox, .. })) =
            found(&[row("a@x.example", Some("/C=DE/ADMD=mail/O=X/S=WEBER/"))])
        else {
            panic!("found")
        };
        assert_eq!(mailbox, "a@x.example");
        assert_eq!(found(&[row("b@x.example", Some("S=Weberknecht; O=x; A=mail; C=de"))]), Ok(None));
        for rows in [
            vec![row("no address", None)],
            vec![row("a@x.example", Some("nonsense"))],
            vec![row("a@x.example", None), row("b@x.example", None)],
        ] {
            assert!(found(&rows).is_err(), "{rows:?}");
        }
    }

    #[test]
    fn parameters_are_parts_of_the_address() {
        let mailbox = Question::Mailbox("a.b@x.example".to_owned());
        let address = Question::Address("/S=Weber/OU=u2/OU=u1/O=x/ADMD= /C=de/".to_owned());
        for (name, question, value) in [
            (None, &mailbox, Some("a.b@x.example")),
            (Some("?1"), &mailbox, Some("a.b@x.example")),
            (Some(":local"), &mailbox, Some("a.b")),
            (Some("@domain"), &mailbox, Some("x.example")),
            (Some("?1"), &address, Some("/S=Weber/OU=u2/OU=u1/O=x/ADMD= /C=de/")),
            (Some(":display"), &address, Some("S=Weber; O=x; OU1=u1; OU2=u2; C=de")),
            (Some("$OU1"), &address, Some("u1")),
            (Some(":G"), &address, None),
        ] {
            assert_eq!(parameter(name, question).as_deref(), value, "{name:?}");
        }
    }
}
