//! Why X.400 did not deliver: reason and diagnostic (X.411; ledger OI-40 to OI-43).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub use rasn_x400::x411::non_delivery::{
    CODE_LIMIT, DIAGNOSTICS, NonDeliveryDiagnostic, NonDeliveryReason, REASONS,
};

/// A reason and perhaps a diagnostic, as in a non-delivery report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NonDelivery {
    /// Why, roughly.
    pub reason: NonDeliveryReason,
    /// Why, closely.
    pub diagnostic: Option<NonDeliveryDiagnostic>,
}

impl fmt::Display for NonDelivery {
    /// As in `Diagnostic-Code: x400; …` (RFC 2156 5.3.8, `dr-diagnostic`; ledger R-40).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reason {} ({})", self.reason.number(), self.reason)?;
        match self.diagnostic {
            Some(diagnostic) => write!(f, "; Diagnostic {} ({diagnostic})", diagnostic.number()),
            None => Ok(()),
        }
    }
}

/// The text is not a reason with an optional diagnostic as [`NonDelivery`] writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected `Reason n (label)`, perhaps with `; Diagnostic n (label)`")]
pub struct NotANonDelivery;

impl FromStr for NonDelivery {
    type Err = NotANonDelivery;

    /// Reads what [`NonDelivery`] writes (ledger S-19): the numbers count, the labels are not looked at.
    fn from_str(text: &str) -> Result<Self, NotANonDelivery> {
        let (reason, diagnostic) = match text.split_once(';') {
            Some((reason, diagnostic)) => (reason, Some(diagnostic)),
            None => (text, None),
        };
        let reason = labelled_number(reason, "Reason").ok_or(NotANonDelivery)?;
        let diagnostic = match diagnostic {
            Some(text) => Some(labelled_number(text, "Diagnostic").ok_or(NotANonDelivery)?),
            None => None,
        };
        Ok(Self {
            reason: NonDeliveryReason::from_number(reason),
            diagnostic: diagnostic.map(NonDeliveryDiagnostic::from_number),
        })
    }
}

/// `word number (label)`, white space as it comes; the label may be missing.
fn labelled_number(text: &str, word: &str) -> Option<u16> {
    let text = text.trim();
    let (start, rest) = text.split_at_checked(word.len())?;
    if !start.eq_ignore_ascii_case(word) || !rest.starts_with([' ', '\t', '\r', '\n', '(']) {
        return None;
    }
    let rest = rest.trim_start();
    let (digits, label) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    let label = label.trim();
    let well_formed = label.is_empty() || (label.starts_with('(') && label.ends_with(')'));
    well_formed.then(|| digits.parse().ok()).flatten().filter(|&number| number <= CODE_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-40, S-19.
    #[test]
    fn writes_and_reads_diagnostic_codes() {
        let both = "Reason 1 (Unable-To-Transfer); Diagnostic 0 (Unrecognised-ORName)";
        let parsed: NonDelivery = both.parse().unwrap();
        assert_eq!(parsed.diagnostic, Some(NonDeliveryDiagnostic::UnrecognisedOrName));
        assert_eq!(parsed.to_string(), both);
        for text in ["Reason 0 (Transfer-Failure)", "Reason 700 (Unknown); Diagnostic 9000 (Unknown)"] {
            assert_eq!(text.parse::<NonDelivery>().unwrap().to_string(), text);
        }
        let odd = "reason 1\r\n (x); DIAGNOSTIC 0".parse();
        assert_eq!(odd, Ok(parsed));
    }

    #[test]
    fn refuses_other_texts() {
        let texts = [
            "",
            "Reason",
            "Reason x",
            "Reason1 (x)",
            "Reason 1 (x",
            "Reason 1 x",
            "Reason 32768 (x)",
            "Diagnostic 0",
            "Reason 1 (x);",
            "Reason 1 (x); Reason 2 (y)",
            "5.1.1 no such user",
        ];
        for text in texts {
            assert_eq!(text.parse::<NonDelivery>(), Err(NotANonDelivery), "{text:?}");
        }
    }
}
