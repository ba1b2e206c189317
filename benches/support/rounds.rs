//! Works that are compared with each other on a machine that others use too: they take turns, and the shortest turn of each
//! counts, which nobody has interrupted.

use std::time::{Duration, Instant};

/// One of the works: a name, the octets it reads or writes, what it does.
pub(crate) type Work<'w> = (&'w str, usize, &'w dyn Fn());

/// Rounds, at most.
const ROUNDS: usize = 400;
/// How long all of them may take, about.
const ALTOGETHER: Duration = Duration::from_secs(8);
/// How long each work is at it in a round, about; at least once.
const TURN: Duration = Duration::from_micros(1000);

/// Prints time and speed of each work, and how many times as long as each of the first `beside` works it takes.
pub(crate) fn compare(title: &str, beside: usize, works: &[Work<'_>]) {
    let turns: Vec<u32> = works.iter().map(|(_, _, work)| turns(work)).collect();
    let mut shortest = vec![Duration::MAX; works.len()];
    let start = Instant::now();
    for _ in 0..ROUNDS {
        for ((shortest, (_, _, work)), turns) in shortest.iter_mut().zip(works).zip(&turns) {
            *shortest = (*shortest).min(time(work, *turns));
        }
        if start.elapsed() > ALTOGETHER {
            break;
        }
    }
    println!("\n{title}");
    for ((name, octets, _), time) in works.iter().zip(&shortest) {
        let seconds = time.as_secs_f64();
        let speed = *octets as f64 / seconds / 1e6;
        print!("  {name:32} {:12.2} µs {speed:9.0} MB/s", seconds * 1e6);
        for ((first, _, _), other) in works.iter().zip(&shortest).take(beside) {
            print!("  {:7.2} x {first}", seconds / other.as_secs_f64());
        }
        println!();
    }
}

/// How often a work fits into its turn.
fn turns(work: &dyn Fn()) -> u32 {
    let once = time(work, 1).min(time(work, 3));
    u32::try_from(TURN.as_nanos() / once.as_nanos().max(1)).unwrap_or(u32::MAX).max(1)
}

/// The time of one of so many, after one that brings its code and data back into the caches that others have used.
fn time(work: &dyn Fn(), turns: u32) -> Duration {
    work();
    let start = Instant::now();
    (0..turns).for_each(|_| work());
    start.elapsed() / turns
}
