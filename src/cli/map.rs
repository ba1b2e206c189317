//! `x400gw map`: one address, in whichever direction it can go; what `x400gw explain` says in short.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::explain::{Stands, ended, of_address, written};
use super::{Failure, Style};
use crate::explain::address::Question;
use crate::explain::{self, Outcome, text};

/// What to map.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// An Internet address, an O/R address such as `/S=Smith/O=Widget/PRMD=x/ADMD=y/C=gb/`, the same as a list with an attribute
    /// such as `Surname (S)  Smith` on each line, or the octets of an O/R name in hexadecimal
    address: String,
    /// Mapping file; without one the built-in default applies
    #[arg(short, long)]
    mappings: Option<PathBuf>,
    /// Configuration file: also say where a message for the address goes
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// Direction; found out from the address unless given
    #[arg(short, long, value_enum)]
    to: Option<Side>,
    /// Where the address stands
    #[arg(long, value_enum, default_value_t = Stands::Recipient)]
    place: Stands,
    /// As for a message to or from this peer
    #[arg(long)]
    peer: Option<String>,
    /// Ask neither name servers nor directories; what only they know fails
    #[arg(long)]
    offline: bool,
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

/// Maps the address and prints the steps.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let question = Question {
        address: options.address.clone(),
        towards: options.to.map(explain::Side::from),
        place: options.place.into(),
        from: None,
        peer: options.peer.clone(),
    };
    let (mappings, config) = (options.mappings.as_deref(), options.config.as_deref());
    let told = of_address(&question, mappings, config, options.offline)?;
    let text = written(&told, options.format, text::address_in_short);
    match (options.format, told.outcome) {
        (Style::Text, Outcome::Refused | Outcome::Undetermined) => Err(Failure::Refused(text)),
        (Style::Text, Outcome::Malformed) => Err(Failure::BadInput(text)),
        (Style::Text, Outcome::Mapped) | (Style::Json, _) => {
            super::print(&text);
            ended(told.outcome)
        }
    }
}

impl From<Side> for explain::Side {
    fn from(side: Side) -> Self {
        match side {
            Side::X400 => Self::X400,
            Side::Internet => Self::Internet,
        }
    }
}
