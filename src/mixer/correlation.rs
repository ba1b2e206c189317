//! What the gateway remembers of a message it passed on, so that a report or notification about it finds it again
//! (ledger Y-23, Z-37).
//!
//! Pure data: [`Correlation`] says what is to be kept and under which [`Correlation::keys`]; [`report_keys`] and
//! [`notice_keys`] say under which keys what came back is to be looked up, best first. Where it is kept, and for how long
//! (at least as long as a message may live), is somebody else's affair.

use rasn::{Decode, Encode};
use rasn_x400::ber;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{
    ContentType, EncodedInformationTypes, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators,
    PerRecipientIndicators,
};
use rasn_x400::x411::extension::{ContentCorrelator, ContentCorrelatorValue, Extension, LatestDeliveryTime};
use rasn_x400::x411::report::{PerRecipientReportFields, ReportTransferContent};
use rasn_x400::x420::notification::Ipn;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::identifier::{self, x400_to_message_id};
use super::mail::{MailOptions, Recipient, Returned};
use super::report::delivery_status::Notice;
use super::report::text_forms::{mts_identifier, parse_mts_identifier, std_or};
use super::rope::Rope;
use super::{AddressMapper, to_internet, to_x400};
use crate::message::Header;
use crate::message::identifier::parse_message_id;

/// What `Original-Envelope-Id` and ENVID start with where the rest is an MTS identifier (I-17, I-20).
pub const MTS_IDENTIFIER_PREFIX: &str = "X400-MTS-Identifier: ";
/// What a content correlator starts with where the rest is an ENVID (I-19).
pub const ENVELOPE_ID_PREFIX: &str = "SMTP/NOTARY ENVID: ";

/// A message that went from one world to the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correlation {
    /// Its MTS identifier on the X.400 side.
    pub mts_identifier: Encoded<MtsIdentifier>,
    /// Its `Message-ID` on the Internet side, without angle brackets.
    pub message_id: Option<String>,
    /// ENVID on the Internet side, decoded.
    pub envelope_id: Option<String>,
    /// The reverse path on the Internet side; `None` is the null reverse path, and then nothing is ever reported.
    pub reverse_path: Option<String>,
    /// Whether a report is to return the header alone (RET=HDRS, or no content-return-request).
    pub headers_only: bool,
    /// Whether the sender set a time after which the message is to be returned (RFC 2852, latest-delivery-time).
    pub time_limited: bool,
    /// What the content was on the X.400 side.
    pub content_type: Encoded<ContentType>,
    /// The X.400 sender's short mark.
    pub content_identifier: Option<String>,
    /// What lets the X.400 sender tell what a report is about.
    pub content_correlator: Option<Encoded<ContentCorrelatorValue>>,
    /// What the content held on the X.400 side.
    pub encoded_types: Option<Encoded<EncodedInformationTypes>>,
    /// Message identifiers that X.400 carries cut: the original and what became of it (I-04).
    pub cut_identifiers: Vec<(String, String)>,
    /// The recipients.
    pub recipients: Vec<CorrelatedRecipient>,
}

/// One recipient of such a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrelatedRecipient {
    /// The number that the X.400 originator gave it (originally-specified-recipient-number).
    pub number: i64,
    /// Its O/R name.
    pub name: Encoded<OrName>,
    /// Its mailbox, as in RCPT.
    pub address: String,
    /// ORCPT: address type and address, decoded.
    pub original_recipient: Option<(String, String)>,
    /// NOTIFY as the Internet sender said it; `None` if nothing was said or the sender is of X.400.
    pub notify: Option<Vec<String>>,
    /// Which reports were asked for in X.400.
    pub indicators: Encoded<PerRecipientIndicators>,
}

/// A value of ASN.1, kept as the base64 of its BER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded<T>(pub T);

impl<T: Encode> Serialize for Encoded<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let octets = ber::encode(&self.0).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&base64_simd::STANDARD.encode_to_string(octets))
    }
}

