//! Mail servers of others: with folders and ports of their own, and ended with whoever started them.

#![allow(dead_code, reason = "each target uses a part")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it answers, and until it has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whose mailboxes are: `nobody`, whom no server minds.
pub(crate) const OWNER: u32 = 65_534;

/// A server with its children, all of one process group. They end with it, and with the test, however that ends.
pub(crate) struct Daemon {
    process: Child,
    log: PathBuf,
}

impl Daemon {
    pub(crate) fn start(program: &Path, arguments: &[&str], log: PathBuf) -> Self {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(program).args(arguments);
        let output = std::fs::File::options().create(true).append(true).open(&log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output).process_group(0);
        let process = command.spawn().expect("setpriv: a part of util-linux");
        Self { process, log }
    }

    /// Waits until it greets at this port.
    pub(crate) fn greets(&mut self, port: u16) {
        let until = Instant::now() + PATIENCE;
        while !greeting(port) {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "{ended:?}: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The process from which the others stem.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
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
pub(crate) fn folder(path: PathBuf, owner: Option<u32>) -> PathBuf {
    std::fs::create_dir_all(&path).unwrap();
    open(&path);
    chown(&path, owner, owner).expect("servers of others start only as root");
    path
}

/// The number of a user of this system.
pub(crate) fn user(name: &str) -> u32 {
    let output = Command::new("id").args(["-u", name]).output().unwrap();
    let number = String::from_utf8_lossy(&output.stdout).trim().parse();
    number.unwrap_or_else(|_| panic!("no user {name}: tests/run brings what is needed"))
}

/// Programs of servers are often outside the search path of users.
pub(crate) fn sbin(name: &str) -> Command {
    Command::new(Path::new("/usr/sbin").join(name))
}
