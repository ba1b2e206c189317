//! Extended body parts as parts of 1984 (X.420 Annex B, RFC 1328 6).
//!
//! | extended | of 1984 |
//! |---|---|
//! | one that has a basic form | that |
//! | general text in ASCII | IA5 text |
//! | other general text | teletex, as far as T.61 goes |
//! | file, PostScript, JPEG, GIF, MIME part | bilaterally defined: the octets alone |
//! | anything else | nothing |

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::header::Header;
use rasn_x400::ber::{self, Error, Limits};
use rasn_x400::prim::{Octets, Oid};
use rasn_x400::x411::envelope::BuiltInEncodedInformationTypes as BuiltIn;
use rasn_x400::x420::body::{BodyPart, Ia5Text, Teletex, kind};
use rasn_x400::x420::file_transfer::{FileTransferParameters, whole_file};
use rasn_x400::x420::typed_body::TypedBodyPart as Typed;

use super::Change;
use super::content::{Failure, encoded, header};
use crate::mixer::charset::{decode_general, t61};
use crate::mta::content::Content;
use crate::mta::relay::apdu::{element, end};

/// What an extended body part becomes.
pub(super) enum Becomes {
    /// A part of 1984.
    Part {
        /// It, whole.
        part: Content,
        /// The encoded information type it counts as.
        built_in: Option<usize>,
        /// How far it was changed.
        change: Change,
        /// What it was and is.
        what: String,
    },
    /// A basic forwarded message, in which there may be more of 1988.
    Forwarded {
        /// It, whole.
        part: Content,
        /// What it was and is.
        what: String,
    },
    /// Nothing of 1984 stands for it.
    Nothing {
        /// What it was.
        what: String,
    },
}

/// What an extended body part becomes: `whole` is the element, `contents` what is in it.
pub(super) fn extended(whole: &Content, contents: &Content) -> Result<Becomes, Failure> {
    if whole.length() > Limits::default().body_part as u64 {
        return large(contents);
    }
    let octets = whole.read()?.concat();
    let Ok(part) = ber::decode::<BodyPart>(&octets, octets.len()) else {
        return Ok(Becomes::Nothing { what: "a body part that cannot be read".into() });
    };
    let name = match &part {
        BodyPart::ExternallyDefined(part) => part.kind().map(ToString::to_string).unwrap_or_default(),
        _ => String::new(),
    };
    let Ok(typed) = part.typed() else {
        return Ok(Becomes::Nothing { what: format!("a body part of type {name} that cannot be read") });
    };
    let basic = |part: &BodyPart, bit: usize| {
        Ok(Becomes::Part {
            part: encoded(part)?,
            built_in: Some(bit),
            change: Change::Lossless,
            what: format!("extended body part {name} became the basic one"),
        })
    };
    match typed {
        Typed::Ia5Text(text) => basic(&BodyPart::Ia5Text(text), BuiltIn::IA5_TEXT),
        Typed::G3Facsimile(pages) => basic(&BodyPart::G3Facsimile(pages), BuiltIn::G3_FACSIMILE),
        Typed::G4Class1(elements) => basic(&BodyPart::G4Class1(elements), BuiltIn::G4_CLASS_1),
        Typed::Teletex(pages) => basic(&BodyPart::Teletex(pages), BuiltIn::TELETEX),
        Typed::MixedMode(elements) => basic(&BodyPart::MixedMode(elements), BuiltIn::MIXED_MODE),
        Typed::NationallyDefined(element) => basic(&BodyPart::NationallyDefined(element), BuiltIn::UNKNOWN),
        Typed::BilaterallyDefined(octets) => basic(&BodyPart::BilaterallyDefined(octets), BuiltIn::UNKNOWN),
        Typed::Message(message) => Ok(Becomes::Forwarded {
            part: encoded(&BodyPart::Message(message))?,
            what: format!("extended body part {name} became the basic one"),
        }),
        Typed::GeneralText(held) => {
            general_text(held.data.as_bytes(), held.parameters.as_ref().map_or(&[][..], |sets| &sets.0))
        }
        Typed::FileTransfer(held) => Ok(match file(held.parameters.as_ref(), whole_file(&held.data)) {
            Some(octets) => bilaterally_defined(octets.0.into(), &kind::FILE_TRANSFER),
            None => Becomes::Nothing { what: "a file that is not plain octets".into() },
        }),
        Typed::Postscript(octets) | Typed::Jpeg(octets) | Typed::Gif(octets) => {
            Ok(bilaterally_defined(octets.0.into(), &kind::MIME_BODY_PART))
        }
        Typed::Mime(held) => Ok(bilaterally_defined(held.data.0.into(), &kind::MIME_BODY_PART)),
        _ => Ok(Becomes::Nothing { what: format!("a body part of type {name}") }),
    }
}

