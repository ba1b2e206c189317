//! What can be wrong with how mails are looked at.

use super::{At, Finder};
use crate::config::Config;
use crate::smtp::command::Domain;

impl Finder<'_> {
    pub(super) fn authentication(&mut self, config: &Config) {
        let authentication = &config.mail_authentication;
        let key = |name| [At::Key("mail-authentication"), At::Key(name)];
        if let Some(id) = authentication.authserv_id.as_ref().filter(|id| Domain::new(id).is_none()) {
            let what = format!("`{id}` is not a domain");
            self.add(&key("authserv-id"), what, "write it as a host name such as gw.example.org");
        }
        if authentication.refuse_by_dmarc && !authentication.check {
            let what = "nothing is refused, because nothing is looked at".to_owned();
            self.add(&key("refuse-by-dmarc"), what, "set check = true as well");
        }
    }
}
