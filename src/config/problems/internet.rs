//! What can be wrong with the way to the Internet.

use super::{At, Finder};
use crate::config::{Config, InternetLogin, OneOrMore};
use crate::smtp::client::dialogue::{Protocol, StartTls};
use crate::smtp::client::hosts::Server;
use crate::smtp::command::Domain;

impl Finder<'_> {
    pub(super) fn internet(&mut self, config: &Config) {
        let internet = &config.internet;
        let key = |name| [At::Key("internet"), At::Key(name)];
        self.servers(&key("smarthost"), internet.smarthost.as_ref());
        self.speaks(&key("protocol"), internet.protocol, internet.smarthost.as_ref());
        let is_named = config.internet_ca().is_some();
        if internet.tls == StartTls::Required && !is_named {
            self.no_ca(&key("tls"));
        }
        if internet.mta_sts && !is_named {
            self.no_ca(&key("mta-sts"));
        }
        if internet.trust_anchors.is_some() && !internet.dane {
            let what = "nothing is proved by these keys".to_owned();
            self.add(&key("trust-anchors"), what, "set `dane = true`, or leave them out");
        }
        for (index, route) in internet.routes.iter().enumerate() {
            let key = |name| [At::Key("internet"), At::Key("route"), At::Index(index), At::Key(name)];
            let domain = route.domain.strip_prefix('.').unwrap_or(&route.domain);
            if Domain::new(domain).is_none() {
                let what = format!("`{}` is not a domain", route.domain);
                self.add(&key("domain"), what, "write it as example.org, or .example.org for all below it");
            }
            self.servers(&key("host"), route.host.as_ref());
            self.speaks(&key("protocol"), route.protocol, route.host.as_ref());
            if route.tls == Some(StartTls::Required) && !is_named {
                self.no_ca(&key("tls"));
            }
        }
        for (index, login) in internet.logins.iter().enumerate() {
            let key = |name| [At::Key("internet"), At::Key("login"), At::Index(index), At::Key(name)];
            self.server(&key("host"), &login.host);
            let of_same = |other: &InternetLogin| Server::parse(&other.host) == Server::parse(&login.host);
            if internet.logins.iter().take(index).any(of_same) {
                let what = format!("there is a login for `{}` already", login.host);
                self.add(&key("host"), what, "leave one of them out");
            }
            if login.user.is_empty() || login.user.contains('\0') {
                self.add(
                    &key("user"),
                    "nobody has such a name".into(),
                    "write the name as the server has it",
                );
            }
            if login.mechanisms.is_empty() {
                let what = "there is no way to say who we are".into();
                self.add(&key("mechanisms"), what, "name one of: scram-sha-256, plain, login");
            }
            if !login.in_the_clear && !is_named {
                let what =
                    "a password goes under TLS only, and there is no CA whose certificates are good".into();
                self.add(&key("host"), what, "set `ca` in [internet], or in [tls]; or allow `in-the-clear`");
            }
        }
        for (index, signing) in internet.keys.iter().enumerate() {
            let key = |name| [At::Key("internet"), At::Key("dkim"), At::Index(index), At::Key(name)];
            for (name, value) in [("domain", &signing.domain), ("selector", &signing.selector)] {
                if Domain::new(value).is_none() {
                    let what = format!("`{value}` is not a domain name");
                    self.add(&key(name), what, "DNS has the public key as SELECTOR._domainkey.DOMAIN");
                }
            }
            for (place, peer) in signing.peers.iter().enumerate() {
                if !config.peer_names().contains(&peer.as_str()) {
                    let [internet, dkim, index, peers] = key("peers");
                    self.no_peer(&[internet, dkim, index, peers, At::Index(place)], peer, config, "");
                }
            }
        }
        self.at_least_one(&key("port"), internet.port == 0);
        self.at_least_one(&key("mta-sts-port"), internet.mta_sts_port == 0);
        self.at_least_one(&key("maximum-recipients"), internet.maximum_recipients == 0);
        self.at_least_one(&key("maximum-sessions"), internet.maximum_sessions == 0);
        if internet.first_reconnect > internet.longest_reconnect {
            let what = "the first rest is longer than the longest".to_owned();
            self.add(&key("first-reconnect"), what, "write at most `longest-reconnect`");
        }
    }

    fn servers(&mut self, place: &[At<'_>], hosts: Option<&OneOrMore>) {
        for host in hosts.into_iter().flat_map(OneOrMore::names) {
            self.server(place, host);
        }
    }

    fn server(&mut self, place: &[At<'_>], host: &str) {
        if Server::parse(host).is_none() {
            let what = format!("`{host}` is not a host and a port, or a socket");
            self.add(place, what, "write it as host:port, an IPv6 address in brackets, or as unix:/path");
        }
    }

    /// RFC 2033 5: LMTP is for servers one knows.
    fn speaks(&mut self, place: &[At<'_>], protocol: Protocol, hosts: Option<&OneOrMore>) {
        if protocol == Protocol::Lmtp && hosts.is_none_or(|hosts| hosts.names().is_empty()) {
            let what = "LMTP is not spoken to servers that DNS names".to_owned();
            self.add(place, what, "name the server: host = \"host:port\"");
        }
    }

    fn no_ca(&mut self, place: &[At<'_>]) {
        let what = "TLS is required, and there is no CA whose certificates are good".to_owned();
        self.add(place, what, "set `ca` in [internet], or in [tls]");
    }
}
