//! `[smtp]`: where mail comes in, and what is offered to those who bring it.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::tls::OwnFiles;
use super::{Config, duration};
use crate::mta::network::Network;
use crate::mta::tls::{ClientCertificates, Files};
use crate::smtp::client::dialogue::Protocol;
use crate::smtp::dialogue::PriorityProfile;

/// Where mail comes in by SMTP.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Smtp {
    /// Addresses and ports to listen on, without TLS.
    pub listen: Vec<String>,
    /// Further ones, each in its own way.
    #[serde(rename = "listener")]
    pub listeners: Vec<Listener>,
    /// The certificates of the CAs that are believed of clients, as PEM; those of `[tls]` unless said.
    pub ca: Option<PathBuf>,
    /// Our certificate towards clients, as PEM; that of `[tls]` unless said.
    pub certificate: Option<PathBuf>,
    /// The private key to it, as PEM.
    pub key: Option<PathBuf>,
    /// Lists of revoked certificates of clients, as PEM; those of `[tls]` unless said.
    pub revoked: Option<Vec<PathBuf>>,
    /// The file of users, as `x400gw password` makes its lines.
    pub users: Option<PathBuf>,
    /// Where clients are who may send anywhere, and need not say who they are.
    pub trusted_networks: Vec<Network>,
    /// What strangers may send to.
    pub takes: Takes,
    /// Octets of one message.
    pub maximum_message_size: u64,
    /// Recipients of one message.
    pub maximum_recipients: usize,
    /// Sessions at the same time.
    pub maximum_sessions: usize,
    /// Sessions at the same time from one address, such as that of the relay in front.
    pub maximum_sessions_per_address: usize,
    /// New sessions from one address in a minute; 0 is no limit, as for the next two. Trusted networks have none.
    pub connections_per_minute: u32,
    /// Messages from one address in a minute.
    pub messages_per_minute: u32,
    /// Recipients from one address in a minute.
    pub recipients_per_minute: u32,
    /// Domains of recipients in one session, as far as they are counted.
    pub maximum_recipient_domains: Option<usize>,
    /// Messages of one session.
    pub maximum_messages: u32,
    /// Lines of one session that are no command or come out of order, and attempts to authenticate in vain.
    pub maximum_errors: u32,
    /// So many of these, and of recipients refused for good, are answered at once, each further one a second later than the one before;
    /// 0 answers all at once.
    pub tarpit_after: u32,
    /// The latest that one is answered.
    #[serde(deserialize_with = "duration::deserialize")]
    pub tarpit_longest: Duration,
    /// How long a client may be silent before a command, and in the middle of one.
    #[serde(deserialize_with = "duration::deserialize")]
    pub command_timeout: Duration,
    /// How long it may be silent in a message.
    #[serde(deserialize_with = "duration::deserialize")]
    pub data_timeout: Duration,
    /// Octets of a message that must come in a second, on the average and after its first minute; 0 for any.
    pub minimum_data_rate: u32,
    /// DELIVERBY is offered, and `R` may ask for no fewer seconds than this; 0 for any.
    pub deliver_by: Option<u32>,
    /// FUTURERELEASE is offered, and a message may be held so long. For servers that only users submit to (RFC 4865).
    #[serde(deserialize_with = "duration::optional")]
    pub future_release: Option<Duration>,
    /// MT-PRIORITY is offered: `unnamed`, or by the profile `mixer`, `stanag4406` or `nsep`.
    pub mt_priority: Option<PriorityProfile>,
    /// CONPERM is offered.
    pub conperm: bool,
    /// SMTPUTF8 is offered: fields in UTF-8 are taken; addresses outside US-ASCII are refused, each with its reason.
    pub smtp_utf8: bool,
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            listen: vec!["127.0.0.1:2525".into()],
            listeners: Vec::new(),
            ca: None,
            certificate: None,
            key: None,
            revoked: None,
            users: None,
            trusted_networks: Network::loopback().to_vec(),
            takes: Takes::default(),
            maximum_message_size: 50 << 20,
            maximum_recipients: 10_000,
            maximum_sessions: 1_000,
            maximum_sessions_per_address: 500,
            connections_per_minute: 0,
            messages_per_minute: 0,
            recipients_per_minute: 0,
            maximum_recipient_domains: None,
            maximum_messages: 1_000,
            maximum_errors: 20,
            tarpit_after: 10,
            tarpit_longest: Duration::from_secs(20),
            command_timeout: Duration::from_secs(5 * 60),
            data_timeout: Duration::from_secs(5 * 60),
            minimum_data_rate: 50,
            deliver_by: None,
            future_release: None,
            mt_priority: None,
            conperm: false,
            smtp_utf8: false,
        }
    }
}

/// An address where mail comes in, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Listener {
    /// Address and port to listen on.
    pub address: String,
    /// What is spoken there.
    #[serde(default)]
    pub protocol: Protocol,
    /// Who may send what there.
    #[serde(default)]
    pub role: Role,
    /// Where clients are who may send anywhere, and need not say who they are; those of `[smtp]` unless said.
    #[serde(default)]
    pub trusted_networks: Option<Vec<Network>>,
    /// Hosts that connect for others, and say so by the PROXY protocol: each connection from there begins with its header.
    #[serde(default)]
    pub proxy_protocol: Vec<Network>,
    /// Hosts that may say so by XCLIENT, once in a session.
    #[serde(default)]
    pub xclient: Vec<Network>,
    /// Whether TLS is spoken.
    #[serde(default)]
    pub tls: ListenerTls,
    /// Whether clients are asked for a certificate under TLS.
    #[serde(default = "nobody")]
    pub client_certificates: ClientCertificates,
    /// Whether clients say who they are.
    #[serde(default)]
    pub authentication: ListenerAuthentication,
    /// They may do so without TLS, too.
    #[serde(default)]
    pub authentication_in_the_clear: bool,
}

/// Who may send what where mail comes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everybody, to those whom the gateway serves; who has authenticated or is trusted, anywhere.
    #[default]
    Exchange,
    /// Those who have authenticated, have shown a certificate or are trusted, and nobody else; what their messages lack is added
    /// (RFC 6409).
    Submission,
    /// Those who are trusted or have authenticated, and nobody else.
    Trusted,
}

/// What strangers may send to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Takes {
    /// Whatever a mapping or a route that names attributes is for, and X.400 users who have written through the gateway.
    #[default]
    Served,
    /// X.400 users that only a route for everybody leads to as well.
    AllX400,
}

/// Whether clients authenticate where mail comes in (RFC 4954).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerAuthentication {
    /// They cannot.
    #[default]
    Off,
    /// Those who want to.
    Offered,
    /// All: without it no mail is taken.
    Required,
}

/// Whether TLS is spoken where mail comes in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerTls {
    /// No.
    #[default]
    Off,
    /// By STARTTLS (RFC 3207), for those who want it.
    Offered,
    /// By STARTTLS; without it no mail is taken.
    Required,
    /// From the first octet on (RFC 8314).
    Implicit,
}

/// Most clients have no certificate.
fn nobody() -> ClientCertificates {
    ClientCertificates::Off
}

impl Config {
    /// The files of certificates and keys for clients of SMTP.
    #[must_use]
    pub fn smtp_files(&self) -> Files {
        let own = &self.smtp;
        self.tls.files_unless(OwnFiles {
            ca: own.ca.as_ref(),
            certificate: own.certificate.as_ref(),
            key: own.key.as_ref(),
            revoked: own.revoked.as_ref(),
        })
    }
}
