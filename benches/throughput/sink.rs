//! `smtp-sink` of Postfix, which takes every mail and forgets it.

use std::io::Read as _;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::daemon::sbin;
use crate::program::in_time;

pub(crate) struct Sink {
    process: Child,
    count: Arc<AtomicU64>,
}

impl Sink {
    pub(crate) fn start(port: u16) -> Self {
        let address = format!("127.0.0.1:{port}");
        let mut process = sbin("smtp-sink")
            .args(["-c", "-m", "512", "-u", "nobody", &address, "512"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("smtp-sink: a part of Postfix");
        let mut said = process.stdout.take().unwrap();
        let count = Arc::new(AtomicU64::new(0));
        let latest = Arc::clone(&count);
        std::thread::spawn(move || {
            let (mut buffer, mut rest) = ([0; 4096], String::new());
            while let Ok(octets @ 1..) = said.read(&mut buffer) {
                rest.push_str(&String::from_utf8_lossy(&buffer[..octets]));
                // Lines that overwrite each other, of which the last may not be whole.
                let Some(end) = rest.rfind(['\r', '\n']) else { continue };
                let number =
                    rest[..end].rsplit("mesg=").next().and_then(|text| text.split_whitespace().next());
                if let Some(number) = number.and_then(|number| number.parse().ok()) {
                    latest.store(number, Ordering::Relaxed);
                }
                rest.drain(..end);
            }
        });
        assert!(in_time(|| std::net::TcpStream::connect(&address).is_ok()));
        Self { process, count }
    }

    /// How many mails it has had.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
