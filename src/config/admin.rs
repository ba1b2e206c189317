//! The operator's interface.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::admin::At;

/// Where the HTTP interface is, and who may use it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Admin {
    /// An address and port, the path of a Unix socket, or `off`; without one it is the socket [`SOCKET`] in the folder of
    /// the queue.
    pub listen: Option<String>,
    /// A file with the token that callers over TCP give; without one only this machine is listened to.
    pub token: Option<PathBuf>,
}

/// What the socket is called unless something else is said.
pub const SOCKET: &str = "x400gw.sock";

/// What turns the interface off.
const OFF: &str = "off";

impl Admin {
    /// Where the interface is; `None` if there is none. `data` is the folder of the queue.
    ///
    /// # Errors
    /// What is written is neither an address nor a path.
    pub fn at(&self, data: &Path) -> Result<Option<At>, String> {
        match self.listen.as_deref() {
            None => Ok(Some(At::Socket(data.join(SOCKET)))),
            Some(OFF) => Ok(None),
            Some(written) => written.parse().map(Some),
        }
    }
}
