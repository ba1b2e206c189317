//! Addresses in a heading: O/R descriptors towards mailboxes (RFC 2156 4.7.2, A-306 to A-314).

use rasn_x400::x420::heading::{
    Heading, HeadingExtension, NotificationRequests, OrDescriptor, RecipientSpecifier,
};

use super::Fields;
use super::extensions::number_text;
use crate::mixer::AddressContext;
use crate::mixer::address::std_or;
use crate::mixer::charset::t61;
use crate::mixer::directory_name;
use crate::mixer::header_block::{comment, phrase};
use crate::mixer::military;
use crate::mixer::to_internet::Work;

/// What an empty `Bcc` is for systems that choke on an empty list (H-20).
const NAMED_BCC: &str = "BCC";

impl Fields<'_, '_> {
    /// K-21 to K-25, K-32, K-40
    pub(super) fn people(&mut self, heading: &Heading) {
        let originator: Vec<_> = heading.originator.iter().collect();
        let authorizing: Vec<_> = heading.authorizing_users.iter().flatten().collect();
        if self.at.source.is_empty() {
            let people = originator.iter().chain(&authorizing);
            people.filter_map(|one| one.formal_name.as_ref()).for_each(|name| self.work.note_author(name));
        }
        if authorizing.is_empty() {
            self.descriptors("From", &originator, "originator", "K-21");
        } else if military::is_military(heading) {
            // beyond M-20: whoever wrote a military message is its author, whoever released it is named apart.
            self.descriptors("From", &originator, "originator", "beyond M-20");
            self.descriptors(military::AUTHORIZING_USERS, &authorizing, "authorizing-users", "beyond M-20");
        } else {
            self.descriptors("From", &authorizing, "authorizing-users", "K-22");
            self.descriptors("Sender", &originator, "originator", "K-21");
        }
        let reply_to: Vec<_> = heading.reply_recipients.iter().flatten().collect();
        self.descriptors("Reply-To", &reply_to, "reply-recipients", "K-32");
        self.specifiers("To", &heading.primary_recipients, "primary-recipients", "K-23");
        self.specifiers("Cc", &heading.copy_recipients, "copy-recipients", "K-24");
        match heading.blind_copy_recipients.as_deref() {
            None => {}
            // K-06
            Some([]) => self.add("Bcc", "", "blind-copy-recipients", "K-06"),
            Some([only]) if is_named_bcc(only) => self.add("Bcc", "", "blind-copy-recipients", "H-20"),
            Some(_) => {
                self.specifiers("Bcc", &heading.blind_copy_recipients, "blind-copy-recipients", "K-25")
            }
        }
        self.receipt_request(heading);
    }

    /// no list, no field.
    pub(super) fn descriptors(
        &mut self,
        name: &str,
        list: &[&OrDescriptor],
        element: &str,
        clause: &'static str,
    ) {
        let source = self.source(element);
        let mailboxes: Vec<_> = list.iter().map(|one| mailbox(one, "", &source, self.work)).collect();
        if !mailboxes.is_empty() {
            self.add(name, &mailboxes.join(", "), element, clause);
        }
    }

    fn specifiers(
        &mut self,
        name: &str,
        list: &Option<Vec<RecipientSpecifier>>,
        element: &str,
        clause: &'static str,
    ) {
        let mut mailboxes = Vec::new();
        for (number, specifier) in (1..).zip(list.iter().flatten()) {
            let source = format!("{}[{number}]", self.source(element));
            let comments = self.requests(specifier, &source);
            mailboxes.push(mailbox(&specifier.recipient, &comments, &source, self.work));
            self.recipient_extensions(specifier, &source);
        }
        if !mailboxes.is_empty() {
            self.add(name, &mailboxes.join(", "), element, clause);
        }
    }

    /// what is asked of a recipient, as comments.
    fn requests(&mut self, specifier: &RecipientSpecifier, source: &str) -> String {
        let mut comments = String::new();
        let wanted = &specifier.notification_requests;
        let settings = self.work.settings();
        // Y-04
        let has_field = settings.receipt_requests && wanted.has(NotificationRequests::RECEIPT);
        if settings.notification_comments {
            if wanted.has(NotificationRequests::RECEIPT) {
                comments.push_str(" (Receipt Notification Requested)");
            } else if wanted.has(NotificationRequests::NON_RECEIPT) {
                comments.push_str(" (Non Receipt Notification Requested)");
            }
            if wanted.has(NotificationRequests::IPM_RETURN) {
                comments.push_str(" (IPM Return Requested)");
            }
        } else if wanted.0.set_bits().next().is_some() && !has_field {
            let asked: Vec<_> = wanted.labels().filter_map(|(_, label)| label).collect();
            let what = format!("notification-requests {}", asked.join(", "));
            self.work.losses.dropped(source, what, "nobody on the Internet is asked for them", "A-311");
        }
        if self.work.settings().notification_comments
            && let Some(wanted) = acp127_request(specifier)
        {
            comments.push_str(&format!(" (ACP 127 Notification Requested: {wanted})"));
        }
        if specifier.reply_requested {
            comments.push_str(" (Reply requested)");
        }
        comments
    }

