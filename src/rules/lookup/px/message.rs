//! PX records in a message of DNS (RFC 2163 4, RFC 1035 4.1; ledger ).
//!
//! Names inside a PX record may be compressed (RFC 3597 4), so they are read out of the whole message.

/// The number of the type PX, of CNAME, and of the class IN.
pub const PX: u16 = 26;
const CNAME: u16 = 5;
const IN: u16 = 1;

/// Octets of a name with its lengths (RFC 1035 2.3.4).
const NAME_LIMIT: usize = 255;
/// Names one after the other that a name may stand for.
const ALIASES: usize = 8;

/// A domain name as its labels, the root left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Octets of each.
    pub labels: Vec<Vec<u8>>,
}

impl Name {
    /// A name from text without escapes; a full stop at its end does not matter.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let labels = text.trim_end_matches('.').split('.').filter(|label| !label.is_empty());
        Self { labels: labels.map(|label| label.as_bytes().to_vec()).collect() }
    }

    /// The name with a full stop at its end; what is no visible ASCII character, or a full stop inside a label, is escaped.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for label in &self.labels {
            for &octet in label {
                match octet {
                    b'.' | b'\\' => text.extend(['\\', char::from(octet)]),
                    0x21..=0x7E => text.push(char::from(octet)),
                    _ => text.push_str(&format!("\\{octet:03}")),
                }
            }
            text.push('.');
        }
        if text.is_empty() { ".".to_owned() } else { text }
    }

    fn is(&self, other: &Self) -> bool {
        self.labels.len() == other.labels.len()
            && self.labels.iter().zip(&other.labels).all(|(one, two)| one.eq_ignore_ascii_case(two))
    }
}

/// A PX record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Px {
    /// Its owner; where a wildcard was used, the name that was asked for.
    pub owner: Name,
    /// Seconds it may be kept.
    pub time_to_live: u32,
    /// Lower values are preferred.
    pub preference: u16,
    /// The domain.
    pub map822: Name,
    /// The O/R address in the syntax of DNS.
    pub mapx400: Name,
}

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { owner, preference, map822, mapx400, .. } = self;
        write!(f, "{} PX {preference} {} {}", owner.to_text(), map822.to_text(), mapx400.to_text())
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The server has authority for the name (AA).
    pub authoritative: bool,
    /// The server has verified the answer by DNSSEC (AD).
    pub authenticated: bool,
    /// The PX records of the name asked for, or of the one it is another name of.
    pub records: Vec<Px>,
}

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be read at octet {offset}: {reason}")]
pub struct Unreadable {
    /// Octets of the message before the fault.
    pub offset: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Reads the answers of a message. Records of other types and classes are passed over.
///
/// # Errors
/// When it breaks off, or a PX record in it has no right form.
pub fn read(message: &[u8], asked: &Name) -> Result<Response, Unreadable> {
    let mut reader = Reader { message, at: 0 };
    let header = reader.take(12)?;
    let (flags, questions, answers) = (
        [header[2], header[3]],
        u16::from_be_bytes([header[4], header[5]]),
        u16::from_be_bytes([header[6], header[7]]),
    );
    for _ in 0..questions {
        reader.name()?;
        reader.take(4)?;
    }
    let mut records = Vec::new();
    let mut aliases: Vec<(Name, Name)> = Vec::new();
    for _ in 0..answers {
        let owner = reader.name()?;
        let kind = reader.number()?;
        let class = reader.number()?;
        let time_to_live = reader.take(4)?;
        let time_to_live =
            u32::from_be_bytes([time_to_live[0], time_to_live[1], time_to_live[2], time_to_live[3]]);
        let length = usize::from(reader.number()?);
        let end = reader.at + length;
        if end > message.len() {
            return Err(reader.fault("a record is longer than the message"));
        }
        match (kind, class) {
            (PX, IN) => {
                let preference = reader.number()?;
                let (map822, mapx400) = (reader.name()?, reader.name()?);
                if reader.at != end {
                    return Err(reader.fault("a PX record does not end where it should"));
                }
                // RFC 2181 8: a time to live with the highest bit is none.
                let time_to_live = if time_to_live > i32::MAX.unsigned_abs() { 0 } else { time_to_live };
                records.push(Px { owner, time_to_live, preference, map822, mapx400 });
            }
            (CNAME, IN) => aliases.push((owner, reader.name()?)),
            _ => {}
        }
        reader.at = end;
    }
    let mut name = asked;
    for _ in 0..ALIASES {
        let Some((_, target)) = aliases.iter().find(|(owner, _)| owner.is(name)) else { break };
        name = target;
    }
    records.retain(|record| record.owner.is(name));
    Ok(Response { authoritative: flags[0] & 0x04 != 0, authenticated: flags[1] & 0x20 != 0, records })
}

struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    const fn fault(&self, reason: &'static str) -> Unreadable {
        Unreadable { offset: self.at, reason }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let octets = self.message.get(self.at..self.at + length);
        let octets = octets.ok_or_else(|| self.fault("the message breaks off"))?;
        self.at += length;
        Ok(octets)
    }

    fn number(&mut self) -> Result<u16, Unreadable> {
        self.take(2).map(|octets| u16::from_be_bytes([octets[0], octets[1]]))
    }

    /// A name, with what it points to. A pointer leads to an earlier place, so that reading ends.
    fn name(&mut self) -> Result<Name, Unreadable> {
        let mut labels = Vec::new();
        let mut length = 1;
        let mut back: Option<usize> = None;
        let mut earliest = self.at;
        loop {
            let first = self.take(1)?[0];
            match first {
                0 => break,
                1..=0x3F => {
                    let label = self.take(usize::from(first))?;
                    length += label.len() + 1;
                    if length > NAME_LIMIT {
                        return Err(self.fault("a name is too long"));
                    }
                    labels.push(label.to_vec());
                }
                0xC0.. => {
                    let second = self.take(1)?[0];
                    let target = usize::from(first & 0x3F) << 8 | usize::from(second);
                    if target >= earliest {
                        return Err(self.fault("a name points ahead"));
                    }
                    back.get_or_insert(self.at);
                    earliest = target;
                    self.at = target;
                }
                _ => return Err(self.fault("a label of an unknown kind")),
            }
        }
        if let Some(back) = back {
            self.at = back;
        }
        Ok(Name { labels })
    }
}
