//! Who may write to whom, said at MAIL and RCPT.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::net::SocketAddr;
use std::sync::Arc;

use time::OffsetDateTime;

use super::super::hops::Hops;
use super::super::in_force::{CurrentRules, InForce};
use super::super::judged::{self, Mail};
use super::super::watching::{SMTP, TurnedAway, Watch};
use super::entry::is_held_too_long;
use super::relaying::{Denied, Permission};
use super::verdict::judge;
use super::{by_rule, unavailable};
use crate::mixer::AddressContext;
use crate::mixer::address::ToOr;
use crate::mta::relay::shown;
use crate::queue::store::Side;
use crate::queue::store::sqlite::SqliteStore;
use crate::rules::lookup::Headers;
use crate::smtp::command::{MailParameters, Mailbox, RecipientParameters, ReversePath};
use crate::smtp::listener::{Client, RecipientPolicy};
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};

/// Maps addresses at MAIL and RCPT, so that what has no X.400 address is refused at once.
pub(in crate::serve) struct RecipientCheck {
    pub(in crate::serve) rules: CurrentRules,
    pub(in crate::serve) hops: Arc<Hops>,
    /// How long a message may be held, if that is offered.
    pub(in crate::serve) longest_hold: Option<time::Duration>,
    /// Who may send what.
    pub(in crate::serve) permission: Permission,
    pub(in crate::serve) store: Arc<SqliteStore>,
    pub(in crate::serve) watch: Arc<Watch>,
}

impl RecipientPolicy for RecipientCheck {
    async fn sender(
        &self,
        client: &Client,
        path: &ReversePath,
        parameters: &MailParameters,
    ) -> Result<(), Reply> {
        let judged = self.judge_sender(client, path, parameters).await;
        judged.map_err(|denied| self.tell(&path.to_string(), denied))
    }

    /// A recipient whom a policy does not let this sender write to is refused as well.
    async fn recipient(
        &self,
        client: &Client,
        from: (&ReversePath, &MailParameters),
        mailbox: &Mailbox,
        _: &RecipientParameters,
    ) -> Result<(), Reply> {
        let judged = self.judge_recipient(client, from, mailbox).await;
        judged.map_err(|denied| self.tell(&mailbox.to_string(), denied))
    }

    fn too_much(&self, client: SocketAddr, limit: &'static str, reply: &Reply) {
        tracing::info!(%client, limit, "SMTP client refused for a limit");
        self.tell(&client.ip().to_string(), Denied { policy: limit, reply: reply.clone() });
    }
}

impl RecipientCheck {
    /// Tells who was refused.
    fn tell(&self, what: &str, Denied { policy, reply }: Denied) -> Reply {
        let (answer, text) = (reply.code().to_string(), reply.to_string());
        self.watch.refused(&TurnedAway {
            from: SMTP,
            id: None,
            identifier: None,
            what,
            answer: &answer,
            text: &text,
            policy,
        });
        reply
    }

    pub(in crate::serve) async fn judge_sender(
        &self,
        client: &Client,
        path: &ReversePath,
        parameters: &MailParameters,
    ) -> Result<(), Denied> {
        self.permission.of_sender(client)?;
        if self.watch.is_draining() {
            return Err(Denied::from(Reply::new(
                ReplyCode::SERVICE_NOT_AVAILABLE_421,
                StatusDetail::SYSTEM_NOT_ACCEPTING_X_3_2,
                "no messages are taken for now; try again later",
            )));
        }
        if is_held_too_long(parameters, self.longest_hold, OffsetDateTime::now_utc()) {
            return Err(Denied::from(Reply::new(
                ReplyCode::SYNTAX_ERROR_501,
                StatusDetail::INVALID_ARGUMENTS_X_5_4,
                "cannot hold a message that long",
            )));
        }
        match path {
            ReversePath::Null => Ok(()),
            ReversePath::Mailbox(mailbox) => {
                Ok(self.check(&self.rules.get(), mailbox, AddressContext::ReturnPath).await.map(drop)?)
            }
        }
    }

    pub(in crate::serve) async fn judge_recipient(
        &self,
        client: &Client,
        from: (&ReversePath, &MailParameters),
        mailbox: &Mailbox,
    ) -> Result<(), Denied> {
        let in_force = self.rules.get();
        let found = self.check(&in_force, mailbox, AddressContext::Recipient).await?;
        let (rules, table) = (in_force.rules(), in_force.table());
        match self.permission.of_recipient(client, mailbox, &found, (rules, table)) {
            Err((_, true)) if self.has_written(&found).await? => {}
            Err((denied, _)) => return Err(denied),
            Ok(()) => {}
        }
        if rules.policies().is_empty() {
            return Ok(());
        }
        let path = match from.0 {
            ReversePath::Null => None,
            ReversePath::Mailbox(mailbox) => Some(mailbox.to_string()),
        };
        let mail = Mail::announced(rules, (&**table).into(), path.as_deref(), from.1.size);
        match mail.refused(&mailbox.to_string(), &found.name) {
            None => Ok(()),
            Some(policy) => {
                judged::log(None, rules, policy, mailbox);
                Err(by_rule(policy))
            }
        }
    }

    /// Whether messages have come from an X.400 user, to whom answers and reports are on their way then.
    async fn has_written(&self, found: &ToOr) -> Result<bool, Reply> {
        self.store.has_written(Side::X400, shown(&found.name)).await.map_err(|error| {
            tracing::error!(%error, "whether an address has written is not known");
            unavailable()
        })
    }

    /// Whether a mailbox has an X.400 address. One that cannot be looked up now is not refused for good (F-03).
    async fn check(
        &self,
        rules: &InForce,
        mailbox: &Mailbox,
        context: AddressContext,
    ) -> Result<ToOr, Reply> {
        let address = mailbox.to_string();
        // Without peers nobody is refused: the operator has not finished yet.
        let table = (!self.hops.is_empty()).then(|| &**rules.table());
        let run = rules.mappings();
        let run =
            run.run(Headers::Wait, |mapper| judge(mapper.without_steps(), table, &address, context)).await;
        run.made.map_err(|refused| refused.reply(context))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::verdict::Refused;
    use super::*;
    use crate::mixer::address::Mapper;
    use crate::rules::Rules;

    #[test]
    fn addresses_outside_ascii_are_refused() {
        // D-35
        let rules = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gateway; P=gw; A=mail; C=gb\"\n\
                     reached_by_x400 = [\"far.example\"]\nencapsulate_via = \"P=far; A=mail; C=gb\"\n";
        let rules = Rules::from_sources(&[("rules.toml", rules)]).unwrap();
        for (context, expected) in
            [(AddressContext::Recipient, "553 5.6.7"), (AddressContext::ReturnPath, "550 5.6.7")]
        {
            let unmappable = Mapper::new(&rules).to_or("jos\u{e9}@far.example", context).unwrap_err();
            let reply = Refused::Unmappable(unmappable).reply(context).to_string();
            assert!(reply.starts_with(expected), "{reply}");
        }
    }
}
