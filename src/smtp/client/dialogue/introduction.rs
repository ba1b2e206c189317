//! Saying who we are, where the server wants to know (RFC 4954).

use std::time::Instant;

use super::{Dialogue, State, Trouble};
use crate::smtp::reply::{Reply, ReplyCode};
use crate::smtp::sasl::Secret;
use crate::smtp::sasl::client::Introduction;

/// Octets of a command with its end, at most (RFC 4954 4).
const COMMAND: usize = 512;

/// What was not said yet.
#[derive(Debug)]
pub(super) struct Introducing {
    introduction: Introduction,
    /// What goes with AUTH, where that has no room for it.
    initial: Option<Secret>,
}

impl Dialogue {
    /// The session is ready, once the server knows us if it is to.
    pub(super) fn introduce(&mut self, now: Instant) {
        let Some(login) = self.settings.login.clone() else { return self.ready() };
        let offered = &self.offer.authentication;
        let Some((mechanism, mut introduction)) = Introduction::new(login, offered) else {
            let names: Vec<&str> = offered.iter().map(|mechanism| mechanism.name()).collect();
            let why = match names.is_empty() {
                true => "it offers no way to say who we are that is known here".to_owned(),
                false => format!("it offers {}, none of which is allowed here", names.join(", ")),
            };
            return self.close(Some(Trouble::NotKnown(why)));
        };
        let mut command = format!("AUTH {}", mechanism.name());
        let mut initial = introduction.first();
        if let Some(Secret(octets)) = initial.take_if(|octets| fits(&command, octets)) {
            // RFC 4954 4: nothing is written as `=`.
            let text = base64_simd::STANDARD.encode_to_string(octets);
            command = format!("{command} {}", if text.is_empty() { "=" } else { &text });
        }
        self.introducing = Some(Introducing { introduction, initial });
        self.say(&command);
        self.await_in(State::ExpectKnown, now);
    }

    /// An answer to AUTH, or to what was said after it.
    pub(super) fn introduction_reply(&mut self, reply: &Reply, now: Instant) {
        let Some(mut introducing) = self.introducing.take() else { return };
        match reply.code() {
            ReplyCode::CHALLENGE_334 => match introducing.answer(reply) {
                Ok(answer) => {
                    self.introducing = Some(introducing);
                    self.say(&base64_simd::STANDARD.encode_to_string(answer.0));
                    self.await_in(State::ExpectKnown, now);
                }
                Err(why) => self.close(Some(Trouble::NotKnown(why.to_owned()))),
            },
            // Whoever lets us in without a proof of the password may be somebody else.
            code if code.is_completion() && !introducing.introduction.is_over() => {
                let why = "it let us in without the proof that it knows the password".to_owned();
                self.close(Some(Trouble::NotKnown(why)));
            }
            code if code.is_completion() => self.ready(),
            _ => self.close(Some(Trouble::NotKnown(format!("it answered AUTH with: {reply}")))),
        }
    }
}

impl Introducing {
    fn answer(&mut self, challenge: &Reply) -> Result<Secret, &'static str> {
        if let Some(initial) = self.initial.take() {
            return Ok(initial);
        }
        let text = challenge.lines().first().map(|line| line.trim()).unwrap_or_default();
        let octets = base64_simd::STANDARD.decode_to_vec(text).map_err(|_| "its challenge is no base64")?;
        self.introduction.answer(&octets)
    }
}

/// Whether AUTH has room for these octets.
fn fits(command: &str, octets: &Secret) -> bool {
    command.len() + 1 + octets.0.len().div_ceil(3) * 4 + 2 <= COMMAND
}
