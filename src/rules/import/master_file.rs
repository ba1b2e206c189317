//! Master files of DNS (RFC 1035 5): records with their owners, whatever their type.

use crate::rules::lookup::px::message::Name;

/// A record as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Where it begins, from 1.
    pub(super) line: usize,
    pub(super) owner: Name,
    /// The type, in upper case.
    pub(super) kind: String,
    /// What follows the type.
    pub(super) fields: Vec<String>,
    /// The origin where it stands.
    pub(super) origin: Option<Name>,
}

/// What cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// From 1.
    pub(super) line: usize,
    pub(super) reason: String,
}

/// Octets of a label, and of a name with its lengths (RFC 1035 2.3.4).
const LABEL_LIMIT: usize = 63;
const NAME_LIMIT: usize = 255;

/// A line, with those that parentheses join to it.
struct Line {
    number: usize,
    /// It begins with a space: the owner is that of the record before.
    continues: bool,
    tokens: Vec<Token>,
}

struct Token {
    text: String,
    /// In quotes, where nothing has a meaning of its own.
    quoted: bool,
}

/// Reads a file. `origin` is what relative names are relative to until the file says so.
pub(super) fn records(text: &str, origin: Option<Name>) -> Vec<Result<Record, Fault>> {
    let (lines, unclosed) = lines(text);
    let mut reader = Reader { origin, owner: None };
    let mut found: Vec<Result<Record, Fault>> = lines
        .into_iter()
        .filter_map(|line| {
            let number = line.number;
            reader.line(line).map_err(|reason| Fault { line: number, reason }).transpose()
        })
        .collect();
    if let Some(line) = unclosed {
        found.push(Err(Fault { line, reason: "a parenthesis or a quote is not closed".to_owned() }));
    }
    found
}

/// Takes the text apart; with the line of what is not closed, if there is such.
fn lines(text: &str) -> (Vec<Line>, Option<usize>) {
    let mut lines = Vec::new();
    let mut line = Line { number: 1, continues: false, tokens: Vec::new() };
    let mut token: Option<Token> = None;
    let (mut number, mut depth, mut at_start) = (1, 0_usize, true);
    let mut opened = 1;
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let was_start = std::mem::replace(&mut at_start, false);
        match character {
            '\\' => {
                let token = token.get_or_insert(Token { text: String::new(), quoted: false });
                token.text.push('\\');
                match characters.next() {
                    // A backslash at the end of a line joins the next one, as RFC 2163 prints its examples.
                    Some('\n') if !quoted => {
                        token.text.pop();
                        number += 1;
                    }
                    Some(next) => token.text.push(next),
                    None => {}
                }
                continue;
            }
            '"' if quoted => quoted = false,
            '"' => {
                quoted = true;
                opened = number;
                token.get_or_insert(Token { text: String::new(), quoted: true }).quoted = true;
                continue;
            }
            _ if quoted => {
                number += usize::from(character == '\n');
                if let Some(token) = &mut token {
                    token.text.push(character);
                }
                continue;
            }
            ';' => {
                line.tokens.extend(token.take());
                // To the end of the line, which is looked at next.
                let rest = characters.as_str();
                let length = rest.find('\n').unwrap_or(rest.len());
                characters = rest[length..].chars();
                continue;
            }
            '(' => {
                depth += 1;
                opened = number;
            }
            ')' => depth = depth.saturating_sub(1),
            '\n' => {
                number += 1;
                if depth == 0 {
                    line.tokens.extend(token.take());
                    let next = Line { number, continues: false, tokens: Vec::new() };
                    let ended = std::mem::replace(&mut line, next);
                    if !ended.tokens.is_empty() {
                        lines.push(ended);
                    }
                    at_start = true;
                }
            }
            ' ' | '\t' | '\r' => line.continues |= was_start,
            other => {
                token.get_or_insert(Token { text: String::new(), quoted: false }).text.push(other);
                continue;
            }
        }
        line.tokens.extend(token.take().filter(|token| token.quoted || !token.text.is_empty()));
    }
    line.tokens.extend(token);
    if depth > 0 || quoted {
        return (lines, Some(opened));
    }
    if !line.tokens.is_empty() {
        lines.push(line);
    }
    (lines, None)
}

struct Reader {
    origin: Option<Name>,
    owner: Option<Name>,
}

