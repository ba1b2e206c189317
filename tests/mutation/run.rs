//! Runs the cases, measures their memory, and makes sure that a bad one is not lost.

use std::collections::BTreeSet;
use std::env::current_exe;
use std::fs::File;
use std::io::{Write, stderr};
use std::num::NonZero;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::process::{Command, Output, abort};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use peak_alloc::PeakAlloc;

use crate::fuzz::dice::Dice;
use crate::mutate::{Shape, mutated};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a case may use for each octet of input, octets; [`Kind::memory`] comes on top.
const MEMORY_PER_OCTET: usize = 64;
/// After this time a case counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);
/// `MUTATION=kind:number` runs that case alone and prints its octets.
const ONE_CASE: &str = "MUTATION";
/// `MUTATION_SHARE=i/n` runs the kind `i` and each `n`-th after it.
const SHARE: &str = "MUTATION_SHARE";

/// One reader of octets from outside.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) cases: u64,
    pub(crate) shape: Shape,
    /// Octets of memory that a case may use however short its input is.
    pub(crate) memory: usize,
    /// Every one of them is taken.
    pub(crate) samples: Vec<Vec<u8>>,
    /// Hands octets to the reader; says whether it took them as far as that it mattered.
    pub(crate) feed: fn(&[u8], &mut Dice) -> bool,
}

/// Runs all cases of all kinds, samples first; for each core one process, the test `test`, has a share of the kinds.
pub(crate) fn run(test: &str, kinds: &[Kind]) {
    if let Ok(share) = std::env::var(SHARE) {
        let (first, every) = share.split_once('/').expect("MUTATION_SHARE=i/n");
        let number = |text: &str| text.parse::<usize>().expect("MUTATION_SHARE=i/n");
        let recorder = Recorder::new(first);
        return kinds.iter().skip(number(first)).step_by(number(every)).for_each(|kind| kind.run(&recorder));
    }
    if let Ok(case) = std::env::var(ONE_CASE) {
        let (name, number) = case.split_once(':').expect("MUTATION=kind:number");
        let kind = kinds.iter().find(|kind| kind.name == name).expect("no such kind");
        let case = Case::new(kind, number.parse().expect("MUTATION=kind:number"));
        let recorder = Recorder::new("one");
        // Not by way of the test runner, which would lose it when the process dies.
        let _ = writeln!(stderr(), "{}", case.described());
        case.run(kind, &recorder);
        return;
    }
    println!("{:24} {:>7} {:>7} {:>9}", "kind", "cases", "taken", "memory");
    let shares = thread::available_parallelism().map_or(1, NonZero::get).min(kinds.len());
    let run_share = |share: usize| {
        let arguments = [test, "--exact", "--nocapture"];
        let share = format!("{share}/{shares}");
        Command::new(current_exe().unwrap()).args(arguments).env(SHARE, share).output().unwrap()
    };
    let outputs: Vec<Output> = thread::scope(|scope| {
        let running: Vec<_> = (0..shares).map(|share| scope.spawn(move || run_share(share))).collect();
        running.into_iter().map(|share| share.join().unwrap()).collect()
    });
    let mut said = BTreeSet::new();
    for output in &outputs {
        let (told, failed) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}\n{told}\n{failed}", output.status);
        let of_kinds =
            told.lines().filter(|line| kinds.iter().any(|kind| line.split(' ').next() == Some(kind.name)));
        said.extend(of_kinds.map(str::to_owned));
    }
    said.iter().for_each(|line| println!("{line}"));
    assert_eq!(said.len(), kinds.len(), "every kind has run once");
    println!("{:24} {:>7}", "all", kinds.iter().map(|kind| kind.cases).sum::<u64>());
}

impl Kind {
    fn run(&self, recorder: &Recorder) {
        let (mut taken, mut most) = (0, 0);
        for number in 0..self.cases {
            let outcome = Case::new(self, number).run(self, recorder);
            taken += u64::from(outcome.taken);
            most = most.max(outcome.memory);
        }
        println!("{:24} {:>7} {:>7} {:>9}", self.name, self.cases, taken, most);
        // If all were refused at the first octet, nothing would have been tested.
        assert!(taken > self.cases / 50, "{}: only {taken} of {} were taken", self.name, self.cases);
    }
}

struct Case {
    name: &'static str,
    number: u64,
    sample: bool,
    octets: Vec<u8>,
    dice: Dice,
}

struct Outcome {
    taken: bool,
    /// Octets at the worst moment.
    memory: usize,
}

impl Case {
    /// The first cases are the samples as they are.
    fn new(kind: &Kind, number: u64) -> Self {
        let mut dice = Dice::new(number);
        let sample = usize::try_from(number).ok().and_then(|number| kind.samples.get(number));
        let octets = sample.cloned().unwrap_or_else(|| mutated(kind.shape, &kind.samples, &mut dice));
        Self { name: kind.name, number, sample: sample.is_some(), octets, dice }
    }

    fn run(mut self, kind: &Kind, recorder: &Recorder) -> Outcome {
        recorder.begin(&self);
        let dice = &mut self.dice;
        let octets = &self.octets;
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let result = catch_unwind(AssertUnwindSafe(|| (kind.feed)(octets, dice)));
        let memory = MEMORY.peak_usage().saturating_sub(before);
        let taken = result.unwrap_or_else(|panic| {
            eprintln!("panicked at {}", self.described());
            resume_unwind(panic)
        });
        let allowed = MEMORY_PER_OCTET * self.octets.len() + kind.memory;
        assert!(
            memory <= allowed,
            "{memory} octets of memory, {allowed} are allowed, at {}",
            self.described()
        );
        assert!(taken || !self.sample, "a good sample was not taken: {}", self.described());
        Outcome { taken, memory }
    }

    fn described(&self) -> String {
        described(self.name, self.number, &self.octets)
    }
}

fn described(name: &str, number: u64, octets: &[u8]) -> String {
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("{ONE_CASE}={name}:{number}, {} octets: {hex}", octets.len())
}

/// Knows which case runs. A case that hangs ends the process, and its octets are told. After a stack overflow nobody can
/// say anything more, but kind and number stand in the file `mutation-case-SHARE` in cargo's folder for test files.
struct Recorder {
    file: File,
    watchdog: Sender<(&'static str, u64, Vec<u8>)>,
}

impl Recorder {
    fn new(share: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutation-case-{share}"));
        let (watchdog, begun) = channel();
        thread::spawn(move || {
            let mut case = ("none", 0, Vec::new());
            loop {
                match begun.recv_timeout(PATIENCE) {
                    Ok(next) => case = next,
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        let (name, number, octets) = &case;
                        // The test runner would keep what is printed, and lose it.
                        let _ = writeln!(stderr(), "hangs at {}", described(name, *number, octets));
                        abort();
                    }
                }
            }
        });
        Self { file: File::create(path).unwrap(), watchdog }
    }

    fn begin(&self, case: &Case) {
        let line = format!("{:<24}:{:<10}\n", case.name, case.number);
        self.file.write_all_at(line.as_bytes(), 0).unwrap();
        self.watchdog.send((case.name, case.number, case.octets.clone())).unwrap();
    }
}
