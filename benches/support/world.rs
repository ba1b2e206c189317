//! What surrounds a conversion in a bench: the rules and settings of an operator who set nothing.

#![allow(dead_code, reason = "each bench uses a part")]

use std::hint::black_box;

use bytes::Bytes;
use time::macros::datetime;
use x400_gateway::config::Config;
use x400_gateway::mixer::address::{Mapper, Memory};
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::to_internet;
use x400_gateway::mixer::to_x400::{self, to_x400};
use x400_gateway::mixer::{Context, Settings};
use x400_gateway::rules::Rules;
use x400_gateway::serve;

pub(crate) struct World {
    rules: Rules,
    settings: Settings,
}

impl World {
    pub(crate) fn new() -> Self {
        let rules = serve::load_rules(None).unwrap().rules;
        let settings = serve::conversion_settings(&Config::default()).unwrap();
        Self { rules, settings }
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&Context<'_>) -> T) -> T {
        let memory = Memory::default();
        let mapper = Mapper::new(&self.rules).remembering(&memory).without_steps();
        work(&Context {
            mapper: &mapper,
            settings: &self.settings,
            message_identifier: "bench",
            now: datetime!(2026-11-23 12:00 UTC),
        })
    }

    pub(crate) fn to_x400(&self, input: &to_x400::Input) -> to_x400::Converted {
        self.with(|context| to_x400(input, context).unwrap())
    }
}

/// A mail from one of the Internet to these.
pub(crate) fn mail_input(mail: impl Into<Bytes>, recipients: &[&str]) -> to_x400::Input {
    let recipients = (1..).zip(recipients);
    let recipients = recipients.map(|(number, address)| Recipient {
        number,
        address: (*address).into(),
        ..Recipient::default()
    });
    to_x400::Input {
        content: mail.into(),
        reverse_path: Some("ada@internet.example".into()),
        options: MailOptions::default(),
        recipients: recipients.collect(),
    }
}

/// Converted, and every octet read once, as SMTP would send it.
pub(crate) fn read_on_the_internet(world: &World, input: &to_internet::Input) -> usize {
    world.with(|context| {
        let converted = to_internet::to_internet(input, context).unwrap();
        converted.content.chunks().map(|chunk| black_box(chunk).len()).sum()
    })
}
