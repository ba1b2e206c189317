//! Whom a rule is for: an Internet address, a domain and what is below it, or attributes that an O/R address must have.
//!
//! ```text
//! anna@example.com          this mailbox; letters count the same in either case, in the local part as well
//! @example.com              this domain and every one below it
//! O=Example; A=mail; C=de   O/R addresses with these attributes, in any form in which addresses are written
//! ```
//!
//! A correspondent ([`Party`]) has an address on one side, and often is known on both: a pattern is compared with the address
//! of its own side. O/R attributes are compared as routes compare them ([`crate::mta::route`]): without regard to case and
//! repeated spaces, units as a path from the top, an ADMD of a single space meaning any.

use std::collections::BTreeMap;
use std::fmt;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::{self, KeyedAddress};
use toml::Spanned;

use super::{Loader, mcgam, pseudo_domain};
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::address::mailbox::Mailbox;
use crate::mta::route::attributes::{Attributes, Countries};

/// Whom a rule is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As the operator wrote it.
    text: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// Local part and domain, in lower case.
    Mailbox(String, String),
    /// In lower case: this domain and what is below it.
    Domain(String),
    Attributes(Box<Attributes>),
}

/// How much a pattern says: of two that match, the one with more labels or attributes is the more specific one; of as many
/// attributes the one that goes deeper. A mailbox counts as a label more than its domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Specificity(usize, [usize; 6]);

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// The kind of fault.
    pub code: Code,
    /// Octets of the text before it.
    pub offset: usize,
    /// In words.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// A correspondent, as far as it is known, in the form in which patterns are compared.
#[derive(Debug, Clone, Default)]
pub struct Party {
    /// Nobody knows yet who it is.
    is_unknown: bool,
    mailbox: Option<(String, String)>,
    attributes: Option<Attributes>,
    countries: Countries,
}

impl Party {
    /// Somebody with this Internet address and this O/R address, of which at least one should be known. `countries` are
    /// the letters of countries by their digits, as [`Rules::countries`](super::Rules::countries) has them.
    #[must_use]
    pub fn new(
        internet: Option<&str>,
        or_name: Option<&OrName>,
        countries: &BTreeMap<String, String>,
    ) -> Self {
        let countries = Countries::new(countries);
        Self {
            is_unknown: false,
            mailbox: internet.and_then(split),
            attributes: or_name
                .map(|name| Attributes::of_address(&KeyedAddress::from_or_name(name).address, &countries)),
            countries,
        }
    }

    /// Somebody of whom nothing is known yet.
    #[must_use]
    pub fn unknown() -> Self {
        Self { is_unknown: true, ..Self::default() }
    }
}

impl Specificity {
    /// How many labels or attributes there are.
    #[must_use]
    pub const fn parts(self) -> usize {
        self.0
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is neither an Internet address nor a list of O/R attributes, or has none.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let form = match is_internet(text) {
            true => internet(text)?,
            false => Form::Attributes(Box::new(attributes(text)?)),
        };
        Ok(Self { text: text.to_owned(), form })
    }

    /// Whether it is written for addresses of the Internet side.
    #[must_use]
    pub const fn is_internet(&self) -> bool {
        !matches!(self.form, Form::Attributes(_))
    }

    /// Whether it is for this correspondent. Somebody who is not known on the side of the pattern does not match.
    #[must_use]
    pub fn matches(&self, party: &Party) -> bool {
        match (&self.form, &party.mailbox, &party.attributes) {
            (Form::Mailbox(local, domain), Some(found), _) => *local == found.0 && *domain == found.1,
            (Form::Domain(domain), Some(found), _) => is_below(&found.1, domain),
            (Form::Attributes(wanted), _, Some(found)) if wanted.has_numeric_country() => {
                let wanted = Attributes::clone(wanted);
                wanted.with_countries(&party.countries).matches(found)
            }
            (Form::Attributes(wanted), _, Some(found)) => wanted.matches(found),
            _ => false,
        }
    }

