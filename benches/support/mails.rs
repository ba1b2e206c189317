//! The mails that are converted in benches.

#![allow(dead_code, reason = "each bench uses a part")]

const HEADER: &str = "Received: from mail.internet.example by gw.internet.example; Mon, 23 Nov 2026 10:00:00 +0000\r\n\
Date: Mon, 23 Nov 2026 09:59:58 +0000\r\n\
From: Ada Lovelace <ada@internet.example>\r\n\
To: Grace Hopper <Grace.Hopper@navy.x400.example>\r\n\
Cc: \"List owner\" <list_owner@navy.x400.example>\r\n\
Subject: Notes on the engine\r\n\
Message-ID: <bench.1@internet.example>\r\n\
In-Reply-To: <bench.0@internet.example>\r\n\
References: <bench.-1@internet.example> <bench.0@internet.example>\r\n\
X-Mailer: by hand\r\n\
MIME-Version: 1.0\r\n";

pub(crate) const RECIPIENTS: [&str; 2] = ["Grace.Hopper@navy.x400.example", "list_owner@navy.x400.example"];

const LINE: &str = "The engine weaves algebraic patterns just as the loom weaves flowers and leaves.\r\n";

/// Octets without a pattern that an encoder could use.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    })
    .take(length)
    .collect()
}

fn base64(octets: &[u8]) -> String {
    let encoded = base64_simd::STANDARD.encode_to_string(octets);
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 38);
    for line in encoded.as_bytes().chunks(76) {
        lines.push_str(std::str::from_utf8(line).unwrap());
        lines.push_str("\r\n");
    }
    lines
}

/// A mail of 4 kB of plain text.
pub(crate) fn text() -> String {
    format!("{HEADER}Content-Type: text/plain; charset=us-ascii\r\n\r\n{}", LINE.repeat(44))
}

/// A mail of 100 kB: text in two renditions, with characters outside US-ASCII, and two files.
pub(crate) fn mixed() -> String {
    let german = "Gr=C3=BC=C3=9Fe aus K=C3=B6ln, wo die Maschine l=C3=A4uft.\r\n".repeat(200);
    format!(
        "{HEADER}Content-Type: multipart/mixed; boundary=outer\r\n\r\n\
--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n\
--inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{german}\r\n\
--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>{german}</p>\r\n\
--inner--\r\n\
--outer\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
--outer\r\nContent-Type: application/pdf; name=b.pdf\r\nContent-Disposition: attachment; filename=b.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
--outer--\r\n",
        base64(&noise(30_000)),
        base64(&noise(25_000)),
    )
}

/// The attachment of the large mail, in base64.
pub(crate) fn large_attachment() -> String {
    base64(&noise(10_000_000))
}

/// A mail with an attachment of 10 MB.
pub(crate) fn large() -> String {
    format!(
        "{HEADER}Content-Type: multipart/mixed; boundary=outer\r\n\r\n\
--outer\r\nContent-Type: text/plain\r\n\r\n{LINE}\r\n\
--outer\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Disposition: attachment; filename=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
--outer--\r\n",
        large_attachment(),
    )
}
