//! ATS messages of aviation (AMHS, ICAO Doc 9880 Part II-B; ledger beyond V-05 to V-09, V-12, V-15).
//!
//! An AMHS message is an interpersonal message with a header of its own: its priority, filing time and optional heading
//! information stand at the start of the text, or in heading extensions where every recipient knows them.
//!
//! * `header` reads and writes that header, and knows the priorities;
//! * `compose` makes an ATS message of a mail;
//! * `recognise` takes the header off one that goes to the Internet.
//!
//! The addresses of aviation are an affair of the rules: [`crate::rules::aviation`].

pub(crate) mod compose;
pub(crate) mod header;
pub(crate) mod recognise;

use serde::Deserialize;

/// The policy of the precedences in a heading (V-07): 1.3.27.8.0.0.
pub(crate) const PRECEDENCE_POLICY: rasn_x400::prim::Oid =
    rasn_x400::prim::Oid::from_contents(&[0x2b, 0x1b, 8, 0, 0]);

/// Fields of the mail that hold what an ATS header says; none are registered anywhere.
pub(crate) const PRIORITY_FIELD: &str = "X-ATS-Priority";
/// The filing time, `ddhhmm`.
pub(crate) const FILING_TIME_FIELD: &str = "X-ATS-Filing-Time";
/// Optional heading information.
pub(crate) const OPTIONAL_FIELD: &str = "X-ATS-OHI";

/// What an operator says about ATS messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Aviation {
    /// The domains whose recipients get ATS messages; what comes from X.400 is recognised whoever it is for.
    pub domains: Vec<String>,
    /// Where priority, filing time and optional information stand.
    #[serde(default)]
    pub form: Form,
    /// What a mail of no special priority is: `DD`, `FF` or `GG`.
    #[serde(default = "ordinary")]
    pub ordinary: header::AtsPriority,
    /// Senders that may send `SS`, in lower case.
    #[serde(default)]
    pub distress_senders: Vec<String>,
    /// Whether the subject is sent as optional heading information where the mail says no other.
    #[serde(default)]
    pub subject_as_optional: bool,
    /// Whether the text is put in capitals and its lines are folded at 69 characters, as telegraph networks need it.
    #[serde(default)]
    pub fold: bool,
}

const fn ordinary() -> header::AtsPriority {
    header::AtsPriority::Ff
}

/// Where priority, filing time and optional information stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// At the start of the text: everybody understands it (V-05).
    #[default]
    Text,
    /// In heading extensions: all recipients must support the extended service (V-07).
    Extensions,
}

/// Why a mail cannot be an ATS message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AviationFault {
    /// It is not one text.
    #[error("an ATS message is one text without attachments")]
    NotOneText,
    /// The sender may not send distress messages.
    #[error("the sender may not send messages of priority SS")]
    Distress,
}
