//! Why there is no TLS, in words, and what to do about it.

use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible};

/// Why there is no TLS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TLS: {why}")]
pub struct Failure {
    /// What went wrong, and on which side.
    pub why: String,
    /// What to do about it, or to ask the peer's operator.
    pub advice: &'static str,
    /// Trying again is pointless until somebody changes a setting or a certificate.
    pub permanent: bool,
}

const OUR_CA: &str = "put the certificate of the CA that issued the peer's into the `ca` file of this peer";
const THEIR_DATE: &str = "ask the peer's operator for a new certificate, and check the clocks of both sides";
const THEIR_NAME: &str =
    "set `server-name` or `names` of this peer to what its certificate is for, if that is the right peer";
const THEIR_CERTIFICATE: &str = "ask the peer's operator for a certificate that TLS can use";
const REVOKED: &str = "ask the peer's operator for a new certificate";
const OUR_CERTIFICATE: &str =
    "set `certificate` and `key` for this peer; its operator knows which CA must issue them";
const THEIR_TRUST: &str =
    "ask the peer's operator to trust the CA of our certificate, or have one issued that it trusts";
const OUR_DATE: &str = "have a new certificate issued for this gateway, and check the clocks of both sides";
const PLAIN: &str =
    "the other side may speak RFC 1006 without TLS there: check the port, or set `tls = \"off\"`";
const VERSIONS: &str =
    "the other side must speak TLS 1.2 or 1.3 with an AEAD cipher: ask its operator to update it";
const THEIR_LOG: &str = "ask the peer's operator what its log says at this time";

impl Failure {
    /// Why a handshake failed.
    #[must_use]
    pub fn of_handshake(error: &io::Error) -> Self {
        match (tls_error(error), error.kind()) {
            (Some(error), _) => Self::of(error),
            (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
                Self::new("the other side hung up during the handshake", PLAIN, false)
            }
            (None, _) => Self::new(&error.to_string(), THEIR_LOG, false),
        }
    }

    /// Why a session ended after its handshake, if it was for a reason of TLS.
    #[must_use]
    pub fn of_session(error: &io::Error) -> Option<Self> {
        tls_error(error).map(Self::of)
    }

    /// The handshake took too long.
    #[must_use]
    pub fn timeout() -> Self {
        Self::new("the handshake took too long", PLAIN, false)
    }

    /// A caller spoke something else where TLS is required.
    #[must_use]
    pub fn not_tls(first: u8) -> Self {
        match first {
            0x03 => Self::new(
                "the caller speaks RFC 1006 without TLS, and TLS is required here",
                "ask the peer's operator to switch TLS on, or allow plain connections with `tls = \"off\"`",
                true,
            ),
            _ => Self::new(
                &format!("the caller speaks neither TLS nor RFC 1006: its first octet is 0x{first:02x}"),
                "if an X.400 MTA calls from there, capture the connection; else it may be a port scan",
                true,
            ),
        }
    }

    /// A caller spoke TLS where it is off.
    #[must_use]
    pub fn not_plain() -> Self {
        Self::new(
            "the caller speaks TLS, and TLS is off here",
            "set `tls` and a certificate for this address, or give the peer's operator the address where TLS is on",
            true,
        )
    }

    fn new(why: &str, advice: &'static str, permanent: bool) -> Self {
        Self { why: why.to_owned(), advice, permanent }
    }

    /// What rustls says; total, so that whatever comes has words.
    fn of(error: &Error) -> Self {
        let permanent = |why: &str, advice| Self::new(why, advice, true);
        match error {
            Error::InvalidCertificate(error) => of_certificate(error),
            Error::AlertReceived(alert) => of_alert(*alert),
            Error::NoCertificatesPresented => permanent(
                "the other side showed no certificate",
                "ask the peer's operator to set a client certificate, or set `client-certificates = \"optional\"`",
            ),
            Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                permanent("the other side does not speak TLS", PLAIN)
            }
            Error::PeerIncompatible(PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon)
            | Error::PeerIncompatible(_) => {
                permanent(&format!("the two sides have no way in common: {error}"), VERSIONS)
            }
            _ => Self::new(&error.to_string(), THEIR_LOG, false),
        }
    }
}

