//! The file of users: read at start, and again when told to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::mta::tls::Unusable;
use crate::smtp::sasl::users::Users;

/// Users who may authenticate. Cheap to clone; all clones see what is read again.
#[derive(Clone, Debug)]
pub struct Roster(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    users: RwLock<Arc<Users>>,
}

impl Roster {
    /// Reads a file, in the form of [`Users::parse`].
    ///
    /// # Errors
    /// The file is not fit to be used.
    pub fn new(file: PathBuf) -> Result<Self, Unusable> {
        let users = RwLock::new(Arc::new(read(&file)?));
        Ok(Self(Arc::new(Inner { file, users })))
    }

    /// Reads the file again, for the attempts that follow.
    ///
    /// # Errors
    /// The file is not fit to be used; the old users stay in force.
    pub fn reload(&self) -> Result<(), Unusable> {
        let users = Arc::new(read(&self.0.file)?);
        *self.0.users.write().unwrap_or_else(PoisonError::into_inner) = users;
        Ok(())
    }

    /// Those in force.
    pub fn users(&self) -> Arc<Users> {
        Arc::clone(&self.0.users.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(file: &Path) -> Result<Users, Unusable> {
    let unusable = |what: &dyn std::fmt::Display| Unusable { file: file.into(), what: what.to_string() };
    let text = std::fs::read_to_string(file).map_err(|error| unusable(&error))?;
    Users::parse(&text).map_err(|error| unusable(&error))
}
