//! Why a message was not delivered: the reasons and diagnostics of a non-delivery report (X.411 8.3.1.2.1.10 and .11, ledger
//! A-19, OI-40 to OI-43).

use std::fmt;

/// Largest number of a reason or diagnostic (`ub-reason-codes`, `ub-diagnostic-codes`).
pub const CODE_LIMIT: u16 = 32767;

/// The last reason that systems of 1984 know.
pub const LAST_REASON_1984: u16 = 2;

/// The last diagnostic that systems of 1984 know.
pub const LAST_DIAGNOSTIC_1984: u16 = 11;

/// Writes an enumeration whose variants have a number and a label, and [`Other`] for all further numbers.
macro_rules! labelled_numbers {
    (
        $(#[$documentation:meta])*
        $name:ident, $catalogue:ident: $($number:literal $variant:ident $standard:literal $label:literal $meaning:literal,)*
    ) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)*
            /// A number without a name here; never one that has a name, see [`Self::from_number`].
            Other(u16),
        }

        /// All that have a name, by number.
        pub const $catalogue: &[$name] = &[$($name::$variant,)*];

        impl $name {
            /// By number; numbers without a name are kept.
            #[must_use]
            pub const fn from_number(number: u16) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// The integer in P1, 0 to 32,767.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Other(number) => number,
                }
            }

            /// The name in the standard's ASN.1, such as `unrecognised-OR-name`.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($standard),)*
                    Self::Other(_) => None,
                }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($meaning),)*
                    Self::Other(_) => None,
                }
            }

            /// What it means, in a sentence, or that nobody knows.
            #[must_use]
            pub fn text(self) -> std::borrow::Cow<'static, str> {
                match self.meaning() {
                    Some(meaning) => meaning.into(),
                    None => format!("Number {} has no meaning that is known here.", self.number()).into(),
                }
            }

            /// The name as RFC 2156 writes it; `Unknown` if there is none.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                    Self::Other(_) => "Unknown",
                }
            }
        }

        impl fmt::Display for $name {
            /// The label.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.label())
            }
        }
    };
}

labelled_numbers! {
    /// Non-delivery reason (ledger OI-40). Systems of 1984 know 0 to 2.
    NonDeliveryReason, REASONS:
    0 TransferFailure "transfer-failure" "Transfer-Failure" "Communication failed on the way.",
    1 UnableToTransfer "unable-to-transfer" "Unable-To-Transfer" "An MTA could not or would not pass it on.",
    2 ConversionNotPerformed "conversion-not-performed" "Conversion-Not-Performed" "A conversion was needed and not made.",
    3 PhysicalRenditionNotPerformed "physical-rendition-not-performed" "Physical-Rendition-Not-Performed" "It could not be printed.",
    4 PhysicalDeliveryNotPerformed "physical-delivery-not-performed" "Physical-Delivery-Not-Performed" "The post could not deliver it.",
    5 RestrictedDelivery "restricted-delivery" "Restricted-Delivery" "The recipient does not take mail from this originator.",
    6 DirectoryOperationUnsuccessful "directory-operation-unsuccessful" "Directory-Operation-Unsuccessful" "The directory was of no help.",
    7 DeferredDeliveryNotPerformed "deferred-delivery-not-performed" "Deferred-Delivery-Not-Performed" "Deferred delivery was asked for and not possible.",
    8 TransferFailureForSecurityReason "transfer-failure-for-security-reason" "Transfer-Failure-For-Security-Reason" "Security forbade it (later editions).",
}

