//! The extensions of the standard: number, name, value, where they stand, and where they must be understood.

use super::value::{
    ContentCorrelatorValue, DlExpansion, OriginatorOrDl, Prohibited, Redirection, ReportingMta, Requested,
};
use super::{Criticality, Extension};
use crate::ber::Error;
use crate::prim::{ListAsSet, Oid, RawTlv, TeletexString, X400Time};
use crate::x411::address::{OrAddress, OrName};
use crate::x411::physical::{DeliveryMethod, DeliveryModes, PhysicalReport, RegisteredMail};
use crate::x411::security::{
    AlgorithmIdentifier, CertificateSelectors, Certificates, ExtendedCertificates, SecurityLabel, Signature,
    Token,
};
use crate::x411::trace::{InternalTraceInformation, TaggedTrace};
use crate::x420::heading::RecipientSpecifier;
use crate::x420::ipm_security::{BodyPartTokens, ForwardedContentTokens};

/// Where an extension stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// With the fields of a message.
    Message,
    /// With the fields of one recipient of a message.
    MessageRecipient,
    /// With the fields of a probe.
    Probe,
    /// With the fields of one recipient of a probe.
    ProbeRecipient,
    /// In the envelope of a report.
    ReportEnvelope,
    /// In the content of a report.
    ReportContent,
    /// With the fields of one recipient in the content of a report.
    ReportRecipient,
}

impl Position {
    /// What stands there, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Message => "a message",
            Self::MessageRecipient => "a recipient of a message",
            Self::Probe => "a probe",
            Self::ProbeRecipient => "a recipient of a probe",
            Self::ReportEnvelope => "the envelope of a report",
            Self::ReportContent => "the content of a report",
            Self::ReportRecipient => "a recipient of a report",
        }
    }
}

/// What the standard says of one of its extensions.
#[derive(Debug, Clone, Copy)]
pub struct Standard {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: &'static str,
    /// Where it stands in P1; nowhere for what only users and message stores tell each other.
    pub positions: &'static [Position],
    /// Where the standard recommends that it must be understood, as bits of [`Criticality`].
    pub criticality: &'static [usize],
    /// The clause that defines its value.
    pub clause: &'static str,
    /// Whether a value is of the extension's type.
    pub check: fn(&RawTlv) -> Result<(), Error>,
}

impl Standard {
    /// The extension of that number.
    #[must_use]
    pub fn by_number(number: i64) -> Option<&'static Self> {
        STANDARD.iter().find(|standard| standard.number == number)
    }
}

/// Declares extensions: marker, number and name, value type, positions, recommended criticality, clause.
macro_rules! extensions {
    ($(
        $(#[$meta:meta])*
        $name:ident = $number:literal $label:literal: $value:ty, [$($position:ident),*], [$($bit:ident),*], $clause:literal;
    )*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl Extension for $name {
                const NUMBER: i64 = $number;
                const CRITICALITY: &'static [usize] = &[$(Criticality::$bit),*];
                type Value = $value;
            }
        )*

        /// Every extension of the standard, by number (X.411 9.2 and 12.2, X.420, X.413; ledger A-18).
        pub const STANDARD: &[Standard] = &[$(Standard {
            number: $number,
            name: $label,
            positions: &[$(Position::$position),*],
            criticality: &[$(Criticality::$bit),*],
            clause: $clause,
            check: |value| value.get::<$value>().map(drop),
        },)*];
    };
}

