//! Where a message has been (X.411 figure 5).

use super::encoded_types::ENCODED_INFORMATION_TYPES;
use crate::decode::schema::address::{GLOBAL_DOMAIN_IDENTIFIER, MTA_NAME};
use crate::decode::schema::{Kind, Type, UTC_TIME, may, must};

/// `TraceInformation ::= [APPLICATION 9] SEQUENCE OF TraceInformationElement`
pub static TRACE_INFORMATION: Type = Type::application(
    "TraceInformation",
    9,
    &Type::new(
        "TraceInformation",
        Kind::SequenceOf(
            "element",
            &Type::new(
                "TraceInformationElement",
                Kind::Sequence(&[
                    must("global-domain-identifier", &GLOBAL_DOMAIN_IDENTIFIER),
                    must("domain-supplied-information", &DOMAIN_SUPPLIED_INFORMATION),
                ]),
            ),
        ),
    ),
);

static DOMAIN_SUPPLIED_INFORMATION: Type = Type::new(
    "DomainSuppliedInformation",
    Kind::Set(&[
        must("arrival-time", &UTC_TIME).at(0),
        must("routing-action", &ROUTING_ACTION).at(2),
        may("attempted-domain", &GLOBAL_DOMAIN_IDENTIFIER),
        may("deferred-time", &UTC_TIME).at(1),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("other-actions", &OTHER_ACTIONS).at(3),
    ]),
);

/// `InternalTraceInformation`, the value of extension 38.
pub static INTERNAL_TRACE_INFORMATION: Type = Type::new(
    "InternalTraceInformation",
    Kind::SequenceOf(
        "element",
        &Type::new(
            "InternalTraceInformationElement",
            Kind::Sequence(&[
                must("global-domain-identifier", &GLOBAL_DOMAIN_IDENTIFIER),
                must("mta-name", &MTA_NAME),
                must("mta-supplied-information", &MTA_SUPPLIED_INFORMATION),
            ]),
        ),
    ),
);

static MTA_SUPPLIED_INFORMATION: Type = Type::new(
    "MTASuppliedInformation",
    Kind::Set(&[
        must("arrival-time", &UTC_TIME).at(0),
        must("routing-action", &ROUTING_ACTION).at(2),
        may(
            "attempted",
            &Type::new(
                "attempted",
                Kind::Choice(&[must("mta", &MTA_NAME), must("domain", &GLOBAL_DOMAIN_IDENTIFIER)]),
            ),
        ),
        may("deferred-time", &UTC_TIME).at(1),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("other-actions", &OTHER_ACTIONS).at(3),
    ]),
);

static ROUTING_ACTION: Type =
    Type::new("RoutingAction", Kind::Enumerated(&[(0, "relayed"), (1, "rerouted")]));

static OTHER_ACTIONS: Type = Type::new("OtherActions", Kind::Bits(&[(0, "redirected"), (1, "dl-operation")]));
