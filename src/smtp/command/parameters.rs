//! Parameters of MAIL and RCPT (RFC 5321 4.1.2 and the extensions).
//!
//! All that are known here are typed, whether or not the server offers them; all others are kept as written.

use std::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::cursor::Cursor;
use super::error::{CommandError, Part};
use super::path::is_atom_text;

/// Longest `ENVID` value in octets as written (RFC 3461 4.4, ledger Y-22).
const ENVELOPE_ID_LIMIT: usize = 100;
/// Longest `ORCPT` parameter in octets as written, with keyword and `=` (RFC 3461 4.2, ledger Y-22).
const ORIGINAL_RECIPIENT_LIMIT: usize = 500;

/// What may follow the path of MAIL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailParameters {
    /// `SIZE`: octets the client means to send (RFC 1870). An estimate, never a reason to allocate.
    pub size: Option<u64>,
    /// `BODY` (RFC 6152, RFC 3030).
    pub body: Option<Body>,
    /// `RET` (RFC 3461 4.3).
    pub ret: Option<Return>,
    /// `ENVID` (RFC 3461 4.4).
    pub envelope_id: Option<EnvelopeId>,
    /// `BY` (RFC 2852).
    pub by: Option<DeliverBy>,
    /// `HOLDFOR` or `HOLDUNTIL` (RFC 4865).
    pub hold: Option<Hold>,
    /// `MT-PRIORITY`: -9 to 9 (RFC 6710).
    pub mt_priority: Option<i8>,
    /// `AUTH` (RFC 4954 5).
    pub auth: Option<Sender>,
    /// `SMTPUTF8` (RFC 6531).
    pub smtp_utf8: bool,
    /// `REQUIRETLS` (RFC 8689).
    pub requiretls: bool,
    /// `CONPERM` (RFC 4141).
    pub conperm: bool,
    /// Every parameter not known here, in order.
    pub others: Vec<OtherParameter>,
}

/// What may follow the path of RCPT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecipientParameters {
    /// `NOTIFY` (RFC 3461 4.1); without it the sender wants to hear of failure (ledger D-10).
    pub notify: Option<Notify>,
    /// `ORCPT` (RFC 3461 4.2).
    pub original_recipient: Option<OriginalRecipient>,
    /// Every parameter not known here, in order.
    pub others: Vec<OtherParameter>,
}

/// A parameter as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherParameter {
    /// In upper case.
    pub keyword: String,
    /// What followed the `=`, if there was one.
    pub value: Option<String>,
}

/// What the octets of the content are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// US-ASCII in lines.
    SevenBit,
    /// Any octets in lines.
    EightBitMime,
    /// Any octets.
    BinaryMime,
}

/// How much of the message a report of failure should return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// All of it.
    Full,
    /// The header section.
    Headers,
}

/// An envelope identifier, to be returned in reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeId {
    /// Decoded: what `Original-Envelope-Id` carries. Printable US-ASCII.
    pub text: String,
    /// As written, in xtext.
    pub xtext: String,
}

/// A time by which to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliverBy {
    /// Seconds from the receipt of the command; more than 0 if `mode` is `Return`.
    pub seconds: i32,
    /// What to do when the time is over.
    pub mode: DeliverByMode,
    /// Whether each relay should report that it relayed.
    pub trace: bool,
}

/// What to do when the time to deliver is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliverByMode {
    /// `N`: say so and go on.
    Notify,
    /// `R`: give up.
    Return,
}

/// A time before which not to release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Seconds from the receipt of the command, 1 to 999,999,999.
    For(u32),
    /// A moment.
    Until(OffsetDateTime),
}

/// Who submitted the message first, as far as authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// `<>`: not known.
    Unknown,
    /// Decoded from xtext.
    Mailbox(String),
}

/// When the sender wants to hear about a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notify {
    /// Under no circumstances.
    Never,
    /// In these cases, at least one.
    On {
        /// When it was delivered.
        success: bool,
        /// When it was not.
        failure: bool,
        /// When it takes longer than usual.
        delay: bool,
    },
}

