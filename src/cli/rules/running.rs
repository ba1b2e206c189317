//! `x400gw rules status` and `reload`: the rules in force in the running gateway.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::gateway::{Gateway, refused};
use crate::cli::{Failure, Style, print};

#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    #[command(flatten)]
    gateway: Gateway,
    /// How to print
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Reload {
    #[command(flatten)]
    gateway: Gateway,
    /// Why, for log and history
    #[arg(long)]
    reason: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

pub(super) fn status(options: &Status) -> Result<(), Failure> {
    let answer = options.gateway.get("/v1/rules")?;
    if !answer.done {
        return Err(refused(&answer, options.format));
    }
    if options.format == Style::Json {
        print(&format!("{:#}", answer.body));
        return Ok(());
    }
    let body = &answer.body;
    let mut text = format!("in force: {}\n", activation(&body["in-force"]));
    for source in body["in-force"]["sources"].as_array().into_iter().flatten() {
        text += &format!("  {}\n", said(source));
    }
    let (all, without) = (&body["coverage"]["rules"], &body["coverage"]["without-example"]);
    text += &format!("  {without} of {all} rules have no example\n");
    let history = body["history"].as_array().map(Vec::as_slice).unwrap_or_default();
    text += "history, newest first:\n";
    for event in history.iter().rev() {
        match said(&event["outcome"]) {
            "activated" => text += &format!("  {}\n", activation(event)),
            _ => {
                let (at, reason) = (said(&event["at"]), said(&event["reason"]));
                let (errors, first) = (&event["errors"], said(&event["first"]));
                text += &format!("  refused {at} ({reason}): {errors} errors, the first {first}\n");
            }
        }
    }
    print(&text);
    Ok(())
}

pub(super) fn reload(options: &Reload) -> Result<(), Failure> {
    let reason = options.reason.clone().unwrap_or_else(|| "x400gw rules reload".to_owned());
    let answer = options.gateway.post("/v1/rules/reload", &json!({ "reason": reason }))?;
    if !answer.done {
        return Err(refused(&answer, options.format));
    }
    let body = &answer.body;
    if options.format == Style::Json {
        print(&format!("{body:#}"));
        return Ok(());
    }
    let warnings = said(&body["text"]);
    if !warnings.is_empty() {
        print(warnings);
    }
    let before = said(&body["before"]);
    let same = before == said(&body["in-force"]["version"]);
    let before = if same { "the same as before".to_owned() } else { format!("before: {before}") };
    print(&format!("in force: {}; {before}", activation(&body["in-force"])));
    Ok(())
}

/// `0123456789abcdef, activation 3, 2026-11-27T12:00:00Z (hang-up signal)`
fn activation(value: &Value) -> String {
    let (version, number) = (said(&value["version"]), &value["number"]);
    format!("{version}, activation {number}, {} ({})", said(&value["at"]), said(&value["reason"]))
}

fn said(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
