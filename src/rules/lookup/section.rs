//! The section `[lookup]` as it is written.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::super::pseudo_domain::Path;
use super::super::{Loader, mcgam};
use super::directory_section::DirectorySection;
use super::settings::{Accept, Dns, Names, Place, Prefer, Scope, Settings, Source, SourceKind};
use super::sqlite_section::SqliteSection;
use crate::config::duration;
use crate::diagnostic::{Code, Diagnostic};

/// What is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rules) struct LookupSection {
    #[serde(default)]
    order: Vec<Spanned<String>>,
    #[serde(default)]
    prefer: Prefer,
    timeout: Option<Time>,
    concurrency: Option<Spanned<usize>>,
    cache_entries: Option<usize>,
    longest: Option<Time>,
    longest_absent: Option<Time>,
    serve_stale: Option<Time>,
    header_patience: Option<Spanned<Time>>,
    #[serde(default)]
    offline: bool,
    dns: Option<DnsSection>,
    directory: Option<DirectorySection>,
    sqlite: Option<SqliteSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DnsSection {
    #[serde(default)]
    servers: Vec<Spanned<String>>,
    timeout: Option<Time>,
    attempts: Option<Spanned<usize>>,
    #[serde(default)]
    accept: Accept,
    #[serde(default)]
    only: Vec<Spanned<String>>,
    #[serde(default)]
    never: Vec<Spanned<String>>,
}

/// A duration such as `"5m"`.
#[derive(Deserialize, Clone, Copy)]
#[serde(transparent)]
pub(super) struct Time(#[serde(deserialize_with = "duration::deserialize")] pub(super) Duration);

/// The longest that a message waits for an address in its header (M-10).
const LONGEST_PATIENCE: Duration = Duration::from_secs(4 * 60 * 60);

impl Loader {
    /// Takes over the section.
    pub(in crate::rules) fn lookup(&mut self, name: &str, section: LookupSection) {
        let usual = Settings::default();
        let time = |written: Option<Time>, usual| written.map_or(usual, |Time(time)| time);
        let mut sources = Vec::new();
        if let Some(dns) = section.dns {
            sources.push(self.dns(name, dns));
        }
        if let Some(directory) = section.directory {
            sources.push(self.directory(name, directory));
        }
        if let Some(sqlite) = section.sqlite {
            sources.push(self.sqlite(name, sqlite));
        }
        let header_patience = self.patience(name, section.header_patience).unwrap_or(usual.header_patience);
        self.rules.lookup = Settings {
            order: self.order(name, &section.order, &sources),
            sources,
            prefer: section.prefer,
            timeout: time(section.timeout, usual.timeout),
            concurrency: self.at_least_one(name, section.concurrency, usual.concurrency),
            cache_entries: section.cache_entries.unwrap_or(usual.cache_entries),
            longest: time(section.longest, usual.longest),
            longest_absent: time(section.longest_absent, usual.longest_absent),
            serve_stale: time(section.serve_stale, usual.serve_stale),
            header_patience,
            offline: section.offline,
        };
    }

    fn dns(&mut self, name: &str, section: DnsSection) -> Source {
        let servers = section.servers.iter().filter_map(|written| self.server(name, written)).collect();
        Source {
            name: "dns".to_owned(),
            scope: Scope { only: self.names(name, &section.only), never: self.names(name, &section.never) },
            kind: SourceKind::Dns(Dns {
                servers,
                timeout: section.timeout.map_or(DNS_TIMEOUT, |Time(time)| time),
                attempts: self.at_least_one(name, section.attempts, 2),
                accept: section.accept,
            }),
        }
    }

    /// `address` or `address:port`.
    fn server(&mut self, name: &str, written: &Spanned<String>) -> Option<SocketAddr> {
        let text = written.get_ref();
        let found = text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, 53)));
        if found.is_none() {
            let message = format!("`{text}` is not the address of a name server");
            self.invalid(
                name,
                written.span(),
                message,
                "an IP address, with or without a port: \"127.0.0.1:53\"",
            );
        }
        found
    }

    /// Domains, and O/R addresses of the hierarchy.
    pub(super) fn names(&mut self, name: &str, written: &[Spanned<String>]) -> Names {
        let mut names = Names::default();
        for one in written {
            if one.get_ref().contains(['=', '$']) {
                names.paths.extend(self.or_address(name, one).map(|address| Path::of(&address)));
            } else if one.get_ref().split('.').all(mcgam::is_label) {
                names.domains.push(one.get_ref().to_ascii_lowercase());
            } else {
                let message = format!("`{}` is neither a domain nor an O/R address", one.get_ref());
                self.invalid(name, one.span(), message, "\"example.com\" or \"A=mail; C=gb\"");
            }
        }
        names
    }

    /// The tables come first unless they are named later; sources that are not named come last.
    fn order(&mut self, name: &str, written: &[Spanned<String>], sources: &[Source]) -> Vec<Place> {
        let mut order = Vec::new();
        for one in written {
            let place = match one.get_ref().as_str() {
                "tables" => Some(Place::Tables),
                other => sources.iter().position(|source| source.name == other).map(Place::Source),
            };
            match place {
                Some(place) if !order.contains(&place) => order.push(place),
                Some(_) => {
                    let message = format!("`{}` stands twice", one.get_ref());
                    self.invalid(name, one.span(), message, "name each source once");
                }
                None => {
                    let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
                    let help = format!("known here: tables {}", known.join(" "));
                    self.invalid(name, one.span(), format!("there is no source `{}`", one.get_ref()), &help);
                }
            }
        }
        if !order.contains(&Place::Tables) {
            order.insert(0, Place::Tables);
        }
        for number in 0..sources.len() {
            if !order.contains(&Place::Source(number)) {
                order.push(Place::Source(number));
            }
        }
        order
    }

    fn patience(&mut self, name: &str, written: Option<Spanned<Time>>) -> Option<Duration> {
        let written = written?;
        let Time(time) = *written.get_ref();
        if time > LONGEST_PATIENCE {
            let message = "a message waits at most 4 hours for an address in its header".to_owned();
            self.invalid(name, written.span(), message, "\"4h\" or less (RFC 2156 4.2.1)");
        }
        Some(time)
    }

    pub(super) fn at_least_one(
        &mut self,
        name: &str,
        written: Option<Spanned<usize>>,
        usual: usize,
    ) -> usize {
        let Some(written) = written else { return usual };
        if *written.get_ref() == 0 {
            self.invalid(name, written.span(), "nothing would ever be asked".to_owned(), "1 or more");
        }
        written.into_inner()
    }

    pub(super) fn invalid(&mut self, name: &str, span: std::ops::Range<usize>, message: String, help: &str) {
        self.report(Diagnostic::new(Code::InvalidValue, name, span, message, "").help(help));
    }
}

/// How long one try of one name server may take, unless the rule file says otherwise.
const DNS_TIMEOUT: Duration = Duration::from_secs(2);
