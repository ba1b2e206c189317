#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;
use crate::mixer::AddressContext;
use crate::rules::lookup::{Found, Record};
use crate::rules::pseudo_domain::Path;
use crate::status::Failure;

/// A source that counts, and that waits until it is let go.
struct Made {
    asked: AtomicUsize,
    reply: Mutex<Reply>,
    gate: Option<Notify>,
}

impl Made {
    fn new(answer: Answer, holds: Duration) -> Arc<Self> {
        Arc::new(Self { asked: AtomicUsize::new(0), reply: Mutex::new(Reply { answer, holds }), gate: None })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Source for Made {
    fn ask<'a>(&'a self, _: &'a Question) -> Asking<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            if let Some(gate) = &self.gate {
                gate.notified().await;
            }
            lock(&self.reply).clone()
        })
    }
}

const HOUR: Duration = Duration::from_secs(3600);

fn rules(lookup: &str) -> Arc<Rules> {
    let text = format!(
        "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; P=p; A=a; C=gb\"\n[lookup]\n{lookup}\n[lookup.dns]\nservers = [\"127.0.0.1:10053\"]\n"
    );
    Arc::new(Rules::from_sources(&[("r.toml", text.as_str())]).unwrap())
}

fn mapping() -> Answer {
    let path = Path::parse("PRMD$ab.ADMD$ac.C$fr").unwrap();
    let record = Record::Mapping { domain: "ab.fr".into(), path };
    Answer::Found(vec![Found { record, origin: "here".into() }])
}

fn with(lookup: &str, source: &Arc<Made>) -> Mappings {
    Mappings::with_sources(rules(lookup), vec![Arc::clone(source) as Arc<dyn Source>])
}

async fn mapped(mappings: &Mappings, address: &str) -> Result<String, Failure> {
    let run = mappings.run(Headers::Wait, |mapper| mapper.to_or(address, AddressContext::Recipient)).await;
    run.made.map(|found| found.address.to_std_or()).map_err(|error| error.failure)
}

const EXPECTED: &str = "/S=j/O=x/PRMD=ab/ADMD=ac/C=fr/";

#[tokio::test]
async fn an_answer_is_asked_for_once() {
    let source = Made::new(mapping(), HOUR);
    let mappings = with("", &source);
    for _ in 0..3 {
        assert_eq!(mapped(&mappings, "j@x.ab.fr").await.as_deref(), Ok(EXPECTED));
    }
    assert_eq!(source.asked(), 1);
    // Several addresses of one message are asked for together, in one round.
    let mut rounds = 0;
    let run = mappings.run(Headers::Wait, |mapper| {
        rounds += 1;
        ["j@a.ab.fr", "j@b.ab.fr"].map(|address| mapper.to_or(address, AddressContext::Recipient).is_ok())
    });
    assert_eq!(run.await.made, [true, true]);
    assert_eq!((rounds, source.asked()), (2, 3));
}

// ledger: mixer X-12 M-08
#[tokio::test]
async fn that_there_is_nothing_is_remembered_and_that_nobody_answered_is_not() {
    let source = Made::new(Answer::Absent, HOUR);
    let mappings = with("", &source);
    for _ in 0..2 {
        assert_eq!(mapped(&mappings, "j@x.ab.fr").await, Err(Failure::AddressNotMappable));
    }
    assert_eq!(source.asked(), 1);
    // M-08: asked again every time, until the answer is definite.
    let source = Made::new(Answer::Unknown("SERVFAIL".into()), HOUR);
    let mappings = with("", &source);
    for time in 1..=2 {
        assert_eq!(mapped(&mappings, "j@x.ab.fr").await, Err(Failure::MappingUnavailable));
        assert_eq!(source.asked(), time);
    }
    *lock(&source.reply) = Reply { answer: mapping(), holds: HOUR };
    assert_eq!(mapped(&mappings, "j@x.ab.fr").await.as_deref(), Ok(EXPECTED));
}

#[tokio::test]
async fn an_answer_that_does_not_hold_is_not_remembered() {
    let source = Made::new(mapping(), Duration::ZERO);
    let mappings = with("", &source);
    for time in 1..=2 {
        assert_eq!(mapped(&mappings, "j@x.ab.fr").await.as_deref(), Ok(EXPECTED));
        assert_eq!(source.asked(), time);
    }
}

#[tokio::test]
async fn an_outdated_answer_is_used_if_the_operator_says_so() {
    for (lookup, expected) in [("serve_stale = \"1h\"", Ok(EXPECTED)), ("", Err(Failure::MappingUnavailable))]
    {
        let source = Made::new(mapping(), Duration::ZERO);
        let mappings = with(lookup, &source);
        mapped(&mappings, "j@x.ab.fr").await.unwrap();
        lock(&source.reply).answer = Answer::Unknown("gone".into());
        assert_eq!(mapped(&mappings, "j@x.ab.fr").await.as_deref(), expected.as_deref());
        assert_eq!(source.asked(), 2);
    }
}

#[tokio::test]
async fn whoever_wants_the_same_waits_for_the_same() {
    let mut made = Made::new(mapping(), HOUR);
    Arc::get_mut(&mut made).unwrap().gate = Some(Notify::new());
    let mappings = with("", &made);
    let (one, two, open) =
        tokio::join!(mapped(&mappings, "i@x.ab.fr"), mapped(&mappings, "j@x.ab.fr"), async {
            while made.asked() == 0 {
                tokio::task::yield_now().await;
            }
            made.gate.as_ref().unwrap().notify_one();
        });
    assert_eq!(
        (one.as_deref(), two.as_deref(), open),
        (Ok("/S=i/O=x/PRMD=ab/ADMD=ac/C=fr/"), Ok(EXPECTED), ())
    );
    assert_eq!(made.asked(), 1);
}

#[tokio::test]
async fn offline_means_undetermined() {
    let source = Made::new(mapping(), HOUR);
    let mappings = with("offline = true", &source);
    assert_eq!(mapped(&mappings, "j@x.ab.fr").await, Err(Failure::MappingUnavailable));
    assert_eq!(source.asked(), 0);
    assert_eq!(mapped(&Mappings::offline(rules("")), "j@x.ab.fr").await, Err(Failure::MappingUnavailable));
}

// ledger: mixer M-10
#[tokio::test]
async fn a_message_waits_for_its_header_and_not_for_ever() {
    let source = Made::new(Answer::Unknown("SERVFAIL".into()), HOUR);
    let mappings = with("header_patience = \"1h\"", &source);
    let run = |headers| {
        mappings.run(headers, |mapper| {
            mapper.to_or("j@x.ab.fr", AddressContext::Header).map(|found| found.address.to_std_or()).ok()
        })
    };
    let early = run(mappings.headers(Duration::from_secs(3599))).await;
    assert_eq!((early.made, early.waiting.as_deref()), (None, Some("dns: SERVFAIL")));
    let late = run(mappings.headers(HOUR)).await;
    let encapsulated = "/RFC-822=j(a)x.ab.fr/O=gw/PRMD=p/ADMD=a/C=gb/";
    assert_eq!((late.made.as_deref(), late.waiting), (Some(encapsulated), None));
}

#[tokio::test]
async fn records_about_something_else_are_not_used() {
    let path = Path::parse("PRMD$ab.ADMD$ac.C$fr").unwrap();
    let record = Record::Mapping { domain: "other.fr".into(), path };
    let source = Made::new(Answer::Found(vec![Found { record, origin: "here".into() }]), HOUR);
    assert_eq!(mapped(&with("", &source), "j@x.ab.fr").await, Err(Failure::AddressNotMappable));
}
