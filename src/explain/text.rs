//! Explanations for people: columns for what is compared, at most [`WIDTH`] characters where the words allow it.

use super::address::{Explained as Address, Fault};
use super::judged::Applied;
use super::message::{Explained as Message, Field, Lost, Place as Octet};
use super::{Outcome, Place, Rule, Side, Step};

/// Characters of a line.
pub const WIDTH: usize = 110;

/// Columns are not made wider than this for one long value.
const COLUMN: usize = 44;

/// An address with everything that is known about it.
#[must_use]
pub fn address(told: &Address) -> String {
    let mut text = String::new();
    heading(&mut text, told);
    if !told.parts.is_empty() {
        let rows: Vec<[String; 4]> = told
            .parts
            .iter()
            .map(|part| {
                let by = match &part.rule {
                    Some(rule) => format!("{} ({})", rule.text, part.clause),
                    None => part.clause.clone(),
                };
                [part.name.clone(), part.value.clone(), part.source.clone(), by]
            })
            .collect();
        let (first, side) = match told.towards {
            Side::X400 => ("attribute", "made of"),
            Side::Internet => ("piece", "made of"),
        };
        text.push('\n');
        text.push_str(&table(&[first, "value", side, "by"], &rows));
    }
    for number in &told.unexpressed {
        text.push_str(&format!("note: extension attribute {number} has no text form and is left out\n"));
    }
    if !told.steps.is_empty() {
        text.push_str("\nsteps\n");
        for (number, step) in told.steps.iter().enumerate() {
            let lead = format!("{:>3}  ", number + 1);
            text.push_str(&wrapped(&lead, &step_line(step)));
            let read = told.fault.as_ref().map_or(told.address.as_str(), |fault| fault.text.as_str());
            if let Some(octet) = step.octet.filter(|_| told.outcome == Outcome::Mapped) {
                text.push_str(&caret("     ", read, octet, "this far"));
            }
            if let Some(suggestion) = &step.suggestion {
                text.push_str(&wrapped("     ", &format!("help: {suggestion}")));
            }
        }
    }
    if let Some(reply) = &told.reply {
        text.push_str(&format!("\n{} is answered\n", reply.command));
        let enhanced = reply.enhanced.as_deref().unwrap_or_default();
        for (number, line) in reply.text.iter().enumerate() {
            let dash = if number + 1 < reply.text.len() { '-' } else { ' ' };
            text.push_str(&wrapped("  ", &format!("{}{dash}{enhanced} {line}", reply.code)));
        }
    }
    if let Some(report) = &told.report {
        text.push_str(&wrapped("\nthe originator is told  ", report));
    }
    if let Some(route) = &told.route {
        text.push_str(&wrapped("\nroute  ", &route.text));
    }
    if let Some(other) = &told.stays {
        text.push_str(&wrapped("\nstays in X.400  ", other));
    }
    if let Some(policy) = &told.policy {
        let said = match (policy.action.as_str(), &policy.rule, &policy.because) {
            ("open", ..) => "that depends on the message, or on who writes".to_owned(),
            (action, Some(rule), Some(because)) => format!("{action}: {}, {because}", rule.text),
            (action, ..) => format!("{action}: no policy is about it"),
        };
        text.push_str(&wrapped("\npolicy  ", &said));
        applied(&mut text, "", &policy.open);
    }
    applied(&mut text, "\nheader rules\n", &told.headers);
    applied(&mut text, "\nbody rules\n", &told.bodies);
    if let Some(octets) = &told.octets {
        let count = octets.hex.len() / 2;
        text.push_str(&format!("\nO/R name in P1, {count} octets\n"));
        octets.lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        let digits: Vec<char> = octets.hex.chars().collect();
        for line in digits.chunks(64) {
            let pairs: Vec<String> = line.chunks(2).map(|pair| pair.iter().collect()).collect();
            text.push_str(&format!("  {}\n", pairs.join(" ")));
        }
    }
    text
}

/// Rules that count, each with what of it a message meets.
fn applied(text: &mut String, heading: &str, rules: &[Applied]) {
    if rules.is_empty() {
        return;
    }
    text.push_str(heading);
    for Applied { rule, because } in rules {
        text.push_str(&wrapped("  ", &format!("{}, {because}", rule.text)));
    }
}

