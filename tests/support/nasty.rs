//! Mails that no honest program writes, and some that honest programs wrote nevertheless: one of each kind.
//!
//! All are made up here, the same ones on every run. Lines end with CRLF unless the point is that they do not.

#![allow(dead_code, reason = "each test target uses a part")]

use crate::corpus::Mail;

/// How deep the nested samples are; more than any limit of a parser.
const DEEP: usize = 500;

/// Every kind, in groups: shape, lines, header syntax, addresses, dates, encodings, parameters, multiparts, forwarded
/// messages, reports.
pub(crate) fn mails() -> Vec<Mail> {
    [
        shape(),
        lines(),
        header_syntax(),
        addresses(),
        dates(),
        encodings(),
        parameters(),
        multiparts(),
        forwarded(),
        reports(),
    ]
    .concat()
}

/// What every sample needs to be a mail at all, before what is nasty about it.
const USUAL: &str = "From: sender@example.com\r\nTo: rcpt@example.org\r\nDate: Thu, 30 May 1991 18:24:55 +0100\r\n\
                     Message-ID: <1@example.com>\r\nSubject: nasty\r\n";

fn mail(name: &str, octets: impl Into<Vec<u8>>) -> Mail {
    Mail { name: format!("nasty/{name}"), octets: octets.into() }
}

/// A usual mail with extra header lines and a short text.
fn header(name: &str, lines: &str) -> Mail {
    mail(name, format!("{USUAL}{lines}\r\n\r\ntext\r\n"))
}

/// As [`header`], for header lines that are not text.
fn raw_header(name: &str, lines: &[u8]) -> Mail {
    mail(name, [USUAL.as_bytes(), lines, b"\r\n\r\ntext\r\n"].concat())
}

/// A MIME mail: the content header lines, and the body.
fn mime(name: &str, lines: &str, body: &str) -> Mail {
    mail(name, format!("{USUAL}MIME-Version: 1.0\r\n{lines}\r\n\r\n{body}"))
}

fn shape() -> Vec<Mail> {
    vec![
        mail("empty", ""),
        mail("one line end", "\r\n"),
        mail("line ends only", "\r\n".repeat(1_000)),
        mail("no header", "\r\nonly a text\r\n"),
        mail("no header and no empty line", "only a text without a colon\r\n"),
        mail("no body and no empty line", USUAL),
        mail("header cut in a name", "From: a@b.c\r\nSubj"),
        mail("no end of the last line", format!("{USUAL}\r\ntext")),
        mail(
            "an mbox From line first",
            format!("From sender Thu May 30 18:24:55 1991\r\n{USUAL}\r\ntext\r\n"),
        ),
        mail("a byte order mark first", [&b"\xef\xbb\xbf"[..], USUAL.as_bytes(), b"\r\ntext\r\n"].concat()),
        mail(
            "UTF-16",
            "From: a@b.c\r\n\r\ntext\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        ),
        mail("NULs only", vec![0; 4_096]),
        mail("every octet", (0..=255_u8).collect::<Vec<u8>>()),
        mail("noise", noise(20_000)),
    ]
}

/// The same octets on every run: a linear congruential generator.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 2_156_u64;
    let mut octets = Vec::with_capacity(length);
    while octets.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        octets.push(state.to_be_bytes()[0]);
    }
    octets
}