/// A text that says what stood here (RFC 1328 6).
pub(super) fn notice(what: &str) -> Result<Content, Error> {
    let line = "*".repeat(46);
    let text = format!(
        "{line}\r\n*\r\n*  There was {what} here\r\n*  which could not be converted\r\n*\r\n{line}\r\n"
    );
    let text: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    let part = BodyPart::Ia5Text(Ia5Text { data: text.as_str().into(), ..Ia5Text::default() });
    ber::encode(&part).map(|octets| Bytes::from(octets).into())
}

/// The octets of a file that an MTA of 1984 can be given.
fn file(parameters: Option<&FileTransferParameters>, octets: Option<Octets>) -> Option<Octets> {
    let plain = parameters
        .is_none_or(|parameters| parameters.is_unstructured_binary() && parameters.compression.is_none());
    octets.filter(|_| plain)
}

/// `[14]`: octets without a name.
fn bilaterally_defined(octets: Content, kind: &Oid) -> Becomes {
    Becomes::Part {
        part: header(Tag::new_context(14), false, octets),
        built_in: Some(BuiltIn::UNKNOWN),
        change: Change::Lossy,
        what: format!("extended body part {kind} became bilaterally defined: only its octets are left"),
    }
}

/// Text in registered sets: IA5 if that is enough, or teletex as far as T.61 goes.
fn general_text(octets: &[u8], registrations: &[i64]) -> Result<Becomes, Failure> {
    let decoded = decode_general(octets, registrations);
    if decoded.unreadable > 0 {
        return Ok(Becomes::Nothing { what: "a text in sets that are not known here".into() });
    }
    let text = decoded.text;
    if text.is_ascii() {
        let part = BodyPart::Ia5Text(Ia5Text { data: text.as_str().into(), ..Ia5Text::default() });
        return Ok(Becomes::Part {
            part: encoded(&part)?,
            built_in: Some(BuiltIn::IA5_TEXT),
            change: Change::Lossless,
            what: "general text became IA5 text".into(),
        });
    }
    let human = t61::encode(&text);
    let unknown: usize = human.replaced.iter().filter(|(_, by)| by == "?").count();
    let different = text.chars().filter(|c| !c.is_ascii()).collect::<std::collections::BTreeSet<_>>().len();
    if unknown * 2 > different {
        return Ok(Becomes::Nothing { what: "a text in another script".into() });
    }
    let (change, how) = match human.replaced.len() {
        0 => (Change::Lossless, String::new()),
        count => (Change::Lossy, format!(", without {count} characters")),
    };
    let part = BodyPart::Teletex(Teletex {
        data: vec![rasn_x400::prim::TeletexString::new(t61::designated(human.octets))],
        ..Teletex::default()
    });
    Ok(Becomes::Part {
        part: encoded(&part)?,
        built_in: Some(BuiltIn::TELETEX),
        change,
        what: format!("general text became teletex{how}"),
    })
}

