//! Fields about one recipient in `message/delivery-status`.

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::extension::{Extension, PhysicalForwardingAddress, RedirectionHistory};
use rasn_x400::x411::report::ReportType;

use super::super::text_forms::{date, std_or};
use super::Reported;
use super::message_fields::{self, discarded, is_field_list, restore_fields};
use crate::mixer::AddressContext;
use crate::mixer::charset::nearest_ascii;
use crate::mixer::directory_name;
use crate::mixer::envelope::recipients;
use crate::mixer::header_block::{HeaderBlock, comment};
use crate::mixer::to_internet::Work;
use crate::mixer::trace::to_internet::types_text;

/// What a report says of one recipient.
pub(super) struct Fields {
    /// The group of fields.
    pub(super) fields: HeaderBlock,
    /// Its mailbox: of who the message was meant for. `None` if it has none.
    pub(super) mailbox: Option<String>,
    /// Its O/R address.
    pub(super) name: String,
}

/// one group for each recipient.
pub(super) fn fields(one: &Reported<'_>, work: &mut Work<'_>) -> Fields {
    let source = format!("report.recipients[{}]", one.place);
    let settings = work.context().settings;
    let table = settings.diagnostic_table();
    let rfc822_final = settings.dsn_final_rfc822;
    let mut fields = message_fields::Fields { block: HeaderBlock::default(), work };
    let (mailbox, name) = names(one, rfc822_final, &source, &mut fields);
    outcome(one, table, &source, &mut fields);
    let last = &one.fields.last_trace_information;
    let types = last.converted_encoded_information_types.as_ref();
    let types = types.map(|types| types_text(types, &source, fields.work)).filter(|text| !text.is_empty());
    if let Some(types) = &types {
        // Z-47
        fields.add("X400-Converted-EITs", &format!("{types};"), &source, "R-42");
    }
    // Z-57
    let types = types.map(|types| format!("{types} ")).unwrap_or_default();
    fields.add("X400-Last-Trace", &format!("{types}{}", date(&last.arrival_time)), &source, "R-46");
    let number = one.fields.originally_specified_recipient_number.to_string();
    fields.add("X400-Originally-Specified-Recipient-Number", &number, &source, "R-47");
    if let Some(text) = &one.fields.supplementary_information {
        let text = nearest_ascii(&text.to_text().replace(['\r', '\n', '\t'], " "), '?');
        fields.add("X400-Supplementary-Info", &format!("\"{text}\";"), &source, "R-43");
    }
    extensions(one, &source, &mut fields);
    restore_fields(&one.fields.extensions, &mut fields.block);
    Fields { fields: fields.block, mailbox, name }
}

/// who it was sent to and who it came to. Gives the mailbox and the O/R address for people.
fn names(
    one: &Reported<'_>,
    rfc822_final: bool,
    source: &str,
    fields: &mut message_fields::Fields<'_, '_>,
) -> (Option<String>, String) {
    let actual = &one.fields.actual_recipient_name;
    let mut both = |name: &OrName, element: &str| {
        let at = format!("{source}.{element}");
        let mapped = fields.work.mailbox(name, AddressContext::Header, &at).map(|mapped| mapped.address);
        if let Err(error) = &mapped {
            // F-04
            fields.work.losses.dropped(&at, std_or(name), error.to_string(), "F-04");
        }
        let text = std_or(name);
        let shown = match name.directory_name.as_ref().and_then(directory_name::to_text) {
            Some(directory) => format!("{text} ({})", comment(&directory)),
            None => text.clone(),
        };
        (mapped.ok(), shown, text)
    };
    let intended = one.fields.originally_intended_recipient_name.as_ref();
    let intended = intended.map(|name| both(name, "originally-intended-recipient-name"));
    let (mailbox, shown, text) = both(actual, "actual-recipient-name");
    // RFC 3464 2.3.1: what the sender said in ORCPT comes back as it was said.
    let said = one.known.and_then(|known| known.original_recipient.as_ref());
    let said = said.map(|(kind, address)| format!("{kind}; {address}"));
    let typed = |mailbox: &Option<String>, shown: &str, rfc822: bool| match mailbox {
        Some(mailbox) if rfc822 => format!("rfc822; {mailbox}"),
        _ => format!("x400; {shown}"),
    };
    match intended {
        None => {
            // Z-35
            let original = said.or_else(|| {
                let swapped = rfc822_final.then(|| format!("x400; {shown}"));
                swapped.or_else(|| mailbox.as_ref().map(|mailbox| format!("rfc822; {mailbox}")))
            });
            if let Some(original) = original {
                fields.add("Original-Recipient", &original, source, "R-36");
            }
            fields.add("Final-Recipient", &typed(&mailbox, &shown, rfc822_final), source, "R-36");
            (mailbox, text)
        }
        Some((intended_mailbox, intended_shown, intended_text)) => {
            let original = said.unwrap_or_else(|| format!("x400; {intended_shown}"));
            fields.add("Original-Recipient", &original, source, "R-38");
            fields.add("Final-Recipient", &typed(&intended_mailbox, &intended_shown, true), source, "R-38");
            if let Some(mailbox) = &mailbox {
                fields.add("X400-Mapped-Redirect-Recipient", &format!("rfc822; {mailbox}"), source, "R-37");
            }
            fields.add("X400-Redirect-Recipient", &format!("x400; {shown}"), source, "R-37");
            (intended_mailbox.or(mailbox), intended_text)
        }
    }
}

