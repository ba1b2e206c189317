//! Replies: the three digits, the enhanced code, the text, and how they look on the wire (RFC 5321 4.2, RFC 2034).

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

use bytes::{BufMut as _, BytesMut};

pub use crate::status::{EnhancedCode, StatusClass, StatusDetail};

/// Longest reply line in octets, with code and CR LF (RFC 5321 4.5.3.1.5).
pub const REPLY_LINE_LIMIT: usize = 512;

/// The three digits of a reply, 200 to 599.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyCode(u16);

/// The codes of RFC 5321 4.2.3, each named after its meaning and number.
#[allow(missing_docs, reason = "the name is the meaning, the number is in the name")]
impl ReplyCode {
    pub const HELP_214: Self = Self(214);
    pub const SERVICE_READY_220: Self = Self(220);
    pub const CLOSING_221: Self = Self(221);
    pub const AUTHENTICATED_235: Self = Self(235);
    pub const COMPLETED_250: Self = Self(250);
    pub const CANNOT_VERIFY_252: Self = Self(252);
    pub const CHALLENGE_334: Self = Self(334);
    pub const START_MAIL_INPUT_354: Self = Self(354);
    pub const SERVICE_NOT_AVAILABLE_421: Self = Self(421);
    pub const MAILBOX_BUSY_450: Self = Self(450);
    pub const LOCAL_ERROR_451: Self = Self(451);
    pub const INSUFFICIENT_STORAGE_452: Self = Self(452);
    pub const PARAMETERS_NOT_ACCOMMODATED_455: Self = Self(455);
    pub const UNRECOGNISED_500: Self = Self(500);
    pub const SYNTAX_ERROR_501: Self = Self(501);
    pub const NOT_IMPLEMENTED_502: Self = Self(502);
    pub const BAD_SEQUENCE_503: Self = Self(503);
    pub const PARAMETER_NOT_IMPLEMENTED_504: Self = Self(504);
    pub const AUTHENTICATION_REQUIRED_530: Self = Self(530);
    pub const CREDENTIALS_INVALID_535: Self = Self(535);
    pub const ENCRYPTION_REQUIRED_538: Self = Self(538);
    pub const MAILBOX_UNAVAILABLE_550: Self = Self(550);
    pub const USER_NOT_LOCAL_551: Self = Self(551);
    pub const EXCEEDED_STORAGE_552: Self = Self(552);
    pub const MAILBOX_NAME_NOT_ALLOWED_553: Self = Self(553);
    pub const TRANSACTION_FAILED_554: Self = Self(554);
    pub const PARAMETERS_NOT_RECOGNISED_555: Self = Self(555);
}

impl ReplyCode {
    /// Any code; `None` unless it is three digits and starts with 2 to 5 (RFC 5321 4.3.2).
    pub fn new(number: u16) -> Option<Self> {
        (200..=599).contains(&number).then_some(Self(number))
    }

    /// 200 to 599.
    pub fn number(self) -> u16 {
        self.0
    }

    /// Whether it is 2yz: done.
    pub fn is_completion(self) -> bool {
        self.0 < 300
    }

    /// Whether it is 4yz: not done, try later.
    pub fn is_transient(self) -> bool {
        (400..500).contains(&self.0)
    }

    /// Whether it is 5yz: not done, do not try again in this form.
    pub fn is_permanent(self) -> bool {
        self.0 >= 500
    }

    /// The class an enhanced code beside this code has (RFC 2034 4); `None` for 3yz, which has none.
    pub fn class(self) -> Option<StatusClass> {
        match self.0 / 100 {
            2 => Some(StatusClass::Success),
            4 => Some(StatusClass::PersistentTransientFailure),
            5 => Some(StatusClass::PermanentFailure),
            _ => None,
        }
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One reply of one or more lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    code: ReplyCode,
    enhanced: Option<EnhancedCode>,
    lines: Vec<Cow<'static, str>>,
}

impl Reply {
    /// A reply with an enhanced code, whose class is that of `code`.
    ///
    /// For a 3yz `code` there is no enhanced code and `detail` is dropped (RFC 2034 4).
    pub fn new(code: ReplyCode, detail: StatusDetail, text: impl Into<Cow<'static, str>>) -> Self {
        let enhanced = code.class().map(|class| EnhancedCode { class, detail });
        Self { code, enhanced, lines: vec![text.into()] }
    }

    /// A reply without an enhanced code: greeting, answer to EHLO and HELO, 354 (RFC 2034 4).
    pub fn plain(code: ReplyCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self { code, enhanced: None, lines: vec![text.into()] }
    }

    /// The same with one more line of text.
    #[must_use]
    pub fn with_line(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.lines.push(text.into());
        self
    }

