//! O/R addresses in one form: that of std-or (RFC 2156 4.1.3), spaces squeezed, an ADMD without characters as a space.

use rasn_x400::bounds;
use rasn_x400::prim::is_printable;
use rasn_x400::x411::address::text::{self, Key, KeyedAddress};

/// The canonical form of an address. Two addresses that X.400 takes for the same differ at most in the case of letters,
/// and in how a country is written.
pub(crate) fn canonical(address: &KeyedAddress) -> String {
    let squeezed = address.attributes().iter().map(|attribute| {
        let mut value = without_extra_spaces(&attribute.value);
        if value.is_empty() && attribute.key == Key::AdministrationDomain {
            value.push(' ');
        }
        let key = match &attribute.key {
            Key::DomainDefined(kind) => Key::DomainDefined(without_extra_spaces(kind)),
            key => key.clone(),
        };
        (key, value)
    });
    let address: KeyedAddress = squeezed.collect();
    address.to_std_or()
}

/// The address of a canonical form. Plain ones are not read as everything is that people write.
pub(crate) fn address(canonical: &str) -> Option<KeyedAddress> {
    plain(canonical).or_else(|| text::parse(canonical).ok())
}

fn plain(canonical: &str) -> Option<KeyedAddress> {
    if canonical.contains(['$', '*', '{', '|']) {
        return None;
    }
    let pairs = canonical.strip_prefix('/')?.strip_suffix('/')?.split('/');
    let pairs = pairs.map(|pair| {
        let (label, value) = pair.split_once('=')?;
        let key = match label {
            "G" => Key::GivenName,
            "I" => Key::Initials,
            "S" => Key::Surname,
            "GQ" => Key::GenerationQualifier,
            "CN" => Key::CommonName,
            "OU" => Key::OrganizationalUnit,
            "O" => Key::Organization,
            "PRMD" => Key::PrivateDomain,
            "ADMD" => Key::AdministrationDomain,
            "C" => Key::Country,
            _ => return None,
        };
        Some((key, value.to_owned()))
    });
    pairs.collect()
}

