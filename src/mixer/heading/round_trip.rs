//! Headings there and back: what one way makes of a heading the other way takes back, whichever side it came from.

use bytes::Bytes;
use proptest::prelude::*;
use rasn_x400::prim::{Ia5String, ListAsSet, Null, TeletexString};
use rasn_x400::x411::address::text;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x420::heading::{
    AutoSubmitted, AutoSubmittedValue, Heading, HeadingExtension, Importance, IncompleteCopy, IpmIdentifier,
    Languages, OrDescriptor, RecipientSpecifier, Rfc822Field, Sensitivity,
};
use time::macros::datetime;
use time::{OffsetDateTime, UtcOffset};

use super::{Level, Location, draft, to_internet as back};
use crate::message::Message;
use crate::mixer::address::Mapper;
use crate::mixer::charset::t61;
use crate::mixer::date::to_utc_time;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::mail::MailOptions;
use crate::mixer::{Context, Settings, to_internet, to_x400};
use crate::rules::Rules;

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=gb"
[[equivalence]]
domain = "Widget.COM"
or = "O=Widget; A=BTT; C=TC"
"#;

struct World {
    rules: Rules,
    settings: Settings,
}

fn world() -> &'static World {
    static WORLD: std::sync::LazyLock<World> = std::sync::LazyLock::new(|| World {
        rules: Rules::from_sources(&[("rules.toml", RULES)]).unwrap(),
        settings: Settings::new(
            GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")),
            "gw",
            "gw.example",
        ),
    });
    &WORLD
}

fn with_context<T>(run: impl FnOnce(&Context<'_>) -> T) -> T {
    let World { rules, settings } = world();
    let mapper = Mapper::new(rules);
    run(&Context { mapper: &mapper, settings, message_identifier: "Q", now: datetime!(2026-11-27 10:00 UTC) })
}

fn to_mail(heading: &Heading) -> HeaderBlock {
    with_context(|context| {
        let mut work = to_internet::Work::new(context);
        let mut header = back::elements(heading, &Location::default(), &mut work);
        back::finish(heading, &mut header, &Location::default(), &mut work);
        header
    })
}

fn to_heading(header: Vec<u8>) -> Heading {
    let mut octets = header;
    octets.extend_from_slice(b"\r\n");
    let message = Message::parse(Bytes::from(octets));
    let input = to_x400::Input {
        content: Bytes::new(),
        reverse_path: Some("sender@a.example".into()),
        options: MailOptions::default(),
        recipients: vec![],
    };
    with_context(|context| {
        let mut work = to_x400::Work::new(&input, context);
        let draft = draft(message.header(), Level::Outermost, &Location::default(), &mut work);
        draft.finish("seed@gw.example", &mut work).unwrap().0
    })
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        "/G=[A-Z][a-z]{1,4}/S=[A-Z][a-z]{1,6}/O=Widget/ADMD=BTT/C=TC/",
        "/S=[A-Z][a-z]{1,6}/OU=[a-z]{1,3} [a-z]{1,3}/O=Widget/ADMD=BTT/C=TC/",
        "/CN=[A-Z][a-z()]{0,5}( [a-z]{1,3})?/O=[a-z]{1,5}/PRMD=[a-z]{1,3}/ADMD=x400/C=DE/",
        "/RFC-822=[a-z]{1,6}\\(a\\)[a-z]{1,6}\\.example/O=gateway/PRMD=gw/ADMD=Gold 400/C=gb/",
    ]
}

/// Words of a name or subject in T.61, spaces between them.
fn words() -> impl Strategy<Value = String> {
    "[A-Za-z0-9,.'()@<>\"!?=_:;-]{1,8}( [A-Za-zäöüéñßŁ0-9\\[\\]&+]{1,8}){0,4}"
}

fn descriptor() -> impl Strategy<Value = OrDescriptor> {
    (address(), proptest::option::of(words())).prop_map(|(address, name)| OrDescriptor {
        formal_name: Some(text::parse(&address).unwrap().to_or_name().unwrap()),
        free_form_name: name.map(|name| TeletexString::new(t61::encode(&name).octets)),
        ..OrDescriptor::default()
    })
}

fn specifiers(least: usize) -> impl Strategy<Value = Vec<RecipientSpecifier>> {
    prop::collection::vec(descriptor(), least..4).prop_map(|list| {
        list.into_iter()
            .map(|recipient| RecipientSpecifier { recipient, ..RecipientSpecifier::default() })
            .collect()
    })
}

fn identifier() -> impl Strategy<Value = IpmIdentifier> {
    prop_oneof![
        ("[A-Za-z0-9'+,./:=?-]{0,20}( [A-Za-z0-9-]{1,9})?", proptest::option::of(address())),
        ("[a-z0-9.-]{1,10}[a-z]\\(a\\)[a-z]{1,8}\\.example", Just(None)),
    ]
    .prop_map(|(relative, user)| IpmIdentifier {
        user: user.map(|user| text::parse(&user).unwrap().to_or_name().unwrap()),
        user_relative_identifier: relative.replace("..", ".").trim_matches('.').into(),
        unknown: Vec::new(),
    })
}

fn moment() -> impl Strategy<Value = rasn_x400::prim::X400Time> {
    (315_619_200_i64..3_471_206_400, -720_i32..720).prop_map(|(seconds, minutes)| {
        let zone = UtcOffset::from_whole_seconds(minutes * 60).unwrap();
        to_utc_time(OffsetDateTime::from_unix_timestamp(seconds).unwrap().to_offset(zone)).unwrap()
    })
}

