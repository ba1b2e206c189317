//! What conversions lose: each loss in the log (F-17), and their number by clause, which an operator watches.

use std::sync::{Mutex, PoisonError};

use crate::mixer::loss::Losses;
use crate::mixer::loss::counts::Counts;
use crate::queue::entry::Entry;

/// Losses since the gateway started. What is converted again counts again.
#[derive(Debug, Default)]
pub(super) struct Lost(Mutex<Counts>);

impl Lost {
    /// Notes what one conversion lost.
    pub(super) fn note(&self, entry: &Entry, losses: &Losses) {
        if losses.is_empty() {
            return;
        }
        for loss in losses.as_slice() {
            let (what, at, why) = (&loss.what, &loss.location, &loss.reason);
            tracing::info!(queue_id = %entry.id, what, at, why, clause = loss.clause, instead = ?loss.instead, "lost in conversion");
        }
        let since_start = {
            // Counting cannot fail half way.
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            counts.add(losses);
            counts.total()
        };
        tracing::info!(queue_id = %entry.id, lost = %Counts::of(losses), since_start, "losses of a conversion, by clause");
    }
}
