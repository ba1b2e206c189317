use super::*;

/// Converts a header and an empty body; gives the lines of the heading, without the identifier the gateway made.
fn heading(header: &str) -> Vec<String> {
    let converted = convert(&format!("{header}\n\n"));
    let lines = heading_lines(&ipm(&converted).heading).into_iter();
    lines.filter(|line| line != "this-IPM: Q1(a)gw.example*").collect()
}

const A: &str = "/G=A/S=B/PRMD=Widget/ADMD=BTT/C=TC/";
const C: &str = "/G=C/S=D/PRMD=Widget/ADMD=BTT/C=TC/";

/// `{A}` and `{C}` in the expectations stand for the two addresses above.
fn expect(cases: &[(&str, &[&str])]) {
    for (header, lines) in cases {
        let lines: Vec<_> = lines.iter().map(|line| line.replace("{A}", A).replace("{C}", C)).collect();
        assert_eq!(heading(header), lines, "{header}");
    }
}

// ledger: mixer A-122 A-304 A-316 SE-01
#[test]
fn people() {
    expect(&[
        // H-13, A-302
        ("From: Steve <A.B@widget.example> (home)", &["originator: \"Steve (home)\" {A}"]),
        // H-14, H-15
        ("From: A.B@widget.example\nSender: C.D@widget.example", &["originator: {C}", "authorizing: {A}"]),
        // Z-17
        ("From: A.B@widget.example, C.D@widget.example", &["originator: {A}", "authorizing: {A}, {C}"]),
        // H-16
        ("Reply-To: x@y.z", &["reply-to: /RFC-822=x(a)y.z/PRMD=relay/ADMD=Gold 400/C=GB/"]),
        // H-03, H-17: two fields, one list
        ("To: A.B@widget.example\nTo: C.D@widget.example", &["primary: {A}, {C}"]),
        // H-18, A-302
        ("Cc: A.B@widget.example (Bob)", &["copy: \"(Bob)\" {A}"]),
        // E-26, Z-59
        ("Cc: =?utf-8?Q?J=C3=B6rg?= <A.B@widget.example> (=?utf-8?Q?=C3=BC?=)", &["copy: \"Jörg (ü)\" {A}"]),
        // H-19, H-20
        ("Bcc: A.B@widget.example", &["blind: {A}"]),
        ("Bcc:", &["blind: "]),
        // A-305, Z-11
        ("To: Pals: A.B@widget.example;", &["primary: \"Pals\", {A}"]),
        ("To: undisclosed-recipients:;", &["primary: \"undisclosed-recipients\""]),
        // the route is not followed
        ("To: <@relay.example:A.B@widget.example>", &["primary: {A}"]),
        // F-04: an address that cannot be mapped stays readable
        ("To: Nobody <a@nowhere.example>", &["primary: \"Nobody <a@nowhere.example>\""]),
        // H-07: nothing in the field can be read
        ("To: Bad One", &["field: To: Bad One"]),
        ("To: Bad One, A.B@widget.example", &["primary: {A}"]),
    ]);
}

// ledger: mixer SE-01 SE-02
#[test]
fn identifiers_and_subject() {
    expect(&[
        // H-21, I-08
        ("In-Reply-To: <a@b.c>", &["replied-to: a(a)b.c*"]),
        ("In-Reply-To: your letter", &["replied-to: your letter*", "field: In-Reply-To: your letter"]),
        // H-22, H-23, Z-18
        (
            "In-Reply-To: <a@b.c> <d@e.f>\nReferences: <g@h.i> <a@b.c>",
            &["related: g(a)h.i*, a(a)b.c*, d(a)e.f*", "field: In-Reply-To: <a@b.c> <d@e.f>"],
        ),
        // I-02; quotes that need not be there come back with the field.
        (
            "References: <147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/@MHS>",
            &["related: 147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/"],
        ),
        (
            "References: <\"147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/\"@MHS>",
            &[
                "related: 147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/",
                "field: References: <\"147*/S=Dietrich/O=Siemens/ADMD=DBP/C=DE/\"@MHS>",
            ],
        ),
        // H-24, E-26
        ("Subject: Email Problems", &["subject: Email Problems"]),
        ("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=", &["subject: Grüße"]),
        // H-40, H-41
        ("Supersedes: <a@b.c> <d@e.f>", &["obsoleted: a(a)b.c*, d(a)e.f*"]),
        ("Obsoletes: <a@b.c>", &["obsoleted: a(a)b.c*"]),
    ]);
}

