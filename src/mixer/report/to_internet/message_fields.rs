//! Fields about the message in `message/delivery-status`.

use rasn_x400::oids::{DSN_FIELD_LIST, DSN_HEADER_LIST};
use rasn_x400::prim::Ia5String;
use rasn_x400::x411::extension::{
    ContentCorrelator, Extension, ExtensionField, ExtensionType, InternalTrace,
    OriginatorAndDlExpansionHistory, ReportingDlName, ReportingMtaName,
};
use rasn_x400::x411::report::ReportTransferContent;

use super::super::text_forms::{date, extension, mts_identifier, std_or};
use super::Input;
use super::reporting_mta::report_point;
use crate::message::date::format_date;
use crate::mixer::AddressContext;
use crate::mixer::correlation::{ENVELOPE_ID_PREFIX, correlator_text};
use crate::mixer::envelope::names::content_type_text;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::to_internet::Work;
use crate::mixer::trace::to_internet::{element_text, types_text};

/// The group of fields about the message.
pub(super) fn fields(input: &Input<'_>, work: &mut Work<'_>) -> HeaderBlock {
    let report = input.report;
    let content = &report.content;
    let mut fields = Fields { block: HeaderBlock::default(), work };
    envelope_identifiers(input, &mut fields);
    // R-20; RFC 3464 demands the field.
    let point = report_point(report).unwrap_or_else(|| "unknown".to_owned());
    fields.add("Reporting-MTA", &format!("x400; {point}"), "report.trace-information[1]", "R-20");
    let gateway = format!("dns; {}", fields.work.context().settings.mail_domain);
    fields.add("DSN-Gateway", &gateway, "setting", "R-22");
    if let Some(first) = content.per_recipient_fields.first() {
        let arrival = date(&first.last_trace_information.arrival_time);
        fields.add("Arrival-Date", &arrival, "report.recipients[1].last-trace-information", "R-21");
    }
    let now = format_date(fields.work.now());
    fields.add("X400-Conversion-Date", &now, "the time of conversion", "R-23");
    if let Some(identifier) = &content.content_identifier {
        fields.add("X400-Content-Identifier", &identifier.to_text(), "report.content-identifier", "R-27");
    }
    if let Some(kind) = &content.content_type {
        match content_type_text(kind) {
            Some(text) => fields.add("X400-Content-Type", &text, "report.content-type", "R-28"),
            None => fields.work.losses.dropped("report.content-type", "the type", "nobody knows it", "R-28"),
        }
    }
    if let Some(types) = &content.original_encoded_information_types {
        let source = "report.original-encoded-information-types";
        let text = types_text(types, source, fields.work);
        fields.add("X400-Original-Encoded-Information-Types", &text, source, "R-29");
    }
    extensions(input, &mut fields);
    // newest first.
    for hop in content.subject_intermediate_trace_information.iter().flatten().rev() {
        let source = "report.subject-intermediate-trace-information";
        let hop = element_text(hop, source, fields.work);
        fields.add("X400-Subject-Intermediate-Trace-Information", &hop, source, "R-32");
    }
    if content.additional_information.is_some() {
        fields.work.losses.dropped(
            "report.additional-information",
            "what domains agreed among themselves",
            "there is no field for it",
            "R-35",
        );
    }
    restore_fields(&content.extensions, &mut fields.block);
    fields.block
}

/// A group of fields under construction.
pub(super) struct Fields<'f, 'a> {
    pub(super) block: HeaderBlock,
    pub(super) work: &'f mut Work<'a>,
}

impl Fields<'_, '_> {
    pub(super) fn add(&mut self, name: &str, value: &str, source: &str, clause: &'static str) {
        self.work.trail.made(name, value, source, clause);
        self.block.add(name, value);
    }
}

/// `Original-Envelope-Id` once, and where the other identifier went.
fn envelope_identifiers(input: &Input<'_>, fields: &mut Fields<'_, '_>) {
    let content = &input.report.content;
    let subject = mts_identifier(&content.subject_identifier);
    let correlator = ContentCorrelator::find(&content.extensions).ok().flatten();
    let correlator = correlator.map(|value| correlator_text(&value));
    let returned = correlator.as_deref().and_then(|text| text.strip_prefix(ENVELOPE_ID_PREFIX));
    let remembered = input.remembered.and_then(|known| known.envelope_id.as_deref());
    match remembered.or(returned) {
        // Z-33
        Some(identifier) => {
            fields.add("Original-Envelope-Id", identifier, "report.content-correlator", "R-25");
            fields.add("X400-Subject-Submision-Identifier", &subject, "report.subject-identifier", "R-25");
        }
        None => fields.add("Original-Envelope-Id", &subject, "report.subject-identifier", "R-24"),
    }
    if let Some(text) = correlator.as_deref().filter(|_| returned.is_none()) {
        fields.add("X400-Content-Correlator", text, "report.content-correlator", "R-26");
    }
}

