//! Body parts (X.420 7.3, Annex B), and what travels with a forwarded message.

use rasn::{AsnType, Decode, Decoder, Encode};

use super::Ipm;
use super::heading::HeadingExtension as _;
use crate::prim::{
    Captured, External, GeneralString, Ia5String, ListAsSet, Octets, Oid, RawTlv, TeletexString, X400Time,
};
use crate::x411::address::OrName;
use crate::x411::envelope::{ContentType, EncodedInformationTypes, Priority, TeletexNonBasicParameters};
use crate::x411::extension::ExtensionField;

crate::asn_choice! {
    /// One part of a body.
    pub enum BodyPart {
        /// Characters of IA5.
        Ia5Text(Ia5Text) = imp(0),
        /// Telex, 1984 only, as it came.
        Telex(RawSequence) = imp(1),
        /// Speech, as it came.
        Voice(RawSequence) = imp(2),
        /// Group 3 facsimile.
        G3Facsimile(G3Facsimile) = imp(3),
        /// Group 4 facsimile, class 1, as it came.
        G4Class1(RawSequence) = imp(4),
        /// Pages of T.61.
        Teletex(Teletex) = imp(5),
        /// Videotex, as it came.
        Videotex(RawSequence) = imp(6),
        /// What nations agreed on, as it came.
        NationallyDefined(RawTlv) = exp(7),
        /// An encrypted part, as it came.
        Encrypted(RawSequence) = imp(8),
        /// A forwarded message; boxed, or every small part would take its 3.5 kB of memory.
        Message(Box<ForwardedMessage>) = imp(9),
        /// A simple formattable document, 1984 only, as it came.
        SimpleFormattableDocument(RawSequence) = imp(10),
        /// Mixed mode, as it came.
        MixedMode(RawSequence) = imp(11),
        /// Octets whose meaning sender and recipient agreed on ("BP14").
        BilaterallyDefined(Octets) = imp(14),
        /// A part whose type has an object identifier ("BP15").
        ExternallyDefined(ExternallyDefined) = imp(15),
    }
}

/// A SEQUENCE that is kept as it came.
pub type RawSequence = Vec<RawTlv>;

/// IA5 text: a SET of parameters and the characters.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsnType, Decode, Encode)]
pub struct Ia5Text {
    /// Parameters.
    pub parameters: Ia5TextParameters,
    /// The characters; lines end with CR LF.
    pub data: Ia5String,
}

impl Ia5Text {
    /// Whether the text is a MIME message in disguise: it begins with a MIME-Version field (RFC 1496 3.2, ledger B-23).
    #[must_use]
    pub fn is_harpoon(&self) -> bool {
        let first = self.first_line();
        let (name, version) = first.split_at(first.len().min(HARPOON.len()));
        name.eq_ignore_ascii_case(HARPOON) && version.trim_ascii_start().starts_with(b"1.0")
    }

    /// Whether the text is the fields of an RFC 5322 header that had no other place: it begins with a line that says so
    /// (RFC 1496 2.2, ledger B-05).
    #[must_use]
    pub fn is_rfc822_headers(&self) -> bool {
        self.first_line().trim_ascii_end().eq_ignore_ascii_case(b"RFC-822-Headers:")
    }

    fn first_line(&self) -> &[u8] {
        self.data.as_bytes().split(|octet| matches!(octet, b'\r' | b'\n')).next().unwrap_or_default()
    }
}

/// What the first line of a MIME message in disguise begins with.
const HARPOON: &[u8] = b"MIME-Version:";

crate::asn_set! {
    /// Parameters of IA5 text.
    pub struct Ia5TextParameters default {
        /// Which repertoire.
        repertoire: Repertoire = imp(0) def(Repertoire::IA5),
    }
}

crate::open_enum! {
    /// Repertoires of IA5 text.
    pub struct Repertoire: ENUMERATED {
        /// Telex characters.
        ITA2 = 2 => "ita2",
        /// IA5, the default.
        IA5 = 5 => "ia5",
    }
}

