//! Distinguished names as text: RFC 4514, and what its forerunners (RFC 1779, RFC 2253) allowed and people still write:
//! spaces around separators, `;`, quotes, `OID.`.

use std::fmt::Write as _;

use super::schema::{Kind, NAMING};
use crate::ldap::ber::{self, Fault, Reader};

/// A distinguished name, the lowest entry first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name(pub Vec<Relative>);

/// The name of an entry among its siblings: one attribute, rarely more.
pub type Relative = Vec<(String, String)>;

/// Why a text is no distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at character {}", .offset + 1)]
pub struct NameError {
    /// What is wrong.
    pub what: &'static str,
    /// Octets before the fault.
    pub offset: usize,
}

impl Name {
    /// Reads `PRMD=Isode, ADMD=Mailnet, C=FI`.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut parser = Parser { text, place: 0 };
        let mut names = Vec::new();
        parser.spaces();
        if parser.peek().is_none() {
            return Ok(Self(names));
        }
        loop {
            let mut attributes = vec![parser.attribute()?];
            while parser.peek() == Some('+') {
                parser.place += 1;
                attributes.push(parser.attribute()?);
            }
            names.push(attributes);
            match parser.peek() {
                None => return Ok(Self(names)),
                Some(_) => parser.place += 1, // A `,` or a `;`: a value ends nowhere else.
            }
        }
    }

    /// Reads a name as X.500 has it: a SEQUENCE of relative names from the root down, in BER.
    ///
    /// # Errors
    /// When it is none, or has a value that is not text in UTF-8 or ASCII.
    pub fn from_ber(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut sequence = Reader::new(reader.expect(ber::SEQUENCE)?);
        let mut names = Vec::new();
        while !sequence.is_empty() {
            let mut set = Reader::new(sequence.expect(ber::SET)?);
            let mut attributes = Vec::new();
            while !set.is_empty() {
                let mut attribute = Reader::new(set.expect(ber::SEQUENCE)?);
                let kind = dotted(attribute.expect(OBJECT_IDENTIFIER)?)?;
                let known = NAMING.iter().find(|known| known.identifier == kind);
                let kind = known.map_or(kind, |known| known.names[0].to_owned());
                attributes.push((kind, text(attribute.element()?)?));
            }
            names.push(attributes);
        }
        names.reverse();
        Ok(Self(names))
    }

    /// A name one level below.
    #[must_use]
    pub fn child(&self, kind: Kind, value: &str) -> Self {
        let attribute = (kind.names[0].to_owned(), value.to_owned());
        Self(std::iter::once(vec![attribute]).chain(self.0.iter().cloned()).collect())
    }

    /// The name `levels` higher up.
    #[must_use]
    pub fn above(&self, levels: usize) -> Self {
        Self(self.0.iter().skip(levels).cloned().collect())
    }

    /// Whether both name the same entry: names of attributes by what they stand for, values in any case, spaces squeezed.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(one, two)| form(one) == form(two))
    }
}

impl std::fmt::Display for Name {
    /// As RFC 4514 has it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, relative) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_char(',')?;
            }
            for (place, (kind, value)) in relative.iter().enumerate() {
                if place > 0 {
                    f.write_char('+')?;
                }
                write!(f, "{kind}={}", escaped(value))?;
            }
        }
        Ok(())
    }
}

/// The form in which names are equal.
fn form(relative: &Relative) -> Vec<(String, String)> {
    let mut form: Vec<_> = relative
        .iter()
        .map(|(kind, value)| {
            let known = NAMING.iter().find(|known| known.is_called(kind));
            let kind = known.map_or_else(|| kind.to_ascii_lowercase(), |known| known.identifier.to_owned());
            let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
            (kind, words.join(" ").to_lowercase())
        })
        .collect();
    form.sort();
    form
}

/// RFC 4514 2.4.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (place, character) in value.chars().enumerate() {
        let is_special = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=');
        let at_an_end = (place == 0 && matches!(character, ' ' | '#')) || (place == last && character == ' ');
        if character.is_ascii_control() {
            let _ = write!(text, "\\{:02x}", u32::from(character));
        } else {
            if is_special || at_an_end {
                text.push('\\');
            }
            text.push(character);
        }
    }
    text
}

