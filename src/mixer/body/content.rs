//! Mails that are X.400 contents already: `application/x400-content`, and S/MIME objects that travel as a content
//! (RFC 3854 3.2, 3.5; RFC 3855 2; ledger S-02 to S-05).

use bytes::Bytes;
use rasn_x400::ber::Error;
use rasn_x400::oids::{CONTENT_CMS, CONTENT_P2, CONTENT_P22, CONTENT_P35};
use rasn_x400::prim::Oid;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope};

use super::{cms, edi, typed};
use crate::message::{Entity, Structure};
use crate::mixer::encoded_types::EncodedTypes;
use crate::mixer::settings::{EdiForm, SecuredForm};
use crate::mixer::to_x400::Work;

/// A content that needs no heading.
pub(crate) struct Content {
    pub(crate) content_type: ContentType,
    octets: Bytes,
    /// The type of the interchange, if that is what the octets are (E-07).
    interchange: Option<Oid>,
    pub(crate) types: EncodedTypes,
    /// Whether a conversion, or a list that takes it apart, would break it (S-05).
    pub(crate) secured: bool,
    /// The ledger item it is made by.
    pub(crate) clause: &'static str,
}

impl Content {
    /// The content, now that the envelope says who is in it; large octets are referred to.
    ///
    /// # Errors
    /// As [`rasn_x400::ber::encode`].
    pub(crate) fn pieces(
        self,
        envelope: &MessageTransferEnvelope,
        identifier: &str,
    ) -> Result<Vec<Bytes>, Error> {
        let Some(body_type) = self.interchange else { return Ok(vec![self.octets]) };
        let recipients = envelope.per_recipient_fields.iter().map(|fields| fields.recipient_name.clone());
        let people = edi::People {
            originator: &envelope.originator_name,
            recipients: recipients.collect(),
            identifier,
        };
        Ok(edi::message(self.octets, body_type, &people)?.into_pieces())
    }
}

/// The content of a mail that is one, as far as the settings let it be.
pub(crate) fn of(mail: &Entity, work: &Work<'_>) -> Option<Content> {
    let settings = work.settings();
    let is_leaf = matches!(mail.structure, Structure::Leaf) && mail.header.get("MIME-Version").is_some();
    if !is_leaf || settings.is_1984() {
        return None;
    }
    if mail.media.is("application", "x400-content") && settings.foreign_contents {
        // S-03
        let content_type = content_type(mail.media.parameter("content-type")?)?;
        let decoded = mail.octets_decoded();
        return (!decoded.damaged && !decoded.octets.is_empty()).then(|| Content {
            content_type,
            octets: decoded.octets,
            interchange: None,
            types: EncodedTypes::default(),
            secured: false,
            clause: "beyond S-03",
        });
    }
    if settings.edi == EdiForm::Mail
        && mail.media.kind == "application"
        && let octets = mail.octets_decoded().octets
        && let Some(body_type) = edi::body_type(&mail.media, &octets)
    {
        // E-07
        return Some(Content {
            content_type: ContentType::BuiltIn(35),
            octets,
            interchange: Some(body_type),
            types: EncodedTypes::default(),
            secured: false,
            clause: "beyond E-07",
        });
    }
    if !cms::is_pkcs7(&mail.media) {
        return None;
    }
    let octets = mail.octets_decoded().octets;
    let stated = mail.media.parameter("smime-type").map(str::to_ascii_lowercase);
    let kind = stated.as_deref().or_else(|| cms::kind(&octets))?;
    let of_x400 = matches!(kind, "signed-x400" | "enveloped-x400");
    if !of_x400 && settings.secured != SecuredForm::Content {
        return None;
    }
    let mut types = EncodedTypes::default();
    types.add_all(typed::cms_types(&mail.media, &octets));
    let content_type = ContentType::Extended(CONTENT_CMS);
    Some(Content {
        content_type,
        octets,
        interchange: None,
        types,
        secured: true,
        clause: if of_x400 { "beyond S-03" } else { "beyond S-02" },
    })
}

/// A number or an object identifier; what has both is its number.
fn content_type(text: &str) -> Option<ContentType> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return (0..=32_767).contains(&number).then_some(ContentType::BuiltIn(number));
    }
    let oid = text.parse().ok()?;
    Some(match oid {
        _ if oid == CONTENT_P2 => ContentType::P2,
        _ if oid == CONTENT_P22 => ContentType::P22,
        _ if oid == CONTENT_P35 => ContentType::BuiltIn(35),
        _ => ContentType::Extended(oid),
    })
}
