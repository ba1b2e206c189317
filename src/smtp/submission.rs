//! A message as a client submitted it: envelope, content, and the trace field it gets (RFC 5321 2.3.1, 4.4).

use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::command::{
    AddressLiteral, ClientName, Domain, MailParameters, Mailbox, RecipientParameters, ReversePath,
};

/// What came before the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the client called itself.
    pub client_name: ClientName,
    /// How it said hello.
    pub protocol: Protocol,
    /// It came under TLS.
    pub tls: bool,
    /// Who the client is, if it has proved that.
    pub identity: Option<String>,
    /// Where reports go.
    pub reverse_path: ReversePath,
    /// What MAIL carried.
    pub mail_parameters: MailParameters,
    /// The recipients the policy permitted, in order, with what RCPT carried; at least one.
    pub recipients: Vec<(Mailbox, RecipientParameters)>,
}

/// Which protocol a client spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// It said HELO.
    Smtp,
    /// It said EHLO.
    Esmtp,
    /// It said LHLO (RFC 2033).
    Lmtp,
}

/// A whole message, ready to be accepted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Where the client connected from.
    pub peer: SocketAddr,
    /// What the client called itself.
    pub helo: ClientName,
    /// How it said hello.
    pub protocol: Protocol,
    /// It came under TLS.
    pub tls: bool,
    /// Who the client is, if it has proved that.
    pub identity: Option<String>,
    /// Where reports go.
    pub reverse_path: ReversePath,
    /// What MAIL carried.
    pub mail_parameters: MailParameters,
    /// At least one recipient, in order, with what RCPT carried.
    pub recipients: Vec<(Mailbox, RecipientParameters)>,
    /// The message.
    pub content: Content,
}

/// The octets of a message as received, without the dots that SMTP added; lines end with CR LF.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// All of it.
    InMemory(Bytes),
}

