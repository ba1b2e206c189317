//! What an operator sets: one TOML file, or nothing at all.
//!
//! [`Config::default`] is what `serve` and `demo` use without a file, and `x400gw config` prints it annotated. Every
//! key has a default except those that only the operator can know. Unknown keys are errors, with the nearest known key
//! as a hint.

use std::path::PathBuf;
use std::time::Duration;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::KeyedAddress;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use serde::Deserialize;

use crate::diagnostic::{Code, Diagnostic, Report};
use crate::mta::route::{Action, Conditions, Rule};
use crate::mta::tls::ClientCertificates;
use crate::mta::trace::Identity;
use crate::osi::stack::Mode;

mod admin;
mod authentication;
mod convert;
pub(crate) mod duration;
mod internet;
pub(crate) mod peer;
mod pool;
mod problems;
mod route;
mod selector;
mod smtp;
mod tls;

pub use admin::{Admin, SOCKET};
pub use authentication::MailAuthentication;
pub use convert::{ApplicationReference, Convert};
pub use internet::{Internet, InternetKey, InternetLogin, InternetRoute, InternetRoutes, LoginMechanism};
pub use peer::{Dialogue, Peer};
pub use pool::Associations;
use problems::Problem;
pub(crate) use route::content_type;
pub use route::{OneOrMore, Route, RoutePeer, RoutePriority, RouteRule};
pub use selector::Selector;
pub use smtp::{Listener, ListenerAuthentication, ListenerTls, Role, Smtp, Takes};
pub use tls::{ListenTls, PeerTls, PeerTlsSettings, Tls};

/// The whole configuration.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Who the gateway is.
    pub gateway: Gateway,
    /// The Internet side.
    pub smtp: Smtp,
    /// What is found out about where mails come from.
    pub mail_authentication: MailAuthentication,
    /// How mail leaves for the Internet.
    pub internet: Internet,
    /// The X.400 side, as a responder.
    pub x400: X400,
    /// Certificates and keys.
    pub tls: Tls,
    /// Where messages go.
    pub route: Route,
    /// The MTAs that messages are transferred to.
    #[serde(rename = "peer")]
    pub peers: Vec<Peer>,
    /// How messages are converted.
    pub convert: Convert,
    /// How long messages wait.
    pub queue: Queue,
    /// The operator's interface.
    pub admin: Admin,
    /// What is written down for programs.
    pub log: Log,
}

/// What is written down for programs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Log {
    /// The file of the event log; `-` is standard output. Without it there is none.
    pub events: Option<PathBuf>,
}

/// Who the gateway is.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gateway {
    /// The host name in greetings, trace fields and Message-IDs.
    pub host_name: String,
    /// The MTA name in binds and internal trace, 1 to 32 characters.
    pub mta_name: String,
    /// The management domain, as an O/R address of country, ADMD and PRMD.
    pub domain: String,
    /// The folder of the queue.
    pub data: PathBuf,
    /// The mapping file; without one the built-in default applies.
    pub mappings: Option<PathBuf>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            host_name: "gateway.internet.example".into(),
            mta_name: "x400gw".into(),
            domain: "/PRMD=gateway/ADMD=example/C=XX/".into(),
            data: "x400gw-data".into(),
            mappings: None,
        }
    }
}

impl Gateway {
    /// The management domain, if [`Self::domain`] is one.
    #[must_use]
    pub fn management_domain(&self) -> Option<GlobalDomainIdentifier> {
        management_domain(&self.domain)
    }
}

impl Config {
    /// Who the gateway is in traces, in this management domain.
    pub(crate) fn identity(&self, domain: GlobalDomainIdentifier) -> Identity {
        let mta_name = self.gateway.mta_name.clone();
        Identity { domain, mta_name, maximum_hops: self.x400.maximum_hops }
    }
}

