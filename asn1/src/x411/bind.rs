//! The MTA bind: how two MTAs introduce themselves (X.411 12.1.1, ledger A-26 and T-33).

use super::security::{Certificates, SecurityContext, Token};
use crate::prim::{Ia5String, Null, Octets, RawTlv};

crate::asn_choice! {
    /// Argument and result of the bind.
    ///
    /// ```asn
    /// MTABindArgument ::= CHOICE { unauthenticated NULL, authenticated [1] SET {...} }
    /// ```
    pub enum MtaBind {
        /// No names, no passwords.
        Unauthenticated(Null) = bare,
        /// Some 1980s peers tag the NULL.
        UnauthenticatedTagged(Null) = imp(0),
        /// A name with credentials.
        Authenticated(Authenticated) = imp(1),
    }
}

crate::asn_set! {
    /// Who an MTA says it is, and how it proves that.
    pub struct Authenticated {
        /// The initiator's or responder's name, 1 to 32 characters.
        name: Ia5String = imp(0) req,
        /// A password, or something stronger.
        credentials: Credentials = exp(1) req,
        /// Security labels this association may carry; in an argument only.
        security_context: SecurityContext = imp(2) opt,
    }
}

crate::asn_choice! {
    /// How an MTA proves its name.
    pub enum Credentials {
        /// A password in characters, at most 62.
        SimpleCharacters(Ia5String) = bare,
        /// A password in octets, at most 62.
        SimpleOctets(Octets) = bare,
        /// A token with certificates.
        Strong(StrongCredentials) = imp(0),
    }
}

crate::asn_set! {
    /// A proof of an MTA's name by a signature.
    pub struct StrongCredentials default {
        /// The token, signed for this peer.
        bind_token: Token = imp(0) opt,
        /// The certificate of whoever signed it.
        certificate: Certificates = imp(1) opt,
        /// Which certificate to use, an assertion of X.509: its members as they came.
        certificate_selector: Vec<RawTlv> = imp(2) opt,
    }
}

impl Credentials {
    /// The password, if this is one.
    #[must_use]
    pub fn password(&self) -> Option<&[u8]> {
        match self {
            Self::SimpleCharacters(password) => Some(password.as_bytes()),
            Self::SimpleOctets(password) => Some(&password.0),
            Self::Strong(_) | Self::Unknown(_) => None,
        }
    }
}

crate::open_enum! {
    /// Why a bind is refused.
    pub struct BindError: INTEGER {
        /// Not now.
        BUSY = 0 => "busy",
        /// Name or credentials are wrong.
        AUTHENTICATION_ERROR = 2 => "authentication-error",
        /// Monologue or two-way alternate, and the responder wants the other.
        UNACCEPTABLE_DIALOGUE_MODE = 3 => "unacceptable-dialogue-mode",
        /// The security context is not one of the responder's.
        UNACCEPTABLE_SECURITY_CONTEXT = 4 => "unacceptable-security-context",
        /// The association is not confidential enough.
        INADEQUATE_ASSOCIATION_CONFIDENTIALITY = 5 => "inadequate-association-confidentiality",
    }
}

/// Tag of a bind argument in the remote-operations notation.
pub const ARGUMENT: rasn::types::Tag = rasn::types::Tag::new_context(16);
/// Tag of a bind result.
pub const RESULT: rasn::types::Tag = rasn::types::Tag::new_context(17);
/// Tag of a bind error.
pub const ERROR: rasn::types::Tag = rasn::types::Tag::new_context(18);

/// Takes the remote-operations wrapper off a bind argument, result or error. Peers differ in whether they write one, and
/// in which (T-33), so every form is accepted, and the element inside is returned.
#[must_use]
pub fn unwrapped(octets: &[u8]) -> &[u8] {
    match crate::ber::header::Header::read(octets) {
        Ok(header) if header.constructed && [ARGUMENT, RESULT, ERROR].contains(&header.tag) => {
            let end = match header.length {
                Some(length) => header.size.saturating_add(length).min(octets.len()),
                None => octets.len().saturating_sub(2).max(header.size),
            };
            &octets[header.size..end]
        }
        _ => octets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber;

    /// Ledger A-26: name mta-gw1, password secret.
    const LEDGER: &[u8] = b"\xa1\x13\x80\x07mta-gw1\xa1\x08\x16\x06secret";

    #[test]
    fn a_bind_is_read_bare_and_wrapped() {
        let mut wrapped = vec![0xb0, 0x15];
        wrapped.extend_from_slice(LEDGER);
        for octets in [LEDGER, &wrapped] {
            let MtaBind::Authenticated(bind) = ber::decode(unwrapped(octets), 100).unwrap() else {
                panic!("not authenticated");
            };
            assert_eq!(bind.name, Ia5String::from("mta-gw1"));
            assert_eq!(bind.credentials.password(), Some(&b"secret"[..]));
            assert_eq!(ber::encode(&MtaBind::Authenticated(bind)).unwrap(), LEDGER);
        }
        assert_eq!(
            ber::decode::<MtaBind>(unwrapped(&[0xb0, 2, 5, 0]), 100),
            Ok(MtaBind::Unauthenticated(Null))
        );
    }
}
