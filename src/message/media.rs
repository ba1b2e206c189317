//! `Content-Type`, `Content-Disposition` and `Content-Language`.

use mail_parser::{ContentType, HeaderValue, parsers::MessageStream};

use super::lexer::{Kind, tokens};

/// A media type with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// The type, lower case: `text`.
    pub kind: String,
    /// The subtype, lower case: `plain`.
    pub subtype: String,
    /// Parameters in order: name in lower case, value unquoted and decoded (RFC 2231, RFC 2047).
    pub parameters: Vec<(String, String)>,
}

/// A content disposition with its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disposition {
    /// `attachment`, `inline` or another word, lower case.
    pub kind: String,
    /// As in [`MediaType::parameters`].
    pub parameters: Vec<(String, String)>,
}

/// The tags of a `Content-Language` field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages {
    /// The tags in order, as written.
    pub tags: Vec<String>,
    /// Whether the field holds a comment.
    pub commented: bool,
}

impl MediaType {
    /// `text/plain; charset=us-ascii`, which holds where nothing is said (RFC 2045 5.2).
    #[must_use]
    pub fn plain_text() -> Self {
        Self { kind: "text".into(), subtype: "plain".into(), parameters: Vec::new() }
    }

    /// Reads the value of a `Content-Type` field.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (kind, subtype, parameters) = parse_parameters(value)?;
        Some(Self { kind, subtype: subtype?, parameters })
    }

    /// `type/subtype`
    #[must_use]
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }

    /// Whether type and subtype are these, given in lower case.
    #[must_use]
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    /// The value of a parameter, named in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameter(&self.parameters, name)
    }
}

impl Disposition {
    /// Reads the value of a `Content-Disposition` field.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (kind, _, parameters) = parse_parameters(value)?;
        Some(Self { kind, parameters })
    }

    /// The value of a parameter, named in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameter(&self.parameters, name)
    }
}

impl Languages {
    /// Reads the value of a `Content-Language` field.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let mut languages = Self::default();
        for token in tokens(value) {
            match token.kind {
                Kind::Atom => languages.tags.push(token.text.to_owned()),
                Kind::Comment => languages.commented = true,
                _ => {}
            }
        }
        languages
    }
}

type Parameters = Vec<(String, String)>;

/// Octets of a value, at most: `mail-parser` takes its time, with the square of their number, over parameters in pieces.
const MAX_VALUE: usize = 64 * 1024;

/// Type, subtype and parameters of a value.
fn parse_parameters(value: &str) -> Option<(String, Option<String>, Parameters)> {
    if value.len() > MAX_VALUE {
        return None;
    }
    // The reader of mail-parser wants a whole line.
    let line = format!("{value}\n");
    let HeaderValue::ContentType(parsed) = MessageStream::new(line.as_bytes()).parse_content_type() else {
        return None;
    };
    let ContentType { c_type, c_subtype, attributes } = parsed;
    let parameters = attributes.into_iter().flatten();
    let parameters =
        parameters.map(|attribute| (attribute.name.to_ascii_lowercase(), attribute.value.into_owned()));
    Some((c_type.into_owned(), c_subtype.map(std::borrow::Cow::into_owned), parameters.collect()))
}

fn parameter<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn media_types_with_parameters() {
        for (value, expected) in [
            ("text/plain", "text/plain []"),
            ("TEXT/Plain; CharSet=\"UTF-8\"", "text/plain [charset=UTF-8]"),
            ("application/pdf; name*=utf-8''Gr%C3%BC%C3%9Fe.pdf", "application/pdf [name=Grüße.pdf]"),
            ("a/b; name*0=\"one \"; name*1=two", "a/b [name=one two]"),
            ("image/png; name=\"=?utf-8?Q?=C3=BC.png?=\"", "image/png [name=ü.png]"),
            ("multipart/mixed; boundary=\"a b:c\" (comment)", "multipart/mixed [boundary=a b:c]"),
        ] {
            let media = MediaType::parse(value).unwrap();
            let parameters: Vec<_> = media.parameters.iter().map(|(n, v)| format!("{n}={v}")).collect();
            assert_eq!(format!("{} [{}]", media.essence(), parameters.join(" ")), expected, "{value}");
        }
        assert_eq!(MediaType::parse("text"), None);
        assert_eq!(MediaType::parse(&format!("text/plain{}", "; a*1=b".repeat(10_000))), None);
        assert_eq!(MediaType::parse(""), None);
    }

    #[test]
    fn languages_and_comments() {
        // H-29
        let languages = Languages::parse("en, fr-CA (Quebec)");
        assert_eq!(languages, Languages { tags: vec!["en".into(), "fr-CA".into()], commented: true });
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(value in "[ a-c/;=*0'\"\\\\?%()]{0,40}") {
            let _ = MediaType::parse(&value);
            let _ = Disposition::parse(&value);
        }
    }
}
