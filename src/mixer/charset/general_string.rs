//! ISO 2022 as X.400 uses it: general-text, GeneralString, GraphicString and TeletexString towards Unicode (RFC 2157 6.2 and its
//! Appendices A and C; ledger B-11, B-12, B-13).
//!
//! A `Reader` is the state machine: four sets (G0 to G3), which of them the left and the right octets mean, and what came
//! with a number but without a designation. Appendix A of RFC 2157 has SO and SI the wrong way round; here they are as in
//! ISO 2022: SO takes G1 to the left, SI takes G0 back.

mod fault;

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::accented;
use super::double::Double;
use super::registry::{Characters, NOTHING, Registration, Shape, is_control};
pub use fault::{FAULTS, Fault, FaultKind};

/// Text that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedText {
    /// The text; what has no meaning is U+FFFD.
    pub text: String,
    /// How many places had no meaning.
    pub unreadable: usize,
    /// What was not as it should be, in order; of equal ones the first, and at most [`FAULTS`].
    pub faults: Vec<Fault>,
}

/// Reads a GeneralString or GraphicString. `registrations` are the ISO registration numbers that came with it: they say what
/// the upper half is where the text itself does not.
#[must_use]
pub fn decode_general(octets: &[u8], registrations: &[i64]) -> DecodedText {
    Reader::general(octets, registrations).read()
}

/// Reads a TeletexString (RFC 2157 Appendix C): ISO-IR-102 on the left, ISO-IR-103 on the right without being designated.
#[must_use]
pub fn decode_teletex(octets: &[u8]) -> DecodedText {
    Reader::teletex(octets).read()
}

/// What a designation put into G0 to G3.
#[derive(Clone, Copy)]
enum Set {
    /// Nothing, or a set that is not known.
    Nothing,
    /// ASCII, and what mail takes for it.
    Ascii,
    /// One octet for a character: its table from 2/0 on, whether 2/0 and 7/15 belong to it, its number.
    Single { table: &'static [char; 96], whole: bool, accented: bool, number: i64 },
    /// Two octets for a character.
    Double(Double),
}

impl From<&'static Registration> for Set {
    fn from(registration: &'static Registration) -> Self {
        match registration.characters {
            Characters::Ascii => Self::Ascii,
            Characters::Double(double) => Self::Double(double),
            characters => Self::Single {
                table: registration.table(),
                whole: registration.shape == Shape::Set96,
                accented: matches!(characters, Characters::Accented(_)),
                number: registration.number,
            },
        }
    }
}

/// The machine.
struct Reader<'t> {
    octets: &'t [u8],
    at: usize,
    /// G0 to G3.
    sets: [Set; 4],
    /// Which of them octets below 80 mean.
    left: usize,
    /// Which of them octets from 80 on mean.
    right: usize,
    /// For the next character alone.
    single: Option<usize>,
    /// A diacritic that waits for its letter, and where it stood.
    diacritic: Option<(char, usize)>,
    /// What to note when the right half is used before a set was designated to it.
    undesignated: Option<FaultKind>,
    out: String,
    unreadable: usize,
    faults: Vec<Fault>,
}

impl<'t> Reader<'t> {
    /// The state X.420 starts a general-text in: ASCII on the left (B-11). What the numbers name, and the text does not
    /// designate, is taken to be on the right: a common fault of peers (B-12).
    fn general(octets: &'t [u8], registrations: &[i64]) -> Self {
        let mut named = registrations.iter().filter(|number| !is_control(**number));
        let right =
            named.clone().find_map(|number| Registration::numbered(*number).filter(|set| set.is_right()));
        let mut reader = Self::new(octets, [Set::Ascii, Set::Nothing, Set::Nothing, Set::Nothing]);
        if let Some(right) = right {
            reader.sets[1] = right.into();
            reader.undesignated = Some(FaultKind::NotDesignated(right.number));
        } else if let Some(number) = named.find(|number| unicode_form(**number).is_some())
            && !octets.contains(&0x1B)
        {
            reader.unicode(unicode_form(*number).unwrap_or(Unicode::Utf8), octets.len());
        } else if !octets.is_ascii() && !octets.contains(&0x1B) && std::str::from_utf8(octets).is_ok() {
            reader.fault(
                octets.iter().position(|octet| !octet.is_ascii()).unwrap_or(0),
                FaultKind::TakenForUtf8,
            );
            reader.unicode(Unicode::Utf8, octets.len());
        } else if let Some(latin_1) = Registration::numbered(100) {
            reader.sets[1] = latin_1.into();
            reader.undesignated = Some(FaultKind::TakenForLatin1);
        }
        reader
    }

