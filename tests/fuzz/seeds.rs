//! Good input for each fuzz target, from what other tests and the project have.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use rasn_x400::x411::bind::BindError;
use x400_gateway::decode::{decode, render};
use x400_gateway::mta::bind;
use x400_gateway::osi::stack::Mode;
use x400_gateway::pcap::{self, Side};

use super::fuzz::association::{Course, recorded};
use super::fuzz::dice::{data_packet, packets};
use super::fuzz::smtp::dialogues;

#[path = "../../asn1/tests/forms/rewrite.rs"]
#[allow(dead_code, reason = "the forms are made for another test")]
mod rewrite;
#[path = "../mutation/samples.rs"]
#[allow(dead_code, reason = "shared with the mutation test")]
mod small;
#[path = "../../asn1/tests/forms/samples.rs"]
#[allow(dead_code, reason = "the samples are made for another test")]
mod typed;

/// Octets of one seed at most: a fuzzer prefers short ones.
const LONGEST: usize = 8000;

/// Associations that went well: what initiators and responders said.
static ASSOCIATIONS: LazyLock<Vec<(Mode, [Vec<u8>; 2])>> = LazyLock::new(|| {
    let courses = Mode::ALL.into_iter().flat_map(Course::all);
    courses.map(|course| (course.mode, recorded(course))).collect()
});

