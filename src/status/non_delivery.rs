//! Why X.400 did not deliver: reason and diagnostic (X.411; ledger OI-40 to OI-43).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Largest number of a reason or diagnostic (`ub-reason-codes`, `ub-diagnostic-codes`).
pub const CODE_LIMIT: u16 = 32767;

/// A reason and perhaps a diagnostic, as in a non-delivery report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NonDelivery {
    /// Why, roughly.
    pub reason: NonDeliveryReason,
    /// Why, closely.
    pub diagnostic: Option<NonDeliveryDiagnostic>,
}

impl fmt::Display for NonDelivery {
    /// As in `Diagnostic-Code: x400; …` (RFC 2156 5.3.8, `dr-diagnostic`; ledger R-40).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reason {} ({})", self.reason.number(), self.reason)?;
        match self.diagnostic {
            Some(diagnostic) => write!(f, "; Diagnostic {} ({diagnostic})", diagnostic.number()),
            None => Ok(()),
        }
    }
}

/// The text is not a reason with an optional diagnostic as [`NonDelivery`] writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected `Reason n (label)`, perhaps with `; Diagnostic n (label)`")]
pub struct NotANonDelivery;

impl FromStr for NonDelivery {
    type Err = NotANonDelivery;

    /// Reads what [`NonDelivery`] writes (ledger S-19): the numbers count, the labels are not looked at.
    fn from_str(text: &str) -> Result<Self, NotANonDelivery> {
        let (reason, diagnostic) = match text.split_once(';') {
            Some((reason, diagnostic)) => (reason, Some(diagnostic)),
            None => (text, None),
        };
        let reason = labelled_number(reason, "Reason").ok_or(NotANonDelivery)?;
        let diagnostic = match diagnostic {
            Some(text) => Some(labelled_number(text, "Diagnostic").ok_or(NotANonDelivery)?),
            None => None,
        };
        Ok(Self {
            reason: NonDeliveryReason::from_number(reason),
            diagnostic: diagnostic.map(NonDeliveryDiagnostic::from_number),
        })
    }
}

/// `word number (label)`, white space as it comes; the label may be missing.
fn labelled_number(text: &str, word: &str) -> Option<u16> {
    let text = text.trim();
    let (start, rest) = text.split_at_checked(word.len())?;
    if !start.eq_ignore_ascii_case(word) || !rest.starts_with([' ', '\t', '\r', '\n', '(']) {
        return None;
    }
    let rest = rest.trim_start();
    let (digits, label) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    let label = label.trim();
    let well_formed = label.is_empty() || (label.starts_with('(') && label.ends_with(')'));
    well_formed.then(|| digits.parse().ok()).flatten().filter(|&number| number <= CODE_LIMIT)
}

/// Writes an enumeration whose variants have a number and a label, and [`Other`] for all further numbers.
macro_rules! labelled_numbers {
    (
        $(#[$documentation:meta])*
        $name:ident, $catalogue:ident: $($number:literal $variant:ident $label:literal $meaning:literal,)*
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
            pub fn from_number(number: u16) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// The integer in P1.
            pub fn number(self) -> u16 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Other(number) => number,
                }
            }

            /// The name in the standard, as RFC 2156 writes labels; `Unknown` if there is none.
            pub fn label(self) -> &'static str {
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
    0 TransferFailure "Transfer-Failure" "Communication failed on the way.",
    1 UnableToTransfer "Unable-To-Transfer" "An MTA could not or would not pass it on.",
    2 ConversionNotPerformed "Conversion-Not-Performed" "A conversion was needed and not made.",
    3 PhysicalRenditionNotPerformed "Physical-Rendition-Not-Performed" "It could not be printed.",
    4 PhysicalDeliveryNotPerformed "Physical-Delivery-Not-Performed" "The post could not deliver it.",
    5 RestrictedDelivery "Restricted-Delivery" "The recipient does not take mail from this originator.",
    6 DirectoryOperationUnsuccessful "Directory-Operation-Unsuccessful" "The directory was of no help.",
    7 DeferredDeliveryNotPerformed "Deferred-Delivery-Not-Performed" "Deferred delivery was asked for and not possible.",
    8 TransferFailureForSecurityReason "Transfer-Failure-For-Security-Reason" "Security forbade it (later editions).",
}

