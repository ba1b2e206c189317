//! The conversion as rules about header fields and bodies change it for the sender and the first recipient.

use rasn_x400::x411::address::OrName;

use crate::mixer::to_internet::{self, to_internet};
use crate::mixer::to_x400::{self, to_x400};
use crate::mixer::{AddressContext, Context, Settings};
use crate::rules::pattern::Party;
use crate::rules::traffic::{Traffic, Way};

/// A mail to X.400.
///
/// # Errors
/// As [`to_x400`].
pub(super) fn ruled_to_x400(
    input: &to_x400::Input,
    context: &Context<'_>,
) -> Result<to_x400::Converted, to_x400::Refusal> {
    let mailboxes = [input.reverse_path.as_deref(), input.recipients.first().map(|one| one.address.as_str())];
    let name = |address: Option<&str>, place| Some(context.mapper.to_or(address?, place).ok()?.or_address);
    let names =
        [name(mailboxes[0], AddressContext::ReturnPath), name(mailboxes[1], AddressContext::Recipient)];
    match changed(Way::ToX400, mailboxes, names.each_ref().map(Option::as_ref), context) {
        None => to_x400(input, context),
        Some(settings) => to_x400(input, &Context { settings: &settings, ..*context }),
    }
}

/// A message of X.400 to the Internet.
///
/// # Errors
/// As [`to_internet`].
pub(super) fn ruled_to_internet(
    input: &to_internet::Input,
    context: &Context<'_>,
) -> Result<to_internet::Converted, to_internet::Refusal> {
    let first = input.recipients.first().and_then(|place| usize::try_from(*place).ok()?.checked_sub(1));
    let first = first.and_then(|place| input.envelope.per_recipient_fields.get(place));
    let names = [Some(&input.envelope.originator_name), first.map(|fields| &fields.recipient_name)];
    let mailbox = |name: Option<&OrName>| {
        Some(context.mapper.to_internet(name?, AddressContext::Recipient).ok()?.address)
    };
    let mailboxes = names.map(mailbox);
    match changed(Way::ToInternet, mailboxes.each_ref().map(Option::as_deref), names, context) {
        None => to_internet(input, context),
        Some(settings) => to_internet(input, &Context { settings: &settings, ..*context }),
    }
}

/// The settings as rules change them, if they do.
fn changed(
    way: Way,
    mailboxes: [Option<&str>; 2],
    names: [Option<&OrName>; 2],
    context: &Context<'_>,
) -> Option<Settings> {
    let rules = context.mapper.rules().filter(|rules| rules.change_settings())?;
    let party = |index: usize| match (mailboxes[index], names[index]) {
        (None, None) => Party::default(),
        (mailbox, name) => Party::new(mailbox, name, rules.countries()),
    };
    let (from, to) = (party(0), party(1));
    let traffic =
        Traffic { way, peers: &[], from: &from, to: &to, length: None, content_type: None, labels: None };
    let selection = rules.selection(&traffic);
    (!selection.is_empty()).then(|| rules.settings(&selection, context.settings))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::x411::trace::GlobalDomainIdentifier;
    use time::macros::datetime;

    use super::*;
    use crate::mixer::address::Mapper;
    use crate::mixer::mail::{MailOptions, Recipient};
    use crate::rules::Rules;

    /// A conversion without a gateway goes by the rules, and says by which.
    #[test]
    fn rules_about_header_fields_count() {
        let text = format!(
            "{}\n[[header]]\nname = \"project\"\nfield = \"X-Project\"\nheading = \"Subject\"\nuser = \"@navy.x400.example\"\n",
            include_str!("../../mappings/default.toml")
        );
        let rules = Rules::from_sources(&[("r.toml", &text)]).unwrap();
        let settings = Settings::new(GlobalDomainIdentifier::new("XX", "example", None), "mta", "gw.example");
        let mapper = Mapper::new(&rules);
        let context = Context {
            mapper: &mapper,
            settings: &settings,
            message_identifier: "M1",
            now: datetime!(2026-11-27 12:00 UTC),
        };
        let subject = |recipient: &str| {
            let input = to_x400::Input {
                content: "From: a@internet.example\r\nX-Project: 7\r\n\r\nHello.\r\n".into(),
                reverse_path: Some("a@internet.example".to_owned()),
                options: MailOptions::default(),
                recipients: vec![Recipient {
                    number: 1,
                    address: recipient.to_owned(),
                    notify: None,
                    original_recipient: None,
                }],
            };
            let converted = ruled_to_x400(&input, &context).unwrap();
            let origins = converted.trail.as_slice().iter();
            let by_rule =
                origins.filter_map(|origin| origin.steps.iter().find_map(|step| step.rule.as_ref()));
            by_rule.map(ToString::to_string).find(|rule| rule.contains("project"))
        };
        assert!(subject("b@navy.x400.example").unwrap().starts_with("header project (r.toml:"));
        assert_eq!(subject("b@army.x400.example"), None);
    }
}
