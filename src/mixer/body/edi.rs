//! EDI messages (X.435): which media type an interchange has, and what its first segment says for the heading (ledger E-03,
//! E-07).

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::Error;
use rasn_x400::ber::plan::Plan;
use rasn_x400::oids;
use rasn_x400::prim::{Octets, Oid, TeletexString, X400Time};
use rasn_x400::x411::address::OrName;
use rasn_x400::x435::edim::{
    AuthorizationInformation, EdimHeading, EdimIdentifier, EdimRecipient, InterchangeRecipient,
    InterchangeSender, RecipientReference, ServiceStringAdvice, SyntaxIdentifier,
};

use crate::message::MediaType;

/// E-03: types of EDI bodies, the media type of each, and its charset where it has one. The first of a media type is the one
/// that mail of it becomes.
const TYPES: &[(Oid, &str, Option<&str>)] = &[
    (oids::EDI_EDIFACT_ISO646, "application/EDIFACT", Some("us-ascii")),
    (oids::EDI_EDIFACT_TELETEX, "application/EDIFACT", Some("Teletex")),
    (oids::EDI_EDIFACT_OCTET, "application/EDIFACT", None),
    (oids::EDI_X12_ISO646, "application/EDI-X12", Some("us-ascii")),
    (oids::EDI_X12_TELETEX, "application/EDI-X12", Some("Teletex")),
    (oids::EDI_X12_OCTET, "application/EDI-X12", None),
    (oids::EDI_X12_EBCDIC, "application/EDI-X12", Some("ebcdic-us")),
    (oids::EDI_UNTDI_ISO646, "application/EDI-consent", Some("us-ascii")),
    (oids::EDI_UNTDI_TELETEX, "application/EDI-consent", Some("Teletex")),
    (oids::EDI_UNTDI_OCTET, "application/EDI-consent", None),
    (oids::EDI_PRIVATE_OCTET, "application/EDI-consent", None),
    (oids::EDI_UNDEFINED_OCTET, "application/octet-stream", None),
];

/// The `Content-Type` of an EDI body.
pub(super) fn media_type(body_type: &Oid) -> String {
    if let Some(part) = part_of_8859(body_type) {
        return format!("application/EDIFACT; charset=iso-8859-{part}");
    }
    let Some((_, media_type, charset)) = TYPES.iter().find(|row| row.0 == *body_type) else {
        return "application/EDI-consent".to_owned();
    };
    let charset = charset.map(|charset| format!("; charset={charset}")).unwrap_or_default();
    format!("{media_type}{charset}")
}

/// E-03: below the root of EDIFACT in ISO 8859 stands the number of its part.
fn part_of_8859(body_type: &Oid) -> Option<u64> {
    let arcs = body_type.arcs().filter(|_| body_type.starts_with(&oids::EDI_EDIFACT_8859))?;
    arcs.get(5).copied().or(Some(1))
}

/// The type of an EDI body that a part of mail is; `None` if it is no interchange.
pub(super) fn body_type(media: &MediaType, octets: &[u8]) -> Option<Oid> {
    let essence = media.essence();
    let charset = media.parameter("charset").map(str::to_ascii_lowercase);
    if let Some(part) = charset.as_deref().and_then(|charset| charset.strip_prefix("iso-8859-"))
        && essence == "application/edifact"
    {
        return Some(oids::EDI_EDIFACT_8859.below(&[part.parse().ok()?]));
    }
    let mut rows = TYPES
        .iter()
        .filter(|row| row.1.eq_ignore_ascii_case(&essence) && essence != "application/octet-stream");
    let charset = charset.or_else(|| octets.is_ascii().then(|| "us-ascii".to_owned()));
    let stated = |row: &&(Oid, &str, Option<&str>)| {
        row.2.is_some_and(|known| {
            charset.as_deref().is_some_and(|charset| known.eq_ignore_ascii_case(charset))
        })
    };
    let found = rows.clone().find(stated).or_else(|| rows.find(|row| row.2.is_none()))?;
    Some(found.0.clone())
}

