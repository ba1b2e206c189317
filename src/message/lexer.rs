//! The words of a structured field: atoms, quoted strings, comments, domain literals and single specials.

/// One lexical element, with the text as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// The text: of a quoted string with its quotes, of a comment without its outer parentheses.
    pub(crate) text: &'a str,
    /// Where it starts in the field value, in octets.
    pub(crate) offset: usize,
    /// Whether white space or a comment stands before it.
    pub(crate) spaced: bool,
}

/// The kinds of lexical elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A run of characters that are neither special nor space.
    Atom,
    /// `"…"`, quotes included.
    Quoted,
    /// `(…)`, outer parentheses removed.
    Comment,
    /// `[…]`, brackets included.
    Literal,
    /// One of `< > @ , ; : .` or a stray bracket.
    Special(char),
}

impl Token<'_> {
    /// Whether this is the given special character.
    pub(crate) fn is(&self, special: char) -> bool {
        self.kind == Kind::Special(special)
    }

    /// Whether this is a comment.
    pub(crate) fn is_comment(&self) -> bool {
        self.kind == Kind::Comment
    }

    /// The text of a quoted string without quotes and backslashes; of anything else the text itself.
    pub(crate) fn unquoted(&self) -> String {
        match self.kind {
            Kind::Quoted => unquote(self.text),
            _ => self.text.to_owned(),
        }
    }
}

/// Removes the quotes and the quoting backslashes of a quoted string.
pub(crate) fn unquote(text: &str) -> String {
    let inner = text.strip_prefix('"').unwrap_or(text);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
    }
    out
}

/// Cuts a field value into its elements. A quoted string, comment or literal that is not closed reaches to the end.
pub(crate) fn tokens(value: &str) -> Vec<Token<'_>> {
    let octets = value.as_bytes();
    let mut out = Vec::with_capacity((octets.len() / 3).clamp(4, 64));
    let (mut at, mut spaced) = (0, false);
    while at < octets.len() {
        let start = at;
        let (kind, text) = match octets[at] {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                spaced = true;
                continue;
            }
            b'"' => {
                at = closing(octets, at, b'"');
                (Kind::Quoted, &value[start..at])
            }
            b'[' => {
                at = closing(octets, at, b']');
                (Kind::Literal, &value[start..at])
            }
            b'(' => {
                at = comment_end(octets, at);
                let inner = &value[start + 1..at];
                (
                    Kind::Comment,
                    if octets[at - 1] == b')' && at > start + 1 { &inner[..inner.len() - 1] } else { inner },
                )
            }
            special @ (b'<' | b'>' | b'@' | b',' | b';' | b':' | b'.' | b')' | b']' | b'\\') => {
                at += 1;
                (Kind::Special(char::from(special)), &value[start..at])
            }
            _ => {
                while at < octets.len() && !is_delimiter(octets[at]) {
                    at += 1;
                }
                (Kind::Atom, &value[start..at])
            }
        };
        out.push(Token { kind, text, offset: start, spaced });
        spaced = kind == Kind::Comment;
    }
    out
}

const fn is_delimiter(octet: u8) -> bool {
    matches!(
        octet,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b'"'
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'@'
            | b','
            | b';'
            | b':'
            | b'.'
            | b'['
            | b']'
            | b'\\'
    )
}

/// Just behind the closing octet of the quoted string or literal that starts at `at`.
fn closing(octets: &[u8], at: usize, close: u8) -> usize {
    let mut at = at + 1;
    while at < octets.len() {
        match octets[at] {
            b'\\' => at += 2,
            octet if octet == close => return at + 1,
            _ => at += 1,
        }
    }
    octets.len()
}

/// Just behind the comment that starts at `at`; comments nest, and no recursion is needed to count them.
fn comment_end(octets: &[u8], at: usize) -> usize {
    let (mut at, mut depth) = (at, 0_usize);
    while at < octets.len() {
        match octets[at] {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    octets.len()
}

/// The text of a value without comments, words joined by one space where white space stood.
pub(crate) fn without_comments(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for token in tokens(value).iter().filter(|token| token.kind != Kind::Comment) {
        if token.spaced && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(token.text);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_comments_and_quotes() {
        let kinds: Vec<_> =
            tokens(r#"a.b "c \" d"(x (y) \) z)@[1.2]"#).iter().map(|t| (t.kind, t.text)).collect();
        assert_eq!(
            kinds,
            [
                (Kind::Atom, "a"),
                (Kind::Special('.'), "."),
                (Kind::Atom, "b"),
                (Kind::Quoted, r#""c \" d""#),
                (Kind::Comment, r"x (y) \) z"),
                (Kind::Special('@'), "@"),
                (Kind::Literal, "[1.2]"),
            ]
        );
    }

    #[test]
    fn what_is_not_closed_reaches_to_the_end() {
        for text in ["\"abc", "(abc", "((a)", "[1.2", "\"a\\", "(a\\", "(", "\"", "[", "(é", "\"é\\"] {
            assert_eq!(tokens(text).len(), 1, "{text}");
        }
    }
}
