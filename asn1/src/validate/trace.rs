//! Trace, internal trace, management domains and encoded information types.

use super::address::BOUNDS;
use super::validator::{Validate, Validator};
use super::violation::Rule;
use crate::bounds;
use crate::prim::{NamedBits, X400Time};
use crate::x411::envelope::EncodedInformationTypes;
use crate::x411::trace::{
    Attempted, DomainSuppliedInformation, GlobalDomainIdentifier, InternalTraceInformationElement,
    MtaSuppliedInformation, OtherActions, RoutingAction, TraceInformationElement,
};

const TRACE: &str = "X.411 12.3.1";

impl Validate for GlobalDomainIdentifier {
    fn validate(&self, validator: &mut Validator) {
        validator.within("country-name", |validator| validator.country(&self.country));
        validator.within("administration-domain-name", |validator| {
            validator.domain(&self.administration_domain, 0)
        });
        if let Some(domain) = &self.private_domain {
            validator.within("private-domain-identifier", |validator| validator.domain(domain, 1));
        }
        validator.unknown(&self.unknown);
    }
}

impl Validate for [TraceInformationElement] {
    fn validate(&self, validator: &mut Validator) {
        elements(validator, self, |element| &element.supplied.arrival_time);
    }
}

impl Validate for [InternalTraceInformationElement] {
    fn validate(&self, validator: &mut Validator) {
        elements(validator, self, |element| &element.supplied.arrival_time);
    }
}

/// Elements of a trace: 1 to 512, each one right, and none before the one it follows.
fn elements<T: Validate>(validator: &mut Validator, elements: &[T], arrival: impl Fn(&T) -> &X400Time) {
    if !(1..=bounds::TRANSFERS).contains(&elements.len()) {
        let rule = if elements.is_empty() { Rule::Missing } else { Rule::Bound };
        validator.error(
            rule,
            BOUNDS,
            format!("{} elements, 1 to {} are allowed", elements.len(), bounds::TRANSFERS),
        );
    }
    let mut before = None;
    for (index, element) in elements.iter().enumerate() {
        validator.at(super::Step::Item(index), |validator| {
            element.validate(validator);
            if let Some(before) = before {
                let earlier = ("the arrival at the one before,", before);
                validator.not_before("arrival-time", arrival(element), earlier, TRACE);
            }
        });
        before = Some(arrival(element));
    }
}

impl Validate for TraceInformationElement {
    fn validate(&self, validator: &mut Validator) {
        validator.member("global-domain-identifier", &self.domain);
        validator.member("domain-supplied-information", &self.supplied);
        validator.unknown(&self.unknown);
    }
}

impl Validate for InternalTraceInformationElement {
    fn validate(&self, validator: &mut Validator) {
        validator.member("global-domain-identifier", &self.domain);
        validator.string("mta-name", &self.mta_name, 1..=bounds::MTA_NAME, BOUNDS);
        validator.member("mta-supplied-information", &self.supplied);
        validator.unknown(&self.unknown);
    }
}

impl Validate for DomainSuppliedInformation {
    fn validate(&self, validator: &mut Validator) {
        if let Some(domain) = &self.attempted_domain {
            validator.member("attempted-domain", domain);
        }
        let attempted = self.attempted_domain.is_some();
        supplied(
            validator,
            (&self.arrival_time, self.deferred_time.as_ref()),
            self.routing_action,
            attempted,
        );
        actions(validator, self.converted_encoded_information_types.as_ref(), &self.other_actions);
        validator.unknown(&self.unknown);
    }
}

