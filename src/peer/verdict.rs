//! What became of each step of a script: for people, as JUnit XML, and as JSON.

use std::fmt::Write as _;
use std::time::Duration;

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As the script wants it.
    Passed,
    /// Otherwise.
    Failed,
    /// A step before it failed.
    NotReached,
}

impl Outcome {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "pass",
            Self::Failed => "FAIL",
            Self::NotReached => "not reached",
        }
    }
}

/// One step judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The association, from 1, in the order of the script.
    pub association: usize,
    /// The line of the script.
    pub line: usize,
    /// The step as written.
    pub step: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What was expected, where something was.
    pub expected: String,
    /// What came, or what was done.
    pub came: String,
    /// The clause that says what ought to happen.
    pub clause: &'static str,
    /// How long it took; zero for a deterministic run.
    pub took: Duration,
}

/// All steps of a script judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdicts {
    /// The name of the script.
    pub script: String,
    /// One for each step.
    pub steps: Vec<Verdict>,
}

impl Verdict {
    /// One line, and another for what was expected where it failed.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { line, step, outcome, came, clause, .. } = self;
        let mut text = format!("{:<4}  line {line:>3}  {step}", outcome.as_str());
        let _ = match outcome {
            Outcome::Passed if came.is_empty() => Ok(()),
            Outcome::Passed => write!(text, "  ({came})"),
            Outcome::Failed => {
                write!(
                    text,
                    "\n      expected: {}\n      came:     {came}\n      clause:   {clause}",
                    self.expected
                )
            }
            Outcome::NotReached => Ok(()),
        };
        text
    }
}

impl Verdicts {
    /// Whether every step passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|verdict| verdict.outcome == Outcome::Passed)
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.steps.iter().filter(|verdict| verdict.outcome == outcome).count()
    }

    /// One line about all steps.
    #[must_use]
    pub fn summary(&self) -> String {
        let (passed, failed) = (self.count(Outcome::Passed), self.count(Outcome::Failed));
        format!(
            "{}: {passed} of {} steps passed, {failed} failed, {} not reached",
            self.script,
            self.steps.len(),
            self.count(Outcome::NotReached)
        )
    }

    /// JUnit XML: an association is a test suite, a step a test case.
    #[must_use]
    pub fn junit(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let seconds = |took: Duration| format!("{:.3}", took.as_secs_f64());
        let total: Duration = self.steps.iter().map(|verdict| verdict.took).sum();
        let _ = writeln!(
            xml,
            "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{}\">",
            escaped(&self.script),
            self.steps.len(),
            self.count(Outcome::Failed),
            self.count(Outcome::NotReached),
            seconds(total)
        );
        for suite in self.steps.chunk_by(|one, other| one.association == other.association) {
            let count = |outcome| suite.iter().filter(|verdict| verdict.outcome == outcome).count();
            let _ = writeln!(
                xml,
                "  <testsuite name=\"association {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\">",
                suite[0].association,
                suite.len(),
                count(Outcome::Failed),
                count(Outcome::NotReached),
                seconds(suite.iter().map(|verdict| verdict.took).sum())
            );
            for verdict in suite {
                let _ = write!(
                    xml,
                    "    <testcase classname=\"{}.association {}\" name=\"line {}: {}\" time=\"{}\"",
                    escaped(&self.script),
                    verdict.association,
                    verdict.line,
                    escaped(&verdict.step),
                    seconds(verdict.took)
                );
                let _ = match verdict.outcome {
                    Outcome::Passed => writeln!(xml, "/>"),
                    Outcome::Failed => writeln!(
                        xml,
                        ">\n      <failure message=\"{}\" type=\"{}\">expected: {}\ncame: {}\nclause: {}</failure>\n    </testcase>",
                        escaped(&verdict.came),
                        escaped(verdict.clause),
                        escaped(&verdict.expected),
                        escaped(&verdict.came),
                        escaped(verdict.clause)
                    ),
                    Outcome::NotReached => writeln!(xml, ">\n      <skipped/>\n    </testcase>"),
                };
            }
            xml.push_str("  </testsuite>\n");
        }
        xml.push_str("</testsuites>\n");
        xml
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let steps: Vec<serde_json::Value> = self
            .steps
            .iter()
            .map(|verdict| {
                serde_json::json!({
                    "association": verdict.association,
                    "line": verdict.line,
                    "step": verdict.step,
                    "outcome": match verdict.outcome {
                        Outcome::Passed => "passed",
                        Outcome::Failed => "failed",
                        Outcome::NotReached => "not-reached",
                    },
                    "expected": verdict.expected,
                    "came": verdict.came,
                    "clause": verdict.clause,
                    "milliseconds": u64::try_from(verdict.took.as_millis()).unwrap_or(u64::MAX),
                })
            })
            .collect();
        serde_json::json!({
            "script": self.script,
            "passed": self.passed(),
            "steps": steps,
        })
    }
}

/// Text inside an XML attribute or element. What XML 1.0 cannot hold becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(char));
            }
            char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts() -> Verdicts {
        let verdict = |association, line, step: &str, outcome| Verdict {
            association,
            line,
            step: step.into(),
            outcome,
            expected: "a bind from `a<b`".into(),
            came: "nothing & \"more\"\u{1}".into(),
            clause: "X.218 8.1",
            took: Duration::from_millis(1500),
        };
        Verdicts {
            script: "x.script".into(),
            steps: vec![
                verdict(1, 2, "expect bind", Outcome::Passed),
                verdict(2, 4, "expect bind from \"a<b\"", Outcome::Failed),
                verdict(2, 5, "accept bind", Outcome::NotReached),
            ],
        }
    }

    #[test]
    fn junit_has_a_suite_for_each_association() {
        insta::assert_snapshot!(verdicts().junit());
    }

    #[test]
    fn json_and_text_say_the_same() {
        let verdicts = verdicts();
        assert!(!verdicts.passed());
        assert_eq!(verdicts.json()["steps"][1]["outcome"], "failed");
        assert_eq!(verdicts.summary(), "x.script: 1 of 3 steps passed, 1 failed, 1 not reached");
        let text = verdicts.steps[1].text();
        assert!(text.contains("line   4") && text.contains("expected: a bind") && text.contains("X.218 8.1"));
    }
}
