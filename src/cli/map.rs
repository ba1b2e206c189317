//! `x400gw map`: one address, in whichever direction it can go.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rasn_x400::ber;
use rasn_x400::x411::address::{OrName, text};
use rasn_x400::x411::envelope::{ContentType, Priority};

use super::{Failure, Style};
use crate::mixer::AddressContext;
use crate::mixer::address::{Mapper, Step, table_form};
use crate::mta::route::{Table, Traits};

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
    #[arg(long, value_enum, default_value_t = Place::Recipient)]
    place: Place,
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
    let config = match &options.config {
        Some(path) => {
            let parsed = super::check::parsed(path)?;
            Some(parsed.map_err(|report| Failure::BadInput(report.render()))?)
        }
        None => None,
    };
    let configured = config.as_ref().and_then(|config| config.gateway.mappings.as_deref());
    let rules = super::read_rules(options.mappings.as_deref().or(configured))?;
    let table = config.as_ref().and_then(|config| {
        let domain = config.gateway.management_domain()?;
        Some(Table::new(config.routing_rules(), &domain, rules.countries()))
    });
    let lookups = super::Lookups::new(rules, options.offline)?;
    super::print(&lookups.run(|mapper| answer(options, mapper, table.as_ref())).made?);
    Ok(())
}

/// What is printed.
fn answer(options: &Options, mapper: Mapper<'_>, table: Option<&Table>) -> Result<String, Failure> {
    let side = options.to.unwrap_or_else(|| direction(&options.address));
    let route = |name: &OrName| {
        let traits = Traits {
            content_type: Some(ContentType::P22),
            length: 0,
            priority: Priority::NORMAL,
            own_domain_is_internet: side == Side::Internet,
        };
        table.map(|table| table.route(name, &traits).to_string())
    };
    let (result, steps, unexpressed, route) = match side {
        Side::X400 => {
            let context = match options.place {
                Place::Recipient => AddressContext::Recipient,
                Place::ReturnPath => AddressContext::ReturnPath,
                Place::Header => AddressContext::Header,
            };
            let mapped = mapper.to_or(&options.address, context).map_err(|error| {
                Failure::Refused(place(&options.address, Some(error.offset), &error.to_string()))
            })?;
            (mapped.address.to_std_or(), mapped.steps, Vec::new(), route(&mapped.name))
        }
        Side::Internet => {
            let name = parsed(&options.address)?;
            let mapped = mapper.to_internet(&name).map_err(|error| {
                Failure::Refused(place(&options.address, Some(error.offset), &error.to_string()))
            })?;
            (mapped.address, mapped.steps, mapped.unexpressed, route(&name))
        }
    };
    Ok(match options.format {
        Style::Text => {
            let route = route.map(|route| format!("  {route}\n"));
            let lines: String =
                steps.iter().map(line).chain(unexpressed.iter().map(note)).chain(route).collect();
            format!("{result}\n{lines}")
        }
        Style::Json => serde_json::to_string_pretty(&serde_json::json!({
            "address": options.address,
            "result": result,
            "steps": steps.iter().map(json_step).collect::<Vec<_>>(),
            "unexpressed": unexpressed,
            "route": route,
        }))
        .unwrap_or_default(),
    })
}

/// The O/R address in a text, or the O/R name in hexadecimal, as `x400gw decode` shows it.
fn parsed(address: &str) -> Result<OrName, Failure> {
    if let Some(octets) = octets(address) {
        return ber::decode(&octets, octets.len())
            .map_err(|error| Failure::BadInput(format!("error: these octets are no O/R name: {error}")));
    }
    //
    let labelled = table_form::labelled(address);
    let address = labelled.as_deref().unwrap_or(address);
    let keyed = text::parse(address).map_err(|error| {
        let help =
            error.suggestion.as_ref().map(|suggestion| format!("\nhelp: {suggestion}")).unwrap_or_default();
        let message = format!("{error} ({})", error.clause);
        Failure::BadInput(place(address, Some(error.offset), &message) + &help)
    })?;
    keyed.to_or_name().map_err(|error| Failure::BadInput(format!("error: {error}")))
}