fn lines() -> Vec<Mail> {
    let long = "x".repeat(1_000_000);
    vec![
        mail("LF only", format!("{USUAL}\r\ntext\r\n").replace('\r', "")),
        mail("CR only", format!("{USUAL}\r\ntext\r\n").replace('\n', "")),
        mail("CR CR LF", format!("{USUAL}\r\ntext\r\n").replace('\r', "\r\r")),
        mail("mixed line ends", "From: a@b.c\nTo: d@e.f\r\nSubject: x\n\r\none\ntwo\r\nthree\rfour\r\n"),
        header("bare CR in a header", "X-Trick: one\rBcc: hidden@example.com"),
        header("bare LF in a header", "X-Trick: one\nBcc: hidden@example.com"),
        mail("bare CR in the text", format!("{USUAL}\r\none\rtwo\r\n.\r\rthree\r\n")),
        mail("dots", format!("{USUAL}\r\n.\r\n..\r\n.x\r\n")),
        mail("end of data in disguise", format!("{USUAL}\r\ntext\n.\nMAIL FROM:<a@b.c>\r.\r\r\n")),
        mail("a text line of 1,000,000 octets", format!("{USUAL}\r\n{long}\r\n")),
        header("a header line of 1,000,000 octets", &format!("X-Long: {long}")),
        header("a subject of 1,000,000 octets", &format!("Subject: {long}")),
        header("10,000 header lines", "X-Many: one\r\n".repeat(10_000).trim_end()),
        header("a header folded 10,000 times", &format!("X-Folded: a{}", "\r\n b".repeat(10_000))),
        header("folded lines of white space only", "X-Blank: a\r\n \r\n\t\r\n   \r\n b"),
        mail("NULs in the text", format!("{USUAL}\r\na\0b\0\0c\r\n")),
        mail(
            "control characters in the text",
            format!("{USUAL}\r\n\x01SOH\x02STX\x1b(Bescape\x0bVT\x0cFF\x7fDEL\x08BS\r\n"),
        ),
        raw_header("NULs in a header", b"X-Nul: a\0b\0"),
    ]
}

fn header_syntax() -> Vec<Mail> {
    vec![
        raw_header("8-bit Latin-1 in headers", b"Subject: Gr\xfc\xdfe\r\nComments: \xe9\xe8"),
        header("8-bit UTF-8 in headers", "Subject: Grüße aus Tōkyō\r\nX-Näme: wert"),
        raw_header("broken UTF-8 in headers", b"Subject: \xc3\x28 \xf0\x9f\x98 \xed\xa0\x80"),
        header("a header without a name", ": value"),
        header("a header without a colon", "this is no header"),
        header("white space before the colon", "Subject : spaced\r\nX-Tab\t: tabbed"),
        header("a header name with odd characters", "X-(a)\"b\"@c[d]: value"),
        header("a header name of 100,000 octets", &format!("{}: value", "X".repeat(100_000))),
        mail("a continuation line first", format!(" continued\r\n{USUAL}\r\ntext\r\n")),
        header("every header twice", USUAL.trim_end()),
        header("a thousand Message-IDs", "Message-ID: <a@b>\r\n".repeat(1_000).trim_end()),
        header(
            "empty headers",
            "Subject:\r\nTo:\r\nFrom: \r\nCc:\t\r\nReferences:\r\nDate:\r\nMIME-Version:",
        ),
        header(
            "a Message-ID without brackets",
            "Message-ID: no.brackets@example.com\r\nReferences: a b <c@d> <e",
        ),
        header("a Message-ID with blanks and a quoted part", "Message-ID: <\"a b\\\"c\"@[127.0.0.1]>"),
        header("a Message-ID of 2,000 octets", &format!("Message-ID: <{}@example.com>", "a".repeat(2_000))),
        header("two thousand references", &format!("References:{}", "\r\n <a@b>".repeat(2_000))),
        header(
            "comments nested 500 deep",
            &format!(
                "X-C: {}x{}\r\nDate: {}a{}",
                "(".repeat(DEEP),
                ")".repeat(DEEP),
                "(".repeat(DEEP),
                ")".repeat(DEEP)
            ),
        ),
        header("a comment that never ends", "To: a@b.c (never closed \\"),
        header("a quoted string that never ends", "To: \"never closed <a@b.c>\r\nCc: d@e.f"),
        header(
            "X.400 headers full of rubbish",
            "X400-Received: by ; ;; Relayed, Nonsense ; yesterday\r\nX400-MTS-Identifier: [[;]\r\nX400-Content-Type: P2-(999999999999)\r\nPriority: most urgent\r\nImportance:\r\nSensitivity: (secret)\r\nOriginal-Encoded-Information-Types: ,,,(1)(2",
        ),
        header(
            "300 Received lines",
            "Received: from a by b with SMTP; Thu, 30 May 1991 18:24:55 +0100\r\n".repeat(300).trim_end(),
        ),
        header(
            "Received lines without sense",
            "Received:\r\nReceived: ;\r\nReceived: by by by; from\r\nReceived: (((\r\nReceived: from x by y; 99 Foo 99999",
        ),
    ]
}

