//! The subset of BER that LDAP uses (RFC 4511 5.1): definite lengths, tags of one octet, primitive strings.

/// Octets that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    /// What is wrong.
    pub what: &'static str,
}

const fn fault<T>(what: &'static str) -> Result<T, Fault> {
    Err(Fault { what })
}

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// OCTET STRING; also LDAPString, LDAPDN and the like.
pub const OCTET_STRING: u8 = 0x04;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;
/// SEQUENCE and SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// SET OF.
pub const SET: u8 = 0x31;

/// `[APPLICATION number]` of something constructed.
#[must_use]
pub const fn application(number: u8) -> u8 {
    0x60 | number
}

/// `[number]` of something primitive.
#[must_use]
pub const fn context(number: u8) -> u8 {
    0x80 | number
}

/// `[number]` of something constructed.
#[must_use]
pub const fn context_constructed(number: u8) -> u8 {
    0xa0 | number
}

/// The octets of the first element, if they are all there: how many, or None if more have to come.
///
/// # Errors
/// When it is no element of LDAP, or longer than `limit`.
pub fn extent(octets: &[u8], limit: usize) -> Result<Option<usize>, Fault> {
    let (Some(tag), Some(first)) = (octets.first(), octets.get(1)) else { return Ok(None) };
    if tag & 0x1f == 0x1f {
        return fault("a tag of more than one octet");
    }
    let (header, length) = match first {
        0..=0x7f => (2, usize::from(*first)),
        0x80 => return fault("an indefinite length (RFC 4511 5.1)"),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let Some(digits) = octets.get(2..2 + count) else { return Ok(None) };
            (2 + count, digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit)))
        }
        _ => return fault("a length of more than four octets"),
    };
    let Some(whole) = header.checked_add(length).filter(|whole| *whole <= limit) else {
        return fault("a message longer than is accepted");
    };
    Ok((octets.len() >= whole).then_some(whole))
}

/// Reads elements one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of these octets.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element: its tag and its contents.
    ///
    /// # Errors
    /// When it is not all there.
    pub fn element(&mut self) -> Result<(u8, &'a [u8]), Fault> {
        let Some(whole) = extent(self.0, usize::MAX)? else { return fault("it ends too early") };
        let (element, rest) = self.0.split_at(whole);
        self.0 = rest;
        let header = match element[1] {
            0..=0x7f => 2,
            first => 2 + usize::from(first & 0x7f),
        };
        Ok((element[0], &element[header..]))
    }

    /// The contents of the next element, which must have this tag.
    ///
    /// # Errors
    /// When it has another, or is not all there.
    pub fn expect(&mut self, tag: u8) -> Result<&'a [u8], Fault> {
        match self.element()? {
            (found, contents) if found == tag => Ok(contents),
            _ => fault("another tag than expected"),
        }
    }

    /// The contents of the next element if it has this tag.
    ///
    /// # Errors
    /// When it is not all there.
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Fault> {
        if self.0.first() == Some(&tag) { self.expect(tag).map(Some) } else { Ok(None) }
    }

    /// A string in UTF-8; octets that are none are replaced.
    ///
    /// # Errors
    /// When it is no OCTET STRING.
    pub fn text(&mut self) -> Result<String, Fault> {
        Ok(String::from_utf8_lossy(self.expect(OCTET_STRING)?).into_owned())
    }

    /// A number that is not negative, from an element of this tag.
    ///
    /// # Errors
    /// When it is something else, or beyond 31 bits (RFC 4511 4.1.1).
    pub fn number(&mut self, tag: u8) -> Result<u32, Fault> {
        let contents = self.expect(tag)?;
        let fits = matches!(contents.len(), 1..=4) && contents[0] < 0x80;
        if !fits {
            return fault("a number outside 0 to 2147483647");
        }
        Ok(contents.iter().fold(0, |sum, digit| sum << 8 | u32::from(*digit)))
    }
}

/// Writes elements one after the other.
#[derive(Debug, Clone, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// An element with these contents.
    pub fn primitive(&mut self, tag: u8, contents: &[u8]) {
        self.0.push(tag);
        match contents.len() {
            length @ 0..=0x7f => self.0.push(low_octet(length)),
            length => {
                let digits = length.to_be_bytes();
                let zeros = digits.iter().take_while(|digit| **digit == 0).count();
                self.0.push(0x80 | low_octet(digits.len() - zeros));
                self.0.extend_from_slice(&digits[zeros..]);
            }
        }
        self.0.extend_from_slice(contents);
    }

    /// An element with what `write` writes.
    pub fn constructed(&mut self, tag: u8, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::new();
        write(&mut inner);
        self.primitive(tag, &inner.0);
    }

    /// A number that is not negative, with the fewest octets.
    pub fn number(&mut self, tag: u8, number: u32) {
        let digits = u64::from(number).to_be_bytes();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count().min(digits.len() - 1);
        // An octet of zeros keeps it from being negative.
        let start = if digits[zeros] >= 0x80 { zeros - 1 } else { zeros };
        self.primitive(tag, &digits[start..]);
    }

    /// TRUE or FALSE.
    pub fn boolean(&mut self, tag: u8, value: bool) {
        self.primitive(tag, &[if value { 0xff } else { 0 }]);
    }
}

fn low_octet(number: usize) -> u8 {
    number.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lengths_are_as_short_as_they_can_be() {
        let numbers = [
            (0, &[2, 1, 0][..]),
            (127, &[2, 1, 0x7f]),
            (128, &[2, 2, 0, 0x80]),
            (256, &[2, 2, 1, 0]),
            (0x7fff_ffff, &[2, 4, 0x7f, 0xff, 0xff, 0xff]),
        ];
        for (number, octets) in numbers {
            let mut writer = Writer::new();
            writer.number(INTEGER, number);
            assert_eq!(writer.finish(), octets);
            assert_eq!(Reader::new(octets).number(INTEGER), Ok(number));
        }
        for (length, header) in
            [(127, &[4, 127][..]), (128, &[4, 0x81, 128]), (70_000, &[4, 0x83, 1, 0x11, 0x70])]
        {
            let contents = vec![7; length];
            let mut writer = Writer::new();
            writer.primitive(OCTET_STRING, &contents);
            let octets = writer.finish();
            assert_eq!(&octets[..header.len()], header);
            assert_eq!(Reader::new(&octets).expect(OCTET_STRING), Ok(&contents[..]));
            for cut in [0, 1, 2, header.len(), octets.len() - 1] {
                assert_eq!(extent(&octets[..cut], usize::MAX), Ok(None), "{length} {cut}");
                assert!(Reader::new(&octets[..cut]).element().is_err());
            }
            assert_eq!(extent(&octets, octets.len()), Ok(Some(octets.len())));
            assert!(extent(&octets[..6], octets.len() - 1).is_err());
        }
    }

    #[test]
    fn what_ldap_does_not_have_is_refused() {
        for octets in [&[0x30, 0x80, 0, 0][..], &[0x1f, 0x20, 0], &[0x30, 0x85, 0, 0, 0, 0, 1, 0]] {
            assert!(extent(octets, usize::MAX).is_err(), "{octets:02x?}");
        }
        for octets in [&[2, 0][..], &[2, 1, 0x80], &[2, 5, 0, 0, 0, 0, 1], &[4, 1, 1]] {
            assert!(Reader::new(octets).number(INTEGER).is_err(), "{octets:02x?}");
        }
    }
}
