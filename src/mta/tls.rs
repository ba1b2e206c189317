//! TLS under RFC 1006: TLS 1.2 and 1.3 on the TCP connection, and in it everything as it is without.
//!
//! ```text
//! TCP ─► first octet 0x16? ─► TLS handshake ─► TPKT, TP0, session …     (x400gw on both sides: certificates both ways)
//!                    0x03? ─► plain RFC 1006, where it is allowed
//! ```
//!
//! * [`Initiator`] – what a peer must show us, and what we show it;
//! * [`Acceptor`] – the same as a responder, where a [`Rule`] says which peer the certificate of a caller stands for;
//! * [`names`] – the names in a certificate;
//! * [`Failure`] – why there is no TLS, in words, and what to do about it.
//!
//! Files are read by [`Initiator::new`] and [`Acceptor::new`], and again when told to; files that are not fit to be used
//! then leave the old ones in force.
#![expect(clippy::disallowed_methods, reason = "shell: reads the files of certificates and keys")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::net::TcpStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName,
};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, Error as TlsError, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

mod admission;
mod failure;
pub mod names;
mod reread;
mod verifier;

pub use admission::{Came, Rule};
pub use failure::Failure;
use names::{CertificateName, Names};
pub(crate) use reread::Reread;

/// Where certificates and keys are, all as PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// The certificates of the CAs that are believed.
    pub ca: Option<PathBuf>,
    /// Our certificate, followed by those of the CAs between it and the root.
    pub certificate: Option<PathBuf>,
    /// Our private key.
    pub key: Option<PathBuf>,
    /// Lists of revoked certificates.
    pub revoked: Vec<PathBuf>,
}

/// Files that are not fit to be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", .file.display())]
pub struct Unusable {
    /// Which.
    pub file: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// Opens TLS to one peer. Cheap to clone; all clones see what is read again.
#[derive(Debug, Clone)]
pub struct Initiator(Arc<InitiatorInner>);

#[derive(Debug)]
struct InitiatorInner {
    files: Files,
    /// The name that the certificate must be for, and that the peer is told we expect.
    server_name: ServerName<'static>,
    /// Names of which the certificate must have one, instead of that.
    names: Vec<CertificateName>,
    config: RwLock<Arc<ClientConfig>>,
}

impl Initiator {
    /// TLS to a peer whose certificate is for `server_name`, or for one of `names` if there are any.
    ///
    /// # Errors
    /// The first file that is not fit to be used.
    pub fn new(
        files: Files,
        server_name: ServerName<'static>,
        names: Vec<CertificateName>,
    ) -> Result<Self, Unusable> {
        let config = RwLock::new(client_config(&files, &names)?);
        Ok(Self(Arc::new(InitiatorInner { files, server_name, names, config })))
    }

    /// Reads the files again, for the connections that follow.
    ///
    /// # Errors
    /// The first file that is not fit to be used; the old ones stay in force.
    pub fn reload(&self) -> Result<(), Unusable> {
        let config = client_config(&self.0.files, &self.0.names)?;
        *self.0.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// The handshake. How long it may take is the caller's to say.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn connect(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let config = Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner));
        let connected = TlsConnector::from(config).connect(self.0.server_name.clone(), stream).await;
        connected.map(TlsStream::Client).map_err(|error| Failure::of_handshake(&error))
    }
}

/// Whether callers must show a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientCertificates {
    /// Without one there is no association.
    #[default]
    Required,
    /// One that is shown must be good.
    Optional,
    /// Nobody is asked.
    Off,
}

/// Answers TLS from callers. Cheap to clone; all clones see what is read again.
#[derive(Debug, Clone)]
pub struct Acceptor(Arc<AcceptorInner>);

#[derive(Debug)]
struct AcceptorInner {
    files: Files,
    clients: ClientCertificates,
    config: RwLock<Arc<ServerConfig>>,
}

impl Acceptor {
    /// TLS with our certificate.
    ///
    /// # Errors
    /// The first file that is not fit to be used.
    pub fn new(files: Files, clients: ClientCertificates) -> Result<Self, Unusable> {
        let config = RwLock::new(server_config(&files, clients)?);
        Ok(Self(Arc::new(AcceptorInner { files, clients, config })))
    }

    /// Reads the files again, for the connections that follow.
    ///
    /// # Errors
    /// The first file that is not fit to be used; the old ones stay in force.
    pub fn reload(&self) -> Result<(), Unusable> {
        let config = server_config(&self.0.files, self.0.clients)?;
        *self.0.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// The handshake, and the names in the caller's certificate if it showed one. How long it may take is the caller's
    /// to say.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn accept(&self, stream: TcpStream) -> Result<(TlsStream<TcpStream>, Option<Names>), Failure> {
        let config = Arc::clone(&self.0.config.read().unwrap_or_else(PoisonError::into_inner));
        let stream =
            TlsAcceptor::from(config).accept(stream).await.map_err(|error| Failure::of_handshake(&error))?;
        let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let names = shown.map(|certificate| Names::of(certificate));
        Ok((TlsStream::Server(stream), names))
    }
}