///
fn outcome(
    one: &Reported<'_>,
    table: crate::status::DiagnosticTable,
    source: &str,
    fields: &mut message_fields::Fields<'_, '_>,
) {
    let status = one.status(table).to_string();
    match (&one.fields.last_trace_information.report_type, one.non_delivery()) {
        (ReportType::Delivery(delivery), _) => {
            fields.add("Action", "delivered", source, "R-39");
            fields.add("Status", &status, source, "R-39");
            fields.add("X400-Delivery-Time", &date(&delivery.message_delivery_time), source, "R-39");
            fields.add("X400-Type-of-MTS-User", &delivery.type_of_mts_user.to_string(), source, "R-39");
        }
        (kind, non_delivery) => {
            fields.add("Action", "failed", source, "R-40");
            fields.add("Status", &status, source, "R-40");
            if let Some(non_delivery) = non_delivery {
                fields.add("Diagnostic-Code", &format!("x400; {non_delivery}"), source, "R-40");
            }
            if let ReportType::NonDelivery(report) = kind
                && report.reason().is_none()
            {
                let number = report.reason_code.to_string();
                fields.work.losses.replaced(source, number, "no reason has this number", "R-70", "reason 1");
            }
        }
    }
}

///
fn extensions(one: &Reported<'_>, source: &str, fields: &mut message_fields::Fields<'_, '_>) {
    let list = &one.fields.extensions;
    let mut handled = Vec::new();
    let mut mailbox = |name: &OrName, at: &str| match fields.work.mailbox(name, AddressContext::Header, at) {
        Ok(mapped) => mapped.address,
        Err(_) => std_or(name),
    };
    let mut found = Vec::new();
    if let Ok(Some(history)) = RedirectionHistory::find(list) {
        handled.push(RedirectionHistory::NUMBER);
        let at = format!("{source}.redirection-history");
        for step in &history {
            let value = format!(
                "intended recipient {} redirected to {} on {}",
                mailbox(&step.intended_recipient.recipient, &at),
                recipients::reason(step.reason),
                date(&step.intended_recipient.redirection_time),
            );
            found.push(("X400-Redirection-History", value, at.clone(), "R-44"));
        }
    }
    if let Ok(Some(name)) = PhysicalForwardingAddress::find(list) {
        handled.push(PhysicalForwardingAddress::NUMBER);
        let at = format!("{source}.physical-forwarding-address");
        let mut value = mailbox(&name, &at);
        if let Some(directory) = name.directory_name.as_ref().and_then(directory_name::to_text) {
            value.push_str(&format!(" ({})", comment(&directory)));
        }
        found.push(("X400-Physical-Forwarding-Address", value, at, "R-45"));
    }
    for (name, value, at, clause) in found {
        fields.add(name, &value, &at, clause);
    }
    let left: Vec<_> = list
        .iter()
        .filter(|field| !field.kind.number().is_some_and(|number| handled.contains(&number)))
        .filter(|field| !is_field_list(field))
        .collect();
    discarded(&left, source, "R-49", fields);
}