/// A management domain as an operator writes it.
fn management_domain(written: &str) -> Option<GlobalDomainIdentifier> {
    let name = rasn_x400::x411::address::text::parse(written).ok()?.to_or_name().ok()?;
    Some(GlobalDomainIdentifier {
        country: name.standard.country?,
        administration_domain: name.standard.administration_domain?,
        private_domain: name.standard.private_domain,
        unknown: Vec::new(),
    })
}

/// The X.400 side, as a responder.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct X400 {
    /// Address and port to listen on; without one nobody can bind to the gateway.
    pub listen: Option<String>,
    /// Whether TLS is spoken there: `off`, `optional` or `required`. Must be said unless only this machine can call.
    pub tls: Option<ListenTls>,
    /// Another address and port to listen on, where TLS is required.
    pub tls_listen: Option<String>,
    /// Whether callers over TLS must show a certificate: `required`, `optional` or `off`.
    pub client_certificates: ClientCertificates,
    /// Our transport selector, as text or `0x` and hexadecimal digits; empty answers to any.
    pub transport_selector: Selector,
    /// Our session selector; empty answers to any.
    pub session_selector: Selector,
    /// Our presentation selector; empty answers to any.
    pub presentation_selector: Selector,
    /// What is answered: `normal`, `x410-1988`, `x410-1984`.
    pub modes: Vec<Mode>,
    /// Octets between checkpoints that are agreed to at most, in units of 1024.
    pub checkpoint_size: u16,
    /// Checkpoints that may be unconfirmed, at most.
    pub window: u16,
    /// The password we answer binds with.
    pub password: Option<String>,
    /// Octets of one message.
    pub maximum_message_size: usize,
    /// Associations at the same time.
    pub maximum_associations: usize,
    /// As many elements of trace are a loop; X.411 allows 512.
    pub maximum_hops: usize,
    /// The O/R address under which MTAs of 1984 reach this gateway: addresses that 1984 has no attributes for travel inside it
    /// (RFC 1328 3.1).
    pub relay_1988: Option<String>,
    /// Octets of content that a report returns at most, where the originator asked for it.
    pub maximum_returned_content: u64,
    /// Messages that were cut off and are kept, so that their senders can go on with them.
    pub suspended_messages: usize,
    /// Their octets altogether.
    pub suspended_octets: u64,
    /// How long they are kept.
    #[serde(with = "duration")]
    pub suspended_time: Duration,
    /// Whether a peer may go on with an association that was lost, from the same address, without a bind (X.228 7.8).
    pub recover_associations: bool,
}

impl Default for X400 {
    fn default() -> Self {
        Self {
            listen: None,
            tls: None,
            tls_listen: None,
            client_certificates: ClientCertificates::default(),
            transport_selector: Selector::default(),
            session_selector: Selector::default(),
            presentation_selector: Selector::default(),
            modes: Mode::ALL.to_vec(),
            checkpoint_size: 60,
            window: 3,
            password: None,
            maximum_message_size: 50 << 20,
            maximum_associations: 64,
            maximum_hops: 100,
            relay_1988: None,
            maximum_returned_content: 1 << 20,
            suspended_messages: 32,
            suspended_octets: 2 << 30,
            suspended_time: Duration::from_secs(3600),
            recover_associations: true,
        }
    }
}

impl X400 {
    /// The address of [`Self::relay_1988`]; `None` if none is given or it cannot be read.
    #[must_use]
    pub fn relay_name(&self) -> Option<OrName> {
        let address = rasn_x400::x411::address::text::parse(self.relay_1988.as_deref()?).ok()?;
        let name = address.to_or_name().ok()?;
        // What is meant goes into its domain-defined attributes, and 1984 must understand the others.
        (name.domain_defined.is_none() && name.extension.is_none()).then_some(name)
    }
}

