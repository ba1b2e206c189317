//! Hands octets to each reader. What is returned is whether they were taken far enough to matter.

use std::hint::black_box;
use std::sync::LazyLock;

use bytes::Bytes;
use rasn::{Decode, Encode};
use rasn_x400::ber::{self, Limits};
use rasn_x400::x411::bind::MtaBind;
use rasn_x400::x419::MtsApdu;
use rasn_x400::x420::InformationObject;
use rasn_x400::{acse, presentation, rtse};
use time::macros::datetime;
use x400_gateway::config::Config;
use x400_gateway::decode::{Kind, decode, render};
use x400_gateway::message::address::AddressList;
use x400_gateway::message::lines::with_network_line_ends;
use x400_gateway::message::{Entity, Mailbox, Message, Structure, date, identifier, received};
use x400_gateway::mixer::Context;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::to_x400::{Input, to_x400};
use x400_gateway::mixer::{Settings, charset};
use x400_gateway::osi::{session, tpkt, transport};
use x400_gateway::rules::Rules;
use x400_gateway::serve;

use super::mutate::{Dice, packets};
use super::run::Outputs;
use super::runner::{Server, config};
use super::start_of_time;

/// What was decoded can be encoded and decoded again, unless it has no encoding.
fn there_and_back<T: Decode + Encode>(octets: &[u8]) -> Option<T> {
    let value: T = ber::decode(octets, Limits::default().whole).ok()?;
    again(&value);
    Some(value)
}

fn again<T: Decode + Encode>(value: &T) {
    if let Ok(octets) = ber::encode(value) {
        ber::decode::<T>(&octets, octets.len()).unwrap();
    }
}

pub(crate) fn mts_apdu(octets: &[u8], _: &mut Dice) -> bool {
    let Ok(apdu) = MtsApdu::from_octets(octets, Limits::default().whole) else { return false };
    again(&apdu);
    if let MtsApdu::Message(message) = &apdu {
        there_and_back::<InformationObject>(&message.content.0);
    }
    true
}

pub(crate) fn content(octets: &[u8], _: &mut Dice) -> bool {
    there_and_back::<InformationObject>(octets).is_some()
}

/// As each of the PDUs, for a peer can send each at any time.
pub(crate) fn association_pdu(octets: &[u8], _: &mut Dice) -> bool {
    [
        there_and_back::<presentation::Cp>(octets).is_some(),
        there_and_back::<presentation::Cpa>(octets).is_some(),
        there_and_back::<presentation::Cpr>(octets).is_some(),
        there_and_back::<presentation::Aru>(octets).is_some(),
        there_and_back::<presentation::UserData>(octets).is_some(),
        there_and_back::<acse::Apdu>(octets).is_some(),
        there_and_back::<rtse::Apdu>(octets).is_some(),
        there_and_back::<MtaBind>(octets).is_some(),
    ]
    .contains(&true)
}

/// Octets that are explained as JSON at most: an element of two octets takes up to 7 kB as a JSON value.
const JSON: usize = 600;

pub(crate) fn explain(octets: &[u8], dice: &mut Dice) -> bool {
    let kind = if dice.roll(4) > 0 { None } else { Some(dice.pick(&Kind::NAMES).0) };
    let document = decode(octets, kind);
    match dice.roll(3) {
        0 if octets.len() <= JSON => drop(black_box(render::json(&document))),
        1 => drop(black_box(render::hex(&document, render::Limits::BRIEF))),
        _ => drop(black_box(render::text(&document, render::Limits::FULL))),
    }
    !document.nodes.is_empty()
}

/// Pieces as TCP may cut them: everything at once, or anything between one octet and 300.
pub(crate) fn pieces<'a>(octets: &'a [u8], dice: &mut Dice) -> Vec<&'a [u8]> {
    if dice.roll(2) == 0 {
        return vec![octets];
    }
    let mut pieces = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at((1 + dice.roll(300)).min(rest.len()));
        pieces.push(piece);
        rest = more;
    }
    pieces
}

pub(crate) fn transport_responder(octets: &[u8], dice: &mut Dice) -> bool {
    transport(transport::Connection::responder(transport::Config::default(), start_of_time()), octets, dice)
}

pub(crate) fn transport_initiator(octets: &[u8], dice: &mut Dice) -> bool {
    let selectors = transport::Selectors::default();
    let mut connection = transport::Connection::initiator(transport::Config::default(), selectors);
    connection.request(transport::Request::Connect, start_of_time()).unwrap();
    transport(connection, octets, dice)
}

