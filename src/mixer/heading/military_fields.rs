//! Fields of military messages on the way to X.400 (RFC 6477 6, RFC 7912 5; ledger beyond M-03, M-14, M-20, M-23).

use super::people::descriptors;
use super::{Draft, Level};
use crate::message::{Field, Header};
use crate::mixer::date::to_utc_time;
use crate::mixer::envelope::time_of;
use crate::mixer::heading::singles::first;
use crate::mixer::military::draft::{Defaults, Taken};
use crate::mixer::military::{self, level};
use crate::mixer::to_x400::{Refusal, Work};

impl Draft {
    /// What a military message needs and its own fields may not say.
    pub(super) fn military_defaults(&mut self, header: &Header, position: Level, work: &Work<'_>) {
        if !work.is_military() {
            return;
        }
        let parameter = work.input.options.priority.filter(|_| position == Level::Outermost);
        let mt_priority =
            |value: &str| value.trim().parse::<i8>().ok().filter(|level| (-9..=9).contains(level));
        // M-23: the parameter, the field of RFC 6758, the field of RFC 2156, routine.
        let precedence = parameter
            .or_else(|| first(header, &["MT-Priority"], mt_priority).map(|(_, level)| level))
            .map(level::precedence_of_mt_priority)
            .or_else(|| {
                let word = first(header, &["Priority"], crate::mixer::envelope::priority_word);
                word.map(|(_, priority)| level::precedence_of_priority(priority))
            })
            .unwrap_or(level::ROUTINE);
        let date = first(header, &["Date"], time_of).map(|(_, time)| time);
        let authorisation = date.or_else(|| to_utc_time(work.now()).ok());
        self.military_defaults = Defaults { precedence, authorisation, has_primary_recipients: false };
    }

    /// Takes a field of military messages; `false` if its value breaks the grammar, so that it travels whole (M-11).
    pub(super) fn military_field(
        &mut self,
        military: military::Field,
        field: &Field,
        at: &str,
        work: &mut Work<'_>,
    ) -> bool {
        let taken = match military {
            military::Field::ExemptedAddress | military::Field::AuthorizingUsers => {
                let found = descriptors(&field.value, at, work);
                self.military.take_addresses(military, found)
            }
            _ => self.military.take(military, &field.value),
        };
        let made = format!("{}heading.{}", self.place, military.element());
        match taken {
            Taken::Whole => {}
            Taken::Except(more) => {
                work.losses.dropped(at, more.join("; "), "X.400 has room for eight", military.clause());
            }
            Taken::Not => return false,
        }
        work.trail.made(made, field.value.as_str(), at, military.clause());
        true
    }

    /// M-20: the originator is the sender, else the first author; all others released the message.
    pub(super) fn military_originators(&mut self) {
        let mut from = std::mem::take(&mut self.from);
        let originator = match self.sender.take() {
            Some(sender) => {
                if from.first() == Some(&sender) {
                    from.remove(0);
                }
                Some(sender)
            }
            None if from.is_empty() => None,
            None => Some(from.remove(0)),
        };
        self.heading.originator = originator;
        from.extend(self.military.authorizing_users());
        self.heading.authorizing_users = (!from.is_empty()).then_some(from);
    }

    /// The extensions: of the message itself always, of one inside where it has such fields (M-13, M-14).
    pub(super) fn military_extensions(&mut self) -> Result<(), Refusal> {
        if !self.place.is_empty() && !self.military.is_military() {
            return Ok(());
        }
        let mut defaults = std::mem::take(&mut self.military_defaults);
        defaults.has_primary_recipients = self.heading.primary_recipients.is_some();
        let draft = std::mem::take(&mut self.military);
        let mut extensions = draft.extensions(defaults)?;
        extensions.append(&mut self.heading.extensions);
        self.heading.extensions = extensions;
        Ok(())
    }
}
