//! What a notification says of each recipient (S-01, S-12 to S-19).

use rasn_x400::ber;
use rasn_x400::oids::DSN_FIELD_LIST;
use rasn_x400::prim::X400Time;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::PerRecipientIndicators;
use rasn_x400::x411::report::{
    DeliveryReport, LastTraceInformation, NonDeliveryReport, ReportType, TypeOfMtsUser,
};

use super::super::delivery_status::{Notice, Typed};
use super::fields::supplementary;
use super::{PerRecipientReportFields, field_list};
use crate::message::Header;
use crate::mixer::AddressContext;
use crate::mixer::correlation::{CorrelatedRecipient, Correlation};
use crate::mixer::encoded_types::EncodedTypes;
use crate::mixer::envelope::time_of;
use crate::mixer::heading::{field_line, singles::first};
use crate::mixer::to_x400::Work;
use crate::status::{Cause, EnhancedCode, StatusDetail};

/// What is to become of a notification.
pub(super) struct Plan<'a> {
    /// Recipients that the report speaks of.
    pub(super) reported: Vec<Reported<'a>>,
    /// Whether somebody is to read it as a message.
    pub(super) is_read: bool,
}

/// A recipient that is reported on.
pub(super) struct Reported<'a> {
    /// Its place in the notification, from 1.
    place: usize,
    pub(super) fields: &'a Header,
    known: Option<&'a CorrelatedRecipient>,
    delivered: bool,
}

impl Reported<'_> {
    pub(super) const fn is_delivered(&self) -> bool {
        self.delivered
    }
}

/// S-01, S-21: what each action comes to. A notification that speaks of nobody is read.
pub(super) fn plan<'a>(
    notice: &'a Notice,
    remembered: Option<&'a Correlation>,
    work: &mut Work<'_>,
) -> Plan<'a> {
    let mut plan = Plan { reported: Vec::new(), is_read: notice.fields.recipients.is_empty() };
    for (place, fields) in (1..).zip(&notice.fields.recipients) {
        let action = fields.value("Action").map(|action| action.trim().to_ascii_lowercase());
        let delivered = match action.as_deref() {
            Some("failed" | "failure") => false,
            Some("delivered") => true,
            // S-02
            _ => {
                plan.is_read = true;
                continue;
            }
        };
        let known = remembered.and_then(|known| recipient(fields, known, work));
        let one = Reported { place, fields, known, delivered };
        if is_wanted(&one) {
            plan.reported.push(one);
        } else {
            work.losses.dropped(
                format!("message/delivery-status recipient {place}"),
                if delivered { "delivered" } else { "failed" },
                "the sender did not ask to hear of it",
                "S-21",
            );
        }
    }
    plan
}

/// The recipient of the message that this group is about: by number, by either address, or because there is but one.
fn recipient<'a>(
    fields: &Header,
    known: &'a Correlation,
    work: &Work<'_>,
) -> Option<&'a CorrelatedRecipient> {
    // S-12
    let number =
        fields.value("X400-Originally-Specified-Recipient-Number").and_then(|text| text.trim().parse().ok());
    let by_number = number.and_then(|number| known.by_number(number));
    let by_address = |name: &str| {
        let typed = Typed::parse(fields.value(name)?)?;
        if typed.is("x400") {
            let name = work.mapper().parse_or(without_comment(typed.value))?;
            return known.by_name(&name).or_else(|| known.by_address(typed.value));
        }
        known.by_address(typed.value)
    };
    let only = || match known.recipients.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    by_number
        .or_else(|| by_address("Original-Recipient"))
        .or_else(|| by_address("Final-Recipient"))
        .or_else(only)
}

/// S-21, F-16: whether the originator or its MTA asked for it. Without memory the sender hears of everything.
fn is_wanted(one: &Reported<'_>) -> bool {
    use PerRecipientIndicators as Bits;
    let Some(known) = one.known else { return true };
    let bits = &known.indicators.0;
    let reports = bits.has(Bits::ORIGINATOR_REPORT) || bits.has(Bits::ORIGINATING_MTA_REPORT);
    let failures =
        bits.has(Bits::ORIGINATOR_NON_DELIVERY_REPORT) || bits.has(Bits::ORIGINATING_MTA_NON_DELIVERY_REPORT);
    reports || (!one.delivered && failures)
}

