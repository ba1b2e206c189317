//! Whatever has extensions, and their values by type.

use super::{Criticality, Extension, ExtensionField, Position, Standard};
use crate::ber::Error;
use crate::x411::envelope::{MessageTransferEnvelope, PerRecipientFields, ProbeTransferEnvelope};
use crate::x411::report::{PerRecipientReportFields, ReportTransferContent, ReportTransferEnvelope};

/// A part of an envelope or report that has extensions.
///
/// ```
/// use rasn_x400::x411::extension::{ContentCorrelator, ContentCorrelatorValue, Extended};
/// use rasn_x400::x411::report::ReportTransferContent;
///
/// /// What the sender of a message wrote for itself to find it again.
/// fn correlator(content: &ReportTransferContent) -> Option<String> {
///     match content.extension::<ContentCorrelator>() {
///         Ok(Some(ContentCorrelatorValue::Characters(text))) => Some(text.to_text().into_owned()),
///         _ => None, // none, one of octets, or one that is not of its type
///     }
/// }
/// ```
pub trait Extended {
    /// The extensions as they came.
    fn extension_fields(&self) -> &[ExtensionField];

    /// The extensions, to be changed.
    fn extension_fields_mut(&mut self) -> &mut Vec<ExtensionField>;

    /// Where such extensions stand; `None` where that depends on what is around, as with the recipients of messages and probes.
    fn position(&self) -> Option<Position>;

    /// The value of an extension, if it is there.
    ///
    /// # Errors
    /// When the value is not of the extension's type.
    fn extension<E: Extension>(&self) -> Result<Option<E::Value>, Error> {
        E::find(self.extension_fields())
    }

    /// Gives an extension a value, in its place if it is there, else as the last. Its criticality is that of the standard.
    ///
    /// # Errors
    /// As [`crate::ber::encode`].
    fn set_extension<E: Extension>(&mut self, value: &E::Value) -> Result<(), Error> {
        let field = E::field(value)?;
        let fields = self.extension_fields_mut();
        match fields.iter_mut().find(|field| field.kind.number() == Some(E::NUMBER)) {
            Some(old) => *old = field,
            None => fields.push(field),
        }
        Ok(())
    }

    /// Takes an extension away; whether it was there.
    fn remove_extension<E: Extension>(&mut self) -> bool {
        let fields = self.extension_fields_mut();
        let before = fields.len();
        fields.retain(|field| field.kind.number() != Some(E::NUMBER));
        fields.len() < before
    }

    /// Extensions that must be understood for something, a bit of [`Criticality`], and that no edition has: whoever does that
    /// thing has to refuse, unless it knows them from elsewhere (X.411 9.1).
    fn unknown_critical(&self, bit: usize) -> impl Iterator<Item = &ExtensionField> {
        self.extension_fields().iter().filter(move |field| {
            field.criticality.has(bit) && field.kind.number().and_then(Standard::by_number).is_none()
        })
    }

    /// Extensions that must be understood by who transfers: [`unknown_critical`](Self::unknown_critical).
    fn unknown_critical_for_transfer(&self) -> impl Iterator<Item = &ExtensionField> {
        self.unknown_critical(Criticality::FOR_TRANSFER)
    }
}

/// Implements [`Extended`] for types that have their extensions in the member of that name.
macro_rules! extended {
    ($($name:ty = $position:expr;)*) => {
        $(impl Extended for $name {
            fn extension_fields(&self) -> &[ExtensionField] {
                &self.extensions
            }

            fn extension_fields_mut(&mut self) -> &mut Vec<ExtensionField> {
                &mut self.extensions
            }

            fn position(&self) -> Option<Position> {
                $position
            }
        })*
    };
}

extended! {
    MessageTransferEnvelope = Some(Position::Message);
    PerRecipientFields = None;
    ProbeTransferEnvelope = Some(Position::Probe);
    ReportTransferEnvelope = Some(Position::ReportEnvelope);
    ReportTransferContent = Some(Position::ReportContent);
    PerRecipientReportFields = Some(Position::ReportRecipient);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x411::address::OrName;
    use crate::x411::envelope::PerRecipientIndicators;
    use crate::x411::extension::{
        ExtensionType, PhysicalForwardingProhibited, Prohibited, ProofOfDeliveryRequest, Requested,
    };

    #[test]
    fn extensions_are_set_found_and_taken_away_by_type() {
        let mut recipient = PerRecipientFields::new(OrName::default(), 1, PerRecipientIndicators::with(&[]));
        assert_eq!(recipient.extension::<ProofOfDeliveryRequest>(), Ok(None));
        recipient.set_extension::<ProofOfDeliveryRequest>(&Requested::REQUESTED).unwrap();
        recipient.set_extension::<PhysicalForwardingProhibited>(&Prohibited::PROHIBITED).unwrap();
        recipient.set_extension::<ProofOfDeliveryRequest>(&Requested::NOT_REQUESTED).unwrap();
        assert_eq!(recipient.extension::<ProofOfDeliveryRequest>(), Ok(Some(Requested::NOT_REQUESTED)));
        assert_eq!(recipient.extensions.len(), 2);
        assert_eq!(recipient.unknown_critical(Criticality::FOR_DELIVERY).count(), 0);
        recipient.extensions[0].kind = ExtensionType::Private("2.999.1".parse().unwrap());
        assert_eq!(recipient.unknown_critical(Criticality::FOR_DELIVERY).count(), 1);
        assert_eq!(recipient.unknown_critical_for_transfer().count(), 0);
        assert!(recipient.remove_extension::<PhysicalForwardingProhibited>());
        assert!(!recipient.remove_extension::<PhysicalForwardingProhibited>());
    }
}
