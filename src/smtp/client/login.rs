//! Who we are to the servers that want to know: names, and passwords in files.
//!
//! Files are read by [`Logins::new`], and again when told to; a file that is not fit to be used then leaves the old ones in force.
#![expect(clippy::disallowed_methods, reason = "shell: reads files, draws random numbers")]

use std::path::PathBuf;
use std::sync::Arc;

use super::hosts::Server;
use crate::mta::tls::{Reread, Unusable};
use crate::smtp::sasl::client::Login;
use crate::smtp::sasl::{Mechanism, Secret};

/// Octets of our part of the nonce of SCRAM, before they are written as text.
const NONCE: usize = 18;

/// Who we are to one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginFile {
    /// The server.
    pub server: Server,
    /// The name.
    pub user: String,
    /// The file of the password; the end of its last line is no part of it.
    pub password: PathBuf,
    /// The ways in which it may be said, the best first.
    pub mechanisms: Vec<Mechanism>,
    /// Whether it may be said without TLS, or under one with any certificate.
    pub in_the_clear: bool,
}

/// All of them, each with its password. Cheap to clone; all clones see what is read again.
#[derive(Debug, Clone, Default)]
pub struct Logins(Reread<Vec<LoginFile>, Arc<[(LoginFile, Secret)]>>);

impl Logins {
    /// Reads the passwords.
    ///
    /// # Errors
    /// The first file that is not fit to be used.
    pub fn new(files: Vec<LoginFile>) -> Result<Self, Unusable> {
        Reread::new(files, |files| files.iter().map(with_password).collect()).map(Self)
    }

    /// Reads the passwords again, for the sessions that follow.
    ///
    /// # Errors
    /// The first file that is not fit to be used; the old passwords stay in force.
    pub fn reload(&self) -> Result<(), Unusable> {
        self.0.reload()
    }

    /// Who we are to this server, for one session, and whether that may be said in the clear; `None` if it does not want to know.
    ///
    /// # Errors
    /// There are no random numbers.
    pub(super) fn of(&self, server: &Server) -> Result<Option<(Login, bool)>, String> {
        let logins = self.0.in_force();
        let Some((file, password)) = logins.iter().find(|(file, _)| file.server == *server) else {
            return Ok(None);
        };
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| format!("no random numbers: {error}"))?;
        let login = Login {
            user: file.user.clone(),
            password: password.clone(),
            mechanisms: file.mechanisms.clone(),
            nonce: base64_simd::STANDARD.encode_to_string(nonce),
        };
        Ok(Some((login, file.in_the_clear)))
    }
}

fn with_password(login: &LoginFile) -> Result<(LoginFile, Secret), Unusable> {
    let file = &login.password;
    let unusable = |what: String| Unusable { file: file.clone(), what };
    let mut octets = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
    if octets.last() == Some(&b'\n') {
        octets.pop();
        if octets.last() == Some(&b'\r') {
            octets.pop();
        }
    }
    // RFC 4616 2: NUL parts the name from the password.
    match octets.is_empty() || octets.contains(&0) {
        true => Err(unusable("expected a password, which is not empty and has no NUL".into())),
        false => Ok((login.clone(), Secret(octets))),
    }
}
