//! `sendmail` as programs call it: by a link of that name, through a shell, from s-nail; a running gateway takes the mail, and
//! the lab peer has what became of it.

use std::process::Stdio;
use std::time::Duration;

use rasn_x400::x419::MtsApdu;

use super::program::{Folder, Gateway, LabPeer, free_port, x400gw};
use super::run;

/// A machine with a gateway and a `sendmail`.
struct Machine {
    folder: Folder,
    peer: LabPeer,
    _gateway: Gateway,
}

impl Machine {
    fn start() -> Self {
        let folder = Folder::new();
        let (smtp, p1) = (free_port(), free_port());
        folder.write_config(smtp, p1);
        link(&folder);
        let peer = LabPeer::start(&folder, p1);
        let gateway = Gateway::start(&folder, smtp);
        Self { folder, peer, _gateway: gateway }
    }

    /// What a shell says to a script in which `sendmail` is ours.
    fn shell(&self, script: &str) -> (Option<i32>, String, String) {
        shell(&self.folder, script)
    }
}

fn link(folder: &Folder) {
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_x400gw"), folder.path("sendmail")).unwrap();
}

fn shell(folder: &Folder, script: &str) -> (Option<i32>, String, String) {
    let place = folder.path("sendmail");
    let place = place.parent().unwrap();
    let path = format!("{}:{}", place.display(), std::env::var("PATH").unwrap());
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script]).current_dir(place).stdin(Stdio::null());
    run(command.env("PATH", path).env("HOME", place).env("X400GW_CONFIG", folder.path("x400gw.toml")))
}

/// The recipients of a message that the peer got, as they are written.
fn recipients(apdu: &[u8]) -> Vec<String> {
    let MtsApdu::Message(message) = MtsApdu::from_octets(apdu, apdu.len()).unwrap() else {
        panic!("not a message")
    };
    let names = message.envelope.per_recipient_fields.iter().map(|one| &one.recipient_name);
    names.map(x400_gateway::mta::relay::shown).collect()
}

