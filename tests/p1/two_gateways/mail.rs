//! The mails of a run, the client that submits them, and what must come of each.

use std::net::SocketAddr;
use std::sync::Arc;

use rasn_x400::x411::envelope::Priority;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::proxy::Dice;

/// How large the mails of a run are: how many of each size, in octets of what they carry.
pub(crate) type Sizes = &'static [(usize, usize)];

/// Carried as text up to this size, as an attachment beyond.
const LONGEST_TEXT: usize = 10_000;
/// Every so many mails are urgent, and as many may wait.
const PRIORITY_EVERY: usize = 7;

/// One mail.
pub(crate) struct Mail {
    /// What people call it.
    pub(crate) name: String,
    from: String,
    recipients: Vec<String>,
    pub(crate) priority: Priority,
    /// What it carries; must arrive as it is.
    pub(crate) carried: Vec<u8>,
}

/// The mails from one domain to the other, the sizes well mixed.
pub(crate) fn mails(from: &str, to: &str, sizes: Sizes, dice: &mut Dice) -> Vec<Arc<Mail>> {
    let mut lengths: Vec<usize> =
        sizes.iter().flat_map(|(count, octets)| std::iter::repeat_n(*octets, *count)).collect();
    for place in (1..lengths.len()).rev() {
        lengths.swap(place, usize::try_from(dice.roll(place as u64 + 1)).unwrap());
    }
    let mail = |(number, length): (usize, usize)| Mail {
        name: format!("mail {number} from {from}, {length} octets"),
        from: format!("sender{number}@{from}.example"),
        recipients: (0..=number % 4).map(|place| format!("r{number}n{place}@{to}.example")).collect(),
        priority: match number % PRIORITY_EVERY {
            1 => Priority::URGENT,
            2 => Priority::NON_URGENT,
            _ => Priority::NORMAL,
        },
        carried: if length > LONGEST_TEXT { noise(length, dice) } else { text(length, dice) },
    };
    lengths.into_iter().enumerate().map(mail).map(Arc::new).collect()
}

fn noise(length: usize, dice: &mut Dice) -> Vec<u8> {
    let mut octets = Vec::with_capacity(length + 8);
    while octets.len() < length {
        octets.extend_from_slice(&dice.roll(1 << 48).to_be_bytes()[2..]);
    }
    octets.truncate(length);
    octets
}

/// Lines of hexadecimal digits.
fn text(length: usize, dice: &mut Dice) -> Vec<u8> {
    let mut text = String::with_capacity(length + 100);
    while text.len() < length {
        (0..5).for_each(|_| text.push_str(&format!("{:012x}", dice.roll(1 << 48))));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

impl Mail {
    /// The O/R addresses that the other side answers for.
    pub(crate) fn or_addresses(&self, domain: &str) -> Vec<String> {
        let local = |address: &String| address.split('@').next().unwrap().to_owned();
        self.recipients
            .iter()
            .map(|address| format!("/S={}/PRMD={domain}/ADMD=x/C=XX/", local(address)))
            .collect()
    }

    fn octets(&self) -> Vec<u8> {
        let priority = match self.priority {
            Priority::URGENT => "Priority: urgent\r\n",
            Priority::NON_URGENT => "Priority: non-urgent\r\n",
            _ => "",
        };
        let header = format!(
            "From: {}\r\nTo: {}\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nSubject: {}\r\n{priority}MIME-Version: 1.0\r\n",
            self.from,
            self.recipients.join(",\r\n "),
            self.name,
        );
        if self.carried.len() <= LONGEST_TEXT + 100 && self.carried.is_ascii() {
            let header = format!("{header}Content-Type: text/plain; charset=us-ascii\r\n\r\n");
            return [header.as_bytes(), &self.carried].concat();
        }
        let header = format!(
            "{header}Content-Type: application/octet-stream; name=noise\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        );
        let lines = self.carried.chunks(57);
        let encoded = lines.flat_map(|line| [base64_simd::STANDARD.encode_to_string(line), "\r\n".into()]);
        [header, encoded.collect()].concat().into_bytes()
    }
}

/// Submits mails over one session; gives each with the name that it has in the queue.
pub(crate) async fn submit(server: SocketAddr, mails: Vec<Arc<Mail>>) -> Vec<(String, Arc<Mail>)> {
    let mut session = Session(BufReader::new(TcpStream::connect(server).await.unwrap()));
    session.expect("220").await;
    session.say("EHLO client.example\r\n", "250").await;
    let mut named = Vec::with_capacity(mails.len());
    for mail in mails {
        session.say(&format!("MAIL FROM:<{}>\r\n", mail.from), "250").await;
        for recipient in &mail.recipients {
            session.say(&format!("RCPT TO:<{recipient}>\r\n"), "250").await;
        }
        session.say("DATA\r\n", "354").await;
        session.0.get_mut().write_all(&mail.octets()).await.unwrap();
        let reply = session.say(".\r\n", "250").await;
        named.push((reply.trim_end().rsplit(' ').next().unwrap().to_owned(), mail));
    }
    session.say("QUIT\r\n", "221").await;
    named
}

struct Session(BufReader<TcpStream>);

impl Session {
    async fn say(&mut self, line: &str, code: &str) -> String {
        self.0.get_mut().write_all(line.as_bytes()).await.unwrap();
        self.expect(code).await
    }

    /// The last line of a reply with this code.
    async fn expect(&mut self, code: &str) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            assert!(line.starts_with(code), "{code} expected: {line}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }
}
