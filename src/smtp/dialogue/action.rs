//! What a session does on each command and verdict: the actions of [`super::table`].

use std::sync::Arc;

use super::table::{Action, Input, State, transition};
use super::{Dialogue, Event};
use crate::smtp::command::client::ATTRIBUTES;
use crate::smtp::command::{
    ClientAttributes, ClientName, Command, ForwardPath, MailDomain, MailParameters, Mailbox,
    RecipientParameters, ReversePath,
};
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::smtp::submission::{Envelope, Protocol};

impl Dialogue {
    pub(super) fn command(&mut self, command: Command) {
        let (action, next) = transition(self.state, Input::of(&command));
        let before = self.state;
        self.state = next;
        if matches!(action, Action::Greet | Action::AskSender | Action::Reset) {
            self.transaction_refused = false;
        }
        let refusal = match (action, command) {
            (Action::Greet, Command::Ehlo(name)) => self.greet("EHLO", name, Protocol::Esmtp),
            (Action::Greet, Command::Helo(name)) => self.greet("HELO", name, Protocol::Smtp),
            (Action::Greet, Command::Lhlo(name)) => self.greet("LHLO", name, Protocol::Lmtp),
            (Action::BeginTls, _) => self.begin_tls(),
            (Action::BeginAuthentication, Command::Authenticate { mechanism, initial }) => {
                self.authenticate(&mechanism, initial.as_deref())
            }
            (Action::AskClient, Command::Client(attributes)) => self.ask_client(attributes),
            (Action::AskSender, Command::Mail { reverse_path, parameters }) => {
                self.ask_sender(reverse_path, parameters)
            }
            (Action::AskRecipient, Command::Recipient { forward_path, parameters }) => {
                self.ask_recipient(forward_path, parameters)
            }
            (Action::StartContent, _) => self.start_content(),
            (Action::StartChunks | Action::ContinueChunks, Command::Chunk { octets, last }) => {
                self.start_chunk(action == Action::StartChunks, octets, last)
            }
            (Action::DropChunk, Command::Chunk { octets, .. }) => self.drop_chunk(before, octets),
            (Action::Reset, _) => self.reset(),
            (Action::SayGoodbye, _) => self.say_goodbye(),
            (Action::NoRecipients, _) => {
                // RFC 2920 3.2 (3)
                let reply = self.no_recipients();
                self.reply(&reply);
                self.flush = true;
                Ok(())
            }
            (Action::OutOfOrder, command) => Err(self.out_of_order(&command)),
            (_, command) => self.answer_harmless(&command),
        };
        if let Err(reply) = refusal {
            self.state = before;
            self.transaction_refused |= action == Action::AskSender;
            if action == Action::OutOfOrder && !self.follows_refusal() {
                self.complain(&reply);
            } else {
                self.reply(&reply);
            }
        }
        self.stop_between_transactions();
    }

    /// RFC 5321 4.1.1.1, 4.1.4: the answer, and the effect of RSET.
    fn greet(&mut self, verb: &str, name: ClientName, protocol: Protocol) -> Result<(), Reply> {
        let config = Arc::clone(&self.config);
        if config.lmtp != (protocol == Protocol::Lmtp) {
            // RFC 2033 4.1: one protocol is not to be taken for the other.
            let spoken = if config.lmtp { "LMTP" } else { "SMTP" };
            return Err(Reply::new(
                ReplyCode::UNRECOGNISED_500,
                StatusDetail::INVALID_COMMAND_X_5_1,
                format!("command `{verb}` not recognised, {spoken} is spoken here"),
            ));
        }
        let greeting = format!("{} greets {name}", config.host_name);
        let mut reply = Reply::plain(ReplyCode::COMPLETED_250, greeting);
        if protocol != Protocol::Smtp {
            let mechanisms = self.mechanisms();
            for line in config.extensions.keywords(&config.limits, self.secure) {
                reply = reply.with_line(line);
            }
            if let Some(line) = mechanisms {
                reply = reply.with_line(line);
            }
            if self.speaks_for_others {
                reply = reply.with_line(format!("XCLIENT {ATTRIBUTES}"));
            }
        }
        self.client = Some((name, protocol));
        self.forget_transaction();
        self.reply(&reply);
        self.flush = true;
        Ok(())
    }

