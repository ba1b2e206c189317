//! Search filters (RFC 4515), with places like `{address}` for values that are known only when it is asked.

use super::ber::{self, Writer};

/// A filter. Values are octets, or templates of such until [`Filter::fill`] has been at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `(&…)`: all of them; none at all is always true (RFC 4526).
    And(Vec<Self>),
    /// `(|…)`: one of them.
    Or(Vec<Self>),
    /// `(!…)`
    Not(Box<Self>),
    /// `(type=value)`, `(type~=value)`, `(type>=value)`, `(type<=value)`.
    Compare(Comparison, String, Vec<u8>),
    /// `(type=first*middle*last)`; empty pieces are left out.
    Substrings {
        /// The attribute.
        attribute: String,
        /// How the value begins.
        initial: Vec<u8>,
        /// What is in it, in this order.
        any: Vec<Vec<u8>>,
        /// How it ends.
        last: Vec<u8>,
    },
    /// `(type=*)`
    Present(String),
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `<=`
    LessOrEqual,
    /// `~=`
    Approximate,
}

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at character {}", .offset + 1)]
pub struct FilterError {
    /// What is wrong.
    pub what: &'static str,
    /// Octets before the fault.
    pub offset: usize,
}

impl Filter {
    /// Every entry has an object class.
    #[must_use]
    pub fn any_entry() -> Self {
        Self::Present("objectClass".to_owned())
    }

    /// Reads `(&(mail={address})(objectClass=person))`; the outermost parentheses may be missing.
    ///
    /// # Errors
    /// [`FilterError`].
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let wrapped;
        let (text, shift) = if text.starts_with('(') {
            (text, 0)
        } else {
            wrapped = format!("({text})");
            (wrapped.as_str(), 1)
        };
        let mut parser = Parser { text, place: 0, depth: 0 };
        let result = parser.filter().and_then(|filter| {
            if parser.place == text.len() { Ok(filter) } else { parser.fail("expected the end") }
        });
        result.map_err(|error| FilterError { offset: error.offset.saturating_sub(shift), ..error })
    }

    /// The same with every `{name}` replaced by its value. A value is taken as it is: nothing in it means anything to the
    /// filter. None if there is no value for a name.
    #[must_use]
    pub fn fill(&self, value: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let octets = |template: &Vec<u8>| fill_octets(template, value);
        let each =
            |filters: &Vec<Self>| filters.iter().map(|filter| filter.fill(value)).collect::<Option<Vec<_>>>();
        Some(match self {
            Self::And(filters) => Self::And(each(filters)?),
            Self::Or(filters) => Self::Or(each(filters)?),
            Self::Not(filter) => Self::Not(Box::new(filter.fill(value)?)),
            Self::Compare(comparison, attribute, template) => {
                Self::Compare(*comparison, attribute.clone(), octets(template)?)
            }
            Self::Substrings { attribute, initial, any, last } => Self::Substrings {
                attribute: attribute.clone(),
                initial: octets(initial)?,
                any: any.iter().map(octets).collect::<Option<_>>()?,
                last: octets(last)?,
            },
            Self::Present(attribute) => Self::Present(attribute.clone()),
        })
    }

    /// The names in braces, in order, with repetitions.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        let found = std::cell::RefCell::new(Vec::new());
        let _ = self.fill(&|name| {
            found.borrow_mut().push(name.to_owned());
            Some(String::new())
        });
        found.into_inner()
    }

    /// Writes it as RFC 4511 4.5.1.7 has it.
    pub(crate) fn write(&self, writer: &mut Writer) {
        let all = |filters: &[Self], writer: &mut Writer| {
            filters.iter().for_each(|filter| filter.write(writer));
        };
        match self {
            Self::And(filters) => {
                writer.constructed(ber::context_constructed(0), |writer| all(filters, writer));
            }
            Self::Or(filters) => {
                writer.constructed(ber::context_constructed(1), |writer| all(filters, writer));
            }
            Self::Not(filter) => {
                writer.constructed(ber::context_constructed(2), |writer| filter.write(writer));
            }
            Self::Compare(comparison, attribute, value) => {
                let number = match comparison {
                    Comparison::Equal => 3,
                    Comparison::GreaterOrEqual => 5,
                    Comparison::LessOrEqual => 6,
                    Comparison::Approximate => 8,
                };
                writer.constructed(ber::context_constructed(number), |writer| {
                    writer.primitive(ber::OCTET_STRING, attribute.as_bytes());
                    writer.primitive(ber::OCTET_STRING, value);
                });
            }
            Self::Substrings { attribute, initial, any, last } => {
                writer.constructed(ber::context_constructed(4), |writer| {
                    writer.primitive(ber::OCTET_STRING, attribute.as_bytes());
                    writer.constructed(ber::SEQUENCE, |writer| {
                        let pieces = std::iter::once((0, initial))
                            .chain(any.iter().map(|piece| (1, piece)))
                            .chain(std::iter::once((2, last)));
                        for (number, piece) in pieces.filter(|(_, piece)| !piece.is_empty()) {
                            writer.primitive(ber::context(number), piece);
                        }
                    });
                });
            }
            Self::Present(attribute) => writer.primitive(ber::context(7), attribute.as_bytes()),
        }
    }
}

