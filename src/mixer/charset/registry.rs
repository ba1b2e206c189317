//! The registered character sets of ISO 2022: number, how each is designated, and its characters (RFC 2157 6.2, B-12).
//!
//! The numbers are those of the International Register of coded character sets (ISO-IR), which general-text lists in its
//! parameters. A set of 94 characters leaves 2/0 and 7/15 alone, a set of 96 does not.

use std::sync::LazyLock;

use encoding_rs::Encoding;

use super::accented;
use super::double::Double;

/// How a set is designated: the intermediate octets that go before its final octet, and how many places it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One octet, 94 places: `ESC 2/8 F` to `ESC 2/11 F`.
    Set94,
    /// One octet, 96 places: `ESC 2/13 F` to `ESC 2/15 F`.
    Set96,
    /// Two octets: `ESC 2/4 2/8 F` to `ESC 2/4 2/11 F`, or `ESC 2/4 F` for the three oldest in G0.
    Double,
}

/// A registered set.
pub(super) struct Registration {
    /// The number in the register.
    pub(super) number: i64,
    pub(super) shape: Shape,
    /// The final octet of its designation.
    pub(super) last: u8,
    /// The MIME charset that has this set on the right and ASCII on the left.
    pub(super) charset: Option<&'static str>,
    pub(super) characters: Characters,
}

