//! What the translator makes of special mails, read by the outside judge: military messages and parts, labels, ATS messages, texts
//! in the sets that replace characters, lists of losses, teletex for 1984.

use bytes::Bytes;
use x400_gateway::mixer::charset::TextFallback;
use x400_gateway::mixer::loss::report::LossReport;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::settings::{Edition, Military};
use x400_gateway::mixer::to_x400;

use crate::reports::judge;
use crate::world::{KIM, World};

const INNER: &str = "MMHS-Primary-Precedence: 4 (flash)\nMMHS-Message-Type: 0 (exercise); identifier=\"CANDLE FISH\"\n\
    MMHS-Subject-Indicator-Codes: SDM; KKZ\nMMHS-Handling-Instructions: ZAX\nMMHS-Originator-Reference: R1\n\
    MMHS-Codress-Message-Indicator: 7\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\nFrom: jo@a.example\n\
    Date: Fri, 27 Nov 2026 09:00:00 +0000\nMMHS-Primary-Precedence: 3\nSubject: inner\n\nHello.\n";
const GREEK: &str = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\
    Gr\u{fc}\u{df}e, \u{3b1}\u{3b2}\u{3b3}, \u{434}\u{430} \u{20ac}\n";
const SIGNED: &str = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Language: en\n\n\
    Gr\u{fc}\u{df}e, 5 \u{20ac}\n";
const ATS: &str =
    "Date: Wed, 12 Mar 2025 12:00:00 +0000\nTo: zzaaztzx@amhs.example\nX-ATS-Priority: gg\n\n(TEST)\n";
const LABEL: &str =
    "SIO-Label: marking=\"X\"; type=\":x411\"; label=\"MQYGASkCAQM=\"\nSubject: x\n\nHello.\n";
const LOSSY: &str = "Subject: 5 \u{20ac}\nReferences: <msg1> words <a@b.example>\nMessage-ID: <msg2>\n\n\
    Hello.\n";

fn made(mail: &str, recipient: &str, change: impl FnOnce(&mut World)) -> Vec<u8> {
    let mut world = World::new();
    change(&mut world);
    let input = to_x400::Input {
        content: Bytes::from(mail.replace('\n', "\r\n")),
        reverse_path: Some("sender@a.example".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient { number: 1, address: recipient.into(), ..Recipient::default() }],
    };
    world.convert(&input).unwrap().mts_apdu().unwrap().to_vec()
}

// ledger: beyond B-12 B-13 M-10 M-30 S-20 V-05; mixer F-17
#[test]
fn an_outside_judge_reads_what_special_mails_become() {
    let policies = "default-policy = \"p\"\nunknown = \"pass\"\n[[policy]]\nname = \"p\"\noid = \"1.1\"\n\
                    class = [{ number = 3, name = \"X\" }]\n";
    let units = [
        ("military", made(INNER, KIM, |world| world.settings.military = Military::Fields)),
        ("mixed", made(GREEK, KIM, |world| world.settings.text_fallback = TextFallback::Mixed)),
        (
            "transliterate",
            made(GREEK, KIM, |world| world.settings.text_fallback = TextFallback::Transliterate),
        ),
        ("utf8", made(GREEK, KIM, |_| ())),
        ("teletex", made(SIGNED, KIM, |world| world.settings.edition = Edition::X1984)),
        (
            "ats",
            made(ATS, "zzaaztzx@amhs.example", |world| {
                world.settings.aviation = Some(toml::from_str("domains = [\"amhs.example\"]\n").unwrap());
            }),
        ),
        ("label", made(LABEL, KIM, |world| world.settings.labels = Some(toml::from_str(policies).unwrap()))),
        ("losses", made(LOSSY, KIM, |world| world.settings.loss_report = LossReport::IfAny)),
    ];
    let units = units.map(|(name, octets)| (name.to_owned(), octets));
    let case = judge::named_mts_apdus(&units);
    case.assert_clean();
    let text = case.text();
    for read in ["CANDLE FISH", "SDM", "ZAX"] {
        assert!(text.contains(read), "{read} in {text}");
    }
}
