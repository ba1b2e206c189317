//! SCRAM-SHA-256 (RFC 5802, RFC 7677): [`Scram`] is the side of the server, [`Proof`] the cryptography of the other.

use std::num::NonZeroU32;

use ring::{digest, hmac};

use super::users::{Users, Verifier, client_and_server_key};

/// An exchange in which the client has said its name, and has to prove it.
#[derive(Debug)]
pub struct Scram {
    name: String,
    verifier: Verifier,
    /// The header of GS2 as the client sent it.
    header: String,
    /// Both parts of the nonce.
    nonce: String,
    /// `client-first-message-bare` and `server-first-message`, as `AuthMessage` has them.
    so_far: String,
}

/// A proof that is good.
pub struct Step {
    /// Whose it is.
    pub name: String,
    /// `server-final-message`.
    pub signature: Vec<u8>,
}

const NO_SCRAM: &str = "no SCRAM";

impl Scram {
    /// Reads `client-first-message`; gives `server-first-message` as well. Somebody unknown gets one, too.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn first(message: &[u8], nonce: &str, users: &Users) -> Result<(Self, Vec<u8>), &'static str> {
        let text = std::str::from_utf8(message).map_err(|_| NO_SCRAM)?;
        let mut header = text.splitn(3, ',');
        let (Some(binding), Some(acts_for), Some(bare)) = (header.next(), header.next(), header.next())
        else {
            return Err(NO_SCRAM);
        };
        match binding {
            "n" | "y" => {}
            _ if binding.starts_with("p=") => return Err("channel binding is not offered"),
            _ => return Err(NO_SCRAM),
        }
        let mut attributes = bare.split(',');
        let mut attribute = |key: &str| attributes.next().and_then(|text| text.strip_prefix(key));
        if bare.starts_with("m=") {
            return Err("an extension that must be known");
        }
        let name = attribute("n=").and_then(saslname).ok_or(NO_SCRAM)?;
        let client_nonce = attribute("r=").filter(|nonce| !nonce.is_empty()).ok_or(NO_SCRAM)?;
        match acts_for.strip_prefix("a=") {
            None if acts_for.is_empty() => {}
            Some(other) if saslname(other).as_deref() == Some(name.as_str()) => {}
            _ => return Err("nobody may act for somebody else"),
        }
        let verifier = users.verifier(&name);
        let nonce = format!("{client_nonce}{nonce}");
        let challenge = format!("r={nonce},s={},i={}", verifier.salt_text(), verifier.iterations());
        let header = format!("{binding},{acts_for},");
        let so_far = format!("{bare},{challenge}");
        Ok((Self { name, verifier, header, nonce, so_far }, challenge.into_bytes()))
    }

    /// Reads `client-final-message` and checks the proof in it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn proof(self, message: &[u8]) -> Result<Step, &'static str> {
        let text = std::str::from_utf8(message).map_err(|_| NO_SCRAM)?;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(NO_SCRAM)?;
        let proof = base64_simd::STANDARD.decode_to_vec(proof).map_err(|_| NO_SCRAM)?;
        let mut attributes = without_proof.split(',');
        let mut attribute = |key: &str| attributes.next().and_then(|text| text.strip_prefix(key));
        let binding = attribute("c=").ok_or(NO_SCRAM)?;
        if base64_simd::STANDARD.decode_to_vec(binding).ok().as_deref() != Some(self.header.as_bytes()) {
            return Err("another channel binding");
        }
        if attribute("r=").ok_or(NO_SCRAM)? != self.nonce {
            return Err("another nonce");
        }
        let message = format!("{},{without_proof}", self.so_far);
        let sign = |key: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
        let signature = sign(self.verifier.stored_key());
        let client_key: Vec<u8> =
            proof.iter().zip(signature.as_ref()).map(|(one, other)| one ^ other).collect();
        let stored_key = digest::digest(&digest::SHA256, &client_key);
        if proof.len() != signature.as_ref().len() || !self.verifier.is_stored_key(stored_key.as_ref()) {
            return Err("no such name and password");
        }
        let signature = base64_simd::STANDARD.encode_to_string(sign(self.verifier.server_key()));
        Ok(Step { name: self.name, signature: format!("v={signature}").into_bytes() })
    }
}

/// What a client has proved, and the server has to prove in turn.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    server_signature: Vec<u8>,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("what the server has to prove")
    }
}

impl Proof {
    /// `message` is `AuthMessage`; gives `ClientProof` as text as well (RFC 5802 3).
    pub(super) fn new(
        password: &[u8],
        salt: &[u8],
        iterations: NonZeroU32,
        message: &[u8],
    ) -> (Self, String) {
        let (client_key, server_key) = client_and_server_key(password, salt, iterations);
        let stored_key = digest::digest(&digest::SHA256, &client_key);
        let sign = |key: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message);
        let signature = sign(stored_key.as_ref());
        let proof: Vec<u8> =
            client_key.iter().zip(signature.as_ref()).map(|(one, other)| one ^ other).collect();
        let server_signature = sign(&server_key).as_ref().to_vec();
        (Self { server_signature }, base64_simd::STANDARD.encode_to_string(proof))
    }

    /// Whether `server-final-message` comes from somebody who knows the keys.
    pub(super) fn is_met_by(&self, message: &[u8]) -> bool {
        let text = std::str::from_utf8(message).unwrap_or_default();
        let signature = text.split(',').next().and_then(|text| text.strip_prefix("v="));
        let signature = signature.and_then(|text| base64_simd::STANDARD.decode_to_vec(text).ok());
        signature.as_ref() == Some(&self.server_signature)
    }
}

/// A name as written in SCRAM: `=2C` is a comma, `=3D` an equals sign, and there are no others.
fn saslname(text: &str) -> Option<String> {
    let name = text.replace("=2C", ",").replace("=3D", "=");
    let escapes = text.matches("=2C").count() + text.matches("=3D").count();
    (!text.is_empty() && text.matches('=').count() == escapes).then_some(name)
}
