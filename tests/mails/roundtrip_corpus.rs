//! Real mails to X.400 and back: attachments keep every octet, what people see of the header is the same or listed as
//! lost, and the outside judge has nothing to say about what travels in between.

use crate::corpus;
use crate::judge;

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use corpus::Mail;
use mail_parser::MimeHeaders as _;
use time::macros::datetime;
use x400_gateway::config::Config;
use x400_gateway::message::lines::with_network_line_ends;
use x400_gateway::message::{Entity, Message};
use x400_gateway::mixer::Context;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::loss::Loss;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::to_internet::{self, to_internet};
use x400_gateway::mixer::to_x400::{self, to_x400};
use x400_gateway::round_trip::{self, Difference, Outcome};
use x400_gateway::serve;

/// The largest unit that the judge takes in one packet.
const LARGEST_JUDGED: usize = 262_144;

/// Fields that people see (RFC 5322 3.6).
const VISIBLE: [&str; 18] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Comments",
    "Keywords",
    "Organization",
    "Importance",
    "Priority",
    "Sensitivity",
    "Content-Language",
    "List-Id",
];

/// A mail after the trip.
struct Trip {
    /// The octets that X.400 carried.
    apdu: Vec<u8>,
    /// What came back.
    mail: Vec<u8>,
    /// What both conversions say they lost.
    losses: Vec<Loss>,
}

fn trip(content: Bytes) -> Result<Trip, String> {
    let rules = serve::load_rules(None).unwrap().rules;
    let mapper = Mapper::new(&rules);
    let settings = serve::conversion_settings(&Config::default()).unwrap();
    let context = Context {
        mapper: &mapper,
        settings: &settings,
        message_identifier: "corpus",
        now: datetime!(2026-11-23 12:00 UTC),
    };
    let recipient =
        Recipient { number: 1, address: "Grace.Hopper@navy.x400.example".into(), ..Recipient::default() };
    let input = to_x400::Input {
        content,
        reverse_path: Some("ada@internet.example".into()),
        options: MailOptions::default(),
        recipients: vec![recipient],
    };
    let there = to_x400(&input, &context).map_err(|refusal| format!("there: {refusal}"))?;
    let apdu = there.mts_apdu().map_err(|error| error.to_string())?.to_vec();
    let content = there.content.concat().into();
    let input = to_internet::Input { envelope: there.envelope, content, recipients: vec![1] };
    let back = to_internet(&input, &context).map_err(|refusal| format!("back: {refusal}"))?;
    let losses = there.losses.as_slice().iter().chain(back.losses.as_slice()).cloned().collect();
    Ok(Trip { apdu, mail: back.content.to_vec(), losses })
}

/// Whether some loss speaks of what is not the same.
fn is_listed(difference: &Difference, losses: &[Loss]) -> bool {
    let field = difference.location.trim_start_matches("header ");
    let field = field.split_once(" of part").map_or(field, |(name, _)| name).to_ascii_lowercase();
    losses.iter().any(|loss| {
        let told = format!("{} {}", loss.location, loss.what).to_ascii_lowercase();
        told.contains(&field)
    })
}

/// Whether people see the field.
fn is_visible(difference: &Difference) -> bool {
    let field = difference.location.trim_start_matches("header ");
    VISIBLE.iter().any(|name| field.eq_ignore_ascii_case(name))
}

/// The octets of the attachments of a mail, as another reader of mails finds them.
fn attachments(mail: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Some(message) = mail_parser::MessageParser::default().parse(mail) else { return Vec::new() };
    // What is about messages is no file, and mail-parser does not always list it.
    let is_message = |part: &mail_parser::MessagePart<'_>| {
        part.content_type().is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("message"))
    };
    let binary = message.attachments().filter(|part| part.is_binary() && !is_message(part));
    binary
        .map(|part| (part.attachment_name().unwrap_or("without a name").to_owned(), part.contents().to_vec()))
        .collect()
}

