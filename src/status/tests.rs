//! Every row of the ledger, as the ledger writes it: `reason/diagnostic`, `–` for none.

use super::*;

/// X.400 to status.
const R: &[(&str, &str, &str)] = &[
    ("R-71.0", "0/–", "4.4.0"),
    ("R-71.1", "1/–", "5.0.0"),
    ("R-71.2", "2/–", "5.6.3"),
    ("R-71.3", "3/–", "5.6.0"),
    ("R-71.4", "4/–", "5.1.0"),
    ("R-71.5", "5/–", "5.7.1"),
    ("R-71.6", "6/–", "5.4.3"),
    ("R-71.7", "7/–", "5.3.3"),
    ("R-72.0", "1/0", "5.1.1"),
    ("R-72.1", "1/1", "5.1.4"),
    ("R-72.2", "1/2", "4.3.1"),
    ("R-72.3", "1/3", "5.4.6"),
    ("R-72.4", "1/4", "4.2.1"),
    ("R-72.5", "1/5", "4.4.7"),
    ("R-72.6", "1/6", "5.6.1"),
    ("R-72.7", "1/7", "5.2.3"),
    ("R-72.8", "2/8", "5.6.3"),
    ("R-72.9", "2/9", "5.6.3"),
    ("R-72.10", "1/10", "5.6.3"),
    ("R-72.11", "1/11", "5.5.2"),
    ("R-72.12", "1/12", "5.5.2"),
    ("R-72.13", "1/13", "5.5.2"),
    ("R-72.14", "1/14", "5.5.0"),
    ("R-72.15", "1/15", "5.6.1"),
    ("R-72.16", "1/16", "5.5.3"),
    ("R-72.17", "1/17", "5.4.4"),
    ("R-72.18", "1/18", "5.3.3"),
    ("R-72.19", "2/19", "5.6.2"),
    ("R-72.20", "2/20", "5.6.0"),
    ("R-72.21", "2/21", "5.6.0"),
    ("R-72.22", "2/22", "5.6.2"),
    ("R-72.23", "2/23", "5.6.2"),
    ("R-72.24", "2/24", "5.6.2"),
    ("R-72.25", "2/25", "5.6.2"),
    ("R-72.26", "1/26", "5.4.0"),
    ("R-72.27", "1/27", "5.4.6"),
    ("R-72.28", "1/28", "5.7.2"),
    ("R-72.29", "1/29", "5.7.1"),
    ("R-72.30", "1/30", "4.2.4"),
    ("R-72.31", "4/31", "5.6.0"),
    ("R-72.32", "4/32", "5.1.0"),
    ("R-72.32", "4/33", "5.1.0"),
    ("R-72.32", "4/34", "5.1.0"),
    ("R-72.32", "4/35", "5.1.0"),
    ("R-72.32", "4/36", "5.1.0"),
    ("R-72.32", "4/37", "5.1.0"),
    ("R-72.32", "4/38", "5.1.0"),
    ("R-72.32", "4/39", "5.1.0"),
    ("R-72.32", "4/40", "5.1.0"),
    ("R-72.32", "4/41", "5.1.0"),
    ("R-72.32", "4/42", "5.1.0"),
    ("R-72.32", "4/43", "5.1.0"),
    ("R-72.32", "4/44", "5.1.0"),
    ("R-72.45", "4/45", "5.1.0"),
    ("R-72.43", "1/43", "5.1.6"),
    ("R-72.46", "1/46", "5.7.0"),
    ("R-72.47", "2/47", "5.3.3"),
    ("R-72.48", "0/48", "5.3.4"),
    ("R-72.49", "0/49", "4.4.7"),
    // R-70, Z-36: the diagnostic's own row, then the reason's; an unknown reason counts as 1.
    ("R-70", "0/2", "4.3.1"),
    ("R-70", "1/9", "5.6.3"),
    ("R-70", "0/43", "5.1.6"),
    ("R-70", "2/50", "5.6.3"),
    ("R-70", "0/999", "4.4.0"),
    ("R-70", "99/–", "5.0.0"),
    ("R-70", "99/999", "5.0.0"),
    ("R-70", "99/0", "5.1.1"),
];