// ledger: mixer OI-33 SE-01
#[test]
fn services() {
    expect(&[
        // H-29, H-49
        ("Content-Language: en", &["languages: en"]),
        (
            "Content-Language: en, fr-CA (Quebec)",
            &["languages: en, fr", "field: Content-Language: en, fr-CA (Quebec)"],
        ),
        ("Language: de", &["languages: de"]),
        // H-42, H-43, H-44
        ("Expires: Thu, 1 Jan 2026 00:00:00 +0000", &["expiry: 260101000000+0000"]),
        ("Expiry-Date: Thu, 1 Jan 2026 00:00:00 +0000", &["expiry: 260101000000+0000"]),
        ("Reply-By: Thu, 1 Jan 2026 00:00:00 +0100", &["reply-by: 260101000000+0100"]),
        // H-45
        ("Importance: HIGH", &["importance: 2"]),
        ("Importance: low", &["importance: 0"]),
        ("Importance: normal", &[]),
        // H-46
        ("Sensitivity: Personal", &["sensitivity: 1"]),
        ("Sensitivity: Private", &["sensitivity: 2"]),
        ("Sensitivity: Company-Confidential", &["sensitivity: 3"]),
        // H-47, E-02, Z-42
        ("Autoforwarded: TRUE", &["auto-forwarded: TRUE"]),
        ("Auto-Forwarded: true", &["auto-forwarded: TRUE"]),
        ("Autoforwarded: FALSE", &[]),
        // H-48
        ("Incomplete-Copy:", &["incomplete-copy: NULL"]),
        // H-50, Z-20
        ("Autosubmitted: auto-replied", &["auto-submitted: 2"]),
        ("Autosubmitted: not-auto-submitted", &["auto-submitted: 0"]),
        ("Autosubmitted: auto-forwarded", &["auto-forwarded: TRUE", "auto-submitted: 1"]),
    ]);
}

// ledger: mixer H-26 H-27 SE-03
#[test]
fn whole_fields() {
    expect(&[
        // H-25 to H-28, H-30
        ("Keywords: a, b", &["field: Keywords: a, b"]),
        ("Comments: hello", &["field: Comments: hello"]),
        ("Encrypted: x", &["field: Encrypted: x"]),
        ("Resent-From: a@b.c", &["field: Resent-From: a@b.c"]),
        // H-05, G-17
        ("Fruit-Of-The-Day : Kiwi\n Fruit", &["field: Fruit-Of-The-Day: Kiwi Fruit"]),
        ("List-Id: <a.b.c>\nX-Foo: bar", &["field: List-Id: <a.b.c>", "field: X-Foo: bar"]),
        // H-07, H-51: values that do not fit
        ("Importance: urgent!!", &["field: Importance: urgent!!"]),
        ("Date: sometime", &["field: Date: sometime"]),
        ("Expires: never", &["field: Expires: never"]),
        ("Priority: whenever", &["field: Priority: whenever"]),
        // P-21
        ("Delivery-Date: 30 May 1991 18:24:55 +0100", &["field: Delivery-Date: 30 May 1991 18:24:55 +0100"]),
        // H-55, H-56, H-57: switched off, they are fields like any other
        ("Alternate-Recipient: Prohibited", &["field: Alternate-Recipient: Prohibited"]),
        ("Disposition-Notification-To: a@b.example", &["field: Disposition-Notification-To: a@b.example"]),
        ("Auto-Submitted: auto-replied", &["field: Auto-Submitted: auto-replied"]),
        // Y-17
        ("X-Cafe: ü", &["field: X-Cafe: =?utf-8?B?w7w=?="]),
        // B-06: without MIME-Version the fields of MIME are fields like any other
        ("Content-Type: text/html", &["field: Content-Type: text/html"]),
    ]);
}