/// The recipient the sender wrote, before any forwarding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalRecipient {
    /// `rfc822`, `x400`, `utf-8`, …, as written.
    pub address_type: String,
    /// Decoded from xtext: printable US-ASCII, or UTF-8 for the type `utf-8`.
    pub address: String,
}

/// Reads the parameters of MAIL up to the end of the line.
pub(super) fn mail(cursor: &mut Cursor<'_>) -> Result<MailParameters, CommandError> {
    let mut parameters = MailParameters::default();
    while let Some(raw) = Raw::next(cursor)? {
        match raw.keyword.to_ascii_uppercase().as_str() {
            "SIZE" => raw.set("SIZE", &mut parameters.size, size)?,
            "BODY" => raw.set("BODY", &mut parameters.body, body)?,
            "RET" => raw.set("RET", &mut parameters.ret, ret)?,
            "ENVID" => raw.set("ENVID", &mut parameters.envelope_id, envelope_id)?,
            "BY" => raw.set("BY", &mut parameters.by, deliver_by)?,
            // RFC 4865: one of the two, once (ledger D-25).
            "HOLDFOR" => raw.set("HOLDFOR", &mut parameters.hold, hold_for)?,
            "HOLDUNTIL" => raw.set("HOLDUNTIL", &mut parameters.hold, hold_until)?,
            "MT-PRIORITY" => raw.set("MT-PRIORITY", &mut parameters.mt_priority, mt_priority)?,
            "AUTH" => raw.set("AUTH", &mut parameters.auth, sender)?,
            "SMTPUTF8" => raw.set_flag("SMTPUTF8", &mut parameters.smtp_utf8)?,
            "REQUIRETLS" => raw.set_flag("REQUIRETLS", &mut parameters.requiretls)?,
            "CONPERM" => raw.set_flag("CONPERM", &mut parameters.conperm)?,
            _ => parameters.others.push(raw.keep()),
        }
    }
    Ok(parameters)
}

/// Reads the parameters of RCPT up to the end of the line.
pub(super) fn recipient(cursor: &mut Cursor<'_>) -> Result<RecipientParameters, CommandError> {
    let mut parameters = RecipientParameters::default();
    while let Some(raw) = Raw::next(cursor)? {
        match raw.keyword.to_ascii_uppercase().as_str() {
            "NOTIFY" => raw.set("NOTIFY", &mut parameters.notify, notify)?,
            "ORCPT" => raw.set("ORCPT", &mut parameters.original_recipient, original_recipient)?,
            _ => parameters.others.push(raw.keep()),
        }
    }
    Ok(parameters)
}

/// A parameter whose value has not been read.
struct Raw<'a> {
    keyword: &'a str,
    value: Option<&'a str>,
    column: usize,
    value_column: usize,
}

/// A value, or what it should have been.
type Value<T> = Result<T, &'static str>;

