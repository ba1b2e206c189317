//! What products do that the standards do not have them do, each by its name.
//!
//! Reading tolerates every one of them, because that costs nothing; a peer can be held to the standard in those that a
//! layer sees ([`Quirk::can_be_refused`]). Some can be written as well, for a peer that takes nothing else
//! ([`Quirk::can_be_reproduced`]). "ISODE" stands for the MTAs that were built on the ISODE 8 stack, PP 6 among them.

use std::fmt;
use std::str::FromStr;

/// A known oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
    /// UTCTime with a year of three or four digits. ISODE on a clock past 1999 (Q1).
    LongYears,
    /// Application protocol 3072 where 12 is meant. ISODE as an initiator of 1988 in X.410 mode, on little-endian hosts (Q2).
    SwappedProtocol,
    /// The type of an extension as `[0]` around an INTEGER. ISODE writes nothing else, and takes nothing else (Q3).
    ExplicitExtensionType,
    /// No extensions in what is sent: for a peer that chokes on them, in whichever form. ISODE with the other form (Q3).
    NoExtensions,
    /// A session selector of length zero in an accept. ISODE in normal mode (Q4).
    EmptySelector,
    /// A sentence in a disconnect request of transport class 0. ISODE, for an unknown selector (Q5).
    DisconnectText,
    /// One checkpoint more than the window unconfirmed. ISODE as a sender in normal mode (Q6).
    WindowPlusOne,
    /// The bind error without the wrapper that argument and result have. PP in normal mode (Q7).
    BareBindError,
    /// No TSDU size in a session accept. ISODE; the standard allows it (Q8).
    NoTsduSize,
    /// An MTS-APDU without the EXTERNAL around it in normal mode. The reverse of what PP insists on (Q9).
    BareMessage,
    /// The content as an OCTET STRING in chunks, 128 octets each. PP; BER allows it (Q10).
    ChunkedContent,
    /// Any name and password are accepted. PP with a `sloppy` channel (Q11).
    AnyCredentials,
    /// A message is refused by an abort after it was transferred whole. PP, for an originator it does not know (Q12, Q13).
    LateRefusal,
}

impl Quirk {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::LongYears,
        Self::SwappedProtocol,
        Self::ExplicitExtensionType,
        Self::NoExtensions,
        Self::EmptySelector,
        Self::DisconnectText,
        Self::WindowPlusOne,
        Self::BareBindError,
        Self::NoTsduSize,
        Self::BareMessage,
        Self::ChunkedContent,
        Self::AnyCredentials,
        Self::LateRefusal,
    ];

    /// What the configuration calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LongYears => "long-years",
            Self::SwappedProtocol => "swapped-protocol",
            Self::ExplicitExtensionType => "explicit-extension-type",
            Self::NoExtensions => "no-extensions",
            Self::EmptySelector => "empty-selector",
            Self::DisconnectText => "disconnect-text",
            Self::WindowPlusOne => "window-plus-one",
            Self::BareBindError => "bare-bind-error",
            Self::NoTsduSize => "no-tsdu-size",
            Self::BareMessage => "bare-message",
            Self::ChunkedContent => "chunked-content",
            Self::AnyCredentials => "any-credentials",
            Self::LateRefusal => "late-refusal",
        }
    }

    /// Whether a peer can be held to the standard here. The others are allowed by it, or are told apart too late.
    #[must_use]
    pub const fn can_be_refused(self) -> bool {
        matches!(self, Self::SwappedProtocol | Self::BareBindError | Self::BareMessage)
    }

    /// Whether we can do the same.
    #[must_use]
    pub const fn can_be_reproduced(self) -> bool {
        matches!(
            self,
            Self::SwappedProtocol
                | Self::ExplicitExtensionType
                | Self::NoExtensions
                | Self::WindowPlusOne
                | Self::BareBindError
                | Self::BareMessage
        )
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no quirk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a quirk; known are: {list}", list = known())]
pub struct UnknownQuirk(String);

fn known() -> String {
    Quirk::ALL.map(Quirk::name).join(", ")
}

impl FromStr for Quirk {
    type Err = UnknownQuirk;

    fn from_str(text: &str) -> Result<Self, UnknownQuirk> {
        Self::ALL.into_iter().find(|quirk| quirk.name() == text).ok_or_else(|| UnknownQuirk(text.to_owned()))
    }
}

impl<'de> serde::Deserialize<'de> for Quirk {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How a peer's oddities are dealt with. The default tolerates all and does none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quirks {
    refused: u16,
    reproduced: u16,
}

impl Quirks {
    /// These are not tolerated, and those are done to the peer.
    #[must_use]
    pub fn new(refused: &[Quirk], reproduced: &[Quirk]) -> Self {
        let set = |quirks: &[Quirk]| quirks.iter().fold(0, |set, quirk| set | quirk.bit());
        Self { refused: set(refused), reproduced: set(reproduced) }
    }

    /// Holds the peer to the standard wherever that can be done.
    #[must_use]
    pub fn strict() -> Self {
        let refused: Vec<_> = Quirk::ALL.into_iter().filter(|quirk| quirk.can_be_refused()).collect();
        Self::new(&refused, &[])
    }

    /// Whether the peer may do it.
    #[must_use]
    pub const fn tolerates(self, quirk: Quirk) -> bool {
        self.refused & quirk.bit() == 0
    }

    /// Whether we do it to the peer.
    #[must_use]
    pub const fn reproduces(self, quirk: Quirk) -> bool {
        self.reproduced & quirk.bit() != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_has_a_name_of_its_own() {
        for quirk in Quirk::ALL {
            assert_eq!(quirk.name().parse(), Ok(quirk));
            assert_eq!(Quirk::ALL.iter().filter(|other| other.bit() == quirk.bit()).count(), 1, "{quirk}");
        }
        let error = "q3".parse::<Quirk>().unwrap_err().to_string();
        assert!(error.starts_with("`q3` is not a quirk; known are: long-years, "), "{error}");
    }

    #[test]
    fn all_are_tolerated_and_none_is_done_unless_somebody_says_so() {
        let usual = Quirks::default();
        assert!(Quirk::ALL.into_iter().all(|quirk| usual.tolerates(quirk) && !usual.reproduces(quirk)));
        for quirk in Quirk::ALL {
            assert_eq!(Quirks::strict().tolerates(quirk), !quirk.can_be_refused(), "{quirk}");
            let chosen = Quirks::new(&[], &[quirk]);
            assert!(Quirk::ALL.into_iter().all(|other| chosen.reproduces(other) == (other == quirk)));
        }
    }
}
