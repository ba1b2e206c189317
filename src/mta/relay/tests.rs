//! Messages as data: who is to get them, where the copies go, and what is said of those who get nothing.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::prim::{Oid, RawTlv};
use rasn_x400::x411::address::text;
use rasn_x400::x411::edition1984::beyond_1984;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators, PerRecipientFields,
    PerRecipientIndicators, Priority, ProbeTransferEnvelope,
};
use rasn_x400::x411::extension::{
    ContentCorrelator, ContentCorrelatorValue, Criticality, DlExpansion, DlExpansionHistory, Extension,
    ExtensionField, ExtensionType, LatestDeliveryTime, OriginatorAndDlExpansionHistory,
    OriginatorRequestedAlternateRecipient, Prohibited, RecipientReassignmentProhibited, RedirectionHistory,
    RedirectionReason,
};
use rasn_x400::x411::report::{PerRecipientReportFields, ReportType};
use rasn_x400::x411::trace::{Attempted, GlobalDomainIdentifier, OtherActions, RoutingAction};
use rasn_x400::x419::MtsApdu;
use time::macros::datetime;

use super::report::{Verdict, report};
use super::*;
use crate::mta::route::{Action, Conditions, Rule};
use crate::mta::trace::{Attempt, Passage, external_element, internal};
use crate::quirk::{Quirk, Quirks};
use crate::status::{NonDeliveryDiagnostic as Diagnostic, NonDeliveryReason as Reason};

mod identity;

const ARRIVAL: OffsetDateTime = datetime!(2026-11-27 02:00 UTC);
const NOW: OffsetDateTime = datetime!(2026-11-27 02:05 UTC);
const CONTENT: &[u8] = b"\xa0\x05what?";

fn name(written: &str) -> OrName {
    text::parse(written).unwrap().to_or_name().unwrap()
}

fn us() -> Identity {
    Identity {
        domain: GlobalDomainIdentifier::new("XX", "example", Some("gateway")),
        mta_name: "x400gw".into(),
        maximum_hops: 20,
    }
}

fn to(peers: &[&str]) -> Action {
    Action::Transfer(peers.iter().map(|peer| (*peer).to_owned()).collect())
}

/// By PRMD: `a`, `b` and `c` are peers, `refused` is, `moved` goes to a recipient at `a`, `round` to itself, by two steps.
fn table() -> Table {
    let refuse = Action::Refuse {
        non_delivery: NonDelivery { reason: Reason::RestrictedDelivery, diagnostic: None },
        text: "not `this` one".into(),
    };
    let redirect = |written: &str| Action::Redirect(Box::new(name(written)));
    let rules = [
        ("a", to(&["a"])),
        ("b", to(&["b", "a"])),
        ("c", to(&["a"])),
        ("refused", refuse),
        ("moved", redirect("/S=new/PRMD=a/ADMD=x/C=XX/")),
        ("round", redirect("/S=r/PRMD=about/ADMD=x/C=XX/")),
        ("about", redirect("/S=r/PRMD=round/ADMD=x/C=XX/")),
    ];
    let rule = |(domain, action): (&str, Action)| Rule {
        address: text::parse(&format!("/PRMD={domain}/ADMD=x/C=XX/")).unwrap(),
        conditions: Conditions::default(),
        action,
        called: None,
    };
    Table::new(rules.map(rule).to_vec(), &us().domain, &BTreeMap::new())
}

/// Everybody on the Internet but one. The mailbox of `round-about` is that of a user of X.400, the one of `nowhere` is under
/// an address without a route.
fn deliverable(name: &OrName) -> Result<Option<OrName>, Undeliverable> {
    let shown = shown(name);
    let other = [
        ("(a)round-about/", "/S=sam/PRMD=b/ADMD=x/C=XX/"),
        ("(a)nowhere/", "/S=sam/PRMD=nowhere/ADMD=x/C=XX/"),
    ];
    let other = other.into_iter().find(|(mailbox, _)| shown.contains(mailbox));
    match shown.contains("S=nobody/") {
        false => Ok(other.map(|(_, written)| self::name(written))),
        true => Err(dispatch::undeliverable(crate::status::Failure::AddressNotMappable, "nobody there")),
    }
}

fn with<R>(change: impl FnOnce(&mut Context<'_>), then: impl FnOnce(&Context<'_>) -> R) -> R {
    let (table, us) = (table(), us());
    let mut context = Context {
        table: &table,
        us: &us,
        origin: Origin::Peer(Some("origin")),
        deliverable: &deliverable,
        relay: None,
        arrival: ARRIVAL,
        held_until: None,
        now: NOW,
    };
    change(&mut context);
    then(&context)
}