// ledger: mixer F-17 H-03
#[test]
fn of_fields_that_may_stand_once_the_first_valid_one_counts() {
    // H-07, H-30: another one travels whole.
    let twice: &[(&str, &[&str])] = &[
        ("Subject: a\nSubject: b", &["subject: a", "field: Subject: b"]),
        ("Importance: high\nImportance: low", &["importance: 2", "field: Importance: low"]),
        ("Sensitivity: Private\nSensitivity: Personal", &["sensitivity: 2", "field: Sensitivity: Personal"]),
        (
            "Autoforwarded: TRUE\nAuto-Forwarded: FALSE",
            &["auto-forwarded: TRUE", "field: Auto-Forwarded: FALSE"],
        ),
        (
            "Expires: 1 Jan 2026 00:00:00 +0000\nExpiry-Date: 2 Jan 2026 00:00:00 +0000",
            &["expiry: 260101000000+0000", "field: Expiry-Date: 2 Jan 2026 00:00:00 +0000"],
        ),
        (
            "Reply-By: 1 Jan 2026 00:00:00 +0000\nReply-By: 2 Jan 2026 00:00:00 +0000",
            &["reply-by: 260101000000+0000", "field: Reply-By: 2 Jan 2026 00:00:00 +0000"],
        ),
        (
            "Autosubmitted: auto-replied\nAutosubmitted: auto-generated",
            &["auto-submitted: 2", "field: Autosubmitted: auto-generated"],
        ),
        (
            "Sender: A.B@widget.example\nSender: C.D@widget.example",
            &["originator: {A}", "field: Sender: A.B@widget.example", "field: Sender: C.D@widget.example"],
        ),
        ("Priority: urgent\nPriority: normal", &["field: Priority: normal"]),
        ("Conversion: Allowed\nConversion: Prohibited", &["field: Conversion: Prohibited"]),
        ("X400-Content-Identifier: a\nContent-Identifier: b", &["field: Content-Identifier: b"]),
        (
            "Date: 1 Jan 2026 00:00:00 +0000\nDate: 2 Jan 2026 00:00:00 +0000",
            &["field: Date: 1 Jan 2026 00:00:00 +0000", "field: Date: 2 Jan 2026 00:00:00 +0000"],
        ),
        (
            "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Type: text/html",
            &["field: Content-Type: text/html"],
        ),
    ];
    expect(twice);
    for (header, _) in twice {
        let losses = convert(&format!("{header}\n\n")).losses;
        let clauses: Vec<_> = losses.as_slice().iter().map(|loss| loss.clause).collect();
        assert_eq!(clauses, ["H-07"], "{header}");
    }
    expect(&[
        // What says nothing new, and what cannot be read, does no harm.
        ("Subject: a\nSubject: a", &["subject: a"]),
        ("Importance: soon\nImportance: high", &["importance: 2", "field: Importance: soon"]),
        ("Priority: soon\nPriority: urgent", &["field: Priority: soon"]),
        // One sender is one person.
        (
            "From: A.B@widget.example\nSender: A.B@widget.example, C.D@widget.example",
            &["originator: {A}", "field: Sender: A.B@widget.example, C.D@widget.example"],
        ),
    ]);
    let converted = convert("Message-ID: <a@b.c>\nMessage-ID: <d@e.f>\n\n");
    let lines = heading_lines(&ipm(&converted).heading);
    assert_eq!(lines, ["this-IPM: a(a)b.c*", "field: Message-ID: <d@e.f>"]);
    assert_eq!(converted.losses.as_slice()[0].what, "Message-ID: <d@e.f>");
}

// ledger: mixer F-17 I-16 Z-19 Z-21
#[test]
fn fields_without_a_place_in_the_heading() {
    expect(&[
        // H-52, H-32, Z-51
        ("X400-Originator: a@b.c\nMessage-Type: Delivery Report\nX400-MTS-Identifier: [x;y]", &[]),
        ("X400-Recipients: a@b.c\nX400-Content-Type: P2-1988(22)\nReturn-Path: <a@b.c>\nX400-Trace: x", &[]),
        ("Discarded-X400-IPMS-Extensions: (2)(6)\nDiscarded-X400-MTS-Extensions: (2)(6)", &[]),
        // H-10, H-11, H-53: the envelope's share
        (
            "Date: 30 May 1991 18:24:55 +0100\nReceived: by x; 1 Jan 2024 00:00:00 +0000\nPriority: urgent",
            &[],
        ),
    ]);
    let losses = convert("X400-Originator: a@b.c\n\n").losses;
    assert_eq!(losses.as_slice()[0].clause, "H-52");
}

#[test]
fn descriptors_have_no_telephone_number() {
    //
    let heading =
        ipm(&convert("From: A.B@widget.example (+44 1 234)\nTo: C.D@widget.example (ext 5)\n\n")).heading;
    let recipients = heading.primary_recipients.unwrap();
    for descriptor in [&heading.originator.unwrap(), &recipients[0].recipient] {
        assert_eq!(descriptor.telephone_number, None);
    }
}

#[test]
fn the_message_has_an_identifier_of_its_own_or_the_gateways() {
    for (header, identifier) in [
        // H-12, I-03
        ("Message-ID: <1803.665941698@UK.AC.UCL.CS>\n", "1803.665941698(a)UK.AC.UCL.CS*"),
        // I-02
        ("Message-ID: <PC1000-910530172027-57D8*@MHS>\n", "PC1000-910530172027-57D8*"),
        // H-04, I-11
        ("", "Q1(a)gw.example*"),
    ] {
        assert_eq!(shown(&format!("{header}\n")), format!("this-IPM: {identifier}\n- ia5 \n"));
    }
}

