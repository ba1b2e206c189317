//! Who may send what where mail comes in: strangers to those whom this gateway serves, others anywhere.
//!
//! An Internet address that a stranger wants to reach over X.400, or over the gateway itself, is no way for it: the operator of an
//! open relay sends everybody's unwanted mail. What a rule, a table, a lookup or a route knows is served, and so is an X.400 user
//! who has written through the gateway, to whom answers and reports come back.

use rasn_x400::x411::address::text::Key;

use crate::config::{Role, Takes};
use crate::mixer::address::{ToOr, is_encapsulation};
use crate::mta::network::Network;
use crate::mta::route::Table;
use crate::rules::{Rules, SourceRoutes};
use crate::smtp::command::Mailbox;
use crate::smtp::listener::Client;
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};

/// Who may send what at one place.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct Permission {
    /// What the place is for.
    pub(in crate::serve) role: Role,
    /// What strangers may send to.
    pub(in crate::serve) takes: Takes,
    /// Where those are who need not say who they are.
    pub(in crate::serve) trusted: Vec<Network>,
    /// Whether they can say so.
    pub(in crate::serve) authenticates: bool,
}

/// Why somebody is refused, for those who count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::serve) struct Denied {
    /// One word for all of its kind; empty where it is no matter of what somebody may do.
    pub(in crate::serve) policy: &'static str,
    /// What the client hears.
    pub(in crate::serve) reply: Reply,
}

impl From<Reply> for Denied {
    fn from(reply: Reply) -> Self {
        Self { policy: "", reply }
    }
}

impl Permission {
    /// Whether a client is from a network that is trusted.
    pub(in crate::serve) fn trusts(&self, client: &Client) -> bool {
        let address = client.address.ip();
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// Whether a client may send anywhere.
    fn may_relay(&self, client: &Client) -> bool {
        let has_certificate = self.role == Role::Submission && client.certificate.is_some();
        self.trusts(client) || client.identity.is_some() || has_certificate
    }

    /// Whether a client may send at all.
    ///
    /// # Errors
    /// Why not.
    pub(in crate::serve) fn of_sender(&self, client: &Client) -> Result<(), Denied> {
        if self.role == Role::Exchange || self.may_relay(client) {
            return Ok(());
        }
        // RFC 6409 4.3, RFC 4954 6
        if self.role == Role::Submission && self.authenticates {
            let reply = Reply::new(
                ReplyCode::AUTHENTICATION_REQUIRED_530,
                StatusDetail::OTHER_SECURITY_X_7_0,
                "authentication must come first",
            );
            return Err(Denied { policy: "not-authenticated", reply });
        }
        let text = format!("clients at {} may not send here", client.address.ip());
        Err(Denied { policy: "not-trusted", reply: not_permitted(text) })
    }

    /// Whether a client may send to a recipient, as far as rules and routes say; otherwise it may to one who has written.
    ///
    /// # Errors
    /// Why not, and whether it is different for somebody who has written.
    pub(in crate::serve) fn of_recipient(
        &self,
        client: &Client,
        mailbox: &Mailbox,
        found: &ToOr,
        (rules, table): (&Rules, &Table),
    ) -> Result<(), (Denied, bool)> {
        if self.may_relay(client) {
            return Ok(());
        }
        let relaying = |why: &str| {
            let text = format!("relaying is not permitted: `{mailbox}` {why}");
            Denied { policy: "relay", reply: not_permitted(text) }
        };
        if !mailbox.source_route.is_empty() && rules.source_routes() == SourceRoutes::Keep {
            return Err((relaying("is to be sent on by others"), false));
        }
        // An address of X.400 that leads back to the Internet, as whoever sends has written it.
        if mailbox.local_part.contains('=') && carries_internet_address(found) {
            return Err((relaying("leads to the Internet by X.400"), false));
        }
        if found.by_rule || table.is_for(&found.name) {
            return Ok(());
        }
        if carries_internet_address(found) {
            return Err((relaying("is on the Internet"), false));
        }
        match self.takes {
            Takes::AllX400 => Ok(()),
            Takes::Served => Err((relaying("is for no X.400 user that this gateway serves"), true)),
        }
    }
}

fn carries_internet_address(found: &ToOr) -> bool {
    let mut kinds = found.address.attributes().iter().map(|attribute| &attribute.key);
    kinds.any(|key| matches!(key, Key::DomainDefined(kind) if is_encapsulation(kind)))
}

fn not_permitted(text: String) -> Reply {
    Reply::new(ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::NOT_AUTHORISED_X_7_1, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Config;
    use crate::mixer::AddressContext;
    use crate::mixer::address::Mapper;
    use crate::smtp::command::{Command, ForwardPath, Tolerances};

    const RULES: &str = r#"
        [gateway]
        domain = "gw.example"
        or = "O=gateway; P=gw; A=mail; C=gb"
        encapsulate_via = "P=far; A=mail; C=gb"
        reached_by_x400 = ["island.example"]
        [[equivalence]]
        domain = "x400.example"
        or = "P=demo; A=x400; C=xx"
        [[equivalence]]
        domain = "acme.example"
        or = "O=acme; P=demo; A=x400; C=xx"
        [[user]]
        internet = "ann@org.example"
        or = "S=Ann; P=demo; A=x400; C=xx"
    "#;
    const CONFIG: &str = r#"
        [[peer]]
        name = "hub"
        address = "127.0.0.1:10103"
        [[route]]
        address = "/ADMD=known/C=xx/"
        peer = "hub"
        [[route]]
        peer = "hub"
    "#;

    fn client(address: &str, identity: Option<&str>, certificate: Option<&str>) -> Client {
        Client {
            address: (address.parse::<std::net::IpAddr>().unwrap(), 40_000).into(),
            identity: identity.map(str::to_owned),
            certificate: certificate.map(str::to_owned),
        }
    }

    fn permission(role: Role, takes: Takes) -> Permission {
        Permission { role, takes, trusted: vec!["192.0.2.0/24".parse().unwrap()], authenticates: true }
    }

    /// What RCPT is told.
    fn recipient(rules: &Rules, permission: &Permission, client: &Client, path: &str) -> String {
        let line = format!("RCPT TO:<{path}>");
        let Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), .. } =
            Command::parse(line.as_bytes(), Tolerances::default()).unwrap()
        else {
            panic!("{path}")
        };
        let config = Config::parse("x400gw.toml", CONFIG).unwrap();
        let domain = config.gateway.management_domain().unwrap();
        let table = Table::new(config.routing_rules(), &domain, &BTreeMap::new());
        let found = Mapper::new(rules).to_or(&mailbox.to_string(), AddressContext::Recipient).unwrap();
        match permission.of_recipient(client, &mailbox, &found, (rules, &table)) {
            Ok(()) => "yes".into(),
            Err((denied, true)) => format!("{}, unless it has written", denied.policy),
            Err((denied, false)) => denied.policy.into(),
        }
    }

