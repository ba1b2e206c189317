//! What a program and its children take of the machine, as `/proc` tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// What `/proc/PID/stat` says.
struct Process {
    parent: u32,
    /// In ticks, with that of children that have ended.
    cpu: u64,
}

fn all() -> BTreeMap<u32, Process> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(|number: u32| Some((number, process(number)?))).collect()
}

/// None if it has just ended.
fn process(number: u32) -> Option<Process> {
    let text = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // After the name, which may contain anything, in brackets.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        cpu: ticks(11)? + ticks(12)? + ticks(13)? + ticks(14)?,
    })
}

fn family(root: u32, all: &BTreeMap<u32, Process>) -> BTreeSet<u32> {
    let mut family = BTreeSet::from([root]);
    loop {
        let before = family.len();
        let children = all.iter().filter(|(_, process)| family.contains(&process.parent));
        let children: Vec<u32> = children.map(|(number, _)| *number).collect();
        family.extend(children);
        if family.len() == before {
            return family;
        }
    }
}

/// The time that a program and its children have spent on a core.
pub(crate) fn cpu(root: u32) -> Duration {
    let all = all();
    let ticks: u64 = family(root, &all).iter().filter_map(|number| Some(all.get(number)?.cpu)).sum();
    Duration::from_secs_f64(ticks as f64 / ticks_per_second())
}

fn ticks_per_second() -> f64 {
    static TICKS: OnceLock<f64> = OnceLock::new();
    *TICKS.get_or_init(|| {
        let output = Command::new("getconf").arg("CLK_TCK").output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
    })
}

/// KiB of memory of a program and its children, what they share counted once.
pub(crate) fn memory(root: u32) -> u64 {
    family(root, &all()).into_iter().filter_map(proportional).sum()
}

fn proportional(number: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{number}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
