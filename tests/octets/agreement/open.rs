//! What stands in open types: extensions, attributes of addresses, heading extensions, parameters and data of body parts. The
//! types keep it as it came; here it is put in its place as the type that it has.

use std::fmt::Debug;

use rasn::Decode;
use rasn_x400::ber;
use rasn_x400::prim::{Oid, PrintableString, TeletexString};
use rasn_x400::stanag4406::military_body::*;
use rasn_x400::stanag4406::mmhs::*;
use rasn_x400::x411::address::*;
use rasn_x400::x411::extension::*;
use rasn_x400::x420::distribution::*;
use rasn_x400::x420::extended_body::*;
use rasn_x400::x420::heading::*;
use rasn_x400::x420::notification::{AbsenceAdvice, ChangeOfAddressAdvice};

use super::shape::{self, Shape};

/// What prints octets as a value of one type, if they are one.
type Printer = fn(&[u8]) -> Option<String>;

/// An element as one type, as it is printed.
pub(crate) fn printed<T: Decode + Debug>(octets: &[u8]) -> Option<String> {
    ber::decode::<T>(octets, octets.len()).ok().map(|value| format!("{value:?}"))
}

fn extension<T: Extension>() -> (i64, Printer)
where
    T::Value: Debug,
{
    (T::NUMBER, printed::<T::Value>)
}

fn heading_extension<T: HeadingExtension>() -> (Oid, Printer)
where
    T::Value: Debug,
{
    (T::ID, printed::<T::Value>)
}

fn body_part<T: ExtendedBodyPart>() -> [(Option<Oid>, Printer); 2]
where
    T::Parameters: Debug,
    T::Data: Debug,
{
    [(Some(T::KIND), printed::<T::Data>), (T::PARAMETERS, printed::<T::Parameters>)]
}

/// The values of extensions; those of which only the octets are kept are left out.
fn extensions() -> Vec<(i64, Printer)> {
    vec![
        extension::<RecipientReassignmentProhibited>(),
        extension::<OriginatorRequestedAlternateRecipient>(),
        extension::<DlExpansionProhibited>(),
        extension::<ConversionWithLossProhibited>(),
        extension::<LatestDeliveryTime>(),
        extension::<RequestedDeliveryMethod>(),
        extension::<PhysicalForwardingProhibited>(),
        extension::<PhysicalForwardingAddressRequest>(),
        extension::<PhysicalDeliveryModes>(),
        extension::<RegisteredMailType>(),
        extension::<RecipientNumberForAdvice>(),
        extension::<PhysicalRenditionAttributes>(),
        extension::<OriginatorReturnAddress>(),
        extension::<PhysicalDeliveryReportRequest>(),
        extension::<OriginatorCertificate>(),
        extension::<MessageToken>(),
        extension::<ContentConfidentialityAlgorithm>(),
        extension::<ContentIntegrityCheck>(),
        extension::<MessageOriginAuthenticationCheck>(),
        extension::<MessageSecurityLabel>(),
        extension::<ProofOfSubmissionRequest>(),
        extension::<ProofOfDeliveryRequest>(),
        extension::<ContentCorrelator>(),
        extension::<ProbeOriginAuthenticationCheck>(),
        extension::<RedirectionHistory>(),
        extension::<DlExpansionHistory>(),
        extension::<PhysicalForwardingAddress>(),
        extension::<RecipientCertificate>(),
        extension::<ProofOfDelivery>(),
        extension::<OriginatorAndDlExpansionHistory>(),
        extension::<ReportingDlName>(),
        extension::<ReportingMtaCertificate>(),
        extension::<ReportOriginAuthenticationCheck>(),
        extension::<OriginatingMtaCertificate>(),
        extension::<ProofOfSubmission>(),
        extension::<DeliveryTraceInformation>(),
        extension::<InternalTrace>(),
        extension::<ReportingMtaName>(),
        extension::<MultipleOriginatorCertificates>(),
        extension::<BlindCopyRecipients>(),
        extension::<DlExemptedRecipients>(),
        extension::<MessageCertificateSelectors>(),
        extension::<CertificateSelectorsOverride>(),
    ]
}

/// The values of extension attributes (X.411 8.5.5).
fn attribute(number: i64) -> Option<Printer> {
    Some(match number {
        1 | 7 => printed::<PrintableString>,
        2 | 3 => printed::<TeletexString>,
        4 => printed::<TeletexPersonalName>,
        5 => printed::<Vec<TeletexString>>,
        6 => printed::<Vec<TeletexDomainDefinedAttribute>>,
        8 | 9 => printed::<DomainName>,
        16 => printed::<UnformattedPostalAddress>,
        10..=21 => printed::<PdsParameter>,
        22 => printed::<ExtendedNetworkAddress>,
        23 => printed::<i64>,
        26 => printed::<UniversalPersonalName>,
        27 => printed::<Vec<UniversalOrBmp>>,
        28 => printed::<Vec<UniversalDomainDefinedAttribute>>,
        24..=40 => printed::<UniversalOrBmp>,
        _ => return None,
    })
}

