//! The conversion as rules change it: once for each set of recipients for whom they say the same about addresses, header
//! fields and bodies, and not for those to whom policies do not let the message go. As the gateway does it, without a queue.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rasn_x400::x411::address::OrName;

use super::World;
use crate::mixer::address::Mapper;
use crate::mixer::to_internet::{self, to_internet};
use crate::mixer::to_x400::{self, to_x400};
use crate::mixer::{AddressContext, Context, Settings};
use crate::rules::Rules;
use crate::rules::policy::Policy;
use crate::rules::selection::Selection;
use crate::serve::judged::{self, Arrived, Mail, Ruled, Ways};

/// What a message becomes for all of its recipients.
pub(crate) struct Shares<T> {
    /// What those get for whom rules say the same.
    pub(crate) made: Vec<T>,
    /// Those whom policies do not let it go to, by number or place, with the policy and what it says.
    pub(crate) refused: Vec<(u32, String)>,
}

/// A mail to X.400.
pub(crate) fn ruled_to_x400(
    input: &to_x400::Input,
    world: &World<'_>,
) -> Shares<Result<to_x400::Converted, to_x400::Refusal>> {
    let rules = world.mapper.rules();
    let mapper = world.mapper.for_peer(world.peer).without_steps();
    let ways = Ways { table: world.table, peer: world.peer };
    let said = (input.reverse_path.as_deref(), input.content.len() as u64);
    let announced = Mail::announced(rules, ways, said.0, Some(said.1));
    let addresses = input.recipients.iter().map(|recipient| recipient.address.as_str());
    let mut shares = Shares { made: Vec::new(), refused: Vec::new() };
    for (Ruled { selection, peer }, places) in judged::shares(&announced, mapper, addresses) {
        let settings = settings(rules, &selection, world.settings);
        let mapper_of_share = world.mapper.for_peer(peer.as_deref().or(world.peer));
        let context = Context { mapper: &mapper_of_share, settings: &settings, ..world.context() };
        let recipients = places.iter().filter_map(|place| input.recipients.get(*place).cloned());
        let mut share = to_x400::Input { recipients: recipients.collect(), ..input.clone() };
        let mut converted = to_x400(&share, &context);
        if let Ok(made) = &converted
            && !rules.policies().is_empty()
        {
            let mail = Mail::converted(rules, ways, said, &made.envelope, world.settings);
            let permitted = |recipient: &crate::mixer::mail::Recipient| {
                let found = mapper.to_or(&recipient.address, AddressContext::Recipient).ok();
                let policy = found.and_then(|found| mail.refused(&recipient.address, &found.name));
                shares.refused.extend(policy.map(|policy| (recipient.number, told(rules, policy))));
                policy.is_none()
            };
            let before = share.recipients.len();
            share.recipients.retain(permitted);
            match share.recipients.len() {
                0 => continue,
                left if left < before => converted = to_x400(&share, &context),
                _ => {}
            }
        }
        shares.made.push(converted);
    }
    shares
}

/// A message of X.400 to the Internet.
pub(crate) fn ruled_to_internet(
    input: &to_internet::Input,
    world: &World<'_>,
) -> Shares<Result<to_internet::Converted, to_internet::Refusal>> {
    parted_to_internet(input, world, true)
}

/// The same for those of whom policies have been asked already.
pub(crate) fn permitted_to_internet(
    input: &to_internet::Input,
    world: &World<'_>,
) -> Shares<Result<to_internet::Converted, to_internet::Refusal>> {
    parted_to_internet(input, world, false)
}

fn parted_to_internet(
    input: &to_internet::Input,
    world: &World<'_>,
    asks_policies: bool,
) -> Shares<Result<to_internet::Converted, to_internet::Refusal>> {
    let rules = world.mapper.rules();
    let mapper: Mapper<'_> = world.mapper.for_peer(world.peer);
    let message = (&input.envelope, input.content.len() as u64);
    let arrived = Arrived::message(rules, mapper.without_steps(), world.peer, message, world.settings);
    let name = |place: u32| -> Option<&OrName> {
        let fields = input.envelope.per_recipient_fields.get(usize::try_from(place).ok()?.checked_sub(1)?)?;
        Some(&fields.recipient_name)
    };
    let mut refused = Vec::new();
    let mut alike: BTreeMap<Selection, Vec<u32>> = BTreeMap::new();
    for place in &input.recipients {
        let judged = name(*place).filter(|_| asks_policies && !rules.policies().is_empty());
        match judged.and_then(|name| arrived.refused(name, &[])) {
            Some((policy, _)) => refused.push((*place, told(rules, policy))),
            None => {
                let selection = name(*place).map(|name| arrived.selection(name)).unwrap_or_default();
                alike.entry(selection).or_default().push(*place);
            }
        }
    }
    let made = alike.into_iter().map(|(selection, recipients)| {
        let settings = settings(rules, &selection, world.settings);
        let context = Context { mapper: &mapper, settings: &settings, ..world.context() };
        to_internet(&to_internet::Input { recipients, ..input.clone() }, &context)
    });
    Shares { made: made.collect(), refused }
}

