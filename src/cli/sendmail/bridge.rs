//! `-bs`: the caller speaks SMTP with the gateway, over standard input and output.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

/// Octets that are passed on at once.
const PIECE: usize = 64 << 10;

/// Passes on what both say until the gateway has hung up.
///
/// # Errors
/// The connection broke.
pub(super) fn run(stream: &TcpStream) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let to_gateway = stream.try_clone()?;
    // The caller may stay silent after the gateway hung up, so nobody waits for this thread.
    std::thread::Builder::new().name("caller".to_owned()).spawn(move || {
        // What goes wrong here, the gateway notices.
        let _ = commands(io::stdin().lock(), &to_gateway);
        let _ = to_gateway.shutdown(Shutdown::Write);
    })?;
    let mut from_gateway = stream;
    let mut piece = vec![0; PIECE];
    loop {
        let count = match from_gateway.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        output.write_all(piece.get(..count).unwrap_or_default())?;
        output.flush()?;
    }
}

/// Passes on what the caller says. One whose first line ends with LF alone means CR LF by that, from then on.
fn commands(mut input: impl Read, mut gateway: impl Write) -> io::Result<()> {
    let mut ends = Ends::default();
    let (mut piece, mut out) = (vec![0; PIECE], Vec::new());
    loop {
        let count = match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        out.clear();
        ends.pass(piece.get(..count).unwrap_or_default(), &mut out);
        gateway.write_all(&out)?;
        gateway.flush()?;
    }
}

/// How the caller ends lines.
#[derive(Debug, Default)]
struct Ends {
    /// With LF alone; unknown before the first line has ended.
    are_bare: Option<bool>,
    after_cr: bool,
}

impl Ends {
    fn pass(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        for octet in octets {
            if *octet == b'\n' {
                let is_bare = *self.are_bare.get_or_insert(!self.after_cr);
                if is_bare && !self.after_cr {
                    out.push(b'\r');
                }
            }
            self.after_cr = *octet == b'\r';
            out.push(*octet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_how_lines_end() {
        for (said, expected) in [
            (&b"EHLO a\r\nx\ny\r\n"[..], &b"EHLO a\r\nx\ny\r\n"[..]),
            (b"EHLO a\nx\r\ny\n", b"EHLO a\r\nx\r\ny\r\n"),
            (b"QUIT", b"QUIT"),
        ] {
            let (mut ends, mut out) = (Ends::default(), Vec::new());
            said.chunks(1).for_each(|octet| ends.pass(octet, &mut out));
            assert_eq!(out, expected);
        }
    }
}
