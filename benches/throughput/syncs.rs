//! How often the programs under test have data written to disk: see `syncs.c`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::preload::library;

/// The count of one program and its children.
pub(crate) struct Syncs {
    count: PathBuf,
    delay: u32,
}

impl Syncs {
    /// A count in a folder that every user may look into; each sync takes so many milliseconds longer.
    pub(crate) fn new(folder: &Path, delay: u32) -> Self {
        let count = folder.join("syncs");
        std::fs::write(&count, 0_u64.to_ne_bytes()).unwrap();
        // Postfix counts as a user of its own.
        std::fs::set_permissions(&count, std::fs::Permissions::from_mode(0o666)).unwrap();
        Self { count, delay }
    }

    /// For the environment of the program.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", library("benches/throughput/syncs.c")),
            ("SYNCS_COUNT", self.count.to_string_lossy().into_owned()),
            ("SYNCS_DELAY", self.delay.to_string()),
        ]
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        u64::from_ne_bytes(std::fs::read(&self.count).unwrap().try_into().unwrap())
    }
}
