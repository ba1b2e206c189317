use rasn_x400::x411::extension::{
    ContentCorrelator, ContentCorrelatorValue, ConversionWithLossProhibited, DlExpansionHistory, Extension,
    InternalTrace, LatestDeliveryTime, OriginatorReturnAddress, Prohibited, RedirectionHistory,
};

use super::*;
use crate::mixer::mail::Returned;
use crate::mixer::settings::ContentReturn;

/// The encoding in hexadecimal.
fn hex<T: rasn::Encode>(value: &T) -> String {
    ber::encode(value).unwrap().iter().map(|octet| format!("{octet:02x}")).collect()
}

fn with(text: &str, change: impl FnOnce(&mut Input, &mut Settings)) -> Converted {
    let (mut input, mut settings) = (input(text), settings());
    change(&mut input, &mut settings);
    try_convert(&input, &settings).unwrap()
}

/// The last octet of per-recipient-indicators of the first recipient.
fn indicators(converted: &Converted) -> String {
    let hex = hex(&converted.envelope.per_recipient_fields[0].per_recipient_indicators);
    hex[hex.len() - 2..].to_owned()
}

/// Bits of per-message-indicators, by name.
fn message_indicators(converted: &Converted) -> Vec<&'static str> {
    converted.envelope.per_message_indicators.labels().filter_map(|(_, label)| label).collect()
}

// ledger: mixer P-11 Z-27 Z-60
#[test]
fn names_and_numbers() {
    let converted = with("Subject: x\n\n", |input, _| {
        for (number, address) in [(3, "C.D@widget.example"), (7, "x@nowhere.example")] {
            input.recipients.push(Recipient { number, address: address.into(), ..Recipient::default() });
        }
    });
    let envelope = &converted.envelope;
    // P-01, P-22, P-23
    assert_eq!(
        Table.show_or(&envelope.originator_name),
        "/RFC-822=a(a)b.example/PRMD=relay/ADMD=Gold 400/C=GB/"
    );
    let recipients: Vec<_> = envelope
        .per_recipient_fields
        .iter()
        .map(|field| {
            format!(
                "{} {}",
                field.originally_specified_recipient_number,
                Table.show_or(&field.recipient_name)
            )
        })
        .collect();
    assert_eq!(
        recipients,
        ["1 /G=Jo/S=Linnimouth/PRMD=Widget/ADMD=BTT/C=TC/", "3 /G=C/S=D/PRMD=Widget/ADMD=BTT/C=TC/"]
    );
    assert_eq!(converted.refused[0].0, 7);
    // I-13
    assert_eq!(envelope.message_identifier.local_identifier.to_text(), "Q1");
    // P-09 to P-12
    assert_eq!(message_indicators(&converted), ["alternate-recipient-allowed", "content-return-request"]);
    let octets = ber::encode(envelope).unwrap();
    assert_eq!(ber::decode::<MessageTransferEnvelope>(&octets, octets.len()).as_ref(), Ok(envelope));
}

// ledger: mixer A-122
#[test]
fn nobody_to_send_to_is_a_refusal() {
    let mut unknown_recipient = input("\n");
    unknown_recipient.recipients[0].address = "x@nowhere.example".into();
    let refused = try_convert(&unknown_recipient, &settings());
    assert!(matches!(refused, Err(Refusal::Recipients(refused)) if refused.len() == 1));
    let mut unknown_sender = input("\n");
    unknown_sender.reverse_path = Some("x@nowhere.example".into());
    assert!(matches!(try_convert(&unknown_sender, &settings()), Err(Refusal::Sender(_))));
}

// ledger: mixer OI-36; beyond A-15
#[test]
fn report_requests_follow_notify() {
    // P-24, P-25, P-28, D-10
    for (notify, octet) in [
        (None, "a8"),
        (Some("FAILURE"), "a8"),
        (Some("DELAY"), "a8"),
        (Some("SUCCESS,FAILURE"), "d0"),
        (Some("success"), "d0"),
        (Some("NEVER"), "a0"),
    ] {
        let converted = with("\n", |input, _| {
            input.recipients[0].notify = notify.map(|words| words.split(',').map(str::to_owned).collect());
        });
        assert_eq!(indicators(&converted), octet, "{notify:?}");
    }
    // Z-25
    let converted = with("\n", |input, _| input.reverse_path = None);
    assert_eq!(indicators(&converted), "a0");
    assert_eq!(
        Table.show_or(&converted.envelope.originator_name),
        "/RFC-822=postmaster(a)gw.example/PRMD=relay/ADMD=Gold 400/C=GB/"
    );
}

