//! Line ends of a mail that did not come by SMTP.

use bytes::{Bytes, BytesMut};

/// The mail with CR LF at the end of every line, as SMTP carries it. Files on disk mostly end their lines with LF alone; a
/// mail that has no such line is given back as it is, without a copy.
#[must_use]
pub fn with_network_line_ends(mail: Bytes) -> Bytes {
    let bare = |at: usize| at == 0 || mail[at - 1] != b'\r';
    if !memchr::memchr_iter(b'\n', &mail).any(bare) {
        return mail;
    }
    let mut lines = BytesMut::with_capacity(mail.len() + mail.len() / 16);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', &mail).filter(|&at| bare(at)) {
        lines.extend_from_slice(&mail[start..end]);
        lines.extend_from_slice(b"\r\n");
        start = end + 1;
    }
    lines.extend_from_slice(&mail[start..]);
    lines.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_on_the_network() {
        for (given, expected) in [
            ("a\nb\n", "a\r\nb\r\n"),
            ("a\r\nb\n\n", "a\r\nb\r\n\r\n"),
            ("\n", "\r\n"),
            ("a\rb", "a\rb"),
            ("a\r\n", "a\r\n"),
            ("", ""),
        ] {
            assert_eq!(with_network_line_ends(Bytes::from(given)), expected, "{given:?}");
        }
    }
}
