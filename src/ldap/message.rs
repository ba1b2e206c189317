//! Messages of LDAP (RFC 4511 4): the requests of somebody who only reads, and the responses to them.

use super::ber::{self, Fault, Reader, Writer, application, context, context_constructed};
use super::filter::Filter;

/// How far a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// The entry that is named.
    #[default]
    Base,
    /// The entries below it.
    OneLevel,
    /// Both, and everything below.
    Subtree,
}

/// A search. Aliases are followed by the server (D-12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The entry where it begins, as text.
    pub base: String,
    /// How far it goes.
    pub scope: Scope,
    /// Which entries are wanted.
    pub filter: Filter,
    /// Which attributes of them: names or object identifiers.
    pub attributes: Vec<String>,
    /// Most entries that may come.
    pub size_limit: u32,
    /// Seconds the server may take.
    pub time_limit: u32,
}

impl Search {
    /// Reads one entry.
    #[must_use]
    pub fn read(base: String, attributes: Vec<String>) -> Self {
        Self {
            base,
            scope: Scope::Base,
            filter: Filter::any_entry(),
            attributes,
            size_limit: 1,
            time_limit: 0,
        }
    }
}

/// What we ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request<'a> {
    /// A simple bind; both empty for nobody in particular.
    Bind {
        /// Who we are, as a distinguished name.
        name: &'a str,
        /// What proves it.
        password: &'a str,
    },
    /// TLS from here on (RFC 4511 4.14).
    StartTls,
    /// Entries.
    Search(&'a Search),
}

/// The object identifier of StartTLS.
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

impl Request<'_> {
    /// The octets of the message with this number.
    #[must_use]
    pub fn encode(&self, number: u32) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.constructed(ber::SEQUENCE, |writer| {
            writer.number(ber::INTEGER, number);
            match self {
                Self::Bind { name, password } => writer.constructed(application(0), |writer| {
                    writer.number(ber::INTEGER, 3);
                    writer.primitive(ber::OCTET_STRING, name.as_bytes());
                    writer.primitive(context(0), password.as_bytes());
                }),
                Self::StartTls => writer.constructed(application(23), |writer| {
                    writer.primitive(context(0), START_TLS.as_bytes());
                }),
                Self::Search(search) => writer.constructed(application(3), |writer| write(search, writer)),
            }
        });
        writer.finish()
    }
}

fn write(search: &Search, writer: &mut Writer) {
    const DEREF_ALWAYS: u32 = 3;
    writer.primitive(ber::OCTET_STRING, search.base.as_bytes());
    let scope = match search.scope {
        Scope::Base => 0,
        Scope::OneLevel => 1,
        Scope::Subtree => 2,
    };
    writer.number(ber::ENUMERATED, scope);
    writer.number(ber::ENUMERATED, DEREF_ALWAYS);
    writer.number(ber::INTEGER, search.size_limit);
    writer.number(ber::INTEGER, search.time_limit);
    writer.boolean(ber::BOOLEAN, false);
    search.filter.write(writer);
    writer.constructed(ber::SEQUENCE, |writer| {
        for attribute in &search.attributes {
            writer.primitive(ber::OCTET_STRING, attribute.as_bytes());
        }
    });
}

/// What a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// To a bind.
    Bind(Outcome),
    /// To StartTLS, or of the server's own accord: a notice of disconnection.
    Extended(Outcome),
    /// One entry of a search.
    Entry(Entry),
    /// More is to be found elsewhere: URLs.
    Reference(Vec<String>),
    /// The end of a search.
    Done(Outcome),
    /// Something a client ignores: an intermediate response.
    Intermediate,
}

/// How it ended (RFC 4511 4.1.9).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The number.
    pub code: Code,
    /// The last entry on the way to one that is not there.
    pub matched: String,
    /// For people.
    pub diagnostic: String,
    /// Where else to ask: URLs.
    pub referral: Vec<String>,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.diagnostic.is_empty() {
            write!(f, ": {}", self.diagnostic.escape_debug())?;
        }
        match self.referral.first() {
            Some(url) => write!(f, ", ask {}", url.escape_debug()),
            None => Ok(()),
        }
    }
}

/// A result code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Code(pub u32);

impl Code {
    /// success
    pub const SUCCESS: Self = Self(0);
    /// sizeLimitExceeded
    pub const SIZE_LIMIT_EXCEEDED: Self = Self(4);
    /// noSuchObject
    pub const NO_SUCH_OBJECT: Self = Self(32);
}