/// Hexadecimal digits, with or without spaces, that begin with the tag of an O/R name; no address looks so.
fn octets(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect::<Option<Vec<u8>>>()
        .filter(|octets| octets.first() == Some(&0x60))
}

/// An address with an `@` outside an O/R address's keys is an Internet address.
fn direction(address: &str) -> Side {
    if address.contains('@') { Side::X400 } else { Side::Internet }
}

fn line(step: &Step) -> String {
    format!("  {step}\n")
}

/// An attribute that is missing from the result.
fn note(number: &i64) -> String {
    format!("  note: extension attribute {number} has no text form and is left out\n")
}

fn json_step(step: &Step) -> serde_json::Value {
    let rule = step.rule.as_ref().map(ToString::to_string);
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use rasn_x400::x411::trace::GlobalDomainIdentifier;

    use super::*;
    use crate::mta::route::{Action, Conditions, Rule};
    use crate::rules::Rules;

    fn answer_to(address: &str, format: Style) -> Result<String, Failure> {
        let rules = Rules::from_sources(&[("r.toml", include_str!("../../mappings/default.toml"))]).unwrap();
        let options = Options {
            address: address.to_owned(),
            mappings: None,
            config: None,
            to: None,
            place: Place::Recipient,
            offline: false,
            format,
        };
        let domain = GlobalDomainIdentifier::new("XX", "example", Some("gateway"));
        let hub = Rule {
            address: text::parse("/PRMD=demo/ADMD=x400/C=XX/").unwrap(),
            conditions: Conditions::default(),
            action: Action::Transfer(vec!["hub".into()]),
        };
        let table = Table::new(vec![hub], &domain, &BTreeMap::new());
        answer(&options, Mapper::new(&rules), Some(&table))
    }

    #[test]
    fn the_route_is_told() {
        let hub = "  route 1 (/PRMD=demo/ADMD=x400/C=XX/): to hub\n";
        for (address, route) in [
            ("ada@navy.x400.example", hub),
            ("/S=a/PRMD=demo/ADMD=x400/C=XX/", hub),
            ("/S=a/PRMD=gateway/ADMD=example/C=XX/", "  our own management domain: to the Internet side\n"),
            ("/S=a/ADMD=x/C=gb/", "  no route\n"),
        ] {
            let lines = answer_to(address, Style::Text).unwrap_or_default();
            assert!(lines.ends_with(route), "{lines}");
        }
        let json = answer_to("/S=a/PRMD=demo/ADMD=x400/C=XX/", Style::Json).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["route"], hub.trim());
    }

    /// `/S=a/ADMD=x/C=gb/` with a common name of one Chinese character.
    const CHINESE: &str =
        "60 21 30 10 6104 1302 6762 6203 1301 78 A503 8001 61 310D 300B 8001 18 A106 3104 1E02 4E2D";

    #[test]
    fn what_no_text_holds_is_noted() {
        let lines = answer_to(CHINESE, Style::Text).unwrap_or_default();
        assert!(lines.starts_with("/S=a/ADMD=x/C=gb/@"), "{lines}");
        assert!(
            lines.contains("  note: extension attribute 24 has no text form and is left out\n"),
            "{lines}"
        );
        let json = answer_to(CHINESE, Style::Json).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["unexpressed"], serde_json::json!([24]));
        let lines = answer_to("/S=a/ADMD=x/C=gb/", Style::Text).unwrap_or_default();
        assert!(!lines.is_empty() && !lines.contains("note:"), "{lines}");
    }

    #[test]
    fn octets_that_are_no_or_name_are_refused() {
        for damaged in [&CHINESE[..CHINESE.len() - 2], "6003300100", "3000", &format!("{CHINESE}00")] {
            assert!(matches!(answer_to(damaged, Style::Text), Err(Failure::BadInput(_))), "{damaged}");
        }
    }
}
