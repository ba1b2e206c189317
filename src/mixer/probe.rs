//! Probes: what would become of a message like that (RFC 2156 5.3.9, Appendix A 1).
//!
//! A probe ends here and never becomes a mail (PB-01). [`answer`] asks the same questions about it that are asked about a
//! message; the report is made like any other, with the words of [`text`] for those who would get it.

use rasn_x400::x411::envelope::{PerRecipientIndicators, ProbeTransferEnvelope};

use super::envelope::services;
use super::to_internet::{self, NotProvided, RecipientRefusal, Refusal, Work};
use super::trace::to_internet as trace;
use super::{AddressContext, Context};
use crate::status::Failure;

/// What would become of the message for one recipient.
pub type Verdict = Result<(), RecipientRefusal>;

/// The verdict on each recipient that this gateway answers for, by its place in the envelope, from 1 (PB-02, PB-05).
///
/// # Errors
/// The message would get to nobody: its content, its size or what is asked for it stands against it.
pub fn answer(probe: &ProbeTransferEnvelope, context: &Context<'_>) -> Result<Vec<(u32, Verdict)>, Refusal> {
    let mut work = Work::new(context);
    // Q-65, F-09
    if !to_internet::takes(&probe.content_type, context.settings) {
        return Err(Refusal::ContentType(probe.content_type.clone()));
    }
    let length = probe.content_length.and_then(|length| u64::try_from(length).ok());
    if let (Some(length), Some(limit)) = (length, context.settings.maximum_mail)
        && length > limit
    {
        // F-14
        let reason = format!("{length} octets, at most {limit} are taken");
        return Err(NotProvided { failure: Failure::MessageTooLarge, reason }.into());
    }
    services::of_message(&probe.extensions, &probe.per_message_indicators, &mut work)?;
    trace::refuse_loop(&probe.trace_information, &probe.extensions, &mut work)?;
    work.mailbox(&probe.originator_name, AddressContext::ReturnPath, "probe.originator-name")
        .map_err(Refusal::Originator)?;
    let mut verdicts = Vec::new();
    for (place, fields) in (1..).zip(&probe.per_recipient_fields) {
        if !fields.per_recipient_indicators.has(PerRecipientIndicators::RESPONSIBILITY) {
            continue;
        }
        let source = format!("probe.recipients[{place}]");
        let verdict = services::of_recipient(fields, true, &source, &mut work)
            .map_err(RecipientRefusal::from)
            .and_then(|_| Ok(work.mailbox(&fields.recipient_name, AddressContext::Recipient, &source)?));
        verdicts.push((place, verdict.map(drop)));
    }
    Ok(verdicts)
}

/// The supplementary information of a report about a probe: that a gateway answered it, and which (PB-03).
#[must_use]
pub fn text(mail_domain: &str) -> String {
    format!("This probe was serviced by the gateway {mail_domain}; a message would be sent to the Internet")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::x411::envelope::{ContentType, MtsIdentifier, PerMessageIndicators, PerRecipientFields};
    use rasn_x400::x411::extension::{Criticality, ExtensionField, ExtensionType};
    use rasn_x400::x411::trace::GlobalDomainIdentifier;
    use time::macros::datetime;

    use super::*;
    use crate::mixer::address::Mapper;
    use crate::mixer::{AddressMapper as _, Settings};
    use crate::rules::Rules;

    const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=gb"
[[equivalence]]
domain = "widget.com"
or = "O=Widget; P=demo; A=x400; C=XX"
"#;

    fn critical() -> ExtensionField {
        ExtensionField {
            kind: ExtensionType::Private("1.2.3".parse().unwrap()),
            criticality: Criticality::with(&[Criticality::FOR_DELIVERY]),
            value: None,
            unknown: Vec::new(),
        }
    }

    /// Reason and diagnostic for the whole probe, or for each recipient we answer for.
    fn answered(change: impl FnOnce(&mut ProbeTransferEnvelope)) -> String {
        let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
        let settings = Settings {
            maximum_mail: Some(1000),
            ..Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", None), "mta", "gw.example")
        };
        let mapper = Mapper::new(&rules);
        let recipient = |number, text: &str, bits: &[usize]| PerRecipientFields {
            recipient_name: mapper.parse_or(text).unwrap(),
            originally_specified_recipient_number: number,
            per_recipient_indicators: PerRecipientIndicators::with(bits),
            explicit_conversion: None,
            extensions: Vec::new(),
            unknown: Vec::new(),
        };
        let mut probe = ProbeTransferEnvelope {
            probe_identifier: MtsIdentifier {
                domain: settings.domain.clone(),
                local_identifier: "1".into(),
                unknown: Vec::new(),
            },
            originator_name: mapper.parse_or("/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/").unwrap(),
            original_encoded_information_types: None,
            content_type: ContentType::P22,
            content_identifier: None,
            content_length: Some(1000),
            per_message_indicators: PerMessageIndicators::default(),
            per_domain_bilateral_information: None,
            trace_information: Vec::new(),
            extensions: Vec::new(),
            per_recipient_fields: vec![
                recipient(1, "/S=jo/O=Widget/PRMD=demo/ADMD=x400/C=XX/", &[0, 1, 3]),
                recipient(2, "/S=far/PRMD=other/ADMD=x400/C=XX/", &[1, 3]),
                recipient(3, "/DD.RFC-822=nobody/O=gateway/PRMD=gw/ADMD=Gold 400/C=gb/", &[0, 1, 3]),
            ],
            unknown: Vec::new(),
        };
        change(&mut probe);
        let context = Context {
            mapper: &mapper,
            settings: &settings,
            message_identifier: "QID1",
            now: datetime!(2026-11-27 10:00 UTC),
        };
        match answer(&probe, &context) {
            Err(refusal) => refusal.failure().non_delivery().to_string(),
            Ok(verdicts) => {
                let words = verdicts.into_iter().map(|(place, verdict)| match verdict {
                    Ok(()) => format!("{place} yes"),
                    Err(refusal) => format!("{place} {}", refusal.failure().non_delivery()),
                });
                words.collect::<Vec<_>>().join(", ")
            }
        }
    }

    #[test]
    fn a_probe_gets_the_answer_of_a_message() {
        // PB-02, PB-05
        assert_eq!(
            answered(|_| ()),
            "1 yes, 3 Reason 1 (Unable-To-Transfer); Diagnostic 0 (Unrecognised-ORName)"
        );
        assert_eq!(
            answered(|probe| probe.content_type = ContentType::P35),
            "Reason 1 (Unable-To-Transfer); Diagnostic 15 (Content-Type-Not-Supported)"
        );
        let military = ContentType::Extended(rasn_x400::oids::CONTENT_P772);
        assert!(answered(|probe| probe.content_type = military).starts_with("1 yes"));
        assert_eq!(
            answered(|probe| probe.content_length = Some(1001)),
            "Reason 1 (Unable-To-Transfer); Diagnostic 7 (Content-Too-Long)"
        );
        let unsupported = "Reason 1 (Unable-To-Transfer); Diagnostic 18 (Unsupported-Critical-Function)";
        assert_eq!(answered(|probe| probe.extensions.push(critical())), unsupported);
        let of_one = answered(|probe| probe.per_recipient_fields[0].extensions.push(critical()));
        assert!(of_one.starts_with(&format!("1 {unsupported}, 3 ")), "{of_one}");
        // PB-03
        assert!(text("gw.example").contains("gateway gw.example"));
    }
}
