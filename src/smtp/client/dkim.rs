//! Signs mails, so that others can tell who answers for them (DKIM, RFC 6376; Ed25519, RFC 8463).
//!
//! Header and body are signed in the form `relaxed/relaxed`, which outlives folding and spaces at the ends of lines. The key is that of
//! the domain in `From`, or of the nearest one above it, so that the signature counts for DMARC (RFC 7489 3.1.1).
//!
//! Whose word a signature is about is looked at first: an address that a message from X.400 only says its author has is no reason to sign
//! for its domain.
//!
//! Pure: keys and time are given. The body is read once, in pieces.

use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use crate::message::address::{AddressList, Mailbox};
use crate::mixer::rope::Rope;

mod body_hash;

pub(crate) use body_hash::BodyHash;

/// The fields that are signed, where they are there (RFC 6376 5.4.1). `From` is signed once more than it is there, so that no other
/// can be added.
const FIELDS: [&str; 19] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "content-language",
    "auto-submitted",
    "original-message-id",
    "resent-from",
    "resent-date",
];
/// Characters of a line of the field, about.
const LINE: usize = 72;

/// The key of one domain.
#[derive(Debug)]
pub struct Signer {
    /// The domain, in lower case: `d=`.
    pub domain: String,
    /// What names the key in that domain: `s=`.
    pub selector: String,
    /// The key.
    pub key: Key,
    /// Peers that are believed about authors whom no rule knows.
    pub peers: Vec<String>,
}

/// Where a mail is from, as far as signatures depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who says who wrote it.
    pub author: Author,
    /// When it came in. That is the time of signatures (`t=`), so that a mail that is sent again is the same.
    pub received_at: OffsetDateTime,
}

/// Who says who wrote a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// The gateway: it is its own mail.
    Ours,
    /// A message of X.400.
    Message {
        /// The addresses that rules gave for who sent it, as in a field; of others only the message speaks.
        found: Vec<String>,
        /// The peer that it came from, if that is known.
        peer: Option<String>,
    },
}

/// A private key.
#[derive(Debug)]
pub enum Key {
    /// Of 2048 to 4096 bits.
    Rsa(Box<RsaKeyPair>),
    /// Of Ed25519.
    Ed25519(Box<Ed25519KeyPair>),
}

impl Key {
    /// Reads a key from PEM: PKCS #8, or PKCS #1 for RSA.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        match PrivateKeyDer::from_pem_slice(pem)
            .map_err(|error| format!("not a private key in PEM: {error}"))?
        {
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der())
                .map(|key| Self::Rsa(Box::new(key)))
                .map_err(|error| format!("the RSA key is not fit to be used: {error}")),
            PrivateKeyDer::Pkcs8(key) => {
                let octets = key.secret_pkcs8_der();
                // What openssl writes has no public key, against which the private one would be checked.
                let edwards = Ed25519KeyPair::from_pkcs8_maybe_unchecked(octets)
                    .map(|key| Self::Ed25519(Box::new(key)));
                let rsa = || RsaKeyPair::from_pkcs8(octets).map(|key| Self::Rsa(Box::new(key)));
                edwards
                    .or_else(|_| rsa())
                    .map_err(|error| format!("neither RSA of 2048 to 4096 bits, nor Ed25519: {error}"))
            }
            _ => Err("neither RSA nor Ed25519".to_owned()),
        }
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                // PKCS #1 1.5 is the same each time; random numbers only hide how long it takes.
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463 3: the hash is signed.
            Self::Ed25519(key) => Some(key.sign(digest(&SHA256, message).as_ref()).as_ref().to_vec()),
        }
    }
}

/// The fields that sign a mail, to be put before it; nothing, if nobody signs for the domain in `From`.
#[must_use]
pub fn signatures(signers: &[Signer], content: &Rope, origin: &Origin) -> Vec<u8> {
    if signers.is_empty() {
        return Vec::new();
    }
    let Some((header, body)) = content.header_and_rest() else { return Vec::new() };
    let fields = fields(&header);
    let Some(authors) = authors(&fields) else { return Vec::new() };
    let Some(domain) = domain(&authors) else { return Vec::new() };
    let concerned = signers.iter().filter(|signer| answers_for(&signer.domain, &domain));
    let Some(nearest) = concerned.clone().map(|signer| signer.domain.len()).max() else { return Vec::new() };
    let is_known = origin.author.is_known(&authors);
    let signers: Vec<&Signer> = concerned
        .filter(|signer| signer.domain.len() == nearest)
        .filter(|signer| is_known || origin.author.is_believed(&signer.peers))
        .collect();
    if signers.is_empty() {
        return Vec::new();
    }
    let mut hash = BodyHash::new(&SHA256);
    body.chunks().for_each(|chunk| hash.update(&chunk));
    let body_hash = base64_simd::STANDARD.encode_to_string(hash.finish());
    let sign = |signer| signature(signer, &fields, &body_hash, origin.received_at);
    signers.into_iter().flat_map(sign).collect()
}