    fn teletex(octets: &'t [u8]) -> Self {
        let right = Registration::numbered(103).map_or(Set::Nothing, Set::from);
        Self::new(octets, [Set::Ascii, right, Set::Nothing, Set::Nothing])
    }

    fn new(octets: &'t [u8], sets: [Set; 4]) -> Self {
        Self {
            octets,
            at: 0,
            sets,
            left: 0,
            right: 1,
            single: None,
            diacritic: None,
            undesignated: None,
            out: String::with_capacity(octets.len()),
            unreadable: 0,
            faults: Vec::new(),
        }
    }

    fn read(mut self) -> DecodedText {
        while self.at < self.octets.len() {
            self.step();
        }
        self.drop_diacritic();
        DecodedText { text: self.out, unreadable: self.unreadable, faults: self.faults }
    }

    fn step(&mut self) {
        // Most text is ASCII on the left.
        if matches!(self.sets[self.left], Set::Ascii) && self.single.is_none() && self.diacritic.is_none() {
            self.ascii_run();
        }
        let Some(&octet) = self.octets.get(self.at) else { return };
        match octet {
            0x1B => self.escape(),
            0x0E => self.shift(1, |reader| reader.left = 1),
            0x0F => self.shift(1, |reader| reader.left = 0),
            // SS2 and SS3 of teletex (ISO-IR-106), if there is something to shift to.
            0x19 if self.has(2) => self.shift(1, |reader| reader.single = Some(2)),
            0x1D if self.has(3) => self.shift(1, |reader| reader.single = Some(3)),
            0x8E if self.has(2) => self.shift(1, |reader| reader.single = Some(2)),
            0x8F if self.has(3) => self.shift(1, |reader| reader.single = Some(3)),
            0x9B => self.control_sequence(1),
            0x00..=0x1F => self.control(octet),
            0x80..=0x9F => self.upper_control(octet),
            0x20..=0x7F => {
                let set = self.single.take().unwrap_or(self.left);
                self.character(set);
            }
            0xA0..=0xFF => {
                let set = self.single.take().unwrap_or(self.right);
                if set == 1
                    && let Some(kind) = self.undesignated.take()
                {
                    self.fault(self.at, kind);
                }
                self.character(set);
            }
        }
    }

    /// Takes octets that are ASCII and neither shift nor escape, all at once.
    fn ascii_run(&mut self) {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        let ascii = &rest[..Encoding::ascii_valid_up_to(rest)];
        let plain = memchr::memchr3(0x1B, 0x0E, 0x0F, ascii).unwrap_or(ascii.len());
        let (two, three) = (self.has(2), self.has(3));
        let plain = match (two || three).then(|| memchr::memchr2(0x19, 0x1D, &ascii[..plain])) {
            Some(Some(shift)) => shift,
            _ => plain,
        };
        if let Ok(text) = std::str::from_utf8(&ascii[..plain]) {
            self.out.push_str(text);
        }
        self.at += plain;
    }

    /// The next character, out of the set with this number.
    fn character(&mut self, number: usize) {
        let (at, octets) = (self.at, self.octets);
        let Some(&octet) = octets.get(at) else { return };
        let place = octet & 0x7F;
        match self.sets[number] {
            Set::Nothing if matches!(octet, 0x20 | 0x7F) => self.put(char::from(octet), 1),
            Set::Nothing => self.lost(1, FaultKind::NoSet(octet)),
            Set::Ascii if octet == 0xA0 || octet == 0xFF => self.lost(1, FaultKind::NoCharacter(octet)),
            Set::Ascii => self.put(char::from(place), 1),
            Set::Single { whole: false, .. } | Set::Double(_) if matches!(octet, 0x20 | 0x7F) => {
                self.put(char::from(octet), 1);
            }
            Set::Single { table, accented, .. } => match table[usize::from(place - 0x20)] {
                NOTHING => self.lost(1, FaultKind::NoCharacter(octet)),
                mark if accented && (0x41..=0x4F).contains(&place) => {
                    self.drop_diacritic();
                    self.diacritic = Some((mark, at));
                    self.at += 1;
                }
                character => self.put(character, 1),
            },
            Set::Double(double) => {
                // Both octets are in the same half.
                let second = octets.get(at + 1).filter(|second| (*second ^ octet) & 0x80 == 0);
                match second.map(|second| double.character(place, second & 0x7F)) {
                    Some(Some(character)) => self.put(character, 2),
                    Some(None) => self.lost(2, FaultKind::NoCharacter(octet)),
                    None => self.lost(1, FaultKind::NoCharacter(octet)),
                }
            }
        }
    }

