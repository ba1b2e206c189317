//! What DNS says about mail servers.

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use super::hosts::{Answer, Exchange};

/// Asks DNS. Cheap to clone; answers are remembered as long as they allow it.
#[derive(Clone)]
pub struct Dns(Result<TokioResolver, String>);

impl Dns {
    /// Asks these servers; those of the system if there are none.
    #[must_use]
    pub fn new(servers: &[SocketAddr]) -> Self {
        let builder = if servers.is_empty() {
            TokioResolver::builder_tokio()
        } else {
            let configured =
                ResolverConfig::from_parts(None, Vec::new(), servers.iter().map(name_server).collect());
            Ok(TokioResolver::builder_with_config(configured, TokioRuntimeProvider::default()))
        };
        let resolver = builder.and_then(hickory_resolver::ResolverBuilder::build);
        Self(resolver.map_err(|error| format!("DNS cannot be asked: {error}")))
    }

    /// The MX records of a domain.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn exchanges(&self, domain: &str) -> Result<Answer, String> {
        match self.resolver()?.mx_lookup(absolute(domain)).await {
            Ok(found) => {
                let exchanges = found.answers().iter().filter_map(|record| match &record.data {
                    RData::MX(mx) => {
                        Some(Exchange { preference: mx.preference, host: relative(&mx.exchange.to_ascii()) })
                    }
                    _ => None,
                });
                Ok(Answer::Exchanges(exchanges.collect()))
            }
            Err(error) if error.is_nx_domain() => Ok(Answer::NoDomain),
            Err(error) if error.is_no_records_found() => Ok(Answer::Exchanges(Vec::new())),
            Err(error) => Err(format!("the MX of `{domain}` could not be looked up: {error}")),
        }
    }

    /// The addresses of a host; none if it has none.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        match self.resolver()?.lookup_ip(absolute(host)).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(format!("the address of `{host}` could not be looked up: {error}")),
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
