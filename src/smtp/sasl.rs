//! Who a client is, as it proves it (SASL, RFC 4422), as a machine without I/O: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256
//! (RFC 5802, RFC 7677), and EXTERNAL by the certificate it has shown.
//!
//! - [`Exchange`] takes the client's messages and says what is next: a challenge, who it is, or that it is nobody.
//! - [`client`] is the other side: who we are to a server.
//! - [`users`] are those who may come, with what their passwords are checked by; the passwords themselves are nowhere.
//!
//! Deliberately absent: channel binding, acting for somebody else, and preparation of names and passwords (RFC 8265): they
//! are compared as octets.

pub mod client;
pub mod scram;
pub mod users;

use std::fmt;

use scram::{Scram, Step as ScramStep};
use users::Users;

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Name and password at once (RFC 4616).
    Plain,
    /// Name and password, one after the other; what old clients know.
    Login,
    /// A proof of the password (RFC 7677).
    ScramSha256,
    /// The certificate that it has shown under TLS (RFC 4422 Appendix A).
    External,
}

impl Mechanism {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::External => "EXTERNAL",
        }
    }

    /// By its name in any case.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "PLAIN" => Self::Plain,
            "LOGIN" => Self::Login,
            "SCRAM-SHA-256" => Self::ScramSha256,
            "EXTERNAL" => Self::External,
            _ => return None,
        })
    }
}

/// Octets that nobody prints: names with passwords, and proofs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secret octets", self.0.len())
    }
}

/// What is next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The client has to answer this.
    Challenge(Vec<u8>),
    /// It is this user.
    Known(String),
    /// It is nobody; what was wrong is for the log, not for the client.
    Unknown(&'static str),
}

/// One attempt of a client.
#[derive(Debug)]
pub struct Exchange {
    state: State,
}

#[derive(Debug)]
enum State {
    Plain,
    LoginName,
    LoginPassword { name: String },
    ScramFirst { nonce: String },
    ScramProof(Scram),
    ScramEnd { name: String },
    External { certificate: Option<String> },
    Over,
}

/// The prompts of LOGIN, which clients expect as they are.
const USERNAME: &[u8] = b"Username:";
const PASSWORD: &[u8] = b"Password:";

impl Exchange {
    /// Begins. `nonce` is our part of it, printable and without commas; `certificate` is who the client is by its
    /// certificate.
    pub fn new(mechanism: Mechanism, nonce: String, certificate: Option<String>) -> Self {
        let state = match mechanism {
            Mechanism::Plain => State::Plain,
            Mechanism::Login => State::LoginName,
            Mechanism::ScramSha256 => State::ScramFirst { nonce },
            Mechanism::External => State::External { certificate },
        };
        Self { state }
    }

    /// What comes of a message of the client; `None` if AUTH carried none.
    pub fn respond(&mut self, response: Option<&[u8]>, users: &Users) -> Next {
        let state = std::mem::replace(&mut self.state, State::Over);
        let Some(response) = response else {
            // RFC 4422 5: the client goes first, and is asked to.
            let prompt = if matches!(state, State::LoginName) { USERNAME } else { b"" };
            self.state = state;
            return Next::Challenge(prompt.to_vec());
        };
        match state {
            State::Plain => plain(response, users),
            State::LoginName => match std::str::from_utf8(response) {
                Ok(name) => {
                    self.state = State::LoginPassword { name: name.to_owned() };
                    Next::Challenge(PASSWORD.to_vec())
                }
                Err(_) => Next::Unknown("a name that is no text"),
            },
            State::LoginPassword { name } => checked(name, response, users),
            State::ScramFirst { nonce } => match Scram::first(response, &nonce, users) {
                Ok((scram, challenge)) => {
                    self.state = State::ScramProof(scram);
                    Next::Challenge(challenge)
                }
                Err(why) => Next::Unknown(why),
            },
            State::ScramProof(scram) => match scram.proof(response) {
                Ok(ScramStep { name, signature }) => {
                    self.state = State::ScramEnd { name };
                    // RFC 4954 4: what goes with success is a challenge of its own.
                    Next::Challenge(signature)
                }
                Err(why) => Next::Unknown(why),
            },
            State::ScramEnd { name } => match response {
                [] => Next::Known(name),
                _ => Next::Unknown("something after the proof"),
            },
            State::External { certificate } => match certificate {
                Some(name) if response.is_empty() || response == name.as_bytes() => Next::Known(name),
                Some(_) => Next::Unknown("the certificate is another's"),
                None => Next::Unknown("no certificate was shown"),
            },
            State::Over => Next::Unknown("the exchange is over"),
        }
    }
}

/// `[authorisation] NUL name NUL password` (RFC 4616 2).
fn plain(response: &[u8], users: &Users) -> Next {
    let mut parts = response.splitn(3, |octet| *octet == 0);
    let (Some(acts_for), Some(name), Some(password)) = (parts.next(), parts.next(), parts.next()) else {
        return Next::Unknown("not a name and a password");
    };
    match std::str::from_utf8(name) {
        Ok(name) if acts_for.is_empty() || acts_for == name.as_bytes() => {
            checked(name.to_owned(), password, users)
        }
        Ok(_) => Next::Unknown("nobody may act for somebody else"),
        Err(_) => Next::Unknown("a name that is no text"),
    }
}

