//! Good input of each kind. Names of ledger entries are those of the samples' facts.

use std::slice::from_ref;

use super::data_packet;

/// Octets from hexadecimal digits; spaces group them for the reader.
pub(crate) fn octets(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|character| !character.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

/// An element of less than 64 kB with the parts inside.
fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let contents = parts.concat();
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x82], &length[..], &contents].concat()
}

/// `/C=DE/ADMD= /PRMD=acme/O=sales/S=muster`
fn or_name() -> Vec<u8> {
    octets(
        "60 26 30 24 6104 1302 4445 6203 1301 20 A206 1304 61636D65 8305 73616C6573 A508 8006 6D7573746572",
    )
}

/// The same with everything else an address can have: terminal, numeric, unit names, defined attributes, extensions.
fn long_or_name() -> Vec<u8> {
    let builtin = octets(
        "6104 1302 4445 6203 1301 20 8003 313233 8103 313233 A206 1304 61636D65 8305 73616C6573 8403 313233
         A50F 8006 6D7573746572 8101 41 8202 4742 A604 1302 4831",
    );
    let defined = octets("30 0C 13 05 72 66 63 2D 38 13 03 61 2D 62");
    let extension = octets("30 0A 80 01 01 A1 05 13 03 61 2E 62");
    let address = [element(0x30, &[builtin]), element(0x30, &[defined]), element(0x31, &[extension])];
    element(0x60, &address)
}

/// `DE / (blank) / acme`, and a local identifier.
fn mts_identifier() -> Vec<u8> {
    octets("64 19 63 11 6104 1302 4445 6203 1301 20 1304 61636D65 1604 6D736731")
}

/// The trace of one domain.
fn trace() -> Vec<u8> {
    let domain = octets("63 11 6104 1302 4445 6203 1301 20 1304 61636D65");
    let supplied = element(0x31, &[octets("80 0D"), b"261123120000Z".to_vec(), octets("82 01 00")]);
    element(0x69, &[element(0x30, &[domain, supplied])])
}

/// DL expansion prohibited, critical for delivery.
fn extension() -> Vec<u8> {
    octets("30 0C 80 01 03 81 02 05 20 A2 03 0A 01 01")
}

/// MTS-APDUs: messages, a report, a probe; plain, in segments, with indefinite lengths, in an EXTERNAL.
pub(crate) fn apdus() -> Vec<Vec<u8>> {
    let contents = contents();
    let small = message(&contents[0]);
    let mut samples: Vec<_> = contents.iter().map(|content| message(content)).collect();
    samples.extend([
        report(),
        probe(),
        element(0x28, &[octets("02 01 05"), element(0xa0, from_ref(&small))]),
        [&[0xa0, 0x80], &small[4..], &[0, 0]].concat(),
    ]);
    samples
}

/// A message whose content is in two segments.
fn message(content: &[u8]) -> Vec<u8> {
    let recipients = [or_name(), long_or_name()].map(|name| {
        element(0x31, &[name, octets("8001 01"), octets("8102 00A8"), element(0xa3, &[extension()])])
    });
    let envelope = element(
        0x31,
        &[
            mts_identifier(),
            or_name(),
            octets("65 04 80 02 05 20"),
            octets("46 01 16"),
            octets("4A 04 61 62 63 64"),
            octets("47 01 02"),
            octets("48 02 04 10"),
            trace(),
            element(0xa3, &[extension()]),
            element(0xa2, &recipients),
        ],
    );
    let (front, back) = content.split_at(content.len() / 2);
    let content = element(0x24, &[element(0x04, &[front.to_vec()]), element(0x04, &[back.to_vec()])]);
    element(0xa0, &[envelope, content])
}

/// A non-delivery report on one recipient.
fn report() -> Vec<u8> {
    let envelope = element(0x31, &[mts_identifier(), or_name(), trace()]);
    let last_trace = element(
        0xa3,
        &[
            octets("80 0D"),
            b"261123120001Z".to_vec(),
            element(0xa1, &[element(0xa1, &[octets("80 01 01"), octets("81 01 00")])]),
        ],
    );
    let mut actual = or_name();
    actual[0] = 0xa0;
    let recipient = element(0x31, &[actual, octets("8101 01"), octets("8202 03A8"), last_trace]);
    let content = element(0x31, &[mts_identifier(), octets("46 01 16"), element(0xa0, &[recipient])]);
    element(0xa1, &[envelope, content])
}

