//! STANAG 4406: military messages (content type P772, ledger M-01 to M-30).
//!
//! A military message is an interpersonal message with more in its heading: the structure is that of [`crate::x420`].
//!
//! * [`mmhs`] – heading extensions of messages, recipients and notifications;
//! * [`military_body`] – body parts;
//! * [`compressed`] – compressed contents (STANAG 4406 Annex E, RFC 8494).

use crate::x420::Ipm;
use crate::x420::notification::Ipn;

pub mod compressed;
pub mod military_body;
pub mod mmhs;

crate::asn_choice! {
    /// The content of content type P772.
    pub enum MilitaryObject {
        /// A message: heading and body of an interpersonal message.
        Message(Ipm) = imp(0),
        /// A notification: that of an interpersonal message.
        Notification(Ipn) = imp(1),
    }
}
