//! `x400gw map`: one address, in whichever direction it can go.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rasn_x400::x411::address::{OrName, text};

use super::{Failure, Style};
use crate::mixer::AddressContext;
use crate::mixer::address::{Mapper, Step};

/// What to map.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// An Internet address, or an O/R address such as `/S=Smith/O=Widget/PRMD=x/ADMD=y/C=gb/`
    address: String,
    /// Mapping file; without one the built-in default applies
    #[arg(short, long)]
    mappings: Option<PathBuf>,
    /// Direction; found out from the address unless given
    #[arg(short, long, value_enum)]
    to: Option<Side>,
    /// Where the address stands
    #[arg(long, value_enum, default_value_t = Place::Recipient)]
    place: Place,
    /// How to print
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

/// A side of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    /// Internet mail
    Internet,
    /// X.400
    X400,
}

/// Where an address stands; it matters when no rule knows its domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    /// RCPT TO
    Recipient,
    /// MAIL FROM
    ReturnPath,
    /// A header field
    Header,
}

/// Maps the address and prints the steps.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let rules = super::read_rules(options.mappings.as_deref())?;
    let mapper = Mapper::new(&rules);
    let side = options.to.unwrap_or_else(|| direction(&options.address));
    let (result, steps) = match side {
        Side::X400 => {
            let context = match options.place {
                Place::Recipient => AddressContext::Recipient,
                Place::ReturnPath => AddressContext::ReturnPath,
                Place::Header => AddressContext::Header,
            };
            let mapped = mapper.to_or(&options.address, context).map_err(|error| {
                Failure::Refused(place(&options.address, Some(error.offset), &error.to_string()))
            })?;
            (mapped.address.to_std_or(), mapped.steps)
        }
        Side::Internet => {
            let name = parsed(&options.address)?;
            let mapped = mapper.to_internet(&name).map_err(|error| {
                Failure::Refused(place(&options.address, Some(error.offset), &error.to_string()))
            })?;
            (mapped.address, mapped.steps)
        }
    };
    super::print(&match options.format {
        Style::Text => format!("{result}\n{}", steps.iter().map(line).collect::<String>()),
        Style::Json => serde_json::to_string_pretty(&serde_json::json!({
            "address": options.address,
            "result": result,
            "steps": steps.iter().map(json_step).collect::<Vec<_>>(),
        }))
        .unwrap_or_default(),
    });
    Ok(())
}

/// The O/R address in a text.
fn parsed(address: &str) -> Result<OrName, Failure> {
    let keyed = text::parse(address).map_err(|error| {
        let help =
            error.suggestion.as_ref().map(|suggestion| format!("\nhelp: {suggestion}")).unwrap_or_default();
        let message = format!("{error} ({})", error.clause);
        Failure::BadInput(place(address, Some(error.offset), &message) + &help)
    })?;
    keyed.to_or_name().map_err(|error| Failure::BadInput(format!("error: {error}")))
}

/// An address with an `@` outside an O/R address's keys is an Internet address.
fn direction(address: &str) -> Side {
    if address.contains('@') { Side::X400 } else { Side::Internet }
}

fn line(step: &Step) -> String {
    format!("  {step}\n")
}

fn json_step(step: &Step) -> serde_json::Value {
    let rule = step.rule.as_ref().map(|(source, line)| format!("{source}:{line}"));
    serde_json::json!({ "what": step.what, "value": step.value, "clause": step.clause, "rule": rule })
}

/// A message with a caret under the place it speaks of.
fn place(address: &str, offset: Option<usize>, message: &str) -> String {
    let caret = offset
        .map(|offset| {
            let column = address.get(..offset).map_or(offset, |before| before.chars().count());
            format!("\n  {address}\n  {}^", " ".repeat(column))
        })
        .unwrap_or_default();
    format!("error: {message}{caret}")
}
