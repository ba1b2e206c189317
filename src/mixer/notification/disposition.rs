//! The `Disposition` of RFC 8098 3.2.6, and what X.420 says instead (Y-02, Y-03, D-60).

use rasn_x400::x420::notification::{AcknowledgmentMode, NonReceiptReason, NotificationChoice};

/// What happened to a message, as far as both worlds know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disposition {
    /// It was shown to its reader, or taken by a machine for him.
    Received(AcknowledgmentMode),
    /// It was thrown away.
    Discarded,
    /// It was passed on.
    Forwarded,
}

impl Disposition {
    /// What a notification says; `None` if it is neither about receipt nor about non-receipt.
    pub(super) fn of(choice: &NotificationChoice) -> Option<Self> {
        match choice {
            NotificationChoice::Receipt(receipt) => Some(Self::Received(receipt.acknowledgment_mode)),
            NotificationChoice::NonReceipt(fields) => {
                Some(if fields.non_receipt_reason == NonReceiptReason::IPM_AUTO_FORWARDED {
                    Self::Forwarded
                } else {
                    Self::Discarded
                })
            }
            NotificationChoice::Other(_) | NotificationChoice::Unknown(_) => None,
        }
    }

    /// The value of the field.
    pub(super) const fn to_text(self) -> &'static str {
        match self {
            Self::Received(AcknowledgmentMode::MANUAL) => "manual-action/MDN-sent-manually; displayed",
            Self::Received(_) => "automatic-action/MDN-sent-automatically; displayed",
            Self::Discarded => "automatic-action/MDN-sent-automatically; deleted",
            Self::Forwarded => "automatic-action/MDN-sent-automatically; dispatched",
        }
    }

    /// Reads the field; `None` for what X.420 cannot say: a refusal, an error, or a word nobody knows.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mode, kind) = text.split_once(';')?;
        let (kind, modifiers) = kind.split_once('/').unwrap_or((kind, ""));
        let failed = modifiers
            .split(',')
            .any(|modifier| matches!(modifier.trim().to_ascii_lowercase().as_str(), "error" | "failure"));
        if failed {
            return None;
        }
        let action = mode.split('/').next().unwrap_or_default().trim();
        let mode = if action.eq_ignore_ascii_case("manual-action") {
            AcknowledgmentMode::MANUAL
        } else {
            AcknowledgmentMode::AUTOMATIC
        };
        match kind.trim().to_ascii_lowercase().as_str() {
            "displayed" => Some(Self::Received(mode)),
            "processed" => Some(Self::Received(AcknowledgmentMode::AUTOMATIC)),
            "dispatched" => Some(Self::Forwarded),
            "deleted" => Some(Self::Discarded),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dispositions_go_both_ways() {
        for disposition in [
            // Y-02, D-60
            Disposition::Received(AcknowledgmentMode::MANUAL),
            Disposition::Received(AcknowledgmentMode::AUTOMATIC),
            Disposition::Discarded,
            Disposition::Forwarded,
        ] {
            assert_eq!(Disposition::parse(disposition.to_text()), Some(disposition));
        }
    }

    #[test]
    fn what_x420_cannot_say_is_no_disposition() {
        let automatic = Disposition::Received(AcknowledgmentMode::AUTOMATIC);
        for (text, found) in [
            // Y-03
            ("manual-action/MDN-sent-automatically; processed", Some(automatic)),
            ("Automatic-Action / MDN-sent-automatically ;Displayed/warning", Some(automatic)),
            ("manual-action/MDN-sent-manually; denied", None),
            ("manual-action/MDN-sent-manually; displayed/error", None),
            ("automatic-action/MDN-sent-automatically; deleted/x, failure", None),
            ("displayed", None),
            ("", None),
        ] {
            assert_eq!(Disposition::parse(text), found, "{text}");
        }
    }
}
