//! Stories of a pool: what happens, and after the bar what the shell is told to do.
//!
//! `offer NAME [urgent|slow] [OCTETS]`, `withdraw NAME`, `bound N`, `secured N`, `refused N`, `failed N` (before it was
//! bound), `never N` (refused for good), `lost N`, `cut N` (resumable, with progress), `hurt N` (resumable, without),
//! `closed N`, `+SECONDS` (time passes, deadline by deadline), `close`. Associations are numbered as they are opened;
//! transfers begin as soon as they are told to.

#![expect(clippy::disallowed_methods, reason = "an instant can only be made from another one")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::*;
use std::time::Duration;

struct Teller {
    scheduler: Scheduler,
    now: Instant,
    /// Jobs by name.
    jobs: BTreeMap<String, JobId>,
    associations: Vec<AssociationId>,
}

impl Teller {
    fn new(policy: Policy, hosts: usize) -> Self {
        let scheduler = Scheduler::new(policy, hosts);
        Self { scheduler, now: Instant::now(), jobs: BTreeMap::new(), associations: Vec::new() }
    }

    /// Tells one line and gives what comes of it.
    fn line(&mut self, line: &str) -> String {
        let words: Vec<_> = line.split_whitespace().collect();
        let now = self.now;
        let mut said = String::new();
        let number = || words[1].parse::<usize>().unwrap();
        let id = |teller: &Self| teller.associations[number() - 1];
        match words[0] {
            "offer" => {
                let priority = match words[2..] {
                    ["urgent", ..] => Priority::Urgent,
                    ["slow", ..] => Priority::NonUrgent,
                    _ => Priority::Normal,
                };
                let length = words.last().and_then(|word| word.parse().ok()).unwrap_or(1000);
                match self.scheduler.offer(Offer { key: words[1].into(), priority, length }, now) {
                    Ok(id) => drop(self.jobs.insert(words[1].into(), id)),
                    Err(verdict) => said = in_words(&verdict),
                }
            }
            "withdraw" => self.scheduler.withdraw(self.jobs[words[1]]),
            "bound" => self.scheduler.bound(id(self), now),
            "secured" => self.scheduler.secured(id(self), now),
            "refused" => self.scheduler.refused(id(self), "full".into(), true, now),
            "close" => self.scheduler.close(now),
            how @ ("failed" | "never" | "lost" | "cut" | "hurt" | "closed") => {
                let end = End {
                    why: how.into(),
                    in_order: how == "closed",
                    permanent: how == "never",
                    resumable: matches!(how, "cut" | "hurt"),
                    progress: how == "cut",
                    ..End::default()
                };
                self.scheduler.ended(id(self), &end, now);
            }
            _ => return self.time_passes(words[0].strip_prefix('+').unwrap().parse().unwrap()),
        }
        said + &self.actions()
    }

    fn time_passes(&mut self, seconds: u64) -> String {
        let until = self.now + Duration::from_secs(seconds);
        let mut said = String::new();
        while let Some(deadline) = self.scheduler.deadline().filter(|deadline| *deadline <= until) {
            self.now = self.now.max(deadline);
            self.scheduler.timeout(self.now);
            said += &self.actions();
        }
        self.now = until;
        said
    }

    fn actions(&mut self) -> String {
        let mut said = String::new();
        while let Some(action) = self.scheduler.poll() {
            let name =
                |job| self.jobs.iter().find(|(_, id)| **id == job).map_or("?", |(name, _)| name.as_str());
            let mut number = |id| {
                let known = self.associations.iter().position(|known| *known == id);
                known.unwrap_or_else(|| {
                    self.associations.push(id);
                    self.associations.len() - 1
                }) + 1
            };
            let _ = match action {
                Action::Open { association, host } => {
                    write!(said, "open {} at {host}; ", number(association))
                }
                Action::Transfer { association, job } => {
                    self.scheduler.begun(association);
                    write!(said, "{} over {}; ", name(job), number(association))
                }
                Action::Close(association) => write!(said, "close {}; ", number(association)),
                Action::Tell { job, verdict } => write!(said, "{} {}", name(job), in_words(&verdict)),
                Action::Rests { host, wait } => write!(said, "{host} rests {}; ", wait.as_secs()),
            };
        }
        said
    }
}