fn probe() -> Vec<u8> {
    let recipient = element(0x31, &[or_name(), octets("8001 01"), octets("8102 00A8")]);
    let members = [
        mts_identifier(),
        or_name(),
        octets("46 01 16"),
        octets("80 02 04 00"),
        trace(),
        element(0xa2, &[recipient]),
    ];
    element(0xa2, &members)
}

/// B-10.
const IA5_TEXT: &str = "A0 09 31 00 16 05 48 45 4C 4C 4F";
/// B-11, "Grüße" as general text.
const GENERAL_TEXT: &str = "AF 2B A0 10 06 04 56 01 0B 0B A0 08 31 06 02 01 06 02 01 64 28 17 06 04 56 01 04 0B \
                            A0 0F 1B 0D 1B 28 42 1B 2D 41 1B 7E 47 72 FC DF 65";
/// B-20.
const BILATERAL: &str = "8E 03 01 02 03";
/// B-36, three octets named `dodo.doc`.
const FILE_TRANSFER: &str = "AF 43 A0 2E 06 04 56 01 0B 0C A0 26 30 24 A2 0F A0 0D 80 0B 60 86 48 01 86 F8 1E 02 02 01 01 \
                             A4 11 A0 0A 19 08 64 6F 64 6F 2E 64 6F 63 AD 03 81 01 03 28 11 06 04 56 01 04 0C A0 09 30 \
                             07 28 05 81 03 61 62 63";

/// Contents: a message with a text, one with everything, and notifications.
pub(crate) fn contents() -> Vec<Vec<u8>> {
    let this_ipm = || octets("6B 06 1304 69706D31");
    let plain = element(0xa0, &[element(0x31, &[this_ipm()]), element(0x30, &[octets(IA5_TEXT)])]);
    let forwarded =
        [octets("31 00"), element(0x30, &[element(0x31, &[this_ipm()]), element(0x30, &[octets(IA5_TEXT)])])];
    let originator = element(0xa0, &[or_name()]);
    let recipient = element(0x31, &[originator.clone(), octets("81 02 05 80"), octets("82 01 FF")]);
    // M-11: flash. OI-06: the rfc-822-field of RFC 1327.
    let flash = octets("30 0D 06 08 2B 1A 00 A2 36 00 02 00 02 01 04");
    let field = octets("30 18 06 0C 09 92 26 86 E8 C4 B5 BE 2C 81 48 01 30 08 16 06 41 3A 20 62 63 64");
    let heading = [
        this_ipm(),
        originator,
        element(0xa2, from_ref(&recipient)),
        element(0xa3, &[recipient]),
        octets("A8 07 14 05 47 72 C8 75 6E"),
        [octets("89 0D"), b"261123120000Z".to_vec()].concat(),
        octets("8C 01 02"),
        element(0xaf, &[flash, field]),
    ];
    let parts = [
        octets(IA5_TEXT),
        octets(GENERAL_TEXT),
        octets(FILE_TRANSFER),
        octets(BILATERAL),
        element(0xa9, &forwarded),
    ];
    let receipt = [octets("80 0D"), b"261123120000Z".to_vec(), octets("81 01 01")];
    let receipt = element(0xa1, &[this_ipm(), element(0xa0, &[element(0xa1, &receipt)])]);
    let non_receipt = [octets("80 01 00"), octets("81 01 00"), octets("82 02 41 42")];
    let non_receipt = element(0xa1, &[this_ipm(), element(0xa0, &[element(0xa0, &non_receipt)])]);
    vec![plain, element(0xa0, &[element(0x31, &heading), element(0x30, &parts)]), receipt, non_receipt]
}

