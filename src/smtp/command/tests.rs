//! Command lines and what they mean. Columns count octets from 1.

use super::parameters::to_xtext;
use super::*;

fn parse(line: &str) -> Result<Command, CommandError> {
    Command::parse(line.as_bytes(), Tolerances::default())
}

/// The reply to a line that is no command, else what the line means.
fn answer(line: &str) -> String {
    match parse(line) {
        Ok(command) => format!("{command:?}"),
        Err(error) => error.reply().to_string(),
    }
}

fn mailbox(line: &str) -> Mailbox {
    match parse(line) {
        Ok(Command::Mail { reverse_path: ReversePath::Mailbox(mailbox), .. })
        | Ok(Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), .. }) => mailbox,
        other => panic!("{line}: {other:?}"),
    }
}

fn mail_parameters(text: &str) -> MailParameters {
    match parse(&format!("MAIL FROM:<> {text}")) {
        Ok(Command::Mail { parameters, .. }) => parameters,
        other => panic!("{text}: {other:?}"),
    }
}

fn recipient_parameters(text: &str) -> RecipientParameters {
    match parse(&format!("RCPT TO:<a@b> {text}")) {
        Ok(Command::Recipient { parameters, .. }) => parameters,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn verbs_in_any_case_and_trailing_space() {
    for (line, command) in [
        ("data", Command::Data),
        ("RSET  ", Command::Reset),
        ("Quit\t", Command::Quit),
        ("noop ignored <text>", Command::NoOperation),
        ("HELP MAIL", Command::Help),
        ("VRFY Smith", Command::Verify("Smith".to_owned())),
        ("expn a list", Command::Expand("a list".to_owned())),
    ] {
        assert_eq!(parse(line), Ok(command), "{line:?}");
    }
}

/// Local parts stay as written; the unquoted form is what different spellings have in common (RFC 5321 4.1.2).
#[test]
fn mailboxes() {
    for (path, written, unquoted) in [
        ("a@b.example", "a@b.example", "a"),
        ("a.b!c/d=e@b", "a.b!c/d=e@b", "a.b!c/d=e"),
        ("/C=de/ADMD=x/S=Maier/@gw.example", "/C=de/ADMD=x/S=Maier/@gw.example", "/C=de/ADMD=x/S=Maier/"),
        (r#""a b"@b"#, r#""a b"@b"#, "a b"),
        (r#""a\"b\\c"@b"#, r#""a\"b\\c"@b"#, r#"a"b\c"#),
        (r#""/S=O'Brien, J/"@b"#, r#""/S=O'Brien, J/"@b"#, "/S=O'Brien, J/"),
        (r#""a@>b"@b"#, r#""a@>b"@b"#, "a@>b"),
        (r#"""@b"#, r#"""@b"#, ""),
        ("a@[192.0.2.1]", "a@[192.0.2.1]", "a"),
        ("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]", "a"),
        ("a@[x400:something]", "a@[x400:something]", "a"),
        ("@one.example,@two:a@b", "a@b", "a"),
        ("jos\u{e9}@b\u{fc}cher.example", "jos\u{e9}@b\u{fc}cher.example", "jos\u{e9}"),
    ] {
        for line in [format!("MAIL FROM:<{path}>"), format!("RCPT TO:<{path}>")] {
            let mailbox = mailbox(&line);
            assert_eq!(mailbox.to_string(), written, "{line}");
            assert_eq!(mailbox.unquoted_local_part(), unquoted, "{line}");
        }
    }
    let routed = mailbox("MAIL FROM:<@one.example,@two:a@b>");
    let hosts: Vec<&str> = routed.source_route.iter().map(Domain::as_str).collect();
    assert_eq!(hosts, ["one.example", "two"]);
}

#[test]
fn special_paths() {
    assert!(matches!(parse("mail from:<>"), Ok(Command::Mail { reverse_path: ReversePath::Null, .. })));
    let postmaster = parse("rcpt to:<postMASTER>");
    assert!(matches!(postmaster, Ok(Command::Recipient { forward_path: ForwardPath::Postmaster, .. })));
    assert_eq!(mailbox("RCPT TO:<Postmaster@b>").to_string(), "Postmaster@b");
}

#[test]
fn literals_as_addresses() {
    for (literal, address) in
        [("[192.0.2.1]", Some("192.0.2.1")), ("[IPv6:2001:DB8::1]", Some("2001:db8::1")), ("[x:y]", None)]
    {
        let MailDomain::AddressLiteral(parsed) = mailbox(&format!("RCPT TO:<a@{literal}>")).domain else {
            panic!("{literal}");
        };
        assert_eq!(parsed.address(), address.map(|address| address.parse().unwrap()));
    }
    assert_eq!(AddressLiteral::of("::ffff:192.0.2.1".parse().unwrap()).as_str(), "[192.0.2.1]");
}

/// What the client hears about lines that are wrong.
#[test]
fn errors_say_what_and_where() {
    for (line, reply) in [
        ("", "500 5.5.1 command `` not recognised"),
        ("FOO bar", "500 5.5.1 command `FOO` not recognised"),
        ("STARTTLS now", "501 5.5.2 expected no argument at column 9"),
        ("etrn", "502 5.5.1 command `ETRN` not implemented"),
        ("AUTH", "501 5.5.2 expected a space at column 5"),
        ("AUTH PLAIN AA= x", "501 5.5.2 expected the end of the line at column 15"),
        ("BDAT", "501 5.5.2 expected a space at column 5"),
        ("BDAT x", "501 5.5.2 expected a number of octets at column 6"),
        ("BDAT -1", "501 5.5.2 expected a number of octets at column 6"),
        ("BDAT 18446744073709551616", "501 5.5.2 expected a number of octets at column 26"),
        ("BDAT 5LAST", "501 5.5.2 expected a space at column 7"),
        ("BDAT 5 FIRST", "501 5.5.2 expected `LAST` at column 8"),
        ("BDAT 5 LAST 6", "501 5.5.2 expected the end of the line at column 12"),
        ("DATA now", "501 5.5.2 expected no argument at column 5"),
        ("VRFY", "501 5.5.2 expected a space at column 5"),
        ("EHLO", "501 5.5.2 expected a space at column 5"),
        ("EHLO a.example b", "501 5.5.2 expected the end of the line after the host name at column 15"),
        ("EHLO a..example", "501 5.5.2 expected a letter or digit of a domain at column 8"),
        ("EHLO b\u{fc}cher.example", "501 5.5.2 expected a host name in US-ASCII at column 6"),
        ("MAIL", "501 5.5.2 expected a space at column 5"),
        ("MAIL TO:<a@b>", "501 5.5.2 expected `FROM:` at column 6"),
        ("MAIL FROM <a@b>", "501 5.5.2 expected `FROM:` at column 6"),
        ("MAIL FROM: <a@b>", "501 5.1.7 expected `<` at column 11"),
        ("MAIL FROM:a@b", "501 5.1.7 expected `<` at column 11"),
        ("MAIL FROM:<a@b", "501 5.1.7 expected `>` at column 15"),
        ("MAIL FROM:<a>", "501 5.1.7 expected `@` at column 13"),
        ("MAIL FROM:<Postmaster>", "501 5.1.7 expected `@` at column 22"),
        ("MAIL FROM:<a@>", "501 5.1.7 expected a letter or digit of a domain at column 14"),
        ("MAIL FROM:<a@b_c>", "501 5.1.7 expected `>` at column 15"),
        ("MAIL FROM:<a@-b>", "501 5.1.7 expected a letter or digit of a domain at column 14"),
        ("MAIL FROM:<a@b->", "501 5.1.7 expected a letter or digit after `-` at column 16"),
        ("MAIL FROM:<@b:>", "501 5.1.7 expected a local part at column 15"),
        ("MAIL FROM:<a@b>SIZE=1", "501 5.5.4 expected a space at column 16"),
        ("RCPT TO:<>", "501 5.1.3 expected a local part at column 10"),
        ("RCPT TO:<.a@b>", "501 5.1.3 expected a local part at column 10"),
        ("RCPT TO:<a..b@b>", "501 5.1.3 expected a local part at column 12"),
        ("RCPT TO:<a b@b>", "501 5.1.3 expected `@` at column 11"),
        ("RCPT TO:<\"a@b>", "501 5.1.3 expected closing `\"` at column 15"),
        ("RCPT TO:<\"a\"b@b>", "501 5.1.3 expected `@` at column 13"),
        ("RCPT TO:<@a b@c>", "501 5.1.3 expected `,` or `:` in the source route at column 12"),
        (
            "RCPT TO:<a@[300.0.2.1]>",
            "501 5.1.3 expected an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]` at column 13",
        ),
        (
            "RCPT TO:<a@[IPv6:1::2::3]>",
            "501 5.1.3 expected an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]` at column 13",
        ),
        (
            "RCPT TO:<a@[192.0.2.1>",
            "501 5.1.3 expected an address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]` at column 13",
        ),
        ("NOOP\0", "500 5.5.2 control character 0x00 at column 5"),
        ("MAIL FROM:<a\r@b>", "500 5.5.2 control character 0x0d at column 13"),
        ("RCPT TO:<a\u{7f}@b>", "500 5.5.2 control character 0x7f at column 11"),
    ] {
        assert_eq!(answer(line), reply, "{line:?}");
    }
    let latin_1 = Command::parse(b"RCPT TO:<\xe9@b>", Tolerances::default());
    assert_eq!(latin_1, Err(CommandError::NotText { column: 10 }));
    let long_label = format!("RCPT TO:<a@{}>", "x".repeat(64));
    assert_eq!(
        answer(&long_label),
        "501 5.1.3 expected a label of at most 63 octets before here at column 76"
    );
    let long_domain = format!("RCPT TO:<a@{}>", "x.".repeat(128) + "x");
    assert!(answer(&long_domain).contains("a domain of at most 255 octets"));
}

#[test]
fn tolerances_are_chosen_by_name() {
    let lenient = Tolerances { space_before_path: true, underscore_in_client_name: true };
    assert!(Command::parse(b"MAIL FROM:  <a@b>", lenient).is_ok());
    assert!(Command::parse(b"RCPT TO: <a@b>", lenient).is_ok());
    assert!(Command::parse(b"EHLO MY_HOST", lenient).is_ok());
    assert!(Command::parse(b"MAIL FROM:<a@MY_HOST>", lenient).is_err());
    let strict = Tolerances { space_before_path: false, underscore_in_client_name: false };
    assert!(Command::parse(b"EHLO MY_HOST", strict).is_err());
}

/// Y-22, D-20, D-25 and the RFCs of the extensions.
#[test]
fn parameters_of_mail() {
    let all = mail_parameters(
        "size=1000 BODY=8bitmime RET=HDRS ENVID=QQ+2B314159 BY=-5;nT HOLDFOR=60 MT-PRIORITY=-4 \
         AUTH=e+3Dmc2@b.example SMTPUTF8 REQUIRETLS CONPERM X-NEW x-valued=7",
    );
    let expected = MailParameters {
        size: Some(1000),
        body: Some(Body::EightBitMime),
        ret: Some(Return::Headers),
        envelope_id: Some(EnvelopeId { text: "QQ+314159".to_owned(), xtext: "QQ+2B314159".to_owned() }),
        by: Some(DeliverBy { seconds: -5, mode: DeliverByMode::Notify, trace: true }),
        hold: Some(Hold::For(60)),
        mt_priority: Some(-4),
        auth: Some(Sender::Mailbox("e=mc2@b.example".to_owned())),
        smtp_utf8: true,
        requiretls: true,
        conperm: true,
        others: vec![
            OtherParameter { keyword: "X-NEW".to_owned(), value: None },
            OtherParameter { keyword: "X-VALUED".to_owned(), value: Some("7".to_owned()) },
        ],
    };
    assert_eq!(all, expected);
    assert_eq!(mail_parameters("AUTH=<>").auth, Some(Sender::Unknown));
    assert_eq!(mail_parameters("SIZE=99999999999999999999").size, Some(u64::MAX));
    let moment = time::macros::datetime!(2031-04-01 06:00:00 UTC);
    assert_eq!(mail_parameters("HOLDUNTIL=2031-04-01T06:00:00Z").hold, Some(Hold::Until(moment)));
}

/// P-25, P-27, Y-22.
#[test]
fn parameters_of_rcpt() {
    let notify = |text: &str| recipient_parameters(&format!("NOTIFY={text}")).notify.unwrap();
    assert_eq!(notify("never"), Notify::Never);
    assert_eq!(notify("success,DELAY"), Notify::On { success: true, failure: false, delay: true });
    for text in ["NEVER", "SUCCESS", "FAILURE", "DELAY", "SUCCESS,FAILURE,DELAY"] {
        assert_eq!(notify(text).to_string(), text);
    }
    for (written, address_type, address) in [
        ("rfc822;a+2Bb@b.example", "rfc822", "a+b@b.example"),
        ("x400;/C=de/S=M".replace('=', "+3D").as_str(), "x400", "/C=de/S=M"),
        ("X400;/S+3DM/A+3D+20/", "X400", "/S=M/A= /"),
        ("utf-8;jos+C3+A9@b", "utf-8", "jos\u{e9}@b"),
        ("rfc822;", "rfc822", ""),
    ] {
        let original = recipient_parameters(&format!("ORCPT={written}")).original_recipient.unwrap();
        assert_eq!((original.address_type.as_str(), original.address.as_str()), (address_type, address));
    }
}

#[test]
fn parameters_that_are_wrong() {
    let long_envid = format!("ENVID={}", "x".repeat(101));
    let long_orcpt = format!("ORCPT=rfc822;{}", "x".repeat(488));
    for (parameters, reply) in [
        ("SIZE", "501 5.5.4 expected something after `=` as value of `SIZE` at column 18"),
        ("SIZE=", "501 5.5.4 expected a value after `=` at column 19"),
        ("SIZE=1x", "501 5.5.4 expected 1 to 20 digits as value of `SIZE` at column 19"),
        ("SIZE=1 SIZE=2", "501 5.5.4 parameter `SIZE` given twice, again at column 21"),
        (
            "BODY=9BIT",
            "501 5.5.4 expected `7BIT`, `8BITMIME` or `BINARYMIME` as value of `BODY` at column 19",
        ),
        ("RET=ALL", "501 5.5.4 expected `FULL` or `HDRS` as value of `RET` at column 18"),
        (
            "ENVID=a+2b",
            "501 5.5.4 expected xtext: two of `0` to `9`, `A` to `F` after each `+` as value of `ENVID` at column 20",
        ),
        ("ENVID=a+0A", "501 5.5.4 expected printable US-ASCII in xtext as value of `ENVID` at column 20"),
        ("ENVID=a=b", "501 5.5.4 expected a space at column 21"),
        (&long_envid, "501 5.5.4 expected at most 100 octets as value of `ENVID` at column 20"),
        ("BY=0;R", "501 5.5.4 expected more than 0 seconds with `R` as value of `BY` at column 17"),
        ("BY=1234567890;N", "501 5.5.4 expected 1 to 9 digits before `;` as value of `BY` at column 17"),
        (
            "BY=5;X",
            "501 5.5.4 expected seconds, `;`, `N` or `R`, and perhaps `T` as value of `BY` at column 17",
        ),
        ("HOLDFOR=0", "501 5.5.4 expected 1 to 999999999 seconds as value of `HOLDFOR` at column 22"),
        (
            "HOLDFOR=5 HOLDUNTIL=2031-04-01T06:00:00Z",
            "501 5.5.4 parameter `HOLDUNTIL` given twice, again at column 24",
        ),
        (
            "HOLDUNTIL=tomorrow",
            "501 5.5.4 expected a moment such as `2031-04-01T06:00:00Z` as value of `HOLDUNTIL` at column 24",
        ),
        ("MT-PRIORITY=10", "501 5.5.4 expected a number from -9 to 9 as value of `MT-PRIORITY` at column 26"),
        ("MT-PRIORITY=-0", "501 5.5.4 expected a number from -9 to 9 as value of `MT-PRIORITY` at column 26"),
        ("SMTPUTF8=yes", "501 5.5.4 expected nothing as value of `SMTPUTF8` at column 23"),
        ("=1", "501 5.5.4 expected a parameter at column 14"),
    ] {
        assert_eq!(answer(&format!("MAIL FROM:<> {parameters}")), reply, "{parameters}");
    }
    for (parameters, reply) in [
        (
            "NOTIFY=NEVER,DELAY",
            "501 5.5.4 expected `NEVER`, or some of `SUCCESS`, `FAILURE`, `DELAY` as value of `NOTIFY` at column 22",
        ),
        (
            "NOTIFY=SUCCESS,",
            "501 5.5.4 expected `NEVER`, or some of `SUCCESS`, `FAILURE`, `DELAY` as value of `NOTIFY` at column 22",
        ),
        ("NOTIFY=DELAY NOTIFY=DELAY", "501 5.5.4 parameter `NOTIFY` given twice, again at column 28"),
        (
            "ORCPT=a@b",
            "501 5.5.4 expected an address type such as `rfc822`, `;`, and xtext as value of `ORCPT` at column 21",
        ),
        (
            "ORCPT=;a@b",
            "501 5.5.4 expected an address type such as `rfc822` as value of `ORCPT` at column 21",
        ),
        (
            "ORCPT=rfc822;+C3+A9",
            "501 5.5.4 expected printable US-ASCII in xtext as value of `ORCPT` at column 21",
        ),
        ("ORCPT=utf-8;+C3", "501 5.5.4 expected UTF-8 in xtext as value of `ORCPT` at column 21"),
        (
            &long_orcpt,
            "501 5.5.4 expected at most 500 octets with the keyword as value of `ORCPT` at column 21",
        ),
    ] {
        assert_eq!(answer(&format!("RCPT TO:<a@b> {parameters}")), reply, "{parameters}");
    }
}

#[test]
fn xtext_there_and_back() {
    let text = "/S=Maier+x/ \u{e9}\t~";
    let xtext = to_xtext(text);
    assert_eq!(xtext, "/S+3DMaier+2Bx/+20+C3+A9+09~");
    let original = recipient_parameters(&format!("ORCPT=utf-8;{xtext}")).original_recipient.unwrap();
    assert_eq!(original.address, text);
}

/// Whatever is cut off the end of a good line, the answer is a value and no panic.
#[test]
fn truncation_at_every_length() {
    for line in [
        r#"MAIL FROM:<@a,@b:"x\"y"@[IPv6:2001:db8::1]> SIZE=1 ENVID=a+2B BY=1;RT HOLDFOR=1 AUTH=<>"#,
        "RCPT TO:<jos\u{e9}@b\u{fc}cher.example> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;a+C3+A9",
        "EHLO [192.0.2.1]",
    ] {
        assert!(parse(line).is_ok(), "{line}");
        for length in 0..line.len() {
            let _ = Command::parse(&line.as_bytes()[..length], Tolerances::default());
        }
    }
}