    /// The three digits.
    pub fn code(&self) -> ReplyCode {
        self.code
    }

    /// The enhanced code, if any; its class agrees with [`Reply::code`].
    pub fn enhanced(&self) -> Option<EnhancedCode> {
        self.enhanced
    }

    /// The text, line by line, without codes and CR LF.
    pub fn lines(&self) -> &[Cow<'static, str>] {
        &self.lines
    }

    /// The text in one line.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// Appends the wire form, with or without the enhanced code.
    ///
    /// Whatever is in the text, the result is a well-formed reply: octets outside printable US-ASCII become `?`, and
    /// text too long for [`REPLY_LINE_LIMIT`] goes on in a further line.
    pub fn write_to(&self, out: &mut BytesMut, with_enhanced: bool) {
        let enhanced = self.enhanced.filter(|_| with_enhanced);
        // `250-` or `250 `, `5.123.123 ` at most, CR LF.
        const OVERHEAD: usize = 4 + 10 + 2;
        let room = REPLY_LINE_LIMIT - OVERHEAD;
        let mut pieces = self.lines.iter().flat_map(|line| pieces(line.as_bytes(), room)).peekable();
        while let Some(piece) = pieces.next() {
            let separator = if pieces.peek().is_some() { '-' } else { ' ' };
            let mut writer = out.writer();
            // Writing to a growing buffer does not fail.
            let _ = write!(writer, "{}{separator}", self.code.0);
            if let Some(enhanced) = enhanced {
                let _ = write!(writer, "{enhanced} ");
            }
            out.extend(piece.iter().map(|&octet| if matches!(octet, b' '..=b'~') { octet } else { b'?' }));
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// Cuts a text into pieces of at most `room` octets, after a space where there is one; an empty text is one piece.
fn pieces(text: &[u8], room: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        if text.len() <= room {
            rest = None;
            return Some(text);
        }
        let cut = memchr::memrchr(b' ', &text[..room]).map_or(room, |space| space + 1);
        let (piece, more) = text.split_at(cut);
        rest = Some(more);
        Some(piece)
    })
}

impl fmt::Display for Reply {
    /// In one line, as in logs and in `Diagnostic-Code: smtp; …` (RFC 3464 2.3.6).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        write!(f, " {}", self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(reply: &Reply) -> String {
        let mut out = BytesMut::new();
        reply.write_to(&mut out, true);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn one_line() {
        let reply =
            Reply::new(ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::BAD_MAILBOX_X_1_1, "no such user");
        assert_eq!(wire(&reply), "550 5.1.1 no such user\r\n");
        assert_eq!(reply.to_string(), "550 5.1.1 no such user");
    }

    #[test]
    fn the_enhanced_code_has_the_class_of_the_reply() {
        let reply =
            Reply::new(ReplyCode::INSUFFICIENT_STORAGE_452, StatusDetail::TOO_MANY_RECIPIENTS_X_5_3, "x");
        assert_eq!(wire(&reply), "452 4.5.3 x\r\n");
        let reply = Reply::new(ReplyCode::START_MAIL_INPUT_354, StatusDetail::OTHER_X_0_0, "go on");
        assert_eq!(wire(&reply), "354 go on\r\n");
    }

    #[test]
    fn several_lines() {
        let reply = Reply::plain(ReplyCode::COMPLETED_250, "gw.example").with_line("DSN").with_line("SIZE 1");
        assert_eq!(wire(&reply), "250-gw.example\r\n250-DSN\r\n250 SIZE 1\r\n");
    }

    #[test]
    fn text_cannot_break_the_reply() {
        let reply = Reply::plain(ReplyCode::COMPLETED_250, "a\r\n550 b\u{e9}");
        assert_eq!(wire(&reply), "250 a??550 b??\r\n");
        let reply = Reply::plain(ReplyCode::COMPLETED_250, "");
        assert_eq!(wire(&reply), "250 \r\n");
    }

    #[test]
    fn long_text_is_folded_within_the_limit() {
        for text in ["word ".repeat(400), "w".repeat(2000)] {
            let wire = wire(&Reply::new(ReplyCode::COMPLETED_250, StatusDetail::OTHER_X_0_0, text.clone()));
            let lines: Vec<&str> = wire.split_inclusive("\r\n").collect();
            assert!(lines.len() > 3 && lines.iter().all(|line| line.len() <= REPLY_LINE_LIMIT));
            let (last, others) = lines.split_last().unwrap();
            assert!(
                last.starts_with("250 2.0.0 ") && others.iter().all(|line| line.starts_with("250-2.0.0 "))
            );
            let joined: String = lines.iter().map(|line| line[10..].trim_end_matches("\r\n")).collect();
            assert_eq!(joined, text);
        }
    }
}
