//! SMTP sessions: the conversations in `tests/smtp/*.dialogue`, mutations of them, some over a real socket, and
//! what a whole gateway says to whom.
//!
//! A dialogue file is a conversation, one line each:
//!
//! | line | meaning |
//! |---|---|
//! | `C: text` | the client sends the text and CR LF |
//! | `R: text` | the client sends just that; `\r`, `\n`, `\t`, `\\`, `\xHH` stand for octets, `{text}*n` for repetition |
//! | `S: text` | the server answers this line |
//! | `M: sender -> recipients "content"` | the server hands over this message, written as with `R:` |
//! | `T: 5m` | time passes (`s`, `m`, `h`) |
//! | `tls` | TLS is spoken from here on |
//! | `may-speak-for-others` | the host is one that may use XCLIENT |
//! | `client …` | the server takes the client for this one |
//! | `stop` | the server is told to stop |
//! | `closed` | the server closes the connection |
//! | `! setting` | a setting, before the conversation: see `setting` below |
//! | `# text` | a comment |
//!
//! Each file runs three times: as written, with everything between pauses sent at once, and octet by octet. As written,
//! each reply must come just where the file has it; otherwise the order of replies is compared.
//!
//! The policy of the tests refuses senders `refused@…` (550), recipients `unknown@…` (550), `busy@…` (450) and
//! `goodbye@…` (421), and messages from `full@…` (452).

#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

#[path = "support/authority.rs"]
mod authority;
#[path = "smtp/client.rs"]
mod client;
#[path = "smtp/gateway.rs"]
mod gateway;
#[path = "smtp/mutations.rs"]
mod mutations;
#[path = "smtp/runner.rs"]
mod runner;
#[path = "smtp/socket.rs"]
mod socket;
#[path = "smtp/swaks.rs"]
mod swaks;

use runner::{Feed, Script};

#[test]
fn dialogues() {
    let mut failures = Vec::new();
    for script in Script::all() {
        for feed in [Feed::AsWritten, Feed::AtOnce, Feed::OctetByOctet] {
            if let Err(difference) = script.run(feed) {
                failures.push(format!("{} ({feed:?}):\n{difference}", script.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} conversations went wrong\n\n{}", failures.len(), failures.join("\n\n"));
}
