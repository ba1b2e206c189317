//! Paths, mailboxes, domains and address literals (RFC 5321 4.1.2, 4.1.3).

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::cursor::Cursor;
use super::error::{CommandError, Part};

/// Longest domain in octets (RFC 5321 4.5.3.1.2).
pub const DOMAIN_LIMIT: usize = 255;
/// Longest label of a domain in octets (RFC 1035 2.3.4); an internationalised label may have more as UTF-8.
const LABEL_LIMIT: usize = 63;

/// Where reports about a message go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReversePath {
    /// `<>`: nowhere; the message is itself a report (RFC 5321 4.5.5).
    Null,
    /// To a mailbox.
    Mailbox(Mailbox),
}

impl fmt::Display for ReversePath {
    /// With the angle brackets, without the source route (RFC 5321 Appendix C: it should not be generated).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<>"),
            Self::Mailbox(mailbox) => write!(f, "<{mailbox}>"),
        }
    }
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain: the people who run this server (RFC 5321 4.1.1.3).
    Postmaster,
    /// To a mailbox.
    Mailbox(Mailbox),
}

/// `local-part@domain`, as the client wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    /// As written, with quotes and backslashes. Not limited to 64 octets, because O/R addresses need more; the length
    /// of a command line is the limit.
    pub local_part: String,
    /// What follows the `@`.
    pub domain: MailDomain,
    /// The hosts of a source route, in order; to be ignored (RFC 5321 Appendix C).
    pub source_route: Vec<Domain>,
}

impl Mailbox {
    /// The local part without quotes and backslashes: what two ways of quoting have in common.
    pub fn unquoted_local_part(&self) -> Cow<'_, str> {
        let Some(quoted) = self.local_part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
            return Cow::Borrowed(&self.local_part);
        };
        if !quoted.contains('\\') {
            return Cow::Borrowed(quoted);
        }
        let mut text = String::with_capacity(quoted.len());
        let mut characters = quoted.chars();
        while let Some(character) = characters.next() {
            text.extend(if character == '\\' { characters.next() } else { Some(character) });
        }
        Cow::Owned(text)
    }

    /// Whether it needs SMTPUTF8 (RFC 6531).
    pub fn is_internationalised(&self) -> bool {
        !(self.local_part.is_ascii() && self.domain.as_str().is_ascii())
    }
}

impl fmt::Display for Mailbox {
    /// As written, without the source route and the angle brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

/// The right side of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MailDomain {
    /// A name.
    Domain(Domain),
    /// `[…]`.
    AddressLiteral(AddressLiteral),
}

impl MailDomain {
    /// As written; a literal with its brackets.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Domain(domain) => domain.as_str(),
            Self::AddressLiteral(literal) => literal.as_str(),
        }
    }
}

impl fmt::Display for MailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A domain name, as written: labels of letters, digits and inner hyphens, at most [`DOMAIN_LIMIT`] octets; also UTF-8
/// labels (RFC 6531 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Domain(String);

impl Domain {
    /// Reads a whole text as a domain.
    pub fn new(text: &str) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        let domain = domain(&mut cursor, Part::Argument, false).ok()?;
        cursor.is_at_end().then_some(domain)
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `[192.0.2.1]`, `[IPv6:2001:db8::1]` or `[tag:content]`, as written with its brackets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddressLiteral(String);

impl AddressLiteral {
    /// The literal of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(format!("[{address}]")),
            IpAddr::V6(address) => Self(format!("[IPv6:{address}]")),
        }
    }

    /// As written, with brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, unless the literal is of another kind.
    pub fn address(&self) -> Option<IpAddr> {
        ip_address(self.0.get(1..self.0.len() - 1)?)
    }
}

