//! Small MTS-APDUs, made by hand.

#![allow(dead_code, reason = "each test target uses a part")]

use rasn_x400::x419::MtsApdu;

/// An MTS-APDU that carries an interpersonal message from SMITH to a surname, with a text of so many octets.
pub(crate) fn message(identifier: &str, surname: &str, text_octets: usize) -> Vec<u8> {
    let country = ber(0x61, &[&ber(0x13, &[b"GB"])]);
    let administration = ber(0x62, &[&ber(0x13, &[b"TESTNET"])]);
    let domain = ber(0x63, &[&country, &administration, &ber(0x13, &[b"PRMD"])]);
    let name = |surname: &str| {
        let surname = ber(0xa5, &[&ber(0x80, &[surname.as_bytes()])]);
        ber(0x60, &[&ber(0x30, &[&country, &administration, &surname])])
    };

    let this_ipm = ber(0x6b, &[&ber(0x13, &[identifier.as_bytes()])]);
    let text = ber(0xa0, &[&ber(0x31, &[]), &ber(0x16, &[&vec![b'x'; text_octets]])]);
    let content = ber(0xa0, &[&ber(0x31, &[&this_ipm]), &ber(0x30, &[&text])]);

    let identifier = ber(0x64, &[&domain, &ber(0x16, &[identifier.as_bytes()])]);
    let arrival = ber(0x31, &[&ber(0x80, &[b"261028114703Z"]), &[0x82, 1, 0]]);
    let trace = ber(0x69, &[&ber(0x30, &[&domain, &arrival])]);
    let recipient = ber(0x31, &[&name(surname), &[0x80, 1, 1], &[0x81, 2, 0, 0xa8]]);
    let envelope =
        ber(0x31, &[&name("SMITH"), &identifier, &[0x46, 1, 2], &trace, &ber(0xa2, &[&recipient])]);
    ber(0xa0, &[&envelope, &ber(0x04, &[&content])])
}

/// Tag, definite length, contents.
fn ber(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = match u8::try_from(value.len()) {
        Ok(short) if short < 128 => vec![short],
        _ => [&[0x84], &u32::try_from(value.len()).unwrap().to_be_bytes()[..]].concat(),
    };
    [&[tag], &length[..], &value].concat()
}

/// The local identifier of what was transferred, and the surname of its first recipient.
pub(crate) fn identifier_and_recipient(apdu: &[u8]) -> (String, String) {
    let text = |name: &rasn_x400::x411::address::OrName| {
        let address = rasn_x400::x411::address::text::KeyedAddress::from_or_name(name).address;
        address.get(&rasn_x400::x411::address::text::Key::Surname).unwrap_or_default().to_owned()
    };
    match MtsApdu::from_octets(apdu, apdu.len()).unwrap() {
        MtsApdu::Message(it) => (
            it.envelope.message_identifier.local_identifier.to_text().into_owned(),
            text(&it.envelope.per_recipient_fields[0].recipient_name),
        ),
        MtsApdu::Report(it) => (
            it.envelope.report_identifier.local_identifier.to_text().into_owned(),
            text(&it.content.per_recipient_fields[0].actual_recipient_name),
        ),
        MtsApdu::Probe(it) => (
            it.probe_identifier.local_identifier.to_text().into_owned(),
            text(&it.per_recipient_fields[0].recipient_name),
        ),
        other => panic!("not an MTS-APDU: {other:?}"),
    }
}
