//! Security in and around interpersonal messages (X.420 Annex A, IPMS security extensions): signatures of body parts, labels,
//! requests for proofs and the answers to them, tokens. Labels, signatures and tokens are those of X.411; selectors of certificates are
//! X.509's, so their members are kept as they came.

use super::heading::heading_extensions;
use crate::prim::{ListAsSet, NamedBits, Null, Octets};
use crate::x411::security::{
    AlgorithmIdentifier, CertificateAssertion, Certificates, ExtendedCertificate, SecurityLabel, Signature,
    Token,
};

heading_extensions! {
    /// Signatures of body parts: 2.6.1.5.3.
    BodyPartSignatures = &[0x56, 1, 5, 3] => ListAsSet<BodyPartSignatureEntry>;
    /// Labels of the content, the heading and the body parts: 2.6.1.5.4.
    IpmSecurityLabel = &[0x56, 1, 5, 4] => IpmSecurityLabelValue;
    /// Of a recipient: which proofs are wanted: 2.6.1.18.0.
    RecipientSecurityRequest = &[0x56, 1, 18, 0] => RecipientSecurityRequestValue;
    /// Of a notification: the proofs: 2.6.1.18.1.
    IpnSecurityResponse = &[0x56, 1, 18, 1] => IpnSecurityResponseValue;
}

crate::asn_set! {
    /// The signature of one body part.
    pub struct BodyPartSignatureEntry {
        /// Which part, from 1.
        body_part_number: i64 = bare req,
        /// The signature over the part and its label.
        body_part_signature: Signature = bare req,
        /// The originator's certificates, in no order.
        originator_certificates: Vec<ExtendedCertificate> = imp(0) opt,
        /// Which certificate it is.
        originator_certificate_selector: CertificateAssertion = imp(1) opt,
    }
}

crate::asn_seq! {
    /// The labels of a message.
    pub struct IpmSecurityLabelValue {
        /// Of the content.
        content_security_label: SecurityLabel = imp(0) req,
        /// Of the heading.
        heading_security_label: SecurityLabel = imp(1) opt,
        /// Of the body parts, one for each.
        body_part_security_labels: Vec<BodyPartSecurityLabel> = imp(2) opt,
    }
}

crate::asn_choice! {
    /// The label of a body part.
    pub enum BodyPartSecurityLabel {
        /// There is none.
        Unlabelled(Null) = imp(0),
        /// It is this one.
        Label(SecurityLabel) = imp(1),
    }
}

crate::named_bits! {
    /// Which proofs an originator wants of a recipient.
    pub struct RecipientSecurityRequestValue(minimum 0) {
        /// That it received this content, beyond denial.
        CONTENT_NON_REPUDIATION = 0 => "content-non-repudiation",
        /// That it received this content.
        CONTENT_PROOF = 1 => "content-proof",
        /// That the notification is its own, beyond denial.
        IPN_NON_REPUDIATION = 2 => "ipn-non-repudiation",
        /// That the notification is its own.
        IPN_PROOF = 3 => "ipn-proof",
    }
}

crate::asn_set! {
    /// The proofs that were asked for.
    pub struct IpnSecurityResponseValue {
        /// What was received.
        content_or_arguments: ContentOrArguments = bare req,
        /// What went wrong.
        security_diagnostic_code: SecurityDiagnosticCode = bare opt,
    }
}

crate::asn_choice! {
    /// What was received: all of it, or what came with it to prove what it is.
    pub enum ContentOrArguments {
        /// The content.
        OriginalContent(Octets) = bare,
        /// The security arguments of its envelope.
        OriginalSecurityArguments(OriginalSecurityArguments) = bare,
    }
}

crate::asn_set! {
    /// Security arguments of an envelope.
    pub struct OriginalSecurityArguments default {
        /// The content integrity check.
        original_content_integrity_check: Signature = imp(0) opt,
        /// The message origin authentication check.
        original_message_origin_authentication_check: Signature = imp(1) opt,
        /// The message token.
        original_message_token: Token = imp(2) opt,
    }
}