fn heading_extensions() -> Vec<(Oid, Printer)> {
    vec![
        heading_extension::<IncompleteCopy>(),
        heading_extension::<Languages>(),
        heading_extension::<AutoSubmitted>(),
        heading_extension::<AuthorizationTime>(),
        heading_extension::<ExtendedSubject>(),
        heading_extension::<ManualHandlingInstructions>(),
        heading_extension::<OriginatorsReference>(),
        heading_extension::<PrecedencePolicyIdentifier>(),
        heading_extension::<CirculationListIndicator>(),
        heading_extension::<Precedence>(),
        heading_extension::<Rfc822Field>(),
        heading_extension::<Rfc1327Field>(),
        heading_extension::<Rfc1148Field>(),
        heading_extension::<PartialMessage>(),
        heading_extension::<MultipartMessageV1>(),
        heading_extension::<MultipartMessage>(),
        heading_extension::<AbsenceAdvice>(),
        heading_extension::<ChangeOfAddressAdvice>(),
        heading_extension::<CirculationListRecipients>(),
        heading_extension::<DistributionCodes>(),
        heading_extension::<InformationCategories>(),
        heading_extension::<PrimaryPrecedence>(),
        heading_extension::<CopyPrecedence>(),
        heading_extension::<MessageType>(),
        heading_extension::<AddressListIndicator>(),
        heading_extension::<ExemptedAddresses>(),
        heading_extension::<ExtendedAuthorisationInfo>(),
        heading_extension::<MilitaryDistributionCodes>(),
        heading_extension::<HandlingInstructions>(),
        heading_extension::<MessageInstructions>(),
        heading_extension::<CodressMessage>(),
        heading_extension::<OriginatorReference>(),
        heading_extension::<OtherRecipientsIndicator>(),
        heading_extension::<PilotForwardingInfo>(),
        heading_extension::<Acp127MessageIdentifier>(),
        heading_extension::<OriginatorPlad>(),
        heading_extension::<Acp127NotificationRequest>(),
        heading_extension::<Acp127NotificationResponse>(),
        heading_extension::<SecurityInformationLabels>(),
    ]
}

fn body_parts() -> Vec<(Option<Oid>, Printer)> {
    [
        body_part::<ExtendedIa5Text>(),
        body_part::<ExtendedG3Facsimile>(),
        body_part::<ExtendedTeletex>(),
        body_part::<ExtendedVideotex>(),
        body_part::<ExtendedEncrypted>(),
        body_part::<ExtendedMessage>(),
        body_part::<ExtendedBilaterallyDefined>(),
        body_part::<GeneralText>(),
        body_part::<FileTransfer>(),
        body_part::<ForwardedReport>(),
        body_part::<ForwardedNotification>(),
        body_part::<ExtendedVoice>(),
        body_part::<Adatp3>(),
        body_part::<Corrections>(),
        body_part::<ForwardedEncrypted>(),
        body_part::<MilitaryMessage>(),
        body_part::<Acp127Data>(),
    ]
    .concat()
}

/// What prints the value in a struct that names its type.
fn printer(name: &str, fields: &[(String, Shape)]) -> Option<Printer> {
    let key = |field: &str| fields.iter().find(|(own, _)| own == field).and_then(|(_, kind)| word(kind));
    match name {
        "ExtensionField" => {
            let number: i64 = key("kind")?.parse().ok()?;
            extensions().into_iter().find(|(own, _)| *own == number).map(|(_, printer)| printer)
        }
        "ExtensionAttributeField" => attribute(key("kind")?.parse().ok()?),
        "HeadingExtensionField" => {
            let oid = key("kind")?;
            heading_extensions()
                .into_iter()
                .find(|(own, _)| own.to_string() == oid)
                .map(|(_, printer)| printer)
        }
        "External" => {
            let oid = key("direct_reference")?;
            let is_it = |own: &Option<Oid>| own.as_ref().is_some_and(|own| own.to_string() == oid);
            body_parts().into_iter().find(|(own, _)| is_it(own)).map(|(_, printer)| printer)
        }
        _ => None,
    }
}

/// The only word in something.
fn word(shape: &Shape) -> Option<String> {
    match shape {
        Shape::Word(word) => Some(word.clone()),
        Shape::Tuple(_, inner) => inner.first().and_then(word),
        _ => None,
    }
}

/// The values in open types in the place of their octets.
pub(crate) fn filled(shape: Shape) -> Shape {
    match shape {
        Shape::Struct(name, fields) => {
            let printer = printer(&name, &fields);
            let fields = fields.into_iter().map(|(field, value)| {
                let read = printer.filter(|_| matches!(field.as_str(), "value" | "encoding"));
                let value = match read {
                    Some(printer) => with_value(value, printer),
                    None => filled(value),
                };
                (field, value)
            });
            Shape::Struct(name, fields.collect())
        }
        Shape::Tuple(name, inner) => Shape::Tuple(name, inner.into_iter().map(filled).collect()),
        Shape::List(items) => Shape::List(items.into_iter().map(filled).collect()),
        other => other,
    }
}

/// The value in the place of its octets, or the octets if they are something else.
fn with_value(shape: Shape, printer: Printer) -> Shape {
    match shape {
        Shape::Tuple(name, inner) if name == "RawTlv" => {
            let read =
                inner.first().and_then(word).and_then(|digits| printer(&super::samples::octets(&digits)));
            match read {
                // What is kept as it came once more is not looked into again.
                Some(printed) => match shape::read(&printed) {
                    Shape::Tuple(again, inner) if again == "RawTlv" => Shape::Tuple(again, inner),
                    value => filled(value),
                },
                None => Shape::Tuple(name, inner),
            }
        }
        Shape::Tuple(name, inner) => {
            Shape::Tuple(name, inner.into_iter().map(|inner| with_value(inner, printer)).collect())
        }
        other => other,
    }
}
