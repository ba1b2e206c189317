//! What a sender wants made of a part: the field `Wanted-X400-Conversion` (RFC 2157 4.1, ledger B-29). Obeyed wherever it
//! can be read; it also wins over a prohibition of conversion, because the sender says both.

use rasn_x400::prim::Oid;

use crate::message::{Entity, lexer};
use crate::mixer::settings::AttachmentForm;

/// One wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The media type it is about, lower case; of the part with the field itself if it is left out.
    from: Option<String>,
    /// What names the type in X.400; left out for a tunnel.
    pub(super) reference: Option<Oid>,
    pub(super) form: AttachmentForm,
}

impl Wanted {
    /// The wish of a field value; `None` if it cannot be read.
    fn parse(value: &str) -> Option<Self> {
        let plain = lexer::without_comments(value);
        let mut words = plain.split_ascii_whitespace().peekable();
        let after = |word: &str, words: &mut std::iter::Peekable<std::str::SplitAsciiWhitespace<'_>>| {
            words
                .next_if(|found| found.eq_ignore_ascii_case(word))
                .and_then(|_| words.next().map(str::to_owned))
        };
        let from = after("from", &mut words).map(|from| from.to_ascii_lowercase());
        let reference = match after("to", &mut words) {
            Some(tunnel) if tunnel.eq_ignore_ascii_case("tunnel") => None,
            Some(arcs) => Some(arcs.parse().ok()?),
            None => None,
        };
        let form = match after("in", &mut words)?.to_ascii_lowercase().as_str() {
            "bp14" => AttachmentForm::Bp14,
            "bp15" => AttachmentForm::Bp15,
            "ftbp" => AttachmentForm::Ftbp,
            "ia5" => AttachmentForm::Ia5,
            _ => return None,
        };
        words.next().is_none().then_some(Self { from, reference, form })
    }

    /// The wishes of an entity.
    pub(super) fn of(entity: &Entity) -> Vec<Self> {
        entity.header.all("Wanted-X400-Conversion").filter_map(|field| Self::parse(&field.value)).collect()
    }

    /// What is wanted of a part of this type: its own wish, else that of the nearest multipart around it.
    pub(super) fn choose(own: &[Self], around: &[Self], essence: &str) -> Option<Self> {
        let about = |wanted: &&Self| wanted.from.as_deref().is_none_or(|from| from == essence);
        let named = |wanted: &&Self| wanted.from.as_deref() == Some(essence);
        own.iter().find(about).or_else(|| around.iter().rev().find(named)).cloned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read() {
        let wanted = |from: Option<&str>, reference: Option<&str>, form| {
            let reference = reference.map(|reference| reference.parse().unwrap());
            Some(Wanted { from: from.map(str::to_owned), reference, form })
        };
        for (value, expected) in [
            (
                "from application/msword to 1.2.840.113556.4.2 (Microsoft defined ms-word) in ftbp",
                wanted(Some("application/msword"), Some("1.2.840.113556.4.2"), AttachmentForm::Ftbp),
            ),
            (
                "From Application/MSWord to tunnel in bp14",
                wanted(Some("application/msword"), None, AttachmentForm::Bp14),
            ),
            ("in bp14", wanted(None, None, AttachmentForm::Bp14)),
            ("in ia5", wanted(None, None, AttachmentForm::Ia5)),
            ("in smoke", None),
            ("to x in bp15", None),
            ("in bp15 now", None),
            ("", None),
        ] {
            assert_eq!(Wanted::parse(value), expected, "{value}");
        }
    }
}
