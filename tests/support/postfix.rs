//! Postfix, with a configuration and a queue of its own.

#![allow(dead_code, reason = "each target uses a part")]

use std::path::{Path, PathBuf};

use crate::daemon::{Daemon, folder, sbin, user};

/// What every one of ours has; service, type, private, unprivileged, chroot, wakeup, limit, program.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// A running Postfix.
pub(crate) struct Postfix {
    pub(crate) daemon: Daemon,
    /// The folder of its configuration, for commands.
    pub(crate) settings: PathBuf,
}

impl Postfix {
    /// Takes mail at `port`; with further lines of `main.cf` and `master.cf`.
    pub(crate) fn start(within: &Path, port: u16, main: &str, services: &str) -> Self {
        folder(within.to_owned(), None);
        let settings = folder(within.join("settings"), None);
        let queue = folder(within.join("queue"), None);
        let data = folder(within.join("data"), Some(user("postfix")));
        let log = within.join("log");
        let text = format!(
            "compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\nmaillog_file = {log}\n\
             maillog_file_prefixes = {within}\ninet_interfaces = loopback-only\ninet_protocols = ipv4\n\
             mydestination =\nalias_maps =\nalias_database =\nmynetworks = 127.0.0.0/8\n\
             smtp_dns_support_level = disabled\nsmtp_host_lookup = native\n{main}",
            queue = queue.display(),
            data = data.display(),
            log = log.display(),
            within = within.display(),
        );
        std::fs::write(settings.join("main.cf"), text).unwrap();
        let services = format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}{services}");
        std::fs::write(settings.join("master.cf"), services).unwrap();
        let here = settings.display().to_string();
        // This makes the folders of the queue.
        let check = sbin("postfix").args(["-c", &here, "check"]).output().unwrap();
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
        let found = sbin("postconf").args(["-c", &here, "-h", "daemon_directory"]).output().unwrap();
        let programs = PathBuf::from(String::from_utf8(found.stdout).unwrap().trim());
        let mut daemon = Daemon::start(&programs.join("master"), &["-c", &here, "-d"], log);
        daemon.greets(port);
        Self { daemon, settings }
    }
}
