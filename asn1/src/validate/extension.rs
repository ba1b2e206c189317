//! Extension fields: known, in their place, once, and with a value of their type.

use std::collections::BTreeSet;

use super::address::BOUNDS;
use super::ipm_security;
use super::validator::{Validate, Validator};
use super::violation::{Rule, Severity};
use crate::bounds;
use crate::x411::extension::*;

const EXTENSIONS: &str = "X.411 9.1";

impl Validator {
    /// Judges the extensions that stand at a place.
    pub fn extensions(&mut self, fields: &[ExtensionField], position: Position) {
        let name = "extensions";
        if fields.len() > bounds::EXTENSION_TYPES {
            self.count(name, fields.len(), 0..=bounds::EXTENSION_TYPES, BOUNDS);
        }
        let mut seen = BTreeSet::new();
        self.each(name, fields, |validator, field| {
            let again = match &field.kind {
                ExtensionType::Standard(number) | ExtensionType::StandardExplicit(number) => {
                    !seen.insert((Some(*number), None))
                }
                ExtensionType::Private(oid) => !seen.insert((None, Some(oid.contents()))),
                ExtensionType::Unknown(_) => false,
            };
            if again {
                validator.error(Rule::Duplicate, EXTENSIONS, format!("{} occurs again", named(field)));
            }
            extension(validator, field, position);
        });
    }
}

/// The extension in words.
fn named(field: &ExtensionField) -> String {
    match &field.kind {
        ExtensionType::Standard(number) | ExtensionType::StandardExplicit(number) => {
            match Standard::by_number(*number) {
                Some(standard) => format!("{} ({number})", standard.name),
                None => format!("extension {number}"),
            }
        }
        ExtensionType::Private(oid) => format!("private extension {oid}"),
        ExtensionType::Unknown(_) => "an extension of no type".into(),
    }
}

fn extension(validator: &mut Validator, field: &ExtensionField, position: Position) {
    let labels = field.criticality.labels().map(|(bit, label)| (bit, label.is_some()));
    validator.bits("criticality", &field.criticality.0, labels, EXTENSIONS);
    if matches!(field.kind, ExtensionType::StandardExplicit(_)) {
        validator.within("type", |validator| {
            validator.report(
                Severity::Warning,
                Rule::Encoding,
                EXTENSIONS,
                "the number stands in an explicit tag, where the standard has an implicit one",
                Some("ISODE-based systems write it so; others do not read it"),
            );
        });
    }
    match field.kind.number().and_then(Standard::by_number) {
        Some(standard) => standard_extension(validator, field, standard, position),
        None => unknown(validator, field),
    }
    validator.unknown(&field.unknown);
}

/// What nobody here understands must be refused, if it is critical.
fn unknown(validator: &mut Validator, field: &ExtensionField) {
    const CLAUSE: &str = "X.411 9.1, 14.4.1";
    let what = named(field);
    if matches!(field.kind, ExtensionType::Unknown(_)) {
        validator.error(
            Rule::Unknown,
            EXTENSIONS,
            format!("{what}: neither a number nor an object identifier"),
        );
    } else if field.criticality.has(Criticality::FOR_TRANSFER) {
        validator.report(
            Severity::Error,
            Rule::Criticality,
            CLAUSE,
            format!("{what} is not known, and critical for transfer"),
            Some("an MTA that does not know it has to refuse: unsupported-critical-function (18)"),
        );
    } else if field.criticality.has(Criticality::FOR_DELIVERY) {
        validator.warning(
            Rule::Criticality,
            CLAUSE,
            format!("{what} is not known, and critical for delivery"),
        );
    } else if !matches!(field.kind, ExtensionType::Private(_)) {
        validator.notice(Rule::Unknown, EXTENSIONS, format!("{what} is in no edition"));
    }
}