fn addresses() -> Vec<Mail> {
    let local = "l".repeat(300);
    let list = (0..5_000).map(|n| format!("user{n}@example.org")).collect::<Vec<_>>().join(",\r\n ");
    vec![
        header("a group", "To: Pals: a@x.org, \"B. C.\" <b@y.org>;, single@z.org"),
        header("an empty group", "To: undisclosed-recipients:;"),
        header("a group without an end", "To: Pals: a@x.org, b@y.org"),
        header("groups in groups", "To: A: B: c@d.e;, f@g.h;;"),
        header("a source route", "To: <@one.example,@two.example:user@three.example>"),
        header("a percent and a bang route", "To: user%inner@outer.example, host!user@example.org"),
        header("quoted local parts", "To: \"a b\"@c.d, \"a\\\"b\"@c.d, \"\"@c.d, \"a@b\"@c.d, \"(c)\"@c.d"),
        header("a quoted word inside a local part", "To: a.\"b c\".d@example.org"),
        header(
            "an O/R address as a local part",
            "To: \"/S=Linnimouth/GQ=5/I=J/O=Widget/ADMD=BTT/C=TC/\"@gw.example",
        ),
        header("a broken O/R address", "To: \"/S=/=/O$/C==;/DD.=x/\"@gw.example, /C=@gw.example"),
        header(
            "DDA text with every code",
            "To: \"/RFC-822=a(a)b(p)c(b)d(q)e(u)f(l)g(r)h(126)i(999)j(/C=GB/\"@gw",
        ),
        header("an address of 300 characters", &format!("To: {local}@{}.example", "d".repeat(60))),
        header("a domain of 2,000 characters", &format!("To: a@{}example", "label.".repeat(330))),
        header("domain literals", "To: a@[192.0.2.1], b@[IPv6:2001:db8::1], c@[]"),
        header(
            "non-ASCII domains and local parts",
            "To: Ünï@bücher.example, a@xn--bcher-kva.example, б@пример.example",
        ),
        header("a number sign domain", "To: a@#1234567"),
        header("no domain", "To: localuser, @, <>, <@>, a@, @b"),
        header("dots in odd places", "To: .a@b.c, a.@b.c, a..b@c.d, a@.b.c, a@b..c, a@b.c."),
        header("addresses without commas", "To: a@b.c d@e.f;g@h.i"),
        header("empty places in a list", "To: ,,a@b.c,,,d@e.f,"),
        header("a display name of 5,000 characters", &format!("To: \"{}\" <a@b.c>", "name ".repeat(1_000))),
        header(
            "an unquoted dot in a display name",
            "To: J. R. Hacker, Jr. <a@b.c>, =?utf-8?Q?=C3=BC?= <d@e.f>",
        ),
        header("5,000 recipients", &format!("To: {list}")),
        header("several From and no Sender", "From: a@b.c, d@e.f, G: h@i.j;\r\nSender:"),
        header("a null return path", "Return-Path: <>\r\nFrom: <>\r\nReply-To: <>"),
    ]
}

fn dates() -> Vec<Mail> {
    let wrong = [
        "yesterday",
        "30 May",
        "Thu, 30 May 91 18:24:55 GMT",
        "Thu, 30 May 1991 18:24 EST",
        "30 May 1991 18:24:55 +9999",
        "Thu, 31 Feb 1991 18:24:55 +0000",
        "Thu, 30 May 1991 25:61:61 +0000",
        "Thu, 30 May 1991 23:59:60 +0000",
        "Thu, 1 Jan 1900 00:00:00 +0000",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Thu, 30 May 99999 18:24:55 +0000",
        "Thu, 30 May 1991 18:24:55",
        "1991-05-30T18:24:55Z",
        "Thu May 30 18:24:55 1991",
        "Thu, 30 Mai 1991 18:24:55 +0200",
        "Thu, 30 May 1991 18:24:55 +0100 (a (nested) comment) (and another)",
        "Mon, 30 May 1991 18:24:55 +0100",
        "-1 May 1991 18:24:55 +0000",
    ];
    wrong
        .iter()
        .map(|date| {
            let headers = ["Date", "Expires", "Reply-By", "Deferred-Delivery", "Resent-Date"]
                .map(|name| format!("{name}: {date}"));
            mail(
                &format!("date `{date}`"),
                format!("From: a@b.c\r\nTo: d@e.f\r\n{}\r\n\r\ntext\r\n", headers.join("\r\n")),
            )
        })
        .collect()
}

