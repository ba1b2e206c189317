//! Reports that did not come: a sender asked to hear of success, a recipient was passed on, and nothing is heard of it.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::operator::Operator;
use super::with_causes;
use crate::queue::store::Error as StoreError;
use crate::queue::store::operation::Event;
use crate::queue::store::sqlite::Unreported;
use crate::queue::worker::Made;

/// The event, as it is noted and told.
const EVENT: &str = "report-missing";

/// How often is looked, at least.
const LOOK: Duration = Duration::from_secs(600);

/// What was passed on longer ago was looked at before, or its gateway was told to look later.
const WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);

/// What is done about reports that do not come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    /// How long they may take.
    pub(super) patience: Duration,
    /// Whether the sender hears of it as well, if it wants to hear of delays.
    pub(super) is_told: bool,
}

/// Tells, until `stop` turns true or its sender is gone, of recipients of whom nothing was heard in time.
pub(super) async fn watch(operator: Operator, policy: Policy, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = look(&operator, policy, OffsetDateTime::now_utc()).await {
            tracing::warn!(error, "reports that did not come were not looked for");
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK.min(policy.patience)) => {}
        }
    }
}

/// Tells of those of whom nothing was heard by now, of each once.
async fn look(operator: &Operator, policy: Policy, now: OffsetDateTime) -> Result<(), String> {
    let (store, silent) = (Arc::clone(&operator.store), operator.silent_peers());
    let looked = tokio::task::spawn_blocking(move || {
        let archive = store.archive()?;
        let found = archive.unreported(now - policy.patience, WINDOW, &silent)?;
        let read = found.into_iter().map(|one| {
            let entry = archive.salvage(one.id).map(|found| found.map(|tracked| Arc::new(tracked.entry)));
            (one, entry)
        });
        Ok::<_, StoreError>(read.collect::<Vec<_>>())
    });
    let looked = looked.await.map_err(|error| error.to_string())?.map_err(|error| with_causes(&error))?;
    for (missing, entry) in looked {
        let Unreported { id, recipients } = missing.clone();
        let entry = match entry {
            Ok(Some(entry)) => entry,
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(queue_id = %id, %error, "whether a report is missing is not known");
                continue;
            }
        };
        let told = match policy.is_told {
            true => operator.transfer.tell_missing(&entry, &recipients, now).await,
            false => Ok(None),
        };
        let told = match told {
            Ok(told) => told,
            Err(error) => {
                tracing::warn!(queue_id = %id, error, "its sender is told of a missing report later");
                continue;
            }
        };
        let made = told.as_ref().map(Made::of_entry);
        let detail = json!({ "after-seconds": policy.patience.as_secs(), "recipients": recipients });
        let event = Event { kind: EVENT.to_owned(), who: None, detail };
        let noted = operator.store.note_missing(missing, event, told, now).await;
        // Otherwise it came meanwhile, or comes up again.
        if !noted.map_err(|error| with_causes(&error))? {
            continue;
        }
        tracing::warn!(queue_id = %id, ?recipients, "no report has come, and its sender asked for one");
        operator.watch().report_missing(&entry, &recipients, policy.patience, made.as_ref());
    }
    Ok(())
}