/// PDUs of presentation, ACSE and RTSE.
pub(crate) fn association_pdus() -> Vec<Vec<u8>> {
    [
        "31 7e a003 800101 a277 a433 300f 020101 0604 52010001 3004 0602 5101 300f 020103 0604 5600020c
         3004 0602 5101 300f 020105 0604 56000207 3004 0602 5101 6140 303e 020101 a039 6037 a106 0604
         56000106 be2d 282b 0602 5101 020103 a022 b020 80013f 820100 a318 a016 b014 a112 8005 4d54412d41
         a109 0407 73656372657441",
        "31 72 a003 800101 a26b a51b 3007 800100 81025101 3007 800100 81025101 3007 800100 81025101
         614c 304a 020101 a045 6143 a106 0604 56000106 a203 020100 a305 a103 020100 be2d 282b 0602 5101
         020103 a022 b120 800101 810103 a218 a016 b114 a112 8005 4d54412d42 a109 0407 73656372657442",
        "60 37 a106 0604 56000106 be2d 282b 0602 5101 020103 a022 b020 80013f 820100 a318 a016 b014 a112
         8005 4d54412d41 a109 0407 73656372657441",
        "62 03 800100",
        "63 03 800100",
        "64 11 800101 810102 be09 2807 020103 a002 0500",
        // T-33.
        "b0 11 80010a 810103 820101 a306 a004 b002 0500",
        "b6 07 800106 a202 0500",
    ]
    .map(octets)
    .to_vec()
}

/// Transport connections: what an initiator sends, and what a responder sends.
pub(crate) fn transport() -> Vec<Vec<u8>> {
    [
        // The request and the confirm of the captures, data in two parts, a disconnect.
        "03000018 13 e0 0000 619a 00 c2 08 7834303069 6e3838 c0 01 0b 0300000b 02f000 31323334 0300000b 02f080
         35363738 0300000b 06 80 0001 0000 00",
        "0300000e 09 d0 0001 619b 00 c0 01 0b 0300000b 02f000 31323334 0300000b 02f080 35363738
         0300000b 06 80 0001 619b 80",
        // T-02; an expedited size and a preferred size; ER.
        "03000016 11 e0 0000 0001 00 c0 01 0b c1 02 5031 c2 02 5031 03000009 02f080 3132",
        "0300001a 15 e0 0000 0001 00 c0 01 0d c2 02 5031 f0 04 0000ffff 03000009 02f080 3132",
        "03000009 04 70 0001 02",
    ]
    .map(octets)
    .to_vec()
}

/// TSDUs in packets, one stream for each line.
fn streams(streams: &[&[&str]]) -> Vec<Vec<u8>> {
    streams.iter().map(|tsdus| tsdus.iter().flat_map(|tsdu| data_packet(&octets(tsdu))).collect()).collect()
}

/// Session connections after the transport connection: what initiators send.
pub(crate) fn session_initiators() -> Vec<Vec<u8>> {
    const CONNECT: &str = "0d14 0103 0a01 aa 0506 160103 1a0100 14020249 c10168";
    let in_parts = ["0100 0103 190101 aabbccddeeff", "0100 0103 190102 aabbccddeeff"];
    streams(&[
        &[
            CONNECT,
            "0100 2d05 2903 020101",
            "0100 0100 aabbcc",
            "0100 3103 2a01 31",
            in_parts[0],
            in_parts[1],
            "0100 2903 2a01 32",
            "0903 110101",
        ],
        &[CONNECT, "0100 2d05 2903 020101", "0100 0100 aabbcc", "0100 1903 320101", "0903 110101"],
        &[CONNECT, "0100 2d05 2903 020101", "0100 3903 320101", "0100 1d0d 2106 2901 01 2a01 31 2903 020102"],
        &[CONNECT, "1500", "0200 3203 2a01 31", "0200 2a03 2a01 32", "0203 100101"],
        &[CONNECT, "1903 110103"],
        &["0d00", "0100 2d05 2903 020101", "0100 0100 aabbcc"],
    ])
}

/// What responders send.
pub(crate) fn session_responders() -> Vec<Vec<u8>> {
    const ACCEPT: &str = "0e0f 0506 160102 1a0100 14020249 c10168";
    streams(&[
        &[ACCEPT, "0200 3203 2a01 31", "0200 2a03 2a01 32", "0203 100101", "0a00"],
        &[ACCEPT, "0203 100101", "0200 3003 320101", "0200 3a00", "1600"],
        &[ACCEPT, "0200 1a00", "0200 0000"],
        &["0c07 110101 3202 0231"],
        &[ACCEPT, "1903 110101"],
    ])
}

/// Mails in good order.
pub(crate) fn mails() -> Vec<Vec<u8>> {
    [PLAIN, MULTIPART].map(|mail| mail.replace('\n', "\r\n").into_bytes()).to_vec()
}

