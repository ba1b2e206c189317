//! Values of the physical delivery services and of how a recipient wants to get a message (X.411 8.2.1.1.1, X.402 annexes).

use super::extension::{
    Extension as _, ExtensionField, PhysicalDeliveryModes, PhysicalDeliveryReportRequest,
    PhysicalForwardingAddressRequest, PhysicalForwardingProhibited, PhysicalRenditionAttributes, Prohibited,
    RecipientNumberForAdvice, RegisteredMailType, Requested,
};
use crate::ber::Error;
use crate::prim::{Oid, TeletexString};

crate::open_enum! {
    /// One way to get a message.
    pub struct DeliveryMethod: INTEGER {
        /// Any.
        ANY = 0 => "any-delivery-method",
        /// To a user agent.
        MHS = 1 => "mhs-delivery",
        /// By post.
        PHYSICAL = 2 => "physical-delivery",
        /// By telex.
        TELEX = 3 => "telex-delivery",
        /// By teletex.
        TELETEX = 4 => "teletex-delivery",
        /// By group 3 facsimile.
        G3_FACSIMILE = 5 => "g3-facsimile-delivery",
        /// By group 4 facsimile.
        G4_FACSIMILE = 6 => "g4-facsimile-delivery",
        /// To a terminal.
        IA5_TERMINAL = 7 => "ia5-terminal-delivery",
        /// By videotex.
        VIDEOTEX = 8 => "videotex-delivery",
        /// By telephone.
        TELEPHONE = 9 => "telephone-delivery",
    }
}

crate::named_bits! {
    /// How the post is to deliver: one of the first seven, and perhaps the last.
    pub struct DeliveryModes(minimum 0) {
        /// As it always does.
        ORDINARY_MAIL = 0 => "ordinary-mail",
        /// By special delivery.
        SPECIAL_DELIVERY = 1 => "special-delivery",
        /// By express.
        EXPRESS_MAIL = 2 => "express-mail",
        /// It is fetched.
        COUNTER_COLLECTION = 3 => "counter-collection",
        /// It is fetched, after a call.
        COUNTER_COLLECTION_WITH_TELEPHONE_ADVICE = 4 => "counter-collection-with-telephone-advice",
        /// It is fetched, after a telex.
        COUNTER_COLLECTION_WITH_TELEX_ADVICE = 5 => "counter-collection-with-telex-advice",
        /// It is fetched, after a teletex.
        COUNTER_COLLECTION_WITH_TELETEX_ADVICE = 6 => "counter-collection-with-teletex-advice",
        /// By facsimile to the last office.
        BUREAU_FAX_DELIVERY = 7 => "bureau-fax-delivery",
    }
}

crate::open_enum! {
    /// Whether the post is to register it.
    pub struct RegisteredMail: INTEGER {
        /// It is not.
        NON_REGISTERED = 0 => "non-registered-mail",
        /// It is.
        REGISTERED = 1 => "registered-mail",
        /// It is, and only the addressee may get it.
        REGISTERED_TO_ADDRESSEE_IN_PERSON = 2 => "registered-mail-to-addressee-in-person",
    }
}

crate::open_enum! {
    /// What comes back when the post could not deliver.
    pub struct PhysicalReport: INTEGER {
        /// The letter, by post.
        RETURN_OF_MAIL_BY_PDS = 0 => "return-of-undeliverable-mail-by-PDS",
        /// A notification, by post.
        NOTIFICATION_BY_PDS = 1 => "return-of-notification-by-PDS",
        /// A report.
        NOTIFICATION_BY_MHS = 2 => "return-of-notification-by-MHS",
        /// Both.
        NOTIFICATION_BY_MHS_AND_PDS = 3 => "return-of-notification-by-MHS-and-PDS",
    }
}

crate::open_enum! {
    /// A conversion that the originator asks for. The numbers between have no meaning any more.
    pub struct ExplicitConversion: INTEGER {
        /// IA5 text to teletex.
        IA5_TEXT_TO_TELETEX = 0 => "ia5-text-to-teletex",
        /// IA5 text to group 3 facsimile.
        IA5_TEXT_TO_G3_FACSIMILE = 8 => "ia5-text-to-g3-facsimile",
        /// IA5 text to group 4 facsimile, class 1.
        IA5_TEXT_TO_G4_CLASS_1 = 9 => "ia5-text-to-g4-class-1",
        /// IA5 text to videotex.
        IA5_TEXT_TO_VIDEOTEX = 10 => "ia5-text-to-videotex",
        /// Teletex to IA5 text.
        TELETEX_TO_IA5_TEXT = 11 => "teletex-to-ia5-text",
        /// Teletex to group 3 facsimile.
        TELETEX_TO_G3_FACSIMILE = 12 => "teletex-to-g3-facsimile",
        /// Teletex to group 4 facsimile, class 1.
        TELETEX_TO_G4_CLASS_1 = 13 => "teletex-to-g4-class-1",
        /// Teletex to videotex.
        TELETEX_TO_VIDEOTEX = 14 => "teletex-to-videotex",
        /// Videotex to IA5 text.
        VIDEOTEX_TO_IA5_TEXT = 16 => "videotex-to-ia5-text",
        /// Videotex to teletex.
        VIDEOTEX_TO_TELETEX = 17 => "videotex-to-teletex",
    }
}