crate::open_enum! {
    /// Why a proof cannot be given.
    pub struct SecurityDiagnosticCode: INTEGER {
        /// The message is not whole.
        INTEGRITY_FAILURE_ON_SUBJECT_MESSAGE = 0 => "integrity-failure-on-subject-message",
        /// A forwarded message is not whole.
        INTEGRITY_FAILURE_ON_FORWARDED_MESSAGE = 1 => "integrity-failure-on-forwarded-message",
        /// The origin of the message is in doubt.
        MOAC_FAILURE_ON_SUBJECT_MESSAGE = 2 => "moac-failure-on-subject-message",
        /// Nobody knows the policy.
        UNSUPPORTED_SECURITY_POLICY = 3 => "unsupported-security-policy",
        /// Nobody knows the algorithm.
        UNSUPPORTED_ALGORITHM_IDENTIFIER = 4 => "unsupported-algorithm-identifier",
        /// It cannot be decrypted.
        DECRYPTION_FAILED = 5 => "decryption-failed",
        /// The token is wrong.
        TOKEN_ERROR = 6 => "token-error",
        /// The notification cannot be signed.
        UNABLE_TO_SIGN_NOTIFICATION = 7 => "unable-to-sign-notification",
        /// The receipt cannot be signed.
        UNABLE_TO_SIGN_MESSAGE_RECEIPT = 8 => "unable-to-sign-message-receipt",
        /// The message is not authentic.
        AUTHENTICATION_FAILURE_ON_SUBJECT_MESSAGE = 9 => "authentication-failure-on-subject-message",
        /// Its security context is wrong.
        SECURITY_CONTEXT_FAILURE_MESSAGE = 10 => "security-context-failure-message",
        /// It came out of its order.
        MESSAGE_SEQUENCE_FAILURE = 11 => "message-sequence-failure",
        /// Its label is wrong.
        MESSAGE_SECURITY_LABELLING_FAILURE = 12 => "message-security-labelling-failure",
        /// It could be denied.
        REPUDIATION_FAILURE_OF_MESSAGE = 13 => "repudiation-failure-of-message",
        /// A proof failed.
        FAILURE_OF_PROOF_OF_MESSAGE = 14 => "failure-of-proof-of-message",
        /// The key to sign with cannot be had.
        SIGNATURE_KEY_UNOBTAINABLE = 15 => "signature-key-unobtainable",
        /// The key to decrypt with cannot be had.
        DECRYPTION_KEY_UNOBTAINABLE = 16 => "decryption-key-unobtainable",
        /// A key is wrong.
        KEY_FAILURE = 17 => "key-failure",
        /// There is no such service.
        UNSUPPORTED_REQUEST_FOR_SECURITY_SERVICE = 18 => "unsupported-request-for-security-service",
        /// Requests contradict each other.
        INCONSISTENT_REQUEST_FOR_SECURITY_SERVICE = 19 => "inconsistent-request-for-security-service",
        /// The one was given for the other.
        IPN_NON_REPUDIATION_INSTEAD_OF_CONTENT_PROOF = 20 => "ipn-non-repudiation-provided-instead-of-content-proof",
        /// The token cannot be decrypted.
        TOKEN_DECRYPTION_FAILED = 21 => "token-decryption-failed",
        /// What was in two envelopes cannot be restored.
        DOUBLE_ENVELOPING_MESSAGE_RESTORING_FAILURE = 22 => "double-enveloping-message-restoring-failure",
        /// A member of a list may not have it.
        UNAUTHORISED_DL_MEMBER = 23 => "unauthorised-dl-member",
        /// It was not received securely.
        RECEPTION_SECURITY_FAILURE = 24 => "reception-security-failure",
        /// The alternate recipient is unfit.
        UNSUITABLE_ALTERNATE_RECIPIENT = 25 => "unsuitable-alternate-recipient",
        /// The services are refused.
        SECURITY_SERVICES_REFUSAL = 26 => "security-services-refusal",
        /// The recipient may not have it.
        UNAUTHORISED_RECIPIENT = 27 => "unauthorised-recipient",
        /// Nobody knows the certification authority.
        UNKNOWN_CERTIFICATION_AUTHORITY_NAME = 28 => "unknown-certification-authority-name",
        /// Nobody knows the list.
        UNKNOWN_DL_NAME = 29 => "unknown-dl-name",
        /// Nobody knows the originator.
        UNKNOWN_ORIGINATOR_NAME = 30 => "unknown-originator-name",
        /// Nobody knows the recipient.
        UNKNOWN_RECIPIENT_NAME = 31 => "unknown-recipient-name",
        /// It is against the policy.
        SECURITY_POLICY_VIOLATION = 32 => "security-policy-violation",
    }
}