fn contains(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The script, what the message has, what it has not, the surnames of those who get it.
type Case = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

#[test]
fn programs_send_mail_as_they_always_have() {
    let machine = Machine::start();
    let cases: [Case; 5] = [
        (
            // As cron calls it, for a job that shows its progress.
            "printf 'From: root (Cron Daemon)\\nTo: Grace.Hopper@navy.x400.example\\nSubject: Cron <root@host> true\\n\\n\
             50%%\\r100%%\\n' | sendmail -FCronDaemon -i -odi -oem -oi -t",
            &["Cron <root@host> true", "50%", "100%", "Cron Daemon"],
            &[],
            &["Hopper"],
        ),
        (
            "echo Hello | s-nail -n -S mta=file://$PWD/sendmail -S from=ann@internet.example -s Greetings \
             -b Ada.Lovelace@navy.x400.example Grace.Hopper@navy.x400.example",
            &["Greetings", "Hello"],
            &[],
            &["Hopper", "Lovelace"],
        ),
        (
            "printf 'Subject: dots\\n\\n.\\nbehind\\n' | sendmail -oi -f ann@internet.example Grace.Hopper@navy.x400.example",
            &["dots", "behind"],
            &[],
            &["Hopper"],
        ),
        (
            "printf 'Subject: dot\\n\\nbefore\\n.\\nbehind\\n' | x400gw sendmail -fann@internet.example Grace.Hopper@navy.x400.example",
            &["before"],
            &["behind"],
            &["Hopper"],
        ),
        (
            "{ printf 'Bcc: Ada.Lovelace@navy.x400.example\\nTo: Grace.Hopper@navy.x400.example\\nSubject: large\\n\\n'; \
             yes 0123456789abcdef | head -c 3000000; echo the end; } | sendmail -t -N never -V here-and-there",
            &["large", "the end"],
            &["Bcc"],
            &["Hopper", "Lovelace"],
        ),
    ];
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_x400gw"), machine.folder.path("x400gw")).unwrap();
    let mut before: Vec<Vec<u8>> = Vec::new();
    for (script, has, has_not, surnames) in cases {
        let (code, output, errors) = machine.shell(script);
        assert_eq!((code, output.as_str(), errors.as_str()), (Some(0), "", ""), "{script}");
        let mut arrived = machine.peer.wait_for(before.len() + 1, Duration::ZERO);
        arrived.retain(|one| !before.contains(one));
        let [message] = arrived.as_slice() else { panic!("{} messages: {script}", arrived.len()) };
        has.iter().for_each(|text| assert!(contains(message, text), "no `{text}`: {script}"));
        has_not.iter().for_each(|text| assert!(!contains(message, text), "`{text}`: {script}"));
        let names = recipients(message);
        assert_eq!(names.len(), surnames.len(), "{names:?}: {script}");
        for surname in surnames {
            assert!(names.iter().any(|name| name.contains(surname)), "no {surname} in {names:?}: {script}");
        }
        before.push(message.clone());
    }
    let (code, timeline, errors) = machine.shell("x400gw track -c x400gw.toml here-and-there");
    assert_eq!(code, Some(0), "{errors}");
    assert!(timeline.contains("ENVID here-and-there"), "{timeline}");
    refusals_have_the_numbers_of_sysexits(&machine);
    a_caller_speaks_smtp(&machine);
}

fn refusals_have_the_numbers_of_sysexits(machine: &Machine) {
    for (script, expected, said) in [
        ("echo Hello | sendmail", 64, "name recipients"),
        ("echo Hello | sendmail -k a@navy.x400.example", 64, "no option `-k`"),
        ("echo Hello | sendmail -t", 64, "names no recipients"),
        ("echo Hello | sendmail 'a b'", 65, "recipients:"),
        (
            "echo Hello | sendmail -f ann@internet.example bob@nowhere.example",
            67,
            "<bob@nowhere.example>: 550 5.1.1",
        ),
        (
            "echo Hello | sendmail -f ann@internet.example bob@nowhere.example Grace.Hopper@navy.x400.example",
            67,
            "the gateway has the message for the other 1",
        ),
        ("echo Hello | sendmail -C nothing.toml bob@navy.x400.example", 78, "nothing.toml"),
        ("sendmail -q", 0, ""),
        ("sendmail -bi", 0, ""),
    ] {
        let (code, _, errors) = machine.shell(script);
        assert_eq!(code, Some(expected), "{script}: {errors}");
        assert!(errors.contains(said), "{script}: {errors}");
    }
}

fn a_caller_speaks_smtp(machine: &Machine) {
    for ends in ["\\n", "\\r\\n"] {
        let (code, output, errors) =
            machine.shell(&format!("printf 'EHLO a.example{ends}NOOP{ends}QUIT{ends}' | sendmail -bs"));
        assert_eq!(code, Some(0), "{errors}");
        let codes: Vec<&str> = output.lines().filter_map(|line| line.get(..3)).collect();
        assert_eq!((codes.first(), codes.last()), (Some(&"220"), Some(&"221")), "{output}");
        assert!(!codes.iter().any(|code| code.starts_with('5')), "{output}");
    }
}

#[test]
fn without_a_gateway_callers_are_told_to_try_again() {
    let folder = Folder::new();
    folder.write_config(free_port(), free_port());
    link(&folder);
    let (code, _, errors) = shell(&folder, "echo Hello | sendmail bob@navy.x400.example");
    assert_eq!(code, Some(75), "{errors}");
    assert!(errors.contains("no gateway answers") && errors.contains("try again later"), "{errors}");
    let (code, output, _) = shell(&folder, "sendmail -bs");
    assert_eq!(code, Some(75));
    assert!(output.starts_with("421 4.3.2 no gateway answers"), "{output}");
    let (code, output, _) = run(x400gw().args(["sendmail", "--help"]));
    assert_eq!(code, Some(0));
    assert!(output.contains("-oi") && output.contains("sysexits.h"), "{output}");
}
