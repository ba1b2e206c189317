//! What was known at delivery, as forwarded messages and reports tell it (X.411 8.3 and 8.4).

use super::encoded_types::ENCODED_INFORMATION_TYPES;
use super::report::REPORT_TYPE;
use super::{BUILT_IN_CONTENT_TYPE, CONTENT, CONTENT_IDENTIFIER, CONTENT_TYPE, PRIORITY};
use crate::decode::schema::address::{MTS_IDENTIFIER, OR_NAME};
use crate::decode::schema::extension::EXTENSIONS;
use crate::decode::schema::{Kind, OID, PRINTABLE, Type, UTC_TIME, may, must};

/// The delivery envelope of a forwarded message (X.411 8.4.1.2): what was known at delivery.
pub static OTHER_DELIVERY_FIELDS: Type = Type::new(
    "OtherMessageDeliveryFields",
    Kind::Set(&[
        must("content-type", &DELIVERED_CONTENT_TYPE),
        must("originator-name", &OR_NAME),
        may("original-encoded-information-types", &ENCODED_INFORMATION_TYPES).at(1),
        may("priority", &PRIORITY),
        may("delivery-flags", &DELIVERY_FLAGS).at(2),
        may(
            "other-recipient-names",
            &Type::new("OtherRecipientNames", Kind::SequenceOf("recipient", &OR_NAME)),
        )
        .at(3),
        must("this-recipient-name", &OR_NAME).at(4),
        may("originally-intended-recipient-name", &OR_NAME).at(5),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES).at(6),
        must("message-submission-time", &UTC_TIME).at(7),
        may("content-identifier", &CONTENT_IDENTIFIER).at(8),
        may("extensions", &EXTENSIONS).at(9),
    ]),
);

static DELIVERED_CONTENT_TYPE: Type = Type::new(
    "DeliveredContentType",
    Kind::Choice(&[must("built-in", &BUILT_IN_CONTENT_TYPE).at(0), must("extended", &OID)]),
);

static DELIVERY_FLAGS: Type =
    Type::new("DeliveryFlags", Kind::Bits(&[(1, "implicit-conversion-prohibited")]));

/// What a report looks like when it is delivered or forwarded (X.411 8.3.1.2).
pub static REPORT_DELIVERY: Type = Type::new(
    "ReportDeliveryArgument",
    Kind::Set(&[
        must("subject-submission-identifier", &MTS_IDENTIFIER),
        may("content-identifier", &CONTENT_IDENTIFIER),
        may("content-type", &CONTENT_TYPE),
        may("original-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("extensions", &EXTENSIONS).at(1),
        must(
            "per-recipient-fields",
            &Type::new("per-recipient-fields", Kind::SequenceOf("recipient", &DELIVERED_REPORT_RECIPIENT)),
        ),
        may("returned-content", &CONTENT).at(0),
    ]),
);

static DELIVERED_REPORT_RECIPIENT: Type = Type::new(
    "PerRecipientReportDeliveryFields",
    Kind::Set(&[
        must("actual-recipient-name", &OR_NAME).at(0),
        must("report-type", &REPORT_TYPE).at(1),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("originally-intended-recipient-name", &OR_NAME).at(2),
        may("supplementary-information", &PRINTABLE).at(3),
        may("extensions", &EXTENSIONS).at(4),
    ]),
);