    /// A character that was read out of this many octets, under the diacritic before it.
    fn put(&mut self, character: char, octets: usize) {
        match self.diacritic.take() {
            None => self.out.push(character),
            Some((mark, _)) => match accented::compose(character, mark) {
                Some(composed) => self.out.push(composed),
                None => self.out.extend([character, mark]),
            },
        }
        self.at += octets;
    }

    fn control(&mut self, octet: u8) {
        self.drop_diacritic();
        self.single = None;
        self.put(char::from(octet), 1);
    }

    /// Octets 80 to 9F: controls, unless the text is of ISO-IR-100 and its writer used Windows.
    fn upper_control(&mut self, octet: u8) {
        self.drop_diacritic();
        let windows = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[octet]).0.chars().next();
        let windows = windows.filter(|character| !character.is_control());
        match (self.sets[self.right], windows) {
            (Set::Single { number: 100, .. }, Some(character)) => {
                self.fault(self.at, FaultKind::TakenForWindows1252(octet));
                self.put(character, 1);
            }
            // PLD and PLU say where half-lines are (ISO-IR-107).
            _ if matches!(octet, 0x8B | 0x8C) => {
                self.fault(self.at, FaultKind::ControlFunction(octet));
                self.at += 1;
            }
            _ => self.put(char::from(octet), 1),
        }
    }

    fn escape(&mut self) {
        self.drop_diacritic();
        let sequence = self.octets.get(self.at + 1..).unwrap_or_default();
        // No registered designation has more than four intermediate octets.
        let between = sequence.iter().take(4).take_while(|octet| matches!(octet, 0x20..=0x2F)).count();
        let Some(&last @ 0x30..=0x7E) = sequence.get(between) else {
            return self.lost(1, FaultKind::BrokenEscape);
        };
        let intermediate = &sequence[..between];
        let octets = between + 2;
        match (intermediate, last) {
            ([], b'n') => self.shift(octets, |reader| reader.left = 2),
            ([], b'o') => self.shift(octets, |reader| reader.left = 3),
            ([], b'~') => self.shift(octets, |reader| reader.right = 1),
            ([], b'}') => self.shift(octets, |reader| reader.right = 2),
            ([], b'|') => self.shift(octets, |reader| reader.right = 3),
            ([], b'N') => self.shift(octets, |reader| reader.single = Some(2)),
            ([], b'O') => self.shift(octets, |reader| reader.single = Some(3)),
            ([], b'[') => self.control_sequence(2),
            ([b'$'], b'@' | b'A' | b'B') => self.designate(0, Shape::Double, last, octets),
            ([b'$', place @ b'('..=b'+'], _) => self.designate(place - b'(', Shape::Double, last, octets),
            ([place @ b'('..=b'+'], _) => self.designate(place - b'(', Shape::Set94, last, octets),
            ([place @ b'-'..=b'/'], _) => self.designate(place - b',', Shape::Set96, last, octets),
            ([b'%'], b'G') => {
                let rest = self.octets.get(self.at + octets..).unwrap_or_default();
                let end = memchr::memmem::find(rest, b"\x1B%@");
                self.at += octets;
                self.unicode(Unicode::Utf8, self.at + end.unwrap_or(rest.len()));
                self.at += if end.is_some() { 3 } else { 0 };
            }
            ([b'%', b'/'], _) if unicode_designated(last).is_some() => {
                self.at += octets;
                self.unicode(unicode_designated(last).unwrap_or(Unicode::Utf8), self.octets.len());
            }
            // Control sets, announcements, revisions and the return from another coding: no character depends on them.
            ([b'!' | b'"' | b' ' | b'&' | b'%', ..], _) => self.at += octets,
            ([], _) => {
                self.fault(self.at, FaultKind::ControlFunction(last));
                self.at += octets;
            }
            // A set with more intermediate octets, or of more places than any that is registered.
            ([.., _], _) => {
                self.fault(self.at, FaultKind::UnknownSet(last));
                if let Some(place @ b'('..=b'/') = intermediate.iter().find(|octet| **octet != b'$') {
                    self.sets[usize::from((place - b'(') & 3)] = Set::Nothing;
                }
                self.at += octets;
            }
        }
    }

    fn designate(&mut self, place: u8, shape: Shape, last: u8, octets: usize) {
        let set = match Registration::designated(shape, last) {
            Some(registration) => registration.into(),
            None => {
                self.fault(self.at, FaultKind::UnknownSet(last));
                Set::Nothing
            }
        };
        if place == 1 {
            self.undesignated = None;
        }
        if let Some(old) = self.sets.get_mut(usize::from(place)) {
            *old = set;
        }
        self.at += octets;
    }

    /// CSI, which takes `start` octets, with its parameters: how text looks.
    fn control_sequence(&mut self, start: usize) {
        self.drop_diacritic();
        let rest = self.octets.get(self.at + start..).unwrap_or_default();
        let parameters = rest.iter().take_while(|octet| matches!(octet, 0x20..=0x3F)).count();
        match rest.get(parameters) {
            Some(&last @ 0x40..=0x7E) => {
                self.fault(self.at, FaultKind::ControlFunction(last));
                self.at += start + parameters + 1;
            }
            _ => self.lost(start, FaultKind::BrokenEscape),
        }
    }

    /// Text in Unicode up to `end`.
    fn unicode(&mut self, form: Unicode, end: usize) {
        let start = self.at;
        let coded = self.octets.get(start..end).unwrap_or_default();
        self.at = end;
        match form {
            Unicode::Utf8 => {
                let mut at = start;
                for chunk in coded.utf8_chunks() {
                    self.out.push_str(chunk.valid());
                    at += chunk.valid().len();
                    if !chunk.invalid().is_empty() {
                        self.replace(at, FaultKind::BadUnicode);
                        at += chunk.invalid().len();
                    }
                }
            }
            Unicode::Utf16 => {
                let units = coded.chunks(2).map(|unit| match unit {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    // Half a unit is none: an unpaired surrogate says so.
                    _ => 0xD800,
                });
                let mut at = start;
                for character in char::decode_utf16(units) {
                    match character {
                        Ok(character) => self.out.push(character),
                        Err(_) => self.replace(at, FaultKind::BadUnicode),
                    }
                    at += character.map_or(2, |character| 2 * character.len_utf16());
                }
            }
            Unicode::Utf32 => {
                for (unit, at) in coded.chunks(4).zip((start..).step_by(4)) {
                    let code = unit.iter().fold(0_u32, |code, octet| code << 8 | u32::from(*octet));
                    match char::from_u32(code).filter(|_| unit.len() == 4) {
                        Some(character) => self.out.push(character),
                        None => self.replace(at, FaultKind::BadUnicode),
                    }
                }
            }
        }
    }

    fn has(&self, set: usize) -> bool {
        !matches!(self.sets[set], Set::Nothing)
    }

    fn shift(&mut self, octets: usize, change: impl FnOnce(&mut Self)) {
        self.drop_diacritic();
        change(self);
        self.at += octets;
    }

    fn drop_diacritic(&mut self) {
        if let Some((_, at)) = self.diacritic.take() {
            self.replace(at, FaultKind::LonelyDiacritic);
        }
    }

    fn lost(&mut self, octets: usize, kind: FaultKind) {
        self.drop_diacritic();
        self.replace(self.at, kind);
        self.at += octets;
    }

    fn replace(&mut self, at: usize, kind: FaultKind) {
        self.out.push(NOTHING);
        self.unreadable += 1;
        self.fault(at, kind);
    }

    fn fault(&mut self, at: usize, kind: FaultKind) {
        if self.faults.len() < FAULTS && !self.faults.iter().any(|known| known.kind == kind) {
            self.faults.push(Fault { at, kind });
        }
    }
}

