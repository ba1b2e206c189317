//! The running gateway: SMTP and P1 in, queue, conversion, P1 and SMTP out, wired together.
//!
//! [`start`] brings everything up and returns once mail can be sent; [`Running::stop`] lets what is under way end. A
//! hang-up signal reads the rules again ([`in_force`]); when they have errors these are logged and the old rules stay.
#![expect(
    clippy::disallowed_methods,
    reason = "shell: reads files and the clock, binds sockets, draws random numbers"
)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin;
use crate::config::{self, Config, Dialogue};
use crate::diagnostic::Report;
use crate::events::Events;
use crate::mixer::Settings;
use crate::mixer::settings::Edition;
use crate::mta::association::Settings as AssociationSettings;
use crate::mta::bind::{Identity, Known, Password, Trust};
use crate::mta::pool::{Peer, Pool};
use crate::mta::tls::{Initiator, Unusable};
use crate::osi::stack::{Config as StackConfig, DialogueMode, Selectors};
use crate::queue::schedule::{Schedule, Transit};
use crate::queue::store::sqlite::{self, SqliteStore};
use crate::queue::worker;
use crate::quirk::Quirks;
use crate::rules::{Loaded, Rules};
use crate::smtp::client::Sender;
use crate::smtp::client::tls::Tls;

pub(crate) mod accept;
mod conversion;
mod examined;
mod holds;
pub mod home;
mod hops;
pub mod in_force;
mod inbound;
mod internet;
pub(crate) mod judged;
mod lost;
mod named;
mod notify;
pub(crate) mod operator;
mod overdue;
mod places;
mod relay;
pub(crate) mod submit;
#[cfg(test)]
mod tests;
mod tls;
mod told;
mod transfer;
pub(crate) mod waiting;
pub(crate) mod watching;
mod whole;

use conversion::Conversions;
pub(crate) use conversion::input as mail_of_entry;
use examined::examiner;
use holds::Holds;
use hops::Hops;
use in_force::{CurrentRules, Reloaded, Routing};
use lost::Lost;
use operator::Operator;
use places::{Desk, Place};
use relay::Arrivals;
use submit::Submitter;
use tls::Certificates;
pub use tls::check_certificates;
use transfer::Transfer;
use waiting::WaitingRoom;
use watching::Watch;

/// Why the gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The mapping file is not fit to be used.
    #[error("the mappings have errors")]
    Mappings(Report),
    /// A setting is.
    #[error("{0}")]
    Setting(String),
    /// A certificate, a key or another file of TLS is not fit to be used.
    #[error("TLS: {0}")]
    Tls(#[from] Unusable),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address as configured.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The operator's interface cannot be had there.
    #[error("the HTTP interface at {at}: {source}")]
    Admin {
        /// Where it was to be.
        at: admin::At,
        /// What is wrong.
        source: std::io::Error,
    },
    /// There is no folder for what arrives over P1.
    #[error("the folder for what arrives, {}: {source}", .folder.display())]
    Inbound {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The queue cannot be opened.
    #[error("the queue in {}: {}", .folder.display(), with_causes(.source))]
    Queue {
        /// Its folder.
        folder: PathBuf,
        /// What is wrong.
        source: crate::queue::store::Error,
    },
}

/// An error and what caused it, down to what the system said.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// How long associations may take to unbind at the end.
const UNBIND: Duration = Duration::from_secs(5);

/// A gateway that is up.
pub struct Running {
    /// Where SMTP is listened for.
    pub smtp: Vec<SocketAddr>,
    /// Where P1 is listened for.
    pub x400: Option<SocketAddr>,
    /// Where P1 is listened for under TLS only.
    pub x400_tls: Option<SocketAddr>,
    /// Where the operator's interface is.
    pub admin: Option<admin::At>,
    certificates: Certificates,
    store: Arc<SqliteStore>,
    rules: CurrentRules,
    hops: Arc<Hops>,
    counts: Arc<home::Counts>,
    internet: Sender,
    watch: Arc<Watch>,
    operator: Operator,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops listening, lets sessions and transfers under way end, and returns.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
        self.internet.close(UNBIND).await;
        self.hops.close(UNBIND).await;
        self.watch.gateway("stopped");
    }

    /// The queue.
    #[must_use]
    pub fn store(&self) -> Arc<SqliteStore> {
        Arc::clone(&self.store)
    }

    /// How often reports found home since the start.
    #[must_use]
    pub fn counts(&self) -> &home::Counts {
        &self.counts
    }

    /// Reads the certificates, keys and lists of TLS again, for the connections that follow.
    ///
    /// # Errors
    /// The files that are not fit to be used; the old ones stay in force where they were to be used.
    pub fn reload_certificates(&self) -> Result<(), Vec<Unusable>> {
        let mut unusable = self.certificates.reload();
        unusable.extend(self.internet.reload().err().into_iter().flatten());
        if unusable.is_empty() { Ok(()) } else { Err(unusable) }
    }

    /// Reads the rules again and puts them in force; `reason` is what the history says of it. Waits for files.
    ///
    /// # Errors
    /// What is wrong with them; the old rules stay in force then.
    pub fn reload(&self, reason: &str) -> Result<Reloaded, Report> {
        self.rules.reload(reason)
    }

    /// How the rules in force came into force.
    #[must_use]
    pub fn activation(&self) -> in_force::Activation {
        self.rules.get().activation().clone()
    }

    /// What came into force since the start, and what did not, newest last.
    #[must_use]
    pub fn history(&self) -> Vec<in_force::Event> {
        self.rules.history()
    }
}

