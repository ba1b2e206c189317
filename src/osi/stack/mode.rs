//! What is spoken over reliable transfer: the three application contexts of MTS transfer (X.419 12).

use std::fmt;

use rasn_x400::rtse::ApplicationProtocol;

/// An application context of MTS transfer, and with it the form of every layer above session (T-34).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Deserialize)]
pub enum Mode {
    /// `mts-transfer`: P1 of 1988 in normal mode, with presentation contexts and association control.
    #[default]
    #[serde(rename = "normal")]
    MtsTransfer,
    /// `mts-transfer-protocol`: P1 of 1988 in X.410-1984 mode, which is reliable transfer directly over session.
    #[serde(rename = "x410-1988")]
    MtsTransferProtocol,
    /// `mts-transfer-protocol-1984`: P1 of 1984, in X.410-1984 mode.
    #[serde(rename = "x410-1984")]
    MtsTransferProtocol1984,
}

/// What some initiators of 1988 write where 12 is meant: they forget to bring it to network order (Q2).
pub(in crate::osi) const SWAPPED_PROTOCOL: ApplicationProtocol = ApplicationProtocol(0x0c00);

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::MtsTransfer, Self::MtsTransferProtocol, Self::MtsTransferProtocol1984];

    /// Whether reliable transfer lies directly over session (X.410), without association control and contexts.
    #[must_use]
    pub const fn is_x410(self) -> bool {
        matches!(self, Self::MtsTransferProtocol | Self::MtsTransferProtocol1984)
    }

    /// Whether the messages are those of 1984: content type P2, no extensions.
    #[must_use]
    pub const fn is_1984(self) -> bool {
        matches!(self, Self::MtsTransferProtocol1984)
    }

    /// How an open request in X.410-1984 mode names it; in normal mode the application context does.
    pub(in crate::osi) const fn application_protocol(self) -> Option<ApplicationProtocol> {
        match self {
            Self::MtsTransfer => None,
            Self::MtsTransferProtocol => Some(ApplicationProtocol::P1_1988),
            Self::MtsTransferProtocol1984 => Some(ApplicationProtocol::P1_1984),
        }
    }

    /// What an open request in X.410-1984 mode asks for. One that does not say means P1 of 1984, as X.410 has it.
    pub(in crate::osi) const fn of_application_protocol(
        protocol: Option<ApplicationProtocol>,
    ) -> Option<Self> {
        match protocol {
            None | Some(ApplicationProtocol::P1_1984) => Some(Self::MtsTransferProtocol1984),
            Some(ApplicationProtocol::P1_1988) => Some(Self::MtsTransferProtocol),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Mode {
    /// As the configuration writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MtsTransfer => "normal",
            Self::MtsTransferProtocol => "x410-1988",
            Self::MtsTransferProtocol1984 => "x410-1984",
        })
    }
}
