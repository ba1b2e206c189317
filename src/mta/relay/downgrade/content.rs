//! An interpersonal message or notification of content type P22 as one of P2 (RFC 1328 5 and 6, X.420 of 1984).
//!
//! ```text
//! [0] { heading ─► decoded, changed, written anew
//!       { part   ─► of 1984: a slice of what came, never read
//!         part   ─► of 1988: another form of the same, or a text in its place
//!         [9] {…} ─► a message inside: the same again } }
//! ```
//!
//! Large parts stay where they are, in files too. What came with indefinite lengths is decoded as a whole first, up to the
//! limit for that.

use std::io;

use bytes::Bytes;
use rasn::types::{Class, Tag};
use rasn_x400::ber::header::Header;
use rasn_x400::ber::{self, Limits};
use rasn_x400::validate::{Place, Step};
use rasn_x400::x411::edition1984::Lost;
use rasn_x400::x411::envelope::BuiltInEncodedInformationTypes as BuiltIn;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::edition1984::{downgrade_heading, downgrade_notification, downgrade_parameters};

use super::part::{self, Becomes};
use super::{Change, Policy, Unsupported, relay};
use crate::mta::content::{Content, Piece};
use crate::mta::relay::apdu::{element, end, whole};

/// Messages inside each other that are looked at.
const DEPTH: usize = 16;

/// A content of 1984.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// Its octets.
    pub content: Content,
    /// Bits of the encoded information types it holds.
    pub types: Vec<usize>,
    /// How far its body parts were changed.
    pub change: Change,
    /// What was left out or changed, in order.
    pub lost: Vec<Lost>,
}

/// Why there is none.
#[derive(Debug)]
pub enum Failure {
    /// The content cannot be read now.
    Unreadable(io::Error),
    /// It cannot be said in 1984, or must not be changed.
    Unable(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Makes P2 of P22, changing the body parts no further than `allowed`.
///
/// # Errors
/// [`Failure`].
pub fn to_p2(content: &Content, allowed: Change, policy: Policy<'_>) -> Result<Converted, Failure> {
    let mut converter = Converter {
        allowed,
        policy,
        place: vec![Step::Member("content")],
        types: Vec::new(),
        change: Change::None,
        lost: Vec::new(),
    };
    let content = converter.object(content)?;
    let Converter { mut types, change, lost, .. } = converter;
    types.sort_unstable();
    types.dedup();
    Ok(Converted { content, types, change, lost })
}

struct Converter<'a> {
    allowed: Change,
    policy: Policy<'a>,
    place: Vec<Step>,
    types: Vec<usize>,
    change: Change,
    lost: Vec<Lost>,
}

impl Converter<'_> {
    fn object(&mut self, content: &Content) -> Result<Content, Failure> {
        if let Some((header, inner)) = complete(content)?
            && header.tag == Tag::new_context(0)
            && let Some(message) = self.message(&inner, DEPTH)?
        {
            return Ok(enclosed(Tag::new_context(0), message));
        }
        // A notification, or lengths that are not said in front.
        let octets = self.limited(content, Limits::default().whole)?;
        let object = ber::decode(&octets, octets.len())
            .map_err(|error| Failure::Unable(format!("its content cannot be read: {error}")))?;
        match object {
            InformationObject::Ipm(_) => {
                let again = encoded(&object)?;
                let inner = complete(&again)?.map(|(_, inner)| inner);
                let message = inner.map(|inner| self.message(&inner, DEPTH)).transpose()?.flatten();
                let message = message.ok_or_else(|| Failure::Unable("its content cannot be read".into()))?;
                Ok(enclosed(Tag::new_context(0), message))
            }
            InformationObject::Ipn(mut notification) => {
                let relay = self.policy.relay;
                let lost =
                    downgrade_notification(&mut notification, &|name| relay::encapsulate(name, relay?))
                        .map_err(|unable| Failure::Unable(unable.to_string()))?;
                self.note(lost);
                encoded(&InformationObject::Ipn(notification))
            }
            InformationObject::Unknown(_) => Err(Failure::Unable("its content is no message".into())),
        }
    }

