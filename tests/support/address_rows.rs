//! Addresses, and what rules should make of them, as rows of a file.
//!
//! ```toml
//! [[to-x400]]                 # in this order they are tried
//! from = "anna@example.com"
//! to = "G=Anna; …"            # or `fails` with a part of the reason, the steps that were taken among it
//! peer = "hub"                # optional: as for messages to or from it
//! step = "people.csv:2"       # optional: stands in one of the steps
//!
//! [[to-internet]]
//! from = "G=Anna; …"
//! to = "anna@example.com"
//! ```

use rasn_x400::x411::address::text;
use serde::Deserialize;
use x400_gateway::mixer::AddressContext;
use x400_gateway::mixer::address::{Mapper, Step, Unmappable};
use x400_gateway::rules::Rules;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    from: String,
    to: Option<String>,
    fails: Option<String>,
    peer: Option<String>,
    step: Option<String>,
}

/// What does not come out as the rows say, in words.
pub(crate) fn play(rules: &Rules, to_x400: &[Row], to_internet: &[Row]) -> String {
    let to_x400 = to_x400.iter().filter_map(|row| {
        let found = row.mapper(rules).to_or(&row.from, AddressContext::Recipient);
        row.judge(found.map(|found| (found.address.to_display(), found.steps)))
    });
    let to_internet = to_internet.iter().filter_map(|row| {
        let name = text::parse(&row.from).unwrap().to_or_name().unwrap();
        let found = row.mapper(rules).to_internet(&name);
        row.judge(found.map(|found| (found.address, found.steps)))
    });
    to_x400.chain(to_internet).collect()
}

impl Row {
    fn mapper<'r>(&'r self, rules: &'r Rules) -> Mapper<'r> {
        Mapper::new(rules).for_peer(self.peer.as_deref())
    }

    /// What is not as the row says.
    fn judge(&self, result: Result<(String, Vec<Step>), Unmappable>) -> Option<String> {
        let written = |steps: &[Step]| steps.iter().map(|step| format!("  {step}\n")).collect::<String>();
        let (found, steps) = match result {
            Ok((address, steps)) => (Ok(address), written(&steps)),
            Err(error) => (Err(format!("{error}\n{}", written(&error.steps))), String::new()),
        };
        let fits = match (&found, &self.to, &self.fails) {
            (Ok(found), Some(expected), None) => found == expected,
            (Err(reason), None, Some(expected)) => reason.contains(expected.as_str()),
            _ => false,
        };
        let step = self.step.as_deref().unwrap_or_default();
        (!fits || !steps.contains(step)).then(|| format!("{} ({step}): {found:#?}\n{steps}", self.from))
    }
}