/// The fields of a recipient in the report.
pub(super) fn fields(
    one: &Reported<'_>,
    arrival: &X400Time,
    fits: bool,
    work: &mut Work<'_>,
) -> Result<PerRecipientReportFields, ber::Error> {
    let at = format!("report.recipients[{}]", one.place);
    let actual = actual(one, &at, work);
    let intended = intended(one, &actual, &at, work);
    let status = status(one);
    let report_type = report_type(one, status, arrival, work);
    let converted = one.fields.value("X400-Converted-EITs").map(|text| text.trim_end_matches(';'));
    let converted = converted.map(|text| EncodedTypes::parse(text).0).filter(|types| !types.is_empty());
    let number = one.known.map(|known| known.number);
    let number = number.or_else(|| {
        one.fields
            .value("X400-Originally-Specified-Recipient-Number")?
            .trim()
            .parse()
            .ok()
            .filter(|number| *number > 0)
    });
    let mut extensions = Vec::new();
    if fits {
        // S-18, Z-45
        let lines: Vec<_> = one.fields.fields().iter().map(field_line).collect();
        work.trail.made(
            format_args!("{at}.extensions"),
            format_args!("{} fields", lines.len()),
            "mail",
            "S-18",
        );
        extensions.push(field_list(DSN_FIELD_LIST, &lines)?);
    }
    Ok(PerRecipientReportFields {
        actual_recipient_name: actual,
        // S-12
        originally_specified_recipient_number: number
            .unwrap_or_else(|| i64::try_from(one.place).unwrap_or(i64::MAX)),
        per_recipient_indicators: indicators(one),
        last_trace_information: LastTraceInformation {
            arrival_time: arrival.clone(),
            converted_encoded_information_types: converted.map(|types| types.to_asn1()),
            report_type,
            unknown: Vec::new(),
        },
        originally_intended_recipient_name: intended,
        supplementary_information: supplementary_information(one, status),
        extensions,
        unknown: Vec::new(),
    })
}

/// S-13: who it came to, or not. A recipient that is known keeps the name it had.
fn actual(one: &Reported<'_>, at: &str, work: &mut Work<'_>) -> OrName {
    let redirected = one.fields.value("X400-Redirect-Recipient");
    let text = redirected.or_else(|| one.fields.value("Final-Recipient"));
    let text = text.or_else(|| one.fields.value("Original-Recipient")).unwrap_or_default();
    if let Some(known) = one.known {
        let typed = Typed::parse(text);
        let same = typed.as_ref().is_none_or(|typed| typed.value.eq_ignore_ascii_case(&known.address));
        if same {
            work.trail.made(
                format_args!("{at}.actual-recipient-name"),
                known.address.as_str(),
                "what is remembered",
                "S-13",
            );
            return known.name.0.clone();
        }
    }
    // Z-35: where the O/R address is that of the same recipient, it says more than the mailbox.
    if let (Some(mailbox), Some(original)) = (Typed::parse(text), one.fields.value("Original-Recipient"))
        && !mailbox.is("x400")
        && let Some(name) = Typed::parse(original).filter(|typed| typed.is("x400"))
        && let Some(name) = work.mapper().parse_or(without_comment(name.value))
        && is_mailbox_of(mailbox.value, &name, work)
    {
        return name;
    }
    name(text, &format!("{at}.actual-recipient-name"), work)
}

/// Whether this is the mailbox that an O/R address has.
fn is_mailbox_of(mailbox: &str, name: &OrName, work: &Work<'_>) -> bool {
    let mapped = work.mapper().to_internet(name, AddressContext::Header);
    mapped.is_ok_and(|mapped| mapped.address.eq_ignore_ascii_case(mailbox))
}

/// S-13: who it was meant for, if that is somebody else.
fn intended(one: &Reported<'_>, actual: &OrName, at: &str, work: &mut Work<'_>) -> Option<OrName> {
    let at = format!("{at}.originally-intended-recipient-name");
    let text = one.fields.value("Original-Recipient");
    let found = match (one.known, text) {
        (Some(known), _) => known.name.0.clone(),
        (None, Some(text)) => {
            let mailbox = Typed::parse(text).filter(|typed| !typed.is("x400"));
            if mailbox.is_some_and(|mailbox| is_mailbox_of(mailbox.value, actual, work)) {
                return None;
            }
            name(text, &at, work)
        }
        (None, None) => return None,
    };
    (found != *actual).then_some(found)
}

/// An address with its type, as an O/R name; one that cannot be read hides whole in an address of the gateway.
fn name(text: &str, at: &str, work: &mut Work<'_>) -> OrName {
    let typed = Typed::parse(text);
    let value = typed.as_ref().map_or(text, |typed| typed.value);
    if typed.as_ref().is_some_and(|typed| typed.is("x400"))
        && let Some(name) = work.mapper().parse_or(without_comment(value))
    {
        work.trail.made(at, value, "message/delivery-status", "S-13");
        return name;
    }
    match work.mapper().to_or(value, AddressContext::Header) {
        Ok(mapped) => {
            work.explain_address(at, value, &mapped);
            mapped.or_address
        }
        Err(error) => {
            let domain = work.settings().mail_domain.clone();
            let local: String =
                text.chars().map(|c| if c.is_ascii_graphic() && c != '@' { c } else { '.' }).collect();
            let hidden = format!("\"{}\"@{domain}", local.replace(['"', '\\'], "'"));
            work.losses.replaced(at, text, error.to_string(), "S-13", hidden.as_str());
            let mapped = work.mapper().to_or(&hidden, AddressContext::Header);
            mapped.map_or_else(|_| encapsulated(text, work), |mapped| mapped.or_address)
        }
    }
}