/// The decoder of packets alone, then the connection. Taken is what the packets are of.
fn transport(mut connection: transport::Connection, octets: &[u8], dice: &mut Dice) -> bool {
    let now = start_of_time();
    let mut outputs = Outputs::of(octets);
    let mut decoder = tpkt::Decoder::new(tpkt::MAXIMUM_PACKET);
    let mut taken = false;
    for piece in pieces(octets, dice) {
        decoder.push(piece);
        while let Ok(Some(_)) = decoder.next_tpdu() {
            outputs.count();
            taken = true;
        }
        let result = connection.receive(piece, now);
        while let Some(output) = connection.poll() {
            outputs.count();
            if matches!(output, transport::Output::Up(transport::Indication::Connect { .. })) {
                let _ = connection.request(transport::Request::Accept, now);
            }
        }
        assert!(connection.buffered() <= octets.len());
        if result.is_err() {
            break;
        }
    }
    taken
}

pub(crate) fn session_responder(octets: &[u8], _: &mut Dice) -> bool {
    let now = start_of_time();
    let mut connection = session::Connection::responder(session::Config::default());
    let indication =
        transport::Indication::Connect { selectors: transport::Selectors::default(), tpdu_size: 2048 };
    connection.receive(indication, now).unwrap();
    session(connection, octets)
}

pub(crate) fn session_initiator(octets: &[u8], _: &mut Dice) -> bool {
    let now = start_of_time();
    let mut connection = session::Connection::initiator(session::Config::default());
    connection.request(session::Request::Connect(session::Connect::default()), now).unwrap();
    connection.receive(transport::Indication::Confirm { tpdu_size: 2048 }, now).unwrap();
    session(connection, octets)
}

/// One TSDU for each packet. Taken is what connects.
fn session(mut connection: session::Connection, octets: &[u8]) -> bool {
    let now = start_of_time();
    let mut outputs = Outputs::of(octets);
    let mut taken = false;
    for packet in packets(octets) {
        let tsdu = Bytes::copy_from_slice(packet.get(7..).unwrap_or_default());
        let _ = connection.receive(transport::Indication::Data(tsdu), now);
        while let Some(output) = connection.poll() {
            outputs.count();
            let session::Output::Up(indication) = output else { continue };
            taken |= matches!(
                indication,
                session::Indication::Connect(_) | session::Indication::ConnectConfirm(_)
            );
            if let Some(request) = session_answer(indication) {
                // It may not fit any more.
                let _ = connection.request(request, now);
            }
        }
        assert!(connection.buffered() <= octets.len());
    }
    taken
}

/// The session user agrees to everything.
fn session_answer(indication: session::Indication) -> Option<session::Request> {
    use session::{Indication as I, Request as R};
    let user_data = Bytes::new();
    Some(match indication {
        I::Connect(_) => R::ConnectResponse(session::ConnectResponse::Accept(session::Accept::default())),
        I::TokenPlease { .. } => R::TokenGive,
        I::TokenGive => {
            let id = session::ActivityId::new(Bytes::from_static(&[1]))?;
            R::ActivityStart { id, user_data }
        }
        I::Release { .. } => R::ReleaseResponse { user_data },
        I::SyncMinor { serial, .. } => R::SyncMinorResponse { serial, user_data },
        I::ActivityInterrupt { .. } => R::ActivityInterruptResponse,
        I::ActivityDiscard { .. } => R::ActivityDiscardResponse,
        I::ActivityEnd { .. } => R::ActivityEndResponse { user_data },
        I::ExceptionReport { .. } => R::ActivityDiscard { reason: None },
        _ => return None,
    })
}

pub(crate) fn stack_responder(octets: &[u8], dice: &mut Dice) -> bool {
    super::association::talk(false, octets, dice)
}

pub(crate) fn stack_initiator(octets: &[u8], dice: &mut Dice) -> bool {
    super::association::talk(true, octets, dice)
}

pub(crate) fn smtp(octets: &[u8], dice: &mut Dice) -> bool {
    let mut config = config();
    config.limits.content.size = 300;
    config.limits.recipients = 4;
    config.extensions.smtp_utf8 = true;
    config.extensions.deliver_by = Some(60);
    let mut server = Server::new(config);
    let mut replies = server.drain();
    for piece in pieces(octets, dice) {
        replies.extend(server.receive(piece));
    }
    assert!(server.dialogue.buffered() < 4096);
    replies.len() > 1
}

pub(crate) fn mail(octets: &[u8], _: &mut Dice) -> bool {
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
static DEFAULTS: LazyLock<(Rules, Settings)> = LazyLock::new(|| {
    let settings = serve::conversion_settings(&Config::default()).unwrap();
    (serve::load_rules(None).unwrap().rules, settings)
});

/// Loads the defaults, so that their memory is not taken for that of the first case.
pub(crate) fn prepare() {
    LazyLock::force(&DEFAULTS);
}

/// A mail on its way to X.400, to whom it says it is for. What comes out is P1 that can be read.
pub(crate) fn conversion(octets: &[u8], dice: &mut Dice) -> bool {
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
    assert!(mts_apdu(&apdu, dice), "our own P1 is not read: {apdu:02x?}");
    true
}