    /// RFC 3207 4.
    fn begin_tls(&mut self) -> Result<(), Reply> {
        let refused = |code, text| Reply::new(code, StatusDetail::INVALID_COMMAND_X_5_1, text);
        if !self.config.extensions.start_tls {
            return Err(refused(ReplyCode::NOT_IMPLEMENTED_502, "command `STARTTLS` not implemented"));
        }
        if self.secure {
            return Err(refused(ReplyCode::BAD_SEQUENCE_503, "TLS is spoken already"));
        }
        if !self.input.is_empty() {
            // What was sent in the clear after it would be taken for something that came under TLS.
            self.close_with(refused(ReplyCode::BAD_SEQUENCE_503, "nothing may follow STARTTLS, closing"));
            return Ok(());
        }
        self.answer(ReplyCode::SERVICE_READY_220, StatusDetail::OTHER_X_0_0, "ready for TLS");
        self.flush = true;
        self.event = Some(Event::StartTls);
        Ok(())
    }

    /// XCLIENT: what was said of the session before is forgotten, if the layer above agrees.
    fn ask_client(&mut self, attributes: ClientAttributes) -> Result<(), Reply> {
        if !self.speaks_for_others {
            return Err(Reply::new(
                ReplyCode::NOT_IMPLEMENTED_502,
                StatusDetail::INVALID_COMMAND_X_5_1,
                "command `XCLIENT` not implemented",
            ));
        }
        self.flush = true;
        self.event = Some(Event::Client(attributes));
        Ok(())
    }

    fn ask_sender(&mut self, reverse_path: ReversePath, parameters: MailParameters) -> Result<(), Reply> {
        let Some((client_name, protocol)) = self.client.clone() else {
            return Err(self.out_of_order_text(self.hello()));
        };
        let config = &self.config;
        if config.tls_required && !self.secure {
            // RFC 3207 4.
            return Err(Reply::new(
                ReplyCode::AUTHENTICATION_REQUIRED_530,
                StatusDetail::OTHER_SECURITY_X_7_0,
                "STARTTLS must come first",
            ));
        }
        if config.authentication.is_some_and(|offer| offer.required) && self.identity.is_none() {
            // RFC 4954 6.
            return Err(Reply::new(
                ReplyCode::AUTHENTICATION_REQUIRED_530,
                StatusDetail::OTHER_SECURITY_X_7_0,
                "authentication must come first",
            ));
        }
        if self.messages >= config.limits.messages {
            self.close_with(Reply::new(
                ReplyCode::SERVICE_NOT_AVAILABLE_421,
                StatusDetail::OTHER_SECURITY_X_7_0,
                format!("{} messages in one session are enough, closing", config.limits.messages),
            ));
            return Ok(());
        }
        // RFC 9422 4.1: those that fail count, too.
        self.messages += 1;
        if protocol == Protocol::Smtp && parameters != MailParameters::default() {
            return Err(needs_ehlo());
        }
        let knows_senders = config.authentication.is_some();
        config.extensions.check_mail(&parameters, &config.limits, knows_senders)?;
        if let ReversePath::Mailbox(mailbox) = &reverse_path
            && mailbox.is_internationalised()
            && !parameters.smtp_utf8
        {
            // RFC 6531 3.5 (ledger D-35).
            return Err(needs_smtputf8(ReplyCode::MAILBOX_UNAVAILABLE_550));
        }
        self.event = Some(Event::Mail { reverse_path: reverse_path.clone(), parameters: parameters.clone() });
        self.envelope = Some(Envelope {
            client_name,
            protocol,
            tls: self.secure,
            identity: self.identity.clone(),
            reverse_path,
            mail_parameters: parameters,
            recipients: Vec::new(),
        });
        Ok(())
    }

