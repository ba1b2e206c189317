//! People in an SQLite database: found in both directions, and undetermined while it is missing, locked or wrong.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rasn_x400::x411::address::text;
use rusqlite::Connection;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use x400_gateway::config::Config;
use x400_gateway::lookup::{self, Mappings};
use x400_gateway::mixer::AddressContext;
use x400_gateway::rules::Rules;
use x400_gateway::rules::lookup::Headers;
use x400_gateway::serve;

const PATIENCE: Duration = Duration::from_secs(60);

/// Anna has two addresses; `nobody` has none yet, and `broken` what is no address.
const PEOPLE: &str = "\
CREATE TABLE people (mail TEXT PRIMARY KEY, x400 TEXT, surname TEXT);
INSERT INTO people VALUES ('anna@people.example', 'G=Anna; S=Weber; O=Labs; P=acme; A=mail; C=gb', 'Weber');
INSERT INTO people VALUES ('ben@people.example', 'X400:c=gb;a=mail;p=acme;o=Sales;s=Weber;g=Ben;', 'Weber');
INSERT INTO people VALUES ('nobody@people.example', NULL, NULL);
INSERT INTO people VALUES ('broken@people.example', 'nonsense', 'Broken');
INSERT INTO people VALUES ('blob@people.example', X'00FF', 'Blob');
";

fn database(folder: &Path) -> PathBuf {
    let file = folder.join("people.db");
    Connection::open(&file).unwrap().execute_batch(PEOPLE).unwrap();
    file
}

fn rule_file(file: &Path, more: &str) -> String {
    format!(
        "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\n\
         [[equivalence]]\ndomain = \"people.example\"\nor = \"P=people; A=mail; C=gb\"\n\
         [lookup.sqlite]\nfile = {file:?}\n\
         by_internet = \"SELECT x400 FROM people WHERE mail = ?1 COLLATE NOCASE\"\n\
         by_or = \"SELECT mail, x400 FROM people WHERE surname = :S COLLATE NOCASE\"\n{more}"
    )
}

fn rules(file: &Path, more: &str) -> Arc<Rules> {
    let text = rule_file(file, more);
    Arc::new(
        Rules::from_sources(&[("rules.toml", text.as_str())]).unwrap_or_else(|found| panic!("{found:?}")),
    )
}

async fn to_x400(mappings: &Mappings, address: &str) -> String {
    let run = mappings.run(Headers::Wait, |mapper| mapper.to_or(address, AddressContext::Recipient)).await;
    match run.made {
        Ok(found) => found.address.to_std_or(),
        Err(error) => error.reason,
    }
}

async fn to_internet(mappings: &Mappings, address: &str) -> String {
    let name = text::parse(address).unwrap().to_or_name().unwrap();
    match mappings.run(Headers::Wait, |mapper| mapper.to_internet(&name)).await.made {
        Ok(found) => found.address,
        Err(error) => error.reason,
    }
}

#[tokio::test]
async fn people_are_found_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let file = database(folder.path());
    let rules = rules(&file, "");
    assert_eq!(lookup::unusable(&rules), []);
    let mappings = Mappings::new(Arc::clone(&rules));
    for (address, expected) in [
        ("Anna@People.example", "/G=Anna/S=Weber/O=Labs/PRMD=acme/ADMD=mail/C=gb/"),
        ("ben@people.example", "/G=Ben/S=Weber/O=Sales/PRMD=acme/ADMD=mail/C=gb/"),
        // Nobody: the mapping of the domain holds.
        ("nobody@people.example", "/S=nobody/PRMD=people/ADMD=mail/C=gb/"),
        ("new@x.people.example", "/S=new/O=x/PRMD=people/ADMD=mail/C=gb/"),
    ] {
        assert_eq!(to_x400(&mappings, address).await, expected, "{address}");
    }
    for (address, expected) in [
        ("/G=Anna/S=WEBER/O=Labs/PRMD=acme/ADMD=mail/C=gb/", "anna@people.example"),
        ("/G=Ben/S=Weber/O=Sales/PRMD=acme/ADMD=mail/C=gb/", "ben@people.example"),
        // The row of another Weber is not his.
        ("/G=Carl/S=Weber/PRMD=people/ADMD=mail/C=gb/", "Carl.Weber@people.example"),
        ("/CN=desk/PRMD=people/ADMD=mail/C=gb/", "/CN=desk/@people.example"),
    ] {
        assert_eq!(to_internet(&mappings, address).await, expected, "{address}");
    }
}

