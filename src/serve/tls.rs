//! TLS as the configuration has it: what is opened to peers, what is answered, and what is read again.

use tokio_rustls::rustls::pki_types::ServerName;

use super::StartError;
use crate::config::{Config, ListenTls, Listener, ListenerAuthentication, ListenerTls, Peer};
use crate::mta::listener::Security;
use crate::mta::tls::{Acceptor, Initiator, Rule, Unusable};
use crate::smtp::client::keys::Keys;
use crate::smtp::client::login::Logins;
use crate::smtp::client::sender::Secrets;
use crate::smtp::listener;

/// Everything that holds certificates, to be read again when the operator says so.
#[derive(Debug, Default, Clone)]
pub(super) struct Certificates {
    acceptor: Option<Acceptor>,
    /// Of each listener for SMTP.
    smtp: Vec<Option<Acceptor>>,
    /// Those who may authenticate there.
    users: Option<listener::Roster>,
    initiators: Vec<Initiator>,
}

impl Certificates {
    /// Reads what the configuration names.
    ///
    /// # Errors
    /// The first file that is not fit to be used.
    pub(super) fn read(config: &Config) -> Result<Self, StartError> {
        let acceptor = match config.x400.speaks_tls() {
            true => Some(Acceptor::new(config.tls.files(), config.x400.client_certificates)?),
            false => None,
        };
        let smtp = config.smtp.listeners.iter().map(|listener| match listener.tls {
            ListenerTls::Off => Ok(None),
            _ => Acceptor::new(config.smtp_files(), listener.client_certificates).map(Some),
        });
        let users = config.smtp.users.clone().map(listener::Roster::new).transpose()?;
        Ok(Self { acceptor, smtp: smtp.collect::<Result<_, _>>()?, users, initiators: Vec::new() })
    }

    /// TLS to a peer; `None` where it is off. Its certificates are read again with the others from now on.
    ///
    /// # Errors
    /// The first file that is not fit to be used, or a name that is none.
    pub(super) fn initiator(
        &mut self,
        config: &Config,
        peer: &Peer,
    ) -> Result<Option<Initiator>, StartError> {
        let (Some(settings), Some(files)) = (peer.tls_settings(), peer.tls_files(config)) else {
            return Ok(None);
        };
        let not_a_name = |name: &str| {
            StartError::Setting(format!(
                "`{name}` in `tls` of peer `{}` is not a name of a certificate",
                peer.name
            ))
        };
        let server_name = ServerName::try_from(peer.server_name().to_owned())
            .map_err(|_| not_a_name(peer.server_name()))?;
        let names = settings.names.iter().map(|name| name.parse().map_err(|_| not_a_name(name)));
        let initiator = Initiator::new(files, server_name, names.collect::<Result<_, _>>()?)?;
        self.initiators.push(initiator.clone());
        Ok(Some(initiator))
    }

    /// How callers come to `[x400] listen`.
    pub(super) fn listen(&self, config: &Config) -> Security {
        let tls = config.x400.listen_tls();
        Security {
            tls: self.acceptor.clone().filter(|_| tls != ListenTls::Off),
            plain_too: tls == ListenTls::Optional,
            ..Security::default()
        }
    }

    /// How callers come to `[x400] tls-listen`.
    pub(super) fn tls_listen(&self) -> Security {
        Security { tls: self.acceptor.clone(), ..Security::default() }
    }

    /// How clients come to a listener for SMTP, which is that of this number.
    pub(super) fn smtp(&self, number: usize, listener: &Listener) -> listener::Access {
        let acceptor = self.smtp.get(number).cloned().flatten();
        let implicit = listener.tls == ListenerTls::Implicit;
        let may_authenticate = listener.authentication != ListenerAuthentication::Off;
        listener::Access {
            tls: acceptor.map(|acceptor| listener::Security { acceptor, implicit }),
            users: self.users.clone().filter(|_| may_authenticate),
            ..listener::Access::default()
        }
    }

    /// Reads all files again; one that is not fit to be used leaves the old ones in force where it is used.
    pub(super) fn reload(&self) -> Vec<Unusable> {
        let initiators = self.initiators.iter().map(Initiator::reload);
        let users = self.users.iter().map(listener::Roster::reload);
        let acceptor = self.acceptor.iter().chain(self.smtp.iter().flatten()).map(Acceptor::reload);
        acceptor.chain(initiators).chain(users).filter_map(Result::err).collect()
    }
}

/// Whether a peer must come over TLS, and with which certificate.
pub(super) fn admission(peer: &Peer) -> Rule {
    let settings = peer.tls_settings();
    let names = settings.into_iter().flat_map(|tls| &tls.names).filter_map(|name| name.parse().ok());
    Rule { tls: settings.is_some(), names: names.collect() }
}

/// Whether the certificates, passwords and keys that the configuration names are fit to be used.
///
/// # Errors
/// The first that is not.
pub fn check_certificates(config: &Config) -> Result<(), StartError> {
    let mut certificates = Certificates::read(config)?;
    for peer in &config.peers {
        certificates.initiator(config, peer)?;
    }
    secrets(config)?;
    Ok(())
}

/// Passwords and keys for what leaves for the Internet.
///
/// # Errors
/// The first file that is not fit to be used.
pub(super) fn secrets(config: &Config) -> Result<Secrets, Unusable> {
    Ok(Secrets { logins: Logins::new(config.internet_logins())?, keys: Keys::new(config.internet_keys())? })
}
