//! What names a set of rules: a digest of all its texts, so that two machines agree on it wherever their files are.

use std::fmt;

use ring::digest::{Context, SHA256};

/// The version of a set of rules: the first octets of a SHA-256 over its texts in the order they were read, each after its
/// length. Names of files are not in it. Written as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version([u8; 8]);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl serde::Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Makes a [`Version`] of texts as they are read.
#[derive(Clone)]
pub(super) struct Digest(Context);

impl Default for Digest {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Digest {
    /// Adds a text.
    pub(super) fn add(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    /// The version of everything added.
    pub(super) fn version(self) -> Version {
        Version(self.0.finish().as_ref().first_chunk().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> String {
        let mut digest = Digest::default();
        texts.iter().for_each(|text| digest.add(text));
        digest.version().to_string()
    }

    #[test]
    fn every_text_and_their_order_count() {
        // `printf '\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\1b' | sha256sum`
        assert_eq!(of(&["a", "b"]), KNOWN);
        let all = [of(&["a", "b"]), of(&["b", "a"]), of(&["ab"]), of(&["", "ab"]), of(&[]), of(&["a"])];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{one}");
        }
    }

    const KNOWN: &str = "3c9d591045bc8876";
}