impl std::fmt::Display for Code {
    /// The name of RFC 4511, as far as somebody who reads may meet it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            0 => "success",
            1 => "operationsError",
            2 => "protocolError",
            3 => "timeLimitExceeded",
            4 => "sizeLimitExceeded",
            7 => "authMethodNotSupported",
            8 => "strongerAuthRequired",
            10 => "referral",
            11 => "adminLimitExceeded",
            13 => "confidentialityRequired",
            18 => "inappropriateMatching",
            21 => "invalidAttributeSyntax",
            32 => "noSuchObject",
            33 => "aliasProblem",
            34 => "invalidDNSyntax",
            36 => "aliasDereferencingProblem",
            48 => "inappropriateAuthentication",
            49 => "invalidCredentials",
            50 => "insufficientAccessRights",
            51 => "busy",
            52 => "unavailable",
            53 => "unwillingToPerform",
            54 => "loopDetect",
            80 => "other",
            number => return write!(f, "result {number}"),
        })
    }
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its distinguished name, as text.
    pub name: String,
    /// Its attributes as the server calls them, with their values.
    pub attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Response {
    /// Reads a whole message: its number and what it says.
    ///
    /// # Errors
    /// When it is none, or one that no client is sent.
    pub fn decode(octets: &[u8]) -> Result<(u32, Self), Fault> {
        let mut outer = Reader::new(octets);
        let mut message = Reader::new(outer.expect(ber::SEQUENCE)?);
        if !outer.is_empty() {
            return Err(Fault { what: "octets after the message" });
        }
        let number = message.number(ber::INTEGER)?;
        let (tag, contents) = message.element()?;
        let mut reader = Reader::new(contents);
        // Tags by their number; all of these are constructed.
        let response = match tag & 0x1f {
            _ if tag & 0xe0 != 0x60 => return Err(Fault { what: "no response" }),
            1 => Self::Bind(outcome(&mut reader)?),
            4 => Self::Entry(entry(&mut reader)?),
            5 => Self::Done(outcome(&mut reader)?),
            19 => Self::Reference(texts(reader)?),
            24 => Self::Extended(outcome(&mut reader)?),
            25 => Self::Intermediate,
            _ => return Err(Fault { what: "a response to something else" }),
        };
        Ok((number, response))
    }
}

/// What follows the referral is not for us.
fn outcome(reader: &mut Reader<'_>) -> Result<Outcome, Fault> {
    let code = Code(reader.number(ber::ENUMERATED)?);
    let matched = reader.text()?;
    let diagnostic = reader.text()?;
    let referral = match reader.optional(context_constructed(3))? {
        Some(contents) => texts(Reader::new(contents))?,
        None => Vec::new(),
    };
    Ok(Outcome { code, matched, diagnostic, referral })
}

fn entry(reader: &mut Reader<'_>) -> Result<Entry, Fault> {
    let name = reader.text()?;
    let mut list = Reader::new(reader.expect(ber::SEQUENCE)?);
    let mut attributes = Vec::new();
    while !list.is_empty() {
        let mut attribute = Reader::new(list.expect(ber::SEQUENCE)?);
        let kind = attribute.text()?;
        let mut values = Reader::new(attribute.expect(ber::SET)?);
        let mut found = Vec::new();
        while !values.is_empty() {
            found.push(values.expect(ber::OCTET_STRING)?.to_vec());
        }
        attributes.push((kind, found));
    }
    Ok(Entry { name, attributes })
}

fn texts(mut reader: Reader<'_>) -> Result<Vec<String>, Fault> {
    let mut texts = Vec::new();
    while !reader.is_empty() {
        texts.push(reader.text()?);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &[u8] =
        b"\x30\x1f\x02\x01\x02\x64\x1a\x04\x04dc=x\x30\x12\x30\x10\x04\x02cn\x31\x0a\x04\x01a\x04\x01b\x04\x02\xff\xfe";
    const DONE: &[u8] =
        b"\x30\x1d\x02\x01\x03\x65\x18\x0a\x01\x20\x04\x04dc=x\x04\x02no\xa3\x09\x04\x07ldap://";

    #[test]
    fn responses_are_read() {
        let (number, Response::Entry(entry)) = Response::decode(ENTRY).unwrap() else { panic!("an entry") };
        assert_eq!((number, &*entry.name), (2, "dc=x"));
        let values = vec![b"a".to_vec(), b"b".to_vec(), vec![0xff, 0xfe]];
        assert_eq!(entry.attributes, [("cn".to_owned(), values)]);
        let (number, Response::Done(outcome)) = Response::decode(DONE).unwrap() else { panic!("the end") };
        assert_eq!((number, outcome.code, &*outcome.matched), (3, Code::NO_SUCH_OBJECT, "dc=x"));
        assert_eq!(outcome.to_string(), "noSuchObject: no, ask ldap://");
    }

    #[test]
    fn what_is_no_response_is_refused() {
        for octets in [ENTRY, DONE] {
            for cut in 0..octets.len() {
                assert!(Response::decode(&octets[..cut]).is_err(), "{cut}");
            }
            assert!(Response::decode(&[octets, &[0]].concat()).is_err());
            let mut request = octets.to_vec();
            request[5] = 0x63;
            assert!(Response::decode(&request).is_err());
        }
    }

    #[test]
    fn requests_are_written() {
        assert_eq!(
            Request::StartTls.encode(1),
            b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
        );
        assert_eq!(
            Request::Bind { name: "cn=x", password: "secret" }.encode(1),
            b"\x30\x16\x02\x01\x01\x60\x11\x02\x01\x03\x04\x04cn=x\x80\x06secret"
        );
        let search = Search::read("dc=x".to_owned(), vec!["cn".to_owned()]);
        assert_eq!(
            Request::Search(&search).encode(1),
            b"\x30\x2d\x02\x01\x01\x63\x28\x04\x04dc=x\x0a\x01\x00\x0a\x01\x03\x02\x01\x01\x02\x01\x00\x01\x01\x00\
              \x87\x0bobjectClass\x30\x04\x04\x02cn"
        );
    }
}
