//! What is not as it should be in coded text.

use std::fmt;

/// More different faults than a reader of a report wants to see.
pub const FAULTS: usize = 100;

/// Something in coded text that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The octet where it starts, counted from 0.
    pub at: usize,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with coded text, and what was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The set has no character at this octet; U+FFFD stands for it.
    NoCharacter(u8),
    /// No set was designated or named for this octet; U+FFFD stands for it.
    NoSet(u8),
    /// A set that is not known here was designated: the final octet. Its characters become U+FFFD.
    UnknownSet(u8),
    /// The set was named but never designated; octets from A0 on are read in it (B-12).
    NotDesignated(i64),
    /// Nothing says what octets from 80 on are; they were UTF-8.
    TakenForUtf8,
    /// Nothing says what octets from 80 on are; they are read in ISO-IR-100, as ISO 8859-1.
    TakenForLatin1,
    /// A control of ISO 6429 that Windows-1252 has a character for, in text of ISO-IR-100; it is read as that.
    TakenForWindows1252(u8),
    /// A diacritic without a letter; U+FFFD stands for it.
    LonelyDiacritic,
    /// An escape sequence that is cut off or is none; U+FFFD stands for the ESC.
    BrokenEscape,
    /// A control function (its final octet) that says how text looks and not what it says; left out.
    ControlFunction(u8),
    /// Octets that are no UTF-8, or no UCS-2 or UCS-4; U+FFFD stands for them.
    BadUnicode,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "octet {}: ", self.at)?;
        match self.kind {
            FaultKind::NoCharacter(octet) => write!(formatter, "the set has no character at {octet:02X}"),
            FaultKind::NoSet(octet) => write!(formatter, "no set is designated for {octet:02X}"),
            FaultKind::UnknownSet(last) => {
                write!(formatter, "the set with the final octet {last:02X} is not known")
            }
            FaultKind::NotDesignated(number) => {
                write!(formatter, "ISO-IR-{number} is named and not designated")
            }
            FaultKind::TakenForUtf8 => formatter.write_str("no set is named; taken for UTF-8"),
            FaultKind::TakenForLatin1 => formatter.write_str("no set is named; taken for ISO 8859-1"),
            FaultKind::TakenForWindows1252(octet) => {
                write!(formatter, "{octet:02X} is a control; taken for Windows-1252")
            }
            FaultKind::LonelyDiacritic => formatter.write_str("a diacritic has no letter"),
            FaultKind::BrokenEscape => formatter.write_str("an escape sequence is cut off"),
            FaultKind::ControlFunction(last) => {
                write!(formatter, "the control function with the final octet {last:02X} is left out")
            }
            FaultKind::BadUnicode => formatter.write_str("no character of Unicode"),
        }
    }
}
