//! The gateway among MTAs: one that calls it, what a message from there has on its trace, and what the gateway's queue holds.

#![allow(dead_code, reason = "each test target uses a part")]

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use rasn_x400::x411::trace::{
    DomainSuppliedInformation, GlobalDomainIdentifier, OtherActions, RoutingAction, TraceInformationElement,
};
use time::OffsetDateTime;
use x400_gateway::mta::association::Settings;
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::mta::pool::schedule::Policy;
use x400_gateway::mta::pool::{Peer, Pool};
use x400_gateway::mta::relay::x400_time;
use x400_gateway::osi::stack::Config as StackConfig;
use x400_gateway::queue::store::{Filter, Store as _, Tracked};
use x400_gateway::serve;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// An MTA of this name that transfers to the gateway.
pub(crate) fn calling_mta(name: &str, gateway: SocketAddr) -> Pool {
    Pool::new(Peer {
        name: "the gateway".into(),
        hosts: vec![gateway.to_string()],
        tls: None,
        stack: StackConfig::default(),
        settings: Settings {
            identity: Identity { name: name.into(), ..Identity::default() },
            trust: Trust { anyone: true, known: Vec::new() },
            transfer_timeout: PATIENCE,
            idle: PATIENCE,
            ..Settings::default()
        },
        policy: Policy { maximum: 1, idle: PATIENCE, ..Policy::default() },
        connect_timeout: PATIENCE,
    })
}

/// The trace of a domain that relays now.
pub(crate) fn relayed_by(domain: GlobalDomainIdentifier) -> TraceInformationElement {
    TraceInformationElement {
        domain,
        supplied: DomainSuppliedInformation {
            arrival_time: x400_time(OffsetDateTime::now_utc()),
            routing_action: RoutingAction::RELAYED,
            attempted_domain: None,
            deferred_time: None,
            converted_encoded_information_types: None,
            other_actions: OtherActions::default(),
            unknown: Vec::new(),
        },
        unknown: Vec::new(),
    }
}

/// What the queue holds, once `enough` says so.
pub(crate) async fn queued(gateway: &serve::Running, enough: impl Fn(&[Tracked]) -> bool) -> Vec<Tracked> {
    let store = gateway.store();
    let seen = Mutex::new(Vec::new());
    let look = async {
        loop {
            let mut all = Vec::new();
            for line in store.list(Filter { state: None, after: None, limit: 100 }).await.unwrap() {
                all.extend(store.load(line.id).await.unwrap());
            }
            if enough(&all) {
                return all;
            }
            *seen.lock().unwrap() = all;
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, look).await;
    found.unwrap_or_else(|_| panic!("the queue did not get there in time: {:#?}", seen.lock().unwrap()))
}
