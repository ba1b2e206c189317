//! Writes text of registered sets: which set is designated where (RFC 2157 6.2, R1502 3.3 as B-12 has it).
//!
//! ASCII stays in G0 and on the left. One set is in G1 and on the right for good; where a text needs several, another one is
//! designated to G1 where it starts. JIS X 0208 alone is written as ISO-2022-JP, on the left, ASCII back before a line ends.

use encoding_rs::Encoding;

use super::double::Double;
use super::registry::{Characters, Registration, Shape};

/// ASCII to G0.
const ASCII_LEFT: &[u8] = b"\x1B(B";
/// JIS X 0208 to G0.
const JIS_LEFT: &[u8] = b"\x1B$B";
/// G1 to the right.
const G1_RIGHT: &[u8] = b"\x1B~";

/// What writes a text.
pub(super) struct Writer {
    octets: Vec<u8>,
    /// Whether designations are written: MIME charsets know what they are without.
    designates: bool,
    /// The set in G1.
    right: Option<i64>,
}

impl Writer {
    /// For a text of this many octets, with designations.
    pub(super) fn new(octets: usize) -> Self {
        Self { octets: Vec::with_capacity(octets + 16), designates: true, right: None }
    }

    /// Without any but those of ISO-2022-JP.
    pub(super) fn undesignated(octets: usize) -> Self {
        Self { octets: Vec::with_capacity(octets), designates: false, right: None }
    }

    /// Writes a text that these sets hold; what none of them does is left out.
    pub(super) fn write(&mut self, text: &str, sets: &[&'static Registration]) {
        match sets {
            [set] if set.number == 87 => return self.write_japanese(text),
            _ if !self.designates => {}
            [set] => {
                self.octets.extend_from_slice(ASCII_LEFT);
                self.designate(set);
                self.octets.extend_from_slice(G1_RIGHT);
            }
            _ => {
                self.octets.extend_from_slice(ASCII_LEFT);
                self.octets.extend_from_slice(G1_RIGHT);
            }
        }
        let index = Index::of(sets);
        let mut rest = text;
        loop {
            let (ascii, after) = rest.split_at(Encoding::ascii_valid_up_to(rest.as_bytes()));
            self.octets.extend_from_slice(ascii.as_bytes());
            let mut characters = after.chars();
            let Some(character) = characters.next() else { return };
            rest = characters.as_str();
            // The set that is there goes on as long as it can.
            let current = sets.iter().position(|set| Some(set.number) == self.right).or(Some(0));
            let found = current
                .and_then(|at| Some((at, index.octets(at, character)?)))
                .or_else(|| (0..sets.len()).find_map(|at| Some((at, index.octets(at, character)?))));
            let Some((at, octets)) = found else { continue };
            if self.designates && self.right != Some(sets[at].number) {
                self.designate(sets[at]);
            }
            self.octets.extend(octets.into_iter().filter(|octet| *octet != 0).map(|octet| octet | 0x80));
        }
    }

    /// The octets.
    pub(super) fn finish(self) -> Vec<u8> {
        self.octets
    }

    /// Puts a set into G1.
    fn designate(&mut self, set: &Registration) {
        let intermediate: &[u8] = match set.shape {
            Shape::Set94 => b"\x1B)",
            Shape::Set96 => b"\x1B-",
            Shape::Double => b"\x1B$)",
        };
        self.octets.extend_from_slice(intermediate);
        self.octets.push(set.last);
        self.right = Some(set.number);
    }

    fn write_japanese(&mut self, text: &str) {
        let mut japanese = false;
        for character in text.chars() {
            if let Ok(octet) = u8::try_from(character)
                && octet.is_ascii()
            {
                if japanese {
                    self.octets.extend_from_slice(ASCII_LEFT);
                    japanese = false;
                }
                self.octets.push(octet);
            } else if let Some(octets) = Double::JisX0208.octets(character) {
                if !japanese {
                    self.octets.extend_from_slice(JIS_LEFT);
                    japanese = true;
                }
                self.octets.extend_from_slice(&octets);
            }
        }
        if japanese {
            self.octets.extend_from_slice(ASCII_LEFT);
        }
    }
}

/// Characters of sets by their octets, found without searching for those below U+0600, which most are.
struct Index<'s> {
    sets: &'s [&'static Registration],
    low: Vec<Option<Box<[u8; LOW]>>>,
}

const LOW: usize = 0x600;

impl<'s> Index<'s> {
    fn of(sets: &'s [&'static Registration]) -> Self {
        let low = sets.iter().map(|set| {
            if matches!(set.characters, Characters::Double(_)) {
                return None;
            }
            let mut low = Box::new([0; LOW]);
            for character in set.table() {
                if let Some(place) = low.get_mut(*character as usize) {
                    *place = set.octet(*character).unwrap_or(0);
                }
            }
            Some(low)
        });
        Self { sets, low: low.collect() }
    }

    /// One octet or two, 20 to 7F; the second is 0 where there is one.
    fn octets(&self, set: usize, character: char) -> Option<[u8; 2]> {
        let registration = self.sets.get(set)?;
        if let Characters::Double(double) = registration.characters {
            return double.octets(character);
        }
        let octet = match self.low.get(set)?.as_ref()?.get(character as usize) {
            Some(octet) => Some(*octet).filter(|octet| *octet != 0),
            None => registration.octet(character),
        };
        octet.map(|octet| [octet, 0])
    }
}
