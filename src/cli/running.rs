//! Commands about the running gateway as a whole: `x400gw track`, `peers`, `drain` and `reload`.

use std::fmt::Write as _;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::gateway::{Common, list, said, text};
use super::{Failure, print};
use crate::admin::query::encode;

/// What became of a message.
#[derive(Debug, Args)]
pub(super) struct Track {
    #[command(flatten)]
    common: Common,
    /// A Message-ID, ENVID, queue id, MTS identifier, IPM identifier, or the identifier of a report
    id: String,
}

/// The peers, and the destinations of SMTP.
#[derive(Debug, Args)]
pub(super) struct Peers {
    #[command(flatten)]
    common: Common,
}

/// Nothing new is taken.
#[derive(Debug, Args)]
pub(super) struct Drain {
    #[command(flatten)]
    common: Common,
    /// Take messages again
    #[arg(long, conflicts_with = "wait")]
    off: bool,
    /// Only say how it is
    #[arg(long, conflicts_with_all = ["off", "wait"])]
    status: bool,
    /// Return when the queue is empty; what is held or quarantined does not count
    #[arg(long)]
    wait: bool,
    /// Wait no longer than so many seconds; then the exit code is 1
    #[arg(long, value_name = "SECONDS", requires = "wait")]
    patience: Option<u64>,
}

/// What can be read again is.
#[derive(Debug, Args)]
pub(super) struct Reload {
    #[command(flatten)]
    common: Common,
    /// Why, for log and history
    #[arg(long, default_value = "")]
    reason: String,
}

/// How often is looked whether the queue is empty.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn track(options: &Track) -> Result<(), Failure> {
    let answer = options.common.gateway.get(&format!("/v1/track?id={}", encode(&options.id)))?;
    if let Some(body) = said(&options.common, &answer)? {
        print(&timeline(&body));
    }
    Ok(())
}

pub(super) fn peers(options: &Peers) -> Result<(), Failure> {
    let answer = options.common.gateway.get("/v1/peers")?;
    if let Some(body) = said(&options.common, &answer)? {
        print(&table(&body));
    }
    Ok(())
}

pub(super) fn drain(options: &Drain) -> Result<(), Failure> {
    let gateway = &options.common.gateway;
    let mut answer = match options.status {
        true => gateway.get("/v1/drain")?,
        false => gateway.post("/v1/drain", &json!({ "drain": !options.off }))?,
    };
    let mut waited = Duration::ZERO;
    while options.wait && answer.done && answer.body["empty"] != true {
        if options.patience.is_some_and(|patience| waited >= Duration::from_secs(patience)) {
            if let Some(body) = said(&options.common, &answer)? {
                print(&left(&body));
            }
            return Err(Failure::Said(1));
        }
        std::thread::sleep(LOOK);
        waited += LOOK;
        answer = gateway.get("/v1/drain")?;
    }
    if let Some(body) = said(&options.common, &answer)? {
        print(&left(&body));
    }
    Ok(())
}

pub(super) fn reload(options: &Reload) -> Result<(), Failure> {
    let answer = options.common.gateway.post("/v1/reload", &json!({ "reason": options.reason }))?;
    if let Some(body) = said(&options.common, &answer)? {
        let warnings = text(&body["text"]);
        if !warnings.is_empty() {
            print(warnings);
        }
        let version = text(&body["in-force"]["version"]);
        print(&format!("rules {version} are in force, certificates were read again"));
    }
    Ok(())
}

/// How far draining is.
fn left(body: &Value) -> String {
    let mut out = match body["draining"] == true {
        true => "draining: new mail and associations are refused for now\n".to_owned(),
        false => "messages are taken\n".to_owned(),
    };
    if body["empty"] == true {
        out += "the queue is empty";
    } else {
        let _ = write!(out, "under way: {}, queued: {}", body["under-way"], body["queued"]);
        if let Some(next) = body["next-attempt"].as_str() {
            let _ = write!(out, ", next attempt {next}");
        }
    }
    for name in ["held", "quarantined"] {
        if body[name].as_u64().unwrap_or(0) > 0 {
            let _ = write!(out, "; {name}: {}", body[name]);
        }
    }
    out
}

