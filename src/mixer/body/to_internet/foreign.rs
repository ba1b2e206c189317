//! Contents that are no interpersonal messages: S/MIME objects, MIME entities, and whatever else X.400 carries (RFC 3854,
//! RFC 3855; ledger B-39, S-02, S-03).

use bytes::Bytes;
use rasn_x400::oids::{CONTENT_CMS, CONTENT_P35};
use rasn_x400::x411::envelope::ContentType;

use super::{Made, carried, edi, joined};
use crate::message::{Message, authentication};
use crate::mixer::Settings;
use crate::mixer::body::{cms, encoding};
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::rope::Rope;
use crate::mixer::settings::EdiForm;
use crate::mixer::to_internet::{Envelope, Input, Work};

/// Whether such a content goes on as mail: S/MIME always, others as the operator says.
pub(crate) fn is_carried(content_type: &ContentType, settings: &Settings) -> bool {
    match content_type {
        ContentType::Extended(oid) if *oid == CONTENT_CMS || *oid == cms::DATA => true,
        _ => settings.foreign_contents || (is_edi(content_type) && settings.edi == EdiForm::Mail),
    }
}

fn is_edi(content_type: &ContentType) -> bool {
    [ContentType::BuiltIn(35), ContentType::Extended(CONTENT_P35)].contains(content_type)
}

/// The mail around such a content. Its header is the envelope's, because nobody else says anything.
pub(crate) fn entity(input: &Input, envelope: &mut Envelope, work: &mut Work<'_>) -> Rope {
    let mut header = std::mem::take(&mut envelope.trace);
    header.append(std::mem::take(&mut envelope.header));
    let content_type = &input.envelope.content_type;
    if *content_type == ContentType::Extended(cms::DATA) && is_entity(&input.content, work) {
        work.trail.made("body", "the content", "content", "beyond S-02");
        return around(&input.content, header, envelope, work);
    }
    if is_edi(content_type) && work.settings().edi == EdiForm::Mail {
        let mut fields = HeaderBlock::default();
        if let Some(made) = edi::content(&input.content, &mut fields, work) {
            // the trace leads.
            header.append(fields);
            sender(&mut header, envelope, work);
            header.add("MIME-Version", "1.0");
            header.append(made.fields);
            return joined(&header, made.body);
        }
    }
    let made = match content_type {
        ContentType::Extended(oid) if *oid == CONTENT_CMS => {
            let types = input.envelope.original_encoded_information_types.as_ref();
            let types = types.and_then(|types| types.extended.as_deref()).unwrap_or_default();
            let mut made = Made::typed(&cms::media_type(&input.content, types));
            encoding::base64(vec![input.content.clone()], &mut made.fields, &mut made.body);
            work.trail.made("body", "application/pkcs7-mime", "content", "beyond S-02");
            made
        }
        _ => {
            let name = match content_type {
                ContentType::BuiltIn(number) => number.to_string(),
                ContentType::Extended(oid) => oid.to_string(),
                ContentType::Unknown(_) => "0".to_owned(),
            };
            work.trail.made(
                "body",
                format_args!("application/x400-content; content-type={name}"),
                "content",
                "beyond S-03",
            );
            carried::content(&name, input.content.clone())
        }
    };
    sender(&mut header, envelope, work);
    header.add("MIME-Version", "1.0");
    header.append(made.fields);
    joined(&header, made.body)
}

/// Whether the octets are a header and a body that can go as they are.
fn is_entity(content: &Bytes, work: &Work<'_>) -> bool {
    let message = Message::parse(content.clone());
    let fields = message.header().fields();
    // RFC 8601 5
    let ours = work.settings().authserv_id.as_deref();
    let claims = |ours| fields.iter().any(|field| authentication::claims(&field.name, &field.value, ours));
    !fields.is_empty()
        && message.defects().is_empty()
        && !ours.is_some_and(claims)
        && encoding::is_mail(content, work)
}

/// S-02: the entity has a header of its own; what it lacks is put in front of it.
fn around(content: &Bytes, mut header: HeaderBlock, envelope: &Envelope, work: &mut Work<'_>) -> Rope {
    let message = Message::parse(content.clone());
    let own = message.header();
    sender(&mut header, envelope, work);
    let mut front = HeaderBlock::default();
    for (name, value) in header.fields() {
        if own.get(name).is_none() || name.eq_ignore_ascii_case("Received") {
            front.add(name, value);
        }
    }
    if own.get("MIME-Version").is_none() {
        front.add("MIME-Version", "1.0");
    }
    let mut rope = Rope::default();
    rope.push(front.to_octets());
    rope.push(content.clone());
    rope
}

/// The fields no mail may lack (RFC 5322 3.6).
fn sender(header: &mut HeaderBlock, envelope: &Envelope, work: &mut Work<'_>) {
    if !header.has("From") {
        let from = envelope.reverse_path.clone().unwrap_or_else(|| {
            let postmaster = format!("postmaster@{}", work.settings().mail_domain);
            work.authors.push(postmaster.clone());
            postmaster
        });
        header.add_told("From", &from, ("envelope.originator-name", "K-03"), &mut work.trail);
    }
    if !["To", "Cc", "Bcc"].iter().any(|name| header.has(name)) {
        // Recipients of X.400 do not learn of each other from the envelope.
        let to = match envelope.recipients.as_slice() {
            [only] => only.address.clone(),
            _ => "list:;".to_owned(),
        };
        header.add_told("To", &to, ("envelope.recipients", "K-04"), &mut work.trail);
    }
    if !header.has("Message-ID") {
        let identifier = work.own_message_id();
        header.add_told("Message-ID", &identifier, ("made by the gateway", "K-20"), &mut work.trail);
    }
}
