//! What DNS says about the certificate of a mail server: TLSA records (RFC 6698), as mail uses them (RFC 7671, RFC 7672).
//!
//! Only what DNSSEC has proved counts; whether it has is the business of [`Dns`](super::dns::Dns).

use std::sync::Arc;

use ring::digest;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{ServerCertVerified, ServerCertVerifier as _};
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};

/// A TLSA record that mail has a use for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Association {
    whose: Whose,
    part: Part,
    form: Form,
    data: Vec<u8>,
}

/// Whose certificate is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// That of a CA above the server: DANE-TA.
    Authority,
    /// That of the server itself: DANE-EE.
    Server,
}

/// What of the certificate is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Certificate,
    /// The SubjectPublicKeyInfo.
    Key,
}

/// How it is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// By itself.
    Whole,
    Sha256,
    Sha512,
}

impl Association {
    /// The record with these fields; `None` where mail has no use for it: a usage that needs the CAs of browsers (RFC 7672
    /// 3.1.3), a field nobody has defined, or a digest that is none.
    #[must_use]
    pub fn new(usage: u8, selector: u8, matching: u8, data: &[u8]) -> Option<Self> {
        let whose = match usage {
            2 => Whose::Authority,
            3 => Whose::Server,
            _ => return None,
        };
        let part = match selector {
            0 => Part::Certificate,
            1 => Part::Key,
            _ => return None,
        };
        let form = match (matching, data.len()) {
            // A key alone is no CA that a chain could be built from.
            (0, 1..) if (whose, part) != (Whose::Authority, Part::Key) => Form::Whole,
            (1, digest::SHA256_OUTPUT_LEN) => Form::Sha256,
            (2, digest::SHA512_OUTPUT_LEN) => Form::Sha512,
            _ => return None,
        };
        Some(Self { whose, part, form, data: data.to_vec() })
    }

    fn describes(&self, certificate: &CertificateDer<'_>) -> bool {
        let key;
        let octets = match self.part {
            Part::Certificate => certificate.as_ref(),
            Part::Key => {
                let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return false };
                key = parsed.subject_public_key_info();
                key.as_ref()
            }
        };
        match self.form {
            Form::Whole => octets == self.data,
            Form::Sha256 => digest::digest(&digest::SHA256, octets).as_ref() == self.data,
            Form::Sha512 => digest::digest(&digest::SHA512, octets).as_ref() == self.data,
        }
    }
}

/// The certificates that DNS describes.
#[derive(Debug)]
pub(super) struct Described {
    associations: Arc<[Association]>,
    /// Under which other names, besides that of the server, a CA may vouch for it: the domain whose mail it takes.
    also: Option<ServerName<'static>>,
}

impl Described {
    pub(super) fn new(associations: Arc<[Association]>, domain: Option<&str>) -> Self {
        let also = domain.and_then(|domain| ServerName::try_from(domain.to_owned()).ok());
        Self { associations, also }
    }

