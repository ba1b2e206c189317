//! What is measured: something that takes mail, keeps it on disk, and hands it on.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::daemon::{open, sbin};
use crate::pair::Side;
use crate::peer::Peer;
use crate::postfix::Postfix;
use crate::processes::{cpu, memory};
use crate::program::{Folder, Gateway, free_port, in_time};
use crate::sink::Sink;
use crate::syncs::Syncs;

/// How many mails of which size come, in how many sessions at the same time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) sessions: usize,
    pub(crate) octets: usize,
    pub(crate) count: u64,
}

/// A system under test, with where it hands mail on to.
pub(crate) struct Relay {
    pub(crate) name: &'static str,
    /// How long it took from its start to its greeting.
    pub(crate) start: Duration,
    port: u16,
    system: System,
    next: Next,
    syncs: Syncs,
    _folder: Folder,
}

enum System {
    Postfix(Postfix),
    Gateway(Gateway),
}

enum Next {
    Sink(Sink),
    Peer(Peer),
}

impl Relay {
    /// Postfix before `smtp-sink`. It does not hold clients back when mail comes in faster than it goes out, as it
    /// does by default.
    pub(crate) fn postfix(delay: u32) -> Self {
        let folder = Folder::new();
        open(&folder.path(""));
        let syncs = Syncs::new(&folder.path(""), delay);
        let (port, next) = (free_port(), free_port());
        let sink = Sink::start(next);
        let mut main = format!(
            "myhostname = near.example\nlocal_recipient_maps =\nlocal_transport = error:none\n\
             relayhost = [127.0.0.1]:{next}\nsmtp_tls_security_level = none\nsmtpd_tls_security_level = none\n\
             smtpd_peername_lookup = no\nsmtpd_relay_restrictions = permit_mynetworks, reject\n\
             in_flow_delay = 0\nimport_environment = MAIL_CONFIG TZ POSTLOG_SERVICE POSTLOG_HOSTNAME"
        );
        for (name, value) in syncs.environment() {
            main.push_str(&format!(" {name}={value}"));
        }
        main.push('\n');
        let began = Instant::now();
        let postfix = Postfix::start(&folder.path("postfix"), port, &main, "");
        Self {
            name: "Postfix",
            start: began.elapsed(),
            port,
            system: System::Postfix(postfix),
            next: Next::Sink(sink),
            syncs,
            _folder: folder,
        }
    }

    /// The gateway before an MTA of X.400.
    pub(crate) fn gateway(delay: u32) -> Self {
        let (port, x400, next) = (free_port(), free_port(), free_port());
        let peer = Peer::start(next);
        let side = Side {
            names: ["near", "far"],
            x400: [x400, next],
            smtp: &format!("listen = [\"127.0.0.1:{port}\"]"),
            internet: "",
            peer: "",
            tables: "",
        };
        let folder = side.write();
        let syncs = Syncs::new(&folder.path(""), delay);
        let began = Instant::now();
        let gateway = Gateway::start_with(&folder, port, syncs.environment());
        assert!(!gateway.is_dead(), "{}", log(&folder.path("gateway.log")));
        Self {
            name: "x400gw",
            start: began.elapsed(),
            port,
            system: System::Gateway(gateway),
            next: Next::Peer(peer),
            syncs,
            _folder: folder,
        }
    }

    fn root(&self) -> u32 {
        match &self.system {
            System::Postfix(postfix) => postfix.daemon.id(),
            System::Gateway(gateway) => gateway.id(),
        }
    }

    /// KiB that it takes now.
    pub(crate) fn memory(&self) -> u64 {
        memory(self.root())
    }

    fn delivered(&mut self) -> u64 {
        match &mut self.next {
            Next::Sink(sink) => sink.count(),
            Next::Peer(peer) => peer.count(),
        }
    }

    /// Has it carry this load.
    pub(crate) fn carry(&mut self, load: Load) -> Measured {
        let root = self.root();
        let before = (self.delivered(), self.syncs.count(), cpu(root));
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut peak = 0;
                while !is_over.load(Ordering::Relaxed) {
                    peak = peak.max(memory(root));
                    std::thread::sleep(Duration::from_millis(250));
                }
                peak
            });
            let start = Instant::now();
            let mut source = sbin("smtp-source")
                .args(["-s", &load.sessions.to_string(), "-l", &load.octets.to_string()])
                .args(["-m", &load.count.to_string(), "-M", "client.near.example"])
                .args(["-f", "ada@near.example", "-t", "hopper@far.example"])
                .arg(format!("127.0.0.1:{}", self.port))
                .spawn()
                .expect("smtp-source: a part of Postfix");
            assert!(source.wait().unwrap().success());
            let accepted = start.elapsed();
            assert!(in_time(|| self.delivered() >= before.0 + load.count), "{}: not delivered", self.name);
            let delivered = start.elapsed();
            // The last one has yet to be taken out of the queue.
            std::thread::sleep(Duration::from_millis(300));
            is_over.store(true, Ordering::Relaxed);
            let each = load.count as f64;
            Measured {
                accepted: each / accepted.as_secs_f64(),
                delivered: each / delivered.as_secs_f64(),
                cpu: (cpu(root) - before.2).as_secs_f64() * 1e3 / each,
                peak: watching.join().unwrap() as f64 / 1024.0,
                syncs: (self.syncs.count() - before.1) as f64 / each,
            }
        })
    }
}

fn log(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// What carrying a load took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Mails a second, until the last was accepted.
    accepted: f64,
    /// Mails a second, until the last had arrived.
    delivered: f64,
    /// Milliseconds for each mail.
    cpu: f64,
    /// MiB.
    peak: f64,
    /// For each mail.
    syncs: f64,
}

impl Measured {
    /// Each figure's own median.
    pub(crate) fn median(turns: Vec<Self>) -> Self {
        let median = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = turns.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        Self {
            accepted: median(|turn| turn.accepted),
            delivered: median(|turn| turn.delivered),
            cpu: median(|turn| turn.cpu),
            peak: median(|turn| turn.peak),
            syncs: median(|turn| turn.syncs),
        }
    }

    /// The same as multiples of those of another.
    pub(crate) fn beside(&self, other: &Self) -> Self {
        Self {
            accepted: self.accepted / other.accepted,
            delivered: self.delivered / other.delivered,
            cpu: self.cpu / other.cpu,
            peak: self.peak / other.peak,
            syncs: self.syncs / other.syncs,
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, delivered, cpu, peak, syncs } = self;
        write!(f, "{accepted:11.2} {delivered:11.2} {cpu:7.3} {peak:9.2} {syncs:6.3}")
    }
}
