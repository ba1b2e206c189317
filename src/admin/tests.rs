//! The interface over real sockets, with rules in a real file.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests touch the world")]

use std::path::Path;
use std::sync::Arc;

use rasn_x400::x411::trace::GlobalDomainIdentifier;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::watch;

use super::client::{Answer, Client};
use super::*;
use crate::mixer::Settings;
use crate::serve::in_force::{CurrentRules, Routing};

const RULES: &str = "[gateway]\ndomain = \"gw.example\"\nor = \"A=gw; C=xx\"\n\
    [[equivalence]]\ndomain = \"navy.example\"\nor = \"O=Navy; A=mail; C=xx\"\n\
    [[example]]\ninternet = \"a@navy.example\"\nx400 = \"S=a; O=Navy; A=mail; C=xx\"\n";

/// An interface, and what is behind it.
struct Stage {
    client: Client,
    rules: CurrentRules,
    at: At,
    file: PathBuf,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
    folder: TempDir,
}

async fn stage(at: impl FnOnce(&Path) -> At, token: Option<&str>) -> Stage {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("rules.toml");
    std::fs::write(&file, RULES).unwrap();
    let domain = GlobalDomainIdentifier::new("XX", "gw", None);
    let routing = Routing { routes: Vec::new(), domain: domain.clone(), peers: Vec::new() };
    let rules = CurrentRules::load(Some(file.clone()), routing).unwrap();
    let token = token.map(|token| {
        let file = folder.path().join("token");
        std::fs::write(&file, token).unwrap();
        file
    });
    let listener = bind(&at(folder.path()), token.as_deref()).await.unwrap();
    let settings = Arc::new(Settings::new(domain, "mta", "gw.example"));
    let (stop, stopped) = watch::channel(false);
    let serving = listener.serve(
        router(Gateway { rules: rules.clone(), settings, has_peers: false, operator: None, submitter: None }),
        stopped,
    );
    let client = Client::new(serving.at.clone(), token.as_deref()).unwrap();
    Stage { client, rules, at: serving.at, file, stop, task: serving.task, folder }
}

fn socket(folder: &Path) -> At {
    At::Socket(folder.join("x400gw.sock"))
}

fn loopback(_: &Path) -> At {
    At::Tcp("127.0.0.1:0".parse().unwrap())
}

impl Stage {
    async fn post(&self, path: &str, body: Value) -> Answer {
        self.client.post(path, &body).await.unwrap()
    }