// ledger: mixer H-53 Z-31 Z-46
#[test]
fn header_fields_reach_the_envelope() {
    let converted = convert(
        "Subject: A useful message about\nPriority: urgent\nConversion: Prohibited\n\
         Conversion-With-Loss: Prohibited\nDeferred-Delivery: 1 Jan 2026 00:00:00 +0000\n\
         Latest-Delivery-Time: 2 Jan 2026 00:00:00 +0000\n\
         DL-Expansion-History: new@b.c; 2 Jan 2026 00:00:00 +0000;\n\
         DL-Expansion-History: old@b.c; 1 Jan 2026 00:00:00 +0000;\n\
         Originator-Return-Address: A.B@widget.example\nOriginal-Encoded-Information-Types: G3-Fax\n\n",
    );
    let envelope = &converted.envelope;
    // P-05, P-08
    assert_eq!(envelope.content_identifier.as_ref().unwrap().to_text(), "A useful mess...");
    assert_eq!(envelope.priority.label(), Some("urgent"));
    // P-10
    assert!(message_indicators(&converted).contains(&"implicit-conversion-prohibited"));
    // P-13, P-14, P-15
    assert_eq!(envelope.deferred_delivery_time.as_ref().unwrap().as_bytes(), b"260101000000+0000");
    let latest = LatestDeliveryTime::find(&envelope.extensions).unwrap().unwrap();
    assert_eq!(latest.as_bytes(), b"260102000000+0000");
    assert_eq!(ConversionWithLossProhibited::find(&envelope.extensions), Ok(Some(Prohibited::PROHIBITED)));
    // P-16
    let back = OriginatorReturnAddress::find(&envelope.extensions).unwrap().unwrap();
    assert_eq!(Table.show_or(&back.into()), "/G=A/S=B/PRMD=Widget/ADMD=BTT/C=TC/");
    // P-17: oldest first
    let lists = DlExpansionHistory::find(&envelope.extensions).unwrap().unwrap();
    let lists: Vec<_> = lists.iter().map(|list| Table.show_or(&list.list)).collect();
    assert!(lists[0].starts_with("/RFC-822=old") && lists[1].starts_with("/RFC-822=new"), "{lists:?}");
    // P-20, Z-28
    let types = envelope.original_encoded_information_types.as_ref().unwrap();
    let types: Vec<_> = types.built_in.labels().filter_map(|(_, label)| label).collect();
    assert_eq!(types, ["ia5-text", "g3-facsimile"]);
}

#[test]
fn short_marks() {
    for (header, mark) in [
        // P-05
        ("Subject: Email Problems", Some("Email Problems")),
        ("Subject: a@b", Some("a(a)b")),
        ("Subject: =?utf-8?Q?Z=C3=BCrich?=", Some("Zurich")),
        // P-07
        ("Subject: x\nX400-Content-Identifier: Greetings.", Some("Greetings.")),
        // H-54
        ("Subject: x\nContent-Identifier: Greetings.", Some("Greetings.")),
        // H-24: the subject is the same wherever it goes.
        ("Subject: first\nSubject: second", Some("first")),
        ("X-Foo: x", None),
    ] {
        let envelope = convert(&format!("{header}\n\n")).envelope;
        let found = envelope.content_identifier.map(|mark| mark.to_text().into_owned());
        assert_eq!(found.as_deref(), mark, "{header}");
    }
}