labelled_numbers! {
    /// Non-delivery diagnostic (ledger OI-41 to OI-43). Systems of 1984 know 0 to 11; RFC 2156 knows 0 to 49.
    NonDeliveryDiagnostic, DIAGNOSTICS:
    0 UnrecognisedOrName "Unrecognised-ORName" "No such O/R name.",
    1 AmbiguousOrName "Ambiguous-ORName" "More than one such O/R name.",
    2 MtsCongestion "MTS-Congestion" "Too much traffic.",
    3 LoopDetected "Loop-Detected" "The message went in circles.",
    4 RecipientUnavailable "Recipient-Unavailable" "The recipient's system does not take it now.",
    5 MaximumTimeExpired "Maximum-Time-Expired" "It took too long.",
    6 EncodedInformationTypesUnsupported "Encoded-Information-Types-Unsupported" "The recipient cannot read such parts.",
    7 ContentTooLong "Content-Too-Long" "Longer than the recipient takes.",
    8 ConversionImpractical "Conversion-Impractical" "Cannot be converted.",
    9 ImplicitConversionProhibited "Implicit-Conversion-Prohibited" "Must not be converted.",
    10 ImplicitConversionNotSubscribed "Implicit-Conversion-Not-Subscribed" "Conversion is not paid for.",
    11 InvalidArguments "Invalid-Arguments" "An element of the envelope is wrong.",
    12 ContentSyntaxError "Content-Syntax-Error" "The content cannot be decoded.",
    13 SizeConstraintViolation "Size-Constraint-Violation" "An element is larger than its bound.",
    14 ProtocolViolation "Protocol-Violation" "A mandatory element is missing.",
    15 ContentTypeNotSupported "Content-Type-Not-Supported" "The recipient does not take such contents.",
    16 TooManyRecipients "Too-Many-Recipients" "More recipients than the MTA takes.",
    17 NoBilateralAgreement "No-Bilateral-Agreement" "The domains have no agreement.",
    18 UnsupportedCriticalFunction "Unsupported-Critical-Function" "A critical extension is not supported.",
    19 ConversionWithLossProhibited "Conversion-With-Loss-Prohibited" "Conversion would lose something, and must not.",
    20 LineTooLong "Line-Too-Long" "A line would be cut.",
    21 PageSplit "Page-Split" "A page would be split.",
    22 PictorialSymbolLoss "Pictorial-Symbol-Loss" "A pictorial symbol would be lost.",
    23 PunctuationSymbolLoss "Punctuation-Symbol-Loss" "A punctuation symbol would be lost.",
    24 AlphabeticCharacterLoss "Alphabetic-Character-Loss" "A letter would be lost.",
    25 MultipleInformationLoss "Multiple-Information-Loss" "Several kinds of information would be lost.",
    26 RecipientReassignmentProhibited "Recipient-Reassignment-Prohibited" "Redirection was needed and forbidden.",
    27 RedirectionLoopDetected "Redirection-Loop-Detected" "Redirections lead back.",
    28 DlExpansionProhibited "DL-Expansion-Prohibited" "The recipient is a list, and lists were forbidden.",
    29 NoDlSubmitPermission "No-DL-Submit-Permission" "The originator may not send to the list.",
    30 DlExpansionFailure "DL-Expansion-Failure" "The list could not be expanded.",
    31 PhysicalRenditionAttributesNotSupported "Physical-Rendition-Attributes-Not-Supported" "Cannot be printed that way.",
    32 UndeliverableMailPhysicalDeliveryAddressIncorrect "Undeliverable-Mail-Physical-Delivery-Address-Incorrect" "The postal address is wrong.",
    33 UndeliverableMailPhysicalDeliveryOfficeIncorrectOrInvalid "Undeliverable-Mail-Physical-Delivery-Office-Incorrect-Or-Invalid" "The post office is wrong.",
    34 UndeliverableMailPhysicalDeliveryAddressIncomplete "Undeliverable-Mail-Physical-Delivery-Address-Incomplete" "The postal address is not complete.",
    35 UndeliverableMailRecipientUnknown "Undeliverable-Mail-Recipient-Unknown" "Nobody of that name at the postal address.",
    36 UndeliverableMailRecipientDeceased "Undeliverable-Mail-Recipient-Deceased" "The recipient has died.",
    37 UndeliverableMailOrganizationExpired "Undeliverable-Mail-Organization-Expired" "The organization is no more.",
    38 UndeliverableMailRecipientRefusedToAccept "Undeliverable-Mail-Recipient-Refused-To-Accept" "The recipient refused the letter.",
    39 UndeliverableMailRecipientDidNotClaim "Undeliverable-Mail-Recipient-Did-Not-Claim" "The letter was not collected.",
    40 UndeliverableMailRecipientChangedAddressPermanently "Undeliverable-Mail-Recipient-Changed-Address-Permanently" "The recipient moved for good.",
    41 UndeliverableMailRecipientChangedAddressTemporarily "Undeliverable-Mail-Recipient-Changed-Address-Temporarily" "The recipient moved for a while.",
    42 UndeliverableMailRecipientChangedTemporaryAddress "Undeliverable-Mail-Recipient-Changed-Temporary-Address" "The recipient left the temporary address.",
    43 UndeliverableMailNewAddressUnknown "Undeliverable-Mail-New-Address-Unknown" "The recipient moved, nobody knows where.",
    44 UndeliverableMailRecipientDidNotWantForwarding "Undeliverable-Mail-Recipient-Did-Not-Want-Forwarding" "The recipient does not want it forwarded.",
    45 UndeliverableMailOriginatorProhibitedForwarding "Undeliverable-Mail-Originator-Prohibited-Forwarding" "The originator forbade forwarding.",
    46 SecureMessagingError "Secure-Messaging-Error" "Security services failed.",
    47 UnableToDowngrade "Unable-To-Downgrade" "Cannot be expressed in the older protocol.",
    48 UnableToCompleteTransfer "Unable-To-Complete-Transfer" "Mostly too large for the next MTA.",
    49 TransferAttemptsLimitReached "Transfer-Attempts-Limit-Reached" "Tried often enough.",
    50 IncorrectNotificationType "Incorrect-Notification-Type" "A notification of the wrong kind.",
    51 DlExpansionProhibitedBySecurityPolicy "DL-Expansion-Prohibited-By-Security-Policy" "Security forbids expansion of the list.",
    52 ForbiddenAlternateRecipient "Forbidden-Alternate-Recipient" "Security forbids the alternate recipient.",
    53 SecurityPolicyViolation "Security-Policy-Violation" "Against the security policy.",
    54 SecurityServicesRefusal "Security-Services-Refusal" "The security services cannot be had.",
    55 UnauthorisedDlMember "Unauthorised-DL-Member" "A member of the list is not authorised.",
    56 UnauthorisedDlName "Unauthorised-DL-Name" "The list is not authorised.",
    57 UnauthorisedOriginallyIntendedRecipientName "Unauthorised-Originally-Intended-Recipient-Name" "The first intended recipient is not authorised.",
    58 UnauthorisedOriginatorName "Unauthorised-Originator-Name" "The originator is not authorised.",
    59 UnauthorisedRecipientName "Unauthorised-Recipient-Name" "The recipient is not authorised.",
    60 UnreliableSystem "Unreliable-System" "The next system is not trusted.",
    61 AuthenticationFailureOnSubjectMessage "Authentication-Failure-On-Subject-Message" "The message could not be authenticated.",
    62 DecryptionFailed "Decryption-Failed" "The content could not be decrypted.",
    63 DecryptionKeyUnobtainable "Decryption-Key-Unobtainable" "The key could not be had.",
    64 DoubleEnvelopeCreationFailure "Double-Envelope-Creation-Failure" "A double envelope could not be made.",
    65 DoubleEnvelopingMessageRestoringFailure "Double-Enveloping-Message-Restoring-Failure" "A double envelope could not be opened.",
    66 FailureOfProofOfMessage "Failure-Of-Proof-Of-Message" "Proof could not be given.",
    67 IntegrityFailureOnSubjectMessage "Integrity-Failure-On-Subject-Message" "The message was changed on the way.",
    68 InvalidSecurityLabel "Invalid-Security-Label" "The security label is wrong.",
    69 KeyFailure "Key-Failure" "A key is of no use.",
    70 MandatoryParameterAbsence "Mandatory-Parameter-Absence" "A parameter that security needs is missing.",
    71 OperationSecurityFailure "Operation-Security-Failure" "An operation failed for security reasons.",
    72 RepudiationFailureOfMessage "Repudiation-Failure-Of-Message" "Non-repudiation could not be provided.",
    73 SecurityContextFailure "Security-Context-Failure" "Not within the security context.",
    74 TokenDecryptionFailed "Token-Decryption-Failed" "The token could not be decrypted.",
    75 TokenError "Token-Error" "The token is wrong.",
    76 UnknownSecurityLabel "Unknown-Security-Label" "The security label is not known.",
    77 UnsupportedAlgorithmIdentifier "Unsupported-Algorithm-Identifier" "An algorithm is not supported.",
    78 UnsupportedSecurityPolicy "Unsupported-Security-Policy" "The security policy is not supported.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_agree() {
        for number in 0..=100 {
            assert_eq!(NonDeliveryReason::from_number(number).number(), number);
            assert_eq!(NonDeliveryDiagnostic::from_number(number).number(), number);
        }
        let named = |count: u16| (0..count).collect::<Vec<_>>();
        assert_eq!(REASONS.iter().map(|reason| reason.number()).collect::<Vec<_>>(), named(9));
        assert_eq!(DIAGNOSTICS.iter().map(|code| code.number()).collect::<Vec<_>>(), named(79));
    }

    /// R-40, S-19.
    #[test]
    fn writes_and_reads_diagnostic_codes() {
        let both = "Reason 1 (Unable-To-Transfer); Diagnostic 0 (Unrecognised-ORName)";
        let parsed: NonDelivery = both.parse().unwrap();
        assert_eq!(parsed.diagnostic, Some(NonDeliveryDiagnostic::UnrecognisedOrName));
        assert_eq!(parsed.to_string(), both);
        for text in ["Reason 0 (Transfer-Failure)", "Reason 700 (Unknown); Diagnostic 9000 (Unknown)"] {
            assert_eq!(text.parse::<NonDelivery>().unwrap().to_string(), text);
        }
        let odd = "reason 1\r\n (x); DIAGNOSTIC 0".parse();
        assert_eq!(odd, Ok(parsed));
    }

    #[test]
    fn refuses_other_texts() {
        let texts = [
            "",
            "Reason",
            "Reason x",
            "Reason1 (x)",
            "Reason 1 (x",
            "Reason 1 x",
            "Reason 32768 (x)",
            "Diagnostic 0",
            "Reason 1 (x);",
            "Reason 1 (x); Reason 2 (y)",
            "5.1.1 no such user",
        ];
        for text in texts {
            assert_eq!(text.parse::<NonDelivery>(), Err(NotANonDelivery), "{text:?}");
        }
    }
}
