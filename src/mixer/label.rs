//! Security labels: X.411 and X.420 towards `SIO-Label` and back (RFC 7444, RFC 2634 3; ledger beyond S-20 to S-26).
//!
//! A label says how sensitive a message is under a policy. The operator's tables ([`policy`]) say what its numbers mean, who
//! may have what, and which label of one policy is which of another. A label that no table knows is passed on as it is or
//! refused, as the operator says; it is never guessed at.
//!
//! * `field` reads and writes `SIO-Label` and `SIO-Label-History`; `xml` reads labels of STANAG 4774 in it;
//! * `signed` reads the label inside a signed object;
//! * `to_internet` writes the field, `to_x400` the extension of the envelope.

pub(crate) mod field;
pub mod policy;
pub(crate) mod signed;
pub(crate) mod xml;

use rasn_x400::ber;
use rasn_x400::prim::{ListAsSet, Oid, RawTlv};
use rasn_x400::stanag4406::mmhs::SecurityInformationLabels;
use rasn_x400::x411::envelope::MessageTransferEnvelope;
use rasn_x400::x411::extension::{Extension, ExtensionField, MessageSecurityLabel};
use rasn_x400::x411::security::{SecurityCategory, SecurityClassification, SecurityLabel};
use rasn_x400::x420::heading::{Heading, HeadingExtension};
use rasn_x400::x420::ipm_security::IpmSecurityLabel;

use super::header_block::HeaderBlock;
use super::loss::{Losses, Trail};
use crate::message::Header;
use crate::message::date::format_date;
use crate::status::{NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason};
use field::{Kind, SioLabel};
pub use policy::{Class, Conflict, Labels, Policy, Unknown};

/// Why a message may not pass because of its label (S-25).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelFault {
    /// The label cannot be read.
    #[error("the security label cannot be read: {0}")]
    Unreadable(String),
    /// No table is for its policy.
    #[error("the security policy {0} is not known here")]
    UnknownPolicy(String),
    /// The table does not know the class or category, or has no equivalent for it.
    #[error("the security label has {0}, which its policy does not allow here")]
    Invalid(String),
    /// The class is above what may pass.
    #[error("label not permitted: {0} may not pass here")]
    NotCleared(String),
    /// Two labels of one message say different things.
    #[error("the message has two security labels that say different things")]
    Conflict,
}

impl LabelFault {
    /// What a report to an X.400 originator says.
    #[must_use]
    pub fn non_delivery(&self) -> NonDelivery {
        let number = match self {
            Self::NotCleared(_) => 53,
            Self::Unreadable(_) | Self::Invalid(_) | Self::Conflict => 68,
            Self::UnknownPolicy(_) => 78,
        };
        NonDelivery {
            reason: NonDeliveryReason::TransferFailureForSecurityReason,
            diagnostic: Some(NonDeliveryDiagnostic::from_number(number)),
        }
    }
}

/// Which policy's labels a side speaks, and what comes before anything else is done: the label is judged.
fn judged(label: SecurityLabel, labels: &Labels, target: Option<&str>) -> Result<SecurityLabel, LabelFault> {
    let label = labels.with_policy(label)?;
    labels.admit(&label)?;
    labels.translated(label, target)
}

/// S-08: a label that is signed is judged where it stands. It is that of the message only where no other is.
fn judge_signed(signed: Option<&SecurityLabel>, labels: &Labels) -> Result<(), LabelFault> {
    signed.map_or(Ok(()), |label| labels.admit(&labels.with_policy(label.clone())?))
}

/// The labels of an X.400 message in the order in which they count (S-24), each with its place.
fn labels_of(
    envelope: &MessageTransferEnvelope,
    heading: Option<&Heading>,
) -> Result<Vec<(&'static str, SecurityLabel)>, LabelFault> {
    let unreadable = |error: ber::Error| LabelFault::Unreadable(error.to_string());
    let mut found = Vec::new();
    if let Some(label) = MessageSecurityLabel::find(&envelope.extensions).map_err(unreadable)? {
        found.push(("envelope.extensions.message-security-label", label));
    }
    let Some(heading) = heading else { return Ok(found) };
    if let Some(labels) = IpmSecurityLabel::find(&heading.extensions).map_err(unreadable)? {
        found.push(("heading.extensions.ipm-security-label", labels.content_security_label));
    }
    if let Some(labels) = SecurityInformationLabels::find(&heading.extensions).map_err(unreadable)? {
        found.push(("heading.extensions.security-information-labels", labels.content_security_label));
    }
    Ok(found)
}