#[test]
fn the_correlator_tells_what_a_report_is_about() {
    let correlator =
        |converted: &Converted| match ContentCorrelator::find(&converted.envelope.extensions).unwrap() {
            Some(ContentCorrelatorValue::Characters(text)) => text.to_text().into_owned(),
            other => panic!("{other:?}"),
        };
    // P-06
    let text = "To: u@b.c\nDate: 1 Jan 2024 00:00:00 +0000\nSubject: Small test\nMessage-ID: <a@b.c>\n\n";
    assert_eq!(
        correlator(&convert(text)),
        "Subject: Small test\r\nMessage-ID: <a@b.c>\r\nDate: 1 Jan 2024 00:00:00 +0000\r\nTo: u@b.c"
    );
    assert_eq!(correlator(&convert(&format!("Subject: {}\n\n", "x".repeat(600)))).len(), 512);
    // P-26, I-19, Z-26
    let converted = with(text, |input, _| input.options.envelope_id = Some("QQ314159".into()));
    assert_eq!(correlator(&converted), "SMTP/NOTARY ENVID: QQ314159");
    // I-18: one that looks like an MTS identifier is a text like any other.
    let text_of = "X400-MTS-Identifier: [/PRMD=a/ADMD=b/C=GB/;1]";
    let converted = with(text, |input, _| input.options.envelope_id = Some(text_of.into()));
    assert_eq!(correlator(&converted), format!("SMTP/NOTARY ENVID: {text_of}"));
    assert_eq!(converted.envelope.message_identifier.local_identifier.to_text(), "Q1");
    // H-24: of two subjects, the one that counts
    assert_eq!(correlator(&convert("Subject: a\nSubject: b\n\n")), "Subject: a");
}

// ledger: mixer P-02
#[test]
fn message_identifiers_can_come_from_the_message_id() {
    for (header, cut, whole) in [
        // I-12
        (
            "Message-ID: <1803.665941698@UK.AC.UCL.CS>\n",
            "<1803.665941698@UK.AC.UCL.CS>",
            "<1803.665941698@UK.AC.UCL.CS>",
        ),
        // Z-16: one that is cut may be that of another message.
        (
            "Message-ID: <CAF00ba4=abc+xyz@mail.gateway.example.com>\n",
            "<CAF00ba4=abc+xyz@mail.gateway.e",
            "Q1",
        ),
        // I-13
        ("Message-ID: <a@b.c>\nResent-To: x@y.z\n", "Q1", "Q1"),
        ("", "Q1", "Q1"),
    ] {
        for (source, identifier) in
            [(MtsIdentifierSource::MessageId, cut), (MtsIdentifierSource::WholeMessageId, whole)]
        {
            let converted = with(&format!("{header}\n"), |_, settings| settings.mts_identifier = source);
            let found = converted.envelope.message_identifier.local_identifier;
            assert_eq!(found.to_text(), identifier, "{header}");
        }
    }
}

/// `domain arrival` of the external trace, `mta arrival` of the internal one.
fn traces(text: &str) -> (Vec<String>, Vec<String>) {
    let envelope = convert(text).envelope;
    let time = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let external = envelope.trace_information.iter().map(|element| {
        let domain = element.domain.private_domain.as_ref().unwrap().to_text();
        format!("{domain} {}", time(element.supplied.arrival_time.as_bytes()))
    });
    let internal = InternalTrace::find(&envelope.extensions).unwrap().unwrap();
    let internal = internal.iter().map(|element| {
        format!("{} {}", element.mta_name.to_text(), time(element.supplied.arrival_time.as_bytes()))
    });
    (external.collect(), internal.collect())
}

// ledger: mixer H-10 H-11 P-42 P-43 P-44
#[test]
fn trace_is_read_bottom_to_top() {
    // P-41 to P-45, P-48
    let (external, internal) = traces(
        "Received: from x by gw.example; 1 Jan 2024 00:02:00 +0000\n\
         Received: from cs.example by vs6.widget.example via Janet with NIFTP  id aa03794; 28 Mar 89 16:38 GMT\n\
         Date: Thu, 30 May 1991 18:24:55 +0100\n\n",
    );
    assert_eq!(
        external,
        [
            "relay 910530182455+0100",
            "Widget 890328163800+0000",
            "gw 240101000200+0000",
            "gw 260102030405+0100"
        ]
    );
    assert_eq!(
        internal,
        [
            "b.example 910530182455+0100",
            "vs6.widget.example 890328163800+0000",
            "gw.example 240101000200+0000",
            "gw-mta 260102030405+0100"
        ]
    );
    // P-40: the newest Resent-Date; P-46, Z-29: no `by`
    let (external, internal) = traces(
        "Received: (qmail)\nResent-Date: 1 Jan 2024 00:00:00 +0000\nResent-Date: 2 Jan 2024 00:00:00 +0000\n\
         Date: 1 Jan 2000 00:00:00 +0000\n\n",
    );
    assert_eq!(external[0], "relay 240102000000+0000");
    assert_eq!(internal[1], "unknown 240102000000+0000");
    // E-17
    assert_eq!(traces("Date: yesterday\n\n").0[0], "relay 260102030405+0100");
}

