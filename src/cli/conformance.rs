//! `x400gw conformance`: what is claimed of RFC 2156, in the order its Appendix G asks for it.
//!
//! Nothing is claimed by hand: how far each answer holds comes from the ledger that the tests check, as it was when the
//! program was built.

mod services;

use clap::Args;
use serde_json::{Value, json};

use super::{Failure, Style};
use crate::ledger::{self, Answer, Ledger, List, Status, prefix};
use services::{SERVICES, Service};

/// How to print the conformance statement.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// As JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
    /// Name each mandatory requirement that is open, with the reason
    #[arg(long)]
    open: bool,
}

/// Prints the statement.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    // A test reads the same text, so this cannot happen in a program that was tested.
    let ledger = Ledger::read()
        .map_err(|error| Failure::Refused(format!("error: the ledger of this build: {error}")))?;
    if options.json || options.format == Style::Json {
        super::print(&format!("{:#}", statement(&ledger)));
    } else {
        super::print(&text(&ledger, options.open));
    }
    Ok(())
}

/// A question of Appendix G, what this gateway has to say, and the requirements that decide how far it holds.
struct Question {
    id: &'static str,
    question: &'static str,
    said: &'static str,
    rests_on: &'static [&'static str],
}

/// What a gateway must specify (G-11).
const SPECIFIED: &[Question] = &[
    Question {
        id: "G-11",
        question: "Internet transport, receiving",
        said: "SMTP (RFC 5321) or LMTP (RFC 2033) with RFC 2156 Appendix A",
        rests_on: &["mixer:P"],
    },
    Question {
        id: "G-11",
        question: "Internet transport, sending",
        said: "SMTP (RFC 5321) or LMTP (RFC 2033) with RFC 2156 Appendix A",
        rests_on: &["mixer:Q", "mixer:F-11", "mixer:F-12"],
    },
    Question {
        id: "G-11",
        question: "X.400 of 1984",
        said: "P1 and P2, RTS in X.410 mode",
        rests_on: &["mixer:V"],
    },
    Question {
        id: "G-11",
        question: "X.400 of 1988",
        said: "P1, P2 and P22, in normal mode and in X.410 mode",
        rests_on: &["beyond:A", "beyond:T"],
    },
    Question {
        id: "G-11",
        question: "X.400 of 1992 and later",
        said: "what 1992 added is carried and mapped",
        rests_on: &["beyond:A", "beyond:B"],
    },
    Question {
        id: "G-11",
        question: "MCGAMs from tables",
        said: "rule files of the operator",
        rests_on: &["mixer:G-04", "mixer:M-30", "mixer:M-31", "mixer:M-34"],
    },
    Question {
        id: "G-11",
        question: "MCGAMs from DNS",
        said: "PX records (RFC 2163)",
        rests_on: &["mixer:X"],
    },
    Question {
        id: "G-11",
        question: "MCGAMs from a directory",
        said: "X.500 or LDAP (RFC 2164)",
        rests_on: &["mixer:D"],
    },
    Question {
        id: "G-11",
        question: "access to global mapping information",
        said: "rule files named by gateway.mappings, read when the gateway starts and at SIGHUP: domains to O/R addresses, O/R addresses to domains, preferred gateways both ways; besides them what [lookup] in those files names, asked for each address",
        rests_on: &["mixer:G-08"],
    },
];

/// What is optional (G-12).
const OPTIONAL: &[Question] = &[
    Question {
        id: "G-12",
        question: "access fields of Appendix C",
        said: "convert.access-fields; off by default",
        rests_on: &["mixer:CX"],
    },
    Question {
        id: "G-12",
        question: "content of illegal format returned in reports",
        said: "as octets (RFC 2156 5.3.8)",
        rests_on: &["mixer:R-57"],
    },
    Question {
        id: "G-12",
        question: "address heuristics of 4.3.4.1",
        said: "inverted hierarchy",
        rests_on: &["mixer:A-119"],
    },
    Question {
        id: "G-12",
        question: "message identifiers of RFC 987",
        said: "convert.rfc987-identifiers; off by default",
        rests_on: &["mixer:I-10"],
    },
];

/// Mandatory requirements of the first list: all, met, decided against, open.
fn mandatory(list: &List) -> [usize; 4] {
    let of = |chosen: &dyn Fn(Status) -> bool| {
        let requirements = list.requirements.values().filter(|requirement| requirement.is_mandatory());
        requirements.filter(|requirement| chosen(requirement.status)).count()
    };
    [
        of(&|_| true),
        of(&|status| status == Status::Done),
        of(&|status| status == Status::Exception),
        of(&|status| matches!(status, Status::Partial | Status::Todo)),
    ]
}

