//! An MTS-APDU taken apart and put together again.

use std::io;

use rasn::types::Tag;
use rasn_x400::ber::header::Header;
use rasn_x400::ber::{self, Error, Limits};
use rasn_x400::prim::{Octets, RawTlv};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{
    MessageTransferEnvelope, MtsIdentifier, PerRecipientFields, PerRecipientIndicators, Priority,
    ProbeTransferEnvelope,
};
use rasn_x400::x411::extension::{Extension as _, ExtensionField, LatestDeliveryTime};
use rasn_x400::x411::trace::TraceInformation;
use rasn_x400::x419::{Message, MtsApdu, Report};
use time::OffsetDateTime;

use super::super::content::{Content, Piece};
use super::super::extensions;
use super::super::route::Traits;
use crate::mixer::date::from_utc_time;
use crate::quirk::Quirks;

/// What one transfer carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apdu {
    /// A message.
    Message {
        /// Its envelope.
        envelope: Box<MessageTransferEnvelope>,
        /// The octets of its content, as they came; a part of what was transferred where that is possible.
        content: Content,
        /// Members of the message that nobody here knows.
        unknown: Vec<RawTlv>,
    },
    /// A probe.
    Probe(Box<ProbeTransferEnvelope>),
    /// A report.
    Report(Box<Report>),
}

/// MTS-APDU: `message [0]`.
const MESSAGE: Tag = Tag::new_context(0);

impl Apdu {
    /// Takes an MTS-APDU apart. Of a message in a file only the envelope is read, and its content is not copied, unless the
    /// peer wrote it in segments or with indefinite lengths; then it is decoded as a whole, up to the limit for that.
    ///
    /// # Errors
    /// As [`ber::decode`]; an MTS-APDU of no known kind, or without recipients; a file that cannot be read.
    pub fn read(octets: &Content) -> Result<Self, ReadError> {
        let apdu = match message(octets)? {
            Some(message) => message,
            None => {
                let limit = Limits::default().whole;
                let whole = whole(octets, limit)?;
                Self::from_value(MtsApdu::from_octets(&whole, limit)?)?
            }
        };
        if !matches!(apdu, Self::Report(_)) && apdu.recipients().is_empty() {
            return Err(malformed("per_recipient_fields", "at least one recipient expected").into());
        }
        Ok(apdu)
    }

    fn from_value(apdu: MtsApdu) -> Result<Self, Error> {
        Ok(match apdu {
            MtsApdu::Message(Message { envelope, content, unknown }) => {
                Self::Message { envelope: Box::new(envelope), content: content.0.into(), unknown }
            }
            MtsApdu::Probe(probe) => Self::Probe(Box::new(probe)),
            MtsApdu::Report(report) => Self::Report(Box::new(report)),
            MtsApdu::Unknown(_) => return Err(malformed("MTS-APDU", "message, report or probe expected")),
        })
    }

    /// The octets to be transferred: the envelope written anew, the content as it is.
    ///
    /// # Errors
    /// [`Error::Unencodable`]; a fault of ours.
    pub fn to_content(&self) -> Result<Content, Error> {
        let (envelope, content, unknown) = match self {
            Self::Message { envelope, content, unknown } => (envelope, content, unknown),
            Self::Probe(_) | Self::Report(_) => return encoded(&self.without_content()),
        };
        let length =
            usize::try_from(content.length()).map_err(|error| Error::Unencodable(error.to_string()))?;
        let mut front = ber::encode(&**envelope)?;
        Header::write(Tag::OCTET_STRING, false, length, &mut front);
        let back: Vec<u8> = unknown.iter().flat_map(|member| member.as_bytes()).copied().collect();
        let mut start = Vec::with_capacity(front.len() + 8);
        Header::write(MESSAGE, true, front.len() + length + back.len(), &mut start);
        start.append(&mut front);
        let [start, back] = [start, back].map(|octets| Piece::Octets(octets.into()));
        Ok(std::iter::once(start).chain(content.pieces().cloned()).chain([back]).collect())
    }

    /// The whole as a value, but for the octets of the content.
    pub(super) fn without_content(&self) -> MtsApdu {
        match self {
            Self::Message { envelope, unknown, .. } => MtsApdu::Message(Message {
                envelope: (**envelope).clone(),
                content: Octets::default(),
                unknown: unknown.clone(),
            }),
            Self::Probe(probe) => MtsApdu::Probe((**probe).clone()),
            Self::Report(report) => MtsApdu::Report((**report).clone()),
        }
    }