fn of_certificate(error: &CertificateError) -> Failure {
    let because = |why: &str, advice| Failure::new(why, advice, true);
    match error {
        CertificateError::UnknownIssuer => {
            because("the peer's certificate is not from a CA that is trusted here", OUR_CA)
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            because("the peer's certificate has expired", THEIR_DATE)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            because("the peer's certificate is not valid yet", THEIR_DATE)
        }
        CertificateError::NotValidForName => {
            because("the peer's certificate is for another name", THEIR_NAME)
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let (expected, presented) = (expected.to_str(), presented.join(", "));
            because(&format!("the peer's certificate is for {presented}, not {expected}"), THEIR_NAME)
        }
        CertificateError::Revoked => because("the peer's certificate is revoked", REVOKED),
        CertificateError::UnknownRevocationStatus => because(
            "no list says whether the peer's certificate is revoked",
            "add the list of its CA to `revoked`, or leave `revoked` out",
        ),
        other => because(&format!("the peer's certificate cannot be used: {other}"), THEIR_CERTIFICATE),
    }
}

fn of_alert(alert: AlertDescription) -> Failure {
    let refused = |why: &str, advice| Failure::new(&format!("the peer refused: {why}"), advice, true);
    match alert {
        AlertDescription::UnknownCA => refused("it does not trust the CA of our certificate", THEIR_TRUST),
        AlertDescription::CertificateRequired => refused("it wants a certificate of ours", OUR_CERTIFICATE),
        AlertDescription::CertificateExpired => refused("our certificate has expired", OUR_DATE),
        AlertDescription::CertificateRevoked => refused("our certificate is revoked", OUR_DATE),
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied => refused("it does not accept our certificate", THEIR_TRUST),
        AlertDescription::UnrecognisedName => refused("it does not know the name we call it by", THEIR_NAME),
        AlertDescription::HandshakeFailure
        | AlertDescription::ProtocolVersion
        | AlertDescription::InsufficientSecurity => {
            refused("the two sides have no version or cipher in common", VERSIONS)
        }
        other => Failure::new(&format!("the peer ended TLS: {other:?}"), THEIR_LOG, false),
    }
}

fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_cause_has_its_words_and_advice() {
        let certificate = Error::InvalidCertificate;
        // what TLS says, a part of our words, the advice
        let table = [
            (certificate(CertificateError::UnknownIssuer), "not from a CA that is trusted here", OUR_CA),
            (certificate(CertificateError::Expired), "has expired", THEIR_DATE),
            (certificate(CertificateError::NotValidYet), "not valid yet", THEIR_DATE),
            (certificate(CertificateError::NotValidForName), "another name", THEIR_NAME),
            (certificate(CertificateError::Revoked), "is revoked", REVOKED),
            (certificate(CertificateError::BadSignature), "cannot be used", THEIR_CERTIFICATE),
            (Error::AlertReceived(AlertDescription::UnknownCA), "the CA of our certificate", THEIR_TRUST),
            (Error::AlertReceived(AlertDescription::CertificateRequired), "of ours", OUR_CERTIFICATE),
            (Error::AlertReceived(AlertDescription::CertificateExpired), "our certificate has", OUR_DATE),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), "no version or cipher", VERSIONS),
            (Error::AlertReceived(AlertDescription::InternalError), "ended TLS", THEIR_LOG),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "does not speak TLS", PLAIN),
            (Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon), "in common", VERSIONS),
        ];
        for (error, words, advice) in table {
            let wrapped = io::Error::new(io::ErrorKind::InvalidData, error);
            let failure = Failure::of_handshake(&wrapped);
            assert!(failure.why.contains(words) && failure.advice == advice, "{failure:?}");
            assert_eq!(Failure::of_session(&wrapped), Some(failure));
        }
        let lost = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(Failure::of_handshake(&lost).advice, PLAIN);
        assert_eq!(Failure::of_session(&lost), None);
    }
}
