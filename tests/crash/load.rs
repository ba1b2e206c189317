//! Killed at random while mail flows.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::chain::{Chain, Heard};
use crate::program::in_time;

/// Clients at the same time.
const CLIENTS: usize = 4;
/// Between two mails of one of them.
const PAUSE: Duration = Duration::from_millis(40);

/// A mail: how often it was sent and no answer was heard, before it was accepted.
type Sent = BTreeMap<String, usize>;

/// Kills one of the gateways so many times and starts it again; a client whose mail is not accepted sends it again, as mail
/// servers do.
pub(crate) fn at_random(kills: usize, seed: u64) {
    let chain = Chain::new();
    let is_over = AtomicBool::new(false);
    let mut random = seed;
    let mut killed = [0, 0];
    let (sent, gateways) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn({
                    let (chain, is_over) = (&chain, &is_over);
                    move || send(client, chain, is_over)
                })
            })
            .collect();
        let mut near = chain.near.start();
        let mut far = chain.far.start();
        for _ in 0..kills {
            // xorshift: the same seed gives the same order of kills, if not the same times.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            thread::sleep(Duration::from_millis(20 + (random >> 8) % 150));
            if random.is_multiple_of(2) {
                near.kill();
                near = chain.near.start();
                killed[0] += 1;
            } else {
                far.kill();
                far = chain.far.start();
                killed[1] += 1;
            }
        }
        is_over.store(true, Ordering::Relaxed);
        let sent: Sent = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        (sent, (near, far))
    });
    let lost = || sent.keys().filter(|id| chain.sink.count(id) == 0).count();
    assert!(in_time(|| lost() == 0), "{} of {} lost, seed {seed}", lost(), sent.len());
    drop(gateways);

    let mut copies: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for copy in chain.sink.copies() {
        *copies.entry(copy.id).or_default().entry(copy.mts_identifier).or_default() += 1;
    }
    let mut again = [0, 0];
    for (id, by_identifier) in &copies {
        let submissions = 1 + sent[id];
        assert!(by_identifier.len() <= submissions, "{id}: sent {submissions} times, {by_identifier:?}");
        again[0] += by_identifier.len() - 1;
        again[1] += by_identifier.values().map(|count| count - 1).sum::<usize>();
    }
    assert!(again[1] <= killed[1] * CLIENTS, "more were sent again than sessions were cut: {}", again[1]);
    println!(
        "at random: near killed {} times, far {} times; {} mails accepted, all arrived; {} a second time because the client sent it \
         again without having heard an answer, {} because the gateway had not (under the same MTS identifier)",
        killed[0],
        killed[1],
        sent.len(),
        again[0],
        again[1]
    );
}

fn send(client: usize, chain: &Chain, is_over: &AtomicBool) -> Sent {
    let mut sent = Sent::new();
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let id = format!("{client}.{number}");
        let mut unanswered = 0;
        loop {
            match chain.submit(&id) {
                Heard::Accepted => break,
                Heard::Nothing => unanswered += 1,
                Heard::NotSent => {}
            }
            thread::sleep(Duration::from_millis(20));
        }
        sent.insert(id, unanswered);
        thread::sleep(PAUSE);
    }
    sent
}
