//! The SMTP client with a server that says anything.

use std::sync::Arc;
use std::time::Instant;

use time::OffsetDateTime;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::rope::Rope;
use x400_gateway::smtp::client::Mail;
use x400_gateway::smtp::client::dialogue::{
    Dialogue, Event, Output, Protocol, Request, Settings, StartTls, State, Timeouts,
};
use x400_gateway::smtp::client::dkim::{Author, Origin};
use x400_gateway::smtp::client::mail::prepare;
use x400_gateway::smtp::sasl::client::Login;
use x400_gateway::smtp::sasl::{Mechanism, Secret};

use super::dice::{Dice, pieces};

/// Recipients of each mail: one of them needs SMTPUTF8.
const RECIPIENTS: [&str; 3] = ["a@b.example", "\u{e4}@b.example", "\"c d\"@[192.0.2.1]"];

/// Whatever the server says, each mail has a verdict for each of its recipients, once, and the session ends.
pub fn dialogue(octets: &[u8], dice: &mut Dice) -> bool {
    let settings = Settings {
        name: "gw.example".into(),
        protocol: *dice.pick(&[Protocol::Smtp, Protocol::Lmtp]),
        start_tls: *dice.pick(&[StartTls::Off, StartTls::Opportunistic, StartTls::Required]),
        login: dice.pick(&[None, Some(login())]).clone(),
        timeouts: Timeouts::default(),
    };
    let now = Instant::now();
    let mut client = Client { dialogue: Dialogue::new(settings, now), now, sent: 0, done: 0 };
    for piece in pieces(octets, dice) {
        client.dialogue.receive(piece, now);
        client.act();
    }
    let was_ready = client.sent > 0;
    client.dialogue.closed("the end");
    client.act();
    assert_eq!(client.dialogue.state(), State::Closed);
    assert_eq!(client.sent, client.done);
    was_ready
}

fn login() -> Login {
    Login {
        user: "gateway".into(),
        password: Secret(b"secret".to_vec()),
        mechanisms: vec![Mechanism::ScramSha256, Mechanism::Plain, Mechanism::Login],
        nonce: "n".into(),
    }
}

struct Client {
    dialogue: Dialogue,
    now: Instant,
    /// Mails that were handed over, and those whose fate is known.
    sent: usize,
    done: usize,
}

impl Client {
    fn act(&mut self) {
        while let Some(output) = self.dialogue.poll() {
            match output {
                Output::Down(octets) => assert!(!octets.is_empty()),
                Output::Secure => self.request(Request::Secured),
                Output::Up(Event::Ready) if self.dialogue.state() == State::Ready && self.sent < 50 => {
                    self.send()
                }
                Output::Up(Event::Ready) => {}
                Output::Up(Event::Content) => {
                    for piece in [&b".a\r"[..], b"\n.", b"b\r\n"] {
                        self.request(Request::Content(piece.into()));
                    }
                    self.request(Request::ContentEnd);
                }
                Output::Up(Event::Done(verdicts)) => {
                    assert_eq!(verdicts.len(), RECIPIENTS.len());
                    self.done += 1;
                    assert_eq!(self.sent, self.done);
                }
                Output::Close(_) => assert_eq!(self.dialogue.poll(), None),
            }
        }
    }

    fn send(&mut self) {
        let mut content = Rope::default();
        content.push(&b".a\r\n.b\r\n"[..]);
        let recipients = (1..).zip(RECIPIENTS).map(|(number, address)| Recipient {
            number,
            address: address.into(),
            notify: Some(vec!["FAILURE".into()]),
            original_recipient: None,
        });
        let mail = Mail {
            reverse_path: Some("gw@a.example".into()),
            options: MailOptions::default(),
            recipients: recipients.collect(),
            content: Arc::new(content),
            origin: Origin { author: Author::Ours, received_at: OffsetDateTime::UNIX_EPOCH },
        };
        // A server may take no mail of that size.
        if let Ok(prepared) = prepare(&mail, self.dialogue.offer(), true, OffsetDateTime::UNIX_EPOCH) {
            self.sent += 1;
            self.request(Request::Send(prepared));
        }
    }

    /// Something that is asked for; unless the session has ended meanwhile.
    fn request(&mut self, request: Request) {
        let state = self.dialogue.state();
        assert!(self.dialogue.request(request, self.now).is_ok() || state == State::Closed);
    }
}