/// A recipient from its address; `-` in front: somebody else answers for it.
fn recipient(number: i64, written: &str) -> PerRecipientFields {
    let (written, responsible) = match written.strip_prefix('-') {
        Some(written) => (written, false),
        None => (written, true),
    };
    let mut bits = vec![
        PerRecipientIndicators::ORIGINATING_MTA_NON_DELIVERY_REPORT,
        PerRecipientIndicators::ORIGINATOR_NON_DELIVERY_REPORT,
    ];
    bits.extend(responsible.then_some(PerRecipientIndicators::RESPONSIBILITY));
    PerRecipientFields {
        recipient_name: name(written),
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(&bits),
        explicit_conversion: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    }
}

fn origin() -> Identity {
    Identity { domain: GlobalDomainIdentifier::new("XX", "x", Some("origin")), ..us() }
}

fn message(recipients: &[&str]) -> MessageTransferEnvelope {
    let passage =
        Passage { arrival: x400_time(ARRIVAL), deferred: None, attempted: Vec::new(), redirected: false };
    MessageTransferEnvelope {
        message_identifier: MtsIdentifier {
            domain: origin().domain,
            local_identifier: "m1".into(),
            unknown: Vec::new(),
        },
        originator_name: name("/S=ann/PRMD=a/ADMD=x/C=XX/"),
        original_encoded_information_types: None,
        content_type: ContentType::P22,
        content_identifier: Some("about".into()),
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: vec![external_element(&origin(), &passage)],
        extensions: Vec::new(),
        per_recipient_fields: (11..).zip(recipients).map(|(number, at)| recipient(number, at)).collect(),
        unknown: Vec::new(),
    }
}

fn apdu(envelope: MessageTransferEnvelope) -> Apdu {
    Apdu::Message {
        envelope: Box::new(envelope),
        content: Bytes::from_static(CONTENT).into(),
        unknown: Vec::new(),
    }
}

fn probe(recipients: &[&str]) -> ProbeTransferEnvelope {
    let like = message(recipients);
    ProbeTransferEnvelope {
        probe_identifier: like.message_identifier,
        originator_name: like.originator_name,
        original_encoded_information_types: None,
        content_type: like.content_type,
        content_identifier: None,
        content_length: Some(99),
        per_message_indicators: like.per_message_indicators,
        per_domain_bilateral_information: None,
        trace_information: like.trace_information,
        extensions: Vec::new(),
        per_recipient_fields: like.per_recipient_fields,
        unknown: Vec::new(),
    }
}

fn all(apdu: &Apdu) -> Vec<u32> {
    apdu.responsible().map(|(number, _)| number).collect()
}

fn dispatched(apdu: &Apdu) -> Dispatch {
    with(|_| {}, |context| dispatch(apdu, &all(apdu), context))
}

fn read(octets: &[u8]) -> Result<Apdu, apdu::ReadError> {
    Apdu::read(&Bytes::copy_from_slice(octets).into())
}

/// What goes to the next hop, read again.
fn sent(copy: &Copy, attempted: &[Attempt]) -> (Apdu, Vec<u8>) {
    let octets = with(|_| {}, |context| copy.octets(attempted, Quirks::default(), false, context))
        .unwrap()
        .read()
        .unwrap()
        .concat();
    (read(&octets.clone()).unwrap(), octets)
}

fn codes(why: &Undeliverable) -> (u16, Option<u16>) {
    let NonDelivery { reason, diagnostic } = why.non_delivery;
    (reason.number(), diagnostic.map(Diagnostic::number))
}