    /// Another value of the same kind, with the content of this one.
    pub(super) fn with_envelope_of(&self, value: MtsApdu) -> Self {
        match (value, self) {
            (MtsApdu::Message(Message { envelope, unknown, .. }), Self::Message { content, .. }) => {
                Self::Message { envelope: Box::new(envelope), content: content.clone(), unknown }
            }
            (MtsApdu::Probe(probe), _) => Self::Probe(Box::new(probe)),
            (MtsApdu::Report(report), _) => Self::Report(Box::new(report)),
            (MtsApdu::Message(_) | MtsApdu::Unknown(_), _) => self.clone(),
        }
    }

    /// Message, probe or report, in a word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Probe(_) => "probe",
            Self::Report(_) => "report",
        }
    }

    /// What names it for ever.
    #[must_use]
    pub fn identifier(&self) -> &MtsIdentifier {
        match self {
            Self::Message { envelope, .. } => &envelope.message_identifier,
            Self::Probe(probe) => &probe.probe_identifier,
            Self::Report(report) => &report.envelope.report_identifier,
        }
    }

    /// Who sent it; `None` for a report.
    #[must_use]
    pub fn originator(&self) -> Option<&OrName> {
        match self {
            Self::Message { envelope, .. } => Some(&envelope.originator_name),
            Self::Probe(probe) => Some(&probe.originator_name),
            Self::Report(_) => None,
        }
    }

    /// The recipients, whoever answers for them; none of a report.
    #[must_use]
    pub fn recipients(&self) -> &[PerRecipientFields] {
        match self {
            Self::Message { envelope, .. } => &envelope.per_recipient_fields,
            Self::Probe(probe) => &probe.per_recipient_fields,
            Self::Report(_) => &[],
        }
    }

    /// The same, to be changed.
    pub(super) fn recipients_mut(&mut self) -> &mut [PerRecipientFields] {
        match self {
            Self::Message { envelope, .. } => &mut envelope.per_recipient_fields,
            Self::Probe(probe) => &mut probe.per_recipient_fields,
            Self::Report(_) => &mut [],
        }
    }

    /// The recipients we answer for, numbered from 1 in their order; of a report its destination, as number 1.
    pub fn responsible(&self) -> impl Iterator<Item = (u32, &OrName)> {
        let destination = match self {
            Self::Report(report) => Some((1, &report.envelope.report_destination_name)),
            _ => None,
        };
        let recipients = (1..).zip(self.recipients());
        let ours = recipients.filter(|(_, fields)| {
            fields.per_recipient_indicators.has(PerRecipientIndicators::RESPONSIBILITY)
        });
        destination.into_iter().chain(ours.map(|(number, fields)| (number, &fields.recipient_name)))
    }

    /// The external trace, oldest first.
    #[must_use]
    pub fn trace(&self) -> &TraceInformation {
        match self {
            Self::Message { envelope, .. } => &envelope.trace_information,
            Self::Probe(probe) => &probe.trace_information,
            Self::Report(report) => &report.envelope.trace_information,
        }
    }

    /// The extensions of the envelope as a whole.
    #[must_use]
    pub fn extensions(&self) -> &Vec<ExtensionField> {
        match self {
            Self::Message { envelope, .. } => &envelope.extensions,
            Self::Probe(probe) => &probe.extensions,
            Self::Report(report) => &report.envelope.extensions,
        }
    }

    /// Trace and extensions, to be added to.
    pub(super) fn history_mut(&mut self) -> (&mut TraceInformation, &mut Vec<ExtensionField>) {
        match self {
            Self::Message { envelope, .. } => (&mut envelope.trace_information, &mut envelope.extensions),
            Self::Probe(probe) => (&mut probe.trace_information, &mut probe.extensions),
            Self::Report(report) => (&mut report.envelope.trace_information, &mut report.envelope.extensions),
        }
    }

    /// Gives all extensions the form that a peer wants.
    pub(super) fn adapt(&mut self, quirks: Quirks) {
        match self {
            Self::Message { envelope, .. } => extensions::adapt(envelope, quirks),
            Self::Probe(probe) => {
                extensions::fields(&mut probe.extensions, quirks);
                for recipient in &mut probe.per_recipient_fields {
                    extensions::fields(&mut recipient.extensions, quirks);
                }
            }
            Self::Report(report) => {
                extensions::fields(&mut report.envelope.extensions, quirks);
                extensions::fields(&mut report.content.extensions, quirks);
                for recipient in &mut report.content.per_recipient_fields {
                    extensions::fields(&mut recipient.extensions, quirks);
                }
            }
        }
    }

    /// How urgent it is; probes and reports are normal.
    #[must_use]
    pub fn priority(&self) -> Priority {
        match self {
            Self::Message { envelope, .. } => envelope.priority,
            Self::Probe(_) | Self::Report(_) => Priority::NORMAL,
        }
    }

    /// What routing wants to know.
    #[must_use]
    pub fn traits(&self) -> Traits {
        let (content_type, length) = match self {
            Self::Message { envelope, content, .. } => {
                (Some(envelope.content_type.clone()), content.length())
            }
            Self::Probe(probe) => (
                Some(probe.content_type.clone()),
                probe.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0),
            ),
            Self::Report(_) => (None, 0),
        };
        Traits { content_type, length, priority: self.priority(), own_domain_is_internet: true }
    }

    /// Not to be delivered before, if the originator said so.
    #[must_use]
    pub fn deferred_until(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Message { envelope, .. } => {
                envelope.deferred_delivery_time.as_ref().and_then(from_utc_time)
            }
            Self::Probe(_) | Self::Report(_) => None,
        }
    }

    /// After this it is worthless, if the originator said so. A time nobody can read is none.
    #[must_use]
    pub fn latest_delivery(&self) -> Option<OffsetDateTime> {
        let time = LatestDeliveryTime::find(self.extensions()).ok().flatten()?;
        from_utc_time(&time)
    }
}