/// Y-20: what later editions of X.411 added; with the table of RFC 2156 alone the reason decides.
const Y_20: &[(&str, &str, &str)] = &[
    ("8/–", "5.7.0", "5.0.0"),
    ("1/50", "5.0.0", "5.0.0"),
    ("1/51", "5.7.2", "5.0.0"),
    ("1/52", "5.4.0", "5.0.0"),
    ("1/53", "5.7.0", "5.0.0"),
    ("1/54", "5.7.0", "5.0.0"),
    ("1/55", "5.7.1", "5.0.0"),
    ("1/59", "5.7.1", "5.0.0"),
    ("0/60", "5.7.0", "4.4.0"),
    ("8/78", "5.7.0", "5.0.0"),
    ("1/79", "5.0.0", "5.0.0"),
];

/// S-41 to S-49: status to X.400.
const S: &[(&str, &str, &str)] = &[
    ("S-41.00", "5.0.0", "1/–"),
    ("S-41.0", "5.1.0", "1/–"),
    ("S-41.1", "5.1.1", "1/0"),
    ("S-41.2", "5.1.2", "1/0"),
    ("S-41.3", "5.1.3", "1/0"),
    ("S-41.4", "5.1.4", "1/1"),
    // S-41.5 and S-46.4 are for successes; on a failure they count as x.n.0.
    ("S-41.5", "5.1.5", "1/–"),
    ("S-41.6", "5.1.6", "1/43"),
    ("S-41.7", "5.1.7", "1/11"),
    ("S-41.8", "5.1.8", "1/11"),
    ("S-42.0", "5.2.0", "1/–"),
    ("S-42.1", "5.2.1", "1/4"),
    ("S-42.2", "5.2.2", "1/4"),
    ("S-42.3", "5.2.3", "1/7"),
    ("S-42.4", "5.2.4", "1/30"),
    ("S-43.0", "5.3.0", "0/–"),
    ("S-43.1", "5.3.1", "1/2"),
    ("S-43.2", "5.3.2", "1/2"),
    ("S-43.3", "5.3.3", "1/18"),
    ("S-43.4", "5.3.4", "1/7"),
    ("S-43.5", "5.3.5", "1/–"),
    ("S-44.0", "5.4.0", "0/–"),
    ("S-44.1", "5.4.1", "0/–"),
    ("S-44.2", "5.4.2", "0/–"),
    ("S-44.3", "5.4.3", "6/–"),
    ("S-44.4", "5.4.4", "0/–"),
    ("S-44.5", "5.4.5", "1/2"),
    ("S-44.6", "5.4.6", "1/3"),
    ("S-44.7", "4.4.7", "1/5"),
    ("S-45.0", "5.5.0", "1/–"),
    ("S-45.1", "5.5.1", "1/14"),
    ("S-45.2", "5.5.2", "1/14"),
    ("S-45.3", "5.5.3", "1/16"),
    ("S-45.4", "5.5.4", "1/14"),
    ("S-45.5", "5.5.5", "1/18"),
    ("S-46.0", "5.6.0", "2/–"),
    ("S-46.1", "5.6.1", "1/6"),
    ("S-46.2", "5.6.2", "1/9"),
    ("S-46.3", "5.6.3", "2/8"),
    ("S-46.4", "5.6.4", "2/–"),
    ("S-46.5", "5.6.5", "2/47"),
    ("S-47.0", "5.7.0", "1/46"),
    ("S-47.1", "5.7.1", "1/29"),
    ("S-47.2", "5.7.2", "1/28"),
    ("S-47.3", "5.7.3", "1/46"),
    ("S-47.4", "5.7.4", "1/46"),
    ("S-47.5", "5.7.5", "1/46"),
    ("S-47.6", "5.7.6", "1/46"),
    ("S-47.7", "5.7.7", "1/46"),
    ("S-48", "5.2.37", "1/–"),
    ("S-48", "5.3.99", "0/–"),
    ("S-48", "5.4.99", "0/–"),
    ("S-48", "5.6.99", "2/–"),
    ("S-48", "5.7.99", "1/46"),
    ("S-49", "5.8.1", "1/–"),
    // The class is not looked at.
    ("S-41.1", "4.1.1", "1/0"),
];

