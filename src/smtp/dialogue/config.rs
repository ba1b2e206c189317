//! What a server offers and bears: extensions, limits, timeouts.

use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::smtp::command::{
    Body, DeliverByMode, Domain, Hold, MailParameters, RecipientParameters, Tolerances,
};
use crate::smtp::data::ContentLimits;
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};

/// Longest command line in octets with CR LF, whatever is offered.
pub const COMMAND_LINE_LIMIT: usize = 4096;
/// Longest command line in octets with CR LF before any extension (RFC 5321 4.5.3.1.4).
const BASIC_LINE_LIMIT: usize = 512;

/// How a server behaves; the same for all its sessions.
#[derive(Clone, Debug)]
pub struct Config {
    /// The server's own name, in the greeting and for `RCPT TO:<Postmaster>`.
    pub host_name: Domain,
    /// LMTP is spoken (RFC 2033): the client says LHLO, and hears of a message what became of it for each recipient.
    pub lmtp: bool,
    /// What EHLO offers, and so what MAIL and RCPT may carry.
    pub extensions: Extensions,
    /// Departures from the grammar that are let pass.
    pub tolerances: Tolerances,
    /// What a client may not exceed.
    pub limits: Limits,
    /// How long a client may be silent.
    pub timeouts: Timeouts,
    /// No mail is taken without TLS.
    pub tls_required: bool,
    /// AUTH is offered.
    pub authentication: Option<Authentication>,
}

/// How clients may prove who they are (RFC 4954).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// No mail is taken of those who have not.
    pub required: bool,
    /// Without TLS as well.
    pub in_the_clear: bool,
    /// By the certificate they have shown.
    pub external: bool,
}

impl Config {
    /// The defaults under a name.
    pub fn new(host_name: Domain) -> Self {
        Self {
            host_name,
            lmtp: false,
            extensions: Extensions::default(),
            tolerances: Tolerances::default(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            tls_required: false,
            authentication: None,
        }
    }
}

/// What a client may not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size and line length of a message; the size is what `SIZE` offers.
    pub content: ContentLimits,
    /// Recipients of one message; further ones get 452 4.5.3 (RFC 5321 4.5.3.1.10).
    pub recipients: usize,
    /// Domains of recipients in one session, as far as they are counted; recipients of further ones get 452 4.5.3.
    pub recipient_domains: Option<usize>,
    /// Transactions of one session, begun by MAIL with or without success; then 421.
    pub messages: u32,
    /// Lines that are no command or come out of order in one session, then 421.
    pub errors: u32,
    /// How those who make mistakes are slowed down.
    pub tarpit: Tarpit,
    /// Octets of pipelined input kept while a verdict is outstanding, or a reply is late.
    pub input: usize,
}

/// How late replies are that tell of mistakes: lines that are no command or come out of order, names and passwords that are
/// wrong, and recipients that are refused for good. A message that is accepted makes good for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tarpit {
    /// So many of a session are answered at once.
    pub after: u32,
    /// By how much longer the reply to each further one takes; zero for not at all.
    pub step: Duration,
    /// The longest that one takes.
    pub longest: Duration,
}

impl Tarpit {
    /// How late the reply to so many mistakes is.
    pub(super) fn delay(&self, mistakes: u32) -> Option<Duration> {
        let delay = self.step.saturating_mul(mistakes.saturating_sub(self.after)).min(self.longest);
        (!delay.is_zero()).then_some(delay)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            content: ContentLimits { size: 50 * 1024 * 1024, line: 100_000 },
            recipients: 10_000,
            recipient_domains: None,
            messages: 1_000,
            errors: 20,
            tarpit: Tarpit::default(),
            input: 256 * 1024,
        }
    }
}

/// How long a client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the next command to begin, and as long for the rest of it (RFC 5321 4.5.3.2.7).
    pub command: Duration,
    /// For the next octets of a content.
    pub content_block: Duration,
    /// For a whole content, so that a trickle does not hold a session for ever.
    pub content: Duration,
    /// For a whole content, how slowly it may come.
    pub content_rate: ContentRate,
}

