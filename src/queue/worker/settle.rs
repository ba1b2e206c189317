//! From what a transfer says to what is written down. Pure.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{Outcome, RecipientOutcome};
use crate::queue::{
    entry::{DeliverByMode, Entry, Recipient},
    schedule::{Failure, Next, Schedule},
    store::{AttemptResult, Update},
};

/// One update for each pending recipient of `entry`: as `outcomes` say, and deferred where they say nothing. Outcomes
/// for other recipients are left out of account, as is a second one for the same recipient.
pub(super) fn settle(
    entry: &Entry,
    outcomes: Vec<RecipientOutcome>,
    schedule: &Schedule,
    now: OffsetDateTime,
) -> Vec<Update> {
    let mut said = BTreeMap::new();
    for RecipientOutcome { number, outcome } in outcomes {
        said.entry(number).or_insert(outcome);
    }
    entry
        .pending()
        .map(|recipient| {
            let result = match said.remove(&recipient.number) {
                Some(Outcome::Transferred { to, detail }) => AttemptResult::Transferred { to, detail },
                Some(Outcome::Delivered { to, detail }) => AttemptResult::Delivered { to, detail },
                Some(Outcome::Failed { code, detail }) => AttemptResult::Failed { code, detail },
                Some(Outcome::Held { until, diagnosis }) => {
                    AttemptResult::Deferred { diagnosis, next_attempt: until }
                }
                Some(Outcome::Retry { failure, diagnosis, not_before }) => {
                    defer(entry, recipient, schedule, failure, diagnosis, not_before, now)
                }
                None => {
                    let diagnosis = "the transfer ended without an outcome".to_owned();
                    defer(entry, recipient, schedule, Failure::Refused, diagnosis, None, now)
                }
            };
            Update { number: recipient.number, result }
        })
        .collect()
}

/// Tried again as the schedule says, or given up.
fn defer(
    entry: &Entry,
    recipient: &Recipient,
    schedule: &Schedule,
    failure: Failure,
    diagnosis: String,
    not_before: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> AttemptResult {
    match schedule.next(entry, recipient.attempts.saturating_add(1), failure, not_before, now) {
        Next::At(next_attempt) => AttemptResult::Deferred { diagnosis, next_attempt },
        Next::Expired => AttemptResult::Failed {
            code: match failure {
                Failure::Unreachable | Failure::Refused => expired(entry, now),
                Failure::Undetermined => DIRECTORY_FAILURE,
            }
            .to_owned(),
            detail: format!("given up: {diagnosis}"),
        },
    }
}

/// RFC 3463 3.5, X.4.7: of the class for attempts that are abandoned because a temporary condition persists (3.1), or permanent
/// where the originator set the limit (RFC 2852 4.1.3).
fn expired(entry: &Entry, now: OffsetDateTime) -> &'static str {
    let limit = entry.envelope.options.deliver_by.filter(|limit| limit.mode == DeliverByMode::Return);
    if limit.is_some_and(|limit| limit.by <= now.unix_timestamp()) { "5.4.7" } else { "4.4.7" }
}

/// RFC 3463 3.5, X.4.3: the address was undetermined until time was over (F-03).
const DIRECTORY_FAILURE: &str = "5.4.3";

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use time::{Duration, macros::datetime};

    use super::*;
    use crate::queue::entry::{
        Content, Envelope, Kind, MailOptions, Origin, QueueId, RecipientState, Urgency,
    };

    const RECEIVED: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    #[test]
    fn every_pending_recipient_gets_one_update() {
        let taken = |to: &str| Outcome::Transferred { to: to.into(), detail: "ok".into() };
        let busy =
            || Outcome::Retry { failure: Failure::Refused, diagnosis: "busy".into(), not_before: None };
        let held = || Outcome::Held { until: RECEIVED + Duration::days(9), diagnosis: "not yet".into() };
        let given = |to: &str| AttemptResult::Transferred { to: to.into(), detail: "ok".into() };
        let later = |diagnosis: &str| AttemptResult::Deferred {
            diagnosis: diagnosis.into(),
            next_attempt: RECEIVED + Duration::minutes(1),
        };
        let expired = AttemptResult::Failed { code: "4.4.7".into(), detail: "given up: busy".into() };
        let undetermined = || Outcome::Retry {
            failure: Failure::Undetermined,
            diagnosis: "no server".into(),
            not_before: None,
        };
        let undetermined_for_good =
            AttemptResult::Failed { code: "5.4.3".into(), detail: "given up: no server".into() };
        let silent = || later("the transfer ended without an outcome");
        // what, days since acceptance, what the transfer says, what is written for recipients 1 and 3
        let table = [
            ("said for both", 0, vec![(3, taken("c")), (1, taken("a"))], given("a"), given("c")),
            ("said for one", 0, vec![(1, taken("a"))], given("a"), silent()),
            ("nothing said", 0, vec![], silent(), silent()),
            ("said for the ended one", 0, vec![(2, taken("b")), (1, busy())], later("busy"), silent()),
            ("said twice", 0, vec![(1, taken("a")), (1, busy()), (3, busy())], given("a"), later("busy")),
            (
                "held past all patience",
                6,
                vec![(1, held()), (3, taken("c"))],
                AttemptResult::Deferred {
                    diagnosis: "not yet".into(),
                    next_attempt: RECEIVED + Duration::days(9),
                },
                given("c"),
            ),
            (
                "undetermined too late",
                5,
                vec![(1, undetermined()), (3, taken("c"))],
                undetermined_for_good,
                given("c"),
            ), // F-03
            ("too late", 5, vec![(1, busy()), (3, taken("c"))], expired, given("c")),
        ];
        let schedule = Schedule { jitter: 0, ..Schedule::default() };
        let ended = RecipientState::Transferred { at: RECEIVED, to: "b".into(), detail: String::new() };
        let recipients = vec![
            Recipient::new(1, "a"),
            Recipient { state: ended, ..Recipient::new(2, "b") },
            Recipient::new(3, "c"),
        ];
        let entry = Entry {
            id: QueueId::new(1, RECEIVED),
            received_at: RECEIVED,
            kind: Kind::Mail,
            urgency: Urgency::Normal,
            origin: Origin::Local,
            envelope: Envelope { reverse_path: None, options: MailOptions::default(), recipients },
            rules_version: None,
            identifier: None,
            content: Content::Inline(Bytes::new()),
        };
        for (case, days, said, first, third) in table {
            let said =
                said.into_iter().map(|(number, outcome)| RecipientOutcome { number, outcome }).collect();
            let updates = settle(&entry, said, &schedule, RECEIVED + Duration::days(days));
            let expected = [Update { number: 1, result: first }, Update { number: 3, result: third }];
            assert_eq!(updates, expected, "{case}");
        }
    }
}