/// What the first segment of an interchange says (ISO 9735 `UNB`, X12 `ISA`). Elements that are missing are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Interchange {
    /// `UNA`: component separator, element separator, decimal mark, release, reserved, terminator.
    advice: Option<[u8; 6]>,
    syntax: [String; 2],
    /// Identification, qualifier, routing address.
    sender: [String; 3],
    recipient: [String; 3],
    /// `YYMMDD`, `HHMM`
    prepared: [String; 2],
    control_reference: String,
    /// Reference and qualifier.
    recipient_reference: [String; 2],
    application_reference: String,
    priority: String,
    acknowledgement: bool,
    agreement: String,
    test: bool,
    /// Information and qualifier.
    authorization: [String; 2],
    message_type: String,
}

impl Interchange {
    fn read(octets: &[u8]) -> Self {
        let text = octets.trim_ascii_start();
        if text.starts_with(b"ISA") { Self::x12(text).unwrap_or_default() } else { Self::edifact(text) }
    }

    fn edifact(text: &[u8]) -> Self {
        let advice: Option<[u8; 6]> =
            text.strip_prefix(b"UNA").and_then(|rest| rest.get(..6)).and_then(|six| six.try_into().ok());
        let signs = advice.unwrap_or(*b":+.? '");
        let text = if advice.is_some() { &text[9..] } else { text };
        let mut segments = Segments { rest: text, signs };
        let mut out = Self { advice, ..Self::default() };
        let Some(header) = segments.next().filter(|header| header.first().is_some_and(|tag| tag[0] == "UNB"))
        else {
            return out;
        };
        let component = |element: usize, at: usize| -> String {
            header.get(element).and_then(|element| element.get(at)).cloned().unwrap_or_default()
        };
        let three = |element| [component(element, 0), component(element, 1), component(element, 2)];
        out.syntax = [component(1, 0), component(1, 1)];
        out.sender = three(2);
        out.recipient = three(3);
        out.prepared = [component(4, 0), component(4, 1)];
        out.control_reference = component(5, 0);
        out.recipient_reference = [component(6, 0), component(6, 1)];
        out.application_reference = component(7, 0);
        out.priority = component(8, 0);
        out.acknowledgement = component(9, 0) == "1";
        out.agreement = component(10, 0);
        out.test = component(11, 0) == "1";
        let message = segments.find(|segment| segment.first().is_some_and(|tag| tag[0] == "UNH"));
        out.message_type = message
            .and_then(|message| message.get(2).and_then(|element| element.first().cloned()))
            .unwrap_or_default();
        out
    }

    /// E-07: the element separator is octet 4, the segment ends at octet 106.
    fn x12(text: &[u8]) -> Option<Self> {
        let separator = *text.get(3)?;
        let header = text.get(..105)?;
        let elements: Vec<String> = header
            .split(|&octet| octet == separator)
            .map(|element| String::from_utf8_lossy(element).trim().to_owned())
            .collect();
        let element = |at: usize| elements.get(at).cloned().unwrap_or_default();
        Some(Self {
            sender: [element(6), element(5), String::new()],
            recipient: [element(8), element(7), String::new()],
            prepared: [element(9), element(10)],
            control_reference: element(13),
            acknowledgement: element(14) == "1",
            test: element(15) == "T",
            authorization: [element(2), element(1)],
            ..Self::default()
        })
    }
}

/// Segments of EDIFACT: elements, each of components.
struct Segments<'t> {
    rest: &'t [u8],
    signs: [u8; 6],
}

impl Iterator for Segments<'_> {
    type Item = Vec<Vec<String>>;

    fn next(&mut self) -> Option<Self::Item> {
        let [component, element, _, release, _, terminator] = self.signs;
        let mut segment = vec![vec![Vec::new()]];
        let mut rest = self.rest.trim_ascii_start();
        while let [octet, after @ ..] = rest {
            rest = after;
            let last = segment.last_mut()?;
            match *octet {
                sign if sign == release && release != b' ' => {
                    let (released, after) = rest.split_first()?;
                    last.last_mut()?.push(*released);
                    rest = after;
                }
                sign if sign == terminator => {
                    self.rest = rest;
                    let text = |octets: &Vec<u8>| String::from_utf8_lossy(octets).into_owned();
                    return Some(segment.iter().map(|element| element.iter().map(text).collect()).collect());
                }
                sign if sign == element => segment.push(vec![Vec::new()]),
                sign if sign == component => last.push(Vec::new()),
                other => last.last_mut()?.push(other),
            }
        }
        None
    }
}

