//! The MTS-APDU of a converted message.

use rasn::types::Tag;
use rasn_x400::ber::{Error, plan::Plan};

use super::Converted;

impl Converted {
    /// The message as it is transferred: envelope and content in an MTS-APDU (X.419), in pieces. The content's octets are
    /// referred to.
    ///
    /// # Errors
    /// [`Error::Unencodable`] when the envelope holds a value without an encoding; a fault of the gateway.
    pub fn mts_apdu(&self) -> Result<Plan, Error> {
        let mut message = Plan::value(&self.envelope)?;
        message.append(self.content.iter().cloned().collect::<Plan>().enclosed(Tag::OCTET_STRING, false));
        // MTS-APDU: `message [0]`
        Ok(message.constructed(Tag::new_context(0)))
    }
}
