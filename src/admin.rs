//! The operator's HTTP interface: what a running gateway says of itself, and what it is told.
//!
//! 1. `listen` binds what `[admin]` names: a Unix socket that only its owner can use, or a loopback address.
//! 2. `guard` lets in: whoever can open the socket; over TCP whoever knows the token, or, without one, programs of this
//!    machine, and no web page in a browser on it.
//! 3. `router` has the paths, all below `/v1`, and their limits. Bodies are JSON both ways; what fails has `error`, a
//!    sentence, and what there is to show besides. Each group of paths has a module: `rules`, `map`, `explain`, `queue`,
//!    `track`, `gateway`, `messages`; `metrics` is beside them, for programs that watch.
//! 4. [`client`] is the other end, for commands.
//!
//! The handlers call what commands call without a gateway, with the rules in force.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

pub mod client;

mod explain;
mod gateway;
mod guard;
mod listen;
mod map;
mod messages;
mod metrics;
pub(crate) mod query;
mod queue;
mod received;
mod router;
mod rules;
mod shown;
mod track;

#[cfg(test)]
mod tests;

pub(crate) use listen::{Listener, bind};
pub(crate) use router::{Gateway, router};

/// Where the interface is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// A Unix socket.
    Socket(PathBuf),
    /// An address and a port.
    Tcp(SocketAddr),
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Socket(path) => path.display().fmt(f),
            Self::Tcp(address) => address.fmt(f),
        }
    }
}

impl std::str::FromStr for At {
    type Err = String;

    /// An IP address with a port, or else a path; a name without a `/` is one if it ends in `.sock`.
    fn from_str(written: &str) -> Result<Self, String> {
        match written.parse() {
            Ok(address) => Ok(Self::Tcp(address)),
            Err(_) if written.contains('/') || written.ends_with(".sock") => Ok(Self::Socket(written.into())),
            Err(_) => {
                Err(format!("`{written}` is neither an IP address with a port nor the path of a socket"))
            }
        }
    }
}

/// A secret that a caller over TCP gives.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Octets that a token has at least, so that it is not guessed.
    const SHORTEST: usize = 16;

    /// The token in the text of a file: all of it but white space around it.
    ///
    /// # Errors
    /// It is too short, or has characters that no header field has.
    pub fn parse(text: &str) -> io::Result<Self> {
        let token = text.trim();
        let bad = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        if token.len() < Self::SHORTEST {
            return bad("a token has at least 16 characters");
        }
        if !token.bytes().all(|octet| octet.is_ascii_graphic()) {
            return bad("a token has visible ASCII characters and no spaces");
        }
        Ok(Self(token.to_owned()))
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

/// What the clock says.
#[expect(clippy::disallowed_methods, reason = "shell: how old things are, and what is due")]
fn now() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}
