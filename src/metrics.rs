//! Counters for Prometheus, in its text format (version 0.0.4). Counting is an addition under a lock that nobody holds for
//! long; everything else happens when they are read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Sets of values that a family keeps apart, so that strangers cannot make it grow; what comes beyond is `other`.
const SERIES: usize = 500;

/// Counters of one name, told apart by the values of labels.
#[derive(Debug)]
pub struct Family {
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
    series: Mutex<BTreeMap<Vec<String>, u64>>,
}

impl Family {
    /// None counted yet. The name ends in `_total`.
    #[must_use]
    pub const fn new(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Self { name, help, labels, series: Mutex::new(BTreeMap::new()) }
    }

    /// Counts `times` more, with these values of the labels, in their order.
    pub fn add(&self, values: &[&str], times: u64) {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        if series.len() >= SERIES && !series.contains_key(&values) {
            *series.entry(vec!["other".to_owned(); self.labels.len()]).or_default() += times;
        } else {
            *series.entry(values).or_default() += times;
        }
    }

    /// Counts one more.
    pub fn count(&self, values: &[&str]) {
        self.add(values, 1);
    }

    /// Writes it.
    pub fn write(&self, text: &mut Text) {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner).clone();
        text.head(self.name, self.help, "counter");
        for (values, count) in series {
            let labels: Vec<_> = self.labels.iter().copied().zip(values.iter().map(String::as_str)).collect();
            text.sample(self.name, &labels, count);
        }
    }
}

/// How long something takes.
#[derive(Debug)]
pub struct Histogram {
    name: &'static str,
    help: &'static str,
    buckets: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    microseconds: AtomicU64,
}

/// Upper bounds of the buckets, in microseconds, and as they are written, in seconds.
const BOUNDS: [(u64, &str); 13] = [
    (1_000, "0.001"),
    (3_000, "0.003"),
    (10_000, "0.01"),
    (30_000, "0.03"),
    (100_000, "0.1"),
    (300_000, "0.3"),
    (1_000_000, "1"),
    (3_000_000, "3"),
    (10_000_000, "10"),
    (60_000_000, "60"),
    (600_000_000, "600"),
    (3_600_000_000, "3600"),
    (86_400_000_000, "86400"),
];

impl Histogram {
    /// Nothing measured yet. The name ends in `_seconds`.
    #[must_use]
    pub const fn new(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            buckets: [const { AtomicU64::new(0) }; BOUNDS.len()],
            count: AtomicU64::new(0),
            microseconds: AtomicU64::new(0),
        }
    }

    /// Once more, and so long.
    pub fn observe(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS.iter().position(|(bound, _)| took <= *bound);
        if let Some(bucket) = place.and_then(|place| self.buckets.get(place)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(took, Ordering::Relaxed);
    }

    /// Writes it.
    pub fn write(&self, text: &mut Text) {
        text.head(self.name, self.help, "histogram");
        let bucket = format!("{}_bucket", self.name);
        let mut below = 0;
        for (bucketed, (_, bound)) in self.buckets.iter().zip(BOUNDS) {
            below += bucketed.load(Ordering::Relaxed);
            text.sample(&bucket, &[("le", bound)], below);
        }
        // What is counted meanwhile is in no bucket yet.
        let count = self.count.load(Ordering::Relaxed).max(below);
        text.sample(&bucket, &[("le", "+Inf")], count);
        let microseconds = self.microseconds.load(Ordering::Relaxed);
        let seconds = format!("{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000);
        text.sample(&format!("{}_sum", self.name), &[], seconds);
        text.sample(&format!("{}_count", self.name), &[], count);
    }
}

/// The text that is read.
#[derive(Debug, Default)]
pub struct Text(String);

impl Text {
    /// Begins a metric: what follows are its samples.
    pub fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {}\n# TYPE {name} {kind}", help.replace('\n', " "));
    }

    /// One value, with what tells it from others of its metric.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (place, (label, of)) in labels.iter().enumerate() {
            let of = of.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{of}\"", if place == 0 { '{' } else { ',' });
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{end} {value}");
    }

    /// A metric with one value.
    pub fn single(&mut self, name: &str, help: &str, kind: &str, value: impl std::fmt::Display) {
        self.head(name, help, kind);
        self.sample(name, &[], value);
    }

    /// All of it.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_durations_are_written_as_prometheus_reads_them() {
        let family = Family::new("x_total", "how often", &["side", "peer"]);
        family.count(&["x400", "a \"hub\"\\\n"]);
        family.add(&["x400", "a \"hub\"\\\n"], 2);
        family.count(&["internet", ""]);
        let histogram = Histogram::new("y_seconds", "how long");
        for milliseconds in [1, 2, 200_000, 100_000_000] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        let mut text = Text::default();
        family.write(&mut text);
        histogram.write(&mut text);
        text.single("z", "one", "gauge", 7);
        insta::assert_snapshot!(text.into_string(), @r#"
        # HELP x_total how often
        # TYPE x_total counter
        x_total{side="internet",peer=""} 1
        x_total{side="x400",peer="a \"hub\"\\\n"} 3
        # HELP y_seconds how long
        # TYPE y_seconds histogram
        y_seconds_bucket{le="0.001"} 1
        y_seconds_bucket{le="0.003"} 2
        y_seconds_bucket{le="0.01"} 2
        y_seconds_bucket{le="0.03"} 2
        y_seconds_bucket{le="0.1"} 2
        y_seconds_bucket{le="0.3"} 2
        y_seconds_bucket{le="1"} 2
        y_seconds_bucket{le="3"} 2
        y_seconds_bucket{le="10"} 2
        y_seconds_bucket{le="60"} 2
        y_seconds_bucket{le="600"} 3
        y_seconds_bucket{le="3600"} 3
        y_seconds_bucket{le="86400"} 3
        y_seconds_bucket{le="+Inf"} 4
        y_seconds_sum 100200.003000
        y_seconds_count 4
        # HELP z one
        # TYPE z gauge
        z 7
        "#);
    }

    #[test]
    fn strangers_do_not_make_it_grow() {
        let family = Family::new("x_total", "how often", &["from"]);
        for number in 0..SERIES + 10 {
            family.count(&[&number.to_string()]);
        }
        let mut text = Text::default();
        family.write(&mut text);
        let text = text.into_string();
        assert!(text.contains("x_total{from=\"other\"} 10"), "{text}");
        assert_eq!(text.lines().count(), 2 + SERIES + 1);
    }
}
