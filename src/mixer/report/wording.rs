//! The words of the text part of reports. RFC 2156 5.3.8.1 fixes their order and gives them in English; the language may be
//! another one (G-05).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::status::NonDelivery;

/// The fixed words, in the order they stand in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wording {
    /// Before what the message is recognised by.
    pub relates_to: String,
    /// Before the date of the message.
    pub of: String,
    /// Before a recipient that got it.
    pub delivered_to: String,
    /// Before the time of delivery.
    pub at: String,
    /// Before a recipient that did not get it.
    pub not_delivered_to: String,
    /// Before a recipient that is still tried.
    pub delayed_to: String,
    /// Before a recipient whose system reports nothing.
    pub relayed_to: String,
    /// Before the reason.
    pub reason: String,
    /// At the end, when the message or its header follows.
    pub original_follows: String,
    /// At the end, when nothing follows.
    pub original_missing: String,
    /// What a reason, `1`, or a reason with a diagnostic, `1/0`, means; where nothing is said, in English.
    pub meanings: BTreeMap<String, String>,
}

impl Default for Wording {
    fn default() -> Self {
        Self {
            relates_to: "This report relates to your message:".into(),
            of: "of".into(),
            delivered_to: "Your message was successfully delivered to:".into(),
            at: "at".into(),
            not_delivered_to: "Your message was not delivered to:".into(),
            delayed_to: "Your message is delayed, and delivery is still tried to:".into(),
            relayed_to: "Your message was passed on, and no further report will follow, for:".into(),
            reason: "for the following reason:".into(),
            original_follows: "The Original Message follows:".into(),
            original_missing: "The Original Message is not available".into(),
            meanings: BTreeMap::new(),
        }
    }
}

impl Wording {
    /// What a non-delivery means, for people: the operator's words for the pair, else for the reason; else the meaning of
    /// the diagnostic in English, else of the reason.
    #[must_use]
    pub fn meaning(&self, non_delivery: NonDelivery) -> String {
        let reason = non_delivery.reason.number();
        let pair = non_delivery.diagnostic.map(|diagnostic| format!("{reason}/{}", diagnostic.number()));
        let own =
            pair.and_then(|pair| self.meanings.get(&pair)).or_else(|| self.meanings.get(&reason.to_string()));
        own.cloned().unwrap_or_else(|| {
            let meaning = non_delivery.diagnostic.and_then(|diagnostic| diagnostic.meaning());
            meaning
                .or_else(|| non_delivery.reason.meaning())
                .map_or_else(|| non_delivery.to_string(), str::to_owned)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{NonDeliveryDiagnostic, NonDeliveryReason};

    #[test]
    fn the_closest_words_are_taken() {
        let meanings =
            [("1", "geht nicht"), ("1/0", "kennt niemand")].map(|(key, text)| (key.into(), text.into()));
        let wording = Wording { meanings: meanings.into_iter().collect(), ..Wording::default() };
        let pair = |reason, diagnostic: Option<u16>| NonDelivery {
            reason: NonDeliveryReason::from_number(reason),
            diagnostic: diagnostic.map(NonDeliveryDiagnostic::from_number),
        };
        for (reason, diagnostic, expected) in [
            (1, Some(0), "kennt niemand"),
            (1, Some(2), "geht nicht"),
            (1, None, "geht nicht"),
            (700, Some(9000), "Reason 700 (Unknown); Diagnostic 9000 (Unknown)"),
        ] {
            assert_eq!(wording.meaning(pair(reason, diagnostic)), expected);
        }
        let english = NonDeliveryDiagnostic::LoopDetected.meaning();
        assert_eq!(Some(wording.meaning(pair(0, Some(3))).as_str()), english);
    }
}