/// Who is in an EDI message.
pub(super) struct People<'p> {
    pub(super) originator: &'p OrName,
    pub(super) recipients: Vec<OrName>,
    /// The local part of the identifier.
    pub(super) identifier: &'p str,
}

/// E-07: an EDI message around an interchange, encoded; the octets of the interchange are referred to.
///
/// # Errors
/// As [`rasn_x400::ber::encode`].
pub(super) fn message(interchange: Bytes, body_type: Oid, people: &People<'_>) -> Result<Plan, Error> {
    let said = Interchange::read(&interchange);
    let heading = heading(&said, body_type, people);
    let body = Plan::primitive(Tag::new_context(0), interchange).constructed(Tag::SEQUENCE);
    let mut plan = Plan::value(&heading)?;
    plan.append(body);
    Ok(plan.constructed(Tag::new_context(0)))
}

/// A string within its bound; `None` if it is empty or longer, because half a reference is none.
fn bounded(text: &str, bound: usize) -> Option<TeletexString> {
    (!text.is_empty() && text.len() <= bound).then(|| text.into())
}

fn heading(said: &Interchange, body_type: Oid, people: &People<'_>) -> EdimHeading {
    let [syntax, version] = &said.syntax;
    let octet = |octet: u8| Octets::from(&[octet][..]);
    EdimHeading {
        this_edim: EdimIdentifier {
            user: people.originator.clone(),
            user_relative_identifier: people.identifier.into(),
            unknown: Vec::new(),
        },
        originator: Some(people.originator.clone()),
        recipients: Some(people.recipients.iter().map(|name| recipient(name, said)).collect()),
        edin_receiver: None,
        responsibility_forwarded: false,
        edi_bodypart_type: body_type,
        incomplete_copy: false,
        expiry_time: None,
        related_messages: None,
        obsoleted_edims: None,
        edi_application_security_elements: None,
        cross_referencing_information: None,
        edi_message_type: bounded(&said.message_type, 6).map(|kind| vec![kind]),
        service_string_advice: said.advice.map(
            |[component, element, decimal, release, reserved, terminator]| ServiceStringAdvice {
                component_data_element_separator: octet(component),
                data_element_separator: octet(element),
                decimal_notation: octet(decimal),
                release_indicator: Some(octet(release)),
                reserved: Some(octet(reserved)),
                segment_terminator: octet(terminator),
                unknown: Vec::new(),
            },
        ),
        syntax_identifier: bounded(syntax, 4).filter(|_| !version.is_empty() && version.len() <= 5).map(
            |identifier| SyntaxIdentifier {
                identifier,
                version: version.as_str().into(),
                unknown: Vec::new(),
            },
        ),
        interchange_sender: bounded(&said.sender[0], 35).map(|sender_identification| InterchangeSender {
            sender_identification,
            identification_code_qualifier: bounded(&said.sender[1], 4),
            address_for_reverse_routing: bounded(&said.sender[2], 14),
            unknown: Vec::new(),
        }),
        date_and_time_of_preparation: prepared(&said.prepared),
        application_reference: bounded(&said.application_reference, 14),
        heading_extensions: None,
        unknown: Vec::new(),
    }
}

fn prepared([date, time]: &[String; 2]) -> Option<X400Time> {
    // ISO 9735 version 4 has four digits of the year.
    let date = if date.len() == 8 { &date[2..] } else { date.as_str() };
    let text = format!("{date}{time}Z");
    let good = date.len() == 6 && time.len() == 4 && text[..10].bytes().all(|octet| octet.is_ascii_digit());
    good.then(|| X400Time::new(text)).filter(|time| time.moment().is_some())
}

