//! Whole associations of our own stack before the outside judge: tshark must read every layer and complain of none.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rasn_x400::rtse::RefuseReason;
use x400_gateway::osi::stack::{
    Config, DialogueMode, Indication, Mode, Names, Output, Received, Reference, Request, Resumption,
    Selectors, Stack, TransferRefusal,
};
use x400_gateway::quirk::{Quirk, Quirks};

use crate::judge;

use judge::Side;

/// A bind argument and result: `[16]` and `[17]` around `[1] { name, password }`.
const ARGUMENT: &[u8] = b"\xb0\x14\xa1\x12\x80\x05MTA-A\xa1\x09\x04\x07secretA";
const RESULT: &[u8] = b"\xb1\x14\xa1\x12\x80\x05MTA-B\xa1\x09\x04\x07secretB";

/// Two stacks, and what each of them wrote: one TPKT each.
struct Association {
    stacks: [Stack; 2],
    now: Instant,
    transcript: Vec<(Side, Vec<u8>)>,
    heard: [Vec<Indication>; 2],
    /// The responder refuses messages instead of securing them.
    refuses: bool,
    /// What is sent.
    message: Bytes,
    /// So many parts of it are given when they are asked for; then the association is left alone.
    parts: usize,
    /// What the responder has of a message that was cut off.
    received: Option<Received>,
}

fn index(side: Side) -> usize {
    usize::from(side == Side::Responder)
}

impl Association {
    fn new(config: Config) -> Self {
        let now = Instant::now();
        let responder = Config { dialogue_mode: config.dialogue_mode, ..Config::default() };
        Self {
            stacks: [Stack::initiator(config, now), Stack::responder(responder, now)],
            now,
            transcript: Vec::new(),
            heard: [Vec::new(), Vec::new()],
            refuses: false,
            message: Bytes::new(),
            parts: usize::MAX,
            received: None,
        }
    }

    fn opened(config: Config) -> Self {
        let mut association = Self::new(config);
        association.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
        association.ask(Side::Responder, Request::Accept { user_data: RESULT.to_vec() });
        association
    }

    fn ask(&mut self, side: Side, request: Request) {
        self.stacks[index(side)].request(request, self.now).unwrap();
        while self.move_from(Side::Initiator) | self.move_from(Side::Responder) {}
    }

    fn send(&mut self, side: Side, message: &[u8]) {
        self.message = Bytes::copy_from_slice(message);
        let length = message.len() as u64;
        self.ask(side, Request::Transfer { length, timeout: Duration::from_secs(60), resume: None });
        let receiver = if side == Side::Initiator { Side::Responder } else { Side::Initiator };
        let answer = match self.refuses {
            true => Request::TransferRefuse { reason: TransferRefusal::Temporary },
            false => Request::TransferAccept,
        };
        self.ask(receiver, answer);
    }

    fn move_from(&mut self, side: Side) -> bool {
        let mut written = Vec::new();
        while let Some(output) = self.stacks[index(side)].poll() {
            match output {
                Output::Down(octets) => written.extend_from_slice(&octets),
                Output::Up(Indication::TransferMore { .. }) if self.parts == 0 => {}
                Output::Up(Indication::TransferMore { offset, octets }) => {
                    self.parts -= 1;
                    let place = usize::try_from(offset).unwrap();
                    let pieces = vec![self.message.slice(place..place + octets)];
                    let part = Request::TransferPart { offset, pieces };
                    self.stacks[index(side)].request(part, self.now).unwrap();
                }
                Output::Up(Indication::TransferInterrupted { received, .. }) => {
                    self.received = Some(received)
                }
                Output::Up(Indication::TransferResume { .. }) => {
                    let known = self.received.take().map_or(Resumption::Unknown, Resumption::Kept);
                    self.stacks[index(side)].request(Request::Resume(known), self.now).unwrap();
                }
                Output::Up(indication) => self.heard[index(side)].push(indication),
                Output::Close => {}
            }
        }
        let moved = !written.is_empty();
        let mut rest = &written[..];
        while let [_, _, high, low, ..] = rest {
            let (packet, after) = rest.split_at(usize::from(*high) << 8 | usize::from(*low));
            self.transcript.push((side, packet.to_vec()));
            rest = after;
        }
        self.stacks[1 - index(side)].receive(&written, self.now).unwrap();
        moved
    }

    fn judge(&self) -> judge::Case {
        let case = judge::association(&self.transcript);
        case.assert_clean();
        case
    }
}

