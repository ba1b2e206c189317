//! How often the laws of the translator are tried: what went there and back is what it was.

use proptest::test_runner::Config;

/// So many cases in a build with debug assertions, 100,000 in one without; `PROPTEST_CASES` makes it more.
pub(crate) fn cases(debug: u32) -> Config {
    let default = Config::default();
    let least = if cfg!(debug_assertions) { debug } else { 100_000 };
    Config { cases: default.cases.max(least), max_global_rejects: 1_000_000, ..default }
}