/// Replaces `{name}`; a brace without its counterpart stands for itself.
fn fill_octets(template: &[u8], value: &dyn Fn(&str) -> Option<String>) -> Option<Vec<u8>> {
    let mut filled = Vec::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.iter().position(|octet| *octet == b'{') {
        let Some(length) = rest[start..].iter().position(|octet| *octet == b'}') else { break };
        let Ok(name) = str::from_utf8(&rest[start + 1..start + length]) else { break };
        filled.extend_from_slice(&rest[..start]);
        filled.extend_from_slice(value(name)?.as_bytes());
        rest = &rest[start + length + 1..];
    }
    filled.extend_from_slice(rest);
    Some(filled)
}

/// Filters nested deeper than this are nobody's.
const MAXIMUM_DEPTH: usize = 20;

struct Parser<'t> {
    text: &'t str,
    place: usize,
    depth: usize,
}

impl Parser<'_> {
    fn filter(&mut self) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > MAXIMUM_DEPTH {
            return self.fail("nested too deep");
        }
        if !self.skip('(') {
            return self.fail("expected `(`");
        }
        let filter = match self.text[self.place..].chars().next() {
            Some('&') => Filter::And(self.list()?),
            Some('|') => Filter::Or(self.list()?),
            Some('!') => {
                self.place += 1;
                Filter::Not(Box::new(self.filter()?))
            }
            _ => self.item()?,
        };
        if !self.skip(')') {
            return self.fail("expected `)`");
        }
        self.depth -= 1;
        Ok(filter)
    }

    fn list(&mut self) -> Result<Vec<Filter>, FilterError> {
        self.place += 1;
        let mut filters = Vec::new();
        while self.text[self.place..].starts_with('(') {
            filters.push(self.filter()?);
        }
        Ok(filters)
    }

    fn item(&mut self) -> Result<Filter, FilterError> {
        let rest = &self.text[self.place..];
        let is_of_type = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b';');
        let length = rest.bytes().take_while(|octet| is_of_type(*octet)).count();
        if length == 0 {
            return self.fail("expected an attribute");
        }
        let attribute = rest[..length].to_owned();
        self.place += length;
        let operators = [
            ("=", Comparison::Equal),
            (">=", Comparison::GreaterOrEqual),
            ("<=", Comparison::LessOrEqual),
            ("~=", Comparison::Approximate),
        ];
        let operator = operators.into_iter().find(|(text, _)| self.text[self.place..].starts_with(text));
        let Some((text, comparison)) = operator else {
            return self.fail("expected `=`, `>=`, `<=` or `~=`");
        };
        self.place += text.len();
        let mut pieces = self.pieces()?;
        Ok(match (comparison, pieces.len()) {
            (_, 1) => Filter::Compare(comparison, attribute, pieces.remove(0)),
            (Comparison::Equal, 2) if pieces.iter().all(Vec::is_empty) => Filter::Present(attribute),
            (Comparison::Equal, _) => {
                let last = pieces.pop().unwrap_or_default();
                let initial = pieces.remove(0);
                Filter::Substrings { attribute, initial, any: pieces, last }
            }
            _ => return self.fail("`*` stands only after `=`"),
        })
    }

    /// The value, divided at each `*`; at least one piece.
    fn pieces(&mut self) -> Result<Vec<Vec<u8>>, FilterError> {
        let mut pieces = vec![Vec::new()];
        loop {
            let octets = self.text.as_bytes();
            match octets.get(self.place) {
                None | Some(b')') => return Ok(pieces),
                Some(b'(' | 0) => return self.fail("`(` and NUL are written `\\28` and `\\00` in a value"),
                Some(b'*') => {
                    self.place += 1;
                    pieces.push(Vec::new());
                }
                Some(b'\\') => {
                    let digits = self.text.get(self.place + 1..self.place + 3);
                    let digits =
                        digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                    let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                    let Some(escaped) = escaped else {
                        return self.fail("expected two hexadecimal digits after `\\`");
                    };
                    self.place += 3;
                    if let Some(piece) = pieces.last_mut() {
                        piece.push(escaped);
                    }
                }
                Some(octet) => {
                    self.place += 1;
                    if let Some(piece) = pieces.last_mut() {
                        piece.push(*octet);
                    }
                }
            }
        }
    }

    fn skip(&mut self, character: char) -> bool {
        let found = self.text[self.place..].starts_with(character);
        self.place += usize::from(found);
        found
    }

    const fn fail<T>(&self, what: &'static str) -> Result<T, FilterError> {
        Err(FilterError { what, offset: self.place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(filter: &Filter) -> Vec<u8> {
        let mut writer = Writer::new();
        filter.write(&mut writer);
        writer.finish()
    }

    #[test]
    fn filters_are_read_and_written() {
        let cases: [(&str, &[u8]); 7] = [
            ("(cn=Bo)", b"\xa3\x08\x04\x02cn\x04\x02Bo"),
            ("cn=Bo", b"\xa3\x08\x04\x02cn\x04\x02Bo"),
            ("(cn=*)", b"\x87\x02cn"),
            ("(cn=a*b\\2ac*)", b"\xa4\x0e\x04\x02cn\x30\x08\x80\x01a\x81\x03b*c"),
            ("(&(a=1)(!(b>=2)))", b"\xa0\x12\xa3\x06\x04\x01a\x04\x011\xa2\x08\xa5\x06\x04\x01b\x04\x012"),
            ("(|(a<=1)(b~=2))", b"\xa1\x10\xa6\x06\x04\x01a\x04\x011\xa8\x06\x04\x01b\x04\x012"),
            ("(&)", b"\xa0\x00"),
        ];
        for (text, expected) in cases {
            assert_eq!(octets(&Filter::parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_pointed_at() {
        let cases = [
            ("", 0),
            ("(cn", 3),
            ("(cn=Bo", 6),
            ("(cn=Bo))", 7),
            ("(=x)", 1),
            ("(cn=\\2)", 4),
            ("(cn=a(b)", 5),
            ("(cn>=a*)", 7),
            ("(!)", 2),
            ("cn", 2),
        ];
        for (text, offset) in cases {
            assert_eq!(Filter::parse(text).expect_err(text).offset, offset, "{text}");
        }
        assert!(Filter::parse(&"(!".repeat(100_000)).is_err());
    }

    #[test]
    fn values_mean_nothing_to_the_filter() {
        let filter = Filter::parse("(&(mail={address})(o={o} Ltd.)(x={)(y=*{o}))").unwrap();
        assert_eq!(filter.places(), ["address", "o", "o"]);
        let value = |name: &str| match name {
            "address" => Some("*)(x=\\".to_owned()),
            "o" => Some("{address}".to_owned()),
            _ => None,
        };
        let Some(Filter::And(filled)) = filter.fill(&value) else { panic!("a list") };
        assert_eq!(filled[0], Filter::Compare(Comparison::Equal, "mail".to_owned(), b"*)(x=\\".to_vec()));
        assert_eq!(filled[1], Filter::Compare(Comparison::Equal, "o".to_owned(), b"{address} Ltd.".to_vec()));
        assert_eq!(filter.fill(&|_| None), None);
    }
}