/// F-12: replies without an enhanced code.
const F_12: &[(u16, &str)] = &[
    (550, "1/0"),
    (551, "1/0"),
    (553, "1/0"),
    (552, "1/4"),
    (554, "1/–"),
    (500, "1/14"),
    (501, "1/14"),
    (502, "1/14"),
    (503, "1/14"),
    (504, "1/14"),
    (421, "1/5"),
    (450, "1/5"),
    (451, "1/5"),
    (452, "1/5"),
];

/// F-01 to F-15 and the D rows that name a status: what the gateway finds itself.
const F: &[(&str, Failure, &str, &str)] = &[
    ("F-01", Failure::AddressNotEncodable, "553 5.1.3", "1/0"),
    ("F-02", Failure::AddressNotMappable, "550 5.1.1", "1/0"),
    ("D-35", Failure::AddressNotAscii, "553 5.6.7", "1/0"),
    ("F-03", Failure::MappingUnavailable, "451 4.4.3", "6/–"),
    ("F-03", Failure::MappingUndetermined, "554 5.4.3", "6/–"),
    ("F-05", Failure::ConversionLoop, "554 5.4.6", "1/3"),
    ("D-65", Failure::Loop, "554 5.4.6", "1/3"),
    ("F-06", Failure::CriticalExtensionUnsupported, "554 5.3.3", "1/18"),
    ("F-07", Failure::ExpansionProhibited, "550 5.7.2", "1/28"),
    ("F-07", Failure::ReassignmentProhibited, "554 5.4.0", "1/26"),
    ("F-08", Failure::ConversionProhibited, "554 5.6.2", "2/9"),
    ("F-08", Failure::ConversionWithLossProhibited, "554 5.6.2", "2/19"),
    ("F-08", Failure::ConversionImpossible, "554 5.6.3", "2/8"),
    ("F-09", Failure::ContentTypeUnsupported, "554 5.6.1", "1/15"),
    ("F-10", Failure::ContentSyntax, "554 5.5.2", "1/12"),
    ("F-13", Failure::AttemptsExpired, "451 4.4.7", "1/5"),
    ("D-12", Failure::DeliverByExpired, "554 5.4.7", "1/5"),
    ("F-14", Failure::MessageTooLarge, "552 5.3.4", "1/7"),
    ("F-15", Failure::TooManyRecipients, "554 5.5.3", "1/16"),
    ("D-50", Failure::TransportSecurityUnavailable, "550 5.7.30", "1/46"),
    ("own", Failure::NotAuthorised, "550 5.7.1", "5/–"),
    ("own", Failure::NoRoute, "550 5.4.4", "1/17"),
    ("own", Failure::QueueFull, "452 4.3.1", "1/2"),
    ("own", Failure::PeerUnreachable, "451 4.4.1", "0/–"),
    ("own", Failure::Internal, "451 4.3.0", "0/–"),
];

fn non_delivery(text: &str) -> NonDelivery {
    let (reason, diagnostic) = text.split_once('/').unwrap();
    NonDelivery {
        reason: NonDeliveryReason::from_number(reason.parse().unwrap()),
        diagnostic: (diagnostic != "–")
            .then(|| NonDeliveryDiagnostic::from_number(diagnostic.parse().unwrap())),
    }
}

fn reported(text: &str) -> Cause {
    Cause::Reported { non_delivery: non_delivery(text), supplementary_information: None }
}

// ledger: mixer OI-40 OI-41 OI-42 R-73; beyond A-19
#[test]
fn x400_to_status() {
    for (id, pair, status) in R {
        for table in [DiagnosticTable::Rfc2156, DiagnosticTable::WithLaterEditions] {
            assert_eq!(
                table::enhanced_code(non_delivery(pair), table).to_string(),
                *status,
                "{id} {pair} {table:?}"
            );
        }
    }
    for (pair, later, rfc2156) in Y_20 {
        let code = |table| table::enhanced_code(non_delivery(pair), table).to_string();
        assert_eq!(code(DiagnosticTable::WithLaterEditions), *later, "Y-20 {pair}");
        assert_eq!(code(DiagnosticTable::Rfc2156), *rfc2156, "R-70 {pair}");
    }
}

#[test]
fn status_to_x400() {
    for (id, status, pair) in S {
        let cause = Cause::Notified { status: status.parse().unwrap(), diagnostic_code: None };
        assert_eq!(cause.non_delivery(), non_delivery(pair), "{id} {status}");
    }
}