/// Group 3 facsimile: a SET of parameters and the pages as bit strings.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct G3Facsimile {
    /// Parameters.
    pub parameters: G3FacsimileParameters,
    /// The pages.
    pub data: Vec<crate::prim::NamedBits>,
}

crate::asn_set! {
    /// Parameters of group 3 facsimile.
    pub struct G3FacsimileParameters default {
        /// How many pages.
        number_of_pages: i64 = imp(0) opt,
        /// Non-basic parameters of T.30.
        non_basic_parameters: crate::prim::NamedBits = imp(1) opt,
    }
}

/// Teletex: a SET of parameters and the pages.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsnType, Decode, Encode)]
pub struct Teletex {
    /// Parameters.
    pub parameters: TeletexParameters,
    /// The pages.
    pub data: Vec<TeletexString>,
}

crate::asn_set! {
    /// Parameters of teletex.
    pub struct TeletexParameters default {
        /// How many pages.
        number_of_pages: i64 = imp(0) opt,
        /// Whether it can go out as telex.
        telex_compatible: bool = imp(1) def(false),
        /// Non-basic parameters of T.62.
        non_basic_parameters: TeletexNonBasicParameters = imp(2) opt,
    }
}

/// A forwarded message: a SET of parameters and the message.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct ForwardedMessage {
    /// How and when it had been delivered.
    pub parameters: MessageParameters,
    /// The message. Messages nest as deep as a sender likes, so each level is decoded when somebody asks for it.
    pub message: Captured<Ipm>,
}

crate::asn_set! {
    /// What was known of a message when it was forwarded.
    pub struct MessageParameters default {
        /// When it had been delivered.
        delivery_time: X400Time = imp(0) opt,
        /// Its envelope then.
        delivery_envelope: OtherMessageDeliveryFields = imp(1) opt,
    }
}

crate::asn_set! {
    /// The envelope of a delivered message.
    pub struct OtherMessageDeliveryFields {
        /// What kind of content it was.
        content_type: DeliveredContentType = bare req,
        /// Who had sent it.
        originator_name: OrName = bare req,
        /// What it held as it was submitted.
        original_encoded_information_types: EncodedInformationTypes = imp(1) opt,
        /// How urgent it was.
        priority: Priority = app(7) def(Priority::NORMAL),
        /// Bits of the delivery flags, as they came.
        delivery_flags: crate::prim::NamedBits = imp(2) opt,
        /// The other recipients.
        other_recipient_names: Vec<OrName> = imp(3) opt,
        /// Who it had been delivered to.
        this_recipient_name: OrName = imp(4) req,
        /// Who it had been meant for.
        originally_intended_recipient_name: OrName = imp(5) opt,
        /// What it had been converted to.
        converted_encoded_information_types: EncodedInformationTypes = imp(6) opt,
        /// When it had been submitted.
        message_submission_time: X400Time = imp(7) req,
        /// The sender's short mark.
        content_identifier: crate::prim::PrintableString = imp(8) opt,
        /// Services of 1988 and later.
        extensions: Vec<ExtensionField> = imp(9) def(Vec::new()),
    }
}

crate::asn_choice! {
    /// The type of a delivered content. Here the built-in form has a context tag.
    pub enum DeliveredContentType also(13) {
        /// One of the standard's own.
        BuiltIn(i64) = imp(0),
        /// Named by an object identifier.
        Extended(Oid) = bare,
    }
}

impl From<ContentType> for DeliveredContentType {
    fn from(content_type: ContentType) -> Self {
        match content_type {
            ContentType::BuiltIn(number) => Self::BuiltIn(number),
            ContentType::Extended(oid) => Self::Extended(oid),
            ContentType::Unknown(raw) => Self::Unknown(raw),
        }
    }
}

crate::asn_seq! {
    /// A part whose type has an object identifier: that of the data names the type.
    pub struct ExternallyDefined {
        /// Parameters; the outer tag is `[0] IMPLICIT EXTERNAL`.
        parameters: External = imp(0) opt,
        /// The data.
        data: External = bare req,
    }
}

