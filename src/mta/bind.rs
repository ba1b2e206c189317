//! The MTA bind: names and passwords, both ways (X.411 12.1.1, ledger A-26, T-33).

use std::net::IpAddr;

use rasn::types::Tag;
use rasn_x400::ber::{self, header::Header};
use rasn_x400::prim::{Ia5String, Null, Octets};
use rasn_x400::rtse::RefuseReason;
use rasn_x400::x411::bind::{
    ARGUMENT, Authenticated, BindError, Credentials, ERROR, MtaBind, RESULT, unwrapped,
};

use super::network::Network;
use super::tls::Rule;
use crate::osi::stack::{Mode, Selectors};
use crate::quirk::Quirks;
use crate::secret::equal_in_constant_time;

/// Octets of a bind that are decoded; names and passwords need a few hundred.
const MAXIMUM_BIND: usize = 16 << 10;

/// A name and a password, and how they are said.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The MTA's name, 1 to 32 characters; without one the bind is NULL.
    pub name: String,
    /// Its password, at most 62 octets; `None` sends an empty one.
    pub password: Option<String>,
    /// How the password travels.
    pub password_form: PasswordForm,
    /// What stands around the bind.
    pub wrapper: Wrapper,
}

/// Which of the two string types of a simple password is sent; either is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordForm {
    /// What the edition has: IA5String in 1984, OCTET STRING since 1988.
    #[default]
    Usual,
    /// IA5String.
    Characters,
    /// OCTET STRING.
    Octets,
}

/// What stands around a bind; peers differ, and every form is understood (T-33).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrapper {
    /// The remote-operations wrapper in normal mode, nothing in X.410-1984 mode.
    #[default]
    Usual,
    /// Nothing.
    Bare,
    /// `[16]` around an argument, `[17]` around a result.
    Wrapped,
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
    /// The calling selectors are not those of the peer.
    #[error("`{0}` calls with selectors that are not its own")]
    WrongSelectors(String),
    /// It names its protocol wrongly, and is held to the standard (Q2).
    #[error("`{0}` names its protocol by another number than the standard")]
    WrongProtocol(String),
    /// The connection comes from an address that is not the peer's.
    #[error("`{0}` does not call from one of its networks")]
    WrongNetwork(String),
    /// Nobody is let in for now.
    #[error("no associations are accepted for now")]
    Closed,
}

/// What a peer is told about a bind that is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// In normal mode: the bind error, in RTORJ, AARE, CPR and RF.
    pub error: BindError,
    /// In X.410-1984 mode: the reason in RTORJ, in RF.
    pub reason: RefuseReason,
    /// Whether trying again is pointless; AARE says so.
    pub permanent: bool,
}

impl Unacceptable {
    /// The name that the peer gave, if it gave one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Undecodable(_) | Self::Anonymous | Self::Closed => None,
            Self::UnknownName(name)
            | Self::WrongPassword(name)
            | Self::StrongCredentials(name)
            | Self::WrongSelectors(name)
            | Self::WrongProtocol(name)
            | Self::WrongNetwork(name) => Some(name),
        }
    }

    /// What the peer is told: never which of name, password and address was wrong.
    #[must_use]
    pub const fn answer(&self) -> Answer {
        match self {
            Self::Closed => {
                Answer { error: BindError::BUSY, reason: RefuseReason::RTS_BUSY, permanent: false }
            }
            Self::Undecodable(_)
            | Self::Anonymous
            | Self::UnknownName(_)
            | Self::WrongPassword(_)
            | Self::StrongCredentials(_)
            | Self::WrongSelectors(_)
            | Self::WrongProtocol(_)
            | Self::WrongNetwork(_) => Answer {
                error: BindError::AUTHENTICATION_ERROR,
                reason: RefuseReason::VALIDATION_FAILURE,
                permanent: true,
            },
        }
    }
}

/// Whom a responder lets in, and whom an initiator expects to find.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The peers.
    pub known: Vec<Known>,
    /// Whether an unknown name, or none, is accepted too. For laboratories.
    pub anyone: bool,
}

/// A peer that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Its MTA name. Without one it is known by where it calls from, whatever name it gives, or none.
    pub name: String,
    /// Its password; without one any is right.
    pub password: Option<Password>,
    /// The selectors it calls with; an empty one is not looked at.
    pub calling: Selectors,
    /// Where it calls from; without any, from anywhere.
    pub networks: Vec<Network>,
    /// Whether it must call over TLS, and with which certificate. Looked at before the bind, by the listener.
    pub admission: Rule,
    /// Who we say we are to this peer, if not who we are to everybody.
    pub identity: Option<Identity>,
    /// How its oddities are dealt with.
    pub quirks: Quirks,
}

impl Known {
    /// A peer of which only the name is known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether a caller without a name can be told apart by where it calls from.
    #[must_use]
    pub fn is_known_by_address(&self) -> bool {
        !self.networks.is_empty() || self.calling != Selectors::default()
    }

    fn calls_from(&self, caller: Option<Caller<'_>>) -> Result<(), Unacceptable> {
        let Some(Caller { from, selectors }) = caller else { return Ok(()) };
        let fits = |expected: &[u8], given: &[u8]| expected.is_empty() || expected == given;
        let own = &self.calling;
        if !fits(&own.transport, &selectors.transport)
            || !fits(&own.session, &selectors.session)
            || !fits(&own.presentation, &selectors.presentation)
        {
            return Err(Unacceptable::WrongSelectors(self.name.clone()));
        }
        let inside = |network: &Network| from.is_some_and(|address| network.contains(address));
        match self.networks.is_empty() || self.networks.iter().any(inside) {
            true => Ok(()),
            false => Err(Unacceptable::WrongNetwork(self.name.clone())),
        }
    }