/// A part that is too large to be decoded: a file or plain octets as most write them, in one piece. Only its headers are read.
fn large(contents: &Content) -> Result<Becomes, Failure> {
    let nothing = || Ok(Becomes::Nothing { what: "a large body part that is not plain octets".into() });
    let Some((parameters, kind, value)) = external_parts(contents)? else { return nothing() };
    let octets = if kind == kind::FILE_TRANSFER {
        let plain = match parameters {
            None => true,
            Some(parameters) => {
                let octets = parameters.read()?.concat();
                ber::decode::<FileTransferParameters>(&octets, octets.len())
                    .is_ok_and(|parameters| file(Some(&parameters), Some(Octets::default())).is_some())
            }
        };
        match held(&value, Tag::new_context(0))?.filter(|_| plain) {
            Some(sequence) => match held(&sequence, Tag::SEQUENCE)? {
                Some(list) => match element(&list).map_err(failed)? {
                    // One EXTERNAL, and nothing behind it.
                    Some((header, external)) if end(&header) == list.length() => aligned(&external)?,
                    _ => None,
                },
                None => None,
            },
            None => None,
        }
    } else if [
        kind::BILATERALLY_DEFINED,
        kind::MIME_POSTSCRIPT,
        kind::MIME_JPEG,
        kind::MIME_GIF,
        kind::MIME_BODY_PART,
    ]
    .contains(&kind)
    {
        octets_of(&value)?
    } else {
        return Ok(Becomes::Nothing { what: format!("a body part of type {kind}") });
    };
    match octets {
        Some(octets) => Ok(bilaterally_defined(octets, &kind)),
        None => nothing(),
    }
}

/// Of the contents of an extended body part: the parameters, what names the type of the data, and the encoding of the data.
fn external_parts(contents: &Content) -> Result<Option<(Option<Content>, Oid, Content)>, Failure> {
    let Some((first, inside)) = element(contents).map_err(failed)? else { return Ok(None) };
    let (parameters, data) = if first.tag == Tag::new_context(0) {
        let rest = contents.slice(end(&first), u64::MAX);
        let Some((_, data)) = element(&rest).map_err(failed)? else { return Ok(None) };
        if inside.length() > Limits::default().body_part as u64 {
            return Ok(None);
        }
        let parameters = match named(&inside)? {
            Some((_, value)) => held(&value, Tag::new_context(0))?,
            None => None,
        };
        (parameters, data)
    } else {
        (None, inside)
    };
    Ok(named(&data)?.map(|(kind, value)| (parameters, kind, value)))
}

/// The object identifier in front in an EXTERNAL, and what follows it.
fn named(external: &Content) -> Result<Option<(Oid, Content)>, Failure> {
    let Some((header, name)) = element(external).map_err(failed)? else { return Ok(None) };
    if header.tag != Tag::OBJECT_IDENTIFIER || name.length() > 256 {
        return Ok(None);
    }
    let octets = external.slice(0, end(&header)).read()?.concat();
    let oid = ber::decode(&octets, octets.len()).ok();
    Ok(oid.map(|oid| (oid, external.slice(end(&header), u64::MAX))))
}

/// What is in the first element, if it has this tag.
fn held(octets: &Content, tag: Tag) -> Result<Option<Content>, Failure> {
    let found = element(octets).map_err(failed)?;
    Ok(found.filter(|(header, _)| header.tag == tag).map(|(_, contents)| contents))
}

/// The octets in the encoding of an EXTERNAL: as they are, or as one OCTET STRING in one piece.
fn octets_of(encoding: &Content) -> Result<Option<Content>, Failure> {
    let primitive = |(header, contents): (Header, Content)| (!header.constructed).then_some(contents);
    let Some(found) = element(encoding).map_err(failed)? else { return Ok(None) };
    if found.0.tag == Tag::new_context(1) {
        return Ok(primitive(found));
    }
    if found.0.tag != Tag::new_context(0) {
        return Ok(None);
    }
    let inner = element(&found.1).map_err(failed)?;
    Ok(inner.filter(|(header, _)| header.tag == Tag::OCTET_STRING).and_then(primitive))
}

/// The octets in an EXTERNAL, whatever names them.
fn aligned(external: &Content) -> Result<Option<Content>, Failure> {
    let mut rest = external.clone();
    // At most two references and a descriptor stand before the encoding.
    for _ in 0..4 {
        let Some((header, _)) = element(&rest).map_err(failed)? else { return Ok(None) };
        if header.tag.class == rasn::types::Class::Context {
            return octets_of(&rest);
        }
        rest = rest.slice(end(&header), u64::MAX);
    }
    Ok(None)
}

fn failed(error: crate::mta::relay::apdu::ReadError) -> Failure {
    match error {
        crate::mta::relay::apdu::ReadError::Unreadable(error) => Failure::Unreadable(error),
        crate::mta::relay::apdu::ReadError::Nonsense(error) => Failure::Unable(error.to_string()),
    }
}