/// How far a service is supported: its level if that is reached, and what is missing otherwise.
fn support<'a>(service: &Service, ledger: &'a Ledger) -> (&'static str, Status, &'a str, &'a str) {
    let requirement = ledger.mixer.requirements.get(service.id);
    let status = requirement.map_or(Status::Todo, |requirement| requirement.status);
    let level = match status {
        Status::Done | Status::Exception => service.level.word(),
        Status::Partial => "in part",
        Status::Todo => "not yet",
    };
    let (title, reason) = requirement.map_or(("", ""), |one| (one.title.as_str(), one.reason.as_str()));
    (level, status, title, reason)
}

/// The whole, for programs.
fn statement(ledger: &Ledger) -> Value {
    let [all, done, exception, open] = mandatory(&ledger.mixer);
    let questions = |questions: &[Question]| -> Vec<Value> {
        let told = |one: &Question| {
            json!({
                "id": one.id,
                "question": one.question,
                "supported": ledger.answer(one.rests_on),
                "how": one.said,
                "rests-on": one.rests_on,
            })
        };
        questions.iter().map(told).collect()
    };
    let services: Vec<Value> = SERVICES
        .iter()
        .map(|service| {
            let (support, status, title, reason) = support(service, ledger);
            json!({
                "id": service.id,
                "service": title,
                "level": service.level.word(),
                "carrier": service.carrier,
                "support": support,
                "status": status,
                "reason": reason,
            })
        })
        .collect();
    let areas: Vec<Value> = ledger
        .lists()
        .into_iter()
        .flat_map(|(name, list)| {
            list.areas.iter().map(move |(area, title)| {
                let [done, partial, exception, todo] = counts(list, area);
                json!({
                    "list": name, "area": area, "title": title,
                    "done": done, "partial": partial, "exception": exception, "todo": todo,
                })
            })
        })
        .collect();
    json!({
        "product": "x400gw",
        "version": env!("CARGO_PKG_VERSION"),
        "standard": "RFC 2156",
        "every-mandatory-requirement-met": open == 0,
        "mandatory": { "all": all, "done": done, "exception": exception, "open": open },
        "specified": questions(SPECIFIED),
        "optional": questions(OPTIONAL),
        "services": services,
        "areas": areas,
        "open": open_requirements(ledger).map(|(id, one)| json!({
            "id": id, "clause": one.clause, "title": one.title, "status": one.status, "reason": one.reason,
        })).collect::<Vec<_>>(),
    })
}

/// The mandatory requirements of RFC 2156 that are open.
fn open_requirements(ledger: &Ledger) -> impl Iterator<Item = (&String, &ledger::Requirement)> {
    ledger.mixer.requirements.iter().filter(|(_, one)| one.is_mandatory() && one.is_open())
}

/// Requirements of an area by [`Status::ALL`].
fn counts(list: &List, area: &str) -> [usize; 4] {
    Status::ALL.map(|status| {
        let own = list.requirements.iter().filter(|(id, _)| prefix(id) == area);
        own.filter(|(_, requirement)| requirement.status == status).count()
    })
}

