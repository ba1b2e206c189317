//! A mail as a few fields: for programs that would rather not write MIME.

use bytes::Bytes;
use serde::Deserialize;

use crate::config::OneOrMore;
use crate::message::address::{Address, AddressList, Mailbox};
use crate::message::media::MediaType;
use crate::mixer::header_block::{HeaderBlock, parameter, phrase};
use crate::mixer::rope::Rope;

/// Octets of a line of text that is sent as it is (RFC 5322 2.1.1).
const LINE: usize = 998;

/// The fields. What is not there is not in the mail.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Form {
    /// Who writes.
    from: String,
    /// Who gets it.
    to: Option<OneOrMore>,
    /// Who gets a copy.
    cc: Option<OneOrMore>,
    /// Who gets a copy that nobody else hears of.
    bcc: Option<OneOrMore>,
    /// Where answers go.
    reply_to: Option<OneOrMore>,
    /// What it is about.
    subject: Option<String>,
    /// What it says.
    text: Option<String>,
    /// The same in HTML.
    html: Option<String>,
    /// The `Message-ID` of what it answers.
    in_reply_to: Option<String>,
    /// Files.
    attachments: Vec<Attachment>,
    /// The reverse path, if it is not the address in `from`; empty for none.
    pub(crate) envelope_from: Option<String>,
    /// When the sender wants to hear of it.
    pub(crate) notify: Option<OneOrMore>,
    /// How much comes back.
    pub(crate) r#return: Option<String>,
    /// The name that reports give it.
    pub(crate) envelope_id: Option<String>,
}

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Attachment {
    /// What it is called.
    name: Option<String>,
    /// What is in it: `application/pdf`.
    #[serde(rename = "type", default = "anything")]
    media_type: String,
    /// Its octets in base64.
    content: String,
}

fn anything() -> String {
    "application/octet-stream".to_owned()
}

/// A mail that was made.
#[derive(Debug)]
pub(crate) struct Made {
    /// The address in `from`.
    pub(crate) author: String,
    /// Everybody who gets it.
    pub(crate) recipients: Vec<String>,
    /// Header and body, in lines ended by CR LF.
    pub(crate) mail: Vec<u8>,
}

impl Form {
    /// The mail. `date` and `message_id` are as the fields have them; `message_id` has angle brackets and is unique.
    ///
    /// # Errors
    /// What is wrong with a field.
    pub(crate) fn mail(&self, date: &str, message_id: &str) -> Result<Made, String> {
        let from = addresses("from", std::slice::from_ref(&self.from))?;
        let [author] = from.as_slice() else { return Err("from: it is one address".to_owned()) };
        let list = |name, written: &Option<OneOrMore>| match written {
            None => Ok(Vec::new()),
            Some(written) => addresses(name, written.names()),
        };
        let (to, cc, bcc) = (list("to", &self.to)?, list("cc", &self.cc)?, list("bcc", &self.bcc)?);
        let reply_to = list("reply-to", &self.reply_to)?;
        let mut header = HeaderBlock::default();
        header.add("Date", date);
        header.add("Message-ID", message_id);
        for (name, people) in [("From", &from), ("To", &to), ("Cc", &cc), ("Reply-To", &reply_to)] {
            if !people.is_empty() {
                header.add(name, &people.iter().map(written).collect::<Vec<_>>().join(", "));
            }
        }
        if let Some(subject) = &self.subject {
            header.add_text("Subject", subject);
        }
        if let Some(answered) = &self.in_reply_to {
            let answered = crate::message::identifier::parse_message_id(answered)
                .ok_or_else(|| format!("in-reply-to: `{answered}` is no Message-ID"))?;
            let answered = answered.trim_matches(['<', '>']);
            header.add("In-Reply-To", &format!("<{answered}>"));
            header.add("References", &format!("<{answered}>"));
        }
        header.add("MIME-Version", "1.0");
        // No line of what is base64 begins with it, and texts that have it are written in base64.
        let boundary = message_id.trim_matches(['<', '>']).replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let mail = self.body(&boundary)?.entity(header, &boundary, 0);
        let recipients = to.iter().chain(&cc).chain(&bcc).map(Mailbox::address).collect();
        Ok(Made { author: author.address(), recipients, mail: mail.to_vec() })
    }

