//! Every mail of the corpus, and every nasty one, to X.400: converted and read by the outside judge without complaint, or
//! refused with a reason. Never a panic, never a silent loss, and nothing whose source is not told.

use crate::corpus;
use crate::judge;
use crate::nasty;
use crate::told;

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use corpus::Mail;
use time::macros::datetime;
use x400_gateway::config::Config;
use x400_gateway::decode::{Kind, decode};
use x400_gateway::message::lines::with_network_line_ends;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::to_x400::{Converted, Input, Refusal, to_x400};
use x400_gateway::mixer::{Context, Settings, to_internet};
use x400_gateway::serve;

/// The largest unit that the judge takes in one packet.
const LARGEST_JUDGED: usize = 262_144;

fn with_context<T>(work: impl FnOnce(&Context<'_>) -> T) -> T {
    let rules = serve::load_rules(None).unwrap().rules;
    let mapper = Mapper::new(&rules);
    let settings = Settings { trail: true, ..serve::conversion_settings(&Config::default()).unwrap() };
    work(&Context {
        mapper: &mapper,
        settings: &settings,
        message_identifier: "corpus",
        now: datetime!(2026-11-23 12:00 UTC),
    })
}

fn convert(content: Bytes) -> Result<Converted, Refusal> {
    let recipient =
        |number, address: &str| Recipient { number, address: address.into(), ..Recipient::default() };
    let input = Input {
        content,
        reverse_path: Some("ada@internet.example".into()),
        options: MailOptions::default(),
        recipients: vec![
            recipient(1, "Grace.Hopper@navy.x400.example"),
            recipient(2, "list_owner@navy.x400.example"),
        ],
    };
    with_context(|context| to_x400(&input, context))
}

/// What is without a source in what a mail became, or in what that becomes on the way back.
fn untold(converted: &Converted) -> Vec<String> {
    let there = told::of_x400(converted);
    let input = to_internet::Input {
        envelope: converted.envelope.clone(),
        content: converted.content.concat().into(),
        recipients: (1..).zip(&converted.envelope.per_recipient_fields).map(|(place, _)| place).collect(),
    };
    let back = with_context(|context| to_internet::to_internet(&input, context));
    there.into_iter().chain(back.iter().flat_map(told::of_mail)).collect()
}

/// Converts all, judges what came out, and prints the count.
fn convert_and_judge(mails: &[Mail]) {
    let judged = RefCell::new(Vec::new());
    let (refused, large) = (Cell::new(0), Cell::new(0));
    corpus::check_each(mails, |mail| match convert(Bytes::from(mail.octets.clone())) {
        Ok(converted) => {
            let apdu = converted.mts_apdu().map_err(|error| error.to_string())?.to_vec();
            if let untold @ [_, ..] = &untold(&converted)[..] {
                return Err(format!("without a source: {}", untold.join(", ")));
            }
            if apdu.len() <= LARGEST_JUDGED {
                judged.borrow_mut().push((mail.name.clone(), apdu));
                return Ok(());
            }
            large.set(large.get() + 1);
            match decode(&apdu, Some(Kind::MtsApdu)).findings().as_slice() {
                [] => Ok(()),
                findings => Err(format!("{findings:?}")),
            }
        }
        Err(refusal) => {
            refused.set(refused.get() + 1);
            println!("{}: refused: {refusal}", mail.name);
            if refusal.to_string().is_empty() { Err("refused without a reason".into()) } else { Ok(()) }
        }
    });
    let judged = judged.into_inner();
    let (all, large, refused) = (mails.len(), large.get(), refused.get());
    println!("{all} mails: {} judged by tshark, {large} too large for it, {refused} refused", judged.len());
    assert!(judged.len() > all / 2, "most mails are converted");
    // What tshark says of a text with a NUL in it; X.420 allows the octet.
    judge::named_mts_apdus(&judged).assert_clean_except(&["Trailing stray characters"]);
}

// ledger: beyond A-11 A-17 A-30 A-31 A-34
#[test]
fn real_mails() {
    let mails = corpus::mails();
    assert!(mails.len() >= 150);
    convert_and_judge(&mails);
}

#[test]
fn nasty_mails() {
    convert_and_judge(&nasty::mails());
}

/// A mail from a file, whose lines end with LF, becomes what it would have become by SMTP.
#[test]
fn both_line_ends_give_the_same_message() {
    corpus::check_each(&corpus::mails(), |mail| {
        let apdu = |octets: Vec<u8>| {
            let octets = with_network_line_ends(Bytes::from(octets));
            convert(octets).ok().and_then(|converted| converted.mts_apdu().ok()).map(|plan| plan.to_vec())
        };
        match apdu(mail.with_crlf().octets) == apdu(mail.with_lf().octets) {
            true => Ok(()),
            false => Err("CR LF and LF give different messages".into()),
        }
    });
}