#[test]
fn the_gateway_adds_itself_and_takes_nothing_away() {
    // P-48: both of its elements say what the content was converted to, and by what.
    let envelope = convert("\nplain").envelope;
    let own = envelope.trace_information.last().unwrap();
    let internal = InternalTrace::find(&envelope.extensions).unwrap().unwrap();
    let own_mta = internal.last().unwrap();
    assert_eq!((&own.domain, &own_mta.domain), (&settings().domain, &settings().domain));
    assert_eq!(own.supplied.routing_action.label(), Some("relayed"));
    for types in [
        &own.supplied.converted_encoded_information_types,
        &own_mta.supplied.converted_encoded_information_types,
    ] {
        let types = types.as_ref().unwrap();
        assert_eq!(types.built_in.labels().filter_map(|(_, label)| label).collect::<Vec<_>>(), ["ia5-text"]);
        assert_eq!(types.extended.as_deref(), Some(&[EIT_MIXER][..]));
    }
    // P-49: however much trace there is, all of it is passed on.
    let hops = "Received: by x; 1 Jan 2024 00:00:00 +0000\n".repeat(99);
    assert_eq!(traces(&format!("Date: 1 Jan 2024 00:00:00 +0000\n{hops}\n")).1.len(), 101);
    let domains: String = (0..600)
        .map(|number| {
            format!("X400-Received: by /PRMD=p{number}/ADMD=a/C=GB/; Relayed; 1 Jan 2024 00:00:00 +0000\n")
        })
        .collect();
    assert_eq!(traces(&format!("{domains}\n")).0.len(), 601);
}

/// The tags of the elements of an encoded SET or SEQUENCE, each as its first octet.
fn members(octets: &[u8]) -> Vec<u8> {
    let value: RawTlv = ber::decode(octets, octets.len()).unwrap();
    let (mut rest, mut tags) = (value.contents().unwrap(), Vec::new());
    while let Some(&tag) = rest.first() {
        tags.push(tag);
        let length = match rest[1] {
            short @ ..=0x7f => 2 + usize::from(short),
            0x81 => 3 + usize::from(rest[2]),
            _ => 4 + (usize::from(rest[2]) << 8 | usize::from(rest[3])),
        };
        rest = &rest[length..];
    }
    tags
}

#[test]
fn what_nobody_asked_for_is_left_out() {
    let envelope = convert("Subject: x\n\nplain").envelope;
    // P-18, P-19: originator, identifier, types, content type, indicators, trace, content identifier, recipients and
    // extensions; priority has its default.
    let present = [0x60, 0x64, 0x65, 0x46, 0x48, 0x69, 0x4a, 0xa2, 0xa3];
    assert_eq!(members(&ber::encode(&envelope).unwrap()), present);
    let numbers: Vec<_> =
        envelope.extensions.iter().filter_map(|extension| extension.kind.number()).collect();
    assert_eq!(numbers, [23, 38]);
    // P-29: name, number and indicators of the recipient; neither explicit conversion nor extensions.
    assert_eq!(members(&ber::encode(&envelope.per_recipient_fields[0]).unwrap()), [0x60, 0x80, 0x81]);
}

// ledger: mixer E-25
#[test]
fn x400_trace_comes_back() {
    // P-47, Z-49: no element from Date
    let (external, internal) = traces(
        "X400-Received: by mta \"m2\" in /PRMD=uk/ADMD=a/C=GB/; Relayed; Thu, 30 May 1991 18:23:26 +0100\n\
         X400-Received: by /PRMD=HMG/ADMD=GOLD 400/C=GB/; Relayed; Thu, 30 May 1991 18:20:27 +0100\n\
         Date: Thu, 30 May 1991 18:20:27 +0100\n\n",
    );
    assert_eq!(external, ["HMG 910530182027+0100", "uk 910530182326+0100", "gw 260102030405+0100"]);
    assert_eq!(internal, ["m2 910530182326+0100", "gw-mta 260102030405+0100"]);
}