fn standard_extension(
    validator: &mut Validator,
    field: &ExtensionField,
    standard: &Standard,
    position: Position,
) {
    let what = named(field);
    if standard.positions.is_empty() {
        validator.error(
            Rule::Misplaced,
            standard.clause,
            format!("{what} is between a user and its MTA or store, and has no place in P1"),
        );
    } else if !standard.positions.contains(&position) {
        let places: Vec<_> = standard.positions.iter().map(|position| position.words()).collect();
        validator.error(
            Rule::Misplaced,
            standard.clause,
            format!("{what} stands with {}, not with {}", places.join(", "), position.words()),
        );
    }
    let recommended = Criticality::with(standard.criticality);
    if !field.criticality.0.set_bits().eq(recommended.0.set_bits()) {
        let bits = |criticality: &Criticality| {
            let labels: Vec<_> = criticality.labels().filter_map(|(_, label)| label).collect();
            if labels.is_empty() { "not critical".to_owned() } else { labels.join(", ") }
        };
        validator.within("criticality", |validator| {
            validator.notice(
                Rule::Criticality,
                standard.clause,
                format!("{}; recommended for {what} is: {}", bits(&field.criticality), bits(&recommended)),
            );
        });
    }
    validator.within("value", |validator| {
        let Some(value) = &field.value else {
            return validator.error(Rule::Missing, standard.clause, format!("{what} has no value"));
        };
        match (standard.check)(value) {
            Ok(()) => {
                // It decodes, as has just been seen.
                let _ = contents(validator, field, standard);
            }
            Err(error) => validator.error(Rule::Undecodable, standard.clause, format!("{what}: {error}")),
        }
    });
}

/// What the value says.
fn contents(
    validator: &mut Validator,
    field: &ExtensionField,
    standard: &Standard,
) -> Result<(), crate::ber::Error> {
    let Some(value) = &field.value else { return Ok(()) };
    let meaning = |validator: &mut Validator, label: Option<&str>, number: i64| {
        if label.is_none() {
            validator.error(Rule::Value, standard.clause, format!("{number} has no meaning"));
        }
    };
    match standard.number {
        RecipientReassignmentProhibited::NUMBER
        | DlExpansionProhibited::NUMBER
        | ConversionWithLossProhibited::NUMBER
        | PhysicalForwardingProhibited::NUMBER => {
            let prohibited: Prohibited = value.get()?;
            meaning(validator, prohibited.label(), prohibited.0);
        }
        PhysicalForwardingAddressRequest::NUMBER | ProofOfDeliveryRequest::NUMBER => {
            let requested: Requested = value.get()?;
            meaning(validator, requested.label(), requested.0);
        }
        OriginatorRequestedAlternateRecipient::NUMBER
        | PhysicalForwardingAddress::NUMBER
        | ReportingDlName::NUMBER => value.get::<crate::x411::address::OrName>()?.validate(validator),
        OriginatorReturnAddress::NUMBER => {
            value.get::<crate::x411::address::OrAddress>()?.validate(validator);
        }
        LatestDeliveryTime::NUMBER => validator.this_time(&value.get()?),
        RequestedDeliveryMethod::NUMBER => methods(validator, &value.get::<Vec<_>>()?, standard.clause),
        PhysicalDeliveryModes::NUMBER => {
            let modes: crate::x411::physical::DeliveryModes = value.get()?;
            if modes.0.set_bits().filter(|bit| *bit < 7).count() > 1 {
                validator.error(Rule::Conflict, standard.clause, "more than one of the modes 0 to 6");
            }
        }
        RegisteredMailType::NUMBER => {
            let kind: crate::x411::physical::RegisteredMail = value.get()?;
            meaning(validator, kind.label(), kind.0);
        }
        PhysicalDeliveryReportRequest::NUMBER => {
            let kind: crate::x411::physical::PhysicalReport = value.get()?;
            meaning(validator, kind.label(), kind.0);
        }
        RecipientNumberForAdvice::NUMBER => {
            let number: crate::prim::TeletexString = value.get()?;
            validator.this_string(&number, 1..=bounds::RECIPIENT_NUMBER_FOR_ADVICE, BOUNDS);
        }
        MessageSecurityLabel::NUMBER => {
            value.get::<crate::x411::security::SecurityLabel>()?.validate(validator);
        }
        ContentCorrelator::NUMBER => correlator(validator, &value.get()?),
        RedirectionHistory::NUMBER => histories::redirections(validator, &value.get::<Vec<_>>()?),
        DlExpansionHistory::NUMBER => histories::expansions(validator, &value.get::<Vec<_>>()?),
        OriginatorAndDlExpansionHistory::NUMBER => {
            histories::originator_and_lists(validator, &value.get::<Vec<_>>()?);
        }
        InternalTrace::NUMBER => {
            value.get::<crate::x411::trace::InternalTraceInformation>()?.as_slice().validate(validator);
        }
        ReportingMtaName::NUMBER => {
            let mta: ReportingMta = value.get()?;
            validator.member("domain", &mta.domain);
            validator.string("mta-name", &mta.mta_name, 1..=bounds::MTA_NAME, BOUNDS);
            validator.unknown(&mta.unknown);
        }
        MultipleOriginatorCertificates::NUMBER => {
            let certificates: crate::x411::security::ExtendedCertificates = value.get()?;
            validator.count("certificates", certificates.0.len(), 1..=bounds::CERTIFICATES, BOUNDS);
        }
        DlExemptedRecipients::NUMBER => {
            let names: crate::prim::ListAsSet<crate::x411::address::OrName> = value.get()?;
            validator.items("recipients", &names.0);
        }
        BodyPartEncryptionToken::NUMBER => ipm_security::part_tokens(validator, &value.get()?),
        ForwardedContentToken::NUMBER => ipm_security::content_tokens(validator, &value.get()?),
        CertificateSelectorsOverride::NUMBER => {
            let selectors: crate::x411::security::CertificateSelectors = value.get()?;
            if selectors.message_origin_authentication.is_some() {
                let what = "message-origin-authentication is for the whole message, not for one recipient";
                validator.error(Rule::Misplaced, standard.clause, what);
            }
        }
        _ => {}
    }
    Ok(())
}

