//! The `MMHS-` fields of a mail, gathered, and the heading extensions they become (RFC 6477 6; ledger beyond M-10, M-14,
//! M-20, M-23).

use rasn_x400::ber::Error;
use rasn_x400::prim::{PrintableString, X400Time};
use rasn_x400::stanag4406::mmhs::{
    Acp127MessageIdentifier, CodressMessage, CopyPrecedence, ExemptedAddresses, ExtendedAuthorisationInfo,
    HandlingInstructions, MessageInstructions, MessageType, MessageTypeValue, MilitaryDistributionCodes,
    MilitaryDistributionCodesValue, MmhsPrecedence, OriginatorPlad, OriginatorReference,
    OtherRecipientDesignator, OtherRecipientsIndicator, PrimaryPrecedence, RecipientKind, TypeOfMessage,
};
use rasn_x400::x420::heading::{HeadingExtension, HeadingExtensionField, OrDescriptor};

use super::{Field, syntax};
use crate::mixer::envelope::time_of;

/// Subject indicator codes that X.400 has room for (M-10.6).
const MAX_CODES: usize = 8;

/// What the fields said so far.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    primary_precedence: Option<i64>,
    copy_precedence: Option<i64>,
    message_type: Option<(i64, Option<String>)>,
    exempted: Vec<OrDescriptor>,
    authorisation: Option<X400Time>,
    codes: Vec<String>,
    handling: Vec<String>,
    instructions: Vec<String>,
    codress: Option<i64>,
    reference: Option<String>,
    other_recipients: Vec<(RecipientKind, String)>,
    acp127_identifier: Option<String>,
    plad: Option<String>,
    authorizing_users: Vec<OrDescriptor>,
    any: bool,
}

/// What became of a field.
pub(crate) enum Taken {
    /// It is in the draft.
    Whole,
    /// It is, except for these values.
    Except(Vec<String>),
    /// Its value breaks the grammar.
    Not,
}

/// What a field falls back on where a military message needs more than its own fields say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Defaults {
    /// Of the recipients in `To` and, if it differs, in `Cc` (M-23).
    pub(crate) precedence: i64,
    /// When the message was released: its `Date`.
    pub(crate) authorisation: Option<X400Time>,
    pub(crate) has_primary_recipients: bool,
}

impl Draft {
    /// Whether any field was taken, so that the message is a military one (M-14).
    pub(crate) const fn is_military(&self) -> bool {
        self.any
    }

    /// Takes a field whose value is no list of addresses.
    pub(crate) fn take(&mut self, field: Field, value: &str) -> Taken {
        let taken = match field {
            Field::PrimaryPrecedence => set(&mut self.primary_precedence, syntax::precedence(value)),
            Field::CopyPrecedence => set(&mut self.copy_precedence, syntax::precedence(value)),
            Field::MessageType => set(&mut self.message_type, syntax::message_type(value)),
            Field::ExtendedAuthorisationInfo => set(&mut self.authorisation, time_of(value)),
            Field::SubjectIndicatorCodes => match syntax::subject_indicator_codes(value) {
                None => Taken::Not,
                Some(mut codes) => {
                    let more = codes.split_off(codes.len().min(MAX_CODES));
                    self.codes = codes;
                    if more.is_empty() { Taken::Whole } else { Taken::Except(more) }
                }
            },
            Field::HandlingInstructions => fill(&mut self.handling, syntax::military_strings(value)),
            Field::MessageInstructions => fill(&mut self.instructions, syntax::military_strings(value)),
            Field::CodressMessageIndicator => set(&mut self.codress, syntax::number(value)),
            Field::OriginatorReference => set(&mut self.reference, syntax::military_string(value)),
            Field::OtherRecipientsTo => self.others(RecipientKind::PRIMARY, value),
            Field::OtherRecipientsCc => self.others(RecipientKind::COPY, value),
            Field::Acp127MessageIdentifier => {
                set(&mut self.acp127_identifier, syntax::military_string(value))
            }
            Field::OriginatorPlad => set(&mut self.plad, syntax::military_string(value)),
            Field::ExemptedAddress | Field::AuthorizingUsers => Taken::Not,
        };
        self.any |= !matches!(taken, Taken::Not);
        taken
    }

