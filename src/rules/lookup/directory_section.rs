//! The section `[lookup.directory]` as it is written.

use std::path::PathBuf;
use std::time::Duration;

use rasn_x400::x411::address::text::Key;
use serde::Deserialize;
use toml::Spanned;

use super::super::Loader;
use super::section::Time;
use super::settings::{Directory, LdapServer, Protection, Scope, Source, SourceKind};
use crate::ldap::filter::Filter;
use crate::rules::directory::name::Name;
use crate::rules::directory::person::{self, People};
use crate::rules::directory::tree::Collection;

/// What is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectorySection {
    servers: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    tls: Tls,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    bind: Option<Spanned<String>>,
    password_file: Option<Spanned<PathBuf>>,
    #[serde(default)]
    collections: Vec<Spanned<String>>,
    gateway: Option<Spanned<String>>,
    #[serde(default)]
    people: Vec<PeopleSection>,
    timeout: Option<Time>,
    connections: Option<Spanned<usize>>,
    holds: Option<Time>,
    #[serde(default)]
    only: Vec<Spanned<String>>,
    #[serde(default)]
    never: Vec<Spanned<String>>,
}

/// How connections to `ldap://` servers are protected.
#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum Tls {
    #[default]
    StartTls,
    Off,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeopleSection {
    base: Spanned<String>,
    by_internet: Option<Spanned<String>>,
    by_or: Option<Spanned<String>>,
    or_attribute: String,
    internet_attribute: String,
}

/// How long an answer holds: a directory does not say.
const HOLDS: Duration = Duration::from_secs(60 * 60);
/// How long a connection, or an exchange on it, may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Connections at a time.
const CONNECTIONS: usize = 4;

impl Loader {
    pub(super) fn directory(&mut self, name: &str, section: DirectorySection) -> Source {
        let protection = match section.tls {
            Tls::StartTls => Protection::StartTls,
            Tls::Off => Protection::Off,
        };
        let span = section.servers.span();
        let servers: Vec<LdapServer> = section
            .servers
            .into_inner()
            .iter()
            .filter_map(|written| self.ldap_server(name, written, protection))
            .collect();
        if section.collections.is_empty() && section.gateway.is_none() && section.people.is_empty() {
            let help = "`collections`, `gateway` or `[[lookup.directory.people]]`";
            self.invalid(name, span.clone(), "nothing is looked up in this directory".to_owned(), help);
        }
        if servers.is_empty() {
            self.invalid(name, span, "a directory needs a server".to_owned(), "\"ldap://ldap.example\"");
        }
        match (&section.bind, &section.password_file) {
            (Some(bind), None) => {
                let message = "a name without a password is nobody's".to_owned();
                self.invalid(name, bind.span(), message, "`password_file` names a file with the password");
            }
            (None, Some(file)) => {
                let message = "whose password is it?".to_owned();
                self.invalid(name, file.span(), message, "`bind` is the distinguished name it belongs to");
            }
            _ => {}
        }
        let collections = section.collections.iter();
        let collections =
            collections.filter_map(|written| Some(Collection(self.name(name, written)?))).collect();
        let gateway = section.gateway.and_then(|written| Some(self.name(name, &written)?.to_string()));
        let bind = section.bind.and_then(|written| Some(self.name(name, &written)?.to_string()));
        let people = section.people.iter().filter_map(|section| self.people(name, section)).collect();
        Source {
            name: "directory".to_owned(),
            scope: Scope { only: self.names(name, &section.only), never: self.names(name, &section.never) },
            kind: SourceKind::Directory(Directory {
                servers,
                ca: section.ca,
                certificate: section.certificate,
                key: section.key,
                bind,
                password_file: section.password_file.map(Spanned::into_inner),
                collections,
                gateway,
                people,
                timeout: section.timeout.map_or(TIMEOUT, |Time(time)| time),
                connections: self.at_least_one(name, section.connections, CONNECTIONS),
                holds: section.holds.map_or(HOLDS, |Time(time)| time),
            }),
        }
    }

