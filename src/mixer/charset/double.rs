//! Sets of two octets for a character, 94 rows of 94: the Japanese, Korean and Chinese ones.
//!
//! A few signs stand for two characters of Unicode, as `〜` and `～`. The one that mail has, by the encodings of the Internet, is
//! read and written, so that what goes to X.400 and back is the same; text with the other one does not fit the set.

use std::collections::HashMap;
use std::sync::LazyLock;

use encoding_rs::Encoding;

/// A set of two octets for a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Double {
    /// JIS X 0208 of 1978, 1983 and 1990, which differ in shapes and a few places.
    JisX0208,
    /// JIS X 0212, the supplement.
    JisX0212,
    /// KS C 5601, now KS X 1001.
    KsC5601,
    /// GB 2312.
    Gb2312,
    /// GB 2312 and what CCITT added.
    IsoIr165,
}

/// Places in a row, and rows.
const SIDE: usize = 94;

type Table = Vec<char>;

impl Double {
    /// The character at a place, both octets 21 to 7E.
    pub(super) fn character(self, row: u8, column: u8) -> Option<char> {
        let place = usize::from(row).checked_sub(0x21)? * SIDE + usize::from(column).checked_sub(0x21)?;
        self.table().get(place).copied().filter(|character| *character != char::REPLACEMENT_CHARACTER)
    }

    /// The place of a character, both octets 21 to 7E. What vendors added to a set is read and never written.
    pub(super) fn octets(self, character: char) -> Option<[u8; 2]> {
        type Places = HashMap<char, [u8; 2]>;
        static JIS_X_0208: LazyLock<Places> = LazyLock::new(|| Double::JisX0208.places());
        static KS_C_5601: LazyLock<Places> = LazyLock::new(|| Double::KsC5601.places());
        static GB_2312: LazyLock<Places> = LazyLock::new(|| Double::Gb2312.places());
        let places = match self {
            Self::JisX0208 => &JIS_X_0208,
            Self::KsC5601 => &KS_C_5601,
            Self::Gb2312 => &GB_2312,
            Self::JisX0212 | Self::IsoIr165 => return None,
        };
        places.get(&character).copied()
    }

    fn places(self) -> HashMap<char, [u8; 2]> {
        let rows = self.table().chunks(SIDE).zip(0x21_u8..).filter(|(_, row)| self.is_standard(*row));
        rows.flat_map(|(row, first)| row.iter().zip(0x21_u8..).map(move |(c, second)| (*c, [first, second])))
            .filter(|(character, octets)| {
                *character != char::REPLACEMENT_CHARACTER && self.is_standard_place(*octets)
            })
            .collect()
    }

    /// Whether the standard itself has this row.
    fn is_standard(self, row: u8) -> bool {
        match self {
            Self::JisX0208 => matches!(row, 0x21..=0x28 | 0x30..=0x74),
            Self::KsC5601 => matches!(row, 0x21..=0x2C | 0x30..=0x48 | 0x4A..=0x7D),
            Self::Gb2312 => matches!(row, 0x21..=0x29 | 0x30..=0x77),
            Self::JisX0212 | Self::IsoIr165 => true,
        }
    }

    fn is_standard_place(self, octets: [u8; 2]) -> bool {
        match self {
            // The euro, the registered sign and the postal mark came in 1998 and 2002.
            Self::KsC5601 => !matches!(octets, [0x22, 0x66..=0x7E]),
            Self::Gb2312 => {
                !matches!(octets, [0x22, 0x21..=0x30 | 0x63] | [0x26, 0x59..=0x7E] | [0x28, 0x3B..=0x44])
            }
            _ => true,
        }
    }

    fn table(self) -> &'static Table {
        static JIS_X_0208: LazyLock<Table> = LazyLock::new(|| decoded(encoding_rs::EUC_JP, &[]));
        static JIS_X_0212: LazyLock<Table> = LazyLock::new(|| decoded(encoding_rs::EUC_JP, &[0x8F]));
        static KS_C_5601: LazyLock<Table> = LazyLock::new(|| {
            let mut table = decoded(encoding_rs::EUC_KR, &[]);
            // The postal mark of 2002.
            put(&mut table, 0x22, 0x68, '㉾');
            table
        });
        static GB_2312: LazyLock<Table> = LazyLock::new(|| decoded(encoding_rs::GBK, &[]));
        static ISO_IR_165: LazyLock<Table> = LazyLock::new(|| {
            let mut table = vec![char::REPLACEMENT_CHARACTER; SIDE * SIDE];
            for (character, [row, column]) in Double::Gb2312.places() {
                put(&mut table, row, column, character);
            }
            for (row, characters) in super::iso_ir_165::ADDED {
                for (column, character) in (0x21..).zip(characters.chars()) {
                    put(&mut table, *row, column, character);
                }
            }
            for (row, column, character) in super::iso_ir_165::OTHERWISE {
                put(&mut table, *row, *column, *character);
            }
            table
        });
        match self {
            Self::JisX0208 => &JIS_X_0208,
            Self::JisX0212 => &JIS_X_0212,
            Self::KsC5601 => &KS_C_5601,
            Self::Gb2312 => &GB_2312,
            Self::IsoIr165 => &ISO_IR_165,
        }
    }
}

/// The whole plane that an encoding has in its octets A1 to FE, after this prefix.
fn decoded(encoding: &'static Encoding, prefix: &[u8]) -> Table {
    let mut table = Vec::with_capacity(SIDE * SIDE);
    for row in 0xA1..=0xFE {
        for column in 0xA1..=0xFE {
            let octets = [prefix, &[row, column][..]].concat();
            let (text, _, failed) = encoding.decode(&octets);
            let mut characters = text.chars();
            let character = characters.next().filter(|character| {
                // Private characters are a vendor's space.
                !failed && !('\u{E000}'..='\u{F8FF}').contains(character) && characters.next().is_none()
            });
            table.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    table
}

fn put(table: &mut Table, row: u8, column: u8, character: char) {
    let place = (usize::from(row) - 0x21) * SIDE + usize::from(column) - 0x21;
    if let Some(old) = table.get_mut(place) {
        *old = character;
    }
}
