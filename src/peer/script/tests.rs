use super::*;
use crate::diagnostic::Code;

fn steps(text: &str) -> Vec<Action> {
    let script = Script::parse("test", text).unwrap_or_else(|report| panic!("{}", report.render()));
    script.associations.into_iter().flat_map(|scene| scene.steps).map(|step| step.action).collect()
}

fn refused(text: &str) -> (Code, String) {
    let report = Script::parse("peer.script", text).unwrap_err();
    (report.diagnostics[0].code, report.render())
}

#[test]
fn settings_associations_and_steps() {
    let script = Script::parse(
        "test",
        "# comment\nname \"the lab\"\npatience 200ms\ntsel 0x0102 # hexadecimal\n\nanswer 2 times\n  \
         expect bind from x within 1m\ncall\n  bind as y password \"a # b\"\n",
    )
    .unwrap();
    assert_eq!(script.settings.name.as_deref(), Some("the lab"));
    assert_eq!(script.settings.patience, Some(Duration::from_millis(200)));
    assert_eq!(script.settings.selectors[0].as_deref(), Some(&[1, 2][..]));
    let roles: Vec<(Role, usize)> = script.associations.iter().map(|it| (it.role, it.line)).collect();
    assert_eq!(roles, [(Role::Answer, 6), (Role::Answer, 6), (Role::Call, 8)]);
    assert_eq!(script.associations[0].steps[0].text, "expect bind from x within 1m");
    let bind = &script.associations[2].steps[0];
    assert_eq!(bind.text, "bind as y password \"a # b\"");
    let credentials = Credentials { name: Some("y".into()), password: Some("a # b".into()) };
    assert_eq!(bind.action, Action::Bind(credentials));
    assert_eq!(script.roles(), (true, true));
}

#[test]
fn what_steps_mean() {
    let of = |line: &str| steps(&format!("answer\n{line}\n")).remove(0);
    let expect = |what| Action::Expect { what, within: None };
    for (line, action) in [
        ("confirm", Action::Confirm),
        ("refuse bind with busy temporary", Action::RefuseBind { error: 0, temporary: true }),
        ("refuse bind with 99", Action::RefuseBind { error: 99, temporary: false }),
        ("refuse bind at session with 129", Action::RefuseAt { place: Place::Session, reason: Some(129) }),
        ("refuse bind at transport", Action::RefuseConnection { reason: None }),
        ("refuse transfer permanent", Action::RefuseTransfer(TransferRefusal::Permanent)),
        ("abort at rtse with 7", Action::Abort { place: Place::Rtse, reason: Some(7) }),
        ("drop after 100 octets sent", Action::DropAfter { octets: 100, sent: true }),
        ("spoil length of spdu", Action::Spoil(Spoiled::Spdu)),
        ("send octets 0300 00 07", Action::SendOctets(Bytes::from_static(&[3, 0, 0, 7]))),
        ("ask for turn priority 0", Action::AskForTurn { priority: 0 }),
        ("stall 30s", Action::Stall(Duration::from_secs(30))),
        ("expect turn request priority 2", expect(Expectation::TurnRequest { priority: Some(2) })),
        ("expect turn", expect(Expectation::Turn)),
        (
            "expect rejection temporary",
            expect(Expectation::Rejection { reason: Some(TransferRefusal::Temporary) }),
        ),
        (
            "send report for a for b failed reason 1 diagnostic 0",
            Action::Send(Sending::Report {
                recipients: vec!["a".into(), "b".into()],
                fate: Fate::Failed { reason: 1, diagnostic: Some(0) },
            }),
        ),
        (
            "expect message to Hopper subject \"a b\" octets 9",
            expect(Expectation::Arrival(Arrival {
                kind: Some("message"),
                to: vec!["Hopper".into()],
                subject: Some("a b".into()),
                at_least: Some(9),
                ..Arrival::default()
            })),
        ),
    ] {
        assert_eq!(of(line), action, "{line}");
    }
}

/// Each code with its line, column, caret and way out.
#[test]
fn mistakes_are_shown_where_they_are() {
    let mut all = String::new();
    for (code, text) in [
        (Code::ScriptWord, "answer\n  expekt bind\n"),
        (Code::ScriptWord, "answer\n  expect bint\n"),
        (Code::ScriptWord, "answer\n  confirm it\n"),
        (Code::ScriptWord, "answer\n  expect message tu Hopper\n"),
        (Code::ScriptWord, "answer\n  abort at transprot\n"),
        (Code::ScriptWord, "nam x\n"),
        (Code::ScriptSyntax, "answer\n  stall\n"),
        (Code::ScriptSyntax, "answer\n  send message subject x\n"),
        (Code::ScriptSyntax, "answer\n  expect bind from \"x\n"),
        (Code::ScriptValue, "answer\n  stall soon\n"),
        (Code::ScriptValue, "answer 0 times\n"),
        (Code::ScriptValue, "answer\n  send message to /S=x/ZZ=y/\n"),
        (Code::ScriptValue, "answer\n  send octets 0g\n"),
        (Code::ScriptValue, "answer\n  send garbage 99999999999\n"),
        (Code::ScriptOrder, "confirm\n"),
        (Code::ScriptOrder, "name x\n"),
        (Code::ScriptOrder, "answer\n  close\n"),
        (Code::ScriptOrder, "call\n  accept bind\n"),
        (Code::ScriptOrder, "call\nname x\n"),
    ] {
        let (found, rendered) = refused(text);
        assert_eq!(found, code, "{rendered}");
        all.push_str(&rendered);
        all.push_str("\n\n");
    }
    insta::assert_snapshot!(all);
}

/// The README explains each code, each step and each setting, and its example is a script.
#[test]
fn the_readme_explains_the_language() {
    let readme = include_str!("../README.md");
    for code in Code::ALL.iter().filter(|code| code.as_str().starts_with("X030")) {
        let row = format!("| {} | {}", code.as_str(), code.meaning());
        assert!(readme.contains(&row), "src/peer/README.md should have: {row}");
    }
    for word in STEPS.iter().chain(SETTINGS) {
        assert!(readme.contains(&format!("`{word}")), "src/peer/README.md should explain `{word}`");
    }
    let example = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(steps(example).len(), 12);
}

#[test]
fn no_text_makes_the_parser_panic() {
    let script = "answer\n expect message to \"a\\\"b\" # x\n send octets 0102\n drop after 9 octets sent\n";
    for cut in (0..script.len()).filter(|&cut| script.is_char_boundary(cut)) {
        let _ = Script::parse("x", &script[..cut]);
        let _ = Script::parse("x", &script[cut..]);
        let _ = Script::parse("x", &format!("{}\u{fc}{}", &script[..cut], &script[cut..]));
    }
}
