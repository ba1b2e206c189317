//! The MTA bind: names and passwords, both ways (X.411 12.1.1, ledger A-26, T-33).

use rasn::types::Tag;
use rasn_x400::ber::{self, header::Header};
use rasn_x400::prim::{Ia5String, Null, Octets};
use rasn_x400::x411::bind::{
    ARGUMENT, Authenticated, BindError, Credentials, ERROR, MtaBind, RESULT, unwrapped,
};

/// Octets of a bind that are decoded; names and passwords need a few hundred.
const MAXIMUM_BIND: usize = 16 << 10;

/// A name and a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The MTA's name, 1 to 32 characters.
    pub name: String,
    /// Its password, at most 62 octets; `None` sends an empty one.
    pub password: Option<String>,
    /// How the password travels.
    pub password_form: PasswordForm,
}

/// Which of the two string types of a simple password is sent; either is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordForm {
    /// IA5String.
    Characters,
    /// OCTET STRING, which 1988 peers use.
    #[default]
    Octets,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?}, password hidden)", self.name)
    }
}

/// Why a bind is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// The octets are not a bind.
    #[error("the bind does not decode: {0}")]
    Undecodable(#[from] ber::Error),
    /// No name was given where one is wanted.
    #[error("the peer gave no name, and one is wanted")]
    Anonymous,
    /// The name is not one we know.
    #[error("the name `{0}` is not known")]
    UnknownName(String),
    /// The password is wrong.
    #[error("the password of `{0}` is wrong")]
    WrongPassword(String),
    /// Credentials we cannot check.
    #[error("`{0}` offers strong credentials, which are not supported")]
    StrongCredentials(String),
}

impl Unacceptable {
    /// What the peer is told: never which of name and password was wrong.
    #[must_use]
    pub const fn error(&self) -> BindError {
        BindError::AUTHENTICATION_ERROR
    }
}

/// Whom a responder lets in, and whom an initiator expects to find.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Names with their passwords; without a password any is right.
    pub known: Vec<(String, Option<Password>)>,
    /// Whether an unknown name, or none, is accepted too. For laboratories.
    pub anyone: bool,
}

/// A password that does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hidden")
    }
}

impl Trust {
    /// The peer's name if it may pass; an empty name for an accepted anonymous bind.
    ///
    /// # Errors
    /// See [`Unacceptable`].
    pub fn check(&self, octets: &[u8]) -> Result<String, Unacceptable> {
        let bind: MtaBind = ber::decode(unwrapped(octets), MAXIMUM_BIND)?;
        let MtaBind::Authenticated(Authenticated { name, credentials, .. }) = bind else {
            return if self.anyone { Ok(String::new()) } else { Err(Unacceptable::Anonymous) };
        };
        let name = name.to_text().into_owned();
        match self.known.iter().find(|(known, _)| *known == name) {
            None if self.anyone => Ok(name),
            None => Err(Unacceptable::UnknownName(name)),
            Some((_, None)) => Ok(name),
            Some((_, Some(Password(expected)))) => match credentials.password() {
                None => Err(Unacceptable::StrongCredentials(name)),
                Some(given) if equal_in_constant_time(given, expected.as_bytes()) => Ok(name),
                Some(_) => Err(Unacceptable::WrongPassword(name)),
            },
        }
    }
}

/// Whether two secrets are equal, without saying by the time it takes where they differ.
fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// The bind argument, in the remote-operations wrapper that normal mode has (T-33).
#[must_use]
pub fn argument(identity: &Identity) -> Vec<u8> {
    wrapped(ARGUMENT, &encoded(identity))
}

/// The bind result.
#[must_use]
pub fn result(identity: &Identity) -> Vec<u8> {
    wrapped(RESULT, &encoded(identity))
}

/// The bind error.
#[must_use]
pub fn error(error: BindError) -> Vec<u8> {
    wrapped(ERROR, &ber::encode(&error).unwrap_or_default())
}

/// The error a peer answered with, wrapped or bare, if it can be read.
#[must_use]
pub fn read_error(octets: &[u8]) -> Option<BindError> {
    ber::decode(unwrapped(octets), MAXIMUM_BIND).ok()
}

fn encoded(identity: &Identity) -> Vec<u8> {
    let password = identity.password.as_deref().unwrap_or_default();
    let credentials = match identity.password_form {
        PasswordForm::Characters => Credentials::SimpleCharacters(Ia5String::from(password)),
        PasswordForm::Octets => Credentials::SimpleOctets(Octets::from(password.as_bytes())),
    };
    let bind = if identity.name.is_empty() {
        MtaBind::Unauthenticated(Null)
    } else {
        MtaBind::Authenticated(Authenticated {
            name: identity.name.as_str().into(),
            credentials,
            security_context: None,
            unknown: Vec::new(),
        })
    };
    ber::encode(&bind).unwrap_or_default()
}

fn wrapped(tag: Tag, element: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(element.len() + 4);
    Header::write(tag, true, element.len(), &mut octets);
    octets.extend_from_slice(element);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str, password: &str) -> Identity {
        Identity {
            name: name.into(),
            password: Some(password.into()),
            password_form: PasswordForm::Characters,
        }
    }

    #[test]
    fn who_may_pass() {
        let trust = Trust {
            known: vec![("mta-a".into(), Some(Password("secret".into()))), ("mta-b".into(), None)],
            anyone: false,
        };
        for (name, password, expected) in [
            ("mta-a", "secret", Ok("mta-a")),
            ("mta-b", "whatever", Ok("mta-b")),
            ("mta-a", "wrong", Err(Unacceptable::WrongPassword("mta-a".into()))),
            ("mta-a", "secret2", Err(Unacceptable::WrongPassword("mta-a".into()))),
            ("mta-c", "secret", Err(Unacceptable::UnknownName("mta-c".into()))),
            ("", "", Err(Unacceptable::Anonymous)),
        ] {
            let argument = argument(&identity(name, password));
            assert_eq!(trust.check(&argument), expected.map(String::from), "{name}");
        }
        let laboratory = Trust { anyone: true, ..trust };
        assert_eq!(laboratory.check(&argument(&identity("mta-c", ""))), Ok("mta-c".into()));
        assert_eq!(laboratory.check(&[0xb0, 2, 5, 0]), Ok(String::new()));
        assert!(matches!(laboratory.check(&[0xb0, 2, 5]), Err(Unacceptable::Undecodable(_))));
    }

    /// the ledger's octets, inside the argument wrapper of T-33.
    #[test]
    fn the_argument_on_the_wire() {
        assert_eq!(
            argument(&identity("mta-gw1", "secret")),
            b"\xb0\x15\xa1\x13\x80\x07mta-gw1\xa1\x08\x16\x06secret"
        );
        let refusal = error(BindError::AUTHENTICATION_ERROR);
        assert_eq!(refusal, [0xb2, 3, 2, 1, 2]);
        assert_eq!(read_error(&refusal), Some(BindError::AUTHENTICATION_ERROR));
        assert_eq!(
            read_error(&[2, 1, 2]),
            Some(BindError::AUTHENTICATION_ERROR),
            "bare, as ISODE-based peers send it"
        );
    }
}