fn encodings() -> Vec<Mail> {
    let text = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ";
    vec![
        mime("base64 with rubbish in it", &format!("{text}base64"), "SGVs*bG8*gd29\u{fc}ybGQ=\r\n!!\r\n"),
        mime("base64 of a wrong length", &format!("{text}base64"), "SGVsbG8gd29ybGQhI\r\n"),
        mime("base64 with padding in the middle", &format!("{text}base64"), "SGVs====bG8=\r\n=IQ==\r\n"),
        mime("base64 in one line of 400,000 octets", &format!("{text}base64"), &"QUJD".repeat(100_000)),
        mime("base64 that is empty", &format!("{text}base64"), ""),
        mime(
            "quoted-printable with wrong hex",
            &format!("{text}quoted-printable"),
            "a=XYb=4=\r\n=C3=28 =\t\r\n=3D= \r\nlast=",
        ),
        mime(
            "quoted-printable that makes control characters",
            &format!("{text}quoted-printable"),
            "=00=0D=0A.=0D=0A=1B=FF\r\n",
        ),
        mime("an unknown transfer encoding", &format!("{text}x-rot13"), "Uryyb\r\n"),
        mime("uuencode as text", &format!("{text}x-uuencode"), "begin 644 f\r\n#0V%T\r\n`\r\nend\r\n"),
        mime(
            "two transfer encodings",
            &format!("{text}base64\r\nContent-Transfer-Encoding: 7bit"),
            "SGVsbG8=\r\n",
        ),
        mime("a charset that does not exist", "Content-Type: text/plain; charset=klingon-8", "t\u{fc}xt\r\n"),
        mime("a charset without a name", "Content-Type: text/plain; charset=", "text\r\n"),
        mime(
            "UTF-8 that is not",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable",
            "=C3=28=FF=FE=ED=A0=80\r\n",
        ),
        mime("us-ascii that is not", "Content-Type: text/plain; charset=us-ascii", "Gr\u{fc}\u{df}e\r\n"),
        mime(
            "ISO-2022-JP cut in an escape",
            "Content-Type: text/plain; charset=iso-2022-jp",
            "\x1b$B$3$s\x1b",
        ),
        mime("UTF-7", "Content-Type: text/plain; charset=utf-7", "+ADw-b+AD4- +2D3eAA-\r\n"),
        mime(
            "UTF-16 text in base64",
            "Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64",
            "//5IAGkA2A==\r\n",
        ),
        header(
            "broken encoded-words",
            "Subject: =?utf-8?Q?=ZZ?= =?utf-8?B?****?= =?utf-8?X?a?= =?utf-8?Q?no end =?q?",
        ),
        header("an encoded-word in an unknown charset", "Subject: =?klingon?Q?nuqneH?= =??Q?a?="),
        header(
            "an encoded-word that hides a line end",
            "Subject: =?utf-8?Q?a=0D=0ABcc:_hidden@example.com?=",
        ),
        header(
            "an encoded-word that hides an address",
            "From: =?utf-8?Q?admin=40example=2Ecom_=3Cadmin=40example=2Ecom=3E?= <evil@example.net>",
        ),
        header("a character cut over two encoded-words", "Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=BC?="),
        header("2,000 encoded-words", &format!("Subject:{}", "\r\n =?utf-8?B?w7w=?=".repeat(2_000))),
    ]
}

