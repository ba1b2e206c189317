//! A mail as an entry of the queue.
#![expect(clippy::disallowed_methods, reason = "shell: draws random numbers")]

use bytes::Bytes;
use time::OffsetDateTime;

use super::super::named::message_id;
use super::unavailable;
use crate::queue::entry::{
    Content, DeliverBy, DeliverByMode, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient,
    RecipientOptions, Return, Urgency,
};
use crate::smtp::command::{self, MailParameters, Mailbox, Notify, RecipientParameters, ReversePath};
use crate::smtp::reply::Reply;

/// The name of a message that is accepted now.
///
/// # Errors
/// There are no random numbers.
pub(in crate::serve) fn new_name(now: OffsetDateTime) -> Result<QueueId, Reply> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(%error, "no random numbers");
        unavailable()
    })?;
    Ok(QueueId::new(u64::from_be_bytes(random), now))
}

/// A mail for the queue: its name, where it is from, and what was said of it before its octets.
pub(in crate::serve) fn mail_entry(
    (id, now): (QueueId, OffsetDateTime),
    origin: Origin,
    (path, parameters): (ReversePath, MailParameters),
    recipients: Vec<(Mailbox, RecipientParameters)>,
    octets: Bytes,
) -> Entry {
    let recipients = recipients.into_iter().zip(1..).map(|((mailbox, parameters), number)| Recipient {
        options: recipient_options(parameters),
        ..Recipient::new(number, mailbox.to_string())
    });
    Entry {
        id,
        received_at: now,
        kind: Kind::Mail,
        urgency: Urgency::Normal,
        origin,
        envelope: Envelope {
            reverse_path: match path {
                ReversePath::Null => None,
                ReversePath::Mailbox(mailbox) => Some(mailbox.to_string()),
            },
            options: mail_options(parameters, now),
            recipients: recipients.collect(),
        },
        rules_version: None,
        identifier: message_id(&octets),
        content: Content::Inline(octets),
    }
}

/// The same mail for those of its recipients that are at these places, from 0.
pub(super) fn shared(entry: &Entry, places: &[usize]) -> Entry {
    let all = &entry.envelope.recipients;
    Entry {
        id: entry.id,
        received_at: entry.received_at,
        kind: entry.kind,
        urgency: entry.urgency,
        origin: entry.origin.clone(),
        envelope: Envelope {
            reverse_path: entry.envelope.reverse_path.clone(),
            options: entry.envelope.options.clone(),
            recipients: places.iter().filter_map(|place| all.get(*place).cloned()).collect(),
        },
        rules_version: entry.rules_version.clone(),
        identifier: entry.identifier.clone(),
        content: entry.content.clone(),
    }
}

fn mail_options(parameters: MailParameters, now: OffsetDateTime) -> MailOptions {
    let hold_until = hold_until(&parameters, now).map(OffsetDateTime::unix_timestamp);
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
        hold_until,
        priority: parameters.mt_priority,
        others: parameters.others.into_iter().map(|other| (other.keyword, other.value)).collect(),
    }
}

/// The time before which a message is not to be released (D-25).
fn hold_until(parameters: &MailParameters, now: OffsetDateTime) -> Option<OffsetDateTime> {
    match parameters.hold? {
        command::Hold::For(seconds) => now.checked_add(time::Duration::seconds(seconds.into())),
        command::Hold::Until(moment) => Some(moment),
    }
}

/// Whether a message is to be held longer than is offered (D-25).
pub(super) fn is_held_too_long(
    parameters: &MailParameters,
    longest: Option<time::Duration>,
    now: OffsetDateTime,
) -> bool {
    let last = longest.map(|longest| now.saturating_add(longest));
    hold_until(parameters, now).zip(last).is_some_and(|(until, last)| until > last)
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::smtp::command::{Command, Tolerances};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn parameters(line: &str) -> MailParameters {
        match Command::parse(line.as_bytes(), Tolerances::default()).unwrap() {
            Command::Mail { parameters, .. } => parameters,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn times_become_moments() {
        // D-20: by=3600;R at 12:00:00Z is 13:00:00Z. D-25
        let options =
            mail_options(parameters("MAIL FROM:<a@a.example> BY=3600;R HOLDFOR=60 MT-PRIORITY=-4"), NOW);
        let by = options.deliver_by.unwrap();
        assert_eq!(
            (by.by, by.mode),
            (datetime!(2026-11-27 13:00 UTC).unix_timestamp(), DeliverByMode::Return)
        );
        assert_eq!(options.hold_until, Some(datetime!(2026-11-27 12:01 UTC).unix_timestamp()));
        assert_eq!(options.priority, Some(-4));
        let until = parameters("MAIL FROM:<a@a.example> HOLDUNTIL=2027-04-01T06:00:00Z");
        assert_eq!(hold_until(&until, NOW), Some(datetime!(2027-04-01 06:00 UTC)));
        for (longest, too_long) in [(time::Duration::days(365), false), (time::Duration::days(30), true)] {
            assert_eq!(is_held_too_long(&until, Some(longest), NOW), too_long);
        }
    }
}
