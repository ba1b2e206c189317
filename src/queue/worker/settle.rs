//! From what a transfer says to what is written down. Pure.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::{Outcome, RecipientOutcome};
use crate::queue::{
    entry::{Entry, Recipient},
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
                Some(Outcome::Failed { code, detail }) => AttemptResult::Failed { code, detail },
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
            code: DELIVERY_TIME_EXPIRED.to_owned(),
            detail: format!("given up: {diagnosis}"),
        },
    }
}

/// RFC 3463 3.5, X.4.7, of the class for attempts that are abandoned because a temporary condition persists (3.1).
const DELIVERY_TIME_EXPIRED: &str = "4.4.7";