fn in_words(verdict: &Verdict) -> String {
    let after =
        |wait: &Option<Duration>| wait.map_or(String::new(), |wait| format!(" for {}", wait.as_secs()));
    match verdict {
        Verdict::Secured => "secured; ".into(),
        Verdict::NotTaken { retry: true, wait, .. } => format!("not taken{}; ", after(wait)),
        Verdict::NotTaken { why, .. } => format!("given up: {why}; "),
        Verdict::NoAssociation { why, wait, .. } => format!("nowhere to go, {why}{}; ", after(wait)),
        Verdict::Stopping => "stopping; ".into(),
    }
}

/// Tells a story and compares what comes of each line.
fn tell(policy: Policy, hosts: usize, story: &str) {
    let mut teller = Teller::new(policy, hosts);
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (happens, expected) = line.split_once('|').unwrap();
        let said = teller.line(happens);
        assert_eq!(said.trim_end_matches("; "), expected.trim(), "after `{}` in\n{story}", happens.trim());
    }
}

fn policy(maximum: usize) -> Policy {
    let back_off = BackOff { jitter: 0, ..BackOff::default() };
    Policy { maximum, back_off, ..Policy::default() }
}

#[test]
fn associations_are_opened_used_again_and_closed_when_idle() {
    let story = "
        offer a     | open 1 at 0
        offer b     |
        bound 1     | a over 1; open 2 at 0
        secured 1   | a secured; b over 1
        bound 2     |
        secured 1   | b secured
        offer c     | c over 1
        +59         |
        +1          | close 2
        closed 2    |
        secured 1   | c secured
        +60         | close 1
        closed 1    |
        offer d     | open 3 at 0
    ";
    tell(policy(2), 1, story);
}

#[test]
fn not_more_than_may_be_and_one_at_a_time_to_a_host_that_is_not_known_to_answer() {
    let story = "
        offer a     | open 1 at 0
        offer b     |
        offer c     |
        offer d     |
        bound 1     | a over 1; open 2 at 0; open 3 at 0
        bound 2     | b over 2
        bound 3     | c over 3
        secured 2   | b secured; d over 2
    ";
    tell(policy(3), 1, story);
}

#[test]
fn urgent_goes_before_normal_before_non_urgent() {
    let story = "
        offer a           | open 1 at 0
        offer s slow      |
        offer n           |
        offer u urgent    |
        offer v urgent    |
        offer m           |
        bound 1           | u over 1
        secured 1         | u secured; v over 1
        secured 1         | v secured; a over 1
        secured 1         | a secured; n over 1
        secured 1         | n secured; m over 1
        refused 1         | m not taken; s over 1
        secured 1         | s secured
    ";
    tell(policy(1), 1, story);
}

#[test]
fn what_has_waited_long_is_not_overtaken_any_more() {
    let story = "
        offer a           | open 1 at 0
        bound 1           | a over 1
        offer s slow      |
        +700              |
        offer n           |
        offer u urgent    |
        secured 1         | a secured; u over 1
        secured 1         | u secured; s over 1
        secured 1         | s secured; n over 1
    ";
    tell(policy(1), 1, story);
}

#[test]
fn an_urgent_message_gets_an_association_of_its_own() {
    let story = "
        offer a           | open 1 at 0
        bound 1           | a over 1
        offer b           |
        offer u urgent    | open 2 at 0
        offer v urgent    |
        bound 2           | u over 2
        secured 2         | u secured; v over 2
        secured 2         | v secured
        +60               | close 2
        secured 1         | a secured; b over 1
    ";
    tell(Policy { urgent_association: true, ..policy(1) }, 1, story);
}

#[test]
fn large_messages_leave_one_association_to_the_others() {
    let story = "
        offer big 2000000    | open 1 at 0
        bound 1              | big over 1
        offer large 2000000  |
        offer s              | open 2 at 0
        bound 2              | s over 2
        secured 2            | s secured
        offer t              | t over 2
        secured 1            | big secured; large over 1
    ";
    tell(policy(2), 1, story);
    let only_one = "
        offer big 2000000    | open 1 at 0
        bound 1              | big over 1
    ";
    tell(policy(1), 1, only_one);
}

