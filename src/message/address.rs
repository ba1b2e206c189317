//! Address lists: mailboxes and groups, with everything MIXER wants to know about each.
//!
//! Local parts are kept exactly as written, quotes included, because X.400 addresses hide in them. Phrases and comments
//! are kept apart and in order, because both become the free-form name (A-302).

use super::lexer::{Kind, Token, tokens};

/// Addresses beyond this number in one field are reported as errors and not read.
pub const MAX_ADDRESSES: usize = 10_000;

/// One element of an address list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A single mailbox.
    Mailbox(Mailbox),
    /// `name: members;`
    Group {
        /// The name, unquoted; encoded words not decoded.
        name: String,
        /// The members, possibly none.
        members: Vec<Mailbox>,
    },
}

/// One mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The phrase before `<`, unquoted; encoded words not decoded. Empty if there is none.
    pub phrase: String,
    /// The comments, in order, without their outer parentheses.
    pub comments: Vec<String>,
    /// The source route, `@a,@b`, without its colon.
    pub route: Option<String>,
    /// The local part as written, without comments and without white space outside quotes.
    pub local_part: String,
    /// The domain or domain literal.
    pub domain: String,
}

impl Mailbox {
    /// `local-part@domain`, without a route (A-301).
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}@{}", self.local_part, self.domain)
    }

    /// The address with its source route, if it has one.
    #[must_use]
    pub fn routed_address(&self) -> String {
        match &self.route {
            Some(route) => format!("{route}:{}@{}", self.local_part, self.domain),
            None => self.address(),
        }
    }
}

/// What an address field holds: the elements that could be read, and where others could not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressList {
    /// The elements in order.
    pub addresses: Vec<Address>,
    /// What could not be read.
    pub errors: Vec<AddressError>,
}

/// Why one element of an address list could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected} expected at octet {offset}, found `{text}`")]
pub struct AddressError {
    /// Octets from the start of the field value.
    pub offset: usize,
    /// What the grammar wants there.
    pub expected: &'static str,
    /// The element as written.
    pub text: String,
}

impl AddressList {
    /// Reads the value of an address field. An element that breaks the grammar costs only itself.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let tokens = tokens(value);
        let mut parser = Parser { value, tokens: &tokens, at: 0, list: Self::default() };
        parser.list_until_end();
        parser.list
    }

    /// All mailboxes, those in groups included.
    pub fn mailboxes(&self) -> impl Iterator<Item = &Mailbox> {
        self.addresses.iter().flat_map(|address| match address {
            Address::Mailbox(mailbox) => std::slice::from_ref(mailbox).iter(),
            Address::Group { members, .. } => members.iter(),
        })
    }

    /// Whether the value holds neither an address nor anything that failed to be one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.errors.is_empty()
    }
}

struct Parser<'a> {
    value: &'a str,
    tokens: &'a [Token<'a>],
    at: usize,
    list: AddressList,
}

/// What follows the words that were gathered.
enum Next {
    Angle,
    Group,
    End,
}

impl<'a> Parser<'a> {
    fn list_until_end(&mut self) {
        while self.at < self.tokens.len() {
            if self.list.addresses.len() >= MAX_ADDRESSES {
                let from = self.tokens[self.at].offset;
                self.list.errors.push(error(self.value, from, self.value.len(), "an end of the list"));
                return;
            }
            let (words, next) = self.words();
            match next {
                Next::Group => {
                    self.at += 1;
                    let members = self.members();
                    self.list.addresses.push(Address::Group { name: phrase(words), members });
                }
                next => {
                    if let Some(mailbox) = self.mailbox(words, &next) {
                        self.list.addresses.push(Address::Mailbox(mailbox));
                    }
                }
            }
            self.separator();
        }
    }

    fn members(&mut self) -> Vec<Mailbox> {
        let mut members = Vec::new();
        while self.at < self.tokens.len() && !self.tokens[self.at].is(';') && members.len() < MAX_ADDRESSES {
            let (words, next) = self.words();
            if matches!(next, Next::Group) {
                // Groups do not nest; the inner name is dropped and its members join the outer group.
                self.at += 1;
                continue;
            }
            members.extend(self.mailbox(words, &next));
            if self.at < self.tokens.len() && self.tokens[self.at].is(',') {
                self.at += 1;
            }
        }
        members
    }

