//! Values of the physical delivery services and of how a recipient wants to get a message (X.411 8.2.1.1.1, X.402 annexes).

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
