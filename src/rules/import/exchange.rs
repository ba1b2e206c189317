//! What Exchange knows: its mapping files, and the addresses of its recipients.
//!
//! * `Mcgam.in.txt` and `Local.in.txt` (Exchange 5.5): `microsoft.com#prmd$microsoft.admd$gold 400.c$uk#` and the reverse, in
//!   one file. What is local is not to be published.
//! * A directory export as CSV, `csvde` as well: the column `E-mail Addresses` or `proxyAddresses` has all addresses of a recipient,
//!   with `%` or `;` between them and a backslash before what is no separator.
//! * The same as LDIF: `proxyAddresses`, `mail`, `textEncodedORAddress`.
//!
//! A recipient's primary addresses, whose types are in upper case, map to each other; the others lead to them.

use rasn_x400::x411::address::text::KeyedAddress;

use super::draft::{Direction, Draft};
use super::table::{Table, field};
use super::{At, Input, Unreadable, ldif, mcgam};
use crate::ldap::message::Entry;
use crate::rules::directory::person::without_prefix;
use crate::rules::mcgam::Kind;

pub(super) fn read(inputs: &[Input], draft: &mut Draft) -> Result<(), Unreadable> {
    for (number, input) in inputs.iter().enumerate() {
        let mut significant =
            input.text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let first = significant.next().unwrap_or_default();
        let begins =
            |word: &str| first.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if begins("dn:") || begins("version:") {
            entries(number, input, draft);
        } else if first.contains('$') && first.contains('#') || first.is_empty() {
            mappings(number, input, draft);
        } else {
            recipients(number, input, draft)?;
        }
    }
    Ok(())
}

fn mappings(number: usize, input: &Input, draft: &mut Draft) {
    let file = draft.file(number);
    let name = input.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let local = name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("local"));
    for (index, text) in input.text.lines().enumerate() {
        if text.starts_with('#') || text.trim().is_empty() {
            continue;
        }
        let at = At::new(&file, index + 1, text);
        let Some((key, value)) = mcgam::halves(text, &at, draft) else { continue };
        match (key.contains('$'), value.contains('$')) {
            (true, false) => mcgam::pair(Kind::OrToDomain, key, value, &at, local, draft),
            (false, true) => mcgam::pair(Kind::DomainToOr, value, key, &at, local, draft),
            _ => draft.left_out(&at, "one of the two fields is an O/R address, and not the other"),
        }
    }
}

fn recipients(number: usize, input: &Input, draft: &mut Draft) -> Result<(), Unreadable> {
    let unreadable = |reason: &str| Unreadable { name: input.name.clone(), reason: reason.to_owned() };
    let table = Table::read(&input.text).ok_or_else(|| unreadable("it has no header row"))?;
    let all = table.column(&["emailaddresses", "proxyaddresses"]);
    let mail = table.column(&["mail", "smtpaddress", "primarysmtpaddress"]);
    let or = table.column(&["textencodedoraddress", "x400address", "oraddress"]);
    let target = table.column(&["emailaddress", "targetaddress"]);
    if all.is_none() && (mail.is_none() || or.is_none()) {
        let reason =
            "neither a mapping file nor a table with the column `E-mail Addresses` or `proxyAddresses`";
        return Err(unreadable(reason));
    }
    let file = draft.file(number);
    let lines: Vec<&str> = input.text.lines().collect();
    for (line, row) in &table.rows {
        let at = At::new(&file, *line, lines.get(line - 1).copied().unwrap_or_default());
        let row = match row {
            Ok(row) => row,
            Err(reason) => {
                draft.left_out(&at, reason.as_str());
                continue;
            }
        };
        let mut addresses = Addresses::default();
        for text in field(row, all).map(split).unwrap_or_default() {
            addresses.typed(&text, &at, draft);
        }
        if let Some(target) = field(row, target).filter(|target| target.contains(':')) {
            addresses.typed(target, &at, draft);
        }
        addresses.plain(field(row, mail), field(row, or), &at, draft);
        addresses.take(&at, draft);
    }
    Ok(())
}

fn entries(number: usize, input: &Input, draft: &mut Draft) {
    let file = draft.file(number);
    let lines: Vec<&str> = input.text.lines().collect();
    for found in ldif::records(&input.text) {
        let at = |line: usize| At::new(&file, line, lines.get(line - 1).copied().unwrap_or_default());
        match found {
            Ok(record) => person(&record.entry, &at(record.line), draft),
            Err(fault) => draft.left_out(&at(fault.line), fault.reason),
        }
    }
}

/// Takes the addresses of an entry.
pub(super) fn person(entry: &Entry, at: &At, draft: &mut Draft) {
    let values = |wanted: &str| {
        let found = entry.attributes.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case(wanted));
        let texts = found.flat_map(|(_, values)| values);
        texts.filter_map(|value| String::from_utf8(value.clone()).ok()).collect::<Vec<_>>()
    };
    let mut addresses = Addresses::default();
    for text in values("proxyAddresses").iter().chain(&values("otherMailbox")) {
        // In otherMailbox of Exchange 5.5 a `$` separates the type.
        let typed =
            text.split_once('$').filter(|(kind, _)| kind.bytes().all(|octet| octet.is_ascii_alphanumeric()));
        match typed {
            Some((kind, value)) => addresses.typed(&format!("{kind}:{value}"), at, draft),
            None => addresses.typed(text, at, draft),
        }
    }
    let (mail, or) = (values("mail"), values("textEncodedORAddress"));
    addresses.plain(mail.first().map(String::as_str), or.first().map(String::as_str), at, draft);
    addresses.take(at, draft);
}

