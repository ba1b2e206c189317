//! `x400gw queue`: what waits in the running gateway, and what is done with it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::gateway::{Common, refused, said, style};
use super::{Failure, print, write_octets};
use crate::admin::query::encode;

mod table;

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub(super) enum Queue {
    /// List entries, oldest first: state, recipients, next attempt and last error
    List(List),
    /// Show all that is known of one entry, or write its content to a file
    Show(Show),
    /// Try entries no more until they are released; or hold all that comes of a kind, with `--from-now-on`
    Hold(Hold),
    /// List the rules that hold entries
    Holds(Holds),
    /// Try entries again that are held or quarantined; with `--rule` end a rule, and release what it held
    Release(Release),
    /// Try entries at once
    Retry(Act),
    /// Give a recipient another address, of mail or of X.400
    Redirect(Redirect),
    /// Return entries to whoever sent them, with a notification or report
    Bounce(Reasoned),
    /// Delete entries, and tell nobody; what became of them can be tracked
    Delete(Delete),
}

/// Which entries: all that is said must be so. `*` stands for anything, case is ignored.
#[derive(Debug, Args)]
struct Filter {
    /// In one of these states: queued, held, done, quarantined (several with commas)
    #[arg(long)]
    state: Option<String>,
    /// From this address, or of this domain
    #[arg(long)]
    sender: Option<String>,
    /// For this address, of mail or of X.400, or for this domain
    #[arg(long, alias = "recipient-domain")]
    recipient: Option<String>,
    /// This peer or server took it, was tried last, or handed it over
    #[arg(long)]
    peer: Option<String>,
    /// Accepted longer ago, such as 90s, 5m, 2h, 5d
    #[arg(long, value_name = "AGE")]
    older_than: Option<String>,
    /// Accepted since
    #[arg(long, value_name = "AGE")]
    newer_than: Option<String>,
    /// Of so many octets or more, such as 1000, 10k, 5M
    #[arg(long, value_name = "OCTETS")]
    larger: Option<String>,
    /// Of so many octets or fewer
    #[arg(long, value_name = "OCTETS")]
    smaller: Option<String>,
    /// With this Message-ID, MTS identifier or ENVID
    #[arg(long)]
    identifier: Option<String>,
    /// With this text in the last error
    #[arg(long, value_name = "TEXT")]
    error: Option<String>,
}

