//! What is found in EDI messages and notifications (X.435).

use rasn_x400::oids;
use rasn_x400::prim::*;
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x435::EdiObject;
use rasn_x400::x435::edi_body::PrimaryBodyPart;
use rasn_x400::x435::edim::{EdiNotificationRequests, Edim};
use rasn_x400::x435::edin::*;
use rasn_x400::x435::reason::*;

use super::found;
use super::samples::{edi, raw};

// ledger: beyond E-02 E-04
#[test]
fn edi_messages() {
    let with = |change: fn(&mut Edim)| {
        let mut message = edi::message();
        change(&mut message);
        EdiObject::Message(message)
    };
    let cases: Vec<(EdiObject, &[&str])> = vec![
        (with(|it| it.heading.recipients = None), &["edim.heading missing"]),
        (
            with(|it| it.heading.application_reference = Some("x".repeat(15).into())),
            &["edim.heading.application-reference bound"],
        ),
        (
            with(|it| it.heading.edi_message_type = Some(vec!["TOOLONG".into()])),
            &["edim.heading.edi-message-type[0] bound"],
        ),
        (
            with(|it| {
                let field = &mut it.heading.heading_extensions.as_mut().unwrap()[0];
                field.kind = oids::MIXER;
            }),
            &["edim.heading.heading-extensions[0] criticality"],
        ),
        (
            with(|it| it.body.primary_body_part = PrimaryBodyPart::Edi(Octets::default())),
            &["edim.body missing"],
        ),
        (
            with(|it| {
                let requests = it.heading.recipients.as_mut().unwrap()[0].edi_notification_requests.as_mut();
                requests.unwrap().edi_notification_requests = EdiNotificationRequests::with(&[3]);
            }),
            &["edim.heading.recipients[0].edi-notification-requests.notifications value"],
        ),
        (
            with(|it| {
                let parts = it.body.additional_body_parts.as_mut().unwrap();
                parts.push(parts[0].clone());
            }),
            &["edim.body.additional-body-parts[1] duplicate"],
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(found(&ContentType::P35, &value), expected, "{value:?}");
    }
}

/// E-05: what is wrong with a notification, and where.
// ledger: beyond E-05
#[test]
fn edi_notifications() {
    let common = |change: fn(&mut EdinCommonFields)| {
        let Edin::Positive(mut it) = edi::notifications().remove(0) else {
            panic!("a positive one is first")
        };
        change(&mut it.common_fields);
        Edin::Positive(it)
    };
    let negative = |change: fn(&mut NegativeReason)| {
        let Edin::Negative(mut it) = edi::notifications().remove(1) else { panic!("a negative one is next") };
        change(&mut it.reason_code);
        Edin::Negative(it)
    };
    let forwarded = |change: fn(&mut ForwardedNotification)| {
        let Edin::Forwarded(mut it) = edi::notifications().remove(4) else {
            panic!("a forwarded one follows")
        };
        change(&mut it);
        Edin::Forwarded(it)
    };
    let user_agent = |basic_code, diagnostic| {
        NegativeReason::UserAgent(NegativeUserAgentReason { basic_code, diagnostic, unknown: vec![] })
    };
    let cases: Vec<(Edin, &[&str])> = vec![
        (
            common(|it| it.subject_edim.user_relative_identifier = "x".repeat(65).into()),
            &["edin.common-fields.subject-edim.user-relative-identifier bound"],
        ),
        (
            common(|it| it.notification_time = X400Time::new("yesterday")),
            &["edin.common-fields.notification-time time"],
        ),
        (common(|it| it.edin_initiator = EdinInitiator(7)), &["edin.common-fields.edin-initiator value"]),
        (
            common(|it| it.notification_extensions.as_mut().unwrap()[0].kind = oids::MIXER),
            &["edin.common-fields.notification-extensions[0] criticality"],
        ),
        (
            common(|it| {
                let elements = it.notification_security_elements.as_mut().unwrap();
                let elements = elements.edi_application_security_elements.as_mut().unwrap();
                elements.edi_application_security_element = Some(NamedBits::from_octets(&[1; 1024]));
            }),
            &["edin.common-fields.notification-security-elements.edi-application-security-element bound"],
        ),
        (
            common(|it| {
                let extensions = it.notification_extensions.as_mut().unwrap();
                extensions.push(extensions[0].clone());
            }),
            &["edin.common-fields.notification-extensions[1] duplicate"],
        ),
        (
            Edin::Negative(NegativeNotification {
                reason_code: user_agent(NegativeUserAgentCode(7), Some(NegativeUserAgentDiagnostic(36))),
                ..match edi::notifications().remove(1) {
                    Edin::Negative(it) => it,
                    other => panic!("{other:?}"),
                }
            }),
            &["edin.nn-reason-code.nn-basic-code value", "edin.nn-reason-code.diagnostic value"],
        ),
        (negative(|it| *it = NegativeReason::Unknown(raw("a7 00"))), &["edin.nn-reason-code unknown"]),
        (
            forwarded(|it| it.supplementary_information = Some("x".repeat(257).into())),
            &["edin.supplementary-information bound"],
        ),
        (
            forwarded(|it| it.extensions.as_mut().unwrap()[0].kind = oids::MIXER),
            &["edin.fn-extensions[0] criticality"],
        ),
        (
            forwarded(|it| {
                if let ForwardedReason::UserAgent(reason) = &mut it.reason_code {
                    reason.diagnostic = Some(3);
                }
            }),
            &["edin.fn-reason-code.diagnostic value"],
        ),
    ];
    for (value, expected) in cases {
        let notification = EdiObject::Notification(value);
        assert_eq!(found(&ContentType::P35, &notification), expected, "{notification:?}");
    }
}
