//! The rules in force, and how others come into force.
//!
//! What goes by rules takes `CurrentRules::get` once, when it begins, and keeps what that gave until it ends: mappings,
//! routes and policies of one version, whatever is loaded meanwhile. `CurrentRules::reload` reads everything, runs the
//! examples, and exchanges the set whole; with one error nothing changes.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use rasn_x400::x411::trace::GlobalDomainIdentifier;
use serde::Serialize;
use time::OffsetDateTime;

use super::{load_rules, of_known_peers};
use crate::config::InternetRoutes;
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::lookup::{self, Mappings};
use crate::mta::route::{Rule, Table};
use crate::rules::{Loaded, Rules, Version};
use crate::smtp::client::Sender;

/// So many activations and refusals are remembered.
const REMEMBERED: usize = 50;

/// Everything that goes by rules, of one version.
pub(crate) struct InForce {
    mappings: Mappings,
    table: Arc<Table>,
    activation: Activation,
}

impl InForce {
    /// The tables alone.
    pub(crate) const fn rules(&self) -> &Arc<Rules> {
        self.mappings.rules()
    }

    /// The rules with their sources.
    pub(crate) const fn mappings(&self) -> &Mappings {
        &self.mappings
    }

    /// Where messages go.
    pub(crate) const fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// How it came into force.
    pub(crate) const fn activation(&self) -> &Activation {
        &self.activation
    }

    /// The version as it is written down.
    pub(crate) fn version(&self) -> String {
        self.activation.version.to_string()
    }
}

/// When a set of rules came into force, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Activation {
    /// From 1 with each start of the gateway.
    pub number: u64,
    /// What names the set.
    pub version: Version,
    /// When.
    #[serde(serialize_with = "rfc3339")]
    pub at: OffsetDateTime,
    /// Who or what wanted it.
    pub reason: String,
    /// Its files, in the order they were read.
    pub sources: Vec<String>,
    /// How many warnings there were.
    pub warnings: usize,
}

/// What became of rules that were to come into force, for the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Event {
    /// They are, or were, in force.
    Activated(Activation),
    /// They have errors, and the ones before stayed.
    Refused {
        /// When.
        #[serde(serialize_with = "rfc3339")]
        at: OffsetDateTime,
        /// Who or what wanted it.
        reason: String,
        /// How many errors.
        errors: usize,
        /// The first of them, on one line.
        first: String,
    },
}

/// Rules that are in force now.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// How they came into force.
    pub activation: Activation,
    /// The version before.
    pub before: Version,
    /// What is suspicious about them.
    pub warnings: Report,
}

/// What makes a routing table of rules, besides the rules.
pub(crate) struct Routing {
    /// The routes of the configuration.
    pub(crate) routes: Vec<Rule>,
    /// The gateway's own management domain.
    pub(crate) domain: GlobalDomainIdentifier,
    /// What the peers are called.
    pub(crate) peers: Vec<String>,
}

impl Routing {
    /// The table with what these rules say of routes and countries.
    pub(crate) fn table(&self, rules: &Rules) -> Table {
        rules.routing_table(&self.routes, &self.domain)
    }

    /// The rules of a file, if they name no other peers.
    fn load(&self, file: Option<&Path>) -> Result<Loaded, Report> {
        load_rules(file).and_then(|loaded| self.of_known_peers(loaded))
    }

    fn of_known_peers(&self, loaded: Loaded) -> Result<Loaded, Report> {
        let peers: Vec<&str> = self.peers.iter().map(String::as_str).collect();
        of_known_peers(loaded, &peers)
    }
}

/// The set in force, shared by everything that asks for it.
#[derive(Clone)]
pub(crate) struct CurrentRules(Arc<Shared>);

struct Shared {
    /// The mapping file; without one it is the built-in default.
    file: Option<PathBuf>,
    routing: Routing,
    /// Who sends mail to the Internet by the routes of domains, once that is known, with those of the configuration.
    sender: OnceLock<(Sender, InternetRoutes)>,
    set: RwLock<Arc<InForce>>,
    history: Mutex<VecDeque<Event>>,
    /// Held while a set is loaded, so that two that are loaded at once come into force in the order of their reading.
    loading: Mutex<()>,
}

