//! Encoded information types: what a content holds (RFC 2156 5.3.3.1, ledger B-09).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::distinct::Distinct;
use rasn_x400::oids::EIT_CHARACTER_SETS;
use rasn_x400::prim::Oid;
use rasn_x400::x411::envelope::{BuiltInEncodedInformationTypes as BuiltIn, EncodedInformationTypes};

/// The types gathered while a content is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EncodedTypes {
    built_in: BTreeSet<usize>,
    extended: Distinct<Oid>,
}

impl EncodedTypes {
    /// Adds a bit of [`BuiltIn`].
    pub fn add_built_in(&mut self, bit: usize) {
        self.built_in.insert(bit);
    }

    /// Adds a type named by an object identifier, once.
    pub fn add(&mut self, oid: Oid) {
        self.extended.add(oid);
    }

    /// Adds types named by object identifiers, each once.
    pub fn add_all(&mut self, oids: impl IntoIterator<Item = Oid>) {
        oids.into_iter().for_each(|oid| self.add(oid));
    }

    /// Adds the character set with this ISO registration number.
    pub fn add_character_set(&mut self, registration: i64) {
        if let Ok(arc) = u64::try_from(registration) {
            self.add(EIT_CHARACTER_SETS.below(&[arc]));
        }
    }

    /// Adds all types of another set.
    pub fn merge(&mut self, other: &Self) {
        self.built_in.extend(&other.built_in);
        self.extended.extend(other.extended.as_slice().iter().cloned());
    }

    /// The types of 1984: those without an object identifier (V-08).
    #[must_use]
    pub fn built_in_only(&self) -> Self {
        Self { built_in: self.built_in.clone(), extended: Distinct::default() }
    }

    /// Whether the set has this type.
    #[must_use]
    pub fn has(&self, oid: &Oid) -> bool {
        self.extended.contains(oid)
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.built_in.is_empty() && self.extended.as_slice().is_empty()
    }

    /// The ASN.1 value.
    #[must_use]
    pub fn to_asn1(&self) -> EncodedInformationTypes {
        let bits: Vec<usize> = self.built_in.iter().copied().collect();
        EncodedInformationTypes {
            built_in: BuiltIn::with(&bits),
            extended: Some(self.extended.as_slice()).filter(|oids| !oids.is_empty()).map(<[Oid]>::to_vec),
            ..EncodedInformationTypes::default()
        }
    }

    /// The types of an ASN.1 value. Non-basic parameters are ignored (E-23): [`parameters`] tells of them.
    #[must_use]
    pub fn from_asn1(types: &EncodedInformationTypes) -> Self {
        let mut found = Self::default();
        types.built_in.0.set_bits().for_each(|bit| found.add_built_in(bit));
        types.extended.iter().flatten().for_each(|oid| found.add(oid.clone()));
        found
    }

    /// Bits that have no name, and so no place in a header field.
    pub fn unnamed(&self) -> impl Iterator<Item = usize> + '_ {
        self.built_in.iter().copied().filter(|bit| *bit >= NAMES.len())
    }

    /// Reads the comma list of a header field (E-22, E-24). Words nobody knows are given back.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let mut types = Self::default();
        let mut unknown = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            if let Some(bit) = built_in_bit(word) {
                types.add_built_in(bit);
            } else if let Some(oid) = parse_object_identifier(word) {
                types.add(oid);
            } else {
                unknown.push(word.to_owned());
            }
        }
        (types, unknown)
    }

    /// The comma list of a header field (E-22), in the RFC's own words.
    #[must_use]
    pub fn to_text(&self) -> String {
        let built_in =
            self.built_in.iter().filter_map(|bit| NAMES.get(*bit)).map(|names| names[0].to_owned());
        let extended = self.extended.as_slice().iter().map(object_identifier_text);
        built_in.chain(extended).collect::<Vec<_>>().join(", ")
    }
}

/// Which non-basic parameters a value has, in words.
#[must_use]
pub fn parameters(types: &EncodedInformationTypes) -> Vec<&'static str> {
    let g3 = types.g3_facsimile.is_some().then_some("parameters of group 3 facsimile");
    let teletex = types.teletex.is_some().then_some("parameters of teletex");
    g3.into_iter().chain(teletex).collect()
}

