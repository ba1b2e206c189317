//! Name servers that do not answer.

use std::net::UdpSocket;

use crate::chain::{Chain, Heard, NEAR, Setting};
use crate::faults::Behaviour;
use crate::name_server::{NameServer, unused};
use crate::program::in_time;
use crate::sink::Sink;

/// The name server of the gateway that sends to the Internet is silent, and answers later.
pub(crate) fn that_do_not_answer() -> Behaviour {
    let sink = Sink::start();
    // Others may take it in between.
    let silent = (0..10).find_map(|_| UdpSocket::bind(unused()).ok()).unwrap();
    let address = silent.local_addr().unwrap();
    let internet = format!("dns = [\"{address}\"]\nport = {}\nfirst-reconnect = \"1s\"", sink.port);
    let zone = "$TTL 60\n@ IN SOA ns.far.example. root.far.example. 1 60 60 60 60\n@ IN NS ns\nns IN A 127.0.0.1\n\
                @ IN MX 10 mail\nmail IN A 127.0.0.1\n";
    let chain = Chain::with(sink, NEAR, Setting { internet: &internet, ..NEAR });
    let (near, far) = (chain.near.start(), chain.far.start());
    assert_eq!(chain.submit("nameless"), Heard::Accepted);
    assert!(in_time(|| chain.far.log().contains("deferred")), "{}", chain.logs());
    assert_eq!(chain.sink.count("nameless"), 0);
    let waiting = chain.far.queue();
    let why =
        waiting.iter().find_map(|entry| entry["recipients"][0]["last-error"].as_str()).unwrap_or_default();
    let why = why.to_owned();
    drop(silent);
    let name_server = NameServer::start_at(address, &[("far.example", zone.to_owned())]);
    chain.all_arrive(&["nameless"], "names");
    drop((near, far, name_server));
    Behaviour {
        fault: "DNS: no answer".to_owned(),
        meanwhile: format!("mail waits: {why}"),
        afterwards: "it arrives, once".to_owned(),
    }
}
