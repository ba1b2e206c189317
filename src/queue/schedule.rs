//! When a deferred recipient is tried again, and when it has waited long enough.
//!
//! Pure policy: the answer depends on the arguments only. The delay doubles from attempt to attempt up to a cap, and
//! a part that is drawn from the id spreads entries that failed together.

use std::time::Duration;

use time::{OffsetDateTime, macros::datetime};

use super::entry::{DeliverByMode, Entry, Kind, Origin, QueueId, Recipient, Urgency};

/// The policy, as configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Delay after the first attempt.
    pub initial: Duration,
    /// What the delay is multiplied with after every further attempt.
    pub factor: u32,
    /// Longest delay after a refusal.
    pub cap: Duration,
    /// Longest delay while the next system cannot be reached. Trying costs little then and outages end suddenly, so
    /// this is shorter than `cap`.
    pub cap_unreachable: Duration,
    /// How much of a delay may be taken off to spread entries, in percent.
    pub jitter: u32,
    /// How long after acceptance a recipient is given up.
    pub expiry: Duration,
    /// The same for what another MTA gave us, where less is usual.
    pub transit: Transit,
    /// How long after acceptance the originator of a mail hears that it is still here.
    pub delay_notice: Duration,
}

/// How long what came over P1 may stay, by its urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transit {
    /// What is urgent.
    pub urgent: Duration,
    /// What is normal.
    pub normal: Duration,
    /// What may wait.
    pub non_urgent: Duration,
}

impl Default for Transit {
    /// 4, 24 and 36 hours, after which F.410 has a non-delivery forced.
    fn default() -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
        Self { urgent: hours(4), normal: hours(24), non_urgent: hours(36) }
    }
}

impl Transit {
    /// The same for every urgency.
    #[must_use]
    pub const fn of(age: Duration) -> Self {
        Self { urgent: age, normal: age, non_urgent: age }
    }

    const fn age(&self, urgency: Urgency) -> Duration {
        match urgency {
            Urgency::Urgent => self.urgent,
            Urgency::Normal => self.normal,
            Urgency::NonUrgent => self.non_urgent,
        }
    }
}

impl Default for Schedule {
    /// One minute, doubled up to one hour (15 minutes while unreachable), less at most 10 %, told of after 4 hours, given up
    /// after 5 days.
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(60),
            factor: 2,
            cap: Duration::from_secs(60 * 60),
            cap_unreachable: Duration::from_secs(15 * 60),
            jitter: 10,
            expiry: Duration::from_secs(5 * 24 * 60 * 60),
            transit: Transit::default(),
            delay_notice: Duration::from_secs(4 * 60 * 60),
        }
    }
}

/// How an attempt did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The next system could not be reached, or the connection broke.
    Unreachable,
    /// The next system answered that it cannot now.
    Refused,
    /// A source of mappings did not say what an address is on the other side (F-03).
    Undetermined,
}

/// What to do after an attempt that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again then.
    At(OffsetDateTime),
    /// Give up: the time allowed has passed.
    Expired,
}