    #[test]
    fn strangers_reach_those_who_are_served() {
        let (stranger, friend) = (client("198.51.100.1", None, None), client("192.0.2.9", None, None));
        let user = client("198.51.100.1", Some("ada"), None);
        let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
        // Everything unmapped is carried on.
        let all = RULES.replace("reached_by_x400 = [\"island.example\"]", "");
        let all = Rules::from_sources(&[("rules.toml", &all)]).unwrap();
        let keep = RULES.replacen("[[equivalence]]", "source_routes = \"keep\"\n[[equivalence]]", 1);
        let keep = Rules::from_sources(&[("rules.toml", &keep)]).unwrap();
        let unless = "relay, unless it has written";
        for (rules, path, expected) in [
            (&rules, "J.Smith@acme.x400.example", "yes"),
            (&rules, "user%far.example@x400.example", "yes"),
            (&rules, "ann@org.example", "yes"),
            (&rules, "bob@island.example", "yes"),
            (&all, "bob@anywhere.example", "relay"),
            (&rules, "/S=x/P=demo/A=other/C=gb/@gw.example", unless),
            (&rules, "/S=x/A=known/C=xx/@gw.example", "yes"),
            // Beside what the mapping of the domain says, or in place of it.
            (&rules, "\"/S=x/O=other/\"@x400.example", "yes"),
            (&rules, "\"/S=x/OU=other/\"@acme.example", "yes"),
            (&rules, "\"/S=x/PRMD=other/ADMD=other/\"@x400.example", unless),
            (&rules, "\"/S=x/O=other/\"@acme.example", unless),
            (&rules, "\"/DD.RFC-822=bob(a)far.example/O=g/P=demo/A=known/C=xx/\"@gw.example", "relay"),
            (&rules, "\"/DD.rfc-822=bob(a)far.example/\"@x400.example", "relay"),
            (&rules, "@x400.example:bob@x400.example", "yes"),
            (&keep, "@x400.example:bob@far.example", "relay"),
        ] {
            let exchange = permission(Role::Exchange, Takes::Served);
            assert_eq!(recipient(rules, &exchange, &stranger, path), expected, "{path}");
            for client in [&friend, &user] {
                assert_eq!(recipient(rules, &exchange, client, path), "yes", "{path}");
            }
            let x400 = permission(Role::Exchange, Takes::AllX400);
            let expected = if expected == unless { "yes" } else { expected };
            assert_eq!(recipient(rules, &x400, &stranger, path), expected, "{path}");
        }
    }

    #[test]
    fn who_may_send_at_all() {
        let stranger = client("198.51.100.1", None, None);
        let shown = client("198.51.100.1", None, Some("client.example"));
        let user = client("198.51.100.1", Some("ada"), None);
        let friend = client("::ffff:192.0.2.1", None, None);
        let told = |role, client: &Client| match permission(role, Takes::Served).of_sender(client) {
            Ok(()) => "yes".to_owned(),
            Err(denied) => denied.reply.to_string(),
        };
        for (role, expected) in [
            (Role::Exchange, ["yes"; 4]),
            (Role::Submission, ["530 5.7.0 authentication must come first", "yes", "yes", "yes"]),
            (
                Role::Trusted,
                [
                    "550 5.7.1 clients at 198.51.100.1 may not send here",
                    "550 5.7.1 clients at 198.51.100.1 may not send here",
                    "yes",
                    "yes",
                ],
            ),
        ] {
            assert_eq!([&stranger, &shown, &user, &friend].map(|client| told(role, client)), expected);
        }
        let silent = Permission { authenticates: false, ..permission(Role::Submission, Takes::Served) };
        assert_eq!(silent.of_sender(&stranger).unwrap_err().policy, "not-trusted");
    }
}
