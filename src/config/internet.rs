//! What an operator says about mail that leaves for the Internet.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{Config, OneOrMore, duration};
use crate::rules::Rules;
use crate::smtp::client::dialogue::{Protocol, StartTls, Timeouts};
use crate::smtp::client::dns::{Dns, Proof};
use crate::smtp::client::hosts::Server;
use crate::smtp::client::keys::KeyFile;
use crate::smtp::client::login::LoginFile;
use crate::smtp::client::{mta_sts, sender};
use crate::smtp::sasl::Mechanism;

/// How mail leaves for the Internet.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Internet {
    /// Host and port, or `unix:` and the socket, of the server that takes all mail, or of several, tried in this order; without
    /// any, DNS says for each domain who takes its mail.
    pub smarthost: Option<OneOrMore>,
    /// What that server speaks: `smtp` or `lmtp`.
    pub protocol: Protocol,
    /// Whether STARTTLS is used: `opportunistic`, `required` (with a certificate that a CA of `ca` vouches for) or `off`.
    pub tls: StartTls,
    /// The certificates of the CAs that are believed, as PEM; those of `[tls]` unless said.
    pub ca: Option<PathBuf>,
    /// Domains that go another way.
    #[serde(rename = "route")]
    pub routes: Vec<InternetRoute>,
    /// Who we are to servers that want to know.
    #[serde(rename = "login")]
    pub logins: Vec<InternetLogin>,
    /// What mails are signed with, by the domain of their author.
    #[serde(rename = "dkim")]
    pub keys: Vec<InternetKey>,
    /// Address and port of the DNS servers that are asked; those of this machine unless said.
    pub dns: Vec<SocketAddr>,
    /// Whether DNS must prove what it says (DNSSEC), and the certificates of servers must be what it says (DANE, RFC 7672),
    /// where a domain wants that. The servers of `dns` must pass on what DNSSEC needs.
    pub dane: bool,
    /// The keys that DNS is proved by, as DNSKEY records; those of the root of the Internet unless said.
    pub trust_anchors: Option<PathBuf>,
    /// Whether the policies of domains about their servers are kept (MTA-STS, RFC 8461). It needs `ca`.
    pub mta_sts: bool,
    /// The port of the servers that have such policies.
    pub mta_sts_port: u16,
    /// Other names of this host: what an MX record of such a name says is for us is not sent there.
    pub own_names: Vec<String>,
    /// The port of servers that DNS names.
    pub port: u16,
    /// Recipients of one transaction.
    pub maximum_recipients: usize,
    /// Sessions at the same time with one destination.
    pub maximum_sessions: usize,
    /// A session without work is closed after so long.
    #[serde(with = "duration")]
    pub idle_close: Duration,
    /// Connecting may take so long.
    #[serde(with = "duration")]
    pub connect_timeout: Duration,
    /// A destination that cannot be reached rests so long; doubled at each failure.
    #[serde(with = "duration")]
    pub first_reconnect: Duration,
    /// At most so long.
    #[serde(with = "duration")]
    pub longest_reconnect: Duration,
    /// Whether everything for the Internet waits in the queue, and nothing is sent.
    pub hold: bool,
    /// Whether content goes by BDAT where CHUNKING is offered, and not by DATA.
    pub chunking: bool,
}

impl Default for Internet {
    fn default() -> Self {
        Self {
            smarthost: None,
            protocol: Protocol::Smtp,
            tls: StartTls::Opportunistic,
            ca: None,
            routes: Vec::new(),
            logins: Vec::new(),
            keys: Vec::new(),
            dns: Vec::new(),
            dane: false,
            trust_anchors: None,
            mta_sts: false,
            mta_sts_port: 443,
            own_names: Vec::new(),
            port: 25,
            maximum_recipients: 100,
            maximum_sessions: 10,
            idle_close: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(30),
            first_reconnect: Duration::from_secs(1),
            longest_reconnect: Duration::from_secs(120),
            hold: false,
            chunking: true,
        }
    }
}

/// Domains that go another way than the others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InternetRoute {
    /// `example.org`, that domain; `.example.org`, all below it.
    pub domain: String,
    /// Host and port, or `unix:` and a socket, or several, tried in this order; without any, DNS says.
    pub host: Option<OneOrMore>,
    /// What is spoken there: `smtp` or `lmtp`.
    #[serde(default)]
    pub protocol: Protocol,
    /// Whether STARTTLS is used; as for the others unless said.
    pub tls: Option<StartTls>,
}

/// Who we are to one server that somebody named, here or in the rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InternetLogin {
    /// The server, host and port, as it is named where mail is sent to it.
    pub host: String,
    /// Our name there.
    pub user: String,
    /// A file with the password, and nothing else.
    pub password_file: PathBuf,
    /// How we say so, the best first: `scram-sha-256`, `plain`, `login`. The first that the server offers is taken.
    #[serde(default = "all_mechanisms")]
    pub mechanisms: Vec<LoginMechanism>,
    /// Whether we say so without TLS, or under TLS with any certificate, as `tls` has it; otherwise that server must have a
    /// good one, as with `tls = "required"`.
    #[serde(default)]
    pub in_the_clear: bool,
}

