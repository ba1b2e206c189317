//! The options of sendmail, as callers have used them for forty years: one letter each, values attached or in the next word.
//! What Postfix' sendmail(1) takes is taken; what means nothing here is passed over.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;

/// What is to be done, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// What is to be done.
    pub(super) mode: Mode,
    /// The reverse path as given (`-f`, `-r`), without angle brackets; empty is the null reverse path.
    pub(super) sender: Option<String>,
    /// The name in a `From` field that is added (`-F`).
    pub(super) full_name: Option<String>,
    /// Recipients stand in the header as well (`-t`).
    pub(super) from_header: bool,
    /// A dot alone in its line does not end the message (`-i`, `-oi`).
    pub(super) dots_are_text: bool,
    /// When the sender wants to hear of it (`-N`), as NOTIFY writes it (RFC 3461 4.1).
    pub(super) notify: Option<String>,
    /// How much comes back (`-R`), as RET writes it (RFC 3461 4.3).
    pub(super) returned: Option<&'static str>,
    /// The name that reports give it (`-V`).
    pub(super) envelope_id: Option<String>,
    /// The configuration of the gateway (`-C`).
    pub(super) config: Option<PathBuf>,
    /// Where the gateway takes mail (`--server`).
    pub(super) server: Option<String>,
    /// Those named behind the options.
    pub(super) recipients: Vec<String>,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// A message on standard input is sent (`-bm`).
    #[default]
    Send,
    /// The caller speaks SMTP (`-bs`).
    Smtp,
    /// What is asked for happens by itself here (`-q`, `-bi`).
    Nothing,
    /// Options are explained (`--help`).
    Help,
}

/// Options that have a value.
const WITH_VALUE: &str = "ABCFLNORVXbefhopr";
/// Options whose value, if there is one, stands in the same word.
const WITH_OPTIONAL_VALUE: &str = "qdD";
/// Options without one.
const ALONE: &str = "GIUcimnstvx";

/// Reads the options.
///
/// # Errors
/// What is wrong with them.
pub(super) fn parse(arguments: Vec<OsString>) -> Result<Options, String> {
    let mut words = VecDeque::with_capacity(arguments.len());
    for word in arguments {
        words.push_back(word.into_string().map_err(|word| format!("`{}` is not UTF-8", word.display()))?);
    }
    let mut options = Options::default();
    let mut asks_for_queue = false;
    while let Some(word) = words.pop_front() {
        if word == "--" {
            options.recipients.extend(words.drain(..));
        } else if let Some(name) = word.strip_prefix("--") {
            long(&mut options, name, &mut words)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                if WITH_VALUE.contains(letter) {
                    let attached = letters.as_str().to_owned();
                    letters = "".chars();
                    let value = if attached.is_empty() { words.pop_front() } else { Some(attached) };
                    let value = value.ok_or_else(|| format!("`-{letter}` needs a value"))?;
                    with_value(&mut options, letter, value)?;
                } else if WITH_OPTIONAL_VALUE.contains(letter) {
                    letters = "".chars();
                    asks_for_queue |= letter == 'q';
                } else if ALONE.contains(letter) {
                    match letter {
                        'i' => options.dots_are_text = true,
                        't' => options.from_header = true,
                        'I' => options.mode = Mode::Nothing,
                        _ => {}
                    }
                } else {
                    return Err(format!("there is no option `-{letter}`"));
                }
            }
        } else {
            options.recipients.push(word);
        }
    }
    let has_recipients = options.from_header || !options.recipients.is_empty();
    match options.mode {
        // The queue is tried by itself; a message is sent all the same.
        Mode::Send if asks_for_queue && !has_recipients => options.mode = Mode::Nothing,
        Mode::Send if !has_recipients => {
            return Err("name recipients, or say `-t` if they stand in the header".to_owned());
        }
        _ => {}
    }
    Ok(options)
}

fn long(options: &mut Options, name: &str, words: &mut VecDeque<String>) -> Result<(), String> {
    let (name, value) = match name.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (name, None),
    };
    let mut needed =
        || value.clone().or_else(|| words.pop_front()).ok_or_else(|| format!("`--{name}` needs a value"));
    match name {
        "help" => options.mode = Mode::Help,
        "server" => options.server = Some(needed()?),
        "config" => options.config = Some(needed()?.into()),
        _ => return Err(format!("there is no option `--{name}`")),
    }
    Ok(())
}