#[test]
fn a_host_that_fails_rests_longer_each_time_and_says_so() {
    let story = "
        offer a     | open 1 at 0
        offer b     |
        failed 1    | 0 rests 1; a nowhere to go, failed for 1; b nowhere to go, failed for 1
        offer a     | nowhere to go, failed for 1
        +1          |
        offer a     | open 2 at 0
        failed 2    | 0 rests 2; a nowhere to go, failed for 2
        +2          |
        offer a     | open 3 at 0
        failed 3    | 0 rests 4; a nowhere to go, failed for 4
        +4          |
        offer a     | open 4 at 0
        bound 4     | a over 4
        secured 4   | a secured
        closed 4    |
        offer b     | open 5 at 0
        never 5     | 0 rests 120; b nowhere to go, never for 120
    ";
    tell(policy(2), 1, story);
}

#[test]
fn a_host_that_binds_and_hangs_up_is_no_host() {
    let story = "
        offer a     | open 1 at 0
        bound 1     | a over 1
        secured 1   | a secured
        lost 1      |
        offer b     | open 2 at 0
        bound 2     | b over 2
        lost 2      | b not taken
    ";
    tell(policy(1), 1, story);
    let permanent = "
        +0          |
        offer a     | open 1 at 0
        bound 1     | a over 1
        secured 1   | a secured
        +600        |
        lost 1      | open 2 at 0
        bound 2     |
        lost 2      | 0 rests 1
        +1          | open 3 at 0
        bound 3     |
        lost 3      | 0 rests 2
    ";
    tell(Policy { minimum: 1, ..policy(1) }, 1, permanent);
}

#[test]
fn a_host_without_room_for_more_is_not_asked_at_each_message() {
    let story = "
        offer a     | open 1 at 0
        offer b     |
        bound 1     | a over 1; open 2 at 0
        failed 2    | 0 rests 1
        secured 1   | a secured; b over 1
        offer c     |
        secured 1   | b secured; c over 1
        offer d     |
        +1          | open 3 at 0
        failed 3    | 0 rests 2
    ";
    tell(policy(2), 1, story);
}

#[test]
fn another_host_stands_in_until_the_first_is_back() {
    let story = "
        offer a     | open 1 at 0
        failed 1    | 0 rests 1; open 2 at 1
        bound 2     | a over 2
        +1          | open 3 at 0
        failed 3    | 0 rests 2
        secured 2   | a secured
        offer b     | b over 2
        +2          | open 4 at 0
        bound 4     |
        offer c     | c over 4
        secured 2   | b secured; close 2
        closed 2    |
        secured 4   | c secured
    ";
    tell(policy(1), 2, story);
    let none_left = "
        offer a     | open 1 at 0
        failed 1    | 0 rests 1; open 2 at 1
        failed 2    | 1 rests 1; a nowhere to go, failed for 1
    ";
    tell(policy(1), 2, none_left);
}

#[test]
fn permanent_associations_are_kept_open_and_opened_again() {
    let mut teller = Teller::new(Policy { minimum: 2, ..policy(3) }, 1);
    teller.scheduler.timeout(teller.now);
    assert_eq!(teller.actions(), "open 1 at 0; ");
    let story = [
        ("bound 1", "open 2 at 0; "),
        ("bound 2", ""),
        ("+100000", ""),
        ("offer a", "a over 1; "),
        ("offer b", "b over 2; "),
        ("offer c", "open 3 at 0; "),
        ("bound 3", "c over 3; "),
        ("secured 1", "a secured; "),
        ("secured 3", "c secured; "),
        ("+60", "close 1; "),
        ("closed 1", ""),
        ("lost 3", "open 4 at 0; "),
    ];
    for (happens, expected) in story {
        assert_eq!(teller.line(happens), expected, "{happens}");
    }
}

#[test]
fn a_message_that_ends_associations_is_set_apart_and_given_up() {
    let story = "
        offer bad   | open 1 at 0
        bound 1     | bad over 1
        lost 1      | bad not taken
        offer bad   | open 2 at 0
        bound 2     | bad over 2
        lost 2      | bad not taken
        offer bad   | open 3 at 0
        bound 3     | bad over 3
        lost 3      | bad not taken for 60
        offer bad   | not taken for 60
        +60         |
        offer bad   | open 4 at 0
        offer a     | open 5 at 0
        bound 4     | a over 4
        bound 5     | bad over 5
        lost 5      | bad not taken for 120
        secured 4   | a secured
        +120        | close 4
        closed 4    |
        offer bad   | open 6 at 0
        bound 6     | bad over 6
        lost 6      | bad not taken for 240
        +240        |
        offer bad   | open 7 at 0
        bound 7     | bad over 7
        lost 7      | bad given up: 6 associations ended under this message, the last: lost
        offer a     | open 8 at 0
    ";
    tell(policy(2), 1, story);
}