/// The slowest that a content may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContentRate {
    /// Octets in a second, on the average since it began; 0 for any.
    pub octets: u32,
    /// So long it does not matter.
    pub grace: Duration,
}

impl ContentRate {
    /// How long a content may have taken of which so many octets have come.
    pub(super) fn time_for(&self, octets: u64) -> Option<Duration> {
        let seconds = octets.checked_div(self.octets.into())?;
        Some(self.grace.saturating_add(Duration::from_secs(seconds)))
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            command: Duration::from_secs(5 * 60),
            content_block: Duration::from_secs(5 * 60),
            content: Duration::from_secs(2 * 60 * 60),
            content_rate: ContentRate::default(),
        }
    }
}

/// The service extensions a server offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extensions {
    /// `SIZE` with the size limit (RFC 1870).
    pub size: bool,
    /// `8BITMIME` (RFC 6152).
    pub eight_bit_mime: bool,
    /// `STARTTLS` (RFC 3207), where TLS is not spoken already.
    pub start_tls: bool,
    /// `CHUNKING`, that is BDAT (RFC 3030).
    pub chunking: bool,
    /// `BINARYMIME` (RFC 3030); needs `CHUNKING`.
    pub binary_mime: bool,
    /// `DSN` (RFC 3461).
    pub dsn: bool,
    /// `PIPELINING` (RFC 2920). Pipelined commands are understood in any case.
    pub pipelining: bool,
    /// `ENHANCEDSTATUSCODES` (RFC 2034); without it replies carry none.
    pub enhanced_status_codes: bool,
    /// `LIMITS` with what [`Limits`] says of messages and recipients (RFC 9422).
    pub limits: bool,
    /// `SMTPUTF8` (RFC 6531); needs `8BITMIME`.
    pub smtp_utf8: bool,
    /// `DELIVERBY` with the least seconds that `R` may ask for, 0 for any (RFC 2852).
    pub deliver_by: Option<u32>,
    /// `FUTURERELEASE` (RFC 4865); for submission only.
    pub future_release: Option<FutureRelease>,
    /// `MT-PRIORITY` (RFC 6710).
    pub mt_priority: Option<PriorityProfile>,
    /// `CONPERM` (RFC 4141).
    pub conperm: bool,
}

impl Default for Extensions {
    /// `SIZE`, `8BITMIME`, `CHUNKING`, `BINARYMIME`, `DSN`, `PIPELINING`, `ENHANCEDSTATUSCODES`, `LIMITS`.
    fn default() -> Self {
        Self {
            size: true,
            eight_bit_mime: true,
            start_tls: false,
            chunking: true,
            binary_mime: true,
            dsn: true,
            pipelining: true,
            enhanced_status_codes: true,
            limits: true,
            smtp_utf8: false,
            deliver_by: None,
            future_release: None,
            mt_priority: None,
            conperm: false,
        }
    }
}

/// How far into the future a message may be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FutureRelease {
    /// Seconds, 1 to 999,999,999.
    pub max_interval: u32,
    /// The last moment.
    pub max_date_time: OffsetDateTime,
}

/// The meaning of priorities (RFC 6710 9.2, 10.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PriorityProfile {
    /// Not said.
    Unnamed,
    /// `MIXER`: three levels, as in X.400.
    Mixer,
    /// `STANAG4406`: six levels.
    Stanag4406,
    /// `NSEP`: five levels.
    Nsep,
}