/// An MTS-APDU that carries an interpersonal message with a text of so many octets.
fn message(text_octets: usize) -> Vec<u8> {
    let country = ber(0x61, &[&ber(0x13, &[b"GB"])]);
    let administration = ber(0x62, &[&ber(0x13, &[b"TESTNET"])]);
    let domain = ber(0x63, &[&country, &administration, &ber(0x13, &[b"PRMD"])]);
    let surname = ber(0xa5, &[&ber(0x80, &[b"SMITH"])]);
    let name = ber(0x60, &[&ber(0x30, &[&country, &administration, &surname])]);

    let identifier = ber(0x6b, &[&ber(0x13, &[b"IPM-1"])]);
    let text = ber(0xa0, &[&ber(0x31, &[]), &ber(0x16, &[&vec![b'x'; text_octets]])]);
    let content = ber(0xa0, &[&ber(0x31, &[&identifier]), &ber(0x30, &[&text])]);

    let identifier = ber(0x64, &[&domain, &ber(0x16, &[b"MSG-1"])]);
    let arrival = ber(0x31, &[&ber(0x80, &[b"261028114703Z"]), &[0x82, 1, 0]]);
    let trace = ber(0x69, &[&ber(0x30, &[&domain, &arrival])]);
    let recipient = ber(0x31, &[&name, &[0x80, 1, 1], &[0x81, 2, 0, 0xa8]]);
    let envelope = ber(0x31, &[&name, &identifier, &[0x46, 1, 22], &trace, &ber(0xa2, &[&recipient])]);
    ber(0xa0, &[&envelope, &ber(0x04, &[&content])])
}

/// Tag, definite length, contents.
fn ber(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = match u8::try_from(value.len()) {
        Ok(short) if short < 128 => vec![short],
        _ => [&[0x84], &u32::try_from(value.len()).unwrap().to_be_bytes()[..]].concat(),
    };
    [&[tag], &length[..], &value].concat()
}

// ledger: beyond T-32
#[test]
fn a_monologue_with_selectors_names_and_two_messages() {
    let selectors = |text: &str| Selectors {
        transport: text.to_owned().into(),
        session: text.to_owned().into(),
        presentation: text.to_owned().into(),
    };
    let title = rasn_x400::prim::RawTlv::from_element(vec![6, 2, 0x51, 1]);
    let mut association = Association::opened(Config {
        called: selectors("called"),
        calling: selectors("calling"),
        names: Names { calling_ap_title: Some(title), ..Names::default() },
        reference: Reference {
            name: "gateway".into(),
            time: "261028114703Z".into(),
            additional: "a7".into(),
        },
        checkpoint_size: 4,
        ..Config::default()
    });
    association.send(Side::Initiator, &message(100));
    association.send(Side::Initiator, &message(30_000));
    association.ask(Side::Initiator, Request::Close);
    association.ask(Side::Responder, Request::CloseAccept);
    assert!(association.heard[0].contains(&Indication::Closed));

    let case = association.judge();
    let only = |field: &str| case.values(field).into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(only("rtse.checkpointSize"), ["4", "4"]);
    assert_eq!(only("acse.aSO_context_name"), ["2.6.0.1.6", "2.6.0.1.6"]);
    assert_eq!(only("p1.local_identifier").len(), 2, "both messages are read down to their envelope");
    assert!(only("p1.authenticated.initiator-name").iter().any(|name| name == "MTA-A"));
}

// ledger: beyond T-32
#[test]
fn both_directions_and_the_turn() {
    let config = Config { dialogue_mode: DialogueMode::TwoWayAlternate, ..Config::default() };
    let mut association = Association::opened(config);
    association.send(Side::Initiator, &message(10));
    association.ask(Side::Responder, Request::TurnPlease { priority: 3 });
    association.ask(Side::Initiator, Request::TurnGive);
    association.send(Side::Responder, &message(10));
    association.ask(Side::Responder, Request::TurnGive);
    association.ask(Side::Initiator, Request::Close);
    association.ask(Side::Responder, Request::CloseAccept);
    let case = association.judge();
    assert_eq!(case.values("p1.local_identifier").into_iter().flatten().count(), 2);
}

