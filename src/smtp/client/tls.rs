//! TLS towards servers (RFC 3207): with any certificate where that is better than none (RFC 7435), with one that a CA of
//! ours vouches for, or with one that DNS describes (RFC 7672).
//!
//! Files are read by [`Tls::new`], and again when told to; files that are not fit to be used then leave the old ones in force.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::dane::{Association, Described};
use super::hosts::Host;
use crate::mta::tls::{self, Unusable};

/// Opens TLS to servers. Cheap to clone; all clones see what is read again.
#[derive(Debug, Clone)]
pub struct Tls(Arc<Inner>);

/// Which certificate a server must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// Any.
    Any,
    /// One for its name that a CA of ours vouches for.
    Good,
    /// One that DNS describes.
    Described {
        /// Each of these does.
        associations: Arc<[Association]>,
        /// The domain whose mail it takes: a CA that is described may vouch for it under this name as well.
        domain: Option<String>,
    },
}

#[derive(Debug)]
struct Inner {
    ca: Option<PathBuf>,
    /// For certificates that nobody looks at.
    any: Arc<ClientConfig>,
    /// For those that must be good; `None` without a CA.
    good: RwLock<Option<Arc<ClientConfig>>>,
}

impl Tls {
    /// `ca` has the certificates of the CAs that are believed, as PEM; without it no certificate is good.
    ///
    /// # Errors
    /// The file is not fit to be used.
    pub fn new(ca: Option<PathBuf>) -> Result<Self, Unusable> {
        let any = config(Arc::new(Lenient::new(None)), ca.clone())?;
        let good = RwLock::new(good(ca.as_ref())?);
        Ok(Self(Arc::new(Inner { ca, any, good })))
    }

    /// Reads the file again, for the connections that follow.
    ///
    /// # Errors
    /// The file is not fit to be used; the old one stays in force.
    pub fn reload(&self) -> Result<(), Unusable> {
        let good = good(self.0.ca.as_ref())?;
        *self.0.good.write().unwrap_or_else(PoisonError::into_inner) = good;
        Ok(())
    }

    /// The handshake with a server.
    ///
    /// # Errors
    /// Why there is no TLS.
    pub async fn connect(
        &self,
        stream: TcpStream,
        server: &Host,
        certificate: &Certificate,
    ) -> Result<TlsStream<TcpStream>, String> {
        let config = match certificate {
            Certificate::Any => Arc::clone(&self.0.any),
            Certificate::Good => {
                let good = self.0.good.read().unwrap_or_else(PoisonError::into_inner).clone();
                good.ok_or("there is no CA to verify its certificate by")?
            }
            Certificate::Described { associations, domain } => {
                let associations = Arc::clone(associations);
                let described = Described::new(associations, domain.as_deref());
                config(Arc::new(Lenient::new(Some(described))), None).map_err(|error| error.what)?
            }
        };
        let name = match server {
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|error| error.to_string())?,
            Host::Address(address) => ServerName::from(*address),
        };
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| error.to_string())
    }
}

fn good(ca: Option<&PathBuf>) -> Result<Option<Arc<ClientConfig>>, Unusable> {
    let Some(ca) = ca else { return Ok(None) };
    let verifier = WebPkiServerVerifier::builder_with_provider(tls::roots(ca)?, tls::provider());
    let verifier =
        verifier.build().map_err(|error| Unusable { file: ca.clone(), what: error.to_string() })?;
    config(verifier, Some(ca.clone())).map(Some)
}

fn config(verifier: Arc<dyn ServerCertVerifier>, ca: Option<PathBuf>) -> Result<Arc<ClientConfig>, Unusable> {
    let builder = ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Unusable { file: ca.unwrap_or_default(), what: error.to_string() })?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    Ok(Arc::new(builder.with_no_client_auth()))
}

/// Takes the certificates that are described, or any. The server must have the key all the same, so that nobody who only listens learns
/// anything.
#[derive(Debug)]
struct Lenient {
    described: Option<Described>,
    provider: Arc<CryptoProvider>,
}

impl Lenient {
    fn new(described: Option<Described>) -> Self {
        Self { described, provider: tls::provider() }
    }
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.described {
            Some(described) => described.verify(certificate, intermediates, name, now, &self.provider),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
