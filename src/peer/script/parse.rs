//! A script from its text.

use bytes::Bytes;

use super::words::{Problem, Word, Words};
use super::{Role, SETTINGS, STEPS, Scene, Script, Settings, Step};
use crate::diagnostic::{Code, Diagnostic, Report, Sources};
use crate::osi::stack::{DialogueMode, Mode};

/// What can be spoken, by name.
pub(super) const MODES: [(&str, Mode); 3] = [
    ("normal", Mode::MtsTransfer),
    ("x410-1988", Mode::MtsTransferProtocol),
    ("x410-1984", Mode::MtsTransferProtocol1984),
];

/// How often one association may be written once and played.
const MAXIMUM_TIMES: usize = 10_000;

impl Script {
    /// Reads a script; `name` is what diagnostics call it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(name: &str, text: &str) -> Result<Self, Report> {
        let mut parser = Parser { source: name, script: Self::default(), times: Vec::new() };
        let mut diagnostics = Vec::new();
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if let Err(diagnostic) = parser.line(line, start, number + 1) {
                diagnostics.push(*diagnostic);
            }
            start += line.len();
        }
        if diagnostics.is_empty() && parser.script.associations.is_empty() {
            let message = "the script has no association";
            diagnostics.push(
                Diagnostic::new(Code::ScriptOrder, name, text.len()..text.len(), message, "")
                    .help("begin one with `answer` or `call`"),
            );
        }
        if diagnostics.is_empty() {
            return Ok(parser.finish());
        }
        let mut sources = Sources::default();
        sources.insert(name, text);
        Err(Report { sources, diagnostics })
    }

    /// Whether the lab peer must listen, and whether it must be told whom to call.
    #[must_use]
    pub fn roles(&self) -> (bool, bool) {
        let any = |role| self.associations.iter().any(|scene| scene.role == role);
        (any(Role::Answer), any(Role::Call))
    }
}

struct Parser<'a> {
    source: &'a str,
    script: Script,
    /// How often each association is played.
    times: Vec<usize>,
}

impl Parser<'_> {
    fn line(&mut self, line: &str, start: usize, number: usize) -> Result<(), Problem> {
        let mut words = Words::of_line(self.source, line.trim_end(), start)?;
        let Some(first) = words.peek().cloned() else { return Ok(()) };
        match first.text.as_str() {
            _ if first.quoted => Err(words.expected(STEPS)),
            "answer" => {
                words.next();
                self.begin(Role::Answer, number, &mut words)
            }
            "call" => {
                words.next();
                self.begin(Role::Call, number, &mut words)
            }
            setting if SETTINGS.contains(&setting) => {
                words.next();
                self.setting(&first, &mut words)
            }
            _ => self.step(line, number, &first, &mut words),
        }
    }

    fn begin(&mut self, role: Role, line: usize, words: &mut Words<'_>) -> Result<(), Problem> {
        let times = if words.is_empty() {
            1
        } else {
            let word = words.word("a number")?;
            let times: usize = word.text.parse().unwrap_or(0);
            if !(1..=MAXIMUM_TIMES).contains(&times) {
                let help = format!("write for example `answer 3 times`, at most {MAXIMUM_TIMES}");
                return Err(words.bad_value(&word, "a number of associations", &help));
            }
            words.must("times")?;
            times
        };
        words.end(&[])?;
        self.script.associations.push(Scene { role, line, steps: Vec::new() });
        self.times.push(times);
        Ok(())
    }

    fn step(
        &mut self,
        line: &str,
        number: usize,
        first: &Word,
        words: &mut Words<'_>,
    ) -> Result<(), Problem> {
        let known: Vec<&str> = STEPS.iter().chain(SETTINGS).copied().collect();
        if !STEPS.contains(&first.text.as_str()) {
            return Err(words.expected(&known));
        }
        let out_of_place = |message: &str, help: &str| {
            let diagnostic = Diagnostic::new(Code::ScriptOrder, self.source, first.span.clone(), message, "");
            Err(Box::new(diagnostic.help(help)))
        };
        let Some(scene) = self.script.associations.last_mut() else {
            return out_of_place("a step before the first association", "begin one with `answer` or `call`");
        };
        let role = scene.role;
        let action = super::step::parse(words)?;
        if let Some(help) = super::step::misplaced(&action, role) {
            return out_of_place("a step that the other side must take", help);
        }
        let text = without_comment(line).to_owned();
        scene.steps.push(Step { line: number, text, action });
        Ok(())
    }

    fn setting(&mut self, first: &Word, words: &mut Words<'_>) -> Result<(), Problem> {
        if !self.script.associations.is_empty() {
            let message = "a setting after the first association";
            return Err(Diagnostic::new(Code::ScriptOrder, self.source, first.span.clone(), message, "")
                .help("settings hold for the whole script: write them before the first `answer` or `call`")
                .into());
        }
        let settings: &mut Settings = &mut self.script.settings;
        match first.text.as_str() {
            "name" => settings.name = Some(words.text("a name")?),
            "password" => settings.password = Some(words.text("a password")?),
            "mode" => settings.mode = Some(words.one_of(&MODES)?),
            "dialogue" => {
                settings.dialogue = Some(words.one_of(&[
                    ("monologue", DialogueMode::Monologue),
                    ("two-way-alternate", DialogueMode::TwoWayAlternate),
                ])?);
            }
            "checkpoint" => settings.checkpoint = Some(words.number("a number of units of 1024 octets")?),
            "window" => settings.window = Some(words.number("a number of checkpoints")?),
            "patience" => settings.patience = Some(words.duration("a time")?),
            selector => {
                let layer = ["tsel", "ssel", "psel"].iter().position(|name| *name == selector).unwrap_or(0);
                settings.selectors[layer] = Some(selector_value(words)?);
            }
        }
        words.end(&[])
    }

    /// Repeats the associations that are to be played more than once.
    fn finish(self) -> Script {
        let Script { settings, associations } = self.script;
        let repeated = associations.into_iter().zip(self.times);
        let associations = repeated.flat_map(|(scene, times)| std::iter::repeat_n(scene, times)).collect();
        Script { settings, associations }
    }
}

fn selector_value(words: &mut Words<'_>) -> Result<Bytes, Problem> {
    let word = words.word("a selector")?;
    selector(&word.text).ok_or_else(|| {
        words.bad_value(&word, "hexadecimal", "write two digits for each octet, as in `0x0001`")
    })
}

/// A selector: text, or octets in hexadecimal after `0x`.
pub(crate) fn selector(text: &str) -> Option<Bytes> {
    match text.strip_prefix("0x") {
        None => Some(text.to_owned().into()),
        Some(digits) => super::step::hexadecimal(digits),
    }
}

/// The line as it was written, up to a comment.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (place, char) in line.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '#' if !quoted => return line[..place].trim(),
            _ => {}
        }
    }
    line.trim()
}