#[test]
fn a_refused_bind() {
    let mut association = Association::new(Config::default());
    association.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    association.ask(
        Side::Responder,
        Request::Refuse {
            user_data: vec![0xb2, 3, 2, 1, 2],
            permanent: true,
            reason: RefuseReason::VALIDATION_FAILURE,
        },
    );
    assert!(matches!(association.heard[0][0], Indication::Refused(_)));
    association.judge();
}

#[test]
fn a_refused_message_and_an_abort() {
    let mut association = Association::opened(Config::default());
    association.refuses = true;
    association.send(Side::Initiator, &message(10));
    assert!(
        association.heard[0].iter().any(|it| matches!(it, Indication::TransferFailed { retry: true, .. }))
    );
    association.ask(Side::Responder, Request::Abort { user_data: vec![] });
    assert!(association.heard[0].iter().any(|it| matches!(it, Indication::Aborted(_))));
    association.judge();
}

/// A bind as X.410-1984 mode has it: no wrapper, and in 1984 a password in characters.
fn bare(name: &str, password: &str, mode: Mode) -> Vec<u8> {
    let form = if mode.is_1984() { 0x16 } else { 0x04 };
    ber(0xa1, &[&ber(0x80, &[name.as_bytes()]), &ber(0xa1, &[&ber(form, &[password.as_bytes()])])])
}

/// tshark does not know the transfer of X.410-1984 mode, so that only binds, refusals, turns and ends are judged here.
// ledger: beyond T-34
#[test]
fn x410_mode_from_bind_to_end() {
    for (mode, protocol) in [(Mode::MtsTransferProtocol1984, "1"), (Mode::MtsTransferProtocol, "12")] {
        let dialogue_mode = DialogueMode::TwoWayAlternate;
        let reference =
            Reference { name: "gateway".into(), time: "261028114703Z".into(), ..Reference::default() };
        let config = Config { mode, dialogue_mode, reference, ..Config::default() };
        let mut association = Association::new(config.clone());
        let open = Request::Open { user_data: bare("MTA-A", "secretA", mode) };
        association.ask(Side::Initiator, open.clone());
        association.ask(Side::Responder, Request::Accept { user_data: bare("MTA-B", "secretB", mode) });
        association.ask(Side::Initiator, Request::TurnGive);
        association.ask(Side::Responder, Request::TurnGive);
        association.ask(Side::Initiator, Request::Close);
        association.ask(Side::Responder, Request::CloseAccept);
        assert!(association.heard[0].contains(&Indication::Closed));
        let case = association.judge();
        let only = |field: &str| case.values(field).into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(only("pres.mode_value"), ["0", "0"], "{mode}");
        assert_eq!(only("rtse.applicationProtocol"), [protocol]);
        assert_eq!(only("rtse.checkpointSize"), ["60", "60"]);
        assert_eq!(only("p1.authenticated.initiator-name"), ["MTA-A"]);
        assert_eq!(only("p1.authenticated.responder-name"), ["MTA-B"]);

        let mut refused = Association::new(config.clone());
        refused.ask(Side::Initiator, open.clone());
        let reason = RefuseReason::VALIDATION_FAILURE;
        refused.ask(Side::Responder, Request::Refuse { user_data: Vec::new(), permanent: true, reason });
        let case = refused.judge();
        assert_eq!(case.values("rtse.refuseReason").concat(), ["2"]);

        let mut aborted = Association::new(config);
        aborted.ask(Side::Initiator, open);
        aborted.ask(Side::Responder, Request::Accept { user_data: bare("MTA-B", "secretB", mode) });
        aborted.ask(Side::Initiator, Request::Abort { user_data: Vec::new() });
        let case = aborted.judge();
        assert_eq!(case.values("rtse.abortReason").concat(), ["0"]);
    }
}

/// What can be done on purpose in normal mode is still readable.
#[test]
fn oddities_in_normal_mode() {
    let quirks = Quirks::new(&[], &[Quirk::WindowPlusOne]);
    let mut association = Association::opened(Config { quirks, checkpoint_size: 1, ..Config::default() });
    association.send(Side::Initiator, &message(10_000));
    association.ask(Side::Initiator, Request::Close);
    association.ask(Side::Responder, Request::CloseAccept);
    assert!(association.heard[0].contains(&Indication::Closed));
    association.judge();

    let mut null = Association::new(Config::default());
    null.ask(Side::Initiator, Request::Open { user_data: vec![0xb0, 2, 5, 0] });
    null.ask(Side::Responder, Request::Accept { user_data: vec![0xb1, 2, 5, 0] });
    null.judge();

    let mut refused = Association::new(Config::default());
    refused.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    let reason = RefuseReason::VALIDATION_FAILURE;
    refused.ask(Side::Responder, Request::Refuse { user_data: vec![2, 1, 2], permanent: true, reason });
    // Q7: it looks for the wrapper of remote operations.
    judge::association(&refused.transcript).assert_clean_except(&["Unknown ROS PDU"]);
}

