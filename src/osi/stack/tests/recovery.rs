//! Messages that are cut off and go on: on the same association, on another, and not at all.

use std::collections::BTreeMap;

use super::faults::packet_with_abort;
use super::pair::{Pair, Side, message, part_of_message};
use super::*;

const LENGTH: u64 = 100_000;

/// Checkpoints of 1 KiB; each association has a name of its own.
fn config(number: usize) -> Config {
    Config {
        checkpoint_size: 1,
        reference: Reference {
            name: "gw".into(),
            time: "261127020000Z".into(),
            additional: format!("{number:02}"),
        },
        dialogue_mode: DialogueMode::TwoWayAlternate,
        ..Config::default()
    }
}

fn opened(number: usize) -> Pair {
    let mut pair = Pair::opened(config(number), config(number));
    pair.heard(Side::Initiator);
    pair.heard(Side::Responder);
    pair
}

/// Who takes messages, across associations.
#[derive(Default)]
struct Receiver {
    key: Option<ActivityKey>,
    message: Vec<u8>,
    suspended: BTreeMap<ActivityKey, Received>,
    secured: Vec<ActivityKey>,
    /// Messages that arrived, and what else happened.
    log: Vec<String>,
}

impl Receiver {
    /// Does what is to be done on one side until nothing more happens.
    fn serve(&mut self, pair: &mut Pair, side: Side) {
        loop {
            let indications = pair.heard(side);
            if indications.is_empty() {
                return;
            }
            for indication in indications {
                if let Some(answer) = self.answer(indication) {
                    pair.ask(side, answer);
                }
            }
        }
    }

    fn answer(&mut self, indication: Indication) -> Option<Request> {
        match indication {
            Indication::TransferStart { key } => {
                (self.key, self.message) = (Some(key), Vec::new());
                self.log.push("start".into());
            }
            Indication::TransferData(octets) => self.message.extend_from_slice(&octets),
            Indication::TransferResume { old, key } => {
                self.key = Some(key);
                let known = match self.suspended.remove(&old) {
                    Some(received) => Resumption::Kept(received),
                    None if self.secured.contains(&old) => Resumption::Secured,
                    None => Resumption::Unknown,
                };
                let word = match &known {
                    Resumption::Kept(_) => "kept",
                    Resumption::Secured => "secured",
                    Resumption::Unknown => "nothing",
                };
                self.log.push(format!("resume: {word}"));
                return Some(Request::Resume(known));
            }
            Indication::TransferResumed { octets } => {
                self.message.truncate(usize::try_from(octets).unwrap());
                self.log.push(format!("from {octets}"));
            }
            Indication::TransferInterrupted { received, .. } => {
                self.log.push(format!("interrupted, {} kept", received.octets()));
                self.suspended.insert(self.key.take().unwrap(), received);
            }
            Indication::TransferDropped { .. } => self.log.push("dropped".into()),
            Indication::TransferEnd => {
                assert!(self.message == message(self.message.len()), "the octets are in order");
                self.log.push(format!("{} octets", self.message.len()));
                self.secured.extend(self.key.clone());
                return Some(Request::TransferAccept);
            }
            _ => {}
        }
        None
    }