    /// What comes back for octets, as they are.
    async fn raw(&self, octets: &str) -> String {
        let mut answer = Vec::new();
        match &self.at {
            At::Tcp(address) => {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(octets.as_bytes()).await.unwrap();
                stream.read_to_end(&mut answer).await.unwrap();
            }
            At::Socket(path) => {
                let mut stream = UnixStream::connect(path).await.unwrap();
                stream.write_all(octets.as_bytes()).await.unwrap();
                stream.read_to_end(&mut answer).await.unwrap();
            }
        }
        String::from_utf8(answer).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_exchanged_whole_or_not_at_all() {
    let stage = stage(socket, None).await;
    let first = stage.rules.get();
    let version = first.version();
    let answer = stage.client.get("/v1/version").await.unwrap();
    assert_eq!(
        (&answer.body["rules"]["version"], &answer.body["rules"]["number"]),
        (&json!(version), &json!(1))
    );

    // Errors, and an example that does not hold: everything is as before, and the answer shows why.
    for (text, code) in [
        (RULES.replace("[[equivalence]]", "[[equivalense]]"), "X0002"),
        (
            RULES.replace("O=Navy; A=mail; C=xx\"\n[[example]]", "O=Fleet; A=mail; C=xx\"\n[[example]]"),
            "X0201",
        ),
    ] {
        std::fs::write(&stage.file, text).unwrap();
        let answer = stage.post("/v1/rules/reload", json!({})).await;
        assert_eq!(answer.status, 422, "{:#}", answer.body);
        assert_eq!(answer.body["diagnostics"][0]["code"], code);
        assert!(answer.body["text"].as_str().unwrap().contains('^'));
        assert_eq!(answer.body["in-force"]["version"], version);
        assert!(Arc::ptr_eq(&first, &stage.rules.get()));
    }

    let fleet = RULES.replace("O=Navy", "O=Fleet");
    std::fs::write(&stage.file, &fleet).unwrap();
    let answer = stage.post("/v1/rules/reload", json!({ "reason": "the fleet\r\n moves" })).await;
    assert!(answer.done, "{:#}", answer.body);
    assert_eq!(answer.body["before"], version);
    let now = stage.rules.get();
    assert_eq!(answer.body["in-force"]["version"], now.version());
    assert_eq!((now.activation().number, now.activation().reason.as_str()), (2, "the fleet moves"));
    // Whoever began with the old set still has it.
    let by = |set: &crate::serve::in_force::InForce| {
        let mapped = crate::mixer::address::Mapper::new(set.rules());
        mapped.to_or("a@navy.example", crate::mixer::AddressContext::Recipient).unwrap().address.to_std_or()
    };
    assert_eq!((by(&first).contains("Navy"), by(&now).contains("Fleet")), (true, true));

    let answer = stage.client.get("/v1/rules").await.unwrap();
    let outcomes: Vec<_> =
        answer.body["history"].as_array().unwrap().iter().map(|event| event["outcome"].clone()).collect();
    assert_eq!(outcomes, ["activated", "refused", "refused", "activated"]);
    assert!(
        answer.body["history"][1]["first"].as_str().unwrap().contains("rules.toml:4: "),
        "{:#}",
        answer.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_checked_without_coming_into_force() {
    let stage = stage(socket, None).await;
    let version = stage.rules.get().version();
    let broken = "[[equivalence]]\ndomain = \"x\"\n";
    std::fs::write(stage.folder.path().join("other.toml"), broken).unwrap();
    for (body, status) in [
        (json!({}), 200),
        (json!({ "sources": { "a.toml": RULES } }), 200),
        (
            json!({ "name": "a.toml", "sources": { "a.toml": format!("[tables]\nmapping2 = [\"t\"]\n{RULES}"), "t": "x.example#O$x.ADMD$a.C$xx#\n" } }),
            200,
        ),
        (json!({ "sources": { "a.toml": broken } }), 422),
        (json!({ "sources": { "a.toml": RULES, "b.toml": RULES } }), 422),
        (
            json!({ "sources": { "a.toml": format!("{RULES}[[policy]]\naction = \"refuse\"\npeer = \"nobody\"\n") } }),
            422,
        ),
        (json!({ "path": "other.toml" }), 422),
        (json!({ "path": "rules.toml" }), 200),
        (json!({ "path": "../rules.toml" }), 422),
        (json!({ "path": "/etc/passwd" }), 422),
        (json!({ "paht": "rules.toml" }), 400),
        (json!([]), 400),
    ] {
        let answer = stage.post("/v1/rules/check", body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {:#}", answer.body);
    }
    // The same text has the same version wherever it is.
    let answer = stage.post("/v1/rules/check", json!({ "sources": { "a.toml": RULES } })).await;
    assert_eq!(answer.body["version"], version);
    assert_eq!(stage.rules.get().activation().number, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_mapped_by_the_rules_in_force() {
    let stage = stage(socket, None).await;
    for (body, status, name, said) in [
        (json!({ "address": "a@navy.example" }), 200, "result", "/S=a/O=Navy/ADMD=mail/C=xx/"),
        (json!({ "address": "S=a; O=Navy; A=mail; C=xx" }), 200, "result", "a@navy.example"),
        (json!({ "address": "a@else.example" }), 422, "error", "a@else.example"),
        (json!({ "address": "a@else.example", "place": "header" }), 200, "result", "RFC-822"),
        (json!({ "address": "S=a; ZZ=b" }), 422, "error", "ZZ"),
    ] {
        let answer = stage.post("/v1/map", body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {:#}", answer.body);
        assert!(answer.body[name].as_str().unwrap().contains(said), "{body}: {:#}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_of_ours_is_told_so() {
    let stage = stage(socket, None).await;
    assert_eq!(stage.client.get("/v2/version").await.unwrap().status, 404);
    assert_eq!(stage.client.get("/v1/rules/reload").await.unwrap().status, 405);
    let long = "x".repeat(100_000);
    assert_eq!(stage.post("/v1/map", json!({ "address": long })).await.status, 413);
    let answer = stage
        .raw("POST /v1/map HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\n{\"a")
        .await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(stage.raw("EHLO example.com\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_a_loopback_address_is_for_programs_of_this_machine() {
    let stage = stage(loopback, None).await;
    assert!(stage.client.get("/v1/version").await.unwrap().done);
    let get = |fields: &str| format!("GET /v1/version HTTP/1.1\r\nConnection: close\r\n{fields}\r\n");
    for (fields, status) in [
        ("Host: localhost\r\n", 200),
        ("Host: evil.example\r\n", 403),
        ("Host: localhost\r\nOrigin: http://evil.example\r\n", 403),
    ] {
        let answer = stage.raw(&get(fields)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{fields}: {answer}");
    }
    assert!(bind(&At::Tcp("0.0.0.0:0".parse().unwrap()), None).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_only_who_knows_it_gets_in() {
    let stage = stage(loopback, Some("a token of many letters".replace(' ', "-").as_str())).await;
    assert!(stage.client.get("/v1/version").await.unwrap().done);
    let stranger = Client::new(stage.at.clone(), None).unwrap();
    assert_eq!(stranger.get("/v1/version").await.unwrap().status, 401);
    assert_eq!(stranger.post("/v1/rules/reload", &json!({})).await.unwrap().status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_its_owners_and_goes_with_the_gateway() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = stage(socket, None).await;
    let At::Socket(path) = &stage.at else { panic!() };
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(bind(&stage.at, None).await.is_err(), "somebody listens there");
    let connected = UnixStream::connect(path).await.unwrap();
    stage.stop.send(true).unwrap();
    stage.task.await.unwrap();
    assert!(!path.exists());
    drop(connected);
    // One that was left behind is taken away, and nothing else.
    drop(std::os::unix::net::UnixListener::bind(path).unwrap());
    bind(&stage.at, None).await.unwrap();
    let file = At::Socket(stage.file.clone());
    assert!(bind(&file, None).await.is_err());
    assert!(stage.file.exists());
}
