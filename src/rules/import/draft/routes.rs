//! Routes: where messages for a part of the tree of O/R addresses, or mail for a domain, goes.

use std::collections::BTreeMap;

use rasn_x400::x411::address::text::KeyedAddress;

use super::{Draft, shown};
use crate::rules::import::{At, Place};
use crate::rules::mcgam::is_label;
use crate::smtp::client::hosts::Server;

/// What goes where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rules::import) enum Destination {
    /// Messages for these O/R addresses, to a peer.
    Peer(KeyedAddress, String),
    /// Mail for this domain, or with a full stop before it for what is below, to hosts with their ports.
    Hosts(String, Vec<String>),
}

/// Routes in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Routes {
    routes: Vec<(Destination, Place)>,
    /// By what they are for, the number of each.
    known: BTreeMap<String, usize>,
}

impl Draft {
    /// Takes a route, if the rule file would.
    pub(in crate::rules::import) fn route(&mut self, to: Destination, at: &At) {
        let about = match &to {
            Destination::Peer(address, peer) => {
                if let Err(reason) = super::check(&super::Side::Address(address.clone())) {
                    return self.left_out(at, reason);
                }
                if peer.is_empty() {
                    return self.left_out(at, "no peer is named");
                }
                shown(&super::Side::Address(address.clone())).to_lowercase()
            }
            Destination::Hosts(domain, hosts) => {
                let labels = domain.strip_prefix('.').unwrap_or(domain);
                if let Some(label) = labels.split('.').find(|label| !is_label(label)) {
                    return self.left_out(at, format!("`{label}` is not a label of a domain"));
                }
                if let Some(host) = hosts.iter().find(|host| Server::parse(host).is_none()) {
                    return self.left_out(at, format!("`{host}` is not a host and port"));
                }
                domain.to_ascii_lowercase()
            }
        };
        match self.routes.known.get(&about).and_then(|number| self.routes.routes.get(*number)) {
            None => {
                self.routes.known.insert(about, self.routes.routes.len());
                self.routes.routes.push((to, at.place.clone()));
            }
            Some((known, _)) if *known == to => self.report.repeated += 1,
            Some((_, place)) => {
                let reason = format!("the same has a route in {place}");
                self.left_out(at, reason);
            }
        }
    }

    /// The routes, in the order in which they came.
    pub(in crate::rules::import) fn routes(&self) -> &[(Destination, Place)] {
        &self.routes.routes
    }
}
