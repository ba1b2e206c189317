//! Certificates for tests of TLS.

#![allow(dead_code, reason = "each test target uses a part")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use x400_gateway::mta::tls::Files;

/// A CA and a folder for what it issues.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    pub(crate) issuer: CertifiedIssuer<'static, KeyPair>,
    issued: AtomicU64,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::called("a laboratory")
    }

    pub(crate) fn called(name: &str) -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        parameters.distinguished_name.push(DnType::OrganizationName, name);
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let authority = Self { folder: tempfile::tempdir().unwrap(), issuer, issued: AtomicU64::new(0) };
        authority.write("ca", &authority.issuer.pem());
        authority
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Files with a certificate for this name, a DNS name or an address.
    pub(crate) fn issue(&self, name: &str) -> Files {
        self.issue_with(name, |_| {})
    }

    pub(crate) fn issue_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Files {
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        let path = |kind: &str| Some(self.path(&format!("{number}.{kind}")));
        let files = Files { certificate: path("certificate"), key: path("key"), ..self.only_ca() };
        self.issue_again(&files, name, change);
        files
    }

    /// Writes another certificate and key to the same files.
    pub(crate) fn issue_again(&self, files: &Files, name: &str, change: impl FnOnce(&mut CertificateParams)) {
        let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, format!("the MTA {name}"));
        change(&mut parameters);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(files.certificate.as_ref().unwrap(), certificate.pem()).unwrap();
        std::fs::write(files.key.as_ref().unwrap(), key.serialize_pem()).unwrap();
    }

    pub(crate) fn only_ca(&self) -> Files {
        Files { ca: Some(self.path("ca")), ..Files::default() }
    }
}
