//! Group 3 facsimile: `image/g3fax` and the body part g3-facsimile (RFC 2159, ledger B-14).
//!
//! X.400 has a bit string for each page, the first bit of a scan line lowest in its octet; MIME has the pages one after the
//! other, the first bit highest, and six end-of-line codes after each page.

use rasn_x400::prim::NamedBits;
use rasn_x400::x420::body::{G3Facsimile, G3FacsimileParameters};

use crate::message::MediaType;
use crate::mixer::header_block::parameter;

/// Six end-of-line codes, each eleven 0 and a 1.
const END_OF_PAGE: [u8; 9] = [0x00, 0x10, 0x01, 0x00, 0x10, 0x01, 0x00, 0x10, 0x01];
/// Bits of one end-of-line code.
const END_OF_LINE: usize = 12;

/// What the parameters of the media type say, by bit of the non-basic parameters.
const OPTIONS: [(&str, &str, usize); 7] = [
    ("page-length", "Unlimited", 20),
    ("page-length", "B4", 21),
    ("page-width", "A3", 22),
    ("page-width", "B4", 23),
    ("encoding", "2-dimensional", 8),
    ("encoding", "Uncompressed", 30),
    ("resolution", "Fine", 9),
];

/// The media type of a fax, with its parameters.
pub(super) fn media_type(fax: &G3Facsimile) -> String {
    let mut out = String::from("image/g3fax");
    let empty = NamedBits::default();
    let bits = fax.parameters.non_basic_parameters.as_ref().unwrap_or(&empty);
    let mut named: Vec<&str> = Vec::new();
    for (name, value, bit) in OPTIONS {
        // A parameter may be said once; the other bits are in the DCS.
        if bits.has(bit) && !named.contains(&name) {
            out.push_str(&parameter(name, value));
            named.push(name);
        }
    }
    let known = bits.set_bits().filter(|bit| OPTIONS.iter().any(|option| option.2 == *bit)).count();
    if bits.set_bits().count() > known.min(named.len()) {
        out.push_str(&parameter("DCS", &base64_simd::STANDARD.encode_to_string(bits.to_octets())));
    }
    out.push_str(&parameter("pages", &fax.data.len().to_string()));
    out
}

/// The octets of a fax.
pub(super) fn pages(fax: &G3Facsimile) -> Vec<u8> {
    let mut out = Vec::new();
    for page in &fax.data {
        let mut octets: Vec<u8> = page.to_octets().into_iter().map(u8::reverse_bits).collect();
        let bits = image_bits(&octets);
        octets.truncate(bits.div_ceil(8));
        out.extend_from_slice(&octets);
        out.extend_from_slice(&END_OF_PAGE);
    }
    out
}

/// The fax in a MIME part; `None` if its last page does not end as it must, so that it cannot be told apart from a file.
pub(super) fn read(media: &MediaType, octets: &[u8]) -> Option<G3Facsimile> {
    if !octets.ends_with(&END_OF_PAGE) {
        return None;
    }
    let mut pages = Vec::new();
    let mut rest = octets;
    while let Some(at) = memchr::memmem::find(rest, &END_OF_PAGE) {
        let (page, after) = rest.split_at(at + END_OF_PAGE.len());
        let reversed: Vec<u8> = page.iter().map(|octet| octet.reverse_bits()).collect();
        pages.push(NamedBits::from_octets(&reversed));
        rest = after;
    }
    let stated = media.parameter("dcs").and_then(|dcs| base64_simd::STANDARD.decode_to_vec(dcs).ok());
    let mut bits: Vec<usize> =
        stated.map(|octets| NamedBits::from_octets(&octets).set_bits().collect()).unwrap_or_default();
    for (name, value, bit) in OPTIONS {
        let said = media.parameter(name).is_some_and(|said| said.eq_ignore_ascii_case(value));
        if said && !bits.contains(&bit) {
            bits.push(bit);
        }
    }
    bits.sort_unstable();
    let parameters = G3FacsimileParameters {
        number_of_pages: i64::try_from(pages.len()).ok(),
        non_basic_parameters: (!bits.is_empty()).then(|| NamedBits::with(&bits, 0)),
        ..G3FacsimileParameters::default()
    };
    Some(G3Facsimile { parameters, data: pages })
}

/// Bits of a page without the end-of-line codes at its end, and without the padding after them.
fn image_bits(octets: &[u8]) -> usize {
    let is_set = |bit: usize| octets[bit / 8] & (0x80 >> (bit % 8)) != 0;
    let mut length = octets.len() * 8;
    loop {
        let Some(last) = (0..length).rev().find(|&bit| is_set(bit)) else { return length };
        let end = last + 1;
        if end < END_OF_LINE || (end - END_OF_LINE..last).any(is_set) {
            return length;
        }
        length = end - END_OF_LINE;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn fax(pages: &[&[u8]], bits: &[usize]) -> G3Facsimile {
        G3Facsimile {
            parameters: G3FacsimileParameters {
                number_of_pages: i64::try_from(pages.len()).ok(),
                non_basic_parameters: (!bits.is_empty()).then(|| NamedBits::with(bits, 0)),
                ..G3FacsimileParameters::default()
            },
            data: pages.iter().map(|page| NamedBits::from_octets(page)).collect(),
        }
    }

    // ledger: beyond B-14
    #[test]
    fn parameters_go_both_ways() {
        for (bits, text) in [
            (&[][..], "image/g3fax; pages=1"),
            (&[9], "image/g3fax; resolution=Fine; pages=1"),
            (
                &[8, 9, 20, 23],
                "image/g3fax; page-length=Unlimited; page-width=B4; encoding=2-dimensional; resolution=Fine; pages=1",
            ),
            (&[1, 9], "image/g3fax; resolution=Fine; DCS=\"QEA=\"; pages=1"),
            (&[8, 30], "image/g3fax; encoding=2-dimensional; DCS=\"AIAAAg==\"; pages=1"),
        ] {
            let there = fax(&[&[1]], bits);
            assert_eq!(media_type(&there), text);
            let back = read(&MediaType::parse(text).unwrap(), &pages(&there)).unwrap();
            let found = back.parameters.non_basic_parameters.map(|bits| bits.set_bits().collect::<Vec<_>>());
            assert_eq!(found.unwrap_or_default(), bits);
        }
    }

    #[test]
    fn pages_end_with_six_codes_and_keep_them_on_the_way_back() {
        // 1 in the lowest bit is the first bit of the page.
        let there = fax(&[&[0x01, 0x81], &[0x03]], &[]);
        let octets = pages(&there);
        assert_eq!(octets, [&[0x80, 0x81][..], &END_OF_PAGE, &[0xc0], &END_OF_PAGE].concat());
        let back = read(&MediaType::parse("image/g3fax").unwrap(), &octets).unwrap();
        assert_eq!(back.data.len(), 2);
        assert_eq!(pages(&back), octets);
        assert_eq!(read(&MediaType::parse("image/g3fax").unwrap(), b"GIF"), None);
    }

    proptest::proptest! {
        #[test]
        fn mail_comes_back_as_it_was(page in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            let octets = [&page[..], &[0xff], &END_OF_PAGE].concat();
            let media = MediaType::parse("image/g3fax").unwrap();
            let back = pages(&read(&media, &octets).unwrap());
            proptest::prop_assert!(back == octets || memchr::memmem::find(&page, &END_OF_PAGE).is_some());
        }
    }
}