/// What a caller speaks, by the first octet of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// A TPKT: its version is 3 (RFC 1006 6).
    Rfc1006,
    /// A TLS record with a handshake (RFC 8446 5.1).
    Tls,
    /// Neither.
    Other(u8),
}

impl From<u8> for Spoken {
    fn from(first: u8) -> Self {
        match first {
            0x03 => Self::Rfc1006,
            0x16 => Self::Tls,
            other => Self::Other(other),
        }
    }
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn client_config(files: &Files, names: &[CertificateName]) -> Result<Arc<ClientConfig>, Unusable> {
    let ca = files.ca.as_deref().ok_or_else(|| missing("ca"))?;
    let chain_and_name =
        WebPkiServerVerifier::builder_with_provider(roots(ca)?, provider()).with_crls(revoked(files)?);
    let chain_and_name = chain_and_name.build().map_err(|error| unusable(ca, &error))?;
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(ca, &error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier::new(chain_and_name, names));
    let config = match own(files)? {
        Some((chain, key, file)) => {
            builder.with_client_auth_cert(chain, key).map_err(|error| key_trouble(file, &error))?
        }
        None => builder.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn server_config(files: &Files, clients: ClientCertificates) -> Result<Arc<ServerConfig>, Unusable> {
    let (chain, key, file) = own(files)?.ok_or_else(|| missing("certificate"))?;
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(file, &error))?;
    let builder = if clients == ClientCertificates::Off {
        builder.with_no_client_auth()
    } else {
        let ca = files.ca.as_deref().ok_or_else(|| missing("ca"))?;
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots(ca)?, provider()).with_crls(revoked(files)?);
        let verifier = match clients {
            ClientCertificates::Optional => verifier.allow_unauthenticated(),
            _ => verifier,
        };
        builder.with_client_cert_verifier(verifier.build().map_err(|error| unusable(ca, &error))?)
    };
    builder.with_single_cert(chain, key).map(Arc::new).map_err(|error| key_trouble(file, &error))
}

/// The CAs that are believed.
pub(crate) fn roots(file: &Path) -> Result<Arc<RootCertStore>, Unusable> {
    let mut store = RootCertStore::empty();
    for certificate in certificates(file)? {
        store.add(certificate).map_err(|error| unusable(file, &error))?;
    }
    Ok(Arc::new(store))
}

type Own<'a> = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, &'a Path);

/// What we show, if anything.
fn own(files: &Files) -> Result<Option<Own<'_>>, Unusable> {
    let (certificate, key_file) = match (&files.certificate, &files.key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(missing("key")),
        (None, Some(_)) => return Err(missing("certificate")),
    };
    let text = read(key_file)?;
    let key = PrivateKeyDer::from_pem_slice(&text)
        .map_err(|error| unusable(key_file, &format!("holds no private key: {error}")))?;
    Ok(Some((certificates(certificate)?, key, key_file)))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let text = read(file)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(file, &error))?;
    if certificates.is_empty() {
        return Err(unusable(file, &"holds no certificate; PEM is expected"));
    }
    Ok(certificates)
}

fn revoked(files: &Files) -> Result<Vec<CertificateRevocationListDer<'static>>, Unusable> {
    let mut lists = Vec::new();
    for file in &files.revoked {
        let text = read(file)?;
        let before = lists.len();
        for list in CertificateRevocationListDer::pem_slice_iter(&text) {
            lists.push(list.map_err(|error| unusable(file, &error))?);
        }
        if lists.len() == before {
            return Err(unusable(file, &"holds no list of revoked certificates; PEM is expected"));
        }
    }
    Ok(lists)
}

fn read(file: &Path) -> Result<Vec<u8>, Unusable> {
    std::fs::read(file).map_err(|error| unusable(file, &error))
}

fn key_trouble(file: &Path, error: &TlsError) -> Unusable {
    match error {
        TlsError::InconsistentKeys(_) => unusable(file, &"the key does not belong to the certificate"),
        _ => unusable(file, error),
    }
}

fn unusable(file: &Path, what: &dyn std::fmt::Display) -> Unusable {
    Unusable { file: file.to_path_buf(), what: what.to_string() }
}

/// The configuration does not name a file that is needed.
fn missing(key: &str) -> Unusable {
    Unusable { file: PathBuf::from(key), what: "not set, and needed for TLS".into() }
}
