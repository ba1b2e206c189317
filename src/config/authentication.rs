//! `[mail-authentication]`: whether mails come from whom they say.

use std::time::Duration;

use serde::Deserialize;

use super::{Config, duration};
use crate::provenance;

/// What is found out about where mails come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MailAuthentication {
    /// Whether mails of strangers are looked at: not of clients that authenticate or are in trusted networks. What is found goes on as `Authentication-Results`.
    pub check: bool,
    /// What we call ourselves there; the host name unless said. Nobody else may: such fields are taken away in both directions.
    pub authserv_id: Option<String>,
    /// Whether a mail is refused where the domain of its author wants that.
    pub refuse_by_dmarc: bool,
    /// How long all answers of DNS about one mail may take.
    #[serde(deserialize_with = "duration::deserialize")]
    pub patience: Duration,
}

impl Default for MailAuthentication {
    fn default() -> Self {
        Self { check: false, authserv_id: None, refuse_by_dmarc: false, patience: Duration::from_secs(5) }
    }
}

impl Config {
    /// What we call ourselves in `Authentication-Results`, if that is said or mails are looked at.
    #[must_use]
    pub fn authserv_id(&self) -> Option<String> {
        let MailAuthentication { check, authserv_id, .. } = &self.mail_authentication;
        authserv_id.clone().or_else(|| check.then(|| self.gateway.host_name.clone()))
    }

    /// How mails are looked at; `None` if they are not.
    #[must_use]
    pub fn examining(&self) -> Option<provenance::Settings> {
        let authentication = &self.mail_authentication;
        self.authserv_id().filter(|_| authentication.check).map(|authserv_id| provenance::Settings {
            authserv_id,
            patience: authentication.patience,
            refuses: authentication.refuse_by_dmarc,
        })
    }
}
