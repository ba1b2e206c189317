//! SMTP command lines as values (RFC 5321 4.1).
//!
//! Own parser, because the gateway needs what ready-made ones drop: local parts with their quotes, source routes,
//! original-recipient addresses of any type (`x400;`), and the column of every error.
//!
//! 1. [`Command::parse`] takes one line without its CR LF and finds the verb.
//! 2. [`path`] reads `<…>`: reverse and forward paths, mailboxes, domains, address literals.
//! 3. [`parameters`] reads what follows on MAIL and RCPT; every known parameter is typed, every other one is kept.
//!    [`client`] reads what XCLIENT says.
//! 4. [`CommandError`] says what was expected at which column, and which reply that is.
//!
//! Deliberately absent: what is allowed now ([`super::dialogue`]) and what is offered ([`super::dialogue::Extensions`]).

pub mod client;
mod cursor;
pub mod error;
pub mod parameters;
pub mod path;

pub use client::ClientAttributes;
pub use error::{CommandError, Part};
pub use parameters::{
    Body, DeliverBy, DeliverByMode, EnvelopeId, Hold, MailParameters, Notify, OriginalRecipient,
    OtherParameter, RecipientParameters, Return, Sender,
};
pub use path::{AddressLiteral, ClientName, Domain, ForwardPath, MailDomain, Mailbox, ReversePath};

use cursor::Cursor;

/// One command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `HELO`: no extensions wanted.
    Helo(ClientName),
    /// `EHLO`: extensions wanted.
    Ehlo(ClientName),
    /// `LHLO`: EHLO of LMTP (RFC 2033 4.1).
    Lhlo(ClientName),
    /// `MAIL FROM:<…>`.
    Mail {
        /// Where reports go.
        reverse_path: ReversePath,
        /// What follows the path.
        parameters: MailParameters,
    },
    /// `RCPT TO:<…>`.
    Recipient {
        /// Where the message goes.
        forward_path: ForwardPath,
        /// What follows the path.
        parameters: RecipientParameters,
    },
    /// `DATA`.
    Data,
    /// `BDAT`: so many octets of the content follow (RFC 3030 2).
    Chunk {
        /// How many. Counted, never allocated.
        octets: u64,
        /// `LAST`: the message ends with them.
        last: bool,
    },
    /// `STARTTLS` (RFC 3207).
    StartTls,
    /// `AUTH` (RFC 4954).
    Authenticate {
        /// The name of the mechanism, as written.
        mechanism: String,
        /// The client's first message, in base64.
        initial: Option<String>,
    },
    /// `XCLIENT`: whom the host that connects speaks for.
    Client(ClientAttributes),
    /// `RSET`.
    Reset,
    /// `NOOP`, whatever follows it (RFC 5321 4.1.1.9).
    NoOperation,
    /// `QUIT`.
    Quit,
    /// `VRFY` with its text, unread.
    Verify(String),
    /// `EXPN` with its text, unread.
    Expand(String),
    /// `HELP`, whatever follows it.
    Help,
}

/// Departures from the grammar that are let pass, each chosen by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerances {
    /// `MAIL FROM: <a@b>`: spaces after the colon. RFC 5321 3.3 forbids them; people at a terminal and small
    /// devices write them. Off by default.
    pub space_before_path: bool,
    /// `EHLO MY_HOST`: an underscore in the client's own name, as from Windows machines. On by default, because the
    /// name decides nothing (RFC 5321 4.1.4).
    pub underscore_in_client_name: bool,
}

impl Default for Tolerances {
    fn default() -> Self {
        Self { space_before_path: false, underscore_in_client_name: true }
    }
}

impl Command {
    /// Reads one line without its CR LF.
    ///
    /// Trailing white space is ignored (RFC 5321 4.1.1). Verbs and keywords are read in any case.
    ///
    /// # Errors
    /// What was expected at which column; see [`CommandError::reply`].
    pub fn parse(line: &[u8], tolerances: Tolerances) -> Result<Self, CommandError> {
        let mut cursor = Cursor::new(printable(line)?.trim_end_matches([' ', '\t']));
        let verb = cursor.take_while(|octet| !matches!(octet, b' ' | b'\t'));
        match verb.to_ascii_uppercase().as_str() {
            "MAIL" => mail(&mut cursor, tolerances),
            "RCPT" => recipient(&mut cursor, tolerances),
            "EHLO" => client_name(&mut cursor, tolerances).map(Self::Ehlo),
            "HELO" => client_name(&mut cursor, tolerances).map(Self::Helo),
            "LHLO" => client_name(&mut cursor, tolerances).map(Self::Lhlo),
            "DATA" => alone(&cursor, Self::Data),
            "BDAT" => chunk(&mut cursor),
            "STARTTLS" => alone(&cursor, Self::StartTls),
            "AUTH" => authenticate(&mut cursor),
            "XCLIENT" => client::attributes(&mut cursor).map(Self::Client),
            "RSET" => alone(&cursor, Self::Reset),
            "QUIT" => alone(&cursor, Self::Quit),
            "NOOP" => Ok(Self::NoOperation),
            "HELP" => Ok(Self::Help),
            "VRFY" => text(&mut cursor).map(Self::Verify),
            "EXPN" => text(&mut cursor).map(Self::Expand),
            // Verbs of RFC 5321, 1985 and of old that this server knows but does not offer.
            "ETRN" | "TURN" | "SEND" | "SOML" | "SAML" => {
                Err(CommandError::NotImplemented { verb: verb.to_ascii_uppercase() })
            }
            _ => Err(CommandError::UnknownVerb { verb: verb.chars().take(VERB_SHOWN).collect() }),
        }
    }
}