impl ExternallyDefined {
    /// What names the type of the part.
    #[must_use]
    pub const fn kind(&self) -> Option<&Oid> {
        self.data.direct_reference.as_ref()
    }
}

/// Object identifiers of extended body parts (ledger B-01): the data names the part, the parameters have their own.
pub mod kind {
    use crate::prim::Oid;

    /// IA5 text as an extended part: 2.6.1.4.0.
    pub const IA5_TEXT: Oid = Oid::from_contents(&[0x56, 1, 4, 0]);
    /// Parameters of IA5 text: 2.6.1.11.0.
    pub const IA5_TEXT_PARAMETERS: Oid = Oid::from_contents(&[0x56, 1, 11, 0]);
    /// A forwarded message as an extended part: 2.6.1.4.7.
    pub const MESSAGE: Oid = Oid::from_contents(&[0x56, 1, 4, 7]);
    /// Parameters of a forwarded message: 2.6.1.11.7.
    pub const MESSAGE_PARAMETERS: Oid = Oid::from_contents(&[0x56, 1, 11, 7]);
    /// BP14 as an extended part: 2.6.1.4.9.
    pub const BILATERALLY_DEFINED: Oid = Oid::from_contents(&[0x56, 1, 4, 9]);
    /// General text: 2.6.1.4.11.
    pub const GENERAL_TEXT: Oid = Oid::from_contents(&[0x56, 1, 4, 11]);
    /// Parameters of general text: 2.6.1.11.11.
    pub const GENERAL_TEXT_PARAMETERS: Oid = Oid::from_contents(&[0x56, 1, 11, 11]);
    /// File transfer: 2.6.1.4.12.
    pub const FILE_TRANSFER: Oid = Oid::from_contents(&[0x56, 1, 4, 12]);
    /// Parameters of file transfer: 2.6.1.11.12.
    pub const FILE_TRANSFER_PARAMETERS: Oid = Oid::from_contents(&[0x56, 1, 11, 12]);
    /// A report: 2.6.1.4.14.
    pub const REPORT: Oid = Oid::from_contents(&[0x56, 1, 4, 14]);
    /// A notification: 2.6.1.4.15.
    pub const NOTIFICATION: Oid = Oid::from_contents(&[0x56, 1, 4, 15]);
    /// Prefix of forwarded contents; the content type follows: 2.6.1.4.17.
    pub const CONTENT: Oid = Oid::from_contents(&[0x56, 1, 4, 17]);
    /// PKCS#7: 2.6.1.4.18.
    pub const PKCS7: Oid = Oid::from_contents(&[0x56, 1, 4, 18]);
    /// A MIME part in a tunnel (RFC 2157 3.1.2): 1.3.6.1.7.1.2.1.1.
    pub const MIME_BODY_PART: Oid = Oid::from_contents(&[0x2b, 6, 1, 7, 1, 2, 1, 1]);
    /// Parameters of a MIME part in a tunnel: 1.3.6.1.7.1.2.2.1.
    pub const MIME_BODY_PART_PARAMETERS: Oid = Oid::from_contents(&[0x2b, 6, 1, 7, 1, 2, 2, 1]);
    /// PostScript: 1.3.6.1.7.1.2.1.2.
    pub const MIME_POSTSCRIPT: Oid = Oid::from_contents(&[0x2b, 6, 1, 7, 1, 2, 1, 2]);
    /// JPEG: 1.3.6.1.7.1.2.1.3.
    pub const MIME_JPEG: Oid = Oid::from_contents(&[0x2b, 6, 1, 7, 1, 2, 1, 3]);
    /// GIF: 1.3.6.1.7.1.2.1.4.
    pub const MIME_GIF: Oid = Oid::from_contents(&[0x2b, 6, 1, 7, 1, 2, 1, 4]);
}

/// Parameters of general text: numbers of the ISO-IR sets it uses.
pub type GeneralTextParameters = ListAsSet<i64>;
/// The characters of general text, with ISO 2022 escapes.
pub type GeneralTextData = GeneralString;

