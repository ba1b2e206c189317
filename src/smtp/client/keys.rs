//! The keys that mails are signed with, out of files.
//!
//! Files are read by [`Keys::new`], and again when told to; a file that is not fit to be used then leaves the old ones in force.
#![expect(clippy::disallowed_methods, reason = "shell: reads files")]

use std::path::PathBuf;
use std::sync::Arc;

use super::dkim::{Key, Signer};
use crate::mta::tls::{Reread, Unusable};

/// The key of one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// The domain, for whose authors and those below it mails are signed.
    pub domain: String,
    /// What names the key in that domain.
    pub selector: String,
    /// The file of the private key, as PEM.
    pub key: PathBuf,
    /// Peers that are believed about authors whom no rule knows.
    pub peers: Vec<String>,
}

/// All of them. Cheap to clone; all clones see what is read again.
#[derive(Debug, Clone, Default)]
pub struct Keys(Reread<Vec<KeyFile>, Arc<[Signer]>>);

impl Keys {
    /// Reads the keys.
    ///
    /// # Errors
    /// The first file that is not fit to be used.
    pub fn new(files: Vec<KeyFile>) -> Result<Self, Unusable> {
        Reread::new(files, |files| files.iter().map(signer).collect()).map(Self)
    }

    /// Reads the keys again, for the mails that follow.
    ///
    /// # Errors
    /// The first file that is not fit to be used; the old keys stay in force.
    pub fn reload(&self) -> Result<(), Unusable> {
        self.0.reload()
    }

    /// Those in force.
    #[must_use]
    pub fn signers(&self) -> Arc<[Signer]> {
        self.0.in_force()
    }
}

fn signer(file: &KeyFile) -> Result<Signer, Unusable> {
    let unusable = |what: String| Unusable { file: file.key.clone(), what };
    let pem = std::fs::read(&file.key).map_err(|error| unusable(error.to_string()))?;
    let key = Key::from_pem(&pem).map_err(unusable)?;
    let KeyFile { domain, selector, peers, .. } = file.clone();
    Ok(Signer { domain: domain.to_ascii_lowercase(), selector, key, peers })
}
