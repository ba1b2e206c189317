//! Security in and around interpersonal messages (X.420, STANAG 4406; ledger ): labels, signatures and tokens of body
//! parts, as far as they can be judged without keys.

use super::address::BOUNDS;
use super::validator::Validator;
use super::violation::Rule;
use crate::bounds;
use crate::prim::ListAsSet;
use crate::stanag4406::mmhs::SecurityInformationLabelsValue;
use crate::x411::security::{ExtendedCertificate, SecurityLabel};
use crate::x420::ipm_security::{
    BodyPartSecurityLabel, BodyPartSignatureEntry, BodyPartToken, BodyPartTokenChoice, BodyPartTokens,
    ForwardedContentTokenChoice, ForwardedContentTokenEntry, ForwardedContentTokens, IpmSecurityLabelValue,
    IpnSecurityResponseValue,
};

const SECURITY: &str = "X.420 Annex D";
const MILITARY: &str = "STANAG 4406 Annex A";

/// Labels of the content, the heading and the body parts.
pub(super) fn labels(validator: &mut Validator, labels: IpmSecurityLabelValue) {
    whole(validator, &labels.content_security_label, labels.heading_security_label.as_ref());
    let parts = labels.body_part_security_labels.iter().flatten();
    validator.each("body-part-security-labels", parts, |validator, label| match label {
        BodyPartSecurityLabel::Unlabelled(_) => {}
        BodyPartSecurityLabel::Label(label) => validator.member("body-part-security-label", label),
        BodyPartSecurityLabel::Unknown(_) => {
            validator.error(Rule::Unknown, SECURITY, "neither a label nor the lack of one");
        }
    });
    validator.unknown(&labels.unknown);
}

/// The same of a military message.
pub(super) fn military_labels(validator: &mut Validator, labels: SecurityInformationLabelsValue) {
    whole(validator, &labels.content_security_label, labels.heading_security_label.as_ref());
    let parts = labels.body_part_security_labels.iter().flatten();
    validator.each("body-part-security-labels", parts, |validator, part| {
        validator.member("body-part-security-label", &part.body_part_security_label);
        if let Some(number) = part.body_part_sequence_number {
            validator.number("body-part-sequence-number", number, 1..=i64::MAX, MILITARY);
        }
        validator.unknown(&part.unknown);
    });
    validator.unknown(&labels.unknown);
}

/// What is labelled as a whole.
fn whole(validator: &mut Validator, content: &SecurityLabel, heading: Option<&SecurityLabel>) {
    validator.member("content-security-label", content);
    if let Some(heading) = heading {
        validator.member("heading-security-label", heading);
    }
}

/// Signatures of body parts.
pub(super) fn signatures(validator: &mut Validator, signatures: ListAsSet<BodyPartSignatureEntry>) {
    let numbers = signatures.0.iter().map(|entry| entry.body_part_number);
    distinct(validator, "signatures", numbers);
    validator.each("signatures", &signatures.0, |validator, entry| {
        certificates(validator, entry.originator_certificates.as_deref());
        validator.unknown(&entry.unknown);
    });
}

/// Proofs in a notification.
pub(super) fn response(validator: &mut Validator, response: IpnSecurityResponseValue) {
    if let Some(code) = response.security_diagnostic_code
        && code.label().is_none()
    {
        validator.within("security-diagnostic-code", |validator| {
            validator.warning(Rule::Value, SECURITY, format!("{code} has no meaning"));
        });
    }
    validator.unknown(&response.unknown);
}

/// Keys of encrypted body parts: one for a part.
pub(super) fn part_tokens(validator: &mut Validator, tokens: &BodyPartTokens) {
    these_part_tokens(validator, &tokens.0);
}

fn these_part_tokens(validator: &mut Validator, tokens: &[BodyPartToken]) {
    distinct(validator, "tokens", tokens.iter().map(|token| token.body_part_number));
    validator.each("tokens", tokens, |validator, token| {
        match &token.body_part_choice {
            BodyPartTokenChoice::EncryptionToken(token) => {
                certificates(validator, token.originator_certificates.as_deref());
                validator.unknown(&token.unknown);
            }
            BodyPartTokenChoice::MessageOrContentBodyPart(within) => these_part_tokens(validator, within),
            BodyPartTokenChoice::Unknown(_) => validator.error(Rule::Unknown, SECURITY, "no key of any kind"),
        }
        validator.unknown(&token.unknown);
    });
}

/// Tokens of forwarded contents: one for a content.
pub(super) fn content_tokens(validator: &mut Validator, tokens: &ForwardedContentTokens) {
    distinct(validator, "tokens", tokens.0.iter().map(|token| token.body_part_number));
    validator.each("tokens", &tokens.0, |validator, entry: &ForwardedContentTokenEntry| {
        match &entry.body_part_choice {
            ForwardedContentTokenChoice::ForwardingToken(token) => validator.unknown(&token.unknown),
            ForwardedContentTokenChoice::MessageOrContentBodyPart(within) => {
                content_tokens(validator, within)
            }
            ForwardedContentTokenChoice::Unknown(_) => {
                validator.error(Rule::Unknown, SECURITY, "no token of any kind");
            }
        }
        validator.unknown(&entry.unknown);
    });
}

/// Numbers of body parts are counted from 1, and each occurs once.
fn distinct(validator: &mut Validator, name: &'static str, numbers: impl Iterator<Item = i64>) {
    let mut seen = std::collections::BTreeSet::new();
    validator.each(name, numbers, |validator, number| {
        validator.number("body-part-number", number, 1..=i64::MAX, SECURITY);
        if !seen.insert(number) {
            validator.within("body-part-number", |validator| {
                validator.error(Rule::Duplicate, SECURITY, format!("part {number} occurs again"));
            });
        }
    });
}

fn certificates(validator: &mut Validator, certificates: Option<&[ExtendedCertificate]>) {
    if let Some(certificates) = certificates {
        validator.count("originator-certificates", certificates.len(), 1..=bounds::CERTIFICATES, BOUNDS);
    }
}