/// The settings as rules change them.
fn settings<'a>(rules: &Rules, selection: &Selection, settings: &'a Settings) -> Cow<'a, Settings> {
    match selection.is_empty() {
        true => Cow::Borrowed(settings),
        false => Cow::Owned(rules.settings(selection, settings)),
    }
}

/// A policy with its place, and what the sender reads.
pub(crate) fn told(rules: &Rules, policy: &Policy) -> String {
    let rule = rules.registry().get(policy.rule).map(ToString::to_string).unwrap_or_default();
    format!("{rule} refuses it: {}", policy.reason())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::x411::address::text::KeyedAddress;
    use rasn_x400::x411::trace::GlobalDomainIdentifier;
    use time::macros::datetime;

    use super::*;
    use crate::mixer::mail::{MailOptions, Recipient};

    const RULES: &str = r#"
[[header]]
name = "project"
field = "X-Project"
heading = "Subject"
user = "@navy.x400.example"

[[user]]
internet = "b@navy.x400.example"
or = "S=Bee; O=navy; P=demo; A=x400; C=XX"
peer = "hub"

[[policy]]
name = "closed"
to = "@closed.navy.x400.example"
action = "refuse"
reason = "closed for the season"
"#;

    fn with<T>(
        peer: Option<&str>,
        recipients: &[&str],
        work: impl FnOnce(&to_x400::Input, &World<'_>) -> T,
    ) -> T {
        let text = format!("{}{RULES}", include_str!("../../mappings/default.toml"));
        let rules = Rules::from_sources(&[("r.toml", &text)]).unwrap();
        let settings = Settings::new(GlobalDomainIdentifier::new("XX", "example", None), "mta", "gw.example");
        let recipients = recipients.iter().zip(1..).map(|(address, number)| Recipient {
            number,
            address: (*address).to_owned(),
            notify: None,
            original_recipient: None,
        });
        let input = to_x400::Input {
            content: "From: a@internet.example\r\nX-Project: 7\r\n\r\nHello.\r\n".into(),
            reverse_path: Some("a@internet.example".to_owned()),
            options: MailOptions::default(),
            recipients: recipients.collect(),
        };
        let world = World {
            mapper: Mapper::new(&rules),
            table: None,
            peer,
            settings: &settings,
            message_identifier: "M1",
            now: datetime!(2026-11-27 12:00 UTC),
        };
        work(&input, &world)
    }

    /// A conversion without a gateway goes by the rules, and says by which.
    #[test]
    fn rules_about_header_fields_count_for_those_they_are_for() {
        let recipients = ["b@navy.x400.example", "b@army.x400.example", "c@navy.x400.example"];
        let made = with(None, &recipients, |input, world| ruled_to_x400(input, world).made);
        let made: Vec<_> = made.into_iter().map(|share| share.unwrap()).collect();
        let of = |converted: &to_x400::Converted| {
            let origins = converted.trail.as_slice().iter();
            let by_rule =
                origins.filter_map(|origin| origin.steps.iter().find_map(|step| step.rule.as_ref()));
            let rule = by_rule.map(ToString::to_string).find(|rule| rule.contains("project"));
            (rule.is_some(), converted.envelope.per_recipient_fields.len())
        };
        assert_eq!(made.iter().map(of).collect::<Vec<_>>(), [(false, 1), (true, 2)]);
    }

    #[test]
    fn rules_of_a_peer_count_where_it_goes_there() {
        let sent = |peer| {
            with(peer, &["b@navy.x400.example"], |input, world| {
                let made = ruled_to_x400(input, world).made.remove(0).unwrap();
                let name = &made.envelope.per_recipient_fields[0].recipient_name;
                KeyedAddress::from_or_name(name).address.to_std_or()
            })
        };
        assert_eq!(sent(None), "/S=b/O=navy/PRMD=demo/ADMD=x400/C=XX/");
        assert_eq!(sent(Some("spoke")), "/S=b/O=navy/PRMD=demo/ADMD=x400/C=XX/");
        assert_eq!(sent(Some("hub")), "/S=Bee/O=navy/PRMD=demo/ADMD=x400/C=XX/");
    }

    #[test]
    fn policies_keep_it_from_some() {
        let recipients = ["b@closed.navy.x400.example", "c@navy.x400.example"];
        let (made, refused) = with(None, &recipients, |input, world| {
            let Shares { made, refused } = ruled_to_x400(input, world);
            (made.into_iter().map(|share| share.unwrap()).collect::<Vec<_>>(), refused)
        });
        let [converted] = &made[..] else { panic!("{} shares", made.len()) };
        let numbers = converted.envelope.per_recipient_fields.iter();
        let numbers: Vec<i64> = numbers.map(|fields| fields.originally_specified_recipient_number).collect();
        assert_eq!(numbers, [2]);
        let [(1, why)] = &refused[..] else { panic!("{refused:?}") };
        assert!(why.starts_with("policy closed (r.toml:") && why.ends_with("closed for the season"), "{why}");
    }
}
