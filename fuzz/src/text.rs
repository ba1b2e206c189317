//! Texts: addresses, trace fields, and the files of an operator.

use std::hint::black_box;

use rasn_x400::ber;
use rasn_x400::x411::address::text::personal::EncodedName;
use rasn_x400::x411::address::text::teletex::{self, Both};
use rasn_x400::x411::address::text::{KeyedAddress, check, parse, presentation};
use x400_gateway::config::Config;
use x400_gateway::diagnostic::Report;
use x400_gateway::mixer::AddressContext;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::encoded_types::EncodedTypes;
use x400_gateway::mixer::identifier::{message_id_to_x400, phrase_to_x400, x400_to_message_id};
use x400_gateway::mixer::printable::{from_printable, teletex_from_text, teletex_to_text, to_printable};
use x400_gateway::mixer::trace::{domain_of, parse_x400_received};
use x400_gateway::peer::script::Script;
use x400_gateway::rules::import::{Format, Hints, Input, Layout, Written, import};
use x400_gateway::rules::{Rejected, Rules};
use x400_gateway::serve;

use super::dice::Dice;
use super::mail::DEFAULTS;

/// Octets of a text whose other forms are within what is read at all.
const SHORT: usize = 1000;

fn utf8(octets: &[u8]) -> Option<&str> {
    std::str::from_utf8(octets).ok()
}

/// Both text forms of an address are read back.
pub fn read_back(address: &KeyedAddress) {
    let text = address.to_std_or();
    if text.len() > SHORT {
        return;
    }
    if let Ok(read) = parse(&text) {
        assert_eq!(parse(&read.to_std_or()).as_ref(), Ok(&read), "{text}");
        assert_eq!(parse(&read.to_display()).as_ref(), Ok(&read), "{text} as {}", read.to_display());
    }
}

/// An O/R address as text, in any of the forms: what was read is written, and read as the same; and so as ASN.1.
pub fn or_address(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    black_box(EncodedName::parse(text).and_then(|name| name.generate()));
    let address = match parse(text) {
        Ok(address) => address,
        Err(error) => {
            assert!(error.offset <= text.len(), "{error}");
            return false;
        }
    };
    black_box((check(&address), address.form().is_ok()));
    if text.len() <= SHORT {
        assert_eq!(parse(&address.to_std_or()).as_ref(), Ok(&address));
        assert_eq!(parse(&address.to_display()).as_ref(), Ok(&address), "{}", address.to_display());
    }
    if let Ok(name) = address.to_or_name() {
        let octets = ber::encode(&name).unwrap();
        assert_eq!(ber::decode(&octets, octets.len()).as_ref(), Ok(&name));
        // Teletex that is all printable becomes printable, once.
        let back = KeyedAddress::from_or_name(&name).address;
        if let Ok(name) = back.to_or_name() {
            assert_eq!(KeyedAddress::from_or_name(&name).address, back, "{address}");
        }
    }
    true
}

pub fn presentation_address(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    match presentation::parse(text) {
        Ok(address) => {
            let again = presentation::to_text(&address);
            assert_eq!(presentation::parse(&again).as_ref(), Ok(&address), "{again}");
            true
        }
        Err(error) => {
            assert!(error.offset <= text.len(), "{error}");
            false
        }
    }
}

/// The notations for characters that a string has no room for, there and back.
pub fn printable(octets: &[u8], _: &mut Dice) -> bool {
    let braces = teletex_to_text(octets);
    assert_eq!(teletex_from_text(&braces).as_deref(), Ok(octets));
    let braces = teletex::to_text(octets);
    assert_eq!(teletex::from_text(&braces).as_deref(), Ok(octets));
    let Some(text) = utf8(octets) else { return false };
    if let Ok(printable) = to_printable(text) {
        assert_eq!(from_printable(&printable).as_deref(), Ok(text));
    }
    black_box((from_printable(text).is_ok(), teletex_from_text(text).is_ok()));
    if let Ok(both) = Both::from_text(text) {
        let text = both.to_text();
        assert_eq!(Both::from_text(&text).map(|both| both.to_text()), Ok(text));
    }
    true
}

/// Text of peers in the trace of a mail, and identifiers.
pub fn trace_fields(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    let is_address = |text: &str| parse(text).is_ok();
    let mapped = message_id_to_x400(text, is_address);
    black_box(x400_to_message_id(&mapped.identifier));
    let mapped = phrase_to_x400(text);
    black_box(x400_to_message_id(&mapped.identifier));
    let (types, _) = EncodedTypes::parse(text);
    let (again, unknown) = EncodedTypes::parse(&types.to_text());
    assert_eq!((again.to_text(), unknown), (types.to_text(), Vec::new()));
    let asn1 = types.to_asn1();
    let octets = ber::encode(&asn1).unwrap();
    assert_eq!(ber::decode(&octets, octets.len()).as_ref(), Ok(&asn1));
    let domain = |text: &str| domain_of(&parse(text).ok()?.to_or_name().ok()?);
    parse_x400_received(text, domain).is_some() || !types.is_empty()
}

