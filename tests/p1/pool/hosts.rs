//! Hosts that do not answer, hosts that stand in for them, and associations that are open always.

use super::*;

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

fn quick() -> BackOff {
    BackOff { first: Duration::from_millis(20), longest: Duration::from_millis(40), ..BackOff::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_stands_in_and_the_first_is_gone_back_to() {
    let mut stand_in = Laboratory::start().await;
    let first = nobody().await;
    let mut peer = peer_at(first, 2);
    peer.hosts.push(stand_in.address.to_string());
    peer.policy.back_off = quick();
    let pool = Pool::new(peer);
    transfer(&pool, "secure").await.unwrap();
    assert_eq!((stand_in.bound(), stand_in.seen.borrow().arrived), (1, 1));

    let mut back = Laboratory::at(first).await;
    back.sees(|seen| seen.bound == 1).await;
    stand_in.sees(|seen| seen.endings == ["closed"]).await;
    transfer(&pool, "secure").await.unwrap();
    assert_eq!((back.seen.borrow().arrived, stand_in.seen.borrow().arrived), (1, 1));
    in_time(pool.close(PATIENCE * 2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_rests_is_not_tried_and_says_for_how_long() {
    let mut peer = peer_at(nobody().await, 1);
    peer.policy.back_off = BackOff { first: PATIENCE, longest: PATIENCE, ..BackOff::default() };
    let pool = Pool::new(peer);
    for _ in 0..3 {
        let error = transfer(&pool, "secure").await.unwrap_err();
        assert_eq!(in_words(&Err(error.clone())), "no association");
        let TransferError::NoAssociation { wait: Some(wait), .. } = error else { panic!("{error:?}") };
        assert!(wait <= PATIENCE && wait > Duration::ZERO, "{wait:?}");
        assert_eq!(in_words(&pool.would_take("another")), "no association");
        assert_eq!(pool.state().hosts[0].1.failures, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn permanent_associations_are_open_before_there_is_work_and_after_they_were_lost() {
    let mut laboratory = Laboratory::start().await;
    let mut peer = peer_at(laboratory.address, 2);
    peer.policy.minimum = 2;
    peer.policy.idle = Duration::ZERO;
    peer.policy.back_off = quick();
    let pool = Pool::new(peer);
    laboratory.sees(|seen| seen.bound == 2).await;
    assert_eq!(outcomes(vec![hand_over(&pool, "die").await]).await, ["not taken, try again"]);
    laboratory.sees(|seen| seen.bound == 2 + 3).await;
    transfer(&pool, "secure").await.unwrap();
    in_time(pool.close(PATIENCE * 2)).await;
    // One that is bound at the peer may not have heard of it here yet, and is aborted then instead of closed.
    laboratory.sees(|seen| seen.endings.len() == 2).await;
}
