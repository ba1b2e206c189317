//! Extensions of the heading that have a field of their own, and those that have none (RFC 2156 5.3.4; K-08, K-09, K-36 to
//! K-38).

use rasn_x400::ber;
use rasn_x400::prim::{ListAsSet, Oid, PrintableString};
use rasn_x400::stanag4406::mmhs::SecurityInformationLabels;
use rasn_x400::x411::address::UniversalOrBmp;
use rasn_x400::x420::distribution::{
    CirculationListRecipients, DistributionCode, DistributionCodes, InformationCategories,
    InformationCategory,
};
use rasn_x400::x420::heading::{
    AuthorizationTime, AutoSubmitted, AutoSubmittedValue, ExtendedSubject, Heading, HeadingExtension,
    HeadingExtensionField, IncompleteCopy, Languages, ManualHandlingInstructions, MultipartMessage,
    MultipartMessageV1, OriginatorsReference, PartialMessage, PrecedencePolicyIdentifier, Rfc822Field,
    Rfc1148Field, Rfc1327Field,
};
use rasn_x400::x420::ipm_security::{BodyPartSignatures, IpmSecurityLabel};

use super::Fields;
use super::restored::own_language_field;
use crate::mixer::military;

/// Whether the subject is there in more characters than T.61 has.
pub(super) fn has_extended_subject(heading: &Heading) -> bool {
    ExtendedSubject::find(&heading.extensions).is_ok_and(|found| found.is_some())
}

/// The text of an object identifier (E-20).
pub(super) fn number_text(oid: &Oid) -> String {
    oid.arcs().unwrap_or_default().iter().map(|arc| format!("({arc})")).collect()
}

impl Fields<'_, '_> {
    pub(super) fn extensions(&mut self, heading: &Heading) {
        let mut discarded: Vec<String> = Vec::new();
        for extension in &heading.extensions {
            match self.extension(extension, heading) {
                Ok(true) => {}
                Ok(false) => {
                    let what = self.described(extension);
                    self.lost("extensions", what, "no field holds it", "K-09");
                    discarded.push(number_text(&extension.kind));
                }
                Err(error) => {
                    let what = format!("extension {}", number_text(&extension.kind));
                    self.lost("extensions", what, &error.to_string(), "K-09");
                    discarded.push(number_text(&extension.kind));
                }
            }
        }
        if !discarded.is_empty() {
            self.add("Discarded-X400-IPMS-Extensions", &discarded.join(", "), "extensions", "K-09");
        }
    }

    /// Writes the field of an extension; `false` if it has none.
    fn extension(
        &mut self,
        extension: &HeadingExtensionField,
        heading: &Heading,
    ) -> Result<bool, ber::Error> {
        let kind = &extension.kind;
        if *kind == IncompleteCopy::ID {
            self.add("Incomplete-Copy", "", "extensions.incomplete-copy", "K-36");
        } else if *kind == Languages::ID {
            let languages: ListAsSet<PrintableString> = extension.get()?;
            self.languages(&languages.0, heading);
        } else if *kind == AutoSubmitted::ID {
            return Ok(self.auto_submitted(extension.get()?));
        } else if *kind == ExtendedSubject::ID {
            let subject: UniversalOrBmp = extension.get()?;
            self.text("Subject", &subject.to_text(), "extensions.extended-subject", "K-29");
            if let Some(language) = &subject.language {
                let what = format!("language {}", language.to_text());
                self.lost("extensions.extended-subject", what, "a subject has no language", "K-29");
            }
        } else if self.military(extension)? || self.label(kind) {
            return Ok(true);
        } else {
            return Ok(is_for_others(kind));
        }
        Ok(true)
    }

    /// K-37, Z-23: the field that travelled whole says more, as long as it says the same.
    fn languages(&mut self, languages: &[PrintableString], heading: &Heading) {
        let languages: Vec<_> = languages.iter().map(|one| one.to_text().into_owned()).collect();
        if let Some(whole) = own_language_field(heading, &languages) {
            self.add("Content-Language", &whole, "extensions.rfc-822-field", "Z-23");
        } else if !languages.is_empty() {
            self.add("Content-Language", &languages.join(", "), "extensions.languages", "K-37");
        }
    }

