//! An MTS-APDU taken apart and put together again.

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::header::Header;
use rasn_x400::ber::plan::Plan;
use rasn_x400::ber::{self, Error, Limits};
use rasn_x400::prim::RawTlv;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{
    MessageTransferEnvelope, MtsIdentifier, PerRecipientFields, PerRecipientIndicators, Priority,
    ProbeTransferEnvelope,
};
use rasn_x400::x411::extension::{Extension as _, ExtensionField, LatestDeliveryTime};
use rasn_x400::x411::trace::TraceInformation;
use rasn_x400::x419::{Message, MtsApdu, Report};
use time::OffsetDateTime;

use super::super::route::Traits;
use crate::mixer::date::from_utc_time;

/// What one transfer carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apdu {
    /// A message.
    Message {
        /// Its envelope.
        envelope: Box<MessageTransferEnvelope>,
        /// The octets of its content, as they came; a slice of what was transferred where that is possible.
        content: Bytes,
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
    /// Takes an MTS-APDU apart. The content is not copied unless the peer wrote it in segments.
    ///
    /// # Errors
    /// As [`ber::decode`]; an MTS-APDU of no known kind, or without recipients.
    pub fn read(octets: &Bytes) -> Result<Self, Error> {
        let apdu = match message(octets) {
            Some(message) => message?,
            None => Self::from_value(MtsApdu::from_octets(octets, octets.len())?)?,
        };
        if !matches!(apdu, Self::Report(_)) && apdu.recipients().is_empty() {
            return Err(malformed("per_recipient_fields", "at least one recipient expected"));
        }
        Ok(apdu)
    }

    fn from_value(apdu: MtsApdu) -> Result<Self, Error> {
        Ok(match apdu {
            MtsApdu::Message(Message { envelope, content, unknown }) => {
                Self::Message { envelope: Box::new(envelope), content: content.0, unknown }
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
    pub fn to_plan(&self) -> Result<Plan, Error> {
        match self {
            Self::Message { envelope, content, unknown } => {
                let mut message = Plan::value(&**envelope)?;
                message.append(Plan::primitive(Tag::OCTET_STRING, content.clone()));
                for member in unknown {
                    message.append(Plan::from(member.as_bytes().to_vec()));
                }
                Ok(message.constructed(MESSAGE))
            }
            Self::Probe(probe) => Plan::value(&MtsApdu::Probe((**probe).clone())),
            Self::Report(report) => Plan::value(&MtsApdu::Report((**report).clone())),
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
                (Some(envelope.content_type.clone()), content.len() as u64)
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

/// A message with definite lengths and a content in one piece, which is what nearly everybody writes; `None` for anything
/// else, which the typed decoder then judges.
fn message(octets: &Bytes) -> Option<Result<Apdu, Error>> {
    let inner = contents(octets, MESSAGE)?;
    let envelope = element(&inner)?;
    let content = inner.slice(envelope.len()..);
    let header = Header::read(&content).ok()?;
    if header.constructed {
        return None;
    }
    let content = contents(&content, Tag::OCTET_STRING)?;
    let limit = Limits::default().envelope;
    Some(ber::decode(&envelope, limit).map(|envelope| Apdu::Message {
        envelope: Box::new(envelope),
        content,
        unknown: Vec::new(),
    }))
}

/// The first element, if its length is definite and all of it is there.
fn element(octets: &Bytes) -> Option<Bytes> {
    let header = Header::read(octets).ok()?;
    let end = header.size.checked_add(header.length?)?;
    (end <= octets.len()).then(|| octets.slice(..end))
}

/// The contents of an element that fills the octets.
fn contents(octets: &Bytes, tag: Tag) -> Option<Bytes> {
    let header = Header::read(octets).ok()?;
    let whole = element(octets)?;
    (header.tag == tag && whole.len() == octets.len()).then(|| octets.slice(header.size..))
}

fn malformed(field: &'static str, problem: &str) -> Error {
    Error::Malformed { path: ber::Path(vec![field]), problem: problem.to_owned() }
}
