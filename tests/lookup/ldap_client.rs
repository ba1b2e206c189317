//! Our client of LDAP and the server of OpenLDAP: what they say to each other, over TLS and without, and what becomes of a
//! lookup when servers fail.

use crate::authority;
use crate::openldap;

use std::time::Duration;

use authority::Authority;
use openldap::{ADMINISTRATOR, Server, Setup, free_port};
use tokio::net::TcpListener;
use x400_gateway::ldap::client::{self, Client, Credentials, Security, Settings};
use x400_gateway::ldap::filter::Filter;
use x400_gateway::ldap::message::{Code, Scope, Search};
use x400_gateway::mta::tls::Initiator;

fn server(port: u16, security: Security) -> client::Server {
    client::Server { host: "127.0.0.1".to_owned(), port, security }
}

fn client(servers: Vec<client::Server>) -> Client {
    Client::new(settings(servers))
}

fn settings(servers: Vec<client::Server>) -> Settings {
    Settings {
        servers,
        credentials: None,
        connect_timeout: Duration::from_secs(20),
        timeout: Duration::from_secs(20),
        connections: 2,
    }
}

const BASE: &str = "OU=MIXER MCGAMs,O=Zydeco Plc,C=GB";

fn read(name: &str) -> Search {
    Search::read(name.to_owned(), vec!["ou".to_owned()])
}

#[tokio::test]
async fn searches_are_answered_all_at_once_and_the_connection_is_kept() {
    let directory = Server::start(&Setup::default());
    let client = client(vec![server(directory.port, Security::Off)]);
    let by = |filter: &str| Search {
        scope: Scope::Subtree,
        filter: Filter::parse(filter).unwrap(),
        size_limit: 50,
        ..read(BASE)
    };
    let searches = [
        read(BASE),
        read("ou=nobody,C=GB"),
        by("(objectClass=alias)"),
        by("(|(dc=iso*)(&(dc=cs)(!(dc=x))))"),
        by("(mixerAssociatedDomain=ISODE.com)"),
        by("(dc>=UK)"),
    ];
    for _ in 0..3 {
        let answered = client.search(&searches).await.unwrap();
        assert_eq!(answered.server, format!("ldap://127.0.0.1:{}", directory.port));
        let found = answered.found;
        assert_eq!(found[0].entries[0].attributes, [("ou".to_owned(), vec![b"MIXER MCGAMs".to_vec()])]);
        assert_eq!((found[1].outcome.code, &*found[1].outcome.matched), (Code::NO_SUCH_OBJECT, "c=GB"));
        // Aliases are followed, so none is found.
        assert_eq!(found[2].entries, []);
        assert_eq!(found[3].entries.len(), 2);
        assert_eq!(found[4].entries.len(), 1);
        assert!(found.iter().all(|found| matches!(found.outcome.code, Code::SUCCESS | Code::NO_SUCH_OBJECT)));
    }
    assert_eq!(client.search(&[]).await.unwrap().found, []);
    let limited = Search { size_limit: 2, ..by("(dc=*)") };
    let found = client.search(&[limited]).await.unwrap().found;
    assert_eq!((found[0].entries.len(), found[0].outcome.code), (2, Code::SIZE_LIMIT_EXCEEDED));
}

// ledger: mixer D-10
#[tokio::test]
async fn a_connection_is_protected_before_anything_is_said() {
    let authority = Authority::new();
    let files = authority.issue("127.0.0.1");
    // Whoever comes without TLS is told nothing.
    let setup = Setup { files: Some(&files), general: "security tls=1", ..Setup::default() };
    let directory = Server::start(&setup);
    let tls = |authority: &Authority| {
        Initiator::new(authority.only_ca(), "127.0.0.1".to_owned().try_into().unwrap(), vec![]).unwrap()
    };
    let (name, password) = ADMINISTRATOR;
    let credentials = Credentials { name: name.to_owned(), password: password.to_owned() };
    for (port, security) in [
        (directory.port, Security::StartTls(tls(&authority))),
        (directory.tls_port, Security::Tls(tls(&authority))),
    ] {
        let settings =
            Settings { credentials: Some(credentials.clone()), ..settings(vec![server(port, security)]) };
        let found = Client::new(settings).search(&[read(BASE)]).await.unwrap().found;
        assert_eq!(found[0].entries.len(), 1);
    }
    let other = Authority::new();
    let cases = [
        (directory.port, Security::StartTls(tls(&other)), "UnknownIssuer"),
        (directory.tls_port, Security::Tls(tls(&other)), "UnknownIssuer"),
        (directory.tls_port, Security::Off, "closed the connection"),
    ];
    for (port, security, reason) in cases {
        let error = client(vec![server(port, security)]).search(&[read(BASE)]).await.unwrap_err().to_string();
        println!("{error}");
        assert!(error.contains(&format!("127.0.0.1:{port}")), "{reason}: {error}");
    }
    let found =
        client(vec![server(directory.port, Security::Off)]).search(&[read(BASE)]).await.unwrap().found;
    assert_eq!(found[0].outcome.code.to_string(), "confidentialityRequired");
}

