//! What a configuration amounts to: where messages go, to whom, and who is answered.

use std::fmt::Write as _;

use crate::config::{
    Associations, Config, Dialogue, ListenTls, Listener, ListenerAuthentication, ListenerTls, Peer, PeerTls,
    Role, Smtp, Takes,
};
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

/// Where mail comes in, who may send what there, and who for others.
fn smtp(config: &Config) -> String {
    let smtp = &config.smtp;
    let mut text = String::new();
    if !smtp.listen.is_empty() {
        let _ = writeln!(text, "  SMTP: {}\n       {}", smtp.listen.join(", "), who(smtp, None));
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
        let who = who(smtp, Some(listener));
        let _ = writeln!(text, "  {protocol}: {}{tls}\n       {who}", listener.address);
        let hosts = [(&listener.proxy_protocol, "the PROXY protocol"), (&listener.xclient, "XCLIENT")];
        for (hosts, way) in hosts.iter().filter(|(hosts, _)| !hosts.is_empty()) {
            let _ = writeln!(text, "       by {way} for others: {}", listed(hosts));
        }
    }
    if text.is_empty() { "  SMTP: nowhere\n".to_owned() } else { text }
}

/// Who may send what at a place; one that is only an address has nothing of its own.
fn who(smtp: &Smtp, listener: Option<&Listener>) -> String {
    let authentication = listener.map(|listener| listener.authentication).unwrap_or_default();
    if authentication == ListenerAuthentication::Required {
        return "who has authenticated; anywhere".to_owned();
    }
    let role = listener.map(|listener| listener.role).unwrap_or_default();
    let asks = listener.is_some_and(|listener| listener.client_certificates != ClientCertificates::Off);
    let trusted = listener.and_then(|listener| listener.trusted_networks.as_ref());
    let trusted = trusted.unwrap_or(&smtp.trusted_networks);
    let mut known = Vec::new();
    if authentication == ListenerAuthentication::Offered {
        known.push("has authenticated".to_owned());
    }
    if role == Role::Submission && asks {
        known.push("shows a certificate".to_owned());
    }
    if !trusted.is_empty() {
        known.push(format!("comes from {}", listed(trusted)));
    }
    let known = known.join(", or ");
    let strangers = match (role, smtp.takes) {
        (Role::Submission | Role::Trusted, _) if known.is_empty() => return "nobody".to_owned(),
        (Role::Submission | Role::Trusted, _) => return format!("who {known}; anywhere"),
        (Role::Exchange, Takes::Served) => "everybody to those who are served",
        (Role::Exchange, Takes::AllX400) => "everybody to all of X.400",
    };
    match known.is_empty() {
        true => format!("{strangers}; nobody anywhere else"),
        false => format!("{strangers}; who {known}, anywhere"),
    }
}

fn listed(networks: &[Network]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_may_send_is_what_the_place_says() {
        const CONFIG: &str = r#"
            [tls]
            certificate = "gateway.pem"
            key = "gateway.key"
            ca = "ca.pem"
            [smtp]
            listen = ["127.0.0.1:2525"]
            trusted-networks = []
            users = "users"
            [[smtp.listener]]
            address = "0.0.0.0:25"
            tls = "offered"
            authentication = "offered"
            proxy-protocol = ["192.0.2.1", "192.0.2.2"]
            xclient = ["192.0.2.3"]
            trusted-networks = ["198.51.100.0/24"]
            [[smtp.listener]]
            address = "0.0.0.0:465"
            tls = "implicit"
            role = "submission"
            authentication = "offered"
            client-certificates = "optional"
            trusted-networks = ["127.0.0.0/8", "::1"]
            [[smtp.listener]]
            address = "0.0.0.0:587"
            tls = "required"
            role = "submission"
            client-certificates = "optional"
            [[smtp.listener]]
            address = "0.0.0.0:24"
            tls = "required"
            authentication = "required"
            trusted-networks = ["127.0.0.0/8"]
            [[smtp.listener]]
            address = "127.0.0.1:2424"
            protocol = "lmtp"
            role = "trusted"
            trusted-networks = ["127.0.0.0/8"]
            [[peer]]
            name = "hub"
            address = "127.0.0.1:10103"
        "#;
        const SHOWN: &str = "  \
  SMTP: 127.0.0.1:2525
       everybody to those who are served; nobody anywhere else
  SMTP: 0.0.0.0:25 with STARTTLS
       everybody to those who are served; who has authenticated, or comes from 198.51.100.0/24, anywhere
       by the PROXY protocol for others: 192.0.2.1/32, 192.0.2.2/32
       by XCLIENT for others: 192.0.2.3/32
  SMTP: 0.0.0.0:465 with TLS
       who has authenticated, or shows a certificate, or comes from 127.0.0.0/8, ::1/128; anywhere
  SMTP: 0.0.0.0:587 with STARTTLS only
       who shows a certificate; anywhere
  SMTP: 0.0.0.0:24 with STARTTLS only
       who has authenticated; anywhere
  LMTP: 127.0.0.1:2424
       who comes from 127.0.0.0/8; anywhere
";
        assert_eq!(smtp(&Config::parse("x400gw.toml", CONFIG).unwrap()), SHOWN);
    }
}
