//! The places where mail comes in by SMTP, as the configuration has them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::accept::Intake;
use super::accept::recipients::RecipientCheck;
use super::accept::relaying::Permission;
use super::conversion::Conversions;
use super::examined::Examination;
use super::hops::Hops;
use super::in_force::CurrentRules;
use super::tls::Certificates;
use super::waiting::WaitingRoom;
use super::watching::Watch;
use super::{StartError, bind};
use crate::config::{Config, Listener, ListenerAuthentication, ListenerTls, Role};
use crate::mixer::Settings;
use crate::mta::tls::ClientCertificates;
use crate::provenance::Examiner;
use crate::queue::store::sqlite::SqliteStore;
use crate::smtp::client::dialogue::Protocol;
use crate::smtp::command::Domain;
use crate::smtp::dialogue::{self, ContentRate, FutureRelease, Tarpit};
use crate::smtp::listener::{self, Access, Clients, ListenerLimits, Rates};
use time::OffsetDateTime;

/// One place that is listened at.
pub(super) struct Place {
    listener: TcpListener,
    dialogue: Arc<dialogue::Config>,
    access: Access,
    permission: Permission,
}

impl Place {
    /// Where it is.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }
}

/// What whoever takes a message needs.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) store: Arc<SqliteStore>,
    pub(super) rules: CurrentRules,
    pub(super) hops: Arc<Hops>,
    pub(super) settings: Arc<Settings>,
    pub(super) watch: Arc<Watch>,
    /// Who finds out where mails come from, if anybody does.
    pub(super) examiner: Option<Examiner>,
    /// Where large mails wait while they come.
    pub(super) waiting: WaitingRoom,
    /// Where what mails are converted to is kept.
    pub(super) conversions: Arc<Conversions>,
}

/// Binds every place. Listeners that are given are as those of `[smtp] listen`.
///
/// # Errors
/// [`StartError::Listen`], or [`StartError::Setting`] when the gateway's host name is not a domain.
pub(super) async fn open(
    config: &Config,
    certificates: &Certificates,
    given: Vec<TcpListener>,
) -> Result<Vec<Place>, StartError> {
    let dialogue = Arc::new(dialogue_config(config)?);
    let mut places = Vec::new();
    let usual = |listener| {
        let permission = permission(config, None);
        let access = Access { trusted: permission.trusted.clone(), ..Access::default() };
        Place { listener, dialogue: Arc::clone(&dialogue), access, permission }
    };
    places.extend(given.into_iter().map(usual));
    for address in &config.smtp.listen {
        places.push(usual(bind(address).await?));
    }
    for (number, way) in config.smtp.listeners.iter().enumerate() {
        let permission = permission(config, Some(way));
        places.push(Place {
            listener: bind(&way.address).await?,
            dialogue: Arc::new(listener_config(&dialogue, way)),
            access: Access {
                trusted: permission.trusted.clone(),
                proxies: way.proxy_protocol.clone(),
                speakers: way.xclient.clone(),
                ..certificates.smtp(number, way)
            },
            permission,
        });
    }
    Ok(places)
}

/// Takes mail at every place until it is told to stop.
pub(super) fn serve(
    places: Vec<Place>,
    config: &Config,
    desk: &Desk,
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let clients = Arc::new(clients(config));
    let serve = |Place { listener, dialogue, access, permission }| {
        let Desk { store, rules, hops, settings, watch, examiner, waiting, conversions } = desk.clone();
        let examination = Examination::new(examiner, &permission);
        let completes = (permission.role == Role::Submission).then(|| dialogue.host_name.clone());
        let check = RecipientCheck {
            rules: rules.clone(),
            hops,
            longest_hold: config.smtp.future_release.and_then(|longest| longest.try_into().ok()),
            permission,
            store: Arc::clone(&store),
            watch: Arc::clone(&watch),
        };
        let intake = Intake { store, rules, settings, watch, completes, examination, waiting, conversions };
        tokio::spawn(listener::serve(
            listener,
            dialogue,
            Arc::clone(&clients),
            access,
            Arc::new(check),
            Arc::new(intake),
            stopped.clone(),
        ))
    };
    places.into_iter().map(serve).collect()
}

/// Who may send what at a place; one that is only an address has nothing of its own.
fn permission(config: &Config, way: Option<&Listener>) -> Permission {
    let own = way.and_then(|way| way.trusted_networks.as_ref());
    Permission {
        role: way.map(|way| way.role).unwrap_or_default(),
        takes: config.smtp.takes,
        trusted: own.unwrap_or(&config.smtp.trusted_networks).clone(),
        authenticates: way.is_some_and(|way| way.authentication != ListenerAuthentication::Off),
    }
}