/// Checkpoints of 1 KiB, and a name for the association.
fn named(additional: &str) -> Config {
    let reference =
        Reference { name: "gateway".into(), time: "261028114703Z".into(), additional: additional.into() };
    Config { checkpoint_size: 1, reference, ..Config::default() }
}

// ledger: beyond T-31
#[test]
fn a_message_that_is_interrupted_and_goes_on() {
    let mut association = Association::opened(named("01"));
    association.message = message(5_000).into();
    association.parts = 3;
    let transfer = |resume| Request::Transfer {
        length: message(5_000).len() as u64,
        timeout: Duration::from_secs(60),
        resume,
    };
    association.ask(Side::Initiator, transfer(None));
    association.parts = usize::MAX;
    association.ask(Side::Responder, Request::TransferRefuse { reason: TransferRefusal::Again });
    association.ask(Side::Responder, Request::TransferAccept);
    assert!(association.heard[0].contains(&Indication::TransferConfirm));
    let case = association.judge();
    assert_eq!(case.values("p1.local_identifier").into_iter().flatten().count(), 1);
    let spdus: Vec<_> = case.values("ses.type").into_iter().flatten().collect();
    for (code, name) in [("48", "ED"), ("25", "AI"), ("26", "AIA"), ("29", "AR")] {
        assert!(spdus.iter().any(|it| *it == code), "{name} in {spdus:?}");
    }

    // Cut off, and gone on with on another association.
    let mut first = Association::opened(named("02"));
    first.message = message(5_000).into();
    first.parts = 3;
    first.ask(Side::Initiator, transfer(None));
    for side in [Side::Initiator, Side::Responder] {
        let now = first.now;
        first.stacks[index(side)].lost(now);
    }
    while first.move_from(Side::Initiator) | first.move_from(Side::Responder) {}
    let resumable = first.heard[0].iter().find_map(|it| match it {
        Indication::TransferFailed { resumable, .. } => resumable.clone(),
        _ => None,
    });
    let mut second = Association::opened(named("03"));
    second.message = message(5_000).into();
    second.received = first.received.take();
    second.ask(Side::Initiator, transfer(resumable));
    assert!(second.heard[1].iter().any(|it| matches!(it, Indication::TransferResumed { octets: 3_061.. })));
    second.ask(Side::Responder, Request::TransferAccept);
    assert!(second.heard[0].contains(&Indication::TransferConfirm));
    second.ask(Side::Initiator, Request::Close);
    second.ask(Side::Responder, Request::CloseAccept);
    // The judge puts the message together from both associations, as the receiver does.
    second.transcript.splice(0..0, first.transcript);
    let case = second.judge();
    assert_eq!(case.values("p1.local_identifier").into_iter().flatten().count(), 1);
}

/// X.228 7.8: the association itself goes on, without a bind, or is declined.
// ledger: beyond T-30
#[test]
fn an_association_that_goes_on_itself() {
    let recover = || Request::Recover { connection: named("05").reference };
    let mut association = Association::new(named("06"));
    association.ask(Side::Initiator, recover());
    association.ask(Side::Responder, Request::AcceptRecovery);
    association.send(Side::Initiator, &message(3_000));
    association.ask(Side::Initiator, Request::Close);
    association.ask(Side::Responder, Request::CloseAccept);
    assert!(association.heard[0].contains(&Indication::Closed));
    let case = association.judge();
    let only = |field: &str| case.values(field).into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(only("rtse.recover_element").len(), 2, "in the request and in the answer");
    assert_eq!(only("rtse.additionalReferenceInformation"), ["05", "05"]);
    assert_eq!(only("p1.local_identifier").len(), 1);

    let mut declined = Association::new(named("07"));
    declined.ask(Side::Initiator, recover());
    let reason = RefuseReason::CANNOT_RECOVER;
    declined.ask(Side::Responder, Request::Refuse { user_data: Vec::new(), permanent: false, reason });
    assert!(declined.heard[0].iter().any(|it| matches!(it, Indication::Refused(_))));
    declined.judge();
}