    /// `ldap://host`, `ldaps://host:port`.
    fn ldap_server(
        &mut self,
        name: &str,
        written: &Spanned<String>,
        protection: Protection,
    ) -> Option<LdapServer> {
        let text = written.get_ref().trim_end_matches('/');
        let schemes = [("ldap://", protection, 389), ("ldaps://", Protection::Tls, 636)];
        let found = schemes.into_iter().find_map(|(scheme, protection, usual)| {
            let (host, port) = host_and_port(text.strip_prefix(scheme)?, usual)?;
            Some(LdapServer { host: host.to_owned(), port, protection })
        });
        if found.is_none() {
            let message = format!("`{}` is not the URL of a directory server", written.get_ref());
            self.invalid(
                name,
                written.span(),
                message,
                "\"ldap://ldap.example\" or \"ldaps://ldap.example:636\"",
            );
        }
        found
    }

    fn name(&mut self, file: &str, written: &Spanned<String>) -> Option<Name> {
        let fault = match Name::parse(written.get_ref()) {
            Ok(name) if !name.0.is_empty() => return Some(name),
            Ok(_) => "it is empty".to_owned(),
            Err(error) => error.to_string(),
        };
        let message = format!("`{}` is not a distinguished name: {fault}", written.get_ref());
        self.invalid(file, written.span(), message, "\"OU=MIXER MCGAMs, O=Zydeco Plc, C=GB\"");
        None
    }

    fn people(&mut self, file: &str, section: &PeopleSection) -> Option<People> {
        let base = self.name(file, &section.base)?.to_string();
        let is_of_internet = |place: &str| person::OF_INTERNET.contains(&place);
        let is_of_or = |place: &str| person::OF_OR.contains(&place) || Key::from_label(place).is_some();
        let of_internet = "places are {address}, {local} and {domain}";
        let of_or = "places are {or}, {display}, and keys such as {S} or {OU1}";
        let by_internet = self.filter(file, section.by_internet.as_ref(), &is_of_internet, of_internet);
        let by_or = self.filter(file, section.by_or.as_ref(), &is_of_or, of_or);
        if section.by_internet.is_none() && section.by_or.is_none() {
            let message = "nobody is ever looked up here".to_owned();
            self.invalid(file, section.base.span(), message, "`by_internet = \"(mail={address})\"`");
        }
        Some(People {
            base,
            by_internet,
            by_or,
            or_attribute: section.or_attribute.clone(),
            internet_attribute: section.internet_attribute.clone(),
        })
    }

    fn filter(
        &mut self,
        file: &str,
        written: Option<&Spanned<String>>,
        is_known: &dyn Fn(&str) -> bool,
        help: &str,
    ) -> Option<Filter> {
        let written = written?;
        let fault = match Filter::parse(written.get_ref()) {
            Ok(filter) => match filter.places().into_iter().find(|place| !is_known(place)) {
                Some(place) => format!("nothing is called `{{{place}}}` here"),
                None if filter.places().is_empty() => "it finds the same entries for everybody".to_owned(),
                None => return Some(filter),
            },
            Err(error) => error.to_string(),
        };
        let message = format!("`{}` cannot be used as a filter: {fault}", written.get_ref());
        self.invalid(file, written.span(), message, help);
        None
    }
}

