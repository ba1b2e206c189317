//! Postfix and Dovecot as servers of a test: with folders and ports of their own, and ended with it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use x400_gateway::mta::tls::Files;

/// How long a server may take until it answers, and until it has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whose the mailboxes are: `nobody`, whom neither server minds.
const OWNER: u32 = 65_534;

/// A server with its children, all of one process group. They end with it, and with the test, however that ends.
pub(crate) struct Daemon {
    process: Child,
    log: PathBuf,
}

impl Daemon {
    fn start(program: &Path, arguments: &[&str], log: PathBuf) -> Self {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(program).args(arguments);
        let output = std::fs::File::options().create(true).append(true).open(&log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output).process_group(0);
        let process = command.spawn().expect("setpriv: a part of util-linux");
        Self { process, log }
    }

    /// Waits until it greets at this port.
    fn greets(&mut self, port: u16) {
        let until = Instant::now() + PATIENCE;
        while !greeting(port) {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "{ended:?}: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has said.
    fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    fn signal(&self, signal: &str, process: &str) {
        let _ = Command::new("kill").args([signal, "--", process]).stderr(Stdio::null()).status();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let id = self.process.id();
        self.signal("-TERM", &id.to_string());
        let until = Instant::now() + PATIENCE;
        while let Ok(None) = self.process.try_wait()
            && Instant::now() < until
        {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.signal("-KILL", &format!("-{id}"));
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
    }
}

/// Whether somebody greets there, as servers of mail do.
fn greeting(port: u16) -> bool {
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    read.is_ok() && ["220", "* OK", "+OK"].iter().any(|start| line.starts_with(start))
}

/// Lets servers who are not root look into a folder.
pub(crate) fn open(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A new folder that all may look into.
fn folder(path: PathBuf, owner: Option<u32>) -> PathBuf {
    std::fs::create_dir_all(&path).unwrap();
    open(&path);
    chown(&path, owner, owner).expect("Postfix and Dovecot start only as root");
    path
}

/// The number of a user of this system.
fn user(name: &str) -> u32 {
    let output = Command::new("id").args(["-u", name]).output().unwrap();
    let number = String::from_utf8_lossy(&output.stdout).trim().parse();
    number.unwrap_or_else(|_| panic!("no user {name}: run tests/run once, it brings what is needed"))
}

/// Postfix for one domain with one user, whose mailbox is a Maildir. Everything else goes to a smart host.
pub(crate) struct Postfix {
    _daemon: Daemon,
    settings: PathBuf,
    pub(crate) maildir: PathBuf,
}

impl Postfix {
    /// For `mailbox`; with `port` for mail that comes in, and the port of the smart host. That is spoken to under TLS only, and
    /// shown a certificate.
    pub(crate) fn start(within: &Path, mailbox: &str, port: u16, smart_host: u16, tls: &Files) -> Self {
        folder(within.to_owned(), None);
        let settings = folder(within.join("settings"), None);
        let queue = folder(within.join("queue"), None);
        let data = folder(within.join("data"), Some(user("postfix")));
        let mail = folder(within.join("mail"), Some(OWNER));
        let log = within.join("log");
        let (_, domain) = mailbox.split_once('@').unwrap();
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\nmaillog_file = {log}\n\
             maillog_file_prefixes = {within}\ninet_interfaces = loopback-only\ninet_protocols = ipv4\n\
             myhostname = mail.{domain}\nmydestination =\nalias_maps =\nalias_database =\nmynetworks = 127.0.0.0/8\n\
             virtual_mailbox_domains = {domain}\nvirtual_mailbox_maps = inline:{{{mailbox}=user/}}\n\
             virtual_mailbox_base = {mail}\nvirtual_uid_maps = static:{OWNER}\nvirtual_gid_maps = static:{OWNER}\n\
             relayhost = [localhost]:{smart_host}\nsmtp_dns_support_level = disabled\nsmtp_host_lookup = native\n\
             smtp_tls_security_level = secure\nsmtp_tls_secure_cert_match = hostname\nsmtp_tls_CAfile = {ca}\n\
             smtp_tls_cert_file = {certificate}\nsmtp_tls_key_file = {key}\n",
            ca = tls.ca.as_ref().unwrap().display(),
            certificate = tls.certificate.as_ref().unwrap().display(),
            key = tls.key.as_ref().unwrap().display(),
            queue = queue.display(),
            data = data.display(),
            log = log.display(),
            within = within.display(),
            mail = mail.display(),
        );
        std::fs::write(settings.join("main.cf"), main).unwrap();
        // service, type, private, unprivileged, chroot, wakeup, limit, program
        let master = format!(
            "127.0.0.1:{port} inet n - n - - smtpd\npickup unix n - n 60 1 pickup\n\
             cleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\nrewrite unix - - n - - trivial-rewrite\n\
             bounce unix - - n - 0 bounce\ndefer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\n\
             flush unix n - n 1000? 0 flush\nproxymap unix - - n - - proxymap\nsmtp unix - - n - - smtp\n\
             relay unix - - n - - smtp\nshowq unix n - n - - showq\nerror unix - - n - - error\n\
             retry unix - - n - - error\ntlsmgr unix - - n 1000? 1 tlsmgr\nvirtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\n\
             postlog unix-dgram n - n - 1 postlogd\n"
        );
        std::fs::write(settings.join("master.cf"), master).unwrap();
        let here = settings.display().to_string();
        // This makes the folders of the queue.
        let check = sbin("postfix").args(["-c", &here, "check"]).output().unwrap();
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
        let found = sbin("postconf").args(["-c", &here, "-h", "daemon_directory"]).output().unwrap();
        let programs = PathBuf::from(String::from_utf8(found.stdout).unwrap().trim());
        let mut daemon = Daemon::start(&programs.join("master"), &["-c", &here, "-d"], log);
        daemon.greets(port);
        Self { _daemon: daemon, settings, maildir: mail.join("user") }
    }

    /// Hands a mail over as programs on that machine do, with arguments of `sendmail`.
    pub(crate) fn sendmail(&self, arguments: &[&str], mail: &str) {
        let mut sendmail = sbin("sendmail");
        sendmail.arg("-C").arg(&self.settings).arg("-i").args(arguments);
        let mut process = sendmail.stdin(Stdio::piped()).spawn().unwrap();
        process.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        assert!(process.wait().unwrap().success());
    }
}

/// Programs of servers are often outside the search path of users.
fn sbin(name: &str) -> Command {
    Command::new(Path::new("/usr/sbin").join(name))
}

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
