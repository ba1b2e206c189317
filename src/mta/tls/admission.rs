//! Which peers a caller may be, by what it came over and the certificate it showed.

use std::collections::BTreeMap;

use super::names::{CertificateName, Names};

/// What one peer must come with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// It must come over TLS.
    pub tls: bool,
    /// Its certificate must have one of these names, if there are any.
    pub names: Vec<CertificateName>,
}

/// The rules, by the MTA name that the peer gives in its bind. A name without a rule may come with anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Admission(pub BTreeMap<String, Rule>);

/// How a caller came.
#[derive(Debug, Clone, Copy)]
pub enum Came<'a> {
    /// Without TLS.
    Plain,
    /// Over TLS, with a certificate of these names if it showed one.
    Tls(Option<&'a Names>),
}

impl Admission {
    /// Whether a caller that came so may be the MTA of this name.
    ///
    /// # Errors
    /// Why not, for the log.
    pub fn check(&self, mta: &str, came: Came<'_>) -> Result<(), String> {
        let Some(rule) = self.0.get(mta) else { return Ok(()) };
        let wanted = || {
            let names: Vec<_> = rule.names.iter().map(ToString::to_string).collect();
            names.join(" or ")
        };
        match came {
            Came::Plain if rule.tls => Err(format!("`{mta}` must come over TLS, and this caller did not")),
            Came::Plain => Ok(()),
            Came::Tls(_) if rule.names.is_empty() => Ok(()),
            Came::Tls(Some(names)) if rule.names.iter().any(|name| names.has(name)) => Ok(()),
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
        let admission = Admission(BTreeMap::from([
            ("HUB".to_owned(), rule(true, "hub.example")),
            ("ANY".to_owned(), rule(true, "")),
            ("OLD".to_owned(), rule(false, "")),
        ]));
        let (yes, no) = (true, false);
        // MTA name, plain, TLS without certificate, with the hub's, with another
        let table = [
            ("HUB", no, no, yes, no),
            ("ANY", no, yes, yes, yes),
            ("OLD", yes, yes, yes, yes),
            ("nobody we know", yes, yes, yes, yes),
        ];
        for (mta, plain, without, with, with_other) in table {
            let came = [Came::Plain, Came::Tls(None), Came::Tls(Some(&hub)), Came::Tls(Some(&other))];
            let admitted = came.map(|came| admission.check(mta, came).is_ok());
            assert_eq!(admitted, [plain, without, with, with_other], "{mta}");
        }
        assert_eq!(
            admission.check("HUB", Came::Tls(Some(&other))).unwrap_err(),
            "the caller's certificate is for other.example, CN=rcgen self signed cert; that of `HUB` is for hub.example"
        );
    }
}
