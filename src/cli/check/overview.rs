//! What a configuration amounts to: where messages go, to whom, and who is answered.

use std::fmt::Write as _;

use crate::config::{Associations, Config, Dialogue, ListenTls, ListenerTls, Peer, PeerTls, Role, Takes};
use crate::mta::network::Network;
use crate::mta::route::{Action, Decision, Reason, Table, Traits};
use crate::mta::tls::ClientCertificates;
use crate::smtp::client::dialogue::{Protocol, StartTls};
use crate::smtp::client::sender::Way;

/// Everything, as text for people.
pub(super) fn overview(config: &Config, table: &Table) -> String {
    [routes(config, table), peers(config, table), internet(config), answered(config)].concat()
}

/// The rules in the order in which they are tried, and what happens where none matches.
fn routes(config: &Config, table: &Table) -> String {
    let mut text = String::from("routes, in the order in which they are tried:\n");
    let entries = table.entries();
    let width = entries.iter().map(|entry| entry.rule.recipients().chars().count()).max().unwrap_or(0);
    for entry in &entries {
        let recipients = entry.rule.recipients();
        let _ = writeln!(text, "  {:>3}  {recipients:<width$}  {}", entry.number, entry.rule.action);
        if let Action::Redirect(name) = &entry.rule.action {
            let decision = table.route(name, &Traits::ordinary(true));
            let _ = writeln!(text, "       which goes: {}", reason(&decision));
        }
        if let [first, others @ ..] = &entry.hidden_by[..] {
            let which = match others {
                [] => format!("route {first}, which comes first, takes"),
                _ => {
                    let numbers: Vec<String> = entry.hidden_by.iter().map(ToString::to_string).collect();
                    format!("routes {}, which come first, take", numbers.join(", "))
                }
            };
            let _ = writeln!(text, "       never applies: {which} all its messages");
        }
    }
    let has_default = entries.iter().any(|entry| {
        entry.rule.address.is_empty() && entry.rule.conditions == crate::mta::route::Conditions::default()
    });
    let own = &config.gateway.domain;
    let _ =
        writeln!(text, "       {own}, our own domain, over P1 and by no longer route: to the Internet side");
    if !has_default {
        text.push_str("       everything else: no route; refused, or a non-delivery report\n");
    }
    text
}

/// The decision, without what the rule's address is.
fn reason(decision: &Decision<'_>) -> String {
    match (&decision.reason, decision.action) {
        (Reason::Rule(number, _), Some(action)) => format!("route {number}, {action}"),
        _ => decision.to_string(),
    }
}

/// Every peer, and whether a route leads to it.
fn peers(config: &Config, table: &Table) -> String {
    let mut text = String::from("peers:\n");
    let reached = |name: &str| {
        table.entries().iter().any(|entry| {
            let leads =
                matches!(&entry.rule.action, Action::Transfer(peers) if peers.iter().any(|it| it == name));
            leads && entry.hidden_by.is_empty()
        })
    };
    if config.peers.is_empty() {
        text.push_str("  none\n");
    }
    for peer in &config.peers {
        let hosts: Vec<&str> =
            std::iter::once(&peer.address).chain(&peer.alternates).map(String::as_str).collect();
        let _ = writeln!(text, "  {}: {}", peer.name, hosts.join(", then "));
        let _ = writeln!(text, "       {}", manner(peer));
        if !reached(&peer.name) {
            text.push_str("       no route leads there\n");
        }
    }
    text
}

/// How a peer is spoken to.
fn manner(peer: &Peer) -> String {
    let dialogue = match peer.dialogue {
        Dialogue::Monologue => "monologue",
        Dialogue::TwoWayAlternate => "two-way alternate",
    };
    let tls = match peer.tls {
        Some(PeerTls::Required(_)) => "TLS",
        Some(PeerTls::Off) | None => "no TLS",
    };
    let associations = match peer.associations {
        Associations::OnDemand => format!("at most {} associations, on demand", peer.maximum_associations),
        Associations::Permanent => format!(
            "at most {} associations, {} always open",
            peer.maximum_associations, peer.minimum_associations
        ),
    };
    let mut text = format!("mode {}, {dialogue}, {tls}, {associations}", peer.mode);
    if !peer.quirks.is_empty() {
        let quirks: Vec<String> = peer.quirks.iter().map(ToString::to_string).collect();
        let _ = write!(text, ", quirks {}", quirks.join(", "));
    }
    text
}

