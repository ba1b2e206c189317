//! What is wrong with a configuration beyond syntax, each thing with its place and what to do.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::route::Fault;
use super::{Associations, Config, Peer, Route, RouteRule, Selector};
use crate::diagnostic::closest;
use crate::mta::route::Table;
use crate::quirk::Quirk;
use crate::smtp::command::Domain;

mod admin;
mod authentication;
mod internet;
mod smtp;
mod tls;

/// One thing that is wrong.
pub(super) struct Problem {
    /// Octets of the text.
    pub(super) span: Range<usize>,
    /// What is wrong.
    pub(super) what: String,
    /// What to do.
    pub(super) help: String,
}

/// Longest MTA name and password, in characters and octets (X.411 `ub-mta-name-length`, `ub-password-length`).
const MTA_NAME: usize = 32;
const PASSWORD: usize = 62;
/// How a management domain is written.
const DOMAIN_HELP: &str = "write it as /PRMD=…/ADMD=…/C=…/; PRMD may be left out";
/// Longest session selector, in octets (X.225 8.3.1).
const SESSION_SELECTOR: usize = 16;
/// The smallest and the largest TPDU that can be asked for, in octets (X.224 13.3.4, RFC 1006).
const TPDU_SIZES: std::ops::RangeInclusive<usize> = 128..=65_531;

/// Everything that is wrong with `config`, which was read from `text`.
pub(super) fn find(config: &Config, text: &str) -> Vec<Problem> {
    let mut finder =
        Finder { table: DeTable::parse(text).ok().map(|table| table.into_inner()), found: Vec::new() };
    finder.gateway(config);
    finder.smtp(config);
    finder.authentication(config);
    finder.internet(config);
    finder.x400(config);
    for (index, peer) in config.peers.iter().enumerate() {
        finder.peer(index, peer);
        finder.pool(index, peer);
        finder.peer_tls(index, peer, config);
    }
    finder.routes(config);
    finder.admin(config);
    finder.at_least_one(&[At::Key("queue"), At::Key("concurrency")], config.queue.concurrency == 0);
    if config.queue.missing_report_notice && config.queue.missing_report.is_none() {
        let place = [At::Key("queue"), At::Key("missing-report-notice")];
        finder.add(&place, "nothing says when a report is missing".into(), "set `missing-report`");
    }
    finder.holds(config);
    finder.found
}

/// A step on the way to a value.
#[derive(Clone, Copy)]
enum At<'a> {
    Key(&'a str),
    Index(usize),
}

struct Finder<'a> {
    table: Option<DeTable<'a>>,
    found: Vec<Problem>,
}