/// S-19: our own diagnostic code comes back unharmed, whatever the status.
#[test]
fn a_report_that_was_ours_says_more() {
    let cause = Cause::Notified {
        status: "5.0.0".parse().unwrap(),
        diagnostic_code: Some("Reason 4 (Physical-Delivery-Not-Performed); Diagnostic 36 (x)".to_owned()),
    };
    assert_eq!(cause.non_delivery(), non_delivery("4/36"));
}

#[test]
fn bare_replies_to_x400() {
    for (code, pair) in F_12 {
        let reply = Reply::plain(ReplyCode::new(*code).unwrap(), "no");
        assert_eq!(Cause::Replied(reply).non_delivery(), non_delivery(pair), "F-12 {code}");
    }
    // F-11: with an enhanced code that one counts.
    let reply = Reply::new(ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::MAILBOX_FULL_X_2_2, "full");
    assert_eq!(Cause::Replied(reply).non_delivery(), non_delivery("1/4"));
}

#[test]
fn own_failures() {
    for (id, failure, reply, pair) in F {
        let outcome = Outcome::Failed(Cause::Found(*failure));
        assert_eq!(outcome.reply().to_string(), format!("{reply} {failure}"), "{id}");
        assert_eq!(outcome.non_delivery(), Some(non_delivery(pair)), "{id}");
    }
    assert_eq!(F.iter().map(|row| row.1).collect::<Vec<_>>(), Failure::ALL);
}

#[test]
fn outcomes_that_are_no_failures() {
    let delayed = Outcome::Delayed(reported("1/0"));
    for (outcome, action, status, http) in [
        (Outcome::Delivered, "delivered", "2.0.0", 200),
        (Outcome::Relayed, "relayed", "2.0.0", 200),
        (delayed, "delayed", "4.1.1", 202),
    ] {
        assert_eq!(outcome.action(), action);
        assert_eq!(outcome.enhanced_code().to_string(), status);
        assert_eq!(outcome.http_status(), http);
        assert_eq!(outcome.non_delivery(), None);
    }
}

#[test]
fn http_statuses() {
    for (failure, status) in [
        (Failure::AddressNotMappable, 422),
        (Failure::MessageTooLarge, 413),
        (Failure::NotAuthorised, 403),
        (Failure::ContentSyntax, 400),
        (Failure::ContentTypeUnsupported, 415),
        (Failure::CriticalExtensionUnsupported, 501),
        (Failure::ConversionLoop, 502),
        (Failure::DeliverByExpired, 504),
        (Failure::AttemptsExpired, 504),
        (Failure::QueueFull, 503),
        (Failure::Internal, 503),
    ] {
        assert_eq!(Outcome::Failed(failure.into()).http_status(), status, "{failure:?}");
    }
}

/// Everything has a translation, and the reply always agrees with the status.
#[test]
fn no_outcome_is_untold() {
    let reports = (0..=9).flat_map(|reason| {
        let diagnostics = (0..=80).map(move |diagnostic| format!("{reason}/{diagnostic}"));
        diagnostics.chain([format!("{reason}/–")]).map(|pair| reported(&pair))
    });
    let statuses = ["2", "4", "5"].into_iter().flat_map(|class| {
        (0..10).flat_map(move |subject| {
            (0..40).map(move |detail| Cause::Notified {
                status: format!("{class}.{subject}.{detail}").parse().unwrap(),
                diagnostic_code: None,
            })
        })
    });
    let replies = (200..600).map(|code| Cause::Replied(Reply::plain(ReplyCode::new(code).unwrap(), "")));
    let found = Failure::ALL.iter().map(|failure| Cause::Found(*failure));
    for cause in reports.chain(statuses).chain(replies).chain(found) {
        for outcome in [Outcome::Failed(cause.clone()), Outcome::Delayed(cause)] {
            assert_eq!(outcome.reply().enhanced(), Some(outcome.enhanced_code()), "{outcome:?}");
            assert!(!outcome.reply().code().is_completion(), "{outcome:?}");
            let failed = matches!(outcome, Outcome::Failed(_));
            assert!(
                (if failed { 400..600 } else { 202..203 }).contains(&outcome.http_status()),
                "{outcome:?}"
            );
        }
    }
}
