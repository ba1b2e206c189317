//! What DNS says about mail servers.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::dnssec::TrustAnchors;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::dane::Association;
use super::hosts::{Answer, Exchange};

/// Asks DNS. Cheap to clone; answers are remembered as long as they allow it.
#[derive(Clone)]
pub struct Dns(Result<TokioResolver, String>);

/// Whether answers are proved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proof {
    /// They are believed.
    #[default]
    None,
    /// By DNSSEC (RFC 4033): what is signed is proved, and what is wrongly signed is no answer.
    Dnssec {
        /// The file with the keys that everything is proved by, as DNSKEY records; the keys of the root of the Internet
        /// unless said.
        anchors: Option<PathBuf>,
    },
}

/// An answer, and whether it is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved<T> {
    /// What DNS says.
    pub answer: T,
    /// Whether DNSSEC proves it.
    pub proved: bool,
}

/// Where a host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// None if it has none.
    pub addresses: Vec<IpAddr>,
    /// What it is called in the end, if the name asked for is an alias.
    pub canonical: Option<String>,
}

/// What a host's certificate must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Description {
    /// Nothing is said about it, or nothing that is proved.
    None,
    /// Something is said, and nothing that is of use: there must be TLS (RFC 7672 2.2).
    OfNoUse,
    /// One of these describes it.
    Associations(Vec<Association>),
}

impl Dns {
    /// Asks these servers; those of the system if there are none.
    #[must_use]
    pub fn new(servers: &[SocketAddr], proof: Proof) -> Self {
        let builder = if servers.is_empty() {
            TokioResolver::builder_tokio()
        } else {
            let configured =
                ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(name_server).collect());
            Ok(TokioResolver::builder_with_config(configured, TokioRuntimeProvider::default()))
        };
        let built = builder.map_err(|error| error.to_string()).and_then(|mut builder| {
            if let Proof::Dnssec { anchors } = proof {
                let options = builder.options_mut();
                options.validate = true;
                // Aliases must be proved as well.
                options.preserve_intermediates = true;
                if let Some(file) = anchors {
                    let anchors = TrustAnchors::from_file(&file)
                        .map_err(|error| format!("the keys in {}: {error}", file.display()))?;
                    builder = builder.with_trust_anchor(Arc::new(anchors));
                }
            }
            builder.build().map_err(|error| error.to_string())
        });
        Self(built.map_err(|error| format!("DNS cannot be asked: {error}")))
    }

    /// The MX records of a domain.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn exchanges(&self, domain: &str) -> Result<Proved<Answer>, String> {
        let unproved = |answer| Ok(Proved { answer, proved: false });
        match self.resolver()?.mx_lookup(absolute(domain)).await {
            Ok(found) => {
                let exchanges = found.answers().iter().filter_map(|record| match &record.data {
                    RData::MX(mx) => {
                        Some(Exchange { preference: mx.preference, host: relative(&mx.exchange.to_ascii()) })
                    }
                    _ => None,
                });
                Ok(Proved { answer: Answer::Exchanges(exchanges.collect()), proved: is_proved(&found) })
            }
            Err(error) if error.is_nx_domain() => unproved(Answer::NoDomain),
            Err(error) if error.is_no_records_found() => unproved(Answer::Exchanges(Vec::new())),
            Err(error) => Err(format!("the MX of `{domain}` could not be looked up: {error}")),
        }
    }

    /// Where a host is.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn addresses(&self, host: &str) -> Result<Proved<Addresses>, String> {
        match self.resolver()?.lookup_ip(absolute(host)).await {
            Ok(found) => {
                let lookup = found.as_lookup();
                let mut aliases = lookup.answers().iter().filter_map(|record| match &record.data {
                    RData::CNAME(name) => Some(relative(&name.to_ascii())),
                    _ => None,
                });
                let answer = Addresses { addresses: found.iter().collect(), canonical: aliases.next_back() };
                Ok(Proved { answer, proved: is_proved(lookup) })
            }
            Err(error) if error.is_no_records_found() => {
                Ok(Proved { answer: Addresses { addresses: Vec::new(), canonical: None }, proved: false })
            }
            Err(error) => Err(format!("the address of `{host}` could not be looked up: {error}")),
        }
    }

    /// What the certificate of a mail server at a port of a host must be like (RFC 7672 2.2).
    ///
    /// # Errors
    /// Why there was no answer. Nothing may be sent there then.
    pub async fn description(&self, host: &str, port: u16) -> Result<Description, String> {
        let name = format!("_{port}._tcp.{}", absolute(host));
        match self.resolver()?.lookup(name, RecordType::TLSA).await {
            Ok(found) if !is_proved(&found) => Ok(Description::None),
            Ok(found) => {
                let associations = found.answers().iter().filter_map(|record| match &record.data {
                    RData::TLSA(tlsa) => {
                        let (usage, selector) = (tlsa.cert_usage.into(), tlsa.selector.into());
                        Association::new(usage, selector, tlsa.matching.into(), &tlsa.cert_data)
                    }
                    _ => None,
                });
                let associations: Vec<_> = associations.collect();
                Ok(match associations.is_empty() {
                    true => Description::OfNoUse,
                    false => Description::Associations(associations),
                })
            }
            Err(error) if error.is_no_records_found() => Ok(Description::None),
            Err(error) => Err(format!("the TLSA of `{host}` could not be looked up: {error}")),
        }
    }

    /// The texts of a name; none if it has none.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        match self.resolver()?.txt_lookup(absolute(name)).await {
            Ok(found) => {
                let texts = found.answers().iter().filter_map(|record| match &record.data {
                    RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
                    _ => None,
                });
                Ok(texts.collect())
            }
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(format!("the text of `{name}` could not be looked up: {error}")),
        }
    }

    /// What asks.
    ///
    /// # Errors
    /// DNS cannot be asked, and why.
    pub(crate) fn resolver(&self) -> Result<&TokioResolver, String> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

/// Whether DNSSEC proves all of an answer.
fn is_proved(found: &Lookup) -> bool {
    let mut answers =
        found.answers().iter().filter(|record| record.record_type() != RecordType::RRSIG).peekable();
    answers.peek().is_some() && answers.all(|record| record.proof.is_secure())
}

/// A name that is not looked for in the domains of this machine.
fn absolute(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

fn relative(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_owned()
}

fn name_server(at: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = at.port();
        connection
    });
    NameServerConfig::new(at.ip(), true, connections.into())
}
