//! PX records from name servers (RFC 2163 5; ledger, Z-14).
//!
//! Each server has a client of its own, so that it is known who answered; servers are tried in order. A client goes over to
//! TCP when an answer does not fit into a datagram.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle, FirstAnswer};
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::{DnsRequestOptions, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name as HickoryName, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};

use super::{Asking, Reply, Source};
use crate::rules::lookup::px::message::{self, Name, PX};
use crate::rules::lookup::px::{self, name};
use crate::rules::lookup::settings::{Accept, Dns};
use crate::rules::lookup::{Answer, Question};

/// Name servers that are asked.
pub(super) struct NameServers {
    servers: Vec<Server>,
    attempts: usize,
    accept: Accept,
    options: DnsRequestOptions,
}

struct Server {
    name: String,
    client: NameServerPool<TokioRuntimeProvider>,
}

/// What one name has.
enum Found {
    Records(message::Response, String),
    /// Certainly none, and for how long that holds.
    None(Duration),
}

impl NameServers {
    /// The clients.
    ///
    /// # Errors
    /// When no server is named, and the system names none.
    pub(super) fn new(settings: &Dns) -> Result<Self, String> {
        let mut options = ResolverOpts::default();
        options.timeout = settings.timeout;
        // Ours: servers one after the other, and the whole list again.
        options.attempts = 0;
        options.num_concurrent_reqs = 1;
        let tls = TlsConfig::new().map_err(|error| error.to_string())?;
        let context = Arc::new(PoolContext::new(options, tls));
        let servers: Vec<Server> = configured(&settings.servers)?
            .into_iter()
            .map(|config| Server {
                name: shown(&config),
                client: NameServerPool::from_config(
                    [config],
                    Arc::clone(&context),
                    TokioRuntimeProvider::default(),
                ),
            })
            .collect();
        if servers.is_empty() {
            return Err("there is no name server".to_owned());
        }
        let mut options = DnsRequestOptions::default();
        options.use_edns = true;
        options.edns_set_dnssec_ok = settings.accept == Accept::Validated;
        options.recursion_desired = true;
        Ok(Self { servers, attempts: settings.attempts, accept: settings.accept, options })
    }

    /// Everything that has to be asked for one question, up to the first name that has records.
    async fn look_up(&self, question: &Question) -> Reply {
        let mut holds = Duration::MAX;
        for name in name::to_ask(question) {
            match self.name(&name).await {
                Err(reason) => return unknown(reason),
                Ok(Found::None(time)) => holds = holds.min(time),
                Ok(Found::Records(response, server)) => {
                    let seconds = response.records.iter().map(|record| record.time_to_live).min();
                    holds = holds.min(Duration::from_secs(seconds.unwrap_or(0).into()));
                    return self.answer(question, &response, &server, holds);
                }
            }
        }
        Reply { answer: Answer::Absent, holds }
    }

    /// what may not be relied on is not used.
    fn answer(
        &self,
        question: &Question,
        response: &message::Response,
        server: &str,
        holds: Duration,
    ) -> Reply {
        match self.accept {
            Accept::Authoritative if !response.authoritative => {
                return unknown(format!("{server} has no authority for `{question}`"));
            }
            Accept::Validated if !response.authenticated => {
                tracing::warn!(%question, server, "PX records are not used: not verified by DNSSEC");
                return Reply { answer: Answer::Absent, holds };
            }
            _ => {}
        }
        let (found, unusable) = px::best(question, &response.records, server);
        for (record, why) in unusable {
            tracing::warn!(%question, server, record, %why, "a PX record is not used");
        }
        Reply { answer: found.map_or(Answer::Absent, |found| Answer::Found(vec![found])), holds }
    }

    /// What one name has; the first server that answers decides.
    async fn name(&self, name: &str) -> Result<Found, String> {
        let parsed =
            HickoryName::from_ascii(format!("{name}.")).map_err(|error| format!("`{name}`: {error}"))?;
        let query = Query::query(parsed, RecordType::from(PX));
        let mut last = String::new();
        for _ in 0..self.attempts {
            for server in &self.servers {
                match self.ask(server, &query, name).await {
                    Ok(found) => return Ok(found),
                    Err(reason) => {
                        tracing::warn!(name, server = server.name, reason, "no answer from a name server");
                        last = format!("{} on `{name}`: {reason}", server.name);
                    }
                }
            }
        }
        Err(last)
    }

    async fn ask(&self, server: &Server, query: &Query, name: &str) -> Result<Found, String> {
        match server.client.lookup(query.clone(), self.options).first_answer().await {
            Ok(response) => {
                let response = message::read(response.as_buffer(), &Name::from_text(name))
                    .map_err(|error| error.to_string())?;
                if response.records.is_empty() {
                    // Another name that leads nowhere, or records of other types.
                    return Ok(Found::None(Duration::ZERO));
                }
                Ok(Found::Records(response, server.name.clone()))
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => absent(&none),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Source for NameServers {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        Box::pin(self.look_up(question))
    }
}

/// NXDOMAIN, or no such records; how long it holds is said by the zone (RFC 2308 5). A server that only refers to others
/// knows nothing.
fn absent(none: &NoRecords) -> Result<Found, String> {
    let is_referral = none.soa.is_none() && none.ns.is_some();
    match none.response_code {
        ResponseCode::NXDomain => {}
        ResponseCode::NoError if !is_referral => {}
        ResponseCode::NoError => return Err("it refers to other servers".to_owned()),
        other => return Err(format!("it answers {other}")),
    }
    Ok(Found::None(Duration::from_secs(none.negative_ttl.unwrap_or(0).into())))
}

const fn unknown(reason: String) -> Reply {
    Reply { answer: Answer::Unknown(reason), holds: Duration::ZERO }
}

/// The servers of the rule file, or those of the system.
fn configured(servers: &[SocketAddr]) -> Result<Vec<NameServerConfig>, String> {
    if servers.is_empty() {
        let (config, _) =
            read_system_conf().map_err(|error| format!("the servers of the system: {error}"))?;
        return Ok(config.name_servers().to_vec());
    }
    let with_port = |server: &SocketAddr| {
        let mut config = NameServerConfig::udp_and_tcp(server.ip());
        for connection in &mut config.connections {
            connection.port = server.port();
        }
        config
    };
    Ok(servers.iter().map(with_port).collect())
}

fn shown(config: &NameServerConfig) -> String {
    let port = config.connections.first().map_or(53, |connection| connection.port);
    SocketAddr::new(config.ip, port).to_string()
}