// ledger: mixer F-05
#[test]
fn loops_are_refused() {
    // G-22, P-50, Q-39: five conversions pass, six do not
    let mail = "Received: by x (MIXER Conversion following RFC 2156); 1 Jan 2024 00:00:00 +0000\n";
    let x400 = "X400-Received: by /ADMD=a/C=GB/; converted (IA5-Text, (1)(3)(6)(1)(7)(1)(3)(5)); Relayed; \
                1 Jan 2024 00:00:00 +0000\n";
    for line in [mail, x400] {
        try_convert(&input(&format!("{}\n", line.repeat(5))), &settings()).unwrap();
        let refused = try_convert(&input(&format!("{}\n", line.repeat(6))), &settings());
        assert!(matches!(refused, Err(Refusal::Loop { conversions: 6, .. })), "{line}");
    }
    // D-65
    let hops = "Received: by x; 1 Jan 2024 00:00:00 +0000\n".repeat(100);
    let refused = try_convert(&input(&format!("{hops}\n")), &settings());
    assert!(matches!(refused, Err(Refusal::Loop { hops: 100, .. })));
}

// ledger: mixer CX-03 CX-04 H-55
#[test]
fn access_fields_work_when_switched_on() {
    let fields = "Alternate-Recipient: Prohibited\nDisclose-Recipients: Allowed\nX400-Content-Return: Prohibited\n\
                  Generate-Delivery-Report:\n\n";
    // CX-02 to CX-05
    let converted = with(fields, |_, settings| settings.access_fields = true);
    assert_eq!(message_indicators(&converted), ["disclosure-of-other-recipients"]);
    assert_eq!(indicators(&converted), "d0");
    // CX-01
    let converted = with("Prevent-NonDelivery-Report:\n\n", |_, settings| settings.access_fields = true);
    assert_eq!(indicators(&converted), "a0");
    // CX-06
    let converted = with(fields, |input, settings| {
        settings.access_fields = true;
        input.recipients[0].notify = Some(vec!["FAILURE".into()]);
    });
    assert_eq!(indicators(&converted), "a8");
}

#[test]
fn access_fields_travel_no_further() {
    // CX-07
    let fields = "Alternate-Recipient: Prohibited\nGenerate-Delivery-Report:\nX-Foo: bar\n\n";
    let names = |obeyed| {
        let converted = with(fields, |_, settings| settings.access_fields = obeyed);
        show_converted(&converted)
    };
    let obeyed = names(true);
    assert!(obeyed.contains("X-Foo") && !obeyed.contains("Alternate") && !obeyed.contains("Generate"));
    assert!(names(false).contains("Alternate-Recipient"));
}

#[test]
fn the_return_of_the_content_is_asked_for() {
    for (returned, policy, asked) in [
        // P-12, Z-27
        (Some(Returned::Headers), ContentReturn::Always, true),
        (Some(Returned::Full), ContentReturn::Always, true),
        // D-02
        (Some(Returned::Headers), ContentReturn::AsAsked, false),
        (Some(Returned::Full), ContentReturn::AsAsked, true),
        (None, ContentReturn::AsAsked, true),
    ] {
        let converted = with("\n", |input, settings| {
            input.options.returned = returned;
            settings.content_return = policy;
        });
        let bits = message_indicators(&converted);
        assert_eq!(bits.contains(&"content-return-request"), asked, "{returned:?} {policy:?}");
    }
}

#[test]
fn conversion_may_be_forbidden_by_either_field() {
    // P-10, D-30
    for (field, prohibited) in [
        ("Conversion: Prohibited\n", true),
        ("Conversion: Allowed\n", false),
        ("Content-Convert: none\n", true),
        ("Content-Convert: ANY\n", false),
        ("", false),
    ] {
        let bits = message_indicators(&with(&format!("{field}\n"), |_, _| ()));
        assert_eq!(bits.contains(&"implicit-conversion-prohibited"), prohibited, "{field}");
    }
}

