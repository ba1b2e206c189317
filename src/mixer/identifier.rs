//! Message identifiers: `Message-ID` towards the identifier of an interpersonal message and back (RFC 2156 4.7.3).
//!
//! The mapping is algorithmic: no table is asked, so two gateways agree, and a reply finds its message (I-01). O/R
//! addresses appear here in their text form; whoever holds the ASN.1 types converts them.

use std::borrow::Cow;

use super::address::ENCAPSULATION;
use super::printable::{from_printable, is_printable, to_printable};
use crate::message::lexer::unquote;
use rasn_x400::bounds::DOMAIN_DEFINED_ATTRIBUTE_VALUE as ATTRIBUTE;
use rasn_x400::x411::address::text::{self, Key, KeyedAddress};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

/// The user-relative identifier of an Internet identifier in the form of RFC 987 (I-10).
pub const RFC987: &str = "RFC-822";
/// The shortest user-relative identifier of a military message (beyond M-03).
const MIN_MILITARY: usize = 15;
/// The longest user-relative identifier (X.420 ub-local-ipm-identifier).
pub const MAX_USER_RELATIVE: usize = 64;

/// The identifier of an interpersonal message, O/R address as text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IpmIdentifier {
    /// The O/R address of the user in the form `/S=…/C=…/`, or nothing.
    pub user: Option<String>,
    /// The user-relative identifier, a PrintableString.
    pub user_relative: String,
}

/// An identifier towards X.400, and whether it lost its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedIdentifier {
    /// The X.400 identifier.
    pub identifier: IpmIdentifier,
    /// Whether the bound of 64 cut it (I-04), so that the way back needs a memory.
    pub truncated: bool,
}

/// Maps the inside of `<…>` (I-02, I-03). `is_address` says whether a text is an O/R address; without one an identifier
/// only looks like X.400's. A character outside ASCII is written `?`.
#[must_use]
pub fn message_id_to_x400(message_id: &str, is_address: impl Fn(&str) -> bool) -> MappedIdentifier {
    if let Some(identifier) = x400_origin(message_id, is_address) {
        let (user_relative, truncated) = bounded(identifier.user_relative);
        return MappedIdentifier { identifier: IpmIdentifier { user_relative, ..identifier }, truncated };
    }
    let (user_relative, truncated) = bounded(to_printable(&in_ascii(message_id)).unwrap_or_default());
    MappedIdentifier { identifier: IpmIdentifier { user: None, user_relative }, truncated }
}

/// The identifier as military messages want it (beyond M-03): at least 15 characters, and with an O/R address, which is of
/// the gateway's domain and holds the whole identifier, so that nothing of it is lost.
#[must_use]
pub fn military(
    mapped: MappedIdentifier,
    message_id: &str,
    domain: &GlobalDomainIdentifier,
) -> MappedIdentifier {
    let mut identifier = mapped.identifier;
    while identifier.user_relative.len() < MIN_MILITARY {
        identifier.user_relative.push(' ');
    }
    let ascii = in_ascii(message_id);
    let mut truncated = mapped.truncated;
    if identifier.user.is_none()
        && let Ok(encoded) = to_printable(&ascii)
        && encoded.len() <= ENCAPSULATION.len() * ATTRIBUTE
    {
        truncated = false;
        let values = encoded.as_bytes().chunks(ATTRIBUTE).map(|value| String::from_utf8_lossy(value));
        let mut address = KeyedAddress::default();
        for (kind, value) in ENCAPSULATION.iter().zip(values) {
            address.insert(Key::DomainDefined((*kind).to_owned()), value);
        }
        if let Some(private) = &domain.private_domain {
            address.insert(Key::PrivateDomain, private.to_text());
        }
        address.insert(Key::AdministrationDomain, domain.administration_domain.to_text());
        address.insert(Key::Country, domain.country.to_text());
        identifier.user = Some(address.to_std_or());
    }
    MappedIdentifier { identifier, truncated }
}

/// The Internet identifier that [`military`] hid in the O/R address, if it did: the user-relative identifier proves it.
#[must_use]
pub fn hidden_in_user(identifier: &IpmIdentifier) -> Option<String> {
    let user = text::parse(identifier.user.as_deref()?).ok()?;
    let value = |kind: &str| {
        let mut found = user.domain_defined().filter(|(known, _)| known.eq_ignore_ascii_case(kind));
        found.next().map(|(_, value)| value.to_owned())
    };
    let encoded: String = ENCAPSULATION.iter().map_while(|kind| value(kind)).collect();
    let whole = from_printable(&encoded).ok().filter(|whole| !whole.is_empty())?;
    let (expected, _) = bounded(to_printable(&whole).ok()?);
    (expected == identifier.user_relative.trim_end_matches(' ') && is_message_id(&whole)).then_some(whole)
}