impl Author {
    /// Whether the gateway knows that these wrote the mail, as far as rules know.
    fn is_known(&self, authors: &[String]) -> bool {
        match self {
            Self::Ours => true,
            Self::Message { found, .. } => {
                let lists: Vec<_> = found.iter().map(|found| AddressList::parse(found)).collect();
                let found: Vec<_> =
                    lists.iter().flat_map(AddressList::mailboxes).map(|one| one.address()).collect();
                authors.iter().all(|author| found.iter().any(|one| one.eq_ignore_ascii_case(author)))
            }
        }
    }

    /// Whether it is one of these peers that says so.
    fn is_believed(&self, peers: &[String]) -> bool {
        match self {
            Self::Ours => true,
            Self::Message { peer, .. } => peer.as_ref().is_some_and(|peer| peers.contains(peer)),
        }
    }
}

fn answers_for(domain: &str, author: &str) -> bool {
    author.strip_suffix(domain).is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// The addresses in the only author field.
fn authors(fields: &[(String, &[u8])]) -> Option<Vec<String>> {
    let mut from = fields.iter().filter(|(name, _)| name == "from");
    let (Some((_, value)), None) = (from.next(), from.next()) else { return None };
    let list = AddressList::parse(&String::from_utf8_lossy(value).replace("\r\n", ""));
    Some(list.mailboxes().map(Mailbox::address).collect())
}

/// The domain of them all, in lower case.
fn domain(authors: &[String]) -> Option<String> {
    let domain = |address: &String| Some(address.rsplit_once('@')?.1.to_ascii_lowercase());
    let mut domains = authors.iter().map(domain);
    let first = domains.next()??;
    domains.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// One field `DKIM-Signature`, with its end.
fn signature(signer: &Signer, fields: &[(String, &[u8])], body_hash: &str, at: OffsetDateTime) -> Vec<u8> {
    let mut names = Vec::new();
    let mut signed = Vec::new();
    for name in FIELDS {
        // RFC 6376 5.4.2: of several the last one first.
        for (_, value) in fields.iter().rev().filter(|(other, _)| other == name) {
            names.push(name);
            relaxed(name, value, &mut signed);
        }
        if name == "from" {
            names.push(name);
        }
    }
    let Signer { domain, selector, key, .. } = signer;
    let mut value = format!(
        " v=1; a={}; c=relaxed/relaxed; d={domain};\r\n\ts={selector}; t={}; h=",
        key.algorithm(),
        at.unix_timestamp()
    );
    let mut length = LINE;
    for (place, name) in names.iter().enumerate() {
        let colon = if place == 0 { "" } else { ":" };
        value.push_str(colon);
        if length + name.len() > LINE {
            value.push_str("\r\n\t");
            length = 8;
        }
        value.push_str(name);
        length += name.len() + 1;
    }
    value.push_str(&format!(";\r\n\tbh={body_hash};\r\n\tb="));
    relaxed("dkim-signature", value.as_bytes(), &mut signed);
    // RFC 6376 3.7: without the end of the line.
    signed.truncate(signed.len() - 2);
    let Some(signature) = key.sign(&signed) else { return Vec::new() };
    let signature = base64_simd::STANDARD.encode_to_string(signature);
    let mut field = format!("DKIM-Signature:{value}").into_bytes();
    for (place, line) in signature.as_bytes().chunks(LINE).enumerate() {
        if place > 0 {
            field.extend_from_slice(b"\r\n\t");
        }
        field.extend_from_slice(line);
    }
    field.extend_from_slice(b"\r\n");
    field
}

/// Name in lower case and value, as folded as it is, of each field.
fn fields(header: &[u8]) -> Vec<(String, &[u8])> {
    let mut fields = Vec::new();
    let mut start = 0;
    while start < header.len() {
        let mut end = start;
        loop {
            end = header
                .iter()
                .skip(end)
                .position(|octet| *octet == b'\n')
                .map_or(header.len(), |at| end + at + 1);
            if !matches!(header.get(end), Some(b' ' | b'\t')) {
                break;
            }
        }
        let field = &header[start..end];
        if let Some(colon) = field.iter().position(|octet| *octet == b':') {
            let name = String::from_utf8_lossy(field[..colon].trim_ascii_end()).to_ascii_lowercase();
            fields.push((name, &field[colon + 1..]));
        }
        start = end;
    }
    fields
}

/// A field in the form `relaxed` (RFC 6376 3.4.2).
fn relaxed(name: &str, value: &[u8], into: &mut Vec<u8>) {
    into.extend_from_slice(name.as_bytes());
    into.push(b':');
    let words =
        value.split(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n')).filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if place > 0 {
            into.push(b' ');
        }
        into.extend_from_slice(word);
    }
    into.extend_from_slice(b"\r\n");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use time::macros::datetime;

    use super::*;

    /// The key of RFC 8463 A.2.
    const ED25519: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    pub(crate) fn signer(domain: &str) -> Signer {
        Signer {
            domain: domain.into(),
            selector: "s".into(),
            key: Key::from_pem(ED25519.as_bytes()).unwrap(),
            peers: vec!["hub".into()],
        }
    }

    pub(crate) fn ours() -> Origin {
        Origin { author: Author::Ours, received_at: datetime!(2026-11-27 12:00 UTC) }
    }

    fn signed_by(signers: &[Signer], mail: &str, origin: &Origin) -> String {
        let mut rope = Rope::default();
        rope.push(mail.replace('\n', "\r\n").into_bytes());
        String::from_utf8(signatures(signers, &rope, origin)).unwrap()
    }

    fn signed(signers: &[Signer], mail: &str) -> String {
        signed_by(signers, mail, &ours())
    }

    /// Nobody signs what a message only says of its author, unless the peer that it came from is believed.
    #[test]
    fn an_author_whom_no_rule_knows_is_not_signed_for() {
        let signers = [signer("example.org")];
        let message = |found: &[&str], peer: Option<&str>| Origin {
            author: Author::Message {
                found: found.iter().map(|one| (*one).to_owned()).collect(),
                peer: peer.map(str::to_owned),
            },
            ..ours()
        };
        for (from, found, peer, expected) in [
            ("<ceo@example.org>", &[][..], None, false),
            ("<ceo@example.org>", &["clerk@example.org"], Some("spoke"), false),
            ("<ceo@example.org>", &[], Some("hub"), true),
            ("Boss <ceo@Example.ORG>", &["clerk@example.org", "ceo@example.org"], None, true),
            ("ceo@example.org, clerk@example.org", &["ceo@example.org"], None, false),
            ("ceo@example.org, clerk@example.org", &["ceo@example.org", "clerk@example.org"], None, true),
            ("\"/S=x/C=XX/\"@example.org", &["\"/S=x/C=XX/\"@example.org"], None, true),
            ("X.400 <post@example.org>", &["X.400 <post@example.org>"], None, true),
        ] {
            let mail = format!("From: {from}\n\nx\n");
            let fields = signed_by(&signers, &mail, &message(found, peer));
            assert_eq!(!fields.is_empty(), expected, "{from} {found:?} {peer:?}");
        }
        // Nor does one who answers for more, if whoever is nearer does not.
        let none = Signer { peers: Vec::new(), ..signer("lists.example.org") };
        let mail = "From: <a@lists.example.org>\n\nx\n";
        assert_eq!(signed_by(&[none, signer("example.org")], mail, &message(&[], Some("hub"))), "");
    }

    #[test]
    fn the_nearest_domain_of_the_author_signs() {
        let signers = [
            signer("example.org"),
            signer("lists.example.org"),
            signer("example.net"),
            signer("example.org"),
        ];
        let mail = |from: &str| format!("From: {from}\nSubject: s\n\nhello\n");
        for (from, expected) in [
            ("<a@example.org>", &["example.org", "example.org"][..]),
            ("\"x@example.net\" <a@EXAMPLE.ORG>", &["example.org", "example.org"]),
            ("<a@sub.example.org>", &["example.org", "example.org"]),
            ("<a@lists.example.org>", &["lists.example.org"]),
            ("<a@notexample.org>", &[]),
            ("<a@example.org>, <b@example.org>", &["example.org", "example.org"]),
            ("<a@example.org>, <b@example.net>", &[]),
            ("nobody", &[]),
        ] {
            let fields = signed(&signers, &mail(from));
            let domains: Vec<&str> =
                fields.split("d=").skip(1).filter_map(|rest| rest.split(';').next()).collect();
            assert_eq!(domains, expected, "{from}");
        }
        assert_eq!(signed(&signers, "From: <a@example.org>\nFrom: <b@example.org>\n\nx\n"), "");
        assert_eq!(signed(&signers, "Subject: x\n\nx\n"), "");
        assert_eq!(signed(&[], &mail("<a@example.org>")), "");
    }

    #[test]
    fn the_field_names_what_is_signed() {
        let field =
            signed(&[signer("example.org")], "to: b\nFrom: <a@example.org>\nX-Y: z\nTO: c\n\nhello\n");
        assert!(field.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org;\r\n\ts=s; t=1795780800; h="));
        let names: String =
            field.split("h=").nth(1).unwrap().split(';').next().unwrap().split_whitespace().collect();
        assert_eq!(names, "from:from:to:to");
        assert!(field.ends_with("\r\n") && field.lines().all(|line| line.len() <= 80), "{field}");
        // The same mail is signed in the same way.
        assert_eq!(
            field,
            signed(&[signer("example.org")], "to: b\nFrom: <a@example.org>\nX-Y: z\nTO: c\n\nhello\n")
        );
    }

    #[test]
    fn keys_that_are_none() {
        for (pem, why) in [
            ("", "not a private key in PEM"),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "neither RSA of 2048 to 4096 bits",
            ),
            (
                "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
                "neither RSA nor Ed25519",
            ),
        ] {
            assert!(Key::from_pem(pem.as_bytes()).unwrap_err().starts_with(why), "{pem}");
        }
    }
}