extensions! {
    /// The originator forbids giving the message to somebody else.
    RecipientReassignmentProhibited = 1 "recipient-reassignment-prohibited": Prohibited,
        [Message, Probe], [FOR_DELIVERY], "X.411 9.2";
    /// Who gets it when the recipient cannot.
    OriginatorRequestedAlternateRecipient = 2 "originator-requested-alternate-recipient": OrName,
        [MessageRecipient, ProbeRecipient], [FOR_SUBMISSION], "X.411 9.2";
    /// The originator forbids expansion of lists.
    DlExpansionProhibited = 3 "dl-expansion-prohibited": Prohibited,
        [Message, Probe], [FOR_DELIVERY], "X.411 9.2";
    /// The originator forbids conversions that lose information.
    ConversionWithLossProhibited = 4 "conversion-with-loss-prohibited": Prohibited,
        [Message, Probe], [FOR_DELIVERY], "X.411 9.2";
    /// After this the message is worthless.
    LatestDeliveryTime = 5 "latest-delivery-time": X400Time,
        [Message], [FOR_DELIVERY], "X.411 9.2";
    /// How the recipient prefers to get it, best first, each way once.
    RequestedDeliveryMethod = 6 "requested-delivery-method": Vec<DeliveryMethod>,
        [MessageRecipient, ProbeRecipient], [], "X.411 9.2";
    /// Physical delivery: not to be forwarded by post.
    PhysicalForwardingProhibited = 7 "physical-forwarding-prohibited": Prohibited,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Physical delivery: report the forwarding address.
    PhysicalForwardingAddressRequest = 8 "physical-forwarding-address-request": Requested,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Physical delivery: ordinary mail, express, ….
    PhysicalDeliveryModes = 9 "physical-delivery-modes": DeliveryModes,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Physical delivery: registered mail.
    RegisteredMailType = 10 "registered-mail-type": RegisteredMail,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Physical delivery: telephone number to call, 1 to 32 octets of T.61.
    RecipientNumberForAdvice = 11 "recipient-number-for-advice": TeletexString,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Physical delivery: how to print it.
    PhysicalRenditionAttributes = 12 "physical-rendition-attributes": Oid,
        [MessageRecipient, ProbeRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Where physical mail goes back to.
    OriginatorReturnAddress = 13 "originator-return-address": OrAddress,
        [Message], [], "X.411 9.2";
    /// Physical delivery: which report is wanted.
    PhysicalDeliveryReportRequest = 14 "physical-delivery-report-request": PhysicalReport,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// The originator's certificate.
    OriginatorCertificate = 15 "originator-certificate": Certificates,
        [Message, Probe], [], "X.411 9.2";
    /// Security elements for one recipient.
    MessageToken = 16 "message-token": Token,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// How the content is encrypted.
    ContentConfidentialityAlgorithm = 17 "content-confidentiality-algorithm-identifier": AlgorithmIdentifier,
        [Message], [FOR_DELIVERY], "X.411 9.2";
    /// Lets a recipient see whether the content is what was sent.
    ContentIntegrityCheck = 18 "content-integrity-check": Signature,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Lets everybody see who sent a message.
    MessageOriginAuthenticationCheck = 19 "message-origin-authentication-check": Signature,
        [Message], [FOR_DELIVERY], "X.411 9.2";
    /// How sensitive a message, probe or report is.
    MessageSecurityLabel = 20 "message-security-label": SecurityLabel,
        [Message, Probe, ReportEnvelope], [FOR_DELIVERY], "X.411 9.2";
    /// A proof of submission is wanted; between a user and its MTA only.
    ProofOfSubmissionRequest = 21 "proof-of-submission-request": Requested,
        [], [FOR_SUBMISSION], "X.411 9.2";
    /// A proof of delivery is wanted.
    ProofOfDeliveryRequest = 22 "proof-of-delivery-request": Requested,
        [MessageRecipient], [FOR_DELIVERY], "X.411 9.2";
    /// Lets the originator tell what a report is about, at most 512 octets.
    ContentCorrelator = 23 "content-correlator": ContentCorrelatorValue,
        [Message, Probe, ReportContent], [], "X.411 9.2";
    /// Lets everybody see who sent a probe.
    ProbeOriginAuthenticationCheck = 24 "probe-origin-authentication-check": Signature,
        [Probe], [FOR_DELIVERY], "X.411 9.2";
    /// Who the message was meant for before, oldest first; at most 512.
    RedirectionHistory = 25 "redirection-history": Vec<Redirection>,
        [MessageRecipient, ProbeRecipient, ReportEnvelope, ReportRecipient], [], "X.411 9.2";
    /// Which lists the message went through, oldest first; at most 512.
    DlExpansionHistory = 26 "dl-expansion-history": Vec<DlExpansion>,
        [Message], [], "X.411 9.2";
    /// Where physical mail was forwarded to.
    PhysicalForwardingAddress = 27 "physical-forwarding-address": OrName,
        [ReportRecipient], [], "X.411 9.2";
    /// The recipient's certificate.
    RecipientCertificate = 28 "recipient-certificate": Certificates,
        [MessageRecipient, ReportRecipient], [], "X.411 9.2";
    /// Proves that a message was delivered.
    ProofOfDelivery = 29 "proof-of-delivery": Signature,
        [ReportRecipient], [], "X.411 9.2";
    /// The originator and the lists a message went through, in a report; 2 to 513.
    OriginatorAndDlExpansionHistory = 30 "originator-and-DL-expansion-history": Vec<OriginatorOrDl>,
        [ReportEnvelope], [], "X.411 9.2";
    /// The list that made a report.
    ReportingDlName = 31 "reporting-DL-name": OrName,
        [ReportEnvelope], [], "X.411 9.2";
    /// The certificate of the MTA that made a report.
    ReportingMtaCertificate = 32 "reporting-MTA-certificate": Certificates,
        [ReportEnvelope], [FOR_DELIVERY], "X.411 9.2";
    /// Lets everybody see who made a report.
    ReportOriginAuthenticationCheck = 33 "report-origin-authentication-check": Signature,
        [ReportEnvelope], [FOR_DELIVERY], "X.411 9.2";
    /// The certificate of the MTA that took a message; between a user and its MTA only.
    OriginatingMtaCertificate = 34 "originating-MTA-certificate": Certificates,
        [], [], "X.411 9.2";
    /// Proves that a message was submitted; between a user and its MTA only.
    ProofOfSubmission = 35 "proof-of-submission": Signature,
        [], [], "X.411 9.2";
    /// A message in the store is to be sent on; between a user and its store only. As it came.
    ForwardingRequest = 36 "forwarding-request": RawTlv,
        [], [], "X.413 6";
    /// The trace, as a user is told it on delivery.
    DeliveryTraceInformation = 37 "trace-information": TaggedTrace,
        [], [], "X.411 12.2";
    /// Which MTAs the message passed, oldest first.
    InternalTrace = 38 "internal-trace-information": InternalTraceInformation,
        [Message, Probe, ReportEnvelope], [], "X.411 12.2";
    /// The MTA that made a report.
    ReportingMtaName = 39 "reporting-MTA-name": ReportingMta,
        [ReportEnvelope], [], "X.411 9.2";
    /// The originator's certificates, when there are several; at most 64.
    MultipleOriginatorCertificates = 40 "multiple-originator-certificates": ExtendedCertificates,
        [Message], [], "X.411 9.2";
    /// Recipients that only this recipient is told of.
    BlindCopyRecipients = 41 "blind-copy-recipients": Vec<RecipientSpecifier>,
        [MessageRecipient], [], "X.420 Annex D";
    /// Lists the message is not to reach again.
    DlExemptedRecipients = 42 "dl-exempted-recipients": ListAsSet<OrName>,
        [Message], [], "X.411 9.2";
    /// Keys of encrypted body parts for one recipient.
    BodyPartEncryptionToken = 43 "body-part-encryption-token": BodyPartTokens,
        [MessageRecipient], [FOR_DELIVERY], "X.420 Annex D";
    /// Tokens of forwarded contents for one recipient.
    ForwardedContentToken = 44 "forwarded-content-token": ForwardedContentTokens,
        [MessageRecipient], [FOR_DELIVERY], "X.420 Annex D";
    /// Which certificates are to be used for what.
    MessageCertificateSelectors = 45 "certificate-selectors": CertificateSelectors,
        [Message], [], "X.411 9.2";
    /// The same for one recipient.
    CertificateSelectorsOverride = 46 "certificate-selectors-override": CertificateSelectors,
        [MessageRecipient], [], "X.411 9.2";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// a number and a name for each, from 1 without a gap, and criticality only where the value is for somebody.
    #[test]
    fn the_catalogue_is_complete_and_in_order() {
        let numbers: Vec<_> = STANDARD.iter().map(|standard| standard.number).collect();
        assert_eq!(numbers, (1..=46).collect::<Vec<_>>());
        let names: std::collections::BTreeSet<_> = STANDARD.iter().map(|standard| standard.name).collect();
        assert_eq!(names.len(), 46);
        assert_eq!(Standard::by_number(23).map(|standard| standard.name), Some("content-correlator"));
        assert!(Standard::by_number(0).is_none() && Standard::by_number(47).is_none());
    }

    /// how many there are at each place.
    #[test]
    fn positions_are_those_of_the_standard() {
        let at = |position| {
            STANDARD
                .iter()
                .filter(|standard| standard.positions.contains(&position))
                .map(|standard| standard.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(at(Position::Message), [1, 3, 4, 5, 13, 15, 17, 19, 20, 23, 26, 38, 40, 42, 45]);
        assert_eq!(
            at(Position::MessageRecipient),
            [2, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 22, 25, 28, 41, 43, 44, 46]
        );
        assert_eq!(at(Position::Probe), [1, 3, 4, 15, 20, 23, 24, 38]);
        assert_eq!(at(Position::ProbeRecipient), [2, 6, 12, 25]);
        assert_eq!(at(Position::ReportEnvelope), [20, 25, 30, 31, 32, 33, 38, 39]);
        assert_eq!(at(Position::ReportContent), [23]);
        assert_eq!(at(Position::ReportRecipient), [25, 27, 28, 29]);
    }
}
