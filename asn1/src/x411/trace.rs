//! Trace and internal trace information (X.411 12.3.1).

use rasn::{AsnType, Decode, Encode};

use super::address::DomainName;
use super::envelope::EncodedInformationTypes;
use crate::prim::{Ia5String, X400Time};

crate::asn_seq! {
    /// A management domain: where a message came from, or through.
    ///
    /// ```asn
    /// GlobalDomainIdentifier ::= [APPLICATION 3] SEQUENCE { country, administration-domain, private-domain OPTIONAL }
    /// ```
    pub struct GlobalDomainIdentifier [APPLICATION 3] {
        /// The country.
        country: DomainName = eapp(1) req,
        /// The administration management domain; one space for "any".
        administration_domain: DomainName = eapp(2) req,
        /// The private management domain, untagged here.
        private_domain: DomainName = bare opt,
    }
}

impl GlobalDomainIdentifier {
    /// A domain from its names.
    #[must_use]
    pub fn new(country: &str, administration_domain: &str, private_domain: Option<&str>) -> Self {
        Self {
            country: DomainName::from_text(country),
            administration_domain: DomainName::from_text(administration_domain),
            private_domain: private_domain.map(DomainName::from_text),
            unknown: Vec::new(),
        }
    }
}

/// Trace of management domains, oldest first; at most 512 elements.
pub type TraceInformation = Vec<TraceInformationElement>;

/// The trace under its own tag, as the value of an extension has it.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
#[rasn(delegate, tag(application, 9))]
pub struct TaggedTrace(pub TraceInformation);

crate::asn_seq! {
    /// What one management domain did.
    pub struct TraceInformationElement {
        /// Which domain.
        domain: GlobalDomainIdentifier = bare req,
        /// What it did, and when.
        supplied: DomainSuppliedInformation = bare req,
    }
}

crate::asn_set! {
    /// What a management domain says of itself in the trace.
    pub struct DomainSuppliedInformation {
        /// When the message came in.
        arrival_time: X400Time = imp(0) req,
        /// Relayed, or rerouted after a failure.
        routing_action: RoutingAction = imp(2) req,
        /// Where it was to go before it was rerouted.
        attempted_domain: GlobalDomainIdentifier = bare opt,
        /// Until when it was held.
        deferred_time: X400Time = imp(1) opt,
        /// What it was converted to here.
        converted_encoded_information_types: EncodedInformationTypes = bare opt,
        /// Redirected, or expanded as a list.
        other_actions: OtherActions = imp(3) def(OtherActions::default()),
    }
}

/// Trace of MTAs within a domain, oldest first; at most 512 elements.
pub type InternalTraceInformation = Vec<InternalTraceInformationElement>;

crate::asn_seq! {
    /// What one MTA did.
    pub struct InternalTraceInformationElement {
        /// The domain it belongs to.
        domain: GlobalDomainIdentifier = bare req,
        /// Its name.
        mta_name: Ia5String = bare req,
        /// What it did, and when.
        supplied: MtaSuppliedInformation = bare req,
    }
}

crate::asn_set! {
    /// What an MTA says of itself in the internal trace.
    pub struct MtaSuppliedInformation {
        /// When the message came in.
        arrival_time: X400Time = imp(0) req,
        /// Relayed, or rerouted after a failure.
        routing_action: RoutingAction = imp(2) req,
        /// Where it was to go before it was rerouted.
        attempted: Attempted = bare opt,
        /// Until when it was held.
        deferred_time: X400Time = imp(1) opt,
        /// What it was converted to here.
        converted_encoded_information_types: EncodedInformationTypes = bare opt,
        /// Redirected, or expanded as a list.
        other_actions: OtherActions = imp(3) def(OtherActions::default()),
    }
}

crate::asn_choice! {
    /// Where a rerouted message was to go.
    pub enum Attempted {
        /// To an MTA of this domain.
        Mta(Ia5String) = bare,
        /// To another domain.
        Domain(GlobalDomainIdentifier) = bare,
    }
}

crate::open_enum! {
    /// What was done with the message.
    pub struct RoutingAction: ENUMERATED {
        /// Passed on.
        RELAYED = 0 => "relayed",
        /// Sent another way after a failure.
        REROUTED = 1 => "rerouted",
    }
}

crate::named_bits! {
    /// What else was done with the message.
    pub struct OtherActions(minimum 0) {
        /// Given to another recipient.
        REDIRECTED = 0 => "redirected",
        /// Expanded as a distribution list.
        DL_OPERATION = 1 => "dl-operation",
    }
}