    /// The CAs that are described, of those the server has sent and of those that stand in the records themselves.
    fn authorities(&self, sent: &[CertificateDer<'_>]) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let described = self.associations.iter().filter(|one| one.whose == Whose::Authority);
        for association in described {
            if (association.part, association.form) == (Part::Certificate, Form::Whole) {
                // One that is none vouches for nobody.
                let _ = roots.add(CertificateDer::from(association.data.clone()));
            }
            for certificate in sent.iter().filter(|certificate| association.describes(certificate)) {
                let _ = roots.add(certificate.clone().into_owned());
            }
        }
        roots
    }

    /// Whether the certificate is described, or one that vouches for it under the name of the server or of the domain.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
        provider: &Arc<CryptoProvider>,
    ) -> Result<ServerCertVerified, Error> {
        // RFC 7672 3.1.1: neither its name nor its dates matter.
        if self.associations.iter().any(|one| one.whose == Whose::Server && one.describes(certificate)) {
            return Ok(ServerCertVerified::assertion());
        }
        let roots = self.authorities(intermediates);
        if roots.is_empty() {
            return Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure));
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let verifier = verifier.build().map_err(|error| Error::General(error.to_string()))?;
        let verify =
            |name: &ServerName<'_>| verifier.verify_server_cert(certificate, intermediates, name, &[], now);
        // RFC 7672 3.2.2
        verify(name).or_else(|error| self.also.as_ref().map_or(Err(error), verify))
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData as _};

    use super::*;
    use crate::mta::tls::provider;

    fn sha256(octets: &[u8]) -> Vec<u8> {
        digest::digest(&digest::SHA256, octets).as_ref().to_vec()
    }

    fn sha512(octets: &[u8]) -> Vec<u8> {
        digest::digest(&digest::SHA512, octets).as_ref().to_vec()
    }

    #[test]
    fn records_mail_has_no_use_for_are_none() {
        for (usage, selector, matching, octets, of_use) in [
            (3, 1, 1, 32, true),
            (3, 0, 2, 64, true),
            (2, 0, 0, 700, true),
            (3, 1, 0, 91, true),
            (0, 0, 1, 32, false),
            (1, 1, 1, 32, false),
            (4, 1, 1, 32, false),
            (3, 2, 1, 32, false),
            (3, 1, 3, 32, false),
            (3, 1, 1, 31, false),
            (3, 1, 2, 32, false),
            (3, 1, 0, 0, false),
            (2, 1, 0, 91, false),
        ] {
            let found = Association::new(usage, selector, matching, &vec![7; octets]);
            assert_eq!(found.is_some(), of_use, "{usage} {selector} {matching} {octets}");
        }
    }

    #[test]
    fn a_certificate_must_be_the_one_described() {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let issue = |name: &str| {
            let parameters = CertificateParams::new([name.to_owned()]).unwrap();
            parameters.signed_by(&key, &authority).unwrap().der().clone()
        };
        let (by_name, by_domain, by_other) = (issue("mx.b.example"), issue("b.example"), issue("c.example"));
        let chain = [authority.der().clone()];
        let (of_key, of_authority) =
            (key.subject_public_key_info(), authority.key().subject_public_key_info());
        let accepted = |fields: (u8, u8, u8), data: &[u8], certificate: &CertificateDer<'_>, sent: &[_]| {
            let (usage, selector, matching) = fields;
            let association = Association::new(usage, selector, matching, data).unwrap();
            let described = Described::new([association].into(), Some("b.example"));
            let name = ServerName::try_from("mx.b.example").unwrap();
            described.verify(certificate, sent, &name, UnixTime::now(), &provider()).is_ok()
        };
        // Of the server: whatever its name is.
        assert!(accepted((3, 1, 1), &sha256(&of_key), &by_other, &[]));
        assert!(accepted((3, 1, 2), &sha512(&of_key), &by_other, &[]));
        assert!(accepted((3, 1, 0), &of_key, &by_other, &[]));
        assert!(accepted((3, 0, 1), &sha256(&by_other), &by_other, &[]));
        assert!(accepted((3, 0, 0), &by_other, &by_other, &[]));
        assert!(!accepted((3, 0, 0), &by_name, &by_other, &chain));
        assert!(!accepted((3, 1, 1), &sha256(&of_authority), &by_name, &chain));
        // Of the CA: for the name of the server or of the domain, and only if the CA is there.
        assert!(accepted((2, 0, 1), &sha256(&chain[0]), &by_name, &chain));
        assert!(accepted((2, 1, 1), &sha256(&of_authority), &by_name, &chain));
        assert!(accepted((2, 1, 2), &sha512(&of_authority), &by_domain, &chain));
        assert!(!accepted((2, 1, 1), &sha256(&of_authority), &by_other, &chain));
        assert!(!accepted((2, 1, 1), &sha256(&of_authority), &by_name, &[]));
        // It stands in the record: nobody needs to send it.
        assert!(accepted((2, 0, 0), &chain[0], &by_name, &[]));
        assert!(!accepted((2, 1, 1), &sha256(&of_key), &by_name, &chain));
    }
}