    /// Heading and body; `None` if their lengths are not said in front.
    fn message(&mut self, octets: &Content, depth: usize) -> Result<Option<Content>, Failure> {
        let Some((first, _)) = element(octets).map_err(unreadable)? else { return Ok(None) };
        let rest = octets.slice(end(&first), u64::MAX);
        let Some((_, parts)) = complete(&rest)?.filter(|(header, _)| header.tag == Tag::SEQUENCE) else {
            return Ok(None);
        };
        let heading = self.limited(&octets.slice(0, end(&first)), Limits::default().heading)?;
        let mut decoded = ber::decode(&heading, heading.len())
            .map_err(|error| Failure::Unable(format!("its heading cannot be read: {error}")))?;
        super::name::show_directory_names(&mut decoded);
        let relay = self.policy.relay;
        let lost = downgrade_heading(&mut decoded, &|name| relay::encapsulate(name, relay?));
        let heading = if lost.is_empty() { Bytes::from(heading).into() } else { encoded(&decoded)? };
        self.note(lost);
        let mut body: Vec<Piece> = Vec::new();
        let mut rest = parts;
        for place in 0.. {
            if rest.length() == 0 {
                break;
            }
            let Some((header, contents)) = element(&rest).map_err(unreadable)? else { return Ok(None) };
            let length = end(&header);
            self.place.extend([Step::Member("body"), Step::Item(place)]);
            let part = self.part(&header, rest.slice(0, length), &contents, depth)?;
            self.place.truncate(self.place.len() - 2);
            body.extend(part.pieces().cloned());
            rest = rest.slice(length, u64::MAX);
        }
        let body = enclosed(Tag::SEQUENCE, body.into_iter().collect());
        Ok(Some(heading.pieces().chain(body.pieces()).cloned().collect()))
    }

    /// One body part.
    fn part(
        &mut self,
        header: &Header,
        whole: Content,
        contents: &Content,
        depth: usize,
    ) -> Result<Content, Failure> {
        let number = if header.tag.class == Class::Context { header.tag.value } else { u32::MAX };
        let type_of_1984 = match number {
            0 => BuiltIn::IA5_TEXT,
            1 => BuiltIn::TELEX,
            2 => BuiltIn::VOICE,
            3 => BuiltIn::G3_FACSIMILE,
            4 => BuiltIn::G4_CLASS_1,
            5 => BuiltIn::TELETEX,
            6 => BuiltIn::VIDEOTEX,
            7 | 8 | 14 => BuiltIn::UNKNOWN,
            9 => return self.forwarded(whole, contents, depth),
            10 => BuiltIn::SFD,
            11 => BuiltIn::MIXED_MODE,
            15 => {
                let becomes = part::extended(&whole, contents)?;
                return self.extended(becomes, depth);
            }
            _ => return self.replaced(&format!("body part [{number}]")),
        };
        self.types.push(type_of_1984);
        Ok(whole)
    }

