//! The label inside a signed object: a signed attribute, which the gateway reads and cannot change (RFC 2634 3.2; ACP 123
//! Annex B, STANAG 4406 Annex G; ledger beyond S-08).
//!
//! Only the outermost signature is looked at, and it is not verified: who lies about a label there lies to the recipient,
//! who verifies it. The label is judged like any other, so that what may not pass does not pass because it is signed.

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber;
use rasn_x400::prim::Oid;
use rasn_x400::x411::security::SecurityLabel;

use super::LabelFault;
use crate::message::{Entity, MediaType, Structure};
use crate::mixer::body::element::Element;
use crate::mixer::printable::is_printable;

/// id-signedData: 1.2.840.113549.1.7.2.
const SIGNED_DATA: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]);
/// id-aa-securityLabel: 1.2.840.113549.1.9.16.2.2.
const SECURITY_LABEL: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 2, 2]);

/// The label of a mail, or of a part of one, that is a signed object or a signed multipart.
///
/// # Errors
/// A label cannot be read, or two signers say different things (RFC 2634 3.2 forbids that).
pub(crate) fn of_entity(entity: &Entity) -> Result<Option<SecurityLabel>, LabelFault> {
    let is = |media: &MediaType, subtypes: [&str; 2]| {
        media.kind == "application" && subtypes.contains(&media.subtype.as_str())
    };
    match &entity.structure {
        Structure::Leaf if is(&entity.media, ["pkcs7-mime", "x-pkcs7-mime"]) => {
            of_object(&entity.octets_decoded().octets)
        }
        Structure::Multipart(parts) if entity.media.subtype == "signed" => {
            let signature =
                parts.get(1).filter(|part| is(&part.media, ["pkcs7-signature", "x-pkcs7-signature"]));
            signature.map_or(Ok(None), |signature| of_object(&signature.octets_decoded().octets))
        }
        _ => Ok(None),
    }
}

/// The label of a CMS object; nothing if it is not signed data, or has none.
///
/// # Errors
/// As [`of_entity`].
pub(crate) fn of_object(object: &Bytes) -> Result<Option<SecurityLabel>, LabelFault> {
    let mut label: Option<SecurityLabel> = None;
    for value in attributes(object).unwrap_or_default() {
        let found = read(&value).map_err(|error| LabelFault::Unreadable(error.to_string()))?;
        if label.as_ref().is_some_and(|label| *label != found) {
            return Err(LabelFault::Conflict);
        }
        label = Some(found);
    }
    Ok(label)
}

/// The values of the label attributes of all signers; `None` if this is no signed data.
fn attributes(object: &Bytes) -> Option<Vec<Element>> {
    let members = Element::only(object.clone())?.members()?;
    let content_type: Oid = members.first()?.value(256).ok()?;
    if content_type != SIGNED_DATA {
        return None;
    }
    // SignedData { version, digestAlgorithms, encapContentInfo, [0] certificates?, [1] crls?, signerInfos }
    let signed = members.get(1)?.members()?.into_iter().next()?.members()?;
    let mut found = Vec::new();
    for signer in signed.last().filter(|last| last.tag == Tag::SET)?.members()? {
        // SignerInfo { version, sid, digestAlgorithm, [0] signedAttrs?, … }
        let members = signer.members()?;
        let Some(attributes) = members.get(3).filter(|member| member.is_context(0)) else { continue };
        for attribute in attributes.members()? {
            let parts = attribute.members()?;
            let kind: Oid = parts.first()?.value(256).ok()?;
            if kind == SECURITY_LABEL {
                found.extend(parts.get(1)?.members()?);
            }
        }
    }
    Some(found)
}