/// Reads a mapping file and the tables it names, or takes the built-in default.
///
/// # Errors
/// Everything that is wrong with them, each with its place.
pub fn load_rules(path: Option<&Path>) -> Result<Loaded, Report> {
    let loaded = match path {
        None => Rules::load(BUILT_IN, &built_in),
        Some(path) => {
            let name = path.display().to_string();
            let folder = path.parent().unwrap_or_else(|| Path::new(""));
            let read = |wanted: &str| {
                let file = if wanted == name { path.to_path_buf() } else { folder.join(wanted) };
                std::fs::read_to_string(file).map_err(|error| error.to_string())
            };
            Rules::load(&name, &read)
        }
    };
    loaded.map_err(|rejected| Report { sources: rejected.sources, diagnostics: rejected.diagnostics })
}

/// The same, for a gateway that has these peers and no others.
///
/// # Errors
/// As [`load_rules`]; also a rule that names another peer.
pub fn load_rules_for(path: Option<&Path>, peers: &[&str]) -> Result<Loaded, Report> {
    load_rules(path).and_then(|loaded| of_known_peers(loaded, peers))
}

/// The rules, if they name no peers but these.
pub(crate) fn of_known_peers(loaded: Loaded, peers: &[&str]) -> Result<Loaded, Report> {
    let diagnostics = loaded.rules.unknown_peers(peers);
    if diagnostics.is_empty() { Ok(loaded) } else { Err(Report { sources: loaded.sources, diagnostics }) }
}

/// What the mappings are called when there is no file of them.
const BUILT_IN: &str = "mappings/default.toml";

/// The built-in default mappings.
fn built_in(name: &str) -> Result<String, String> {
    match name {
        BUILT_IN => Ok(include_str!("../mappings/default.toml").to_owned()),
        _ => Err("the built-in default has no such file".to_owned()),
    }
}

/// Runs the gateway until it is told to stop.
///
/// # Errors
/// As [`start`].
pub async fn until_stopped(config: Config) -> Result<(), StartError> {
    let running = start(config, Vec::new()).await?;
    for address in &running.smtp {
        tracing::info!(%address, "SMTP");
    }
    if let Some(address) = running.x400 {
        tracing::info!(%address, "P1");
    }
    if let Some(address) = running.x400_tls {
        tracing::info!(%address, "P1 under TLS");
    }
    if let Some(address) = &running.admin {
        tracing::info!(%address, "HTTP interface");
    }
    signals(&running).await;
    notify::tell("STOPPING=1");
    tracing::info!("stopping: sessions and transfers under way may end; a second signal ends them");
    tokio::select! {
        () = running.stop() => {}
        () = signal_to_stop() => tracing::warn!("stopped at once; what was under way is tried again"),
    }
    Ok(())
}

/// Waits for a signal to stop; a hang-up reloads the rules.
async fn signals(running: &Running) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hang_up) = signal(SignalKind::hangup()) else { return signal_to_stop().await };
    let mut stop = std::pin::pin!(signal_to_stop());
    // Not before somebody listens for signals.
    notify::tell("READY=1");
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = hang_up.recv() => tokio::task::block_in_place(|| hung_up(running)),
        }
    }
}

