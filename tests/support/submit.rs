//! The simplest of SMTP clients: a session for one small mail.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// The session ended without an answer.
#[derive(Debug)]
pub(crate) struct Cut {
    /// The whole mail had been sent: the server may have it or not.
    pub(crate) was_sent: bool,
}

/// Sends a mail from `ada` of the domain, called `<id@domain>`, to somebody; the last reply.
pub(crate) fn send(port: u16, domain: &str, id: &str, to: &str) -> Result<String, Cut> {
    let mut was_sent = false;
    conversation(port, (domain, id, to), &mut was_sent).map_err(|_| Cut { was_sent })
}

fn conversation(port: u16, (domain, id, to): (&str, &str, &str), was_sent: &mut bool) -> io::Result<String> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut stream = BufReader::new(stream);
    let before = [
        String::new(),
        format!("HELO client.{domain}\r\n"),
        format!("MAIL FROM:<ada@{domain}>\r\n"),
        format!("RCPT TO:<{to}>\r\n"),
        "DATA\r\n".to_owned(),
    ];
    for line in before {
        let reply = say(&mut stream, &line)?;
        if !reply.starts_with(['2', '3']) {
            return Ok(reply);
        }
    }
    let header = format!("Message-ID: <{id}@{domain}>\r\nFrom: ada@{domain}\r\nSubject: {id}\r\n");
    *was_sent = true;
    say(&mut stream, &format!("{header}\r\nHello\r\n.\r\n"))
}

/// Says something; the whole answer.
fn say(stream: &mut BufReader<TcpStream>, line: &str) -> io::Result<String> {
    stream.get_mut().write_all(line.as_bytes())?;
    let mut reply = String::new();
    loop {
        let start = reply.len();
        if stream.read_line(&mut reply)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if reply.as_bytes().get(start + 3) != Some(&b'-') {
            return Ok(reply);
        }
    }
}