impl Extensions {
    /// The lines after the first in the answer to EHLO.
    pub(super) fn keywords(&self, limits: &Limits, secure: bool) -> Vec<String> {
        let mut lines = Vec::new();
        let mut offer = |offered: bool, line: &str| lines.extend(offered.then(|| line.to_owned()));
        offer(self.pipelining, "PIPELINING");
        offer(self.size, &format!("SIZE {}", limits.content.size));
        offer(self.eight_bit_mime, "8BITMIME");
        offer(self.start_tls && !secure, "STARTTLS");
        offer(self.chunking, "CHUNKING");
        offer(self.chunking && self.binary_mime, "BINARYMIME");
        offer(self.dsn, "DSN");
        offer(self.enhanced_status_codes, "ENHANCEDSTATUSCODES");
        if self.limits {
            let domains = limits.recipient_domains.map(|domains| format!(" RCPTDOMAINMAX={domains}"));
            let (messages, recipients) = (limits.messages, limits.recipients);
            let domains = domains.unwrap_or_default();
            offer(true, &format!("LIMITS MAILMAX={messages} RCPTMAX={recipients}{domains}"));
        }
        offer(self.smtp_utf8 && self.eight_bit_mime, "SMTPUTF8");
        match self.deliver_by {
            None => {}
            Some(0) => offer(true, "DELIVERBY"),
            Some(minimum) => offer(true, &format!("DELIVERBY {minimum}")),
        }
        if let Some(FutureRelease { max_interval, max_date_time }) = self.future_release
            && let Ok(max_date_time) = max_date_time.format(&Rfc3339)
        {
            offer(true, &format!("FUTURERELEASE {max_interval} {max_date_time}"));
        }
        match self.mt_priority {
            None => {}
            Some(PriorityProfile::Unnamed) => offer(true, "MT-PRIORITY"),
            Some(PriorityProfile::Mixer) => offer(true, "MT-PRIORITY MIXER"),
            Some(PriorityProfile::Stanag4406) => offer(true, "MT-PRIORITY STANAG4406"),
            Some(PriorityProfile::Nsep) => offer(true, "MT-PRIORITY NSEP"),
        }
        offer(self.conperm, "CONPERM");
        lines
    }

