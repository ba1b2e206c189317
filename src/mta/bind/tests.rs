//! Binds on the wire (A-26, T-33), and who may pass.

use super::*;

fn identity(name: &str, password: &str) -> Identity {
    Identity { name: name.into(), password: Some(password.into()), ..Identity::default() }
}

fn known(name: &str, password: Option<&str>) -> Known {
    Known { password: password.map(|password| Password(password.into())), ..Known::named(name) }
}

fn name(outcome: Result<Welcome<'_>, Unacceptable>) -> Result<String, Unacceptable> {
    outcome.map(|welcome| welcome.name)
}

#[test]
fn who_may_pass() {
    let trust = Trust { known: vec![known("mta-a", Some("secret")), known("mta-b", None)], anyone: false };
    for (given, password, expected) in [
        ("mta-a", "secret", Ok("mta-a")),
        ("mta-b", "whatever", Ok("mta-b")),
        ("mta-a", "wrong", Err(Unacceptable::WrongPassword("mta-a".into()))),
        ("mta-a", "secret2", Err(Unacceptable::WrongPassword("mta-a".into()))),
        ("mta-c", "secret", Err(Unacceptable::UnknownName("mta-c".into()))),
        ("", "", Err(Unacceptable::Anonymous)),
    ] {
        for mode in Mode::ALL {
            let argument = argument(&identity(given, password), mode);
            let expected = expected.clone().map(String::from);
            assert_eq!(name(trust.check(&argument, None)), expected, "{given} {mode}");
        }
    }
    let laboratory = Trust { anyone: true, ..trust };
    let stranger = argument(&identity("mta-c", ""), Mode::MtsTransfer);
    assert_eq!(name(laboratory.check(&stranger, None)), Ok("mta-c".into()));
    assert_eq!(name(laboratory.check(&[0xb0, 2, 5, 0], None)), Ok(String::new()));
    assert!(matches!(laboratory.check(&[0xb0, 2, 5], None), Err(Unacceptable::Undecodable(_))));
}

/// By name, password, selectors and network; the peers are `hub`, from one network and with one selector, and a nameless
/// one that is known by its address alone.
#[test]
fn where_a_peer_calls_from_counts() {
    let selectors =
        |transport: &'static str| Selectors { transport: transport.into(), ..Selectors::default() };
    let hub = Known {
        calling: selectors("p1"),
        networks: vec!["192.0.2.0/24".parse().unwrap(), "::1".parse().unwrap()],
        identity: Some(identity("us", "other")),
        ..known("hub", Some("secret"))
    };
    let nameless = Known { networks: vec!["198.51.100.1".parse().unwrap()], ..Known::default() };
    let nobody = Known::default();
    let trust = Trust { known: vec![nobody, hub, nameless], anyone: false };
    let wrong = |what: fn(String) -> Unacceptable| Err(what("hub".into()));
    for (given, password, selector, address, expected) in [
        ("hub", "secret", "p1", "192.0.2.9", Ok("hub")),
        ("hub", "secret", "p1", "::1", Ok("hub")),
        ("hub", "wrong", "p1", "192.0.2.9", wrong(Unacceptable::WrongPassword)),
        ("hub", "secret", "p3", "192.0.2.9", wrong(Unacceptable::WrongSelectors)),
        ("hub", "secret", "", "192.0.2.9", wrong(Unacceptable::WrongSelectors)),
        ("hub", "secret", "p1", "192.0.3.9", wrong(Unacceptable::WrongNetwork)),
        ("", "", "", "198.51.100.1", Ok("")),
        ("anything", "x", "p9", "198.51.100.1", Ok("anything")),
        ("hub", "secret", "p1", "198.51.100.1", wrong(Unacceptable::WrongNetwork)),
        ("anything", "x", "", "192.0.2.9", Err(Unacceptable::UnknownName("anything".into()))),
        ("", "", "p1", "192.0.2.9", Err(Unacceptable::Anonymous)),
    ] {
        let argument = argument(&identity(given, password), Mode::MtsTransfer);
        let selectors = selectors(selector);
        let caller = Caller { from: address.parse().ok(), selectors: &selectors };
        let outcome = trust.check(&argument, Some(caller));
        if given == "hub"
            && let Ok(welcome) = &outcome
        {
            let ours = welcome.known.and_then(|known| known.identity.as_ref());
            assert_eq!(ours.map(|ours| ours.name.as_str()), Some("us"));
        }
        assert_eq!(name(outcome), expected.map(String::from), "{given} {password} {selector} {address}");
    }
}