/// The addresses of somebody, each with whether it is the primary one of its type.
#[derive(Default)]
struct Addresses {
    internet: Vec<(String, bool)>,
    x400: Vec<(KeyedAddress, bool)>,
    faulty: bool,
}

impl Addresses {
    /// `SMTP:anna@example.com`, `X400:c=DE;a= ;p=Example;s=Weber;`.
    fn typed(&mut self, text: &str, at: &At, draft: &mut Draft) {
        let Some((kind, value)) = text.trim().split_once(':') else {
            return draft
                .left_out(at, format!("`{}` does not say what kind of address it is", text.escape_debug()));
        };
        let is_primary = !kind.bytes().any(|octet| octet.is_ascii_lowercase());
        match kind.to_ascii_lowercase().as_str() {
            "smtp" => self.internet.push((value.trim().to_owned(), is_primary)),
            "x400" => self.x400(value, is_primary, at, draft),
            _ => draft
                .passed_over(format!("addresses of the type {}", kind.to_ascii_uppercase().escape_debug())),
        }
    }

    fn x400(&mut self, text: &str, is_primary: bool, at: &At, draft: &mut Draft) {
        match rasn_x400::x411::address::text::parse(without_prefix(text)) {
            Ok(address) => self.x400.push((address, is_primary)),
            Err(error) => {
                self.faulty = true;
                draft.left_out(at, format!("`{}`: {error}", text.escape_debug()));
            }
        }
    }

    /// Addresses in columns of their own, which count where there is none of the kind.
    fn plain(&mut self, mail: Option<&str>, or: Option<&str>, at: &At, draft: &mut Draft) {
        if let Some(mail) = mail.filter(|mail| self.internet.is_empty() && mail.contains('@')) {
            self.internet.push((mail.trim().to_owned(), true));
        }
        if let Some(or) = or.filter(|_| self.x400.is_empty() && !self.faulty) {
            self.x400(or, true, at, draft);
        }
    }

    fn take(self, at: &At, draft: &mut Draft) {
        if self.faulty && self.x400.is_empty() {
            return;
        }
        let primary = |flags: Vec<bool>| flags.iter().position(|is_primary| *is_primary).unwrap_or(0);
        let internet = primary(self.internet.iter().map(|(_, is_primary)| *is_primary).collect());
        let x400 = primary(self.x400.iter().map(|(_, is_primary)| *is_primary).collect());
        let (Some((mailbox, _)), Some((address, _))) = (self.internet.get(internet), self.x400.get(x400))
        else {
            return match (self.internet.is_empty(), self.x400.is_empty()) {
                (true, true) => draft.passed_over("entries without addresses"),
                (true, false) => draft.left_out(at, "there is no Internet address"),
                (false, _) => draft.left_out(at, "there is no X.400 address"),
            };
        };
        draft.user(mailbox, address, Direction::Both, at);
        for (place, (other, _)) in self.internet.iter().enumerate() {
            if place != internet {
                draft.user(other, address, Direction::ToX400, at);
            }
        }
        for (place, (other, _)) in self.x400.iter().enumerate() {
            if place != x400 {
                draft.user(mailbox, other, Direction::ToInternet, at);
            }
        }
    }
}

/// The values of a list: what is between separators, which are those before the next type. A backslash takes the meaning
/// of what follows.
fn split(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        let separates = matches!(character, '%' | ';') && begins_address(&text[place + 1..]);
        match (character, values.last_mut()) {
            ('\\', Some(value)) => value.extend(characters.next().map(|(_, escaped)| escaped)),
            (_, Some(_)) if separates => values.push(String::new()),
            (_, Some(value)) => value.push(character),
            (_, None) => {}
        }
    }
    values.retain(|value| !value.trim().is_empty());
    values
}

/// Whether a type follows: letters and digits, then a colon. `DDA:` belongs to an X.400 address.
fn begins_address(rest: &str) -> bool {
    let kind = rest.trim_start();
    let length = kind.bytes().take_while(u8::is_ascii_alphanumeric).count();
    length > 1 && kind[length..].starts_with(':') && !kind[..length].eq_ignore_ascii_case("dda")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_addresses_are_taken_apart() {
        for (text, values) in [
            (
                r"MS:ACME/SITE/BO%SMTP:bo@acme.example%X400:c=GB;a= ;p=acme;s=Bo;",
                vec!["MS:ACME/SITE/BO", "SMTP:bo@acme.example", "X400:c=GB;a= ;p=acme;s=Bo;"],
            ),
            (
                r"SMTP:bo@acme.example;X400:c=GB\;a= \;p=acme\;s=Bo\;;smtp:b@acme.example",
                vec!["SMTP:bo@acme.example", "X400:c=GB;a= ;p=acme;s=Bo;", "smtp:b@acme.example"],
            ),
            ("X400:c=GB;a= ;p=acme;DDA:SMTP=x(a)y;", vec!["X400:c=GB;a= ;p=acme;DDA:SMTP=x(a)y;"]),
            (r"CUSTOM:50\% off %SMTP:a@b.example", vec!["CUSTOM:50% off ", "SMTP:a@b.example"]),
            ("", vec![]),
        ] {
            assert_eq!(split(text), values, "{text}");
        }
    }
}
