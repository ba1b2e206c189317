//! Mails, and their way to X.400.

use std::hint::black_box;
use std::sync::LazyLock;

use bytes::Bytes;
use time::macros::datetime;
use x400_gateway::config::Config;
use x400_gateway::message::address::AddressList;
use x400_gateway::message::lines::with_network_line_ends;
use x400_gateway::message::{Entity, Mailbox, Message, Structure, date, identifier, received};
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::to_x400::{Input, to_x400};
use x400_gateway::mixer::{Context, Settings, charset};
use x400_gateway::rules::Rules;
use x400_gateway::serve;

use super::dice::Dice;

pub fn mail(octets: &[u8], _: &mut Dice) -> bool {
    let message = Message::parse(Bytes::copy_from_slice(octets));
    black_box(message.defects());
    read_entity(message.root());
    true
}

/// Everything that can be asked of an entity, and of those inside.
fn read_entity(entity: &Entity) {
    for field in entity.header.fields() {
        let value = field.value.as_str();
        black_box((field.line(), AddressList::parse(value), identifier::parse_references(value)));
        black_box((identifier::parse_message_id(value), received::parse_received(value)));
        black_box((date::parse_date(value), charset::decode_words(value), charset::encode_human(value, 128)));
    }
    black_box((entity.file_name(), entity.is_attachment()));
    match &entity.structure {
        Structure::Leaf => {
            let decoded = entity.octets_decoded();
            black_box(charset::decode_text(&decoded.octets, entity.media.parameter("charset")));
        }
        Structure::Multipart(parts) => parts.iter().for_each(read_entity),
        Structure::Message(inner) => read_entity(inner),
    }
}

/// What operators who set nothing have.
pub static DEFAULTS: LazyLock<(Rules, Settings)> = LazyLock::new(|| {
    let settings = serve::conversion_settings(&Config::default()).unwrap();
    (serve::load_rules(None).unwrap().rules, settings)
});

/// Loads the defaults, so that their memory is not taken for that of the first input.
pub fn prepare() {
    LazyLock::force(&DEFAULTS);
}

/// A mail on its way to X.400, to whom it says it is for. What comes out is P1 that can be read.
pub fn conversion(octets: &[u8], dice: &mut Dice) -> bool {
    let (rules, settings) = &*DEFAULTS;
    let mapper = Mapper::new(rules);
    let context = Context {
        mapper: &mapper,
        settings,
        message_identifier: "mutation",
        now: datetime!(2026-11-23 12:00 UTC),
    };
    let mut content = Bytes::copy_from_slice(octets);
    if dice.roll(2) == 0 {
        content = with_network_line_ends(content);
    }
    let message = Message::parse(content.clone());
    let named = AddressList::parse(message.header().value("To").unwrap_or_default());
    let addresses = named.mailboxes().take(8).map(Mailbox::address);
    let addresses = addresses.chain(["Grace.Hopper@navy.x400.example".to_owned()]);
    let recipients = (1..).zip(addresses);
    let input = Input {
        content,
        reverse_path: (dice.roll(4) > 0).then(|| "ada@internet.example".to_owned()),
        options: MailOptions::default(),
        recipients: recipients
            .map(|(number, address)| Recipient { number, address, ..Recipient::default() })
            .collect(),
    };
    let Ok(converted) = to_x400(&input, &context) else { return false };
    let apdu = converted.mts_apdu().unwrap().to_vec();
    assert!(super::typed::mts_apdu(&apdu, dice), "our own P1 is not read: {apdu:02x?}");
    true
}