impl<'a> Raw<'a> {
    /// ` keyword` or ` keyword=value`; `None` at the end of the line.
    fn next(cursor: &mut Cursor<'a>) -> Result<Option<Self>, CommandError> {
        if cursor.is_at_end() {
            return Ok(None);
        }
        cursor.expect_space(Part::Parameter)?;
        let column = cursor.column();
        if !cursor.peek().is_some_and(|octet| octet.is_ascii_alphanumeric()) {
            return Err(cursor.expected(Part::Parameter, "a parameter"));
        }
        let keyword = cursor.take_while(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
        let mut value = None;
        let mut value_column = cursor.column();
        if cursor.accept(b'=') {
            value_column = cursor.column();
            let text = cursor.take_while(|octet| !matches!(octet, b'=' | b' ' | b'\t'));
            if text.is_empty() {
                return Err(cursor.expected(Part::Parameter, "a value after `=`"));
            }
            value = Some(text);
        }
        Ok(Some(Self { keyword, value, column, value_column }))
    }

    fn set<T>(
        &self,
        keyword: &'static str,
        slot: &mut Option<T>,
        read: impl Fn(&str) -> Value<T>,
    ) -> Result<(), CommandError> {
        if slot.is_some() {
            return Err(CommandError::ParameterTwice { keyword, column: self.column });
        }
        let value = self.value.ok_or("something after `=`").and_then(read);
        *slot = Some(value.map_err(|expected| self.wrong(keyword, expected))?);
        Ok(())
    }

    fn set_flag(&self, keyword: &'static str, slot: &mut bool) -> Result<(), CommandError> {
        if *slot {
            return Err(CommandError::ParameterTwice { keyword, column: self.column });
        }
        if self.value.is_some() {
            return Err(self.wrong(keyword, "nothing"));
        }
        *slot = true;
        Ok(())
    }

    fn wrong(&self, keyword: &'static str, expected: &'static str) -> CommandError {
        CommandError::ParameterValue { keyword, expected, column: self.value_column }
    }

    fn keep(&self) -> OtherParameter {
        OtherParameter { keyword: self.keyword.to_ascii_uppercase(), value: self.value.map(str::to_owned) }
    }
}

/// RFC 1870 3: 1 to 20 digits; what exceeds 64 bits exceeds every limit alike.
fn size(text: &str) -> Value<u64> {
    if text.len() > 20 || !is_digits(text) {
        return Err("1 to 20 digits");
    }
    Ok(text.parse().unwrap_or(u64::MAX))
}

fn body(text: &str) -> Value<Body> {
    choose(
        text,
        &[("7BIT", Body::SevenBit), ("8BITMIME", Body::EightBitMime), ("BINARYMIME", Body::BinaryMime)],
    )
    .ok_or("`7BIT`, `8BITMIME` or `BINARYMIME`")
}

fn ret(text: &str) -> Value<Return> {
    choose(text, &[("FULL", Return::Full), ("HDRS", Return::Headers)]).ok_or("`FULL` or `HDRS`")
}

fn envelope_id(text: &str) -> Value<EnvelopeId> {
    if text.len() > ENVELOPE_ID_LIMIT {
        return Err("at most 100 octets");
    }
    // RFC 3461 4.4: printable US-ASCII once decoded.
    let decoded = from_xtext(text)?;
    if !is_printable_ascii(&decoded) {
        return Err("printable US-ASCII in xtext");
    }
    Ok(EnvelopeId { text: decoded, xtext: text.to_owned() })
}

/// RFC 2852 4: `[+-]1*9DIGIT ; N|R [T]` (ledger D-20).
fn deliver_by(text: &str) -> Value<DeliverBy> {
    const EXPECTED: &str = "seconds, `;`, `N` or `R`, and perhaps `T`";
    let (number, mode) = text.split_once(';').ok_or(EXPECTED)?;
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    if digits.len() > 9 || !is_digits(digits) {
        return Err("1 to 9 digits before `;`");
    }
    let seconds = number.parse().map_err(|_| EXPECTED)?;
    let choices = [
        ("N", (DeliverByMode::Notify, false)),
        ("NT", (DeliverByMode::Notify, true)),
        ("R", (DeliverByMode::Return, false)),
        ("RT", (DeliverByMode::Return, true)),
    ];
    let (mode, trace) = choose(mode, &choices).ok_or(EXPECTED)?;
    if mode == DeliverByMode::Return && seconds <= 0 {
        return Err("more than 0 seconds with `R`");
    }
    Ok(DeliverBy { seconds, mode, trace })
}

/// RFC 4865: 1 to 9 digits, the first not 0.
fn hold_for(text: &str) -> Value<Hold> {
    if text.len() > 9 || !is_digits(text) || text.starts_with('0') {
        return Err("1 to 999999999 seconds");
    }
    text.parse().map(Hold::For).map_err(|_| "1 to 999999999 seconds")
}

fn hold_until(text: &str) -> Value<Hold> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(Hold::Until)
        .map_err(|_| "a moment such as `2031-04-01T06:00:00Z`")
}