fn with_value(options: &mut Options, letter: char, value: String) -> Result<(), String> {
    match letter {
        'f' | 'r' => {
            options.sender = Some(value.trim().trim_start_matches('<').trim_end_matches('>').to_owned())
        }
        'F' => options.full_name = Some(value),
        'C' => options.config = Some(value.into()),
        'o' => options.dots_are_text |= value.starts_with('i'),
        'N' => options.notify = Some(notify(&value)?),
        'R' => {
            options.returned = match value.to_ascii_lowercase().as_str() {
                "full" => Some("FULL"),
                "hdrs" => Some("HDRS"),
                _ => return Err(format!("`-R {value}`: it is `full` or `hdrs`")),
            }
        }
        'V' => {
            // RFC 3461 4.4
            let is_printable = value.bytes().all(|octet| matches!(octet, b' '..=b'~')) && !value.is_empty();
            if !is_printable || value.len() > 100 {
                return Err(format!("`-V {value}`: it has 1 to 100 visible characters of US-ASCII"));
            }
            options.envelope_id = Some(value);
        }
        'b' => {
            options.mode = match value.chars().next() {
                Some('m') => Mode::Send,
                Some('s') => Mode::Smtp,
                Some('i') => Mode::Nothing,
                Some('p') => return Err("`-bp`: `x400gw queue list` shows what waits".to_owned()),
                Some('d' | 'D' | 'l') => return Err(format!("`-b{value}`: `x400gw serve` is what listens")),
                _ => return Err(format!("`-b{value}` is not for this program")),
            }
        }
        _ => {}
    }
    Ok(())
}

/// NOTIFY as RFC 3461 4.1 writes it.
fn notify(value: &str) -> Result<String, String> {
    let words: Vec<String> = value.split(',').map(|word| word.trim().to_ascii_uppercase()).collect();
    let is_known = |word: &String| ["SUCCESS", "FAILURE", "DELAY"].contains(&word.as_str());
    if words == ["NEVER"] || words.iter().all(is_known) {
        Ok(words.join(","))
    } else {
        Err(format!("`-N {value}`: it is `never`, or some of `success`, `failure` and `delay`"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        parse(line.split_whitespace().map(OsString::from).collect())
    }

    #[test]
    fn callers_write_options_as_they_always_have() {
        let base = Options { recipients: vec!["bob".into()], ..Options::default() };
        let sender = |path: &str| Some(path.to_owned());
        for (line, expected) in [
            ("bob", base.clone()),
            ("-i bob", Options { dots_are_text: true, ..base.clone() }),
            ("-oi -oem -odb -om bob", Options { dots_are_text: true, ..base.clone() }),
            ("bob -o i", Options { dots_are_text: true, ..base.clone() }),
            ("-f ann@a.example bob", Options { sender: sender("ann@a.example"), ..base.clone() }),
            ("-fann@a.example -- bob", Options { sender: sender("ann@a.example"), ..base.clone() }),
            ("-r <> bob", Options { sender: sender(""), ..base.clone() }),
            // As cron, mailx, PHP, git send-email and logwatch write them.
            (
                "-FCronDaemon -i -odi -oem -oi bob",
                Options { full_name: sender("CronDaemon"), dots_are_text: true, ..base.clone() },
            ),
            (
                "-t -i",
                Options {
                    from_header: true,
                    dots_are_text: true,
                    recipients: Vec::new(),
                    ..Options::default()
                },
            ),
            (
                "-ti",
                Options {
                    from_header: true,
                    dots_are_text: true,
                    recipients: Vec::new(),
                    ..Options::default()
                },
            ),
            ("-G -U -n -v -m -x -Am -B8BITMIME -h 12 -Ltag -X log -O DeliveryMode=b -d0 bob", base.clone()),
            ("-q30m bob", base.clone()),
            (
                "-N success,delay -R hdrs -V id bob",
                Options {
                    notify: sender("SUCCESS,DELAY"),
                    returned: Some("HDRS"),
                    envelope_id: sender("id"),
                    ..base.clone()
                },
            ),
            ("-N never -bm bob", Options { notify: sender("NEVER"), ..base.clone() }),
            ("-bs", Options { mode: Mode::Smtp, ..Options::default() }),
            ("-q", Options { mode: Mode::Nothing, ..Options::default() }),
            ("-bi", Options { mode: Mode::Nothing, ..Options::default() }),
            (
                "-C x.toml --server=[::1]:25 bob",
                Options { config: Some("x.toml".into()), server: sender("[::1]:25"), ..base.clone() },
            ),
        ] {
            assert_eq!(read(line), Ok(expected), "{line}");
        }
        for (line, said) in [
            ("", "name recipients"),
            ("-i", "name recipients"),
            ("bob -f", "`-f` needs a value"),
            ("-k bob", "no option `-k`"),
            ("--silly bob", "no option `--silly`"),
            ("-N sometimes bob", "-N sometimes"),
            ("-N never,delay bob", "-N never,delay"),
            ("-R some bob", "`full` or `hdrs`"),
            ("-bp", "x400gw queue list"),
            ("-bd", "x400gw serve"),
            ("-bv bob", "not for this program"),
        ] {
            let why = read(line).unwrap_err();
            assert!(why.contains(said), "{line}: {why}");
        }
    }
}
