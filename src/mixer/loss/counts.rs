//! How often what was lost: one count for each clause, which is what an operator looks at over weeks.

use std::collections::BTreeMap;

use super::Losses;

/// Losses of many conversions, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    by_clause: BTreeMap<&'static str, Count>,
}

/// Losses by one clause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// With nothing in their place.
    pub dropped: u64,
    /// With something else in their place.
    pub replaced: u64,
}

impl Count {
    /// Both together.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.dropped.saturating_add(self.replaced)
    }
}

impl Counts {
    /// The losses of one conversion.
    #[must_use]
    pub fn of(losses: &Losses) -> Self {
        let mut counts = Self::default();
        counts.add(losses);
        counts
    }

    /// Counts those of one more conversion.
    pub fn add(&mut self, losses: &Losses) {
        for loss in losses.as_slice() {
            let count = self.by_clause.entry(loss.clause).or_default();
            let counter = if loss.instead.is_some() { &mut count.replaced } else { &mut count.dropped };
            *counter = counter.saturating_add(1);
        }
    }

    /// Clauses and counts, in the order of the clauses.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Count)> + '_ {
        self.by_clause.iter().map(|(clause, count)| (*clause, *count))
    }

    /// All losses.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.iter().fold(0, |total, (_, count)| total.saturating_add(count.total()))
    }
}

/// `E-09 2, H-07 1`.
impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, (clause, count)) in self.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{clause} {}", count.total())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_by_clause() {
        let mut losses = Losses::default();
        losses.dropped("header X", "X: 1", "no room", "H-07");
        losses.replaced("header Subject", "€", "not in T.61", "E-09", "EUR");
        losses.replaced("header Subject", "…", "not in T.61", "E-09", "...");
        let mut counts = Counts::of(&losses);
        assert_eq!(counts.to_string(), "E-09 2, H-07 1");
        counts.add(&losses);
        assert_eq!(counts.total(), 6);
        let found: Vec<_> = counts.iter().collect();
        assert_eq!(
            found,
            [("E-09", Count { dropped: 0, replaced: 4 }), ("H-07", Count { dropped: 2, replaced: 0 })]
        );
        assert_eq!(Counts::default().to_string(), "");
    }
}