/// `host`, `host:port`, `[address]:port`.
fn host_and_port(text: &str, usual: u16) -> Option<(&str, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let is_host = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b':' | b'_');
    let port = port.map_or(Some(usual), |port| port.parse().ok())?;
    (!host.is_empty() && host.bytes().all(is_host)).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    fn load(text: &str) -> Result<Rules, Vec<String>> {
        let text = format!("[lookup.directory]\n{text}");
        let rules = Rules::from_sources(&[("rules.toml", &text)]);
        rules.map_err(|diagnostics| diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    // ledger: mixer D-08 D-10
    #[test]
    fn what_is_written_is_taken() {
        let rules = load(
            "servers = [\"ldap://a.example/\", \"ldaps://[2001:db8::1]\", \"ldap://10.0.0.1:1389\"]\n\
             collections = [\"OU=a, C=GB\", \"OU=b, C=GB\"]\ngateway = \"cn=gw\"\nbind = \"cn=me\"\n\
             password_file = \"secret\"\n[[lookup.directory.people]]\nbase = \"ou=people\"\n\
             by_internet = \"(&(mail={address})(o={domain}))\"\nby_or = \"(x=*{OU1}*{s})\"\n\
             or_attribute = \"x\"\ninternet_attribute = \"mail\"\n",
        );
        let rules = rules.unwrap();
        let source = &rules.lookup().sources[0];
        let SourceKind::Directory(directory) = &source.kind else { panic!("a directory") };
        let servers = directory.servers.iter().map(|server| (&*server.host, server.port, server.protection));
        let expected = [
            // D-10: nothing is in the clear unless somebody said so.
            ("a.example", 389, Protection::StartTls),
            ("2001:db8::1", 636, Protection::Tls),
            ("10.0.0.1", 1389, Protection::StartTls),
        ];
        assert_eq!(servers.collect::<Vec<_>>(), expected);
        let collections = directory.collections.iter().map(|collection| collection.0.to_string());
        assert_eq!(collections.collect::<Vec<_>>(), ["OU=a,C=GB", "OU=b,C=GB"]);
        assert_eq!(directory.people.len(), 1);
        let off = load("servers = [\"ldap://a\"]\ntls = \"off\"\ncollections = [\"C=GB\"]").unwrap();
        let SourceKind::Directory(directory) = &off.lookup().sources[0].kind else { panic!("a directory") };
        assert_eq!(directory.servers[0].protection, Protection::Off);
    }

    #[test]
    fn what_cannot_be_is_said() {
        let usual = "servers = [\"ldap://a\"]\ncollections = [\"C=GB\"]\n";
        let people = |filters: &str| {
            format!(
                "{usual}[[lookup.directory.people]]\nbase = \"C=GB\"\nor_attribute = \"x\"\n\
                 internet_attribute = \"y\"\n{filters}\n"
            )
        };
        let cases = [
            ("servers = [\"ldap://a\"]\n".to_owned(), "nothing is looked up"),
            ("servers = []\ncollections = [\"C=GB\"]".to_owned(), "needs a server"),
            ("servers = [\"http://a\"]\ncollections = [\"C=GB\"]".to_owned(), "`http://a` is not the URL"),
            (
                "servers = [\"ldap://a:x\"]\ncollections = [\"C=GB\"]".to_owned(),
                "`ldap://a:x` is not the URL",
            ),
            ("servers = [\"ldap://a\"]\ncollections = [\"GB\"]".to_owned(), "expected `=` at character 3"),
            ("servers = [\"ldap://a\"]\ncollections = [\"\"]".to_owned(), "it is empty"),
            (format!("{usual}bind = \"cn=x\""), "a name without a password"),
            (format!("{usual}password_file = \"x\""), "whose password"),
            (format!("{usual}connections = 0"), "nothing would ever be asked"),
            (people(""), "nobody is ever looked up"),
            (people("by_internet = \"(mail={or})\""), "nothing is called `{or}`"),
            (people("by_or = \"(x={address})\""), "nothing is called `{address}`"),
            (people("by_or = \"(x={S}\""), "expected `)`"),
            (people("by_or = \"(x=y)\""), "the same entries for everybody"),
        ];
        for (text, message) in cases {
            let messages = load(&text).expect_err(&text);
            assert!(messages.iter().any(|found| found.contains(message)), "{text}: {messages:?}");
        }
    }
}
