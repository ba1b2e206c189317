//! Connections that are cut in the middle of a message: it goes on over the next one, and the queue does not hear of it.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::*;

/// A connection to the peer that is cut after so many octets towards it, the first `cuts` times.
async fn cutting(peer: SocketAddr, cuts: usize, octets: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(peer).await.unwrap();
            let octets = if number < cuts { octets } else { usize::MAX };
            tokio::spawn(join(near, far, octets));
        }
    });
    address
}

/// Joins two connections until one ends, or so many octets went forth.
async fn join(mut near: TcpStream, mut far: TcpStream, mut octets: usize) {
    let (mut forth, mut back) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = near.read(&mut forth) => match read {
                Ok(read @ 1..) if read <= octets => {
                    octets -= read;
                    far.write_all(&forth[..read]).await.unwrap();
                }
                _ => return,
            },
            read = far.read(&mut back) => match read {
                Ok(read @ 1..) => near.write_all(&back[..read]).await.unwrap(),
                _ => return,
            },
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_cut_off_goes_on_over_the_next_association() {
    let laboratory = Laboratory::start().await;
    let mut peer = peer_at(cutting(laboratory.address, 2, 300_000).await, 1);
    peer.stack.checkpoint_size = 8;
    let pool = Pool::new(peer);
    let message = Message::new("large", Bytes::from(vec![b' '; 900_000]));
    in_time(pool.transfer(message)).await.unwrap();
    in_time(pool.close(PATIENCE * 2)).await;
    assert_eq!((laboratory.bound(), laboratory.seen.borrow().arrived), (3, 1));
}

/// Keeps what arrives.
struct Keeps(watch::Sender<Vec<Bytes>>);

impl WholeInbound for Keeps {
    async fn message(&self, _caller: &Caller, apdu: Bytes) -> Result<(), TransferRefusal> {
        self.0.send_modify(|arrived| arrived.push(apdu));
        Ok(())
    }
}

/// No connection is long enough for the message: it arrives because each goes on where the one before was cut.
// ledger: beyond T-31
#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_over_connections_that_are_all_too_short() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (arrivals, arrived) = watch::channel(Vec::new());
    let responder = Responder {
        stack: StackConfig::default(),
        settings: settings("peer", anyone()),
        maximum_associations: 8,
        maximum_message: 10 << 20,
        security: Security::default(),
        recorder: None,
        inbound: Whole::new(Keeps(arrivals)),
    };
    let (_running, shutdown) = watch::channel(false);
    tokio::spawn(responder.listen(listener, shutdown));

    let mut peer = peer_at(cutting(address, usize::MAX, 300_000).await, 1);
    peer.stack.checkpoint_size = 8;
    let pool = Pool::new(peer);
    let octets: Bytes = (0..900_000_u32).map(|at| u8::try_from((at * 7 + at / 251) % 251).unwrap()).collect();
    in_time(pool.transfer(Message::new("large", octets.clone()))).await.unwrap();
    assert!(*arrived.borrow() == [octets], "once, and whole");
}
