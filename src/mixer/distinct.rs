//! Values in the order they came, each once, however many a sender gives.

use std::collections::BTreeSet;

/// So many are searched through one by one.
const FEW: usize = 16;

/// A list without repetitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Distinct<T> {
    list: Vec<T>,
    /// All of them, once there are more than [`FEW`].
    index: BTreeSet<T>,
}

impl<T: Ord + Clone> Distinct<T> {
    /// Adds a value, unless it is there.
    pub(crate) fn add(&mut self, value: T) {
        if self.contains(&value) {
            return;
        }
        if self.list.len() == FEW {
            self.index = self.list.iter().cloned().collect();
        }
        if self.list.len() >= FEW {
            self.index.insert(value.clone());
        }
        self.list.push(value);
    }

    pub(crate) fn contains(&self, value: &T) -> bool {
        if self.list.len() > FEW { self.index.contains(value) } else { self.list.contains(value) }
    }

    pub(crate) fn extend(&mut self, values: impl IntoIterator<Item = T>) {
        values.into_iter().for_each(|value| self.add(value));
    }

    pub(crate) const fn as_slice(&self) -> &[T] {
        self.list.as_slice()
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        self.list
    }
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { list: Vec::new(), index: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_there_once_in_its_order() {
        for many in [0, 1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let mut distinct = Distinct::default();
            distinct.extend((0..many).rev().chain(0..many));
            assert_eq!(distinct.as_slice(), (0..many).rev().collect::<Vec<_>>());
            assert!((0..many).all(|value| distinct.contains(&value)) && !distinct.contains(&many));
        }
    }
}
