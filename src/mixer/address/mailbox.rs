//! The parts of an Internet address (RFC 822 6.1, RFC 5322 3.4.1).

/// An address in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox<'a> {
    /// The domains of a source route, first hop first; nearly always empty.
    pub route: Vec<&'a str>,
    /// The local part without quoting.
    pub local: String,
    /// The local part as written.
    pub local_written: &'a str,
    /// Octets before the local part.
    pub local_offset: usize,
    /// The domain without a final full stop; None if there is none.
    pub domain: Option<&'a str>,
}

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct MailboxError {
    /// Octets before the fault.
    pub offset: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

impl<'a> Mailbox<'a> {
    /// Takes `[@route ":"] local-part ["@" domain]` apart. Quoting is removed word by word.
    ///
    /// # Errors
    /// An empty or unquoted local part with characters that need quoting, an unfinished quoted string, an empty domain.
    pub fn parse(text: &'a str) -> Result<Self, MailboxError> {
        let fault = |offset, expected| MailboxError { offset, expected };
        let mut route = Vec::new();
        let mut start = 0;
        if text.starts_with('@') {
            let end = text.find(':').ok_or_else(|| fault(text.len(), "`:` after the route"))?;
            for hop in text[..end].split(',') {
                let hop = hop.trim().strip_prefix('@').filter(|hop| !hop.is_empty());
                route.push(hop.ok_or_else(|| fault(0, "a route of domains, each after `@`"))?);
            }
            start = end + 1;
        }
        let (local, length) = unquote(&text[start..]).map_err(|error| fault(start + error.0, error.1))?;
        let end = start + length;
        let domain = match text[end..].strip_prefix('@') {
            None => None,
            Some(domain) => {
                let domain = domain.strip_suffix('.').unwrap_or(domain);
                if domain.is_empty() || domain.contains(['@', ' ', '<', '>', '"']) {
                    return Err(fault(end + 1, "a domain"));
                }
                Some(domain)
            }
        };
        if local.is_empty() {
            return Err(fault(start, "a local part"));
        }
        Ok(Self { route, local, local_written: &text[start..end], local_offset: start, domain })
    }
}

/// The local part without its quotes, and its length as written.
fn unquote(text: &str) -> Result<(String, usize), (usize, &'static str)> {
    let mut local = String::new();
    let mut characters = text.char_indices();
    let mut quoted = false;
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => match characters.next() {
                Some((_, escaped)) => local.push(escaped),
                None => return Err((place, "a character after `\\`")),
            },
            '@' if !quoted => return Ok((local, place)),
            ' ' | '(' | ')' | '<' | '>' | ',' | ':' | ';' | '[' | ']' | '\\' if !quoted => {
                return Err((place, "quotes around a local part with such a character"));
            }
            character => local.push(character),
        }
    }
    if quoted { Err((text.len(), "the closing quote of the local part")) } else { Ok((local, text.len())) }
}

/// A local part as it is written in an address: quoted as a whole if it has to be.
#[must_use]
pub fn quote(local: &str) -> String {
    let is_atom_text = |octet: u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet);
    let is_dot_atom = local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_text));
    if is_dot_atom {
        return local.to_owned();
    }
    let mut quoted = String::with_capacity(local.len() + 2);
    quoted.push('"');
    for character in local.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_apart() {
        let cases = [
            ("a@b.c", vec![], "a", Some("b.c")),
            ("\"john q\"@example.com.", vec![], "john q", Some("example.com")),
            ("\"a b\".c@x", vec![], "a b.c", Some("x")),
            ("\"a\\\"@b\"@x", vec![], "a\"@b", Some("x")),
            ("@relay.co.uk:userb@host2", vec!["relay.co.uk"], "userb", Some("host2")),
            ("@a,@b:c@d", vec!["a", "b"], "c", Some("d")),
            ("local%part@domain", vec![], "local%part", Some("domain")),
            ("postmaster", vec![], "postmaster", None),
            ("/S=a/O=b/@gw.example", vec![], "/S=a/O=b/", Some("gw.example")),
        ];
        for (text, route, local, domain) in cases {
            let mailbox = Mailbox::parse(text).unwrap();
            assert_eq!(
                (mailbox.route, mailbox.local.as_str(), mailbox.domain),
                (route, local, domain),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_pointed_at() {
        let cases = [
            ("", 0),
            ("@b", 2),
            ("a@", 2),
            ("a b@c", 1),
            ("\"a@b", 4),
            ("a@b@c", 2),
            ("@:a@b", 0),
            ("a\\b@c", 1),
        ];
        for (text, offset) in cases {
            assert_eq!(Mailbox::parse(text).unwrap_err().offset, offset, "{text}");
        }
    }

    #[test]
    fn local_parts_are_quoted_as_a_whole() {
        let cases = [
            ("J.Linnimouth", "J.Linnimouth"),
            ("/S=a/O=b/", "/S=a/O=b/"),
            ("/O=Region Parisienne/", "\"/O=Region Parisienne/\""),
            ("a..b", "\"a..b\""),
            (".a", "\".a\""),
            ("a\"b", "\"a\\\"b\""),
            ("a(b)", "\"a(b)\""),
        ];
        for (local, written) in cases {
            assert_eq!(quote(local), written);
            assert_eq!(Mailbox::parse(&format!("{written}@x")).unwrap().local, local);
        }
    }
}