/// Fields that no element stands for.
fn fields() -> impl Strategy<Value = Vec<Ia5String>> {
    let field = "X-[A-Z][a-z]{1,5}: [!-9;-~]{1,9}( [!-~]{1,9}){0,3}";
    prop::collection::vec(field, 0..3).prop_map(|fields| fields.into_iter().map(Into::into).collect())
}

fn heading() -> impl Strategy<Value = Heading> {
    use proptest::option::of;
    let people =
        (descriptor(), of(prop::collection::vec(descriptor(), 1..3)), specifiers(1), of(specifiers(1)));
    let more = (of(specifiers(0)), of(prop::collection::vec(descriptor(), 1..3)));
    let messages = (
        identifier(),
        of(identifier()),
        of(prop::collection::vec(identifier(), 1..3)),
        of(prop::collection::vec(identifier(), 1..4)),
    );
    let says = (of(words()), of(moment()), of(moment()), 0_i64..3, of(1_i64..4), any::<bool>());
    let extensions =
        (any::<bool>(), of(prop::collection::btree_set("[a-z]{2}", 1..3)), of(0_i64..3), fields());
    (people, more, messages, says, extensions).prop_map(|(people, more, messages, says, extensions)| {
        let mut heading = Heading {
            this_ipm: messages.0,
            originator: Some(people.0),
            authorizing_users: people.1,
            primary_recipients: Some(people.2),
            copy_recipients: people.3,
            blind_copy_recipients: more.0,
            reply_recipients: more.1,
            replied_to_ipm: messages.1,
            obsoleted_ipms: messages.2,
            related_ipms: messages.3,
            subject: says.0.map(|subject| TeletexString::new(t61::encode(&subject).octets)),
            expiry_time: says.1,
            reply_time: says.2,
            importance: Importance(says.3),
            sensitivity: says.4.map(Sensitivity),
            auto_forwarded: says.5,
            ..Heading::default()
        };
        let list = &mut heading.extensions;
        if extensions.0 {
            list.push(IncompleteCopy::field(&Null).unwrap());
        }
        if let Some(languages) = extensions.1 {
            let languages = languages.into_iter().map(Into::into).collect();
            list.push(Languages::field(&ListAsSet(languages)).unwrap());
        }
        if let Some(value) = extensions.2 {
            list.push(AutoSubmitted::field(&AutoSubmittedValue(value)).unwrap());
        }
        if !extensions.3.is_empty() {
            list.push(Rfc822Field::field(&extensions.3).unwrap());
        }
        heading
    })
}

/// A mailbox as this gateway writes it: what a header holds need not be written so, but what comes back is.
fn mailbox() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}(\\.[a-z]{1,4})?@[a-z]{1,6}\\.example",
        "[A-Z][a-z]{1,6}( [A-Z][a-z]{1,6}){0,2} <[a-z]{1,6}\\.[a-z]{1,4}@Widget\\.COM>",
        "\"[A-Z][a-z]{1,6}, [A-Z][a-z]{1,6}\\.?\" <[a-z_+]{1,8}@[a-z]{1,6}\\.example>",
    ]
}

proptest! {
    #![proptest_config(crate::mixer::law::cases(3_000))]

    #[test]
    fn headings_of_x400_come_back(heading in heading()) {
        let mail = to_mail(&heading).to_octets();
        let returned = to_heading(mail.clone());
        prop_assert_eq!(&returned, &heading, "{}", String::from_utf8_lossy(&mail));
    }

    #[test]
    fn headers_of_mail_come_back(
        from in prop::collection::vec(mailbox(), 1..2),
        to in prop::collection::vec(mailbox(), 1..4),
        cc in prop::collection::vec(mailbox(), 0..3),
        reply_to in proptest::option::of(mailbox()),
        subject in "[A-Za-z0-9,.'()@\"!?_:;-]{1,8}( [A-Za-z0-9\\[\\]&+]{1,8}){0,8}",
        message_id in "<[a-z0-9!$_=+-]{1,6}@[a-z]{1,6}\\.example>",
        references in prop::collection::vec("<[a-z0-9]{1,12}@[a-z]{1,6}\\.example>", 0..4),
        others in fields(),
    ) {
        let mut header = HeaderBlock::default();
        header.add("From", &from.join(", "));
        header.add("To", &to.join(", "));
        if !cc.is_empty() {
            header.add("Cc", &cc.join(", "));
        }
        reply_to.iter().for_each(|value| header.add("Reply-To", value));
        header.add("Subject", &subject);
        header.add("Message-ID", &message_id);
        if !references.is_empty() {
            header.add("References", &references.join(" "));
        }
        for field in &others {
            let field = field.to_text().into_owned();
            let (name, value) = field.split_once(": ").unwrap();
            header.add(name, value);
        }
        let heading = to_heading(header.to_octets());
        let returned = to_mail(&heading);
        let sorted = |header: &HeaderBlock| {
            let mut fields: Vec<String> = header.fields().map(|(name, value)| format!("{name}: {value}")).collect();
            fields.sort();
            fields
        };
        prop_assert_eq!(sorted(&returned), sorted(&header), "{:?}", heading);
    }
}