/// How mail leaves for the Internet.
fn internet(config: &Config) -> String {
    let sending = config.sending();
    let way = |way: &Way| {
        let to = match way.hosts.is_empty() {
            true => "as DNS says".to_owned(),
            false => way.hosts.join(", then "),
        };
        let protocol = match way.protocol {
            Protocol::Smtp => "SMTP",
            Protocol::Lmtp => "LMTP",
        };
        let tls = match way.start_tls {
            StartTls::Off => "no TLS",
            StartTls::Opportunistic => "TLS where it is offered",
            StartTls::Required => "TLS required",
        };
        format!("{to}; {protocol}, {tls}")
    };
    let mut text = String::from("mail for the Internet:\n");
    for route in &sending.routes {
        let _ = writeln!(text, "  {}: {}", route.domain, way(&route.way));
    }
    let others = if sending.routes.is_empty() { "all" } else { "all other" };
    let _ = writeln!(text, "  {others} domains: {}", way(&sending.default));
    text
}

/// Who can come in.
fn answered(config: &Config) -> String {
    let mut text = String::from("answered:\n");
    text.push_str(&smtp(config));
    let x400 = &config.x400;
    let mut places = Vec::new();
    if let Some(address) = &x400.listen {
        places.push(match x400.listen_tls() {
            ListenTls::Off => format!("{address} without TLS"),
            ListenTls::Optional => format!("{address} with or without TLS"),
            ListenTls::Required => format!("{address} with TLS"),
        });
    }
    if let Some(address) = &x400.tls_listen {
        places.push(format!("{address} with TLS"));
    }
    if places.is_empty() {
        text.push_str("  P1: nowhere\n");
        return text;
    }
    let modes: Vec<String> = x400.modes.iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "  P1: {}; {}", places.join(", "), modes.join(", "));
    if x400.speaks_tls() {
        text.push_str(match x400.client_certificates {
            ClientCertificates::Required => "      over TLS with a client certificate\n",
            ClientCertificates::Optional => "      over TLS a client certificate may be shown\n",
            ClientCertificates::Off => "      over TLS without client certificates\n",
        });
    }
    text
}

/// Where mail comes in, and who may send what there.
fn smtp(config: &Config) -> String {
    let smtp = &config.smtp;
    let mut text = String::new();
    if !smtp.listen.is_empty() {
        let who = who(Role::Exchange, smtp.takes, &smtp.trusted_networks);
        let _ = writeln!(text, "  SMTP: {}\n       {who}", smtp.listen.join(", "));
    }
    for listener in &smtp.listeners {
        let protocol = match listener.protocol {
            Protocol::Smtp => "SMTP",
            Protocol::Lmtp => "LMTP",
        };
        let tls = match listener.tls {
            ListenerTls::Off => "",
            ListenerTls::Offered => " with STARTTLS",
            ListenerTls::Required => " with STARTTLS only",
            ListenerTls::Implicit => " with TLS",
        };
        let trusted = listener.trusted_networks.as_ref().unwrap_or(&smtp.trusted_networks);
        let who = who(listener.role, smtp.takes, trusted);
        let _ = writeln!(text, "  {protocol}: {}{tls}\n       {who}", listener.address);
    }
    if text.is_empty() { "  SMTP: nowhere\n".to_owned() } else { text }
}

fn who(role: Role, takes: Takes, trusted: &[Network]) -> String {
    let networks: Vec<String> = trusted.iter().map(ToString::to_string).collect();
    let networks = if networks.is_empty() { "nowhere".to_owned() } else { networks.join(", ") };
    match (role, takes) {
        (Role::Exchange, Takes::Served) => {
            format!(
                "everybody to those who are served; who has authenticated, or comes from {networks}, anywhere"
            )
        }
        (Role::Exchange, Takes::AllX400) => {
            format!("everybody to all of X.400; who has authenticated, or comes from {networks}, anywhere")
        }
        (Role::Submission, _) => {
            format!("who has authenticated, shows a certificate, or comes from {networks}; anywhere")
        }
        (Role::Trusted, _) => format!("who has authenticated, or comes from {networks}; anywhere"),
    }
}