/// How a session behaves, from the configuration.
///
/// # Errors
/// [`StartError::Setting`] when the gateway's host name is not a domain.
fn dialogue_config(config: &Config) -> Result<dialogue::Config, StartError> {
    let host_name = &config.gateway.host_name;
    let host_name = Domain::new(host_name)
        .ok_or_else(|| StartError::Setting(format!("gateway.host-name `{host_name}` is not a domain")))?;
    let mut settings = dialogue::Config::new(host_name);
    settings.limits.content.size = config.smtp.maximum_message_size;
    let smtp = &config.smtp;
    settings.limits.recipients = smtp.maximum_recipients;
    settings.limits.messages = smtp.maximum_messages;
    settings.limits.recipient_domains = smtp.maximum_recipient_domains;
    settings.limits.errors = smtp.maximum_errors;
    if smtp.tarpit_after > 0 {
        let (after, longest) = (smtp.tarpit_after, smtp.tarpit_longest);
        settings.limits.tarpit = Tarpit { after, step: TARPIT_STEP, longest };
    }
    settings.timeouts.command = smtp.command_timeout;
    settings.timeouts.content_block = smtp.data_timeout;
    settings.timeouts.content_rate = ContentRate { octets: smtp.minimum_data_rate, grace: RATE_GRACE };
    settings.extensions.deliver_by = config.smtp.deliver_by;
    settings.extensions.mt_priority = config.smtp.mt_priority;
    settings.extensions.conperm = config.smtp.conperm;
    settings.extensions.smtp_utf8 = config.smtp.smtp_utf8;
    settings.extensions.future_release = config.smtp.future_release.map(|longest| FutureRelease {
        max_interval: u32::try_from(longest.as_secs()).unwrap_or(u32::MAX).min(LONGEST_HOLD),
        max_date_time: LAST_MOMENT,
    });
    Ok(settings)
}

/// The same as one listener has it.
fn listener_config(settings: &dialogue::Config, listener: &Listener) -> dialogue::Config {
    let tls = listener.tls;
    let mut settings = settings.clone();
    let authentication = listener.authentication;
    settings.authentication =
        (authentication != ListenerAuthentication::Off).then(|| dialogue::Authentication {
            required: authentication == ListenerAuthentication::Required,
            in_the_clear: listener.authentication_in_the_clear,
            external: listener.client_certificates != ClientCertificates::Off,
        });
    settings.lmtp = listener.protocol == Protocol::Lmtp;
    settings.extensions.start_tls = matches!(tls, ListenerTls::Offered | ListenerTls::Required);
    settings.tls_required = matches!(tls, ListenerTls::Required | ListenerTls::Implicit);
    settings
}

/// By how much later each further mistake is answered.
const TARPIT_STEP: Duration = Duration::from_secs(1);
/// So long a message may be slow.
const RATE_GRACE: Duration = Duration::from_secs(60);
/// Seconds that HOLDFOR can say (RFC 4865 4).
const LONGEST_HOLD: u32 = 999_999_999;
/// The last second that X.400 has a date for; how long a message may be held is checked for each (E-16, D-25).
const LAST_MOMENT: OffsetDateTime = time::macros::datetime!(2079-12-31 23:59:59 UTC);

/// Those who may come, in all and each.
fn clients(config: &Config) -> Clients {
    Clients::new(ListenerLimits {
        connections: config.smtp.maximum_sessions,
        connections_per_address: config.smtp.maximum_sessions_per_address,
        per_minute: Rates {
            connections: config.smtp.connections_per_minute,
            messages: config.smtp.messages_per_minute,
            recipients: config.smtp.recipients_per_minute,
        },
        ..ListenerLimits::default()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_smtp_offers_is_what_the_operator_says() {
        // D-02, D-20, D-25, D-30, D-35, Y-10, Y-13, Y-14
        let text = "[smtp]\ndeliver-by = 60\nfuture-release = \"1d\"\nmt-priority = \"mixer\"\nconperm = true\nsmtp-utf8 = true\n\
                    [[peer]]\nname = \"hub\"\naddress = \"127.0.0.1:10103\"\n";
        let config = Config::parse("x400gw.toml", text).unwrap();
        let offered = dialogue_config(&config).unwrap().extensions;
        assert_eq!((offered.deliver_by, offered.conperm, offered.smtp_utf8), (Some(60), true, true));
        assert_eq!(offered.mt_priority, Some(dialogue::PriorityProfile::Mixer));
        assert_eq!(offered.future_release.map(|offer| offer.max_interval), Some(86_400));
        let nothing = dialogue_config(&Config::default()).unwrap().extensions;
        assert_eq!(nothing, dialogue::Extensions::default());
        assert!(super::super::conversion_settings(&config).unwrap().mt_priority);
    }
}