#[test]
fn what_is_too_long_is_cut_and_noted() {
    // H-02
    let converted = convert(&format!("Subject: {}\nTo: {} <a@b.c>\n\n", "s".repeat(200), "n".repeat(100)));
    let heading = ipm(&converted).heading;
    assert_eq!(heading.subject.unwrap().len(), 128);
    let recipient = &heading.primary_recipients.unwrap()[0].recipient;
    assert_eq!(recipient.free_form_name.as_ref().unwrap().len(), 64);
    let clauses: Vec<_> = converted.losses.as_slice().iter().map(|loss| loss.clause).collect();
    assert_eq!(clauses, ["H-24", "A-302"]);
    // I-04
    let long = format!("{}@example.com", "x".repeat(60));
    let converted = convert(&format!("Message-ID: <{long}>\n\n"));
    assert_eq!(converted.cut_identifiers, [(long, format!("{}(a)e", "x".repeat(60)))]);
}

// ledger: mixer P-03
#[test]
fn the_content_type_is_the_lowest_that_will_do() {
    // H-01
    for (text, content_type) in [
        ("Subject: x\n\nplain", ContentType::P2),
        ("X-Foo: x\n\nplain", ContentType::P22),
        ("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nü", ContentType::P22),
        ("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nu", ContentType::P2),
    ] {
        assert_eq!(convert(text).content_type, content_type, "{text}");
    }
}

// ledger: beyond D-55
#[test]
fn settings_change_what_they_say() {
    let with = |change: fn(&mut Settings), text: &str| {
        let mut settings = settings();
        change(&mut settings);
        heading_lines(&ipm(&try_convert(&input(text), &settings).unwrap()).heading).split_off(1)
    };
    // H-20
    assert_eq!(with(|s| s.empty_bcc = EmptyBcc::Named, "Bcc:\n\n"), ["blind: \"BCC\""]);
    // Y-01: only a request to the sender itself
    let wanted = "To: A.B@widget.example\nDisposition-Notification-To: <a@b.example>\n\n";
    assert_eq!(with(|s| s.receipt_requests = true, wanted), [format!("primary: {A} [rn nrn]")]);
    let other = "Disposition-Notification-To: <x@b.example>\n\n";
    assert_eq!(
        with(|s| s.receipt_requests = true, other),
        ["field: Disposition-Notification-To: <x@b.example>"]
    );
    // Y-12
    assert_eq!(with(|s| s.auto_submitted = true, "Auto-Submitted: no\n\n"), ["auto-submitted: 0"]);
    assert_eq!(
        with(|s| s.auto_submitted = true, "Auto-Submitted: auto-notified; x=y\n\n"),
        ["auto-submitted: 1"]
    );
    // Y-24
    assert_eq!(with(|s| s.drop_signatures = true, "DKIM-Signature: v=1\n\n"), [""; 0]);
    // Y-25
    let long = format!("Message-ID: <{}@example.com>", "x".repeat(60));
    let lines = with(|s| s.keep_long_message_ids = true, &format!("{long}\n\n"));
    assert_eq!(lines, [format!("field: {long}")]);
}

/// RFC 8601: what the gateway found out goes on, and nobody else says it in its name; also where signatures of others are left out.
#[test]
fn what_was_found_out_about_a_mail_goes_on() {
    let text = "Authentication-Results: gw.example; spf=pass\nAuthentication-Results: b.example; spf=pass\n\
                From: <a@b.example>\n\nx\n";
    let found = "gw.example; spf=fail smtp.mailfrom=a@b.example";
    for (drop_signatures, others) in
        [(true, &[][..]), (false, &["field: Authentication-Results: b.example; spf=pass"])]
    {
        let mut input = input(text);
        input.options.authentication_results = Some(found.to_owned());
        let converted = try_convert(&input, &Settings { drop_signatures, ..settings() }).unwrap();
        let mut lines = heading_lines(&ipm(&converted).heading);
        lines.retain(|line| line.starts_with("field: Authentication"));
        let ours = format!("field: Authentication-Results: {found}");
        let expected: Vec<&str> = std::iter::once(ours.as_str()).chain(others.iter().copied()).collect();
        assert_eq!(lines, expected);
    }
}

/// RFC 8601 5: nobody speaks in the name of the gateway either where it found out nothing.
#[test]
fn what_others_say_in_our_name_goes_nowhere() {
    let text = "Authentication-Results: gw.example; spf=pass\nAuthentication-Results: b.example; spf=pass\n\
                From: <a@b.example>\n\nx\n";
    let settings = Settings { authserv_id: Some("GW.example".into()), ..settings() };
    let converted = try_convert(&input(text), &settings).unwrap();
    let mut lines = heading_lines(&ipm(&converted).heading);
    lines.retain(|line| line.starts_with("field: Authentication"));
    assert_eq!(lines, ["field: Authentication-Results: b.example; spf=pass"]);
}
