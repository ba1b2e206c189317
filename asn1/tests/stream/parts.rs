//! What a reader tells of a part that is too large for it is what the decoder says of the whole.

use std::collections::BTreeMap;

use bytes::Bytes;
use rasn::Encode;
use rasn_x400::ber::{self, Limits};
use rasn_x400::prim::{External, ExternalEncoding, NamedBits};
use rasn_x400::stream::{IpmEvent, IpmReader, LargePart, LeafForm};
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::body::{BodyPart, ExternallyDefined};
use rasn_x400::x420::part_parameters::PartParameters;
use rasn_x400::x420::typed_body::TypedBodyPart;

use super::rewrite::{Length, Node};

/// A leaf as it came: what its octets are, how many were announced, the octets.
type Told = (LeafForm, Option<u64>, Vec<u8>);

/// Reads a content in pieces: of each large part, by where it begins, what was told while it came, and at its end.
fn read(octets: &[u8], size: usize, limit: usize) -> BTreeMap<u64, (PartParameters, Vec<Told>, LargePart)> {
    let mut reader = IpmReader::with_data(Limits { body_part: limit, ..Limits::default() });
    let (mut told, mut begun, mut leaves) = (BTreeMap::new(), None, Vec::<Told>::new());
    for piece in octets.chunks(size) {
        reader.push(Bytes::copy_from_slice(piece));
        while let Some(event) = reader.poll().unwrap() {
            match event {
                IpmEvent::LargePartBegins { parameters, offset, .. } => {
                    begun = Some((offset, parameters.unwrap()))
                }
                IpmEvent::LeafBegins { number, form, length } => {
                    assert_eq!(number, leaves.len());
                    leaves.push((form, length, Vec::new()));
                }
                IpmEvent::Data(octets) => {
                    assert!(!octets.is_empty());
                    leaves.last_mut().unwrap().2.extend_from_slice(&octets);
                }
                IpmEvent::LargePart(part) => {
                    let (offset, parameters) = begun.take().unwrap();
                    told.insert(offset, (parameters, std::mem::take(&mut leaves), part));
                }
                _ => {}
            }
        }
    }
    reader.finish().unwrap();
    told
}

/// Where the parts of a content are.
fn ranges(octets: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut reader = IpmReader::new(Limits::default());
    reader.push(Bytes::copy_from_slice(octets));
    let mut ranges = Vec::new();
    while let Some(event) = reader.poll().unwrap() {
        if let IpmEvent::Part { range, .. } = event {
            ranges.push(usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap());
        }
    }
    ranges
}

/// Reads each part of a message as a large one, in several cuts, and compares it with what the decoder says of it.
pub(crate) fn agree(name: &str, octets: &[u8]) {
    let InformationObject::Ipm(message) = ber::decode(octets, octets.len()).unwrap() else {
        panic!("{name}: a message")
    };
    for (range, part) in ranges(octets).into_iter().zip(&message.body) {
        let element = &octets[range.clone()];
        let (parameters, leaves) = expected(part);
        for size in [1, 7, octets.len()] {
            let told = read(octets, size, range.len() - 1);
            let (said, given, at_end) = &told[&(range.start as u64)];
            assert_eq!(*said, parameters, "{name}");
            assert_eq!(at_end.parameters.as_ref(), Ok(&parameters), "{name}");
            assert_eq!(given.len(), leaves.len(), "{name}: {given:?}");
            for (((form, length, octets_given), expected), at) in
                given.iter().zip(&leaves).zip(&at_end.leaves)
            {
                if let Some(length) = length {
                    assert_eq!(*length, octets_given.len() as u64, "{name} {parameters:?}");
                }
                assert_eq!((at.form, at.length()), (*form, octets_given.len() as u64), "{name}");
                let at_ranges: Vec<u8> = at
                    .ranges
                    .iter()
                    .flat_map(|it| usize::try_from(it.start).unwrap()..usize::try_from(it.end).unwrap())
                    .map(|at| octets[at])
                    .collect();
                assert_eq!(at_ranges, *octets_given, "{name}");
                match expected {
                    Expected::Octets(octets) => assert_eq!((*form, octets_given), (LeafForm::Octets, octets)),
                    Expected::Bits(bits) => {
                        let unused = bits.len().next_multiple_of(8) - bits.len();
                        assert_eq!((*form, usize::from(at.unused_bits)), (LeafForm::Bits, unused), "{name}");
                        assert_eq!(*octets_given, bits.to_octets(), "{name}");
                    }
                    Expected::Element(octets) => {
                        assert_eq!(*form, LeafForm::Element, "{name}");
                        let normal = |octets: &[u8]| Node::read(octets).normal().write(Length::Short);
                        assert_eq!(normal(octets_given), normal(octets), "{name} {parameters:?}");
                    }
                    Expected::Whole => assert_eq!(*octets_given, element, "{name}"),
                }
            }
        }
    }
}

