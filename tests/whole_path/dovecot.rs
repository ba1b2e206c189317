//! The mail server of the east.

use std::path::Path;

use crate::daemon::{Daemon, OWNER, folder};

/// Where Dovecot is spoken to.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) lmtp: u16,
    pub(crate) imap: u16,
    pub(crate) pop3: u16,
}

/// The password of the user of Dovecot.
pub(crate) const PASSWORD: &str = "secret";

/// Dovecot with one mailbox; it knows no other user.
pub(crate) struct Dovecot {
    _daemon: Daemon,
}

impl Dovecot {
    pub(crate) fn start(within: &Path, mailbox: &str, ports: Ports) -> Self {
        folder(within.to_owned(), None);
        let mail = folder(within.join("mail"), Some(OWNER));
        let (_, domain) = mailbox.split_once('@').unwrap();
        let users = within.join("users");
        std::fs::write(
            &users,
            format!("{mailbox}:{{PLAIN}}{PASSWORD}:{OWNER}:{OWNER}::{}::\n", mail.display()),
        )
        .unwrap();
        let Ports { lmtp, imap, pop3 } = ports;
        let login = |protocol: &str, port: u16| {
            format!(
                "service {protocol}-login {{\nchroot =\ninet_listener {protocol} {{\nport = {port}\n}}\n\
                 inet_listener {protocol}s {{\nport = 0\n}}\n}}\n"
            )
        };
        let text = format!(
            "base_dir = {within}/run\nstate_dir = {within}/state\nlog_path = {within}/log\nprotocols = lmtp imap pop3\n\
             listen = 127.0.0.1\nssl = no\ndisable_plaintext_auth = no\nmail_location = maildir:{mail}/box\n\
             hostname = mail.{domain}\npostmaster_address = postmaster@{domain}\n\
             passdb {{\ndriver = passwd-file\nargs = {users}\n}}\nuserdb {{\ndriver = passwd-file\nargs = {users}\n}}\n\
             service lmtp {{\ninet_listener lmtp {{\nport = {lmtp}\n}}\n}}\n{}{}",
            login("imap", imap),
            login("pop3", pop3),
            within = within.display(),
            mail = mail.display(),
            users = users.display(),
        );
        let settings = within.join("dovecot.conf");
        std::fs::write(&settings, text).unwrap();
        let arguments = ["-F", "-c", &settings.display().to_string()];
        let mut daemon = Daemon::start(Path::new("/usr/sbin/dovecot"), &arguments, within.join("log"));
        [lmtp, imap, pop3].into_iter().for_each(|port| daemon.greets(port));
        Self { _daemon: daemon }
    }
}
