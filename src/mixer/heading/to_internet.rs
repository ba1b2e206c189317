//! The heading: X.420 towards RFC 822 fields (RFC 2156 5.3.2, 5.3.4).
//!
//! 1. [`elements`] writes a field for each element of the heading: people ([`people`]), identifiers, text and times, then
//!    the extensions that have a field of their own ([`extensions`]).
//! 2. [`finish`] brings back the fields that travelled whole ([`restored`]), lists what was discarded, and adds what no
//!    mail may lack.
//!
//! [`header`] does both, for a message inside another.

mod extensions;
mod military;
mod people;
mod restored;

use rasn_x400::prim::{TeletexString, X400Time};
use rasn_x400::x420::heading::{Heading, Importance, IpmIdentifier, Sensitivity};

use super::Location;
use crate::message::date::format_date;
use crate::mixer::address::std_or;
use crate::mixer::charset::t61;
use crate::mixer::date::from_utc_time;
use crate::mixer::header_block::{HeaderBlock, phrase};
use crate::mixer::identifier::{self, x400_to_message_id};
use crate::mixer::to_internet::Work;

/// The whole header of a message inside another, without its content fields and without what its delivery envelope says.
#[allow(dead_code, reason = "for the body, which does not read messages inside yet")]
pub(crate) fn header(heading: &Heading, at: &Location, work: &mut Work<'_>) -> HeaderBlock {
    let mut header = elements(heading, at, work);
    finish(heading, &mut header, at, work);
    header
}

/// The fields that elements of the heading become.
pub(crate) fn elements(heading: &Heading, at: &Location, work: &mut Work<'_>) -> HeaderBlock {
    let mut fields = Fields::new(at, work);
    fields.people(heading);
    fields.identifiers(heading);
    if let Some(subject) = &heading.subject
        && !extensions::has_extended_subject(heading)
    {
        let text = subject_text(subject);
        fields.text("Subject", &text, "subject", "K-29");
    }
    fields.time("Expires", heading.expiry_time.as_ref(), "expiry-time", "K-30");
    fields.time("Reply-By", heading.reply_time.as_ref(), "reply-time", "K-31");
    fields.services(heading);
    fields.extensions(heading);
    fields.header
}

/// What is left once every other field of the mail is there: fields that travelled whole, unless the mail has them
/// already, and those no mail may lack (K-03, K-04).
pub(crate) fn finish(heading: &Heading, header: &mut HeaderBlock, at: &Location, work: &mut Work<'_>) {
    restored::restore(heading, header, at, work);
    if !header.has("From") {
        let is_inside = !at.source.is_empty();
        let from = work.originator.clone().filter(|_| !is_inside);
        let (from, source) = match from {
            Some(from) => (from, "envelope.originator-name"),
            None => {
                let postmaster = format!("postmaster@{}", work.settings().mail_domain);
                if !is_inside {
                    work.authors.push(postmaster.clone());
                }
                (format!("{} <{postmaster}>", phrase("X.400 Gateway")), "made by the gateway")
            }
        };
        header.add("From", &from);
        work.trail.made(format_args!("{}header From", at.output), from, source, "K-03");
    }
    if !["To", "Cc", "Bcc"].iter().any(|name| header.has(name)) {
        header.add("To", "list:;");
        work.trail.made(format_args!("{}header To", at.output), "list:;", "made by the gateway", "K-04");
    }
}

/// An identifier with its angle brackets (I-05 to I-07).
pub(crate) fn message_id(identifier: &IpmIdentifier, work: &Work<'_>) -> String {
    let text = identifier_text(identifier);
    // I-04: what this gateway cut, it may remember.
    if text.user.is_none()
        && text.user_relative.len() == identifier::MAX_USER_RELATIVE
        && let Some(whole) = work.mapper().whole_message_id(&text.user_relative)
    {
        return format!("<{whole}>");
    }
    // I-10
    if work.settings().rfc987_identifiers
        && text.user_relative == identifier::RFC987
        && let Some(user) = &identifier.user
        && let Ok(mapped) = work.mapper().to_internet(user, crate::mixer::AddressContext::Header)
    {
        return format!("<{}>", mapped.address);
    }
    x400_to_message_id(&text)
}

/// The identifier with its O/R address as text.
pub(super) fn identifier_text(identifier: &IpmIdentifier) -> identifier::IpmIdentifier {
    identifier::IpmIdentifier {
        user: identifier.user.as_ref().map(std_or),
        user_relative: identifier.user_relative_identifier.to_text().into_owned(),
    }
}

