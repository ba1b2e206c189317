//! What messages go through: a client that submits as mail servers do, two gateways with P1 between them, and a mail server.
//!
//! ```text
//! client ──SMTP──► gateway `near` ──P1──► gateway `far` ──SMTP──► sink
//! ```

use crate::pair::Side;
use crate::program::submit::{Cut, send};
use crate::program::{Folder, Gateway, free_port, in_time, x400gw};
use crate::sink::Sink;

/// Two gateways that do not run yet.
pub(crate) struct Chain {
    pub(crate) near: Member,
    pub(crate) far: Member,
    pub(crate) sink: Sink,
}

/// A gateway's place.
pub(crate) struct Member {
    pub(crate) folder: Folder,
    pub(crate) smtp: u16,
}

/// What a gateway is told besides.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    /// Lines of `[smtp]`.
    pub(crate) smtp: &'a str,
    /// The lines of `[internet]`.
    pub(crate) internet: &'a str,
    /// Other tables.
    pub(crate) tables: &'a str,
}

/// What the gateway near the client is told: it tries again soon, and sends nothing back.
pub(crate) const NEAR: Setting<'_> = Setting {
    smtp: "",
    internet: "hold = true",
    tables: "[queue]\nfirst-retry = \"1s\"\nlongest-retry = \"1s\"",
};

impl Chain {
    pub(crate) fn new() -> Self {
        let sink = Sink::start();
        let smarthost = sink.as_smarthost();
        Self::with(sink, NEAR, Setting { internet: &smarthost, ..NEAR })
    }

    /// One whose gateways are told otherwise.
    pub(crate) fn with(sink: Sink, near: Setting<'_>, far: Setting<'_>) -> Self {
        let (between, back) = (free_port(), free_port());
        let near = Member::new(["near", "far"], [back, between], near);
        let far = Member::new(["far", "near"], [between, back], far);
        Self { near, far, sink }
    }

    /// What both gateways said, for when something is wrong.
    pub(crate) fn logs(&self) -> String {
        format!("near:\n{}\nfar:\n{}", self.near.log(), self.far.log())
    }
}

impl Member {
    /// It listens for X.400 at the first port, and the other at the second.
    fn new(names: [&str; 2], x400: [u16; 2], setting: Setting<'_>) -> Self {
        let smtp = free_port();
        let side = Side {
            names,
            x400,
            smtp: &format!("listen = [\"127.0.0.1:{smtp}\"]\n{}", setting.smtp),
            internet: setting.internet,
            peer: "first-reconnect = \"1s\"\nlongest-reconnect = \"1s\"",
            tables: setting.tables,
        };
        Self { folder: side.write(), smtp }
    }

    pub(crate) fn start(&self) -> Gateway {
        Gateway::start(&self.folder, self.smtp)
    }

    /// What it said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path("gateway.log")).unwrap_or_default()
    }

    /// The entries of its queue, as `x400gw queue list` prints them.
    pub(crate) fn queue(&self) -> Vec<serde_json::Value> {
        let config = self.folder.path("x400gw.toml");
        let output = x400gw().args(["queue", "list", "--json", "--config"]).arg(config).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let said: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        said["entries"].as_array().cloned().unwrap_or_default()
    }
}

/// What a client heard of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// `250`: the server answers for it.
    Accepted,
    /// The mail was sent, and the session ended without an answer: the server may have it or not.
    Nothing,
    /// The session ended before that, or there was no server, or it said no for the time being.
    NotSent,
}

/// Where its mails come from.
pub(crate) const DOMAIN: &str = "near.example";
/// Whom they are for.
const TO: &str = "grace@far.example";

impl Chain {
    /// Tries once to submit a small mail.
    pub(crate) fn submit(&self, id: &str) -> Heard {
        match self.reply_to(id) {
            Ok(reply) if reply.starts_with('2') => Heard::Accepted,
            Ok(_) | Err(Cut { was_sent: false }) => Heard::NotSent,
            Err(Cut { was_sent: true }) => Heard::Nothing,
        }
    }

    /// The same; the last reply.
    pub(crate) fn reply_to(&self, id: &str) -> Result<String, Cut> {
        send(self.near.smtp, DOMAIN, id, TO)
    }

    /// Waits until all of these mails have arrived, once each.
    pub(crate) fn all_arrive(&self, ids: &[&str], fault: &str) {
        for id in ids {
            assert!(in_time(|| self.sink.count(id) > 0), "{fault}: {id} is lost\n{}", self.logs());
            assert_eq!(self.sink.count(id), 1, "{fault}: {id} arrived again\n{}", self.logs());
        }
    }
}
