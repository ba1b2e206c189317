//! Heading extensions of STANAG 4406 towards `MMHS-` fields (RFC 6477 6; ledger beyond M-10, M-13).

use rasn_x400::ber::Error;
use rasn_x400::prim::PrintableString;
use rasn_x400::stanag4406::mmhs::{
    Acp127MessageIdentifier, CodressMessage, CopyPrecedence, ExemptedAddresses, ExtendedAuthorisationInfo,
    HandlingInstructions, MessageInstructions, MessageType, MessageTypeValue, MilitaryDistributionCodes,
    MilitaryDistributionCodesValue, MmhsPrecedence, OriginatorPlad, OriginatorReference,
    OtherRecipientDesignator, OtherRecipientsIndicator, PrimaryPrecedence, RecipientKind,
};
use rasn_x400::x420::heading::{HeadingExtension, HeadingExtensionField, OrDescriptor};

use super::Fields;
use super::extensions::number_text;
use crate::message::date::format_date;
use crate::mixer::date::from_utc_time;
use crate::mixer::military::{Field, syntax};

impl Fields<'_, '_> {
    /// Writes the field of a military extension; `false` if it has none (M-10.3, M-10.12, M-10.16).
    pub(super) fn military(&mut self, extension: &HeadingExtensionField) -> Result<bool, Error> {
        let kind = &extension.kind;
        if *kind == PrimaryPrecedence::ID {
            let MmhsPrecedence(value) = extension.get()?;
            self.military_field(Field::PrimaryPrecedence, &syntax::precedence_text(value));
        } else if *kind == CopyPrecedence::ID {
            let MmhsPrecedence(value) = extension.get()?;
            self.military_field(Field::CopyPrecedence, &syntax::precedence_text(value));
        } else if *kind == MessageType::ID {
            let MessageTypeValue { kind, identifier, .. } = extension.get()?;
            let identifier = identifier.map(|text| text.to_text().into_owned());
            let text = syntax::message_type_text(kind.0, identifier.as_deref());
            self.military_field(Field::MessageType, &text);
        } else if *kind == ExemptedAddresses::ID {
            let list: Vec<OrDescriptor> = extension.get()?;
            let list: Vec<_> = list.iter().collect();
            let field = Field::ExemptedAddress;
            self.descriptors(field.name(), &list, "extensions.exempted-address", field.clause());
        } else if *kind == ExtendedAuthorisationInfo::ID {
            let time: <ExtendedAuthorisationInfo as HeadingExtension>::Value = extension.get()?;
            let Some(date) = from_utc_time(&time) else { return Ok(false) };
            self.military_field(Field::ExtendedAuthorisationInfo, &format_date(date));
        } else if *kind == MilitaryDistributionCodes::ID {
            self.distribution_codes(&extension.get()?);
        } else if *kind == HandlingInstructions::ID {
            self.military_strings(Field::HandlingInstructions, &extension.get::<Vec<PrintableString>>()?);
        } else if *kind == MessageInstructions::ID {
            self.military_strings(Field::MessageInstructions, &extension.get::<Vec<PrintableString>>()?);
        } else if *kind == CodressMessage::ID {
            let value: i64 = extension.get()?;
            self.military_field(Field::CodressMessageIndicator, &value.to_string());
        } else if *kind == OriginatorReference::ID {
            self.military_strings(Field::OriginatorReference, &[extension.get()?]);
        } else if *kind == OtherRecipientsIndicator::ID {
            self.other_recipients(&extension.get::<Vec<OtherRecipientDesignator>>()?);
        } else if *kind == Acp127MessageIdentifier::ID {
            self.military_strings(Field::Acp127MessageIdentifier, &[extension.get()?]);
        } else if *kind == OriginatorPlad::ID {
            self.military_strings(Field::OriginatorPlad, &[extension.get()?]);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn military_field(&mut self, field: Field, value: &str) {
        let element = format!("extensions.{}", field.name());
        self.add(field.name(), value, &element, field.clause());
    }

    fn military_strings(&mut self, field: Field, list: &[PrintableString]) {
        let texts: Vec<_> = list.iter().map(|text| text.to_text().into_owned()).collect();
        if texts.iter().any(|text| syntax::military_string(text).as_ref() != Some(text)) {
            // M-11: not a military string, so that nobody could read it back.
            let element = format!("extensions.{}", field.name());
            self.lost(&element, texts.join("; "), "not of the characters or the length of RFC 6477", "M-11");
        }
        if !texts.is_empty() {
            self.military_field(field, &texts.join("; "));
        }
    }

    /// M-10.6: codes of others have no place in the field.
    fn distribution_codes(&mut self, value: &MilitaryDistributionCodesValue) {
        if let Some(codes) = &value.sics {
            self.military_strings(Field::SubjectIndicatorCodes, codes);
        }
        for extension in value.dist_extensions.iter().flatten() {
            let what = format!("distribution extension {}", number_text(&extension.kind));
            self.lost("extensions.distribution-codes", what, "no field holds it", "M-10.6");
        }
    }

    /// M-10.11: by kind, the order inside each kept.
    fn other_recipients(&mut self, designators: &[OtherRecipientDesignator]) {
        for (kind, field) in [
            (RecipientKind::PRIMARY, Field::OtherRecipientsTo),
            (RecipientKind::COPY, Field::OtherRecipientsCc),
        ] {
            let of_kind = designators.iter().filter(|one| one.kind == kind);
            let names: Vec<_> = of_kind.map(|one| one.designator.clone()).collect();
            self.military_strings(field, &names);
        }
    }
}