#[test]
fn a_content_that_is_too_large_is_refused() {
    // F-14, D-41: what counts is the octets in X.400.
    let text = format!("Content-Transfer-Encoding: base64\n\n{}\n", "AAAA".repeat(300));
    let length = with(&text, |_, _| ()).content_length() as u64;
    assert!((900..1300).contains(&length), "{length}");
    let limited = |limit| {
        let mut settings = settings();
        settings.maximum_content = Some(limit);
        try_convert(&input(&text), &settings).map(drop)
    };
    assert_eq!(limited(length), Ok(()));
    assert_eq!(limited(length - 1), Err(Refusal::TooLarge { octets: length, limit: length - 1 }));
}

// ledger: beyond M-21 M-22
#[test]
fn smtp_parameters_reach_the_envelope() {
    // Y-10, Y-11
    for (level, field, priority) in [
        (Some(4), "", "urgent"),
        (Some(-4), "", "non-urgent"),
        (Some(0), "", "normal"),
        // Between the three levels of the policy, the next higher one; above them, the highest.
        (Some(-9), "", "non-urgent"),
        (Some(-3), "", "normal"),
        (Some(-1), "", "normal"),
        (Some(1), "", "urgent"),
        (Some(9), "", "urgent"),
        (None, "MT-Priority: 6\n", "urgent"),
        (None, "MT-Priority: -4 (slowly)\n", "non-urgent"),
        // One that can be read; two are none.
        (None, "MT-Priority: +6\nMT-Priority: 10\nMT-Priority: -6\n", "non-urgent"),
        (None, "MT-Priority: 6\nMT-Priority: 6\n", "normal"),
        // The parameter, then MT-Priority, then Priority; Importance has no say.
        (Some(-4), "MT-Priority: 4\nPriority: urgent\n", "non-urgent"),
        (None, "MT-Priority: -4\nPriority: urgent\n", "non-urgent"),
        (None, "Priority: urgent\n", "urgent"),
        (None, "Importance: high\n", "normal"),
    ] {
        let converted = with(&format!("{field}\n"), |input, settings| {
            settings.mt_priority = true;
            input.options.priority = level;
        });
        assert_eq!(converted.envelope.priority.label(), Some(priority), "{level:?} {field}");
    }
    // What gives way is noted.
    let converted = with("Priority: urgent\n\n", |input, settings| {
        settings.mt_priority = true;
        input.options.priority = Some(0);
    });
    assert_eq!(converted.losses.as_slice()[0].what, "Priority: urgent");
    // Y-13, Y-14
    let envelope = with("\n", |input, _| {
        input.options.return_after = Some(datetime!(2026-01-02 13:00 UTC));
        input.options.hold_until = Some(datetime!(2026-01-02 12:00 UTC));
    })
    .envelope;
    assert_eq!(envelope.deferred_delivery_time.unwrap().as_bytes(), b"260102120000+0000");
    let latest = LatestDeliveryTime::find(&envelope.extensions).unwrap().unwrap();
    assert_eq!(latest.as_bytes(), b"260102130000+0000");
    let converted = with("Deferred-Delivery: 1 Jan 2026 00:00:00 +0000\n\n", |input, _| {
        input.options.hold_until = Some(datetime!(2026-01-02 12:00 UTC));
    });
    assert_eq!(converted.losses.as_slice()[0].clause, "P-13");
}

#[test]
fn the_original_recipient_is_redirection_history() {
    // P-27
    for (kind, address, history) in [
        ("rfc822", "other@b.c", Some("/RFC-822=other(a)b.c/PRMD=relay/ADMD=Gold 400/C=GB/")),
        ("x400", "/S=x/ADMD=a/C=gb/", Some("/S=x/ADMD=a/C=gb/")),
        ("rfc822", "jo.linnimouth@widget.example", None),
        ("utf-8", "x", None),
    ] {
        let envelope = with("\n", |input, _| {
            input.recipients[0].original_recipient = Some((kind.into(), address.into()));
        })
        .envelope;
        let found = RedirectionHistory::find(&envelope.per_recipient_fields[0].extensions).unwrap();
        let found = found.map(|list| Table.show_or(&list[0].intended_recipient.recipient));
        assert_eq!(found.as_deref(), history, "{kind} {address}");
    }
}