    /// K-38, Y-12
    fn auto_submitted(&mut self, value: AutoSubmittedValue) -> bool {
        let Some(label) = value.label() else { return false };
        self.add("Autosubmitted", label, "extensions.auto-submitted", "K-38");
        if self.work.settings().auto_submitted {
            let token = if value == AutoSubmittedValue::NOT_AUTO_SUBMITTED { "no" } else { label };
            self.add("Auto-Submitted", token, "extensions.auto-submitted", "Y-12");
        }
        true
    }

    /// Labels become a field where they are mapped; those of the heading and of body parts have none (beyond M-10.17).
    fn label(&mut self, kind: &Oid) -> bool {
        let is_label = *kind == IpmSecurityLabel::ID || *kind == SecurityInformationLabels::ID;
        let mapped = is_label && self.work.settings().labels.is_some();
        if mapped {
            let what = "labels of the heading and of body parts";
            self.lost("extensions", what, "SIO-Label is for the message as a whole", "S-24");
        }
        mapped
    }

    /// What a discarded extension said, so that the record of the loss is of use to people.
    fn described(&self, extension: &HeadingExtensionField) -> String {
        let kind = &extension.kind;
        let said = if *kind == AuthorizationTime::ID {
            named(
                "authorization-time",
                extension
                    .get()
                    .ok()
                    .map(|time: <AuthorizationTime as HeadingExtension>::Value| time.to_string()),
            )
        } else if *kind == OriginatorsReference::ID {
            named("originators-reference", extension.get().ok().map(|text: UniversalOrBmp| text.to_text()))
        } else if *kind == ManualHandlingInstructions::ID {
            let instructions: Option<Vec<UniversalOrBmp>> = extension.get().ok();
            let text = instructions
                .map(|list| list.iter().map(UniversalOrBmp::to_text).collect::<Vec<_>>().join("; "));
            named("manual-handling-instructions", text)
        } else if *kind == PrecedencePolicyIdentifier::ID {
            named("precedence-policy-identifier", extension.get().ok().map(|oid: Oid| oid.to_string()))
        } else if *kind == InformationCategories::ID {
            let categories: Option<Vec<InformationCategory>> = extension.get().ok();
            let text = categories.map(|list| {
                let words = list.iter().filter_map(|one| {
                    one.description
                        .as_ref()
                        .map(UniversalOrBmp::to_text)
                        .or_else(|| one.reference.as_ref().map(ToString::to_string))
                });
                words.collect::<Vec<_>>().join("; ")
            });
            named("information-category", text)
        } else if *kind == DistributionCodes::ID {
            let codes: Option<Vec<DistributionCode>> = extension.get().ok();
            let text = codes.map(|list| {
                let words = list.iter().filter_map(|one| {
                    one.alphanumeric_code
                        .as_ref()
                        .map(UniversalOrBmp::to_text)
                        .or_else(|| one.oid_code.as_ref().map(ToString::to_string))
                });
                words.collect::<Vec<_>>().join("; ")
            });
            named("distribution-codes", text)
        } else if *kind == CirculationListRecipients::ID {
            let members: Option<<CirculationListRecipients as HeadingExtension>::Value> =
                extension.get().ok();
            named("circulation-list", members.map(|list| format!("of {}", list.len())))
        } else if *kind == BodyPartSignatures::ID {
            Some("body-part-signatures".to_owned())
        } else if *kind == IpmSecurityLabel::ID {
            Some("ipm-security-label".to_owned())
        } else {
            military::name(kind).map(str::to_owned)
        };
        said.unwrap_or_else(|| format!("extension {}", number_text(kind)))
    }
}

fn named(name: &str, value: Option<String>) -> Option<String> {
    Some(match value {
        Some(value) => format!("{name} {value}"),
        None => name.to_owned(),
    })
}

/// Extensions that the body and the fields that travelled whole answer for.
fn is_for_others(kind: &Oid) -> bool {
    [
        Rfc822Field::ID,
        Rfc1327Field::ID,
        Rfc1148Field::ID,
        PartialMessage::ID,
        MultipartMessage::ID,
        MultipartMessageV1::ID,
    ]
    .contains(kind)
}
