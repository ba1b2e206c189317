//! X.435: EDI messages (content type P35; ledger E-01 to E-05).
//!
//! * [`edim`] – an EDI message: its heading, and what it has for each recipient;
//! * [`edi_body`] – its body;
//! * [`edin`] – EDI notifications;
//! * [`reason`] – why one is negative or forwarded, in numbers.

pub mod edi_body;
pub mod edim;
pub mod edin;
pub mod reason;

use edim::Edim;
use edin::Edin;

crate::asn_choice! {
    /// The content of content type P35.
    pub enum EdiObject {
        /// A message.
        Message(Edim) = imp(0),
        /// A notification.
        Notification(Edin) = exp(1),
    }
}