    /// Octets a command line may have with CR LF: each extension says by how much it lengthens MAIL or RCPT.
    pub(super) fn line_limit(&self, line: &[u8], knows_senders: bool) -> usize {
        let starts_with = |verb: &[u8]| line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(verb));
        // RFC 4954 4: the first message of the client may be long.
        if starts_with(b"AUTH") {
            return COMMAND_LINE_LIMIT;
        }
        let allowances: &[(bool, usize)] = if starts_with(b"MAIL") {
            &[
                (self.size, 26),
                (self.eight_bit_mime, 17),
                // ` ENVID=` and 100, ` RET=` and `FULL` (ledger Y-22).
                (self.dsn, 116),
                (self.smtp_utf8, 10),
                (self.deliver_by.is_some(), 17),
                (self.future_release.is_some(), 34),
                (self.mt_priority.is_some(), 15),
                (self.conperm, 8),
                // RFC 4954 3
                (knows_senders, 500),
            ]
        } else if starts_with(b"RCPT") {
            // A space and 500 for `ORCPT`, ` NOTIFY=` and 21 (ledger Y-22).
            &[(self.dsn, 530)]
        } else {
            &[]
        };
        let allowed: usize = allowances.iter().filter_map(|&(offered, more)| offered.then_some(more)).sum();
        (BASIC_LINE_LIMIT + allowed).min(COMMAND_LINE_LIMIT)
    }

    /// Whether MAIL may carry these parameters.
    pub(super) fn check_mail(
        &self,
        parameters: &MailParameters,
        limits: &Limits,
        knows_senders: bool,
    ) -> Result<(), Reply> {
        let given = [
            (parameters.size.is_some(), self.size, "SIZE"),
            (parameters.body.is_some(), self.eight_bit_mime, "BODY"),
            // BINARYMIME cannot be sent by DATA (RFC 3030 3).
            (parameters.body == Some(Body::BinaryMime), self.chunking && self.binary_mime, "BODY=BINARYMIME"),
            (parameters.ret.is_some(), self.dsn, "RET"),
            (parameters.envelope_id.is_some(), self.dsn, "ENVID"),
            (parameters.by.is_some(), self.deliver_by.is_some(), "BY"),
            (matches!(parameters.hold, Some(Hold::For(_))), self.future_release.is_some(), "HOLDFOR"),
            (matches!(parameters.hold, Some(Hold::Until(_))), self.future_release.is_some(), "HOLDUNTIL"),
            (parameters.mt_priority.is_some(), self.mt_priority.is_some(), "MT-PRIORITY"),
            (parameters.auth.is_some(), knows_senders, "AUTH"),
            (parameters.smtp_utf8, self.smtp_utf8 && self.eight_bit_mime, "SMTPUTF8"),
            (parameters.conperm, self.conperm, "CONPERM"),
        ];
        if parameters.requiretls {
            // D-50: nobody beyond the next hop promises anything.
            return Err(Reply::new(
                ReplyCode::MAILBOX_UNAVAILABLE_550,
                StatusDetail::REQUIRETLS_NEEDED_X_7_30,
                "REQUIRETLS cannot be kept on the way to X.400",
            ));
        }
        if let Some((_, _, keyword)) = given.iter().find(|(given, offered, _)| *given && !offered) {
            return Err(not_offered(keyword));
        }
        if let Some(other) = parameters.others.first() {
            return Err(not_offered(&other.keyword));
        }
        self.check_values(parameters, limits)
    }

    /// Whether the values of offered parameters are within what is offered.
    fn check_values(&self, parameters: &MailParameters, limits: &Limits) -> Result<(), Reply> {
        // RFC 1870 6.1 (ledger D-41, F-14).
        if parameters.size.is_some_and(|size| size > limits.content.size) {
            return Err(Reply::new(
                ReplyCode::EXCEEDED_STORAGE_552,
                StatusDetail::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4,
                format!("message is larger than {} octets", limits.content.size),
            ));
        }
        // RFC 2852 3 (ledger D-20).
        if let (Some(by), Some(minimum)) = (parameters.by, self.deliver_by)
            && by.mode == DeliverByMode::Return
            && i64::from(by.seconds) < i64::from(minimum)
        {
            return Err(Reply::new(
                ReplyCode::PARAMETERS_NOT_RECOGNISED_555,
                StatusDetail::INVALID_ARGUMENTS_X_5_4,
                format!("cannot promise delivery in less than {minimum} seconds"),
            ));
        }
        // RFC 4865 (ledger D-25).
        let too_long = match (parameters.hold, self.future_release) {
            (Some(Hold::For(seconds)), Some(offer)) => seconds > offer.max_interval,
            (Some(Hold::Until(moment)), Some(offer)) => moment > offer.max_date_time,
            _ => false,
        };
        if too_long {
            return Err(Reply::new(
                ReplyCode::SYNTAX_ERROR_501,
                StatusDetail::INVALID_ARGUMENTS_X_5_4,
                "cannot hold a message that long",
            ));
        }
        Ok(())
    }

    /// Whether RCPT may carry these parameters.
    pub(super) fn check_recipient(&self, parameters: &RecipientParameters) -> Result<(), Reply> {
        if !self.dsn && parameters.notify.is_some() {
            return Err(not_offered("NOTIFY"));
        }
        if !self.dsn && parameters.original_recipient.is_some() {
            return Err(not_offered("ORCPT"));
        }
        parameters.others.first().map_or(Ok(()), |other| Err(not_offered(&other.keyword)))
    }
}

/// RFC 5321 4.1.1.11: a parameter that is not recognised.
pub(super) fn not_offered(keyword: &str) -> Reply {
    Reply::new(
        ReplyCode::PARAMETERS_NOT_RECOGNISED_555,
        StatusDetail::INVALID_ARGUMENTS_X_5_4,
        format!("parameter `{keyword}` is not offered here"),
    )
}