/// Every fault has its answer in both modes, and no answer tells a guesser which of his guesses was wrong.
#[test]
fn what_is_answered_to_which_fault() {
    let undecodable = ber::decode::<MtaBind>(&[], 100).unwrap_err();
    for fault in [
        Unacceptable::Undecodable(undecodable),
        Unacceptable::Anonymous,
        Unacceptable::UnknownName("x".into()),
        Unacceptable::WrongPassword("x".into()),
        Unacceptable::StrongCredentials("x".into()),
        Unacceptable::WrongSelectors("x".into()),
        Unacceptable::WrongNetwork("x".into()),
    ] {
        let Answer { error, reason, permanent } = fault.answer();
        let told = (error.label(), reason.label(), permanent);
        assert_eq!(told, (Some("authentication-error"), Some("validation-failure"), true), "{fault}");
    }
}

/// the ledger's octets, in every mode, wrapper and form (T-33).
#[test]
fn the_argument_on_the_wire() {
    use {Mode::*, PasswordForm as F, Wrapper as W};
    let characters: &[u8] = b"\xa1\x13\x80\x07mta-gw1\xa1\x08\x16\x06secret";
    let octets: &[u8] = b"\xa1\x13\x80\x07mta-gw1\xa1\x08\x04\x06secret";
    for (mode, wrapper, password_form, inside, is_wrapped) in [
        (MtsTransfer, W::Usual, F::Usual, octets, true),
        (MtsTransferProtocol, W::Usual, F::Usual, octets, false),
        (MtsTransferProtocol1984, W::Usual, F::Usual, characters, false),
        (MtsTransfer, W::Bare, F::Characters, characters, false),
        (MtsTransferProtocol, W::Wrapped, F::Characters, characters, true),
        (MtsTransferProtocol1984, W::Wrapped, F::Octets, octets, true),
    ] {
        let identity = Identity { wrapper, password_form, ..identity("mta-gw1", "secret") };
        let expected = |tag: u8| match is_wrapped {
            true => [&[tag, 0x15], inside].concat(),
            false => inside.to_vec(),
        };
        assert_eq!(argument(&identity, mode), expected(0xb0), "{mode} {wrapper:?} {password_form:?}");
        assert_eq!(result(&identity, mode), expected(0xb1), "{mode} {wrapper:?} {password_form:?}");
    }
    for (mode, expected) in [
        (MtsTransfer, &[0xb0, 2, 5, 0][..]),
        (MtsTransferProtocol, &[5, 0]),
        (MtsTransferProtocol1984, &[0x80, 0]),
    ] {
        assert_eq!(argument(&Identity::default(), mode), expected, "the NULL bind in {mode}");
    }
}

/// Q7: ISODE-based peers send the error bare.
#[test]
fn the_error_on_the_wire() {
    let expected = Some(BindError::AUTHENTICATION_ERROR);
    for (bare, octets) in [(false, &[0xb2, 3, 2, 1, 2][..]), (true, &[2, 1, 2])] {
        assert_eq!(error(BindError::AUTHENTICATION_ERROR, bare), octets);
        assert_eq!(read_error(octets, true), expected);
        assert_eq!(read_error(octets, false), expected.filter(|_| !bare));
    }
}