impl Filter {
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("state", &self.state),
            ("sender", &self.sender),
            ("recipient", &self.recipient),
            ("peer", &self.peer),
            ("older-than", &self.older_than),
            ("newer-than", &self.newer_than),
            ("larger", &self.larger),
            ("smaller", &self.smaller),
            ("identifier", &self.identifier),
            ("error", &self.error),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    filter: Filter,
    /// At most so many (up to 1000); what is printed last leads to the next page
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Go on after this entry
    #[arg(long, value_name = "ID")]
    after: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    #[command(flatten)]
    common: Common,
    /// The entry
    id: String,
    /// Write the content there, as it is, damaged or not; `-` is standard output
    #[arg(long, value_name = "FILE|-")]
    content: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Act {
    #[command(flatten)]
    common: Common,
    /// The entries; or say which with a filter
    ids: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// Yes, all of them: wanted where several are meant
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct Reasoned {
    #[command(flatten)]
    act: Act,
    /// Why; a sender is told
    #[arg(long, default_value = "")]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Delete {
    #[command(flatten)]
    act: Act,
    /// Why: it is all that is left
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Hold {
    #[command(flatten)]
    reasoned: Reasoned,
    /// Make a rule: from now on everything is held that would go to `--peer`, comes from `--sender` and is for `--recipient`
    #[arg(long)]
    from_now_on: bool,
}

#[derive(Debug, Args)]
pub(super) struct Holds {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Release {
    #[command(flatten)]
    act: Act,
    /// End this rule, and release what it held
    #[arg(long, value_name = "NUMBER", conflicts_with = "ids")]
    rule: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct Redirect {
    #[command(flatten)]
    act: Act,
    /// The other address: a mailbox or an O/R address
    #[arg(long)]
    to: String,
    /// The number of the recipient, where several are pending
    #[arg(long, value_name = "NUMBER")]
    number: Option<u32>,
}

/// Does it.
pub(super) fn run(queue: &Queue) -> Result<(), Failure> {
    match queue {
        Queue::List(options) => list(options),
        Queue::Show(options) => show(options),
        Queue::Hold(options) => hold(options),
        Queue::Holds(options) => holds(&options.common),
        Queue::Release(Release { act, rule: None }) => action("release", act, Map::new()),
        Queue::Release(Release { act, rule: Some(number) }) => end_rule(&act.common, *number),
        Queue::Retry(options) => action("retry", options, Map::new()),
        Queue::Redirect(Redirect { act, to, number }) => {
            let more = [("to".to_owned(), json!(to)), ("recipient".to_owned(), json!(number))];
            action("redirect", act, more.into_iter().collect())
        }
        Queue::Bounce(options) => reasoned("bounce", options),
        Queue::Delete(Delete { act, reason }) => {
            action("delete", act, Map::from_iter([("reason".to_owned(), json!(reason))]))
        }
    }
}

fn list(options: &List) -> Result<(), Failure> {
    let mut pairs = options.filter.pairs();
    let limit = options.limit.to_string();
    pairs.push(("limit", &limit));
    pairs.extend(options.after.as_deref().map(|after| ("after", after)));
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let body = get(&options.common, &format!("/v1/queue?{}", query.join("&")))?;
    if let Some(body) = body {
        print(&table::list(&body));
    }
    Ok(())
}

fn show(options: &Show) -> Result<(), Failure> {
    let path = format!("/v1/queue/{}", encode(&options.id));
    if let Some(file) = &options.content {
        let octets = options.common.gateway.octets(&format!("{path}/content"))?;
        let octets = octets.map_err(|answer| refused(&answer, style(&options.common)))?;
        let file = Some(file.as_path()).filter(|file| file.as_os_str() != "-");
        return write_octets(&octets, file);
    }
    if let Some(body) = get(&options.common, &path)? {
        print(&table::entry(&body));
    }
    Ok(())
}

fn hold(options: &Hold) -> Result<(), Failure> {
    let act = &options.reasoned.act;
    if !options.from_now_on {
        return reasoned("hold", &options.reasoned);
    }
    let mut rule = Map::new();
    for (name, value) in act.filter.pairs() {
        let name = match name {
            "peer" | "sender" => name,
            "recipient" => "recipient-domain",
            other => {
                let why = format!("error: a rule names a peer, a sender or a recipient, and no `--{other}`");
                return Err(Failure::BadInput(why));
            }
        };
        rule.insert(name.to_owned(), json!(value));
    }
    if !act.ids.is_empty() {
        return Err(Failure::BadInput("error: either entries, or `--from-now-on`".into()));
    }
    rule.insert("reason".to_owned(), json!(options.reasoned.reason));
    if let Some(body) = post(&act.common, "/v1/queue/holds", &Value::Object(rule))? {
        print(&format!("rule {}: {}", body["number"], table::rule(&body["rule"])));
    }
    Ok(())
}

fn holds(common: &Common) -> Result<(), Failure> {
    if let Some(body) = get(common, "/v1/queue/holds")? {
        print(&table::rules(&body));
    }
    Ok(())
}

fn end_rule(common: &Common, number: u64) -> Result<(), Failure> {
    if let Some(body) = post(common, "/v1/queue/holds/release", &json!({ "number": number }))? {
        print(&format!("rule {number} has ended; released: {}", body["released"]));
    }
    Ok(())
}

fn reasoned(name: &str, options: &Reasoned) -> Result<(), Failure> {
    action(name, &options.act, Map::from_iter([("reason".to_owned(), json!(options.reason))]))
}

/// Does something with the entries that are meant; exit code 1 if something was refused.
fn action(name: &str, act: &Act, mut body: Map<String, Value>) -> Result<(), Failure> {
    let filter = act.filter.pairs();
    match (act.ids.as_slice(), filter.as_slice()) {
        ([], []) => {
            return Err(Failure::BadInput("error: name entries, or say which with a filter".into()));
        }
        ([], filter) => {
            let filter = filter.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
            body.insert("filter".to_owned(), Value::Object(filter.collect()));
        }
        (ids, []) => {
            body.insert("ids".to_owned(), json!(ids));
        }
        _ => return Err(Failure::BadInput("error: either entries or a filter".into())),
    }
    body.insert("all".to_owned(), json!(act.yes || act.ids.len() > 1));
    let answer = act.common.gateway.post(&format!("/v1/queue/{name}"), &Value::Object(body))?;
    if answer.status == 409 && answer.body["count"].is_u64() {
        let count = &answer.body["count"];
        return Err(Failure::Refused(format!("error: that means {count} entries; add `--yes` to do it")));
    }
    let Some(body) = said(&act.common, &answer)? else {
        return if answer.body["refused"] == 0 { Ok(()) } else { Err(Failure::Said(1)) };
    };
    print(&table::results(&body));
    if body["refused"] == 0 { Ok(()) } else { Err(Failure::Said(1)) }
}

fn get(common: &Common, path: &str) -> Result<Option<Value>, Failure> {
    said(common, &common.gateway.get(path)?)
}

fn post(common: &Common, path: &str, body: &Value) -> Result<Option<Value>, Failure> {
    said(common, &common.gateway.post(path, body)?)
}
