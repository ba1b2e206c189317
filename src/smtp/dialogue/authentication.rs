//! AUTH (RFC 4954): the client's messages go up, challenges and verdicts come down; what they mean is known above.

use super::table::{Input, State, transition};
use super::{Dialogue, Event};
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::smtp::sasl::{Mechanism, Secret};

impl Dialogue {
    /// What EHLO offers now; `None` where nobody can authenticate.
    pub(super) fn mechanisms(&self) -> Option<&'static str> {
        let offer = self.config.authentication?;
        (self.secure || offer.in_the_clear).then_some(match (self.secure, offer.external) {
            (true, true) => "AUTH SCRAM-SHA-256 PLAIN LOGIN EXTERNAL",
            _ => "AUTH SCRAM-SHA-256 PLAIN LOGIN",
        })
    }

    /// After AUTH, with the client's first message if it came along.
    pub(super) fn authenticate(&mut self, mechanism: &str, initial: Option<&str>) -> Result<(), Reply> {
        let refused = |code, text| Reply::new(code, StatusDetail::INVALID_COMMAND_X_5_1, text);
        let Some(offer) = self.config.authentication else {
            return Err(refused(ReplyCode::NOT_IMPLEMENTED_502, "command `AUTH` not implemented"));
        };
        if self.mechanisms().is_none() {
            // RFC 4954 4, 6.
            return Err(Reply::new(
                ReplyCode::ENCRYPTION_REQUIRED_538,
                StatusDetail::ENCRYPTION_NEEDED_X_7_11,
                "authentication needs TLS",
            ));
        }
        if self.identity.is_some() {
            return Err(refused(ReplyCode::BAD_SEQUENCE_503, "authenticated already"));
        }
        let known = Mechanism::named(mechanism);
        let Some(mechanism) =
            known.filter(|known| *known != Mechanism::External || (self.secure && offer.external))
        else {
            return Err(Reply::new(
                ReplyCode::PARAMETER_NOT_IMPLEMENTED_504,
                StatusDetail::INVALID_ARGUMENTS_X_5_4,
                "no such mechanism here",
            ));
        };
        let initial = match initial {
            None => None,
            // RFC 4954 4: an empty first message.
            Some("=") => Some(Vec::new()),
            Some(text) => Some(base64_simd::STANDARD.decode_to_vec(text).map_err(|_| not_base64())?),
        };
        self.flush = true;
        self.event = Some(Event::Authenticate { mechanism, initial: initial.map(Secret) });
        Ok(())
    }

    /// What the client answers to a challenge.
    pub(super) fn credentials(&mut self, line: &[u8]) {
        self.state = transition(self.state, Input::Credentials).1;
        self.flush = true;
        match base64_simd::STANDARD.decode_to_vec(line) {
            Ok(response) => self.event = Some(Event::Credentials(Secret(response))),
            Err(_) if line == b"*" => self.no_credentials(&Reply::new(
                ReplyCode::SYNTAX_ERROR_501,
                StatusDetail::OTHER_SECURITY_X_7_0,
                "given up, as you wish",
            )),
            Err(_) => self.no_credentials(&not_base64()),
        }
    }

    /// The exchange is over without an identity.
    pub(super) fn no_credentials(&mut self, reply: &Reply) {
        self.state = State::ExpectMail;
        self.complain(reply);
        self.stop_between_transactions();
    }

    pub(super) fn challenge(&mut self, challenge: &Secret) {
        let text = base64_simd::STANDARD.encode_to_string(&challenge.0);
        self.reply(&Reply::plain(ReplyCode::CHALLENGE_334, text));
        self.flush = true;
    }

    pub(super) fn authenticated(&mut self, identity: String) {
        self.identity = Some(identity);
        self.answer(ReplyCode::AUTHENTICATED_235, StatusDetail::OTHER_SECURITY_X_7_0, "authenticated");
        self.flush = true;
    }
}

/// RFC 4954 4.
fn not_base64() -> Reply {
    Reply::new(ReplyCode::SYNTAX_ERROR_501, StatusDetail::SYNTAX_ERROR_X_5_2, "not base64")
}
