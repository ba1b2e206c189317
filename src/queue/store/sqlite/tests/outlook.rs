//! What is claimed without a look at the rows is what a look would give.

use proptest::prelude::*;

use super::*;
use crate::queue::store::operation::{Event, Hold, Operation};

/// What happens to the queue; entries are named by the order in which they came, times are minutes.
#[derive(Debug, Clone)]
enum Happening {
    Come { urgency: usize, due_in: i64, octets: usize },
    Claim { limit: usize },
    Done { which: usize },
    Deferred { which: usize, minutes: i64 },
    Hold { which: usize },
    Release { which: usize },
    Retry { which: usize },
    GiveBack { which: usize },
    Later { minutes: i64 },
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    use Happening::*;
    let which = 0..8_usize;
    let one = prop_oneof![
        6 => (0..3_usize, prop_oneof![4 => Just(0_i64), 1 => -2..3_i64], prop_oneof![4 => Just(10_usize), 1 => Just(3_000)])
            .prop_map(|(urgency, due_in, octets)| Come { urgency, due_in, octets }),
        6 => (1..4_usize).prop_map(|limit| Claim { limit }),
        4 => which.clone().prop_map(|which| Done { which }),
        2 => (which.clone(), 1..4_i64).prop_map(|(which, minutes)| Deferred { which, minutes }),
        1 => which.clone().prop_map(|which| Hold { which }),
        1 => which.clone().prop_map(|which| Release { which }),
        1 => which.clone().prop_map(|which| Retry { which }),
        1 => which.prop_map(|which| GiveBack { which }),
        2 => prop_oneof![Just(-1_i64), 1..3_i64].prop_map(|minutes| Later { minutes }),
    ];
    prop::collection::vec(one, 1..40)
}

/// Lets it all happen; gives what each claim gave, and when to look again. One store always looks at its rows.
async fn claims(happenings: &[Happening], always_looks: bool) -> Vec<(Vec<QueueId>, Option<OffsetDateTime>)> {
    let folder = TempDir::new().unwrap();
    let options = Options { recent_limit: 8_000, ..Options::default() };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    let (mut ids, mut minute, mut found) = (Vec::new(), 0, Vec::new());
    let event = || Event { kind: "test".into(), who: None, detail: serde_json::Value::Null };
    for happening in happenings {
        let now = at(minute);
        let named = |which: &usize| {
            let last = ids.len().checked_sub(1)?;
            ids.get(last.saturating_sub(*which)).copied()
        };
        let operation = match happening {
            Happening::Come { urgency, due_in, octets } => {
                let mut entry = message(ids.len() as u64, *octets);
                entry.urgency = Urgency::ALL[*urgency];
                entry.received_at = at(minute + due_in);
                ids.push(entry.id);
                store.insert(entry).await.unwrap();
                continue;
            }
            Happening::Claim { limit } => {
                if always_looks {
                    store.shared.held().forget_outlook();
                }
                let Claim { entries, next_due } = store.claim(*limit, 3 * MINUTE, now).await.unwrap();
                found.push((entries.iter().map(|entry| entry.id).collect(), next_due));
                continue;
            }
            Happening::Later { minutes } => {
                minute += minutes;
                continue;
            }
            Happening::Done { which } => {
                if let Some(id) = named(which) {
                    let _ = store.record(id, vec![transferred(1)], now).await;
                }
                continue;
            }
            Happening::Deferred { which, minutes } => {
                if let Some(id) = named(which) {
                    let _ = store.record(id, vec![deferred(1, at(minute + minutes))], now).await;
                }
                continue;
            }
            Happening::GiveBack { which } => {
                if let Some(id) = named(which) {
                    store.give_back(id);
                }
                continue;
            }
            Happening::Hold { which } => {
                (which, Operation::Hold(Hold { reason: "a test".into(), rule: None }))
            }
            Happening::Release { which } => (which, Operation::Release { exempt: false }),
            Happening::Retry { which } => (which, Operation::Retry),
        };
        if let Some(id) = named(operation.0) {
            store.operate(id, operation.1, event(), now).await.unwrap();
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_same_is_claimed_with_a_look_and_without(happenings in happenings()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (with, without) = runtime.block_on(async {
            (claims(&happenings, true).await, claims(&happenings, false).await)
        });
        prop_assert_eq!(with.len(), without.len());
        for ((ids, next), (found, again)) in with.into_iter().zip(without) {
            prop_assert_eq!(found, ids);
            // Too soon does no harm.
            prop_assert!(next.is_none_or(|next| again.is_some_and(|again| again <= next)), "{:?} {:?}", next, again);
        }
    }
}

/// A look is not needed as long as messages come and go.
#[tokio::test]
async fn what_comes_and_goes_needs_no_look() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    assert!(claim(&store, NOON).await.is_empty());
    let looks = store.shared.held().looks;
    for number in 1..10 {
        store.insert(message(number, 10)).await.unwrap();
        assert_eq!(claim(&store, NOON).await.len(), 1);
        store.record(message(number, 0).id, vec![transferred(1)], NOON).await.unwrap();
    }
    assert_eq!(store.shared.held().looks, looks);
    store.insert(message(10, 10)).await.unwrap();
    assert_eq!(claim(&store, NOON).await.len(), 1);
    store.record(message(10, 0).id, vec![deferred(1, at(5))], NOON).await.unwrap();
    assert!(claim(&store, at(4)).await.is_empty());
    assert_eq!(store.shared.held().looks, looks + 1);
    assert_eq!(claim(&store, at(5)).await.len(), 1);
    assert_eq!(store.shared.held().looks, looks + 2);
}
