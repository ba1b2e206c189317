//! A clock that a test sets and hurries: see `clock.c`.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use crate::preload::library;
use crate::program::Folder;

pub(crate) struct Clock {
    path: PathBuf,
    file: File,
}

impl Clock {
    /// For a gateway of this folder; it runs as clocks do.
    pub(crate) fn new(folder: &Folder) -> Self {
        let path = folder.path("clock");
        let clock = Self { file: File::create(&path).unwrap(), path };
        clock.run(1.0);
        clock.set_off(0.0);
        clock
    }

    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", library("tests/crash/clock.c")),
            ("CLOCK_FILE", self.path.to_string_lossy().into_owned()),
        ]
    }

    /// From now on all time goes by so many times as fast.
    pub(crate) fn run(&self, speed: f64) {
        self.file.write_all_at(&speed.to_ne_bytes(), 0).unwrap();
    }

    /// The time of day is wrong by so many seconds.
    pub(crate) fn set_off(&self, seconds: f64) {
        self.file.write_all_at(&seconds.to_ne_bytes(), 8).unwrap();
    }
}