/// Reads again what can be read again.
fn hung_up(running: &Running) {
    notify::reloading();
    let (loaded, unusable) = running.operator.reload("hang-up signal");
    match loaded {
        Ok(Reloaded { warnings, .. }) if warnings.diagnostics.is_empty() => {}
        Ok(Reloaded { warnings: report, .. }) | Err(report) => eprintln!("{}", report.render()),
    }
    if unusable.is_empty() {
        tracing::info!("the certificates were read again");
    }
    for error in unusable {
        tracing::error!(%error, "not fit to be used; the old one stays in force");
    }
    notify::tell("READY=1");
}

/// Waits for an interrupt or a termination.
async fn signal_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Brings everything up. Listeners that are given are used besides those of the configuration.
///
/// # Errors
/// [`StartError`]; nothing is left running then.
pub async fn start(config: Config, smtp: Vec<TcpListener>) -> Result<Running, StartError> {
    let settings = Arc::new(conversion_settings(&config)?);
    let routing = Routing {
        routes: config.routing_rules(),
        domain: settings.domain.clone(),
        peers: config.peers.iter().map(|peer| peer.name.clone()).collect(),
    };
    let rules = CurrentRules::load(config.gateway.mappings.clone(), routing).map_err(StartError::Mappings)?;
    let settings_1984 = Arc::new(Settings { edition: Edition::X1984, ..Settings::clone(&settings) });
    let folder = config.gateway.data.clone();
    let options = sqlite::Options {
        content_retention: config.queue.keep_contents.unwrap_or_default(),
        tracking_retention: config.queue.keep_done,
        tracking_limit: config.queue.keep_done_entries,
        mark_retention: config.queue.remember_identifiers,
        memory_retention: config.queue.remember_messages,
        address_retention: config.queue.remember_addresses,
        address_limit: config.queue.remembered_addresses,
        ..sqlite::Options::default()
    };
    let store = SqliteStore::open(&folder, options).map_err(|source| StartError::Queue { folder, source })?;
    let store = Arc::new(store);
    let events = events(&config)?;
    let watch = Arc::new(Watch::new(events));
    // Before anything runs: an address in use must not leave half a gateway.
    let mut certificates = Certificates::read(&config)?;
    let places = places::open(&config, &certificates, smtp).await?;
    let mut listeners = Vec::new();
    let mut x400_addresses = [None, None];
    let ways = [
        (&config.x400.listen, certificates.listen(&config)),
        (&config.x400.tls_listen, certificates.tls_listen()),
    ];
    for ((address, security), bound) in ways.into_iter().zip(&mut x400_addresses) {
        if let Some(address) = address {
            let listener = bind(address).await?;
            *bound = listener.local_addr().ok();
            listeners.push((listener, security));
        }
    }
    let admin = admin_listener(&config).await?;
    let examiner = examiner(&config)?;
    let spool = inbound::spool(&config.gateway.data)?;
    let (tls, secrets) = (Tls::new(config.internet_ca())?, tls::secrets(&config)?);
    let dns = config.internet_dns();
    if config.internet.dane {
        dns.resolver().map_err(StartError::Setting)?;
    }
    let internet = Sender::new(config.sending(), dns, tls, secrets);
    rules.direct(internet.clone(), config.internet_routes());
    let mut peers = Vec::with_capacity(config.peers.len());
    for peer in &config.peers {
        let tls = certificates.initiator(&config, peer)?;
        peers.push(transfer_peer(&config, peer, tls)?);
    }
    // From here on there are associations.
    let pools = peers.into_iter().map(Pool::new).collect();
    let hops = Arc::new(Hops::new(&config, &settings.domain, pools));
    let arrivals = || Arrivals {
        spool: spool.clone(),
        store: Arc::clone(&store),
        hops: Arc::clone(&hops),
        rules: rules.clone(),
        watch: Arc::clone(&watch),
        were_called: false,
    };
    hops.take_messages(&config, arrivals);
    let x400: Vec<_> = listeners
        .into_iter()
        .map(|(listener, security)| {
            (listener, inbound::responder(&config, security, Arrivals { were_called: true, ..arrivals() }))
        })
        .collect();

    let (stop, stopped) = watch::channel(false);
    let counts = Arc::<home::Counts>::default();
    let (made, exempt) = store
        .hold_rules()
        .await
        .map_err(|source| StartError::Queue { folder: config.gateway.data.clone(), source })?;
    let holds = Arc::new(Holds::new(config.queue.hold.clone(), made, exempt));
    let conversions = Arc::<Conversions>::default();
    let transfer = Arc::new(Transfer {
        store: Arc::clone(&store),
        rules: rules.clone(),
        settings: Arc::clone(&settings),
        settings_1984,
        hops: Arc::clone(&hops),
        spool: spool.clone(),
        returned_content: config.x400.maximum_returned_content,
        schedule: schedule(&config),
        counts: Arc::clone(&counts),
        lost: Lost::default(),
        internet: internet.clone(),
        hold_internet: config.internet.hold,
        holds: Arc::clone(&holds),
        watch: Arc::clone(&watch),
        conversions: Arc::clone(&conversions),
        waiting: WaitingRoom::new(&config, waiting::ALONE),
        waiting_for_the_internet: WaitingRoom::new(&config, waiting::WITH_OTHERS),
    });
    let smtp_addresses: Vec<SocketAddr> = places.iter().filter_map(Place::address).collect();
    let written = |addresses: &[SocketAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
    let x400_bound: Vec<SocketAddr> = x400_addresses.iter().flatten().copied().collect();
    let bound = [("smtp", written(&smtp_addresses)), ("p1", written(&x400_bound))];
    let operator = Operator {
        store: Arc::clone(&store),
        transfer: Arc::clone(&transfer),
        holds,
        rules: rules.clone(),
        hops: Arc::clone(&hops),
        internet: internet.clone(),
        certificates: certificates.clone(),
        listeners: Arc::new(bound.into_iter().collect()),
        watch: Arc::clone(&watch),
        changing_rules: Arc::default(),
    };
    let options = worker::Options { concurrency: config.queue.concurrency, ..worker::Options::default() };
    let work = worker::run(Arc::clone(&store), transfer, schedule(&config), options, stopped.clone());
    let mut tasks = vec![tokio::spawn(work)];

    let waits_for_others = examiner.is_some() || !rules.get().rules().lookup().is_empty();
    let for_each_processor = if waits_for_others { waiting::WITH_OTHERS } else { waiting::ALONE };
    let desk = Desk {
        store: Arc::clone(&store),
        rules: rules.clone(),
        hops: Arc::clone(&hops),
        settings: Arc::clone(&settings),
        watch: Arc::clone(&watch),
        examiner,
        waiting: WaitingRoom::new(&config, for_each_processor),
        conversions,
    };
    let submitter = Submitter::new(&desk, &config);
    if let Some(patience) = config.queue.missing_report {
        let policy = overdue::Policy { patience, is_told: config.queue.missing_report_notice };
        tasks.push(tokio::spawn(overdue::watch(operator.clone(), policy, stopped.clone())));
    }
    let admin = admin.map(|listener| {
        let gateway = admin::Gateway {
            rules: rules.clone(),
            settings,
            has_peers: !config.peers.is_empty(),
            operator: Some(operator.clone()),
            submitter: Some(submitter),
        };
        let serving = listener.serve(admin::router(gateway), stopped.clone());
        tasks.push(serving.task);
        serving.at
    });
    tasks.extend(places::serve(places, &config, &desk, &stopped));
    for (listener, responder) in x400 {
        tasks.push(tokio::spawn(responder.listen(listener, stopped.clone())));
    }
    let [x400, x400_tls] = x400_addresses;
    watch.gateway("started");
    Ok(Running {
        smtp: smtp_addresses,
        x400,
        x400_tls,
        admin,
        certificates,
        store,
        rules,
        hops,
        counts,
        internet,
        watch,
        operator,
        stop,
        tasks,
    })
}

/// When what was not transferred is tried again.
fn schedule(config: &Config) -> Schedule {
    let usual = Schedule::default();
    Schedule {
        initial: config.queue.first_retry,
        cap: config.queue.longest_retry,
        cap_unreachable: config.queue.longest_retry.min(usual.cap_unreachable),
        expiry: config.queue.lifetime,
        transit: Transit {
            urgent: config.queue.urgent_lifetime,
            normal: config.queue.normal_lifetime,
            non_urgent: config.queue.non_urgent_lifetime,
        },
        delay_notice: config.queue.delay_notice,
        ..usual
    }
}

/// Where events go.
fn events(config: &Config) -> Result<Events, StartError> {
    let Some(path) = &config.log.events else { return Ok(Events::default()) };
    Events::to(path)
        .map_err(|error| StartError::Setting(format!("the event log {}: {error}", path.display())))
}

async fn bind(address: &str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address: address.to_owned(), source })
}