impl<'de, T: Decode> Deserialize<'de> for Encoded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let octets = base64_simd::STANDARD.decode_to_vec(text).map_err(serde::de::Error::custom)?;
        ber::decode(&octets, octets.len()).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Correlation {
    /// What to keep of a mail that goes to X.400.
    #[must_use]
    pub fn of_mail(input: &to_x400::Input, converted: &to_x400::Converted) -> Self {
        let cut = &converted.cut_identifiers;
        let made = x400_to_message_id(&identifier::IpmIdentifier {
            user: converted.this_ipm.user.as_ref().map(std_or),
            user_relative: converted.this_ipm.user_relative_identifier.to_text().into_owned(),
        });
        let whole =
            cut.iter().find(|(_, short)| *short == converted.this_ipm.user_relative_identifier.to_text());
        let message_id =
            whole.map_or_else(|| made.trim_matches(['<', '>']).to_owned(), |(long, _)| long.clone());
        let said = |number: i64| input.recipients.iter().find(|one| i64::from(one.number) == number);
        Self {
            headers_only: input.options.returned == Some(Returned::Headers),
            time_limited: input.options.return_after.is_some() || time_limited(&converted.envelope),
            ..Self::new(
                &converted.envelope,
                Some(message_id),
                input.reverse_path.clone().filter(|path| !path.is_empty()),
                &input.options,
                cut.clone(),
                |_, number| said(number),
            )
        }
    }

    /// What to keep of an X.400 message that goes to the Internet.
    #[must_use]
    pub fn of_message(input: &to_internet::Input, converted: &to_internet::Converted) -> Self {
        let header = header_of(&converted.content);
        let message_id = header.value("Message-ID").and_then(parse_message_id);
        let bits = &input.envelope.per_message_indicators;
        let said = |place: u32| converted.recipients.iter().find(|one| one.number == place);
        Self {
            headers_only: !bits.has(PerMessageIndicators::CONTENT_RETURN_REQUEST),
            time_limited: time_limited(&input.envelope),
            ..Self::new(
                &input.envelope,
                message_id,
                converted.reverse_path.clone(),
                &converted.options,
                Vec::new(),
                |place, _| said(place),
            )
        }
    }

    /// `said` finds what SMTP said of a recipient, by its place in the envelope and its number; one without is left out.
    fn new<'a>(
        envelope: &MessageTransferEnvelope,
        message_id: Option<String>,
        reverse_path: Option<String>,
        options: &MailOptions,
        cut_identifiers: Vec<(String, String)>,
        said: impl Fn(u32, i64) -> Option<&'a Recipient>,
    ) -> Self {
        let recipients = (1..)
            .zip(&envelope.per_recipient_fields)
            .filter_map(|(place, fields)| {
                let number = fields.originally_specified_recipient_number;
                let recipient = said(place, number)?;
                Some(CorrelatedRecipient {
                    number,
                    name: Encoded(fields.recipient_name.clone()),
                    address: recipient.address.clone(),
                    original_recipient: recipient.original_recipient.clone(),
                    notify: recipient.notify.clone(),
                    indicators: Encoded(fields.per_recipient_indicators.clone()),
                })
            })
            .collect();
        let correlator = ContentCorrelator::find(&envelope.extensions).ok().flatten();
        Self {
            mts_identifier: Encoded(envelope.message_identifier.clone()),
            message_id,
            envelope_id: options.envelope_id.clone(),
            reverse_path,
            headers_only: false,
            time_limited: false,
            content_type: Encoded(envelope.content_type.clone()),
            content_identifier: envelope.content_identifier.as_ref().map(|text| text.to_text().into_owned()),
            content_correlator: correlator.map(Encoded),
            encoded_types: envelope.original_encoded_information_types.clone().map(Encoded),
            cut_identifiers,
            recipients,
        }
    }

    /// Under which keys this is to be kept.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        let mts = std::iter::once(Key::mts_identifier(&self.mts_identifier.0));
        let envelope = self.envelope_id.iter().map(|identifier| Key::envelope_id(identifier));
        let message = self.message_id.iter().map(|identifier| Key::message_id(identifier));
        let cut = self.cut_identifiers.iter().map(|(_, cut)| Key::cut(cut));
        mts.chain(envelope).chain(message).chain(cut).collect()
    }

    /// What is meant of what is remembered under one key, newest first: one that `fits`, else the newest. A message that was passed
    /// on in several steps is remembered for each of them, with the recipients of that step: here it has them all.
    #[must_use]
    pub fn choose(found: Vec<Self>, fits: impl Fn(&Self) -> bool) -> Option<Self> {
        let place = found.iter().position(fits).unwrap_or(0);
        let mut found = found.into_iter();
        let newer: Vec<Self> = found.by_ref().take(place).collect();
        let mut chosen = found.next()?;
        for other in newer.into_iter().chain(found) {
            if other.mts_identifier != chosen.mts_identifier {
                continue;
            }
            for recipient in other.recipients {
                if chosen.by_number(recipient.number).is_none() {
                    chosen.recipients.push(recipient);
                }
            }
        }
        Some(chosen)
    }

    /// The recipient with this number.
    #[must_use]
    pub fn by_number(&self, number: i64) -> Option<&CorrelatedRecipient> {
        self.recipients.iter().find(|one| one.number == number)
    }

    /// The recipient with this mailbox or ORCPT, any case.
    #[must_use]
    pub fn by_address(&self, address: &str) -> Option<&CorrelatedRecipient> {
        let original = |one: &CorrelatedRecipient| {
            one.original_recipient.as_ref().is_some_and(|(_, known)| known.eq_ignore_ascii_case(address))
        };
        self.recipients
            .iter()
            .find(|one| one.address.eq_ignore_ascii_case(address))
            .or_else(|| self.recipients.iter().find(|one| original(one)))
    }

    /// The recipient with this O/R name, by its text.
    #[must_use]
    pub fn by_name(&self, name: &OrName) -> Option<&CorrelatedRecipient> {
        let text = std_or(name);
        self.recipients.iter().find(|one| std_or(&one.name.0).eq_ignore_ascii_case(&text))
    }

    /// The recipient whom a report tells of.
    #[must_use]
    pub fn by_report(&self, fields: &PerRecipientReportFields) -> Option<&CorrelatedRecipient> {
        let number = fields.originally_specified_recipient_number;
        self.by_number(number).or_else(|| self.by_name(&fields.actual_recipient_name))
    }

    /// The whole of a message identifier that X.400 carries cut (I-04), without angle brackets.
    #[must_use]
    pub fn uncut(&self, user_relative: &str) -> Option<&str> {
        self.cut_identifiers.iter().find(|(_, cut)| cut == user_relative).map(|(whole, _)| whole.as_str())
    }
}