/// How long messages wait.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Queue {
    /// Before the second attempt; doubled after each.
    #[serde(with = "duration")]
    pub first_retry: Duration,
    /// At most between two attempts.
    #[serde(with = "duration")]
    pub longest_retry: Duration,
    /// After this a message has failed.
    #[serde(with = "duration")]
    pub lifetime: Duration,
    /// The same for what another MTA gave us, if it is urgent.
    #[serde(with = "duration")]
    pub urgent_lifetime: Duration,
    /// If it is normal.
    #[serde(with = "duration")]
    pub normal_lifetime: Duration,
    /// If it may wait.
    #[serde(with = "duration")]
    pub non_urgent_lifetime: Duration,
    /// So long what another MTA gave us is recognised when it comes again.
    #[serde(with = "duration")]
    pub remember_identifiers: Duration,
    /// So long it is known what a message was that was passed on, so that a report or receipt finds its sender.
    #[serde(with = "duration")]
    pub remember_messages: Duration,
    /// So long it is known which addresses messages came from and were for, so that other rules can be tried on them.
    #[serde(with = "duration")]
    pub remember_addresses: Duration,
    /// So many of them at most; with 0 none.
    pub remembered_addresses: u64,
    /// So long the content of a message is kept that reached everybody; `None` deletes it at once.
    #[serde(deserialize_with = "duration::optional")]
    pub keep_contents: Option<Duration>,
    /// So long what became of a message is kept after its end; that of one that failed for somebody with its content.
    #[serde(with = "duration")]
    pub keep_done: Duration,
    /// So many of them at most.
    pub keep_done_entries: Option<u64>,
    /// After this it is told that nothing was heard of a recipient whose sender asked for a report of success.
    #[serde(deserialize_with = "duration::optional")]
    pub missing_report: Option<Duration>,
    /// Whether the sender hears of that as well, if it wants to hear of delays.
    pub missing_report_notice: bool,
    /// After this the sender of a mail hears that it is still here.
    #[serde(with = "duration")]
    pub delay_notice: Duration,
    /// Transfers at the same time, over all peers.
    pub concurrency: usize,
    /// What is held before it is tried.
    pub hold: Vec<crate::queue::store::operation::HoldRule>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            first_retry: Duration::from_secs(60),
            longest_retry: Duration::from_secs(3600),
            lifetime: Duration::from_secs(5 * 24 * 3600),
            urgent_lifetime: Duration::from_secs(4 * 3600),
            normal_lifetime: Duration::from_secs(24 * 3600),
            non_urgent_lifetime: Duration::from_secs(36 * 3600),
            remember_identifiers: Duration::from_secs(7 * 24 * 3600),
            remember_messages: Duration::from_secs(40 * 24 * 3600),
            remember_addresses: Duration::from_secs(90 * 24 * 3600),
            remembered_addresses: 1_000_000,
            keep_contents: None,
            keep_done: Duration::from_secs(30 * 24 * 3600),
            keep_done_entries: None,
            missing_report: None,
            missing_report_notice: false,
            delay_notice: Duration::from_secs(4 * 3600),
            concurrency: 64,
            hold: Vec::new(),
        }
    }
}

impl Config {
    /// The default, with the lab peer of `x400gw peer` as the MTA that messages go to.
    #[must_use]
    pub fn default_with_demo_peer() -> Self {
        Self::parse("mappings/x400gw.toml", include_str!("../mappings/x400gw.toml")).unwrap_or_default()
    }