/// Without spaces at the ends, and one where there are several.
pub(crate) fn without_extra_spaces(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The attributes that nearly all addresses are made of, in canonical order.
const USUAL: [(&str, usize); 13] = [
    ("G", bounds::GIVEN_NAME),
    ("I", bounds::INITIALS),
    ("S", bounds::SURNAME),
    ("GQ", bounds::GENERATION_QUALIFIER),
    ("CN", bounds::COMMON_NAME),
    ("OU", bounds::ORGANIZATIONAL_UNIT_NAME),
    ("OU", bounds::ORGANIZATIONAL_UNIT_NAME),
    ("OU", bounds::ORGANIZATIONAL_UNIT_NAME),
    ("OU", bounds::ORGANIZATIONAL_UNIT_NAME),
    ("O", bounds::ORGANIZATION_NAME),
    ("PRMD", bounds::DOMAIN_NAME),
    ("ADMD", bounds::DOMAIN_NAME),
    ("C", 2),
];

const GIVEN: usize = 0;
const SURNAME: usize = 2;
const COMMON: usize = 4;
/// The place of OU4; OU1 is the last of the four, as the right-most is the most significant.
const UNITS: usize = 5;
const ORGANIZATION: usize = 9;
const ADMINISTRATION: usize = 11;
const COUNTRY: usize = 12;

/// Writes the canonical form of a text without making an address of it, if it is a complete and plain one: usual attributes
/// of printable characters within their bounds, nothing quoted, units by number or at most one. A table of a million
/// addresses takes seconds less so. `None` says nothing; the general reader decides.
pub(crate) fn quickly(text: &str, out: &mut String) -> Option<()> {
    let mut values: [Option<&str>; USUAL.len()] = [None; USUAL.len()];
    let (separator, text) = match text.strip_prefix('/') {
        Some(text) => ('/', text.strip_suffix('/').unwrap_or(text)),
        None => (';', text.strip_suffix(';').unwrap_or(text)),
    };
    let mut has_plain_unit = false;
    let mut has_numbered_unit = false;
    for pair in text.split(separator) {
        let (label, value) = pair.split_once('=')?;
        let place = place(label.trim_matches(' '), &mut has_plain_unit, &mut has_numbered_unit)?;
        let blank = place == ADMINISTRATION && value.bytes().all(|octet| octet == b' ');
        let value = if blank { " " } else { value.trim_matches(' ') };
        let is_padded = place == COUNTRY && value.len() != pair.len() - label.len() - 1;
        let fits = value.len() <= USUAL[place].1 && !value.is_empty() && !is_padded;
        let plain = |octet: u8| is_printable(octet) && !matches!(octet, b'/' | b'=');
        if !fits || values[place].is_some() || !value.bytes().all(plain) || value.contains("  ") {
            return None;
        }
        values[place] = Some(value);
    }
    let complete = has_person(&values)
        && values[COUNTRY].is_some_and(|country| {
            country.bytes().all(|octet| octet.is_ascii_alphabetic()) && country.len() == 2
        });
    // Units have no gaps.
    let units = &values[UNITS..ORGANIZATION];
    let filled = units.iter().skip_while(|unit| unit.is_none()).all(Option::is_some);
    if !complete || !filled || has_plain_unit && has_numbered_unit {
        return None;
    }
    values[ADMINISTRATION].get_or_insert(" ");
    out.clear();
    for ((label, _), value) in USUAL.iter().zip(values) {
        if let Some(value) = value {
            out.push('/');
            out.push_str(label);
            out.push('=');
            out.push_str(value);
        }
    }
    out.push('/');
    Some(())
}

/// Where an attribute stands among the usual ones.
fn place(label: &str, has_plain_unit: &mut bool, has_numbered_unit: &mut bool) -> Option<usize> {
    let mut upper = [0; 4];
    let octets = upper.get_mut(..label.len())?;
    octets.copy_from_slice(label.as_bytes());
    octets.make_ascii_uppercase();
    Some(match &*octets {
        b"G" => GIVEN,
        b"I" => 1,
        b"S" => SURNAME,
        b"Q" | b"GQ" => 3,
        b"CN" => COMMON,
        b"OU" => {
            *has_plain_unit = true;
            ORGANIZATION - 1
        }
        [b'O', b'U', number @ b'1'..=b'4'] => {
            *has_numbered_unit = true;
            ORGANIZATION - 1 - usize::from(number - b'1')
        }
        b"O" => ORGANIZATION,
        b"P" | b"PRMD" => 10,
        b"A" | b"ADMD" => ADMINISTRATION,
        b"C" => COUNTRY,
        _ => return None,
    })
}

/// What a mnemonic address needs besides country and ADMD (X.402 18.5.1).
fn has_person(values: &[Option<&str>; USUAL.len()]) -> bool {
    let has = |place: usize| values[place].is_some();
    (has(SURNAME) || has(COMMON) || has(ORGANIZATION - 1) || has(ORGANIZATION))
        && (has(SURNAME) || !(has(GIVEN) || has(1) || has(3)))
}

#[cfg(test)]
mod tests {
    use rasn_x400::x411::address::text;

    use super::*;

    fn slowly(text: &str) -> Option<String> {
        let address = text::parse(text).ok()?;
        let fine = address.form().is_ok() && text::check(&address).is_empty() && address.to_or_name().is_ok();
        fine.then(|| canonical(&address))
    }

    #[test]
    fn all_ways_of_writing_an_address_are_one() {
        let canonical_form = "/G=John/S=Doe/OU=b/OU=a/O=Example Ltd/PRMD=p/ADMD=mail/C=de/";
        for text in [
            "G=John; S=Doe; OU1=a; OU2=b; O=Example Ltd; P=p; A=mail; C=de",
            "/C=de/ADMD=mail/PRMD=p/O=Example Ltd/OU1=a/OU2=b/S=Doe/G=John/",
            " g = John ;S=Doe;ou2= b;OU1=a;O= Example Ltd;p=p;a=mail;c=de;",
        ] {
            let mut found = String::new();
            quickly(text, &mut found).unwrap();
            assert_eq!(found, canonical_form, "{text}");
        }
        let other = "G=John; S=Doe; OU=b; OU=a; O=Example  Ltd; P=p; A=mail; C=de";
        assert_eq!(quickly(other, &mut String::new()), None, "the general reader knows");
        assert_eq!(slowly(other).unwrap(), canonical_form);
        let mut found = String::new();
        quickly("S=a; C=gb", &mut found).unwrap();
        assert_eq!(found, "/S=a/ADMD= /C=gb/");
    }

    proptest::proptest! {
        /// The quick way says what the general one says, or nothing.
        #[test]
        fn the_quick_way_agrees(
            pairs in proptest::collection::vec(
                ("(G|I|S|q|GQ|CN|OU|ou1|OU2|OU3|OU5|O|P|prmd|A|ADMD|C|DDA:x|X121)", "( ?[a-z]{1,3}| |[a-z] {1,2}[b$*{/=]|)"), 1..8),
            slash in proptest::bool::ANY,
        ) {
            let (start, separator) = if slash { ("/", "/") } else { ("", "; ") };
            let pairs: Vec<String> = pairs.iter().map(|(label, value)| format!("{label}={value}")).collect();
            let text = format!("{start}{}{start}", pairs.join(separator));
            let mut quick = String::new();
            if quickly(&text, &mut quick).is_some() {
                let slow = slowly(&text);
                proptest::prop_assert_eq!(slow.as_deref(), Some(quick.as_str()), "{}", text);
                proptest::prop_assert_eq!(plain(&quick), text::parse(&quick).ok(), "{}", quick);
            }
        }
    }
}
