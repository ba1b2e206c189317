//! The explainer, its way back, and the judge.

use std::hint::black_box;

use x400_gateway::decode::{Document, Kind, decode as explained, render};
use x400_gateway::encode::{encode as encoded, encode_json, messages};
use x400_gateway::lint::lint as judged;

use super::dice::Dice;

/// Octets that are explained as JSON at most: an element of two octets takes up to 7 kB as a JSON value.
const JSON: usize = 600;

/// As whatever they are, or as what they are not; in one of the forms of output.
pub fn decode(octets: &[u8], dice: &mut Dice) -> bool {
    let kind = if dice.roll(4) > 0 { None } else { Some(dice.pick(&Kind::NAMES).0) };
    let document = explained(octets, kind);
    document.walk(&mut |node| {
        assert!(node.offset <= octets.len(), "{} at {}", node.name, node.offset);
        node.findings.iter().for_each(|finding| assert!(finding.offset <= octets.len(), "{finding:?}"));
        black_box((document.octets(node), document.element(node)));
    });
    match dice.roll(3) {
        0 if octets.len() <= JSON => comes_back(&document, octets),
        1 => drop(black_box(render::hex(&document, render::Limits::BRIEF))),
        _ => drop(black_box(render::text(&document, render::Limits::FULL))),
    }
    !document.nodes.is_empty()
}

/// What is one value is put together again to the same octets.
fn comes_back(document: &Document, octets: &[u8]) {
    let json = render::json(document);
    black_box(messages(&json).len());
    match document.kind {
        Kind::Stream | Kind::Pcap => assert!(encode_json(&json).is_err()),
        _ => assert_eq!(encode_json(&json).as_deref(), Ok(octets), "as {}", document.kind.name()),
    }
}

/// JSON from an operator. What it stands for can be explained.
pub fn encode(octets: &[u8], _: &mut Dice) -> bool {
    let Ok(text) = std::str::from_utf8(octets) else { return false };
    match encoded(text) {
        Ok(octets) => {
            let document = explained(&octets, Some(Kind::Ber));
            if octets.len() <= JSON {
                comes_back(&document, &octets);
            }
            true
        }
        Err(problem) => {
            black_box(problem.to_string());
            false
        }
    }
}

pub fn lint(octets: &[u8], dice: &mut Dice) -> bool {
    let kind = if dice.roll(4) > 0 { None } else { Some(dice.pick(&Kind::NAMES).0) };
    let judgement = judged(octets, kind, None);
    for finding in &judgement.findings {
        assert!(finding.offset.is_none_or(|offset| offset <= octets.len()), "{finding:?}");
        assert!(finding.subject.is_none_or(|subject| subject < judgement.subjects.len()), "{finding:?}");
        assert!(!finding.clause.is_empty() && !finding.message.is_empty(), "{finding:?}");
    }
    black_box((judgement.text(), judgement.total()));
    if octets.len() <= JSON {
        black_box(judgement.json());
    }
    !judgement.subjects.is_empty()
}

/// A capture file.
pub fn pcap(octets: &[u8], _: &mut Dice) -> bool {
    let document = explained(octets, Some(Kind::Pcap));
    document.walk(&mut |node| assert!(node.offset <= octets.len(), "{} at {}", node.name, node.offset));
    black_box(render::text(&document, render::Limits::BRIEF));
    !document.nodes.is_empty()
}