/// What a leaf has to be.
#[derive(Debug)]
enum Expected {
    Octets(Vec<u8>),
    Bits(NamedBits),
    Element(Vec<u8>),
    /// The part itself.
    Whole,
}

/// What the decoder says of a part.
fn expected(part: &BodyPart) -> (PartParameters, Vec<Expected>) {
    use PartParameters as P;
    use TypedBodyPart as T;
    let string = |octets: &[u8]| vec![Expected::Octets(octets.to_vec())];
    // Nothing is known of how these are made inside.
    let element = |value: Option<&External>| match value.map(|external| &external.encoding) {
        Some(ExternalEncoding::SingleAsn1Type(value)) => vec![Expected::Element(value.as_bytes().to_vec())],
        Some(other) => panic!("{other:?}"),
        None => vec![Expected::Whole],
    };
    let data = match part {
        BodyPart::ExternallyDefined(ExternallyDefined { data, .. }) => Some(data),
        _ => None,
    };
    match part.typed().unwrap() {
        T::Ia5Text(it) => (P::Ia5Text(it.parameters), string(it.data.as_bytes())),
        T::Telex(_) => (P::Telex, element(data)),
        T::Voice(_) => (P::Voice, element(data)),
        T::G3Facsimile(it) => {
            (P::G3Facsimile(it.parameters), it.data.into_iter().map(Expected::Bits).collect())
        }
        T::G4Class1(_) => (P::G4Class1, element(data)),
        T::Teletex(it) => {
            let pages = it.data.iter().map(|page| Expected::Octets(page.as_bytes().to_vec()));
            (P::Teletex(it.parameters), pages.collect())
        }
        T::Videotex(it) => (P::Videotex(it.parameters), string(it.data.as_bytes())),
        T::NationallyDefined(_) => (P::NationallyDefined, element(data)),
        T::Encrypted(it) => (P::Encrypted(it.parameters), vec![Expected::Bits(it.data)]),
        T::Message(it) => {
            (P::Message(Box::new(it.parameters)), vec![Expected::Element(encoded(&it.message))])
        }
        T::SimpleFormattableDocument(_) => (P::SimpleFormattableDocument, element(data)),
        T::MixedMode(_) => (P::MixedMode, element(data)),
        T::BilaterallyDefined(it) => (P::BilaterallyDefined, string(&it.0)),
        T::GeneralText(it) => (P::GeneralText(it.parameters.unwrap_or_default()), string(it.data.as_bytes())),
        T::FileTransfer(it) => {
            let files = it.data.iter().map(|file| Expected::Octets(file.octets().unwrap().0.to_vec()));
            (P::FileTransfer(Box::new(it.parameters.unwrap_or_default())), files.collect())
        }
        T::Report(_) => (P::Report, element(data)),
        T::Notification(it) => (P::Notification(Box::new(it.parameters.unwrap_or_default())), element(data)),
        T::ExtendedVoice(it) => (P::ExtendedVoice(it.parameters), string(&it.data.0)),
        T::Content(it) => {
            let parameters = it.parameters.map(Box::new);
            (P::Content { content_type: it.content_type, parameters }, string(&it.content.0))
        }
        T::Pkcs7(_) => (P::Pkcs7, element(data)),
        T::Oda(it) => (P::Oda(it.parameters), element(data)),
        T::Mime(it) => (P::Mime(it.parameters), string(&it.data.0)),
        T::Postscript(it) => (P::Postscript, string(&it.0)),
        T::Jpeg(it) => (P::Jpeg, string(&it.0)),
        T::Gif(it) => (P::Gif, string(&it.0)),
        T::Adatp3(it) => (P::Adatp3(it.parameters), element(data)),
        T::Corrections(it) => (P::Corrections(it.parameters), string(it.data.as_bytes())),
        T::ForwardedEncrypted(it) => {
            (P::ForwardedEncrypted(it.parameters.map(Box::new)), vec![Expected::Bits(it.data)])
        }
        T::MilitaryMessage(it) => (
            P::MilitaryMessage(Box::new(it.parameters.unwrap_or_default())),
            vec![Expected::Element(encoded(&it.data))],
        ),
        T::Acp127Data(it) => (P::Acp127Data(it.parameters), string(it.data.as_bytes())),
        T::Other(part) => {
            let BodyPart::ExternallyDefined(part) = part else {
                return (P::Other { kind: None, parameters: None }, vec![Expected::Whole]);
            };
            let (kind, parameters) = (part.kind().cloned(), part.parameters.clone());
            (P::Other { kind, parameters }, element(Some(&part.data)))
        }
    }
}

fn encoded(value: &impl Encode) -> Vec<u8> {
    ber::encode(value).unwrap()
}
