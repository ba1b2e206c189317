//! What rules are asked about: a message on its way to one recipient, as far as it is known.

use rasn_x400::x411::envelope::ContentType;

use super::file::Direction;
use super::pattern::Party;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From the Internet to X.400.
    ToX400,
    /// From X.400 to the Internet.
    ToInternet,
    /// From one X.400 MTA to another: as it is, so that only what is said without a direction counts.
    Relay,
}

/// A message for one recipient.
#[derive(Debug, Clone, Copy)]
pub struct Traffic<'a> {
    /// Which way it goes.
    pub way: Way,
    /// The peer it goes to or came from; of what is relayed, both.
    pub peers: &'a [&'a str],
    /// Who sent it; nobody, if it has the null reverse path.
    pub from: &'a Party,
    /// Whom it is for.
    pub to: &'a Party,
    /// Octets: of a mail as it came in, of an X.400 message the content; `None` if that is not known yet.
    pub length: Option<u64>,
    /// What the content is in X.400; `None` if that is not known yet.
    pub content_type: Option<&'a ContentType>,
    /// What its security label is called; `None` if that is not known yet.
    pub labels: Option<&'a [String]>,
}

impl Direction {
    /// Whether a rule of this direction counts for messages that go this way.
    pub(super) fn is(self, way: Way) -> bool {
        match self {
            Self::Both => true,
            Self::ToX400 => way == Way::ToX400,
            Self::ToInternet => way == Way::ToInternet,
        }
    }
}
