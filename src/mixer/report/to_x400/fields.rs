//! Fields of a notification that are not about one recipient.

use rasn_x400::bounds;
use rasn_x400::prim::PrintableString;

use super::super::delivery_status::Notice;
use super::{Header, Settings};
use crate::mixer::correlation::Correlation;
use crate::mixer::heading::field_line;
use crate::mixer::printable::nearest_printable_string;
use crate::mixer::to_x400::Work;

/// S-07: the header of the mail without its trace, one field on each line. Signatures that cannot stay valid are left out where
/// the settings say so.
pub(super) fn outer(header: &Header, work: &Work<'_>) -> Vec<String> {
    let trace = ["received", "x400-received", "return-path"];
    let signature = ["dkim-signature", "authentication-results", "arc-seal", "arc-message-signature"];
    let settings: &Settings = work.settings();
    let stays = |name: &str| {
        let name = name.to_ascii_lowercase();
        let is_signature = settings.drop_signatures && signature.contains(&name.as_str());
        !is_signature && !trace.contains(&name.as_str())
    };
    header.fields().iter().filter(|field| stays(&field.name)).map(field_line).collect()
}

/// What the sender marked the message with: as it was, else as a gateway wrote it (S-20).
pub(super) fn content_identifier(
    notice: &Notice,
    remembered: Option<&Correlation>,
) -> Option<PrintableString> {
    let known = remembered.and_then(|known| known.content_identifier.clone());
    let text = known.or_else(|| notice.fields.message.value("X400-Content-Identifier").map(str::to_owned))?;
    nearest_printable_string(&text, bounds::CONTENT_IDENTIFIER)
}

/// S-22: a text in the characters and the length of supplementary information.
pub(super) fn supplementary(text: &str) -> Option<PrintableString> {
    nearest_printable_string(text, bounds::SUPPLEMENTARY_INFORMATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supplementary_information_is_printable_and_short() {
        let text = supplementary("smtp; 550 5.1.1 <x@y>: \"user\tunknown\"; é")
            .map(|text| text.to_text().into_owned());
        assert_eq!(text.as_deref(), Some("smtp, 550 5.1.1 (x(a)y): 'user unknown', e"));
        assert_eq!(supplementary(&"x".repeat(300)).map(|text| text.len()), Some(256));
        assert_eq!(supplementary(" \t"), None);
    }
}