impl CurrentRules {
    /// Reads the rules for the first time.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn load(file: Option<PathBuf>, routing: Routing) -> Result<Self, Report> {
        let loaded = routing.load(file.as_deref())?;
        let activation = activation(&loaded.rules, 1, loaded.warnings.len(), "start");
        let table = Arc::new(routing.table(&loaded.rules));
        let set = InForce { mappings: Mappings::new(Arc::new(loaded.rules)), table, activation };
        let history = Mutex::new(VecDeque::from([Event::Activated(set.activation.clone())]));
        let set = RwLock::new(Arc::new(set));
        Ok(Self(Arc::new(Shared {
            file,
            routing,
            sender: OnceLock::new(),
            set,
            history,
            loading: Mutex::new(()),
        })))
    }

    /// Lets mail leave by the routes of domains that are in force, now and later.
    pub(crate) fn direct(&self, sender: Sender, routes: InternetRoutes) {
        let _one_at_a_time = lock(&self.0.loading);
        sender.set_routes(routes.with(self.get().rules()));
        // There is one sender, and it is told once.
        let _ = self.0.sender.set((sender, routes));
    }

    /// The set in force now.
    pub(crate) fn get(&self) -> Arc<InForce> {
        Arc::clone(&self.0.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The mapping file; without one it is the built-in default.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        self.0.file.as_ref()
    }

    /// Reads a file as if it were to come into force.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn check(&self, file: Option<&Path>) -> Result<Loaded, Report> {
        self.0.routing.load(file).and_then(usable)
    }

    /// The same for rules that were read elsewhere.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn check_read(&self, loaded: Loaded) -> Result<Loaded, Report> {
        self.0.routing.of_known_peers(loaded).and_then(usable)
    }

    /// What came into force, and what did not, newest last.
    pub(crate) fn history(&self) -> Vec<Event> {
        lock(&self.0.history).iter().cloned().collect()
    }

    /// Reads the rules again and puts them in force; what was looked up for the old ones is forgotten. Waits for files.
    ///
    /// # Errors
    /// What is wrong with them; the old ones stay in force then.
    pub(crate) fn reload(&self, reason: &str) -> Result<Reloaded, Report> {
        let _one_at_a_time = lock(&self.0.loading);
        let loaded = self.0.routing.load(self.0.file.as_deref()).and_then(usable);
        let loaded = loaded.inspect_err(|report| self.refused(report, reason))?;
        let warnings = Report { sources: loaded.sources, diagnostics: loaded.warnings };
        let rules = Arc::new(loaded.rules);
        let table = Arc::new(self.0.routing.table(&rules));
        let before = self.get();
        let number = before.activation.number + 1;
        let activation = activation(&rules, number, warnings.diagnostics.len(), reason);
        let set = InForce { mappings: Mappings::new(rules), table, activation: activation.clone() };
        *self.0.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
        if let Some((sender, routes)) = self.0.sender.get() {
            sender.set_routes(routes.with(self.get().rules()));
        }
        let (version, was) = (activation.version, before.activation.version);
        tracing::info!(rules = %version, %was, activation = number, reason, "rules in force");
        self.remember(Event::Activated(activation.clone()));
        Ok(Reloaded { activation, before: was, warnings })
    }

    fn refused(&self, report: &Report, reason: &str) {
        let first = report.errors().next().map(|first| first.headline(&report.sources)).unwrap_or_default();
        let (errors, stays) = (report.errors().count(), self.get().version());
        tracing::error!(
            errors,
            first,
            reason,
            rules = stays,
            "the rules have errors; the old ones stay in force"
        );
        let at = OffsetDateTime::now_utc();
        self.remember(Event::Refused { at, reason: reason.to_owned(), errors, first });
    }

    fn remember(&self, event: Event) {
        let mut history = lock(&self.0.history);
        history.push_back(event);
        while history.len() > REMEMBERED {
            history.pop_front();
        }
    }
}

/// Refuses rules of which a source can never be asked.
fn usable(loaded: Loaded) -> Result<Loaded, Report> {
    match lookup::unusable(&loaded.rules).first() {
        None => Ok(loaded),
        Some((name, reason)) => {
            let file = loaded.rules.sources().first().map(ToString::to_string).unwrap_or_default();
            let message = format!("the source `{name}` of mappings cannot be used: {reason}");
            let diagnostic = Diagnostic::new(Code::UnreadableFile, file, 0..0, message, "");
            Err(Report { sources: loaded.sources, diagnostics: vec![diagnostic] })
        }
    }
}

fn activation(rules: &Rules, number: u64, warnings: usize, reason: &str) -> Activation {
    Activation {
        number,
        version: rules.version(),
        at: OffsetDateTime::now_utc(),
        reason: reason.to_owned(),
        sources: rules.sources().iter().map(ToString::to_string).collect(),
        warnings,
    }
}

fn rfc3339<S: serde::Serializer>(at: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    let written = at.format(&time::format_description::well_known::Rfc3339);
    serializer.serialize_str(&written.unwrap_or_default())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