impl Schedule {
    /// What to do after attempt number `attempts` (from 1) of a recipient of `entry` ended in `failure` at `now`.
    ///
    /// `not_before` is the earliest time the next system named, if it did. The last attempt falls on the expiry
    /// itself rather than a delay before it, and one on each time at which the originator is to be told of the delay.
    pub fn next(
        &self,
        entry: &Entry,
        attempts: u32,
        failure: Failure,
        not_before: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Next {
        let expires = self.expires_at(entry);
        if now >= expires {
            return Next::Expired;
        }
        let backed_off = later(now, self.delay(entry.id, attempts, failure)).unwrap_or(expires);
        let wanted = not_before.map_or(backed_off, |time| time.max(backed_off));
        // So that who is to hear of the delay hears of it then; an attempt in vain costs little.
        let notices = self.notice_times(entry).into_iter().flatten().filter(|time| *time > now);
        Next::At(notices.chain([expires]).fold(wanted, OffsetDateTime::min))
    }

    /// When the recipients of `entry` are given up: at the expiry, or at the originator's own limit if it is sooner
    /// and asks for return (RFC 2852 4). The time it was held at its originator's wish does not count.
    pub fn expires_at(&self, entry: &Entry) -> OffsetDateTime {
        let age = match &entry.origin {
            Origin::P1 { .. } => self.transit.age(entry.urgency),
            Origin::Smtp { .. } | Origin::Http { .. } | Origin::Local => self.expiry,
        };
        let own = later(start(entry), age).unwrap_or(END_OF_CALENDAR);
        let asked = entry
            .envelope
            .options
            .deliver_by
            .filter(|limit| limit.mode == DeliverByMode::Return)
            .and_then(|limit| OffsetDateTime::from_unix_timestamp(limit.by).ok());
        asked.map_or(own, |limit| limit.min(own))
    }

    /// Whether the originator is to hear now that `recipient`, as it was before the attempt that ended at `now`, has not been
    /// reached: a time to tell has passed since that attempt was due. As each attempt is due after the one before it, every
    /// time is told once, however long the gateway stood still, and nothing needs to be written down about it.
    pub fn is_to_be_told(&self, entry: &Entry, recipient: &Recipient, now: OffsetDateTime) -> Option<Notice> {
        let due = recipient.next_attempt.unwrap_or(entry.received_at);
        let passed = |time: Option<OffsetDateTime>| time.is_some_and(|time| due <= time && time <= now);
        let [limit, usual] = self.notice_times(entry);
        let notice = if passed(limit) { Notice::DeliverBy } else { Notice::Usual };
        (passed(limit) || passed(usual)).then_some(notice)
    }

    /// When the originator of a mail is to hear that it is still here: at its own limit, if it asks for that (RFC 2852 4.1.3),
    /// and when it has been here for long.
    fn notice_times(&self, entry: &Entry) -> [Option<OffsetDateTime>; 2] {
        if entry.kind != Kind::Mail {
            return [None, None];
        }
        let limit = entry.envelope.options.deliver_by.filter(|limit| limit.mode == DeliverByMode::Notify);
        let limit = limit.and_then(|limit| OffsetDateTime::from_unix_timestamp(limit.by).ok());
        // One that had passed before the message came is told at once.
        let limit = limit.map(|limit| limit.max(entry.received_at));
        [limit, later(start(entry), self.delay_notice)]
    }

    /// The delay after attempt number `attempts` (from 1).
    pub fn delay(&self, id: QueueId, attempts: u32, failure: Failure) -> Duration {
        let cap = match failure {
            Failure::Refused => self.cap,
            Failure::Unreachable | Failure::Undetermined => self.cap.min(self.cap_unreachable),
        };
        let factor = self.factor.checked_pow(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let delay = self.initial.saturating_mul(factor).min(cap);
        let permille = spread(id, attempts) % (u64::from(self.jitter.min(100)) * 10 + 1);
        let taken = delay.as_nanos() * u128::from(permille) / 1000;
        delay - Duration::from_nanos(u64::try_from(taken).unwrap_or(0))
    }
}

/// Why an originator hears that a message is still here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The limit it set has passed (RFC 2852, mode N).
    DeliverBy,
    /// It has been here for long.
    Usual,
}

/// From when an entry could have been transferred.
fn start(entry: &Entry) -> OffsetDateTime {
    let held = entry.envelope.options.hold_until;
    let held = held.and_then(|time| OffsetDateTime::from_unix_timestamp(time).ok());
    held.map_or(entry.received_at, |held| held.max(entry.received_at))
}

/// Adds an unsigned span; `None` past the end of the calendar.
fn later(time: OffsetDateTime, span: Duration) -> Option<OffsetDateTime> {
    time.checked_add(time::Duration::try_from(span).ok()?)
}

/// The latest time there is.
const END_OF_CALENDAR: OffsetDateTime = datetime!(9999-12-31 23:59:59 UTC);

/// A number drawn from the id and the attempt: the same for the same arguments, unrelated for others.
fn spread(id: QueueId, attempts: u32) -> u64 {
    let bits = id.bits();
    #[expect(clippy::cast_possible_truncation, reason = "both halves are mixed in")]
    let folded = (bits ^ (bits >> 64)) as u64;
    // The finaliser of splitmix64.
    let mut mixed = folded.wrapping_add(u64::from(attempts).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use time::{Duration as Span, macros::datetime};

    use super::*;
    use crate::queue::entry::{Content, DeliverBy, Envelope, MailOptions};

    const RECEIVED: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn entry(deliver_by: Option<DeliverBy>) -> Entry {
        Entry {
            id: QueueId::new(7, RECEIVED),
            received_at: RECEIVED,
            kind: Kind::Mail,
            urgency: Urgency::Normal,
            origin: Origin::Local,
            envelope: Envelope {
                reverse_path: None,
                options: MailOptions { deliver_by, ..MailOptions::default() },
                recipients: vec![Recipient::new(1, "a@b.example")],
            },
            rules_version: None,
            identifier: None,
            content: Content::Inline(Bytes::new()),
        }
    }

    #[test]
    fn the_delay_doubles_up_to_the_cap() {
        let exact = Schedule { jitter: 0, ..Schedule::default() };
        // attempts, minutes after a refusal, minutes while unreachable
        let table = [
            (0, 1, 1),
            (1, 1, 1),
            (2, 2, 2),
            (3, 4, 4),
            (4, 8, 8),
            (5, 16, 15),
            (6, 32, 15),
            (7, 60, 15),
            (8, 60, 15),
            (33, 60, 15),
            (u32::MAX, 60, 15),
        ];
        for (attempts, refused, unreachable) in table {
            let id = QueueId::new(7, RECEIVED);
            let minutes = |failure| exact.delay(id, attempts, failure).as_secs() / 60;
            assert_eq!(minutes(Failure::Refused), refused, "after attempt {attempts}");
            assert_eq!(minutes(Failure::Unreachable), unreachable, "after attempt {attempts}");
        }
    }

    #[test]
    fn entries_that_failed_together_are_spread_a_little() {
        let schedule = Schedule::default();
        let delays: std::collections::BTreeSet<_> = (0..100)
            .map(|random| schedule.delay(QueueId::new(random, RECEIVED), 1, Failure::Refused))
            .collect();
        assert!(delays.len() > 40, "only {} different delays", delays.len());
        assert!(delays.first().unwrap() >= &Duration::from_secs(54));
        assert!(delays.last().unwrap() <= &Duration::from_secs(60));
        let id = QueueId::new(7, RECEIVED);
        assert_eq!(schedule.delay(id, 3, Failure::Refused), schedule.delay(id, 3, Failure::Refused));
    }

    // ledger: mixer F-13
    #[test]
    fn the_next_attempt_keeps_to_the_peers_word_and_to_the_expiry() {
        let exact = Schedule { jitter: 0, ..Schedule::default() };
        let at = |span| RECEIVED + span;
        let limit = |mode| Some(DeliverBy { by: at(Span::minutes(30)).unix_timestamp(), mode, trace: false });
        // what, the originator's limit, now, attempts, the peer's word, expected
        let table = [
            ("first delay", None, Span::ZERO, 1, None, Next::At(at(Span::minutes(1)))),
            (
                "the peer asks for more",
                None,
                Span::ZERO,
                1,
                Some(Span::hours(3)),
                Next::At(at(Span::hours(3))),
            ),
            (
                "the peer asks for less",
                None,
                Span::ZERO,
                7,
                Some(Span::minutes(1)),
                Next::At(at(Span::hours(1))),
            ),
            (
                "one last attempt at the expiry",
                None,
                Span::days(5) - Span::minutes(5),
                50,
                None,
                Next::At(at(Span::days(5))),
            ),
            (
                "a peer cannot put it past the expiry",
                None,
                Span::hours(4),
                1,
                Some(Span::days(9)),
                Next::At(at(Span::days(5))),
            ),
            ("expired", None, Span::days(5), 51, None, Next::Expired),
            (
                "the originator wants it back earlier",
                limit(DeliverByMode::Return),
                Span::minutes(30),
                5,
                None,
                Next::Expired,
            ),
            (
                "the originator only wants to know",
                limit(DeliverByMode::Notify),
                Span::minutes(30),
                5,
                None,
                Next::At(at(Span::minutes(46))),
            ),
            (
                "and is told in time",
                limit(DeliverByMode::Notify),
                Span::minutes(16),
                5,
                None,
                Next::At(at(Span::minutes(30))),
            ),
            (
                "everybody is told after four hours",
                None,
                Span::minutes(200),
                9,
                None,
                Next::At(at(Span::hours(4))),
            ),
            (
                "even where the peer is not to be tried then",
                None,
                Span::minutes(200),
                9,
                Some(Span::hours(5)),
                Next::At(at(Span::hours(4))),
            ),
        ];
        for (case, deliver_by, now, attempts, not_before, expected) in table {
            let next =
                exact.next(&entry(deliver_by), attempts, Failure::Refused, not_before.map(at), at(now));
            assert_eq!(next, expected, "{case}");
        }
    }

    #[test]
    fn what_came_over_p1_is_given_up_by_its_urgency_and_not_while_it_is_held() {
        let p1 = || Origin::P1 { mta: "hub".into() };
        // origin, urgency, hours it is held, hours after which it is given up
        let table = [
            (p1(), Urgency::Urgent, None, 4),
            (p1(), Urgency::Normal, None, 24),
            (p1(), Urgency::NonUrgent, None, 36),
            (p1(), Urgency::Normal, Some(48), 72),
            (p1(), Urgency::Normal, Some(-48), 24),
            (Origin::Local, Urgency::Urgent, None, 120),
            (Origin::Local, Urgency::Urgent, Some(10), 130),
        ];
        for (origin, urgency, held, hours) in table {
            let mut entry = Entry { origin, urgency, ..entry(None) };
            let held_until = held.map(|hours| (RECEIVED + Span::hours(hours)).unix_timestamp());
            entry.envelope.options.hold_until = held_until;
            let expected = RECEIVED + Span::hours(hours);
            assert_eq!(Schedule::default().expires_at(&entry), expected, "{entry:?}");
        }
    }

    #[test]
    fn each_delay_is_told_once() {
        use Notice::{DeliverBy as Limit, Usual};
        let hours = |hours| RECEIVED + Span::hours(hours);
        let limit = |hours| {
            let by = (RECEIVED + Span::hours(hours)).unix_timestamp();
            Some(DeliverBy { by, mode: DeliverByMode::Notify, trace: false })
        };
        // the originator's limit, hours held, attempts as hours when due and when ended, what is told at each
        type Attempts<'a> = &'a [(Option<i64>, i64, Option<Notice>)];
        let table: &[(Option<i64>, Option<i64>, Attempts<'_>)] = &[
            (
                None,
                None,
                &[(None, 0, None), (Some(1), 3, None), (Some(4), 4, Some(Usual)), (Some(5), 5, None)],
            ),
            // An attempt that takes long, and a gateway that stood still.
            (None, None, &[(Some(3), 6, Some(Usual)), (Some(7), 7, None)]),
            (None, None, &[(None, 30, Some(Usual)), (Some(31), 31, None)]),
            (None, Some(10), &[(Some(10), 10, None), (Some(12), 12, None), (Some(13), 14, Some(Usual))]),
            (Some(2), None, &[(Some(1), 1, None), (Some(2), 2, Some(Limit)), (Some(4), 4, Some(Usual))]),
            (Some(2), None, &[(Some(1), 5, Some(Limit)), (Some(6), 6, None)]),
            // It had passed when the message came.
            (Some(-1), None, &[(None, 0, Some(Limit)), (Some(1), 1, None)]),
        ];
        let schedule = Schedule::default();
        for (by, held, attempts) in table {
            let mut mail = entry(by.and_then(limit));
            mail.envelope.options.hold_until = held.map(|held| hours(held).unix_timestamp());
            for (due, now, expected) in *attempts {
                let recipient =
                    Recipient { next_attempt: due.map(hours), ..Recipient::new(1, "a@b.example") };
                let told = schedule.is_to_be_told(&mail, &recipient, hours(*now));
                assert_eq!(told, *expected, "{by:?} {held:?}: {due:?} to {now}");
                let p1 = Entry { kind: Kind::P1, ..mail.clone() };
                assert_eq!(schedule.is_to_be_told(&p1, &recipient, hours(*now)), None);
            }
        }
    }

    #[test]
    fn absurd_settings_do_not_panic() {
        let absurd = Schedule {
            initial: Duration::MAX,
            factor: u32::MAX,
            cap: Duration::MAX,
            cap_unreachable: Duration::MAX,
            jitter: u32::MAX,
            expiry: Duration::MAX,
            transit: Transit::of(Duration::MAX),
            delay_notice: Duration::MAX,
        };
        let next = absurd.next(&entry(None), u32::MAX, Failure::Refused, None, RECEIVED);
        assert!(matches!(next, Next::At(_)), "{next:?}");
        let patient = Schedule { expiry: Duration::from_secs(60), ..absurd };
        let next = patient.next(&entry(None), 1, Failure::Refused, None, RECEIVED);
        assert!(matches!(next, Next::At(_)), "{next:?}");
    }
}