    /// Whether it is for this correspondent; `None` if that is somebody who is not known yet.
    #[must_use]
    pub fn decides(&self, party: &Party) -> Option<bool> {
        (!party.is_unknown).then(|| self.matches(party))
    }

    /// Whether it is for this Internet address; `false` for a pattern of O/R attributes.
    #[must_use]
    pub fn matches_internet(&self, address: &str) -> bool {
        self.is_internet() && self.matches(&Party::new(Some(address), None, &BTreeMap::new()))
    }

    /// Whether it is for this O/R name; `false` for a pattern of Internet addresses.
    #[must_use]
    pub fn matches_or(&self, name: &OrName, countries: &BTreeMap<String, String>) -> bool {
        !self.is_internet() && self.matches(&Party::new(None, Some(name), countries))
    }

    /// How much it says.
    #[must_use]
    pub fn specificity(&self) -> Specificity {
        match &self.form {
            Form::Mailbox(_, domain) => Specificity(domain.split('.').count() + 1, [0; 6]),
            Form::Domain(domain) => Specificity(domain.split('.').count(), [0; 6]),
            Form::Attributes(attributes) => {
                let (count, levels) = attributes.specificity();
                Specificity(count, levels)
            }
        }
    }

    /// The same for patterns that say the same.
    pub(super) fn key(&self) -> String {
        match &self.form {
            Form::Mailbox(local, domain) => format!("{local}@{domain}"),
            Form::Domain(domain) => format!("@{domain}"),
            Form::Attributes(attributes) => attributes.key(),
        }
    }

    /// The same for patterns that are as specific and have somebody in common: what tells users apart is not in it.
    pub(super) fn bucket(&self) -> String {
        match &self.form {
            Form::Attributes(attributes) => attributes.hierarchy().key(),
            Form::Mailbox(..) | Form::Domain(_) => self.key(),
        }
    }

    /// Whether somebody can match both. Patterns of different sides can always be about one person.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (Form::Attributes(one), Form::Attributes(other)) => one.intersects(other),
            (Form::Attributes(_), _) | (_, Form::Attributes(_)) => true,
            (Form::Domain(one), Form::Domain(other)) => is_below(one, other) || is_below(other, one),
            (Form::Domain(domain), Form::Mailbox(_, of)) | (Form::Mailbox(_, of), Form::Domain(domain)) => {
                is_below(of, domain)
            }
            (one, other) => one == other,
        }
    }

    /// Whether everybody who matches the other one matches this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (Form::Attributes(one), Form::Attributes(other)) => one.covers(other),
            (Form::Domain(domain), Form::Domain(of) | Form::Mailbox(_, of)) => is_below(of, domain),
            (one, other) => one == other,
        }
    }
}

impl fmt::Display for Pattern {
    /// As the operator wrote it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Loader {
    /// Reads a pattern of a rule file, or reports what is wrong with it.
    pub(super) fn pattern(&mut self, name: &str, written: &Spanned<String>) -> Option<Pattern> {
        Pattern::parse(written.get_ref())
            .map_err(|fault| {
                // The octet after the quote, as long as the string has no escapes; never beyond its end.
                let span = written.span();
                let start = (span.start + 1 + fault.offset).min(span.end);
                let mut diagnostic = Diagnostic::new(fault.code, name, start..span.end, fault.message, "");
                diagnostic.help = fault.help;
                self.report(diagnostic);
            })
            .ok()
    }

    /// The same of one that may be left out; `None` only if it is there and wrong.
    pub(super) fn pattern_if_any(
        &mut self,
        name: &str,
        written: Option<&Spanned<String>>,
    ) -> Option<Option<Pattern>> {
        match written {
            None => Some(None),
            Some(written) => self.pattern(name, written).map(Some),
        }
    }
}

/// `@` with a domain behind it; what has attributes separated by `/` or `;` is an O/R address all the same.
fn is_internet(text: &str) -> bool {
    let is_list = text.starts_with('/') || text.contains(';');
    !is_list && text.contains('@') && !text.contains('$') || text.starts_with('"')
}

