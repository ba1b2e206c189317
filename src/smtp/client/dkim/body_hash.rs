//! The hash of a body in the form `relaxed` (RFC 6376 3.4.4), taken while the body is read.

use ring::digest::{Algorithm, Context};

/// Octets that are hashed at once, about.
const BLOCK: usize = 16 * 1024;

/// The hash of what was read so far.
pub(crate) struct BodyHash {
    context: Context,
    /// What is known to count, and not hashed yet.
    gathered: Vec<u8>,
    /// Ends of lines after which nothing came yet.
    ends: usize,
    space: bool,
    carriage_return: bool,
    is_empty: bool,
}

impl BodyHash {
    /// Of nothing yet.
    pub(crate) fn new(algorithm: &'static Algorithm) -> Self {
        let gathered = Vec::with_capacity(BLOCK);
        let context = Context::new(algorithm);
        Self { context, gathered, ends: 0, space: false, carriage_return: false, is_empty: true }
    }

    /// Reads on.
    pub(crate) fn update(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while let Some((first, after)) = rest.split_first() {
            if std::mem::take(&mut self.carriage_return) {
                if *first == b'\n' {
                    self.space = false;
                    self.ends += 1;
                    rest = after;
                    continue;
                }
                self.counts(b"\r");
            }
            match first {
                b'\r' => (self.carriage_return, rest) = (true, after),
                b' ' | b'\t' => (self.space, rest) = (true, after),
                _ => {
                    let end = memchr::memchr3(b'\r', b' ', b'\t', rest).unwrap_or(rest.len());
                    let (run, after) = rest.split_at(end);
                    self.counts(run);
                    rest = after;
                }
            }
        }
    }

    /// The hash, of as many octets as the algorithm gives.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if std::mem::take(&mut self.carriage_return) {
            self.counts(b"\r");
        }
        if !self.is_empty {
            self.gather(b"\r\n");
        }
        self.context.update(&self.gathered);
        self.context.finish().as_ref().to_vec()
    }

    /// Octets without white space, and what is known to count now that they have come.
    fn counts(&mut self, run: &[u8]) {
        for _ in 0..std::mem::take(&mut self.ends) {
            self.gather(b"\r\n");
        }
        if std::mem::take(&mut self.space) {
            self.gather(b" ");
        }
        self.gather(run);
        self.is_empty = false;
    }

    fn gather(&mut self, octets: &[u8]) {
        if self.gathered.len() + octets.len() > BLOCK {
            self.context.update(&self.gathered);
            self.gathered.clear();
        }
        match octets.len() {
            ..BLOCK => self.gathered.extend_from_slice(octets),
            _ => self.context.update(octets),
        }
    }
}

#[cfg(test)]
mod tests {
    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};

    use super::*;

    fn hash(algorithm: &'static Algorithm, pieces: &[&str]) -> String {
        let mut hash = BodyHash::new(algorithm);
        pieces.iter().for_each(|piece| hash.update(piece.as_bytes()));
        base64_simd::STANDARD.encode_to_string(hash.finish())
    }

    /// RFC 6376 3.4.4, 3.4.5; the hash of the body in RFC 8463 A.3 and of nothing at all.
    #[test]
    fn bodies_in_the_form_relaxed() {
        const NOTHING: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hash = |pieces: &[&str]| hash(&SHA256, pieces);
        for nothing in ["", "\r\n", "\r\n\r\n", "  \r\n\t\r\n", " "] {
            assert_eq!(hash(&[nothing]), NOTHING, "{nothing:?}");
        }
        let football = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
        let expected = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";
        assert_eq!(hash(&[football]), expected);
        let split: Vec<&str> = football.split_inclusive("").collect();
        assert_eq!(hash(&split), expected);
        for same in [" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n", " C\r\nD E", "\tC\t\r\nD\t E \r\n"] {
            assert_eq!(hash(&[same]), hash(&[" C\r\nD E\r\n"]), "{same:?}");
        }
        assert_ne!(hash(&["a\rb\r\n"]), hash(&["a b\r\n"]));
        assert_ne!(hash(&["a\r"]), hash(&["a"]));
        // Longer than what is hashed at once, whole and in pieces.
        let long = format!("{}\r\n{}\r\n", "x".repeat(3 * BLOCK), "y z".repeat(BLOCK));
        let (one, other) = long.split_at(BLOCK + 7);
        let plain = ring::digest::digest(&SHA256, long.as_bytes());
        assert_eq!(hash(&[&long]), base64_simd::STANDARD.encode_to_string(plain));
        assert_eq!(hash(&[one, other]), hash(&[&long]));
    }

    /// RFC 6376 3.4.4: of nothing at all, by SHA-1.
    #[test]
    fn the_older_hash_of_nothing() {
        assert_eq!(hash(&SHA1_FOR_LEGACY_USE_ONLY, &[" \r\n"]), "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    }
}
