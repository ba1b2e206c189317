//! What an operator says about conversion.

use rasn_x400::prim::Oid;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use serde::Deserialize;

use crate::mixer::Settings;
use crate::mixer::aviation::Aviation;
use crate::mixer::charset::TextFallback;
use crate::mixer::label::Labels;
use crate::mixer::loss::report::{LossReport, Wording as LossWording};
use crate::mixer::report::wording::Wording;
use crate::mixer::settings::{
    Application, AttachmentForm, ContentReturn, EdiForm, Edition, EmptyBcc, HtmlForm, InternetText,
    LargerParts, Mails, Military, MtsIdentifierSource, NotificationForm, Refusable, Renditions, SecuredForm,
    SignedForm,
};

/// How messages are converted; the defaults are those of [`Settings`].
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Convert {
    /// The edition of X.400 the peers understand: `1988` or `1984`.
    pub edition: Edition,
    /// How attachments travel: `ftbp` (file transfer body part), `bp14` (bilaterally defined), `bp15` (extended
    /// body parts) or `ia5` (text).
    pub attachments: AttachmentForm,
    /// What becomes of several renditions of one text: `attach`, `best-only` or `nest`.
    pub renditions: Renditions,
    /// What becomes of text that no single registered set holds: `utf8`, `mixed`, `transliterate` or `encapsulate`.
    pub text_fallback: TextFallback,
    /// How an empty `Bcc` is written: `empty-list` or `named`.
    pub empty_bcc: EmptyBcc,
    /// Where the MTS identifier comes from: `gateway`, `message-id` or `whole-message-id`.
    pub mts_identifier: MtsIdentifierSource,
    /// Whether the fields of RFC 2156 Appendix C are obeyed.
    pub access_fields: bool,
    /// Whether `Disposition-Notification-To` asks for receipt notifications.
    pub receipt_requests: bool,
    /// Whether `MT-Priority` sets the priority.
    pub mt_priority: bool,
    /// Whether `Auto-Submitted` sets auto-submitted.
    pub auto_submitted: bool,
    /// Whether signatures that cannot stay valid are left out.
    pub drop_signatures: bool,
    /// Whether a `Message-ID` over 64 characters also travels as a field in the heading.
    pub keep_long_message_ids: bool,
    /// Which messages from X.400 are refused: `reassignment-prohibited`, `expansion-prohibited`, `alternate-prohibited`,
    /// `any-critical`.
    pub refuse: Vec<Refusable>,
    /// Whether recipients of one X.400 message share one mail: `shared` or `separate`.
    pub mails: Mails,
    /// Whether X.400 is asked to return the content with a report: `always` or `as-asked`.
    pub content_return: ContentReturn,
    /// Octets that the content of an X.400 message may have.
    pub maximum_content: Option<u64>,
    /// Octets that a mail made from an X.400 message may have.
    pub maximum_mail: Option<u64>,
    /// Octets that one part of a body may have.
    pub maximum_part: Option<u64>,
    /// What becomes of larger parts: `leave-out` or `refuse` (the whole message).
    pub larger_parts: LargerParts,
    /// Whether a reference to something that is no message identifier becomes a phrase (RFC 2156 4.7.3.5).
    pub reference_phrases: bool,
    /// Whether requests for notifications are shown as comments after a recipient.
    pub notification_comments: bool,
    /// Whether identifiers in the form of RFC 987 are recognised.
    pub rfc987_identifiers: bool,
    /// When a mail becomes a military message (P772): `never`, `fields` or `always`.
    pub military: Military,
    /// How notifications of X.400 are written on the Internet: `mdn` (RFC 8098) or `rfc2156`.
    pub notifications: NotificationForm,
    /// Who reports come from, as a mailbox.
    pub administrator: Option<String>,
    /// What people read before that mailbox.
    pub administrator_name: Option<String>,
    /// The words of the text part of reports.
    pub report_wording: Wording,
    /// Whether a message that lost something says so at its end: `never` or `if-any`.
    pub loss_report: LossReport,
    /// The words of that text.
    pub loss_wording: LossWording,
    /// Whether the status of a report keeps to the table of RFC 2156 alone.
    pub rfc2156_diagnostics_only: bool,
    /// Whether `Final-Recipient` is always a mailbox.
    pub dsn_final_rfc822: bool,
    /// Whether reports towards X.400 carry no extensions of MIXER.
    pub no_dsn_extensions: bool,
    /// What security labels mean and which may pass.
    pub labels: Option<Labels>,
    /// When a mail becomes an ATS message of aviation, and how.
    pub aviation: Option<Aviation>,
    /// What becomes of a text in HTML: `with-text`, `file` or `text`.
    pub html: HtmlForm,
    /// How S/MIME objects travel: `file`, `body-part` or `content`.
    pub secured: SecuredForm,
    /// What becomes of a signed multipart: `keep`, `both` or `strip`.
    pub signed: SignedForm,
    /// Whether contents of X.400 that are no messages travel through mail as they are.
    pub foreign_contents: bool,
    /// What EDI messages are in mail: `tunnel` or `mail`.
    pub edi: EdiForm,
    /// In which character set text goes to the Internet: `utf8` or `registered`.
    pub internet_text: InternetText,
    /// What a file without a name is called towards the Internet.
    pub default_file_name: Option<String>,
    /// Whether the type of a file that has none is guessed.
    pub guess_types: bool,
    /// Which application reference stands for which media type, besides those that ship.
    #[serde(rename = "application")]
    pub applications: Vec<ApplicationReference>,
}

