//! Security elements of the envelope: labels, tokens, signatures, certificates (X.411 8.5.6 to 8.5.11, 9.3).
//!
//! What a signature covers is kept as it came, and certificates are X.509's business, so they are captured.

use rasn::{AsnType, Decode, Decoder, Encode};

use super::address::OrName;
use super::extension::Requested;
use super::trace::GlobalDomainIdentifier;
use crate::prim::{Captured, Ia5String, ListAsSet, NamedBits, Oid, PrintableString, RawTlv, X400Time};

crate::asn_set! {
    /// How sensitive something is, under a policy.
    ///
    /// ```asn
    /// SecurityLabel ::= SET { policy, classification, privacy mark, categories } -- all optional, by universal tags
    /// ```
    pub struct SecurityLabel default {
        /// Whose policy gives the rest its meaning.
        policy: Oid = bare opt,
        /// How secret it is.
        classification: SecurityClassification = bare opt,
        /// Words to be shown, 1 to 128 characters.
        privacy_mark: PrintableString = bare opt,
        /// What else the policy distinguishes; 1 to 64, in no order.
        categories: ListAsSet<SecurityCategory> = bare opt,
    }
}

crate::open_enum! {
    /// How secret something is, from 0; policies may give numbers up to 256 a meaning.
    pub struct SecurityClassification: INTEGER {
        /// Nobody has said.
        UNMARKED = 0 => "unmarked",
        /// Not at all.
        UNCLASSIFIED = 1 => "unclassified",
        /// For few.
        RESTRICTED = 2 => "restricted",
        /// In confidence.
        CONFIDENTIAL = 3 => "confidential",
        /// Secret.
        SECRET = 4 => "secret",
        /// Most secret.
        TOP_SECRET = 5 => "top-secret",
    }
}

crate::asn_seq! {
    /// Something that a policy distinguishes.
    pub struct SecurityCategory {
        /// What kind of thing.
        kind: Oid = imp(0) req,
        /// Which one, as it came.
        value: RawTlv = exp(1) req,
    }
}

/// The labels that an association may carry: 1 to 256, in no order (X.411 8.1.1.1.1.3).
pub type SecurityContext = Vec<SecurityLabel>;

/// An algorithm with what it needs to know. The parameters have no tag of their own, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct AlgorithmIdentifier {
    /// Which algorithm.
    pub algorithm: Oid,
    /// Its parameters, as they came.
    pub parameters: Option<RawTlv>,
}

crate::asn_seq! {
    /// A signature that stands beside what it signs: a content integrity check, an origin authentication check, a proof.
    pub struct Signature {
        /// How it was made.
        algorithm: AlgorithmIdentifier = bare req,
        /// The signature.
        encrypted: NamedBits = bare req,
    }
}

/// A certificate and the way to it (X.509), as they came.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Certificates {
    /// The user's certificate.
    pub user_certificate: RawTlv,
    /// The certificates between it and somebody the reader trusts.
    pub certification_path: Option<RawTlv>,
}

crate::asn_choice! {
    /// One of several certificates of the originator.
    pub enum ExtendedCertificate {
        /// The name of the directory entry that has it, as it came.
        DirectoryEntry(RawTlv) = exp(0),
        /// The certificate.
        Certificate(Certificates) = imp(1),
    }
}

/// Certificates of the originator, 1 to 64, in no order.
pub type ExtendedCertificates = ListAsSet<ExtendedCertificate>;

/// What a certificate must have to be the one that is meant (X.509): its members, as they came.
pub type CertificateAssertion = Vec<RawTlv>;

crate::asn_set! {
    /// Which certificates are to be used for what.
    pub struct CertificateSelectors default {
        /// To encrypt for the recipient.
        encryption_recipient: CertificateAssertion = imp(0) opt,
        /// To decrypt what the originator encrypted.
        encryption_originator: CertificateAssertion = imp(1) opt,
        /// To check the content's integrity.
        content_integrity_check: CertificateAssertion = imp(2) opt,
        /// To check the token.
        token_signature: CertificateAssertion = imp(3) opt,
        /// To check where the message comes from; not in the override for one recipient.
        message_origin_authentication: CertificateAssertion = imp(4) opt,
    }
}

