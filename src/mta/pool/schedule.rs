//! Which message goes over which association, and when associations are opened and closed: the policy of a pool as a
//! machine without clock, sockets or messages. It knows messages and associations by number; [`Action`]s say what the
//! shell has to do.
//!
//! **Order.** Urgent before normal before non-urgent, within one priority first come first served. A message counts as
//! if it had come later, by one [`Policy::ageing`] for each class below urgent; so whatever waits is overtaken for two
//! of these at most, and non-urgent messages do not starve.
//!
//! **Associations** are opened on demand up to [`Policy::maximum`], one at a time to a host that has not shown that it
//! answers; they are used again, and closed when idle down to [`Policy::minimum`]. An urgent message that finds all of
//! them busy gets one more, if so configured, which only urgent messages use. Large messages never take the last
//! association away from small ones, if there may be two.
//!
//! **Hosts** of one peer are tried in order. One that fails rests, twice as long each time, and what can only go there
//! is answered at once, with the time. When the rest of a better host is over while a worse one is in use, the better
//! one is tried, and once it is bound the associations with worse ones end.
//!
//! **Cut off.** A message whose association ends under it goes on over the next one, if it can be resumed; the queue does
//! not hear of it. That its outcome is known before it is offered again, or that it is resumed by the name it had, keeps it
//! from arriving twice.
//!
//! **Suspects** are messages under whose transfer associations end; see `suspects`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

mod host;
mod primitive;
mod suspects;
#[cfg(test)]
mod tests;

use host::Host;
pub use host::{BackOff, HostState};
pub use primitive::{Action, AssociationId, End, JobId, Offer, Policy, Priority, Verdict};
pub use suspects::Isolation;
use suspects::{Blame, Suspects};

/// How many classes below its own a message counts that is set apart.
const BELOW_ALL_OTHERS: u32 = 3;

/// So many associations in a row that ended under a transfer say more about the host than about the messages.
const LOSSES_IN_A_ROW: u32 = 8;

/// The policy of one pool at work.
#[derive(Debug)]
pub struct Scheduler {
    policy: Policy,
    hosts: Vec<Host>,
    jobs: BTreeMap<JobId, Job>,
    /// Those that wait, in the order in which they are served.
    waiting: BTreeSet<(Instant, JobId)>,
    associations: BTreeMap<AssociationId, Association>,
    suspects: Suspects,
    /// Messages that the peer has answered for, whatever the answer.
    answered: u64,
    last_number: u64,
    closing: bool,
    actions: VecDeque<Action>,
}

#[derive(Debug)]
struct Job {
    key: Arc<str>,
    priority: Priority,
    large: bool,
    /// When it would have come if all priorities were alike.
    rank: Instant,
    /// Set apart: it goes alone, over an association of its own.
    alone: bool,
    /// Nobody waits for the verdict any more.
    withdrawn: bool,
}

#[derive(Debug)]
struct Association {
    host: usize,
    phase: Phase,
    /// For urgent messages only, beyond the maximum.
    reserved: bool,
    bound_at: Option<Instant>,
    /// The peer has answered for a message on it.
    of_use: bool,
    /// To be closed when nothing is under way.
    retiring: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Idle { since: Instant },
    Busy { job: JobId, begun: bool },
    Closing,
}

impl Scheduler {
    /// A pool with `hosts` hosts, which come in the order in which they are preferred. The first deadline opens what is
    /// to be open always.
    #[must_use]
    pub fn new(policy: Policy, hosts: usize) -> Self {
        Self {
            policy,
            hosts: (0..hosts.max(1)).map(|_| Host::default()).collect(),
            jobs: BTreeMap::new(),
            waiting: BTreeSet::new(),
            associations: BTreeMap::new(),
            suspects: Suspects::default(),
            answered: 0,
            last_number: 0,
            closing: false,
            actions: VecDeque::new(),
        }
    }

    /// Somebody has a message for the peer. What becomes of it comes as [`Action::Tell`].
    ///
    /// # Errors
    /// The verdict, where it is clear at once; the message is not known then.
    pub fn offer(&mut self, offer: Offer, now: Instant) -> Result<JobId, Verdict> {
        self.would_take(&offer.key, now)?;
        let id = JobId(self.next_number());
        let alone = self.suspects.is_set_apart(&offer.key, &self.policy.isolation);
        let classes = offer.priority.classes_below_urgent() + if alone { BELOW_ALL_OTHERS } else { 0 };
        let rank = now + self.policy.ageing * classes;
        let job = Job {
            alone,
            large: offer.length >= self.policy.large,
            key: offer.key,
            priority: offer.priority,
            rank,
            withdrawn: false,
        };
        self.jobs.insert(id, job);
        self.waiting.insert((rank, id));
        self.dispatch(now);
        Ok(id)
    }

