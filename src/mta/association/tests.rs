//! Stories of one association: what the stack says, what the shell is told, and what goes down.

#![expect(clippy::disallowed_methods, reason = "tests start their clock somewhere")]

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;
use crate::mta::bind::{Identity, Known, Password, PasswordForm, Trust};
use crate::mta::content::Piece;
use crate::osi::stack::{ActivityKey, Open, Reference};
use crate::quirk::Quirks;

fn settings(name: &str, peer: &str, password: &str) -> Settings {
    let known = Known { password: Some(Password(password.into())), ..Known::named(peer) };
    Settings {
        identity: Identity { name: name.into(), password: Some("secret".into()), ..Identity::default() },
        trust: Trust { known: vec![known], anyone: false },
        transfer_timeout: Duration::from_secs(60),
        idle: Duration::from_secs(30),
        ..Settings::default()
    }
}

/// Drains the machine into short words.
fn drain(association: &mut Association) -> Vec<String> {
    std::iter::from_fn(|| association.poll())
        .map(|output| match output {
            Output::Down(StackRequest::Open { .. }) => "down Open".into(),
            Output::Down(StackRequest::Accept { .. }) => "down Accept".into(),
            Output::Down(StackRequest::Refuse { .. }) => "down Refuse".into(),
            Output::Down(StackRequest::Transfer { .. }) => "down Transfer".into(),
            Output::Down(request) => format!("down {request:?}"),
            Output::Up(Event::Ended(ending)) => format!("up Ended: {ending}"),
            Output::Up(Event::MessageStart { .. }) => "up MessageStart".into(),
            Output::Up(Event::NotSent { why, retry, resumable: None }) => {
                format!("up NotSent {{ why: {why:?}, retry: {retry} }}")
            }
            Output::Up(event) => format!("up {event:?}"),
            Output::Read { offset, content } => format!("read {} from {offset}", content.length()),
        })
        .collect()
}

fn initiator(password: &str, dialogue_mode: DialogueMode) -> Association {
    Association::initiator(settings("a", "b", password), dialogue_mode, Mode::MtsTransfer)
}

fn opened(by: &str) -> Indication {
    let identity = Identity { name: by.into(), password: Some("secret".into()), ..Identity::default() };
    let mode = Mode::MtsTransfer;
    Indication::Opened { user_data: bind::result(&identity, mode), checkpoint_size: 60, window: 3, mode }
}

fn start() -> Indication {
    use crate::osi::session::{ActivityId, ConnectionReference};
    let id = ActivityId::new(Bytes::from_static(b"\x02\x01\x01")).unwrap();
    Indication::TransferStart { key: ActivityKey::new(&ConnectionReference::default(), id) }
}

fn message() -> Transfer {
    Bytes::from_static(b"apdu").into()
}

#[test]
fn an_initiator_binds_transfers_and_closes_when_idle() {
    let start = Instant::now();
    let mut ours = initiator("secret", DialogueMode::Monologue);
    assert_eq!(drain(&mut ours), ["down Open"]);
    assert_eq!(ours.request(Request::Transfer(message()), start), Err(Misuse("a transfer")), "not bound yet");
    ours.receive(opened("b"), start);
    assert_eq!(drain(&mut ours), ["up Ready { peer: \"b\", mode: MtsTransfer }"]);
    ours.request(Request::Transfer(message()), start).unwrap();
    assert_eq!(ours.deadline(), None, "a transfer has its own timer");
    ours.request(Request::Transfer(message()), start).unwrap_err();
    ours.receive(Indication::TransferConfirm, start);
    assert_eq!(drain(&mut ours), ["down Transfer", "up Sent"]);
    assert_eq!(ours.deadline(), Some(start + Duration::from_secs(30)));
    ours.timeout(start + Duration::from_secs(30));
    assert_eq!(drain(&mut ours), ["down Close"]);
    ours.receive(Indication::Closed, start);
    ours.receive(Indication::Disconnected, start);
    assert_eq!(drain(&mut ours), ["up Ended: closed"]);
}

#[test]
fn an_initiator_leaves_a_responder_it_does_not_trust() {
    let now = Instant::now();
    let mut ours = initiator("other", DialogueMode::Monologue);
    ours.receive(opened("b"), now);
    ours.receive(Indication::Disconnected, now);
    assert_eq!(
        drain(&mut ours),
        ["down Open", "down Abort { user_data: [] }", "up Ended: the password of `b` is wrong"]
    );
}

