//! Damaged associations: nothing panics, little memory is held, every association ends.

use super::pair::{Pair, Side, part_of_message};
use super::*;
use crate::osi::transport::tests::{Xorshift, start_of_time};

const ROUNDS: usize = 10_000;

/// The TPKTs of both sides of an association with two messages and a close.
fn recorded() -> [Vec<Vec<u8>>; 2] {
    let config = Config { checkpoint_size: 1, ..Config::default() };
    let mut pair = Pair::opened(config.clone(), config);
    for octets in [100, 3_000] {
        pair.ask(Side::Initiator, Request::Transfer { length: octets, timeout: TIMEOUT, resume: None });
        pair.ask(Side::Responder, Request::TransferAccept);
    }
    pair.ask(Side::Initiator, Request::Close);
    pair.ask(Side::Responder, Request::CloseAccept);
    [Side::Initiator, Side::Responder].map(|side| pair.written(side).to_vec())
}

/// Does what the user would do.
fn answer(stack: &mut Stack, now: std::time::Instant) -> usize {
    let mut octets = 0;
    while let Some(output) = stack.poll() {
        let request = match output {
            Output::Up(Indication::Open(_)) => Request::Accept { user_data: vec![5, 0] },
            Output::Up(Indication::Opened { .. } | Indication::TransferConfirm) => {
                Request::Transfer { length: 3_000, timeout: TIMEOUT, resume: None }
            }
            Output::Up(Indication::TransferMore { offset, octets }) => {
                Request::TransferPart { offset, pieces: vec![part_of_message(offset, octets)] }
            }
            Output::Up(Indication::TransferResume { .. }) => Request::Resume(Resumption::Unknown),
            Output::Up(Indication::TransferEnd) => Request::TransferAccept,
            Output::Up(Indication::Close) => Request::CloseAccept,
            Output::Up(Indication::TransferData(data)) => {
                octets += data.len();
                continue;
            }
            _ => continue,
        };
        // Damaged octets may have ended the association in the same breath.
        let _ = stack.request(request, now);
    }
    octets
}

#[test]
fn damaged_octets_do_no_harm() {
    let now = start_of_time();
    let recorded = recorded();
    let mut random = Xorshift(0x0511_2026);
    for round in 0..2 * ROUNDS {
        let from_initiator = round % 2 == 0;
        let packets = &recorded[usize::from(!from_initiator)];
        let mut stack = match from_initiator {
            true => Stack::responder(Config::default(), now),
            false => {
                let mut stack = Stack::initiator(Config::default(), now);
                stack.request(Request::Open { user_data: vec![5, 0] }, now).unwrap();
                stack
            }
        };
        let damaged = random.below(packets.len());
        let mut octets = answer(&mut stack, now);
        let mut given = 0;
        for (number, packet) in packets.iter().enumerate() {
            let mut packet = packet.clone();
            if number == damaged {
                random.mutate(&mut packet);
                // Half of the time the packet is whole, and only what is in it is damaged.
                if random.below(2) == 0 && packet.len() >= 4 {
                    let length = u16::try_from(packet.len()).unwrap().to_be_bytes();
                    packet[..4].copy_from_slice(&[3, 0, length[0], length[1]]);
                }
            }
            given += packet.len();
            let _ = stack.receive(&packet, now);
            octets += answer(&mut stack, now);
            assert!(
                stack.buffered() <= given && octets <= given,
                "round {round} holds more than it was given"
            );
        }
        stack.lost(now);
        answer(&mut stack, now);
        assert!(stack.is_over(), "round {round} goes on after the connection was lost");
    }
}