    /// Takes a field of addresses.
    pub(crate) fn take_addresses(&mut self, field: Field, descriptors: Option<Vec<OrDescriptor>>) -> Taken {
        let Some(descriptors) = descriptors else { return Taken::Not };
        match field {
            Field::ExemptedAddress => self.exempted = descriptors,
            Field::AuthorizingUsers => self.authorizing_users = descriptors,
            _ => return Taken::Not,
        }
        self.any = true;
        Taken::Whole
    }

    /// M-20: who released the message.
    pub(crate) fn authorizing_users(&mut self) -> Vec<OrDescriptor> {
        std::mem::take(&mut self.authorizing_users)
    }

    fn others(&mut self, kind: RecipientKind, value: &str) -> Taken {
        let Some(designators) = syntax::military_strings(value) else { return Taken::Not };
        self.other_recipients.extend(designators.into_iter().map(|designator| (kind, designator)));
        Taken::Whole
    }

    /// The heading extensions, in the order of their numbers (M-10).
    pub(crate) fn extensions(self, defaults: Defaults) -> Result<Vec<HeadingExtensionField>, Error> {
        let mut out = Vec::new();
        let precedence = |value: i64| MmhsPrecedence(value);
        // M-14: required where there are recipients for action; M-23: where else it may come from.
        let primary = self
            .primary_precedence
            .or_else(|| defaults.has_primary_recipients.then_some(defaults.precedence));
        if let Some(value) = primary {
            out.push(PrimaryPrecedence::field(&precedence(value))?);
        }
        if let Some(value) = self.copy_precedence {
            out.push(CopyPrecedence::field(&precedence(value))?);
        }
        if let Some((kind, identifier)) = self.message_type {
            let identifier = identifier.as_deref().map(Into::into);
            let value = MessageTypeValue { kind: TypeOfMessage(kind), identifier, unknown: Vec::new() };
            out.push(MessageType::field(&value)?);
        }
        if !self.exempted.is_empty() {
            out.push(ExemptedAddresses::field(&self.exempted)?);
        }
        // M-10.5: always there.
        if let Some(time) = self.authorisation.or(defaults.authorisation) {
            out.push(ExtendedAuthorisationInfo::field(&time)?);
        }
        if !self.codes.is_empty() {
            let value = MilitaryDistributionCodesValue {
                sics: Some(strings(&self.codes)),
                ..MilitaryDistributionCodesValue::default()
            };
            out.push(MilitaryDistributionCodes::field(&value)?);
        }
        if !self.handling.is_empty() {
            out.push(HandlingInstructions::field(&strings(&self.handling))?);
        }
        if !self.instructions.is_empty() {
            out.push(MessageInstructions::field(&strings(&self.instructions))?);
        }
        if let Some(value) = self.codress {
            out.push(CodressMessage::field(&value)?);
        }
        if let Some(text) = &self.reference {
            out.push(OriginatorReference::field(&text.as_str().into())?);
        }
        if !self.other_recipients.is_empty() {
            let designators: Vec<_> = self
                .other_recipients
                .iter()
                .map(|(kind, designator)| OtherRecipientDesignator {
                    kind: *kind,
                    designator: designator.as_str().into(),
                    unknown: Vec::new(),
                })
                .collect();
            out.push(OtherRecipientsIndicator::field(&designators)?);
        }
        if let Some(text) = &self.acp127_identifier {
            out.push(Acp127MessageIdentifier::field(&text.as_str().into())?);
        }
        if let Some(text) = &self.plad {
            out.push(OriginatorPlad::field(&text.as_str().into())?);
        }
        Ok(out)
    }
}

fn strings(texts: &[String]) -> Vec<PrintableString> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> Taken {
    match value {
        Some(value) => {
            *place = Some(value);
            Taken::Whole
        }
        None => Taken::Not,
    }
}

fn fill(place: &mut Vec<String>, value: Option<Vec<String>>) -> Taken {
    match value {
        Some(value) => {
            *place = value;
            Taken::Whole
        }
        None => Taken::Not,
    }
}