/// The counterpart and the steps alone.
#[must_use]
pub fn address_in_short(told: &Address) -> String {
    let mut text = String::new();
    match (&told.result, &told.fault) {
        (Some(result), None) => text.push_str(&format!("{result}\n")),
        (_, Some(fault)) => text.push_str(&fault_lines(fault)),
        (None, None) => {}
    }
    for step in &told.steps {
        text.push_str(&format!("  {}\n", step_line(step)));
    }
    for number in &told.unexpressed {
        text.push_str(&format!("  note: extension attribute {number} has no text form and is left out\n"));
    }
    if let Some(route) = &told.route {
        text.push_str(&format!("  {}\n", route.text));
    }
    text
}

fn heading(text: &mut String, told: &Address) {
    let side = match told.towards {
        Side::X400 => "to X.400",
        Side::Internet => "to the Internet",
    };
    let place = match told.place {
        Place::Recipient => "recipient",
        Place::ReturnPath => "originator",
        Place::Header => "in a header",
    };
    let ended = match told.outcome {
        Outcome::Mapped => "",
        Outcome::Refused => ": refused",
        Outcome::Undetermined => ": not known now",
        Outcome::Malformed => ": not an address",
    };
    text.push_str(&format!("{}  {side}, {place}{ended}\n", told.address.trim_end()));
    if let Some(shown) = &told.shown {
        text.push_str(&wrapped("  ", shown));
    }
    if let Some(fault) = &told.fault {
        text.push('\n');
        text.push_str(&fault_lines(fault));
    }
}

/// What is wrong, with a caret under the place it speaks of.
#[must_use]
pub fn fault_lines(fault: &Fault) -> String {
    let mut text = wrapped("", &format!("error: {} ({})", fault.reason, fault.clause));
    text.push_str(&caret("  ", &fault.text, fault.octet, ""));
    if let Some(suggestion) = &fault.suggestion {
        text.push_str(&wrapped("", &format!("help: {suggestion}")));
    }
    text
}

/// A text, and a caret under one of its octets.
fn caret(lead: &str, read: &str, octet: usize, said: &str) -> String {
    let line = read.lines().next().unwrap_or_default();
    let column = line.get(..octet).map_or_else(|| octet.min(line.len()), |before| before.chars().count());
    let said = if said.is_empty() { String::new() } else { format!(" {said}") };
    format!("{lead}{line}\n{lead}{}^{said}\n", " ".repeat(column))
}

fn step_line(step: &Step) -> String {
    let rule = step.rule.as_ref().map(|rule| format!(" [{}]", rule.text)).unwrap_or_default();
    format!("{}: {} ({}){rule}", step.what, step.value, step.clause)
}

/// A message: each field of the result with its source and clause, and its value below; the addresses in them; then what
/// was lost.
#[must_use]
pub fn message(told: &Message) -> String {
    let mut text = String::new();
    if told.outcome != Outcome::Mapped {
        for why in &told.refused {
            text.push_str(&wrapped("", &format!("error: {why}")));
        }
        return text;
    }
    let mut sections: Vec<(String, Vec<Row<'_>>)> = Vec::new();
    for field in told.fields.iter().filter(|field| !is_address(field)) {
        let (section, name) = section(&field.field);
        let row = Row { name, field };
        match sections.iter_mut().find(|(known, _)| *known == section) {
            Some((_, rows)) => rows.push(row),
            None => sections.push((section, vec![row])),
        }
    }
    let rows = || sections.iter().flat_map(|(_, rows)| rows);
    let names = rows().map(|row| width_of(row.name)).max().unwrap_or(0).min(COLUMN);
    let sources = rows().map(|row| width_of(&source(row.field))).max().unwrap_or(0).min(COLUMN);
    for (section, rows) in &sections {
        text.push_str(&format!("{section}\n"));
        for Row { name, field } in rows {
            let lead = format!("  {}  {}  ", padded(name, names), padded(&source(field), sources));
            text.push_str(&wrapped(&lead, &field.clause.text));
            text.push_str(&wrapped("      ", field.value.lines().next().unwrap_or_default()));
        }
    }
    addresses(&mut text, told);
    for why in &told.refused {
        text.push_str(&wrapped("not for ", why));
    }
    text.push_str("what was lost\n");
    if told.losses.is_empty() {
        text.push_str("  nothing\n");
    }
    told.losses.iter().for_each(|loss| loss_lines(&mut text, loss));
    text
}

/// A field under the head of its section.
struct Row<'a> {
    name: &'a str,
    field: &'a Field,
}