/// The octets of ESS and of X.411 are the same, but for a privacy mark in UTF-8 (RFC 2634 3.2): one that X.411 can say is read
/// as that, any other has no place in it.
fn read(value: &Element) -> Result<SecurityLabel, ber::Error> {
    let members = value.members().unwrap_or_default();
    if members.iter().all(|member| member.tag != Tag::UTF8_STRING) {
        return value.value(value.whole.len());
    }
    let mut contents = Vec::new();
    for member in members {
        if member.tag != Tag::UTF8_STRING {
            contents.extend_from_slice(&member.whole);
        } else if member
            .string()
            .is_some_and(|pieces| pieces.iter().flatten().all(|octet| is_printable(*octet)))
        {
            contents.extend_from_slice(&member.retagged(Tag::PRINTABLE_STRING));
        }
    }
    let whole = ber::plan::Plan::from(contents).constructed(Tag::SET).to_vec();
    ber::decode(&whole, whole.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
pub(crate) mod tests {
    use rasn_x400::ber::plan::Plan;

    use super::*;

    /// A ContentInfo of signed data with signers, each with this label if it has one.
    pub(crate) fn signed(labels: &[Option<&[u8]>]) -> Bytes {
        let empty = |tag| Plan::new().constructed(tag);
        let mut signers = Plan::new();
        for label in labels {
            let mut signer = Plan::value(&1_i64).unwrap();
            signer.append(empty(Tag::SEQUENCE));
            signer.append(empty(Tag::SEQUENCE));
            if let Some(label) = label {
                let mut attribute = Plan::value(&SECURITY_LABEL).unwrap();
                attribute.append(Plan::from(label.to_vec()).constructed(Tag::SET));
                signer.append(attribute.constructed(Tag::SEQUENCE).constructed(Tag::new_context(0)));
            }
            signer.append(empty(Tag::SEQUENCE));
            signers.append(signer.constructed(Tag::SEQUENCE));
        }
        let mut data = Plan::value(&1_i64).unwrap();
        data.append(empty(Tag::SET));
        data.append(empty(Tag::SEQUENCE));
        data.append(signers.constructed(Tag::SET));
        let mut info = Plan::value(&SIGNED_DATA).unwrap();
        info.append(data.constructed(Tag::SEQUENCE).constructed(Tag::new_context(0)));
        info.constructed(Tag::SEQUENCE).to_vec().into()
    }

    const CONFIDENTIAL: &[u8] = &[0x31, 6, 6, 1, 0x29, 2, 1, 3];
    const SECRET: &[u8] = &[0x31, 6, 6, 1, 0x29, 2, 1, 4];

    // ledger: beyond S-08
    #[test]
    fn the_label_is_that_of_the_signers() {
        for (labels, expected) in [
            (&[][..], Ok(None)),
            (&[None][..], Ok(None)),
            (&[Some(CONFIDENTIAL)][..], Ok(Some(3))),
            (&[None, Some(CONFIDENTIAL), Some(CONFIDENTIAL)][..], Ok(Some(3))),
            (&[Some(CONFIDENTIAL), Some(SECRET)][..], Err(LabelFault::Conflict)),
        ] {
            let found = of_object(&signed(labels));
            let number = found.map(|label| label.map(|label| label.classification.unwrap().0));
            assert_eq!(number, expected, "{labels:?}");
        }
    }

    #[test]
    fn a_privacy_mark_in_utf_8_is_read_as_far_as_it_can_be() {
        for (mark, expected) in [("FOR YOU", Some("FOR YOU")), ("für dich", None)] {
            let length = u8::try_from(mark.len()).unwrap();
            let mut label = vec![0x31, 6 + 2 + length, 6, 1, 0x29, 2, 1, 3, 12, length];
            label.extend_from_slice(mark.as_bytes());
            let found = of_object(&signed(&[Some(&label)])).unwrap().unwrap();
            assert_eq!(found.privacy_mark.map(|mark| mark.to_text().into_owned()).as_deref(), expected);
        }
    }

    #[test]
    fn what_is_cut_or_no_signed_data_has_no_label() {
        let whole = signed(&[Some(CONFIDENTIAL)]);
        for end in 0..whole.len() {
            assert_eq!(of_object(&whole.slice(..end)), Ok(None));
        }
        let unreadable = of_object(&signed(&[Some(&[0x31, 3, 2, 1])]));
        assert!(!matches!(unreadable, Ok(Some(_))), "{unreadable:?}");
        assert_eq!(of_object(&Bytes::from_static(&[5, 0])), Ok(None));
    }
}
