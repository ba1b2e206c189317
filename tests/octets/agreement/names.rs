//! `names.txt`: where the names of the crate are not those of the standard.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What is in the file.
pub(crate) struct Names {
    /// By field (`Type.field`), alternative or wrapper (`Name`): the ways of saying it in the standard's names, each some steps.
    steps: BTreeMap<String, Vec<Vec<String>>>,
    /// Fields that need not be in the octets when they have this value.
    defaults: Vec<(String, String)>,
    /// Names that were of use.
    used: RefCell<BTreeSet<String>>,
}

impl Names {
    /// Reads the file.
    pub(crate) fn read(text: &str) -> Self {
        let mut names = Self { steps: BTreeMap::new(), defaults: Vec::new(), used: RefCell::default() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (left, right) = line.split_once('=').unwrap_or_else(|| panic!("no `=` in: {line}"));
            let (left, right) = (left.trim(), right.trim());
            match left.strip_prefix("default ") {
                Some(field) => names.defaults.push((field.to_owned(), right.to_owned())),
                None => {
                    let steps = |way: &str| {
                        way.trim().split('.').filter(|it| !it.is_empty()).map(str::to_owned).collect()
                    };
                    let earlier = names.steps.insert(left.to_owned(), right.split('|').map(steps).collect());
                    assert!(earlier.is_none(), "twice: {line}");
                }
            }
        }
        names
    }

    /// How the standard says a field of a type.
    pub(crate) fn of_field(&self, of: &str, field: &str) -> Vec<Vec<String>> {
        self.said(&format!("{of}.{field}")).unwrap_or_else(|| vec![vec![field.replace('_', "-")]])
    }

    /// How it says an alternative.
    pub(crate) fn of_alternative(&self, name: &str) -> Vec<Vec<String>> {
        self.said(name).unwrap_or_else(|| vec![vec![hyphenated(name)]])
    }

    /// Whether a field with this value, as it is printed, may be left out.
    pub(crate) fn may_be_left_out(&self, field: &str, value: &str) -> bool {
        self.defaults.iter().any(|(own, default)| own == field && default == value)
    }

    /// Names that nothing needed.
    pub(crate) fn unused(&self) -> Vec<String> {
        let used = self.used.borrow();
        self.steps.keys().filter(|line| !used.contains(*line)).cloned().collect()
    }

    fn said(&self, name: &str) -> Option<Vec<Vec<String>>> {
        let said = self.steps.get(name).cloned();
        if said.is_some() {
            self.used.borrow_mut().insert(name.to_owned());
        }
        said
    }
}

/// `Ia5Text` is `ia5-text`.
fn hyphenated(name: &str) -> String {
    let mut hyphenated = String::new();
    for (place, char) in name.char_indices() {
        if char.is_ascii_uppercase() && place > 0 {
            hyphenated.push('-');
        }
        hyphenated.push(char.to_ascii_lowercase());
    }
    hyphenated
}