#[tokio::test]
async fn a_row_that_is_no_address_is_nobodys_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = database(folder.path());
    let mappings = Mappings::new(rules(&file, ""));
    let shown = file.display().to_string();
    for address in ["broken@people.example", "blob@people.example"] {
        let reason = to_x400(&mappings, address).await;
        assert!(reason.contains(&shown), "{address}: {reason}");
    }
    // It is mended, and what was not known was not remembered.
    let mend =
        "UPDATE people SET x400 = 'S=Mended; P=acme; A=mail; C=gb' WHERE mail = 'broken@people.example'";
    Connection::open(&file).unwrap().execute_batch(mend).unwrap();
    assert_eq!(to_x400(&mappings, "broken@people.example").await, "/S=Mended/PRMD=acme/ADMD=mail/C=gb/");
}

#[tokio::test]
async fn a_database_that_is_missing_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.db");
    let rules = rules(&file, "");
    assert!(lookup::unusable(&rules)[0].1.contains("unable to open database file"));
    let mappings = Mappings::new(rules);
    let reason = to_x400(&mappings, "anna@people.example").await;
    assert!(reason.contains("unable to open database file"), "{reason}");
    assert!(!file.exists(), "it was not made");
    // There, but without the table.
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    let reason = to_x400(&mappings, "anna@people.example").await;
    assert!(reason.contains("no such table: people"), "{reason}");
    std::fs::remove_file(&file).unwrap();
    database(folder.path());
    let expected = "/G=Anna/S=Weber/O=Labs/PRMD=acme/ADMD=mail/C=gb/";
    assert_eq!(to_x400(&mappings, "anna@people.example").await, expected);
}

#[tokio::test]
async fn a_locked_database_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = database(folder.path());
    let mappings = Mappings::new(rules(&file, "timeout = \"1s\"\n"));
    let writer = Connection::open(&file).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let reason = to_x400(&mappings, "anna@people.example").await;
    assert!(reason.contains("locked") || reason.contains("no answer within"), "{reason}");
    writer.execute_batch("COMMIT").unwrap();
    let expected = "/G=Anna/S=Weber/O=Labs/PRMD=acme/ADMD=mail/C=gb/";
    assert_eq!(to_x400(&mappings, "anna@people.example").await, expected);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let file = database(folder.path());
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n WHERE ?1 IS NOT NULL";
    let text = rule_file(&file, "timeout = \"1s\"\nconnections = 1\n");
    let text = text.replace("SELECT x400 FROM people WHERE mail = ?1 COLLATE NOCASE", endless);
    let rules = Arc::new(Rules::from_sources(&[("rules.toml", text.as_str())]).unwrap());
    let mappings = Mappings::new(rules);
    let reason = to_x400(&mappings, "anna@people.example").await;
    assert!(reason.contains("no answer within") || reason.contains("interrupted"), "{reason}");
    // Its only thread is free again.
    let found = to_internet(&mappings, "/G=Anna/S=Weber/O=Labs/PRMD=acme/ADMD=mail/C=gb/").await;
    assert_eq!(found, "anna@people.example");
}

#[tokio::test]
async fn nobody_is_asked_offline() {
    let folder = tempfile::tempdir().unwrap();
    let mappings = Mappings::offline(rules(&database(folder.path()), ""));
    let reason = to_x400(&mappings, "anna@people.example").await;
    assert!(reason.contains("lookups are switched off"), "{reason}");
}

/// Says a line and expects the beginning of the reply, for each.
async fn dialogue(address: SocketAddr, lines: &[(&str, &str)]) {
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut reply = String::new();
    stream.read_line(&mut reply).await.unwrap();
    for (line, expected) in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        loop {
            reply.clear();
            assert!(stream.read_line(&mut reply).await.unwrap() > 0, "{line}");
            if reply.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        assert!(reply.starts_with(expected), "{line}: {reply}");
    }
}

/// The gateway says 451 while the database is missing, and takes the recipient when it is there.
// ledger: mixer M-09 F-03
#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_is_to_come_again_while_the_database_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mappings = folder.path().join("mappings.toml");
    std::fs::write(
        &mappings,
        rule_file(&folder.path().join("people.db"), "never = [\"internet.example\"]\n"),
    )
    .unwrap();
    let text = format!(
        "[gateway]\nmappings = {mappings:?}\ndata = {:?}\n[smtp]\nlisten = []\n",
        folder.path().join("queue")
    );
    let config = Config::parse("gw", &text).unwrap_or_else(|report| panic!("{}", report.render()));
    let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = smtp.local_addr().unwrap();
    let running = serve::start(config, vec![smtp]).await.unwrap();
    let begin = [("EHLO here.example", "250"), ("MAIL FROM:<ada@internet.example>", "250")];
    dialogue(address, &[begin[0], begin[1], ("RCPT TO:<anna@people.example>", "451 4.4.3"), ("QUIT", "221")])
        .await;
    database(folder.path());
    dialogue(address, &[begin[0], begin[1], ("RCPT TO:<anna@people.example>", "250"), ("QUIT", "221")]).await;
    tokio::time::timeout(PATIENCE, running.stop()).await.unwrap();
}
