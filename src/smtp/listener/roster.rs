//! The file of users: read at start, and again when told to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::mta::tls::{Reread, Unusable};
use crate::smtp::sasl::users::Users;

/// Users who may authenticate. Cheap to clone; all clones see what is read again.
#[derive(Clone, Debug)]
pub struct Roster(Reread<PathBuf, Arc<Users>>);

impl Roster {
    /// Reads a file, in the form of [`Users::parse`].
    ///
    /// # Errors
    /// The file is not fit to be used.
    pub fn new(file: PathBuf) -> Result<Self, Unusable> {
        Reread::new(file, |file| read(file).map(Arc::new)).map(Self)
    }

    /// Reads the file again, for the attempts that follow.
    ///
    /// # Errors
    /// The file is not fit to be used; the old users stay in force.
    pub fn reload(&self) -> Result<(), Unusable> {
        self.0.reload()
    }

    /// Those in force.
    #[must_use]
    pub fn users(&self) -> Arc<Users> {
        self.0.in_force()
    }
}

fn read(file: &Path) -> Result<Users, Unusable> {
    let unusable = |what: &dyn std::fmt::Display| Unusable { file: file.into(), what: what.to_string() };
    let text = std::fs::read_to_string(file).map_err(|error| unusable(&error))?;
    Users::parse(&text).map_err(|error| unusable(&error))
}