    fn has_password(&self, credentials: &Credentials) -> Result<(), Unacceptable> {
        let Some(Password(expected)) = &self.password else { return Ok(()) };
        match credentials.password() {
            None => Err(Unacceptable::StrongCredentials(self.name.clone())),
            Some(given) if equal_in_constant_time(given, expected.as_bytes()) => Ok(()),
            Some(_) => Err(Unacceptable::WrongPassword(self.name.clone())),
        }
    }
}

/// Where a bind comes from.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The address of the TCP connection.
    pub from: Option<IpAddr>,
    /// What each layer says about the initiator.
    pub selectors: &'a Selectors,
}

/// A peer that may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome<'a> {
    /// Its name; empty for an accepted anonymous bind.
    pub name: String,
    /// What is known of it.
    pub known: Option<&'a Known>,
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
    /// Who it is, if it may pass. An initiator, who called the peer itself, has no caller to look at.
    ///
    /// # Errors
    /// See [`Unacceptable`]. Of several peers with one name the first that fits is meant.
    pub fn check(&self, octets: &[u8], caller: Option<Caller<'_>>) -> Result<Welcome<'_>, Unacceptable> {
        let bind: MtaBind = ber::decode(unwrapped(octets), MAXIMUM_BIND)?;
        let MtaBind::Authenticated(Authenticated { name, credentials, .. }) = bind else {
            return self.check_address(caller).ok_or(Unacceptable::Anonymous);
        };
        let name = name.to_text().into_owned();
        let mut problem = None;
        for known in self.known.iter().filter(|known| !name.is_empty() && known.name == name) {
            match known.has_password(&credentials).and_then(|()| known.calls_from(caller)) {
                Ok(()) => return Ok(Welcome { name, known: Some(known) }),
                Err(unacceptable) => drop(problem.get_or_insert(unacceptable)),
            }
        }
        match problem {
            Some(unacceptable) => Err(unacceptable),
            None => match self.check_address(caller) {
                Some(welcome) => Ok(Welcome { name, ..welcome }),
                None => Err(Unacceptable::UnknownName(name)),
            },
        }
    }

    /// How the oddities of a peer that is not let in are dealt with.
    #[must_use]
    pub fn quirks_of(&self, refused: &Unacceptable) -> Quirks {
        let named = |known: &&Known| Some(known.name.as_str()) == refused.name();
        self.known.iter().find(named).map(|known| known.quirks).unwrap_or_default()
    }

    /// Who calls from there, where no name says so.
    fn check_address(&self, caller: Option<Caller<'_>>) -> Option<Welcome<'_>> {
        let fits = |known: &&Known| {
            known.name.is_empty()
                && (caller.is_none() || known.is_known_by_address())
                && known.calls_from(caller).is_ok()
        };
        let known = self.known.iter().find(fits);
        (known.is_some() || self.anyone).then_some(Welcome { name: String::new(), known })
    }
}

/// The bind argument.
#[must_use]
pub fn argument(identity: &Identity, mode: Mode) -> Vec<u8> {
    wrapped(ARGUMENT, identity.wrapper, mode, encoded(identity, mode))
}

/// The bind result.
#[must_use]
pub fn result(identity: &Identity, mode: Mode) -> Vec<u8> {
    wrapped(RESULT, identity.wrapper, mode, encoded(identity, mode))
}

/// The bind error. Only normal mode has one; there it is wrapped, but for peers that want it bare (Q7).
#[must_use]
pub fn error(error: BindError, bare: bool) -> Vec<u8> {
    let wrapper = if bare { Wrapper::Bare } else { Wrapper::Wrapped };
    wrapped(ERROR, wrapper, Mode::MtsTransfer, ber::encode(&error).unwrap_or_default())
}

/// The error a peer answered with, if it can be read: wrapped, or bare where that is tolerated.
#[must_use]
pub fn read_error(octets: &[u8], bare: bool) -> Option<BindError> {
    let inside = unwrapped(octets);
    (bare || inside.len() < octets.len()).then(|| ber::decode(inside, MAXIMUM_BIND).ok()).flatten()
}

fn encoded(identity: &Identity, mode: Mode) -> Vec<u8> {
    let password = identity.password.as_deref().unwrap_or_default();
    let characters = match identity.password_form {
        PasswordForm::Usual => mode.is_1984(),
        PasswordForm::Characters => true,
        PasswordForm::Octets => false,
    };
    let credentials = match characters {
        true => Credentials::SimpleCharacters(Ia5String::from(password)),
        false => Credentials::SimpleOctets(Octets::from(password.as_bytes())),
    };
    let bind = match identity.name.is_empty() {
        // P1 of 1984 tags it.
        true if mode.is_1984() => MtaBind::UnauthenticatedTagged(Null),
        true => MtaBind::Unauthenticated(Null),
        false => MtaBind::Authenticated(Authenticated {
            name: identity.name.as_str().into(),
            credentials,
            security_context: None,
            unknown: Vec::new(),
        }),
    };
    ber::encode(&bind).unwrap_or_default()
}

fn wrapped(tag: Tag, wrapper: Wrapper, mode: Mode, element: Vec<u8>) -> Vec<u8> {
    let wraps = match wrapper {
        Wrapper::Usual => !mode.is_x410(),
        Wrapper::Bare => false,
        Wrapper::Wrapped => true,
    };
    if !wraps {
        return element;
    }
    let mut octets = Vec::with_capacity(element.len() + 4);
    Header::write(tag, true, element.len(), &mut octets);
    octets.extend_from_slice(&element);
    octets
}

#[cfg(test)]
mod tests;
