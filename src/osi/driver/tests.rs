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
                driver.request(Request::Transfer { length: 300_000, timeout, resume: None }).unwrap();
            }
            &Indication::TransferMore { offset, octets } => {
                let offset_in_message = usize::try_from(offset).unwrap();
                let pieces = vec![message.slice(offset_in_message..offset_in_message + octets)];
                driver.request(Request::TransferPart { offset, pieces }).unwrap();
                continue;
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

/// However large the message, and even without checkpoints: what a peer has not read is all that is held.
#[tokio::test]
async fn a_slow_peer_slows_us_down() {
    for checkpoint_size in [0, 16] {
        let (near, far) = tokio::io::duplex(1_000);
        let config = Config { checkpoint_size, ..Config::default() };
        let stack = Stack::responder(config.clone(), Instant::now());
        let responder = tokio::spawn(take_messages(Driver::over(far, stack, None)));
        let mut driver = Driver::over(near, Stack::initiator(config, Instant::now()), None);
        driver.request(Request::Open { user_data: vec![5, 0] }).unwrap();
        let (length, timeout) = (20 << 20, Duration::from_secs(600));
        let mut most_unsent = 0;
        while let Some(indication) = driver.next().await {
            most_unsent = most_unsent.max(driver.unsent_octets);
            match indication {
                Indication::Opened { .. } => {
                    driver.request(Request::Transfer { length, timeout, resume: None }).unwrap()
                }
                Indication::TransferMore { offset, octets } => {
                    let first = if offset == 0 { 0xa0 } else { 7 };
                    let pieces = vec![Bytes::from(vec![first; octets])];
                    driver.request(Request::TransferPart { offset, pieces }).unwrap();
                }
                Indication::TransferConfirm => driver.request(Request::Close).unwrap(),
                _ => {}
            }
        }
        assert_eq!(responder.await.unwrap(), 20 << 20);
        assert!(most_unsent < ENOUGH_OCTETS + (64 << 10), "{most_unsent} octets");
    }
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
                Indication::TransferStart { .. } => break,
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
                let (length, timeout) = (300_000, Duration::ZERO);
                driver.request(Request::Transfer { length, timeout, resume: None }).unwrap();
            }
            if let Indication::TransferMore { offset, octets } = indication {
                let pieces = vec![Bytes::from(vec![0xa0; octets])];
                driver.request(Request::TransferPart { offset, pieces }).unwrap();
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
