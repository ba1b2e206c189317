//! Identifiers, addresses, traces and types as RFC 2156 writes them in header fields (3.3, 5.3.6, 5.3.7).

use rasn_x400::prim::X400Time;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text;
use rasn_x400::x411::envelope::{EncodedInformationTypes, MtsIdentifier};
use rasn_x400::x411::extension::ExtensionField;

use crate::message::date::format_date;
use crate::mixer::AddressMapper;
use crate::mixer::date::from_utc_time;
use crate::mixer::encoded_types::EncodedTypes;
use crate::mixer::envelope::names::{mts_identifier_text, or_text};
use crate::mixer::envelope::services;
use crate::mixer::trace::domain_of;

/// The text form `/S=…/C=…/` of an O/R address, in the order the standard demands.
#[must_use]
pub fn std_or(name: &OrName) -> String {
    or_text(name)
}

/// `[/PRMD=…/ADMD=…/C=…/;local]` (I-15)
#[must_use]
pub fn mts_identifier(identifier: &MtsIdentifier) -> String {
    mts_identifier_text(identifier)
}

/// Reads what [`mts_identifier`] writes; white space around it is read over, and the last bracket counts.
#[must_use]
pub fn parse_mts_identifier(text: &str, mapper: &dyn AddressMapper) -> Option<MtsIdentifier> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let (domain, local) = inside.split_once(';')?;
    let read = |text: &str| mapper.parse_or(text).or_else(|| text::parse(text).ok()?.to_or_name().ok());
    let domain = domain_of(&read(domain.trim())?)?;
    // Folding may have left a space.
    let local = local.trim_start();
    (!local.is_empty()).then(|| MtsIdentifier { domain, local_identifier: local.into(), unknown: Vec::new() })
}

/// The comma list of encoded information types (E-22).
#[must_use]
pub fn encoded_types(types: &EncodedInformationTypes) -> String {
    EncodedTypes::from_asn1(types).to_text()
}

/// An extension in a list of discarded ones: a number with its label, or an object identifier.
#[must_use]
pub fn extension(field: &ExtensionField) -> String {
    services::name(&field.kind)
}

/// A UTCTime as a date of RFC 5322; one that cannot be read as its characters.
#[must_use]
pub fn date(time: &X400Time) -> String {
    from_utc_time(time).map_or_else(|| String::from_utf8_lossy(time.as_bytes()).into_owned(), format_date)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::mixer::address::Mapper;
    use crate::rules::Rules;

    #[test]
    fn mts_identifiers_go_both_ways() {
        let gateway = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gateway; P=gw; A=Gold 400; C=gb\"\nroute_unmapped = \"refuse\"\n";
        let rules = Rules::from_sources(&[("rules.toml", gateway)]).unwrap();
        let mapper = Mapper::new(&rules);
        for text in [
            // I-15, R-24
            "[/PRMD=HMG/ADMD=GOLD 400/C=GB/;PC1000-910530172027-57D8]",
            "[/PRMD=uk.ac/ADMD=gold 400/C=gb/;<1803.665941698@UK.AC.UCL.CS>]",
            "[/ADMD= /C=XX/;a;b]c]",
        ] {
            let identifier = parse_mts_identifier(text, &mapper).unwrap();
            assert_eq!(mts_identifier(&identifier), text);
        }
        let folded = parse_mts_identifier(" [/PRMD=p/ADMD=a/C=GB/; x] ", &mapper).unwrap();
        assert_eq!(folded.local_identifier.to_text(), "x");
        for text in ["", "[]", "[;]", "[/PRMD=p/;x]", "/PRMD=p/ADMD=a/C=GB/;x", "[/PRMD=p/ADMD=a/C=GB/;]"] {
            assert_eq!(parse_mts_identifier(text, &mapper), None, "{text}");
        }
    }
}