/// The keys of encrypted body parts: the value of
/// [`BodyPartEncryptionToken`](crate::x411::extension::BodyPartEncryptionToken) of a recipient in an envelope. Tokens nest as deep
/// as the decoder goes.
pub type BodyPartTokens = ListAsSet<BodyPartToken>;

crate::asn_set! {
    /// The key of one encrypted body part.
    pub struct BodyPartToken {
        /// Which part, from 1.
        body_part_number: i64 = bare req,
        /// The key.
        body_part_choice: BodyPartTokenChoice = bare req,
    }
}

crate::asn_choice! {
    /// The key of a body part, or those of the parts within it.
    pub enum BodyPartTokenChoice {
        /// Of the part.
        EncryptionToken(EncryptionToken) = bare,
        /// Of the parts of a forwarded message or content, in no order.
        MessageOrContentBodyPart(Vec<BodyPartToken>) = imp(0),
    }
}

crate::asn_set! {
    /// A key, encrypted for the recipient.
    pub struct EncryptionToken {
        /// How the part is encrypted.
        encryption_algorithm_identifier: AlgorithmIdentifier = bare req,
        /// The key.
        encrypted_key: NamedBits = bare req,
        /// Which certificate of the recipient the key is for.
        recipient_certificate_selector: CertificateAssertion = imp(0) opt,
        /// That certificate.
        recipient_certificate: Certificates = imp(1) opt,
        /// Which certificate of the originator goes with it.
        originator_certificate_selector: CertificateAssertion = imp(2) opt,
        /// The originator's certificates, in no order.
        originator_certificates: Vec<ExtendedCertificate> = imp(3) opt,
    }
}

/// The tokens of forwarded contents: the value of
/// [`ForwardedContentToken`](crate::x411::extension::ForwardedContentToken) of a recipient in an envelope.
pub type ForwardedContentTokens = ListAsSet<ForwardedContentTokenEntry>;

crate::asn_set! {
    /// The token of one forwarded content.
    pub struct ForwardedContentTokenEntry {
        /// Which part, from 1.
        body_part_number: i64 = bare req,
        /// The token.
        body_part_choice: ForwardedContentTokenChoice = bare req,
    }
}

crate::asn_choice! {
    /// The token of a forwarded content, or those of the contents within it.
    pub enum ForwardedContentTokenChoice {
        /// Of the content: a message token.
        ForwardingToken(Token) = bare,
        /// Of contents forwarded in it.
        MessageOrContentBodyPart(ForwardedContentTokens) = bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber;
    use crate::ber::plan::Plan;
    use rasn::types::Tag;

    /// Tokens of messages in messages: as deep as the decoder goes, and not through the stack.
    #[test]
    fn tokens_nested_without_end_are_an_error() {
        let nested = |depth| {
            let mut tokens = Plan::new();
            for _ in 0..depth {
                let mut entry = Plan::value(&1_i64).expect("a number can be written");
                entry.append(tokens.constructed(Tag::new_context(0)));
                tokens = entry.constructed(Tag::SET);
            }
            tokens.constructed(Tag::SET).to_vec()
        };
        for (depth, decodes) in [(1, true), (20, true), (10_000, false)] {
            let octets = nested(depth);
            assert_eq!(ber::decode::<BodyPartTokens>(&octets, octets.len()).is_ok(), decodes, "{depth} deep");
        }
    }
}
