//! Numbers of X.411 that the gateway passes on or explains without a type of their own for them.

use rasn_x400::x411::extension::{Extension, RequestedDeliveryMethod};
use rasn_x400::x411::physical::DeliveryMethod;

use super::*;
use crate::decode::{self, Kind};
use crate::status::NonDeliveryDiagnostic;

// ledger: mixer OI-43
#[test]
fn later_diagnostics_have_their_names() {
    let labels = [
        "Incorrect-Notification-Type",
        "DL-Expansion-Prohibited-By-Security-Policy",
        "Forbidden-Alternate-Recipient",
        "Security-Policy-Violation",
        "Security-Services-Refusal",
        "Unauthorised-DL-Member",
        "Unauthorised-DL-Name",
        "Unauthorised-Originally-Intended-Recipient-Name",
        "Unauthorised-Originator-Name",
        "Unauthorised-Recipient-Name",
        "Unreliable-System",
        "Authentication-Failure-On-Subject-Message",
        "Decryption-Failed",
        "Decryption-Key-Unobtainable",
        "Double-Envelope-Creation-Failure",
        "Double-Enveloping-Message-Restoring-Failure",
        "Failure-Of-Proof-Of-Message",
        "Integrity-Failure-On-Subject-Message",
    ];
    for (number, label) in (50..).zip(labels) {
        assert_eq!(NonDeliveryDiagnostic::from_number(number).to_string(), label, "{number}");
    }
}

// ledger: mixer OI-48
#[test]
fn delivery_methods_have_their_names() {
    let names = [
        "any-delivery-method",
        "mhs-delivery",
        "physical-delivery",
        "telex-delivery",
        "teletex-delivery",
        "g3-facsimile-delivery",
        "g4-facsimile-delivery",
        "ia5-terminal-delivery",
        "videotex-delivery",
        "telephone-delivery",
    ];
    let mut converted = convert("\n");
    converted.envelope.extensions =
        vec![RequestedDeliveryMethod::field(&(0..10).map(DeliveryMethod).collect()).unwrap()];
    let apdu = converted.mts_apdu().unwrap().into_pieces().concat();
    let mut found = Vec::new();
    let document = decode::decode(&apdu, Some(Kind::MtsApdu));
    document.walk(&mut |node| {
        if node.type_name == "DeliveryMethod" {
            found.push(format!("{:?}", node.value));
        }
    });
    assert_eq!(found.len(), names.len());
    for (found, name) in found.iter().zip(names) {
        assert!(found.contains(name), "{found}");
    }
}
