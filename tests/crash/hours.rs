//! Clocks that are set, and a peer that is away for a day.

use std::time::Duration;

use crate::chain::{Chain, Heard, NEAR, Setting};
use crate::clock::Clock;
use crate::faults::Behaviour;
use crate::program::{Gateway, in_time};
use crate::sink::Sink;

const DAY: f64 = 24.0 * 60.0 * 60.0;

/// Somebody sets the clock a day forward, and then two days back, while mail waits for a peer that is away.
pub(crate) fn of_a_clock_that_is_set() -> Behaviour {
    let chain = Chain::new();
    let clock = Clock::new(&chain.near.folder);
    let near = Gateway::start_with(&chain.near.folder, chain.near.smtp, clock.environment());
    let deferrals = || chain.near.log().matches("deferred").count();
    for (id, off) in [("before", 0.0), ("a day later", DAY), ("a day earlier", -DAY)] {
        clock.set_off(off);
        assert_eq!(chain.submit(&id.replace(' ', "-")), Heard::Accepted, "{}", chain.logs());
        let had = deferrals();
        assert!(in_time(|| deferrals() > had + 1), "{}", chain.logs());
    }
    let far = chain.far.start();
    chain.all_arrive(&["before", "a-day-later", "a-day-earlier"], "clock");
    drop((near, far));
    Behaviour {
        fault: "clock: set a day forward, then two days back".to_owned(),
        meanwhile: "mail is accepted; what waits is tried as before".to_owned(),
        afterwards: "all that was accepted arrives, once".to_owned(),
    }
}

/// A peer that is away for a day of a clock that is in a hurry.
pub(crate) fn of_a_peer_that_is_away() -> Behaviour {
    const HURRY: f64 = 4_000.0;
    let sink = Sink::start();
    let smarthost = sink.as_smarthost();
    // With the schedule that operators get who say nothing of it.
    let chain = Chain::with(sink, Setting { tables: "", ..NEAR }, Setting { internet: &smarthost, ..NEAR });
    let clock = Clock::new(&chain.near.folder);
    let near = Gateway::start_with(&chain.near.folder, chain.near.smtp, clock.environment());
    assert_eq!(chain.submit("patient"), Heard::Accepted);
    clock.run(HURRY);
    std::thread::sleep(Duration::from_secs_f64(DAY / HURRY));
    clock.run(200.0);
    let attempts = chain.near.log().matches("transferring").count();
    // Soon at first, later every quarter of an hour; on a busy machine an attempt takes minutes of that clock.
    assert!((24..=130).contains(&attempts), "{attempts} attempts\n{}", chain.logs());
    let is_notice = |entry: &serde_json::Value| entry["sender"].as_str().unwrap_or_default().is_empty();
    let notices = chain.near.queue().iter().filter(|entry| is_notice(entry)).count();
    assert_eq!(notices, 1, "{}", chain.logs());
    let far = chain.far.start();
    chain.all_arrive(&["patient"], "peer");
    assert!(!near.is_dead());
    drop((near, far));
    Behaviour {
        fault: "peer: away for a day".to_owned(),
        meanwhile: format!("{attempts} attempts in vain; the sender is told of the delay, once"),
        afterwards: "the mail arrives, once".to_owned(),
    }
}