#[test]
fn a_message_under_way_is_never_silently_gone() {
    let now = Instant::now();
    let mut ours = initiator("secret", DialogueMode::Monologue);
    ours.receive(opened("b"), now);
    ours.request(Request::Transfer(message()), now).unwrap();
    drain(&mut ours);
    ours.receive(Indication::Disconnected, now);
    assert_eq!(
        drain(&mut ours),
        ["up NotSent { why: \"the connection was lost\", retry: true }", "up Ended: the connection was lost"]
    );
}

/// When we abort, the stack knows best what became of a message under way.
#[test]
fn of_a_message_under_way_it_is_said_once_what_became_of_it() {
    let failed = Indication::TransferFailed { why: "it went wrong".into(), retry: true, resumable: None };
    let cases = [
        (Some(Indication::TransferConfirm), "up Sent"),
        (Some(failed), "up NotSent { why: \"it went wrong\", retry: true }"),
        (None, "up NotSent { why: \"aborted in application by our side"),
    ];
    for (told, expected) in cases {
        let now = Instant::now();
        let mut ours = initiator("secret", DialogueMode::Monologue);
        ours.receive(opened("b"), now);
        ours.request(Request::Transfer(message()), now).unwrap();
        ours.request(Request::Abort, now).unwrap();
        drain(&mut ours);
        told.into_iter().for_each(|indication| ours.receive(indication, now));
        ours.receive(Indication::Disconnected, now);
        let said = drain(&mut ours);
        assert!(said[0].starts_with(expected) && said[1].starts_with("up Ended"), "{said:?}");
        assert_eq!(said.len(), 2, "{said:?}");
    }
}

#[test]
fn a_responder_checks_the_name_and_secures_before_it_confirms() {
    let now = Instant::now();
    let argument = |name: &str| {
        let identity = Identity {
            name: name.into(),
            password: Some("secret".into()),
            password_form: PasswordForm::Characters,
            ..Identity::default()
        };
        let user_data = bind::argument(&identity, Mode::MtsTransfer);
        Indication::Open(Open { user_data, ..Open::default() })
    };
    let mut stranger = Association::responder(settings("b", "a", "secret"), None);
    stranger.receive(argument("x"), now);
    stranger.receive(Indication::Disconnected, now);
    assert_eq!(drain(&mut stranger), ["down Refuse", "up Ended: the name `x` is not known"]);

    let mut friend = Association::responder(settings("b", "a", "secret"), None);
    friend.receive(argument("a"), now);
    friend.receive(start(), now);
    friend.receive(Indication::TransferData(Bytes::from_static(b"ap")), now);
    friend.request(Request::Secured, now).unwrap_err();
    friend.receive(Indication::TransferEnd, now);
    assert_eq!(
        drain(&mut friend),
        [
            "down Accept",
            "up Ready { peer: \"a\", mode: MtsTransfer }",
            "up MessageStart",
            "up MessageData(b\"ap\")",
            "up MessageEnd"
        ]
    );
    friend.request(Request::Secured, now).unwrap();
    friend.receive(Indication::Close, now);
    friend.receive(Indication::Disconnected, now);
    assert_eq!(drain(&mut friend), ["down TransferAccept", "down CloseAccept", "up Ended: closed"]);
}

#[test]
fn the_turn_goes_to_and_fro() {
    let now = Instant::now();
    let mut ours = initiator("secret", DialogueMode::TwoWayAlternate);
    ours.receive(opened("b"), now);
    ours.request(Request::Transfer(message()), now).unwrap();
    ours.receive(Indication::TurnPlease { priority: 1 }, now);
    drain(&mut ours);
    ours.receive(Indication::TransferConfirm, now);
    assert_eq!(drain(&mut ours), ["up Sent", "down TurnGive"], "not before our transfer has ended");
    ours.request(Request::Transfer(message()), now).unwrap();
    assert_eq!(drain(&mut ours), ["down TurnPlease { priority: 2 }"]);
    ours.receive(start(), now);
    ours.receive(Indication::TransferEnd, now);
    ours.request(Request::Secured, now).unwrap();
    drain(&mut ours);
    ours.receive(Indication::TurnGiven, now);
    assert_eq!(drain(&mut ours), ["down Transfer"], "what waited goes out");
}