    /// A message inside.
    fn forwarded(&mut self, whole: Content, contents: &Content, depth: usize) -> Result<Content, Failure> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Failure::Unable(format!("more than {DEPTH} messages in each other")));
        };
        let unreadable_part = || Failure::Unable("a forwarded message in it cannot be read".into());
        let (first, _) = element(contents).map_err(unreadable)?.ok_or_else(unreadable_part)?;
        let parameters = self.limited(&contents.slice(0, end(&first)), Limits::default().heading)?;
        let mut decoded = ber::decode(&parameters, parameters.len()).map_err(|_| unreadable_part())?;
        let before = (self.lost.len(), self.change);
        let relay = self.policy.relay;
        let lost = downgrade_parameters(&mut decoded, &|name| relay::encapsulate(name, relay?));
        self.note(lost);
        let rest = contents.slice(end(&first), u64::MAX);
        let (_, inner) = complete(&rest)?.ok_or_else(unreadable_part)?;
        let message = self.message(&inner, depth)?.ok_or_else(unreadable_part)?;
        if before == (self.lost.len(), self.change) {
            return Ok(whole);
        }
        let (parameters, message) = (encoded(&decoded)?, enclosed(Tag::SEQUENCE, message));
        let both = parameters.pieces().chain(message.pieces()).cloned().collect();
        Ok(enclosed(Tag::new_context(9), both))
    }

    /// What becomes of an extended body part.
    fn extended(&mut self, becomes: Becomes, depth: usize) -> Result<Content, Failure> {
        match becomes {
            Becomes::Part { part, built_in, change, what } => {
                self.changed(change, &what)?;
                self.types.extend(built_in);
                Ok(part)
            }
            Becomes::Forwarded { part, what } => {
                self.changed(Change::Lossless, &what)?;
                let (_, contents) = complete(&part)?
                    .ok_or_else(|| Failure::Unable("a forwarded message in it cannot be read".into()))?;
                self.forwarded(part, &contents, depth)
            }
            Becomes::Nothing { what } => self.replaced(&what),
        }
    }

    /// A text in the place of something (RFC 1328 6).
    fn replaced(&mut self, what: &str) -> Result<Content, Failure> {
        if self.policy.unsupported == Unsupported::Refuse {
            return Err(Failure::Unable(format!("{what}, which nothing of 1984 stands for")));
        }
        self.changed(Change::Lossy, &format!("{what} became a text that says so"))?;
        self.types.push(BuiltIn::IA5_TEXT);
        part::notice(what).map_err(|error| Failure::Unable(error.to_string()))
    }

    /// Notes that a part was changed.
    fn changed(&mut self, change: Change, what: &str) -> Result<(), Failure> {
        if change > self.allowed {
            let prohibited = match self.allowed {
                Change::None => "conversion is prohibited",
                _ => "conversion with loss is prohibited",
            };
            return Err(Failure::Unable(format!("{prohibited}, and {}: {what}", Place(self.place.clone()))));
        }
        self.change = self.change.max(change);
        self.lost.push(Lost { place: Place(self.place.clone()), what: what.to_owned() });
        Ok(())
    }

    fn note(&mut self, lost: Vec<Lost>) {
        let place = self.place.clone();
        self.lost.extend(lost.into_iter().map(|Lost { place: inner, what }| {
            let mut place = place.clone();
            place.extend(inner.0);
            Lost { place: Place(place), what }
        }));
    }

    fn limited(&self, octets: &Content, limit: usize) -> Result<Vec<u8>, Failure> {
        whole(octets, limit).map_err(|error| match error {
            crate::mta::relay::apdu::ReadError::Unreadable(error) => Failure::Unreadable(error),
            crate::mta::relay::apdu::ReadError::Nonsense(error) => {
                Failure::Unable(format!("{}: {error}", Place(self.place.clone())))
            }
        })
    }
}

/// The first element, if it is all there is.
fn complete(octets: &Content) -> Result<Option<(Header, Content)>, Failure> {
    let found = element(octets).map_err(unreadable)?;
    Ok(found.filter(|(header, _)| end(header) == octets.length()))
}

fn unreadable(error: crate::mta::relay::apdu::ReadError) -> Failure {
    match error {
        crate::mta::relay::apdu::ReadError::Unreadable(error) => Failure::Unreadable(error),
        crate::mta::relay::apdu::ReadError::Nonsense(error) => Failure::Unable(error.to_string()),
    }
}

/// The encoding of a value.
pub(super) fn encoded<T: rasn::Encode>(value: &T) -> Result<Content, Failure> {
    let octets = ber::encode(value).map_err(|error| Failure::Unable(error.to_string()))?;
    Ok(Bytes::from(octets).into())
}

/// Elements as the contents of one.
pub(super) fn enclosed(tag: Tag, contents: Content) -> Content {
    header(tag, true, contents)
}

/// An element around contents.
pub(super) fn header(tag: Tag, constructed: bool, contents: Content) -> Content {
    let mut octets = Vec::with_capacity(8);
    // What is longer than the address space could not have been read.
    let length = usize::try_from(contents.length()).unwrap_or(usize::MAX);
    Header::write(tag, constructed, length, &mut octets);
    std::iter::once(Piece::Octets(octets.into())).chain(contents.pieces().cloned()).collect()
}

#[cfg(test)]
mod tests;
