//! One line of a script as words with places, and the questions that a parser asks of them.

use std::ops::Range;
use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, closest};

/// What is wrong with a line.
pub(super) type Problem = Box<Diagnostic>;

/// One word: plain, or anything between double quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Octets of the script.
    pub(super) span: Range<usize>,
    pub(super) quoted: bool,
}

/// The words of one line that are left.
#[derive(Debug)]
pub(super) struct Words<'a> {
    source: &'a str,
    words: std::collections::VecDeque<Word>,
    /// Where the line ends, for what is missing.
    end: usize,
}

impl<'a> Words<'a> {
    /// Cuts a line that begins at octet `start` of the script; a `#` outside quotes begins a comment.
    pub(super) fn of_line(source: &'a str, line: &str, start: usize) -> Result<Self, Problem> {
        let mut words = std::collections::VecDeque::new();
        let mut end = start;
        let mut rest = line.char_indices().peekable();
        while let Some(&(place, char)) = rest.peek() {
            match char {
                '#' => break,
                _ if char.is_whitespace() => {
                    rest.next();
                    continue;
                }
                _ => {}
            }
            let quoted = char == '"';
            if quoted {
                rest.next();
            }
            let mut text = String::new();
            let mut closed = !quoted;
            let mut until = place;
            while let Some(&(at, char)) = rest.peek() {
                if !quoted && (char.is_whitespace() || char == '#') {
                    break;
                }
                rest.next();
                until = at + char.len_utf8();
                match char {
                    '"' if quoted => {
                        closed = true;
                        break;
                    }
                    '\\' if quoted => match rest.next() {
                        Some((_, 'n')) => text.push_str("\r\n"),
                        Some((_, escaped)) => text.push(escaped),
                        None => {}
                    },
                    _ => text.push(char),
                }
            }
            let span = start + place..start + until;
            if !closed {
                let message = "a text does not end";
                return Err(Diagnostic::new(Code::ScriptSyntax, source, span, message, "begins here")
                    .help("end it with `\"` on the same line")
                    .into());
            }
            end = span.end;
            words.push_back(Word { text, span, quoted });
        }
        Ok(Self { source, words, end })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(super) fn peek(&self) -> Option<&Word> {
        self.words.front()
    }

    pub(super) fn next(&mut self) -> Option<Word> {
        self.words.pop_front()
    }

    /// Takes the next word if it is this one.
    pub(super) fn take(&mut self, keyword: &str) -> bool {
        let is = self.peek().is_some_and(|word| !word.quoted && word.text == keyword);
        if is {
            self.next();
        }
        is
    }

    /// Takes the next word, which must be this one.
    pub(super) fn must(&mut self, keyword: &'static str) -> Result<(), Problem> {
        if self.take(keyword) { Ok(()) } else { Err(self.expected(&[keyword])) }
    }

    /// The next word, whatever it is; `what` says what is missing if there is none.
    pub(super) fn word(&mut self, what: &str) -> Result<Word, Problem> {
        self.next().ok_or_else(|| self.missing(what))
    }

    /// The text of the next word.
    pub(super) fn text(&mut self, what: &str) -> Result<String, Problem> {
        self.word(what).map(|word| word.text)
    }

    /// The next word as a number.
    pub(super) fn number<T: std::str::FromStr>(&mut self, what: &str) -> Result<T, Problem> {
        let word = self.word(what)?;
        word.text.parse().map_err(|_| self.bad_value(&word, what, "write a number that is in range"))
    }

    /// The next word as a time such as `30s` or `200ms`.
    pub(super) fn duration(&mut self, what: &str) -> Result<Duration, Problem> {
        let word = self.word(what)?;
        duration(&word.text)
            .ok_or_else(|| self.bad_value(&word, what, "write a time such as `200ms`, `30s` or `5m`"))
    }

    /// The next word as one of several.
    pub(super) fn one_of<T: Copy>(&mut self, known: &[(&'static str, T)]) -> Result<T, Problem> {
        let found = self.peek().and_then(|word| known.iter().find(|(name, _)| *name == word.text));
        match found {
            Some(&(_, value)) => {
                self.next();
                Ok(value)
            }
            None => Err(self.expected(&known.iter().map(|(name, _)| *name).collect::<Vec<_>>())),
        }
    }

    /// There must be nothing left.
    pub(super) fn end(&self, known: &[&str]) -> Result<(), Problem> {
        if self.is_empty() { Ok(()) } else { Err(self.expected(known)) }
    }

    /// What the next word should have been.
    pub(super) fn expected(&self, known: &[&str]) -> Problem {
        let list = || known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let Some(word) = self.peek() else {
            let what = if known.is_empty() { "a word".into() } else { list() };
            return self.missing(&what);
        };
        let message = format!("`{}` means nothing here", word.text);
        let diagnostic = Diagnostic::new(Code::ScriptWord, self.source, word.span.clone(), message, "");
        match closest(&word.text, known.iter().copied()) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None if known.is_empty() => diagnostic.help("the line should end here"),
            None => diagnostic.help(format!("known here: {}", list())),
        }
        .into()
    }

    /// Something is missing at the end of the line.
    pub(super) fn missing(&self, what: &str) -> Problem {
        let message = "the line ends too early";
        let label = format!("{what} is missing");
        Diagnostic::new(Code::ScriptSyntax, self.source, self.end..self.end, message, label).into()
    }

    /// A word that is not what it should be.
    pub(super) fn bad_value(&self, word: &Word, what: &str, help: &str) -> Problem {
        let message = format!("`{}` is not {what}", word.text);
        Diagnostic::new(Code::ScriptValue, self.source, word.span.clone(), message, "").help(help).into()
    }
}

/// A time such as `200ms`, `30s` or `5m`; a bare number is seconds. At most a day.
pub(in crate::peer) fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let milliseconds = match &text[digits..] {
        "ms" => number,
        "s" | "" => number.checked_mul(1_000)?,
        "m" => number.checked_mul(60_000)?,
        _ => return None,
    };
    (milliseconds <= 86_400_000).then(|| Duration::from_millis(milliseconds))
}