/// The seeds of a target.
pub(crate) fn of(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = match target {
        "address-mapping" => texts(&[
            "Grace.Hopper@navy.x400.example",
            "\"/S=Kille/OU=CS/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/\"@gateway.internet.example",
            "ada@internet.example",
            "@relay.example:a.b@c.example",
            "\"joe soap\"@x400.example",
            "/CN=Lists/DD.RFC-822=a(a)b.example/@x400.example",
        ]),
        "or-address" => texts(&[
            "/G=Steve/I=SE/S=Kille/OU=CS/O=UCL/PRMD=UK.AC/ADMD=GOLD 400/C=GB/",
            "G=j; I=k; S=s; Q=II; CN=c; O=o; OU1=a; OU2=b; P=p; A= ; C=gb",
            "DDA:RFC-822=a(a)b.example; X.121=1234; T-ID=x; T-TY=tlx; N-ID=5; A=a; C=de",
            "/CN=Caf*{233}/PD-STREET=*Caf{233}/PD-C=de/PD-CODE=12345/PD-A1=a/PD-A2=b/C=de/",
            "/DD.a=b/DD2.c=d/PN=J.Linnimouth/O=$/$=$;/ADMD=a/C=it/",
            "E-164=+49 30; ISDN=+4930; TELEX=123; PSAP=\"a\"/\"b\"/NS+470005; A=a; C=de",
        ]),
        "presentation-address" => texts(&[
            "TELEX+00728722+RFC-1006+03+10.0.0.6",
            "\"P1\"/'5031'H/#256/NS+54007287.2203010000000006_NS+470005",
            "X121+1234+5678",
            "DCC+840+d123",
        ]),
        "printable" => {
            texts(&["Caf{233}*a", "a(a)b(u)c(033)", "A=B@c!%\"_()", "{027036066048049}x*{165166}"])
        }
        "trace-fields" => texts(&[
            "by mta mta-1 in /PRMD=acme/ADMD= /C=de/; Relayed; Mon, 23 Nov 2026 12:00:00 +0100",
            "by /ADMD=a/C=de/; deferred until Tue, 24 Nov 2026 12:00:00 +0000; converted (IA5-Text, Teletex); \
             attempted MD /ADMD=b/C=de/; Rerouted, Redirected, Expanded; Mon, 23 Nov 2026 12:00:00 +0000",
            "IA5-Text, Voice, id-eit(2) (6) (3) (4) (2), 1.2.3",
            "1@a.example",
            "/S=a/C=de/:ipm1",
            "ipm1*@mhs",
        ]),
        "distinguished-name" => texts(&[
            "PRMD=Isode, ADMD=Mailnet, C=FI",
            r"OU=a\, b+cn=\23x,ADMD=\20,C=GB",
            "o=\"a; b\"; OID.2.5.4.6=#13024742",
        ]),
        "ldap-filter" => {
            texts(&["(mail={address})", r"(&(objectClass=*)(|(o=a*b\2a*)(!(c>={C})))(x~=y)(z<=1))"])
        }
        "dns" => small::dns(),
        "ldap" => small::ldap(),
        "config" => files("mappings", "toml", "x400gw"),
        "mapping-rules" => files("mappings", "toml", "default"),
        "mapping-tables" => {
            let pairs = [
                "ADMD$a.C$de#a.example#",
                "O$b.ADMD$a.C$de#b\\.c.example#",
                "cs.example#OU$cs.O$u.ADMD$ .C$gb#",
            ];
            [texts(&pairs), files("mappings", "example", "mcgam")].concat()
        }
        "rules-import" => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/import");
            let mut paths: Vec<_> =
                fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            paths.iter().map(|path| fs::read(path).unwrap()).collect()
        }
        "lab-script" => files("tests/lab", "script", ""),
        "smtp" => dialogues(),
        "smtp-access" => texts(&[
            "PROXY TCP4 192.0.2.1 192.0.2.2 40000 25\r\n",
            "PROXY UNKNOWN\r\nEHLO a\r\n",
            "\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c0123456789ab",
            "# users\nuser:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n",
            "n,,n=user,r=rOprNGfwEbeRWgbNEkqO\nc=biws,r=rOprNGfwEbeRWgbNEkqOnonce,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        ]),
        "smtp-client" => texts(&[
            "220 mx\r\n250-mx\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n250 2.0.0 ok\r\n",
            "220 mx\r\n250-mx\r\n250-SIZE 99999\r\n250-DSN\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n250 ok\r\n251 ok\r\n451 4.3.0 a\r\n250 ok\r\n",
            "220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n250-mx\r\n250 DELIVERBY 60,x\r\n550 no\r\n221 bye\r\n",
            "220-a\r\n220 b\r\n502 what\r\n250 mx\r\n250 ok\r\n250 ok\r\n250 ok\r\n354\r\n250 a\r\n452 4.2.2 b\r\n",
            "220 mx\r\n250-mx\r\n250 LIMITS RCPTMAX=5\r\n250 ok\r\n421 4.3.2 bye\r\n",
            "554 5.3.2 no\r\n",
        ]),
        "smtp-command" => texts(&[
            "EHLO [IPv6:2001:db8::1]",
            "HELO client_1.example",
            "MAIL FROM:<@a,@b:\"x y\"@c.example> SIZE=12 BODY=8BITMIME RET=HDRS ENVID=a+2Bb SMTPUTF8",
            "MAIL FROM:<> BY=60;RT HOLDFOR=10 MT-PRIORITY=-3 AUTH=<> REQUIRETLS CONPERM X=1",
            "MAIL FROM:<a@b.example> HOLDUNTIL=2026-11-23T12:00:00Z",
            "RCPT TO:<a@b.example> NOTIFY=SUCCESS,DELAY,FAILURE ORCPT=rfc822;a+40b.example",
            "RCPT TO:<Postmaster> NOTIFY=NEVER ORCPT=x400;/S+3Da/C+3Dde/",
            "BDAT 100 LAST",
            "VRFY a",
        ]),
        "mail" | "conversion" => [small::mails(), files("mappings", "eml", "sample")].concat(),
        "mts-apdu" | "apdu-reader" | "apdu-writer" => [small::apdus(), values(&["x419::MtsApdu"])].concat(),
        "content" | "ipm-reader" => [small::contents(), values(&["x420::InformationObject"])].concat(),
        "content-p772" => values(&["stanag4406::MilitaryObject"]),
        "content-p35" => values(&["x435::EdiObject"]),
        "or-name" => values(&["address::OrName"]),
        "association-pdu" => {
            [small::association_pdus(), values(&["presentation::", "acse::", "rtse::"])].concat()
        }
        "bind" => {
            let identity = bind::Identity {
                name: "mta-1".into(),
                password: Some("secret".into()),
                ..bind::Identity::default()
            };
            let mut binds: Vec<_> = Mode::ALL.iter().map(|mode| bind::argument(&identity, *mode)).collect();
            binds.extend(Mode::ALL.iter().map(|mode| bind::result(&identity, *mode)));
            binds.extend([bind::error(BindError::BUSY, true), bind::error(BindError::BUSY, false)]);
            [binds, values(&["bind::"])].concat()
        }
        "ber-tokens" => [small::apdus(), values(&["x420::Ipm", "x411::", "trace::"])].concat(),
        "decode" | "lint" => [small::apdus(), small::contents(), small::association_pdus(), said(0)].concat(),
        "encode" => [small::contents(), small::association_pdus()]
            .concat()
            .iter()
            .map(|octets| render::json(&decode(octets, None)).to_string().into_bytes())
            .chain(texts(&[JSON]))
            .collect(),
        "pcap" => captures(),
        "tpkt" | "transport-responder" | "transport-initiator" => small::transport(),
        "tpdu" => small::transport().iter().flat_map(|stream| units(stream, 4)).collect(),
        "spdu" => [small::session_initiators(), small::session_responders(), said(0), said(1)]
            .concat()
            .iter()
            .flat_map(|stream| units(stream, 7))
            .filter(|unit| unit.len() < 300)
            .collect(),
        "session-responder" => small::session_initiators(),
        "session-initiator" => small::session_responders(),
        "stack-responder" | "mta-responder" => said(0),
        "mta-initiator" => said(1),
        "stack-initiator" => answers(Mode::MtsTransfer),
        "stack-initiator-x410-1984" => answers(Mode::MtsTransferProtocol1984),
        "stack-initiator-x410-1988" => answers(Mode::MtsTransferProtocol),
        _ => panic!("no seeds for `{target}`"),
    };
    seeds.retain(|seed| seed.len() <= LONGEST);
    seeds.sort();
    seeds.dedup();
    seeds
}

/// JSON made by hand.
const JSON: &str = r#"{"tag": "SEQUENCE", "indefinite": true, "children": [
    {"tag": "[APPLICATION 7]", "type": "Priority", "value": {"name": "urgent"}},
    {"tag": "BIT STRING", "type": "DeliveryFlags", "value": {"names": ["implicit-conversion-prohibited"]}},
    {"tag": "PrintableString", "value": {"text": "abc", "charset": "PrintableString"}},
    {"tag": "NULL", "claimed_length": 7, "length_octets": 2}, {"identifier": "9f8101", "contents": "00ff"}]}"#;

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Files of the project.
fn files(folder: &str, extension: &str, name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let wanted = |path: &std::path::PathBuf| {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        path.extension().is_some_and(|own| own == extension) && stem.contains(name)
    };
    paths.filter(wanted).map(|path| fs::read(path).unwrap()).collect()
}