fn methods(
    validator: &mut Validator,
    methods: &[crate::x411::physical::DeliveryMethod],
    clause: &'static str,
) {
    let mut seen = BTreeSet::new();
    validator.each("methods", methods, |validator, method| {
        if method.label().is_none() {
            validator.error(Rule::Value, clause, format!("{method} has no meaning"));
        }
        if !seen.insert(method.0) {
            validator.error(Rule::Duplicate, clause, format!("{method} occurs again"));
        }
    });
}

fn correlator(validator: &mut Validator, value: &ContentCorrelatorValue) {
    match value {
        ContentCorrelatorValue::Characters(text) => {
            validator.this_string(text, 0..=bounds::CONTENT_CORRELATOR, BOUNDS);
        }
        ContentCorrelatorValue::Octets(octets) => {
            validator.octets("octets", octets.0.len(), 0..=bounds::CONTENT_CORRELATOR, BOUNDS);
        }
        ContentCorrelatorValue::Unknown(raw) => validator.unknown(std::slice::from_ref(raw)),
    }
}

/// Histories: how a message came to whom it came.
mod histories {
    use super::*;

    const HISTORY: &str = "X.411 9.2";

    pub(super) fn redirections(validator: &mut Validator, history: &[Redirection]) {
        validator.count("history", history.len(), 1..=bounds::REDIRECTIONS, BOUNDS);
        validator.each("history", history, |validator, step| {
            validator.member("intended-recipient", &step.intended_recipient.recipient);
            validator.time("redirection-time", &step.intended_recipient.redirection_time);
            if step.reason.label().is_none() {
                validator.within("redirection-reason", |validator| {
                    validator.warning(Rule::Value, HISTORY, format!("{} has no meaning", step.reason));
                });
            }
            validator.unknown(&step.unknown);
        });
    }

    pub(super) fn expansions(validator: &mut Validator, history: &[DlExpansion]) {
        validator.count("history", history.len(), 1..=bounds::DL_EXPANSIONS, BOUNDS);
        validator.each("history", history, |validator, step| {
            validator.member("dl", &step.list);
            validator.time("dl-expansion-time", &step.expansion_time);
            validator.unknown(&step.unknown);
        });
    }

    pub(super) fn originator_and_lists(validator: &mut Validator, history: &[OriginatorOrDl]) {
        validator.count("history", history.len(), 2..=bounds::ORIGINATOR_AND_DL_EXPANSIONS, BOUNDS);
        validator.each("history", history, |validator, step| {
            validator.member("originator-or-dl-name", &step.name);
            validator.time("origination-or-expansion-time", &step.time);
            validator.unknown(&step.unknown);
        });
    }
}
