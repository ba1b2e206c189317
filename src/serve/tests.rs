//! What the configuration says about peers reaches the association.

mod explained;

use super::*;
use crate::mta::bind::{PasswordForm, Wrapper};
use crate::osi::stack::Mode;
use crate::quirk::Quirk;

fn config(text: &str) -> Config {
    let text = format!("[gateway]\nmta-name = \"gw\"\n{text}");
    Config::parse("test", &text).unwrap_or_else(|report| panic!("{}", report.render()))
}

/// T-35, T-36: every knob of a peer that we call.
#[test]
fn every_knob_of_a_peer_reaches_the_association() {
    let config = config(
        "[[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\nmode = \"x410-1988\"\ndialogue = \"two-way-alternate\"\n\
         checkpoint-size = 7\nwindow = 2\ntpdu-size = 2048\nour-name = \"us\"\nour-password = \"secret\"\n\
         password-form = \"characters\"\nbind-wrapper = \"wrapped\"\ntheir-name = \"HUB\"\ntheir-password = \"hidden\"\n\
         transport-selector = \"0x01ff\"\nsession-selector = \"s\"\ncalling-transport-selector = \"ct\"\n\
         calling-session-selector = \"cs\"\nquirks = [\"window-plus-one\"]\nstrict = [\"bare-bind-error\"]\n\
         idle-close = \"5s\"\ntransfer-timeout = \"6s\"\n",
    );
    let peer = transfer_peer(&config, &config.peers[0], None).unwrap();
    let selectors = |transport: &'static [u8], session: &'static str| Selectors {
        transport: transport.into(),
        session: session.into(),
        ..Selectors::default()
    };
    let stack = StackConfig {
        called: selectors(b"\x01\xff", "s"),
        calling: selectors(b"ct", "cs"),
        mode: Mode::MtsTransferProtocol,
        dialogue_mode: DialogueMode::TwoWayAlternate,
        checkpoint_size: 7,
        window: 2,
        tpdu_size: 2048,
        quirks: Quirks::new(&[Quirk::BareBindError], &[Quirk::WindowPlusOne]),
        ..StackConfig::default()
    };
    assert_eq!(peer.stack, stack);
    assert_eq!(peer.settings.quirks, stack.quirks);
    let identity = Identity {
        name: "us".into(),
        password: Some("secret".into()),
        password_form: PasswordForm::Characters,
        wrapper: Wrapper::Wrapped,
    };
    assert!(peer.settings.identity == identity);
    let trust = &peer.settings.trust;
    let hub = Known { password: Some(Password("hidden".into())), ..Known::named("HUB") };
    assert_eq!((trust.anyone, &trust.known[..]), (false, &[hub][..]));
    assert_eq!((peer.settings.idle.as_secs(), peer.settings.transfer_timeout.as_secs()), (5, 6));

    let normal = self::config(
        "[[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\nnull-bind = true\npresentation-selector = \"p\"\n\
         calling-presentation-selector = \"cp\"\n",
    );
    let peer = transfer_peer(&normal, &normal.peers[0], None).unwrap();
    assert!(peer.settings.identity == Identity::default(), "NULL");
    assert_eq!(
        (&peer.stack.called.presentation[..], &peer.stack.calling.presentation[..]),
        (&b"p"[..], &b"cp"[..])
    );
    assert_eq!(peer.stack.mode, Mode::MtsTransfer);
}

/// T-35, T-36: by what a caller is told apart, and what it is told.
#[test]
fn callers_are_known_by_what_is_set_for_them() {
    let config = config(
        "[x400]\npassword = \"ours\"\n\
         [route]\npeer = \"hub\"\n\
         [[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\ntheir-name = \"HUB\"\ntheir-password = \"hidden\"\n\
         networks = [\"192.0.2.0/24\"]\ntheir-transport-selector = \"tt\"\ntheir-session-selector = \"ts\"\n\
         their-presentation-selector = \"tp\"\nour-name = \"us\"\nquirks = [\"bare-bind-error\"]\n\
         [[peer]]\nname = \"nameless\"\naddress = \"other:102\"\ntls = \"off\"\nnetworks = [\"198.51.100.1\"]\nour-password = \"x\"\n\
         [[peer]]\nname = \"only called\"\naddress = \"third:102\"\ntls = \"off\"\n",
    );
    let selectors = |transport: &'static str, session: &'static str, presentation: &'static str| Selectors {
        transport: transport.into(),
        session: session.into(),
        presentation: presentation.into(),
    };
    let known: Vec<_> = config.peers.iter().filter_map(|peer| inbound::known(&config, peer)).collect();
    let [hub, nameless] = &known[..] else { panic!("{known:?}") };
    let identity = |name: &str, password: &str| {
        Some(Identity { name: name.into(), password: Some(password.into()), ..Identity::default() })
    };
    let expected = Known {
        name: "HUB".into(),
        password: Some(Password("hidden".into())),
        calling: selectors("tt", "ts", "tp"),
        networks: vec!["192.0.2.0/24".parse().unwrap()],
        identity: identity("us", "ours"),
        quirks: Quirks::new(&[], &[Quirk::BareBindError]),
        ..Known::default()
    };
    assert!(*hub == expected, "{hub:?}");
    let expected = Known {
        networks: vec!["198.51.100.1".parse().unwrap()],
        identity: identity("gw", "x"),
        ..Known::default()
    };
    assert!(*nameless == expected, "{nameless:?}");
}

/// to a peer of 1984 everything is of 1984, whatever else is set.
#[test]
fn the_mode_of_the_peer_decides_the_edition() {
    for (mode, expected) in
        [("normal", Edition::X1988), ("x410-1988", Edition::X1988), ("x410-1984", Edition::X1984)]
    {
        let peer =
            format!("[[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\nmode = \"{mode}\"\n");
        assert_eq!(conversion_settings(&config(&peer)).unwrap().edition, expected, "{mode}");
    }
}