/// The samples of types whose names begin so, one of them with indefinite lengths.
fn values(types: &[&str]) -> Vec<Vec<u8>> {
    let samples = typed::samples();
    let of_type = |sample: &&typed::Sample| types.iter().any(|name| sample.name.starts_with(name));
    let mut values: Vec<_> = samples.iter().filter(of_type).map(|sample| sample.octets.clone()).collect();
    assert!(!values.is_empty(), "no samples of {types:?}");
    let indefinite = rewrite::Node::read(&values[0]).write(rewrite::Length::Indefinite);
    values.push(indefinite);
    values
}

/// What initiators (0) or responders (1) say.
fn said(side: usize) -> Vec<Vec<u8>> {
    ASSOCIATIONS.iter().map(|(_, said)| said[side].clone()).collect()
}

/// What responders say in one mode.
fn answers(mode: Mode) -> Vec<Vec<u8>> {
    ASSOCIATIONS.iter().filter(|(own, _)| *own == mode).map(|(_, said)| said[1].clone()).collect()
}

/// Captures of associations, packet by packet in turn.
fn captures() -> Vec<Vec<u8>> {
    let capture = |said: &[Vec<u8>; 2]| {
        let [mut ours, mut theirs] = said.each_ref().map(|stream| packets(stream).into_iter());
        let mut transcript = Vec::new();
        while let (our, their) = (ours.next(), theirs.next())
            && (our.is_some() || their.is_some())
        {
            transcript.extend(our.map(|octets| (Side::Initiator, octets)));
            transcript.extend(their.map(|octets| (Side::Responder, octets)));
        }
        pcap::association(&transcript)
    };
    ASSOCIATIONS.iter().map(|(_, said)| capture(said)).collect()
}

/// The packets of a stream without their headers.
fn units(stream: &[u8], header: usize) -> Vec<Vec<u8>> {
    packets(stream).iter().filter_map(|packet| packet.get(header..).map(<[u8]>::to_vec)).collect()
}