fn internet(text: &str) -> Result<Form, PatternError> {
    let domain_at = text.rfind('@').map_or(text.len(), |place| place + 1);
    let domain = text[domain_at..].to_ascii_lowercase();
    if !domain.split('.').all(mcgam::is_label) {
        return Err(PatternError {
            code: Code::BadDomain,
            offset: domain_at,
            message: format!("`{}` is not a domain name", &text[domain_at..]),
            help: Some("labels of letters, digits and hyphens between full stops".to_owned()),
        });
    }
    if domain_at == 1 {
        return Ok(Form::Domain(domain));
    }
    let (local, domain) = Mailbox::parse(text)
        .map_err(|error| PatternError {
            code: Code::InvalidValue,
            offset: error.offset,
            message: format!("`{text}` is not an Internet address: {error}"),
            help: Some(FORMS.to_owned()),
        })
        .map(|mailbox| (mailbox.local.to_lowercase(), domain))?;
    Ok(Form::Mailbox(local, domain))
}

fn attributes(text: &str) -> Result<Attributes, PatternError> {
    let looks_like_domain = text.contains('.') && text.split('.').all(mcgam::is_label);
    if looks_like_domain || text.trim().is_empty() {
        let help =
            if looks_like_domain { format!("a domain is written `@{text}`") } else { FORMS.to_owned() };
        let message = format!("`{text}` says nobody");
        return Err(PatternError { code: Code::InvalidValue, offset: 0, message, help: Some(help) });
    }
    let address = if text.contains('$') {
        pseudo_domain::address(text).map_err(|fault| PatternError {
            code: fault.code,
            offset: 0,
            message: fault.message,
            help: None,
        })?
    } else {
        text::parse(text).map_err(|error| PatternError {
            code: Code::BadAddress,
            offset: error.offset,
            message: error.to_string(),
            help: error.suggestion,
        })?
    };
    let attributes = Attributes::of_address(&address, &Countries::default());
    if attributes == Attributes::default() {
        let message = format!("`{text}` names no attribute");
        let help = Some(FORMS.to_owned());
        return Err(PatternError { code: Code::InvalidValue, offset: 0, message, help });
    }
    Ok(attributes)
}

const FORMS: &str = "`anna@example.com`, `@example.com` for a domain and all below it, or O/R attributes such as `P=navy; C=de`";

/// Local part and domain in lower case.
fn split(address: &str) -> Option<(String, String)> {
    let mailbox = Mailbox::parse(address).ok()?;
    Some((mailbox.local.to_lowercase(), mailbox.domain?.to_ascii_lowercase()))
}

