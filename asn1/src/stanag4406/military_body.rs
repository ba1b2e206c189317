//! Body parts of military messages (STANAG 4406 Annex A; ledger M-30). All are below 1.3.26.0.4406.0.7.

use crate::oids;
use crate::prim::{Captured, Ia5String, NamedBits, X400Time};
use crate::x420::Ipm;
use crate::x420::body::{MessageParameters, OtherMessageDeliveryFields};
use crate::x420::extended_body::{ExternalData, extended_body_parts};

extended_body_parts! {
    /// A formatted message of ADatP-3; the parameter is the number of the ADatP-3 edition: `0` and `2`.
    Adatp3 = oids::PART_ADATP3 => Adatp3Data, oids::PARAMETERS_ADATP3 => i64;
    /// Corrections to another part, whose number is the parameter: `1` and `3`.
    Corrections = oids::PART_CORRECTIONS => Ia5String, oids::PARAMETERS_CORRECTIONS => i64;
    /// A message that is forwarded in its encryption: `6` and `7`.
    ForwardedEncrypted = oids::PART_FORWARDED_ENCRYPTED => NamedBits, oids::PARAMETERS_FORWARDED_ENCRYPTED => ForwardedEncryptedParameters;
    /// A forwarded military message: `9` and `10`.
    MilitaryMessage = oids::PART_MM_MESSAGE => Captured<Ipm>, oids::PARAMETERS_MM_MESSAGE => MessageParameters;
    /// A message of ACP 127, 1 to 65,535 characters: `12` and `13`.
    Acp127Data = oids::PART_ACP127_DATA => Ia5String, oids::PARAMETERS_ACP127_DATA => i64;
}

crate::asn_choice! {
    /// A formatted message.
    pub enum Adatp3Data {
        /// As it is printed.
        LineOriented(Ia5String) = imp(0),
        /// Set by set.
        SetOriented(Vec<Ia5String>) = imp(1),
    }
}

impl ExternalData for Adatp3Data {}

crate::asn_set! {
    /// What was known of an encrypted message when it was forwarded.
    pub struct ForwardedEncryptedParameters {
        /// When it had been delivered.
        delivery_time: X400Time = imp(0) opt,
        /// Its envelope then.
        delivery_envelope: OtherMessageDeliveryFields = imp(1) req,
    }
}