/// Binds the operator's interface. Where nobody said where it is to be, and it cannot be there, there is none.
///
/// # Errors
/// [`StartError::Admin`]
async fn admin_listener(config: &Config) -> Result<Option<admin::Listener>, StartError> {
    let at = config.admin.at(&config.gateway.data).map_err(StartError::Setting)?;
    let Some(at) = at else { return Ok(None) };
    match admin::bind(&at, config.admin.token.as_deref()).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if config.admin.listen.is_none() => {
            tracing::warn!(%at, %error, "there is no HTTP interface");
            Ok(None)
        }
        Err(source) => Err(StartError::Admin { at, source }),
    }
}

/// What the configuration says about conversion.
///
/// # Errors
/// [`StartError::Setting`] when the gateway's management domain is not one.
pub fn conversion_settings(config: &Config) -> Result<Settings, StartError> {
    let gateway = &config.gateway;
    let domain = gateway.management_domain().ok_or_else(|| {
        StartError::Setting(format!(
            "gateway.domain `{}` is not a management domain; write it as /PRMD=…/ADMD=…/C=…/",
            gateway.domain
        ))
    })?;
    let settings = config.convert.settings(domain, &gateway.mta_name, &gateway.host_name);
    // a peer that speaks P1 of 1984 gets nothing of 1988.
    let all_1984 = !config.peers.is_empty() && config.peers.iter().all(|peer| peer.mode.is_1984());
    let edition = if all_1984 { Edition::X1984 } else { settings.edition };
    // D-02: what SMTP offers is obeyed.
    let mt_priority = settings.mt_priority || config.smtp.mt_priority.is_some();
    // Losses go with the message; where its elements came from is for whoever asks.
    let relay_1988 = config.x400.relay_name();
    let authserv_id = config.authserv_id();
    Ok(Settings { edition, relay_1988, mt_priority, authserv_id, trail: false, ..settings })
}

