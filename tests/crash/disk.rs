//! A disk that counts what is written, ends the program at one of these steps, or fails: see `disk.c`.

use crate::preload::library;
use crate::program::Folder;

/// What the disk does to a program that is started with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    /// It only counts.
    None,
    /// This step, from 1, is not done any more.
    Before(u64),
    /// Half of this step is done, where it is a write.
    Within(u64),
}

/// The environment of a program whose files are below the folder `data`.
pub(crate) fn environment(folder: &Folder, last: Last) -> Vec<(&'static str, String)> {
    let path = |name| folder.path(name).to_string_lossy().into_owned();
    let mut variables = vec![
        ("LD_PRELOAD", library("tests/crash/disk.c")),
        ("DISK_FOLDER", path("data")),
        ("DISK_STEPS", path("steps")),
        ("DISK_FAULT", path("fault")),
    ];
    match last {
        Last::None => {}
        Last::Before(step) => variables.push(("DISK_KILL", step.to_string())),
        Last::Within(step) => {
            variables.extend([("DISK_KILL", step.to_string()), ("DISK_TORN", "1".to_owned())])
        }
    }
    variables
}

/// How many steps there were.
pub(crate) fn steps(folder: &Folder) -> u64 {
    let octets = std::fs::read(folder.path("steps")).unwrap();
    u64::from_ne_bytes(octets.try_into().unwrap())
}
