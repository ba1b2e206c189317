//! Reports that did not come: a sender asked to hear of success, the message was transferred, and nothing is heard.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::operator::Operator;
use crate::queue::store::operation::{Event, Operation};

/// The event, as it is noted and told.
const EVENT: &str = "report-missing";

/// How often is looked, at least.
const LOOK: Duration = Duration::from_secs(600);

/// What ended longer ago was looked at before, or its gateway was told to look later.
const WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);

/// Tells, until `stop` turns true or its sender is gone, of messages of which nothing was heard within `patience`.
pub(super) async fn watch(operator: Operator, patience: Duration, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = look(&operator, patience, OffsetDateTime::now_utc()).await {
            tracing::warn!(error, "reports that did not come were not looked for");
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK.min(patience)) => {}
        }
    }
}

/// Tells of those of which nothing was heard by now, each once.
async fn look(operator: &Operator, patience: Duration, now: OffsetDateTime) -> Result<(), String> {
    let (store, silent) = (Arc::clone(&operator.store), operator.silent_peers());
    let looked = tokio::task::spawn_blocking(move || {
        store.archive()?.unreported(now - patience, WINDOW, &silent, EVENT)
    });
    let found = looked.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    for (id, identifier) in found {
        let detail = json!({ "after-seconds": patience.as_secs() });
        let event = Event { kind: EVENT.to_owned(), who: None, detail };
        operator.store.operate(id, Operation::Note, event, now).await.map_err(|error| error.to_string())?;
        tracing::warn!(queue_id = %id, "no report has come, and its sender asked for one");
        operator.watch().report_missing(id, identifier.as_deref(), patience);
    }
    Ok(())
}
