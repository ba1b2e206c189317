//! What of a heading no single field of the header became: where that comes from.

use rasn_x400::x420::heading::{HeadingExtensionField, OrDescriptor};

use super::Draft;
use crate::decode::oids;
use crate::mixer::to_x400::Work;

impl Draft {
    /// Notes the source of whatever has none yet, once the heading is finished.
    pub(super) fn tell_rest(&self, work: &mut Work<'_>) {
        if !work.trail.is_read() {
            return;
        }
        let place = |element: &str| format!("{}heading.{element}", self.place);
        let mut rest = Vec::new();
        if let Some(subject) = &self.heading.subject {
            rest.push(("subject".to_owned(), subject.to_text().into_owned(), "made by the gateway", "B-17"));
        }
        if let Some(users) = &self.heading.authorizing_users {
            let shown: Vec<String> = users.iter().map(|user| shown(user, work)).collect();
            // M-20 for military messages: those who released it.
            rest.push(("authorizing-users".to_owned(), shown.join(", "), "header From or Sender", "H-14"));
        }
        if let Some(related) = &self.heading.related_ipms {
            let count = format!("{} messages", related.len());
            rest.push(("related-IPMs".to_owned(), count, "header In-Reply-To or References", "H-22"));
        }
        for extension in &self.heading.extensions {
            let (value, source, clause) = self.source_of(extension);
            rest.push((format!("extensions.{}", name(extension)), value, source, clause));
        }
        for (element, value, source, clause) in rest {
            let output = place(&element);
            if work.trail.lacks(&output) {
                work.trail.made(output, value, source, clause);
            }
        }
    }

    /// What an extension was made of that no field became as such.
    fn source_of(&self, extension: &HeadingExtensionField) -> (String, &'static str, &'static str) {
        match (name(extension).as_str(), &self.multipart) {
            ("multipart-message-v2", Some((subtype, _))) => (subtype.clone(), "header Content-Type", "B-17"),
            ("languages", _) => (self.languages.join(", "), "header Content-Language", "H-29"),
            ("primary-precedence" | "copy-precedence", _) => {
                (String::new(), "header MT-Priority or Priority", "M-23")
            }
            ("authorization-time" | "originators-reference" | "precedence-policy-id", _) => {
                (String::new(), "the ATS message", "beyond V-15")
            }
            ("extended-authorisation-info", _) => (String::new(), "header Date", "M-14"),
            ("rfc-822-field", _) => (format!("{} fields", self.fields.len()), "header", "H-05"),
            _ => (String::new(), "the message as a whole", "M-14"),
        }
    }
}

/// The name of an extension, else its number.
fn name(extension: &HeadingExtensionField) -> String {
    let dotted = extension.kind.to_string();
    let Some(name) = oids::name(&dotted) else { return dotted };
    let name = name.trim_start_matches("id-hex-").trim_start_matches("id-");
    name.trim_end_matches("-list").to_owned()
}

/// An author, as the mail wrote the name, else the O/R address.
fn shown(descriptor: &OrDescriptor, work: &Work<'_>) -> String {
    let name = descriptor.free_form_name.as_ref().map(|name| name.to_text().into_owned());
    let address = descriptor.formal_name.as_ref().map(|name| work.mapper().show_or(name));
    name.or(address).unwrap_or_default()
}
