//! What an operator says about TLS: whose certificates are believed, and who speaks it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::{Config, Peer, X400};
use crate::mta::tls::Files;

/// What holds for all peers that do not say otherwise, and for ourselves as a responder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tls {
    /// The certificates of the CAs that are believed, as PEM.
    pub ca: Option<PathBuf>,
    /// Our certificate and those between it and the root, as PEM.
    pub certificate: Option<PathBuf>,
    /// Our private key, as PEM.
    pub key: Option<PathBuf>,
    /// Lists of revoked certificates, as PEM.
    pub revoked: Vec<PathBuf>,
}

impl Tls {
    /// The files, for those who read them.
    #[must_use]
    pub fn files(&self) -> Files {
        Files {
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            revoked: self.revoked.clone(),
        }
    }

    /// The files of a place that has some of its own. A certificate and its key come from the same place.
    pub(super) fn files_unless(&self, own: OwnFiles<'_>) -> Files {
        let common = self.files();
        let (certificate, key) = match (own.certificate, own.key) {
            (None, None) => (common.certificate, common.key),
            (certificate, key) => (certificate.cloned(), key.cloned()),
        };
        Files {
            ca: own.ca.cloned().or(common.ca),
            certificate,
            key,
            revoked: own.revoked.cloned().unwrap_or(common.revoked),
        }
    }
}

/// What one place has otherwise than `[tls]`.
pub(super) struct OwnFiles<'a> {
    pub(super) ca: Option<&'a PathBuf>,
    pub(super) certificate: Option<&'a PathBuf>,
    pub(super) key: Option<&'a PathBuf>,
    pub(super) revoked: Option<&'a Vec<PathBuf>>,
}

/// Whether an address that is listened on speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenTls {
    /// RFC 1006 as it is.
    Off,
    /// Both, by the first octet that comes.
    Optional,
    /// Nothing else.
    Required,
}

/// Whether a peer speaks TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerTls {
    /// RFC 1006 as it is.
    Off,
    /// With what `[tls]` says, but for what is said here.
    Required(PeerTlsSettings),
}

/// What one peer has otherwise than `[tls]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeerTlsSettings {
    /// The certificates of the CAs that are believed for this peer, as PEM.
    pub ca: Option<PathBuf>,
    /// Our certificate towards this peer, as PEM.
    pub certificate: Option<PathBuf>,
    /// Our private key towards this peer, as PEM.
    pub key: Option<PathBuf>,
    /// Lists of revoked certificates, as PEM.
    pub revoked: Option<Vec<PathBuf>>,
    /// What this peer's certificate is for, if not the host of its address.
    pub server_name: Option<String>,
    /// Names of which this peer's certificate must have one, in both roles: a DNS name, an address, or `CN=` and a common name.
    pub names: Vec<String>,
}

impl<'de> Deserialize<'de> for PeerTls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrTable)
    }
}

struct WordOrTable;

