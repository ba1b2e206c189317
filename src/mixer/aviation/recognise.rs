//! An ATS message on its way to the Internet (ledger beyond V-05 to V-07, V-15).

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::prim::Ia5String;
use rasn_x400::x411::address::UniversalOrBmp;
use rasn_x400::x420::body::BodyPart;
use rasn_x400::x420::heading::{
    AuthorizationTime, Heading, HeadingExtension, OriginatorsReference, Precedence,
    PrecedencePolicyIdentifier,
};
use rasn_x400::x420::{InformationObject, Ipm};
use time::OffsetDateTime;

use super::header::{AtsHeader, AtsPriority};
use super::{FILING_TIME_FIELD, OPTIONAL_FIELD, PRECEDENCE_POLICY, PRIORITY_FIELD};
use crate::message::date::format_date;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::loss::{Losses, Trail};

/// What an ATS message says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised {
    header: AtsHeader,
    source: &'static str,
}

/// The content without its ATS header: it is taken off the text, and what the extended service says is taken out of the heading; the extensions count where both are
/// there (V-07). `None` if it is no ATS message, which then is as it was.
pub(crate) fn take(content: &Bytes, losses: &mut Losses) -> Option<(Bytes, Recognised)> {
    let object = ber::decode(content, ber::Limits::default().whole);
    let Ok(InformationObject::Ipm(mut ipm)) = object else { return None };
    let recognised = of_message(&mut ipm, losses)?;
    let content = ber::encode(&InformationObject::Ipm(ipm)).ok()?;
    Some((content.into(), recognised))
}

fn of_message(ipm: &mut Ipm, losses: &mut Losses) -> Option<Recognised> {
    let by_extensions = of_extensions(&mut ipm.heading);
    let by_text = of_text(ipm, losses);
    let source = if by_extensions.is_some() { "heading.extensions" } else { "body[1]" };
    if let (Some(extensions), Some(text)) = (&by_extensions, &by_text)
        && extensions != text
    {
        losses.replaced(
            "body[1]",
            format!("{text:?}"),
            "the heading says otherwise",
            "beyond V-07",
            format!("{extensions:?}"),
        );
    }
    let header = by_extensions.or(by_text)?;
    Some(Recognised { header, source })
}

fn of_text(ipm: &mut Ipm, losses: &mut Losses) -> Option<AtsHeader> {
    let Some(BodyPart::Ia5Text(text)) = ipm.body.first_mut() else { return None };
    let octets = text.data.as_bytes();
    if octets.first() != Some(&1) {
        return None;
    }
    let Some((header, start)) = AtsHeader::parse(octets) else {
        losses.dropped(
            "body[1]",
            "ATS-Message-Header",
            "it breaks its own grammar and stays in the text",
            "beyond V-05",
        );
        return None;
    };
    text.data = Ia5String::new(octets[start..].to_vec());
    Some(header)
}

/// V-07: what a heading of the extended service says, if it says all of it.
fn of_extensions(heading: &mut Heading) -> Option<AtsHeader> {
    let policy = PrecedencePolicyIdentifier::find(&heading.extensions).ok().flatten()?;
    if policy != PRECEDENCE_POLICY {
        return None;
    }
    let time = AuthorizationTime::find(&heading.extensions).ok().flatten()?.moment()?;
    let lists = [&heading.primary_recipients, &heading.copy_recipients, &heading.blind_copy_recipients];
    let mut precedences = lists
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|recipient| Precedence::find(&recipient.extensions).ok().flatten());
    let priority = precedences.next().and_then(AtsPriority::of_precedence);
    drop(precedences);
    let priority = priority?;
    let optional = OriginatorsReference::find(&heading.extensions).ok().flatten();
    let optional = optional.as_ref().map(UniversalOrBmp::to_text).filter(|text| !text.is_empty());
    let filing_time = format!("{:02}{:02}{:02}", time.day, time.hour, time.minute);
    let taken = [AuthorizationTime::ID, OriginatorsReference::ID, PrecedencePolicyIdentifier::ID];
    heading.extensions.retain(|extension| !taken.contains(&extension.kind));
    let lists =
        [&mut heading.primary_recipients, &mut heading.copy_recipients, &mut heading.blind_copy_recipients];
    for recipient in lists.into_iter().flatten().flatten() {
        recipient.extensions.retain(|extension| extension.kind != Precedence::ID);
    }
    Some(AtsHeader { priority, filing_time, optional })
}

impl Recognised {
    /// MT-PRIORITY of the mail (V-06).
    pub(crate) fn mt_priority(&self) -> i8 {
        self.header.priority.mt_priority()
    }

    /// Writes the fields of the mail (V-15).
    pub(crate) fn add_fields(&self, header: &mut HeaderBlock, submitted: OffsetDateTime, trail: &mut Trail) {
        let AtsHeader { priority, filing_time, optional } = &self.header;
        let mut add = |name: &str, value: &str| {
            header.set(name, value);
            trail.made(format_args!("header {name}"), value, self.source, "V-15");
        };
        if let Some(filed) = self.header.moment(submitted) {
            add("Date", &format_date(filed));
        }
        add(PRIORITY_FIELD, priority.letters());
        add(FILING_TIME_FIELD, filing_time);
        if let Some(optional) = optional {
            add(OPTIONAL_FIELD, optional);
        }
    }
}
