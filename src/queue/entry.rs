//! One message in the queue: where it came from, its envelope, and its content as it was received.
//!
//! These types are the queue's own and plain, so that the queue depends on no protocol: the listener that accepts a
//! message translates its own envelope into them, and what a protocol offers beyond the named fields travels in
//! `others`, keyword and value as written.

use std::net::SocketAddr;
use std::path::PathBuf;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

mod id;

pub use id::{InvalidQueueId, QueueId};

/// A message the gateway has taken responsibility for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Names the entry in the store, in logs and towards operators.
    pub id: QueueId,
    /// When the message was accepted; kept to the microsecond.
    pub received_at: OffsetDateTime,
    /// What the content is.
    pub kind: Kind,
    /// How urgent it is: of what is due, the more urgent is taken first.
    pub urgency: Urgency,
    /// Who handed it over.
    pub origin: Origin,
    /// Originator, recipients and their requests.
    pub envelope: Envelope,
    /// The version of the rules it was accepted with, if it is known; for people.
    pub rules_version: Option<String>,
    /// What the message calls itself: its `Message-ID`, or its MTS identifier in text; for people, and for looking it up.
    pub identifier: Option<String>,
    /// The octets, as they were received.
    pub content: Content,
}

impl Entry {
    /// The recipients that have no end yet, in the order they were named.
    pub fn pending(&self) -> impl Iterator<Item = &Recipient> {
        self.envelope.recipients.iter().filter(|recipient| recipient.state == RecipientState::Pending)
    }

    /// When the entry is to be tried next: the earliest time among the pending recipients, at once for a recipient
    /// without one; `None` if no recipient is pending.
    pub fn due_at(&self) -> Option<OffsetDateTime> {
        self.pending().map(|recipient| recipient.next_attempt.unwrap_or(self.received_at)).min()
    }
}

/// What an entry holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A mail: the content is what follows DATA, and addresses are those of SMTP.
    #[default]
    Mail,
    /// A message, probe or report of X.400: the content is the whole MTS-APDU as it was transferred, addresses are O/R
    /// addresses in their text form. Recipients are numbered by their place in the envelope, from 1, and only those are
    /// here that the gateway answers for; a report has one, its destination.
    P1,
    /// A mail for the Internet side, sent by SMTP as it is: content and addresses as SMTP carries them.
    Internet,
}

/// How urgent an entry is, most urgent first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Before all others.
    Urgent,
    /// As usual.
    #[default]
    Normal,
    /// After all others.
    NonUrgent,
}

impl Urgency {
    /// All of them, most urgent first.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::NonUrgent];
}

/// Who handed a message to the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// An SMTP client.
    Smtp {
        /// Its address and port.
        peer: SocketAddr,
        /// The name it gave in EHLO or HELO, as written.
        helo: String,
        /// The `with` word of the trace field (RFC 3848), such as `ESMTPS`.
        protocol: String,
        /// Who it has proved to be, if it has: a user, or the name in a certificate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<String>,
        /// What was found out about where the message comes from: the value of `Authentication-Results` (RFC 8601), if that was looked
        /// at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        results: Option<String>,
    },
    /// A program, over HTTP.
    Http {
        /// Who it is, in words.
        who: String,
    },
    /// An X.400 MTA, over P1.
    P1 {
        /// The MTA name it gave in its bind.
        mta: String,
    },
    /// The gateway itself, or a program on its machine.
    Local,
}

/// Originator, recipients and the requests that go with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The reverse path as written, without angle brackets; `None` is the null reverse path.
    pub reverse_path: Option<String>,
    /// Requests for the message as a whole.
    pub options: MailOptions,
    /// In the order they were named.
    pub recipients: Vec<Recipient>,
}

/// What the originator asked for the message as a whole: the parameters of MAIL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailOptions {
    /// How much of the message a report returns (RFC 3461 4.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ret: Option<Return>,
    /// The originator's own identifier, decoded from xtext (RFC 3461 4.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope_id: Option<String>,
    /// The body type announced (RFC 6152, RFC 3030), as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The time limit for delivery (RFC 2852).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliver_by: Option<DeliverBy>,
    /// Not to be sent before (RFC 4865), in seconds since 1970-01-01T00:00Z.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_until: Option<i64>,
    /// From -9 to 9 (RFC 6710).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i8>,
    /// Every other parameter, as written and in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(String, Option<String>)>,
}

/// How much of a message a report about it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Return {
    /// All of it.
    Full,
    /// The header only.
    Headers,
}

/// The time limit of RFC 2852, made absolute when the message was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverBy {
    /// In seconds since 1970-01-01T00:00Z.
    pub by: i64,
    /// What happens when the limit passes.
    pub mode: DeliverByMode,
    /// Whether every relay is to report.
    #[serde(default)]
    pub trace: bool,
}

