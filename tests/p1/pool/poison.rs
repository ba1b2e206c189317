//! A message that ends every association it travels on takes no other message with it, and is given up at last.

use super::*;

fn isolation() -> Isolation {
    Isolation { after: 2, attempts: 2, first: Duration::ZERO, longest: Duration::ZERO }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_message_does_not_hold_up_the_others_and_is_given_up() {
    let laboratory = Laboratory::start().await;
    let mut peer = peer_at(laboratory.address, 2);
    peer.policy.isolation = isolation();
    let pool = Pool::new(peer);
    let mut attempts = Vec::new();
    while attempts.len() < 10 && attempts.last() != Some(&"not taken for good") {
        let bad = hand_over_as(&pool, "bad", "die", Priority::Urgent).await;
        let good = hand_over_all(&pool, &["secure"; 10]).await;
        attempts.extend(outcomes(vec![bad]).await);
        assert_eq!(outcomes(good).await, ["secured"; 10], "attempt {}", attempts.len());
    }
    let again = "not taken, try again";
    assert_eq!(attempts, [again, again, "not taken for good"]);
    let order = laboratory.seen.borrow().order.clone();
    let count = |text: &str| order.iter().filter(|arrived| *arrived == text).count();
    assert_eq!(count("die"), 3 + 1 + 1, "until it was suspected, and twice alone");
    assert_eq!(count("secure"), 10 * attempts.len(), "each good one once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_message_that_is_given_up_is_told() {
    let laboratory = Laboratory::start().await;
    let mut peer = peer_at(laboratory.address, 1);
    peer.policy.isolation = Isolation { after: 0, attempts: 1, ..isolation() };
    let pool = Pool::new(peer);
    let mut last = Ok(());
    for _ in 0..2 {
        last = in_time(hand_over_as(&pool, "bad", "die", Priority::Normal).await).await;
        transfer(&pool, "secure").await.unwrap();
    }
    let Err(TransferError::NotTaken { why, retry: false, .. }) = last else { panic!("{last:?}") };
    assert!(why.starts_with("2 associations ended under this message, the last: "), "{why}");
}