/// Maps a phrase that stands for an identifier (I-08): as it is, characters outside the alphabet written `?`.
#[must_use]
pub fn phrase_to_x400(phrase: &str) -> MappedIdentifier {
    let printable: String =
        phrase.chars().map(|c| if u8::try_from(c).is_ok_and(is_printable) { c } else { '?' }).collect();
    let (user_relative, truncated) = bounded(printable);
    MappedIdentifier { identifier: IpmIdentifier { user: None, user_relative }, truncated }
}

/// Maps an X.400 identifier to a message identifier with its angle brackets (I-05, I-06, I-07).
#[must_use]
pub fn x400_to_message_id(identifier: &IpmIdentifier) -> String {
    if let Some(text) = hidden_in_user(identifier) {
        return format!("<{text}>");
    }
    // Spaces that make up the length of a military identifier are no part of it (beyond M-03).
    let user_relative = match identifier.user_relative.as_str() {
        padded if padded.len() == MIN_MILITARY => padded.trim_end_matches(' '),
        other => other,
    };
    if identifier.user.is_none()
        && let Ok(text) = from_printable(user_relative)
        && is_message_id(&text)
        // Another spelling of an escape would not come back as it is; blanks at the end are padding (beyond M-03).
        && to_printable(&text).is_ok_and(|again| again == identifier.user_relative.trim_end())
    {
        return format!("<{text}>");
    }
    let local = format!("{}*{}", identifier.user_relative, identifier.user.as_deref().unwrap_or_default());
    if is_dot_atom(&local) {
        return format!("<{local}@MHS>");
    }
    let quoted: String =
        local.chars().flat_map(|c| if matches!(c, '"' | '\\') { vec!['\\', c] } else { vec![c] }).collect();
    format!("<\"{quoted}\"@MHS>")
}

/// An identifier that came from X.400: `rel*user@MHS` (I-02).
fn x400_origin(message_id: &str, is_address: impl Fn(&str) -> bool) -> Option<IpmIdentifier> {
    let (local, domain) = message_id.rsplit_once('@')?;
    if !domain.trim().eq_ignore_ascii_case("MHS") {
        return None;
    }
    let local = if local.starts_with('"') { unquote(local) } else { local.to_owned() };
    let (user_relative, user) = local.split_once('*')?;
    let legal = user_relative.bytes().all(is_printable) && (user.is_empty() || is_address(user));
    legal.then(|| IpmIdentifier {
        user: (!user.is_empty()).then(|| user.to_owned()),
        user_relative: user_relative.to_owned(),
    })
}

/// With a `?` for each other character.
fn in_ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}

fn bounded(mut text: String) -> (String, bool) {
    let truncated = text.len() > MAX_USER_RELATIVE;
    text.truncate(MAX_USER_RELATIVE);
    (text, truncated)
}

/// `left@right` with atoms, a quoted string on the left or a literal on the right.
fn is_message_id(text: &str) -> bool {
    let Some((left, right)) = text.rsplit_once('@') else {
        return false;
    };
    let quoted = left.len() >= 2
        && left.starts_with('"')
        && left.ends_with('"')
        && is_quoted_inside(&left[1..left.len() - 1]);
    let literal =
        right.starts_with('[') && right.ends_with(']') && right.bytes().all(|octet| octet.is_ascii_graphic());
    (quoted || is_dot_atom(left)) && (literal || is_dot_atom(right))
}

fn is_quoted_inside(text: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return false,
            '\\' if characters.next().is_none() => return false,
            '\r' | '\n' => return false,
            _ => {}
        }
    }
    true
}

