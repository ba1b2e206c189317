//! How often the log said what: the operator's view of a run, counted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex};

use tokio::sync::watch;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, fmt as printed};

/// How often each event came.
#[derive(Clone, Default)]
pub(crate) struct Tally(Arc<Inner>);

#[derive(Default)]
struct Inner {
    counts: Mutex<BTreeMap<String, u64>>,
    changed: watch::Sender<()>,
}

/// The one of this process; it begins at the first use. What `RUST_LOG` asks for is printed as well.
pub(crate) fn tally() -> &'static Tally {
    static TALLY: LazyLock<Tally> = LazyLock::new(|| {
        let tally = Tally::default();
        let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off"));
        let subscriber = tracing_subscriber::registry()
            .with(tally.clone().with_filter(LevelFilter::INFO))
            .with(printed::layer().with_test_writer().with_ansi(false).with_filter(asked));
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens in this process");
        tally
    });
    &TALLY
}

impl Tally {
    /// How often this was said so far.
    pub(crate) fn count(&self, said: &str) -> u64 {
        self.0.counts.lock().unwrap().get(said).copied().unwrap_or(0)
    }

    /// Everything that was said so far.
    pub(crate) fn all(&self) -> BTreeMap<String, u64> {
        self.0.counts.lock().unwrap().clone()
    }

    /// Tells of everything that is said from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }
}

impl<S: Subscriber> Layer<S> for Tally {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        *self.0.counts.lock().unwrap().entry(message.0).or_default() += 1;
        self.0.changed.send_replace(());
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