fn parameters() -> Vec<Mail> {
    let part = |lines: &str, name: &str| mime(name, lines, "text\r\n");
    vec![
        part(
            "Content-Type: text/plain; name*=utf-8''%C3%BC%; name*0*=utf-8''a; name*1=b; name*7=h",
            "RFC 2231 with gaps and mixed forms",
        ),
        part(
            "Content-Disposition: attachment; filename*1=b; filename*0=a; filename*0=c",
            "RFC 2231 out of order and twice",
        ),
        part(
            "Content-Disposition: attachment; filename*=klingon'tlh'%FF%ZZ",
            "RFC 2231 in an unknown charset",
        ),
        part("Content-Disposition: attachment; filename=\"../../../etc/passwd\"", "a filename that climbs"),
        part(
            "Content-Disposition: attachment; filename=\"a\\\\b\\\"c\r\n d\"; size=-1; creation-date=never",
            "a filename with quotes and folding",
        ),
        part(
            &format!("Content-Disposition: attachment; filename=\"{}\"", "f".repeat(10_000)),
            "a filename of 10,000 characters",
        ),
        part(
            "Content-Disposition: attachment; filename=\"=?utf-8?Q?=C3=BC?=.txt\"",
            "an encoded-word as a filename",
        ),
        part("Content-Type: text", "a content type without a subtype"),
        part("Content-Type: /", "a content type of nothing"),
        part("Content-Type: text/plain;;; ; charset", "a content type with empty parameters"),
        part(
            "Content-Type: text/plain; charset=\"utf-8\r\nX-After: yes",
            "a parameter whose quote never ends",
        ),
        part(
            "Content-Type: text/plain (a comment; charset=x); charset=(another)us-ascii",
            "comments in a content type",
        ),
        part(&format!("Content-Type: text/plain{}", "; a=b".repeat(5_000)), "5,000 parameters"),
        part(
            "Content-Type: application/x400-bp; bp-type=99999999999999999999\r\nContent-Transfer-Encoding: base64",
            "an X.400 body part of no known type",
        ),
        part(
            "Content-Type: application/x-ftbp.1.2..3.99999999999999999999",
            "an FTBP reference that is no OID",
        ),
        mime(
            "an X.400 body part that is not BER",
            "Content-Type: application/x400-bp; bp-type=0\r\nContent-Transfer-Encoding: base64",
            "oIT/////AA==\r\n",
        ),
    ]
}

fn multiparts() -> Vec<Mail> {
    let mixed = "Content-Type: multipart/mixed; boundary=b";
    let nested = (0..DEEP)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .chain(["\r\nbottom\r\n".to_owned()])
        .chain((0..DEEP).rev().map(|n| format!("--b{n}--\r\n")))
        .collect::<String>();
    vec![
        mime(
            "a multipart without a boundary parameter",
            "Content-Type: multipart/mixed",
            "--b\r\n\r\none\r\n--b--\r\n",
        ),
        mime(
            "a multipart with an empty boundary",
            "Content-Type: multipart/mixed; boundary=\"\"",
            "--\r\n\r\none\r\n----\r\n",
        ),
        mime(
            "a boundary of 1,000 characters",
            &format!("Content-Type: multipart/mixed; boundary={}", "b".repeat(1_000)),
            &format!("--{0}\r\n\r\none\r\n--{0}--\r\n", "b".repeat(1_000)),
        ),
        mime(
            "a boundary of dashes and blanks",
            "Content-Type: multipart/mixed; boundary=\"-- --\"",
            "---- --\r\n\r\none\r\n---- ----\r\n",
        ),
        mime("no end boundary", mixed, "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n"),
        mime("no boundary at all", mixed, "just text\r\n"),
        mime("only the end boundary", mixed, "--b--\r\n"),
        mime(
            "an end boundary and then more parts",
            mixed,
            "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
        ),
        mime(
            "a boundary that begins another",
            mixed,
            "--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\none\r\n--bb--\r\n--b--\r\n",
        ),
        mime(
            "the same boundary inside",
            mixed,
            "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--b--\r\n",
        ),
        mime("empty parts", mixed, "--b\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--\r\n"),
        mime("a part that is only a header", mixed, "--b\r\nContent-Type: text/plain\r\n--b--\r\n"),
        mime("10,000 parts", mixed, &format!("{}--b--\r\n", "--b\r\n\r\nx\r\n".repeat(10_000))),
        mime(
            "a multipart in base64",
            "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64",
            "LS1iDQoNCm9uZQ0KLS1iLS0NCg==\r\n",
        ),
        mime(
            "an unknown multipart",
            "Content-Type: multipart/x-odd; boundary=b",
            "preamble\r\n--b\r\n\r\none\r\n--b--\r\nepilogue\r\n",
        ),
        mime(
            "an alternative with nothing one can read",
            "Content-Type: multipart/alternative; boundary=b",
            "--b\r\nContent-Type: application/x-none\r\n\r\n?\r\n--b\r\nContent-Type: image/x-none\r\n\r\n?\r\n--b--\r\n",
        ),
        mime(
            "a signed part with its signature missing",
            "Content-Type: multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"",
            "--b\r\n\r\nsigned\r\n--b--\r\n",
        ),
        mime(
            "related parts whose start is missing",
            "Content-Type: multipart/related; boundary=b; start=\"<none>\"; type=text/html",
            "--b\r\nContent-Type: text/html\r\n\r\n<img src=cid:x>\r\n--b--\r\n",
        ),
        mime("a text/html bomb", "Content-Type: text/html", &"<div><table><tr><td>".repeat(20_000)),
        mail("multiparts nested 500 deep", format!("{USUAL}MIME-Version: 1.0\r\n{nested}")),
        mail(
            "a MIME version that is odd",
            format!("{USUAL}MIME-Version: 2.7 (of sorts)\r\n{mixed}\r\n\r\n--b\r\n\r\none\r\n--b--\r\n"),
        ),
        mail(
            "a content type without a MIME version",
            format!("{USUAL}{mixed}\r\n\r\n--b\r\n\r\none\r\n--b--\r\n"),
        ),
        mail(
            "two content types",
            format!(
                "{USUAL}MIME-Version: 1.0\r\nContent-Type: text/plain\r\n{mixed}\r\n\r\n--b\r\n\r\none\r\n--b--\r\n"
            ),
        ),
    ]
}