/// Who we say we are to a peer, and how.
fn identity(config: &Config, peer: &config::Peer) -> Identity {
    let name = || peer.our_name.clone().unwrap_or_else(|| config.gateway.mta_name.clone());
    Identity {
        name: if peer.null_bind { String::new() } else { name() },
        password: peer.our_password.clone(),
        password_form: peer.password_form,
        wrapper: peer.bind_wrapper,
    }
}

/// An MTA that messages are transferred to, as the pool wants it.
fn transfer_peer(config: &Config, peer: &config::Peer, tls: Option<Initiator>) -> Result<Peer, StartError> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(|error| StartError::Setting(format!("no random numbers: {error}")))?;
    let known = peer
        .their_name
        .as_deref()
        .map(|name| Known { password: peer.their_password.clone().map(Password), ..Known::named(name) });
    let quirks = Quirks::new(&peer.strict, &peer.quirks);
    Ok(Peer {
        name: peer.name.clone(),
        hosts: std::iter::once(&peer.address).chain(&peer.alternates).cloned().collect(),
        tls,
        stack: StackConfig {
            called: Selectors {
                transport: peer.transport_selector.0.clone(),
                session: peer.session_selector.0.clone(),
                presentation: peer.presentation_selector.0.clone(),
            },
            calling: Selectors {
                transport: peer.calling_transport_selector.0.clone(),
                session: peer.calling_session_selector.0.clone(),
                presentation: peer.calling_presentation_selector.0.clone(),
            },
            tpdu_size: peer.tpdu_size,
            checkpoint_size: peer.checkpoint_size,
            window: peer.window,
            mode: peer.mode,
            quirks,
            dialogue_mode: match peer.dialogue {
                Dialogue::Monologue => DialogueMode::Monologue,
                Dialogue::TwoWayAlternate => DialogueMode::TwoWayAlternate,
            },
            ..StackConfig::default()
        },
        settings: AssociationSettings {
            identity: identity(config, peer),
            quirks,
            trust: Trust { anyone: known.is_none(), known: known.into_iter().collect() },
            transfer_timeout: peer.transfer_timeout,
            idle: peer.idle_close,
            recover: peer.recover,
            ..AssociationSettings::default()
        },
        policy: peer.policy(u64::from_be_bytes(seed)),
        connect_timeout: peer.connect_timeout,
    })
}