/// RFC 6710 7: `0`, or a digit from 1 with perhaps a minus.
fn mt_priority(text: &str) -> Value<i8> {
    let digit = text.strip_prefix('-').unwrap_or(text);
    let well_formed = matches!(digit.as_bytes(), [b'1'..=b'9']) || text == "0";
    well_formed.then(|| text.parse().ok()).flatten().ok_or("a number from -9 to 9")
}

fn sender(text: &str) -> Value<Sender> {
    match text {
        "<>" => Ok(Sender::Unknown),
        _ => from_xtext(text).map(Sender::Mailbox),
    }
}

/// RFC 3461 4.1 (ledger P-25).
fn notify(text: &str) -> Value<Notify> {
    const EXPECTED: &str = "`NEVER`, or some of `SUCCESS`, `FAILURE`, `DELAY`";
    if text.eq_ignore_ascii_case("NEVER") {
        return Ok(Notify::Never);
    }
    let (mut success, mut failure, mut delay) = (false, false, false);
    for element in text.split(',') {
        match element.to_ascii_uppercase().as_str() {
            "SUCCESS" => success = true,
            "FAILURE" => failure = true,
            "DELAY" => delay = true,
            _ => return Err(EXPECTED),
        }
    }
    Ok(Notify::On { success, failure, delay })
}

impl fmt::Display for Notify {
    /// As the value of `NOTIFY`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::On { success, failure, delay } = *self else {
            return f.write_str("NEVER");
        };
        let cases = [(success, "SUCCESS"), (failure, "FAILURE"), (delay, "DELAY")];
        let words: Vec<&str> =
            cases.into_iter().filter_map(|(wanted, word)| wanted.then_some(word)).collect();
        f.write_str(&words.join(","))
    }
}

/// RFC 3461 4.2: `type;xtext`; the address need not follow the syntax of its type.
fn original_recipient(text: &str) -> Value<OriginalRecipient> {
    if "ORCPT=".len() + text.len() > ORIGINAL_RECIPIENT_LIMIT {
        return Err("at most 500 octets with the keyword");
    }
    let (address_type, address) =
        text.split_once(';').ok_or("an address type such as `rfc822`, `;`, and xtext")?;
    if address_type.is_empty() || !address_type.bytes().all(|octet| octet.is_ascii() && is_atom_text(octet)) {
        return Err("an address type such as `rfc822`");
    }
    let address = from_xtext(address)?;
    // RFC 3461 4.2: printable US-ASCII once decoded; RFC 6533 3 relaxes that for its own type.
    if !is_printable_ascii(&address) && !address_type.eq_ignore_ascii_case("utf-8") {
        return Err("printable US-ASCII in xtext");
    }
    Ok(OriginalRecipient { address_type: address_type.to_owned(), address })
}

/// Decodes xtext (RFC 3461 4): `+` and two upper-case hexadecimal digits stand for an octet.
pub(super) fn from_xtext(text: &str) -> Value<String> {
    const EXPECTED: &str = "xtext: two of `0` to `9`, `A` to `F` after each `+`";
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&octet, tail)) = rest.split_first() {
        rest = tail;
        if octet != b'+' {
            octets.push(octet);
            continue;
        }
        let [high, low, tail @ ..] = tail else { return Err(EXPECTED) };
        rest = tail;
        octets.push(
            hexadecimal(*high).zip(hexadecimal(*low)).map(|(high, low)| high << 4 | low).ok_or(EXPECTED)?,
        );
    }
    String::from_utf8(octets).map_err(|_| "UTF-8 in xtext")
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Encodes as xtext (RFC 3461 4).
pub fn to_xtext(text: &str) -> String {
    use fmt::Write as _;
    let mut xtext = String::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b'+' | b'=' | 0..=b' ' | 0x7F.. => {
                // Writing to a string does not fail.
                let _ = write!(xtext, "+{octet:02X}");
            }
            _ => xtext.push(char::from(octet)),
        }
    }
    xtext
}

fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|octet| matches!(octet, b' '..=b'~' | b'\t'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

fn choose<T: Copy>(text: &str, choices: &[(&str, T)]) -> Option<T> {
    choices.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|&(_, value)| value)
}
