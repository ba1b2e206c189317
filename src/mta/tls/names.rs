//! The names in a certificate (RFC 5280): those of its subject alternative name, and the common name of its subject,
//! which is all that many certificates of X.400 systems have.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use rasn_pkix::{Certificate, DirectoryString, GeneralName, GeneralNames, Name};

/// `id-ce-subjectAltName` (RFC 5280 4.2.1.6).
const SUBJECT_ALTERNATIVE_NAME: &[u32] = &[2, 5, 29, 17];
/// `id-at-commonName` (RFC 5280 A.1).
const COMMON_NAME: &[u32] = &[2, 5, 4, 3];

/// One name, as it is in a certificate or wanted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateName {
    /// A DNS name of the subject alternative name, in lower case.
    Dns(String),
    /// An address there.
    Address(IpAddr),
    /// A common name of the subject.
    Common(String),
}

/// Neither `CN=` and a name, nor an address, nor a DNS name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name of a certificate")]
pub struct NotAName(String);

impl FromStr for CertificateName {
    type Err = NotAName;

    /// `CN=` and a common name, an address, or a DNS name.
    fn from_str(text: &str) -> Result<Self, NotAName> {
        if let Some(common) = text.strip_prefix("CN=").filter(|common| !common.is_empty()) {
            return Ok(Self::Common(common.into()));
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let letter = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
        let label = |label: &str| !label.is_empty() && label.bytes().all(letter);
        if text.split('.').all(label) {
            Ok(Self::Dns(text.to_ascii_lowercase()))
        } else {
            Err(NotAName(text.into()))
        }
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
            Self::Common(name) => write!(f, "CN={name}"),
        }
    }
}

/// All names in one certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(Vec<CertificateName>);

impl Names {
    /// The names in a certificate, as DER; none if it cannot be read.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let Ok(certificate) = rasn::der::decode::<Certificate>(certificate) else { return Self::default() };
        let certificate = certificate.tbs_certificate;
        let mut names = Vec::new();
        for extension in certificate.extensions.iter().flat_map(|extensions| extensions.iter()) {
            if &**extension.extn_id == SUBJECT_ALTERNATIVE_NAME
                && let Ok(general) = rasn::der::decode::<GeneralNames>(&extension.extn_value)
            {
                names.extend(general.iter().filter_map(alternative));
            }
        }
        let Name::RdnSequence(subject) = certificate.subject;
        for attribute in subject.iter().flat_map(|part| part.to_vec()) {
            if &**attribute.r#type == COMMON_NAME
                && let Ok(common) = rasn::der::decode::<DirectoryString>(attribute.value.as_bytes())
                && let Some(common) = text(&common)
            {
                names.push(CertificateName::Common(common));
            }
        }
        Self(names)
    }

    /// The first of them, as text.
    #[must_use]
    pub fn first(&self) -> Option<String> {
        self.0.first().map(ToString::to_string)
    }

    /// Whether the certificate has this name. A name with a wildcard is none.
    #[must_use]
    pub fn has(&self, name: &CertificateName) -> bool {
        self.0.contains(name)
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no name");
        }
        for (number, name) in self.0.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            write!(f, "{comma}{name}")?;
        }
        Ok(())
    }
}

fn alternative(name: &GeneralName) -> Option<CertificateName> {
    match name {
        GeneralName::DnsName(name) => {
            Some(CertificateName::Dns(String::from_utf8_lossy(name.as_ref()).to_ascii_lowercase()))
        }
        GeneralName::IpAddress(octets) => {
            let four = <[u8; 4]>::try_from(&octets[..]).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(&octets[..]).map(IpAddr::from));
            address.ok().map(CertificateName::Address)
        }
        _ => None,
    }
}

/// The two forms that RFC 5280 4.1.2.4 leaves for new certificates.
fn text(name: &DirectoryString) -> Option<String> {
    match name {
        DirectoryString::Utf8(name) => Some(name.clone()),
        DirectoryString::Printable(name) => Some(String::from_utf8_lossy(name.as_bytes()).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    #[test]
    fn names_as_an_operator_writes_them() {
        let table = [
            ("CN=hub", Some(CertificateName::Common("hub".into()))),
            ("Hub.Example", Some(CertificateName::Dns("hub.example".into()))),
            ("192.0.2.1", Some(CertificateName::Address([192, 0, 2, 1].into()))),
            ("2001:db8::1", Some(CertificateName::Address("2001:db8::1".parse().unwrap()))),
            ("CN=", None),
            ("*.example", None),
            ("a b", None),
            ("", None),
        ];
        for (text, name) in table {
            assert_eq!(text.parse::<CertificateName>().ok(), name, "{text}");
        }
    }

    #[test]
    fn names_as_certificates_have_them() {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(["Hub.example".to_owned()]).unwrap();
        parameters.subject_alt_names.push(SanType::IpAddress([192, 0, 2, 1].into()));
        parameters.subject_alt_names.push(SanType::IpAddress("2001:db8::1".parse().unwrap()));
        parameters.distinguished_name.push(DnType::CommonName, "The Hub");
        let certificate = parameters.self_signed(&key).unwrap();
        let names = Names::of(certificate.der());
        assert_eq!(names.to_string(), "hub.example, 192.0.2.1, 2001:db8::1, CN=The Hub");
        assert!(names.has(&"HUB.example".parse().unwrap()) && !names.has(&"CN=the hub".parse().unwrap()));
        for cut in 0..certificate.der().len() {
            assert_eq!(Names::of(&certificate.der()[..cut]), Names::default(), "{cut}");
        }
        assert_eq!(Names::default().to_string(), "no name");
    }
}