/// Whether a domain is another one, or below it.
fn is_below(domain: &str, above: &str) -> bool {
    domain.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn or_name(text: &str) -> OrName {
        text::parse(text).unwrap().to_or_name().unwrap()
    }

    fn countries() -> BTreeMap<String, String> {
        BTreeMap::from([("276".to_owned(), "DE".to_owned())])
    }

    fn matches(pattern: &str, who: &str) -> bool {
        let pattern = Pattern::parse(pattern).unwrap();
        match who.contains('=') && !who.contains('@') {
            true => pattern.matches_or(&or_name(who), &countries()),
            false => pattern.matches_internet(who),
        }
    }

    #[test]
    fn whom_a_pattern_is_for() {
        for (pattern, who, expected) in [
            ("anna@example.com", "Anna@EXAMPLE.com", true),
            ("anna@example.com", "anna@sub.example.com", false),
            ("anna@example.com", "hanna@example.com", false),
            ("\"anna weber\"@example.com", "\"Anna Weber\"@example.com", true),
            ("@example.com", "anna@example.com", true),
            ("@example.com", "anna@a.b.Example.com", true),
            ("@example.com", "anna@badexample.com", false),
            ("@com", "anna@example.com", true),
            ("a=b@example.com", "a=b@example.com", true),
            ("O=Example; C=de", "S=Weber; O=EXAMPLE; P=x; A=mail; C=DE", true),
            ("/O=Example/C=de/", "S=Weber; O=Example; P=x; A=mail; C=276", true),
            ("O=Example; C=276", "S=Weber; O=Example; P=x; A=mail; C=de", true),
            ("O$Example.C$de", "S=Weber; O=Example; P=x; A=mail; C=de", true),
            ("OU1=North", "S=W; OU1=north; OU2=sales; O=Example; A=mail; C=de", true),
            ("OU1=Sales", "S=W; OU1=north; OU2=sales; O=Example; A=mail; C=de", false),
            ("O=Example; A=mail; C=de", "S=W; O=Example; A=other; C=de", false),
            ("O=Example; C=de", "anna@example.com", false),
            ("@example.com", "S=Weber; O=Example; P=x; A=mail; C=de", false),
        ] {
            assert_eq!(matches(pattern, who), expected, "{pattern} and {who}");
        }
    }

    #[test]
    fn somebody_known_on_both_sides_matches_on_either() {
        let name = or_name("S=Weber; O=Example; A=mail; C=de");
        let party = Party::new(Some("weber@example.com"), Some(&name), &countries());
        for pattern in ["@example.com", "weber@example.com", "C=de", "C=276"] {
            assert!(Pattern::parse(pattern).unwrap().matches(&party), "{pattern}");
        }
        assert!(!Pattern::parse("C=de").unwrap().matches(&Party::default()));
    }

    #[test]
    fn what_says_more_is_more_specific() {
        let order = ["@com", "@example.com", "anna@example.com"];
        let attributes = [
            "C=de",
            "A=mail; C=de",
            "O=x; C=de",
            "S=weber; C=de",
            "O=x; A=mail; C=de",
            "S=w; O=x; A=mail; C=de",
        ];
        for texts in [&order[..], &attributes[..]] {
            let specificity = |text: &&str| Pattern::parse(text).unwrap().specificity();
            let found: Vec<_> = texts.iter().map(specificity).collect();
            assert!(found.is_sorted_by(|one, two| one < two), "{found:?}");
        }
    }

    #[test]
    fn what_two_patterns_have_in_common() {
        // One, other, whether they have somebody in common, whether the first covers the second.
        for (one, other, in_common, covered) in [
            ("@example.com", "@a.example.com", true, true),
            ("@a.example.com", "@example.com", true, false),
            ("@example.com", "anna@example.com", true, true),
            ("anna@example.com", "@example.com", true, false),
            ("anna@example.com", "anna@example.com", true, true),
            ("anna@example.com", "otto@example.com", false, false),
            ("@example.com", "@example.org", false, false),
            ("C=de", "O=x; C=de", true, true),
            ("O=x", "P=y", true, false),
            ("O=x; C=de", "O=x; C=fr", false, false),
            ("OU1=a; OU2=b; O=x", "OU1=a; O=x", true, false),
            ("OU1=a; O=x", "OU1=b; O=x", false, false),
            ("S=a; O=x", "S=b; O=x", false, false),
            ("S=a; O=x", "G=b; O=x", true, false),
            ("@example.com", "C=de", true, false),
        ] {
            let [one, other] = [one, other].map(|text| Pattern::parse(text).unwrap());
            assert_eq!(one.intersects(&other), in_common, "{one} and {other}");
            assert_eq!(other.intersects(&one), in_common, "{other} and {one}");
            assert_eq!(one.covers(&other), covered, "{one} covers {other}");
        }
    }

    #[test]
    fn what_is_no_pattern() {
        for (text, code, offset) in [
            ("", Code::InvalidValue, 0),
            ("example.com", Code::InvalidValue, 0),
            ("@", Code::BadDomain, 1),
            ("@a_b.example", Code::BadDomain, 1),
            ("a b@example.com", Code::InvalidValue, 1),
            ("PRDM=navy; C=de", Code::BadAddress, 0),
            ("O=x; C", Code::BadAddress, 5),
            ("A= ", Code::InvalidValue, 0),
        ] {
            let fault = Pattern::parse(text).unwrap_err();
            assert_eq!((fault.code, fault.offset), (code, offset), "{text}: {fault:?}");
        }
    }
}