/// An Internet address: what goes to X.400 comes back, and goes to the same again.
pub fn address_mapping(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets).filter(|text| text.len() <= SHORT) else { return false };
    let mapper = Mapper::new(&DEFAULTS.0);
    let mut taken = false;
    for context in [AddressContext::Header, AddressContext::Recipient, AddressContext::ReturnPath] {
        match mapper.to_or(text, context) {
            Ok(found) => {
                taken = true;
                if let Ok(back) = mapper.to_internet(&found.name) {
                    let again = mapper.to_or(&back.address, context).map(|found| found.address);
                    assert_eq!(
                        again.map(|address| same_case(&address)),
                        Ok(same_case(&found.address)),
                        "{text} by way of {}",
                        back.address
                    );
                }
            }
            Err(error) => assert!(error.offset <= text.len(), "{error}"),
        }
    }
    taken
}

/// Tables decide how a domain is spelled; names are equal in any case.
fn same_case(address: &KeyedAddress) -> String {
    address.to_std_or().to_ascii_lowercase()
}

fn told(report: &Report) {
    assert!(!report.diagnostics.is_empty(), "what is refused is refused for a reason");
    black_box((report.render(), report.to_json()));
}

pub fn config(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    match Config::parse("x400gw.toml", text) {
        Ok(config) => {
            black_box(config.routing_rules());
            black_box(serve::conversion_settings(&config).is_ok());
            true
        }
        Err(report) => {
            told(&report);
            false
        }
    }
}

/// A rule file, which may include itself, a table and a file of pairs.
pub fn mapping_rules(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    let read = |name: &str| match name {
        "rules.toml" => Ok(text.to_owned()),
        "mapping1" => Ok("ADMD$x400.C$xx#x400.example#\n".to_owned()),
        "people.csv" => Ok("internet,or\nada@x400.example,S=Ada; O=b; A=x400; C=xx\n".to_owned()),
        _ => Err("there is no such file".to_owned()),
    };
    match Rules::load("rules.toml", &read) {
        Ok(loaded) => {
            used(&loaded.rules);
            true
        }
        Err(rejected) => {
            let Rejected { sources, diagnostics } = *rejected;
            told(&Report { sources, diagnostics });
            false
        }
    }
}

/// A table of RFC 2156 Appendix F, as each of the kinds.
pub fn mapping_tables(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    let mut taken = false;
    for name in ["mapping1", "mapping2", "gate1", "gate2"] {
        match Rules::from_sources(&[(name, text)]) {
            Ok(rules) => {
                taken |= !text.is_empty();
                used(&rules);
            }
            Err(diagnostics) => {
                let mut report = Report { diagnostics, ..Report::default() };
                report.sources.insert(name, text);
                told(&report);
            }
        }
    }
    taken
}

/// Mappings of another gateway, as each of its tables or as all of them. What is written of them is read and used.
pub fn rules_import(octets: &[u8], dice: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    let formats: [(Format, &[&str]); 6] = [
        (Format::Mcgam, &["mapping1", "mapping2", "gate1", "gate2"]),
        (Format::Pp, &["or2rfc", "rfc2or", "rfc1148gate", "or", "domain", "channel", "alias", "user"]),
        (Format::Ldif, &["people.ldif"]),
        (Format::Zone, &["px.zone"]),
        (Format::Exchange, &["Mcgam.in.txt", "Local.in.txt", "people.csv", "people.ldif"]),
        (Format::Amhs, &["domains.csv", "caas.csv", "users.csv"]),
    ];
    let (format, names) = formats[dice.roll(formats.len())];
    let input = |name: &str| Input { name: name.to_owned(), text: text.to_owned() };
    // Each table alone, or all of them, which say the same.
    let inputs: Vec<Input> = match dice.roll(names.len() + 1) {
        all if all == names.len() => names.iter().map(|name| input(name)).collect(),
        one => vec![input(names[one])],
    };
    let hints = Hints { table: None, domain: Some("x.example".to_owned()) };
    let Ok(imported) = import(format, &inputs, &hints) else { return false };
    black_box(imported.report().to_string());
    let Written { rules, tables } = imported.write(&Layout { stem: "fuzz".to_owned(), longest: Some(2) });
    let read = |wanted: &str| match wanted {
        "imported.toml" => Ok(rules.clone()),
        _ => {
            let table = tables.iter().find(|(name, _)| name == wanted);
            table.map(|(_, text)| text.clone()).ok_or_else(|| "no such table".to_owned())
        }
    };
    if let Ok(loaded) = Rules::load("imported.toml", &read) {
        used(&loaded.rules);
    }
    !imported.report().rules.is_empty()
}

fn used(rules: &Rules) {
    let mapper = Mapper::new(rules);
    for address in
        ["ada@x400.example", "\"/S=a/O=b/ADMD=x400/C=xx/\"@gw.example", "b@c.example", "a.b@c.d.example"]
    {
        if let Ok(found) = mapper.to_or(address, AddressContext::Recipient) {
            black_box(mapper.to_internet(&found.name).is_ok());
        }
    }
}

pub fn lab_script(octets: &[u8], _: &mut Dice) -> bool {
    let Some(text) = utf8(octets) else { return false };
    match Script::parse("all.script", text) {
        Ok(script) => {
            black_box(script.roles());
            true
        }
        Err(report) => {
            told(&report);
            false
        }
    }
}
