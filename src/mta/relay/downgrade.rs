//! What an MTA of 1984 is given (X.419 Annex B, RFC 1328, A-40): the envelope without what came later, a content of 1984.
//!
//! [`content`] makes P2 of P22, part by part (`part`); [`relay`] writes an address of 1988 inside one of 1984, and reads it.
//! What is left out is named, for the log. What cannot be said and not be left out is unable-to-downgrade (47).

use std::io;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::edition1984::{self, Downgraded, Lost, UnableToDowngrade};
use rasn_x400::x411::envelope::{
    BuiltInEncodedInformationTypes, ContentType, EncodedInformationTypes, PerMessageIndicators,
};
use rasn_x400::x411::extension::{ConversionWithLossProhibited, Extension as _, Prohibited};
use rasn_x400::x419::MtsApdu;
use serde::Deserialize;

use super::{Apdu, Copy, Undeliverable};
use crate::status::{NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason};

pub mod content;
mod name;
mod part;
pub mod relay;

/// What an operator has decided for a peer of 1984.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy<'a> {
    /// What becomes of body parts of 1988 that nothing of 1984 stands for.
    pub unsupported: Unsupported,
    /// The address under which this gateway can be reached from 1984; addresses of 1988 travel inside it.
    pub relay: Option<&'a OrName>,
}

/// What becomes of a body part that nothing of 1984 stands for (RFC 1328 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsupported {
    /// A text in its place says what it was.
    #[default]
    Replace,
    /// The message is not delivered.
    Refuse,
}

/// How far the parts of a body may be changed, and how far they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Change {
    /// Not at all.
    #[default]
    None,
    /// Another form of the same.
    Lossless,
    /// Something is lost.
    Lossy,
}

/// A copy as it goes to an MTA of 1984, but for the trace of this passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) apdu: Apdu,
    /// What the content holds, if its body parts were converted.
    pub(super) types: Option<EncodedInformationTypes>,
}

/// Prepares a copy for an MTA of 1984; gives what is lost. Reads what of the content it must look at, so for a thread that may
/// wait.
///
/// # Errors
/// The content cannot be read now; inside, why the copy cannot go there.
pub fn prepare(copy: &mut Copy, policy: Policy<'_>) -> io::Result<Result<Vec<Lost>, Undeliverable>> {
    let mut apdu = copy.apdu().clone();
    let (mut lost, mut types) = (Vec::new(), None);
    let allowed = allowed(&apdu);
    match &mut apdu {
        Apdu::Message { envelope, content, .. } if envelope.content_type == ContentType::P22 => {
            let converted = match content::to_p2(content, allowed, policy) {
                Ok(converted) => converted,
                Err(content::Failure::Unreadable(error)) => return Err(error),
                Err(content::Failure::Unable(why)) => return Ok(Err(unable(&why))),
            };
            *content = converted.content;
            envelope.content_type = ContentType::P2;
            lost = converted.lost;
            types = (converted.change > Change::None).then(|| {
                let built_in = BuiltInEncodedInformationTypes::with(&converted.types);
                EncodedInformationTypes { built_in, ..EncodedInformationTypes::default() }
            });
        }
        Apdu::Probe(probe) if probe.content_type == ContentType::P22 => probe.content_type = ContentType::P2,
        _ => {}
    }
    Ok(match downgraded(&apdu, policy.relay) {
        Ok((apdu, of_envelope)) => {
            copy.set_of_1984(Prepared { apdu, types });
            lost.extend(of_envelope);
            Ok(lost)
        }
        Err(why) => Err(unable(&why)),
    })
}

/// How far the originator allows the body parts to be changed (RFC 1328 6).
fn allowed(apdu: &Apdu) -> Change {
    let prohibited = |indicators: &PerMessageIndicators| {
        indicators.has(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED)
    };
    let found = ConversionWithLossProhibited::find(apdu.extensions());
    match apdu {
        Apdu::Message { envelope, .. } if prohibited(&envelope.per_message_indicators) => Change::None,
        _ if found.ok().flatten() == Some(Prohibited::PROHIBITED) => Change::Lossless,
        _ => Change::Lossy,
    }
}

fn unable(why: &dyn std::fmt::Display) -> Undeliverable {
    Undeliverable {
        non_delivery: NonDelivery {
            reason: NonDeliveryReason::ConversionNotPerformed,
            diagnostic: Some(NonDeliveryDiagnostic::UnableToDowngrade),
        },
        text: format!("the next MTA is of 1984: {why}"),
    }
}

/// The same thing as an MTA of 1984 understands it, and what is lost.
fn downgraded(apdu: &Apdu, relay: Option<&OrName>) -> Result<(Apdu, Vec<Lost>), UnableToDowngrade> {
    let encapsulate = |name: &OrName| relay::encapsulate(name, relay?);
    let Downgraded { apdu: value, lost } = edition1984::downgrade_with(apdu.without_content(), &encapsulate)?;
    Ok((apdu.with_envelope_of(value), lost))
}

/// What was prepared, with what this passage has added since: the extensions are left out again, and the trace says what the
/// content was converted to (X.411 12.3.1).
pub(super) fn finished(
    apdu: &Apdu,
    types: Option<EncodedInformationTypes>,
) -> Result<Apdu, UnableToDowngrade> {
    let Downgraded { apdu: mut value, .. } = edition1984::downgrade(apdu.without_content())?;
    if let (MtsApdu::Message(message), Some(types)) = (&mut value, types)
        && let Some(last) = message.envelope.trace_information.last_mut()
    {
        last.supplied.converted_encoded_information_types = Some(types);
    }
    Ok(apdu.with_envelope_of(value))
}