impl CorrelatedRecipient {
    /// Whether the Internet sender wants to hear of this (RFC 3461 5.2.4, D-10): of failure if nothing was said, never of
    /// what was left out where something was.
    #[must_use]
    pub fn wants(&self, delivered: bool) -> bool {
        let event = if delivered { "SUCCESS" } else { "FAILURE" };
        match &self.notify {
            None => !delivered || self.indicators.0.has(PerRecipientIndicators::ORIGINATOR_REPORT),
            Some(events) => events.iter().any(|word| word.trim().eq_ignore_ascii_case(event)),
        }
    }
}

/// A name to keep and find a [`Correlation`] by: a kind, a space, and the identifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// By MTS identifier. Its domain is compared in any case, as names of domains are.
    #[must_use]
    pub fn mts_identifier(identifier: &MtsIdentifier) -> Self {
        let text = mts_identifier(identifier);
        let (domain, local) = text.split_once(';').unwrap_or((&text, ""));
        Self(format!("mts {};{local}", domain.to_ascii_lowercase()))
    }

    /// By ENVID, decoded.
    #[must_use]
    pub fn envelope_id(identifier: &str) -> Self {
        Self(format!("envid {identifier}"))
    }

    /// By `Message-ID`, with or without its angle brackets.
    #[must_use]
    pub fn message_id(identifier: &str) -> Self {
        Self(format!("msgid {}", identifier.trim().trim_start_matches('<').trim_end_matches('>')))
    }

    /// By what became of a message identifier that was too long for X.400 (I-04).
    #[must_use]
    pub fn cut(user_relative: &str) -> Self {
        Self(format!("cut {user_relative}"))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Under which key the message is kept that an X.400 report is about: its MTS identifier, else the ENVID that came back in the
/// content correlator.
#[must_use]
pub fn report_keys(content: &ReportTransferContent) -> Vec<Key> {
    let mut keys = vec![Key::mts_identifier(&content.subject_identifier)];
    if let Ok(Some(value)) = ContentCorrelator::find(&content.extensions)
        && let Some(identifier) = correlator_text(&value).strip_prefix(ENVELOPE_ID_PREFIX)
    {
        keys.push(Key::envelope_id(identifier));
    }
    keys
}

/// Under which keys the message is kept that a notification of X.420 is about: by its identifier, which may be cut.
#[must_use]
pub fn notification_keys(ipn: &Ipn) -> Vec<Key> {
    let user_relative = ipn.subject_ipm.user_relative_identifier.to_text().into_owned();
    let identifier = identifier::IpmIdentifier {
        user: ipn.subject_ipm.user.as_ref().map(std_or),
        user_relative: user_relative.clone(),
    };
    vec![Key::message_id(&x400_to_message_id(&identifier)), Key::cut(&user_relative)]
}

/// Under which keys the message is kept that a DSN or MDN is about: what it says of the envelope, else of the message, else the
/// identifier in what it returns.
#[must_use]
pub fn notice_keys(notice: &Notice, mapper: &dyn AddressMapper) -> Vec<Key> {
    let mut keys = Vec::new();
    let fields = &notice.fields;
    if let Some(identifier) = fields.message.value("Original-Envelope-Id") {
        let text = identifier.strip_prefix(MTS_IDENTIFIER_PREFIX).unwrap_or(identifier);
        keys.extend(parse_mts_identifier(text, mapper).map(|identifier| Key::mts_identifier(&identifier)));
        keys.push(Key::envelope_id(identifier));
    }
    let original = fields.message.value("Original-Message-ID");
    keys.extend(original.and_then(parse_message_id).map(|identifier| Key::message_id(&identifier)));
    if let Some(header) = &notice.returned_header {
        // What this gateway wrote into the mail says it best.
        let own = header.value("X400-MTS-Identifier").and_then(|text| parse_mts_identifier(text, mapper));
        keys.extend(own.map(|identifier| Key::mts_identifier(&identifier)));
        let returned = header.value("Message-ID").and_then(parse_message_id);
        keys.extend(returned.map(|identifier| Key::message_id(&identifier)));
    }
    let mut seen = Vec::new();
    keys.retain(|key| {
        !seen.contains(key) && {
            seen.push(key.clone());
            true
        }
    });
    keys
}

/// The text of a content correlator, whichever string holds it.
#[must_use]
pub fn correlator_text(value: &ContentCorrelatorValue) -> String {
    match value {
        ContentCorrelatorValue::Characters(text) => text.to_text().into_owned(),
        ContentCorrelatorValue::Octets(octets) => String::from_utf8_lossy(&octets.0).into_owned(),
        ContentCorrelatorValue::Unknown(raw) => {
            String::from_utf8_lossy(raw.contents().unwrap_or_default()).into_owned()
        }
    }
}

fn time_limited(envelope: &MessageTransferEnvelope) -> bool {
    envelope.extensions.iter().any(|field| field.kind.number() == Some(LatestDeliveryTime::NUMBER))
}

/// The header of a mail that was just made.
pub(crate) fn header_of(mail: &Rope) -> Header {
    let octets = super::report::multipart::header_octets(mail);
    Header::read(&octets.into(), 0, &mut Vec::new()).0
}
