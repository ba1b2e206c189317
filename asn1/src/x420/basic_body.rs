//! Basic body parts that [`BodyPart`](super::body::BodyPart) keeps as they came, because nobody may send them any more or
//! no two peers write them alike; here they are as the standards have them (X.420 7.3; ledger A-30, B-24, B-25).

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::prim::{ListAsSet, NamedBits, RawTlv, VideotexString};

/// Telex: parameters that X.420 of 1984 left open, and what was sent.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Telex {
    /// Parameters, as they came.
    pub parameters: ListAsSet<RawTlv>,
    /// What was sent, as it came.
    pub data: RawTlv,
}

/// Speech as X.420 of 1984 has it: parameters were left open.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Voice {
    /// Parameters, as they came.
    pub parameters: ListAsSet<RawTlv>,
    /// The speech, coded in some way.
    pub data: NamedBits,
}

/// Videotex: a SET of parameters and the characters.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Videotex {
    /// Parameters.
    pub parameters: VideotexParameters,
    /// The characters.
    pub data: VideotexString,
}

crate::asn_set! {
    /// Parameters of videotex.
    pub struct VideotexParameters default {
        /// Which of the syntaxes of T.100 and T.101.
        syntax: VideotexSyntax = imp(0) opt,
    }
}

crate::open_enum! {
    /// Syntaxes of videotex.
    pub struct VideotexSyntax: INTEGER {
        /// Interworking data syntax.
        IDS = 0 => "ids",
        /// CAPTAIN.
        DATA_SYNTAX_1 = 1 => "data-syntax1",
        /// CEPT.
        DATA_SYNTAX_2 = 2 => "data-syntax2",
        /// NAPLPS.
        DATA_SYNTAX_3 = 3 => "data-syntax3",
    }
}

/// An encrypted part: a SET of parameters, and a body part under its cipher.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Encrypted {
    /// Parameters.
    pub parameters: EncryptedParameters,
    /// The encrypted body part.
    pub data: NamedBits,
}

crate::asn_set! {
    /// Parameters of an encrypted part. In 1984 and 1988 the SET was left open, so none is mandatory here.
    pub struct EncryptedParameters default {
        /// How it is encrypted: members of an AlgorithmIdentifier, as they came.
        algorithm_identifier: Vec<RawTlv> = bare opt,
        /// The originator's certificates, as they came.
        originator_certificates: ListAsSet<RawTlv> = bare opt,
    }
}

/// Documents of T.73 or ODA, as they came: group 4 facsimile, mixed mode, simple formattable documents.
pub type InterchangeDataElements = Vec<RawTlv>;