/// The associations with each peer.
fn table(body: &Value) -> String {
    let mut out = String::new();
    for peer in list(&body["peers"]) {
        let tls = if peer["tls"] == true { "TLS" } else { "no TLS" };
        let (name, mode) = (text(&peer["name"]), text(&peer["mode"]));
        let _ = writeln!(out, "{name}: {mode}, {tls}, waiting: {}", peer["waiting"]);
        for host in list(&peer["hosts"]) {
            let (idle, busy, opening) = (&host["idle"], &host["busy"], &host["opening"]);
            let _ =
                write!(out, "  to {}: {busy} busy, {idle} idle, {opening} opening", text(&host["address"]));
            faults(&mut out, host);
        }
        for one in list(&peer["inbound"]) {
            caller(&mut out, one);
        }
    }
    for one in list(&body["unknown-callers"]) {
        caller(&mut out, one);
    }
    for one in list(&body["smtp"]) {
        let servers: Vec<&str> = list(&one["servers"]).iter().map(text).collect();
        let (in_use, idle) = (&one["in-use"], &one["idle"]);
        let _ =
            write!(out, "{} to {}: {in_use} busy, {idle} idle", text(&one["protocol"]), servers.join(", "));
        faults(&mut out, one);
    }
    if out.is_empty() { "no peers, and nothing was sent by SMTP yet".to_owned() } else { out }
}

fn caller(out: &mut String, one: &Value) {
    let (name, from) = (text(&one["mta-name"]), text(&one["from"]));
    let _ = writeln!(out, "  from {name} at {from}: {}, since {}", text(&one["mode"]), text(&one["since"]));
}

fn faults(out: &mut String, host: &Value) {
    if let Some(rests) = host["rests-seconds"].as_f64() {
        let _ = write!(out, "; rests {rests:.0} s after {} failures", host["failures"]);
    }
    if let Some(why) = host["last-fault"].as_str() {
        let _ = write!(out, "\n    last fault: {why}");
    }
    if let Some(hint) = host["hint"].as_str() {
        let _ = write!(out, "\n    hint: {hint}");
    }
    out.push('\n');
}

/// What happened, a line each.
fn timeline(body: &Value) -> String {
    let mut out = String::new();
    for one in list(&body["timeline"]) {
        let _ = writeln!(out, "{} {} {}", text(&one["at"]), text(&one["entry"]), sentence(one));
    }
    let waits = |entry: &&Value| entry["state"] == "queued";
    for entry in list(&body["entries"]).iter().filter(waits) {
        let (id, next) = (text(&entry["id"]), text(&entry["next-attempt"]));
        let _ = writeln!(out, "{next} {id} next attempt");
    }
    out
}

fn sentence(one: &Value) -> String {
    let what = text(&one["what"]);
    let joined = |name: &str| list(&one[name]).iter().map(text).collect::<Vec<_>>().join(", ");
    let mut out = match what {
        "accepted" => format!("accepted by {} from {}", text(&one["protocol"]), text(&one["from"])),
        "made" => format!("made here: {}", text(&one["kind"])),
        "transferred" => format!(
            "{} transferred to {} ({})",
            text(&one["address"]),
            text(&one["to"]),
            text(&one["answer"])
        ),
        "failed" => {
            format!("{} failed: {} {}", text(&one["address"]), text(&one["status"]), text(&one["error"]))
        }
        "deferred" => format!("{} deferred: {}", one["recipients"], text(&one["diagnosis"])),
        "converted" => {
            format!("converted, {} losses", one["losses"].as_array().map_or(0, Vec::len))
        }
        "held" | "quarantined" => format!("{what}: {}", text(&one["reason"])),
        other => {
            let by = one["who"].as_str().map(|who| format!(" by {who}")).unwrap_or_default();
            let reason = one["reason"].as_str().filter(|reason| !reason.is_empty());
            format!("{other}{by}{}", reason.map(|reason| format!(": {reason}")).unwrap_or_default())
        }
    };
    if matches!(what, "accepted" | "made") {
        let sender = one["sender"].as_str().filter(|sender| !sender.is_empty()).unwrap_or("<>");
        let _ = write!(out, ", {sender} to {}", joined("recipients"));
    }
    for (name, word) in [
        ("identifier", "identifier"),
        ("mts-identifier", "MTS identifier"),
        ("message-id", "Message-ID"),
        ("envelope-id", "ENVID"),
        ("because-of", "because of"),
        ("about", "about"),
    ] {
        if let Some(value) = one[name].as_str() {
            let _ = write!(out, ", {word} {value}");
        }
    }
    out
}
