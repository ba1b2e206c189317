//! What an operator may decide about a conversion. The default follows RFC 2156 and RFC 2157 where they leave no choice,
//! with one exception that this project decided for: of a nested `multipart/alternative` or `multipart/related` the plain
//! text is the body and the other renditions follow as attachments, where RFC 2157 6.6 asks for a forwarded message. Few
//! readers of X.400 mail look for the text of a message inside another one. [`Renditions::Nest`] is the letter of it. RFC 2157 8
//! leaves that to whoever configures a gateway: what it demands is that the gateway can be told to (G-14).

mod bodies;

use rasn_x400::prim::Oid;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use serde::{Deserialize, Serialize};

use super::aviation::Aviation;
use super::charset::TextFallback;
use super::label::Labels;
use super::loss::report::{LossReport, Wording as LossWording};
use super::report::wording::Wording;
use crate::rules::header::HeaderRules;
use crate::status::DiagnosticTable;
pub use bodies::{EdiForm, HtmlForm, InternetText, LargerParts, SecuredForm, SignedForm};

/// The decisions for one conversion.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The management domain of this gateway.
    pub domain: GlobalDomainIdentifier,
    /// The MTA name of this gateway, 1 to 32 characters.
    pub mta_name: String,
    /// The Internet domain of this gateway.
    pub mail_domain: String,
    /// The edition of X.400 the peer understands.
    pub edition: Edition,
    /// An MTA of both editions, by way of which addresses of 1988 go to a peer of 1984 (V-07).
    pub relay_1988: Option<OrName>,
    /// How files travel.
    pub attachments: AttachmentForm,
    /// What becomes of several renditions of one text.
    pub renditions: Renditions,
    /// What becomes of text that no single registered set holds (B-12).
    pub text_fallback: TextFallback,
    /// How an empty `Bcc` is written.
    pub empty_bcc: EmptyBcc,
    /// Where the MTS identifier comes from.
    pub mts_identifier: MtsIdentifierSource,
    /// Which application reference stands for which media type.
    pub applications: Vec<Application>,
    /// What becomes of a text in HTML.
    pub html: HtmlForm,
    /// How S/MIME objects travel (S-04).
    pub secured: SecuredForm,
    /// What becomes of a signed multipart (S-04).
    pub signed: SignedForm,
    /// Whether contents of X.400 that are neither messages nor S/MIME travel through mail as they are, both ways (B-39, S-03).
    /// Without it one from X.400 is refused, and one in a mail is a file.
    pub foreign_contents: bool,
    /// What EDI messages are in mail (E-06, E-07).
    pub edi: EdiForm,
    /// In which character set text goes to the Internet.
    pub internet_text: InternetText,
    /// What a file without a name is called towards the Internet (B-40); by default it has no name there either.
    pub default_file_name: Option<String>,
    /// Whether the type of a file that has none is guessed from its name and its first octets (B-04).
    pub guess_types: bool,
    /// Whether the fields of RFC 2156 Appendix C are obeyed (CX-01 to CX-05).
    pub access_fields: bool,
    /// Whether requests for receipts, and receipts themselves, are translated: `Disposition-Notification-To` and disposition
    /// notifications towards X.400 and back (Y-01, Y-03, Y-04).
    pub receipt_requests: bool,
    /// Whether MT-PRIORITY and `MT-Priority` set the priority (Y-10, Y-11).
    pub mt_priority: bool,
    /// Whether `Auto-Submitted` sets auto-submitted (Y-12).
    pub auto_submitted: bool,
    /// Whether signatures that cannot stay valid are left out: DKIM, ARC, Authentication-Results (Y-24).
    pub drop_signatures: bool,
    /// What this gateway calls itself in `Authentication-Results`, where nobody else may call himself so (RFC 8601 5).
    pub authserv_id: Option<String>,
    /// Whether a `Message-ID` over 64 characters also travels as a field in the heading (Y-25).
    pub keep_long_message_ids: bool,
    /// Which messages from X.400 are refused, because nobody on the Internet keeps what they ask for.
    pub refuse: Vec<Refusable>,
    /// Whether recipients of one X.400 message share one mail.
    pub mails: Mails,
    /// Whether X.400 is asked to return the content with a report (P-12).
    pub content_return: ContentReturn,
    /// Octets that the content of an X.400 message may have (F-14).
    pub maximum_content: Option<u64>,
    /// Octets that a mail made from an X.400 message may have (F-14).
    pub maximum_mail: Option<u64>,
    /// Octets that one part of a body may have, both ways: of a file or text without any transfer encoding.
    pub maximum_part: Option<u64>,
    /// What becomes of larger ones.
    pub larger_parts: LargerParts,
    /// What is done with header fields, the rule that counts first before the others.
    pub headers: HeaderRules,
    /// Whether a reference to something that is no message identifier becomes a phrase in `In-Reply-To` and `References`, as
    /// RFC 2156 4.7.3.5 has it, instead of the identifier that its message has on the Internet (Z-15).
    pub reference_phrases: bool,
    /// Whether requests for notifications are shown as comments after a recipient.
    pub notification_comments: bool,
    /// Whether identifiers in the form of RFC 987 are recognised (I-10).
    pub rfc987_identifiers: bool,
    /// When a mail becomes a military message.
    pub military: Military,
    /// How notifications of X.400 are written on the Internet.
    pub notifications: NotificationForm,
    /// Who reports come from, as a mailbox; without it the postmaster of [`Settings::mail_domain`].
    pub administrator: Option<String>,
    /// What people read before that mailbox.
    pub administrator_name: String,
    /// The words of the text part of reports.
    pub report_wording: Wording,
    /// Whether a message that lost something says so at its end.
    pub loss_report: LossReport,
    /// The words of that.
    pub loss_wording: LossWording,
    /// Whether diagnostics of later editions of X.411 have a status of their own (Y-20).
    pub later_diagnostics: bool,
    /// Whether `Final-Recipient` in reports and notifications is always a mailbox, as tools on the Internet expect, where RFC 2156
    /// writes the O/R address (Z-35).
    pub dsn_final_rfc822: bool,
    /// Whether reports towards X.400 carry the fields of a notification in extensions of MIXER, which ISO/IEC 10021 allows and
    /// CCITT's X.400 does not (S-09).
    pub dsn_extensions: bool,
    /// What security labels mean and which may pass; without it they are not looked at (Y-15).
    pub labels: Option<Labels>,
    /// When a mail becomes an ATS message of aviation, and how; without it such messages are as any other (beyond V-15).
    pub aviation: Option<Aviation>,
    /// Whether it is noted where every element came from, for a [`Trail`](super::loss::Trail) that somebody will read.
    pub trail: bool,
}

