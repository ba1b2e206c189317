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
    ArcOutput, AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DmarcResult, DnsError, Error,
    MessageAuthenticator, SpfOutput, SpfResult,
};
use tokio::time::{Instant, timeout_at};

use crate::smtp::client::dns::Dns;

mod reading;
mod written;

use reading::{Doubt, Reading};
use written::Found;

/// Signatures of one mail that are looked at, and as many that are none; nobody is to have us ask DNS without end.
const SIGNATURES: usize = 10;
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
        let read = || Reading::of(content);
        let reading = if content.len() > READ_IN_PLACE { tokio::task::block_in_place(read) } else { read() };
        let Reading { message, doubt } = &reading;
        let deadline = Instant::now() + settings.patience;
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
        let in_time = spf.is_ok() && dkim.is_ok();
        let spf = spf.unwrap_or_else(|_| SpfOutput::new(domain.to_owned()).with_result(SpfResult::TempError));
        let dkim = dkim.unwrap_or_else(|_| all_late(message));
        let arc = arc.unwrap_or_else(|_| ArcOutput::default().with_result(DkimResult::TempError(late())));
        let parameters = DmarcParameters::new(message, &dkim, domain, &spf);
        let dmarc = timeout_at(deadline, authenticator.verify_dmarc(parameters)).await;
        let author =
            message.from.first().and_then(|from| from.rsplit_once('@')).map_or("", |(_, domain)| domain);
        let dmarc = dmarc.unwrap_or_else(|_| {
            let late = DmarcResult::TempError(late());
            DmarcOutput::default().with_domain(author).with_spf_result(late.clone()).with_dkim_result(late)
        });
        let found = Found { spf: &spf, dkim: &dkim, arc: &arc, dmarc: &dmarc, doubt: *doubt };
        let results = written::field(&settings.authserv_id, arrival, client, &found);
        let refusal = settings.refuses.then(|| refusal(*doubt, &dmarc, in_time, client)).flatten();
        Findings { results, refusal }
    }
}

/// Why a mail is not to be taken, if it is not. `in_time` is whether DNS has said all that could speak for it.
fn refusal(doubt: Option<Doubt>, dmarc: &DmarcOutput, in_time: bool, client: IpAddr) -> Option<String> {
    if let Some(doubt) = doubt {
        return Some(format!("it cannot be told whom the mail is from: {doubt} (DMARC)"));
    }
    (in_time && is_to_be_refused(dmarc)).then(|| {
        format!(
            "`{}` sends no mail from {client} without its signature, and wants it refused (DMARC)",
            dmarc.domain()
        )
    })
}

/// RFC 9989 5.4: by the policy alone, and only where it is known that nothing speaks for the mail.
fn is_to_be_refused(dmarc: &DmarcOutput) -> bool {
    dmarc.policy() == Policy::Reject && matches!(dmarc.result(), DmarcResult::Fail(_))
}

/// RFC 9989 5.3.6: each signature might have been good, which is for DMARC to know.
fn all_late<'a>(message: &'a AuthenticatedMessage<'a>) -> Vec<DkimOutput<'a>> {
    let signatures = message.dkim_headers.iter().map(|one| &one.header);
    signatures.map(|one| DkimOutput::temp_err(late()).with_signature(one)).collect()
}

fn late() -> Error {
    Error::Dns(DnsError::Resolver("no answer in time".to_owned()))
}
