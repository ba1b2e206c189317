//! Requests sent at once on one connection, and what comes of each: a machine without input or output.

use super::ber::{self, Fault};
use super::message::{Entry, Outcome, Request, Response, Search};

/// Most octets of a message that are accepted from a server. What is looked up are a few attributes of single entries.
pub const MAXIMUM_MESSAGE: usize = 256 * 1024;

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The entries of a search.
    pub entries: Vec<Entry>,
    /// URLs of servers that may have more.
    pub references: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Why a connection is of no use any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// What came is not LDAP.
    #[error("the server sent what is no response of LDAP: {0}")]
    Undecodable(#[from] Fault),
    /// What came answers nothing that was asked, or answers it otherwise than it can be.
    #[error("the server sent a response to nothing that was asked")]
    Unexpected,
    /// More entries than the search allowed.
    #[error("the server sent more than the {0} entries that were asked for")]
    TooMany(u32),
    /// The server ends the connection and says why (RFC 4511 4.4.1).
    #[error("the server ended the connection: {0}")]
    Disconnected(Outcome),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Bind,
    Extended,
    /// Entries up to so many, then the end.
    Search(u32),
}

#[derive(Debug)]
struct Asked {
    number: u32,
    awaited: Awaited,
    found: Found,
    is_done: bool,
}

/// The requests and responses of one connection.
#[derive(Debug, Default)]
pub struct Exchange {
    last_number: u32,
    received: Vec<u8>,
    asked: Vec<Asked>,
}

impl Exchange {
    /// The octets of a bind.
    pub fn bind(&mut self, name: &str, password: &str) -> Vec<u8> {
        self.ask(&Request::Bind { name, password }, Awaited::Bind)
    }

    /// The octets of StartTLS. Until its response has come, nothing else may be sent.
    pub fn start_tls(&mut self) -> Vec<u8> {
        self.ask(&Request::StartTls, Awaited::Extended)
    }

    /// The octets of searches, which the server answers in any order.
    pub fn search(&mut self, searches: &[Search]) -> Vec<u8> {
        let octets = searches
            .iter()
            .map(|search| self.ask(&Request::Search(search), Awaited::Search(search.size_limit)));
        octets.collect::<Vec<_>>().concat()
    }

    /// Takes what the server sent.
    ///
    /// # Errors
    /// [`Broken`]: nothing more can be done on this connection.
    pub fn receive(&mut self, octets: &[u8]) -> Result<(), Broken> {
        self.received.extend_from_slice(octets);
        loop {
            // Whoever speaks another protocol need not be waited for.
            if self.received.first().is_some_and(|tag| *tag != ber::SEQUENCE) {
                return Err(Fault { what: "another protocol" }.into());
            }
            let Some(whole) = ber::extent(&self.received, MAXIMUM_MESSAGE)? else { return Ok(()) };
            let (number, response) = Response::decode(&self.received[..whole])?;
            self.received.drain(..whole);
            self.response(number, response)?;
        }
    }

    /// What came of the requests, in the order in which they were made, once all have ended.
    pub fn finished(&mut self) -> Option<Vec<Found>> {
        let is_done = !self.asked.is_empty() && self.asked.iter().all(|asked| asked.is_done);
        is_done.then(|| std::mem::take(&mut self.asked).into_iter().map(|asked| asked.found).collect())
    }

    /// Whether the server has sent octets that belong to nothing yet. Before TLS begins there must be none: whoever put
    /// them there did so in the clear.
    #[must_use]
    pub const fn has_rest(&self) -> bool {
        !self.received.is_empty()
    }

    fn ask(&mut self, request: &Request<'_>, awaited: Awaited) -> Vec<u8> {
        // From 1 to 2147483647, then again; nobody waits for as many.
        self.last_number = self.last_number % 0x7fff_ffff + 1;
        let number = self.last_number;
        self.asked.push(Asked { number, awaited, found: Found::default(), is_done: false });
        request.encode(number)
    }

    fn response(&mut self, number: u32, response: Response) -> Result<(), Broken> {
        if let (0, Response::Extended(outcome)) = (number, &response) {
            return Err(Broken::Disconnected(outcome.clone()));
        }
        let asked = self.asked.iter_mut().find(|asked| asked.number == number && !asked.is_done);
        let Some(asked) = asked else { return Err(Broken::Unexpected) };
        match (asked.awaited, response) {
            (Awaited::Bind, Response::Bind(outcome))
            | (Awaited::Extended, Response::Extended(outcome))
            | (Awaited::Search(_), Response::Done(outcome)) => {
                asked.found.outcome = outcome;
                asked.is_done = true;
            }
            (Awaited::Search(limit), Response::Entry(entry)) => {
                asked.found.entries.push(entry);
                if u32::try_from(asked.found.entries.len()).is_ok_and(|count| count > limit) {
                    return Err(Broken::TooMany(limit));
                }
            }
            (Awaited::Search(_), Response::Reference(urls)) => {
                // One is enough to know that the answer is not whole.
                asked.found.references.extend(urls);
                asked.found.references.truncate(1);
            }
            (_, Response::Intermediate) => {}
            _ => return Err(Broken::Unexpected),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ldap::message::Code;

    fn done(number: u8, code: u8) -> Vec<u8> {
        vec![0x30, 12, 2, 1, number, 0x65, 7, 10, 1, code, 4, 0, 4, 0]
    }

    fn entry(number: u8) -> Vec<u8> {
        vec![0x30, 9, 2, 1, number, 0x64, 4, 4, 0, 0x30, 0]
    }

    fn asked(count: usize) -> Exchange {
        let mut exchange = Exchange::default();
        exchange.search(&vec![Search::read("dc=x".to_owned(), vec![]); count]);
        exchange
    }

    #[test]
    fn searches_end_in_any_order_and_octets_come_in_any_pieces() {
        let octets = [entry(2), done(2, 0), done(1, 32)].concat();
        for piece in 1..=octets.len() {
            let mut exchange = asked(2);
            assert_eq!(exchange.finished(), None);
            for octets in octets.chunks(piece) {
                exchange.receive(octets).unwrap();
            }
            let found = exchange.finished().unwrap();
            assert_eq!(found[0].outcome.code, Code::NO_SUCH_OBJECT);
            assert_eq!((found[1].entries.len(), found[1].outcome.code), (1, Code::SUCCESS));
            assert!(!exchange.has_rest());
        }
    }

    #[test]
    fn what_was_not_asked_for_ends_the_connection() {
        let cases: [(&[Vec<u8>], Broken); 5] = [
            (&[done(3, 0)], Broken::Unexpected),
            (&[done(1, 0), done(1, 0)], Broken::Unexpected),
            (&[entry(1), entry(1)], Broken::TooMany(1)),
            (&[vec![0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, 0, 4, 0, 4, 0]], Broken::Unexpected),
            (
                &[vec![0x30, 12, 2, 1, 0, 0x78, 7, 10, 1, 52, 4, 0, 4, 0]],
                Broken::Disconnected(Outcome { code: Code(52), ..Outcome::default() }),
            ),
        ];
        for (messages, broken) in cases {
            assert_eq!(asked(2).receive(&messages.concat()), Err(broken), "{messages:02x?}");
        }
        // A length that nobody has to believe, and a server of something else.
        for octets in [&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff][..], b"220 mail.example"] {
            assert!(matches!(asked(1).receive(octets), Err(Broken::Undecodable(_))));
        }
    }
}
