//! What an MTA of 1984 is given (X.419 Annex B, A-40): the envelope without what came later, the content as it is.

use rasn_x400::x411::edition1984::{self, Downgraded, Lost, UnableToDowngrade};

use super::{Apdu, Copy, Undeliverable};
use crate::status::{NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason};

/// What is lost of a copy on the way to an MTA of 1984.
///
/// # Errors
/// Why it cannot go there: something must be understood that is not of 1984, or an address would become another one.
pub fn check(copy: &Copy) -> Result<Vec<Lost>, Undeliverable> {
    let lost = |(_, lost)| lost;
    downgraded(copy.apdu()).map(lost).map_err(|unable| Undeliverable {
        non_delivery: NonDelivery {
            reason: NonDeliveryReason::ConversionNotPerformed,
            diagnostic: Some(NonDeliveryDiagnostic::UnableToDowngrade),
        },
        text: format!("the next MTA is of 1984: {unable}"),
    })
}

/// The same thing as an MTA of 1984 understands it, and what is lost.
pub(super) fn downgraded(apdu: &Apdu) -> Result<(Apdu, Vec<Lost>), UnableToDowngrade> {
    let Downgraded { apdu: value, lost } = edition1984::downgrade(apdu.without_content())?;
    Ok((apdu.with_envelope_of(value), lost))
}