    fn body(&self, boundary: &str) -> Result<Part, String> {
        let text = self.text.as_deref().map(|text| Part::text("plain", text, boundary));
        let html = self.html.as_deref().map(|html| Part::text("html", html, boundary));
        let body = match (text, html) {
            (text, None) => text.unwrap_or_else(|| Part::text("plain", "", boundary)),
            (None, Some(html)) => html,
            (Some(text), Some(html)) => Part::Multi("alternative", vec![text, html]),
        };
        if self.attachments.is_empty() {
            return Ok(body);
        }
        let mut parts = vec![body];
        for (number, attachment) in self.attachments.iter().enumerate() {
            parts.push(attachment.part().map_err(|why| format!("attachments[{number}]: {why}"))?);
        }
        Ok(Part::Multi("mixed", parts))
    }
}

/// A part of a mail.
enum Part {
    /// What its fields say, and what is in it, as it is or in base64.
    Single { fields: Vec<(&'static str, String)>, octets: Bytes, is_plain: bool },
    /// Several, of this subtype.
    Multi(&'static str, Vec<Self>),
}

impl Part {
    fn text(subtype: &str, text: &str, boundary: &str) -> Self {
        let lines = text.replace("\r\n", "\n").replace(['\r', '\n'], "\r\n");
        let lines = if lines.is_empty() || lines.ends_with("\r\n") { lines } else { lines + "\r\n" };
        let is_plain = lines.is_ascii()
            && !lines.contains(['\0', '\u{1b}'])
            && !lines.contains(boundary)
            && lines.split("\r\n").all(|line| line.len() <= LINE);
        let charset = if lines.is_ascii() { "us-ascii" } else { "utf-8" };
        let content_type = format!("text/{subtype}; charset={charset}");
        Self::Single { fields: vec![("Content-Type", content_type)], octets: lines.into(), is_plain }
    }

    /// The part with its header; `depth` is in how many others it is.
    fn entity(self, mut header: HeaderBlock, boundary: &str, depth: usize) -> Rope {
        let mut rope = Rope::default();
        match self {
            Self::Single { fields, octets, is_plain } => {
                for (name, value) in fields {
                    header.add(name, &value);
                }
                header.add("Content-Transfer-Encoding", if is_plain { "7bit" } else { "base64" });
                rope.push(header.to_octets());
                rope.push(b"\r\n".to_vec());
                match is_plain {
                    true => rope.push(octets),
                    false => rope.push_base64(vec![octets]),
                }
            }
            Self::Multi(subtype, parts) => {
                let own = format!("={depth}_{boundary}");
                header.add("Content-Type", &format!("multipart/{subtype}{}", parameter("boundary", &own)));
                rope.push(header.to_octets());
                for part in parts {
                    rope.push(format!("\r\n--{own}\r\n").into_bytes());
                    rope.append(part.entity(HeaderBlock::default(), boundary, depth + 1));
                }
                rope.push(format!("\r\n--{own}--\r\n").into_bytes());
            }
        }
        rope
    }
}

impl Attachment {
    fn part(&self) -> Result<Part, String> {
        let media_type = MediaType::parse(&self.media_type)
            .ok_or_else(|| format!("type: `{}` is no media type", self.media_type))?;
        let is_composite =
            ["multipart/", "message/"].iter().any(|kind| media_type.essence().starts_with(kind));
        if is_composite {
            // RFC 2045 6.4, RFC 2046 5.2.1: these are not written in base64.
            return Err(format!(
                "type: `{}` is for mails that are handed over as such",
                media_type.essence()
            ));
        }
        let octets = base64_simd::STANDARD
            .decode_to_vec(
                self.content.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect::<Vec<_>>(),
            )
            .map_err(|error| format!("content: no base64: {error}"))?;
        let name = |parameter_name| {
            self.name.as_deref().map(|name| parameter(parameter_name, name)).unwrap_or_default()
        };
        let content_type = format!("{}{}", self.media_type.trim(), name("name"));
        let disposition = format!("attachment{}", name("filename"));
        let fields = vec![("Content-Type", content_type), ("Content-Disposition", disposition)];
        Ok(Part::Single { fields, octets: octets.into(), is_plain: false })
    }
}

/// The addresses of a field.
fn addresses(name: &str, all: &[String]) -> Result<Vec<Mailbox>, String> {
    let mut found = Vec::new();
    for written in all {
        if written.chars().any(char::is_control) {
            return Err(format!("{name}: an address is written on one line"));
        }
        let read = AddressList::parse(written);
        if let Some(error) = read.errors.first() {
            return Err(format!("{name}: {error}"));
        }
        for address in read.addresses {
            match address {
                Address::Mailbox(mailbox) => found.push(mailbox),
                Address::Group { members, .. } => found.extend(members),
            }
        }
    }
    Ok(found)
}

fn written(mailbox: &Mailbox) -> String {
    match mailbox.phrase.as_str() {
        "" => mailbox.address(),
        name => format!("{} <{}>", phrase(name), mailbox.address()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};

    use super::*;
    use crate::message::Message;

    const DATE: &str = "Fri, 27 Nov 2026 12:00:00 +0000";

    fn made(form: Value) -> Result<Made, String> {
        let form: Form = serde_json::from_value(form).map_err(|error| error.to_string())?;
        form.mail(DATE, "<1.a@gw.example>")
    }

    #[test]
    fn a_form_with_everything_is_a_mail_as_any_other() {
        let made = made(json!({
            "from": "Ann \u{c4}rger <ann@a.example>", "to": ["Bob <bob@b.example>, cat@c.example"], "cc": "dan@d.example",
            "bcc": "eve@e.example", "reply-to": "ann@home.example", "subject": "Gr\u{fc}\u{df}e", "text": "Hello\n.\n",
            "html": "<p>Hell\u{f6}</p>", "in-reply-to": "<0@b.example>",
            "attachments": [{ "name": "n\u{f6}te.pdf", "type": "application/pdf", "content": "AAEC\nAwQ=" }],
        }))
        .unwrap();
        assert_eq!(made.author, "ann@a.example");
        assert_eq!(made.recipients, ["bob@b.example", "cat@c.example", "dan@d.example", "eve@e.example"]);
        insta::assert_snapshot!(String::from_utf8(made.mail.clone()).unwrap().replace("\r\n", "\n"));
        let message = Message::parse(made.mail.into());
        assert_eq!(message.defects(), []);
    }

    #[test]
    fn a_form_that_is_none_is_refused_with_the_field() {
        let ok = json!({ "from": "a@a.example", "to": "b@b.example" });
        assert!(made(ok.clone()).is_ok());
        for (name, value, said) in [
            ("from", json!("nobody"), "from: "),
            ("from", json!("a@a.example, b@b.example"), "from: it is one address"),
            ("to", json!("b@b.example\r\nX: y"), "to: an address is written on one line"),
            ("attachments", json!([{ "content": "A" }]), "attachments[0]: content: no base64"),
            ("attachments", json!([{ "type": "pdf", "content": "" }]), "attachments[0]: type: `pdf`"),
            ("attachments", json!([{ "type": "message/rfc822", "content": "" }]), "handed over as such"),
            ("in-reply-to", json!("x"), "in-reply-to: `x` is no Message-ID"),
            ("colour", json!("red"), "unknown field `colour`"),
        ] {
            let mut form = ok.clone();
            form[name] = value;
            let why = made(form).unwrap_err();
            assert!(why.contains(said), "{name}: {why}");
        }
    }
}