    /// Reads the configuration from text; `name` is what diagnostics call it.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn parse(name: &str, text: &str) -> Result<Self, Report> {
        let config: Self =
            toml::from_str(text).map_err(|error| Report::of(name, text, from_toml(&error, name, text)))?;
        let mut report = Report::default();
        report.sources.insert(name, text);
        report.diagnostics = problems::find(&config, text)
            .into_iter()
            .map(|Problem { span, what, help }| {
                Diagnostic::new(Code::InvalidValue, name, span, what, "").help(help)
            })
            .collect();
        if report.diagnostics.is_empty() { Ok(config) } else { Err(report) }
    }

    /// What the peers are called.
    #[must_use]
    pub fn peer_names(&self) -> Vec<&str> {
        self.peers.iter().map(|peer| peer.name.as_str()).collect()
    }

    /// The rules that say where messages go. [`Self::parse`] refuses those that are none; they are left out.
    #[must_use]
    pub fn routing_rules(&self) -> Vec<Rule> {
        match &self.route {
            Route::Rules(rules) => rules.iter().filter_map(|rule| rule.compile().ok()).collect(),
            Route::Everything(RoutePeer { peer }) => {
                let only = || match self.peers.as_slice() {
                    [only] => Some(only.name.clone()),
                    _ => None,
                };
                let everything = |peer: String| Rule {
                    address: KeyedAddress::default(),
                    conditions: Conditions::default(),
                    action: Action::Transfer(vec![peer]),
                    called: None,
                };
                peer.clone().or_else(only).map(everything).into_iter().collect()
            }
        }
    }
}

