//! How we say to a server who we are (SASL, RFC 4422), as a machine without I/O: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256
//! (RFC 5802, RFC 7677). The other side is [`super::Exchange`].

use std::num::NonZeroU32;

use super::scram::Proof;
use super::{Mechanism, Secret};

/// How often a server may want the hash of a password to be taken: RFC 7677 4 wants 4096 at least, and nobody is to keep us busy.
const ITERATIONS: std::ops::RangeInclusive<u32> = 4_096..=1_000_000;

/// Who we are, to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// The ways in which it may be said, the best first.
    pub mechanisms: Vec<Mechanism>,
    /// Our part of what makes a proof good for once; printable and without commas.
    pub nonce: String,
}

/// One attempt to be known.
#[derive(Debug)]
pub struct Introduction {
    login: Login,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Everything is said at once, when the server asks or before.
    PlainFirst,
    LoginName,
    LoginPassword,
    ScramFirst,
    /// The server has to say salt and nonce.
    ScramChallenge {
        bare: String,
    },
    /// The server has to prove that it knows the password as well.
    ScramProof(Proof),
    /// Nothing more is to be said.
    Over,
}

impl Introduction {
    /// Begins, in the first of our ways that the server knows; `None` if there is no such.
    pub fn new(login: Login, offered: &[Mechanism]) -> Option<(Mechanism, Self)> {
        let mechanism = *login.mechanisms.iter().find(|mechanism| offered.contains(mechanism))?;
        let state = match mechanism {
            Mechanism::Plain => State::PlainFirst,
            Mechanism::Login => State::LoginName,
            Mechanism::ScramSha256 => State::ScramFirst,
            Mechanism::External => State::Over,
        };
        Some((mechanism, Self { login, state }))
    }

    /// What goes with AUTH, or answers an empty challenge; `None` where the server has to ask first, as with LOGIN.
    pub fn first(&mut self) -> Option<Secret> {
        let Login { user, password, nonce, .. } = &self.login;
        match self.state {
            State::PlainFirst => {
                let said = [b"\0", user.as_bytes(), b"\0", &password.0].concat();
                self.state = State::Over;
                Some(Secret(said))
            }
            State::ScramFirst => {
                let bare = format!("n={},r={nonce}", user.replace('=', "=3D").replace(',', "=2C"));
                let said = format!("n,,{bare}");
                self.state = State::ScramChallenge { bare };
                Some(Secret(said.into_bytes()))
            }
            _ => None,
        }
    }

