//! Writes a judgement for people and for programs.

use serde_json::{Value as Json, json};

use super::{Finding, Judgement, Severity};

impl Judgement {
    /// As text: what was judged, each finding with its place, clause and way out, and how many there are.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (number, subject) in self.subjects.iter().enumerate() {
            let name = subject.identifier.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            let number = self.number(Some(number)).map(|number| format!("{number} ")).unwrap_or_default();
            text.push_str(&format!(
                "judged: {number}{}{name}, at octet {:x}\n",
                subject.what, subject.offset
            ));
        }
        for finding in &self.findings {
            text.push('\n');
            write_finding(&mut text, finding, self.number(finding.subject));
        }
        if !self.findings.is_empty() {
            text.push('\n');
        }
        text.push_str(&self.total());
        text.push('\n');
        text
    }

    /// As JSON: `{ "kind", "judged": [{ "what", "identifier", "offset" }], "errors", "warnings", "notices", "findings":
    /// [{ "severity", "judged" (which of them), "code", "path", "offset", "exact", "found", "clause", "message", "help" }] }`. Keys that say nothing
    /// are absent.
    #[must_use]
    pub fn json(&self) -> Json {
        let judged = self.subjects.iter().map(|subject| {
            without_nulls(json!({
                "what": subject.what,
                "identifier": subject.identifier,
                "offset": subject.offset,
            }))
        });
        let [errors, warnings, notices] = self.counts();
        json!({
            "kind": self.kind.name(),
            "judged": judged.collect::<Vec<_>>(),
            "errors": errors,
            "warnings": warnings,
            "notices": notices,
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    }

    /// `#1`, where there are several.
    fn number(&self, subject: Option<usize>) -> Option<String> {
        subject.filter(|_| self.subjects.len() > 1).map(|subject| format!("#{}", subject + 1))
    }

    /// In words: `1 error, 2 warnings, no notices`.
    #[must_use]
    pub fn total(&self) -> String {
        let counted = |count: usize, one: &str| match count {
            0 => format!("no {one}s"),
            1 => format!("1 {one}"),
            many => format!("{many} {one}s"),
        };
        let [errors, warnings, notices] = self.counts();
        [counted(errors, "error"), counted(warnings, "warning"), counted(notices, "notice")].join(", ")
    }

    fn counts(&self) -> [usize; 3] {
        [Severity::Error, Severity::Warning, Severity::Notice]
            .map(|severity| self.findings.iter().filter(|finding| finding.severity == severity).count())
    }
}

fn write_finding(text: &mut String, finding: &Finding, number: Option<String>) {
    let place = match (finding.offset, finding.is_exact) {
        (Some(offset), true) => format!(" at octet {offset:x}"),
        (Some(offset), false) => format!(" in the element at octet {offset:x}"),
        (None, _) => String::new(),
    };
    text.push_str(&format!("{}[{}]: {}\n", finding.severity, finding.code, finding.message));
    let number = number.map(|number| format!("{number} ")).unwrap_or_default();
    text.push_str(&format!("  --> {number}{}{place}\n", finding.path));
    if let Some(found) = &finding.found {
        text.push_str(&format!("   = found: {found}\n"));
    }
    text.push_str(&format!("   = clause: {}\n", finding.clause));
    if let Some(help) = finding.help {
        text.push_str(&format!("   = help: {help}\n"));
    }
}

fn finding(finding: &Finding) -> Json {
    without_nulls(json!({
        "severity": finding.severity.to_string(),
        "judged": finding.subject,
        "code": finding.code,
        "path": finding.path,
        "offset": finding.offset,
        "exact": finding.is_exact,
        "found": finding.found,
        "clause": finding.clause,
        "message": finding.message,
        "help": finding.help,
    }))
}

fn without_nulls(mut value: Json) -> Json {
    if let Json::Object(map) = &mut value {
        map.retain(|_, value| !value.is_null());
    }
    value
}
