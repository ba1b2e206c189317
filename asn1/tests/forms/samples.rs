//! At least one rich value of every public type, with the ledger id it shows.

#[path = "samples_address.rs"]
mod address;
#[path = "samples_association.rs"]
mod association;
#[path = "samples_body.rs"]
pub(crate) mod body;
#[path = "samples_edi.rs"]
pub(crate) mod edi;
#[path = "samples_extension.rs"]
pub(crate) mod extension;
#[path = "samples_military.rs"]
pub(crate) mod military;
#[allow(dead_code, reason = "for tests of what is wrong, and of the edition of 1984")]
#[path = "samples_plain.rs"]
pub(crate) mod plain;
#[path = "samples_security.rs"]
mod security;
#[path = "samples_x411.rs"]
pub(crate) mod x411;
#[path = "samples_x420.rs"]
pub(crate) mod x420;

use std::fmt;

use rasn::{Decode, Encode};
use rasn_x400::ber::{self, Error};
use rasn_x400::prim::RawTlv;

/// Reads octets as one type and writes them again.
pub(crate) type Recoder = fn(&[u8]) -> Result<Vec<u8>, Error>;

/// A value, encoded.
pub(crate) struct Sample {
    /// What the value shows.
    pub(crate) ledger: &'static str,
    /// `module::Type`.
    pub(crate) name: String,
    pub(crate) octets: Vec<u8>,
    pub(crate) recode: Recoder,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.ledger, self.name)
    }
}

fn recode<T: Decode + Encode>(octets: &[u8]) -> Result<Vec<u8>, Error> {
    ber::encode(&ber::decode::<T>(octets, 1 << 20)?)
}

/// A sample of a type that goes by its own name.
pub(crate) fn sample<T>(ledger: &'static str, value: T) -> Sample
where
    T: Decode + Encode + PartialEq + fmt::Debug,
{
    let mut path = std::any::type_name::<T>().rsplitn(3, "::");
    let (ty, module) = (path.next().unwrap(), path.next().unwrap());
    alias(ledger, &format!("{module}::{ty}"), value)
}

/// A sample of a type that another name is given to.
pub(crate) fn alias<T>(ledger: &'static str, name: &str, value: T) -> Sample
where
    T: Decode + Encode + PartialEq + fmt::Debug,
{
    let octets = ber::encode(&value).unwrap();
    let again: T = ber::decode(&octets, 1 << 20).unwrap_or_else(|error| panic!("{ledger} {name}: {error}"));
    assert_eq!(again, value, "{ledger} {name}");
    Sample { ledger, name: name.into(), octets, recode: recode::<T> }
}

/// All of them.
pub(crate) fn samples() -> Vec<Sample> {
    [
        x411::samples(),
        x420::samples(),
        body::samples(),
        military::samples(),
        edi::samples(),
        association::samples(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What reads and writes the type of that name.
pub(crate) fn recoder(name: &str) -> Recoder {
    samples().into_iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("no {name}")).recode
}

/// `ledger id, type, with the default written out, without`.
pub(crate) const DEFAULTS: &[(&str, &str, &str, &str)] = &[
    (
        "A-02",
        "extension::ExtensionField",
        "30 0b 80 01 03 81 01 00 a2 03 0a 01 01",
        "30 08 80 01 03 a2 03 0a 01 01",
    ),
    (
        "A-14",
        "report::DeliveryReport",
        "31 12 80 0d 393130353330313832343535 5a 81 01 00",
        "31 0f 80 0d 393130353330313832343535 5a",
    ),
    ("A-30", "body::Ia5TextParameters", "31 03 80 01 05", "31 00"),
    ("A-31", "heading::Heading", "31 0b 6b 03 13 01 61 8c 01 01 8e 01 00", "31 05 6b 03 13 01 61"),
    ("A-31", "heading::Heading", "31 07 6b 03 13 01 61 af 00", "31 05 6b 03 13 01 61"),
    ("A-31", "heading::RecipientSpecifier", "31 08 a0 00 81 01 00 82 01 00", "31 02 a0 00"),
    (
        "A-33",
        "notification::ReceiptFields",
        "31 12 80 0d 393130353330313832343535 5a 81 01 00",
        "31 0f 80 0d 393130353330313832343535 5a",
    ),
    ("B-13", "body::TeletexParameters", "31 03 81 01 00", "31 00"),
    ("B-17", "heading::MultipartMessageValue", "30 08 16 03 61 62 63 01 01 ff", "30 05 16 03 61 62 63"),
    ("T-30", "rtse::Rtoac", "31 0c 80 01 00 81 01 03 a2 04 a0 02 05 00", "31 06 a2 04 a0 02 05 00"),
    ("T-30", "rtse::Rtorq", "31 0f 80 01 00 81 01 03 82 01 00 a3 04 a0 02 05 00", "31 06 a3 04 a0 02 05 00"),
];

/// Octets in hexadecimal, spaces where they help.
pub(crate) fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|digit| !digit.is_ascii_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "half an octet in {hex}");
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The other way round.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// An element that is kept as it came.
pub(crate) fn raw(hex: &str) -> RawTlv {
    RawTlv::from_element(octets(hex))
}