labelled_numbers! {
    /// Non-delivery diagnostic (ledger OI-41 to OI-43). Systems of 1984 know 0 to 11; RFC 2156 knows 0 to 49.
    NonDeliveryDiagnostic, DIAGNOSTICS:
    0 UnrecognisedOrName "unrecognised-OR-name" "Unrecognised-ORName" "No such O/R name.",
    1 AmbiguousOrName "ambiguous-OR-name" "Ambiguous-ORName" "More than one such O/R name.",
    2 MtsCongestion "mts-congestion" "MTS-Congestion" "Too much traffic.",
    3 LoopDetected "loop-detected" "Loop-Detected" "The message went in circles.",
    4 RecipientUnavailable "recipient-unavailable" "Recipient-Unavailable" "The recipient's system does not take it now.",
    5 MaximumTimeExpired "maximum-time-expired" "Maximum-Time-Expired" "It took too long.",
    6 EncodedInformationTypesUnsupported "encoded-information-types-unsupported" "Encoded-Information-Types-Unsupported" "The recipient cannot read such parts.",
    7 ContentTooLong "content-too-long" "Content-Too-Long" "Longer than the recipient takes.",
    8 ConversionImpractical "conversion-impractical" "Conversion-Impractical" "Cannot be converted.",
    9 ImplicitConversionProhibited "implicit-conversion-prohibited" "Implicit-Conversion-Prohibited" "Must not be converted.",
    10 ImplicitConversionNotSubscribed "implicit-conversion-not-subscribed" "Implicit-Conversion-Not-Subscribed" "Conversion is not paid for.",
    11 InvalidArguments "invalid-arguments" "Invalid-Arguments" "An element of the envelope is wrong.",
    12 ContentSyntaxError "content-syntax-error" "Content-Syntax-Error" "The content cannot be decoded.",
    13 SizeConstraintViolation "size-constraint-violation" "Size-Constraint-Violation" "An element is larger than its bound.",
    14 ProtocolViolation "protocol-violation" "Protocol-Violation" "A mandatory element is missing.",
    15 ContentTypeNotSupported "content-type-not-supported" "Content-Type-Not-Supported" "The recipient does not take such contents.",
    16 TooManyRecipients "too-many-recipients" "Too-Many-Recipients" "More recipients than the MTA takes.",
    17 NoBilateralAgreement "no-bilateral-agreement" "No-Bilateral-Agreement" "The domains have no agreement.",
    18 UnsupportedCriticalFunction "unsupported-critical-function" "Unsupported-Critical-Function" "A critical extension is not supported.",
    19 ConversionWithLossProhibited "conversion-with-loss-prohibited" "Conversion-With-Loss-Prohibited" "Conversion would lose something, and must not.",
    20 LineTooLong "line-too-long" "Line-Too-Long" "A line would be cut.",
    21 PageSplit "page-split" "Page-Split" "A page would be split.",
    22 PictorialSymbolLoss "pictorial-symbol-loss" "Pictorial-Symbol-Loss" "A pictorial symbol would be lost.",
    23 PunctuationSymbolLoss "punctuation-symbol-loss" "Punctuation-Symbol-Loss" "A punctuation symbol would be lost.",
    24 AlphabeticCharacterLoss "alphabetic-character-loss" "Alphabetic-Character-Loss" "A letter would be lost.",
    25 MultipleInformationLoss "multiple-information-loss" "Multiple-Information-Loss" "Several kinds of information would be lost.",
    26 RecipientReassignmentProhibited "recipient-reassignment-prohibited" "Recipient-Reassignment-Prohibited" "Redirection was needed and forbidden.",
    27 RedirectionLoopDetected "redirection-loop-detected" "Redirection-Loop-Detected" "Redirections lead back.",
    28 DlExpansionProhibited "dl-expansion-prohibited" "DL-Expansion-Prohibited" "The recipient is a list, and lists were forbidden.",
    29 NoDlSubmitPermission "no-dl-submit-permission" "No-DL-Submit-Permission" "The originator may not send to the list.",
    30 DlExpansionFailure "dl-expansion-failure" "DL-Expansion-Failure" "The list could not be expanded.",
    31 PhysicalRenditionAttributesNotSupported "physical-rendition-attributes-not-supported" "Physical-Rendition-Attributes-Not-Supported" "Cannot be printed that way.",
    32 UndeliverableMailPhysicalDeliveryAddressIncorrect "undeliverable-mail-physical-delivery-address-incorrect" "Undeliverable-Mail-Physical-Delivery-Address-Incorrect" "The postal address is wrong.",
    33 UndeliverableMailPhysicalDeliveryOfficeIncorrectOrInvalid "undeliverable-mail-physical-delivery-office-incorrect-or-invalid" "Undeliverable-Mail-Physical-Delivery-Office-Incorrect-Or-Invalid" "The post office is wrong.",
    34 UndeliverableMailPhysicalDeliveryAddressIncomplete "undeliverable-mail-physical-delivery-address-incomplete" "Undeliverable-Mail-Physical-Delivery-Address-Incomplete" "The postal address is not complete.",
    35 UndeliverableMailRecipientUnknown "undeliverable-mail-recipient-unknown" "Undeliverable-Mail-Recipient-Unknown" "Nobody of that name at the postal address.",
    36 UndeliverableMailRecipientDeceased "undeliverable-mail-recipient-deceased" "Undeliverable-Mail-Recipient-Deceased" "The recipient has died.",
    37 UndeliverableMailOrganizationExpired "undeliverable-mail-organization-expired" "Undeliverable-Mail-Organization-Expired" "The organization is no more.",
    38 UndeliverableMailRecipientRefusedToAccept "undeliverable-mail-recipient-refused-to-accept" "Undeliverable-Mail-Recipient-Refused-To-Accept" "The recipient refused the letter.",
    39 UndeliverableMailRecipientDidNotClaim "undeliverable-mail-recipient-did-not-claim" "Undeliverable-Mail-Recipient-Did-Not-Claim" "The letter was not collected.",
    40 UndeliverableMailRecipientChangedAddressPermanently "undeliverable-mail-recipient-changed-address-permanently" "Undeliverable-Mail-Recipient-Changed-Address-Permanently" "The recipient moved for good.",
    41 UndeliverableMailRecipientChangedAddressTemporarily "undeliverable-mail-recipient-changed-address-temporarily" "Undeliverable-Mail-Recipient-Changed-Address-Temporarily" "The recipient moved for a while.",
    42 UndeliverableMailRecipientChangedTemporaryAddress "undeliverable-mail-recipient-changed-temporary-address" "Undeliverable-Mail-Recipient-Changed-Temporary-Address" "The recipient left the temporary address.",
    43 UndeliverableMailNewAddressUnknown "undeliverable-mail-new-address-unknown" "Undeliverable-Mail-New-Address-Unknown" "The recipient moved, nobody knows where.",
    44 UndeliverableMailRecipientDidNotWantForwarding "undeliverable-mail-recipient-did-not-want-forwarding" "Undeliverable-Mail-Recipient-Did-Not-Want-Forwarding" "The recipient does not want it forwarded.",
    45 UndeliverableMailOriginatorProhibitedForwarding "undeliverable-mail-originator-prohibited-forwarding" "Undeliverable-Mail-Originator-Prohibited-Forwarding" "The originator forbade forwarding.",
    46 SecureMessagingError "secure-messaging-error" "Secure-Messaging-Error" "Security services failed.",
    47 UnableToDowngrade "unable-to-downgrade" "Unable-To-Downgrade" "Cannot be expressed in the older protocol.",
    48 UnableToCompleteTransfer "unable-to-complete-transfer" "Unable-To-Complete-Transfer" "Mostly too large for the next MTA.",
    49 TransferAttemptsLimitReached "transfer-attempts-limit-reached" "Transfer-Attempts-Limit-Reached" "Tried often enough.",
    50 IncorrectNotificationType "incorrect-notification-type" "Incorrect-Notification-Type" "A notification of the wrong kind.",
    51 DlExpansionProhibitedBySecurityPolicy "dl-expansion-prohibited-by-security-policy" "DL-Expansion-Prohibited-By-Security-Policy" "Security forbids expansion of the list.",
    52 ForbiddenAlternateRecipient "forbidden-alternate-recipient" "Forbidden-Alternate-Recipient" "Security forbids the alternate recipient.",
    53 SecurityPolicyViolation "security-policy-violation" "Security-Policy-Violation" "Against the security policy.",
    54 SecurityServicesRefusal "security-services-refusal" "Security-Services-Refusal" "The security services cannot be had.",
    55 UnauthorisedDlMember "unauthorised-dl-member" "Unauthorised-DL-Member" "A member of the list is not authorised.",
    56 UnauthorisedDlName "unauthorised-dl-name" "Unauthorised-DL-Name" "The list is not authorised.",
    57 UnauthorisedOriginallyIntendedRecipientName "unauthorised-originally-intended-recipient-name" "Unauthorised-Originally-Intended-Recipient-Name" "The first intended recipient is not authorised.",
    58 UnauthorisedOriginatorName "unauthorised-originator-name" "Unauthorised-Originator-Name" "The originator is not authorised.",
    59 UnauthorisedRecipientName "unauthorised-recipient-name" "Unauthorised-Recipient-Name" "The recipient is not authorised.",
    60 UnreliableSystem "unreliable-system" "Unreliable-System" "The next system is not trusted.",
    61 AuthenticationFailureOnSubjectMessage "authentication-failure-on-subject-message" "Authentication-Failure-On-Subject-Message" "The message could not be authenticated.",
    62 DecryptionFailed "decryption-failed" "Decryption-Failed" "The content could not be decrypted.",
    63 DecryptionKeyUnobtainable "decryption-key-unobtainable" "Decryption-Key-Unobtainable" "The key could not be had.",
    64 DoubleEnvelopeCreationFailure "double-envelope-creation-failure" "Double-Envelope-Creation-Failure" "A double envelope could not be made.",
    65 DoubleEnvelopingMessageRestoringFailure "double-enveloping-message-restoring-failure" "Double-Enveloping-Message-Restoring-Failure" "A double envelope could not be opened.",
    66 FailureOfProofOfMessage "failure-of-proof-of-message" "Failure-Of-Proof-Of-Message" "Proof could not be given.",
    67 IntegrityFailureOnSubjectMessage "integrity-failure-on-subject-message" "Integrity-Failure-On-Subject-Message" "The message was changed on the way.",
    68 InvalidSecurityLabel "invalid-security-label" "Invalid-Security-Label" "The security label is wrong.",
    69 KeyFailure "key-failure" "Key-Failure" "A key is of no use.",
    70 MandatoryParameterAbsence "mandatory-parameter-absence" "Mandatory-Parameter-Absence" "A parameter that security needs is missing.",
    71 OperationSecurityFailure "operation-security-failure" "Operation-Security-Failure" "An operation failed for security reasons.",
    72 RepudiationFailureOfMessage "repudiation-failure-of-message" "Repudiation-Failure-Of-Message" "Non-repudiation could not be provided.",
    73 SecurityContextFailure "security-context-failure" "Security-Context-Failure" "Not within the security context.",
    74 TokenDecryptionFailed "token-decryption-failed" "Token-Decryption-Failed" "The token could not be decrypted.",
    75 TokenError "token-error" "Token-Error" "The token is wrong.",
    76 UnknownSecurityLabel "unknown-security-label" "Unknown-Security-Label" "The security label is not known.",
    77 UnsupportedAlgorithmIdentifier "unsupported-algorithm-identifier" "Unsupported-Algorithm-Identifier" "An algorithm is not supported.",
    78 UnsupportedSecurityPolicy "unsupported-security-policy" "Unsupported-Security-Policy" "The security policy is not supported.",
}

