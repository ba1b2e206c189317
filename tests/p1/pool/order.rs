//! Who goes first, and who waits for nobody.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn urgent_messages_overtake() {
    let mut laboratory = Laboratory::start().await;
    let pool = laboratory.pool(1);
    let first = hand_over(&pool, "hold").await;
    laboratory.sees(|seen| seen.held == 1).await;
    let mut behind = Vec::new();
    for (text, priority) in [
        ("slow", Priority::NonUrgent),
        ("usual", Priority::Normal),
        ("fast", Priority::Urgent),
        ("fast too", Priority::Urgent),
    ] {
        behind.push(hand_over_as(&pool, text, text, priority).await);
    }
    laboratory.gate.add_permits(1);
    assert_eq!(outcomes(vec![first]).await, ["secured"]);
    assert_eq!(outcomes(behind).await, ["secured"; 4]);
    assert_eq!(laboratory.seen.borrow().order, ["hold", "fast", "fast too", "usual", "slow"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_message_does_not_wait_for_one_that_is_under_way() {
    let mut laboratory = Laboratory::start().await;
    let mut peer = peer_at(laboratory.address, 1);
    peer.policy.urgent_association = true;
    let pool = Pool::new(peer);
    let held = hand_over(&pool, "hold").await;
    laboratory.sees(|seen| seen.held == 1).await;
    let urgent = hand_over_as(&pool, "urgent", "secure", Priority::Urgent).await;
    assert_eq!(outcomes(vec![urgent]).await, ["secured"]);
    assert_eq!(laboratory.bound(), 2);
    laboratory.gate.add_permits(1);
    assert_eq!(outcomes(vec![held]).await, ["secured"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_messages_do_not_hold_up_small_ones() {
    let mut laboratory = Laboratory::start().await;
    let mut peer = peer_at(laboratory.address, 2);
    peer.policy.large = 100;
    let pool = Pool::new(peer);
    let large: &'static str = Box::leak(format!("hold{}", " ".repeat(100)).into_boxed_str());
    let held = hand_over_all(&pool, &[large; 3]).await;
    laboratory.sees(|seen| seen.held == 1).await;
    let small = hand_over_all(&pool, &["secure"; 5]).await;
    assert_eq!(outcomes(small).await, ["secured"; 5]);
    assert_eq!(laboratory.seen.borrow().held, 1);
    laboratory.gate.add_permits(3);
    assert_eq!(outcomes(held).await, ["secured"; 3]);
    assert_eq!(laboratory.bound(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_under_way_once_at_a_time() {
    let mut laboratory = Laboratory::start().await;
    let pool = laboratory.pool(2);
    let first = hand_over_as(&pool, "one", "hold", Priority::Normal).await;
    laboratory.sees(|seen| seen.held == 1).await;
    let again = hand_over_as(&pool, "one", "hold", Priority::Normal).await;
    assert_eq!(outcomes(vec![again]).await, ["not taken, try again"]);
    // Nobody waits for it any more, and still it is under way.
    drop(first);
    let again = hand_over_as(&pool, "one", "hold", Priority::Normal).await;
    assert_eq!(outcomes(vec![again]).await, ["not taken, try again"]);
    laboratory.gate.add_permits(1);
    in_time(pool.close(PATIENCE * 2)).await;
    assert_eq!(laboratory.seen.borrow().arrived, 1);
}