    fn log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

fn transfer(resume: Option<Resumable>) -> Request {
    Request::Transfer { length: LENGTH, timeout: TIMEOUT, resume }
}

/// What is told of our transfer when it fails.
fn failed(pair: &mut Pair, side: Side) -> (String, Option<Resumable>) {
    let failures = pair.heard(side).into_iter().find_map(|indication| match indication {
        Indication::TransferFailed { why, resumable, retry } => {
            assert!(retry, "{why}");
            Some((why, resumable))
        }
        _ => None,
    });
    failures.expect("the transfer has failed")
}

fn confirmed(pair: &mut Pair, side: Side) -> bool {
    pair.heard(side).contains(&Indication::TransferConfirm)
}

/// A message of which so many parts were sent, and confirmed, when the connection was lost.
fn cut_off_after(parts: usize, receiver: &mut Receiver) -> Option<Resumable> {
    let mut pair = opened(1);
    pair.parts = parts;
    pair.ask(Side::Initiator, transfer(None));
    receiver.serve(&mut pair, Side::Responder);
    pair.cut_off();
    receiver.serve(&mut pair, Side::Responder);
    failed(&mut pair, Side::Initiator).1
}

/// T-31: the next association goes on where the last one was lost; the sender is asked for nothing that was confirmed.
#[test]
fn a_lost_connection_costs_what_was_not_confirmed() {
    let mut receiver = Receiver::default();
    let resumable = cut_off_after(10, &mut receiver).expect("checkpoints were confirmed");
    assert_eq!(receiver.log(), ["start", "interrupted, 10227 kept"]);
    // The header of the EXTERNAL has 13 octets.
    assert_eq!((resumable.octets(), resumable.recoveries()), (10_227, 0));

    let mut pair = opened(2);
    pair.parts = 0;
    pair.ask(Side::Initiator, transfer(Some(resumable)));
    let Indication::TransferMore { offset, octets } = pair.heard(Side::Initiator).remove(0) else { panic!() };
    assert_eq!(offset, 10_227);
    pair.parts = usize::MAX;
    let pieces = vec![part_of_message(offset, octets)];
    pair.ask(Side::Initiator, Request::TransferPart { offset, pieces });
    receiver.serve(&mut pair, Side::Responder);
    assert_eq!(receiver.log(), ["resume: kept", "from 10227", "100000 octets"]);
    assert!(confirmed(&mut pair, Side::Initiator));
    // GT and AR: activity 1; linked to activity 1 of the other connection, by its name, from serial number 10.
    let resume = pair.written(Side::Initiator).iter().find(|tpdu| tpdu.get(9) == Some(&0x1d)).unwrap();
    let expected = "01 00 1d 2d 21 26 0a 04 14026777 0b 0f 170d3236313132373032303030305a 0c 04 14023031 \
                    29 03 020101 2a 02 3130 29 03 020101";
    assert_eq!(resume[7..], crate::osi::transport::tests::hex(expected));
}

/// Both directions of an association, and a second cut.
#[test]
fn a_responder_goes_on_as_well() {
    let mut receiver = Receiver::default();
    let mut resumable = None;
    for (number, parts, log) in [
        (1, 5, vec!["start", "interrupted, 5107 kept"]),
        (2, 5, vec!["resume: kept", "from 5107", "interrupted, 10227 kept"]),
        (3, usize::MAX, vec!["resume: kept", "from 10227", "100000 octets"]),
    ] {
        let mut pair = opened(number);
        pair.ask(Side::Responder, Request::TurnPlease { priority: 1 });
        pair.ask(Side::Initiator, Request::TurnGive);
        pair.parts = parts;
        pair.ask(Side::Responder, transfer(resumable.take()));
        receiver.serve(&mut pair, Side::Initiator);
        if number == 3 {
            assert!(confirmed(&mut pair, Side::Responder));
        } else {
            pair.cut_off();
            receiver.serve(&mut pair, Side::Initiator);
            resumable = failed(&mut pair, Side::Responder).1;
        }
        assert_eq!(receiver.log(), log);
    }
}

/// The confirms were lost with the connection: the receiver goes back to what the sender knows of.
#[test]
fn confirms_may_be_lost_as_well() {
    let mut receiver = Receiver::default();
    let mut pair = opened(1);
    pair.parts = 10;
    pair.ask(Side::Initiator, transfer(None));
    pair.mute(Side::Responder);
    for _ in 0..3 {
        for indication in pair.heard(Side::Initiator) {
            if let Indication::TransferMore { offset, octets } = indication {
                let pieces = vec![part_of_message(offset, octets)];
                pair.ask(Side::Initiator, Request::TransferPart { offset, pieces });
            }
        }
    }
    pair.cut_off();
    receiver.serve(&mut pair, Side::Responder);
    assert_eq!(receiver.log(), ["start", "interrupted, 13299 kept"]);
    let resumable = failed(&mut pair, Side::Initiator).1;
    assert_eq!(resumable.as_ref().unwrap().octets(), 10_227);
    let mut pair = opened(2);
    pair.ask(Side::Initiator, transfer(resumable));
    receiver.serve(&mut pair, Side::Responder);
    assert_eq!(receiver.log(), ["resume: kept", "from 10227", "100000 octets"]);
}

/// A receiver that kept nothing, or something else, gets the message from the start, at once.
#[test]
fn what_cannot_go_on_starts_anew() {
    for (kept, word) in [(None, vec!["resume: nothing"]), (Some(40), vec!["resume: kept", "dropped"])] {
        let resumable = cut_off_after(10, &mut Receiver::default()).unwrap();
        let mut receiver = Receiver::default();
        if let Some(parts) = kept {
            // The same name, and checkpoints that are not the sender's: a receiver that mixes its messages up.
            cut_off_after(parts, &mut receiver);
            receiver.log();
        }
        let mut pair = opened(2);
        pair.ask(Side::Initiator, transfer(Some(resumable)));
        receiver.serve(&mut pair, Side::Responder);
        let expected = [&word[..], &["start", "100000 octets"]].concat();
        assert_eq!(receiver.log(), expected);
        assert!(confirmed(&mut pair, Side::Initiator));
    }
}

/// The end of the message was confirmed, and the confirm lost: it is not delivered again.
#[test]
fn a_message_that_is_secured_is_not_delivered_twice() {
    for length in [500, LENGTH] {
        let transfer = |resume| Request::Transfer { length, timeout: TIMEOUT, resume };
        let mut receiver = Receiver::default();
        let mut pair = opened(1);
        pair.ask(Side::Initiator, transfer(None));
        pair.mute(Side::Responder);
        receiver.serve(&mut pair, Side::Responder);
        pair.cut_off();
        let mut resumable = failed(&mut pair, Side::Initiator).1;
        assert_eq!(receiver.log(), ["start".to_owned(), format!("{length} octets")]);
        // Once more in vain, and then for good: each time the message has another name.
        for number in [2, 3] {
            let mut pair = opened(number);
            if number == 2 {
                pair.mute(Side::Responder);
                pair.ask(Side::Initiator, transfer(resumable.take()));
                receiver.serve(&mut pair, Side::Responder);
                receiver.secured.extend(receiver.key.clone());
                pair.cut_off();
                resumable = failed(&mut pair, Side::Initiator).1;
            } else {
                pair.ask(Side::Initiator, transfer(resumable.take()));
                receiver.serve(&mut pair, Side::Responder);
                assert!(confirmed(&mut pair, Side::Initiator));
            }
            assert_eq!(receiver.log(), ["resume: secured"]);
        }
    }
}

/// The receiver lost a part: the sender interrupts, and goes on at once on the same association.
#[test]
fn a_receiver_asks_for_a_part_again() {
    let mut receiver = Receiver::default();
    let mut pair = opened(1);
    pair.parts = 10;
    pair.ask(Side::Initiator, transfer(None));
    receiver.serve(&mut pair, Side::Responder);
    pair.heard(Side::Initiator);
    pair.parts = usize::MAX;
    pair.ask(Side::Responder, Request::TransferRefuse { reason: TransferRefusal::Again });
    receiver.serve(&mut pair, Side::Responder);
    let log = ["start", "interrupted, 10227 kept", "resume: kept", "from 10227", "100000 octets"];
    assert_eq!(receiver.log(), log);
    assert!(confirmed(&mut pair, Side::Initiator));
    // The old activity is on this connection, which needs no name: GT and AR, activity 2, linked to activity 1.
    let resume = pair.written(Side::Initiator).iter().find(|tpdu| tpdu.get(9) == Some(&0x1d)).unwrap();
    assert_eq!(
        resume[7..],
        crate::osi::transport::tests::hex("01 00 1d 10 21 09 29 03 020101 2a 02 3130 29 03 020102")
    );
}

/// The sender suspends a message, sends another, and goes on with the first, all on one association; each step is told.
#[test]
fn a_sender_suspends_a_message_and_goes_on() {
    let told = |config: Config| Config { tells_progress: true, ..config };
    let mut receiver = Receiver::default();
    let mut pair = Pair::opened(told(config(1)), config(1));
    let interrupt = || Request::TransferInterrupt { why: "something else comes first".into() };
    let idle = pair.try_ask(Side::Initiator, interrupt());
    assert!(idle.is_err(), "nothing is under way");
    pair.parts = 0;
    pair.heard(Side::Initiator);
    pair.ask(Side::Initiator, transfer(None));
    let early = pair.try_ask(Side::Initiator, interrupt());
    assert!(early.is_err(), "nothing is confirmed");
    pair.ask(Side::Initiator, Request::TransferGiveUp { why: "no longer wanted".into(), retry: true });
    assert_eq!(heard(&mut pair, Side::Initiator).last().map(String::as_str), Some("TransferWithdrawn"));

    pair.parts = 4;
    pair.ask(Side::Initiator, transfer(None));
    receiver.serve(&mut pair, Side::Responder);
    let progress: Vec<u64> = pair
        .heard(Side::Initiator)
        .into_iter()
        .filter_map(|it| if let Indication::TransferProgress { octets } = it { Some(octets) } else { None })
        .collect();
    assert_eq!(progress, [1011, 2035, 3059, 4083]);
    pair.ask(Side::Initiator, interrupt());
    receiver.serve(&mut pair, Side::Responder);
    let lines = pair.heard(Side::Initiator);
    let Some(Indication::TransferFailed { why, retry: true, resumable: Some(resumable) }) = lines.first()
    else {
        panic!("{lines:?}")
    };
    assert_eq!((why.as_str(), resumable.octets()), ("something else comes first", 4083));
    assert_eq!(lines.last(), Some(&Indication::TransferWithdrawn));

    pair.parts = usize::MAX;
    for (resume, log) in [
        (None, ["start".to_owned(), "100000 octets".into()].to_vec()),
        (
            Some(resumable.clone()),
            ["resume: kept".to_owned(), "from 4083".into(), "100000 octets".into()].to_vec(),
        ),
    ] {
        receiver.log();
        pair.ask(Side::Initiator, transfer(resume));
        receiver.serve(&mut pair, Side::Responder);
        assert_eq!(receiver.log(), log);
        assert!(confirmed(&mut pair, Side::Initiator));
    }
}

/// Nothing is confirmed yet: the same, from the start.
#[test]
fn a_message_starts_anew_before_the_first_checkpoint() {
    let mut receiver = Receiver::default();
    let mut pair = opened(1);
    pair.parts = 0;
    pair.ask(Side::Initiator, transfer(None));
    pair.heard(Side::Initiator);
    pair.parts = usize::MAX;
    pair.ask(Side::Responder, Request::TransferRefuse { reason: TransferRefusal::Again });
    receiver.serve(&mut pair, Side::Responder);
    assert_eq!(receiver.log(), ["start", "dropped", "start", "100000 octets"]);
    assert!(confirmed(&mut pair, Side::Initiator));
}

/// A message that does not get any further is given up, whether it goes on or starts anew, here or elsewhere.
#[test]
fn a_message_that_gets_no_further_is_given_up() {
    for parts in [0, 3] {
        let mut receiver = Receiver::default();
        let mut pair = opened(1);
        pair.parts = parts;
        pair.ask(Side::Initiator, transfer(None));
        receiver.serve(&mut pair, Side::Responder);
        let why = (0..10).find_map(|_| {
            pair.parts = 0;
            pair.ask(Side::Responder, Request::TransferRefuse { reason: TransferRefusal::Again });
            receiver.serve(&mut pair, Side::Responder);
            pair.heard(Side::Initiator).into_iter().find_map(|indication| match indication {
                Indication::TransferFailed { why, resumable: None, .. } => Some(why),
                _ => None,
            })
        });
        assert!(why.as_ref().is_some_and(|why| why.ends_with("times without getting further")), "{why:?}");
    }

    let mut resumable = cut_off_after(3, &mut Receiver::default());
    let mut rounds = 0;
    while let Some(resume) = resumable.take() {
        rounds += 1;
        let mut pair = opened(2);
        pair.parts = 0;
        pair.ask(Side::Initiator, transfer(Some(resume)));
        pair.cut_off();
        resumable = failed(&mut pair, Side::Initiator).1;
    }
    assert_eq!(rounds, 4);
}

/// The sender withdraws a message that goes on before the receiver has found out what it knows of it.
#[test]
fn an_answer_may_come_too_late() {
    for known in [Some(Resumption::Unknown), Some(Resumption::Secured), None] {
        let mut receiver = Receiver::default();
        let resumable = cut_off_after(10, &mut receiver);
        let received = receiver.suspended.pop_first().unwrap().1;
        let mut pair = opened(2);
        pair.parts = 2;
        pair.ask(Side::Initiator, transfer(resumable));
        pair.ask(Side::Initiator, Request::TransferGiveUp { why: "no longer wanted".into(), retry: false });
        assert_eq!(heard(&mut pair, Side::Responder), ["TransferResume"]);
        let secured = known == Some(Resumption::Secured);
        pair.ask(Side::Responder, Request::Resume(known.unwrap_or(Resumption::Kept(received))));
        let lines = heard(&mut pair, Side::Responder);
        assert!(!lines.iter().any(|line| line.ends_with(" octets")), "{lines:?}");
        // That a secured message is withdrawn can only be answered by an abort (X.228 annex B).
        let aborted = "aborted in reliable transfer by our side: the peer withdrew a message that was secured already (code 7)";
        assert_eq!(lines.contains(&aborted.to_owned()), secured, "{lines:?}");
        if !secured {
            pair.parts = usize::MAX;
            pair.ask(Side::Initiator, transfer(None));
            assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart", "100000 octets", "TransferEnd"]);
        }
    }
}

/// The time of a transfer is over: what the receiver has is not thrown away.
#[test]
fn a_slow_message_goes_on_later() {
    let mut receiver = Receiver::default();
    let mut pair = opened(1);
    pair.parts = 10;
    pair.ask(Side::Initiator, transfer(None));
    receiver.serve(&mut pair, Side::Responder);
    pair.heard(Side::Initiator);
    pair.now += TIMEOUT;
    let now = pair.now;
    pair.initiator.timeout(now);
    pair.run();
    receiver.serve(&mut pair, Side::Responder);
    assert_eq!(receiver.log(), ["start", "interrupted, 10227 kept"]);
    let resumable = failed(&mut pair, Side::Initiator).1;
    pair.parts = usize::MAX;
    pair.ask(Side::Initiator, transfer(resumable));
    receiver.serve(&mut pair, Side::Responder);
    assert_eq!(receiver.log(), ["resume: kept", "from 10227", "100000 octets"]);
    assert!(confirmed(&mut pair, Side::Initiator));
}

/// Checkpoints that are confirmed only when the user has kept what came before them hold the sender to its window.
#[test]
fn checkpoints_wait_until_they_are_kept() {
    let when_kept = Config { checkpoint_confirm: CheckpointConfirm::WhenKept, ..config(1) };
    let mut pair = Pair::opened(config(1), when_kept);
    pair.heard(Side::Initiator);
    pair.heard(Side::Responder);
    pair.ask(Side::Initiator, Request::Transfer { length: 6_000, timeout: TIMEOUT, resume: None });
    let point = |serial| format!("TransferCheckpoint {{ serial: {serial} }}");
    let first = heard(&mut pair, Side::Responder);
    assert_eq!((first.len(), first.last().unwrap()), (7, &point(3)), "the window has three: {first:?}");
    pair.ask(Side::Responder, Request::CheckpointKept { serial: 2 });
    pair.ask(Side::Responder, Request::CheckpointKept { serial: 2 });
    pair.ask(Side::Responder, Request::CheckpointKept { serial: 900 });
    let rest = heard(&mut pair, Side::Responder);
    assert_eq!(rest.last().unwrap(), &point(5), "{rest:?}");
    pair.cut_off();
    let last = heard(&mut pair, Side::Responder);
    assert!(last[0].ends_with("2037 kept }"), "what was not kept does not count: {last:?}");
    assert!(heard(&mut pair, Side::Initiator)[0].ends_with("from 2037 }"));
}

/// X.228 annex B: a receiver that has secured the message says so by an abort. It is a success.
#[test]
fn an_abort_may_mean_that_the_message_is_secured() {
    let mut pair = opened(1);
    pair.ask(Side::Initiator, transfer(None));
    pair.heard(Side::Initiator);
    pair.mute(Side::Responder);
    pair.inject(Side::Initiator, &packet_with_abort(7));
    let lines = heard(&mut pair, Side::Initiator);
    assert_eq!(lines[0], "TransferConfirm");
    assert!(lines[1].contains("transfer-completed"), "{lines:?}");
}

/// A peer that answers the resumption with an abort is not asked again: the message starts anew.
#[test]
fn a_peer_that_cannot_go_on_is_not_asked_twice() {
    for reason in [2, 3, 4] {
        let mut receiver = Receiver::default();
        let resumable = cut_off_after(10, &mut receiver);
        let mut pair = opened(2);
        pair.parts = 0;
        pair.mute(Side::Responder);
        pair.ask(Side::Initiator, transfer(resumable));
        pair.inject(Side::Initiator, &packet_with_abort(reason));
        assert_eq!(failed(&mut pair, Side::Initiator).1, None, "{reason}");
    }
}

/// The receiver knows nothing of the message, and the connection is lost before it starts anew: it is tried again all the same.
#[test]
fn a_message_that_was_to_start_anew_may_be_cut_off() {
    let resumable = cut_off_after(10, &mut Receiver::default());
    let mut pair = opened(2);
    pair.ask(Side::Initiator, transfer(resumable));
    pair.mute(Side::Initiator);
    pair.ask(Side::Responder, Request::Resume(Resumption::Unknown));
    pair.cut_off();
    assert_eq!(failed(&mut pair, Side::Initiator).1, None);
}

/// X.228 7.8: the association itself goes on, without a bind, by the name that it had; in every mode.
// ledger: beyond T-31
#[test]
fn an_association_goes_on_itself() {
    for mode in Mode::ALL {
        let config = |number| Config { mode, ..config(number) };
        let mut receiver = Receiver::default();
        let mut pair = Pair::opened(config(1), config(1));
        pair.heard(Side::Initiator);
        pair.heard(Side::Responder);
        pair.parts = 10;
        pair.ask(Side::Initiator, transfer(None));
        receiver.serve(&mut pair, Side::Responder);
        pair.cut_off();
        receiver.serve(&mut pair, Side::Responder);
        let resumable = failed(&mut pair, Side::Initiator).1.unwrap();
        receiver.log();

        let mut pair = Pair::new(config(2), config(2));
        let connection = resumable.key().reference();
        pair.ask(Side::Initiator, Request::Recover { connection });
        let Indication::Open(open) = pair.heard(Side::Responder).remove(0) else { panic!() };
        assert_eq!((open.recover, open.user_data.len()), (Some(config(1).reference), 0), "{mode}");
        assert_eq!((open.mode, open.reference), (mode, config(2).reference));
        pair.try_ask(Side::Responder, Request::Accept { user_data: vec![5, 0] }).unwrap_err();
        pair.ask(Side::Responder, Request::AcceptRecovery);
        let opened = pair.heard(Side::Initiator);
        let [Indication::Opened { user_data, checkpoint_size: 1, .. }] = &opened[..] else {
            panic!("{opened:?}")
        };
        assert!(user_data.is_empty());
        pair.ask(Side::Initiator, transfer(Some(resumable)));
        receiver.serve(&mut pair, Side::Responder);
        let log = receiver.log();
        assert_eq!((&log[0][..], &log[2][..]), ("resume: kept", "100000 octets"), "{mode}");
        assert!(confirmed(&mut pair, Side::Initiator));
    }
}

/// Whoever does not know the association, or does not want it, asks for a bind; and a bind is no answer to a recovery.
#[test]
fn an_association_that_is_not_known_is_declined() {
    for mode in Mode::ALL {
        let config = |number| Config { mode, ..config(number) };
        let mut pair = Pair::new(config(2), config(2));
        pair.ask(Side::Initiator, Request::Recover { connection: config(1).reference });
        pair.heard(Side::Responder);
        let reason = RefuseReason::CANNOT_RECOVER;
        pair.ask(Side::Responder, Request::Refuse { user_data: Vec::new(), permanent: false, reason });
        let heard = pair.heard(Side::Initiator);
        let Indication::Refused(refusal) = &heard[0] else { panic!("{heard:?}") };
        assert!(!refusal.permanent, "{mode}: {refusal}");

        let mut pair = Pair::opened(config(3), config(3));
        pair.try_ask(Side::Responder, Request::AcceptRecovery).unwrap_err();
        assert!(matches!(pair.heard(Side::Initiator)[..], [Indication::Opened { .. }]));
    }
}

/// What is special about a peer is known when its bind is read: from then on it is held to the standard, or not.
#[test]
fn oddities_are_known_from_the_bind_on() {
    use crate::quirk::{Quirk, Quirks};
    let odd = Quirks::new(&[], &[Quirk::BareMessage]);
    for strict in [false, true] {
        let mut pair = Pair::new(Config { quirks: odd, ..config(1) }, config(1));
        pair.ask(Side::Initiator, Request::Open { user_data: vec![5, 0] });
        if strict {
            pair.ask(Side::Responder, Request::Adapt { quirks: Quirks::strict() });
        }
        pair.ask(Side::Responder, Request::Accept { user_data: vec![5, 0] });
        pair.heard(Side::Responder);
        pair.ask(Side::Initiator, transfer(None));
        let end = pair.heard(Side::Responder).pop();
        assert_eq!(matches!(end, Some(Indication::TransferEnd)), !strict, "{end:?}");
    }
}