/// Why what was transferred cannot be taken apart.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not what it should be.
    #[error(transparent)]
    Nonsense(#[from] Error),
    /// It cannot be read at present.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// The longest header of an element that is looked at, in octets.
const LONGEST_HEADER: u64 = 16;

/// A message with definite lengths and a content in one piece, which is what nearly everybody writes; `None` for anything
/// else, which the typed decoder then judges.
fn message(octets: &Content) -> Result<Option<Apdu>, ReadError> {
    let Some((outer, inner)) = element(octets)? else { return Ok(None) };
    if outer.tag != MESSAGE || end(&outer) != octets.length() {
        return Ok(None);
    }
    let Some((first, _)) = element(&inner)? else { return Ok(None) };
    let length = end(&first);
    let rest = inner.slice(length, u64::MAX);
    let Some((second, content)) = element(&rest)? else { return Ok(None) };
    let whole = end(&second) == rest.length();
    if second.tag != Tag::OCTET_STRING || second.constructed || !whole {
        return Ok(None);
    }
    let limit = Limits::default().envelope;
    let envelope = self::whole(&inner.slice(0, length), limit)?;
    let envelope = ber::decode(&envelope, limit)?;
    Ok(Some(Apdu::Message { envelope: Box::new(envelope), content, unknown: Vec::new() }))
}

/// The header and the contents of the first element, if its length is definite and all of it is there.
pub(super) fn element(octets: &Content) -> Result<Option<(Header, Content)>, ReadError> {
    let start = octets.slice(0, LONGEST_HEADER).read()?.concat();
    let Ok(header) = Header::read(&start) else { return Ok(None) };
    if header.length.is_none() || end(&header) > octets.length() {
        return Ok(None);
    }
    let contents = octets.slice(header.size as u64, header.length.unwrap_or(0) as u64);
    Ok(Some((header, contents)))
}

/// Octets of an element with definite length.
pub(super) const fn end(header: &Header) -> u64 {
    let length = match header.length {
        Some(length) => length as u64,
        None => 0,
    };
    (header.size as u64).saturating_add(length)
}

/// All octets, if they are not more than `limit`.
pub(super) fn whole(octets: &Content, limit: usize) -> Result<Vec<u8>, ReadError> {
    match usize::try_from(octets.length()) {
        Ok(length) if length <= limit => Ok(octets.read()?.concat()),
        length => Err(Error::TooLong { length: length.unwrap_or(usize::MAX), limit }.into()),
    }
}

fn encoded(apdu: &MtsApdu) -> Result<Content, Error> {
    ber::encode(apdu).map(|octets| bytes::Bytes::from(octets).into())
}

fn malformed(field: &'static str, problem: &str) -> Error {
    Error::Malformed { path: ber::Path(vec![field]), problem: problem.to_owned() }
}