impl fmt::Display for AddressLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a client calls itself in EHLO or HELO. Proof of nothing (RFC 5321 4.1.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ClientName {
    /// A host name.
    Domain(Domain),
    /// An address, from clients that have no name.
    AddressLiteral(AddressLiteral),
}

impl ClientName {
    /// As written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Domain(domain) => domain.as_str(),
            Self::AddressLiteral(literal) => literal.as_str(),
        }
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `<>` or a path.
pub(super) fn reverse_path(cursor: &mut Cursor<'_>) -> Result<ReversePath, CommandError> {
    const PART: Part = Part::ReversePath;
    cursor.expect(b'<', PART, "`<`")?;
    if cursor.accept(b'>') {
        return Ok(ReversePath::Null);
    }
    let mailbox = source_routed_mailbox(cursor, PART)?;
    cursor.expect(b'>', PART, "`>`")?;
    Ok(ReversePath::Mailbox(mailbox))
}

/// `<Postmaster>` or a path.
pub(super) fn forward_path(cursor: &mut Cursor<'_>) -> Result<ForwardPath, CommandError> {
    const PART: Part = Part::ForwardPath;
    cursor.expect(b'<', PART, "`<`")?;
    if cursor.accept_word("Postmaster>") {
        return Ok(ForwardPath::Postmaster);
    }
    let mailbox = source_routed_mailbox(cursor, PART)?;
    cursor.expect(b'>', PART, "`>`")?;
    Ok(ForwardPath::Mailbox(mailbox))
}

/// `@a,@b:local@domain`.
fn source_routed_mailbox(cursor: &mut Cursor<'_>, part: Part) -> Result<Mailbox, CommandError> {
    let mut source_route = Vec::new();
    if cursor.peek() == Some(b'@') {
        loop {
            cursor.expect(b'@', part, "`@`")?;
            source_route.push(domain(cursor, part, false)?);
            if !cursor.accept(b',') {
                break;
            }
        }
        cursor.expect(b':', part, "`,` or `:` in the source route")?;
    }
    let local_part = local_part(cursor, part)?.to_owned();
    cursor.expect(b'@', part, "`@`")?;
    let domain = mail_domain(cursor, part)?;
    Ok(Mailbox { local_part, domain, source_route })
}

/// Atoms with dots between them, or a quoted string; returned as written.
fn local_part<'a>(cursor: &mut Cursor<'a>, part: Part) -> Result<&'a str, CommandError> {
    let start = cursor.offset();
    if cursor.accept(b'"') {
        loop {
            cursor.take_while(|octet| !matches!(octet, b'"' | b'\\' | b'\t'));
            if cursor.accept(b'"') {
                return Ok(cursor.since(start));
            }
            cursor.expect(b'\\', part, "closing `\"`")?;
            // A quoted pair is a backslash and one ASCII graphic or space.
            match cursor.peek() {
                Some(octet @ b' '..=b'~') => cursor.accept(octet),
                _ => return Err(cursor.expected(part, "a character to quote after `\\`")),
            };
        }
    }
    loop {
        if cursor.take_while(is_atom_text).is_empty() {
            return Err(cursor.expected(part, "a local part"));
        }
        if !cursor.accept(b'.') {
            return Ok(cursor.since(start));
        }
    }
}

/// `atext` of RFC 5322 3.2.3, and UTF-8 (RFC 6531 3.3).
pub(super) fn is_atom_text(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet) || octet >= 0x80
}

fn mail_domain(cursor: &mut Cursor<'_>, part: Part) -> Result<MailDomain, CommandError> {
    if cursor.peek() == Some(b'[') {
        address_literal(cursor, part).map(MailDomain::AddressLiteral)
    } else {
        domain(cursor, part, false).map(MailDomain::Domain)
    }
}

/// A domain or an address literal, as the argument of EHLO and HELO.
pub(super) fn client_name(cursor: &mut Cursor<'_>, underscore: bool) -> Result<ClientName, CommandError> {
    if cursor.peek() == Some(b'[') {
        address_literal(cursor, Part::Argument).map(ClientName::AddressLiteral)
    } else {
        // RFC 6531 3.7.1: what comes before EHLO is answered cannot need an extension.
        let non_ascii = cursor.expected(Part::Argument, "a host name in US-ASCII");
        let name = domain(cursor, Part::Argument, underscore)?;
        if name.as_str().is_ascii() { Ok(ClientName::Domain(name)) } else { Err(non_ascii) }
    }
}

/// Labels with dots between them; `underscore` says whether `_` counts as a letter.
fn domain(cursor: &mut Cursor<'_>, part: Part, underscore: bool) -> Result<Domain, CommandError> {
    let start = cursor.offset();
    let letter_or_digit =
        |octet: u8| octet.is_ascii_alphanumeric() || octet >= 0x80 || (underscore && octet == b'_');
    loop {
        if !cursor.peek().is_some_and(letter_or_digit) {
            return Err(cursor.expected(part, "a letter or digit of a domain"));
        }
        let label = cursor.take_while(|octet| letter_or_digit(octet) || octet == b'-');
        if label.ends_with('-') {
            return Err(cursor.expected(part, "a letter or digit after `-`"));
        }
        if label.is_ascii() && label.len() > LABEL_LIMIT {
            return Err(cursor.expected(part, "a label of at most 63 octets before here"));
        }
        if !cursor.accept(b'.') {
            break;
        }
    }
    let text = cursor.since(start);
    if text.len() > DOMAIN_LIMIT {
        return Err(cursor.expected(part, "a domain of at most 255 octets before here"));
    }
    Ok(Domain(text.to_owned()))
}

/// `[…]` with content that RFC 5321 4.1.3 knows.
fn address_literal(cursor: &mut Cursor<'_>, part: Part) -> Result<AddressLiteral, CommandError> {
    let start = cursor.offset();
    cursor.expect(b'[', part, "`[`")?;
    let wrong = cursor.expected(part, "an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`");
    let content = cursor.take_while(|octet| matches!(octet, b'!'..=b'Z' | b'^'..=b'~'));
    if ip_address(content).is_none() && !is_general_literal(content) {
        return Err(wrong);
    }
    cursor.expect(b']', part, "`]`")?;
    Ok(AddressLiteral(cursor.since(start).to_owned()))
}

/// The address in the content of a literal.
fn ip_address(content: &str) -> Option<IpAddr> {
    match content.split_at_checked(5) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => {
            address.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
        }
        _ => content.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

/// `tag:content` of another kind than IPv6.
fn is_general_literal(content: &str) -> bool {
    content.split_once(':').is_some_and(|(tag, address)| {
        !tag.eq_ignore_ascii_case("IPv6")
            && !address.is_empty()
            && tag.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
            && tag.ends_with(|last: char| last.is_ascii_alphanumeric())
    })
}