/// One row between media types and application references.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ApplicationReference {
    /// `type/subtype`.
    pub media_type: String,
    /// The registered identifier, such as `1.2.840.113556.4.2`.
    #[serde(deserialize_with = "oid")]
    pub reference: Oid,
}

impl From<&ApplicationReference> for Application {
    fn from(row: &ApplicationReference) -> Self {
        Self { media_type: row.media_type.to_ascii_lowercase(), reference: row.reference.clone() }
    }
}

fn oid<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Oid, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|error| serde::de::Error::custom(format!("`{text}` is not an object identifier: {error}")))
}

impl Convert {
    /// The decisions for a gateway of this domain, MTA name and host name.
    #[must_use]
    pub fn settings(&self, domain: GlobalDomainIdentifier, mta_name: &str, host_name: &str) -> Settings {
        let shipped = Settings::new(domain, mta_name, host_name);
        let own = self.applications.iter().map(Application::from);
        Settings {
            edition: self.edition,
            attachments: self.attachments,
            renditions: self.renditions,
            text_fallback: self.text_fallback,
            empty_bcc: self.empty_bcc,
            mts_identifier: self.mts_identifier,
            access_fields: self.access_fields,
            receipt_requests: self.receipt_requests,
            mt_priority: self.mt_priority,
            auto_submitted: self.auto_submitted,
            drop_signatures: self.drop_signatures,
            keep_long_message_ids: self.keep_long_message_ids,
            refuse: self.refuse.clone(),
            mails: self.mails,
            content_return: self.content_return,
            maximum_content: self.maximum_content,
            maximum_mail: self.maximum_mail,
            maximum_part: self.maximum_part,
            larger_parts: self.larger_parts,
            reference_phrases: self.reference_phrases,
            notification_comments: self.notification_comments,
            rfc987_identifiers: self.rfc987_identifiers,
            military: self.military,
            notifications: self.notifications,
            administrator: self.administrator.clone(),
            administrator_name: self.administrator_name.clone().unwrap_or(shipped.administrator_name),
            report_wording: self.report_wording.clone(),
            loss_report: self.loss_report,
            loss_wording: self.loss_wording.clone(),
            later_diagnostics: !self.rfc2156_diagnostics_only,
            dsn_final_rfc822: self.dsn_final_rfc822,
            dsn_extensions: !self.no_dsn_extensions,
            labels: self.labels.clone(),
            aviation: self.aviation.clone(),
            html: self.html,
            secured: self.secured,
            signed: self.signed,
            foreign_contents: self.foreign_contents,
            edi: self.edi,
            internet_text: self.internet_text,
            default_file_name: self.default_file_name.clone(),
            guess_types: self.guess_types,
            applications: own.chain(shipped.applications.iter().cloned()).collect(),
            ..shipped
        }
    }
}
