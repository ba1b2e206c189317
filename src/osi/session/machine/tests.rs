//! Two session connections on two transport connections, joined in memory, with a clock that only we move.

use super::*;
use crate::osi::session::primitive::{
    Accept, ActivityId, ActivityResume, ConnectionReference, ExceptionReason, RefuseReason, Requirements,
};
use crate::osi::transport::tests::{Xorshift, hex, start_of_time};
use transport::Selectors;

mod faults;
mod scenarios;

/// One end: a session connection on its transport connection.
struct Side {
    session: Connection,
    transport: transport::Connection,
    /// Octets for the other end.
    sent: Vec<u8>,
    closed: bool,
    indications: Vec<Indication>,
    /// SPDUs sent, as TSDUs.
    tsdus: Vec<Vec<u8>>,
}

impl Side {
    /// Lets both layers do what they want to do.
    fn settle(&mut self, now: Instant) -> Result<(), Fault> {
        loop {
            let mut idle = true;
            while let Some(output) = self.session.poll() {
                idle = false;
                match output {
                    Output::Down(request) => {
                        if let transport::Request::Data(pieces) = &request {
                            self.tsdus.push(pieces.concat());
                        }
                        self.transport.request(request, now).unwrap();
                    }
                    Output::Up(indication) => self.indications.push(indication),
                }
            }
            while let Some(output) = self.transport.poll() {
                idle = false;
                match output {
                    transport::Output::Down(octets) => self.sent.extend(octets),
                    transport::Output::Close => self.closed = true,
                    transport::Output::Up(indication) => self.session.receive(indication, now)?,
                }
            }
            if idle {
                return Ok(());
            }
        }
    }

    fn request(&mut self, request: Request, now: Instant) {
        self.session.request(request, now).unwrap();
        self.settle(now).unwrap();
    }

    /// What the user has been told since the last time.
    fn told(&mut self) -> Vec<Indication> {
        std::mem::take(&mut self.indications)
    }
}

/// Two ends and the octets between them, handed over in pieces of `step`.
struct Pair {
    a: Side,
    b: Side,
    now: Instant,
    step: usize,
}

impl Pair {
    fn new(a: Config, b: Config, step: usize) -> Self {
        let now = start_of_time();
        let config = transport::Config { maximum_tsdu: 1 << 20, ..transport::Config::default() };
        let side = |session, transport| Side {
            session,
            transport,
            sent: Vec::new(),
            closed: false,
            indications: Vec::new(),
            tsdus: Vec::new(),
        };
        Self {
            a: side(
                Connection::initiator(a),
                transport::Connection::initiator(config.clone(), Selectors::default()),
            ),
            b: side(Connection::responder(b), transport::Connection::responder(config, now)),
            now,
            step,
        }
    }

    /// Moves octets in both directions until nothing moves any more.
    fn exchange(&mut self) {
        loop {
            self.a.settle(self.now).unwrap();
            self.b.settle(self.now).unwrap();
            let (to_b, to_a) = (std::mem::take(&mut self.a.sent), std::mem::take(&mut self.b.sent));
            if to_a.is_empty() && to_b.is_empty() {
                break;
            }
            deliver(&mut self.b, &to_b, self.step, self.now).unwrap();
            deliver(&mut self.a, &to_a, self.step, self.now).unwrap();
        }
        let closed = (self.a.closed, self.b.closed);
        for (by_the_other, side) in [(closed.1, &mut self.a), (closed.0, &mut self.b)] {
            if by_the_other {
                side.transport.lost(self.now);
                side.settle(self.now).unwrap();
            }
        }
    }

    fn a(&mut self, request: Request) -> Vec<Indication> {
        self.a.request(request, self.now);
        self.exchange();
        self.b.told()
    }

    fn b(&mut self, request: Request) -> Vec<Indication> {
        self.b.request(request, self.now);
        self.exchange();
        self.a.told()
    }

    /// Both ends after CN and AC.
    fn connected(a: Config, b: Config, tokens: TokenSetting, step: usize) -> Self {
        let mut pair = Self::new(a, b, step);
        let told = pair.a(Request::Connect(connect(tokens)));
        let [Indication::Connect(_)] = &told[..] else { panic!("{told:?}") };
        let told = pair.b(Request::ConnectResponse(ConnectResponse::Accept(accept())));
        let [Indication::ConnectConfirm(ConnectResponse::Accept(_))] = &told[..] else { panic!("{told:?}") };
        pair
    }

    /// Both ends inside an activity of the initiator.
    fn active(step: usize) -> Self {
        let mut pair = Self::connected(Config::default(), Config::default(), TokenSetting::Initiator, step);
        let told = pair.a(start(1));
        assert_eq!(told, [Indication::ActivityStart { id: id(1), user_data: none() }]);
        pair
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        for side in [&mut self.a, &mut self.b] {
            side.session.timeout(self.now);
            side.transport.timeout(self.now);
        }
        self.exchange();
    }
}

fn deliver(side: &mut Side, octets: &[u8], step: usize, now: Instant) -> Result<(), Fault> {
    for piece in octets.chunks(step) {
        side.transport.receive(piece, now).unwrap();
        side.settle(now)?;
    }
    Ok(())
}

fn none() -> Bytes {
    Bytes::new()
}

fn id(number: u8) -> ActivityId {
    ActivityId::new(Bytes::from(vec![2, 1, number])).unwrap()
}

fn serial(number: u32) -> SerialNumber {
    SerialNumber::new(number).unwrap()
}

fn start(number: u8) -> Request {
    Request::ActivityStart { id: id(number), user_data: none() }
}

fn data(text: &'static str) -> Request {
    Request::Data(vec![Bytes::from(text)])
}

fn sync() -> Request {
    Request::SyncMinor { user_data: none() }
}

fn end() -> Request {
    Request::ActivityEnd { user_data: none() }
}

fn connect(tokens: TokenSetting) -> crate::osi::session::Connect {
    crate::osi::session::Connect {
        reference: ConnectionReference {
            calling: Bytes::from_static(b"\x14\x02vm"),
            common: Bytes::from_static(b"\x17\x0d261123040424Z"),
            ..ConnectionReference::default()
        },
        calling_selector: Bytes::from("a"),
        called_selector: Bytes::from("b"),
        tokens,
        user_data: Bytes::from("hello"),
        ..crate::osi::session::Connect::default()
    }
}

fn accept() -> Accept {
    Accept { user_data: Bytes::from("welcome"), ..Accept::default() }
}

/// Pieces in which octets are handed over: one by one, and all at once.
const STEPS: [usize; 2] = [1, usize::MAX];