///
fn extensions(input: &Input<'_>, fields: &mut Fields<'_, '_>) {
    let envelope = &input.report.envelope.extensions;
    let mut handled = vec![InternalTrace::NUMBER, ReportingMtaName::NUMBER];
    if let Ok(Some(history)) = OriginatorAndDlExpansionHistory::find(envelope) {
        handled.push(OriginatorAndDlExpansionHistory::NUMBER);
        for step in history.iter().rev() {
            let source = "report.originator-and-DL-expansion-history";
            let mailbox = fields.work.mailbox(&step.name, AddressContext::Header, source);
            let mailbox = mailbox.map_or_else(|_| std_or(&step.name), |mapped| mapped.address);
            let value = format!("{mailbox} ; {} ;", date(&step.time));
            fields.add("X400-Originator-and-DL-Expansion-History", &value, source, "R-30");
        }
    }
    if let Ok(Some(list)) = ReportingDlName::find(envelope) {
        handled.push(ReportingDlName::NUMBER);
        let source = "report.reporting-DL-name";
        let mailbox = fields.work.mailbox(&list, AddressContext::Header, source);
        let mailbox = mailbox.map_or_else(|_| std_or(&list), |mapped| mapped.address);
        fields.add("X400-Reporting-DL-Name", &mailbox, source, "R-31");
    }
    let content = &input.report.content.extensions;
    let is_handled =
        |field: &&ExtensionField| field.kind.number().is_some_and(|number| handled.contains(&number));
    let left = envelope.iter().filter(|field| !is_handled(field));
    let left =
        left.chain(content.iter().filter(|field| field.kind.number() != Some(ContentCorrelator::NUMBER)));
    let left: Vec<_> = left.filter(|field| !is_field_list(field)).collect();
    discarded(&left, "report", "R-33", fields);
}

/// A list of extensions that came to nothing, if there are any.
pub(super) fn discarded(
    left: &[&ExtensionField],
    source: &str,
    clause: &'static str,
    fields: &mut Fields<'_, '_>,
) {
    if left.is_empty() {
        return;
    }
    let names: Vec<_> = left.iter().map(|field| extension(field)).collect();
    for name in &names {
        fields.work.losses.replaced(
            source,
            format!("extension {name}"),
            "a report on the Internet has no place for it",
            clause,
            "its name in X400-Discarded-DR-Extensions",
        );
    }
    fields.add("X400-Discarded-DR-Extensions", &names.join(", "), source, clause);
}

/// Whether this is one of the two extensions that carry the fields of a DSN (OI-04).
pub(super) fn is_field_list(field: &ExtensionField) -> bool {
    matches!(&field.kind, ExtensionType::Private(oid) if *oid == DSN_FIELD_LIST || *oid == DSN_HEADER_LIST)
}

/// The fields in an extension of this kind, each with its name (OI-07).
fn field_list(extensions: &[ExtensionField], kind: &rasn_x400::prim::Oid) -> Vec<(String, String)> {
    let lists = extensions.iter().filter(|field| field.kind == ExtensionType::Private(kind.clone()));
    let values = lists.filter_map(|field| field.value.as_ref()?.get::<Vec<Ia5String>>().ok()).flatten();
    values
        .filter_map(|line| {
            let text = line.to_text();
            let (name, value) = text.split_once(':')?;
            let name = name.trim();
            let legal = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic());
            legal.then(|| (name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// Fields that a report brought along from a DSN come back (RFC 2156 5.1.8.2, as 5.1.2), where this report says nothing of the
/// same name.
pub(super) fn restore_fields(extensions: &[ExtensionField], block: &mut HeaderBlock) {
    for (name, value) in field_list(extensions, &DSN_FIELD_LIST) {
        // Z-45: a status among the fields of the message is one of a recipient.
        let elsewhere = ["Status", "Action", "Original-Recipient", "Final-Recipient"];
        if !block.has(&name) && !elsewhere.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            block.add(&name, &value);
        }
    }
}

/// The same for the header of the DSN: what does not describe the mail that was.
pub(super) fn restore_header(content: &ReportTransferContent, header: &mut HeaderBlock, work: &mut Work<'_>) {
    for (name, value) in field_list(&content.extensions, &DSN_HEADER_LIST) {
        let lower = name.to_ascii_lowercase();
        let of_the_mail =
            ["return-path", "mime-version", "bcc", "cc", "sender", "reply-to", "dkim-signature"];
        let stays =
            !lower.starts_with("content-") && !of_the_mail.contains(&lower.as_str()) && !header.has(&name);
        if stays {
            header.add_told(&name, &value, ("report.dsn-header-list", "S-07"), &mut work.trail);
        } else {
            work.losses.dropped(
                "report.dsn-header-list",
                format!("{name}: {value}"),
                "the new mail has its own",
                "S-07",
            );
        }
    }
}
