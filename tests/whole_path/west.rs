//! The mail server of the west.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use x400_gateway::mta::tls::Files;

use crate::daemon::{OWNER, folder, sbin};
use crate::postfix::Postfix;

/// Postfix for one domain with one user, whose mailbox is a Maildir. Everything else goes to a smart host.
pub(crate) struct West {
    postfix: Postfix,
    pub(crate) maildir: PathBuf,
}

impl West {
    /// For `mailbox`; with `port` for mail that comes in, and the port of the smart host. That is spoken to under TLS only, and
    /// shown a certificate.
    pub(crate) fn start(within: &Path, mailbox: &str, port: u16, smart_host: u16, tls: &Files) -> Self {
        folder(within.to_owned(), None);
        let mail = folder(within.join("mail"), Some(OWNER));
        let (_, domain) = mailbox.split_once('@').unwrap();
        let main = format!(
            "myhostname = mail.{domain}\n\
             virtual_mailbox_domains = {domain}\nvirtual_mailbox_maps = inline:{{{mailbox}=user/}}\n\
             virtual_mailbox_base = {mail}\nvirtual_uid_maps = static:{OWNER}\nvirtual_gid_maps = static:{OWNER}\n\
             relayhost = [localhost]:{smart_host}\n\
             smtp_tls_security_level = secure\nsmtp_tls_secure_cert_match = hostname\nsmtp_tls_CAfile = {ca}\n\
             smtp_tls_cert_file = {certificate}\nsmtp_tls_key_file = {key}\n",
            ca = tls.ca.as_ref().unwrap().display(),
            certificate = tls.certificate.as_ref().unwrap().display(),
            key = tls.key.as_ref().unwrap().display(),
            mail = mail.display(),
        );
        let postfix = Postfix::start(within, port, &main, "virtual unix - n n - - virtual\n");
        Self { postfix, maildir: mail.join("user") }
    }

    /// Hands a mail over as programs on that machine do, with arguments of `sendmail`.
    pub(crate) fn sendmail(&self, arguments: &[&str], mail: &str) {
        let mut sendmail = sbin("sendmail");
        sendmail.arg("-C").arg(&self.postfix.settings).arg("-i").args(arguments);
        let mut process = sendmail.stdin(Stdio::piped()).spawn().unwrap();
        process.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        assert!(process.wait().unwrap().success());
    }
}