#[cfg(test)]
mod tests {
    use super::*;

    /// every number from 0 has a name, and each name is there once.
    #[test]
    fn numbers_and_names_agree() {
        for number in 0..=100 {
            assert_eq!(NonDeliveryReason::from_number(number).number(), number);
            assert_eq!(NonDeliveryDiagnostic::from_number(number).number(), number);
        }
        let named = |count: u16| (0..count).collect::<Vec<_>>();
        assert_eq!(REASONS.iter().map(|reason| reason.number()).collect::<Vec<_>>(), named(9));
        assert_eq!(DIAGNOSTICS.iter().map(|code| code.number()).collect::<Vec<_>>(), named(79));
        let mut names: Vec<_> = DIAGNOSTICS.iter().filter_map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 79);
    }

    /// the standard's spelling and that of RFC 2156 differ in capitals and hyphens only.
    #[test]
    fn both_spellings_of_a_name() {
        for code in DIAGNOSTICS {
            let plain = |name: &str| name.to_lowercase().replace('-', "");
            assert_eq!(plain(code.name().unwrap()), plain(code.label()));
            assert!(code.meaning().is_some_and(|meaning| meaning.ends_with('.')), "{code}");
        }
        assert_eq!(NonDeliveryDiagnostic::AmbiguousOrName.name(), Some("ambiguous-OR-name"));
        assert_eq!(NonDeliveryReason::UnableToTransfer.name(), Some("unable-to-transfer"));
        assert_eq!(NonDeliveryReason::from_number(9).name(), None);
    }
}
