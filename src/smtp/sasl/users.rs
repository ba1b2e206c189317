//! Users and what their passwords are checked by, as a file has them: one line for each, in the form of RFC 5803.
//!
//! ```text
//! ada:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=
//! # name              iterations, salt         stored key                                   server key
//! ```
//!
//! Whoever reads the file learns no password, but can pretend to be this server.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use ring::{digest, hmac, pbkdf2};

use crate::secret::equal_in_constant_time;

/// How often the hash of a new password is taken (RFC 7677 4 wants 4096 at least).
pub const ITERATIONS: NonZeroU32 = match NonZeroU32::new(15_000) {
    Some(iterations) => iterations,
    None => NonZeroU32::MIN,
};
/// Octets of the salt of a new password.
pub const SALT: usize = 16;

/// Those who may come.
#[derive(Debug, Default)]
pub struct Users {
    by_name: BTreeMap<String, Verifier>,
    /// What the salt of those is made of who are not there, so that nobody finds out who is: as secret as the file, and the
    /// same as long as that is.
    pretence: Vec<u8>,
}

/// What a password is checked by.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    iterations: NonZeroU32,
    salt: Vec<u8>,
    stored_key: Vec<u8>,
    server_key: Vec<u8>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a verifier of {} iterations", self.iterations)
    }
}

/// A line that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct NotAUser {
    /// Its number, from 1.
    pub line: usize,
    /// What was expected.
    pub what: &'static str,
}

impl Users {
    /// Reads the text of a file; empty lines and those that begin with `#` are left out.
    ///
    /// # Errors
    /// The first line that is not a user.
    pub fn parse(text: &str) -> Result<Self, NotAUser> {
        let pretence = digest::digest(&digest::SHA256, text.as_bytes());
        let mut by_name = BTreeMap::new();
        for (text, line) in text.lines().zip(1..) {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let (name, verifier) = text
                .trim_end()
                .split_once(':')
                .filter(|(name, _)| !name.is_empty())
                .ok_or(NotAUser { line, what: "expected a name and a verifier, with `:` between them" })?;
            let verifier = Verifier::parse(verifier).ok_or(NotAUser {
                line,
                what: "expected SCRAM-SHA-256$iterations:salt$stored-key:server-key, as `x400gw password` prints it",
            })?;
            if by_name.insert(name.to_owned(), verifier).is_some() {
                return Err(NotAUser { line, what: "this name was there before" });
            }
        }
        Ok(Self { by_name, pretence: pretence.as_ref().to_vec() })
    }

    /// What this user is checked by. Nobody who is not there has the password of what this gives for them.
    pub fn verifier(&self, name: &str) -> Verifier {
        self.by_name.get(name).cloned().unwrap_or_else(|| {
            // As somebody who is there.
            let model = self.by_name.values().next();
            let iterations = model.map_or(ITERATIONS, |model| model.iterations);
            let length = model.map_or(SALT, |model| model.salt.len());
            let salt = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.pretence), name.as_bytes());
            let salt = salt.as_ref().iter().copied().cycle().take(length).collect();
            Verifier { iterations, salt, stored_key: Vec::new(), server_key: Vec::new() }
        })
    }
}

impl Verifier {
    /// For a new password.
    pub fn new(password: &[u8], salt: Vec<u8>, iterations: NonZeroU32) -> Self {
        let (stored_key, server_key) = keys(password, &salt, iterations);
        Self { iterations, salt, stored_key, server_key }
    }

    fn parse(text: &str) -> Option<Self> {
        let (iterations, rest) = text.strip_prefix("SCRAM-SHA-256$")?.split_once(':')?;
        let (salt, keys) = rest.split_once('$')?;
        let (stored_key, server_key) = keys.split_once(':')?;
        let octets = |text: &str| base64_simd::STANDARD.decode_to_vec(text).ok();
        let key = |text: &str| octets(text).filter(|key| key.len() == digest::SHA256_OUTPUT_LEN);
        Some(Self {
            iterations: iterations.parse().ok()?,
            salt: octets(salt).filter(|salt| !salt.is_empty())?,
            stored_key: key(stored_key)?,
            server_key: key(server_key)?,
        })
    }