    /// Y-04: a receipt that any recipient is asked for is asked for on the Internet.
    fn receipt_request(&mut self, heading: &Heading) {
        let lists = [&heading.primary_recipients, &heading.copy_recipients, &heading.blind_copy_recipients];
        let mut specifiers = lists.into_iter().flatten().flatten();
        let wanted = specifiers.any(|one| one.notification_requests.has(NotificationRequests::RECEIPT));
        let Some(originator) = heading.originator.as_ref().and_then(|one| one.formal_name.as_ref()) else {
            return;
        };
        if wanted && self.work.settings().receipt_requests {
            let source = self.source("originator");
            if let Ok(mapped) = self.work.mailbox(originator, AddressContext::Header, &source) {
                self.add("Disposition-Notification-To", &mapped.address, "notification-requests", "Y-04");
            }
        }
    }

    /// Extensions of a recipient: none has a field.
    fn recipient_extensions(&mut self, specifier: &RecipientSpecifier, source: &str) {
        use rasn_x400::stanag4406::mmhs::Acp127NotificationRequest;
        use rasn_x400::x420::heading::{CirculationListIndicator, Precedence};
        for extension in &specifier.extensions {
            let what = if extension.kind == CirculationListIndicator::ID {
                "circulation-list-indicator".to_owned()
            } else if extension.kind == Precedence::ID {
                match extension.get::<i64>() {
                    Ok(value) => format!("precedence {value}"),
                    Err(_) => "precedence".to_owned(),
                }
            } else if extension.kind == Acp127NotificationRequest::ID {
                // beyond M-10.15: a comment says it, where comments do.
                match acp127_request(specifier) {
                    Some(_) if self.work.settings().notification_comments => continue,
                    Some(wanted) => format!("acp127-notification-request {wanted}"),
                    None => "acp127-notification-request".to_owned(),
                }
            } else {
                format!("extension {}", number_text(&extension.kind))
            };
            self.work.losses.dropped(source, what, "no field holds it", "K-09");
        }
    }
}

/// Which notifications of ACP 127 are asked for (beyond M-10.15).
fn acp127_request(specifier: &RecipientSpecifier) -> Option<String> {
    use rasn_x400::stanag4406::mmhs::{Acp127NotificationRequest, Acp127NotificationType};
    let wanted: Acp127NotificationType = Acp127NotificationRequest::find(&specifier.extensions).ok()??;
    let labels: Vec<_> = wanted.labels().filter_map(|(_, label)| label).collect();
    (!labels.is_empty()).then(|| labels.join(", "))
}

fn is_named_bcc(specifier: &RecipientSpecifier) -> bool {
    let recipient = &specifier.recipient;
    let name = recipient.free_form_name.as_ref().map(rasn_x400::prim::LaxStr::as_bytes);
    recipient.formal_name.is_none() && name == Some(NAMED_BCC.as_bytes())
}

/// A descriptor as a mailbox, or as a group without members when there is no address.
pub(crate) fn mailbox(
    descriptor: &OrDescriptor,
    comments: &str,
    source: &str,
    work: &mut Work<'_>,
) -> String {
    let mut name = descriptor
        .free_form_name
        .as_ref()
        .map(|name| t61::decode(name.as_bytes()))
        .filter(|name| !name.is_empty());
    let mut address = None;
    if let Some(formal_name) = &descriptor.formal_name {
        match work.mailbox(formal_name, AddressContext::Header, source) {
            Ok(mapped) => address = Some(mapped.address),
            Err(error) => {
                // F-04: an address in a header never fails the message; its text stays readable.
                let shown = std_or(formal_name);
                let instead = "the name of an empty group";
                work.losses.replaced(source, shown.as_str(), error.to_string(), "F-04", instead);
                name = Some(name.map_or_else(|| shown.clone(), |name| format!("{name} {shown}")));
            }
        }
    }
    let mut out = match (name, address) {
        //
        (Some(name), Some(address)) => format!("{} <{address}>", phrase(&name)),
        //
        (None, Some(address)) if address.starts_with('@') => {
            let local = address.rsplit_once(':').map_or("", |(_, after)| after);
            let local = local.rsplit_once('@').map_or(local, |(local, _)| local);
            format!("{} <{address}>", phrase(local))
        }
        (None, Some(address)) => address,
        //
        (name, None) => format!("{}: ;", phrase(&name.unwrap_or_default())),
    };
    if let Some(number) = &descriptor.telephone_number {
        //
        out.push_str(&format!(" (Tel {})", comment(&number.to_text())));
    }
    out.push_str(comments);
    let directory_name = descriptor.formal_name.as_ref().and_then(|name| name.directory_name.as_ref());
    if let Some(directory_name) = directory_name {
        //
        match directory_name::to_text(directory_name) {
            Some(text) => out.push_str(&format!(" ({})", comment(&text))),
            None => work.losses.dropped(source, "directory-name", "it cannot be read", "A-310"),
        }
    }
    out
}
