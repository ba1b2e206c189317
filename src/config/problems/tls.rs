//! What is wrong with what is said about TLS. Whether the files are fit to be used is found out when they are read.

use tokio_rustls::rustls::pki_types::ServerName;

use super::{At, Finder};
use crate::config::{Config, ListenTls, Peer};
use crate::mta::tls::ClientCertificates;
use crate::mta::tls::names::CertificateName;

const SAY_SO: &str = "set tls = \"required\", with certificates in [tls]; or tls = \"off\", \
     which lets whoever is between read and change the messages";

impl Finder<'_> {
    /// TLS as a responder.
    pub(super) fn listen_tls(&mut self, config: &Config) {
        let x400 = &config.x400;
        let key = |name| [At::Key("x400"), At::Key(name)];
        if let Some(address) = &x400.tls_listen {
            self.address(&key("tls-listen"), address);
        }
        if x400.leaves_tls_open() {
            let what = "it is not said whether other machines must speak TLS here".to_owned();
            self.add(&key("listen"), what, SAY_SO);
        }
        if x400.listen.is_none() && x400.tls.is_some_and(|tls| tls != ListenTls::Off) {
            let what = "TLS is set, and no address to listen on".to_owned();
            self.add(&key("tls"), what, "set `listen`, or `tls-listen` instead of `tls`");
        }
        if !x400.speaks_tls() {
            return;
        }
        let place = if x400.tls_listen.is_some() { key("tls-listen") } else { key("tls") };
        if config.tls.certificate.is_none() || config.tls.key.is_none() {
            let what = "TLS needs a certificate of ours and its key".to_owned();
            self.add(&place, what, "set `certificate` and `key` in [tls]");
        }
        if config.tls.ca.is_none() && x400.client_certificates != ClientCertificates::Off {
            let what = "callers are asked for certificates, and no CA is believed".to_owned();
            self.add(&place, what, "set `ca` in [tls], or client-certificates = \"off\"");
        }
        if x400.client_certificates == ClientCertificates::Off {
            let asked = |peer: &Peer| peer.tls_settings().is_some_and(|tls| !tls.names.is_empty());
            for peer in config.peers.iter().filter(|peer| peer.their_name.is_some() && asked(peer)) {
                let what = format!("`{}` could not bind: its certificate is not asked for", peer.name);
                self.add(&key("client-certificates"), what, "set it to \"required\" or \"optional\"");
            }
        }
    }

    /// TLS with a peer.
    pub(super) fn peer_tls(&mut self, index: usize, peer: &Peer, config: &Config) {
        let key = |name| [At::Key("peer"), At::Index(index), At::Key(name)];
        let inner = |name| [At::Key("peer"), At::Index(index), At::Key("tls"), At::Key(name)];
        if peer.leaves_tls_open() {
            let what = format!("it is not said whether `{}` speaks TLS", peer.name);
            self.add(&key("address"), what, SAY_SO);
        }
        let (Some(settings), Some(files)) = (peer.tls_settings(), peer.tls_files(config)) else { return };
        if files.ca.is_none() {
            let what = format!("no CA is believed for the certificate of `{}`", peer.name);
            self.add(&key("tls"), what, "set `ca` in [tls], or in `tls` of this peer");
        }
        if files.certificate.is_some() != files.key.is_some() {
            let what = "a certificate without its key, or a key without its certificate".to_owned();
            self.add(&key("tls"), what, "set both `certificate` and `key`");
        }
        if ServerName::try_from(peer.server_name()).is_err() {
            let what = format!("`{}` is neither a host name nor an address", peer.server_name());
            self.add(&inner("server-name"), what, "write what the peer's certificate is for");
        }
        for (number, name) in settings.names.iter().enumerate() {
            if name.parse::<CertificateName>().is_err() {
                let place =
                    [At::Key("peer"), At::Index(index), At::Key("tls"), At::Key("names"), At::Index(number)];
                let what = format!("`{name}` is not a name of a certificate");
                self.add(&place, what, "write a DNS name, an address, or CN= and a common name");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every mistake about TLS is found in its place.
    #[test]
    fn mistakes_about_tls() {
        const TLS: &str = "[tls]\nca = \"ca\"\ncertificate = \"c\"\nkey = \"k\"\n";
        const PEER: &str = "[[peer]]\nname = \"hub\"\naddress = \"hub:102\"\n";
        const OFF: &str = "[[peer]]\nname = \"hub\"\naddress = \"hub:102\"\ntls = \"off\"\n";
        let with = |parts: &[&str]| parts.concat();
        // the configuration, the value that is pointed at, what is said
        let table = [
            (with(&[PEER]), "\"hub:102\"", "it is not said whether `hub` speaks TLS"),
            (with(&[PEER, "tls = \"no\"\n"]), "\"no\"", "unknown variant `no`"),
            (with(&[PEER, "tls = { cb = \"x\" }\n"]), "cb", "unknown field `cb`"),
            (with(&[PEER, "tls = \"required\"\n"]), "\"required\"", "no CA is believed"),
            (
                with(&[TLS, PEER, "tls = { key = \"x\" }\n"]),
                "{ key = \"x\" }",
                "a certificate without its key",
            ),
            (with(&[TLS, PEER, "tls = { server-name = \"a b\" }\n"]), "\"a b\"", "`a b` is neither"),
            (with(&[TLS, PEER, "tls = { names = [\"a\", \"*.b\"] }\n"]), "\"*.b\"", "`*.b` is not a name"),
            (with(&[OFF, "[x400]\nlisten = \"0.0.0.0:102\"\n"]), "\"0.0.0.0:102\"", "it is not said whether"),
            (with(&[OFF, "[x400]\ntls = \"required\"\n"]), "\"required\"", "TLS is set, and no address"),
            (
                with(&[OFF, "[x400]\ntls-listen = \"0.0.0.0:102\"\n"]),
                "\"0.0.0.0:102\"",
                "TLS needs a certificate of ours",
            ),
            (
                with(&[OFF, "[tls]\ncertificate = \"c\"\nkey = \"k\"\n[x400]\ntls-listen = \"[::]:102\"\n"]),
                "\"[::]:102\"",
                "callers are asked for certificates, and no CA",
            ),
            (
                with(&[
                    TLS,
                    PEER,
                    "their-name = \"HUB\"\ntls = { names = [\"hub\"] }\n",
                    "[x400]\ntls-listen = \"[::]:102\"\nclient-certificates = \"off\"\n",
                ]),
                "\"off\"",
                "`hub` could not bind",
            ),
        ];
        for (text, place, said) in table {
            let report = Config::parse("c.toml", &text).unwrap_err();
            let first = &report.diagnostics[0];
            assert!(first.message.contains(said), "{text}: {}", first.message);
            assert_eq!(&text[first.span.clone()], place, "{text}");
        }
        let whole = with(&[
            TLS,
            PEER,
            "their-name = \"HUB\"\ntls = { names = [\"hub.example\", \"CN=hub\"] }\n",
            "[x400]\nlisten = \"0.0.0.0:102\"\ntls = \"optional\"\ntls-listen = \"0.0.0.0:10104\"\n",
        ]);
        Config::parse("c.toml", &whole).unwrap_or_else(|report| panic!("{}", report.render()));
    }
}
