//! A million people with two addresses each: how long such a table takes to load, how much memory, and how fast it answers in
//! both directions; and the same table as Postfix keeps it (`postmap`, lmdb), where Postfix is installed.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a bench touches the world"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text;
use x400_gateway::mixer::AddressContext;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::rules::Rules;

/// Lookups that are timed.
const LOOKUPS: usize = 100_000;

fn main() {
    let entries = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    println!("{entries} entries, {LOOKUPS} lookups");
    ours(
        "exact pairs, CSV",
        entries,
        &[("people.csv", people(entries))],
        "[[table]]\nfile = \"people.csv\"\n",
    );
    let tables = [("mapping1", mapping(entries, true)), ("mapping2", mapping(entries, false))];
    ours(
        "equivalences, both tables",
        entries,
        &tables,
        "[tables]\nmapping1 = [\"mapping1\"]\nmapping2 = [\"mapping2\"]\n",
    );
    postfix(entries);
}

fn mailbox(number: usize) -> String {
    format!("user{number:07}@dept{}.example.org", number % 997)
}

fn or_address(number: usize) -> String {
    format!(
        "/G=User{number}/S=Name{}/OU=Dept{}/O=Org/PRMD=PRMD/ADMD=ADMD/C=DE/",
        number % 50_000,
        number % 997
    )
}

fn people(entries: usize) -> String {
    let mut text = "internet,or\n".to_owned();
    for number in 0..entries {
        let _ = writeln!(text, "{},{}", mailbox(number), or_address(number));
    }
    text
}

/// A table of RFC 2156 Appendix F: `mapping1`, or `mapping2`.
fn mapping(entries: usize, by_or: bool) -> String {
    let mut text = String::new();
    for number in 0..entries {
        let (domain, path) =
            (format!("d{number}.example.org"), format!("O$Org {number}.PRMD$PRMD.ADMD$ADMD.C$DE"));
        let _ = if by_or { writeln!(text, "{path}#{domain}#") } else { writeln!(text, "{domain}#{path}#") };
    }
    text
}

/// Loads a rule file with its tables and asks it.
fn ours(what: &str, entries: usize, tables: &[(&str, String)], rules: &str) {
    let size: usize = tables.iter().map(|(_, text)| text.len()).sum();
    let read = |name: &str| match tables.iter().find(|(table, _)| *table == name) {
        Some((_, text)) => Ok(text.clone()),
        None if name == "rules.toml" => Ok(rules.to_owned()),
        None => Err("there is no such file".to_owned()),
    };
    let before = memory();
    let started = Instant::now();
    let loaded =
        Rules::load("rules.toml", &read).unwrap_or_else(|faults| panic!("{:#?}", faults.diagnostics.first()));
    let rules = loaded.rules;
    let took = started.elapsed();
    // The texts are for diagnostics; a gateway that is running does not keep them.
    drop(loaded.sources);
    let kept = memory().saturating_sub(before);
    println!("{what}: {} MB of text", size / 1_000_000);
    println!("  load               {took:>10.2?}");
    println!("  memory             {kept:>7} MB");
    let pairs = what.starts_with("exact");
    let numbers = || (0..LOOKUPS).map(move |place| place.wrapping_mul(2_654_435_761) % entries);
    let internet: Vec<String> = numbers()
        .map(|number| if pairs { mailbox(number) } else { format!("Bo@x.d{number}.example.org") })
        .collect();
    let x400: Vec<OrName> = numbers()
        .map(|number| {
            let path = format!("/S=Bo/OU=x/O=Org {number}/PRMD=PRMD/ADMD=ADMD/C=DE/");
            let written = if pairs { or_address(number) } else { path };
            text::parse(&written).unwrap().to_or_name().unwrap()
        })
        .collect();
    let mapper = Mapper::new(&rules).without_steps();
    timed("to X.400", || {
        internet.iter().filter(|address| mapper.to_or(address, AddressContext::Recipient).is_ok()).count()
    });
    timed("to the Internet", || x400.iter().filter(|name| mapper.to_internet(name).is_ok()).count());
}

fn timed(what: &str, ask: impl Fn() -> usize) {
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        assert_eq!(ask(), LOOKUPS, "everything is found");
        best = best.min(started.elapsed());
    }
    println!("  {what:<18} {:>10.0} lookups/s", LOOKUPS as f64 / best.as_secs_f64());
}

/// Megabytes of this process in memory.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<usize>().ok()).unwrap_or(0) / 1000
}

/// The same people in Postfix's way, one direction.
fn postfix(entries: usize) {
    let Ok(version) = Command::new("postconf").arg("-d").arg("mail_version").output() else {
        println!("Postfix is not installed, so nothing is compared with it");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display().to_string();
    let settings = format!(
        "compatibility_level = 3.6\nqueue_directory = {here}\ndata_directory = {here}\nlmdb_map_size = 4294967296\n"
    );
    std::fs::write(folder.path().join("main.cf"), settings).unwrap();
    // Which libraries the kinds of tables are in.
    let _ = std::fs::copy("/etc/postfix/dynamicmaps.cf", folder.path().join("dynamicmaps.cf"));
    let mut table = String::new();
    for number in 0..entries {
        let _ = writeln!(table, "{}\t{}", mailbox(number), or_address(number));
    }
    let file = folder.path().join("people");
    std::fs::write(&file, &table).unwrap();
    println!("postmap lmdb, {}", String::from_utf8_lossy(&version.stdout).trim());
    let map = format!("lmdb:{}", file.display());
    let started = Instant::now();
    if !postmap(folder.path(), &[&map], "").0 {
        println!("  has no tables of the kind lmdb");
        return;
    }
    println!("  build              {:>10.2?}", started.elapsed());
    let built = std::fs::metadata(file.with_extension("lmdb")).map_or(0, |file| file.len());
    println!("  file               {:>7} MB", built / 1_000_000);
    let questions: String = (0..LOOKUPS)
        .map(|place| place.wrapping_mul(2_654_435_761) % entries)
        .fold(String::new(), |text, number| text + &mailbox(number) + "\n");
    timed("to X.400", || postmap(folder.path(), &["-q", "-", &map], &questions).1);
}

/// Runs `postmap`; says whether it went well, and how many lines it wrote.
fn postmap(settings: &Path, arguments: &[&str], input: &str) -> (bool, usize) {
    let mut command = Command::new("postmap");
    let command = command.env("MAIL_CONFIG", settings).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).is_ok());
    let output = child.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    (written && output.status.success(), output.stdout.iter().filter(|octet| **octet == b'\n').count())
}