/// By bit: the word of RFC 2156, then words met elsewhere.
const NAMES: [&[&str]; 10] = [
    &["Undefined", "unknown"],
    &["Telex"],
    &["IA5-Text", "ia5", "ia5text"],
    &["G3-Fax", "g3fax", "g3-facsimile"],
    &["TIF0", "g4-class-1"],
    &["Teletex", "ttx"],
    &["Videotex"],
    &["Voice"],
    &["SFD"],
    &["TIF1", "mixed-mode"],
];

fn built_in_bit(word: &str) -> Option<usize> {
    NAMES.iter().position(|names| names.iter().any(|name| name.eq_ignore_ascii_case(word)))
}

/// `(2)(6)(1)`, as it stands in header fields (E-20).
#[must_use]
pub fn object_identifier_text(oid: &Oid) -> String {
    let arcs = oid.arcs().unwrap_or_default();
    let mut text = String::with_capacity(arcs.len() * "(840)".len());
    for arc in arcs {
        // Writing to a string never fails.
        let _ = write!(text, "({arc})");
    }
    text
}

/// `label(2) label(6) (1)`, labels and white space optional (E-20); plain dotted numbers are understood too.
#[must_use]
pub fn parse_object_identifier(text: &str) -> Option<Oid> {
    if text.contains('.') && !text.contains('(') {
        return text.trim().parse().ok();
    }
    let mut arcs = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (label, after) = rest.split_once('(')?;
        if !label.trim().bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-') {
            return None;
        }
        let (number, after) = after.split_once(')')?;
        arcs.push(number.trim().parse().ok()?);
        rest = after.trim_start();
    }
    Oid::from_arcs(&arcs).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::oids::EIT_MIXER;

    use super::*;

    // ledger: mixer Z-02
    #[test]
    fn text_goes_both_ways() {
        // E-22
        let (types, unknown) = EncodedTypes::parse("IA5-Text, G3-Fax,(2)(6)(1)(12)(0)");
        assert_eq!(unknown, [""; 0]);
        assert_eq!(types.to_text(), "IA5-Text, G3-Fax, (2)(6)(1)(12)(0)");
        // E-24
        assert_eq!(EncodedTypes::parse("ia5, undefined , g3fax").0.to_text(), "Undefined, IA5-Text, G3-Fax");
        assert_eq!(EncodedTypes::parse("smoke").1, ["smoke"]);
    }

    #[test]
    fn values_of_others_become_text() {
        // E-22, E-23
        let value = EncodedInformationTypes {
            built_in: BuiltIn::with(&[2, 3, 12]),
            g3_facsimile: Some(rasn_x400::prim::NamedBits::with(&[8], 0)),
            extended: Some(vec![EIT_MIXER]),
            ..EncodedInformationTypes::default()
        };
        let types = EncodedTypes::from_asn1(&value);
        assert_eq!(types.to_text(), "IA5-Text, G3-Fax, (1)(3)(6)(1)(7)(1)(3)(5)");
        assert_eq!(types.unnamed().collect::<Vec<_>>(), [12]);
        assert_eq!(parameters(&value), ["parameters of group 3 facsimile"]);
    }

    #[test]
    fn object_identifiers() {
        // E-20
        let labelled = "joint-iso-ccitt(2) mhs(6) ipms(1) ep(11) ia5-text(0)";
        assert_eq!(parse_object_identifier(labelled), parse_object_identifier("(2)(6)(1)(11)(0)"));
        assert_eq!(parse_object_identifier(labelled).unwrap().to_string(), "2.6.1.11.0");
        // Z-50: a label needs its number.
        for text in ["", "(", "(a)", "2(6", "x y(2)(6)", "(2)", "()", "mhs()", "(2)mhs()(1)"] {
            assert_eq!(parse_object_identifier(text), None, "{text}");
        }
    }

    // ledger: mixer OI-01 OI-02 OI-11; beyond A-24
    #[test]
    fn asn1() {
        let mut types = EncodedTypes::default();
        types.add_built_in(BuiltIn::IA5_TEXT);
        types.add_character_set(6);
        types.add_character_set(100);
        types.add(EIT_MIXER);
        types.add(EIT_MIXER);
        // B-09, P-04
        let octets = rasn_x400::ber::encode(&types.to_asn1()).unwrap();
        let hex: String = octets.iter().map(|octet| format!("{octet:02X}")).collect();
        assert_eq!(
            hex,
            "652180020520A41B 060728CE25070100 06060728CE250701 00640607 2B060107010305".replace(' ', "")
        );
    }
}