/// Octets in memory go down at once; what is in a file is for the shell to read, some of it ahead, and fails the transfer if it
/// cannot.
#[test]
fn octets_come_from_where_they_are() {
    let now = Instant::now();
    let file = crate::mta::content::FileRange {
        file: std::sync::Arc::new(tempfile::tempfile().unwrap()),
        offset: 100,
        length: 50,
    };
    let content: Content =
        [Piece::Octets(Bytes::from_static(b"header")), Piece::Range(file)].into_iter().collect();
    let mut ours = initiator("secret", DialogueMode::Monologue);
    ours.receive(opened("b"), now);
    ours.request(Request::Transfer(content.into()), now).unwrap();
    drain(&mut ours);
    ours.receive(Indication::TransferMore { offset: 0, octets: 6 }, now);
    ours.octets(0, Ok(vec![Bytes::from_static(b"nobody wants this")]));
    ours.receive(Indication::TransferMore { offset: 6, octets: 5 }, now);
    ours.octets(6, Ok(vec![Bytes::from_static(b"twelve octets")]));
    ours.receive(Indication::TransferMore { offset: 11, octets: 8 }, now);
    ours.receive(Indication::TransferMore { offset: 19, octets: 5 }, now);
    ours.octets(19, Err(io::ErrorKind::UnexpectedEof.into()));
    let why = "the message cannot be read at octet 19: unexpected end of file";
    assert_eq!(
        drain(&mut ours),
        [
            "down TransferPart { offset: 0, pieces: [b\"header\"] }".to_owned(),
            "read 50 from 6".to_owned(),
            "down TransferPart { offset: 6, pieces: [b\"twelv\"] }".to_owned(),
            "down TransferPart { offset: 11, pieces: [b\"e octets\"] }".to_owned(),
            "read 37 from 19".to_owned(),
            format!("down TransferGiveUp {{ why: {why:?}, retry: true }}"),
        ]
    );
}

/// X.228 7.8, as both ends see it.
#[test]
fn an_association_that_was_lost_goes_on_without_a_bind() {
    let now = Instant::now();
    let connection = Reference { name: "a".into(), time: "261127010000Z".into(), additional: "01".into() };
    let mode = Mode::MtsTransfer;
    let dialogue_mode = DialogueMode::Monologue;
    let ours = settings("a", "b", "secret");
    let mut ours = Association::recovering(ours, dialogue_mode, mode, connection.clone(), "b".into());
    assert_eq!(drain(&mut ours), [format!("down Recover {{ connection: {connection:?} }}")]);
    ours.receive(Indication::Opened { user_data: Vec::new(), checkpoint_size: 60, window: 3, mode }, now);
    assert_eq!(drain(&mut ours), ["up Ready { peer: \"b\", mode: MtsTransfer }"]);
    ours.request(Request::Transfer(message()), now).unwrap();

    let asked = || {
        let mut theirs = Association::responder(settings("b", "a", "secret"), None);
        theirs.request(Request::Rejoin { peer: "a".into() }, now).unwrap_err();
        theirs.receive(Indication::Open(Open { recover: Some(connection.clone()), ..Open::default() }), now);
        assert_eq!(
            drain(&mut theirs),
            [format!("up Recover {{ connection: {connection:?}, mode: MtsTransfer }}")]
        );
        theirs
    };
    let mut theirs = asked();
    theirs.request(Request::Rejoin { peer: "a".into() }, now).unwrap();
    assert_eq!(drain(&mut theirs), ["down AcceptRecovery", "up Ready { peer: \"a\", mode: MtsTransfer }"]);
    theirs.request(Request::Decline, now).unwrap_err();
    let mut theirs = asked();
    theirs.request(Request::Decline, now).unwrap();
    theirs.receive(Indication::Disconnected, now);
    assert_eq!(drain(&mut theirs), ["down Refuse", "up Ended: an association to go on with is not known"]);
}

/// `strict` and `quirks` of a peer that calls count from its bind on.
#[test]
fn what_is_special_about_a_caller_counts_from_its_bind_on() {
    let now = Instant::now();
    let identity = Identity { name: "a".into(), password: Some("secret".into()), ..Identity::default() };
    // what is not tolerated, whether the protocol was named wrongly, what comes of it
    let table = [
        (Quirks::default(), true, ["down Accept", "up Ready { peer: \"a\", mode: MtsTransfer }"].to_vec()),
        (Quirks::strict(), true, ["down Refuse"].to_vec()),
        (
            Quirks::strict(),
            false,
            ["down Adapt", "down Accept", "up Ready { peer: \"a\", mode: MtsTransfer }"].to_vec(),
        ),
    ];
    for (quirks, swapped_protocol, expected) in table {
        let mut settings = settings("b", "a", "secret");
        settings.trust.known[0].quirks = quirks;
        let mut theirs = Association::responder(settings, None);
        let user_data = bind::argument(&identity, Mode::MtsTransfer);
        theirs.receive(Indication::Open(Open { user_data, swapped_protocol, ..Open::default() }), now);
        let said = drain(&mut theirs);
        let begin: Vec<&str> = said
            .iter()
            .map(|line| if line.starts_with("down Adapt") { "down Adapt" } else { line.as_str() })
            .collect();
        assert_eq!(begin, expected, "{quirks:?}");
    }
}
