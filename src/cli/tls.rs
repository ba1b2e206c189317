//! What the lab's commands are told about TLS.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::mta::tls::{Acceptor, ClientCertificates, Files, Initiator, Unusable};

/// TLS towards an MTA that is called.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "TLS where it calls")]
pub(super) struct Calling {
    /// Call with TLS under RFC 1006
    #[arg(long, requires = "ca")]
    tls: bool,
    /// The CAs that may have issued the certificate of the other side, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca: Option<PathBuf>,
    /// Our certificate, as PEM; without one none is shown
    #[arg(long, value_name = "FILE", requires = "tls", requires = "key")]
    certificate: Option<PathBuf>,
    /// The private key of our certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// What the certificate of the other side must be for [default: the host that is called]
    #[arg(long, value_name = "NAME", requires = "tls")]
    server_name: Option<String>,
}

/// TLS for those who call us.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "TLS where it answers")]
pub(super) struct Answering {
    /// Answer nothing but TLS under RFC 1006, with this certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// The private key of that certificate, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Demand a certificate of callers, from one of these CAs, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    client_ca: Option<PathBuf>,
}

impl Calling {
    /// TLS towards `address`, a host and its port, if somebody is called; `None` if it is not wanted.
    pub(super) fn initiator(&self, address: Option<&str>) -> Result<Option<Initiator>, Failure> {
        if !self.tls {
            return Ok(None);
        }
        let Some(address) = address else {
            let why = "error: --tls is for calls, and nobody is called\nhelp: give --call HOST:PORT; --tls-certificate is for answers";
            return Err(Failure::BadInput(why.into()));
        };
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let name = self.server_name.as_deref().unwrap_or(host).trim_matches(['[', ']']);
        let server_name = name.to_owned().try_into().map_err(|_| {
            Failure::BadInput(format!(
                "error: `{name}` is neither a DNS name nor an address\nhelp: give --server-name what the certificate of the other side is for"
            ))
        })?;
        let files = Files {
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            revoked: Vec::new(),
        };
        Initiator::new(files, server_name, Vec::new()).map(Some).map_err(|error| bad(&error))
    }
}

impl Answering {
    /// TLS for callers; `None` if it is not wanted.
    pub(super) fn acceptor(&self) -> Result<Option<Acceptor>, Failure> {
        if self.tls_certificate.is_none() {
            return Ok(None);
        }
        let files = Files {
            ca: self.client_ca.clone(),
            certificate: self.tls_certificate.clone(),
            key: self.tls_key.clone(),
            revoked: Vec::new(),
        };
        let clients = match self.client_ca {
            Some(_) => ClientCertificates::Required,
            None => ClientCertificates::Off,
        };
        Acceptor::new(files, clients).map(Some).map_err(|error| bad(&error))
    }
}

fn bad(error: &Unusable) -> Failure {
    Failure::BadInput(format!("error: {error}"))
}
