//! Name servers for tests: NSD with zones of ours, and one that says what a test wants it to say.

#![allow(dead_code, reason = "each target uses a part")]

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;

/// NSD on the loopback interface; it ends with the test.
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl NameServer {
    /// A server at an address that nobody uses.
    pub(crate) fn start(zones: &[(&str, String)]) -> Self {
        Self::start_at(unused(), zones)
    }

    /// A server with these zones. One without text is a zone whose data are missing: its names get SERVFAIL.
    pub(crate) fn start_at(address: SocketAddr, zones: &[(&str, String)]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut config = format!(
            "server:\n  ip-address: {}@{}\n  username: \"\"\n  chroot: \"\"\n  pidfile: \"\"\n  database: \"\"\n  zonesdir: {:?}\n  \
             xfrdir: {:?}\n  xfrdfile: {:?}\n  zonelistfile: {:?}\n  server-count: 1\nremote-control:\n  control-enable: no\n",
            address.ip(),
            address.port(),
            folder.path(),
            folder.path(),
            path("xfrd.state"),
            path("zone.list"),
        );
        for (name, text) in zones {
            let file = path(&format!("zone-{name}"));
            config += &format!("zone:\n  name: {name:?}\n  zonefile: {file:?}\n");
            if !text.is_empty() {
                std::fs::write(file, text).unwrap();
            }
        }
        std::fs::write(path("nsd.conf"), config).unwrap();
        let mut child = Command::new("nsd")
            .args(["-d", "-c", &path("nsd.conf")])
            .stderr(Stdio::piped())
            .spawn()
            .expect("nsd: run tests/run once, it brings it");
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("nsd started") {
            assert!(log.read_line(&mut said).unwrap() > 0, "{said}");
        }
        // What it goes on to say must go somewhere.
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { address, child, _folder: folder }
    }
}

impl Drop for NameServer {
    /// Asks it to end, so that its children end as well.
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// An address of the loopback interface, above 10000, that neither UDP nor TCP uses.
pub(crate) fn unused() -> SocketAddr {
    loop {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        if address.port() > 10_000 && std::net::TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The zones of a folder, by the names of their files.
pub(crate) fn zones(folder: &Path) -> Vec<(&'static str, String)> {
    ["it", "de", "us", "mw", "fr"]
        .into_iter()
        .map(|name| (name, std::fs::read_to_string(folder.join(format!("{name}.zone"))).unwrap()))
        .collect()
}

/// A server that answers every question with the same flags and records.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Scripted {
    /// `flags` are the third and fourth octet; `records` is the answer section, after the question, `count` its number.
    pub(crate) fn start(flags: [u8; 2], count: u8, records: Vec<u8>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        thread::spawn(move || {
            let mut octets = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut octets) {
                counter.fetch_add(1, Ordering::SeqCst);
                let end = 12 + octets[12..length].iter().position(|octet| *octet == 0).unwrap() + 5;
                let mut answer = octets[..end].to_vec();
                answer[2..4].copy_from_slice(&flags);
                answer[4..12].copy_from_slice(&[0, 1, 0, count, 0, 0, 0, 0]);
                answer.extend(&records);
                if socket.send_to(&answer, from).is_err() {
                    break;
                }
            }
        });
        Self { address, asked }
    }

    /// Questions so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