#[test]
fn a_message_is_not_given_up_while_the_peer_takes_nothing_else() {
    let isolation = Isolation { after: 0, attempts: 1, ..Isolation::default() };
    let story = "
        offer bad   | open 1 at 0
        bound 1     | bad over 1
        lost 1      | bad not taken for 60
        +60         |
        offer bad   | open 2 at 0
        bound 2     | bad over 2
        lost 2      | bad not taken for 120
        +120        |
        offer bad   | open 3 at 0
        bound 3     | bad over 3
        lost 3      | bad not taken for 240
        +240        |
        offer bad   | open 4 at 0
        bound 4     | bad over 4
        secured 4   | bad secured; close 4
        closed 4    |
        offer bad   | open 5 at 0
    ";
    tell(Policy { isolation, ..policy(1) }, 1, story);
}

#[test]
fn messages_set_apart_go_one_at_a_time_after_all_others_and_take_nobody_along() {
    let isolation = Isolation { after: 0, first: Duration::ZERO, ..Isolation::default() };
    let story = "
        offer x     | open 1 at 0
        bound 1     | x over 1
        lost 1      | x not taken for 0
        offer y     | open 2 at 0
        bound 2     | y over 2
        lost 2      | y not taken for 0
        offer x     | open 3 at 0
        offer y     |
        offer a     | open 4 at 0
        bound 3     | a over 3
        bound 4     | x over 4
        offer b     | open 5 at 0
        bound 5     | b over 5
        lost 4      | x not taken for 0; open 6 at 0
        bound 6     | y over 6
        secured 6   | y secured; close 6
    ";
    tell(Policy { isolation, ..policy(3) }, 1, story);
}

#[test]
fn a_transfer_that_can_be_resumed_goes_on_over_the_next_association() {
    let story = "
        offer big 2000000 | open 1 at 0
        offer s           |
        bound 1           | big over 1
        cut 1             | open 2 at 0
        bound 2           | big over 2
        cut 2             | open 3 at 0
        bound 3           | big over 3
        cut 3             | open 4 at 0
        bound 4           | big over 4
        hurt 4            | open 5 at 0
        bound 5           | big over 5
        hurt 5            | open 6 at 0
        bound 6           | big over 6
        hurt 6            | big not taken for 60; open 7 at 0
        bound 7           | s over 7
    ";
    tell(policy(1), 1, story);
}

#[test]
fn many_messages_lost_in_a_row_are_the_hosts_fault() {
    let mut teller = Teller::new(policy(1), 1);
    for round in 1..LOSSES_IN_A_ROW {
        teller.line(&format!("offer {round}"));
        teller.line(&format!("bound {round}"));
        assert_eq!(teller.line(&format!("lost {round}")), format!("{round} not taken; "));
    }
    teller.line("offer last");
    teller.line("bound 8");
    teller.line("offer behind");
    let expected = "last not taken; 0 rests 1; behind nowhere to go, lost for 1; ";
    assert_eq!(teller.line("lost 8"), expected);
}

#[test]
fn a_message_is_not_offered_twice_at_a_time() {
    let story = "
        offer a     | open 1 at 0
        offer a     | not taken
        bound 1     | a over 1
        offer a     | not taken
        withdraw a  |
        offer a     | not taken
        secured 1   | a secured
        offer a     | a over 1
        offer b     |
        withdraw b  | b stopping
        secured 1   | a secured
    ";
    tell(policy(1), 1, story);
}

#[test]
fn a_pool_that_closes_begins_nothing() {
    let story = "
        offer a     | open 1 at 0
        bound 1     | a over 1
        offer b     |
        close       | close 1; b stopping
        offer c     | stopping
        secured 1   | a secured; close 1
        closed 1    |
        +1000       |
    ";
    tell(policy(1), 1, story);
    let while_opening = "
        offer a     | open 1 at 0
        close       | close 1; a stopping
        failed 1    |
    ";
    tell(policy(1), 1, while_opening);
}