/// The characters of a set.
#[derive(Clone, Copy)]
pub(super) enum Characters {
    /// ASCII, or so much like it that mail takes it for ASCII.
    Ascii,
    /// ASCII but for these places.
    National(&'static str, &'static str),
    /// All 96 places, from 2/0 on.
    Listed(&'static str),
    /// All 96 places, of which 4/1 to 4/15 are diacritics that stand before their letter.
    Accented(&'static str),
    /// The upper half of an encoding, without characters that came in a later edition of it.
    Half(&'static Encoding, &'static [char]),
    /// Two octets for a character.
    Double(Double),
}

const fn set94(number: i64, last: u8, characters: Characters) -> Registration {
    Registration { number, shape: Shape::Set94, last, charset: None, characters }
}

const fn set96(number: i64, last: u8, charset: &'static str, encoding: &'static Encoding) -> Registration {
    let characters = Characters::Half(encoding, &[]);
    Registration { number, shape: Shape::Set96, last, charset: Some(charset), characters }
}

const fn listed96(number: i64, last: u8, characters: Characters) -> Registration {
    Registration { number, shape: Shape::Set96, last, charset: None, characters }
}

const fn double(number: i64, last: u8, charset: Option<&'static str>, set: Double) -> Registration {
    Registration { number, shape: Shape::Double, last, charset, characters: Characters::Double(set) }
}

/// The sets that are known. Where text is written, those with a charset are tried in this order: the sets of RFC 2157 first,
/// later ones after.
pub(super) const REGISTRATIONS: &[Registration] = &[
    set94(6, b'B', Characters::Ascii),
    set96(100, b'A', "iso-8859-1", encoding_rs::WINDOWS_1252),
    set96(101, b'B', "iso-8859-2", encoding_rs::ISO_8859_2),
    set96(109, b'C', "iso-8859-3", encoding_rs::ISO_8859_3),
    set96(110, b'D', "iso-8859-4", encoding_rs::ISO_8859_4),
    set96(144, b'L', "iso-8859-5", encoding_rs::ISO_8859_5),
    set96(127, b'G', "iso-8859-6", encoding_rs::ISO_8859_6),
    Registration {
        characters: Characters::Half(encoding_rs::ISO_8859_7, &['€', '₯', 'ͺ']),
        ..set96(126, b'F', "iso-8859-7", encoding_rs::ISO_8859_7)
    },
    Registration {
        characters: Characters::Half(encoding_rs::ISO_8859_8, &['\u{200E}', '\u{200F}']),
        ..set96(138, b'H', "iso-8859-8", encoding_rs::ISO_8859_8)
    },
    set96(148, b'M', "iso-8859-9", encoding_rs::WINDOWS_1254),
    set96(203, b'b', "iso-8859-15", encoding_rs::ISO_8859_15),
    set96(157, b'V', "iso-8859-10", encoding_rs::ISO_8859_10),
    set96(179, b'Y', "iso-8859-13", encoding_rs::ISO_8859_13),
    set96(199, b'_', "iso-8859-14", encoding_rs::ISO_8859_14),
    set96(226, b'f', "iso-8859-16", encoding_rs::ISO_8859_16),
    double(87, b'B', Some("iso-2022-jp"), Double::JisX0208),
    double(149, b'C', Some("euc-kr"), Double::KsC5601),
    double(58, b'A', Some("gb2312"), Double::Gb2312),
    // What follows is read, not written.
    double(42, b'@', None, Double::JisX0208),
    // The revision of 1990 is designated as that of 1983, with ESC 2/6 4/0 before it.
    double(168, b'B', None, Double::JisX0208),
    double(159, b'D', None, Double::JisX0212),
    double(165, b'E', None, Double::IsoIr165),
    // ISO 646 and its national forms. The old reference version has the currency sign for the dollar: mail takes it for the
    // dollar (B-10).
    set94(2, b'@', Characters::Ascii),
    set94(4, b'A', Characters::National("#~", "£‾")),
    set94(10, b'G', Characters::National("$[\\]{|}~", "¤ÄÖÅäöå‾")),
    set94(11, b'H', Characters::National("$@[\\]^`{|}~", "¤ÉÄÖÅÜéäöåü")),
    set94(14, b'J', Characters::National("\\~", "¥‾")),
    set94(15, b'Y', Characters::National("#@[\\]`{|}~", "£§°çéùàòèì")),
    set94(16, b'L', Characters::National("@[\\]{|}~", "§ÃÇÕãçõ°")),
    set94(17, b'Z', Characters::National("#@[\\]{|}", "£§¡Ñ¿°ñç")),
    set94(21, b'K', Characters::National("@[\\]{|}~", "§ÄÖÜäöüß")),
    set94(25, b'R', Characters::National("#@[\\]{|}~", "£à°ç§éùè¨")),
    set94(57, b'T', Characters::National("$~", "¥‾")),
    set94(60, b'`', Characters::National("[\\]{|}~", "ÆØÅæøå‾")),
    set94(61, b'a', Characters::National("#[\\]{|}~", "§ÆØÅæøå|")),
    set94(69, b'f', Characters::National("#@[\\]`{|}~", "£à°ç§µéùè¨")),
    set94(84, b'g', Characters::National("@[\\]{|}", "´ÃÇÕãçõ")),
    set94(85, b'h', Characters::National("@[\\]^{|}~", "•¡ÑÇ¿´ñç¨")),
    set94(86, b'i', Characters::National("$@[\\]`{|}~", "¤ÁÉÖÜáéöü˝")),
    set94(121, b'w', Characters::National("@[\\]^`{|}~", "àâçêîôéùèû")),
    set94(122, b'x', Characters::National("@[\\]^`{|}~", "àâçêÉôéùèû")),
    set94(141, b'z', Characters::National("@[\\]^`{|}~", "ŽŠĐĆČžšđćč")),
    set94(
        13,
        b'I',
        Characters::Listed(
            "\u{FFFD}｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ\
             \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
             \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
             \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
             \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}",
        ),
    ),
    // Places of ASCII that the primary set of teletex lacks are read as ASCII: peers fill them so.
    set94(102, b'u', Characters::Ascii),
    set94(103, b'v', Characters::Accented(accented::T61)),
    set94(90, b'l', Characters::Accented(accented::ISO_6937_1983)),
    listed96(156, b'R', Characters::Accented(accented::ISO_6937)),
    listed96(
        111,
        b'@',
        Characters::Listed(
            "\u{A0}ђѓёєѕіїјљњћќ\u{AD}ўџ№ЂЃЁЄЅІЇЈЉЊЋЌ¤ЎЏюабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ",
        ),
    ),
    listed96(
        139,
        b'I',
        Characters::Listed(
            "\u{A0}Ą˘Ł$ĽŚ§¨ŠŞŤŹ\u{AD}ŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙",
        ),
    ),
    Registration { charset: None, ..set96(166, b'T', "", encoding_rs::WINDOWS_874) },
];

/// No character stands here.
pub(super) const NOTHING: char = char::REPLACEMENT_CHARACTER;

impl Registration {
    /// The registration with this number.
    pub(super) fn numbered(number: i64) -> Option<&'static Self> {
        REGISTRATIONS.iter().find(|known| known.number == number)
    }