fn recipient(name: &OrName, said: &Interchange) -> EdimRecipient {
    EdimRecipient {
        recipient: name.clone(),
        action_request: oids::EDI_FOR_ACTION,
        edi_notification_requests: None,
        responsibility_passing_allowed: false,
        interchange_recipient: bounded(&said.recipient[0], 35).map(|recipient_identification| {
            InterchangeRecipient {
                recipient_identification,
                identification_code_qualifier: bounded(&said.recipient[1], 4),
                routing_address: bounded(&said.recipient[2], 14),
                unknown: Vec::new(),
            }
        }),
        recipient_reference: bounded(&said.recipient_reference[0], 14).map(|recipient_reference| {
            RecipientReference {
                recipient_reference,
                recipient_reference_qualifier: bounded(&said.recipient_reference[1], 2),
                unknown: Vec::new(),
            }
        }),
        interchange_control_reference: bounded(&said.control_reference, 14),
        processing_priority_code: bounded(&said.priority, 1),
        acknowledgement_request: said.acknowledgement,
        communications_agreement_id: bounded(&said.agreement, 35),
        test_indicator: said.test,
        authorization_information: bounded(&said.authorization[0], 10).map(|authorization_information| {
            AuthorizationInformation {
                authorization_information,
                authorization_information_qualifier: bounded(&said.authorization[1], 2),
                unknown: Vec::new(),
            }
        }),
        recipient_extensions: None,
        unknown: Vec::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    // ledger: beyond E-03 E-07
    #[test]
    fn interchanges_say_who_and_what() {
        let edifact = b"UNA:+.? 'UNB+UNOA:1+S?+1:14:back+R:ZZ+250312:1200+REF1+PASS:AA+ORDERS+A+1+AGREE+1'UNH+1+ORDERS:D:96A:UN'";
        let said = Interchange::read(edifact);
        assert_eq!(said.advice, Some(*b":+.? '"));
        assert_eq!(said.syntax, ["UNOA", "1"]);
        assert_eq!(said.sender, ["S+1", "14", "back"]);
        assert_eq!(said.recipient, ["R", "ZZ", ""]);
        assert_eq!(said.control_reference, "REF1");
        assert_eq!((said.acknowledgement, said.test), (true, true));
        assert_eq!(said.message_type, "ORDERS");
        assert_eq!(prepared(&said.prepared).unwrap().as_bytes(), b"2503121200Z");
        let x12 = format!(
            "ISA*00*{:10}*00*{:10}*ZZ*{:15}*01*{:15}*250312*1200*U*00401*000000001*0*T*:~GS*PO",
            "", "", "SENDER", "RECEIVER"
        );
        let said = Interchange::read(x12.as_bytes());
        assert_eq!((said.sender[0].as_str(), said.recipient[0].as_str()), ("SENDER", "RECEIVER"));
        assert_eq!((said.control_reference.as_str(), said.test), ("000000001", true));
        for nothing in [&b""[..], b"UNB", b"UNA:+", b"ISA*", b"UNB+UNOA:1+S"] {
            assert_eq!(Interchange::read(nothing).control_reference, "");
        }
    }

    #[test]
    fn types_go_both_ways() {
        for (arcs, text) in [
            ("2.6.7.11.0", "application/EDIFACT; charset=us-ascii"),
            ("2.6.7.11.2", "application/EDIFACT"),
            ("2.6.7.11.12.1", "application/EDIFACT; charset=iso-8859-1"),
            ("2.6.7.11.3", "application/EDI-X12; charset=us-ascii"),
            ("2.6.7.11.6", "application/EDI-X12; charset=ebcdic-us"),
            ("2.6.7.11.9", "application/EDI-consent"),
        ] {
            let oid: Oid = arcs.parse().unwrap();
            assert_eq!(media_type(&oid), text);
            assert_eq!(body_type(&MediaType::parse(text).unwrap(), b"\xff"), Some(oid), "{text}");
        }
        assert_eq!(body_type(&MediaType::parse("text/plain").unwrap(), b""), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(UNA|UNB|ISA)?[:+.? 'UNBHISA*1-9]{0,120}") {
            let _ = Interchange::read(text.as_bytes());
        }
    }
}
