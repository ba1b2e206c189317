//! What the machine promises to its caller. What it says to clients is in `tests/smtp/*.dialogue`.

#![allow(clippy::disallowed_methods, reason = "some moment to begin with")]

use super::*;
use crate::smtp::command::Domain;

struct Server {
    dialogue: Dialogue,
    now: Instant,
}

impl Server {
    /// A server that has been greeted.
    fn new(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(Domain::new("gw.example").unwrap());
        change(&mut config);
        let now = Instant::now();
        let mut server = Self { dialogue: Dialogue::new(Arc::new(config), now), now };
        server.receive("EHLO a.example\r\n");
        server.outputs();
        server
    }

    fn receive(&mut self, text: &str) {
        self.dialogue.receive(text.as_bytes(), self.now).unwrap();
    }

    fn request(&mut self, request: Request) -> Result<(), Misuse> {
        self.dialogue.request(request, self.now)
    }

    /// Everything it says, permitting all addresses.
    fn outputs(&mut self) -> Vec<String> {
        let mut outputs = Vec::new();
        while let Some(output) = self.dialogue.poll() {
            outputs.push(match output {
                Output::Down(octets) => octets.escape_ascii().to_string(),
                Output::Up(Event::Mail { .. } | Event::Recipient { .. }) => {
                    self.request(Request::Permit).unwrap();
                    continue;
                }
                Output::Up(Event::ContentEnd(envelope)) => format!("end, {}", envelope.recipients.len()),
                Output::Up(event) => format!("{event:?}"),
                Output::Close => "close".to_owned(),
            });
        }
        outputs
    }
}

/// RFC 2920 3.2 (2).
#[test]
fn a_group_is_answered_in_one_piece() {
    let mut server = Server::new(|_| {});
    server.receive("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n");
    let [replies, start] = &server.outputs()[..] else { panic!("two outputs") };
    assert_eq!(replies.matches("\\r\\n").count(), 4);
    assert_eq!(start, "ContentStart");
}

/// RFC 2920 3.2 (5), (6): what may end a group is not held back.
#[test]
fn replies_to_synchronisation_points_are_not_held_back() {
    let mut server = Server::new(|_| {});
    server.receive("RSET\r\nNOOP\r\nRSET\r\nFOO\r\nVRFY x\r\n");
    assert_eq!(server.outputs().len(), 3);
}

#[test]
fn input_waits_for_the_verdict() {
    let mut server = Server::new(|config| config.limits.input = 30);
    server.receive("MAIL FROM:<a@b>\r\n");
    assert!(matches!(server.dialogue.poll(), Some(Output::Up(Event::Mail { .. }))));
    server.receive("RCPT TO:<c@d>\r\nRSET\r\n");
    assert_eq!(server.dialogue.poll(), None);
    assert_eq!(server.dialogue.deadline(), None);
    assert_eq!(
        server.request(Request::Accepted { queue_id: "Q".to_owned() }).map_err(|misuse| misuse.state),
        Err(State::ExpectSenderVerdict)
    );
    let too_much = server.dialogue.receive(b"NOOP 12345\r\n", server.now);
    assert_eq!(too_much, Err(Fault::TooMuchInput { limit: 30 }));
    assert_eq!(server.outputs(), ["close"]);
    assert_eq!(server.dialogue.buffered(), 0);
}

#[test]
fn a_verdict_nobody_wants_is_misuse() {
    let mut server = Server::new(|_| {});
    for request in [Request::Permit, Request::Accepted { queue_id: "Q".to_owned() }] {
        assert_eq!(server.request(request), Err(Misuse { state: State::ExpectMail }));
    }
    assert!(server.outputs().is_empty());
}

