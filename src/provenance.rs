//! Whether a mail comes from whom it says, as far as DNS knows: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989) and ARC (RFC 8617), and how
//! that is written down (RFC 8601).
//!
//! Shell: asks DNS. What DNS does not answer in time is a `temperror`, and never keeps a mail.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mail_auth::dmarc::Policy;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    ArcOutput, AuthenticatedMessage, AuthenticationResults, DkimOutput, DkimResult, DmarcOutput, DmarcResult,
    DnsError, Error, MessageAuthenticator, SpfOutput, SpfResult,
};
use tokio::time::{Instant, timeout_at};

use crate::smtp::client::dns::Dns;

/// Signatures of one mail that are looked at; nobody is to have us ask DNS without end.
const SIGNATURES: usize = 10;
/// Octets of what is written down, at most.
const RESULTS: usize = 8 * 1024;
/// A content of more octets than this is read where nothing else waits for it.
const READ_IN_PLACE: usize = 256 * 1024;

/// How it is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What we call ourselves in `Authentication-Results`.
    pub authserv_id: String,
    /// How long all answers of DNS about one mail may take.
    pub patience: Duration,
    /// Whether a mail is refused where the domain of its author wants that (`p=reject`).
    pub refuses: bool,
}

/// Finds out. Cheap to clone.
#[derive(Clone)]
pub struct Examiner(Arc<Inner>);

struct Inner {
    settings: Settings,
    authenticator: MessageAuthenticator,
}

/// A mail, and who brings it.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Where the client is.
    pub client: IpAddr,
    /// What it called itself.
    pub helo: &'a str,
    /// The reverse path without angle brackets; empty for the null reverse path.
    pub reverse_path: &'a str,
    /// Header and body.
    pub content: &'a Bytes,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The value of `Authentication-Results`, on one line.
    pub results: String,
    /// Why the mail is not to be taken, if it is not.
    pub refusal: Option<String>,
}

impl Examiner {
    /// Asks these servers.
    ///
    /// # Errors
    /// DNS cannot be asked, and why.
    pub fn new(settings: Settings, dns: &Dns) -> Result<Self, String> {
        let authenticator = MessageAuthenticator(dns.resolver()?.clone());
        Ok(Self(Arc::new(Inner { settings, authenticator })))
    }

    /// Finds out about a mail.
    pub async fn examine(&self, arrival: Arrival<'_>) -> Findings {
        let Inner { settings, authenticator } = &*self.0;
        let Arrival { client, helo, reverse_path, content } = arrival;
        let client = client.to_canonical();
        let read = || AuthenticatedMessage::parse(content).unwrap_or_default();
        let mut message =
            if content.len() > READ_IN_PLACE { tokio::task::block_in_place(read) } else { read() };
        message.dkim_headers.truncate(SIGNATURES);
        let message = &message;
        let deadline = Instant::now() + settings.patience;
        let late = || Error::Dns(DnsError::Resolver("no answer in time".to_owned()));
        let sender = match reverse_path {
            "" => SpfParameters::verify_ehlo(client, helo, &settings.authserv_id),
            path => SpfParameters::verify_mail_from(client, helo, &settings.authserv_id, path),
        };
        let domain = reverse_path.rsplit_once('@').map_or(helo, |(_, domain)| domain);
        let (spf, dkim, arc) = tokio::join!(
            timeout_at(deadline, authenticator.verify_spf(sender)),
            timeout_at(deadline, authenticator.verify_dkim(message)),
            timeout_at(deadline, authenticator.verify_arc(message)),
        );
        let spf = spf.unwrap_or_else(|_| SpfOutput::new(domain.to_owned()).with_result(SpfResult::TempError));
        let dkim = dkim.unwrap_or_else(|_| vec![DkimOutput::temp_err(late())]);
        let arc = arc.unwrap_or_else(|_| ArcOutput::default().with_result(DkimResult::TempError(late())));
        let parameters = DmarcParameters::new(message, &dkim, domain, &spf);
        let dmarc = timeout_at(deadline, authenticator.verify_dmarc(parameters)).await;
        let author =
            message.from.first().and_then(|from| from.rsplit_once('@')).map_or("", |(_, domain)| domain);
        let dmarc = dmarc.unwrap_or_else(|_| {
            let late = DmarcResult::TempError(late());
            DmarcOutput::default().with_domain(author).with_spf_result(late.clone()).with_dkim_result(late)
        });
        let results =
            written(settings, arrival, client, &Found { spf: &spf, dkim: &dkim, arc: &arc, dmarc: &dmarc });
        let refusal = (settings.refuses && is_to_be_refused(&dmarc)).then(|| {
            format!(
                "`{}` sends no mail from {client} without its signature, and wants it refused (DMARC)",
                dmarc.domain()
            )
        });
        Findings { results, refusal }
    }
}

struct Found<'a> {
    spf: &'a SpfOutput,
    dkim: &'a [DkimOutput<'a>],
    arc: &'a ArcOutput<'a>,
    dmarc: &'a DmarcOutput,
}

/// RFC 9989 5.4: by the policy alone, and only where it is known that nothing speaks for the mail.
fn is_to_be_refused(dmarc: &DmarcOutput) -> bool {
    dmarc.policy() == Policy::Reject && matches!(dmarc.result(), DmarcResult::Fail(_))
}

/// The value of the field, on one line.
fn written(settings: &Settings, arrival: Arrival<'_>, client: IpAddr, found: &Found<'_>) -> String {
    let Arrival { helo, reverse_path, .. } = arrival;
    let results = AuthenticationResults::new(&settings.authserv_id);
    let results = match reverse_path {
        "" => results.with_spf_ehlo_result(found.spf, client, helo),
        path => results.with_spf_mailfrom_result(found.spf, client, path, helo),
    };
    let mut text = results.with_dkim_results(found.dkim, found.dmarc.domain()).to_string();
    if found.dkim.is_empty() {
        text.push_str("; dkim=none");
    }
    let more = AuthenticationResults::new("");
    let more = if found.dmarc.domain().is_empty() { more } else { more.with_dmarc_result(found.dmarc) };
    let more = match found.arc.result() {
        DkimResult::None => more,
        _ => more.with_arc_result(found.arc, client),
    };
    text.push_str(&more.to_string());
    // One line, in characters that a header has; whatever a sender put into it.
    let mut words = String::with_capacity(text.len());
    for word in text.split(|character: char| character.is_whitespace() || character.is_control()) {
        if word.is_empty() {
            continue;
        }
        if words.len() + word.len() > RESULTS {
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}