impl Reader {
    fn line(&mut self, line: Line) -> Result<Option<Record>, String> {
        let Line { number, continues, tokens } = line;
        let mut tokens = tokens.into_iter().peekable();
        let word = |token: &Token| (!token.quoted).then(|| token.text.to_ascii_uppercase());
        if !continues {
            let Some(first) = tokens.next() else { return Ok(None) };
            match word(&first).as_deref() {
                Some("$ORIGIN") => {
                    let origin = tokens.next().ok_or("`$ORIGIN` without a name")?;
                    self.origin = Some(name(&origin.text, self.origin.as_ref())?);
                    return Ok(None);
                }
                Some("$TTL") => return Ok(None),
                Some("$INCLUDE") => {
                    return Err("another file is included here; read that one, too".to_owned());
                }
                Some(directive) if directive.starts_with('$') => {
                    return Err(format!("`{directive}` is not a directive of master files"));
                }
                _ => {
                    // Also when the rest of the line is no good: what follows belongs to it.
                    self.owner = name(&first.text, self.origin.as_ref())
                        .map(Some)
                        .inspect_err(|_| self.owner = None)?;
                }
            }
        }
        let owner = self.owner.clone().ok_or("a record without an owner")?;
        while let Some(token) = tokens.peek() {
            let is_class = matches!(word(token).as_deref(), Some("IN" | "CH" | "HS" | "CS"));
            if !is_class && !is_time(&token.text) {
                break;
            }
            if is_class && !token.text.eq_ignore_ascii_case("IN") {
                return Err(format!("the class is `{}`, not IN", token.text));
            }
            tokens.next();
        }
        let kind = tokens.next().ok_or("a record without a type")?.text.to_ascii_uppercase();
        let fields = tokens.map(|token| token.text).collect();
        Ok(Some(Record { line: number, owner, kind, fields, origin: self.origin.clone() }))
    }
}

/// Seconds, or a duration such as `1h30m`.
fn is_time(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|octet| octet.is_ascii_digit() || b"smhdwSMHDW".contains(&octet))
}

/// A name as it is written: `@` is the origin, and so ends what has no full stop at its end.
///
/// # Errors
/// What is wrong with it.
pub(super) fn name(text: &str, origin: Option<&Name>) -> Result<Name, String> {
    let relative = || origin.cloned().ok_or_else(|| format!("`{text}` is relative, and there is no origin"));
    if text == "@" {
        return relative();
    }
    if text == "." {
        return Ok(Name { labels: Vec::new() });
    }
    let mut labels: Vec<Vec<u8>> = vec![Vec::new()];
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        let octet = match octet {
            b'.' => {
                labels.push(Vec::new());
                continue;
            }
            b'\\' => match octets.next() {
                Some(digit @ b'0'..=b'9') => {
                    let digits = [Some(digit), octets.next(), octets.next()];
                    let digits: Option<Vec<u8>> = digits.into_iter().collect();
                    let code = digits.and_then(|digits| String::from_utf8(digits).ok()?.parse::<u8>().ok());
                    code.ok_or_else(|| format!("`{text}`: after `\\` come three digits up to 255"))?
                }
                Some(escaped) => escaped,
                None => return Err(format!("`{text}`: nothing after `\\`")),
            },
            octet => octet,
        };
        if let Some(label) = labels.last_mut() {
            label.push(octet);
        }
    }
    if labels.last().is_some_and(Vec::is_empty) {
        labels.pop();
    } else {
        labels.extend(relative()?.labels);
    }
    let length: usize = labels.iter().map(|label| label.len() + 1).sum();
    if labels.iter().any(|label| label.is_empty() || label.len() > LABEL_LIMIT) || length >= NAME_LIMIT {
        return Err(format!("`{text}` is not a name in DNS"));
    }
    Ok(Name { labels })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let shown = |record: Result<Record, Fault>| match record {
            Ok(Record { line, owner, kind, fields, .. }) => {
                format!("{line} {} {kind} {}", owner.to_text(), fields.join(" ")).trim_end().to_owned()
            }
            Err(Fault { line, reason }) => format!("{line} {reason}"),
        };
        records(text, None).into_iter().map(shown).collect()
    }

    #[test]
    fn records_have_an_owner_and_a_type() {
        let text = "$ORIGIN it.\n\
            $TTL 1h\n\
            @ IN SOA ns root ( 1 ; the number\n   2 3 4 5 )\n\
            \tNS ns.it.\n\
            *.ab 3600 IN PX 50 ab O-x.C-it.\n\
            c in 1d PX 10 c.it. \\\n O-c.C-it.\n\
            t TXT \"a ; b\" c ; d\n";
        assert_eq!(
            read(text),
            [
                "3 it. SOA ns root 1 2 3 4 5",
                "5 it. NS ns.it.",
                "6 *.ab.it. PX 50 ab O-x.C-it.",
                "7 c.it. PX 10 c.it. O-c.C-it.",
                "9 t.it. TXT a ; b c",
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        let cases: [(&str, &[&str]); 8] = [
            ("\n x PX 1", &["2 a record without an owner"]),
            ("x PX 1", &["1 `x` is relative, and there is no origin"]),
            ("x. (\nPX", &["1 a parenthesis or a quote is not closed"]),
            ("x. TXT \"a", &["1 a parenthesis or a quote is not closed"]),
            ("$INCLUDE f", &["1 another file is included here; read that one, too"]),
            ("$GENERATE 1-2 a A 1", &["1 `$GENERATE` is not a directive of master files"]),
            ("x. CH TXT a", &["1 the class is `CH`, not IN"]),
            ("x.\n", &["1 a record without a type"]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn names_have_escapes() {
        let labels = |text: &str| name(text, None).map(|name| name.to_text());
        assert_eq!(labels(r"a\.b.c.").as_deref(), Ok(r"a\.b.c."));
        assert_eq!(labels(r"a\032b.").as_deref(), Ok(r"a\032b."));
        for text in ["a..b.", r"\999.", r"\1.", "\\", &format!("{}.", "a".repeat(64))] {
            assert!(name(text, None).is_err(), "{text}");
        }
    }
}
