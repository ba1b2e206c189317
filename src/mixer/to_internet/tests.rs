//! Whole messages there and back.

use rasn_x400::x411::trace::GlobalDomainIdentifier;
use time::macros::datetime;

use super::*;
use crate::mixer::Settings;
use crate::mixer::address::Mapper;
use crate::mixer::to_x400;
use crate::rules::Rules;

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=gb"
route_unmapped = "refuse"
"#;

const KIM: &str = "/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example";

fn context<'a>(mapper: &'a Mapper<'_>, settings: &'a Settings) -> Context<'a> {
    let now = datetime!(2026-11-27 10:00 UTC);
    Context { mapper, settings, message_identifier: "QID1", now }
}

fn settings() -> Settings {
    Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example")
}

/// What a mail for Kim from this reverse path is in X.400.
fn there(mail: &str, reverse_path: &str, context: &Context<'_>) -> Input {
    let input = to_x400::Input {
        content: Bytes::copy_from_slice(mail.as_bytes()),
        reverse_path: Some(reverse_path.into()),
        options: MailOptions::default(),
        recipients: vec![Recipient { number: 1, address: KIM.into(), ..Recipient::default() }],
    };
    let there = to_x400::to_x400(&input, context).unwrap();
    Input { envelope: there.envelope, content: there.content.concat().into(), recipients: vec![1] }
}

/// A mail with a text and a file, through X.400.
#[test]
fn a_mail_comes_back() {
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
    let settings = settings();
    let mapper = Mapper::new(&rules);
    let context = context(&mapper, &settings);
    let mail = "Date: Fri, 27 Nov 2026 09:00:00 +0100\r\nFrom: Jo <jo@a.example>\r\nTo: /S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example\r\n\
                Subject: Grüße\r\nMessage-ID: <1@a.example>\r\n\r\nHello.\r\n";
    let back = to_internet(&there(mail, "jo@a.example", &context), &context).unwrap();
    assert_eq!(back.reverse_path.as_deref(), Some("jo@a.example"));
    assert_eq!(back.recipients[0].address, KIM);
    let text = String::from_utf8(back.content.to_vec()).unwrap();
    for line in
        ["From: Jo <jo@a.example>", &format!("To: {KIM}"), "Message-ID: <1@a.example>", "\r\n\r\nHello.\r\n"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// RFC 8601 5: what came back whole from X.400 is not what the gateway has found out, though it says so.
#[test]
fn nobody_in_x400_says_what_the_gateway_found_out() {
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
    let settings = settings();
    let mapper = Mapper::new(&rules);
    let mail = "Authentication-Results: (x) gw.example; dkim=pass\r\nAuthentication-Results: b.example; spf=pass\r\n\
                From: Jo <jo@a.example>\r\n\r\nHello.\r\n";
    let input = there(mail, "jo@a.example", &context(&mapper, &settings));
    for (ours, expected) in [(None, 2), (Some("b.example"), 1), (Some("GW.example"), 1)] {
        let settings = Settings { authserv_id: ours.map(str::to_owned), ..settings.clone() };
        let back = to_internet(&input, &context(&mapper, &settings)).unwrap();
        let text = String::from_utf8(back.content.to_vec()).unwrap();
        assert_eq!(text.matches("Authentication-Results:").count(), expected, "{ours:?}: {text}");
        assert_eq!(text.contains("gw.example; dkim=pass"), ours != Some("GW.example"), "{text}");
    }
    // A content that has a header of its own.
    let content_type = ContentType::Extended("1.2.840.113549.1.7.1".parse().unwrap());
    let content = "Authentication-Results: gw.example; dkim=pass\r\nContent-Type: text/plain\r\n\r\nx\r\n";
    let envelope = MessageTransferEnvelope { content_type, ..input.envelope };
    let input = Input { envelope, content: content.into(), recipients: vec![1] };
    for (ours, expected) in [(None, true), (Some("GW.example"), false)] {
        let settings = Settings { authserv_id: ours.map(str::to_owned), ..settings.clone() };
        let back = to_internet(&input, &context(&mapper, &settings)).unwrap();
        let text = String::from_utf8(back.content.to_vec()).unwrap();
        assert_eq!(text.contains("gw.example; dkim=pass"), expected, "{text}");
    }
}

/// An author is known by a rule, and not because an attribute, a recipient or the content says so.
#[test]
fn who_wrote_a_message_is_known_by_rules() {
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
    let settings = settings();
    let mapper = Mapper::new(&rules);
    let context = context(&mapper, &settings);
    // author, reverse path, and who is found
    for (from, reverse_path, found) in [
        (KIM, KIM, &[KIM, KIM][..]),
        ("ceo@acme.example", KIM, &[KIM]),
        (KIM, "ceo@acme.example", &[KIM]),
        ("ceo@acme.example", "ceo@acme.example", &[]),
        (
            "ceo@acme.example, \"/S=pat/O=acme/PRMD=p/ADMD=a/C=GB/\"@gw.example",
            "ceo@acme.example",
            &["/S=pat/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example"],
        ),
    ] {
        let mail = format!("From: {from}\r\nSender: ceo@acme.example\r\nTo: {KIM}\r\n\r\nHello.\r\n");
        let input = there(&mail, reverse_path, &context);
        let back = to_internet(&input, &context).unwrap();
        assert_eq!(back.authors, found, "{from} {reverse_path}");
        // A content that has a header of its own speaks for nobody.
        let content_type = ContentType::Extended("1.2.840.113549.1.7.1".parse().unwrap());
        let envelope = MessageTransferEnvelope { content_type, ..input.envelope };
        let content = format!("From: {from}\r\nContent-Type: text/plain\r\n\r\nx\r\n").into();
        let back = to_internet(&Input { envelope, content, recipients: vec![1] }, &context).unwrap();
        let expected = if reverse_path == KIM { vec![KIM] } else { Vec::new() };
        assert_eq!(back.authors, expected, "{from} {reverse_path}");
    }
}
