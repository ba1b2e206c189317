//! What a conversion lost, told to whoever reads the message: a text that stands at its end.
//!
//! ```text
//! This message was changed on its way between Internet mail and X.400:
//!
//! - header Subject: € (not a character of T.61); instead: EUR
//! ```
//!
//! A text is known again by its first line, so that a message that crosses several times has one such text and not several.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Loss, Losses};
use crate::mixer::charset::nearest_ascii;

/// The longest line.
const LINE: usize = 76;
/// What of one element is shown.
const MAX_SHOWN: usize = 200;
/// As many losses are listed; the others are counted.
const MAX_LOSSES: usize = 100;
const BULLET: &str = "- ";
const INDENT: &str = "  ";

/// When the text is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossReport {
    /// Never: the list is kept with the queue entry and in the log.
    #[default]
    Never,
    /// At the end of a message that lost something.
    IfAny,
}

/// The words of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wording {
    /// The first line.
    pub title: String,
    /// Before what stands in the place of what was lost.
    pub instead: String,
    /// After the number of losses that are not listed.
    pub more: String,
    /// What is said instead of the reason, by the item of the ledger that a loss names, such as `E-09`.
    pub reasons: BTreeMap<String, String>,
}

impl Default for Wording {
    fn default() -> Self {
        Self {
            title: "This message was changed on its way between Internet mail and X.400:".into(),
            instead: "instead:".into(),
            more: "more".into(),
            reasons: BTreeMap::new(),
        }
    }
}

impl Wording {
    /// The text: what an earlier one said, then the losses. Lines end with CR LF.
    #[must_use]
    pub fn text(&self, earlier: &[String], losses: &Losses) -> String {
        let mut lines: Vec<String> = earlier.to_vec();
        for loss in losses.as_slice() {
            let line = self.line(loss);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        let left = lines.len().saturating_sub(MAX_LOSSES);
        if left > 0 {
            lines.truncate(MAX_LOSSES);
            lines.push(format!("{left} {}", self.more));
        }
        let mut out = String::new();
        wrap(&one_line(&self.title), "", &mut out);
        out.push_str("\r\n");
        lines.iter().for_each(|line| wrap(line, BULLET, &mut out));
        out
    }

    fn line(&self, loss: &Loss) -> String {
        let reason = self.reasons.get(loss.clause).unwrap_or(&loss.reason);
        let mut line = format!("{}: {} ({reason})", loss.location, shown(&loss.what));
        if let Some(instead) = &loss.instead {
            line.push_str(&format!("; {} {}", self.instead, shown(instead)));
        }
        one_line(&line)
    }

    /// The lines of a text that this gateway, or one with the same words, has written; `None` if it is another text.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Vec<String>> {
        let title = one_line(&self.title);
        let lines = [nearest_ascii(&title, '?'), title].into_iter().find_map(|title| {
            let mut wrapped = String::new();
            wrap(&title, "", &mut wrapped);
            let mut lines = text.lines().map(str::trim_end);
            wrapped.lines().all(|line| lines.next() == Some(line.trim_end())).then_some(lines)
        })?;
        let mut found: Vec<String> = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            match (line.strip_prefix(BULLET), line.strip_prefix(INDENT), found.last_mut()) {
                (Some(begun), ..) => found.push(begun.to_owned()),
                (None, Some(more), Some(begun)) => {
                    begun.push(' ');
                    begun.push_str(more);
                }
                _ => return None,
            }
        }
        (!found.is_empty()).then_some(found)
    }
}

/// The text in ASCII, line by line, for where no other characters have a place.
#[must_use]
pub fn in_ascii(text: &str) -> String {
    text.lines().map(|line| format!("{}\r\n", nearest_ascii(line, '?'))).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

/// Words on lines; a word that is longer than a line has one of its own.
fn wrap(text: &str, first: &str, out: &mut String) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > LINE {
            out.push_str(&line);
            out.push_str("\r\n");
            line = if first.is_empty() { String::new() } else { INDENT.to_owned() };
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(&line);
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losses(count: usize) -> Losses {
        let mut losses = Losses::default();
        for number in 0..count {
            let what = format!("character {number}");
            losses.replaced("header Subject", what, "not a character of T.61", "E-09", "?");
        }
        losses
    }

    #[test]
    fn the_text_is_for_people_and_is_known_again() {
        let mut losses = losses(1);
        losses.dropped("header X", "word ".repeat(30), "no room", "H-07");
        let reasons = [("H-07".to_owned(), "kein Platz".to_owned())];
        let wording = Wording { title: "Einbußen:".into(), reasons: reasons.into(), ..Wording::default() };
        let text = wording.text(&[], &losses);
        assert!(text.starts_with(
            "Einbußen:\r\n\r\n- header Subject: character 0 (not a character of T.61); instead: ?\r\n- header X: word word"
        ));
        assert!(text.contains("(kein Platz)"));
        assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
        let lines = wording.read(&text).unwrap_or_default();
        assert_eq!(lines.len(), 2);
        // What is known already is not said again.
        assert_eq!(wording.text(&lines, &losses), text);
        for written in [text.replace("\r\n", "\n"), in_ascii(&text)] {
            assert_eq!(wording.read(&written).unwrap_or_default(), lines);
        }
    }

    #[test]
    fn other_texts_are_not_taken_for_it() {
        let wording = Wording::default();
        let title = &wording.title;
        for text in ["", "Hello", title.as_str(), &format!("{title}\n\nHello"), &format!("Re: {title}\n- a")]
        {
            assert_eq!(wording.read(text), None, "{text}");
        }
    }

    #[test]
    fn the_list_has_an_end() {
        let wording = Wording::default();
        let text = wording.text(&[], &losses(250));
        assert!(text.ends_with("- 150 more\r\n"), "{text}");
        let huge = wording.text(&["x".repeat(5000)], &Losses::default());
        assert!(huge.contains(&"x".repeat(5000)));
    }
}
