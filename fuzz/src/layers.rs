//! The units of the lower layers, and the machines that speak them.

use std::time::Instant;

use bytes::Bytes;
use x400_gateway::osi::session::spdu;
use x400_gateway::osi::transport::tpdu::{self, Tpdu};
use x400_gateway::osi::{session, tpkt, transport};

use super::dice::{Dice, Outputs, packets, pieces};

/// Packets: whatever the cut, the same TPDUs and the same fault.
pub fn tpkt(octets: &[u8], dice: &mut Dice) -> bool {
    let read = |pieces: &[&[u8]]| {
        let mut decoder = tpkt::Decoder::new(tpkt::MAXIMUM_PACKET);
        let mut tpdus = Vec::new();
        for piece in pieces {
            decoder.push(piece);
            loop {
                match decoder.next_tpdu() {
                    Ok(Some(tpdu)) => tpdus.push(tpdu),
                    Ok(None) => break,
                    Err(fault) => return (tpdus, Some(fault)),
                }
            }
            assert!(decoder.buffered() <= octets.len());
        }
        (tpdus, None)
    };
    let (tpdus, fault) = read(&[octets]);
    assert_eq!(read(&pieces(octets, dice)), (tpdus.clone(), fault), "a cut changes nothing");
    let mut rest = octets;
    for tpdu in &tpdus {
        let mut header = tpkt::header(tpdu.len()).expect("what was read can be written");
        header[1] = rest[1]; // reserved
        let (packet, more) = rest.split_at(header.len() + tpdu.len());
        assert_eq!([&header, &tpdu[..]].concat(), packet, "packets are written as they were read");
        rest = more;
    }
    !tpdus.is_empty()
}

/// One TPDU: what we write of what we read is read as the same.
pub fn tpdu(octets: &[u8], _: &mut Dice) -> bool {
    let Ok(read) = tpdu::decode(&Bytes::copy_from_slice(octets)) else { return false };
    let written = match &read {
        Tpdu::ConnectionRequest(connection) => connection.encode_request(),
        Tpdu::ConnectionConfirm(connection) => connection.encode_confirm(),
        Tpdu::DisconnectRequest(request) if request.user_data.is_empty() => request.encode(),
        Tpdu::Data { end, user_data } => [&tpdu::data_header(*end)[..], user_data].concat(),
        Tpdu::DisconnectRequest(_) | Tpdu::Error { .. } => return true,
    };
    // Values that are longer than any selector lose their end.
    if octets.len() < 32 || matches!(read, Tpdu::Data { .. }) {
        assert_eq!(tpdu::decode(&written.into()), Ok(read), "what was written is read back");
    }
    true
}

/// One TSDU: what we write of what we read is read as the same.
pub fn spdu(octets: &[u8], _: &mut Dice) -> bool {
    let Ok(read) = spdu::decode(&Bytes::copy_from_slice(octets)) else { return false };
    let mut written = read.leading.as_ref().map(spdu::Leading::encode).unwrap_or_default();
    written.extend(read.spdu.as_ref().map(spdu::Spdu::encode).unwrap_or_default());
    if let Some(spdu::Spdu::Data { user_data, .. }) = &read.spdu {
        written.extend(user_data);
    }
    assert_eq!(spdu::decode(&written.into()), Ok(read), "what was written is read back");
    true
}

pub fn transport_responder(octets: &[u8], dice: &mut Dice) -> bool {
    transport(transport::Connection::responder(transport::Config::default(), Instant::now()), octets, dice)
}

pub fn transport_initiator(octets: &[u8], dice: &mut Dice) -> bool {
    let selectors = transport::Selectors::default();
    let mut connection = transport::Connection::initiator(transport::Config::default(), selectors);
    connection.request(transport::Request::Connect, Instant::now()).unwrap();
    transport(connection, octets, dice)
}

/// The decoder of packets alone, then the connection. Taken is what the packets are of.
fn transport(mut connection: transport::Connection, octets: &[u8], dice: &mut Dice) -> bool {
    let now = Instant::now();
    let mut outputs = Outputs::for_octets(octets.len());
    let mut decoder = tpkt::Decoder::new(tpkt::MAXIMUM_PACKET);
    let mut taken = false;
    for piece in pieces(octets, dice) {
        decoder.push(piece);
        while let Ok(Some(_)) = decoder.next_tpdu() {
            outputs.count();
            taken = true;
        }
        let result = connection.receive(piece, now);
        while let Some(output) = connection.poll() {
            outputs.count();
            if matches!(output, transport::Output::Up(transport::Indication::Connect { .. })) {
                let _ = connection.request(transport::Request::Accept, now);
            }
        }
        assert!(connection.buffered() <= octets.len());
        if result.is_err() {
            break;
        }
    }
    taken
}

pub fn session_responder(octets: &[u8], _: &mut Dice) -> bool {
    let now = Instant::now();
    let mut connection = session::Connection::responder(session::Config::default());
    let indication =
        transport::Indication::Connect { selectors: transport::Selectors::default(), tpdu_size: 2048 };
    connection.receive(indication, now).unwrap();
    session(connection, octets)
}

pub fn session_initiator(octets: &[u8], _: &mut Dice) -> bool {
    let now = Instant::now();
    let mut connection = session::Connection::initiator(session::Config::default());
    connection.request(session::Request::Connect(session::Connect::default()), now).unwrap();
    connection.receive(transport::Indication::Confirm { tpdu_size: 2048 }, now).unwrap();
    session(connection, octets)
}

/// One TSDU for each packet. Taken is what connects.
fn session(mut connection: session::Connection, octets: &[u8]) -> bool {
    let now = Instant::now();
    let mut outputs = Outputs::for_octets(octets.len());
    let mut taken = false;
    for packet in packets(octets) {
        let tsdu = Bytes::copy_from_slice(packet.get(7..).unwrap_or_default());
        let _ = connection.receive(transport::Indication::Data(tsdu), now);
        while let Some(output) = connection.poll() {
            outputs.count();
            let session::Output::Up(indication) = output else { continue };
            taken |= matches!(
                indication,
                session::Indication::Connect(_) | session::Indication::ConnectConfirm(_)
            );
            if let Some(request) = session_answer(indication) {
                // It may not fit any more.
                let _ = connection.request(request, now);
            }
        }
        assert!(connection.buffered() <= octets.len());
    }
    taken
}

/// The session user agrees to everything.
fn session_answer(indication: session::Indication) -> Option<session::Request> {
    use session::{Indication as I, Request as R};
    let user_data = Bytes::new();
    Some(match indication {
        I::Connect(_) => R::ConnectResponse(session::ConnectResponse::Accept(session::Accept::default())),
        I::TokenPlease { .. } => R::TokenGive,
        I::TokenGive => {
            let id = session::ActivityId::new(Bytes::from_static(&[1]))?;
            R::ActivityStart { id, user_data }
        }
        I::Release { .. } => R::ReleaseResponse { user_data },
        I::SyncMinor { serial, .. } => R::SyncMinorResponse { serial, user_data },
        I::ActivityInterrupt { .. } => R::ActivityInterruptResponse,
        I::ActivityDiscard { .. } => R::ActivityDiscardResponse,
        I::ActivityEnd { .. } => R::ActivityEndResponse { user_data },
        I::ExceptionReport { .. } => R::ActivityDiscard { reason: None },
        _ => return None,
    })
}
