//! An envelope in words: whom a mail is from and for, and what its sender wants to hear of it.

use crate::smtp::command::parameters::to_xtext;
use crate::smtp::command::{
    Command, ForwardPath, MailParameters, Mailbox, RecipientParameters, ReversePath, Tolerances,
};

/// Characters of an ENVID (RFC 3461 4.4).
const ENVELOPE_ID: usize = 100;

/// What is wanted of a mail besides its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The reverse path; empty is the null one.
    pub(crate) from: String,
    /// At least one.
    pub(crate) to: Vec<String>,
    /// When the sender wants to hear: `never`, or some of `success`, `failure` and `delay`; empty for what is usual.
    pub(crate) notify: Vec<String>,
    /// How much comes back: `full` or `headers`.
    pub(crate) returned: Option<String>,
    /// The name that reports give the mail.
    pub(crate) envelope_id: Option<String>,
}

/// The same as SMTP has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commands {
    /// What MAIL says.
    pub(crate) sender: (ReversePath, MailParameters),
    /// What each RCPT says.
    pub(crate) recipients: Vec<(Mailbox, RecipientParameters)>,
}

impl Wishes {
    /// As MAIL and RCPT, for a content of so many octets.
    ///
    /// # Errors
    /// What SMTP cannot carry.
    pub(crate) fn commands(&self, octets: usize) -> Result<Commands, String> {
        let mut mail = format!("MAIL FROM:<{}> SIZE={octets}", line(&self.from)?);
        match self.returned.as_deref() {
            None => {}
            Some("full") => mail += " RET=FULL",
            Some("headers" | "hdrs") => mail += " RET=HDRS",
            Some(other) => return Err(format!("`{other}` comes back in no report; `full` or `headers` may")),
        }
        if let Some(id) = &self.envelope_id {
            let is_printable = !id.is_empty() && id.bytes().all(|octet| matches!(octet, b' '..=b'~'));
            if !is_printable || to_xtext(id).len() > ENVELOPE_ID {
                return Err(format!("`{id}` is no ENVID: it has 1 to 100 visible characters of US-ASCII"));
            }
            mail += &format!(" ENVID={}", to_xtext(id));
        }
        let utf8 = !self.from.is_ascii() || self.to.iter().any(|one| !one.is_ascii());
        mail += if utf8 { " SMTPUTF8" } else { "" };
        let sender = match Command::parse(mail.as_bytes(), Tolerances::default()) {
            Ok(Command::Mail { reverse_path, parameters }) => (reverse_path, parameters),
            Ok(_) | Err(_) => return Err(format!("`{}` is no address that mail can come from", self.from)),
        };
        let notify = match self.notify.is_empty() {
            true => String::new(),
            false => format!(" NOTIFY={}", line(&self.notify.join(",").to_ascii_uppercase())?),
        };
        let mut recipients = Vec::with_capacity(self.to.len());
        for one in &self.to {
            let command = format!("RCPT TO:<{}>{notify}", line(one)?);
            match Command::parse(command.as_bytes(), Tolerances::default()) {
                Ok(Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), parameters }) => {
                    recipients.push((mailbox, parameters));
                }
                Ok(_) => return Err(format!("`{one}` is no mailbox")),
                Err(_) if !notify.is_empty() && is_mailbox(one) => {
                    let words = "`never`, or some of `success`, `failure` and `delay`";
                    return Err(format!("`{}`: a sender is told {words}", self.notify.join(",")));
                }
                Err(_) => return Err(format!("`{one}` is no address that mail can go to")),
            }
        }
        if recipients.is_empty() {
            return Err("there are no recipients".to_owned());
        }
        Ok(Commands { sender, recipients })
    }
}

fn is_mailbox(written: &str) -> bool {
    Command::parse(format!("RCPT TO:<{written}>").as_bytes(), Tolerances::default()).is_ok()
}

/// What may stand in a command: nothing in it ends one.
fn line(text: &str) -> Result<&str, String> {
    match text.chars().any(char::is_control) {
        true => Err("an address is written on one line".to_owned()),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn wishes_become_commands_and_what_is_none_is_refused() {
        let words = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let good = Wishes {
            from: "ann@a.example".into(),
            to: words(&["bob@b.example", "\"c d\"@b.example"]),
            notify: words(&["success", "delay"]),
            returned: Some("headers".into()),
            envelope_id: Some("a b+c".into()),
        };
        let Commands { sender, recipients } = good.commands(17).unwrap();
        assert_eq!(sender.0.to_string(), "<ann@a.example>");
        assert_eq!(sender.1.envelope_id.unwrap().text, "a b+c");
        assert_eq!((sender.1.size, recipients.len()), (Some(17), 2));
        assert!(recipients.iter().all(|(_, parameters)| parameters.notify.is_some()));
        assert!(Wishes { from: String::new(), ..good.clone() }.commands(0).is_ok());
        for (bad, said) in [
            (Wishes { from: "a b".into(), ..good.clone() }, "mail can come from"),
            (Wishes { from: "a@b> RET=FULL".into(), ..good.clone() }, "mail can come from"),
            (Wishes { to: words(&["bob@b.example\r\nDATA"]), ..good.clone() }, "one line"),
            (Wishes { to: words(&["bob"]), ..good.clone() }, "mail can go to"),
            (Wishes { to: Vec::new(), ..good.clone() }, "no recipients"),
            (Wishes { notify: words(&["never", "delay"]), ..good.clone() }, "a sender is told"),
            (Wishes { returned: Some("some".into()), ..good.clone() }, "`full` or `headers`"),
            (Wishes { envelope_id: Some("x".repeat(101)), ..good }, "no ENVID"),
        ] {
            let why = bad.commands(0).unwrap_err();
            assert!(why.contains(said), "{bad:?}: {why}");
        }
    }
}
