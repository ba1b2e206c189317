//! What an MTA of 1984 can be given (X.419 Annex B, A-40): no extensions, and no content of later standards.

use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x411::extension::{Criticality, ExtensionField};

use super::{Apdu, Undeliverable};
use crate::status::{NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason};

/// Whether what is lost on the way to an MTA of 1984 may be lost: extensions that are not critical.
///
/// # Errors
/// Why it may not.
pub fn check(apdu: &Apdu) -> Result<(), Undeliverable> {
    if let Some(ContentType::Extended(_) | ContentType::P22 | ContentType::Unknown(_)) =
        apdu.traits().content_type
    {
        return Err(unable("the next MTA is of 1984 and knows no such content"));
    }
    let critical = |fields: &[ExtensionField]| {
        fields.iter().any(|field| {
            [Criticality::FOR_TRANSFER, Criticality::FOR_DELIVERY]
                .iter()
                .any(|step| field.criticality.has(*step))
        })
    };
    if critical(apdu.extensions()) || apdu.recipients().iter().any(|fields| critical(&fields.extensions)) {
        return Err(unable("the next MTA is of 1984 and knows no extensions, and one is critical"));
    }
    Ok(())
}

fn unable(text: &str) -> Undeliverable {
    Undeliverable {
        non_delivery: NonDelivery {
            reason: NonDeliveryReason::ConversionNotPerformed,
            diagnostic: Some(NonDeliveryDiagnostic::UnableToDowngrade),
        },
        text: text.to_owned(),
    }
}