/// When a mail becomes a military message of content type P772 (STANAG 4406, RFC 6477).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Military {
    /// Never: `MMHS-` fields travel whole, as fields nobody knows do.
    #[default]
    Never,
    /// When it has an `MMHS-` field (beyond M-14).
    Fields,
    /// Always.
    Always,
}

/// The edition of X.400 the peer understands (RFC 2156 Appendix B).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Edition {
    /// 1988 and everything later.
    #[default]
    #[serde(rename = "1988")]
    X1988,
    /// 1984: content type P2, no extensions anywhere, no extended body parts. Files are bilaterally defined whatever
    /// [`Settings::attachments`] says; addresses are written as far as 1984 can say them (V-04 to V-07).
    #[serde(rename = "1984")]
    X1984,
}

/// How files travel in X.400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentForm {
    /// As file transfer body parts, with name, dates and media type (B-30).
    #[default]
    Ftbp,
    /// As bilaterally defined body parts: the octets alone (B-20).
    Bp14,
    /// As extended body parts: the one for any MIME type, or one for the type alone (B-21, B-26).
    Bp15,
    /// As text with a MIME header, the octets in base64 (B-23): only a gateway like this one makes a file of it.
    Ia5,
}

/// What becomes of several renditions of one text (`multipart/alternative`), and of a text with its pictures
/// (`multipart/related`), where they are not the outermost structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Renditions {
    /// The plain text is the body; the others follow as attachments. A decision of this project, not of RFC 2157.
    #[default]
    Attach,
    /// The plain text alone; the loss is recorded.
    BestOnly,
    /// A forwarded message for each nested structure, as RFC 2157 6.6 has it.
    Nest,
}

/// How an empty `Bcc` is written (H-20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyBcc {
    /// As an empty list.
    #[default]
    EmptyList,
    /// As one recipient with the name `BCC`, for systems that choke on an empty list.
    Named,
}

/// How notifications of X.400 are written on the Internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotificationForm {
    /// As disposition notifications (RFC 8098), which mail programs understand; their text part is that of RFC 2156.
    #[default]
    Mdn,
    /// As the text of RFC 2156 5.3.5 alone.
    Rfc2156,
}

/// Where the MTS identifier comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MtsIdentifierSource {
    /// From this gateway (I-13): no two messages share one.
    #[default]
    Gateway,
    /// From the `Message-ID` where there is one and the message was not resent (I-12). One that is longer than 32 characters is
    /// cut, and two may then be the same.
    MessageId,
    /// The same, but only where nothing needs to be cut, so that no two messages share one (Z-16).
    WholeMessageId,
}

/// What an X.400 message may ask for that nobody on the Internet keeps. By default it is carried all the same, and the
/// recipient is told what was discarded (RFC 2156 2.3.1.2, 5.3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusable {
    /// Recipient reassignment prohibited.
    ReassignmentProhibited,
    /// Expansion of distribution lists prohibited.
    ExpansionProhibited,
    /// Alternate recipient not allowed.
    AlternateProhibited,
    /// Any critical extension, even one that a field of the mail shows (Z-54).
    AnyCritical,
}

/// Whether recipients of one X.400 message share one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mails {
    /// They do; what the originator asked for one of them alone is not shown if they may not know of each other.
    #[default]
    Shared,
    /// Where that would be so, each gets a mail of its own.
    Separate,
}