crate::asn_seq! {
    /// A token: security elements for one recipient, or for the peer of a bind.
    pub struct Token {
        /// Which kind of token.
        kind: Oid = imp(0) req,
        /// The token, as it came; see [`AsymmetricToken`].
        value: RawTlv = exp(1) req,
    }
}

/// A token signed with an asymmetric key. Its first two members share a tag, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct AsymmetricToken {
    /// What is signed, octet for octet.
    pub data: Captured<AsymmetricTokenData>,
    /// How it is signed.
    pub algorithm: AlgorithmIdentifier,
    /// The signature.
    pub encrypted: NamedBits,
}

crate::asn_seq! {
    /// What an asymmetric token says.
    pub struct AsymmetricTokenData {
        /// How the token is signed.
        signature_algorithm: AlgorithmIdentifier = bare req,
        /// Whom the token is for.
        addressee: TokenAddressee = bare req,
        /// When it was made.
        time: X400Time = bare req,
        /// What is signed and can be read by everybody.
        signed_data: TokenData = imp(0) opt,
        /// How the rest is encrypted.
        encryption_algorithm: AlgorithmIdentifier = imp(1) opt,
        /// What only the addressee can read: a [`TokenData`].
        encrypted_data: NamedBits = imp(2) opt,
    }
}

crate::asn_choice! {
    /// Whom a token is for.
    pub enum TokenAddressee {
        /// The recipient of a message.
        Recipient(OrName) = bare,
        /// The peer of a bind.
        Mta(TokenMta) = imp(3),
    }
}

crate::asn_seq! {
    /// The MTA that a token of a bind is for.
    pub struct TokenMta {
        /// Its domain.
        domain: GlobalDomainIdentifier = bare opt,
        /// Its name, 1 to 32 characters.
        mta_name: Ia5String = bare req,
    }
}

crate::asn_seq! {
    /// What stands in a token, signed or encrypted.
    pub struct TokenData {
        /// Which kind: signed data of a bind 1, of a message 2 ([`MessageTokenSignedData`]), encrypted data of a message 3
        /// ([`MessageTokenEncryptedData`]), of a bind 4.
        kind: i64 = imp(0) req,
        /// It, as it came.
        value: RawTlv = exp(1) req,
    }
}

crate::asn_seq! {
    /// What a message token says to everybody.
    pub struct MessageTokenSignedData default {
        /// How the content is encrypted.
        content_confidentiality_algorithm: AlgorithmIdentifier = imp(0) opt,
        /// Whether the content is what was sent.
        content_integrity_check: Signature = imp(1) opt,
        /// How sensitive the message is.
        message_security_label: SecurityLabel = imp(2) opt,
        /// Whether a proof of delivery is wanted.
        proof_of_delivery_request: Requested = imp(3) opt,
        /// The message's number in a sequence.
        message_sequence_number: i64 = imp(4) opt,
    }
}

crate::asn_seq! {
    /// What a message token says to the recipient alone, once it is decrypted.
    pub struct MessageTokenEncryptedData default {
        /// The key the content is encrypted with.
        content_confidentiality_key: NamedBits = imp(0) opt,
        /// Whether the content is what was sent.
        content_integrity_check: Signature = imp(1) opt,
        /// How sensitive the message is.
        message_security_label: SecurityLabel = imp(2) opt,
        /// The key of the integrity check.
        content_integrity_key: NamedBits = imp(3) opt,
        /// The message's number in a sequence.
        message_sequence_number: i64 = imp(4) opt,
    }
}

impl Token {
    /// The token as one that is signed with an asymmetric key (2.6.3.6.0).
    ///
    /// # Errors
    /// When it is of another kind, or not what its kind says.
    pub fn asymmetric(&self) -> Result<AsymmetricToken, crate::ber::Error> {
        if self.kind != ASYMMETRIC_TOKEN {
            return Err(crate::ber::Error::Malformed {
                path: crate::ber::Path::default(),
                problem: format!("token {} is not an asymmetric token", self.kind),
            });
        }
        self.value.get()
    }
}

/// `id-tok-asymmetricToken`: 2.6.3.6.0.
const ASYMMETRIC_TOKEN: Oid = Oid::from_contents(&[0x56, 3, 6, 0]);
