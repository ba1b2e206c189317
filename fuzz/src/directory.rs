//! What comes from a directory, and the names and filters of an operator who has one.

use std::hint::black_box;

use x400_gateway::ldap::exchange::{Exchange, Found};
use x400_gateway::ldap::filter::Filter;
use x400_gateway::ldap::message::{Request, Search};
use x400_gateway::rules::directory::entry;
use x400_gateway::rules::directory::longest::{LongestMatch, Step};
use x400_gateway::rules::directory::name::Name;
use x400_gateway::rules::directory::person::People;
use x400_gateway::rules::directory::tree::{self, Collection};

use super::dice::{self, Dice};

/// The octets of a server, to somebody who has asked twice: pieces change nothing, and what was found is read as mappings
/// and as people.
pub fn ldap(octets: &[u8], dice: &mut Dice) -> bool {
    let search = Search { size_limit: 3, ..Search::read("dc=x".to_owned(), vec![]) };
    let hear = |pieces: Vec<&[u8]>| {
        let mut exchange = Exchange::default();
        exchange.search(&[search.clone(), search.clone()]);
        let heard = pieces.into_iter().try_for_each(|piece| exchange.receive(piece));
        (heard, exchange.finished(), exchange.has_rest())
    };
    let (heard, found, rest) = hear(vec![octets]);
    let again = hear(dice::pieces(octets, dice));
    // Octets after a fault are not looked at, however they come.
    assert_eq!((&heard, &found), (&again.0, &again.1));
    assert!(heard.is_err() || rest == again.2);
    let Some(found) = found else { return false };
    mappings(&found);
    true
}

fn mappings(found: &[Found]) {
    let collection = Collection(Name::parse("OU=MIXER MCGAMs,C=GB").unwrap());
    let mut matching = LongestMatch::of_domain(&collection, "a.b.c");
    let mut rounds = 0;
    while let Step::Read(names) = matching.take(found) {
        assert!(names.len() <= 4);
        rounds += 1;
        assert!(rounds < 4, "it does not end");
    }
    let people = People {
        base: String::new(),
        by_internet: None,
        by_or: None,
        or_attribute: "cn".to_owned(),
        internet_attribute: "mail".to_owned(),
    };
    for found in found {
        black_box(people.or_address(found).is_ok());
        for entry in &found.entries {
            black_box((entry::of_address(entry).is_ok(), entry::of_domain(entry).is_ok()));
            black_box(entry::collections(entry).is_ok());
        }
    }
}

/// A distinguished name: what was read is written, and read as the same.
pub fn distinguished_name(octets: &[u8], _: &mut Dice) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    match Name::parse(text) {
        Ok(name) => {
            let written = name.to_string();
            assert_eq!(Name::parse(&written).as_ref(), Ok(&name), "{written}");
            assert!(name.is(&name));
            black_box(tree::path_of(&name).is_ok());
            true
        }
        Err(error) => {
            assert!(error.offset <= text.len(), "{error}");
            false
        }
    }
}

/// A filter, filled and sent.
pub fn ldap_filter(octets: &[u8], _: &mut Dice) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    match Filter::parse(text) {
        Ok(filter) => {
            let places = filter.places().len();
            let filled = filter.fill(&|name| Some(format!("({name}*"))).unwrap();
            assert!(places > 0 || filled == filter);
            let search = Search { filter: filled, ..Search::read("dc=x".to_owned(), vec![]) };
            black_box(Request::Search(&search).encode(1));
            true
        }
        Err(error) => {
            assert!(error.offset <= text.len(), "{error}");
            false
        }
    }
}
