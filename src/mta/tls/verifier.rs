//! What a peer's certificate is checked for: the chain to a CA we believe, and its names.

use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::names::{CertificateName, Names};

/// A verifier of certificates that are for the server's name, or for one of `names` if there are any.
pub(super) fn new(
    chain_and_name: Arc<WebPkiServerVerifier>,
    names: &[CertificateName],
) -> Arc<dyn ServerCertVerifier> {
    match names {
        [] => chain_and_name,
        _ => Arc::new(ByNames { chain_and_name, names: names.to_vec() }),
    }
}

#[derive(Debug)]
struct ByNames {
    chain_and_name: Arc<WebPkiServerVerifier>,
    names: Vec<CertificateName>,
}

impl ServerCertVerifier for ByNames {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let checked =
            self.chain_and_name.verify_server_cert(certificate, chain, server_name, ocsp_response, now);
        match checked {
            // The name is looked at last: everything else is in order, and ours are looked at instead.
            Ok(_)
            | Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => {}
            Err(error) => return Err(error),
        }
        let presented = Names::of(certificate);
        if self.names.iter().any(|name| presented.has(name)) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            expected: server_name.to_owned(),
            presented: vec![presented.to_string()],
        }))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain_and_name.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain_and_name.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain_and_name.supported_verify_schemes()
    }
}
