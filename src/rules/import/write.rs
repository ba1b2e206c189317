//! A draft as a rule file, with tables beside it where there is much of one kind.

use std::fmt::Write as _;

use rasn_x400::x411::address::text;

use super::draft::{Aviation, Destination, Direction, Draft, Row, Side, User};
use crate::rules::aviation::Scheme;
use crate::rules::file;
use crate::rules::pseudo_domain::Path;

/// How a rule file is laid out.
#[derive(Debug, Clone)]
pub struct Layout {
    /// What the file will be called, without its ending; tables are named after it.
    pub stem: String,
    /// More rules of one kind go into a table of their own. None: everything is in the file.
    pub longest: Option<usize>,
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The rule file.
    pub rules: String,
    /// Tables by the name that the rule file has for them.
    pub tables: Vec<(String, String)>,
}

pub(super) fn write(draft: &Draft, layout: &Layout) -> Written {
    let mut written = Written { rules: heading(draft), tables: Vec::new() };
    countries(draft, &mut written.rules);
    if let Some(found) = draft.aviation() {
        aviation(found, &mut written.rules);
    }
    users(draft, layout, &mut written);
    let in_table = |row: &&Row| !row.is_preferred && !row.local;
    let many = layout.longest.is_some_and(|longest| draft.rows().iter().filter(in_table).count() > longest);
    for row in draft.rows() {
        if !(many && in_table(&row)) {
            pair(row, &mut written.rules);
        }
    }
    routes(draft, &mut written.rules);
    if many {
        let name = format!("{}-equivalences.csv", layout.stem);
        let rows = draft.rows().iter().filter(in_table);
        let lines = rows
            .map(|row| [row.domain.as_str(), &or(&row.side), direction(row.direction)].map(csv).join(","));
        let text: String = std::iter::once("domain,or,direction".to_owned())
            .chain(lines)
            .map(|line| line + "\r\n")
            .collect();
        let _ = write!(written.rules, "\n[[table]]\nfile = {}\nkind = \"equivalences\"\n", quoted(&name));
        written.tables.push((name, text));
    }
    written
}

fn heading(draft: &Draft) -> String {
    let report = draft.report();
    let format = serde_json::to_value(report.format).unwrap_or_default();
    let format = format.as_str().unwrap_or_default().to_owned();
    let mut text = format!("# Made by `x400gw rules import --from {format}`.\n");
    for read in &report.read {
        let _ = writeln!(text, "# From {}, {} lines.", read.file.escape_debug(), read.lines);
    }
    let _ = writeln!(
        text,
        "# Left out: {}. Not quite as it was: {}. The report says what and why.",
        report.left_out.len(),
        report.changed.len()
    );
    text
}

fn countries(draft: &Draft, text: &mut String) {
    for (index, (digits, letters, place)) in draft.countries().enumerate() {
        if index == 0 {
            text.push_str("\n[countries]\n");
        }
        let _ = writeln!(text, "{digits} = {} # {place}", quoted(letters));
    }
}

fn aviation(found: &Aviation, text: &mut String) {
    let _ = write!(text, "\n[aviation]\ndomain = {}\n", quoted(&found.domain));
    if !found.management_domains.is_empty() {
        text.push_str("management_domain = [\n");
        for (letters, (prmd, scheme, place)) in &found.management_domains {
            let scheme = match scheme {
                Scheme::Xf => "xf",
                Scheme::Caas => "caas",
            };
            let _ = writeln!(
                text,
                "    {{ letters = {}, prmd = {}, scheme = \"{scheme}\" }}, # {}",
                quoted(letters),
                quoted(prmd),
                place.to_string().escape_debug()
            );
        }
        text.push_str("]\n");
    }
    if !found.locations.is_empty() {
        text.push_str("\n[aviation.location]\n");
    }
    for (location, (unit, place)) in &found.locations {
        let _ = writeln!(text, "{location} = {} # {}", quoted(unit), place.to_string().escape_debug());
    }
    if !found.users.is_empty() {
        text.push_str("\n[aviation.user]\n");
    }
    for (letters, (address, at)) in &found.users {
        let address = quoted(&or(&Side::Address(address.clone())));
        let _ = writeln!(text, "{letters} = {address} # {}", at.place.to_string().escape_debug());
    }
}