/// Characters of an unknown verb that are repeated to the client.
const VERB_SHOWN: usize = 32;

/// The line as text without control characters.
fn printable(line: &[u8]) -> Result<&str, CommandError> {
    if let Some(at) = line.iter().position(|&octet| (octet < b' ' && octet != b'\t') || octet == 0x7F) {
        return Err(CommandError::ControlCharacter { octet: line[at], column: at + 1 });
    }
    std::str::from_utf8(line).map_err(|error| CommandError::NotText { column: error.valid_up_to() + 1 })
}

fn mail(cursor: &mut Cursor<'_>, tolerances: Tolerances) -> Result<Command, CommandError> {
    introduce(cursor, "FROM:", "`FROM:`", tolerances)?;
    let reverse_path = path::reverse_path(cursor)?;
    let parameters = parameters::mail(cursor)?;
    Ok(Command::Mail { reverse_path, parameters })
}

fn recipient(cursor: &mut Cursor<'_>, tolerances: Tolerances) -> Result<Command, CommandError> {
    introduce(cursor, "TO:", "`TO:`", tolerances)?;
    let forward_path = path::forward_path(cursor)?;
    let parameters = parameters::recipient(cursor)?;
    Ok(Command::Recipient { forward_path, parameters })
}

/// A mechanism, and perhaps what it begins with (RFC 4954 4).
fn authenticate(cursor: &mut Cursor<'_>) -> Result<Command, CommandError> {
    cursor.expect_space(Part::Argument)?;
    let mechanism = cursor.take_while(|octet| octet != b' ').to_owned();
    if mechanism.is_empty() {
        return Err(cursor.expected(Part::Argument, "a mechanism"));
    }
    let initial = if cursor.is_at_end() {
        None
    } else {
        cursor.expect_space(Part::Argument)?;
        Some(cursor.take_while(|octet| octet != b' ').to_owned())
    };
    cursor.expect_end(Part::Argument, "the end of the line")?;
    Ok(Command::Authenticate { mechanism, initial })
}

/// The size of a chunk, and whether it is the last (RFC 3030 2).
fn chunk(cursor: &mut Cursor<'_>) -> Result<Command, CommandError> {
    cursor.expect_space(Part::Argument)?;
    let digits = cursor.take_while(|octet| octet.is_ascii_digit());
    let octets = digits.parse().map_err(|_| cursor.expected(Part::Argument, "a number of octets"))?;
    let last = !cursor.is_at_end();
    if last {
        cursor.expect_space(Part::Argument)?;
        if !cursor.accept_word("LAST") {
            return Err(cursor.expected(Part::Argument, "`LAST`"));
        }
    }
    cursor.expect_end(Part::Argument, "the end of the line")?;
    Ok(Command::Chunk { octets, last })
}

/// ` FROM:` or ` TO:` between the verb and the path.
fn introduce(
    cursor: &mut Cursor<'_>,
    word: &str,
    expected: &'static str,
    tolerances: Tolerances,
) -> Result<(), CommandError> {
    cursor.expect_space(Part::Argument)?;
    if !cursor.accept_word(word) {
        return Err(cursor.expected(Part::Argument, expected));
    }
    // RFC 5321 3.3: no space on either side of the colon.
    if tolerances.space_before_path {
        cursor.take_while(|octet| octet == b' ');
    }
    Ok(())
}

fn client_name(cursor: &mut Cursor<'_>, tolerances: Tolerances) -> Result<ClientName, CommandError> {
    cursor.expect_space(Part::Argument)?;
    let name = path::client_name(cursor, tolerances.underscore_in_client_name)?;
    cursor.expect_end(Part::Argument, "the end of the line after the host name")?;
    Ok(name)
}

/// A command that takes no argument (RFC 5321 4.3.2: 501 if there is one).
fn alone(cursor: &Cursor<'_>, command: Command) -> Result<Command, CommandError> {
    cursor.expect_end(Part::Argument, "no argument")?;
    Ok(command)
}

fn text(cursor: &mut Cursor<'_>) -> Result<String, CommandError> {
    cursor.expect_space(Part::Argument)?;
    let text = cursor.take_while(|_| true);
    if text.is_empty() {
        return Err(cursor.expected(Part::Argument, "a name"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
