//! Opens sessions: with the first server that lets us.

use std::net::{IpAddr, SocketAddr};

use super::{Inner, Sender, Target};
use crate::smtp::client::demand::Demand;
use crate::smtp::client::dialogue::{Protocol, Settings, StartTls, Trouble};
use crate::smtp::client::dns::{Addresses, Proved};
use crate::smtp::client::hosts::{Host, Server};
use crate::smtp::client::line::{Called, Line, Place};
use crate::smtp::client::tls::Certificate;

/// Addresses of one server that are tried, at most.
const ADDRESSES: usize = 8;

impl Sender {
    /// A session with the first server that lets us; or what each of them said.
    pub(super) async fn open(&self, target: &Target) -> Result<Line, Vec<String>> {
        let mut troubles = Vec::new();
        for server in &target.servers {
            match self.open_with(server, target).await {
                Ok(line) => return Ok(line),
                Err(more) => troubles.extend(more),
            }
        }
        Err(troubles)
    }

    async fn open_with(&self, server: &Server, target: &Target) -> Result<Line, Vec<String>> {
        let one = |why: String| vec![why];
        let mut session = self.session_settings(server, target).map_err(one)?;
        let (host, port) = match server {
            Server::Port(host, port) => (host, *port),
            Server::Socket(path) => {
                // What stays on this machine nobody overhears.
                session.start_tls = StartTls::Off;
                let host = Host::Name("localhost".into());
                return self.call(&host, [Place::Socket(path.clone())], &session, &Certificate::Any).await;
            }
        };
        let found = self.addresses(host, port, target.configured).await.map_err(one)?;
        let demand = Demand::new(session.start_tls);
        let demand = demand.with_description(host, port, &found, &target.wish, &self.0.dns);
        let (demand, host) = demand.await.map_err(one)?;
        session.start_tls = demand.start_tls;
        let addresses = found.answer.addresses.into_iter().take(ADDRESSES);
        let places = addresses.map(|address| Place::Address(SocketAddr::new(address, port)));
        self.call(&host, places, &session, &demand.certificate).await
    }

    /// What a session with this server is told; who we are, if an operator has named both.
    fn session_settings(&self, server: &Server, target: &Target) -> Result<Settings, String> {
        let Inner { settings, secrets, .. } = &*self.0;
        let mut session = Settings {
            name: settings.name.clone(),
            protocol: if target.lmtp { Protocol::Lmtp } else { Protocol::Smtp },
            start_tls: match (target.required || target.wish.good, target.off) {
                (true, _) => StartTls::Required,
                (false, true) => StartTls::Off,
                (false, false) => StartTls::Opportunistic,
            },
            login: None,
            timeouts: settings.timeouts,
        };
        // Those whom only DNS names learn no password.
        if let Some((login, in_the_clear)) = secrets.logins.of(server)?.filter(|_| target.configured) {
            session.login = Some(login);
            if !in_the_clear {
                session.start_tls = StartTls::Required;
            }
        }
        Ok(session)
    }

    /// A session at the first of these places that lets us; or what was said at each.
    async fn call(
        &self,
        server: &Host,
        places: impl IntoIterator<Item = Place>,
        session: &Settings,
        certificate: &Certificate,
    ) -> Result<Line, Vec<String>> {
        let Inner { settings, tls, .. } = &*self.0;
        let mut troubles = Vec::new();
        for place in places {
            let patience = settings.connect_timeout;
            let called = Called { server, place: &place, patience, tls, certificate };
            match Line::open(&called, session).await {
                Ok(line) => return Ok(line),
                Err(trouble) => {
                    tracing::info!(%server, %place, %trouble, "no session");
                    troubles.push(format!("{server} ({place}): {trouble}"));
                    if let Trouble::Refused(_) | Trouble::NotKnown(_) = trouble {
                        // It is the same server at its other addresses.
                        break;
                    }
                }
            }
        }
        Err(troubles)
    }

    /// At least one address.
    async fn addresses(
        &self,
        server: &Host,
        port: u16,
        configured: bool,
    ) -> Result<Proved<Addresses>, String> {
        let unproved = |addresses| Proved { answer: Addresses { addresses, canonical: None }, proved: false };
        let found = match server {
            Host::Address(address) => unproved(vec![*address]),
            // What this machine knows by other ways than DNS may be meant.
            Host::Name(name) if configured => {
                let found = tokio::net::lookup_host((name.as_str(), port)).await;
                let found = found.map_err(|error| format!("the address of `{name}`: {error}"))?;
                unproved(found.map(|address| address.ip()).collect::<Vec<IpAddr>>())
            }
            Host::Name(name) => self.0.dns.addresses(name).await?,
        };
        if found.answer.addresses.is_empty() {
            return Err(format!("{server} has no address"));
        }
        Ok(found)
    }
}
