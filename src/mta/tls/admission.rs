//! Whether a caller may be a peer, by what it came over and the certificate it showed.

use super::names::{CertificateName, Names};

/// What one peer must come with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// It must come over TLS.
    pub tls: bool,
    /// Its certificate must have one of these names, if there are any.
    pub names: Vec<CertificateName>,
}

/// How a caller came.
#[derive(Debug, Clone, Copy)]
pub enum Came<'a> {
    /// Without TLS.
    Plain,
    /// Over TLS, with a certificate of these names if it showed one.
    Tls(Option<&'a Names>),
}

impl Rule {
    /// Whether a caller that came so may be the peer that this is the rule of; `mta` is what the peer is called.
    ///
    /// # Errors
    /// Why not, for the log.
    pub fn check(&self, mta: &str, came: Came<'_>) -> Result<(), String> {
        let wanted = || {
            let names: Vec<_> = self.names.iter().map(ToString::to_string).collect();
            names.join(" or ")
        };
        match came {
            Came::Plain if self.tls => Err(format!("`{mta}` must come over TLS, and this caller did not")),
            Came::Plain => Ok(()),
            Came::Tls(_) if self.names.is_empty() => Ok(()),
            Came::Tls(Some(names)) if self.names.iter().any(|name| names.has(name)) => Ok(()),
            Came::Tls(Some(names)) => {
                Err(format!("the caller's certificate is for {names}; that of `{mta}` is for {}", wanted()))
            }
            Came::Tls(None) => {
                Err(format!("the caller showed no certificate; that of `{mta}` is for {}", wanted()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    #[test]
    fn who_may_be_whom() {
        let names = |name: &str| {
            let parameters = CertificateParams::new([name.to_owned()]).unwrap();
            Names::of(parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der())
        };
        let (hub, other) = (names("hub.example"), names("other.example"));
        let rule = |tls, name: &str| Rule { tls, names: name.parse().into_iter().collect() };
        let (yes, no) = (true, false);
        // the rule, plain, TLS without certificate, with the hub's, with another
        let table = [
            (rule(true, "hub.example"), no, no, yes, no),
            (rule(true, ""), no, yes, yes, yes),
            (rule(false, ""), yes, yes, yes, yes),
        ];
        for (rule, plain, without, with, with_other) in &table {
            let came = [Came::Plain, Came::Tls(None), Came::Tls(Some(&hub)), Came::Tls(Some(&other))];
            let admitted = came.map(|came| rule.check("HUB", came).is_ok());
            assert_eq!(admitted, [*plain, *without, *with, *with_other], "{rule:?}");
        }
        assert_eq!(
            table[0].0.check("HUB", Came::Tls(Some(&other))).unwrap_err(),
            "the caller's certificate is for other.example, CN=rcgen self signed cert; that of `HUB` is for hub.example"
        );
    }
}
