//! The Internet side wired to the rest: addresses are mapped while the client waits, and a message is in the queue before
//! the client hears `250`.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock, draws random numbers")]

use std::sync::Arc;

use rasn_x400::x411::address::OrName;
use time::OffsetDateTime;

use super::hops::Hops;
use super::{CurrentRules, StartError, relay};
use crate::config::Config;
use crate::mixer::address::{Mapper, Unmappable};
use crate::mixer::date::from_utc_time;
use crate::mixer::{AddressContext, Settings};
use crate::mta::relay::shown;
use crate::queue::entry::{
    Content, DeliverBy, DeliverByMode, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient,
    RecipientOptions, Return, Urgency,
};
use crate::queue::store::sqlite::SqliteStore;
use crate::queue::store::{Error as StoreError, Store as _};
use crate::smtp::command::{self, Domain, MailParameters, Mailbox, Notify, RecipientParameters, ReversePath};
use crate::smtp::dialogue;
use crate::smtp::listener::{Acceptor, ListenerLimits, RecipientPolicy};
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::smtp::submission::{Content as Submitted, Protocol, Submission};
use crate::status::{Cause, Failure, Outcome};

/// How a session behaves, from the configuration.
///
/// # Errors
/// [`StartError::Setting`] when the gateway's host name is not a domain.
pub(super) fn dialogue_config(config: &Config) -> Result<dialogue::Config, StartError> {
    let host_name = &config.gateway.host_name;
    let host_name = Domain::new(host_name)
        .ok_or_else(|| StartError::Setting(format!("gateway.host-name `{host_name}` is not a domain")))?;
    let mut settings = dialogue::Config::new(host_name);
    settings.limits.content.size = config.smtp.maximum_message_size;
    settings.limits.recipients = config.smtp.maximum_recipients;
    Ok(settings)
}

/// How many sessions there may be.
pub(super) fn listener_limits(config: &Config) -> ListenerLimits {
    ListenerLimits {
        connections: config.smtp.maximum_sessions,
        connections_per_address: config.smtp.maximum_sessions_per_address,
        ..ListenerLimits::default()
    }
}

/// Maps addresses at MAIL and RCPT, so that what has no X.400 address is refused at once.
pub(super) struct RecipientCheck {
    pub(super) rules: CurrentRules,
    pub(super) hops: Arc<Hops>,
}

impl RecipientPolicy for RecipientCheck {
    fn sender(&self, path: &ReversePath, _: &MailParameters) -> Result<(), Reply> {
        match path {
            ReversePath::Null => Ok(()),
            ReversePath::Mailbox(mailbox) => self.check(mailbox, AddressContext::ReturnPath).map(drop),
        }
    }

    /// A recipient that no route will ever lead to is refused as well.
    fn recipient(&self, mailbox: &Mailbox, _: &RecipientParameters) -> Result<(), Reply> {
        let name = self.check(mailbox, AddressContext::Recipient)?;
        // Without peers nobody is refused: the operator has not finished yet.
        if self.hops.is_empty() || self.hops.table().leads_anywhere(&name) {
            return Ok(());
        }
        let cause = Cause::Found(Failure::NoRoute);
        Err(Reply::new(
            cause.reply().code(),
            cause.enhanced_code().detail,
            format!("{cause}: {}", shown(&name)),
        ))
    }
}

impl RecipientCheck {
    /// The X.400 address of a mailbox.
    fn check(&self, mailbox: &Mailbox, context: AddressContext) -> Result<OrName, Reply> {
        let rules = self.rules.get();
        let mapped = Mapper::new(&rules).to_or(&mailbox.to_string(), context);
        mapped.map(|found| found.name).map_err(|unmappable| refusal(&unmappable, context))
    }
}

/// The reply for an address that has no counterpart: the position in it, and the clause (F-01, F-02).
fn refusal(unmappable: &Unmappable, context: AddressContext) -> Reply {
    let outcome = Outcome::Failed(Cause::Found(unmappable.failure));
    let detail = match (unmappable.failure, context) {
        (Failure::AddressNotMappable, AddressContext::ReturnPath) => StatusDetail::BAD_SENDER_SYNTAX_X_1_7,
        _ => outcome.enhanced_code().detail,
    };
    let reply = Reply::new(outcome.reply().code(), detail, unmappable.to_string());
    match &unmappable.suggestion {
        Some(suggestion) => reply.with_line(suggestion.clone()),
        None => reply,
    }
}

/// Takes over messages.
pub(super) struct Intake {
    pub(super) store: Arc<SqliteStore>,
    pub(super) rules: CurrentRules,
    pub(super) settings: Arc<Settings>,
}