const OBJECT_IDENTIFIER: u8 = 0x06;

/// A string out of BER.
fn text((tag, value): (u8, &[u8])) -> Result<String, Fault> {
    // OCTET STRING, UTF8String, NumericString, PrintableString, IA5String, VisibleString.
    let is_text = matches!(tag, 0x04 | 0x0c | 0x12 | 0x13 | 0x16 | 0x1a);
    let text = String::from_utf8(value.to_vec()).ok().filter(|_| is_text);
    text.ok_or(Fault { what: "expected a string of UTF-8 or ASCII" })
}

/// The contents of an object identifier as `2.5.4.6`.
fn dotted(contents: &[u8]) -> Result<String, Fault> {
    const FAULT: Fault = Fault { what: "expected an object identifier" };
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc: u64 = 0;
    for octet in contents {
        arc = arc.checked_mul(128).ok_or(FAULT)? | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let first = *arcs.first().ok_or(FAULT)?;
    if contents.last().is_some_and(|octet| octet & 0x80 != 0) {
        return Err(FAULT);
    }
    let top = (first / 40).min(2);
    let rest = arcs.iter().skip(1).map(|arc| format!(".{arc}"));
    Ok(std::iter::once(format!("{top}.{}", first - top * 40)).chain(rest).collect())
}

struct Parser<'t> {
    text: &'t str,
    place: usize,
}

