//! Faults by recipient name: a gateway under test is driven by mail alone.
//!
//! A surname, common name or other value of a recipient's address that is one of [`HELP`]'s words makes the lab peer
//! misbehave with the message that has it. With `-once` behind it the fault happens to each message, by its MTS
//! identifier, only the first time: the repetition is welcome.

use std::time::Duration;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::KeyedAddress;

use super::craft::Fate;
use super::octets::Place;
use super::script;
use super::spoil::Spoiled;
use crate::osi::stack::TransferRefusal;

/// The words, for `--help`.
pub const HELP: &str = "\
Faults by recipient: a message to one of these surnames (or common names, or other values of an
address) meets the fault; with `-once` behind the name only the first time, by its MTS identifier.

  stall-30, stall-200ms    30 seconds, 200 milliseconds pass before it is confirmed
  refuse-temporary         refused for now: exception report, local user error
  refuse-permanent         refused for good: exception report, unrecoverable procedural error
  abort-LAYER              abort instead of a confirmation; LAYER is transport, session,
                           presentation, acse, rtse or user
  drop                     the connection ends instead of a confirmation
  lose-confirmation        the message is kept, but the connection ends before it is confirmed
  garbage                  octets without meaning instead of a confirmation
  spoil-LENGTH             a wrong length in the confirmation; LENGTH is tpkt, tpdu or spdu
  ndr-R, ndr-R-D           confirmed; a non-delivery report with reason R, diagnostic D follows
  delivered                confirmed; a delivery report follows

Reports go back over the same association where it is two-way alternate and the other side gives
the turn and takes them, else over an association of their own to --call.";

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Stall(Duration),
    Refuse(TransferRefusal),
    Abort(Place),
    Drop,
    LoseConfirmation,
    Garbage,
    Spoil(Spoiled),
    Report(Fate),
}

/// A fault as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) fault: Fault,
    /// As written, in small letters.
    pub(super) name: String,
    /// Only the first time that a message comes.
    pub(super) once: bool,
    /// The recipient whose address has it.
    pub(super) recipient: OrName,
}

/// The first fault that the addresses of recipients ask for.
pub(super) fn of_recipients(recipients: &[OrName]) -> Option<Wanted> {
    recipients.iter().find_map(|recipient| {
        let address = KeyedAddress::from_or_name(recipient).address;
        address.attributes().iter().find_map(|attribute| {
            let name = attribute.value.to_ascii_lowercase();
            let (word, once) = match name.strip_suffix("-once") {
                Some(word) => (word, true),
                None => (name.as_str(), false),
            };
            let fault = named(word)?;
            Some(Wanted { fault, name, once, recipient: recipient.clone() })
        })
    })
}

fn named(word: &str) -> Option<Fault> {
    let of = |names: &[(&str, Place)], name: &str| {
        names.iter().find(|(known, _)| *known == name).map(|(_, place)| *place)
    };
    Some(match word {
        "refuse-temporary" => Fault::Refuse(TransferRefusal::Temporary),
        "refuse-permanent" => Fault::Refuse(TransferRefusal::Permanent),
        "drop" => Fault::Drop,
        "lose-confirmation" => Fault::LoseConfirmation,
        "garbage" => Fault::Garbage,
        "delivered" => Fault::Report(Fate::Delivered),
        _ => match word.split_once('-')? {
            ("stall", time) => Fault::Stall(script::duration(time)?),
            ("abort", layer) => Fault::Abort(of(&Place::NAMES, layer)?),
            ("spoil", length) => Fault::Spoil(Spoiled::NAMES.iter().find(|(known, _)| *known == length)?.1),
            ("ndr", codes) => {
                let (reason, diagnostic) = match codes.split_once('-') {
                    Some((reason, diagnostic)) => (reason, Some(diagnostic)),
                    None => (codes, None),
                };
                let diagnostic = diagnostic.map(str::parse).transpose().ok()?;
                Fault::Report(Fate::Failed { reason: reason.parse().ok()?, diagnostic })
            }
            _ => return None,
        },
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::peer::craft;

    #[test]
    fn words_of_an_address_name_a_fault() {
        for (address, expected) in [
            ("/S=Stall-200ms/O=x/C=gb/", Some((Fault::Stall(Duration::from_millis(200)), false))),
            ("/S=stall-3/C=gb/", Some((Fault::Stall(Duration::from_secs(3)), false))),
            ("/CN=abort-acse-once/C=gb/", Some((Fault::Abort(Place::Acse), true))),
            (
                "/S=ndr-1-0/C=gb/",
                Some((Fault::Report(Fate::Failed { reason: 1, diagnostic: Some(0) }), false)),
            ),
            ("/S=ndr-1/C=gb/", Some((Fault::Report(Fate::Failed { reason: 1, diagnostic: None }), false))),
            ("/S=drop-once/C=gb/", Some((Fault::Drop, true))),
            ("/S=spoil-tpdu/C=gb/", Some((Fault::Spoil(Spoiled::Tpdu), false))),
            ("/S=abort-ship/C=gb/", None),
            ("/S=ndr-x/C=gb/", None),
            ("/S=Smith/C=gb/", None),
        ] {
            let found = of_recipients(&[craft::address(address).unwrap()]);
            assert_eq!(found.map(|wanted| (wanted.fault, wanted.once)), expected, "{address}");
        }
    }

    #[test]
    fn the_help_names_every_fault() {
        for (place, _) in Place::NAMES {
            assert!(HELP.contains(place));
        }
        for word in
            ["refuse-temporary", "refuse-permanent", "drop", "lose-confirmation", "garbage", "delivered"]
        {
            assert!(HELP.contains(word) && named(word).is_some(), "{word}");
        }
    }
}
