//! Address tables of aviation as CSV. What a table is, its columns tell; in whatever case, with or without spaces.
//!
//! | table | columns | becomes |
//! |---|---|---|
//! | management domains | `letters` (nationality letters, or more of the address), `prmd`, `scheme` (XF or CAAS) | `management_domain` |
//! | CAAS | `O` (geographical unit), `OU` (location indicators, one or several) | `location` |
//! | users | `AFTN` (eight letters), `address` (an O/R address), or its attributes `CN`, `OU1`, `O`, `PRMD`; perhaps `internet` | `user`, and `[[user]]` |
//!
//! A user whose address is the one that the scheme gives needs no rule. `C` and `ADMD`, where they are given, are XX and ICAO.

use rasn_x400::x411::address::text::{self, Key, KeyedAddress};

use super::draft::{Direction, Draft};
use super::table::{Table, field};
use super::{At, Hints, Input, Unreadable};
use crate::rules::aviation::Scheme;
use crate::rules::mcgam::is_label;

const LETTERS: [&str; 7] =
    ["letters", "nationality", "nationalityletters", "identifier", "mdidentifier", "icaocode", "designator"];
const PRMD: [&str; 4] = ["prmd", "p", "prmdname", "privatedomain"];
const ADMD: [&str; 3] = ["admd", "a", "admdname"];
const COUNTRY: [&str; 3] = ["c", "country", "countryname"];
const SCHEME: [&str; 3] = ["scheme", "addressingscheme", "addressscheme"];
const ORGANIZATION: [&str; 4] = ["o", "organization", "organizationname", "geographicalunit"];
const LOCATION: [&str; 6] = ["ou", "ou1", "location", "locations", "locationindicator", "locationindicators"];
const AFTN: [&str; 4] = ["aftn", "aftnaddress", "afaddress", "addresseeindicator"];
const ADDRESS: [&str; 5] = ["address", "oraddress", "or", "amhsaddress", "x400"];
const INTERNET: [&str; 4] = ["internet", "mail", "email", "internetaddress"];

pub(super) fn read(inputs: &[Input], hints: &Hints, draft: &mut Draft) -> Result<(), Unreadable> {
    for (number, input) in inputs.iter().enumerate() {
        let unreadable = |reason: &str| Unreadable { name: input.name.clone(), reason: reason.to_owned() };
        let domain = hints.domain.as_deref().filter(|domain| domain.split('.').all(is_label));
        let domain = domain
            .ok_or_else(|| unreadable("the Internet domain of these addresses is wanting: `--domain`"))?;
        draft.aviation_at(domain);
        let table = Table::read(&input.text).ok_or_else(|| unreadable("it has no header row"))?;
        let has = |names: &[&str]| table.column(names).is_some();
        let row = match () {
            () if has(&AFTN) => user,
            () if has(&SCHEME) && has(&LETTERS) && has(&PRMD) => management_domain,
            () if has(&ORGANIZATION) && has(&LOCATION) => location,
            () => {
                let reason = "its columns are neither `letters`, `prmd` and `scheme`, nor `O` and `OU`, nor `AFTN` and an address";
                return Err(unreadable(reason));
            }
        };
        let file = draft.file(number);
        let lines: Vec<&str> = input.text.lines().collect();
        for (line, found) in &table.rows {
            let at = At::new(&file, *line, lines.get(line - 1).copied().unwrap_or_default());
            let get =
                |names: &[&str]| found.as_ref().ok().and_then(|found| field(found, table.column(names)));
            let taken = match found {
                Err(reason) => Err(reason.clone()),
                Ok(_) => is_of_aviation(&get).and_then(|()| row(&get, &at, draft)),
            };
            if let Err(reason) = taken {
                draft.left_out(&at, reason);
            }
        }
    }
    draft.settle_aviation();
    Ok(())
}

/// Gives the field of a column by any of its names.
type Get<'g> = &'g dyn Fn(&[&str]) -> Option<&'g str>;

fn is_of_aviation(get: Get<'_>) -> Result<(), String> {
    for (names, expected) in [(&COUNTRY, "XX"), (&ADMD, "ICAO")] {
        if let Some(other) = get(names.as_slice()).filter(|found| !found.eq_ignore_ascii_case(expected)) {
            return Err(format!(
                "addresses of aviation have {}={expected}, not `{other}`",
                names[0].to_ascii_uppercase()
            ));
        }
    }
    Ok(())
}

fn management_domain(get: Get<'_>, at: &At, draft: &mut Draft) -> Result<(), String> {
    let letters = get(&LETTERS).ok_or("no letters")?.to_ascii_uppercase();
    if !matches!(letters.len(), 2 | 4 | 5 | 7) || !letters.bytes().all(|octet| octet.is_ascii_uppercase()) {
        return Err(format!("`{letters}` is no pattern: 2, 4, 5 or 7 letters"));
    }
    let prmd = get(&PRMD).ok_or("no PRMD")?;
    let scheme = match get(&SCHEME).unwrap_or("XF").to_ascii_uppercase().as_str() {
        "XF" => Scheme::Xf,
        "CAAS" => Scheme::Caas,
        other => return Err(format!("`{other}` is neither XF nor CAAS")),
    };
    draft.management_domain(&letters, prmd, scheme, at)
}

fn location(get: Get<'_>, at: &At, draft: &mut Draft) -> Result<(), String> {
    let unit = get(&ORGANIZATION).ok_or("no geographical unit")?;
    let locations = get(&LOCATION).ok_or("no location indicator")?;
    for location in locations.split([' ', ',', ';', '/']).filter(|location| !location.is_empty()) {
        if location.len() != 4 || !location.bytes().all(|octet| octet.is_ascii_alphabetic()) {
            draft.left_out(at, format!("`{}` is no location indicator", location.escape_debug()));
            continue;
        }
        draft.location(&location.to_ascii_uppercase(), unit, at)?;
    }
    Ok(())
}

fn user(get: Get<'_>, at: &At, draft: &mut Draft) -> Result<(), String> {
    let letters = get(&AFTN).ok_or("no AFTN address")?.to_ascii_uppercase();
    if letters.len() != 8 || !letters.bytes().all(|octet| octet.is_ascii_uppercase()) {
        return Err(format!("`{}` is not eight letters", letters.escape_debug()));
    }
    let address = match get(&ADDRESS) {
        Some(written) => {
            text::parse(written).map_err(|error| format!("`{}`: {error}", written.escape_debug()))?
        }
        None => of_columns(get)?,
    };
    if let Some(internet) = get(&INTERNET) {
        draft.user(internet, &address, Direction::Both, at);
        return Ok(());
    }
    draft.user_of_aviation(&letters, address, at)
}

/// An address whose attributes have columns of their own.
fn of_columns(get: Get<'_>) -> Result<KeyedAddress, String> {
    let mut address = KeyedAddress::default();
    let columns: [(&[&str], Key); 7] = [
        (&["cn", "commonname"], Key::CommonName),
        (&["ou4"], Key::OrganizationalUnit),
        (&["ou3"], Key::OrganizationalUnit),
        (&["ou2"], Key::OrganizationalUnit),
        (&LOCATION, Key::OrganizationalUnit),
        (&ORGANIZATION, Key::Organization),
        (&PRMD, Key::PrivateDomain),
    ];
    for (names, key) in columns {
        if let Some(value) = get(names) {
            address.insert(key, value);
        }
    }
    if address.attributes().len() < 2 {
        return Err("no O/R address".to_owned());
    }
    address.insert(Key::AdministrationDomain, "ICAO");
    address.insert(Key::Country, "XX");
    Ok(address)
}
