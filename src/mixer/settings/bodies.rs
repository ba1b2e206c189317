//! What an operator may decide about bodies.

use serde::{Deserialize, Serialize};

/// What becomes of a text in HTML, for which X.400 has no body part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HtmlForm {
    /// A text that says the same, unless the mail has one, and the original as a file.
    #[default]
    WithText,
    /// The original as a file.
    File,
    /// A text that says the same, unless the mail has one; the original is lost.
    Text,
}

/// How S/MIME objects travel (S-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecuredForm {
    /// As a file, like any other.
    #[default]
    File,
    /// As the body part for PKCS#7.
    BodyPart,
    /// As the content itself if the mail is nothing but the object (RFC 3855 2.2), else as the body part.
    Content,
}

/// What becomes of a signed multipart (S-04, RFC 2157 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignedForm {
    /// It travels as it is, in a text that only a gateway or a reader of MIME takes apart.
    #[default]
    Keep,
    /// What is signed comes first for every reader, then the whole.
    Both,
    /// What is signed alone; the signature is lost.
    Strip,
}

/// What EDI messages, contents of type P35, are in mail (E-06, E-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdiForm {
    /// A content as it is; an interchange in a mail is a file.
    #[default]
    Tunnel,
    /// A mail with the interchange and fields that say what the heading says; a mail with nothing but an interchange becomes
    /// an EDI message.
    Mail,
}

/// What becomes of a part of a body that is larger than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LargerParts {
    /// It is left out; the loss is recorded.
    #[default]
    LeaveOut,
    /// The whole message is refused.
    Refuse,
}

/// In which character set text goes to the Internet; what is ASCII goes as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InternetText {
    /// UTF-8, which every reader of mail knows.
    #[default]
    Utf8,
    /// The charset that is the equal of the registered sets a general-text names (RFC 2157 6.2); UTF-8 if there is none.
    Registered,
}