    /// The registration that this final octet designates.
    pub(super) fn designated(shape: Shape, last: u8) -> Option<&'static Self> {
        REGISTRATIONS.iter().find(|known| known.shape == shape && known.last == last)
    }

    /// Whether the set stands in the right half in practice, so that its number alone says what octets from A0 on mean.
    pub(super) fn is_right(&self) -> bool {
        match self.characters {
            Characters::Ascii | Characters::National(..) => false,
            Characters::Listed(_) | Characters::Accented(_) => true,
            Characters::Half(..) | Characters::Double(_) => true,
        }
    }

    /// The characters of a set of single octets, from 2/0 on; U+FFFD where there is none.
    pub(super) fn table(&self) -> &'static [char; 96] {
        static TABLES: LazyLock<Vec<[char; 96]>> =
            LazyLock::new(|| REGISTRATIONS.iter().map(|set| set.characters.table()).collect());
        static EMPTY: [char; 96] = [NOTHING; 96];
        let place = REGISTRATIONS.iter().position(|known| known.number == self.number);
        place.and_then(|place| TABLES.get(place)).unwrap_or(&EMPTY)
    }

    /// The octet of a character in a set of single octets, 20 to 7F; `None` if the set lacks it in the edition of its
    /// registration.
    pub(super) fn octet(&self, character: char) -> Option<u8> {
        let later = matches!(self.characters, Characters::Half(_, later) if later.contains(&character));
        if later || character == NOTHING {
            return None;
        }
        let place = self.table().iter().position(|known| *known == character)?;
        u8::try_from(place + 0x20).ok()
    }
}

impl Characters {
    fn table(self) -> [char; 96] {
        let mut table = [NOTHING; 96];
        match self {
            Self::Ascii | Self::National(..) => {
                for (place, octet) in table.iter_mut().zip(0x20_u8..0x7F) {
                    *place = char::from(octet);
                }
                if let Self::National(places, instead) = self {
                    for (place, character) in places.bytes().zip(instead.chars()) {
                        table[usize::from(place - 0x20)] = character;
                    }
                }
            }
            Self::Listed(text) | Self::Accented(text) => {
                for (place, character) in table.iter_mut().zip(text.chars()) {
                    *place = character;
                }
                if matches!(self, Self::Accented(_)) {
                    for diacritic in accented::DIACRITICS {
                        table[usize::from(diacritic.octet - 0xA0)] = diacritic.mark;
                    }
                }
            }
            Self::Half(encoding, _) => {
                for (place, octet) in table.iter_mut().zip(0xA0_u8..=0xFF) {
                    let octets = [octet];
                    let (text, failed) = encoding.decode_without_bom_handling(&octets);
                    *place = text.chars().next().filter(|_| !failed).unwrap_or(NOTHING);
                }
            }
            Self::Double(_) => {}
        }
        table
    }
}

/// The number of the control set or Unicode form that no character is looked up in, by which a general-text names it:
/// nothing of the text depends on it (B-11).
pub(super) fn is_control(number: i64) -> bool {
    matches!(number, 1 | 77 | 106 | 107)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_is_registered_once() {
        for (at, set) in REGISTRATIONS.iter().enumerate() {
            for other in &REGISTRATIONS[at + 1..] {
                assert_ne!(set.number, other.number);
                // ISO-IR-168 is a revision of ISO-IR-87.
                let same = set.shape == other.shape && set.last == other.last;
                assert!(!same || (set.number, other.number) == (87, 168), "{}", set.number);
            }
        }
    }

    #[test]
    fn each_listed_set_is_whole() {
        for set in REGISTRATIONS {
            match set.characters {
                Characters::Listed(text) | Characters::Accented(text) => {
                    assert_eq!(text.chars().count(), 96, "{}", set.number);
                }
                Characters::National(places, instead) => {
                    assert_eq!(places.chars().count(), instead.chars().count(), "{}", set.number);
                }
                _ => {}
            }
        }
    }
}