    fn ask_recipient(&mut self, path: ForwardPath, parameters: RecipientParameters) -> Result<(), Reply> {
        let config = &self.config;
        let Some(envelope) = &mut self.envelope else {
            return Err(self.out_of_order_text("MAIL"));
        };
        if envelope.protocol == Protocol::Smtp && parameters != RecipientParameters::default() {
            return Err(needs_ehlo());
        }
        config.extensions.check_recipient(&parameters)?;
        if envelope.recipients.len() >= config.limits.recipients {
            // RFC 5321 4.5.3.1.10.
            return Err(Reply::new(
                ReplyCode::INSUFFICIENT_STORAGE_452,
                StatusDetail::TOO_MANY_RECIPIENTS_X_5_3,
                format!("at most {} recipients in one message", config.limits.recipients),
            ));
        }
        let mailbox = match path {
            ForwardPath::Mailbox(mailbox) => mailbox,
            // RFC 5321 4.5.1.
            ForwardPath::Postmaster => Mailbox {
                local_part: "Postmaster".to_owned(),
                domain: MailDomain::Domain(config.host_name.clone()),
                source_route: Vec::new(),
            },
        };
        if mailbox.is_internationalised() && !envelope.mail_parameters.smtp_utf8 {
            // RFC 6531 3.5 (ledger D-35).
            return Err(needs_smtputf8(ReplyCode::MAILBOX_NAME_NOT_ALLOWED_553));
        }
        if let Some(limit) = config.limits.recipient_domains
            && self.domains.len() >= limit
            && !self.domains.contains(&domain_of(&mailbox))
        {
            // RFC 9422 4.3
            return Err(Reply::new(
                ReplyCode::INSUFFICIENT_STORAGE_452,
                StatusDetail::TOO_MANY_RECIPIENTS_X_5_3,
                format!("recipients of at most {limit} domains in one session"),
            ));
        }
        self.event = Some(Event::Recipient { mailbox: mailbox.clone(), parameters: parameters.clone() });
        envelope.recipients.push((mailbox, parameters));
        Ok(())
    }

    /// The recipient that was asked about is good.
    pub(super) fn add_recipient(&mut self) {
        if self.config.limits.recipient_domains.is_some() {
            let added = self.envelope.as_ref().and_then(|envelope| envelope.recipients.last());
            self.domains.extend(added.map(|(mailbox, _)| domain_of(mailbox)));
        }
        self.answer(ReplyCode::COMPLETED_250, StatusDetail::MAILBOX_VALID_X_1_5, "recipient ok");
    }

    fn reset(&mut self) -> Result<(), Reply> {
        self.forget_transaction();
        self.answer(ReplyCode::COMPLETED_250, StatusDetail::OTHER_X_0_0, "reset");
        Ok(())
    }

    fn say_goodbye(&mut self) -> Result<(), Reply> {
        let text = format!("{} closing", self.config.host_name);
        self.reply(&Reply::new(ReplyCode::CLOSING_221, StatusDetail::OTHER_X_0_0, text));
        self.closed();
        Ok(())
    }

    /// NOOP, HELP, VRFY, EXPN: allowed in every state (RFC 5321 4.1.4), not held back (RFC 2920 3.2 (5)).
    fn answer_harmless(&mut self, command: &Command) -> Result<(), Reply> {
        let (code, detail, text) = match command {
            Command::Verify(_) => {
                (ReplyCode::CANNOT_VERIFY_252, StatusDetail::OTHER_PROTOCOL_X_5_0, "not verified, try RCPT")
            }
            Command::Expand(_) => (
                ReplyCode::NOT_IMPLEMENTED_502,
                StatusDetail::INVALID_COMMAND_X_5_1,
                "lists are not expanded here",
            ),
            Command::Help => (
                ReplyCode::HELP_214,
                StatusDetail::OTHER_X_0_0,
                match self.config.lmtp {
                    true => "LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT, see RFC 2033",
                    false => "EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT, see RFC 5321",
                },
            ),
            _ => (ReplyCode::COMPLETED_250, StatusDetail::OTHER_X_0_0, "ok"),
        };
        self.answer(code, detail, text);
        self.flush = true;
        Ok(())
    }