const PLAIN: &str = "\
Received: from a.example (a.example [192.0.2.1]) by b.example with ESMTP id 17; Mon, 23 Nov 2026 12:00:00 +0100 (CET)
From: \"Muster, Max\" <max@a.example>
To: jones@b.example, The Team: smith@b.example, =?utf-8?Q?J=C3=BCrgen?= <j@b.example>;
Cc: \"/C=DE/ADMD= /PRMD=acme/S=muster/\"@gw.example
Date: Mon, 23 Nov 2026 12:00:00 +0100
Message-ID: <1@a.example>
In-Reply-To: <0@b.example> \"a phrase\"
References: <0@b.example> <1@b.example>
Subject: =?iso-8859-1?B?R3L832U=?= from
 two lines
Importance: high
X-Unknown: kept

Hello.
.
";

const MULTIPART: &str = "\
From: max@a.example
To: jones@b.example
Date: Mon, 23 Nov 2026 12:00:00 +0100
Message-ID: <2@a.example>
Subject: parts
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"outer\"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-15
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe=
 am Ende =20
--inner
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<p>Grüße</p>
--inner--
--outer
Content-Type: application/octet-stream; name*0*=utf-8''do%20; name*1=\"do.doc\"
Content-Disposition: attachment; filename=\"dodo.doc\"; size=3
Content-Transfer-Encoding: base64

YWJj
ZGVm
--outer
Content-Type: message/rfc822

From: a@b.example
Subject: inside

text
--outer
Content-Type: text/plain
Content-Transfer-Encoding: x-uuencode

begin 644 dodo.doc
#86)C
`
end
--outer--
epilogue
";

/// Answers of name servers: plain names, compressed ones, another name, a gateway.
pub(crate) fn dns() -> Vec<Vec<u8>> {
    const QUESTION: &[u8] = b"\x01x\x02ab\x02fr\0\0\x1a\0\x01";
    let answer = |records: &[Vec<u8>]| {
        let count = u8::try_from(records.len()).unwrap();
        [&[0, 7, 0x84, 0, 0, 1, 0, count, 0, 0, 0, 0], QUESTION, &records.concat()].concat()
    };
    let record = |owner: &[u8], kind: u8, data: &[u8]| {
        let length = u8::try_from(data.len()).unwrap();
        [owner, &[0, kind, 0, 1, 0, 0, 1, 0x2c, 0, length], data].concat()
    };
    let px = |names: &[u8]| [b"\0\x32", names].concat();
    let own = b"\xc0\x0c";
    vec![
        answer(&[record(own, 26, &px(b"\x02ab\x02fr\0\x07PRMD-ab\x07ADMD-ac\x04C-fr\0"))]),
        answer(&[record(own, 26, &px(b"\xc0\x0e\x0bO-a-h-b-b-c\x07PRMD-ab\x05ADMDb\x04C-fr\x01G\0"))]),
        answer(&[
            record(own, 5, b"\x01y\xc0\x0e"),
            record(
                b"\x01y\x02ab\x02fr\0",
                26,
                &px(b"\xc0\x11\x0eOU-a-043-b-d-c\x04PRMD\x07ADMD-ac\x04C-fr\0"),
            ),
        ]),
    ]
}

/// What an LDAP server says to two searches: ends in the order in which nobody asked; an entry with a reference; a name as
/// far as it is there, and a referral.
pub(crate) fn ldap() -> Vec<Vec<u8>> {
    let text = |tag: u8, text: &str| element(tag, &[text.as_bytes().to_vec()]);
    let message = |number: u8, operation: Vec<u8>| element(0x30, &[vec![2, 1, number], operation]);
    let end = |code: u8, matched: &str, more: Vec<u8>| {
        element(0x65, &[vec![10, 1, code], text(4, matched), text(4, ""), more])
    };
    let attribute =
        |kind: &str, value: &str| element(0x30, &[text(4, kind), element(0x31, &[text(4, value)])]);
    let attributes = element(
        0x30,
        &[
            attribute("associatedORAddress", "ADMD=a,C=gb"),
            attribute("mail", "a@b"),
            attribute("cn", "S=a; C=gb"),
        ],
    );
    let entry = element(0x64, &[text(4, "dc=x"), attributes]);
    let referral = element(0xa3, &[text(4, "ldap://a")]);
    vec![
        [message(2, end(32, "", vec![])), message(1, end(0, "", vec![]))].concat(),
        [
            message(1, entry),
            message(2, element(0x73, &[text(4, "ldap://b")])),
            message(1, end(0, "", vec![])),
            message(2, end(10, "dc=c", referral)),
        ]
        .concat(),
    ]
}
