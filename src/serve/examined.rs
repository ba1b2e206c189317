//! Who mails that come in are from, as far as that is looked at.

use super::StartError;
use super::accept::relaying::{Denied, Permission};
use crate::config::{Config, Role};
use crate::mta::network::Network;
use crate::provenance::{Arrival, Examiner};
use crate::smtp::client::dns::{Dns, Proof};
use crate::smtp::command::ReversePath;
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::smtp::submission::{Content, Submission};

/// Who finds out where mails come from, as the configuration says.
///
/// # Errors
/// [`StartError::Setting`] when DNS is to be asked and cannot.
pub(super) fn examiner(config: &Config) -> Result<Option<Examiner>, StartError> {
    let dns = || Dns::new(&config.internet.dns, Proof::None);
    let examiner = config.examining().map(|settings| Examiner::new(settings, &dns()));
    examiner.transpose().map_err(StartError::Setting)
}

/// Looks at the mails of one place.
pub(super) struct Examination {
    examiner: Option<Examiner>,
    /// Whose mails nobody looks at.
    trusted: Vec<Network>,
}

impl Examination {
    /// Where users submit their mails nobody looks at them.
    pub(super) fn new(examiner: Option<Examiner>, permission: &Permission) -> Self {
        let examiner = examiner.filter(|_| permission.role != Role::Submission);
        Self { examiner, trusted: permission.trusted.clone() }
    }

    /// What is written down of a mail; nothing, if nobody looks at it.
    ///
    /// # Errors
    /// The domain of its author wants it refused.
    pub(super) async fn of(&self, submission: &Submission) -> Result<Option<String>, Denied> {
        let Some(examiner) = &self.examiner else { return Ok(None) };
        let client = submission.peer.ip();
        if submission.identity.is_some() || self.trusted.iter().any(|network| network.contains(client)) {
            return Ok(None);
        }
        let reverse_path = match &submission.reverse_path {
            ReversePath::Null => String::new(),
            ReversePath::Mailbox(mailbox) => mailbox.to_string(),
        };
        let (helo, Content::InMemory(content)) = (submission.helo.to_string(), &submission.content);
        let arrival = Arrival { client, helo: &helo, reverse_path: &reverse_path, content };
        let findings = examiner.examine(arrival).await;
        tracing::info!(%client, from = reverse_path, results = findings.results, "looked at");
        match findings.refusal {
            None => Ok(Some(findings.results)),
            // RFC 7372 3.4
            Some(why) => {
                let detail = StatusDetail::MULTIPLE_CHECKS_FAILED_X_7_26;
                let reply = Reply::new(ReplyCode::MAILBOX_UNAVAILABLE_550, detail, why);
                Err(Denied { policy: "dmarc", reply })
            }
        }
    }
}