/// What a field belongs to, and what it is called there.
fn section(field: &str) -> (String, &str) {
    if let Some((recipient, name)) =
        field.split_once("].").filter(|(at, _)| at.starts_with("envelope.recipients["))
    {
        return (format!("{recipient}]"), name);
    }
    for prefix in ["envelope.", "heading.", "notification.", "report."] {
        if let Some(name) = field.strip_prefix(prefix) {
            return (prefix.trim_end_matches('.').to_owned(), name);
        }
    }
    match field.split_once(' ') {
        Some((first @ ("header" | "MAIL" | "RCPT"), name)) => (first.to_owned(), name),
        _ if field.starts_with("body") => ("body".to_owned(), field),
        _ => ("more".to_owned(), field),
    }
}

fn is_address(field: &Field) -> bool {
    field.field.starts_with("address ")
}

/// `header Subject, line 3, octet 61`
fn source(field: &Field) -> String {
    format!("{}{}", field.source, places(&field.places))
}

/// Every address once, with how it was mapped and where it stands.
fn addresses(text: &mut String, told: &Message) {
    let mut known: Vec<(&Field, Vec<&str>)> = Vec::new();
    for field in told.fields.iter().filter(|field| is_address(field)) {
        let same = |(one, _): &&mut (&Field, Vec<&str>)| {
            (&one.field, &one.value, &one.steps) == (&field.field, &field.value, &field.steps)
        };
        match known.iter_mut().find(same) {
            Some((_, sources)) if sources.contains(&field.source.as_str()) => {}
            Some((_, sources)) => sources.push(&field.source),
            None => known.push((field, vec![&field.source])),
        }
    }
    if !known.is_empty() {
        text.push_str("addresses\n");
    }
    for (field, sources) in known {
        let address = field.field.strip_prefix("address ").unwrap_or(&field.field);
        text.push_str(&wrapped("  ", &format!("{address} ({})", sources.join(", "))));
        text.push_str(&wrapped("      ", &format!("= {}", field.value)));
        for step in &field.steps {
            text.push_str(&wrapped("      ", &step_line(step)));
        }
    }
}

fn loss_lines(text: &mut String, loss: &Lost) {
    let instead = loss.instead.as_ref().map(|instead| format!("; instead: {instead}")).unwrap_or_default();
    let source = format!("{}{}", loss.source, places(&loss.places));
    text.push_str(&wrapped(
        "  ",
        &format!("{source}: {}: {} ({}){instead}", loss.what, loss.reason, loss.clause.text),
    ));
}

/// `, line 3, octet 61`, or nothing.
fn places(places: &[Octet]) -> String {
    if places.is_empty() {
        return String::new();
    }
    let one = |place: &Octet| match place.line {
        Some(line) => format!("line {line}, octet {}", place.octet),
        None => format!("octet {:#x}", place.octet),
    };
    format!(", {}", places.iter().map(one).collect::<Vec<_>>().join("; "))
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn width_of(text: &str) -> usize {
    text.chars().count()
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(width_of(text))))
}

/// Rows under their heads; the last column is wrapped.
fn table<const N: usize>(heads: &[&str; N], rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| width_of(&row[column]));
        cells.chain([width_of(heads[column])]).max().unwrap_or(0).min(COLUMN)
    });
    let mut text = String::new();
    let heads = heads.map(str::to_owned);
    for row in std::iter::once(&heads).chain(rows) {
        let (last, others) = row.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
        let lead: String =
            others.iter().zip(widths).map(|(cell, width)| format!("{}  ", padded(cell, width))).collect();
        text.push_str(&wrapped(&lead, last));
    }
    text
}

/// Words after a lead, in as many lines as they need; the others begin below the first word.
fn wrapped(lead: &str, words: &str) -> String {
    let shown = lead.trim_start_matches('\n');
    let indent = width_of(shown).min(WIDTH / 2);
    let mut text = lead.to_owned();
    let mut column = width_of(shown);
    let mut is_first = true;
    for word in words.split(' ') {
        let width = width_of(word);
        if !is_first && column + 1 + width > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
            is_first = true;
        }
        if !is_first {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
        is_first = false;
    }
    let end = text.trim_end_matches(' ').len();
    text.truncate(end);
    text.push('\n');
    text
}
