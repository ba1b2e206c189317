//! `x400gw convert`: a mail to X.400, without a network.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::path::PathBuf;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use serde_json::json;
use time::OffsetDateTime;

use super::{Failure, read_config, read_input, read_rules, write_octets, write_text};
use crate::decode::{self, Kind, render};
use crate::message::Message;
use crate::message::address::{AddressList, Mailbox};
use crate::message::lines::with_network_line_ends;
use crate::mixer::Context;
use crate::mixer::address::Mapper;
use crate::mixer::mail::{MailOptions, Recipient};
use crate::mixer::to_x400::{Converted, Input, to_x400};
use crate::serve;

/// What to convert, and how to show it.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Mail as RFC 5322, or - for standard input
    file: PathBuf,
    /// What to print
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// The content alone (P2 or P22) instead of the whole message (P1)
    #[arg(long)]
    content: bool,
    /// Say for each output field which header or rule it came from, under which clause, and what was lost
    #[arg(short, long)]
    explain: bool,
    /// Envelope sender; the first From address unless given, `<>` for none
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Envelope recipient (may be given several times); To, Cc and Bcc unless given
    #[arg(long = "to", value_name = "ADDRESS")]
    to: Vec<String>,
    /// Configuration file; without one the built-in defaults apply
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// Mapping file; that of the configuration unless given
    #[arg(short, long)]
    mappings: Option<PathBuf>,
    /// Name for the MTS identifier
    #[arg(long, default_value = "convert")]
    identifier: String,
    /// Where to write; standard output unless given
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// What to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// BER
    Ber,
    /// Every element, indented
    Text,
    /// Every element, as JSON
    Json,
}

/// Converts the mail and prints it.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let config = read_config(options.config.as_deref())?;
    let rules = read_rules(options.mappings.as_deref().or(config.gateway.mappings.as_deref()))?;
    let settings =
        serve::conversion_settings(&config).map_err(|error| Failure::BadInput(format!("error: {error}")))?;
    let content = with_network_line_ends(Bytes::from(read_input(&options.file)?));
    let mapper = Mapper::new(&rules);
    let context = Context {
        mapper: &mapper,
        settings: &settings,
        message_identifier: &options.identifier,
        now: OffsetDateTime::now_utc(),
    };
    let input = input(options, content);
    if input.recipients.is_empty() {
        return Err(Failure::BadInput(format!(
            "error: {}: no recipient in To, Cc or Bcc\nhelp: name one with --to ADDRESS",
            options.file.display()
        )));
    }
    let converted = to_x400(&input, &context)
        .map_err(|refusal| Failure::Refused(format!("error: not converted: {refusal}")))?;
    let (octets, kind) = encoded(&converted, options.content)?;
    let output = options.output.as_deref();
    match options.format {
        Form::Ber => {
            write_octets(&octets, output)?;
            if options.explain {
                eprint!("{}", explanation(&converted));
            }
        }
        Form::Text => {
            let document = decode::decode(&octets, Some(kind));
            let mut text = render::text(&document, render::Limits::BRIEF);
            if options.explain {
                text.push_str(&explanation(&converted));
            }
            write_text(&text, output)?;
        }
        Form::Json => {
            let document = render::json(&decode::decode(&octets, Some(kind)));
            let whole = if options.explain {
                json!({ "message": document, "origins": converted.trail, "losses": converted.losses })
            } else {
                document
            };
            write_text(&serde_json::to_string_pretty(&whole).unwrap_or_default(), output)?;
        }
    }
    Ok(())
}

/// The octets to show, and what they are.
fn encoded(converted: &Converted, content_only: bool) -> Result<(Vec<u8>, Kind), Failure> {
    if content_only {
        return Ok((converted.content.concat(), Kind::Content));
    }
    let apdu = converted.mts_apdu().map_err(|error| Failure::Refused(format!("error: {error}")))?;
    Ok((apdu.to_vec(), Kind::MtsApdu))
}

/// The mail with the envelope that was given, or that its header suggests.
fn input(options: &Options, content: Bytes) -> Input {
    let (sender, recipients) = header_envelope(&content);
    let reverse_path = match options.from.as_deref() {
        Some("" | "<>") => None,
        Some(address) => Some(address.to_owned()),
        None => sender,
    };
    let addresses = if options.to.is_empty() { recipients } else { options.to.clone() };
    let recipients = addresses.into_iter().zip(1..).map(|(address, number)| Recipient {
        number,
        address,
        ..Recipient::default()
    });
    Input { content, reverse_path, options: MailOptions::default(), recipients: recipients.collect() }
}

/// The first From address, and every address of To, Cc and Bcc.
fn header_envelope(content: &Bytes) -> (Option<String>, Vec<String>) {
    let message = Message::parse(content.clone());
    let addresses = |name: &str| -> Vec<String> {
        let lists = message.header().all(name).map(|field| AddressList::parse(&field.value));
        lists.flat_map(|list| list.mailboxes().map(Mailbox::address).collect::<Vec<_>>()).collect()
    };
    let recipients = ["To", "Cc", "Bcc"].into_iter().flat_map(addresses).collect();
    (addresses("From").into_iter().next(), recipients)
}

/// Where each output field came from, then what was lost.
fn explanation(converted: &Converted) -> String {
    let mut text = String::from("\nwhere it came from\n");
    let origins = converted.trail.as_slice();
    let width = origins.iter().map(|origin| origin.output.len()).max().unwrap_or_default();
    for origin in origins {
        text.push_str(&format!(
            "  {:width$}  {}  ← {} ({})\n",
            origin.output, origin.value, origin.source, origin.clause
        ));
    }
    text.push_str("\nwhat was lost\n");
    if converted.losses.is_empty() {
        text.push_str("  nothing\n");
    }
    for loss in converted.losses.as_slice() {
        let instead =
            loss.instead.as_ref().map(|instead| format!("; instead: {instead}")).unwrap_or_default();
        text.push_str(&format!(
            "  {}: {}: {} ({}){instead}\n",
            loss.location, loss.what, loss.reason, loss.clause
        ));
    }
    text
}