    /// What is answered to a challenge.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn answer(&mut self, challenge: &[u8]) -> Result<Secret, &'static str> {
        if let Some(first) = self.first() {
            return Ok(first);
        }
        match std::mem::replace(&mut self.state, State::Over) {
            // What servers ask is in words of their own, the name first.
            State::LoginName => {
                self.state = State::LoginPassword;
                Ok(Secret(self.login.user.clone().into_bytes()))
            }
            State::LoginPassword => Ok(self.login.password.clone()),
            State::ScramChallenge { bare } => {
                let (proof, said) = self.prove(&bare, challenge)?;
                self.state = State::ScramProof(proof);
                Ok(Secret(said))
            }
            State::ScramProof(proof) if proof.is_met_by(challenge) => Ok(Secret(Vec::new())),
            State::ScramProof(_) => Err("the server does not know the password"),
            State::PlainFirst | State::ScramFirst | State::Over => Err("there is nothing more to say"),
        }
    }

    /// Whether everything was said, and proved by the server where that has to.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// `server-first-message` read, `client-final-message` written (RFC 5802 7).
    fn prove(&self, bare: &str, challenge: &[u8]) -> Result<(Proof, Vec<u8>), &'static str> {
        const NO_SCRAM: &str = "the server does not speak SCRAM";
        let text = std::str::from_utf8(challenge).map_err(|_| NO_SCRAM)?;
        let mut attributes = text.split(',');
        let mut attribute = |key: &str| attributes.next().and_then(|text| text.strip_prefix(key));
        let nonce = attribute("r=").ok_or(NO_SCRAM)?;
        let salt = attribute("s=").ok_or(NO_SCRAM)?;
        let iterations = attribute("i=").and_then(|text| text.parse().ok()).ok_or(NO_SCRAM)?;
        let salt = base64_simd::STANDARD.decode_to_vec(salt).map_err(|_| NO_SCRAM)?;
        if nonce.strip_prefix(&*self.login.nonce).is_none_or(str::is_empty) {
            return Err("the server's nonce is not made of ours");
        }
        let iterations = NonZeroU32::new(iterations)
            .filter(|iterations| ITERATIONS.contains(&iterations.get()))
            .ok_or("the server wants too few or too many iterations")?;
        // `biws` is `n,,`: no channel binding.
        let without_proof = format!("c=biws,r={nonce}");
        let message = format!("{bare},{text},{without_proof}");
        let (proof, ours) = Proof::new(&self.login.password.0, &salt, iterations, message.as_bytes());
        Ok((proof, format!("{without_proof},p={ours}").into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::users::tests::users;
    use super::super::{Exchange, Next};
    use super::*;
    use Mechanism::{Login as LoginMechanism, Plain, ScramSha256};

    fn login(user: &str, password: &str) -> Login {
        Login {
            user: user.into(),
            password: Secret(password.into()),
            mechanisms: vec![ScramSha256, Plain, LoginMechanism],
            nonce: "rOprNGfwEbeRWgbNEkqO".into(),
        }
    }

    #[test]
    fn the_first_mechanism_that_the_server_knows() {
        for (offered, expected) in [
            (&[Plain, ScramSha256][..], Some(ScramSha256)),
            (&[LoginMechanism, Plain], Some(Plain)),
            (&[LoginMechanism], Some(LoginMechanism)),
            (&[Mechanism::External], None),
            (&[], None),
        ] {
            let chosen = Introduction::new(login("user", "pencil"), offered);
            assert_eq!(chosen.map(|(mechanism, _)| mechanism), expected, "{offered:?}");
        }
    }

    /// The example of RFC 7677 3, from the other side.
    #[test]
    fn scram_is_that_of_the_standard() {
        let (_, mut ours) = Introduction::new(login("user", "pencil"), &[ScramSha256]).unwrap();
        assert_eq!(ours.first().unwrap().0, b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let challenge =
            b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(String::from_utf8(ours.answer(challenge).unwrap().0).unwrap(), proof);
        assert!(!ours.is_over());
        assert_eq!(ours.answer(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap().0, b"");
        assert!(ours.is_over());
    }

    #[test]
    fn servers_that_do_not_know_the_password_or_ask_for_too_much() {
        let nonce = "r=rOprNGfwEbeRWgbNEkqO";
        #[rustfmt::skip]
        let table = [
            ("", "the server does not speak SCRAM"),
            ("r=x", "the server does not speak SCRAM"),
            ("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "the server's nonce is not made of ours"),
            (&format!("{nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), "the server's nonce is not made of ours"),
            (&format!("{nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1"), "the server wants too few or too many iterations"),
            (&format!("{nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4000000000"), "the server wants too few or too many iterations"),
            (&format!("{nonce}x,s=***,i=4096"), "the server does not speak SCRAM"),
        ];
        for (challenge, why) in table {
            let (_, mut ours) = Introduction::new(login("user", "pencil"), &[ScramSha256]).unwrap();
            ours.first().unwrap();
            assert_eq!(ours.answer(challenge.as_bytes()), Err(why), "{challenge}");
        }
        let (_, mut ours) = Introduction::new(login("user", "pencil"), &[ScramSha256]).unwrap();
        ours.first().unwrap();
        ours.answer(format!("{nonce}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").as_bytes()).unwrap();
        assert_eq!(ours.answer(b"v=AAAA"), Err("the server does not know the password"));
        assert_eq!(ours.answer(b""), Err("there is nothing more to say"));
    }

    /// Our own server lets in whom it knows, and nobody else, in each way.
    #[test]
    fn both_sides_agree() {
        for mechanism in [ScramSha256, Plain, LoginMechanism] {
            for (user, password, known) in
                [("user", "pencil", true), ("user", "pen", false), ("us=e,r", "x", false)]
            {
                let (chosen, mut ours) = Introduction::new(login(user, password), &[mechanism]).unwrap();
                let mut theirs = Exchange::new(chosen, "nonce".into(), None);
                let mut next = theirs.respond(ours.first().map(|first| first.0).as_deref(), &users());
                while let Next::Challenge(challenge) = next {
                    let answer = ours.answer(&challenge).unwrap();
                    next = theirs.respond(Some(&answer.0), &users());
                }
                assert_eq!(next == Next::Known("user".into()), known, "{mechanism:?} {user} {password}");
                assert_eq!(ours.is_over(), known || mechanism != ScramSha256);
            }
        }
    }
}