/// The raw text in the attribute RFC-822 of an address in the gateway's domain.
fn encapsulated(text: &str, work: &Work<'_>) -> OrName {
    use rasn_x400::x411::address::{DomainDefinedAttribute, StandardAttributes};
    let domain = &work.settings().domain;
    let ascii: String = text.chars().filter(char::is_ascii).take(60).collect();
    let mut value = crate::mixer::printable::to_printable(&ascii).unwrap_or_default();
    value.truncate(128);
    OrName {
        standard: StandardAttributes {
            country: Some(domain.country.clone()),
            administration_domain: Some(domain.administration_domain.clone()),
            private_domain: domain.private_domain.clone(),
            ..StandardAttributes::default()
        },
        domain_defined: Some(vec![DomainDefinedAttribute {
            kind: "RFC-822".into(),
            value: value.as_str().into(),
        }]),
        ..OrName::default()
    }
}

/// An `x400` address without the directory name that may follow it in a comment.
fn without_comment(text: &str) -> &str {
    match text.rfind(" (") {
        Some(at) if text.ends_with(')') && text[..at].trim_end().ends_with('/') => text[..at].trim_end(),
        _ => text,
    }
}

/// The status; of a failure without one that can be read, the one that says nothing.
fn status(one: &Reported<'_>) -> EnhancedCode {
    let read = one.fields.value("Status").and_then(|text| text.split_whitespace().next()?.parse().ok());
    read.unwrap_or_else(|| match one.delivered {
        true => StatusDetail::OTHER_X_0_0.success(),
        false => StatusDetail::OTHER_X_0_0.permanent(),
    })
}

/// S-14, S-15, S-16, S-19
fn report_type(
    one: &Reported<'_>,
    status: EnhancedCode,
    arrival: &X400Time,
    work: &mut Work<'_>,
) -> ReportType {
    let at = format!("report.recipients[{}].report", one.place);
    if one.delivered {
        // S-20
        let delivered = first(one.fields, &["X400-Delivery-Time"], time_of).map(|(_, time)| time);
        let user = one.fields.value("X400-Type-of-MTS-User").and_then(labelled_integer).map(TypeOfMtsUser);
        work.trail.made(at, "delivery", "Action", "S-15");
        return ReportType::Delivery(DeliveryReport {
            message_delivery_time: delivered.unwrap_or_else(|| arrival.clone()),
            type_of_mts_user: user.unwrap_or(TypeOfMtsUser::PUBLIC),
            unknown: Vec::new(),
        });
    }
    let own = one.fields.value("Diagnostic-Code").and_then(Typed::parse).filter(|typed| typed.is("x400"));
    let cause = Cause::Notified { status, diagnostic_code: own.map(|typed| typed.value.to_owned()) };
    let found = cause.non_delivery();
    work.trail.made(at, found.to_string(), format_args!("Status {status}"), "S-16");
    ReportType::NonDelivery(NonDeliveryReport {
        reason_code: found.reason.number().into(),
        diagnostic_code: found.diagnostic.map(|diagnostic| diagnostic.number().into()),
        unknown: Vec::new(),
    })
}

/// `public(0)`
fn labelled_integer(text: &str) -> Option<i64> {
    let (_, number) = text.trim().trim_end_matches(';').rsplit_once('(')?;
    number.strip_suffix(')')?.trim().parse().ok()
}

/// S-17, Z-38: what happened, for the MTA; what was asked for, for the user.
fn indicators(one: &Reported<'_>) -> PerRecipientIndicators {
    use PerRecipientIndicators as Bits;
    let mut bits = vec![if one.delivered {
        Bits::ORIGINATING_MTA_REPORT
    } else {
        Bits::ORIGINATING_MTA_NON_DELIVERY_REPORT
    }];
    let user = [Bits::ORIGINATOR_REPORT, Bits::ORIGINATOR_NON_DELIVERY_REPORT];
    match one.known {
        Some(known) => bits.extend(user.into_iter().filter(|bit| known.indicators.0.has(*bit))),
        None => bits.push(if one.delivered { user[0] } else { user[1] }),
    }
    Bits::with(&bits)
}

/// S-20, S-22: the text of the report it was, else status and diagnostic.
fn supplementary_information(
    one: &Reported<'_>,
    status: EnhancedCode,
) -> Option<rasn_x400::prim::PrintableString> {
    if let Some(text) = one.fields.value("X400-Supplementary-Info") {
        let text = text.trim().trim_end_matches(';').trim();
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        return supplementary(text);
    }
    let diagnostic =
        one.fields.value("Diagnostic-Code").and_then(Typed::parse).filter(|typed| !typed.is("x400"));
    let remote = one.fields.value("Remote-MTA").and_then(Typed::parse);
    let mut text = status.to_string();
    if let Some(diagnostic) = diagnostic {
        text.push_str(&format!(" {}", diagnostic.value));
    }
    if let Some(remote) = remote {
        text.push_str(&format!(" (said by {})", remote.value));
    }
    supplementary(&text)
}
