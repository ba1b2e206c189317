//! Where the log goes. Events are for the person on call: one line per message and stage.
#![expect(clippy::disallowed_methods, reason = "shell: reads RUST_LOG and NO_COLOR")]

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Logs to standard error, `info` and above unless `RUST_LOG` says otherwise, with colours on a terminal. A second call changes nothing.
pub fn start(default: &str) {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| default.to_owned());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .try_init();
}