/// What mails are signed with whose author is in a domain (DKIM). A domain may have several keys, as for RSA and Ed25519.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InternetKey {
    /// The domain; authors in those below it count as well, unless these have a key of their own.
    pub domain: String,
    /// The name of the key: DNS has its public half as `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// The file of the private key, as PEM: RSA of 2048 to 4096 bits, or Ed25519.
    pub key: PathBuf,
    /// Peers whose messages are signed though their authors' addresses are only carried (in an attribute `RFC-822`, or a whole field),
    /// and no rule knows them.
    #[serde(default)]
    pub peers: Vec<String>,
}

/// How we say who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginMechanism {
    /// A proof of the password (RFC 7677).
    #[serde(rename = "scram-sha-256")]
    ScramSha256,
    /// Name and password at once (RFC 4616).
    Plain,
    /// Name and password, one after the other.
    Login,
}

impl LoginMechanism {
    const ALL: [Self; 3] = [Self::ScramSha256, Self::Plain, Self::Login];

    const fn mechanism(self) -> Mechanism {
        match self {
            Self::ScramSha256 => Mechanism::ScramSha256,
            Self::Plain => Mechanism::Plain,
            Self::Login => Mechanism::Login,
        }
    }
}

fn all_mechanisms() -> Vec<LoginMechanism> {
    LoginMechanism::ALL.to_vec()
}

/// The way of domains by the configuration, to which a rule file may add others.
#[derive(Debug, Clone)]
pub struct InternetRoutes {
    routes: Vec<sender::Route>,
    start_tls: StartTls,
}

impl InternetRoutes {
    /// The same with those of a rule file.
    #[must_use]
    pub fn with(&self, rules: &Rules) -> Vec<sender::Route> {
        let own = rules.domain_routes().iter().map(|route| route.to_route(self.start_tls));
        self.routes.iter().cloned().chain(own).collect()
    }
}

fn hosts(hosts: &Option<OneOrMore>) -> Vec<String> {
    hosts.as_ref().map_or_else(Vec::new, |hosts| hosts.names().to_vec())
}

impl Config {
    /// The way of domains.
    #[must_use]
    pub fn internet_routes(&self) -> InternetRoutes {
        let start_tls = self.internet.tls;
        let routes = self.internet.routes.iter().map(|route| sender::Route {
            domain: route.domain.clone(),
            way: sender::Way {
                hosts: hosts(&route.host),
                protocol: route.protocol,
                start_tls: route.tls.unwrap_or(start_tls),
            },
            refuse: None,
        });
        InternetRoutes { routes: routes.collect(), start_tls }
    }

    /// How mail leaves, for those who send it.
    #[must_use]
    pub fn sending(&self) -> sender::Settings {
        let internet = &self.internet;
        sender::Settings {
            name: self.gateway.host_name.clone(),
            own_names: internet.own_names.clone(),
            routes: self.internet_routes().routes,
            default: sender::Way {
                hosts: hosts(&internet.smarthost),
                protocol: internet.protocol,
                start_tls: internet.tls,
            },
            port: internet.port,
            maximum_recipients: internet.maximum_recipients,
            maximum_sessions: internet.maximum_sessions,
            idle: internet.idle_close,
            connect_timeout: internet.connect_timeout,
            rest: (internet.first_reconnect, internet.longest_reconnect),
            chunking: internet.chunking,
            timeouts: Timeouts::default(),
            policies: internet.mta_sts.then(|| mta_sts::Settings {
                port: internet.mta_sts_port,
                file: self.gateway.data.join("mta-sts.jsonl"),
            }),
        }
    }

    /// Who is asked about mail servers.
    #[must_use]
    pub fn internet_dns(&self) -> Dns {
        let internet = &self.internet;
        let proof = match internet.dane {
            true => Proof::Dnssec { anchors: internet.trust_anchors.clone() },
            false => Proof::None,
        };
        Dns::new(&internet.dns, proof)
    }

    /// Who we are to servers; those whose host is none are left out.
    #[must_use]
    pub fn internet_logins(&self) -> Vec<LoginFile> {
        let logins = self.internet.logins.iter().filter_map(|login| {
            Some(LoginFile {
                server: Server::parse(&login.host)?,
                user: login.user.clone(),
                password: login.password_file.clone(),
                mechanisms: login.mechanisms.iter().map(|mechanism| mechanism.mechanism()).collect(),
                in_the_clear: login.in_the_clear,
            })
        });
        logins.collect()
    }

    /// What mails are signed with.
    #[must_use]
    pub fn internet_keys(&self) -> Vec<KeyFile> {
        let keys = self.internet.keys.iter().map(|key| KeyFile {
            domain: key.domain.clone(),
            selector: key.selector.clone(),
            key: key.key.clone(),
            peers: key.peers.clone(),
        });
        keys.collect()
    }

    /// Whose certificates are believed of servers on the Internet.
    #[must_use]
    pub fn internet_ca(&self) -> Option<PathBuf> {
        self.internet.ca.clone().or_else(|| self.tls.ca.clone())
    }
}