impl Content {
    /// How many octets.
    pub fn len(&self) -> usize {
        match self {
            Self::InMemory(octets) => octets.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Submission {
    /// Puts together what the dialogue and the connection know.
    pub fn new(peer: SocketAddr, envelope: Envelope, content: Content) -> Self {
        let Envelope { client_name, protocol, tls, identity, reverse_path, mail_parameters, recipients } =
            envelope;
        Self {
            peer,
            helo: client_name,
            protocol,
            tls,
            identity,
            reverse_path,
            mail_parameters,
            recipients,
            content,
        }
    }

    /// The `with` name of RFC 3848 and RFC 6531 3.7.3.
    pub fn protocol_name(&self) -> String {
        let (plain, utf8) = match self.protocol {
            Protocol::Smtp => return "SMTP".to_owned(),
            Protocol::Esmtp => ("ESMTP", "UTF8SMTP"),
            Protocol::Lmtp => ("LMTP", "UTF8LMTP"),
        };
        let name = if self.mail_parameters.smtp_utf8 { utf8 } else { plain };
        let tls = if self.tls { "S" } else { "" };
        format!("{name}{tls}{}", if self.identity.is_some() { "A" } else { "" })
    }
}

/// The `Received:` field that the accepting side puts before the message, with its CR LF (RFC 5321 4.4).
///
/// The `for` clause names the recipient if there is just one; more would tell recipients of each other (RFC 5321 7.2).
/// `id` must be an atom or a message identifier.
pub fn received_field(submission: &Submission, by: &Domain, id: &str, now: OffsetDateTime) -> String {
    let address = AddressLiteral::of(submission.peer.ip());
    let with = submission.protocol_name();
    let recipient = match submission.recipients.as_slice() {
        [(mailbox, _)] => format!("\r\n\tfor <{mailbox}>"),
        _ => String::new(),
    };
    format!(
        "Received: from {helo} ({address})\r\n\tby {by} with {with} id {id}{recipient};\r\n\t{date}\r\n",
        helo = submission.helo,
        date = Date(now),
    )
}

/// A moment as RFC 5322 3.3 writes it.
pub(crate) fn date(moment: OffsetDateTime) -> impl fmt::Display {
    Date(moment)
}

struct Date(OffsetDateTime);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 5322 has four-digit years from 1900; a clock outside them has no date to show.
        match self.0.format(&Rfc2822) {
            Ok(date) => f.write_str(&date),
            Err(_) => f.write_str("Thu, 01 Jan 1970 00:00:00 +0000"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::{Command, ForwardPath, Tolerances};
    use super::*;
    use time::macros::datetime;

    fn submission(peer: &str, hello: &str, mail: &str, recipients: &[&str]) -> Submission {
        let parse = |line: &str| Command::parse(line.as_bytes(), Tolerances::default()).unwrap();
        let (helo, protocol) = match parse(hello) {
            Command::Helo(name) => (name, Protocol::Smtp),
            Command::Ehlo(name) => (name, Protocol::Esmtp),
            Command::Lhlo(name) => (name, Protocol::Lmtp),
            other => panic!("{other:?}"),
        };
        let Command::Mail { reverse_path, parameters } = parse(mail) else { panic!("{mail}") };
        let recipients = recipients.iter().map(|line| match parse(line) {
            Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), parameters } => {
                (mailbox, parameters)
            }
            other => panic!("{other:?}"),
        });
        let envelope = Envelope {
            tls: false,
            identity: None,
            client_name: helo,
            protocol,
            reverse_path,
            mail_parameters: parameters,
            recipients: recipients.collect(),
        };
        Submission::new(peer.parse().unwrap(), envelope, Content::InMemory(Bytes::new()))
    }

    fn field(submission: &Submission) -> String {
        received_field(
            submission,
            &Domain::new("gw.example").unwrap(),
            "Q17",
            datetime!(2031-04-01 06:00:05 +02:00),
        )
    }

    #[test]
    fn one_recipient_is_named() {
        let one =
            submission("192.0.2.1:40000", "EHLO a.example", "MAIL FROM:<>", &["RCPT TO:<\"b b\"@b.example>"]);
        assert_eq!(
            field(&one),
            "Received: from a.example ([192.0.2.1])\r\n\tby gw.example with ESMTP id Q17\r\n\tfor <\"b b\"@b.example>;\
             \r\n\tTue, 01 Apr 2031 06:00:05 +0200\r\n"
        );
    }

    #[test]
    fn several_recipients_do_not_learn_of_each_other() {
        let recipients = ["RCPT TO:<b@b.example>", "RCPT TO:<c@c.example>"];
        let two = submission("[2001:db8::1]:40000", "HELO [IPv6:2001:db8::1]", "MAIL FROM:<>", &recipients);
        assert_eq!(
            field(&two),
            "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])\r\n\tby gw.example with SMTP id Q17;\
             \r\n\tTue, 01 Apr 2031 06:00:05 +0200\r\n"
        );
    }

    #[test]
    fn an_internationalised_message_says_so() {
        let utf8 = submission(
            "192.0.2.1:40000",
            "EHLO a.example",
            "MAIL FROM:<> SMTPUTF8",
            &["RCPT TO:<jos\u{e9}@b.example>"],
        );
        assert!(field(&utf8).contains("with UTF8SMTP id Q17\r\n\tfor <jos\u{e9}@b.example>;"));
    }

    /// RFC 3848, RFC 6531.
    #[test]
    fn tls_is_told() {
        for (hello, mail, with) in [
            ("HELO a.example", "MAIL FROM:<>", "SMTP"),
            ("EHLO a.example", "MAIL FROM:<>", "ESMTPS"),
            ("EHLO a.example", "MAIL FROM:<> SMTPUTF8", "UTF8SMTPS"),
            ("LHLO a.example", "MAIL FROM:<>", "LMTPS"),
            ("LHLO a.example", "MAIL FROM:<> SMTPUTF8", "UTF8LMTPS"),
        ] {
            let secure = submission("192.0.2.1:40000", hello, mail, &["RCPT TO:<b@b.example>"]);
            let secure = Submission { tls: true, ..secure };
            assert_eq!(secure.protocol_name(), with);
            if with != "SMTP" {
                let known = Submission { identity: Some("ada".into()), ..secure };
                assert_eq!(known.protocol_name(), format!("{with}A"));
            }
        }
    }
}