/// A form of Unicode in a registered coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unicode {
    Utf8,
    /// UCS-2 as well, which has no pairs of surrogates.
    Utf16,
    Utf32,
}

/// The form that a registration number names: UTF-8 with and without a way back, UCS-2, UCS-4 and UTF-16 by their levels.
fn unicode_form(number: i64) -> Option<Unicode> {
    match number {
        190..=192 | 196 => Some(Unicode::Utf8),
        162 | 174 | 176 | 193..=195 => Some(Unicode::Utf16),
        163 | 175 | 177 => Some(Unicode::Utf32),
        _ => None,
    }
}

/// The form that `ESC 2/5 2/15 F` designates.
fn unicode_designated(last: u8) -> Option<Unicode> {
    match last {
        b'G'..=b'I' => Some(Unicode::Utf8),
        b'@' | b'C' | b'E' | b'J'..=b'L' => Some(Unicode::Utf16),
        b'A' | b'D' | b'F' => Some(Unicode::Utf32),
        _ => None,
    }
}

/// Text in ASCII or in a TeletexString, borrowed where it is ASCII.
pub(super) fn teletex_text(octets: &[u8]) -> Cow<'_, str> {
    if octets.is_ascii() && memchr::memchr3(0x1B, 0x0E, 0x0F, octets).is_none() {
        return String::from_utf8_lossy(octets);
    }
    Cow::Owned(decode_teletex(octets).text)
}

#[cfg(test)]
mod tests;
