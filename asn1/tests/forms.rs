//! Every type in every form: a value survives being written and read, and it is the same value when a peer writes it
//! another way that BER allows.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "forms/productions.rs"]
mod productions;
#[path = "forms/rewrite.rs"]
mod rewrite;
#[path = "forms/samples.rs"]
mod samples;

use std::collections::BTreeMap;

use productions::{Kind, Production, productions};
use rasn_x400::ber::Error;
use rewrite::{Length, Node, UNKNOWN};
use samples::{Sample, samples};

/// Calls `check` for every sample with the production of its type.
fn for_each(check: impl Fn(&Sample, &Production, &BTreeMap<String, Production>)) {
    let productions = productions();
    for sample in samples() {
        let production = productions.get(&sample.name).unwrap_or_else(|| panic!("no type {}", sample.name));
        check(&sample, production, &productions);
    }
}

/// Reads a rewritten sample; what comes out must be the sample.
#[track_caller]
fn assert_same(sample: &Sample, rewritten: &[u8], form: &str) {
    let again = (sample.recode)(rewritten)
        .unwrap_or_else(|error| panic!("{sample} {form}: {error}\n{}", samples::hex(rewritten)));
    let again = Node::read(&again).normal().write(Length::Short);
    assert_eq!(samples::hex(&again), samples::hex(&sample.octets), "{sample} {form}");
}

#[test]
fn every_type_has_a_sample() {
    let sampled: Vec<String> = samples().into_iter().map(|sample| sample.name).collect();
    let missing: Vec<_> = productions().into_keys().filter(|name| !sampled.contains(name)).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
}

#[test]
fn indefinite_and_padded_lengths_change_nothing() {
    for_each(|sample, _, _| {
        for form in [Length::Short, Length::Indefinite, Length::Padded] {
            assert_same(sample, &Node::read(&sample.octets).write(form), &format!("{form:?}"));
        }
    });
}

/// DER order on the way out (X.690 10.3), any order on the way in.
#[test]
fn members_of_a_set_come_in_any_order_and_go_out_in_that_of_their_tags() {
    for_each(|sample, production, _| {
        assert!(Node::read(&sample.octets).sets_are_sorted(), "{sample}: {}", samples::hex(&sample.octets));
        for by in 0..4 {
            let mut node = Node::read(&sample.octets);
            node.shuffle_sets(by);
            assert_same(sample, &node.write(Length::Indefinite), "shuffled");
            // The macros read a SEQUENCE as laxly as a SET.
            if production.kind == Kind::Sequence {
                let mut node = Node::read(&sample.octets);
                node.shuffle_members(by);
                assert_same(sample, &node.write(Length::Short), "members shuffled");
            }
        }
    });
}

#[test]
fn strings_may_come_in_segments() {
    for_each(|sample, production, all| {
        for size in [1, 3, 1000] {
            let mut node = Node::read(&sample.octets);
            node.cut_strings(size);
            assert_same(sample, &node.write(Length::Short), "in segments");
            assert_same(sample, &node.write(Length::Indefinite), "in segments of indefinite strings");
            node.cut_tagged(&production.strings(all), production.kind == Kind::Choice, size);
            assert_same(sample, &node.write(Length::Short), "in segments under implicit tags");
            assert_same(
                sample,
                &node.write(Length::Indefinite),
                "in segments under implicit tags, indefinite",
            );
        }
    });
}

/// A relay passes on what it does not know: members of a SET or SEQUENCE, alternatives of a CHOICE.
#[test]
fn what_is_unknown_survives() {
    for_each(|sample, production, _| match production.kind {
        Kind::Set | Kind::Sequence => {
            let members = Node::read(&sample.octets).members();
            let with_unknown = |at| {
                let mut node = Node::read(&sample.octets);
                node.insert_unknown(at);
                node.write(Length::Short)
            };
            let last = samples::hex(&with_unknown(members));
            for at in 0..=members {
                let again =
                    (sample.recode)(&with_unknown(at)).unwrap_or_else(|error| panic!("{sample}: {error}"));
                assert_eq!(samples::hex(&again), last, "{sample} with an unknown member at {at}");
            }
        }
        Kind::Choice => assert_eq!((sample.recode)(UNKNOWN).as_deref(), Ok(UNKNOWN), "{sample}"),
        Kind::Enumeration | Kind::Bits | Kind::Ordered | Kind::Alias => {}
    });
}

#[test]
fn what_is_cut_off_or_too_long_or_something_else_is_an_error() {
    for_each(|sample, production, _| {
        let cuts = sample.octets.len();
        // Every length where that is quick, else every length near both ends and a spread between.
        let step = if cuts < 600 { 1 } else { 37 };
        for cut in (0..cuts).filter(|cut| cut % step == 0 || *cut < 40 || cuts - cut < 40) {
            (sample.recode)(&sample.octets[..cut]).expect_err(&format!("{sample} cut to {cut} octets"));
        }
        let longer = [&sample.octets[..], &[0]].concat();
        assert_eq!((sample.recode)(&longer), Err(Error::Trailing(1)), "{sample} and an octet");
        if production.kind != Kind::Choice {
            let other = Node::read(&sample.octets).retagged().write(Length::Short);
            (sample.recode)(&other).expect_err(&format!("{sample} under another tag"));
        }
    });
}

/// A member that has its default value is left out, and understood when a peer writes it.
#[test]
fn defaults_are_left_out() {
    for (ledger, name, written, short) in samples::DEFAULTS {
        let (recode, written, short) =
            (samples::recoder(name), samples::octets(written), samples::octets(short));
        assert_eq!(recode(&written), Ok(short.clone()), "{ledger} {name}");
        assert_eq!(recode(&short), Ok(short), "{ledger} {name}");
    }
}