impl Acceptor for Intake {
    /// A message is converted once before it is accepted, so that nothing is accepted that could not go on.
    async fn accept(&self, submission: Submission) -> Result<String, Reply> {
        let now = OffsetDateTime::now_utc();
        let entry = Arc::new(entry_of(submission, now).map_err(|error| {
            tracing::error!(%error, "no random numbers");
            unavailable()
        })?);
        let length = entry.content.length();
        let octets = match &entry.content {
            Content::Inline(octets) => octets.clone(),
            Content::File { .. } | Content::Spool { .. } | Content::Discarded { .. } => {
                return Err(unavailable());
            }
        };
        let converted = super::transfer::convert(&entry, octets, &self.rules, &self.settings).await;
        let envelope = match converted {
            Ok(converted) => converted.envelope,
            Err(refusal) => {
                tracing::info!(queue_id = %entry.id, %refusal, "refused before acceptance");
                return Err(Reply::new(
                    ReplyCode::TRANSACTION_FAILED_554,
                    super::transfer::status(&refusal),
                    format!("cannot be converted to X.400: {refusal}"),
                ));
            }
        };
        let mut entry = Arc::unwrap_or_clone(entry);
        entry.urgency = relay::urgency(envelope.priority);
        // X.411 14.3.1: a message is held where it is submitted, and that is here.
        let deferred = envelope.deferred_delivery_time.as_ref().and_then(from_utc_time);
        if let Some(until) = deferred.filter(|until| *until > now) {
            relay::hold(&mut entry, until);
            tracing::info!(queue_id = %entry.id, %until, "held, as its sender asked");
        }
        let (id, recipients) = (entry.id, entry.envelope.recipients.len());
        let from = entry.envelope.reverse_path.clone().unwrap_or_default();
        self.store.insert(entry).await.map_err(|error| {
            tracing::error!(queue_id = %id, %error, "not accepted");
            match error {
                StoreError::Full { .. } => Reply::new(
                    ReplyCode::INSUFFICIENT_STORAGE_452,
                    StatusDetail::SYSTEM_FULL_X_3_1,
                    "no room in the queue; try again later",
                ),
                _ => unavailable(),
            }
        })?;
        tracing::info!(queue_id = %id, from, recipients, length, "accepted");
        Ok(id.to_string())
    }
}

fn unavailable() -> Reply {
    Reply::new(
        ReplyCode::LOCAL_ERROR_451,
        StatusDetail::OTHER_SYSTEM_X_3_0,
        "the queue is not available; try again later",
    )
}

/// A queue entry from what an SMTP client submitted.
fn entry_of(submission: Submission, now: OffsetDateTime) -> Result<Entry, getrandom::Error> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)?;
    let Submission { peer, helo, protocol, reverse_path, mail_parameters, recipients, content } = submission;
    let Submitted::InMemory(octets) = content;
    let recipients = recipients.into_iter().zip(1..).map(|((mailbox, parameters), number)| Recipient {
        options: recipient_options(parameters),
        ..Recipient::new(number, mailbox.to_string())
    });
    Ok(Entry {
        id: QueueId::new(u64::from_be_bytes(random), now),
        received_at: now,
        kind: Kind::Mail,
        urgency: Urgency::Normal,
        origin: Origin::Smtp {
            peer,
            helo: helo.to_string(),
            protocol: match protocol {
                Protocol::Smtp => "SMTP".into(),
                Protocol::Esmtp => "ESMTP".into(),
            },
        },
        envelope: Envelope {
            reverse_path: match reverse_path {
                ReversePath::Null => None,
                ReversePath::Mailbox(mailbox) => Some(mailbox.to_string()),
            },
            options: mail_options(mail_parameters, now),
            recipients: recipients.collect(),
        },
        content: Content::Inline(octets),
    })
}

fn mail_options(parameters: MailParameters, now: OffsetDateTime) -> MailOptions {
    MailOptions {
        ret: parameters.ret.map(|ret| match ret {
            command::Return::Full => Return::Full,
            command::Return::Headers => Return::Headers,
        }),
        envelope_id: parameters.envelope_id.map(|id| id.text),
        body: parameters.body.map(body_type),
        deliver_by: parameters.by.map(|by| DeliverBy {
            by: now.unix_timestamp().saturating_add(i64::from(by.seconds)),
            mode: match by.mode {
                command::DeliverByMode::Return => DeliverByMode::Return,
                command::DeliverByMode::Notify => DeliverByMode::Notify,
            },
            trace: by.trace,
        }),
        hold_until: None,
        priority: parameters.mt_priority,
        others: parameters.others.into_iter().map(|other| (other.keyword, other.value)).collect(),
    }
}

/// The body type as BODY writes it (RFC 6152, RFC 3030).
fn body_type(body: command::Body) -> String {
    match body {
        command::Body::SevenBit => "7BIT",
        command::Body::EightBitMime => "8BITMIME",
        command::Body::BinaryMime => "BINARYMIME",
    }
    .to_owned()
}

fn recipient_options(parameters: RecipientParameters) -> RecipientOptions {
    RecipientOptions {
        notify: parameters.notify.map(|notify| match notify {
            Notify::Never => vec!["never".into()],
            Notify::On { success, failure, delay } => {
                [("success", success), ("failure", failure), ("delay", delay)]
                    .into_iter()
                    .filter(|(_, wanted)| *wanted)
                    .map(|(event, _)| event.to_owned())
                    .collect()
            }
        }),
        original_recipient: parameters
            .original_recipient
            .map(|original| (original.address_type, original.address)),
        others: parameters.others.into_iter().map(|other| (other.keyword, other.value)).collect(),
    }
}
