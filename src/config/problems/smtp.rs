//! What can be wrong with where mail comes in.

use super::{At, Finder};
use crate::config::{Config, Listener, ListenerAuthentication, ListenerTls, Role};
use crate::mta::network::Network;
use crate::mta::tls::ClientCertificates;
use crate::smtp::client::dialogue::Protocol;

/// Recipients of one message (X.411 `ub-recipients`).
const RECIPIENTS: usize = 32_767;

impl Finder<'_> {
    pub(super) fn smtp(&mut self, config: &Config) {
        let smtp = &config.smtp;
        let key = |name| [At::Key("smtp"), At::Key(name)];
        for (index, address) in smtp.listen.iter().enumerate() {
            self.address(&[At::Key("smtp"), At::Key("listen"), At::Index(index)], address);
        }
        self.networks(&key("trusted-networks"), &smtp.trusted_networks, "the gateway would be an open relay");
        for (index, listener) in smtp.listeners.iter().enumerate() {
            self.listener(config, index, listener);
        }
        self.at_least_one(&key("maximum-message-size"), smtp.maximum_message_size == 0);
        self.at_least_one(&key("maximum-recipients"), smtp.maximum_recipients == 0);
        // F-15: one message becomes one P1 message, so more recipients are never accepted than that may have.
        if smtp.maximum_recipients > RECIPIENTS {
            let what = format!("{} recipients are more than a P1 message may have", smtp.maximum_recipients);
            self.add(&key("maximum-recipients"), what, "X.411 allows 1 to 32767");
        }
        let has_no_domains = smtp.maximum_recipient_domains == Some(0);
        self.at_least_one(&key("maximum-recipient-domains"), has_no_domains);
        self.at_least_one(&key("maximum-messages"), smtp.maximum_messages == 0);
        self.at_least_one(&key("maximum-errors"), smtp.maximum_errors == 0);
        self.at_least_one(&key("maximum-sessions"), smtp.maximum_sessions == 0);
        self.at_least_one(&key("maximum-sessions-per-address"), smtp.maximum_sessions_per_address == 0);
    }

    fn listener(&mut self, config: &Config, index: usize, listener: &Listener) {
        let smtp = &config.smtp;
        let at = |name| [At::Key("smtp"), At::Key("listener"), At::Index(index), At::Key(name)];
        self.address(&at("address"), &listener.address);
        let trusted = listener.trusted_networks.as_ref();
        for (name, networks) in [("proxy-protocol", &listener.proxy_protocol), ("xclient", &listener.xclient)]
        {
            self.networks(&at(name), networks, "anybody could say to be anybody");
        }
        if let Some(networks) = trusted {
            self.networks(&at("trusted-networks"), networks, "the gateway would be an open relay");
        }
        if listener.protocol == Protocol::Lmtp && listener.address.ends_with(":25") {
            // RFC 2033 5
            let what = "LMTP is not to be spoken at port 25".into();
            self.add(&at("protocol"), what, "choose another port, such as 24");
        }
        let (files, asks) = (config.smtp_files(), listener.client_certificates != ClientCertificates::Off);
        if listener.authentication != ListenerAuthentication::Off {
            if smtp.users.is_none() {
                let what = "clients are to authenticate, and there are no users".into();
                let help = "name a file as `users` in [smtp]; `x400gw password` makes its lines";
                self.add(&at("authentication"), what, help);
            } else if listener.tls == ListenerTls::Off && !listener.authentication_in_the_clear {
                let what = "nobody can authenticate without TLS".into();
                self.add(&at("authentication"), what, "say `tls`, or allow `authentication-in-the-clear`");
            }
        }
        if listener.tls == ListenerTls::Off {
            if asks {
                let what = "without TLS nobody can show a certificate".into();
                self.add(&at("client-certificates"), what, "say `tls` as well");
            }
        } else if files.certificate.is_none() || files.key.is_none() {
            let what = "TLS is spoken, and there is no certificate with a key".into();
            self.add(&at("tls"), what, "name `certificate` and `key` in [smtp] or in [tls]");
        } else if asks && files.ca.is_none() {
            let what = "certificates are asked for, and there is no CA whose certificates are good".into();
            self.add(&at("client-certificates"), what, "name the file of CAs as `ca` in [smtp] or in [tls]");
        }
        let is_nobody_trusted = trusted.unwrap_or(&smtp.trusted_networks).is_empty();
        let says_who = listener.authentication != ListenerAuthentication::Off
            || (listener.role == Role::Submission && asks);
        if listener.role != Role::Exchange && is_nobody_trusted && !says_who {
            let what = "nobody could send anything here".into();
            let help = "name `trusted-networks`, or say `authentication` or `client-certificates`";
            self.add(&at("role"), what, help);
        }
    }

    /// Networks whose clients are believed.
    fn networks(&mut self, place: &[At<'_>], networks: &[Network], consequence: &str) {
        for (number, network) in networks.iter().enumerate().filter(|(_, network)| network.is_everybody()) {
            let place: Vec<_> = place.iter().copied().chain([At::Index(number)]).collect();
            let what = format!("`{network}` is everybody: {consequence}");
            self.add(&place, what, "name the networks of those whom you know");
        }
    }
}
