//! Extension fields as a peer wants them: in the form of their type that it understands, or not at all (Q3).

use rasn_x400::x411::envelope::MessageTransferEnvelope;
use rasn_x400::x411::extension::{ExtensionField, ExtensionType};

use crate::quirk::{Quirk, Quirks};

/// Whether a peer wants extensions otherwise than they are.
pub fn are_adapted(quirks: Quirks) -> bool {
    [Quirk::NoExtensions, Quirk::ExplicitExtensionType].iter().any(|quirk| quirks.reproduces(*quirk))
}

/// Changes the extensions of a message, for all recipients and for each, as the peer's oddities want them.
///
/// A peer that cannot read extensions cannot obey them either: what is left out is lost, be it critical or not.
pub fn adapt(envelope: &mut MessageTransferEnvelope, quirks: Quirks) {
    fields(&mut envelope.extensions, quirks);
    for recipient in &mut envelope.per_recipient_fields {
        fields(&mut recipient.extensions, quirks);
    }
}

/// The same for one set of extensions, wherever it stands.
pub fn fields(fields: &mut Vec<ExtensionField>, quirks: Quirks) {
    if quirks.reproduces(Quirk::NoExtensions) {
        fields.clear();
    }
    if quirks.reproduces(Quirk::ExplicitExtensionType) {
        for field in fields {
            if let ExtensionType::Standard(number) = field.kind {
                field.kind = ExtensionType::StandardExplicit(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rasn_x400::ber;
    use rasn_x400::x411::extension::{DlExpansionProhibited, Extension as _, Prohibited};

    use super::*;

    /// Ledger A-02 and what ISODE-based peers want instead; other kinds of extensions stay.
    #[test]
    fn the_form_of_the_type_is_chosen_by_peer() {
        let prohibited = DlExpansionProhibited::field(&Prohibited::PROHIBITED).unwrap();
        let standard = ber::encode(&prohibited).unwrap();
        assert_eq!(standard[..5], [0x30, 0x0c, 0x80, 1, 3]);
        for (quirks, expected) in [
            (&[][..], Some(standard.clone())),
            (
                &[Quirk::ExplicitExtensionType],
                Some([&[0x30, 0x0e, 0xa0, 3, 2, 1, 3], &standard[5..]].concat()),
            ),
            (&[Quirk::NoExtensions], None),
            (&[Quirk::NoExtensions, Quirk::ExplicitExtensionType], None),
        ] {
            let mut extensions = vec![prohibited.clone()];
            fields(&mut extensions, Quirks::new(&[], quirks));
            assert_eq!(extensions.first().map(|field| ber::encode(field).unwrap()), expected, "{quirks:?}");
        }
    }
}
