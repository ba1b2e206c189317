//! What a conversion lost, told at the end of the message, in both directions.

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::body::BodyPart;
use x400_gateway::message::{Entity, Message};
use x400_gateway::mixer::loss::report::LossReport;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::{to_internet, to_x400};

use crate::world::{KIM, World};

const TITLE: &str = "This message was changed on its way between Internet mail and X.400:";

fn world() -> World {
    let mut world = World::new();
    world.settings.loss_report = LossReport::IfAny;
    world
}

fn there(world: &World, mail: &str) -> to_x400::Converted {
    let input = to_x400::Input {
        content: Bytes::from(mail.replace('\n', "\r\n")),
        reverse_path: Some("sender@a.example".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient { number: 1, address: KIM.into(), ..Recipient::default() }],
    };
    world.convert(&input).unwrap()
}

fn back(world: &World, there: &to_x400::Converted) -> to_internet::Converted {
    let content = there.content.concat().into();
    let input = to_internet::Input { envelope: there.envelope.clone(), content, recipients: vec![1] };
    world.convert_back(&input).unwrap()
}

/// The body parts: texts as they are, others by their kind.
fn parts(converted: &to_x400::Converted) -> Vec<String> {
    let octets = converted.content.concat();
    let Ok(InformationObject::Ipm(ipm)) = ber::decode(&octets, octets.len()) else { panic!("no message") };
    let shown = ipm.body.iter().map(|part| match part {
        BodyPart::Ia5Text(text) => text.data.to_text().into_owned(),
        other => format!("{other:?}").chars().take_while(char::is_ascii_alphanumeric).collect(),
    });
    shown.collect()
}

/// The texts of a mail.
fn texts(entity: &Entity) -> Vec<String> {
    if !entity.parts().is_empty() {
        return entity.parts().iter().flat_map(texts).collect();
    }
    let is_text = entity.media.is("text", "plain");
    let text = is_text.then(|| String::from_utf8_lossy(&entity.octets_decoded().octets).into_owned());
    text.into_iter().collect()
}

fn mail_of(converted: &to_internet::Converted) -> Message {
    Message::parse(converted.content.to_vec().into())
}

// ledger: mixer F-17
#[test]
fn what_was_lost_is_told_at_the_end_and_only_once() {
    let world = world();
    let mail = "Subject: 5 \u{20ac}\n\nHello.\n";
    let first = there(&world, mail);
    let told = format!("{TITLE}\r\n\r\n- header Subject: ? (not a character of T.61); instead: EUR\r\n");
    let told = told.replace(": ?", ": EUR");
    assert_eq!(parts(&first), ["Hello.\r\n", told.as_str()]);
    // It loses nothing itself.
    assert_eq!(first.losses, there(&World::new(), mail).losses);
    // On the way back nothing is lost, so what was told is a text like any other.
    let mail = mail_of(&back(&world, &first));
    assert_eq!(mail.root().media.essence(), "multipart/mixed");
    assert_eq!(texts(mail.root()), ["Hello.\r\n", told.as_str()]);
    // The next loss is told in the same text.
    let octets = String::from_utf8(mail.octets().to_vec()).unwrap();
    let again =
        there(&world, &octets.replace("Subject: 5 EUR", "Subject: a\r\nSubject: b").replace("\r\n", "\n"));
    let parts = parts(&again);
    assert_eq!(parts.len(), 2, "{parts:?}");
    assert!(parts[1].starts_with(told.trim_end()), "{parts:?}");
    assert!(parts[1].contains("\r\n- header Subject: Subject: b"), "{parts:?}");
    assert_eq!(parts[1].matches(TITLE).count(), 1);
}

#[test]
fn a_mail_says_what_the_message_lost() {
    let mut there = there(&World::new(), "Subject: x\n\nHello.\n");
    // Something that mail has no field for.
    let octets = there.content.concat();
    let Ok(InformationObject::Ipm(mut ipm)) = ber::decode(&octets, octets.len()) else {
        panic!("no message")
    };
    ipm.heading.importance = rasn_x400::x420::heading::Importance(9);
    there.content = vec![ber::encode(&InformationObject::Ipm(ipm)).unwrap().into()];
    for (setting, count) in [(LossReport::Never, 1), (LossReport::IfAny, 2)] {
        let mut world = World::new();
        world.settings.loss_report = setting;
        world.settings.loss_wording.title = "Nicht alles kam mit, n\u{e4}mlich:".into();
        let converted = back(&world, &there);
        assert_eq!(converted.losses.as_slice().len(), 1);
        let texts = texts(mail_of(&converted).root());
        assert_eq!(texts.len(), count, "{texts:?}");
        assert_eq!(texts[0], "Hello.\r\n");
        if let Some(told) = texts.get(1) {
            assert!(
                told.starts_with("Nicht alles kam mit, n\u{e4}mlich:\r\n\r\n- heading.importance"),
                "{told}"
            );
        }
    }
}

/// Renditions of one text stay beside each other, and what was lost is no rendition of it.
#[test]
fn what_was_lost_is_no_rendition() {
    let world = world();
    let mail = "Subject: 5 \u{20ac}\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n\
                --b\n\nHello.\n--b\nContent-Type: text/html\n\n<p>Hello.\n--b--\n";
    let converted = there(&world, mail);
    let parts = parts(&converted);
    assert_eq!(parts.len(), 3);
    assert!(parts[2].contains("multipart/alternative (its parts were flattened)"), "{parts:?}");
    let mail = mail_of(&back(&world, &converted));
    assert_eq!(mail.root().media.essence(), "multipart/mixed");
    // Where only the way back loses something, the renditions are in a part of their own.
    let mut whole = there_without_losses(mail_with("Subject: x"));
    let octets = whole.content.concat();
    let Ok(InformationObject::Ipm(mut ipm)) = ber::decode(&octets, octets.len()) else {
        panic!("no message")
    };
    ipm.heading.importance = rasn_x400::x420::heading::Importance(9);
    whole.content = vec![ber::encode(&InformationObject::Ipm(ipm)).unwrap().into()];
    let mail = mail_of(&back(&world, &whole));
    let kinds: Vec<_> = mail.root().parts().iter().map(|part| part.media.essence()).collect();
    assert_eq!(kinds, ["multipart/alternative", "text/plain"]);
}

fn mail_with(field: &str) -> String {
    format!(
        "{field}\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n\
         --b\n\nHello.\n--b\nContent-Type: text/html\n\n<p>Hello.\n--b--\n"
    )
}

fn there_without_losses(mail: String) -> to_x400::Converted {
    let converted = there(&World::new(), &mail);
    assert!(converted.losses.is_empty(), "{:?}", converted.losses);
    converted
}

#[test]
fn what_must_stay_as_it_is_gets_no_text_and_the_trail_says_so() {
    let world = world();
    let signed = "Subject: 5 \u{20ac}\nMIME-Version: 1.0\n\
                  Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n\
                  --b\n\nHello.\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n";
    for mail in [signed, "Subject: 5 \u{20ac}\nConversion-With-Loss: Prohibited\n\nHello.\n"] {
        let converted = there(&world, mail);
        assert_eq!(parts(&converted).len(), 1);
        assert!(!converted.losses.is_empty());
        let said = converted.trail.as_slice().iter().any(|origin| origin.value == "no text about losses");
        assert!(said);
    }
}