#[tokio::test]
async fn the_next_server_answers_when_one_does_not() {
    let directory = Server::start(&Setup::default());
    let nobody = free_port();
    // Accepts, and says nothing that is LDAP.
    let strange = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let strange_port = strange.local_addr().unwrap().port();
    let speaking = tokio::spawn(async move {
        let mut streams = Vec::new();
        loop {
            let (mut stream, _) = strange.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail.example ESMTP\r\n").await.unwrap();
            streams.push(stream);
        }
    });
    let off = |port| server(port, Security::Off);
    let client_of_all = client(vec![off(nobody), off(strange_port), off(directory.port)]);
    let answered = client_of_all.search(&[read(BASE)]).await.unwrap();
    assert_eq!(answered.server, format!("ldap://127.0.0.1:{}", directory.port));
    let error = client(vec![off(nobody), off(strange_port)]).search(&[read(BASE)]).await.unwrap_err();
    assert_eq!(error.0.len(), 2, "{error}");
    assert!(error.0[0].starts_with(&format!("ldap://127.0.0.1:{nobody}: ")), "{error}");
    assert!(error.0[1].contains("no response of LDAP"), "{error}");
    speaking.abort();
    // A server that comes back is found again: the connection that was kept is of no use any more.
    let port = directory.port;
    drop(directory);
    assert!(client_of_all.search(&[read(BASE)]).await.is_err());
    let _directory = Server::start_at(&Setup::default(), port);
    assert_eq!(client_of_all.search(&[read(BASE)]).await.unwrap().found[0].entries.len(), 1);
}

#[tokio::test]
async fn a_bind_that_is_refused_and_a_server_that_is_silent_are_told() {
    let directory = Server::start(&Setup::default());
    let credentials = Credentials { name: ADMINISTRATOR.0.to_owned(), password: "wrong".to_owned() };
    assert!(!format!("{credentials:?}").contains("wrong"));
    let refused =
        Settings { credentials: Some(credentials), ..settings(vec![server(directory.port, Security::Off)]) };
    let error = Client::new(refused).search(&[read(BASE)]).await.unwrap_err();
    assert!(error.to_string().ends_with("bind is refused: invalidCredentials"), "{error}");
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let hasty = Settings { timeout: Duration::from_millis(1), ..settings(vec![server(port, Security::Off)]) };
    let error = Client::new(hasty).search(&[read(BASE)]).await.unwrap_err();
    assert_eq!(error.to_string(), format!("ldap://127.0.0.1:{port}: no answer in time"));
}

#[tokio::test]
async fn referrals_are_told_and_not_followed() {
    let entries = "dn: OU=elsewhere,O=Zydeco Plc,C=GB\nobjectClass: referral\nobjectClass: extensibleObject\n\
                   ou: elsewhere\nref: ldap://127.0.0.1:1/OU=elsewhere,C=GB\n";
    let directory = Server::start(&Setup { entries, ..Setup::default() });
    let client = client(vec![server(directory.port, Security::Off)]);
    let below = Search { scope: Scope::Subtree, size_limit: 50, ..read("O=Zydeco Plc,C=GB") };
    let found = client.search(&[read("cn=x,OU=elsewhere,O=Zydeco Plc,C=GB"), below]).await.unwrap().found;
    assert_eq!(found[0].outcome.code.to_string(), "referral");
    assert!(found[0].outcome.referral[0].starts_with("ldap://127.0.0.1:1/"), "{:?}", found[0].outcome);
    assert!(found[1].references[0].starts_with("ldap://127.0.0.1:1/"), "{:?}", found[1].references);
}
