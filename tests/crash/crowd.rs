//! Clients that take much and give little.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::chain::{Chain, DOMAIN, Heard, NEAR, Setting};
use crate::clock::Clock;
use crate::faults::Behaviour;
use crate::program::{Gateway, in_time};
use crate::sink::Sink;

/// How much faster time goes by where a test waits for the end of somebody's patience.
const HURRY: f64 = 200.0;

/// So many sessions say nothing; meanwhile others are served, and in the end the silent ones are let go.
pub(crate) fn of_idle_clients(count: usize) -> Behaviour {
    // Each has a file of ours and one of the gateway.
    let files = format!("--nofile={}", count + 2_000);
    let raised = Command::new("prlimit").args(["--pid", &std::process::id().to_string(), &files]).status();
    assert!(raised.unwrap().success(), "prlimit: a part of util-linux");
    let smtp = format!("maximum-sessions = {}\nmaximum-sessions-per-address = {0}", count + 10);
    let (chain, clock, near) = hurried(&smtp);
    let far = chain.far.start();
    let before = memory(near.id());
    let began = Instant::now();
    let mut idle: Vec<TcpStream> = (0..count)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", chain.near.smtp)).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            assert!(line(&mut stream).starts_with("220 "));
            stream
        })
        .collect();
    let took = began.elapsed();
    let each = (memory(near.id()) - before) * 1024 / count as u64;
    assert!(each < 32 << 10, "{each} octets for each session");
    assert_eq!(chain.submit("between"), Heard::Accepted);
    chain.all_arrive(&["between"], "idle");
    clock.run(HURRY);
    for stream in &mut idle {
        let goodbye = line(stream);
        assert!(goodbye.starts_with("421 4.4.2"), "{goodbye}");
    }
    drop((near, far));
    Behaviour {
        fault: format!("clients: {count} idle sessions"),
        meanwhile: format!(
            "all are greeted ({:.0}/s), {each} octets of memory each; others are served",
            count as f64 / took.as_secs_f64()
        ),
        afterwards: "`421 4.4.2` after the time-out of a command".to_owned(),
    }
}

/// Clients that send an octet now and then: of a command, and of a mail.
pub(crate) fn of_slow_clients(count: usize) -> Behaviour {
    let (chain, clock, near) = hurried("");
    let far = chain.far.start();
    clock.run(HURRY);
    let start = |within_mail: bool| {
        let mut stream = TcpStream::connect(("127.0.0.1", chain.near.smtp)).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        if within_mail {
            let lines = format!(
                "HELO slow.{DOMAIN}\r\nMAIL FROM:<slow@{DOMAIN}>\r\nRCPT TO:<a@far.example>\r\nDATA\r\n"
            );
            stream.write_all(lines.as_bytes()).unwrap();
        }
        stream
    };
    let mut slow: Vec<(TcpStream, String)> =
        (0..count).map(|number| (start(number % 2 == 0), String::new())).collect();
    let began = Instant::now();
    // An octet every ten seconds or so of the gateway's time.
    let over = || {
        slow.retain_mut(|(stream, heard)| {
            let mut buffer = [0; 512];
            match stream.read(&mut buffer) {
                Ok(0) => return false,
                Ok(octets) => heard.push_str(&String::from_utf8_lossy(&buffer[..octets])),
                Err(_) => {}
            }
            !heard.contains("421 4.4.2") && stream.write_all(b"x").is_ok()
        });
        std::thread::sleep(Duration::from_millis(40));
        slow.is_empty()
    };
    assert!(in_time(over), "{} are still there", slow.len());
    let minutes = began.elapsed().as_secs_f64() * HURRY / 60.0;
    clock.run(1.0);
    assert_eq!(chain.submit("afterwards"), Heard::Accepted);
    chain.all_arrive(&["afterwards"], "slow");
    drop((near, far));
    Behaviour {
        fault: format!("clients: {count} that send an octet now and then"),
        meanwhile: format!("let go with `421 4.4.2` within {minutes:.0} minutes, in a command as in a mail"),
        afterwards: "others are served".to_owned(),
    }
}

/// One mail for very many, of whom only so many are allowed: 32,767 at most, which is all that a message of P1 may have (X.411
/// `ub-recipients`).
pub(crate) fn of_recipients(count: usize, allowed: usize) -> Behaviour {
    let sink = Sink::start();
    let smarthost = format!("{}\nmaximum-recipients = {allowed}", sink.as_smarthost());
    let smtp = format!("maximum-recipients = {allowed}");
    let chain = Chain::with(sink, Setting { smtp: &smtp, ..NEAR }, Setting { internet: &smarthost, ..NEAR });
    let (near, far) = (chain.near.start(), chain.far.start());
    let mut stream = TcpStream::connect(("127.0.0.1", chain.near.smtp)).unwrap();
    let mut said = BufReader::new(stream.try_clone().unwrap());
    let began = Instant::now();
    let sending = std::thread::spawn(move || {
        let mut lines = format!("HELO client.{DOMAIN}\r\nMAIL FROM:<ada@{DOMAIN}>\r\n");
        for number in 0..count {
            lines.push_str(&format!("RCPT TO:<r{number}@far.example>\r\n"));
        }
        lines.push_str("DATA\r\n");
        stream.write_all(lines.as_bytes()).unwrap();
        stream
    });
    let mut reply = || {
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        line
    };
    // The greeting, and the answers to HELO and MAIL.
    assert!((0..3).map(|_| reply()).all(|reply| reply.starts_with('2')));
    let replies: Vec<String> = (0..count).map(|_| reply()).collect();
    let taken = replies.iter().filter(|reply| reply.starts_with("250 ")).count();
    let later = replies.iter().filter(|reply| reply.starts_with("452 4.5.3")).count();
    assert_eq!((taken, later), (allowed, count - allowed), "{}", replies[count - 1]);
    assert!(reply().starts_with("354 "));
    let mut stream = sending.join().unwrap();
    let mail =
        format!("Message-ID: <many@{DOMAIN}>\r\nFrom: ada@{DOMAIN}\r\nSubject: many\r\n\r\nHello\r\n.\r\n");
    stream.write_all(mail.as_bytes()).unwrap();
    let end = reply();
    assert!(end.starts_with("250 "), "{end}");
    let took = began.elapsed();
    chain.all_arrive(&["many"], "recipients");
    drop((near, far));
    Behaviour {
        fault: format!("clients: a mail for {count}"),
        meanwhile: format!(
            "{allowed} are taken, `{}` for the others; accepted after {:.1} s",
            replies[count - 1].trim_end(),
            took.as_secs_f32()
        ),
        afterwards: "it arrives for those in one piece".to_owned(),
    }
}

/// A chain whose first gateway has a clock to be hurried, and more in `[smtp]`.
fn hurried(smtp: &str) -> (Chain, Clock, Gateway) {
    let sink = Sink::start();
    let smarthost = sink.as_smarthost();
    let chain = Chain::with(sink, Setting { smtp, ..NEAR }, Setting { internet: &smarthost, ..NEAR });
    let clock = Clock::new(&chain.near.folder);
    let near = Gateway::start_with(&chain.near.folder, chain.near.smtp, clock.environment());
    (chain, clock, near)
}

/// What the server says next, octet by octet.
fn line(stream: &mut TcpStream) -> String {
    let mut line = Vec::new();
    let mut octet = [0];
    while !line.ends_with(b"\n") && stream.read(&mut octet).unwrap() > 0 {
        line.push(octet[0]);
    }
    String::from_utf8_lossy(&line).into_owned()
}

/// KiB of memory that a process takes.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
