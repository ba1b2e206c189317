//! Mails that programs hand over by HTTP: taken as those that come by SMTP are, by the same judges.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;

use super::accept::Intake;
use super::accept::entry::{mail_entry, new_name};
use super::accept::recipients::RecipientCheck;
use super::accept::relaying::{Denied, Permission};
use super::examined::Examination;
use super::places::Desk;
use super::waiting::WaitingRoom;
use super::watching::{HTTP, TurnedAway, stopwatch};
use crate::config::Config;
use crate::mta::network::Network;
use crate::queue::entry::{Origin, QueueId};
use crate::queue::store::Answer;
use crate::smtp::command::Mailbox;
use crate::smtp::listener::Client;
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::submit::wishes::Commands;

/// Takes mails over. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Submitter {
    check: Arc<RecipientCheck>,
    intake: Arc<Intake>,
    /// Octets of one mail.
    maximum_size: u64,
    /// Recipients of one mail.
    maximum_recipients: usize,
    /// The domain of names that are made.
    pub(crate) domain: Arc<str>,
    /// Where requests wait while they come.
    pub(crate) waiting: WaitingRoom,
}

/// A mail, and who brings it.
pub(crate) struct Submission {
    /// In words.
    pub(crate) who: Arc<str>,
    /// Its envelope.
    pub(crate) commands: Commands,
    /// In lines ended by CR LF.
    pub(crate) mail: Bytes,
    /// The key under which it is taken once, and the digest of what was asked for.
    pub(crate) once: Option<(String, Vec<u8>)>,
}

/// A mail that is in the queue, or was taken before.
pub(crate) struct Submitted {
    /// What is answered, in both cases the same.
    pub(crate) answer: String,
}

/// Why a mail is not taken.
pub(crate) enum NotSubmitted {
    /// What SMTP would have answered.
    Reply(Reply),
    /// Nobody gets it; at least one.
    ForNobody(Vec<Refused>),
    /// The key was used for something else.
    KeyInUse,
}

/// A recipient who does not get it, and what SMTP would have answered.
pub(crate) type Refused = (Mailbox, Reply);

impl Submitter {
    /// Takes mails as one who is trusted: whoever comes so far was let in by the interface.
    pub(super) fn new(desk: &Desk, config: &Config) -> Self {
        let Desk { store, rules, hops, settings, watch, waiting, conversions, .. } = desk.clone();
        let permission = Permission { trusted: Network::loopback().to_vec(), ..Permission::default() };
        // Nobody needs to look where it comes from.
        let examination = Examination::new(None, &permission);
        let check = RecipientCheck {
            rules: rules.clone(),
            hops,
            longest_hold: None,
            permission,
            store: Arc::clone(&store),
            watch: Arc::clone(&watch),
        };
        let completes = None;
        let waits = waiting.clone();
        let intake =
            Intake { store, rules, settings, watch, completes, examination, waiting: waits, conversions };
        Self {
            check: Arc::new(check),
            intake: Arc::new(intake),
            maximum_size: config.smtp.maximum_message_size,
            maximum_recipients: config.smtp.maximum_recipients,
            domain: config.gateway.host_name.as_str().into(),
            waiting,
        }
    }

    /// What was answered to a request with this key and digest, if there was one.
    ///
    /// # Errors
    /// Another one had the key; the queue does not work.
    pub(crate) async fn answered(&self, key: &str, digest: &[u8]) -> Result<Option<Submitted>, NotSubmitted> {
        let found = self.intake.store.answered(key.to_owned()).await;
        let found = found.map_err(|error| NotSubmitted::Reply(super::accept::not_kept(&error)))?;
        found.map(|answer| repeated(answer, digest)).transpose()
    }

    /// Takes a mail for those who can get it. `answer` puts in words that it is taken, under this name but not for these.
    ///
    /// # Errors
    /// Nobody gets it.
    pub(crate) async fn submit(
        &self,
        submission: Submission,
        answer: impl FnOnce(QueueId, &[Refused]) -> String + Send,
    ) -> Result<Submitted, NotSubmitted> {
        let took = stopwatch();
        let now = OffsetDateTime::now_utc();
        let Submission { who, commands: Commands { sender, recipients }, mail, once } = submission;
        let too_many = recipients.len() > self.maximum_recipients;
        if too_many || mail.len() as u64 > self.maximum_size {
            let (code, detail, text) = match too_many {
                true => (
                    ReplyCode::TRANSACTION_FAILED_554,
                    StatusDetail::TOO_MANY_RECIPIENTS_X_5_3,
                    "too many recipients",
                ),
                false => (
                    ReplyCode::EXCEEDED_STORAGE_552,
                    StatusDetail::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4,
                    "the mail is larger than is taken",
                ),
            };
            return Err(NotSubmitted::Reply(Reply::new(code, detail, text)));
        }
        let from = (&sender.0, &sender.1);
        let client = Client { address: ([127, 0, 0, 1], 0).into(), identity: None, certificate: None };
        self.check.judge_sender(&client, from.0, from.1).await.map_err(|Denied { policy, reply }| {
            self.turned_away(None, &sender.0.to_string(), policy, &reply);
            NotSubmitted::Reply(reply)
        })?;
        let (mut taken, mut refused): (Vec<_>, Vec<Refused>) = (Vec::new(), Vec::new());
        for (mailbox, parameters) in recipients {
            match self.check.judge_recipient(&client, from, &mailbox).await {
                Ok(()) => taken.push((mailbox, parameters)),
                Err(Denied { policy, reply }) => {
                    self.turned_away(None, &mailbox.to_string(), policy, &reply);
                    refused.push((mailbox, reply));
                }
            }
        }
        if taken.is_empty() {
            return Err(NotSubmitted::ForNobody(refused));
        }
        let id = new_name(now).map_err(NotSubmitted::Reply)?;
        let origin = Origin::Http { who: who.to_string() };
        let entry = mail_entry((id, now), origin, sender, taken, mail);
        let identifier = entry.identifier.clone();
        let text = answer(id, &refused);
        let digest = once.as_ref().map(|(_, digest)| digest.clone()).unwrap_or_default();
        let kept = once.map(|(key, digest)| Answer { key, digest, text: text.clone() });
        match self.intake.take_once(HTTP, entry, kept, now, &took).await {
            Ok(None) => Ok(Submitted { answer: text }),
            Ok(Some(before)) => repeated(before, &digest),
            Err(Denied { policy, reply }) => {
                self.turned_away(Some((id, identifier.as_deref())), "message", policy, &reply);
                Err(NotSubmitted::Reply(reply))
            }
        }
    }

    fn turned_away(
        &self,
        named: Option<(QueueId, Option<&str>)>,
        what: &str,
        policy: &'static str,
        reply: &Reply,
    ) {
        let (answer, text) = (reply.code().to_string(), reply.to_string());
        let (id, identifier) = named.unzip();
        let identifier = identifier.flatten();
        let refusal = TurnedAway { from: HTTP, id, identifier, what, answer: &answer, text: &text, policy };
        self.intake.watch.refused(&refusal);
    }
}

/// The answer of an earlier request, if it asked for the same.
fn repeated(before: Answer, digest: &[u8]) -> Result<Submitted, NotSubmitted> {
    match before.digest == digest {
        true => Ok(Submitted { answer: before.text }),
        false => Err(NotSubmitted::KeyInUse),
    }
}