/// Exact pairs, in a table of their own if they are many.
fn users(draft: &Draft, layout: &Layout, written: &mut Written) {
    let users = draft.users();
    if layout.longest.is_none_or(|longest| users.len() <= longest) {
        for User { internet, address, direction: way, places } in users {
            let places: Vec<String> = places.iter().map(ToString::to_string).collect();
            let _ = write!(
                written.rules,
                "\n# {}\n[[user]]\ninternet = {}\nor = {}\n",
                places.join(", ").escape_debug(),
                quoted(internet),
                quoted(&or(&Side::Address(address.clone()))),
            );
            if *way != Direction::Both {
                let _ = writeln!(written.rules, "direction = {}", quoted(direction(*way)));
            }
        }
        return;
    }
    let name = format!("{}-users.csv", layout.stem);
    let lines = users.iter().map(|user| {
        let address = or(&Side::Address(user.address.clone()));
        [user.internet.as_str(), &address, direction(user.direction)].map(csv).join(",")
    });
    let text =
        std::iter::once("internet,or,direction".to_owned()).chain(lines).map(|line| line + "\r\n").collect();
    let _ = write!(written.rules, "\n[[table]]\nfile = {}\nkind = \"users\"\n", quoted(&name));
    written.tables.push((name, text));
}

fn pair(row: &Row, text: &mut String) {
    let places: Vec<String> = row.places.iter().map(ToString::to_string).collect();
    let kind = if row.is_preferred { "preferred" } else { "equivalence" };
    let _ = write!(
        text,
        "\n# {}\n[[{kind}]]\ndomain = {}\nor = {}\n",
        places.join(", ").escape_debug(),
        quoted(&row.domain),
        quoted(&or(&row.side)),
    );
    if row.direction != Direction::Both {
        let _ = writeln!(text, "direction = {}", quoted(direction(row.direction)));
    }
    if row.local {
        text.push_str("local = true\n");
    }
}

fn routes(draft: &Draft, text: &mut String) {
    for (to, place) in draft.routes() {
        let _ = write!(text, "\n# {}\n[[route]]\n", place.to_string().escape_debug());
        let _ = match to {
            Destination::Peer(address, peer) => {
                let address = or(&Side::Address(address.clone()));
                writeln!(text, "address = {}\npeer = {}", quoted(&address), quoted(peer))
            }
            Destination::Hosts(domain, hosts) => {
                let hosts: Vec<String> = hosts.iter().map(|host| quoted(host)).collect();
                writeln!(text, "domain = {}\nsmart-host = [{}]", quoted(domain), hosts.join(", "))
            }
        };
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => "both",
        Direction::ToX400 => "to-x400",
        Direction::ToInternet => "to-internet",
    }
}

/// As people write it, unless only the form of the tables says the same.
fn or(side: &Side) -> String {
    match side {
        Side::Address(address) => {
            let display = address.to_display();
            // A `$` would make the rule file take it for the form of the tables.
            let is_same = text::parse(&display).is_ok_and(|read| read == *address) && !display.contains('$');
            if is_same { display } else { file::general(address) }
        }
        Side::Path(path) => {
            let address: text::KeyedAddress = path.attributes().collect();
            let display = address.to_display();
            let is_same =
                text::parse(&display).is_ok_and(|read| Path::of(&read) == *path) && !display.contains('$');
            if is_same { display } else { path.to_text() }
        }
    }
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A field of CSV (RFC 4180).
fn csv(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) || field.starts_with(' ') || field.ends_with(' ') {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