/// Whether X.400 is asked to return the content with a report (P-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContentReturn {
    /// Always: then a report can show the header whatever was asked for (RFC 2156 5.2, Z-27).
    #[default]
    Always,
    /// Not if the sender said `RET=HDRS` (beyond D-02).
    AsAsked,
}

/// One row of the table between media types and application references (B-33).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// `type/subtype`, lower case.
    pub media_type: String,
    /// The registered identifier.
    pub reference: Oid,
}

impl Settings {
    /// The defaults for a gateway of this domain, MTA name and Internet domain.
    #[must_use]
    pub fn new(domain: GlobalDomainIdentifier, mta_name: &str, mail_domain: &str) -> Self {
        Self {
            domain,
            mta_name: mta_name.to_owned(),
            mail_domain: mail_domain.to_owned(),
            edition: Edition::default(),
            relay_1988: None,
            attachments: AttachmentForm::default(),
            renditions: Renditions::default(),
            text_fallback: TextFallback::default(),
            empty_bcc: EmptyBcc::default(),
            mts_identifier: MtsIdentifierSource::default(),
            applications: default_applications(),
            html: HtmlForm::default(),
            secured: SecuredForm::default(),
            signed: SignedForm::default(),
            foreign_contents: false,
            edi: EdiForm::default(),
            internet_text: InternetText::default(),
            default_file_name: None,
            guess_types: false,
            access_fields: false,
            receipt_requests: false,
            mt_priority: false,
            auto_submitted: false,
            drop_signatures: false,
            authserv_id: None,
            keep_long_message_ids: false,
            refuse: Vec::new(),
            mails: Mails::default(),
            content_return: ContentReturn::default(),
            maximum_content: None,
            maximum_mail: None,
            maximum_part: None,
            larger_parts: LargerParts::default(),
            headers: HeaderRules::default(),
            reference_phrases: false,
            notification_comments: false,
            rfc987_identifiers: false,
            military: Military::default(),
            notifications: NotificationForm::default(),
            administrator: None,
            administrator_name: "X.400 Gateway".to_owned(),
            report_wording: Wording::default(),
            loss_report: LossReport::default(),
            loss_wording: LossWording::default(),
            later_diagnostics: true,
            dsn_final_rfc822: false,
            dsn_extensions: true,
            labels: None,
            aviation: None,
            trail: true,
        }
    }

    /// Who reports come from.
    #[must_use]
    pub fn administrator(&self) -> String {
        self.administrator.clone().unwrap_or_else(|| format!("postmaster@{}", self.mail_domain))
    }

    /// Which diagnostics have a status of their own.
    #[must_use]
    pub const fn diagnostic_table(&self) -> DiagnosticTable {
        if self.later_diagnostics { DiagnosticTable::WithLaterEditions } else { DiagnosticTable::Rfc2156 }
    }

    /// Whether the peer knows nothing of 1988.
    #[must_use]
    pub fn is_1984(&self) -> bool {
        self.edition == Edition::X1984
    }

    /// How files travel to this peer.
    #[must_use]
    pub fn attachment_form(&self) -> AttachmentForm {
        if self.is_1984() { AttachmentForm::Bp14 } else { self.attachments }
    }

    /// The application reference for a media type, if the table has one.
    #[must_use]
    pub fn application(&self, media_type: &str) -> Option<&Oid> {
        self.applications.iter().find(|row| row.media_type == media_type).map(|row| &row.reference)
    }

    /// The media type for an application reference, if the table has one.
    #[must_use]
    pub fn media_type(&self, reference: &Oid) -> Option<&str> {
        self.applications.iter().find(|row| row.reference == *reference).map(|row| row.media_type.as_str())
    }
}

/// The rows that ship (B-26, B-31, B-37).
fn default_applications() -> Vec<Application> {
    use rasn_x400::x420::file_transfer::application;
    const MICROSOFT: Oid = Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 4]);
    let rows = [
        ("application/octet-stream", application::UNKNOWN_ATTACHMENT),
        ("application/postscript", application::POSTSCRIPT),
        ("image/jpeg", application::JPEG),
        ("image/gif", application::GIF),
        ("application/msword", MICROSOFT.below(&[2])),
        ("application/vnd.ms-excel", MICROSOFT.below(&[3])),
        ("application/vnd.ms-project", MICROSOFT.below(&[4])),
        ("application/vnd.ms-powerpoint", MICROSOFT.below(&[5])),
        ("application/vnd.ms-works", MICROSOFT.below(&[6])),
    ];
    rows.into_iter()
        .map(|(media_type, reference)| Application { media_type: media_type.to_owned(), reference })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_what_ships() {
        let settings =
            Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", None), "mta", "gw.example");
        for (media_type, reference) in [
            ("application/octet-stream", "2.16.840.1.113694.2.2.1.1"),
            ("application/postscript", "1.3.6.1.7.1.2.1.6"),
            ("application/msword", "1.2.840.113556.4.2"),
        ] {
            assert_eq!(settings.application(media_type).map(ToString::to_string).as_deref(), Some(reference));
        }
        assert_eq!(settings.application("application/pdf"), None);
    }
}