    /// The verdict was no.
    pub(super) fn refused(&mut self, action: Action, reply: &Reply) {
        match action {
            Action::RefuseSender => (self.envelope, self.transaction_refused) = (None, true),
            Action::RefuseRecipient => {
                if let Some(envelope) = &mut self.envelope {
                    envelope.recipients.pop();
                }
            }
            _ => {}
        }
        match action {
            Action::RefuseMessage => self.reply_for_message(reply),
            _ => self.reply(reply),
        }
        if action == Action::RefuseRecipient && reply.code().is_permanent() {
            self.count_mistake();
        }
        // RFC 5321 3.8: 421 says that the server closes.
        if reply.code() == ReplyCode::SERVICE_NOT_AVAILABLE_421 {
            self.closed();
        }
    }

    /// The answer to a content where every recipient was refused (RFC 5321 3.3, RFC 2033 4.2). It is no mistake.
    pub(super) fn no_recipients(&self) -> Reply {
        let code = match self.config.lmtp {
            true => ReplyCode::BAD_SEQUENCE_503,
            false => ReplyCode::TRANSACTION_FAILED_554,
        };
        Reply::new(code, StatusDetail::INVALID_COMMAND_X_5_1, "no valid recipients")
    }

    /// Whether what is out of order now belongs to a transaction that was refused (RFC 2920 3.1).
    pub(super) fn follows_refusal(&self) -> bool {
        self.transaction_refused && self.state == State::ExpectMail
    }

    /// 503, saying what has to come first.
    fn out_of_order(&self, command: &Command) -> Reply {
        self.out_of_order_text(match (self.state, command) {
            (State::ExpectHello, _) => self.hello(),
            (State::ExpectMail, _) => "MAIL",
            (State::ExpectFurtherChunk, _) => "the last chunk",
            _ => "the end of the transaction",
        })
    }

    /// What a client has to say first.
    pub(super) fn hello(&self) -> &'static str {
        if self.config.lmtp { "LHLO" } else { "EHLO" }
    }

    pub(super) fn out_of_order_text(&self, first: &str) -> Reply {
        Reply::new(
            ReplyCode::BAD_SEQUENCE_503,
            StatusDetail::INVALID_COMMAND_X_5_1,
            format!("out of order, expected {first} first"),
        )
    }

    /// A reply to a mistake of the client; too many of them end the session.
    pub(super) fn complain(&mut self, reply: &Reply) {
        self.reply(reply);
        self.errors += 1;
        self.count_mistake();
        if self.errors >= self.config.limits.errors {
            self.close_with(Reply::new(
                ReplyCode::SERVICE_NOT_AVAILABLE_421,
                StatusDetail::OTHER_SECURITY_X_7_0,
                "too many errors, closing",
            ));
        }
    }
}

/// A domain as it is counted.
fn domain_of(mailbox: &Mailbox) -> String {
    mailbox.domain.to_string().to_ascii_lowercase()
}

/// Parameters after HELO.
fn needs_ehlo() -> Reply {
    Reply::new(
        ReplyCode::PARAMETERS_NOT_RECOGNISED_555,
        StatusDetail::INVALID_ARGUMENTS_X_5_4,
        "parameters need EHLO",
    )
}

fn needs_smtputf8(code: ReplyCode) -> Reply {
    Reply::new(code, StatusDetail::NON_ASCII_ADDRESS_X_6_7, "addresses outside US-ASCII need SMTPUTF8")
}