impl Finder<'_> {
    fn gateway(&mut self, config: &Config) {
        let gateway = &config.gateway;
        let key = |name| [At::Key("gateway"), At::Key(name)];
        if Domain::new(&gateway.host_name).is_none() {
            let what = format!("`{}` is not a domain", gateway.host_name);
            self.add(&key("host-name"), what, "write it as a host name such as gw.example.org");
        }
        if gateway.management_domain().is_none() {
            let what = format!("`{}` is not a management domain", gateway.domain);
            self.add(&key("domain"), what, DOMAIN_HELP);
        }
        self.mta_name(&key("mta-name"), &gateway.mta_name);
    }

    /// Rules that would hold nothing, though their operator meant something.
    fn holds(&mut self, config: &Config) {
        let peers = config.peer_names();
        for (index, rule) in config.queue.hold.iter().enumerate() {
            let at = [At::Key("queue"), At::Key("hold"), At::Index(index)];
            if !rule.says_anything() {
                let what = "a rule without a condition holds nothing".to_owned();
                self.add(
                    &at,
                    what,
                    "name a `peer`, a `sender` or a `recipient-domain`; `*` stands for anything",
                );
            } else if let Some(peer) = rule.unknown_peer(&peers) {
                let [queue, hold, index] = at;
                let more = "; `*` stands for anything";
                self.no_peer(&[queue, hold, index, At::Key("peer")], peer, config, more);
            }
        }
    }

    /// A name that no peer has.
    fn no_peer(&mut self, place: &[At<'_>], name: &str, config: &Config, more: &str) {
        let help = match closest(name, config.peer_names()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("name one of the [[peer]] sections{more}"),
        };
        self.add(place, format!("`{name}` is no peer"), &help);
    }

    fn x400(&mut self, config: &Config) {
        let x400 = &config.x400;
        let key = |name| [At::Key("x400"), At::Key(name)];
        if let Some(address) = &x400.listen {
            self.address(&key("listen"), address);
        }
        self.listen_tls(config);
        self.at_least_one(&key("maximum-message-size"), x400.maximum_message_size == 0);
        self.at_least_one(&key("maximum-associations"), x400.maximum_associations == 0);
        self.at_least_one(&key("window"), x400.window == 0);
        if x400.modes.is_empty() {
            self.add(&key("modes"), "nobody could bind".into(), "name one of: normal, x410-1988, x410-1984");
        }
        self.short_selector(&key("session-selector"), &x400.session_selector);
        self.at_least_one(&key("maximum-hops"), x400.maximum_hops == 0);
        if let Some(address) = x400.relay_1988.as_ref().filter(|_| x400.relay_name().is_none()) {
            let what = format!("`{address}` is no O/R address of 1984 to which something can be added");
            self.add(&key("relay-1988"), what, "give it neither domain-defined attributes nor those of 1988");
        }
    }

    fn peer(&mut self, index: usize, peer: &Peer) {
        let key = |name| [At::Key("peer"), At::Index(index), At::Key(name)];
        self.address(&key("address"), &peer.address);
        for (name, value) in [("our-name", &peer.our_name), ("their-name", &peer.their_name)] {
            if let Some(value) = value {
                self.mta_name(&key(name), value);
            }
        }
        for (name, value) in [("our-password", &peer.our_password), ("their-password", &peer.their_password)]
        {
            if let Some(octets) = value.as_ref().map(String::len).filter(|octets| *octets > PASSWORD) {
                let what = format!("the password has {octets} octets");
                self.add(&key(name), what, "X.411 allows at most 62");
            }
        }
        if let Some(domain) = peer.their_domain.as_ref().filter(|_| peer.management_domain().is_none()) {
            self.add(&key("their-domain"), format!("`{domain}` is not a management domain"), DOMAIN_HELP);
        }
        self.modes(index, peer);
        // Without a name any caller passes, and nobody would ever ask for the password.
        if peer.their_password.is_some() && peer.their_name.is_none() {
            let what = "a password is expected of a peer whose name is not".to_owned();
            self.add(&key("their-password"), what, "set their-name too");
        }
        if !TPDU_SIZES.contains(&peer.tpdu_size) {
            let what = format!("a TPDU of {} octets", peer.tpdu_size);
            self.add(&key("tpdu-size"), what, "128 to 65531 octets are possible");
        }
        self.at_least_one(&key("window"), peer.window == 0);
        self.at_least_one(&key("maximum-associations"), peer.maximum_associations == 0);
    }

    /// What is said about mode, selectors and oddities of a peer.
    fn modes(&mut self, index: usize, peer: &Peer) {
        let key = |name| [At::Key("peer"), At::Index(index), At::Key(name)];
        for (name, selector) in [
            ("session-selector", &peer.session_selector),
            ("calling-session-selector", &peer.calling_session_selector),
            ("their-session-selector", &peer.their_session_selector),
        ] {
            self.short_selector(&key(name), selector);
        }
        for (name, selector) in [
            ("presentation-selector", &peer.presentation_selector),
            ("calling-presentation-selector", &peer.calling_presentation_selector),
        ] {
            if peer.mode.is_x410() && !selector.0.is_empty() {
                let what = format!("a presentation selector in mode {}", peer.mode);
                self.add(
                    &key(name),
                    what,
                    "X.410-1984 mode has none: leave it out, or set mode = \"normal\"",
                );
            }
        }
        if peer.null_bind && (peer.our_name.is_some() || peer.our_password.is_some()) {
            let what = "a NULL bind has neither name nor password".to_owned();
            self.add(&key("null-bind"), what, "leave out our-name and our-password");
        }
        for (number, quirk) in peer.quirks.iter().enumerate().filter(|(_, quirk)| !quirk.can_be_reproduced())
        {
            let place = [At::Key("peer"), At::Index(index), At::Key("quirks"), At::Index(number)];
            self.add(
                &place,
                format!("`{quirk}` is only tolerated, never done"),
                &listed(Quirk::can_be_reproduced),
            );
        }
        for (number, quirk) in peer.strict.iter().enumerate().filter(|(_, quirk)| !quirk.can_be_refused()) {
            let place = [At::Key("peer"), At::Index(index), At::Key("strict"), At::Index(number)];
            self.add(&place, format!("`{quirk}` is always tolerated"), &listed(Quirk::can_be_refused));
        }
    }

    fn short_selector(&mut self, place: &[At<'_>], selector: &Selector) {
        if selector.0.len() > SESSION_SELECTOR {
            let what = format!("a session selector of {} octets", selector.0.len());
            self.add(place, what, "X.225 allows at most 16");
        }
    }

    fn pool(&mut self, index: usize, peer: &Peer) {
        let key = |name| [At::Key("peer"), At::Index(index), At::Key(name)];
        for (number, address) in peer.alternates.iter().enumerate() {
            let place = [At::Key("peer"), At::Index(index), At::Key("alternates"), At::Index(number)];
            self.address(&place, address);
        }
        if peer.associations == Associations::Permanent {
            self.at_least_one(&key("minimum-associations"), peer.minimum_associations == 0);
            if peer.minimum_associations > peer.maximum_associations {
                let what = format!(
                    "{} associations are to be open always, and only {} may be",
                    peer.minimum_associations, peer.maximum_associations
                );
                self.add(&key("minimum-associations"), what, "write at most `maximum-associations`");
            }
        }
        if peer.first_reconnect > peer.longest_reconnect {
            let what = format!(
                "a first rest of {} s is longer than the longest, of {} s",
                peer.first_reconnect.as_secs(),
                peer.longest_reconnect.as_secs()
            );
            self.add(&key("first-reconnect"), what, "write at most `longest-reconnect`");
        }
    }

    /// Whether every message has a place to go.
    fn routes(&mut self, config: &Config) {
        let names = config.peers.iter().map(|peer| peer.name.as_str()).collect::<Vec<_>>();
        for (index, name) in names.iter().enumerate() {
            if names[..index].contains(name) {
                let place = [At::Key("peer"), At::Index(index), At::Key("name")];
                let what = format!("two peers are called `{name}`");
                self.add(&place, what, "give each [[peer]] a `name` of its own");
            }
        }
        let peer = match &config.route {
            Route::Rules(rules) => return self.rules(config, rules, &names),
            Route::Everything(everything) => &everything.peer,
        };
        match peer {
            Some(wanted) if !names.contains(&wanted.as_str()) => {
                self.unknown_peer(&[At::Key("route"), At::Key("peer")], wanted, &names);
            }
            // The rule file may have routes.
            None if names.len() > 1 && config.gateway.mappings.is_none() => {
                let help =
                    format!("set route.peer to one of: {}; or write [[route]] rules", names.join(", "));
                self.add(&[At::Key("peer")], "there are several peers and no route".into(), &help);
            }
            None if names.is_empty() && !config.smtp.listen.is_empty() => {
                let what = "mail is listened for, and there is no peer to transfer it to".into();
                self.add(&[At::Key("smtp")], what, "add a [[peer]] with a name and an address");
            }
            _ => {}
        }
    }

    /// Each rule by itself, the peers it names, and whether an earlier one is for the same messages.
    fn rules(&mut self, config: &Config, rules: &[RouteRule], names: &[&str]) {
        let mut compiled = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let whole = [At::Key("route"), At::Index(index)];
            match rule.compile() {
                Ok(rule) => compiled.push(rule),
                Err(Fault { key: Some(key), what, help }) => {
                    self.add(&[whole[0], whole[1], At::Key(key)], what, &help);
                }
                Err(Fault { key: None, what, help }) => self.add(&whole, what, &help),
            }
            let Some(peers) = &rule.peer else { continue };
            for (place, wanted) in peers.names().iter().enumerate() {
                if !names.contains(&wanted.as_str()) {
                    let at = [whole[0], whole[1], At::Key("peer"), At::Index(place)];
                    self.unknown_peer(&at, wanted, names);
                }
            }
        }
        let Some(domain) = config.gateway.management_domain().filter(|_| compiled.len() == rules.len())
        else {
            return;
        };
        let table = Table::new(compiled, &domain, &std::collections::BTreeMap::new());
        for index in 0..rules.len() {
            if let Some(earlier) = table.same_as(index + 1) {
                let place = [At::Key("route"), At::Index(index), At::Key("address")];
                let what = format!("the same messages as route {earlier}, so one of them never applies");
                self.add(&place, what, "leave one out, or give it another address or condition");
            }
        }
    }

    fn unknown_peer(&mut self, place: &[At<'_>], wanted: &str, names: &[&str]) {
        let what = format!("the route leads to `{wanted}`, which is not a peer");
        let one_of =
            if names.is_empty() { String::new() } else { format!(", or name one of: {}", names.join(", ")) };
        let help = format!("add a [[peer]] with name = \"{wanted}\"{one_of}");
        self.add(place, what, &help);
    }

    fn mta_name(&mut self, place: &[At<'_>], name: &str) {
        if !(1..=MTA_NAME).contains(&name.len()) {
            let what = format!("an MTA name of {} characters", name.chars().count());
            self.add(place, what, "X.411 allows 1 to 32");
        } else if !name.is_ascii() {
            self.add(place, format!("`{name}` is outside US-ASCII"), "X.411 makes an MTA name an IA5String");
        }
    }

    /// A host and a port; whether the host exists is found out when it is needed.
    fn address(&mut self, place: &[At<'_>], address: &str) {
        let parts = address.rsplit_once(':').map(|(host, port)| (!host.is_empty(), port.parse::<u16>()));
        if !matches!(parts, Some((true, Ok(_)))) {
            let what = format!("`{address}` is not an address and a port");
            self.add(place, what, "write it as host:port, an IPv6 address in brackets");
        }
    }

    fn at_least_one(&mut self, place: &[At<'_>], zero: bool) {
        if zero {
            self.add(place, "nothing would ever go through".into(), "write 1 or more");
        }
    }

    fn add(&mut self, place: &[At<'_>], what: String, help: &str) {
        let span = self.table.as_ref().map_or(0..0, |table| span(table, place));
        self.found.push(Problem { span, what, help: help.to_owned() });
    }
}

/// The quirks of a kind, as a hint.
fn listed(kind: fn(Quirk) -> bool) -> String {
    let names: Vec<_> = Quirk::ALL.into_iter().filter(|quirk| kind(*quirk)).map(Quirk::name).collect();
    format!("possible here: {}", names.join(", "))
}

/// Where the value is, or the last step on the way to it that is in the text.
fn span(table: &DeTable<'_>, path: &[At<'_>]) -> Range<usize> {
    let mut place = 0..0;
    let mut value: Option<&DeValue<'_>> = None;
    for step in path {
        let next = match (step, value) {
            (At::Key(name), None) => entry(table, name),
            (At::Key(name), Some(DeValue::Table(table))) => entry(table, name),
            (At::Index(index), Some(DeValue::Array(array))) => {
                array.get(*index).map(|value| (value.span(), value.get_ref()))
            }
            _ => None,
        };
        let Some((found, inner)) = next else { break };
        (place, value) = (found, Some(inner));
    }
    place
}

fn entry<'t, 'a>(table: &'t DeTable<'a>, name: &str) -> Option<(Range<usize>, &'t DeValue<'a>)> {
    let (_, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    Some((value.span(), value.get_ref()))
}