/// What the label of an envelope may be called where a rule names it: its class and its categories by the tables, if there
/// are any, and its class by the words of X.411 and by number. Nothing, if there is no label that can be read.
pub(crate) fn names(envelope: &MessageTransferEnvelope, labels: Option<&Labels>) -> Vec<String> {
    let Ok(Some(label)) = MessageSecurityLabel::find(&envelope.extensions) else { return Vec::new() };
    let class = label.classification.unwrap_or(SecurityClassification::UNMARKED);
    let mut names = vec![class.0.to_string()];
    names.extend(class.label().map(str::to_owned));
    names.extend(labels.iter().flat_map(|labels| labels.names(&label)));
    names
}

/// Adds `SIO-Label` and its history to a mail, if labels are mapped and the message has one. A content that is no message has
/// no heading; `signed` is the label inside of a signature.
///
/// # Errors
/// The message may not pass.
pub(crate) fn to_internet(
    envelope: &MessageTransferEnvelope,
    heading: Option<&Heading>,
    signed: Option<SecurityLabel>,
    header: &mut HeaderBlock,
    work: &mut super::to_internet::Work<'_>,
) -> Result<(), LabelFault> {
    let Some(labels) = &work.settings().labels else { return Ok(()) };
    judge_signed(signed.as_ref(), labels)?;
    let mut found = labels_of(envelope, heading)?.into_iter();
    let signed = signed.map(|label| ("signed attributes", label));
    let default = || labels.default_label().map(|label| ("setting", label));
    let Some((mut source, mut label)) = found.next().or(signed).or_else(default) else { return Ok(()) };
    for (other_source, other) in found {
        if other == label {
            continue;
        }
        let kept = labels.settle(&label, &other)?;
        let (lost_source, lost) = if kept == label { (other_source, other) } else { (source, label) };
        work.losses.replaced(
            lost_source,
            labels.describe(&lost),
            "another label counts",
            "S-24",
            labels.describe(&kept),
        );
        if lost_source == source {
            source = other_source;
        }
        label = kept;
    }
    let label = judged(label, labels, labels.internet_policy.as_deref())?;
    let number = Some(MessageSecurityLabel::NUMBER);
    let original = envelope.extensions.iter().find(|field| field.kind.number() == number);
    let original = original.and_then(|field| field.value.as_ref()).map(RawTlv::as_bytes);
    let octets = octets_of(&label, original)?;
    let shown = labels.shown(&label);
    let field = SioLabel {
        marking: Some(shown.marking),
        foreground: shown.foreground,
        background: shown.background,
        label: Some((Kind::X411, octets)),
    };
    let value = field.to_text("");
    header.add("SIO-Label", &value);
    work.trail.made("header SIO-Label", labels.describe(&label), source, "S-24");
    // S-23
    let domain = &work.settings().mail_domain;
    let history = format!(
        "{}; change=add; changed-by=\"{domain}\"; changed-at=\"{}\"; changed-comment=\"from X.400\"",
        field.to_text("new-"),
        format_date(work.now())
    );
    header.add("SIO-Label-History", &history);
    work.trail.made("header SIO-Label-History", "add", "made by the gateway", "S-23");
    Ok(())
}

/// The octets of a label: as it came, if it is still the same (S-21).
fn octets_of(label: &SecurityLabel, original: Option<&[u8]>) -> Result<Vec<u8>, LabelFault> {
    let same = original.filter(|octets| ber::decode(octets, octets.len()).as_ref() == Ok(label));
    match same {
        Some(octets) => Ok(octets.to_vec()),
        None => ber::encode(label).map_err(|error| LabelFault::Unreadable(error.to_string())),
    }
}