/// X.411 14.3: one copy for each next hop, each names everybody, and each recipient has one who answers for it.
// ledger: beyond A-15
#[test]
fn a_message_is_split_by_next_hop() {
    let apdu = apdu(message(&[
        "/S=one/PRMD=a/ADMD=x/C=XX/",
        "/S=two/PRMD=b/ADMD=x/C=XX/",
        "-/S=three/PRMD=b/ADMD=x/C=XX/",
        "/S=four/PRMD=c/ADMD=x/C=XX/",
        "/S=five/PRMD=gateway/ADMD=example/C=XX/",
        "/S=six/PRMD=unknown/ADMD=x/C=XX/",
        "/S=seven/PRMD=refused/ADMD=x/C=XX/",
        "/S=nobody/PRMD=gateway/ADMD=example/C=XX/",
    ]));
    let result = dispatched(&apdu);
    let copies: Vec<_> =
        result.copies.iter().map(|copy| (copy.peers.join(","), copy.recipients.clone())).collect();
    assert_eq!(copies, [("a".to_owned(), vec![1, 4]), ("b,a".to_owned(), vec![2])]);
    assert_eq!(result.internet, [5]);
    let failed: Vec<_> = result.failed.iter().map(|(number, why)| (*number, codes(why))).collect();
    assert_eq!(failed, [(6, (1, Some(17))), (7, (5, None)), (8, (1, Some(0)))]);
    assert_eq!(
        result.explanations[1].1,
        "/S=two/PRMD=b/ADMD=x/C=XX/: route 2 (/PRMD=b/ADMD=x/C=XX/): to b, else to a"
    );
    for copy in &result.copies {
        let (arrived, octets) = sent(copy, &[]);
        assert_eq!(all(&arrived), copy.recipients);
        let numbers = |apdu: &Apdu| {
            let fields = apdu.recipients().iter();
            fields
                .map(|fields| (fields.originally_specified_recipient_number, fields.recipient_name.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(&arrived), numbers(&apdu));
        let asks = PerRecipientIndicators::ORIGINATOR_NON_DELIVERY_REPORT;
        assert!(arrived.recipients().iter().all(|fields| fields.per_recipient_indicators.has(asks)));
        assert!(octets.ends_with(CONTENT));
        // Our trace behind that of the origin.
        assert_eq!((arrived.trace().len(), &arrived.trace()[..1]), (2, &apdu.trace()[..]));
        assert_eq!(arrived.trace()[1].domain, us().domain);
        assert_eq!(arrived.trace()[1].supplied.arrival_time, x400_time(ARRIVAL));
        assert_eq!(internal(arrived.extensions()).len(), 1);
    }
    // Those who have their end are not asked about again.
    let rest = with(|_| {}, |context| dispatch(&apdu, &[2], context));
    assert_eq!((rest.copies.len(), rest.failed.len(), rest.internet.len()), (1, 0, 0));
}

/// No conversion there and back: the message stays as it is, with the address that its mailbox has in X.400.
// ledger: mixer G-19
#[test]
fn a_mailbox_of_an_x400_user_is_reached_over_x400() {
    let written = |domain: &str| format!("/RFC-822=sam(a){domain}/PRMD=gateway/ADMD=example/C=XX/");
    let apdu = apdu(message(&[&written("round-about"), &written("nowhere"), &written("a.example")]));
    let result = dispatched(&apdu);
    assert_eq!((result.internet, result.failed), (vec![2, 3], Vec::new()));
    let [copy] = result.copies.as_slice() else { panic!("{:?}", result.copies) };
    assert_eq!((copy.peers.join(","), copy.recipients.clone()), ("b,a".to_owned(), vec![1]));
    let (arrived, octets) = sent(copy, &[]);
    assert_eq!(arrived.recipients()[0].recipient_name, name("/S=sam/PRMD=b/ADMD=x/C=XX/"));
    assert_eq!(arrived.recipients()[1].recipient_name, apdu.recipients()[1].recipient_name);
    assert!(octets.ends_with(CONTENT));
    // From the Internet nothing goes there again, and nothing turns round.
    let mail = with(|context| context.origin = Origin::Internet, |context| dispatch(&apdu, &[1], context));
    assert_eq!((mail.copies.len(), mail.failed.len()), (0, 1));
}

#[test]
fn another_way_is_marked_as_such() {
    let result = dispatched(&apdu(message(&["/S=two/PRMD=b/ADMD=x/C=XX/"])));
    let domain = GlobalDomainIdentifier::new("XX", "x", Some("b"));
    for known in [None, Some(domain)] {
        let attempt = Attempt { mta_name: "b".into(), domain: known.clone() };
        let (arrived, _) = sent(&result.copies[0], &[attempt]);
        let outer = &arrived.trace()[1].supplied;
        assert_eq!((outer.routing_action, &outer.attempted_domain), (RoutingAction::REROUTED, &known));
        let own = &internal(arrived.extensions())[0].supplied;
        assert_eq!(own.attempted, Some(known.map_or_else(|| Attempted::Mta("b".into()), Attempted::Domain)));
    }
}

/// Extensions go out in the form the peer wants.
#[test]
fn a_peers_oddities_are_obeyed() {
    let copies = dispatched(&apdu(message(&["/S=one/PRMD=a/ADMD=x/C=XX/"]))).copies;
    for (quirk, kinds) in [
        (Quirk::ExplicitExtensionType, &[ExtensionType::StandardExplicit(38)][..]),
        (Quirk::NoExtensions, &[]),
    ] {
        let quirks = Quirks::new(&[], &[quirk]);
        let octets = with(|_| {}, |context| copies[0].octets(&[], quirks, false, context)).unwrap();
        let arrived = Apdu::read(&octets).unwrap();
        let found: Vec<_> = arrived.extensions().iter().map(|field| field.kind.clone()).collect();
        assert_eq!(found, kinds);
    }
}

///
#[test]
fn what_an_mta_of_1984_cannot_have() {
    let with_type = |content_type| {
        apdu(MessageTransferEnvelope { content_type, ..message(&["/S=one/PRMD=a/ADMD=x/C=XX/"]) })
    };
    let extended = |prohibited| {
        let mut envelope = message(&["/S=one/PRMD=a/ADMD=x/C=XX/"]);
        envelope.content_type = ContentType::P2;
        let mut field = RecipientReassignmentProhibited::field(&prohibited).unwrap();
        if prohibited == Prohibited::ALLOWED {
            field.criticality = Criticality::default();
        }
        envelope.per_recipient_fields[0].extensions.push(field);
        apdu(envelope)
    };
    let private = ContentType::Extended("1.2.3".parse::<Oid>().unwrap());
    let table = [
        (with_type(ContentType::P2), true),
        (with_type(ContentType::UNIDENTIFIED), true),
        (with_type(ContentType::P22), false),
        (with_type(private), false),
        (extended(Prohibited::PROHIBITED), false),
        (extended(Prohibited::ALLOWED), true),
    ];
    for (apdu, possible) in table {
        let copy = &mut dispatched(&apdu).copies[0];
        let verdict = downgrade::prepare(copy, downgrade::Policy::default()).unwrap();
        assert_eq!(verdict.is_ok(), possible, "{apdu:?}");
        assert!(possible || codes(&verdict.unwrap_err()) == (2, Some(47)));
        let octets = with(|_| {}, |context| copy.octets(&[], Quirks::default(), true, context));
        assert_eq!(octets.is_ok(), possible, "{apdu:?}");
    }
}

/// what came later is left out and named, our own trace with it, and the content is not touched.
#[test]
fn what_an_mta_of_1984_is_given() {
    let mut envelope = message(&["/CN=Help Desk/PRMD=a/ADMD=x/C=XX/"]);
    envelope.content_type = ContentType::P2;
    let mut field = RecipientReassignmentProhibited::field(&Prohibited::ALLOWED).unwrap();
    field.criticality = Criticality::default();
    envelope.extensions.push(field);
    let copy = &mut dispatched(&apdu(envelope)).copies[0];
    let lost = downgrade::prepare(copy, downgrade::Policy::default()).unwrap().unwrap();
    let lost: Vec<String> = lost.iter().map(|lost| format!("{}: {}", lost.place, lost.what)).collect();
    assert_eq!(
        lost,
        [
            "envelope.extensions[0]: recipient-reassignment-prohibited",
            "envelope.per-recipient-fields[0].recipient-name: \
             common-name became the domain-defined attribute Common",
        ]
    );
    let octets = with(|_| {}, |context| copy.octets(&[], Quirks::default(), true, context)).unwrap();
    let octets = octets.read().unwrap().concat();
    assert!(octets.ends_with(CONTENT));
    let value = MtsApdu::from_octets(&octets, octets.len()).unwrap();
    assert!(beyond_1984(&value).is_empty());
    let arrived = read(&octets).unwrap();
    assert_eq!(arrived.trace().len(), 2);
    assert_eq!(shown(&arrived.recipients()[0].recipient_name), "/DD.Common=Help Desk/PRMD=a/ADMD=x/C=XX/");
}

#[test]
fn nothing_goes_back_where_it_came_from() {
    let apdu = apdu(message(&["/S=one/PRMD=a/ADMD=x/C=XX/", "/S=two/PRMD=b/ADMD=x/C=XX/"]));
    let result =
        with(|context| context.origin = Origin::Peer(Some("a")), |context| dispatch(&apdu, &[1, 2], context));
    assert_eq!(codes(&result.failed[0].1), (1, Some(3)));
    assert_eq!(result.copies[0].peers, ["b"]);
    let result = with(|context| context.origin = Origin::Here, |context| dispatch(&apdu, &[1, 2], context));
    assert!(result.failed.is_empty());
}

/// What makes a whole message undeliverable, for everybody alike.
// ledger: beyond A-17
#[test]
fn whole_messages_that_cannot_go_on() {
    let to = ["/S=one/PRMD=a/ADMD=x/C=XX/", "/S=two/PRMD=b/ADMD=x/C=XX/"];
    let private = |criticality: &[usize]| ExtensionField {
        kind: ExtensionType::Private("1.2.3".parse::<Oid>().unwrap()),
        criticality: Criticality::with(criticality),
        value: Some(RawTlv::from_element(vec![4, 2, 1, 2])),
        unknown: Vec::new(),
    };
    let standard = |number| ExtensionField {
        kind: ExtensionType::Standard(number),
        ..private(&[Criticality::FOR_TRANSFER])
    };
    let extended =
        |field: ExtensionField| move |envelope: &mut MessageTransferEnvelope| envelope.extensions.push(field);
    let latest = |time| extended(LatestDeliveryTime::field(&x400_time(time)).unwrap());
    let again = |envelope: &mut MessageTransferEnvelope| {
        let passage =
            Passage { arrival: x400_time(ARRIVAL), deferred: None, attempted: Vec::new(), redirected: false };
        envelope.trace_information.insert(0, external_element(&us(), &passage));
    };
    type Change = Box<dyn FnOnce(&mut MessageTransferEnvelope)>;
    // what, the change, diagnostic if it fails
    let table: Vec<(&str, Change, Option<u16>)> = vec![
        ("nothing odd", Box::new(|_| {}), None),
        ("back in our domain", Box::new(again), Some(3)),
        ("too late", Box::new(latest(NOW)), Some(5)),
        ("in time", Box::new(latest(NOW + time::Duration::seconds(1))), None),
        ("unknown, not critical", Box::new(extended(private(&[]))), None),
        ("critical for submission", Box::new(extended(private(&[Criticality::FOR_SUBMISSION]))), None),
        ("critical for delivery", Box::new(extended(private(&[Criticality::FOR_DELIVERY]))), None),
        ("critical for transfer", Box::new(extended(private(&[Criticality::FOR_TRANSFER]))), Some(18)),
        ("of a later standard", Box::new(extended(standard(47))), Some(18)),
        ("known", Box::new(extended(standard(46))), None),
    ];
    for (case, change, diagnostic) in table {
        let mut envelope = message(&to);
        change(&mut envelope);
        let result = dispatched(&apdu(envelope));
        let failed: Vec<_> = result.failed.iter().map(|(_, why)| codes(why)).collect();
        match diagnostic {
            None => assert_eq!((failed.len(), result.copies.len()), (0, 2), "{case}"),
            Some(diagnostic) => assert_eq!(failed, [(1, Some(diagnostic)); 2], "{case}"),
        }
    }
}

/// Criticality at one recipient concerns that one; for delivery it matters where we deliver.
#[test]
fn recipients_with_critical_extensions() {
    let field = |criticality| ExtensionField {
        kind: ExtensionType::Private("1.2.3".parse::<Oid>().unwrap()),
        criticality: Criticality::with(&[criticality]),
        value: None,
        unknown: Vec::new(),
    };
    let mut envelope = message(&[
        "/S=one/PRMD=a/ADMD=x/C=XX/",
        "/S=two/PRMD=a/ADMD=x/C=XX/",
        "/S=three/PRMD=gateway/ADMD=example/C=XX/",
        "/S=four/PRMD=gateway/ADMD=example/C=XX/",
    ]);
    envelope.per_recipient_fields[0].extensions.push(field(Criticality::FOR_TRANSFER));
    envelope.per_recipient_fields[1].extensions.push(field(Criticality::FOR_DELIVERY));
    envelope.per_recipient_fields[2].extensions.push(field(Criticality::FOR_DELIVERY));
    let result = dispatched(&apdu(envelope));
    let failed: Vec<_> = result.failed.iter().map(|(number, why)| (*number, codes(why))).collect();
    assert_eq!(failed, [(1, (1, Some(18))), (3, (1, Some(18)))]);
    assert_eq!((&result.copies[0].recipients, &result.internet), (&vec![2], &vec![4]));
}

/// What nobody here knows goes on, octet for octet and in its order; the content is not even looked at.
#[test]
fn unknown_things_are_relayed_as_they_came() {
    let odd = |number: u8| ExtensionField {
        kind: ExtensionType::StandardExplicit(i64::from(number)),
        criticality: Criticality::default(),
        value: Some(RawTlv::from_element(vec![0x30, 0x80, 4, 1, number, 0, 0])),
        unknown: vec![RawTlv::from_element(vec![0x9f, 0x50, 1, number])],
    };
    let member = RawTlv::from_element(vec![0xbf, 0x63, 3, 2, 1, 9]);
    let mut envelope = message(&["/S=one/PRMD=a/ADMD=x/C=XX/"]);
    envelope.extensions = vec![odd(99), odd(98), odd(97)];
    envelope.unknown = vec![member.clone()];
    envelope.per_recipient_fields[0].extensions = vec![odd(96), odd(95)];
    envelope.per_recipient_fields[0].unknown = vec![member.clone()];
    let Apdu::Message { envelope, content, .. } = apdu(envelope) else { unreachable!() };
    let came = Apdu::Message { envelope: envelope.clone(), content, unknown: vec![member.clone()] };
    let octets = came.to_content().unwrap().read().unwrap().concat();
    assert_eq!(read(&octets.clone()).unwrap(), came);
    let (arrived, sent) = sent(&dispatched(&came).copies[0], &[]);
    let Apdu::Message { envelope: arrived, unknown, .. } = arrived else { unreachable!() };
    assert_eq!(arrived.extensions[..3], envelope.extensions);
    assert_eq!(arrived.per_recipient_fields, envelope.per_recipient_fields);
    assert_eq!((&arrived.unknown, &unknown), (&vec![member.clone()], &vec![member]));
    for field in &envelope.extensions {
        let octets = ber::encode(field).unwrap();
        assert!(sent.windows(octets.len()).any(|part| part == octets), "{octets:02x?}");
    }
}

#[test]
fn a_content_in_segments_or_in_an_external_is_read() {
    let plain = apdu(message(&["/S=one/PRMD=a/ADMD=x/C=XX/"]));
    let octets = plain.to_content().unwrap().read().unwrap().concat();
    let Apdu::Message { envelope, .. } = &plain else { unreachable!() };
    let envelope = ber::encode(&**envelope).unwrap();
    let segments = [&[0x24, 0x80, 4, 3][..], &CONTENT[..3], &[4, 4], &CONTENT[3..], &[0, 0]].concat();
    let indefinite = [&[0xa0, 0x80][..], &envelope, &segments, &[0, 0]].concat();
    assert_eq!(read(&indefinite).unwrap(), plain);
    let length = |octets: &[u8]| {
        let length = u16::try_from(octets.len()).unwrap().to_be_bytes();
        [0x82, length[0], length[1]]
    };
    let single = [&[0xa0][..], &length(&octets), &octets].concat();
    let external =
        [&[0x28][..], &length(&[&[6, 1, 0x51][..], &single].concat()), &[6, 1, 0x51], &single].concat();
    assert_eq!(read(&external).unwrap(), plain);
    // In pieces, as from files: the content is the same octets in other pieces.
    let pieces = Apdu::read(&octets.chunks(7).map(Bytes::copy_from_slice).collect()).unwrap();
    assert_eq!(pieces.to_content().unwrap().read().unwrap().concat(), octets);
    for cut in 0..octets.len() {
        read(&octets[..cut]).unwrap_err();
    }
    read(&[&octets[..], &[0]].concat()).unwrap_err();
    read(&apdu(message(&[])).to_content().unwrap().read().unwrap().concat()).unwrap_err();
    read(&[0xa9, 2, 5, 0]).unwrap_err();
}

/// Recipient reassignment by rule.
#[test]
fn recipients_are_redirected_by_rule() {
    let moved = "/S=old/PRMD=moved/ADMD=x/C=XX/";
    let result = dispatched(&apdu(message(&[moved])));
    let (arrived, _) = sent(&result.copies[0], &[]);
    let fields = &arrived.recipients()[0];
    assert_eq!(shown(&fields.recipient_name), "/S=new/PRMD=a/ADMD=x/C=XX/");
    assert_eq!(fields.originally_specified_recipient_number, 11);
    let history = RedirectionHistory::find(&fields.extensions).unwrap().unwrap();
    assert_eq!(shown(&history[0].intended_recipient.recipient), moved);
    assert_eq!(history[0].reason, RedirectionReason::RECIPIENT_ASSIGNED_ALTERNATE_RECIPIENT);
    assert!(arrived.trace()[1].supplied.other_actions.has(OtherActions::REDIRECTED));

    let mut forbidden = message(&[moved]);
    let field = RecipientReassignmentProhibited::field(&Prohibited::PROHIBITED).unwrap();
    forbidden.extensions.push(field);
    assert_eq!(codes(&dispatched(&apdu(forbidden)).failed[0].1), (1, Some(26)));
    let round = apdu(message(&["/S=r/PRMD=round/ADMD=x/C=XX/"]));
    assert_eq!(codes(&dispatched(&round).failed[0].1), (1, Some(27)));
}

/// RFC 1328 3.1: an address of 1988 comes and goes inside ours.
// ledger: mixer V-07
#[test]
fn addresses_of_1988_pass_through_1984() {
    let gateway = name("/O=relay/PRMD=gateway/ADMD=example/C=XX/");
    let policy = downgrade::Policy { relay: Some(&gateway), ..downgrade::Policy::default() };
    let postal = "/PD-ADDRESS=Empire State Building/PRMD=a/ADMD=x/C=XX/";
    let mut envelope = message(&[postal]);
    envelope.content_type = ContentType::P2;
    let copy = &mut dispatched(&apdu(envelope)).copies[0];
    let lost = downgrade::prepare(copy, policy).unwrap().unwrap();
    assert_eq!(lost.len(), 1, "{lost:?}");
    let octets = with(|_| {}, |context| copy.octets(&[], Quirks::default(), true, context)).unwrap();
    let old = Apdu::read(&octets).unwrap();
    let outer = shown(&old.recipients()[0].recipient_name);
    assert!(outer.starts_with("/DD.X400-88="), "{outer}");
    // An MTA of 1984 sends it to us.
    let Apdu::Message { mut envelope, content, unknown } = old else { unreachable!() };
    envelope.trace_information.truncate(1);
    let back = Apdu::Message { envelope, content, unknown };
    let result =
        with(|_| {}, |context| dispatch(&back, &[1], &Context { relay: Some(&gateway), ..*context }));
    assert_eq!((&result.copies[0].peers[..], &result.failed), (&["a".to_owned()][..], &vec![]));
    assert_eq!(shown(&sent(&result.copies[0], &[]).0.recipients()[0].recipient_name), postal);
}

fn failure(failure: crate::status::Failure) -> Undeliverable {
    dispatch::undeliverable(failure, "why not")
}

#[test]
fn the_originators_alternate_gets_it_instead() {
    use crate::status::Failure;
    let alternate_at = |written: &str| OriginatorRequestedAlternateRecipient::field(&name(written)).unwrap();
    let mut envelope = message(&[
        "/S=one/PRMD=refused/ADMD=x/C=XX/",
        "/S=two/PRMD=refused/ADMD=x/C=XX/",
        "/S=three/PRMD=refused/ADMD=x/C=XX/",
        "/S=four/PRMD=refused/ADMD=x/C=XX/",
    ]);
    for (fields, at) in envelope.per_recipient_fields.iter_mut().zip([
        "/S=other/PRMD=b/ADMD=x/C=XX/",
        "/S=TWO/PRMD=refused/ADMD=x/C=XX/",
        "/S=other/PRMD=b/ADMD=x/C=XX/",
    ]) {
        fields.extensions.push(alternate_at(at));
    }
    // Whatever the reason is.
    let failed = [
        (1, failure(Failure::NoRoute)),
        (2, failure(Failure::NoRoute)),
        (3, failure(Failure::Loop)),
        (4, failure(Failure::NoRoute)),
    ];
    let probe = Apdu::Probe(Box::new(ProbeTransferEnvelope {
        per_recipient_fields: envelope.per_recipient_fields.clone(),
        ..probe(&[])
    }));
    let subject = apdu(envelope);
    for subject in [&probe, &subject] {
        let (copy, replaced) =
            with(|_| {}, |context| alternate::alternate(subject, &failed, context)).unwrap().unwrap();
        assert_eq!((copy.kind(), &replaced, all(&copy)), (subject.kind(), &vec![1, 3], vec![1, 3]));
    }
    let (copy, _) =
        with(|_| {}, |context| alternate::alternate(&subject, &failed, context)).unwrap().unwrap();
    let fields = &copy.recipients()[0];
    assert_eq!(shown(&fields.recipient_name), "/S=other/PRMD=b/ADMD=x/C=XX/");
    let history = RedirectionHistory::find(&fields.extensions).unwrap().unwrap();
    assert_eq!(history[0].reason, RedirectionReason::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT);
    assert_eq!(OriginatorRequestedAlternateRecipient::find(&fields.extensions), Ok(None));
    assert!(copy.trace().last().unwrap().supplied.other_actions.has(OtherActions::REDIRECTED));
    // It goes on from here, and its trace does not stop it.
    let onward = with(|context| context.origin = Origin::Here, |context| dispatch(&copy, &[1, 3], context));
    assert_eq!((&onward.copies[0].peers[..], onward.failed), (&["b".to_owned(), "a".into()][..], vec![]));
    // The report is about whom it was meant for in the end.
    let verdicts = [(1, Verdict::Failed(failure(Failure::NoRoute)))];
    let fields = &reported(&copy, &verdicts, 0).unwrap().content.per_recipient_fields[0];
    assert_eq!(shown(&fields.actual_recipient_name), "/S=other/PRMD=b/ADMD=x/C=XX/");
    let intended = fields.originally_intended_recipient_name.as_ref().map(shown);
    assert_eq!(intended.as_deref(), Some("/S=one/PRMD=refused/ADMD=x/C=XX/"));
    assert_eq!(RedirectionHistory::find(&fields.extensions).unwrap().unwrap().len(), 1);
    let none = with(|_| {}, |context| alternate::alternate(&copy, &failed[..1], context)).unwrap();
    assert_eq!(none, None, "used once");
}

fn reported(subject: &Apdu, verdicts: &[(u32, Verdict)], limit: u64) -> Option<rasn_x400::x419::Report> {
    let made = with(|_| {}, |context| report(subject, verdicts, "r1", limit, context)).unwrap()?;
    // As it is read by who gets it.
    let octets = made.to_content().unwrap().read().unwrap().concat();
    match MtsApdu::from_octets(&octets, 1 << 20).unwrap() {
        MtsApdu::Report(report) => Some(report),
        other => panic!("{other:?}"),
    }
}

/// X.411 12.2.1.3: what a non-delivery report holds.
// ledger: beyond A-13 A-14
#[test]
fn a_non_delivery_report_says_what_became_of_whom() {
    let mut envelope = message(&[
        "/S=one/PRMD=a/ADMD=x/C=XX/",
        "-/S=two/PRMD=b/ADMD=x/C=XX/",
        "/S=three/PRMD=unknown/ADMD=x/C=XX/",
    ]);
    let correlator = ContentCorrelator::field(&ContentCorrelatorValue::Characters("ENVID x".into())).unwrap();
    envelope.extensions.push(correlator.clone());
    envelope.per_message_indicators =
        PerMessageIndicators::with(&[PerMessageIndicators::CONTENT_RETURN_REQUEST]);
    let subject = apdu(envelope.clone());
    let why = Undeliverable {
        non_delivery: crate::status::Failure::NoRoute.non_delivery(),
        text: "no `route`; ask…".into(),
    };
    let verdicts = [(3, Verdict::Failed(why))];
    let found = reported(&subject, &verdicts, 100).unwrap();
    assert_eq!(found.envelope.report_identifier.local_identifier, "r1".into());
    assert_eq!(found.envelope.report_destination_name, envelope.originator_name);
    assert_eq!(found.envelope.trace_information[0].domain, us().domain);
    assert_eq!(internal(&found.envelope.extensions)[0].mta_name, "x400gw".into());
    let content = found.content;
    assert_eq!(content.subject_identifier, envelope.message_identifier);
    assert_eq!(content.subject_intermediate_trace_information, None);
    assert_eq!(content.content_identifier, envelope.content_identifier);
    assert_eq!(content.returned_content.unwrap().0, CONTENT);
    assert_eq!(content.extensions, [correlator]);
    let [fields]: [PerRecipientReportFields; 1] = content.per_recipient_fields.try_into().unwrap();
    assert_eq!(shown(&fields.actual_recipient_name), "/S=three/PRMD=unknown/ADMD=x/C=XX/");
    assert_eq!(fields.originally_specified_recipient_number, 13);
    assert_eq!(fields.supplementary_information.unwrap().to_text(), "no 'route', ask...");
    assert_eq!(fields.last_trace_information.arrival_time, x400_time(ARRIVAL));
    let ReportType::NonDelivery(codes) = fields.last_trace_information.report_type else { panic!() };
    assert_eq!((codes.reason_code, codes.diagnostic_code), (1, Some(17)));
    // Too large to be sent back.
    assert_eq!(reported(&subject, &verdicts, 3).unwrap().content.returned_content, None);
}

/// Which reports are made, by the bits of the originating MTA.
#[test]
fn report_requests_are_honoured() {
    let (every, failures) = (
        PerRecipientIndicators::ORIGINATING_MTA_REPORT,
        PerRecipientIndicators::ORIGINATING_MTA_NON_DELIVERY_REPORT,
    );
    // bits, whether success is reported, whether the subject's trace comes along
    let table: [(&[usize], bool, bool); 4] = [
        (&[], false, false),
        (&[failures], false, false),
        (&[every], true, false),
        (&[every, failures], true, true),
    ];
    let fine = || Verdict::Deliverable { text: "fine".into() };
    let bad = || Verdict::Failed(failure(crate::status::Failure::NoRoute));
    for (bits, success, traced) in table {
        let mut envelope = probe(&["/S=one/PRMD=gateway/ADMD=example/C=XX/"]);
        envelope.per_recipient_fields[0].per_recipient_indicators = PerRecipientIndicators::with(bits);
        let subject = Apdu::Probe(Box::new(envelope));
        assert_eq!(reported(&subject, &[(1, fine())], 9).is_some(), success, "{bits:?}");
        let found = reported(&subject, &[(1, bad())], 9).unwrap().content;
        assert_eq!(found.subject_intermediate_trace_information.is_some(), traced, "{bits:?}");
        assert_eq!(found.returned_content, None);
    }
}

/// After a list, the list hears of it, and the whole way is told.
#[test]
fn a_report_goes_to_the_last_list() {
    let mut envelope = message(&["/S=one/PRMD=a/ADMD=x/C=XX/"]);
    let step = |written: &str| DlExpansion {
        list: name(written),
        expansion_time: x400_time(ARRIVAL),
        unknown: Vec::new(),
    };
    let lists = vec![step("/S=l1/PRMD=a/ADMD=x/C=XX/"), step("/S=l2/PRMD=b/ADMD=x/C=XX/")];
    envelope.extensions.push(DlExpansionHistory::field(&lists).unwrap());
    let verdicts = [(1, Verdict::Failed(failure(crate::status::Failure::NoRoute)))];
    let found = reported(&apdu(envelope), &verdicts, 0).unwrap();
    assert_eq!(shown(&found.envelope.report_destination_name), "/S=l2/PRMD=b/ADMD=x/C=XX/");
    let history = OriginatorAndDlExpansionHistory::find(&found.envelope.extensions).unwrap().unwrap();
    assert_eq!(
        history.iter().map(|step| shown(&step.name)).collect::<Vec<_>>(),
        ["/S=ann/PRMD=a/ADMD=x/C=XX/", "/S=l1/PRMD=a/ADMD=x/C=XX/", "/S=l2/PRMD=b/ADMD=x/C=XX/"]
    );
}

/// F-18: nothing is ever reported about a report; it goes on like a message, by its destination.
#[test]
fn reports_are_relayed_and_never_reported_on() {
    let verdicts = [(1, Verdict::Failed(failure(crate::status::Failure::NoRoute)))];
    let subject = apdu(message(&["/S=one/PRMD=b/ADMD=x/C=XX/"]));
    let made = with(|_| {}, |context| report(&subject, &verdicts, "r1", 0, context)).unwrap().unwrap();
    assert_eq!(reported(&made, &verdicts, 0), None);
    assert_eq!(all(&made), [1]);
    let result = with(|context| context.origin = Origin::Here, |context| dispatch(&made, &[1], context));
    assert_eq!(result.copies[0].peers, ["a"]);
    let unchanged = with(
        |context| context.origin = Origin::Here,
        |context| result.copies[0].octets(&[], Quirks::default(), false, context),
    );
    assert_eq!(
        unchanged.unwrap().read().unwrap().concat(),
        made.to_content().unwrap().read().unwrap().concat()
    );
    // Back here it would be in a loop.
    assert_eq!(codes(&dispatched(&made).failed[0].1), (1, Some(3)));
}