/// What the trip did to a mail that nobody lists.
fn unlisted(before: &[u8], trip: &Trip) -> Vec<String> {
    let mut faults = Vec::new();
    let [was, is] = [before.to_vec(), trip.mail.clone()].map(|octets| Message::parse(octets.into()));
    let comparison = round_trip::mails(&was, &is);
    let differences = comparison.differences.iter().filter(|one| one.was.is_some());
    faults.extend(
        differences
            .filter(|one| is_visible(one) && !is_listed(one, &trip.losses))
            .map(|one| format!("not listed: {one}")),
    );
    // Without the claim of MIME the body is one text, whatever it looks like (RFC 2157 2.1).
    if !was.is_mime() {
        let is_same = lines(&was.root().content) == lines(&first_text(is.root()));
        if was.root().content.is_ascii() && !is_same {
            faults.push("the text of the body".to_owned());
        }
        if !is.root().parts().is_empty() {
            faults.push("the text has become a multipart".to_owned());
        }
        return faults;
    }
    for part in comparison.parts.iter().filter(|part| part.outcome.is_loss()) {
        let is_text = part.kind.starts_with("text/");
        let listed = trip
            .losses
            .iter()
            .any(|loss| ["part", "body", "octet"].iter().any(|word| loss.location.contains(word)));
        if !is_text || !listed {
            faults.push(format!("part {part}"));
        }
    }
    // The second opinion, on mails that both read alike; see [`is_same_file`].
    if was.defects().is_empty() {
        let mut there = attachments(&trip.mail);
        for (name, octets) in attachments(before) {
            match there.iter().position(|(_, other)| is_same_file(&octets, other)) {
                Some(at) => drop(there.remove(at)),
                None => faults.push(format!("mail-parser: attachment `{name}` of {} octets", octets.len())),
            }
        }
    }
    faults
}

/// Whether a file is the same but for its last line end, and for the last octets of base64 that is cut off, which mail-parser
/// leaves out and the gateway does not.
fn is_same_file(before: &[u8], after: &[u8]) -> bool {
    let (before, after) = (before.trim_ascii_end(), after.trim_ascii_end());
    after.strip_prefix(before).is_some_and(|more| more.len() <= 2)
}

/// The octets of the first leaf.
fn first_text(entity: &Entity) -> Bytes {
    entity.parts().first().map_or_else(|| entity.octets_decoded().octets, first_text)
}

/// The lines of a text without white space at their ends, and without empty lines at its end.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.trim_ascii_end().split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii_end).collect()
}

// ledger: mixer G-03 G-09
#[test]
fn real_mails_come_back() {
    let mails = corpus::mails();
    assert!(mails.len() >= 300, "{} mails", mails.len());
    let judged = RefCell::new(Vec::new());
    let (refused, attached, losses) = (Cell::new(0_usize), Cell::new(0_usize), Cell::new(0_usize));
    corpus::check_each(&mails, |mail: &Mail| {
        let content = with_network_line_ends(Bytes::from(mail.octets.clone()));
        let trip = match trip(content.clone()) {
            Ok(trip) => trip,
            Err(why) => {
                refused.set(refused.get() + 1);
                println!("{}: refused {why}", mail.name);
                return if why.starts_with("there: ") { Ok(()) } else { Err(why) };
            }
        };
        attached.set(attached.get() + attachments(&content).len());
        losses.set(losses.get() + trip.losses.len());
        let faults = unlisted(&content, &trip);
        if trip.apdu.len() <= LARGEST_JUDGED {
            judged.borrow_mut().push((mail.name.clone(), trip.apdu));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n    ")) }
    });
    let judged = judged.into_inner();
    println!(
        "{} mails: {} judged by tshark, {} refused, {} attachments, {} losses listed",
        mails.len(),
        judged.len(),
        refused.get(),
        attached.get(),
        losses.get()
    );
    // What tshark says of a text with a NUL in it; X.420 allows the octet.
    judge::named_mts_apdus(&judged).assert_clean_except(&["Trailing stray characters"]);
}

/// What is the same is told from what is not, so that the test above can fail.
#[test]
fn a_lost_octet_or_field_is_noticed() {
    let before = b"Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n";
    let outcome = |after: &[u8]| {
        let trip = Trip { apdu: Vec::new(), mail: after.to_vec(), losses: Vec::new() };
        unlisted(before, &trip).len()
    };
    assert_eq!(outcome(before), 0);
    let [changed, gone] = [("AAEC", "AAED"), ("Subject: a", "X: a")]
        .map(|(was, is)| String::from_utf8_lossy(before).replace(was, is).into_bytes());
    assert!(outcome(&changed) > 0);
    assert!(outcome(&gone) > 0);
    let part =
        round_trip::mails(&Message::parse(before[..].to_vec().into()), &Message::parse(changed.into()));
    assert_eq!(part.parts[0].outcome, Outcome::Changed { from: 2, octets: 3 });
}
