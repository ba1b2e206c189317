//! How long the analysis of a large set of rules takes, and how that grows: equivalences, exact pairs, templates and policies in equal
//! parts, and some header rules, bodies and routes.
//!
//! `cargo bench --bench analysis` loads and analyses 25,000 and 100,000 rules, prints both, and fails if four times the rules take more
//! than nine times as long: then some rules are compared with all others.

#![allow(clippy::unwrap_used, reason = "a bench")]
#![allow(clippy::disallowed_methods, reason = "a bench touches the world")]
#![allow(missing_docs, reason = "a bench")]

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use x400_gateway::rules::Rules;

/// How much larger the large set is.
const FACTOR: usize = 4;
/// More than so many times the time is out of proportion.
const LIMIT: f64 = 9.0;
const SMALL: usize = 25_000;
/// The peers of the set.
const PEERS: &[&str] = &["hub", "spare", "partner"];

fn main() -> ExitCode {
    let (small, large) = (measured(SMALL), measured(SMALL * FACTOR));
    let grown = large.as_secs_f64() / small.as_secs_f64();
    println!("{FACTOR} times the rules take {grown:.1} times as long");
    if grown > LIMIT { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Loads and analyses so many rules.
fn measured(rules: usize) -> Duration {
    let text = set(rules);
    let start = Instant::now();
    let loaded = Rules::load("rules.toml", &|_| Ok(text.clone())).unwrap_or_else(|rejected| {
        let first: Vec<String> =
            rejected.diagnostics.iter().take(3).map(|one| one.render(&rejected.sources)).collect();
        panic!("{}", first.join("\n"))
    });
    let after_loading = start.elapsed();
    let found = loaded.rules.analyse(Some(PEERS));
    let whole = start.elapsed();
    println!(
        "{} rules: loaded in {:.2} s, analysed in {:.2} s, {} findings",
        loaded.rules.registry().len(),
        after_loading.as_secs_f64(),
        (whole - after_loading).as_secs_f64(),
        found.len() + loaded.warnings.len()
    );
    whole
}

/// A rule file with so many rules.
fn set(rules: usize) -> String {
    let mut text = String::from("[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\n");
    let share = rules / 5;
    for n in 0..share {
        let _ = writeln!(
            text,
            "[[equivalence]]\ndomain = \"e{n}.example\"\nor = \"O=Org {n}; P=p{}; A=a; C=gb\"",
            n % 500
        );
        let _ = writeln!(
            text,
            "[[user]]\ninternet = \"u{n}@users.example\"\nor = \"S=U{n}; O=Users; P=p; A=a; C=gb\""
        );
        let _ = writeln!(
            text,
            "[[template]]\ninternet = \"{{g}}.{{s}}@t{n}.example\"\nor = \"G={{g}}; S={{s}}; O=T{n}; P=t; A=a; C=gb\""
        );
        let action = if n % 2 == 0 { "refuse" } else { "allow" };
        let _ = writeln!(
            text,
            "[[policy]]\nfrom = \"@e{}.example\"\nto = \"O=Org {}; C=gb\"\naction = \"{action}\"",
            n / 2,
            n % 977 + n / 977 * 1000
        );
        match n % 3 {
            0 => {
                let _ = writeln!(
                    text,
                    "[[route]]\naddress = \"O=Org {n}; P=p{}; A=a; C=gb\"\npeer = \"hub\"",
                    n % 500
                );
            }
            1 => {
                let _ = writeln!(text, "[[header]]\nfield = \"X-{n}\"\ndrop = true");
            }
            _ => {
                let _ = writeln!(text, "[[body]]\nuser = \"@e{n}.example\"\nattachments = \"bp14\"");
            }
        }
    }
    text.push_str("[[policy]]\naction = \"refuse\"\n");
    text
}