impl Ipm {
    /// Which multipart the body stands for, if it says so.
    #[must_use]
    pub fn multipart(&self) -> Option<super::heading::MultipartMessageValue> {
        super::heading::MultipartMessage::find(&self.heading.extensions).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber;

    /// Ledger B-10 and B-20.
    // ledger: beyond A-30
    #[test]
    fn basic_parts() {
        let hello = BodyPart::Ia5Text(Ia5Text { data: "HELLO".into(), ..Ia5Text::default() });
        let octets = BodyPart::BilaterallyDefined(Octets::from(&[1, 2, 3][..]));
        for (part, encoding) in
            [(hello, &b"\xa0\x09\x31\x00\x16\x05HELLO"[..]), (octets, &[0x8e, 3, 1, 2, 3])]
        {
            assert_eq!(ber::encode(&part).unwrap(), encoding);
            assert_eq!(ber::decode::<BodyPart>(encoding, 100), Ok(part));
        }
    }

    // ledger: beyond B-05 B-23
    #[test]
    fn text_that_is_something_else_says_so_in_its_first_line() {
        for (text, harpoon, headers) in [
            ("MIME-Version: 1.0 (generated by gateway)\r\nContent-Type: text/html\r\n\r\n<p>", true, false),
            ("mime-version:1.0", true, false),
            ("MIME-Version: 2.0\r\n", false, false),
            ("Hi\r\nMIME-Version: 1.0\r\n", false, false),
            ("RFC-822-HEADERS:\r\nX-Foo: bar\r\n", false, true),
            ("rfc-822-headers: \nX-Foo: bar\n", false, true),
            ("RFC-822-Headers: X-Foo", false, false),
            ("", false, false),
        ] {
            let text = Ia5Text { data: text.into(), ..Ia5Text::default() };
            assert_eq!((text.is_harpoon(), text.is_rfc822_headers()), (harpoon, headers), "{text:?}");
        }
    }

    /// Ledger B-11: general text in ISO 8859-1.
    #[test]
    fn general_text() {
        let mut text = b"\x1b(B\x1b-A\x1b~Gr".to_vec();
        text.extend([0xfc, 0xdf, b'e']);
        let part = BodyPart::ExternallyDefined(ExternallyDefined {
            parameters: Some(External::single(
                kind::GENERAL_TEXT_PARAMETERS,
                RawTlv::of(&ListAsSet(vec![6_i64, 100])).unwrap(),
            )),
            data: External::single(kind::GENERAL_TEXT, RawTlv::of(&GeneralString::new(text)).unwrap()),
            unknown: Vec::new(),
        });
        let expected = "af2ba01006045601 0b0ba00831060201 0602016428170604 5601040ba00f1b0d \
                        1b28421b2d411b7e 4772fcdf65";
        let hex: String = ber::encode(&part).unwrap().iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, expected.replace(' ', ""));
        assert_eq!(ber::decode::<BodyPart>(&ber::encode(&part).unwrap(), 100), Ok(part));
    }

    /// A message in a message, two thousand times: each level is decoded by itself, so depth costs no stack.
    #[test]
    fn messages_nested_without_end_are_decoded_level_by_level() {
        use crate::ber::plan::Plan;
        use crate::x420::heading::Heading;
        use rasn::types::Tag;

        let heading = Plan::value(&Heading::default()).unwrap();
        let mut ipm = heading.clone();
        ipm.append(Plan::new().constructed(Tag::SEQUENCE));
        for _ in 0..2_000 {
            let mut forwarded = Plan::new().constructed(Tag::SET);
            forwarded.append(ipm.constructed(Tag::SEQUENCE));
            ipm = heading.clone();
            ipm.append(forwarded.constructed(Tag::new_context(9)).constructed(Tag::SEQUENCE));
        }
        let octets = ipm.constructed(Tag::SEQUENCE).to_vec();
        let mut level: Ipm = ber::decode(&octets, octets.len()).unwrap();
        let mut depth = 0;
        while let Some(BodyPart::Message(forwarded)) = level.body.first() {
            level = forwarded.message.get().unwrap();
            depth += 1;
        }
        assert_eq!(depth, 2_000);
    }
}
