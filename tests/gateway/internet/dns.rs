//! A DNS server that knows the MX of some domains, and that every host `….example` but some has the address 127.0.0.1.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, MX};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
}

type Exchanges = Vec<(u16, Name)>;

impl Server {
    /// `first.example` and `nowhere.example` do not exist.
    pub(crate) async fn start(zones: &[(&str, &[(u16, &str)])]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let name =
            |text: &str| Name::from_ascii(if text == "." { ".".into() } else { format!("{text}.") }).unwrap();
        let zones: BTreeMap<Name, Exchanges> = zones
            .iter()
            .map(|(domain, hosts)| {
                (name(domain), hosts.iter().map(|(preference, host)| (*preference, name(host))).collect())
            })
            .collect();
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let Ok(query) = Message::from_vec(&buffer[..length]) else { continue };
                let answer = answer(&query, &zones);
                let _ = socket.send_to(&answer.to_vec().unwrap(), from).await;
            }
        });
        Self { address }
    }
}

fn answer(query: &Message, zones: &BTreeMap<Name, Exchanges>) -> Message {
    let mut answer = Message::new(query.metadata.id, MessageType::Response, OpCode::Query);
    answer.metadata.recursion_available = true;
    for question in &query.queries {
        answer.add_query(question.clone());
        let name = question.name().to_lowercase();
        let text = name.to_ascii();
        if text == "first.example." || text == "nowhere.example." {
            answer.metadata.response_code = ResponseCode::NXDomain;
            continue;
        }
        match question.query_type() {
            RecordType::MX => {
                for (preference, host) in zones.get(&name).into_iter().flatten() {
                    let mx = RData::MX(MX::new(*preference, host.clone()));
                    answer.add_answer(Record::from_rdata(name.clone(), 60, mx));
                }
            }
            RecordType::A => {
                let a = RData::A(A::new(127, 0, 0, 1));
                answer.add_answer(Record::from_rdata(name.clone(), 60, a));
            }
            _ => {}
        }
    }
    answer
}
