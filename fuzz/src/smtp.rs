//! SMTP: sessions, single commands with their parameters, and who a client is.

use bytes::BytesMut;
use x400_gateway::smtp::command::{Command, Tolerances};
use x400_gateway::smtp::dialogue::Authentication;
use x400_gateway::smtp::proxy::{self, Read};
use x400_gateway::smtp::sasl::users::Users;
use x400_gateway::smtp::sasl::{Exchange, Mechanism, Next};

use super::dice::{Dice, pieces};
use runner::{Server, some_config};

#[path = "../../tests/smtp/runner.rs"]
#[allow(dead_code, reason = "the dialogues as written are played elsewhere")]
mod runner;

/// What the client says in each of the dialogues of `tests/smtp`.
#[allow(dead_code, reason = "only tests have the files")]
pub fn dialogues() -> Vec<Vec<u8>> {
    runner::Script::all().iter().map(runner::Script::client_octets).collect()
}

pub fn dialogue(octets: &[u8], dice: &mut Dice) -> bool {
    let pieces = pieces(octets, dice);
    let mut config = some_config(|sides| dice.roll(sides));
    config.authentication = Some(Authentication { required: false, in_the_clear: true, external: true });
    let mut server = Server::new(config);
    server.dialogue.may_speak_for_others();
    let mut replies = server.drain();
    for piece in pieces {
        replies.extend(server.receive_patiently(piece));
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

/// What says who a client is: a header of the PROXY protocol, a file of users, what is said with SCRAM; the first line of a
/// client, and the rest.
pub fn access(octets: &[u8], _: &mut Dice) -> bool {
    let mut read = 0;
    let header = loop {
        match proxy::read(&octets[..read]) {
            Ok(Read::More(more)) if more > 0 && octets.len() - read >= more => read += more,
            Ok(Read::More(more)) => {
                assert!(more > 0);
                break false;
            }
            Ok(Read::Whole(_)) => break true,
            Err(_) => break false,
        }
    };
    let is_file = std::str::from_utf8(octets).is_ok_and(|text| Users::parse(text).is_ok());
    let users = Users::parse(runner::USER).unwrap();
    let (first, rest) =
        octets.split_at(octets.iter().position(|octet| *octet == b'\n').unwrap_or(octets.len()));
    let mut exchange = Exchange::new(Mechanism::ScramSha256, "nonce".to_owned(), None);
    let next = exchange.respond(Some(first), &users);
    if matches!(next, Next::Challenge(_)) {
        let proof = exchange.respond(Some(rest.strip_prefix(b"\n").unwrap_or(rest)), &users);
        assert!(!matches!(proof, Next::Known(_)));
    }
    header || is_file || matches!(next, Next::Challenge(_))
}
