//! A directory of somebody else: OpenLDAP's slapd, for the length of a test, in a folder of its own.

#![allow(dead_code, reason = "each test target uses a part")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use x400_gateway::mta::tls::Files;

#[path = "port.rs"]
mod port;

pub(crate) use port::free_port;

/// How long the server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who may read what anybody may not: name and password.
pub(crate) const ADMINISTRATOR: (&str, &str) = ("cn=admin,C=GB", "correct horse");

/// A running server. It ends with the value.
pub(crate) struct Server {
    process: Child,
    folder: tempfile::TempDir,
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
}

/// How it is set up.
#[derive(Default)]
pub(crate) struct Setup<'a> {
    /// Its certificate.
    pub(crate) files: Option<&'a Files>,
    /// What stands before its database in its configuration.
    pub(crate) general: &'a str,
    /// What stands with its database.
    pub(crate) database: &'a str,
    /// More entries than those of the example.
    pub(crate) entries: &'a str,
}

impl Server {
    /// A server with the example that operators are given.
    pub(crate) fn start(setup: &Setup<'_>) -> Self {
        Self::start_at(setup, free_port())
    }

    /// The same at a given port.
    pub(crate) fn start_at(setup: &Setup<'_>, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("database")).unwrap();
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut text = String::new();
        for schema in ["/etc/ldap/schema/core.schema", "/etc/ldap/schema/cosine.schema"] {
            writeln!(text, "include {schema}").unwrap();
        }
        writeln!(text, "include {}", project.join("mappings/directory/mixer.schema").display()).unwrap();
        if let Some(files) = setup.files {
            let name = |path: &Option<PathBuf>| path.as_ref().unwrap().display().to_string();
            writeln!(text, "TLSCACertificateFile {}", name(&files.ca)).unwrap();
            writeln!(text, "TLSCertificateFile {}", name(&files.certificate)).unwrap();
            writeln!(text, "TLSCertificateKeyFile {}", name(&files.key)).unwrap();
        }
        let (name, password) = ADMINISTRATOR;
        write!(
            text,
            "{}\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\nsuffix C=GB\nrootdn {name}\n\
             rootpw \"{password}\"\ndirectory {}\n{}\n",
            setup.general,
            path("database").display(),
            setup.database,
        )
        .unwrap();
        std::fs::write(path("slapd.conf"), text).unwrap();
        let example = std::fs::read_to_string(project.join("mappings/directory/example.ldif")).unwrap();
        std::fs::write(path("entries.ldif"), format!("{example}\n{}", setup.entries)).unwrap();
        let added = program("slapadd")
            .arg("-f")
            .arg(path("slapd.conf"))
            .arg("-l")
            .arg(path("entries.ldif"))
            .output()
            .unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let tls_port = free_port();
        let mut urls = format!("ldap://127.0.0.1:{port}/");
        if setup.files.is_some() {
            write!(urls, " ldaps://127.0.0.1:{tls_port}/").unwrap();
        }
        let mut process = program("slapd")
            .args(["-d", "none", "-h", &urls, "-f"])
            .arg(path("slapd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ports = if setup.files.is_some() { vec![port, tls_port] } else { vec![port] };
        for port in ports {
            let until = Instant::now() + PATIENCE;
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let ended = process.try_wait().unwrap();
                assert!(ended.is_none() && Instant::now() < until, "slapd does not answer: {ended:?}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Self { process, folder, port, tls_port }
    }

    /// Adds or changes entries, as LDIF.
    pub(crate) fn modify(&self, ldif: &str) {
        let (name, password) = ADMINISTRATOR;
        let mut process = Command::new("ldapmodify")
            .args(["-x", "-H", &format!("ldap://127.0.0.1:{}", self.port), "-D", name, "-w", password])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(ldif.as_bytes()).unwrap();
        assert!(process.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Servers are often outside the search path of users.
fn program(name: &str) -> Command {
    let outside = Path::new("/usr/sbin").join(name);
    Command::new(if outside.exists() { outside } else { PathBuf::from(name) })
}
