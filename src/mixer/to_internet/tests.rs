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

/// A mail with a text and a file, through X.400.
#[test]
fn a_mail_comes_back() {
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
    let settings =
        Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example");
    let mapper = Mapper::new(&rules);
    let context = Context {
        mapper: &mapper,
        settings: &settings,
        message_identifier: "QID1",
        now: datetime!(2026-11-27 10:00 UTC),
    };
    let mail = "Date: Fri, 27 Nov 2026 09:00:00 +0100\r\nFrom: Jo <jo@a.example>\r\nTo: /S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example\r\n\
                Subject: Grüße\r\nMessage-ID: <1@a.example>\r\n\r\nHello.\r\n";
    let there = to_x400::to_x400(
        &to_x400::Input {
            content: Bytes::from(mail),
            reverse_path: Some("jo@a.example".into()),
            options: MailOptions::default(),
            recipients: vec![Recipient { number: 1, address: KIM.into(), ..Recipient::default() }],
        },
        &context,
    )
    .unwrap();
    let back = to_internet(
        &Input { envelope: there.envelope, content: there.content.concat().into(), recipients: vec![1] },
        &context,
    )
    .unwrap();
    assert_eq!(back.reverse_path.as_deref(), Some("jo@a.example"));
    assert_eq!(back.recipients[0].address, KIM);
    let text = String::from_utf8(back.content.to_vec()).unwrap();
    for line in
        ["From: Jo <jo@a.example>", &format!("To: {KIM}"), "Message-ID: <1@a.example>", "\r\n\r\nHello.\r\n"]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
}