fn checked(name: String, password: &[u8], users: &Users) -> Next {
    if users.verifier(&name).accepts(password) {
        Next::Known(name)
    } else {
        Next::Unknown("no such name and password")
    }
}

#[cfg(test)]
mod tests {
    use super::users::tests::users;
    use super::*;

    /// Mechanism, certificate, what the client says in turn, and what comes of the last.
    #[test]
    fn names_and_passwords() {
        use Mechanism as M;
        type Row<'a> = (M, Option<&'a str>, &'a [Option<&'a [u8]>], Next);
        let known = Next::Known("user".into());
        let unknown = |why| Next::Unknown(why);
        let wrong = unknown("no such name and password");
        #[rustfmt::skip]
        let table: &[Row<'_>] = &[
            (M::Plain, None, &[Some(b"\0user\0pencil")], known.clone()),
            (M::Plain, None, &[Some(b"user\0user\0pencil")], known.clone()),
            (M::Plain, None, &[None, Some(b"\0user\0pencil")], known.clone()),
            (M::Plain, None, &[None], Next::Challenge(Vec::new())),
            (M::Plain, None, &[Some(b"\0user\0pencil\0")], wrong.clone()),
            (M::Plain, None, &[Some(b"\0user\0")], wrong.clone()),
            (M::Plain, None, &[Some(b"\0nobody\0pencil")], wrong.clone()),
            (M::Plain, None, &[Some(b"other\0user\0pencil")], unknown("nobody may act for somebody else")),
            (M::Plain, None, &[Some(b"user\0pencil")], unknown("not a name and a password")),
            (M::Plain, None, &[Some(b"\0\xff\0pencil")], unknown("a name that is no text")),
            (M::Plain, None, &[Some(b"\0user\0no"), Some(b"\0user\0pencil")], unknown("the exchange is over")),
            (M::Login, None, &[None], Next::Challenge(b"Username:".to_vec())),
            (M::Login, None, &[None, Some(b"user")], Next::Challenge(b"Password:".to_vec())),
            (M::Login, None, &[None, Some(b"user"), Some(b"pencil")], known.clone()),
            (M::Login, None, &[Some(b"user"), Some(b"pencil")], known.clone()),
            (M::Login, None, &[Some(b"user"), Some(b"pen")], wrong.clone()),
            (M::External, Some("user"), &[Some(b"")], known.clone()),
            (M::External, Some("user"), &[Some(b"user")], known.clone()),
            (M::External, Some("user"), &[Some(b"root")], unknown("the certificate is another's")),
            (M::External, None, &[Some(b"user")], unknown("no certificate was shown")),
        ];
        for (mechanism, certificate, said, last) in table {
            let mut exchange = Exchange::new(*mechanism, "nonce".into(), certificate.map(str::to_owned));
            let mut next = Next::Unknown("nothing said");
            for response in *said {
                next = exchange.respond(*response, &users());
            }
            assert_eq!(next, *last, "{mechanism:?} {said:?}");
        }
    }

    /// The example of RFC 7677 3.
    #[test]
    fn scram_is_that_of_the_standard() {
        let nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let mut exchange = Exchange::new(Mechanism::ScramSha256, nonce.into(), None);
        let first = exchange.respond(Some(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), &users());
        assert_eq!(
            first,
            Next::Challenge(
                b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
                    .to_vec()
            )
        );
        let proof = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                      p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        let signature = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".to_vec();
        assert_eq!(exchange.respond(Some(proof), &users()), Next::Challenge(signature));
        assert_eq!(exchange.respond(Some(b""), &users()), Next::Known("user".into()));
    }

    /// What a client says first, what it says then, and why it is nobody.
    #[test]
    fn scram_that_is_wrong() {
        let good = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
        let end = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let proof = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        #[rustfmt::skip]
        let table = [
            ("", "", "no SCRAM"),
            ("n,,", "", "no SCRAM"),
            ("p=tls-unique,,n=user,r=x", "", "channel binding is not offered"),
            ("x,,n=user,r=x", "", "no SCRAM"),
            ("n,a=root,n=user,r=x", "", "nobody may act for somebody else"),
            ("n,,m=1,n=user,r=x", "", "an extension that must be known"),
            ("n,,n=us=er,r=x", "", "no SCRAM"),
            ("n,,n=user,r=", "", "no SCRAM"),
            (good, "", "no SCRAM"),
            (good, &format!("c=biws,{end}"), "no SCRAM"),
            (good, &format!("c=eSws,{end},{proof}"), "another channel binding"),
            (good, &format!("c=biws,{end}x,{proof}"), "another nonce"),
            (good, &format!("c=biws,{end},p=AAAA"), "no such name and password"),
            (good, &format!("c=biws,{end},x=1,{proof}"), "no such name and password"),
            ("n,,n=nobody,r=rOprNGfwEbeRWgbNEkqO", &format!("c=biws,{end},{proof}"), "no such name and password"),
        ];
        for (first, then, why) in table {
            let mut exchange =
                Exchange::new(Mechanism::ScramSha256, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".into(), None);
            let mut next = exchange.respond(Some(first.as_bytes()), &users());
            if matches!(next, Next::Challenge(_)) {
                next = exchange.respond(Some(then.as_bytes()), &users());
            }
            assert_eq!(next, Next::Unknown(why), "{first} {then}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", Secret(b"pencil".to_vec())), "6 secret octets");
    }
}
