//! What is made of files, and made anew when they are read again.

use std::sync::{Arc, PoisonError, RwLock};

use super::Unusable;

/// What was made of files. Cheap to clone; all clones see what is read again. What is made is cheap to clone as well.
#[derive(Debug)]
pub(crate) struct Reread<F, T>(Arc<Inner<F, T>>);

#[derive(Debug)]
struct Inner<F, T> {
    files: F,
    read: fn(&F) -> Result<T, Unusable>,
    made: RwLock<T>,
}

impl<F, T: Clone> Reread<F, T> {
    /// Reads the files.
    ///
    /// # Errors
    /// The first that is not fit to be used.
    pub(crate) fn new(files: F, read: fn(&F) -> Result<T, Unusable>) -> Result<Self, Unusable> {
        let made = RwLock::new(read(&files)?);
        Ok(Self(Arc::new(Inner { files, read, made })))
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// The first that is not fit to be used; what was made before stays in force.
    pub(crate) fn reload(&self) -> Result<(), Unusable> {
        let Inner { files, read, made } = &*self.0;
        let anew = read(files)?;
        *made.write().unwrap_or_else(PoisonError::into_inner) = anew;
        Ok(())
    }

    /// What is in force.
    pub(crate) fn in_force(&self) -> T {
        self.0.made.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<F, T> Clone for Reread<F, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// Of no files.
impl<F: Default, T: Default> Default for Reread<F, T> {
    fn default() -> Self {
        let inner = Inner { files: F::default(), read: |_| Ok(T::default()), made: RwLock::default() };
        Self(Arc::new(inner))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn what_cannot_be_read_again_stays_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("number");
        let read = |file: &PathBuf| {
            let unusable = |what: String| Unusable { file: file.clone(), what };
            let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
            text.parse::<u32>().map_err(|error| unusable(error.to_string()))
        };
        assert!(Reread::new(file.clone(), read).is_err());
        std::fs::write(&file, "1").unwrap();
        let number = Reread::new(file.clone(), read).unwrap();
        let other = number.clone();
        for (text, expected) in [("2", 2), ("none", 2), ("3", 3)] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(number.reload().is_ok(), text != "none");
            assert_eq!([number.in_force(), other.in_force()], [expected; 2], "{text}");
        }
    }
}