/// K-29: a line end in a subject is a place to fold, not a character.
fn subject_text(subject: &TeletexString) -> String {
    let text = t61::decode(subject.as_bytes());
    if !text.contains(['\r', '\n']) {
        return text;
    }
    let mut lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        if !out.ends_with(' ') && !line.starts_with(' ') {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

/// The header of one message under construction.
struct Fields<'w, 'a> {
    header: HeaderBlock,
    at: Location,
    work: &'w mut Work<'a>,
}

impl<'w, 'a> Fields<'w, 'a> {
    fn new(at: &Location, work: &'w mut Work<'a>) -> Self {
        Self { header: HeaderBlock::default(), at: at.clone(), work }
    }

    fn source(&self, element: &str) -> String {
        format!("{}heading.{element}", self.at.source)
    }

    /// A field whose value is written as it is meant.
    fn add(&mut self, name: &str, value: &str, element: &str, clause: &'static str) {
        self.header.add(name, value);
        self.made(name, value, element, clause);
    }

    /// A field of free text.
    fn text(&mut self, name: &str, text: &str, element: &str, clause: &'static str) {
        self.header.add_text(name, text);
        self.made(name, text, element, clause);
    }

    fn made(&mut self, name: &str, value: &str, element: &str, clause: &'static str) {
        let source = self.source(element);
        self.work.trail.made(format_args!("{}header {name}", self.at.output), value, source, clause);
    }

    fn lost(&mut self, element: &str, what: impl Into<String>, reason: &str, clause: &'static str) {
        let source = self.source(element);
        self.work.losses.dropped(source, what, reason, clause);
    }

    fn time(&mut self, name: &str, time: Option<&X400Time>, element: &str, clause: &'static str) {
        let Some(time) = time else { return };
        match from_utc_time(time) {
            Some(date) => self.add(name, &format_date(date), element, clause),
            None => self.lost(element, time.to_string(), "not a time", clause),
        }
    }

    /// K-20, K-26 to K-28
    fn identifiers(&mut self, heading: &Heading) {
        let this = message_id(&heading.this_ipm, self.work);
        self.add("Message-ID", &this, "this-IPM", "K-20");
        let replied: Vec<_> = heading.replied_to_ipm.iter().collect();
        self.references("In-Reply-To", &replied, "replied-to-IPM", "K-26");
        let related: Vec<_> = heading.related_ipms.iter().flatten().collect();
        self.references("References", &related, "related-IPMs", "K-28");
        let obsoleted: Vec<_> = heading.obsoleted_ipms.iter().flatten().collect();
        if !obsoleted.is_empty() {
            let identifiers: Vec<_> = obsoleted.into_iter().map(|one| message_id(one, self.work)).collect();
            self.add("Supersedes", &identifiers.join(" "), "obsoleted-IPMs", "K-27");
        }
    }

    /// I-09, Z-15: identifiers so that a reply finds its message, or phrases as RFC 2156 has it.
    fn references(&mut self, name: &str, list: &[&IpmIdentifier], element: &str, clause: &'static str) {
        let phrases = self.work.settings().reference_phrases;
        let written: Vec<_> = list
            .iter()
            .map(|one| {
                let identifier = message_id(one, self.work);
                if phrases && one.user.is_none() && identifier.ends_with("*@MHS>")
                    || phrases && one.user.is_none() && identifier.ends_with("*\"@MHS>")
                {
                    return phrase(&one.user_relative_identifier.to_text());
                }
                identifier
            })
            .collect();
        if !written.is_empty() {
            self.add(name, &written.join(" "), element, clause);
        }
    }

    /// K-33 to K-35, Z-24: what has its default says nothing.
    fn services(&mut self, heading: &Heading) {
        match heading.importance {
            Importance::NORMAL => {}
            Importance::LOW => self.add("Importance", "low", "importance", "K-33"),
            Importance::HIGH => self.add("Importance", "high", "importance", "K-33"),
            other => self.lost("importance", format!("{other:?}"), "no such importance is known", "K-33"),
        }
        if let Some(sensitivity) = heading.sensitivity {
            let word = match sensitivity {
                Sensitivity::PERSONAL => Some("Personal"),
                Sensitivity::PRIVATE => Some("Private"),
                Sensitivity::COMPANY_CONFIDENTIAL => Some("Company-Confidential"),
                _ => None,
            };
            match word {
                Some(word) => self.add("Sensitivity", word, "sensitivity", "K-34"),
                None => {
                    let shown = format!("{sensitivity:?}");
                    self.lost("sensitivity", shown, "no such sensitivity is known", "K-34");
                }
            }
        }
        if heading.auto_forwarded {
            // Z-42
            self.add("Autoforwarded", "TRUE", "auto-forwarded", "K-35");
        }
    }
}
