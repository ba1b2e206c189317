//! Which running gateway a command speaks to, and how it fails.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::{Failure, Style};
use crate::admin::At;
use crate::admin::client::{Answer, Client};

/// The running gateway.
#[derive(Debug, Args)]
pub(super) struct Gateway {
    /// Where its HTTP interface is: the path of a Unix socket, or an IP address and port; else as the configuration says
    #[arg(long, value_name = "SOCKET|ADDRESS")]
    gateway: Option<At>,
    /// File with the token, where the interface asks for one; else as the configuration says
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,
    /// Configuration file of the gateway
    #[arg(short, long)]
    config: Option<PathBuf>,
}

/// Which gateway, and how to print.
#[derive(Debug, Args)]
pub(super) struct Common {
    #[command(flatten)]
    pub(super) gateway: Gateway,
    /// Print JSON, for programs
    #[arg(long)]
    pub(super) json: bool,
}

impl Gateway {
    /// Whether any of it was said.
    pub(super) const fn is_named(&self) -> bool {
        self.gateway.is_some()
    }

    /// The configuration file, if one was named.
    pub(super) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// What it says of itself.
    pub(super) fn get(&self, path: &str) -> Result<Answer, Failure> {
        let client = self.client()?;
        answered(super::runtime()?.block_on(client.get(path)))
    }

    /// Has it do something.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        let client = self.client()?;
        answered(super::runtime()?.block_on(client.post(path, body)))
    }

    /// Octets that it gives; or the answer, if it gives none.
    pub(super) fn octets(&self, path: &str) -> Result<Result<Vec<u8>, Answer>, Failure> {
        let client = self.client()?;
        answered(super::runtime()?.block_on(client.octets(path)))
    }

    fn client(&self) -> Result<Client, Failure> {
        let bad = |why: String| Failure::BadInput(format!("error: {why}"));
        let (at, token) = match &self.gateway {
            Some(at) => (at.clone(), None),
            None => {
                let config = super::read_config(self.config.as_deref())?;
                let at = config.admin.at(&config.gateway.data).map_err(bad)?;
                let off = || bad("the configuration turns the HTTP interface off".to_owned());
                (at.ok_or_else(off)?, config.admin.token)
            }
        };
        let token = self.token.as_deref().or(token.as_deref());
        Client::new(at, token).map_err(|error| bad(error.to_string()))
    }
}

fn answered<T, E: std::fmt::Display>(answer: Result<T, E>) -> Result<T, Failure> {
    answer.map_err(|error| {
        let help = "help: is it running, and is this its configuration? (`--gateway`, `-c`)";
        Failure::Refused(format!("error: {error}\n{help}"))
    })
}

/// What the gateway refused, for people or programs. What it was given is bad, or it is not for this caller.
pub(super) fn refused(answer: &Answer, style: Style) -> Failure {
    let text = |name: &str| answer.body[name].as_str().unwrap_or_default();
    if style == Style::Json {
        super::print(&format!("{:#}", answer.body));
        return Failure::BadInput(String::new());
    }
    let diagnostics = text("text");
    let blank = if diagnostics.is_empty() { "" } else { "\n\n" };
    match answer.status {
        422 => Failure::BadInput(format!("{diagnostics}{blank}error: {}", text("error"))),
        _ => Failure::Refused(format!("error: {} (HTTP {})", text("error"), answer.status)),
    }
}

/// What was answered, for people; for programs it is printed here.
pub(super) fn said(common: &Common, answer: &Answer) -> Result<Option<Value>, Failure> {
    if !answer.done {
        return Err(refused(answer, style(common)));
    }
    if common.json {
        super::print(&format!("{:#}", answer.body));
        return Ok(None);
    }
    Ok(Some(answer.body.clone()))
}

/// How to print.
pub(super) const fn style(common: &Common) -> Style {
    if common.json { Style::Json } else { Style::Text }
}

/// The values of a list; none of what is no list.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A text; nothing for what is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