/// What `toml` says; a text that is TOML has a wrong value, whatever our own types say about it.
fn from_toml(error: &toml::de::Error, name: &str, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::from_toml(error, name);
    let is_toml = || toml::de::DeTable::parse(text).is_ok();
    match diagnostic.code {
        Code::Syntax if is_toml() => Diagnostic { code: Code::InvalidValue, ..diagnostic },
        _ => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mixer::Settings;
    use crate::mixer::charset::TextFallback;
    use crate::mixer::settings::{
        AttachmentForm, Edition, EmptyBcc, MtsIdentifierSource, NotificationForm, Renditions,
    };

    #[test]
    fn the_annotated_default_is_the_default_with_the_lab_peer() {
        let annotated = Config::default_with_demo_peer();
        assert_eq!(annotated.peers[0].address, "127.0.0.1:10103");
        assert_eq!(annotated.routing_rules()[0].action, Action::Transfer(vec!["hub".into()]));
        let uncommented =
            include_str!("../mappings/x400gw.toml").lines().fold(String::new(), |text, line| {
                let key = line.strip_prefix('#').filter(|rest| !rest.starts_with(' '));
                format!("{text}{}\n", key.unwrap_or(line))
            });
        let spelled_out = Config::parse("uncommented", &uncommented).unwrap();
        assert_eq!(format!("{:?}", spelled_out.smtp), format!("{:?}", annotated.smtp));
        assert_eq!(format!("{:?}", spelled_out.queue), format!("{:?}", annotated.queue));
        let (written, x400) = (&spelled_out.x400, &annotated.x400);
        let kept = |x400: &X400| (x400.suspended_messages, x400.suspended_octets, x400.suspended_time);
        assert_eq!((kept(written), written.recover_associations), (kept(x400), x400.recover_associations));
    }
    /// Every value is refused where it stands.
    #[test]
    fn wrong_values_are_found_in_their_place() {
        const PEER: &str = "[[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\n";
        let other = PEER.replace("\"hub\"", "\"other\"");
        let long = "x".repeat(63);
        // what is added to a good configuration, the value that is pointed at, what is said
        let table = [
            ("[gateway]\nhost-name = \"a b\"\n", "\"a b\"", "`a b` is not a domain"),
            ("[gateway]\ndomain = \"/ADMD=x/\"\n", "\"/ADMD=x/\"", "`/ADMD=x/` is not a management domain"),
            ("[gateway]\nmta-name = \"\"\n", "\"\"", "an MTA name of 0 characters"),
            ("[gateway]\nmta-name = \"Köln\"\n", "\"Köln\"", "`Köln` is outside US-ASCII"),
            ("[smtp]\nlisten = [\"[::1]:25\", \"x\"]\n", "\"x\"", "`x` is not an address and a port"),
            ("[[smtp.listener]]\naddress = \"x\"\n", "\"x\"", "`x` is not an address and a port"),
            (
                "[[smtp.listener]]\naddress = \"[::1]:25\"\ntls = \"offered\"\n",
                "\"offered\"",
                "TLS is spoken, and there is no certificate with a key",
            ),
            (
                "[[smtp.listener]]\naddress = \"[::1]:25\"\nclient-certificates = \"required\"\n",
                "\"required\"",
                "without TLS nobody can show a certificate",
            ),
            (
                "[smtp]\ncertificate = \"c\"\nkey = \"k\"\n\
                 [[smtp.listener]]\naddress = \"[::1]:25\"\ntls = \"implicit\"\nclient-certificates = \"optional\"\n",
                "\"optional\"",
                "certificates are asked for, and there is no CA",
            ),
            (
                "[[smtp.listener]]\naddress = \"[::1]:25\"\nauthentication = \"required\"\n\
                 authentication-in-the-clear = true\n",
                "\"required\"",
                "clients are to authenticate, and there are no users",
            ),
            (
                "[smtp]\nusers = \"u\"\n[[smtp.listener]]\naddress = \"[::1]:25\"\nauthentication = \"offered\"\n",
                "\"offered\"",
                "nobody can authenticate without TLS",
            ),
            ("[smtp]\nmaximum-sessions = 0\n", "0", "nothing would ever go through"),
            (
                "[smtp]\ntrusted-networks = [\"10.0.0.0/8\", \"0.0.0.0/0\"]\n",
                "\"0.0.0.0/0\"",
                "`0.0.0.0/0` is everybody: the gateway would be an open relay",
            ),
            (
                "[[smtp.listener]]\naddress = \"[::1]:25\"\ntrusted-networks = [\"::/0\"]\n",
                "\"::/0\"",
                "`::/0` is everybody: the gateway would be an open relay",
            ),
            (
                "[[smtp.listener]]\naddress = \"[::1]:25\"\nprotocol = \"lmtp\"\n",
                "\"lmtp\"",
                "LMTP is not to be spoken at port 25",
            ),
            (
                "[[smtp.listener]]\naddress = \"[::1]:25\"\nxclient = [\"::/0\"]\n",
                "\"::/0\"",
                "`::/0` is everybody: anybody could say to be anybody",
            ),
            (
                "[[smtp.listener]]\naddress = \"[::1]:25\"\nrole = \"submission\"\ntrusted-networks = []\n",
                "\"submission\"",
                "nobody could send anything here",
            ),
            (
                "[[queue.hold]]\nreason = \"x\"\n",
                "[[queue.hold]]",
                "a rule without a condition holds nothing",
            ),
            ("[[queue.hold]]\npeer = \"hug\"\n", "\"hug\"", "`hug` is no peer"),
            ("[mail-authentication]\nauthserv-id = \"a b\"\n", "\"a b\"", "`a b` is not a domain"),
            (
                "[mail-authentication]\nrefuse-by-dmarc = true\n",
                "true",
                "nothing is refused, because nothing is looked at",
            ),
            ("[internet]\nsmarthost = \"relay\"\n", "\"relay\"", "`relay` is not a host and a port"),
            (
                "[internet]\ntls = \"required\"\n",
                "\"required\"",
                "TLS is required, and there is no CA whose certificates are good",
            ),
            (
                "[internet]\nmta-sts = true\n",
                "true",
                "TLS is required, and there is no CA whose certificates are good",
            ),
            ("[internet]\ntrust-anchors = \"root.key\"\n", "\"root.key\"", "nothing is proved by these keys"),
            ("[internet]\nmaximum-sessions = 0\n", "0", "nothing would ever go through"),
            ("[[internet.route]]\ndomain = \"a b\"\n", "\"a b\"", "`a b` is not a domain"),
            (
                "[[internet.route]]\ndomain = \".b.example\"\nprotocol = \"lmtp\"\n",
                "\"lmtp\"",
                "LMTP is not spoken to servers that DNS names",
            ),
            (
                "[[internet.dkim]]\ndomain = \"b.example\"\nselector = \"s\"\nkey = \"k\"\npeers = [\"hub\", \"hug\"]\n",
                "\"hug\"",
                "`hug` is no peer",
            ),
            // F-15: one message becomes one P1 message.
            ("[smtp]\nmaximum-recipients = 40000\n", "40000", "40000 recipients are more"),
            ("[x400]\nlisten = \":102\"\n", "\":102\"", "`:102` is not an address and a port"),
            ("[route]\npeer = \"hob\"\n", "\"hob\"", "the route leads to `hob`, which is not a peer"),
            ("[queue]\nconcurrency = 0\n", "0", "nothing would ever go through"),
            ("[queue]\nmissing-report-notice = true\n", "true", "nothing says when a report is missing"),
            ("[queue]\nfirst-retry = \"0s\"\n", "\"0s\"", "`0s` is not a duration"),
            ("tpdu-size = 5\n", "5", "a TPDU of 5 octets"),
            ("window = 0\n", "0", "nothing would ever go through"),
            ("their-domain = \"x\"\n", "\"x\"", "`x` is not a management domain"),
            ("mode = \"x400\"\n", "\"x400\"", "unknown variant `x400`"),
            ("[x400]\nmodes = []\n", "[]", "nobody could bind"),
            (
                "session-selector = \"0123456789abcdefg\"\n",
                "\"0123456789abcdefg\"",
                "a session selector of 17 octets",
            ),
            (
                "mode = \"x410-1984\"\npresentation-selector = \"p\"\n",
                "\"p\"",
                "a presentation selector in mode x410-1984",
            ),
            ("null-bind = true\nour-name = \"x\"\n", "true", "a NULL bind has neither name nor password"),
            ("quirks = [\"q3\"]\n", "[\"q3\"]", "`q3` is not a quirk; known are: long-years"),
            (
                "quirks = [\"no-extensions\", \"empty-selector\"]\n",
                "\"empty-selector\"",
                "`empty-selector` is only tolerated",
            ),
            ("strict = [\"late-refusal\"]\n", "\"late-refusal\"", "`late-refusal` is always tolerated"),
            ("networks = [\"10.0.0.0/33\"]\n", "[\"10.0.0.0/33\"]", "`10.0.0.0/33` is not a network"),
            ("their-password = \"s\"\n", "\"s\"", "a password is expected of a peer whose name is not"),
            (&format!("our-password = \"{long}\"\n"), &format!("\"{long}\""), "the password has 63 octets"),
            ("alternates = [\"hub2:102\", \"hub3\"]\n", "\"hub3\"", "`hub3` is not an address and a port"),
            (
                "associations = \"permanent\"\nminimum-associations = 5\n",
                "5",
                "5 associations are to be open",
            ),
            ("first-reconnect = \"5m\"\n", "\"5m\"", "a first rest of 300 s is longer than the longest"),
            (PEER, "\"hub\"", "two peers are called `hub`"),
            (&other, "", "there are several peers and no route"),
            ("[[route]]\npeer = \"hob\"\n", "\"hob\"", "the route leads to `hob`, which is not a peer"),
            (
                "[[route]]\npeer = [\"hub\", \"hob\"]\n",
                "\"hob\"",
                "the route leads to `hob`, which is not a peer",
            ),
            (
                "[[route]]\naddress = \"S=a; X=\"\npeer = \"hub\"\n",
                "\"S=a; X=\"",
                "`S=a; X=` is not an O/R address",
            ),
            ("[[route]]\naddress = \"C=XX\"\n", "", "a route does one thing"),
            ("[[route]]\ninternet = true\npeer = \"hub\"\n", "", "a route does one thing"),
            ("[[route]]\npeer = []\n", "[]", "a route to no peer"),
            ("[[route]]\npeer = \"hub\"\nreason = 1\n", "1", "a reason is for a route that refuses"),
            (
                "[[route]]\npeer = \"hub\"\ncontent-types = [\"P99\"]\n",
                "[\"P99\"]",
                "`P99` is not a content type",
            ),
            ("[[route]]\nredirect = \"X\"\n", "\"X\"", "`X` is not an O/R address"),
            (
                "[[route]]\naddress = \"C=XX\"\npeer = \"hub\"\n[[route]]\naddress = \"/C=xx/\"\ninternet = true\n",
                "\"/C=xx/\"",
                "the same messages as route 1",
            ),
            (
                "[x400]\nrelay-1988 = \"/CN=x/ADMD=a/C=XX/\"\n",
                "\"/CN=x/ADMD=a/C=XX/\"",
                "`/CN=x/ADMD=a/C=XX/` is no O/R address of 1984",
            ),
            ("[x400]\nmaximum-hops = 0\n", "0", "nothing would ever go through"),
        ];
        for (added, place, said) in table {
            let text = format!("{PEER}{added}");
            let report = Config::parse("c.toml", &text).unwrap_err();
            let first = &report.diagnostics[0];
            assert!(first.message.starts_with(said), "{added}: {}", first.message);
            assert_eq!(first.code, Code::InvalidValue, "{added}");
            assert!(place.is_empty() || text[first.span.clone()] == *place, "{added}: {:?}", first.span);
        }
        let report = Config::parse("c.toml", "").unwrap_err();
        assert_eq!(
            report.diagnostics[0].message,
            "mail is listened for, and there is no peer to transfer it to"
        );
        Config::parse("c.toml", PEER).unwrap();
    }

    /// What the operator writes is what routing gets.
    #[test]
    fn routes_become_rules() {
        let text = "[[route]]\naddress = \"/PRMD=navy/ADMD=x/C=XX/\"\npeer = [\"hub\", \"spare\"]\n\
             [[route]]\ncontent-types = [\"P35\", \"p22\", \"1.2.3\", \"40\"]\nlarger-than = 1000\npriority = \"non-urgent\"\n\
             internet = true\n\
             [[route]]\naddress = \"C=YY\"\nrefuse = \"no\"\nreason = 5\n\
             [[route]]\naddress = \"C=ZZ\"\nrefuse = \"never\"\n\
             [[route]]\naddress = \"C=WW\"\nredirect = \"S=a; A=x; C=XX\"\n\
             [[route]]\npeer = \"spare\"\n\
             [[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\n\
             [[peer]]\nname = \"spare\"\naddress = \"spare:102\"\ntls = \"off\"\n";
        let config = Config::parse("c.toml", text).unwrap_or_else(|report| panic!("{}", report.render()));
        let said: Vec<String> = config
            .routing_rules()
            .iter()
            .map(|rule| format!("{}{}: {}", rule.address, rule.conditions, rule.action))
            .collect();
        assert_eq!(
            said,
            [
                "/PRMD=navy/ADMD=x/C=XX/: to hub, else to spare",
                ", content type P35 or P22 or 1.2.3 or 40, over 1000 octets, priority non-urgent: to the Internet side",
                "/ADMD= /C=YY/: refused: no (Reason 5 (Restricted-Delivery))",
                "/ADMD= /C=ZZ/: refused: never (Reason 1 (Unable-To-Transfer); Diagnostic 17 (No-Bilateral-Agreement))",
                "/ADMD= /C=WW/: redirected to /S=a/ADMD=x/C=XX/",
                ": to spare",
            ]
        );
        let report = Config::parse("c.toml", "[[route]]\npier = \"hub\"\n").unwrap_err();
        assert_eq!(report.diagnostics[0].help.as_deref(), Some("did you mean `peer`?"));
    }

    /// The configuration that ships decides what the examples of `tests/mixer` are run with, which follows the standards.
    /// ledger: mixer G-14
    #[test]
    fn what_ships_converts_as_the_standards_say() {
        let shipped = Config::parse("x400gw.toml", include_str!("../mappings/x400gw.toml")).unwrap();
        let domain = || GlobalDomainIdentifier::new("XX", "example", None);
        let settings = shipped.convert.settings(domain(), "mta", "gw.example");
        assert_eq!(format!("{settings:?}"), format!("{:?}", Settings::new(domain(), "mta", "gw.example")));
    }

    /// What the operator decides reaches the conversion.
    /// ledger: mixer I-12 H-55 CX-01..CX-06 Y-24 Y-25
    #[test]
    fn every_decision_about_conversion_can_be_set() {
        let text = "[convert]\nedition = \"1984\"\nattachments = \"bp14\"\nrenditions = \"nest\"\n\
             text-fallback = \"encapsulate\"\nempty-bcc = \"named\"\nmts-identifier = \"message-id\"\n\
             access-fields = true\nreceipt-requests = true\nmt-priority = true\nauto-submitted = true\n\
             drop-signatures = true\nkeep-long-message-ids = true\nnotifications = \"rfc2156\"\n\
             administrator = \"post@gw.example\"\nadministrator-name = \"Post\"\nrfc2156-diagnostics-only = true\n\
             dsn-final-rfc822 = true\nno-dsn-extensions = true\nloss-report = \"if-any\"\n\
             [convert.loss-wording]\ntitle = \"Es fehlt:\"\nreasons = { \"E-09\" = \"kein Zeichen\" }\n\
             [convert.report-wording]\nof = \"vom\"\nmeanings = { \"1/0\" = \"unbekannt\" }\n\
             [[convert.application]]\nmedia-type = \"Application/X-Test\"\nreference = \"1.2.3\"\n\
             [[peer]]\nname = \"hub\"\naddress = \"127.0.0.1:10103\"\n";
        let config = Config::parse("convert", text).unwrap_or_else(|report| panic!("{}", report.render()));
        let domain = GlobalDomainIdentifier::new("XX", "example", None);
        let settings = config.convert.settings(domain, "mta", "gw.example");
        assert_eq!(settings.edition, Edition::X1984);
        assert_eq!(settings.attachments, AttachmentForm::Bp14);
        assert_eq!(settings.renditions, Renditions::Nest);
        assert_eq!(settings.text_fallback, TextFallback::Encapsulate);
        assert_eq!(settings.empty_bcc, EmptyBcc::Named);
        assert_eq!(settings.mts_identifier, MtsIdentifierSource::MessageId);
        let switches = [
            settings.access_fields,
            settings.receipt_requests,
            settings.mt_priority,
            settings.auto_submitted,
            settings.drop_signatures,
            settings.keep_long_message_ids,
        ];
        assert_eq!(switches, [true; 6]);
        assert_eq!(
            settings.application("application/x-test").map(ToString::to_string).as_deref(),
            Some("1.2.3")
        );
        assert!(settings.application("image/gif").is_some(), "what ships stays");
        assert_eq!(settings.notifications, NotificationForm::Rfc2156);
        assert_eq!(
            (settings.administrator().as_str(), settings.administrator_name.as_str()),
            ("post@gw.example", "Post")
        );
        let of_reports = [!settings.later_diagnostics, settings.dsn_final_rfc822, !settings.dsn_extensions];
        assert_eq!(of_reports, [true; 3]);
        let wording = &settings.report_wording;
        assert_eq!((wording.of.as_str(), wording.at.as_str()), ("vom", "at"));
        assert_eq!(wording.meanings.get("1/0").map(String::as_str), Some("unbekannt"));
        assert_eq!(settings.loss_report, crate::mixer::loss::report::LossReport::IfAny);
        let wording = &settings.loss_wording;
        assert_eq!((wording.title.as_str(), wording.more.as_str()), ("Es fehlt:", "more"));
        assert_eq!(wording.reasons.get("E-09").map(String::as_str), Some("kein Zeichen"));
    }
}