/// What happens to a message when its time limit passes (RFC 2852 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliverByMode {
    /// It is returned.
    Return,
    /// The originator is told, and delivery goes on.
    Notify,
}

/// One recipient and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// From 1, in the order the recipients were named; unique in its entry, never reused.
    pub number: u32,
    /// As written, without angle brackets.
    pub address: String,
    /// Requests for this recipient.
    pub options: RecipientOptions,
    /// Whether and how it has ended.
    pub state: RecipientState,
    /// How often a transfer was tried.
    pub attempts: u32,
    /// Not to be tried before; `None` before the first attempt means at once.
    pub next_attempt: Option<OffsetDateTime>,
    /// Why the last attempt did not succeed.
    pub last_diagnosis: Option<String>,
    /// The version of the rules of the last attempt, if there were any; for people.
    pub rules_version: Option<String>,
}

impl Recipient {
    /// A recipient to be tried at once.
    pub fn new(number: u32, address: impl Into<String>) -> Self {
        Self {
            number,
            address: address.into(),
            options: RecipientOptions::default(),
            state: RecipientState::Pending,
            attempts: 0,
            next_attempt: None,
            last_diagnosis: None,
            rules_version: None,
        }
    }
}

/// Whether and how a recipient has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientState {
    /// Still to be transferred.
    Pending,
    /// Responsibility has passed to the next system.
    Transferred {
        /// When.
        at: OffsetDateTime,
        /// The system that took it.
        to: String,
        /// What it answered.
        detail: String,
    },
    /// It will not be transferred.
    Failed {
        /// When that was decided.
        at: OffsetDateTime,
        /// The outcome as an enhanced status code (RFC 3463), such as `5.1.1`.
        code: String,
        /// Why, in words.
        detail: String,
    },
}

/// What the originator asked for one recipient: the parameters of RCPT.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecipientOptions {
    /// The events to report (RFC 3461 4.1), lower case; `None` if the originator did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Vec<String>>,
    /// The original recipient (RFC 3461 4.2): address type and address, decoded from xtext.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_recipient: Option<(String, String)>,
    /// Every other parameter, as written and in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<(String, Option<String>)>,
}

/// The octets of a message, and where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// In memory.
    Inline(Bytes),
    /// In a file of its own on the store's disk, which the store is to take over. Only for what is inserted.
    File {
        /// The file. It is the store's as soon as the entry is handed over, and gone if the entry is not kept.
        path: PathBuf,
        /// In octets.
        length: u64,
    },
    /// In a file of the store's spool; [`Store::open`](super::store::Store::open) opens it.
    Spool {
        /// The name, relative to the spool.
        file: String,
        /// In octets.
        length: u64,
        /// CRC-32 of the octets.
        checksum: u32,
    },
    /// Deleted, because every recipient has its end.
    Discarded {
        /// In octets, while it was there.
        length: u64,
    },
}

impl Content {
    /// In octets.
    pub fn length(&self) -> u64 {
        match self {
            Self::Inline(octets) => octets.len() as u64,
            Self::File { length, .. } | Self::Spool { length, .. } | Self::Discarded { length } => *length,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn an_entry_is_due_when_its_first_pending_recipient_is() {
        let noon = OffsetDateTime::UNIX_EPOCH + Duration::hours(12);
        let later = |minutes| Some(noon + Duration::minutes(minutes));
        let gone = RecipientState::Transferred { at: noon, to: "mta".into(), detail: String::new() };
        let cases = [
            ("nobody tried yet", vec![(RecipientState::Pending, None)], Some(noon)),
            (
                "the earliest of two",
                vec![(RecipientState::Pending, later(9)), (RecipientState::Pending, later(5))],
                later(5),
            ),
            (
                "ended ones do not count",
                vec![(gone.clone(), None), (RecipientState::Pending, later(7))],
                later(7),
            ),
            ("all ended", vec![(gone, None)], None),
        ];
        for (case, recipients, expected) in cases {
            let recipients = recipients
                .into_iter()
                .map(|(state, next_attempt)| Recipient {
                    state,
                    next_attempt,
                    ..Recipient::new(1, "a@b.example")
                })
                .collect();
            let entry = Entry {
                id: QueueId::new(1, noon),
                received_at: noon,
                kind: Kind::Mail,
                urgency: Urgency::Normal,
                origin: Origin::Local,
                envelope: Envelope { reverse_path: None, options: MailOptions::default(), recipients },
                rules_version: None,
                identifier: None,
                content: Content::Inline(Bytes::new()),
            };
            assert_eq!(entry.due_at(), expected, "{case}");
        }
    }

    #[test]
    fn parameters_nobody_gave_take_no_room() {
        assert_eq!(serde_json::to_string(&MailOptions::default()).unwrap(), "{}");
        assert_eq!(serde_json::to_string(&RecipientOptions::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<MailOptions>("{}").unwrap(), MailOptions::default());
    }
}
