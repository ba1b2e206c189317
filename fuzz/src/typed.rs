//! The types of `rasn-x400` as whole values: what was decoded can be encoded, and decoded again to the same.

use std::fmt::Debug;
use std::hint::black_box;

use rasn::{Decode, Encode};
use rasn_x400::ber::{self, Limits};
use rasn_x400::stanag4406::MilitaryObject;
use rasn_x400::validate::{MAXIMUM_VIOLATIONS, Validate, content_of, mts_apdu as judge, validate};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::{KeyedAddress, check};
use rasn_x400::x411::bind::{BindError, MtaBind};
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x419::MtsApdu;
use rasn_x400::x420::InformationObject;
use rasn_x400::x435::EdiObject;
use rasn_x400::{acse, oids, presentation, rtse};
use x400_gateway::mta::bind::{Trust, read_error};

use super::dice::Dice;

fn there_and_back<T: Decode + Encode + PartialEq + Debug>(octets: &[u8]) -> Option<T> {
    let value: T = ber::decode(octets, Limits::default().whole).ok()?;
    again(&value);
    Some(value)
}

/// Unless it has no encoding. The members of a SET that nobody knows are put in order when they are written first.
fn again<T: Decode + Encode + PartialEq + Debug>(value: &T) {
    if let Ok(octets) = ber::encode(value) {
        let read = ber::decode::<T>(&octets, octets.len()).unwrap();
        assert_eq!(
            ber::encode(&read).as_deref(),
            Ok(&octets[..]),
            "{value:?} is written otherwise as {read:?}"
        );
    }
}

fn judged<T: Validate>(value: &T) {
    let violations = validate(value);
    assert!(violations.len() <= MAXIMUM_VIOLATIONS);
    violations.iter().for_each(|violation| drop(black_box(violation.to_string())));
}

fn content_is_judged(content_type: &ContentType, octets: &[u8]) {
    assert!(content_of(content_type, None, octets).len() <= MAXIMUM_VIOLATIONS);
}

pub fn mts_apdu(octets: &[u8], _: &mut Dice) -> bool {
    let Ok(apdu) = MtsApdu::from_octets(octets, Limits::default().whole) else { return false };
    again(&apdu);
    black_box(judge(&apdu));
    if let MtsApdu::Message(message) = &apdu {
        there_and_back::<InformationObject>(&message.content.0);
        black_box(content_of(&message.envelope.content_type, None, &message.content.0));
    }
    true
}

pub fn content(octets: &[u8], _: &mut Dice) -> bool {
    let Some(content) = there_and_back::<InformationObject>(octets) else { return false };
    judged(&content);
    if let InformationObject::Ipm(message) = &content {
        black_box(message.content_type());
    }
    true
}

pub fn content_p772(octets: &[u8], _: &mut Dice) -> bool {
    content_is_judged(&ContentType::Extended(oids::CONTENT_P772), octets);
    there_and_back::<MilitaryObject>(octets).is_some()
}

pub fn content_p35(octets: &[u8], _: &mut Dice) -> bool {
    content_is_judged(&ContentType::P35, octets);
    there_and_back::<EdiObject>(octets).is_some()
}

/// An O/R name has a text form, which is read back; what it says becomes a name again.
pub fn or_name(octets: &[u8], _: &mut Dice) -> bool {
    let Some(name) = there_and_back::<OrName>(octets) else { return false };
    judged(&name);
    let found = KeyedAddress::from_or_name(&name);
    black_box((check(&found.address), found.address.form().is_ok()));
    super::text::read_back(&found.address);
    true
}

/// As each of the PDUs, for a peer can send each at any time.
pub fn association_pdu(octets: &[u8], _: &mut Dice) -> bool {
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

/// A bind argument, result or error, wrapped or bare.
pub fn bind(octets: &[u8], _: &mut Dice) -> bool {
    let trust = Trust { known: Vec::new(), anyone: true };
    let welcome = trust.check(octets, None);
    if let Err(unacceptable) = &welcome {
        black_box((unacceptable.to_string(), unacceptable.answer().reason));
    }
    let error = read_error(octets, true);
    [
        welcome.is_ok(),
        error.is_some(),
        there_and_back::<MtaBind>(octets).is_some(),
        there_and_back::<BindError>(octets).is_some(),
    ]
    .contains(&true)
}