fn forwarded() -> Vec<Mail> {
    let rfc822 = "Content-Type: message/rfc822";
    vec![
        mail(
            "messages in messages, 500 deep",
            format!(
                "{}{USUAL}\r\nbottom\r\n",
                format!("{USUAL}MIME-Version: 1.0\r\n{rfc822}\r\n\r\n").repeat(DEEP)
            ),
        ),
        mime("a forwarded message that is empty", rfc822, ""),
        mime("a forwarded message without a header", rfc822, "\r\nonly text\r\n"),
        mime(
            "a forwarded message in base64",
            &format!("{rfc822}\r\nContent-Transfer-Encoding: base64"),
            "RnJvbTogYUBiLmMNCg0KdGV4dA0K\r\n",
        ),
        mime("a forwarded message of rubbish", rfc822, "\x01\x02\x03: ((((\r\n\tx\r\n\r\n"),
        mime(
            "a digest whose parts have no type",
            "Content-Type: multipart/digest; boundary=b",
            "--b\r\n\r\nFrom: a@b.c\r\n\r\none\r\n--b\r\n\r\n\r\n--b--\r\n",
        ),
        mime(
            "message/partial 0 of -1",
            "Content-Type: message/partial; id=x; number=0; total=-1",
            "half\r\n",
        ),
        mime(
            "message/external-body",
            "Content-Type: message/external-body; access-type=local-file; name=\"/etc/passwd\"",
            "Content-Type: text/plain\r\n\r\n",
        ),
        mail(
            "a HARPOON text that is not MIME",
            format!("{USUAL}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n"),
        ),
        mail(
            "a text that begins with RFC-822-Headers",
            format!(
                "{USUAL}\r\nRFC-822-Headers:\r\nBcc: hidden@example.com\r\nFrom: forged@example.com\r\n\r\ntext\r\n"
            ),
        ),
    ]
}

fn reports() -> Vec<Mail> {
    let report = |name: &str, status: &str| {
        mime(
            name,
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
            &format!(
                "--b\r\n\r\ntext\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n--b--\r\n"
            ),
        )
    };
    vec![
        report("a report that is empty", ""),
        report("a report without recipients", "Reporting-MTA: dns; a.b\r\n"),
        report(
            "a report with rubbish fields",
            "Reporting-MTA\r\n:\r\n\r\nFinal-Recipient: ;;;\r\nAction: maybe\r\nStatus: 9.999.99999\r\nDiagnostic-Code: x400; Reason x (y",
        ),
        report(
            "a report with 5,000 recipients",
            &format!(
                "Reporting-MTA: dns; a.b\r\n{}",
                "\r\nFinal-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n".repeat(5_000)
            ),
        ),
        report(
            "a report about an unknown address type",
            "Reporting-MTA: x-odd; a\r\n\r\nFinal-Recipient: x-odd; a b c\r\nAction: failed\r\nStatus: 5.0.0",
        ),
        mime(
            "a report of one part",
            "Content-Type: multipart/report; boundary=b",
            "--b\r\n\r\ntext\r\n--b--\r\n",
        ),
        mime(
            "a read receipt of rubbish",
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
            "--b\r\n\r\n\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: a/b/c; ;\r\nOriginal-Message-ID: none\r\n--b--\r\n",
        ),
    ]
}