/// The whole, for people.
fn text(ledger: &Ledger, show_open: bool) -> String {
    let [all, done, exception, open] = mandatory(&ledger.mixer);
    let mut out = format!(
        "Conformance statement of x400gw {}\nRFC 2156 (MIXER) Appendix G\n\n",
        env!("CARGO_PKG_VERSION")
    );
    let claim = match open {
        0 => "yes".to_owned(),
        _ => format!("no, {open} are open"),
    };
    out.push_str(&format!(
        "every mandatory requirement met (1.13): {claim}\n  {all} altogether, {done} met, {exception} decided against\n"
    ));
    for (heading, questions) in [("what is specified (G-11)", SPECIFIED), ("options (G-12)", OPTIONAL)] {
        out.push_str(&format!("\n{heading}\n"));
        for one in questions {
            let answer = ledger.answer(one.rests_on);
            let said = if answer == Answer::No { "" } else { one.said };
            out.push_str(
                format!("  {:7}  {}: {said}", answer.word(), one.question).trim_end_matches([' ', ':']),
            );
            out.push('\n');
        }
    }
    out.push_str("\nservice elements of chapter 2 (G-13)\n");
    for service in SERVICES {
        let (support, _, title, reason) = support(service, ledger);
        let more = match (service.carrier, reason) {
            (carrier, "") => carrier.to_owned(),
            ("", reason) => reason.to_owned(),
            (carrier, reason) => format!("{carrier}; {reason}"),
        };
        out.push_str(format!("  {}  {support:24}  {title}: {more}", service.id).trim_end_matches([' ', ':']));
        out.push('\n');
    }
    out.push_str("\nrequirements by area: done, in part, decided against, not yet\n");
    for (name, list) in ledger.lists() {
        for (area, title) in &list.areas {
            let [done, partial, exception, todo] = counts(list, area);
            out.push_str(&format!(
                "  {name:6} {area:2} {done:4} {partial:4} {exception:4} {todo:4}  {title}\n"
            ));
        }
    }
    if show_open {
        out.push_str("\nmandatory requirements of RFC 2156 that are open\n");
        for (id, one) in open_requirements(ledger) {
            out.push_str(&format!("  {id}  {} ({}): {}\n", one.title, one.clause, one.reason));
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::services::Level;
    use super::*;

    /// G-11, G-12, G-13: every answer rests on requirements that exist, and every service element has its level.
    #[test]
    fn every_answer_rests_on_the_ledger() {
        let ledger = Ledger::read().unwrap();
        for one in SPECIFIED.iter().chain(OPTIONAL) {
            for name in one.rests_on {
                assert!(ledger.named(name).count() > 0, "{}: no requirement `{name}`", one.question);
            }
        }
        let listed: Vec<&str> = SERVICES.iter().map(|service| service.id).collect();
        let known = ledger.mixer.requirements.keys().filter(|id| prefix(id) == "SE");
        assert_eq!(listed, known.collect::<Vec<_>>());
    }

    /// G-01: no subset. Whoever opens a mandatory requirement again opens this one as well, and conformance is not claimed.
    #[test]
    fn conformance_may_be_claimed() {
        let ledger = Ledger::read().unwrap();
        assert_eq!(open_requirements(&ledger).map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [""; 0]);
        assert!(text(&ledger, true).contains("every mandatory requirement met (1.13): yes\n"));
    }

    /// G-13: what is said of a service is what a conversion shows (`tests/mixer/services.toml`).
    #[test]
    fn every_service_is_shown_at_its_level() {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        struct Shown {
            to_internet: Vec<Case>,
            to_x400: Vec<Case>,
        }
        #[derive(serde::Deserialize)]
        struct Case {
            id: String,
            level: String,
        }
        let shown: Shown = toml::from_str(include_str!("../../tests/mixer/services.toml")).unwrap();
        for service in SERVICES {
            let levels: Vec<&str> = [&shown.to_internet, &shown.to_x400]
                .into_iter()
                .flatten()
                .filter(|case| case.id.split([':', ' ']).any(|id| id == service.id))
                .map(|case| case.level.as_str())
                .collect();
            let is_ours = matches!(service.level, Level::Supported | Level::Partial | Level::NotSupported);
            // A probe is no message.
            assert!(!levels.is_empty() || !is_ours || service.id == "SE-36", "{} is not shown", service.id);
            assert!(levels.iter().all(|level| *level == service.level.word()), "{}: {levels:?}", service.id);
        }
    }

    #[test]
    fn an_answer_is_as_good_as_what_it_rests_on() {
        let ledger: Ledger = toml::from_str(
            r#"
[mixer]
areas = { A = "one" }
[mixer.requirements]
"A-1" = { level = "must", clause = "1", title = "x", status = "done" }
"A-2" = { level = "must", clause = "1", title = "x", status = "todo", reason = "y" }
"A-3" = { level = "may", clause = "1", title = "x", status = "exception", reason = "y" }
"A-4" = { level = "prohibited", clause = "1", title = "x", status = "partial", reason = "y" }
[beyond]
areas = {}
requirements = {}
"#,
        )
        .unwrap();
        for (names, answer) in [
            (&["mixer:A-1", "mixer:A-3"][..], Answer::Yes),
            (&["mixer:A-2"], Answer::No),
            (&["mixer:A-4"], Answer::InPart),
            (&["mixer:A-1", "mixer:A-2"], Answer::InPart),
            (&["mixer:A"], Answer::InPart),
        ] {
            assert_eq!(ledger.answer(names), answer, "{names:?}");
        }
        assert_eq!(mandatory(&ledger.mixer), [3, 1, 0, 2]);
        assert_eq!(open_requirements(&ledger).count(), 2);
        let text = text(&ledger, true);
        assert!(text.contains("no, 2 are open") && text.contains("  A-4  x (1): y"), "{text}");
    }
}