impl Validate for MtaSuppliedInformation {
    fn validate(&self, validator: &mut Validator) {
        validator.within("attempted", |validator| match &self.attempted {
            Some(Attempted::Mta(name)) => validator.this_string(name, 1..=bounds::MTA_NAME, BOUNDS),
            Some(Attempted::Domain(domain)) => domain.validate(validator),
            Some(Attempted::Unknown(raw)) => validator.unknown(std::slice::from_ref(raw)),
            None => {}
        });
        let attempted = self.attempted.is_some();
        supplied(
            validator,
            (&self.arrival_time, self.deferred_time.as_ref()),
            self.routing_action,
            attempted,
        );
        actions(validator, self.converted_encoded_information_types.as_ref(), &self.other_actions);
        validator.unknown(&self.unknown);
    }
}

fn supplied(
    validator: &mut Validator,
    (arrival, deferred): (&X400Time, Option<&X400Time>),
    action: RoutingAction,
    attempted: bool,
) {
    validator.time("arrival-time", arrival);
    if let Some(deferred) = deferred {
        validator.time("deferred-time", deferred);
    }
    validator.within("routing-action", |validator| {
        if action.label().is_none() {
            validator.error(Rule::Value, TRACE, format!("{action} has no meaning"));
        } else if action == RoutingAction::REROUTED && !attempted {
            validator.warning(Rule::Missing, TRACE, "rerouted, but not said from where");
        } else if action == RoutingAction::RELAYED && attempted {
            validator.warning(Rule::Conflict, TRACE, "relayed, but an attempt elsewhere is stated");
        }
    });
}

fn actions(validator: &mut Validator, types: Option<&EncodedInformationTypes>, other: &OtherActions) {
    if let Some(types) = types {
        validator.member("converted-encoded-information-types", types);
    }
    let labels = other.labels().map(|(bit, label)| (bit, label.is_some()));
    validator.bits("other-actions", &other.0, labels, TRACE);
}

impl Validate for EncodedInformationTypes {
    fn validate(&self, validator: &mut Validator) {
        const CLAUSE: &str = "X.411 8.5.3";
        let name = "built-in-encoded-information-types";
        if self.built_in.0.len() > bounds::BUILT_IN_ENCODED_INFORMATION_TYPES {
            validator.within(name, |validator| {
                let count = self.built_in.0.len();
                let limit = bounds::BUILT_IN_ENCODED_INFORMATION_TYPES;
                validator.error(Rule::Bound, BOUNDS, format!("{count} bits, at most {limit} are allowed"));
            });
        }
        let unnamed: Vec<_> =
            self.built_in.labels().filter(|(_, label)| label.is_none()).map(|(bit, _)| bit).collect();
        if !unnamed.is_empty() {
            validator.within(name, |validator| {
                validator.notice(Rule::Value, CLAUSE, format!("bits {unnamed:?} have no meaning"));
            });
        }
        if let Some(extended) = &self.extended {
            let name = "extended-encoded-information-types";
            validator.count(name, extended.len(), 1..=bounds::ENCODED_INFORMATION_TYPES, BOUNDS);
            let mut seen = std::collections::BTreeSet::new();
            validator.each(name, extended, |validator, oid| {
                if !seen.insert(oid.contents()) {
                    validator.warning(Rule::Duplicate, CLAUSE, format!("{oid} occurs again"));
                }
            });
        }
        validator.unknown(&self.unknown);
    }
}

impl Validator {
    /// Bits that are a member: at most 16, and all that are set mean something.
    pub(super) fn bits(
        &mut self,
        name: &'static str,
        bits: &NamedBits,
        set: impl Iterator<Item = (usize, bool)>,
        clause: &'static str,
    ) {
        let unnamed: Vec<_> = set.filter(|(_, named)| !named).map(|(bit, _)| bit).collect();
        self.within(name, |validator| {
            if bits.len() > bounds::BIT_OPTIONS {
                let what = format!("{} bits, at most {} are allowed", bits.len(), bounds::BIT_OPTIONS);
                validator.error(Rule::Bound, BOUNDS, what);
            }
            if !unnamed.is_empty() {
                validator.warning(
                    Rule::Value,
                    clause,
                    format!("bits {unnamed:?} are set and have no meaning"),
                );
            }
        });
    }
}
