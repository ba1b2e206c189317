//! MTS-APDUs and contents in hexadecimal digits.

use super::rewrite::{Length, Node};

/// Octets from hexadecimal digits; spaces group them for the reader.
pub(crate) fn octets(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|character| !character.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

/// An element with the parts inside.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], &contents].concat()
}

/// `/C=DE/ADMD= /PRMD=acme/O=sales/S=muster`
fn or_name() -> Vec<u8> {
    octets(
        "60 26 30 24 6104 1302 4445 6203 1301 20 A206 1304 61636D65 8305 73616C6573 A508 8006 6D7573746572",
    )
}

/// `DE / (blank) / acme`, and a local identifier.
fn mts_identifier() -> Vec<u8> {
    octets("64 19 63 11 6104 1302 4445 6203 1301 20 1304 61636D65 1604 6D736731")
}

fn trace() -> Vec<u8> {
    let domain = octets("63 11 6104 1302 4445 6203 1301 20 1304 61636D65");
    let supplied = element(0x31, &[&octets("80 0D"), b"261123120000Z", &octets("82 01 00")]);
    element(0x69, &[&element(0x30, &[&domain, &supplied])])
}

fn recipient() -> Vec<u8> {
    element(0x31, &[&or_name(), &octets("8001 01"), &octets("8102 00A8")])
}

pub(crate) fn envelope() -> Vec<u8> {
    let recipients = element(0xa2, &[&recipient(), &recipient()]);
    element(0x31, &[&mts_identifier(), &or_name(), &octets("46 01 16"), &trace(), &recipients])
}

/// A message around a content.
pub(crate) fn message(content: &[u8]) -> Vec<u8> {
    element(0xa0, &[&envelope(), &element(0x04, &[content])])
}

pub(crate) fn probe() -> Vec<u8> {
    let recipients = element(0xa2, &[&recipient()]);
    element(0xa2, &[&mts_identifier(), &or_name(), &octets("46 01 16"), &trace(), &recipients])
}

/// A non-delivery report on one recipient.
pub(crate) fn report() -> Vec<u8> {
    let envelope = element(0x31, &[&mts_identifier(), &or_name(), &trace()]);
    let failed = element(0xa1, &[&element(0xa1, &[&octets("80 01 01"), &octets("81 01 00")])]);
    let last_trace = element(0xa3, &[&octets("80 0D"), b"261123120001Z", &failed]);
    let mut actual = or_name();
    actual[0] = 0xa0;
    let recipient = element(0x31, &[&actual, &octets("8101 01"), &octets("8202 03A8"), &last_trace]);
    let recipients = element(0xa0, &[&recipient]);
    let content = element(0x31, &[&mts_identifier(), &octets("46 01 16"), &recipients]);
    element(0xa1, &[&envelope, &content])
}

/// The EXTERNAL of a peer around an MTS-APDU, in presentation context 5.
pub(crate) fn external(apdu: &[u8]) -> Vec<u8> {
    element(0x28, &[&octets("02 01 05"), &element(0xa0, &[apdu])])
}

/// The same as octets, with everything that may name them.
pub(crate) fn aligned_external(apdu: &[u8]) -> Vec<u8> {
    element(0x28, &[&octets("06 02 51 01 02 01 05 07 01 61"), &element(0x81, &[apdu])])
}

pub(crate) fn heading() -> Vec<u8> {
    element(0x31, &[&octets("6B 06 1304 69706D31 A8 07 14 05 4772C8756E")])
}

/// A message with these body parts.
pub(crate) fn ipm(parts: &[&[u8]]) -> Vec<u8> {
    element(0xa0, &[&heading(), &element(0x30, parts)])
}

/// A receipt notification.
pub(crate) fn notification() -> Vec<u8> {
    let receipt = element(0xa1, &[&octets("80 0D"), b"261123120000Z", &octets("81 01 01")]);
    element(0xa1, &[&octets("6B 06 1304 69706D31"), &element(0xa0, &[&receipt])])
}

/// The forms of an element: as it is, lengths padded, indefinite, and strings in segments.
pub(crate) fn forms(octets: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let node = Node::read(octets);
    let mut cut = Node::read(octets);
    cut.cut_strings(100);
    vec![
        ("as it is", octets.to_vec()),
        ("short", node.write(Length::Short)),
        ("indefinite", node.write(Length::Indefinite)),
        ("in segments", cut.write(Length::Short)),
        ("indefinite, in segments", cut.write(Length::Indefinite)),
    ]
}
