//! The corpus itself: enough mails, each with a name of its own, the same ones on every run.

use std::collections::BTreeSet;

use crate::corpus;
use crate::nasty;

#[test]
fn there_are_enough_real_mails() {
    let mails = corpus::mails();
    println!("{} real mails", mails.len());
    for source in ["mail-parser/", "python/", "flufl.bounce/"] {
        assert!(
            mails.iter().filter(|mail| mail.name.starts_with(source)).count() >= 40,
            "few mails of {source}"
        );
    }
}

#[test]
fn there_are_enough_nasty_mails_and_they_do_not_change() {
    let mails = nasty::mails();
    println!("{} nasty mails", mails.len());
    assert!(mails.len() >= 60);
    let again = nasty::mails();
    assert!(mails.iter().zip(&again).all(|(first, second)| first.octets == second.octets));
}

#[test]
fn every_mail_has_a_name_of_its_own() {
    let mails = [corpus::mails(), nasty::mails()].concat();
    let names: BTreeSet<&str> = mails.iter().map(|mail| mail.name.as_str()).collect();
    assert_eq!(names.len(), mails.len());
}

#[test]
fn line_ends_are_converted_both_ways() {
    let mail = corpus::Mail { name: "x".into(), octets: b"a\nb\r\nc\rd\n".to_vec() };
    assert_eq!(mail.with_crlf().octets, b"a\r\nb\r\nc\rd\r\n");
    assert_eq!(mail.with_lf().octets, b"a\nb\nc\rd\n");
}

#[test]
fn a_mail_that_fails_is_named() {
    let mails = nasty::mails();
    let failed = std::panic::catch_unwind(|| {
        corpus::check_each(&mails, |mail| {
            if mail.name == "nasty/empty" { Err("it is empty".into()) } else { Ok(()) }
        });
    });
    let said = failed.unwrap_err().downcast::<String>().unwrap();
    assert!(said.contains("nasty/empty: it is empty"), "{said}");
}
