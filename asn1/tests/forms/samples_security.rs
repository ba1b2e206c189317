//! Samples of the security elements of X.411: labels, signatures, certificates, tokens.

use rasn_x400::prim::{Captured, ListAsSet, NamedBits, RawTlv};
use rasn_x400::x411::extension::Requested;
use rasn_x400::x411::security::*;

use super::x411::{domain, person, time};
use super::{Sample, alias, raw, sample};

pub(crate) fn label() -> SecurityLabel {
    SecurityLabel {
        policy: Some("1.3.26.0.4406.0.7.1".parse().unwrap()),
        classification: Some(SecurityClassification::SECRET),
        privacy_mark: Some("eyes only".into()),
        categories: Some(ListAsSet(vec![category()])),
        unknown: vec![],
    }
}

pub(crate) fn category() -> SecurityCategory {
    SecurityCategory { kind: "2.999.5".parse().unwrap(), value: raw("30 03 02 01 07"), unknown: vec![] }
}

pub(crate) fn algorithm() -> AlgorithmIdentifier {
    AlgorithmIdentifier {
        algorithm: "1.2.840.113549.1.1.11".parse().unwrap(),
        parameters: Some(raw("05 00")),
    }
}

pub(crate) fn signature() -> Signature {
    Signature {
        algorithm: algorithm(),
        encrypted: NamedBits::from_octets(&[0xde, 0xad, 0xbe, 0]),
        unknown: vec![],
    }
}

pub(crate) fn certificates() -> Certificates {
    Certificates {
        user_certificate: raw(CERTIFICATE),
        certification_path: Some(in_element(0x30, &in_element(0x31, &raw(CERTIFICATE)))),
    }
}

pub(crate) fn extended_certificates() -> Vec<ExtendedCertificate> {
    vec![
        ExtendedCertificate::DirectoryEntry(raw("30 0d 31 0b 30 09 06 03 55 04 06 13 02 47 42")),
        ExtendedCertificate::Certificate(certificates()),
    ]
}

pub(crate) fn selectors() -> CertificateSelectors {
    let assertion = || Some(vec![raw("80 01 01")]);
    CertificateSelectors {
        encryption_recipient: assertion(),
        encryption_originator: assertion(),
        content_integrity_check: assertion(),
        token_signature: assertion(),
        message_origin_authentication: assertion(),
        unknown: vec![],
    }
}

pub(crate) fn token() -> Token {
    Token {
        kind: "2.6.3.6.0".parse().unwrap(),
        value: RawTlv::of(&asymmetric_token()).unwrap(),
        unknown: vec![],
    }
}

pub(crate) fn asymmetric_token() -> AsymmetricToken {
    AsymmetricToken {
        data: Captured::of(&token_contents(TokenAddressee::Recipient(person("Cooper")))).unwrap(),
        algorithm: algorithm(),
        encrypted: NamedBits::from_octets(&[1, 2, 3]),
    }
}

pub(crate) fn token_contents(addressee: TokenAddressee) -> AsymmetricTokenData {
    AsymmetricTokenData {
        signature_algorithm: algorithm(),
        addressee,
        time: time("910530182455Z"),
        signed_data: Some(token_data()),
        encryption_algorithm: Some(algorithm()),
        encrypted_data: Some(NamedBits::from_octets(&[9, 8, 7])),
        unknown: vec![],
    }
}

pub(crate) fn token_data() -> TokenData {
    TokenData { kind: 2, value: RawTlv::of(&token_signed_data()).unwrap(), unknown: vec![] }
}

pub(crate) fn token_signed_data() -> MessageTokenSignedData {
    MessageTokenSignedData {
        content_confidentiality_algorithm: Some(algorithm()),
        content_integrity_check: Some(signature()),
        message_security_label: Some(label()),
        proof_of_delivery_request: Some(Requested::REQUESTED),
        message_sequence_number: Some(7),
        unknown: vec![],
    }
}

pub(crate) fn token_encrypted_data() -> MessageTokenEncryptedData {
    MessageTokenEncryptedData {
        content_confidentiality_key: Some(NamedBits::from_octets(&[1, 2])),
        content_integrity_check: Some(signature()),
        message_security_label: Some(label()),
        content_integrity_key: Some(NamedBits::from_octets(&[3, 4])),
        message_sequence_number: Some(7),
        unknown: vec![],
    }
}

pub(crate) fn token_mta() -> TokenMta {
    TokenMta { domain: Some(domain()), mta_name: "mta-a".into(), unknown: vec![] }
}

/// An element around another, by its identifier octet.
fn in_element(identifier: u8, inner: &RawTlv) -> RawTlv {
    let length = inner.as_bytes().len();
    let mut element = vec![identifier];
    let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
    element.extend([0x82, high, low]);
    element.extend_from_slice(inner.as_bytes());
    RawTlv::from_element(element)
}

/// A certificate of nobody, signed by itself.
const CERTIFICATE: &str = "308201373081eaa003020102020101300506032b6570301b310b3009060355040613024742310c300a060355040a0c03 \
    55434c301e170d3236313132373031343730395a170d3336313132343031343730395a301b310b300906035504061302 \
    4742310c300a060355040a0c0355434c302a300506032b6570032100abd1346d794f30ba94a0832efc9c835c176ebed3 \
    c5c7d1149541a05914a87ec6a3533051301d0603551d0e041604140a12d961b833f501ab6c2d7644a8836adb1ec63230 \
    1f0603551d230418301680140a12d961b833f501ab6c2d7644a8836adb1ec632300f0603551d130101ff040530030101 \
    ff300506032b65700341004d84e93d00b6ba01c36ae3ddc595e430d417c2fbe0eadacf68b6695d7b1daad71f61cad356 \
    7f6db2a10a2f709bd7d7c7dc98bb633b8442217c2bb3214a93ff0a";

pub(crate) fn samples() -> Vec<Sample> {
    vec![
        sample("S-20", label()),
        sample("S-20", SecurityClassification::TOP_SECRET),
        sample("S-20", category()),
        alias("S-20", "security::SecurityContext", vec![label(), SecurityLabel::default()]),
        sample("A-18", algorithm()),
        sample("A-18", signature()),
        sample("A-18", certificates()),
        sample("A-18", extended_certificates().remove(0)),
        sample("A-18", extended_certificates().remove(1)),
        alias("A-18", "security::ExtendedCertificates", ListAsSet(extended_certificates())),
        alias("A-18", "security::CertificateAssertion", vec![raw("80 01 01")]),
        sample("A-18", selectors()),
        sample("A-18", token()),
        sample("A-18", asymmetric_token()),
        sample("A-18", token_contents(TokenAddressee::Mta(token_mta()))),
        sample("A-18", TokenAddressee::Recipient(person("Cooper"))),
        sample("A-18", TokenAddressee::Mta(token_mta())),
        sample("A-18", token_mta()),
        sample("A-18", token_data()),
        sample("A-18", token_signed_data()),
        sample("A-18", token_encrypted_data()),
    ]
}