    /// Whether a message of this name can be offered now, for those who have work to do before.
    ///
    /// # Errors
    /// What [`Self::offer`] would answer.
    pub fn would_take(&self, key: &str, now: Instant) -> Result<(), Verdict> {
        if self.closing {
            return Err(Verdict::Stopping);
        }
        // A message is offered again only after the outcome before is known: else it might arrive twice.
        if self.jobs.values().any(|job| &*job.key == key) {
            let why = "the attempt before is still under way".into();
            return Err(Verdict::NotTaken { why, retry: true, wait: None });
        }
        if let Some((why, until)) = self.suspects.rests(key, now) {
            return Err(Verdict::NotTaken { why, retry: true, wait: Some(until - now) });
        }
        if self.in_use().next().is_none() && self.available_host(now).is_none() {
            return Err(self.no_association(now));
        }
        Ok(())
    }

    /// Nobody waits for this message any more: it is not begun. If it is under way, so it stays until it ends.
    pub fn withdraw(&mut self, id: JobId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.withdrawn = true;
        if self.waiting.remove(&(job.rank, id)) {
            self.tell(id, Verdict::Stopping);
        }
    }

    /// An association is bound.
    pub fn bound(&mut self, id: AssociationId, now: Instant) {
        let Some(association) = self.associations.get_mut(&id) else { return };
        association.bound_at = Some(now);
        if association.phase == Phase::Opening {
            association.phase = Phase::Idle { since: now };
        }
        let host = association.host;
        self.hosts[host].answers = true;
        for worse in self.associations.values_mut().filter(|other| other.host > host) {
            worse.retiring = true;
        }
        self.dispatch(now);
    }

    /// The transfer of the message that was last given to this association has begun.
    pub fn begun(&mut self, id: AssociationId) {
        if let Some(Phase::Busy { begun, .. }) = self.associations.get_mut(&id).map(|it| &mut it.phase) {
            *begun = true;
        }
    }

    /// The peer has secured the message that was under way.
    pub fn secured(&mut self, id: AssociationId, now: Instant) {
        self.answered(id, Verdict::Secured, now);
    }

    /// The peer has not taken the message that was under way, and the association stays.
    pub fn refused(&mut self, id: AssociationId, why: String, retry: bool, now: Instant) {
        self.answered(id, Verdict::NotTaken { why, retry, wait: None }, now);
    }

    /// An association has ended, or did not come about.
    pub fn ended(&mut self, id: AssociationId, end: &End, now: Instant) {
        let Some(association) = self.associations.remove(&id) else { return };
        let mut alone = false;
        let mut lost = false;
        if let Phase::Busy { job, begun } = association.phase {
            alone = self.jobs.get(&job).is_some_and(|job| job.alone);
            lost = begun;
            if begun { self.lost(job, end, now) } else { self.wait_again(job) }
        }
        let number = association.host;
        let host = &mut self.hosts[number];
        if association.bound_at.is_some() && end.in_order {
            host.did_well(association.bound_at);
        } else if lost {
            // A message that is set apart is to blame itself.
            host.losses += u32::from(!alone);
            if host.losses >= LOSSES_IN_A_ROW {
                self.host_failed(number, end, now);
            }
        } else if !association.of_use && association.phase != Phase::Closing {
            self.host_failed(number, end, now);
        }
        self.dispatch(now);
    }

    /// Ends the pool: what is under way may end, what waits is given back.
    pub fn close(&mut self, now: Instant) {
        self.closing = true;
        for (id, association) in &mut self.associations {
            association.retiring = true;
            if association.phase != Phase::Closing {
                self.actions.push_back(Action::Close(*id));
            }
            if !matches!(association.phase, Phase::Busy { .. }) {
                association.phase = Phase::Closing;
            }
        }
        for (_, id) in std::mem::take(&mut self.waiting) {
            self.tell(id, Verdict::Stopping);
        }
        self.dispatch(now);
    }

    /// The deadline has passed, or the pool begins.
    pub fn timeout(&mut self, now: Instant) {
        for host in &mut self.hosts {
            host.rested(now);
        }
        let idle = self.policy.idle;
        let over = |it: &Association| matches!(it.phase, Phase::Idle { since } if since + idle <= now);
        let ids: Vec<_> = self.associations.iter().filter(|(_, it)| over(it)).map(|(id, _)| *id).collect();
        for id in ids {
            if self.may_close(&self.associations[&id]) {
                self.close_one(id);
            }
        }
        self.dispatch(now);
    }

