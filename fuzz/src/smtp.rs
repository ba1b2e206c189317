//! SMTP: sessions, and single commands with their parameters.

use bytes::BytesMut;
use x400_gateway::smtp::command::{Command, Tolerances};

use super::dice::{Dice, pieces};
use runner::{Server, config};

#[path = "../../tests/smtp/runner.rs"]
#[allow(dead_code, reason = "the dialogues as written are played elsewhere")]
mod runner;

/// What the client says in each of the dialogues of `tests/smtp`.
#[allow(dead_code, reason = "only tests have the files")]
pub fn dialogues() -> Vec<Vec<u8>> {
    runner::Script::all().iter().map(runner::Script::client_octets).collect()
}

pub fn dialogue(octets: &[u8], dice: &mut Dice) -> bool {
    let mut config = config();
    config.limits.content.size = 300;
    config.limits.recipients = 4;
    config.extensions.smtp_utf8 = true;
    config.extensions.deliver_by = Some(60);
    let mut server = Server::new(config);
    let mut replies = server.drain();
    for piece in pieces(octets, dice) {
        replies.extend(server.receive(piece));
    }
    assert!(server.dialogue.buffered() < 4096);
    replies.len() > 1
}

/// One line; its faults have a reply, which points into it.
pub fn command(octets: &[u8], dice: &mut Dice) -> bool {
    let tolerances =
        Tolerances { space_before_path: dice.roll(2) == 0, underscore_in_client_name: dice.roll(2) == 0 };
    match Command::parse(octets, tolerances) {
        Ok(_) => true,
        Err(error) => {
            let mut reply = BytesMut::new();
            error.reply().write_to(&mut reply, true);
            assert!(reply.is_ascii() && reply.ends_with(b"\r\n"), "{reply:?}");
            assert!(reply.len() < 2 * 512 + octets.len(), "{reply:?}");
            false
        }
    }
}
