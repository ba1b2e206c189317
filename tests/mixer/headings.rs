//! Headings: what an element and a field are to each other (`headings.toml`, `military.toml`).

use std::collections::BTreeSet;

use rasn_x400::oids::CONTENT_P772;
use rasn_x400::x411::envelope::ContentType;
use serde::Deserialize;
use x400_gateway::mixer::Settings;
use x400_gateway::mixer::mail::MailOptions;
use x400_gateway::mixer::settings::Military;

use crate::heading_text::{parse, show};
use crate::world::{World, fields_of, heading_of};

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

/// One example. Only elements and fields that it names are looked at, and those it says are absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Ledger items and what the example shows.
    id: String,
    /// The heading, a line for each element.
    x400: String,
    /// The fields, a line for each.
    mail: String,
    /// `both`, `to-internet` or `to-x400`.
    #[serde(default = "both")]
    way: String,
    /// Elements or fields that must not be there.
    #[serde(default)]
    absent: Vec<String>,
    /// Settings that are on.
    #[serde(default)]
    settings: Vec<String>,
    /// What the loss ledger must name, each a part of one entry.
    #[serde(default)]
    lost: Vec<String>,
}

fn both() -> String {
    "both".to_owned()
}

#[test]
fn elements_and_fields() {
    run(include_str!("headings.toml"), ContentType::P22);
}

#[test]
fn military_extensions_and_fields() {
    run(include_str!("military.toml"), ContentType::Extended(CONTENT_P772));
}

fn run(file: &str, content_type: ContentType) {
    let cases: File = toml::from_str(file).unwrap();
    let faults: Vec<String> = cases
        .case
        .iter()
        .flat_map(|case| {
            assert!(["both", "to-internet", "to-x400"].contains(&case.way.as_str()), "{}", case.way);
            let mut faults = Vec::new();
            if case.way != "to-x400" {
                faults.extend(to_internet(case, content_type.clone()));
            }
            if case.way != "to-internet" {
                faults.extend(to_x400(case, &content_type));
            }
            faults
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

fn switch_on(settings: &mut Settings, name: &str) {
    match name {
        "reference-phrases" => settings.reference_phrases = true,
        "notification-comments" => settings.notification_comments = true,
        "rfc987-identifiers" => settings.rfc987_identifiers = true,
        "receipt-requests" => settings.receipt_requests = true,
        "auto-submitted" => settings.auto_submitted = true,
        "keep-long-message-ids" => settings.keep_long_message_ids = true,
        "military-always" => settings.military = Military::Always,
        "military-never" => settings.military = Military::Never,
        other => panic!("no setting `{other}`"),
    }
}

fn world(case: &Case, content_type: &ContentType) -> World {
    let mut world = World::new();
    if *content_type != ContentType::P22 {
        world.settings.military = Military::Fields;
    }
    case.settings.iter().for_each(|name| switch_on(&mut world.settings, name));
    world
}

fn names(lines: &[String]) -> BTreeSet<String> {
    lines.iter().filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_ascii_lowercase()).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| line.trim_end().to_owned()).collect()
}

fn to_internet(case: &Case, content_type: ContentType) -> Option<String> {
    let converted = world(case, &content_type).to_internet(parse(&case.x400), content_type);
    let all: Vec<String> = fields_of(&converted)
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}").trim_end().to_owned())
        .collect();
    let losses = converted.losses.as_slice().iter().map(|loss| format!("{loss:?}")).collect();
    compare(case, "to the Internet", lines(&case.mail), all, losses)
}

fn to_x400(case: &Case, content_type: &ContentType) -> Option<String> {
    let converted = world(case, content_type).to_x400(&case.mail, MailOptions::default());
    if case.way == "both" && *content_type != ContentType::P22 {
        assert_eq!(converted.content_type, *content_type, "{}", case.id);
    }
    // Written as lines again, so that an extension by name and one by number are the same.
    let expected = show(&parse(&case.x400));
    let wanted = names(&lines(&case.x400));
    let keyed = wanted.contains("this-ipm");
    let expected = expected.into_iter().filter(|line| keyed || !line.starts_with("this-IPM")).collect();
    let losses = converted.losses.as_slice().iter().map(|loss| format!("{loss:?}")).collect();
    compare(case, "to X.400", expected, show(&heading_of(&converted)), losses)
}

fn compare(
    case: &Case,
    way: &str,
    expected: Vec<String>,
    all: Vec<String>,
    losses: Vec<String>,
) -> Option<String> {
    let wanted = names(&expected);
    let is_wanted =
        |line: &&String| wanted.contains(&names(std::slice::from_ref(line)).pop_first().unwrap_or_default());
    let found: Vec<_> = all.iter().filter(is_wanted).cloned().collect();
    // The order of fields of different names says nothing.
    let sorted = |mut lines: Vec<String>| {
        lines.sort_by_key(|line| line.split_once(':').map(|(name, _)| name.to_ascii_lowercase()));
        lines
    };
    let (expected, found) = (sorted(expected), sorted(found));
    let present = names(&all);
    let extra: Vec<_> =
        case.absent.iter().filter(|name| present.contains(&name.to_ascii_lowercase())).collect();
    let silent: Vec<_> =
        case.lost.iter().filter(|what| !losses.iter().any(|loss| loss.contains(what.as_str()))).collect();
    let is_right = expected == found && extra.is_empty() && (way != "to the Internet" || silent.is_empty());
    (!is_right).then(|| {
        format!(
            "{} {way}\nexpected:\n  {}\nfound:\n  {}\nthere though it should not be: {extra:?}\nnot said to be lost: {silent:?}\nlosses: {losses:?}",
            case.id,
            expected.join("\n  "),
            found.join("\n  "),
        )
    })
}