    /// The tokens up to the next `<`, `:`, `,`, `;` or the end.
    fn words(&mut self) -> (&'a [Token<'a>], Next) {
        let start = self.at;
        // `@` before the first `:` outside brackets is a route without brackets, not a group name.
        let bare_route =
            self.tokens[start..].iter().find(|t| t.kind != Kind::Comment).is_some_and(|t| t.is('@'));
        let mut seen_colon = false;
        while let Some(token) = self.tokens.get(self.at) {
            match token.kind {
                Kind::Special('<') => return (&self.tokens[start..self.at], Next::Angle),
                Kind::Special(':') if bare_route && !seen_colon => seen_colon = true,
                Kind::Special(':') => return (&self.tokens[start..self.at], Next::Group),
                Kind::Special(',') if bare_route && !seen_colon => {}
                Kind::Special(',' | ';') => break,
                _ => {}
            }
            self.at += 1;
        }
        (&self.tokens[start..self.at], Next::End)
    }

    fn mailbox(&mut self, words: &'a [Token<'a>], next: &Next) -> Option<Mailbox> {
        let start =
            self.tokens.get(self.at.saturating_sub(words.len())).map_or(self.value.len(), |t| t.offset);
        let mut mailbox = Mailbox { comments: comments(words), ..Mailbox::default() };
        let outcome = if matches!(next, Next::Angle) {
            mailbox.phrase = phrase(words);
            self.at += 1;
            let from = self.at;
            while self.tokens.get(self.at).is_some_and(|token| !token.is('>')) {
                self.at += 1;
            }
            let inner = &self.tokens[from..self.at];
            mailbox.comments.extend(comments(inner));
            self.at = (self.at + 1).min(self.tokens.len());
            self.trailing_comments(&mut mailbox);
            address_into(inner, &mut mailbox)
        } else if words.iter().all(|token| token.kind == Kind::Comment) {
            // Empty elements are allowed between commas; a lone comment says nothing about an address.
            return None;
        } else {
            address_into(words, &mut mailbox)
        };
        match outcome {
            Ok(()) => Some(mailbox),
            Err(expected) => {
                let end = self.tokens.get(self.at).map_or(self.value.len(), |token| token.offset);
                self.list.errors.push(error(self.value, start, end, expected));
                None
            }
        }
    }

    /// Comments behind `>`; other words there break the grammar and are read as a comment would be.
    fn trailing_comments(&mut self, mailbox: &mut Mailbox) {
        while let Some(token) = self.tokens.get(self.at) {
            match token.kind {
                Kind::Comment => mailbox.comments.push(token.text.to_owned()),
                Kind::Special(',' | ';') => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn separator(&mut self) {
        if self.tokens.get(self.at).is_some_and(|token| token.is(',') || token.is(';')) {
            self.at += 1;
        }
    }
}

fn error(value: &str, start: usize, end: usize, expected: &'static str) -> AddressError {
    let text = value.get(start..end).unwrap_or_default().trim().to_owned();
    AddressError { offset: start, expected, text }
}

fn comments(tokens: &[Token<'_>]) -> Vec<String> {
    tokens.iter().filter(|token| token.kind == Kind::Comment).map(|token| token.text.to_owned()).collect()
}

/// The words of a phrase, unquoted, with one space where white space stood.
fn phrase(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    for token in tokens.iter().filter(|token| token.kind != Kind::Comment) {
        if token.spaced && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&token.unquoted());
    }
    out
}

/// Reads `[route ":"] local-part "@" domain` without comments.
fn address_into(tokens: &[Token<'_>], mailbox: &mut Mailbox) -> Result<(), &'static str> {
    let mut tokens: Vec<&Token<'_>> = tokens.iter().filter(|token| token.kind != Kind::Comment).collect();
    if tokens.first().is_some_and(|token| token.is('@')) {
        let colon = tokens.iter().position(|token| token.is(':')).ok_or("`:` after the source route")?;
        mailbox.route = Some(tokens[..colon].iter().map(|token| token.text).collect());
        tokens.drain(..=colon);
    }
    let at = tokens.iter().rposition(|token| token.is('@')).ok_or("`@`")?;
    mailbox.local_part = local_part(&tokens[..at])?;
    mailbox.domain = domain(&tokens[at + 1..])?;
    Ok(())
}

fn local_part(tokens: &[&Token<'_>]) -> Result<String, &'static str> {
    if tokens.is_empty() {
        return Err("a local part");
    }
    let mut out = String::new();
    let mut word_before = false;
    for token in tokens {
        let word = matches!(token.kind, Kind::Atom | Kind::Quoted);
        if !(word || token.is('.')) || (word && word_before && token.spaced) {
            return Err("a local part of atoms and quoted strings joined by dots");
        }
        word_before = word;
        out.push_str(token.text);
    }
    Ok(out)
}

fn domain(tokens: &[&Token<'_>]) -> Result<String, &'static str> {
    match tokens {
        [] => Err("a domain"),
        [literal] if literal.kind == Kind::Literal => Ok(literal.text.to_owned()),
        labels => {
            let mut out = String::new();
            for (index, token) in labels.iter().enumerate() {
                let legal = if index % 2 == 0 { token.kind == Kind::Atom } else { token.is('.') };
                if !legal {
                    return Err("a domain of labels joined by dots");
                }
                out.push_str(token.text);
            }
            if out.ends_with('.') {
                out.pop();
            }
            Ok(out)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Writes a list the way the expectations below are written.
    fn shown(value: &str) -> String {
        let list = AddressList::parse(value);
        let mailbox = |m: &Mailbox| format!("{}|{}|{}", m.phrase, m.comments.join("|"), m.routed_address());
        let mut out: Vec<String> = list
            .addresses
            .iter()
            .map(|address| match address {
                Address::Mailbox(m) => mailbox(m),
                Address::Group { name, members } => {
                    format!("{name}:[{}]", members.iter().map(mailbox).collect::<Vec<_>>().join(" "))
                }
            })
            .collect();
        out.extend(list.errors.iter().map(|error| format!("!{}", error.expected)));
        out.join(" ; ")
    }

    #[test]
    fn address_lists_are_read_with_phrases_comments_routes_and_groups() {
        for (value, expected) in [
            ("a@b.c", "||a@b.c"),
            ("a@b (Bob)", "|Bob|a@b"),
            // A-302
            ("Steve Kille <S.Kille@cs.ucl.ac.uk> (home)", "Steve Kille|home|S.Kille@cs.ucl.ac.uk"),
            (r#""Kille, Steve" <a@b>"#, "Kille, Steve||a@b"),
            ("J. R. User <a@b>", "J. R. User||a@b"),
            ("a (x) . b @ (y) c . d", "|x|y|a.b@c.d"),
            // A-301: the route is kept apart
            ("<@hosta.int,@jkl.org:john@doe.net>", "||@hosta.int,@jkl.org:john@doe.net"),
            ("@gw:joe@x.y", "||@gw:joe@x.y"),
            // A-305
            ("Pals: a@x, B <b@y>;", "Pals:[||a@x B||b@y]"),
            ("undisclosed-recipients:;", "undisclosed-recipients:[]"),
            ("c@d, Pals: a@x; , e@f", "||c@d ; Pals:[||a@x] ; ||e@f"),
            ("A:; B:a@b", "A:[] ; B:[||a@b]"),
            // A-215: quoted local parts are kept as written
            (
                r#""/S=renseignements/O=Region Parisienne/"@autoroutes.fr"#,
                r#"||"/S=renseignements/O=Region Parisienne/"@autoroutes.fr"#,
            ),
            (
                "/I=J/S=Linnimouth/GQ=5/@Marketing.Widget.COM",
                "||/I=J/S=Linnimouth/GQ=5/@Marketing.Widget.COM",
            ),
            (r#""john q"@[192.0.2.1]"#, r#"||"john q"@[192.0.2.1]"#),
            ("a@b, , c@d", "||a@b ; ||c@d"),
            ("", ""),
            ("(nobody)", ""),
            ("postmaster", "!`@`"),
            ("a b@c, d@e", "||d@e ; !a local part of atoms and quoted strings joined by dots"),
            ("a@b@c", "!a local part of atoms and quoted strings joined by dots"),
            ("<>", "!`@`"),
            ("Bob <bob@x", "Bob||bob@x"),
            ("a@b.", "||a@b"),
            ("müller@example.com", "||müller@example.com"),
        ] {
            assert_eq!(shown(value), expected, "{value}");
        }
    }

    #[test]
    fn an_error_says_where_and_what() {
        let error = AddressList::parse("a@b, Bad One, c@d").errors.remove(0);
        assert_eq!(error.to_string(), "`@` expected at octet 5, found `Bad One`");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(value in "[ a-b<>@,;:.()\"\\\\\\[\\]é]{0,40}") {
            let _ = AddressList::parse(&value);
        }
    }
}
