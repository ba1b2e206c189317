//! The bounds of X.420 Annex K: each is kept at its value, and broken one above.

use rasn_x400::ber;
use rasn_x400::validate::{Severity, content};
use rasn_x400::x411::address::{OrName, UniversalOrBmp, text};
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::distribution::{
    CirculationListRecipients, CirculationMember, DistributionCode, DistributionCodes, InformationCategories,
    InformationCategory,
};
use rasn_x400::x420::heading::{
    ExtendedSubject, Heading, HeadingExtension as _, HeadingExtensionField, IpmIdentifier,
    ManualHandlingInstructions, OrDescriptor, OriginatorsReference, Precedence, RecipientSpecifier,
};
use rasn_x400::x420::notification::{Ipn, NonReceiptFields, NonReceiptReason, NotificationChoice};
use rasn_x400::x420::{InformationObject, Ipm};

/// A content with something of this length or number, or with this value.
type Made<'a> = &'a dyn Fn(usize) -> InformationObject;

fn person() -> OrDescriptor {
    let name: OrName = text::parse("/S=kim/O=acme/ADMD=a/C=GB/").unwrap().to_or_name().unwrap();
    OrDescriptor { formal_name: Some(name), ..OrDescriptor::default() }
}

fn identifier(local: &str) -> IpmIdentifier {
    IpmIdentifier { user: None, user_relative_identifier: local.into(), unknown: Vec::new() }
}

fn to(recipient: OrDescriptor) -> RecipientSpecifier {
    RecipientSpecifier { recipient, ..RecipientSpecifier::default() }
}

/// A message with nothing wrong in it, changed.
fn with(change: impl FnOnce(&mut Heading)) -> InformationObject {
    let mut heading = Heading {
        this_ipm: identifier("1"),
        originator: Some(person()),
        primary_recipients: Some(vec![to(person())]),
        ..Heading::default()
    };
    change(&mut heading);
    let body = vec![BodyPart::Ia5Text(Ia5Text { data: "Hello.\r\n".into(), ..Ia5Text::default() })];
    InformationObject::Ipm(Ipm { heading, body })
}

fn extension(field: HeadingExtensionField) -> InformationObject {
    with(|heading| heading.extensions = vec![field])
}

fn comment(length: usize) -> InformationObject {
    let fields = NonReceiptFields {
        non_receipt_reason: NonReceiptReason::IPM_AUTO_FORWARDED,
        discard_reason: None,
        auto_forward_comment: Some("x".repeat(length).as_str().into()),
        returned_ipm: None,
        nrn_extensions: Vec::new(),
        unknown: Vec::new(),
    };
    InformationObject::Ipn(Ipn {
        subject_ipm: identifier("1"),
        ipn_originator: Some(person()),
        ipm_intended_recipient: None,
        conversion_eits: None,
        notification_extensions: Vec::new(),
        choice: NotificationChoice::NonReceipt(fields),
        unknown: Vec::new(),
    })
}

/// Place and rule of each violation that is worse than a notice.
fn found(value: &InformationObject) -> Vec<String> {
    let octets = ber::encode(value).unwrap();
    let violations = content(&ContentType::P22, &octets);
    let violations = violations.iter().filter(|violation| violation.severity > Severity::Notice);
    violations.map(|violation| format!("{} {}", violation.place, violation.rule)).collect()
}

// ledger: beyond A-25
#[test]
fn bounds_of_x420() {
    let words = |length| UniversalOrBmp::from_text(&"x".repeat(length));
    let code =
        |length| DistributionCode { alphanumeric_code: Some(words(length)), ..DistributionCode::default() };
    let category =
        |length| InformationCategory { description: Some(words(length)), ..InformationCategory::default() };
    let member =
        || CirculationMember { circulation_recipient: to(person()), checked: None, unknown: Vec::new() };
    let cases: [(usize, &str, Made<'_>); 15] = [
        (64, "ipm.heading.this-IPM.user-relative-identifier", &|length| {
            with(|heading| heading.this_ipm = identifier(&"x".repeat(length)))
        }),
        (128, "ipm.heading.subject", &|length| {
            with(|heading| heading.subject = Some("x".repeat(length).as_str().into()))
        }),
        (64, "ipm.heading.originator.free-form-name", &|length| {
            let name = Some("x".repeat(length).as_str().into());
            with(|heading| heading.originator = Some(OrDescriptor { free_form_name: name, ..person() }))
        }),
        (32, "ipm.heading.originator.telephone-number", &|length| {
            let number = Some("1".repeat(length).as_str().into());
            with(|heading| heading.originator = Some(OrDescriptor { telephone_number: number, ..person() }))
        }),
        (256, "ipn.non-receipt-fields.auto-forward-comment", &comment),
        (256, "ipm.heading.extensions[0].value.characters", &|length| {
            extension(ExtendedSubject::field(&words(length)).unwrap())
        }),
        (64, "ipm.heading.extensions[0].value.characters", &|length| {
            extension(OriginatorsReference::field(&words(length)).unwrap())
        }),
        (16, "ipm.heading.extensions[0].value.instructions", &|count| {
            extension(ManualHandlingInstructions::field(&vec![words(1); count]).unwrap())
        }),
        (128, "ipm.heading.extensions[0].value.instructions[0].characters", &|length| {
            extension(ManualHandlingInstructions::field(&vec![words(length)]).unwrap())
        }),
        (16, "ipm.heading.extensions[0].value.codes", &|count| {
            extension(DistributionCodes::field(&vec![code(1); count]).unwrap())
        }),
        (16, "ipm.heading.extensions[0].value.codes[0].alphanumeric-code.characters", &|length| {
            extension(DistributionCodes::field(&vec![code(length)]).unwrap())
        }),
        (16, "ipm.heading.extensions[0].value.categories", &|count| {
            extension(InformationCategories::field(&vec![category(1); count]).unwrap())
        }),
        (64, "ipm.heading.extensions[0].value.categories[0].description.characters", &|length| {
            extension(InformationCategories::field(&vec![category(length)]).unwrap())
        }),
        (256, "ipm.heading.extensions[0].value.members", &|count| {
            extension(CirculationListRecipients::field(&vec![member(); count]).unwrap())
        }),
        (127, "ipm.heading.primary-recipients[0].recipient-extensions[0].value.value", &|precedence| {
            let field = Precedence::field(&i64::try_from(precedence).unwrap()).unwrap();
            with(|heading| {
                let recipient = RecipientSpecifier { extensions: vec![field], ..to(person()) };
                heading.primary_recipients = Some(vec![recipient]);
            })
        }),
    ];
    for (bound, place, made) in cases {
        assert_eq!(found(&made(bound)), [""; 0], "{place}: {bound}");
        assert_eq!(found(&made(bound + 1)), [format!("{place} bound")], "{bound}");
    }
}
