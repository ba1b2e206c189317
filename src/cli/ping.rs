//! `x400gw ping`: what each layer of an MTA answers.

use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use rasn_x400::x411::address::text;

use super::{Failure, tls};
use crate::mta::bind::{Identity, PasswordForm};
use crate::osi::stack::{Config, DialogueMode, Mode, Reference, Selectors};
use crate::peer::ping::{self, Target};

const ADDRESS: &str = "Selectors";

/// More for `--help`.
const HELP: &str = "\
Every layer is asked in turn, and each answers for itself: what it agreed to, or why not and what to
do about it. The association is closed again; without --probe nothing is transferred.

  x400gw ping mta.example --name us --password secret
  x400gw ping mta.example:10102 --tsel 0x0001 --mode x410-1984
  x400gw ping mta.example --tls --ca ca.pem --certificate us.pem --key us.key
  x400gw ping mta.example --name us --probe '/S=Hopper/PRMD=navy/ADMD=x/C=gb/'

Exit code 0 if every layer agreed, 1 if one did not, 2 if an option cannot be used.";

/// Whom to reach, and as whom.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = HELP)]
pub(super) struct Options {
    /// Host, with port if it is not 102
    #[arg(value_name = "HOST[:PORT]")]
    host: String,
    /// MTA name to bind with; an empty one binds without name and password
    #[arg(long, default_value = "x400gw")]
    name: String,
    /// Password to bind with; without one none is sent
    #[arg(long)]
    password: Option<String>,
    /// Send the password as IA5String, as 1984 has it, instead of OCTET STRING
    #[arg(long)]
    password_characters: bool,
    /// Transport selector of the peer: text, or 0x and hexadecimal
    #[arg(long, value_name = "TSEL", default_value = "", hide_default_value = true, help_heading = ADDRESS)]
    tsel: String,
    /// Session selector of the peer
    #[arg(long, value_name = "SSEL", default_value = "", hide_default_value = true, help_heading = ADDRESS)]
    ssel: String,
    /// Presentation selector of the peer
    #[arg(long, value_name = "PSEL", default_value = "", hide_default_value = true, help_heading = ADDRESS)]
    psel: String,
    /// Our own transport selector
    #[arg(long, value_name = "TSEL", default_value = "", hide_default_value = true, help_heading = ADDRESS)]
    calling_tsel: String,
    /// What to speak: normal, x410-1988 or x410-1984
    #[arg(long, value_name = "MODE", default_value = "normal", value_parser = super::mode)]
    mode: Mode,
    /// Propose two-way alternate
    #[arg(long)]
    two_way: bool,
    /// Also send a probe to this O/R address
    #[arg(long, value_name = "O/R-ADDRESS")]
    probe: Option<String>,
    #[command(flatten)]
    tls: tls::Calling,
    /// Seconds that each step may take
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    timeout: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The port of RFC 1006.
const PORT: u16 = 102;

impl Options {
    fn target(&self) -> Result<Target, Failure> {
        let patience = Duration::from_secs(self.timeout.clamp(1, 3_600));
        let called = Selectors {
            transport: selector("--tsel", &self.tsel)?,
            session: selector("--ssel", &self.ssel)?,
            presentation: selector("--psel", &self.psel)?,
        };
        let calling =
            Selectors { transport: selector("--calling-tsel", &self.calling_tsel)?, ..Selectors::default() };
        let mut stack = Config {
            mode: self.mode,
            called,
            calling,
            reference: Reference { name: self.name.clone(), ..Reference::default() },
            dialogue_mode: if self.two_way { DialogueMode::TwoWayAlternate } else { DialogueMode::Monologue },
            ..Config::default()
        };
        stack.timers.connect = patience;
        stack.timers.release = patience;
        let probe = match &self.probe {
            None => None,
            Some(written) => Some(address(written)?),
        };
        let form = if self.password_characters { PasswordForm::Characters } else { PasswordForm::Usual };
        let identity = Identity {
            name: self.name.clone(),
            password: self.password.clone(),
            password_form: form,
            ..Identity::default()
        };
        let address = with_port(&self.host);
        Ok(Target {
            tls: self.tls.initiator(Some(&address))?,
            address,
            stack,
            identity,
            probe,
            // The stack knows better why nothing came; this is for when it does not end.
            patience: patience + Duration::from_secs(1),
        })
    }
}

/// Host and port; an IPv6 address has its brackets.
fn with_port(host: &str) -> String {
    let after_brackets = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    let bare_ipv6 = !host.contains('[') && host.matches(':').count() > 1;
    match (bare_ipv6, after_brackets.contains(':')) {
        (true, _) => format!("[{host}]:{PORT}"),
        (false, true) => host.to_owned(),
        (false, false) => format!("{host}:{PORT}"),
    }
}

fn selector(option: &str, text: &str) -> Result<Bytes, Failure> {
    crate::peer::script::selector(text).ok_or_else(|| {
        Failure::BadInput(format!("error: {option} `{text}` is not hexadecimal\nhelp: write two digits for each octet, as in `0x0001`"))
    })
}

fn address(written: &str) -> Result<rasn_x400::x411::address::OrName, Failure> {
    let bad =
        |why: String| Failure::BadInput(format!("error: --probe `{written}` is not an O/R address: {why}"));
    let keyed = text::parse(written).map_err(|error| bad(error.to_string()))?;
    keyed.to_or_name().map_err(|error| bad(error.to_string()))
}

/// Reaches out and says what came back.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let target = options.target()?;
    let answers = super::runtime()?.block_on(ping::ping(&target));
    if options.json {
        super::print(&format!("{:#}", answers.json()));
    } else {
        super::print(&answers.text());
    }
    if answers.all_agreed() { Ok(()) } else { Err(Failure::Refused(String::new())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_that_of_rfc_1006_unless_another_is_given() {
        for (host, expected) in [
            ("mta.example", "mta.example:102"),
            ("mta.example:10103", "mta.example:10103"),
            ("192.0.2.1", "192.0.2.1:102"),
            ("::1", "[::1]:102"),
            ("[::1]", "[::1]:102"),
            ("[::1]:10103", "[::1]:10103"),
        ] {
            assert_eq!(with_port(host), expected);
        }
    }
}