/// What the originator wants of the post for one recipient: the extensions 7 to 12 and 14, together (X.411 8.2.1.1.1).
///
/// ```
/// use rasn_x400::ber;
/// use rasn_x400::x411::envelope::PerRecipientFields;
/// use rasn_x400::x411::physical::PhysicalDelivery;
///
/// /// Whether a letter may be forwarded by the post.
/// fn may_be_forwarded(recipient: &PerRecipientFields) -> Result<bool, ber::Error> {
///     Ok(!PhysicalDelivery::of(&recipient.extensions)?.forwarding_prohibited)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhysicalDelivery {
    /// It is not to be forwarded by the post.
    pub forwarding_prohibited: bool,
    /// The address that it would be forwarded to is to be reported.
    pub forwarding_address_requested: bool,
    /// Ordinary mail, express, ….
    pub modes: Option<DeliveryModes>,
    /// Whether it is registered mail.
    pub registered_mail: Option<RegisteredMail>,
    /// The telephone number to call, 1 to 32 octets of T.61.
    pub recipient_number_for_advice: Option<TeletexString>,
    /// How it is to be printed.
    pub rendition_attributes: Option<Oid>,
    /// Which report is wanted.
    pub report_request: Option<PhysicalReport>,
}

impl PhysicalDelivery {
    /// What the extensions of a recipient say.
    ///
    /// # Errors
    /// When the value of one is not of its type.
    pub fn of(fields: &[ExtensionField]) -> Result<Self, Error> {
        Ok(Self {
            forwarding_prohibited: PhysicalForwardingProhibited::find(fields)?
                == Some(Prohibited::PROHIBITED),
            forwarding_address_requested: PhysicalForwardingAddressRequest::find(fields)?
                == Some(Requested::REQUESTED),
            modes: PhysicalDeliveryModes::find(fields)?,
            registered_mail: RegisteredMailType::find(fields)?,
            recipient_number_for_advice: RecipientNumberForAdvice::find(fields)?,
            rendition_attributes: PhysicalRenditionAttributes::find(fields)?,
            report_request: PhysicalDeliveryReportRequest::find(fields)?,
        })
    }

    /// The extensions that say this; what is as it would be without them is left out.
    ///
    /// # Errors
    /// As [`crate::ber::encode`].
    pub fn to_fields(&self) -> Result<Vec<ExtensionField>, Error> {
        let mut fields = Vec::new();
        if self.forwarding_prohibited {
            fields.push(PhysicalForwardingProhibited::field(&Prohibited::PROHIBITED)?);
        }
        if self.forwarding_address_requested {
            fields.push(PhysicalForwardingAddressRequest::field(&Requested::REQUESTED)?);
        }
        if let Some(modes) = &self.modes {
            fields.push(PhysicalDeliveryModes::field(modes)?);
        }
        if let Some(kind) = &self.registered_mail {
            fields.push(RegisteredMailType::field(kind)?);
        }
        if let Some(number) = &self.recipient_number_for_advice {
            fields.push(RecipientNumberForAdvice::field(number)?);
        }
        if let Some(attributes) = &self.rendition_attributes {
            fields.push(PhysicalRenditionAttributes::field(attributes)?);
        }
        if let Some(report) = &self.report_request {
            fields.push(PhysicalDeliveryReportRequest::field(report)?);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked of the post goes into extensions and comes out of them.
    #[test]
    fn what_is_asked_of_the_post_is_its_extensions() {
        assert_eq!(PhysicalDelivery::default().to_fields(), Ok(Vec::new()));
        let wanted = PhysicalDelivery {
            forwarding_prohibited: true,
            forwarding_address_requested: true,
            modes: Some(DeliveryModes::with(&[DeliveryModes::EXPRESS_MAIL])),
            registered_mail: Some(RegisteredMail::REGISTERED),
            recipient_number_for_advice: Some("+44 20".into()),
            rendition_attributes: Some("2.6.3.5.0".parse().unwrap()),
            report_request: Some(PhysicalReport::NOTIFICATION_BY_MHS),
        };
        let fields = wanted.to_fields().unwrap();
        assert_eq!(fields.len(), 7);
        assert_eq!(PhysicalDelivery::of(&fields), Ok(wanted));
        let mut wrong = fields;
        wrong[2].value = Some(crate::prim::RawTlv::from_element(vec![5, 0]));
        PhysicalDelivery::of(&wrong).unwrap_err();
    }
}
