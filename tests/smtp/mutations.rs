//! Sessions that are almost right: whatever a client sends, the server answers well-formed replies, keeps little, and
//! stays alive.

use super::runner::{Script, Server, some_config};

const SESSIONS: usize = 20_000;
/// Octets of input that may be kept while nothing can be done with them: less than one command line.
const KEPT: usize = 4096;

/// A small generator, so that every run tries the same sessions (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides as u64).unwrap()
    }
}

#[test]
fn mutated_sessions_do_no_harm() {
    let corpus: Vec<Vec<u8>> = Script::all()
        .iter()
        .map(Script::client_octets)
        .map(|mut octets| {
            octets.truncate(1500);
            octets
        })
        .collect();
    let mut dice = Dice(0x5eed);
    let mut handed_over = 0;
    for _ in 0..SESSIONS {
        let session = mutated(&corpus, &mut dice);
        let mut server = Server::new(some_config(|sides| dice.roll(sides)));
        let mut rest = session.as_slice();
        check(&server.drain(), &session);
        while !rest.is_empty() {
            let (piece, more) = rest.split_at((1 + dice.roll(200)).min(rest.len()));
            rest = more;
            let lines = server.receive_patiently(piece);
            handed_over += lines.iter().filter(|line| line.starts_with("M: ")).count();
            check(&lines, &session);
            assert!(server.dialogue.buffered() < KEPT);
        }
    }
    // Most sessions are spoiled; if none came through, the test would test nothing.
    assert!(handed_over > SESSIONS / 20, "{handed_over}");
}

fn check(lines: &[String], session: &[u8]) {
    for line in lines.iter().filter_map(|line| line.strip_prefix("S: ")) {
        let well_formed = line.len() <= 510
            && line.is_char_boundary(4)
            && line[..3].parse::<u16>().is_ok_and(|code| (200..600).contains(&code))
            && [" ", "-"].contains(&&line[3..4]);
        assert!(well_formed, "{line:?} in answer to {}", session.escape_ascii());
    }
}

/// One of the conversations with one to four changes.
fn mutated(corpus: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    const SALT: [&[u8]; 14] = [
        b"\r\n",
        b"\n",
        b"\r",
        b".",
        b"\r\n.\r\n",
        b"\0",
        b"<",
        b">",
        b"\"",
        b"\\",
        b"@",
        b"\xff",
        b"=",
        b"\r\nDATA\r\n",
    ];
    let mut session = corpus[dice.roll(corpus.len())].clone();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(session.len() + 1);
        let end = (at + dice.roll(20)).min(session.len());
        match dice.roll(6) {
            0 => drop(session.splice(at..at, SALT[dice.roll(SALT.len())].iter().copied())),
            1 => drop(session.drain(at..end)),
            2 => {
                let piece = session[at..end].to_vec();
                session.splice(at..at, piece.repeat(1 + dice.roll(3)));
            }
            3 if at < session.len() => session[at] ^= 1 << dice.roll(8),
            4 => {
                let other = &corpus[dice.roll(corpus.len())];
                let from = dice.roll(other.len() + 1);
                session.truncate(at);
                session.extend_from_slice(&other[from..]);
            }
            _ => session.truncate(session.len() - dice.roll(session.len() / 2 + 1)),
        }
    }
    session
}
