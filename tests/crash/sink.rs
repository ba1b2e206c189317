//! A mail server that says yes to everything and notes what it got.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A copy of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copy {
    /// `Message-ID`, before the `@`.
    pub(crate) id: String,
    /// `X400-MTS-Identifier`, the same for what is the same to X.400.
    pub(crate) mts_identifier: String,
}

pub(crate) struct Sink {
    pub(crate) port: u16,
    copies: Arc<Mutex<Vec<Copy>>>,
}

impl Sink {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let copies = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&copies);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let noted = Arc::clone(&noted);
                // A gateway that is killed cuts the session: no more is to be said of it.
                thread::spawn(move || drop(session(stream, &noted)));
            }
        });
        Self { port, copies }
    }

    /// For the table `[internet]` of a gateway that sends everything here.
    pub(crate) fn as_smarthost(&self) -> String {
        format!("smarthost = \"127.0.0.1:{}\"\nfirst-reconnect = \"1s\"", self.port)
    }

    pub(crate) fn copies(&self) -> Vec<Copy> {
        self.copies.lock().unwrap().clone()
    }

    /// How many there are of this mail.
    pub(crate) fn count(&self, id: &str) -> usize {
        self.copies.lock().unwrap().iter().filter(|copy| copy.id == id).count()
    }
}

fn session(stream: TcpStream, noted: &Mutex<Vec<Copy>>) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    writer.write_all(b"220 sink.example\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let reply = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-sink.example\r\n250 PIPELINING\r\n",
            "DATA" => {
                writer.write_all(b"354 go on\r\n")?;
                let copy = read(&mut lines)?;
                noted.lock().unwrap().push(copy);
                "250 2.0.0 taken\r\n"
            }
            "QUIT" => "221 2.0.0 bye\r\n",
            _ => "250 2.0.0 fine\r\n",
        };
        writer.write_all(reply.as_bytes())?;
    }
    Ok(())
}

/// What of a mail is noted, up to the final dot.
fn read(lines: &mut impl Iterator<Item = io::Result<String>>) -> io::Result<Copy> {
    let mut copy = Copy { id: String::new(), mts_identifier: String::new() };
    for line in lines {
        let line = line?;
        if line == "." {
            return Ok(copy);
        }
        match line.split_once(": ") {
            Some(("Message-ID" | "Message-Id", value)) => {
                let inside = value.trim_start_matches('<');
                copy.id = inside.split_once('@').map_or(inside, |(local, _)| local).to_owned();
            }
            Some(("X400-MTS-Identifier", value)) => copy.mts_identifier = value.to_owned(),
            _ => {}
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