/// Whether a field is a label that the envelope takes; else it travels whole.
pub(crate) fn takes(value: &str, labels: &Labels) -> bool {
    SioLabel::parse(value).is_some_and(|field| read(&field, labels).is_ok())
}

/// Adds the label of a mail to the envelope, if labels are mapped and there is one. `signed` is the label inside of a
/// signature.
///
/// # Errors
/// The message may not pass.
pub(crate) fn to_x400(
    header: &Header,
    signed: Option<SecurityLabel>,
    envelope: &mut MessageTransferEnvelope,
    settings: &super::Settings,
    losses: &mut Losses,
    trail: &mut Trail,
) -> Result<(), LabelFault> {
    let Some(labels) = &settings.labels else { return Ok(()) };
    judge_signed(signed.as_ref(), labels)?;
    let mut fields = header.all("SIO-Label");
    let is_signed = signed.is_some();
    let label = match fields.next() {
        None => signed.or_else(|| labels.default_label()),
        Some(_) if fields.next().is_some() => {
            return Err(LabelFault::Unreadable("SIO-Label is there twice".to_owned()));
        }
        Some(field) => {
            let read_field = SioLabel::parse(&field.value)
                .ok_or_else(|| LabelFault::Unreadable(format!("`{}`", field.value)))?;
            let label = read(&read_field, labels)?;
            if let (Some(marking), Some(label)) = (&read_field.marking, &label)
                && labels.shown(label).marking != *marking
            {
                losses.dropped(
                    "header SIO-Label",
                    format!("marking {marking}"),
                    "the policy has its own",
                    "beyond S-22",
                );
            }
            label
        }
    };
    let Some(label) = label else { return Ok(()) };
    let label = judged(label, labels, labels.x400_policy.as_deref())?;
    let original = header.value("SIO-Label").and_then(SioLabel::parse).and_then(|field| field.label);
    let octets = octets_of(&label, original.as_ref().map(|(_, octets)| octets.as_slice()))?;
    let source = match header.get("SIO-Label") {
        Some(_) => "header SIO-Label",
        None if is_signed => "signed attributes",
        None => "setting",
    };
    trail.made("envelope.extensions.message-security-label", labels.describe(&label), source, "S-24");
    let field = MessageSecurityLabel::field(&label);
    let mut field: ExtensionField = field.map_err(|error| LabelFault::Unreadable(error.to_string()))?;
    field.value = Some(RawTlv::from_element(octets));
    envelope.extensions.push(field);
    Ok(())
}

/// The label that a field speaks of; nothing if it has a marking that no table knows, and that may pass.
fn read(field: &SioLabel, labels: &Labels) -> Result<Option<SecurityLabel>, LabelFault> {
    match &field.label {
        // S-21: the octets of ESS and of X.411 are the same, as far as X.411 goes.
        Some((Kind::Ess | Kind::X411, octets)) => ber::decode(octets, octets.len())
            .map(Some)
            .map_err(|error| LabelFault::Unreadable(error.to_string())),
        Some((Kind::Xml, octets)) => {
            let named = xml::read(&String::from_utf8_lossy(octets))
                .ok_or_else(|| LabelFault::Unreadable("no label of STANAG 4774".to_owned()))?;
            labels.named(&named).map(Some)
        }
        Some((Kind::Other(kind), _)) => match labels.unknown {
            Unknown::Pass => Ok(labels.default_label()),
            Unknown::Refuse => Err(LabelFault::Invalid(format!("the type {kind}"))),
        },
        None => match field.marking.as_deref().and_then(|marking| labels.by_marking(marking)) {
            Some(label) => Ok(Some(label)),
            None if labels.unknown == Unknown::Pass => Ok(labels.default_label()),
            None => Err(LabelFault::Invalid("a marking that no policy has".to_owned())),
        },
    }
}

/// A label of these parts.
pub(crate) fn label(policy: &Oid, number: i64, categories: Vec<SecurityCategory>) -> SecurityLabel {
    SecurityLabel {
        policy: Some(policy.clone()),
        classification: Some(SecurityClassification(number)),
        categories: (!categories.is_empty()).then_some(ListAsSet(categories)),
        ..SecurityLabel::default()
    }
}
