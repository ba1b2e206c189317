use std::sync::{Arc, Mutex};

use super::*;
use crate::osi::stack::{Config, Timers};

/// What a recorder saw, by direction.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<[Vec<u8>; 2]>>);

impl Recorder for Tape {
    fn octets(&mut self, direction: Direction, octets: &[u8]) {
        self.0.lock().unwrap()[usize::from(direction == Direction::Received)].extend_from_slice(octets);
    }
}

/// An MTA that takes what comes, and says how many octets of message it took.
async fn take_messages(mut driver: Driver<tokio::io::DuplexStream>) -> usize {
    let mut octets = 0;
    while let Some(indication) = driver.next().await {
        match indication {
            Indication::Open(_) => driver.request(Request::Accept { user_data: vec![5, 0] }).unwrap(),
            Indication::TransferData(data) => octets += data.len(),
            Indication::TransferEnd => driver.request(Request::TransferAccept).unwrap(),
            Indication::Close => driver.request(Request::CloseAccept).unwrap(),
            _ => {}
        }
    }
    octets
}

/// An association over a stream that takes few octets at a time; each side's tape is the other's reversed.
#[tokio::test]
async fn a_message_goes_over_a_stream() {
    let (near, far) = tokio::io::duplex(1_000);
    let (sent, received) = (Tape::default(), Tape::default());
    let stack = Stack::responder(Config::default(), Instant::now());
    let responder = tokio::spawn(take_messages(Driver::over(far, stack, Some(Box::new(received.clone())))));

    let stack = Stack::initiator(Config::default(), Instant::now());
    let mut driver = Driver::over(near, stack, Some(Box::new(sent.clone())));
    driver.request(Request::Open { user_data: vec![5, 0] }).unwrap();
    let message = Bytes::from([&[0xa0][..], &[7; 299_999]].concat());
    let timeout = Duration::from_secs(60);
    let mut heard = Vec::new();
    while let Some(indication) = driver.next().await {
        match &indication {
            Indication::Opened { .. } => {
                let pieces = vec![message.clone()];
                driver.request(Request::Transfer { pieces, timeout }).unwrap();
            }
            Indication::TransferConfirm => driver.request(Request::Close).unwrap(),
            _ => {}
        }
        heard.push(indication);
    }
    assert_eq!(heard[1..], [Indication::TransferConfirm, Indication::Closed, Indication::Disconnected]);
    assert_eq!(responder.await.unwrap(), message.len());
    let (near, far) = (sent.0.lock().unwrap().clone(), received.0.lock().unwrap().clone());
    // Of the very last octets, the disconnect, the responder may not have heard.
    assert!(near[0].starts_with(&far[1]) && near[1] == far[0]);
}

/// A peer that goes away is told as such, on both sides of the open.
#[tokio::test]
async fn a_lost_connection_ends_the_association() {
    let (near, far) = tokio::io::duplex(1_000);
    let mut driver = Driver::over(near, Stack::initiator(Config::default(), Instant::now()), None);
    driver.request(Request::Open { user_data: vec![5, 0] }).unwrap();
    drop(far);
    assert!(matches!(driver.next().await, Some(Indication::Refused(_))));
    assert_eq!(driver.next().await, Some(Indication::Disconnected));
    assert_eq!(driver.next().await, None);
}

/// Octets that are no TPKT.
#[tokio::test]
async fn a_fault_of_the_peer_can_be_asked_for() {
    let (near, mut far) = tokio::io::duplex(1_000);
    let mut driver = Driver::over(near, Stack::responder(Config::default(), Instant::now()), None);
    far.write_all(b"EHLO gateway\r\n").await.unwrap();
    assert!(matches!(driver.next().await, Some(Indication::Aborted(_))));
    assert_eq!(driver.next().await, Some(Indication::Disconnected));
    assert_eq!(driver.next().await, None);
    assert!(driver.take_fault().unwrap().to_string().contains("transport"));
}

/// A peer that stops reading in the middle of a message does not hold the connection for ever: the transfer fails when its
/// time is over, and the octets that nobody takes, the abort among them, are given up soon after.
#[tokio::test]
async fn a_peer_that_stops_reading_is_given_up() {
    let (near, far) = tokio::io::duplex(1_000);
    let stack = Stack::responder(Config::default(), Instant::now());
    let mut responder = Driver::over(far, stack, None);
    let answer = async move {
        while let Some(indication) = responder.next().await {
            match indication {
                Indication::Open(_) => responder.request(Request::Accept { user_data: vec![5, 0] }).unwrap(),
                Indication::TransferStart => break,
                _ => {}
            }
        }
        responder
    };
    let timers = Timers { recovery: Duration::ZERO, release: Duration::ZERO, ..Timers::default() };
    let stack = Stack::initiator(Config { timers, ..Config::default() }, Instant::now());
    let mut driver = Driver::over(near, stack, None);
    driver.last_words = Duration::ZERO;
    driver.request(Request::Open { user_data: vec![5, 0] }).unwrap();
    let send = async move {
        let mut heard = Vec::new();
        while let Some(indication) = driver.next().await {
            if let Indication::Opened { .. } = &indication {
                let pieces = vec![Bytes::from([&[0xa0][..], &[7; 299_999]].concat())];
                let timeout = Duration::ZERO;
                driver.request(Request::Transfer { pieces, timeout }).unwrap();
            }
            heard.push(indication);
        }
        heard
    };
    let (_still_open, heard) = tokio::join!(answer, send);
    assert!(
        heard.iter().any(|indication| matches!(indication, Indication::TransferFailed { .. })),
        "{heard:?}"
    );
    assert_eq!(heard.last(), Some(&Indication::Disconnected));
}