fn is_dot_atom(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// Whether an octet may stand in an atom (RFC 5322 3.2.3).
pub(crate) const fn is_atext(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn map(message_id: &str) -> MappedIdentifier {
        message_id_to_x400(message_id, |text| text.contains('='))
    }

    #[test]
    fn identifiers_go_both_ways() {
        // I-01
        for (mail, user_relative, user) in [
            // I-03, I-05
            ("1803.665941698@UK.AC.UCL.CS", "1803.665941698(a)UK.AC.UCL.CS", None),
            ("a_b\"c@[192.0.2.1]", "a(u)b(q)c(a)(091)192.0.2.1(093)", None),
            // I-02, I-06
            (
                r#""147*/S=Dietrich/O=Siemens AG/ADMD=DBP/C=DE/"@MHS"#,
                "147",
                Some("/S=Dietrich/O=Siemens AG/ADMD=DBP/C=DE/"),
            ),
            (
                "562*/S=Eppenberger/OU=verw/O=switch/PRMD=SWITCH/ADMD=ARCOM/C=CH/@MHS",
                "562",
                Some("/S=Eppenberger/OU=verw/O=switch/PRMD=SWITCH/ADMD=ARCOM/C=CH/"),
            ),
            ("PC1000-910530172027-57D8*@MHS", "PC1000-910530172027-57D8", None),
            ("\"=(A)A*\"@MHS", "=(A)A", None),
            // I-07
            ("*/S=a/C=b/@MHS", "", Some("/S=a/C=b/")),
            ("*@MHS", "", None),
        ] {
            let mapped = map(mail);
            let expected =
                IpmIdentifier { user: user.map(str::to_owned), user_relative: user_relative.to_owned() };
            assert_eq!(mapped, MappedIdentifier { identifier: expected, truncated: false }, "{mail}");
            if !mail.starts_with("a_b") {
                assert_eq!(x400_to_message_id(&mapped.identifier), format!("<{mail}>"));
            }
        }
        // I-02: the domain in any case, quotes only where they are needed
        let mapped = map("\"147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/\"@mhs");
        assert_eq!(mapped.identifier.user.as_deref(), Some("/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/"));
    }

    #[test]
    fn what_only_looks_like_x400_is_internet() {
        // I-03
        for mail in ["a@MHS", "a_b*/S=a/@MHS", "a*b@MHS", "a*/S=b/@example.com"] {
            assert_eq!(map(mail).identifier.user, None, "{mail}");
            assert!(map(mail).identifier.user_relative.contains("(a)"), "{mail}");
        }
    }

    #[test]
    fn the_bound_cuts_and_says_so() {
        // I-04
        let mapped = map(&format!("{}@example.com", "x".repeat(60)));
        assert_eq!((mapped.identifier.user_relative.len(), mapped.truncated), (64, true));
        let fits = map("12345678901234567890123456789012@example.co");
        assert!(!fits.truncated);
    }

    #[test]
    fn phrases_stand_as_they_are() {
        // I-08
        assert_eq!(phrase_to_x400("your letter").identifier.user_relative, "your letter");
        assert_eq!(phrase_to_x400("your_letter é").identifier.user_relative, "your?letter ?");
    }

    proptest::proptest! {
        #![proptest_config(crate::mixer::law::cases(10_000))]

        #[test]
        fn internet_identifiers_survive(left in "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\\.[a-z0-9_%]{1,5})?", right in "[a-z]{1,8}\\.[a-z]{2,5}") {
            let mail = format!("{left}@{right}");
            let mapped = map(&mail);
            if !mapped.truncated {
                proptest::prop_assert_eq!(x400_to_message_id(&mapped.identifier), format!("<{mail}>"));
            }
        }

        #[test]
        fn x400_identifiers_survive(user_relative in "[A-Za-z0-9 '()+,./:=?-]{0,40}", user in proptest::option::of("/S=[A-Za-z ]{1,9}/O=[a-z]{1,5}/C=gb/")) {
            let identifier = IpmIdentifier { user, user_relative };
            let mail = x400_to_message_id(&identifier);
            let inside = mail.trim_start_matches('<').trim_end_matches('>');
            proptest::prop_assert_eq!(map(inside).identifier, identifier);
        }

        // beyond M-03
        #[test]
        fn military_identifiers_survive(left in "[a-zA-Z0-9!$%_=+-]{1,40}", right in "[a-z]{1,20}\\.[a-z]{2,20}") {
            let mail = format!("{left}@{right}");
            let domain = GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw"));
            let mapped = military(map(&mail), &mail, &domain);
            proptest::prop_assert!(mapped.identifier.user_relative.len() >= 15 && !mapped.truncated);
            proptest::prop_assert_eq!(x400_to_message_id(&mapped.identifier), format!("<{mail}>"));
        }
    }
}