    /// Whether this is the password. It takes as long for somebody who is not there. NUL, which no password has (RFC 4616
    /// 2), would make no difference at its end.
    pub fn accepts(&self, password: &[u8]) -> bool {
        let (stored_key, _) = keys(password, &self.salt, self.iterations);
        self.is_stored_key(&stored_key) && !password.contains(&0)
    }

    /// Whether a key is the one that is stored.
    pub(super) fn is_stored_key(&self, key: &[u8]) -> bool {
        !self.stored_key.is_empty() && equal_in_constant_time(key, &self.stored_key)
    }

    pub(super) fn iterations(&self) -> NonZeroU32 {
        self.iterations
    }

    pub(super) fn salt_text(&self) -> String {
        base64_simd::STANDARD.encode_to_string(&self.salt)
    }

    pub(super) fn stored_key(&self) -> &[u8] {
        &self.stored_key
    }

    pub(super) fn server_key(&self) -> &[u8] {
        &self.server_key
    }
}

impl std::fmt::Display for Verifier {
    /// As the file has it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |octets: &[u8]| base64_simd::STANDARD.encode_to_string(octets);
        write!(
            f,
            "SCRAM-SHA-256${}:{}${}:{}",
            self.iterations,
            self.salt_text(),
            text(&self.stored_key),
            text(&self.server_key)
        )
    }
}

/// `StoredKey` and `ServerKey` of a password (RFC 5802 3).
fn keys(password: &[u8], salt: &[u8], iterations: NonZeroU32) -> (Vec<u8>, Vec<u8>) {
    let (client_key, server_key) = client_and_server_key(password, salt, iterations);
    (digest::digest(&digest::SHA256, &client_key).as_ref().to_vec(), server_key)
}

/// `ClientKey` and `ServerKey` of a password (RFC 5802 3).
pub(super) fn client_and_server_key(
    password: &[u8],
    salt: &[u8],
    iterations: NonZeroU32,
) -> (Vec<u8>, Vec<u8>) {
    let mut salted = [0; digest::SHA256_OUTPUT_LEN];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password, &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let sign = |what: &[u8]| hmac::sign(&key, what).as_ref().to_vec();
    (sign(b"Client Key"), sign(b"Server Key"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const LINE: &str = "user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
                        WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    /// The user of the example in RFC 7677 3.
    pub(crate) fn users() -> Users {
        Users::parse(&format!("# who may come\n\n{LINE}\n")).unwrap()
    }

    #[test]
    fn a_line_is_made_and_read() {
        let salt = base64_simd::STANDARD.decode_to_vec("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let made = Verifier::new(b"pencil", salt, NonZeroU32::new(4096).unwrap());
        assert_eq!(format!("user:{made}"), LINE);
        assert_eq!(users().verifier("user"), made);
        assert!(made.accepts(b"pencil") && !made.accepts(b"pencils"));
        assert!(!format!("{made:?}").contains("WG5d"));
    }

    #[test]
    fn somebody_unknown_looks_like_somebody_known() {
        let (one, again, other) =
            (users().verifier("nobody"), users().verifier("nobody"), users().verifier("nobody2"));
        assert_eq!(one, again);
        assert_ne!(one.salt_text(), other.salt_text());
        let user = users().verifier("user");
        assert_eq!(one.salt_text().len(), user.salt_text().len());
        assert_eq!(one.iterations(), user.iterations());
        assert!(!one.accepts(b""));
    }

    #[test]
    fn lines_that_are_wrong() {
        for (text, line) in [
            ("x", 1),
            (":SCRAM-SHA-256$1:AA==$AA==:AA==", 1),
            ("# x\nuser:secret\n", 2),
            (&format!("{LINE}\n{LINE}"), 2),
            (&LINE.replace("4096", "0"), 1),
            (&LINE.replace("W22ZaJ0SNY7soEsUEjb6gQ==", ""), 1),
            (&LINE.replace("WG5d", ""), 1),
        ] {
            assert_eq!(Users::parse(text).unwrap_err().line, line, "{text}");
        }
    }
}