impl Parser<'_> {
    fn attribute(&mut self) -> Result<(String, String), NameError> {
        self.spaces();
        let rest = &self.text[self.place..];
        let length =
            rest.find(|character: char| !matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.'));
        let length = length.unwrap_or(rest.len());
        if length == 0 {
            return self.fail("expected an attribute");
        }
        let kind = rest[..length].to_owned();
        self.place += length;
        self.spaces();
        if self.peek() != Some('=') {
            return self.fail("expected `=`");
        }
        self.place += 1;
        self.spaces();
        let value = match self.peek() {
            Some('"') => self.quoted()?,
            Some('#') => self.hexadecimal()?,
            _ => self.plain()?,
        };
        match self.peek() {
            None | Some(',' | ';' | '+') => Ok((kind, value)),
            Some(_) => self.fail("expected `,`, `+` or the end"),
        }
    }

    /// Up to a separator; spaces at the end do not count unless they are escaped.
    fn plain(&mut self) -> Result<String, NameError> {
        let mut octets = Vec::new();
        let mut counted = 0;
        loop {
            match self.peek() {
                None | Some(',' | ';' | '+') => break,
                Some('\\') => {
                    octets.extend(self.escape()?);
                    counted = octets.len();
                }
                Some('"' | '<' | '>' | '\0') => {
                    return self.fail("a quote, `<`, `>` and NUL are escaped in a value");
                }
                Some(character) => {
                    self.place += character.len_utf8();
                    octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    if character != ' ' {
                        counted = octets.len();
                    }
                }
            }
        }
        octets.truncate(counted);
        self.utf8(octets)
    }

    fn quoted(&mut self) -> Result<String, NameError> {
        self.place += 1;
        let mut octets = Vec::new();
        loop {
            match self.peek() {
                None => return self.fail("the quote is not closed"),
                Some('"') => break,
                Some('\\') => octets.extend(self.escape()?),
                Some(character) => {
                    self.place += character.len_utf8();
                    octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        self.place += 1;
        self.spaces();
        self.utf8(octets)
    }

    /// `\,` or `\2C`.
    fn escape(&mut self) -> Result<Vec<u8>, NameError> {
        self.place += 1;
        if let Some(octet) = self.hexadecimal_octet() {
            return Ok(vec![octet]);
        }
        match self.peek() {
            Some(character @ (' ' | '"' | '#' | '+' | ',' | ';' | '<' | '=' | '>' | '\\')) => {
                self.place += 1;
                Ok(character.to_string().into_bytes())
            }
            _ => self.fail("expected a special character or two hexadecimal digits after `\\`"),
        }
    }

    /// `#` and the octets of a string in BER.
    fn hexadecimal(&mut self) -> Result<String, NameError> {
        self.place += 1;
        let mut octets = Vec::new();
        while let Some(octet) = self.hexadecimal_octet() {
            octets.push(octet);
        }
        self.spaces();
        match Reader::new(&octets).element().and_then(text) {
            Ok(text) => Ok(text),
            Err(fault) => self.fail(fault.what),
        }
    }

    fn hexadecimal_octet(&mut self) -> Option<u8> {
        let digits = self.text.get(self.place..self.place + 2)?;
        let digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
        self.place += 2;
        u8::from_str_radix(digits, 16).ok()
    }

    fn utf8(&self, octets: Vec<u8>) -> Result<String, NameError> {
        let offset = self.place;
        String::from_utf8(octets).map_err(|_| NameError { what: "the value is not UTF-8", offset })
    }

    fn peek(&self) -> Option<char> {
        self.text[self.place..].chars().next()
    }

    fn spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.place += 1;
        }
    }

    const fn fail<T>(&self, what: &'static str) -> Result<T, NameError> {
        Err(NameError { what, offset: self.place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        let cases = [
            ("", ""),
            ("PRMD=Isode, ADMD=Mailnet, C=FI", "PRMD=Isode,ADMD=Mailnet,C=FI"),
            ("o = a ; c=b ", "o=a,c=b"),
            (r#"o="a, b" , c=x"#, r"o=a\, b,c=x"),
            (r"o=\20,c=x", r"o=\ ,c=x"),
            (r"ADMD=\ ,C=GB", r"ADMD=\ ,C=GB"),
            (r#"ADMD=" ", C=GB"#, r"ADMD=\ ,C=GB"),
            (r"o=a\  ,c=x", r"o=a\ ,c=x"),
            (r"o=\C3\A9t\C3\a9", "o=été"),
            ("o=été", "o=été"),
            ("OID.2.5.4.10=#13024142+ou=x", "OID.2.5.4.10=AB+ou=x"),
            ("o=,c=x", "o=,c=x"),
            (r"o=a\=\+\\\#", r"o=a\=\+\\#"),
            (r"o=a=b", r"o=a\=b"),
        ];
        for (text, written) in cases {
            let name = Name::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(name.to_string(), written, "{text}");
            assert_eq!(Name::parse(written).unwrap(), name, "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_pointed_at() {
        let cases = [
            ("x", 1),
            ("=x", 0),
            ("o=a,", 4),
            ("o=a,,c=x", 4),
            ("o=\"a", 4),
            ("o=\"a\"b", 5),
            ("o=a\"b", 3),
            (r"o=\x", 3),
            (r"o=\", 3),
            ("o=#13", 5),
            ("o=#020101", 9),
            (r"o=\FF", 5),
            ("o=<", 2),
        ];
        for (text, offset) in cases {
            assert_eq!(Name::parse(text).map_err(|error| error.offset), Err(offset), "{text}");
        }
    }

    #[test]
    fn names_are_equal_by_what_they_stand_for() {
        let parse = |text: &str| Name::parse(text).unwrap();
        let name = parse("PRMD=Isode, ADMD=Mail  Net, C=FI");
        for same in [
            "prmdname=ISODE,admdname=mail net,c=fi",
            "OID.1.3.6.1.4.1.453.7.2.2.10=isode,admd= Mail Net,countryName=FI",
        ] {
            assert!(name.is(&parse(same)), "{same}");
        }
        for other in ["PRMD=Isode,ADMD=Mail Net", "o=Isode,ADMD=Mail Net,C=FI", "PRMD=x,ADMD=Mail Net,C=FI"] {
            assert!(!name.is(&parse(other)), "{other}");
        }
        assert!(parse("a=1+b=2").is(&parse("b=2+a=1")));
        assert!(name.above(1).is(&parse("ADMD=mail net,c=fi")));
    }
}