    /// When [`Self::timeout`] is to be called.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let rests = self.hosts.iter().filter_map(|host| host.rests_until);
        let idle = self.associations.values().filter_map(|it| match it.phase {
            Phase::Idle { since } if self.may_close(it) => Some(since + self.policy.idle),
            _ => None,
        });
        rests.chain(idle).min()
    }

    /// What is to be done next; drain it before the next call.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// How the hosts are, for logs and operators, and how many messages wait.
    #[must_use]
    pub fn state(&self, now: Instant) -> (Vec<HostState>, usize) {
        let open = |number| {
            let count = |is_so: fn(&Association) -> bool| {
                self.associations.values().filter(|it| it.host == number && is_so(it)).count()
            };
            [
                count(|it| it.bound_at.is_some()),
                count(|it| it.bound_at.is_some() && matches!(it.phase, Phase::Busy { .. })),
                count(|it| it.bound_at.is_none()),
            ]
        };
        let hosts = self.hosts.iter().enumerate().map(|(number, host)| host.state(open(number), now));
        (hosts.collect(), self.waiting.len())
    }

    fn answered(&mut self, id: AssociationId, verdict: Verdict, now: Instant) {
        let Some(association) = self.associations.get_mut(&id) else { return };
        let Phase::Busy { job, .. } = association.phase else { return };
        let about = self.jobs.get(&job);
        association.retiring |= about.is_some_and(|job| job.alone);
        association.phase = Phase::Idle { since: now };
        association.of_use = true;
        let (host, bound_at) = (association.host, association.bound_at);
        self.hosts[host].did_well(bound_at);
        self.answered += 1;
        if let Some(about) = about {
            self.suspects.forgive(&about.key);
        }
        self.tell(job, verdict);
        self.dispatch(now);
    }

    /// What becomes of a message under whose transfer an association ended.
    fn lost(&mut self, id: JobId, end: &End, now: Instant) {
        let Some(job) = self.jobs.get(&id) else { return };
        let isolation = &self.policy.isolation;
        let blame = if end.resumable && end.progress {
            Blame::None
        } else {
            self.suspects.blame(&job.key, job.alone, &end.why, self.answered, isolation, now)
        };
        let verdict = match blame {
            Blame::None if end.resumable && !job.withdrawn => return self.wait_again(id),
            Blame::None => Verdict::NotTaken { why: end.why.clone(), retry: true, wait: None },
            Blame::SetApart { wait } => {
                Verdict::NotTaken { why: end.why.clone(), retry: true, wait: Some(wait) }
            }
            Blame::GivenUp { why } => Verdict::NotTaken { why, retry: false, wait: None },
        };
        self.tell(id, verdict);
    }

    /// Back to its place among those that wait.
    fn wait_again(&mut self, id: JobId) {
        match self.jobs.get(&id) {
            Some(job) if job.withdrawn || self.closing => self.tell(id, Verdict::Stopping),
            Some(job) => drop(self.waiting.insert((job.rank, id))),
            None => {}
        }
    }

    fn tell(&mut self, job: JobId, verdict: Verdict) {
        if self.jobs.remove(&job).is_some() {
            self.actions.push_back(Action::Tell { job, verdict });
        }
    }

    fn host_failed(&mut self, number: usize, end: &End, now: Instant) {
        let wait = self.hosts[number].failed(number, end, &self.policy.back_off, now);
        self.actions.push_back(Action::Rests { host: number, wait });
    }

    /// Gives work to what is idle, opens what is wanted, answers what cannot go anywhere.
    fn dispatch(&mut self, now: Instant) {
        self.assign();
        while let Some((host, reserved)) = self.wanted(now) {
            let association = AssociationId(self.next_number());
            let opening = Association {
                host,
                phase: Phase::Opening,
                reserved,
                bound_at: None,
                of_use: false,
                retiring: false,
            };
            self.associations.insert(association, opening);
            self.actions.push_back(Action::Open { association, host });
        }
        if !self.waiting.is_empty()
            && self.associations.values().all(|it| it.phase == Phase::Closing)
            && self.available_host(now).is_none()
        {
            let verdict = self.no_association(now);
            for (_, id) in std::mem::take(&mut self.waiting) {
                self.tell(id, verdict.clone());
            }
        }
    }

    /// Gives work to idle associations, and closes those that are not wanted any more.
    fn assign(&mut self) {
        let ids: Vec<_> = self.associations.keys().copied().collect();
        for id in &ids {
            let association = &self.associations[id];
            if !matches!(association.phase, Phase::Idle { .. }) {
                continue;
            }
            if association.retiring {
                self.close_one(*id);
            } else if let Some(job) = self.next_for(association) {
                self.start(*id, job);
            }
        }
    }

    /// The first message that waits and may go over this association.
    fn next_for(&self, association: &Association) -> Option<JobId> {
        let (heavy, alone) = (self.room_for_heavy() > 0, self.room_for_alone() > 0);
        let fits = |job: &Job| match association.reserved {
            true => job.priority == Priority::Urgent && !job.alone,
            false => (heavy || !job.large && !job.alone) && (alone || !job.alone),
        };
        self.waiting.iter().map(|(_, id)| *id).find(|id| fits(&self.jobs[id]))
    }

    fn start(&mut self, association: AssociationId, job: JobId) {
        self.waiting.remove(&(self.jobs[&job].rank, job));
        if let Some(it) = self.associations.get_mut(&association) {
            it.phase = Phase::Busy { job, begun: false };
        }
        self.actions.push_back(Action::Transfer { association, job });
    }

    /// How many more large messages, or ones that are set apart, may be under way: one association is left to the others.
    fn room_for_heavy(&self) -> usize {
        let most = self.maximum() - usize::from(self.maximum() > 1);
        most.saturating_sub(self.under_way(|job| job.large || job.alone))
    }

    /// How many more messages that are set apart may be under way: one at a time.
    fn room_for_alone(&self) -> usize {
        1_usize.saturating_sub(self.under_way(|job| job.alone))
    }

    /// How many messages of this kind are under way, over associations that are not only for urgent ones.
    fn under_way(&self, kind: impl Fn(&Job) -> bool) -> usize {
        let of_kind = |it: &&Association| match it.phase {
            Phase::Busy { job, .. } => !it.reserved && self.jobs.get(&job).is_some_and(&kind),
            _ => false,
        };
        self.associations.values().filter(of_kind).count()
    }

    /// An association to open: its host, and whether it is for urgent messages only.
    fn wanted(&self, now: Instant) -> Option<(usize, bool)> {
        if self.closing {
            return None;
        }
        let host = self.host_to_open(now)?;
        let count =
            |kind: &dyn Fn(&Association) -> bool| self.associations.values().filter(|it| kind(it)).count();
        let opening = count(&|it| it.phase == Phase::Opening && !it.reserved);
        let open = count(&|it| !it.reserved);
        let staying = count(&|it| !it.reserved && !it.retiring && it.phase != Phase::Closing);
        let waiting =
            |kind: &dyn Fn(&Job) -> bool| self.waiting.iter().filter(|(_, id)| kind(&self.jobs[id])).count();
        let light = waiting(&|job| !job.large && !job.alone);
        let heavy =
            waiting(&|job| job.large && !job.alone) + waiting(&|job| job.alone).min(self.room_for_alone());
        let useful = light + heavy.min(self.room_for_heavy());
        if open < self.maximum() && (useful > opening || staying < self.policy.minimum) {
            return Some((host, false));
        }
        let urgent = waiting(&|job| job.priority == Priority::Urgent && !job.alone);
        if self.policy.urgent_association && count(&|it| it.reserved) == 0 && urgent > opening {
            return Some((host, true));
        }
        // Back to a better host: beyond the maximum if need be, since the others end when it answers.
        let none_better = self.in_use().all(|it| it.host > host);
        (none_better && self.in_use().any(|it| !it.retiring)).then_some((host, false))
    }

    /// The best host that does not rest, unless it is not known to answer and is being tried already.
    fn host_to_open(&self, now: Instant) -> Option<usize> {
        let host = self.available_host(now)?;
        let trying = || self.in_use().any(|it| it.host == host && it.phase == Phase::Opening);
        (self.hosts[host].answers || !trying()).then_some(host)
    }

    fn available_host(&self, now: Instant) -> Option<usize> {
        self.hosts.iter().position(|host| !host.rests(now))
    }

    /// Associations that take messages, or will.
    fn in_use(&self) -> impl Iterator<Item = &Association> {
        self.associations.values().filter(|it| it.phase != Phase::Closing)
    }

    /// Whether an idle association may be closed.
    fn may_close(&self, association: &Association) -> bool {
        let staying = self.in_use().filter(|it| !it.reserved && !it.retiring).count();
        association.reserved || staying > self.policy.minimum
    }

    fn close_one(&mut self, id: AssociationId) {
        if let Some(association) = self.associations.get_mut(&id) {
            association.phase = Phase::Closing;
            self.actions.push_back(Action::Close(id));
        }
    }

    /// What to say while every host rests: the reason of the one that is tried next.
    fn no_association(&self, now: Instant) -> Verdict {
        let next = self.hosts.iter().min_by_key(|host| host.rests_until);
        let (why, advice) = next.map(|host| (host.why.clone(), host.advice.clone())).unwrap_or_default();
        let wait = next.and_then(|host| host.rests_until).map(|until| until.saturating_duration_since(now));
        Verdict::NoAssociation { why, advice, wait }
    }

    fn maximum(&self) -> usize {
        self.policy.maximum.max(self.policy.minimum).max(1)
    }

    const fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }
}
