//! S/MIME objects, which cross the gateway untouched: what a mail calls them, and what an envelope does (RFC 3854, RFC 3855,
//! RFC 8551 3.2; ledger S-02 to S-07).

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::oids::{CONTENT_P2, CONTENT_P22, CONTENT_P35, CONTENT_P772};
use rasn_x400::prim::Oid;

use super::element::Element;
use crate::mixer::header_block::parameter;

/// The CMS types, below 1.2.840.113549.1.
const SIGNED_DATA: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]);
const ENVELOPED_DATA: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3]);
const COMPRESSED_DATA: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 9]);
const AUTH_ENVELOPED_DATA: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 23]);
const RECEIPT: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 1]);
/// A MIME entity as a content: 1.2.840.113549.1.7.1 (S-02).
pub(super) const DATA: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]);
/// Root of the encoded information types (S-05): 1.2.840.113549.1.9.16.10.
const ENCODED_TYPES: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 10]);

/// S-05: what `smime-type` says, by the last arc of the encoded information type.
const KINDS: [(&str, u64); 7] = [
    ("enveloped-data", 1),
    ("signed-data", 2),
    ("certs-only", 3),
    ("signed-receipt", 4),
    ("enveloped-x400", 5),
    ("signed-x400", 6),
    ("compressed-data", 7),
];

/// The encoded information type of an object that a mail calls so.
pub(super) fn encoded_type(smime_type: &str) -> Option<Oid> {
    let kind = KINDS.iter().find(|kind| kind.0.eq_ignore_ascii_case(smime_type))?;
    Some(ENCODED_TYPES.below(&[kind.1]))
}

/// What a mail calls an object with this encoded information type.
fn named(encoded_types: &[Oid]) -> Option<&'static str> {
    KINDS.iter().find(|kind| encoded_types.contains(&ENCODED_TYPES.below(&[kind.1]))).map(|kind| kind.0)
}

/// The `Content-Type` of a CMS object. `encoded_types` are those of the envelope around it: what the sender says there is
/// believed, because what is inside an encrypted object nobody else can see.
pub(super) fn media_type(object: &Bytes, encoded_types: &[Oid]) -> String {
    let smime_type = named(encoded_types).or_else(|| kind(object));
    let (name, smime_type) = match smime_type {
        Some("certs-only") => ("smime.p7c", Some("certs-only")),
        Some("compressed-data") => ("smime.p7z", Some("compressed-data")),
        other => ("smime.p7m", other),
    };
    let smime_type = smime_type.map(|smime_type| parameter("smime-type", smime_type)).unwrap_or_default();
    format!("application/pkcs7-mime{smime_type}{}", parameter("name", name))
}

/// What kind of object it is, as far as can be seen from outside.
pub(super) fn kind(object: &Bytes) -> Option<&'static str> {
    let members = Element::only(object.clone())?.members()?;
    let content_type: Oid = members.first()?.value(256).ok()?;
    if content_type == ENVELOPED_DATA || content_type == AUTH_ENVELOPED_DATA {
        return Some("enveloped-data");
    }
    if content_type == COMPRESSED_DATA {
        return Some("compressed-data");
    }
    if content_type != SIGNED_DATA {
        return None;
    }
    // SignedData { version, digestAlgorithms, encapContentInfo { eContentType, eContent [0]? }, …, signerInfos }
    let signed = members.get(1)?.members()?.into_iter().next()?.members()?;
    let inside = signed.iter().find(|member| member.tag == Tag::SEQUENCE)?.members()?;
    let inner: Oid = inside.first()?.value(256).ok()?;
    let signers = signed.last()?.members()?;
    Some(match () {
        () if is_x400(&inner) => "signed-x400",
        () if inner == RECEIPT => "signed-receipt",
        () if signers.is_empty() && inside.len() == 1 => "certs-only",
        () => "signed-data",
    })
}

/// S-07: whether a content type is one of X.400.
fn is_x400(content_type: &Oid) -> bool {
    [CONTENT_P2, CONTENT_P22, CONTENT_P35, CONTENT_P772].contains(content_type)
}

/// Whether the media type is that of a CMS object.
pub(super) fn is_pkcs7(media: &crate::message::MediaType) -> bool {
    media.is("application", "pkcs7-mime") || media.is("application", "x-pkcs7-mime")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use super::*;
    use rasn_x400::ber::plan::Plan;

    /// A ContentInfo of signed data around a content of this type, without signers.
    pub(in crate::mixer::body) fn signed(inner: &Oid, content: Option<&'static [u8]>) -> Vec<u8> {
        let mut inside = Plan::value(inner).unwrap();
        if let Some(content) = content {
            let octets = Plan::primitive(Tag::OCTET_STRING, Bytes::from_static(content));
            inside.append(octets.constructed(Tag::new_context(0)));
        }
        let mut data = Plan::value(&1_i64).unwrap();
        data.append(Plan::new().constructed(Tag::SET));
        data.append(inside.constructed(Tag::SEQUENCE));
        data.append(Plan::new().constructed(Tag::SET));
        let mut info = Plan::value(&SIGNED_DATA).unwrap();
        info.append(data.constructed(Tag::SEQUENCE).constructed(Tag::new_context(0)));
        info.constructed(Tag::SEQUENCE).to_vec()
    }

    // ledger: beyond S-05 S-07
    #[test]
    fn objects_are_told_apart() {
        let enveloped = {
            let mut info = Plan::value(&ENVELOPED_DATA).unwrap();
            info.append(Plan::new().constructed(Tag::new_context(0)));
            info.constructed(Tag::SEQUENCE).to_vec()
        };
        for (object, types, expected) in [
            (
                signed(&DATA, Some(b"x")),
                vec![],
                "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
            ),
            (signed(&DATA, None), vec![], "application/pkcs7-mime; smime-type=certs-only; name=smime.p7c"),
            (
                signed(&CONTENT_P22, Some(b"x")),
                vec![],
                "application/pkcs7-mime; smime-type=signed-x400; name=smime.p7m",
            ),
            (enveloped.clone(), vec![], "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"),
            (enveloped, vec![5], "application/pkcs7-mime; smime-type=enveloped-x400; name=smime.p7m"),
            (vec![5, 0], vec![], "application/pkcs7-mime; name=smime.p7m"),
        ] {
            let types: Vec<_> = types.into_iter().map(|arc| ENCODED_TYPES.below(&[arc])).collect();
            assert_eq!(media_type(&Bytes::from(object), &types), expected);
        }
        assert_eq!(encoded_type("enveloped-data").unwrap().to_string(), "1.2.840.113549.1.9.16.10.1");
        assert_eq!(encoded_type("smoke"), None);
    }
}
