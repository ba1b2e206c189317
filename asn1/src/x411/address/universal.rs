//! Attributes in two- or four-octet characters.

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::prim::{BmpString, PrintableString, UniversalString};

crate::asn_set! {
    /// Text in two- or four-octet characters, with its language if stated.
    pub struct UniversalOrBmp {
        /// The text.
        characters: UniversalCharacters = bare req,
        /// ISO 639 language code, 2 or 5 characters.
        language: PrintableString = bare opt,
    }
}

crate::asn_choice! {
    /// Text in two- or four-octet characters.
    pub enum UniversalCharacters {
        /// Two octets a character.
        TwoOctets(BmpString) = bare,
        /// Four octets a character.
        FourOctets(UniversalString) = bare,
    }
}

impl UniversalOrBmp {
    /// Text as a BMPString, or as a UniversalString when a character lies outside the basic plane.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let characters = if text.chars().all(|character| u32::from(character) < 0x1_0000) {
            let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            UniversalCharacters::TwoOctets(BmpString::new(octets))
        } else {
            let octets: Vec<u8> =
                text.chars().flat_map(|character| u32::from(character).to_be_bytes()).collect();
            UniversalCharacters::FourOctets(UniversalString::new(octets))
        };
        Self { characters, language: None, unknown: Vec::new() }
    }

    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        match &self.characters {
            UniversalCharacters::TwoOctets(value) => value.to_text().into_owned(),
            UniversalCharacters::FourOctets(value) => value.to_text().into_owned(),
            UniversalCharacters::Unknown(value) => {
                String::from_utf8_lossy(value.contents().unwrap_or_default()).into_owned()
            }
        }
    }
}

crate::asn_set! {
    /// A personal name in Universal characters.
    pub struct UniversalPersonalName {
        /// Surname, 1 to 64 characters.
        surname: UniversalOrBmp = imp(0) req,
        /// Given name, 1 to 40 characters.
        given_name: UniversalOrBmp = imp(1) opt,
        /// Initials, 1 to 16 characters.
        initials: UniversalOrBmp = imp(2) opt,
        /// Generation qualifier, 1 to 16 characters.
        generation_qualifier: UniversalOrBmp = imp(3) opt,
    }
}

/// A domain-defined attribute in Universal characters.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct UniversalDomainDefinedAttribute {
    /// The attribute's type.
    pub kind: UniversalOrBmp,
    /// The attribute's value.
    pub value: UniversalOrBmp,
}
