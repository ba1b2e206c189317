//! What a server must show before it gets a mail: what the operator wants, what the policy of the domain wants (RFC 8461), and
//! what DNS says about its certificate (RFC 7672), which counts more than the policy does.

use super::dialogue::StartTls;
use super::dns::{Addresses, Description, Dns, Proved};
use super::hosts::Host;
use super::tls::Certificate;

/// What a server must show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) start_tls: StartTls,
    /// Where there is TLS.
    pub(super) certificate: Certificate,
}

/// What a domain wants of the servers that its MX records name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wish {
    /// The domain, if DNSSEC proves that these are its servers.
    pub(super) proved: Option<String>,
    /// Whether its policy wants good certificates.
    pub(super) good: bool,
}

impl Demand {
    /// What an operator wants.
    pub(super) fn new(start_tls: StartTls) -> Self {
        let certificate = match start_tls {
            StartTls::Required => Certificate::Good,
            StartTls::Off | StartTls::Opportunistic => Certificate::Any,
        };
        Self { start_tls, certificate }
    }

    /// The same, and what DNS says about the certificate of a server, if the domain is proved to want it there. Gives the name
    /// the server goes by as well.
    ///
    /// # Errors
    /// It is not to be had what DNS says: nothing may be sent there.
    pub(super) async fn with_description(
        self,
        server: &Host,
        port: u16,
        at: &Proved<Addresses>,
        wish: &Wish,
        dns: &Dns,
    ) -> Result<(Self, Host), String> {
        let (Host::Name(name), Some(domain), true) = (server, &wish.proved, at.proved) else {
            return Ok((self, server.clone()));
        };
        // RFC 7672 2.2.3: what it is called in the end, then what the MX record calls it.
        for name in at.answer.canonical.iter().chain([name]) {
            let certificate = match dns.description(name, port).await? {
                Description::None => continue,
                Description::OfNoUse => self.certificate,
                Description::Associations(associations) => {
                    Certificate::Described { associations: associations.into(), domain: Some(domain.clone()) }
                }
            };
            return Ok((Self { start_tls: StartTls::Required, certificate }, Host::Name(name.clone())));
        }
        Ok((self, server.clone()))
    }
}