impl<'de> Visitor<'de> for WordOrTable {
    type Value = PeerTls;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"off\", \"required\" or a table of settings for TLS")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<PeerTls, E> {
        match word {
            "off" => Ok(PeerTls::Off),
            "required" => Ok(PeerTls::Required(PeerTlsSettings::default())),
            other => Err(E::unknown_variant(other, &["off", "required"])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PeerTls, A::Error> {
        PeerTlsSettings::deserialize(MapAccessDeserializer::new(map)).map(PeerTls::Required)
    }
}

impl Peer {
    /// What is set for TLS with this peer; `None` if it is off.
    #[must_use]
    pub fn tls_settings(&self) -> Option<&PeerTlsSettings> {
        match &self.tls {
            Some(PeerTls::Required(settings)) => Some(settings),
            Some(PeerTls::Off) | None => None,
        }
    }

    /// The files for TLS with this peer; `None` if it is off.
    #[must_use]
    pub fn tls_files(&self, config: &Config) -> Option<Files> {
        let own = self.tls_settings()?;
        Some(config.tls.files_unless(OwnFiles {
            ca: own.ca.as_ref(),
            certificate: own.certificate.as_ref(),
            key: own.key.as_ref(),
            revoked: own.revoked.as_ref(),
        }))
    }

    /// What this peer's certificate is for: what is set, or the host of its address.
    #[must_use]
    pub fn server_name(&self) -> &str {
        let set = self.tls_settings().and_then(|settings| settings.server_name.as_deref());
        set.unwrap_or_else(|| host(&self.address))
    }

    /// Whether nothing is said about TLS though the peer is on another machine.
    pub(super) fn leaves_tls_open(&self) -> bool {
        let mut hosts = std::iter::once(&self.address).chain(&self.alternates);
        self.tls.is_none() && !hosts.all(|address| is_on_this_machine(address))
    }
}

impl X400 {
    /// Whether [`Self::listen`] speaks TLS.
    #[must_use]
    pub fn listen_tls(&self) -> ListenTls {
        self.tls.unwrap_or(ListenTls::Off)
    }

    /// Whether nothing is said about TLS though others than this machine can call.
    pub(super) fn leaves_tls_open(&self) -> bool {
        self.tls.is_none() && self.listen.as_ref().is_some_and(|address| !is_on_this_machine(address))
    }

    /// Whether TLS is spoken to any caller.
    #[must_use]
    pub fn speaks_tls(&self) -> bool {
        self.tls_listen.is_some() || self.listen_tls() != ListenTls::Off
    }
}

/// The host of an address with a port, without brackets.
pub(super) fn host(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host)
}

fn is_on_this_machine(address: &str) -> bool {
    let host = host(address);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(tls: &str) -> Config {
        let text = format!(
            "[tls]\nca = \"ca\"\ncertificate = \"c\"\nkey = \"k\"\n\
             [[peer]]\nname = \"hub\"\naddress = \"hub.example:102\"\n{tls}\n"
        );
        Config::parse("tls", &text).unwrap_or_else(|report| panic!("{}", report.render()))
    }

    #[test]
    fn what_a_peer_does_not_say_holds_for_all() {
        let off = peer("tls = \"off\"");
        assert_eq!(off.peers[0].tls_files(&off), None);
        // what the peer says; CA, certificate, key; what its certificate is for
        let table = [
            ("tls = \"required\"", ["ca", "c", "k"], "hub.example"),
            ("tls = { }", ["ca", "c", "k"], "hub.example"),
            ("tls = { ca = \"own\", server-name = \"other\" }", ["own", "c", "k"], "other"),
            ("tls = { certificate = \"d\", key = \"l\" }", ["ca", "d", "l"], "hub.example"),
        ];
        for (tls, files, name) in table {
            let config = peer(tls);
            let read = config.peers[0].tls_files(&config).unwrap();
            let found = [read.ca, read.certificate, read.key].map(|file| file.unwrap());
            assert_eq!(found, files.map(PathBuf::from), "{tls}");
            assert_eq!(config.peers[0].server_name(), name, "{tls}");
        }
    }

    /// The lists of one CA say nothing of what another has issued.
    #[test]
    fn clients_of_smtp_have_lists_of_their_own() {
        let revoked = |smtp: &str| {
            let text = format!("[tls]\nrevoked = [\"crl\"]\n[smtp]\nlisten = []\nca = \"clients\"\n{smtp}");
            let config = Config::parse("tls", &text).unwrap_or_else(|report| panic!("{}", report.render()));
            config.smtp_files().revoked
        };
        assert_eq!(revoked(""), [PathBuf::from("crl")]);
        assert_eq!(revoked("revoked = [\"own\"]"), [PathBuf::from("own")]);
        assert!(revoked("revoked = []").is_empty());
    }

    #[test]
    fn only_this_machine_need_not_say() {
        let table = [
            ("127.0.0.1:102", true),
            ("[::1]:102", true),
            ("localhost:102", true),
            ("0.0.0.0:102", false),
            ("[2001:db8::1]:102", false),
            ("hub.example:102", false),
        ];
        for (address, expected) in table {
            assert_eq!(is_on_this_machine(address), expected, "{address}");
        }
        assert_eq!(host("[2001:db8::1]:102"), "2001:db8::1");
    }
}