/// A client that sends content before 354 still hears 354 before its message is stored.
#[test]
fn replies_do_not_wait_for_the_acceptance() {
    let mut server = Server::new(|_| {});
    server.receive("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
    let outputs = server.outputs();
    assert_eq!(outputs.last().unwrap(), "end, 1");
    assert!(outputs[0].contains("354 "));
    server.request(Request::Accepted { queue_id: "Q7".to_owned() }).unwrap();
    assert_eq!(server.outputs(), [r"250 2.0.0 accepted as Q7\r\n221 2.0.0 gw.example closing\r\n", "close"]);
}

#[test]
fn a_defect_is_told_at_once_and_answered_at_the_end() {
    let mut server = Server::new(|_| {});
    server.receive("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    server.outputs();
    server.receive("x\nyyy\r\nzzz\r\n");
    assert_eq!(server.outputs(), ["ContentDiscarded"]);
    server.receive("more\r\n.\r\n");
    assert_eq!(server.outputs(), [r"550 5.6.11 bare LF at line 1, octet 2; lines end with CR LF\r\n"]);
    assert_eq!(server.dialogue.state(), State::ExpectMail);
}

/// Octets in the clear after STARTTLS, in the same piece or in the next, count for nothing, and end it.
#[test]
fn nothing_counts_between_starttls_and_the_handshake() {
    const INJECTED: &str = "MAIL FROM:<x@y>\r\n";
    let mut server = Server::new(|config| config.extensions.start_tls = true);
    server.receive(&format!("STARTTLS\r\n{INJECTED}"));
    assert_eq!(server.outputs(), [r"503 5.5.1 nothing may follow STARTTLS, closing\r\n", "close"]);

    let mut server = Server::new(|config| config.extensions.start_tls = true);
    server.receive("STARTTLS\r\n");
    assert_eq!(server.outputs(), [r"220 2.0.0 ready for TLS\r\n", "StartTls"]);
    assert_eq!(server.dialogue.deadline(), None);
    assert_eq!(server.dialogue.receive(INJECTED.as_bytes(), server.now), Err(Fault::InTheClear));
    assert_eq!(server.outputs(), ["close"]);

    let mut server = Server::new(|config| config.extensions.start_tls = true);
    server.receive("STARTTLS\r\n");
    server.outputs();
    server.request(Request::Shutdown).unwrap();
    server.request(Request::Secured).unwrap();
    assert_eq!(server.outputs(), [r"421 4.3.2 gw.example is stopping, try again later\r\n", "close"]);
}

/// What was permitted comes out as one envelope, parameters and all; what was refused does not.
#[test]
fn the_envelope_is_what_was_permitted() {
    let mut server = Server::new(|_| {});
    server.receive(
        "MAIL FROM:<a@b> RET=HDRS ENVID=x+2By\r\nRCPT TO:<no@d>\r\n\
         RCPT TO:<c@d> NOTIFY=SUCCESS ORCPT=x400;/S+3DM/\r\nDATA\r\n.\r\n",
    );
    let refusal = Reply::new(ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::BAD_MAILBOX_X_1_1, "no");
    let envelope = loop {
        let request = match server.dialogue.poll() {
            Some(Output::Up(Event::Mail { .. })) => Request::Permit,
            Some(Output::Up(Event::Recipient { mailbox, .. })) if mailbox.local_part == "no" => {
                Request::Refuse(refusal.clone())
            }
            Some(Output::Up(Event::Recipient { .. })) => Request::Permit,
            Some(Output::Up(Event::ContentEnd(envelope))) => break envelope,
            Some(_) => continue,
            None => panic!("no message"),
        };
        server.request(request).unwrap();
    };
    assert_eq!(envelope.client_name.as_str(), "a.example");
    assert_eq!(envelope.protocol, Protocol::Esmtp);
    assert_eq!(envelope.reverse_path.to_string(), "<a@b>");
    assert_eq!(envelope.mail_parameters.envelope_id.unwrap().text, "x+y");
    let [(mailbox, parameters)] = &envelope.recipients[..] else { panic!("one recipient") };
    assert_eq!(mailbox.to_string(), "c@d");
    assert_eq!(parameters.notify.unwrap().to_string(), "SUCCESS");
    assert_eq!(parameters.original_recipient.as_ref().unwrap().address, "/S=M/");
}
