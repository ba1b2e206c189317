//! `paths.toml`: addresses that cross two gateways, and the way back of an answer.

use rasn_x400::x411::address::text::KeyedAddress;
use serde::Deserialize;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::{AddressContext, AddressMapper};
use x400_gateway::rules::Rules;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    /// The rules of the gateway that is crossed first.
    first: String,
    /// Those of the second.
    second: String,
    case: Vec<Case>,
}

/// An address as it is written between the gateways, and beyond the second.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    /// An O/R address begins with a slash and ends with one; anything else is a mailbox.
    user: String,
    between: String,
    beyond: String,
    /// What an answer is addressed to between the gateways.
    answer: String,
}

fn is_or_address(written: &str) -> bool {
    written.starts_with('/') && written.ends_with('/')
}

/// The address on the other side of a gateway.
fn across(gateway: &Rules, written: &str) -> String {
    let mapper = Mapper::new(gateway);
    // The trait is what a conversion has.
    let mapper: &dyn AddressMapper = &mapper;
    if is_or_address(written) {
        let name = mapper.parse_or(written).unwrap_or_else(|| panic!("{written}"));
        return mapper.to_internet(&name, AddressContext::Header).unwrap().address;
    }
    let name = mapper.to_or(written, AddressContext::Header).unwrap().or_address;
    KeyedAddress::from_or_name(&name).address.to_std_or()
}

// ledger: mixer G-20
#[test]
fn an_answer_retraces_the_way() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mixer/paths.toml");
    let table: Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rules = |text: &str| {
        Rules::from_sources(&[("rules.toml", text)]).unwrap_or_else(|faults| panic!("{faults:#?}"))
    };
    let (first, second) = (rules(&table.first), rules(&table.second));
    let faults: Vec<String> = table.case.iter().flat_map(|case| faults(case, &first, &second)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn faults(case: &Case, first: &Rules, second: &Rules) -> Vec<String> {
    let between = across(first, &case.user);
    let beyond = across(second, &between);
    let answer = across(second, &beyond);
    let steps = [
        ("between", &between, &case.between),
        ("beyond", &beyond, &case.beyond),
        ("answer", &answer, &case.answer),
        ("back", &across(first, &answer), &case.user),
    ];
    let wrong = steps.into_iter().filter(|(_, found, expected)| found != expected);
    wrong.map(|(place, found, expected)| format!("{}: {place}: {found}, not {expected}", case.id)).collect()
}
